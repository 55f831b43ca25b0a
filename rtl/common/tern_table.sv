// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// A memory with an entry for each QP (or whatever is counted) of which one is looked at, and
// perhaps changed, in every cycle: look_i names it, in the next cycle entry_o holds it and write_i
// may replace it. What is written is seen by a look in the same cycle already, so an entry that
// is looked at again at once is never an old one. at_o and entry_o stay until the next look.
//
// After reset all entries are made zero, one per cycle, with up_o low; sweep_at_o tells which, for
// users that have more to clear. Nothing may be written meanwhile, and what a look finds is void.

module tern_table #(
  parameter int unsigned  Depth = 2,  // power of two
  parameter int unsigned  Width = 1,
  localparam int unsigned AtW   = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             rst_i,
  output logic             up_o,
  output logic [AtW-1:0]   sweep_at_o,

  input  logic             look_i,
  input  logic [AtW-1:0]   look_at_i,
  output logic [AtW-1:0]   at_o,
  output logic [Width-1:0] entry_o,
  input  logic             write_i,
  input  logic [Width-1:0] entry_i
);

  if (Depth != 1 << AtW || Depth < 2) begin : gen_bad_size
    $error("tern_table: Depth must be a power of two");
  end

  logic [Width-1:0] mem [Depth];
  logic [Width-1:0] read_q, fwd_entry_q;
  logic             fwd_q;
  logic [AtW:0]     sweep_q;

  assign up_o       = sweep_q[AtW];
  assign sweep_at_o = sweep_q[AtW-1:0];
  assign entry_o    = fwd_q ? fwd_entry_q : read_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) sweep_q <= '0;
    else if (!up_o) sweep_q <= sweep_q + 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (!up_o) mem[sweep_at_o] <= '0;
    else if (write_i) mem[at_o] <= entry_i;
    if (look_i) begin
      at_o        <= look_at_i;
      read_q      <= mem[look_at_i];
      fwd_q       <= write_i && at_o == look_at_i;
      fwd_entry_q <= entry_i;
    end
  end

endmodule
