// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The last stage of the transmit side: takes the oldest slot of tern_gather, puts the headers in
// front of its payload and the ICRC behind it, and sends the frame.
//
//   slot > net line, or address of a UD packet > GID entry > headers > FIFO > ring > rotate > beat > ICRC > m_axis
//
// - Slots leave in order, and each gives one done pulse, in order, with the ring lines that are
//   free now. Killed ones, and those of a QP without a valid net line or GID entry (stat_drop),
//   send nothing. A marker becomes a drained pulse after all slots before it.
// - The headers of a slot are built while those before it are sent: a packet every 2 cycles.
//   Frames follow each other without a gap, a frame pauses only for tready. First beat 12 cycles
//   after slot_valid when the net line is in the cache.
// - The ring's read data must stay until the next read.
// - Packets with `finish` are told (left_*) when they have left, or could not for want of addresses:
//   that is a loss like those on the wire. A killed one is reported by tern_gather. A marker waits until
//   all of them have been heard.
// - Frames are padded to 60 bytes; the FCS is the MAC's.
// - m_axis_town_o: the packet is to the adapter itself. That is so if its destination has our MAC or
//   that of the GID it comes from; MACs of other GIDs are not looked at.
// - A UD packet to a multicast group that QPs of this adapter are attached to is sent twice, first to the
//   adapter itself, then to the wire: the first time its place in the ring is not given back.

