// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// One step of a request to tern_rh: what it does to the line of its QP with the oldest entry of
// the list of outstanding requests, the head. Combinational, no state. A step takes at most one
// entry off the list; more_o asks for another step of the same request with the next head.
//
// The rules are those of IBTA 9.7.5 and 9.9.2. una is the oldest PSN not acknowledged, snd one
// behind the newest one sent; a packet outside of una <= psn < snd is stray and has no effect.
//
//   any packet   acknowledges all before its PSN, an ACK that PSN too: requests of kind Acked
//                complete. If a READ or atomic is in the way, its answer has been lost: it is
//                asked for once more from una, once per progress, and the packet does no more.
//   response     at una: data. It must be what the head asked for: opcode, length, and no Middle
//                or Last for its first packet. A First or Only may come anywhere, as the answer
//                to a READ that was asked for again.
//   NAK          sequence: go back to its PSN. RNR: go back when its time is over. Others: the
//                request fails.
//   timers       go back to una.
//   left         QPs that are not RC: a packet has left. As an ACK that no peer sends.
//
// Going back is one thing in all cases: to una, in the head. Each progress gives all retries back;
// a timeout, and a sequence NAK without progress, costs one of retry_cnt.
//
// An entry of kind Local at the head completes first, whatever the request is. One that failed,
// and a request that fails, are not completed here: the QP stops, and the control completes the
// entry at `done` with the status of the report.
//
// A QP that is held (SUSPEND_QP) sends nothing, so its ACK timer does not run and costs no retries:
// it is commanded off where it would be started. The control sets or clears `held` together with
// `rearm`, and kicks the QP; the event that follows commands the timer.
//
// After a way back the timer is off, and starts when a packet leaves; so the time in which the
// segmenter is busy with others does not count. While the RNR timer runs nothing else goes back.

