// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_seg between the world of seg_model.c and ports with random stalls. Checked by the model:
// every packet and piece, list entry, resume, error, CQE, local operation, kick and PSN told, and
// the lines as control items read them. Checked here: stability of all outputs under stall, that
// no piece shows before its packet, buffers freed once, and idle.

module tb_seg #(
  parameter int unsigned Sets  = 16,
  parameter int unsigned Ways  = 4,
  parameter int unsigned Slots = 8
);
  import tb_seg_pkg::*;

  bit clk, rst;
  always #2 clk = !clk;

  logic                  idle;
  logic                  job_valid, job_ready;
  tern_pkg::sq_job_t     job;
  tern_pkg::hmc_err_e    job_err;
  logic [4:0]            job_buf;
  logic                  free_valid;
  logic [4:0]            free_buf;
  logic                  slot_rd;
  logic [8:0]            slot_addr;
  logic [511:0]          slot_data;
  logic                  rollback_valid, rollback_ready;
  tern_pkg::rollback_t   rollback;
  logic                  prog_valid;
  tern_pkg::progress_t   prog;
  logic                  others, waiting;
  logic [13:0]           cur_qpn;
  logic                  resume_valid, resume_ready;
  tern_pkg::sq_resume_t  resume;
  logic [13:0]           list_qpn;
  logic [15:0]           list_marks;
  logic                  list_room;
  logic                  push_valid, push_ready;
  logic [13:0]           push_qpn;
  tern_pkg::out_req_t    push;
  logic                  push_mark;
  logic                  pkt_valid, pkt_ready;
  tern_pkg::tx_pkt_t     pkt;
  logic                  path_valid, path_ready;
  tern_pkg::ud_path_t    path;
  logic                  piece_valid, piece_ready;
  tern_pkg::tx_piece_t   piece;
  logic                  mr_valid, mr_ready;
  tern_pkg::mr_op_t      mr;
  logic                  mr_rsp_valid;
  logic [7:0]            mr_rsp_status;
  logic                  err_valid, err_ready;
  tern_pkg::req_err_t    err;
  logic                  kick_valid, kick_ready;
  logic [13:0]           kick_qpn;
  logic                  snd_valid;
  logic [13:0]           snd_qpn;
  logic [23:0]           snd_psn;
  logic                  cqe_valid, cqe_ready;
  tern_pkg::cqe_req_t    cqe;
  logic                  item_valid, item_ready;
  tern_pkg::qp_item_t    item;
  logic                  item_rsp_valid;
  tern_pkg::qp_item_rsp_t item_rsp;
  logic                  hmc_valid, hmc_ready, hmc_rsp_valid;
  tern_pkg::hmc_req_t    hmc;
  tern_pkg::hmc_rsp_t    hmc_rsp;
  logic                  stat_hit, stat_miss, stat_again, stat_resent;
  logic                  ahead = 0;

  tern_seg #(.Sets(Sets), .Ways(Ways), .Slots(Slots)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle), .ahead_i(ahead),
    .job_valid_i(job_valid), .job_ready_o(job_ready), .job_i(job), .job_err_i(job_err),
    .job_buf_i(job_buf), .free_valid_o(free_valid), .free_buf_o(free_buf),
    .slot_rd_o(slot_rd), .slot_addr_o(slot_addr), .slot_data_i(slot_data),
    .rollback_valid_i(rollback_valid), .rollback_ready_o(rollback_ready), .rollback_i(rollback),
    .prog_valid_i(prog_valid), .prog_i(prog),
    .waiting_o(waiting), .cur_qpn_o(cur_qpn), .others_i(others),
    .resume_valid_o(resume_valid), .resume_ready_i(resume_ready), .resume_o(resume),
    .list_qpn_o(list_qpn), .list_marks_i(list_marks), .list_room_i(list_room),
    .list_push_valid_o(push_valid), .list_push_ready_i(push_ready), .list_push_qpn_o(push_qpn),
    .list_push_o(push), .list_push_mark_o(push_mark),
    .pkt_valid_o(pkt_valid), .pkt_ready_i(pkt_ready), .pkt_o(pkt),
    .piece_valid_o(piece_valid), .piece_ready_i(piece_ready), .piece_o(piece),
    .mr_valid_o(mr_valid), .mr_ready_i(mr_ready), .mr_o(mr),
    .mr_rsp_valid_i(mr_rsp_valid), .mr_rsp_status_i(mr_rsp_status),
    .req_err_valid_o(err_valid), .req_err_ready_i(err_ready), .req_err_o(err),
    .kick_valid_o(kick_valid), .kick_ready_i(kick_ready), .kick_qpn_o(kick_qpn),
    .snd_valid_o(snd_valid), .snd_qpn_o(snd_qpn), .snd_psn_o(snd_psn),
    .cqe_valid_o(cqe_valid), .cqe_ready_i(cqe_ready), .cqe_o(cqe),
    .item_valid_i(item_valid), .item_ready_o(item_ready), .item_i(item),
    .item_rsp_valid_o(item_rsp_valid), .item_rsp_o(item_rsp),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(hmc_ready), .hmc_o(hmc),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .stat_hit_o(stat_hit), .stat_miss_o(stat_miss), .stat_again_o(stat_again),
    .stat_resent_o(stat_resent), .path_valid_o(path_valid), .path_ready_i(path_ready), .path_o(path),
    .back_valid_o(back_valid), .back_qpn_o(back_qpn)
  );

  int unsigned seed, count;
  logic                      back_valid;
  logic [tern_pkg::QpnW-1:0] back_qpn;
  tern_pkg::rollback_t       back_due [$];   // rollbacks that were taken and have not been told

  int unsigned job_pct, rb_pct, pop_pct, item_pct, out_pct, msg_pct, lat_max;
  longint      cycle;
  int unsigned jobs, jobs_in, items_out, rbs_in;
  bit          on;

  // ------------------------------------------------------------------------------- buffers

  bit [511:0] slots [512];
  bit [31:0]  buf_used, buf_in;
  int unsigned buf_qpn [32];

  function automatic int free_one();
    int b = int'($urandom_range(31));
    for (int i = 0; i < 32; i++)
      if (!buf_used[(b + i) % 32]) return (b + i) % 32;
    return -1;
  endfunction

  task automatic offer_job();
    int b = free_one();
    int unsigned q, m, f, n, l, e, x, s;
    bit [511:0] line;
    job_valid <= 0;
    if (!on || b < 0 || !pct(job_pct)) return;
    if (seg_job(q, m, f, n, l, e, x, s) == 0) return;
    for (int unsigned i = 0; i < 16; i++) begin
      seg_slot(i, line);
      slots[b * 16 + int'(i)] = line;
    end
    buf_used[b[4:0]] = 1;
    buf_qpn[b]    = q;
    job           <= '0;
    job.qpn       <= q[13:0];
    job.marker    <= m[0];
    job.first     <= f[15:0];
    job.count     <= n[4:0];
    job.log_size  <= l[3:0];
    job.epoch     <= e[7:0];
    job.pushed    <= 1'($urandom);
    job.single    <= s[0];
    job.page      <= 10'($urandom);
    job_err       <= tern_pkg::hmc_err_e'(x[2:0]);
    job_buf       <= b[4:0];
    job_valid     <= 1;
  endtask

  // tern_gather is told of a rollback that is carried out, once
  function automatic void check_back();
    int found = -1;
    foreach (back_due[i])
      if (found < 0 && back_due[i].qpn == back_qpn) found = i;
    if (found < 0) $fatal(1, "QP %0d goes back without a rollback", back_qpn);
    back_due.delete(found);
  endfunction

  task automatic offer_rollback();
    int unsigned q, w, p, o;
    rollback_valid <= 0;
    if (!on || !pct(rb_pct)) return;
    if (seg_rollback(q, w, p, o) == 0) return;
    rollback_valid  <= 1;
    rollback.qpn    <= q[13:0];
    rollback.wqe    <= w[15:0];
    rollback.psn    <= p[23:0];
    rollback.offset <= o;
  endtask

  // What is to be told of the QPs' progress; one per cycle
  tern_pkg::progress_t progs [$];

  task automatic tell(int unsigned i, int unsigned qpn);
    int unsigned q = qpn, d, u, p;
    seg_progress(i, q, d, u, p);
    progs.push_back({14'(q), 16'(d), 24'(u), 24'(p)});
  endtask

  int unsigned item_kind;

  task automatic offer_item();
    int unsigned q, d;
    bit [511:0] mask, data;
    item_valid <= 0;
    if (!on || items_out != 0 || !pct(item_pct)) return;
    item_kind = seg_item(q, d, mask, data);
    if (item_kind == 0) return;
    items_out++;
    item_valid <= 1;
    item.qpn   <= q[13:0];
    item.drop  <= d[0];
    item.mask  <= mask;
    item.data  <= data;
  endtask

  // ---------------------------------------------------------------------------------- list

  int unsigned lists [16384];
  int unsigned marks [16384];
  bit          others_of [16384];

  assign others = others_of[list_qpn];

  // ----------------------------------------------------------------------------------- HMC

  typedef struct {
    tern_pkg::hmc_req_t req;
    longint             due;
  } access_t;
  access_t accesses [$];

  task automatic run_hmc();
    int k = -1;
    hmc_rsp_valid <= 0;
    for (int n = 0; n < 3 && k < 0 && accesses.size() != 0; n++) begin
      k = int'($urandom_range(accesses.size() - 1));
      if (accesses[k].due > cycle) k = -1;
    end
    if (k >= 0) begin
      bit [511:0]  line;
      int unsigned e = seg_read(32'(accesses[k].req.index), line);
      hmc_rsp_valid <= 1;
      hmc_rsp.tag   <= accesses[k].req.tag;
      hmc_rsp.err   <= tern_pkg::hmc_err_e'(e[2:0]);
      hmc_rsp.data  <= line;
      if (accesses[k].req.write) seg_write(32'(accesses[k].req.index), accesses[k].req.data);
      accesses.delete(k);
    end
    if (hmc_valid && hmc_ready) begin
      access_t a;
      a.req = hmc;
      a.due = cycle + (lat_max == 0 ? 0 : longint'($urandom_range(lat_max)));
      if (hmc.kind != 0 || hmc.line != 0) $fatal(1, "access to another object");
      accesses.push_back(a);
    end
    hmc_ready <= pct(out_pct);
  endtask

  // ------------------------------------------------------------------------------ stability

  logic                   pkt_held, piece_held, resume_held, err_held, kick_held, cqe_held;
  logic                   mr_held, push_held;
  tern_pkg::tx_pkt_t      pkt_last;
  tern_pkg::tx_piece_t    piece_last;
  tern_pkg::sq_resume_t   resume_last;
  tern_pkg::req_err_t     err_last;
  logic [13:0]            kick_last;
  tern_pkg::cqe_req_t     cqe_last;
  tern_pkg::mr_op_t       mr_last;
  tern_pkg::out_req_t     push_last;

  task automatic check_stable();
    if (pkt_held && (!pkt_valid || pkt != pkt_last)) $fatal(1, "packet changed");
    if (piece_held && (!piece_valid || piece != piece_last)) $fatal(1, "piece changed");
    if (resume_held && (!resume_valid || resume != resume_last)) $fatal(1, "resume changed");
    if (err_held && (!err_valid || err != err_last)) $fatal(1, "error changed");
    if (kick_held && (!kick_valid || kick_qpn != kick_last)) $fatal(1, "kick changed");
    if (cqe_held && (!cqe_valid || cqe != cqe_last)) $fatal(1, "CQE changed");
    if (mr_held && (!mr_valid || mr != mr_last)) $fatal(1, "local operation changed");
    if (push_held && (!push_valid || push != push_last)) $fatal(1, "list entry changed");
    pkt_held    = pkt_valid && !pkt_ready;
    piece_held  = piece_valid && !piece_ready;
    resume_held = resume_valid && !resume_ready;
    err_held    = err_valid && !err_ready;
    kick_held   = kick_valid && !kick_ready;
    cqe_held    = cqe_valid && !cqe_ready;
    mr_held     = mr_valid && !mr_ready;
    push_held   = push_valid && !push_ready;
    pkt_last    = pkt;
    piece_last  = piece;
    resume_last = resume;
    err_last    = err;
    kick_last   = kick_qpn;
    cqe_last    = cqe;
    mr_last     = mr;
    push_last   = push;
  endtask

  // ------------------------------------------------------------------------------ one cycle

  int          mr_wait;
  int unsigned mr_status;
  int unsigned left_pieces;   // of packets that were taken

  always @(posedge clk) begin
    int unsigned q, m;
    cycle <= cycle + 1;
    mr_rsp_valid <= 0;
    if (rst) begin
      job_valid      <= 0;
      rollback_valid <= 0;
      prog_valid     <= 0;
      item_valid     <= 0;
      hmc_ready      <= 0;
      hmc_rsp_valid  <= 0;
      pkt_ready      <= 0;
      piece_ready    <= 0;
      resume_ready   <= 0;
      err_ready      <= 0;
      kick_ready     <= 0;
      cqe_ready      <= 0;
      mr_ready       <= 0;
      push_ready     <= 0;
      mr_wait        = -1;
      {pkt_held, piece_held, resume_held, err_held} = '0;
      {kick_held, cqe_held, mr_held, push_held} = '0;
    end else begin
      check_stable();
      if (idle && (jobs_in != 0 || pkt_valid || piece_valid || accesses.size() != 0))
        $fatal(1, "idle with work inside");

      for (int i = 0; i < 32; i++)
        if (buf_in[i] && buf_qpn[i] != 32'(cur_qpn) && !waiting) $fatal(1, "job not seen waiting");
      if (waiting && jobs_in == 0 && !rollback_valid && rbs_in == 0 && items_out == 0 && !job_valid)
        $fatal(1, "nobody waits");

      // What comes out, in the order in which it must be seen
      if (snd_valid) seg_snd(32'(snd_qpn), 32'(snd_psn));
      if (push_valid && push_ready) begin
        seg_push(32'(push_qpn), 32'(push.kind), 32'(push.opcode), 32'(push.signaled),
                 32'(push.status), 32'(push.wqe), 32'(push.slots), 32'(push.first_psn),
                 32'(push.last_psn), push.length, 32'(push_mark));
        lists[push_qpn]++;
        if (push_mark) marks[push_qpn]++;
      end
      if (kick_valid && kick_ready) seg_kick(32'(kick_qpn));
      if (path_valid && path_ready) seg_path(path);
      path_ready <= $urandom_range(99) < 60;
      if (pkt_valid && pkt_ready) begin
        seg_pkt(32'(pkt.src), 32'(pkt.marker), 32'(pkt.qpn), 32'(pkt.opcode), 32'(pkt.solicited),
                32'({pkt.finish, pkt.ack_req}), 32'(pkt.psn), 32'(pkt.ext_len), pkt.ext, 32'(pkt.len),
                32'(pkt.pieces), 32'(pkt.pd), 32'(pkt.priv), 32'(pkt.remote), 32'(pkt.wqe));
        left_pieces += 32'(pkt.pieces);
      end
      if (piece_valid && left_pieces == 0 && !pkt_valid) $fatal(1, "piece without its packet");
      if (piece_valid && piece_ready) begin
        seg_piece(32'(piece.kind), piece.key, piece.addr, 32'(piece.len), piece.data);
        left_pieces--;
      end
      if (resume_valid && resume_ready)
        seg_resume(32'(resume.qpn), 32'(resume.index), 32'(resume.epoch), 32'(resume.block),
                   32'(resume.mid), 32'(resume.single));
      if (err_valid && err_ready)
        seg_err(32'(err.qpn), 32'(err.wqe), 32'(err.status), 32'(err.reason));
      if (cqe_valid && cqe_ready) seg_cqe(32'(cqe.cqn), 32'(cqe.solicited), cqe.cqe);
      if (mr_valid && mr_ready) begin
        mr_status = seg_mr(32'(mr.qpn), 32'(mr.reg_mr), 32'(mr.remote), mr.key, 32'(mr.pd),
                           32'(mr.priv), mr.va, mr.length, 32'(mr.access), 32'(mr.page_shift));
        mr_wait = int'($urandom_range(lat_max));
      end else if (mr_wait >= 0) begin
        if (mr_wait == 0) begin
          mr_rsp_valid  <= 1;
          mr_rsp_status <= mr_status[7:0];
        end
        mr_wait--;
      end
      if (free_valid) begin
        if (!buf_used[free_buf]) $fatal(1, "buffer %0d freed twice", free_buf);
        buf_used[free_buf] = 0;
        buf_in[free_buf] = 0;
        seg_job_done(buf_qpn[free_buf], 32'(resume_valid && !resume_ready &&
                                            32'(resume.qpn) == buf_qpn[free_buf]));
        jobs_in--;
      end
      if (item_rsp_valid) begin
        seg_item_done(32'(item_rsp.err), item_rsp.line);
        items_out--;
      end

      // Slots; the data stays until the next read
      if (slot_rd) slot_data <= slots[slot_addr];

      if (back_valid) check_back();
      // What went in, before anything new is made up. A rollback goes before a job
      if (rollback_valid && rollback_ready) begin
        seg_rollback_taken();
        back_due.push_back(rollback);
        rbs_in++;
      end
      if (idle) begin
        rbs_in = 0;
        seg_idle();
      end
      if (rollback_valid && rbs_in == 0) rbs_in = 1;
      if (job_valid && job_ready) begin
        seg_job_taken();
        others_of[job.qpn] = seg_others(32'(job.qpn)) != 0;
        jobs_in++;
        buf_in[job_buf] = 1;
        jobs++;
      end
      if (item_valid && item_ready) begin
        seg_item_taken();
        if (item_kind == 2) begin
          lists[item.qpn] = 0;
          marks[item.qpn] = 0;
          tell(999, 32'(item.qpn));
        end
      end
      // A job that comes in the next cycle sees what is told now
      if (pct(pop_pct) && progs.size() == 0) begin
        int unsigned n;
        if (seg_pop(q, n, m) != 0) begin
          lists[q] -= n;
          marks[q] -= m;
          tell(999, q);
        end
      end
      prog_valid <= progs.size() != 0;
      if (progs.size() != 0) prog <= progs.pop_front();
      if (!job_valid || job_ready) offer_job();
      if (!rollback_valid || rollback_ready) offer_rollback();
      if (!item_valid || item_ready) offer_item();

      list_marks <= 16'(marks[list_qpn]);
      list_room  <= lists[list_qpn] < room_of(32'(list_qpn));

      run_hmc();
      pkt_ready    <= pct(out_pct);
      piece_ready  <= pct(out_pct) && left_pieces != 0;
      resume_ready <= pct(msg_pct);
      err_ready    <= pct(msg_pct);
      kick_ready   <= pct(msg_pct);
      cqe_ready    <= pct(msg_pct);
      mr_ready     <= pct(msg_pct);
      push_ready   <= pct(msg_pct);
      ahead        <= ahead ? $urandom_range(3) != 0 : pct(2);
    end
  end

  // A QPN at an output without an item is any number
  function automatic int unsigned room_of(int unsigned q);
    if (q == 0 || (q - 1) % 37 != 0 || q > 1 + 19 * 37) return 0;
    return seg_room(q);
  endfunction

  task automatic settle();
    longint start = cycle;
    on = 0;
    while (jobs_in != 0 || !idle || items_out != 0) begin
      @(negedge clk);
      if (cycle - start > 200000) $fatal(1, "stuck: %0d jobs inside", jobs_in);
    end
    repeat (3) @(negedge clk);
  endtask

  task automatic phase(int unsigned n, int unsigned j, int unsigned r, int unsigned p,
                       int unsigned i, int unsigned o, int unsigned ms, int unsigned lat);
    int unsigned till = jobs + n;
    longint start = cycle;
    job_pct  = j;
    rb_pct   = r;
    pop_pct  = p;
    item_pct = i;
    out_pct  = o;
    msg_pct  = ms;
    lat_max  = lat;
    on = 1;
    while (jobs < till) begin
      @(negedge clk);
      if (cycle - start > 2000 * longint'(n) + 100000)
        $fatal(1, "stuck: %0d jobs of %0d", jobs, till);
    end
    out_pct = 100;
    msg_pct = 100;
    settle();
  endtask

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", count)) count = 20000;
    void'($urandom(int'(seed)));
    seg_start(seed, 10);
    clk = 0;
    rst = 1;
    repeat (5) @(negedge clk);
    rst = 0;
    for (int unsigned i = 0; seg_qpn(i) != 0; i++) tell(i, 0);
    repeat (30) @(negedge clk);
    for (int i = 0; i < 8; i++) begin
      int unsigned n = count / 8;
      seg_spice((i == 1 || i == 5) ? 0 : i == 2 ? 40 : 10);
      case (i)
        0: phase(n, 50, 2, 20, 5, 70, 70, 20);
        1: phase(n, 100, 0, 100, 0, 100, 100, 0);
        2: phase(n, 60, 2, 50, 20, 60, 60, 30);
        3: phase(n, 100, 10, 100, 2, 100, 100, 60);
        4: phase(n, 80, 1, 2, 2, 90, 90, 5);
        5: phase(n, 100, 5, 50, 1, 30, 100, 0);
        6: phase(n, 100, 1, 50, 1, 100, 30, 10);
        default: phase(n, $urandom_range(100, 20), $urandom_range(10), $urandom_range(100, 5),
                       $urandom_range(20), $urandom_range(100, 20), $urandom_range(100, 20),
                       $urandom_range(50));
      endcase
    end
    if (!idle) $fatal(1, "not idle");
    $display("seg: %0d jobs, %0d cycles", jobs, cycle);
    seg_finish();
    $finish;
  end

endmodule
