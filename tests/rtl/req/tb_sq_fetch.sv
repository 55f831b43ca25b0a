// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_sq_fetch with random jobs, a bus that answers out of order and interleaved, a push page,
// and rings of all shapes. Checked: order, every slot against its place in the ring or the push
// page, errors, that a read stays within a 4 KiB block, buffers, and idle. The last part measures.

module tb_sq_fetch;
  import tb_req_pkg::*;

  bit clk, rst;
  always #2 clk = !clk;

  logic                   idle, job_valid, job_ready;
  tern_pkg::sq_job_t      job, out_job;
  logic                   look_valid, look_hit;
  logic [9:0]             look_page;
  logic [13:0]            look_qpn;
  logic [15:0]            look_index;
  logic [511:0]           look_line;
  logic                   out_valid, out_ready;
  tern_pkg::hmc_err_e     out_err;
  logic [4:0]             out_buf, free_buf;
  logic                   free_valid, slot_rd;
  logic [8:0]             slot_addr;
  logic [511:0]           slot_data;
  logic                   item_ready, item_rsp_valid;
  tern_pkg::qp_item_rsp_t item_rsp;
  logic                   ctx_valid, ctx_ready, ctx_rsp_valid;
  logic                   pbl_valid, pbl_ready, pbl_rsp_valid;
  tern_pkg::hmc_req_t     ctx, pbl;
  tern_pkg::hmc_rsp_t     hmc_rsp;
  logic                   rd_valid, rd_ready, rd_rsp_valid;
  tern_pkg::dma_rd_req_t  rd;
  tern_pkg::dma_rd_rsp_t  rd_rsp;
  logic                   stat_hit, stat_miss;
  int unsigned            hmc_pct, lat_max, hmc_open;

  tern_sq_fetch dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .job_valid_i(job_valid), .job_ready_o(job_ready), .job_i(job),
    .look_valid_o(look_valid), .look_page_o(look_page), .look_qpn_o(look_qpn),
    .look_index_o(look_index),
    .look_hit_i(look_hit), .look_line_i(look_line),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_job_o(out_job), .out_err_o(out_err),
    .out_buf_o(out_buf), .free_valid_i(free_valid), .free_buf_i(free_buf),
    .slot_rd_i(slot_rd), .slot_addr_i(slot_addr), .slot_data_o(slot_data),
    .item_valid_i(1'b0), .item_ready_o(item_ready), .item_i('0),
    .item_rsp_valid_o(item_rsp_valid), .item_rsp_o(item_rsp),
    .ctx_req_valid_o(ctx_valid), .ctx_req_ready_i(ctx_ready), .ctx_req_o(ctx),
    .ctx_rsp_valid_i(ctx_rsp_valid),
    .pbl_req_valid_o(pbl_valid), .pbl_req_ready_i(pbl_ready), .pbl_req_o(pbl),
    .pbl_rsp_valid_i(pbl_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .rd_valid_o(rd_valid), .rd_ready_i(rd_ready), .rd_o(rd),
    .rd_rsp_valid_i(rd_rsp_valid), .rd_rsp_i(rd_rsp),
    .stat_hit_o(stat_hit), .stat_miss_o(stat_miss)
  );

  tb_req_hmc u_hmc (
    .clk_i(clk), .rst_i(rst), .ready_pct_i(hmc_pct), .lat_max_i(lat_max), .open_o(hmc_open),
    .ctx_valid_i(ctx_valid), .ctx_ready_o(ctx_ready), .ctx_i(ctx),
    .ctx_rsp_valid_o(ctx_rsp_valid),
    .pbl_valid_i(pbl_valid), .pbl_ready_o(pbl_ready), .pbl_i(pbl),
    .pbl_rsp_valid_o(pbl_rsp_valid), .rsp_o(hmc_rsp)
  );

  int unsigned seed, job_pct, out_pct, free_pct, rd_pct, push_pct, hit_pct, hot;
  int unsigned count, taken, done, errors, pushed_hits;
  bit          on;
  longint      cycle;

  // ---------------------------------------------------------------------------------- memory

  // Contents of 64 B at a bus address
  function automatic bit [511:0] content(bit [63:0] addr);
    bit [511:0] l;
    for (int i = 0; i < 8; i++) l[64*i +: 64] = (addr + 64'(i)) * 64'h9e3779b97f4a7c15;
    return l;
  endfunction

  function automatic bit bad_addr(bit [63:0] addr);
    return addr[21:12] == 10'd77;
  endfunction

  typedef struct {
    bit [63:0]   addr;
    int unsigned beats, sent;
    bit [7:0]    tag;
    bit          bad;
    longint      due;
  } read_t;
  read_t reads [$];

  task automatic run_reads();
    int k = -1;
    rd_rsp_valid <= 0;
    for (int n = 0; n < 3 && k < 0 && reads.size() != 0; n++) begin
      k = int'($urandom_range(reads.size() - 1));
      if (reads[k].due > cycle) k = -1;
    end
    if (lat_max == 0 && reads.size() != 0 && reads[0].due <= cycle) k = 0;
    if (k >= 0) begin
      rd_rsp_valid  <= 1;
      rd_rsp.tag    <= reads[k].tag;
      rd_rsp.offset <= 13'(reads[k].sent * 64);
      rd_rsp.last   <= reads[k].sent + 1 == reads[k].beats;
      rd_rsp.err    <= reads[k].bad;
      rd_rsp.data   <= content(reads[k].addr + 64'(reads[k].sent) * 64);
      reads[k].sent++;
      if (reads[k].sent == reads[k].beats) reads.delete(k);
    end
    if (rd_valid && rd_ready) begin
      read_t r;
      if (rd.addr[5:0] != 0 || rd.len == 0 || rd.len[5:0] != 0)
        $fatal(1, "read of %h, %0d", rd.addr, rd.len);
      if (13'(rd.addr[11:0]) + rd.len > 13'd4096) $fatal(1, "read leaves its block");
      r.addr  = rd.addr;
      r.beats = 32'(rd.len) / 64;
      r.sent  = 0;
      r.tag   = rd.tag;
      r.bad   = bad_addr(rd.addr);
      r.due   = cycle + (lat_max == 0 ? 10 : longint'($urandom_range(lat_max * 3)));
      foreach (reads[i]) if (reads[i].tag == rd.tag) $fatal(1, "tag used twice");
      reads.push_back(r);
    end
    rd_ready <= pct(rd_pct);
  endtask

  // ------------------------------------------------------------------------------------ push

  // What a page holds is told by its numbers, and by chance at each look-up
  bit         look1, look1_hit;
  bit [511:0] look1_line;
  bit [511:0] hit_line [1024];   // of the look-up, under the number of the job
  bit         hit_is [1024];
  int unsigned looks;

  // ------------------------------------------------------------------------------------ jobs

  tern_pkg::sq_job_t jobs [1024];   // in order of issue, modulo 1024

  task automatic offer();
    int unsigned q = $urandom_range(hot - 1);
    int unsigned size = 1 << rings[q].sq_log_size;
    job_valid <= 0;
    if (!on || taken + 32'(job_valid) >= count || !pct(job_pct)) return;
    job_valid     <= 1;
    job.qpn       <= qpn_of(q);
    job.marker    <= pct(3);
    job.first     <= 16'($urandom);
    job.count     <= 5'($urandom_range(size < 16 ? size : 16, 1));
    job.log_size  <= rings[q].sq_log_size;
    job.epoch     <= 8'($urandom);
    job.pushed    <= pct(push_pct);
    job.single    <= pct(5) && push_pct != 100;
    if (push_pct == 100 || pct(push_pct)) job.count <= 1;
    job.page      <= 10'($urandom);
  endtask

  // --------------------------------------------------------------------- what comes out of it

  typedef struct {
    bit [4:0]          b;
    tern_pkg::sq_job_t j;
    int unsigned       n;
    bit [2:0]          err;
  } got_t;
  got_t got [$];
  bit   check_on;
  bit [31:0] buf_used;

  // What is fetched of it
  function automatic int unsigned slots_of(tern_pkg::sq_job_t j);
    return j.single ? 1 : 32'(j.count);
  endfunction

  function automatic void expected(int unsigned n, int unsigned slot, output bit [2:0] err,
                                   output bit [511:0] data);
    tern_pkg::sq_job_t j = jobs[n % 1024];
    bit [63:0] addr;
    int unsigned index = 32'(16'(32'(j.first) + slot));
    err  = 0;
    data = 0;
    if (j.marker) return;
    if (j.pushed && j.count == 1 && hit_is[n % 1024]) begin
      data = hit_line[n % 1024];
    end else begin
      place(of_qpn(32'(j.qpn)), 0, index, err, addr);
      if (err == 0 && bad_addr(addr)) err = tern_pkg::HmcDma;
      data = content(addr);
    end
  endfunction

  task automatic take_out();
    got_t       g;
    bit [2:0]   err, e;
    bit [511:0] unused;
    bit         right = 0;
    if (out_job != jobs[done % 1024]) $fatal(1, "job %0d is not next", done);
    if (buf_used[out_buf]) $fatal(1, "buffer %0d used twice", out_buf);
    buf_used[out_buf] = 1;
    // Any error of its slots will do
    err = 0;
    for (int unsigned s = 0; s < slots_of(out_job); s++) begin
      expected(done, s, e, unused);
      if (e != 0) err = e;
      if (e == out_err) right = 1;
    end
    if ((out_err != tern_pkg::HmcOk) != (err != 0) || (err != 0 && !right))
      $fatal(1, "job %0d: error %0d, expected %0d", done, out_err, err);
    if (err != 0) errors++;
    g.b   = out_buf;
    g.j   = out_job;
    g.n   = done;
    g.err = err;
    got.push_back(g);
    done++;
  endtask

  // Reads run two cycles ahead of the check: address, data
  int   read_slot;
  bit   read_q;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    look_hit <= 0;
    if (rst) begin
      job_valid    <= 0;
      out_ready    <= 0;
      free_valid   <= 0;
      slot_rd      <= 0;
      rd_ready     <= 0;
      rd_rsp_valid <= 0;
      look1        = 0;
      check_on     = 0;
      read_slot    = 0;
      read_q       = 0;
    end else begin
      if (idle && (taken != done || got.size() != 0 || reads.size() != 0))
        $fatal(1, "idle with work inside");
      run_reads();

      // Push page: answer 2 cycles after
      look_hit  <= look1 && look1_hit;
      look_line <= look1_line;
      look1 = look_valid;
      if (look_valid != (job_valid && job_ready && job.pushed && !job.marker))
        $fatal(1, "look-up");
      if (look_valid) begin
        if (look_page != job.page || look_qpn != job.qpn ||
            look_index != 16'(job.first + 16'(job.count))) $fatal(1, "look-up of another");
        look1_hit  = pct(hit_pct);
        look1_line = content({48'd0, 16'($urandom)});
        hit_is[taken % 1024]   = look1_hit;
        hit_line[taken % 1024] = look1_line;
        if (look1_hit && job.count == 1) pushed_hits++;
      end

      // Buffers are read slot by slot and then freed
      free_valid <= 0;
      slot_rd    <= 0;
      if (read_q) begin
        bit [511:0] data;
        bit [2:0]   e;
        expected(got[0].n, 32'(read_slot), e, data);
        if (slot_data != data)
          $fatal(1, "job %0d slot %0d of %0d: %h, expected %h", got[0].n, read_slot,
                 got[0].j.count, slot_data[63:0], data[63:0]);
        read_slot++;
        read_q = 0;
      end else if (check_on) begin
        read_q   = 1;
        check_on = 0;
      end else if (got.size() != 0) begin
        if (got[0].err != 0 || got[0].j.marker || read_slot == int'(slots_of(got[0].j)) ||
            free_pct == 100) begin
          if (pct(free_pct)) begin
            free_valid <= 1;
            free_buf   <= got[0].b;
            buf_used[got[0].b] = 0;
            void'(got.pop_front());
            read_slot = 0;
          end
        end else begin
          slot_rd   <= 1;
          slot_addr <= {got[0].b, 4'(read_slot)};
          check_on  = 1;
        end
      end

      if (out_valid && out_ready) take_out();
      out_ready <= pct(out_pct);
      if (job_valid && job_ready) begin
        jobs[taken % 1024] = job;
        taken++;
      end
      if (!job_valid || job_ready) offer();
    end
  end

  task automatic phase(int unsigned n, int unsigned j, int unsigned o, int unsigned f,
                       int unsigned r, int unsigned p, int unsigned hit, int unsigned lat,
                       int unsigned h);
    longint start = cycle;
    job_pct  = j;
    out_pct  = o;
    free_pct = f;
    rd_pct   = r;
    hmc_pct  = r;
    push_pct = p;
    hit_pct  = hit;
    lat_max  = lat;
    hot      = h;
    count    = taken + n;
    on       = 1;
    while (done < count || got.size() != 0) begin
      @(negedge clk);
      if (cycle - start > 2000 * longint'(n) + 100000) $fatal(1, "stuck: %0d of %0d", done, count);
    end
    on = 0;
    repeat (6) @(negedge clk);
    if (!idle) $fatal(1, "not idle");
  endtask

  int unsigned total;

  initial begin
    longint start;
    real    pushed_rate, read_rate;
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", total)) total = 30000;
    void'($urandom(int'(seed)));
    for (int unsigned i = 0; i < Qps; i++) begin
      random_ring(i, 1);
      lines[i] = line_of(i);
    end
    clk = 0;
    rst = 1;
    repeat (5) @(negedge clk);
    rst = 0;
    for (int unsigned i = 0; i < 6; i++) begin
      int unsigned n = total / 6;
      case (i)
        0: phase(n, 60, 60, 60, 60, 30, 70, 20, 48);
        1: phase(n, 100, 100, 90, 100, 0, 0, 0, 3);
        2: phase(n, 100, 100, 90, 100, 50, 50, 60, 10);
        3: phase(n, 100, 30, 90, 30, 90, 90, 10, 20);
        4: phase(n, 50, 100, 90, 100, 100, 60, 40, 5);
        default: phase(n, 100, 100, 90, 100, 20, 50, 100, 48);
      endcase
    end
    $display("sq_fetch: %0d jobs, %0d errors, %0d from the push page", done, errors, pushed_hits);

    phase(100, 100, 100, 100, 100, 0, 0, 0, 4);
    start = cycle;
    phase(2000, 100, 100, 100, 100, 100, 100, 0, 4);
    pushed_rate = real'(cycle - start) / 2000;
    start = cycle;
    phase(2000, 100, 100, 100, 100, 0, 0, 0, 4);
    read_rate = real'(cycle - start) / 2000;
    $display("sq_fetch: cycles per job %.2f (pushed), %.2f (read, several slots each)",
             pushed_rate, read_rate);
    $finish;
  end

endmodule
