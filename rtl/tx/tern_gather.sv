// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Collects the payload of packets, so that tern_emit can send each without a gap.
//
// A packet gets a slot (64, left in the order of arrival) and, for its payload, lines of a 64 KiB
// ring: byte 0 of the payload is byte 0 of the first line, space goes in order, ceil(len / 64)
// lines each, and over the end of the ring to its start. Markers and packets without payload
// have a slot alone. When all pieces are there, or refused, and all slots before have left, the
// packet shows at slot_*. Pieces must add up to len.
//
// Towards tern_emit: a slot that was taken keeps its lines until done_lines_i gives them back, in
// the order of the slots, any number at a time; those of killed slots too. ring_data_o follows
// ring_read_i by a cycle and stays until the next one. prefetch_*: a packet (no frame, none of UD, no
// marker) has come in; a hint.
//
// Errors. A packet one of whose pieces was refused is killed, and poisons its {QPN, source}
// (TxReq or TxRr): all packets of those behind it are killed, too, until control clears the
// poison. Poison is set when the slot that causes it has become the oldest, so it is always the
// first failed packet of a QP that is reported, once, and none before it is lost. A packet that
// comes when poison is set is not even fetched. Control clears only when nothing of the
// QP is here (its markers have come out). Killed slots leave in their turn, slot_killed_o tells.
// - TxReq of an entry that is complete by now, as prog_done_i tells: no poison, no report. It was sent
//   again, too late, and the host may have taken the memory back.
// - TxReq: req_err to tern_rh, loc_prot/sq_access for a translation, general/dma for the bus.
// - TxRr: rr_err to tern_rr: QPN, PSN, and the mr_err_e or, with rr_err_dma_o, the bus. If it is
//   to a READ seen before (`again`): no poison, no report.
// - TxEth: there is no poison; slot_killed_o says that the frame's data is not valid.
// If several pieces fail, one of the errors is reported. Markers and TxAck are never killed.
//
// A QP that goes back (back_*, from tern_seg) sends again what of it waits here and is of use: those
// packets are killed without a word, see tern_gather_stale. What of their data is not on its way is
// not read, and an error poisons nothing: it will be met again.
//
// fence_done_o comes when all translations and reads are over that were under way at fence_i;
// one fence at a time.
//
// Rate: a packet takes a cycle and one more for each piece, 2 cycles at least, and leaves in 2.
// Latency: 2 cycles from packet to mr_valid_o, 2 from its answer to dma_valid_o, 4 from the last
// beat to slot_valid_o; without payload 4 in all. After reset the poison bits are swept, which
// takes MaxQps cycles; nothing is taken meanwhile.

