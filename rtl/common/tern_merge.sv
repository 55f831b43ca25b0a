// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Several senders of equal items become one, in turn. An item shows at the output in the cycle
// after it was taken; one per cycle. Output valid and room come from registers: no path goes
// through.

module tern_merge #(
  parameter int unsigned N     = 2,
  parameter int unsigned Width = 32
) (
  input  logic                    clk_i,
  input  logic                    rst_i,
  output logic                    idle_o,

  input  logic [N-1:0]            in_valid_i,
  output logic [N-1:0]            in_ready_o,
  input  logic [N-1:0][Width-1:0] in_data_i,

  output logic                    out_valid_o,
  input  logic                    out_ready_i,
  output logic [Width-1:0]        out_data_o
);

  localparam int unsigned IdxW = (N > 1) ? $clog2(N) : 1;

  logic any, room;
  logic [N-1:0] onehot;
  logic [IdxW-1:0] idx;

  tern_rr_arb #(
    .N (N)
  ) u_arb (
    .clk_i,
    .rst_i,
    .req_i    (in_valid_i),
    .take_i   (room && any),
    .valid_o  (any),
    .onehot_o (onehot),
    .idx_o    (idx)
  );

  tern_fifo #(
    .Width (Width),
    .Depth (2)
  ) u_fifo (
    .clk_i,
    .rst_i,
    .in_valid_i  (any),
    .in_ready_o  (room),
    .in_data_i   (in_data_i[idx]),
    .out_valid_o,
    .out_ready_i,
    .out_data_o
  );

  assign in_ready_o = room ? onehot : '0;
  assign idle_o     = !out_valid_o;

endmodule
