// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_ctx_cache between a random user and a model of the HMC with random delays, answers out of
// order, indexes that cannot be read and indexes that cannot be written. Checked: order per
// index, contents against a shadow, every request once, no access to a line whose write-back is
// under way, held requests, flushes (the host changes a line after its flush, which the next
// request must see), stability of the HMC port, and idle. The directed part measures.

module tb_ctx_cache #(
  parameter int unsigned Sets  = 16,
  parameter int unsigned Ways  = 4,
  parameter int unsigned Slots = 8,
  parameter int unsigned Backs = 4
);
  localparam int unsigned IndexW = 24;
  localparam int unsigned SlotW  = $clog2(Slots);

  typedef bit [511:0] line_t;

  bit clk, rst;
  always #2 clk = !clk;

  logic              req_valid, req_ready, req_flush, req_quiet;
  logic [IndexW-1:0] req_index;
  logic [63:0]       req_payload;
  logic              out_valid, out_ready, out_hold, out_resumed;
  logic [IndexW-1:0] out_index;
  logic [63:0]       out_payload;
  logic [SlotW-1:0]  out_slot;
  tern_pkg::hmc_err_e out_err;
  logic [511:0]      out_line;
  logic              wb_valid;
  logic [511:0]      wb_line;
  logic              wake_valid;
  logic [SlotW-1:0]  wake_slot;
  logic              flush_done;
  tern_pkg::hmc_err_e flush_err;
  logic              hmc_valid, hmc_ready, hmc_rsp_valid;
  tern_pkg::hmc_req_t hmc_req;
  tern_pkg::hmc_rsp_t hmc_rsp;
  logic              idle, stat_hit, stat_miss;

  tern_ctx_cache #(
    .Kind(4'd1), .Line(3'd2), .IndexW(IndexW), .Sets(Sets), .Ways(Ways), .Slots(Slots),
    .Backs(Backs), .PayloadW(64)
  ) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .req_valid_i(req_valid), .req_ready_o(req_ready), .req_index_i(req_index),
    .req_flush_i(req_flush), .req_quiet_i(req_quiet), .req_payload_i(req_payload),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_hold_i(out_hold),
    .out_index_o(out_index), .out_payload_o(out_payload), .out_slot_o(out_slot),
    .out_resumed_o(out_resumed), .out_err_o(out_err), .out_line_o(out_line),
    .wb_valid_i(wb_valid), .wb_line_i(wb_line),
    .wake_valid_i(wake_valid), .wake_slot_i(wake_slot),
    .flush_done_o(flush_done), .flush_err_o(flush_err),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(hmc_ready), .hmc_o(hmc_req),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .stat_hit_o(stat_hit), .stat_miss_o(stat_miss)
  );

  // ------------------------------------------------------------------------------- knobs

  int unsigned seed, count;
  int unsigned req_pct, out_pct, hold_pct, hmc_pct, lat_max, hot;
  bit          random_on;
  longint      cycle;

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  // ------------------------------------------------------------------------------- model

  line_t memory [bit [IndexW-1:0]];  // behind the HMC
  line_t shadow [bit [IndexW-1:0]];  // what the next request must see

  function automatic bit bad_read(bit [IndexW-1:0] index);
    return index[5:0] == 6'd61;
  endfunction

  function automatic bit bad_write(bit [IndexW-1:0] index);
    return index[5:0] == 6'd62;
  endfunction

  function automatic line_t random_line();
    line_t l;
    for (int i = 0; i < 16; i++) l[32*i +: 32] = $urandom;
    return l;
  endfunction

  function automatic void meet(bit [IndexW-1:0] index);
    if (memory.exists(index) == 0) begin
      memory[index] = random_line();
      shadow[index] = memory[index];
    end
  endfunction

  // Requests that are in the cache, per index in order; flushes as well
  typedef struct {
    bit [63:0] payload;
    bit        flush;
  } item_t;
  item_t   waiting [bit [IndexW-1:0]][$];
  int      in_cache, sent, done, held_count;
  longint  hits, misses;

  // ------------------------------------------------------------------------------- HMC

  typedef struct {
    tern_pkg::hmc_req_t req;
    longint             due;
  } access_t;
  access_t accesses [$];
  longint  failed_at [bit [IndexW-1:0]];  // when a write was refused last
  bit      hmc_held_q;
  tern_pkg::hmc_req_t hmc_last_q;

  task automatic take_access();
    bit [IndexW-1:0] index = hmc_req.index[IndexW-1:0];
    access_t a;
    if (hmc_req.kind != 4'd1 || hmc_req.line != 3'd2 || hmc_req.index[27:IndexW] != 0)
      $fatal(1, "access to another object");
    foreach (accesses[i])
      if (accesses[i].req.index == hmc_req.index)
        $fatal(1, "two accesses to %h under way", index);
    if (hmc_req.write && hmc_req.quiet) $fatal(1, "quiet write-back");
    if (hmc_req.write && hmc_req.data != shadow[index]) $fatal(1, "old line written back");
    if (!hmc_req.write && hmc_req.quiet != waiting[index][0].payload[63])
      $fatal(1, "quiet does not belong to the request");
    a.req = hmc_req;
    a.due = cycle + (lat_max == 0 ? 0 : longint'($urandom_range(lat_max)));
    accesses.push_back(a);
  endtask

  task automatic answer_access();
    int k = -1;
    hmc_rsp_valid <= 0;
    for (int n = 0; n < 3 && k < 0 && accesses.size() != 0; n++) begin
      k = int'($urandom_range(accesses.size() - 1));
      if (accesses[k].due > cycle) k = -1;
    end
    if (k >= 0) begin
      tern_pkg::hmc_req_t r = accesses[k].req;
      bit [IndexW-1:0] index = r.index[IndexW-1:0];
      hmc_rsp_valid <= 1;
      hmc_rsp.tag   <= r.tag;
      hmc_rsp.err   <= tern_pkg::HmcOk;
      hmc_rsp.data  <= random_line();
      if (r.write && bad_write(index)) begin
        hmc_rsp.err <= tern_pkg::HmcDma;
        failed_at[index] = cycle;
      end else if (r.write) begin
        memory[index] = r.data;
      end else if (bad_read(index)) begin
        hmc_rsp.err <= tern_pkg::HmcSd;
      end else begin
        hmc_rsp.data <= memory[index];
      end
      accesses.delete(k);
    end
  endtask

  // ------------------------------------------------------------------------------ flushes

  bit              flush_on;     // one is under way
  bit [IndexW-1:0] flush_index;

  task automatic finish_flush();
    if (!flush_on) $fatal(1, "answer without a flush");
    if (waiting[flush_index].size() == 0 || !waiting[flush_index][0].flush)
      $fatal(1, "flush of %h before its turn", flush_index);
    void'(waiting[flush_index].pop_front());
    in_cache--;
    done++;
    flush_on = 0;
    if (bad_write(flush_index)) begin
      // An earlier write-back may have failed too. The flush's own is answered just before
      if ((flush_err != tern_pkg::HmcOk) !=
          (failed_at.exists(flush_index) != 0 && cycle - failed_at[flush_index] == 2))
        $fatal(1, "flush: error %0d", flush_err);
      shadow[flush_index] = memory[flush_index];
    end else begin
      if (flush_err != tern_pkg::HmcOk) $fatal(1, "flush: error %0d", flush_err);
      if (memory[flush_index] != shadow[flush_index]) $fatal(1, "flush: host has an old line");
    end
    // It must be gone from the cache: the host may use the memory now
    if (waiting[flush_index].size() == 0) begin
      memory[flush_index] = random_line();
      shadow[flush_index] = memory[flush_index];
    end
  endtask

  // --------------------------------------------------------------------------------- user

  typedef struct {
    bit [SlotW-1:0] slot;
    longint         due;
  } held_t;
  held_t held [$];
  bit    slot_held [Slots];
  bit    hold_want;

  assign out_hold = hold_want && out_err == tern_pkg::HmcOk;

  task automatic take_out();
    item_t it;
    wb_valid <= 0;
    if (waiting[out_index].size() == 0) $fatal(1, "request of %h comes out again", out_index);
    it = waiting[out_index][0];
    if (it.flush || it.payload != out_payload)
      $fatal(1, "%h out of order: %h, not %h", out_index, out_payload, it.payload);
    if (out_resumed != slot_held[out_slot]) $fatal(1, "wrong resumed");
    slot_held[out_slot] = 0;
    if ((out_err != tern_pkg::HmcOk) != bad_read(out_index))
      $fatal(1, "%h: error %0d", out_index, out_err);
    if (out_err == tern_pkg::HmcOk) begin
      if (bad_write(out_index) && out_line == memory[out_index])
        shadow[out_index] = memory[out_index];
      if (out_line != shadow[out_index]) $fatal(1, "%h: not the newest line", out_index);
      if (pct(70)) begin
        line_t l = random_line();
        shadow[out_index] = l;
        wb_valid <= 1;
        wb_line  <= l;
      end
    end
    if (out_hold) begin
      held_t h;
      h.slot = out_slot;
      h.due  = cycle + 1 + longint'($urandom_range(30));
      held.push_back(h);
      slot_held[out_slot] = 1;
      held_count++;
    end else begin
      void'(waiting[out_index].pop_front());
      in_cache--;
      done++;
    end
  endtask

  task automatic wake_one();
    wake_valid <= 0;
    foreach (held[i]) begin
      if (held[i].due <= cycle) begin
        wake_valid <= 1;
        wake_slot  <= held[i].slot;
        held.delete(i);
        return;
      end
    end
  endtask

  task automatic next_request();
    bit [IndexW-1:0] index;
    bit              quiet = pct(50);
    if ($urandom_range(9) == 0) index = IndexW'($urandom_range(511));
    else index = IndexW'($urandom_range(hot)) * 24'h010007 ^ 24'h000015;
    if ($urandom_range(40) == 0) index = {index[IndexW-1:6], 6'd61};
    if ($urandom_range(40) == 0) index = {index[IndexW-1:6], 6'd62};
    meet(index);
    req_index   <= index;
    req_flush   <= !flush_on && !(req_valid && req_flush) && pct(5);
    // The top bit of the payload tells quiet, for the model of the HMC
    req_quiet   <= quiet;
    req_payload <= {quiet, 31'($urandom), 32'(sent)};
  endtask

  task automatic take_request();
    item_t it;
    it.payload = req_payload;
    it.flush   = req_flush;
    waiting[req_index].push_back(it);
    in_cache++;
    if (req_flush) begin
      flush_on    = 1;
      flush_index = req_index;
    end
  endtask

  // ----------------------------------------------------------------------------- one cycle

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      req_valid     <= 0;
      out_ready     <= 0;
      wb_valid      <= 0;
      wake_valid    <= 0;
      hmc_ready     <= 0;
      hmc_rsp_valid <= 0;
    end else begin
      hits   += longint'(stat_hit);
      misses += longint'(stat_miss);
      if (idle && (in_cache != 0 || accesses.size() != 0)) $fatal(1, "idle with work inside");

      // Answers before new accesses, so one that is answered and repeated is no overlap
      if (hmc_held_q && (!hmc_valid || hmc_req != hmc_last_q)) $fatal(1, "HMC request changed");
      hmc_held_q = hmc_valid && !hmc_ready;
      hmc_last_q = hmc_req;
      answer_access();
      if (hmc_valid && hmc_ready) take_access();
      hmc_ready <= pct(hmc_pct);

      if (flush_done) finish_flush();
      if (out_valid && out_ready) take_out();
      else wb_valid <= 0;
      wake_one();
      hold_want <= pct(hold_pct);
      out_ready <= pct(out_pct);

      if (random_on) begin
        if (req_valid && req_ready) take_request();
        if (!req_valid || req_ready) begin
          if (sent < count && pct(req_pct)) begin
            sent++;
            req_valid <= 1;
            next_request();
          end else begin
            req_valid <= 0;
          end
        end
      end
    end
  end

  // ------------------------------------------------------------------------------ directed

  // n requests as fast as they go, to `span` indexes in turn, all in the cache already
  task automatic run_hits(int unsigned n, int unsigned span, output real per);
    longint start;
    int     first = done;
    @(negedge clk);
    start = cycle;
    for (int i = 0; i < int'(n); i++) begin
      req_valid   = 1;
      req_index   = 24'(i % int'(span));
      req_flush   = 0;
      req_quiet   = 0;
      req_payload = 64'(i);
      #1;
      while (!req_ready) begin
        @(negedge clk);
        #1;
      end
      take_request();
      @(negedge clk);
    end
    req_valid = 0;
    while (done - first != int'(n)) @(negedge clk);
    per = real'(cycle - start) / real'(n);
  endtask

  // As many misses as may park, then hits that must pass them; cycles from the first request to
  // the HMC port
  task automatic misses_passed(inout int unsigned to_hmc);
    int first = done;
    longint start = cycle;
    real unused_rate;
    @(negedge clk);
    hmc_pct = 0;
    lat_max = 0;
    @(negedge clk);
    for (int unsigned i = 0; i < Slots - 1; i++) begin
      req_valid   = 1;
      req_quiet   = 0;
      req_flush   = 0;
      req_index   = 24'h654328 + 24'(i);
      req_payload = 0;
      meet(req_index);
      if (i == 0) start = cycle;
      #1;
      while (!req_ready) begin
        @(negedge clk);
        #1;
      end
      take_request();
      @(negedge clk);
      if (hmc_valid && to_hmc == 0) to_hmc = 32'(cycle - start);
    end
    req_valid = 0;
    run_hits(50, 4, unused_rate);
    if (done - first != 50) $fatal(1, "hits did not pass the misses");
    hmc_pct = 100;
    while (done - first != 50 + int'(Slots) - 1) @(negedge clk);
  endtask

  task automatic settle();
    int unsigned n = 0;
    while (!(idle && in_cache == 0 && held.size() == 0)) begin
      @(negedge clk);
      n++;
      if (n > 20000) $fatal(1, "%0d requests never came out", in_cache);
    end
  endtask

  task automatic phase(int unsigned n, int unsigned req, int unsigned out, int unsigned hold,
                       int unsigned hmc, int unsigned lat, int unsigned hot_count);
    longint start = cycle;
    req_pct  = req;
    out_pct  = out;
    hold_pct = hold;
    hmc_pct  = hmc;
    lat_max  = lat;
    hot      = hot_count - 1;
    count    = sent + n;
    random_on = 1;
    while (sent < int'(count) || req_valid) begin
      @(negedge clk);
      if (cycle - start > 400 * longint'(n) + 100000)
        $fatal(1, "requests are stuck: %0d of %0d", sent, count);
    end
    random_on = 0;
    out_pct = 100;
    settle();
  endtask

  task automatic measure();
    int unsigned to_hmc = 0;
    real         same_rate, other_rate;
    hold_pct = 0;
    out_pct  = 100;
    hmc_pct  = 100;
    lat_max  = 0;
    for (int i = 0; i < 8; i++) meet(24'(i));
    run_hits(16, 8, same_rate);  // fetches them
    settle();
    run_hits(2000, 8, other_rate);
    run_hits(2000, 1, same_rate);
    misses_passed(to_hmc);
    settle();

    // The last request's way through is all that may be lost
    if (other_rate > 1.05 || same_rate > 2.05 || to_hmc > 3)
      $fatal(1, "too slow: %f, %f cycles, miss at the HMC after %0d", other_rate, same_rate,
             to_hmc);
    $display("ctx_cache: cycles per hit %.2f, of the same line %.2f; miss at the HMC after %0d",
             other_rate, same_rate, to_hmc);
  endtask

  int unsigned total;

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", total)) total = 100000;
    void'($urandom(int'(seed)));
    clk = 0;
    rst = 1;
    random_on = 0;
    out_pct   = 100;
    hmc_pct   = 100;
    repeat (5) @(negedge clk);
    rst = 0;

    for (int i = 0; i < 8; i++) begin
      int unsigned n = total / 8;
      case (i)
        0: phase(n, 60, 60, 10, 60, 20, 12);    // some of everything
        1: phase(n, 100, 100, 0, 100, 0, 3);    // a few hot lines at full rate
        2: phase(n, 100, 100, 30, 100, 0, 1);   // one line, held often
        3: phase(n, 100, 100, 5, 100, 60, 200); // mostly misses, long waits
        4: phase(n, 100, 40, 10, 30, 10, 40);
        5: phase(n, 30, 90, 20, 90, 100, 20);
        6: phase(n, 100, 90, 10, 90, 5, 4);
        default: phase(n, $urandom_range(100, 20), $urandom_range(100, 30), $urandom_range(40),
                       $urandom_range(100, 20), $urandom_range(50), $urandom_range(100, 1));
      endcase
    end

    $display("ctx_cache: %0d requests, %0d hits, %0d misses, %0d holds", done, hits, misses,
             held_count);
    if (Sets * Ways >= 16) measure();  // what it needs must fit
    $finish;
  end

endmodule
