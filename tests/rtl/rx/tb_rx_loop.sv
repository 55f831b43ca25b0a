// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_emit's frames into the receive side of the same adapter: whatever is sent to one of our own
// addresses comes out with the same header fields and payload, nothing else does.

module tb_rx_loop;

  localparam int unsigned NumQps = 32;

  bit clk, rst;
  always #2 clk = !clk;

  logic              slot_valid, slot_ready, ring_read, done_valid, hmc_valid, hmc_rsp_valid;
  tern_pkg::tx_pkt_t slot;
  logic [9:0]        slot_line, ring_line;
  logic [511:0]      ring_data;
  logic [7:0]        done_lines;
  tern_pkg::hmc_req_t hmc_req;
  tern_pkg::hmc_rsp_t hmc_rsp;
  logic [6:0]        gid_index, gid_rd_index;
  logic              gid_write;
  logic [511:0]      gid_wentry, gid_entry;
  logic              tvalid, tready, tlast;
  logic [511:0]      tdata;
  logic [63:0]       tkeep;
  logic              s_drop;
  logic              emit_idle, parse_idle, buf_idle, steer_idle;
  logic              beat_valid, beat_last, v_valid, v_keep, v_eth, v_response, v_qpn_bad;
  logic [511:0]      beat_data;
  logic [1:0]        v_transport;
  tern_pkg::rx_pkt_t v_pkt, b_pkt, rsp, rh;
  logic              b_valid, free_valid, drop_valid, rd_en, s_over;
  logic [6:0]        free_id, drop_id;
  logic [9:0]        rd_line;
  logic [511:0]      rd_data;
  logic              ctl_valid, ctl_ready, rsp_valid, rh_valid, eth_valid, rsp_ready, rh_ready;
  logic [13:0]       ctl_qpn;
  logic [127:0]      ctl_peer, v_sip, v_gids;
  logic [6:0]        ctl_sgid;

  tern_emit u_emit (
    .clk_i(clk), .rst_i(rst), .idle_o(emit_idle),
    .slot_valid_i(slot_valid), .slot_ready_o(slot_ready), .slot_i(slot), .slot_killed_i(1'b0),
    .slot_line_i(slot_line), .ring_read_o(ring_read), .ring_line_o(ring_line),
    .ring_data_i(ring_data), .done_valid_o(done_valid), .done_lines_o(done_lines),
    .prefetch_valid_i(1'b0), .prefetch_qpn_i('0),
    .path_valid_i(1'b0), .path_ready_o(), .path_i('0),
    .item_valid_i(1'b0), .item_ready_o(), .item_i('0), .item_rsp_valid_o(), .item_rsp_o(),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(1'b1), .hmc_o(hmc_req),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .gid_index_o(gid_rd_index), .gid_entry_i(gid_entry), .mac_addr_i(48'h020000000001),
    .mcast_ask_o(), .mcast_gid_o(), .mcast_hit_i(1'b0),
    .drained_valid_o(), .drained_src_o(), .drained_qpn_o(), .sent_valid_o(), .sent_qpn_o(),
    .eth_sent_valid_o(), .eth_sent_wqe_o(), .eth_sent_err_o(),
    .left_valid_o(), .left_ready_i(1'b1), .left_qpn_o(), .left_psn_o(),
    .m_axis_tvalid_o(tvalid), .m_axis_tready_i(tready), .m_axis_tdata_o(tdata),
    .m_axis_tkeep_o(tkeep), .m_axis_tlast_o(tlast), .m_axis_town_o(),
    .stat_frame_o(), .stat_bytes_o(), .stat_request_o(), .stat_response_o(), .stat_ack_o(),
    .stat_nak_o(), .stat_drop_o(s_drop), .stat_hit_o(), .stat_miss_o()
  );

  tern_gid u_gid (
    .clk_i(clk), .rst_i(rst), .write_i(gid_write), .index_i(gid_index), .entry_i(gid_wentry),
    .entry_o(), .rd_index_i(gid_rd_index), .rd_entry_o(gid_entry)
  );

  tern_rx_parse u_parse (
    .clk_i(clk), .rst_i(rst), .idle_o(parse_idle), .mac_addr_i(48'h020000000001),
    .promisc_i(1'b0), .multicast_i(1'b1), .gid_write_i(gid_write), .gid_index_i(gid_index),
    .gid_entry_i(gid_wentry),
    .s_axis_tvalid_i(tvalid && tready), .s_axis_tdata_i(tdata), .s_axis_tkeep_i(tkeep),
    .s_axis_tlast_i(tlast), .s_axis_tuser_i(1'b0), .s_axis_town_i(1'b0),
    .mcast_ask_o(), .mcast_gid_o(), .mcast_hit_i(1'b0), .mcast_group_i('0),
    .beat_valid_o(beat_valid), .beat_data_o(beat_data), .beat_last_o(beat_last),
    .verdict_valid_o(v_valid), .verdict_keep_o(v_keep), .verdict_pkt_o(v_pkt),
    .verdict_eth_o(v_eth), .verdict_response_o(v_response), .verdict_transport_o(v_transport),
    .verdict_qpn_bad_o(v_qpn_bad), .verdict_mcast_o(), .verdict_group_o(), .verdict_own_o(),
    .verdict_sip_o(v_sip), .verdict_gids_o(v_gids), .stat_frame_o(), .stat_bytes_o(), .stat_bad_o(),
    .stat_filtered_o(), .stat_roce_o(), .stat_icrc_o(), .stat_header_o(), .stat_cnp_o()
  );

  tern_rx_buf #(.Frees(1)) u_buf (
    .clk_i(clk), .rst_i(rst), .idle_o(buf_idle), .pause_o(), .near_o(), .room_o(),
    .beat_valid_i(beat_valid), .beat_data_i(beat_data), .beat_last_i(beat_last),
    .verdict_valid_i(v_valid), .verdict_keep_i(v_keep), .verdict_pkt_i(v_pkt),
    .out_valid_o(b_valid), .out_pkt_o(b_pkt), .free_valid_i(free_valid), .free_id_i(free_id),
    .rd_en_i(rd_en), .rd_line_i(rd_line), .rd_data_o(rd_data), .stat_overrun_o(s_over)
  );

  tern_steer u_steer (
    .clk_i(clk), .rst_i(rst), .idle_o(steer_idle),
    .in_valid_i(b_valid), .in_pkt_i(b_pkt), .in_eth_i(v_eth), .in_response_i(v_response),
    .in_transport_i(v_transport), .in_qpn_bad_i(v_qpn_bad),
    .in_sip_i(v_sip), .in_gids_i(v_gids), .in_mcast_i(1'b0), .mcast_valid_o(), .mcast_id_o(),
    .copy_valid_i(1'b0), .copy_ready_o(), .copy_id_i('0), .copy_qpn_i('0), .copied_o(),
    .ctl_valid_i(ctl_valid), .ctl_ready_o(ctl_ready), .ctl_qpn_i(ctl_qpn),
    .ctl_exists_i(1'b1), .ctl_transport_i(2'd0), .ctl_rx_ok_i(1'b1),
    .ctl_keep_i(1'b0), .ctl_peer_i(ctl_peer), .ctl_sgid_i(ctl_sgid),
    .marker_valid_i(1'b0), .marker_ready_o(), .marker_qpn_i('0),
    .rsp_valid_o(rsp_valid), .rsp_ready_i(rsp_ready), .rsp_o(rsp),
    .rh_valid_o(rh_valid), .rh_ready_i(rh_ready), .rh_o(rh),
    .eth_valid_o(eth_valid), .eth_ready_i(1'b1), .eth_o(),
    .drop_valid_o(drop_valid), .drop_id_o(drop_id), .stat_qp_o()
  );

  // ------------------------------------------------------------------------------- tables

  bit [127:0] gid_of [8];
  bit [47:0]  mac_of [8];
  bit [11:0]  vid_of [8];
  bit [2:0]   to_of [NumQps];    // GID that a QP sends to
  bit [13:0]  dest_of [NumQps];

  // Kinds repeat after 4: IPv4 or IPv6, VLAN or none. A QP sends from one to the other
  function automatic bit [511:0] gid_line(int i);
    tern_hw_pkg::tern_hw_gid_entry_t e;
    e = '0;
    e.gid = gid_of[i];
    e.attr.valid = 1;
    e.attr.ipv4 = i[0];
    e.attr.vlan_valid = i[1];
    e.attr.vlan_id = vid_of[i];
    e.mac.addr = mac_of[i];
    return e;
  endfunction

  function automatic bit [511:0] net_line(int q);
    tern_hw_pkg::tern_hw_qp_net_t n;
    n = '0;
    n.net = {1'b0, 3'(q), 20'(q * 777), 8'(q * 3), 8'd64, 8'(32'(to_of[q]) ^ 4), 16'(49152 + q)};
    n.mac = 64'(mac_of[to_of[q]]);
    n.dgid = gid_of[to_of[q]];
    n.conn.dest_qpn = 24'(dest_of[q]);
    n.conn.pkey = 16'hffff;
    n.conn.valid = 1;
    return n;
  endfunction

  function automatic bit [7:0] payload(int unsigned k, int unsigned i);
    return 8'(k * 131 + i * 7 + (i >> 3) * (k | 1));
  endfunction

  // ------------------------------------------------------------------------------- slots

  typedef struct {
    tern_pkg::tx_pkt_t pkt;
    int unsigned       number;
  } sent_t;
  sent_t       due [2][$];
  int unsigned seed, count, made, got, in_rx, ring_free, started;
  bit [9:0]    line_in;
  int unsigned line_owner [1024], line_n [1024];

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  function automatic int ext_len(bit [4:0] op);
    case (op)
      5'h03, 5'h05, 5'h09, 5'h0d, 5'h0f, 5'h10, 5'h11, 5'h16, 5'h17: return 4;
      5'h06, 5'h0a, 5'h0c: return 16;
      5'h0b: return 20;
      5'h12: return 12;
      5'h13, 5'h14: return 28;
      default: return 0;
    endcase
  endfunction

  task automatic make();
    bit [4:0] op;
    int q = int'($urandom_range(NumQps - 1));
    int unsigned lines;
    sent_t s;
    do op = 5'($urandom_range(23)); while (op == 5'h15);
    s.pkt = '0;
    s.pkt.src       = pct(50) ? tern_pkg::TxReq : pct(50) ? tern_pkg::TxRr : tern_pkg::TxAck;
    s.pkt.qpn       = 14'(q + 1);
    s.pkt.opcode    = {3'd0, op};
    s.pkt.solicited = pct(50);
    s.pkt.ack_req   = pct(50);
    s.pkt.psn       = 24'($urandom);
    s.pkt.ext_len   = 5'(ext_len(op));
    for (int i = 0; i < 7; i++) s.pkt.ext[32*i +: 32] = $urandom;
    s.pkt.len       = pct(10) ? 14'($urandom_range(4096)) : pct(10) ? 14'd4096 :
                      14'($urandom_range(150));
    if (op == 5'h0c || (op >= 5'h11 && op <= 5'h14)) s.pkt.len = 0;
    lines = (32'(s.pkt.len) + 63) / 64;
    slot_valid <= 0;
    if (made >= count || lines > ring_free || !pct(90)) return;
    s.number = made;
    for (int unsigned i = 0; i < lines; i++) begin
      line_owner[line_in + 10'(i)] = made;
      line_n[line_in + 10'(i)]     = i;
    end
    slot_valid <= 1;
    slot       <= s.pkt;
    slot_line  <= line_in;
    line_in   += 10'(lines);
    ring_free -= lines;
    due[32'(op >= 5'h0d && op <= 5'h12)].push_back(s);
    made++;
  endtask

  // ------------------------------------------------------------------------------ receivers

  tern_pkg::rx_pkt_t now;
  int unsigned now_number, now_lines, now_n, back_n;
  bit          busy, back;

  task automatic take(int side, tern_pkg::rx_pkt_t p);
    sent_t s;
    if (due[side].size() == 0) $fatal(1, "nothing was sent");
    s = due[side].pop_front();
    if (p.marker || p.opcode != s.pkt.opcode || p.psn != s.pkt.psn || p.len != s.pkt.len ||
        p.solicited != s.pkt.solicited || p.ack_req != s.pkt.ack_req ||
        p.qpn != dest_of[32'(s.pkt.qpn) - 1] ||
        p.ipv4 != to_of[32'(s.pkt.qpn) - 1][0])
      $fatal(1, "packet %0d: other fields", s.number);
    for (int i = 0; i < int'(s.pkt.ext_len); i++)
      if (p.ext[8*i +: 8] != s.pkt.ext[8*i +: 8]) $fatal(1, "packet %0d: ext", s.number);
    now        = p;
    now_number = s.number;
    now_lines  = (32'(p.lane) + 32'(p.len) + 63) / 64;
    now_n      = 0;
    busy       = 1;
    got++;
  endtask

  always @(posedge clk) begin
    if (rst) begin
      slot_valid    <= 0;
      hmc_rsp_valid <= 0;
      tready        <= 0;
      rsp_ready     <= 0;
      rh_ready      <= 0;
      free_valid    <= 0;
      rd_en         <= 0;
    end else begin
      if (s_drop || s_over || drop_valid || eth_valid || (v_valid && !v_keep))
        $fatal(1, "a packet was refused");
      hmc_rsp_valid <= hmc_valid;
      hmc_rsp.tag   <= hmc_req.tag;
      hmc_rsp.err   <= tern_pkg::HmcOk;
      hmc_rsp.data  <= net_line(int'(hmc_req.index) - 1);
      if (ring_read)
        for (int unsigned i = 0; i < 64; i++)
          ring_data[8*i +: 8] <= payload(line_owner[ring_line], 64 * line_n[ring_line] + i);
      if (done_valid) ring_free += 32'(done_lines);
      if (started != 0 && (!slot_valid || slot_ready)) make();
      // Never so many on their way that the buffer could overflow
      if (tvalid && tready && tlast) in_rx++;
      if (free_valid) in_rx--;
      tready <= in_rx < 10 && pct(80);

      // One packet at a time: all lines are read, then it is freed
      free_valid <= 0;
      if (back) begin
        for (int unsigned i = 0; i < 64; i++) begin
          int unsigned at = 64 * back_n + i;
          if (at >= 32'(now.lane) && at < 32'(now.lane) + 32'(now.len) &&
              rd_data[8*i +: 8] != payload(now_number, at - 32'(now.lane)))
            $fatal(1, "packet %0d: payload", now_number);
        end
        if (back_n + 1 == now_lines) begin
          free_valid <= 1;
          free_id    <= now.id;
          busy        = 0;
        end
      end
      back   = rd_en;
      back_n = now_n - 1;
      rd_en <= 0;
      if (busy && now_n < now_lines) begin
        rd_en   <= 1;
        rd_line <= now.line + 10'(now_n);
        now_n++;
      end
      if (rsp_valid && rsp_ready) take(0, rsp);
      if (rh_valid && rh_ready) take(1, rh);
      if (busy && now.len == 0) begin
        free_valid <= 1;
        free_id    <= now.id;
        busy        = 0;
      end
      // One side at a time; a packet may still be taken in the cycle that comes
      rsp_ready <= 0;
      rh_ready  <= 0;
      if (!busy && !rsp_ready && !rh_ready) begin
        if (pct(50)) rsp_ready <= 1;
        else rh_ready <= 1;
      end
    end
  end

  initial begin
    int unsigned last, same;
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", count) == 0) count = 5000;
    void'($urandom(int'(seed)));
    ring_free = 1024;
    for (int i = 0; i < 8; i++) begin
      gid_of[i] = {$urandom, $urandom, $urandom, $urandom};
      if (i[0]) gid_of[i][95:0] = {16'hffff, 80'd0};
      mac_of[i] = {8'h02, 40'({$urandom, $urandom})};
      vid_of[i] = i < 4 ? 12'($urandom_range(4094, 1)) : vid_of[i - 4];
    end
    for (int q = 0; q < int'(NumQps); q++) begin
      to_of[q]   = 3'($urandom);
      dest_of[q] = 14'(q * 509 + 1);
    end
    rst = 1;
    gid_write = 0;
    ctl_valid = 0;
    repeat (3) @(negedge clk);
    rst = 0;
    for (int i = 0; i < 8; i++) begin
      gid_write  = 1;
      gid_index  = 7'(i);
      gid_wentry = gid_line(i);
      @(negedge clk);
    end
    gid_write = 0;
    while (!ctl_ready) @(negedge clk);
    for (int q = 0; q < int'(NumQps); q++) begin
      ctl_valid = 1;
      ctl_qpn   = dest_of[q];
      ctl_peer  = gid_of[to_of[q] ^ 4];
      ctl_sgid  = 7'(to_of[q]);
      @(negedge clk);
    end
    ctl_valid = 0;
    started = 1;
    while (got < count) begin
      @(negedge clk);
      same = got == last ? same + 1 : 0;
      last = got;
      if (same > 20000) $fatal(1, "stuck at %0d of %0d", got, made);
    end
    repeat (300) @(negedge clk);
    if (!(emit_idle && parse_idle && buf_idle && steer_idle)) $fatal(1, "not idle at the end");
    $display("rx_loop: %0d packets", got);
    $finish;
  end

endmodule
