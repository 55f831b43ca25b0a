// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Moderation timers of the CQs: a table of {CQ, deadline} against `now`. Nothing moves until the
// earliest deadline; then all entries are looked at, one per cycle, those that are over are
// offered at fire_*, and the earliest of the rest is found. A cancelled timer leaves the time of
// the next look as it is; an early look finds nothing and does no harm.
//
// A timer that was taken at fire_* keeps its entry until done_*, for it may be cancelled while
// it is on its way through the context cache: live_o then tells that it means nothing any more.

module tern_cq_timer #(
  parameter  int unsigned NumTimers = 32,  // power of two
  localparam int unsigned IdW       = $clog2(NumTimers)
) (
  input  logic                      clk_i,
  input  logic                      rst_i,
  input  logic [63:0]               now_i,
  output logic                      idle_o,
  output logic [63:0]               wake_at_o,

  // Start and cancel, one of them in a cycle. full_o: no entry is left after this cycle's start
  input  logic                      set_i,
  input  logic                      clr_i,
  input  logic [tern_pkg::CqnW-1:0] cqn_i,
  input  logic [31:0]               period_i,  // ns
  output logic                      full_o,

  output logic                      fire_valid_o,  // may be withdrawn until it is taken
  input  logic                      fire_ready_i,
  output logic [tern_pkg::CqnW-1:0] fire_cqn_o,
  output logic [IdW-1:0]            fire_id_o,

  input  logic [IdW-1:0]            live_id_i,
  output logic                      live_o,
  input  logic                      done_i,
  input  logic [IdW-1:0]            done_id_i
);

  // An entry is free when neither bit is set; sent and not armed: cancelled on its way
  logic [NumTimers-1:0]             armed_q;
  logic [NumTimers-1:0]             sent_q;
  logic [NumTimers-1:0][tern_pkg::CqnW-1:0] cqn_q;
  logic [63:0]                      deadline [NumTimers];

  logic [NumTimers-1:0] is_free;
  logic [NumTimers-1:0] waiting;
  logic [NumTimers-1:0] same;
  logic [IdW-1:0]       free_id;
  logic [63:0]          until_set;

  always_comb begin
    free_id = '0;
    for (int unsigned i = 0; i < NumTimers; i++) begin
      same[i] = armed_q[i] && cqn_q[i] == cqn_i;
      if (is_free[NumTimers-1-i]) free_id = IdW'(NumTimers-1-i);
    end
  end

  assign is_free   = ~(armed_q | sent_q);
  assign waiting   = armed_q & ~sent_q;
  assign until_set = now_i + 64'(period_i);
  assign full_o    = set_i ? (is_free & (is_free - 1'b1)) == '0 : is_free == '0;
  assign live_o    = armed_q[live_id_i];

  // --------------------------------------------------------------------------------- looks

  logic           look_q;       // a look is on
  logic [IdW-1:0] look_id_q;
  logic [63:0]    next_q;       // no timer is due before
  logic [63:0]    min_q;        // the earliest found so far in this look
  logic [63:0]    look_deadline;
  logic           look_due, look_step, look_last;
  logic [63:0]    min_look;     // and with the entry at hand

  assign look_deadline = deadline[look_id_q];
  assign look_due      = waiting[look_id_q] && look_deadline <= now_i;
  assign look_step     = look_q && (!look_due || fire_ready_i);
  assign look_last     = look_id_q == IdW'(NumTimers - 1);
  assign min_look      = (waiting[look_id_q] && !look_due && look_deadline < min_q)
                         ? look_deadline : min_q;

  assign fire_valid_o = look_q && look_due;
  assign fire_cqn_o   = cqn_q[look_id_q];
  assign fire_id_o    = look_id_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      look_q <= 1'b0;
    end else if (!look_q) begin
      look_q <= |waiting && now_i >= next_q;
    end else if (look_step && look_last) begin
      look_q <= 1'b0;
    end
    if (!look_q) begin
      look_id_q <= '0;
    end else if (look_step) begin
      look_id_q <= look_id_q + 1'b1;
    end

    // A timer that starts while a look is on may lie behind the point where the look is
    if (!look_q) begin
      if (set_i) next_q <= (|waiting && next_q < until_set) ? next_q : until_set;
      min_q <= '1;
    end else begin
      if (look_step) min_q <= (set_i && until_set < min_look) ? until_set : min_look;
      else if (set_i && until_set < min_q) min_q <= until_set;
      if (look_step && look_last) next_q <= (set_i && until_set < min_look) ? until_set : min_look;
    end
  end

  // -------------------------------------------------------------------------------- entries

  logic [NumTimers-1:0] set_mask, fire_mask, done_mask;

  assign set_mask  = set_i ? NumTimers'(1) << free_id : '0;
  assign fire_mask = (fire_valid_o && fire_ready_i) ? NumTimers'(1) << look_id_q : '0;
  assign done_mask = done_i ? NumTimers'(1) << done_id_i : '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      armed_q <= '0;
      sent_q  <= '0;
    end else if (set_i || clr_i || done_i || (fire_valid_o && fire_ready_i)) begin
      armed_q <= (armed_q & ~done_mask & ~(clr_i ? same : '0)) | set_mask;
      sent_q  <= (sent_q & ~done_mask) | fire_mask;
    end
    if (set_i) begin
      cqn_q[free_id]    <= cqn_i;
      deadline[free_id] <= until_set;
    end
  end

  assign wake_at_o = (|waiting) ? next_q : '1;
  assign idle_o    = !look_q && sent_q == '0 && !set_i && !clr_i;

endmodule
