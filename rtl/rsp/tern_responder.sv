// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The responder: from request packets to items for tern_commit, and from what it commits to
// acknowledgements and responses. Wires, and two places where ways come together: NAKs, and the
// ends of READs and atomics, which both tern_rsp (how many are under way) and tern_ack (what has to
// wait for them) want to know.
//
//   requests > tern_rsp > items                     committed jobs > tern_job > tern_rr > packets
//                ^ tern_rq_tbl < doorbells          committed acks > tern_ack > packets

module tern_responder (
  input  logic                       clk_i,
  input  logic                       rst_i,
  output logic                       idle_o,

  // Doorbells of receive queues, and refused ones
  output logic                       rq_bad_valid_o,
  input  logic                       rq_bad_ready_i,
  output tern_pkg::db_bad_t          rq_bad_o,
  input  logic                       rq_db_valid_i,
  output logic                       rq_db_ready_o,
  input  tern_pkg::db_t              rq_db_i,

  // Request packets and markers, and what becomes of them
  input  logic                       rx_valid_i,
  output logic                       rx_ready_o,
  input  tern_pkg::rx_pkt_t          rx_i,
  output logic                       item_valid_o,
  input  logic                       item_ready_i,
  output tern_pkg::pl_item_t         item_o,

  // From tern_place: READs and atomics, acknowledgements
  input  logic                       job_valid_i,
  output logic                       job_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  job_qpn_i,
  input  logic [23:0]                job_pd_i,
  input  logic                       job_priv_i,
  input  tern_pkg::job_t             job_i,
  input  logic                       job_busy_i,      // one is on its way here
  input  logic [tern_pkg::QpnW-1:0]  job_busy_qpn_i,
  input  logic                       ack_valid_i,
  output logic                       ack_ready_o,
  input  tern_pkg::ack_t             ack_i,

  // Packets for tern_tx, and what its gatherer refused
  output logic                       rr_pkt_valid_o,
  input  logic                       rr_pkt_ready_i,
  output tern_pkg::tx_pkt_t          rr_pkt_o,
  output logic                       rr_piece_valid_o,
  input  logic                       rr_piece_ready_i,
  output tern_pkg::tx_piece_t        rr_piece_o,
  output logic                       ack_pkt_valid_o,
  input  logic                       ack_pkt_ready_i,
  output tern_pkg::tx_pkt_t          ack_pkt_o,
  input  logic                       gather_err_valid_i,
  output logic                       gather_err_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  gather_err_qpn_i,
  input  logic [23:0]                gather_err_psn_i,
  input  logic                       gather_err_dma_i,

  // tern_mr; answers in any order
  input  logic                       mr_rsp_valid_i,
  input  tern_pkg::mr_rsp_t          mr_rsp_i,
  output logic                       mr_valid_o,
  input  logic                       mr_ready_i,
  output tern_pkg::mr_req_t          mr_o,

  // Control: commands of the table of receive queues; items for lines rsp and rr; ends of QPs;
  // markers
  input  logic                       rq_valid_i,
  output logic                       rq_ready_o,
  input  logic [1:0]                 rq_op_i,
  input  logic [tern_pkg::QpnW-1:0]  rq_qpn_i,
  input  logic [tern_pkg::PageW-1:0] rq_page_i,
  input  logic [3:0]                 rq_log_size_i,
  output logic                       rq_done_o,
  output logic [15:0]                rq_producer_o,
  input  logic                       rsp_item_valid_i,
  output logic                       rsp_item_ready_o,
  input  tern_pkg::qp_item_t         rsp_item_i,
  output logic                       rsp_item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t     rsp_item_rsp_o,
  input  logic                       rr_item_valid_i,
  output logic                       rr_item_ready_o,
  input  tern_pkg::qp_item_t         rr_item_i,
  output logic                       rr_item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t     rr_item_rsp_o,
  input  logic                       jobs_clear_valid_i,
  output logic                       jobs_clear_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  jobs_clear_qpn_i,
  input  logic                       job_drain_valid_i,
  output logic                       job_drain_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  job_drain_qpn_i,
  output logic                       job_drain_done_o,
  input  logic                       rr_drop_valid_i,
  output logic                       rr_drop_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  rr_drop_qpn_i,
  output logic                       rr_drop_done_o,
  input  logic                       ack_drop_valid_i,
  output logic                       ack_drop_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  ack_drop_qpn_i,
  input  logic                       ack_ask_valid_i,
  output logic                       ack_ask_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  ack_ask_qpn_i,
  output logic                       ack_ask_done_o,
  output logic                       ack_ask_waits_o,
  input  logic                       rr_marker_valid_i,
  output logic                       rr_marker_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  rr_marker_qpn_i,
  input  logic                       ack_marker_valid_i,
  output logic                       ack_marker_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  ack_marker_qpn_i,

  // Control: errors, events; fence for regions that change
  output logic                       rsp_err_valid_o,
  input  logic                       rsp_err_ready_i,
  output tern_pkg::qp_err_t          rsp_err_o,
  output logic                       rr_err_valid_o,
  input  logic                       rr_err_ready_i,
  output tern_pkg::qp_err_t          rr_err_o,
  output logic                       job_err_valid_o,
  input  logic                       job_err_ready_i,
  output tern_pkg::qp_err_t          job_err_o,
  output logic                       ae_valid_o,
  input  logic                       ae_ready_i,
  output tern_pkg::ae_req_t          ae_o,
  input  logic                       fence_i,
  output logic                       fence_done_o,

  // DMA: words of atomics
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

  // Host memory cache: three clients, one answer bus
  input  logic                       hmc_rsp_rsp_valid_i,
  input  logic                       hmc_rr_rsp_valid_i,
  input  logic                       hmc_job_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t         hmc_rsp_i,
  output logic                       hmc_rsp_line_valid_o,
  input  logic                       hmc_rsp_line_ready_i,
  output tern_pkg::hmc_req_t         hmc_rsp_line_o,
  output logic                       hmc_rr_valid_o,
  input  logic                       hmc_rr_ready_i,
  output tern_pkg::hmc_req_t         hmc_rr_o,
  output logic                       hmc_job_valid_o,
  input  logic                       hmc_job_ready_i,
  output tern_pkg::hmc_req_t         hmc_job_o,

  // Statistics
  output logic                       stat_rsp_hit_o,
  output logic                       stat_rsp_miss_o,
  output logic                       stat_rr_hit_o,
  output logic                       stat_rr_miss_o,
  output logic                       stat_request_o,
  output logic                       stat_duplicate_o,
  output logic                       stat_gap_o,
  output logic                       stat_rnr_o,
  output logic                       stat_dropped_o,
  output logic                       stat_qkey_o
);

  // ------------------------------------------------------------------------------ receive queues

  logic rq_tbl_idle, flush_valid, flush_ready, rq_rd_exists;
  logic [tern_pkg::QpnW-1:0] flush_qpn, rq_rd_qpn;
  logic [15:0] rq_rd_producer;

  tern_rq_tbl u_rq_tbl (
    .clk_i,
    .rst_i,
    .idle_o         (rq_tbl_idle),
    .db_valid_i     (rq_db_valid_i),
    .db_ready_o     (rq_db_ready_o),
    .db_i           (rq_db_i),
    .db_bad_valid_o (rq_bad_valid_o),
    .db_bad_ready_i (rq_bad_ready_i),
    .db_bad_o       (rq_bad_o),
    .ctl_valid_i    (rq_valid_i),
    .ctl_ready_o    (rq_ready_o),
    .ctl_op_i       (rq_op_i),
    .ctl_qpn_i      (rq_qpn_i),
    .ctl_page_i     (rq_page_i),
    .ctl_log_size_i (rq_log_size_i),
    .ctl_done_o     (rq_done_o),
    .ctl_producer_o (rq_producer_o),
    .rd_qpn_i       (rq_rd_qpn),
    .rd_valid_o     (rq_rd_exists),
    .rd_producer_o  (rq_rd_producer),
    .flush_valid_o  (flush_valid),
    .flush_ready_i  (flush_ready),
    .flush_qpn_o    (flush_qpn)
  );

  // ------------------------------------------------------------------------------------ requests

  logic rsp_idle, job_done_valid, job_done_ready, job_nak_valid, job_nak_ready, rr_done_valid;
  logic rr_done_ready, rr_nak_valid, rr_nak_ready, merged_valid, merged_ready, done_idle, nak_idle;
  logic nak_valid, nak_ready;
  logic [tern_pkg::QpnW-1:0] job_done_qpn, rr_done_qpn, done_qpn;
  logic [23:0] rr_done_psn, done_psn;
  logic        done_sent;
  tern_pkg::ack_t job_nak, rr_nak, nak;
  logic [1:0] done_valid, done_ready;

  tern_merge #(
    .N     (2),
    .Width (25 + tern_pkg::QpnW)
  ) u_done (
    .clk_i,
    .rst_i,
    .idle_o      (done_idle),
    .in_valid_i  ({rr_done_valid, job_done_valid}),
    .in_ready_o  ({rr_done_ready, job_done_ready}),
    .in_data_i   ({1'b1, rr_done_psn, rr_done_qpn, 25'd0, job_done_qpn}),
    .out_valid_o (merged_valid),
    .out_ready_i (merged_ready),
    .out_data_o  ({done_sent, done_psn, done_qpn})
  );

  tern_fork #(
    .N (2)
  ) u_done_fork (
    .clk_i,
    .rst_i,
    .in_valid_i  (merged_valid),
    .in_ready_o  (merged_ready),
    .out_valid_o (done_valid),
    .out_ready_i (done_ready)
  );

  tern_merge #(
    .N     (2),
    .Width ($bits(nak))
  ) u_nak (
    .clk_i,
    .rst_i,
    .idle_o      (nak_idle),
    .in_valid_i  ({rr_nak_valid, job_nak_valid}),
    .in_ready_o  ({rr_nak_ready, job_nak_ready}),
    .in_data_i   ({rr_nak, job_nak}),
    .out_valid_o (nak_valid),
    .out_ready_i (nak_ready),
    .out_data_o  (nak)
  );

  logic rr_few;

  tern_rsp u_rsp (
    .clk_i,
    .rst_i,
    .idle_o             (rsp_idle),
    .pkt_valid_i        (rx_valid_i),
    .pkt_ready_o        (rx_ready_o),
    .pkt_i              (rx_i),
    .flush_valid_i      (flush_valid),
    .flush_ready_o      (flush_ready),
    .flush_qpn_i        (flush_qpn),
    .rq_qpn_o           (rq_rd_qpn),
    .rq_exists_i        (rq_rd_exists),
    .rq_producer_i      (rq_rd_producer),
    .rr_few_i           (rr_few),
    .jobs_done_valid_i  (done_valid[0]),
    .jobs_done_ready_o  (done_ready[0]),
    .jobs_done_qpn_i    (done_qpn),
    .jobs_clear_valid_i,
    .jobs_clear_ready_o,
    .jobs_clear_qpn_i,
    .item_valid_o,
    .item_ready_i,
    .item_o,
    .err_valid_o        (rsp_err_valid_o),
    .err_ready_i        (rsp_err_ready_i),
    .err_o              (rsp_err_o),
    .ae_valid_o,
    .ae_ready_i,
    .ae_o,
    .ctl_valid_i        (rsp_item_valid_i),
    .ctl_ready_o        (rsp_item_ready_o),
    .ctl_i              (rsp_item_i),
    .ctl_rsp_valid_o    (rsp_item_rsp_valid_o),
    .ctl_rsp_o          (rsp_item_rsp_o),
    .hmc_valid_o        (hmc_rsp_line_valid_o),
    .hmc_ready_i        (hmc_rsp_line_ready_i),
    .hmc_o              (hmc_rsp_line_o),
    .hmc_rsp_valid_i    (hmc_rsp_rsp_valid_i),
    .hmc_rsp_i,
    .stat_request_o,
    .stat_duplicate_o,
    .stat_gap_o,
    .stat_rnr_o,
    .stat_dropped_o,
    .stat_qkey_o,
    .stat_hit_o         (stat_rsp_hit_o),
    .stat_miss_o        (stat_rsp_miss_o)
  );

  // --------------------------------------------------------------------------- READs and atomics

  logic job_idle, push_valid, push_ready, room;
  logic [tern_pkg::QpnW-1:0] push_qpn, count_qpn;
  tern_pkg::response_t push;

  tern_job u_job (
    .clk_i,
    .rst_i,
    .idle_o          (job_idle),
    .job_valid_i,
    .job_ready_o,
    .job_qpn_i,
    .job_pd_i,
    .job_priv_i,
    .job_i,
    .mr_req_valid_o  (mr_valid_o),
    .mr_req_ready_i  (mr_ready_i),
    .mr_req_o        (mr_o),
    .mr_rsp_valid_i,
    .mr_rsp_i,
    .rd_valid_o,
    .rd_ready_i,
    .rd_o,
    .rd_rsp_valid_i,
    .rd_rsp_i,
    .wr_valid_o,
    .wr_ready_i,
    .wr_o,
    .wr_rsp_valid_i,
    .wr_rsp_i,
    .hmc_valid_o     (hmc_job_valid_o),
    .hmc_ready_i     (hmc_job_ready_i),
    .hmc_o           (hmc_job_o),
    .hmc_rsp_valid_i (hmc_job_rsp_valid_i),
    .hmc_rsp_i,
    .count_qpn_o     (count_qpn),
    .room_i          (room),
    .push_valid_o    (push_valid),
    .push_ready_i    (push_ready),
    .push_qpn_o      (push_qpn),
    .push_o          (push),
    .nak_valid_o     (job_nak_valid),
    .nak_ready_i     (job_nak_ready),
    .nak_o           (job_nak),
    .err_valid_o     (job_err_valid_o),
    .err_ready_i     (job_err_ready_i),
    .err_o           (job_err_o),
    .done_valid_o    (job_done_valid),
    .done_ready_i    (job_done_ready),
    .done_qpn_o      (job_done_qpn),
    .drain_valid_i   (job_drain_valid_i),
    .drain_ready_o   (job_drain_ready_o),
    .drain_qpn_i     (job_drain_qpn_i),
    .drain_done_o    (job_drain_done_o),
    .fence_i,
    .fence_done_o
  );

  // ----------------------------------------------------------------------------------- responses

  logic rr_idle, unused_lost;

  tern_rr u_rr (
    .clk_i,
    .rst_i,
    .idle_o             (rr_idle),
    .push_valid_i       (push_valid),
    .push_ready_o       (push_ready),
    .push_qpn_i         (push_qpn),
    .push_i             (push),
    .count_qpn_i        (count_qpn),
    .room_o             (room),
    .few_o              (rr_few),
    .push_lost_o        (unused_lost),
    .pkt_valid_o        (rr_pkt_valid_o),
    .pkt_ready_i        (rr_pkt_ready_i),
    .pkt_o              (rr_pkt_o),
    .piece_valid_o      (rr_piece_valid_o),
    .piece_ready_i      (rr_piece_ready_i),
    .piece_o            (rr_piece_o),
    .done_valid_o       (rr_done_valid),
    .done_ready_i       (rr_done_ready),
    .done_qpn_o         (rr_done_qpn),
    .done_psn_o         (rr_done_psn),
    .gather_err_valid_i,
    .gather_err_ready_o,
    .gather_err_qpn_i,
    .gather_err_psn_i,
    .gather_err_dma_i,
    .nak_valid_o        (rr_nak_valid),
    .nak_ready_i        (rr_nak_ready),
    .nak_o              (rr_nak),
    .err_valid_o        (rr_err_valid_o),
    .err_ready_i        (rr_err_ready_i),
    .err_o              (rr_err_o),
    .ctl_valid_i        (rr_item_valid_i),
    .ctl_ready_o        (rr_item_ready_o),
    .ctl_i              (rr_item_i),
    .ctl_rsp_valid_o    (rr_item_rsp_valid_o),
    .ctl_rsp_o          (rr_item_rsp_o),
    .drop_valid_i       (rr_drop_valid_i),
    .drop_ready_o       (rr_drop_ready_o),
    .drop_qpn_i         (rr_drop_qpn_i),
    .drop_done_o        (rr_drop_done_o),
    .marker_valid_i     (rr_marker_valid_i),
    .marker_ready_o     (rr_marker_ready_o),
    .marker_qpn_i       (rr_marker_qpn_i),
    .hmc_valid_o        (hmc_rr_valid_o),
    .hmc_ready_i        (hmc_rr_ready_i),
    .hmc_o              (hmc_rr_o),
    .hmc_rsp_valid_i    (hmc_rr_rsp_valid_i),
    .hmc_rsp_i,
    .stat_hit_o         (stat_rr_hit_o),
    .stat_miss_o        (stat_rr_miss_o)
  );

  // ---------------------------------------------------------------------------- acknowledgements

  logic ack_idle;

  tern_ack u_ack (
    .clk_i,
    .rst_i,
    .idle_o           (ack_idle),
    .ack_valid_i,
    .ack_ready_o,
    .ack_i,
    .nak_valid_i      (nak_valid),
    .nak_ready_o      (nak_ready),
    .nak_i            (nak),
    .busy_inc_i       (job_busy_i),
    .busy_inc_qpn_i   (job_busy_qpn_i),
    .busy_dec_valid_i (done_valid[1]),
    .busy_dec_ready_o (done_ready[1]),
    .busy_dec_qpn_i   (done_qpn),
    .busy_dec_sent_i  (done_sent),
    .busy_dec_psn_i   (done_psn),
    .drop_valid_i     (ack_drop_valid_i),
    .drop_ready_o     (ack_drop_ready_o),
    .drop_qpn_i       (ack_drop_qpn_i),
    .marker_valid_i   (ack_marker_valid_i),
    .marker_ready_o   (ack_marker_ready_o),
    .marker_qpn_i     (ack_marker_qpn_i),
    .ask_valid_i      (ack_ask_valid_i),
    .ask_ready_o      (ack_ask_ready_o),
    .ask_qpn_i        (ack_ask_qpn_i),
    .ask_done_o       (ack_ask_done_o),
    .ask_waits_o      (ack_ask_waits_o),
    .pkt_valid_o      (ack_pkt_valid_o),
    .pkt_ready_i      (ack_pkt_ready_i),
    .pkt_o            (ack_pkt_o)
  );

  logic unused;
  assign unused = &{1'b0, unused_lost};

  assign idle_o = rq_tbl_idle && rsp_idle && job_idle && rr_idle && ack_idle && done_idle &&
                  nak_idle;

endmodule
