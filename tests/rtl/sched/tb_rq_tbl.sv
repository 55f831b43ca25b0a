// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_rq_tbl with 8 queues against a model. Random doorbells, right and wrong, commands, reads
// of any queue, and a responder that takes flush items. Whenever the table is idle, no queue in
// error may have news that were not offered; no QPN may be offered again without something new.
//
// +count= doorbells, +seed=

module tb_rq_tbl;

  localparam int unsigned Qps = 8;

  logic clk = 0;
  logic rst = 1;
  always #2 clk = !clk;

  logic              idle, db_valid, db_ready, bad_valid, bad_ready, ctl_valid, ctl_ready, ctl_done;
  tern_pkg::db_t     db;
  tern_pkg::db_bad_t bad;
  logic [1:0]        ctl_op;
  logic [13:0]       ctl_qpn, rd_qpn, flush_qpn;
  logic [9:0]        ctl_page;
  logic [3:0]        ctl_log;
  logic [15:0]       ctl_producer, rd_producer;
  logic              rd_valid, flush_valid, flush_ready;

  tern_rq_tbl #(.Qps(Qps)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .db_valid_i(db_valid), .db_ready_o(db_ready), .db_i(db),
    .db_bad_valid_o(bad_valid), .db_bad_ready_i(bad_ready), .db_bad_o(bad),
    .ctl_valid_i(ctl_valid), .ctl_ready_o(ctl_ready), .ctl_op_i(ctl_op), .ctl_qpn_i(ctl_qpn),
    .ctl_page_i(ctl_page), .ctl_log_size_i(ctl_log), .ctl_done_o(ctl_done),
    .ctl_producer_o(ctl_producer),
    .rd_qpn_i(rd_qpn), .rd_valid_o(rd_valid), .rd_producer_o(rd_producer),
    .flush_valid_o(flush_valid), .flush_ready_i(flush_ready), .flush_qpn_o(flush_qpn)
  );

  // ------------------------------------------------------------------------------ model

  bit                m_valid [Qps], m_error [Qps];
  bit [15:0]         m_producer [Qps];
  int unsigned       m_log [Qps];
  bit [9:0]          m_page [Qps];
  bit                due [Qps];          // the responder must hear of it
  bit [15:0]         p1 [Qps];           // as a read shows it: with what was taken a cycle before
  bit                v1 [Qps];
  tern_pkg::db_bad_t want_bad [$];
  int unsigned       done_in;
  bit [15:0]         done_producer;
  bit                ctl_busy;
  bit                rd_known;
  logic [13:0]       rd_was;
  longint unsigned   good, refused [3], flushes, errors, merged, dbs;

  task automatic model_db();
    tern_pkg::db_bad_t b;
    int unsigned q = int'(db.word[23:0]);
    int unsigned delta;
    dbs++;
    b.page = db.page;
    b.offset = 12'h008;
    if (q >= Qps || !m_valid[q % Qps]) begin
      b.code = 16'h402;
      refused[0]++;
    end else if (m_page[q] != db.page) begin
      b.code = 16'h403;
      refused[1]++;
    end else begin
      delta = (int'(db.word[47:32]) - int'(m_producer[q])) & 'hffff;
      if (db.word[63:48] == 0 && delta <= 1 << m_log[q]) begin
        m_producer[q] = db.word[47:32];
        good++;
        if (delta != 0 && m_error[q]) begin
          if (due[q]) merged++;
          due[q] = 1;
        end
        return;
      end
      b.code = 16'h404;
      refused[2]++;
    end
    want_bad.push_back(b);
  endtask

  task automatic model_ctl();
    int unsigned q = int'(ctl_qpn);
    case (ctl_op)
      0: begin
        m_valid[q] = 1; m_error[q] = 0; m_producer[q] = 0; m_log[q] = int'(ctl_log);
        m_page[q] = ctl_page;
      end
      1: begin
        m_valid[q] = 0; m_error[q] = 0; due[q] = 0;
      end
      2: if (m_valid[q]) begin
        m_error[q] = 1;
        due[q] = 1;
        errors++;
      end
      default: ;
    endcase
    done_in = 2;
    done_producer = m_producer[q];
  endtask

  // -------------------------------------------------------------------------- stimulus

  bit          feed;
  int unsigned bad_stall, flush_stall, db_pct, ctl_pct;
  bit [31:0]   index;
  int unsigned q, delta, kind, bit_no;

  function automatic bit chance(int unsigned pct);
    return $urandom_range(99) < pct;
  endfunction

  always @(posedge clk) begin
    if (rst) begin
      db_valid <= 0; ctl_valid <= 0; bad_ready <= 0; flush_ready <= 0;
      done_in = 0;
      ctl_busy = 0;
    end else begin
      // ------------------------------------------------------------------ what is seen
      if (ctl_done != (done_in == 1)) $fatal(1, "a command was answered: %0d", ctl_done);
      if (ctl_done) begin
        if (ctl_producer != done_producer) $fatal(1, "producer %h", ctl_producer);
        ctl_busy = 0;
      end
      if (done_in != 0) done_in--;
      if (bad_valid && (want_bad.size() == 0 || bad != want_bad[0])) begin
        if (want_bad.size() == 0) $fatal(1, "refusal %p was not expected", bad);
        $fatal(1, "refusal %p, not %p", bad, want_bad[0]);
      end
      if (bad_valid && bad_ready) void'(want_bad.pop_front());

      // The answer is about rd_qpn of the cycle before
      if (rd_known && rd_was < 14'(Qps)) begin
        int unsigned r;
        r = int'(rd_was);
        if (rd_valid != v1[r] || (rd_valid && rd_producer != p1[r]))
          $fatal(1, "read of %0d: %0d %h", r, rd_valid, rd_producer);
      end
      if (rd_known && rd_was >= 14'(Qps) && rd_valid) $fatal(1, "read of a QPN that cannot be");
      rd_known = 1;
      rd_was = rd_qpn;
      for (int i = 0; i < int'(Qps); i++) begin
        p1[i] = m_producer[i]; v1[i] = m_valid[i];
      end

      if (idle && (db_valid || ctl_valid || bad_valid || flush_valid)) $fatal(1, "idle");
      if (idle)
        for (int i = 0; i < int'(Qps); i++)
          if (due[i]) $fatal(1, "idle, and the responder was not told of QP %0d", i);

      // ------------------------------------------------------------------ what is taken
      if (flush_valid && flush_ready) begin
        int unsigned f;
        f = int'(flush_qpn);
        if (f >= Qps) $fatal(1, "flush of QP %0d", f);
        // A doorbell that was taken a cycle ago may have found its item still offered
        if (!due[f] && !late_ok[f]) $fatal(1, "QP %0d is offered twice", f);
        late_ok[f] = 0;
        due[f] = 0;
        flushes++;
        // What is taken just now is told by one more item, or seen by this read
        if (recent_db[f]) begin
          due[f] = 0;
          late_ok[f] = 1;
        end
      end
      for (int i = 0; i < int'(Qps); i++) recent_db[i] = 0;
      if (db_valid && db_ready) begin
        if (db.word[23:0] < 24'(Qps)) recent_db[db.word[2:0]] = 1;
        model_db();
      end
      if (ctl_valid && ctl_ready) begin
        if (ctl_op == 2) recent_db[ctl_qpn[2:0]] = 1;
        if (ctl_op == 1) late_ok[ctl_qpn[2:0]] = 1;
        model_ctl();
      end

      // ------------------------------------------------------------------ what comes next
      if (!db_valid || db_ready) begin
        q = $urandom_range(Qps - 1);
        kind = $urandom_range(9);
        bit_no = $urandom_range(15);
        delta = $urandom_range(20);
        if (kind == 0) delta = 1 << m_log[q];
        if (kind == 1) delta = (1 << m_log[q]) + 1;
        if (kind == 2) delta = $urandom_range(65535);
        if (kind > 5) delta = $urandom_range(1);
        index = 32'(16'(int'(m_producer[q]) + delta));
        if ($urandom_range(49) == 0) index |= 32'h10000 << bit_no;
        db_valid <= feed && chance(db_pct);
        db.page  <= $urandom_range(29) == 0 ? 10'($urandom) : m_page[q];
        db.word  <= {index, 8'($urandom), 24'(q)};
        if ($urandom_range(29) == 0) db.word[23:0] <= 24'(q | (1 << (bit_no + 3)));
      end
      if (ctl_ready) ctl_valid <= 0;
      if (!ctl_valid && !ctl_busy && feed && chance(ctl_pct)) begin
        q = $urandom_range(Qps - 1);
        kind = $urandom_range(9);
        ctl_valid <= 1;
        ctl_busy = 1;
        ctl_op   <= !m_valid[q] ? 2'd0 : kind == 0 ? 2'd1 : kind < 5 ? 2'd2 : 2'd3;
        ctl_qpn  <= 14'(q);
        ctl_page <= 10'($urandom);
        ctl_log  <= 4'($urandom_range(15));
      end
      rd_qpn <= (flush_valid && flush_ready) ? flush_qpn : 14'($urandom_range(Qps + 1));
      bad_ready   <= !chance(bad_stall);
      flush_ready <= !chance(flush_stall);
      if ($urandom_range(999) == 0) begin
        bad_stall   = $urandom_range(3) * 30;
        flush_stall = $urandom_range(3) * 32;
        db_pct      = $urandom_range(4) * 25;
        ctl_pct     = $urandom_range(3) * 10;
      end
    end
  end

  bit recent_db [Qps], late_ok [Qps];
  int unsigned seed, total, spin;

  initial begin
    seed  = 1;
    total = 100000;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", total));
    void'($urandom(seed));
    feed = 0;
    db_pct = 50;
    ctl_pct = 20;
    repeat (4) @(posedge clk);
    @(negedge clk) rst = 0;
    while (!idle) @(posedge clk);
    feed = 1;
    while (dbs < 64'(total)) begin
      @(posedge clk);
      spin++;
      if (spin > total * 100 + 100000) $fatal(1, "stuck");
    end
    feed = 0;
    spin = 0;
    do begin
      @(posedge clk);
      spin++;
      if (spin > 5000) $fatal(1, "does not drain");
    end while (!idle || db_valid || ctl_valid);
    repeat (3) @(posedge clk);
    if (want_bad.size() != 0) $fatal(1, "a refusal is lost");
    if (refused[0] == 0 || refused[1] == 0 || refused[2] == 0 || flushes == 0 || merged == 0 ||
        errors == 0)
      $fatal(1, "not every case was tried");
    $display("rq_tbl: seed %0d: %0d doorbells taken, %0d/%0d/%0d refused, %0d errors, %0d flush items, %0d merged",
             seed, good, refused[0], refused[1], refused[2], errors, flushes, merged);
    $finish;
  end

endmodule
