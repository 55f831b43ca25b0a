// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Two adapters, wire to wire, and a host written in C that drives both (rdma_bus.h). The host runs
// as a coroutine behind rdma_step(), as in tb_top. +program= names what it does.
//
// With gating on, an adapter's clock stands still whenever its idle_o allows it, as in tb_top.

module tb_rdma;

  // As in rdma_bus.h
  typedef enum int unsigned {
    BusFinish,
    BusWait,   // a: cycles
    BusRead,   // register a
    BusWrite,  // register a := b
    BusStore,  // store b at a of BAR 2
    BusIdle,   // result: both and the wire are idle
    BusKnob,   // knob a := b
    BusCount,  // result: count a
    BusIrq     // result: vectors that have fired since the last time
  } bus_e;

  import "DPI-C" context function void rdma_start(input string name,
                                                  input longint unsigned seed,
                                                  input longint unsigned count);
  import "DPI-C" context function void rdma_step(input longint unsigned result,
    input longint unsigned now, output int unsigned op, output int unsigned node,
    output longint unsigned a, output longint unsigned b);

  logic        clk = 0, clk0 = 0, clk1 = 0, rst = 1;
  logic [63:0] now = 1000;
  bit          gating = 0;
  longint unsigned cycle, gated;

  initial forever begin
    #2;
    now += 4;
    clk = 1;
    if (!gating || !idle0 || busy0 || wv0 || now >= wake0) clk0 = 1;
    else gated++;
    if (!gating || !idle1 || busy1 || wv1 || now >= wake1) clk1 = 1;
    else gated++;
    cycle++;
    #2;
    clk = 0;
    clk0 = 0;
    clk1 = 0;
  end

  logic         idle0, idle1, busy0, busy1, empty0, empty1, pause0, pause1;
  logic         v0, v1, r0, r1, last0, last1, wv0, wv1, wlast0, wlast1;
  logic [511:0] data0, data1, wdata0, wdata1;
  logic [63:0]  keep0, keep1, wkeep0, wkeep1;
  logic [63:0]  wake0, wake1;
  logic         irq0, irq1;
  logic [5:0]   vector0, vector1;
  longint unsigned pauses0, pauses1, overruns0, overruns1;
  longint unsigned fired0, fired1;  // vectors

  tb_node #(.Mac(48'h02_00_00_00_00_10)) n0 (
    .clk_i(clk0), .host_clk_i(clk), .rst_i(rst), .now_i(now), .link_up_i(1'b1),
    .idle_o(idle0), .wake_at_o(wake0), .busy_o(busy0),
    .irq_valid_o(irq0), .irq_ready_i(1'b1), .irq_vector_o(vector0), .pause_o(pause0),
    .tx_valid_o(v0), .tx_ready_i(r0), .tx_data_o(data0), .tx_keep_o(keep0), .tx_last_o(last0),
    .rx_valid_i(wv0), .rx_data_i(wdata0), .rx_keep_i(wkeep0), .rx_last_i(wlast0)
  );
  tb_node #(.Mac(48'h02_00_00_00_00_11)) n1 (
    .clk_i(clk1), .host_clk_i(clk), .rst_i(rst), .now_i(now), .link_up_i(1'b1),
    .idle_o(idle1), .wake_at_o(wake1), .busy_o(busy1),
    .irq_valid_o(irq1), .irq_ready_i(1'b1), .irq_vector_o(vector1), .pause_o(pause1),
    .tx_valid_o(v1), .tx_ready_i(r1), .tx_data_o(data1), .tx_keep_o(keep1), .tx_last_o(last1),
    .rx_valid_i(wv1), .rx_data_i(wdata1), .rx_keep_i(wkeep1), .rx_last_i(wlast1)
  );
  tb_rdma_wire #(.To(0)) w0 (
    .clk_i(clk), .rst_i(rst), .empty_o(empty0), .pause_i(pause0),
    .s_valid_i(v1), .s_ready_o(r1), .s_data_i(data1), .s_keep_i(keep1), .s_last_i(last1),
    .m_valid_o(wv0), .m_data_o(wdata0), .m_keep_o(wkeep0), .m_last_o(wlast0)
  );
  tb_rdma_wire #(.To(1)) w1 (
    .clk_i(clk), .rst_i(rst), .empty_o(empty1), .pause_i(pause1),
    .s_valid_i(v0), .s_ready_o(r0), .s_data_i(data0), .s_keep_i(keep0), .s_last_i(last0),
    .m_valid_o(wv1), .m_data_o(wdata1), .m_keep_o(wkeep1), .m_last_o(wlast1)
  );

  always @(posedge clk) begin
    if (pause0) pauses0 <= pauses0 + 1;
    if (pause1) pauses1 <= pauses1 + 1;
  end
  always @(posedge clk0) if (!rst) begin
    if (n0.dut.rdma_stat_rx_overrun) overruns0 <= overruns0 + 1;
    if (irq0) fired0 |= 64'd1 << vector0;
  end
  always @(posedge clk1) if (!rst) begin
    if (n1.dut.rdma_stat_rx_overrun) overruns1 <= overruns1 + 1;
    if (irq1) fired1 |= 64'd1 << vector1;
  end

  function automatic longint unsigned take_fired(int unsigned node);
    take_fired = (node == 0) ? fired0 : fired1;
    if (node == 0) fired0 = 0; else fired1 = 0;
  endfunction

  function automatic void set_knob(int unsigned node, longint unsigned knob, int unsigned value);
    case (knob)
      0:  if (node == 0) n0.u_mem.stall_pct = value; else n1.u_mem.stall_pct = value;
      1:  if (node == 0) n0.u_mem.lat_min = value;   else n1.u_mem.lat_min = value;
      2:  if (node == 0) n0.u_mem.lat_max = value;   else n1.u_mem.lat_max = value;
      3:  if (node == 0) n0.u_mem.reorder = value[0]; else n1.u_mem.reorder = value[0];
      4:  if (node == 0) w0.stall_pct = value; else w1.stall_pct = value;
      5:  if (node == 0) w0.delay = value;     else w1.delay = value;
      6:  if (node == 0) w0.jitter = value;    else w1.jitter = value;
      7:  if (node == 0) w0.drop = value;      else w1.drop = value;
      8:  if (node == 0) w0.dup = value;       else w1.dup = value;
      9:  if (node == 0) w0.swap = value;      else w1.swap = value;
      10: if (node == 0) w0.corrupt = value;   else w1.corrupt = value;
      11: if (node == 0) w0.cut = value[0];    else w1.cut = value[0];
      12: if (node == 0) w0.hold = value[0];   else w1.hold = value[0];
      13: if (node == 0) w0.heed_pause = value[0]; else w1.heed_pause = value[0];
      14: gating = value[0];
      15: if (node == 0) w0.tap = value[0];    else w1.tap = value[0];
      16: if (node == 0) w0.inject_pct = value; else w1.inject_pct = value;
      default: $fatal(1, "knob %0d", knob);
    endcase
  endfunction

  function automatic longint unsigned get_count(int unsigned node, longint unsigned what);
    case (what)
      0: return cycle;
      1: return (node == 0) ? w0.frames : w1.frames;
      2: return (node == 0) ? w0.dropped : w1.dropped;
      3: return (node == 0) ? w0.duplicated : w1.duplicated;
      4: return (node == 0) ? w0.swapped : w1.swapped;
      5: return (node == 0) ? w0.corrupted : w1.corrupted;
      6: return (node == 0) ? pauses0 : pauses1;
      7: return (node == 0) ? overruns0 : overruns1;
      default: $fatal(1, "count %0d", what);
    endcase
    return 0;
  endfunction

  initial begin
    longint unsigned seed = 1, count = 0, a, b, result = 0;
    int unsigned op, node;
    string name = "basic";

    void'($value$plusargs("program=%s", name));
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    rdma_start(name, seed, count);
    repeat (5) @(negedge clk);
    rst = 0;
    @(negedge clk);
    forever begin
      rdma_step(result, now, op, node, a, b);
      result = 0;
      case (op)
        BusWait: for (longint unsigned i = 0; i < a; i++) @(negedge clk);
        BusRead: if (node == 0) n0.read_reg(16'(a), result); else n1.read_reg(16'(a), result);
        BusWrite: if (node == 0) n0.write_reg(16'(a), 32'(b)); else n1.write_reg(16'(a), 32'(b));
        BusStore: if (node == 0) n0.store(23'(a), b, '1); else n1.store(23'(a), b, '1);
        BusIdle: result = 64'(idle0 && idle1 && empty0 && empty1);
        BusKnob: set_knob(node, a, 32'(b));
        BusCount: result = get_count(node, a);
        BusIrq: result = take_fired(node);
        default: begin
          $display("rdma: %0d cycles, %0d and %0d frames, %0d clocks not given", cycle, w1.frames,
                   w0.frames, gated);
          $finish;
        end
      endcase
    end
  end

endmodule
