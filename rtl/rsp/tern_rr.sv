// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Read responder: sends the responses to READs and atomics. tern_job puts what is due into the
// list of its QP, in the order of requests. QPs with responses stand in a FIFO; one at a time is
// served, for up to Quantum packets, then it goes to the tail. How far the oldest READ got is in
// the line `rr` of the QP.
//
//   push > list (tern_list_pool), FIFO of QPNs > line (tern_qp_line) > packets and their pieces
//
// - The data of a READ is named by its key in the piece. tern_gather reads it and checks the key
//   once more, packet by packet, for the region may have gone since the request was accepted.
//   What it refuses comes back at gather_err: the peer gets a NAK, the QP goes to error. (Not if
//   the READ was seen before: a request that was late in the network may find its region gone.) Up to
//   ErrDepth such reports are taken even while a packet waits to be taken; that is as many as
//   there can be packets of ours in gather, so neither waits for the other for ever.
// - The line is not held while packets wait: it is read when a turn begins and written when it
//   ends. So control items do not wait for the wire.
// - A line that cannot be read is reported (reason context).
// - done_valid: the last packet of a response was handed over.
// - A QP whose line is not active is not served; its list is emptied by drop.
// - A marker is sent behind all packets that were handed over before it was taken.
//
// A packet every 2 cycles within a READ; the next response of the same QP follows in 7 cycles, of
// another QP in 14, if its line is cached. Pushes are taken one per 2 cycles; push_lost_o tells that
// there was no room (room_o in the cycle after count_qpn_i has its QPN, as tern_list_pool says).

