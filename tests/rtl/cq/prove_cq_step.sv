// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Proof by induction (yosys-smtbmc) about tern_cq_step: any sequence of items on one CQ, among
// them wrong doorbells, refused items, re-creation and context errors. One item per clock; the
// inputs are free. What is proved, for every state that can be reached:
//
// - at most one event per arm: an event needs an arm in force and ends it;
// - none is stranded: while an arm is in force, its condition is not met, or is one of time only
//   and the timer runs. "Solicited" is followed independently of the context: entry_q is about
//   one entry, of any index, which was solicited and is not consumed yet;
// - the context's timing bit, and thus timer_set and timer_clr, agree with the timer table;
// - no entry is overwritten before it is consumed; indexes keep their order.

module prove_cq_step (
  input logic                             clk_i,
  input logic [2:0]                       kind_i,
  input logic [2:0]                       err_i,
  input logic                             solicited_i,
  input logic                             page_known_i,
  input logic                             page_ok_i,
  input logic [63:0]                      page_addr_i,
  input logic [tern_pkg::PageW-1:0]       db_page_i,
  input logic [63:0]                      db_word_i,
  input logic                             timer_full_i,
  input logic [1:0]                       ctl_op_i,
  input logic [511:0]                     ctl_ctx_i
);

  (* anyconst *) logic [23:0] watched;

  tern_hw_pkg::tern_hw_cq_ctx_t ctx_q, ctx, ctl_ctx, want;
  tern_hw_pkg::tern_hw_db_cq_t  db;
  logic                         running_q;  // a timer of this CQ is in the table
  logic                         entry_q;    // entry `watched` is solicited and unconsumed
  logic                         we, hold, write, polarity, ev, set, clr, ae, bad;
  logic [27:0]                  pble;
  logic [63:0]                  base;
  logic [26:0]                  offset;
  logic [31:0]                  period;
  logic [15:0]                  ae_code, bad_code, major, minor;
  logic                         cqe_item, db_item, timer_item, fail_item, ctl_item;

  assign cqe_item   = kind_i == 3'd0;
  assign db_item    = kind_i == 3'd1;
  assign timer_item = kind_i == 3'd2;
  assign fail_item  = kind_i == 3'd3;
  assign ctl_item   = kind_i == 3'd4;
  assign db         = db_word_i;
  assign want       = ctl_ctx_i;

  // As tern_cq_ctl makes it
  always_comb begin
    ctl_ctx                 = '0;
    ctl_ctx.ring            = want.ring;
    ctl_ctx.attr.log_size   = want.attr.log_size;
    ctl_ctx.attr.level      = want.attr.level;
    ctl_ctx.attr.valid      = 1'b1;
    ctl_ctx.attr.page_shift = want.attr.page_shift;
    ctl_ctx.attr.ceq_valid  = want.attr.ceq_valid;
    ctl_ctx.attr.ceq        = want.attr.ceq;
    ctl_ctx.attr.mode       = want.attr.mode;
    ctl_ctx.attr.page       = want.attr.page;
    ctl_ctx.moderation      = want.moderation;
  end

  tern_cq_step u_step (
    .cqe_i(cqe_item), .db_i(db_item), .timer_i(timer_item), .fail_i(fail_item),
    .ctl_i(ctl_item), .err_i(err_i), .ctx_i(ctx_q), .solicited_i, .page_known_i, .page_ok_i,
    .page_addr_i, .db_page_i, .db_word_i(db), .timer_live_i(running_q), .timer_full_i,
    .ctl_op_i, .ctl_ctx_i(ctl_ctx),
    .ctx_we_o(we), .ctx_o(ctx), .hold_o(hold), .pble_o(pble), .write_o(write), .base_o(base),
    .offset_o(offset), .polarity_o(polarity), .event_o(ev), .timer_set_o(set),
    .timer_clr_o(clr), .period_o(period), .ae_o(ae), .ae_code_o(ae_code), .db_bad_o(bad),
    .db_bad_code_o(bad_code), .major_o(major), .minor_o(minor)
  );

  always_comb begin
    assume (err_i <= 3'd4);
    assume (ctl_op_i <= 2'd2);
    // The timer block offers a timer only while it is in the table, and only once
    if (timer_item) assume (running_q);
    // As tern_cq_ctl checks
    assume (want.attr.log_size >= 5'd1 && want.attr.log_size <= 5'd22);
    assume (want.attr.mode != tern_hw_pkg::TERN_HW_CQ_MODE_CONFIGURED);
    // A timer whose context cannot be read is dropped while the context keeps its bit. Then the
    // CQ is lost anyway, and has been reported as such
    if (timer_item) assume (err_i == 3'd0);
  end

  // ------------------------------------------------------------------------- what happened

  logic arms;       // an arm that asks for something
  logic [2:0] mode; // of this arm
  logic consumes;   // a doorbell took `watched` out
  logic expired;

  assign mode     = (db.w.mode == tern_hw_pkg::TERN_HW_CQ_MODE_CONFIGURED) ? ctx_q.attr.mode
                                                                         : db.w.mode;
  assign arms     = db_item && !bad && db.w.arm && ctx_q.attr.ceq_valid &&
                    mode != tern_hw_pkg::TERN_HW_CQ_MODE_DISABLED;
  assign consumes = db_item && !bad &&
                    (watched - ctx_q.indexes.consumer) < (db.w.index - ctx_q.indexes.consumer);
  assign expired  = timer_item;

  initial begin
    ctx_q     = '0;
    running_q = 1'b0;
    entry_q   = 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (we) ctx_q <= ctx;
    running_q <= (running_q && !clr && !expired) || set;
    if (write && solicited_i && ctx_q.indexes.producer == watched) entry_q <= 1'b1;
    else if (consumes || (we && !ctx.attr.valid)) entry_q <= 1'b0;
  end

  // ------------------------------------------------------------------------------ invariants

  logic [23:0] left, to_solicit;
  logic [15:0] count;

  assign left       = ctx_q.indexes.producer - ctx_q.indexes.consumer;
  assign to_solicit = ctx_q.solicit.index - ctx_q.indexes.consumer;
  assign count      = ctx_q.moderation[15:0];

  always_comb begin
    // Indexes
    assert (left <= 24'd1 << ctx_q.attr.log_size);
    assert (to_solicit <= left);
    assert (ctx_q.attr.log_size <= 5'd22);
    assert (ctx_q.attr.mode != tern_hw_pkg::TERN_HW_CQ_MODE_CONFIGURED);
    // What does not exist is all zero
    if (!ctx_q.attr.valid) assert (ctx_q == '0);
    // The watched entry is between consumer and producer, and the context knows of it
    if (entry_q) assert ((watched - ctx_q.indexes.consumer) < to_solicit);
    // The timer
    assert (running_q == ctx_q.indexes.timing);
    if (ctx_q.indexes.timing) assert (ctx_q.indexes.armed && left != '0);

    // An arm in force whose condition is met does not exist
    if (ctx_q.indexes.armed) begin
      assert (ctx_q.attr.ceq_valid);
      case (ctx_q.indexes.arm_mode)
        tern_hw_pkg::TERN_HW_CQ_MODE_EVERY: begin
          assert (left == '0);
        end
        tern_hw_pkg::TERN_HW_CQ_MODE_SOLICITED: begin
          assert (to_solicit == '0 && !entry_q);
        end
        tern_hw_pkg::TERN_HW_CQ_MODE_TIMER: begin
          assert (left == '0 || running_q);
        end
        tern_hw_pkg::TERN_HW_CQ_MODE_COUNT: begin
          assert (left == '0 || left < 24'(count));
        end
        tern_hw_pkg::TERN_HW_CQ_MODE_SOLICITED_TIMER: begin
          assert (to_solicit == '0 && !entry_q);
          assert (left == '0 || running_q);
        end
        tern_hw_pkg::TERN_HW_CQ_MODE_TIMER_COUNT: begin
          assert (left == '0 || left < 24'(count));
          assert (left == '0 || running_q);
        end
        default: begin
          assert (0);
        end
      endcase
    end

    // ---------------------------------------------------------------------- of this item
    // At most one event per arm, and it ends the arm; an arm is in force or has its event
    if (ev) assert (we && (ctx_q.indexes.armed || arms) && !ctx.indexes.armed);
    if (ev) assert (ctx_q.attr.ceq_valid);
    if (arms) assert (ev || ctx.indexes.armed);
    // Nothing but an event, a new arm or the end of the CQ takes an arm away
    if (ctx_q.indexes.armed && we && !ctx.indexes.armed && ctx.attr.valid)
      assert (ev || (db_item && db.w.arm));
    // An event tells of something: there is an entry to consume
    if (ev) assert (ctx.indexes.producer != ctx.indexes.consumer);
    // Timer table
    assert (!(set && clr));
    if (set) assert (!running_q && !timer_full_i && period != '0);
    if (clr) assert (running_q);
    // Entries
    if (write) assert (ctx_q.attr.valid && !ctx_q.attr.error);
    if (write) assert (left < 24'd1 << ctx_q.attr.log_size);
    if (hold) assert (!we && !ev && !ae);
    // A stopped CQ stays stopped until it is destroyed
    if (ctx_q.attr.error && we && ctx.attr.valid) assert (ctx.attr.error);
    // Refused items change nothing
    if (bad || err_i != 3'd0) assert (!we && !ev && !set && !clr && !write);
  end

  always_ff @(posedge clk_i) begin
    cover (ev && cqe_item);
    cover (ev && arms);
    cover (ev && timer_item);
    cover (ev && ctl_item);
    cover (clr && !ev);
    cover (hold);
    cover (entry_q && ctx_q.indexes.armed);
    cover (ctl_item && we && !ctx.attr.valid && running_q);
    cover (bad && bad_code == tern_hw_pkg::TERN_HW_AE_CODE_DB_INDEX);
    cover (ae && ae_code == tern_hw_pkg::TERN_HW_AE_CODE_CQ_OVERRUN);
  end

endmodule
