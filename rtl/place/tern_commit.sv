// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Where what was received goes: finds the place of the data of each item and carries it out. Only
// wires. The translation here has a second client, tern_job.
//
//   tern_rsp, tern_rh, netdev > tern_scatter > tern_place > bus, CQ engine, tern_job, tern_ack
//                                v ^             v ^
//                            tern_ring_addr    tern_mr

module tern_commit (
  input  logic                       clk_i,
  input  logic                       rst_i,
  output logic                       idle_o,

  // Items of the responder, of the response handler, and of the netdev
  input  logic                       rsp_valid_i,
  output logic                       rsp_ready_o,
  input  tern_pkg::pl_item_t         rsp_i,
  input  logic                       rh_valid_i,
  output logic                       rh_ready_o,
  input  tern_pkg::pl_item_t         rh_i,
  input  logic                       eth_valid_i,
  output logic                       eth_ready_o,
  input  tern_pkg::pl_item_t         eth_i,

  // Receive buffer: a line in the cycle after buf_rd_en_o; ids that are free again (no ready)
  output logic                       buf_rd_en_o,
  output logic [9:0]                 buf_rd_line_o,
  input  logic [tern_pkg::DataW-1:0] buf_rd_data_i,
  output logic                       free_valid_o,
  output logic [6:0]                 free_id_o,

  // tern_job, tern_ack, CQ engine
  output logic                       job_valid_o,
  input  logic                       job_ready_i,
  output logic [tern_pkg::QpnW-1:0]  job_qpn_o,
  output logic [23:0]                job_pd_o,
  output logic                       job_priv_o,
  output tern_pkg::job_t             job_o,
  output logic                       job_busy_o,      // one has its turn: acknowledgements behind
  output logic [tern_pkg::QpnW-1:0]  job_busy_qpn_o,  // it must wait, wherever it is; no ready
  output logic                       ack_valid_o,
  input  logic                       ack_ready_i,
  output tern_pkg::ack_t             ack_o,
  output logic                       cqe_valid_o,
  input  logic                       cqe_ready_i,
  output tern_pkg::cqe_req_t         cqe_o,
  output logic                       eth_cqe_valid_o,
  input  logic                       eth_cqe_ready_i,
  output tern_pkg::cqe_req_t         eth_cqe_o,

  // tern_mr for tern_job; answers come in any order and have no ready
  input  logic                       job_mr_valid_i,
  output logic                       job_mr_ready_o,
  input  tern_pkg::mr_req_t          job_mr_i,
  output logic                       job_mr_rsp_valid_o,
  output tern_pkg::mr_rsp_t          job_mr_rsp_o,

  // tern_mr_ctl: keys that requests invalidate; regions that change
  input  logic                       inv_op_rsp_valid_i,
  input  logic [7:0]                 inv_op_rsp_status_i,
  output logic                       inv_op_valid_o,
  input  logic                       inv_op_ready_i,
  output tern_pkg::mr_op_t           inv_op_o,
  input  logic                       inv_valid_i,
  output logic                       inv_ready_o,
  input  logic [23:0]                inv_index_i,
  output logic                       inv_done_o,
  input  logic                       fence_i,
  output logic                       fence_done_o,

  // Control: items for the line ring (of this side), errors, markers, errors that are to be
  // forgotten
  input  logic                       ring_item_valid_i,
  output logic                       ring_item_ready_o,
  input  tern_pkg::qp_item_t         ring_item_i,
  output logic                       ring_item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t     ring_item_rsp_o,
  output logic                       qp_err_valid_o,
  input  logic                       qp_err_ready_i,
  output tern_pkg::qp_err_t          qp_err_o,
  output logic                       drained_valid_o,
  input  logic                       drained_ready_i,
  output tern_pkg::pl_side_e         drained_side_o,
  output logic [tern_pkg::QpnW-1:0]  drained_qpn_o,
  input  logic                       clear_valid_i,
  output logic                       clear_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  clear_qpn_i,
  output logic                       clear_rsp_valid_o,
  output logic [49:0]                clear_rsp_o,

  // Host memory cache: three clients, one answer bus
  output logic                       hmc_ring_valid_o,
  input  logic                       hmc_ring_ready_i,
  output tern_pkg::hmc_req_t         hmc_ring_o,
  input  logic                       hmc_ring_rsp_valid_i,
  output logic                       hmc_pbl_valid_o,
  input  logic                       hmc_pbl_ready_i,
  output tern_pkg::hmc_req_t         hmc_pbl_o,
  input  logic                       hmc_pbl_rsp_valid_i,
  input  logic                       hmc_mr_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t         hmc_rsp_i,
  output logic                       hmc_mr_valid_o,
  input  logic                       hmc_mr_ready_i,
  output tern_pkg::hmc_req_t         hmc_mr_o,

  // DMA: entries are read, data is written
  input  logic                       rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t      rd_rsp_i,
  output logic                       rd_valid_o,
  input  logic                       rd_ready_i,
  output tern_pkg::dma_rd_req_t      rd_o,
  input  logic                       wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t      wr_rsp_i,
  output logic                       wr_valid_o,
  input  logic                       wr_ready_i,
  output tern_pkg::dma_wr_beat_t     wr_o,

  // Statistics
  output logic                       stat_ring_hit_o,
  output logic                       stat_ring_miss_o,
  output logic                       stat_mr_hit_o,
  output logic                       stat_mr_miss_o,
  output logic                       stat_error_o
);

  logic clk_ring, clk_scatter, clk_place, clk_mr;  // see the end

  // --------------------------------------------------------------------------- entries of queues

  logic ring_addr_idle, ra_valid, ra_ready, ra_rq, ra_rsp_valid;
  logic [tern_pkg::QpnW-1:0] ra_qpn;
  logic [15:0] ra_index;
  logic [5:0] ra_tag;
  logic [63:0] ra_rsp_addr;
  logic [3:0] ra_rsp_log_size;
  logic [2:0] ra_rsp_log_stride;
  logic [7:0] ra_rsp_tag;
  tern_pkg::hmc_err_e ra_rsp_err;

  tern_ring_addr u_ring_addr (
    .clk_i (clk_ring),
    .rst_i,
    .idle_o           (ring_addr_idle),
    .req_valid_i      (ra_valid),
    .req_ready_o      (ra_ready),
    .req_qpn_i        (ra_qpn),
    .req_rq_i         (ra_rq),
    .req_index_i      (ra_index),
    .req_tag_i        ({2'd0, ra_tag}),
    .rsp_valid_o      (ra_rsp_valid),
    .rsp_ready_i      (1'b1),
    .rsp_tag_o        (ra_rsp_tag),
    .rsp_err_o        (ra_rsp_err),
    .rsp_addr_o       (ra_rsp_addr),
    .rsp_log_size_o   (ra_rsp_log_size),
    .rsp_log_stride_o (ra_rsp_log_stride),
    .item_valid_i     (ring_item_valid_i),
    .item_ready_o     (ring_item_ready_o),
    .item_i           (ring_item_i),
    .item_rsp_valid_o (ring_item_rsp_valid_o),
    .item_rsp_o       (ring_item_rsp_o),
    .ctx_req_valid_o  (hmc_ring_valid_o),
    .ctx_req_ready_i  (hmc_ring_ready_i),
    .ctx_req_o        (hmc_ring_o),
    .ctx_rsp_valid_i  (hmc_ring_rsp_valid_i),
    .pbl_req_valid_o  (hmc_pbl_valid_o),
    .pbl_req_ready_i  (hmc_pbl_ready_i),
    .pbl_req_o        (hmc_pbl_o),
    .pbl_rsp_valid_i  (hmc_pbl_rsp_valid_i),
    .hmc_rsp_i,
    .stat_hit_o       (stat_ring_hit_o),
    .stat_miss_o      (stat_ring_miss_o)
  );

  // ----------------------------------------------------------------------------- where data goes

  logic scatter_idle, item_valid, item_ready, item_err, piece_valid, piece_ready;
  tern_pkg::pl_item_t item;
  logic [4:0] item_pieces;
  logic [7:0] item_status, item_reason;
  logic [31:0] piece_key;
  logic [63:0] piece_addr;
  logic [13:0] piece_len;

  // More entries and items than go by on the wire while the bus reads an entry
  tern_scatter #(.Bufs(64), .Depth(64)) u_scatter (
    .clk_i (clk_scatter),
    .rst_i,
    .idle_o              (scatter_idle),
    .rsp_valid_i,
    .rsp_ready_o,
    .rsp_i,
    .rh_valid_i,
    .rh_ready_o,
    .rh_i,
    .eth_valid_i,
    .eth_ready_o,
    .eth_i,
    .ra_req_valid_o      (ra_valid),
    .ra_req_ready_i      (ra_ready),
    .ra_req_qpn_o        (ra_qpn),
    .ra_req_rq_o         (ra_rq),
    .ra_req_index_o      (ra_index),
    .ra_req_tag_o        (ra_tag),
    .ra_rsp_valid_i      (ra_rsp_valid),
    .ra_rsp_tag_i        (ra_rsp_tag[5:0]),
    .ra_rsp_err_i        (ra_rsp_err != tern_pkg::HmcOk),
    .ra_rsp_addr_i       (ra_rsp_addr),
    .ra_rsp_log_size_i   (ra_rsp_log_size),
    .ra_rsp_log_stride_i (ra_rsp_log_stride),
    .rd_valid_o,
    .rd_ready_i,
    .rd_o,
    .rd_rsp_valid_i,
    .rd_rsp_i,
    .item_valid_o        (item_valid),
    .item_ready_i        (item_ready),
    .item_o              (item),
    .item_pieces_o       (item_pieces),
    .item_err_o          (item_err),
    .item_status_o       (item_status),
    .item_reason_o       (item_reason),
    .piece_valid_o       (piece_valid),
    .piece_ready_i       (piece_ready),
    .piece_key_o         (piece_key),
    .piece_addr_o        (piece_addr),
    .piece_len_o         (piece_len)
  );

  // -------------------------------------------------------------------------------------- commit

  logic place_idle, mr_valid, mr_ready, mr_rsp_valid;
  tern_pkg::mr_req_t mr_req;
  tern_pkg::mr_rsp_t mr_rsp;

  tern_place u_place (
    .clk_i (clk_place),
    .rst_i,
    .idle_o            (place_idle),
    .item_valid_i      (item_valid),
    .item_ready_o      (item_ready),
    .item_i            (item),
    .item_pieces_i     (item_pieces),
    .item_err_i        (item_err),
    .item_status_i     (item_status),
    .item_reason_i     (item_reason),
    .piece_valid_i     (piece_valid),
    .piece_ready_o     (piece_ready),
    .piece_key_i       (piece_key),
    .piece_addr_i      (piece_addr),
    .piece_len_i       (piece_len),
    .mr_req_valid_o    (mr_valid),
    .mr_req_ready_i    (mr_ready),
    .mr_req_o          (mr_req),
    .mr_rsp_valid_i    (mr_rsp_valid),
    .mr_rsp_i          (mr_rsp),
    .rd_en_o           (buf_rd_en_o),
    .rd_line_o         (buf_rd_line_o),
    .rd_data_i         (buf_rd_data_i),
    .free_valid_o,
    .free_ready_i      (1'b1),
    .free_id_o,
    .wr_valid_o,
    .wr_ready_i,
    .wr_o,
    .wr_rsp_valid_i,
    .wr_rsp_i,
    .inv_valid_o       (inv_op_valid_o),
    .inv_ready_i       (inv_op_ready_i),
    .inv_o             (inv_op_o),
    .inv_rsp_valid_i   (inv_op_rsp_valid_i),
    .inv_rsp_status_i  (inv_op_rsp_status_i),
    .job_valid_o,
    .job_ready_i,
    .job_qpn_o,
    .job_pd_o,
    .job_priv_o,
    .job_o,
    .job_busy_o,
    .job_busy_qpn_o,
    .cqe_valid_o,
    .cqe_ready_i,
    .cqe_o,
    .eth_cqe_valid_o,
    .eth_cqe_ready_i,
    .eth_cqe_o,
    .ack_valid_o,
    .ack_ready_i,
    .ack_o,
    .qp_err_valid_o,
    .qp_err_ready_i,
    .qp_err_o,
    .drained_valid_o,
    .drained_ready_i,
    .drained_side_o,
    .drained_qpn_o,
    .clear_valid_i,
    .clear_ready_o,
    .clear_qpn_i,
    .clear_rsp_valid_o,
    .clear_rsp_o,
    .fence_i,
    .fence_done_o,
    .stat_error_o
  );

  // --------------------------------------------------------------------------------- translation

  logic mr_idle;
  logic [1:0][tern_pkg::MrReqW-1:0] mr_reqs;

  assign mr_reqs      = {job_mr_i, mr_req};
  assign job_mr_rsp_o = mr_rsp;

  tern_mr #(
    .NumClients (2),
    .Slots      (16)
  ) u_mr (
    .clk_i (clk_mr),
    .rst_i,
    .idle_o          (mr_idle),
    .req_valid_i     ({job_mr_valid_i, mr_valid}),
    .req_ready_o     ({job_mr_ready_o, mr_ready}),
    .req_i           (mr_reqs),
    .rsp_valid_o     ({job_mr_rsp_valid_o, mr_rsp_valid}),
    .rsp_o           (mr_rsp),
    .inv_valid_i,
    .inv_ready_o,
    .inv_index_i,
    .inv_done_o,
    .hmc_valid_o     (hmc_mr_valid_o),
    .hmc_ready_i     (hmc_mr_ready_i),
    .hmc_o           (hmc_mr_o),
    .hmc_rsp_valid_i (hmc_mr_rsp_valid_i),
    .hmc_rsp_i,
    .stat_hit_o      (stat_mr_hit_o),
    .stat_miss_o     (stat_mr_miss_o)
  );

  logic unused;
  assign unused = &{1'b0, ra_rsp_tag[7:6]};

  // -------------------------------------------------------------------------------------- clocks

  // Each part has a clock while it works or is asked to: all inputs with a valid are here
  tern_clk_gate u_clk_ring (
    .clk_i, .rst_i, .clk_o(clk_ring),
    .busy_i(!ring_addr_idle || ra_valid || ring_item_valid_i || hmc_ring_rsp_valid_i ||
            hmc_pbl_rsp_valid_i)
  );
  tern_clk_gate u_clk_scatter (
    .clk_i, .rst_i, .clk_o(clk_scatter),
    .busy_i(!scatter_idle || rsp_valid_i || rh_valid_i || eth_valid_i || ra_rsp_valid ||
            rd_rsp_valid_i)
  );
  tern_clk_gate u_clk_place (
    .clk_i, .rst_i, .clk_o(clk_place),
    .busy_i(!place_idle || item_valid || piece_valid || mr_rsp_valid || wr_rsp_valid_i ||
            inv_op_rsp_valid_i || clear_valid_i || fence_i)
  );
  tern_clk_gate u_clk_mr (
    .clk_i, .rst_i, .clk_o(clk_mr),
    .busy_i(!mr_idle || mr_valid || job_mr_valid_i || inv_valid_i || hmc_mr_rsp_valid_i)
  );

  assign idle_o = ring_addr_idle && scatter_idle && place_idle && mr_idle;

endmodule
