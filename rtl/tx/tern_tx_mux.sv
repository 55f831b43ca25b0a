// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Packets of the four sources become one stream. Source n is the one that tx_src_e calls n.
//
// tern_ack goes before all others, whose packets take turns. A packet is chosen when its record
// is offered; then `pieces` pieces are taken from the same source, before the next packet is
// chosen. A source may offer its pieces late: the others wait for them, so it must owe them to
// nobody but itself. A marker has no pieces, whatever its record says.
//
// Records and pieces leave through a FIFO of two each, in the next cycle at the earliest. One
// packet per cycle without pieces, one more cycle per piece.

module tern_tx_mux #(
  localparam int unsigned Sources = 4
) (
  input  logic                   clk_i,
  input  logic                   rst_i,
  output logic                   idle_o,

  input  logic [Sources-1:0]     pkt_valid_i,
  output logic [Sources-1:0]     pkt_ready_o,
  input  logic [Sources-1:0][tern_pkg::TxPktW-1:0] pkt_i,      // tx_pkt_t

  input  logic [Sources-1:0]     piece_valid_i,
  output logic [Sources-1:0]     piece_ready_o,
  input  logic [Sources-1:0][tern_pkg::TxPieceW-1:0] piece_i,  // tx_piece_t

  output logic                   pkt_valid_o,
  input  logic                   pkt_ready_i,
  output tern_pkg::tx_pkt_t      pkt_o,

  output logic                   piece_valid_o,
  input  logic                   piece_ready_i,
  output tern_pkg::tx_piece_t    piece_o
);

  localparam int unsigned Ack  = 2;  // tern_pkg::TxAck
  localparam int unsigned SrcW = 2;

  if ($bits(pkt_o) != tern_pkg::TxPktW) begin : gen_bad_pkt_width
    $error("TxPktW is not the width of tx_pkt_t");
  end
  if ($bits(piece_o) != tern_pkg::TxPieceW) begin : gen_bad_piece_width
    $error("TxPieceW is not the width of tx_piece_t");
  end

  // ------------------------------------------------------------------------------ packets

  logic [Sources-1:0]  turn;        // all but tern_ack
  logic [Sources-1:0]  turn_gnt, gnt;
  logic [SrcW-1:0]     turn_idx, idx;
  logic                any_turn, ack, take, pkt_free;
  tern_pkg::tx_pkt_t   pkt;
  logic [SrcW-1:0]     src_q;       // whose pieces are taken
  logic [5:0]          left_q;      // pieces still to be taken
  logic                take_piece;

  assign ack  = pkt_valid_i[Ack];
  assign turn = pkt_valid_i & ~(Sources'(1) << Ack);

  tern_rr_arb #(.N(Sources)) u_arb (
    .clk_i, .rst_i,
    .req_i   (turn),
    .take_i  (take && !ack),
    .valid_o (any_turn),
    .onehot_o(turn_gnt),
    .idx_o   (turn_idx)
  );

  assign gnt  = ack ? Sources'(1) << Ack : turn_gnt;
  assign idx  = ack ? SrcW'(Ack) : turn_idx;
  assign take = (ack || any_turn) && pkt_free && left_q == '0;

  assign pkt_ready_o = take ? gnt : '0;

  // A case, since Yosys makes a shifter of an index
  always_comb begin
    unique case (idx)
      2'd0:    pkt = pkt_i[0];
      2'd1:    pkt = pkt_i[1];
      2'd2:    pkt = pkt_i[2];
      default: pkt = pkt_i[3];
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) left_q <= '0;
    else if (take) left_q <= pkt.marker ? '0 : pkt.pieces;
    else if (take_piece) left_q <= left_q - 1'b1;
    if (take) src_q <= idx;
  end

  tern_fifo #(.Width(tern_pkg::TxPktW), .Depth(2)) u_pkt (
    .clk_i, .rst_i,
    .in_valid_i (take),
    .in_ready_o (pkt_free),
    .in_data_i  (pkt),
    .out_valid_o(pkt_valid_o),
    .out_ready_i(pkt_ready_i),
    .out_data_o (pkt_o)
  );

  // ------------------------------------------------------------------------------- pieces

  logic piece_valid, piece_free;
  logic [tern_pkg::TxPieceW-1:0] piece;

  assign piece_valid = piece_valid_i[src_q] && left_q != '0;
  assign take_piece  = piece_valid && piece_free;

  always_comb begin
    piece_ready_o = '0;
    piece_ready_o[src_q] = piece_free && left_q != '0;
  end

  always_comb begin
    unique case (src_q)
      2'd0:    piece = piece_i[0];
      2'd1:    piece = piece_i[1];
      2'd2:    piece = piece_i[2];
      default: piece = piece_i[3];
    endcase
  end

  tern_fifo #(.Width(tern_pkg::TxPieceW), .Depth(2)) u_piece (
    .clk_i, .rst_i,
    .in_valid_i (piece_valid),
    .in_ready_o (piece_free),
    .in_data_i  (piece),
    .out_valid_o(piece_valid_o),
    .out_ready_i(piece_ready_i),
    .out_data_o (piece_o)
  );

  assign idle_o = pkt_valid_i == '0 && left_q == '0 && !pkt_valid_o && !piece_valid_o;

endmodule
