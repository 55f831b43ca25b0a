// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Interrupt vectors against a model that is told only when a request shows: it must have been
// allowed a cycle before, and what is allowed must show soon. The bench plays the simulator too:
// when the block is idle it lets time jump to wake_at and no further, so a vector whose wake-up
// was forgotten is seen as late.
//
// +count= cycles, +seed=

module tb_irq;

  localparam int unsigned N = 64;
  // Without stalls: all vectors are looked at once in 2 * N cycles, and a vector may have to wait
  // for one such round that began before its time had come
  localparam int unsigned LateCycles = 5 * N;

  logic clk = 0;
  logic rst = 1;
  always #2 clk = !clk;

  int unsigned seed, count;

  logic [63:0]  now, wake_at;
  logic         idle, misc_level, reg_write, reg_itr, irq_valid, irq_ready, stat;
  logic [N-1:0] level;
  logic [1:0]   rearm_valid;
  logic [1:0][5:0] rearm_vec;
  logic [5:0]   reg_vec, irq_vector;
  logic [31:0]  reg_wdata, reg_rdata;

  tern_irq u_irq (
    .clk_i(clk), .rst_i(rst), .now_i(now), .idle_o(idle), .wake_at_o(wake_at),
    .level_i(level), .misc_level_i(misc_level),
    .rearm_valid_i(rearm_valid), .rearm_vec_i(rearm_vec),
    .reg_write_i(reg_write), .reg_itr_i(reg_itr), .reg_vec_i(reg_vec), .reg_wdata_i(reg_wdata),
    .reg_rdata_o(reg_rdata),
    .irq_valid_o(irq_valid), .irq_ready_i(irq_ready), .irq_vector_o(irq_vector),
    .stat_irq_o(stat)
  );

  // ------------------------------------------------------------------------------ model

  // What the block saw in the cycle before
  typedef struct {
    logic [63:0]  now, wake_at;
    logic         idle, reg_write, reg_itr, ready;
    logic [1:0]   rearm_valid;
    logic [N-1:0] level;
    logic [1:0][5:0] rearm_vec;
    logic [5:0]   reg_vec;
    logic [31:0]  reg_wdata, reg_rdata;
  } seen_t;

  seen_t           s;
  bit              s_valid;
  bit [N-1:0]      armed, trigger, fired;
  longint unsigned last [N];
  int unsigned     itr  [N];
  int unsigned     late [N];       // cycles for which it was allowed and did not show
  bit              was_taken;      // the request shown in the cycle before was taken, or none was
  longint unsigned fires, trigger_fires, waits, jumps, stats, transfers;
  int unsigned     latest;

  function automatic bit due(int unsigned v);
    return !fired[v] || s.now >= last[v] + 64'(itr[v]) * 64;
  endfunction

  function automatic bit wants(int unsigned v);
    return (armed[v] && s.level[v]) || trigger[v];
  endfunction

  task automatic check_fire(int unsigned v);
    if (!wants(v)) $fatal(1, "vector %0d fired without being asked", v);
    if (!due(v)) $fatal(1, "vector %0d fired %0d ns after the last time, interval %0d", v,
                        s.now - last[v], itr[v] * 64);
    if (trigger[v]) trigger_fires++;
    fires++;
    armed[v]   = 0;
    trigger[v] = 0;
    fired[v]   = 1;
    last[v]    = s.now;
  endtask

  task automatic check_idle();
    for (int unsigned v = 0; v < N; v++)
      if (wants(v)) begin
        if (s.now < last[v] + 64'(itr[v]) * 64) waits++;
        if (s.idle && due(v)) $fatal(1, "idle, but vector %0d should fire", v);
        if (s.idle && s.wake_at > last[v] + 64'(itr[v]) * 64)
          $fatal(1, "vector %0d is due at %0d, wake_at is %0d", v, last[v] + 64'(itr[v]) * 64,
                 s.wake_at);
      end
  endtask

  task automatic check_late();
    for (int unsigned v = 0; v < N; v++) begin
      if (!wants(v) || !due(v)) late[v] = 0;
      else if (s.ready) late[v]++;
      if (late[v] > latest) latest = late[v];
      if (late[v] > LateCycles) $fatal(1, "vector %0d does not fire", v);
    end
  endtask

  task automatic check_read();
    logic [31:0] want = 0;
    if (s.reg_itr) want = itr[s.reg_vec];
    else want = {28'd0, s.level[s.reg_vec], trigger[s.reg_vec], 1'b0, armed[s.reg_vec]};
    if (s.reg_rdata != want) $fatal(1, "register %0d of vector %0d: %h, not %h", s.reg_itr,
                                    s.reg_vec, s.reg_rdata, want);
  endtask

  task automatic apply_inputs();
    for (int i = 0; i < 2; i++) if (s.rearm_valid[i]) armed[s.rearm_vec[i]] = 1;
    if (s.reg_write && s.reg_itr) itr[s.reg_vec] = 32'(s.reg_wdata[23:0]);
    if (s.reg_write && !s.reg_itr) begin
      if (s.reg_wdata[0]) armed[s.reg_vec] = 1;
      if (s.reg_wdata[1]) armed[s.reg_vec] = 0;
      if (s.reg_wdata[2]) trigger[s.reg_vec] = 1;
    end
  endtask

  always @(posedge clk) begin
    if (rst) begin
      s_valid   = 0;
      was_taken = 1;
    end else begin
      if (s_valid) begin
        check_read();
        check_idle();
        check_late();
        if (irq_valid && was_taken) check_fire(32'(irq_vector));
        apply_inputs();
      end
      if (!was_taken && !irq_valid) $fatal(1, "a request was withdrawn");
      was_taken = !irq_valid || irq_ready;
      if (irq_valid && irq_ready) transfers++;
      if (stat) stats++;
      s.now         = now;
      s.wake_at     = wake_at;
      s.idle        = idle;
      s.level       = level | N'(misc_level);
      s.rearm_valid = rearm_valid;
      s.rearm_vec   = rearm_vec;
      s.reg_write   = reg_write;
      s.reg_itr     = reg_itr;
      s.reg_vec     = reg_vec;
      s.reg_wdata   = reg_wdata;
      s.reg_rdata   = reg_rdata;
      s.ready       = irq_ready;
      s_valid       = 1;
    end
  end

  // --------------------------------------------------------------------------- stimulus

  int unsigned activity;    // in a thousand, changes again and again
  int unsigned stall_pct;
  logic [63:0] now_next;

  function automatic bit chance(int unsigned permille);
    return $urandom_range(999) < permille;
  endfunction

  // Intervals from nothing to longer than what happens between jumps
  function automatic logic [31:0] pick_itr();
    int unsigned kind = $urandom_range(3);
    case (kind)
      0:       return 0;
      1:       return $urandom_range(20);
      2:       return $urandom_range(1000);
      default: return $urandom & 32'hff00_3fff;
    endcase
  endfunction

  task automatic drive();
    // Few vectors at times, so that one is hit by everything
    int unsigned span = chance(500) ? 3 : N - 1;
    if (chance(activity)) level ^= N'(1) << $urandom_range(span);
    if (chance(activity / 4)) level = {$urandom, $urandom};
    if (chance(activity / 4)) level = '0;
    if (chance(activity / 4)) misc_level = !misc_level;
    rearm_valid <= {chance(activity / 2), chance(activity)};
    rearm_vec   <= {6'($urandom_range(span)), 6'($urandom_range(span))};
    reg_write   <= chance(activity);
    reg_itr     <= chance(500);
    reg_vec     <= 6'($urandom_range(span));
    irq_ready   <= !chance(10 * stall_pct);
  endtask

  always @(posedge clk) begin
    if (!rst) begin
      drive();
      if (chance(1)) activity = 10 * $urandom_range(100);
      if (chance(1)) activity = 0;
      if (chance(1)) stall_pct = $urandom_range(3) * 30;
    end
  end

  assign reg_wdata = reg_itr ? itr_value : {29'($urandom & 32'h1fff_ffff), ctl_value};
  logic [31:0] itr_value;
  logic [2:0]  ctl_value;
  always @(posedge clk) begin
    itr_value <= pick_itr();
    ctl_value <= chance(500) ? 3'b001 : 3'($urandom);
  end

  // Time goes on by itself, and jumps when the block says that it may
  always @(negedge clk) begin
    now_next = now + 4;
    if (!rst && idle && chance(200)) begin
      now_next = (wake_at == '1) ? now + 64'($urandom_range(100_000)) : wake_at;
      if (now_next < now + 4) now_next = now + 4;
      jumps++;
    end
    now <= now_next;
  end

  initial begin
    seed  = 1;
    count = 100000;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    void'($urandom(seed));
    now         = 64'hffff_0000;
    level       = '0;
    misc_level  = 0;
    rearm_valid = 0;
    reg_write   = 0;
    reg_itr     = 0;
    reg_vec     = 0;
    rearm_vec   = 0;
    irq_ready   = 0;
    activity    = 100;
    repeat (4) @(posedge clk);
    @(negedge clk) rst = 0;
    repeat (count) @(posedge clk);
    if (stats < transfers - 1 || stats > transfers) $fatal(1, "statistics: %0d for %0d", stats,
                                                           transfers);
    if (fires < 64'(count) / 100 || trigger_fires == 0 || waits == 0 || jumps == 0)
      $fatal(1, "not every case was tried");
    $display("irq: seed %0d: %0d cycles, %0d interrupts (%0d by trigger), %0d waits for the interval, %0d jumps of time, latest %0d cycles",
             seed, count, fires, trigger_fires, waits, jumps, latest);
    $finish;
  end

endmodule
