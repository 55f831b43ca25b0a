// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// A whole adapter with its host memory, and the tasks by which the host reaches its registers and
// doorbells. The clock of the adapter may stand still, as tern-sim lets it, while idle_o is high,
// now_i has not reached wake_at_o and the host wants nothing (busy_o); that of the host goes on.

module tb_node #(
  parameter logic [47:0] Mac = 48'd0
) (
  input  logic         clk_i,       // of adapter and memory: some of host_clk_i's
  input  logic         host_clk_i,
  input  logic         rst_i,
  input  logic [63:0]  now_i,
  input  logic         link_up_i,
  output logic         idle_o,
  output logic [63:0]  wake_at_o,
  output logic         busy_o,
  output logic         irq_valid_o,
  input  logic         irq_ready_i,
  output logic [5:0]   irq_vector_o,
  output logic         pause_o,
  output logic         tx_valid_o,
  input  logic         tx_ready_i,
  output logic [511:0] tx_data_o,
  output logic [63:0]  tx_keep_o,
  output logic         tx_last_o,
  input  logic         rx_valid_i,
  input  logic [511:0] rx_data_i,
  input  logic [63:0]  rx_keep_i,
  input  logic         rx_last_i
);

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

  assign busy_o = l_awvalid || l_wvalid || l_bvalid || l_arvalid || l_rvalid || db_valid;

  tern_top dut (
    .clk_i, .rst_i, .now_i, .idle_o, .wake_at_o, .mac_addr_i(Mac), .link_up_i,
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
    .irq_valid_o, .irq_ready_i, .irq_vector_o,
    .m_axis_tvalid_o(tx_valid_o), .m_axis_tready_i(tx_ready_i), .m_axis_tdata_o(tx_data_o),
    .m_axis_tkeep_o(tx_keep_o), .m_axis_tlast_o(tx_last_o),
    .s_axis_tvalid_i(rx_valid_i), .s_axis_tdata_i(rx_data_i), .s_axis_tkeep_i(rx_keep_i),
    .s_axis_tlast_i(rx_last_i), .s_axis_tuser_i(1'b0), .pause_o
  );

  tb_axi_mem u_mem (
    .clk_i, .rst_i,
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

  // The host is slow where its memory is
  task automatic dawdle();
    if (u_mem.stall_pct != 0) repeat ($urandom_range(3)) @(negedge host_clk_i);
  endtask

  // Every wait for the adapter is bounded
  task automatic check_patience(ref int unsigned patience, input string what);
    patience++;
    if (patience > 100_000) $fatal(1, "no %s", what);
  endtask

  task automatic read_reg(logic [15:0] addr, output longint unsigned data);
    int unsigned patience = 0;
    l_araddr = addr;
    l_arvalid = 1;
    do begin
      @(posedge host_clk_i);
      check_patience(patience, "read ready");
    end while (!l_arready);
    @(negedge host_clk_i);
    l_arvalid = 0;
    dawdle();
    l_rready = 1;
    do begin
      @(posedge host_clk_i);
      check_patience(patience, "read data");
    end while (!l_rvalid);
    data = 64'(l_rdata);
    if (l_rresp != 0) $fatal(1, "read of register %h: response %b", addr, l_rresp);
    @(negedge host_clk_i);
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
      @(posedge host_clk_i);
      check_patience(patience, "write ready");
      if (l_awvalid && l_awready) addr_due = 0;
      if (l_wvalid && l_wready) data_due = 0;
      @(negedge host_clk_i);
      l_awvalid = l_awvalid && addr_due;
      l_wvalid = l_wvalid && data_due;
    end
    dawdle();
    l_bready = 1;
    do begin
      @(posedge host_clk_i);
      check_patience(patience, "write answer");
    end while (!l_bvalid);
    if (l_bresp != 0) $fatal(1, "write of register %h: response %b", addr, l_bresp);
    @(negedge host_clk_i);
    l_bready = 0;
  endtask

  // Of BAR 2: a doorbell, or a word of a push page
  task automatic store(logic [22:0] addr, logic [63:0] data, logic [7:0] strb);
    int unsigned patience = 0;
    db_addr = addr;
    db_data = data;
    db_strb = strb;
    db_valid = 1;
    do begin
      @(posedge host_clk_i);
      check_patience(patience, "doorbell ready");
    end while (!db_ready);
    @(negedge host_clk_i);
    db_valid = 0;
  endtask

endmodule
