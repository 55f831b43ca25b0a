// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The GID table: the adapter's own addresses, which frames may come from. The CQP sets, clears
// and reads entries. A read takes no cycle; a write shows in the next one.

module tern_gid (
  input  logic         clk_i,
  input  logic         rst_i,
  input  logic         write_i,
  input  logic [6:0]   index_i,
  input  logic [511:0] entry_i,  // tern_hw_gid_entry_t; invalid: the entry is cleared
  output logic [511:0] entry_o
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

  tern_hw_pkg::tern_hw_gid_entry_t out;

  always_comb begin
    out = '0;
    if (valid_q[index_i]) begin
      out.attr.valid = 1'b1;
      {out.gid, out.attr.ipv4, out.attr.vlan_valid, out.attr.vlan_id, out.mac.addr} =
        mem[index_i];
    end
  end

  assign entry_o = out;

endmodule
