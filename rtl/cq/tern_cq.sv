// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Completion queues: takes completions, doorbells and commands, owns the CQ contexts, and makes
// of them entries in the rings, events for the EQ engine, and reports.
//
//   completions, doorbells,     tern_ctx_cache   tern_cq_step   act     tern_cq_out
//   commands, timers,       --> (context of  --> (what it   --> (what --> (CQE, then its
//   refused writes   one of     the CQ)          comes to)      to do)    event)
//                    them            ^-------- changed context --'
//
// An item that hits takes one cycle in the cache's look-up, one in tern_cq_step, and its CQE
// shows at the DMA write port in the second cycle after that. One item per cycle for different
// CQs, one per 2 cycles for the same CQ. All items of one CQ take effect in the order in which
// they were taken here; those of another CQ pass an item that waits for its context or for the
// page-list entry of its ring page (which is kept in the context until the page is full).
//
// Errors: see tern_cq_step. Doorbells come from user processes; their context accesses are quiet,
// and what is wrong with them goes to db_bad only, which is rate-limited.

module tern_cq #(
  parameter int unsigned NumClients = 1,   // sources of completions
  parameter int unsigned CacheSets  = 16,
  parameter int unsigned CacheWays  = 4,
  parameter int unsigned CacheSlots = 8,   // requests in flight at the context cache
  parameter int unsigned NumTimers  = 32
) (
  input  logic                                   clk_i,
  input  logic                                   rst_i,
  input  logic [63:0]                            now_i,
  output logic                                   idle_o,
  output logic [63:0]                            wake_at_o,

  // Completions
  input  logic                 [NumClients-1:0]  cqe_valid_i,
  output logic                 [NumClients-1:0]  cqe_ready_o,
  input  logic [NumClients-1:0][tern_pkg::CqeReqW-1:0] cqe_i,  // cqe_req_t

  // CQ doorbells, and those that were refused
  input  logic                                   db_valid_i,
  output logic                                   db_ready_o,
  input  tern_pkg::db_t                          db_i,
  output logic                                   db_bad_valid_o,
  input  logic                                   db_bad_ready_i,
  output tern_pkg::db_bad_t                      db_bad_o,

  // CREATE_CQ, MODIFY_CQ, DESTROY_CQ; one at a time, each answered once
  input  logic                                   ctl_valid_i,
  output logic                                   ctl_ready_o,
  input  tern_pkg::cq_ctl_req_t                  ctl_i,
  output logic                                   ctl_rsp_valid_o,
  output tern_pkg::ctl_rsp_t                     ctl_rsp_o,

  // Host memory cache: two clients, one answer bus
  output logic                                   ctx_req_valid_o,
  input  logic                                   ctx_req_ready_i,
  output tern_pkg::hmc_req_t                     ctx_req_o,
  input  logic                                   ctx_rsp_valid_i,
  output logic                                   pbl_req_valid_o,
  input  logic                                   pbl_req_ready_i,
  output tern_pkg::hmc_req_t                     pbl_req_o,
  input  logic                                   pbl_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t                     hmc_rsp_i,

  // DMA write client
  output logic                                   wr_valid_o,
  input  logic                                   wr_ready_i,
  output tern_pkg::dma_wr_beat_t                 wr_o,
  input  logic                                   wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t                  wr_rsp_i,

  // Events to the EQ engine
  output logic                                   ce_valid_o,
  input  logic                                   ce_ready_i,
  output tern_pkg::ce_req_t                      ce_o,
  output logic                                   ae_valid_o,
  input  logic                                   ae_ready_i,
  output tern_pkg::ae_req_t                      ae_o,

  // The CQ that serves the CQP; which CEQs exist, and which are referred to by some CQ
  output logic                                   ccq_valid_o,
  output logic [tern_pkg::CqnW-1:0]              ccq_num_o,
  input  logic [tern_pkg::NumCeqs-1:0]           ceq_valid_i,
  output logic [tern_pkg::NumCeqs-1:0]           ceq_busy_o,

  output logic                                   stat_cqe_o,
  output logic                                   stat_cq_hit_o,
  output logic                                   stat_cq_miss_o
);

  localparam int unsigned SlotW  = $clog2(CacheSlots);
  localparam int unsigned TimerW = $clog2(NumTimers);
  localparam int unsigned DataW  = 257;             // the largest: a CQE and `solicited`

  if (NumTimers > 64) begin : gen_bad_size
    $error("tern_cq: size not possible");
  end

  // ------------------------------------------------------------------------- choice of an item

  typedef enum logic [2:0] {
    ItFail,
    ItTimer,
    ItCtl,
    ItDb,
    ItCqe
  } item_e;

  localparam int unsigned NumSources = 4 + NumClients;

  logic [NumSources-1:0]        src_valid, src_grant;
  logic                         req_valid, req_ready;
  logic [$clog2(NumSources)-1:0] req_src;
  item_e                        req_kind;
  logic [DataW-1:0]             req_data;
  logic [tern_pkg::CqnW-1:0]    req_cqn;
  logic                         req_flush, req_quiet;

  logic                         fail_valid, fail_ready;
  logic [tern_pkg::CqnW-1:0]    fail_cqn;
  logic                         fire_valid, fire_ready;
  logic [tern_pkg::CqnW-1:0]    fire_cqn;
  logic [TimerW-1:0]            fire_id;
  logic                         ctl_req_valid, ctl_req_ready, ctl_req_flush;
  logic [tern_pkg::CqnW-1:0]    ctl_cqn;
  tern_hw_pkg::tern_hw_db_cq_t  db_word;
  tern_pkg::cqe_req_t           cqe;

  assign src_valid = {cqe_valid_i, db_valid_i, ctl_req_valid, fire_valid, fail_valid};
  assign db_word   = db_i.word;

  tern_rr_arb #(.N(NumSources)) u_arb (
    .clk_i, .rst_i,
    .req_i(src_valid), .take_i(req_valid && req_ready),
    .valid_o(req_valid), .onehot_o(src_grant), .idx_o(req_src)
  );

  assign {cqe_ready_o, db_ready_o, ctl_req_ready, fire_ready, fail_ready} =
      src_grant & {NumSources{req_ready}};

  always_comb begin
    cqe       = cqe_i[0];
    for (int unsigned i = 0; i < NumClients; i++) begin
      if (src_grant[4+i]) cqe = cqe_i[i];
    end
    req_flush = 1'b0;
    req_quiet = 1'b0;
    unique case (req_src)
      0: begin
        req_kind = ItFail;
        req_cqn  = fail_cqn;
        req_data = '0;
      end
      1: begin
        req_kind = ItTimer;
        req_cqn  = fire_cqn;
        req_data = DataW'(fire_id);
      end
      2: begin
        req_kind  = ItCtl;
        req_cqn   = ctl_cqn;
        req_flush = ctl_req_flush;
        req_quiet = 1'b1;
        req_data  = '0;
      end
      3: begin
        req_kind  = ItDb;
        req_cqn   = db_word.w.num;
        req_quiet = 1'b1;
        req_data  = DataW'(db_i);
      end
      default: begin
        req_kind = ItCqe;
        req_cqn  = cqe.cqn;
        req_data = {cqe.solicited, cqe.cqe};
      end
    endcase
  end

  // ---------------------------------------------------------------------------------- contexts

  logic                      cache_idle;
  logic                      out_valid, out_ready, out_take, out_hold, out_resumed;
  logic [tern_pkg::CqnW-1:0] out_cqn;
  logic [2:0]                out_kind;
  logic [DataW-1:0]          out_data;
  logic [SlotW-1:0]          out_slot;
  tern_pkg::hmc_err_e        out_err;
  logic [511:0]              out_line;
  logic                      wb_valid;
  logic [511:0]              wb_line_q;
  logic                      flush_done;
  tern_pkg::hmc_err_e        flush_err;

  tern_ctx_cache #(
    .Kind(tern_hw_pkg::TERN_HW_HMC_KIND_CQ), .IndexW(tern_pkg::CqnW),
    .Sets(CacheSets), .Ways(CacheWays), .Slots(CacheSlots), .PayloadW(3 + DataW)
  ) u_cache (
    .clk_i, .rst_i, .idle_o(cache_idle),
    .req_valid_i(req_valid), .req_ready_o(req_ready), .req_index_i(req_cqn),
    .req_flush_i(req_flush), .req_quiet_i(req_quiet), .req_payload_i({req_kind, req_data}),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_hold_i(out_hold),
    .out_index_o(out_cqn), .out_payload_o({out_kind, out_data}), .out_slot_o(out_slot),
    .out_resumed_o(out_resumed), .out_err_o(out_err), .out_line_o(out_line),
    .wb_valid_i(wb_valid), .wb_line_i(wb_line_q),
    .wake_valid_i(pbl_rsp_valid_i), .wake_slot_i(hmc_rsp_i.tag[SlotW-1:0]),
    .flush_done_o(flush_done), .flush_err_o(flush_err),
    .hmc_valid_o(ctx_req_valid_o), .hmc_ready_i(ctx_req_ready_i), .hmc_o(ctx_req_o),
    .hmc_rsp_valid_i(ctx_rsp_valid_i), .hmc_rsp_i(hmc_rsp_i),
    .stat_hit_o(stat_cq_hit_o), .stat_miss_o(stat_cq_miss_o)
  );

  // ----------------------------------------------------------------------------- ring pages
  //
  // A completion that needs the address of its page is held in the cache; the address waits
  // under the number of its slot.

  logic             pbl_valid_q;
  logic [27:0]      pbl_index_q;
  logic [SlotW-1:0] pbl_slot_q;
  logic [2:0]       page_word [CacheSlots];  // of the line of page-list entries
  logic             page_ok   [CacheSlots];
  logic [63:0]      page_addr [CacheSlots];
  logic [27:0]      step_pble;

  always_ff @(posedge clk_i) begin
    if (rst_i) pbl_valid_q <= 1'b0;
    else if (out_take && out_hold) pbl_valid_q <= 1'b1;
    else if (pbl_req_ready_i) pbl_valid_q <= 1'b0;

    if (out_take && out_hold) begin
      pbl_index_q         <= step_pble;
      pbl_slot_q          <= out_slot;
      page_word[out_slot] <= step_pble[2:0];
    end
    if (pbl_rsp_valid_i) begin
      page_ok[hmc_rsp_i.tag[SlotW-1:0]]   <= hmc_rsp_i.err == tern_pkg::HmcOk;
      page_addr[hmc_rsp_i.tag[SlotW-1:0]] <=
          hmc_rsp_i.data[{page_word[hmc_rsp_i.tag[SlotW-1:0]], 6'd0} +: 64];
    end
  end

  assign pbl_req_valid_o = pbl_valid_q;

  always_comb begin
    pbl_req_o       = '0;
    pbl_req_o.kind  = tern_hw_pkg::TERN_HW_HMC_KIND_PBLE;
    pbl_req_o.index = pbl_index_q;
    pbl_req_o.tag   = 8'(pbl_slot_q);
  end

  // ------------------------------------------------------------------------------------- step

  typedef struct packed {
    logic                        change;     // the context
    logic                        write;
    logic [63:0]                 base;
    logic [26:0]                 offset;
    logic                        polarity;
    logic                        send;       // an event
    logic                        ceq_valid;
    logic [tern_pkg::CeqW-1:0]   ceq;
    logic                        timer_set;
    logic                        timer_clr;
    logic                        timer_done;
    logic [31:0]                 period;
    logic                        ae;
    logic [15:0]                 ae_code;
    logic                        bad;
    logic [15:0]                 bad_code;
    logic [tern_pkg::PageW-1:0]  page;
    logic                        ctl;
    logic [15:0]                 major;
    logic [15:0]                 minor;
  } act_t;

  act_t                             step, act_q;
  logic                             act_valid_q;
  logic [tern_pkg::CqnW-1:0]        act_cqn_q;
  logic [255:0]                     act_data_q;
  tern_hw_pkg::tern_hw_cq_ctx_t     step_ctx_in, step_ctx;
  tern_pkg::db_t                    step_db;
  tern_pkg::ctl_op_e                ctl_op;
  tern_hw_pkg::tern_hw_cq_ctx_t     ctl_ctx;
  logic                             timer_live, timer_full;

  assign step_ctx_in     = out_line;
  assign step_db         = out_data[$bits(step_db)-1:0];
  assign step.ceq_valid  = step_ctx_in.attr.ceq_valid;
  assign step.ceq        = step_ctx_in.attr.ceq[tern_pkg::CeqW-1:0];
  assign step.timer_done = out_kind == ItTimer;
  assign step.ctl        = out_kind == ItCtl;
  assign step.page       = step_db.page;

  tern_cq_step u_step (
    .cqe_i(out_kind == ItCqe), .db_i(out_kind == ItDb), .timer_i(out_kind == ItTimer),
    .fail_i(out_kind == ItFail), .ctl_i(out_kind == ItCtl),
    .err_i(out_err), .ctx_i(step_ctx_in),
    .solicited_i(out_data[DataW-1]),
    .page_known_i(out_resumed), .page_ok_i(page_ok[out_slot]), .page_addr_i(page_addr[out_slot]),
    .db_page_i(step_db.page), .db_word_i(step_db.word),
    .timer_live_i(timer_live), .timer_full_i(timer_full),
    .ctl_op_i(ctl_op), .ctl_ctx_i(ctl_ctx),
    .ctx_we_o(step.change), .ctx_o(step_ctx),
    .hold_o(out_hold), .pble_o(step_pble),
    .write_o(step.write), .base_o(step.base), .offset_o(step.offset),
    .polarity_o(step.polarity),
    .event_o(step.send), .timer_set_o(step.timer_set), .timer_clr_o(step.timer_clr),
    .period_o(step.period),
    .ae_o(step.ae), .ae_code_o(step.ae_code),
    .db_bad_o(step.bad), .db_bad_code_o(step.bad_code),
    .major_o(step.major), .minor_o(step.minor)
  );

  // Whatever the item comes to, there is room for it, also behind what acts in this cycle
  logic wr_room, ae_room, bad_room;

  assign out_ready = wr_room && ae_room && bad_room && !pbl_valid_q;
  assign out_take  = out_valid && out_ready;

  always_ff @(posedge clk_i) begin
    if (rst_i) act_valid_q <= 1'b0;
    else act_valid_q <= out_take && !out_hold;
    if (out_take && !out_hold) begin
      act_q      <= step;
      act_cqn_q  <= out_cqn;
      act_data_q <= out_data[255:0];
      wb_line_q  <= step_ctx;
    end
  end

  assign wb_valid = act_valid_q && act_q.change;

  // -------------------------------------------------------------------------- CQEs and events

  tern_hw_pkg::tern_hw_cqe_t entry;
  logic                      wr_idle;
  logic                      lost_valid, lost_ready;
  logic [tern_pkg::CqnW-1:0] lost_cqn;
  logic                      drain, drained;

  always_comb begin
    entry               = act_data_q;
    entry.timestamp     = now_i;
    entry.info.polarity = act_q.polarity;
  end

  tern_cq_out u_out (
    .clk_i, .rst_i, .idle_o(wr_idle),
    .room_o(wr_room), .push_i(act_valid_q && (act_q.write || act_q.send)),
    .write_i(act_q.write), .addr_i(act_q.base + 64'(act_q.offset)), .cqe_i(entry),
    .event_i(act_q.send), .ceq_i(act_q.ceq), .cqn_i(act_cqn_q),
    .wr_valid_o, .wr_ready_i, .wr_o, .wr_rsp_valid_i, .wr_rsp_err_i(wr_rsp_i.err),
    .ce_valid_o, .ce_ready_i, .ce_o,
    .fail_valid_o(fail_valid), .fail_ready_i(fail_ready), .fail_cqn_o(fail_cqn),
    .lost_valid_o(lost_valid), .lost_ready_i(lost_ready), .lost_cqn_o(lost_cqn),
    .drain_i(drain), .drained_o(drained),
    .stat_cqe_o
  );

  // ----------------------------------------------------------------------------------- timers

  logic timer_idle;

  tern_cq_timer #(.NumTimers(NumTimers)) u_timer (
    .clk_i, .rst_i, .now_i, .idle_o(timer_idle), .wake_at_o,
    .set_i(act_valid_q && act_q.timer_set), .clr_i(act_valid_q && act_q.timer_clr),
    .cqn_i(act_cqn_q), .period_i(act_q.period), .full_o(timer_full),
    .fire_valid_o(fire_valid), .fire_ready_i(fire_ready), .fire_cqn_o(fire_cqn),
    .fire_id_o(fire_id),
    .live_id_i(out_data[TimerW-1:0]), .live_o(timer_live),
    .done_i(act_valid_q && act_q.timer_done), .done_id_i(act_data_q[TimerW-1:0])
  );

  // --------------------------------------------------------------------------------- commands

  logic ctl_idle;

  tern_cq_ctl u_ctl (
    .clk_i, .rst_i, .idle_o(ctl_idle),
    .ctl_valid_i, .ctl_ready_o, .ctl_i, .ctl_rsp_valid_o, .ctl_rsp_o,
    .req_valid_o(ctl_req_valid), .req_ready_i(ctl_req_ready), .req_flush_o(ctl_req_flush),
    .cqn_o(ctl_cqn), .op_o(ctl_op), .ctx_o(ctl_ctx),
    .step_valid_i(act_valid_q && act_q.ctl), .step_major_i(act_q.major),
    .step_minor_i(act_q.minor), .step_ceq_valid_i(act_q.ceq_valid), .step_ceq_i(act_q.ceq),
    .flush_done_i(flush_done), .flush_err_i(flush_err), .drain_o(drain), .drained_i(drained),
    .ccq_valid_o, .ccq_num_o, .ceq_valid_i, .ceq_busy_o
  );

  // ---------------------------------------------------------------------------------- reports

  logic                      act_ae, act_bad;
  logic                      ae_ready, bad_ready;
  logic [15:0]               ae_code;
  logic [tern_pkg::CqnW-1:0] ae_cqn;

  assign act_ae     = act_valid_q && act_q.ae;
  assign act_bad    = act_valid_q && act_q.bad;
  assign lost_ready = ae_ready && !act_ae;
  assign ae_room    = ae_ready && !act_ae && !lost_valid;
  assign bad_room   = bad_ready && !act_bad;

  tern_fifo #(.Width(16 + tern_pkg::CqnW), .Depth(4)) u_ae (
    .clk_i, .rst_i,
    .in_valid_i(act_ae || lost_valid), .in_ready_o(ae_ready),
    .in_data_i(act_ae ? {act_q.ae_code, act_cqn_q}
                      : {tern_hw_pkg::TERN_HW_AE_CODE_CQ_WRITE, lost_cqn}),
    .out_valid_o(ae_valid_o), .out_ready_i(ae_ready_i), .out_data_o({ae_code, ae_cqn})
  );

  always_comb begin
    ae_o        = '0;
    ae_o.code   = ae_code;
    ae_o.source = tern_hw_pkg::TERN_HW_AE_SOURCE_CQ;
    ae_o.id     = ae_cqn;
  end

  logic [15:0]                bad_code;
  logic [tern_pkg::PageW-1:0] bad_page;

  tern_fifo #(.Width(16 + tern_pkg::PageW), .Depth(2)) u_bad (
    .clk_i, .rst_i,
    .in_valid_i(act_bad), .in_ready_o(bad_ready), .in_data_i({act_q.bad_code, act_q.page}),
    .out_valid_o(db_bad_valid_o), .out_ready_i(db_bad_ready_i), .out_data_o({bad_code, bad_page})
  );

  assign db_bad_o.code   = bad_code;
  assign db_bad_o.page   = bad_page;
  assign db_bad_o.offset = tern_hw_pkg::TERN_HW_DB_CQ;

  assign idle_o = cache_idle && !act_valid_q && wr_idle && timer_idle && ctl_idle &&
                  !ae_valid_o && !db_bad_valid_o;

endmodule
