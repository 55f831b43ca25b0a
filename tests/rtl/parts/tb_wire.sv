// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_wire_gate: frames of both directions, and resets in the middle of them

module tb_wire (
  input bit clk,
  input bit rst,
  input bit done
);

  logic core_rst = 0, tx_valid = 0, tx_valid_out, tx_ready = 0, tx_last = 0, tx_whole;
  logic rx_valid = 0, rx_last = 0, rx_valid_out;
  bit   tx_mid, rx_mid, rx_torn;
  longint unsigned resets, held, cut, frames;

  tern_wire_gate dut (
    .clk_i(clk), .rst_i(rst), .core_rst_i(core_rst),
    .tx_valid_i(tx_valid), .tx_valid_o(tx_valid_out), .tx_ready_i(tx_ready), .tx_last_i(tx_last),
    .tx_whole_o(tx_whole), .rx_valid_i(rx_valid), .rx_last_i(rx_last), .rx_valid_o(rx_valid_out)
  );

  always @(posedge clk) begin
    if (rst) begin
      {core_rst, tx_valid, rx_valid} <= '0;
      tx_mid  = 0;
      rx_mid  = 0;
      rx_torn = 0;
    end else begin
      if (tx_valid_out && core_rst) $fatal(1, "wire: a beat in reset");
      if (rx_valid && !core_rst && rx_valid_out == rx_torn)
        $fatal(1, "wire: %s a frame's rest", rx_torn ? "passes" : "holds");
      if (rx_valid_out && core_rst) $fatal(1, "wire: received in reset");
      if (tx_valid_out && tx_ready) tx_mid = !tx_last;
      if (rx_valid) begin
        rx_mid = !rx_last;
        if (rx_last && rx_valid_out) frames++;
      end
      if (rx_torn && !rx_mid) cut++;
      rx_torn = rx_mid && (core_rst || rx_torn);
      if (tx_whole == tx_mid) $fatal(1, "wire: whole %b in the middle %b", tx_whole, tx_mid);
      // Whoever resets waits for tx_whole; the sender keeps what it offers
      if (core_rst ? $urandom_range(3) == 0 : tx_whole && !done && $urandom_range(49) == 0) begin
        core_rst <= !core_rst;
        resets  <= resets + 64'(!core_rst);
      end
      if (!tx_whole) held++;
      if (core_rst) tx_valid <= 0;
      else if (!tx_valid || tx_ready) begin
        tx_valid <= !done && $urandom_range(2) != 0;
        tx_last  <= $urandom_range(3) == 0;
      end
      tx_ready <= $urandom_range(3) != 0;
      rx_valid <= !done && $urandom_range(2) != 0;
      rx_last  <= $urandom_range(3) == 0;
    end
  end

  task automatic finish();
    if (resets < 100 || held < 100 || cut < 10 || frames < 100)
      $fatal(1, "wire: not everything was tried");
  endtask

endmodule
