// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The send side of the requester: from a doorbell to request packets. Only wires.
//
//   doorbells > tern_sched > tern_sq_fetch > tern_seg > packets
//               ^   ^           ^ tern_push   |  \___ list of outstanding requests, tern_rh
//      wakes ---'   '---- resumes ------------'

module tern_requester (
  input  logic                       clk_i,
  input  logic                       rst_i,
  output logic                       idle_o,

  // Doorbells of send queues, refused ones, and stores to the push pages
  output logic                       sq_bad_valid_o,
  input  logic                       sq_bad_ready_i,
  output tern_pkg::db_bad_t          sq_bad_o,
  input  logic                       sq_db_valid_i,
  output logic                       sq_db_ready_o,
  input  tern_pkg::db_t              sq_db_i,
  input  logic                       push_valid_i,
  input  logic                       push_seal_i,
  input  logic [tern_pkg::PageW-1:0] push_page_i,
  input  logic [5:0]                 push_slot_i,
  input  logic [2:0]                 push_word_i,
  input  logic [63:0]                push_data_i,
  input  logic [7:0]                 push_strb_i,

  // Packets for tern_tx
  output logic                       pkt_valid_o,
  input  logic                       pkt_ready_i,
  output tern_pkg::tx_pkt_t          pkt_o,
  output logic                       piece_valid_o,
  input  logic                       piece_ready_i,
  output tern_pkg::tx_piece_t        piece_o,
  input  logic                       ahead_i,        // see tern_seg
  output logic                       path_valid_o,   // addresses of UD packets
  input  logic                       path_ready_i,
  output tern_pkg::ud_path_t         path_o,
  output logic                       back_valid_o,   // see tern_seg
  output logic [tern_pkg::QpnW-1:0]  back_qpn_o,

  // The list of outstanding requests; counts are those of list_qpn_o in the cycle before
  output logic [tern_pkg::QpnW-1:0]  list_qpn_o,
  input  logic [15:0]                list_marks_i,
  input  logic                       list_room_i,
  output logic                       list_push_valid_o,
  input  logic                       list_push_ready_i,
  output logic [tern_pkg::QpnW-1:0]  list_push_qpn_o,
  output tern_pkg::out_req_t         list_push_o,
  output logic                       list_push_mark_o,

  // tern_rh
  input  logic                       wake_valid_i,
  output logic                       wake_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  wake_qpn_i,
  input  logic                       rollback_valid_i,
  output logic                       rollback_ready_o,
  input  tern_pkg::rollback_t        rollback_i,
  input  logic                       prog_valid_i,
  input  tern_pkg::progress_t        prog_i,
  output logic                       req_err_valid_o,
  input  logic                       req_err_ready_i,
  output tern_pkg::req_err_t         req_err_o,
  output logic                       kick_valid_o,
  input  logic                       kick_ready_i,
  output logic [tern_pkg::QpnW-1:0]  kick_qpn_o,
  output logic                       snd_valid_o,
  output logic [tern_pkg::QpnW-1:0]  snd_qpn_o,
  output logic [23:0]                snd_psn_o,

  // tern_mr_ctl: local operations
  output logic                       mr_valid_o,
  input  logic                       mr_ready_i,
  output tern_pkg::mr_op_t           mr_o,
  input  logic                       mr_rsp_valid_i,
  input  logic [7:0]                 mr_rsp_status_i,

  // CQ engine: entries that are flushed
  output logic                       cqe_valid_o,
  input  logic                       cqe_ready_i,
  output tern_pkg::cqe_req_t         cqe_o,

  // Control: commands of tern_sched, a page of tern_push that gets another owner, items for the
  // lines ring (of this side) and seg
  input  logic                       sched_valid_i,
  output logic                       sched_ready_o,
  input  logic [3:0]                 sched_op_i,
  input  logic [tern_pkg::QpnW-1:0]  sched_qpn_i,
  input  logic [tern_pkg::PageW-1:0] sched_page_i,
  input  logic [3:0]                 sched_log_size_i,
  input  logic [15:0]                sched_index_i,
  output logic                       sched_done_o,
  output logic [15:0]                sched_producer_o,
  output logic [15:0]                sched_fetched_o,
  input  logic                       push_drop_valid_i,
  input  logic [tern_pkg::PageW-1:0] push_drop_page_i,
  input  logic                       ring_item_valid_i,
  output logic                       ring_item_ready_o,
  input  tern_pkg::qp_item_t         ring_item_i,
  output logic                       ring_item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t     ring_item_rsp_o,
  input  logic                       seg_item_valid_i,
  output logic                       seg_item_ready_o,
  input  tern_pkg::qp_item_t         seg_item_i,
  output logic                       seg_item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t     seg_item_rsp_o,

  // Host memory cache: three clients, one answer bus
  output logic                       hmc_ring_valid_o,
  input  logic                       hmc_ring_ready_i,
  output tern_pkg::hmc_req_t         hmc_ring_o,
  input  logic                       hmc_ring_rsp_valid_i,
  output logic                       hmc_pbl_valid_o,
  input  logic                       hmc_pbl_ready_i,
  output tern_pkg::hmc_req_t         hmc_pbl_o,
  input  logic                       hmc_pbl_rsp_valid_i,
  input  logic                       hmc_seg_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t         hmc_rsp_i,
  output logic                       hmc_seg_valid_o,
  input  logic                       hmc_seg_ready_i,
  output tern_pkg::hmc_req_t         hmc_seg_o,

  // DMA read client
  input  logic                       rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t      rd_rsp_i,
  output logic                       rd_valid_o,
  input  logic                       rd_ready_i,
  output tern_pkg::dma_rd_req_t      rd_o,

  // Statistics: ring, seg
  output logic [1:0]                 stat_hit_o,
  output logic [1:0]                 stat_miss_o,
  output logic                       stat_again_o,
  output logic                       stat_resent_o
);

  logic clk_sched, clk_push, clk_fetch, clk_seg;  // see the end

  // --------------------------------------------------------------------------------- which queue

  logic sched_idle, job_valid, job_ready, resume_valid, resume_ready, others;
  tern_pkg::sq_job_t job;
  tern_pkg::sq_resume_t resume;
  logic [tern_pkg::QpnW-1:0] cur_qpn;

  tern_sched u_sched (
    .clk_i (clk_sched),
    .rst_i,
    .idle_o         (sched_idle),
    .db_valid_i     (sq_db_valid_i),
    .db_ready_o     (sq_db_ready_o),
    .db_i           (sq_db_i),
    .db_bad_valid_o (sq_bad_valid_o),
    .db_bad_ready_i (sq_bad_ready_i),
    .db_bad_o       (sq_bad_o),
    .resume_valid_i (resume_valid),
    .resume_ready_o (resume_ready),
    .resume_i       (resume),
    .wake_valid_i,
    .wake_ready_o,
    .wake_qpn_i,
    .ctl_valid_i    (sched_valid_i),
    .ctl_ready_o    (sched_ready_o),
    .ctl_op_i       (sched_op_i),
    .ctl_qpn_i      (sched_qpn_i),
    .ctl_page_i     (sched_page_i),
    .ctl_log_size_i (sched_log_size_i),
    .ctl_index_i    (sched_index_i),
    .ctl_done_o     (sched_done_o),
    .ctl_producer_o (sched_producer_o),
    .ctl_fetched_o  (sched_fetched_o),
    .job_valid_o    (job_valid),
    .job_ready_i    (job_ready),
    .job_o          (job),
    .cur_qpn_i      (cur_qpn),
    .others_o       (others)
  );

  // -------------------------------------------------------------------------------- pushed slots

  logic push_idle, unused_look, look_hit, look_valid;
  logic [511:0] look_line;
  logic [tern_pkg::PageW-1:0] look_page;
  logic [tern_pkg::QpnW-1:0] look_qpn;
  logic [15:0] look_index;

  tern_push u_push (
    .clk_i (clk_push),
    .rst_i,
    .idle_o           (push_idle),
    .push_valid_i,
    .push_seal_i,
    .push_page_i,
    .push_slot_i,
    .push_word_i,
    .push_data_i,
    .push_strb_i,
    .look_valid_i     (look_valid),
    .look_page_i      (look_page),
    .look_qpn_i       (look_qpn),
    .look_index_i     (look_index),
    .look_rsp_valid_o (unused_look),
    .look_hit_o       (look_hit),
    .look_line_o      (look_line),
    .drop_valid_i     (push_drop_valid_i),
    .drop_page_i      (push_drop_page_i)
  );

  // ----------------------------------------------------------------------------- slots of queues

  logic sq_fetch_idle, fetched_valid, fetched_ready, free_valid, slot_rd;
  tern_pkg::sq_job_t fetched_job;
  tern_pkg::hmc_err_e fetched_err;
  logic [4:0] fetched_buf, free_buf;
  logic [8:0] slot_addr;
  logic [511:0] slot_data;

  tern_sq_fetch u_sq_fetch (
    .clk_i (clk_fetch),
    .rst_i,
    .idle_o           (sq_fetch_idle),
    .job_valid_i      (job_valid),
    .job_ready_o      (job_ready),
    .job_i            (job),
    .look_valid_o     (look_valid),
    .look_page_o      (look_page),
    .look_qpn_o       (look_qpn),
    .look_index_o     (look_index),
    .look_hit_i       (look_hit),
    .look_line_i      (look_line),
    .out_valid_o      (fetched_valid),
    .out_ready_i      (fetched_ready),
    .out_job_o        (fetched_job),
    .out_err_o        (fetched_err),
    .out_buf_o        (fetched_buf),
    .free_valid_i     (free_valid),
    .free_buf_i       (free_buf),
    .slot_rd_i        (slot_rd),
    .slot_addr_i      (slot_addr),
    .slot_data_o      (slot_data),
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
    .rd_valid_o,
    .rd_ready_i,
    .rd_o,
    .rd_rsp_valid_i,
    .rd_rsp_i,
    .stat_hit_o       (stat_hit_o[0]),
    .stat_miss_o      (stat_miss_o[0])
  );

  // ------------------------------------------------------------------------------------- packets

  logic seg_idle, waiting;

  tern_seg u_seg (
    .clk_i (clk_seg),
    .rst_i,
    .idle_o            (seg_idle),
    .job_valid_i       (fetched_valid),
    .job_ready_o       (fetched_ready),
    .job_i             (fetched_job),
    .job_err_i         (fetched_err),
    .job_buf_i         (fetched_buf),
    .free_valid_o      (free_valid),
    .free_buf_o        (free_buf),
    .slot_rd_o         (slot_rd),
    .slot_addr_o       (slot_addr),
    .slot_data_i       (slot_data),
    .rollback_valid_i,
    .rollback_ready_o,
    .rollback_i,
    .prog_valid_i,
    .prog_i,
    .waiting_o         (waiting),
    .cur_qpn_o         (cur_qpn),
    .others_i          (others || waiting),
    .resume_valid_o    (resume_valid),
    .resume_ready_i    (resume_ready),
    .resume_o          (resume),
    .list_qpn_o,
    .list_marks_i,
    .list_room_i,
    .list_push_valid_o,
    .list_push_ready_i,
    .list_push_qpn_o,
    .list_push_o,
    .list_push_mark_o,
    .pkt_valid_o,
    .pkt_ready_i,
    .pkt_o,
    .piece_valid_o,
    .piece_ready_i,
    .piece_o,
    .ahead_i,
    .path_valid_o,
    .path_ready_i,
    .path_o,
    .back_valid_o,
    .back_qpn_o,
    .mr_valid_o,
    .mr_ready_i,
    .mr_o,
    .mr_rsp_valid_i,
    .mr_rsp_status_i,
    .req_err_valid_o,
    .req_err_ready_i,
    .req_err_o,
    .kick_valid_o,
    .kick_ready_i,
    .kick_qpn_o,
    .snd_valid_o,
    .snd_qpn_o,
    .snd_psn_o,
    .cqe_valid_o,
    .cqe_ready_i,
    .cqe_o,
    .item_valid_i      (seg_item_valid_i),
    .item_ready_o      (seg_item_ready_o),
    .item_i            (seg_item_i),
    .item_rsp_valid_o  (seg_item_rsp_valid_o),
    .item_rsp_o        (seg_item_rsp_o),
    .hmc_valid_o       (hmc_seg_valid_o),
    .hmc_ready_i       (hmc_seg_ready_i),
    .hmc_o             (hmc_seg_o),
    .hmc_rsp_valid_i   (hmc_seg_rsp_valid_i),
    .hmc_rsp_i,
    .stat_hit_o        (stat_hit_o[1]),
    .stat_miss_o       (stat_miss_o[1]),
    .stat_again_o,
    .stat_resent_o
  );

  // -------------------------------------------------------------------------------------- clocks

  // Each part has a clock while it works or is asked to
  tern_clk_gate u_clk_sched (
    .clk_i, .rst_i, .clk_o(clk_sched),
    .busy_i(!sched_idle || sq_db_valid_i || resume_valid || wake_valid_i || sched_valid_i ||
            sq_bad_valid_o)
  );
  tern_clk_gate u_clk_push (
    .clk_i, .rst_i, .clk_o(clk_push),
    .busy_i(!push_idle || push_valid_i || look_valid || push_drop_valid_i)
  );
  tern_clk_gate u_clk_fetch (
    .clk_i, .rst_i, .clk_o(clk_fetch),
    .busy_i(!sq_fetch_idle || job_valid || free_valid || slot_rd || ring_item_valid_i ||
            hmc_ring_rsp_valid_i || hmc_pbl_rsp_valid_i || rd_rsp_valid_i)
  );
  tern_clk_gate u_clk_seg (
    .clk_i, .rst_i, .clk_o(clk_seg),
    .busy_i(!seg_idle || fetched_valid || rollback_valid_i || prog_valid_i || mr_rsp_valid_i ||
            seg_item_valid_i || hmc_seg_rsp_valid_i)
  );

  assign idle_o = sched_idle && push_idle && sq_fetch_idle && seg_idle;

endmodule
