// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_job against a model of the memory, the translation, the irrq objects and tern_rr's list,
// all with random latency. 16 QPs, atomics on a few words that have several names. The number of
// each job is in the upper half of its address, so that every access tells whose it is.
//
// Checked: each word is read, written and answered by one atomic at a time, what is read is what
// the one before left, what is written follows from it; the order of responses of each QP and all
// of their contents; no atomic begins before the jobs before it are over; the irrq objects;
// replays; NAKs, reports and what comes after them; drains; fences; that all jobs come to an end.

module tb_job #(
  parameter int unsigned Slots = 8
);
  localparam int unsigned NQ    = 16;
  localparam int unsigned Words = 6;
  localparam int unsigned Ids   = 4096;
  localparam int unsigned Depth = 64;
  localparam int unsigned Cap   = 6;

  bit clk, rst;
  always #2 clk = !clk;

  logic                      idle, job_valid, job_ready, job_priv;
  logic [tern_pkg::QpnW-1:0] job_qpn, count_qpn, push_qpn, done_qpn, drain_qpn;
  logic [23:0]               job_pd;
  tern_pkg::job_t            job;
  logic                      mr_valid, mr_ready, mr_rsp_valid, rd_valid, rd_ready, rd_rsp_valid;
  logic                      wr_valid, wr_ready, wr_rsp_valid, hmc_valid, hmc_ready, hmc_rsp_valid;
  logic                      room, push_valid, push_ready, nak_valid, nak_ready, err_valid, err_ready;
  logic                      done_valid, done_ready, drain_valid, drain_ready, drain_done;
  logic                      fence, fence_done;
  tern_pkg::mr_req_t         mr;
  tern_pkg::mr_rsp_t         mr_rsp;
  tern_pkg::dma_rd_req_t     rd;
  tern_pkg::dma_rd_rsp_t     rd_rsp;
  tern_pkg::dma_wr_beat_t    wr;
  tern_pkg::dma_wr_rsp_t     wr_rsp;
  tern_pkg::hmc_req_t        hmc;
  tern_pkg::hmc_rsp_t        hmc_rsp;
  tern_pkg::response_t       push;
  tern_pkg::ack_t            nak;
  tern_pkg::qp_err_t         err;

  tern_job #(.Slots(Slots)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .job_valid_i(job_valid), .job_ready_o(job_ready), .job_qpn_i(job_qpn), .job_pd_i(job_pd),
    .job_priv_i(job_priv), .job_i(job),
    .mr_req_valid_o(mr_valid), .mr_req_ready_i(mr_ready), .mr_req_o(mr),
    .mr_rsp_valid_i(mr_rsp_valid), .mr_rsp_i(mr_rsp),
    .rd_valid_o(rd_valid), .rd_ready_i(rd_ready), .rd_o(rd),
    .rd_rsp_valid_i(rd_rsp_valid), .rd_rsp_i(rd_rsp),
    .wr_valid_o(wr_valid), .wr_ready_i(wr_ready), .wr_o(wr),
    .wr_rsp_valid_i(wr_rsp_valid), .wr_rsp_i(wr_rsp),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(hmc_ready), .hmc_o(hmc),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .count_qpn_o(count_qpn), .room_i(room), .push_valid_o(push_valid), .push_ready_i(push_ready),
    .push_qpn_o(push_qpn), .push_o(push),
    .nak_valid_o(nak_valid), .nak_ready_i(nak_ready), .nak_o(nak),
    .err_valid_o(err_valid), .err_ready_i(err_ready), .err_o(err),
    .done_valid_o(done_valid), .done_ready_i(done_ready), .done_qpn_o(done_qpn),
    .drain_valid_i(drain_valid), .drain_ready_o(drain_ready), .drain_qpn_i(drain_qpn),
    .drain_done_o(drain_done),
    .fence_i(fence), .fence_done_o(fence_done)
  );

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  function automatic logic [63:0] r64();
    return {$urandom, $urandom};
  endfunction

  function automatic int unsigned qp_of(logic [tern_pkg::QpnW-1:0] n);
    return (32'(n) - 3) / 977;
  endfunction

  function automatic logic [tern_pkg::QpnW-1:0] qpn_of(int unsigned q);
    return tern_pkg::QpnW'(q * 977 + 3);
  endfunction

  // ------------------------------------------------------------------------------- model

  // Jobs, by number
  tern_pkg::job_t jobs [Ids];
  int unsigned    job_qp [Ids];
  logic [23:0]    job_pds [Ids];
  bit             job_privs [Ids];
  int unsigned    stage [Ids];      // 0 new, 1 asked, 2 translated, 3 read asked, 4 read,
                                    // 5 write asked, 6 memory done
  int unsigned    failure [Ids];    // 0 none, 1 access, 2 bus
  logic [63:0]    old_value [Ids];
  bit             reported [Ids];
  bit             kept [Ids];

  int unsigned    ring [NQ][Depth];
  int unsigned    head [NQ], tail [NQ];
  bit             poisoned [NQ], draining [NQ];
  int unsigned    drain_dones [NQ];
  logic [23:0]    psn [NQ];
  int unsigned    place [NQ];
  int unsigned    busy_total;

  logic [63:0]    mem [Words];      // the last two refuse: reads, writes
  int unsigned    owner [Words];    // job + 1 between its read and the end of it
  logic [511:0]   irrq [NQ][4];

  // Under way
  bit             mr_pend [256];
  int unsigned    tag_id [256];
  bit             rd_pend [256];
  int unsigned    rd_word [256];
  logic [63:0]    rd_early [256];
  bit             rd_use_early [256];
  int unsigned    w_tag [64], w_word [64];
  logic [63:0]    w_data [64];
  int unsigned    w_head, w_tail;
  bit             h_pend [256], h_write [256];
  int unsigned    h_qp [256], h_line [256];
  logic [511:0]   h_data [256];
  int unsigned    h_id [256];
  int unsigned    list_count, wipes;
  bit             wipe_pend;
  bit             fence_busy;
  bit             fence_id [Ids];
  bit             drain_busy, drain_sent;
  int unsigned    drain_qp;

  longint         cycle, last_event, lat_sum, born [Ids];
  int unsigned    seed, count, made, ended, n_push, n_atomic, n_read, n_replay, n_nak, n_drop;
  int unsigned    n_lost_replay, n_drain, n_fence, n_overlap, n_cas_miss, next_id;
  int unsigned    p_job, p_rdy, p_rsp, p_out, p_bad;

  `define FAIL(x) begin $display x; $fatal(1, "cycle %0d", cycle); end

  function automatic int unsigned word_index(logic [63:0] a);
    return 32'((a - 64'h10_0000) >> 6);
  endfunction

  function automatic logic [63:0] word_addr(int unsigned w);
    // Each in another lane
    return 64'h10_0000 + 64'(w) * 64 + 64'(w % 8) * 8;
  endfunction

  task automatic make_job();
    int unsigned q = $urandom_range(NQ - 1);
    int unsigned id = next_id;
    int unsigned kind, w;
    tern_pkg::job_t j;
    if (draining[q] || tail[q] - head[q] >= Depth - 2 || busy_total > 64) return;
    j = '0;
    kind      = $urandom_range(9);
    w         = $urandom_range(Words - 3);
    if (pct(p_bad)) w = Words - 1 - $urandom_range(1);
    j.psn     = psn[q];
    j.msn     = 24'($urandom);
    j.key     = pct(p_bad) ? 32'(2 + $urandom_range(1)) : 32'($urandom_range(1));
    j.addr    = {16'(id), 24'($urandom), 16'(w), 8'($urandom)};
    j.len     = pct(10) ? 0 : $urandom;
    j.again   = pct(20);
    j.swap    = pct(50) ? 64'($urandom_range(3)) : r64();
    j.compare = pct(80) ? mem[w] : 64'($urandom_range(3));
    if (kind < 3) j.kind = tern_pkg::JobRead;
    else if (kind < 6) j.kind = tern_pkg::JobSwap;
    else if (kind < 9) j.kind = tern_pkg::JobAdd;
    else begin
      j.kind = tern_pkg::JobReplay;
      j.psn  = 24'(psn[q] - 24'($urandom_range(20)));
      j.place = 4'($urandom);
    end
    if (j.kind == tern_pkg::JobSwap || j.kind == tern_pkg::JobAdd) begin
      j.place  = 4'(place[q]);
      place[q] = place[q] + 1;
    end
    if (j.kind != tern_pkg::JobReplay) psn[q] = 24'(psn[q] + 1);
    jobs[id]      = j;
    job_qp[id]    = q;
    job_pds[id]   = 24'($urandom);
    job_privs[id] = pct(50);
    stage[id]     = 0;
    failure[id]   = 0;
    reported[id]  = 0;
    kept[id]      = 0;
    next_id       = (next_id + 1) % Ids;
    job_valid    <= 1'b1;
    job_qpn      <= qpn_of(q);
    job_pd       <= job_pds[id];
    job_priv     <= job_privs[id];
    job          <= j;
    offered_id    = id;
  endtask

  int unsigned offered_id;

  function automatic bit atomic(int unsigned id);
    return jobs[id].kind == tern_pkg::JobSwap || jobs[id].kind == tern_pkg::JobAdd;
  endfunction

  task automatic is_oldest(int unsigned id);
    int unsigned q = job_qp[id];
    if (draining[q]) return;
    if (ring[q][head[q] % Depth] != id) `FAIL(("job %0d begins before %0d", id,
                                               ring[q][head[q] % Depth]))
    if (poisoned[q]) `FAIL(("job %0d begins after an error", id))
  endtask

  task automatic see_mr();
    int unsigned id = 32'(mr.addr[63:48]);
    tern_pkg::job_t j = jobs[id];
    if (mr_pend[mr.tag]) `FAIL(("tag twice at tern_mr"))
    if (stage[id] != 0) `FAIL(("job %0d translated twice", id))
    if (mr.addr != j.addr || mr.key != j.key || mr.pd != job_pds[id] || mr.priv != job_privs[id])
      `FAIL(("request of %0d to tern_mr", id))
    if (atomic(id)) begin
      is_oldest(id);
      if (mr.need != 4'd8 || mr.len != 13'd8 || mr.check_len != 32'd8) `FAIL(("need of %0d", id))
    end else `FAIL(("job %0d needs no translation", id))
    stage[id] = 1;
    mr_pend[mr.tag] = 1;
    tag_id[mr.tag]  = id;
  endtask

  task automatic answer_mr();
    int unsigned t = $urandom_range(Slots - 1);
    int unsigned id = tag_id[t];
    int unsigned w = 32'(jobs[id].addr[23:8]);
    mr_rsp_valid <= 1'b0;
    if (!mr_pend[t] || !pct(p_rsp)) return;
    mr_pend[t] = 0;
    stage[id]  = 2;
    mr_rsp_valid  <= 1'b1;
    mr_rsp.tag    <= 8'(t);
    mr_rsp.err    <= tern_pkg::MrOk;
    mr_rsp.addr0  <= word_addr(w);
    mr_rsp.len0   <= atomic(id) ? 13'd8 : '0;
    mr_rsp.addr1  <= r64();
    if (jobs[id].key == 2) begin
      mr_rsp.err <= tern_pkg::mr_err_e'(1 + $urandom_range(4));
      failure[id] = 1;
    end else if (jobs[id].key == 3 && atomic(id)) begin
      if (pct(50)) mr_rsp.addr0 <= word_addr(w) + 64'(1 + $urandom_range(6));
      else mr_rsp.len0 <= 13'(1 + $urandom_range(6));
      failure[id] = 1;
    end
  endtask

  task automatic see_rd();
    int unsigned id = tag_id[rd.tag];
    int unsigned w = word_index(rd.addr);
    if (rd_pend[rd.tag] || stage[id] != 2 || failure[id] != 0 || !atomic(id))
      `FAIL(("read of job %0d", id))
    if (rd.addr != word_addr(32'(jobs[id].addr[23:8])) || rd.len != 13'd8)
      `FAIL(("address of %0d: %h", id, rd.addr))
    if (owner[w] != 0) `FAIL(("job %0d reads word %0d of %0d", id, w, owner[w] - 1))
    is_oldest(id);
    for (int unsigned i = 0; i < Words; i++) if (owner[i] != 0) n_overlap++;
    owner[w]  = id + 1;
    stage[id] = 3;
    rd_pend[rd.tag] = 1;
    rd_word[rd.tag] = w;
    rd_early[rd.tag] = mem[w];
    rd_use_early[rd.tag] = pct(50);
  endtask

  task automatic answer_rd();
    int unsigned t = $urandom_range(Slots - 1);
    int unsigned id = tag_id[t];
    int unsigned w = rd_word[t];
    logic [63:0] v;
    rd_rsp_valid <= 1'b0;
    if (!rd_pend[t] || !pct(p_rsp)) return;
    rd_pend[t] = 0;
    v = rd_use_early[t] ? rd_early[t] : mem[w];
    if (v != mem[w]) `FAIL(("word %0d changed while job %0d had it", w, id))
    rd_rsp_valid  <= 1'b1;
    rd_rsp.tag    <= 8'(t);
    rd_rsp.offset <= '0;
    rd_rsp.last   <= 1'b1;
    rd_rsp.err    <= w == Words - 2;
    for (int unsigned i = 0; i < 8; i++) rd_rsp.data[64 * i +: 64] <= (i == w % 8) ? v : r64();
    old_value[id] = v;
    stage[id]     = 4;
    if (w == Words - 2) begin
      failure[id] = 2;
      owner[w]    = 0;
      stage[id]   = 6;
    end else if (jobs[id].kind == tern_pkg::JobSwap && v != jobs[id].compare) begin
      owner[w]    = 0;
      stage[id]   = 6;
      n_cas_miss++;
    end
  endtask

  task automatic see_wr();
    int unsigned id = tag_id[wr.tag];
    int unsigned w = word_index(wr.addr);
    logic [63:0] v;
    if (stage[id] != 4 || owner[w] != id + 1) `FAIL(("write of job %0d", id))
    v = jobs[id].kind == tern_pkg::JobAdd ? old_value[id] + jobs[id].swap : jobs[id].swap;
    if (wr.addr != word_addr(w) || wr.len != 13'd8 || !wr.last || wr.data[63:0] != v)
      `FAIL(("job %0d writes %h instead of %h", id, wr.data[63:0], v))
    stage[id] = 5;
    w_tag[w_tail % 64]  = 32'(wr.tag);
    w_word[w_tail % 64] = w;
    w_data[w_tail % 64] = v;
    if (pct(50) && w != Words - 1) mem[w] = v;
    w_tail++;
  endtask

  task automatic answer_wr();
    int unsigned n = w_head % 64;
    int unsigned id = tag_id[w_tag[n]];
    wr_rsp_valid <= 1'b0;
    if (w_head == w_tail || !pct(p_rsp)) return;
    w_head++;
    if (w_word[n] == Words - 1) failure[id] = 2;
    else mem[w_word[n]] = w_data[n];
    owner[w_word[n]] = 0;
    stage[id]     = 6;
    wr_rsp_valid <= 1'b1;
    wr_rsp.tag   <= 8'(w_tag[n]);
    wr_rsp.err   <= w_word[n] == Words - 1;
  endtask

  task automatic see_hmc();
    int unsigned q = qp_of(tern_pkg::QpnW'(hmc.index));
    int unsigned id = ring[q][head[q] % Depth];
    logic [511:0] l;
    if (hmc.tag[7]) begin
      // The end of a drain
      if (!drain_sent || q != drain_qp || !hmc.write || hmc.data != '0 || 32'(hmc.line) != wipes ||
          hmc.kind != 4'd5 || tail[q] - head[q] != drain_dones[q]) `FAIL(("wipe of QP %0d", q))
      wipes++;
      wipe_pend = 1;
      return;
    end
    if (hmc.kind != 4'd5 || hmc.index != 28'(qpn_of(q)) || hmc.line > 3 || h_pend[hmc.tag])
      `FAIL(("irrq access of QP %0d", q))
    if (!draining[q]) begin
      if (head[q] == tail[q]) `FAIL(("irrq access of QP %0d for nobody", q))
      if (jobs[id].kind == tern_pkg::JobRead) `FAIL(("irrq access for a READ"))
      is_oldest(id);
      if (atomic(id) && (id != tag_id[hmc.tag] || stage[id] != 6 || failure[id] != 0))
        `FAIL(("irrq access of job %0d", id))
    end else id = tag_id[hmc.tag];
    if (hmc.write) begin
      if (!atomic(id) || 32'(hmc.line) != 32'(jobs[id].place[3:2])) `FAIL(("irrq line"))
      l = irrq[q][hmc.line[1:0]];
      l[128 * jobs[id].place[1:0] +: 128] = {old_value[id], 1'b1, 39'd0, jobs[id].psn};
      if (hmc.data != l) `FAIL(("irrq line of job %0d", id))
    end
    h_pend[hmc.tag]  = 1;
    h_id[hmc.tag]    = id;
    h_write[hmc.tag] = hmc.write;
    h_qp[hmc.tag]    = q;
    h_line[hmc.tag]  = 32'(hmc.line);
    h_data[hmc.tag]  = hmc.data;
  endtask

  task automatic answer_hmc();
    int unsigned t = $urandom_range(Slots - 1);
    bit e = pct(p_bad) && pct(20);
    hmc_rsp_valid <= 1'b0;
    if (wipe_pend && pct(p_rsp)) begin
      wipe_pend = 0;
      hmc_rsp_valid <= 1'b1;
      hmc_rsp.tag   <= 8'h80;
      hmc_rsp.err   <= e ? tern_pkg::HmcPage : tern_pkg::HmcOk;
      irrq[drain_qp][wipes - 1] = '0;
      return;
    end
    if (!h_pend[t] || !pct(p_rsp)) return;
    h_pend[t] = 0;
    hmc_rsp_valid <= 1'b1;
    hmc_rsp.tag   <= 8'(t);
    hmc_rsp.err   <= e ? tern_pkg::hmc_err_e'(1 + $urandom_range(3)) : tern_pkg::HmcOk;
    hmc_rsp.data  <= irrq[h_qp[t]][h_line[t]];
    if (e) failure[h_id[t]] = 2;
    else if (h_write[t]) begin
      irrq[h_qp[t]][h_line[t]] = h_data[t];
      kept[h_id[t]] = 1;
    end
  endtask

  function automatic bit replay_found(int unsigned q, logic [23:0] p, output logic [63:0] v);
    bit f = 0;
    v = '0;
    for (int unsigned i = 0; i < 16; i++) begin
      logic [127:0] e;
      e = irrq[q][i / 4][128 * (i % 4) +: 128];
      if (e[63] && e[23:0] == p) begin
        f = 1;
        v = e[127:64];
      end
    end
    return f;
  endfunction

  task automatic end_job(int unsigned q);
    lat_sum += cycle - born[ring[q][head[q] % Depth]];
    head[q]++;
    busy_total--;
    ended++;
    last_event = cycle;
  endtask

  task automatic see_push();
    int unsigned q = qp_of(push_qpn);
    int unsigned id = ring[q][head[q] % Depth];
    tern_pkg::response_t x;
    logic [63:0] v;
    if (draining[q]) begin
      // Others may have been dropped meanwhile: look for it
      bit f = 0;
      for (int unsigned i = head[q]; i != tail[q]; i++) begin
        if (!f && jobs[ring[q][i % Depth]].psn == push.psn &&
            (jobs[ring[q][i % Depth]].kind != tern_pkg::JobRead) == push.atomic &&
            jobs[ring[q][i % Depth]].msn == push.msn) begin
          f  = 1;
          id = ring[q][i % Depth];
          ring[q][i % Depth] = ring[q][head[q] % Depth];
        end
      end
      if (!f) `FAIL(("response of nobody"))
    end else if (poisoned[q]) `FAIL(("response of QP %0d after an error", q))
    if (head[q] == tail[q] || failure[id] != 0) `FAIL(("response of job %0d", id))
    x = '0;
    x.psn = jobs[id].psn;
    x.msn = jobs[id].msn;
    if (jobs[id].kind == tern_pkg::JobRead) begin
      x.addr = jobs[id].addr;
      x.key  = jobs[id].key;
      x.len  = jobs[id].len;
      x.again = jobs[id].again;
      n_read++;
    end else if (atomic(id)) begin
      x.atomic = 1;
      x.addr   = old_value[id];
      if (!kept[id] || stage[id] != 6) `FAIL(("response of job %0d before its end", id))
      n_atomic++;
    end else begin
      x.atomic = 1;
      if (!replay_found(q, jobs[id].psn, v)) `FAIL(("replay %0d of nothing", id))
      x.addr = v;
      n_replay++;
    end
    if (push != x) `FAIL(("response of job %0d: %h instead of %h", id, push, x))
    if (list_count >= Cap) `FAIL(("push without room"))
    list_count++;
    n_push++;
    end_job(q);
  endtask

  task automatic see_nak();
    int unsigned q = qp_of(nak.qpn);
    int unsigned id = ring[q][head[q] % Depth];
    if (draining[q]) return;
    if (head[q] == tail[q] || failure[id] == 0 || reported[id] || poisoned[q])
      `FAIL(("NAK of QP %0d", q))
    if (nak != {qpn_of(q), jobs[id].psn, jobs[id].msn - 24'd1, failure[id] == 2 ? 8'h63 : 8'h62})
      `FAIL(("NAK of job %0d: %h", id, nak))
    reported[id] = 1;
    poisoned[q]  = 1;
    n_nak++;
  endtask

  // The report comes when the NAK was taken
  bit err_seen [NQ];

  task automatic see_err();
    int unsigned q = qp_of(err.qpn);
    int unsigned id = ring[q][head[q] % Depth];
    if (draining[q]) return;
    if (head[q] == tail[q] || failure[id] == 0 || err_seen[q] || !reported[id])
      `FAIL(("report of QP %0d", q))
    err_seen[q] = 1;
    if (err.qpn != qpn_of(q) || !err.rq || err.wqe_valid || err.status != 8'h5 ||
        err.reason != (failure[id] == 2 ? 8'he : 8'hd) ||
        err.ae_code != (failure[id] == 2 ? 16'h601 : 16'h603)) `FAIL(("report of job %0d", id))
  endtask

  task automatic see_done();
    int unsigned q = qp_of(done_qpn);
    int unsigned id = ring[q][head[q] % Depth];
    logic [63:0] v;
    n_drop++;
    if (draining[q]) begin
      drain_dones[q]++;
      last_event = cycle;
      return;
    end
    if (head[q] == tail[q]) `FAIL(("done of QP %0d for nobody", q))
    if (poisoned[q]) begin
      if (!err_seen[q]) `FAIL(("done before NAK and report of QP %0d", q))
    end else begin
      if (jobs[id].kind != tern_pkg::JobReplay || replay_found(q, jobs[id].psn, v))
        `FAIL(("job %0d ends without a response", id))
      n_lost_replay++;
    end
    end_job(q);
  endtask

  task automatic see_drain_done();
    int unsigned q = drain_qp;
    if (!drain_sent) `FAIL(("drain of nobody"))
    if (wipes != 4 || wipe_pend) `FAIL(("%0d lines wiped", wipes))
    wipes = 0;
    if (tail[q] - head[q] != drain_dones[q])
      `FAIL(("drain of QP %0d: %0d inside, %0d ended", q, tail[q] - head[q], drain_dones[q]))
    busy_total -= drain_dones[q];
    ended      += drain_dones[q];
    head[q]     = tail[q];
    draining[q] = 0;
    poisoned[q] = 0;
    err_seen[q] = 0;
    drain_busy  = 0;
    drain_sent  = 0;
    n_drain++;
    last_event = cycle;
  endtask

  function automatic bit in_memory(int unsigned id);
    return stage[id] == 1 || (atomic(id) && failure[id] != 1 && stage[id] >= 2 && stage[id] < 6);
  endfunction

  task automatic start_fence();
    for (int unsigned i = 0; i < Ids; i++) fence_id[i] = in_memory(i);
    fence_busy = 1;
  endtask

  task automatic see_fence_done();
    if (!fence_busy) `FAIL(("fence_done for nobody"))
    for (int unsigned i = 0; i < Ids; i++) begin
      if (fence_id[i] && in_memory(i)) `FAIL(("fence before the end of job %0d", i))
    end
    fence_busy = 0;
    n_fence++;
    last_event = cycle;
  endtask

  // -------------------------------------------------------------------------- each cycle

  bit quiet, pause;  // nothing new
  bit held_push_q, held_nak_q, held_wr_q, held_hmc_q, held_mr_q, held_rd_q;
  tern_pkg::response_t push_last_q;
  tern_pkg::hmc_req_t hmc_last_q;
  tern_pkg::mr_req_t mr_last_q;

  always @(posedge clk) begin
    cycle = cycle + 1;
    if (!rst) begin
      // A valid stays
      if (held_push_q && (!push_valid || push != push_last_q)) `FAIL(("push changed"))
      if (held_hmc_q && (!hmc_valid || hmc != hmc_last_q)) `FAIL(("hmc changed"))
      if (held_mr_q && (!mr_valid || mr != mr_last_q)) `FAIL(("mr changed"))
      if (held_nak_q && !nak_valid) `FAIL(("nak gone"))
      if (held_wr_q && !wr_valid) `FAIL(("write gone"))
      if (held_rd_q && !rd_valid) `FAIL(("read gone"))
      held_push_q = push_valid && !push_ready; push_last_q = push;
      held_hmc_q  = hmc_valid && !hmc_ready;   hmc_last_q = hmc;
      held_mr_q   = mr_valid && !mr_ready;     mr_last_q = mr;
      held_nak_q  = nak_valid && !nak_ready;
      held_wr_q   = wr_valid && !wr_ready;
      held_rd_q   = rd_valid && !rd_ready;

      if (idle && (busy_total != 0 || job_valid || fence_busy || drain_sent))
        `FAIL(("idle with %0d jobs", busy_total))

      if (fence_done) see_fence_done();
      // What the block may see in this cycle is not over for it at fence_i
      if (fence && fence_busy) start_fence();
      fence <= 1'b0;
      if (!fence_busy && !quiet && $urandom_range(199) == 0) begin
        fence <= 1'b1;
        fence_busy = 1;
      end

      if (done_valid && done_ready) see_done();
      if (nak_valid && nak_ready) see_nak();
      if (err_valid && err_ready) see_err();
      if (push_valid && push_ready) see_push();
      if (mr_valid && mr_ready) see_mr();
      if (rd_valid && rd_ready) see_rd();
      if (wr_valid && wr_ready) see_wr();
      if (hmc_valid && hmc_ready) see_hmc();
      if (drain_done) see_drain_done();

      if (job_valid && job_ready) begin
        int unsigned q;
        q = job_qp[offered_id];
        ring[q][tail[q] % Depth] = offered_id;
        tail[q]++;
        busy_total++;
        born[offered_id] = cycle;
        made++;
        last_event = cycle;
        job_valid <= 1'b0;
      end
      if ((!job_valid || job_ready) && !quiet && !pause && made < count && pct(p_job)) make_job();

      // From time to time everything has to come to an end
      if (pause && busy_total == 0 && !job_valid) pause = 0;
      else if ($urandom_range(400) == 0) pause = 1;

      // Drain: of a QP in error rather
      if (drain_valid && drain_ready) begin
        drain_valid <= 1'b0;
        drain_sent   = 1;
      end
      if (!drain_busy && !quiet && $urandom_range(99) == 0) begin
        drain_qp = $urandom_range(NQ - 1);
        if ((poisoned[drain_qp] || pct(5)) &&
            !(job_valid && !job_ready && qp_of(job_qpn) == drain_qp) &&
            !(offered_new(drain_qp))) begin
          drain_busy = 1;
          draining[drain_qp] = 1;
          drain_dones[drain_qp] = 0;
          drain_valid <= 1'b1;
          drain_qpn   <= qpn_of(drain_qp);
        end
      end

      if (list_count != 0 && pct(p_out)) list_count--;
      room <= list_count < Cap;
      answer_mr();
      answer_rd();
      answer_wr();
      answer_hmc();
      mr_ready   <= pct(p_rdy);
      rd_ready   <= pct(p_rdy);
      wr_ready   <= pct(p_rdy);
      hmc_ready  <= pct(p_rdy);
      push_ready <= pct(p_rdy);
      nak_ready  <= pct(p_rdy);
      err_ready  <= pct(p_rdy);
      done_ready <= pct(p_rdy);

      if (cycle % 3000 == 0) begin
        p_job = pct(50) ? 100 : 5 + $urandom_range(90);
        p_rdy = pct(50) ? 100 : 5 + $urandom_range(90);
        p_rsp = pct(50) ? 100 : 3 + $urandom_range(90);
        p_out = pct(50) ? 100 : 2 + $urandom_range(40);
        p_bad = pct(30) ? 0 : $urandom_range(5);
      end
      if (cycle - last_event > 30000 && (busy_total != 0 || fence_busy || drain_sent || job_valid))
        `FAIL(("nothing goes on: %0d jobs inside, fence %0d, drain %0d", busy_total, fence_busy,
               drain_sent))
    end
  end

  // make_job may have offered one in this very cycle
  function automatic bit offered_new(int unsigned q);
    return (tail[q] == head[q] || ring[q][(tail[q] - 1) % Depth] != offered_id) &&
           job_qp[offered_id] == q;
  endfunction

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", count)) count = 100000;
    void'($urandom(seed));
    for (int unsigned i = 0; i < Words; i++) begin
      mem[i]   = r64();
      owner[i] = 0;
    end
    for (int unsigned q = 0; q < NQ; q++) begin
      head[q] = 0;
      tail[q] = 0;
      poisoned[q] = 0;
      draining[q] = 0;
      err_seen[q] = 0;
      psn[q] = 24'($urandom);
      place[q] = 0;
      // Nothing of it is valid, but looks like something
      for (int unsigned i = 0; i < 16; i++) begin
        irrq[q][i / 4][128 * (i % 4) +: 128] = {r64(), 40'd0, 24'(psn[q] - 24'd10 + 24'(i))};
      end
    end
    for (int unsigned i = 0; i < Ids; i++) begin
      stage[i] = 0;
      failure[i] = 0;
    end
    for (int unsigned i = 0; i < 256; i++) begin
      mr_pend[i] = 0;
      rd_pend[i] = 0;
      h_pend[i]  = 0;
    end
    {job_valid, mr_rsp_valid, rd_rsp_valid, wr_rsp_valid, hmc_rsp_valid} = '0;
    {drain_valid, fence, room} = '0;
    {mr_ready, rd_ready, wr_ready, hmc_ready, push_ready, nak_ready, err_ready, done_ready} = '0;
    p_job = 100; p_rdy = 100; p_rsp = 100; p_out = 100; p_bad = 0;
    offered_id = 0;
    wipes = 0;
    wipe_pend = 0;
    quiet = 0;
    pause = 0;
    rst = 1;
    repeat (4) @(posedge clk);
    @(negedge clk) rst = 0;
    while (made < count) @(negedge clk);
    quiet = 1;
    while (busy_total != 0 || fence_busy || drain_busy || job_valid) @(negedge clk);
    repeat (20) @(negedge clk);
    if (!idle) `FAIL(("not idle"))
    if (ended != made) `FAIL(("%0d jobs, %0d ends", made, ended))
    if (n_atomic == 0 || n_read == 0 || n_replay == 0 || n_nak == 0 || n_lost_replay == 0 ||
        n_drain == 0 || n_fence == 0 || n_cas_miss == 0 || (Slots > 2 && n_overlap == 0))
      `FAIL(("something never happened"))
    $display("%0d jobs in %0d cycles, %0d cycles each inside: %0d READs, %0d atomics (%0d beside another, %0d did not match),", made, cycle,
             lat_sum / longint'(ended), n_read, n_atomic, n_overlap, n_cas_miss);
    $display("  %0d replays (%0d of nothing), %0d NAKs, %0d dropped, %0d drains, %0d fences", n_replay,
             n_lost_replay, n_nak, n_drop, n_drain, n_fence);
    $display("passed");
    $finish;
  end

endmodule
