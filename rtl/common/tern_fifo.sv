// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Small FIFO, first word falls through: what goes in shows at the output in the next cycle. Ready
// and valid come from registers alone, so a FIFO of two cuts a path without costing throughput.
// Depth is a power of two.

module tern_fifo #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 4
) (
  input  logic             clk_i,
  input  logic             rst_i,

  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,

  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o
);

  localparam int unsigned PtrW = $clog2(Depth);

  if (Depth < 2 || Depth != (1 << PtrW)) begin : gen_bad_depth
    $error("Depth is not a power of two");
  end

  // One bit more than an index needs, so that full and empty differ
  logic [PtrW:0]    wr_ptr_q, rd_ptr_q;
  logic [Width-1:0] mem [Depth];

  assign in_ready_o  = wr_ptr_q != {~rd_ptr_q[PtrW], rd_ptr_q[PtrW-1:0]};
  assign out_valid_o = wr_ptr_q != rd_ptr_q;
  assign out_data_o  = mem[rd_ptr_q[PtrW-1:0]];

  always_ff @(posedge clk_i) begin
    if (in_valid_i && in_ready_o) begin
      mem[wr_ptr_q[PtrW-1:0]] <= in_data_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
    end else begin
      if (in_valid_i && in_ready_o) wr_ptr_q <= wr_ptr_q + 1'b1;
      if (out_valid_o && out_ready_i) rd_ptr_q <= rd_ptr_q + 1'b1;
    end
  end

`ifdef TERN_PROOF
  logic [PtrW:0] f_fill;

  assign f_fill = wr_ptr_q - rd_ptr_q;

  always_comb begin
    if (!rst_i) assert (f_fill <= (PtrW + 1)'(Depth));
  end
`endif

endmodule
