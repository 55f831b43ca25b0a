// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Back of tern_seg: finds the pieces of a packet's payload in the SGEs or the inline data of its
// entry, and hands out the packet's record and then its pieces.
//
// A command is a packet whose record is complete but for the number of pieces. With cmd_start_i
// its entry begins anew, cmd_skip_i bytes of it left out; else it goes on where the packet before
// ended. The lengths of the SGEs are known to be enough. A piece takes a cycle, so does an SGE of
// length 0 or one that is left out; every 4 SGEs (64 B of inline data) from the second slot on
// take 2 more for the read. A packet without payload takes a cycle.
//
// The record of a packet shows no later than its first piece. Room for the largest number of
// pieces is here, so a user may take all of the pieces after the record.

module tern_seg_packet (
  input  logic                 clk_i,
  input  logic                 rst_i,
  output logic                 idle_o,

  input  logic                 cmd_valid_i,
  output logic                 cmd_ready_o,
  input  logic                 cmd_start_i,
  input  tern_pkg::tx_pkt_t    cmd_pkt_i,
  input  logic [31:0]          cmd_skip_i,
  input  logic                 cmd_inl_i,
  input  logic                 cmd_ud_i,     // the first slot has data in its upper half only
  input  logic [255:0]         cmd_data_i,   // of the entry's first slot
  input  logic [4:0]           cmd_buf_i,
  input  logic [3:0]           cmd_slot_i,   // the entry's first slot in the buffer

  output logic                 busy_o,       // a command is here: slots may still be read
  output logic                 slot_rd_o,
  output logic [8:0]           slot_addr_o,
  input  logic [511:0]         slot_data_i,  // in the next cycle

  output logic                 pkt_valid_o,
  input  logic                 pkt_ready_i,
  output tern_pkg::tx_pkt_t    pkt_o,
  output logic                 piece_valid_o,
  input  logic                 piece_ready_i,
  output tern_pkg::tx_piece_t  piece_o
);

  tern_pkg::tx_pkt_t   pkt_q, pkt;
  tern_pkg::tx_piece_t piece;

  logic         cmd_q;        // pkt_q is to be done
  logic         got_q;        // slot_data_i is the next line
  logic [511:0] line_q;
  logic         more_q;       // line_q is not at its end
  logic         first_q;      // line_q is from the first slot: 2 SGEs, 32 B
  logic         half_q;       // and UD: 1 SGE, 16 B
  logic [13:0]  room;         // of inline data in line_q
  logic [1:0]   pos_q;        // SGE in line_q
  logic [31:0]  off_q;        // bytes of it that are done
  logic [31:0]  skip_q;
  logic         inl_q;
  logic [4:0]   buf_q;
  logic [3:0]   slot_q;       // the one after line_q
  logic [13:0]  left_q;       // bytes of the packet to come
  logic [5:0]   pieces_q;     // of this packet, so far

  tern_hw_pkg::tern_hw_sge_t sge;
  logic         walk;         // the SGE, or the inline data, in line_q is looked at in this cycle
  logic [31:0]  sge_left;
  logic         skipping, skip_all;
  logic [13:0]  len;
  logic         emit, used_up, last;
  logic         piece_room, pkt_room;
  logic         step, put_pkt;

  assign sge      = line_q[{pos_q, 7'd0} +: 128];
  assign sge_left = sge.len_key.len - off_q;
  assign walk     = cmd_q && left_q != '0 && more_q;
  assign skipping = !inl_q && skip_q != '0;
  assign skip_all = skip_q >= sge.len_key.len;

  always_comb begin
    room = !first_q ? 14'd64 : half_q ? 14'd16 : 14'd32;
    if (inl_q) len = (left_q < room) ? left_q : room;
    else       len = (sge_left < 32'(left_q)) ? sge_left[13:0] : left_q;
  end

  assign emit    = walk && !skipping && len != '0;
  assign last    = len == left_q;
  assign used_up = inl_q || (skipping ? skip_all : sge_left <= 32'(left_q));
  assign step    = walk && (!emit || (piece_room && (!last || pkt_room)));
  assign put_pkt = cmd_q && ((left_q == '0) ? 1'b1 : emit && last && piece_room);

  always_comb begin
    piece      = '0;
    piece.kind = inl_q ? tern_pkg::PcInline : tern_pkg::PcKey;
    piece.len  = len;
    if (inl_q) begin
      piece.data = line_q;
    end else begin
      piece.key  = sge.len_key.lkey;
      piece.addr = sge.addr + 64'(off_q);
    end
    pkt        = pkt_q;
    pkt.pieces = pieces_q + 6'(left_q != '0);
  end

  // A new line is read when the packet needs it
  assign slot_rd_o   = cmd_q && left_q != '0 && !more_q && !got_q;
  assign slot_addr_o = {buf_q, slot_q};
  assign cmd_ready_o = !cmd_q || (put_pkt && pkt_room);
  assign busy_o      = cmd_q;

  logic take;

  assign take = cmd_valid_i && cmd_ready_o;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      cmd_q <= 1'b0;
      got_q <= 1'b0;
    end else begin
      if (cmd_ready_o) cmd_q <= cmd_valid_i;
      got_q <= slot_rd_o;
    end
    if (take) begin
      pkt_q    <= cmd_pkt_i;
      left_q   <= cmd_pkt_i.len;
      pieces_q <= '0;
    end else if (step && emit) begin
      left_q   <= left_q - len;
      pieces_q <= pieces_q + 6'd1;
    end
    if (take && cmd_start_i) begin
      line_q  <= cmd_ud_i ? {384'd0, cmd_data_i[255:128]} : {256'd0, cmd_data_i};
      more_q  <= 1'b1;
      first_q <= 1'b1;
      half_q  <= cmd_ud_i;
      pos_q   <= '0;
      off_q   <= '0;
      skip_q  <= cmd_skip_i;
      inl_q   <= cmd_inl_i;
      buf_q   <= cmd_buf_i;
      slot_q  <= cmd_slot_i + 4'd1;
    end else if (got_q) begin
      line_q  <= slot_data_i;
      more_q  <= 1'b1;
      first_q <= 1'b0;
      pos_q   <= '0;
      slot_q  <= slot_q + 4'd1;
    end else if (step) begin
      if (used_up) begin
        pos_q  <= pos_q + 2'd1;
        off_q  <= '0;
        more_q <= !(inl_q || pos_q == (!first_q ? 2'd3 : half_q ? 2'd0 : 2'd1));
      end else if (emit) begin
        off_q  <= off_q + 32'(len);
      end else begin
        off_q  <= skip_q;
      end
      skip_q <= (skipping && skip_all) ? skip_q - sge.len_key.len : '0;
    end
  end

  // --------------------------------------------------------------------------------- output

  logic                fifo_valid, fifo_ready;
  logic [6:0]          shown_q;     // pieces whose record has gone before

  tern_fifo #(.Width($bits(pkt)), .Depth(4)) u_pkt (
    .clk_i, .rst_i,
    .in_valid_i (put_pkt), .in_ready_o(pkt_room), .in_data_i(pkt),
    .out_valid_o(pkt_valid_o), .out_ready_i(pkt_ready_i), .out_data_o(pkt_o)
  );

  tern_fifo #(.Width($bits(piece)), .Depth(16)) u_piece (
    .clk_i, .rst_i,
    .in_valid_i (step && emit), .in_ready_o(piece_room), .in_data_i(piece),
    .out_valid_o(fifo_valid), .out_ready_i(fifo_ready), .out_data_o(piece_o)
  );

  assign piece_valid_o = fifo_valid && shown_q != '0;
  assign fifo_ready    = piece_ready_i && shown_q != '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      shown_q <= '0;
    end else begin
      shown_q <= shown_q + ((put_pkt && pkt_room) ? 7'(pkt.pieces) : 7'd0) -
                 7'(piece_valid_o && piece_ready_i);
    end
  end

  assign idle_o = !cmd_q && !got_q && !pkt_valid_o && !fifo_valid;

endmodule
