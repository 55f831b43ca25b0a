// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Stands between the adapter and the MAC so that a reset by register cuts no frame in two: the
// MAC would take what comes first after it for the rest of that frame, and the adapter a frame's
// rest for a frame. rst_i resets the MAC, too, so it starts afresh.
//
// Towards the MAC: tx_whole_o says that a reset in the next cycle cuts nothing; it stays low while
// the MAC does not take the rest of a frame. From the MAC: the rest of a frame that came during the
// reset is dropped.

module tern_wire_gate (
  input  logic clk_i,
  input  logic rst_i,       // of adapter and MAC
  input  logic core_rst_i,  // of the adapter

  input  logic tx_valid_i,
  output logic tx_valid_o,
  input  logic tx_ready_i,
  input  logic tx_last_i,
  output logic tx_whole_o,

  input  logic rx_valid_i,
  input  logic rx_last_i,
  output logic rx_valid_o
);

  logic tx_mid, tx_mid_q, rx_mid, rx_mid_q, rx_skip_q;

  assign tx_valid_o = tx_valid_i && !core_rst_i;
  assign tx_mid     = (tx_valid_o && tx_ready_i) ? !tx_last_i : tx_mid_q;
  assign tx_whole_o = !tx_mid;
  assign rx_mid     = rx_valid_i ? !rx_last_i : rx_mid_q;
  assign rx_valid_o = rx_valid_i && !rx_skip_q && !core_rst_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      tx_mid_q  <= 1'b0;
      rx_mid_q  <= 1'b0;
      rx_skip_q <= 1'b0;
    end else begin
      tx_mid_q  <= tx_mid;
      rx_mid_q  <= rx_mid;
      rx_skip_q <= rx_mid && (core_rst_i || rx_skip_q);
    end
  end

endmodule
