// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Responder: takes request packets, keeps the line `rsp` of each QP, and says in one item per
// packet what becomes of it (tern_place carries it out). Packets of one QP are worked on in their
// order; those of others pass a packet whose line has to be fetched.
//
//   packet or flush > line (tern_qp_line) > tern_rsp_step > item, two for a UD packet
//
// A packet whose line is cached is taken every 2 cycles; its item shows in the fourth cycle after
// it was taken: look-up, tables of the receive queue and of finished jobs, decision.
//
// A flush item (from tern_rq_tbl) completes the entries of a QP in state error, up to 16 at a
// time; then it goes round once more, so that others get their turn.
//
// jobs_done (one pulse per READ or atomic whose last response packet was handed over, or that was
// refused or dropped) frees its place among those the QP may have under way; jobs_clear, from the
// control, when the line is written anew.

module tern_rsp #(
  parameter int unsigned Sets  = 16,
  parameter int unsigned Ways  = 4,
  parameter int unsigned Slots = 8
) (
  input  logic                          clk_i,
  input  logic                          rst_i,
  output logic                          idle_o,

  input  logic                          pkt_valid_i,
  output logic                          pkt_ready_o,
  input  tern_pkg::rx_pkt_t             pkt_i,
  input  logic                          flush_valid_i,
  output logic                          flush_ready_o,
  input  logic [tern_pkg::QpnW-1:0]     flush_qpn_i,

  // tern_rq_tbl: answer in the cycle after the question
  output logic [tern_pkg::QpnW-1:0]     rq_qpn_o,
  input  logic                          rq_exists_i,
  input  logic [15:0]                   rq_producer_i,

  // READs and atomics. What is accepted must find room in tern_rr's list, or the receive side would
  // wait for what is sent; so none is when there is little
  input  logic                          rr_few_i,
  input  logic                          jobs_done_valid_i,
  output logic                          jobs_done_ready_o,
  input  logic [tern_pkg::QpnW-1:0]     jobs_done_qpn_i,
  input  logic                          jobs_clear_valid_i,
  output logic                          jobs_clear_ready_o,
  input  logic [tern_pkg::QpnW-1:0]     jobs_clear_qpn_i,

  output logic                          item_valid_o,
  input  logic                          item_ready_i,
  output tern_pkg::pl_item_t            item_o,
  output logic                          err_valid_o,
  input  logic                          err_ready_i,
  output tern_pkg::qp_err_t             err_o,
  output logic                          ae_valid_o,   // communication established
  input  logic                          ae_ready_i,
  output tern_pkg::ae_req_t             ae_o,

  // Control items for the line, and its HMC client
  input  logic                          ctl_valid_i,
  output logic                          ctl_ready_o,
  input  tern_pkg::qp_item_t            ctl_i,
  output logic                          ctl_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t        ctl_rsp_o,
  output logic                          hmc_valid_o,
  input  logic                          hmc_ready_i,
  output tern_pkg::hmc_req_t            hmc_o,
  input  logic                          hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t            hmc_rsp_i,

  output logic                          stat_request_o,
  output logic                          stat_duplicate_o,
  output logic                          stat_gap_o,
  output logic                          stat_rnr_o,
  output logic                          stat_dropped_o,
  output logic                          stat_qkey_o,
  output logic                          stat_hit_o,
  output logic                          stat_miss_o
);

  localparam int unsigned PktW     = $bits(pkt_i);
  localparam int unsigned SlotW    = $clog2(Slots);
  localparam logic [3:0]  FlushMax = 4'd15;   // entries that a flush goes beyond its first

  // ------------------------------------------------------------------------ what comes in

  logic                      again_valid_q;   // a flush that goes round
  logic [tern_pkg::QpnW-1:0] again_qpn_q;
  logic                      again_set;
  logic                      req_valid, req_ready, req_flush;
  logic [tern_pkg::QpnW-1:0] req_index;

  assign req_flush     = again_valid_q || flush_valid_i;
  assign req_valid     = req_flush || pkt_valid_i;
  assign req_index     = again_valid_q ? again_qpn_q : flush_valid_i ? flush_qpn_i : pkt_i.qpn;
  assign flush_ready_o = req_ready && !again_valid_q;
  assign pkt_ready_o   = req_ready && !req_flush;

  always_ff @(posedge clk_i) begin
    if (rst_i) again_valid_q <= 1'b0;
    else if (again_set) again_valid_q <= 1'b1;
    else if (req_ready) again_valid_q <= 1'b0;
    if (again_set) again_qpn_q <= out_index;
  end

  // ------------------------------------------------------------------------------ the line

  logic                      line_idle, out_valid, out_ready, out_flush, wb_valid_q;
  logic [tern_pkg::QpnW-1:0] out_index;
  logic [PktW:0]             out_payload;
  tern_pkg::rx_pkt_t         out_pkt;
  tern_pkg::hmc_err_e        out_err;
  logic [511:0]              out_line, wb_line_q;
  logic [SlotW-1:0]          unused_slot;
  logic                      unused_resumed;

  assign {out_flush, out_pkt} = out_payload;

  tern_qp_line #(
    .Line     ({tern_hw_pkg::TERN_HW_QP_LINE_RSP}),
    .Sets     (Sets),
    .Ways     (Ways),
    .Slots    (Slots),
    .PayloadW (PktW + 1)
  ) u_line (
    .clk_i,
    .rst_i,
    .idle_o           (line_idle),
    .req_valid_i      (req_valid),
    .req_ready_o      (req_ready),
    .req_index_i      (req_index),
    .req_payload_i    ({req_flush, pkt_i}),
    .out_valid_o      (out_valid),
    .out_ready_i      (out_ready),
    .out_hold_i       (1'b0),
    .out_index_o      (out_index),
    .out_payload_o    (out_payload),
    .out_slot_o       (unused_slot),
    .out_resumed_o    (unused_resumed),
    .out_err_o        (out_err),
    .out_line_o       (out_line),
    .wb_valid_i       (wb_valid_q),
    .wb_line_i        (wb_line_q),
    .wake_valid_i     (1'b0),
    .wake_slot_i      ('0),
    .item_valid_i     (ctl_valid_i),
    .item_ready_o     (ctl_ready_o),
    .item_i           (ctl_i),
    .item_rsp_valid_o (ctl_rsp_valid_o),
    .item_rsp_o       (ctl_rsp_o),
    .hmc_valid_o,
    .hmc_ready_i,
    .hmc_o,
    .hmc_rsp_valid_i,
    .hmc_rsp_i,
    .stat_hit_o,
    .stat_miss_o
  );

  // ------------------------------------------------------------- finished jobs of each QP

  logic [5:0]                done_mem [tern_pkg::MaxQps];
  logic [5:0]                done_now_q;      // of the QP at the output
  logic [5:0]                done_old_q;      // of the one whose count goes up
  logic                      up_valid_q;
  logic [tern_pkg::QpnW-1:0] up_qpn_q, sweep_at_q;
  logic                      sweep_q;
  logic                      done_write;
  logic [tern_pkg::QpnW-1:0] done_at;
  logic [5:0]                done_value;

  // One in two cycles: read, then write. Writing goes before clearing
  assign jobs_done_ready_o  = !sweep_q && !up_valid_q;
  assign jobs_clear_ready_o = !sweep_q && !up_valid_q;
  assign done_write         = sweep_q || up_valid_q || jobs_clear_valid_i;
  assign done_at            = sweep_q ? sweep_at_q : up_valid_q ? up_qpn_q : jobs_clear_qpn_i;
  assign done_value         = up_valid_q ? done_old_q + 6'd1 : '0;

  always_ff @(posedge clk_i) begin
    if (done_write) done_mem[done_at] <= done_value;
    if (jobs_done_valid_i && jobs_done_ready_o) begin
      up_qpn_q   <= jobs_done_qpn_i;
      done_old_q <= done_mem[jobs_done_qpn_i];
    end
    if (out_valid) done_now_q <= done_mem[out_index];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      up_valid_q <= 1'b0;
      sweep_q    <= 1'b1;
      sweep_at_q <= '0;
    end else begin
      up_valid_q <= jobs_done_valid_i && jobs_done_ready_o;
      if (sweep_q) begin
        sweep_q    <= sweep_at_q != '1;
        sweep_at_q <= sweep_at_q + 1'b1;
      end
    end
  end

  // ----------------------------------------------------------------------------- the decision
  //
  // In the first cycle at the output the tables are asked, in the second there is an answer.
  // An item waits for the one before it, and a report for the one before it.

  logic                         asked_q;
  logic                         go;
  logic                         step_we, step_more, step_err, step_comm;
  tern_hw_pkg::tern_hw_qp_rsp_t step_line;
  tern_pkg::pl_item_t           step_item, item_q;
  tern_pkg::qp_err_t            step_err_info;
  logic                         item_valid_q, err_valid_q, ae_valid_q;
  logic                         stat_request, stat_duplicate, stat_gap, stat_rnr, stat_dropped, stat_qkey;
  logic                         twice, second_q;
  logic [3:0]                   flushed_q;
  logic                         stay;         // the flush goes on with the next entry
  logic [511:0]                 flush_line_q;
  tern_hw_pkg::tern_hw_qp_rsp_t line_now;

  assign rq_qpn_o = out_index;
  // A flush of several entries goes on with its own line; what it wrote is written back at its end
  assign line_now = flushed_q != '0 ? flush_line_q : out_line;

  tern_rsp_step u_step (
    .pkt_i            (out_pkt),
    .flush_i          (out_flush),
    .second_i         (second_q),
    .err_i            (out_err),
    .line_i           (line_now),
    .qpn_i            (out_index),
    .rq_exists_i,
    .rq_producer_i,
    .jobs_done_i      (done_now_q),
    .rr_few_i,
    .line_we_o        (step_we),
    .line_o           (step_line),
    .item_o           (step_item),
    .flush_more_o     (step_more),
    .twice_o          (twice),
    .err_o            (step_err),
    .err_info_o       (step_err_info),
    .comm_est_o       (step_comm),
    .stat_request_o   (stat_request),
    .stat_duplicate_o (stat_duplicate),
    .stat_gap_o       (stat_gap),
    .stat_rnr_o       (stat_rnr),
    .stat_dropped_o   (stat_dropped),
    .stat_qkey_o      (stat_qkey)
  );

  assign go        = out_valid && asked_q && (!item_valid_q || item_ready_i) && !err_valid_q &&
                     !ae_valid_q;
  // Another flush that has not got its turn yet must not be lost, nor waited for
  assign stay      = twice || (out_flush && step_more && (flushed_q != FlushMax || again_valid_q));
  assign out_ready = go && !stay;
  assign again_set = out_ready && out_flush && step_more;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      asked_q      <= 1'b0;
      second_q     <= 1'b0;
      flushed_q    <= '0;
      wb_valid_q   <= 1'b0;
      item_valid_q <= 1'b0;
      err_valid_q  <= 1'b0;
      ae_valid_q   <= 1'b0;
    end else begin
      asked_q    <= out_valid && !out_ready;
      second_q   <= (second_q || (go && twice)) && !out_ready;
      wb_valid_q <= out_ready && (step_we || flushed_q != '0);
      if (out_ready) flushed_q <= '0;
      else if (go && out_flush && flushed_q != FlushMax) flushed_q <= flushed_q + 4'd1;
      if (go) item_valid_q <= !out_flush || step_item.cqe_valid;
      else if (item_ready_i) item_valid_q <= 1'b0;
      if (go && step_err) err_valid_q <= 1'b1;
      else if (err_ready_i) err_valid_q <= 1'b0;
      if (go && step_comm) ae_valid_q <= 1'b1;
      else if (ae_ready_i) ae_valid_q <= 1'b0;
    end
    if (go) item_q <= step_item;
    if (go && step_err) err_o <= step_err_info;
    if (go && step_comm) ae_o <= {{tern_hw_pkg::TERN_HW_AE_CODE_QP_COMM_EST},
                                  {tern_hw_pkg::TERN_HW_AE_SOURCE_QP}, 24'(out_index), 64'd0};
    if (out_ready && step_we) wb_line_q <= step_line;
    else if (out_ready) wb_line_q <= flush_line_q;
    if (go && stay) flush_line_q <= step_line;
  end

  assign item_valid_o = item_valid_q;
  assign item_o       = item_q;
  assign err_valid_o  = err_valid_q;
  assign ae_valid_o   = ae_valid_q;

  assign stat_request_o   = go && stat_request;
  assign stat_duplicate_o = go && stat_duplicate;
  assign stat_gap_o       = go && stat_gap;
  assign stat_rnr_o       = go && stat_rnr;
  assign stat_dropped_o   = go && stat_dropped;
  assign stat_qkey_o      = go && stat_qkey;

  assign idle_o = line_idle && !req_valid && !item_valid_q && !err_valid_q && !ae_valid_q &&
                  !up_valid_q && !sweep_q && !jobs_done_valid_i && !jobs_clear_valid_i;

endmodule
