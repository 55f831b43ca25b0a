// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_rh with a real list of outstanding requests, between a random segmenter, random peers,
// timers that run out at random, and a control that brings QPs back to life after an error. The
// block says in which order it takes requests and what it saw of the list in each step (which is
// checked against what was pushed); tb_rh_pkg says what must come of it. Checked: every item,
// rollback, timer command, wake, kick and report, every line that is written, the counters, and
// that in the end nothing is left undone.
//
// First, directed parts: throughput and latency, one ACK for 100 requests, and the rules one by one
// with what must come of each written down here.

module tb_rh;
  import tb_rh_pkg::*;

  localparam int unsigned QpnW   = tern_pkg::QpnW;
  localparam int          Shared = 256;
  localparam int          BadQp  = 15;    // its line cannot be read
  localparam int          OutW   = 118;

  bit clk, rst;
  always #2 clk = !clk;

  logic                   idle;
  logic                   rx_valid, rx_ready;
  tern_pkg::rx_pkt_t      rx;
  logic [1:0]             err_valid, err_ready;
  logic [1:0][45:0]       err;
  logic                   kick_valid, kick_ready, ck_valid, ck_ready;
  logic [QpnW-1:0]        kick_qpn, ck_qpn;
  logic                   left_valid, left_ready;
  logic [QpnW-1:0]        left_qpn;
  logic [23:0]            left_psn;
  logic                   snd_valid;
  logic [QpnW-1:0]        snd_qpn;
  logic [23:0]            snd_psn;
  logic                   peek_valid, peek_ready, peek_rsp_valid, peek_empty, pop_valid, pop_ready;
  logic [QpnW-1:0]        peek_qpn, pop_qpn;
  logic [OutW-1:0]        peek_entry;
  logic [8:0]             peek_count, peek_marks, count, marks;
  logic                   fire_valid, fire_ready, fire_rnr;
  logic [QpnW-1:0]        fire_qpn;
  logic [1:0]             fire_gen;
  logic                   cmd_valid, cmd_ready, cmd_ack, cmd_rnr;
  logic [QpnW-1:0]        cmd_qpn;
  logic [4:0]             cmd_timeout;
  logic [1:0]             cmd_gen;
  logic [31:0]            cmd_delta;
  logic                   cc_valid, cc_ready;
  logic [QpnW-1:0]        cc_qpn;
  logic [4:0]             cc_timeout;
  logic [1:0]             cc_gen;
  logic [23:0]            cc_psn;
  logic [15:0]            cc_done;
  logic                   item_valid, item_ready, back_valid, back_ready, wake_valid, wake_ready;
  tern_pkg::pl_item_t     item;
  tern_pkg::rollback_t    back;
  logic [QpnW-1:0]        wake_qpn, drained_qpn;
  logic                   fail_valid, fail_ready, drained_valid, drained_ready, prog_valid;
  tern_pkg::qp_err_t      qp_fail;
  tern_pkg::progress_t    come;
  logic                   cb_valid, cb_ready;
  logic [QpnW-1:0]        cb_qpn;
  logic                   ci_valid, ci_ready, ci_rsp_valid;
  tern_pkg::qp_item_t     ci;
  tern_pkg::qp_item_rsp_t ci_rsp;
  logic                   hmc_valid, hmc_ready, hmc_rsp_valid, stat_hit, stat_miss;
  tern_pkg::hmc_req_t     hmc;
  tern_pkg::hmc_rsp_t     hmc_rsp;
  logic                   st_ack, st_seq, st_rnr, st_err, st_rsp, st_gap, st_stray, st_timeout;
  logic                   push_valid, push_ready, push_mark, push_lost, room;
  logic [3:0]             push_qpn, count_qpn, drop_qpn;
  tern_pkg::out_req_t     push_entry;
  logic                   drop_valid, drop_ready, drop_done, pool_idle;

  tern_rh #(.Qps(Qps), .Sets(4), .Ways(2), .Slots(4)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_i(rx),
    .req_err_valid_i(err_valid), .req_err_ready_o(err_ready), .req_err_i(err),
    .kick_valid_i(kick_valid), .kick_ready_o(kick_ready), .kick_qpn_i(kick_qpn),
    .ctl_kick_valid_i(ck_valid), .ctl_kick_ready_o(ck_ready), .ctl_kick_qpn_i(ck_qpn),
    .left_valid_i(left_valid), .left_ready_o(left_ready), .left_qpn_i(left_qpn),
    .left_psn_i(left_psn),
    .snd_valid_i(snd_valid), .snd_qpn_i(snd_qpn), .snd_psn_i(snd_psn),
    .peek_valid_o(peek_valid), .peek_ready_i(peek_ready), .peek_qpn_o(peek_qpn),
    .peek_empty_i(peek_empty), .peek_entry_i(peek_entry), .peek_count_i(14'(peek_count)),
    .pop_valid_o(pop_valid), .pop_ready_i(pop_ready), .pop_qpn_o(pop_qpn),
    .fire_valid_i(fire_valid), .fire_ready_o(fire_ready), .fire_qpn_i(fire_qpn),
    .fire_rnr_i(fire_rnr), .fire_gen_i(fire_gen),
    .cmd_valid_o(cmd_valid), .cmd_ready_i(cmd_ready), .cmd_qpn_o(cmd_qpn), .cmd_ack_o(cmd_ack),
    .cmd_rnr_o(cmd_rnr), .cmd_timeout_o(cmd_timeout), .cmd_gen_o(cmd_gen),
    .cmd_delta_o(cmd_delta),
    .ctl_cmd_valid_i(cc_valid), .ctl_cmd_ready_o(cc_ready), .ctl_cmd_qpn_i(cc_qpn),
    .ctl_cmd_timeout_i(cc_timeout), .ctl_cmd_gen_i(cc_gen),
    .ctl_cmd_psn_i(cc_psn), .ctl_cmd_done_i(cc_done),
    .ctl_back_valid_i(cb_valid), .ctl_back_ready_o(cb_ready), .ctl_back_qpn_i(cb_qpn),
    .item_valid_o(item_valid), .item_ready_i(item_ready), .item_o(item),
    .rollback_valid_o(back_valid), .rollback_ready_i(back_ready), .rollback_o(back),
    .wake_valid_o(wake_valid), .wake_ready_i(wake_ready), .wake_qpn_o(wake_qpn),
    .qp_err_valid_o(fail_valid), .qp_err_ready_i(fail_ready), .qp_err_o(qp_fail),
    .drained_valid_o(drained_valid), .drained_ready_i(drained_ready), .drained_qpn_o(drained_qpn),
    .prog_valid_o(prog_valid), .prog_o(come),
    .ctl_item_valid_i(ci_valid), .ctl_item_ready_o(ci_ready), .ctl_item_i(ci),
    .ctl_item_rsp_valid_o(ci_rsp_valid), .ctl_item_rsp_o(ci_rsp),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(hmc_ready), .hmc_o(hmc),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .stat_hit_o(stat_hit), .stat_miss_o(stat_miss), .stat_ack_o(st_ack),
    .stat_nak_seq_o(st_seq), .stat_nak_rnr_o(st_rnr), .stat_nak_err_o(st_err),
    .stat_response_o(st_rsp), .stat_gap_o(st_gap), .stat_stray_o(st_stray),
    .stat_timeout_o(st_timeout)
  );

  tern_list_pool #(.Qps(Qps), .EntryW(OutW), .Private(1'b1), .Shared(Shared)) pool (
    .clk_i(clk), .rst_i(rst), .idle_o(pool_idle),
    .push_valid_i(push_valid), .push_ready_o(push_ready), .push_qpn_i(push_qpn),
    .push_entry_i(push_entry), .push_mark_i(push_mark), .push_lost_o(push_lost),
    .count_qpn_i(count_qpn), .count_o(count), .marks_o(marks), .room_o(room), .left_o(),
    .peek_valid_i(peek_valid), .peek_ready_o(peek_ready), .peek_qpn_i(peek_qpn[3:0]),
    .peek_rsp_valid_o(peek_rsp_valid), .peek_empty_o(peek_empty), .peek_entry_o(peek_entry),
    .peek_count_o(peek_count), .peek_marks_o(peek_marks),
    .pop_valid_i(pop_valid), .pop_ready_o(pop_ready), .pop_qpn_i(pop_qpn[3:0]),
    .drop_valid_i(drop_valid), .drop_ready_o(drop_ready), .drop_qpn_i(drop_qpn),
    .drop_done_o(drop_done)
  );

  assign count_qpn = '0;

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  longint      cycle;
  int unsigned seed, goal, lat_max, slow, speed;
  bit          directed;               // no random stalls, no random requests

  // --------------------------------------------------------------------------------- HMC

  bit [511:0]         memory [Qps];
  tern_pkg::hmc_req_t accesses [$];
  longint             due [$];

  task automatic hmc_step();
    hmc_rsp_valid <= 0;
    if (accesses.size() != 0) begin
      int at = $urandom_range(accesses.size() - 1);
      if (due[at] <= cycle) begin
        tern_pkg::hmc_rsp_t rsp;
        rsp.tag  = accesses[at].tag;
        rsp.err  = accesses[at].index == 28'(BadQp) ? tern_pkg::HmcSd : tern_pkg::HmcOk;
        rsp.data = memory[accesses[at].index[3:0]];
        if (accesses[at].write) memory[accesses[at].index[3:0]] = accesses[at].data;
        hmc_rsp       <= rsp;
        hmc_rsp_valid <= 1;
        accesses.delete(at);
        due.delete(at);
      end
    end
    if (hmc_valid && hmc_ready) begin
      if (hmc.kind != tern_hw_pkg::TERN_HW_HMC_KIND_QP || hmc.line != 3'd1 || hmc.index >= 28'(Qps))
        $fatal(1, "access to kind %0d line %0d index %0d", hmc.kind, hmc.line, hmc.index);
      accesses.push_back(hmc);
      due.push_back(cycle + longint'($urandom_range(lat_max)));
    end
    hmc_ready <= pct(80);
  endtask

  // ------------------------------------------------------------------- what every QP is up to

  typedef enum int { Running, Ending, Marked, Clearing, Dropping, Renewing, Commanded } life_e;

  life_e     life [Qps];
  longint    next_psn [Qps];       // of the next entry; never wraps
  longint    next_wqe [Qps];
  longint    snd [Qps];            // one behind the highest PSN sent
  longint    snd_before [Qps];     // until
  longint    snd_at [Qps];         // this cycle
  bit        seg_stopped [Qps], gather_err [Qps];
  longint    touched [Qps];        // last cycle in which something of this QP was on its way
  longint    answer_psn [Qps];     // the next PSN that the peer answers
  bit        restarted [Qps];      // its next READ response is a First or Only
  bit        running [Qps], is_rnr_timer [Qps];
  int        timer_gen [Qps];
  int        kicks [$];
  req_t      rxq [$];
  bit        rx_live [Qps];
  int        rx_count [Qps];
  req_t      waiting [Qps][$];     // in the line, in order
  bit        held [Qps];
  seen_t     steps [Qps][$];       // of the pass that is not over
  longint    peeked [Qps];         // cycle of the last peek
  int        popped_now [Qps];     // entries taken off in steps whose pass is not over
  bit [6:0]  next_id;
  int        lives;

  function automatic void new_life(int q, int mtu);
    m[q] = '{default: 0};
    m[q].bad       = q == BadQp;
    m[q].active    = !pct(3) || directed;
    m[q].mtu       = mtu;
    m[q].priv      = pct(50);
    m[q].timeout   = $urandom_range(31);
    m[q].retry_cnt = pct(30) ? $urandom_range(7) : 7;
    m[q].rnr_retry = pct(50) ? $urandom_range(7) : 7;
    m[q].pd        = 24'($urandom);
    m[q].scq       = 24'($urandom);
    m[q].gen       = $urandom_range(3);
    m[q].retries   = m[q].retry_cnt;
    m[q].rnr_tries = m[q].rnr_retry;
    m[q].una       = 64'h4000000 + (pct(50) ? 64'hffff00 + 64'($urandom_range(255))
                                            : 64'($urandom & 24'hffffff));
    m[q].done      = 65536 * 4 + 64'($urandom & 16'hffff);
    next_psn[q]    = m[q].una;
    next_wqe[q]    = m[q].done;
    snd[q]         = m[q].una;
    snd_before[q]  = m[q].una;
    answer_psn[q]  = m[q].una;
    restarted[q]   = 0;
    seg_stopped[q] = 0;
    gather_err[q]  = 0;
    running[q]     = 0;
    held[q]        = 0;
    entries[q].delete();
    steps[q].delete();
    want_back[q].delete();
    lives++;
  endfunction

  // Nothing of this QP is on its way
  function automatic bit quiet(int q);
    return waiting[q].size() == 0 && rx_count[q] == 0 && !letter[q].kick && !letter[q].err &&
           !letter[q].any && letters_of(q) == 0 && cycle - touched[q] > 60 && kicks_of(q) == 0 &&
           !(fire_valid && int'(fire_qpn) == q) && !(push_valid && int'(push_qpn) == q) &&
           !(err_valid[0] && err[0][45:32] == QpnW'(q)) &&
           !(err_valid[1] && err[1][45:32] == QpnW'(q)) && !(ck_valid && int'(ck_qpn) == q) &&
           !(left_valid && int'(left_qpn) == q);
  endfunction

  function automatic int kicks_of(int q);
    int n = 0;
    foreach (kicks[i]) n += 32'(kicks[i] == q);
    foreach (want_kick[i]) n += 32'(want_kick[i] == q);
    if (kick_valid && int'(kick_qpn) == q) n++;
    return n;
  endfunction

  function automatic int backs_of(int q);
    int n = want_back[q].size() + 32'(back_any[q]);
    foreach (backs_out[i]) n += 32'(backs_out[i].q == q);
    return n;
  endfunction

  // ---------------------------------------------------------------- letters: kicks and errors

  typedef struct {
    bit          any, kick, err, left;
    bit [23:0]   psn;
    bit [15:0]   wqe;
    bit [7:0]    status;
    bit [5:0]    reason;
    int          q;
    longint      at;         // cycle of the newest post
  } letter_t;

  letter_t letter [Qps];
  letter_t letters [$];     // taken out of the box, not yet by the line

  function automatic int letters_of(int q);
    int n = 0;
    foreach (letters[i]) n += 32'(letters[i].q == q);
    return n;
  endfunction

  // Rollbacks: in the box, and taken out
  back_t back_now [Qps];
  bit    fire_asked;            // by the script
  bit    back_any [Qps], back_void [Qps];
  int    voids, voids_over;     // asked for by the control; in place of a rollback
  back_t backs_out [$];

  task automatic box_step();
    if (dut.u_backs.take) begin
      int q = int'(dut.u_backs.head);
      if (!back_any[q]) $fatal(1, "cycle %0d: rollback of %0d from nowhere", cycle, q);
      if (!back_void[q]) backs_out.push_back(back_now[q]);
      back_any[q]  = 0;
      back_void[q] = 0;
    end
    if (dut.u_backs.post) begin
      int q = int'(dut.rollback_at_q.qpn);
      if (dut.void_q) begin
        if (life[q] != Clearing || want_back[q].size() != 0) $fatal(1, "nobody asked for %0d", q);
        voids++;
        if (back_any[q]) voids_over++;
        back_any[q]  = 1;
        back_void[q] = 1;
      end else if (want_back[q].size() == 0) $fatal(1, "cycle %0d: no rollback of %0d is due", cycle, q);
      else begin
        back_now[q] = want_back[q].pop_front();
        back_any[q] = 1;
      end
    end
    if (dut.u_event.u_box.take) begin
      int q = int'(dut.u_event.u_box.head);
      if (!letter[q].any) $fatal(1, "cycle %0d: a letter of %0d from nowhere", cycle, q);
      letter[q].q = q;
      letters.push_back(letter[q]);
      letter[q] = '{default: 0};
    end
    for (int s = 0; s < 6; s++) begin
      int      q;
      letter_t l = '{default: 0};
      if (!dut.u_event.post_grant[s] || !dut.u_event.post_valid || !dut.u_event.post_ready)
        continue;
      case (s)
        0, 1: begin
          q        = int'(err[s][45:32]);
          l.err    = 1;
          l.wqe    = err[s][31:16];
          l.status = err[s][15:8];
          l.reason = err[s][5:0];
        end
        2: begin
          q      = int'(kick_qpn);
          l.kick = 1;
        end
        3: q = int'(ck_qpn);
        5: begin
          q      = int'(left_qpn);
          l.left = 1;
          l.psn  = left_psn;
        end
        default: begin
          q = int'(dut.self_qpn_q);
          if (want_kick.size() == 0 || want_kick[0] != q) $fatal(1, "kick of %0d by itself", q);
          void'(want_kick.pop_front());
        end
      endcase
      touched[q]     = cycle;
      letter[q].any  = 1;
      letter[q].at   = cycle;
      letter[q].kick = letter[q].kick || l.kick;
      if (l.left) begin
        letter[q].left = 1;
        letter[q].psn  = l.psn;
      end
      if (l.err && (!letter[q].err || 16'(l.wqe - letter[q].wqe) >= 16'h8000)) begin
        letter[q].err    = 1;
        letter[q].wqe    = l.wqe;
        letter[q].status = l.status;
        letter[q].reason = l.reason;
      end
    end
  endtask

  // ------------------------------------------------------------ requests taken, and their passes

  int  taken, finished, rx_taken;
  bit  wb_due;
  int  wb_q;

  task automatic take_step();
    req_t r;
    if (!(dut.req_valid && dut.req_ready)) return;
    r = '{default: 0};
    r.q = int'(dut.req_qpn);
    if (rx_valid && rx_ready) begin
      r = rxq.pop_front();
      rx_count[r.q]--;
      rx_taken++;
    end else if (fire_valid && fire_ready) begin
      r.what = Timer;
      r.q    = int'(fire_qpn);
      r.rnr  = fire_rnr;
      r.gen  = int'(fire_gen);
    end else begin
      letter_t l;
      if (letters.size() == 0) $fatal(1, "an event without a letter");
      l = letters.pop_front();
      if (l.q != r.q) $fatal(1, "a letter of %0d, not of %0d", r.q, l.q);
      r.what   = Event;
      r.kick   = l.kick;
      r.err    = l.err;
      r.left   = l.left;
      r.psn    = l.psn;
      r.wqe    = l.wqe;
      r.status = l.status;
      r.reason = l.reason;
      r.at     = l.at;
    end
    taken++;
    touched[r.q] = cycle;
    waiting[r.q].push_back(r);
  endtask

  task automatic see_step();
    int    q = int'(dut.qpn);
    seen_t s;
    int    now, recent = 0;
    if (peek_valid && peek_ready) peeked[int'(peek_qpn)] = cycle;
    if (!dut.step) return;
    if (waiting[q].size() == 0) $fatal(1, "cycle %0d: a step of %0d, nothing waits", cycle, q);
    s.empty = dut.head_empty;
    s.count = int'(dut.head_count);
    if (dut.need_q) begin
      now = entries[q].size() - popped_now[q];
      for (int i = 0; i < entries[q].size(); i++) recent += 32'(entries[q][i].pushed >= peeked[q]);
      if (waiting[q][0].what == Event && peeked[q] <= waiting[q][0].at)
        $fatal(1, "cycle %0d: an event of %0d is older than what it sees of the list", cycle, q);
      if (s.empty != (s.count == 0)) $fatal(1, "empty and count");
      if (s.count != now - recent)
        $fatal(1, "cycle %0d: %0d entries of %0d seen, there are %0d", cycle, s.count, q, now);
    end else begin
      s.empty = 1;
      s.count = 0;
    end
    if (dut.snd_q == 24'(snd[q])) s.snd = snd[q];
    else if (dut.snd_q == 24'(snd_before[q]) && cycle - snd_at[q] < 4) s.snd = snd_before[q];
    else if (dut.need_q && !s.empty) $fatal(1, "cycle %0d: snd of %0d", cycle, q);
    steps[q].push_back(s);
    if (dut.pop) popped_now[q]++;
    if (dut.last_step) begin
      req_t r = waiting[q][0];
      bit   again;
      r.resumed = held[q];
      if (r.resumed != dut.out_resumed) $fatal(1, "resumed");
      seen = steps[q];
      steps[q].delete();
      again = pass(r);
      if (again != dut.more) $fatal(1, "cycle %0d: put back %0d: %p, %p", cycle, again, r, m[q]);
      if (pops != popped_now[q]) 
        $fatal(1, "cycle %0d: %0d entries of %0d taken off, not %0d", cycle, popped_now[q], q, pops);
      held[q]       = again;
      popped_now[q] = 0;
      touched[q]    = cycle;
      if (!again) begin
        void'(waiting[q].pop_front());
        finished++;
      end
      wb_q = q;
      wb_due = dut.usable;
    end
  endtask

  int begun = -1;   // its timer was commanded in the cycle before

  // Packets of the oldest entry that are acknowledged
  function automatic longint part_of(int q);
    if (entries[q].size() == 0 || entries[q][0].kind == Local || m[q].una < entries[q][0].first)
      return 0;
    return m[q].una - entries[q][0].first;
  endfunction

  task automatic see_line();
    if (begun >= 0) begin
      // The control has begun a life
      if (!prog_valid || wb_due || int'(come.qpn) != begun || come.una != 24'(m[begun].una) ||
          come.done != 16'(m[begun].done) || come.part != 0) $fatal(1, "progress at the beginning");
      begun = -1;
    end else if (wb_due != prog_valid && !dut.last_step) $fatal(1, "line not written");
    else if (prog_valid) begin
      tern_hw_pkg::tern_hw_qp_rh_t l = dut.ctx_q;
      l.cq.err_side = 0;
      if (l != line_of(wb_q))
        $fatal(1, "cycle %0d: line of %0d: %h, not %h", cycle, wb_q, l, line_of(wb_q));
      if (come.una != 24'(m[wb_q].una) || come.done != 16'(m[wb_q].done) ||
          int'(come.qpn) != wb_q || come.part != 24'(part_of(wb_q)))
        $fatal(1, "progress of %0d: %p", wb_q, come);
    end
  endtask

  // ------------------------------------------------------------------------------ the outputs

  item_t  got_item [$];
  cmd_t   got_cmd [$];
  int     got_wake [$];
  fail_t  got_fail [$];
  int     got_drained [$];
  int     got_stat [8];
  int     items, rollbacks, commands, wakes, fails;
  longint item_seen;      // cycle of the newest item
  bit     item_held, back_held, fail_held;
  tern_pkg::pl_item_t  item_last;
  tern_pkg::rollback_t back_last;
  item_t  last_item;
  cmd_t   last_cmd;
  tern_pkg::rollback_t last_back;
  bit     marker_back [Qps];
  int     cc_waits;

  task automatic outputs_step();
    if (item_held && (!item_valid || item != item_last)) $fatal(1, "item changed");
    if (back_held && (!back_valid || back != back_last)) $fatal(1, "rollback changed");
    item_held = item_valid && !item_ready;
    item_last = item;
    back_held = back_valid && !back_ready;
    back_last = back;
    if (item_valid && item_ready) begin
      item_t i = '{default: 0};
      tern_hw_pkg::tern_hw_cqe_t c = item.cqe;
      i.q      = int'(item.qpn);
      i.marker = item.marker;
      i.pkt    = item.pkt;
      i.cqe    = item.cqe_valid;
      i.silent = item.cqe_silent;
      i.id     = item.id;
      i.place  = {item.line, item.lane};
      i.len    = item.target == tern_pkg::TgSq ? int'(item.len) : 0;
      i.offset = item.offset;
      i.wqe    = item.wqe;
      i.last   = item.wqe_last;
      i.swap   = item.key[0];
      i.opcode = c.info.opcode;
      i.cqe_len = c.len;
      i.pd     = item.pd;
      i.scq    = item.cqn;
      i.priv   = item.priv;
      if (item.side != tern_pkg::PlRh || item.inv || item.job_valid || item.ack_valid)
        $fatal(1, "item with parts of others");
      if (item.target != tern_pkg::TgSq &&
          (item.target != tern_pkg::TgNone || item.len != 0 || item.wqe_last))
        $fatal(1, "target %0d", item.target);
      if (item.cqe_valid && (c.info.qpn != 24'(item.qpn) || c.info.status != 0 || c.info.rq ||
                             c.peer.wqe_index != item.wqe || c.imm != 0)) $fatal(1, "CQE");
      got_item.push_back(i);
      item_seen = cycle;
      items++;
      last_item = i;
      if (i.marker) marker_back[i.q] = 1;
    end
    if (cmd_valid && cmd_ready) begin
      int q = int'(cmd_qpn);
      cmd_t c = '{q: q, ack: cmd_ack, rnr: cmd_rnr, timeout: int'(cmd_timeout), gen: int'(cmd_gen),
                  delta: longint'(cmd_delta)};
      running[q]      = cmd_ack || cmd_rnr;
      is_rnr_timer[q] = cmd_rnr;
      timer_gen[q]    = c.gen;
      if (life[q] == Commanded) cc_waits = 0;
      else got_cmd.push_back(c);
      last_cmd = c;
      commands++;
    end
    if (wake_valid && wake_ready) begin
      got_wake.push_back(int'(wake_qpn));
      wakes++;
    end
    if (drained_valid && drained_ready) got_drained.push_back(int'(drained_qpn));
    if (fail_valid && fail_ready) begin
      fail_t f = '{q: int'(qp_fail.qpn), wqe_valid: qp_fail.wqe_valid, wqe: qp_fail.wqe,
                   status: qp_fail.status, reason: qp_fail.reason};
      if (qp_fail.ae_code != tern_hw_pkg::TERN_HW_AE_CODE_QP_FATAL || qp_fail.rq) $fatal(1, "report");
      got_fail.push_back(f);
      fails++;
    end
    if (back_valid && back_ready) begin
      int q = int'(back.qpn);
      back_t b;
      rollbacks++;
      last_back = back;
      if (backs_out.size() == 0) $fatal(1, "cycle %0d: rollback of %0d from nowhere", cycle, q);
      b = backs_out.pop_front();
      if (b.q != q || b.wqe != back.wqe || b.psn != back.psn || b.offset != back.offset)
        $fatal(1, "cycle %0d: rollback %p, not %p", cycle, back, b);
      answer_psn[q] = m[q].una + longint'(24'(back.psn - 24'(m[q].una)));
      if (24'(back.psn - 24'(m[q].una)) >= 24'h800000) answer_psn[q] = m[q].una;
      restarted[q]  = 1;
      if (pct(70)) running[q] = 1;     // as the first packet leaves
      touched[q] = cycle;
    end
    got_stat[0] += 32'(st_ack);
    got_stat[1] += 32'(st_seq);
    got_stat[2] += 32'(st_rnr);
    got_stat[3] += 32'(st_err);
    got_stat[4] += 32'(st_rsp);
    got_stat[5] += 32'(st_gap);
    got_stat[6] += 32'(st_stray);
    got_stat[7] += 32'(st_timeout);
  endtask

  task automatic compare();
    while (got_item.size() != 0 && want_item.size() != 0) begin
      item_t g = got_item.pop_front();
      item_t w = want_item.pop_front();
      bit ok;
      ok = g.q == w.q && g.marker == w.marker && g.pkt == w.pkt && g.cqe == w.cqe && g.len == w.len &&
           (!g.pkt || g.id == w.id) && (w.len == 0 || (g.place == w.place && g.offset == w.offset &&
           g.last == w.last && g.swap == w.swap && g.pd == w.pd && g.priv == w.priv)) &&
           ((w.len == 0 && !w.cqe) || g.wqe == w.wqe) &&
           (!w.cqe || (g.silent == w.silent && g.opcode == w.opcode && g.cqe_len == w.cqe_len &&
                       g.scq == w.scq));
      if (!ok) $fatal(1, "cycle %0d: item %p, not %p", cycle, g, w);
    end
    while (got_cmd.size() != 0 && want_cmd.size() != 0) begin
      cmd_t g = got_cmd.pop_front();
      cmd_t w = want_cmd.pop_front();
      if (g.q != w.q || g.ack != w.ack || g.rnr != w.rnr || g.timeout != w.timeout ||
          g.gen != w.gen || (w.rnr && g.delta != w.delta))
        $fatal(1, "cycle %0d: command %p, not %p", cycle, g, w);
    end
    while (got_wake.size() != 0 && want_wake.size() != 0) begin
      if (got_wake.pop_front() != want_wake.pop_front()) $fatal(1, "cycle %0d: wake", cycle);
    end
    while (got_drained.size() != 0 && want_drained.size() != 0) begin
      if (got_drained.pop_front() != want_drained.pop_front()) $fatal(1, "cycle %0d: drained", cycle);
    end
    while (got_fail.size() != 0 && want_fail.size() != 0) begin
      fail_t g = got_fail.pop_front();
      fail_t w = want_fail.pop_front();
      if (g.q != w.q || g.wqe_valid != w.wqe_valid || (w.wqe_valid && g.wqe != w.wqe) ||
          g.status != w.status || g.reason != w.reason)
        $fatal(1, "cycle %0d: report %p, not %p", cycle, g, w);
    end
    if (got_item.size() > 20 || got_cmd.size() > 3 || got_wake.size() > 3 || got_fail.size() > 3 ||
        want_item.size() > 20 || want_cmd.size() > 3 || want_wake.size() > 3 || want_kick.size() > 3)
      $fatal(1, "cycle %0d: outputs %0d %0d %0d %0d, wanted %0d %0d %0d %0d", cycle, got_item.size(),
             got_cmd.size(), got_wake.size(), got_fail.size(), want_item.size(), want_cmd.size(),
             want_wake.size(), want_kick.size());
  endtask

  // --------------------------------------------------------------------------- the segmenter

  entry_t   push_now;
  int       push_for;
  int       fill_for, fill_left;
  entry_t   script [$];

  task automatic seg_step();
    int q;
    snd_valid <= 0;
    if (push_valid && push_ready) begin
      push_now.pushed = cycle;
      entries[push_for].push_back(push_now);
      touched[push_for] = cycle;
      if (push_now.kind == Local) kicks.push_back(push_for);
      push_valid <= 0;
    end
    if (push_lost) $fatal(1, "push lost");
    if (script.size() != 0 && !push_valid) begin
      push(ScriptQp, script.pop_front());
      fill_for = ScriptQp;
    end else if (fill_left != 0 && !push_valid) begin
      entry_t e = '{default: 0};
      e.kind     = Acked;
      e.signaled = 1;
      e.wqe      = next_wqe[fill_for];
      e.slots    = 1;
      e.first    = next_psn[fill_for];
      e.last     = e.first;
      push(fill_for, e);
      fill_left--;
    end else if (fill_left == 0 && script.size() == 0 && directed && !push_valid && !drain &&
                 snd[fill_for] != next_psn[fill_for]) begin
      set_snd(fill_for, next_psn[fill_for]);
    end
    if (directed || drain) return;
    q = $urandom_range(Qps - 1);
    if (life[q] != Running || m[q].bad) return;
    if (snd[q] < next_psn[q] && cycle - snd_at[q] > 6 && pct(60)) begin
      // Packets of entries in the list leave; in order, all of the list for the last part
      longint to = pct(50) ? next_psn[q] : rnd(snd[q] + 1, next_psn[q]);
      if (push_valid && push_for == q && push_now.kind != Local) return;
      set_snd(q, to);
    end else if (!push_valid && !seg_stopped[q] && pct(speed)) begin
      entry_t e = some_entry(q);
      int total = 0;
      for (int i = 0; i < Qps; i++) total += entries[i].size();
      if (total > Shared - 20 || next_psn[q] - m[q].una > 4000) return;
      push(q, e);
    end
  endtask

  task automatic set_snd(int q, longint to);
    snd_before[q] = snd[q];
    snd[q]        = to;
    snd_at[q]     = cycle;
    snd_valid    <= 1;
    snd_qpn      <= QpnW'(q);
    snd_psn      <= 24'(to);
    if (!running[q] && pct(50) && !directed) begin
      running[q]      = 1;
      is_rnr_timer[q] = 0;
    end
  endtask

  task automatic push(int q, entry_t e);
    tern_pkg::out_req_t o;
    o.kind      = tern_pkg::out_kind_e'(e.kind);
    o.opcode    = e.opcode;
    o.signaled  = e.signaled;
    o.status    = e.status;
    o.wqe       = 16'(e.wqe);
    o.slots     = 3'(e.slots);
    o.first_psn = 24'(e.first);
    o.last_psn  = 24'(e.last);
    o.length    = 32'(e.length);
    if (e.kind == Local) {o.first_psn, o.last_psn} = {24'($urandom), 24'($urandom)};
    push_valid <= 1;
    push_qpn   <= 4'(q);
    push_entry <= o;
    push_mark  <= e.kind == Read || e.kind == Atomic;
    push_now    = e;
    push_for    = q;
    next_wqe[q] = e.wqe + longint'(e.slots);
    if (e.kind != Local) next_psn[q] = e.last + 1;
  endtask

  function automatic entry_t some_entry(int q);
    entry_t e = '{default: 0};
    longint mtu = longint'(128) << m[q].mtu;
    e.kind     = pct(55) ? Acked : pct(50) ? Read : pct(50) ? Atomic : Local;
    e.opcode   = 8'($urandom);
    e.signaled = pct(60);
    e.wqe      = next_wqe[q];
    e.slots    = $urandom_range(5, 1);
    e.first    = next_psn[q];
    case (e.kind)
      Local:  e.status = pct(2) ? 8'd6 : 8'd0;
      Atomic: e.length = 8;
      default: begin
        e.length = pct(20) ? 0 : pct(50) ? longint'($urandom_range(int'(mtu))) :
                   longint'($urandom_range(9)) * mtu + longint'($urandom_range(int'(mtu)));
      end
    endcase
    e.last = e.length <= mtu ? e.first : e.first + (e.length + mtu - 1) / mtu - 1;
    return e;
  endfunction

  // ------------------------------------------------------------------------------- the peers

  function automatic req_t packet(int q, bit [7:0] opcode, bit [7:0] syndrome, longint psn, int len);
    req_t r = '{default: 0};
    r.what     = Pkt;
    r.q        = q;
    r.opcode   = opcode;
    r.syndrome = syndrome;
    r.psn      = 24'(psn);
    r.len      = len;
    r.id       = next_id;
    r.place    = pct(20) ? 16'($urandom_range(63)) :
                 pct(50) ? {10'($urandom), 6'($urandom_range(8))} : 16'($urandom);
    return r;
  endfunction

  function automatic longint rnd(longint from, longint to);
    return to <= from ? from : from + longint'($urandom_range(int'(to - from)));
  endfunction

  req_t answer;

  // The answer to PSN p in `answer`, as the peer would give it; 0 if it is no PSN of an entry
  function automatic bit answer_to(int q, longint p);
    req_t r;
    for (int i = 0; i < entries[q].size(); i++) begin
      entry_t e = entries[q][i];
      if (e.kind == Local || p < e.first || p > e.last) continue;
      if (e.kind == Acked) r = packet(q, 8'd17, 8'h1f & 8'($urandom), p, 0);
      else if (e.kind == Atomic) r = packet(q, 8'd18, 8'h1f, p, 0);
      else begin
        longint mtu  = longint'(128) << m[q].mtu;
        longint left = e.length - (p - e.first) * mtu;
        bit     first = p == e.first || restarted[q];
        r = packet(q, left > mtu ? (first ? 8'd13 : 8'd14) : (first ? 8'd16 : 8'd15), 8'h1f, p,
                   left > mtu ? int'(mtu) : int'(left));
      end
      answer = r;
      return 1;
    end
    return 0;
  endfunction

  function automatic bit [7:0] answers(int q, longint p);
    return answer_to(q, p) ? answer.opcode : 8'd0;
  endfunction

  task automatic send(req_t r);
    rxq.push_back(r);
    rx_count[r.q]++;
    next_id++;
  endtask

  task automatic peer_step();
    int   q = $urandom_range(Qps - 1);
    req_t r;
    int   dice = $urandom_range(999);
    if (directed || drain || rxq.size() > 12 || life[q] != Running) return;
    if (m[q].bad && !pct(5)) return;
    if (answer_psn[q] < m[q].una) answer_psn[q] = m[q].una;
    if (dice < 700) begin
      // As it should be; an ACK may stand for several, up to the next READ or atomic
      longint p = answer_psn[q];
      if (p >= snd[q]) begin
        if (pct(30)) answer_psn[q] = m[q].una;
        return;
      end
      if (pct(40)) begin
        longint to = rnd(p, snd[q] - 1);
        while (p < to && answers(q, p) == 17 && answers(q, p + 1) == 17) p++;
      end
      if (answer_to(q, p)) begin
        r = answer;
        send(r);
        if (pct(4)) send(r);      // twice
        restarted[q] = 0;
      end
      answer_psn[q] = p + 1;
    end else if (dice < 760) answer_psn[q] = rnd(answer_psn[q], snd[q]);   // lost
    else if (dice < 800) begin
      if (answer_to(q, rnd(m[q].una, snd[q]))) send(answer);                 // out of order
    end else if (dice < 840) send(packet(q, 8'd17, 8'h1f, rnd(m[q].una, snd[q]), 0));
    else if (dice < 880) begin
      longint p = rnd(m[q].una, snd[q]);
      if (pct(40)) p = m[q].una;
      send(packet(q, 8'd17, 8'h60, p, 0));
      if (pct(30)) send(packet(q, 8'd17, 8'h60, p, 0));
    end else if (dice < 920) begin
      longint p = pct(50) ? m[q].una : rnd(m[q].una, snd[q]);
      send(packet(q, 8'd17, 8'h20 | 8'($urandom_range(31)), p, 0));
      answer_psn[q] = p;
    end else if (dice < 935) send(packet(q, 8'd17, 8'h1f, rnd(m[q].una - 40, m[q].una - 1), 0));
    else if (dice < 942) send(packet(q, 8'd17, 8'h1f, rnd(snd[q], snd[q] + 40), 0));
    else if (dice < 948)
      send(packet(q, 8'(13 + $urandom_range(5)), 8'($urandom), longint'($urandom), m[q].mtu));
    else if (dice < 950)
      send(packet(q, 8'd17, 8'h61 + 8'($urandom_range(4)), rnd(m[q].una, snd[q]), 0));
    else if (dice < 954) begin
      // Almost right
      if (answer_to(q, m[q].una)) begin
        int how = $urandom_range(3);
        r = answer;
        case (how)
          0: r.opcode = 8'(13 + $urandom_range(5));
          1: r.len = r.len ^ (1 << $urandom_range(12));
          2: r.len = 0;
          default: r.syndrome = 8'($urandom);
        endcase
        send(r);
      end
    end
  endtask

  task automatic rx_step();
    if (rx_valid && !rx_ready) return;
    rx_valid <= 0;
    if (rxq.size() != 0 && pct(slow)) begin
      req_t r = rxq[0];
      tern_pkg::rx_pkt_t p;
      p.marker = r.what == Marker;
      p.id     = r.id;
      {p.line, p.lane} = r.place;
      p.len    = 14'(r.len);
      p.qpn    = QpnW'(r.q);
      p.opcode = r.opcode;
      p.psn    = r.psn;
      for (int i = 0; i < 7; i++) p.ext[32*i +: 32] = $urandom;
      p.ext[7:0] = r.syndrome;
      {p.solicited, p.ack_req, p.pad, p.ecn, p.ipv4} = 6'($urandom);
      {p.vlan, p.tci} = 17'($urandom);
      rx       <= p;
      rx_valid <= 1;
    end
  endtask

  // ------------------------------------------------------------- timers, kicks, errors of entries

  task automatic others_step();
    int q = $urandom_range(Qps - 1);
    if (fire_valid && fire_ready) fire_valid <= 0;
    if (fire_asked) begin
      fire_asked  = 0;
      fire_valid <= 1;
      fire_qpn   <= QpnW'(ScriptQp);
      fire_rnr   <= asked_rnr;
      fire_gen   <= asked_gen;
    end
    if ((!fire_valid || fire_ready) && running[q] && !directed && !drain && life[q] == Running &&
        pct(2)) begin
      fire_valid <= 1;
      fire_qpn   <= QpnW'(q);
      fire_rnr   <= is_rnr_timer[q];
      fire_gen   <= 2'(timer_gen[q]);
      running[q]  = 0;
    end
    if (left_valid && left_ready) left_valid <= 0;
    if ((!left_valid || left_ready) && !directed && !drain && life[q] == Running && pct(2) &&
        (snd[q] > m[q].una || pct(5))) begin
      left_valid <= 1;
      left_qpn   <= QpnW'(q);
      left_psn   <= 24'(pct(95) ? rnd(m[q].una, snd[q] - 1) : rnd(m[q].una - 20, snd[q] + 20));
    end
    if (kick_valid && kick_ready) kick_valid <= 0;
    if ((!kick_valid || kick_ready) && kicks.size() != 0 && pct(50)) begin
      kick_valid <= 1;
      kick_qpn   <= QpnW'(kicks.pop_front());
    end
    for (int s = 0; s < 2; s++) begin
      tern_pkg::req_err_t x;
      int e = $urandom_range(Qps - 1);
      if (err_valid[s] && err_ready[s]) err_valid[s] <= 0;
      if ((err_valid[s] && !err_ready[s]) || directed || drain || life[e] != Running ||
          $urandom_range(9999) > 8) continue;
      if (s == 0 ? seg_stopped[e] : gather_err[e]) continue;
      x.qpn    = QpnW'(e);
      x.status = s == 0 ? 8'd2 : pct(50) ? 8'd4 : 8'd21;
      x.reason = s == 0 ? 8'd3 : pct(50) ? 8'd4 : 8'd14;
      if (s == 0) begin
        if (push_valid && push_for == e) continue;
        x.wqe = 16'(next_wqe[e]);
        seg_stopped[e] = 1;
      end else begin
        if (entries[e].size() == 0) continue;
        x.wqe = 16'(entries[e][$urandom_range(entries[e].size() - 1)].wqe);
        if (pct(5)) x.wqe = 16'(m[e].done - 1);
        gather_err[e] = 1;
      end
      err[s]       <= x;
      err_valid[s] <= 1;
    end
    item_ready    <= directed || pct(slow);
    back_ready    <= directed || (pct(slow / 2) && !(ctl_busy && hold_backs &&
                     (life[ctl_q] == Ending || life[ctl_q] == Marked ||
                      (life[ctl_q] == Clearing && !back_void[ctl_q]))));
    wake_ready    <= directed || pct(slow);
    cmd_ready     <= directed || pct(95);
    fail_ready    <= directed || pct(slow);
    drained_ready <= directed || pct(slow);
  endtask

  // -------------------------------------------------------------------------------- control
  //
  // One QP at a time: marker, drop its list, renew its line, timeout to the timer. Or `draining`.

  int  ctl_q;
  bit  ctl_busy, ctl_drain, ctl_hold, drain;
  bit  renew_sent, hold_backs;

  task automatic ctl_step();
    if (ci_valid && ci_ready) ci_valid <= 0;
    if (drop_valid && drop_ready) drop_valid <= 0;
    if (cb_valid && cb_ready) cb_valid <= 0;
    if (cc_valid && cc_ready) begin
      cc_valid <= 0;
      begun = int'(cc_qpn);
    end
    if (ck_valid && ck_ready) ck_valid <= 0;
    if (directed) return;
    if (!ctl_busy) begin
      int q = $urandom_range(Qps - 1);
      bit dead = m[q].stopped || !m[q].active;
      if (life[q] == Running && (dead || $urandom_range(9999) < 2) && !drain) begin
        ctl_busy = 1;
        ctl_q    = q;
        life[q]  = Ending;
        hold_backs = pct(50);    // they wait until the control asks for them
      end else if (!dead && life[q] == Running && $urandom_range(999) < (m[q].held ? 50 : 2) &&
                   !m[q].bad &&
                   quiet(q) && !drain) begin
        ctl_busy  = 1;
        ctl_hold  = m[q].held || pct(60);   // suspends or resumes
        ctl_drain = 1;
        ctl_q     = q;
        life[q]   = Renewing;
        renew_sent = 0;
      end
      return;
    end
    case (life[ctl_q])
      Ending: if (quiet(ctl_q)) begin
        req_t r = '{default: 0};
        r.what = Marker;
        r.q    = ctl_q;
        marker_back[ctl_q] = 0;
        send(r);
        life[ctl_q] = Marked;
      end
      Marked: if (marker_back[ctl_q] && quiet(ctl_q)) begin
        cb_valid <= 1;
        cb_qpn   <= QpnW'(ctl_q);
        life[ctl_q] = Clearing;
      end
      Clearing: if (cb_valid && cb_ready) begin
        if (backs_of(ctl_q) != 0) $fatal(1, "a rollback of %0d waits", ctl_q);
        drop_valid <= 1;
        drop_qpn   <= 4'(ctl_q);
        life[ctl_q] = Dropping;
      end
      Dropping: if (drop_done) begin
        life[ctl_q] = Renewing;
        renew_sent  = 0;
      end
      Renewing: begin
        if (!renew_sent) begin
          tern_pkg::qp_item_t x = '{default: 0};
          tern_hw_pkg::tern_hw_qp_rh_t mask = '0;
          x.qpn = QpnW'(ctl_q);
          if (ctl_hold) begin
            tern_hw_pkg::tern_hw_qp_rh_t to = '1;
            {mask.conn.held, mask.conn.rearm} = '1;
            to.conn.held = !m[ctl_q].held;
            x.mask = mask;
            x.data = to;
          end else if (ctl_drain) begin
            mask.conn.draining = 1;
            x.mask = mask;
            x.data = '1;
          end else begin
            x.mask = '1;
          end
          ci_before  = line_of(ctl_q);
          if (ctl_hold) begin
            m[ctl_q].held  = !m[ctl_q].held;
            m[ctl_q].rearm = 1;
          end else if (ctl_drain) m[ctl_q].draining = 1;
          else begin
            new_life(ctl_q, $urandom_range(5, 1));
            x.data = line_of(ctl_q);
          end
          x.drop = pct(20);
          ci       <= x;
          ci_valid <= 1;
          renew_sent = 1;
        end else if (ci_rsp_valid) begin
          tern_hw_pkg::tern_hw_qp_rh_t l = ci_rsp.line;
          l.cq.err_side = 0;
          if (ci_rsp.err != (m[ctl_q].bad ? tern_pkg::HmcSd : tern_pkg::HmcOk))
            $fatal(1, "item failed");
          if (!m[ctl_q].bad && l != ci_before) $fatal(1, "line of %0d as the control sees it", ctl_q);
          if (ctl_drain) begin
            ck_valid <= 1;
            ck_qpn   <= QpnW'(ctl_q);
            ctl_drain = 0;
            ctl_hold  = 0;
            ctl_busy  = 0;
            touched[ctl_q] = cycle;
            life[ctl_q] = Running;
          end else begin
            cc_valid   <= 1;
            cc_qpn     <= QpnW'(ctl_q);
            cc_timeout <= 5'(m[ctl_q].timeout);
            cc_gen     <= 2'(m[ctl_q].gen);
            cc_psn     <= 24'(m[ctl_q].una);
            cc_done    <= 16'(m[ctl_q].done);
            cc_waits    = 1;
            life[ctl_q] = Commanded;
          end
        end
      end
      Commanded: if (cc_waits == 0) begin
        if (running[ctl_q]) $fatal(1, "timer not off");
        ctl_busy = 0;
        life[ctl_q] = Running;
        touched[ctl_q] = cycle;
      end
      default: ;
    endcase
  endtask

  bit [511:0] ci_before;

  // ------------------------------------------------------------------------------- the run

  bit sweep_done;
  longint started, moved_at;
  int     moved_count;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      {rx_valid, err_valid, kick_valid, ck_valid, left_valid, snd_valid, fire_valid, cc_valid, ci_valid} <= '0;
      {cb_valid, push_valid, drop_valid, hmc_ready, hmc_rsp_valid, item_ready, back_ready} <= '0;
      {wake_ready, cmd_ready, fail_ready, drained_ready} <= '0;
      started <= cycle;
    end else if (!sweep_done) begin
      sweep_done <= cycle - started > 64'd300;
    end else begin
      if (cycle % 3000 == 0) begin
        slow  = directed ? 100 : pct(30) ? 15 : pct(50) ? 60 : 100;
        speed = pct(40) ? 100 : 30;
      end
      see_line();
      wb_due = 0;
      outputs_step();
      box_step();
      see_step();
      take_step();
      compare();
      seg_step();
      peer_step();
      rx_step();
      others_step();
      ctl_step();
      hmc_step();
      if (idle && (rxq.size() != 0 && rx_valid)) $fatal(1, "idle with a packet at the port");
      for (int q = 0; q < Qps; q++) begin
        if (idle && (waiting[q].size() != 0 || letter[q].any || backs_of(q) != 0))
          $fatal(1, "cycle %0d: idle with work of %0d", cycle, q);
      end
      if (finished != moved_count) begin
        moved_count <= finished;
        moved_at    <= cycle;
      end else if (cycle - moved_at > 20000) begin
        $fatal(1, "cycle %0d: nothing moves, the control is at %0d", cycle, ctl_q);
      end
    end
  end

  // ------------------------------------------------------------------------- directed parts

  task automatic wait_finished(int n);
    while (finished < n) @(negedge clk);
    repeat (12) @(negedge clk);
  endtask

  task automatic fill(int q, int n);
    fill_for  = q;
    fill_left = n;
    while (fill_left != 0 || snd[q] != next_psn[q]) @(negedge clk);
    repeat (12) @(negedge clk);
  endtask

  // A QP over the wrap of PSNs and of the buffer, step by step; mtu 256
  localparam int     ScriptQp = 3;
  localparam longint Start    = 64'h4fffffe;

  task automatic scripted(int kind, longint length, longint packets);
    entry_t e = '{default: 0};
    e.kind     = kind;
    e.opcode   = 8'(kind);
    e.signaled = 1;
    e.slots    = 1;
    e.wqe      = script_wqe;
    e.first    = script_psn;
    e.last     = script_psn + packets - 1;
    e.length   = length;
    script.push_back(e);
    script_psn = script_psn + packets;
    script_wqe++;
  endtask

  longint script_psn, script_wqe;
  int     items_were, backs_were, cmds_were;

  // The packet at PSN Start + at; what it must come to: una, and how many more entries are complete
  task automatic answer_at(bit [7:0] opcode, bit [7:0] syndrome, int at, int len, int una,
                           int n_items, int n_backs, int n_cmds);
    req_t r = packet(ScriptQp, opcode, syndrome, Start + longint'(at), len);
    r.place    = 16'd4;      // an atomic result lies before the start of the buffer
    items_were = items;
    backs_were = rollbacks;
    cmds_were  = commands;
    send(r);
    wait_finished(finished + 1);
    if (m[ScriptQp].una != Start + longint'(una) || items != items_were + n_items ||
        rollbacks != backs_were + n_backs || commands != cmds_were + n_cmds)
      $fatal(1, "opcode %0d at %0d: una %0d, %0d items, %0d rollbacks, %0d commands", opcode, at,
             m[ScriptQp].una - Start, items - items_were, rollbacks - backs_were,
             commands - cmds_were);
  endtask

  task automatic went_back_to(int at, int wqe, int offset);
    if (last_back.psn != 24'(Start + longint'(at)) ||
        last_back.wqe != 16'(script_wqe + longint'(wqe) - 6) ||
        last_back.offset != 32'(offset)) $fatal(1, "rollback to %0d: %p", at, last_back);
  endtask

  task automatic script_part();
    script_psn = Start;
    script_wqe = next_wqe[ScriptQp];
    scripted(Acked, 1000, 4);      // 0 to 3
    scripted(Acked, 10, 1);        // 4
    scripted(Read, 600, 3);        // 5 to 7
    scripted(Atomic, 8, 1);        // 8
    scripted(Acked, 300, 2);       // 9, 10
    scripted(Read, 0, 1);          // 11
    while (script.size() != 0 || snd[ScriptQp] != Start + 12) @(negedge clk);
    repeat (12) @(negedge clk);
    answer_at(17, 8'h1f, 12, 0, 0, 1, 0, 0);      // ahead of what was sent
    answer_at(17, 8'h1f, -1, 0, 0, 1, 0, 0);      // ghost
    answer_at(17, 8'h1f, 1, 0, 2, 1, 0, 1);       // within a message, up to PSN ffffff
    if (!last_cmd.ack) $fatal(1, "the timer runs");
    answer_at(17, 8'h60, 3, 0, 3, 1, 1, 1);       // NAK within
    went_back_to(3, 0, 768);
    if (last_cmd.ack || last_cmd.rnr) $fatal(1, "the timer waits for the first packet");
    answer_at(17, 8'h1f, 4, 0, 5, 2, 0, 1);       // two entries at once
    answer_at(13, 8'h1f, 5, 256, 6, 1, 0, 1);     // READ: First
    if (last_item.len != 256 || last_item.offset != 0 || last_item.last) $fatal(1, "READ data");
    answer_at(15, 8'h1f, 7, 88, 6, 1, 1, 1);      // a gap
    went_back_to(6, 2, 256);
    answer_at(15, 8'h1f, 7, 88, 6, 1, 0, 0);      // only once
    answer_at(17, 8'h1f, 8, 0, 6, 1, 0, 0);
    answer_at(13, 8'h1f, 6, 256, 7, 1, 0, 1);     // begins anew
    answer_at(13, 8'h1f, 6, 256, 7, 1, 0, 0);     // a duplicate
    answer_at(15, 8'h1f, 7, 88, 8, 1, 0, 1);      // Last
    if (last_item.len != 88 || last_item.offset != 512 || !last_item.last || !last_item.cqe ||
        last_item.cqe_len != 600) $fatal(1, "end of the READ");
    answer_at(17, 8'h1f, 10, 0, 8, 1, 1, 1);      // jumps over the atomic
    went_back_to(8, 3, 0);
    answer_at(18, 8'h1f, 8, 0, 9, 1, 0, 1);
    if (!last_item.swap || last_item.len != 8 || last_item.place != 16'hfffc ||
        last_item.cqe_len != 8)
      $fatal(1, "atomic result");
    answer_at(17, 8'h2d, 10, 0, 10, 1, 0, 1);     // RNR, code 13
    if (!last_cmd.rnr || last_cmd.delta != 960000) $fatal(1, "RNR time");
    answer_at(17, 8'h2d, 10, 0, 10, 1, 0, 0);     // once more
    answer_at(17, 8'h60, 10, 0, 10, 1, 0, 0);     // nothing goes back now
    answer_at(16, 8'h1f, 11, 0, 12, 2, 0, 1);     // acknowledges the SEND, ends the READ of 0 bytes
    if (last_cmd.ack || last_cmd.rnr || last_item.len != 0 || !last_item.cqe) $fatal(1, "the end");
    retries_part();
  endtask

  // A timer of ScriptQp runs out
  bit         asked_rnr;
  bit [1:0]   asked_gen;

  task automatic fire(bit rnr, int gen, int n_backs, int n_cmds);
    backs_were = rollbacks;
    cmds_were  = commands;
    @(negedge clk);
    fire_asked = 1;
    asked_rnr  = rnr;
    asked_gen  = 2'(gen);
    wait_finished(finished + 1);
    if (fire_valid || rollbacks != backs_were + n_backs || commands != cmds_were + n_cmds)
      $fatal(1, "timer: %0d rollbacks, %0d commands", rollbacks - backs_were, commands - cmds_were);
  endtask

  task automatic retries_are(int n);
    if (m[ScriptQp].retries != n) $fatal(1, "%0d retries left, not %0d", m[ScriptQp].retries, n);
  endtask

  // What costs a retry, and what gives all back; retry_cnt is 1
  task automatic retries_part();
    int old;
    scripted(Acked, 700, 3);       // 12 to 14
    scripted(Acked, 10, 1);        // 15
    while (script.size() != 0 || snd[ScriptQp] != Start + 16) @(negedge clk);
    repeat (12) @(negedge clk);
    retries_are(1);
    answer_at(17, 8'h60, 12, 0, 12, 1, 1, 1);     // NAK without progress
    retries_are(0);
    answer_at(17, 8'h1f, 12, 0, 13, 1, 0, 1);     // progress gives all back
    retries_are(1);
    answer_at(17, 8'h60, 12, 0, 13, 1, 0, 0);     // a late NAK, of what is acknowledged
    answer_at(17, 8'h61, 12, 0, 13, 1, 0, 0);     // a late final one too
    retries_are(1);
    old = m[ScriptQp].gen;
    fire(0, old, 1, 1);                           // a timeout
    if (last_back.psn != 24'(Start + 13) || last_back.offset != 256) $fatal(1, "%p", last_back);
    retries_are(0);
    fire(0, old, 0, 0);                           // an event that was overtaken
    answer_at(17, 8'h1f, 13, 0, 14, 1, 0, 1);
    retries_are(1);
    answer_at(17, 8'h25, 14, 0, 14, 1, 0, 1);     // RNR within a message
    if (!last_cmd.rnr || last_cmd.delta != 60000) $fatal(1, "RNR time");
    fire(0, m[ScriptQp].gen, 0, 0);               // it is not the ACK timer that runs
    fire(1, m[ScriptQp].gen, 1, 1);
    if (last_back.psn != 24'(Start + 14) || last_back.offset != 512) $fatal(1, "%p", last_back);
    retries_are(1);
    answer_at(17, 8'h1f, 15, 0, 16, 2, 0, 1);     // one ACK for both
    answer_at(17, 8'h1f, 16, 0, 16, 1, 0, 0);     // of a PSN that was never sent
  endtask

  task automatic directed_part();
    longint t0, t1;
    int     n0;
    // Latency of a hit
    fill(1, 66);
    send(packet(1, 8'd17, 8'h1f, m[1].una, 0));
    wait_finished(1);
    send(packet(1, 8'd17, 8'h1f, m[1].una, 0));
    @(posedge clk iff (rx_valid && rx_ready));
    t0 = cycle;
    @(posedge clk iff item_valid);
    $display("latency of an ACK that hits: item in cycle %0d after it was taken", cycle - t0);
    wait_finished(2);
    // One ACK for each of 64 entries
    for (int i = 0; i < 64; i++) send(packet(1, 8'd17, 8'h1f, m[1].una + longint'(i), 0));
    t0 = cycle;
    n0 = items;
    while (items < n0 + 64) @(negedge clk);
    $display("64 ACKs of one QP, an entry each: %0d cycles", cycle - t0);
    if (cycle - t0 > 64 * 3 + 16) $fatal(1, "too slow");
    wait_finished(66);
    // One for 100
    fill(2, 100);
    send(packet(2, 8'd17, 8'h1f, m[2].una + 99, 0));
    t0 = cycle;
    n0 = items;
    while (items < n0 + 100) @(negedge clk);
    $display("one ACK for 100 entries: %0d cycles", cycle - t0);
    // two entries each, alternating QPs
    wait_finished(67);
    fill(1, 64);
    fill(2, 64);
    send(packet(2, 8'd17, 8'h1f, m[2].una, 0));
    wait_finished(68);
    send(packet(1, 8'd17, 8'h1f, m[1].una, 0));
    wait_finished(69);
    for (int i = 0; i < 63; i++) begin
      send(packet(1, 8'd17, 8'h1f, m[1].una + longint'(i), 0));
      send(packet(2, 8'd17, 8'h1f, m[2].una + longint'(i), 0));
    end
    t0 = cycle;
    n0 = items;
    while (items < n0 + 126) @(negedge clk);
    $display("126 ACKs of two QPs, an entry each: %0d cycles", cycle - t0);
    wait_finished(69 + 126);
    script_part();
  endtask

  string cov_names [NumCov] = '{
    "AckMany", "AckPart", "Implied", "ImpliedAgain", "NakSeq", "NakSeqPart", "NakNoRetry",
    "Rnr", "RnrOut", "RnrForever", "RnrAgain", "NakInv", "NakAccess", "NakOp", "Read",
    "ReadLast", "ReadZero", "ReadGap", "ReadImpliesAck", "Atomic", "AtomicLine",
    "AtomicRing", "AtomicWrong", "BadKind", "BadLen", "BadOrder", "Stray", "Late", "Ghost",
    "Timeout", "RetryOut", "Stale", "RnrOver", "Local", "LocalBad", "LocalBehind",
    "ErrNow", "ErrLater", "ErrLate", "ErrOlder", "Hold", "Drained", "Context", "Dead",
    "Wrap", "Off", "Marker", "Held", "Suspend", "Resume", "Left", "LeftMany"};

  initial begin
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", goal) == 0) goal = 100000;
    void'($urandom(seed));
    lat_max  = 40;
    directed = 1;
    slow     = 100;
    speed    = 100;
    for (int q = 0; q < Qps; q++) begin
      new_life(q, $urandom_range(5, 1));
      if (q == ScriptQp) begin
        m[q].una      = Start;
        m[q].mtu      = 1;
        m[q].rnr_retry = 3;
        m[q].rnr_tries = 3;
        m[q].retry_cnt = 1;
        m[q].retries   = 1;
        next_psn[q]   = Start;
        snd[q]        = Start;
        snd_before[q] = Start;
        answer_psn[q] = Start;
      end
      timer_gen[q] = m[q].gen;
      memory[q]    = line_of(q);
      dut.snd_psn[q] = 24'(snd[q]);
    end
    rst = 1;
    repeat (4) @(negedge clk);
    rst = 0;
    while (!sweep_done) @(negedge clk);
    directed_part();
    directed = 0;
    while (finished < int'(goal)) @(negedge clk);
    // Let all that is on its way come to its end
    drain = 1;
    while (rxq.size() != 0 || ctl_busy) begin
      @(negedge clk);
    end
    directed = 1;
    repeat (2000) @(negedge clk);
    for (int q = 0; q < Qps; q++) begin
      if (waiting[q].size() != 0 || backs_of(q) != 0 || letter[q].any)
        $fatal(1, "work of %0d left over", q);
      if (m[q].active && !m[q].stopped && !m[q].bad && entries[q].size() != 0 &&
          entries[q][0].kind == Local) $fatal(1, "a local operation of %0d is forgotten", q);
      if (m[q].active && !m[q].stopped && !m[q].bad && m[q].draining && entries[q].size() == 0)
        $fatal(1, "%0d is drained", q);
    end
    if (want_item.size() + want_cmd.size() + want_wake.size() + want_kick.size() + want_fail.size() +
        want_drained.size() + got_item.size() + got_cmd.size() + got_wake.size() + got_fail.size() +
        got_drained.size() + letters.size() != 0) $fatal(1, "outputs left over");
    if (!idle) $fatal(1, "not idle");
    $display("%0d times the control asked for rollbacks, %0d took the place of one", voids, voids_over);
    if (goal >= 100000 && (voids == 0 || voids_over == 0)) $fatal(1, "no rollback was void");
    if (got_stat[0] != n_ack || got_stat[1] != n_seq || got_stat[2] != n_rnr || got_stat[3] != n_err ||
        got_stat[4] != n_rsp || got_stat[5] != n_gap || got_stat[6] != n_stray || got_stat[7] != n_timeout)
      $fatal(1, "counters %p", got_stat);
    for (int i = 0; i < NumCov; i++) begin
      $write("%s %0d  ", cov_names[i], cov[i]);
      if (cov[i] == 0 && goal >= 100000) $fatal(1, "%s was never met", cov_names[i]);
    end
    $display("");
    $display("%0d requests, %0d cycles: %0d items, %0d rollbacks, %0d commands, %0d wakes, %0d errors, %0d lives",
             finished, cycle, items, rollbacks, commands, wakes, fails, lives);
    $finish;
  end
endmodule
