// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Response side of the requester: what the peer answers, timers that run out and errors of the
// send side, set against the list of outstanding requests. Owns line `rh` of the QPs; the rules
// are in tern_rh_step.
//
//   packets, markers ---.
//   timers -------------+-> tern_qp_line --> tern_rh_step --> items, timer commands, wakes, errors
//   kicks, errors ->box-'       head of the list --^    '---> box -> rollbacks
//
// A request stays at the output of the cache until all of its steps are done; its line changes in
// a work register and goes back in the cycle after. After 16 steps it is put back (hold), and goes
// on behind others that wait; requests of its own QPN stay behind it.
//
// What users may rely on:
// - Kicks, errors and packets that left (kick, req_err, left) are always taken within a few cycles, however long items or
//   rollbacks wait: nothing that this block waits for may depend on more than that. They are kept
//   per QPN; of errors the one of the oldest entry is kept.
// - Rollbacks never hold up anything here. A newer one of a QPN takes the place of one that was
//   not taken yet.
// - Every packet yields one item with pkt, every marker one with marker, every entry that
//   completes one with cqe_valid, in order.
// - ctl_back is taken when no rollback of the QP waits here any more: each was taken by tern_seg, or
//   thrown away. The control asks when the QP is off; else it could hit its next connection.
// - drained_o: a QP with `draining` has nothing outstanding; told once, draining is cleared. The
//   control kicks the QP (ctl_kick) after it has set draining.
// - qp_err_o: the QP ignores everything but markers from here on, until the control patches its
//   line. It must be taken whatever control items wait for an answer.
// - ctl_cmd: before a QP first sends. The timer gets `off` with the timeout of the QP and the gen
//   of its line, psn is the one of the first packet and done the index of the first entry: nothing
//   is sent yet.
// - prog_o tells how far the QP has come, at ctl_cmd and when its line is written: for whoever
//   sends again. It comes before the items and wakes of the same step.
//
// A packet that hits leaves as an item in the fourth cycle after it was taken. Sustained: a step,
// so an entry that completes, every 3 cycles, of one QP or of many; two cycles for a packet that
// does not concern the list.
//
// After reset nothing is taken for Qps cycles (sweep of the boxes).

