// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_clk_gate: an edge in every cycle that is busy or one of the Linger after it, none in others,
// and no edge at any other time.

module tb_gate (
  input bit clk,
  input bit rst,
  input bit done
);

  localparam int unsigned Linger = 4;

  logic        busy = 0, gated;
  int unsigned since = 0, edges = 0, given = 0, stopped = 0;
  bit          asked, want;

  tern_clk_gate #(.Linger(Linger)) dut (
    .clk_i(clk), .rst_i(rst), .busy_i(busy), .clk_o(gated)
  );

  always @(posedge gated) edges++;

  // busy settles while the clock is high, as it does behind registers; the latch is open later
  always @(posedge clk) begin
    asked = rst || busy;
    want  = asked || since <= Linger;
    #1;
    if (edges != (want ? 1 : 0)) $fatal(1, "gate: %0d edges, %0d wanted", edges, want);
    edges = 0;
    if (want) given++;
    else stopped++;
    since = asked ? 1 : since + 1;
    busy  = !done && (busy ? $urandom_range(3) != 0 : $urandom_range(15) == 0);
  end

  always @(negedge clk) begin
    #1;
    if (gated || edges != 0) $fatal(1, "gate: not low with the clock");
  end

  task automatic finish();
    if (given < 1000 || stopped < 1000) $fatal(1, "gate: not everything was tried");
  endtask

endmodule
