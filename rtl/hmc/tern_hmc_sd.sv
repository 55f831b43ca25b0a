// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The table of segment descriptors. Each maps 2 MiB of function-private memory, either to one
// block of host memory (direct) or to a page of page descriptors (paged).
//
// Lookup: rd_sd_i with rd_i, the descriptor shows in the next cycle and stays until the next
// lookup. A lookup in the cycle of a change sees the old descriptor. The valid bits are apart from
// the memory because reset clears them all at once.

module tern_hmc_sd #(
  parameter  int unsigned NumSds = tern_pkg::NumSds,
  localparam int unsigned SdW    = $clog2(NumSds)
) (
  input  logic           clk_i,
  input  logic           rst_i,

  input  logic           rd_i,
  input  logic [SdW-1:0] rd_sd_i,
  output logic           rd_valid_o,
  output logic           rd_direct_o,
  output logic [51:0]    rd_pfn_o,    // bus address divided by 4096

  // Changes by the control port
  input  logic           wr_i,
  input  logic [SdW-1:0] wr_sd_i,
  input  logic           wr_valid_i,
  input  logic           wr_direct_i,
  input  logic [51:0]    wr_pfn_i,
  output logic           is_valid_o,  // the descriptor of wr_sd_i is
  output logic           any_valid_o
);

  logic [52:0]       mem [NumSds];
  logic [NumSds-1:0] valid_q;
  logic [SdW:0]      num_valid_q;
  logic              rd_valid_q;
  logic [52:0]       rd_q;

  assign rd_valid_o = rd_valid_q;
  assign {rd_direct_o, rd_pfn_o} = rd_q;
  assign is_valid_o  = valid_q[wr_sd_i];
  assign any_valid_o = num_valid_q != '0;

  always_ff @(posedge clk_i) begin
    if (wr_i && wr_valid_i) mem[wr_sd_i] <= {wr_direct_i, wr_pfn_i};
  end

  always_ff @(posedge clk_i) begin
    if (rd_i) begin
      rd_q       <= mem[rd_sd_i];
      rd_valid_q <= valid_q[rd_sd_i];
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q     <= '0;
      num_valid_q <= '0;
    end else if (wr_i) begin
      valid_q[wr_sd_i] <= wr_valid_i;
      if (wr_valid_i && !is_valid_o) num_valid_q <= num_valid_q + 1'b1;
      if (!wr_valid_i && is_valid_o) num_valid_q <= num_valid_q - 1'b1;
    end
  end

endmodule
