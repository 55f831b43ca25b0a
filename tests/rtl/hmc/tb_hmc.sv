// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Random bench of the host memory cache: drives all ports from the C model (hmc_model.h) and hands
// it what comes out. Here are only pins, the rules of handshakes, and what statistics and idle must
// agree with.
//
// +seed=, +count= accesses

module tb_hmc #(
  parameter int unsigned NumSds         = 64,
  parameter int unsigned NumSlots       = 64,
  parameter int unsigned NumFetches     = 16,
  parameter int unsigned PdCacheEntries = 32
);

  localparam int unsigned Clients = 3;

  import "DPI-C" function void hm_init(input int unsigned seed, input int unsigned sds,
                                       input int unsigned total);
  import "DPI-C" function int hm_tick();
  import "DPI-C" function int unsigned hm_ready();
  import "DPI-C" function int hm_request(input int unsigned client, output int unsigned kind,
                                         output int unsigned index, output int unsigned line,
                                         output int unsigned flags, output int unsigned tag,
                                         output bit [511:0] data);
  import "DPI-C" function void hm_accepted(input int unsigned client);
  import "DPI-C" function void hm_response(input int unsigned client, input int unsigned tag,
                                           input int unsigned err, input bit [511:0] data,
                                           input int ae_lost);
  import "DPI-C" function void hm_event(input int unsigned code, input int unsigned source,
                                        input int unsigned id, input longint unsigned detail);
  import "DPI-C" function int unsigned hm_in_flight();
  import "DPI-C" function void hm_access_finish();
  import "DPI-C" function void hm_dma_read(input int unsigned tag, input longint unsigned addr,
                                           input int unsigned len);
  import "DPI-C" function int hm_dma_read_answer(output int unsigned tag, output int unsigned err,
                                                 output bit [511:0] data);
  import "DPI-C" function void hm_dma_write(input int unsigned tag, input longint unsigned addr,
                                            input int unsigned len, input bit [511:0] data);
  import "DPI-C" function int hm_dma_write_answer(output int unsigned tag,
                                                  output int unsigned err);
  import "DPI-C" function int unsigned hm_dma_pending();
  import "DPI-C" function longint unsigned hm_dma_fetches();
  import "DPI-C" function int hm_control(output int unsigned op, output int unsigned kind,
                                         output int unsigned count, output longint unsigned what,
                                         output longint unsigned addr);
  import "DPI-C" function void hm_control_taken();
  import "DPI-C" function void hm_control_answer(input int unsigned major,
                                                 input int unsigned minor,
                                                 input longint unsigned result);
  import "DPI-C" function void hm_script_finish();

  logic clk = 1'b0;
  logic rst = 1'b1;

  logic [Clients-1:0]                        req_valid, req_ready, rsp_valid;
  logic [Clients-1:0][tern_pkg::HmcReqW-1:0] req;
  tern_pkg::hmc_rsp_t                        rsp;
  logic                                      rd_valid, rd_ready, rd_rsp_valid;
  tern_pkg::dma_rd_req_t                     rd;
  tern_pkg::dma_rd_rsp_t                     rd_rsp;
  logic                                      wr_valid, wr_ready, wr_rsp_valid;
  tern_pkg::dma_wr_beat_t                    wr;
  tern_pkg::dma_wr_rsp_t                     wr_rsp;
  logic                                      ctl_valid, ctl_ready, ctl_rsp_valid;
  tern_pkg::hmc_ctl_req_t                    ctl;
  tern_pkg::ctl_rsp_t                        ctl_rsp;
  logic                                      ae_valid, ae_ready;
  tern_pkg::ae_req_t                         ae;
  logic                                      stat_access, stat_err, stat_hit, stat_miss, stat_lost;
  logic                                      idle;

  tern_hmc #(
    .NumClients    (Clients),
    .NumSds        (NumSds),
    .NumSlots      (NumSlots),
    .NumFetches    (NumFetches),
    .PdCacheEntries(PdCacheEntries)
  ) u_dut (
    .clk_i             (clk),
    .rst_i             (rst),
    .req_valid_i       (req_valid),
    .req_ready_o       (req_ready),
    .req_i             (req),
    .rsp_valid_o       (rsp_valid),
    .rsp_o             (rsp),
    .dma_rd_valid_o    (rd_valid),
    .dma_rd_ready_i    (rd_ready),
    .dma_rd_o          (rd),
    .dma_rd_rsp_valid_i(rd_rsp_valid),
    .dma_rd_rsp_i      (rd_rsp),
    .dma_wr_valid_o    (wr_valid),
    .dma_wr_ready_i    (wr_ready),
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
    .ae_o              (ae),
    .stat_hmc_access_o (stat_access),
    .stat_hmc_err_o    (stat_err),
    .stat_pd_hit_o     (stat_hit),
    .stat_pd_miss_o    (stat_miss),
    .stat_ae_lost_o    (stat_lost),
    .idle_o            (idle)
  );

  always #2 clk = !clk;

  int unsigned seed = 1;
  int unsigned count = 200000;
  longint unsigned cycles = 0;

  initial begin
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    hm_init(seed, NumSds, count);
    {req_valid, rd_rsp_valid, wr_rsp_valid, ctl_valid} = '0;
    {rd_ready, wr_ready, ae_ready} = '0;
    repeat (4) @(negedge clk);
    rst = 1'b0;
  end

  // ------------------------------------------------------------------ rules of handshakes

  logic                   rd_held = 1'b0, wr_held = 1'b0, ae_held = 1'b0;
  tern_pkg::dma_rd_req_t  rd_was;
  tern_pkg::dma_wr_beat_t wr_was;
  tern_pkg::ae_req_t      ae_was;

  function automatic void check_stable();
    if (rd_held && (!rd_valid || rd != rd_was)) $fatal(1, "DMA read request changed");
    if (wr_held && (!wr_valid || wr != wr_was)) $fatal(1, "DMA write request changed");
    if (ae_held && (!ae_valid || ae != ae_was)) $fatal(1, "event changed");
    rd_held = rd_valid && !rd_ready;
    wr_held = wr_valid && !wr_ready;
    ae_held = ae_valid && !ae_ready;
    rd_was = rd;
    wr_was = wr;
    ae_was = ae;
  endfunction

  // ------------------------------------------------------------------- statistics and idle

  longint unsigned accesses = 0, hits = 0, misses = 0;
  int unsigned     still = 0;  // cycles without anything in flight
  logic            ctl_busy = 1'b0;

  function automatic void check_figures();
    if (stat_access != |(req_valid & req_ready)) $fatal(1, "hmc_access is not counted right");
    if (stat_err != (|rsp_valid && rsp.err != tern_pkg::HmcOk)) $fatal(1, "hmc_err is wrong");
    if (stat_lost && !stat_err) $fatal(1, "ae_lost without an error");
    if (!$onehot0(rsp_valid) || !$onehot0(req_ready)) $fatal(1, "several clients at a time");
    accesses += 64'(stat_access);
    hits += 64'(stat_hit);
    misses += 64'(stat_miss);
    if (hm_in_flight() == 0 && hm_dma_pending() == 0 && !ctl_busy && !ctl_valid && !ae_valid &&
        req_valid == '0) begin
      still++;
      if (still > 2 && !idle) $fatal(1, "not idle without anything to do");
    end else begin
      still = 0;
      if (idle) $fatal(1, "idle with work in flight");
    end
  endfunction

  // -------------------------------------------------------------------------------- outputs

  function automatic void take_outputs();
    if (ctl_rsp_valid) begin
      if (!ctl_busy) $fatal(1, "answer without a control request");
      ctl_busy = 1'b0;
      hm_control_answer(32'(ctl_rsp.major), 32'(ctl_rsp.minor), ctl_rsp.result);
    end
    if (ctl_valid && ctl_ready) begin
      ctl_busy = 1'b1;
      hm_control_taken();
    end
    for (int unsigned c = 0; c < Clients; c++) begin
      if (rsp_valid[c]) hm_response(c, 32'(rsp.tag), 32'(rsp.err), rsp.data, 32'(stat_lost));
    end
    if (ae_valid && ae_ready) hm_event(32'(ae.code), 32'(ae.source), 32'(ae.id), ae.detail);
    for (int unsigned c = 0; c < Clients; c++) begin
      if (req_valid[c] && req_ready[c]) hm_accepted(c);
    end
    if (rd_valid && rd_ready) hm_dma_read(32'(rd.tag), rd.addr, 32'(rd.len));
    if (wr_valid && wr_ready) begin
      if (!wr.last) $fatal(1, "a write of more than one beat");
      hm_dma_write(32'(wr.tag), wr.addr, 32'(wr.len), wr.data);
    end
  endfunction

  // --------------------------------------------------------------------------------- inputs

  task automatic drive_requests();
    int unsigned kind, index, line, flags, tag;
    bit [511:0] data;
    tern_pkg::hmc_req_t next;
    for (int unsigned c = 0; c < Clients; c++) begin
      if (!req_valid[c] || req_ready[c]) begin
        req_valid[c] <= 1'b0;
        if (hm_request(c, kind, index, line, flags, tag, data) != 0) begin
          next.kind  = 4'(kind);
          next.index = 28'(index);
          next.line  = 3'(line);
          next.write = flags[0];
          next.quiet = flags[1];
          next.tag   = 8'(tag);
          next.data  = data;
          req[c] <= next;
          req_valid[c] <= 1'b1;
        end
      end
    end
  endtask

  task automatic drive_memory();
    int unsigned tag, err, ready;
    bit [511:0] data;
    ready = hm_ready();
    {ae_ready, wr_ready, rd_ready} <= ready[2:0];
    rd_rsp_valid <= hm_dma_read_answer(tag, err, data) != 0;
    rd_rsp.tag <= 8'(tag);
    rd_rsp.offset <= '0;
    rd_rsp.last <= 1'b1;
    rd_rsp.err <= err[0];
    rd_rsp.data <= data;
    wr_rsp_valid <= hm_dma_write_answer(tag, err) != 0;
    wr_rsp.tag <= 8'(tag);
    wr_rsp.err <= err[0];
  endtask

  task automatic drive_control(input bit over);
    int unsigned op, kind, number;
    longint unsigned what, addr;
    if (ctl_valid && ctl_ready) ctl_valid <= 1'b0;
    if (ctl_valid || ctl_busy || over) return;
    if (hm_control(op, kind, number, what, addr) != 0) begin
      ctl_valid <= 1'b1;
      ctl.op    <= tern_pkg::hmc_ctl_op_e'(op[2:0]);
      ctl.kind  <= 4'(kind);
      ctl.count <= number;
      ctl.sd    <= {addr, what};
    end
  endtask

  always @(posedge clk) begin
    if (!rst) begin
      cycles++;
      check_stable();
      check_figures();
      take_outputs();
      drive_requests();
      drive_memory();
      drive_control(hm_tick() != 0);
      if (still > 20 && accesses >= 64'(count)) finish_test();
    end
  end

  task automatic finish_test();
    if (misses != hm_dma_fetches()) $fatal(1, "pd_miss is not the number of fetches");
    hm_access_finish();
    hm_script_finish();
    $display("hmc: page descriptors %0d hits, %0d fetches; %0d cycles, seed %0d: passed", hits,
             misses, cycles, seed);
    $finish;
  endtask

  // The longest round takes a small part of this
  always @(posedge clk) begin
    if (cycles > 64'(count) * 200 + 1000000) $fatal(1, "no end after %0d cycles", cycles);
  end

endmodule
