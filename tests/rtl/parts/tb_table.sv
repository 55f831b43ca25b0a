// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_table: a random entry in every cycle, often the one before, often written

module tb_table (
  input bit clk,
  input bit rst,
  input bit done
);

  localparam int unsigned Depth = 16;

  logic        up, look = 0, write = 0;
  logic [3:0]  sweep_at, look_at, at;
  logic [7:0]  entry, next, want;  // want: as of the last look
  bit [7:0]    model [Depth];
  bit          looked = 0;
  longint unsigned seen, writes, sweeps;

  tern_table #(.Depth(Depth), .Width(8)) dut (
    .clk_i(clk), .rst_i(rst), .up_o(up), .sweep_at_o(sweep_at),
    .look_i(look), .look_at_i(look_at), .at_o(at), .entry_o(entry),
    .write_i(write), .entry_i(next)
  );

  always @(posedge clk) begin
    if (rst || !up) begin
      if (!rst && sweep_at == '1) sweeps++;
      foreach (model[i]) model[i] = 0;
      look   <= 0;
      write  <= 0;
      looked <= 0;
    end else begin
      if (write) model[at] = next;
      if (look) want = model[look_at];
      looked <= looked || look;
      look    <= $urandom_range(3) != 0;
      look_at <= $urandom_range(1) == 0 ? look_at : 4'($urandom);
    end
  end

  // In the cycle after the look: what is there, and perhaps a new one
  always @(negedge clk) begin
    write = 0;
    if (!rst && up && looked) begin
      if (entry != want) $fatal(1, "table: entry %0d is %h, not %h", at, entry, want);
      seen++;
      write = !done && $urandom_range(1) == 0;
      next  = 8'($urandom);
      if (write) writes++;
    end
  end

  task automatic finish();
    if (seen < 1000 || writes < 1000 || sweeps < 4) $fatal(1, "table: not everything was tried");
  endtask

endmodule
