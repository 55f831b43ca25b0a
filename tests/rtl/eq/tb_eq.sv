// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_eq against the C model in eq_model.h: random events, doorbells and commands, random stalls
// and refused writes. The model is stepped by the transfers at the ports; only when a command
// acts, and when the engine takes an event of its own, is looked up inside. Checked: every entry
// in order, at its address, with its polarity and overflow mark; the levels of all vectors in
// every cycle, so also that an entry counts only after the bus has answered; re-arms; reports
// and refused doorbells; no write to a queue after the answer to its DESTROY; the end of the AEQ.

module tb_eq;
  import tb_eq_pkg::*;

  localparam int unsigned N = 4;

  // Values of op_e and state_e in tern_eq
  localparam logic [2:0] OpCtl   = 3'd2;
  localparam logic [2:0] OpAe    = 3'd4;
  localparam logic [1:0] StDrain = 2'd2;

  bit clk, rst;
  always #2 clk = !clk;

  logic                     idle;
  logic                     ce_valid, ce_ready;
  tern_pkg::ce_req_t        ce;
  logic [N-1:0]             ae_valid, ae_ready;
  logic [N-1:0][tern_pkg::AeReqW-1:0] ae;
  logic                     db_valid, db_ready;
  tern_pkg::db_t            db;
  logic                     bad_valid, bad_ready;
  tern_pkg::db_bad_t        bad;
  logic                     ctl_valid, ctl_ready, ctl_rsp_valid;
  tern_pkg::eq_ctl_req_t    ctl;
  tern_pkg::ctl_rsp_t       ctl_rsp;
  logic                     wr_valid, wr_ready, wr_rsp_valid;
  tern_pkg::dma_wr_beat_t   wr;
  tern_pkg::dma_wr_rsp_t    wr_rsp;
  logic [63:0]              level;
  logic                     rearm_valid;
  logic [5:0]               rearm_vec;
  logic [31:0]              ceq_valid, ceq_busy;
  logic [7:0]               fatal;
  logic                     stat_ceqe, stat_aeqe, stat_ce_lost, stat_ae_lost;

  tern_eq #(.NumAe(N)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .ce_valid_i(ce_valid), .ce_ready_o(ce_ready), .ce_i(ce),
    .ae_valid_i(ae_valid), .ae_ready_o(ae_ready), .ae_i(ae),
    .db_valid_i(db_valid), .db_ready_o(db_ready), .db_i(db),
    .db_bad_valid_o(bad_valid), .db_bad_ready_i(bad_ready), .db_bad_o(bad),
    .ctl_valid_i(ctl_valid), .ctl_ready_o(ctl_ready), .ctl_i(ctl),
    .ctl_rsp_valid_o(ctl_rsp_valid), .ctl_rsp_o(ctl_rsp),
    .wr_valid_o(wr_valid), .wr_ready_i(wr_ready), .wr_o(wr),
    .wr_rsp_valid_i(wr_rsp_valid), .wr_rsp_i(wr_rsp),
    .level_o(level), .rearm_valid_o(rearm_valid), .rearm_vec_o(rearm_vec),
    .ceq_valid_o(ceq_valid), .ceq_busy_i(ceq_busy), .fatal_o(fatal),
    .stat_ceqe_o(stat_ceqe), .stat_aeqe_o(stat_aeqe), .stat_ce_lost_o(stat_ce_lost),
    .stat_ae_lost_o(stat_ae_lost)
  );

  // -------------------------------------------------------------------------------- knobs

  int unsigned seed, total;
  int unsigned ce_pct, ae_pct, db_pct, ctl_pct, wr_pct, bad_pct, lat, ceqs;
  int unsigned refuse_ppm;
  bit          refuse_aeq;
  longint      cycle;
  int          ops, entries, lost, bads, ctls, fulls, holes, overflows, drains;

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  // ------------------------------------------------------------------------------- entries

  typedef struct {
    logic [63:0]  addr;
    logic [127:0] data;
    int unsigned  num;
  } entry_t;
  typedef struct {
    int unsigned num;
    longint      due;
  } flight_t;

  entry_t  want_entries [$];
  flight_t flights [$];
  int unsigned visible [EqCount];
  int      want_ceqe, want_aeqe, seen_ceqe, seen_aeqe, want_lost, seen_lost;

  task automatic completion_event();
    entry_t e;
    longint unsigned addr;
    int unsigned polarity, overflow;
    tern_hw_pkg::tern_hw_ceqe_t q = '0;
    ops++;
    if (eq_model_event(32'(ce.ceq), addr, polarity, overflow) == 0) begin
      want_lost++;
      return;
    end
    q.w.cqn      = ce.cqn;
    q.w.polarity = polarity[0];
    e.addr = addr;
    e.data = {64'd0, q};
    e.num  = 32'(ce.ceq);
    want_entries.push_back(e);
    want_ceqe++;
  endtask

  task automatic async_event(tern_pkg::ae_req_t a);
    entry_t e;
    longint unsigned addr;
    int unsigned polarity, overflow;
    tern_hw_pkg::tern_hw_aeqe_t q = '0;
    ops++;
    if (eq_model_event(Aeq, addr, polarity, overflow) == 0) begin
      want_lost++;
      return;
    end
    q.detail        = a.detail;
    q.info.id       = a.id;
    q.info.code     = a.code;
    q.info.source   = a.source;
    q.info.overflow = overflow[0];
    q.info.polarity = polarity[0];
    overflows += int'(overflow);
    e.addr = addr;
    e.data = q;
    e.num  = Aeq;
    want_entries.push_back(e);
    want_aeqe++;
  endtask

  task automatic own_event();
    tern_pkg::ae_req_t a = dut.own_ae;
    if (eq_model_own(32'(a.id), 32'(a.code)) == 0)
      $fatal(1, "report %h of CEQ %0d without a reason", a.code, a.id);
    if (a.source != tern_hw_pkg::TERN_HW_AE_SOURCE_CEQ || a.detail != 0) $fatal(1, "wrong report");
    if (a.code == tern_hw_pkg::TERN_HW_AE_CODE_CEQ_WRITE) holes++;
    else fulls++;
    async_event(a);
  endtask

  task automatic take_entry();
    entry_t  e;
    flight_t f;
    if (want_entries.size() == 0) $fatal(1, "write of %h, which nobody asked for", wr.addr);
    e = want_entries.pop_front();
    if (wr.addr != e.addr || wr.data != {384'd0, e.data} || 32'(wr.tag) != e.num ||
        32'(wr.len) != (e.num == Aeq ? 16 : 8) || !wr.last)
      $fatal(1, "EQ %0d: entry %h at %h, wanted %h at %h", e.num, wr.data[127:0], wr.addr, e.data,
             e.addr);
    f.num = e.num;
    f.due = cycle + (lat == 0 ? 0 : longint'($urandom_range(lat)));
    flights.push_back(f);
    visible[e.num]++;
    entries++;
  endtask

  bit          rsp_valid_q, rsp_err_q;
  int unsigned rsp_num_q;
  bit          want_fatal;

  task automatic answer_write();
    wr_rsp_valid <= 0;
    if (flights.size() != 0 && flights[0].due <= cycle && (wr_pct == 100 || pct(80))) begin
      flight_t f = flights.pop_front();
      bit err = f.num == Aeq ? refuse_aeq : $urandom_range(999999) < refuse_ppm;
      wr_rsp_valid <= 1;
      wr_rsp.tag   <= 8'(f.num);
      wr_rsp.err   <= err;
    end
  endtask

  // ----------------------------------------------------------------------------- doorbells

  bit          want_rearm, want_bad;
  int unsigned want_vec, want_code, want_page;

  task automatic doorbell();
    tern_hw_pkg::tern_hw_db_eq_t w = db.word;
    int unsigned num = w.w.aeq ? Aeq : 32'(w.w.num);
    int unsigned code = eq_model_doorbell(32'(w.w.aeq), 32'(w.w.num), w.w.index);
    ops++;
    if (code != 0) begin
      want_bad  = 1;
      want_code = code;
      want_page = 32'(db.page);
    end else if (w.w.arm) begin
      want_rearm = 1;
      want_vec   = eq_model_vec(num);
    end
  endtask

  task automatic take_bad();
    bads++;
    if (!want_bad || 32'(bad.code) != want_code || 32'(bad.page) != want_page ||
        bad.offset != tern_hw_pkg::TERN_HW_DB_EQ)
      $fatal(1, "doorbell refused with %h, wanted %0d, %h", bad.code, want_bad, want_code);
    want_bad = 0;
  endtask

  task automatic offer_db();
    tern_hw_pkg::tern_hw_db_eq_t w = '0;
    int unsigned num = $urandom_range(ceqs), how = $urandom_range(9);
    db_valid <= 0;
    if (!pct(db_pct)) return;
    if (num == ceqs) num = Aeq;
    if (eq_model_exists(num) != 0) begin
      int unsigned from = 32'(eq_model_consumed(num));
      if (visible[num] < from) from = visible[num];
      if (how < 7) w.w.index = visible[num];
      else w.w.index = $urandom_range(visible[num], from);
      if (pct(3)) w.w.index = pct(50) ? from - 1 : visible[num] + 3000;
    end
    w.w.num = 8'(num);
    w.w.aeq = num == Aeq;
    w.w.arm = pct(60);
    if (pct(2)) w.w.num = 8'($urandom);
    // The indexes count modulo 2^24
    w.w.index &= 32'h00ff_ffff;
    db.page  <= 10'($urandom);
    db.word  <= w;
    db_valid <= 1;
  endtask

  // ------------------------------------------------------------------------------ commands

  bit          ctl_on, ctl_acted;
  int unsigned ctl_op, ctl_num, ctl_code;
  longint unsigned ctl_ring;
  int unsigned ctl_log, ctl_vec;
  bit          ctl_aeq;
  int unsigned next_ring;
  bit          next_valid, next_aeq;
  int unsigned next_op, next_num, next_log, next_vec;

  task automatic set_ctl(int unsigned op, bit aeq, int unsigned num, longint unsigned ring,
                         int unsigned log_size, int unsigned vec);
    tern_hw_pkg::tern_hw_cqp_eq_wqe_t q = '0;
    tern_hw_pkg::tern_hw_cqp_wqe_t h;
    q.ring          = ring;
    q.attr.log_size = 5'(log_size);
    q.attr.vec      = vec[5:0];
    q.attr.rsvd_14  = 50'(vec[7:6]);
    h = q;
    h.hdr.id  = 24'(num);
    ctl.op    <= tern_pkg::ctl_op_e'(op);
    ctl.aeq   <= aeq;
    ctl.wqe   <= h;
    ctl_valid <= 1;
    ctl_on    = 1;
    ctl_acted = 0;
    ctl_op    = op;
    ctl_aeq   = aeq;
    ctl_num   = num;
    ctl_ring  = ring;
    ctl_log   = log_size;
    ctl_vec   = vec;
  endtask

  task automatic offer_ctl();
    int unsigned num = $urandom_range(ceqs), what = $urandom_range(60), op, log_size, vec;
    longint unsigned ring;
    bit aeq;
    if (ctl_on) return;
    next_ring++;
    ring = longint'(next_ring) << 26;
    if (next_valid) begin
      set_ctl(next_op, next_aeq, next_num, ring, next_log, next_vec);
      next_valid = 0;
      return;
    end
    if (!pct(ctl_pct)) return;
    aeq      = num == ceqs;
    op       = (eq_model_exists(aeq ? Aeq : num) == 0) ? 0 : pct(70) ? 1 : 2;
    if (pct(8)) op = $urandom_range(2);
    if (aeq) num = 0;
    log_size = $urandom_range(7, 4);
    vec      = $urandom_range(5);
    case (what)
      0: num      = $urandom_range(200);
      1: num      = $urandom;
      2: log_size = $urandom_range(3);
      3: log_size = $urandom_range(31, 21);
      4: ring     = ring ^ (64'd1 << $urandom_range(11));
      5: vec      = $urandom_range(255, 64);
      6: vec      = $urandom_range(63);
      default: ;
    endcase
    num &= 32'h00ff_ffff;
    set_ctl(op, aeq, num, ring, log_size, vec);
  endtask

  task automatic command_acts();
    if (!ctl_on || ctl_acted) $fatal(1, "command acts twice");
    ops++;
    ctl_acted = 1;
    ctl_code  = eq_model_command(ctl_op, 32'(ctl_aeq), ctl_num, ctl_ring, ctl_log, ctl_vec,
                                 32'(ctl_num < 32 && ceq_busy[ctl_num[4:0]]));
    if (ctl_code == 0 && ctl_op == 0) visible[ctl_aeq ? Aeq : ctl_num] = 0;
  endtask

  task automatic take_ctl_rsp();
    int unsigned got = {ctl_rsp.major, ctl_rsp.minor};
    int unsigned num = ctl_aeq ? Aeq : ctl_num;
    ctls++;
    if (!ctl_acted || got != ctl_code || ctl_rsp.result != 0)
      $fatal(1, "command %0d of EQ %0d answered %h, wanted %h", ctl_op, num, got, ctl_code);
    ctl_on = 0;
    if (ctl_op == 2 && got == 0) begin
      foreach (want_entries[i])
        if (want_entries[i].num == num) $fatal(1, "EQ %0d: destroyed with an entry", num);
      foreach (flights[i])
        if (flights[i].num == num) $fatal(1, "EQ %0d: destroyed with a write under way", num);
    end
  endtask

  // ------------------------------------------------------------------------------ one cycle

  bit                   wr_stuck_q, bad_stuck_q;
  logic [$bits(wr)-1:0] wr_last_q;

  task automatic offer_events();
    tern_pkg::ae_req_t a;
    if (!ce_valid || ce_ready) begin
      ce_valid <= pct(ce_pct);
      ce.ceq   <= 5'($urandom_range(pct(2) ? 31 : ceqs - 1));
      ce.cqn   <= 24'($urandom);
    end
    for (int unsigned i = 0; i < N; i++) begin
      if (!ae_valid[i] || ae_ready[i]) begin
        ae_valid[i] <= pct(ae_pct);
        a = {$urandom, $urandom, $urandom, $urandom[11:0]};
        ae[i] <= a;
      end
    end
  endtask

  task automatic check_ports();
    longint unsigned levels = eq_model_levels();
    if (level != levels) $fatal(1, "levels %h, wanted %h", level, levels);
    if (rearm_valid != want_rearm || want_rearm && 32'(rearm_vec) != want_vec)
      $fatal(1, "re-arm %0d of vector %0d, wanted %0d, %0d", rearm_valid, rearm_vec, want_rearm,
             want_vec);
    want_rearm = 0;
    if ((fatal != 0) != want_fatal) $fatal(1, "fatal %0d", fatal);
    for (int unsigned i = 0; i < 32; i++)
      if (ceq_valid[i] != (eq_model_exists(i) != 0)) $fatal(1, "CEQ %0d exists or not", i);
    if (wr_stuck_q && !(wr_valid && wr == wr_last_q)) $fatal(1, "write changed");
    if (bad_stuck_q && !bad_valid) $fatal(1, "refused doorbell taken back");
    wr_stuck_q  = wr_valid && !wr_ready;
    wr_last_q   = wr;
    bad_stuck_q = bad_valid && !bad_ready;
    if (idle && (want_entries.size() != 0 || flights.size() != 0 || ctl_on || want_bad ||
                 ce_valid || ae_valid != 0 || db_valid || eq_model_own_left() != 0))
      $fatal(1, "idle with work inside");
  endtask

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      ce_valid     <= 0;
      ae_valid     <= 0;
      db_valid     <= 0;
      ctl_valid    <= 0;
      wr_rsp_valid <= 0;
      {wr_ready, bad_ready} <= 0;
      {wr_stuck_q, bad_stuck_q} = 0;
    end else begin
      check_ports();
      seen_ceqe += 32'(stat_ceqe);
      seen_aeqe += 32'(stat_aeqe);
      seen_lost += 32'(stat_ce_lost) + 32'(stat_ae_lost);
      if (bad_valid && bad_ready) take_bad();
      if (wr_valid && wr_ready) take_entry();
      // At most one of these in a cycle
      if (wr_rsp_valid) want_fatal |= eq_model_landed(32'(wr_rsp.tag), 32'(wr_rsp.err)) != 0;
      if (dut.op == OpCtl) command_acts();
      if (db_valid && db_ready) doorbell();
      if (ce_valid && ce_ready) completion_event();
      for (int i = 0; i < int'(N); i++) if (ae_valid[i] && ae_ready[i]) async_event(ae[i]);
      if (dut.op == OpAe && dut.src_grant[1]) own_event();
      if (32'(wr_rsp_valid) + 32'(db_valid && db_ready) + 32'(ce_valid && ce_ready) +
          $countones(ae_valid & ae_ready) > 1)
        $fatal(1, "two operations in a cycle");

      if (ctl_rsp_valid) take_ctl_rsp();
      drains += 32'(dut.state_q == StDrain);
      answer_write();
      offer_events();
      if (!db_valid || db_ready) offer_db();
      if (ctl_valid && ctl_ready) ctl_valid <= 0;
      offer_ctl();
      wr_ready  <= pct(wr_pct);
      bad_ready <= pct(bad_pct);
    end
  end

  // ---------------------------------------------------------------------------------- phases

  task automatic settle();
    int unsigned n = 0;
    {ce_pct, ae_pct, db_pct, ctl_pct} = '0;
    @(negedge clk);
    while (!(idle && !ctl_on)) begin
      @(negedge clk);
      n++;
      if (n > 200000) $fatal(1, "does not come to rest");
    end
    if (want_entries.size() != 0 || want_bad || eq_model_own_left() != 0)
      $fatal(1, "left: %0d entries", want_entries.size());
    if (seen_ceqe != want_ceqe || seen_aeqe != want_aeqe || seen_lost != want_lost)
      $fatal(1, "statistics: %0d CEQEs of %0d, %0d AEQEs of %0d, %0d lost of %0d", seen_ceqe,
             want_ceqe, seen_aeqe, want_aeqe, seen_lost, want_lost);
  endtask

  task automatic phase(int unsigned n, int unsigned c, int unsigned a, int unsigned d,
                       int unsigned k, int unsigned w, int unsigned latency, int unsigned queues);
    int until_ops;
    longint start;
    for (int unsigned i = 0; i < queues; i++)
      if (eq_model_exists(i) == 0) command(0, 0, i, 4 + i % 3, i % 6);
    if (eq_model_exists(Aeq) == 0) command(0, 1, 0, 5, 0);
    until_ops = ops + int'(n);
    start   = cycle;
    ce_pct  = c;
    ae_pct  = a;
    db_pct  = d;
    ctl_pct = k;
    wr_pct  = w;
    bad_pct = w;
    lat     = latency;
    ceqs    = queues;
    while (ops < until_ops) begin
      @(negedge clk);
      if ($urandom_range(200) == 0) ceq_busy = $urandom & $urandom;
      if (cycle - start > 200 * longint'(n) + 100000) $fatal(1, "stuck");
    end
    settle();
  endtask

  task automatic command(int unsigned op, bit aeq, int unsigned num, int unsigned log_size,
                         int unsigned vec);
    @(negedge clk);
    next_op    = op;
    next_aeq   = aeq;
    next_num   = num;
    next_log   = log_size;
    next_vec   = vec;
    next_valid = 1;
    while (next_valid || ctl_on) @(negedge clk);
  endtask

  task automatic reset();
    @(negedge clk);
    rst = 1;
    eq_model_reset();
    want_fatal = 0;
    want_rearm = 0;
    want_entries.delete();
    flights.delete();
    foreach (visible[i]) visible[i] = 0;
    repeat (3) @(negedge clk);
    rst = 0;
  endtask

  // A refused write of the AEQ stops the device until it is reset
  task automatic aeq_refused();
    if (eq_model_exists(Aeq) == 0) command(0, 1, 0, 6, 1);
    refuse_aeq = 1;
    phase(400, 20, 20, 30, 0, 60, 10, 4);
    refuse_aeq = 0;
    if (fatal != tern_hw_pkg::TERN_HW_FATAL_DMA_WRITE) $fatal(1, "fatal %0d", fatal);
    phase(400, 20, 20, 30, 10, 60, 10, 4);
    if (fatal != tern_hw_pkg::TERN_HW_FATAL_DMA_WRITE) $fatal(1, "fatal went away");
    reset();
    if (fatal != 0) $fatal(1, "fatal after reset");
    phase(2000, 20, 20, 30, 10, 60, 10, 4);
  endtask

  task automatic measure();
    longint start;
    int first;
    real per;
    refuse_ppm = 0;
    for (int unsigned i = 0; i < 4; i++) begin
      if (eq_model_exists(i) != 0) begin
        ceq_busy = 0;
        command(2, 0, i, 0, 0);
      end
      command(0, 0, i, 12, i);
    end
    ceqs   = 4;
    wr_pct = 100;
    lat    = 0;
    repeat (3) @(negedge clk);
    ce_pct = 100;
    start  = cycle;
    first  = entries;
    while (entries - first < 2000) @(negedge clk);
    per = real'(cycle - start) / 2000.0;
    settle();
    // Its answer takes every second operation
    if (per > 2.05) $fatal(1, "too slow: %f cycles per event", per);
    $display("eq: cycles per event, with its answer from the bus: %.2f", per);
  endtask

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", total)) total = 200000;
    void'($urandom(int'(seed)));
    clk = 0;
    rst = 1;
    ceqs = 4;
    ceq_busy = 0;
    reset();

    refuse_ppm = 300;
    for (int i = 0; i < 7; i++) begin
      int unsigned n = total / 7;
      case (i)
        0: phase(n, 40, 10, 30, 10, 70, 20, 8);
        1: phase(n, 100, 30, 60, 2, 100, 5, 32);  // full rate
        2: phase(n, 60, 3, 1, 0, 100, 5, 4);      // slow consumer: overflows
        3: phase(n, 30, 30, 30, 100, 70, 30, 3);  // many commands
        4: phase(n, 50, 20, 50, 5, 10, 100, 6);   // slow bus
        5: phase(n, 3, 1, 5, 1, 90, 10, 10);      // sparse
        default: phase(n, $urandom_range(100), $urandom_range(50), $urandom_range(100, 10),
                       $urandom_range(30), $urandom_range(100, 10), $urandom_range(50), 5);
      endcase
    end
    aeq_refused();
    $display("eq: %0d operations, %0d entries, %0d lost, %0d overflow marks, %0d reports of full and %0d of ended CEQs, %0d bad doorbells, %0d commands, %0d cycles of drain",
             ops, entries, want_lost, overflows, fulls, holes, bads, ctls, drains);
    if (fulls == 0 || holes == 0 || overflows == 0 || bads == 0 || drains == 0)
      $fatal(1, "something was not tried");
    measure();
    $finish;
  end

endmodule
