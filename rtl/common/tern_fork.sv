// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Hands each item to several receivers, once to each, at the pace of every one of them; the item
// is taken from the sender when the last receiver takes it. The data is wired past this block: it
// is stable meanwhile.

module tern_fork #(
  parameter int unsigned N = 2
) (
  input  logic         clk_i,
  input  logic         rst_i,

  input  logic         in_valid_i,
  output logic         in_ready_o,
  output logic [N-1:0] out_valid_o,
  input  logic [N-1:0] out_ready_i
);

  logic [N-1:0] had_q;  // has this item already

  assign out_valid_o = {N{in_valid_i}} & ~had_q;
  assign in_ready_o  = &(had_q | out_ready_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) had_q <= '0;
    else if (in_valid_i) had_q <= in_ready_o ? '0 : had_q | out_ready_i;
  end

endmodule
