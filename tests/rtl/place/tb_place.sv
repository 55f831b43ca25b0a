// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Bench of tern_scatter and tern_place together, see place_model.c. Phases of random traffic with
// errors on both sides of many QPs, then measurements without stalls.

module tb_place #(
  parameter int unsigned Bufs  = 32,
  parameter int unsigned Depth = 32,
  parameter int unsigned SlotW = 7
);

  import "DPI-C" function void pm_seed(input int unsigned seed);
  import "DPI-C" function void pm_init();
  import "DPI-C" function void pm_config(input int unsigned mode, input int unsigned err_ppm,
      input int unsigned mr, input int unsigned wr, input int unsigned rd, input int unsigned ra);
  import "DPI-C" function void pm_stop();
  import "DPI-C" function void pm_tick();
  import "DPI-C" function void pm_report();
  import "DPI-C" function int unsigned pm_go(input int unsigned p);
  import "DPI-C" function longint unsigned pm_pending();
  import "DPI-C" function longint unsigned pm_count();
  import "DPI-C" function int unsigned pm_gen(input int unsigned side,
      output int unsigned id, output int unsigned marker, output int unsigned qpn,
      output int unsigned pd, output int unsigned priv, output int unsigned target,
      output int unsigned wqe, output int unsigned wqe_last, output int unsigned offset,
      output longint unsigned addr, output int unsigned key, output int unsigned check_len,
      output int unsigned pkt, output int unsigned rec, output int unsigned line,
      output int unsigned lane, output int unsigned len, output int unsigned inv,
      output int unsigned inv_key, output int unsigned job, output int unsigned cqe,
      output int unsigned silent, output int unsigned solicited, output int unsigned cqn,
      output int unsigned status, output int unsigned ack,
      output int unsigned quiet, output int unsigned starts);
  import "DPI-C" function void pm_rx_line(input int unsigned line, output bit [511:0] data);
  import "DPI-C" function void pm_ra_req(input int unsigned qpn, input int unsigned rq,
      input int unsigned index, input int unsigned tag);
  import "DPI-C" function int unsigned pm_ra_rsp(output int unsigned tag, output int unsigned err,
      output longint unsigned addr, output int unsigned log_size, output int unsigned log_stride);
  import "DPI-C" function void pm_rd_req(input longint unsigned addr, input int unsigned len,
      input int unsigned tag);
  import "DPI-C" function int unsigned pm_rd_rsp(output int unsigned tag,
      output int unsigned offset, output int unsigned last, output int unsigned err,
      output bit [511:0] data);
  import "DPI-C" function void pm_mr_req(input int unsigned tag, input int unsigned key,
      input int unsigned pd, input int unsigned priv, input int unsigned need,
      input longint unsigned addr, input int unsigned len, input int unsigned check);
  import "DPI-C" function int unsigned pm_mr_rsp(output int unsigned tag, output int unsigned err,
      output longint unsigned addr0, output int unsigned len0, output longint unsigned addr1);
  import "DPI-C" function void pm_wr_beat(input longint unsigned addr, input int unsigned len,
      input int unsigned tag, input int unsigned last, input bit [511:0] data);
  import "DPI-C" function int unsigned pm_wr_rsp(output int unsigned tag, output int unsigned err);
  import "DPI-C" function int unsigned pm_writes();
  import "DPI-C" function void pm_cqe(input int unsigned on_eth, input int unsigned id,
      input int unsigned status, input int unsigned cqn, input int unsigned solicited);
  import "DPI-C" function void pm_job(input int unsigned qpn, input int unsigned pd,
      input int unsigned priv, input int unsigned id, input int unsigned kind);
  import "DPI-C" function void pm_ack(input int unsigned qpn, input int unsigned id,
      input int unsigned syndrome);
  import "DPI-C" function void pm_free(input int unsigned rec);
  import "DPI-C" function void pm_err(input int unsigned qpn, input int unsigned wqe_valid,
      input int unsigned rq, input int unsigned wqe, input int unsigned status,
      input int unsigned reason, input int unsigned ae);
  import "DPI-C" function void pm_inv(input int unsigned qpn, input int unsigned reg_mr,
      input int unsigned remote, input int unsigned key, input int unsigned pd,
      input int unsigned priv);
  import "DPI-C" function int unsigned pm_inv_rsp(output int unsigned status);
  import "DPI-C" function void pm_drained(input int unsigned side, input int unsigned qpn);
  import "DPI-C" function int unsigned pm_clear(output int unsigned qpn);
  import "DPI-C" function void pm_clear_rsp(input int unsigned rsp_p, input int unsigned rsp_wqe,
      input int unsigned rsp_status, input int unsigned rh_p, input int unsigned rh_wqe,
      input int unsigned rh_status);
  import "DPI-C" function void pm_fence();
  import "DPI-C" function void pm_fence_done();

  bit clk, rst;
  always #5 clk = !clk;

  // ------------------------------------------------------------------------------------- DUT

  logic                 rsp_valid, rsp_ready, rh_valid, rh_ready, eth_valid, eth_ready;
  tern_pkg::pl_item_t   rsp, rh, eth, item;
  logic                 ra_req_valid, ra_req_ready, ra_req_rq, ra_rsp_valid, ra_rsp_err;
  logic [13:0]          ra_req_qpn;
  logic [15:0]          ra_req_index;
  logic [$clog2(Bufs)-1:0] ra_req_tag, ra_rsp_tag;
  logic [63:0]          ra_rsp_addr;
  logic [3:0]           ra_rsp_log_size;
  logic [2:0]           ra_rsp_log_stride;
  logic                 erd_valid, erd_ready, erd_rsp_valid;
  tern_pkg::dma_rd_req_t erd;
  tern_pkg::dma_rd_rsp_t erd_rsp;
  logic                 item_valid, item_ready, item_err, piece_valid, piece_ready;
  logic [4:0]           item_pieces;
  logic [7:0]           item_status, item_reason;
  logic [31:0]          piece_key;
  logic [63:0]          piece_addr;
  logic [13:0]          piece_len;
  logic                 mr_req_valid, mr_req_ready, mr_rsp_valid;
  tern_pkg::mr_req_t    mr_req;
  tern_pkg::mr_rsp_t    mr_rsp;
  logic                 rd_en;
  logic [9:0]           rd_line;
  logic [511:0]         rd_data;
  logic                 free_valid, free_ready;
  logic [6:0]           free_id;
  logic                 wr_valid, wr_ready, wr_ready_q, wr_tail, wr_rsp_valid;
  tern_pkg::dma_wr_beat_t wr;
  tern_pkg::dma_wr_rsp_t wr_rsp;
  logic                 inv_valid, inv_ready, inv_rsp_valid;
  tern_pkg::mr_op_t     inv;
  logic [7:0]           inv_rsp_status;
  logic                 job_valid, job_ready, job_priv;
  logic [13:0]          job_qpn;
  logic [23:0]          job_pd;
  tern_pkg::job_t       job, due_job;
  logic                 cqe_valid, cqe_ready, eth_cqe_valid, eth_cqe_ready;
  tern_pkg::cqe_req_t   cqe, eth_cqe;
  logic                 ack_valid, ack_ready;
  tern_pkg::ack_t       ack;
  logic                 qp_err_valid, qp_err_ready, drained_valid, drained_ready;
  tern_pkg::qp_err_t    qp_err;
  tern_pkg::pl_side_e   drained_side;
  logic [13:0]          drained_qpn, clear_qpn;
  logic                 clear_valid, clear_ready, clear_rsp_valid;
  logic [49:0]          clear_rsp;
  logic                 fence, fence_done, stat_error;
  logic                 idle_s, idle_p;

  tern_scatter #(.Bufs(Bufs), .Depth(Depth)) u_scatter (
    .clk_i(clk), .rst_i(rst), .idle_o(idle_s),
    .rsp_valid_i(rsp_valid), .rsp_ready_o(rsp_ready), .rsp_i(rsp),
    .rh_valid_i(rh_valid), .rh_ready_o(rh_ready), .rh_i(rh),
    .eth_valid_i(eth_valid), .eth_ready_o(eth_ready), .eth_i(eth),
    .ra_req_valid_o(ra_req_valid), .ra_req_ready_i(ra_req_ready), .ra_req_qpn_o(ra_req_qpn),
    .ra_req_rq_o(ra_req_rq), .ra_req_index_o(ra_req_index), .ra_req_tag_o(ra_req_tag),
    .ra_rsp_valid_i(ra_rsp_valid), .ra_rsp_tag_i(ra_rsp_tag), .ra_rsp_err_i(ra_rsp_err),
    .ra_rsp_addr_i(ra_rsp_addr), .ra_rsp_log_size_i(ra_rsp_log_size),
    .ra_rsp_log_stride_i(ra_rsp_log_stride),
    .rd_valid_o(erd_valid), .rd_ready_i(erd_ready), .rd_o(erd),
    .rd_rsp_valid_i(erd_rsp_valid), .rd_rsp_i(erd_rsp),
    .item_valid_o(item_valid), .item_ready_i(item_ready), .item_o(item),
    .item_pieces_o(item_pieces), .item_err_o(item_err), .item_status_o(item_status),
    .item_reason_o(item_reason),
    .piece_valid_o(piece_valid), .piece_ready_i(piece_ready), .piece_key_o(piece_key),
    .piece_addr_o(piece_addr), .piece_len_o(piece_len)
  );

  tern_place #(.SlotW(SlotW)) u_place (
    .clk_i(clk), .rst_i(rst), .idle_o(idle_p),
    .item_valid_i(item_valid), .item_ready_o(item_ready), .item_i(item),
    .item_pieces_i(item_pieces), .item_err_i(item_err), .item_status_i(item_status),
    .item_reason_i(item_reason),
    .piece_valid_i(piece_valid), .piece_ready_o(piece_ready), .piece_key_i(piece_key),
    .piece_addr_i(piece_addr), .piece_len_i(piece_len),
    .mr_req_valid_o(mr_req_valid), .mr_req_ready_i(mr_req_ready), .mr_req_o(mr_req),
    .mr_rsp_valid_i(mr_rsp_valid), .mr_rsp_i(mr_rsp),
    .rd_en_o(rd_en), .rd_line_o(rd_line), .rd_data_i(rd_data),
    .free_valid_o(free_valid), .free_ready_i(free_ready), .free_id_o(free_id),
    .wr_valid_o(wr_valid), .wr_ready_i(wr_ready), .wr_o(wr),
    .wr_rsp_valid_i(wr_rsp_valid), .wr_rsp_i(wr_rsp),
    .inv_valid_o(inv_valid), .inv_ready_i(inv_ready), .inv_o(inv),
    .inv_rsp_valid_i(inv_rsp_valid), .inv_rsp_status_i(inv_rsp_status),
    .job_valid_o(job_valid), .job_ready_i(job_ready), .job_qpn_o(job_qpn), .job_pd_o(job_pd),
    .job_priv_o(job_priv), .job_o(job), .job_busy_o(), .job_busy_qpn_o(),
    .cqe_valid_o(cqe_valid), .cqe_ready_i(cqe_ready), .cqe_o(cqe),
    .eth_cqe_valid_o(eth_cqe_valid), .eth_cqe_ready_i(eth_cqe_ready), .eth_cqe_o(eth_cqe),
    .ack_valid_o(ack_valid), .ack_ready_i(ack_ready), .ack_o(ack),
    .qp_err_valid_o(qp_err_valid), .qp_err_ready_i(qp_err_ready), .qp_err_o(qp_err),
    .drained_valid_o(drained_valid), .drained_ready_i(drained_ready),
    .drained_side_o(drained_side), .drained_qpn_o(drained_qpn),
    .clear_valid_i(clear_valid), .clear_ready_o(clear_ready), .clear_qpn_i(clear_qpn),
    .clear_rsp_valid_o(clear_rsp_valid), .clear_rsp_o(clear_rsp),
    .fence_i(fence), .fence_done_o(fence_done), .stat_error_o(stat_error)
  );

  // ---------------------------------------------------------------------- contents of an item

  function automatic logic [31:0] mix(int unsigned id, int unsigned n);
    int unsigned x = id * 32'h9e3779b1 + n * 32'h85ebca6b;
    x = (x ^ (x >> 15)) * 32'h2c1b3c6d;
    return x ^ (x >> 13);
  endfunction

  function automatic logic [255:0] cqe_of(int unsigned id, logic [7:0] status);
    tern_hw_pkg::tern_hw_cqe_t c;
    c = {mix(id, 1), mix(id, 2), mix(id, 3), mix(id, 4), mix(id, 5), mix(id, 6), mix(id, 7), id};
    c.info.status = status;
    return c;
  endfunction

  function automatic tern_pkg::job_t job_of(int unsigned id);
    tern_pkg::job_t j;
    j.kind    = tern_pkg::job_kind_e'(id[1:0]);
    j.psn     = 24'(mix(id, 11));
    j.msn     = 24'(mix(id, 12));
    j.addr    = {mix(id, 13), mix(id, 14)};
    j.key     = id;
    j.len     = mix(id, 15);
    j.place   = 4'(mix(id, 16));
    j.swap    = {mix(id, 17), mix(id, 18)};
    j.compare = {mix(id, 19), mix(id, 20)};
    j.again   = 1'(mix(id, 21));
    return j;
  endfunction

  task automatic gen(int unsigned side, output bit ok, output tern_pkg::pl_item_t it);
    int unsigned id, marker, qpn, pd, priv, target, wqe, wqe_last, offset, key, check_len, pkt, rec;
    int unsigned line, lane, len, inv_v, inv_key, job_v, cqe_v, silent, solicited, cqn, status, ack_v;
    int unsigned quiet, starts;
    longint unsigned addr;
    ok = pm_gen(side, id, marker, qpn, pd, priv, target, wqe, wqe_last, offset, addr, key,
                check_len, pkt, rec, line, lane, len, inv_v, inv_key, job_v, cqe_v, silent,
                solicited, cqn, status, ack_v, quiet, starts) != 0;
    it = '0;
    it.side       = tern_pkg::pl_side_e'(side[1:0]);
    it.marker     = marker[0];
    it.qpn        = qpn[13:0];
    it.pd         = pd[23:0];
    it.priv       = priv[0];
    it.quiet      = quiet[0];
    it.starts     = starts[0];
    it.target     = tern_pkg::target_e'(target[2:0]);
    it.wqe        = wqe[15:0];
    it.wqe_last   = wqe_last[0];
    it.offset     = offset;
    it.addr       = addr;
    it.key        = key;
    it.check_len  = check_len;
    it.pkt        = pkt[0];
    it.id         = rec[6:0];
    it.line       = line[9:0];
    it.lane       = lane[5:0];
    it.len        = len[13:0];
    it.inv        = inv_v[0];
    it.inv_key    = inv_key;
    it.job_valid  = job_v[0];
    it.job        = job_of(id);
    it.cqe_valid  = cqe_v[0];
    it.cqe_silent = silent[0];
    it.solicited  = solicited[0];
    it.cqn        = cqn[23:0];
    it.cqe        = cqe_of(id, status[7:0]);
    it.ack_valid  = ack_v[0];
    it.ack.qpn    = qpn[13:0];
    it.ack.psn    = id[23:0];
    it.ack.msn    = {mix(id, 30)[15:0], id[31:24]};
    it.ack.syndrome = 8'h1f;
  endtask

  // ------------------------------------------------------------------------------- one cycle

  int unsigned in_pct, eth_pct, mr_pct, wr_pct, out_pct, rd_pct, fence_pm;
  bit          engine;      // the write engine's own pauses
  longint      cycle, last_event, frees, free_bytes, wr_bytes;
  bit          fence_on;

  assign wr_ready = wr_ready_q && !wr_tail;

  task automatic take_outputs();
    if (cqe_valid && cqe_ready) begin
      tern_hw_pkg::tern_hw_cqe_t c;
      c = cqe.cqe;
      if (cqe.cqe != cqe_of(cqe.cqe[31:0], c.info.status)) $fatal(1, "contents of a CQE");
      pm_cqe(0, cqe.cqe[31:0], 32'(c.info.status), 32'(cqe.cqn), 32'(cqe.solicited));
    end
    if (eth_cqe_valid && eth_cqe_ready) begin
      tern_hw_pkg::tern_hw_cqe_t c;
      c = eth_cqe.cqe;
      if (eth_cqe.cqe != cqe_of(eth_cqe.cqe[31:0], c.info.status)) $fatal(1, "contents of a CQE");
      pm_cqe(1, eth_cqe.cqe[31:0], 32'(c.info.status), 32'(eth_cqe.cqn), 32'(eth_cqe.solicited));
    end
    if (job_valid && job_ready) begin
      due_job      = job_of(job.key);
      due_job.kind = job.kind;
      if (job != due_job) $fatal(1, "contents of a job");
      pm_job(32'(job_qpn), 32'(job_pd), 32'(job_priv), job.key, 32'(job.kind));
    end
    if (ack_valid && ack_ready) begin
      int unsigned id = {ack.msn[7:0], ack.psn};
      if (ack.msn[23:8] != 16'(mix(id, 30))) $fatal(1, "contents of an ack");
      pm_ack(32'(ack.qpn), id, 32'(ack.syndrome));
    end
    if (free_valid && free_ready) begin
      pm_free(32'(free_id));
      frees++;
    end
    if (qp_err_valid && qp_err_ready)
      pm_err(32'(qp_err.qpn), 32'(qp_err.wqe_valid), 32'(qp_err.rq), 32'(qp_err.wqe),
             32'(qp_err.status), 32'(qp_err.reason), 32'(qp_err.ae_code));
    if (drained_valid && drained_ready) pm_drained(32'(drained_side), 32'(drained_qpn));
    if (clear_rsp_valid)
      pm_clear_rsp(32'(clear_rsp[24]), 32'(clear_rsp[23:8]), 32'(clear_rsp[7:0]),
                   32'(clear_rsp[49]), 32'(clear_rsp[48:33]), 32'(clear_rsp[32:25]));
    if (inv_valid && inv_ready)
      pm_inv(32'(inv.qpn), 32'(inv.reg_mr), 32'(inv.remote), inv.key, 32'(inv.pd), 32'(inv.priv));
    if (fence_done) begin
      if (!fence_on) $fatal(1, "fence done twice");
      pm_fence_done();
      fence_on = 0;
    end
    if (wr_valid && wr_ready) begin
      pm_wr_beat(wr.addr, 32'(wr.len), 32'(wr.tag), 32'(wr.last), wr.data);
      if (wr.last) wr_bytes += 64'(wr.len);
    end
    if (mr_req_valid && mr_req_ready)
      pm_mr_req(32'(mr_req.tag), mr_req.key, 32'(mr_req.pd), 32'(mr_req.priv), 32'(mr_req.need),
                mr_req.addr, 32'(mr_req.len), mr_req.check_len);
    if (ra_req_valid && ra_req_ready)
      pm_ra_req(32'(ra_req_qpn), 32'(ra_req_rq), 32'(ra_req_index), 32'(ra_req_tag));
    if (erd_valid && erd_ready) pm_rd_req(erd.addr, 32'(erd.len), 32'(erd.tag));
  endtask

  task automatic give_answers();
    int unsigned a, b, c, d;
    longint unsigned x, y;
    bit [511:0] line;
    bit got;
    got = pm_go(rd_pct) != 0 && pm_ra_rsp(a, b, x, c, d) != 0;
    ra_rsp_valid      <= got;
    ra_rsp_tag        <= a[$clog2(Bufs)-1:0];
    ra_rsp_err        <= b[0];
    ra_rsp_addr       <= x;
    ra_rsp_log_size   <= c[3:0];
    ra_rsp_log_stride <= d[2:0];
    got = pm_go(rd_pct) != 0 && pm_rd_rsp(a, b, c, d, line) != 0;
    erd_rsp_valid     <= got;
    erd_rsp.tag       <= a[7:0];
    erd_rsp.offset    <= b[12:0];
    erd_rsp.last      <= c[0];
    erd_rsp.err       <= d[0];
    erd_rsp.data      <= line;
    got = pm_go(mr_pct) != 0 && pm_mr_rsp(a, b, x, c, y) != 0;
    mr_rsp_valid      <= got;
    mr_rsp.tag        <= a[7:0];
    mr_rsp.err        <= tern_pkg::mr_err_e'(b[2:0]);
    mr_rsp.addr0      <= x;
    mr_rsp.len0       <= c[12:0];
    mr_rsp.addr1      <= y;
    got = pm_wr_rsp(a, b) != 0;
    wr_rsp_valid      <= got;
    wr_rsp.tag        <= a[7:0];
    wr_rsp.err        <= b[0];
    got = pm_inv_rsp(a) != 0;
    inv_rsp_valid     <= got;
    inv_rsp_status    <= a[7:0];
    if (rd_en) begin
      pm_rx_line(32'(rd_line), line);
      rd_data <= line;
    end else if (!engine) begin
      rd_data <= {16{$urandom}};
    end
  endtask

  task automatic drive();
    bit ok;
    tern_pkg::pl_item_t it;
    int unsigned q;
    if (!rsp_valid || rsp_ready) begin
      ok = 0;
      if (pm_go(in_pct) != 0) gen(0, ok, it);
      rsp_valid <= ok;
      if (ok) rsp <= it;
    end
    if (!rh_valid || rh_ready) begin
      ok = 0;
      if (pm_go(in_pct) != 0) gen(1, ok, it);
      rh_valid <= ok;
      if (ok) rh <= it;
    end
    if (!eth_valid || eth_ready) begin
      ok = 0;
      if (pm_go(eth_pct) != 0) gen(2, ok, it);
      eth_valid <= ok;
      if (ok) eth <= it;
    end
    mr_req_ready  <= pm_go(mr_pct) != 0;
    wr_ready_q    <= pm_go(wr_pct) != 0;
    // The engine knows so many bursts at most
    if (pm_writes() > 60) wr_ready_q <= 1'b0;
    wr_tail       <= engine && wr_valid && wr_ready && wr.last &&
                     13'(wr.addr[5:0]) + 13'((wr.len - 13'd1) & 13'd63) >= 13'd64;
    ra_req_ready  <= pm_go(rd_pct) != 0;
    erd_ready     <= pm_go(rd_pct) != 0;
    cqe_ready     <= pm_go(out_pct) != 0;
    eth_cqe_ready <= pm_go(out_pct) != 0;
    job_ready     <= pm_go(out_pct) != 0;
    ack_ready     <= pm_go(out_pct) != 0;
    free_ready    <= pm_go(out_pct) != 0;
    inv_ready     <= pm_go(out_pct) != 0;
    qp_err_ready  <= pm_go(out_pct) != 0;
    drained_ready <= pm_go(out_pct) != 0;
    if (clear_valid && clear_ready) clear_valid <= 0;
    else if (!clear_valid && pm_go(20) != 0 && pm_clear(q) != 0) begin
      clear_valid <= 1;
      clear_qpn   <= q[13:0];
    end
    fence <= 0;
    if (!fence_on && fence_pm != 0 && $urandom_range(999) < fence_pm) begin
      fence    <= 1;
      fence_on = 1;
    end
  endtask

  // Valid stays, with the same contents, until ready
  logic [1:0]   held_q;
  tern_pkg::dma_wr_beat_t wr_q;
  tern_pkg::mr_req_t      mr_q;

  always @(posedge clk) begin
    if (rst) begin
      rsp_valid     <= 0;
      rh_valid      <= 0;
      eth_valid     <= 0;
      ra_rsp_valid  <= 0;
      erd_rsp_valid <= 0;
      mr_rsp_valid  <= 0;
      wr_rsp_valid  <= 0;
      inv_rsp_valid <= 0;
      clear_valid   <= 0;
      fence         <= 0;
      wr_tail       <= 0;
      wr_ready_q    <= 0;
      held_q        <= 0;
      fence_on      = 0;
    end else begin
      pm_tick();
      cycle++;
      if (idle_s && idle_p && !rsp_valid && !rh_valid && !eth_valid && pm_pending() != 0)
        $fatal(1, "idle with items under way");
      if ((held_q[0] && (!wr_valid || wr != wr_q)) ||
          (held_q[1] && (!mr_req_valid || mr_req != mr_q))) $fatal(1, "changed before it was taken");
      held_q <= {mr_req_valid && !mr_req_ready, wr_valid && !wr_ready};
      wr_q   <= wr;
      mr_q   <= mr_req;
      if (fence) pm_fence();
      if (cqe_valid || ack_valid || free_valid || drained_valid || wr_valid) last_event = cycle;
      if (cycle - last_event > 40000 && pm_pending() != 0) $fatal(1, "nothing moves any more");
      take_outputs();
      give_answers();
      drive();
    end
  end

  // ---------------------------------------------------------------------------------- phases

  task automatic settle();
    pm_stop();
    for (int n = 0; pm_pending() != 0 || !idle_s || !idle_p || rsp_valid || rh_valid || eth_valid ||
         clear_valid || fence_on; n++) begin
      @(negedge clk);
      if (n > 200000) $fatal(1, "does not come to rest: %0d due", pm_pending());
    end
    repeat (4) @(negedge clk);
  endtask

  task automatic phase(int unsigned n, int unsigned err, int unsigned i, int unsigned e,
                       int unsigned m, int unsigned w, int unsigned o, int unsigned r,
                       int unsigned lat);
    longint unsigned until_count = pm_count() + 64'(n);
    pm_config(0, err, lat / 4, lat, lat, lat / 2);
    in_pct   = i;
    eth_pct  = e;
    mr_pct   = m;
    wr_pct   = w;
    out_pct  = o;
    rd_pct   = r;
    fence_pm = 5;
    engine   = 0;
    while (pm_count() < until_count) @(negedge clk);
    settle();
  endtask

  task automatic measure(string what, int unsigned mode, int unsigned n, real most, bit is_bytes);
    longint c0, f0, b0;
    real    r;
    pm_config(mode, 0, 6, 100, 40, 20);
    in_pct   = 100;
    eth_pct  = 0;
    mr_pct   = 100;
    wr_pct   = 100;
    out_pct  = 100;
    rd_pct   = 100;
    fence_pm = 0;
    engine   = 1;
    last_event = cycle;
    f0 = frees;
    while (frees < f0 + 4000) @(negedge clk);
    c0 = cycle;
    f0 = frees;
    b0 = wr_bytes;
    while (frees < f0 + longint'(n)) @(negedge clk);
    r = is_bytes ? real'(wr_bytes - b0) / real'(cycle - c0) : real'(cycle - c0) / real'(frees - f0);
    $display("place: %s: %0.2f %s", what, r, is_bytes ? "bytes a cycle" : "cycles an item");
    if (is_bytes ? r < most : r > most) $fatal(1, "%s too slow", what);
    settle();
  endtask

  int unsigned seed, total, rates;

  initial begin
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if (!$value$plusargs("count=%d", total)) total = 100000;
    if (!$value$plusargs("rates=%d", rates)) rates = 1;
    void'($urandom(int'(seed)));
    pm_seed(seed);
    pm_init();
    clk = 0;
    rst = 1;
    in_pct  = 0;
    eth_pct = 0;
    rd_pct  = 100;
    repeat (5) @(negedge clk);
    rst = 0;
    if (idle_p) $fatal(1, "idle in the sweep");
    while (!idle_p) @(negedge clk);
    if (cycle < 16383) $fatal(1, "sweep too short");
    for (int i = 0; i < 8; i++) begin
      int unsigned n = total / 8;
      last_event = cycle;
      case (i)
        0: phase(n, 0, 50, 50, 70, 70, 70, 70, 40);
        1: phase(n, 20000, 100, 30, 100, 100, 100, 100, 20);
        2: phase(n, 10000, 80, 30, 50, 50, 50, 50, 60);
        3: phase(n, 30000, 100, 30, 100, 90, 100, 20, 300);  // slow fetches
        4: phase(n, 20000, 100, 20, 100, 100, 20, 100, 10);  // slow receivers
        5: phase(n, 20000, 100, 20, 20, 100, 100, 100, 200); // slow translation
        6: phase(n, 5000, 10, 5, 90, 90, 90, 90, 20);        // sparse
        default: phase(n, 40000, 100, 20, $urandom_range(100, 10), $urandom_range(100, 10),
                       $urandom_range(100, 10), $urandom_range(100, 10), $urandom_range(200, 1));
      endcase
    end
    if (rates != 0) begin
      measure("64 B WRITEs", 1, 10000, 2.05, 0);
      measure("4 KiB WRITEs", 2, 1000, 60.0, 1);
      measure("64 B SENDs", 3, 5000, 2.2, 0);
    end
    pm_report();
    $finish;
  end

endmodule
