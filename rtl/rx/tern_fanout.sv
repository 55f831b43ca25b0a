// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Copies of a packet for each QP of its multicast group. The packet is in the receive buffer once; a
// copy is its id and a QPN, which tern_steer puts before tern_rsp like any packet of that QP.
//
//   packet, group > FIFO > places of the group > copies, one at a time > tern_steer
//   ids that users free > the last one of a packet? > buffer
//
// - Packets are never stopped here: the FIFO has room for all of the buffer. Copies wait for tern_steer.
// - Users of an id are counted, one more while copies are made. The buffer gets the id back with the last.
//   Ids of other packets pass.
// - A fence is done when all packets that came before it have their copies.

module tern_fanout (
  input  logic                             clk_i,
  input  logic                             rst_i,
  output logic                             idle_o,

  // From tern_steer; no ready
  input  logic                             in_valid_i,
  input  logic [6:0]                       in_id_i,
  input  logic [tern_pkg::McastGroupW-1:0] in_group_i,
  input  logic                             in_own_i,       // this adapter has sent it

  // tern_mcast
  output logic [tern_pkg::McastGroupW-1:0] mem_group_o,
  input  logic [tern_pkg::McastQps-1:0]    mem_mask_i,
  output logic                             mem_read_o,
  output logic [tern_pkg::McastPlaceW-1:0] mem_place_o,
  input  logic                             mem_no_own_i,   // in the next cycle
  input  logic [tern_pkg::QpnW-1:0]        mem_qpn_i,
  input  logic                             fence_i,
  output logic                             fence_done_o,

  // A copy, and in the cycle after it was taken, whether it counts
  output logic                             copy_valid_o,
  input  logic                             copy_ready_i,
  output logic [6:0]                       copy_id_o,
  output logic [tern_pkg::QpnW-1:0]        copy_qpn_o,
  input  logic                             copied_i,

  // Ids that a user is done with, and those that all are
  input  logic                             free_valid_i,
  input  logic [6:0]                       free_id_i,
  output logic [1:0]                       free_valid_o,
  output logic [1:0][6:0]                  free_id_o
);

  localparam int unsigned Ids     = 128;
  localparam int unsigned Members = tern_pkg::McastQps;
  localparam int unsigned GroupW  = tern_pkg::McastGroupW;
  localparam int unsigned MemberW = tern_pkg::McastPlaceW;
  localparam int unsigned UserW   = MemberW + 1;  // all members, and one more

  typedef enum logic [1:0] {
    StIdle,
    StRead,   // the next place is read
    StCopy,
    StLast    // all copies are made
  } state_e;

  state_e             state_q, state_d;
  logic [Members-1:0] left_q;         // places that are still to be looked at
  logic [6:0]         id_q;
  logic               own_q;
  logic [GroupW-1:0]  group_q;
  logic [MemberW-1:0] place;

  // --------------------------------------------------------------------------------- packets

  logic              next_valid, next_ready, next_own, next_room;
  logic [6:0]        next_id;
  logic [GroupW-1:0] next_group;

  tern_fifo #(.Width(7 + GroupW + 1), .Depth(Ids)) u_packets (
    .clk_i,
    .rst_i,
    .in_valid_i,
    .in_ready_o  (next_room),
    .in_data_i   ({in_own_i, in_group_i, in_id_i}),
    .out_valid_o (next_valid),
    .out_ready_i (next_ready),
    .out_data_o  ({next_own, next_group, next_id})
  );

  // -------------------------------------------------------------------------------- copies

  logic start, finish, skip;

  assign start = state_q == StIdle && next_valid;
  assign skip  = own_q && mem_no_own_i;

  always_comb begin
    place = '0;
    for (int unsigned i = 0; i < Members; i++) begin
      if (left_q[i]) place = MemberW'(i);
    end
  end

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle:  if (next_valid) state_d = StRead;
      StRead:  state_d = left_q == '0 ? StLast : StCopy;
      StCopy:  if (skip || copy_ready_i) state_d = StRead;
      default: if (finish) state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else       state_q <= state_d;
    if (start) begin
      left_q  <= mem_mask_i;
      id_q    <= next_id;
      own_q   <= next_own;
      group_q <= next_group;
    end else if (state_q == StRead) begin
      left_q[place] <= 1'b0;
    end
  end

  assign next_ready   = state_q == StIdle;
  assign mem_group_o  = state_q == StIdle ? next_group : group_q;
  assign mem_read_o   = state_q == StRead;
  assign mem_place_o  = place;
  assign copy_valid_o = state_q == StCopy && !skip;
  assign copy_id_o    = id_q;
  assign copy_qpn_o   = mem_qpn_i;

  // ---------------------------------------------------------------------------------- users
  //
  // Of the packet at hand in a register, of those before in a table

  logic [Ids-1:0]   shared_q;            // more users than one were counted
  logic [UserW-1:0] users [Ids];
  logic [UserW-1:0] users_q, users_now, users_old;
  logic             mine, other, is_last;

  assign mine      = state_q != StIdle && free_id_i == id_q;
  assign users_now = users_q + UserW'(copied_i) - UserW'(free_valid_i && mine);
  assign users_old = users[free_id_i];
  assign other     = free_valid_i && !mine && shared_q[free_id_i];
  assign is_last   = users_old == UserW'(1);
  // The table has one write port
  assign finish    = state_q == StLast && !other;

  always_ff @(posedge clk_i) begin
    if (start)                  users_q <= UserW'(1);
    else if (state_q != StIdle) users_q <= users_now;
    if (other || finish) users[other ? free_id_i : id_q] <= other ? users_old - 1'b1
                                                                  : users_now - 1'b1;
    if (rst_i) begin
      shared_q <= '0;
    end else begin
      if (other && is_last) shared_q[free_id_i] <= 1'b0;
      if (finish) shared_q[id_q] <= users_now != UserW'(1);
    end
  end

  assign free_valid_o[0] = free_valid_i && !mine && (!shared_q[free_id_i] || is_last);
  assign free_id_o[0]    = free_id_i;
  assign free_valid_o[1] = finish && users_now == UserW'(1);
  assign free_id_o[1]    = id_q;

  // --------------------------------------------------------------------------------- fence

  logic [7:0] count_q, before_q;   // packets here; of them, those before the fence
  logic       fenced_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      count_q  <= '0;
      fenced_q <= 1'b0;
    end else begin
      count_q <= count_q + 8'(in_valid_i) - 8'(finish);
      if (fence_i)           fenced_q <= 1'b1;
      else if (fence_done_o) fenced_q <= 1'b0;
    end
    if (fence_i)                            before_q <= count_q - 8'(finish);
    else if (finish && before_q != '0) before_q <= before_q - 8'd1;
  end

  assign fence_done_o = fenced_q && before_q == '0;

  logic unused;
  assign unused = &{1'b0, next_room};

  assign idle_o = !in_valid_i && !fence_i && !fenced_q && count_q == '0;

endmodule
