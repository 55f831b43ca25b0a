// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The response side of a requester as IBTA describes it, request by request: what a QP knows, and
// what an answer of the peer, a timer or an event makes of it. Written from the rules, not from
// tern_rh_step; PSNs and work queue indexes are plain integers here that never wrap.
//
// What a pass of a request works on is in variables: with Verilator 5.032, a function that changes
// those of the package cannot have arguments by reference.

package tb_rh_pkg;

  typedef enum int { Acked, Read, Atomic, Local } kind_e;

  typedef struct {
    int          kind;           // kind_e
    bit [7:0]    opcode;
    bit          signaled;
    bit [7:0]    status;
    longint      wqe, first, last, length;
    int          slots;
    longint      pushed;         // cycle
  } entry_t;

  typedef struct {
    bit          active, priv, draining, stopped, bad;   // bad: the line cannot be read
    int          mtu;            // as in the line
    int          timeout, retry_cnt, rnr_retry;
    bit [23:0]   pd, scq;
    longint      una, done;
    int          retries, rnr_tries, gen, locals;
    bit          rnr_wait, asked, held, rearm;
    bit          err_valid;
    longint      err_wqe;
    bit [7:0]    err_status;
    bit [5:0]    err_reason;
    int unsigned timeouts, seq_naks, rnr_naks, read_gaps, packets, stray;
  } qp_t;

  typedef enum int { Pkt, Marker, Timer, Event } what_e;

  typedef struct {
    int          what;           // what_e
    int          q;
    bit [6:0]    id;
    bit [15:0]   place;          // byte in the buffer
    int          len;
    bit [7:0]    opcode, syndrome;
    bit [23:0]   psn;
    bit          rnr;            // Timer
    int          gen;
    bit          kick, err;      // Event
    bit          left;           //   up to psn all has left
    bit [15:0]   wqe;
    bit [7:0]    status;
    bit [5:0]    reason;
    bit          resumed;
    longint      at;             // Event: cycle of what is newest in it
  } req_t;

  // What the block saw of the list and of snd in each step
  typedef struct {
    bit          empty;
    int          count;
    longint      snd;
  } seen_t;

  typedef struct {
    int          q;
    bit          marker, pkt, cqe, silent, last, swap;
    bit [6:0]    id;
    bit [15:0]   place;
    int          len;            // of data; 0: no target
    bit [31:0]   offset;
    bit [15:0]   wqe;
    bit [7:0]    opcode;
    bit [31:0]   cqe_len;
    bit [23:0]   pd, scq;
    bit          priv;
  } item_t;

  typedef struct {
    int          q;
    bit [15:0]   wqe;
    bit [23:0]   psn;
    bit [31:0]   offset;
  } back_t;

  typedef struct {
    int          q;
    bit          ack, rnr;
    int          timeout, gen;
    longint      delta;
  } cmd_t;

  typedef struct {
    int          q;
    bit          wqe_valid;
    bit [15:0]   wqe;
    bit [7:0]    status, reason;
  } fail_t;

  // Rules that were met, so that a run can say that none was missed
  typedef enum int {
    CovAckMany, CovAckPart, CovImplied, CovImpliedAgain, CovNakSeq, CovNakSeqPart, CovNakNoRetry,
    CovRnr, CovRnrOut, CovRnrForever, CovRnrAgain, CovNakInv, CovNakAccess, CovNakOp, CovRead,
    CovReadLast, CovReadZero, CovReadGap, CovReadImpliesAck, CovAtomic, CovAtomicLine,
    CovAtomicRing, CovAtomicWrong, CovBadKind, CovBadLen, CovBadOrder, CovStray, CovLate, CovGhost,
    CovTimeout, CovRetryOut, CovStale, CovRnrOver, CovLocal, CovLocalBad, CovLocalBehind,
    CovErrNow, CovErrLater, CovErrLate, CovErrOlder, CovHold, CovDrained, CovContext, CovDead,
    CovWrap, CovOff, CovMarker, CovHeld, CovSuspend, CovResume, CovLeft, CovLeftMany, NumCov
  } cov_e;

  localparam int Qps = 16;

  qp_t    m [Qps];
  entry_t entries [Qps][$];
  bit     acted [Qps], prog [Qps], popped [Qps];
  int     cov [NumCov];

  item_t  want_item [$];
  back_t  want_back [Qps][$];
  cmd_t   want_cmd [$];
  int     want_wake [$];
  int     want_kick [$];
  int     want_drained [$];
  fail_t  want_fail [$];
  int     n_ack, n_seq, n_rnr, n_err, n_rsp, n_gap, n_stray, n_timeout;
  int     pops;                  // in this pass of a request
  seen_t  seen [$];              // its steps
  item_t  made;                    // of the step

  // IBTA table 45, in units of 10 us
  function automatic longint rnr_ns(int code);
    longint t [32];
    t = '{65536, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024,
          1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152};
    return t[code] * 10000;
  endfunction

  function automatic item_t blank_item(int q);
    item_t i = '{default: 0};
    i.q    = q;
    i.pd   = m[q].pd;
    i.scq  = m[q].scq;
    i.priv = m[q].priv;
    return i;
  endfunction

  function automatic void fail(int q, bit valid, bit [7:0] status, bit [7:0] reason);
    fail_t f;
    f.q         = q;
    f.wqe_valid = valid;
    f.wqe       = 16'(m[q].done);
    f.status    = status;
    f.reason    = reason;
    want_fail.push_back(f);
    m[q].stopped = 1;
  endfunction

  function automatic void go_back(int q, entry_t e);
    back_t b;
    b.q      = q;
    b.wqe    = 16'(e.wqe);
    b.psn    = 24'(m[q].una);
    b.offset = 32'((m[q].una - e.first) * (longint'(128) << m[q].mtu));
    want_back[q].push_back(b);
  endfunction

  function automatic void command(int q, bit ack, bit rnr, longint delta);
    cmd_t c;
    m[q].gen  = (m[q].gen + 1) % 4;
    c.q       = q;
    c.ack     = ack;
    c.rnr     = rnr;
    c.timeout = m[q].timeout;
    c.gen     = m[q].gen;
    c.delta   = delta;
    want_cmd.push_back(c);
    if (!rnr) m[q].rnr_wait = 0;
    if (!ack && !rnr) cov[CovOff]++;
  endfunction

  function automatic void moved(int q, longint una);
    if ((una >> 24) != (m[q].una >> 24)) cov[CovWrap]++;
    m[q].una       = una;
    m[q].retries   = m[q].retry_cnt;
    m[q].rnr_tries = m[q].rnr_retry;
    m[q].asked     = 0;
    prog[q]        = 1;
  endfunction

  // The oldest entry is complete; its item. 1: the next one is known to fail
  function automatic bit complete(int q);
    entry_t e = entries[q].pop_front();
    made.cqe     = 1;
    made.silent  = !e.signaled;
    made.wqe     = 16'(e.wqe);
    made.opcode  = e.opcode;
    made.cqe_len = e.kind == Read ? 32'(e.length) : e.kind == Atomic ? 32'd8 : 32'd0;
    m[q].done = e.wqe + longint'(e.slots);
    if (m[q].locals > 0) m[q].locals--;
    popped[q] = 1;
    pops++;
    if (m[q].err_valid && m[q].err_wqe == m[q].done) begin
      cov[CovErrLater]++;
      fail(q, 1, m[q].err_status, 8'(m[q].err_reason));
      return 1;
    end
    return 0;
  endfunction

  // One pass of a request: all steps until it is done, or put back. 1: it is to be put back
  function automatic bit pass(req_t r);
    int     q = r.q;
    bit     over = 0, failed = 0, went_back = 0, rnr_new = 0, have;
    seen_t  s;
    entry_t e;
    longint p, upto, delta;
    bit     is_ack, is_seq, is_rnr, is_fatal, is_read, is_atomic, answer, again, last_one;
    int     steps = 0;

    acted[q]  = r.resumed;
    prog[q]   = r.resumed && r.what == Pkt;
    popped[q] = r.resumed;
    pops      = 0;
    delta     = rnr_ns(32'(r.syndrome[4:0]));
    is_ack    = (r.what == Pkt && r.opcode == 17 && r.syndrome < 8'h20) ||
                (r.what == Event && r.left);
    is_rnr    = r.what == Pkt && r.opcode == 17 && r.syndrome >= 8'h20 && r.syndrome < 8'h40;
    is_seq    = r.what == Pkt && r.opcode == 17 && r.syndrome == 8'h60;
    is_fatal  = r.what == Pkt && r.opcode == 17 && r.syndrome > 8'h60 && r.syndrome < 8'h64;
    is_read   = r.what == Pkt && r.opcode >= 13 && r.opcode <= 16;
    is_atomic = r.what == Pkt && r.opcode == 18;
    answer    = is_read || is_atomic;
    made      = blank_item(q);
    made.id      = r.id;
    made.place   = r.place;

    if (m[q].bad || !m[q].active || m[q].stopped || r.what == Marker) begin
      if (seen.size() != 1) $fatal(1, "%0d steps for a QP without state", seen.size());
      if (m[q].bad && r.what != Marker) begin
        fail_t f = '{q: q, wqe_valid: 0, wqe: 0, status: 8'd5, reason: 8'd1};
        want_fail.push_back(f);
        cov[CovContext]++;
      end else if (r.what != Marker) cov[CovDead]++;
      if (r.what == Marker) cov[CovMarker]++;
      made.marker = r.what == Marker;
      made.pkt    = r.what == Pkt;
      if (made.marker || made.pkt) want_item.push_back(made);
      if (made.pkt) n_stray++;
      return 0;
    end

    if (r.what == Event && r.err) begin
      longint wqe = m[q].done + longint'(16'(r.wqe - 16'(m[q].done)));
      if (16'(r.wqe - 16'(m[q].done)) >= 16'h8000) wqe -= 65536;
      if (m[q].err_valid && wqe < m[q].err_wqe) cov[CovErrOlder]++;
      if (!m[q].err_valid || wqe < m[q].err_wqe) begin
        m[q].err_valid  = 1;
        m[q].err_wqe    = wqe;
        m[q].err_status = r.status;
        m[q].err_reason = r.reason;
      end
    end

    while (!over) begin
      if (seen.size() == 0) $fatal(1, "request of %0d: more steps are due", q);
      s     = seen.pop_front();
      again = 0;
      have  = !s.empty;
      if (have && entries[q].size() == 0) $fatal(1, "list of %0d is empty", q);
      if (have) e = entries[q][0];
      last_one = s.count == 1;
      made     = blank_item(q);
      made.id     = r.id;
      made.place  = r.place;
      steps++;

      if (m[q].err_valid && m[q].err_wqe <= m[q].done) begin
        cov[m[q].err_wqe == m[q].done ? CovErrNow : CovErrLate]++;
        fail(q, m[q].err_wqe == m[q].done, m[q].err_status, 8'(m[q].err_reason));
        failed = 1;
      end else if (have && e.kind == Local) begin
        if (e.status != 0) begin
          cov[CovLocalBad]++;
          fail(q, 1, e.status, 8'd4);
          failed = 1;
        end else begin
          cov[CovLocal]++;
          if (r.what == Event && steps > 1) cov[CovLocalBehind]++;
          failed = complete(q);
          again  = !failed && (r.what != Event || !last_one);
        end
      end else if (r.what == Pkt || (r.what == Event && r.left)) begin
        if (r.what == Event && r.kick && have) m[q].locals = s.count;
        p = m[q].una + longint'(24'(r.psn - 24'(m[q].una)));
        if (!have || p >= s.snd || !(is_ack || is_seq || is_rnr || is_fatal || answer)) begin
          if (p == m[q].una + 64'hffffff) cov[CovGhost]++;
        end else begin
          acted[q] = 1;
          upto     = is_ack ? p + 1 : p;  // all before this is acknowledged
          if (m[q].una != upto && e.kind != Acked) begin
            if (answer) begin
              n_gap++;
              m[q].read_gaps++;
              cov[CovReadGap]++;
            end
            if (m[q].asked) cov[CovImpliedAgain]++;
            else if (!m[q].rnr_wait) begin
              cov[CovImplied]++;
              went_back = 1;
              go_back(q, e);
              m[q].asked = 1;
            end
          end else if (m[q].una != upto && e.last < upto) begin
            moved(q, e.last + 1);
            failed = complete(q);
            again  = !failed && m[q].una != p + 1;
            if (is_ack && again) cov[r.what == Event ? CovLeftMany : CovAckMany]++;
            if (r.what == Event) cov[CovLeft]++;
            if (answer) cov[CovReadImpliesAck]++;
          end else if (m[q].una != upto && answer) begin
            cov[CovBadKind]++;
            fail(q, 1, 8'd7, 8'd8);
            failed = 1;
          end else begin
            if (m[q].una != upto) begin
              cov[is_ack ? CovAckPart : CovNakSeqPart]++;
              moved(q, upto);
            end
            if (is_seq && !m[q].rnr_wait) begin
              if (!prog[q] && m[q].retries == 0) begin
                cov[CovNakNoRetry]++;
                fail(q, 1, 8'd12, 8'd6);
                failed = 1;
              end else begin
                cov[CovNakSeq]++;
                if (!prog[q]) m[q].retries--;
                went_back = 1;
                go_back(q, e);
              end
            end
            if (is_rnr && m[q].rnr_wait && !prog[q]) cov[CovRnrAgain]++;
            if (is_rnr && (!m[q].rnr_wait || prog[q])) begin
              if (m[q].rnr_retry != 7 && m[q].rnr_tries == 0) begin
                cov[CovRnrOut]++;
                fail(q, 1, 8'd13, 8'd7);
                failed = 1;
              end else begin
                cov[m[q].rnr_retry == 7 ? CovRnrForever : CovRnr]++;
                if (m[q].rnr_retry != 7) m[q].rnr_tries--;
                rnr_new = 1;
                m[q].rnr_wait = 1;
              end
            end
            if (is_fatal) begin
              cov[r.syndrome == 8'h61 ? CovNakInv : r.syndrome == 8'h62 ? CovNakAccess : CovNakOp]++;
              fail(q, 1, r.syndrome == 8'h61 ? 8'd9 : r.syndrome == 8'h62 ? 8'd10 : 8'd11, 8'd5);
              failed = 1;
            end
            if (answer) begin
              longint mtu    = longint'(128) << m[q].mtu;
              longint offset = (m[q].una - e.first) * mtu;
              longint left   = e.length - offset;
              bit     fits;
              if (is_atomic) fits = e.kind == Atomic && r.len == 0;
              else begin
                fits = e.kind == Read;
                if (fits && longint'(r.len) != (left > mtu ? mtu : left)) begin
                  fits = 0;
                  cov[CovBadLen]++;
                end
                // 13 First, 14 Middle, 15 Last, 16 Only
                if (fits && (left > mtu ? r.opcode > 14 : r.opcode < 15)) begin
                  fits = 0;
                  cov[CovBadOrder]++;
                end
                if (fits && offset == 0 && (r.opcode == 14 || r.opcode == 15)) begin
                  fits = 0;
                  cov[CovBadOrder]++;
                end
              end
              if (!fits) begin
                cov[is_atomic ? CovAtomicWrong : CovBadKind]++;
                fail(q, 1, 8'd7, 8'd8);
                failed = 1;
              end else begin
                made.wqe    = 16'(e.wqe);
                made.last   = e.last == m[q].una;
                made.len    = is_atomic ? 8 : r.len;
                made.offset = is_atomic ? 32'd0 : 32'(offset);
                made.swap   = is_atomic;
                if (is_atomic) made.place = r.place - 16'd8;
                if (is_atomic && made.place[15:6] != r.place[15:6]) cov[CovAtomicLine]++;
                if (is_atomic && made.place > r.place) cov[CovAtomicRing]++;
                cov[is_atomic ? CovAtomic : e.length == 0 ? CovReadZero : made.last ? CovReadLast
                                                                                 : CovRead]++;
                n_rsp++;
                moved(q, m[q].una + 1);
                if (e.last < m[q].una) failed = complete(q);
              end
            end
          end
        end
      end else if (r.what == Timer) begin
        if (r.gen != m[q].gen || r.rnr != m[q].rnr_wait) cov[CovStale]++;
        else if (r.rnr) begin
          m[q].rnr_wait = 0;
          if (have && m[q].una != s.snd) begin
            cov[CovRnrOver]++;
            went_back = 1;
            go_back(q, e);
          end
        end else if (m[q].held) cov[CovHeld]++;
        else if (have && m[q].una != s.snd) begin
          cov[CovTimeout]++;
          n_timeout++;
          m[q].timeouts++;
          m[q].asked = 0;
          if (m[q].retries == 0) begin
            cov[CovRetryOut]++;
            fail(q, 1, 8'd12, 8'd6);
            failed = 1;
          end else begin
            m[q].retries--;
            went_back = 1;
            go_back(q, e);
          end
        end
      end else if (r.kick && have) m[q].locals = s.count;

      // An entry that completed, and the packet with the last step
      over  = !again;
      made.pkt = over && r.what == Pkt;
      if (made.cqe || made.pkt) want_item.push_back(made);
      if ((made.cqe && last_one) || !have) begin
        m[q].locals = 0;
        s.empty = 1;
      end
      if (again && steps == 16) begin
        cov[CovHold]++;
        if (seen.size() != 0) $fatal(1, "too many steps");
        return 1;
      end
    end

    if (seen.size() != 0) $fatal(1, "request of %0d: %0d steps too many", q, seen.size());
    if (r.what == Pkt) begin
      m[q].packets++;
      if (!acted[q] && is_ack && 24'(r.psn - m[q].una) >= 24'h800000) begin
        cov[CovLate]++;
      end else if (!acted[q]) begin
        m[q].stray++;
        n_stray++;
        cov[CovStray]++;
      end else begin
        n_ack += 32'(is_ack);
        n_seq += 32'(is_seq);
        n_rnr += 32'(is_rnr);
        n_err += 32'(is_fatal);
        m[q].seq_naks += 32'(is_seq);
        m[q].rnr_naks += 32'(is_rnr);
      end
    end
    if (failed) return 0;
    if (rnr_new) command(q, 0, 1, delta);
    else if (went_back) command(q, 0, 0, 0);
    else if (prog[q]) begin
      if (m[q].una == s.snd || s.empty) command(q, 0, 0, 0);
      else if (!m[q].rnr_wait) command(q, !m[q].held, 0, 0);
    end else if (r.what == Event && m[q].rearm && !m[q].rnr_wait) begin
      // The control has suspended or resumed it
      bit runs = !m[q].held && m[q].una != s.snd && !s.empty;
      cov[m[q].held ? CovSuspend : CovResume]++;
      command(q, runs, 0, 0);
    end
    if (r.what == Event) m[q].rearm = 0;
    if (popped[q]) begin
      want_wake.push_back(q);
      if ((r.what != Event || r.left) && m[q].locals != 0) want_kick.push_back(q);
    end
    if (m[q].draining && s.empty) begin
      cov[CovDrained]++;
      m[q].draining = 0;
      want_drained.push_back(q);
    end
    return 0;
  endfunction

  function automatic bit [511:0] line_of(int q);
    tern_hw_pkg::tern_hw_qp_rh_t l = '0;
    l.conn.active    = m[q].active;
    l.conn.draining  = m[q].draining;
    l.conn.mtu       = 3'(m[q].mtu);
    l.conn.timeout   = 5'(m[q].timeout);
    l.conn.retry_cnt = 3'(m[q].retry_cnt);
    l.conn.rnr_retry = 3'(m[q].rnr_retry);
    l.conn.priv      = m[q].priv;
    l.conn.held      = m[q].held;
    l.conn.rearm     = m[q].rearm;
    l.conn.pd        = m[q].pd;
    l.cq.scq         = m[q].scq;
    l.cq.err_valid   = m[q].err_valid;
    l.cq.stopped     = m[q].stopped;
    l.cq.err_status  = m[q].err_status;
    l.cq.err_reason  = m[q].err_reason;
    l.cq.err_wqe     = 16'(m[q].err_wqe);
    l.at.una         = 24'(m[q].una);
    l.at.done        = 16'(m[q].done);
    l.at.retries     = 3'(m[q].retries);
    l.at.rnr_tries   = 3'(m[q].rnr_tries);
    l.at.rnr_wait    = m[q].rnr_wait;
    l.at.asked       = m[q].asked;
    l.at.gen         = 2'(m[q].gen);
    l.at.locals      = 14'(m[q].locals);
    l.count.timeouts  = 16'(m[q].timeouts);
    l.count.seq_naks  = 16'(m[q].seq_naks);
    l.count.rnr_naks  = 16'(m[q].rnr_naks);
    l.count.read_gaps = 16'(m[q].read_gaps);
    l.count2.packets  = m[q].packets;
    l.count2.stray    = 16'(m[q].stray);
    return l;
  endfunction

endpackage
