// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Segmenter: turns the entries of send queues into request packets. Owns line `seg` of the QPs.
//
//   jobs (tern_sq_fetch) ----.                 .-> tern_seg_entry (decode, check; one ahead)
//                            +-> tern_qp_line -+         |
//   rollbacks (tern_rh) -----'                 '-> this: order, PSNs, list, limits, headers
//                                                        '-> tern_seg_packet -> packets, pieces
//
// An item stays at the output of the cache until all of it is done; its line changes in work
// registers and goes back in the cycle after. Jobs and rollbacks of one QP are done in the order
// in which they come.
//
// What users may rely on:
// - Nothing is sent again, looked at or reported that prog_i has told to be acknowledged, whatever
//   a rollback says, for its slots may have been given to another entry. It goes on behind it.
// - A job is stale if its epoch is not the line's, and then leaves no trace; each resume_o makes
//   all jobs stale that were issued before. A job that is done to its end says nothing.
// - The list has an entry before its first packet leaves, in order; an entry is pushed once,
//   however often it is sent. snd_valid_o comes before the packet does.
// - Limits count for entries that are sent for the first time only: fence (no READ or atomic
//   before is in the list), max_rd, room in the list, and fewer than 2^23 PSNs not acknowledged.
//   They end the job with a blocked resume.
// - An entry that cannot be sent is reported once (req_err_o) and stops the QP: nothing more goes
//   out for the first time until the control changes the line. What was sent before is still sent
//   again if a rollback asks for it. So does a local operation that was refused.
// - A marker job comes out as a marker packet behind all packets of jobs before, whatever the
//   state of the QP.
// - When flushing every entry becomes a CQE: status err_status for the entry err_wqe, if
//   err_valid, else wr_flush. If its slots could not be fetched, a job is asked for again as a single
//   one (resume_o.single): the entry at its first slot, whose other slots are not needed, and then
//   the next. A slot that cannot be read even so counts as an entry.
// - The last packet of an entry has `finish` if the QP is not RC. tern_rh hears of it when it has
//   left, and never asks for it again.
// - Sustained: a packet every 2 cycles, also if each is an entry of its own with one piece; 4
//   cycles more per job. An entry of one packet leaves in the fourth cycle after its job.
//
// kick_o and req_err_o must be taken however long rollbacks wait here.

