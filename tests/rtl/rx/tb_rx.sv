// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_rx_parse, tern_rx_buf, tern_steer, tern_mcast and tern_fanout together, between a wire with valid and
// broken frames and users that take packets late, read them and free them in any order. Verdicts, statistics
// and records are compared with a model that parses byte by byte; the payload with what was sent. Each QP of
// a group gets its copies in order, and an id does not come again before all of its copies are free.

module tb_rx;

  import "DPI-C" function void rx_start(input int unsigned seed);
  import "DPI-C" function void rx_change_gid(input int unsigned index);
  import "DPI-C" function void rx_gid_entry(input int unsigned index, output bit [511:0] entry);
  import "DPI-C" function longint unsigned rx_mac(input int promisc,
    input int multicast);
  import "DPI-C" function int unsigned rx_ctl(input int steady, output int unsigned sgid,
    output bit [127:0] peer);
  import "DPI-C" function void rx_ctl_done(input int unsigned word, input int unsigned sgid,
    input bit [127:0] peer);
  import "DPI-C" function int rx_beat(input int mode, output bit [511:0] data,
    output longint unsigned keep, output int unsigned flags);
  import "DPI-C" function string rx_verdict(input int unsigned what, input int unsigned stats,
    input int unsigned bytes, input int unsigned id, input int unsigned line,
    input int unsigned lane, input int unsigned len, input int unsigned qpn,
    input int unsigned opcode, input int unsigned flags, input int unsigned psn,
    input bit [223:0] ext);
  import "DPI-C" function void rx_marker(input int unsigned qpn);
  import "DPI-C" function string rx_out(input int unsigned side, input int unsigned marker,
    input int unsigned id, input int unsigned line, input int unsigned lane,
    input int unsigned len, input int unsigned qpn, input int unsigned opcode,
    input int unsigned flags, input int unsigned psn, input bit [223:0] ext);
  import "DPI-C" function string rx_dropped(input int unsigned id);
  import "DPI-C" function string rx_data(input int unsigned id, input int unsigned n,
    input bit [511:0] data);
  import "DPI-C" function void rx_skipped();
  import "DPI-C" function int unsigned rx_member(input int unsigned group, input int unsigned qpn,
    output bit [127:0] gid);
  import "DPI-C" function void rx_freed(input int unsigned id);
  import "DPI-C" function int unsigned rx_left();
  import "DPI-C" function int unsigned rx_overruns();
  import "DPI-C" function void rx_report();

  bit clk, rst;
  always #2 clk = !clk;

  logic [47:0]  mac;
  logic         promisc, multicast, gid_write;
  logic [6:0]   gid_index;
  logic [511:0] gid_entry;
  logic         tvalid, tlast, tuser, town;
  logic [511:0] tdata;
  logic [63:0]  tkeep;
  logic         parse_idle, buf_idle, steer_idle, pause;
  logic         beat_valid, beat_last, v_valid, v_keep, v_eth, v_response, v_qpn_bad;
  logic [511:0] beat_data;
  logic [1:0]   v_transport;
  tern_pkg::rx_pkt_t v_pkt, b_pkt, rsp, rh, eth;
  logic         s_frame, s_bad, s_filtered, s_roce, s_icrc, s_header, s_cnp, s_over, s_qp;
  logic [13:0]  s_bytes;
  logic         b_valid, free_valid, drop_valid, rd_en;
  logic [6:0]   free_id, drop_id;
  logic [9:0]   rd_line;
  logic [511:0] rd_data;
  logic         ctl_valid, ctl_ready, marker_valid, marker_ready;
  logic [31:0]  ctl_word;
  logic [13:0]  marker_qpn;
  logic [127:0] ctl_peer, v_sip, v_gids;
  logic [6:0]   ctl_sgid;
  logic         rsp_valid, rsp_ready, rh_valid, rh_ready, eth_valid, eth_ready;

  tern_rx_parse u_parse (
    .clk_i(clk), .rst_i(rst), .idle_o(parse_idle), .mac_addr_i(mac), .promisc_i(promisc),
    .multicast_i(multicast),
    .gid_write_i(gid_write), .gid_index_i(gid_index), .gid_entry_i(gid_entry),
    .s_axis_tvalid_i(tvalid), .s_axis_tdata_i(tdata), .s_axis_tkeep_i(tkeep),
    .s_axis_tlast_i(tlast), .s_axis_tuser_i(tuser), .s_axis_town_i(town),
    .mcast_ask_o(mc_ask), .mcast_gid_o(mc_ask_gid), .mcast_hit_i(mc_hit), .mcast_group_i(mc_hit_group),
    .beat_valid_o(beat_valid), .beat_data_o(beat_data), .beat_last_o(beat_last),
    .verdict_valid_o(v_valid), .verdict_keep_o(v_keep), .verdict_pkt_o(v_pkt),
    .verdict_eth_o(v_eth), .verdict_response_o(v_response), .verdict_transport_o(v_transport),
    .verdict_qpn_bad_o(v_qpn_bad), .verdict_mcast_o(v_mcast), .verdict_group_o(v_group),
    .verdict_own_o(v_own), .verdict_sip_o(v_sip), .verdict_gids_o(v_gids),
    .stat_frame_o(s_frame), .stat_bytes_o(s_bytes), .stat_bad_o(s_bad),
    .stat_filtered_o(s_filtered), .stat_roce_o(s_roce), .stat_icrc_o(s_icrc),
    .stat_header_o(s_header), .stat_cnp_o(s_cnp)
  );

  // Groups, as tern_rx has them
  logic         mc_ask, mc_hit, v_mcast, v_own, group_valid, copy_valid, copy_ready, copied, own_q;
  logic         mem_read, mem_no_own, fence, fence_done, mc_valid, mc_ready, mc_done, mc_no_own;
  logic         mcast_idle, fanout_idle;
  logic [127:0] mc_ask_gid, mc_gid;
  logic [5:0]   mc_hit_group, v_group, group_q, mem_group;
  logic [15:0]  mem_mask, mc_minor;
  logic [3:0]   mem_place;
  logic [13:0]  mem_qpn, copy_qpn, mc_qpn;
  logic [6:0]   many_id, copy_id;
  logic [1:0]   freed_valid;
  logic [1:0][6:0] freed_id;

  always @(posedge clk) if (b_valid) begin
    group_q <= v_group;
    own_q   <= v_own;
  end

  tern_mcast u_mcast (
    .clk_i(clk), .rst_i(rst), .idle_o(mcast_idle),
    .ctl_valid_i(mc_valid), .ctl_ready_o(mc_ready), .ctl_attach_i(1'b1), .ctl_detach_i(1'b0),
    .ctl_qpn_i(mc_qpn), .ctl_gid_i(mc_gid), .ctl_no_own_i(mc_no_own), .ctl_done_o(mc_done),
    .ctl_minor_o(mc_minor), .ctl_full_o(),
    .ask_i(mc_ask), .ask_gid_i(mc_ask_gid), .hit_o(mc_hit), .hit_group_o(mc_hit_group),
    .tx_ask_i(1'b0), .tx_gid_i('0), .tx_hit_o(),
    .mem_group_i(mem_group), .mem_mask_o(mem_mask), .mem_read_i(mem_read), .mem_place_i(mem_place),
    .mem_no_own_o(mem_no_own), .mem_qpn_o(mem_qpn), .fence_o(fence), .fence_done_i(fence_done)
  );

  tern_fanout u_fanout (
    .clk_i(clk), .rst_i(rst), .idle_o(fanout_idle),
    .in_valid_i(group_valid), .in_id_i(many_id), .in_group_i(group_q), .in_own_i(own_q),
    .mem_group_o(mem_group), .mem_mask_i(mem_mask), .mem_read_o(mem_read), .mem_place_o(mem_place),
    .mem_no_own_i(mem_no_own), .mem_qpn_i(mem_qpn), .fence_i(fence), .fence_done_o(fence_done),
    .copy_valid_o(copy_valid), .copy_ready_i(copy_ready), .copy_id_o(copy_id), .copy_qpn_o(copy_qpn),
    .copied_i(copied), .free_valid_i(free_valid), .free_id_i(free_id),
    .free_valid_o(freed_valid), .free_id_o(freed_id)
  );

  tern_rx_buf #(.Frees(3)) u_buf (
    .clk_i(clk), .rst_i(rst), .idle_o(buf_idle), .pause_o(pause), .near_o(), .room_o(),
    .beat_valid_i(beat_valid), .beat_data_i(beat_data), .beat_last_i(beat_last),
    .verdict_valid_i(v_valid), .verdict_keep_i(v_keep), .verdict_pkt_i(v_pkt),
    .out_valid_o(b_valid), .out_pkt_o(b_pkt),
    .free_valid_i({drop_valid, freed_valid}), .free_id_i({drop_id, freed_id}),
    .rd_en_i(rd_en), .rd_line_i(rd_line), .rd_data_o(rd_data), .stat_overrun_o(s_over)
  );

  tern_steer u_steer (
    .clk_i(clk), .rst_i(rst), .idle_o(steer_idle),
    .in_valid_i(b_valid), .in_pkt_i(b_pkt), .in_eth_i(v_eth), .in_response_i(v_response),
    .in_transport_i(v_transport), .in_qpn_bad_i(v_qpn_bad),
    .in_sip_i(v_sip), .in_gids_i(v_gids), .in_mcast_i(v_mcast), .mcast_valid_o(group_valid), .mcast_id_o(many_id),
    .copy_valid_i(copy_valid), .copy_ready_o(copy_ready), .copy_id_i(copy_id),
    .copy_qpn_i(copy_qpn), .copied_o(copied),
    .ctl_valid_i(ctl_valid), .ctl_ready_o(ctl_ready), .ctl_qpn_i(ctl_word[29:16]),
    .ctl_exists_i(ctl_word[3]), .ctl_transport_i(ctl_word[1:0]), .ctl_rx_ok_i(ctl_word[2]),
    .ctl_keep_i(ctl_word[15]), .ctl_peer_i(ctl_peer), .ctl_sgid_i(ctl_sgid),
    .marker_valid_i(marker_valid), .marker_ready_o(marker_ready), .marker_qpn_i(marker_qpn),
    .rsp_valid_o(rsp_valid), .rsp_ready_i(rsp_ready), .rsp_o(rsp),
    .rh_valid_o(rh_valid), .rh_ready_i(rh_ready), .rh_o(rh),
    .eth_valid_o(eth_valid), .eth_ready_i(eth_ready), .eth_o(eth),
    .drop_valid_o(drop_valid), .drop_id_o(drop_id), .stat_qp_o(s_qp)
  );

  int unsigned seed, count, beats, frames, valid_pct, ready_pct, free_pct, ctl_pct, hold_max;
  int          mode;
  bit          on, ctl_on, steady, tail;   // tail: in the middle of a frame
  longint      cycle, last_at, out_at;

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  task automatic check(string what);
    if (what != "") $fatal(1, "%s", what);
  endtask

  function automatic int unsigned flags(tern_pkg::rx_pkt_t p);
    return {26'd0, p.ipv4, p.ecn, p.pad, p.ack_req, p.solicited};
  endfunction

  // --------------------------------------------------------------- packets in users' hands

  tern_pkg::rx_pkt_t hands [$];
  longint            hands_due [$];
  tern_pkg::rx_pkt_t reading;
  bit                is_reading, rd_last_q, rd_q;
  int unsigned       rd_n, rd_lines, rd_n_q;
  bit [6:0]          rd_id_q;

  task automatic taken(int unsigned side, tern_pkg::rx_pkt_t p);
    check(rx_out(side, 32'(p.marker), 32'(p.id), 32'(p.line), 32'(p.lane), 32'(p.len),
                 32'(p.qpn), 32'(p.opcode), flags(p), 32'(p.psn), p.ext));
    if (!p.marker) begin
      hands.push_back(p);
      hands_due.push_back(cycle + longint'($urandom_range(hold_max)));
    end
    if (out_at == 0) out_at = cycle;
  endtask

  task automatic use_packets();
    free_valid <= 0;
    rd_en <= 0;
    if (rd_q) check(rx_data(32'(rd_id_q), rd_n_q, rd_data));
    rd_q = rd_en;
    rd_n_q = rd_n - 1;
    rd_id_q = reading.id;
    if (is_reading && rd_n < rd_lines) begin
      rd_en   <= 1;
      rd_line <= reading.line + 10'(rd_n);
      rd_n++;
    end else if (is_reading && !rd_en) begin
      // All was read and compared
      free_valid <= 1;
      free_id    <= reading.id;
      rx_freed(32'(reading.id));
      is_reading = 0;
    end else if (!is_reading && hands.size() != 0 && pct(free_pct)) begin
      int k = hold_max == 0 ? 0 : int'($urandom_range(hands.size() - 1));
      if (hands_due[k] <= cycle) begin
        reading = hands[k];
        hands.delete(k);
        hands_due.delete(k);
        rd_n = 0;
        rd_lines = (32'(reading.lane) + 32'(reading.len) + 63) / 64;
        if (reading.len == 0) begin
          free_valid <= 1;
          free_id    <= reading.id;
          rx_freed(32'(reading.id));
        end else begin
          is_reading = 1;
        end
      end
    end
  endtask

  task automatic next_ctl(int keep);
    int unsigned sgid;
    bit [127:0]  peer;
    ctl_word <= rx_ctl(keep, sgid, peer);
    ctl_sgid <= 7'(sgid);
    ctl_peer <= peer;
  endtask

  // A free and its check by the model are in the same cycle, so the id may come again only later
  logic [2:0] held_q;
  tern_pkg::rx_pkt_t held_rsp, held_rh, held_eth;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      tvalid       <= 0;
      ctl_valid    <= 0;
      marker_valid <= 0;
      free_valid   <= 0;
      rd_en        <= 0;
      rsp_ready    <= 0;
      rh_ready     <= 0;
      eth_ready    <= 0;
      held_q       <= 0;
    end else begin
      // Verdicts
      if (v_valid) begin
        frames++;
        if (v_keep != (b_valid || s_over)) $fatal(1, "a packet is lost");
        check(rx_verdict({22'd0, v_own, v_mcast, ctl_ready, s_over, v_qpn_bad, v_transport, v_response, v_eth,
                          v_keep},
          {25'd0, s_cnp, s_header, s_icrc, s_roce, s_filtered, s_bad, s_frame}, 32'(s_bytes),
          32'(b_pkt.id), 32'(b_pkt.line), 32'(b_pkt.lane), 32'(b_pkt.len), 32'(b_pkt.qpn),
          32'(b_pkt.opcode), flags(b_pkt), 32'(b_pkt.psn), b_pkt.ext));
      end else if (b_valid || s_over || s_frame || s_bad || s_filtered || s_roce || s_icrc ||
                   s_header || s_cnp) begin
        $fatal(1, "pulse without a verdict");
      end
      if (drop_valid && !s_qp) $fatal(1, "stat_qp");
      if (s_qp && !drop_valid) rx_skipped();
      if (drop_valid) check(rx_dropped(32'(drop_id)));
      if (marker_valid && marker_ready) rx_marker(32'(marker_qpn));
      if (ctl_valid && ctl_ready) rx_ctl_done(ctl_word, 32'(ctl_sgid), ctl_peer);

      // Outputs
      if ((held_q[0] && (!rsp_valid || rsp != held_rsp)) ||
          (held_q[1] && (!rh_valid || rh != held_rh)) ||
          (held_q[2] && (!eth_valid || eth != held_eth))) $fatal(1, "output changed");
      held_q   <= {eth_valid && !eth_ready, rh_valid && !rh_ready, rsp_valid && !rsp_ready};
      held_rsp <= rsp;
      held_rh  <= rh;
      held_eth <= eth;
      use_packets();
      if (rsp_valid && rsp_ready) taken(0, rsp);
      if (rh_valid && rh_ready) taken(1, rh);
      if (eth_valid && eth_ready) taken(2, eth);
      rsp_ready <= pct(ready_pct);
      rh_ready  <= pct(ready_pct);
      eth_ready <= pct(ready_pct);

      if (parse_idle && buf_idle && steer_idle && fanout_idle && (rx_left() != 0 || tvalid || hands.size() != 0))
        if (tvalid || rsp_valid || rh_valid || eth_valid || hands.size() != 0)
          $fatal(1, "idle with work");

      // Control
      if (!marker_valid || marker_ready) begin
        marker_valid <= ctl_on && ctl_ready && pct(ctl_pct);
        marker_qpn   <= 14'($urandom);
      end
      if (!ctl_valid || ctl_ready) begin
        ctl_valid <= ctl_on && pct(ctl_pct);
        next_ctl(int'(steady));
      end

      // Wire
      tvalid <= 0;
      tdata  <= {16{$urandom}};
      tkeep  <= {$urandom, $urandom};
      tlast  <= 1'($urandom);
      tuser  <= 1'($urandom);
      town   <= 1'($urandom);
      if ((on && beats < count || tail) && pct(valid_pct)) begin
        bit [511:0] d;
        longint unsigned k;
        int unsigned f;
        if (rx_beat(mode, d, k, f) != 0) begin
          tvalid <= 1;
          tdata  <= d;
          tkeep  <= k;
          tlast  <= f[0];
          tuser  <= f[0] ? f[1] : 1'($urandom);
          town   <= f[0] ? f[2] : 1'($urandom);
          tail    = !f[0];
          beats++;
          if (f[0]) last_at = cycle + 1;
        end
      end
    end
  end

  task automatic settle();
    int unsigned n = 0;
    repeat (10) @(negedge clk);
    while (rx_left() != 0 || hands.size() != 0 || is_reading ||
           !(parse_idle && buf_idle && steer_idle && fanout_idle && mcast_idle)) begin
      @(negedge clk);
      n++;
      if (n > 100000) $fatal(1, "stuck: %0d left, idle %b", rx_left(),
                             {parse_idle, buf_idle, steer_idle, fanout_idle, mcast_idle});
    end
  endtask

  task automatic write_gids();
    for (int i = 0; i < 128; i++) begin
      bit [511:0] e;
      rx_gid_entry(i, e);
      gid_write = 1;
      gid_index = 7'(i);
      gid_entry = e;
      @(negedge clk);
    end
    gid_write = 0;
  endtask

  task automatic attach_all();
    for (int g = 0; g < 6; g++)
      for (int q = 2; q < 7; q++) begin
        bit [127:0] gid;
        int unsigned how = rx_member(g, q, gid);
        if (how == 0) continue;
        mc_valid  = 1;
        mc_qpn    = 14'(q);
        mc_gid    = gid;
        mc_no_own = how == 2;
        while (!mc_ready) @(negedge clk);
        @(negedge clk);
        mc_valid = 0;
        while (!mc_done) @(negedge clk);
        if (mc_minor != 0) $fatal(1, "attach: %0d", mc_minor);
        @(negedge clk);
      end
  endtask

  // All but the last of the QPs in groups are ready
  task automatic steer_members();
    for (int q = 2; q < 6; q++) begin
      ctl_valid = 1;
      ctl_word  = {2'd0, 14'(q), 16'he};
      @(negedge clk);
    end
  endtask

  // Nothing may get lost at line rate if the users keep up
  task automatic measure(int what, int unsigned n, string name);
    int unsigned over;
    longint start;
    settle();
    ctl_on = 0;
    valid_pct = 100;
    ready_pct = 100;
    free_pct  = 100;
    hold_max  = 0;
    over = rx_overruns();
    mode = what;
    count = beats + 1;
    on = 1;
    out_at = 0;
    while (beats < count) @(negedge clk);
    settle();
    $display("  %s: at the output %0d cycles after the last beat", name, out_at - last_at);
    start = cycle;
    count = beats + n;
    while (beats < count) @(negedge clk);
    $display("  %s: %.2f cycles a beat, %0d lost", name, real'(cycle - start) / real'(n),
             rx_overruns() - over);
    if (rx_overruns() != over) $fatal(1, "overrun");
    on = 0;
    settle();
  endtask

  // How much fits when nothing is freed: a packet more is lost, and all of it is there afterwards
  task automatic fill(int what, int unsigned n, int unsigned room, bit pauses, string name);
    int unsigned over;
    settle();
    if (pause) $fatal(1, "pause at rest");
    over      = rx_overruns();
    free_pct  = 0;
    hold_max  = 0;
    ready_pct = 100;
    valid_pct = 100;
    mode      = what;
    count     = beats + n * room;
    on        = 1;
    while (beats < count) @(negedge clk);
    repeat (20) @(negedge clk);
    if (rx_overruns() != over) $fatal(1, "%s: overrun before it is full", name);
    if (pause != pauses) $fatal(1, "pause is %0d", pause);
    if (!is_reading && hands.size() != int'(room)) $fatal(1, "%0d in hand", hands.size());
    count = beats + n;
    while (beats < count) @(negedge clk);
    repeat (20) @(negedge clk);
    if (rx_overruns() != over + 1) $fatal(1, "%s: no overrun", name);
    free_pct = 100;
    settle();
  endtask

  initial begin
    int unsigned n;
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", n) == 0) n = 100000;
    void'($urandom(int'(seed)));
    rx_start(seed);
    gid_write = 0;
    mc_valid = 0;
    promisc = 0;
    multicast = 1;
    mac = rx_mac(0, 1)[47:0];
    ready_pct = 100;
    free_pct = 100;
    valid_pct = 100;
    rst = 1;
    repeat (3) @(negedge clk);
    rst = 0;
    write_gids();
    attach_all();
    // Before the table is swept nothing passes
    mode = 0;
    on = 1;
    count = 2000;
    valid_pct = 50;
    while (beats < count) @(negedge clk);
    if (ctl_ready) $fatal(1, "swept too early");
    while (!ctl_ready) @(negedge clk);
    on = 0;
    steer_members();
    on = 1;
    steady = 1;
    ctl_on = 1;
    ctl_pct = 100;
    repeat (4) @(negedge clk);
    steady = 0;
    ctl_on = 0;
    measure(1, 5000, "ACK");
    measure(2, 66 * 100, "4096 B");
    ctl_on = 1;
    repeat (1000) @(negedge clk);
    n += beats;
    count = n;
    while (beats < n) begin
      mode = 0;
      on = 1;
      valid_pct = pct(50) ? 100 : 10 + $urandom_range(80);
      ready_pct = pct(50) ? 100 : 5 + $urandom_range(90);
      free_pct  = pct(50) ? 100 : 5 + $urandom_range(90);
      hold_max  = pct(50) ? 0 : $urandom_range(600);
      ctl_pct   = $urandom_range(5);
      repeat (2000) @(negedge clk);
      on = 0;
      if (pct(30)) begin
        settle();
        for (int i = 0; i < 10; i++) rx_change_gid($urandom_range(127));
        promisc = pct(20);
        multicast = pct(50);
        mac = rx_mac(int'(promisc), int'(multicast))[47:0];
        write_gids();
      end
    end
    // Everything is as at first
    promisc = 0;
    multicast = 1;
    mac = rx_mac(0, 1)[47:0];
    steady = 1;
    ctl_on = 1;
    ctl_pct = 100;
    repeat (10) @(negedge clk);
    ctl_on = 0;
    repeat (10) @(negedge clk);
    fill(1, 1, 128, 1, "ids");
    fill(2, 66, 15, 1, "lines");
    measure(1, 1000, "ACK");
    measure(2, 66 * 20, "4096 B");
    rx_report();
    $finish;
  end

endmodule
