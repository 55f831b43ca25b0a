// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The counters of struct stats. Blocks report events as pulses; up to 15 may fall on one counter
// in one cycle. Bytes of frames have ports of their own. A read shows the value in the same cycle.

module tern_stats #(
  parameter int unsigned NumStats = 59
) (
  input  logic                     clk_i,
  input  logic                     rst_i,
  input  logic [NumStats-1:0][3:0] add_i,       // indexed by enum stat
  input  logic [13:0]              tx_bytes_i,
  input  logic [13:0]              rx_bytes_i,
  input  logic [5:0]               index_i,
  output logic [63:0]              value_o
);

  localparam int unsigned TxBytes = {26'd0, {tern_hw_pkg::TERN_HW_STAT_TX_BYTES}};
  localparam int unsigned RxBytes = {26'd0, {tern_hw_pkg::TERN_HW_STAT_RX_BYTES}};

  logic [NumStats-1:0][63:0] count_q;

  // The outer condition is for the simulator: a quiet device costs one test
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      count_q <= '0;
    end else if (add_i != '0 || tx_bytes_i != '0 || rx_bytes_i != '0) begin
      for (int i = 0; i < NumStats; i++) begin
        if (add_i[i] != '0) count_q[i] <= count_q[i] + 64'(add_i[i]);
      end
      if (tx_bytes_i != '0) count_q[TxBytes] <= count_q[TxBytes] + 64'(tx_bytes_i);
      if (rx_bytes_i != '0) count_q[RxBytes] <= count_q[RxBytes] + 64'(rx_bytes_i);
    end
  end

  always_comb begin
    value_o = '0;
    if (7'(index_i) < 7'(NumStats)) value_o = count_q[index_i[$clog2(NumStats)-1:0]];
  end

endmodule
