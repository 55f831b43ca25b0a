// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Stands between the adapter and the wire and turns back what the adapter sends to itself, so that
// its QPs can talk to each other. A frame that is turned back is received as one from the wire is, with
// all checks; tern_rx_parse is told, for a QP may not want what its own adapter sends to a group.
//
//   tern_emit > own? --no--> wire
//                 '--yes-.
//   wire > held back ----+--> tern_rx
//
// - The wire cannot be stopped, tern_emit can. A frame is turned back when none from the wire is
//   under way and the buffer of tern_rx has room for it (rx_room_i). What comes from the wire
//   meanwhile is held back, and goes before the next frame that is turned back. So no more is ever
//   held back than the longest of those has beats, which are 66: nothing is lost here.
// - A wire without any pause would keep a frame waiting for ever. After Patience cycles the peer is
//   asked to hold (pause_o).
// - A frame that waits holds up those behind it, whichever way they go. The receive side waits for
//   nothing that is sent, so it gets its turn.
// - Neither kind of frame takes a cycle on its way unless it has to wait.

module tern_loop #(
  parameter int unsigned Depth    = 128,
  parameter int unsigned Patience = 128
) (
  input  logic         clk_i,
  input  logic         rst_i,
  output logic         idle_o,

  // tern_emit. Once a frame has begun, its beats follow each other without a gap
  input  logic         tx_valid_i,
  output logic         tx_ready_o,
  input  logic [511:0] tx_data_i,
  input  logic [63:0]  tx_keep_i,
  input  logic         tx_last_i,
  input  logic         tx_own_i,   // to one of our own addresses; the same for all of a frame

  // Wire
  output logic         m_axis_tvalid_o,
  input  logic         m_axis_tready_i,
  output logic [511:0] m_axis_tdata_o,
  output logic [63:0]  m_axis_tkeep_o,
  output logic         m_axis_tlast_o,
  input  logic         s_axis_tvalid_i,
  input  logic [511:0] s_axis_tdata_i,
  input  logic [63:0]  s_axis_tkeep_i,
  input  logic         s_axis_tlast_i,
  input  logic         s_axis_tuser_i,
  output logic         pause_o,

  // tern_rx
  output logic         rx_valid_o,
  output logic [511:0] rx_data_o,
  output logic [63:0]  rx_keep_o,
  output logic         rx_last_o,
  output logic         rx_user_o,
  output logic         rx_own_o,      // turned back
  input  logic         rx_pause_i,
  input  logic         rx_near_i,     // as rx_pause_i, when anything is held back
  input  logic         rx_room_i
);

  localparam int unsigned BeatW    = 1 + 1 + 64 + 512;
  localparam int unsigned PatientW = $clog2(Patience + 1);

  logic                own_mid_q, wire_mid_q;  // the middle of a frame comes next
  logic                start, turn;            // a beat is turned back, or could be
  logic                held_valid, held_ready;
  logic [BeatW-1:0]    wire_beat, held_beat;
  logic [PatientW-1:0] waited_q;

  assign start = tx_valid_i && tx_own_i && !held_valid && !wire_mid_q && rx_room_i;
  assign turn  = own_mid_q || start;

  assign tx_ready_o      = tx_own_i ? turn : m_axis_tready_i;
  assign m_axis_tvalid_o = tx_valid_i && !tx_own_i;
  assign m_axis_tdata_o  = tx_data_i;
  assign m_axis_tkeep_o  = tx_keep_i;
  assign m_axis_tlast_o  = tx_last_i;

  assign wire_beat = {s_axis_tuser_i, s_axis_tlast_i, s_axis_tkeep_i, s_axis_tdata_i};

  tern_fifo #(.Width(BeatW), .Depth(Depth)) u_held (
    .clk_i,
    .rst_i,
    .in_valid_i  (s_axis_tvalid_i && (turn || held_valid)),
    .in_ready_o  (held_ready),
    .in_data_i   (wire_beat),
    .out_valid_o (held_valid),
    .out_ready_i (!turn),
    .out_data_o  (held_beat)
  );

  assign rx_valid_o = turn ? tx_valid_i : held_valid || s_axis_tvalid_i;
  assign {rx_user_o, rx_last_o, rx_keep_o, rx_data_o} =
    turn       ? {1'b0, tx_last_i, tx_keep_i, tx_data_i} :
    held_valid ? held_beat : wire_beat;

  assign rx_own_o = turn;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      own_mid_q  <= 1'b0;
      wire_mid_q <= 1'b0;
      waited_q   <= '0;
    end else begin
      if (turn && tx_valid_i) own_mid_q <= !tx_last_i;
      if (!turn && rx_valid_o) wire_mid_q <= !rx_last_o;
      if (!tx_valid_i || !tx_own_i || turn)        waited_q <= '0;
      else if (waited_q != PatientW'(Patience)) waited_q <= waited_q + 1'b1;
    end
  end

  assign pause_o = rx_pause_i || (held_valid && rx_near_i) ||
                   waited_q == PatientW'(Patience);

  logic unused;
  assign unused = &{1'b0, held_ready};

  assign idle_o = !held_valid;

endmodule
