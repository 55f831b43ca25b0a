// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_emit and tern_gid between a model of tern_gather, of the QP objects and of the wire, with
// stalls everywhere. Every frame is compared byte by byte, every slot's outcome with what it must
// be, and ring lines change as soon as they are given back. The directed part measures.

module tb_emit;

  import "DPI-C" function void emit_start(input int unsigned seed);
  import "DPI-C" function int emit_net(input int unsigned qpn, output bit [511:0] line);
  import "DPI-C" function int unsigned emit_modify(output bit [511:0] mask, output bit [511:0] data);
  import "DPI-C" function void emit_gid(input int unsigned index, output bit [511:0] entry);
  import "DPI-C" function void emit_ring(input int unsigned line, output bit [511:0] data);
  import "DPI-C" function int emit_slot(input int mode, output int unsigned flags,
    output int unsigned qpn, output int unsigned opcode, output int unsigned psn,
    output int unsigned ext_len, output bit [223:0] ext, output int unsigned len,
    output int unsigned wqe, output int unsigned line, output bit [245:0] path);
  import "DPI-C" function string emit_done(input int unsigned lines, input int unsigned flags,
    input int unsigned src, input int unsigned dqpn, input int unsigned sqpn,
    input int unsigned wqe, input int unsigned bytes);
  import "DPI-C" function string emit_beat(input bit [511:0] data, input longint unsigned keep,
    input int last, input int own);
  import "DPI-C" function int unsigned emit_twice();
  import "DPI-C" function int unsigned emit_left();

  bit clk, rst;
  always #2 clk = !clk;

  logic              idle, slot_valid, slot_ready, slot_killed, ring_read, done_valid;
  tern_pkg::tx_pkt_t slot;
  logic [9:0]        slot_line, ring_line;
  logic [511:0]      ring_data;
  logic [7:0]        done_lines;
  logic              pre_valid;
  logic [13:0]       pre_qpn;
  logic              hmc_valid, hmc_ready, hmc_rsp_valid;
  tern_pkg::hmc_req_t hmc_req;
  tern_pkg::hmc_rsp_t hmc_rsp;
  logic [6:0]        gid_index, gid_windex;
  logic              gid_write;
  logic [511:0]      gid_wentry, gid_entry;
  logic              drained, sent, eth_sent, eth_err;
  tern_pkg::tx_src_e drained_src;
  logic [13:0]       drained_qpn, sent_qpn, bytes;
  logic [15:0]       eth_wqe;
  logic              tvalid, tready, tlast, town;
  logic              left_valid, left_ready, path_valid, path_ready;
  tern_pkg::ud_path_t path_now;
  logic [13:0]       left_qpn;
  logic [23:0]       left_psn;
  logic [511:0]      tdata;
  logic [63:0]       tkeep;
  logic              s_frame, s_request, s_response, s_ack, s_nak, s_drop, s_hit, s_miss;

  logic              mcast_ask;
  logic [127:0]      mcast_gid;

  logic              item_valid, item_ready, item_rsp_valid;
  tern_pkg::qp_item_t item;

  tern_emit dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .slot_valid_i(slot_valid), .slot_ready_o(slot_ready), .slot_i(slot),
    .slot_killed_i(slot_killed), .slot_line_i(slot_line),
    .ring_read_o(ring_read), .ring_line_o(ring_line), .ring_data_i(ring_data),
    .done_valid_o(done_valid), .done_lines_o(done_lines),
    .prefetch_valid_i(pre_valid), .prefetch_qpn_i(pre_qpn),
    .path_valid_i(path_valid), .path_ready_o(path_ready), .path_i(path_now),
    .item_valid_i(item_valid), .item_ready_o(item_ready), .item_i(item),
    .item_rsp_valid_o(item_rsp_valid), .item_rsp_o(),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(hmc_ready), .hmc_o(hmc_req),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .gid_index_o(gid_index), .gid_entry_i(gid_entry), .mac_addr_i(48'h020000000001),
    .mcast_ask_o(mcast_ask), .mcast_gid_o(mcast_gid), .mcast_hit_i(mcast_ask && mcast_gid[120]),
    .drained_valid_o(drained), .drained_src_o(drained_src), .drained_qpn_o(drained_qpn),
    .sent_valid_o(sent), .sent_qpn_o(sent_qpn),
    .eth_sent_valid_o(eth_sent), .eth_sent_wqe_o(eth_wqe), .eth_sent_err_o(eth_err),
    .left_valid_o(left_valid), .left_ready_i(left_ready), .left_qpn_o(left_qpn),
    .left_psn_o(left_psn),
    .m_axis_tvalid_o(tvalid), .m_axis_tready_i(tready), .m_axis_tdata_o(tdata),
    .m_axis_tkeep_o(tkeep), .m_axis_tlast_o(tlast), .m_axis_town_o(town),
    .stat_frame_o(s_frame), .stat_bytes_o(bytes), .stat_request_o(s_request),
    .stat_response_o(s_response), .stat_ack_o(s_ack), .stat_nak_o(s_nak), .stat_drop_o(s_drop),
    .stat_hit_o(s_hit), .stat_miss_o(s_miss)
  );

  tern_gid u_gid (
    .clk_i(clk), .rst_i(rst), .write_i(gid_write), .index_i(gid_windex), .entry_i(gid_wentry),
    .entry_o(), .rd_index_i(gid_index), .rd_entry_o(gid_entry)
  );

  int unsigned seed, count, made, done, valid_pct, ready_pct, hmc_lat;
  int          mode;
  bit          on, pre_on;
  longint      cycle, first_done, last_done, slot_at, first_beat_at, beats, hits, misses;

  typedef struct {
    tern_pkg::hmc_req_t req;
    longint             due;
  } access_t;
  access_t accesses [$];

  typedef struct {
    tern_pkg::tx_pkt_t pkt;
    bit                killed;
    bit [9:0]          line;
  } slot_t;
  slot_t queue [$], taken [$];
  bit [37:0] lefts [$];   // {qpn, psn} that are to be told
  int unsigned left_pct, lefts_seen, uds, twice;
  bit [245:0] paths [$];  // one for each UD slot

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  task automatic check(string what);
    if (what != "") $fatal(1, "slot %0d: %s", done, what);
  endtask

  task automatic make();
    int unsigned flags, qpn, opcode, psn, ext_len, len, wqe, line;
    bit [223:0] ext;
    bit [245:0] path;
    slot_t s;
    pre_valid <= 0;
    if (!on || made >= count || queue.size() > 30) return;
    if (emit_slot(mode, flags, qpn, opcode, psn, ext_len, ext, len, wqe, line, path) == 0) return;
    s.pkt = '0;
    s.pkt.src       = tern_pkg::tx_src_e'(flags[5:4]);
    s.pkt.marker    = flags[0];
    s.pkt.qpn       = qpn[13:0];
    s.pkt.opcode    = opcode[7:0];
    s.pkt.solicited = flags[2];
    s.pkt.ack_req   = flags[3];
    s.pkt.psn       = psn[23:0];
    s.pkt.ext_len   = ext_len[4:0];
    s.pkt.ext       = ext;
    s.pkt.len       = len[13:0];
    s.pkt.wqe       = wqe[15:0];
    s.pkt.ud        = flags[6];
    if (flags[6]) paths.push_back(path);
    s.pkt.finish    = s.pkt.src == tern_pkg::TxReq && pct(50);
    s.killed        = flags[1];
    s.line          = line[9:0];
    queue.push_back(s);
    made++;
    pre_valid <= pre_on && pct(80) && !flags[0] && flags[5:4] != 2'd3;
    pre_qpn   <= qpn[13:0];
  endtask

  logic held_q, held_last;
  logic [511:0] held_data;
  logic [63:0]  held_keep;
  bit   in_frame;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      slot_valid    <= 0;
      pre_valid     <= 0;
      tready        <= 0;
      hmc_ready     <= 0;
      hmc_rsp_valid <= 0;
      held_q        <= 0;
    end else begin
      hits   += longint'(s_hit);
      misses += longint'(s_miss);
      // HMC
      hmc_rsp_valid <= 0;
      if (accesses.size() != 0 && accesses[0].due <= cycle) begin
        bit [511:0] l;
        if (accesses[0].req.write) l = '0;
        if (accesses[0].req.write || emit_net(32'(accesses[0].req.index), l) != 0) hmc_rsp.err <= tern_pkg::HmcOk;
        else hmc_rsp.err <= tern_pkg::HmcIndex;
        hmc_rsp.data  <= l;
        hmc_rsp.tag   <= accesses[0].req.tag;
        hmc_rsp_valid <= 1;
        void'(accesses.pop_front());
      end
      if (hmc_valid && hmc_ready) begin
        access_t a;
        if (hmc_req.kind != 4'd0 || hmc_req.line != 3'd4)
          $fatal(1, "access to another object");
        a.req = hmc_req;
        a.due = cycle + longint'($urandom_range(hmc_lat));
        accesses.push_back(a);
      end
      hmc_ready <= pct(80);

      // Ring: the data stays until the next read
      if (ring_read) begin
        bit [511:0] l;
        emit_ring(32'(ring_line), l);
        ring_data <= l;
      end

      // Outcome
      if (done_valid) begin
        slot_t s = taken.pop_front();
        if (s.pkt.finish && !s.pkt.marker && !s.killed) lefts.push_back({s.pkt.qpn, s.pkt.psn});
        if (s.pkt.marker && lefts.size() != 0) $fatal(1, "marker before what has left is told");
        check(emit_done(32'(done_lines),
          {22'd0, s_drop, s_nak, s_ack, s_response, s_request, s_frame,
           eth_sent && eth_err, eth_sent, sent, drained},
          32'(drained_src), 32'(drained_qpn), 32'(sent_qpn), 32'(eth_wqe), 32'(bytes)));
        done++;
        if (first_done == 0) first_done = cycle;
        last_done = cycle;
      end else if (s_frame && !(s_drop || s_nak || s_ack || s_response || s_request || eth_sent || sent ||
                                drained)) begin
        // The first time of two
        if (taken.size() == 0 || !taken[0].pkt.ud) $fatal(1, "frame without its end");
        twice++;
      end else if (s_drop || s_nak || s_ack || s_response || s_request || s_frame || eth_sent ||
                   sent || drained) begin
        $fatal(1, "pulse beside done");
      end

      if (left_valid && left_ready) begin
        if (lefts.size() == 0 || lefts.pop_front() != {left_qpn, left_psn})
          $fatal(1, "QP %0d, PSN %h has not left", left_qpn, left_psn);
        lefts_seen++;
      end
      left_ready <= pct(left_pct);
      if (path_ready) begin
        if (!path_valid || !slot_valid || !slot_ready || !slot.ud) $fatal(1, "address taken");
        void'(paths.pop_front());
        uds++;
      end
      path_valid <= paths.size() != 0;
      path_now   <= paths.size() != 0 ? paths[0] : '1;

      // Wire
      if (held_q && (!tvalid || tlast != held_last || tdata != held_data || tkeep != held_keep))
        $fatal(1, "beat changed before it was taken");
      if (in_frame && !tvalid) $fatal(1, "pause in a frame");
      held_q    <= tvalid && !tready;
      held_last <= tlast;
      held_data <= tdata;
      held_keep <= tkeep;
      if (tvalid && first_beat_at == 0) first_beat_at = cycle;
      if (tvalid && tready) begin
        check(emit_beat(tdata, tkeep, int'(tlast), int'(town)));
        in_frame <= !tlast;
        beats++;
      end
      tready <= pct(ready_pct);

      if (idle && (tvalid || slot_valid || accesses.size() != 0)) $fatal(1, "idle with work");

      // Slots
      make();
      if (slot_valid && slot_ready) taken.push_back(queue.pop_front());
      if (!slot_valid || slot_ready) begin
        if (queue.size() != 0 && pct(valid_pct)) begin
          slot_valid  <= 1;
          slot        <= queue[0].pkt;
          slot_killed <= queue[0].killed;
          slot_line   <= queue[0].line;
          if (slot_at == 0) slot_at = cycle + 1;
        end else begin
          slot_valid <= 0;
        end
      end
    end
  end

  task automatic settle();
    int unsigned n = 0;
    while (emit_left() != 0 || queue.size() != 0 || lefts.size() != 0 || !idle) begin
      @(negedge clk);
      n++;
      if (n > 100000) $fatal(1, "stuck: %0d left, idle %0d", emit_left(), idle);
    end
  endtask

  // The control changes addresses: what is sent afterwards has the new ones
  task automatic modify();
    bit [511:0] mask, data;
    settle();
    item.qpn  = 14'(emit_modify(mask, data));
    item.drop = pct(30);
    item.mask = mask;
    item.data = data;
    if (!item_ready) $fatal(1, "item not taken");
    item_valid = 1;
    @(negedge clk);
    item_valid = 0;
    for (int n = 0; !item_rsp_valid; n++) begin
      if (n > 2000) $fatal(1, "item without an answer");
      @(negedge clk);
    end
    @(negedge clk);
  endtask

  task automatic measure(int what, int unsigned n, string name, real limit);
    real per;
    longint b;
    mode = what;
    valid_pct = 100;
    ready_pct = 100;
    hmc_lat   = 5;
    pre_on    = 1;
    for (int warm = 0; warm < 2; warm++) begin
      settle();
      first_done = 0;
      slot_at = 0;
      first_beat_at = 0;
      b = beats;
      count = made + n;
      while (made < count) @(negedge clk);
      settle();
    end
    per = real'(last_done - first_done) / real'(n - 1);
    $display("  %s: %.2f cycles a packet, %0d beats, first beat after %0d cycles", name, per,
             (beats - b) / longint'(n), first_beat_at - slot_at);
    if (per > limit) $fatal(1, "too slow");
    if (first_beat_at - slot_at > 16) $fatal(1, "latency");
  endtask

  initial begin
    int unsigned n;
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", n) == 0) n = 20000;
    void'($urandom(int'(seed)));
    emit_start(seed);
    valid_pct = 100;
    ready_pct = 100;
    left_pct  = 100;
    rst = 1;
    gid_write = 0;
    item_valid = 0;
    repeat (3) @(negedge clk);
    rst = 0;
    for (int i = 0; i < 128; i++) begin
      bit [511:0] e;
      emit_gid(i, e);
      gid_write  = 1;
      gid_windex = 7'(i);
      gid_wentry = e;
      @(negedge clk);
    end
    gid_write = 0;
    on = 1;
    measure(1, 40, "4096 B", 66.0);
    measure(2, 60, "WRITE of 64 B", 3.0);
    measure(3, 60, "ACK", 2.0);
    mode = 0;
    count = made + n;
    while (made < count) begin
      valid_pct = pct(50) ? 100 : 10 + $urandom_range(80);
      ready_pct = pct(50) ? 100 : 10 + $urandom_range(80);
      hmc_lat   = $urandom_range(1) == 0 ? 3 : 200;
      pre_on    = pct(70);
      left_pct  = pct(50) ? 100 : 5 + $urandom_range(80);
      repeat (500) @(negedge clk);
      if (pct(20)) begin
        on = 0;
        modify();
        on = 1;
      end
    end
    valid_pct = 100;
    ready_pct = 100;
    settle();
    if (lefts_seen < n / 50 || uds < n / 50 || twice < n / 200) $fatal(1, "hardly tested");
    if (twice != emit_twice()) $fatal(1, "%0d frames twice, not %0d", twice, emit_twice());
    $display("emit: %0d slots, %0d beats, %0d hits, %0d misses, %0d left, %0d of UD, %0d twice", done, beats,
             hits, misses, lefts_seen, uds, twice);
    $finish;
  end

endmodule
