// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Multicast groups and the QPs that are attached to them: ATTACH_MCAST, DETACH_MCAST, and for DESTROY_QP
// "out of all groups". A group exists while it has a QP.
//
//   attach   a new group if there is none of this GID; then a place in it. One that is attached
//            already gets the new no_own
//   detach   of one group
//   drop     of all; looks at every place, Groups * Members cycles
//
// - The GID is checked: an IPv6 multicast address, or an IPv4 one in the mapped form. Nothing else is
//   known of the QP here.
// - hit_o is combinational, in the cycle of the question. What a command changes shows when it is done.
// - Places of a group have no order, and there may be gaps: mem_valid_o of each tells.
// - After reset the places are swept, a cycle each; no command is taken meanwhile, and nothing hits.

module tern_mcast #(
  parameter  int unsigned Groups  = 64,  // powers of two
  parameter  int unsigned Members = 16,
  localparam int unsigned GroupW  = $clog2(Groups),
  localparam int unsigned MemberW = $clog2(Members)
) (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  input  logic                      ctl_valid_i,
  output logic                      ctl_ready_o,
  input  logic                      ctl_attach_i,   // neither: drop
  input  logic                      ctl_detach_i,
  input  logic [tern_pkg::QpnW-1:0] ctl_qpn_i,
  input  logic [127:0]              ctl_gid_i,      // in network order, octet i in bits 8i+7:8i
  input  logic                      ctl_no_own_i,
  output logic                      ctl_done_o,     // for one cycle
  output logic [15:0]               ctl_minor_o,    // with done: tern_hw_cqp_minor_e
  output logic                      ctl_full_o,     //   with minor limit: of the group, not of groups

  // Which group has this address?
  input  logic                      ask_i,
  input  logic [127:0]              ask_gid_i,
  output logic                      hit_o,
  output logic [GroupW-1:0]         hit_group_o,

  // A place of a group, in the next cycle
  input  logic                      mem_read_i,
  input  logic [GroupW-1:0]         mem_group_i,
  input  logic [MemberW-1:0]        mem_place_i,
  output logic                      mem_valid_o,
  output logic                      mem_no_own_o,
  output logic [tern_pkg::QpnW-1:0] mem_qpn_o
);

  localparam int unsigned Places = Groups * Members;
  localparam int unsigned PlaceW = GroupW + MemberW;
  localparam int unsigned EntryW = 2 + tern_pkg::QpnW;   // valid, no_own, QPN

  if (Groups != 1 << GroupW || Members != 1 << MemberW) begin : gen_bad_size
    $error("tern_mcast: sizes must be powers of two");
  end

  // -------------------------------------------------------------------------------- groups

  (* mem2reg *) logic [127:0]     gids [Groups];
  logic [Groups-1:0]              used_q;       // has a QP
  logic [Groups-1:0][MemberW:0]   count_q;      // of QPs
  logic [EntryW-1:0]              places [Places];

  always_comb begin
    hit_o       = 1'b0;
    hit_group_o = '0;
    if (ask_i) begin
      for (int unsigned i = 0; i < Groups; i++) begin
        if (used_q[i] && gids[i] == ask_gid_i) begin
          hit_o       = 1'b1;
          hit_group_o = GroupW'(i);
        end
      end
    end
  end

  // ------------------------------------------------------------------------------- commands

  typedef enum logic [2:0] {
    StSweep,
    StIdle,
    StFind,    // the group
    StRead,    // a place is read
    StLook,    //   and looked at
    StDone
  } state_e;

  state_e                    state_q, state_d;
  logic                      attach_q, detach_q, no_own_q;
  logic [tern_pkg::QpnW-1:0] qpn_q;
  logic [127:0]              gid_q;
  logic [PlaceW-1:0]         at_q, at_d;        // {group, member}
  logic [PlaceW-1:0]         free_q;            // a place that is free
  logic                      have_free_q;
  logic [GroupW-1:0]         group;
  logic [15:0]               minor_q, minor_d;
  logic                      full_q, full_d;
  logic                      found, spare;
  logic [GroupW-1:0]         found_group, spare_group;
  logic                      gid_ok, last, match;
  logic                      write, remove, add;
  logic [PlaceW-1:0]         write_at;
  logic [EntryW-1:0]         write_entry, entry_q, member_q;
  logic                      entry_valid, entry_no_own_unused;
  logic [tern_pkg::QpnW-1:0] entry_qpn;

  assign {entry_valid, entry_no_own_unused, entry_qpn} = entry_q;
  assign match = entry_valid && entry_qpn == qpn_q;

  assign gid_ok = gid_q[7:0] == 8'hff ||
                  (gid_q[79:0] == '0 && gid_q[95:80] == 16'hffff && gid_q[103:100] == 4'he);

  always_comb begin
    found       = 1'b0;
    found_group = '0;
    spare       = 1'b0;
    spare_group = '0;
    if (state_q == StFind) begin
      for (int unsigned i = 0; i < Groups; i++) begin
        if (used_q[i] && gids[i] == gid_q) begin
          found       = 1'b1;
          found_group = GroupW'(i);
        end
        if (!used_q[i]) begin
          spare       = 1'b1;
          spare_group = GroupW'(i);
        end
      end
    end
  end

  // A drop goes through all groups, the others through one
  assign last = (attach_q || detach_q) ? &at_q[MemberW-1:0] : &at_q;

  always_comb begin
    state_d     = state_q;
    at_d        = at_q;
    minor_d     = minor_q;
    full_d      = full_q;
    write       = 1'b0;
    write_at    = at_q;
    write_entry = '0;
    add         = 1'b0;
    remove      = 1'b0;
    unique case (state_q)
      StSweep: begin
        write = 1'b1;
        at_d  = at_q + 1'b1;
        if (&at_q) state_d = StIdle;
      end

      StIdle: begin
        at_d    = '0;
        minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
        full_d  = 1'b0;
        if (ctl_valid_i) state_d = (ctl_attach_i || ctl_detach_i) ? StFind : StRead;
      end

      StFind: begin
        at_d    = {found ? found_group : spare_group, {MemberW{1'b0}}};
        state_d = StDone;
        if (!gid_ok) minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_GID;
        else if (!found && detach_q) minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_MISSING;
        else if (!found && !spare) minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_LIMIT;
        else state_d = StRead;
      end

      StRead: state_d = StLook;

      StLook: begin
        at_d    = at_q + 1'b1;
        state_d = last ? StDone : StRead;
        if (attach_q && match) begin
          write       = 1'b1;
          write_entry = {1'b1, no_own_q, qpn_q};
          state_d     = StDone;
        end else if (attach_q && last) begin
          // Its own place is seen as free in the next cycle only
          if (!have_free_q && entry_valid) begin
            minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_LIMIT;
            full_d  = 1'b1;
          end else begin
            write       = 1'b1;
            write_at    = have_free_q ? free_q : at_q;
            write_entry = {1'b1, no_own_q, qpn_q};
            add         = 1'b1;
          end
        end else if (!attach_q && match) begin
          write  = 1'b1;
          remove = 1'b1;
          if (detach_q) state_d = StDone;
        end else if (detach_q && last) begin
          minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_MISSING;
        end
      end

      default: state_d = StIdle;
    endcase
  end

  assign group = at_q[PlaceW-1:MemberW];

  always_ff @(posedge clk_i) begin
    if (write) places[write_at] <= write_entry;
    if (state_q == StRead) entry_q <= places[at_q];
    if (mem_read_i) member_q <= places[{mem_group_i, mem_place_i}];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StSweep;
      at_q    <= '0;
      used_q  <= '0;
      count_q <= '0;
    end else begin
      state_q <= state_d;
      at_q    <= at_d;
      if (add) begin
        used_q[group]  <= 1'b1;
        count_q[group] <= count_q[group] + 1'b1;
      end
      if (remove) begin
        used_q[group]  <= count_q[group] != (MemberW+1)'(1);
        count_q[group] <= count_q[group] - 1'b1;
      end
    end
    if (add) gids[group] <= gid_q;
    minor_q <= minor_d;
    full_q  <= full_d;
    if (state_q == StIdle) begin
      attach_q <= ctl_attach_i;
      detach_q <= ctl_detach_i;
      no_own_q <= ctl_no_own_i;
      qpn_q    <= ctl_qpn_i;
      gid_q    <= ctl_gid_i;
    end
    if (state_q == StFind) have_free_q <= 1'b0;
    else if (state_q == StLook && !entry_valid && !have_free_q) begin
      have_free_q <= 1'b1;
      free_q      <= at_q;
    end
  end

  assign ctl_ready_o = state_q == StIdle;
  assign ctl_done_o  = state_q == StDone;
  assign ctl_minor_o = minor_q;
  assign ctl_full_o  = full_q;

  assign {mem_valid_o, mem_no_own_o, mem_qpn_o} = member_q;

  assign idle_o = state_q == StIdle && !ctl_valid_i;

endmodule
