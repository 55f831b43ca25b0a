// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_ring_addr against a model of the rings: addresses and errors, one answer per request, order
// within a QPN, and that nothing old is used after a control item has changed a ring and its page
// list (which shares lines of entries with those of its neighbours). The last part measures.

module tb_ring_addr #(
  parameter int unsigned Sets  = 16,
  parameter int unsigned Ways  = 4,
  parameter int unsigned Slots = 8
);
  import tb_req_pkg::*;

  bit clk, rst;
  always #2 clk = !clk;

  logic                   idle, req_valid, req_ready, req_rq;
  logic [13:0]            req_qpn;
  logic [15:0]            req_index;
  logic [7:0]             req_tag;
  logic                   rsp_valid, rsp_ready;
  logic [7:0]             rsp_tag;
  tern_pkg::hmc_err_e     rsp_err;
  logic [63:0]            rsp_addr;
  logic [3:0]             rsp_log_size;
  logic [2:0]             rsp_log_stride;
  logic                   item_valid, item_ready, item_rsp_valid;
  tern_pkg::qp_item_t     item;
  tern_pkg::qp_item_rsp_t item_rsp;
  logic                   ctx_valid, ctx_ready, ctx_rsp_valid;
  logic                   pbl_valid, pbl_ready, pbl_rsp_valid;
  tern_pkg::hmc_req_t     ctx, pbl;
  tern_pkg::hmc_rsp_t     hmc_rsp;
  logic                   stat_hit, stat_miss;
  int unsigned            hmc_pct, lat_max, hmc_open;

  tern_ring_addr #(.Sets(Sets), .Ways(Ways), .Slots(Slots)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .req_valid_i(req_valid), .req_ready_o(req_ready), .req_qpn_i(req_qpn), .req_rq_i(req_rq),
    .req_index_i(req_index), .req_tag_i(req_tag),
    .rsp_valid_o(rsp_valid), .rsp_ready_i(rsp_ready), .rsp_tag_o(rsp_tag), .rsp_err_o(rsp_err),
    .rsp_addr_o(rsp_addr), .rsp_log_size_o(rsp_log_size), .rsp_log_stride_o(rsp_log_stride),
    .item_valid_i(item_valid), .item_ready_o(item_ready), .item_i(item),
    .item_rsp_valid_o(item_rsp_valid), .item_rsp_o(item_rsp),
    .ctx_req_valid_o(ctx_valid), .ctx_req_ready_i(ctx_ready), .ctx_req_o(ctx),
    .ctx_rsp_valid_i(ctx_rsp_valid),
    .pbl_req_valid_o(pbl_valid), .pbl_req_ready_i(pbl_ready), .pbl_req_o(pbl),
    .pbl_rsp_valid_i(pbl_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .stat_hit_o(stat_hit), .stat_miss_o(stat_miss)
  );

  tb_req_hmc u_hmc (
    .clk_i(clk), .rst_i(rst), .ready_pct_i(hmc_pct), .lat_max_i(lat_max), .open_o(hmc_open),
    .ctx_valid_i(ctx_valid), .ctx_ready_o(ctx_ready), .ctx_i(ctx),
    .ctx_rsp_valid_o(ctx_rsp_valid),
    .pbl_valid_i(pbl_valid), .pbl_ready_o(pbl_ready), .pbl_i(pbl),
    .pbl_rsp_valid_o(pbl_rsp_valid), .rsp_o(hmc_rsp)
  );

  int unsigned seed, count, req_pct, rsp_pct, item_pct, hot;
  bit          on, fixed;
  longint      cycle;

  // What each tag waits for
  bit          busy [256];
  int unsigned want_qp [256];
  bit [2:0]    want_err [256];
  bit [63:0]   want_addr [256];
  bit [3:0]    want_size [256];
  bit [2:0]    want_stride [256];
  int unsigned want_seq [256];
  int unsigned seq_in [64], seq_out [64];   // per QP
  int unsigned taken, done, errors, items, open_qp [Qps];
  int          item_qp;    // its ring changes: no requests
  bit          item_sent;

  task automatic take_request();
    int unsigned q = of_qpn(32'(req_qpn));
    bit [2:0]    e;
    bit [63:0]   a;
    place(q, req_rq, 32'(req_index), e, a);
    want_qp[req_tag]     = q;
    want_err[req_tag]    = e;
    want_addr[req_tag]   = a;
    want_size[req_tag]   = req_rq ? rings[q].rq_log_size : rings[q].sq_log_size;
    want_stride[req_tag] = rings[q].rq_stride;
    want_seq[req_tag]    = seq_in[q];
    seq_in[q]++;
    taken++;
  endtask

  task automatic take_answer();
    int unsigned q = want_qp[rsp_tag];
    if (!busy[rsp_tag]) $fatal(1, "answer of tag %0d out of nothing", rsp_tag);
    if (want_seq[rsp_tag] != seq_out[q]) $fatal(1, "QP %0d: out of order", q);
    seq_out[q]++;
    if (rsp_err != tern_pkg::hmc_err_e'(want_err[rsp_tag]))
      $fatal(1, "QP %0d: error %0d, expected %0d", q, rsp_err, want_err[rsp_tag]);
    if (rsp_err == tern_pkg::HmcOk) begin
      if (rsp_addr != want_addr[rsp_tag])
        $fatal(1, "QP %0d: address %h, expected %h", q, rsp_addr, want_addr[rsp_tag]);
      if (rsp_log_size != want_size[rsp_tag] || rsp_log_stride != want_stride[rsp_tag])
        $fatal(1, "QP %0d: size %0d stride %0d", q, rsp_log_size, rsp_log_stride);
    end else begin
      errors++;
    end
    busy[rsp_tag] = 0;
    open_qp[q]--;
    done++;
  endtask

  task automatic offer();
    int unsigned q = fixed ? $urandom_range(hot - 1) * 3 : $urandom_range(hot - 1) % Qps;
    bit [7:0]    t = 8'($urandom);
    req_valid <= 0;
    if (!on || !pct(req_pct) || taken + 32'(req_valid) >= count || busy[t] ||
        item_qp == int'(q)) return;
    busy[t] = 1;
    open_qp[q]++;
    req_valid <= 1;
    req_qpn   <= qpn_of(q);
    req_rq    <= pct(50);
    req_index <= 16'($urandom);
    req_tag   <= t;
  endtask

  task automatic run_item();
    if (item_valid && item_ready) item_valid <= 0;
    if (item_rsp_valid) begin
      if ((item_rsp.err != tern_pkg::HmcOk) != bad_qp(32'(item_qp))) $fatal(1, "item: error");
      item_qp = -1;
      items++;
    end
    if (item_qp >= 0 && !item_sent && open_qp[item_qp] == 0) begin
      // Nobody works with it: the host may change it. Neighbours still read the same lines
      if (pct(80)) begin
        random_ring(32'(item_qp), 0);
        item.mask <= '1;
        item.data <= line_of(32'(item_qp));
        item.drop <= pct(20);
      end else begin
        item.mask <= '0;
        item.drop <= 1;
      end
      item.qpn   <= qpn_of(32'(item_qp));
      item_valid <= 1;
      item_sent  = 1;
    end
    if (on && item_qp < 0 && pct(item_pct)) begin
      item_qp   = int'($urandom_range(hot - 1) % Qps);
      item_sent = 0;
    end
  endtask

  logic        held;
  logic [63:0] held_addr;
  logic [7:0]  held_tag;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      req_valid  <= 0;
      rsp_ready  <= 0;
      item_valid <= 0;
      item_qp    = -1;
      held       = 0;
    end else begin
      if (idle && (taken != done || hmc_open != 0)) $fatal(1, "idle with work inside");
      if (held && (!rsp_valid || rsp_addr != held_addr || rsp_tag != held_tag))
        $fatal(1, "answer changed");
      held      = rsp_valid && !rsp_ready;
      held_addr = rsp_addr;
      held_tag  = rsp_tag;
      if (rsp_valid && rsp_ready) take_answer();
      rsp_ready <= pct(rsp_pct);
      run_item();
      if (req_valid && req_ready) take_request();
      if (!req_valid || req_ready) offer();
    end
  end

  task automatic phase(int unsigned n, int unsigned rq, int unsigned rs, int unsigned it,
                       int unsigned hm, int unsigned lat, int unsigned h);
    longint start = cycle;
    req_pct  = rq;
    rsp_pct  = rs;
    item_pct = it;
    hmc_pct  = hm;
    lat_max  = lat;
    hot      = h;
    count    = taken + n;
    on       = 1;
    while (done < count || item_qp >= 0) begin
      @(negedge clk);
      if (taken >= count) item_pct = 0;
      if (cycle - start > 500 * longint'(n) + 100000) $fatal(1, "stuck: %0d of %0d", done, count);
    end
    on = 0;
    repeat (4) @(negedge clk);
    if (!idle) $fatal(1, "not idle");
  endtask

  int unsigned total;

  initial begin
    longint start;
    real    one, many;
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", total)) total = 200000;
    void'($urandom(int'(seed)));
    for (int unsigned i = 0; i < Qps; i++) begin
      random_ring(i, 0);
      lines[i] = line_of(i);
    end
    clk = 0;
    rst = 1;
    repeat (5) @(negedge clk);
    rst = 0;
    for (int unsigned i = 0; i < 6; i++) begin
      int unsigned n = total / 6;
      case (i)
        0: phase(n, 60, 60, 2, 60, 20, 48);
        1: phase(n, 100, 100, 0, 100, 0, 3);
        2: phase(n, 100, 100, 20, 100, 60, 6);
        3: phase(n, 100, 30, 5, 30, 10, 20);
        4: phase(n, 100, 100, 30, 100, 4, 2);
        default: phase(n, 100, 100, 1, 100, 100, 48);
      endcase
    end
    $display("ring_addr: %0d answers, %0d errors, %0d items", done, errors, items);

    // Hits: contiguous and by page list
    for (int unsigned i = 0; i < 12; i++) begin
      rings[i].sq_valid = 1;
      rings[i].rq_valid = 1;
      item_qp   = int'(i);
      item_sent = 1;
      rings[i].sq_level    = i[0];
      rings[i].rq_level    = i[0];
      rings[i].sq_shift    = 12;
      rings[i].rq_shift    = 12;
      rings[i].sq_log_size = 6;
      rings[i].rq_log_size = 2;
      rings[i].sq_ring     = i[0] ? 64'(i) : 64'h1000;
      rings[i].rq_ring     = i[0] ? 64'(i) : 64'h2000;
      @(negedge clk);
      item.qpn   = qpn_of(i);
      item.mask  = '1;
      item.data  = line_of(i);
      item.drop  = 0;
      item_valid = 1;
      while (item_qp >= 0) @(negedge clk);
    end
    fixed = 1;
    phase(200, 100, 100, 0, 100, 0, 4);
    start = cycle;
    phase(4000, 100, 100, 0, 100, 0, 4);
    many  = real'(cycle - start) / 4000;
    start = cycle;
    phase(4000, 100, 100, 0, 100, 0, 1);
    one   = real'(cycle - start) / 4000;
    $display("ring_addr: cycles per hit %.2f (4 QPs), %.2f (one QP)", many, one);
    if (many > 2.0 || one > 2.1) $fatal(1, "too slow");
    $finish;
  end

endmodule
