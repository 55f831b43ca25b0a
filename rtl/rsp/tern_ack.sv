// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Acknowledgements that wait to be sent: of each QP only the newest. QPs that have one stand in a
// FIFO, each once, so an acknowledgement that comes while another one waits costs no packet: this
// is how ACKs are coalesced. At its turn a QP's newest one becomes a packet.
//
// - Newest is what has the highest PSN; of two with the same PSN the later one. So an ACK that
//   repeats an old PSN (a duplicate request) does not hide a NAK that waits. The last word of a
//   QP (a NAK that is neither a sequence nor an RNR NAK) replaces everything, for an ACK of later
//   requests that waits for a READ would acknowledge the READ that was refused; and only the
//   last word about an earlier request replaces it.
// - While READs or atomics of a QP are under way its acknowledgements wait, for responses leave
//   in the order of requests (IBTA 9.7.5.1.1). busy_inc_i is in the cycle in which tern_place has
//   its turn with such a request: before what is behind it can be acknowledged. busy_dec is when the
//   last packet of its response was handed over (busy_dec_sent_i), or there will be none. A
//   response acknowledges all requests before it: an ACK of those, which had to wait, is not sent.
// - drop forgets everything of a QP. A marker is sent behind all packets before it.
// - ask: does the last word of a QP still wait? Whatever stood at nak or ack before the question was
//   taken counts. Answered (ask_done, ask_waits) in the second cycle after that. A last word that
//   waits no longer has been made a packet, so a marker that follows the answer is behind it.
//
// One of busy_inc, drop, marker, busy_dec, nak, ack, ask and the packet at its turn is worked on
// per cycle, in this order of preference; busy_inc has no ready and always goes. An acknowledgement
// of a QP that has none waiting is offered as a packet in the fourth cycle.

