// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Both DMA engines against the AXI memory. Random reads of static memory are compared beat by
// beat; random writes, overlapping and from several clients, go into a shadow in the order in
// which they were taken, which is compared whenever all is quiet. Some pages refuse reads, some
// writes. In between, quiesce and reset come at any time. Ends with the speed at full throttle.
//
// +count= requests in all, +seed=

module tb_dma;

  localparam int unsigned NumRd = 3;
  localparam int unsigned NumWr = 4;
  localparam int unsigned Pages = 32;                       // of each region
  localparam longint unsigned RdBase = 64'hfedc_ba98_7000_0000;
  localparam longint unsigned WrBase = 64'h0000_0123_4560_0000;
  localparam int unsigned RegionBytes = Pages * 4096;

  logic clk = 0;
  logic rst = 1;
  always #2 clk = !clk;

  int unsigned seed, count;
  longint unsigned cycle;
  always @(posedge clk) cycle <= cycle + 1;

  // ---------------------------------------------------------------------------- devices

  logic quiesce, rd_idle, wr_idle;

  logic [NumRd-1:0]                            rd_valid, rd_ready, rd_rsp_valid;
  logic [NumRd-1:0][tern_pkg::DmaRdReqW-1:0]   rd_req;
  tern_pkg::dma_rd_rsp_t                       rd_rsp;
  logic [NumWr-1:0]                            wr_valid, wr_ready, wr_rsp_valid;
  logic [NumWr-1:0][tern_pkg::DmaWrBeatW-1:0]  wr_beat;
  tern_pkg::dma_wr_rsp_t                       wr_rsp;
  logic rd_stat, rd_stat_err, wr_stat, wr_stat_err;

  logic arvalid, arready, rvalid, rready, rlast;
  logic awvalid, awready, wvalid, wready, wlast, bvalid, bready;
  logic [5:0] arid, rid, awid, bid;
  logic [63:0] araddr, awaddr, wstrb;
  logic [7:0] arlen, awlen;
  logic [2:0] arsize, awsize;
  logic [1:0] arburst, awburst, rresp, bresp;
  logic [511:0] rdata, wdata;

  tern_dma_read #(.NumClients(NumRd)) u_read (
    .clk_i(clk), .rst_i(rst), .quiesce_i(quiesce), .idle_o(rd_idle),
    .req_valid_i(rd_valid), .req_ready_o(rd_ready), .req_i(rd_req),
    .rsp_valid_o(rd_rsp_valid), .rsp_o(rd_rsp),
    .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready), .m_axi_arid_o(arid),
    .m_axi_araddr_o(araddr), .m_axi_arlen_o(arlen), .m_axi_arsize_o(arsize),
    .m_axi_arburst_o(arburst),
    .m_axi_rvalid_i(rvalid), .m_axi_rready_o(rready), .m_axi_rid_i(rid), .m_axi_rdata_i(rdata),
    .m_axi_rresp_i(rresp), .m_axi_rlast_i(rlast),
    .stat_dma_read_o(rd_stat), .stat_dma_read_err_o(rd_stat_err)
  );

  tern_dma_write #(.NumClients(NumWr)) u_write (
    .clk_i(clk), .rst_i(rst), .quiesce_i(quiesce), .idle_o(wr_idle),
    .wr_valid_i(wr_valid), .wr_ready_o(wr_ready), .wr_i(wr_beat),
    .rsp_valid_o(wr_rsp_valid), .rsp_o(wr_rsp),
    .m_axi_awvalid_o(awvalid), .m_axi_awready_i(awready), .m_axi_awid_o(awid),
    .m_axi_awaddr_o(awaddr), .m_axi_awlen_o(awlen), .m_axi_awsize_o(awsize),
    .m_axi_awburst_o(awburst),
    .m_axi_wvalid_o(wvalid), .m_axi_wready_i(wready), .m_axi_wdata_o(wdata),
    .m_axi_wstrb_o(wstrb), .m_axi_wlast_o(wlast),
    .m_axi_bvalid_i(bvalid), .m_axi_bready_o(bready), .m_axi_bid_i(bid), .m_axi_bresp_i(bresp),
    .stat_dma_write_o(wr_stat), .stat_dma_write_err_o(wr_stat_err)
  );

  // A reset of the engines finds the bus idle, so the memory keeps running
  logic mem_rst = 1;

  tb_axi_mem u_mem (
    .clk_i(clk), .rst_i(mem_rst),
    .s_axi_arvalid_i(arvalid), .s_axi_arready_o(arready), .s_axi_arid_i(arid),
    .s_axi_araddr_i(araddr), .s_axi_arlen_i(arlen), .s_axi_arsize_i(arsize),
    .s_axi_arburst_i(arburst),
    .s_axi_rvalid_o(rvalid), .s_axi_rready_i(rready), .s_axi_rid_o(rid), .s_axi_rdata_o(rdata),
    .s_axi_rresp_o(rresp), .s_axi_rlast_o(rlast),
    .s_axi_awvalid_i(awvalid), .s_axi_awready_o(awready), .s_axi_awid_i(awid),
    .s_axi_awaddr_i(awaddr), .s_axi_awlen_i(awlen), .s_axi_awsize_i(awsize),
    .s_axi_awburst_i(awburst),
    .s_axi_wvalid_i(wvalid), .s_axi_wready_o(wready), .s_axi_wdata_i(wdata),
    .s_axi_wstrb_i(wstrb), .s_axi_wlast_i(wlast),
    .s_axi_bvalid_o(bvalid), .s_axi_bready_i(bready), .s_axi_bid_o(bid), .s_axi_bresp_o(bresp)
  );

  // --------------------------------------------------------------------------- stimulus

  bit          feed_rd, feed_wr;  // new requests are made
  bit          freeze;            // clients go silent in the middle of what they do
  int unsigned gap_pct;           // cycles in which a client offers nothing new
  int unsigned force_len;         // 0: any
  int          force_lane;        // -1: any
  longint unsigned rd_made, wr_made, rd_done, wr_done, rd_errs, wr_errs;
  longint unsigned rd_taken, wr_taken, rd_err_pulses, wr_err_pulses;
  longint unsigned splits, quiesces, padded;
  bit [63:0]   rd_lanes, wr_lanes;  // alignments seen

  function automatic bit chance(int unsigned pct);
    return pct != 0 && $urandom_range(99) < pct;
  endfunction

  function automatic bit page_ok(longint unsigned addr, int unsigned access);
    return (tb_mem_pkg::tb_mem_access(addr) & access) != 0;
  endfunction

  function automatic int unsigned pick_len();
    int unsigned kind = $urandom_range(5);
    if (force_len != 0) return force_len;
    case (kind)
      0:       return 4096 - $urandom_range(130);
      1:       return 64;
      2:       return $urandom_range(4096, 1);
      3:       return $urandom_range(700, 1);
      default: return $urandom_range(130, 1);
    endcase
  endfunction

  // Offset in a region such that len bytes fit; often near the end of a page
  function automatic int unsigned pick_offset(int unsigned len);
    int unsigned off = $urandom_range(RegionBytes - len);
    if (force_lane >= 0) off = ($urandom_range(Pages - 2) << 12) + 32'(force_lane);
    else if (chance(25)) off = (off & ~32'd4095) + 4096 - $urandom_range(len < 128 ? len : 128);
    else if (chance(25)) off &= ~32'd63;
    return (off > RegionBytes - len) ? RegionBytes - len : off;
  endfunction

  // ------------------------------------------------------------------------------- reads

  typedef struct {
    bit              busy;
    longint unsigned addr;
    int unsigned     len;
    int unsigned     got;
    bit [127:0]      lines;  // lines that came, the first is 0
  } read_t;

  read_t reads [NumRd][256];

  task automatic make_read(int c);
    tern_pkg::dma_rd_req_t r;
    logic [7:0] tag = 8'($urandom);
    int unsigned len = pick_len();
    if (reads[c][tag].busy) return;
    r.addr = RdBase + 64'(pick_offset(len));
    r.len  = 13'(len);
    r.tag  = tag;
    reads[c][tag].busy  = 1;
    reads[c][tag].addr  = r.addr;
    reads[c][tag].len   = len;
    reads[c][tag].got   = 0;
    reads[c][tag].lines = '0;
    rd_lanes[r.addr[5:0]] = 1;
    if (int'(r.addr[11:0]) + int'(len) > 4096) splits++;
    rd_made++;
    rd_req[c]   <= r;
    rd_valid[c] <= 1'b1;
  endtask

  // One beat of an answer
  task automatic check_read(int c);
    read_t r = reads[c][rd_rsp.tag];
    longint unsigned at = r.addr + 64'(rd_rsp.offset);
    int unsigned n = 64 - 32'(at[5:0]);
    bit [6:0] line = 7'((at >> 6) - (r.addr >> 6));
    bit [511:0] want;
    bit bad;
    if (!r.busy) $fatal(1, "read client %0d: beat for tag %0d, which is not out", c, rd_rsp.tag);
    if (32'(rd_rsp.offset) >= r.len) $fatal(1, "offset %0d, length %0d", rd_rsp.offset, r.len);
    if (n > r.len - 32'(rd_rsp.offset)) n = r.len - 32'(rd_rsp.offset);
    if (rd_rsp.offset != 0 && at[5:0] != 0) $fatal(1, "offset %0d: not at a line", rd_rsp.offset);
    if (r.lines[line]) $fatal(1, "line %0d came twice", line);
    r.lines[line] = 1;
    r.got += n;
    tb_mem_pkg::tb_mem_get_line(at, want);
    if (page_ok(at, tb_mem_pkg::MemRead))
      for (int unsigned i = 32'(at[5:0]); i < 32'(at[5:0]) + n; i++)
        if (rd_rsp.data[8*i +: 8] != want[8*i +: 8])
          $fatal(1, "read of %h, byte %0d: %h, not %h", r.addr, rd_rsp.offset,
                 rd_rsp.data[8*i +: 8], want[8*i +: 8]);
    if (rd_rsp.last != (r.got == r.len)) $fatal(1, "last %b with %0d of %0d bytes", rd_rsp.last,
                                                r.got, r.len);
    if (rd_rsp.last) begin
      bad = !page_ok(r.addr, tb_mem_pkg::MemRead) ||
            !page_ok(r.addr + 64'(r.len) - 1, tb_mem_pkg::MemRead);
      if (rd_rsp.err != bad) $fatal(1, "read of %h: err %b", r.addr, rd_rsp.err);
      if (bad) rd_errs++;
      rd_done++;
      r.busy = 0;
    end
    reads[c][rd_rsp.tag] = r;
  endtask

  always @(posedge clk) begin
    if (rst) begin
      rd_valid <= '0;
      for (int c = 0; c < int'(NumRd); c++)
        for (int t = 0; t < 256; t++) reads[c][t].busy = 0;
    end else begin
      if ($countones(rd_rsp_valid) > 1) $fatal(1, "one answer for several clients");
      for (int c = 0; c < int'(NumRd); c++) begin
        if (rd_rsp_valid[c]) check_read(c);
        if (rd_valid[c] && rd_ready[c]) rd_valid[c] <= 1'b0;
        if ((!rd_valid[c] || rd_ready[c]) && feed_rd && !freeze && !chance(gap_pct)) make_read(c);
      end
    end
  end

  // ------------------------------------------------------------------------------ writes

  typedef struct {
    logic [7:0]      tag;
    longint unsigned addr;
    int unsigned     len;
    bit              bad;
  } write_t;

  bit [7:0]    shadow [RegionBytes];
  bit [7:0]    shadow_old [RegionBytes];  // as shadow, before the write that is being given
  write_t      wr_now  [NumWr];          // being given
  int unsigned wr_sent [NumWr];          // bytes of it taken
  bit          wr_open [NumWr];          // its first beat was taken, its last not
  bit [7:0]    wr_data [NumWr][4096];
  write_t      wr_wait [NumWr] [$];      // taken, to be answered in this order

  task automatic make_write(int c);
    int unsigned len = pick_len();
    wr_now[c].tag  = 8'($urandom);
    wr_now[c].len  = len;
    wr_now[c].addr = WrBase + 64'(pick_offset(len));
    wr_now[c].bad  = !page_ok(wr_now[c].addr, tb_mem_pkg::MemWrite) ||
                     !page_ok(wr_now[c].addr + 64'(len) - 1, tb_mem_pkg::MemWrite);
    for (int unsigned i = 0; i < len; i++) wr_data[c][i] = 8'($urandom);
    wr_sent[c] = 0;
    wr_lanes[wr_now[c].addr[5:0]] = 1;
    if (int'(wr_now[c].addr[11:0]) + int'(len) > 4096) splits++;
    wr_made++;
    offer_beat(c);
  endtask

  // Lanes behind the last byte are anything
  task automatic offer_beat(int c);
    tern_pkg::dma_wr_beat_t b;
    int unsigned n = wr_now[c].len - wr_sent[c];
    b.addr = wr_now[c].addr;
    b.len  = 13'(wr_now[c].len);
    b.tag  = wr_now[c].tag;
    b.last = n <= 64;
    for (int unsigned i = 0; i < 64; i++)
      b.data[8*i +: 8] = (i < n) ? wr_data[c][wr_sent[c] + i] : 8'($urandom);
    wr_beat[c]  <= b;
    wr_valid[c] <= 1'b1;
  endtask

  // The first beat was taken: from now on this write is newer than all before
  task automatic apply_write(int c);
    shadow_old = shadow;
    for (int unsigned i = 0; i < wr_now[c].len; i++)
      if (page_ok(wr_now[c].addr + 64'(i), tb_mem_pkg::MemWrite))
        shadow[32'(wr_now[c].addr - WrBase) + i] = wr_data[c][i];
    wr_wait[c].push_back(wr_now[c]);
  endtask

  task automatic take_beat(int c);
    if (wr_sent[c] == 0) apply_write(c);
    wr_sent[c] += 64;
    wr_open[c] = wr_sent[c] < wr_now[c].len;
    wr_valid[c] <= 1'b0;
  endtask

  task automatic check_write(int c);
    write_t w;
    if (wr_wait[c].size() == 0) $fatal(1, "write client %0d: answer to nothing", c);
    w = wr_wait[c].pop_front();
    if (w.tag != wr_rsp.tag) $fatal(1, "write tag %0d, not %0d", wr_rsp.tag, w.tag);
    if (w.bad != wr_rsp.err) $fatal(1, "write of %h: err %b", w.addr, wr_rsp.err);
    if (w.bad) wr_errs++;
    wr_done++;
  endtask

  always @(posedge clk) begin
    if (rst) begin
      wr_valid <= '0;
      for (int c = 0; c < int'(NumWr); c++) begin
        wr_open[c] = 0;
        wr_wait[c].delete();
      end
    end else begin
      if ($countones(wr_rsp_valid) > 1) $fatal(1, "one answer for several clients");
      for (int c = 0; c < int'(NumWr); c++) begin
        if (wr_rsp_valid[c]) check_write(c);
        if (wr_valid[c] && wr_ready[c]) take_beat(c);
        if ((!wr_valid[c] || wr_ready[c]) && !freeze && !chance(gap_pct)) begin
          if (wr_open[c]) offer_beat(c);
          else if (feed_wr) make_write(c);
        end
      end
    end
  end

  // ------------------------------------------------------------------------------- rules

  // Requests of others that were taken while a client's own was waiting
  int unsigned rd_passed [NumRd];
  int unsigned wr_passed [NumWr];

  task automatic check_turns();
    for (int c = 0; c < int'(NumRd); c++) begin
      if (!rd_valid[c] || rd_ready[c]) rd_passed[c] = 0;
      else if (rd_stat) rd_passed[c]++;
      if (rd_passed[c] >= NumRd) $fatal(1, "read client %0d is passed over", c);
    end
    for (int c = 0; c < int'(NumWr); c++) begin
      if (!wr_valid[c] || wr_ready[c] || wr_open[c]) wr_passed[c] = 0;
      else if (wr_stat) wr_passed[c]++;
      if (wr_passed[c] >= NumWr) $fatal(1, "write client %0d is passed over", c);
    end
  endtask

  always @(posedge clk) begin
    if (!rst) begin
      check_turns();
      if ($countones(rd_ready) > 1 || (rd_ready & ~rd_valid) != 0) $fatal(1, "read ready");
      if ($countones(wr_ready) > 1 || (wr_ready & ~wr_valid) != 0) $fatal(1, "write ready");
      if (!rready || !bready) $fatal(1, "answers are held up");
      if (rd_stat) rd_taken++;
      if (wr_stat) wr_taken++;
      if (rd_stat_err) rd_err_pulses++;
      if (wr_stat_err) wr_err_pulses++;
      if (quiesce && (rd_stat || wr_stat)) $fatal(1, "a request was taken while quiesced");
      if (rd_idle && arvalid) $fatal(1, "idle with AR valid");
      if (wr_idle && (awvalid || wvalid)) $fatal(1, "idle with AW or W valid");
    end
  end

  // ------------------------------------------------------------------------------- tests

  task automatic wait_idle(int unsigned limit, string what);
    longint unsigned start = cycle;
    while (!rd_idle || !wr_idle || !u_mem.quiet || rvalid || bvalid) begin
      @(posedge clk);
      if (cycle - start > 64'(limit)) $fatal(1, "%s: not idle after %0d cycles", what, limit);
    end
    @(posedge clk);
  endtask

  // No new requests, all old ones answered, memory as expected
  task automatic drain();
    bit waiting;
    feed_rd = 0;
    feed_wr = 0;
    do begin
      @(posedge clk);
      waiting = |rd_valid || |wr_valid;
      for (int c = 0; c < int'(NumWr); c++) waiting |= wr_open[c];
    end while (waiting);
    wait_idle(20000, "drain");
    if (rd_done != rd_made || wr_done != wr_made)
      $fatal(1, "%0d of %0d reads, %0d of %0d writes answered", rd_done, rd_made, wr_done,
             wr_made);
    compare_memory();
  endtask

  task automatic compare_memory();
    bit [511:0] line;
    for (int unsigned a = 0; a < RegionBytes; a += 64) begin
      tb_mem_pkg::tb_mem_get_line(WrBase + 64'(a), line);
      for (int unsigned i = 0; i < 64; i++)
        if (line[8*i +: 8] != shadow[a + i])
          $fatal(1, "memory at %h: %h, not %h", WrBase + 64'(a + i), line[8*i +: 8],
                 shadow[a + i]);
    end
  endtask

  // Of a write that was cut off, each byte was written or not; all others are as they should be
  task automatic adopt_cut_write();
    bit [511:0] line;
    for (int unsigned a = 0; a < RegionBytes; a += 64) begin
      tb_mem_pkg::tb_mem_get_line(WrBase + 64'(a), line);
      for (int unsigned i = 0; i < 64; i++) begin
        if (line[8*i +: 8] != shadow[a + i] && line[8*i +: 8] != shadow_old[a + i])
          $fatal(1, "cut off write: memory at %h: %h, neither %h nor %h", WrBase + 64'(a + i),
                 line[8*i +: 8], shadow_old[a + i], shadow[a + i]);
        shadow[a + i] = line[8*i +: 8];
      end
    end
  endtask

  // Clients stop at any point, then the engines must come to rest by themselves
  task automatic quiesce_and_reset();
    bit cut = 0;
    freeze  = chance(70);
    quiesce = 1;
    wait_idle(20000, "quiesce");
    for (int c = 0; c < int'(NumWr); c++) cut |= wr_open[c];
    if (cut) padded++;
    if (cut) adopt_cut_write();
    else compare_memory();
    // Requests that were never taken die with the reset
    @(negedge clk);
    rst = 1;
    repeat (3) @(posedge clk);
    @(negedge clk);
    rst     = 0;
    quiesce = 0;
    freeze  = 0;
    rd_made = rd_done;
    wr_made = wr_done;
    quiesces++;
  endtask

  task automatic random_traffic();
    longint unsigned next_quiesce = 3000, next_drain = 2000;
    longint unsigned base = 0;
    while (rd_done + wr_done < 64'(count)) begin
      feed_rd = 1;
      feed_wr = 1;
      @(posedge clk);
      if ($urandom_range(999) == 0) gap_pct = $urandom_range(2) * 40;
      if (rd_done + wr_done > next_drain) begin
        drain();
        next_drain = rd_done + wr_done + 64'($urandom_range(4000));
      end
      if (rd_done + wr_done > next_quiesce) begin
        quiesce_and_reset();
        next_quiesce = rd_done + wr_done + 64'($urandom_range(1500));
      end
      if (cycle - base > 64'd100_000) begin
        base = cycle;
        if (rd_done + wr_done == 0) $fatal(1, "nothing moves");
      end
    end
    drain();
  endtask

  // Cycles per request in a hundred, at full throttle
  task automatic measure(bit read, int unsigned len, int lane, output longint unsigned centi);
    longint unsigned start, done0;
    localparam int unsigned Warm = 300, Run = 2000;
    u_mem.stall_pct = 0;
    u_mem.lat_min   = read ? 50 : 0;  // below the 64 that ids allow at one burst per cycle
    u_mem.lat_max   = u_mem.lat_min;
    u_mem.reorder   = 0;
    gap_pct    = 0;
    force_len  = len;
    force_lane = lane;
    feed_rd    = read;
    feed_wr    = !read;
    repeat (Warm) @(posedge clk);
    start = cycle;
    done0 = read ? rd_done : wr_done;
    while ((read ? rd_done : wr_done) < done0 + 64'(Run)) @(posedge clk);
    centi = (cycle - start) * 100 / 64'(Run);
    drain();
  endtask

  task automatic expect_speed(string what, bit read, int unsigned len, int lane,
                              longint unsigned limit);
    longint unsigned centi;
    measure(read, len, lane, centi);
    $display("  %s: %0d.%02d cycles each", what, centi / 100, centi % 100);
    if (centi > limit) $fatal(1, "%s: slower than %0d.%02d", what, limit / 100, limit % 100);
  endtask

  // A read and a write alone: cycles from valid to the bus
  task automatic expect_latency();
    longint unsigned t0;
    force_len  = 64;
    force_lane = 0;
    gap_pct    = 0;
    @(posedge clk);
    feed_rd = 1;
    do @(posedge clk); while (rd_valid == 0);
    feed_rd = 0;
    t0 = cycle;
    while (!arvalid) @(posedge clk);
    if (cycle - t0 != 1) $fatal(1, "read: %0d cycles to AR", cycle - t0);
    drain();
    feed_wr = 1;
    do @(posedge clk); while (wr_valid == 0);
    feed_wr = 0;
    t0 = cycle;
    while (!awvalid || !wvalid) @(posedge clk);
    if (cycle - t0 != 1) $fatal(1, "write: %0d cycles to AW and W", cycle - t0);
    drain();
  endtask

  task automatic map_memory();
    for (int unsigned p = 0; p < Pages; p++) begin
      tb_mem_pkg::tb_mem_map(RdBase + 64'(4096 * p), 4096,
          p % 8 == 5 ? tb_mem_pkg::MemWrite : tb_mem_pkg::MemRead);
      tb_mem_pkg::tb_mem_map(WrBase + 64'(4096 * p), 4096,
          p % 8 == 3 ? tb_mem_pkg::MemRead : tb_mem_pkg::MemReadWrite);
    end
    for (int unsigned a = 0; a < RegionBytes; a += 4)
      tb_mem_pkg::tb_mem_put32(RdBase + 64'(a), $urandom);
  endtask

  initial begin
    seed  = 1;
    count = 100000;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    void'($urandom(seed));
    quiesce    = 0;
    freeze     = 0;
    force_lane = -1;
    gap_pct    = 40;
    map_memory();
    repeat (5) @(posedge clk);
    @(negedge clk);
    rst     = 0;
    mem_rst = 0;
    random_traffic();
    if (rd_lanes != '1 || wr_lanes != '1) $fatal(1, "not every alignment was tried");
    if (rd_errs == 0 || wr_errs == 0 || splits == 0 || quiesces == 0 || padded == 0)
      $fatal(1, "not every case was tried");
    if (rd_err_pulses < rd_errs || wr_err_pulses < wr_errs) $fatal(1, "error statistics");
    if (rd_taken < rd_done || wr_taken < wr_done) $fatal(1, "request statistics");
    $display("dma: seed %0d: %0d reads (%0d refused), %0d writes (%0d refused), %0d splits, %0d resets (%0d in a write), %0d reads outstanding at most, %0d out of order, %0d cycles",
             seed, rd_done, rd_errs, wr_done, wr_errs, splits, quiesces, padded,
             u_mem.max_rd_outstanding, u_mem.rd_swaps, cycle);
    expect_speed("64 B reads", 1, 64, 0, 101);
    expect_speed("4096 B reads", 1, 4096, 0, 6410);
    expect_speed("4096 B reads, split", 1, 4096, 100, 6600);
    expect_speed("32 B writes", 0, 32, 32, 101);
    expect_speed("64 B writes", 0, 64, 0, 101);
    expect_speed("64 B writes, unaligned", 0, 64, 1, 201);
    expect_speed("4096 B writes", 0, 4096, 0, 6410);
    expect_speed("4096 B writes, unaligned and split", 0, 4096, 77, 6510);
    expect_latency();
    $finish;
  end

endmodule
