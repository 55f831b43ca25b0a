// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_rr against a model of the list of each QP. Every packet and piece is predicted. Checked:
// opcodes, PSNs, lengths, headers, addresses; done once for each response; turns of at most
// Quantum packets while others wait; that no response is forgotten, also if it comes in any cycle
// of the end of a turn (a single QP, few responses, then silence); QPs that are shut down (line,
// marker, drop) and started again; NAKs and reports for what tern_gather refused, which are taken
// also while no packet is; a line that cannot be read.

module tb_rr;
  localparam int unsigned NQ      = 20;   // the last one has no line
  localparam int unsigned Shared  = 64;
  localparam int unsigned Quantum = 16;
  localparam int unsigned Depth   = 128;

  bit clk, rst;
  always #2 clk = !clk;

  logic                      idle, push_valid, push_ready, room, few, push_lost;
  logic [23:0]               done_psn;
  logic [tern_pkg::QpnW-1:0] push_qpn, count_qpn, done_qpn, gerr_qpn, drop_qpn, marker_qpn;
  tern_pkg::response_t       push;
  logic                      pkt_valid, pkt_ready, piece_valid, piece_ready, done_valid, done_ready;
  tern_pkg::tx_pkt_t         pkt;
  tern_pkg::tx_piece_t       piece;
  logic                      gerr_valid, gerr_ready, gerr_dma, nak_valid, nak_ready, err_valid;
  logic                      err_ready, ctl_valid, ctl_ready, ctl_rsp_valid, drop_valid, drop_ready;
  logic                      drop_done, marker_valid, marker_ready, hmc_valid, hmc_ready;
  logic                      hmc_rsp_valid, stat_hit, stat_miss;
  logic [23:0]               gerr_psn;
  tern_pkg::ack_t            nak;
  tern_pkg::qp_err_t         err;
  tern_pkg::qp_item_t        ctl;
  tern_pkg::qp_item_rsp_t    ctl_rsp;
  tern_pkg::hmc_req_t        hmc;
  tern_pkg::hmc_rsp_t        hmc_rsp;

  tern_rr #(.Shared(Shared), .Spare(Shared / 4), .Quantum(Quantum), .Sets(4), .Ways(2)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .push_valid_i(push_valid), .push_ready_o(push_ready), .push_qpn_i(push_qpn), .push_i(push),
    .count_qpn_i(count_qpn), .room_o(room), .few_o(few), .push_lost_o(push_lost),
    .pkt_valid_o(pkt_valid), .pkt_ready_i(pkt_ready), .pkt_o(pkt),
    .piece_valid_o(piece_valid), .piece_ready_i(piece_ready), .piece_o(piece),
    .done_valid_o(done_valid), .done_ready_i(done_ready), .done_qpn_o(done_qpn),
    .done_psn_o(done_psn),
    .gather_err_valid_i(gerr_valid), .gather_err_ready_o(gerr_ready), .gather_err_qpn_i(gerr_qpn),
    .gather_err_psn_i(gerr_psn), .gather_err_dma_i(gerr_dma),
    .nak_valid_o(nak_valid), .nak_ready_i(nak_ready), .nak_o(nak),
    .err_valid_o(err_valid), .err_ready_i(err_ready), .err_o(err),
    .ctl_valid_i(ctl_valid), .ctl_ready_o(ctl_ready), .ctl_i(ctl),
    .ctl_rsp_valid_o(ctl_rsp_valid), .ctl_rsp_o(ctl_rsp),
    .drop_valid_i(drop_valid), .drop_ready_o(drop_ready), .drop_qpn_i(drop_qpn),
    .drop_done_o(drop_done),
    .marker_valid_i(marker_valid), .marker_ready_o(marker_ready), .marker_qpn_i(marker_qpn),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(hmc_ready), .hmc_o(hmc),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .stat_hit_o(stat_hit), .stat_miss_o(stat_miss)
  );

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  function automatic int unsigned qp_of(logic [tern_pkg::QpnW-1:0] n);
    return (32'(n) - 5) / 811;
  endfunction

  function automatic logic [tern_pkg::QpnW-1:0] qpn_of(int unsigned q);
    return tern_pkg::QpnW'(q * 811 + 5);
  endfunction

  `define FAIL(x) begin $display x; $fatal(1, "cycle %0d", cycle); end

  // ------------------------------------------------------------------------------- model

  tern_pkg::response_t list [NQ][Depth];
  int unsigned head [NQ], tail [NQ], total;
  logic [31:0] offset [NQ];
  logic [23:0] last_msn [NQ], pd [NQ];
  logic [23:0] last_psn [NQ];
  logic [2:0]  mtu [NQ];
  bit          priv [NQ], closing [NQ];
  int unsigned dones [NQ];
  int unsigned errs [NQ];           // of gather, not reported yet
  logic [23:0] err_psn [NQ];
  bit          err_dma [NQ], nak_seen [NQ], err_seen [NQ];
  longint      since [NQ];          // cycle since which the QP waits for a packet, or 0
  bit          silent [NQ];         // out of what may be sent: marker has come out
  int unsigned total_errs, broken_due;

  tern_hw_pkg::tern_hw_qp_rr_t lines [NQ];

  tern_pkg::tx_piece_t want_piece [256], got_piece [256];
  int unsigned want_head, want_tail, got_tail;

  longint      cycle, last_event, run_start;
  int unsigned seed, count, made, run_qp, run_len, n_pkt, n_piece, n_done, n_turn_full, n_nak, n_ctl;
  int unsigned n_full, n_few, n_marker, n_broken, n_race, n_mid_stop;
  int unsigned p_push, p_pkt, p_piece, p_other, p_hmc;
  int unsigned mode;   // 0 random, 1 one QP and exact cycles, 2 silence until all is sent
  int unsigned gap, race_qp, race_left;

  task automatic see_pkt();
    int unsigned q = qp_of(pkt.qpn);
    tern_pkg::tx_pkt_t x;
    tern_pkg::tx_piece_t y;
    tern_pkg::response_t r;
    logic [31:0] m, left;
    bit last;
    last_event = cycle;
    if (q >= NQ || pkt.qpn != qpn_of(q)) `FAIL(("QPN %h", pkt.qpn))
    x     = '0;
    x.src = tern_pkg::TxRr;
    x.qpn = pkt.qpn;
    if (pkt.marker) begin
      x.marker = 1;
      if (pkt != x || !marker_valid || marker_qpn != pkt.qpn) `FAIL(("marker"))
      if (!marker_ready) `FAIL(("marker sent, not taken"))
      silent[q] = 1;
      n_marker++;
      return;
    end
    if (marker_ready) `FAIL(("marker taken, not sent"))
    if (head[q] == tail[q] || q == NQ - 1) `FAIL(("packet of QP %0d, nothing is due", q))
    if (silent[q]) `FAIL(("packet of QP %0d behind its marker", q))
    r    = list[q][head[q] % Depth];
    m    = 32'd128 << mtu[q];
    left = r.len - offset[q];
    last = r.atomic || left <= m;
    x.psn    = r.psn + 24'(offset[q] / m);
    x.pd     = pd[q];
    x.priv   = priv[q];
    x.remote = 1;
    x.again  = r.again;
    if (r.atomic) begin
      x.opcode  = 8'd18;
      x.ext_len = 5'd12;
      for (int unsigned i = 0; i < 8; i++) x.ext[32 + 8 * i +: 8] = r.addr[56 - 8 * i +: 8];
    end else begin
      if (offset[q] == 0) x.opcode = last ? 8'd16 : 8'd13;
      else x.opcode = last ? 8'd15 : 8'd14;
      x.ext_len = (x.opcode == 8'd14) ? 5'd0 : 5'd4;
      x.len     = last ? 14'(left) : 14'(m);
    end
    x.pieces = (x.len != 0) ? 6'd1 : 6'd0;
    if (x.ext_len != 0) x.ext[31:0] = {r.msn[7:0], r.msn[15:8], r.msn[23:16], 8'h1f};
    if (pkt != x) `FAIL(("packet of QP %0d:\n%h instead of\n%h", q, pkt, x))
    if (x.pieces != 0) begin
      y      = '0;
      y.kind = tern_pkg::PcKey;
      y.key  = r.key;
      y.addr = r.addr + 64'(offset[q]);
      y.len  = x.len;
      want_piece[want_tail % 256] = y;
      want_tail++;
    end
    last_msn[q] = r.msn;
    last_psn[q] = x.psn;
    n_pkt++;
    if (last) begin
      head[q]++;
      offset[q] = 0;
      dones[q]++;
    end else offset[q] = offset[q] + m;
    // Turns
    if (run_qp == q) run_len++;
    else begin
      run_qp    = q;
      run_len   = 1;
      run_start = cycle;
    end
    // Who pushes while he is served comes in front of those who push later
    if (run_len > 2 * Quantum) begin
      for (int unsigned i = 0; i < NQ - 1; i++) begin
        if (i != q && since[i] != 0 && !closing[i] && since[i] < run_start - 10)
          `FAIL(("QP %0d sends %0d packets, QP %0d waits", q, run_len, i))
      end
    end else if (run_len == Quantum) n_turn_full++;
    since[q] = (head[q] == tail[q]) ? 0 : cycle;
  endtask

  task automatic see_done();
    int unsigned q = qp_of(done_qpn);
    if (dones[q] == 0) `FAIL(("done of QP %0d", q))
    if (done_psn != last_psn[q]) `FAIL(("done of QP %0d with PSN %h", q, done_psn))
    dones[q]--;
    total--;
    n_done++;
    last_event = cycle;
  endtask

  task automatic see_nak();
    int unsigned q = qp_of(nak.qpn);
    if (errs[q] == 0 || nak_seen[q]) `FAIL(("NAK of QP %0d", q))
    if (nak != {qpn_of(q), err_psn[q], last_msn[q], err_dma[q] ? 8'h63 : 8'h62})
      `FAIL(("NAK of QP %0d: %h, msn %h", q, nak, last_msn[q]))
    nak_seen[q] = 1;
    n_nak++;
    err_over(q);
  endtask

  task automatic see_err();
    int unsigned q = qp_of(err.qpn);
    if (err.qpn != qpn_of(q) || !err.rq || err.wqe_valid || err.status != 8'h5)
      `FAIL(("report of QP %0d: %h", q, err))
    if (q == NQ - 1) begin
      if (broken_due != 1 || err.reason != 8'h1 || err.ae_code != 16'h601) `FAIL(("broken line"))
      broken_due = 2;
      n_broken++;
      last_event = cycle;
      return;
    end
    if (errs[q] == 0 || err_seen[q] || !nak_seen[q]) `FAIL(("report of QP %0d", q))
    if (err.reason != (err_dma[q] ? 8'he : 8'hd) ||
        err.ae_code != (err_dma[q] ? 16'h601 : 16'h603)) `FAIL(("report of QP %0d: %h", q, err))
    err_seen[q] = 1;
    err_over(q);
  endtask

  task automatic err_over(int unsigned q);
    last_event = cycle;
    if (nak_seen[q] && err_seen[q]) begin
      errs[q] = 0;
      nak_seen[q] = 0;
      err_seen[q] = 0;
      total_errs--;
    end
  endtask

  task automatic make_response(int unsigned q);
    tern_pkg::response_t r;
    int unsigned m = 128 << mtu[q];
    int unsigned what = $urandom_range(6);
    r.atomic = pct(25);
    r.psn    = 24'($urandom);
    r.msn    = 24'($urandom);
    r.addr   = {$urandom, $urandom};
    r.key    = $urandom;
    r.len    = 0;
    r.again  = !r.atomic && pct(20);
    if (!r.atomic) begin
      case (what)
        0: r.len = 0;
        1: r.len = $urandom_range(m);
        2: r.len = m * (1 + $urandom_range(3));
        3: r.len = m * Quantum;
        4: r.len = $urandom_range(m * 40);
        default: r.len = $urandom_range(m * 4);
      endcase
    end
    push_valid <= 1'b1;
    push_qpn   <= qpn_of(q);
    push       <= r;
    offered    = r;
  endtask

  tern_pkg::response_t offered;

  // ------------------------------------------------------------------- each cycle

  typedef enum int { PsIdle, PsAsk, PsLook, PsPush } ps_e;
  ps_e         ps;
  int unsigned ps_qp, ps_wait;
  int unsigned cs, cs_qp, cs_wait;   // shutting down a QP
  bit          h_pend;
  int unsigned h_qp;
  bit          h_write;
  logic [7:0]  h_tag;
  logic [511:0] h_data;
  bit          hold_pkt_q, hold_piece_q;
  tern_pkg::tx_pkt_t   pkt_last_q;
  tern_pkg::tx_piece_t piece_last_q;
  bit          frozen;               // no packet is taken, errors must be
  int unsigned frozen_left;
  tern_hw_pkg::tern_hw_qp_rr_t l;

  function automatic int unsigned entries();
    int unsigned n = 0;
    for (int unsigned q = 0; q < NQ; q++) if (cs != 4 || q != cs_qp) n += tail[q] - head[q];
    return n;
  endfunction

  task automatic push_steps();
    if (push_valid && push_ready) begin
      list[ps_qp][tail[ps_qp] % Depth] = offered;
      if (ps_qp == NQ - 1) broken_due = 1;
      else begin
        if (head[ps_qp] == tail[ps_qp]) since[ps_qp] = cycle;
        tail[ps_qp]++;
      end
      if (ps_qp != NQ - 1) total++;
      made++;
      last_event = cycle;
      push_valid <= 1'b0;
      ps = PsIdle;
    end
    case (ps)
      PsIdle: begin
        bit go;
        go = 0;
        if (made < count) begin
          if (mode == 0) begin
            go    = pct(p_push);
            ps_qp = pct(40) ? $urandom_range(2) : $urandom_range(NQ - 2);
            if (pct(1) && pct(10) && broken_due == 0 && total < Shared - 2) ps_qp = NQ - 1;
          end else if (mode == 1 && race_left != 0) begin
            ps_qp = race_qp;
            if (gap == 0) begin
              go  = 1;
              gap = $urandom_range(40);
              race_left--;
              n_race++;
            end else gap--;
          end
        end
        if (go && !closing[ps_qp] && tail[ps_qp] - head[ps_qp] < Depth - 1) begin
          count_qpn <= qpn_of(ps_qp);
          ps = PsAsk;
        end
      end
      PsAsk: ps = PsLook;
      PsLook: begin
        if (!few && entries() > Shared - Shared / 4 + 2) `FAIL(("few are left of %0d", entries()))
        n_few += 32'(few);
        if (closing[ps_qp]) ps = PsIdle;
        else if (room) begin
          if (entries() >= Shared) `FAIL(("room for %0d", entries()))
          make_response(ps_qp);
          ps = PsPush;
        end else n_full++;
      end
      default: ;
    endcase
  endtask

  task automatic close_steps();
    case (cs)
      0: if ($urandom_range(1500) == 0 && mode == 0) begin
        cs_qp = $urandom_range(NQ - 2);
        if (errs[cs_qp] == 0 && !(gerr_valid && qp_of(gerr_qpn) == cs_qp) &&
            !(ps != PsIdle && ps_qp == cs_qp)) begin
          closing[cs_qp] = 1;
          ctl_valid <= 1'b1;
          l = '0;
          l.conn.active = 1'b1;
          ctl.qpn  <= qpn_of(cs_qp);
          ctl.drop <= pct(50);
          ctl.mask <= l;
          ctl.data <= '0;
          cs = 1;
        end
      end
      1: begin
        if (ctl_valid && ctl_ready) ctl_valid <= 1'b0;
        if (ctl_rsp_valid) begin
          if (ctl_rsp.err != tern_pkg::HmcOk) `FAIL(("control item"))
          marker_valid <= 1'b1;
          marker_qpn   <= qpn_of(cs_qp);
          cs = 2;
        end
      end
      2: if (marker_valid && marker_ready) begin
        if (offset[cs_qp] != 0) n_mid_stop++;
        marker_valid <= 1'b0;
        cs_wait = $urandom_range(20);
        cs = 3;
      end
      3: if (dones[cs_qp] == 0) begin
        if (cs_wait != 0) cs_wait--;
        else begin
          drop_valid <= 1'b1;
          drop_qpn   <= qpn_of(cs_qp);
          cs = 4;
        end
      end
      4: begin
        if (drop_valid && drop_ready) drop_valid <= 1'b0;
        if (drop_done) begin
          total -= tail[cs_qp] - head[cs_qp];
          head[cs_qp]   = tail[cs_qp];
          offset[cs_qp] = 0;
          since[cs_qp]  = 0;
          if (cs_qp == NQ - 1) begin
            broken_due = 0;
            closing[cs_qp] = 0;
            cs = 0;
          end else begin
            ctl_valid <= 1'b1;
            new_line(cs_qp);
            ctl.qpn  <= qpn_of(cs_qp);
            ctl.drop <= pct(50);
            ctl.mask <= '1;
            ctl.data <= l;
            cs = 5;
          end
        end
      end
      default: begin
        if (ctl_valid && ctl_ready) ctl_valid <= 1'b0;
        if (ctl_rsp_valid) begin
          closing[cs_qp] = 0;
          silent[cs_qp]  = 0;
          last_event = cycle;
          n_ctl++;
          cs = 0;
        end
      end
    endcase
    if (cs == 0 && broken_due == 2) begin
      cs_qp = NQ - 1;
      closing[cs_qp] = 1;
      drop_valid <= 1'b1;
      drop_qpn   <= qpn_of(cs_qp);
      cs = 4;
    end
  endtask

  task automatic new_line(int unsigned q);
    mtu[q]      = 3'(1 + $urandom_range(4));
    pd[q]       = 24'($urandom);
    priv[q]     = pct(50);
    last_msn[q] = 24'($urandom);
    l = '0;
    l.conn.active = 1'b1;
    l.conn.mtu    = mtu[q];
    l.conn.pd     = pd[q];
    l.conn.priv   = priv[q];
    l.at.msn      = last_msn[q];
  endtask

  always @(posedge clk) begin
    cycle = cycle + 1;
    if (!rst) begin
      if (push_lost) `FAIL(("a response was lost"))
      if (hold_pkt_q && (!pkt_valid || pkt != pkt_last_q)) `FAIL(("packet changed"))
      if (hold_piece_q && (!piece_valid || piece != piece_last_q)) `FAIL(("piece changed"))
      hold_pkt_q   = pkt_valid && !pkt_ready;     pkt_last_q = pkt;
      hold_piece_q = piece_valid && !piece_ready; piece_last_q = piece;
      if (idle && (push_valid || total_errs != 0)) `FAIL(("idle"))
      for (int unsigned q = 0; q < NQ - 1; q++) begin
        if (idle && since[q] != 0 && !closing[q]) `FAIL(("idle, QP %0d is forgotten", q))
      end

      if (pkt_valid && pkt_ready) see_pkt();
      if (piece_valid && piece_ready) begin
        got_piece[got_tail % 256] = piece;
        got_tail++;
        n_piece++;
      end
      while (want_head != want_tail && want_head != got_tail) begin
        if (want_piece[want_head % 256] != got_piece[want_head % 256])
          `FAIL(("piece:\n%h instead of\n%h", got_piece[want_head % 256],
                 want_piece[want_head % 256]))
        want_head++;
      end
      if (got_tail > want_tail + 1) `FAIL(("piece of nobody"))
      if (done_valid && done_ready) see_done();
      if (nak_valid && nak_ready) see_nak();
      if (err_valid && err_ready) see_err();

      push_steps();
      close_steps();

      // Errors of gather
      if (gerr_valid && gerr_ready) begin
        gerr_valid <= 1'b0;
        last_event = cycle;
        if (frozen_left != 0) frozen_left--;
      end
      if ((!gerr_valid || gerr_ready) && (frozen_left > 1 || $urandom_range(300) == 0)) begin
        int unsigned q;
        q = $urandom_range(NQ - 2);
        if (errs[q] == 0 && !closing[q]) begin
          errs[q]    = 1;
          err_psn[q] = 24'($urandom);
          err_dma[q] = pct(50);
          total_errs++;
          gerr_valid <= 1'b1;
          gerr_qpn   <= qpn_of(q);
          gerr_psn   <= err_psn[q];
          gerr_dma   <= err_dma[q];
        end
      end
      if (frozen && frozen_left <= 1) frozen = 0;
      if (!frozen && pkt_valid && $urandom_range(20000) == 0) begin
        frozen = 1;
        frozen_left = NQ / 2;
      end

      // Host memory: one at a time
      hmc_rsp_valid <= 1'b0;
      if (h_pend && pct(p_hmc)) begin
        h_pend = 0;
        hmc_rsp_valid <= 1'b1;
        hmc_rsp.tag   <= h_tag;
        hmc_rsp.err   <= (h_qp == NQ - 1) ? tern_pkg::HmcPage : tern_pkg::HmcOk;
        hmc_rsp.data  <= lines[h_qp];
        if (h_write && h_qp != NQ - 1) lines[h_qp] = h_data;
      end
      if (hmc_valid && hmc_ready) begin
        h_qp    = qp_of(tern_pkg::QpnW'(hmc.index));
        h_pend  = 1;
        h_write = hmc.write;
        h_tag   = hmc.tag;
        h_data  = hmc.data;
        if (hmc.index != 28'(qpn_of(h_qp)) || hmc.line != {tern_hw_pkg::TERN_HW_QP_LINE_RR})
          `FAIL(("HMC"))
      end
      hmc_ready <= !h_pend && !(hmc_valid && hmc_ready) && pct(p_hmc);

      pkt_ready   <= !frozen && pct(p_pkt);
      piece_ready <= !frozen && pct(p_piece);
      done_ready  <= pct(p_other);
      nak_ready   <= pct(p_other);
      err_ready   <= pct(p_other);

      // What goes on
      if (mode == 1 && race_left == 0 && total == 0) begin
        race_left = 1 + $urandom_range(3);
        race_qp   = $urandom_range(NQ - 2);
        gap       = 0;
      end
      if (mode == 2 && total == 0 && cs == 0) mode = 0;
      if (cycle % 4000 == 0) begin
        mode    = pct(50) ? 0 : 1 + $urandom_range(1);
        p_push  = pct(50) ? 100 : 1 + $urandom_range(60);
        p_pkt   = (mode == 1 || pct(50)) ? 100 : 10 + $urandom_range(90);
        p_piece = (mode == 1 || pct(50)) ? 100 : 10 + $urandom_range(90);
        p_other = (mode == 1 || pct(50)) ? 100 : 10 + $urandom_range(90);
        p_hmc   = pct(50) ? 100 : 10 + $urandom_range(90);
      end
      if (cycle < 17000) last_event = cycle;  // the tables are swept
      if (cycle - last_event > 5000 && (total != 0 || total_errs != 0 || cs != 0 || push_valid ||
                                        broken_due != 0))
        `FAIL(("nothing goes on: %0d responses, %0d errors, closing %0d", total, total_errs, cs))
      for (int unsigned q = 0; q < NQ - 1; q++) begin
        if (since[q] != 0 && !closing[q] && cycle - since[q] > 40000)
          `FAIL(("QP %0d waits for ever", q))
      end
    end
  end

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", count)) count = 60000;
    void'($urandom(seed));
    for (int unsigned q = 0; q < NQ; q++) begin
      head[q] = 0;
      tail[q] = 0;
      offset[q] = 0;
      closing[q] = 0;
      silent[q] = 0;
      dones[q] = 0;
      errs[q] = 0;
      nak_seen[q] = 0;
      err_seen[q] = 0;
      since[q] = 0;
      new_line(q);
      lines[q] = l;
    end
    {push_valid, gerr_valid, ctl_valid, drop_valid, marker_valid, hmc_rsp_valid} = '0;
    {pkt_ready, piece_ready, done_ready, nak_ready, err_ready, hmc_ready} = '0;
    mode = 0; p_push = 100; p_pkt = 100; p_piece = 100; p_other = 100; p_hmc = 100;
    ps = PsIdle; cs = 0; run_qp = NQ; h_pend = 0; frozen = 0; frozen_left = 0;
    rst = 1;
    repeat (4) @(posedge clk);
    @(negedge clk) rst = 0;
    while (made < count) @(negedge clk);
    while (total != 0 || total_errs != 0 || cs != 0 || broken_due != 0 || push_valid) @(negedge clk);
    repeat (50) @(negedge clk);
    if (!(idle || total_errs != 0)) `FAIL(("not idle"))
    if (want_head != want_tail || got_tail != want_tail) `FAIL(("pieces are missing"))
    for (int unsigned q = 0; q < NQ; q++) if (dones[q] != 0) `FAIL(("done is missing"))
    if (n_turn_full == 0 || n_nak == 0 || n_ctl == 0 || n_full == 0 || n_few == 0 ||
        n_broken == 0 || n_race == 0 || n_mid_stop == 0) `FAIL(("something never happened"))
    $display("%0d responses in %0d cycles: %0d packets, %0d pieces, %0d done, %0d full turns,", made,
             cycle, n_pkt, n_piece, n_done, n_turn_full);
    $display("  %0d NAKs, %0d QPs shut down (%0d within a READ), %0d broken lines, %0d exact pushes",
             n_nak, n_ctl, n_mid_stop, n_broken, n_race);
    $display("passed");
    $finish;
  end

endmodule