module tern_gather (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  input  logic                      pkt_valid_i,
  output logic                      pkt_ready_o,
  input  tern_pkg::tx_pkt_t         pkt_i,
  input  logic                      piece_valid_i,
  output logic                      piece_ready_o,
  input  tern_pkg::tx_piece_t       piece_i,

  // Enough request packets wait here: what else came now would only be further behind. A hint
  output logic                      ahead_o,
  input  logic                      back_valid_i,
  input  logic [tern_pkg::QpnW-1:0] back_qpn_i,

  output logic                      prefetch_valid_o,
  output logic [tern_pkg::QpnW-1:0] prefetch_qpn_o,

  output logic                      mr_valid_o,
  input  logic                      mr_ready_i,
  output tern_pkg::mr_req_t         mr_o,
  input  logic                      mr_rsp_valid_i,
  input  tern_pkg::mr_rsp_t         mr_rsp_i,

  output logic                      dma_valid_o,
  input  logic                      dma_ready_i,
  output tern_pkg::dma_rd_req_t     dma_o,
  input  logic                      dma_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t     dma_rsp_i,

  output logic                      slot_valid_o,
  input  logic                      slot_ready_i,
  output tern_pkg::tx_pkt_t         slot_o,
  output logic                      slot_killed_o,
  output logic [9:0]                slot_line_o,     // its first in the ring
  input  logic                      ring_read_i,
  input  logic [9:0]                ring_line_i,
  output logic [511:0]              ring_data_o,
  input  logic                      done_valid_i,
  input  logic [7:0]                done_lines_i,

  output logic                      req_err_valid_o,
  input  logic                      req_err_ready_i,
  output tern_pkg::req_err_t        req_err_o,
  output logic                      rr_err_valid_o,
  input  logic                      rr_err_ready_i,
  output logic [tern_pkg::QpnW-1:0] rr_err_qpn_o,
  output logic [23:0]               rr_err_psn_o,
  output tern_pkg::mr_err_e         rr_err_o,
  output logic                      rr_err_dma_o,

  input  logic                      prog_valid_i,    // tern_rh: of a progress_t; no ready
  input  logic [tern_pkg::QpnW-1:0] prog_qpn_i,
  input  logic [15:0]               prog_done_i,

  input  logic                      clear_valid_i,
  output logic                      clear_ready_o,
  input  logic [tern_pkg::QpnW-1:0] clear_qpn_i,

  input  logic                      fence_i,
  output logic                      fence_done_o
);

  localparam int unsigned Slots  = 64;
  // Lines of the ring that may be in use. What is ahead of the wire by more than the bus takes to
  // answer, and a frame or two, only makes a QP that goes back wait.
  localparam int unsigned Ahead  = 512;
  localparam int unsigned Enough = 256;      // of those, of request packets not yet with tern_emit
  localparam int unsigned SlotW  = 6;
  localparam int unsigned QpnW   = tern_pkg::QpnW;
  localparam int unsigned CountW = 7;        // more than a slot can have open at a time

  // Errors of a slot: an mr_err_e, or
  localparam logic [3:0] ErrDma  = 4'd8;

  tern_pkg::tx_pkt_t   pkt;
  tern_pkg::tx_piece_t piece;

  assign pkt   = pkt_i;
  assign piece = piece_i;

  if ($bits(pkt) != tern_pkg::TxPktW) begin : gen_bad_pkt_width
    $error("TxPktW is not the width of tx_pkt_t");
  end
  if ($bits(piece) != tern_pkg::TxPieceW) begin : gen_bad_piece_width
    $error("TxPieceW is not the width of tx_piece_t");
  end
  if ($bits(mr_o) != tern_pkg::MrReqW) begin : gen_bad_mr_width
    $error("MrReqW is not the width of mr_req_t");
  end

  // Slots: head is the oldest, those from head to tail are closed, all their pieces have been
  // taken. One bit more than an index needs.
  logic [SlotW:0]             head_q, tail_q;
  logic [tern_pkg::TxPktW+10-1:0] slot_mem [Slots];  // record and first line
  logic [QpnW-1:0]            qpn_mem  [Slots];
  logic                       gone_mem [Slots];          // was killed when it came
  logic [Slots-1:0]           bad_q;                     // err_mem holds an error
  logic [3:0]                 err_mem  [Slots];

  // Pieces of a slot that were taken and that are over; never made 0, only compared
  logic [CountW-1:0]          asked_mem [Slots];
  logic [CountW-1:0]          over_mem  [Slots];

  logic                       ev_valid, ev_done;
  logic [SlotW-1:0]           ev_slot;
  logic [3:0]                 ev_err;

  // ------------------------------------------------------------------------- poison bits

  logic            poison_req [tern_pkg::MaxQps];
  logic            poison_rr  [tern_pkg::MaxQps];
  logic [QpnW:0]   sweep_q;
  logic            swept;
  logic            set_req, set_rr, clear;
  logic            poison_wr;
  logic [QpnW-1:0] poison_qpn, head_qpn;
  logic            in_read, head_read;
  logic            in_req_q, in_rr_q, head_req_q, head_rr_q;

  assign swept         = sweep_q[QpnW];
  assign clear_ready_o = swept && !set_req && !set_rr;
  assign clear         = clear_valid_i && clear_ready_o;

  always_ff @(posedge clk_i) begin
    if (rst_i) sweep_q <= '0;
    else if (!swept) sweep_q <= sweep_q + 1'b1;
  end

  assign poison_wr  = !swept || clear || set_req || set_rr;
  assign poison_qpn = !swept ? sweep_q[QpnW-1:0] : clear ? clear_qpn_i : slot_o.qpn;

  always_ff @(posedge clk_i) begin
    if (poison_wr && !set_rr) poison_req[poison_qpn] <= set_req;
    if (poison_wr && !set_req) poison_rr[poison_qpn] <= set_rr;
    if (in_read) begin
      in_req_q <= poison_req[pkt.qpn];
      in_rr_q  <= poison_rr[pkt.qpn];
    end
    if (head_read) begin
      head_req_q <= poison_req[head_qpn];
      head_rr_q  <= poison_rr[head_qpn];
    end
  end

  // ------------------------------------------------------------------------------- packets

  logic              open_q;       // the slot at tail takes pieces
  logic              take;
  logic [10:0]       free_q;       // lines of the ring
  logic [9:0]        line_q;       // first free one
  logic [7:0]        lines;
  logic [SlotW-1:0]  tail;
  logic              full;
  tern_pkg::tx_src_e src_q;
  logic              marker_q;
  logic [23:0]       pd_q;
  logic              priv_q, remote_q;
  logic [5:0]        left_q;       // pieces
  logic [15:0]       pos_q;        // where the next piece goes
  logic              gone;         // the packet is killed already
  logic              close;

  assign tail  = tail_q[SlotW-1:0];
  assign full  = tail_q == {~head_q[SlotW], head_q[SlotW-1:0]};
  assign lines = pkt.marker ? '0 : 8'(14'(pkt.len + 14'd63) >> 6);

  assign pkt_ready_o = !open_q && !full && swept && free_q >= 11'(lines);
  assign take        = pkt_valid_i && pkt_ready_o;
  assign in_read     = take;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q <= 1'b0;
      tail_q <= '0;
      free_q <= 11'(Ahead);
      line_q <= '0;
    end else begin
      if (take) open_q <= 1'b1;
      else if (close) open_q <= 1'b0;
      if (close) tail_q <= tail_q + 1'b1;
      if (take) line_q <= line_q + 10'(lines);
      if (take || done_valid_i) begin
        free_q <= free_q - (take ? 11'(lines) : 11'd0) + (done_valid_i ? 11'(done_lines_i) : 11'd0);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      slot_mem[tail] <= {pkt, line_q};
      qpn_mem[tail]  <= pkt.qpn;
      src_q          <= pkt.src;
      marker_q       <= pkt.marker;
      pd_q           <= pkt.pd;
      priv_q         <= pkt.priv;
      remote_q       <= pkt.remote;
    end
  end

  assign gone = !marker_q && ((src_q == tern_pkg::TxReq && in_req_q) ||
                              (src_q == tern_pkg::TxRr && in_rr_q));

  // An event is never of the slot that is just taken
  always_ff @(posedge clk_i) begin
    if (rst_i) bad_q <= '0;
    else begin
      if (take) bad_q[tail] <= 1'b0;
      if (ev_valid && ev_err != '0) bad_q[ev_slot] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (open_q) gone_mem[tail] <= gone;
    if (ev_valid && ev_err != '0) err_mem[ev_slot] <= ev_err;
  end

  logic [Slots-1:0] stale;

  tern_gather_stale #(.Slots(Slots)) u_stale (
    .clk_i, .rst_i,
    .back_valid_i, .back_qpn_i,
    .take_i    (take),
    .take_req_i(!pkt.marker && pkt.src == tern_pkg::TxReq),
    .take_qpn_i(pkt.qpn),
    .head_i    (head_q),
    .end_i     (tail_q + (SlotW+1)'(take || open_q)),
    .stale_o   (stale)
  );

  logic            prefetch_q;
  logic [QpnW-1:0] prefetch_qpn_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) prefetch_q <= 1'b0;
    else prefetch_q <= take && !pkt.marker && !pkt.ud && pkt.src != tern_pkg::TxEth;
    if (take) prefetch_qpn_q <= pkt.qpn;
  end

  assign prefetch_valid_o = prefetch_q;
  assign prefetch_qpn_o   = prefetch_qpn_q;

  // ------------------------------------------------------------------------------- pieces

  // PcHost goes on in steps of 4096 bytes
  logic [1:0]  step_q;
  logic [13:0] rest;
  logic        last_step;
  logic [12:0] len;
  logic        piece_on;
  logic        fetch_valid, fetch_ready, fetch_take;

  assign rest       = piece.len - {step_q, 12'd0};
  assign last_step  = rest <= 14'd4096;
  assign len        = last_step ? rest[12:0] : 13'd4096;
  assign piece_on   = open_q && left_q != '0;

  assign fetch_valid   = piece_on && piece_valid_i && !gone;
  assign fetch_take    = fetch_valid && fetch_ready;
  assign piece_ready_o = piece_on && (gone || (fetch_ready && last_step));
  assign close         = open_q && (left_q == '0 ||
                                    (left_q == 6'd1 && piece_valid_i && piece_ready_o));

  always_ff @(posedge clk_i) begin
    if (rst_i) step_q <= '0;
    else if (fetch_take) step_q <= last_step ? '0 : step_q + 1'b1;

    if (take) begin
      left_q <= pkt.marker ? '0 : pkt.pieces;
      pos_q  <= {line_q, 6'd0};
    end else begin
      if (piece_valid_i && piece_ready_o) left_q <= left_q - 1'b1;
      if (fetch_take) pos_q <= pos_q + 16'(len);
    end
  end

  logic         wr_valid;
  logic [15:0]  wr_pos;
  logic [5:0]   wr_lane;
  logic [6:0]   wr_bytes;
  logic [511:0] wr_data;
  logic         fence_busy;

  tern_gather_fetch u_fetch (
    .clk_i, .rst_i,
    .in_valid_i (fetch_valid),
    .in_ready_o (fetch_ready),
    .in_kind_i  (piece.kind),
    .in_slot_i  (tail),
    .in_pos_i   (pos_q),
    .in_len_i   (len),
    .in_key_i   (piece.key),
    .in_addr_i  (piece.addr + {50'd0, step_q, 12'd0}),
    .in_data_i  (piece.data),
    .in_pd_i    (pd_q),
    .in_priv_i  (priv_q),
    .in_remote_i(remote_q),
    .mr_valid_o, .mr_ready_i, .mr_o, .mr_rsp_valid_i, .mr_rsp_i,
    .dma_valid_o, .dma_ready_i, .dma_o, .dma_rsp_valid_i, .dma_rsp_i,
    .wr_valid_o (wr_valid),
    .wr_pos_o   (wr_pos),
    .wr_lane_o  (wr_lane),
    .wr_bytes_o (wr_bytes),
    .wr_data_o  (wr_data),
    .ev_valid_o (ev_valid),
    .ev_done_o  (ev_done),
    .ev_slot_o  (ev_slot),
    .ev_err_o   (ev_err),
    .skip_i     (stale),
    .fence_i, .fence_done_o,
    .fence_busy_o(fence_busy)
  );

  tern_gather_ring u_ring (
    .clk_i, .rst_i,
    .wr_valid_i(wr_valid),
    .wr_pos_i  (wr_pos),
    .wr_lane_i (wr_lane),
    .wr_bytes_i(wr_bytes),
    .wr_data_i (wr_data),
    .rd_valid_i(ring_read_i),
    .rd_line_i (ring_line_i),
    .rd_data_o (ring_data_o)
  );

  // The sweep of the poison bits makes all counters equal
  logic [SlotW-1:0] asked_at, over_at;

  assign asked_at = swept ? tail : sweep_q[SlotW-1:0];
  assign over_at  = swept ? ev_slot : sweep_q[SlotW-1:0];

  always_ff @(posedge clk_i) begin
    if (!swept || fetch_take) asked_mem[asked_at] <= swept ? asked_mem[tail] + 1'b1 : '0;
    if (!swept || (ev_valid && ev_done)) over_mem[over_at] <= swept ? over_mem[ev_slot] + 1'b1 : '0;
  end

  // ------------------------------------------------------------------------------ the head

  typedef enum logic [1:0] {
    HdNone,
    HdCheck,  // record and poison have been read; waits for the pieces, then decides
    HdOffer
  } head_e;

  head_e                          head_state_q;
  logic [tern_pkg::TxPktW+10-1:0] slot_q;
  logic                           killed_q;
  logic [SlotW:0]                 head_next;   // is read now, if it is closed
  logic [SlotW-1:0]               head;
  logic                           left;
  logic                           complete, decide, poisoned, report;
  logic                           is_req, is_rr, is_eth;
  logic                           was_gone, bad, late;
  logic [3:0]                     err;

  // How far the QPs are complete: read up to the cycle before it is decided
  logic [15:0] done_mem [tern_pkg::MaxQps];
  logic [15:0] done_q, done_off;

  always_ff @(posedge clk_i) begin
    if (prog_valid_i) done_mem[prog_qpn_i] <= prog_done_i;
    done_q <= done_mem[head_read ? head_qpn : slot_o.qpn];
  end

  assign done_off = done_q - slot_o.wqe;
  assign late     = done_off != '0 && done_off <= 16'h8000;

  assign left      = head_state_q == HdOffer && slot_ready_i;
  assign head_next = head_q + (SlotW+1)'(left);
  assign head_read = (head_state_q == HdNone || left) && head_next != tail_q;
  assign head_qpn  = qpn_mem[head_next[SlotW-1:0]];

  always_ff @(posedge clk_i) begin
    if (head_read) slot_q <= slot_mem[head_next[SlotW-1:0]];
  end

  assign {slot_o, slot_line_o} = slot_q;
  assign slot_valid_o          = head_state_q == HdOffer;
  assign slot_killed_o         = killed_q;

  assign head     = head_q[SlotW-1:0];
  assign was_gone = gone_mem[head];
  assign bad      = bad_q[head];
  assign err      = err_mem[head];
  assign is_req   = !slot_o.marker && slot_o.src == tern_pkg::TxReq;
  assign is_rr    = !slot_o.marker && slot_o.src == tern_pkg::TxRr;
  assign is_eth   = !slot_o.marker && slot_o.src == tern_pkg::TxEth;
  assign poisoned = (is_req && head_req_q) || (is_rr && head_rr_q);
  assign complete = head_state_q == HdCheck && asked_mem[head] == over_mem[head];
  assign report   = ((is_req && !late && !stale[head]) || (is_rr && !slot_o.again)) && !poisoned && !was_gone && bad;
  assign decide   = complete && !(report && is_req && req_err_valid_o) &&
                    !(report && is_rr && rr_err_valid_o);
  assign set_req  = decide && report && is_req;
  assign set_rr   = decide && report && is_rr;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      head_q       <= '0;
      head_state_q <= HdNone;
    end else begin
      head_q <= head_next;
      unique case (head_state_q)
        HdNone:  if (head_read) head_state_q <= HdCheck;
        HdCheck: if (decide) head_state_q <= HdOffer;
        default: if (left) head_state_q <= head_read ? HdCheck : HdNone;
      endcase
    end
    if (decide) killed_q <= ((is_req || is_rr) && (poisoned || was_gone || bad)) ||
                            (is_req && stale[head]) || (is_eth && bad);
  end

  // Lines of request packets that wait
  logic [10:0] ahead_q;
  logic [7:0]  slot_lines;

  assign slot_lines = 8'(14'(slot_o.len + 14'd63) >> 6);

  always_ff @(posedge clk_i) begin
    if (rst_i) ahead_q <= '0;
    else ahead_q <= ahead_q + ((take && pkt.src == tern_pkg::TxReq) ? 11'(lines) : '0) -
                    ((left && is_req) ? 11'(slot_lines) : '0);
    if (rst_i) ahead_o <= 1'b0;
    else ahead_o <= ahead_q >= 11'(Enough);
  end

  // ------------------------------------------------------------------------------- reports

  logic               req_err_valid_q, rr_err_valid_q;
  tern_pkg::req_err_t req_err_q;
  logic [QpnW-1:0]    rr_err_qpn_q;
  logic [23:0]        rr_err_psn_q;
  logic [3:0]         rr_err_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      req_err_valid_q <= 1'b0;
      rr_err_valid_q  <= 1'b0;
    end else begin
      if (set_req) req_err_valid_q <= 1'b1;
      else if (req_err_ready_i) req_err_valid_q <= 1'b0;
      if (set_rr) rr_err_valid_q <= 1'b1;
      else if (rr_err_ready_i) rr_err_valid_q <= 1'b0;
    end
    if (set_req) begin
      req_err_q.qpn    <= slot_o.qpn;
      req_err_q.wqe    <= slot_o.wqe;
      req_err_q.status <= (err == ErrDma) ? tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL
                                          : tern_hw_pkg::TERN_HW_WC_STATUS_LOC_PROT;
      req_err_q.reason <= (err == ErrDma) ? tern_hw_pkg::TERN_HW_QP_REASON_DMA
                                          : tern_hw_pkg::TERN_HW_QP_REASON_SQ_ACCESS;
    end
    if (set_rr) begin
      rr_err_qpn_q <= slot_o.qpn;
      rr_err_psn_q <= slot_o.psn;
      rr_err_q     <= err;
    end
  end

  assign req_err_valid_o = req_err_valid_q;
  assign req_err_o       = req_err_q;
  assign rr_err_valid_o  = rr_err_valid_q;
  assign rr_err_qpn_o    = rr_err_qpn_q;
  assign rr_err_psn_o    = rr_err_psn_q;
  assign rr_err_o        = tern_pkg::mr_err_e'(rr_err_q[2:0]);  // MrOk if it was the bus
  assign rr_err_dma_o    = rr_err_q == ErrDma;

  assign idle_o = !pkt_valid_i && !open_q && tail_q == head_q && swept && !req_err_valid_q &&
                  !rr_err_valid_q && !fence_busy && !clear_valid_i && !prefetch_q &&
                  free_q == 11'(Ahead);

endmodule
