// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Two tern_mr with two clients each and tern_mr_ctl, between random requests, random commands of
// all three parties and a model of the HMC with random delays and answers out of order. The model
// knows what each region was and is: an answer must be what some contents demand that are not yet
// settled by inv_done. Requests aim at edges. Checked as well: the outcome of commands, the order
// of write, invalidation, fence and answer, stability of ports, and idle. The directed part counts
// fetches and measures.

module tb_mr #(
  parameter int unsigned Slots    = 16,
  parameter int unsigned MrteSets = 16,
  parameter int unsigned PbleSets = 16,
  parameter int unsigned Ways     = 4
);

  import "DPI-C" function void mr_init(input int unsigned seed);
  import "DPI-C" function int mr_pick(
      input int unsigned device, input int unsigned client, input int unsigned hot,
      output int unsigned tag, output int unsigned key, output int unsigned pd,
      output int unsigned priv, output int unsigned need, output longint unsigned addr,
      output int unsigned len, output int unsigned check_len);
  import "DPI-C" function void mr_taken(input int unsigned device, input int unsigned client,
                                        input int unsigned tag);
  import "DPI-C" function int mr_answer(
      input int unsigned device, input int unsigned client, input int unsigned tag,
      input int unsigned err, input longint unsigned addr0, input int unsigned len0,
      input longint unsigned addr1);
  import "DPI-C" function int hmc_take(
      input int unsigned client, input int unsigned tag, input int unsigned kind,
      input int unsigned index, input int unsigned write, input bit [511:0] data,
      input longint unsigned now, input int unsigned latency);
  import "DPI-C" function int hmc_answer(
      input int unsigned client, input longint unsigned now, output int unsigned tag,
      output int unsigned err, output bit [511:0] data);
  import "DPI-C" function int unsigned hmc_reads(input int unsigned pbles);
  import "DPI-C" function int mr_command(
      input int unsigned party, output int unsigned op, output int unsigned index,
      output int unsigned priv, output longint unsigned attr, output longint unsigned va,
      output longint unsigned length, output longint unsigned pbl,
      output longint unsigned pages);
  import "DPI-C" function int mr_command_taken(input int unsigned party);
  import "DPI-C" function int mr_ctl_access(input int unsigned index, input int unsigned write,
                                            input bit [511:0] data);
  import "DPI-C" function int mr_ctl_answer();
  import "DPI-C" function int mr_inv(input int unsigned device, input int unsigned index);
  import "DPI-C" function int mr_inv_done(input int unsigned device);
  import "DPI-C" function int mr_fence();
  import "DPI-C" function int mr_fence_done(input int unsigned side);
  import "DPI-C" function int mr_command_done(input int unsigned party, input int unsigned major,
                                              input int unsigned minor);
  import "DPI-C" function int mr_report();
  import "DPI-C" function int mr_commands_report();
  import "DPI-C" function int mr_direct(input int unsigned what, output longint unsigned pbl);

  bit clk, rst = 1;
  always #2 clk = !clk;

  longint unsigned cycle;
  int unsigned seed, count;
  int unsigned req_pct, hmc_pct, lat_max, hot, cmd_pct;
  bit random_on, directed_on;

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  function automatic void ok(int bad);
    if (bad != 0) $fatal(1, "cycle %0d: see above", cycle);
  endfunction

  // -------------------------------------------------------------------------------- DUTs

  logic [1:0][1:0]            req_valid = 0, req_ready, rsp_valid;
  tern_pkg::mr_req_t          req [2][2];
  logic [1:0][1:0][177:0]     req_bits;
  tern_pkg::mr_rsp_t          rsp [2];
  logic [1:0]                 inv_valid, inv_ready, inv_done, idle;
  logic [23:0]                inv_index;
  logic [2:0]                 hmc_valid, hmc_ready = 0, hmc_rsp_valid = 0;
  tern_pkg::hmc_req_t         hmc [3];
  tern_pkg::hmc_rsp_t         hmc_rsp [3];
  logic [1:0]                 stat_hit, stat_miss;
  logic                       fence, ctl_idle;
  logic [1:0]                 fence_done = 0, fence_due = 0;
  logic [2:0]                 cmd_valid = 0, cmd_ready, cmd_rsp;
  logic [5:0]                 cqp_op;
  logic [511:0]               cqp_wqe;
  tern_pkg::ctl_rsp_t         cqp_rsp;
  tern_pkg::mr_op_t           work [2];
  logic [1:0][7:0]            status;

  for (genvar d = 0; d < 2; d++) begin : gen_mr
    assign req_bits[d] = {req[d][1], req[d][0]};
    tern_mr #(
      .NumClients(2), .Slots(Slots), .MrteSets(MrteSets), .MrteWays(Ways), .PbleSets(PbleSets),
      .PbleWays(Ways)
    ) dut (
      .clk_i(clk), .rst_i(rst), .idle_o(idle[d]),
      .req_valid_i(req_valid[d]), .req_ready_o(req_ready[d]), .req_i(req_bits[d]),
      .rsp_valid_o(rsp_valid[d]), .rsp_o(rsp[d]),
      .inv_valid_i(inv_valid[d]), .inv_ready_o(inv_ready[d]), .inv_index_i(inv_index),
      .inv_done_o(inv_done[d]),
      .hmc_valid_o(hmc_valid[d]), .hmc_ready_i(hmc_ready[d]), .hmc_o(hmc[d]),
      .hmc_rsp_valid_i(hmc_rsp_valid[d]), .hmc_rsp_i(hmc_rsp[d]),
      .stat_hit_o(stat_hit[d]), .stat_miss_o(stat_miss[d])
    );
  end

  tern_mr_ctl u_ctl (
    .clk_i(clk), .rst_i(rst), .idle_o(ctl_idle),
    .cqp_valid_i(cmd_valid[0]), .cqp_ready_o(cmd_ready[0]), .cqp_op_i(cqp_op),
    .cqp_wqe_i(cqp_wqe), .cqp_rsp_valid_o(cmd_rsp[0]), .cqp_rsp_o(cqp_rsp),
    .seg_valid_i(cmd_valid[1]), .seg_ready_o(cmd_ready[1]), .seg_i(work[0]),
    .seg_rsp_valid_o(cmd_rsp[1]), .seg_status_o(status[0]),
    .place_valid_i(cmd_valid[2]), .place_ready_o(cmd_ready[2]), .place_i(work[1]),
    .place_rsp_valid_o(cmd_rsp[2]), .place_status_o(status[1]),
    .hmc_valid_o(hmc_valid[2]), .hmc_ready_i(hmc_ready[2]), .hmc_o(hmc[2]),
    .hmc_rsp_valid_i(hmc_rsp_valid[2]), .hmc_rsp_i(hmc_rsp[2]),
    .inv_valid_o(inv_valid), .inv_ready_i(inv_ready), .inv_index_o(inv_index),
    .inv_done_i(inv_done), .fence_o(fence), .fence_done_i(fence_done)
  );

  // --------------------------------------------------------------------------------- HMC

  logic [2:0] hmc_held = 0;
  tern_pkg::hmc_req_t hmc_last [3];

  task automatic hmc_step(int unsigned k);
    int unsigned tag, err;
    bit [511:0] data;

    if (hmc_held[k] && (!hmc_valid[k] || hmc[k] != hmc_last[k]))
      $fatal(1, "HMC port %0d did not wait", k);
    hmc_held[k] = hmc_valid[k] && !hmc_ready[k];
    hmc_last[k] = hmc[k];
    if (hmc_valid[k] && hmc_ready[k]) begin
      if (!hmc[k].quiet || hmc[k].line != 0) $fatal(1, "HMC access is loud, or of another line");
      if (k == 2) ok(mr_ctl_access(32'(hmc[k].index), 32'(hmc[k].write), hmc[k].data));
      else if (hmc[k].write) $fatal(1, "a tern_mr writes");
      ok(hmc_take(k, 32'(hmc[k].tag), 32'(hmc[k].kind), 32'(hmc[k].index), 32'(hmc[k].write),
                  hmc[k].data, cycle, lat_max));
    end
    hmc_ready[k] <= pct(hmc_pct);
    hmc_rsp_valid[k] <= 0;
    if (hmc_answer(k, cycle, tag, err, data) != 0) begin
      hmc_rsp_valid[k] <= 1;
      hmc_rsp[k].tag   <= 8'(tag);
      hmc_rsp[k].err   <= tern_pkg::hmc_err_e'(3'(err));
      hmc_rsp[k].data  <= data;
      if (k == 2) ok(mr_ctl_answer());
    end
  endtask

  // ---------------------------------------------------------------------------- requests

  int unsigned under_way [2];
  longint unsigned taken_total, answered_total;
  longint unsigned taken_at [2][2][256];
  longint unsigned latency_min = 1000, latency_max;
  logic [1:0][1:0] req_held = 0;
  logic [1:0] busy_q = 0;

  task automatic requests(int unsigned d);
    int unsigned tag, key, pd, priv, need, len, check_len;
    longint unsigned addr;
    tern_pkg::mr_req_t r;

    if (busy_q[d] && idle[d]) $fatal(1, "device %0d idle with requests under way", d);
    for (int unsigned c = 0; c < 2; c++) begin
      if (rsp_valid[d][c]) begin
        longint unsigned took = cycle - taken_at[d][c][rsp[d].tag];
        ok(mr_answer(d, c, 32'(rsp[d].tag), 32'(rsp[d].err), rsp[d].addr0, 32'(rsp[d].len0),
                     rsp[d].addr1));
        under_way[d]--;
        answered_total++;
        if (took < latency_min) latency_min = took;
        if (took > latency_max) latency_max = took;
      end
      if (req_valid[d][c] && req_ready[d][c]) begin
        mr_taken(d, c, 32'(req[d][c].tag));
        taken_at[d][c][req[d][c].tag] = cycle;
        under_way[d]++;
        taken_total++;
        req_valid[d][c] <= 0;
        req_held[d][c] = 0;
      end
      if (!req_held[d][c] && random_on && pct(req_pct) &&
          mr_pick(d, c, hot, tag, key, pd, priv, need, addr, len, check_len) != 0) begin
        r.tag = 8'(tag);
        r.key = key;
        r.pd = 24'(pd);
        r.priv = priv[0];
        r.need = 4'(need);
        r.addr = addr;
        r.len = 13'(len);
        r.check_len = check_len;
        req[d][c] <= r;
        req_valid[d][c] <= 1;
        req_held[d][c] = 1;
      end
    end
    if (rsp_valid[d] == 3) $fatal(1, "an answer for two");
    busy_q[d] <= under_way[d] != 0;
  endtask

  // ---------------------------------------------------------------------------- commands

  logic [2:0] cmd_held = 0, cmd_wait = 0;
  longint unsigned commands_done;

  task automatic party(int unsigned p);
    int unsigned op, index, priv;
    longint unsigned attr, va, length, pbl, pages;
    tern_pkg::mr_op_t w;
    tern_hw_pkg::tern_hw_mrte_t m;

    if (cmd_rsp[p]) begin
      if (!cmd_wait[p]) $fatal(1, "an answer without a command");
      if (p == 0) begin
        ok(mr_command_done(p, 32'(cqp_rsp.major), 32'(cqp_rsp.minor)));
        if (cqp_rsp.result != 0) $fatal(1, "a result");
      end else ok(mr_command_done(p, 32'(status[p-1]), 0));
      cmd_wait[p] = 0;
      commands_done++;
    end
    if (cmd_valid[p] && cmd_ready[p]) begin
      ok(mr_command_taken(p));
      cmd_valid[p] <= 0;
      cmd_held[p] = 0;
      cmd_wait[p] = 1;
    end
    if (!cmd_held[p] && !cmd_wait[p] && random_on && pct(cmd_pct) &&
        mr_command(p, op, index, priv, attr, va, length, pbl, pages) != 0) begin
      m = 512'(attr);
      if (p == 0) begin
        cqp_op  <= 6'(op);
        cqp_wqe <= {$urandom, $urandom, $urandom, $urandom, pages, pbl, length, va, attr,
                    34'($urandom), 6'(op), 24'(index)};
      end else begin
        w.qpn = 14'($urandom);
        w.reg_mr = op == 32'h40;
        w.remote = op == 32'h42;
        w.key = {24'(index), m.attr.key};
        w.pd = m.attr.pd;
        w.priv = priv[0];
        w.va = va;
        w.length = length;
        w.access = m.attr.access;
        w.page_shift = m.attr.page_shift;
        work[p-1] <= w;
      end
      cmd_valid[p] <= 1;
      cmd_held[p] = 1;
    end
  endtask

  task automatic fences();
    for (int unsigned i = 0; i < 2; i++) begin
      fence_done[i] <= 0;
      if (fence_done[i]) fence_due[i] = 0;
      if (fence) fence_due[i] = 1;
      if (fence_due[i] && pct(20)) begin
        fence_done[i] <= 1;
        fence_due[i] = 0;
        ok(mr_fence_done(i));
      end
    end
  endtask

  longint unsigned hits, misses, stuck;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (!rst) begin
      for (int unsigned k = 0; k < 3; k++) hmc_step(k);
      for (int unsigned d = 0; d < 2; d++) begin
        if (inv_done[d]) ok(mr_inv_done(d));
        if (inv_valid[d] && inv_ready[d]) ok(mr_inv(d, 32'(inv_index)));
        if (stat_hit[d]) hits++;
        if (stat_miss[d]) misses++;
      end
      if (fence) ok(mr_fence());
      fences();
      if (ctl_idle && cmd_wait != 0) $fatal(1, "control idle with a command");
      for (int unsigned d = 0; d < 2; d++) requests(d);
      for (int unsigned p = 0; p < 3; p++) party(p);
      stuck = (rsp_valid != 0 || cmd_rsp != 0) ? 0 : stuck + 1;
      if ((under_way[0] != 0 || under_way[1] != 0 || cmd_wait != 0) && stuck > 20_000)
        $fatal(1, "nothing moves");
    end
  end

  // -------------------------------------------------------------------------------- tests

  task automatic drain();
    random_on = 0;
    req_pct = 0;
    hmc_pct = 100;
    while (under_way[0] != 0 || under_way[1] != 0 || cmd_wait != 0 || cmd_held != 0 ||
           req_held != 0) @(negedge clk);
    repeat (5) @(negedge clk);
    if (idle != 3 || !ctl_idle) $fatal(1, "not idle at rest");
  endtask

  task automatic random_part(int unsigned items, int unsigned kind);
    longint unsigned until_taken = taken_total + 64'(items);
    req_pct = (kind & 1) != 0 ? 100 : 30;
    hmc_pct = (kind & 2) != 0 ? 100 : 40;
    lat_max = (kind & 4) != 0 ? 5 : 120;
    hot     = 32'((kind & 8) != 0);
    cmd_pct = (kind & 16) != 0 ? 50 : 2;
    random_on = 1;
    while (taken_total < until_taken) @(negedge clk);
  endtask

  // One request of client 0 of device 0
  task automatic ask(tern_pkg::mr_req_t r);
    req[0][0] = r;
    req_valid[0][0] = 1;
    req_held[0][0] = 1;
    do @(posedge clk); while (!req_ready[0][0]);
    @(negedge clk);
  endtask

  // Many requests at once; returns the cycles that the last answer took
  task automatic burst(int unsigned regions, bit two, output longint unsigned took);
    longint unsigned from = cycle, until_answered = answered_total + 128;
    int unsigned tag, key, pd, priv, need, len, check_len, tags;
    longint unsigned addr;
    tern_pkg::mr_req_t r;

    latency_min = 1000;
    latency_max = 0;
    for (int unsigned i = 0; i < 128; i++) begin
      // Through the model, so that the answer is checked
      if (mr_direct_pick(i % regions, two ? 4092 : 8, tag, key, pd, addr) == 0)
        $fatal(1, "no request");
      r = '0;
      r.tag = 8'(tag);
      r.key = key;
      r.pd = 24'(pd);
      r.addr = addr;
      r.len = 13'd16;
      ask(r);
    end
    while (answered_total < until_answered) @(negedge clk);
    took = cycle - from;
  endtask

  import "DPI-C" function int mr_direct_pick(
      input int unsigned index, input int unsigned offset, output int unsigned tag,
      output int unsigned key, output int unsigned pd, output longint unsigned addr);

  task automatic directed();
    longint unsigned took, pbl;
    int unsigned reads0, reads1;

    drain();
    lat_max = 40;
    // 0: contiguous, 1: list of pages, 2: list of blocks, each a region of its own
    for (int unsigned level = 0; level < 3; level++) begin
      ok(mr_direct(level, pbl));
      reads0 = hmc_reads(0);
      reads1 = hmc_reads(1);
      burst(1, 0, took);
      if (hmc_reads(0) != reads0 + 1 || hmc_reads(1) != reads1 + level)
        $fatal(1, "level %0d: %0d and %0d fetches for one region", level, hmc_reads(0) - reads0,
               hmc_reads(1) - reads1);
      burst(1, 0, took);
      $display("mr: level %0d, one page: latency %0d to %0d, 128 requests in %0d cycles", level,
               latency_min, latency_max, took);
      if (latency_max > (level == 2 ? 12 : 6)) $fatal(1, "hits take too long");
      if (level < 2 && took > 266) $fatal(1, "hits come too slowly");
      burst(1, 1, took);
      $display("mr: level %0d, two pages: latency %0d to %0d, 128 requests in %0d cycles", level,
               latency_min, latency_max, took);
    end
  endtask

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", count)) count = 200_000;
    void'($urandom(int'(seed)));
    mr_init(seed);
    hmc_pct = 100;
    repeat (5) @(negedge clk);
    rst = 0;
    @(negedge clk);
    directed();
    // Fill the table first
    for (int unsigned n = 0; taken_total < 64'(count); n++) begin
      random_part($urandom_range(4000, 500), n == 0 ? 16 : $urandom_range(31));
      if (pct(20)) drain();
    end
    drain();
    ok(mr_report());
    ok(mr_commands_report());
    $display("mr: %0d requests, %0d commands, table hits %0d misses %0d, %0d cycles", taken_total,
             commands_done, hits, misses, cycle);
    $finish;
  end

endmodule
