// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_qp_line between a random stage, a random control and a model of the HMC. Every line is
// sixteen words; a shadow of each says what the next request or item of its QPN must see. Checked:
// contents, order per QPN with items among the requests, every request and item once, what the
// HMC holds when a dropped line is answered, lines that cannot be read, and idle.

module tb_qp_line;
  localparam int unsigned QpnW  = tern_pkg::QpnW;
  localparam int unsigned Qps   = 128;    // more than the cache holds
  localparam int unsigned BadAt = 120;    // QPNs from here cannot be read

  typedef bit [511:0] line_t;

  bit clk, rst;
  always #2 clk = !clk;

  logic                   req_valid, req_ready, out_valid, out_ready, out_hold, out_resumed;
  logic [QpnW-1:0]        req_index, out_index;
  logic [31:0]            req_payload, out_payload;
  logic [1:0]             out_slot, wake_slot;
  tern_pkg::hmc_err_e     out_err;
  logic [511:0]           out_line, wb_line;
  logic                   wb_valid, wake_valid;
  logic                   item_valid, item_ready, item_rsp_valid;
  tern_pkg::qp_item_t     item;
  tern_pkg::qp_item_rsp_t item_rsp;
  logic                   hmc_valid, hmc_ready, hmc_rsp_valid, idle, stat_hit, stat_miss;
  tern_pkg::hmc_req_t     hmc;
  tern_pkg::hmc_rsp_t     hmc_rsp;

  tern_qp_line #(
    .Line(3'd5), .Sets(4), .Ways(2), .Slots(4), .Backs(2), .PayloadW(32)
  ) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .req_valid_i(req_valid), .req_ready_o(req_ready), .req_index_i(req_index),
    .req_payload_i(req_payload),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_hold_i(out_hold),
    .out_index_o(out_index), .out_payload_o(out_payload), .out_slot_o(out_slot),
    .out_resumed_o(out_resumed), .out_err_o(out_err), .out_line_o(out_line),
    .wb_valid_i(wb_valid), .wb_line_i(wb_line),
    .wake_valid_i(wake_valid), .wake_slot_i(wake_slot),
    .item_valid_i(item_valid), .item_ready_o(item_ready), .item_i(item),
    .item_rsp_valid_o(item_rsp_valid), .item_rsp_o(item_rsp),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(hmc_ready), .hmc_o(hmc),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .stat_hit_o(stat_hit), .stat_miss_o(stat_miss)
  );

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  function automatic line_t random_line();
    line_t l;
    for (int i = 0; i < 16; i++) l[32*i +: 32] = $urandom;
    return l;
  endfunction

  // --------------------------------------------------------------------------------- HMC

  line_t memory [Qps];
  tern_pkg::hmc_req_t accesses [$];
  longint             due [$];
  longint             cycle;
  int unsigned        seed, count, lat_max;

  task automatic hmc_step();
    hmc_rsp_valid <= 0;
    if (accesses.size() != 0) begin
      int at = $urandom_range(accesses.size() - 1);
      if (due[at] <= cycle) begin
        tern_pkg::hmc_rsp_t rsp;
        rsp.tag  = accesses[at].tag;
        rsp.err  = accesses[at].index >= 28'(BadAt) ? tern_pkg::HmcSd : tern_pkg::HmcOk;
        rsp.data = memory[accesses[at].index[6:0]];
        if (accesses[at].write) memory[accesses[at].index[6:0]] = accesses[at].data;
        hmc_rsp       <= rsp;
        hmc_rsp_valid <= 1;
        accesses.delete(at);
        due.delete(at);
      end
    end
    if (hmc_valid && hmc_ready) begin
      if (hmc.kind != tern_hw_pkg::TERN_HW_HMC_KIND_QP || hmc.line != 3'd5 || 32'(hmc.index) >= Qps)
        $fatal(1, "access to kind %0d line %0d index %0d", hmc.kind, hmc.line, hmc.index);
      if (!hmc.write && !hmc.quiet) $fatal(1, "a read is not quiet");
      accesses.push_back(hmc);
      due.push_back(cycle + longint'($urandom_range(lat_max)));
    end
    hmc_ready <= pct(80);
  endtask

  // ------------------------------------------------------------------- stage and control

  line_t       shadow [Qps];
  bit [31:0]   waiting [Qps][$];   // payloads of requests, and the item as all ones
  bit          item_on;
  int unsigned in_cache, done, items, dropped;
  tern_pkg::qp_item_t item_now;
  bit          held [4];
  bit          wb_next;
  line_t       wb_line_next;
  int unsigned held_count;

  // The item's turn: seen when a request behind it comes out, at the latest when it is answered
  bit    item_ran, item_touched;
  line_t item_line;

  task automatic run_item();
    bit [6:0] q = item_now.qpn[6:0];
    if (waiting[q].size() == 0 || waiting[q][0] != '1)
      $fatal(1, "cycle %0d: item of %0d before its turn", cycle, q);
    void'(waiting[q].pop_front());
    item_line = shadow[q];
    if (q < 7'(BadAt)) shadow[q] = (shadow[q] & ~item_now.mask) | (item_now.data & item_now.mask);
    item_ran     = 1;
    item_touched = 0;
  endtask

  task automatic stage_step();
    wb_valid   <= 0;
    wake_valid <= 0;
    if (out_valid && out_ready) begin
      int unsigned q = 32'(out_index);
      if (item_on && !item_ran && q == 32'(item_now.qpn) && waiting[q][0] == '1) run_item();
      if (waiting[q].size() == 0 || waiting[q][0] != out_payload)
        $fatal(1, "cycle %0d: request %h of %0d is not next", cycle, out_payload, q);
      if (q >= BadAt) begin
        if (out_err != tern_pkg::HmcSd) $fatal(1, "line of %0d was read", q);
      end else begin
        if (out_err != tern_pkg::HmcOk) $fatal(1, "line of %0d: error", q);
        if (out_line != shadow[q]) $fatal(1, "cycle %0d: line of %0d is wrong", cycle, q);
      end
      if (out_hold) begin
        held[out_slot] = 1;
        held_count++;
      end else begin
        void'(waiting[q].pop_front());
        in_cache--;
        done++;
      end
      if (out_err == tern_pkg::HmcOk && pct(60)) begin
        line_t l = random_line();
        wb_valid  <= 1;
        wb_line   <= l;
        shadow[q] = l;
        if (q == 32'(item_now.qpn)) item_touched = 1;
      end
    end
    for (int s = 0; s < 4; s++) begin
      if (held[s] && pct(5)) begin
        wake_valid <= 1;
        wake_slot  <= 2'(s);
        held[s] = 0;
        held_count--;
        break;
      end
    end
  endtask

  task automatic control_step();
    if (item_rsp_valid) begin
      int unsigned q = 32'(item_now.qpn);
      if (!item_on) $fatal(1, "answer without an item");
      if (!item_ran) run_item();
      if ((item_rsp.err == tern_pkg::HmcOk) != (q < BadAt)) $fatal(1, "item of %0d: error", q);
      if (q < BadAt) begin
        if (item_rsp.line != item_line) $fatal(1, "item of %0d: wrong line", q);
        if (item_now.drop) begin
          dropped++;
          if (!item_touched && memory[q] != shadow[q])
            $fatal(1, "dropped line of %0d is not in the HMC", q);
        end
      end
      item_on = 0;
      items++;
    end
    if (item_valid && item_ready) begin
      item_now   = item;
      item_on    = 1;
      item_ran   = 0;
      waiting[item.qpn[6:0]].push_back('1);
      item_valid <= 0;
    end else if (!item_valid && !item_on && done < count && pct(20)) begin
      item_valid <= 1;
      item.qpn   <= QpnW'($urandom_range(Qps - 1));
      item.drop  <= pct(40);
      item.mask  <= pct(30) ? '0 : pct(30) ? '1 : random_line();
      item.data  <= random_line();
    end
  endtask

  task automatic request_step();
    if (req_valid && req_ready) begin
      waiting[req_index[6:0]].push_back(req_payload);
      in_cache++;
    end
    if (!req_valid || req_ready) begin
      req_valid   <= done + in_cache < count && pct(70);
      req_index   <= QpnW'(pct(50) ? $urandom_range(3) : $urandom_range(Qps - 1));
      req_payload <= $urandom & 32'h7fffffff;
    end
    out_ready <= pct(75);
  endtask

  // A line may only be held if it could be read
  assign out_hold = out_valid && out_ready && out_err == tern_pkg::HmcOk && out_payload[3:0] == 0 &&
                    !out_resumed;

  initial begin
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", count) == 0) count = 100000;
    void'($urandom(seed));
    lat_max = 20;
    for (int q = 0; q < int'(Qps); q++) begin
      memory[q] = random_line();
      shadow[q] = memory[q];
    end
    rst = 1;
    repeat (4) @(negedge clk);
    rst = 0;
  end

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      req_valid     <= 0;
      out_ready     <= 0;
      wb_valid      <= 0;
      wake_valid    <= 0;
      item_valid    <= 0;
      hmc_ready     <= 0;
      hmc_rsp_valid <= 0;
    end else begin
      if (cycle % 5000 == 0) lat_max = $urandom_range(3) == 0 ? 200 : $urandom_range(20);
      if (idle && (in_cache != 0 || item_on || accesses.size() != 0))
        $fatal(1, "idle with work inside");
      if (cycle > 200 * longint'(count)) $fatal(1, "stuck: %0d of %0d", done, count);
      // A request that is taken together with an item goes before it. What an item leaves is what
      // a request that comes out in the cycle of its answer must see
      request_step();
      control_step();
      stage_step();
      hmc_step();
      if (done >= count && in_cache == 0 && !item_on && !item_valid && idle) finish();
    end
  end

  task automatic finish();
    if (items < count / 40 || dropped < count / 200) $fatal(1, "items were hardly tested");
    $display("qp_line: %0d requests, %0d items, %0d drops, %0d cycles", done, items, dropped,
             cycle);
    $finish;
  endtask

endmodule
