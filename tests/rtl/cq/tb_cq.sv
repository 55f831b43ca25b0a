// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_cq against the C model in cq_model.c, with random completions, doorbells and commands on a
// few hundred CQs, random stalls on every port, contexts, pages and rings that cannot be read or
// written, and time that jumps.
//
// The model is stepped where the engine acts on a context (the one place where this bench looks
// inside), because only there the order of items from different ports is decided. What the model
// says must then come out of the ports: every entry once, in order, at its address with its
// polarity and time; every event once and not before its entry; every report. Apart from that,
// checked at the ports alone: items of one CQ act in the order in which they were taken; nothing
// of a destroyed CQ moves after the answer, and its context in memory is zero; at rest nothing is
// stranded; idle and wake_at let the clock stop without losing a timer.

module tb_cq #(
  parameter int unsigned Sets   = 16,
  parameter int unsigned Ways   = 4,
  parameter int unsigned Slots  = 8,
  parameter int unsigned Timers = 32
);
  import tb_cq_pkg::*;

  localparam int unsigned N = 3;  // sources of completions

  bit clk, rst;
  always #2 clk = !clk;

  logic [63:0]                  now;
  logic                         idle;
  logic [63:0]                  wake_at;
  logic [N-1:0]                 cqe_valid, cqe_ready;
  logic [N-1:0][tern_pkg::CqeReqW-1:0] cqe;
  logic                         db_valid, db_ready;
  tern_pkg::db_t                db;
  logic                         bad_valid, bad_ready;
  tern_pkg::db_bad_t            bad;
  logic                         ctl_valid, ctl_ready, ctl_rsp_valid;
  tern_pkg::cq_ctl_req_t        ctl;
  tern_pkg::ctl_rsp_t           ctl_rsp;
  logic [1:0]                   hmc_valid, hmc_ready, hmc_rsp_valid;
  tern_pkg::hmc_req_t           ctx_req, pbl_req;
  tern_pkg::hmc_rsp_t           hmc_rsp;
  logic                         wr_valid, wr_ready, wr_rsp_valid;
  tern_pkg::dma_wr_beat_t       wr;
  tern_pkg::dma_wr_rsp_t        wr_rsp;
  logic                         ce_valid, ce_ready;
  tern_pkg::ce_req_t            ce;
  logic                         ae_valid, ae_ready;
  tern_pkg::ae_req_t            ae;
  logic                         ccq_valid;
  logic [23:0]                  ccq_num;
  logic [31:0]                  ceq_valid, ceq_busy;
  logic                         stat_cqe, stat_hit, stat_miss;

  tern_cq #(
    .NumClients(N), .CacheSets(Sets), .CacheWays(Ways), .CacheSlots(Slots), .NumTimers(Timers)
  ) dut (
    .clk_i(clk), .rst_i(rst), .now_i(now), .idle_o(idle), .wake_at_o(wake_at),
    .cqe_valid_i(cqe_valid), .cqe_ready_o(cqe_ready), .cqe_i(cqe),
    .db_valid_i(db_valid), .db_ready_o(db_ready), .db_i(db),
    .db_bad_valid_o(bad_valid), .db_bad_ready_i(bad_ready), .db_bad_o(bad),
    .ctl_valid_i(ctl_valid), .ctl_ready_o(ctl_ready), .ctl_i(ctl),
    .ctl_rsp_valid_o(ctl_rsp_valid), .ctl_rsp_o(ctl_rsp),
    .ctx_req_valid_o(hmc_valid[0]), .ctx_req_ready_i(hmc_ready[0]), .ctx_req_o(ctx_req),
    .ctx_rsp_valid_i(hmc_rsp_valid[0]),
    .pbl_req_valid_o(hmc_valid[1]), .pbl_req_ready_i(hmc_ready[1]), .pbl_req_o(pbl_req),
    .pbl_rsp_valid_i(hmc_rsp_valid[1]), .hmc_rsp_i(hmc_rsp),
    .wr_valid_o(wr_valid), .wr_ready_i(wr_ready), .wr_o(wr),
    .wr_rsp_valid_i(wr_rsp_valid), .wr_rsp_i(wr_rsp),
    .ce_valid_o(ce_valid), .ce_ready_i(ce_ready), .ce_o(ce),
    .ae_valid_o(ae_valid), .ae_ready_i(ae_ready), .ae_o(ae),
    .ccq_valid_o(ccq_valid), .ccq_num_o(ccq_num), .ceq_valid_i(ceq_valid),
    .ceq_busy_o(ceq_busy),
    .stat_cqe_o(stat_cqe), .stat_cq_hit_o(stat_hit), .stat_cq_miss_o(stat_miss)
  );

  assign ceq_valid = 32'h0000_ffff;  // only these CEQs exist

  tb_cq_hmc u_hmc (
    .clk_i(clk), .rst_i(rst), .valid_i(hmc_valid), .ready_o(hmc_ready),
    .ctx_req_i(ctx_req), .pbl_req_i(pbl_req), .rsp_valid_o(hmc_rsp_valid), .rsp_o(hmc_rsp)
  );

  tb_cq_sink u_sink (
    .clk_i(clk), .rst_i(rst),
    .wr_valid_i(wr_valid), .wr_ready_o(wr_ready), .wr_i(wr),
    .wr_rsp_valid_o(wr_rsp_valid), .wr_rsp_o(wr_rsp),
    .ce_valid_i(ce_valid), .ce_ready_o(ce_ready), .ce_i(ce),
    .ae_valid_i(ae_valid), .ae_ready_o(ae_ready), .ae_i(ae),
    .bad_valid_i(bad_valid), .bad_ready_o(bad_ready), .bad_i(bad)
  );

  // -------------------------------------------------------------------------------- knobs

  int unsigned seed, total;
  int unsigned cqe_pct, db_pct, ctl_pct;       // how often something is offered
  bit          time_jumps, time_runs, faults;
  int unsigned hot_base;
  longint      cycle, last_act;
  bit          busy;         // something must act before long
  int          offered, acted, holds, timers, ctls, hits, misses, fails;
  int          no_timer, cancelled, overruns, page_lost, by_kind [5];

  // --------------------------------------------------------------------------------- items

  typedef struct {
    logic [2:0]   kind;
    logic [256:0] data;
  } item_t;
  item_t taken [int unsigned][$];  // per CQ, not yet acted

  typedef struct {
    bit           valid;
    logic [2:0]   kind;
    int unsigned  cqn;
    logic [256:0] data;
    bit           full;
    bit           live;
  } act_t;
  act_t act;

  bit          ctl_on;        // a command is under way
  bit          ctl_acted;
  int unsigned ctl_op, ctl_cqn, ctl_code, ctl_instance;
  bit          ctl_ccq, ctl_made_ccq;

  task automatic check_order();
    item_t it;
    if (act.kind != 3'(ItCqe) && act.kind != 3'(ItDb)) return;
    if (taken[act.cqn].size() == 0) $fatal(1, "CQ %0d: an item acts again", act.cqn);
    it = taken[act.cqn].pop_front();
    if (it.kind != act.kind || it.data != act.data)
      $fatal(1, "CQ %0d: items act out of order", act.cqn);
  endtask

  task automatic do_act();
    longint unsigned addr;
    int unsigned code, ceq, flags, arg, page;
    longint unsigned word;
    check_order();
    acted++;
    page = 32'(act.data[73:64]);
    word = act.data[63:0];
    case (32'(act.kind))
      ItCtl:   arg = ctl_op;
      ItCqe:   arg = 32'(act.data[256]);
      default: arg = 32'(act.data[5:0]);
    endcase
    if (act.full && cq_model_timers() + 6 < Timers) $fatal(1, "no timer left, of %0d", Timers);
    flags = cq_model_item(32'(act.kind), act.cqn, now, arg, page, word, 32'(act.full), addr, code,
                          ceq);
    if ((flags & Event) != 0) by_kind[act.kind]++;
    if ((flags & Event) != 0 && act.full) no_timer++;
    if ((flags & Ae) != 0 && code == 32'(tern_hw_pkg::TERN_HW_AE_CODE_CQ_OVERRUN)) overruns++;
    if ((flags & Ae) != 0 && code == 32'(tern_hw_pkg::TERN_HW_AE_CODE_CQ_CONTEXT) &&
        cq_world_err(act.cqn) == 0) page_lost++;
    if (32'(act.kind) == ItTimer) begin
      timers++;
      if (!act.live) cancelled++;
      if ((flags & Ae) != 0) $fatal(1, "CQ %0d: the timer is early", act.cqn);
    end
    if (32'(act.kind) == ItFail) begin
      fails++;
      u_sink.settled[act.cqn]++;
    end
    if ((flags & Set) != 0) cq_model_timer(act.cqn, 32'(dut.u_timer.free_id));
    if ((flags & Write) != 0)
      u_sink.want_write(act.cqn, addr, act.data[255:0], now, (flags & Polarity) != 0);
    if ((flags & Event) != 0) u_sink.want_event(act.cqn, ceq);
    if ((flags & Ae) != 0) u_sink.want_ae(act.cqn, code);
    if ((flags & Bad) != 0) u_sink.want_bad(page, code);
    if (32'(act.kind) == ItCtl) begin
      if (!ctl_on || ctl_acted || act.cqn != ctl_cqn) $fatal(1, "command acts twice");
      ctl_acted = 1;
      ctl_code  = code;
      if (code == 0 && ctl_op == 32'(tern_pkg::CtlCreate)) begin
        u_sink.visible[act.cqn] = 0;
        if (ctl_ccq) ctl_made_ccq = 1;
      end
    end
  endtask

  // ------------------------------------------------------------------------------ stimulus

  int unsigned next_instance;
  int unsigned in_flight [CqCount];  // completions offered and not acted

  // One of the CQs of the moment, or any, or one that cannot be
  function automatic int unsigned some_cqn();
    int unsigned p = $urandom_range(99);
    if (p < 75) return (hot_base + $urandom_range(7)) % CqCount;
    if (p < 98 || !faults) return $urandom_range(CqCount - 1);
    return CqCount + $urandom_range(100000);
  endfunction

  task automatic offer_cqe(int i);
    int unsigned cqn = some_cqn();
    tern_pkg::cqe_req_t c;
    cqe_valid[i] <= 0;
    if (!pct(cqe_pct)) return;
    if (cqn < CqCount && cq_model_exists(cqn) != 0) begin
      longint unsigned room = longint'(cq_model_size(cqn)) -
          (cq_model_produced(cqn) - cq_model_consumed(cqn));
      if (in_flight[cqn] >= 32'(room) && !(faults && pct(1))) return;
    end else if (!pct(faults ? 5 : 0)) begin
      return;
    end
    if (cqn < CqCount) in_flight[cqn]++;
    c.cqn       = 24'(cqn);
    c.solicited = pct(20);
    for (int k = 0; k < 8; k++) c.cqe[32*k +: 32] = $urandom;
    cqe[i]       <= c;
    cqe_valid[i] <= 1;
    offered++;
  endtask

  task automatic offer_db();
    int unsigned cqn = some_cqn(), how;
    tern_hw_pkg::tern_hw_db_cq_t w;
    tern_pkg::db_t d;
    db_valid <= 0;
    if (!pct(db_pct)) return;
    w = '0;
    w.w.num  = 24'(cqn);
    w.w.arm  = pct(70);
    w.w.mode = 3'($urandom);
    d.page   = 10'($urandom);
    if (cqn < CqCount && cq_model_exists(cqn) != 0) begin
      int unsigned from = 32'(cq_model_consumed(cqn));
      d.page = 10'(cq_model_page(cqn));
      how = $urandom_range(9);
      case (how)
        0, 1:       w.w.index = 24'(from);
        2, 3, 4:    w.w.index = 24'($urandom_range(u_sink.visible[cqn], from));
        default:    w.w.index = 24'(u_sink.visible[cqn]);
      endcase
      if (faults && pct(3)) w.w.index = pct(50) ? 24'(from - 1) : 24'(u_sink.visible[cqn] + 5000);
      if (faults && pct(3)) d.page = 10'($urandom);
    end else if (!faults) begin
      return;
    end
    d.word = w;
    db       <= d;
    db_valid <= 1;
    offered++;
  endtask

  task automatic set_ctl(int unsigned op, int unsigned cqn,
                         tern_hw_pkg::tern_hw_cqp_cq_wqe_t wqe);
    tern_hw_pkg::tern_hw_cqp_wqe_t h = wqe;
    h.hdr.id   = 24'(cqn);
    ctl.op     <= tern_pkg::ctl_op_e'(op);
    ctl.wqe    <= h;
    ctl_valid  <= 1;
    ctl_on     = 1;
    ctl_acted  = 0;
    ctl_op     = op;
    ctl_cqn    = cqn;
    ctl_ccq    = wqe.attr.ccq;
    ctl_code   = static_code(wqe, op, ceq_valid, ccq_valid);
    // What is refused at once must not act at all
    if (ctl_code != 0) ctl_acted = 1;
    if (op == 32'(tern_pkg::CtlDestroy) && cq_model_exists(cqn) != 0)
      ctl_instance = cq_model_instance(cqn);
    cq_model_want(wqe.ring, 32'(wqe.attr.log_size), 32'(wqe.attr.level),
                  32'(wqe.attr.page_shift), 32'(wqe.attr.ceq_valid), 32'(wqe.attr.ceq),
                  32'(wqe.attr.mode), 32'(wqe.attr.page), 32'(wqe.moderation.count),
                  wqe.moderation.period);
  endtask

  // A command of the directed part, to be offered
  bit                               next_valid;
  int unsigned                      next_op, next_cqn;
  tern_hw_pkg::tern_hw_cqp_cq_wqe_t next_wqe;

  task automatic offer_ctl();
    int unsigned cqn = some_cqn();
    int unsigned op;
    tern_hw_pkg::tern_hw_cqp_cq_wqe_t q;
    if (next_valid && !ctl_on) begin
      set_ctl(next_op, next_cqn, next_wqe);
      next_valid = 0;
    end
    if (ctl_on || !pct(ctl_pct)) return;
    op = 32'(tern_pkg::CtlCreate);
    if (cqn < CqCount && cq_model_exists(cqn) != 0) begin
      if (cq_model_stopped(cqn) != 0 || pct(25)) op = 32'(tern_pkg::CtlDestroy);
      else op = 32'(tern_pkg::CtlModify);
    end
    if (faults && pct(10)) op = $urandom_range(2);
    next_instance++;
    q = random_cq(next_instance);
    if (pct(5) && !ccq_valid) q.attr.ccq = 1;
    if (faults && pct(15)) spoil(q, next_instance);
    set_ctl(op, cqn, q);
  endtask

  task automatic take_ctl_rsp();
    int unsigned got = {ctl_rsp.major, ctl_rsp.minor};
    ctls++;
    if (!ctl_on || !ctl_acted) $fatal(1, "answer without a command");
    if (u_hmc.refuse_writes && ctl_op == 32'(tern_pkg::CtlDestroy) && ctl_code == 0)
      ctl_code = {tern_hw_pkg::TERN_HW_CQP_MAJOR_HMC, tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_DMA};
    if (got != ctl_code || ctl_rsp.result != 0)
      $fatal(1, "CQ %0d: command %0d answered %h, wanted %h", ctl_cqn, ctl_op, got, ctl_code);
    ctl_on = 0;
    for (int unsigned i = 0; i < 32; i++)
      if (ceq_busy[i] != (cq_model_users(i) != 0) && !(ctl_op == 2 && got == 0))
        $fatal(1, "CEQ %0d: busy %0d", i, ceq_busy[i]);
    if (ctl_made_ccq && ctl_op == 0 && (!ccq_valid || 32'(ccq_num) != ctl_cqn))
      $fatal(1, "CCQ not told");
    ctl_made_ccq = 0;
    if (ctl_op == 32'(tern_pkg::CtlDestroy) && got == 0) begin
      if (ccq_valid && 32'(ccq_num) == ctl_cqn) $fatal(1, "CCQ after its end");
      if (u_hmc.contexts[9'(ctl_cqn)] != 0) $fatal(1, "context of a destroyed CQ not zero");
      u_sink.give_up(ctl_cqn, ctl_instance);
    end
  endtask

  // ------------------------------------------------------------------------------ one cycle

  task automatic take_items();
    item_t it;
    if (db_valid && db_ready) begin
      tern_hw_pkg::tern_hw_db_cq_t w = db.word;
      it.kind = 3'(ItDb);
      it.data = {183'd0, db};
      taken[32'(w.w.num)].push_back(it);
    end
    for (int i = 0; i < int'(N); i++) begin
      if (cqe_valid[i] && cqe_ready[i]) begin
        tern_pkg::cqe_req_t c = cqe[i];
        it.kind = 3'(ItCqe);
        it.data = {c.solicited, c.cqe};
        taken[32'(c.cqn)].push_back(it);
      end
    end
  endtask

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      cqe_valid     <= 0;
      db_valid      <= 0;
      ctl_valid     <= 0;
      act.valid = 0;
    end else begin
      hits   += 32'(stat_hit);
      misses += 32'(stat_miss);
      take_items();
      if (act.valid) do_act();
      if (act.valid || !busy) last_act = cycle;
      if (cycle - last_act > 300000) $fatal(1, "nothing acts any more");
      if (act.valid && 32'(act.kind) == ItCqe && act.cqn < CqCount) in_flight[act.cqn]--;
      act.valid = dut.out_take && !dut.out_hold;
      act.kind  = dut.out_kind;
      act.cqn   = 32'(dut.out_cqn);
      act.data  = dut.out_data;
      act.full  = dut.timer_full;
      act.live  = dut.timer_live;
      holds += 32'(dut.out_take && dut.out_hold);

      if (stat_cqe != (wr_valid && wr_ready)) $fatal(1, "entry not counted");
      if (ctl_rsp_valid) take_ctl_rsp();

      for (int i = 0; i < int'(N); i++)
        if (!cqe_valid[i] || cqe_ready[i]) offer_cqe(i);
      if (!db_valid || db_ready) offer_db();
      if (ctl_valid && ctl_ready) ctl_valid <= 0;
      offer_ctl();

      if (time_runs) begin
        now <= now + 4 + ((time_jumps && $urandom_range(300) == 0) ? 64'($urandom_range(4000)) : 0);
      end
    end
  end

  // ---------------------------------------------------------------------------------- rest

  // Everything stops, also the clock of the device; only wake_at moves it on
  task automatic settle();
    int unsigned quiet = 0, n = 0;
    cqe_pct   = 0;
    db_pct    = 0;
    ctl_pct   = 0;
    time_runs = 0;
    @(negedge clk);
    while (quiet < 4) begin
      @(negedge clk);
      n++;
      if (n > 300000) $fatal(1, "does not come to rest");
      if (idle && !ctl_on && u_sink.quiet && u_hmc.quiet && now < wake_at) begin
        quiet++;
        if (wake_at > cq_model_deadline())
          $fatal(1, "would sleep until %0d, a timer ends at %0d", wake_at, cq_model_deadline());
        if (quiet == 4 && wake_at != '1) begin
          now   = wake_at;
          quiet = 0;
        end
      end else begin
        quiet = 0;
      end
    end
    u_sink.check_empty();
    foreach (taken[i]) if (taken[i].size() != 0) $fatal(1, "CQ %0d: items left", i);
    for (int unsigned i = 0; i < CqCount; i++)
      if (cq_world_err(i) == 0 && cq_model_stranded(i) != 0) $fatal(1, "CQ %0d: stranded", i);
    if (cq_model_timers() != 0) $fatal(1, "%0d timers never ended", cq_model_timers());
    for (int unsigned i = 0; i < 32; i++)
      if (ceq_busy[i] != (cq_model_users(i) != 0)) $fatal(1, "CEQ %0d: busy %0d", i, ceq_busy[i]);
    time_runs = 1;
  endtask

  task automatic phase(int unsigned n, int unsigned c, int unsigned d, int unsigned k,
                       int unsigned w, int unsigned o, int unsigned h, int unsigned latency);
    int until_acted = acted + int'(n);
    longint start = cycle;
    cqe_pct = c;
    db_pct  = d;
    ctl_pct = k;
    u_sink.wr_pct  = w;
    u_sink.out_pct = o;
    u_sink.wr_lat  = latency;
    u_hmc.ready_pct = h;
    u_hmc.lat_max   = latency;
    while (acted < until_acted) begin
      @(negedge clk);
      if ($urandom_range(2000) == 0) hot_base = $urandom_range(CqCount - 1);
      if (cycle - start > 400 * longint'(n) + 100000) $fatal(1, "stuck");
    end
    settle();
  endtask

  // ------------------------------------------------------------------------ directed parts

  task automatic send_cqe(int unsigned cqn);
    tern_pkg::cqe_req_t c = '0;
    c.cqn     = 24'(cqn);
    cqe[0]    = c;
    cqe_valid = 1;
    in_flight[cqn]++;
    #1;
    while (!cqe_ready[0]) begin
      @(negedge clk);
      #1;
    end
    @(negedge clk);
    cqe_valid = 0;
  endtask

  // n completions for `span` CQs in turn, whose numbers are 16 apart: they share a set
  task automatic burst(int unsigned n, int unsigned first, int unsigned span);
    longint w = u_sink.writes_taken;
    @(negedge clk);
    for (int unsigned i = 0; i < n; i++) send_cqe(first + i % span * 16);
    while (u_sink.writes_taken - w != longint'(n)) @(negedge clk);
  endtask

  task automatic fresh(int unsigned cqn, int unsigned level, int unsigned log_size);
    tern_hw_pkg::tern_hw_cqp_cq_wqe_t q = '0;
    if (cq_model_exists(cqn) != 0) command(2, cqn, q);
    // A ring and pages that the world refuses nothing of
    do next_instance++;
    while (next_instance % 16 == 7 || bad_pages(next_instance));
    q.attr.level      = 1'(level);
    q.attr.log_size   = 5'(log_size);
    q.attr.page_shift = 12;
    q.attr.ceq_valid  = 1;
    q.ring            = cq_world_ring(next_instance, level);
    command(0, cqn, q);
  endtask

  task automatic ring_db(int unsigned cqn, int unsigned index, bit arm, int unsigned mode);
    tern_hw_pkg::tern_hw_db_cq_t w = '0;
    w.w.num   = 24'(cqn);
    w.w.arm   = arm;
    w.w.mode  = 3'(mode);
    w.w.index = 24'(index);
    @(negedge clk);
    db       = {10'd0, w};
    db_valid = 1;
    #1;
    while (!db_ready) begin
      @(negedge clk);
      #1;
    end
    @(negedge clk);
    db_valid = 0;
  endtask

  task automatic command(int unsigned op, int unsigned cqn,
                         tern_hw_pkg::tern_hw_cqp_cq_wqe_t wqe);
    @(negedge clk);
    next_op    = op;
    next_cqn   = cqn;
    next_wqe   = wqe;
    next_valid = 1;
    for (int n = 0; next_valid || ctl_on; n++) begin
      @(negedge clk);
      if (n > 20000) $fatal(1, "CQ %0d: command %0d hangs", cqn, op);
    end
  endtask

  // DESTROY with entries under way and nothing else to move things on, at every state of the
  // counters of writes
  task automatic destroy_in_flight();
    u_sink.wr_pct  = 50;
    u_sink.out_pct = 50;
    u_hmc.ready_pct = 50;
    u_hmc.lat_max   = 10;
    for (int unsigned i = 0; i < 150; i++) begin
      fresh(3, i % 2, 6);
      u_sink.wr_lat = 60;
      burst(1 + i % 7, 3, 1);
      command(2, 3, '0);
    end
    settle();
  endtask

  // A timer ends while its CQ's context is being fetched for items before it: a doorbell that
  // cancels it and a completion that starts it anew. It must not end the new one
  task automatic stale_timer();
    tern_hw_pkg::tern_hw_cqp_cq_wqe_t q = '0;
    longint end_of_new;
    int     cancelled_before = cancelled, acted_before;
    u_sink.wr_pct  = 100;
    u_sink.out_pct = 100;
    u_sink.wr_lat  = 0;
    u_hmc.ready_pct = 100;
    u_hmc.lat_max   = 0;
    time_jumps = 0;
    for (int unsigned i = 0; i < 8; i++) fresh(5 + 16 * i, 0, 8);
    q.attr.mode         = 1;
    q.moderation.period = 4000;
    command(1, 5, q);
    ring_db(5, 0, 1, 3);
    burst(1, 5, 1);
    burst(70, 21, 7);  // throws the context of CQ 5 out
    u_hmc.ready_pct = 0;
    repeat (3) @(negedge clk);
    ring_db(5, 1, 1, 3);
    send_cqe(5);
    while (dut.u_timer.sent_q == 0) @(negedge clk);
    end_of_new = longint'(now) + 4000;
    acted_before = acted;
    u_hmc.ready_pct = 100;
    while (acted < acted_before + 4 || cq_model_timers() != 0) @(negedge clk);
    if (longint'(now) < end_of_new || cancelled == cancelled_before)
      $fatal(1, "the old timer ended the new one");
    time_jumps = 1;
    settle();
  endtask

  // The host refuses the context of a CQ that is destroyed: the command tells, the CQ is gone
  task automatic flush_refused();
    tern_hw_pkg::tern_hw_cqp_cq_wqe_t q = random_cq(++next_instance);
    int unsigned cqn = 7;
    if (cq_model_exists(cqn) != 0) command(2, cqn, q);
    command(0, cqn, q);
    u_hmc.refuse_writes = 1;
    command(2, cqn, q);
    u_hmc.refuse_writes = 0;
    settle();
  endtask

  assign busy = cqe_pct + db_pct + ctl_pct != 0 || ctl_on || cqe_valid != 0 || db_valid;

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", total)) total = 100000;
    void'($urandom(int'(seed)));
    cq_model_reset();
    clk = 0;
    rst = 1;
    now = 64'hffff_0000;
    time_runs  = 1;
    time_jumps = 1;
    faults     = 1;
    repeat (5) @(negedge clk);
    rst = 0;

    for (int i = 0; i < 9; i++) begin
      int unsigned n = total / 9;
      case (i)
        0: phase(n, 30, 40, 30, 70, 70, 70, 20);
        1: phase(n, 100, 100, 5, 100, 100, 100, 5);   // full rate
        2: phase(n, 20, 20, 100, 80, 80, 80, 10);     // many commands
        3: phase(n, 80, 60, 10, 20, 20, 20, 60);      // slow host
        4: phase(n, 100, 20, 10, 90, 10, 90, 100);    // events stall
        5: phase(n, 5, 5, 5, 90, 90, 90, 10);         // sparse: timers and sleep
        6: begin
          faults = 0;
          phase(n, 50, 50, 5, 100, 100, 100, 0);
          faults = 1;
        end
        7: begin
          u_sink.refuse_all = 1;                             // and reports stall
          phase(n / 8, 100, 60, 60, 100, 6, 100, 30);
          u_sink.refuse_all = 0;
        end
        default: phase(n, $urandom_range(100, 5), $urandom_range(100, 5), $urandom_range(50, 1),
                       $urandom_range(100, 5), $urandom_range(100, 5), $urandom_range(100, 5),
                       $urandom_range(100));
      endcase
    end
    flush_refused();
    destroy_in_flight();
    stale_timer();
    $display("cq: %0d items, %0d entries, %0d events, %0d timers, %0d holds, %0d AEs, %0d failed writes, %0d bad doorbells, %0d commands, %0d hits, %0d misses",
             acted, u_sink.writes_taken, u_sink.events, timers, holds, u_sink.aes, fails,
             u_sink.bads, ctls, hits, misses);
    $display("cq: events by completion %0d, doorbell %0d, command %0d, timer %0d, lack of a timer %0d; %0d timers cancelled on their way, %0d overruns, %0d pages lost, %0d failures past the list",
             by_kind[ItCqe], by_kind[ItDb], by_kind[ItCtl], by_kind[ItTimer], no_timer, cancelled,
             overruns, page_lost, u_sink.lost);
    if (total >= 100000 &&
        (by_kind[ItCqe] == 0 || by_kind[ItDb] == 0 || by_kind[ItCtl] == 0 ||
         by_kind[ItTimer] == 0 || cancelled == 0 || overruns == 0 || page_lost == 0 || u_sink.lost == 0))
      $fatal(1, "something was not tried");
    $finish;
  end

endmodule
