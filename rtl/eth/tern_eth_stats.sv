// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Counters of the Ethernet half, enum eth_stat. All may move in the same cycle. A half of struct
// eth_stats is read in the same cycle.

module tern_eth_stats (
  input  logic         clk_i,
  input  logic         rst_i,

  input  logic         tx_frame_i,
  input  logic [13:0]  tx_bytes_i,
  input  logic         tx_bad_i,
  input  logic         tx_err_i,
  input  logic         rx_frame_i,
  input  logic [13:0]  rx_bytes_i,
  input  logic         rx_no_desc_i,
  input  logic         rx_long_i,
  input  logic         rx_err_i,
  input  logic         cq_err_i,

  input  logic         half_i,
  output logic [511:0] data_o
);

  localparam int unsigned Used = 10;

  logic [Used-1:0]       tick;
  logic [Used-1:0][63:0] count_q;
  logic [1023:0]         all;

  // In the order of the enumeration
  assign tick = {cq_err_i, rx_err_i, rx_long_i, rx_no_desc_i, rx_frame_i, rx_frame_i, tx_err_i,
                 tx_bad_i, tx_frame_i, tx_frame_i};

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < Used; i++) begin
      if (rst_i) begin
        count_q[i] <= '0;
      end else if (tick[i]) begin
        if (i == 32'(tern_hw_pkg::TERN_HW_ETH_STAT_TX_BYTES)) begin
          count_q[i] <= count_q[i] + 64'(tx_bytes_i);
        end else if (i == 32'(tern_hw_pkg::TERN_HW_ETH_STAT_RX_BYTES)) begin
          count_q[i] <= count_q[i] + 64'(rx_bytes_i);
        end else begin
          count_q[i] <= count_q[i] + 64'd1;
        end
      end
    end
  end

  assign all    = {{64*(16 - Used){1'b0}}, count_q};
  assign data_o = half_i ? all[1023:512] : all[511:0];

endmodule
