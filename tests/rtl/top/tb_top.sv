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

  logic        awvalid, awready, wvalid, wready, wlast, bvalid, bready;
  logic        arvalid, arready, rvalid, rready, rlast;
  logic [5:0]  arid, rid, awid, bid;
  logic [63:0] araddr, awaddr, wstrb;
  logic [7:0]  arlen, awlen;
  logic [2:0]  arsize, awsize;
  logic [1:0]  arburst, awburst, rresp, bresp;
  logic [511:0] rdata, wdata;

  logic        l_awvalid = 0, l_awready, l_wvalid = 0, l_wready, l_bvalid, l_bready = 0;
  logic        l_arvalid = 0, l_arready, l_rvalid, l_rready = 0;
  logic [15:0] l_awaddr = 0, l_araddr = 0;
  logic [31:0] l_wdata = 0, l_rdata;
  logic [1:0]  l_bresp, l_rresp;

  logic        db_valid = 0, db_ready;
  logic [22:0] db_addr = 0;
  logic [63:0] db_data = 0;
  logic [7:0]  db_strb = 0;
  logic        irq_valid, irq_ready = 0;
  logic [5:0]  irq_vector;

  assign busy = rst || l_awvalid || l_wvalid || l_bvalid || l_arvalid || l_rvalid || db_valid ||
                link_up != link_seen;

  tern_top dut (
    .clk_i(dut_clk), .rst_i(rst), .now_i(now), .idle_o(idle), .wake_at_o(wake_at),
    .mac_addr_i(48'h02_34_56_78_9a_bc), .link_up_i(link_up),
    .s_axil_awvalid_i(l_awvalid), .s_axil_awready_o(l_awready), .s_axil_awaddr_i(l_awaddr),
    .s_axil_wvalid_i(l_wvalid), .s_axil_wready_o(l_wready), .s_axil_wdata_i(l_wdata),
    .s_axil_wstrb_i(4'hf), .s_axil_bvalid_o(l_bvalid), .s_axil_bready_i(l_bready),
    .s_axil_bresp_o(l_bresp),
    .s_axil_arvalid_i(l_arvalid), .s_axil_arready_o(l_arready), .s_axil_araddr_i(l_araddr),
    .s_axil_rvalid_o(l_rvalid), .s_axil_rready_i(l_rready), .s_axil_rdata_o(l_rdata),
    .s_axil_rresp_o(l_rresp),
    .db_valid_i(db_valid), .db_ready_o(db_ready), .db_addr_i(db_addr), .db_data_i(db_data),
    .db_strb_i(db_strb),
    .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready), .m_axi_arid_o(arid),
    .m_axi_araddr_o(araddr), .m_axi_arlen_o(arlen), .m_axi_arsize_o(arsize),
    .m_axi_arburst_o(arburst),
    .m_axi_rvalid_i(rvalid), .m_axi_rready_o(rready), .m_axi_rid_i(rid), .m_axi_rdata_i(rdata),
    .m_axi_rresp_i(rresp), .m_axi_rlast_i(rlast),
    .m_axi_awvalid_o(awvalid), .m_axi_awready_i(awready), .m_axi_awid_o(awid),
    .m_axi_awaddr_o(awaddr), .m_axi_awlen_o(awlen), .m_axi_awsize_o(awsize),
    .m_axi_awburst_o(awburst),
    .m_axi_wvalid_o(wvalid), .m_axi_wready_i(wready), .m_axi_wdata_o(wdata),
    .m_axi_wstrb_o(wstrb), .m_axi_wlast_o(wlast),
    .m_axi_bvalid_i(bvalid), .m_axi_bready_o(bready), .m_axi_bid_i(bid), .m_axi_bresp_i(bresp),
    .irq_valid_o(irq_valid), .irq_ready_i(irq_ready), .irq_vector_o(irq_vector),
    // The wire has nothing at its other end yet
    .m_axis_tvalid_o(), .m_axis_tready_i(1'b1), .m_axis_tdata_o(), .m_axis_tkeep_o(),
    .m_axis_tlast_o(),
    .s_axis_tvalid_i(1'b0), .s_axis_tdata_i('0), .s_axis_tkeep_i('0), .s_axis_tlast_i(1'b0),
    .s_axis_tuser_i(1'b0), .pause_o()
  );

  tb_axi_mem u_mem (
    .clk_i(dut_clk), .rst_i(rst),
    .s_axi_arvalid_i(arvalid), .s_axi_arready_o(arready), .s_axi_arid_i(arid),
    .s_axi_araddr_i(araddr), .s_axi_arlen_i(arlen), .s_axi_arsize_i(arsize),
    .s_axi_arburst_i(arburst),
    .s_axi_rvalid_o(rvalid), .s_axi_rready_i(rready), .s_axi_rid_o(rid), .s_axi_rdata_o(rdata),
    .s_axi_rresp_o(rresp), .s_axi_rlast_o(rlast),
    .s_axi_awvalid_i(awvalid), .s_axi_awready_o(awready), .s_axi_awid_i(awid),
    .s_axi_awaddr_i(awaddr), .s_axi_awlen_i(awlen), .s_axi_awsize_i(awsize),
    .s_axi_awburst_i(awburst),
    .s_axi_wvalid_i(wvalid), .s_axi_wready_o(wready), .s_axi_wdata_i(wdata),
    .s_axi_wstrb_i(wstrb), .s_axi_wlast_i(wlast),
    .s_axi_bvalid_o(bvalid), .s_axi_bready_i(bready), .s_axi_bid_o(bid), .s_axi_bresp_o(bresp)
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
    if (irq_held && !dut.core_rst && (!irq_valid || irq_vector != irq_vector_q))
      $fatal(1, "an interrupt request changed before it was taken");
    irq_held <= !dut.core_rst && irq_valid && !irq_ready;
    irq_vector_q <= irq_vector;
    if (!rst && irq_valid && irq_ready) begin
      host_irq(32'(irq_vector));
      irq_came = 1;
      irq_cycle = cycle;
    end
    irq_ready <= $urandom_range(99) >= u_mem.stall_pct;
  end

  // ------------------------------------------------------------------------ bus operations

  longint unsigned result;

  task automatic wait_cycles(longint unsigned n);
    irq_came = 0;
    for (longint unsigned i = 0; i < n && !irq_came; i++) @(negedge clk);
  endtask

  task automatic dawdle();
    if (u_mem.stall_pct != 0) repeat ($urandom_range(3)) @(negedge clk);
  endtask

  // Every wait for the adapter is bounded
  task automatic check_patience(ref int unsigned patience, input string what);
    patience++;
    if (patience > 100_000) $fatal(1, "no %s", what);
  endtask

  task automatic read_reg(logic [15:0] addr);
    int unsigned patience = 0;
    l_araddr = addr;
    l_arvalid = 1;
    do begin
      @(posedge clk);
      check_patience(patience, "read ready");
    end while (!l_arready);
    @(negedge clk);
    l_arvalid = 0;
    dawdle();
    l_rready = 1;
    do begin
      @(posedge clk);
      check_patience(patience, "read data");
    end while (!l_rvalid);
    result = 64'(l_rdata);
    if (l_rresp != 0) $fatal(1, "read of register %h: response %b", addr, l_rresp);
    @(negedge clk);
    l_rready = 0;
  endtask

  // Address and data come in any order
  task automatic write_reg(logic [15:0] addr, logic [31:0] data);
    int unsigned patience = 0;
    bit addr_due = 1, data_due = 1;
    l_awaddr = addr;
    l_wdata = data;
    while (addr_due || data_due) begin
      if (addr_due && $urandom_range(1) != 0) l_awvalid = 1;
      if (data_due && $urandom_range(1) != 0) l_wvalid = 1;
      @(posedge clk);
      check_patience(patience, "write ready");
      if (l_awvalid && l_awready) addr_due = 0;
      if (l_wvalid && l_wready) data_due = 0;
      @(negedge clk);
      l_awvalid = l_awvalid && addr_due;
      l_wvalid = l_wvalid && data_due;
    end
    dawdle();
    l_bready = 1;
    do begin
      @(posedge clk);
      check_patience(patience, "write answer");
    end while (!l_bvalid);
    if (l_bresp != 0) $fatal(1, "write of register %h: response %b", addr, l_bresp);
    @(negedge clk);
    l_bready = 0;
  endtask

  task automatic store(logic [22:0] addr, logic [63:0] data, logic [7:0] strb);
    int unsigned patience = 0;
    db_addr = addr;
    db_data = data;
    db_strb = strb;
    db_valid = 1;
    do begin
      @(posedge clk);
      check_patience(patience, "doorbell ready");
    end while (!db_ready);
    result = cycle;
    @(negedge clk);
    db_valid = 0;
  endtask

  task automatic reset();
    rst = 1;
    repeat (5) @(negedge clk);
    rst = 0;
    @(negedge clk);
  endtask

  task automatic set_knobs(longint unsigned stall, longint unsigned latency,
                           longint unsigned time_base);
    u_mem.stall_pct = int'(stall);
    u_mem.lat_max = int'(latency[31:0]);
    u_mem.lat_min = int'(latency[63:32]);
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
        OpRead: read_reg(16'(a));
        OpWrite: write_reg(16'(a), 32'(b));
        OpDoorbell: store(23'(a), b, 8'(c));
        OpReset: reset();
        OpLink: link_up = a[0];
        OpKnobs: set_knobs(a, b, c);
        OpCount: result = u_mem.rd_bursts + u_mem.wr_bursts;
        default: begin
          $display("top: %0d cycles, %0d of them with the clock stopped, %0d DMA bursts", cycle,
                   gated, u_mem.rd_bursts + u_mem.wr_bursts);
          $finish;
        end
      endcase
    end
  end

endmodule
