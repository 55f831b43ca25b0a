// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Data path of tern_place: reads the parts of packets from the receive buffer, moves byte 0 of
// each to lane 0 by one barrel shift, and writes them to the host, one write per part.
//
// One line of the buffer per cycle; a part whose data does not start at lane 0 takes one line more
// than it has beats, one of up to 64 B that lies in one line takes one cycle. A line is asked for
// only if there is room for the beat that it completes.
//
// Writes are answered in order. rsp_* tells the slot of each answer, and whether it is the last
// one of its item.

module tern_place_data #(
  parameter int unsigned SlotW = 7   // at most 7
) (
  input  logic                       clk_i,
  input  logic                       rst_i,
  output logic                       idle_o,     // nothing waits here; writes may be under way

  input  logic                       part_valid_i,
  output logic                       part_ready_o,
  input  logic [63:0]                part_addr_i,
  input  logic [12:0]                part_len_i,
  input  logic [15:0]                part_from_i,
  input  logic                       part_swap_i,
  input  logic [2:0]                 part_skip_i,
  input  logic [SlotW-1:0]           part_slot_i,
  input  logic                       part_last_i,

  output logic                       buf_en_o,
  output logic [9:0]                 buf_line_o,
  input  logic [tern_pkg::DataW-1:0] buf_data_i, // in the next cycle

  output logic                       wr_valid_o,
  input  logic                       wr_ready_i,
  output tern_pkg::dma_wr_beat_t     wr_o,
  input  logic                       wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t      wr_rsp_i,

  output logic                       rsp_valid_o,
  output logic [SlotW-1:0]           rsp_slot_o,
  output logic                       rsp_last_o,
  output logic                       rsp_err_o
);

  localparam int unsigned Beats = 4;   // room, power of two
  localparam int unsigned CntW  = $clog2(Beats) + 1;

  // ----------------------------------------------------------------------------------- steps
  //
  // Step n reads line n of the part and completes beat n (lane 0, or all in one line) or n - 1

  logic [6:0]      step_q;
  logic [5:0]      lane;
  logic [12:0]     bytes;
  logic [12:0]     end_byte;
  logic [6:0]      beats, lines;
  logic            single;      // each line is a beat
  logic            last_step, emits, reads, go;
  logic [CntW-1:0] room_q;
  logic            pop;

  assign lane      = part_from_i[5:0];
  assign bytes     = part_swap_i ? 13'd8 : part_len_i;
  assign end_byte  = 13'(lane) + bytes;
  assign beats     = 7'(bytes[12:6]) + 7'(|bytes[5:0]);
  assign lines     = end_byte[12:6] + 7'(|end_byte[5:0]);
  assign single    = lane == '0 || lines == 7'd1;
  assign emits     = single || step_q != '0;
  assign last_step = single ? step_q + 7'd1 == beats : step_q == beats;
  assign reads     = step_q != lines;
  assign go        = part_valid_i && (!emits || room_q != '0);

  assign part_ready_o = go && last_step;
  assign buf_en_o     = go && reads;
  assign buf_line_o   = part_from_i[15:6] + 10'(step_q);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      step_q <= '0;
      room_q <= CntW'(Beats);
    end else begin
      if (go) step_q <= last_step ? '0 : step_q + 7'd1;
      if ((go && emits) != pop) room_q <= pop ? room_q + 1'b1 : room_q - 1'b1;
    end
  end

  // ---------------------------------------------------------------------- the barrel shift

  logic             sh_valid_q, sh_emit_q, sh_single_q, sh_swap_q, sh_last_q, sh_item_q;
  logic [5:0]       sh_lane_q;
  logic [2:0]       sh_skip_q;
  logic [63:0]      sh_addr_q;
  logic [12:0]      sh_len_q;
  logic [SlotW-1:0] sh_slot_q;
  logic [tern_pkg::DataW-1:0] turned, before_q, upper, joined, data;
  logic [63:0]      swapped;

  always_ff @(posedge clk_i) begin
    if (rst_i) sh_valid_q <= 1'b0;
    else sh_valid_q <= go;
    if (go) begin
      sh_emit_q   <= emits;
      sh_single_q <= single;
      sh_swap_q   <= part_swap_i;
      sh_skip_q   <= part_skip_i;
      sh_last_q   <= last_step;
      sh_item_q   <= part_last_i;
      sh_lane_q   <= lane;
      sh_addr_q   <= part_addr_i;
      sh_len_q    <= part_len_i;
      sh_slot_q   <= part_slot_i;
    end
  end

  function automatic logic [tern_pkg::DataW-1:0] rotate(logic [tern_pkg::DataW-1:0] line,
                                                        logic [5:0] lanes);
    rotate = line;
    if (lanes[0]) rotate = {rotate[7:0], rotate[511:8]};
    if (lanes[1]) rotate = {rotate[15:0], rotate[511:16]};
    if (lanes[2]) rotate = {rotate[31:0], rotate[511:32]};
    if (lanes[3]) rotate = {rotate[63:0], rotate[511:64]};
    if (lanes[4]) rotate = {rotate[127:0], rotate[511:128]};
    if (lanes[5]) rotate = {rotate[255:0], rotate[511:256]};
  endfunction

  // Evaluated for moving lines only: in simulation this is most of the work of the block
  always_comb begin
    turned  = '0;
    upper   = '0;
    joined  = '0;
    swapped = '0;
    data    = '0;
    if (sh_valid_q) begin
      turned = rotate(buf_data_i, sh_lane_q);
      // Bytes that come from the line at hand
      upper  = ~({tern_pkg::DataW{1'b1}} >> {sh_lane_q, 3'd0});
      joined = sh_single_q ? turned : (turned & upper) | (before_q & ~upper);
      data   = joined;
      if (sh_swap_q) begin
        swapped    = {joined[7:0], joined[15:8], joined[23:16], joined[31:24],
                      joined[39:32], joined[47:40], joined[55:48], joined[63:56]};
        data[63:0] = swapped >> {sh_skip_q, 3'd0};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (sh_valid_q) before_q <= turned;
  end

  // ------------------------------------------------------------------------------- write port

  tern_pkg::dma_wr_beat_t         beat;
  logic [tern_pkg::DmaWrBeatW-1:0] wr_bits;
  logic                           beat_room;

  always_comb begin
    beat.addr = sh_addr_q;
    beat.len  = sh_len_q;
    beat.tag  = {sh_item_q, 7'(sh_slot_q)};
    beat.last = sh_last_q;
    beat.data = data;
  end

  tern_fifo #(.Width(tern_pkg::DmaWrBeatW), .Depth(Beats)) u_beats (
    .clk_i, .rst_i,
    .in_valid_i (sh_valid_q && sh_emit_q),
    .in_ready_o (beat_room),
    .in_data_i  (beat),
    .out_valid_o(wr_valid_o),
    .out_ready_i(wr_ready_i),
    .out_data_o (wr_bits)
  );

  assign wr_o = wr_bits;
  assign pop  = wr_valid_o && wr_ready_i;

  assign rsp_valid_o = wr_rsp_valid_i;
  assign rsp_slot_o  = wr_rsp_i.tag[SlotW-1:0];
  assign rsp_last_o  = wr_rsp_i.tag[7];
  assign rsp_err_o   = wr_rsp_i.err;

  assign idle_o = !part_valid_i && !sh_valid_q && !wr_valid_o && beat_room;

endmodule
