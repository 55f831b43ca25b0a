// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Stops the clock of a block that has nothing to do. In silicon that saves power, in the simulator
// it saves most of the time, since a block without clock is not evaluated.
//
// busy_i: the block works, or an input asks it to, in this cycle: the coming edge is let through.
// After it falls Linger more edges follow, for what a block that calls itself idle has left in its
// output registers: pulses to others and to counters. clk_o does not glitch: the enable passes a
// latch that is open while clk_i is low. A target with clock-gating cells of its own replaces this;
// one that has none, as most FPGAs, defines TERN_CLK_ALWAYS. A block behaves the same to the cycle
// with its clock and without: bench.clocks compares.

module tern_clk_gate #(
  parameter int unsigned Linger = 4
) (
  input  logic clk_i,
  input  logic rst_i,
  input  logic busy_i,
  output logic clk_o
);

`ifdef TERN_CLK_ALWAYS

  logic unused;
  assign unused = &{1'b0, rst_i, busy_i, Linger != 0};
  assign clk_o  = clk_i;

`else

  localparam int unsigned LeftW = $clog2(Linger + 1);

  logic [LeftW-1:0] left_q;
  logic             enable;

  always_ff @(posedge clk_i) begin
    if (rst_i || busy_i)   left_q <= LeftW'(Linger);
    else if (left_q != '0) left_q <= left_q - 1'b1;
  end

  always_latch if (!clk_i) enable = rst_i || busy_i || left_q != '0;

  assign clk_o = clk_i & enable;

`endif

endmodule