module tern_rh_step (
  // The request: a packet, a marker, a timer that ran out, or an event
  input  logic                      is_pkt_i,
  input  logic                      is_marker_i,
  input  logic                      is_timer_i,
  input  logic                      is_event_i,
  input  logic [6:0]                id_i,
  input  logic [9:0]                line_at_i,
  input  logic [5:0]                lane_i,
  input  logic [13:0]               len_i,
  input  logic [7:0]                opcode_i,
  input  logic [23:0]               psn_i,
  input  logic [7:0]                syndrome_i,
  input  logic                      timer_rnr_i,
  input  logic [1:0]                timer_gen_i,
  input  logic                      ev_kick_i,     // from tern_seg: local operation in the list
  input  logic                      ev_err_i,      // with an error of an entry
  input  logic                      ev_data_i,     // found by tern_gather
  input  logic [15:0]               ev_wqe_i,
  input  logic [7:0]                ev_status_i,
  input  logic [5:0]                ev_reason_i,
  input  logic                      ev_left_i,     // all up to ev_psn has left
  input  logic [23:0]               ev_psn_i,

  input  logic [tern_pkg::QpnW-1:0] qpn_i,
  input  tern_pkg::hmc_err_e        err_i,         // the line could not be read
  input  tern_hw_pkg::tern_hw_qp_rh_t line_i,
  input  logic                      empty_i,
  input  tern_pkg::out_req_t        head_i,
  input  logic [13:0]               count_i,       // entries in the list
  input  logic [23:0]               snd_i,
  // Of the steps of this request before
  input  logic                      acted_i,       // the packet was in the window
  input  logic                      progress_i,    // una moved
  input  logic                      popped_i,

  output logic                      usable_o,      // the list is looked at (by line and request)
  output logic                      more_o,
  output logic                      acted_o,
  output logic                      progress_o,
  output logic                      pop_o,
  output logic [23:0]               part_o,        // packets of what is the head then, before una
  output tern_hw_pkg::tern_hw_qp_rh_t line_o,

  output logic                      item_valid_o,
  output tern_pkg::pl_item_t        item_o,
  output logic                      rollback_valid_o,
  output tern_pkg::rollback_t       rollback_o,
  output logic                      cmd_valid_o,   // to the timer; neither ack nor rnr: off
  output logic                      cmd_ack_o,
  output logic                      cmd_rnr_o,
  output logic [31:0]               cmd_delta_o,
  output logic                      wake_o,
  output logic                      kick_o,        // another event is due
  output logic                      drained_o,
  output logic                      fail_o,
  output tern_pkg::qp_err_t         fail_info_o,

  output logic                      stat_ack_o,
  output logic                      stat_nak_seq_o,
  output logic                      stat_nak_rnr_o,
  output logic                      stat_nak_err_o,
  output logic                      stat_response_o,
  output logic                      stat_gap_o,
  output logic                      stat_stray_o,
  output logic                      stat_timeout_o
);

  // ---------------------------------------------------------------------------- the request

  logic is_read, is_atomic, is_left, is_ack, is_rnr, is_nak, is_nak_seq, is_known;
  logic [23:0] psn;
  logic rd_first, rd_middle, rd_last;

  always_comb begin
    is_read    = is_pkt_i && opcode_i >= 8'd13 && opcode_i <= 8'd16;
    is_atomic  = is_pkt_i && opcode_i == 8'd18;
    is_left    = is_event_i && ev_left_i;
    is_ack     = is_left || (is_pkt_i && opcode_i == 8'd17 && syndrome_i[7:5] == 3'b000);
    is_rnr     = is_pkt_i && opcode_i == 8'd17 && syndrome_i[7:5] == 3'b001;
    is_nak     = is_pkt_i && opcode_i == 8'd17 && syndrome_i[7:2] == 6'b011000;
    is_nak_seq = is_nak && syndrome_i[1:0] == 2'd0;
    is_known   = is_read || is_atomic || is_ack || is_rnr || is_nak;
    rd_first   = opcode_i == 8'd13;
    rd_middle  = opcode_i == 8'd14;
    rd_last    = opcode_i == 8'd15;
    psn        = is_left ? ev_psn_i : psn_i;
  end

  assign usable_o = !is_marker_i && err_i == tern_pkg::HmcOk && line_i.conn.active &&
                    !line_i.cq.stopped;

  // ------------------------------------------------------------------------------- the head

  logic        some, sent;   // sent: the head is a request with PSNs
  logic [23:0] ahead, window, head_left;
  logic        in_window, passed, at_una, in_head;
  logic [4:0]  mtu_shift;

  assign some      = usable_o && !empty_i;
  assign sent      = some && head_i.kind != tern_pkg::OutLocal;

  assign ahead     = psn - line_i.at.una;
  assign window    = snd_i - line_i.at.una;
  assign head_left = head_i.last_psn - line_i.at.una;
  assign in_window = sent && is_known && ahead < window;
  assign passed    = is_ack ? head_left <= ahead : head_left < ahead;  // the head is before it
  assign at_una    = !is_ack && ahead == '0;
  assign in_head   = !passed && !at_una;   // it is in the head, and acknowledges a part of it
  assign mtu_shift = 5'd7 + 5'(line_i.conn.mtu);

  // --------------------------------------------------------------------------- errors before

  tern_hw_pkg::tern_hw_qp_rh_t base;    // with the error of this event
  logic [15:0] err_ahead;
  logic        ev_older, err_due, err_late;

  assign ev_older = 16'(ev_wqe_i - line_i.cq.err_wqe) >= 16'h8000;

  always_comb begin
    base = line_i;
    if (is_event_i && ev_err_i && (!line_i.cq.err_valid || ev_older)) begin
      base.cq.err_valid  = 1'b1;
      base.cq.err_side   = 2'(ev_data_i);
      base.cq.err_wqe    = ev_wqe_i;
      base.cq.err_status = ev_status_i;
      base.cq.err_reason = ev_reason_i;
    end
  end

  // An error of an entry that has completed since: the data path has stopped all the same
  assign err_ahead = base.cq.err_wqe - base.at.done;
  assign err_late  = usable_o && base.cq.err_valid && err_ahead[15];
  assign err_due   = usable_o && base.cq.err_valid && err_ahead == '0;

  logic is_local, local_ok, local_bad;

  assign is_local  = some && head_i.kind == tern_pkg::OutLocal && !err_due && !err_late;
  assign local_ok  = is_local && head_i.status == tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;
  assign local_bad = is_local && !local_ok;

  // ------------------------------------------------------------------------------- decisions

  logic        turn;            // the request itself has its turn
  logic        pkt_turn, timer_turn;
  logic        complete, advance, data, atomic_data, ask, back;
  logic        bad_resp, rnr_wait_new, retry_out, rnr_out, nak_fail, use_retry;
  logic        timeout, rnr_over;
  logic        read_ok, read_last;
  logic [31:0] read_offset, read_left;
  logic [23:0] una;

  assign turn       = usable_o && !err_due && !err_late && !local_ok && !local_bad;
  assign pkt_turn   = turn && in_window;
  assign timer_turn = turn && is_timer_i && timer_gen_i == line_i.at.gen &&
                      timer_rnr_i == line_i.at.rnr_wait;

  assign read_offset = 32'(line_i.at.una - head_i.first_psn) << mtu_shift;
  assign read_left   = head_i.length - read_offset;
  assign read_last   = line_i.at.una == head_i.last_psn;

  always_comb begin
    if (!read_last)    read_ok = (rd_first || rd_middle) && 32'(len_i) == 32'd1 << mtu_shift;
    else               read_ok = !rd_first && !rd_middle && 32'(len_i) == read_left;
    if (line_i.at.una == head_i.first_psn && (rd_middle || rd_last)) read_ok = 1'b0;
  end

  always_comb begin
    {complete, advance, data, atomic_data, ask, back} = '0;
    {bad_resp, rnr_wait_new, retry_out, rnr_out, nak_fail, use_retry} = '0;
    una = line_i.at.una;
    if (pkt_turn) begin
      if (at_una) begin
        if (is_read) begin
          if (head_i.kind == tern_pkg::OutRead && read_ok) begin
            data     = 1'b1;
            advance  = 1'b1;
            complete = read_last;
            una      = line_i.at.una + 24'd1;
          end else bad_resp = 1'b1;
        end else if (is_atomic) begin
          if (head_i.kind == tern_pkg::OutAtomic && len_i == '0) begin
            atomic_data = 1'b1;
            advance     = 1'b1;
            complete    = 1'b1;
            una         = line_i.at.una + 24'd1;
          end else bad_resp = 1'b1;
        end
      end else if (head_i.kind != tern_pkg::OutAcked) begin
        ask = !line_i.at.asked && !line_i.at.rnr_wait;
      end else if (passed) begin
        complete = 1'b1;
        advance  = 1'b1;
        una      = head_i.last_psn + 24'd1;
      end else begin
        bad_resp = is_read || is_atomic;
        advance  = !bad_resp;
        una      = is_ack ? psn + 24'd1 : bad_resp ? una : psn;
      end
      // All before the NAK is acknowledged, now or before
      if (at_una || (in_head && head_i.kind == tern_pkg::OutAcked)) begin
        if (is_nak_seq && !line_i.at.rnr_wait) begin
          use_retry = !progress_i && !advance;
          retry_out = use_retry && line_i.at.retries == '0;
          back      = !retry_out;
        end
        if (is_nak && !is_nak_seq) nak_fail = 1'b1;
        if (is_rnr && (!line_i.at.rnr_wait || progress_i || advance)) begin
          rnr_out      = line_i.conn.rnr_retry == '0 ||
                         (!progress_i && !advance && line_i.at.rnr_tries == '0 &&
                          line_i.conn.rnr_retry != 3'd7);
          rnr_wait_new = !rnr_out;
        end
      end
    end
    timeout  = timer_turn && !timer_rnr_i && sent && window != '0 && !line_i.conn.held;
    rnr_over = timer_turn && timer_rnr_i;
    if (timeout) begin
      use_retry = 1'b1;
      retry_out = line_i.at.retries == '0;
      back      = !retry_out;
    end
    if (rnr_over && sent && window != '0) back = 1'b1;
    if (ask) back = 1'b1;
  end

  // ---------------------------------------------------------------------------- what follows

  logic        final_step, fail_now, err_next, head_last;
  logic [15:0] done;
  logic        progress, left_empty;

  assign head_last  = count_i == 14'd1;
  assign pop_o      = complete || local_ok;
  assign part_o     = (pop_o || !sent) ? 24'd0 : una - head_i.first_psn;
  assign done       = pop_o ? head_i.wqe + 16'(head_i.slots) : base.at.done;
  // The entry behind the one that completes is at fault
  assign err_next   = pop_o && base.cq.err_valid && base.cq.err_wqe == done;
  assign fail_now   = err_due || err_late || local_bad || bad_resp || retry_out || rnr_out ||
                      nak_fail;
  assign fail_o     = fail_now || err_next || (err_i != tern_pkg::HmcOk && !is_marker_i);
  assign more_o     = !fail_o && (local_ok ? (is_pkt_i || is_timer_i || !head_last)
                                           : complete && !data && !atomic_data &&
                                             !(is_ack && head_left == ahead));
  assign final_step = !more_o;
  assign progress   = progress_i || advance;
  assign progress_o = progress;
  assign acted_o    = acted_i || pkt_turn;
  assign left_empty = usable_o && (empty_i || (pop_o && head_last));

  // --------------------------------------------------------------------------------- outputs

  assign rollback_valid_o  = back && !fail_o;
  always_comb begin
    rollback_o.qpn    = qpn_i;
    rollback_o.wqe    = head_i.wqe;
    rollback_o.psn    = una;
    rollback_o.offset = 32'(una - head_i.first_psn) << mtu_shift;
  end

  logic rnr_wait;   // as it was, or from now on
  logic quiet;      // nothing is on its way
  logic rearm;

  assign rearm    = is_event_i && line_i.conn.rearm;
  assign rnr_wait = (line_i.at.rnr_wait && !rnr_over) || rnr_wait_new;
  assign quiet    = una == snd_i || left_empty;

  always_comb begin
    cmd_valid_o = 1'b0;
    cmd_ack_o   = 1'b0;
    cmd_rnr_o   = 1'b0;
    if (usable_o && final_step && !fail_o) begin
      if (rnr_wait_new) begin
        cmd_valid_o = 1'b1;
        cmd_rnr_o   = 1'b1;
      end else if (back) begin
        cmd_valid_o = 1'b1;
      end else if (progress || rearm) begin
        cmd_valid_o = !rnr_wait || (progress && quiet);
        cmd_ack_o   = !quiet && !line_i.conn.held;
      end
    end
  end

  assign wake_o    = usable_o && final_step && !fail_o && (popped_i || pop_o);
  assign kick_o    = wake_o && (!is_event_i || is_left) && line_o.at.locals != '0;
  assign drained_o = usable_o && final_step && !fail_o && line_i.conn.draining && left_empty;

  always_comb begin
    line_o = base;
    if (local_bad || fail_o) line_o.cq.stopped = 1'b1;
    line_o.at.done = done;
    line_o.at.una  = una;
    if (advance) begin
      line_o.at.retries   = line_i.conn.retry_cnt;
      line_o.at.rnr_tries = line_i.conn.rnr_retry;
      line_o.at.asked     = 1'b0;
    end
    if (use_retry && back) line_o.at.retries = line_i.at.retries - 3'd1;
    if (ask) line_o.at.asked = 1'b1;
    if (timeout) line_o.at.asked = 1'b0;
    line_o.at.rnr_wait = rnr_wait;
    if (cmd_valid_o && !cmd_rnr_o) line_o.at.rnr_wait = 1'b0;
    if (rnr_wait_new && line_i.conn.rnr_retry != 3'd7) begin
      line_o.at.rnr_tries = ((advance || progress_i) ? line_i.conn.rnr_retry
                                                     : line_i.at.rnr_tries) - 3'd1;
    end
    if (cmd_valid_o) line_o.at.gen = line_i.at.gen + 2'd1;
    if (pop_o && line_i.at.locals != '0) line_o.at.locals = line_i.at.locals - 14'd1;
    if (is_event_i && ev_kick_i && turn && some) line_o.at.locals = count_i - 14'(pop_o);
    if (left_empty) line_o.at.locals = '0;
    if (drained_o) line_o.conn.draining = 1'b0;
    if (rearm && final_step && !fail_o) line_o.conn.rearm = 1'b0;

    if (final_step && is_pkt_i) line_o.count2.packets = line_i.count2.packets + 32'd1;
    if (stat_stray_o)   line_o.count2.stray     = line_i.count2.stray + 16'd1;
    if (stat_timeout_o) line_o.count.timeouts   = line_i.count.timeouts + 16'd1;
    if (stat_nak_seq_o) line_o.count.seq_naks   = line_i.count.seq_naks + 16'd1;
    if (stat_nak_rnr_o) line_o.count.rnr_naks   = line_i.count.rnr_naks + 16'd1;
    if (stat_gap_o)     line_o.count.read_gaps  = line_i.count.read_gaps + 16'd1;
  end

  assign stat_ack_o      = final_step && is_pkt_i && is_ack && acted_o && usable_o;
  assign stat_nak_seq_o  = final_step && is_nak_seq && acted_o && usable_o;
  assign stat_nak_rnr_o  = final_step && is_rnr && acted_o && usable_o;
  assign stat_nak_err_o  = final_step && is_nak && !is_nak_seq && acted_o && usable_o;
  assign stat_response_o = data || atomic_data;
  assign stat_gap_o      = pkt_turn && (is_read || is_atomic) && !at_una &&
                           head_i.kind != tern_pkg::OutAcked;
  // An ACK of what is acknowledged already is late, since ACKs and responses overtake each other
  assign stat_stray_o    = final_step && is_pkt_i && !(usable_o && is_ack && ahead[23]) &&
                           (!acted_o || !usable_o);
  assign stat_timeout_o  = timeout;

  // -------------------------------------------------------------------------------- the item

  tern_hw_pkg::tern_hw_cqe_t cqe;
  logic [15:0] atomic_at;     // bytes from the start of the buffer

  // The result is the last 8 bytes before the payload, which is empty; modulo 64 KiB
  assign atomic_at = {line_at_i, lane_i} - 16'd8;

  always_comb begin
    cqe = '0;
    cqe.info.qpn       = 24'(qpn_i);
    cqe.info.opcode    = head_i.opcode;
    cqe.info.status    = tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;
    cqe.peer.wqe_index = head_i.wqe;
    if (head_i.kind == tern_pkg::OutRead)   cqe.len = head_i.length;
    if (head_i.kind == tern_pkg::OutAtomic) cqe.len = 32'd8;
  end

  assign item_valid_o = pop_o || (final_step && (is_pkt_i || is_marker_i));

  always_comb begin
    item_o        = '0;
    item_o.side   = tern_pkg::PlRh;
    item_o.marker = is_marker_i;
    item_o.qpn    = qpn_i;
    item_o.pd     = line_i.conn.pd;
    item_o.priv   = line_i.conn.priv;
    item_o.wqe    = head_i.wqe;
    item_o.cqn    = line_i.cq.scq;
    item_o.cqe    = cqe;
    item_o.pkt    = is_pkt_i && final_step;
    item_o.id     = id_i;
    {item_o.line, item_o.lane} = atomic_data ? atomic_at : {line_at_i, lane_i};
    if (data && len_i != '0) begin
      item_o.target   = tern_pkg::TgSq;
      item_o.offset   = read_offset;
      item_o.len      = len_i;
      item_o.wqe_last = read_last;
    end
    if (atomic_data) begin
      item_o.target   = tern_pkg::TgSq;
      item_o.len      = 14'd8;
      item_o.wqe_last = 1'b1;
      item_o.key      = 32'd1;   // in network order
    end
    item_o.cqe_valid  = pop_o;
    item_o.cqe_silent = !head_i.signaled;
  end

  // --------------------------------------------------------------------------------- reports

  always_comb begin
    fail_info_o           = '0;
    fail_info_o.qpn       = qpn_i;
    fail_info_o.wqe_valid = 1'b1;
    fail_info_o.wqe       = done;
    fail_info_o.status    = tern_hw_pkg::TERN_HW_WC_STATUS_WR_FLUSH;
    fail_info_o.reason    = tern_hw_pkg::TERN_HW_QP_REASON_CONTEXT;
    fail_info_o.ae_code   = tern_hw_pkg::TERN_HW_AE_CODE_QP_FATAL;
    if (err_i != tern_pkg::HmcOk) begin
      fail_info_o.wqe_valid = 1'b0;
      fail_info_o.wqe       = '0;
    end else if (err_due || err_late || err_next) begin
      fail_info_o.wqe_valid = !err_late;
      fail_info_o.status    = base.cq.err_status;
      fail_info_o.reason    = 8'(base.cq.err_reason);
    end else if (local_bad) begin
      fail_info_o.status = head_i.status;
      fail_info_o.reason = tern_hw_pkg::TERN_HW_QP_REASON_SQ_ACCESS;
    end else if (nak_fail) begin
      fail_info_o.status = (syndrome_i[1:0] == 2'd1) ? tern_hw_pkg::TERN_HW_WC_STATUS_REM_INV_REQ :
                           (syndrome_i[1:0] == 2'd2) ? tern_hw_pkg::TERN_HW_WC_STATUS_REM_ACCESS :
                                                       tern_hw_pkg::TERN_HW_WC_STATUS_REM_OP;
      fail_info_o.reason = tern_hw_pkg::TERN_HW_QP_REASON_REMOTE;
    end else if (bad_resp) begin
      fail_info_o.status = tern_hw_pkg::TERN_HW_WC_STATUS_BAD_RESP;
      fail_info_o.reason = tern_hw_pkg::TERN_HW_QP_REASON_RESPONSE;
    end else if (retry_out) begin
      fail_info_o.status = tern_hw_pkg::TERN_HW_WC_STATUS_RETRY_EXC;
      fail_info_o.reason = tern_hw_pkg::TERN_HW_QP_REASON_RETRY;
    end else begin
      fail_info_o.status = tern_hw_pkg::TERN_HW_WC_STATUS_RNR_RETRY_EXC;
      fail_info_o.reason = tern_hw_pkg::TERN_HW_QP_REASON_RNR_RETRY;
    end
  end

  // IBTA table 45, the time that an RNR NAK asks for, in units of 10 us; code 0 is the longest
  logic [15:0] rnr_units;

  always_comb begin
    unique case (syndrome_i[4:0])
      5'd0:  rnr_units = 16'd65535;   // and one more, below
      5'd1:  rnr_units = 16'd1;
      5'd2:  rnr_units = 16'd2;
      5'd3:  rnr_units = 16'd3;
      5'd4:  rnr_units = 16'd4;
      5'd5:  rnr_units = 16'd6;
      5'd6:  rnr_units = 16'd8;
      5'd7:  rnr_units = 16'd12;
      5'd8:  rnr_units = 16'd16;
      5'd9:  rnr_units = 16'd24;
      5'd10: rnr_units = 16'd32;
      5'd11: rnr_units = 16'd48;
      5'd12: rnr_units = 16'd64;
      5'd13: rnr_units = 16'd96;
      5'd14: rnr_units = 16'd128;
      5'd15: rnr_units = 16'd192;
      5'd16: rnr_units = 16'd256;
      5'd17: rnr_units = 16'd384;
      5'd18: rnr_units = 16'd512;
      5'd19: rnr_units = 16'd768;
      5'd20: rnr_units = 16'd1024;
      5'd21: rnr_units = 16'd1536;
      5'd22: rnr_units = 16'd2048;
      5'd23: rnr_units = 16'd3072;
      5'd24: rnr_units = 16'd4096;
      5'd25: rnr_units = 16'd6144;
      5'd26: rnr_units = 16'd8192;
      5'd27: rnr_units = 16'd12288;
      5'd28: rnr_units = 16'd16384;
      5'd29: rnr_units = 16'd24576;
      5'd30: rnr_units = 16'd32768;
      default: rnr_units = 16'd49152;
    endcase
  end

  assign cmd_delta_o = (32'(rnr_units) + 32'(syndrome_i[4:0] == 5'd0)) * 32'd10000;

endmodule
