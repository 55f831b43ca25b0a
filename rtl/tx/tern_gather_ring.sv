// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Payload ring of tern_gather: 1024 lines of 64 B in two banks, of even and odd lines. What is
// written may start at any byte, so it may go on in the line behind: both banks are written in
// the same cycle.
//
// A write is `bytes` (1 to 64) bytes that start in lane wr_lane_i of the data and go to byte
// wr_pos_i of the ring, over its end to its start. It is rotated in the cycle after wr_valid_i
// and can be read in the one after that. A read shows in the next cycle and stays until the
// next read.

module tern_gather_ring (
  input  logic         clk_i,
  input  logic         rst_i,

  input  logic         wr_valid_i,
  input  logic [15:0]  wr_pos_i,
  input  logic [5:0]   wr_lane_i,
  input  logic [6:0]   wr_bytes_i,
  input  logic [511:0] wr_data_i,

  input  logic         rd_valid_i,
  input  logic [9:0]   rd_line_i,
  output logic [511:0] rd_data_o
);

  // ------------------------------------------------------------------------------- rotate

  logic [5:0]   rot;    // bytes to the left
  logic [63:0]  ones;
  logic         valid_q;
  logic [9:0]   line_q;
  logic [127:0] mask_q; // bytes of the line and of the one behind
  logic [511:0] data_q;

  assign rot  = wr_pos_i[5:0] - wr_lane_i;
  assign ones = ~64'd0 >> (7'd64 - wr_bytes_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) valid_q <= 1'b0;
    else valid_q <= wr_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (wr_valid_i) begin
      line_q <= wr_pos_i[15:6];
      mask_q <= {64'd0, ones} << wr_pos_i[5:0];
      data_q <= (wr_data_i << {rot, 3'd0}) | (wr_data_i >> (10'd512 - {1'b0, rot, 3'd0}));
    end
  end

  // ------------------------------------------------------------------------------- banks

  logic [511:0] even [512];
  logic [511:0] odd  [512];
  logic [8:0]   even_row, odd_row;
  logic [63:0]  even_mask, odd_mask;

  assign even_row  = line_q[9:1] + 9'(line_q[0]);
  assign odd_row   = line_q[9:1];
  assign even_mask = line_q[0] ? mask_q[127:64] : mask_q[63:0];
  assign odd_mask  = line_q[0] ? mask_q[63:0] : mask_q[127:64];

  always_ff @(posedge clk_i) begin
    if (valid_q) begin
      for (int unsigned i = 0; i < 64; i++) begin
        if (even_mask[i]) even[even_row][8*i +: 8] <= data_q[8*i +: 8];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_q) begin
      for (int unsigned i = 0; i < 64; i++) begin
        if (odd_mask[i]) odd[odd_row][8*i +: 8] <= data_q[8*i +: 8];
      end
    end
  end

  logic         rd_odd_q;
  logic [511:0] even_q, odd_q;

  always_ff @(posedge clk_i) begin
    if (rd_valid_i) rd_odd_q <= rd_line_i[0];
    if (rd_valid_i && !rd_line_i[0]) even_q <= even[rd_line_i[9:1]];
    if (rd_valid_i && rd_line_i[0]) odd_q <= odd[rd_line_i[9:1]];
  end

  assign rd_data_o = rd_odd_q ? odd_q : even_q;

endmodule