module tern_emit #(
  parameter int unsigned Sets  = 16,  // of the cache of net lines
  parameter int unsigned Ways  = 4,
  parameter int unsigned Slots = 8
) (
  input  logic                       clk_i,
  input  logic                       rst_i,
  output logic                       idle_o,

  // Slots of tern_gather
  input  logic                       slot_valid_i,
  output logic                       slot_ready_o,
  input  tern_pkg::tx_pkt_t          slot_i,
  input  logic                       slot_killed_i,
  input  logic [9:0]                 slot_line_i,
  output logic                       ring_read_o,
  output logic [9:0]                 ring_line_o,
  input  logic [511:0]               ring_data_i,   // in the next cycle
  output logic                       done_valid_o,
  output logic [7:0]                 done_lines_o,
  input  logic                       prefetch_valid_i,
  input  logic [tern_pkg::QpnW-1:0]  prefetch_qpn_i,

  // Addresses of UD packets, one for each, killed or not; a slot waits for its own
  input  logic                       path_valid_i,
  output logic                       path_ready_o,
  input  tern_pkg::ud_path_t         path_i,

  // Line net of the QP objects, and the GID table
  input  logic                       item_valid_i,
  output logic                       item_ready_o,
  input  tern_pkg::qp_item_t         item_i,
  output logic                       item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t     item_rsp_o,
  output logic                       hmc_valid_o,
  input  logic                       hmc_ready_i,
  output tern_pkg::hmc_req_t         hmc_o,
  input  logic                       hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t         hmc_rsp_i,
  output logic [6:0]                 gid_index_o,
  input  logic [511:0]               gid_entry_i,   // tern_hw_gid_entry_t, in the next cycle
  input  logic [47:0]                mac_addr_i,
  output logic                       mcast_ask_o,
  output logic [127:0]               mcast_gid_o,
  input  logic                       mcast_hit_i,   // a group of ours, in the same cycle

  // What became of slots; no ready
  output logic                       drained_valid_o,
  output tern_pkg::tx_src_e          drained_src_o,
  output logic [tern_pkg::QpnW-1:0]  drained_qpn_o,
  output logic                       sent_valid_o,  // a TxReq packet left, or was unreachable
  output logic [tern_pkg::QpnW-1:0]  sent_qpn_o,
  output logic                       eth_sent_valid_o,
  output logic [15:0]                eth_sent_wqe_o,
  output logic                       eth_sent_err_o,
  output logic                       left_valid_o,  // with ready
  input  logic                       left_ready_i,
  output logic [tern_pkg::QpnW-1:0]  left_qpn_o,
  output logic [23:0]                left_psn_o,

  output logic                       m_axis_tvalid_o,
  input  logic                       m_axis_tready_i,
  output logic [511:0]               m_axis_tdata_o,
  output logic [63:0]                m_axis_tkeep_o,
  output logic                       m_axis_tlast_o,
  output logic                       m_axis_town_o,

  output logic                       stat_frame_o,
  output logic [13:0]                stat_bytes_o,  // with stat_frame
  output logic                       stat_request_o,
  output logic                       stat_response_o,
  output logic                       stat_ack_o,
  output logic                       stat_nak_o,
  output logic                       stat_drop_o,
  output logic                       stat_hit_o,
  output logic                       stat_miss_o
);

  localparam int unsigned QpnW  = tern_pkg::QpnW;
  localparam int unsigned HdrW  = 8 * 106;
  localparam int unsigned Ahead = 4;  // slots between tern_gather and the end of their frame
  // No more are taken with so many lines of payload: what is here can no longer be called back
  localparam int unsigned AheadLines = 96;

  // ---------------------------------------------------------------------------- prefetches
  //
  // A hint that names a QPN of late is dropped, so that the packets of one QP do not ask twice

  logic                 pre_valid, pre_ready, pre_known;
  logic                 pre_room;
  logic [QpnW-1:0]      pre_qpn;
  logic [3:0][QpnW-1:0] late_q;
  logic [3:0]           late_valid_q;

  always_comb begin
    pre_known = 1'b0;
    for (int unsigned i = 0; i < 4; i++) begin
      if (late_valid_q[i] && late_q[i] == prefetch_qpn_i) pre_known = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      late_valid_q <= '0;
    end else if (prefetch_valid_i && !pre_known && pre_room) begin
      late_valid_q <= {late_valid_q[2:0], 1'b1};
      late_q       <= {late_q[2:0], prefetch_qpn_i};
    end
  end

  tern_fifo #(.Width(QpnW), .Depth(4)) u_pre (
    .clk_i,
    .rst_i,
    .in_valid_i  (prefetch_valid_i && !pre_known),
    .in_ready_o  (pre_room),
    .in_data_i   (prefetch_qpn_i),
    .out_valid_o (pre_valid),
    .out_ready_i (pre_ready),
    .out_data_o  (pre_qpn)
  );

  // ------------------------------------------------------- taking a slot, with its net line

  logic            ask, asked_q, simple;
  logic            req_ready, line_valid, line_real, line_idle;
  logic            room;
  logic            take;
  logic [2:0]      inside_q;   // slots taken and not yet done
  logic [8:0]      inside_lines_q;
  logic [7:0]      take_lines, lines;  // of the slot; of the frame that leaves
  logic            record_pop;
  logic [511:0]    line;
  tern_pkg::hmc_err_e line_err;
  logic [QpnW-1:0] line_index;
  logic            line_resumed;
  logic [$clog2(Slots)-1:0] line_slot;

  tern_hw_pkg::tern_hw_qp_net_t  net;
  tern_hw_pkg::tern_hw_qp_attr_t attr;

  assign net  = line;
  assign attr = {256'd0, net.net, 192'd0};

  assign room   = inside_q != 3'(Ahead) && inside_lines_q < 9'(AheadLines);
  assign simple = slot_i.marker || slot_killed_i || slot_i.ud || slot_i.src == tern_pkg::TxEth;
  assign ask    = slot_valid_i && !simple && !asked_q && room;
  assign take   = slot_valid_i && (simple ? room && (!slot_i.ud || path_valid_i)
                                          : asked_q && line_valid && line_real);
  assign path_ready_o = take && slot_i.ud;
  assign slot_ready_o = take;
  assign take_lines   = slot_i.marker ? 8'd0 : 8'((slot_i.len + 14'd63) >> 6);
  assign pre_ready    = req_ready && !ask;
  assign gid_index_o  = slot_i.ud ? path_i.sgid : attr.net.sgid[6:0];

  // What a UD packet has in place of the line. Its source port is that of rdma_flow_label_to_udp_sport()
  tern_hw_pkg::tern_hw_qp_net_t  ud_net;
  tern_hw_pkg::tern_hw_qp_attr_t ud_attr;

  always_comb begin
    ud_net  = '0;
    ud_attr = '0;
    if (slot_valid_i && slot_i.ud) begin
      ud_attr.net.udp_sport  = {2'b11, path_i.flow_label[13:0] ^ 14'(path_i.flow_label[19:14])};
      ud_attr.net.sgid       = 8'(path_i.sgid);
      ud_attr.net.hop_limit  = path_i.hop_limit;
      ud_attr.net.tclass     = path_i.tclass;
      ud_attr.net.flow_label = path_i.flow_label;
      ud_attr.net.pcp        = path_i.pcp;
      ud_net.net             = ud_attr.net;
      ud_net.mac             = 64'(path_i.dmac);
      ud_net.dgid            = path_i.dgid;
      ud_net.conn.dest_qpn   = path_i.qpn;
      ud_net.conn.pkey       = 16'hffff;
      ud_net.conn.valid      = 1'b1;
    end
  end

  tern_qp_line #(
    .Line     ({tern_hw_pkg::TERN_HW_QP_LINE_NET}),
    .Sets     (Sets),
    .Ways     (Ways),
    .Slots    (Slots),
    .Backs    (2),
    .PayloadW (1)
  ) u_line (
    .clk_i,
    .rst_i,
    .idle_o           (line_idle),
    .req_valid_i      (ask || pre_valid),
    .req_ready_o      (req_ready),
    .req_index_i      (ask ? slot_i.qpn : pre_qpn),
    .req_payload_i    (ask),
    .out_valid_o      (line_valid),
    .out_ready_i      (1'b1),
    .out_hold_i       (1'b0),
    .out_index_o      (line_index),
    .out_payload_o    (line_real),
    .out_slot_o       (line_slot),
    .out_resumed_o    (line_resumed),
    .out_err_o        (line_err),
    .out_line_o       (line),
    .wb_valid_i       (1'b0),
    .wb_line_i        (512'd0),
    .wake_valid_i     (1'b0),
    .wake_slot_i      ('0),
    .item_valid_i,
    .item_ready_o,
    .item_i,
    .item_rsp_valid_o,
    .item_rsp_o,
    .hmc_valid_o,
    .hmc_ready_i,
    .hmc_o,
    .hmc_rsp_valid_i,
    .hmc_rsp_i,
    .stat_hit_o,
    .stat_miss_o
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      asked_q  <= 1'b0;
      inside_q <= '0;
      inside_lines_q <= '0;
    end else begin
      if (ask && req_ready) asked_q <= 1'b1;
      else if (take)        asked_q <= 1'b0;
      inside_q <= inside_q + 3'(take) - 3'(record_pop);
      inside_lines_q <= inside_lines_q + (take ? 9'(take_lines) : '0) -
                        (record_pop ? 9'(lines) : '0);
    end
  end

  // ------------------------------------------------------------ headers, and the rest beside
  //
  // Stage b has the slot, its net line and GID entry; stage c the headers

  typedef enum logic [1:0] {
    RcFrame,
    RcEth,
    RcDrop,
    RcMarker
  } kind_e;

  typedef struct packed {
    kind_e             kind;
    logic              unreachable;  // RcDrop: no addresses
    tern_pkg::tx_src_e src;
    logic [QpnW-1:0]   qpn;
    logic [15:0]       wqe;
    logic              nak;
    logic              own;
    logic              both;         // to ourselves, and then to the wire
    logic              finish;
    logic [23:0]       psn;
    logic [13:0]       len;
    logic [9:0]        line;
  } what_t;

  typedef struct packed {
    what_t            what;
    logic [1:0]       pad;
    logic [6:0]       hdr_len;
    logic [HdrW-1:0]  hdr;
  } record_t;

  logic              b_valid_q, c_valid_q;
  logic              b_killed_q, b_net_q;
  tern_pkg::tx_pkt_t b_pkt_q;
  logic [9:0]        b_line_q;
  logic [511:0]      b_net_line_q;
  what_t             b_what, c_what_q;
  tern_hw_pkg::tern_hw_qp_net_t b_net;
  record_t           c_record, head;
  logic              head_valid, fifo_ready;
  logic [HdrW-1:0]   c_hdr;
  logic [6:0]        c_hdr_len;
  logic [1:0]        c_pad;
  logic              gid_valid;
  tern_hw_pkg::tern_hw_gid_entry_t gid;

  assign gid       = gid_entry_i;
  assign b_net     = b_net_line_q;
  assign gid_valid = gid.attr.valid;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      b_valid_q <= 1'b0;
      c_valid_q <= 1'b0;
    end else begin
      b_valid_q <= take;
      c_valid_q <= b_valid_q;
    end
    if (take) begin
      b_pkt_q    <= slot_i;
      b_line_q   <= slot_line_i;
      b_killed_q <= slot_killed_i;
      b_net_q    <= slot_i.ud || (line_err == tern_pkg::HmcOk && net.conn.valid &&
                                  !attr.net.sgid[7]);
      if (slot_i.ud)    b_net_line_q <= ud_net;
      else if (!simple) b_net_line_q <= line;
    end
    if (b_valid_q) c_what_q <= b_what;
  end

  assign mcast_ask_o = b_valid_q && b_pkt_q.ud && !b_killed_q && b_net.mac[40];
  assign mcast_gid_o = b_net.dgid;

  always_comb begin
    b_what      = '0;
    b_what.kind = RcFrame;
    b_what.src  = b_pkt_q.src;
    b_what.qpn  = b_pkt_q.qpn;
    b_what.wqe  = b_pkt_q.wqe;
    b_what.both = mcast_ask_o && mcast_hit_i;
    b_what.nak  = |b_pkt_q.ext[6:5];
    b_what.own  = b_pkt_q.src != tern_pkg::TxEth && !b_what.both &&
                  (b_net.mac[47:0] == gid.mac.addr || b_net.mac[47:0] == mac_addr_i);
    b_what.finish = b_pkt_q.finish && b_pkt_q.src == tern_pkg::TxReq && !b_pkt_q.marker &&
                    !b_killed_q;
    b_what.psn  = b_pkt_q.psn;
    b_what.len  = b_pkt_q.marker ? 14'd0 : b_pkt_q.len;
    b_what.line = b_line_q;
    if (b_pkt_q.marker) begin
      b_what.kind = RcMarker;
    end else if (b_killed_q) begin
      b_what.kind = RcDrop;
    end else if (b_pkt_q.src == tern_pkg::TxEth) begin
      b_what.kind = b_pkt_q.len < 14'd14 || b_pkt_q.len > 14'd9216 ? RcDrop : RcEth;
    end else if (!b_net_q || !gid_valid) begin
      b_what.kind        = RcDrop;
      b_what.unreachable = 1'b1;
    end
  end

  tern_emit_header u_header (
    .clk_i,
    .rst_i,
    .in_valid_i (b_valid_q && b_what.kind == RcFrame),
    .in_pkt_i   (b_pkt_q),
    .in_net_i   (b_net_line_q),
    .in_gid_i   (gid_entry_i),
    .hdr_o      (c_hdr),
    .hdr_len_o  (c_hdr_len),
    .pad_o      (c_pad)
  );

  always_comb begin
    c_record.what    = c_what_q;
    c_record.pad     = c_pad;
    c_record.hdr_len = c_hdr_len;
    c_record.hdr     = c_hdr;
    if (c_what_q.kind != RcFrame) begin
      c_record.pad     = 2'd0;
      c_record.hdr_len = 7'd0;
    end
  end

  // Cannot be full: inside_q
  tern_fifo #(.Width($bits(c_record)), .Depth(Ahead)) u_records (
    .clk_i,
    .rst_i,
    .in_valid_i  (c_valid_q),
    .in_ready_o  (fifo_ready),
    .in_data_i   (c_record),
    .out_valid_o (head_valid),
    .out_ready_i (record_pop),
    .out_data_o  (head)
  );

  // -------------------------------------------------------------------- the beats of a frame
  //
  // A frame of H header bytes: payload line n lies in beats n + H/64 and the one after, rotated
  // by r = H % 64. The ICRC lies behind the payload and its pad, maybe in a beat of its own.

  logic        en;             // everything from here on moves
  logic        send;
  logic [7:0]  beat_q;         // of the head's frame
  logic        roce;
  logic [13:0] data_end;       // header, payload
  logic [13:0] crc_at;         // and pad
  logic [13:0] size;           // and ICRC, at least 60
  logic [7:0]  last_beat, crc_beat, line_of;
  logic [13:0] beat_at;        // first byte of the beat
  logic        head_last;

  assign roce      = head.what.kind == RcFrame;
  assign data_end  = 14'(head.hdr_len) + head.what.len;
  assign crc_at    = data_end + 14'(head.pad);
  assign size      = roce ? (crc_at < 14'd56 ? 14'd60 : crc_at + 14'd4)
                          : (crc_at < 14'd60 ? 14'd60 : crc_at);
  assign last_beat = 8'((size - 14'd1) >> 6);
  assign crc_beat  = 8'((crc_at - 14'd1) >> 6);
  assign lines     = 8'((head.what.len + 14'd63) >> 6);
  assign line_of   = beat_q - 8'(head.hdr_len[6]);
  assign beat_at   = {beat_q, 6'd0};
  assign head_last = beat_q == last_beat;

  logic        left_room, left_wait;
  logic        head_go;        // nothing keeps the head back
  logic        ends;           // of it, or of the first time of two
  logic        second_q, again, own;

  assign left_wait  = beat_q == '0 && ((head.what.finish && !left_room) ||
                                       (head.what.kind == RcMarker && left_valid_o));
  assign head_go    = head_valid && !left_wait;
  assign send       = head_go && (head.what.kind == RcFrame || head.what.kind == RcEth);
  assign ends       = head_go && (!send || (en && head_last));
  assign again      = send && head.what.both && !second_q;
  assign own        = head.what.own || again;
  assign record_pop = ends && !again;

  assign ring_read_o = send && en && line_of < lines;  // before the first it is 255
  assign ring_line_o = head.what.line + 10'(line_of);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      beat_q   <= '0;
      second_q <= 1'b0;
    end else begin
      if (send && en) beat_q <= head_last ? 8'd0 : beat_q + 8'd1;
      if (ends) second_q <= again;
    end
  end

  tern_fifo #(.Width(QpnW + 24), .Depth(4)) u_left (
    .clk_i,
    .rst_i,
    .in_valid_i  (record_pop && head.what.finish),
    .in_ready_o  (left_room),
    .in_data_i   ({head.what.qpn, head.what.psn}),
    .out_valid_o (left_valid_o),
    .out_ready_i (left_ready_i),
    .out_data_o  ({left_qpn_o, left_psn_o})
  );

  // Outcome of a slot, with the last beat
  assign done_valid_o     = record_pop;
  assign done_lines_o     = lines;
  assign drained_valid_o  = record_pop && head.what.kind == RcMarker;
  assign drained_src_o    = head.what.src;
  assign drained_qpn_o    = head.what.qpn;
  // The ACK timer runs for what nobody can get, too: else the QP would wait for ever
  assign sent_valid_o     = record_pop && (roce || head.what.unreachable) &&
                            head.what.src == tern_pkg::TxReq;
  assign sent_qpn_o       = head.what.qpn;
  assign eth_sent_valid_o = record_pop && head.what.src == tern_pkg::TxEth &&
                            head.what.kind != RcMarker;
  assign eth_sent_wqe_o   = head.what.wqe;
  assign eth_sent_err_o   = head.what.kind == RcDrop;
  assign stat_frame_o     = ends && send;
  assign stat_bytes_o     = size;
  assign stat_request_o   = record_pop && roce && head.what.src == tern_pkg::TxReq;
  assign stat_response_o  = record_pop && roce && head.what.src == tern_pkg::TxRr;
  assign stat_ack_o       = record_pop && roce && head.what.src == tern_pkg::TxAck &&
                            !head.what.nak;
  assign stat_nak_o       = record_pop && roce && head.what.src == tern_pkg::TxAck &&
                            head.what.nak;
  assign stat_drop_o      = record_pop && head.what.unreachable;

  // Lanes of the beat: header in the first, payload until end
  logic [6:0] hdr_lanes, end_lanes, keep_lanes;

  function automatic logic [6:0] lanes(input logic [13:0] till, input logic [13:0] from);
    logic [13:0] n;
    n = till - from;
    if (till <= from)     lanes = 7'd0;
    else if (n >= 14'd64) lanes = 7'd64;
    else                  lanes = n[6:0];
  endfunction

  assign hdr_lanes  = lanes(14'(head.hdr_len), beat_at);
  assign end_lanes  = lanes(data_end, beat_at);
  assign keep_lanes = lanes(size, beat_at);

  function automatic logic [511:0] low_lanes(input logic [6:0] n);
    low_lanes = ~({512{1'b1}} << {n, 3'd0});
  endfunction

  // Stage 1: the line is there. Stage 2: it is rotated. What travels beside the data:
  typedef struct packed {
    logic       first;
    logic       last;
    logic       own;
    logic       crc_data;   // ICRC is computed over this beat
    logic       crc_last;
    logic       crc_tail;   // the second half of the ICRC
    logic       vlan;
    logic       ipv4;
    logic [5:0] crc_lane;   // with crc_last
    logic [6:0] keep;
  } side_t;

  logic         s1_valid_q, s2_valid_q, s1_read_q, s1_hdr_q, s2_hdr_q;
  side_t        s1_side_q, s2_side_q;
  logic [511:0] s1_head_q, s2_head_q;
  logic [5:0]   s1_rot_q, s2_rot_q;
  logic [6:0]   s1_hdr_lanes_q, s2_hdr_lanes_q, s1_end_q, s2_end_q;
  logic [511:0] rot_q, prev_q;
  logic [9:0]   rest;

  assign rest = 10'd512 - {1'b0, s1_rot_q, 3'd0};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      s1_valid_q <= 1'b0;
      s2_valid_q <= 1'b0;
      s1_read_q  <= 1'b0;
    end else if (en) begin
      s1_valid_q <= send;
      s1_read_q  <= ring_read_o;
      s2_valid_q <= s1_valid_q;
    end
    if (en && send) begin
      s1_side_q.first    <= beat_q == '0;
      s1_side_q.last     <= head_last;
      s1_side_q.own      <= own;
      s1_side_q.crc_data <= roce && beat_q <= crc_beat;
      s1_side_q.crc_last <= roce && beat_q == crc_beat;
      s1_side_q.crc_tail <= roce && beat_q > crc_beat;
      s1_side_q.vlan     <= head.hdr[8*12 +: 16] == 16'h0081;
      s1_side_q.ipv4     <= head.hdr[8*14 +: 8] == 8'h45 && head.hdr[8*12 +: 16] == 16'h0008 ||
                            head.hdr[8*12 +: 16] == 16'h0081 && head.hdr[8*18 +: 8] == 8'h45;
      s1_side_q.crc_lane <= crc_at[5:0];
      s1_side_q.keep     <= keep_lanes;
      s1_hdr_q           <= roce && beat_q < 8'd2;
      if (roce && beat_q == 8'd0) s1_head_q <= head.hdr[511:0];
      if (roce && beat_q == 8'd1) s1_head_q <= 512'(head.hdr[HdrW-1:512]);
      s1_rot_q           <= head.hdr_len[5:0];
      s1_hdr_lanes_q     <= hdr_lanes;
      s1_end_q           <= end_lanes;
    end
    if (en && s1_valid_q) begin
      s2_side_q      <= s1_side_q;
      s2_hdr_q       <= s1_hdr_q;
      if (s1_hdr_q) s2_head_q <= s1_head_q;
      s2_rot_q       <= s1_rot_q;
      s2_hdr_lanes_q <= s1_hdr_lanes_q;
      s2_end_q       <= s1_end_q;
      prev_q         <= rot_q;
      if (s1_read_q) rot_q <= (ring_data_i << {s1_rot_q, 3'd0}) | (ring_data_i >> rest);
    end
  end

  // Stage 3: the beat
  logic         s3_valid_q;
  side_t        s3_side_q;
  logic [511:0] s3_data_q;
  logic [511:0] mixed, beat;

  always_comb begin
    mixed = '0;
    beat  = '0;
    if (s2_valid_q) begin
      if (s2_rot_q == '0) mixed = rot_q;
      else mixed = (prev_q & low_lanes({1'b0, s2_rot_q})) | (rot_q & ~low_lanes({1'b0, s2_rot_q}));
      beat = mixed;
      if (!s2_end_q[6]) beat &= low_lanes(s2_end_q);
      if (s2_hdr_q) beat = (beat & ~low_lanes(s2_hdr_lanes_q)) | s2_head_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i)   s3_valid_q <= 1'b0;
    else if (en) s3_valid_q <= s2_valid_q;
    if (en && s2_valid_q) begin
      s3_side_q <= s2_side_q;
      s3_data_q <= beat;
    end
  end

  // -------------------------------------------------------------------------------- ICRC

  logic        crc_valid;
  logic [31:0] crc;
  logic [2:0]  d_valid_q;
  side_t       d1_side_q, d2_side_q, d3_side_q;
  logic [511:0] d1_data_q, d2_data_q, d3_data_q, closed;
  logic [3:0]  crc_words;

  assign crc_words = s3_side_q.crc_lane[5:2];  // the lane is 4n+2

  tern_icrc u_icrc (
    .clk_i,
    .rst_i,
    .en_i        (en),
    .in_valid_i  (s3_valid_q && s3_side_q.crc_data),
    .in_data_i   (s3_data_q),
    .in_first_i  (s3_side_q.first),
    .in_last_i   (s3_side_q.crc_last),
    .in_words_i  (crc_words),
    .in_vlan_i   (s3_side_q.vlan),
    .in_ipv4_i   (s3_side_q.ipv4),
    .out_valid_o (crc_valid),
    .out_crc_o   (crc)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i)   d_valid_q <= '0;
    else if (en) d_valid_q <= {d_valid_q[1:0], s3_valid_q};
    if (en && s3_valid_q) begin
      d1_side_q <= s3_side_q;
      d1_data_q <= s3_data_q;
    end
    if (en && d_valid_q[0]) begin
      d2_side_q <= d1_side_q;
      d2_data_q <= d1_data_q;
    end
    if (en && d_valid_q[1]) begin
      d3_side_q <= d2_side_q;
      d3_data_q <= d2_data_q;
    end
  end

  always_comb begin
    closed = d3_data_q;
    if (d_valid_q[2]) begin
      if (d3_side_q.crc_last) closed |= 512'(crc) << {d3_side_q.crc_lane, 3'd0};
      if (d3_side_q.crc_tail) closed[15:0] = crc[31:16];
    end
  end

  // ------------------------------------------------------------------------------ output

  logic         out_valid_q, out_last_q, out_own_q;
  logic [511:0] out_data_q;
  logic [63:0]  out_keep_q;

  assign en = !out_valid_q || m_axis_tready_i;

  always_ff @(posedge clk_i) begin
    if (rst_i)   out_valid_q <= 1'b0;
    else if (en) out_valid_q <= d_valid_q[2];
    if (en && d_valid_q[2]) begin
      out_last_q <= d3_side_q.last;
      out_own_q  <= d3_side_q.own;
      out_data_q <= closed;
      out_keep_q <= ~({64{1'b1}} << d3_side_q.keep);
    end
  end

  assign m_axis_tvalid_o = out_valid_q;
  assign m_axis_tdata_o  = out_data_q;
  assign m_axis_tkeep_o  = out_keep_q;
  assign m_axis_tlast_o  = out_last_q;
  assign m_axis_town_o   = out_own_q;

  logic unused;
  assign unused = &{1'b0, fifo_ready, crc_valid, line_index, line_resumed, line_slot, ud_attr};

  assign idle_o = !slot_valid_i && !prefetch_valid_i && !pre_valid && line_idle &&
                  inside_q == '0 && !left_valid_o && !s1_valid_q && !s2_valid_q && !s3_valid_q &&
                  d_valid_q == '0 && !out_valid_q;

endmodule
