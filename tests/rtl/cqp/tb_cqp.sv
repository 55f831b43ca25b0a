// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The control queue pair with the DMA engines, the GID table and a random AXI memory, against
// stub engines whose answers are functions of the request. Commands are judged when they
// complete: every one in order, with the outcome, the buffer, the entry for the CCQ and the
// requests to other blocks that its words ask for. Rings of all sizes are started, stopped in
// the middle, fed with bad doorbells, wrong polarity and unmapped memory.

module tb_cqp #(
  parameter bit Have = 1'b0  // there are engines for QPs and memory regions
);
  import tb_mem_pkg::*;

  typedef tern_hw_pkg::tern_hw_cqp_wqe_t     wqe_t;
  typedef tern_hw_pkg::tern_hw_cqp_gid_wqe_t gid_wqe_t;
  typedef tern_hw_pkg::tern_hw_cqp_sds_wqe_t sds_wqe_t;
  typedef tern_hw_pkg::tern_hw_cqp_cq_wqe_t  cq_wqe_t;
  typedef tern_hw_pkg::tern_hw_sd_entry_t    sd_entry_t;
  typedef tern_hw_pkg::tern_hw_gid_entry_t   gid_entry_t;
  typedef tern_pkg::ctl_rsp_t                rsp_t;

  localparam longint unsigned RingBase = 64'h0000_0001_0000_0000;
  localparam longint unsigned BufBase  = 64'h0000_7f00_0000_0000;
  localparam int unsigned     BufPages = 64;  // of each kind, one per command in flight
  localparam int unsigned     RoPage = BufPages, WoPage = 2 * BufPages, NoPage = 3 * BufPages;
  localparam int unsigned     MaxAhead = 40;

  logic clk = 0, rst = 1;
  always #2 clk = !clk;

  // -------------------------------------------------------------------------------- DUT

  logic        idle, enable = 0, enabled, halted, error;
  logic [63:0] base = 0, result;
  logic [4:0]  log_size = 0;
  logic [15:0] tail;
  logic [31:0] err;
  logic        db_valid = 0, db_ready, db_bad_valid, db_bad_ready = 0;
  tern_pkg::db_t     db;
  tern_pkg::db_bad_t db_bad;
  logic        rd_valid, rd_ready, rd_rsp_valid, wr_valid, wr_ready, wr_rsp_valid;
  tern_pkg::dma_rd_req_t  rd;
  tern_pkg::dma_rd_rsp_t  rd_rsp;
  tern_pkg::dma_wr_beat_t wr;
  tern_pkg::dma_wr_rsp_t  wr_rsp;
  logic        hmc_valid, hmc_ready = 0, hmc_rsp_valid = 0;
  logic        cq_valid, cq_ready = 0, cq_rsp_valid = 0;
  logic        eq_valid, eq_ready = 0, eq_rsp_valid = 0;
  tern_pkg::hmc_ctl_req_t hmc;
  tern_pkg::cq_ctl_req_t  cq;
  tern_pkg::eq_ctl_req_t  eq;
  rsp_t        hmc_rsp, cq_rsp, eq_rsp;
  logic        ccq_valid = 0, cqe_valid, cqe_ready = 0;
  logic [23:0] ccq_num = 0;
  tern_pkg::cqe_req_t cqe;
  logic        gid_write;
  logic [6:0]  gid_index;
  logic [511:0] gid_to, gid_from;
  logic [5:0]  stat_index;
  logic        ae_valid, ae_ready = 0;
  tern_pkg::ae_req_t ae;
  logic        stat_done, stat_failed;

  logic        mr_valid, mr_ready = 0, mr_rsp_valid = 0;
  logic        qp_valid, qp_ready = 0, qp_rsp_valid = 0, qp_put = 0;
  logic [5:0]  mr_op, qp_op, qp_put_index;
  logic [63:0] qp_put_data;
  logic [511:0] mr_wqe, qp_wqe, qp_attr;
  rsp_t        mr_rsp, qp_rsp;

  tern_cqp #(.HaveQp(Have), .HaveMr(Have)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .cqp_base_i(base), .cqp_log_size_i(log_size), .cqp_enable_i(enable),
    .cqp_enabled_o(enabled), .cqp_halted_o(halted), .cqp_tail_o(tail), .cqp_error_o(error),
    .cqp_err_o(err), .cqp_result_o(result),
    .db_valid_i(db_valid), .db_ready_o(db_ready), .db_i(db),
    .db_bad_valid_o(db_bad_valid), .db_bad_ready_i(db_bad_ready), .db_bad_o(db_bad),
    .rd_valid_o(rd_valid), .rd_ready_i(rd_ready), .rd_o(rd),
    .rd_rsp_valid_i(rd_rsp_valid), .rd_rsp_i(rd_rsp),
    .wr_valid_o(wr_valid), .wr_ready_i(wr_ready), .wr_o(wr),
    .wr_rsp_valid_i(wr_rsp_valid), .wr_rsp_i(wr_rsp),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(hmc_ready), .hmc_o(hmc),
    .hmc_rsp_valid_i(hmc_rsp_valid), .hmc_rsp_i(hmc_rsp),
    .cq_valid_o(cq_valid), .cq_ready_i(cq_ready), .cq_o(cq),
    .cq_rsp_valid_i(cq_rsp_valid), .cq_rsp_i(cq_rsp),
    .eq_valid_o(eq_valid), .eq_ready_i(eq_ready), .eq_o(eq),
    .eq_rsp_valid_i(eq_rsp_valid), .eq_rsp_i(eq_rsp),
    .mr_valid_o(mr_valid), .mr_ready_i(mr_ready), .mr_op_o(mr_op), .mr_wqe_o(mr_wqe),
    .mr_rsp_valid_i(mr_rsp_valid), .mr_rsp_i(mr_rsp),
    .qp_valid_o(qp_valid), .qp_ready_i(qp_ready), .qp_op_o(qp_op), .qp_wqe_o(qp_wqe),
    .qp_attr_o(qp_attr), .qp_put_i(qp_put), .qp_put_index_i(qp_put_index),
    .qp_put_data_i(qp_put_data), .qp_rsp_valid_i(qp_rsp_valid), .qp_rsp_i(qp_rsp),
    .ccq_valid_i(ccq_valid), .ccq_num_i(ccq_num),
    .cqe_valid_o(cqe_valid), .cqe_ready_i(cqe_ready), .cqe_o(cqe),
    .gid_write_o(gid_write), .gid_index_o(gid_index), .gid_o(gid_to), .gid_i(gid_from),
    .stat_index_o(stat_index), .stat_value_i(stat_of(stat_index)),
    .ae_valid_o(ae_valid), .ae_ready_i(ae_ready), .ae_o(ae),
    .stat_cqp_done_o(stat_done), .stat_cqp_failed_o(stat_failed)
  );

  tern_gid u_gid (
    .clk_i(clk), .rst_i(rst), .write_i(gid_write), .index_i(gid_index), .entry_i(gid_to),
    .entry_o(gid_from), .rd_index_i(7'd0), .rd_entry_o()
  );

  logic        arvalid, arready, rvalid, rready, rlast, awvalid, awready, wvalid, wready, wlast;
  logic        bvalid, bready;
  logic [5:0]  arid, rid, awid, bid;
  logic [63:0] araddr, awaddr, wstrb;
  logic [7:0]  arlen, awlen;
  logic [2:0]  arsize, awsize;
  logic [1:0]  arburst, awburst, rresp, bresp;
  logic [511:0] rdata, wdata;

  tern_dma_read #(.NumClients(1)) u_read (
    .clk_i(clk), .rst_i(rst), .quiesce_i(1'b0), .idle_o(),
    .req_valid_i(rd_valid), .req_ready_o(rd_ready), .req_i(rd),
    .rsp_valid_o(rd_rsp_valid), .rsp_o(rd_rsp),
    .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready), .m_axi_arid_o(arid),
    .m_axi_araddr_o(araddr), .m_axi_arlen_o(arlen), .m_axi_arsize_o(arsize),
    .m_axi_arburst_o(arburst),
    .m_axi_rvalid_i(rvalid), .m_axi_rready_o(rready), .m_axi_rid_i(rid), .m_axi_rdata_i(rdata),
    .m_axi_rresp_i(rresp), .m_axi_rlast_i(rlast),
    .stat_dma_read_o(), .stat_dma_read_err_o()
  );

  tern_dma_write #(.NumClients(1)) u_write (
    .clk_i(clk), .rst_i(rst), .quiesce_i(1'b0), .idle_o(),
    .wr_valid_i(wr_valid), .wr_ready_o(wr_ready), .wr_i(wr),
    .rsp_valid_o(wr_rsp_valid), .rsp_o(wr_rsp),
    .m_axi_awvalid_o(awvalid), .m_axi_awready_i(awready), .m_axi_awid_o(awid),
    .m_axi_awaddr_o(awaddr), .m_axi_awlen_o(awlen), .m_axi_awsize_o(awsize),
    .m_axi_awburst_o(awburst),
    .m_axi_wvalid_o(wvalid), .m_axi_wready_i(wready), .m_axi_wdata_o(wdata),
    .m_axi_wstrb_o(wstrb), .m_axi_wlast_o(wlast),
    .m_axi_bvalid_i(bvalid), .m_axi_bready_o(bready), .m_axi_bid_i(bid), .m_axi_bresp_i(bresp),
    .stat_dma_write_o(), .stat_dma_write_err_o()
  );

  tb_axi_mem u_mem (
    .clk_i(clk), .rst_i(rst),
    .s_axi_arvalid_i(arvalid), .s_axi_arready_o(arready), .s_axi_arid_i(arid),
    .s_axi_araddr_i(araddr), .s_axi_arlen_i(arlen), .s_axi_arsize_i(arsize),
    .s_axi_arburst_i(arburst),
    .s_axi_rvalid_o(rvalid), .s_axi_rready_i(rready), .s_axi_rid_o(rid), .s_axi_rdata_o(rdata),
    .s_axi_rresp_o(rresp), .s_axi_rlast_o(rlast),
    .s_axi_awvalid_i(awvalid), .s_axi_awready_o(awready), .s_axi_awid_i(awid),
    .s_axi_awaddr_i(awaddr), .s_axi_awlen_i(awlen), .s_axi_awsize_i(awsize),
    .s_axi_awburst_i(awburst),
    .s_axi_wvalid_i(wvalid), .s_axi_wready_o(wready), .s_axi_wdata_i(wdata),
    .s_axi_wstrb_i(wstrb), .s_axi_wlast_i(wlast),
    .s_axi_bvalid_o(bvalid), .s_axi_bready_i(bready), .s_axi_bid_o(bid), .s_axi_bresp_o(bresp)
  );

  // What is offered stays as it is until it is taken
  localparam int unsigned Ports = 10;
  logic [Ports-1:0] valid, taken, held_q = 0;
  logic [Ports-1:0][1029:0] offered, offered_q;

  assign valid = {mr_valid, qp_valid, rd_valid, wr_valid, hmc_valid, cq_valid, eq_valid, cqe_valid,
                  ae_valid, db_bad_valid};
  assign taken = valid & {mr_ready, qp_ready, rd_ready, wr_ready, hmc_ready, cq_ready, eq_ready,
                          cqe_ready, ae_ready, db_bad_ready};
  assign offered = {1030'({mr_op, mr_wqe}), 1030'({qp_op, qp_wqe, qp_attr}), 1030'(rd), 1030'(wr),
                    1030'(hmc), 1030'(cq), 1030'(eq), 1030'(cqe), 1030'(ae), 1030'(db_bad)};

  always @(posedge clk) begin
    for (int i = 0; i < Ports; i++)
      if (held_q[i] && (!valid[i] || offered[i] != offered_q[i]))
        $fatal(1, "port %0d did not wait for ready", i);
    held_q <= rst ? '0 : valid & ~taken;
    offered_q <= offered;
  end

  // -------------------------------------------------------------- what the stubs answer

  function automatic bit chance(int unsigned percent);
    return $urandom_range(99) < percent;
  endfunction

  function automatic logic [63:0] stat_of(logic [5:0] index);
    return {32'h57a7_0000, 26'd0, index} * 64'h9e37_79b9_7f4a_7c15;
  endfunction

  function automatic rsp_t answer(logic [15:0] major, logic [15:0] minor, logic [63:0] value);
    answer.major = major;
    answer.minor = minor;
    answer.result = value;
  endfunction

  // Commands for other engines: about half fail, somehow
  function automatic rsp_t hash_answer(logic [511:0] wqe);
    logic [63:0] h = 64'h1234_5678_9abc_def1;
    for (int i = 0; i < 8; i++) h = (h ^ wqe[64*i +: 64]) * 64'h9e37_79b9_7f4a_7c15;
    if (h[63]) return answer(0, 0, 0);
    return answer(16'(h[58:56]) % 16'd5 + 16'd1, 16'(h[44:40]) % 16'd20 + 16'd1, 64'(h[39:8]));
  endfunction

  function automatic int unsigned kind_limit(int unsigned kind);
    return 32'd1000 * (kind + 1) + kind;
  endfunction

  function automatic int unsigned kind_log(int unsigned kind);
    return 3 + kind;
  endfunction

  function automatic rsp_t count_answer(int unsigned kind, int unsigned count);
    if (count > kind_limit(kind))
      return answer(tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_LIMIT,
                    64'(kind));
    return answer(0, 0, 0);
  endfunction

  function automatic rsp_t commit_answer(int unsigned sum);
    if (sum % 5 == 3)
      return answer(tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE,
                    tern_hw_pkg::TERN_HW_CQP_MINOR_COMMITTED, 0);
    return answer(0, 0, 64'(sum) % 1024);
  endfunction

  function automatic longint unsigned kind_base(int unsigned kind, int unsigned sum);
    return 64'(kind * sum) << 21;
  endfunction

  function automatic rsp_t sd_answer(sd_entry_t e);
    if (e.what.sd >= 16'd1024)
      return answer(tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_SD, 77);
    return answer(0, 0, 0);
  endfunction

  // -------------------------------------------------------------------- commands at large

  typedef struct {
    logic [511:0]    wqe;
    rsp_t            rsp;       // what it must complete with
    int unsigned     hmc_sds;   // entries that reach the HMC
    longint unsigned buffer;
  } command_t;

  command_t    queue [$];       // posted, not completed; [0] is the one in execution
  int unsigned posted;          // since enabled
  bit          broken;          // the next command at the device is one that halts it
  int unsigned sds_seen, counts_seen;
  int unsigned staged_sum, staged [6];
  bit          ccq_before, cqe_seen;
  gid_entry_t  gids [128];
  int unsigned completed, failed, halts, stops, bad_doorbells, ccqes;
  int unsigned op_count [64];
  int unsigned old_news;        // doorbells under way that may be refused or not
  logic [15:0] exp_bad [$];     // codes of doorbells that must be reported
  tern_pkg::ae_req_t events [$];
  int unsigned done_pulses, failed_pulses;

  // ---------------------------------------------------------------------------- builders

  function automatic longint unsigned pick_buffer(int unsigned len);
    longint unsigned page = 64'(posted) % 64'(BufPages);
    longint unsigned offset = 64'($urandom_range((4096 - len) / 64) * 64);
    int unsigned what = $urandom_range(99);

    if (what < 4) page += 64'(RoPage);
    else if (what < 8) page += 64'(WoPage);
    else if (what < 10) page += 64'(NoPage);
    else if (what < 12) offset += 64'($urandom_range(63, 1));
    else if (what < 14 && len > 64) offset = 64'd4160 - 64'(len);
    return BufBase + page * 4096 + offset;
  endfunction

  function automatic bit may(longint unsigned addr, int unsigned access);
    return (tb_mem_access(addr) & access) != 0;
  endfunction

  function automatic void set_rsp(ref command_t c, input logic [15:0] major, logic [15:0] minor);
    c.rsp = answer(major, minor, 0);
  endfunction

  // A buffer that is written at the end
  function automatic void judge_buffer(ref command_t c, input int unsigned len);
    if (c.buffer[5:0] != 0 || int'(c.buffer[11:0]) + len > 4096)
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS);
    else if (!may(c.buffer, MemWrite))
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA, tern_hw_pkg::TERN_HW_CQP_MINOR_WRITE);
  endfunction

  function automatic void build_query(ref command_t c, input int unsigned len);
    c.buffer = pick_buffer(len);
    c.wqe[127:64] = c.buffer;
    judge_buffer(c, len);
  endfunction

  function automatic void build_commit(ref command_t c);
    int unsigned sum = 0, count;
    rsp_t rsp = '0;

    c.buffer = pick_buffer(256);
    c.wqe[127:64] = c.buffer;
    judge_buffer(c, 256);
    if (c.rsp.major == tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM) return;
    for (int unsigned i = 0; i < 32; i++)
      tb_mem_put64(c.buffer + 64'(8 * i), {$urandom, $urandom});
    for (int unsigned kind = 0; kind < 15; kind++) begin
      count = chance(95) ? $urandom_range(kind_limit(kind)) : kind_limit(kind) + 1;
      if (kind >= 6) count = chance(99) ? 0 : 1;
      tb_mem_put32(c.buffer + 64'(16 + 16 * kind), count);
      if (rsp.major == 0 && kind < 6) rsp = count_answer(kind, count);
      if (rsp.major == 0 && kind >= 6 && count != 0)
        rsp = answer(tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_LIMIT,
                     64'(kind));
      sum += count;
    end
    if (rsp.major == 0) rsp = commit_answer(sum);
    if (!may(c.buffer, MemRead))
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA, tern_hw_pkg::TERN_HW_CQP_MINOR_READ);
    else if (rsp.major != 0) c.rsp = rsp;
  endfunction

  function automatic void build_sds(ref command_t c);
    sds_wqe_t w = c.wqe;
    sd_entry_t e;
    bit by_buffer = chance(40);
    int unsigned max = by_buffer ? 256 : 3, count;

    count = chance(8) ? (chance(50) ? 0 : max + 1) : $urandom_range(chance(80) ? 8 : max, 1);
    if (!by_buffer && count > 3) count = 3;
    w.e = '0;
    w.ctl = '0;
    w.ctl.buffer = by_buffer;
    w.ctl.count = 9'(count);
    c.buffer = BufBase + 64'(posted) % 64'(BufPages) * 4096;
    if (by_buffer && chance(4)) c.buffer += 64;
    if (by_buffer && chance(4)) c.buffer += 64'(WoPage) * 4096;
    if (by_buffer) w.e[63:0] = c.buffer;
    if (count == 0 || count > max) begin
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_SIZE);
    end else if (by_buffer && c.buffer[11:0] != 0) begin
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS);
    end else if (by_buffer && !may(c.buffer, MemRead)) begin
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA, tern_hw_pkg::TERN_HW_CQP_MINOR_READ);
    end else begin
      for (int unsigned i = 0; i < count; i++) begin
        e = {$urandom, $urandom, $urandom, $urandom};
        e.what.sd = 16'(chance(97) ? $urandom_range(1023) : $urandom_range(65535, 1024));
        if (by_buffer) begin
          tb_mem_put64(c.buffer + 64'(16 * i), e[63:0]);
          tb_mem_put64(c.buffer + 64'(16 * i + 8), e[127:64]);
        end else begin
          w.e[128*i +: 128] = e;
        end
        if (c.rsp.major == 0) begin
          c.hmc_sds++;
          c.rsp = sd_answer(e);
          if (c.rsp.major != 0) c.rsp.result = 64'(i);
        end
      end
    end
    c.wqe = w;
  endfunction

  function automatic void build_gid(ref command_t c);
    gid_wqe_t w = c.wqe;
    logic [23:0] id = 24'($urandom_range(130));

    w.attr.op = 2'($urandom_range(3));
    w.hdr[23:0] = id;
    c.wqe = w;
    if (w.attr.op == 3)
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_GID);
    else if (id > 127)
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_INDEX);
    else if (w.attr.op == tern_hw_pkg::TERN_HW_GID_OP_READ) begin
      c.buffer = pick_buffer(64);
      c.wqe[191:128] = c.buffer;
      judge_buffer(c, 64);
    end
  endfunction

  // MODIFY_QP reads its attributes, QUERY_QP writes what it found
  function automatic void build_qp(ref command_t c, input logic [5:0] op);
    bit bad;

    if (op == tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_QP && chance(30)) begin
      c.wqe[143:128] = 0;  // no attributes, so no address
    end else if (op == tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_QP) begin
      c.wqe[143:128] = 16'($urandom_range(65535, 1));
      c.buffer = pick_buffer(64);
      for (int unsigned i = 0; i < 8; i++)
        tb_mem_put64({c.buffer[63:6], 6'd0} + 64'(8 * i), {$urandom, $urandom});
      c.wqe[127:64] = c.buffer;
    end else if (op == tern_hw_pkg::TERN_HW_CQP_OP_QUERY_QP) begin
      c.buffer = pick_buffer(512);
      if (chance(95)) c.buffer[8:0] = 0;
      c.wqe[127:64] = c.buffer;
    end
    c.rsp = hash_answer(c.wqe);
    if (op == tern_hw_pkg::TERN_HW_CQP_OP_QUERY_QP) bad = c.buffer[8:0] != 0;
    else bad = c.buffer[5:0] != 0;
    if (c.buffer == 0) return;
    if (bad)
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS);
    else if (op == tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_QP && !may(c.buffer, MemRead))
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA, tern_hw_pkg::TERN_HW_CQP_MINOR_READ);
    else if (op == tern_hw_pkg::TERN_HW_CQP_OP_QUERY_QP && c.rsp.major == 0 &&
             !may(c.buffer, MemWrite))
      set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA, tern_hw_pkg::TERN_HW_CQP_MINOR_WRITE);
  endfunction

  function automatic logic [63:0] query_word(logic [511:0] wqe, int unsigned index);
    return (wqe[127:64] ^ wqe[319:256] ^ 64'(index)) * 64'h9e37_79b9_7f4a_7c15;
  endfunction

  function automatic logic [5:0] pick_op();
    int unsigned n = $urandom_range(99);
    if (n < 20) return tern_hw_pkg::TERN_HW_CQP_OP_NOP;
    if (n < 26) return 6'($urandom_range(63));
    return 6'($urandom_range(Have ? 33 : 18));
  endfunction

  function automatic command_t build();
    command_t c;
    wqe_t w;
    logic [5:0] op = pick_op();

    for (int i = 0; i < 16; i++) c.wqe[32*i +: 32] = $urandom;
    w = c.wqe;
    w.hdr.op = op;
    // Few ids, so that the CCQ is destroyed now and then
    w.hdr.id = 24'($urandom_range(7));
    w.hdr.polarity = !posted[log_size];
    c.wqe = w;
    c.rsp = '0;
    c.hmc_sds = 0;
    c.buffer = 0;
    case (op)
      tern_hw_pkg::TERN_HW_CQP_OP_NOP: ;
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_CAPS: build_query(c, 128);
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_FPM: build_query(c, 256);
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_STATS: build_query(c, 512);
      tern_hw_pkg::TERN_HW_CQP_OP_COMMIT_FPM: build_commit(c);
      tern_hw_pkg::TERN_HW_CQP_OP_UPDATE_SDS: build_sds(c);
      tern_hw_pkg::TERN_HW_CQP_OP_MANAGE_GID: build_gid(c);
      6'h08, 6'h09, 6'h0a, 6'h0c, 6'h0d, 6'h0e, 6'h10, 6'h11, 6'h12: c.rsp = hash_answer(c.wqe);
      6'h14, 6'h15, 6'h16, 6'h17, 6'h18, 6'h19, 6'h1a, 6'h1c, 6'h1d, 6'h1e, 6'h1f, 6'h20, 6'h21:
        if (!Have)
          set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_UNSUPPORTED,
                  tern_hw_pkg::TERN_HW_CQP_MINOR_OPCODE);
        else if (op >= 6'h1c && op <= 6'h1f) c.rsp = hash_answer(c.wqe);
        else build_qp(c, op);
      default:
        set_rsp(c, tern_hw_pkg::TERN_HW_CQP_MAJOR_UNSUPPORTED,
                tern_hw_pkg::TERN_HW_CQP_MINOR_OPCODE);
    endcase
    return c;
  endfunction

  // ------------------------------------------------------------------------------- judge

  function automatic void expect64(string what, longint unsigned got, longint unsigned want);
    if (got != want)
      $fatal(1, "command %0d, op %h: %s: %h, expected %h", completed, queue[0].wqe[29:24], what,
             got, want);
  endfunction

  function automatic void check_words(string what, logic [4095:0] want, int unsigned words);
    for (int unsigned i = 0; i < words; i++)
      expect64($sformatf("%s, word %0d", what, i), tb_mem_get64(queue[0].buffer + 64'(8 * i)),
               want[64*i +: 64]);
  endfunction

  function automatic logic [4095:0] want_caps();
    logic [31:0] w [32];
    foreach (w[i]) w[i] = 0;
    w[0] = 32'h0001_0000;
    w[1] = 64;
    w[2] = 32;
    w[3] = 1024;
    w[4] = 128;
    w[5] = 22;
    w[6] = 20;
    w[7] = 20;
    w[8] = 32'h7fff_f000;
    w[10] = 1_000_000;
    w[11] = 12;
    w[12] = 15;
    w[13] = 15;
    w[14] = 16;
    w[15] = 224;
    w[16] = 16;
    w[17] = 64;
    w[18] = 15;
    w[19] = 64;
    w[20] = 16;
    want_caps = '0;
    foreach (w[i]) want_caps[32*i +: 32] = w[i];
  endfunction

  function automatic logic [4095:0] want_fpm(bit commit);
    logic [4095:0] fpm = '0;
    int unsigned sum = 0, count;

    for (int unsigned k = 0; k < 6; k++) begin
      count = staged[k];
      sum += count;
      if (!commit) count = kind_limit(k);
      fpm[128*(k+1) +: 64] = {kind_log(k), count};
    end
    fpm[31:0] = 1024;
    if (!commit) return fpm;
    fpm[63:32] = sum % 1024;
    for (int unsigned k = 0; k < 6; k++) fpm[128*(k+1)+64 +: 64] = kind_base(k, sum);
    return fpm;
  endfunction

  function automatic void check_effects();
    gid_wqe_t g = queue[0].wqe;
    gid_entry_t e;
    logic [4095:0] stats;

    case (queue[0].wqe[29:24])
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_CAPS: check_words("caps", want_caps(), 16);
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_FPM: check_words("limits", want_fpm(0), 32);
      tern_hw_pkg::TERN_HW_CQP_OP_COMMIT_FPM: check_words("layout", want_fpm(1), 32);
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_STATS: begin
        for (int unsigned i = 0; i < 64; i++) stats[64*i +: 64] = stat_of(6'(i));
        check_words("counter", stats, 64);
      end
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_QP: begin
        for (int unsigned i = 0; i < 64; i++) stats[64*i +: 64] = query_word(queue[0].wqe, i);
        check_words("QP", stats, 64);
      end
      tern_hw_pkg::TERN_HW_CQP_OP_MANAGE_GID: begin
        e = '0;
        if (g.attr.op == tern_hw_pkg::TERN_HW_GID_OP_SET) begin
          e.gid = g.gid;
          e.attr.vlan_id = g.attr.vlan_id;
          e.attr.vlan_valid = g.attr.vlan_valid;
          e.attr.ipv4 = g.attr.ipv4;
          e.attr.valid = 1;
          e.mac.addr = g.mac.addr;
        end
        if (g.attr.op == tern_hw_pkg::TERN_HW_GID_OP_READ)
          check_words("gid", 4096'(gids[g.hdr[6:0]]), 8);
        else gids[g.hdr[6:0]] = e;
      end
      default: ;
    endcase
  endfunction

  function automatic bit wants_ccqe();
    wqe_t w = queue[0].wqe;
    return ccq_before && ccq_valid &&
           !(w.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_DESTROY_CQ && w.hdr.id == ccq_num);
  endfunction

  // The tail has moved past queue[0]
  function automatic void judge(logic [15:0] now_tail);
    if (queue.size() == 0 || broken) $fatal(1, "a command completed that does not exist");
    expect64("major, minor", 64'(err), 64'({queue[0].rsp.major, queue[0].rsp.minor}));
    expect64("result", result, queue[0].rsp.result);
    expect64("error bit", 64'(error), 64'(queue[0].rsp.major != 0));
    expect64("tail", 64'(now_tail), 64'(16'(posted - queue.size() + 1)));
    expect64("segment entries", 64'(sds_seen), 64'(queue[0].hmc_sds));
    expect64("entry in the CCQ", 64'(cqe_seen), 64'(wants_ccqe()));
    if (queue[0].rsp.major == 0) check_effects();
    op_count[queue[0].wqe[29:24]]++;
    completed++;
    if (queue[0].rsp.major != 0) failed++;
    if (cqe_seen) ccqes++;
    void'(queue.pop_front());
    cqe_seen = 0;
    sds_seen = 0;
    counts_seen = 0;
    ccq_before = ccq_valid;
  endfunction

  logic [15:0] tail_q;
  logic        enabled_q;

  always @(posedge clk) begin
    if (!rst) begin
      if (stat_done) done_pulses++;
      if (stat_failed) failed_pulses++;
      if (tail != tail_q && enabled && enabled_q) judge(tail);
      if (cqe_valid && cqe_ready) begin
        if (queue.size() == 0 || cqe_seen) $fatal(1, "an entry for the CCQ without a command");
        expect64("CQ number", 64'(cqe.cqn), 64'(ccq_num));
        expect64("result in the CCQ", cqe.cqe[127:64], queue[0].rsp.result);
        expect64("outcome in the CCQ", cqe.cqe[191:128],
                 {16'(posted - queue.size()), 16'd0, queue[0].rsp.major, queue[0].rsp.minor});
        expect64("info in the CCQ", {1'b0, cqe.cqe[254:192]},
                 {34'd0, queue[0].wqe[29:0]} & 64'h3fff_ffff);
        cqe_seen = 1;
      end
      if (ae_valid && ae_ready) events.push_back(ae);
      if (db_bad_valid && db_bad_ready) begin
        if (exp_bad.size() != 0)
          expect64("code of a bad doorbell", 64'(db_bad.code), 64'(exp_bad.pop_front()));
        else if (old_news == 0 || db_bad.code != tern_hw_pkg::TERN_HW_AE_CODE_DB_INDEX)
          $fatal(1, "a good doorbell was refused: %h", db_bad.code);
        if (db_bad.page != 0 || db_bad.offset != 12'h028) $fatal(1, "wrong place of a doorbell");
        bad_doorbells++;
      end
      if (idle && (queue.size() != 0 && !broken && enabled && enable && !halted))
        if (posted_rung != posted - queue.size()) $fatal(1, "idle with work to do");
    end
    tail_q <= tail;
    enabled_q <= enabled;
  end

  // ------------------------------------------------------------------------------- stubs

  sd_entry_t exp_sd;

  function automatic rsp_t hmc_model();
    sd_entry_t e = hmc.sd;
    int unsigned kind = 32'(hmc.kind);

    case (hmc.op)
      tern_pkg::HmcCtlLimit: return answer(0, 0, {24'd0, 8'(kind_log(kind)), kind_limit(kind)});
      tern_pkg::HmcCtlCount: begin
        expect64("order of counts", 64'(kind), 64'(counts_seen));
        counts_seen++;
        staged[kind] = hmc.count;
        return count_answer(kind, hmc.count);
      end
      tern_pkg::HmcCtlCommit: begin
        expect64("counts before the commit", 64'(counts_seen), 6);
        staged_sum = 0;
        for (int k = 0; k < 6; k++) staged_sum += staged[k];
        return commit_answer(staged_sum);
      end
      tern_pkg::HmcCtlLayout: return answer(0, 0, kind_base(kind, staged_sum));
      default: begin
        if (queue[0].wqe[95])
          exp_sd = {tb_mem_get64(queue[0].buffer + 64'(16 * sds_seen + 8)),
                    tb_mem_get64(queue[0].buffer + 64'(16 * sds_seen))};
        else exp_sd = queue[0].wqe[128*(sds_seen+1) +: 128];
        if (e != exp_sd) $fatal(1, "segment entry %0d: %h, expected %h", sds_seen, e, exp_sd);
        sds_seen++;
        return sd_answer(e);
      end
    endcase
  endfunction

  task automatic think();
    repeat ($urandom_range(chance(80) ? 2 : 30)) @(negedge clk);
  endtask

  initial forever begin
    @(negedge clk);
    hmc_ready = 0;
    if (hmc_valid && !hmc_ready && chance(60)) begin
      hmc_ready = 1;
      hmc_rsp = hmc_model();
      @(negedge clk);
      hmc_ready = 0;
      think();
      hmc_rsp_valid = 1;
      @(negedge clk);
      hmc_rsp_valid = 0;
    end
  end

  tern_pkg::cq_ctl_req_t cq_taken;

  // Just before the answer: what the command does to the CCQ
  task automatic cq_effect();
    cq_wqe_t w = cq_taken.wqe;
    if (cq_rsp.major != 0) return;
    if (cq_taken.op == tern_pkg::CtlCreate && w.attr.ccq && !ccq_valid) begin
      ccq_valid = 1;
      ccq_num = w.hdr[23:0];
    end
    if (cq_taken.op == tern_pkg::CtlDestroy && ccq_valid && w.hdr[23:0] == ccq_num) ccq_valid = 0;
  endtask

  function automatic int unsigned op_of(tern_pkg::ctl_op_e op, int unsigned create);
    case (op)
      tern_pkg::CtlCreate: return create;
      tern_pkg::CtlModify: return create + 1;
      default: return create + 2;
    endcase
  endfunction

  initial forever begin
    @(negedge clk);
    cq_ready = 0;
    if (cq_valid && !cq_ready && chance(60)) begin
      cq_ready = 1;
      if (cq.wqe != queue[0].wqe) $fatal(1, "another command reached the CQ engine");
      expect64("CQ operation", 64'(op_of(cq.op, 8)), 64'(queue[0].wqe[29:24]));
      cq_taken = cq;
      cq_rsp = hash_answer(cq.wqe);
      @(negedge clk);
      cq_ready = 0;
      think();
      cq_effect();
      cq_rsp_valid = 1;
      @(negedge clk);
      cq_rsp_valid = 0;
    end
  end

  initial forever begin
    @(negedge clk);
    eq_ready = 0;
    if (eq_valid && !eq_ready && chance(60)) begin
      eq_ready = 1;
      if (eq.wqe != queue[0].wqe) $fatal(1, "another command reached the EQ engine");
      expect64("EQ operation", 64'(op_of(eq.op, eq.aeq ? 16 : 12)),
               64'(queue[0].wqe[29:24]));
      eq_rsp = hash_answer(eq.wqe);
      @(negedge clk);
      eq_ready = 0;
      think();
      eq_rsp_valid = 1;
      @(negedge clk);
      eq_rsp_valid = 0;
    end
  end

  initial forever begin
    @(negedge clk);
    mr_ready = 0;
    if (mr_valid && chance(60)) begin
      mr_ready = 1;
      if (mr_wqe != queue[0].wqe) $fatal(1, "another command reached the MR engine");
      expect64("MR operation", 64'(mr_op), 64'(queue[0].wqe[29:24]));
      if (mr_op < 6'h1c || mr_op > 6'h1f) $fatal(1, "not for the MR engine");
      mr_rsp = hash_answer(mr_wqe);
      @(negedge clk);
      mr_ready = 0;
      think();
      mr_rsp_valid = 1;
      @(negedge clk);
      mr_rsp_valid = 0;
    end
  end

  task automatic check_attr();
    logic [511:0] want = '0;
    if (qp_op == tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_QP && qp_wqe[143:128] != 0)
      for (int unsigned i = 0; i < 8; i++)
        want[64*i +: 64] = tb_mem_get64(qp_wqe[127:64] + 64'(8 * i));
    if (qp_attr != want) $fatal(1, "attributes %h, expected %h", qp_attr, want);
  endtask

  task automatic put_words();
    int unsigned at = $urandom_range(63);
    for (int unsigned i = 0; i < 64; i++) begin
      qp_put = 1;
      qp_put_index = 6'(at);
      qp_put_data = query_word(queue[0].wqe, at);
      at = (at + 13) % 64;
      @(negedge clk);
      qp_put = 0;
      if (chance(5)) think();
    end
  endtask

  initial forever begin
    @(negedge clk);
    qp_ready = 0;
    if (qp_valid && chance(60)) begin
      qp_ready = 1;
      if (qp_wqe != queue[0].wqe) $fatal(1, "another command reached the QP engine");
      expect64("QP operation", 64'(qp_op), 64'(queue[0].wqe[29:24]));
      if ((qp_op < 6'h14 || qp_op > 6'h1a) && qp_op != 6'h20 && qp_op != 6'h21)
        $fatal(1, "not for the QP engine");
      check_attr();
      qp_rsp = hash_answer(qp_wqe);
      @(negedge clk);
      qp_ready = 0;
      if (qp_op == tern_hw_pkg::TERN_HW_CQP_OP_QUERY_QP) put_words();
      think();
      check_attr();
      qp_rsp_valid = 1;
      @(negedge clk);
      qp_rsp_valid = 0;
    end
  end

  always @(posedge clk) begin
    cqe_ready <= chance(70);
    ae_ready <= chance(30);
    db_bad_ready <= chance(50);
  end

  // -------------------------------------------------------------------------------- host

  int unsigned posted_rung;  // what the last good doorbell told

  task automatic ring(logic [23:0] num, logic [31:0] index);
    db_valid = 1;
    db.page = 0;
    db.word = {index, 8'($urandom), num};
    do @(posedge clk); while (!db_ready);
    @(negedge clk);
    db_valid = 0;
  endtask

  task automatic ring_bad();
    int unsigned what = $urandom_range(2);

    case (what)
      0: begin
        exp_bad.push_back(tern_hw_pkg::TERN_HW_AE_CODE_DB_QUEUE);
        ring(24'($urandom_range(1000, 1)), 32'(16'(posted)));
      end
      1: begin
        exp_bad.push_back(tern_hw_pkg::TERN_HW_AE_CODE_DB_INDEX);
        ring(0, 32'(16'(posted)) | 32'h0001_0000);
      end
      // Further ahead than the ring is long, however far the tail gets meanwhile
      default: begin
        exp_bad.push_back(tern_hw_pkg::TERN_HW_AE_CODE_DB_INDEX);
        ring(0, 32'(16'(posted + (1 << log_size) + 1)));
      end
    endcase
  endtask

  task automatic post();
    command_t c = build();
    longint unsigned slot = base + 64'(posted & ((1 << log_size) - 1)) * 64;
    bit [511:0] line = c.wqe;

    tb_mem_put_line(slot, line, '1);
    queue.push_back(c);
    posted++;
  endtask

  // Waits until every announced command is done
  task automatic drain();
    int unsigned patience = 0;
    while (queue.size() != 0 && !halted) begin
      @(negedge clk);
      patience++;
      if (patience > 200_000) $fatal(1, "no progress: %0d commands left", queue.size());
    end
  endtask

  task automatic wait_enabled(bit value);
    int unsigned patience = 0;
    do begin
      @(negedge clk);
      patience++;
      if (patience > 20_000) $fatal(1, "enabled stays %b", enabled);
    end while (enabled != value);
  endtask

  task automatic start(longint unsigned at, int unsigned log2);
    base = at;
    log_size = 5'(log2);
    enable = 1;
    posted = 0;
    posted_rung = 0;
    queue.delete();
    broken = 0;
    cqe_seen = 0;
    sds_seen = 0;
    counts_seen = 0;
    ccq_before = ccq_valid;
    wait_enabled(1);
    @(negedge clk);
  endtask

  task automatic stop();
    enable = 0;
    wait_enabled(0);
    // Whatever was being fetched is over: nothing may come now
    if (rd_valid || dut.u_fetch.asked_q != 0) $fatal(1, "disabled with fetches under way");
    stops++;
  endtask

  task automatic expect_halt(logic [15:0] major, logic [15:0] minor, logic [15:0] code);
    int unsigned patience = 0;
    tern_pkg::ae_req_t event_seen;

    while (!halted || events.size() == 0) begin
      @(negedge clk);
      patience++;
      if (patience > 10_000) $fatal(1, "no halt, or no event for it");
    end
    @(negedge clk);
    if (err != {major, minor}) $fatal(1, "halted with %h", err);
    event_seen = events.pop_front();
    if (event_seen.code != code || event_seen.source != tern_hw_pkg::TERN_HW_AE_SOURCE_CQP ||
        event_seen.detail != 64'(tail)) $fatal(1, "wrong event for a halt");
    // Halted: doorbells are ignored
    ring(0, 32'(16'(posted)));
    repeat (20) @(negedge clk);
    if (!halted || ae_valid || events.size() != 0 || rd_valid) $fatal(1, "does not stay halted");
    halts++;
  endtask

  // The next entry has the wrong polarity, or its page is not there
  task automatic break_ring();
    longint unsigned slot = base + 64'(posted & ((1 << log_size) - 1)) * 64;
    bit unmap = chance(50);
    bit [511:0] line;
    command_t c;

    drain();
    broken = 1;
    c = build();
    line = c.wqe;
    line[63] = !line[63];
    tb_mem_put_line(slot, line, '1);
    if (unmap) tb_mem_map({slot[63:12], 12'd0}, 4096, MemWrite);
    posted++;
    ring(0, 32'(16'(posted)));
    if (unmap)
      expect_halt(tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA, tern_hw_pkg::TERN_HW_CQP_MINOR_READ,
                  tern_hw_pkg::TERN_HW_AE_CODE_CQP_FETCH);
    else
      expect_halt(tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM, tern_hw_pkg::TERN_HW_CQP_MINOR_POLARITY,
                  tern_hw_pkg::TERN_HW_AE_CODE_CQP_POLARITY);
    tb_mem_map({slot[63:12], 12'd0}, 4096, MemReadWrite);
  endtask

  // One life of the ring
  task automatic life(int unsigned commands);
    int unsigned log2 = $urandom_range(chance(70) ? 5 : 12, 1);
    int unsigned room;

    start(RingBase + 64'($urandom_range(255) * 64), log2);
    while (posted < commands) begin
      room = (1 << log2) - queue.size();
      if (room > MaxAhead - queue.size()) room = MaxAhead - queue.size();
      if (room == 0) begin
        @(negedge clk);
        continue;
      end
      repeat ($urandom_range(room, 1)) post();
      ring(0, 32'(16'(posted)));
      posted_rung = posted;
      if (chance(5)) ring_bad();
      if (chance(5)) begin
        // Old news: without effect, and refused if the tail has passed it meanwhile
        old_news++;
        ring(0, 32'(16'(posted - $urandom_range(queue.size()))));
        repeat (30) @(negedge clk);
        old_news--;
      end
      if (chance(30)) drain();
    end
    if (chance(30)) break_ring();
    else if (chance(50)) drain();
    stop();
    // What was not executed is forgotten
    queue.delete();
    if (chance(20)) begin
      exp_bad.push_back(tern_hw_pkg::TERN_HW_AE_CODE_DB_QUEUE);
      ring(0, 1);
    end
  endtask

  initial begin
    int unsigned count = 20_000;

    void'($value$plusargs("count=%d", count));
    tb_mem_map(RingBase, 64'h10_0000, MemReadWrite);
    tb_mem_map(BufBase, 64'(BufPages) * 4096, MemReadWrite);
    tb_mem_map(BufBase + 64'(RoPage) * 4096, 64'(BufPages) * 4096, MemRead);
    tb_mem_map(BufBase + 64'(WoPage) * 4096, 64'(BufPages) * 4096, MemWrite);
    foreach (gids[i]) gids[i] = '0;
    repeat (5) @(negedge clk);
    rst = 0;
    @(negedge clk);
    while (completed < count) begin
      life($urandom_range(chance(90) ? 200 : 2000, 1));
    end
    life(66_000);  // the indexes wrap
    repeat (100) @(negedge clk);
    if (!idle) $fatal(1, "not idle at the end");
    if (exp_bad.size() != 0) $fatal(1, "%0d bad doorbells were not reported", exp_bad.size());
    if (done_pulses != completed || failed_pulses != failed) $fatal(1, "statistics do not add up");
    if (halts == 0 || stops == 0 || ccqes == 0 || bad_doorbells == 0) $fatal(1, "thin coverage");
    for (int i = 0; i < (Have ? 32 : 19); i++)
      if (op_count[i] == 0) $fatal(1, "op %0h never completed", i);
    $display("cqp: %0d commands (%0d failed, %0d with a CCQ entry), %0d stops, %0d halts, ",
             completed, failed, ccqes, stops, halts,
             "%0d bad doorbells", bad_doorbells);
    $finish;
  end

endmodule
