// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The response side of the requester: the list of outstanding requests, what the peer answers to
// them, and the timers. Only wires, and a FIFO for timers that are to be started: a start is a
// packet that has left, which waits for nobody. It has room, for tern_timer takes one per cycle
// but for its commands, which are fewer than packets.
//
//   tern_requester > list > tern_rh > items, rollbacks, wakes
//                             ^ v
//   packets sent > FIFO > tern_timer

module tern_completer (
  input  logic                      clk_i,
  input  logic                      rst_i,
  input  logic [63:0]               now_i,
  output logic                      idle_o,

  // tern_requester: the list (counts are those of list_qpn_i in the cycle before), what went wrong
  // or is new
  input  logic [tern_pkg::QpnW-1:0] list_qpn_i,
  output logic [15:0]               list_marks_o,
  output logic                      list_room_o,
  input  logic                      list_push_valid_i,
  output logic                      list_push_ready_o,
  input  logic [tern_pkg::QpnW-1:0] list_push_qpn_i,
  input  tern_pkg::out_req_t        list_push_i,
  input  logic                      list_push_mark_i,

  // Errors of entries (req_err_t): 0 tern_seg, 1 tern_gather
  input  logic [1:0]                req_err_valid_i,
  output logic [1:0]                req_err_ready_o,
  input  logic [1:0][45:0]          req_err_i,

  // tern_seg and tern_sched
  input  logic                      kick_valid_i,
  output logic                      kick_ready_o,
  input  logic [tern_pkg::QpnW-1:0] kick_qpn_i,
  input  logic                      snd_valid_i,
  input  logic [tern_pkg::QpnW-1:0] snd_qpn_i,
  input  logic [23:0]               snd_psn_i,
  output logic                      rollback_valid_o,
  input  logic                      rollback_ready_i,
  output tern_pkg::rollback_t       rollback_o,
  output logic                      wake_valid_o,
  input  logic                      wake_ready_i,
  output logic [tern_pkg::QpnW-1:0] wake_qpn_o,

  // Response packets and markers, and what becomes of them
  input  logic                      rx_valid_i,
  output logic                      rx_ready_o,
  input  tern_pkg::rx_pkt_t         rx_i,
  output logic                      item_valid_o,
  input  logic                      item_ready_i,
  output tern_pkg::pl_item_t        item_o,

  // A request packet has left; no ready
  input  logic                      sent_valid_i,
  input  logic [tern_pkg::QpnW-1:0] sent_qpn_i,

  // One that nobody will acknowledge has left, and completes its entry
  input  logic                      left_valid_i,
  output logic                      left_ready_o,
  input  logic [tern_pkg::QpnW-1:0] left_qpn_i,
  input  logic [23:0]               left_psn_i,

  // Control: items for line rh, a kick, the timer and first PSN of a QP, errors, how far a QP has
  // come; that no rollback waits; emptying of a list
  input  logic                      rh_item_valid_i,
  output logic                      rh_item_ready_o,
  input  tern_pkg::qp_item_t        rh_item_i,
  output logic                      rh_item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t    rh_item_rsp_o,
  input  logic                      ctl_kick_valid_i,
  output logic                      ctl_kick_ready_o,
  input  logic [tern_pkg::QpnW-1:0] ctl_kick_qpn_i,
  input  logic                      ctl_cmd_valid_i,
  output logic                      ctl_cmd_ready_o,
  input  logic [tern_pkg::QpnW-1:0] ctl_cmd_qpn_i,
  input  logic [4:0]                ctl_cmd_timeout_i,
  input  logic [1:0]                ctl_cmd_gen_i,
  input  logic [23:0]               ctl_cmd_psn_i,
  input  logic [15:0]               ctl_cmd_done_i,
  input  logic                      ctl_back_valid_i,
  output logic                      ctl_back_ready_o,
  input  logic [tern_pkg::QpnW-1:0] ctl_back_qpn_i,
  output logic                      qp_err_valid_o,
  input  logic                      qp_err_ready_i,
  output tern_pkg::qp_err_t         qp_err_o,
  output logic                      drained_valid_o,
  input  logic                      drained_ready_i,
  output logic [tern_pkg::QpnW-1:0] drained_qpn_o,
  output logic                      prog_valid_o,
  output tern_pkg::progress_t       prog_o,
  input  logic                      list_drop_valid_i,
  output logic                      list_drop_ready_o,
  input  logic [tern_pkg::QpnW-1:0] list_drop_qpn_i,
  output logic                      list_drop_done_o,

  // Host memory cache
  output logic                      hmc_valid_o,
  input  logic                      hmc_ready_i,
  output tern_pkg::hmc_req_t        hmc_o,
  input  logic                      hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t        hmc_rsp_i,

  // When the next timer is due
  output logic [63:0]               wake_at_o,

  // Statistics
  output logic                      stat_hit_o,
  output logic                      stat_miss_o,
  output logic                      stat_ack_o,
  output logic                      stat_nak_seq_o,
  output logic                      stat_nak_rnr_o,
  output logic                      stat_nak_err_o,
  output logic                      stat_response_o,
  output logic                      stat_gap_o,
  output logic                      stat_stray_o,
  output logic                      stat_timeout_o
);

  // ---------------------------------------------------------- requests that are not acknowledged

  logic list_idle, unused_lost, unused_peek, pop_valid, pop_ready, peek_valid, peek_ready;
  logic peek_empty;
  logic [13:0] list_marks, unused_count, unused_marks, unused_left, peek_count;
  logic [tern_pkg::QpnW-1:0] pop_qpn, peek_qpn;
  logic [117:0] peek_entry;

  tern_list_pool #(
    .EntryW  (118),
    .Private (1'b1),
    .Shared  (8192)
  ) u_list (
    .clk_i,
    .rst_i,
    .idle_o           (list_idle),
    .push_valid_i     (list_push_valid_i),
    .push_ready_o     (list_push_ready_o),
    .push_qpn_i       (list_push_qpn_i),
    .push_entry_i     (list_push_i),
    .push_mark_i      (list_push_mark_i),
    .push_lost_o      (unused_lost),
    .count_qpn_i      (list_qpn_i),
    .count_o          (unused_count),
    .marks_o          (list_marks),
    .room_o           (list_room_o),
    .left_o           (unused_left),
    .peek_valid_i     (peek_valid),
    .peek_ready_o     (peek_ready),
    .peek_qpn_i       (peek_qpn),
    .peek_rsp_valid_o (unused_peek),
    .peek_empty_o     (peek_empty),
    .peek_entry_o     (peek_entry),
    .peek_count_o     (peek_count),
    .peek_marks_o     (unused_marks),
    .pop_valid_i      (pop_valid),
    .pop_ready_o      (pop_ready),
    .pop_qpn_i        (pop_qpn),
    .drop_valid_i     (list_drop_valid_i),
    .drop_ready_o     (list_drop_ready_o),
    .drop_qpn_i       (list_drop_qpn_i),
    .drop_done_o      (list_drop_done_o)
  );

  // ----------------------------------------------------------------------------------- responses

  logic rh_idle, fire_valid, fire_ready, fire_rnr, cmd_valid, cmd_ready, cmd_ack, cmd_rnr;
  logic [tern_pkg::QpnW-1:0] fire_qpn, cmd_qpn;
  logic [1:0] fire_gen, cmd_gen;
  logic [4:0] cmd_timeout;
  logic [31:0] cmd_delta;

  tern_rh u_rh (
    .clk_i,
    .rst_i,
    .idle_o               (rh_idle),
    .rx_valid_i,
    .rx_ready_o,
    .rx_i,
    .req_err_valid_i,
    .req_err_ready_o,
    .req_err_i,
    .kick_valid_i,
    .kick_ready_o,
    .kick_qpn_i,
    .ctl_kick_valid_i,
    .ctl_kick_ready_o,
    .ctl_kick_qpn_i,
    .left_valid_i,
    .left_ready_o,
    .left_qpn_i,
    .left_psn_i,
    .snd_valid_i,
    .snd_qpn_i,
    .snd_psn_i,
    .peek_valid_o         (peek_valid),
    .peek_ready_i         (peek_ready),
    .peek_qpn_o           (peek_qpn),
    .peek_empty_i         (peek_empty),
    .peek_entry_i         (peek_entry),
    .peek_count_i         (peek_count),
    .pop_valid_o          (pop_valid),
    .pop_ready_i          (pop_ready),
    .pop_qpn_o            (pop_qpn),
    .fire_valid_i         (fire_valid),
    .fire_ready_o         (fire_ready),
    .fire_qpn_i           (fire_qpn),
    .fire_rnr_i           (fire_rnr),
    .fire_gen_i           (fire_gen),
    .cmd_valid_o          (cmd_valid),
    .cmd_ready_i          (cmd_ready),
    .cmd_qpn_o            (cmd_qpn),
    .cmd_ack_o            (cmd_ack),
    .cmd_rnr_o            (cmd_rnr),
    .cmd_timeout_o        (cmd_timeout),
    .cmd_gen_o            (cmd_gen),
    .cmd_delta_o          (cmd_delta),
    .ctl_cmd_valid_i,
    .ctl_cmd_ready_o,
    .ctl_cmd_qpn_i,
    .ctl_cmd_timeout_i,
    .ctl_cmd_gen_i,
    .ctl_cmd_psn_i,
    .ctl_cmd_done_i,
    .ctl_back_valid_i,
    .ctl_back_ready_o,
    .ctl_back_qpn_i,
    .item_valid_o,
    .item_ready_i,
    .item_o,
    .rollback_valid_o,
    .rollback_ready_i,
    .rollback_o,
    .wake_valid_o,
    .wake_ready_i,
    .wake_qpn_o,
    .qp_err_valid_o,
    .qp_err_ready_i,
    .qp_err_o,
    .drained_valid_o,
    .drained_ready_i,
    .drained_qpn_o,
    .prog_valid_o,
    .prog_o,
    .ctl_item_valid_i     (rh_item_valid_i),
    .ctl_item_ready_o     (rh_item_ready_o),
    .ctl_item_i           (rh_item_i),
    .ctl_item_rsp_valid_o (rh_item_rsp_valid_o),
    .ctl_item_rsp_o       (rh_item_rsp_o),
    .hmc_valid_o,
    .hmc_ready_i,
    .hmc_o,
    .hmc_rsp_valid_i,
    .hmc_rsp_i,
    .stat_hit_o,
    .stat_miss_o,
    .stat_ack_o,
    .stat_nak_seq_o,
    .stat_nak_rnr_o,
    .stat_nak_err_o,
    .stat_response_o,
    .stat_gap_o,
    .stat_stray_o,
    .stat_timeout_o
  );

  // -------------------------------------------------------------------------------------- timers

  logic timer_idle, start_valid, start_ready, unused_full;
  logic [tern_pkg::QpnW-1:0] start_qpn;

  tern_fifo #(
    .Width (tern_pkg::QpnW),
    .Depth (16)
  ) u_starts (
    .clk_i,
    .rst_i,
    .in_valid_i  (sent_valid_i),
    .in_ready_o  (unused_full),
    .in_data_i   (sent_qpn_i),
    .out_valid_o (start_valid),
    .out_ready_i (start_ready),
    .out_data_o  (start_qpn)
  );

  tern_timer u_timer (
    .clk_i,
    .rst_i,
    .now_i,
    .idle_o        (timer_idle),
    .wake_at_o,
    .cmd_valid_i   (cmd_valid),
    .cmd_ready_o   (cmd_ready),
    .cmd_qpn_i     (cmd_qpn),
    .cmd_ack_i     (cmd_ack),
    .cmd_rnr_i     (cmd_rnr),
    .cmd_timeout_i (cmd_timeout),
    .cmd_gen_i     (cmd_gen),
    .cmd_delta_i   (cmd_delta),
    .start_valid_i (start_valid),
    .start_ready_o (start_ready),
    .start_qpn_i   (start_qpn),
    .fire_valid_o  (fire_valid),
    .fire_ready_i  (fire_ready),
    .fire_qpn_o    (fire_qpn),
    .fire_rnr_o    (fire_rnr),
    .fire_gen_o    (fire_gen)
  );

  assign list_marks_o = {2'b00, list_marks};

  logic unused;
  assign unused = &{1'b0, unused_count, unused_left, unused_lost, unused_marks, unused_peek,
                    unused_full};

  assign idle_o = list_idle && rh_idle && timer_idle && !start_valid;

endmodule
