// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// What one item does to the context of its CQ: combinational, no state. The items are
//
//   cqe    a completion to be written
//   db     a doorbell: consumer index, perhaps an arm
//   timer  the moderation timer of the CQ has run out
//   fail   the bus refused a CQE
//   ctl    CREATE_CQ, MODIFY_CQ, DESTROY_CQ
//
// In two halves. The first changes indexes and attributes. The second, the same for all items,
// looks at the result and decides whether an event is due and whether the timer must run. It
// does not ask what has happened but what is the case; so an arm whose condition is met already
// fires at once, and nothing can be stranded between a doorbell and a CQE. This is proved in
// tests/rtl/cq/prove_cq_step.sv: after every item, an armed CQ is one whose condition is not met
// yet, or whose timer runs; and an event needs an arm and ends it.
//
// The indexes keep consumer <= solicit <= producer <= consumer + size, all modulo 2^24.

module tern_cq_step (
  input  logic                              cqe_i,   // the kind of item, one-hot
  input  logic                              db_i,
  input  logic                              timer_i,
  input  logic                              fail_i,
  input  logic                              ctl_i,

  input  tern_pkg::hmc_err_e                err_i,   // the context could not be read
  input  tern_hw_pkg::tern_hw_cq_ctx_t      ctx_i,

  input  logic                              solicited_i,     // cqe
  input  logic                              page_known_i,    // cqe, held for its ring page:
  input  logic                              page_ok_i,       //   the page list could be read
  input  logic [63:0]                       page_addr_i,     //   address of the page
  input  logic [tern_pkg::PageW-1:0]        db_page_i,       // db
  input  tern_hw_pkg::tern_hw_db_cq_t       db_word_i,
  input  logic                              timer_live_i,    // timer: not cancelled meanwhile
  input  logic                              timer_full_i,    // no timer is left
  input  tern_pkg::ctl_op_e                 ctl_op_i,        // ctl: the context as the command
  input  tern_hw_pkg::tern_hw_cq_ctx_t      ctl_ctx_i,       //   wants it, checked already

  output logic                              ctx_we_o,
  output tern_hw_pkg::tern_hw_cq_ctx_t      ctx_o,

  // cqe: hold it until the page-list entry is read, or write it
  output logic                              hold_o,
  output logic [27:0]                       pble_o,
  output logic                              write_o,
  output logic [63:0]                       base_o,          // address is base + offset
  output logic [26:0]                       offset_o,
  output logic                              polarity_o,

  output logic                              event_o,
  output logic                              timer_set_o,
  output logic                              timer_clr_o,
  output logic [31:0]                       period_o,

  output logic                              ae_o,
  output logic [15:0]                       ae_code_o,
  output logic                              db_bad_o,
  output logic [15:0]                       db_bad_code_o,
  output logic [15:0]                       major_o,         // ctl
  output logic [15:0]                       minor_o
);

  logic read_ok, exists, is_create;

  assign read_ok   = err_i == tern_pkg::HmcOk;
  assign exists    = read_ok && ctx_i.attr.valid;
  assign is_create = ctl_i && ctl_op_i == tern_pkg::CtlCreate;

  // --------------------------------------------------------------- place of the next entry

  logic [23:0] unread;        // entries between consumer and producer
  logic        full;
  logic [23:0] pass;          // over the ring, counted from 0; bit 0 tells the polarity
  logic [21:0] entry_mask;
  logic [26:0] at, at_next;   // byte offsets in the ring
  logic [26:0] page_mask;
  logic        one_page;
  logic [26:0] page_no;
  logic        need_page;

  assign unread     = ctx_i.indexes.producer - ctx_i.indexes.consumer;
  assign full       = |(unread >> ctx_i.attr.log_size);
  assign pass       = ctx_i.indexes.producer >> ctx_i.attr.log_size;
  assign entry_mask = ~(22'h3fffff << ctx_i.attr.log_size);
  assign at         = {ctx_i.indexes.producer[21:0] & entry_mask, 5'd0};
  assign at_next    = {(ctx_i.indexes.producer[21:0] + 22'd1) & entry_mask, 5'd0};
  assign page_mask  = ~(27'h7ffffff << ctx_i.attr.page_shift);
  assign one_page   = ({entry_mask, 5'h1f} & ~page_mask) == '0;
  assign page_no    = at >> ctx_i.attr.page_shift;
  assign need_page  = ctx_i.attr.level && !ctx_i.attr.mapped;

  assign pble_o     = ctx_i.ring[27:0] + 28'(page_no);
  assign offset_o   = ctx_i.attr.level ? at & page_mask : at;
  assign polarity_o = !pass[0];

  always_comb begin
    if (!ctx_i.attr.level) base_o = ctx_i.ring;
    else base_o = (page_known_i ? page_addr_i : ctx_i.page_addr) & ~{37'd0, page_mask};
  end

  // ---------------------------------------------------------------- doorbells that are wrong

  logic [23:0] db_unread;    // entries that the consumer leaves
  logic        db_wrong_page, db_wrong_index, db_take;

  assign db_unread      = ctx_i.indexes.producer - db_word_i.w.index;
  assign db_wrong_page  = ctx_i.attr.page != 16'(db_page_i);
  assign db_wrong_index = db_unread > unread;
  assign db_take        = db_i && exists && !db_wrong_page && !db_wrong_index;
  assign db_bad_o       = db_i && !db_take;

  always_comb begin
    if (!exists)            db_bad_code_o = tern_hw_pkg::TERN_HW_AE_CODE_DB_QUEUE;
    else if (db_wrong_page) db_bad_code_o = tern_hw_pkg::TERN_HW_AE_CODE_DB_PAGE;
    else                    db_bad_code_o = tern_hw_pkg::TERN_HW_AE_CODE_DB_INDEX;
  end

  // --------------------------------------------------------------------- what a CQE comes to

  logic cqe_live;            // the CQ takes entries
  logic cqe_over;            // no room
  logic cqe_lost;            // no page

  assign cqe_live = cqe_i && exists && !ctx_i.attr.error;
  assign cqe_over = cqe_live && full;
  assign cqe_lost = cqe_live && !full && need_page && page_known_i && !page_ok_i;
  assign hold_o   = cqe_live && !full && need_page && !page_known_i;
  assign write_o  = cqe_live && !full && (!need_page || (page_known_i && page_ok_i));

  always_comb begin
    ae_o      = 1'b0;
    ae_code_o = tern_hw_pkg::TERN_HW_AE_CODE_CQ_CONTEXT;
    if (cqe_i && !read_ok || cqe_lost) begin
      ae_o = 1'b1;
    end else if (cqe_i && !exists) begin
      ae_o      = 1'b1;
      ae_code_o = tern_hw_pkg::TERN_HW_AE_CODE_CQ_BAD;
    end else if (cqe_over) begin
      ae_o      = 1'b1;
      ae_code_o = tern_hw_pkg::TERN_HW_AE_CODE_CQ_OVERRUN;
    end else if (fail_i && exists && !ctx_i.attr.error) begin
      // Once per CQ, though several entries may have been under way
      ae_o      = 1'b1;
      ae_code_o = tern_hw_pkg::TERN_HW_AE_CODE_CQ_WRITE;
    end
  end

  // -------------------------------------------------------------------------------- commands

  logic ctl_ok;

  assign ctl_ok = ctl_i && read_ok && (ctx_i.attr.valid != is_create);

  always_comb begin
    major_o = tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;
    minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
    if (!read_ok) begin
      major_o = tern_hw_pkg::TERN_HW_CQP_MAJOR_HMC;
      unique case (err_i)
        tern_pkg::HmcIndex: minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_INDEX;
        tern_pkg::HmcSd:    minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_SD;
        tern_pkg::HmcPage:  minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_PAGE;
        default:            minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_DMA;
      endcase
    end else if (!ctl_ok) begin
      major_o = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;
      minor_o = is_create ? tern_hw_pkg::TERN_HW_CQP_MINOR_EXISTS
                          : tern_hw_pkg::TERN_HW_CQP_MINOR_MISSING;
    end
  end

  // ------------------------------------------------------ first half: indexes and attributes

  tern_hw_pkg::tern_hw_cq_ctx_t moved;
  logic [23:0] producer_next;
  logic        expired;

  assign producer_next = ctx_i.indexes.producer + 24'd1;
  assign expired       = timer_i && timer_live_i && exists && ctx_i.indexes.timing;

  always_comb begin
    moved = ctx_i;
    if (write_o) begin
      moved.indexes.producer = producer_next;
      if (solicited_i) moved.solicit.index = producer_next;
      if (page_known_i) moved.page_addr = page_addr_i;
      // A ring of one page stays mapped for ever
      moved.attr.mapped = ctx_i.attr.level && (one_page || (at_next & page_mask) != '0);
    end
    if (cqe_over || cqe_lost || (fail_i && exists)) moved.attr.error = 1'b1;
    if (db_take) begin
      moved.indexes.consumer = db_word_i.w.index;
      if (ctx_i.indexes.producer - ctx_i.solicit.index > db_unread) begin
        moved.solicit.index = db_word_i.w.index;
      end
      if (db_word_i.w.arm) begin
        moved.indexes.arm_mode = (db_word_i.w.mode == tern_hw_pkg::TERN_HW_CQ_MODE_CONFIGURED)
                                 ? ctx_i.attr.mode : db_word_i.w.mode;
        // Without a CEQ there is nowhere to send an event, and nothing to wait for
        moved.indexes.armed = ctx_i.attr.ceq_valid &&
                              moved.indexes.arm_mode != tern_hw_pkg::TERN_HW_CQ_MODE_DISABLED;
      end
    end
    if (expired) moved.indexes.timing = 1'b0;
    if (ctl_ok) begin
      unique case (ctl_op_i)
        tern_pkg::CtlCreate: moved = ctl_ctx_i;
        tern_pkg::CtlModify: begin
          moved.attr.mode  = ctl_ctx_i.attr.mode;
          moved.moderation = ctl_ctx_i.moderation;
        end
        default: begin
          // All of it, so that nothing of the old CQ shows to whoever looks at the memory
          moved                = '0;
          moved.indexes.timing = ctx_i.indexes.timing;
        end
      endcase
    end
  end

  // -------------------------------------------------------- second half: event and timer

  // The word is as in the command
  function automatic logic [15:0] count_of(input logic [63:0] moderation);
    tern_hw_pkg::tern_hw_cqp_cq_wqe_t wqe;
    wqe            = '0;
    wqe.moderation = moderation;
    count_of       = wqe.moderation.count;
  endfunction

  function automatic logic [31:0] period_of(input logic [63:0] moderation);
    tern_hw_pkg::tern_hw_cqp_cq_wqe_t wqe;
    wqe            = '0;
    wqe.moderation = moderation;
    period_of      = wqe.moderation.period;
  endfunction

  logic [23:0] left;
  logic        any;
  logic        mode_every, mode_solicited, mode_timer, mode_count;
  logic [23:0] count;
  logic        no_wait;
  logic        due, run;

  assign period_o = period_of(moved.moderation);
  assign left  = moved.indexes.producer - moved.indexes.consumer;
  assign any   = left != '0;
  assign count = (count_of(moved.moderation) == '0) ? 24'd1 : 24'(count_of(moved.moderation));

  always_comb begin
    mode_every     = 1'b0;
    mode_solicited = 1'b0;
    mode_timer     = 1'b0;
    mode_count     = 1'b0;
    unique case (moved.indexes.arm_mode)
      tern_hw_pkg::TERN_HW_CQ_MODE_EVERY:     mode_every     = 1'b1;
      tern_hw_pkg::TERN_HW_CQ_MODE_SOLICITED: mode_solicited = 1'b1;
      tern_hw_pkg::TERN_HW_CQ_MODE_TIMER:     mode_timer     = 1'b1;
      tern_hw_pkg::TERN_HW_CQ_MODE_COUNT:     mode_count     = 1'b1;
      tern_hw_pkg::TERN_HW_CQ_MODE_SOLICITED_TIMER: begin
        mode_solicited = 1'b1;
        mode_timer     = 1'b1;
      end
      tern_hw_pkg::TERN_HW_CQ_MODE_TIMER_COUNT: begin
        mode_timer = 1'b1;
        mode_count = 1'b1;
      end
      default: ;
    endcase
  end

  // The timer would have to start but cannot, or has no time to run
  assign no_wait = !moved.indexes.timing && (timer_full_i || period_o == '0);

  assign due = moved.indexes.armed &&
               ((mode_every && any) ||
                (mode_solicited && moved.solicit.index != moved.indexes.consumer) ||
                (mode_count && left >= count) ||
                (any && expired) ||
                (mode_timer && any && no_wait));
  assign run = moved.indexes.armed && !due && mode_timer && any;

  always_comb begin
    ctx_o                = moved;
    ctx_o.indexes.armed  = moved.indexes.armed && !due;
    ctx_o.indexes.timing = run;
  end

  // Items that are refused change nothing, so the second half finds nothing to do for them
  assign ctx_we_o    = ctl_ok || write_o || cqe_over || cqe_lost || db_take || expired ||
                       (fail_i && exists);
  assign event_o     = ctx_we_o && due;
  assign timer_set_o = ctx_we_o && run && !moved.indexes.timing;
  assign timer_clr_o = ctx_we_o && !run && moved.indexes.timing;

endmodule
