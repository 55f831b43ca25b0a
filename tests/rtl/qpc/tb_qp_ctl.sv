// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_qp_ctl between a random CQP and models of the control ports of all other blocks. The models
// keep what they were told: the lines, the scheduler, the receive queues, the steer table. Checked:
// each command is answered once and as a table of IBTA and Linux says; the lines field by field
// and the tables after each command and event; at each request what must have come before it
// (markers, drops, starts); that reports are taken at once whatever is under way, that the first
// one of a QP leads to its event, and that none is lost or invented. A NAK may wait at tern_ack when
// a report comes, for a while, or for ever if a line of the QP cannot be read: responses go on until it
// is sent, whatever commands and reports come meanwhile, and commands never wait for it.

module tb_qp_ctl;
  import tern_hw_pkg::*;

  localparam int QpnW = tern_pkg::QpnW;
  localparam int Qps  = 32;
  localparam int Srcs = 5;
  localparam int MaxWait = 60;  // of a report

  typedef bit [511:0] line_t;

  bit clk, rst;
  always #2 clk = !clk;

  // ------------------------------------------------------------------------------- the block

  logic qp_valid, qp_ready, qp_put, qp_rsp_valid;
  logic [5:0] qp_op, qp_put_index;
  logic [511:0] qp_wqe, qp_attr;
  logic [63:0] qp_put_data;
  tern_pkg::ctl_rsp_t qp_rsp;
  logic [Srcs-1:0] err_valid, err_ready;
  logic [Srcs-1:0][63:0] err;
  logic rhd_valid, rhd_ready;
  logic [QpnW-1:0] rhd_qpn;
  logic ae_valid, ae_ready;
  tern_pkg::ae_req_t ae;
  logic [6:0] item_valid, item_ready, item_rsp_valid;
  tern_pkg::qp_item_t item;
  logic [6:0][514:0] item_rsp;
  logic sched_valid, sched_ready, sched_done, rq_valid, rq_ready, rq_done, push_drop;
  logic [3:0] sched_op, sched_log, rq_log;
  logic [1:0] rq_op;
  logic [QpnW-1:0] sched_qpn, rq_qpn, steer_qpn, ctl_qpn;
  logic [9:0] sched_page, rq_page, push_page;
  logic [15:0] sched_index, sched_producer, rq_producer;
  logic steer_valid, steer_ready, steer_exists, steer_rx_ok, steer_keep;
  logic [1:0] steer_transport;
  logic [127:0] steer_peer;
  logic [6:0] steer_sgid;
  logic [8:0] tool_valid, tool_ready;  // back timer kick jobs gather ackdrop ackmark rrmark rxmark
  logic [4:0] timer_timeout;
  logic [1:0] timer_gen;
  logic [23:0] timer_psn;
  logic [15:0] timer_done;
  logic [3:0] dr_valid, dr_ready, dr_done;  // place, job, rr, out
  logic [49:0] place_rsp;
  logic ask_valid, ask_ready, ask_done, ask_waits;
  logic mc_valid, mc_ready, mc_attach, mc_detach, mc_no_own, mc_done, mc_full;
  logic [127:0] mc_gid;
  logic [15:0] mc_minor;
  logic txd_valid, rxd_valid, rxd_ready, stat_error, idle;
  tern_pkg::tx_src_e txd_src;
  tern_pkg::pl_side_e rxd_side;
  logic [QpnW-1:0] txd_qpn, rxd_qpn;

  tern_qp_ctl #(.ErrSources(Srcs), .Qps(Qps)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .qp_valid_i(qp_valid), .qp_ready_o(qp_ready), .qp_op_i(qp_op), .qp_wqe_i(qp_wqe),
    .qp_attr_i(qp_attr), .qp_put_o(qp_put), .qp_put_index_o(qp_put_index),
    .qp_put_data_o(qp_put_data), .qp_rsp_valid_o(qp_rsp_valid), .qp_rsp_o(qp_rsp),
    .err_valid_i(err_valid), .err_ready_o(err_ready), .err_i(err),
    .rh_drained_valid_i(rhd_valid), .rh_drained_ready_o(rhd_ready), .rh_drained_qpn_i(rhd_qpn),
    .ae_valid_o(ae_valid), .ae_ready_i(ae_ready), .ae_o(ae),
    .item_valid_o(item_valid), .item_ready_i(item_ready), .item_o(item),
    .item_rsp_valid_i(item_rsp_valid), .item_rsp_i(item_rsp),
    .sched_valid_o(sched_valid), .sched_ready_i(sched_ready), .sched_op_o(sched_op),
    .sched_qpn_o(sched_qpn), .sched_page_o(sched_page), .sched_log_size_o(sched_log),
    .sched_index_o(sched_index), .sched_done_i(sched_done), .sched_producer_i(sched_producer),
    .rq_valid_o(rq_valid), .rq_ready_i(rq_ready), .rq_op_o(rq_op), .rq_qpn_o(rq_qpn),
    .rq_page_o(rq_page), .rq_log_size_o(rq_log), .rq_done_i(rq_done), .rq_producer_i(rq_producer),
    .push_drop_o(push_drop), .push_drop_page_o(push_page),
    .steer_valid_o(steer_valid), .steer_ready_i(steer_ready), .steer_qpn_o(steer_qpn),
    .steer_exists_o(steer_exists), .steer_transport_o(steer_transport),
    .steer_rx_ok_o(steer_rx_ok), .steer_keep_o(steer_keep), .steer_peer_o(steer_peer), .steer_sgid_o(steer_sgid), .ctl_qpn_o(ctl_qpn),
    .rx_marker_valid_o(tool_valid[0]), .rx_marker_ready_i(tool_ready[0]),
    .rr_marker_valid_o(tool_valid[1]), .rr_marker_ready_i(tool_ready[1]),
    .ack_marker_valid_o(tool_valid[2]), .ack_marker_ready_i(tool_ready[2]),
    .ack_ask_valid_o(ask_valid), .ack_ask_ready_i(ask_ready), .ack_ask_done_i(ask_done),
    .ack_ask_waits_i(ask_waits),
    .ack_drop_valid_o(tool_valid[3]), .ack_drop_ready_i(tool_ready[3]),
    .gather_clear_valid_o(tool_valid[4]), .gather_clear_ready_i(tool_ready[4]),
    .jobs_clear_valid_o(tool_valid[5]), .jobs_clear_ready_i(tool_ready[5]),
    .rh_kick_valid_o(tool_valid[6]), .rh_kick_ready_i(tool_ready[6]),
    .rh_back_valid_o(tool_valid[8]), .rh_back_ready_i(tool_ready[8]),
    .timer_valid_o(tool_valid[7]), .timer_ready_i(tool_ready[7]),
    .timer_timeout_o(timer_timeout), .timer_gen_o(timer_gen), .timer_psn_o(timer_psn),
    .timer_done_o(timer_done),
    .out_drop_valid_o(dr_valid[0]), .out_drop_ready_i(dr_ready[0]), .out_drop_done_i(dr_done[0]),
    .rr_drop_valid_o(dr_valid[1]), .rr_drop_ready_i(dr_ready[1]), .rr_drop_done_i(dr_done[1]),
    .job_drain_valid_o(dr_valid[2]), .job_drain_ready_i(dr_ready[2]),
    .job_drain_done_i(dr_done[2]),
    .place_clear_valid_o(dr_valid[3]), .place_clear_ready_i(dr_ready[3]),
    .place_clear_done_i(dr_done[3]), .place_clear_rsp_i(place_rsp),
    .mcast_valid_o(mc_valid), .mcast_ready_i(mc_ready), .mcast_attach_o(mc_attach),
    .mcast_detach_o(mc_detach), .mcast_gid_o(mc_gid), .mcast_no_own_o(mc_no_own),
    .mcast_done_i(mc_done), .mcast_minor_i(mc_minor), .mcast_full_i(mc_full),
    .tx_drained_valid_i(txd_valid), .tx_drained_src_i(txd_src), .tx_drained_qpn_i(txd_qpn),
    .rx_drained_valid_i(rxd_valid), .rx_drained_ready_o(rxd_ready), .rx_drained_side_i(rxd_side),
    .rx_drained_qpn_i(rxd_qpn), .stat_error_o(stat_error)
  );

  // ------------------------------------------------------------------------------- the world

  localparam bit [2:0] Reset = 0, Init = 1, Rtr = 2, Rts = 3, Sqd = 4, Err = 6;

  int unsigned seed, count, answered, events, refused, drains, hmc_fails, maxwait, errors_taken;
  int unsigned limbos, comebacks;
  longint cycle, quiet_since;

  bit           exists [Qps];
  bit [2:0]     state [Qps];
  bit [1:0]     typ [Qps];      // tern_hw_qp_type_e
  bit           susp [Qps], drained [Qps], vague [Qps];  // vague: lines not as they should be
  line_t        lines [6][Qps], want [6][Qps];
  bit           bad [6][Qps];                            // cannot be read
  longint       nak_end [Qps];                           // a NAK waits until then
  bit           limbo [Qps];                             // closed, and waits for that
  bit           lost [Qps];                              // a stage could not read a line
  bit [9:0]     page_of [Qps];
  bit [63:0]    attr_of [Qps];

  bit           s_valid [Qps], s_stop [Qps], s_lim [Qps];
  bit [15:0]    s_prod [Qps], s_limit [Qps], s_fetched [Qps];
  bit           r_valid [Qps], r_err [Qps];
  bit [15:0]    r_prod [Qps];
  bit           t_exists [Qps], t_ok [Qps];
  bit [6:0]     t_sgid [Qps];    // with t_ok
  bit [127:0]   t_peer [Qps];

  // Of the QP that was closed last: markers that came out since, the job drain, poison cleared
  bit [4:0]     out_q;
  bit           job_q, cleared_q, kicked_q, timer_q, jobs_q, page_dropped_q, closed_q, fetched_q;
  bit [6:0]     tl_q;          // out drop, rr drop, ack drop, gather, place, rollbacks
  bit [49:0]    poison_q;
  bit           asked_q, told_no_q;   // tern_ack was asked, and answered that no NAK waits
  int           close_q;

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  function automatic line_t random_line();
    line_t l;
    for (int i = 0; i < 16; i++) l[32*i +: 32] = $urandom;
    return l;
  endfunction

  task automatic fail(string what);
    $display("FAIL at %0t (cycle %0d, answer %0d): %s", $time, cycle, answered, what);
    $fatal(1);
  endtask

  // Reports. All that were posted for a QP since its letter was surely empty
  typedef struct { tern_pkg::qp_err_t e; bit live; } post_t;
  post_t posts [Qps][$];
  int    drain_posts [Qps];
  line_t last_want [4];

  function automatic bit live(int q);
    return exists[q] && (state[q] == Rtr || state[q] == Rts || state[q] == Sqd);
  endfunction

  // ------------------------------------------------------------- what the standard says

  // {allowed, needed, optional}: Linux drivers/infiniband/core/verbs.c, IB_QPT_RC
  function automatic bit [32:0] rule(bit [2:0] from, bit [2:0] to);
    case ({1'b0, from, 1'b0, to})
      8'h00: return {1'b1, 16'h0000, 16'h0000};
      8'h01: return {1'b1, 16'h0800, 16'h0000};
      8'h10, 8'h16: return {1'b1, 32'd0};
      8'h11: return {1'b1, 16'h0000, 16'h0800};
      8'h12: return {1'b1, 16'h0517, 16'h0800};
      8'h20, 8'h26: return {1'b1, 32'd0};
      8'h23: return {1'b1, 16'h02e8, 16'h0900};
      8'h30, 8'h36, 8'h34: return {1'b1, 32'd0};
      8'h33: return {1'b1, 16'h0000, 16'h0900};
      8'h40, 8'h46: return {1'b1, 32'd0};
      8'h43: return {1'b1, 16'h0000, 16'h0900};
      8'h44: return {1'b1, 16'h0000, 16'h09f9};
      8'h60, 8'h66: return {1'b1, 32'd0};
      default: return '0;
    endcase
  endfunction

  // Of this QP: UC has less to set, UD and GSI nearly nothing but a Q_Key
  function automatic bit [32:0] rule_of(int q, bit [2:0] from, bit [2:0] to);
    bit [32:0] r = rule(from, to);
    if (typ[q] == 1) r &= ~{1'b0, 16'h01f8, 16'h01f8};
    if (typ[q] >= 2) begin
      r[31:16] &= 16'h0204;
      r[15:0]   = to == Reset || to == Err || (from == Rts && to == Sqd) ? 16'd0 : 16'h1000;
      if (from == Reset && to == Init) r[31:16] = 16'h1000;
    end
    return r;
  endfunction

  typedef struct { bit [15:0] major, minor; bit [63:0] result; } answer_t;

  function automatic answer_t ans(bit [15:0] major, bit [15:0] minor, bit [63:0] result);
    answer_t a;
    a.major = major; a.minor = minor; a.result = result;
    return a;
  endfunction

  bit [5:0]      c_op;
  tern_hw_cqp_qp_wqe_t c_wqe;
  tern_hw_cqp_modify_qp_wqe_t c_mod;
  tern_hw_qp_attr_t c_attr;
  int            c_q;
  bit [2:0]      c_from, c_to;
  bit            c_susp, c_busy, c_bad;   // under way; some line of the QP cannot be read
  answer_t       c_want;
  bit [63:0]     puts [64];
  bit [63:0]     put_seen;
  bit [15:0]     c_sprod, c_rprod;
  bit [15:0]     c_minor;    // tern_mcast's answer
  bit            c_full;
  int            c_groups;   // times that it was asked
  longint        mc_due;

  function automatic answer_t expect_answer();
    int unsigned id = 32'(c_wqe.hdr[23:0]);
    bit [32:0] r;
    bit [15:0] m, x, range;
    if (id == 0 || id >= Qps) return ans(2, 2, 0);
    if (c_op == 6'h14 && (id == 1) != (c_wqe.attr.transport == 3)) return ans(2, 2, 0);
    if (c_op == 6'h14) begin
      if (c_wqe.attr.transport > 3) return ans(2, 24, 0);
      if (c_wqe.attr.sq_valid && c_wqe.attr.sq_level &&
          !(c_wqe.attr.sq_page_shift inside {[12:30]})) return ans(2, 4, 0);
      if (c_wqe.attr.rq_valid && (c_wqe.attr.rq_log_stride > 4 || (c_wqe.attr.rq_level &&
          !(c_wqe.attr.rq_page_shift inside {[12:30]})))) return ans(2, 4, 0);
      if (c_wqe.attr.sq_valid && (c_wqe.attr.sq_level ? c_wqe.sq_ring >= 64'h10000000 :
                                                       c_wqe.sq_ring % 4096 != 0))
        return ans(2, 3, 0);
      if (c_wqe.attr.rq_valid && (c_wqe.attr.rq_level ? c_wqe.rq_ring >= 64'h10000000 :
                                                       c_wqe.rq_ring % 4096 != 0))
        return ans(2, 3, 0);
      if (c_wqe.cqs.page >= 1024) return ans(2, 7, 0);
      if (exists[c_q]) return ans(3, 9, 0);
      return ans(0, 0, 0);
    end
    if (!exists[c_q]) return ans(3, 10, 0);
    if (c_op == 6'h20 || c_op == 6'h21) begin
      if (typ[c_q] != 2) return ans(2, 24, 0);
      return ans(c_minor == 0 ? 16'd0 : c_minor == 10 ? 16'd3 : 16'd2, c_minor, 64'(c_minor != 0 && c_full));
    end
    case (c_op)
      6'h15: begin
        r = rule_of(c_q, c_from, c_to);
        m = c_mod.ctl.mask;
        if (c_mod.ctl.check_state && c_mod.ctl.cur_state != c_from) return ans(3, 25, 0);
        if (!r[32]) return ans(3, 25, 0);
        range = 0;
        if (c_attr.net.sgid > 127) range |= 1;
        if (c_attr.conn.mtu < 1 || c_attr.conn.mtu > 5) range |= 4;
        if (c_attr.conn.max_rd > 16) range |= 8;
        if (c_attr.conn.max_dest_rd > 16) range |= 16;
        x = r[31:16] & ~m;
        if (x == 0) x = m & ~(r[31:16] | r[15:0]);
        if (x == 0) x = m & range;
        if (x == 0) return ans(0, 0, 0);
        for (int i = 0; i < 16; i++) if (x[i]) return ans(2, 26, 64'd1 << i);
      end
      6'h18: if (c_from != Err) return ans(3, 25, 0);
      6'h19: if (c_from != Rts && c_from != Sqd) return ans(3, 25, 0);
      6'h16, 6'h17, 6'h1a: ;
      default: return ans(1, 1, 0);
    endcase
    return ans(0, 0, 0);
  endfunction

  // ------------------------------------------------------------- what the lines must become

  task automatic want_create(int q, bit again);
    tern_hw_qp_seg_t s = '0;
    tern_hw_qp_rh_t h = '0;
    tern_hw_qp_rsp_t p = '0;
    tern_hw_qp_rr_t r = '0;
    tern_hw_qp_net_t n = '0;
    tern_hw_qp_ring_t g = '0;
    if (!again) begin
      s.conn.transport = c_wqe.attr.transport;
      s.conn.pd = c_wqe.attr.pd;  s.conn.priv = c_wqe.attr.priv;  s.cq.scq = c_wqe.cqs.scq;
      p.cq.rcq = c_wqe.cqs.rcq;   p.conn.rq_valid = c_wqe.attr.rq_valid;
      g.sq_ring = c_wqe.sq_ring; g.rq_ring = c_wqe.rq_ring; g.attr = c_wqe.attr;
      want[5][q] = g;
    end else begin
      tern_hw_qp_seg_t so = want[0][q];
      tern_hw_qp_rh_t ho = want[1][q];
      tern_hw_qp_rsp_t po = want[2][q];
      s.conn.transport = so.conn.transport;
      s.conn.pd = so.conn.pd; s.conn.priv = so.conn.priv; s.cq.scq = so.cq.scq;
      p.cq.rcq = po.cq.rcq; p.conn.rq_valid = po.conn.rq_valid;
      h.at.gen = ho.at.gen;
    end
    h.conn.transport = s.conn.transport; p.conn.transport = s.conn.transport;
    h.conn.pd = s.conn.pd; h.conn.priv = s.conn.priv; h.cq.scq = s.cq.scq;
    p.conn.pd = s.conn.pd; p.conn.priv = s.conn.priv;
    r.conn.pd = s.conn.pd; r.conn.priv = s.conn.priv;
    n.conn.pkey = 16'hffff;
    want[0][q] = s; want[1][q] = h; want[2][q] = p; want[3][q] = r; want[4][q] = n;
  endtask

  task automatic want_modify(int q);
    tern_hw_qp_seg_t s = want[0][q];
    tern_hw_qp_rh_t h = want[1][q];
    tern_hw_qp_rsp_t p = want[2][q];
    tern_hw_qp_rr_t r = want[3][q];
    tern_hw_qp_net_t n = want[4][q];
    bit [15:0] m = c_mod.ctl.mask;
    if (m[0]) begin
      n.net = {1'b0, c_attr[254:192]};
      n.mac = {16'd0, c_attr[303:256]};
      n.dgid = c_attr[447:320];
      n.conn.valid = 1;
    end
    if (m[1]) begin
      n.conn.dest_qpn = c_attr[23:0]; s.conn.dest_qpn = c_attr[23:0]; r.conn.dest_qpn = c_attr[23:0];
    end
    if (m[2]) begin
      s.conn.mtu = c_attr[26:24]; h.conn.mtu = c_attr[26:24];
      p.conn.mtu = c_attr[26:24]; r.conn.mtu = c_attr[26:24];
    end
    if (m[3]) s.conn.max_rd = c_attr[36:32];
    if (m[4]) p.conn.max_dest_rd = c_attr[44:40];
    if (m[5]) h.conn.timeout = c_attr[52:48];
    if (m[6]) h.conn.retry_cnt = c_attr[55:53];
    if (m[7]) h.conn.rnr_retry = c_attr[58:56];
    if (m[8]) p.conn.min_rnr_timer = c_attr[63:59];
    if (m[9]) begin
      s.at.psn = c_attr[87:64]; s.message.psn_max = c_attr[87:64]; h.at.una = c_attr[87:64];
    end
    if (m[10]) p.at.epsn = c_attr[119:96];
    if (m[11]) p.conn.access = c_attr[131:128];
    if (m[12]) begin
      s.count2.qkey = c_attr[191:160]; p.message.rkey = c_attr[191:160];
    end
    if (c_from == Init && c_to == Rtr) begin
      p.conn.active = 1; p.conn.wait_first = 1; r.conn.active = 1;
    end
    if (c_from == Rtr && c_to == Rts) begin
      s.conn.active = 1; h.conn.active = 1; p.conn.wait_first = 0;
      h.at.retries = c_attr[55:53]; h.at.rnr_tries = c_attr[58:56];
    end
    if (c_from == Rts && c_to == Sqd) h.conn.draining = 1;
    if (c_from == Sqd && c_to == Rts) h.conn.draining = 0;
    want[0][q] = s; want[1][q] = h; want[2][q] = p; want[3][q] = r; want[4][q] = n;
  endtask

  task automatic want_hold(int q, bit held);
    tern_hw_qp_rh_t h = want[1][q];
    h.conn.held = held;
    h.conn.rearm = 1;
    want[1][q] = h;
    if (!kicked_q) fail("held, but the timer is not told");
  endtask

  // The lines of a QP in state error, if `why` was the reason; 1 if they are so
  function automatic bit err_lines(int q, bit has, tern_pkg::qp_err_t why);
    tern_hw_qp_seg_t s = want[0][q];
    tern_hw_qp_rh_t h = want[1][q];
    tern_hw_qp_rsp_t p = want[2][q];
    tern_hw_qp_rr_t r = want[3][q];
    tern_hw_qp_seg_t is = lines[0][q];
    tern_hw_qp_rsp_t ip = lines[2][q];
    bit sv, rv;
    bit [15:0] sw, rw, off;
    bit [7:0] ss, rs;
    {sv, sw, ss} = poison_q[49:25];
    {rv, rw, rs} = poison_q[24:0];
    if (has && why.wqe_valid && !why.rq) begin sv = 1; sw = why.wqe; ss = why.status; end
    if (has && why.wqe_valid && why.rq)  begin rv = 1; rw = why.wqe; rs = why.status; end
    off = sw - h.at.done;
    if (off >= 32768) sv = 0;
    off = rw - p.recv.wqe;
    if (off >= 32768) rv = 0;
    s.conn.active = 0; s.conn.flushing = 1; s.cq.stopped = 0;
    s.message.mid = 0; s.message.offset = 0;
    s.at.wqe = h.at.done;
    s.cq.err_valid = sv; s.cq.err_wqe = sw; s.cq.err_status = ss;
    h.conn.active = 0; h.conn.draining = 0;
    p.conn.active = 0; p.conn.flushing = 1; p.conn.stopped = 0;
    p.cq.err_valid = rv; p.cq.err_wqe = rw; p.cq.err_status = rs;
    r.conn.active = 0;
    if (!sv) begin s.cq.err_wqe = is.cq.err_wqe; s.cq.err_status = is.cq.err_status; end
    if (!rv) begin p.cq.err_wqe = ip.cq.err_wqe; p.cq.err_status = ip.cq.err_status; end
    // Flushing goes on while the event is on its way
    if (16'(is.at.wqe - s.at.wqe) <= 16'(s_prod[q] - s.at.wqe)) s.at.wqe = is.at.wqe;
    if (16'(ip.recv.wqe - p.recv.wqe) <= 16'(r_prod[q] - p.recv.wqe)) p.recv.wqe = ip.recv.wqe;
    last_want[0] = s; last_want[1] = h; last_want[2] = p; last_want[3] = r;
    if (lines[0][q] != s || lines[1][q] != h || lines[2][q] != p || lines[3][q] != r) return 0;
    want[0][q] = s; want[1][q] = h; want[2][q] = p; want[3][q] = r;
    return 1;
  endfunction

  task automatic check_qp(int q);
    bit [63:0] at = attr_of[q];
    tern_hw_pkg::tern_hw_qp_net_t net;
    if (t_exists[q] != exists[q]) fail($sformatf("QP %0d: exists in steer", q));
    if (t_ok[q] != (exists[q] && live(q) && !limbo[q])) fail($sformatf("QP %0d: rx_ok", q));
    if (s_valid[q] != (exists[q] && at[51])) fail($sformatf("QP %0d: sched", q));
    if (r_valid[q] != (exists[q] && at[52])) fail($sformatf("QP %0d: rq_tbl", q));
    if (!exists[q] || vague[q]) return;
    net = lines[4][q];
    if (t_ok[q] && typ[q] < 2 && (t_sgid[q] != net.net[22:16] || t_peer[q] != net.dgid))
      fail($sformatf("QP %0d: peer in steer", q));
    for (int l = 0; l < 6; l++) begin
      if (lines[l][q] != want[l][q]) begin
        fail($sformatf("QP %0d line %0d in state %0d:\n  is   %h\n  want %h\n  diff %h", q, l,
                       state[q], lines[l][q], want[l][q], lines[l][q] ^ want[l][q]));
      end
    end
    if (at[51]) begin
      if (!limbo[q] && s_stop[q] == ((state[q] == Rts || state[q] == Sqd) ? !susp[q] : state[q] == Err))
        fail($sformatf("QP %0d: send queue in state %0d", q, state[q]));
      if (s_lim[q] != (state[q] == Sqd)) fail("limit");
    end
    if (at[52] && r_err[q] != (state[q] == Err)) fail("receive queue in error");
  endtask

  // To error is over. told: with this event, which one of the reports must explain
  task automatic now_err(int q, bit told);
    bit ok = 0;
    tern_pkg::qp_err_t none = '0;
    if (out_q != '1 || !cleared_q) fail("to error without its markers");
    if (!told && (posts[q].size() == 0 || !posts[q][0].live)) ok = vague[q] || err_lines(q, 0, none);
    for (int i = 0; !ok && i < posts[q].size(); i++) begin
      tern_pkg::qp_err_t e = posts[q][i].e;
      if (told && (ae.code != e.ae_code || ae.detail != {32'd0, e.wqe_valid ? e.wqe : 16'd0, 8'd0,
                                                          e.reason})) begin
        if (posts[q][i].live) break;  // the first one counts
        continue;
      end
      ok = vague[q] || err_lines(q, 1, e);
      if (posts[q][i].live) break;
    end
    if (!ok) begin
      $display("event %h detail %h, %0d reports, done %h", ae.code, ae.detail, posts[q].size(),
               want[1][q][143:128]);
      for (int i = 0; i < posts[q].size(); i++) begin
        tern_pkg::qp_err_t e = posts[q][i].e;
        $display("report %0d: live %0d code %h reason %h wqe %0d %h rq %0d status %0d", i,
                 posts[q][i].live, e.ae_code, e.reason, e.wqe_valid, e.wqe, e.rq, e.status);
      end
      for (int l = 0; l < 4; l++) $display("line %0d differs in %h", l, lines[l][q] ^ last_want[l]);
      fail($sformatf("QP %0d: lines in state error, or its event; told %0d", q, told));
    end
    state[q] = Err; susp[q] = 0; drained[q] = 0;
    forget(q);
  endtask

  // Nothing is known of a QP any more but what the last command said
  task automatic forget(int q);
    posts[q].delete();
    drain_posts[q] = 0;
    limbo[q] = 0; lost[q] = 0; nak_end[q] = 0;
  endtask

  // A NAK waits, so the program ended. What it has closed must stay so in the lines
  task automatic now_limbo(int q);
    tern_hw_qp_seg_t s = want[0][q];
    tern_hw_qp_rh_t h = want[1][q];
    tern_hw_qp_rsp_t p = want[2][q];
    comebacks++;
    if (!asked_q) begin
      s.conn.active = 0; s.conn.flushing = 0;
      h.conn.active = 0; h.conn.draining = 0;
      p.conn.active = 0; p.conn.flushing = 0;
      want[0][q] = s; want[1][q] = h; want[2][q] = p;
      if (!limbo[q]) limbos++;
      limbo[q] = 1;
      check_qp(q);
    end
  endtask

  // ------------------------------------------------------------------------------ the models

  int  it_wait [7], sc_wait, rq_wait, ask_wait, dr_wait [4], mk_wait [5], mk_q [5];
  tern_pkg::qp_item_t it_item [7];
  bit  item_err_seen;
  bit [2:0] item_err_code;
  bit [3:0] sc_op;
  int  sc_q, rq_q;
  int  err_since [Srcs];
  int  lag;          // how slow everything is, 0 to 2
  int  err_rate;     // reports per source and 10000 cycles

  function automatic int wait_time();
    case (lag)
      0:       return 1;
      1:       return $urandom_range(6, 1);
      default: return pct(5) ? $urandom_range(150, 1) : $urandom_range(20, 1);
    endcase
  endfunction

  function automatic bit rdy();
    return lag == 0 || pct(lag == 1 ? 70 : 25);
  endfunction

  // A line is about to become `now`: may it?
  task automatic line_rules(int l, int q, line_t was, line_t now);
    if (l == 0 && now[1] && !was[1] && !cleared_q) fail("flushing before all is quiet");
    if (l == 2 && now[1] && !was[1] && !cleared_q) fail("flushing before all is quiet");
    if (l == 2 && now[0] && !was[0] && t_ok[q]) fail("rx_ok before rsp is active");
    if (l == 0 && now[0] && !was[0] && s_valid[q] && !s_stop[q]) fail("seg active, sched runs");
    if (l < 4 && was[0] && !now[0] && (t_ok[q] || (s_valid[q] && !s_stop[q])))
      fail("line off before steer and sched");
    if (l == 3 && was[0] && !now[0] && !c_busy && !told_no_q && !lost[q])
      fail("responses stop, and nobody has asked for a NAK");
  endtask

  task automatic step_items();
    for (int i = 0; i < 7; i++) begin
      int l = (i == 6) ? 5 : i;
      item_rsp_valid[i] <= 0;
      item_rsp[i] <= {random_line(), 3'($urandom)};
      if (it_wait[i] == 1) begin
        tern_pkg::qp_item_rsp_t r;
        int q = int'(it_item[i].qpn);
        r.err = tern_pkg::HmcOk;
        r.line = lines[l][q];
        if (bad[l][q] && (it_item[i].mask != 0 || pct(50) || it_item[i].drop)) begin
          r.err = tern_pkg::hmc_err_e'($urandom_range(4, 1));
          r.line = random_line();
          if (!(c_busy && c_op == 6'h15 && c_to == Reset) || l == 5 || cleared_q) begin
            if (!item_err_seen) item_err_code = r.err;
            item_err_seen = 1;
          end
          vague[q] = 1;
          hmc_fails++;
        end else begin
          line_t now = (lines[l][q] & ~it_item[i].mask) | (it_item[i].data & it_item[i].mask);
          if (i == 6 && it_item[i].mask != 0 && lines[5][q] != now) fail("two rings");
          line_rules(l, q, lines[l][q], now);
          lines[l][q] = now;
        end
        item_rsp[i] <= r;
        item_rsp_valid[i] <= 1;
      end
      if (it_wait[i] > 0) it_wait[i]--;
      if (item_valid[i] && item_ready[i]) begin
        if (it_wait[i] != 0) fail("two items");
        it_item[i] = item;
        it_wait[i] = wait_time();
      end
      item_ready[i] <= it_wait[i] == 0 && rdy();
    end
    if ($countones(item_valid) > 1) fail("items to two lines");
  endtask

  task automatic step_sched();
    int q = int'(sched_qpn);
    sched_done <= 0;
    sched_producer <= 16'($urandom);
    if (sc_wait == 1) begin
      sched_done <= 1;
      sched_producer <= s_prod[sc_q];
    end
    if (sc_wait > 0) sc_wait--;
    if (sched_valid && sched_ready) begin
      sc_wait = wait_time();
      sc_q = q;
      case (sched_op)
        0: begin
          if (s_valid[q]) fail("sched: create of what exists");
          if (page_of[q] != sched_page || attr_of[q][31:28] != sched_log) fail("sched: create");
          s_valid[q] = 1; s_stop[q] = 1; s_lim[q] = 0; s_prod[q] = 0; s_fetched[q] = 0;
        end
        1: s_valid[q] = 0;
        2: s_stop[q] = 1;
        3: begin
          if (!vague[q] && !limbo[q] && !lines[0][q][0] && !lines[0][q][1]) fail("start of an inactive line");
          if (state[q] == Rtr && !timer_q) fail("start before the timer knows");
          if (lines[0][q][1] && !fetched_q) fail("flush from where the fetch was");
          s_stop[q] = 0;
        end
        4: begin
          if (s_valid[q] && !s_stop[q]) fail("marker before stop");
          mk_wait[0] = wait_time(); mk_q[0] = q; out_q[0] = 0;
        end
        5: ;
        6: begin
          tern_hw_qp_rh_t h = lines[1][q];
          if (!cleared_q) fail("set_fetched before all is quiet");
          if (sched_index != h.at.done) fail("set_fetched");
          s_fetched[q] = sched_index;
          fetched_q = 1;
        end
        7: begin
          tern_hw_qp_seg_t s = lines[0][q];
          if (!out_q[0] || sched_index != s.at.fresh) fail("set_limit");
          s_lim[q] = 1; s_limit[q] = sched_index;
        end
        8: s_lim[q] = 0;
        default: fail("sched op");
      endcase
    end
    sched_ready <= sc_wait == 0 && rdy();
  endtask

  task automatic step_rq();
    int q = int'(rq_qpn);
    rq_done <= 0;
    rq_producer <= 16'($urandom);
    if (rq_wait == 1) begin
      rq_done <= 1;
      rq_producer <= r_prod[rq_q];
    end
    if (rq_wait > 0) rq_wait--;
    if (rq_valid && rq_ready) begin
      rq_wait = wait_time();
      rq_q = q;
      case (rq_op)
        0: begin
          if (r_valid[q]) fail("rq_tbl: create of what exists");
          if (page_of[q] != rq_page || attr_of[q][35:32] != rq_log) fail("rq_tbl: create");
          r_valid[q] = 1; r_err[q] = 0; r_prod[q] = 0;
        end
        1: r_valid[q] = 0;
        2: begin
          if (!vague[q] && !lines[2][q][1]) fail("flush item before rsp flushes");
          r_err[q] = 1;
        end
        default: ;
      endcase
    end
    rq_ready <= rq_wait == 0 && rdy();
  endtask

  task automatic all_out(string what);
    if (out_q != '1 || !job_q) fail($sformatf("%s before markers", what));
  endtask

  task automatic step_tools();
    int q = int'(ctl_qpn);
    if (push_drop) begin
      if (push_page != c_wqe.cqs.page[9:0] || c_op != 6'h14) fail("push drop");
      page_dropped_q = 1;
    end
    if (steer_valid && steer_ready) begin
      if (steer_transport != (c_busy && c_op == 6'h14 ? c_wqe.attr.transport[1:0] : typ[q]) ||
          int'(steer_qpn) != q) fail("steer");
      if (!steer_keep && steer_rx_ok && !vague[q] && (!lines[2][q][0] || !lines[3][q][0] || !lines[4][q][232+64]))
        if (!lines[2][q][0] || !lines[3][q][0]) fail("rx_ok before the lines are active");
      if (!steer_keep) begin
        t_exists[q] = steer_exists; t_ok[q] = steer_rx_ok;
      end
      t_sgid[q] = steer_sgid; t_peer[q] = steer_peer;
      if (!steer_keep && !steer_rx_ok && steer_exists) begin
        out_q = 0; job_q = 0; cleared_q = 0; tl_q = 0; poison_q = 0;
        closed_q = 1; fetched_q = 0; asked_q = 0; told_no_q = 0; close_q = q;
      end
    end
    steer_ready <= rdy();
    for (int t = 0; t < 9; t++) begin
      if (tool_valid[t] && tool_ready[t]) begin
        case (t)
          0: begin
            if (t_ok[q]) fail("rx marker while packets come");
            for (int i = 3; i < 5; i++) begin mk_wait[i] = wait_time(); mk_q[i] = q; end
            out_q[4:3] = 0;
          end
          1, 2: begin
            if (!job_q || out_q[4:3] != '1 || !out_q[0]) fail("rr, ack marker before job drain");
            mk_wait[t] = wait_time(); mk_q[t] = q;
          end
          3: begin
            all_out("ack drop");
            if (!tl_q[1]) fail("ack drop before that of rr");
            tl_q[2] = 1;
          end
          4: begin all_out("gather clear"); tl_q[3] = 1; end
          5: jobs_q = 1;
          8: begin
            if (!vague[q] && lines[1][q][0]) fail("rollbacks of an active QP");
            tl_q[5] = 1;
          end
          6: begin
            tern_hw_qp_rh_t h = lines[1][q];
            if (!vague[q] && !h.conn.draining && !h.conn.rearm) fail("kick before draining");
            kicked_q = 1;
          end
          default: begin
            tern_hw_qp_rh_t h = lines[1][q];
            timer_q = 1;
            if (!vague[q] && timer_gen != h.at.gen) fail("gen of the timer");
            if (live(q) && (h.conn.active || limbo[q]) && c_busy && c_op == 6'h15 && c_to != Err && c_to != Reset)
            begin
              tern_hw_qp_seg_t s = lines[0][q];
              if (timer_timeout != (typ[q] != 0 ? 5'd0 : c_attr.conn.timeout)) fail("timeout");
              if (timer_psn != s.message.psn_max) fail("psn of the timer");
              if (timer_done != h.at.done) fail("first entry, at the timer");
              if (c_from == Sqd && !drained[q]) fail("timer while requests are out");
            end else begin
              all_out("timer");
            end
          end
        endcase
      end
      tool_ready[t] <= rdy();
    end
    for (int d = 0; d < 3; d++) begin
      dr_done[d] <= 0;
      if (dr_wait[d] == 1) begin
        dr_done[d] <= 1;
        case (d)
          0: tl_q[0] = 1;
          1: tl_q[1] = 1;
          default: job_q = 1;
        endcase
      end
      if (dr_wait[d] > 0) dr_wait[d]--;
      if (dr_valid[d] && dr_ready[d]) begin
        if (d == 2) begin
          if (out_q[4:3] != '1 || !out_q[0]) fail("job drain before the receive side");
        end else all_out("drop");
        dr_wait[d] = wait_time();
      end
      dr_ready[d] <= dr_wait[d] == 0 && rdy();
    end
    // tern_place answers as it takes the request
    if (dr_valid[3] && dr_ready[3]) begin
      all_out("clear");
      tl_q[4] = 1;
      cleared_q = tl_q[5:0] == '1;
      dr_ready[3] <= 0;
      dr_done[3] <= 0;
    end else if (dr_valid[3] && rdy()) begin
      tern_hw_qp_rh_t h = lines[1][q];
      tern_hw_qp_rsp_t p = lines[2][q];
      poison_q = {pct(30), h.at.done + 16'($urandom_range(6)) - 16'd2, 8'($urandom_range(21, 1)),
                  pct(30), p.recv.wqe + 16'($urandom_range(6)) - 16'd2, 8'($urandom_range(21, 1))};
      dr_ready[3] <= 1;
      dr_done[3] <= 1;
    end
    place_rsp <= poison_q;
    // tern_ack. The first question is behind the markers; later ones may come at any time
    ask_done  <= 0;
    ask_waits <= pct(50);
    if (ask_wait == 1) begin
      ask_done  <= 1;
      ask_waits <= cycle < nak_end[q];
      told_no_q = cycle >= nak_end[q];
      if (!told_no_q) now_limbo(q);
      asked_q = 1;
    end
    if (ask_wait > 0) ask_wait--;
    if (ask_valid && ask_ready) begin
      if (c_busy) fail("a command waits for a NAK");
      if (asked_q || close_q != q) begin
        if (!limbo[q]) fail("tern_ack is asked before all is closed");
        asked_q = 1;
      end else if (out_q[4:3] != '1 || !out_q[0]) fail("tern_ack is asked before the markers");
      ask_wait = wait_time();
    end
    ask_ready <= ask_wait == 0 && rdy();
    // Markers, and those of others
    txd_valid <= 0;
    rxd_valid <= 0;
    txd_qpn <= QpnW'($urandom_range(Qps-1));
    rxd_qpn <= QpnW'($urandom_range(Qps-1));
    begin
      bit tx_used = 0, rx_used = 0;
      for (int i = 0; i < 5; i++) begin
        if (mk_wait[i] > 1) mk_wait[i]--;
        else if (mk_wait[i] == 1 && !(i < 3 ? tx_used : rx_used)) begin
          mk_wait[i] = 0;
          out_q[i] = 1;
          if (i < 3) begin
            tx_used = 1;
            txd_valid <= 1; txd_src <= tern_pkg::tx_src_e'(2'(i)); txd_qpn <= QpnW'(mk_q[i]);
          end else begin
            rx_used = 1;
            rxd_valid <= 1; rxd_side <= tern_pkg::pl_side_e'(2'(i - 3)); rxd_qpn <= QpnW'(mk_q[i]);
          end
        end
      end
      if (!tx_used && pct(5)) begin  // the marker of nobody, for another QP
        txd_valid <= 1; txd_src <= tern_pkg::tx_src_e'(2'($urandom)); txd_qpn <= ctl_qpn ^ 14'd1;
      end
      if (!rx_used && pct(5)) begin
        rxd_valid <= 1; rxd_side <= tern_pkg::PlEth; rxd_qpn <= ctl_qpn;
      end
    end
    if (!rxd_ready) fail("drained not taken");
  endtask

  // Stages at work: they change their lines
  task automatic step_stages();
    int q = $urandom_range(Qps - 1);
    tern_hw_qp_seg_t s = lines[0][q], sw = want[0][q];
    tern_hw_qp_rh_t h = lines[1][q], hw = want[1][q];
    tern_hw_qp_rsp_t p = lines[2][q], pw = want[2][q];
    bit [15:0] left;
    if (!exists[q] || (c_busy && c_q == q && c_op == 6'h16)) return;
    if (s_valid[q] && !s_stop[q] && !s_lim[q]) begin
      s_prod[q] += 16'($urandom_range(3));
    end
    if (r_valid[q]) r_prod[q] += 16'($urandom_range(2));
    if (s.conn.active && !s_stop[q] && !s_lim[q] && state[q] == Rts) begin
      s.at.wqe += 16'($urandom_range(4)); s.at.fresh = s.at.wqe + 16'($urandom_range(3));
      s.message.psn_max += 24'($urandom_range(9)); s.message.mid = pct(50);
      s.message.offset = $urandom; s.at.epoch += 8'd1;
      sw.at.wqe = s.at.wqe; sw.at.fresh = s.at.fresh; sw.message.psn_max = s.message.psn_max;
      sw.message.mid = s.message.mid; sw.message.offset = s.message.offset;
      sw.at.epoch = s.at.epoch;
      lines[0][q] = s; want[0][q] = sw;
    end
    if (h.conn.active && (state[q] == Rts || state[q] == Sqd) && !(c_busy && c_q == q)) begin
      h.at.done += 16'($urandom_range(2)); h.at.gen += 2'($urandom); h.at.una += 24'd3;
      hw.at.done = h.at.done; hw.at.gen = h.at.gen; hw.at.una = h.at.una;
      lines[1][q] = h; want[1][q] = hw;
    end
    if (p.conn.active && (state[q] == Rts || state[q] == Rtr)) begin
      p.recv.wqe += 16'($urandom_range(2));
      pw.recv.wqe = p.recv.wqe;
      lines[2][q] = p; want[2][q] = pw;
    end
    // Flushing
    for (int i = 0; i < Qps; i++) if (!(c_busy && c_q == i && c_op == 6'h16)) begin
      s = lines[0][i];
      p = lines[2][i];
      if (s.conn.flushing && s_valid[i] && !s_stop[i] && pct(20)) begin
        left = s_prod[i] - s.at.wqe;
        if (left < 32768) s.at.wqe = (left < 4) ? s_prod[i] : 16'(s.at.wqe + $urandom_range(4));
        if (state[i] == Err) begin sw = want[0][i]; sw.at.wqe = s.at.wqe; want[0][i] = sw; end
        lines[0][i] = s;
      end
      if (p.conn.flushing && r_valid[i] && r_err[i] && pct(20)) begin
        left = r_prod[i] - p.recv.wqe;
        if (left < 32768) p.recv.wqe = (left < 4) ? r_prod[i] : 16'(p.recv.wqe + 1);
        if (state[i] == Err) begin pw = want[2][i]; pw.recv.wqe = p.recv.wqe; want[2][i] = pw; end
        lines[2][i] = p;
      end
    end
  endtask

  // --------------------------------------------------------------------- commands and reports

  function automatic bit [511:0] random_attr();
    tern_hw_qp_attr_t a = random_line();
    if (pct(97)) a.net.sgid = 8'($urandom_range(127));
    if (pct(97)) a.conn.mtu = 3'($urandom_range(5, 1));
    if (pct(97)) a.conn.max_rd = 5'($urandom_range(16));
    if (pct(97)) a.conn.max_dest_rd = 5'($urandom_range(16));
    return a;
  endfunction

  task automatic new_command();
    int way = $urandom_range(99);
    bit [32:0] r;
    bit [2:0] to;
    c_q = pct(80) ? $urandom_range(6, 1) : $urandom_range(Qps - 1);
    if (way < 8 || (!exists[c_q] && pct(80))) c_op = 6'h14;
    else if (way < 80) c_op = 6'h15;
    else if (way < 84) c_op = 6'h16;
    else if (way < 86) c_op = 6'h17;
    else if (way < 91) c_op = 6'h18;
    else if (way < 94) c_op = 6'h19;
    else if (way < 97) c_op = 6'h1a;
    else c_op = way[0] ? 6'h20 : 6'h21;
    if (state[c_q] == Err && exists[c_q] && pct(15)) c_op = 6'h18;
    if (pct(1)) c_op = 6'($urandom_range(6'h3f, 6'h1b));
    c_wqe = random_line();
    c_wqe.hdr[23:0] = 24'(c_q);
    if (pct(2)) c_wqe.hdr[23:0] = 24'($urandom | ($urandom << 5));
    if (c_wqe.hdr[23:0] < 24'(Qps)) c_q = int'(c_wqe.hdr[23:0]);
    if (c_op == 6'h14) begin
      if (pct(95)) c_wqe.attr.transport = c_q == 1 ? 3'd3 : pct(50) ? 3'd0 : pct(40) ? 3'd1 : 3'd2;
      if (pct(97)) c_wqe.cqs.page = 16'($urandom_range(1023));
      if (pct(96)) c_wqe.attr.rq_log_stride = 3'($urandom_range(4));
      if (pct(96)) c_wqe.attr.sq_page_shift = 5'($urandom_range(30, 12));
      if (pct(96)) c_wqe.attr.rq_page_shift = 5'($urandom_range(30, 12));
      if (pct(97)) c_wqe.sq_ring = c_wqe.attr.sq_level ? 64'(c_wqe.sq_ring[27:0])
                                                       : {c_wqe.sq_ring[63:12], 12'd0};
      if (pct(97)) c_wqe.rq_ring = c_wqe.attr.rq_level ? 64'(c_wqe.rq_ring[27:0])
                                                       : {c_wqe.rq_ring[63:12], 12'd0};
      if (pct(90)) c_wqe.attr.sq_valid = 1;
      if (pct(90)) c_wqe.attr.rq_valid = 1;
    end
    c_attr = random_attr();
    if (c_op == 6'h15) begin
      c_mod = c_wqe;
      // Mostly what is allowed from here, towards RTS
      to = 3'($urandom_range(6));
      if (pct(80)) begin
        case (state[c_q])
          Reset: to = Init;
          Init:  to = Rtr;
          Rtr:   to = Rts;
          Rts:   to = pct(60) ? Sqd : Rts;
          Sqd:   to = pct(50) ? Rts : Sqd;
          Err:   to = Reset;
          default: ;
        endcase
      end
      r = rule_of(c_q, state[c_q], to);
      c_mod.ctl.state = to;
      c_mod.ctl.set_state = to != state[c_q] || pct(50) || !r[32];
      c_mod.ctl.check_state = pct(20);
      if (pct(90)) c_mod.ctl.cur_state = state[c_q];
      c_mod.ctl.mask = r[31:16] | (r[15:0] & 16'($urandom));
      if (pct(12)) c_mod.ctl.mask = c_mod.ctl.mask ^ (16'd1 << $urandom_range(15));
      if (pct(5)) c_mod.ctl.mask = 16'($urandom);
      c_wqe = c_mod;
    end
    qp_valid <= 1;
    qp_op    <= c_op;
    qp_wqe   <= c_wqe;
    qp_attr  <= c_attr;
    way = $urandom_range(5);
    if (pct(3)) bad[way][c_q] = 1;
  endtask

  task automatic accepted();
    qp_valid <= 0;
    c_busy = 1;
    c_minor  = pct(50) ? 16'd0 : pct(40) ? 16'd12 : pct(50) ? 16'd10 : 16'd21;
    c_full   = 1'($urandom);
    c_groups = 0;
    mc_due   = 0;
    c_from = state[c_q];
    c_susp = susp[c_q];
    c_to   = c_mod.ctl.set_state ? c_mod.ctl.state : c_from;
    c_want = expect_answer();
    item_err_seen = 0; kicked_q = 0; timer_q = 0; jobs_q = 0; page_dropped_q = 0; closed_q = 0;
    put_seen = 0;
    c_sprod = s_prod[c_q]; c_rprod = r_prod[c_q];
    if (c_op == 6'h14 && c_want.major == 0) begin
      page_of[c_q] = c_wqe.cqs.page[9:0];
      attr_of[c_q] = c_wqe.attr;
      vague[c_q]   = 0;
    end
    if (c_op == 6'h15 && c_from == Rts && c_to == Sqd) drain_posts[c_q] = 0;
    if (c_op == 6'h18) out_q[4:3] = 0;
  endtask

  task automatic finish_command();
    int q = c_q;
    bit ok = c_want.major == 0, hmc = 0;
    answered++;
    if (ok && item_err_seen && c_op != 6'h17) begin
      hmc = 1;
      c_want = ans(5, 16'd16 + 16'(item_err_code), 0);
    end
    if (ok && c_op == 6'h18 && vague[q] && qp_rsp.major == 5) c_want = ans(5, qp_rsp.minor, 0);
    if (qp_rsp.major != c_want.major || qp_rsp.minor != c_want.minor ||
        qp_rsp.result != c_want.result) begin
      fail($sformatf("op %h QP %0d state %0d to %0d mask %h: %0d/%0d/%h instead of %0d/%0d/%h", c_op,
                     q, c_from, c_to, c_mod.ctl.mask, qp_rsp.major, qp_rsp.minor, qp_rsp.result,
                     c_want.major, c_want.minor, c_want.result));
    end
    if (c_groups != 32'(((c_op == 6'h20 || c_op == 6'h21) && (ok || (c_want.major != 1 && c_minor != 0 &&
                          c_want.minor == c_minor && exists[q] && typ[q] == 2))) ||
                        (ok && c_op == 6'h17 && typ[q] == 2)))
      fail("groups asked, or not");
    if (!ok) refused++;
    if (ok) begin
      case (c_op)
        6'h14: begin
          exists[q] = !hmc; typ[q] = c_wqe.attr.transport[1:0]; state[q] = Reset; susp[q] = 0; drained[q] = 0; vague[q] = 0;
          if (!hmc) begin
            if (!page_dropped_q || !jobs_q) fail("push or jobs not cleared at create");
            want_create(q, 0);
            forget(q);
          end
        end
        6'h15: begin
          if (c_to == Err) begin
            if (c_from != Err) now_err(q, 0);
          end else if (c_to == Reset) begin
            if (closed_q) begin
              if (!cleared_q) fail("reset without its markers");
              state[q] = hmc ? Err : Reset; susp[q] = 0; drained[q] = 0;
              forget(q);
              if (!hmc) begin
                if (!jobs_q) fail("jobs not cleared");
                want_create(q, 1);
                vague[q] = 0;
              end else begin
                s_stop[q] = 1;
              end
            end
          end else if (!hmc) begin
            want_modify(q);
            if (c_to == Sqd && c_from == Rts && !kicked_q) fail("no kick");
            if (c_to == Sqd && c_from == Sqd && c_mod.ctl.mask[5] && timer_q != drained[q])
              fail("timer in SQD");
            if (c_to != c_from) drained[q] = 0;
            state[q] = c_to;
          end
        end
        6'h16: if (!hmc) begin
          tern_hw_qp_query_t w = '0;
          if (put_seen != '1) fail("query: words missing");
          w.seg = lines[0][q]; w.rh = lines[1][q]; w.rsp = lines[2][q]; w.rr = lines[3][q];
          w.net = lines[4][q]; w.ring = lines[5][q];
          w.state.state = state[q];
          if (s_valid[q]) w.state.sq_producer = s_prod[q];
          if (r_valid[q]) w.state.rq_producer = r_prod[q];
          for (int i = 0; i < 64; i++) begin
            if (puts[i] != w[64*i +: 64]) fail($sformatf("query: word %0d %h not %h", i, puts[i],
                                                         w[64*i +: 64]));
          end
        end
        6'h17: begin
          if (!cleared_q || !closed_q) fail("destroy without its markers");
          exists[q] = 0; vague[q] = 0;
          forget(q);
        end
        6'h18: if (qp_rsp.major == 0) begin
          tern_hw_qp_seg_t s = lines[0][q];
          tern_hw_qp_rsp_t p = lines[2][q];
          if (s_valid[q] && 16'(s.at.wqe - c_sprod) >= 32768) fail("flush: send queue");
          if (r_valid[q] && 16'(p.recv.wqe - c_rprod) >= 32768) fail("flush: receive queue");
          if (out_q[4:3] != '1) fail("flush: no marker");
        end
        6'h19: begin
          if (!out_q[0] || (s_valid[q] && !s_stop[q])) fail("suspend");
          susp[q] = 1;
          if (!hmc) want_hold(q, 1);
        end
        6'h1a: if (!hmc && c_susp) begin
          susp[q] = 0;
          want_hold(q, 0);
        end
        default: ;
      endcase
    end
    for (int l = 0; l < 6; l++) bad[l][q] = 0;
    c_busy = 0;
    check_qp(q);
  endtask

  // tern_mcast. Of a QP that goes away nothing may come any more when it leaves its groups
  task automatic step_groups();
    mc_done <= 0;
    if (mc_valid && mc_ready) begin
      if (!c_busy || c_groups != 0 || mc_attach != (c_op == 6'h20) || mc_detach != (c_op == 6'h21) ||
          int'(ctl_qpn) != c_q || typ[c_q] != 2) fail("groups");
      if (c_op == 6'h17 ? !closed_q || t_exists[c_q] :
          mc_gid != c_wqe[255:128] || mc_no_own != c_wqe[64]) fail("groups: too early, or other ones");
      c_groups++;
      mc_due = cycle + longint'(wait_time());
    end
    if (mc_due != 0 && cycle >= mc_due) begin
      mc_due    = 0;
      mc_done  <= 1;
      mc_minor <= (c_op == 6'h17) ? 16'd0 : c_minor;
      mc_full  <= c_full;
    end
    mc_ready <= rdy();
  endtask

  task automatic step_cqp();
    if (qp_put) begin
      if (!c_busy || put_seen[qp_put_index]) fail("put");
      put_seen[qp_put_index] = 1;
      puts[qp_put_index] = qp_put_data;
    end
    if (qp_rsp_valid) begin
      if (!c_busy) fail("an answer to no command");
      finish_command();
    end
    if (qp_valid && qp_ready) begin
      if (c_busy) fail("two commands");
      accepted();
    end else if (!qp_valid && !c_busy && answered < count && pct(lag == 0 ? 50 : 10)) begin
      new_command();
    end
    if (c_busy && idle) fail("idle with a command");
  endtask

  task automatic step_reports();
    for (int s = 0; s < Srcs; s++) begin
      tern_pkg::qp_err_t e;
      if (err_valid[s]) begin
        err_since[s]++;
        if (err_since[s] > MaxWait) fail("a report is not taken");
        if (err_since[s] > int'(maxwait)) maxwait = err_since[s];
      end
      if (err_valid[s] && err_ready[s]) begin
        e = err[s];
        errors_taken++;
        if (e.qpn < QpnW'(Qps)) begin
          int q = int'(e.qpn);
          posts[q].push_back('{e, live(q)});
          if (e.reason == TERN_HW_QP_REASON_CONTEXT) begin
            lost[q] = 1;
            if (live(q)) nak_end[q] = 64'h7fff_ffff_ffff_ffff;
          end
        end
        err_valid[s] <= 0;
      end else if (!err_valid[s] && answered < count && $urandom_range(9999) < err_rate) begin
        tern_hw_qp_rh_t h;
        tern_hw_qp_rsp_t p;
        int q = pct(60) ? c_q : $urandom_range(Qps - 1);
        h = lines[1][q]; p = lines[2][q];
        e.qpn = QpnW'(q);
        if (pct(3)) e.qpn = QpnW'($urandom);
        e.wqe_valid = pct(70); e.rq = pct(50);
        e.wqe = (e.rq ? p.recv.wqe : h.at.done) + 16'($urandom_range(5)) - 16'd1;
        e.status = 8'($urandom_range(21, 1)); e.reason = 8'($urandom);
        if (pct(10)) e.reason = TERN_HW_QP_REASON_CONTEXT;
        // Its NAK, if it has one, was there before
        if (q >= 2 && live(q) && !limbo[q] && nak_end[q] == 0 && pct(50))
          nak_end[q] = cycle + 64'($urandom_range(pct(10) ? 20000 : 1500));
        e.ae_code = 16'($urandom_range('h603, 'h601));
        if (!(int'(ctl_qpn) == int'(e.qpn) && (out_q == '1 || (c_busy && c_op == 6'h14)))) begin
          err_valid[s] <= 1;
          err[s] <= e;
          err_since[s] = 0;
        end
      end
    end
    if (rhd_valid && rhd_ready) begin
      drain_posts[int'(rhd_qpn)]++;
      rhd_valid <= 0;
    end else if (!rhd_valid && answered < count && pct(4)) begin
      int q = $urandom_range(Qps - 1);
      for (int i = 2; i < 7; i++) if (exists[i] && state[i] == Sqd) q = i;
      if (!(int'(ctl_qpn) == q && (out_q == '1 || (c_busy && c_op == 6'h14)))) begin
        rhd_valid <= 1;
        rhd_qpn <= QpnW'(q);
      end
    end
    ae_ready <= rdy();
    if (ae_valid && ae_ready) begin
      int q = int'(ae.id);
      events++;
      if (ae.source != 5 || q >= Qps || !exists[q]) fail("event of no QP");
      if (c_busy) fail("event within a command");
      if (ae.code == 16'h605) begin
        if (state[q] != Sqd || drained[q] || drain_posts[q] == 0 || ae.detail != 0)
          fail("sq_drained");
        drains++;
        drained[q] = 1;
      end else begin
        if (!live(q)) fail("error of a QP in error");
        now_err(q, 1);
        check_qp(q);
      end
    end
  endtask

  int rest;

  always @(posedge clk) begin
    if (rst) begin
      item_ready <= '0; item_rsp_valid <= '0; sched_ready <= 0; sched_done <= 0; rq_ready <= 0;
      rq_done <= 0; steer_ready <= 0; tool_ready <= '0; dr_ready <= '0; dr_done <= '0;
      txd_valid <= 0; rxd_valid <= 0; err_valid <= '0; rhd_valid <= 0; qp_valid <= 0;
      ae_ready <= 0; ask_ready <= 0; ask_done <= 0; mc_ready <= 0; mc_done <= 0;
    end else begin
      cycle++;
      if (cycle % 4096 == 0) begin
        lag = $urandom_range(2);
        rest = $urandom_range(3);
        case (rest)
          0:       err_rate = 0;
          1:       err_rate = 80;
          default: err_rate = 4;
        endcase
        rest = 0;
      end
      step_items();
      step_sched();
      step_rq();
      step_tools();
      step_groups();
      step_cqp();
      step_reports();
      step_stages();
      if (answered >= count) begin
        rest = idle ? rest + 1 : 0;
        if (rest == 200) begin
          for (int q = 0; q < Qps; q++) begin
            if (live(q) && posts[q].size() != 0 && posts[q][posts[q].size() - 1].live)
              fail($sformatf("QP %0d: a report came to nothing", q));
            check_qp(q);
          end
          $display("%0d commands (%0d refused, %0d HMC failures), %0d events (%0d drained), %0d reports, longest wait %0d, %0d waits for NAKs (%0d times in vain), %0d cycles",
                   answered, refused, hmc_fails, events, drains, errors_taken, maxwait, limbos, comebacks,
                   cycle);
          if (events < answered / 100 || drains == 0 || limbos < answered / 1000) fail("not enough has happened");
          $finish;
        end
      end
      if (qp_rsp_valid || ae_valid) quiet_since = cycle;
      if (cycle - quiet_since > 100000) fail("nothing happens");
    end
  end

  initial begin
    seed = 1; count = 20000;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    void'($urandom(seed));
    rst = 1;
    repeat (5) @(posedge clk);
    rst = 0;
  end

endmodule
