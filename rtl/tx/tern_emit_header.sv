// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Builds the headers of a RoCEv2 packet: Ethernet, VLAN, IPv4 or IPv6, UDP, BTH and the extended
// headers of the packet. One packet per cycle; the headers come out in the next cycle, as on the
// wire, byte i in bits 8i+7:8i, bytes behind them are 0.

module tern_emit_header (
  input  logic                clk_i,
  input  logic                rst_i,

  input  logic                in_valid_i,
  input  tern_pkg::tx_pkt_t   in_pkt_i,
  input  logic [511:0]        in_net_i,   // tern_hw_qp_net_t
  input  logic [511:0]        in_gid_i,   // tern_hw_gid_entry_t

  output logic [8*106-1:0]    hdr_o,
  output logic [6:0]          hdr_len_o,  // 54 to 106
  output logic [1:0]          pad_o
);

  localparam logic [15:0] PortRoce = 16'd4791;

  tern_hw_pkg::tern_hw_qp_net_t    net;
  tern_hw_pkg::tern_hw_gid_entry_t gid;
  tern_hw_pkg::tern_hw_qp_attr_t   attr;  // its word net

  assign net = in_net_i;
  assign gid = in_gid_i;
  assign attr = {128'd0, 128'd0, net.net, 192'd0};

  // ------------------------------------------------------------------- what was registered

  tern_pkg::tx_pkt_t pkt_q;
  logic [15:0]  sport_q, pkey_q, tci_q, id_q, udp_len_q;
  logic [7:0]   hop_q, tclass_q;
  logic [19:0]  flow_q, sum_q;
  logic [47:0]  dmac_q, smac_q;
  logic [127:0] sgid_q, dgid_q;
  logic [23:0]  dest_q;
  logic         valid_q, ipv4_q, vlan_q;
  logic [1:0]   pad;
  logic [15:0]  udp_len, ip_len;
  logic [31:0]  src4, dst4;

  function automatic logic [15:0] swap16(input logic [15:0] v);
    swap16 = {v[7:0], v[15:8]};
  endfunction

  function automatic logic [31:0] swap32(input logic [31:0] v);
    swap32 = {v[7:0], v[15:8], v[23:16], v[31:24]};
  endfunction

  function automatic logic [47:0] swap48(input logic [47:0] v);
    swap48 = {v[7:0], v[15:8], v[23:16], v[31:24], v[39:32], v[47:40]};
  endfunction

  assign pad     = ~in_pkt_i.len[1:0] + 2'd1;
  assign udp_len = 16'd24 + 16'(in_pkt_i.ext_len) + 16'(in_pkt_i.len) + 16'(pad);
  assign ip_len  = udp_len + 16'd20;
  assign src4    = swap32(gid.gid[127:96]);
  assign dst4    = swap32(net.dgid[127:96]);

  always_ff @(posedge clk_i) begin
    if (in_valid_i) begin
      pkt_q     <= in_pkt_i;
      sport_q   <= attr.net.udp_sport;
      hop_q     <= attr.net.hop_limit;
      tclass_q  <= attr.net.tclass;
      flow_q    <= attr.net.flow_label;
      tci_q     <= {attr.net.pcp, 1'b0, gid.attr.vlan_id};
      pkey_q    <= net.conn.pkey;
      dest_q    <= net.conn.dest_qpn;
      dmac_q    <= net.mac[47:0];
      smac_q    <= gid.mac.addr;
      sgid_q    <= gid.gid;
      dgid_q    <= net.dgid;
      ipv4_q    <= gid.attr.ipv4;
      vlan_q    <= gid.attr.vlan_valid;
      udp_len_q <= udp_len;
      id_q      <= id_q + 16'd1;
      sum_q     <= 20'({8'h45, attr.net.tclass}) + 20'(ip_len) + 20'(id_q) + 20'h4000 +
                   20'({attr.net.hop_limit, 8'd17}) + 20'(src4[31:16]) + 20'(src4[15:0]) +
                   20'(dst4[31:16]) + 20'(dst4[15:0]);
    end
    valid_q <= in_valid_i;
    if (rst_i) begin
      valid_q <= 1'b0;
      id_q    <= 16'd0;
    end
  end

  // -------------------------------------------------------------------------- assembly

  logic [15:0]      id_of_q, fold;
  logic [16:0]      fold1;
  logic [223:0]     ext;
  logic [8*48-1:0]  l4;
  logic [8*88-1:0]  l3;

  assign id_of_q = id_q - 16'd1;  // that of pkt_q
  assign fold1   = 17'(sum_q[15:0]) + 17'(sum_q[19:16]);
  assign fold    = fold1[15:0] + 16'(fold1[16]);

  // Nothing wide moves unless a packet is there
  always_comb begin
    // Bytes of the extended headers that do not exist are 0
    ext   = '0;
    l4    = '0;
    l3    = '0;
    hdr_o = '0;
    if (valid_q) begin
      ext = pkt_q.ext & ~({224{1'b1}} << {pkt_q.ext_len, 3'd0});
      l4  = {ext, swap32({pkt_q.ack_req, 7'd0, pkt_q.psn}), swap32({8'd0, dest_q}),
             swap32({pkt_q.opcode, pkt_q.solicited, 1'b1, pad_o, 4'd0, pkey_q}),
             16'd0, swap16(udp_len_q), swap16(PortRoce), swap16(sport_q)};
      if (ipv4_q) begin
        l3 = {160'd0, l4, dgid_q[127:96], sgid_q[127:96], swap16(~fold), 8'd17, hop_q, 16'h0040,
              swap16(id_of_q), swap16(udp_len_q + 16'd20), tclass_q, 8'h45};
      end else begin
        l3 = {l4, dgid_q, sgid_q, hop_q, 8'd17, swap16(udp_len_q),
              swap32({4'd6, tclass_q, flow_q})};
      end
      if (vlan_q) begin
        hdr_o = {l3, ipv4_q ? 16'h0008 : 16'hdd86, swap16(tci_q), 16'h0081,
                 swap48(smac_q), swap48(dmac_q)};
      end else begin
        hdr_o = {32'd0, l3, ipv4_q ? 16'h0008 : 16'hdd86, swap48(smac_q), swap48(dmac_q)};
      end
    end
  end

  assign hdr_len_o = (vlan_q ? 7'd18 : 7'd14) + (ipv4_q ? 7'd40 : 7'd60) + 7'(pkt_q.ext_len);
  assign pad_o     = 2'd0 - pkt_q.len[1:0];

endmodule
