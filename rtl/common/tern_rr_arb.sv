// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Round-robin choice among N requests, in the same cycle. take_i tells that the choice was used;
// the one chosen then becomes the last in turn. Until then the choice may change when a request
// comes that is earlier in turn, so users that forward what they chose must register it.

module tern_rr_arb #(
  parameter  int unsigned N    = 2,
  localparam int unsigned IdxW = (N > 1) ? $clog2(N) : 1
) (
  input  logic            clk_i,
  input  logic            rst_i,

  input  logic [N-1:0]    req_i,
  input  logic            take_i,

  output logic            valid_o,
  output logic [N-1:0]    onehot_o,
  output logic [IdxW-1:0] idx_o
);

  // Requests that are still to be served in this round: those above the last one served
  logic [N-1:0] later_q;
  logic [N-1:0] round;

  assign valid_o  = |req_i;
  assign round    = |(req_i & later_q) ? (req_i & later_q) : req_i;
  assign onehot_o = round & (~round + 1'b1);

  always_comb begin
    idx_o = '0;
    for (int unsigned i = 0; i < N; i++) begin
      if (onehot_o[i]) idx_o |= IdxW'(i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) later_q <= '0;
    else if (take_i) later_q <= ~(onehot_o | (onehot_o - 1'b1));
  end

endmodule
