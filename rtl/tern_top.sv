// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The adapter: what is wired to what. Nothing but wires, and the order of clients at shared
// ports, is here.
//
//   BAR 0 --- tern_regs ----------- tern_irq --- interrupt requests
//                 |                    |
//   BAR 2 --- tern_doorbell -+---- tern_eq <-------+
//                 |          |        ^  events    | asynchronous events
//              tern_cqp      +---- tern_cq --------+
//                 |   control         |            |
//                 +--------------> tern_hmc -------+
//                 |                   |
//              tern_dma_read, tern_dma_write --- host memory
//
// tern_rdma sends and receives; it is a client of all of these but the registers. tern_eth is the
// netdev: it has registers, doorbells, interrupts and DMA as well, and its frames pass through
// tern_rdma.
//
// idle_o: no work in flight, the clock may stop until an input changes or now_i reaches
// wake_at_o.

module tern_top (
  input  logic         clk_i,
  input  logic         rst_i,
  input  logic [63:0]  now_i,      // ns
  output logic         idle_o,
  output logic [63:0]  wake_at_o,  // ns; all ones: never

  input  logic [47:0]  mac_addr_i,  // first octet in [47:40]
  input  logic         link_up_i,

  // BAR 0
  input  logic         s_axil_awvalid_i,
  output logic         s_axil_awready_o,
  input  logic [15:0]  s_axil_awaddr_i,
  input  logic         s_axil_wvalid_i,
  output logic         s_axil_wready_o,
  input  logic [31:0]  s_axil_wdata_i,
  input  logic [3:0]   s_axil_wstrb_i,
  output logic         s_axil_bvalid_o,
  input  logic         s_axil_bready_i,
  output logic [1:0]   s_axil_bresp_o,
  input  logic         s_axil_arvalid_i,
  output logic         s_axil_arready_o,
  input  logic [15:0]  s_axil_araddr_i,
  output logic         s_axil_rvalid_o,
  input  logic         s_axil_rready_i,
  output logic [31:0]  s_axil_rdata_o,
  output logic [1:0]   s_axil_rresp_o,

  // BAR 2: one store; addr is its byte offset, a multiple of 8
  input  logic         db_valid_i,
  output logic         db_ready_o,
  input  logic [22:0]  db_addr_i,
  input  logic [63:0]  db_data_i,
  input  logic [7:0]   db_strb_i,

  // Host memory
  output logic         m_axi_arvalid_o,
  input  logic         m_axi_arready_i,
  output logic [5:0]   m_axi_arid_o,
  output logic [63:0]  m_axi_araddr_o,
  output logic [7:0]   m_axi_arlen_o,
  output logic [2:0]   m_axi_arsize_o,
  output logic [1:0]   m_axi_arburst_o,
  input  logic         m_axi_rvalid_i,
  output logic         m_axi_rready_o,
  input  logic [5:0]   m_axi_rid_i,
  input  logic [511:0] m_axi_rdata_i,
  input  logic [1:0]   m_axi_rresp_i,
  input  logic         m_axi_rlast_i,
  output logic         m_axi_awvalid_o,
  input  logic         m_axi_awready_i,
  output logic [5:0]   m_axi_awid_o,
  output logic [63:0]  m_axi_awaddr_o,
  output logic [7:0]   m_axi_awlen_o,
  output logic [2:0]   m_axi_awsize_o,
  output logic [1:0]   m_axi_awburst_o,
  output logic         m_axi_wvalid_o,
  input  logic         m_axi_wready_i,
  output logic [511:0] m_axi_wdata_o,
  output logic [63:0]  m_axi_wstrb_o,
  output logic         m_axi_wlast_o,
  input  logic         m_axi_bvalid_i,
  output logic         m_axi_bready_o,
  input  logic [5:0]   m_axi_bid_i,
  input  logic [1:0]   m_axi_bresp_i,

  // Interrupt requests, to be sent as MSI-X
  output logic         irq_valid_o,
  input  logic         irq_ready_i,
  output logic [5:0]   irq_vector_o,

  // Wire, one Ethernet frame without FCS per packet; lane 0 of the first beat is its first octet,
  // keep is all ones but in the last beat. The receive side has no ready: a frame that finds no
  // room is dropped whole and counted. pause_o asks the MAC to hold its peer (PFC, 802.3x) before
  // that happens; at least four frames of 9 KiB fit when it rises.
  output logic         m_axis_tvalid_o,
  input  logic         m_axis_tready_i,
  output logic [511:0] m_axis_tdata_o,
  output logic [63:0]  m_axis_tkeep_o,
  output logic         m_axis_tlast_o,
  input  logic         s_axis_tvalid_i,
  input  logic [511:0] s_axis_tdata_i,
  input  logic [63:0]  s_axis_tkeep_i,
  input  logic         s_axis_tlast_i,
  input  logic         s_axis_tuser_i,   // with last: the MAC found the frame bad
  output logic         pause_o
);

  // ---------------------------------------------------------- clients of shared ports

  localparam int unsigned NumReaders = 7;
  localparam int unsigned ReadCqp    = 0;
  localparam int unsigned ReadHmc    = 1;
  localparam int unsigned ReadEth    = 2;
  localparam int unsigned ReadRdma   = 3;  // to 6

  localparam int unsigned NumWriters = 8;
  localparam int unsigned WriteCqp   = 0;
  localparam int unsigned WriteHmc   = 1;
  localparam int unsigned WriteCq    = 2;
  localparam int unsigned WriteEq    = 3;
  localparam int unsigned WriteEth   = 4;  // and 5
  localparam int unsigned WriteRdma  = 6;  // and 7

  localparam int unsigned NumHmc     = 15;
  localparam int unsigned HmcCqCtx   = 0;
  localparam int unsigned HmcCqPbl   = 1;
  localparam int unsigned HmcRdma    = 2;  // to 14

  localparam int unsigned NumAe      = 6;
  localparam int unsigned AeHmc      = 0;
  localparam int unsigned AeCq       = 1;
  localparam int unsigned AeCqp      = 2;
  localparam int unsigned AeDoorbell = 3;
  localparam int unsigned AeRdma     = 4;  // and 5

  localparam int unsigned NumCqe     = 3;
  localparam int unsigned CqeCqp     = 0;
  localparam int unsigned CqeRdma    = 1;  // and 2

  logic core_rst;  // rst_i or a reset by register
  logic [63:0] now_q;
  logic clk_cqp, clk_cq, clk_eq, clk_hmc, clk_eth;  // see the end

  // Many blocks read the time, and it changes in each cycle: see docs/rc-engine.md, section 9
  always_ff @(posedge clk_i) now_q <= now_i;

  logic [NumReaders-1:0] rd_valid, rd_ready, rd_rsp_valid;
  logic [NumReaders-1:0][tern_pkg::DmaRdReqW-1:0] rd;
  logic [NumReaders-1:ReadRdma][tern_pkg::DmaRdReqW-1:0] rdma_rd;
  tern_pkg::dma_rd_req_t cqp_rd, hmc_rd, eth_rd;
  tern_pkg::dma_rd_rsp_t rd_rsp;

  assign rd[ReadCqp] = cqp_rd;
  assign rd[ReadHmc] = hmc_rd;
  assign rd[ReadEth] = eth_rd;
  assign rd[NumReaders-1:ReadRdma] = rdma_rd;

  logic [NumWriters-1:0] wr_valid, wr_ready, wr_rsp_valid;
  logic [NumWriters-1:0][tern_pkg::DmaWrBeatW-1:0] wr;
  logic [NumWriters-1:WriteRdma][tern_pkg::DmaWrBeatW-1:0] rdma_wr;
  logic [1:0][tern_pkg::DmaWrBeatW-1:0] eth_wr;
  tern_pkg::dma_wr_beat_t cqp_wr, hmc_wr, cq_wr, eq_wr;
  tern_pkg::dma_wr_rsp_t wr_rsp;

  assign wr[WriteCqp] = cqp_wr;
  assign wr[WriteHmc] = hmc_wr;
  assign wr[WriteCq] = cq_wr;
  assign wr[WriteEq] = eq_wr;
  assign wr[WriteEth+1:WriteEth] = eth_wr;
  assign wr[NumWriters-1:WriteRdma] = rdma_wr;

  logic [NumHmc-1:0] hmc_valid, hmc_ready, hmc_rsp_valid;
  logic [NumHmc-1:0][tern_pkg::HmcReqW-1:0] hmc;
  logic [NumHmc-1:HmcRdma][tern_pkg::HmcReqW-1:0] rdma_hmc;
  tern_pkg::hmc_req_t cq_ctx, cq_pbl;
  tern_pkg::hmc_rsp_t hmc_rsp;

  assign hmc[HmcCqCtx] = cq_ctx;
  assign hmc[HmcCqPbl] = cq_pbl;
  assign hmc[NumHmc-1:HmcRdma] = rdma_hmc;

  logic [NumAe-1:0] ae_valid, ae_ready;
  logic [NumAe-1:0][tern_pkg::AeReqW-1:0] ae;
  logic [NumAe-1:AeRdma][tern_pkg::AeReqW-1:0] rdma_ae;
  tern_pkg::ae_req_t hmc_ae, cq_ae, cqp_ae, doorbell_ae;

  assign ae[AeHmc] = hmc_ae;
  assign ae[AeCq] = cq_ae;
  assign ae[AeCqp] = cqp_ae;
  assign ae[AeDoorbell] = doorbell_ae;
  assign ae[NumAe-1:AeRdma] = rdma_ae;

  logic [NumCqe-1:0] cqe_valid, cqe_ready;
  logic [NumCqe-1:0][tern_pkg::CqeReqW-1:0] cqe;
  logic [NumCqe-1:CqeRdma][tern_pkg::CqeReqW-1:0] rdma_cqe;
  tern_pkg::cqe_req_t cqp_cqe;

  assign cqe[CqeCqp] = cqp_cqe;
  assign cqe[NumCqe-1:CqeRdma] = rdma_cqe;

  // ---------------------------------------------------------------- registers and reset

  logic regs_idle, quiesce, rd_idle, wr_idle, wire_whole, misc_level;
  logic [7:0] fatal;
  logic [63:0] cqp_base, cqp_result;
  logic [4:0] cqp_log_size;
  logic cqp_enable, cqp_enabled, cqp_halted, cqp_error;
  logic [15:0] cqp_tail;
  logic [31:0] cqp_err;
  logic irq_reg_write, irq_reg_itr;
  logic [tern_pkg::VecW-1:0] irq_reg_vec;
  logic [31:0] irq_reg_wdata, irq_reg_rdata;
  logic eth_reg_write;
  logic [15:0] eth_reg_addr;
  logic [31:0] eth_reg_wdata, eth_reg_rdata;

  tern_regs u_regs (
    .clk_i,
    .rst_i,
    .now_i (now_q),
    .idle_o          (regs_idle),
    .s_axil_awvalid_i,
    .s_axil_awready_o,
    .s_axil_awaddr_i,
    .s_axil_wvalid_i,
    .s_axil_wready_o,
    .s_axil_wdata_i,
    .s_axil_wstrb_i,
    .s_axil_bvalid_o,
    .s_axil_bready_i,
    .s_axil_bresp_o,
    .s_axil_arvalid_i,
    .s_axil_arready_o,
    .s_axil_araddr_i,
    .s_axil_rvalid_o,
    .s_axil_rready_i,
    .s_axil_rdata_o,
    .s_axil_rresp_o,
    .quiesce_o       (quiesce),
    .dma_idle_i      (rd_idle && wr_idle),
    .wire_whole_i    (wire_whole),
    .core_rst_o      (core_rst),
    .mac_addr_i,
    .link_up_i,
    .fatal_i         (fatal),
    .misc_level_o    (misc_level),
    .cqp_base_o      (cqp_base),
    .cqp_log_size_o  (cqp_log_size),
    .cqp_enable_o    (cqp_enable),
    .cqp_enabled_i   (cqp_enabled),
    .cqp_halted_i    (cqp_halted),
    .cqp_tail_i      (cqp_tail),
    .cqp_error_i     (cqp_error),
    .cqp_err_i       (cqp_err),
    .cqp_result_i    (cqp_result),
    .irq_reg_write_o (irq_reg_write),
    .irq_reg_itr_o   (irq_reg_itr),
    .irq_reg_vec_o   (irq_reg_vec),
    .irq_reg_wdata_o (irq_reg_wdata),
    .irq_reg_rdata_i (irq_reg_rdata),
    .eth_reg_write_o (eth_reg_write),
    .eth_reg_addr_o  (eth_reg_addr),
    .eth_reg_wdata_o (eth_reg_wdata),
    .eth_reg_rdata_i (eth_reg_rdata)
  );

  // --------------------------------------------------------------------------------- wire

  logic         tx_valid, rx_valid;
  logic         rx_in_valid_q, rx_last_q, rx_user_q;
  logic [511:0] rx_data_q;
  logic [63:0]  rx_keep_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) rx_in_valid_q <= 1'b0;
    else rx_in_valid_q <= s_axis_tvalid_i;
    if (s_axis_tvalid_i) begin
      rx_data_q <= s_axis_tdata_i;
      rx_keep_q <= s_axis_tkeep_i;
      rx_last_q <= s_axis_tlast_i;
      rx_user_q <= s_axis_tuser_i;
    end
  end

  tern_wire_gate u_wire_gate (
    .clk_i,
    .rst_i,
    .core_rst_i (core_rst),
    .tx_valid_i (tx_valid),
    .tx_valid_o (m_axis_tvalid_o),
    .tx_ready_i (m_axis_tready_i),
    .tx_last_i  (m_axis_tlast_o),
    .tx_whole_o (wire_whole),
    .rx_valid_i (rx_in_valid_q),
    .rx_last_i  (rx_last_q),
    .rx_valid_o (rx_valid)
  );

  // ---------------------------------------------------------------------------- doorbells

  logic doorbell_idle;
  logic sq_db_valid, sq_db_ready, rq_db_valid, rq_db_ready;
  logic cq_db_valid, cq_db_ready, eq_db_valid, eq_db_ready, cqp_db_valid, cqp_db_ready;
  logic eth_db_valid, eth_db_ready;
  logic [11:0] eth_db_offset;
  tern_pkg::db_t sq_db, rq_db, cq_db, eq_db, cqp_db, eth_db;
  logic sq_bad_valid, sq_bad_ready, rq_bad_valid, rq_bad_ready;
  logic cq_bad_valid, cq_bad_ready, eq_bad_valid, eq_bad_ready, cqp_bad_valid, cqp_bad_ready;
  logic eth_bad_valid, eth_bad_ready;
  tern_pkg::db_bad_t sq_bad, rq_bad, cq_bad, eq_bad, cqp_bad, eth_bad;
  logic push_valid, push_seal;
  logic [tern_pkg::PageW-1:0] push_page;
  logic [5:0] push_slot;
  logic [2:0] push_word;
  logic [63:0] push_data;
  logic [7:0] push_strb;
  logic stat_doorbell, stat_doorbell_bad, stat_doorbell_ae_lost;

  tern_doorbell u_doorbell (
    .clk_i,
    .rst_i               (core_rst),
    .now_i (now_q),
    .idle_o              (doorbell_idle),
    .db_valid_i,
    .db_ready_o,
    .db_addr_i,
    .db_data_i,
    .db_strb_i,
    .push_valid_o        (push_valid),
    .push_seal_o         (push_seal),
    .push_page_o         (push_page),
    .push_slot_o         (push_slot),
    .push_word_o         (push_word),
    .push_data_o         (push_data),
    .push_strb_o         (push_strb),
    .sq_db_valid_o       (sq_db_valid),
    .sq_db_ready_i       (sq_db_ready),
    .sq_db_o             (sq_db),
    .rq_db_valid_o       (rq_db_valid),
    .rq_db_ready_i       (rq_db_ready),
    .rq_db_o             (rq_db),
    .cq_db_valid_o       (cq_db_valid),
    .cq_db_ready_i       (cq_db_ready),
    .cq_db_o             (cq_db),
    .eq_db_valid_o       (eq_db_valid),
    .eq_db_ready_i       (eq_db_ready),
    .eq_db_o             (eq_db),
    .cqp_db_valid_o      (cqp_db_valid),
    .cqp_db_ready_i      (cqp_db_ready),
    .cqp_db_o            (cqp_db),
    .eth_db_valid_o      (eth_db_valid),
    .eth_db_ready_i      (eth_db_ready),
    .eth_db_offset_o     (eth_db_offset),
    .eth_db_o            (eth_db),
    .sq_bad_valid_i      (sq_bad_valid),
    .sq_bad_ready_o      (sq_bad_ready),
    .sq_bad_i            (sq_bad),
    .rq_bad_valid_i      (rq_bad_valid),
    .rq_bad_ready_o      (rq_bad_ready),
    .rq_bad_i            (rq_bad),
    .cq_bad_valid_i      (cq_bad_valid),
    .cq_bad_ready_o      (cq_bad_ready),
    .cq_bad_i            (cq_bad),
    .eq_bad_valid_i      (eq_bad_valid),
    .eq_bad_ready_o      (eq_bad_ready),
    .eq_bad_i            (eq_bad),
    .cqp_bad_valid_i     (cqp_bad_valid),
    .cqp_bad_ready_o     (cqp_bad_ready),
    .cqp_bad_i           (cqp_bad),
    .eth_bad_valid_i     (eth_bad_valid),
    .eth_bad_ready_o     (eth_bad_ready),
    .eth_bad_i           (eth_bad),
    .ae_valid_o          (ae_valid[AeDoorbell]),
    .ae_ready_i          (ae_ready[AeDoorbell]),
    .ae_o                (doorbell_ae),
    .stat_doorbell_o     (stat_doorbell),
    .stat_doorbell_bad_o (stat_doorbell_bad),
    .stat_ae_lost_o      (stat_doorbell_ae_lost)
  );

  // ------------------------------------------------------------------------------- control

  logic cqp_idle;
  logic hmc_ctl_valid, hmc_ctl_ready, hmc_ctl_rsp_valid;
  logic cq_ctl_valid, cq_ctl_ready, cq_ctl_rsp_valid;
  logic eq_ctl_valid, eq_ctl_ready, eq_ctl_rsp_valid;
  tern_pkg::hmc_ctl_req_t hmc_ctl;
  tern_pkg::cq_ctl_req_t cq_ctl;
  tern_pkg::eq_ctl_req_t eq_ctl;
  tern_pkg::ctl_rsp_t hmc_ctl_rsp, cq_ctl_rsp, eq_ctl_rsp;
  logic ccq_valid;
  logic [tern_pkg::CqnW-1:0] ccq_num;
  logic gid_write;
  logic [6:0] gid_index, gid_tx_index;
  logic [511:0] gid_entry, gid_read, gid_tx;
  logic [5:0] stat_index;
  logic [63:0] stat_value;
  logic stat_cqp_done, stat_cqp_failed;

  logic mr_valid, mr_ready, mr_rsp_valid, qp_valid, qp_ready, qp_put, qp_rsp_valid;
  logic [5:0] mr_op, qp_op, qp_put_index;
  logic [63:0] qp_put_data;
  logic [511:0] mr_wqe, qp_wqe, qp_attr;
  tern_pkg::ctl_rsp_t mr_rsp, qp_rsp;

  tern_cqp #(
    .HaveQp (1'b1),
    .HaveMr (1'b1)
  ) u_cqp (
    .clk_i             (clk_cqp),
    .rst_i             (core_rst),
    .idle_o            (cqp_idle),
    .cqp_base_i        (cqp_base),
    .cqp_log_size_i    (cqp_log_size),
    .cqp_enable_i      (cqp_enable),
    .cqp_enabled_o     (cqp_enabled),
    .cqp_halted_o      (cqp_halted),
    .cqp_tail_o        (cqp_tail),
    .cqp_error_o       (cqp_error),
    .cqp_err_o         (cqp_err),
    .cqp_result_o      (cqp_result),
    .db_valid_i        (cqp_db_valid),
    .db_ready_o        (cqp_db_ready),
    .db_i              (cqp_db),
    .db_bad_valid_o    (cqp_bad_valid),
    .db_bad_ready_i    (cqp_bad_ready),
    .db_bad_o          (cqp_bad),
    .rd_valid_o        (rd_valid[ReadCqp]),
    .rd_ready_i        (rd_ready[ReadCqp]),
    .rd_o              (cqp_rd),
    .rd_rsp_valid_i    (rd_rsp_valid[ReadCqp]),
    .rd_rsp_i          (rd_rsp),
    .wr_valid_o        (wr_valid[WriteCqp]),
    .wr_ready_i        (wr_ready[WriteCqp]),
    .wr_o              (cqp_wr),
    .wr_rsp_valid_i    (wr_rsp_valid[WriteCqp]),
    .wr_rsp_i          (wr_rsp),
    .hmc_valid_o       (hmc_ctl_valid),
    .hmc_ready_i       (hmc_ctl_ready),
    .hmc_o             (hmc_ctl),
    .hmc_rsp_valid_i   (hmc_ctl_rsp_valid),
    .hmc_rsp_i         (hmc_ctl_rsp),
    .cq_valid_o        (cq_ctl_valid),
    .cq_ready_i        (cq_ctl_ready),
    .cq_o              (cq_ctl),
    .cq_rsp_valid_i    (cq_ctl_rsp_valid),
    .cq_rsp_i          (cq_ctl_rsp),
    .eq_valid_o        (eq_ctl_valid),
    .eq_ready_i        (eq_ctl_ready),
    .eq_o              (eq_ctl),
    .eq_rsp_valid_i    (eq_ctl_rsp_valid),
    .eq_rsp_i          (eq_ctl_rsp),
    .mr_valid_o        (mr_valid),
    .mr_ready_i        (mr_ready),
    .mr_op_o           (mr_op),
    .mr_wqe_o          (mr_wqe),
    .mr_rsp_valid_i    (mr_rsp_valid),
    .mr_rsp_i          (mr_rsp),
    .qp_valid_o        (qp_valid),
    .qp_ready_i        (qp_ready),
    .qp_op_o           (qp_op),
    .qp_wqe_o          (qp_wqe),
    .qp_attr_o         (qp_attr),
    .qp_put_i          (qp_put),
    .qp_put_index_i    (qp_put_index),
    .qp_put_data_i     (qp_put_data),
    .qp_rsp_valid_i    (qp_rsp_valid),
    .qp_rsp_i          (qp_rsp),
    .ccq_valid_i       (ccq_valid),
    .ccq_num_i         (ccq_num),
    .cqe_valid_o       (cqe_valid[CqeCqp]),
    .cqe_ready_i       (cqe_ready[CqeCqp]),
    .cqe_o             (cqp_cqe),
    .gid_write_o       (gid_write),
    .gid_index_o       (gid_index),
    .gid_o             (gid_entry),
    .gid_i             (gid_read),
    .stat_index_o      (stat_index),
    .stat_value_i      (stat_value),
    .ae_valid_o        (ae_valid[AeCqp]),
    .ae_ready_i        (ae_ready[AeCqp]),
    .ae_o              (cqp_ae),
    .stat_cqp_done_o   (stat_cqp_done),
    .stat_cqp_failed_o (stat_cqp_failed)
  );

  tern_gid u_gid (
    .clk_i,
    .rst_i      (core_rst),
    .write_i    (gid_write),
    .index_i    (gid_index),
    .entry_i    (gid_entry),
    .entry_o    (gid_read),
    .rd_index_i (gid_tx_index),
    .rd_entry_o (gid_tx)
  );

  // ----------------------------------------------------------------- completions, events

  logic cq_idle, eq_idle, irq_idle;
  logic [63:0] cq_wake_at, irq_wake_at;
  logic ce_valid, ce_ready;
  tern_pkg::ce_req_t ce;
  logic [tern_pkg::NumCeqs-1:0] ceq_exists, ceq_busy;
  logic [tern_pkg::NumVectors-1:0] eq_level, eth_level;
  logic eq_rearm_valid, eth_rearm_valid;
  logic [tern_pkg::VecW-1:0] eq_rearm_vec, eth_rearm_vec;
  logic stat_cqe, stat_cq_hit, stat_cq_miss, stat_ceqe, stat_aeqe, stat_ce_lost;
  logic stat_eq_ae_lost, stat_irq;

  tern_cq #(
    .NumClients (NumCqe)
  ) u_cq (
    .clk_i           (clk_cq),
    .rst_i           (core_rst),
    .now_i (now_q),
    .idle_o          (cq_idle),
    .wake_at_o       (cq_wake_at),
    .cqe_valid_i     (cqe_valid),
    .cqe_ready_o     (cqe_ready),
    .cqe_i           (cqe),
    .db_valid_i      (cq_db_valid),
    .db_ready_o      (cq_db_ready),
    .db_i            (cq_db),
    .db_bad_valid_o  (cq_bad_valid),
    .db_bad_ready_i  (cq_bad_ready),
    .db_bad_o        (cq_bad),
    .ctl_valid_i     (cq_ctl_valid),
    .ctl_ready_o     (cq_ctl_ready),
    .ctl_i           (cq_ctl),
    .ctl_rsp_valid_o (cq_ctl_rsp_valid),
    .ctl_rsp_o       (cq_ctl_rsp),
    .ctx_req_valid_o (hmc_valid[HmcCqCtx]),
    .ctx_req_ready_i (hmc_ready[HmcCqCtx]),
    .ctx_req_o       (cq_ctx),
    .ctx_rsp_valid_i (hmc_rsp_valid[HmcCqCtx]),
    .pbl_req_valid_o (hmc_valid[HmcCqPbl]),
    .pbl_req_ready_i (hmc_ready[HmcCqPbl]),
    .pbl_req_o       (cq_pbl),
    .pbl_rsp_valid_i (hmc_rsp_valid[HmcCqPbl]),
    .hmc_rsp_i       (hmc_rsp),
    .wr_valid_o      (wr_valid[WriteCq]),
    .wr_ready_i      (wr_ready[WriteCq]),
    .wr_o            (cq_wr),
    .wr_rsp_valid_i  (wr_rsp_valid[WriteCq]),
    .wr_rsp_i        (wr_rsp),
    .ce_valid_o      (ce_valid),
    .ce_ready_i      (ce_ready),
    .ce_o            (ce),
    .ae_valid_o      (ae_valid[AeCq]),
    .ae_ready_i      (ae_ready[AeCq]),
    .ae_o            (cq_ae),
    .ccq_valid_o     (ccq_valid),
    .ccq_num_o       (ccq_num),
    .ceq_valid_i     (ceq_exists),
    .ceq_busy_o      (ceq_busy),
    .stat_cqe_o      (stat_cqe),
    .stat_cq_hit_o   (stat_cq_hit),
    .stat_cq_miss_o  (stat_cq_miss)
  );

  tern_eq #(
    .NumAe (NumAe)
  ) u_eq (
    .clk_i           (clk_eq),
    .rst_i           (core_rst),
    .idle_o          (eq_idle),
    .ce_valid_i      (ce_valid),
    .ce_ready_o      (ce_ready),
    .ce_i            (ce),
    .ae_valid_i      (ae_valid),
    .ae_ready_o      (ae_ready),
    .ae_i            (ae),
    .db_valid_i      (eq_db_valid),
    .db_ready_o      (eq_db_ready),
    .db_i            (eq_db),
    .db_bad_valid_o  (eq_bad_valid),
    .db_bad_ready_i  (eq_bad_ready),
    .db_bad_o        (eq_bad),
    .ctl_valid_i     (eq_ctl_valid),
    .ctl_ready_o     (eq_ctl_ready),
    .ctl_i           (eq_ctl),
    .ctl_rsp_valid_o (eq_ctl_rsp_valid),
    .ctl_rsp_o       (eq_ctl_rsp),
    .wr_valid_o      (wr_valid[WriteEq]),
    .wr_ready_i      (wr_ready[WriteEq]),
    .wr_o            (eq_wr),
    .wr_rsp_valid_i  (wr_rsp_valid[WriteEq]),
    .wr_rsp_i        (wr_rsp),
    .level_o         (eq_level),
    .rearm_valid_o   (eq_rearm_valid),
    .rearm_vec_o     (eq_rearm_vec),
    .ceq_valid_o     (ceq_exists),
    .ceq_busy_i      (ceq_busy),
    .fatal_o         (fatal),
    .stat_ceqe_o     (stat_ceqe),
    .stat_aeqe_o     (stat_aeqe),
    .stat_ce_lost_o  (stat_ce_lost),
    .stat_ae_lost_o  (stat_eq_ae_lost)
  );

  tern_irq u_irq (
    .clk_i,
    .rst_i         (core_rst),
    .now_i (now_q),
    .idle_o        (irq_idle),
    .wake_at_o     (irq_wake_at),
    .level_i       (eq_level | eth_level),
    .misc_level_i  (misc_level),
    .rearm_valid_i ({eth_rearm_valid, eq_rearm_valid}),
    .rearm_vec_i   ({eth_rearm_vec, eq_rearm_vec}),
    .reg_write_i   (irq_reg_write),
    .reg_itr_i     (irq_reg_itr),
    .reg_vec_i     (irq_reg_vec),
    .reg_wdata_i   (irq_reg_wdata),
    .reg_rdata_o   (irq_reg_rdata),
    .irq_valid_o,
    .irq_ready_i,
    .irq_vector_o,
    .stat_irq_o    (stat_irq)
  );

  // ------------------------------------------------------------------------- RDMA engine

  logic rdma_idle, eth_pkt_valid, eth_pkt_ready, eth_piece_valid, eth_piece_ready;
  logic eth_sent_valid, eth_sent_err, eth_rx_valid, eth_rx_ready, eth_item_valid, eth_item_ready;
  logic eth_cqe_valid, eth_cqe_ready, promisc, multicast;
  logic [63:0] rdma_wake_at;
  logic [47:0] mac_addr;
  logic [15:0] eth_sent_wqe;
  tern_pkg::tx_pkt_t eth_pkt;
  tern_pkg::tx_piece_t eth_piece;
  tern_pkg::rx_pkt_t eth_rx;
  tern_pkg::pl_item_t eth_item;
  tern_pkg::cqe_req_t eth_cqe;
  logic rdma_stat_tx_frame, rdma_stat_tx_request, rdma_stat_tx_resent, rdma_stat_tx_response;
  logic rdma_stat_tx_again, rdma_stat_tx_ack, rdma_stat_tx_nak, rdma_stat_tx_drop, rdma_stat_rx_frame;
  logic rdma_stat_rx_bad, rdma_stat_rx_overrun, rdma_stat_rx_filtered, rdma_stat_rx_roce;
  logic rdma_stat_rx_icrc, rdma_stat_rx_header, rdma_stat_rx_cnp, rdma_stat_rx_qp;
  logic rdma_stat_rx_request, rdma_stat_rx_duplicate, rdma_stat_rx_gap, rdma_stat_rx_rnr;
  logic rdma_stat_rx_dropped, rdma_stat_rx_qkey, rdma_stat_rx_mcast;
  logic rdma_stat_rx_ack, rdma_stat_rx_nak_seq, rdma_stat_rx_nak_rnr, rdma_stat_rx_nak_err;
  logic rdma_stat_rx_response, rdma_stat_rx_read_gap, rdma_stat_rx_stray, rdma_stat_timeout;
  logic rdma_stat_qp_error;
  logic [13:0] rdma_stat_tx_bytes, rdma_stat_rx_bytes;
  logic [1:0] rdma_stat_mr_hit, rdma_stat_mr_miss;
  logic [6:0] rdma_stat_qp_hit, rdma_stat_qp_miss;

  tern_rdma u_rdma (
    .clk_i,
    .rst_i                (core_rst),
    .now_i (now_q),
    .idle_o               (rdma_idle),
    .sq_bad_valid_o       (sq_bad_valid),
    .sq_bad_ready_i       (sq_bad_ready),
    .sq_bad_o             (sq_bad),
    .sq_db_valid_i        (sq_db_valid),
    .sq_db_ready_o        (sq_db_ready),
    .sq_db_i              (sq_db),
    .rq_bad_valid_o       (rq_bad_valid),
    .rq_bad_ready_i       (rq_bad_ready),
    .rq_bad_o             (rq_bad),
    .rq_db_valid_i        (rq_db_valid),
    .rq_db_ready_o        (rq_db_ready),
    .rq_db_i              (rq_db),
    .push_valid_i         (push_valid),
    .push_seal_i          (push_seal),
    .push_page_i          (push_page),
    .push_slot_i          (push_slot),
    .push_word_i          (push_word),
    .push_data_i          (push_data),
    .push_strb_i          (push_strb),
    .mr_valid_i           (mr_valid),
    .mr_ready_o           (mr_ready),
    .mr_op_i              (mr_op),
    .mr_wqe_i             (mr_wqe),
    .mr_rsp_valid_o       (mr_rsp_valid),
    .mr_rsp_o             (mr_rsp),
    .qp_valid_i           (qp_valid),
    .qp_ready_o           (qp_ready),
    .qp_op_i              (qp_op),
    .qp_wqe_i             (qp_wqe),
    .qp_attr_i            (qp_attr),
    .qp_put_o             (qp_put),
    .qp_put_index_o       (qp_put_index),
    .qp_put_data_o        (qp_put_data),
    .qp_rsp_valid_o       (qp_rsp_valid),
    .qp_rsp_o             (qp_rsp),
    .mac_addr_i           (mac_addr),
    .promisc_i            (promisc),
    .multicast_i          (multicast),
    .gid_write_i          (gid_write),
    .gid_index_i          (gid_index),
    .gid_i                (gid_entry),
    .gid_rd_index_o       (gid_tx_index),
    .gid_rd_entry_i       (gid_tx),
    .m_axis_tvalid_o      (tx_valid),
    .m_axis_tready_i,
    .m_axis_tdata_o,
    .m_axis_tkeep_o,
    .m_axis_tlast_o,
    .s_axis_tvalid_i      (rx_valid),
    .s_axis_tdata_i       (rx_data_q),
    .s_axis_tkeep_i       (rx_keep_q),
    .s_axis_tlast_i       (rx_last_q),
    .s_axis_tuser_i       (rx_user_q),
    .pause_o,
    .eth_tx_pkt_valid_i   (eth_pkt_valid),
    .eth_tx_pkt_ready_o   (eth_pkt_ready),
    .eth_tx_pkt_i         (eth_pkt),
    .eth_tx_piece_valid_i (eth_piece_valid),
    .eth_tx_piece_ready_o (eth_piece_ready),
    .eth_tx_piece_i       (eth_piece),
    .eth_sent_valid_o     (eth_sent_valid),
    .eth_sent_wqe_o       (eth_sent_wqe),
    .eth_sent_err_o       (eth_sent_err),
    .eth_rx_valid_o       (eth_rx_valid),
    .eth_rx_ready_i       (eth_rx_ready),
    .eth_rx_o             (eth_rx),
    .eth_cqe_valid_o      (eth_cqe_valid),
    .eth_cqe_ready_i      (eth_cqe_ready),
    .eth_cqe_o            (eth_cqe),
    .eth_item_valid_i     (eth_item_valid),
    .eth_item_ready_o     (eth_item_ready),
    .eth_item_i           (eth_item),
    .hmc_valid_o          (hmc_valid[NumHmc-1:HmcRdma]),
    .hmc_ready_i          (hmc_ready[NumHmc-1:HmcRdma]),
    .hmc_o                (rdma_hmc),
    .hmc_rsp_valid_i      (hmc_rsp_valid[NumHmc-1:HmcRdma]),
    .hmc_rsp_i            (hmc_rsp),
    .rd_valid_o           (rd_valid[NumReaders-1:ReadRdma]),
    .rd_ready_i           (rd_ready[NumReaders-1:ReadRdma]),
    .rd_o                 (rdma_rd),
    .rd_rsp_valid_i       (rd_rsp_valid[NumReaders-1:ReadRdma]),
    .rd_rsp_i             (rd_rsp),
    .wr_valid_o           (wr_valid[NumWriters-1:WriteRdma]),
    .wr_ready_i           (wr_ready[NumWriters-1:WriteRdma]),
    .wr_o                 (rdma_wr),
    .wr_rsp_valid_i       (wr_rsp_valid[NumWriters-1:WriteRdma]),
    .wr_rsp_i             (wr_rsp),
    .cqe_valid_o          (cqe_valid[NumCqe-1:CqeRdma]),
    .cqe_ready_i          (cqe_ready[NumCqe-1:CqeRdma]),
    .cqe_o                (rdma_cqe),
    .ae_valid_o           (ae_valid[NumAe-1:AeRdma]),
    .ae_ready_i           (ae_ready[NumAe-1:AeRdma]),
    .ae_o                 (rdma_ae),
    .wake_at_o            (rdma_wake_at),
    .stat_tx_frame_o      (rdma_stat_tx_frame),
    .stat_tx_bytes_o      (rdma_stat_tx_bytes),
    .stat_tx_request_o    (rdma_stat_tx_request),
    .stat_tx_resent_o     (rdma_stat_tx_resent),
    .stat_tx_again_o      (rdma_stat_tx_again),
    .stat_tx_response_o   (rdma_stat_tx_response),
    .stat_tx_ack_o        (rdma_stat_tx_ack),
    .stat_tx_nak_o        (rdma_stat_tx_nak),
    .stat_tx_drop_o       (rdma_stat_tx_drop),
    .stat_rx_frame_o      (rdma_stat_rx_frame),
    .stat_rx_bytes_o      (rdma_stat_rx_bytes),
    .stat_rx_bad_o        (rdma_stat_rx_bad),
    .stat_rx_overrun_o    (rdma_stat_rx_overrun),
    .stat_rx_filtered_o   (rdma_stat_rx_filtered),
    .stat_rx_roce_o       (rdma_stat_rx_roce),
    .stat_rx_icrc_o       (rdma_stat_rx_icrc),
    .stat_rx_header_o     (rdma_stat_rx_header),
    .stat_rx_cnp_o        (rdma_stat_rx_cnp),
    .stat_rx_qp_o         (rdma_stat_rx_qp),
    .stat_rx_request_o    (rdma_stat_rx_request),
    .stat_rx_duplicate_o  (rdma_stat_rx_duplicate),
    .stat_rx_gap_o        (rdma_stat_rx_gap),
    .stat_rx_rnr_o        (rdma_stat_rx_rnr),
    .stat_rx_dropped_o    (rdma_stat_rx_dropped),
    .stat_rx_qkey_o       (rdma_stat_rx_qkey),
    .stat_rx_mcast_o      (rdma_stat_rx_mcast),
    .stat_rx_ack_o        (rdma_stat_rx_ack),
    .stat_rx_nak_seq_o    (rdma_stat_rx_nak_seq),
    .stat_rx_nak_rnr_o    (rdma_stat_rx_nak_rnr),
    .stat_rx_nak_err_o    (rdma_stat_rx_nak_err),
    .stat_rx_response_o   (rdma_stat_rx_response),
    .stat_rx_read_gap_o   (rdma_stat_rx_read_gap),
    .stat_rx_stray_o      (rdma_stat_rx_stray),
    .stat_timeout_o       (rdma_stat_timeout),
    .stat_mr_hit_o        (rdma_stat_mr_hit),
    .stat_mr_miss_o       (rdma_stat_mr_miss),
    .stat_qp_hit_o        (rdma_stat_qp_hit),
    .stat_qp_miss_o       (rdma_stat_qp_miss),
    .stat_qp_error_o      (rdma_stat_qp_error)
  );

  // ------------------------------------------------------------------------------- netdev

  logic eth_idle;
  logic [63:0] eth_wake_at;

  tern_eth u_eth (
    .clk_i          (clk_eth),
    .rst_i          (core_rst),
    .now_i (now_q),
    .idle_o         (eth_idle),
    .wake_at_o      (eth_wake_at),
    .reg_write_i    (eth_reg_write),
    .reg_addr_i     (eth_reg_addr),
    .reg_wdata_i    (eth_reg_wdata),
    .reg_rdata_o    (eth_reg_rdata),
    .db_valid_i     (eth_db_valid),
    .db_ready_o     (eth_db_ready),
    .db_offset_i    (eth_db_offset),
    .db_i           (eth_db),
    .db_bad_valid_o (eth_bad_valid),
    .db_bad_ready_i (eth_bad_ready),
    .db_bad_o       (eth_bad),
    .rd_valid_o     (rd_valid[ReadEth]),
    .rd_ready_i     (rd_ready[ReadEth]),
    .rd_o           (eth_rd),
    .rd_rsp_valid_i (rd_rsp_valid[ReadEth]),
    .rd_rsp_i       (rd_rsp),
    .wr_valid_o     (wr_valid[WriteEth+1:WriteEth]),
    .wr_ready_i     (wr_ready[WriteEth+1:WriteEth]),
    .wr_o           (eth_wr),
    .wr_rsp_valid_i (wr_rsp_valid[WriteEth+1:WriteEth]),
    .wr_rsp_i       (wr_rsp),
    .pkt_valid_o    (eth_pkt_valid),
    .pkt_ready_i    (eth_pkt_ready),
    .pkt_o          (eth_pkt),
    .piece_valid_o  (eth_piece_valid),
    .piece_ready_i  (eth_piece_ready),
    .piece_o        (eth_piece),
    .sent_valid_i   (eth_sent_valid),
    .sent_wqe_i     (eth_sent_wqe),
    .sent_err_i     (eth_sent_err),
    .rx_valid_i     (eth_rx_valid),
    .rx_ready_o     (eth_rx_ready),
    .rx_i           (eth_rx),
    .item_valid_o   (eth_item_valid),
    .item_ready_i   (eth_item_ready),
    .item_o         (eth_item),
    .rx_cqe_valid_i (eth_cqe_valid),
    .rx_cqe_ready_o (eth_cqe_ready),
    .rx_cqe_i       (eth_cqe),
    .level_o        (eth_level),
    .rearm_valid_o  (eth_rearm_valid),
    .rearm_vec_o    (eth_rearm_vec),
    .mac_addr_i,
    .mac_addr_o     (mac_addr),
    .promisc_o      (promisc),
    .multicast_o    (multicast)
  );

  // -------------------------------------------------------------------------- host memory

  logic hmc_idle;
  logic stat_hmc_access, stat_hmc_err, stat_pd_hit, stat_pd_miss, stat_hmc_ae_lost;
  logic stat_dma_read, stat_dma_read_err, stat_dma_write, stat_dma_write_err;

  tern_hmc #(
    .NumClients (NumHmc)
  ) u_hmc (
    .clk_i              (clk_hmc),
    .rst_i              (core_rst),
    .req_valid_i        (hmc_valid),
    .req_ready_o        (hmc_ready),
    .req_i              (hmc),
    .rsp_valid_o        (hmc_rsp_valid),
    .rsp_o              (hmc_rsp),
    .dma_rd_valid_o     (rd_valid[ReadHmc]),
    .dma_rd_ready_i     (rd_ready[ReadHmc]),
    .dma_rd_o           (hmc_rd),
    .dma_rd_rsp_valid_i (rd_rsp_valid[ReadHmc]),
    .dma_rd_rsp_i       (rd_rsp),
    .dma_wr_valid_o     (wr_valid[WriteHmc]),
    .dma_wr_ready_i     (wr_ready[WriteHmc]),
    .dma_wr_o           (hmc_wr),
    .dma_wr_rsp_valid_i (wr_rsp_valid[WriteHmc]),
    .dma_wr_rsp_i       (wr_rsp),
    .ctl_valid_i        (hmc_ctl_valid),
    .ctl_ready_o        (hmc_ctl_ready),
    .ctl_i              (hmc_ctl),
    .ctl_rsp_valid_o    (hmc_ctl_rsp_valid),
    .ctl_rsp_o          (hmc_ctl_rsp),
    .ae_valid_o         (ae_valid[AeHmc]),
    .ae_ready_i         (ae_ready[AeHmc]),
    .ae_o               (hmc_ae),
    .stat_hmc_access_o  (stat_hmc_access),
    .stat_hmc_err_o     (stat_hmc_err),
    .stat_pd_hit_o      (stat_pd_hit),
    .stat_pd_miss_o     (stat_pd_miss),
    .stat_ae_lost_o     (stat_hmc_ae_lost),
    .idle_o             (hmc_idle)
  );

  tern_dma_read #(
    .NumClients (NumReaders)
  ) u_dma_read (
    .clk_i,
    .rst_i               (core_rst),
    .quiesce_i           (quiesce),
    .idle_o              (rd_idle),
    .req_valid_i         (rd_valid),
    .req_ready_o         (rd_ready),
    .req_i               (rd),
    .rsp_valid_o         (rd_rsp_valid),
    .rsp_o               (rd_rsp),
    .m_axi_arvalid_o,
    .m_axi_arready_i,
    .m_axi_arid_o,
    .m_axi_araddr_o,
    .m_axi_arlen_o,
    .m_axi_arsize_o,
    .m_axi_arburst_o,
    .m_axi_rvalid_i,
    .m_axi_rready_o,
    .m_axi_rid_i,
    .m_axi_rdata_i,
    .m_axi_rresp_i,
    .m_axi_rlast_i,
    .stat_dma_read_o     (stat_dma_read),
    .stat_dma_read_err_o (stat_dma_read_err)
  );

  tern_dma_write #(
    .NumClients (NumWriters)
  ) u_dma_write (
    .clk_i,
    .rst_i                (core_rst),
    .quiesce_i            (quiesce),
    .idle_o               (wr_idle),
    .wr_valid_i           (wr_valid),
    .wr_ready_o           (wr_ready),
    .wr_i                 (wr),
    .rsp_valid_o          (wr_rsp_valid),
    .rsp_o                (wr_rsp),
    .m_axi_awvalid_o,
    .m_axi_awready_i,
    .m_axi_awid_o,
    .m_axi_awaddr_o,
    .m_axi_awlen_o,
    .m_axi_awsize_o,
    .m_axi_awburst_o,
    .m_axi_wvalid_o,
    .m_axi_wready_i,
    .m_axi_wdata_o,
    .m_axi_wstrb_o,
    .m_axi_wlast_o,
    .m_axi_bvalid_i,
    .m_axi_bready_o,
    .m_axi_bid_i,
    .m_axi_bresp_i,
    .stat_dma_write_o     (stat_dma_write),
    .stat_dma_write_err_o (stat_dma_write_err)
  );

  // --------------------------------------------------------------------------- statistics

  localparam int unsigned NumStats = 59;  // of enum stat
  logic [NumStats-1:0][3:0] stat_add;

  assign stat_add[tern_hw_pkg::TERN_HW_STAT_CQP_DONE] = 4'(stat_cqp_done);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_CQP_FAILED] = 4'(stat_cqp_failed);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_CQE] = 4'(stat_cqe);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_CEQE] = 4'(stat_ceqe);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_AEQE] = 4'(stat_aeqe);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_IRQ] = 4'(stat_irq);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_DOORBELL] = 4'(stat_doorbell);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_DOORBELL_BAD] = 4'(stat_doorbell_bad);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_DMA_READ] = 4'(stat_dma_read);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_DMA_READ_ERR] = 4'(stat_dma_read_err);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_DMA_WRITE] = 4'(stat_dma_write);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_DMA_WRITE_ERR] = 4'(stat_dma_write_err);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_HMC_ACCESS] = 4'(stat_hmc_access);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_HMC_ERR] = 4'(stat_hmc_err);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_PD_HIT] = 4'(stat_pd_hit);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_PD_MISS] = 4'(stat_pd_miss);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_CQ_HIT] = 4'(stat_cq_hit);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_CQ_MISS] = 4'(stat_cq_miss);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_AE_LOST] =
    4'(stat_hmc_ae_lost) + 4'(stat_eq_ae_lost) + 4'(stat_doorbell_ae_lost);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_CE_LOST] = 4'(stat_ce_lost);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TX_FRAMES] = 4'(rdma_stat_tx_frame);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_FRAMES] = 4'(rdma_stat_rx_frame);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_BAD] = 4'(rdma_stat_rx_bad);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_OVERRUN] = 4'(rdma_stat_rx_overrun);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_FILTERED] = 4'(rdma_stat_rx_filtered);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_ROCE] = 4'(rdma_stat_rx_roce);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_ICRC] = 4'(rdma_stat_rx_icrc);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_HEADER] = 4'(rdma_stat_rx_header);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_QP] = 4'(rdma_stat_rx_qp);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TX_REQUESTS] = 4'(rdma_stat_tx_request);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TX_RESENT] = 4'(rdma_stat_tx_resent);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TX_RESPONSES] = 4'(rdma_stat_tx_response);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TX_ACKS] = 4'(rdma_stat_tx_ack);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TX_NAKS] = 4'(rdma_stat_tx_nak);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_REQUESTS] = 4'(rdma_stat_rx_request);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_DUPLICATES] = 4'(rdma_stat_rx_duplicate);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_GAPS] = 4'(rdma_stat_rx_gap);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_RNR] = 4'(rdma_stat_rx_rnr);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_ACKS] = 4'(rdma_stat_rx_ack);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_NAKS_SEQ] = 4'(rdma_stat_rx_nak_seq);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_NAKS_RNR] = 4'(rdma_stat_rx_nak_rnr);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_NAKS_ERR] = 4'(rdma_stat_rx_nak_err);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_RESPONSES] = 4'(rdma_stat_rx_response);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_READ_GAPS] = 4'(rdma_stat_rx_read_gap);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_STRAY] = 4'(rdma_stat_rx_stray);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TIMEOUTS] = 4'(rdma_stat_timeout);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_QP_ERRORS] = 4'(rdma_stat_qp_error);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TX_AGAIN] = 4'(rdma_stat_tx_again);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TX_DROPPED] = 4'(rdma_stat_tx_drop);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_CNP] = 4'(rdma_stat_rx_cnp);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_DROPPED] = 4'(rdma_stat_rx_dropped);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_QKEY] = 4'(rdma_stat_rx_qkey);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_MCAST] = 4'(rdma_stat_rx_mcast);
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_MR_HIT] = 4'($countones(rdma_stat_mr_hit));
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_MR_MISS] = 4'($countones(rdma_stat_mr_miss));
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_QP_HIT] = 4'($countones(rdma_stat_qp_hit));
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_QP_MISS] = 4'($countones(rdma_stat_qp_miss));
  // Bytes are added by tern_stats itself
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_TX_BYTES] = '0;
  assign stat_add[tern_hw_pkg::TERN_HW_STAT_RX_BYTES] = '0;

  tern_stats #(
    .NumStats (NumStats)
  ) u_stats (
    .clk_i,
    .rst_i      (core_rst),
    .add_i      (stat_add),
    .tx_bytes_i (rdma_stat_tx_frame ? rdma_stat_tx_bytes : '0),
    .rx_bytes_i (rdma_stat_rx_frame ? rdma_stat_rx_bytes : '0),
    .index_i    (stat_index),
    .value_o    (stat_value)
  );

  // ----------------------------------------------------------------------------- clocks

  // Each block has a clock while it works or is asked to: all inputs with a valid are here. What
  // has none of these gates is small, or at work whenever anything is. tern_rdma has its own.
  tern_clk_gate u_clk_cqp (
    .clk_i, .rst_i(core_rst), .clk_o(clk_cqp),
    .busy_i(!cqp_idle || cqp_db_valid || rd_rsp_valid[ReadCqp] || wr_rsp_valid[WriteCqp] ||
            hmc_ctl_rsp_valid || cq_ctl_rsp_valid || eq_ctl_rsp_valid || mr_rsp_valid ||
            qp_put || qp_rsp_valid)
  );
  tern_clk_gate u_clk_cq (
    .clk_i, .rst_i(core_rst), .clk_o(clk_cq),
    .busy_i(!cq_idle || |cqe_valid || cq_db_valid || cq_ctl_valid || hmc_rsp_valid[HmcCqCtx] ||
            hmc_rsp_valid[HmcCqPbl] || wr_rsp_valid[WriteCq] || now_q >= cq_wake_at)
  );
  tern_clk_gate u_clk_eq (
    .clk_i, .rst_i(core_rst), .clk_o(clk_eq),
    .busy_i(!eq_idle || ce_valid || |ae_valid || eq_db_valid || eq_ctl_valid ||
            wr_rsp_valid[WriteEq])
  );
  tern_clk_gate u_clk_hmc (
    .clk_i, .rst_i(core_rst), .clk_o(clk_hmc),
    .busy_i(!hmc_idle || |hmc_valid || rd_rsp_valid[ReadHmc] || wr_rsp_valid[WriteHmc] ||
            hmc_ctl_valid)
  );
  tern_clk_gate u_clk_eth (
    .clk_i, .rst_i(core_rst), .clk_o(clk_eth),
    .busy_i(!eth_idle || eth_reg_write || eth_db_valid || rd_rsp_valid[ReadEth] ||
            |wr_rsp_valid[WriteEth+1:WriteEth] || eth_sent_valid || eth_rx_valid ||
            eth_cqe_valid || now_q >= eth_wake_at)
  );

  // ------------------------------------------------------------------------------- idle

  assign idle_o = regs_idle && doorbell_idle && cqp_idle && cq_idle && eq_idle && irq_idle &&
                  hmc_idle && rd_idle && wr_idle && rdma_idle && eth_idle && !s_axis_tvalid_i &&
                  !rx_in_valid_q;

  logic [63:0] event_wake_at, data_wake_at;
  assign event_wake_at = cq_wake_at < irq_wake_at ? cq_wake_at : irq_wake_at;
  assign data_wake_at  = rdma_wake_at < eth_wake_at ? rdma_wake_at : eth_wake_at;
  assign wake_at_o     = data_wake_at < event_wake_at ? data_wake_at : event_wake_at;

endmodule
