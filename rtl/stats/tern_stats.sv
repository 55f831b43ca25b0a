// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The counters of struct stats. Blocks report events as pulses; up to three may fall on one
// counter in one cycle. A read shows the value in the same cycle.

module tern_stats #(
  parameter int unsigned NumStats = 20
) (
  input  logic                     clk_i,
  input  logic                     rst_i,
  input  logic [NumStats-1:0][1:0] add_i,    // indexed by enum stat
  input  logic [5:0]               index_i,
  output logic [63:0]              value_o
);

  logic [NumStats-1:0][63:0] count_q;

  // The outer condition is for the simulator: a quiet device costs one test
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      count_q <= '0;
    end else if (add_i != '0) begin
      for (int i = 0; i < NumStats; i++) begin
        if (add_i[i] != '0) count_q[i] <= count_q[i] + 64'(add_i[i]);
      end
    end
  end

  always_comb begin
    value_o = '0;
    if (7'(index_i) < 7'(NumStats)) value_o = count_q[index_i[$clog2(NumStats)-1:0]];
  end

endmodule
