// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The whole adapter with a random AXI memory and a host written in C. The host runs as a
// coroutine behind host_step(): each call takes the result of its last bus operation and returns
// the next one, which is carried out here. Interrupts go to the host as they come.
//
// With gating on, the adapter's clock stands still whenever idle_o allows it, as tern-sim does
// it: what the adapter then forgets or delays is a fault of idle_o or wake_at_o.

module tb_top;

  typedef enum int unsigned {
    OpFinish,
    OpWait,      // a: cycles; ends early when an interrupt comes
    OpRead,      // register a
    OpWrite,     // register a := b
    OpDoorbell,  // store b at a, strobes c
    OpReset,     // rst_i for some cycles
    OpLink,      // link_up_i := a
    OpKnobs,     // a: stall %, b: longest latency, c: {gating, ns per cycle}
    OpCount      // bursts that the bus has seen
  } op_e;

  import "DPI-C" context function void host_start(input longint unsigned seed,
    input longint unsigned count, input int unsigned what);
  import "DPI-C" context function void host_step(input longint unsigned result,
    input longint unsigned now, input longint unsigned cycle,
    output int unsigned op, output longint unsigned a, output longint unsigned b,
    output longint unsigned c);
  import "DPI-C" context function void host_irq(input int unsigned vec);

  // ------------------------------------------------------------------------------- clock

  logic        clk = 0, dut_clk = 0, rst = 1;
  logic [63:0] now = 1000;
  int unsigned step_ns = 4;
  bit          gating = 0;
  longint unsigned cycle, gated;

  logic        idle, link_up = 0;
  logic [63:0] wake_at;
  logic        busy;  // something outside of the adapter needs its clock

  initial forever begin
    #2;
    now += 64'(step_ns);
    clk = 1;
    if (!gating || busy || !idle || now >= wake_at) dut_clk = 1;
    else gated++;
    cycle++;
    #2;
    clk = 0;
    dut_clk = 0;
  end

  // --------------------------------------------------------------------------------- DUT

  logic        irq_valid, irq_ready = 0;
  logic [5:0]  irq_vector;
  logic        host_busy;

  assign busy = rst || host_busy || link_up != link_seen;

  // The wire has nothing at its other end
  tb_node #(.Mac(48'h02_34_56_78_9a_bc)) u_node (
    .clk_i(dut_clk), .host_clk_i(clk), .rst_i(rst), .now_i(now), .link_up_i(link_up),
    .idle_o(idle), .wake_at_o(wake_at), .busy_o(host_busy),
    .irq_valid_o(irq_valid), .irq_ready_i(irq_ready), .irq_vector_o(irq_vector), .pause_o(),
    .tx_valid_o(), .tx_ready_i(1'b1), .tx_data_o(), .tx_keep_o(), .tx_last_o(),
    .rx_valid_i(1'b0), .rx_data_i('0), .rx_keep_i('0), .rx_last_i(1'b0)
  );

  // -------------------------------------------------------------------------- interrupts

  logic        link_seen = 0;   // by the adapter
  logic        irq_held;        // offered and not taken
  logic [5:0]  irq_vector_q;
  bit          irq_came;
  longint unsigned irq_cycle;   // of the last one

  always @(posedge dut_clk) begin
    link_seen <= link_up;
    // Only a reset takes it back
    if (irq_held && !u_node.dut.core_rst && (!irq_valid || irq_vector != irq_vector_q))
      $fatal(1, "an interrupt request changed before it was taken");
    irq_held <= !u_node.dut.core_rst && irq_valid && !irq_ready;
    irq_vector_q <= irq_vector;
    if (!rst && irq_valid && irq_ready) begin
      host_irq(32'(irq_vector));
      irq_came = 1;
      irq_cycle = cycle;
    end
    irq_ready <= $urandom_range(99) >= u_node.u_mem.stall_pct;
  end

  // ------------------------------------------------------------------------ bus operations

  longint unsigned result;

  task automatic wait_cycles(longint unsigned n);
    irq_came = 0;
    for (longint unsigned i = 0; i < n && !irq_came; i++) @(negedge clk);
  endtask

  task automatic reset();
    rst = 1;
    repeat (5) @(negedge clk);
    rst = 0;
    @(negedge clk);
  endtask

  task automatic set_knobs(longint unsigned stall, longint unsigned latency,
                           longint unsigned time_base);
    u_node.u_mem.stall_pct = int'(stall);
    u_node.u_mem.lat_max = int'(latency[31:0]);
    u_node.u_mem.lat_min = int'(latency[63:32]);
    step_ns = int'(time_base[31:0]);
    gating = time_base[32];
  endtask

  initial begin
    longint unsigned seed = 1, count = 2000, a, b, c;
    int unsigned op, what = 0;

    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    void'($value$plusargs("program=%d", what));
    host_start(seed, count, what);
    repeat (5) @(negedge clk);
    rst = 0;
    @(negedge clk);
    forever begin
      host_step(result, now, cycle, op, a, b, c);
      result = 0;
      case (op)
        OpWait: begin
          wait_cycles(a);
          result = irq_cycle;
        end
        OpRead: u_node.read_reg(16'(a), result);
        OpWrite: u_node.write_reg(16'(a), 32'(b));
        OpDoorbell: begin
          u_node.store(23'(a), b, 8'(c));
          result = cycle;
        end
        OpReset: reset();
        OpLink: link_up = a[0];
        OpKnobs: set_knobs(a, b, c);
        OpCount: result = u_node.u_mem.rd_bursts + u_node.u_mem.wr_bursts;
        default: begin
          $display("top: %0d cycles, %0d of them with the clock stopped, %0d DMA bursts", cycle,
                   gated, u_node.u_mem.rd_bursts + u_node.u_mem.wr_bursts);
          $finish;
        end
      endcase
    end
  end

endmodule
