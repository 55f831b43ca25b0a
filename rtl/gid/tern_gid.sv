// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The GID table: the adapter's own addresses, which frames may come from. The CQP sets, clears
// and reads entries. A read takes no cycle; a write shows in the next one. Those who send read by a
// port of their own, and have the entry in the next cycle.

module tern_gid (
  input  logic         clk_i,
  input  logic         rst_i,
  input  logic         write_i,
  input  logic [6:0]   index_i,
  input  logic [511:0] entry_i,  // tern_hw_gid_entry_t; invalid: the entry is cleared
  output logic [511:0] entry_o,

  input  logic [6:0]   rd_index_i,
  output logic [511:0] rd_entry_o  // of rd_index_i in the cycle before
);

  // What an entry holds besides reserved bits and valid: GID, VLAN, IP version, MAC
  localparam int unsigned EntryW = 128 + 14 + 48;

  logic [tern_pkg::NumGids-1:0] valid_q;
  logic [EntryW-1:0] mem [tern_pkg::NumGids];
  tern_hw_pkg::tern_hw_gid_entry_t entry;

  assign entry = entry_i;

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      valid_q[index_i] <= entry.attr.valid;
      mem[index_i] <= {entry.gid, entry.attr.ipv4, entry.attr.vlan_valid, entry.attr.vlan_id,
                       entry.mac.addr};
    end
    if (rst_i) valid_q <= '0;
  end

  tern_hw_pkg::tern_hw_gid_entry_t out, rd;
  logic              rd_valid_q;
  logic [EntryW-1:0] rd_q;

  always_ff @(posedge clk_i) begin
    rd_valid_q <= valid_q[rd_index_i];
    rd_q       <= mem[rd_index_i];
  end

  always_comb begin
    out = '0;
    if (valid_q[index_i]) begin
      out.attr.valid = 1'b1;
      {out.gid, out.attr.ipv4, out.attr.vlan_valid, out.attr.vlan_id, out.mac.addr} =
        mem[index_i];
    end
  end

  always_comb begin
    rd = '0;
    if (rd_valid_q) begin
      rd.attr.valid = 1'b1;
      {rd.gid, rd.attr.ipv4, rd.attr.vlan_valid, rd.attr.vlan_id, rd.mac.addr} = rd_q;
    end
  end

  assign entry_o    = out;
  assign rd_entry_o = rd;

endmodule
