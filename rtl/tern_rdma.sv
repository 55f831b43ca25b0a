// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The RDMA engine: doorbells and commands in, frames out and in, host memory on all sides. Wires,
// and a place where two fences become one; what the blocks say to each other is in
// docs/rc-engine.md.
//
//   doorbells > tern_requester --> tern_tx --> wire          tern_qp_ctl, tern_mr_ctl < CQP
//                 ^ tern_completer <-- tern_rx <-- wire
//                          |               |
//                          |   .--- tern_responder < tern_job, ack
//                          v   v
//                        tern_commit > host memory, CQ engine
//
// Clients of shared ports are vectors, in an order that the constants below name.

module tern_rdma #(
  // tern_requester: ring, its page lists, seg; rh; tern_tx: net, regions; tern_commit: ring, its
  // page lists, regions; tern_responder: rsp, rr, atomics; tern_mr_ctl
  localparam int unsigned NumHmc = 13
) (
  input  logic                                     clk_i,
  input  logic                                     rst_i,
  input  logic [63:0]                              now_i,
  output logic                                     idle_o,

  // Doorbells of send and receive queues, refused ones, and stores to the push pages
  output logic                                     sq_bad_valid_o,
  input  logic                                     sq_bad_ready_i,
  output tern_pkg::db_bad_t                        sq_bad_o,
  input  logic                                     sq_db_valid_i,
  output logic                                     sq_db_ready_o,
  input  tern_pkg::db_t                            sq_db_i,
  output logic                                     rq_bad_valid_o,
  input  logic                                     rq_bad_ready_i,
  output tern_pkg::db_bad_t                        rq_bad_o,
  input  logic                                     rq_db_valid_i,
  output logic                                     rq_db_ready_o,
  input  tern_pkg::db_t                            rq_db_i,
  input  logic                                     push_valid_i,
  input  logic                                     push_seal_i,
  input  logic [tern_pkg::PageW-1:0]               push_page_i,
  input  logic [5:0]                               push_slot_i,
  input  logic [2:0]                               push_word_i,
  input  logic [63:0]                              push_data_i,
  input  logic [7:0]                               push_strb_i,

  // CQP: commands about regions and queue pairs
  input  logic                                     mr_valid_i,
  output logic                                     mr_ready_o,
  input  logic [5:0]                               mr_op_i,
  input  logic [511:0]                             mr_wqe_i,
  output logic                                     mr_rsp_valid_o,
  output tern_pkg::ctl_rsp_t                       mr_rsp_o,
  input  logic                                     qp_valid_i,
  output logic                                     qp_ready_o,
  input  logic [5:0]                               qp_op_i,
  input  logic [511:0]                             qp_wqe_i,
  input  logic [511:0]                             qp_attr_i,
  output logic                                     qp_put_o,
  output logic [5:0]                               qp_put_index_o,
  output logic [63:0]                              qp_put_data_o,
  output logic                                     qp_rsp_valid_o,
  output tern_pkg::ctl_rsp_t                       qp_rsp_o,

  // Own addresses: MAC, GID table as it is written, and a read port with the entry in the next
  // cycle
  input  logic [47:0]                              mac_addr_i,
  input  logic                                     promisc_i,
  input  logic                                     multicast_i,
  input  logic                                     gid_write_i,
  input  logic [6:0]                               gid_index_i,
  input  logic [511:0]                             gid_i,
  output logic [6:0]                               gid_rd_index_o,
  input  logic [511:0]                             gid_rd_entry_i,

  // Wire
  output logic                                     m_axis_tvalid_o,
  input  logic                                     m_axis_tready_i,
  output logic [511:0]                             m_axis_tdata_o,
  output logic [63:0]                              m_axis_tkeep_o,
  output logic                                     m_axis_tlast_o,
  input  logic                                     s_axis_tvalid_i,
  input  logic [511:0]                             s_axis_tdata_i,
  input  logic [63:0]                              s_axis_tkeep_i,
  input  logic                                     s_axis_tlast_i,
  input  logic                                     s_axis_tuser_i,
  output logic                                     pause_o,

  // Netdev: frames to send, what became of them; frames that came, and what becomes of them
  input  logic                                     eth_tx_pkt_valid_i,
  output logic                                     eth_tx_pkt_ready_o,
  input  tern_pkg::tx_pkt_t                        eth_tx_pkt_i,
  input  logic                                     eth_tx_piece_valid_i,
  output logic                                     eth_tx_piece_ready_o,
  input  tern_pkg::tx_piece_t                      eth_tx_piece_i,
  output logic                                     eth_sent_valid_o,
  output logic [15:0]                              eth_sent_wqe_o,
  output logic                                     eth_sent_err_o,
  output logic                                     eth_rx_valid_o,
  input  logic                                     eth_rx_ready_i,
  output tern_pkg::rx_pkt_t                        eth_rx_o,
  output logic                                     eth_cqe_valid_o,
  input  logic                                     eth_cqe_ready_i,
  output tern_pkg::cqe_req_t                       eth_cqe_o,
  input  logic                                     eth_item_valid_i,
  output logic                                     eth_item_ready_o,
  input  tern_pkg::pl_item_t                       eth_item_i,

  // Host memory cache
  output logic [NumHmc-1:0]                        hmc_valid_o,
  input  logic [NumHmc-1:0]                        hmc_ready_i,
  output logic [NumHmc-1:0][tern_pkg::HmcReqW-1:0] hmc_o,
  input  logic [NumHmc-1:0]                        hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t                       hmc_rsp_i,

  // DMA reads: 0 entries of send queues, 1 payload, 2 entries of receive queues, 3 atomics
  output logic [3:0]                               rd_valid_o,
  input  logic [3:0]                               rd_ready_i,
  output logic [3:0][tern_pkg::DmaRdReqW-1:0]      rd_o,
  input  logic [3:0]                               rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t                    rd_rsp_i,

  // DMA writes: 0 payload, 1 atomics
  output logic [1:0]                               wr_valid_o,
  input  logic [1:0]                               wr_ready_i,
  output logic [1:0][tern_pkg::DmaWrBeatW-1:0]     wr_o,
  input  logic [1:0]                               wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t                    wr_rsp_i,

  // Completions: 0 commit, 1 flushed send queue entries
  output logic [1:0]                               cqe_valid_o,
  input  logic [1:0]                               cqe_ready_i,
  output logic [1:0][tern_pkg::CqeReqW-1:0]        cqe_o,

  // Asynchronous events: 0 responder, 1 control
  output logic [1:0]                               ae_valid_o,
  input  logic [1:0]                               ae_ready_i,
  output logic [1:0][tern_pkg::AeReqW-1:0]         ae_o,

  // When the next timer is due
  output logic [63:0]                              wake_at_o,

  // Statistics; bytes come with frames
  output logic                                     stat_tx_frame_o,
  output logic [13:0]                              stat_tx_bytes_o,
  output logic                                     stat_tx_request_o,
  output logic                                     stat_tx_resent_o,
  output logic                                     stat_tx_again_o,
  output logic                                     stat_tx_response_o,
  output logic                                     stat_tx_ack_o,
  output logic                                     stat_tx_nak_o,
  output logic                                     stat_tx_drop_o,
  output logic                                     stat_rx_frame_o,
  output logic [13:0]                              stat_rx_bytes_o,
  output logic                                     stat_rx_bad_o,
  output logic                                     stat_rx_overrun_o,
  output logic                                     stat_rx_filtered_o,
  output logic                                     stat_rx_roce_o,
  output logic                                     stat_rx_icrc_o,
  output logic                                     stat_rx_header_o,
  output logic                                     stat_rx_cnp_o,
  output logic                                     stat_rx_qp_o,
  output logic                                     stat_rx_mcast_o,
  output logic                                     stat_rx_request_o,
  output logic                                     stat_rx_duplicate_o,
  output logic                                     stat_rx_gap_o,
  output logic                                     stat_rx_rnr_o,
  output logic                                     stat_rx_dropped_o,
  output logic                                     stat_rx_qkey_o,
  output logic                                     stat_rx_ack_o,
  output logic                                     stat_rx_nak_seq_o,
  output logic                                     stat_rx_nak_rnr_o,
  output logic                                     stat_rx_nak_err_o,
  output logic                                     stat_rx_response_o,
  output logic                                     stat_rx_read_gap_o,
  output logic                                     stat_rx_stray_o,
  output logic                                     stat_timeout_o,
  output logic [1:0]                               stat_mr_hit_o,
  output logic [1:0]                               stat_mr_miss_o,
  output logic [6:0]                               stat_qp_hit_o,
  output logic [6:0]                               stat_qp_miss_o,
  output logic                                     stat_qp_error_o
);

  logic clk_cmp, clk_tx, clk_rx, clk_rsp, clk_mr, clk_ctl;  // see the end

  // ------------------------------------------------------------------------------------ requests

  logic [tern_pkg::QpnW-1:0] ctl_qpn, list_qpn, list_push_qpn, wake_qpn, kick_qpn, snd_qpn;
  logic [tern_pkg::QpnW-1:0] sched_qpn;
  tern_pkg::qp_item_t ctl_item;
  logic requester_idle, req_pkt_valid, req_pkt_ready, req_piece_valid, req_piece_ready, list_room;
  logic list_push_valid, list_push_ready, list_push_mark, wake_valid, wake_ready, rollback_valid;
  logic rollback_ready, kick_valid, kick_ready, snd_valid, seg_err_valid, seg_err_ready;
  logic gather_err_valid, gather_err_ready, seg_op_valid, seg_op_ready, seg_op_rsp_valid;
  logic sched_valid, sched_ready, sched_done, push_drop_valid;
  tern_pkg::tx_pkt_t req_pkt;
  tern_pkg::tx_piece_t req_piece;
  logic back_valid, ahead, path_valid, path_ready;
  tern_pkg::ud_path_t path;
  logic [tern_pkg::QpnW-1:0] back_qpn;
  logic [15:0] list_marks, sched_index, sched_producer, sched_fetched;
  tern_pkg::out_req_t list_push;
  tern_pkg::rollback_t rollback;
  logic [23:0] snd_psn;
  tern_pkg::req_err_t seg_err, gather_err;
  tern_pkg::mr_op_t seg_op;
  logic [7:0] seg_op_status;
  tern_pkg::hmc_req_t hmc_sq_ring, hmc_sq_pbl, hmc_seg;
  tern_pkg::dma_rd_req_t rd_sq;
  tern_pkg::cqe_req_t cqe_flush;
  logic [3:0] sched_op, sched_log_size;
  logic [tern_pkg::PageW-1:0] sched_page, push_drop_page;
  tern_pkg::qp_item_rsp_t sq_ring_item_rsp, seg_item_rsp;
  logic [6:0] item_valid, item_ready, item_rsp_valid;
  logic [4:0] err_valid, err_ready;

  tern_requester u_requester (
    .clk_i,
    .rst_i,
    .idle_o                (requester_idle),
    .sq_bad_valid_o,
    .sq_bad_ready_i,
    .sq_bad_o,
    .sq_db_valid_i,
    .sq_db_ready_o,
    .sq_db_i,
    .push_valid_i,
    .push_seal_i,
    .push_page_i,
    .push_slot_i,
    .push_word_i,
    .push_data_i,
    .push_strb_i,
    .pkt_valid_o           (req_pkt_valid),
    .pkt_ready_i           (req_pkt_ready),
    .pkt_o                 (req_pkt),
    .piece_valid_o         (req_piece_valid),
    .piece_ready_i         (req_piece_ready),
    .piece_o               (req_piece),
    .ahead_i               (ahead),
    .path_valid_o          (path_valid),
    .path_ready_i          (path_ready),
    .path_o                (path),
    .back_valid_o          (back_valid),
    .back_qpn_o            (back_qpn),
    .list_qpn_o            (list_qpn),
    .list_marks_i          (list_marks),
    .list_room_i           (list_room),
    .list_push_valid_o     (list_push_valid),
    .list_push_ready_i     (list_push_ready),
    .list_push_qpn_o       (list_push_qpn),
    .list_push_o           (list_push),
    .list_push_mark_o      (list_push_mark),
    .wake_valid_i          (wake_valid),
    .wake_ready_o          (wake_ready),
    .wake_qpn_i            (wake_qpn),
    .rollback_valid_i      (rollback_valid),
    .rollback_ready_o      (rollback_ready),
    .rollback_i            (rollback),
    .prog_valid_i          (prog_valid),
    .prog_i                (prog),
    .req_err_valid_o       (seg_err_valid),
    .req_err_ready_i       (seg_err_ready),
    .req_err_o             (seg_err),
    .kick_valid_o          (kick_valid),
    .kick_ready_i          (kick_ready),
    .kick_qpn_o            (kick_qpn),
    .snd_valid_o           (snd_valid),
    .snd_qpn_o             (snd_qpn),
    .snd_psn_o             (snd_psn),
    .mr_valid_o            (seg_op_valid),
    .mr_ready_i            (seg_op_ready),
    .mr_o                  (seg_op),
    .mr_rsp_valid_i        (seg_op_rsp_valid),
    .mr_rsp_status_i       (seg_op_status),
    .cqe_valid_o           (cqe_valid_o[1]),
    .cqe_ready_i           (cqe_ready_i[1]),
    .cqe_o                 (cqe_flush),
    .sched_valid_i         (sched_valid),
    .sched_ready_o         (sched_ready),
    .sched_op_i            (sched_op),
    .sched_qpn_i           (sched_qpn),
    .sched_page_i          (sched_page),
    .sched_log_size_i      (sched_log_size),
    .sched_index_i         (sched_index),
    .sched_done_o          (sched_done),
    .sched_producer_o      (sched_producer),
    .sched_fetched_o       (sched_fetched),
    .push_drop_valid_i     (push_drop_valid),
    .push_drop_page_i      (push_drop_page),
    .ring_item_valid_i     (item_valid[5]),
    .ring_item_ready_o     (item_ready[5]),
    .ring_item_i           (ctl_item),
    .ring_item_rsp_valid_o (item_rsp_valid[5]),
    .ring_item_rsp_o       (sq_ring_item_rsp),
    .seg_item_valid_i      (item_valid[0]),
    .seg_item_ready_o      (item_ready[0]),
    .seg_item_i            (ctl_item),
    .seg_item_rsp_valid_o  (item_rsp_valid[0]),
    .seg_item_rsp_o        (seg_item_rsp),
    .hmc_ring_valid_o      (hmc_valid_o[0]),
    .hmc_ring_ready_i      (hmc_ready_i[0]),
    .hmc_ring_o            (hmc_sq_ring),
    .hmc_ring_rsp_valid_i  (hmc_rsp_valid_i[0]),
    .hmc_pbl_valid_o       (hmc_valid_o[1]),
    .hmc_pbl_ready_i       (hmc_ready_i[1]),
    .hmc_pbl_o             (hmc_sq_pbl),
    .hmc_pbl_rsp_valid_i   (hmc_rsp_valid_i[1]),
    .hmc_seg_rsp_valid_i   (hmc_rsp_valid_i[2]),
    .hmc_rsp_i,
    .hmc_seg_valid_o       (hmc_valid_o[2]),
    .hmc_seg_ready_i       (hmc_ready_i[2]),
    .hmc_seg_o             (hmc_seg),
    .rd_rsp_valid_i        (rd_rsp_valid_i[0]),
    .rd_rsp_i,
    .rd_valid_o            (rd_valid_o[0]),
    .rd_ready_i            (rd_ready_i[0]),
    .rd_o                  (rd_sq),
    .stat_hit_o            (stat_qp_hit_o[1:0]),
    .stat_miss_o           (stat_qp_miss_o[1:0]),
    .stat_again_o          (stat_tx_again_o),
    .stat_resent_o         (stat_tx_resent_o)
  );

  // ----------------------------------------------------------------------------------- responses

  logic completer_idle, rh_rx_valid, rh_rx_ready, rh_item_valid, rh_item_ready, sent_valid;
  logic left_valid, left_ready;
  logic [tern_pkg::QpnW-1:0] left_qpn;
  logic [23:0] left_psn;
  logic ctl_back_valid, ctl_back_ready, ctl_kick_valid, ctl_kick_ready, timer_cmd_valid, timer_cmd_ready, sq_drained_valid;
  logic sq_drained_ready, prog_valid, list_drop_valid, list_drop_ready, list_drop_done;
  tern_pkg::rx_pkt_t rh_rx;
  tern_pkg::pl_item_t rh_item;
  logic [tern_pkg::QpnW-1:0] sent_qpn, sq_drained_qpn;
  tern_pkg::progress_t prog;
  tern_pkg::hmc_req_t hmc_rh;
  tern_pkg::qp_item_rsp_t rh_line_item_rsp;
  logic [4:0] timer_cmd_timeout;
  logic [1:0] timer_cmd_gen;
  logic [23:0] timer_cmd_psn;
  tern_pkg::qp_err_t rh_qp_err;
  logic [15:0] timer_cmd_done;

  tern_completer u_completer (
    .clk_i (clk_cmp),
    .rst_i,
    .now_i,
    .idle_o              (completer_idle),
    .list_qpn_i          (list_qpn),
    .list_marks_o        (list_marks),
    .list_room_o         (list_room),
    .list_push_valid_i   (list_push_valid),
    .list_push_ready_o   (list_push_ready),
    .list_push_qpn_i     (list_push_qpn),
    .list_push_i         (list_push),
    .list_push_mark_i    (list_push_mark),
    .req_err_valid_i     ({gather_err_valid, seg_err_valid}),
    .req_err_ready_o     ({gather_err_ready, seg_err_ready}),
    .req_err_i           ({gather_err, seg_err}),
    .kick_valid_i        (kick_valid),
    .kick_ready_o        (kick_ready),
    .kick_qpn_i          (kick_qpn),
    .snd_valid_i         (snd_valid),
    .snd_qpn_i           (snd_qpn),
    .snd_psn_i           (snd_psn),
    .rollback_valid_o    (rollback_valid),
    .rollback_ready_i    (rollback_ready),
    .rollback_o          (rollback),
    .wake_valid_o        (wake_valid),
    .wake_ready_i        (wake_ready),
    .wake_qpn_o          (wake_qpn),
    .rx_valid_i          (rh_rx_valid),
    .rx_ready_o          (rh_rx_ready),
    .rx_i                (rh_rx),
    .item_valid_o        (rh_item_valid),
    .item_ready_i        (rh_item_ready),
    .item_o              (rh_item),
    .sent_valid_i        (sent_valid),
    .sent_qpn_i          (sent_qpn),
    .left_valid_i        (left_valid),
    .left_ready_o        (left_ready),
    .left_qpn_i          (left_qpn),
    .left_psn_i          (left_psn),
    .rh_item_valid_i     (item_valid[1]),
    .rh_item_ready_o     (item_ready[1]),
    .rh_item_i           (ctl_item),
    .rh_item_rsp_valid_o (item_rsp_valid[1]),
    .rh_item_rsp_o       (rh_line_item_rsp),
    .ctl_kick_valid_i    (ctl_kick_valid),
    .ctl_kick_ready_o    (ctl_kick_ready),
    .ctl_kick_qpn_i      (ctl_qpn),
    .ctl_cmd_valid_i     (timer_cmd_valid),
    .ctl_cmd_ready_o     (timer_cmd_ready),
    .ctl_cmd_qpn_i       (ctl_qpn),
    .ctl_cmd_timeout_i   (timer_cmd_timeout),
    .ctl_cmd_gen_i       (timer_cmd_gen),
    .ctl_cmd_psn_i       (timer_cmd_psn),
    .ctl_cmd_done_i      (timer_cmd_done),
    .ctl_back_valid_i    (ctl_back_valid),
    .ctl_back_ready_o    (ctl_back_ready),
    .ctl_back_qpn_i      (ctl_qpn),
    .qp_err_valid_o      (err_valid[0]),
    .qp_err_ready_i      (err_ready[0]),
    .qp_err_o            (rh_qp_err),
    .drained_valid_o     (sq_drained_valid),
    .drained_ready_i     (sq_drained_ready),
    .drained_qpn_o       (sq_drained_qpn),
    .prog_valid_o        (prog_valid),
    .prog_o              (prog),
    .list_drop_valid_i   (list_drop_valid),
    .list_drop_ready_o   (list_drop_ready),
    .list_drop_qpn_i     (ctl_qpn),
    .list_drop_done_o    (list_drop_done),
    .hmc_valid_o         (hmc_valid_o[3]),
    .hmc_ready_i         (hmc_ready_i[3]),
    .hmc_o               (hmc_rh),
    .hmc_rsp_valid_i     (hmc_rsp_valid_i[3]),
    .hmc_rsp_i,
    .wake_at_o,
    .stat_hit_o          (stat_qp_hit_o[2]),
    .stat_miss_o         (stat_qp_miss_o[2]),
    .stat_ack_o          (stat_rx_ack_o),
    .stat_nak_seq_o      (stat_rx_nak_seq_o),
    .stat_nak_rnr_o      (stat_rx_nak_rnr_o),
    .stat_nak_err_o      (stat_rx_nak_err_o),
    .stat_response_o     (stat_rx_response_o),
    .stat_gap_o          (stat_rx_read_gap_o),
    .stat_stray_o        (stat_rx_stray_o),
    .stat_timeout_o
  );

  // ------------------------------------------------------------------------------------ transmit

  logic tx_valid, tx_ready, tx_last, tx_own, mcast_tx_ask, mcast_tx_hit;
  logic [127:0] mcast_tx_gid;
  logic [511:0] tx_data;
  logic [63:0] tx_keep;
  logic tx_idle, rr_pkt_valid, rr_pkt_ready, rr_piece_valid, rr_piece_ready, ack_pkt_valid;
  logic ack_pkt_ready, refused_valid, refused_ready, refused_dma, fence, tx_fence_done;
  logic rx_fence_done, place_fence_done, job_fence_done, place_fenced_q, job_fenced_q;
  logic tx_drained_valid, gather_clear_valid, gather_clear_ready;
  tern_pkg::tx_pkt_t rr_pkt, ack_pkt;
  tern_pkg::tx_piece_t rr_piece;
  logic [tern_pkg::QpnW-1:0] refused_qpn, tx_drained_qpn;
  logic [23:0] refused_psn, inv_index;
  tern_pkg::mr_err_e unused_refused;
  logic [1:0] inv_valid, inv_ready, inv_done;
  tern_pkg::hmc_req_t hmc_net, hmc_tx_mr;
  tern_pkg::dma_rd_req_t rd_payload;
  tern_pkg::tx_src_e tx_drained_src;
  tern_pkg::qp_item_rsp_t net_item_rsp;

  tern_tx u_tx (
    .clk_i (clk_tx),
    .rst_i,
    .idle_o               (tx_idle),
    .seg_pkt_valid_i      (req_pkt_valid),
    .seg_pkt_ready_o      (req_pkt_ready),
    .seg_pkt_i            (req_pkt),
    .seg_piece_valid_i    (req_piece_valid),
    .seg_piece_ready_o    (req_piece_ready),
    .seg_piece_i          (req_piece),
    .seg_ahead_o          (ahead),
    .seg_path_valid_i     (path_valid),
    .seg_path_ready_o     (path_ready),
    .seg_path_i           (path),
    .seg_back_valid_i     (back_valid),
    .seg_back_qpn_i       (back_qpn),
    .rr_pkt_valid_i       (rr_pkt_valid),
    .rr_pkt_ready_o       (rr_pkt_ready),
    .rr_pkt_i             (rr_pkt),
    .rr_piece_valid_i     (rr_piece_valid),
    .rr_piece_ready_o     (rr_piece_ready),
    .rr_piece_i           (rr_piece),
    .ack_pkt_valid_i      (ack_pkt_valid),
    .ack_pkt_ready_o      (ack_pkt_ready),
    .ack_pkt_i            (ack_pkt),
    .eth_pkt_valid_i      (eth_tx_pkt_valid_i),
    .eth_pkt_ready_o      (eth_tx_pkt_ready_o),
    .eth_pkt_i            (eth_tx_pkt_i),
    .eth_piece_valid_i    (eth_tx_piece_valid_i),
    .eth_piece_ready_o    (eth_tx_piece_ready_o),
    .eth_piece_i          (eth_tx_piece_i),
    .m_axis_tvalid_o      (tx_valid),
    .m_axis_tready_i      (tx_ready),
    .m_axis_tdata_o       (tx_data),
    .m_axis_tkeep_o       (tx_keep),
    .m_axis_tlast_o       (tx_last),
    .m_axis_town_o        (tx_own),
    .drained_valid_o      (tx_drained_valid),
    .drained_src_o        (tx_drained_src),
    .drained_qpn_o        (tx_drained_qpn),
    .sent_valid_o         (sent_valid),
    .sent_qpn_o           (sent_qpn),
    .left_valid_o         (left_valid),
    .left_ready_i         (left_ready),
    .left_qpn_o           (left_qpn),
    .left_psn_o           (left_psn),
    .eth_sent_valid_o,
    .eth_sent_wqe_o,
    .eth_sent_err_o,
    .prog_valid_i         (prog_valid),
    .prog_qpn_i           (prog.qpn),
    .prog_done_i          (prog.done),
    .req_err_valid_o      (gather_err_valid),
    .req_err_ready_i      (gather_err_ready),
    .req_err_o            (gather_err),
    .rr_err_valid_o       (refused_valid),
    .rr_err_ready_i       (refused_ready),
    .rr_err_qpn_o         (refused_qpn),
    .rr_err_psn_o         (refused_psn),
    .rr_err_o             (unused_refused),
    .rr_err_dma_o         (refused_dma),
    .gid_index_o          (gid_rd_index_o),
    .gid_entry_i          (gid_rd_entry_i),
    .mac_addr_i,
    .mcast_ask_o          (mcast_tx_ask),
    .mcast_gid_o          (mcast_tx_gid),
    .mcast_hit_i          (mcast_tx_hit),
    .net_item_valid_i     (item_valid[4]),
    .net_item_ready_o     (item_ready[4]),
    .net_item_i           (ctl_item),
    .net_item_rsp_valid_o (item_rsp_valid[4]),
    .net_item_rsp_o       (net_item_rsp),
    .clear_valid_i        (gather_clear_valid),
    .clear_ready_o        (gather_clear_ready),
    .clear_qpn_i          (ctl_qpn),
    .inv_valid_i          (inv_valid[0]),
    .inv_ready_o          (inv_ready[0]),
    .inv_index_i          (inv_index),
    .inv_done_o           (inv_done[0]),
    .fence_i              (fence),
    .fence_done_o         (tx_fence_done),
    .hmc_net_rsp_valid_i  (hmc_rsp_valid_i[4]),
    .hmc_mr_rsp_valid_i   (hmc_rsp_valid_i[5]),
    .hmc_rsp_i,
    .hmc_net_valid_o      (hmc_valid_o[4]),
    .hmc_net_ready_i      (hmc_ready_i[4]),
    .hmc_net_o            (hmc_net),
    .hmc_mr_valid_o       (hmc_valid_o[5]),
    .hmc_mr_ready_i       (hmc_ready_i[5]),
    .hmc_mr_o             (hmc_tx_mr),
    .rd_rsp_valid_i       (rd_rsp_valid_i[1]),
    .rd_rsp_i,
    .rd_valid_o           (rd_valid_o[1]),
    .rd_ready_i           (rd_ready_i[1]),
    .rd_o                 (rd_payload),
    .stat_net_hit_o       (stat_qp_hit_o[3]),
    .stat_net_miss_o      (stat_qp_miss_o[3]),
    .stat_mr_hit_o        (stat_mr_hit_o[0]),
    .stat_mr_miss_o       (stat_mr_miss_o[0]),
    .stat_frame_o         (stat_tx_frame_o),
    .stat_bytes_o         (stat_tx_bytes_o),
    .stat_request_o       (stat_tx_request_o),
    .stat_response_o      (stat_tx_response_o),
    .stat_ack_o           (stat_tx_ack_o),
    .stat_nak_o           (stat_tx_nak_o),
    .stat_drop_o          (stat_tx_drop_o)
  );

  // ------------------------------------------------------------------------------------- receive

  // What is to the adapter itself is turned back
  logic loop_idle, rx_valid, rx_last, rx_user, rx_own, rx_pause, rx_near, rx_room;
  logic [511:0] rx_data;
  logic [63:0] rx_keep;

  tern_loop u_loop (
    .clk_i,
    .rst_i,
    .idle_o          (loop_idle),
    .tx_valid_i      (tx_valid),
    .tx_ready_o      (tx_ready),
    .tx_data_i       (tx_data),
    .tx_keep_i       (tx_keep),
    .tx_last_i       (tx_last),
    .tx_own_i        (tx_own),
    .m_axis_tvalid_o,
    .m_axis_tready_i,
    .m_axis_tdata_o,
    .m_axis_tkeep_o,
    .m_axis_tlast_o,
    .s_axis_tvalid_i,
    .s_axis_tdata_i,
    .s_axis_tkeep_i,
    .s_axis_tlast_i,
    .s_axis_tuser_i,
    .pause_o,
    .rx_valid_o      (rx_valid),
    .rx_data_o       (rx_data),
    .rx_keep_o       (rx_keep),
    .rx_last_o       (rx_last),
    .rx_user_o       (rx_user),
    .rx_own_o        (rx_own),
    .rx_pause_i      (rx_pause),
    .rx_near_i       (rx_near),
    .rx_room_i       (rx_room)
  );

  logic rx_idle, rsp_rx_valid, rsp_rx_ready, buf_rd_en, free_valid, steer_valid, steer_ready;
  logic steer_exists, steer_rx_ok, steer_marker_valid, steer_marker_ready;
  logic mcast_valid, mcast_ready, mcast_attach, mcast_detach, mcast_no_own, mcast_done, mcast_full;
  logic [127:0] mcast_gid;
  logic [15:0] mcast_minor;
  tern_pkg::rx_pkt_t rsp_rx;
  logic [9:0] buf_rd_line;
  logic [511:0] buf_rd_data;
  logic [6:0] free_id;
  logic [tern_pkg::QpnW-1:0] steer_qpn;
  logic [1:0] steer_transport;
  logic steer_keep;
  logic [127:0] steer_peer;
  logic [6:0] steer_sgid;

  tern_rx u_rx (
    .clk_i (clk_rx),
    .rst_i,
    .idle_o            (rx_idle),
    .s_axis_tvalid_i   (rx_valid),
    .s_axis_tdata_i    (rx_data),
    .s_axis_tkeep_i    (rx_keep),
    .s_axis_tlast_i    (rx_last),
    .s_axis_tuser_i    (rx_user),
    .s_axis_town_i     (rx_own),
    .pause_o           (rx_pause),
    .near_o            (rx_near),
    .room_o            (rx_room),
    .mac_addr_i,
    .promisc_i,
    .multicast_i,
    .gid_write_i,
    .gid_index_i,
    .gid_entry_i       (gid_i),
    .rsp_valid_o       (rsp_rx_valid),
    .rsp_ready_i       (rsp_rx_ready),
    .rsp_o             (rsp_rx),
    .rh_valid_o        (rh_rx_valid),
    .rh_ready_i        (rh_rx_ready),
    .rh_o              (rh_rx),
    .eth_valid_o       (eth_rx_valid_o),
    .eth_ready_i       (eth_rx_ready_i),
    .eth_o             (eth_rx_o),
    .rd_en_i           (buf_rd_en),
    .rd_line_i         (buf_rd_line),
    .rd_data_o         (buf_rd_data),
    .free_valid_i      (free_valid),
    .free_id_i         (free_id),
    .steer_valid_i     (steer_valid),
    .steer_ready_o     (steer_ready),
    .steer_qpn_i       (steer_qpn),
    .steer_exists_i    (steer_exists),
    .steer_transport_i (steer_transport),
    .steer_rx_ok_i     (steer_rx_ok),
    .steer_keep_i      (steer_keep),
    .steer_peer_i      (steer_peer),
    .steer_sgid_i      (steer_sgid),
    .marker_valid_i    (steer_marker_valid),
    .marker_ready_o    (steer_marker_ready),
    .marker_qpn_i      (ctl_qpn),
    .mcast_valid_i     (mcast_valid),
    .mcast_ready_o     (mcast_ready),
    .mcast_attach_i    (mcast_attach),
    .mcast_detach_i    (mcast_detach),
    .mcast_qpn_i       (ctl_qpn),
    .mcast_gid_i       (mcast_gid),
    .mcast_no_own_i    (mcast_no_own),
    .mcast_done_o      (mcast_done),
    .mcast_minor_o     (mcast_minor),
    .mcast_full_o      (mcast_full),
    .tx_ask_i          (mcast_tx_ask),
    .tx_gid_i          (mcast_tx_gid),
    .tx_hit_o          (mcast_tx_hit),
    .stat_frame_o      (stat_rx_frame_o),
    .stat_bytes_o      (stat_rx_bytes_o),
    .stat_bad_o        (stat_rx_bad_o),
    .stat_filtered_o   (stat_rx_filtered_o),
    .stat_roce_o       (stat_rx_roce_o),
    .stat_icrc_o       (stat_rx_icrc_o),
    .stat_header_o     (stat_rx_header_o),
    .stat_cnp_o        (stat_rx_cnp_o),
    .stat_overrun_o    (stat_rx_overrun_o),
    .stat_qp_o         (stat_rx_qp_o),
    .stat_mcast_o      (stat_rx_mcast_o)
  );

  // -------------------------------------------------------------------------------------- commit

  logic commit_idle, inv_op_valid, inv_op_ready, inv_op_rsp_valid, rsp_item_valid, rsp_item_ready;
  logic job_busy, job_valid, job_ready, job_priv, job_mr_valid, job_mr_ready, job_mr_rsp_valid, ack_valid;
  logic ack_ready, rx_drained_valid, rx_drained_ready, place_clear_valid, place_clear_ready;
  logic place_clear_rsp_valid, unused_error;
  tern_pkg::mr_op_t inv_op;
  logic [7:0] inv_op_status;
  tern_pkg::pl_item_t rsp_item;
  logic [tern_pkg::QpnW-1:0] job_qpn, job_busy_qpn, rx_drained_qpn;
  logic [23:0] job_pd;
  tern_pkg::job_t job;
  tern_pkg::mr_req_t job_mr;
  tern_pkg::mr_rsp_t job_mr_rsp;
  tern_pkg::ack_t ack;
  tern_pkg::hmc_req_t hmc_rx_ring, hmc_rx_pbl, hmc_rx_mr;
  tern_pkg::dma_rd_req_t rd_rq;
  tern_pkg::dma_wr_beat_t wr_payload;
  tern_pkg::cqe_req_t cqe_commit;
  tern_pkg::qp_item_rsp_t rx_ring_item_rsp;
  tern_pkg::qp_err_t place_qp_err;
  tern_pkg::pl_side_e rx_drained_side;
  logic [49:0] place_clear_rsp;

  tern_commit u_commit (
    .clk_i,
    .rst_i,
    .idle_o                (commit_idle),
    .rsp_valid_i           (rsp_item_valid),
    .rsp_ready_o           (rsp_item_ready),
    .rsp_i                 (rsp_item),
    .rh_valid_i            (rh_item_valid),
    .rh_ready_o            (rh_item_ready),
    .rh_i                  (rh_item),
    .eth_valid_i           (eth_item_valid_i),
    .eth_ready_o           (eth_item_ready_o),
    .eth_i                 (eth_item_i),
    .buf_rd_en_o           (buf_rd_en),
    .buf_rd_line_o         (buf_rd_line),
    .buf_rd_data_i         (buf_rd_data),
    .free_valid_o          (free_valid),
    .free_id_o             (free_id),
    .job_valid_o           (job_valid),
    .job_ready_i           (job_ready),
    .job_qpn_o             (job_qpn),
    .job_pd_o              (job_pd),
    .job_priv_o            (job_priv),
    .job_o                 (job),
    .job_busy_o            (job_busy),
    .job_busy_qpn_o        (job_busy_qpn),
    .ack_valid_o           (ack_valid),
    .ack_ready_i           (ack_ready),
    .ack_o                 (ack),
    .cqe_valid_o           (cqe_valid_o[0]),
    .cqe_ready_i           (cqe_ready_i[0]),
    .cqe_o                 (cqe_commit),
    .eth_cqe_valid_o,
    .eth_cqe_ready_i,
    .eth_cqe_o,
    .job_mr_valid_i        (job_mr_valid),
    .job_mr_ready_o        (job_mr_ready),
    .job_mr_i              (job_mr),
    .job_mr_rsp_valid_o    (job_mr_rsp_valid),
    .job_mr_rsp_o          (job_mr_rsp),
    .inv_op_rsp_valid_i    (inv_op_rsp_valid),
    .inv_op_rsp_status_i   (inv_op_status),
    .inv_op_valid_o        (inv_op_valid),
    .inv_op_ready_i        (inv_op_ready),
    .inv_op_o              (inv_op),
    .inv_valid_i           (inv_valid[1]),
    .inv_ready_o           (inv_ready[1]),
    .inv_index_i           (inv_index),
    .inv_done_o            (inv_done[1]),
    .fence_i               (fence),
    .fence_done_o          (place_fence_done),
    .ring_item_valid_i     (item_valid[6]),
    .ring_item_ready_o     (item_ready[6]),
    .ring_item_i           (ctl_item),
    .ring_item_rsp_valid_o (item_rsp_valid[6]),
    .ring_item_rsp_o       (rx_ring_item_rsp),
    .qp_err_valid_o        (err_valid[2]),
    .qp_err_ready_i        (err_ready[2]),
    .qp_err_o              (place_qp_err),
    .drained_valid_o       (rx_drained_valid),
    .drained_ready_i       (rx_drained_ready),
    .drained_side_o        (rx_drained_side),
    .drained_qpn_o         (rx_drained_qpn),
    .clear_valid_i         (place_clear_valid),
    .clear_ready_o         (place_clear_ready),
    .clear_qpn_i           (ctl_qpn),
    .clear_rsp_valid_o     (place_clear_rsp_valid),
    .clear_rsp_o           (place_clear_rsp),
    .hmc_ring_valid_o      (hmc_valid_o[6]),
    .hmc_ring_ready_i      (hmc_ready_i[6]),
    .hmc_ring_o            (hmc_rx_ring),
    .hmc_ring_rsp_valid_i  (hmc_rsp_valid_i[6]),
    .hmc_pbl_valid_o       (hmc_valid_o[7]),
    .hmc_pbl_ready_i       (hmc_ready_i[7]),
    .hmc_pbl_o             (hmc_rx_pbl),
    .hmc_pbl_rsp_valid_i   (hmc_rsp_valid_i[7]),
    .hmc_mr_rsp_valid_i    (hmc_rsp_valid_i[8]),
    .hmc_rsp_i,
    .hmc_mr_valid_o        (hmc_valid_o[8]),
    .hmc_mr_ready_i        (hmc_ready_i[8]),
    .hmc_mr_o              (hmc_rx_mr),
    .rd_rsp_valid_i        (rd_rsp_valid_i[2]),
    .rd_rsp_i,
    .rd_valid_o            (rd_valid_o[2]),
    .rd_ready_i            (rd_ready_i[2]),
    .rd_o                  (rd_rq),
    .wr_rsp_valid_i        (wr_rsp_valid_i[0]),
    .wr_rsp_i,
    .wr_valid_o            (wr_valid_o[0]),
    .wr_ready_i            (wr_ready_i[0]),
    .wr_o                  (wr_payload),
    .stat_ring_hit_o       (stat_qp_hit_o[4]),
    .stat_ring_miss_o      (stat_qp_miss_o[4]),
    .stat_mr_hit_o         (stat_mr_hit_o[1]),
    .stat_mr_miss_o        (stat_mr_miss_o[1]),
    .stat_error_o          (unused_error)
  );

  // ----------------------------------------------------------------------------------- responder

  logic responder_idle, rq_valid, rq_ready, rq_done, jobs_clear_valid, jobs_clear_ready;
  logic job_drain_valid, job_drain_ready, job_drain_done, rr_drop_valid, rr_drop_ready;
  logic rr_drop_done, ack_drop_valid, ack_drop_ready, rr_marker_valid, rr_marker_ready;
  logic ack_ask_valid, ack_ask_ready, ack_ask_done, ack_ask_waits;
  logic ack_marker_valid, ack_marker_ready;
  tern_pkg::hmc_req_t hmc_rsp, hmc_rr, hmc_job;
  tern_pkg::dma_rd_req_t rd_atomic;
  tern_pkg::dma_wr_beat_t wr_atomic;
  tern_pkg::ae_req_t ae_est;
  logic [1:0] rq_op;
  logic [tern_pkg::QpnW-1:0] rq_qpn;
  logic [tern_pkg::PageW-1:0] rq_page;
  logic [3:0] rq_log_size;
  logic [15:0] rq_producer;
  tern_pkg::qp_item_rsp_t rsp_line_item_rsp, rr_line_item_rsp;
  tern_pkg::qp_err_t rsp_qp_err, rr_qp_err, job_qp_err;

  tern_responder u_responder (
    .clk_i (clk_rsp),
    .rst_i,
    .idle_o               (responder_idle),
    .rq_bad_valid_o,
    .rq_bad_ready_i,
    .rq_bad_o,
    .rq_db_valid_i,
    .rq_db_ready_o,
    .rq_db_i,
    .rx_valid_i           (rsp_rx_valid),
    .rx_ready_o           (rsp_rx_ready),
    .rx_i                 (rsp_rx),
    .item_valid_o         (rsp_item_valid),
    .item_ready_i         (rsp_item_ready),
    .item_o               (rsp_item),
    .job_valid_i          (job_valid),
    .job_ready_o          (job_ready),
    .job_qpn_i            (job_qpn),
    .job_pd_i             (job_pd),
    .job_priv_i           (job_priv),
    .job_i                (job),
    .job_busy_i           (job_busy),
    .job_busy_qpn_i       (job_busy_qpn),
    .ack_valid_i          (ack_valid),
    .ack_ready_o          (ack_ready),
    .ack_i                (ack),
    .rr_pkt_valid_o       (rr_pkt_valid),
    .rr_pkt_ready_i       (rr_pkt_ready),
    .rr_pkt_o             (rr_pkt),
    .rr_piece_valid_o     (rr_piece_valid),
    .rr_piece_ready_i     (rr_piece_ready),
    .rr_piece_o           (rr_piece),
    .ack_pkt_valid_o      (ack_pkt_valid),
    .ack_pkt_ready_i      (ack_pkt_ready),
    .ack_pkt_o            (ack_pkt),
    .gather_err_valid_i   (refused_valid),
    .gather_err_ready_o   (refused_ready),
    .gather_err_qpn_i     (refused_qpn),
    .gather_err_psn_i     (refused_psn),
    .gather_err_dma_i     (refused_dma),
    .mr_rsp_valid_i       (job_mr_rsp_valid),
    .mr_rsp_i             (job_mr_rsp),
    .mr_valid_o           (job_mr_valid),
    .mr_ready_i           (job_mr_ready),
    .mr_o                 (job_mr),
    .rq_valid_i           (rq_valid),
    .rq_ready_o           (rq_ready),
    .rq_op_i              (rq_op),
    .rq_qpn_i             (rq_qpn),
    .rq_page_i            (rq_page),
    .rq_log_size_i        (rq_log_size),
    .rq_done_o            (rq_done),
    .rq_producer_o        (rq_producer),
    .rsp_item_valid_i     (item_valid[2]),
    .rsp_item_ready_o     (item_ready[2]),
    .rsp_item_i           (ctl_item),
    .rsp_item_rsp_valid_o (item_rsp_valid[2]),
    .rsp_item_rsp_o       (rsp_line_item_rsp),
    .rr_item_valid_i      (item_valid[3]),
    .rr_item_ready_o      (item_ready[3]),
    .rr_item_i            (ctl_item),
    .rr_item_rsp_valid_o  (item_rsp_valid[3]),
    .rr_item_rsp_o        (rr_line_item_rsp),
    .jobs_clear_valid_i   (jobs_clear_valid),
    .jobs_clear_ready_o   (jobs_clear_ready),
    .jobs_clear_qpn_i     (ctl_qpn),
    .job_drain_valid_i    (job_drain_valid),
    .job_drain_ready_o    (job_drain_ready),
    .job_drain_qpn_i      (ctl_qpn),
    .job_drain_done_o     (job_drain_done),
    .rr_drop_valid_i      (rr_drop_valid),
    .rr_drop_ready_o      (rr_drop_ready),
    .rr_drop_qpn_i        (ctl_qpn),
    .rr_drop_done_o       (rr_drop_done),
    .ack_drop_valid_i     (ack_drop_valid),
    .ack_drop_ready_o     (ack_drop_ready),
    .ack_drop_qpn_i       (ctl_qpn),
    .ack_ask_valid_i      (ack_ask_valid),
    .ack_ask_ready_o      (ack_ask_ready),
    .ack_ask_qpn_i        (ctl_qpn),
    .ack_ask_done_o       (ack_ask_done),
    .ack_ask_waits_o      (ack_ask_waits),
    .rr_marker_valid_i    (rr_marker_valid),
    .rr_marker_ready_o    (rr_marker_ready),
    .rr_marker_qpn_i      (ctl_qpn),
    .ack_marker_valid_i   (ack_marker_valid),
    .ack_marker_ready_o   (ack_marker_ready),
    .ack_marker_qpn_i     (ctl_qpn),
    .rsp_err_valid_o      (err_valid[1]),
    .rsp_err_ready_i      (err_ready[1]),
    .rsp_err_o            (rsp_qp_err),
    .rr_err_valid_o       (err_valid[4]),
    .rr_err_ready_i       (err_ready[4]),
    .rr_err_o             (rr_qp_err),
    .job_err_valid_o      (err_valid[3]),
    .job_err_ready_i      (err_ready[3]),
    .job_err_o            (job_qp_err),
    .ae_valid_o           (ae_valid_o[0]),
    .ae_ready_i           (ae_ready_i[0]),
    .ae_o                 (ae_est),
    .fence_i              (fence),
    .fence_done_o         (job_fence_done),
    .rd_rsp_valid_i       (rd_rsp_valid_i[3]),
    .rd_rsp_i,
    .rd_valid_o           (rd_valid_o[3]),
    .rd_ready_i           (rd_ready_i[3]),
    .rd_o                 (rd_atomic),
    .wr_rsp_valid_i       (wr_rsp_valid_i[1]),
    .wr_rsp_i,
    .wr_valid_o           (wr_valid_o[1]),
    .wr_ready_i           (wr_ready_i[1]),
    .wr_o                 (wr_atomic),
    .hmc_rsp_rsp_valid_i  (hmc_rsp_valid_i[9]),
    .hmc_rr_rsp_valid_i   (hmc_rsp_valid_i[10]),
    .hmc_job_rsp_valid_i  (hmc_rsp_valid_i[11]),
    .hmc_rsp_i,
    .hmc_rsp_line_valid_o (hmc_valid_o[9]),
    .hmc_rsp_line_ready_i (hmc_ready_i[9]),
    .hmc_rsp_line_o       (hmc_rsp),
    .hmc_rr_valid_o       (hmc_valid_o[10]),
    .hmc_rr_ready_i       (hmc_ready_i[10]),
    .hmc_rr_o             (hmc_rr),
    .hmc_job_valid_o      (hmc_valid_o[11]),
    .hmc_job_ready_i      (hmc_ready_i[11]),
    .hmc_job_o            (hmc_job),
    .stat_rsp_hit_o       (stat_qp_hit_o[5]),
    .stat_rsp_miss_o      (stat_qp_miss_o[5]),
    .stat_rr_hit_o        (stat_qp_hit_o[6]),
    .stat_rr_miss_o       (stat_qp_miss_o[6]),
    .stat_request_o       (stat_rx_request_o),
    .stat_duplicate_o     (stat_rx_duplicate_o),
    .stat_gap_o           (stat_rx_gap_o),
    .stat_rnr_o           (stat_rx_rnr_o),
    .stat_dropped_o       (stat_rx_dropped_o),
    .stat_qkey_o          (stat_rx_qkey_o)
  );

  // ------------------------------------------------------------------------------------- regions

  logic mr_ctl_idle;
  tern_pkg::hmc_req_t hmc_mr_ctl;

  // Data that was received moves in two places: a fence is done when it is in both
  assign rx_fence_done = (place_fenced_q || place_fence_done) && (job_fenced_q || job_fence_done);

  always_ff @(posedge clk_i) begin
    if (rst_i || rx_fence_done) begin
      place_fenced_q <= 1'b0;
      job_fenced_q   <= 1'b0;
    end else begin
      if (place_fence_done) place_fenced_q <= 1'b1;
      if (job_fence_done)   job_fenced_q   <= 1'b1;
    end
  end

  tern_mr_ctl u_mr_ctl (
    .clk_i (clk_mr),
    .rst_i,
    .idle_o            (mr_ctl_idle),
    .cqp_valid_i       (mr_valid_i),
    .cqp_ready_o       (mr_ready_o),
    .cqp_op_i          (mr_op_i),
    .cqp_wqe_i         (mr_wqe_i),
    .cqp_rsp_valid_o   (mr_rsp_valid_o),
    .cqp_rsp_o         (mr_rsp_o),
    .seg_valid_i       (seg_op_valid),
    .seg_ready_o       (seg_op_ready),
    .seg_i             (seg_op),
    .seg_rsp_valid_o   (seg_op_rsp_valid),
    .seg_status_o      (seg_op_status),
    .place_valid_i     (inv_op_valid),
    .place_ready_o     (inv_op_ready),
    .place_i           (inv_op),
    .place_rsp_valid_o (inv_op_rsp_valid),
    .place_status_o    (inv_op_status),
    .hmc_valid_o       (hmc_valid_o[12]),
    .hmc_ready_i       (hmc_ready_i[12]),
    .hmc_o             (hmc_mr_ctl),
    .hmc_rsp_valid_i   (hmc_rsp_valid_i[12]),
    .hmc_rsp_i,
    .inv_valid_o       (inv_valid),
    .inv_ready_i       (inv_ready),
    .inv_index_o       (inv_index),
    .inv_done_i        (inv_done),
    .fence_o           (fence),
    .fence_done_i      ({rx_fence_done, tx_fence_done})
  );

  // --------------------------------------------------------------------------------- queue pairs

  logic qp_ctl_idle;
  tern_pkg::ae_req_t ae_qp;
  logic [6:0][514:0] item_rsp;
  logic [4:0][64-1:0] err;

  assign err      = {rr_qp_err, job_qp_err, place_qp_err, rsp_qp_err, rh_qp_err};
  assign item_rsp = {rx_ring_item_rsp, sq_ring_item_rsp, net_item_rsp, rr_line_item_rsp,
                     rsp_line_item_rsp, rh_line_item_rsp, seg_item_rsp};

  tern_qp_ctl u_qp_ctl (
    .clk_i (clk_ctl),
    .rst_i,
    .idle_o               (qp_ctl_idle),
    .qp_valid_i,
    .qp_ready_o,
    .qp_op_i,
    .qp_wqe_i,
    .qp_attr_i,
    .qp_put_o,
    .qp_put_index_o,
    .qp_put_data_o,
    .qp_rsp_valid_o,
    .qp_rsp_o,
    .err_valid_i          (err_valid),
    .err_ready_o          (err_ready),
    .err_i                (err),
    .rh_drained_valid_i   (sq_drained_valid),
    .rh_drained_ready_o   (sq_drained_ready),
    .rh_drained_qpn_i     (sq_drained_qpn),
    .ae_valid_o           (ae_valid_o[1]),
    .ae_ready_i           (ae_ready_i[1]),
    .ae_o                 (ae_qp),
    .item_valid_o         (item_valid),
    .item_ready_i         (item_ready),
    .item_o               (ctl_item),
    .item_rsp_valid_i     (item_rsp_valid),
    .item_rsp_i           (item_rsp),
    .sched_valid_o        (sched_valid),
    .sched_ready_i        (sched_ready),
    .sched_op_o           (sched_op),
    .sched_qpn_o          (sched_qpn),
    .sched_page_o         (sched_page),
    .sched_log_size_o     (sched_log_size),
    .sched_index_o        (sched_index),
    .sched_done_i         (sched_done),
    .sched_producer_i     (sched_producer),
    .rq_valid_o           (rq_valid),
    .rq_ready_i           (rq_ready),
    .rq_op_o              (rq_op),
    .rq_qpn_o             (rq_qpn),
    .rq_page_o            (rq_page),
    .rq_log_size_o        (rq_log_size),
    .rq_done_i            (rq_done),
    .rq_producer_i        (rq_producer),
    .push_drop_o          (push_drop_valid),
    .push_drop_page_o     (push_drop_page),
    .steer_valid_o        (steer_valid),
    .steer_ready_i        (steer_ready),
    .steer_qpn_o          (steer_qpn),
    .steer_exists_o       (steer_exists),
    .steer_transport_o    (steer_transport),
    .steer_rx_ok_o        (steer_rx_ok),
    .steer_keep_o         (steer_keep),
    .steer_peer_o         (steer_peer),
    .steer_sgid_o         (steer_sgid),
    .ctl_qpn_o            (ctl_qpn),
    .rx_marker_valid_o    (steer_marker_valid),
    .rx_marker_ready_i    (steer_marker_ready),
    .rr_marker_valid_o    (rr_marker_valid),
    .rr_marker_ready_i    (rr_marker_ready),
    .ack_marker_valid_o   (ack_marker_valid),
    .ack_marker_ready_i   (ack_marker_ready),
    .ack_drop_valid_o     (ack_drop_valid),
    .ack_drop_ready_i     (ack_drop_ready),
    .ack_ask_valid_o      (ack_ask_valid),
    .ack_ask_ready_i      (ack_ask_ready),
    .ack_ask_done_i       (ack_ask_done),
    .ack_ask_waits_i      (ack_ask_waits),
    .gather_clear_valid_o (gather_clear_valid),
    .gather_clear_ready_i (gather_clear_ready),
    .jobs_clear_valid_o   (jobs_clear_valid),
    .jobs_clear_ready_i   (jobs_clear_ready),
    .rh_kick_valid_o      (ctl_kick_valid),
    .rh_kick_ready_i      (ctl_kick_ready),
    .timer_valid_o        (timer_cmd_valid),
    .timer_ready_i        (timer_cmd_ready),
    .timer_timeout_o      (timer_cmd_timeout),
    .timer_gen_o          (timer_cmd_gen),
    .timer_psn_o          (timer_cmd_psn),
    .timer_done_o         (timer_cmd_done),
    .rh_back_valid_o      (ctl_back_valid),
    .rh_back_ready_i      (ctl_back_ready),
    .out_drop_valid_o     (list_drop_valid),
    .out_drop_ready_i     (list_drop_ready),
    .out_drop_done_i      (list_drop_done),
    .rr_drop_valid_o      (rr_drop_valid),
    .rr_drop_ready_i      (rr_drop_ready),
    .rr_drop_done_i       (rr_drop_done),
    .job_drain_valid_o    (job_drain_valid),
    .job_drain_ready_i    (job_drain_ready),
    .job_drain_done_i     (job_drain_done),
    .place_clear_valid_o  (place_clear_valid),
    .place_clear_ready_i  (place_clear_ready),
    .place_clear_done_i   (place_clear_rsp_valid),
    .place_clear_rsp_i    (place_clear_rsp),
    .mcast_valid_o        (mcast_valid),
    .mcast_ready_i        (mcast_ready),
    .mcast_attach_o       (mcast_attach),
    .mcast_detach_o       (mcast_detach),
    .mcast_gid_o          (mcast_gid),
    .mcast_no_own_o       (mcast_no_own),
    .mcast_done_i         (mcast_done),
    .mcast_minor_i        (mcast_minor),
    .mcast_full_i         (mcast_full),
    .tx_drained_valid_i   (tx_drained_valid),
    .tx_drained_src_i     (tx_drained_src),
    .tx_drained_qpn_i     (tx_drained_qpn),
    .rx_drained_valid_i   (rx_drained_valid),
    .rx_drained_ready_o   (rx_drained_ready),
    .rx_drained_side_i    (rx_drained_side),
    .rx_drained_qpn_i     (rx_drained_qpn),
    .stat_error_o         (stat_qp_error_o)
  );

  // ---------------------------------------------------------------- vectors of shared ports

  assign hmc_o = {hmc_mr_ctl, hmc_job, hmc_rr, hmc_rsp, hmc_rx_mr, hmc_rx_pbl, hmc_rx_ring,
                  hmc_tx_mr, hmc_net, hmc_rh, hmc_seg, hmc_sq_pbl, hmc_sq_ring};
  assign rd_o = {rd_atomic, rd_rq, rd_payload, rd_sq};
  assign wr_o = {wr_atomic, wr_payload};
  assign cqe_o = {cqe_flush, cqe_commit};
  assign ae_o = {ae_qp, ae_est};

  // -------------------------------------------------------------------------------------- clocks

  // Each block has a clock while it works or is asked to: all inputs with a valid are here. The
  // requester and the commit stage have clocks of their own.
  tern_clk_gate u_clk_cmp (
    .clk_i, .rst_i, .clk_o(clk_cmp),
    .busy_i(!completer_idle || !requester_idle || list_push_valid || gather_err_valid ||
            seg_err_valid || kick_valid || snd_valid || rh_rx_valid || sent_valid || left_valid ||
            item_valid[1] || ctl_kick_valid || timer_cmd_valid || ctl_back_valid ||
            list_drop_valid || hmc_rsp_valid_i[3] || now_i >= wake_at_o)
  );
  tern_clk_gate u_clk_tx (
    .clk_i, .rst_i, .clk_o(clk_tx),
    .busy_i(!tx_idle || req_pkt_valid || req_piece_valid || path_valid || rr_pkt_valid || rr_piece_valid ||
            ack_pkt_valid || eth_tx_pkt_valid_i || eth_tx_piece_valid_i || prog_valid ||
            item_valid[4] || gather_clear_valid || inv_valid[0] || fence ||
            |hmc_rsp_valid_i[5:4] || rd_rsp_valid_i[1])
  );
  tern_clk_gate u_clk_rx (
    .clk_i, .rst_i, .clk_o(clk_rx),
    .busy_i(!rx_idle || rx_valid || gid_write_i || buf_rd_en || free_valid || steer_valid ||
            steer_marker_valid || mcast_valid)
  );
  tern_clk_gate u_clk_rsp (
    .clk_i, .rst_i, .clk_o(clk_rsp),
    .busy_i(!responder_idle || rq_db_valid_i || rsp_rx_valid || job_valid || job_busy ||
            ack_valid || refused_valid || job_mr_rsp_valid || rq_valid || |item_valid[3:2] ||
            jobs_clear_valid || job_drain_valid || rr_drop_valid || ack_drop_valid ||
            ack_ask_valid || rr_marker_valid || ack_marker_valid || fence || rd_rsp_valid_i[3] ||
            wr_rsp_valid_i[1] || |hmc_rsp_valid_i[11:9])
  );
  tern_clk_gate u_clk_mr (
    .clk_i, .rst_i, .clk_o(clk_mr),
    .busy_i(!mr_ctl_idle || mr_valid_i || seg_op_valid || inv_op_valid || hmc_rsp_valid_i[12] ||
            |inv_done || rx_fence_done || tx_fence_done)
  );
  tern_clk_gate u_clk_ctl (
    .clk_i, .rst_i, .clk_o(clk_ctl),
    .busy_i(!qp_ctl_idle || qp_valid_i || |err_valid || sq_drained_valid || |item_rsp_valid ||
            sched_done || rq_done || list_drop_done || rr_drop_done || job_drain_done ||
            ack_ask_done || place_clear_rsp_valid || mcast_done || tx_drained_valid ||
            rx_drained_valid)
  );

  logic unused;
  assign unused = &{1'b0, unused_refused, unused_error, sched_fetched};

  assign idle_o = requester_idle && completer_idle && tx_idle && loop_idle && rx_idle &&
                  commit_idle && responder_idle && mr_ctl_idle && qp_ctl_idle;

endmodule