module tern_seg #(
  parameter int unsigned Sets  = 16,
  parameter int unsigned Ways  = 4,
  parameter int unsigned Slots = 8
) (
  input  logic                        clk_i,
  input  logic                        rst_i,
  output logic                        idle_o,

  // Jobs and their slots, as tern_sq_fetch gives them
  input  logic                        job_valid_i,
  output logic                        job_ready_o,
  input  tern_pkg::sq_job_t           job_i,
  input  tern_pkg::hmc_err_e          job_err_i,
  input  logic [4:0]                  job_buf_i,
  output logic                        free_valid_o,
  output logic [4:0]                  free_buf_o,
  output logic                        slot_rd_o,
  output logic [8:0]                  slot_addr_o,
  input  logic [511:0]                slot_data_i,

  input  logic                        rollback_valid_i,
  output logic                        rollback_ready_o,
  input  tern_pkg::rollback_t         rollback_i,

  // tern_rh: how far a QP has come; no ready
  input  logic                        prog_valid_i,
  input  tern_pkg::progress_t         prog_i,

  // After 16 packets a job gives way if others_i, and at once to a rollback of its QP. waiting_o:
  // somebody waits here for it (another QP, a rollback, the control); those who wait at the
  // scheduler are not known here. Both belong together to others_i. cur_qpn_o is the QP whose turn
  // it is.
  output logic                        waiting_o,
  output logic [tern_pkg::QpnW-1:0]   cur_qpn_o,
  input  logic                        others_i,

  output logic                        resume_valid_o,
  input  logic                        resume_ready_i,
  output tern_pkg::sq_resume_t        resume_o,

  // List of outstanding requests: counts are those of list_qpn_o in the cycle before
  output logic [tern_pkg::QpnW-1:0]   list_qpn_o,
  input  logic [15:0]                 list_marks_i,
  input  logic                        list_room_i,
  output logic                        list_push_valid_o,
  input  logic                        list_push_ready_i,
  output logic [tern_pkg::QpnW-1:0]   list_push_qpn_o,
  output tern_pkg::out_req_t          list_push_o,
  output logic                        list_push_mark_o,

  // Packets, and pieces of them
  output logic                        pkt_valid_o,
  input  logic                        pkt_ready_i,
  output tern_pkg::tx_pkt_t           pkt_o,
  output logic                        piece_valid_o,
  input  logic                        piece_ready_i,
  output tern_pkg::tx_piece_t         piece_o,

  // No new packet is begun: enough of them wait to be sent. May change in any cycle
  input  logic                        ahead_i,

  // Addresses of UD packets, one for each and in their order; a packet may be a little earlier
  output logic                        path_valid_o,
  input  logic                        path_ready_i,
  output tern_pkg::ud_path_t          path_o,

  // The QP goes back and sends again what is not acknowledged; packets before that are of no use
  output logic                        back_valid_o,
  output logic [tern_pkg::QpnW-1:0]   back_qpn_o,

  // Local operations; each is answered with a tern_hw_wc_status_e
  output logic                        mr_valid_o,
  input  logic                        mr_ready_i,
  output tern_pkg::mr_op_t            mr_o,
  input  logic                        mr_rsp_valid_i,
  input  logic [7:0]                  mr_rsp_status_i,

  // To tern_rh
  output logic                        req_err_valid_o,
  input  logic                        req_err_ready_i,
  output tern_pkg::req_err_t          req_err_o,
  output logic                        kick_valid_o,     // a local operation is in the list
  input  logic                        kick_ready_i,
  output logic [tern_pkg::QpnW-1:0]   kick_qpn_o,
  output logic                        snd_valid_o,      // no ready
  output logic [tern_pkg::QpnW-1:0]   snd_qpn_o,
  output logic [23:0]                 snd_psn_o,        // one behind the highest that was sent

  output logic                        cqe_valid_o,
  input  logic                        cqe_ready_i,
  output tern_pkg::cqe_req_t          cqe_o,

  // Control items for line `seg`
  input  logic                        item_valid_i,
  output logic                        item_ready_o,
  input  tern_pkg::qp_item_t          item_i,
  output logic                        item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t      item_rsp_o,

  // Host memory cache
  output logic                        hmc_valid_o,
  input  logic                        hmc_ready_i,
  output tern_pkg::hmc_req_t          hmc_o,
  input  logic                        hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t          hmc_rsp_i,

  output logic                        stat_hit_o,
  output logic                        stat_miss_o,
  output logic                        stat_again_o,     // a packet that was sent before
  output logic                        stat_resent_o
);

  localparam logic [4:0]  Quantum = 5'd16;          // packets

  // ------------------------------------------------------------------------------ the line

  logic                      line_idle;
  tern_pkg::sq_job_t         job;
  logic [15:0]               rb_wqe;
  logic [23:0]               rb_psn;
  logic [31:0]               rb_offset;
  logic [4:0]                job_buf;
  tern_pkg::hmc_err_e        job_err;
  logic                      out_is_rb;
  logic                      out_valid, out_ready;
  logic [tern_pkg::QpnW-1:0] qpn;
  tern_pkg::hmc_err_e        out_err;
  logic [511:0]              out_line;
  logic                      wb_valid_q;
  tern_hw_pkg::tern_hw_qp_seg_t ctx_q, ctx_d;

  tern_seg_in #(.Sets(Sets), .Ways(Ways), .Slots(Slots)) u_in (
    .clk_i, .rst_i, .idle_o(line_idle),
    .job_valid_i, .job_ready_o, .job_i, .job_err_i, .job_buf_i,
    .rollback_valid_i, .rollback_ready_o, .rollback_i,
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_is_rb_o(out_is_rb), .out_qpn_o(qpn),
    .out_job_o(job), .out_job_err_o(job_err), .out_job_buf_o(job_buf),
    .out_rb_wqe_o(rb_wqe), .out_rb_psn_o(rb_psn), .out_rb_offset_o(rb_offset),
    .out_err_o(out_err), .out_line_o(out_line),
    .wb_valid_i(wb_valid_q), .wb_line_i(ctx_q), .waiting_o, .back_o(back),
    .item_valid_i, .item_ready_o, .item_i, .item_rsp_valid_o, .item_rsp_o,
    .hmc_valid_o, .hmc_ready_i, .hmc_o, .hmc_rsp_valid_i, .hmc_rsp_i,
    .stat_hit_o, .stat_miss_o
  );

  assign cur_qpn_o = qpn;

  // --------------------------------------------------------------------------------- state

  typedef enum logic [3:0] {
    StIdle,
    StStart,   // the line is in ctx_q
    StRun,     // entries
    StMark,    // a marker waits for its packet
    StLocal,   // local operation: offer it
    StWait,    //   wait for its answer
    StPush,    //   put it into the list
    StResume,
    StErr,
    StSkip,    // flushing: a slot that could not be fetched
    StDone     // hand back
  } state_e;

  state_e      state_q, state_d;
  logic        dirty_q;        // ctx_q has changed
  logic        block_q, block_d;
  logic [7:0]  status_q, status_d;
  logic [7:0]  reason_q, reason_d;
  logic [4:0]  pkts_q, pkts_d; // packets of this job, up to Quantum
  logic        flushing, line_ok;

  assign flushing = ctx_q.conn.flushing;
  assign line_ok  = out_err == tern_pkg::HmcOk;

  // ------------------------------------------------------------------------ what is acknowledged
  //
  // Whatever has been read of an entry was read before its completion if it is not told here.

  localparam int unsigned ProgW = 16 + 24 + 24;

  logic [ProgW-1:0] progs [tern_pkg::MaxQps];
  logic [ProgW-1:0] prog_q;
  logic [15:0]      done, stand_wqe, wqe_off;
  logic [23:0]      una, part, stand_psn, psn_off;
  logic             passed;        // where it stands is before that

  always_ff @(posedge clk_i) begin
    if (prog_valid_i) progs[prog_i.qpn] <= {prog_i.done, prog_i.una, prog_i.part};
    prog_q <= progs[qpn];
  end

  assign {done, una, part} = prog_q;

  // A ring has 2^15 slots at most, and as many are never ahead: what is not one of them is behind
  assign stand_wqe = (state_q == StStart && out_is_rb) ? rb_wqe : ctx_q.at.wqe;
  assign stand_psn = (state_q == StStart && out_is_rb) ? rb_psn : ctx_q.at.psn;
  assign wqe_off   = done - stand_wqe;
  assign psn_off   = una - stand_psn;
  assign passed    = !flushing && (wqe_off == '0 ? psn_off != '0 && !psn_off[23]
                                                 : wqe_off <= 16'h8000);

  // --------------------------------------------------------------------------------- entry

  logic         ent_start, ent_valid, ent_take;
  logic         ent_bad, ent_cut, ent_whole, ent_end;
  logic [4:0]   ent_step;
  logic [3:0]   ent_slot;
  logic [36:0]  ent_len;
  logic [511:0] ent_line;
  logic         ent_rd;
  logic [8:0]   ent_addr;
  logic         pc_rd;
  logic [8:0]   pc_addr;
  tern_hw_pkg::tern_hw_sq_wqe_t wqe;
  logic         start_ok;

  assign wqe       = ent_line;
  assign ent_start = state_q == StIdle && out_valid && !out_is_rb && !job.marker;

  tern_seg_entry u_entry (
    .clk_i, .rst_i,
    .start_i(ent_start), .stop_i(out_ready),
    .buf_i(job_buf), .count_i(job.count), .first_i(job.first), .log_size_i(job.log_size),
    .transport_i(ctx_q.conn.transport), .priv_i(ctx_q.conn.priv),
    .no_rd_i(ctx_q.conn.max_rd == '0), .flushing_i(flushing),
    .slot_rd_o(ent_rd), .slot_ready_i(!pc_rd), .slot_addr_o(ent_addr), .slot_data_i,
    .ent_valid_o(ent_valid), .ent_take_i(ent_take), .ent_bad_o(ent_bad), .ent_cut_o(ent_cut),
    .ent_whole_o(ent_whole), .ent_end_o(ent_end), .ent_step_o(ent_step), .ent_slot_o(ent_slot),
    .ent_len_o(ent_len), .ent_line_o(ent_line)
  );

  assign slot_rd_o   = pc_rd || ent_rd;
  assign slot_addr_o = pc_rd ? pc_addr : ent_addr;

  // What kind it is
  logic is_read, is_atomic, is_local;
  logic is_rc;                 // else nobody acknowledges
  logic is_uc, is_ud;

  assign is_read   = wqe.hdr.op == tern_hw_pkg::TERN_HW_WQE_OP_READ;
  assign is_atomic = wqe.hdr.op == tern_hw_pkg::TERN_HW_WQE_OP_CMP_SWAP ||
                     wqe.hdr.op == tern_hw_pkg::TERN_HW_WQE_OP_FETCH_ADD;
  assign is_local  = wqe.hdr.op == tern_hw_pkg::TERN_HW_WQE_OP_LOCAL_INV ||
                     wqe.hdr.op == tern_hw_pkg::TERN_HW_WQE_OP_REG_MR;
  assign is_rc     = ctx_q.conn.transport == tern_hw_pkg::TERN_HW_QP_TYPE_RC;
  assign is_uc     = ctx_q.conn.transport == tern_hw_pkg::TERN_HW_QP_TYPE_UC;
  assign is_ud     = !is_rc && !is_uc;

  // First step of an entry: what can be told without the list, and how many packets it has
  logic [3:0]  log_mtu;
  logic        is_new;         // sent for the first time
  logic        behind;         // a part is sent already, of an entry that was longer then
  logic        too_long;       // a message has at most 2 GiB, and fewer than 2^23 packets
  logic [31:0] rem_all;
  logic [32:0] rem_up;
  logic [23:0] span;
  logic [15:0] fresh_off;

  logic        x_valid_q, x_valid_d;
  logic        x_push_q, x_push_d;   // is still to be put into the list
  logic        x_walk_q, x_walk_d;   // the next packet is the first of this job's part
  logic [31:0] x_rem_q, x_rem_d;
  logic [23:0] x_span_q;             // PSNs of what is left

  always_comb begin
    unique case (ctx_q.conn.mtu)
      tern_hw_pkg::TERN_HW_MTU_M512:  log_mtu = 4'd9;
      tern_hw_pkg::TERN_HW_MTU_M1024: log_mtu = 4'd10;
      tern_hw_pkg::TERN_HW_MTU_M2048: log_mtu = 4'd11;
      tern_hw_pkg::TERN_HW_MTU_M4096: log_mtu = 4'd12;
      default:                        log_mtu = 4'd8;
    endcase
  end

  assign fresh_off = ctx_q.at.wqe - ctx_q.at.fresh;
  assign is_new    = !fresh_off[15];
  assign too_long  = ent_len > (is_ud ? 37'(mtu) : 37'h0_8000_0000);
  assign behind    = ctx_q.message.mid && ent_len <= 37'(ctx_q.message.offset);
  assign rem_all   = ent_len[31:0] - ctx_q.message.offset;
  assign rem_up    = 33'(rem_all) + (33'd1 << log_mtu) - 33'd1;
  assign span      = (rem_all == '0 || is_atomic) ? 24'd1 : 24'(rem_up >> log_mtu);

  // ------------------------------------------------------------------- second step: a packet

  logic        last, first;
  logic [13:0] pkt_len;
  logic [12:0] mtu;
  logic        too_wide, no_room, blocked, go_pkt, advance;
  logic [23:0] psn_next, psn_over;
  logic        pc_ready, pc_busy, pc_idle;
  tern_pkg::tx_pkt_t pkt;
  logic        want_pkt, want_mark, offered_q;
  logic [7:0]  head_opcode;
  logic        head_solicited;
  logic [4:0]  head_ext_len;
  logic [223:0] head_ext;
  logic        grow;

  assign mtu      = 13'd1 << log_mtu;
  assign first    = ctx_q.message.offset == '0;
  assign last     = is_read || is_atomic || x_rem_q <= 32'(mtu);
  assign pkt_len  = (is_read || is_atomic) ? '0 : last ? x_rem_q[13:0] : 14'(mtu);
  assign too_wide = !is_local && 24'(ctx_q.at.psn + x_span_q - una) >= 24'h800000;
  assign no_room  = !list_room_i || too_wide ||
                    (wqe.hdr.fence && list_marks_i != '0) ||
                    ((is_read || is_atomic) && list_marks_i >= 16'(ctx_q.conn.max_rd));
  assign blocked  = x_push_q && no_room;
  assign want_pkt = state_q == StRun && x_valid_q && !is_local && !blocked && !passed && pc_ready &&
                    (!ahead_i || offered_q) && !(is_ud && path_valid_o);
  assign go_pkt   = want_pkt && (!x_push_q || list_push_ready_i);

  // What was offered to the list stays so
  always_ff @(posedge clk_i) begin
    if (rst_i) offered_q <= 1'b0;
    else offered_q <= want_pkt && !go_pkt;
  end

  assign psn_next = ctx_q.at.psn + (is_read ? x_span_q : 24'd1);
  assign psn_over = psn_next - ctx_q.message.psn_max;
  assign grow     = go_pkt && !psn_over[23] && psn_over != '0;
  assign want_mark = state_q == StMark;

  tern_seg_head u_head (
    .uc_i(is_uc), .ud_i(is_ud), .qpn_i(qpn), .qkey_i(ctx_q.count2.qkey), .wqe_i(wqe), .first_i(first), .last_i(last), .offset_i(ctx_q.message.offset),
    .rem_i(x_rem_q), .len_i(ent_len[31:0]),
    .opcode_o(head_opcode), .solicited_o(head_solicited), .ext_len_o(head_ext_len),
    .ext_o(head_ext)
  );

  always_comb begin
    pkt        = '0;
    pkt.src    = tern_pkg::TxReq;
    pkt.marker = want_mark;
    pkt.qpn    = qpn;
    if (!want_mark) begin
      pkt.opcode    = head_opcode;
      pkt.solicited = head_solicited;
      pkt.ack_req   = is_rc && (last || ctx_q.at.psn[3:0] == 4'hf);
      pkt.finish    = !is_rc && last;
      pkt.ud        = is_ud;
      pkt.psn       = ctx_q.at.psn;
      pkt.ext_len   = head_ext_len;
      pkt.ext       = head_ext;
      pkt.len       = pkt_len;
      pkt.pd        = ctx_q.conn.pd;
      pkt.priv      = ctx_q.conn.priv;
      pkt.wqe       = ctx_q.at.wqe;
    end
  end

  tern_seg_packet u_packet (
    .clk_i, .rst_i, .idle_o(pc_idle),
    .cmd_valid_i(go_pkt || want_mark), .cmd_ready_o(pc_ready), .cmd_start_i(x_walk_q),
    .cmd_pkt_i(pkt), .cmd_skip_i(ctx_q.message.offset), .cmd_inl_i(wqe.hdr.inl),
    .cmd_ud_i(is_ud), .cmd_data_i(wqe.data), .cmd_buf_i(job_buf), .cmd_slot_i(ent_slot),
    .busy_o(pc_busy), .slot_rd_o(pc_rd), .slot_addr_o(pc_addr), .slot_data_i,
    .pkt_valid_o, .pkt_ready_i, .pkt_o, .piece_valid_o, .piece_ready_i, .piece_o
  );

  tern_hw_pkg::tern_hw_sq_ud_wqe_t ud_wqe;

  assign ud_wqe = ent_line;

  always_ff @(posedge clk_i) begin
    if (rst_i)                path_valid_o <= 1'b0;
    else if (go_pkt && is_ud) path_valid_o <= 1'b1;
    else if (path_ready_i)    path_valid_o <= 1'b0;
    if (go_pkt && is_ud) begin
      path_o.dgid       <= ud_wqe.dgid;
      path_o.dmac       <= ud_wqe.path.dmac;
      path_o.hop_limit  <= ud_wqe.path.hop_limit;
      path_o.tclass     <= ud_wqe.path.tclass;
      path_o.flow_label <= ud_wqe.flow.flow_label;
      path_o.pcp        <= ud_wqe.flow.pcp;
      path_o.sgid       <= ud_wqe.dest.sgid[6:0];
      path_o.qpn        <= ud_wqe.dest.qpn;
    end
  end

  // ---------------------------------------------------------------------------------- list

  logic want_local;

  assign want_local        = state_q == StPush && !kick_valid_o;
  assign list_qpn_o        = qpn;
  assign list_push_valid_o = (want_pkt && x_push_q) || want_local;
  assign list_push_qpn_o   = qpn;
  assign list_push_mark_o  = is_read || is_atomic;

  always_comb begin
    list_push_o           = '0;
    list_push_o.kind      = is_read ? tern_pkg::OutRead : is_atomic ? tern_pkg::OutAtomic :
                            is_local ? tern_pkg::OutLocal : tern_pkg::OutAcked;
    list_push_o.opcode    = wqe.hdr.op;
    list_push_o.signaled  = wqe.hdr.signaled;
    list_push_o.status    = is_local ? status_q : 8'd0;
    list_push_o.wqe       = ctx_q.at.wqe;
    list_push_o.slots     = ent_step[2:0];
    list_push_o.first_psn = ctx_q.at.psn;
    list_push_o.last_psn  = ctx_q.at.psn + (is_local ? 24'd0 : x_span_q - 24'd1);
    list_push_o.length    = ent_len[31:0];
  end

  assign mr_valid_o = state_q == StLocal;

  // --------------------------------------------------------------------------------- steps

  logic       resume_set, err_set, cqe_set, kick_set, resent, jump;
  logic [7:0] cqe_op;
  logic       back;            // a rollback of the QP waits: what else is sent is of no use
  logic       more_turns;      // the QP has had its turn

  assign more_turns = back || (pkts_d == Quantum && others_i);
  assign start_ok   = line_ok && (ctx_q.conn.active || flushing);

  always_comb begin
    state_d    = state_q;
    ctx_d      = ctx_q;
    block_d    = block_q;
    status_d   = status_q;
    reason_d   = reason_q;
    pkts_d     = pkts_q;
    x_valid_d  = x_valid_q;
    x_push_d   = x_push_q;
    x_walk_d   = x_walk_q;
    x_rem_d    = x_rem_q;
    ent_take   = 1'b0;
    advance    = 1'b0;
    resume_set = 1'b0;
    err_set    = 1'b0;
    cqe_set    = 1'b0;
    cqe_op     = wqe.hdr.op;
    kick_set   = 1'b0;
    resent     = 1'b0;
    jump       = 1'b0;

    unique case (state_q)
      StIdle: if (out_valid) state_d = StStart;

      StStart: begin
        block_d   = 1'b0;
        pkts_d    = '0;
        x_valid_d = 1'b0;
        status_d  = tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL;
        reason_d  = line_ok ? tern_hw_pkg::TERN_HW_QP_REASON_SQ_FETCH
                            : tern_hw_pkg::TERN_HW_QP_REASON_CONTEXT;
        state_d   = StDone;
        if (!out_is_rb && job.marker) begin
          state_d = StMark;
        end else if (!line_ok) begin
          state_d = StErr;
        end else if (out_is_rb) begin
          if (ctx_q.conn.active && !flushing) begin
            ctx_d.at.psn         = rb_psn;
            ctx_d.at.wqe         = rb_wqe;
            ctx_d.message.offset = rb_offset;
            ctx_d.message.mid    = rb_offset != '0;
            ctx_d.count.resent   = ctx_q.count.resent + 32'd1;
            resent               = 1'b1;
            jump                 = passed;
            state_d              = StResume;
          end
        end else if (start_ok && job.epoch == ctx_q.at.epoch) begin
          // It always starts where the line stands; if not, it is set right
          jump = passed;
          if (passed)                                          state_d = StResume;
          else if (!flushing && ctx_q.cq.stopped && is_new)    state_d = StDone;
          else if (job.first != ctx_q.at.wqe)                  state_d = StResume;
          else if (job_err != tern_pkg::HmcOk && flushing)     state_d = job.single ? StSkip : StResume;
          else if (job_err != tern_pkg::HmcOk)                 state_d = StErr;
          else                                                 state_d = StRun;
        end
      end

      StRun: begin
        if (flushing) begin
          if (ent_valid && ent_cut) begin
            state_d = StResume;
          end else if (ent_valid && !cqe_valid_o) begin
            cqe_set  = 1'b1;
            advance  = 1'b1;
            ent_take = 1'b1;
            if (ent_end)         state_d = StDone;
            else if (job.single) state_d = StResume;
          end
        end else if (passed) begin
          jump    = 1'b1;
          state_d = StResume;
        end else if (!x_valid_q) begin
          x_valid_d = ent_valid;
          x_push_d  = is_new;
          x_walk_d  = 1'b1;
          x_rem_d   = rem_all;
          status_d  = tern_hw_pkg::TERN_HW_WC_STATUS_LOC_QP_OP;
          reason_d  = tern_hw_pkg::TERN_HW_QP_REASON_SQ_ENTRY;
          if (!ent_bad && (too_long || (!behind && span[23]))) begin
            status_d = tern_hw_pkg::TERN_HW_WC_STATUS_LOC_LEN;
          end
          if (ent_valid) begin
            if (ctx_q.cq.stopped && is_new)                       state_d = StDone;
            else if (ent_cut && !ent_whole)                       state_d = StResume;
            else if (ent_bad || ent_cut || too_long || behind || span[23]) state_d = StErr;
          end
        end else if (blocked) begin
          block_d = 1'b1;
          state_d = StResume;
        end else if (is_local) begin
          if (x_push_q) begin
            state_d = StLocal;
          end else begin
            advance   = 1'b1;
            ent_take  = 1'b1;
            x_valid_d = 1'b0;
            if (ent_end) state_d = StDone;
          end
        end else if (go_pkt) begin
          ctx_d.at.psn        = psn_next;
          ctx_d.count.packets = ctx_q.count.packets + 32'd1;
          if (grow) ctx_d.message.psn_max = psn_next;
          else      ctx_d.count2.again    = ctx_q.count2.again + 32'd1;
          if (x_push_q) ctx_d.at.fresh = ctx_q.at.wqe + 16'(ent_step);
          x_push_d = 1'b0;
          x_walk_d = 1'b0;
          x_rem_d  = x_rem_q - 32'(mtu);
          if (pkts_q != Quantum) pkts_d = pkts_q + 5'd1;
          if (last) begin
            advance   = 1'b1;
            ent_take  = 1'b1;
            x_valid_d = 1'b0;
            if (ent_end)         state_d = StDone;
            else if (more_turns) state_d = StResume;
          end else begin
            ctx_d.message.offset = ctx_q.message.offset + 32'(mtu);
            ctx_d.message.mid    = 1'b1;
            if (more_turns) state_d = StResume;
          end
        end
      end

      StMark: if (pc_ready) state_d = StDone;

      StLocal: if (mr_ready_i) state_d = StWait;

      StWait: begin
        if (mr_rsp_valid_i) begin
          status_d = mr_rsp_status_i;
          state_d  = StPush;
        end
      end

      StPush: begin
        if (want_local && list_push_ready_i) begin
          kick_set       = 1'b1;
          advance        = 1'b1;
          ent_take       = 1'b1;
          x_valid_d      = 1'b0;
          ctx_d.at.fresh = ctx_q.at.wqe + 16'(ent_step);
          state_d        = ent_end ? StDone : StRun;
          if (status_q != tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS) begin
            ctx_d.cq.stopped = 1'b1;
            state_d          = StDone;
          end
        end
      end

      StResume: begin
        if (!resume_valid_o) begin
          resume_set     = 1'b1;
          ctx_d.at.epoch = ctx_q.at.epoch + 8'd1;
          state_d        = StDone;
        end
      end

      StErr: begin
        if (!req_err_valid_o) begin
          err_set          = 1'b1;
          ctx_d.cq.stopped = 1'b1;
          state_d          = StDone;
        end
      end

      StSkip: begin
        if (!cqe_valid_o) begin
          cqe_set         = 1'b1;
          cqe_op          = '0;
          ctx_d.at.wqe    = ctx_q.at.wqe + 16'd1;
          state_d         = (job.count == 5'd1) ? StDone : StResume;
        end
      end

      default: if (out_ready) state_d = StIdle;
    endcase

    if (advance) begin
      ctx_d.at.wqe         = ctx_q.at.wqe + 16'(ent_step);
      ctx_d.message.offset = '0;
      ctx_d.message.mid    = 1'b0;
    end
    if (jump) begin
      ctx_d.at.wqe         = done;
      ctx_d.at.psn         = una;
      ctx_d.message.offset = 32'(part) << log_mtu;
      ctx_d.message.mid    = part != '0;
    end
    if (cqe_set && ctx_q.cq.err_wqe == ctx_q.at.wqe) ctx_d.cq.err_valid = 1'b0;
  end

  // The buffer may be read until the last packet is done
  assign out_ready    = state_q == StDone && (out_is_rb || !pc_busy);
  assign free_valid_o = out_ready && !out_is_rb;
  assign free_buf_o   = job_buf;

  logic ctx_change;

  assign ctx_change = advance || go_pkt || resent || jump || resume_set || err_set || cqe_set;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q    <= StIdle;
      wb_valid_q <= 1'b0;
    end else begin
      state_q    <= state_d;
      wb_valid_q <= out_ready && dirty_q && line_ok;
    end
    if (state_q == StIdle && out_valid) begin
      ctx_q   <= out_line;
      dirty_q <= 1'b0;
    end else if (ctx_change) begin
      ctx_q   <= ctx_d;
      dirty_q <= 1'b1;
    end
    if (state_q != StIdle) begin
      block_q   <= block_d;
      status_q  <= status_d;
      reason_q  <= reason_d;
      pkts_q    <= pkts_d;
      x_valid_q <= x_valid_d;
      x_push_q  <= x_push_d;
      x_walk_q  <= x_walk_d;
      x_rem_q   <= x_rem_d;
    end
    if (state_q == StRun && !x_valid_q) x_span_q <= span;
  end

  tern_seg_msg u_msg (
    .clk_i, .rst_i, .qpn_i(qpn), .ctx_i(ctx_q), .psn_next_i(psn_next), .wqe_i(ent_line), .mr_o,
    .resume_set_i(resume_set), .block_i(block_q),
    .single_i(flushing && (job.single || job_err != tern_pkg::HmcOk)), .epoch_i(ctx_d.at.epoch),
    .err_set_i(err_set), .err_wqe_i(line_ok ? ctx_q.at.wqe : out_is_rb ? rb_wqe : job.first),
    .status_i(status_q), .reason_i(reason_q),
    .kick_set_i(kick_set), .snd_set_i(grow), .cqe_set_i(cqe_set), .cqe_op_i(cqe_op),
    .resume_valid_o, .resume_ready_i, .resume_o, .req_err_valid_o, .req_err_ready_i, .req_err_o,
    .kick_valid_o, .kick_ready_i, .kick_qpn_o, .snd_valid_o, .snd_qpn_o, .snd_psn_o,
    .cqe_valid_o, .cqe_ready_i, .cqe_o
  );

  assign stat_again_o  = go_pkt && !grow;
  assign stat_resent_o = resent;
  assign back_valid_o  = resent;
  assign back_qpn_o    = qpn;

  assign idle_o = line_idle && state_q == StIdle && !wb_valid_q && pc_idle && !resume_valid_o &&
                  !path_valid_o && !req_err_valid_o && !kick_valid_o && !cqe_valid_o && !snd_valid_o;

endmodule
