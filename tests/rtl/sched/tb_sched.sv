// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_sched with 8 QPs against a model that counts without wrapping around. Random doorbells
// (right ones, and wrong in page, number or index), resumes, wakes and commands on all ports at
// once, random stalls of jobs and refusals. The model steps with the scheduler: what is taken in
// one cycle takes effect in the next, and what was not taken from outside there is a pop. Checked:
// every job, refusal and answer; that a QP with work gets its turn before any other gets two; that
// it gets it soon; order of what leaves. The directed part measures.
//
// +count= jobs, +seed=

module tb_sched;

  localparam int unsigned Qps = 8;

  logic clk = 0;
  logic rst = 1;
  always #2 clk = !clk;

  logic                 idle, db_valid, db_ready, bad_valid, bad_ready;
  tern_pkg::db_t        db;
  tern_pkg::db_bad_t    bad;
  logic                 resume_valid, resume_ready, wake_valid, wake_ready;
  tern_pkg::sq_resume_t resume_item;
  logic [13:0]          wake_qpn, ctl_qpn, cur_qpn;
  logic                 ctl_valid, ctl_ready, ctl_done;
  logic [3:0]           ctl_op, ctl_log;
  logic [9:0]           ctl_page;
  logic [15:0]          ctl_index, ctl_producer, ctl_fetched;
  logic                 job_valid, job_ready, others;
  tern_pkg::sq_job_t    job;

  tern_sched #(.Qps(Qps)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .db_valid_i(db_valid), .db_ready_o(db_ready), .db_i(db),
    .db_bad_valid_o(bad_valid), .db_bad_ready_i(bad_ready), .db_bad_o(bad),
    .resume_valid_i(resume_valid), .resume_ready_o(resume_ready), .resume_i(resume_item),
    .wake_valid_i(wake_valid), .wake_ready_o(wake_ready), .wake_qpn_i(wake_qpn),
    .ctl_valid_i(ctl_valid), .ctl_ready_o(ctl_ready), .ctl_op_i(ctl_op), .ctl_qpn_i(ctl_qpn),
    .ctl_page_i(ctl_page), .ctl_log_size_i(ctl_log), .ctl_index_i(ctl_index),
    .ctl_done_o(ctl_done), .ctl_producer_o(ctl_producer), .ctl_fetched_o(ctl_fetched),
    .job_valid_o(job_valid), .job_ready_i(job_ready), .job_o(job),
    .cur_qpn_i(cur_qpn), .others_o(others)
  );

  // ------------------------------------------------------------------------------ model

  bit              m_valid [Qps], m_stopped [Qps], m_blocked [Qps], m_woken [Qps], m_lim [Qps];
  bit              m_pushed [Qps], m_single [Qps];
  longint          m_producer [Qps], m_fetched [Qps], m_limit [Qps];
  int unsigned     m_log [Qps];
  bit [9:0]        m_page [Qps];
  bit [7:0]        m_epoch [Qps];
  int unsigned     others_first [Qps];  // jobs of others since there is work
  int unsigned     waits [Qps];

  typedef enum int {None, Db, Resume, Wake, Ctl} kind_e;
  kind_e             taken;           // in the cycle before
  tern_pkg::db_t     t_db;
  tern_pkg::sq_resume_t t_resume;
  logic [13:0]       t_qpn;
  logic [3:0]        t_op, t_log;
  logic [9:0]        t_page;
  longint            t_abs;           // index of a resume or command, not wrapped

  tern_pkg::sq_job_t want_jobs [$];
  tern_pkg::db_bad_t want_bad [$];
  bit                done_due;
  bit [15:0]         done_producer, done_fetched;
  longint unsigned   jobs, markers, good, refused [3], noops, resumes, held, woken_held, pushed_jobs,
                     wraps, limited_jobs, acts;

  function automatic longint left(int unsigned q);
    longint end_at = m_producer[q];
    if (!m_valid[q] || m_stopped[q] || m_blocked[q]) return 0;
    if (m_lim[q] && m_limit[q] < end_at) end_at = m_limit[q];
    return end_at > m_fetched[q] ? end_at - m_fetched[q] : 0;
  endfunction

  task automatic model_db();
    tern_pkg::db_bad_t b;
    int unsigned q = int'(t_db.word[23:0]);
    longint size, p;
    bit ok;
    b.page = t_db.page;
    b.offset = 12'h000;
    if (q >= Qps || !m_valid[q % Qps]) begin
      b.code = 16'h402;
      want_bad.push_back(b);
      refused[0]++;
      return;
    end
    if (m_page[q] != t_db.page) begin
      b.code = 16'h403;
      want_bad.push_back(b);
      refused[1]++;
      return;
    end
    size = 64'd1 << m_log[q];
    p = m_producer[q];
    // Is there such an index among those that the producer can have?
    ok = 0;
    if (t_db.word[63:48] == 0) begin
      longint delta = (longint'(t_db.word[47:32]) - p) & 64'hffff;
      p += delta;
      ok = delta <= size && p - m_fetched[q] <= size;
    end
    if (!ok) begin
      b.code = 16'h404;
      want_bad.push_back(b);
      refused[2]++;
      return;
    end
    good++;
    if (p == m_producer[q]) noops++;
    else begin
      m_producer[q] = p;
      m_pushed[q]   = t_db.word[24];
    end
  endtask

  task automatic model_resume();
    int unsigned q = int'(t_qpn);
    m_fetched[q] = t_abs;
    m_epoch[q]   = t_resume.epoch;
    m_single[q]  = t_resume.single;
    resumes++;
    if (t_resume.block) begin
      if (m_woken[q]) woken_held++;
      else held++;
      m_blocked[q] = !m_woken[q];
      m_woken[q]   = 0;
    end else m_blocked[q] = 0;
  endtask

  task automatic model_ctl();
    int unsigned q = int'(t_qpn);
    tern_pkg::sq_job_t j;
    case (t_op)
      0: begin
        m_valid[q] = 1; m_stopped[q] = 1; m_blocked[q] = 0; m_woken[q] = 0; m_lim[q] = 0;
        m_single[q] = 0; m_pushed[q] = 0; m_producer[q] = 0; m_fetched[q] = 0; m_epoch[q] = 0;
        m_log[q] = int'(t_log); m_page[q] = t_page;
      end
      1: m_valid[q] = 0;
      2: m_stopped[q] = 1;
      3: m_stopped[q] = 0;
      6: begin
        m_fetched[q] = t_abs; m_blocked[q] = 0; m_woken[q] = 0; m_pushed[q] = 0; m_single[q] = 0;
      end
      7: begin
        m_lim[q] = 1;
        m_limit[q] = t_abs;
      end
      8: m_lim[q] = 0;
      default: ;
    endcase
    done_due = 1;
    done_producer = 16'(m_producer[q]);
    done_fetched  = 16'(m_fetched[q]);
    if (t_op == 4) begin
      markers++;
      if (!dut.emit || !dut.job.marker || dut.job.qpn != t_qpn || dut.job.count != 0 ||
          dut.job.pushed)
        $fatal(1, "no marker for QP %0d", t_qpn);
    end
    acts++;
  endtask

  task automatic model_job();
    tern_pkg::sq_job_t j;
    int unsigned q = int'(dut.job.qpn);
    longint n;
    if (q >= Qps) $fatal(1, "job for QP %0d", q);
    n = left(q);
    if (n == 0) $fatal(1, "job for QP %0d, which has no work", q);
    j = '0;
    j.qpn      = 14'(q);
    j.first    = 16'(m_fetched[q]);
    j.count    = n > 16 ? 5'd16 : 5'(n);
    j.log_size = 4'(m_log[q]);
    j.epoch    = m_epoch[q];
    j.single   = m_single[q];
    j.page     = m_page[q];
    if ((m_fetched[q] >> m_log[q]) != ((m_fetched[q] + longint'(j.count) - 1) >> m_log[q])) wraps++;
    if (m_lim[q] && m_limit[q] < m_producer[q]) limited_jobs++;
    m_fetched[q] += longint'(j.count);
    if (m_pushed[q] && m_fetched[q] == m_producer[q]) begin
      j.pushed    = 1;
      m_pushed[q] = 0;
      pushed_jobs++;
    end
    if (j != dut.job)
      $fatal(1, "QP %0d: job %0d+%0d epoch %0d pushed %0d, not %0d+%0d epoch %0d pushed %0d", q,
             dut.job.first, dut.job.count, dut.job.epoch, dut.job.pushed,
             j.first, j.count, j.epoch, j.pushed);
    jobs++;
    for (int i = 0; i < int'(Qps); i++) begin
      if (i == int'(q)) others_first[i] = 0;
      else if (left(i) != 0) others_first[i]++;
      if (others_first[i] > Qps) $fatal(1, "QP %0d does not get its turn", i);
    end
    waits[q] = 0;
  endtask

  // -------------------------------------------------------------------------- stimulus

  bit          feed, random;
  int unsigned job_stall, bad_stall, db_pct, resume_pct, wake_pct, ctl_pct, log_max;
  int unsigned quiet;

  function automatic bit chance(int unsigned pct);
    return $urandom_range(99) < pct;
  endfunction

  function automatic longint between(longint a, longint b);
    return (b <= a) ? a : a + longint'($urandom) % (b - a + 1);
  endfunction

  task automatic pick_db();
    int unsigned any = $urandom_range(Qps - 1);
    int unsigned q = any == hold ? (hold + 1) % Qps : any;
    longint size = 64'd1 << m_log[q];
    longint room = m_fetched[q] + size - m_producer[q];
    longint p = m_producer[q];
    bit [31:0] index;
    int unsigned kind = $urandom_range(9);
    int unsigned bit_no = $urandom_range(15);
    case (kind)
      0:       p = p + between(0, 70000);
      1:       p = p - between(0, 20);
      2:       p = p + room;
      3:       p = p + room + 1;
      4:       p = p + size + between(0, 2);
      default: p = p + between(room > 0 ? 1 : 0, room < 40 ? room : 40);
    endcase
    db_q = q;
    index = {16'd0, 16'(p)};
    if ($urandom_range(49) == 0) index |= 32'h10000 << bit_no;
    db.page <= $urandom_range(29) == 0 ? 10'($urandom) : m_page[q];
    db.word <= {index, 1'b0, 6'($urandom), 1'($urandom), 24'(q)};
    if ($urandom_range(29) == 0) db.word[23:0] <= 24'($urandom_range(1) << $urandom_range(23) | q);
  endtask

  longint          r_abs, c_abs;
  int unsigned     hold, db_q;  // a QP that is to be sent back gets no doorbell meanwhile
  bit              ctl_busy;

  always @(posedge clk) begin
    if (rst) begin
      db_valid <= 0; resume_valid <= 0; wake_valid <= 0; ctl_valid <= 0;
      job_ready <= 0; bad_ready <= 0;
      taken = None;
      done_due = 0;
      ctl_busy = 0;
    end else begin
      // ---------------------------------------------------------------- answers, one later
      if (ctl_done != done_due) $fatal(1, "a command was answered: %0d", ctl_done);
      if (done_due) begin
        if (ctl_producer != done_producer || ctl_fetched != done_fetched)
          $fatal(1, "answer %h %h, not %h %h", ctl_producer, ctl_fetched, done_producer, done_fetched);
        ctl_busy = 0;
      end
      done_due = 0;

      if (job_valid && (want_jobs.size() == 0 || job != want_jobs[0])) $fatal(1, "wrong job leaves");
      if (job_valid && job_ready) void'(want_jobs.pop_front());
      if (bad_valid && (want_bad.size() == 0 || bad != want_bad[0]))
        $fatal(1, "refusal %p was not expected", bad);
      if (bad_valid && bad_ready) void'(want_bad.pop_front());

      // ------------------------------------------------------------------ what takes effect
      case (taken)
        Db:     model_db();
        Resume: begin
          model_resume();
          hold = Qps;
        end
        Wake:   if (m_blocked[t_qpn[2:0]]) m_blocked[t_qpn[2:0]] = 0;
                else m_woken[t_qpn[2:0]] = 1;
        Ctl: begin
          model_ctl();
          hold = Qps;
        end
        default: if (dut.emit) begin
          if (dut.job.marker) $fatal(1, "a marker from nowhere");
          model_job();
        end
      endcase
      if (taken != None && !(taken == Ctl && t_op == 4) && dut.emit) $fatal(1, "a job from nowhere");
      if (dut.emit) want_jobs.push_back(dut.job);
      for (int i = 0; i < int'(Qps); i++) begin
        if (left(i) == 0) begin
          others_first[i] = 0;
          waits[i] = 0;
        end else if (!job_valid || job_ready) waits[i]++;
        if (waits[i] > 6 * Qps) $fatal(1, "QP %0d waits for its turn", i);
      end
      if (idle) begin
        if (db_valid || resume_valid || wake_valid || ctl_valid || taken != None ||
            want_jobs.size() != 0 || want_bad.size() != 0)
          $fatal(1, "idle with something at hand: %0d%0d%0d%0d taken %0d jobs %0d bad %0d", db_valid, resume_valid, wake_valid, ctl_valid, taken, want_jobs.size(), want_bad.size());
        for (int i = 0; i < int'(Qps); i++)
          if (left(i) != 0) $fatal(1, "idle with work for QP %0d", i);
      end

      // ------------------------------------------------------------------ what is taken
      taken = None;
      if (int'(db_valid && db_ready) + int'(resume_valid && resume_ready) +
          int'(wake_valid && wake_ready) + int'(ctl_valid && ctl_ready) > 1)
        $fatal(1, "two were taken at once");
      if (db_valid && db_ready) begin
        taken = Db;
        t_db = db;
      end
      if (resume_valid && resume_ready) begin
        taken = Resume;
        t_resume = resume_item;
        t_qpn = resume_item.qpn;
        t_abs = r_abs;
      end
      if (wake_valid && wake_ready) begin
        taken = Wake;
        t_qpn = wake_qpn;
      end
      if (ctl_valid && ctl_ready) begin
        taken = Ctl;
        t_op = ctl_op; t_qpn = ctl_qpn; t_log = ctl_log; t_page = ctl_page; t_abs = c_abs;
      end

      // ------------------------------------------------------------------ what comes next
      if (random) begin
        if (!db_valid || db_ready) begin
          db_valid <= feed && chance(db_pct);
          pick_db();
        end
        if (wake_ready) wake_valid <= 0;
        if ((!wake_valid || wake_ready) && feed && chance(wake_pct)) begin
          wake_valid <= 1;
          wake_qpn   <= 14'($urandom_range(Qps - 1));
        end
        // The index of a resume or command must still be possible when it takes effect. So one
        // of the two is under way at a time, and meanwhile no doorbell of its QP
        if (resume_ready) resume_valid <= 0;
        if (ctl_ready) ctl_valid <= 0;
        if (!resume_valid && !ctl_valid && !ctl_busy && taken != Resume && feed) begin
          int unsigned q;
          longint low;
          q = $urandom_range(Qps - 1);
          low = m_producer[q] - (64'd1 << m_log[q]);
          if (low < 0) low = 0;
          if (m_fetched[q] - low > 200) low = m_fetched[q] - 200;
          if (low > m_fetched[q]) low = m_fetched[q];
          if (db_q == q || (taken == Db && t_db.word[2:0] == 3'(q))) ;
          else if (chance(resume_pct) && m_valid[q]) begin
            hold = q;
            resume_valid <= 1;
            r_abs = between(low, m_fetched[q]);
            resume_item.qpn   <= 14'(q);
            resume_item.index <= 16'(r_abs);
            resume_item.epoch <= 8'($urandom);
            resume_item.block <= chance(50);
            resume_item.mid   <= 1'($urandom);
            resume_item.single <= chance(10);
          end else if (chance(ctl_pct)) begin
            int unsigned op;
            op = $urandom_range(14);
            if (op > 8) op = 3;
            if (op == 1 && chance(60)) op = 4;
            if (!m_valid[q]) op = 0;
            else if (op == 0) op = 5;
            if (op != 1 || !pending(q)) begin
              hold = q;
              ctl_valid <= 1;
              ctl_busy = 1;
              ctl_op    <= 4'(op);
              ctl_qpn   <= 14'(q);
              ctl_page  <= 10'($urandom);
              ctl_log   <= 4'($urandom_range(log_max));
              c_abs = 0;
              if (op == 6) c_abs = between(low, m_fetched[q]);
              if (op == 7) c_abs = between(low, m_producer[q]);
              ctl_index <= 16'(c_abs);
            end
          end
        end
        job_ready <= !chance(job_stall);
        bad_ready <= !chance(bad_stall);
        cur_qpn   <= 14'($urandom_range(Qps - 1));
        if ($urandom_range(999) == 0) begin
          job_stall  = $urandom_range(3) * 30;
          bad_stall  = $urandom_range(3) * 30;
          db_pct     = $urandom_range(4) * 25;
          resume_pct = $urandom_range(3) * 10;
          wake_pct   = $urandom_range(1) * 5 + $urandom_range(2) * 15;
          ctl_pct    = $urandom_range(3) * 10;
          log_max    = $urandom_range(15);
        end
      end
    end
  end

  // A wake for a QP that is destroyed before would be about its successor
  function automatic bit pending(int unsigned q);
    return wake_valid && wake_qpn == 14'(q);
  endfunction

  task automatic drain();
    int unsigned n = 0;
    feed = 0;
    do begin
      @(posedge clk);
      n++;
      if (n > 20_000 * Qps) $fatal(1, "does not drain");
    end while (!idle || db_valid || wake_valid || resume_valid || ctl_valid);
    repeat (2) @(posedge clk);
  endtask

  task automatic command(logic [3:0] op, int unsigned q);
    @(negedge clk);
    ctl_valid = 1;
    ctl_op    = op;
    ctl_qpn   = 14'(q);
    ctl_page  = 10'd7;
    ctl_log   = 4'd15;
    ctl_index = 0;
    c_abs     = 0;
    do @(posedge clk); while (!ctl_ready);
    @(negedge clk) ctl_valid = 0;
    repeat (3) @(posedge clk);
  endtask

  task automatic doorbell(int unsigned q, int unsigned index);
    @(negedge clk);
    db_valid = 1;
    db.page  = 7;
    db.word  = {32'(index), 8'd0, 24'(q)};
    do @(posedge clk); while (!db_ready);
    @(negedge clk) db_valid = 0;
  endtask

  int unsigned latency, rate_one, rate_many;

  task automatic measure();
    int unsigned cycles;
    longint unsigned j0;
    drain();
    random = 0;
    job_ready = 1;
    bad_ready = 1;
    for (int q = 0; q < int'(Qps); q++) begin
      if (m_valid[q]) command(1, q);
      command(0, q);
      command(3, q);
    end
    drain();
    // From the cycle in which the doorbell is taken to the one in which the job is valid
    @(negedge clk);
    db_valid = 1;
    db.page  = 7;
    db.word  = {32'd1, 8'd0, 24'd1};
    @(posedge clk);
    if (!db_ready) $fatal(1, "an idle scheduler does not take a doorbell");
    @(negedge clk) db_valid = 0;
    latency = 1;
    while (!job_valid) begin
      @(negedge clk);
      latency++;
      if (latency > 6) $fatal(1, "no job in 6 cycles");
    end
    drain();
    doorbell(1, 32768);
    j0 = jobs;
    cycles = 0;
    while (jobs - j0 < 2000) begin
      @(posedge clk);
      cycles++;
    end
    rate_one = cycles * 10 / 2000;
    drain();
    for (int q = 0; q < int'(Qps); q++) doorbell(q, q == 1 ? 32769 : 32768);
    j0 = jobs;
    cycles = 0;
    while (jobs - j0 < 10000) begin
      @(posedge clk);
      cycles++;
    end
    rate_many = cycles * 10 / 10000;
    if (rate_one > 40 || rate_many > 40) $fatal(1, "jobs come too slowly");
    drain();
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
    db_pct = 50; resume_pct = 5; wake_pct = 5; ctl_pct = 20; job_stall = 10; bad_stall = 10;
    log_max = 6;
    hold = Qps;
    repeat (4) @(posedge clk);
    @(negedge clk) rst = 0;
    feed = 1;
    quiet = 0;
    while (jobs < 64'(total)) begin
      @(posedge clk);
      quiet++;
      if (64'(quiet) > 64'(total) * 200 + 100000) $fatal(1, "stuck after %0d jobs", jobs);
    end
    measure();
    if (refused[0] == 0 || refused[1] == 0 || refused[2] == 0 || noops == 0 || held == 0 ||
        woken_held == 0 || pushed_jobs == 0 || wraps == 0 || markers == 0 || limited_jobs == 0)
      $fatal(1, "not every case was tried");
    $display("sched: seed %0d: %0d jobs (%0d pushed, %0d over the end, %0d limited), %0d markers, %0d doorbells, %0d/%0d/%0d refused, %0d resumes (%0d blocked, %0d woken before), %0d commands; latency %0d cycles, jobs every %0d.%0d cycles of one QP, %0d.%0d of many",
             seed, jobs, pushed_jobs, wraps, limited_jobs, markers, good, refused[0], refused[1],
             refused[2], resumes, held, woken_held, acts, latency, rate_one / 10, rate_one % 10,
             rate_many / 10, rate_many % 10);
    $finish;
  end

endmodule
