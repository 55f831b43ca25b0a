// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_merge, tern_fork, tern_table, tern_wire_gate and tern_clk_gate, each against a model, all
// at once, with random stalls and resets. +count=: cycles.

module tb_parts;

  int unsigned seed, count;
  bit clk = 0, rst = 1, done = 0;

  always #2 clk = !clk;

  tb_streams u_streams (.clk, .rst, .done);
  tb_table   u_table   (.clk, .rst, .done);
  tb_wire    u_wire    (.clk, .rst, .done);
  tb_gate    u_gate    (.clk, .rst, .done);

  initial begin
    seed = 1;
    count = 100000;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    void'($urandom(seed));
    repeat (4) @(posedge clk);
    #1 rst = 0;
    for (int unsigned i = 0; i < 4; i++) begin
      repeat (count / 4) @(posedge clk);
      #1 rst = i != 3;
      repeat ($urandom_range(4, 2)) @(posedge clk);
      #1 rst = 0;
    end
    done = 1;
    repeat (100) @(posedge clk);
    u_streams.finish();
    u_table.finish();
    u_wire.finish();
    u_gate.finish();
    $finish;
  end

endmodule
