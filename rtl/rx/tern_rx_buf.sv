// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The receive buffer: a ring of 1024 lines of 64 B and 128 packets. Beats go in as they come from
// the wire, one per cycle, with no backpressure; a frame that does not fit is dropped as a whole
// (stat_overrun). Each frame gets an id and its place. When its verdict comes from tern_rx_parse
// it goes on to tern_steer, or is free again at once. Who frees an id frees it once, in any order;
// space is given back in the order of the frames.
//
// pause_o: no more than 4 frames of 9216 bytes have room. near_o, likewise, but with what tern_loop
// may hold back besides. room_o: tern_loop may add a frame, and near_o stays low.

module tern_rx_buf #(
  parameter int unsigned Frees = 2  // ports that free ids
) (
  input  logic                  clk_i,
  input  logic                  rst_i,
  output logic                  idle_o,
  output logic                  pause_o,
  output logic                  near_o,
  output logic                  room_o,

  input  logic                  beat_valid_i,
  input  logic [511:0]          beat_data_i,
  input  logic                  beat_last_i,

  // Verdicts, in order of the frames
  input  logic                  verdict_valid_i,
  input  logic                  verdict_keep_i,
  input  tern_pkg::rx_pkt_t     verdict_pkt_i,   // line counts from the frame's first

  output logic                  out_valid_o,     // no ready, same cycle as the verdict
  output tern_pkg::rx_pkt_t     out_pkt_o,

  input  logic [Frees-1:0]      free_valid_i,
  input  logic [Frees-1:0][6:0] free_id_i,

  input  logic                  rd_en_i,
  input  logic [9:0]            rd_line_i,
  output logic [511:0]          rd_data_o,       // in the next cycle, until the next read

  output logic                  stat_overrun_o
);

  localparam int unsigned Lines   = 1024;
  localparam int unsigned Ids     = 128;
  localparam int unsigned MaxN    = 144;  // lines of the longest frame
  localparam int unsigned Own     = 67;   // lines of the longest RoCE packet; so many may be held
                                          // back, and each of them may be a frame
  localparam int unsigned PauseN  = Lines - 4 * MaxN;
  localparam int unsigned PauseId = Ids - 32;
  localparam int unsigned Waiting = 8;    // frames whose verdict is due; it takes 5 cycles

  logic [511:0] mem [Lines];
  logic [7:0]   size_of [Ids];

  // ------------------------------------------------------------------------------- frames

  logic [9:0]     start_q;           // first line of the frame that comes in
  logic [7:0]     n_q;               // lines of it so far
  logic           over_q;            // it is dropped
  logic [10:0]    used_q;            // lines of frames that have an id
  logic [7:0]     ids_q;             // of them
  logic [6:0]     new_q, old_q;      // next id, oldest id
  logic [Ids-1:0] free_q;            // to be given back
  logic           room, store, closed, over;
  logic           reclaim;
  logic [11:0]    fill;
  logic [7:0]     reclaim_n;

  assign fill   = 12'(used_q) + 12'(n_q);
  assign room   = fill < 12'(Lines) && n_q < 8'(MaxN) && ids_q != 8'(Ids);
  assign store  = beat_valid_i && !over_q && room;
  assign closed = beat_valid_i && beat_last_i;
  assign over   = over_q || !room;

  assign reclaim   = ids_q != '0 && free_q[old_q];
  assign reclaim_n = size_of[old_q];

  always_ff @(posedge clk_i) begin
    if (store) mem[start_q + 10'(n_q)] <= beat_data_i;
    if (rd_en_i) rd_data_o <= mem[rd_line_i];
    if (closed && !over) size_of[new_q] <= n_q + 8'd1;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      start_q <= '0;
      n_q     <= '0;
      over_q  <= 1'b0;
      used_q  <= '0;
      ids_q   <= '0;
      new_q   <= '0;
      old_q   <= '0;
    end else begin
      if (closed) begin
        n_q    <= '0;
        over_q <= 1'b0;
        if (!over) begin
          start_q <= start_q + 10'(n_q) + 10'd1;
          new_q   <= new_q + 7'd1;
        end
      end else if (beat_valid_i) begin
        if (store) n_q <= n_q + 8'd1;
        over_q <= over;
      end
      if (reclaim) old_q <= old_q + 7'd1;
      if (closed && !over || reclaim) begin
        used_q <= used_q + ((closed && !over) ? 11'(n_q) + 11'd1 : 11'd0) -
                  (reclaim ? 11'(reclaim_n) : 11'd0);
        ids_q  <= ids_q + 8'(closed && !over) - 8'(reclaim);
      end
    end
  end

  // ----------------------------------------------------------------------------- verdicts

  logic       wait_valid, wait_ready, wait_over;
  logic [6:0] wait_id;
  logic [9:0] wait_line;
  logic       drop;

  tern_fifo #(.Width(18), .Depth(Waiting)) u_wait (
    .clk_i,
    .rst_i,
    .in_valid_i  (closed),
    .in_ready_o  (wait_ready),
    .in_data_i   ({over, new_q, start_q}),
    .out_valid_o (wait_valid),
    .out_ready_i (verdict_valid_i),
    .out_data_o  ({wait_over, wait_id, wait_line})
  );

  assign out_valid_o    = verdict_valid_i && verdict_keep_i && !wait_over;
  assign drop           = verdict_valid_i && !verdict_keep_i && !wait_over;
  assign stat_overrun_o = verdict_valid_i && verdict_keep_i && wait_over;

  always_comb begin
    out_pkt_o      = verdict_pkt_i;
    out_pkt_o.id   = wait_id;
    out_pkt_o.line = wait_line + verdict_pkt_i.line;
  end

  always_ff @(posedge clk_i) begin
    if (closed && !over) free_q[new_q] <= 1'b0;
    if (drop) free_q[wait_id] <= 1'b1;
    for (int unsigned i = 0; i < Frees; i++) begin
      if (free_valid_i[i]) free_q[free_id_i[i]] <= 1'b1;
    end
  end

  assign pause_o = fill >= 12'(PauseN) || ids_q > 8'(PauseId);
  assign near_o  = fill >= 12'(PauseN - Own) || ids_q > 8'(PauseId - Own);
  assign room_o  = fill < 12'(PauseN - 2 * Own) && ids_q < 8'(PauseId - Own);

  logic unused;
  assign unused = &{1'b0, wait_ready};

  assign idle_o = !beat_valid_i && n_q == '0 && !over_q && !wait_valid && ids_q == '0;

endmodule
