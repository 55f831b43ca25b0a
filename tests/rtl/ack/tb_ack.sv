// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_ack against a model of each QP: what waits, how many READs are under way. The model
// follows the order in which the block takes things. Checked: every packet carries what is newest
// when it was made, none leaves while READs are under way, behind a response that acknowledges as
// much, or without anything waiting, nothing that waits is forgotten, markers come behind what was before them, drops; and that who asks for a
// last word learns of it, also of one that stands at the ports.

module tb_ack;
  localparam int unsigned Qps = 32;

  bit clk, rst;
  always #2 clk = !clk;

  logic               idle, ack_valid, ack_ready, nak_valid, nak_ready, inc, dec_valid, dec_ready;
  logic               drop_valid, drop_ready, marker_valid, marker_ready, pkt_valid, pkt_ready;
  tern_pkg::ack_t     ack, nak;
  tern_pkg::tx_pkt_t  pkt;
  logic               ask_valid, ask_ready, ask_done, ask_waits;
  logic               dec_sent;
  logic [23:0]        dec_psn;
  logic [4:0]         inc_qpn, dec_qpn, drop_qpn, marker_qpn, ask_qpn;

  tern_ack #(.Qps(Qps)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .ack_valid_i(ack_valid), .ack_ready_o(ack_ready), .ack_i(ack),
    .nak_valid_i(nak_valid), .nak_ready_o(nak_ready), .nak_i(nak),
    .busy_inc_i(inc), .busy_inc_qpn_i(inc_qpn),
    .busy_dec_valid_i(dec_valid), .busy_dec_ready_o(dec_ready), .busy_dec_qpn_i(dec_qpn),
    .busy_dec_sent_i(dec_sent), .busy_dec_psn_i(dec_psn),
    .drop_valid_i(drop_valid), .drop_ready_o(drop_ready), .drop_qpn_i(drop_qpn),
    .marker_valid_i(marker_valid), .marker_ready_o(marker_ready), .marker_qpn_i(marker_qpn),
    .ask_valid_i(ask_valid), .ask_ready_o(ask_ready), .ask_qpn_i(ask_qpn), .ask_done_o(ask_done),
    .ask_waits_o(ask_waits),
    .pkt_valid_o(pkt_valid), .pkt_ready_i(pkt_ready), .pkt_o(pkt)
  );

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  // ------------------------------------------------------------------------------- model

  bit          pending [Qps];
  int          busy [Qps];
  tern_pkg::ack_t newest [Qps];
  longint      ready_since [Qps];   // cycle since which a packet could be made, or 0
  tern_pkg::ack_t made [$];         // packets that were made and not seen yet
  longint      cycle, started;
  int unsigned seed, count, taken, sent, coalesced, kept, overruled, markers, drops, asked, waits, implied;
  bit          asking, ask_want;    // what the answer must be
  longint      asked_at;
  bit          marker_out;          // one is on its way
  bit [4:0]    marker_now;
  bit          pkt_held_q;
  tern_pkg::tx_pkt_t pkt_last_q;

  task automatic see_ready(int unsigned q);
    if (!pending[q] || busy[q] != 0) ready_since[q] = 0;
    else if (ready_since[q] == 0) ready_since[q] = cycle;
  endtask

  task automatic take(tern_pkg::ack_t a);
    int unsigned q = 32'(a.qpn);
    bit old, last, is_last;
    old  = 24'(a.psn - newest[q].psn) >= 24'h800000;
    last = newest[q].syndrome >= 8'h61;
    taken++;
    if (pending[q]) coalesced++;
    is_last = a.syndrome >= 8'h61;
    if (pending[q] && is_last && old) overruled++;
    if (pending[q] && (is_last ? last && !old : old || last)) begin
      kept++;
      return;
    end
    pending[q] = 1;
    newest[q]  = a;
    see_ready(q);
  endtask

  function automatic bit is_for(tern_pkg::ack_t a);
    return pkt.psn == a.psn && pkt.ext[7:0] == a.syndrome &&
           {pkt.ext[15:8], pkt.ext[23:16], pkt.ext[31:24]} == a.msn;
  endfunction

  // The block says when it makes a packet, the model says what must be in it
  task automatic make_packet(int unsigned q);
    if (!pending[q] || busy[q] != 0) $fatal(1, "cycle %0d: packet of %0d, none is due", cycle, q);
    made.push_back(newest[q]);
    pending[q] = 0;
    see_ready(q);
  endtask

  task automatic see_packet();
    tern_pkg::ack_t a;
    if (pkt.marker) begin
      if (!marker_out || pkt.qpn[4:0] != marker_now) $fatal(1, "marker of %0d", pkt.qpn);
      if (made.size() != 0) $fatal(1, "marker before what was there");
      marker_out = 0;
      markers++;
      return;
    end
    sent++;
    if (pkt.src != tern_pkg::TxAck || pkt.opcode != 8'h11 || pkt.ext_len != 4 || pkt.len != 0 ||
        pkt.pieces != 0) $fatal(1, "packet of %0d is no ACK", pkt.qpn);
    if (made.size() == 0) $fatal(1, "a packet from nowhere");
    a = made.pop_front();
    if (a.qpn != pkt.qpn || !is_for(a)) $fatal(1, "packet of %0d: wrong contents", pkt.qpn);
  endtask

  task automatic look();
    for (int q = 0; q < int'(Qps); q++) begin
      if (ready_since[q] != 0 && cycle - ready_since[q] > 4000)
        $fatal(1, "cycle %0d: what waits for %0d since %0d is forgotten", cycle, q, ready_since[q]);
      if (ready_since[q] != 0 && idle && cycle - ready_since[q] > 4) $fatal(1, "idle, %0d waits", q);
    end
  endtask

  // A sequence of PSNs that mostly grows, with repeats; rarely a last word
  bit [23:0] psn [Qps];
  bit        dead [Qps];

  function automatic tern_pkg::ack_t some_ack(bit bad);
    tern_pkg::ack_t a;
    int unsigned q = $urandom_range(Qps - 1);
    a.qpn = 14'(q);
    if (pct(80)) psn[q] = psn[q] + 24'($urandom_range(3));
    a.psn = psn[q] - (pct(20) ? 24'($urandom_range(20)) : 24'd0);
    a.msn = 24'($urandom);
    a.syndrome = bad ? 8'h60 + 8'($urandom_range(4)) : pct(10) ? 8'h20 + 8'($urandom_range(31)) : 8'h1f;
    return a;
  endfunction

  initial begin
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", count) == 0) count = 100000;
    void'($urandom(seed));
    for (int q = 0; q < int'(Qps); q++) psn[q] = 24'($urandom);
    rst = 1;
    repeat (4) @(negedge clk);
    rst = 0;
  end

  int unsigned slow;
  bit          sweep_done;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      {ack_valid, nak_valid, inc, dec_valid, drop_valid, marker_valid, ask_valid, pkt_ready} <= '0;
      started <= cycle;
    end else if (!sweep_done) begin
      sweep_done <= cycle - started > 64'd40;
    end else begin
      if (cycle % 2000 == 0) slow = pct(30) ? 5 : pct(50) ? 60 : 100;
      if (pkt_held_q && (!pkt_valid || pkt != pkt_last_q)) $fatal(1, "packet changed");
      pkt_held_q <= pkt_valid && !pkt_ready;
      pkt_last_q <= pkt;

      // Two cycles ago: no packet can have been made since, nor anything have changed
      if (ask_done != (asking && cycle - asked_at == 2)) $fatal(1, "cycle %0d: ask_done", cycle);
      if (ask_done) begin
        if (ask_waits != ask_want) $fatal(1, "cycle %0d: ask_waits is %0d", cycle, ask_waits);
        asking = 0;
        asked++;
        if (ask_waits) waits++;
      end
      if (dut.send) make_packet(32'(dut.qpn_q));
      if (pkt_valid && pkt_ready) see_packet();
      if (inc) begin
        busy[inc_qpn]++;
        see_ready(32'(inc_qpn));
      end
      if (drop_valid && drop_ready) begin
        pending[drop_qpn] = 0;
        busy[drop_qpn]    = 0;
        drops++;
        see_ready(32'(drop_qpn));
      end
      if (dec_valid && dec_ready) begin
        if (busy[dec_qpn] != 0) busy[dec_qpn]--;
        if (pending[dec_qpn] && dec_sent && newest[dec_qpn].syndrome < 8'h20 &&
            24'(newest[dec_qpn].psn - dec_psn) >= 24'h800000) begin
          pending[dec_qpn] = 0;
          implied++;
        end
        see_ready(32'(dec_qpn));
      end
      if (nak_valid && nak_ready) take(nak);
      if (ack_valid && ack_ready) take(ack);
      if (ask_valid && ask_ready) begin
        if (asking) $fatal(1, "asked twice");
        if (ack_valid || nak_valid) $fatal(1, "an answer without what stands at the ports");
        asking   = 1;
        asked_at = cycle;
        ask_want = pending[ask_qpn] && newest[ask_qpn].syndrome >= 8'h61;
      end
      if (marker_valid && marker_ready) begin
        if (marker_out) $fatal(1, "two markers");
        marker_out = 1;
        marker_now = marker_qpn;
      end
      look();

      pkt_ready <= pct(slow);
      if (!ack_valid || ack_ready) begin
        ack_valid <= taken < count && pct(40);
        ack       <= some_ack(0);
      end
      if (!nak_valid || nak_ready) begin
        nak_valid <= taken < count && pct(3);
        nak       <= some_ack(1);
      end
      begin
        bit [4:0] q = 5'($urandom);
        inc     <= taken < count && pct(10) && busy[q] < 15;
        inc_qpn <= q;
      end
      if (!dec_valid || dec_ready) begin
        bit [4:0] q = 5'($urandom);
        // Never more often than busy_inc, for the control drops only what is at rest
        dec_valid <= busy[q] > 0 && !(dec_valid && dec_qpn == q) && pct(taken < count ? 30 : 90);
        dec_qpn   <= q;
        dec_sent  <= pct(80);
        dec_psn   <= psn[q] - 24'($urandom_range(30)) + 24'($urandom_range(15));
      end
      if (!drop_valid || drop_ready) begin
        drop_valid <= taken < count && pct(1);
        drop_qpn   <= 5'($urandom);
      end
      if (!ask_valid || ask_ready) begin
        ask_valid <= taken < count && !(ask_valid && ask_ready) && !asking && pct(5);
        ask_qpn   <= pct(50) ? nak.qpn[4:0] : 5'($urandom);
      end
      if (!marker_valid || marker_ready) begin
        marker_valid <= taken < count && !marker_out && !marker_valid && pct(1);
        marker_qpn   <= 5'($urandom);
      end
      if (taken >= count) finish_when_done();
    end
  end

  task automatic finish_when_done();
    for (int q = 0; q < int'(Qps); q++) if (pending[q] || busy[q] != 0) return;
    if (!idle || marker_out || made.size() != 0) return;
    if (kept == 0 || overruled == 0 || markers == 0 || drops == 0 || waits == 0 ||
        waits == asked || implied == 0) $fatal(1, "hardly tested");
    $display("ack: %0d taken, %0d sent, %0d coalesced, %0d kept, %0d markers, %0d drops, %0d asked (%0d wait), %0d implied, %0d cycles",
             taken, sent, coalesced, kept, markers, drops, asked, waits, implied, cycle);
    $finish;
  endtask

endmodule
