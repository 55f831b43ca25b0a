// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// One timer per QP: the local ACK timer, or the wait after an RNR NAK. The response handler
// commands it; the first request packet that leaves while it is off starts it.
//
//   command: off        nothing is outstanding
//            ack        runs from now for 4.096 us * 2^timeout (never if timeout is 0)
//            rnr        runs from now for delta ns
//   start:   as ack with the timeout of the last command, if the timer is off; else nothing
//
// Every command carries a generation, and the event that a timer has run out carries the one of
// the last command. So the response handler knows an event that it has overtaken: its QP has
// another generation by then.
//
// A timer that runs out is off until it is started again. Commands and starts are taken one per
// cycle, commands first. Deadlines are looked for only when the earliest one is due: all groups
// are asked for their earliest, and groups with one that is due are read through, one timer per
// cycle. That is at most Qps + Groups cycles from the deadline to the event.
// wake_at_o is at or before the earliest deadline; it may be early after a timer was put off.

module tern_timer #(
  parameter int unsigned Qps    = tern_pkg::MaxQps,  // powers of two
  parameter int unsigned Groups = 128,
  localparam int unsigned IdW   = $clog2(Qps)
) (
  input  logic           clk_i,
  input  logic           rst_i,
  input  logic [63:0]    now_i,
  output logic           idle_o,
  output logic [63:0]    wake_at_o,

  // Commands; ready is low while the table is swept after a reset
  input  logic           cmd_valid_i,
  output logic           cmd_ready_o,
  input  logic [IdW-1:0] cmd_qpn_i,
  input  logic           cmd_ack_i,      // neither: off
  input  logic           cmd_rnr_i,
  input  logic [4:0]     cmd_timeout_i,
  input  logic [1:0]     cmd_gen_i,
  input  logic [31:0]    cmd_delta_i,    // ns

  input  logic           start_valid_i,
  output logic           start_ready_o,
  input  logic [IdW-1:0] start_qpn_i,

  output logic           fire_valid_o,
  input  logic           fire_ready_i,
  output logic [IdW-1:0] fire_qpn_o,
  output logic           fire_rnr_o,     // else the ACK timer
  output logic [1:0]     fire_gen_o
);

  localparam int unsigned GroupW  = $clog2(Groups);
  localparam int unsigned MemberW = IdW - GroupW;
  localparam int unsigned EntryW  = 1 + 1 + 2 + 5 + 64;
  localparam logic [63:0] Never   = '1;

  if (Qps != 1 << IdW || Groups != 1 << GroupW || MemberW < 1) begin : gen_bad_size
    $error("tern_timer: sizes must be powers of two, and a group more than one timer");
  end

  typedef struct packed {
    logic        running;
    logic        rnr;
    logic [1:0]  gen;
    logic [4:0]  timeout;
    logic [63:0] deadline;
  } entry_t;

  // --------------------------------------------------------- one access to the table per cycle
  //
  // Stage 0 chooses: a command, a start, or the scan. Stage 1 has the entry, decides and writes.

  typedef enum logic [1:0] {
    OpNone,
    OpCmd,
    OpStart,
    OpScan
  } op_e;

  op_e            op, op_q;
  logic [IdW-1:0] op_qpn, op_qpn_q;
  logic           ack_q, rnr_q;
  logic [4:0]     timeout_q;
  logic [1:0]     gen_q;
  logic [31:0]    delta_q;
  entry_t         entry, next;

  logic           up;
  logic [GroupW-1:0]  sweep_group;
  logic [MemberW-1:0] sweep_unused;
  logic           write;
  logic           scan_want;
  logic [IdW-1:0] scan_qpn;

  assign cmd_ready_o   = up;
  assign start_ready_o = up && !cmd_valid_i;

  always_comb begin
    op     = OpNone;
    op_qpn = cmd_qpn_i;
    if (up) begin
      if (cmd_valid_i) op = OpCmd;
      else if (start_valid_i) begin
        op     = OpStart;
        op_qpn = start_qpn_i;
      end else if (scan_want) begin
        op     = OpScan;
        op_qpn = scan_qpn;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) op_q <= OpNone;
    else op_q <= op;
    if (op == OpCmd) begin
      ack_q     <= cmd_ack_i;
      rnr_q     <= cmd_rnr_i;
      timeout_q <= cmd_timeout_i;
      gen_q     <= cmd_gen_i;
      delta_q   <= cmd_delta_i;
    end
  end

  tern_table #(
    .Depth (Qps),
    .Width (EntryW)
  ) u_table (
    .clk_i,
    .rst_i,
    .up_o       (up),
    .sweep_at_o ({sweep_group, sweep_unused}),
    .look_i     (op != OpNone),
    .look_at_i  (op_qpn),
    .at_o       (op_qpn_q),
    .entry_o    (entry),
    .write_i    (write),
    .entry_i    (next)
  );

  logic        due, set;      // set: a deadline was written
  logic        fire;
  logic [63:0] period;

  assign due    = entry.running && entry.deadline <= now_i;
  assign fire   = op_q == OpScan && due;
  assign period = 64'd4096 << (op_q == OpCmd ? timeout_q : entry.timeout);

  always_comb begin
    next  = entry;
    write = 1'b0;
    set   = 1'b0;
    unique case (op_q)
      OpCmd: begin
        write         = 1'b1;
        set           = rnr_q || (ack_q && timeout_q != 0);
        next.running  = set;
        next.rnr      = rnr_q;
        next.gen      = gen_q;
        next.timeout  = timeout_q;
        next.deadline = now_i + (rnr_q ? 64'(delta_q) : period);
      end
      OpStart: if (!entry.running && entry.timeout != 0) begin
        write         = 1'b1;
        set           = 1'b1;
        next.running  = 1'b1;
        next.rnr      = 1'b0;
        next.deadline = now_i + period;
      end
      OpScan: if (due) begin
        write        = 1'b1;
        next.running = 1'b0;
      end
      default: ;
    endcase
  end

  // ------------------------------------------------------------------- the earliest deadlines
  //
  // earliest_q and group_min are never later than what they stand for. A scan makes them exact,
  // but for deadlines that are set while it runs, which are taken into account on the side.

  typedef enum logic [1:0] {
    ScIdle,
    ScGroup,    // the minimum of a group is looked at
    ScMembers,  // its timers are read one by one
    ScLast      // the last of them is in stage 1
  } scan_e;

  scan_e               scan_q, scan_d;
  logic [63:0]         group_min [Groups];
  logic [63:0]         earliest_q, new_earliest_q, new_min_q;
  logic [GroupW-1:0]   group_q;
  logic [MemberW-1:0]  member_q;
  logic [63:0]         this_min;
  logic [GroupW-1:0]   set_group;
  logic [63:0]         old_min, least_new, least_min;
  logic                group_due, next_group, last_group;
  logic                take;       // the scan's read was granted
  logic                min_write;
  logic [GroupW-1:0]   min_group;
  logic [63:0]         min_value;

  function automatic logic [63:0] least(input logic [63:0] a, input logic [63:0] b);
    least = a < b ? a : b;
  endfunction

  assign this_min   = group_min[group_q];
  assign group_due  = this_min <= now_i;
  assign scan_want  = scan_q == ScMembers && !fire_valid_o && !fire;
  assign scan_qpn   = {group_q, member_q};
  assign take       = op == OpScan;
  assign last_group = &group_q;
  assign next_group = ((scan_q == ScGroup && !group_due) || scan_q == ScLast) && !set;

  assign set_group  = op_qpn_q[IdW-1-:GroupW];
  assign old_min    = group_min[set_group];
  // Of timers that were read and go on, and of those set meanwhile
  assign least_min  = (op_q == OpScan && entry.running && !due) ?
                      least(new_min_q, entry.deadline) : new_min_q;
  assign least_new  = least(new_earliest_q, scan_q == ScLast ? least_min : this_min);

  always_comb begin
    scan_d = scan_q;
    unique case (scan_q)
      ScIdle:    if (earliest_q <= now_i && !set) scan_d = ScGroup;
      ScGroup:   if (!set) begin
        if (group_due) scan_d = ScMembers;
        else if (last_group) scan_d = ScIdle;
      end
      ScMembers: if (take && &member_q) scan_d = ScLast;
      default:   if (!set) scan_d = last_group ? ScIdle : ScGroup;
    endcase
  end

  // A deadline that is set in the group that is being read goes into new_min_q too, for its
  // timer may have been passed already
  always_comb begin
    min_write = 1'b0;
    min_group = set_group;
    min_value = least(old_min, next.deadline);
    if (set) min_write = 1'b1;
    else if (scan_q == ScLast) begin
      min_write = 1'b1;
      min_group = group_q;
      min_value = least_min;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!up) group_min[sweep_group] <= Never;
    else if (min_write) group_min[min_group] <= min_value;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      scan_q     <= ScIdle;
      earliest_q <= Never;
      group_q    <= '0;
      member_q   <= '0;
      new_earliest_q <= Never;
      new_min_q      <= Never;
    end else begin
      scan_q <= scan_d;
      if (take) member_q <= member_q + 1'b1;
      if (next_group) group_q <= group_q + 1'b1;

      if (scan_q == ScIdle) new_earliest_q <= Never;
      else if (set) new_earliest_q <= least(new_earliest_q, next.deadline);
      else if (next_group) new_earliest_q <= least_new;

      if (scan_q == ScGroup) new_min_q <= Never;
      else if (set && set_group == group_q) new_min_q <= least(new_min_q, next.deadline);
      else new_min_q <= least_min;

      if (next_group && last_group) earliest_q <= least_new;
      else if (set && scan_q == ScIdle) earliest_q <= least(earliest_q, next.deadline);
    end
  end

  // -------------------------------------------------------------------------------- events

  always_ff @(posedge clk_i) begin
    if (rst_i) fire_valid_o <= 1'b0;
    else if (fire) fire_valid_o <= 1'b1;
    else if (fire_ready_i) fire_valid_o <= 1'b0;
    if (fire) begin
      fire_qpn_o <= op_qpn_q;
      fire_rnr_o <= entry.rnr;
      fire_gen_o <= entry.gen;
    end
  end

  assign wake_at_o = earliest_q;
  assign idle_o    = up && op_q == OpNone && scan_q == ScIdle && earliest_q > now_i &&
                     !fire_valid_o && !cmd_valid_i && !start_valid_i;

endmodule
