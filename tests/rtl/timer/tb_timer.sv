// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_timer against a model of each timer: random commands and starts, the clock in steps and in
// leaps to wake_at_o. Checked: no event before its deadline, without a running timer or with the
// generation of an older command; every event within the bound after its deadline; wake_at_o never
// later than a deadline; nothing due while idle.

module tb_timer;
  localparam int unsigned Qps    = 64;
  localparam int unsigned Groups = 8;
  localparam int unsigned Bound  = 4 * (Qps + Groups);  // the scan is held up by commands too

  bit clk, rst;
  always #2 clk = !clk;

  logic        idle, cmd_valid, cmd_ready, cmd_ack, cmd_rnr, start_valid, start_ready;
  logic        fire_valid, fire_ready, fire_rnr;
  logic [63:0] now, wake_at;
  logic [5:0]  cmd_qpn, start_qpn, fire_qpn;
  logic [4:0]  cmd_timeout;
  logic [1:0]  cmd_gen, fire_gen;
  logic [31:0] cmd_delta;

  tern_timer #(
    .Qps(Qps), .Groups(Groups)
  ) dut (
    .clk_i(clk), .rst_i(rst), .now_i(now), .idle_o(idle), .wake_at_o(wake_at),
    .cmd_valid_i(cmd_valid), .cmd_ready_o(cmd_ready), .cmd_qpn_i(cmd_qpn), .cmd_ack_i(cmd_ack),
    .cmd_rnr_i(cmd_rnr), .cmd_timeout_i(cmd_timeout), .cmd_gen_i(cmd_gen),
    .cmd_delta_i(cmd_delta),
    .start_valid_i(start_valid), .start_ready_o(start_ready), .start_qpn_i(start_qpn),
    .fire_valid_o(fire_valid), .fire_ready_i(fire_ready), .fire_qpn_o(fire_qpn),
    .fire_rnr_o(fire_rnr), .fire_gen_o(fire_gen)
  );

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  // Deadlines are known to two cycles of the clock: a command is dated when it is carried out
  typedef struct {
    bit        running, rnr;
    bit        unsure;        // started when it was due: it may run once more; until a command
    bit [1:0]  gen;
    bit [4:0]  timeout;
    longint    least, most;   // the deadline is within
    longint    since;         // cycle in which it was surely due, 0: not yet
  } timer_t;

  timer_t      timers [Qps];
  longint      cycle, step;
  int unsigned seed, count, commands, fired, stale, starts;
  bit          overtaken;     // the event at the port was there before the last command
  bit          quiet;

  task automatic run_for(int unsigned q, bit rnr, longint period);
    timers[q].running = 1;
    timers[q].rnr     = rnr;
    timers[q].least   = longint'(now) + period;
    timers[q].most    = longint'(now) + 2 * step + period;
    timers[q].since   = 0;
  endtask

  task automatic take_command();
    int unsigned q = 32'(cmd_qpn);
    commands++;
    timers[q].running = 0;
    timers[q].unsure  = 0;
    timers[q].gen     = cmd_gen;
    timers[q].timeout = cmd_timeout;
    if (cmd_rnr) run_for(q, 1, longint'(cmd_delta));
    else if (cmd_ack && cmd_timeout != 0) run_for(q, 0, 64'd4096 << cmd_timeout);
  endtask

  task automatic take_start();
    int unsigned q = 32'(start_qpn);
    starts++;
    if (timers[q].running) begin
      if (longint'(now) + 2 * step >= timers[q].least) timers[q].unsure = 1;
      return;
    end
    if (timers[q].timeout == 0) return;
    run_for(q, 0, 64'd4096 << timers[q].timeout);
  endtask

  task automatic take_event();
    int unsigned q = 32'(fire_qpn);
    if (fire_gen != timers[q].gen) begin
      stale++;
      return;
    end
    if (timers[q].unsure) begin
      fired++;
      return;
    end
    if (!timers[q].running) $fatal(1, "cycle %0d: event of %0d, which is off", cycle, q);
    if (fire_rnr != timers[q].rnr) $fatal(1, "event of %0d: wrong kind", q);
    if (longint'(now) < timers[q].least)
      $fatal(1, "cycle %0d: event of %0d at %0d, due at %0d", cycle, q, now, timers[q].least);
    timers[q].running = 0;
    fired++;
  endtask

  task automatic look();
    for (int q = 0; q < int'(Qps); q++) begin
      if (!timers[q].running || timers[q].unsure) continue;
      if (idle && wake_at > 64'(timers[q].most) && timers[q].most > longint'(now))
        $fatal(1, "cycle %0d: wakes at %0d, timer %0d is due at %0d", cycle, wake_at, q,
               timers[q].most);
      if (longint'(now) > timers[q].most) begin
        if (timers[q].since == 0) timers[q].since = cycle;
        if (idle && cycle - timers[q].since > 2) $fatal(1, "idle with timer %0d due", q);
        if (cycle - timers[q].since > longint'(Bound * 4))
          $fatal(1, "cycle %0d: timer %0d was due at %0d", cycle, q, timers[q].most);
      end
    end
  endtask

  initial begin
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", count) == 0) count = 100000;
    void'($urandom(seed));
    step = 4;
    rst = 1;
    repeat (4) @(negedge clk);
    rst = 0;
  end

  bit cmd_seen_q, start_seen_q;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      now         <= 64'd1000;
      cmd_valid   <= 0;
      start_valid <= 0;
      fire_ready  <= 0;
    end else begin
      if (cycle % 4000 == 0) begin
        quiet = pct(30);
        step = pct(50) ? 4 : longint'($urandom_range(4000));
      end
      now <= (idle && !cmd_valid && !start_valid && wake_at != '1 && wake_at > now && pct(30)) ?
             wake_at : now + 64'(step);
      if (fire_valid && fire_ready) take_event();
      if (cmd_valid && cmd_ready) take_command();
      if (start_valid && start_ready) take_start();
      // What was taken in the last cycle is carried out in this one
      cmd_seen_q   <= cmd_valid && cmd_ready;
      start_seen_q <= start_valid && start_ready;
      if (!cmd_seen_q && !start_seen_q && !(cmd_valid && cmd_ready) &&
          !(start_valid && start_ready)) look();
      fire_ready <= pct(70);
      if (!cmd_valid || cmd_ready) begin
        bit [5:0] q;
        q = 6'($urandom);
        cmd_valid   <= commands < count && pct(quiet ? 1 : 15);
        cmd_qpn     <= q;
        // Of two commands of a QP the second has another generation
        cmd_gen     <= timers[q].gen + 2'd1 + 2'(cmd_valid && cmd_qpn == q);
        cmd_ack     <= pct(50);
        cmd_rnr     <= pct(20);
        cmd_timeout <= pct(20) ? '0 : 5'($urandom_range(8));
        cmd_delta   <= pct(20) ? $urandom_range(10) : $urandom_range(500000);
      end
      if (!start_valid || start_ready) begin
        start_valid <= commands < count && pct(quiet ? 1 : 15);
        start_qpn   <= 6'($urandom);
      end
      if (commands >= count && !cmd_valid && !start_valid) finish_when_quiet();
    end
  end

  task automatic finish_when_quiet();
    for (int q = 0; q < int'(Qps); q++) if (timers[q].running && !timers[q].unsure) return;
    if (!idle) return;
    if (fired < count / 20) $fatal(1, "hardly any timer ran out: %0d", fired);
    $display("timer: %0d commands, %0d starts, %0d events, %0d overtaken, %0d cycles", commands,
             starts, fired, stale, cycle);
    $finish;
  endtask

endmodule