module tern_rh #(
  parameter int unsigned Qps   = tern_pkg::MaxQps,  // power of two; QPNs are below
  parameter int unsigned Sets  = 16,
  parameter int unsigned Ways  = 4,
  parameter int unsigned Slots = 8,
  localparam int unsigned OutW = 2 + 8 + 1 + 8 + 16 + 3 + 24 + 24 + 32
) (
  input  logic                        clk_i,
  input  logic                        rst_i,
  output logic                        idle_o,

  // Response packets and markers
  input  logic                        rx_valid_i,
  output logic                        rx_ready_o,
  input  tern_pkg::rx_pkt_t           rx_i,

  // Errors of entries: 0 tern_seg, 1 tern_gather
  input  logic [1:0]                  req_err_valid_i,
  output logic [1:0]                  req_err_ready_o,
  input  logic [1:0][45:0]            req_err_i,        // req_err_t

  input  logic                        kick_valid_i,     // tern_seg: local operation in the list
  output logic                        kick_ready_o,
  input  logic [tern_pkg::QpnW-1:0]   kick_qpn_i,
  input  logic                        ctl_kick_valid_i,
  output logic                        ctl_kick_ready_o,
  input  logic [tern_pkg::QpnW-1:0]   ctl_kick_qpn_i,
  input  logic                        left_valid_i,     // tern_emit: a request that nobody will
  output logic                        left_ready_o,     // acknowledge has left, up to this PSN
  input  logic [tern_pkg::QpnW-1:0]   left_qpn_i,
  input  logic [23:0]                 left_psn_i,

  // One behind the highest PSN that was sent
  input  logic                        snd_valid_i,
  input  logic [tern_pkg::QpnW-1:0]   snd_qpn_i,
  input  logic [23:0]                 snd_psn_i,

  // tern_list_pool with the outstanding requests; a peek is answered in the second cycle after
  output logic                        peek_valid_o,
  input  logic                        peek_ready_i,
  output logic [tern_pkg::QpnW-1:0]   peek_qpn_o,
  input  logic                        peek_empty_i,
  input  logic [OutW-1:0]             peek_entry_i,     // out_req_t
  input  logic [13:0]                 peek_count_i,
  output logic                        pop_valid_o,
  input  logic                        pop_ready_i,
  output logic [tern_pkg::QpnW-1:0]   pop_qpn_o,

  // tern_timer
  input  logic                        fire_valid_i,
  output logic                        fire_ready_o,
  input  logic [tern_pkg::QpnW-1:0]   fire_qpn_i,
  input  logic                        fire_rnr_i,
  input  logic [1:0]                  fire_gen_i,
  output logic                        cmd_valid_o,
  input  logic                        cmd_ready_i,
  output logic [tern_pkg::QpnW-1:0]   cmd_qpn_o,
  output logic                        cmd_ack_o,
  output logic                        cmd_rnr_o,
  output logic [4:0]                  cmd_timeout_o,
  output logic [1:0]                  cmd_gen_o,
  output logic [31:0]                 cmd_delta_o,
  input  logic                        ctl_cmd_valid_i,
  output logic                        ctl_cmd_ready_o,
  input  logic [tern_pkg::QpnW-1:0]   ctl_cmd_qpn_i,
  input  logic [4:0]                  ctl_cmd_timeout_i,
  input  logic [1:0]                  ctl_cmd_gen_i,
  input  logic [23:0]                 ctl_cmd_psn_i,
  input  logic [15:0]                 ctl_cmd_done_i,

  input  logic                        ctl_back_valid_i,
  output logic                        ctl_back_ready_o,
  input  logic [tern_pkg::QpnW-1:0]   ctl_back_qpn_i,

  output logic                        item_valid_o,     // to tern_scatter
  input  logic                        item_ready_i,
  output tern_pkg::pl_item_t          item_o,
  output logic                        rollback_valid_o, // to tern_seg
  input  logic                        rollback_ready_i,
  output tern_pkg::rollback_t         rollback_o,
  output logic                        wake_valid_o,     // to tern_sched
  input  logic                        wake_ready_i,
  output logic [tern_pkg::QpnW-1:0]   wake_qpn_o,
  output logic                        qp_err_valid_o,
  input  logic                        qp_err_ready_i,
  output tern_pkg::qp_err_t           qp_err_o,
  output logic                        drained_valid_o,
  input  logic                        drained_ready_i,
  output logic [tern_pkg::QpnW-1:0]   drained_qpn_o,
  output logic                        prog_valid_o,     // no ready
  output tern_pkg::progress_t         prog_o,

  // Control items for line `rh`
  input  logic                        ctl_item_valid_i,
  output logic                        ctl_item_ready_o,
  input  tern_pkg::qp_item_t          ctl_item_i,
  output logic                        ctl_item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t      ctl_item_rsp_o,

  // Host memory cache
  output logic                        hmc_valid_o,
  input  logic                        hmc_ready_i,
  output tern_pkg::hmc_req_t          hmc_o,
  input  logic                        hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t          hmc_rsp_i,

  output logic                        stat_hit_o,
  output logic                        stat_miss_o,
  output logic                        stat_ack_o,
  output logic                        stat_nak_seq_o,
  output logic                        stat_nak_rnr_o,
  output logic                        stat_nak_err_o,
  output logic                        stat_response_o,
  output logic                        stat_gap_o,
  output logic                        stat_stray_o,
  output logic                        stat_timeout_o
);

  localparam int unsigned QpW     = $clog2(Qps);
  localparam int unsigned SlotW   = $clog2(Slots);
  localparam logic [3:0]  MaxStep = 4'd15;   // the last one before a request is put back
  localparam logic [2:0]  MaxAge  = 3'd7;    // cycles that a head read ahead is good for

  // ------------------------------------------------------------------- kicks and errors: events

  typedef struct packed {
    logic        kick;    // as tern_rh_event makes them
    logic        err;
    logic        data;
    logic [15:0] wqe;
    logic [7:0]  status;
    logic [5:0]  reason;
    logic        left;    // QPs that are not RC: as an ACK for psn
    logic [23:0] psn;
  } event_t;

  localparam int unsigned EventW = 1 + 1 + 1 + 16 + 8 + 6 + 1 + 24;

  logic              event_valid, event_ready;
  logic [QpW-1:0]    event_qpn;
  logic [EventW-1:0] event_data;
  logic              event_idle, event_up;
  logic              self_valid_q, self_ready;
  logic [QpW-1:0]    self_qpn_q;

  tern_rh_event #(.Qps(Qps)) u_event (
    .clk_i, .rst_i, .idle_o(event_idle), .up_o(event_up),
    .req_err_valid_i, .req_err_ready_o, .req_err_i,
    .kick_valid_i, .kick_ready_o, .kick_qpn_i(kick_qpn_i[QpW-1:0]),
    .ctl_kick_valid_i, .ctl_kick_ready_o, .ctl_kick_qpn_i(ctl_kick_qpn_i[QpW-1:0]),
    .self_valid_i(self_valid_q), .self_ready_o(self_ready), .self_qpn_i(self_qpn_q),
    .left_valid_i, .left_ready_o, .left_qpn_i(left_qpn_i[QpW-1:0]), .left_psn_i,
    .out_valid_o(event_valid), .out_ready_i(event_ready), .out_qpn_o(event_qpn),
    .out_data_o(event_data)
  );

  // ------------------------------------------------------------------------------ requests

  typedef enum logic [1:0] {
    RqPkt,
    RqMarker,
    RqTimer,
    RqEvent
  } rq_e;

  localparam int unsigned PktW     = 7 + 10 + 6 + 14 + 8 + 24 + 8;
  localparam int unsigned PayloadW = 2 + PktW;

  logic                      up;
  logic [2:0]                src_valid, src_grant;
  logic                      req_valid, req_ready;
  logic [1:0]                src_idx;
  logic [tern_pkg::QpnW-1:0] req_qpn;
  rq_e                       req_kind;
  logic [PktW-1:0]           req_data;

  assign up        = event_up && peek_ready_i;
  assign src_valid = {fire_valid_i, event_valid, rx_valid_i} & {3{up}};

  tern_rr_arb #(.N(3)) u_src (
    .clk_i, .rst_i,
    .req_i(src_valid), .take_i(req_valid && req_ready),
    .valid_o(req_valid), .onehot_o(src_grant), .idx_o(src_idx)
  );

  assign {fire_ready_o, event_ready, rx_ready_o} = src_grant & {3{req_ready}};

  always_comb begin
    unique case (src_idx)
      2'd0: begin
        req_qpn  = rx_i.qpn;
        req_kind = rx_i.marker ? RqMarker : RqPkt;
        req_data = {rx_i.id, rx_i.line, rx_i.lane, rx_i.len, rx_i.opcode, rx_i.psn, rx_i.ext[7:0]};
      end
      2'd1: begin
        req_qpn  = tern_pkg::QpnW'(event_qpn);
        req_kind = RqEvent;
        req_data = PktW'(event_data);
      end
      default: begin
        req_qpn  = fire_qpn_i;
        req_kind = RqTimer;
        req_data = PktW'({fire_rnr_i, fire_gen_i});
      end
    endcase
  end

  // ------------------------------------------------------------------------------- the line

  logic                      line_idle, out_valid, out_ready, out_hold, out_resumed;
  logic [tern_pkg::QpnW-1:0] qpn;
  logic [PayloadW-1:0]       out_payload;
  logic [SlotW-1:0]          out_slot, wake_slot_q;
  logic                      wb_q, held_q;
  tern_pkg::hmc_err_e        out_err;
  logic [511:0]              out_line;
  tern_hw_pkg::tern_hw_qp_rh_t out_ctx, ctx_q, ctx_d;
  rq_e                       kind;
  logic [6:0]                pkt_id;
  logic [9:0]                pkt_line;
  logic [5:0]                pkt_lane;
  logic [13:0]               pkt_len;
  logic [7:0]                pkt_opcode, pkt_syndrome;
  logic [23:0]               pkt_psn;
  event_t                    event_now;

  tern_qp_line #(
    .Line({tern_hw_pkg::TERN_HW_QP_LINE_RH}), .Sets(Sets), .Ways(Ways), .Slots(Slots),
    .PayloadW(PayloadW)
  ) u_line (
    .clk_i, .rst_i, .idle_o(line_idle),
    .req_valid_i(req_valid), .req_ready_o(req_ready), .req_index_i(req_qpn),
    .req_payload_i({req_kind, req_data}),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_hold_i(out_hold), .out_index_o(qpn),
    .out_payload_o(out_payload), .out_slot_o(out_slot), .out_resumed_o(out_resumed),
    .out_err_o(out_err), .out_line_o(out_line),
    .wb_valid_i(wb_q), .wb_line_i(ctx_q), .wake_valid_i(held_q), .wake_slot_i(wake_slot_q),
    .item_valid_i(ctl_item_valid_i), .item_ready_o(ctl_item_ready_o), .item_i(ctl_item_i),
    .item_rsp_valid_o(ctl_item_rsp_valid_o), .item_rsp_o(ctl_item_rsp_o),
    .hmc_valid_o, .hmc_ready_i, .hmc_o, .hmc_rsp_valid_i, .hmc_rsp_i,
    .stat_hit_o, .stat_miss_o
  );

  assign kind      = rq_e'(out_payload[PktW+:2]);
  assign {pkt_id, pkt_line, pkt_lane, pkt_len, pkt_opcode, pkt_psn, pkt_syndrome} =
      out_payload[PktW-1:0];
  assign event_now = out_payload[EventW-1:0];
  assign out_ctx   = out_line;

  // ------------------------------------------------------------------------ the newest PSN sent

  logic [23:0] snd_psn [Qps];
  logic [23:0] snd_q;

  always_ff @(posedge clk_i) begin
    if (snd_valid_i) snd_psn[snd_qpn_i[QpW-1:0]] <= snd_psn_i;
    else if (ctl_cmd_valid_i && ctl_cmd_ready_o) snd_psn[ctl_cmd_qpn_i[QpW-1:0]] <= ctl_cmd_psn_i;
    if (out_valid) snd_q <= snd_psn[qpn[QpW-1:0]];
  end

  // --------------------------------------------------------------------------- head of the list
  //
  // Asked for when a request shows, and again after each entry that was taken off: for the next
  // step, or ahead for the next request of this QPN. What was read ahead is used at once or not
  // at all. An event needs to see what was pushed before it, so it always asks anew.

  logic              work_q;          // a request is being worked on: ctx_q is its line
  logic              look;            // the first cycle of one
  logic              usable, need_q;
  logic              step, pop, more;
  logic [23:0]       part;
  logic              again_q;         // an entry was taken off in the cycle before
  logic [QpW-1:0]    again_qpn_q;
  logic              p1_valid_q, p2_valid_q;
  logic [QpW-1:0]    p1_qpn_q, p2_qpn_q;
  logic              head_valid_q, head_empty_q;
  logic [QpW-1:0]    head_qpn_q;
  logic [2:0]        head_age_q;
  logic [OutW-1:0]   head_entry_q;
  logic [13:0]       head_count_q;
  logic              ask, ahead_here, arrives, head_ready, want;
  logic [QpW-1:0]    q;
  tern_pkg::out_req_t head;
  logic              head_empty;
  logic [13:0]       head_count;

  if ($bits(head) != OutW) begin : gen_bad_size
    $error("tern_rh: out_req_t has changed");
  end

  assign q          = qpn[QpW-1:0];
  assign look       = out_valid && !work_q;
  assign want       = out_err == tern_pkg::HmcOk && out_ctx.conn.active && !out_ctx.cq.stopped &&
                      kind != RqMarker;
  assign ahead_here = kind != RqEvent &&
                      ((head_valid_q && head_qpn_q == q && !head_empty_q &&
                        head_age_q != MaxAge) || arrives ||
                       (p1_valid_q && p1_qpn_q == q) || (again_q && again_qpn_q == q));
  assign ask        = look && want && !ahead_here;

  assign peek_valid_o = ask || again_q;
  assign peek_qpn_o   = tern_pkg::QpnW'(ask ? q : again_qpn_q);

  assign arrives    = p2_valid_q && p2_qpn_q == q;
  assign head_ready = arrives || (head_valid_q && head_qpn_q == q);
  assign head       = arrives ? peek_entry_i : head_entry_q;
  assign head_empty = arrives ? peek_empty_i : head_empty_q;
  assign head_count = arrives ? peek_count_i : head_count_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      p1_valid_q   <= 1'b0;
      p2_valid_q   <= 1'b0;
      again_q      <= 1'b0;
      head_valid_q <= 1'b0;
    end else begin
      p1_valid_q <= peek_valid_o;
      p2_valid_q <= p1_valid_q && !ask;
      again_q    <= step && pop;
      if (step || ask) head_valid_q <= 1'b0;
      else if (p2_valid_q) head_valid_q <= 1'b1;
      else if (!work_q && head_age_q == MaxAge) head_valid_q <= 1'b0;
    end
    if (step && pop) again_qpn_q <= q;
    if (peek_valid_o) p1_qpn_q <= peek_qpn_o[QpW-1:0];
    if (p1_valid_q) p2_qpn_q <= p1_qpn_q;
    if (p2_valid_q) begin
      head_qpn_q   <= p2_qpn_q;
      head_entry_q <= peek_entry_i;
      head_empty_q <= peek_empty_i;
      head_count_q <= peek_count_i;
      head_age_q   <= '0;
    end else if (head_valid_q && head_age_q != MaxAge) head_age_q <= head_age_q + 1'b1;
  end

  // ------------------------------------------------------------------------------- the step

  logic [3:0]          steps_q;
  logic                acted_q, progress_q, popped_q;
  logic                acted_d, progress_d;
  logic                room, ready, last_step, limit;
  logic                item_due, rollback_due, cmd_due, cmd_ack, cmd_rnr, wake_due, kick_due;
  logic                drained_due, fail_due;
  tern_pkg::pl_item_t  item_d;
  tern_pkg::rollback_t rollback_d;
  tern_pkg::qp_err_t   fail_d;
  logic [31:0]         cmd_delta_d;
  logic                st_ack, st_seq, st_rnr, st_err, st_rsp, st_gap, st_stray, st_timeout;

  tern_rh_step u_step (
    .is_pkt_i(kind == RqPkt), .is_marker_i(kind == RqMarker), .is_timer_i(kind == RqTimer),
    .is_event_i(kind == RqEvent),
    .id_i(pkt_id), .line_at_i(pkt_line), .lane_i(pkt_lane), .len_i(pkt_len),
    .opcode_i(pkt_opcode), .psn_i(pkt_psn), .syndrome_i(pkt_syndrome),
    .timer_rnr_i(out_payload[2]), .timer_gen_i(out_payload[1:0]),
    .ev_kick_i(event_now.kick), .ev_err_i(event_now.err), .ev_data_i(event_now.data),
    .ev_wqe_i(event_now.wqe), .ev_status_i(event_now.status), .ev_reason_i(event_now.reason),
    .ev_left_i(event_now.left), .ev_psn_i(event_now.psn),
    .qpn_i(qpn), .err_i(out_err), .line_i(ctx_q),
    .empty_i(head_empty), .head_i(head), .count_i(head_count), .snd_i(snd_q),
    .acted_i(acted_q), .progress_i(progress_q), .popped_i(popped_q),
    .usable_o(usable), .more_o(more), .acted_o(acted_d), .progress_o(progress_d), .pop_o(pop),
    .part_o(part), .line_o(ctx_d),
    .item_valid_o(item_due), .item_o(item_d),
    .rollback_valid_o(rollback_due), .rollback_o(rollback_d),
    .cmd_valid_o(cmd_due), .cmd_ack_o(cmd_ack), .cmd_rnr_o(cmd_rnr), .cmd_delta_o(cmd_delta_d),
    .wake_o(wake_due), .kick_o(kick_due), .drained_o(drained_due),
    .fail_o(fail_due), .fail_info_o(fail_d),
    .stat_ack_o(st_ack), .stat_nak_seq_o(st_seq), .stat_nak_rnr_o(st_rnr),
    .stat_nak_err_o(st_err), .stat_response_o(st_rsp), .stat_gap_o(st_gap),
    .stat_stray_o(st_stray), .stat_timeout_o(st_timeout)
  );

  logic rollback_q, rollback_room;
  tern_pkg::rollback_t rollback_at_q;

  assign rollback_room = !rollback_q;
  assign room = (!item_valid_o || item_ready_i) && rollback_room && (!cmd_valid_o || cmd_ready_i) &&
                (!wake_valid_o || wake_ready_i) && (!qp_err_valid_o || qp_err_ready_i) &&
                (!drained_valid_o || drained_ready_i) && !self_valid_q;

  assign ready       = work_q && room && (!need_q || head_ready);
  assign pop_valid_o = ready && pop;
  assign pop_qpn_o   = qpn;
  assign step        = ready && (!pop || pop_ready_i);
  assign limit       = steps_q == MaxStep;
  assign last_step   = step && (!more || limit);
  assign out_ready   = last_step;
  assign out_hold    = more;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      work_q <= 1'b0;
      wb_q   <= 1'b0;
      held_q <= 1'b0;
    end else begin
      work_q <= out_valid && !last_step;
      wb_q   <= last_step && usable;
      held_q <= last_step && more;
    end
    if (look) begin
      ctx_q      <= out_ctx;
      need_q     <= want;
      steps_q    <= '0;
      acted_q    <= out_resumed;
      progress_q <= out_resumed && kind == RqPkt;
      popped_q   <= out_resumed;
    end else if (step) begin
      ctx_q      <= ctx_d;
      steps_q    <= steps_q + 1'b1;
      acted_q    <= acted_d;
      progress_q <= progress_d;
      popped_q   <= popped_q || pop;
    end
    if (last_step) wake_slot_q <= out_slot;
  end

  // --------------------------------------------------------------------------------- outputs

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      item_valid_o    <= 1'b0;
      wake_valid_o    <= 1'b0;
      qp_err_valid_o  <= 1'b0;
      drained_valid_o <= 1'b0;
      self_valid_q    <= 1'b0;
    end else if (step) begin
      item_valid_o    <= item_due;
      wake_valid_o    <= wake_due;
      qp_err_valid_o  <= fail_due;
      drained_valid_o <= drained_due;
      self_valid_q    <= kick_due;
    end else begin
      if (item_ready_i)    item_valid_o    <= 1'b0;
      if (wake_ready_i)    wake_valid_o    <= 1'b0;
      if (qp_err_ready_i)  qp_err_valid_o  <= 1'b0;
      if (drained_ready_i) drained_valid_o <= 1'b0;
      if (self_ready)      self_valid_q    <= 1'b0;
    end
    if (step && item_due) item_o <= item_d;
    if (step && wake_due) wake_qpn_o <= qpn;
    if (step && fail_due) qp_err_o <= fail_d;
    if (step && drained_due) drained_qpn_o <= qpn;
    if (step && kick_due) self_qpn_q <= q;
  end

  // The timer: commands from here go first, for they must be there before the next packet leaves
  logic        cmd_valid_q;
  logic [tern_pkg::QpnW-1:0] cmd_qpn_q;
  logic        cmd_ack_q, cmd_rnr_q;
  logic [4:0]  cmd_timeout_q;
  logic [1:0]  cmd_gen_q;
  logic [31:0] cmd_delta_q;

  assign ctl_cmd_ready_o = !cmd_valid_q && !step && !snd_valid_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) cmd_valid_q <= 1'b0;
    else if ((step && cmd_due) || (ctl_cmd_valid_i && ctl_cmd_ready_o)) cmd_valid_q <= 1'b1;
    else if (cmd_ready_i) cmd_valid_q <= 1'b0;
    if (step && cmd_due) begin
      cmd_qpn_q     <= qpn;
      cmd_ack_q     <= cmd_ack;
      cmd_rnr_q     <= cmd_rnr;
      cmd_timeout_q <= ctx_d.conn.timeout;
      cmd_gen_q     <= ctx_d.at.gen;
      cmd_delta_q   <= cmd_delta_d;
    end else if (ctl_cmd_valid_i && ctl_cmd_ready_o) begin
      cmd_qpn_q     <= ctl_cmd_qpn_i;
      cmd_ack_q     <= 1'b0;
      cmd_rnr_q     <= 1'b0;
      cmd_timeout_q <= ctl_cmd_timeout_i;
      cmd_gen_q     <= ctl_cmd_gen_i;
    end
  end

  assign cmd_valid_o   = cmd_valid_q;
  assign cmd_qpn_o     = cmd_qpn_q;
  assign cmd_ack_o     = cmd_ack_q;
  assign cmd_rnr_o     = cmd_rnr_q;
  assign cmd_timeout_o = cmd_timeout_q;
  assign cmd_gen_o     = cmd_gen_q;
  assign cmd_delta_o   = cmd_delta_q;

  // Rollbacks. For ctl_back an empty letter goes the same way: it takes the place of one that waits,
  // and none of the QP is before it when it comes out.
  localparam int unsigned BackW = 1 + 16 + 24 + 32;

  logic void_q;         // the letter that is to be posted is empty
  logic void_sent_q;    // for the control that asks now
  logic void_out;

  logic             back_valid, back_ready, back_idle, back_up_unused, void_post;
  logic [BackW-1:0] back_old_unused, back_new, back_data;
  logic [QpW-1:0]   back_qpn;

  always_ff @(posedge clk_i) begin
    if (rst_i) rollback_q <= 1'b0;
    else if ((step && rollback_due) || void_post) rollback_q <= 1'b1;
    else if (back_ready) rollback_q <= 1'b0;
    if (step && rollback_due) rollback_at_q <= rollback_d;
    if (step && rollback_due) void_q <= 1'b0;
    else if (void_post) void_q <= 1'b1;
    if (void_post) rollback_at_q.qpn <= ctl_back_qpn_i;
    if (rst_i || ctl_back_ready_o) void_sent_q <= 1'b0;
    else if (void_post) void_sent_q <= 1'b1;
  end

  tern_rh_box #(.Qps(Qps), .DataW(BackW)) u_backs (
    .clk_i, .rst_i, .idle_o(back_idle), .up_o(back_up_unused),
    .post_valid_i(rollback_q), .post_ready_o(back_ready),
    .post_qpn_i(rollback_at_q.qpn[QpW-1:0]),
    .post_data_i({void_q, rollback_at_q.wqe, rollback_at_q.psn, rollback_at_q.offset}),
    .merge_old_o(back_old_unused), .merge_new_o(back_new), .merge_i(back_new),
    .out_valid_o(back_valid), .out_ready_i(rollback_ready_i || void_out), .out_qpn_o(back_qpn),
    .out_data_o(back_data)
  );

  assign void_out         = back_data[BackW-1];
  assign void_post        = ctl_back_valid_i && !void_sent_q && !rollback_q && !step;
  assign rollback_valid_o = back_valid && !void_out;
  assign rollback_o       = {tern_pkg::QpnW'(back_qpn), back_data[BackW-2:0]};
  assign ctl_back_ready_o = back_valid && void_out;

  // A command of the control is taken in a cycle without a step, so no line is written then
  logic                    begin_q;
  logic [tern_pkg::QpnW-1:0] prog_qpn_q;
  logic [23:0]             prog_part_q, begin_psn_q;
  logic [15:0]             begin_done_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin_q <= 1'b0;
    else begin_q <= ctl_cmd_valid_i && ctl_cmd_ready_o;
    begin_psn_q  <= ctl_cmd_psn_i;
    begin_done_q <= ctl_cmd_done_i;
    prog_qpn_q   <= last_step ? qpn : ctl_cmd_qpn_i;
    prog_part_q  <= last_step ? part : 24'd0;
  end

  assign prog_valid_o = wb_q || begin_q;
  assign prog_o       = {prog_qpn_q, begin_q ? begin_done_q : ctx_q.at.done,
                         begin_q ? begin_psn_q : ctx_q.at.una, prog_part_q};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      {stat_ack_o, stat_nak_seq_o, stat_nak_rnr_o, stat_nak_err_o} <= '0;
      {stat_response_o, stat_gap_o, stat_stray_o, stat_timeout_o} <= '0;
    end else begin
      {stat_ack_o, stat_nak_seq_o, stat_nak_rnr_o, stat_nak_err_o} <=
          {st_ack, st_seq, st_rnr, st_err} & {4{step}};
      {stat_response_o, stat_gap_o, stat_stray_o, stat_timeout_o} <=
          {st_rsp, st_gap, st_stray, st_timeout} & {4{step}};
    end
  end

  assign idle_o = line_idle && event_idle && back_idle && !rollback_q &&
                  !rx_valid_i && !fire_valid_i && !ctl_item_valid_i && !ctl_cmd_valid_i && !ctl_back_valid_i &&
                  !snd_valid_i && !work_q && !wb_q && !begin_q && !held_q && !again_q && !p1_valid_q &&
                  !p2_valid_q && !item_valid_o && !cmd_valid_q && !wake_valid_o &&
                  !qp_err_valid_o && !drained_valid_o;

endmodule
