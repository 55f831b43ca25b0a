// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The sequences of the QP control: a small program for each, whose instructions are the things
// that the other blocks can be asked to do, one after the other. An instruction ends when the
// block has answered. The programs are in `rom` below, with a note at each wait on what makes
// it end; docs/rc-engine.md section 6 has the reasons for their order.
//
// start_i for one cycle with entry_i; the other inputs of the command stay stable until done_o,
// which comes for one cycle. err_o is then the first answer of a line that was not HmcOk since the
// start (or since the program put it aside because it does not matter).
//
// What a program learns on its way from lines, tables and poison is kept here until the next
// start: done, gen, fresh and so on are used by the instructions behind.

module tern_qp_seq (
  input  logic                             clk_i,
  input  logic                             rst_i,
  output logic                             idle_o,

  input  logic                             start_i,
  input  logic [7:0]                       entry_i,       // Pc.. of tern_qp_prog
  input  logic [tern_pkg::QpnW-1:0]        qpn_i,
  input  logic [511:0]                     wqe_i,         // tern_hw_cqp_qp_wqe_t
  input  logic [15:0]                      attrs_i,       // tern_hw_qp_attr_mask_e
  input  logic [511:0]                     attr_i,        // tern_hw_qp_attr_t
  input  logic [2:0]                       state_i,       // for QUERY_QP and transitions
  input  logic [2:0]                       next_i,
  input  logic                             suspended_i,
  input  logic                             was_drained_i, // in SQD; nothing is outstanding
  input  logic                             ev_valid_i,    // why the QP goes to error
  input  tern_pkg::qp_err_t                ev_i,
  input  logic                             polite_i,      // it may wait for a NAK that is due
  output logic                             done_o,
  output logic                             again_o,       // with done: the event is to come again
  output tern_pkg::hmc_err_e               err_o,
  output logic                             lost_o,        // FLUSH_QP: the QP does not flush
  output logic                             quiet_o,       // nothing of the QP is under way

  output logic                             put_o,
  output logic [5:0]                       put_index_o,
  output logic [63:0]                      put_data_o,

  // Lines: 0 to 5 as tern_hw_qp_line_e, 6 the second reader of `ring`
  output logic [6:0]                       item_valid_o,
  input  logic [6:0]                       item_ready_i,
  output tern_pkg::qp_item_t               item_o,
  input  logic [6:0]                       item_rsp_valid_i,
  input  logic [6:0][514:0]                item_rsp_i,    // qp_item_rsp_t

  output logic                             sched_valid_o,
  input  logic                             sched_ready_i,
  output logic [3:0]                       sched_op_o,
  output logic [3:0]                       sched_log_size_o,
  output logic [15:0]                      sched_index_o,
  input  logic                             sched_done_i,
  input  logic [15:0]                      sched_producer_i,
  output logic                             rq_valid_o,
  input  logic                             rq_ready_i,
  output logic [1:0]                       rq_op_o,
  output logic [3:0]                       rq_log_size_o,
  input  logic                             rq_done_i,
  input  logic [15:0]                      rq_producer_i,
  output logic                             push_drop_o,   // tern_push; no ready

  output logic                             steer_valid_o,
  input  logic                             steer_ready_i,
  output logic                             steer_exists_o,
  output logic                             steer_rx_ok_o,
  output logic                             steer_keep_o,

  // Requests that are done when they are taken, see Tl..
  output logic [8:0]                       tool_valid_o,
  input  logic [8:0]                       tool_ready_i,
  output logic [4:0]                       timer_timeout_o,
  output logic [1:0]                       timer_gen_o,
  output logic [23:0]                      timer_psn_o,
  output logic [15:0]                      timer_done_o,

  // Lists: 0 outstanding requests, 1 responses
  output logic [1:0]                       drop_valid_o,
  input  logic [1:0]                       drop_ready_i,
  input  logic [1:0]                       drop_done_i,
  output logic                             job_valid_o,
  input  logic                             job_ready_i,
  input  logic                             job_done_i,
  output logic                             ask_valid_o,   // tern_ack
  input  logic                             ask_ready_i,
  input  logic                             ask_done_i,
  input  logic                             ask_waits_i,
  output logic                             place_valid_o,
  input  logic                             place_ready_i,
  input  logic                             place_done_i,
  input  logic [49:0]                      place_rsp_i,   // {rh, rsp}, each {poisoned, wqe, status}
  output logic                             claim_valid_o,
  input  logic                             claim_ready_i,
  output logic                             claim_err_o,
  input  logic                             claim_done_i,
  input  logic                             claim_found_i,
  input  tern_pkg::qp_err_t                claim_i,

  // Markers that came out: TxReq, TxRr, TxAck, rsp, rh
  input  logic [4:0]                       marker_i
);

  // As in tern_qp_prog; those that need no care here are missing
  localparam logic [3:0] OpEnd = 4'd0, OpItem = 4'd1, OpSched = 4'd2, OpRq = 4'd3, OpSteer = 4'd4;
  localparam logic [3:0] OpTool = 4'd5, OpWait = 4'd6, OpDrop = 4'd7, OpJob = 4'd8;
  localparam logic [3:0] OpPlace = 4'd9, OpClaim = 4'd10, OpAsk = 4'd11, OpPut = 4'd12;
  localparam logic [3:0] OpJump = 4'd13, OpCall = 4'd14, OpMisc = 4'd15;
  localparam logic [3:0] CdSq = 4'd1, CdRq = 4'd2, CdRun = 4'd3, CdErr = 4'd4, CdFlushSq = 4'd5;
  localparam logic [3:0] CdFlushRq = 4'd6, CdTimer = 4'd7, CdSqBehind = 4'd8, CdRqBehind = 4'd9;
  localparam logic [3:0] CdSqLost = 4'd10, CdRqLost = 4'd11, CdPolite = 4'd12;
  localparam logic [3:0] CdNak = 4'd13, CdPath = 4'd14;
  localparam logic [3:0] Seg = 4'd0, Rh = 4'd1, Rsp = 4'd2, Ring = 4'd5;
  localparam logic [3:0] AcRead = 4'd0;
  localparam logic [7:0] ScQuery = 8'd5, ScFetched = 8'd6, RqQuery = 8'd3;
  localparam logic [7:0] TlTimerOff = 8'h07, TlTimerRts = 8'h17;
  localparam logic [7:0] MsReturn = 8'd0, MsForget = 8'd1, MsPause = 8'd2, MsLost = 8'd3;
  localparam logic [7:0] MsPage = 8'd4;
  localparam logic [7:0] PcCreate = 8'd0;

  // ------------------------------------------------------------------------------ registers

  typedef enum logic [2:0] {
    StIdle,
    StFetch,
    StDo,     // the request of an instruction stands
    StWait,   // it was taken; the answer is awaited
    StPut,
    StPause
  } state_e;

  state_e             state_q, state_d;
  logic [7:0]         pc_q, pc_d, ret_q;
  logic [15:0]        ins, ins_q;
  logic [3:0]         cond, op;
  logic [7:0]         arg;
  logic               holds, step;       // the condition; the instruction ends
  logic [4:0]         markers_q;
  tern_pkg::hmc_err_e err_q;
  logic               lost_q, quiet_q;
  logic [3:0]         pause_q;
  logic [3:0]         word_q;            // of OpPut
  logic [511:0]       line_q;

  // What the program has learned
  logic               seg_known_q, rh_known_q, rsp_known_q;
  logic               seg_flushing_q, rsp_flushing_q;
  logic [15:0]        seg_wqe_q, fresh_q, done_q, rsp_wqe_q;
  logic [23:0]        psn_max_q;
  logic [1:0]         gen_q;
  logic               sq_valid_q, rq_valid_q;
  logic [3:0]         sq_log_q, rq_log_q;
  logic [15:0]        sq_producer_q, rq_producer_q;
  logic               why_q;             // why_err_q is the reason for going to error
  logic               polite_q, nak_q;   // may wait for a NAK; there is one to wait for
  logic [49:0]        poison_q;
  tern_pkg::qp_err_t  why_err_q;

  tern_qp_prog u_prog (.pc_i(pc_q), .ins_o(ins));

  assign {cond, op, arg} = ins_q;

  // --------------------------------------------------------------------------------- lines

  logic [15:0]  sq_off, rq_off;
  logic         sq_err, rq_err, skip, drop;
  logic [15:0]  sq_wqe, rq_wqe;
  logic [7:0]   sq_status, rq_status;
  logic [511:0] mask, data;

  // The entry that fails: named by the reason, else by the poison of the data path. If it is
  // before the first that is to be flushed, it has completed already
  always_comb begin
    {sq_err, sq_wqe, sq_status} = poison_q[49:25];
    {rq_err, rq_wqe, rq_status} = poison_q[24:0];
    if (why_q && why_err_q.wqe_valid && !why_err_q.rq) begin
      {sq_err, sq_wqe, sq_status} = {1'b1, why_err_q.wqe, why_err_q.status};
    end
    if (why_q && why_err_q.wqe_valid && why_err_q.rq) begin
      {rq_err, rq_wqe, rq_status} = {1'b1, why_err_q.wqe, why_err_q.status};
    end
    sq_off = sq_wqe - done_q;
    rq_off = rq_wqe - rsp_wqe_q;
  end

  tern_qp_lines u_lines (
    .target_i   (arg[6:4]),
    .action_i   (arg[3:0]),
    .wqe_i,
    .attrs_i,
    .attr_i,
    .to_rtr_i   (state_i != next_i && next_i == {tern_hw_pkg::TERN_HW_QP_STATE_RTR}),
    .to_rts_i   (state_i == {tern_hw_pkg::TERN_HW_QP_STATE_RTR} &&
                 next_i == {tern_hw_pkg::TERN_HW_QP_STATE_RTS}),
    .undrain_i  (state_i == {tern_hw_pkg::TERN_HW_QP_STATE_SQD} &&
                 next_i == {tern_hw_pkg::TERN_HW_QP_STATE_RTS}),
    .done_i     (done_q),
    .sq_err_i   (sq_err && !sq_off[15]),
    .sq_wqe_i   (sq_wqe),
    .sq_status_i(sq_status),
    .rq_err_i   (rq_err && !rq_off[15]),
    .rq_wqe_i   (rq_wqe),
    .rq_status_i(rq_status),
    .skip_o     (skip),
    .drop_o     (drop),
    .mask_o     (mask),
    .data_o     (data)
  );

  assign item_o = {qpn_i, drop, mask, data};

  logic                   rsp_valid, item_ready;
  logic [514:0]           rsp_bits;
  tern_pkg::qp_item_rsp_t rsp;

  always_comb begin
    unique case (arg[6:4])
      3'd0:    rsp_bits = item_rsp_i[0];
      3'd1:    rsp_bits = item_rsp_i[1];
      3'd2:    rsp_bits = item_rsp_i[2];
      3'd3:    rsp_bits = item_rsp_i[3];
      3'd4:    rsp_bits = item_rsp_i[4];
      3'd5:    rsp_bits = item_rsp_i[5];
      default: rsp_bits = item_rsp_i[6];
    endcase
    rsp_valid  = 1'b0;
    item_ready = 1'b0;
    for (int unsigned i = 0; i < 7; i++) begin
      if (arg[6:4] == 3'(i)) begin
        rsp_valid  = item_rsp_valid_i[i];
        item_ready = item_ready_i[i];
      end
    end
  end

  assign rsp = rsp_bits;

  // ----------------------------------------------------------------------------- conditions

  logic [15:0] sq_left, rq_left;   // negative: not there yet

  assign sq_left = seg_wqe_q - sq_producer_q;
  assign rq_left = rsp_wqe_q - rq_producer_q;

  always_comb begin
    unique case (cond)
      CdSq:       holds = sq_valid_q;
      CdRq:       holds = rq_valid_q;
      CdRun:      holds = !suspended_i;
      CdErr:      holds = err_q != tern_pkg::HmcOk;
      CdFlushSq:  holds = seg_known_q && rh_known_q;
      CdFlushRq:  holds = rsp_known_q;
      CdTimer:    holds = was_drained_i && err_q == tern_pkg::HmcOk &&
                          |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_TIMEOUT);
      CdSqBehind: holds = sq_valid_q && sq_left[15];
      CdRqBehind: holds = rq_valid_q && rq_left[15];
      CdSqLost:   holds = sq_valid_q && !seg_flushing_q;
      CdRqLost:   holds = rq_valid_q && !rsp_flushing_q;
      CdPolite:   holds = polite_q;
      CdNak:      holds = nak_q;
      CdPath:     holds = err_q == tern_pkg::HmcOk &&
                          |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_PATH);
      default:    holds = 1'b1;
    endcase
  end

  // ------------------------------------------------------------------------------- execution

  logic taken, answered;   // the request of this instruction

  always_comb begin
    unique case (op)
      OpItem:  taken = item_ready;
      OpSched: taken = sched_ready_i;
      OpRq:    taken = rq_ready_i;
      OpSteer: taken = steer_ready_i;
      OpTool:  taken = tool_ready_i[arg[3:0]];
      OpDrop:  taken = drop_ready_i[arg[0]];
      OpJob:   taken = job_ready_i;
      OpPlace: taken = place_ready_i;
      OpClaim: taken = claim_ready_i;
      OpAsk:   taken = ask_ready_i;
      OpWait:  taken = (arg[4:0] & ~markers_q) == '0;
      default: taken = 1'b1;
    endcase
    unique case (op)
      OpItem:  answered = rsp_valid;
      OpSched: answered = sched_done_i;
      OpRq:    answered = rq_done_i;
      OpDrop:  answered = drop_done_i[arg[0]];
      OpJob:   answered = job_done_i;
      OpPlace: answered = place_done_i;
      OpClaim: answered = claim_done_i;
      OpAsk:   answered = ask_done_i;
      default: answered = 1'b1;
    endcase
  end

  logic has_answer, do_it, put_last, got;

  // tern_place answers as it takes the request, the others later
  assign got = answered && (state_q == StWait || (do_it && op == OpPlace && taken));

  assign has_answer = op == OpItem || op == OpSched || op == OpRq || op == OpDrop ||
                      op == OpJob || op == OpPlace || op == OpClaim || op == OpAsk;
  assign do_it      = state_q == StDo && holds && !(op == OpItem && skip);

  always_comb begin
    unique case (arg[2:0])
      3'd6:    put_last = 1'b1;
      3'd7:    put_last = word_q == 4'd14;
      default: put_last = word_q == 4'd7;
    endcase
  end

  always_comb begin
    state_d = state_q;
    pc_d    = pc_q;
    step    = 1'b0;
    done_o  = 1'b0;
    unique case (state_q)
      StIdle: if (start_i) begin
        state_d = StFetch;
        pc_d    = entry_i;
      end
      StFetch: state_d = StDo;
      StDo: begin
        if (!do_it)                           step    = 1'b1;
        else if (op == OpEnd)                 done_o  = 1'b1;
        else if (op == OpPut)                 state_d = StPut;
        else if (op == OpMisc && arg == MsPause) state_d = StPause;
        else if (taken && has_answer && !got) state_d = StWait;
        else if (taken)                       step    = 1'b1;
      end
      StWait:  step = answered;
      StPut:   step = put_last;
      StPause: step = pause_q == '1;
      default: state_d = StIdle;
    endcase
    if (step) begin
      state_d = StFetch;
      pc_d    = pc_q + 8'd1;
      if (do_it && (op == OpJump || op == OpCall))   pc_d = arg;
      if (do_it && op == OpMisc && arg == MsReturn)  pc_d = ret_q;
    end
    if (done_o) state_d = StIdle;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else state_q <= state_d;
    pc_q <= pc_d;
    if (state_q == StFetch) ins_q <= ins;
    if (do_it && op == OpCall) ret_q <= pc_q + 8'd1;
    pause_q <= (state_q == StPause) ? pause_q + 4'd1 : '0;
    word_q  <= (state_q == StPut) ? word_q + 4'd1 : '0;
  end

  // A marker may come out before the next instruction is there
  always_ff @(posedge clk_i) begin
    if (state_q == StIdle) markers_q <= '0;
    else markers_q <= markers_q | marker_i;
  end

  // --------------------------------------------------------------------------- what is learned

  tern_hw_pkg::tern_hw_cqp_qp_wqe_t wqe, ring_attr;
  tern_hw_pkg::tern_hw_qp_ring_t    ring;
  tern_hw_pkg::tern_hw_qp_seg_t     seg;
  tern_hw_pkg::tern_hw_qp_rh_t      rh;
  tern_hw_pkg::tern_hw_qp_rsp_t     rspl;

  assign wqe  = wqe_i;
  assign ring = rsp.line;
  assign seg  = rsp.line;
  assign rh   = rsp.line;
  assign rspl = rsp.line;

  always_comb begin
    ring_attr      = '0;
    ring_attr.attr = ring.attr;
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle && start_i) begin
      err_q         <= tern_pkg::HmcOk;
      lost_q        <= 1'b0;
      quiet_q       <= 1'b0;
      seg_known_q   <= 1'b0;
      rh_known_q    <= 1'b0;
      rsp_known_q   <= 1'b0;
      psn_max_q     <= '0;
      gen_q         <= '0;
      done_q        <= '0;
      rsp_wqe_q     <= '0;
      sq_producer_q <= '0;
      rq_producer_q <= '0;
      sq_valid_q    <= entry_i == PcCreate && wqe.attr.sq_valid;
      rq_valid_q    <= entry_i == PcCreate && wqe.attr.rq_valid;
      sq_log_q      <= wqe.attr.sq_log_size;
      rq_log_q      <= wqe.attr.rq_log_size;
      polite_q      <= polite_i;
      nak_q         <= 1'b0;
      why_q         <= ev_valid_i;
      why_err_q     <= ev_i;
      poison_q      <= '0;
    end
    if (do_it && op == OpMisc && arg == MsForget) err_q  <= tern_pkg::HmcOk;
    if (do_it && op == OpMisc && arg == MsLost)   lost_q <= 1'b1;
    if (got && op == OpItem) begin
      line_q <= rsp.line;
      if (err_q == tern_pkg::HmcOk) err_q <= rsp.err;
      if (arg[7:4] == Seg) begin
        seg_known_q <= rsp.err == tern_pkg::HmcOk;
        if (rsp.err == tern_pkg::HmcOk) begin
          seg_flushing_q <= seg.conn.flushing;
          seg_wqe_q      <= seg.at.wqe;
          fresh_q        <= seg.at.fresh;
          psn_max_q      <= seg.message.psn_max;
        end
      end
      if (arg[7:4] == Rh) begin
        rh_known_q <= rsp.err == tern_pkg::HmcOk;
        if (rsp.err == tern_pkg::HmcOk) begin
          done_q <= rh.at.done;
          gen_q  <= rh.at.gen;
        end
      end
      if (arg[7:4] == Rsp) begin
        rsp_known_q <= rsp.err == tern_pkg::HmcOk;
        if (rsp.err == tern_pkg::HmcOk) begin
          rsp_flushing_q <= rspl.conn.flushing;
          rsp_wqe_q      <= rspl.recv.wqe;
        end
      end
      if (arg == {Ring, AcRead} && rsp.err == tern_pkg::HmcOk) begin
        sq_valid_q <= ring_attr.attr.sq_valid;
        rq_valid_q <= ring_attr.attr.rq_valid;
        sq_log_q   <= ring_attr.attr.sq_log_size;
        rq_log_q   <= ring_attr.attr.rq_log_size;
      end
    end
    if (got && op == OpSched && arg == ScQuery) begin
      sq_producer_q <= sched_producer_i;
    end
    if (got && op == OpRq && arg == RqQuery) begin
      rq_producer_q <= rq_producer_i;
    end
    if (got && op == OpPlace) begin
      poison_q <= place_rsp_i;
      quiet_q  <= 1'b1;
    end
    if (got && op == OpAsk) nak_q <= ask_waits_i;
    if (got && op == OpClaim && claim_found_i && !why_q) begin
      why_q     <= 1'b1;
      why_err_q <= claim_i;
    end
  end

  // ---------------------------------------------------------------------------------- ports

  always_comb begin
    item_valid_o = '0;
    tool_valid_o = '0;
    drop_valid_o = '0;
    if (do_it && op == OpItem) item_valid_o[arg[6:4]] = 1'b1;
    if (do_it && op == OpTool) tool_valid_o[arg[3:0]] = 1'b1;
    if (do_it && op == OpDrop) drop_valid_o[arg[0]]   = 1'b1;
  end

  assign sched_valid_o    = do_it && op == OpSched;
  assign sched_op_o       = arg[3:0];
  assign sched_log_size_o = sq_log_q;
  assign sched_index_o    = (arg == ScFetched) ? done_q : fresh_q;
  assign rq_valid_o       = do_it && op == OpRq;
  assign rq_op_o          = arg[1:0];
  assign rq_log_size_o    = rq_log_q;
  assign push_drop_o      = do_it && op == OpMisc && arg == MsPage;
  assign steer_valid_o    = do_it && op == OpSteer;
  assign steer_exists_o   = arg[1];
  assign steer_rx_ok_o    = arg[0];
  assign steer_keep_o     = arg[2];
  assign job_valid_o      = do_it && op == OpJob;
  assign ask_valid_o      = do_it && op == OpAsk;
  assign place_valid_o    = do_it && op == OpPlace;
  assign claim_valid_o    = do_it && op == OpClaim;
  assign claim_err_o      = arg[0];

  tern_hw_pkg::tern_hw_qp_attr_t attr;

  assign attr            = attr_i;
  // Without the attribute there is no timer: QPs that are not RC
  assign timer_timeout_o = (arg == TlTimerOff ||
                            (attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_TIMEOUT) == '0)
                           ? '0 : attr.conn.timeout;
  assign timer_gen_o     = gen_q;
  assign timer_psn_o     = (arg == TlTimerRts) ? attr.psn.sq : psn_max_q;
  assign timer_done_o    = done_q;

  logic [63:0] state_word;

  assign state_word  = {rq_producer_q, sq_producer_q, 29'd0, state_i};
  assign put_o       = state_q == StPut;
  assign put_index_o = (arg[2:0] == 3'd6) ? 6'd48 :
                       (arg[2:0] == 3'd7) ? 6'd49 + 6'(word_q) : {arg[2:0], word_q[2:0]};

  always_comb begin
    put_data_o = '0;
    if (arg[2:0] == 3'd6) put_data_o = state_word;
    for (int unsigned i = 0; i < 8; i++) begin
      if (arg[2:0] < 3'd6 && word_q[2:0] == 3'(i)) put_data_o = line_q[64*i +: 64];
    end
  end

  assign again_o = arg[0];
  assign err_o  = err_q;
  assign lost_o = lost_q;
  assign quiet_o = quiet_q;
  assign idle_o = state_q == StIdle && !start_i;

endmodule