module tern_ack #(
  parameter int unsigned Qps  = tern_pkg::MaxQps,  // power of two
  localparam int unsigned IdW = $clog2(Qps)
) (
  input  logic                 clk_i,
  input  logic                 rst_i,
  output logic                 idle_o,

  input  logic                 ack_valid_i,   // from tern_place
  output logic                 ack_ready_o,
  input  tern_pkg::ack_t       ack_i,
  input  logic                 nak_valid_i,   // from tern_job and tern_rr
  output logic                 nak_ready_o,
  input  tern_pkg::ack_t       nak_i,

  input  logic                 busy_inc_i,
  input  logic [IdW-1:0]       busy_inc_qpn_i,
  input  logic                 busy_dec_valid_i,
  output logic                 busy_dec_ready_o,
  input  logic [IdW-1:0]       busy_dec_qpn_i,
  input  logic                 busy_dec_sent_i,
  input  logic [23:0]          busy_dec_psn_i,   // of that packet

  input  logic                 drop_valid_i,
  output logic                 drop_ready_o,
  input  logic [IdW-1:0]       drop_qpn_i,
  input  logic                 marker_valid_i,
  output logic                 marker_ready_o,
  input  logic [IdW-1:0]       marker_qpn_i,
  input  logic                 ask_valid_i,
  output logic                 ask_ready_o,
  input  logic [IdW-1:0]       ask_qpn_i,
  output logic                 ask_done_o,
  output logic                 ask_waits_o,

  output logic                 pkt_valid_o,
  input  logic                 pkt_ready_i,
  output tern_pkg::tx_pkt_t    pkt_o
);

  localparam logic [7:0] OpcodeAck = 8'h11;  // RC acknowledge
  localparam int unsigned EntryW   = 1 + 1 + 6 + 24 + 24 + 8;

  if (Qps != 1 << IdW) begin : gen_bad_size
    $error("tern_ack: Qps must be a power of two");
  end

  typedef struct packed {
    logic        pending;
    logic        queued;    // stands in the FIFO
    logic [5:0]  busy;      // READs and atomics under way
    logic [23:0] psn;
    logic [23:0] msn;
    logic [7:0]  syndrome;
  } entry_t;

  typedef enum logic [2:0] {
    OpNone,
    OpInc,
    OpDec,
    OpDrop,
    OpAck,
    OpAsk,
    OpPop
  } op_e;

  // ------------------------------------------------------------- stage 0: choice and look-up

  op_e            op, op_q;
  logic [IdW-1:0] qpn, qpn_q;
  logic [23:0]    psn_q, msn_q;
  logic [7:0]     syndrome_q;
  logic           dec_sent_q;
  entry_t         entry, next;
  logic           write, push, send;
  logic           up;
  logic           head_valid, fifo_empty, more_unused;
  logic [IdW-1:0] head, sweep_unused;
  logic           pkt_free;     // a packet may be made two cycles from now
  logic           marker_take;
  logic           pkt_valid_q;

  assign pkt_free = !pkt_valid_q && op_q != OpPop;

  // Ready looks only at what goes before, so that no source waits for itself
  assign drop_ready_o     = up && !busy_inc_i;
  assign marker_ready_o   = drop_ready_o && !drop_valid_i && pkt_free;
  assign marker_take      = marker_valid_i && marker_ready_o;
  assign busy_dec_ready_o = drop_ready_o && !drop_valid_i;
  assign nak_ready_o      = busy_dec_ready_o && !busy_dec_valid_i;
  assign ack_ready_o      = nak_ready_o && !nak_valid_i;
  assign ask_ready_o      = ack_ready_o && !ack_valid_i;

  always_comb begin
    op  = OpNone;
    qpn = busy_inc_qpn_i;
    if (busy_inc_i) op = OpInc;
    else if (drop_valid_i && drop_ready_o) begin
      op  = OpDrop;
      qpn = drop_qpn_i;
    end else if (busy_dec_valid_i && busy_dec_ready_o) begin
      op  = OpDec;
      qpn = busy_dec_qpn_i;
    end else if (nak_valid_i && nak_ready_o) begin
      op  = OpAck;
      qpn = nak_i.qpn[IdW-1:0];
    end else if (ack_valid_i && ack_ready_o) begin
      op  = OpAck;
      qpn = ack_i.qpn[IdW-1:0];
    end else if (ask_valid_i && ask_ready_o) begin
      op  = OpAsk;
      qpn = ask_qpn_i;
    end else if (head_valid && pkt_free && !marker_take) begin
      op  = OpPop;
      qpn = head;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) op_q <= OpNone;
    else op_q <= op;
    if (op == OpAck) begin
      psn_q      <= nak_valid_i ? nak_i.psn : ack_i.psn;
      msn_q      <= nak_valid_i ? nak_i.msn : ack_i.msn;
      syndrome_q <= nak_valid_i ? nak_i.syndrome : ack_i.syndrome;
    end else if (op == OpDec) psn_q <= busy_dec_psn_i;
    dec_sent_q <= busy_dec_sent_i;
  end

  // ------------------------------------------------------------------ stage 1: what comes of it

  logic older, newer, last_word, is_last_word, is_ack, keep;

  assign older  = 24'(psn_q - entry.psn) >= 24'h800000;
  assign newer  = !older && psn_q != entry.psn;
  assign is_ack = entry.syndrome[7:5] == 3'b000;
  // NAKs have 3 in the upper three bits; code 0 is the sequence NAK
  assign last_word    = entry.syndrome[7:5] == 3'b011 && entry.syndrome[4:0] != 5'd0;
  assign is_last_word = syndrome_q[7:5] == 3'b011 && syndrome_q[4:0] != 5'd0;
  assign keep         = is_last_word ? last_word && !older : last_word || older;

  always_comb begin
    next  = entry;
    write = op_q != OpNone && op_q != OpAsk;
    push  = 1'b0;
    send  = 1'b0;
    unique case (op_q)
      OpInc:  next.busy = entry.busy + 6'd1;
      OpDec: begin
        if (entry.busy != 6'd0) next.busy = entry.busy - 6'd1;
        if (dec_sent_q && newer && is_ack) next.pending = 1'b0;
      end
      OpDrop: begin
        next.pending = 1'b0;
        next.busy    = 6'd0;
      end
      OpAck: if (!entry.pending || !keep) begin
        next.pending  = 1'b1;
        next.psn      = psn_q;
        next.msn      = msn_q;
        next.syndrome = syndrome_q;
      end
      OpPop: begin
        next.queued = 1'b0;
        if (entry.pending && entry.busy == 6'd0) begin
          next.pending = 1'b0;
          send         = 1'b1;
        end
      end
      default: ;
    endcase
    // Who becomes ready to be sent goes into the FIFO
    if (op_q != OpPop && write && next.pending && next.busy == 6'd0 && !entry.queued) begin
      next.queued = 1'b1;
      push        = 1'b1;
    end
  end

  tern_table #(
    .Depth (Qps),
    .Width (EntryW)
  ) u_table (
    .clk_i,
    .rst_i,
    .up_o       (up),
    .sweep_at_o (sweep_unused),
    .look_i     (op != OpNone),
    .look_at_i  (qpn),
    .at_o       (qpn_q),
    .entry_o    (entry),
    .write_i    (write),
    .entry_i    (next)
  );

  tern_qpn_fifo #(.Qps(Qps)) u_fifo (
    .clk_i,
    .rst_i,
    .push_i       (push),
    .push_qpn_i   (qpn_q),
    .head_valid_o (head_valid),
    .head_qpn_o   (head),
    .pop_i        (op == OpPop),
    .empty_o      (fifo_empty),
    .more_o       (more_unused)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) ask_done_o <= 1'b0;
    else ask_done_o <= op_q == OpAsk;
    ask_waits_o <= entry.pending && last_word;
  end

  // -------------------------------------------------------------------------------- packet

  logic           pkt_marker_q;
  logic [IdW-1:0] pkt_qpn_q;
  logic [23:0]    pkt_psn_q, pkt_msn_q;
  logic [7:0]     pkt_syndrome_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) pkt_valid_q <= 1'b0;
    else if (send || marker_take) pkt_valid_q <= 1'b1;
    else if (pkt_ready_i) pkt_valid_q <= 1'b0;
    if (marker_take) begin
      pkt_marker_q <= 1'b1;
      pkt_qpn_q    <= marker_qpn_i;
    end else if (send) begin
      pkt_marker_q   <= 1'b0;
      pkt_qpn_q      <= qpn_q;
      pkt_psn_q      <= entry.psn;
      pkt_msn_q      <= entry.msn;
      pkt_syndrome_q <= entry.syndrome;
    end
  end

  assign pkt_valid_o = pkt_valid_q;

  // AETH: syndrome, then the MSN, its highest byte first
  always_comb begin
    pkt_o         = '0;
    pkt_o.src     = tern_pkg::TxAck;
    pkt_o.marker  = pkt_marker_q;
    pkt_o.qpn     = tern_pkg::QpnW'(pkt_qpn_q);
    pkt_o.opcode  = OpcodeAck;
    pkt_o.psn     = pkt_psn_q;
    pkt_o.ext_len = 5'd4;
    pkt_o.ext[31:0] = {pkt_msn_q[7:0], pkt_msn_q[15:8], pkt_msn_q[23:16], pkt_syndrome_q};
  end

  assign idle_o = up && op_q == OpNone && fifo_empty && !pkt_valid_q && !ack_valid_i &&
                  !nak_valid_i && !busy_inc_i && !busy_dec_valid_i && !drop_valid_i &&
                  !marker_valid_i && !ask_valid_i;

endmodule