module tern_rr #(
  parameter int unsigned Shared  = 2048,  // responses that can be due in all
  parameter int unsigned Spare   = 256,   // more than can be on their way from tern_rsp
  parameter int unsigned Quantum = 16,
  parameter int unsigned ErrDepth = 64,  // slots of tern_gather
  parameter int unsigned Sets    = 16,
  parameter int unsigned Ways    = 2
) (
  input  logic                          clk_i,
  input  logic                          rst_i,
  output logic                          idle_o,

  input  logic                          push_valid_i,
  output logic                          push_ready_o,
  input  logic [tern_pkg::QpnW-1:0]     push_qpn_i,
  input  tern_pkg::response_t           push_i,
  input  logic [tern_pkg::QpnW-1:0]     count_qpn_i,
  output logic                          room_o,
  output logic                          few_o,    // no more than Spare responses have room
  output logic                          push_lost_o,

  output logic                          pkt_valid_o,
  input  logic                          pkt_ready_i,
  output tern_pkg::tx_pkt_t             pkt_o,
  output logic                          piece_valid_o,
  input  logic                          piece_ready_i,
  output tern_pkg::tx_piece_t           piece_o,

  output logic                          done_valid_o,
  input  logic                          done_ready_i,
  output logic [tern_pkg::QpnW-1:0]     done_qpn_o,
  output logic [23:0]                   done_psn_o,  // of that packet

  // From tern_gather; and what comes of it
  input  logic                          gather_err_valid_i,
  output logic                          gather_err_ready_o,
  input  logic [tern_pkg::QpnW-1:0]     gather_err_qpn_i,
  input  logic [23:0]                   gather_err_psn_i,
  input  logic                          gather_err_dma_i,   // the bus; else the key
  output logic                          nak_valid_o,
  input  logic                          nak_ready_i,
  output tern_pkg::ack_t                nak_o,
  output logic                          err_valid_o,
  input  logic                          err_ready_i,
  output tern_pkg::qp_err_t             err_o,

  // Control: line, list, marker
  input  logic                          ctl_valid_i,
  output logic                          ctl_ready_o,
  input  tern_pkg::qp_item_t            ctl_i,
  output logic                          ctl_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t        ctl_rsp_o,
  input  logic                          drop_valid_i,
  output logic                          drop_ready_o,
  input  logic [tern_pkg::QpnW-1:0]     drop_qpn_i,
  output logic                          drop_done_o,
  input  logic                          marker_valid_i,
  output logic                          marker_ready_o,
  input  logic [tern_pkg::QpnW-1:0]     marker_qpn_i,

  output logic                          hmc_valid_o,
  input  logic                          hmc_ready_i,
  output tern_pkg::hmc_req_t            hmc_o,
  input  logic                          hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t            hmc_rsp_i,
  output logic                          stat_hit_o,
  output logic                          stat_miss_o
);

  localparam logic [7:0]  OpReadFirst = 8'd13;
  localparam logic [7:0]  OpReadMid   = 8'd14;
  localparam logic [7:0]  OpReadLast  = 8'd15;
  localparam logic [7:0]  OpReadOnly  = 8'd16;
  localparam logic [7:0]  OpAtomicAck = 8'd18;
  localparam logic [7:0]  AckOk       = 8'h1f;
  localparam logic [7:0]  NakAccess   = 8'h62;
  localparam logic [7:0]  NakOp       = 8'h63;
  localparam int unsigned EntryW      = 1 + 24 + 24 + 64 + 32 + 32 + 1;
  localparam int unsigned CountW      = $clog2(Shared + 2);
  localparam int unsigned QuantumW    = $clog2(Quantum + 1);

  typedef enum logic [3:0] {
    StIdle,
    StLine,     // the line of the QP is asked for
    StPeek,     // the oldest response is asked for
    StPeeked,   // its answer is awaited
    StSend,     // a packet is offered
    StNext,     // it was taken: more of this response, or done with it
    StPop,      // the response leaves the list
    StDone,     // whoever counts is told
    StBack,     // the line is asked for once more, and written
    StLeave,    // back into the FIFO if there is more
    StErrLine,  // the line, for a NAK
    StErr,
    StMarker
  } state_e;

  state_e state_q, state_d;

  // ------------------------------------------------------------------ QPs with responses

  logic [0:0]                queued [tern_pkg::MaxQps];
  logic                      sweep_q;
  logic [tern_pkg::QpnW-1:0] sweep_at_q;
  logic [tern_pkg::QpnW-1:0] qpn_q;          // who is served
  logic                      more_q;         // it has more to send
  logic                      head_valid, fifo_empty, unused_more;
  logic [tern_pkg::QpnW-1:0] head_qpn;
  logic                      serve;          // the FIFO's head is taken
  logic                      requeue;        // who is served goes to the tail
  logic                      push_may, push_take;
  logic                      late_q, late_queued_q, enter;
  logic [tern_pkg::QpnW-1:0] late_qpn;
  logic [tern_pkg::QpnW-1:0] late_qpn_q;
  logic                      pool_push_ready;
  logic                      err_waits;

  // A push enters its QP in the cycle after it was taken, so that the list knows of it first, and
  // so does who was served. In the cycle of its look-up and in that of its entering nobody else
  // touches the table. Who is taken from the FIFO is out of it at once; so a response that is
  // pushed while its QP is served at worst has it served once more for nothing
  assign push_may     = !late_q && !requeue && !serve;
  assign push_ready_o = pool_push_ready && push_may;
  assign push_take    = push_valid_i && push_ready_o;
  assign requeue      = state_q == StLeave && more_q && !late_q;
  assign late_qpn     = requeue ? qpn_q : push_qpn_i;
  assign enter        = late_q && !late_queued_q;
  assign serve        = state_q == StIdle && head_valid && !marker_valid_i && !err_waits &&
                        !late_q && !sweep_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      sweep_q    <= 1'b1;
      sweep_at_q <= '0;
      late_q     <= 1'b0;
    end else begin
      late_q <= push_take || requeue;
      if (sweep_q) begin
        sweep_q    <= sweep_at_q != '1;
        sweep_at_q <= sweep_at_q + 1'b1;
      end
    end
    if (push_take || requeue) begin
      late_qpn_q    <= late_qpn;
      late_queued_q <= queued[late_qpn];
    end
    if (sweep_q) queued[sweep_at_q] <= 1'b0;
    else if (enter) queued[late_qpn_q] <= 1'b1;
    else if (serve) queued[head_qpn] <= 1'b0;
  end

  tern_qpn_fifo u_fifo (
    .clk_i, .rst_i,
    .push_i       (enter),
    .push_qpn_i   (late_qpn_q),
    .head_valid_o (head_valid),
    .head_qpn_o   (head_qpn),
    .pop_i        (serve),
    .empty_o      (fifo_empty),
    .more_o       (unused_more)
  );

  // -------------------------------------------------------------------------------- the list

  logic                      pool_idle, peek_ready, peek_rsp_valid, peek_empty, pop_ready;
  logic [EntryW-1:0]         peek_entry;
  tern_pkg::response_t       rsp_q;
  logic [CountW-1:0]         unused_count, unused_marks, unused_peek_count, unused_peek_marks;
  logic [CountW-1:0]         list_left;

  always_ff @(posedge clk_i) few_o <= list_left <= CountW'(Spare);

  tern_list_pool #(
    .EntryW  (EntryW),
    .Private (1'b0),
    .Shared  (Shared)
  ) u_list (
    .clk_i,
    .rst_i,
    .idle_o           (pool_idle),
    .push_valid_i     (push_valid_i && push_may),
    .push_ready_o     (pool_push_ready),
    .push_qpn_i,
    .push_entry_i     (push_i),
    .push_mark_i      (1'b0),
    .push_lost_o,
    .count_qpn_i,
    .count_o          (unused_count),
    .marks_o          (unused_marks),
    .room_o,
    .left_o           (list_left),
    .peek_valid_i     (state_q == StPeek),
    .peek_ready_o     (peek_ready),
    .peek_qpn_i       (qpn_q),
    .peek_rsp_valid_o (peek_rsp_valid),
    .peek_empty_o     (peek_empty),
    .peek_entry_o     (peek_entry),
    .peek_count_o     (unused_peek_count),
    .peek_marks_o     (unused_peek_marks),
    .pop_valid_i      (state_q == StPop),
    .pop_ready_o      (pop_ready),
    .pop_qpn_i        (qpn_q),
    .drop_valid_i,
    .drop_ready_o,
    .drop_qpn_i,
    .drop_done_o
  );

  // -------------------------------------------------------------------------------- the line

  logic                        line_idle, line_req_ready, out_valid, out_ready, wb_valid_q;
  logic [tern_pkg::QpnW-1:0]   unused_index;
  logic [0:0]                  unused_payload;
  logic [1:0]                  unused_slot;
  logic                        unused_resumed;
  tern_pkg::hmc_err_e          out_err;
  logic [511:0]                out_line, wb_line_q;
  tern_hw_pkg::tern_hw_qp_rr_t line, line_d;
  logic                        line_ask, asked_q;

  tern_qp_line #(
    .Line     ({tern_hw_pkg::TERN_HW_QP_LINE_RR}),
    .Sets     (Sets),
    .Ways     (Ways),
    .Slots    (4),
    .PayloadW (1)
  ) u_line (
    .clk_i,
    .rst_i,
    .idle_o           (line_idle),
    .req_valid_i      (line_ask),
    .req_ready_o      (line_req_ready),
    .req_index_i      (qpn_q),
    .req_payload_i    (1'b0),
    .out_valid_o      (out_valid),
    .out_ready_i      (out_ready),
    .out_hold_i       (1'b0),
    .out_index_o      (unused_index),
    .out_payload_o    (unused_payload),
    .out_slot_o       (unused_slot),
    .out_resumed_o    (unused_resumed),
    .out_err_o        (out_err),
    .out_line_o       (out_line),
    .wb_valid_i       (wb_valid_q),
    .wb_line_i        (wb_line_q),
    .wake_valid_i     (1'b0),
    .wake_slot_i      ('0),
    .item_valid_i     (ctl_valid_i),
    .item_ready_o     (ctl_ready_o),
    .item_i           (ctl_i),
    .item_rsp_valid_o (ctl_rsp_valid_o),
    .item_rsp_o       (ctl_rsp_o),
    .hmc_valid_o,
    .hmc_ready_i,
    .hmc_o,
    .hmc_rsp_valid_i,
    .hmc_rsp_i,
    .stat_hit_o,
    .stat_miss_o
  );

  assign line      = out_line;
  assign line_ask  = (state_q == StLine || (state_q == StBack && touched_q) || state_q == StErrLine) && !asked_q;
  assign out_ready = asked_q;

  // ------------------------------------------------------------------------------ the packets

  logic [31:0]         offset_q;     // of the next packet in the READ
  logic [QuantumW-1:0] sent_q;       // packets of this turn
  logic [23:0]         sent_psn_q;   // of the last one
  logic                touched_q;    // the line has changed
  logic [2:0]          mtu_q;        // tern_hw_mtu_e
  logic [23:0]         pd_q;
  logic                priv_q;
  logic [23:0]         msn_q;
  logic [12:0]         mtu, chunk;
  logic [31:0]         left;
  logic                first, last;
  logic [23:0]         index;
  logic                pkt_gone_q, piece_gone_q, has_piece;
  logic                pkt_take, piece_take, sent;

  assign mtu       = 13'd128 << mtu_q;
  assign left      = rsp_q.len - offset_q;
  assign first     = offset_q == '0;
  assign last      = rsp_q.atomic || left <= 32'(mtu);
  assign chunk     = last ? left[12:0] : mtu;
  assign index     = 24'(offset_q >> (4'd7 + 4'(mtu_q)));
  assign has_piece = !rsp_q.atomic && chunk != '0;

  assign pkt_valid_o   = (state_q == StSend && !pkt_gone_q) || state_q == StMarker;
  assign piece_valid_o = state_q == StSend && !piece_gone_q && has_piece;
  assign pkt_take      = pkt_valid_o && pkt_ready_i;
  assign piece_take    = piece_valid_o && piece_ready_i;
  assign sent          = state_q == StSend && (pkt_gone_q || pkt_take) &&
                         (piece_gone_q || piece_take || !has_piece);

  always_comb begin
    pkt_o     = '0;
    pkt_o.src = tern_pkg::TxRr;
    pkt_o.qpn = qpn_q;
    if (state_q == StMarker) pkt_o.marker = 1'b1;
    else begin
      pkt_o.psn    = rsp_q.psn + index;
      pkt_o.len    = rsp_q.atomic ? '0 : 14'(chunk);
      pkt_o.pieces = 6'(has_piece);
      pkt_o.pd     = pd_q;
      pkt_o.priv   = priv_q;
      pkt_o.remote = 1'b1;
      pkt_o.again  = rsp_q.again;
      if (rsp_q.atomic) begin
        pkt_o.opcode  = OpAtomicAck;
        pkt_o.ext_len = 5'd12;
        for (int unsigned i = 0; i < 8; i++) begin
          pkt_o.ext[32 + 8 * i +: 8] = rsp_q.addr[8 * (7 - i) +: 8];
        end
      end else if (first) begin
        pkt_o.opcode  = last ? OpReadOnly : OpReadFirst;
        pkt_o.ext_len = 5'd4;
      end else begin
        pkt_o.opcode  = last ? OpReadLast : OpReadMid;
        pkt_o.ext_len = last ? 5'd4 : 5'd0;
      end
      // AETH: syndrome, then the MSN, its highest byte first
      if (rsp_q.atomic || first || last) begin
        pkt_o.ext[31:0] = {rsp_q.msn[7:0], rsp_q.msn[15:8], rsp_q.msn[23:16], AckOk};
      end
    end
  end

  always_comb begin
    piece_o      = '0;
    piece_o.kind = tern_pkg::PcKey;
    piece_o.key  = rsp_q.key;
    piece_o.addr = rsp_q.addr + 64'(offset_q);
    piece_o.len  = 14'(chunk);
  end

  // ----------------------------------------------------------------------------------- errors

  typedef enum logic [1:0] {
    ErrKey,
    ErrDma,
    ErrLine   // the line cannot be read
  } err_e;

  localparam int unsigned ErrW = tern_pkg::QpnW + 24 + 1;

  logic                      nak_gone_q, err_gone, err_take;
  logic [23:0]               err_psn_q, wait_psn;
  logic [tern_pkg::QpnW-1:0] wait_qpn;
  logic                      wait_dma;
  err_e                      err_kind_q;

  tern_fifo #(.Width(ErrW), .Depth(ErrDepth)) u_errs (
    .clk_i, .rst_i,
    .in_valid_i (gather_err_valid_i),
    .in_ready_o (gather_err_ready_o),
    .in_data_i  ({gather_err_qpn_i, gather_err_psn_i, gather_err_dma_i}),
    .out_valid_o(err_waits),
    .out_ready_i(err_take),
    .out_data_o ({wait_qpn, wait_psn, wait_dma})
  );

  assign err_take    = state_q == StIdle && !late_q && !sweep_q;
  assign nak_valid_o = state_q == StErr && !nak_gone_q;
  // Who hears of the error finds the NAK at tern_ack
  assign err_valid_o = state_q == StErr && nak_gone_q;
  assign err_gone    = nak_gone_q && err_ready_i;

  always_comb begin
    nak_o = {qpn_q, err_psn_q, msn_q, err_kind_q == ErrDma ? NakOp : NakAccess};
    err_o         = '0;
    err_o.qpn     = qpn_q;
    err_o.rq      = 1'b1;
    err_o.ae_code = tern_hw_pkg::TERN_HW_AE_CODE_QP_FATAL;
    unique case (err_kind_q)
      ErrKey: begin
        err_o.reason  = tern_hw_pkg::TERN_HW_QP_REASON_IN_ACCESS;
        err_o.ae_code = tern_hw_pkg::TERN_HW_AE_CODE_QP_ACCESS;
      end
      ErrDma:  err_o.reason = tern_hw_pkg::TERN_HW_QP_REASON_DMA;
      default: err_o.reason = tern_hw_pkg::TERN_HW_QP_REASON_CONTEXT;
    endcase
    err_o.status  = tern_hw_pkg::TERN_HW_WC_STATUS_WR_FLUSH;
  end

  // --------------------------------------------------------------------------------- the turns

  logic line_here;

  assign line_here      = out_valid && asked_q;
  assign marker_ready_o = state_q == StMarker && pkt_ready_i;
  assign done_valid_o   = state_q == StDone;
  assign done_qpn_o     = qpn_q;
  assign done_psn_o     = sent_psn_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle: begin
        if (sweep_q || late_q) state_d = StIdle;
        else if (err_waits) state_d = StErrLine;
        else if (marker_valid_i) state_d = StMarker;
        else if (serve) state_d = StLine;
      end
      StLine: if (line_here) begin
        if (out_err != tern_pkg::HmcOk) state_d = StErr;
        else state_d = line.conn.active ? StPeek : StIdle;
      end
      StPeek:   if (peek_ready) state_d = StPeeked;
      StPeeked: if (peek_rsp_valid) state_d = peek_empty ? StBack : StSend;
      StSend:   if (sent) state_d = StNext;
      StNext: begin
        if (last_q) state_d = StPop;
        else state_d = (sent_q == QuantumW'(Quantum)) ? StBack : StSend;
      end
      StPop:    if (pop_ready) state_d = StDone;
      StDone:   if (done_ready_i) state_d = (sent_q == QuantumW'(Quantum)) ? StBack : StPeek;
      StBack:   if (!touched_q || line_here) state_d = StLeave;
      StLeave:  if (!late_q) state_d = StIdle;
      StErrLine: if (line_here) begin
        state_d = (out_err != tern_pkg::HmcOk || line.conn.active) ? StErr : StIdle;
      end
      StErr:    if (err_gone) state_d = StIdle;
      default:  if (pkt_ready_i) state_d = StIdle;
    endcase
  end

  logic last_q;

  always_comb begin
    line_d           = line;
    line_d.at.offset = offset_q;
    line_d.at.msn    = rsp_q.msn;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q    <= StIdle;
      asked_q    <= 1'b0;
      wb_valid_q <= 1'b0;
    end else begin
      state_q    <= state_d;
      if (line_ask && line_req_ready) asked_q <= 1'b1;
      else if (out_ready && out_valid) asked_q <= 1'b0;
      wb_valid_q <= state_q == StBack && line_here && out_err == tern_pkg::HmcOk;
    end
    if (state_q == StBack && line_here) wb_line_q <= line_d;

    unique case (state_q)
      StIdle: begin
        sent_q       <= '0;
        more_q       <= 1'b0;
        touched_q    <= 1'b0;
        nak_gone_q   <= 1'b0;
        pkt_gone_q   <= 1'b0;
        piece_gone_q <= 1'b0;
        if (err_waits) begin
          qpn_q      <= wait_qpn;
          err_psn_q  <= wait_psn;
          err_kind_q <= wait_dma ? ErrDma : ErrKey;
        end else if (marker_valid_i) qpn_q <= marker_qpn_i;
        else qpn_q <= head_qpn;
      end
      StLine, StErrLine: if (line_here) begin
        offset_q <= line.at.offset;
        msn_q    <= line.at.msn;
        mtu_q    <= line.conn.mtu;
        pd_q     <= line.conn.pd;
        priv_q   <= line.conn.priv;
        if (out_err != tern_pkg::HmcOk) begin
          err_kind_q <= ErrLine;
          nak_gone_q <= 1'b1;
        end
      end
      StPeeked: if (peek_rsp_valid) begin
        // The msn of the last one goes into the line
        if (!peek_empty) rsp_q <= peek_entry;
        more_q <= !peek_empty;
      end
      StSend: begin
        if (sent) begin
          pkt_gone_q   <= 1'b0;
          piece_gone_q <= 1'b0;
          touched_q    <= 1'b1;
          last_q       <= last;
          sent_psn_q   <= rsp_q.psn + index;
          offset_q     <= last ? '0 : offset_q + 32'(mtu);
          sent_q       <= sent_q + 1'b1;
        end else begin
          if (pkt_take) pkt_gone_q <= 1'b1;
          if (piece_take) piece_gone_q <= 1'b1;
        end
      end
      StErr: if (nak_ready_i) nak_gone_q <= 1'b1;
      default: ;
    endcase
  end

  assign idle_o = state_q == StIdle && fifo_empty && !sweep_q && !late_q && pool_idle &&
                  line_idle && !push_valid_i && !marker_valid_i && !gather_err_valid_i &&
                  !err_waits && !drop_valid_i && !wb_valid_q;

endmodule
