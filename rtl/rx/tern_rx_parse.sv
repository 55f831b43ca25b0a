// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Looks at every frame from the wire and says what becomes of it: dropped, a frame for the netdev,
// or a RoCEv2 packet whose headers, lengths and ICRC are right.
//
// Beats pass through at once to tern_rx_buf, there is no backpressure. The verdict on a frame comes
// 5 cycles after its last beat, in order, at most one per cycle:
//
//   beats > first 128 B > IP at byte 0 > UDP at byte 0, IP checks > GID, opcode > verdict
//        '> ICRC over what the IP length says -------------------'
//
// - A frame that the MAC found bad, or of less than 14 or more than 9216 bytes, is dropped. One
//   whose destination is neither our MAC, that of a GID, broadcast, nor with multicast_i a group is
//   dropped unless promisc_i.
// - RoCEv2 is, too, what is sent to a group that has a QP (tern_mcast): the address of a group with the MAC
//   that belongs to it, and no VLAN or one that a GID has. Its QPN must be that of all.
// - What this adapter has sent itself (own) is RoCEv2 or dropped.
// - RoCEv2 is what has one of our MACs, at most one VLAN tag, an IPv4 header without options, not
//   a fragment, with a good checksum, or an IPv6 header without extensions, a length that fits
//   into the frame, UDP port 4791 and the address, IP version and VLAN of a valid GID. VLAN 0 is no
//   VLAN. Everything else is Ethernet and left to the host, whatever is wrong with it.
// - RoCEv2 packets are dropped and counted if a length is wrong, then if the ICRC is, then if
//   another field is. Bytes behind the IP length are padding.
// - Congestion notifications are counted and dropped.

