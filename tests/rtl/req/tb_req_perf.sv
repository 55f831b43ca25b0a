// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_sq_fetch and tern_seg together: cycles per packet of a stream of 64 B WRITEs on one QP,
// fetched in jobs of 16 slots, and from the push page one by one; cycles from a job to its packet.

module tb_req_perf;

  bit clk, rst;
  always #2 clk = !clk;

  logic                   fetch_idle, seg_idle, job_valid, job_ready, seg_valid, seg_ready;
  tern_pkg::sq_job_t      job, seg_job;
  tern_pkg::hmc_err_e     seg_err;
  logic [4:0]             seg_buf, free_buf;
  logic                   free_valid, slot_rd;
  logic [8:0]             slot_addr;
  logic [511:0]           slot_data;
  logic                   look_valid, look1, look_hit;
  logic                   ctx_valid, ctx_rsp_valid, pbl_valid;
  logic                   hmc_valid, hmc_rsp_valid;
  tern_pkg::hmc_req_t     ctx, pbl, hmc;
  tern_pkg::hmc_rsp_t     hmc_rsp;
  logic                   rd_valid, rd_rsp_valid;
  tern_pkg::dma_rd_req_t  rd;
  tern_pkg::dma_rd_rsp_t  rd_rsp;
  logic                   pkt_valid, piece_valid;
  tern_pkg::tx_pkt_t      pkt;
  tern_pkg::tx_piece_t    piece;
  logic [9:0]             look_page;
  logic [13:0]            look_qpn;
  logic [15:0]            look_index;

  bit [511:0] entry;

  tern_sq_fetch u_fetch (
    .clk_i(clk), .rst_i(rst), .idle_o(fetch_idle),
    .job_valid_i(job_valid), .job_ready_o(job_ready), .job_i(job),
    .look_valid_o(look_valid), .look_page_o(look_page), .look_qpn_o(look_qpn),
    .look_index_o(look_index),
    .look_hit_i(look_hit), .look_line_i(entry),
    .out_valid_o(seg_valid), .out_ready_i(seg_ready), .out_job_o(seg_job), .out_err_o(seg_err),
    .out_buf_o(seg_buf), .free_valid_i(free_valid), .free_buf_i(free_buf),
    .slot_rd_i(slot_rd), .slot_addr_i(slot_addr), .slot_data_o(slot_data),
    .item_valid_i(1'b0), .item_ready_o(), .item_i('0), .item_rsp_valid_o(), .item_rsp_o(),
    .ctx_req_valid_o(ctx_valid), .ctx_req_ready_i(1'b1), .ctx_req_o(ctx),
    .ctx_rsp_valid_i(ctx_rsp_valid),
    .pbl_req_valid_o(pbl_valid), .pbl_req_ready_i(1'b1), .pbl_req_o(pbl),
    .pbl_rsp_valid_i(1'b0), .hmc_rsp_i(hmc_rsp),
    .rd_valid_o(rd_valid), .rd_ready_i(1'b1), .rd_o(rd),
    .rd_rsp_valid_i(rd_rsp_valid), .rd_rsp_i(rd_rsp),
    .stat_hit_o(), .stat_miss_o()
  );

  tern_seg u_seg (
    .clk_i(clk), .rst_i(rst), .idle_o(seg_idle), .ahead_i(1'b0),
    .job_valid_i(seg_valid), .job_ready_o(seg_ready), .job_i(seg_job), .job_err_i(seg_err),
    .job_buf_i(seg_buf), .free_valid_o(free_valid), .free_buf_o(free_buf),
    .slot_rd_o(slot_rd), .slot_addr_o(slot_addr), .slot_data_i(slot_data),
    .rollback_valid_i(1'b0), .rollback_ready_o(), .rollback_i('0),
    .prog_valid_i(1'b1), .prog_i({14'd5, 64'd0}),
    .waiting_o(), .cur_qpn_o(), .others_i(1'b0),
    .resume_valid_o(), .resume_ready_i(1'b1), .resume_o(),
    .list_qpn_o(), .list_marks_i(16'd0), .list_room_i(1'b1),
    .list_push_valid_o(), .list_push_ready_i(1'b1), .list_push_qpn_o(), .list_push_o(),
    .list_push_mark_o(),
    .pkt_valid_o(pkt_valid), .pkt_ready_i(1'b1), .pkt_o(pkt),
    .piece_valid_o(piece_valid), .piece_ready_i(1'b1), .piece_o(piece),
    .mr_valid_o(), .mr_ready_i(1'b1), .mr_o(), .mr_rsp_valid_i(1'b0), .mr_rsp_status_i('0),
    .req_err_valid_o(), .req_err_ready_i(1'b1), .req_err_o(),
    .kick_valid_o(), .kick_ready_i(1'b1), .kick_qpn_o(),
    .snd_valid_o(), .snd_qpn_o(), .snd_psn_o(),
    .cqe_valid_o(), .cqe_ready_i(1'b1), .cqe_o(),
    .item_valid_i(1'b0), .item_ready_o(), .item_i('0), .item_rsp_valid_o(), .item_rsp_o(),
    .hmc_valid_o(hmc_valid), .hmc_ready_i(1'b1), .hmc_o(hmc), .hmc_rsp_valid_i(hmc_rsp_valid),
    .hmc_rsp_i(hmc_rsp), .stat_hit_o(), .stat_miss_o(), .stat_again_o(), .stat_resent_o(),
    .path_valid_o(), .path_ready_i(1'b1), .path_o(),
    .back_valid_o(), .back_qpn_o()
  );

  // The bus answers 20 cycles after, a beat a cycle
  typedef struct {
    tern_pkg::dma_rd_req_t req;
    longint due;
  } read_t;
  read_t       reads [$];
  int unsigned beat;
  longint      cycle;

  function automatic bit [511:0] seg_line();
    tern_hw_pkg::tern_hw_qp_seg_t l = '0;
    l.conn.active = 1;
    l.conn.mtu    = 3'd3;
    l.conn.max_rd = 5'd16;
    return l;
  endfunction

  function automatic bit [511:0] ring_line();
    tern_hw_pkg::tern_hw_cqp_qp_wqe_t w = '0;
    bit [511:0] l = '0;
    w.attr.sq_valid    = 1;
    w.attr.sq_log_size = 4'd15;
    l[63:0]    = 64'h1234_5678_0000_0000;
    l[191:128] = w.attr;
    return l;
  endfunction

  int unsigned packets, pieces, expect_psn;
  longint      last_packet;

  always @(posedge clk) begin
    cycle <= cycle + 1;
    ctx_rsp_valid <= 0;
    hmc_rsp_valid <= 0;
    rd_rsp_valid  <= 0;
    look1         <= look_valid;
    look_hit      <= look1;
    if (!rst) begin
      hmc_rsp.err <= tern_pkg::HmcOk;
      if (ctx_valid) begin
        ctx_rsp_valid <= 1;
        hmc_rsp.tag   <= ctx.tag;
        hmc_rsp.data  <= ring_line();
      end else if (hmc_valid) begin
        hmc_rsp_valid <= 1;
        hmc_rsp.tag   <= hmc.tag;
        hmc_rsp.data  <= seg_line();
      end
      if (reads.size() != 0 && reads[0].due <= cycle) begin
        rd_rsp_valid  <= 1;
        rd_rsp.tag    <= reads[0].req.tag;
        rd_rsp.offset <= 13'(beat * 64);
        rd_rsp.err    <= 0;
        rd_rsp.last   <= 13'(beat * 64 + 64) == reads[0].req.len;
        rd_rsp.data   <= entry;
        beat++;
        if (13'(beat * 64) == reads[0].req.len) begin
          void'(reads.pop_front());
          beat = 0;
        end
      end
      if (rd_valid) begin
        read_t r;
        r.req = rd;
        r.due = cycle + 20;
        reads.push_back(r);
      end
      if (pkt_valid) begin
        if (32'(pkt.psn) != expect_psn || pkt.opcode != 8'd10 || pkt.len != 14'd64 ||
            pkt.pieces != 6'd1) $fatal(1, "packet %0d is wrong", expect_psn);
        expect_psn++;
        packets++;
        last_packet = cycle;
      end
      if (piece_valid) pieces++;
    end
  end

  int unsigned at;

  task automatic run(int unsigned jobs, int unsigned n, bit pushed, output real per);
    longint start = 0;
    int unsigned first = packets;
    for (int unsigned i = 0; i < jobs; i++) begin
      @(negedge clk);
      job_valid  = 1;
      job        = '0;
      job.qpn    = 14'd5;
      job.first  = 16'(at);
      job.count  = 5'(n);
      job.log_size = 4'd15;
      job.pushed = pushed;
      at += n;
      #1;
      while (!job_ready) begin
        @(negedge clk);
        #1;
      end
      @(posedge clk);
      if (packets - first >= 32 && start == 0) begin
        start = cycle;
        first = packets;
        jobs  = jobs;
      end
    end
    @(negedge clk);
    job_valid = 0;
    while (!(seg_idle && fetch_idle)) @(negedge clk);
    per = start == 0 ? 0 : real'(last_packet - start) / real'(packets - first);
  endtask

  initial begin
    real    fetched, single, unused_rate;
    longint start;
    int     to_packet;
    tern_hw_pkg::tern_hw_sq_wqe_t w;
    w              = '0;
    w.hdr.op       = tern_hw_pkg::TERN_HW_WQE_OP_WRITE;
    w.hdr.num_sge  = 5'd1;
    w.hdr.slots    = 3'd1;
    w.hdr.signaled = 1;
    w.hdr.polarity = 1;
    w.remote       = 64'h1000;
    w.data[127:0]  = {32'h55, 32'd64, 64'hdead_0000};
    entry     = w;
    clk       = 0;
    rst       = 1;
    job_valid = 0;
    repeat (5) @(negedge clk);
    rst = 0;
    run(4, 16, 0, unused_rate);
    run(200, 16, 0, fetched);
    run(500, 1, 1, single);
    start = cycle;
    run(1, 1, 1, unused_rate);
    to_packet = int'(last_packet - start);
    if (packets != at || pieces != at) $fatal(1, "%0d packets, %0d pieces", packets, pieces);
    $display("req: cycles per 64 B WRITE on one QP %.2f (16 per job), %.2f (pushed, one per job); job to packet %0d",
             fetched, single, to_packet);
    if (fetched > 3.25) $fatal(1, "too slow");
    $finish;
  end

endmodule
