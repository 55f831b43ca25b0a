// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Cycles that the host memory cache takes, against the bounds that its users rely on: latency of
// hits and misses, throughput, accesses in flight, hit under miss, one fetch for many waiting,
// invalidation under traffic, refusals with nobody taking events.
//
// Segment 0 is direct, segment 1 paged, segment 2 empty; all belong to CQ contexts. The memory
// answers in order after a fixed number of cycles.

module tb_hmc_perf;

  localparam int unsigned Clients = 3;
  localparam int unsigned PerSeg  = 32768;  // CQ contexts in a segment
  localparam int unsigned PerPage = 64;
  localparam logic [63:0] Direct  = 64'h0000_0012_3460_0000;
  localparam logic [63:0] Table   = 64'h0000_0001_2345_6000;
  localparam logic [63:0] Pages   = 64'h00ab_0000_0000_0000;

  logic clk = 1'b0;
  logic rst = 1'b1;
  int unsigned cycle = 0;

  logic [Clients-1:0]                        req_valid = '0, req_ready, rsp_valid;
  logic [Clients-1:0][tern_pkg::HmcReqW-1:0] req;
  tern_pkg::hmc_rsp_t                        rsp;
  logic                                      rd_valid, rd_rsp_valid = 1'b0;
  tern_pkg::dma_rd_req_t                     rd;
  tern_pkg::dma_rd_rsp_t                     rd_rsp;
  logic                                      wr_valid, wr_rsp_valid = 1'b0;
  tern_pkg::dma_wr_beat_t                    wr;
  tern_pkg::dma_wr_rsp_t                     wr_rsp;
  logic                                      ctl_valid = 1'b0, ctl_ready, ctl_rsp_valid;
  tern_pkg::hmc_ctl_req_t                    ctl;
  tern_pkg::ctl_rsp_t                        ctl_rsp;
  logic                                      ae_valid, ae_ready = 1'b1, stat_lost;

  tern_hmc #(.NumClients(Clients)) u_dut (
    .clk_i             (clk),
    .rst_i             (rst),
    .req_valid_i       (req_valid),
    .req_ready_o       (req_ready),
    .req_i             (req),
    .rsp_valid_o       (rsp_valid),
    .rsp_o             (rsp),
    .dma_rd_valid_o    (rd_valid),
    .dma_rd_ready_i    (1'b1),
    .dma_rd_o          (rd),
    .dma_rd_rsp_valid_i(rd_rsp_valid),
    .dma_rd_rsp_i      (rd_rsp),
    .dma_wr_valid_o    (wr_valid),
    .dma_wr_ready_i    (1'b1),
    .dma_wr_o          (wr),
    .dma_wr_rsp_valid_i(wr_rsp_valid),
    .dma_wr_rsp_i      (wr_rsp),
    .ctl_valid_i       (ctl_valid),
    .ctl_ready_o       (ctl_ready),
    .ctl_i             (ctl),
    .ctl_rsp_valid_o   (ctl_rsp_valid),
    .ctl_rsp_o         (ctl_rsp),
    .ae_valid_o        (ae_valid),
    .ae_ready_i        (ae_ready),
    .ae_o              (),
    .stat_hmc_access_o (),
    .stat_hmc_err_o    (),
    .stat_pd_hit_o     (),
    .stat_pd_miss_o    (),
    .stat_ae_lost_o    (stat_lost),
    .idle_o            ()
  );

  always #2 clk = !clk;

  // ----------------------------------------------------------------------------- memory

  typedef struct packed {
    logic [31:0] due;
    logic [7:0]  tag;
    logic [63:0] addr;
    logic [12:0] len;
  } pending_t;

  int unsigned latency = 8;
  int unsigned fetch_latency = 8;  // of page descriptors
  pending_t lines[$], descs[$], writes[$];

  function automatic logic is_due(input pending_t p);
    return p.due <= cycle;
  endfunction

  // A descriptor whose page is Pages + 4 KiB times its number
  function automatic logic [511:0] answer(input pending_t p);
    logic [511:0] line = {8{p.addr}};
    if (p.len == 13'd8) line[64 * p.addr[5:3] +: 64] = Pages | 64'(p.addr[11:3]) << 12 | 64'd1;
    return line;
  endfunction

  task automatic play_memory();
    pending_t p;
    if (rd_valid) begin
      p.due  = cycle + (rd.len == 13'd8 ? fetch_latency : latency);
      p.tag  = rd.tag;
      p.addr = rd.addr;
      p.len  = rd.len;
      if (rd.len == 13'd8) descs.push_back(p);
      else lines.push_back(p);
    end
    if (wr_valid) begin
      p.due = cycle + latency;
      p.tag = wr.tag;
      writes.push_back(p);
    end
    rd_rsp_valid <= 1'b0;
    wr_rsp_valid <= 1'b0;
    if (descs.size() != 0 && is_due(descs[0])) p = descs.pop_front();
    else if (lines.size() != 0 && is_due(lines[0])) p = lines.pop_front();
    else p.len = '0;
    if (p.len != '0 && p.due <= cycle) begin
      rd_rsp_valid <= 1'b1;
      rd_rsp <= {p.tag, 13'b0, 1'b1, 1'b0, answer(p)};
    end
    if (writes.size() != 0 && is_due(writes[0])) begin
      p = writes.pop_front();
      wr_rsp_valid <= 1'b1;
      wr_rsp <= {p.tag, 1'b0};
    end
  endtask

  // ---------------------------------------------------------------------------- clients

  // What the clients ask for: index = first + (number % span) * stride
  int unsigned first, span, stride;
  logic        writing;
  logic [Clients-1:0] asking = '0;
  int unsigned to_ask = 0;  // requests left
  int unsigned asked, accepted, answered, errors, in_flight, most_in_flight, fetched, lost;
  int unsigned last_accept, first_dma, last_answer;

  function automatic tern_pkg::hmc_req_t next_request();
    tern_pkg::hmc_req_t r = '0;
    r.kind  = tern_hw_pkg::TERN_HW_HMC_KIND_CQ;
    r.index = 28'(first + (asked % span) * stride);
    r.write = writing;
    return r;
  endfunction

  task automatic play_clients();
    for (int unsigned c = 0; c < Clients; c++) begin
      if (req_valid[c] && req_ready[c]) begin
        accepted++;
        in_flight++;
        last_accept = cycle;
      end
      if (rsp_valid[c]) begin
        answered++;
        in_flight--;
        last_answer = cycle;
        if (rsp.err != tern_pkg::HmcOk) errors++;
      end
      if (!req_valid[c] || req_ready[c]) begin
        req_valid[c] <= asking[c] && to_ask != 0;
        if (asking[c] && to_ask != 0) begin
          req[c] <= next_request();
          asked++;
          to_ask--;
        end
      end
    end
    if (in_flight > most_in_flight) most_in_flight = in_flight;
    if (rd_valid && rd.len == 13'd8) fetched++;
    if (stat_lost) lost++;
    if ((rd_valid || wr_valid) && first_dma == 0) first_dma = cycle;
  endtask

  always @(posedge clk) begin
    if (!rst) begin
      cycle++;
      play_clients();
      play_memory();
      if (cycle > 200000) $fatal(1, "the bench hangs");
    end
  end

  // -------------------------------------------------------------------------- the tests

  task automatic control(input tern_pkg::hmc_ctl_op_e op, input int unsigned count,
                         input logic [127:0] sd, output int unsigned cycles);
    int unsigned start;
    @(negedge clk);
    ctl_valid = 1'b1;
    ctl.op = op;
    ctl.kind = tern_hw_pkg::TERN_HW_HMC_KIND_CQ;
    ctl.count = count;
    ctl.sd = sd;
    while (!ctl_ready) @(negedge clk);
    start = cycle;
    @(negedge clk);
    ctl_valid = 1'b0;
    while (!ctl_rsp_valid) @(negedge clk);
    cycles = cycle - start;
    if (ctl_rsp.major != tern_hw_pkg::TERN_HW_CQP_MAJOR_OK) $fatal(1, "control request refused");
  endtask

  function automatic logic [127:0] sd_entry(input logic [15:0] sd, input logic [8:0] page,
                                            input tern_hw_pkg::tern_hw_sd_op_e op,
                                            input logic [63:0] addr);
    tern_hw_pkg::tern_hw_sd_entry_t e = '0;
    e.what.sd = sd;
    e.what.page = page;
    e.what.op = op;
    e.addr = addr;
    return e;
  endfunction

  task automatic start_run(input int unsigned n, input logic [Clients-1:0] who);
    @(negedge clk);
    {asked, accepted, answered, errors, in_flight, most_in_flight, fetched, lost} = '0;
    first_dma = 0;
    to_ask = n;
    asking = who;
  endtask

  task automatic end_run(input int unsigned n);
    while (answered != n) @(negedge clk);
  endtask

  task automatic require(input logic met, input string what);
    if (!met) $fatal(1, "%s", what);
  endtask

  // One access alone
  task automatic latency_of(input string what, input int unsigned index, input logic write,
                            input int unsigned bound, input int unsigned dma_times);
    first = index;
    writing = write;
    start_run(1, 3'b001);
    end_run(1);
    $display("hmc: %-28s %0d cycles to the DMA port, %0d in all without DMA time", what,
             first_dma - last_accept, last_answer - last_accept - dma_times * latency);
    require(first_dma - last_accept <= bound, "latency");
  endtask

  // Many accesses by all clients; bound in cycles per 100 accesses
  task automatic throughput_of(input string what, input int unsigned index, input int unsigned n,
                               input int unsigned step, input logic write,
                               input int unsigned bound);
    int unsigned start;
    first = index;
    span = n;
    stride = step;
    writing = write;
    start_run(n, '1);
    end_run(n);
    start_run(4000, '1);
    start = cycle;
    end_run(4000);
    $display("hmc: %-28s %0.2f cycles per access, at most %0d in flight, %0d fetches", what,
             real'(cycle - start) / 4000.0, most_in_flight, fetched);
    require((cycle - start) <= 40 * bound, "throughput");
  endtask

  task automatic measure_hit_under_miss();
    int unsigned start;
    fetch_latency = 400;
    first = PerSeg + 200 * PerPage;
    span = 1;
    start_run(8, 3'b001);
    while (accepted != 8) @(negedge clk);
    require(answered == 0, "answers without a descriptor");
    first = 0;
    span = 64;
    stride = 1;
    start = cycle;
    to_ask = 200;
    asking = 3'b110;
    while (answered != 200) @(negedge clk);
    $display("hmc: %-28s %0d cycles for 200 hits behind them, %0d fetch", "8 waiting for a page",
             cycle - start, fetched);
    require(cycle - start <= 300 && fetched == 1, "hit under miss");
    end_run(208);
    require(fetched == 1, "one fetch for all that wait");
  endtask

  task automatic measure_parallel_misses();
    int unsigned start;
    fetch_latency = 100;
    first = PerSeg + 300 * PerPage;
    span = 8;
    stride = PerPage;
    start_run(8, '1);
    start = cycle;
    end_run(8);
    $display("hmc: %-28s %0d cycles with a memory of 100 and %0d", "8 misses of 8 pages",
             cycle - start, latency);
    require(cycle - start <= 100 + latency + 25, "parallel misses");
    fetch_latency = 8;
  endtask

  // A refused access and its answer among reads that keep the answer bus busy
  task automatic measure_fairness();
    int unsigned start;
    first = 0;
    span = 64;
    stride = 1;
    start_run(3000, 3'b110);
    while (answered < 100) @(negedge clk);
    start = cycle;
    req[0] = {4'(tern_hw_pkg::TERN_HW_HMC_KIND_QP), 28'd0, 3'd0, 1'b0, 1'b1, 8'd0, 512'b0};
    req_valid[0] = 1'b1;
    while (!rsp_valid[0] && answered < 3000) @(negedge clk);
    $display("hmc: %-28s %0d cycles", "refusal in a stream of reads", cycle - start);
    require(cycle - start < 30, "reads hold up other answers");
    end_run(3001);
  endtask

  task automatic measure_invalidation();
    int unsigned start, took, n = 0;
    first = 0;
    span = 64;
    stride = 1;
    start_run(2000, '1);
    start = cycle;
    while (answered < 1900) begin
      control(tern_pkg::HmcCtlSd, 0,
              sd_entry(16'd1, 9'(n), tern_hw_pkg::TERN_HW_SD_OP_PAGE_INV, '0), took);
      n++;
    end
    end_run(2000);
    $display("hmc: %-28s %0.2f cycles per access, %0d invalidations of %0d cycles",
             "invalidating all the time", real'(cycle - start) / 2000.0, n, took);
    require(cycle - start <= 2400 && n > 20, "invalidation holds up others");
  endtask

  task automatic measure_refusals();
    int unsigned start;
    repeat (10) @(negedge clk);  // earlier events are taken
    ae_ready = 1'b0;
    first = 2 * PerSeg;
    start_run(1000, '1);
    start = cycle;
    end_run(1000);
    $display("hmc: %-28s %0.2f cycles per access, %0d events lost", "refused, events not taken",
             real'(cycle - start) / 1000.0, lost);
    require(cycle - start <= 1100 && errors == 1000 && lost == 996, "refusals");
    ae_ready = 1'b1;
    repeat (10) @(negedge clk);
  endtask

  int unsigned took[4];

  initial begin
    rst = 1'b1;
    span = 1;
    stride = 1;
    repeat (4) @(negedge clk);
    rst = 1'b0;
    control(tern_pkg::HmcCtlCount, 65536, '0, took[0]);
    control(tern_pkg::HmcCtlCommit, 0, '0, took[1]);
    control(tern_pkg::HmcCtlSd, 0, sd_entry(16'd0, '0, tern_hw_pkg::TERN_HW_SD_OP_DIRECT, Direct),
            took[2]);
    control(tern_pkg::HmcCtlSd, 0, sd_entry(16'd1, '0, tern_hw_pkg::TERN_HW_SD_OP_PAGED, Table),
            took[3]);
    $display("hmc: control: count %0d, commit %0d, segment %0d cycles", took[0], took[1], took[2]);
    require(took[2] == 1 && took[1] <= 10, "control");

    latency_of("read, direct", 5, 1'b0, 4, 1);
    latency_of("write, direct", 5, 1'b1, 4, 1);
    latency_of("read, page not cached", PerSeg, 1'b0, 4, 2);
    latency_of("read, page cached", PerSeg, 1'b0, 4, 1);
    latency_of("write, page cached", PerSeg, 1'b1, 4, 1);

    throughput_of("reads, direct", 0, 1000, 1, 1'b0, 110);
    throughput_of("writes, direct", 0, 1000, 1, 1'b1, 110);
    throughput_of("reads, 32 cached pages", PerSeg, 32, PerPage, 1'b0, 110);
    throughput_of("reads, 200 pages (misses)", PerSeg, 200, PerPage, 1'b0, 210);
    latency = 150;
    throughput_of("reads, memory of 150 cycles", 0, 1000, 1, 1'b0, 255);
    require(most_in_flight >= 64, "accesses in flight");
    latency = 8;

    measure_hit_under_miss();
    measure_parallel_misses();
    measure_fairness();
    measure_invalidation();
    control(tern_pkg::HmcCtlSd, 0, sd_entry(16'd1, '0, tern_hw_pkg::TERN_HW_SD_OP_CLEAR, '0),
            took[0]);
    first = PerSeg;
    start_run(1, 3'b001);
    end_run(1);
    require(errors == 1, "access to a cleared segment");
    first = 2 * PerSeg;
    measure_refusals();
    $display("hmc: figures within bounds: passed");
    $finish;
  end

endmodule
