// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_rsp with random peers, a model of the HMC, of tern_rq_tbl and of the control. A peer sends
// mostly what is right: messages of all kinds in packets; between them repeats, gaps, and packets
// with something wrong in them. tb_rsp_pkg says what each must come to. A QP that has stopped is
// flushed by the control, checked entry by entry, and made anew.
//
// What the receive queue holds and which jobs are finished changes only while no packet of the QP
// is in the block, so that the model need not know when the block looks.

module tb_rsp;
  import tb_rsp_pkg::*;

  localparam int unsigned Qps  = 64;
  localparam int unsigned BadAt = 62;    // lines that cannot be read
  localparam int unsigned QpnW = tern_pkg::QpnW;

  bit clk, rst;
  always #2 clk = !clk;

  logic                   idle, pkt_valid, pkt_ready, flush_valid, flush_ready, rq_exists;
  tern_pkg::rx_pkt_t      pkt;
  logic [QpnW-1:0]        flush_qpn, rq_qpn, done_qpn, clear_qpn;
  logic [15:0]            rq_producer;
  logic                   done_valid, done_ready, clear_valid, clear_ready;
  logic                   item_valid, item_ready, err_valid, err_ready, ae_valid, ae_ready;
  tern_pkg::pl_item_t     item;
  tern_pkg::qp_err_t      err;
  tern_pkg::ae_req_t      ae;
  logic                   ctl_valid, ctl_ready, ctl_rsp_valid;
  tern_pkg::qp_item_t     ctl;
  tern_pkg::qp_item_rsp_t ctl_rsp;
  logic                   hmc_valid, hmc_ready, hmc_rsp_valid;
  tern_pkg::hmc_req_t     hmc;
  tern_pkg::hmc_rsp_t     hmc_rsp;
  bit                     few;
  logic                   s0, s1, s2, s3, s4, s5, s6, s7;

  tern_rsp #(.Sets(4), .Ways(4), .Slots(8)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .pkt_valid_i(pkt_valid), .pkt_ready_o(pkt_ready), .pkt_i(pkt),
    .flush_valid_i(flush_valid), .flush_ready_o(flush_ready), .flush_qpn_i(flush_qpn),
    .rq_qpn_o(rq_qpn), .rq_exists_i(rq_exists), .rq_producer_i(rq_producer),
    .rr_few_i(few),
    .jobs_done_valid_i(done_valid), .jobs_done_ready_o(done_ready), .jobs_done_qpn_i(done_qpn),
    .jobs_clear_valid_i(clear_valid), .jobs_clear_ready_o(clear_ready),
    .jobs_clear_qpn_i(clear_qpn),
    .item_valid_o(item_valid), .item_ready_i(item_ready), .item_o(item),
    .err_valid_o(err_valid), .err_ready_i(err_ready), .err_o(err),
    .ae_valid_o(ae_valid), .ae_ready_i(ae_ready), .ae_o(ae),
    .ctl_valid_i(ctl_valid), .ctl_ready_o(ctl_ready), .ctl_i(ctl),
    .ctl_rsp_valid_o(ctl_rsp_valid), .ctl_rsp_o(ctl_rsp),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(hmc_ready), .hmc_o(hmc),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .stat_request_o(s0), .stat_duplicate_o(s1), .stat_gap_o(s2), .stat_rnr_o(s3), .stat_dropped_o(s6), .stat_qkey_o(s7),
    .stat_hit_o(s4), .stat_miss_o(s5)
  );

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  // -------------------------------------------------------------------------------- HMC

  bit [511:0]         memory [Qps];
  tern_pkg::hmc_req_t accesses [$];
  longint             due [$];
  longint             cycle;

  task automatic hmc_step();
    hmc_rsp_valid <= 0;
    if (accesses.size() != 0) begin
      int at = $urandom_range(accesses.size() - 1);
      if (due[at] <= cycle) begin
        tern_pkg::hmc_rsp_t r;
        r.tag  = accesses[at].tag;
        r.err  = accesses[at].index >= 28'(BadAt) ? tern_pkg::HmcPage : tern_pkg::HmcOk;
        r.data = memory[accesses[at].index[5:0]];
        if (accesses[at].write) memory[accesses[at].index[5:0]] = accesses[at].data;
        hmc_rsp       <= r;
        hmc_rsp_valid <= 1;
        accesses.delete(at);
        due.delete(at);
      end
    end
    if (hmc_valid && hmc_ready) begin
      if (hmc.line != 3'(tern_hw_pkg::TERN_HW_QP_LINE_RSP)) $fatal(1, "line %0d", hmc.line);
      accesses.push_back(hmc);
      due.push_back(cycle + longint'($urandom_range(40)));
    end
    hmc_ready <= pct(80);
  endtask

  // ------------------------------------------------------------------- QPs and their peers

  qp_t         qps [Qps];
  want_t       wants [Qps][$];
  int          err_wants [Qps];     // reports that are due, of the kind in err_kind
  int          err_kind [Qps], err_wqe [Qps];
  int          ae_wants [Qps];
  int unsigned seed, count, sent, seen, made, flushed, errors, jobs_seen, counts[8], held_off, behind;
  int unsigned drops_due, drops, uc_done, qkeys_due, qkeys, ud_done;
  longint      rest_at [Qps];       // a flush that finds nothing is over by then
  int          making;              // QP that the control writes, or -1
  int          doing;               // QP one of whose jobs is being finished, or -1
  bit          written;             // its line is, a flush or clear may be on its way

  // What a peer is sending: a message in packets
  typedef struct {
    int     kind;        // 0 none, 1 SEND, 2 WRITE
    longint left, length;
    bit     first, imm, inv;
    bit [63:0] va;
  } peer_t;
  peer_t peers [Qps];

  function automatic bit [223:0] random_ext();
    bit [223:0] e;
    for (int i = 0; i < 7; i++) e[32 * i +: 32] = $urandom;
    return e;
  endfunction

  function automatic bit [223:0] put(bit [223:0] ext, int at, int bytes, bit [63:0] v);
    for (int i = 0; i < bytes; i++) ext[8 * (at + bytes - 1 - i) +: 8] = v[8 * i +: 8];
    return ext;
  endfunction

  function automatic void start_message(int q);
    int unsigned k = $urandom_range(9);
    peers[q].kind   = k < 4 ? 1 : 2;
    peers[q].first  = 1;
    peers[q].length = pct(30) ? longint'($urandom_range(qps[q].mtu)) :
                      pct(30) ? longint'(qps[q].mtu) * longint'($urandom_range(4)) :
                                longint'($urandom_range(5 * qps[q].mtu));
    peers[q].left   = peers[q].length;
    peers[q].imm    = pct(30);
    peers[q].inv    = peers[q].kind == 1 && !peers[q].imm && pct(20) && !qps[q].uc;
    peers[q].va     = {$urandom, $urandom};
  endfunction

  function automatic bit [7:0] data_opcode(int q, peer_t p, bit last);
    return rc_opcode(p, last) | (qps[q].uc ? 8'h20 : 8'h00);
  endfunction

  function automatic bit [7:0] rc_opcode(peer_t p, bit last);
    if (p.kind == 1) begin
      if (p.first && !last) return 0;
      if (!p.first && !last) return 1;
      if (p.first) return p.imm ? 5 : p.inv ? 23 : 4;
      return p.imm ? 3 : p.inv ? 22 : 2;
    end
    if (p.first && !last) return 6;
    if (!p.first && !last) return 7;
    if (p.first) return p.imm ? 11 : 10;
    return p.imm ? 9 : 8;
  endfunction

  // The packet a good peer sends next. It does not change what the peer is about; that happens
  // when the packet was accepted
  function automatic tern_pkg::rx_pkt_t good_packet(int q);
    tern_pkg::rx_pkt_t p = '0;
    bit last;
    longint n;
    p.qpn       = QpnW'(q);
    p.psn       = 24'(qps[q].epsn);
    p.ack_req   = pct(60);
    p.solicited = pct(30);
    p.ext       = random_ext();
    p.ipv4 = pct(50);
    p.vlan = pct(50);
    p.tci  = p.vlan ? 16'($urandom) : '0;
    if (qps[q].ud) begin
      p.opcode = some_opcode(q);
      p.psn    = 24'($urandom);
      p.ext    = put(p.ext, 0, 4, 64'(qps[q].qkey) ^ (pct(5) ? 64'd1 << $urandom_range(31) : 64'd0));
      p.len    = 14'($urandom_range(qps[q].mtu));
      if (pct(3)) p.len = p.len + 14'($urandom_range(qps[q].mtu));
      if (p.len > 4096) p.len = 4096;
      return p;
    end
    if (peers[q].kind == 0 && pct(30) && !qps[q].uc) begin
      p.opcode = pct(50) ? 8'd12 : pct(50) ? 8'd19 : 8'd20;
      if (p.opcode == 12)
        p.ext = put(p.ext, 12, 4, pct(10) ? 64'd0 : 64'($urandom_range(9 * qps[q].mtu)));
      else if (pct(90)) p.ext[58:56] = 0;
      return p;
    end
    if (peers[q].kind == 0) start_message(q);
    last = peers[q].left <= longint'(qps[q].mtu);
    n = last ? peers[q].left : longint'(qps[q].mtu);
    p.opcode = data_opcode(q, peers[q], last);
    p.len    = 14'(n);
    if (peers[q].kind == 2 && peers[q].first) begin
      p.ext = put(p.ext, 0, 8, peers[q].va);
      p.ext = put(p.ext, 12, 4, 64'(peers[q].length));
    end
    return p;
  endfunction

  function automatic bit [7:0] some_opcode(int q);
    if (qps[q].ud) return 8'h64 | 8'(pct(50));
    if (qps[q].uc) return 8'h20 | 8'($urandom_range(11));
    return some_rc_opcode();
  endfunction

  function automatic bit [7:0] some_rc_opcode();
    bit [7:0] n = 8'($urandom_range(16));
    return n <= 12 ? n : n == 13 ? 8'd19 : n == 14 ? 8'd20 : n == 15 ? 8'd22 : 8'd23;
  endfunction

  function automatic tern_pkg::rx_pkt_t some_packet(int q);
    tern_pkg::rx_pkt_t p = good_packet(q);
    int unsigned how = $urandom_range(5);
    if (pct(7)) p.psn = p.psn + 24'($urandom_range(1, 5));
    else if (pct(12)) begin
      p.psn    = p.psn - 24'($urandom_range(1, 12));
      p.opcode = some_opcode(q);
      if (p.opcode == 12) begin
        p.ext = put(p.ext, 12, 4, 64'($urandom_range(4 * qps[q].mtu)));
        p.len = 0;
      end else if (p.opcode == 19 || p.opcode == 20) begin
        p.len = 0;
        p.ext[58:56] = pct(90) ? 0 : 1;
      end
    end else if (pct(2)) begin
      case (how)
        0: p.opcode = some_opcode(q);
        1: p.len = p.len + 14'd1;
        2: p.len = p.len - 14'd1;
        3: p.len = 14'($urandom_range(4200));
        4: p.ext = random_ext();
        default: p.psn = 24'($urandom);
      endcase
    end
    p.id     = 7'(sent);
    p.line   = 10'($urandom);
    p.lane   = 6'($urandom);
    p.marker = pct(1);
    return p;
  endfunction

  // The peer goes on if its packet was taken
  function automatic void peer_follows(int q, tern_pkg::rx_pkt_t p, want_t w);
    op_t o = decode(p.opcode);
    if (qps[q].dead) begin
      peers[q].kind = 0;
    end else if ((w.ack_known || w.data_rq || w.data_key) && (o.send || o.write)) begin
      if (o.last) peers[q].kind = 0;
      else begin
        // What it goes on with is what the responder believes, for a packet may have been bent
        peers[q].kind  = o.send ? 1 : 2;
        if (o.first && o.write) peers[q].length = qps[q].length;
        peers[q].left  = o.send ? longint'($urandom_range(3 * qps[q].mtu)) + 1
                                : qps[q].length - qps[q].got;
        peers[q].first = 0;
      end
    end else if (peers[q].first || w.dropped) peers[q].kind = 0;
  endfunction

  task automatic take_packet();
    int    q = 32'(pkt.qpn);
    want_t w;
    sent++;
    if (q >= int'(BadAt)) begin
      w = nothing(pkt.id);
      w.marker = pkt.marker;
      w.pkt    = !pkt.marker;
      if (!pkt.marker) begin
        err_wants[q]++;
        err_kind[q] = 3;
      end
      wants[q].push_back(w);
      return;
    end
    w = packet(qps[q], pkt, few);
    if (w.dropped) drops_due++;
    if (qps[q].uc && w.cqe) uc_done++;
    if (w.qkey) qkeys_due++;
    if (w.ud) begin
      ud_done++;
      wants[q].push_back(header_of(w));
    end
    if (w.behind) behind++;
    if (few && !w.job && w.ack && w.syndrome[6:5] == 2'd1) held_off++;
    if (w.err != 0) begin
      err_wants[q]++;
      err_kind[q] = w.err;
      err_wqe[q]  = int'(w.wqe);
    end
    if (w.comm) ae_wants[q]++;
    if (!pkt.marker) peer_follows(q, pkt, w);
    wants[q].push_back(w);
  endtask

  // -------------------------------------------------------------------------- what comes out

  function automatic bit cqe_ok(want_t w, int q);
    tern_hw_pkg::tern_hw_cqe_t c = item.cqe;
    if (c.info.qpn != 24'(q) || !c.info.rq || c.peer.wqe_index != 16'(w.wqe)) return 0;
    if (c.info.status != w.status) return 0;
    if (w.flush) return 1;
    if (c.peer.grh != w.ud || c.peer.src_qpn != w.src || c.peer.ipv4 != w.ipv4 ||
        c.peer.vlan != w.vlan || c.peer.vlan_tci != w.tci) return 0;
    return c.len == w.cqe_len && c.info.with_imm == w.imm_valid && c.info.with_inv == w.inv &&
           (!w.imm_valid || c.imm == w.imm) && (!w.inv || c.imm == w.inv_key) &&
           c.info.solicited == w.solicited && item.solicited == w.solicited &&
           c.info.opcode == 8'(w.write_imm);
  endfunction

  task automatic check_item();
    int    q = 32'(item.qpn);
    want_t w;
    string why = "";
    seen++;
    if (wants[q].size() == 0) $fatal(1, "cycle %0d: item of %0d from nowhere", cycle, q);
    w = wants[q].pop_front();
    if (item.side != tern_pkg::PlRsp) why = "side";
    if (item.marker != w.marker) why = "marker";
    if (item.pkt != w.pkt || (w.pkt && item.id != w.id)) why = "packet";
    if (item.cqe_valid != w.cqe) why = "CQE or none";
    if (item.cqe_silent) why = "silent";
    if (q < int'(BadAt) && item.quiet != w.quiet) why = "quiet";
    if ((w.data_rq || w.data_key) && item.starts != w.starts) why = "start of a message";
    if (item.ack_valid != w.ack) why = "ACK or none";
    if (item.job_valid != w.job) why = "job or none";
    if (item.inv != w.inv) why = "invalidation or none";
    if (item.target != (w.data_rq ? tern_pkg::TgRq : w.data_key ? tern_pkg::TgKey :
                        w.probe ? tern_pkg::TgProbe : tern_pkg::TgNone)) why = "target";
    if (w.ud && !w.pkt && {item.line, item.lane} != w.at) why = "place of the header";
    if (w.pkt && w.ud && {item.line, item.lane} != w.at + 16'(w.imm_valid ? 12 : 8) +
                                                  (w.ipv4 ? 16'd40 : 16'd60)) why = "place of the data";
    if (w.data_rq && (item.wqe != 16'(w.wqe) || item.offset != 32'(w.offset) ||
                      item.wqe_last != w.last)) why = "place in the receive entry";
    if ((w.data_key || w.probe) && (item.addr != 64'(w.va) || item.key != w.key ||
                       item.check_len != 32'(w.check))) why = "address";
    if ((w.data_rq || w.data_key || w.probe) && item.len != 14'(w.len)) why = "length";
    if (w.inv && item.inv_key != w.inv_key) why = "key to invalidate";
    if (w.cqe && !cqe_ok(w, q)) why = "CQE";
    if (w.cqe && item.cqn != qps[q].rcq) why = "CQ";
    if (!w.marker && !w.flush && q < int'(BadAt) && item.pd != qps[q].pd) why = "pd";
    if ((w.ack || w.ack_known) &&
        (item.ack.qpn != QpnW'(q) || item.ack.psn != w.ack_psn || item.ack.msn != w.ack_msn ||
         item.ack.syndrome != w.syndrome)) why = "ACK";
    if (w.job) begin
      jobs_seen++;
      if (item.job.kind != 2'(w.job_kind) || item.job.psn != w.job_psn ||
          item.job.msn != w.job_msn || item.job.addr != 64'(w.va) || item.job.key != w.key ||
          item.job.len != w.job_len || item.job.again != w.job_again) why = "job";
      if ((w.job_kind == 1 || w.job_kind == 2) &&
          (item.job.swap != w.swap || item.job.compare != w.compare ||
           item.job.place != 4'(w.job_place))) why = "atomic";
    end
    if (why != "") $fatal(1, "cycle %0d: item %0d of %0d: wrong %s", cycle, seen, q, why);
    if (w.err != 0) counts[w.err]++;
    if (w.flush) flushed++;
  endtask

  task automatic check_reports();
    if (err_valid && err_ready) begin
      int q = 32'(err.qpn);
      errors++;
      if (err_wants[q] == 0) $fatal(1, "report of %0d from nowhere", q);
      err_wants[q]--;
      if (err_kind[q] != 3 &&
          (!err.rq || err.wqe != 16'(err_wqe[q]) ||
           err.reason != (err_kind[q] == 1 ? tern_hw_pkg::TERN_HW_QP_REASON_IN_REQUEST
                                           : tern_hw_pkg::TERN_HW_QP_REASON_IN_ACCESS) ||
           err.ae_code != (err_kind[q] == 1 ? tern_hw_pkg::TERN_HW_AE_CODE_QP_REQUEST
                                            : tern_hw_pkg::TERN_HW_AE_CODE_QP_ACCESS)))
        $fatal(1, "report of %0d is wrong", q);
      if (err_kind[q] == 3 && err.reason != tern_hw_pkg::TERN_HW_QP_REASON_CONTEXT)
        $fatal(1, "report of %0d is wrong", q);
    end
    if (ae_valid && ae_ready) begin
      if (ae.code != tern_hw_pkg::TERN_HW_AE_CODE_QP_COMM_EST || ae_wants[ae.id[5:0]] == 0)
        $fatal(1, "event of %0d", ae.id);
      ae_wants[ae.id[5:0]]--;
    end
  endtask

  // ------------------------------------------------------------------------------- control

  function automatic bit at_rest(int q);
    return cycle >= rest_at[q] && wants[q].size() == 0 && err_wants[q] == 0 && ae_wants[q] == 0 &&
           !(pkt_valid && pkt.qpn == QpnW'(q)) && making != q && doing != q;
  endfunction

  function automatic bit [511:0] line_of(int q);
    tern_hw_pkg::tern_hw_qp_rsp_t l = '0;
    l.conn.active        = qps[q].active;
    l.conn.transport     = qps[q].ud ? 3'd2 + 3'(q & 1) : 3'(qps[q].uc);
    if (qps[q].ud) l.message.rkey = qps[q].qkey;
    l.conn.flushing      = qps[q].flushing;
    l.conn.mtu           = 3'($clog2(qps[q].mtu) - 7);
    l.conn.min_rnr_timer = 5'(qps[q].rnr_timer);
    l.conn.access        = qps[q].access;
    l.conn.max_dest_rd   = 5'(qps[q].max_rd);
    l.conn.rq_valid      = qps[q].rq;
    l.conn.wait_first    = !qps[q].first_seen;
    l.conn.pd            = qps[q].pd;
    l.cq.rcq             = qps[q].rcq;
    l.cq.err_valid       = qps[q].err_wqe >= 0;
    l.cq.err_wqe         = 16'(qps[q].err_wqe);
    l.cq.err_status      = qps[q].err_status;
    l.at.epsn            = 24'(qps[q].epsn);
    l.recv.wqe           = 16'(qps[q].consumed);
    return l;
  endfunction

  function automatic void new_qp(int q);
    qps[q] = '{default: 0};
    qps[q].active     = pct(97);
    qps[q].uc         = pct(30);
    qps[q].ud         = !qps[q].uc && pct(30);
    qps[q].qkey       = $urandom;
    qps[q].rq         = pct(95);
    qps[q].mtu        = 128 << $urandom_range(1, 5);
    qps[q].access     = pct(80) ? 4'hf : 4'($urandom);
    qps[q].max_rd     = $urandom_range(16);
    qps[q].rnr_timer  = $urandom_range(31);
    qps[q].pd         = 24'($urandom);
    qps[q].rcq        = 24'($urandom);
    qps[q].epsn       = 64'h1000000 + (pct(30) ? 64'hfffff0 : 64'($urandom_range(24'hffffff)));
    qps[q].consumed   = pct(30) ? 65530 : 0;
    qps[q].posted     = qps[q].consumed;
    qps[q].err_wqe    = -1;
    peers[q].kind     = 0;
  endfunction

  task automatic write_line(int q);
    ctl_valid <= 1;
    ctl.qpn   <= QpnW'(q);
    ctl.mask  <= '1;
    ctl.data  <= line_of(q);
    ctl.drop  <= 0;
    making    = q;
  endtask

  // A dead QP is flushed first, then made anew
  task automatic control_step();
    if (ctl_valid && ctl_ready) ctl_valid <= 0;
    if (clear_valid && clear_ready) clear_valid <= 0;
    if (flush_valid && flush_ready) flush_valid <= 0;
    if (ctl_rsp_valid) begin
      if (ctl_rsp.err != tern_pkg::HmcOk) $fatal(1, "line of %0d", making);
      if (qps[making].flushing) begin
        int unsigned from = qps[making].consumed;
        flush_valid <= 1;
        flush_qpn   <= QpnW'(making);
        rest_at[making] = cycle + 2000;
        while (from != qps[making].posted && qps[making].rq) begin
          want_t w = '{default: 0};
          w.cqe    = 1;
          w.flush  = 1;
          w.wqe    = from;
          w.status = int'(from) == qps[making].err_wqe ? qps[making].err_status
                                                       : tern_hw_pkg::TERN_HW_WC_STATUS_WR_FLUSH;
          wants[making].push_back(w);
          from = (from + 1) % 65536;
        end
        qps[making].consumed = from;
      end
      made++;
      written = 1;
    end else if (written && !flush_valid && !clear_valid) begin
      written = 0;
      making  = -1;
    end else if (making < 0) begin
      int q = $urandom_range(BadAt - 1);
      if (at_rest(q) && (qps[q].dead || qps[q].flushing || !qps[q].active || pct(1))) begin
        if (qps[q].dead && !qps[q].flushing) begin
          qps[q].flushing   = 1;
          qps[q].active     = 0;
          qps[q].err_wqe    = pct(50) ? int'(qps[q].consumed) : -1;
          qps[q].err_status = 8'($urandom_range(1, 13));
        end else begin
          new_qp(q);
          clear_valid <= 1;
          clear_qpn   <= QpnW'(q);
        end
        write_line(q);
      end
    end
  endtask

  // Receive entries are posted and jobs end only at rest
  task automatic host_step();
    int q = $urandom_range(BadAt - 1);
    if (at_rest(q) && !qps[q].flushing && pct(20)) begin
      qps[q].posted = (qps[q].posted + $urandom_range(20)) % 65536;
      if (((qps[q].posted - qps[q].consumed) & 32'hffff) > 200) qps[q].posted = qps[q].consumed;
    end
    if (done_valid && done_ready) begin
      done_valid <= 0;
      doing = -1;
    end else if (doing < 0) begin
      q = $urandom_range(BadAt - 1);
      if (at_rest(q) && qps[q].jobs > 0 && pct(60)) begin
        done_valid <= 1;
        done_qpn   <= QpnW'(q);
        doing      = q;
        qps[q].jobs--;
      end
    end
  endtask

  bit calm;   // no packets until all have been looked at

  task automatic packet_step();
    if (pkt_valid && pkt_ready) take_packet();
    if (!pkt_valid || pkt_ready) begin
      // A few QPs are busy, the others come now and then
      int q = pct(60) ? $urandom_range(3) : $urandom_range(Qps - 1);
      pkt_valid <= 0;
      if ($urandom_range(499) == 0) calm = 1;
      if (calm && all_decided()) begin
        few <= pct(30);
        calm = 0;
      end else if (!calm && sent < count && pct(80) && making != q && doing != q &&
          (q >= int'(BadAt) || !qps[q].flushing || wants[q].size() == 0)) begin
        pkt_valid <= 1;
        pkt       <= q < int'(BadAt) ? some_packet(q) : bad_line_packet(q);
      end
    end
  endtask

  // Whether tern_rr has little room counts when a packet is looked at
  function automatic bit all_decided();
    for (int q = 0; q < int'(Qps); q++) if (wants[q].size() != 0) return 0;
    return 1;
  endfunction

  function automatic tern_pkg::rx_pkt_t bad_line_packet(int q);
    tern_pkg::rx_pkt_t p = '0;
    p.qpn    = QpnW'(q);
    p.opcode = 4;
    p.id     = 7'(sent);
    return p;
  endfunction

  // tern_rq_tbl answers in the next cycle
  always @(posedge clk) begin
    rq_exists   <= rq_qpn < QpnW'(Qps) ? qps[rq_qpn[5:0]].rq : 1'b0;
    rq_producer <= 16'(qps[rq_qpn[5:0]].posted);
  end

  initial begin
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", count) == 0) count = 100000;
    void'($urandom(seed));
    making = -1;
    doing  = -1;
    for (int q = 0; q < int'(BadAt); q++) begin
      new_qp(q);
      memory[q] = line_of(q);
    end
    rst = 1;
    repeat (4) @(negedge clk);
    rst = 0;
  end

  bit swept;
  longint last_seen;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      {pkt_valid, flush_valid, done_valid, clear_valid, item_ready, err_ready, ae_ready} <= '0;
      {ctl_valid, hmc_ready, hmc_rsp_valid} <= '0;
    end else if (!swept) begin
      swept <= idle;
      last_seen <= cycle;
    end else begin
      if (item_valid && item_ready) begin
        check_item();
        last_seen <= cycle;
      end
      check_reports();
      if (s6) drops++;
      if (s7) qkeys++;
      control_step();
      host_step();
      packet_step();
      hmc_step();
      item_ready <= pct(80);
      err_ready  <= pct(50);
      ae_ready   <= pct(50);
      if (cycle - last_seen > 20000) $fatal(1, "cycle %0d: stuck, %0d packets", cycle, sent);
      if (sent >= count && !pkt_valid) finish_when_done();
    end
  end

  task automatic finish_when_done();
    for (int q = 0; q < int'(Qps); q++)
      if (wants[q].size() != 0 || err_wants[q] != 0 || ae_wants[q] != 0) return;
    if (!idle || making >= 0 || doing >= 0) return;
    if (held_off < 50 || errors < 50 || flushed < 50 || jobs_seen < 50 || made < 50 ||
        behind < 5 || uc_done < 50 || drops < 50 || ud_done < 50 || qkeys < 50) $fatal(1, "hardly tested: %0d %0d %0d %0d %0d %0d %0d %0d", held_off,
        errors, flushed, jobs_seen, made, behind, uc_done, drops);
    if (qkeys != qkeys_due) $fatal(1, "%0d wrong Q_Keys, %0d are due", qkeys, qkeys_due);
    if (drops != drops_due) $fatal(1, "%0d packets dropped, %0d are due", drops, drops_due);
    $display("rsp: %0d packets, %0d jobs, %0d bad requests, %0d bad accesses, %0d flushed, %0d behind repeated ones, %0d cycles; UC: %0d completions, UD: %0d, %0d wrong Q_Keys, %0d dropped",
             sent, jobs_seen, counts[1], counts[2], flushed, behind, cycle, uc_done, ud_done, qkeys, drops);
    $finish;
  endtask

endmodule
