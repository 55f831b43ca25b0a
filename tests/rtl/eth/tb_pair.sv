// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Two whole adapters, wire to wire, and a host written in C that sends frames by the Ethernet
// half of both (pair_host.c), through the registers, doorbells and interrupts that a driver has.
// The host runs as a coroutine behind rdma_step(), as in tb_rdma.
//
// With gating on, an adapter's clock stands still whenever its idle_o allows it, as in tb_top.

module tb_pair;

  typedef enum int unsigned {
    OpFinish,
    OpWait,      // a: cycles
    OpRead,      // register a
    OpWrite,     // register a := b
    OpDoorbell,  // store b at a
    OpIdle,      // result: both are idle
    OpIrq,       // result: vectors that have fired since the last time
    OpKnobs      // a: stall %, longest latency; b: gating, how often the wire waits in %
  } op_e;

  import "DPI-C" context function void rdma_start(input longint unsigned seed,
                                                  input longint unsigned count);
  import "DPI-C" context function void rdma_step(input longint unsigned result,
    input longint unsigned now, output int unsigned op, output int unsigned node,
    output longint unsigned a, output longint unsigned b);

  logic        clk = 0, clk0 = 0, clk1 = 0, rst = 1;
  logic [63:0] now = 1000;
  bit          gating = 0;
  longint unsigned cycle, gated;

  logic         idle0, idle1, v0, v1, last0, last1;
  logic [511:0] data0, data1;
  logic [63:0]  keep0, keep1;
  longint unsigned frames0, frames1;

  initial forever begin
    #2;
    now += 4;
    clk = 1;
    if (!gating || !idle0 || (v1 && r1) || now >= n0.dut.wake_at_o) clk0 = 1;
    else gated++;
    if (!gating || !idle1 || (v0 && r0) || now >= n1.dut.wake_at_o) clk1 = 1;
    else gated++;
    cycle++;
    #2;
    clk = 0;
    clk0 = 0;
    clk1 = 0;
  end

  tb_rdma_node #(.Mac(48'h02_00_00_00_00_10)) n0 (
    .clk_i(clk0), .rst_i(rst), .now_i(now), .idle_o(idle0), .pause_o(),
    .tx_valid_o(v0), .tx_ready_i(r0), .tx_data_o(data0), .tx_keep_o(keep0), .tx_last_o(last0),
    .rx_valid_i(v1 && r1), .rx_data_i(data1), .rx_keep_i(keep1), .rx_last_i(last1)
  );
  tb_rdma_node #(.Mac(48'h02_00_00_00_00_11)) n1 (
    .clk_i(clk1), .rst_i(rst), .now_i(now), .idle_o(idle1), .pause_o(),
    .tx_valid_o(v1), .tx_ready_i(r1), .tx_data_o(data1), .tx_keep_o(keep1), .tx_last_o(last1),
    .rx_valid_i(v0 && r0), .rx_data_i(data0), .rx_keep_i(keep0), .rx_last_i(last0)
  );

  // The wire is slow at times
  logic        r0 = 1, r1 = 1;
  int unsigned wait_pct = 0;

  always @(negedge clk) begin
    r0 <= $urandom_range(99) >= wait_pct;
    r1 <= $urandom_range(99) >= wait_pct;
  end

  longint unsigned fired0, fired1;  // vectors

  always @(posedge clk) begin
    if (v0 && r0 && last0) frames0 <= frames0 + 1;
    if (v1 && r1 && last1) frames1 <= frames1 + 1;
  end
  always @(posedge clk0) if (!rst && n0.dut.irq_valid_o) fired0 |= 64'd1 << n0.dut.irq_vector_o;
  always @(posedge clk1) if (!rst && n1.dut.irq_valid_o) fired1 |= 64'd1 << n1.dut.irq_vector_o;

  task automatic set_knobs(longint unsigned a, longint unsigned b);
    n0.u_mem.stall_pct = int'(a[31:0]);
    n1.u_mem.stall_pct = int'(a[31:0]);
    n0.u_mem.lat_max   = int'(a[63:32]);
    n1.u_mem.lat_max   = int'(a[63:32]);
    gating             = b[0];
    wait_pct           = int'(b[7:1]);
  endtask

  initial begin
    longint unsigned seed = 1, count = 2000, a, b, result = 0;
    int unsigned op, node;

    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    void'($urandom(int'(seed)));
    rdma_start(seed, count);
    repeat (5) @(negedge clk);
    rst = 0;
    @(negedge clk);
    forever begin
      rdma_step(result, now, op, node, a, b);
      result = 0;
      case (op)
        OpWait: for (longint unsigned i = 0; i < a; i++) @(negedge clk);
        OpRead: if (node == 0) n0.read_reg(16'(a), result); else n1.read_reg(16'(a), result);
        OpWrite: if (node == 0) n0.write_reg(16'(a), 32'(b)); else n1.write_reg(16'(a), 32'(b));
        OpDoorbell: if (node == 0) n0.store(23'(a), b); else n1.store(23'(a), b);
        OpIdle: result = 64'(idle0 && idle1);
        OpIrq: if (node == 0) begin
          result = fired0;
          fired0 = 0;
        end else begin
          result = fired1;
          fired1 = 0;
        end
        OpKnobs: set_knobs(a, b);
        default: begin
          $display("pair: %0d cycles, %0d and %0d frames, %0d clocks not given", cycle, frames0,
                   frames1, gated);
          $finish;
        end
      endcase
    end
  end

endmodule
