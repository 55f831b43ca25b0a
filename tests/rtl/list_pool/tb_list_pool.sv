// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_list_pool against a list per QPN. Few QPNs and entries, so that lists run empty and the
// shared entries run out. The pusher asks for room first and then pushes at once, or much later;
// what it was promised must be kept. Once nothing moves, room must be told exactly. Lists are
// dropped meanwhile. The directed part measures.
//
// +count= pushes, +seed=

module tb_list_pool #(
  parameter bit          Private = 1,
  parameter int unsigned Shared  = 16
);
  localparam int unsigned Qps    = 8;
  localparam int unsigned QpW    = 3;
  localparam int unsigned EntryW = 40;
  localparam int unsigned CountW = $clog2(Shared + 2);
  localparam int unsigned Depth  = 64;  // of a list of the model: power of two

  logic clk = 0;
  logic rst = 1;
  always #2 clk = !clk;

  logic [CountW-1:0] left;
  logic              idle, push_valid, push_ready, push_mark, push_lost, room;
  logic [QpW-1:0]    push_qpn, count_qpn, peek_qpn, pop_qpn, drop_qpn;
  logic [EntryW-1:0] push_entry, peek_entry;
  logic [CountW-1:0] count, marks, peek_count, peek_marks;
  logic              peek_valid, peek_ready, peek_rsp, peek_empty, pop_valid, pop_ready;
  logic              drop_valid, drop_ready, drop_done;

  tern_list_pool #(.Qps(Qps), .EntryW(EntryW), .Private(Private), .Shared(Shared)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .push_valid_i(push_valid), .push_ready_o(push_ready), .push_qpn_i(push_qpn),
    .push_entry_i(push_entry), .push_mark_i(push_mark), .push_lost_o(push_lost),
    .count_qpn_i(count_qpn), .count_o(count), .marks_o(marks), .room_o(room), .left_o(left),
    .peek_valid_i(peek_valid), .peek_ready_o(peek_ready), .peek_qpn_i(peek_qpn),
    .peek_rsp_valid_o(peek_rsp), .peek_empty_o(peek_empty), .peek_entry_o(peek_entry),
    .peek_count_o(peek_count), .peek_marks_o(peek_marks),
    .pop_valid_i(pop_valid), .pop_ready_o(pop_ready), .pop_qpn_i(pop_qpn),
    .drop_valid_i(drop_valid), .drop_ready_o(drop_ready), .drop_qpn_i(drop_qpn),
    .drop_done_o(drop_done)
  );

  // ------------------------------------------------------------------------------ model

  bit [EntryW-1:0] m_entry [Qps][Depth];
  bit              m_mark  [Qps][Depth];
  bit              m_own   [Qps][Depth];
  int unsigned     m_rd [Qps], m_wr [Qps], m_marks [Qps];
  bit              m_has_own [Qps];
  int unsigned     m_shared;

  longint unsigned pushes, pops, peeks, empties, full, drops, owned;
  int unsigned     still;                 // cycles without any pop
  int unsigned     pops_dly [4], marks_dly [4]; // of the counted QPN: pops in the last cycles
  logic [QpW-1:0]  pops_qpn [4];
  bit              pops_mark [4], pops_any [4];

  // What a peek must answer, two cycles later
  bit              e1, e2;
  bit              e1_empty, e2_empty;
  bit [EntryW-1:0] e1_entry, e2_entry;
  int unsigned     e1_count, e2_count, e1_marks, e2_marks;

  function automatic int unsigned length(logic [QpW-1:0] q);
    return m_wr[q] - m_rd[q];
  endfunction

  function automatic bit has_room(logic [QpW-1:0] q);
    return (Private && !m_has_own[q]) || m_shared < Shared;
  endfunction

  task automatic model_pop(logic [QpW-1:0] q);
    int unsigned at = m_rd[q] % Depth;
    if (length(q) == 0) return;
    if (m_own[q][at]) m_has_own[q] = 0;
    else m_shared--;
    if (m_mark[q][at]) m_marks[q]--;
    m_rd[q]++;
  endtask

  task automatic model_push();
    int unsigned at = m_wr[push_qpn] % Depth;
    if (!has_room(push_qpn) && !dropping) $fatal(1, "the bench pushed without room");
    m_entry[push_qpn][at] = push_entry;
    m_mark[push_qpn][at]  = push_mark;
    m_own[push_qpn][at]   = Private && !m_has_own[push_qpn];
    if (m_own[push_qpn][at]) begin
      m_has_own[push_qpn] = 1;
      owned++;
    end else m_shared++;
    if (push_mark) m_marks[push_qpn]++;
    m_wr[push_qpn]++;
  endtask

  // -------------------------------------------------------------------------- stimulus

  typedef enum int {PuIdle, PuAsked, PuPush} pusher_e;
  pusher_e     pusher;
  bit          feed, random;
  bit          dropping;
  int unsigned push_pct, pop_pct, peek_pct, idle_pushes;
  bit          asked;
  logic [QpW-1:0] asked_qpn, count_was;
  int unsigned max_gap;
  bit          measure;
  longint unsigned done_pushes, done_pops;
  int unsigned spin;

  function automatic bit chance(int unsigned pct);
    return $urandom_range(99) < pct;
  endfunction

  function automatic logic [QpW-1:0] any_qpn();
    return chance(50) ? QpW'($urandom_range(1)) : QpW'($urandom);
  endfunction

  always @(posedge clk) begin
    if (rst) begin
      push_valid <= 0;
      peek_valid <= 0;
      pop_valid  <= 0;
      drop_valid <= 0;
      count_qpn  <= 0;
      dropping = 0;
      asked = 0;
      e1 = 0; e2 = 0;
    end else begin
      // ------------------------------------------------------------------ what is seen
      if (push_lost) $fatal(1, "a push was lost that was promised room");
      if (peek_rsp != e2) $fatal(1, "peek answered: %0d, not %0d", peek_rsp, e2);
      if (e2) begin
        if (peek_empty != e2_empty || peek_count != CountW'(e2_count) ||
            peek_marks != CountW'(e2_marks) || (!e2_empty && peek_entry != e2_entry))
          $fatal(1, "peek: empty %0d entry %h count %0d marks %0d, not %0d %h %0d %0d",
                 peek_empty, peek_entry, peek_count, peek_marks, e2_empty, e2_entry, e2_count,
                 e2_marks);
        peeks++;
        if (e2_empty) empties++;
      end
      e2 = e1; e2_empty = e1_empty; e2_entry = e1_entry; e2_count = e1_count; e2_marks = e1_marks;
      e1 = peek_valid && peek_ready;
      if (e1) begin
        e1_empty = length(peek_qpn) == 0;
        e1_entry = m_entry[peek_qpn][m_rd[peek_qpn] % Depth];
        e1_count = length(peek_qpn);
        e1_marks = m_marks[peek_qpn];
      end

      // The model is at the end of the cycle before, which is what the answer is about
      if (up && !(dropping && count_was == drop_qpn)) begin
        int unsigned lag = 0, mark_lag = 0;
        for (int i = 0; i < 4; i++)
          if (pops_any[i] && pops_qpn[i] == count_was) begin
            lag++;
            if (pops_mark[i]) mark_lag++;
          end
        if (int'(count) < int'(length(count_was)) || int'(count) > int'(length(count_was) + lag))
          $fatal(1, "count %0d, not %0d to %0d", count, length(count_was), length(count_was) + lag);
        if (int'(marks) < int'(m_marks[count_was]) ||
            int'(marks) > int'(m_marks[count_was] + mark_lag))
          $fatal(1, "marks %0d, not %0d", marks, m_marks[count_was]);
        if (room && !has_room(count_was) && !dropping) $fatal(1, "room is told where none is");
        if (!room && has_room(count_was) && still > 6) $fatal(1, "room is not told");
        if (!room) full++;
      end
      count_was = count_qpn;
      for (int i = 3; i > 0; i--) begin
        pops_any[i] = pops_any[i-1];
        pops_qpn[i] = pops_qpn[i-1];
        pops_mark[i] = pops_mark[i-1];
      end
      pops_any[0] = 0;

      // ------------------------------------------------------------------ what is taken
      still++;
      if (push_valid && push_ready) begin
        model_push();
        pushes++;
        done_pushes++;
      end
      if (pop_valid && pop_ready) begin
        if (length(pop_qpn) != 0) begin
          pops_any[0]  = 1;
          pops_qpn[0]  = pop_qpn;
          pops_mark[0] = m_mark[pop_qpn][m_rd[pop_qpn] % Depth];
          pops++;
        end
        model_pop(pop_qpn);
        still = 0;
        done_pops++;
      end
      if (drop_done) begin
        if (!dropping) $fatal(1, "a drop that was not asked for is done");
        while (length(drop_qpn) != 0) model_pop(drop_qpn);
        dropping = 0;
        drops++;
      end
      if (dropping) still = 0;
      if (idle && (push_valid || pop_valid || peek_valid || drop_valid ||
                   (dropping && !drop_pend) || e1 || e2))
        $fatal(1, "idle with work at hand");

      // ------------------------------------------------------------------ what comes next
      if (random) begin
        // Ask, and push at once or later. Only the next push after an answer is promised
        unique case (pusher)
          PuIdle: if (feed && chance(push_pct)) begin
            asked_qpn = any_qpn();
            count_qpn <= asked_qpn;
            pusher = PuAsked;
          end else if (chance(20)) count_qpn <= any_qpn();
          // The push before must be taken by then, to be counted
          PuAsked: pusher = (push_valid && !push_ready) ? PuIdle : PuPush;
          default: ;
        endcase
        if (push_valid && push_ready) push_valid <= 0;
        if (pusher == PuPush && count_was == asked_qpn && asked) begin
          if (room_seen) begin
            if (!(dropping || (drop_valid)) || asked_qpn != drop_qpn) begin
              push_valid <= 1;
              push_qpn   <= asked_qpn;
              push_entry <= EntryW'({$urandom, $urandom});
              push_mark  <= chance(40);
            end
          end
          pusher = PuIdle;
        end
        asked = pusher == PuPush;

        if (!pop_valid || pop_ready) begin
          logic [QpW-1:0] q;
          q = any_qpn();
          pop_valid <= feed && chance(pop_pct) && !((dropping || drop_valid) && q == drop_qpn);
          pop_qpn   <= q;
        end
        begin
          logic [QpW-1:0] q;
          q = any_qpn();
          peek_valid <= feed && chance(peek_pct) && !((dropping || drop_valid) && q == drop_qpn);
          peek_qpn   <= q;
        end
        if (drop_valid && drop_ready) begin
          drop_valid <= 0;
          dropping = 1;
        end else if (feed && !drop_valid && !dropping && $urandom_range(299) == 0) begin
          logic [QpW-1:0] q;
          q = any_qpn();
          // Nobody may be at this list
          if (!(push_valid && push_qpn == q) && !(pop_valid && pop_qpn == q) &&
              !(peek_valid && peek_qpn == q) && pusher == PuIdle && !drop_pend) begin
            drop_qpn = q;
            drop_pend = 1;
            dropping = 1;   // nothing new for this QPN
          end
        end
        if (drop_pend) begin
          // One cycle later what was decided in the cycle of the choice is over
          if (drop_wait == 3) begin
            if (!(push_valid && push_qpn == drop_qpn) && !(pop_valid && pop_qpn == drop_qpn) &&
                !(peek_valid && peek_qpn == drop_qpn) && !e1 && !e2) begin
              drop_valid <= 1;
              drop_pend = 0;
              drop_wait = 0;
            end
          end else drop_wait++;
        end
        if ($urandom_range(499) == 0) begin
          push_pct = $urandom_range(1) != 0 ? 100 : $urandom_range(10) * 10;
          pop_pct  = $urandom_range(4) * 25;
          peek_pct = $urandom_range(4) * 25;
        end
      end
    end
  end

  bit          drop_pend;
  int unsigned drop_wait;
  bit          room_seen, up;
  always @(negedge clk) begin
    room_seen = room;
    up = peek_ready && !rst;
  end

  // Pushes and pops of one QPN, or of two, each at every second cycle, with a peek at each pop
  task automatic measure_rate(bit same);
    longint unsigned p0, q0, start;
    random = 0;
    feed = 0;
    settle();
    @(negedge clk);
    push_entry = 1;
    push_mark = 1;
    p0 = done_pushes;
    q0 = done_pops;
    for (int i = 0; i < 1000; i++) begin
      push_valid = 1;
      push_qpn = 1;
      pop_valid = 1;
      pop_qpn = same ? 1 : 2;
      peek_valid = 1;
      peek_qpn = pop_qpn;
      push_entry++;
      if (!same && i % 2 == 0 && length(1) >= 6) push_valid = 0;
      @(negedge clk);
    end
    push_valid = 0;
    pop_valid = 0;
    peek_valid = 0;
    if (same && (done_pushes - p0 < 499 || done_pops - q0 < 499))
      $fatal(1, "1000 cycles: %0d pushes and %0d pops", done_pushes - p0, done_pops - q0);
    settle();
    random = 1;
  endtask

  task automatic settle();
    int unsigned n = 0;
    do begin
      @(posedge clk);
      n++;
      if (n > 3000) $fatal(1, "does not come to rest");
    end while (!idle || dropping || drop_pend || push_valid || pop_valid);
    repeat (4) @(posedge clk);
    if (32'(left) != Shared - m_shared)
      $fatal(1, "%0d entries are left, not %0d", left, Shared - m_shared);
  endtask

  int unsigned seed, total;

  initial begin
    seed  = 1;
    total = 100000;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", total));
    void'($urandom(seed));
    random = 1;
    feed = 0;
    push_pct = 80;
    pop_pct = 50;
    peek_pct = 50;
    pusher = PuIdle;
    repeat (4) @(posedge clk);
    @(negedge clk) rst = 0;
    settle();
    feed = 1;
    while (pushes < 64'(total)) begin
      @(posedge clk);
      spin++;
      if (spin > total * 40 + 10000) $fatal(1, "stuck after %0d pushes", pushes);
    end
    feed = 0;
    settle();
    // Empty everything, then measure
    random = 0;
    for (int q = 0; q < int'(Qps); q++) begin
      while (length(QpW'(q)) != 0) begin
        @(negedge clk);
        pop_valid = 1;
        pop_qpn = QpW'(q);
        @(negedge clk);
        pop_valid = 0;
      end
    end
    settle();
    if (m_shared != 0) $fatal(1, "shared entries are left");
    measure_rate(1);
    if (empties == 0 || full == 0 || drops == 0 || (Private && owned == 0))
      $fatal(1, "not every case was tried");
    $display("list_pool: seed %0d: %0d pushes, %0d pops, %0d peeks (%0d of empty lists), full in %0d cycles, %0d drops; a push, a peek and a pop per 2 cycles",
             seed, pushes, pops, peeks, empties, full, drops);
    $finish;
  end

endmodule
