// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_tx_mux and tern_gather between four random sources, a model of tern_mr (answers in any
// order, in one part or two, refusals), the real tern_dma_read on the AXI memory (answers out of
// order and interleaved, pages that refuse) and a model of tern_emit.
//
// Checked: order per source, priority and turns of the mux; every record and every byte of the
// payload when it is read from the ring; every translation request against its piece, every read
// against its translation; which packets are killed and that each {QPN, source} reports once
// between clears; prefetch; fences; idle. Ends with the speed.
//
// +count= packets, +seed=, +gap= % of cycles in which a port stands still, +emit_gap= the same
// for the emitter, +err= errors in 1/1000 of the pieces

module tb_gather;

  localparam int unsigned Pages    = 64;
  localparam longint unsigned HostBase = 64'h00fe_dcba_9870_0000;
  localparam int unsigned HostBytes = Pages * 4096;
  localparam int unsigned Qpns     = 12;
  localparam int unsigned Live     = 512;    // packets made and not yet compared
  localparam int unsigned MaxLen   = 9216;
  localparam int unsigned Keys     = 16384;  // more than Live packets have

  logic clk = 0;
  logic rst = 1;
  always #2 clk = !clk;

  int unsigned seed, count, gap, emit_gap, err_pm;
  longint unsigned cycle;
  always @(posedge clk) cycle <= cycle + 1;

  function automatic bit chance(int unsigned pct);
    return pct != 0 && $urandom_range(99) < pct;
  endfunction

  // ----------------------------------------------------------------------------- devices

  logic [3:0] s_pkt_valid, s_pkt_ready, s_piece_valid, s_piece_ready;
  logic [3:0][tern_pkg::TxPktW-1:0]   s_pkt;
  logic [3:0][tern_pkg::TxPieceW-1:0] s_piece;
  logic mux_idle, idle;
  logic pkt_valid, pkt_ready, piece_valid, piece_ready;
  tern_pkg::tx_pkt_t   pkt;
  tern_pkg::tx_piece_t piece;

  tern_tx_mux u_mux (
    .clk_i(clk), .rst_i(rst), .idle_o(mux_idle),
    .pkt_valid_i(s_pkt_valid), .pkt_ready_o(s_pkt_ready), .pkt_i(s_pkt),
    .piece_valid_i(s_piece_valid), .piece_ready_o(s_piece_ready), .piece_i(s_piece),
    .pkt_valid_o(pkt_valid), .pkt_ready_i(pkt_ready), .pkt_o(pkt),
    .piece_valid_o(piece_valid), .piece_ready_i(piece_ready), .piece_o(piece)
  );

  logic                      prefetch_valid;
  logic [tern_pkg::QpnW-1:0] prefetch_qpn;
  logic                      mr_valid, mr_ready, mr_rsp_valid;
  tern_pkg::mr_req_t         mr;
  tern_pkg::mr_rsp_t         mr_rsp;
  logic                      dma_valid, dma_ready, dma_rsp_valid;
  tern_pkg::dma_rd_req_t     dma;
  tern_pkg::dma_rd_rsp_t     dma_rsp;
  logic                      slot_valid, slot_ready, slot_killed;
  tern_pkg::tx_pkt_t         slot;
  logic [9:0]                slot_line;
  logic                      ring_read;
  logic [9:0]                ring_line;
  logic [511:0]              ring_data;
  logic                      done_valid;
  logic [7:0]                done_lines;
  logic                      req_err_valid, req_err_ready, rr_err_valid, rr_err_ready;
  tern_pkg::req_err_t        req_err;
  logic [tern_pkg::QpnW-1:0] rr_err_qpn;
  logic [23:0]               rr_err_psn;
  tern_pkg::mr_err_e         rr_err;
  logic                      rr_err_dma;
  logic                      clear_valid, clear_ready;
  logic [tern_pkg::QpnW-1:0] clear_qpn;
  logic                      fence, fence_done;
  logic                      prog_valid;
  logic [13:0]               prog_qpn;
  logic [15:0]               prog_done;
  logic                      ahead, back_valid = 0;
  logic [tern_pkg::QpnW-1:0] back_qpn;

  tern_gather dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .pkt_valid_i(pkt_valid), .pkt_ready_o(pkt_ready), .pkt_i(pkt),
    .piece_valid_i(piece_valid), .piece_ready_o(piece_ready), .piece_i(piece),
    .ahead_o(ahead), .back_valid_i(back_valid), .back_qpn_i(back_qpn),
    .prefetch_valid_o(prefetch_valid), .prefetch_qpn_o(prefetch_qpn),
    .mr_valid_o(mr_valid), .mr_ready_i(mr_ready), .mr_o(mr),
    .mr_rsp_valid_i(mr_rsp_valid), .mr_rsp_i(mr_rsp),
    .dma_valid_o(dma_valid), .dma_ready_i(dma_ready), .dma_o(dma),
    .dma_rsp_valid_i(dma_rsp_valid), .dma_rsp_i(dma_rsp),
    .slot_valid_o(slot_valid), .slot_ready_i(slot_ready), .slot_o(slot),
    .slot_killed_o(slot_killed), .slot_line_o(slot_line),
    .ring_read_i(ring_read), .ring_line_i(ring_line), .ring_data_o(ring_data),
    .done_valid_i(done_valid), .done_lines_i(done_lines),
    .req_err_valid_o(req_err_valid), .req_err_ready_i(req_err_ready), .req_err_o(req_err),
    .rr_err_valid_o(rr_err_valid), .rr_err_ready_i(rr_err_ready), .rr_err_qpn_o(rr_err_qpn),
    .rr_err_psn_o(rr_err_psn), .rr_err_o(rr_err), .rr_err_dma_o(rr_err_dma),
    .prog_valid_i(prog_valid), .prog_qpn_i(prog_qpn), .prog_done_i(prog_done),
    .clear_valid_i(clear_valid), .clear_ready_o(clear_ready), .clear_qpn_i(clear_qpn),
    .fence_i(fence), .fence_done_o(fence_done)
  );

  // Client 0 of the DMA engine is the gather; client 1 does nothing
  logic [1:0] rd_valid, rd_ready, rd_rsp_valid;
  logic [1:0][tern_pkg::DmaRdReqW-1:0] rd_req;
  logic rd_idle, rd_stat, rd_stat_err;
  logic arvalid, arready, rvalid, rready, rlast;
  logic [5:0] arid, rid, bid;
  logic [63:0] araddr;
  logic [7:0] arlen;
  logic [2:0] arsize;
  logic [1:0] arburst, rresp, bresp;
  logic [511:0] rdata;
  logic awready, wready, bvalid;

  assign rd_valid      = {1'b0, dma_valid};
  assign dma_ready     = rd_ready[0];
  assign rd_req        = {tern_pkg::DmaRdReqW'(0), dma};
  assign dma_rsp_valid = rd_rsp_valid[0];

  tern_dma_read #(.NumClients(2)) u_read (
    .clk_i(clk), .rst_i(rst), .quiesce_i(1'b0), .idle_o(rd_idle),
    .req_valid_i(rd_valid), .req_ready_o(rd_ready), .req_i(rd_req),
    .rsp_valid_o(rd_rsp_valid), .rsp_o(dma_rsp),
    .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready), .m_axi_arid_o(arid),
    .m_axi_araddr_o(araddr), .m_axi_arlen_o(arlen), .m_axi_arsize_o(arsize),
    .m_axi_arburst_o(arburst),
    .m_axi_rvalid_i(rvalid), .m_axi_rready_o(rready), .m_axi_rid_i(rid), .m_axi_rdata_i(rdata),
    .m_axi_rresp_i(rresp), .m_axi_rlast_i(rlast),
    .stat_dma_read_o(rd_stat), .stat_dma_read_err_o(rd_stat_err)
  );

  tb_axi_mem u_mem (
    .clk_i(clk), .rst_i(rst),
    .s_axi_arvalid_i(arvalid), .s_axi_arready_o(arready), .s_axi_arid_i(arid),
    .s_axi_araddr_i(araddr), .s_axi_arlen_i(arlen), .s_axi_arsize_i(arsize),
    .s_axi_arburst_i(arburst),
    .s_axi_rvalid_o(rvalid), .s_axi_rready_i(rready), .s_axi_rid_o(rid), .s_axi_rdata_o(rdata),
    .s_axi_rresp_o(rresp), .s_axi_rlast_o(rlast),
    .s_axi_awvalid_i(1'b0), .s_axi_awready_o(awready), .s_axi_awid_i('0),
    .s_axi_awaddr_i('0), .s_axi_awlen_i('0), .s_axi_awsize_i('0), .s_axi_awburst_i('0),
    .s_axi_wvalid_i(1'b0), .s_axi_wready_o(wready), .s_axi_wdata_i('0), .s_axi_wstrb_i('0),
    .s_axi_wlast_i(1'b0),
    .s_axi_bvalid_o(bvalid), .s_axi_bready_i(1'b1), .s_axi_bid_o(bid), .s_axi_bresp_o(bresp)
  );

  // ------------------------------------------------------------------------- host memory

  bit [7:0] host [HostBytes];

  function automatic bit hole(int unsigned page);
    return page % 16 == 15;
  endfunction

  task automatic fill_host();
    for (int unsigned p = 0; p < Pages; p++)
      tb_mem_pkg::tb_mem_map(HostBase + 64'(p) * 4096, 4096,
                             hole(p) ? tb_mem_pkg::MemNone : tb_mem_pkg::MemReadWrite);
    for (int unsigned i = 0; i < HostBytes; i++) begin
      host[i] = 8'($urandom);
      tb_mem_pkg::tb_mem_put8(HostBase + 64'(i), 32'(host[i]));
    end
  endtask

  // Offset of len bytes, of which some are in a hole if bad
  function automatic int unsigned pick_offset(int unsigned len, bit bad);
    for (int n = 0; n < 1000; n++) begin
      int unsigned off = $urandom_range(HostBytes - len);
      bit touches = 0;
      if (chance(25)) off = (off & ~32'd63);
      if (chance(25)) off = (off | 32'd4095) - $urandom_range(len < 128 ? len : 128);
      if (off > HostBytes - len) continue;
      for (int unsigned p = off / 4096; p <= (off + len - 1) / 4096; p++) touches |= hole(p);
      if (touches == bad) return off;
    end
    $fatal(1, "no place for %0d bytes", len);
    return 0;
  endfunction

  // ----------------------------------------------------------------------------- packets

  // What is known of packet uid, at uid % Live
  bit [tern_pkg::TxPktW-1:0] m_pkt [Live];
  bit                        m_mr [Live];    // a translation is refused
  bit [7:0]                  m_mr_set [Live];
  bit                        m_dma [Live];   // the bus refuses something
  bit [7:0]                  m_data [Live * MaxLen];
  int unsigned               next_uid, compared;
  int unsigned               made [4];

  // Pieces with a key, at key % Keys
  bit [31:0] k_key [Keys];
  bit [63:0] k_va [Keys];
  int unsigned k_len [Keys], k_len0 [Keys];
  bit [23:0] k_pd [Keys];
  bit        k_priv [Keys], k_remote [Keys];
  bit [2:0]  k_err [Keys];
  bit [63:0] k_addr0 [Keys], k_addr1 [Keys];
  bit [31:0] next_key = 32'h8000_0100;

  int host_parts [bit [76:0]];  // {addr, len} of PcHost reads that may come

  bit [tern_pkg::QpnW-1:0] qpns [Qpns];
  int unsigned inflight [Qpns];
  bit          hold [Qpns];     // no packets of it for a while

  localparam int unsigned QPkt = 16;
  localparam int unsigned QPiece = 512;
  bit [tern_pkg::TxPktW-1:0]   q_pkt [4 * QPkt];
  bit [tern_pkg::TxPieceW-1:0] q_piece [4 * QPiece];
  int unsigned pkt_in [4], pkt_out [4], piece_in [4], piece_out [4];

  typedef enum {Random, Big, BigLane, Small, Empty} mode_e;
  mode_e       mode;
  bit [3:0]    feed, next_feed;  // sources that make packets
  int unsigned budget;     // packets still to be made

  function automatic int unsigned qpn_index(bit [tern_pkg::QpnW-1:0] qpn);
    for (int unsigned i = 0; i < Qpns; i++) if (qpns[i] == qpn) return i;
    $fatal(1, "unknown QPN %h", qpn);
    return 0;
  endfunction

  function automatic int unsigned pick_len(int unsigned s);
    int unsigned top = (s == 3) ? MaxLen : 4096;
    int unsigned kind = $urandom_range(9);
    case (mode)
      Big, BigLane: return 4096;
      Small:        return 64;
      Empty:        return 0;
      default: ;
    endcase
    case (kind)
      0:       return top;
      1:       return top - $urandom_range(200);
      2:       return $urandom_range(top, 1);
      3:       return (s == 3) ? 64 : 0;
      4, 5:    return $urandom_range(64, 1);
      default: return $urandom_range(600, 1);
    endcase
  endfunction

  task automatic add_piece(int unsigned s, int unsigned u, int unsigned off, int unsigned len,
                           bit inl, tern_pkg::tx_pkt_t p);
    tern_pkg::tx_piece_t c;
    bit bad_dma, bad_mr;
    int unsigned at;
    c = '0;
    for (int i = 0; i < 16; i++) c.data[32*i +: 32] = $urandom;
    c.key  = $urandom;
    c.addr = {$urandom, $urandom};
    c.len  = 14'(len);
    bad_dma = !inl && mode == Random && $urandom_range(999) < err_pm;
    bad_mr  = mode == Random && $urandom_range(999) < err_pm;
    if (inl) begin
      c.kind = tern_pkg::PcInline;
      for (int unsigned i = 0; i < len; i++) m_data[u * MaxLen + off + i] = c.data[8*i +: 8];
    end else if (s == 3 || (s == 0 && len <= 4096 && mode == Random && chance(10))) begin
      c.kind = tern_pkg::PcHost;
      at = pick_offset(len, bad_dma);
      c.addr = HostBase + 64'(at);
      m_dma[u] |= bad_dma;
      for (int unsigned i = 0; i < len; i++) m_data[u * MaxLen + off + i] = host[at + i];
      for (int unsigned i = 0; i < len; i += 4096) begin
        int unsigned l = (len - i < 4096) ? len - i : 4096;
        host_parts[{c.addr + 64'(i), 13'(l)}]++;
      end
    end else begin
      int unsigned k = next_key % Keys;
      int unsigned len0 = (len > 1 && mode == Random && chance(40)) ? $urandom_range(len - 1, 1)
                                                                   : len;
      c.kind = tern_pkg::PcKey;
      c.key  = next_key;
      next_key++;
      k_key[k]    = c.key;
      k_va[k]     = c.addr;
      k_len[k]    = len;
      k_len0[k]   = len0;
      k_pd[k]     = p.pd;
      k_priv[k]   = p.priv;
      k_remote[k] = p.remote;
      k_err[k]    = bad_mr ? 3'($urandom_range(5, 1)) : 3'd0;
      at = pick_offset(len0, bad_dma);
      if (mode == Big || mode == Small) at = $urandom_range(7) * 4096;
      if (mode == BigLane) at = $urandom_range(7) * 4096 + $urandom_range(63, 1);
      k_addr0[k] = HostBase + 64'(at);
      for (int unsigned i = 0; i < len0; i++) m_data[u * MaxLen + off + i] = host[at + i];
      k_addr1[k] = {$urandom, $urandom};
      if (len0 != len) begin
        at = pick_offset(len - len0, 0);
        k_addr1[k] = HostBase + 64'(at);
        for (int unsigned i = len0; i < len; i++)
          m_data[u * MaxLen + off + i] = host[at + i - len0];
      end
      if (bad_mr) begin
        m_mr[u] = 1;
        m_mr_set[u][k_err[k]] = 1;
      end else begin
        m_dma[u] |= bad_dma;
      end
    end
    q_piece[s * QPiece + piece_in[s] % QPiece] = c;
    piece_in[s]++;
  endtask

  task automatic make_packet(int unsigned s);
    tern_pkg::tx_pkt_t p;
    int unsigned u = next_uid % Live;
    int unsigned q = $urandom_range(Qpns - 1);
    int unsigned len, off, want;
    if (mode == Random && hold[q]) return;
    for (int i = 0; i < int'(tern_pkg::TxPktW); i += 32) p = tern_pkg::TxPktW'({p, 32'($urandom)});
    p.src       = tern_pkg::tx_src_e'(s);
    p.marker    = mode == Random && s != 3 && chance(4);
    p.qpn       = qpns[q];
    p.ext[31:0] = next_uid;
    p.remote    = s == 1;
    len = (p.marker || s == 2) ? 0 : pick_len(s);
    p.len       = 14'(len);
    m_mr[u]     = 0;
    m_mr_set[u] = 0;
    m_dma[u]    = 0;
    // Cut into pieces
    want = (mode != Random || len > 4096 && chance(50)) ? 1 :
           chance(50) ? 1 : chance(60) ? $urandom_range(4, 1) : 16;
    p.pieces = 0;
    off = 0;
    while (off < len) begin
      int unsigned l = len - off;
      bit inl = mode == Random && s != 1 && chance(25);
      if (32'(p.pieces) + 1 < want)
        l = $urandom_range((l > 4096 && chance(50)) ? l : 2 * l / want + 1, 1);
      if (inl && l > 64) l = (l < 200) ? $urandom_range(64, 1) : l;
      if (l > 64) inl = 0;
      if (l > len - off) l = len - off;
      if (!inl && s != 3 && l > 4096) l = 4096;
      if (32'(p.pieces) == 62) l = len - off;
      if (l > 64) inl = 0;
      add_piece(s, u, off, l, inl, p);
      off += l;
      p.pieces++;
    end
    if (p.marker) begin
      p.pieces = 6'($urandom);
      p.len    = 14'($urandom_range(4096));
    end
    m_pkt[u] = p;
    q_pkt[s * QPkt + pkt_in[s] % QPkt] = p;
    pkt_in[s]++;
    inflight[q]++;
    next_uid++;
    made[s]++;
    budget--;
  endtask

  always @(posedge clk) begin
    if (!rst) begin
      for (int unsigned s = 0; s < 4; s++) begin
        if (feed[s] && budget != 0 && next_uid - compared < Live - 4 &&
            pkt_in[s] - pkt_out[s] < 8 && piece_in[s] - piece_out[s] < QPiece - 64 &&
            !(mode == Random && (chance(30) || (s == 2 && feed != 4'b0100 && !chance(5)))))
          make_packet(s);
        if (s_pkt_valid[s] && s_pkt_ready[s]) begin
          s_pkt_valid[s] <= 0;
          pkt_out[s]++;
        end
        if ((!s_pkt_valid[s] || s_pkt_ready[s]) && pkt_in[s] != pkt_out[s] && !chance(gap)) begin
          s_pkt_valid[s] <= 1;
          s_pkt[s]       <= q_pkt[s * QPkt + pkt_out[s] % QPkt];
        end
        if (s_piece_valid[s] && s_piece_ready[s]) begin
          s_piece_valid[s] <= 0;
          piece_out[s]++;
        end
        if ((!s_piece_valid[s] || s_piece_ready[s]) && piece_in[s] != piece_out[s] &&
            !chance(gap)) begin
          s_piece_valid[s] <= 1;
          s_piece[s]       <= q_piece[s * QPiece + piece_out[s] % QPiece];
        end
      end
    end else begin
      s_pkt_valid   <= '0;
      s_piece_valid <= '0;
    end
  end

  // --------------------------------------------------------------------------------- mux

  int unsigned passed [4];          // grants of others while one of the three waited
  bit [31:0]   fifo0 [$], fifo1 [$], fifo2 [$], fifo3 [$];
  bit [31:0]   order [$];           // uids in the gather, oldest first
  bit [tern_pkg::QpnW-1:0] prefetches [$];
  longint unsigned t_in, t_mr, t_mr_rsp, t_dma, t_beat, t_slot;

  task automatic check_mux();
    tern_pkg::tx_pkt_t p;
    if (!$onehot0(s_pkt_ready & s_pkt_valid)) $fatal(1, "mux takes two packets");
    for (int unsigned s = 0; s < 4; s++) begin
      if (s_pkt_valid[s] && s_pkt_ready[s]) begin
        p = s_pkt[s];
        if (s != 2 && s_pkt_valid[2]) $fatal(1, "mux lets tern_ack wait");
        case (s)
          0: fifo0.push_back(p.ext[31:0]);
          1: fifo1.push_back(p.ext[31:0]);
          2: fifo2.push_back(p.ext[31:0]);
          default: fifo3.push_back(p.ext[31:0]);
        endcase
        if (s != 2)
          for (int unsigned o = 0; o < 4; o++) begin
            if (o == s || !s_pkt_valid[o]) passed[o] = 0;
            else begin
              passed[o]++;
              if (o != 2 && passed[o] > 2) $fatal(1, "mux lets source %0d starve", o);
            end
          end
      end
    end
    if (pkt_valid && pkt_ready) begin
      bit [31:0] uid = '1;
      case (pkt.src)
        tern_pkg::TxReq: uid = fifo0.pop_front();
        tern_pkg::TxRr:  uid = fifo1.pop_front();
        tern_pkg::TxAck: uid = fifo2.pop_front();
        default:         uid = fifo3.pop_front();
      endcase
      if (uid != pkt.ext[31:0]) $fatal(1, "mux: packet %0d, not %0d", pkt.ext[31:0], uid);
      order.push_back(uid);
      may_stale[uid % Live] = 0;
      if (!pkt.marker && !pkt.ud && pkt.src != tern_pkg::TxEth) prefetches.push_back(pkt.qpn);
      t_in = cycle;
    end
    if (prefetch_valid) begin
      if (prefetches.size() == 0) $fatal(1, "prefetch for nothing");
      if (prefetch_qpn != prefetches.pop_front()) $fatal(1, "prefetch of another QPN");
    end
  endtask

  // ------------------------------------------------------------------- translation, reads

  bit          e_mr [64];           // entry has a translation that is not all over
  bit          e_answered [64];
  bit          e_begun [64];        // a read of it has been seen
  int unsigned e_key [64];
  bit [31:0]   e_serial [64];
  int unsigned e_left [64];
  longint unsigned e_due [64];
  bit          d_busy [256];
  bit [31:0]   d_serial [256];
  int unsigned serial, mr_wait_max, reads_now, reads_max, mr_lat;
  longint unsigned refused, two_parts;
  bit          was_mr;
  tern_pkg::mr_req_t was_mr_q;

  // What is translated need not be read any more when its QP has gone back
  longint unsigned skips;

  function automatic bit may_skip(input int unsigned e);
    return e_answered[e] && !e_begun[e] && backs != 0;
  endfunction

  task automatic take_mr();
    int unsigned k = mr.key % Keys;
    int unsigned e = 32'(mr.tag);
    if (e > 63 || (e_mr[e] && !may_skip(e))) $fatal(1, "tag %0d of a translation is in use", e);
    if (e_mr[e]) skips++;
    if (k_key[k] != mr.key || k_va[k] != mr.addr || k_len[k] != 32'(mr.len) ||
        mr.check_len != 32'(mr.len) || k_pd[k] != mr.pd || k_priv[k] != mr.priv ||
        mr.need != (k_remote[k] ? 4'h4 : 4'h0)) $fatal(1, "wrong translation request");
    e_mr[e]       = 1;
    e_answered[e] = 0;
    e_begun[e]    = 0;
    e_key[e]      = k;
    e_serial[e]   = serial;
    e_due[e]      = cycle + 64'($urandom_range(mr_lat, mr_lat / 2));
    serial++;
    t_mr = cycle;
  endtask

  task automatic answer_mr();
    int unsigned first = $urandom_range(63);
    mr_rsp_valid <= 0;
    if (chance(gap)) return;
    for (int unsigned i = 0; i < 64; i++) begin
      int unsigned e = (first + i) % 64;
      if (e_mr[e] && !e_answered[e] && e_due[e] <= cycle) begin
        int unsigned k = e_key[e];
        e_answered[e] = 1;
        mr_rsp_valid <= 1;
        mr_rsp.tag   <= 8'(e);
        mr_rsp.err   <= tern_pkg::mr_err_e'(k_err[k]);
        mr_rsp.addr0 <= k_addr0[k];
        mr_rsp.len0  <= (k_err[k] != 0) ? 13'($urandom) : 13'(k_len0[k]);
        mr_rsp.addr1 <= k_addr1[k];
        if (k_err[k] != 0) begin
          e_mr[e] = 0;
          refused++;
        end
        e_left[e] = (k_len0[k] != k_len[k]) ? 2 : 1;
        if (e_left[e] == 2) two_parts++;
        t_mr_rsp = cycle + 1;
        return;
      end
    end
  endtask

  task automatic take_dma();
    int unsigned e = 32'(dma.tag[5:0]);
    int unsigned k = e_key[e];
    bit same;
    if (d_busy[dma.tag]) $fatal(1, "DMA tag in use");
    d_busy[dma.tag]   = 1;
    d_serial[dma.tag] = serial;
    serial++;
    reads_now++;
    if (reads_now > reads_max) reads_max = reads_now;
    same = dma.tag[6] ? (dma.addr == k_addr1[k] && 32'(dma.len) == k_len[k] - k_len0[k])
                      : (dma.addr == k_addr0[k] && 32'(dma.len) == k_len0[k]);
    if (e_mr[e] && !same && may_skip(e)) begin
      e_mr[e] = 0;  // the entry has a piece of the host's now
      skips++;
    end
    if (e_mr[e]) begin
      if (!e_answered[e]) $fatal(1, "read before the translation");
      e_begun[e] = 1;
      if (!same) $fatal(1, "read of %h, %0d bytes", dma.addr, dma.len);
    end else begin
      if (host_parts.exists({dma.addr, dma.len}) == 0)
        $fatal(1, "read of %h, %0d bytes: nobody asked for it", dma.addr, dma.len);
      host_parts[{dma.addr, dma.len}]--;
      if (host_parts[{dma.addr, dma.len}] == 0) host_parts.delete({dma.addr, dma.len});
    end
    t_dma = cycle;
  endtask

  task automatic take_beat();
    int unsigned e = 32'(dma_rsp.tag[5:0]);
    t_beat = cycle;
    if (dma_rsp.last) begin
      d_busy[dma_rsp.tag] = 0;
      reads_now--;
      if (e_mr[e]) begin
        e_left[e]--;
        if (e_left[e] == 0) e_mr[e] = 0;
      end
    end
  endtask

  // ------------------------------------------------------------------------------- fence

  bit        fence_on;
  bit        f_mr [64], f_dma [256];
  bit [31:0] f_mr_serial [64], f_dma_serial [256];
  longint unsigned fence_at, fences, fence_max;
  int unsigned fence_pct;

  task automatic do_fence();
    if (fence) begin
      for (int e = 0; e < 64; e++) begin
        f_mr[e] = e_mr[e];
        f_mr_serial[e] = e_serial[e];
      end
      for (int t = 0; t < 256; t++) begin
        f_dma[t] = d_busy[t];
        f_dma_serial[t] = d_serial[t];
      end
      fence_at = cycle;
    end
    if (fence_done) begin
      if (!fence_on || fence) $fatal(1, "fence_done without a fence");
      for (int e = 0; e < 64; e++)
        if (f_mr[e] && e_mr[e] && e_serial[e] == f_mr_serial[e] && !may_skip(e))
          $fatal(1, "fence passed a translation");
      for (int t = 0; t < 256; t++)
        if (f_dma[t] && d_busy[t] && d_serial[t] == f_dma_serial[t])
          $fatal(1, "fence passed a read");
      fence_on = 0;
      fences++;
      if (cycle - fence_at > fence_max) fence_max = cycle - fence_at;
    end
    if (fence_on && !fence && cycle - fence_at > 40000) $fatal(1, "fence never done");
    fence <= 0;
    if (!fence_on && $urandom_range(999) < fence_pct) begin
      fence    <= 1;
      fence_on = 1;
      fence_at = cycle;
    end
  endtask

  // ------------------------------------------------------------------- slots and the ring

  // A QP that has gone back: what of it is here may be killed, and nothing that comes later
  bit          may_stale [Live];
  bit          was_stale;            // the slot that is offered was found to be
  int unsigned stales, backs;

  task automatic do_back();
    int unsigned q = $urandom_range(Qpns - 1);
    if (back_valid) begin
      foreach (order[i]) begin
        tern_pkg::tx_pkt_t p = m_pkt[order[i] % Live];
        if (!p.marker && p.src == tern_pkg::TxReq && p.qpn == back_qpn)
          may_stale[order[i] % Live] = 1;
      end
      backs++;
    end
    back_valid <= mode == Random && $urandom_range(199) == 0;
    back_qpn   <= qpns[q];
  endtask

  bit poison [2][Qpns];
  int unsigned killed, eth_bad, good, markers;
  longint unsigned bytes_ok, lines_read, gone_seen;
  longint unsigned out_time [$];

  typedef struct {
    bit [tern_pkg::QpnW-1:0] qpn;
    bit [23:0] psn;
    bit [15:0] wqe;
    bit        mr;
    bit        dma;
    bit [7:0]  set;
  } report_t;
  report_t exp_req [$], exp_rr [$], got_req [$], got_rr [$];

  typedef struct {
    int unsigned u;
    int unsigned qi;
    bit          skip;
    int unsigned line;
    int unsigned lines;
    int unsigned len;
  } taken_t;
  taken_t taken [$];
  int unsigned rd_at;               // lines of taken[0] asked for
  bit          rd1, rd2;            // a read is on its way; its data is there
  taken_t      rd1_t, rd2_t;
  int unsigned rd1_n, rd2_n;
  int unsigned give [$];            // lines to be given back, per slot
  int unsigned lines_out;           // held by the emitter
  int unsigned ring_next;           // where the next slot must start
  bit          was_slot;
  bit [tern_pkg::TxPktW+10:0] was_slot_q;

  task automatic take_slot();
    bit [31:0] uid;
    int unsigned u, qi, lines;
    bit own, exp_killed;
    tern_pkg::tx_pkt_t p;
    taken_t t;
    report_t r;
    if (order.size() == 0) $fatal(1, "a slot from nowhere");
    uid = order.pop_front();
    u   = uid % Live;
    p   = m_pkt[u];
    if (slot != p) $fatal(1, "record of packet %0d is not as it went in", uid);
    qi    = qpn_index(p.qpn);
    own   = m_mr[u] || m_dma[u];
    lines = p.marker ? 0 : (32'(p.len) + 63) / 64;
    exp_killed = own;
    if (p.marker) begin
      exp_killed = 0;
      markers++;
    end else if (p.src == tern_pkg::TxReq || p.src == tern_pkg::TxRr) begin
      bit rr = p.src == tern_pkg::TxRr;
      bit late = !rr && 16'(m_done[qi] - p.wqe - 16'd1) < 16'h8000;
      bit stale = !rr && was_stale;
      bit again = rr && p.again;
      if (stale && !may_stale[u]) $fatal(1, "packet %0d is of use", uid);
      exp_killed = own || poison[rr][qi] || stale;
      if (own && late && !stale && !poison[rr][qi]) lates++;
      if (stale && !own && !poison[rr][qi]) stales++;
      if (own && again && !poison[rr][qi]) agains++;
      if (own && !late && !stale && !again && !poison[rr][qi]) begin
        r.qpn = p.qpn;
        r.psn = p.psn;
        r.wqe = p.wqe;
        r.mr  = m_mr[u];
        r.dma = m_dma[u];
        r.set = m_mr_set[u];
        if (rr) exp_rr.push_back(r);
        else exp_req.push_back(r);
        poison[rr][qi] = 1;
      end
      if (exp_killed) killed++;
    end else if (own) begin
      eth_bad++;
    end
    if (slot_killed != exp_killed)
      $fatal(1, "packet %0d (src %0d, qpn %h): killed %b", uid, p.src, p.qpn, slot_killed);
    if (lines != 0 && 32'(slot_line) != ring_next) $fatal(1, "packet %0d: wrong line", uid);
    ring_next = (ring_next + lines) % 1024;
    lines_out += lines;
    if (!exp_killed && !p.marker) good++;
    t.u = u;
    t.qi = qi;
    t.skip = exp_killed;
    t.line = 32'(slot_line);
    t.lines = lines;
    t.len = 32'(p.len);
    taken.push_back(t);
    out_time.push_back(cycle);
  endtask

  task automatic compare_line();
    bit [511:0] want;
    int unsigned n = rd2_t.len - 64 * rd2_n;
    if (n > 64) n = 64;
    for (int unsigned i = 0; i < n; i++)
      want[8*i +: 8] = m_data[rd2_t.u * MaxLen + 64 * rd2_n + i];
    want = (n == 64) ? want : want & ~(~512'd0 << (8 * n));
    if (((n == 64) ? ring_data : ring_data & ~(~512'd0 << (8 * n))) != want) begin
      tern_pkg::tx_pkt_t p = m_pkt[rd2_t.u];
      $fatal(1, "packet %0d src %0d line %0d of %0d bytes:\n%h, not\n%h", p.ext[31:0], p.src,
             rd2_n, rd2_t.len, ring_data, want);
    end
    bytes_ok += 64'(n);
    lines_read++;
  endtask

  task automatic finish_slot(taken_t t);
    give.push_back(t.lines);
    inflight[t.qi]--;
    compared++;
  endtask

  task automatic do_ring();
    bit go;
    done_valid <= 0;
    ring_read  <= 0;
    ring_line  <= 10'($urandom);
    go = 1;
    if (rd2) begin
      if (!rd1 && chance(emit_gap)) go = 0;   // the data stays
      else begin
        compare_line();
        if (rd2_n + 1 == rd2_t.lines) finish_slot(rd2_t);
        rd2 = 0;
      end
    end
    if (rd1) begin
      rd2 = 1;
      rd2_t = rd1_t;
      rd2_n = rd1_n;
      rd1 = 0;
    end
    while (taken.size() != 0 && (taken[0].skip || taken[0].lines == 0)) begin
      // In order: not before those that are read
      if (rd1 || rd2) break;
      finish_slot(taken.pop_front());
    end
    if (go && taken.size() != 0 && !taken[0].skip && taken[0].lines != 0 && !chance(emit_gap)) begin
      ring_read <= 1;
      ring_line <= 10'(taken[0].line + rd_at);
      rd1   = 1;
      rd1_t = taken[0];
      rd1_n = rd_at;
      rd_at++;
      if (rd_at == taken[0].lines) begin
        rd_at = 0;
        void'(taken.pop_front());
      end
    end
    if (give.size() != 0 && !chance(emit_gap)) begin
      int unsigned n = give[0];
      if (n > 1 && chance(emit_gap)) n = $urandom_range(n);
      done_valid <= 1;
      done_lines <= 8'(n);
      give[0] -= n;
      lines_out -= n;
      if (give[0] == 0) void'(give.pop_front());
    end
  endtask

  // ----------------------------------------------------------------------------- reports

  longint unsigned reports;

  task automatic check_report(report_t e, report_t g, string what);
    if (e.qpn != g.qpn || e.psn != g.psn || e.wqe != g.wqe)
      $fatal(1, "%s: report of another packet", what);
    if (!((g.dma && e.dma) || (g.mr && e.mr && (g.set & e.set) == g.set)))
      $fatal(1, "%s: wrong reason", what);
    reports++;
  endtask

  task automatic do_reports();
    report_t g;
    if (req_err_valid && req_err_ready) begin
      g.qpn = req_err.qpn;
      g.wqe = req_err.wqe;
      g.psn = '0;
      g.dma = req_err.status == 8'h15 && req_err.reason == 8'he;
      g.mr  = req_err.status == 8'h4 && req_err.reason == 8'h4;
      g.set = '0;
      got_req.push_back(g);
    end
    if (rr_err_valid && rr_err_ready) begin
      g.qpn = rr_err_qpn;
      g.psn = rr_err_psn;
      g.wqe = '0;
      g.dma = rr_err_dma;
      g.mr  = !rr_err_dma;
      g.set = rr_err_dma ? '0 : 8'd1 << rr_err;
      if (rr_err_dma && rr_err != tern_pkg::MrOk) $fatal(1, "rr_err: both");
      got_rr.push_back(g);
    end
    if (got_req.size() != 0 && exp_req.size() != 0) begin
      report_t e = exp_req.pop_front();
      e.psn = '0;
      check_report(e, got_req.pop_front(), "req_err");
    end
    if (got_rr.size() != 0 && exp_rr.size() != 0) begin
      report_t e = exp_rr.pop_front();
      e.wqe = '0;
      check_report(e, got_rr.pop_front(), "rr_err");
    end
    if (got_req.size() > 1 || got_rr.size() > 1) $fatal(1, "more reports than failed packets");
    // Slow, so that a second report has to wait
    req_err_ready <= !chance(gap == 0 ? 0 : 97);
    rr_err_ready  <= !chance(gap == 0 ? 0 : 97);
  endtask

  // ---------------------------------------------------------------------------- progress
  //
  // It changes while nothing of the QP is here, so that what must come of it is known

  bit [15:0]       m_done [Qpns];
  int              progging = -1;
  longint unsigned lates, agains;

  task automatic do_progress();
    prog_valid <= 0;
    if (progging < 0) begin
      int unsigned q = $urandom_range(Qpns - 1);
      if ($urandom_range(99) == 0 && int'(q) != clearing) begin
        progging = int'(q);
        hold[q] = 1;
      end
    end else if (inflight[progging] == 0 && !prog_valid) begin
      m_done[progging] = 16'($urandom);
      prog_valid <= 1;
      prog_qpn   <= qpns[progging];
      prog_done  <= m_done[progging];
      hold[progging] = 0;
      progging = -1;
    end
  endtask

  // ------------------------------------------------------------------------------ clears

  int              clearing = -1;
  longint unsigned clear_at, clears;

  task automatic do_clear();
    if (clear_valid && clear_ready) begin
      poison[0][clearing] = 0;
      poison[1][clearing] = 0;
      hold[clearing] = 0;
      clearing = -1;
      clear_valid <= 0;
      clears++;
    end else if (clearing < 0) begin
      int unsigned q = $urandom_range(Qpns - 1);
      if ((poison[0][q] || poison[1][q]) && int'(q) != progging && $urandom_range(99) == 0) begin
        clearing = int'(q);
        hold[q] = 1;
      end
    end else if (!clear_valid && inflight[clearing] == 0) begin
      clear_valid <= 1;
      clear_qpn   <= qpns[clearing];
    end
  endtask

  // -------------------------------------------------------------------------------- idle

  bit inside_q, mux_inside_q;

  task automatic check_idle();
    if (idle && inside_q) $fatal(1, "idle with work");
    if (mux_idle && mux_inside_q) $fatal(1, "mux idle with work");
    inside_q     = order.size() != 0 || lines_out != 0 || (req_err_valid && !req_err_ready) ||
                   (rr_err_valid && !rr_err_ready) || (clear_valid && !clear_ready);
    mux_inside_q = fifo0.size() + fifo1.size() + fifo2.size() + fifo3.size() != 0;
  endtask

  always @(posedge clk) begin
    if (rst) begin
      mr_ready <= 0;
      mr_rsp_valid <= 0;
      slot_ready <= 0;
      ring_read <= 0;
      done_valid <= 0;
      req_err_ready <= 0;
      rr_err_ready <= 0;
      clear_valid <= 0;
      prog_valid <= 0;
      fence <= 0;
    end else begin
      check_mux();
      if (dut.decide) was_stale <= dut.stale[dut.head];
      if (dut.open_q && dut.gone) gone_seen++;
      if (was_mr && (!mr_valid || mr != was_mr_q)) $fatal(1, "translation request changed");
      if (was_slot && (!slot_valid || {slot, slot_killed, slot_line} != was_slot_q))
        $fatal(1, "slot changed");
      was_mr = mr_valid && !mr_ready;
      was_mr_q = mr;
      was_slot = slot_valid && !slot_ready;
      was_slot_q = {slot, slot_killed, slot_line};
      if (mr_valid && mr_ready) take_mr();
      if (dma_valid && dma_ready) take_dma();
      if (dma_rsp_valid) take_beat();
      answer_mr();
      mr_ready <= !chance(gap);
      if (slot_valid && !was_slot) t_slot = cycle;
      if (slot_valid && slot_ready) begin
        t_slot = cycle;
        take_slot();
      end
      slot_ready <= !chance(emit_gap) && taken.size() < 6;
      do_ring();
      do_reports();
      do_clear();
      do_progress();
      do_fence();
      do_back();
      check_idle();
    end
  end

  // --------------------------------------------------------------------------------- run

  longint unsigned moved_at;
  int unsigned     moved_last;

  always @(posedge clk) begin
    if (compared != moved_last || rst || next_uid == compared) moved_at = cycle;
    moved_last = compared;
    if (cycle - moved_at > 100000) $fatal(1, "stuck: %0d of %0d", compared, next_uid);
  end

  task automatic drain();
    longint unsigned limit = cycle + 400000;
    while (next_uid != compared || give.size() != 0 || fence_on || clearing >= 0 || !idle ||
           !mux_idle) begin
      @(posedge clk);
      if (cycle > limit)
        $fatal(1, "stuck: %0d of %0d, idle %b %b", compared, next_uid, idle, mux_idle);
    end
    repeat (5) @(posedge clk);
    if (exp_req.size() + exp_rr.size() + got_req.size() + got_rr.size() != 0)
      $fatal(1, "reports left");
    if (prefetches.size() != 0) $fatal(1, "prefetches left");
    // A fence or a clear may have begun meanwhile, or end just now
    if ((!idle && !dut.fence_busy && !clear_valid) || !mux_idle) $fatal(1, "not idle at rest");
  endtask

  task automatic measure(mode_e m, bit [3:0] from, int unsigned n, int unsigned lat, string what);
    int unsigned first, last;
    longint unsigned t0, t1;
    drain();
    mode = m;
    mr_lat = 4;
    u_mem.lat_min = lat;
    u_mem.lat_max = lat;
    u_mem.stall_pct = 0;
    u_mem.reorder = 0;
    out_time.delete();
    reads_max = 0;
    u_mem.max_rd_outstanding = 0;
    feed = from;
    budget = n;
    while (budget != 0) @(posedge clk);
    drain();
    first = n / 4;
    last  = n - n / 4;
    t0 = out_time[first];
    t1 = out_time[last];
    if (n > 1)
      $display("%s: %.2f cycles per packet, %0d reads under way", what,
               real'(t1 - t0) / real'(last - first), reads_max);
    else if (m == Empty)
      $display("%s: in at 0, slot %0d", what, t_slot - t_in);
    else
      $display("%s: in at 0, mr %0d, answer %0d, dma %0d, last beat %0d, slot %0d", what,
               t_mr - t_in, t_mr_rsp - t_in, t_dma - t_in, t_beat - t_in, t_slot - t_in);
    feed = '0;
  endtask

  initial begin
    seed = 1; count = 20000; gap = 30; emit_gap = 25; err_pm = 6;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    void'($value$plusargs("gap=%d", gap));
    void'($value$plusargs("emit_gap=%d", emit_gap));
    void'($value$plusargs("err=%d", err_pm));
    void'($urandom(seed));
    fill_host();
    for (int unsigned i = 0; i < Qpns; i++) qpns[i] = 14'(i * 1237 + $urandom_range(1000));
    qpns[0] = 14'd1;
    qpns[1] = '1;
    mode = Random;
    mr_lat = 20;
    fence_pct = 2;
    repeat (5) @(posedge clk);
    rst = 0;
    @(posedge clk);
    if (idle) $fatal(1, "idle in the sweep");
    while (!dut.swept) @(posedge clk);
    for (int unsigned i = 0; i < Qpns; i++) begin
      m_done[i] = 16'($urandom);
      dut.done_mem[qpns[i]] = m_done[i];
    end
    feed = '1;
    while (next_uid < count) begin
      next_feed = chance(50) ? 4'b1111 : 4'($urandom_range(15, 1));
      if (next_feed == 4'b0100) drain();  // the others would have to wait for all of these
      budget = (count - next_uid < 3000) ? count - next_uid : 3000;
      mr_lat = chance(30) ? 200 : $urandom_range(30);
      feed = next_feed;
      while (budget != 0) @(posedge clk);
      if (chance(50)) drain();
    end
    drain();
    $display("%0d packets (%0d %0d %0d %0d), %0d good, %0d killed, %0d bad frames, %0d markers",
             next_uid, made[0], made[1], made[2], made[3], good, killed, eth_bad, markers);
    $display("%0d bytes compared, %0d reports, %0d clears, %0d refused, %0d in two parts",
             bytes_ok, reports, clears, refused, two_parts);
    $display("%0d times back, %0d packets of before killed, %0d pieces not read", backs, stales,
             skips);
    $display("%0d fences, %0d cycles at most; %0d reads under way; %0d cycles", fences, fence_max,
             reads_max, cycle);
    if (count >= 10000 && err_pm != 0 && (killed == 0 || eth_bad == 0 || reports < 10 ||
        clears < 10 || lates < 10 || agains < 10 || fences < 20 || two_parts < 100 || gone_seen < 10 || stales < 20 || skips < 10))
      $fatal(1, "not everything was seen: %0d reports late, %0d QPs gone", lates, gone_seen);

    gap = 0;
    emit_gap = 0;
    fence_pct = 0;
    for (int unsigned i = 0; i < Qpns; i++)
      while (poison[0][i] || poison[1][i]) @(posedge clk);
    measure(Big, 4'b0001, 400, 150, "4096 B, aligned, bus 150 cycles");
    measure(BigLane, 4'b0001, 400, 150, "4096 B, not aligned, bus 150 cycles");
    measure(Small, 4'b0001, 2000, 150, "64 B, bus 150 cycles");
    measure(Small, 4'b0001, 2000, 60, "64 B, bus 60 cycles");
    measure(Empty, 4'b0100, 2000, 0, "ACK");
    measure(Small, 4'b0001, 1, 20, "one of 64 B");
    measure(Empty, 4'b0100, 1, 20, "one ACK");
    $display("done");
    $finish;
  end

endmodule
