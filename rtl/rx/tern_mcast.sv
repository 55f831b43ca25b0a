// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Multicast groups and the QPs that are attached to them: ATTACH_MCAST, DETACH_MCAST, and for DESTROY_QP
// "out of all groups". A group exists while it has a QP.
//
//   attach   a new group if there is none of this GID; then a place in it. One that is attached
//            already gets the new no_own
//   detach   of one group
//   drop     of all; looks at every place of a group that exists
//
// - The GID is checked: an IPv6 multicast address, or an IPv4 one in the mapped form. Nothing else is
//   known of the QP here.
// - hit_o and tx_hit_o are combinational, in the cycle of the question. What a command changes shows
//   when it is done.
// - Places of a group have no order, and there may be gaps: hit_mask_o tells.
// - A packet knows its group by number, and copies of it are made later. So what takes a QP out ends only
//   when the packets that had found the group before are through (fence): the number may become another
//   group's then, and the QP's place another QP's.

module tern_mcast #(
  parameter  int unsigned Groups  = tern_pkg::McastGroups,  // powers of two
  parameter  int unsigned Members = tern_pkg::McastQps,
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

  // Which group has this address? Of a packet that comes, and of one that is sent
  input  logic                      ask_i,
  input  logic [127:0]              ask_gid_i,
  output logic                      hit_o,
  output logic [GroupW-1:0]         hit_group_o,
  input  logic                      tx_ask_i,
  input  logic [127:0]              tx_gid_i,
  output logic                      tx_hit_o,

  // Places of a group that are taken, in the same cycle; who is in one, in the next
  input  logic [GroupW-1:0]         mem_group_i,
  output logic [Members-1:0]        mem_mask_o,
  input  logic                      mem_read_i,
  input  logic [MemberW-1:0]        mem_place_i,
  output logic                      mem_no_own_o,
  output logic [tern_pkg::QpnW-1:0] mem_qpn_o,

  // Is all done that has asked before?
  output logic                      fence_o,        // for one cycle
  input  logic                      fence_done_i
);

  localparam int unsigned PlaceW = GroupW + MemberW;
  localparam int unsigned EntryW = 1 + tern_pkg::QpnW;   // no_own, QPN
  // From the question until the packet is where the fence finds it, and more
  localparam logic [3:0]  Settle = 4'd8;

  if (Groups != 1 << GroupW || Members != 1 << MemberW) begin : gen_bad_size
    $error("tern_mcast: sizes must be powers of two");
  end

  // -------------------------------------------------------------------------------- groups

  (* mem2reg *) logic [127:0]     gids [Groups];
  logic [Groups-1:0][Members-1:0] mask_q;       // places that are taken
  logic [EntryW-1:0]              places [1 << PlaceW];

  always_comb begin
    hit_o       = 1'b0;
    hit_group_o = '0;
    if (ask_i) begin
      for (int unsigned i = 0; i < Groups; i++) begin
        if (|mask_q[i] && gids[i] == ask_gid_i) begin
          hit_o       = 1'b1;
          hit_group_o = GroupW'(i);
        end
      end
    end
  end

  always_comb begin
    tx_hit_o = 1'b0;
    if (tx_ask_i) begin
      for (int unsigned i = 0; i < Groups; i++) begin
        if (|mask_q[i] && gids[i] == tx_gid_i) tx_hit_o = 1'b1;
      end
    end
  end

  // ------------------------------------------------------------------------------- commands

  typedef enum logic [2:0] {
    StIdle,
    StFind,    // the group
    StRead,    // a place is read
    StLook,    //   and looked at
    StSettle,
    StFence,
    StDone
  } state_e;

  state_e                    state_q, state_d;
  logic                      attach_q, detach_q, no_own_q;
  logic [tern_pkg::QpnW-1:0] qpn_q;
  logic [127:0]              gid_q;
  logic [PlaceW-1:0]         at_q, at_d;        // {group, member}
  logic [GroupW-1:0]         group;
  logic [15:0]               minor_q, minor_d;
  logic                      full_q, full_d;
  logic                      found, spare, spare_place;
  logic [GroupW-1:0]         found_group, spare_group;
  logic [MemberW-1:0]        place;
  logic [Members-1:0]        mask;              // of the group at hand
  logic                      gid_ok, last, match, taken;
  logic                      write, remove, removed_q;
  logic [PlaceW-1:0]         write_at;
  logic [tern_pkg::QpnW-1:0] entry_q;
  logic [EntryW-1:0]         member_q;
  logic [3:0]                settle_q;

  assign group = at_q[PlaceW-1:MemberW];
  assign mask  = mask_q[group];
  assign taken = mask[at_q[MemberW-1:0]];
  assign match = taken && entry_q == qpn_q;

  assign gid_ok = gid_q[7:0] == 8'hff ||
                  (gid_q[79:0] == '0 && gid_q[95:80] == 16'hffff && gid_q[103:100] == 4'he);

  always_comb begin
    found       = 1'b0;
    found_group = '0;
    spare       = 1'b0;
    spare_group = '0;
    if (state_q == StFind) begin
      for (int unsigned i = 0; i < Groups; i++) begin
        if (|mask_q[i] && gids[i] == gid_q) begin
          found       = 1'b1;
          found_group = GroupW'(i);
        end
        if (mask_q[i] == '0) begin
          spare       = 1'b1;
          spare_group = GroupW'(i);
        end
      end
    end
  end

  always_comb begin
    spare_place = 1'b0;
    place       = '0;
    for (int unsigned i = 0; i < Members; i++) begin
      if (!mask[i] && !spare_place) begin
        spare_place = 1'b1;
        place       = MemberW'(i);
      end
    end
  end

  // A drop goes through all groups, the others through one
  assign last = (attach_q || detach_q) ? &at_q[MemberW-1:0] : &at_q;

  always_comb begin
    state_d  = state_q;
    at_d     = at_q;
    minor_d  = minor_q;
    full_d   = full_q;
    write    = 1'b0;
    write_at = at_q;
    remove   = 1'b0;
    unique case (state_q)
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
        state_d = !last ? StRead : removed_q ? StSettle : StDone;
        if (attach_q && match) begin
          write   = 1'b1;
          state_d = StDone;
        end else if (attach_q && last) begin
          if (spare_place) begin
            write    = 1'b1;
            write_at = {group, place};
          end else begin
            minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_LIMIT;
            full_d  = 1'b1;
          end
        end else if (!attach_q && match) begin
          remove = 1'b1;
          if (detach_q || last) state_d = StSettle;
        end else if (detach_q && last) begin
          minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_MISSING;
        end else if (!attach_q && !detach_q && mask == '0) begin
          at_d    = {group + 1'b1, {MemberW{1'b0}}};
          state_d = !(&group) ? StRead : removed_q ? StSettle : StDone;
        end
      end

      StSettle: if (settle_q == Settle) state_d = StFence;

      StFence: if (fence_done_i) state_d = StDone;

      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (write) places[write_at] <= {no_own_q, qpn_q};
    if (state_q == StRead) entry_q <= places[at_q][tern_pkg::QpnW-1:0];
    if (mem_read_i) member_q <= places[{mem_group_i, mem_place_i}];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q   <= StIdle;
      mask_q    <= '0;
      removed_q <= 1'b0;
    end else begin
      state_q <= state_d;
      if (write)  mask_q[group][write_at[MemberW-1:0]] <= 1'b1;
      if (remove) mask_q[group][at_q[MemberW-1:0]]     <= 1'b0;
      removed_q <= state_q != StIdle && (removed_q || remove);
    end
    at_q     <= at_d;
    minor_q  <= minor_d;
    full_q   <= full_d;
    settle_q <= (state_q == StSettle) ? settle_q + 4'd1 : '0;
    if (write) gids[group] <= gid_q;
    if (state_q == StIdle) begin
      attach_q <= ctl_attach_i;
      detach_q <= ctl_detach_i;
      no_own_q <= ctl_no_own_i;
      qpn_q    <= ctl_qpn_i;
      gid_q    <= ctl_gid_i;
    end
  end

  assign ctl_ready_o = state_q == StIdle;
  assign ctl_done_o  = state_q == StDone;
  assign ctl_minor_o = minor_q;
  assign ctl_full_o  = full_q;
  assign fence_o     = state_q == StSettle && state_d == StFence;

  assign mem_mask_o = mask_q[mem_group_i];
  assign {mem_no_own_o, mem_qpn_o} = member_q;

  assign idle_o = state_q == StIdle && !ctl_valid_i;

endmodule