module tern_rx_parse (
  input  logic              clk_i,
  input  logic              rst_i,
  output logic              idle_o,

  input  logic [47:0]       mac_addr_i,    // first octet in [47:40]
  input  logic              promisc_i,
  input  logic              multicast_i,
  input  logic              gid_write_i,   // as tern_gid
  input  logic [6:0]        gid_index_i,
  input  logic [511:0]      gid_entry_i,

  input  logic              s_axis_tvalid_i,
  input  logic [511:0]      s_axis_tdata_i,
  input  logic [63:0]       s_axis_tkeep_i,
  input  logic              s_axis_tlast_i,
  input  logic              s_axis_tuser_i,  // with last: bad
  input  logic              s_axis_town_i,   // with last: tern_loop has turned it back

  // tern_mcast; the answer is in the same cycle
  output logic              mcast_ask_o,
  output logic [127:0]      mcast_gid_o,
  input  logic              mcast_hit_i,
  input  logic [tern_pkg::McastGroupW-1:0] mcast_group_i,

  output logic              beat_valid_o,
  output logic [511:0]      beat_data_o,
  output logic              beat_last_o,

  // Verdict, no ready. id is 0, line counts from the frame's first
  output logic              verdict_valid_o,
  output logic              verdict_keep_o,
  output tern_pkg::rx_pkt_t verdict_pkt_o,
  output logic              verdict_eth_o,
  output logic              verdict_response_o,  // else a request
  output logic [1:0]        verdict_transport_o, // tern_hw_qp_type_e of the opcode: RC, UC, UD
  output logic              verdict_qpn_bad_o,   // not a QPN of ours
  output logic              verdict_mcast_o,     // to a group
  output logic [tern_pkg::McastGroupW-1:0] verdict_group_o,
  output logic              verdict_own_o,
  output logic [127:0]      verdict_sip_o,       // source address; IPv4: the mapped form
  output logic [tern_pkg::NumGids-1:0] verdict_gids_o,  // GIDs that it is sent to

  output logic              stat_frame_o,
  output logic [13:0]       stat_bytes_o,        // with stat_frame
  output logic              stat_bad_o,
  output logic              stat_filtered_o,
  output logic              stat_roce_o,
  output logic              stat_icrc_o,
  output logic              stat_header_o,
  output logic              stat_cnp_o
);

  localparam int unsigned MaxFrame = 9216;
  localparam logic [31:0] Residue  = 32'h2144df1c;  // CRC of a packet with its ICRC

  function automatic logic [15:0] swap16(input logic [15:0] v);
    swap16 = {v[7:0], v[15:8]};
  endfunction

  function automatic logic [23:0] swap24(input logic [23:0] v);
    swap24 = {v[7:0], v[15:8], v[23:16]};
  endfunction

  assign beat_valid_o = s_axis_tvalid_i;
  assign beat_data_o  = s_axis_tdata_i;
  assign beat_last_o  = s_axis_tlast_i;

  // ------------------------------------------------------------- copy of the GID table

  (* mem2reg *) logic [127:0] gid_addr [tern_pkg::NumGids];
  (* mem2reg *) logic [63:0]  gid_rest [tern_pkg::NumGids];  // VLAN, IP version, MAC
  logic [tern_pkg::NumGids-1:0] gid_valid_q;
  tern_hw_pkg::tern_hw_gid_entry_t gid_entry;

  assign gid_entry = gid_entry_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) gid_valid_q <= '0;
    else if (gid_write_i) gid_valid_q[gid_index_i] <= gid_entry.attr.valid;
    if (gid_write_i) begin
      gid_addr[gid_index_i] <= gid_entry.gid;
      gid_rest[gid_index_i] <= {2'd0, gid_entry.attr.ipv4, gid_entry.attr.vlan_valid,
                                gid_entry.attr.vlan_id, gid_entry.mac.addr};
    end
  end

  // -------------------------------------------------------------- stage 0: beats of a frame

  logic [7:0]   beat_q;        // number of the next beat, stays at 255
  logic         first;
  logic         holes_q;       // some beat before was not full
  logic [6:0]   bytes;         // of the last beat
  logic         holes;
  logic [14:0]  length;
  logic [511:0] hdr0_q, hdr1_q;
  logic         s1_valid_q, s1_bad_q, s1_turned_q;
  logic [13:0]  s1_len_q;

  assign first = beat_q == '0;

  always_comb begin
    bytes = '0;
    holes = 1'b0;
    if (s_axis_tvalid_i) begin
      if (s_axis_tlast_i) begin
        for (int unsigned i = 0; i < 64; i++) begin
          if (s_axis_tkeep_i[i]) bytes = 7'(i + 1);
        end
        holes = !s_axis_tkeep_i[0] || |(s_axis_tkeep_i & (s_axis_tkeep_i + 64'd1));
      end else begin
        holes = !(&s_axis_tkeep_i);
      end
    end
    length = {1'b0, beat_q, 6'd0} + 15'(bytes);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      beat_q     <= '0;
      holes_q    <= 1'b0;
      s1_valid_q <= 1'b0;
    end else begin
      s1_valid_q <= s_axis_tvalid_i && s_axis_tlast_i;
      if (s_axis_tvalid_i) begin
        if (s_axis_tlast_i)      beat_q <= '0;
        else if (!(&beat_q))     beat_q <= beat_q + 8'd1;
        holes_q <= !s_axis_tlast_i && (holes_q || holes);
      end
    end
    if (s_axis_tvalid_i) begin
      if (first) hdr0_q <= s_axis_tdata_i;
      if (beat_q == 8'd1) hdr1_q <= s_axis_tdata_i;
      if (s_axis_tlast_i) begin
        s1_len_q <= length[13:0];
        s1_turned_q <= s_axis_town_i;
        s1_bad_q <= s_axis_tuser_i || holes_q || holes || length < 15'd14 ||
                    length > 15'(MaxFrame);
      end
    end
  end

  // ICRC. The first beat tells where the packet ends
  logic         f_vlan, f_ipv4, f_ipv6, f_udp;
  logic [8*46-1:0] f_ip;       // of the IP header and on
  logic [15:0]  f_len;
  logic [16:0]  f_end;         // of the IP packet in the frame
  logic [10:0]  f_crc_beat;
  logic         crc_on_q, crc_on, crc_valid;
  logic [7:0]   crc_beat_q;
  logic [3:0]   crc_words_q, crc_words;
  logic         crc_last;
  logic [31:0]  crc;

  always_comb begin
    f_vlan = 1'b0;
    f_ipv4 = 1'b0;
    f_ipv6 = 1'b0;
    f_udp  = 1'b0;
    f_ip   = '0;
    f_len  = '0;
    if (s_axis_tvalid_i && first) begin
      f_vlan = s_axis_tdata_i[8*12 +: 16] == 16'h0081;
      f_ip   = f_vlan ? s_axis_tdata_i[8*18 +: 8*46] : s_axis_tdata_i[8*14 +: 8*46];
      f_ipv4 = (f_vlan ? s_axis_tdata_i[8*16 +: 16] : s_axis_tdata_i[8*12 +: 16]) == 16'h0008;
      f_ipv6 = (f_vlan ? s_axis_tdata_i[8*16 +: 16] : s_axis_tdata_i[8*12 +: 16]) == 16'hdd86;
      f_len  = f_ipv4 ? swap16(f_ip[8*2 +: 16]) : swap16(f_ip[8*4 +: 16]);
      f_udp  = (f_ipv4 && f_ip[8*22 +: 16] == 16'hb712) ||
               (f_ipv6 && f_ip[8*42 +: 16] == 16'hb712);
    end
    f_end      = 17'(f_len) + (f_ipv4 ? 17'd0 : 17'd40) + (f_vlan ? 17'd18 : 17'd14);
    f_crc_beat = 11'((f_end - 17'd1) >> 6);
  end

  assign crc_on    = first ? f_udp && f_end <= 17'(MaxFrame) : crc_on_q;
  assign crc_words = first ? 4'((f_end[5:0] - 6'd2) >> 2) : crc_words_q;
  assign crc_last  = beat_q == (first ? f_crc_beat[7:0] : crc_beat_q);

  always_ff @(posedge clk_i) begin
    if (s_axis_tvalid_i) begin
      crc_on_q <= crc_on && !crc_last;
      if (first) begin
        crc_beat_q  <= f_crc_beat[7:0];
        crc_words_q <= crc_words;
      end
    end
  end

  tern_icrc u_icrc (
    .clk_i,
    .rst_i,
    .en_i        (1'b1),
    .in_valid_i  (s_axis_tvalid_i && crc_on),
    .in_data_i   (s_axis_tdata_i),
    .in_first_i  (first),
    .in_last_i   (crc_last),
    .in_words_i  (crc_words),
    .in_vlan_i   (f_vlan),
    .in_ipv4_i   (f_ipv4),
    .out_valid_o (crc_valid),
    .out_crc_o   (crc)
  );

  // ------------------------------------------------------------------- stage 1: Ethernet

  logic            s2_valid_q, s2_bad_q, s2_vlan_q, s2_ipv4_q, s2_ipv6_q, s2_own_q, s2_turned_q;
  logic [13:0]     s2_len_q;
  logic [15:0]     s2_tci_q;
  logic [11:0]     s2_vid;
  logic [47:0]     s2_mac_q;
  logic [8*88-1:0] s2_ip_q;
  logic            h_vlan;
  logic [15:0]     h_type;
  logic [47:0]     h_mac;

  assign s2_vid = s2_tci_q[11:0];
  assign h_vlan = hdr0_q[8*12 +: 16] == 16'h0081;
  assign h_type = h_vlan ? hdr0_q[8*16 +: 16] : hdr0_q[8*12 +: 16];
  assign h_mac  = {hdr0_q[7:0], hdr0_q[15:8], hdr0_q[23:16], hdr0_q[31:24], hdr0_q[39:32],
                   hdr0_q[47:40]};

  always_ff @(posedge clk_i) begin
    if (rst_i) s2_valid_q <= 1'b0;
    else       s2_valid_q <= s1_valid_q;
    if (s1_valid_q) begin
      s2_bad_q  <= s1_bad_q;
      s2_len_q  <= s1_len_q;
      s2_turned_q <= s1_turned_q;
      s2_vlan_q <= h_vlan;
      s2_tci_q  <= {hdr0_q[8*14 +: 8], hdr0_q[8*15 +: 8]};
      s2_ipv4_q <= h_type == 16'h0008;
      s2_ipv6_q <= h_type == 16'hdd86;
      s2_mac_q  <= h_mac;
      s2_own_q  <= h_mac == mac_addr_i;
      s2_ip_q   <= h_vlan ? {hdr1_q[8*42-1:0], hdr0_q[511:8*18]} :
                            {hdr1_q[8*38-1:0], hdr0_q[511:8*14]};
    end
  end

  // ------------------------------------------------------------------------- stage 2: IP

  logic            s3_valid_q, s3_bad_q, s3_vlan_q, s3_ipv4_q, s3_ours_q, s3_group_q;
  logic            s3_ip_ok_q, s3_ecn_q, s3_mcast_q, s3_turned_q;
  logic [13:0]     s3_len_q;
  logic [15:0]     s3_tci_q;
  logic [7:0]      s3_start_q;    // of the UDP header in the frame
  logic [19:0]     s3_sum_q;
  logic [127:0]    s3_dip_q, s3_sip_q;
  logic [15:0]     s3_udp_max_q;  // what IP leaves for UDP
  logic [8*48-1:0] s3_udp_q;
  logic [15:0]     ip_len;
  logic [16:0]     ip_end;
  logic            ip4_ok, ip6_ok;
  logic            mac_hit;
  logic            to_group;      // MAC and address are those of one group
  logic [22:0]     low4;          // of the destination, what is in the MAC
  logic [31:0]     low6;

  assign ip_len = swap16(s2_ipv4_q ? s2_ip_q[8*2 +: 16] : s2_ip_q[8*4 +: 16]);
  assign ip_end = 17'(ip_len) + (s2_vlan_q ? 17'd18 : 17'd14) + (s2_ipv4_q ? 17'd0 : 17'd40);
  assign ip4_ok = s2_ipv4_q && s2_ip_q[7:0] == 8'h45 && ip_len >= 16'd28 &&
                  {s2_ip_q[8*6 +: 6], s2_ip_q[8*7 +: 8]} == '0 && s2_ip_q[8*9 +: 8] == 8'd17;
  assign ip6_ok = s2_ipv6_q && s2_ip_q[7:4] == 4'd6 && ip_len >= 16'd8 &&
                  s2_ip_q[8*6 +: 8] == 8'd17;

  assign low4 = {s2_ip_q[8*17 +: 7], s2_ip_q[8*18 +: 8], s2_ip_q[8*19 +: 8]};
  assign low6 = {s2_ip_q[8*36 +: 8], s2_ip_q[8*37 +: 8], s2_ip_q[8*38 +: 8], s2_ip_q[8*39 +: 8]};

  always_comb begin
    to_group = 1'b0;
    if (s2_valid_q && s2_ipv4_q)
      to_group = s2_ip_q[8*16+4 +: 4] == 4'he && s2_mac_q == {24'h01005e, 1'b0, low4};
    if (s2_valid_q && s2_ipv6_q)
      to_group = s2_ip_q[8*24 +: 8] == 8'hff && s2_mac_q == {16'h3333, low6};
  end

  always_comb begin
    mac_hit = 1'b0;
    if (s2_valid_q && !s2_own_q) begin
      for (int unsigned i = 0; i < tern_pkg::NumGids; i++) begin
        if (gid_valid_q[i] && gid_rest[i][47:0] == s2_mac_q) mac_hit = 1'b1;
      end
    end
  end

  function automatic logic [19:0] sum_words(input logic [159:0] ip);
    sum_words = '0;
    for (int unsigned i = 0; i < 10; i++) begin
      sum_words = sum_words + 20'({ip[16*i +: 8], ip[16*i+8 +: 8]});
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (rst_i) s3_valid_q <= 1'b0;
    else       s3_valid_q <= s2_valid_q;
    if (s2_valid_q) begin
      s3_bad_q     <= s2_bad_q;
      s3_len_q     <= s2_len_q;
      s3_turned_q  <= s2_turned_q;
      s3_mcast_q   <= to_group;
      s3_vlan_q    <= s2_vlan_q && s2_vid != '0;
      s3_tci_q     <= s2_tci_q;
      s3_ipv4_q    <= s2_ipv4_q;
      s3_ours_q    <= s2_own_q || mac_hit;
      s3_group_q   <= s2_mac_q[40] && (multicast_i || &s2_mac_q);
      s3_ip_ok_q   <= (ip4_ok || ip6_ok) && ip_end <= 17'(s2_len_q);
      s3_start_q   <= (s2_vlan_q ? 8'd18 : 8'd14) + (s2_ipv4_q ? 8'd20 : 8'd40);
      s3_ecn_q     <= s2_ipv4_q ? &s2_ip_q[9:8] : &s2_ip_q[13:12];
      s3_sum_q     <= sum_words(s2_ip_q[159:0]);
      s3_sip_q     <= s2_ipv4_q ? {s2_ip_q[8*12 +: 32], 16'hffff, 80'd0} : s2_ip_q[8*8 +: 128];
      s3_dip_q     <= s2_ipv4_q ? {s2_ip_q[8*16 +: 32], 16'hffff, 80'd0} : s2_ip_q[8*24 +: 128];
      s3_udp_max_q <= s2_ipv4_q ? ip_len - 16'd20 : ip_len;
      s3_udp_q     <= s2_ipv4_q ? s2_ip_q[8*20 +: 8*48] : s2_ip_q[8*40 +: 8*48];
    end
  end

  // ---------------------------------------------------------- stage 3: UDP, GID, opcode

  typedef struct packed {
    logic       known;
    logic       response;
    logic       no_payload;
    logic [4:0] ext_len;
  } opcode_t;

  function automatic opcode_t opcode_of(input logic [7:0] opcode);
    opcode_t o;
    o = '0;
    unique case (opcode[7:5])
      3'd0, 3'd1: begin  // RC, UC
        unique case (opcode[4:0])
          5'h00, 5'h01, 5'h02, 5'h04, 5'h07, 5'h08: o = {3'b100, 5'd0};
          5'h03, 5'h05, 5'h09:                      o = {3'b100, 5'd4};
          5'h06, 5'h0a:                             o = {3'b100, 5'd16};
          5'h0b:                                    o = {3'b100, 5'd20};
          5'h0c:                                    o = {3'b101, 5'd16};
          5'h0d, 5'h0f, 5'h10:                      o = {3'b110, 5'd4};
          5'h0e:                                    o = {3'b110, 5'd0};
          5'h11:                                    o = {3'b111, 5'd4};
          5'h12:                                    o = {3'b111, 5'd12};
          5'h13, 5'h14:                             o = {3'b101, 5'd28};
          5'h16, 5'h17:                             o = {3'b100, 5'd4};
          default:                                  o = '0;
        endcase
        if (opcode[5] && opcode[4:0] > 5'h0b) o = '0;
      end
      3'd3: begin  // UD
        if (opcode[4:0] == 5'h04) o = {3'b100, 5'd8};
        if (opcode[4:0] == 5'h05) o = {3'b100, 5'd12};
      end
      default: o = '0;
    endcase
    opcode_of = o;
  endfunction

  logic            s4_valid_q, s4_bad_q, s4_group_q, s4_ours_q, s4_roce_q, s4_crc_ok_q;
  logic            s4_sizes_ok_q, s4_fields_ok_q, s4_cnp_q, s4_ipv4_q, s4_ecn_q, s4_vlan_q;
  logic            s4_mcast_q, s4_turned_q;
  logic [tern_pkg::McastGroupW-1:0] s4_mcast_group_q;
  logic [15:0]     s4_tci_q;
  logic [13:0]     s4_len_q;
  logic [16:0]     s4_payload_q;  // with its pad; negative: too short
  logic [7:0]      s4_payload_at_q;
  opcode_t         s4_op_q;
  logic [8*40-1:0] s4_bth_q;      // BTH and what follows
  logic [127:0]    s4_sip_q;
  logic [tern_pkg::NumGids-1:0] s4_gids_q, gids_hit;
  logic            vlan_hit;
  logic [16:0]     fold;
  opcode_t         op;
  logic            roce;
  logic [15:0]     udp_len;

  assign fold    = 17'(s3_sum_q[15:0]) + 17'(s3_sum_q[19:16]);
  assign op      = opcode_of(s3_udp_q[8*8 +: 8]);
  assign udp_len = swap16(s3_udp_q[8*4 +: 16]);
  assign roce    = s3_ip_ok_q && (s3_ours_q || s3_mcast_q) && s3_udp_q[8*2 +: 16] == 16'hb712 &&
                   (!s3_ipv4_q || fold == 17'h0ffff);

  assign mcast_ask_o = s3_valid_q && roce && s3_mcast_q;
  assign mcast_gid_o = s3_dip_q;

  always_comb begin
    gids_hit = '0;
    vlan_hit = 1'b0;
    if (s3_valid_q && roce) begin
      for (int unsigned i = 0; i < tern_pkg::NumGids; i++) begin
        if (gid_valid_q[i] && gid_rest[i][60] && gid_rest[i][59:48] == s3_tci_q[11:0])
          vlan_hit = 1'b1;
        if (gid_valid_q[i] && gid_addr[i] == s3_dip_q && gid_rest[i][61] == s3_ipv4_q &&
            gid_rest[i][60] == s3_vlan_q &&
            (!s3_vlan_q || gid_rest[i][59:48] == s3_tci_q[11:0])) gids_hit[i] = 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) s4_valid_q <= 1'b0;
    else       s4_valid_q <= s3_valid_q;
    if (s3_valid_q) begin
      s4_bad_q        <= s3_bad_q;
      s4_len_q        <= s3_len_q;
      s4_group_q      <= s3_group_q;
      s4_ours_q       <= s3_ours_q;
      s4_ipv4_q       <= s3_ipv4_q;
      s4_ecn_q        <= s3_ecn_q;
      s4_vlan_q       <= s3_vlan_q;
      s4_tci_q        <= s3_tci_q;
      s4_turned_q     <= s3_turned_q;
      // A MAC that is a group's is nobody's own
      s4_roce_q       <= roce && (s3_mcast_q ? mcast_hit_i && (!s3_vlan_q || vlan_hit) : |gids_hit);
      s4_mcast_q      <= s3_mcast_q;
      s4_mcast_group_q <= mcast_group_i;
      s4_sip_q        <= s3_sip_q;
      s4_gids_q       <= gids_hit;
      s4_crc_ok_q     <= crc == Residue;
      s4_op_q         <= op;
      s4_cnp_q        <= s3_udp_q[8*8 +: 8] == 8'h81;
      // Room for BTH and ICRC
      s4_sizes_ok_q   <= udp_len == s3_udp_max_q && udp_len[1:0] == 2'd0 && udp_len >= 16'd24;
      s4_fields_ok_q  <= s3_udp_q[8*9 +: 4] == 4'd0 &&
                         {s3_udp_q[8*10 +: 7], s3_udp_q[8*11 +: 8]} == '1;
      s4_payload_q    <= 17'(udp_len) - 17'd24 - 17'(op.ext_len);
      s4_payload_at_q <= s3_start_q + 8'd20 + 8'(op.ext_len);
      s4_bth_q        <= s3_udp_q[8*8 +: 8*40];
    end
  end

  // -------------------------------------------------------------------- stage 4: verdict

  logic [1:0]  pad;
  logic [16:0] payload;
  logic        lengths_ok, eth, good, counted;
  logic [23:0] qpn;
  tern_pkg::rx_pkt_t pkt;

  assign pad        = s4_bth_q[8*1+4 +: 2];
  assign payload    = s4_payload_q - 17'(pad);
  assign lengths_ok = !s4_payload_q[16] && !payload[16] && payload[15:0] <= 16'd4096 &&
                      (!s4_op_q.no_payload || s4_payload_q[15:0] == '0);
  assign qpn        = swap24(s4_bth_q[8*5 +: 24]);
  assign counted    = s4_valid_q && !s4_bad_q &&
                      (s4_roce_q || (!s4_turned_q && (s4_ours_q || s4_group_q || promisc_i)));
  assign eth        = counted && !s4_roce_q;
  assign good       = counted && s4_roce_q && s4_sizes_ok_q && s4_crc_ok_q && s4_fields_ok_q &&
                      s4_op_q.known && lengths_ok;

  always_comb begin
    pkt       = '0;
    pkt.len   = s4_len_q;
    if (s4_roce_q) begin
      pkt.line      = 10'(s4_payload_at_q[7:6]);
      pkt.lane      = s4_payload_at_q[5:0];
      pkt.len       = payload[13:0];
      pkt.qpn       = qpn[tern_pkg::QpnW-1:0];
      pkt.opcode    = s4_bth_q[7:0];
      pkt.solicited = s4_bth_q[15];
      pkt.pad       = pad;
      pkt.ack_req   = s4_bth_q[8*8+7];
      pkt.psn       = swap24(s4_bth_q[8*9 +: 24]);
      pkt.ext       = s4_bth_q[8*12 +: 224];
      pkt.ipv4      = s4_ipv4_q;
      pkt.vlan      = s4_vlan_q;
      pkt.tci       = s4_vlan_q ? s4_tci_q : '0;
      pkt.ecn       = s4_ecn_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      verdict_valid_o <= 1'b0;
      stat_frame_o    <= 1'b0;
      stat_bad_o      <= 1'b0;
      stat_filtered_o <= 1'b0;
      stat_roce_o     <= 1'b0;
      stat_icrc_o     <= 1'b0;
      stat_header_o   <= 1'b0;
      stat_cnp_o      <= 1'b0;
    end else begin
      verdict_valid_o <= s4_valid_q;
      stat_frame_o    <= s4_valid_q && !s4_bad_q;
      stat_bad_o      <= s4_valid_q && s4_bad_q;
      stat_filtered_o <= s4_valid_q && !s4_bad_q && !counted;
      stat_roce_o     <= counted && s4_roce_q;
      stat_icrc_o     <= counted && s4_roce_q && s4_sizes_ok_q && !s4_crc_ok_q;
      stat_cnp_o      <= counted && s4_roce_q && s4_sizes_ok_q && s4_crc_ok_q &&
                         s4_fields_ok_q && s4_cnp_q;
      stat_header_o   <= counted && s4_roce_q && (!s4_sizes_ok_q || s4_crc_ok_q) && !good &&
                         !(s4_sizes_ok_q && s4_fields_ok_q && s4_cnp_q);
    end
    if (s4_valid_q) begin
      stat_bytes_o        <= s4_len_q;
      verdict_keep_o      <= eth || good;
      verdict_pkt_o       <= pkt;
      verdict_eth_o       <= eth;
      verdict_response_o  <= s4_op_q.response;
      verdict_transport_o <= s4_bth_q[6] ? 2'(tern_hw_pkg::TERN_HW_QP_TYPE_UD) :
                             s4_bth_q[5] ? 2'(tern_hw_pkg::TERN_HW_QP_TYPE_UC) :
                                           2'(tern_hw_pkg::TERN_HW_QP_TYPE_RC);
      verdict_qpn_bad_o   <= s4_mcast_q ? !(&qpn) : |qpn[23:tern_pkg::QpnW] || qpn == '0;
      verdict_mcast_o     <= s4_roce_q && s4_mcast_q;
      verdict_group_o     <= s4_mcast_group_q;
      verdict_own_o       <= s4_turned_q;
      verdict_sip_o       <= s4_sip_q;
      verdict_gids_o      <= s4_gids_q;
    end
  end

  logic unused;
  assign unused = &{1'b0, crc_valid};

  assign idle_o = !s_axis_tvalid_i && beat_q == '0 && !gid_write_i && !s1_valid_q &&
                  !s2_valid_q && !s3_valid_q && !s4_valid_q && !verdict_valid_o;

endmodule
