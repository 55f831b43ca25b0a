// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The control queue pair: fetches commands, executes them one after the other, and completes
// them in order to the registers and, once there is one, to the CQ that serves the CQP (CCQ).
//
// A command that no other block works on takes two cycles from the cycle in which it is offered
// by tern_cqp_fetch: one to decode it, one to complete it. Its result registers, the tail and
// the completion entry all change at the end of the second.
//
//   tern_cqp_fetch  ring, doorbells, prefetch
//   tern_cqp_query  commands that fill a host buffer, and COMMIT_FPM
//   tern_cqp_sds    UPDATE_SDS
//   tern_cqp_qp     commands about queue pairs
//   tern_cqp_buf    the page of memory behind these
//
// CQ, EQ and MR commands go as they are to the engines that own these objects.

module tern_cqp #(
  parameter bit HaveQp = 1'b0,  // else QP commands are refused
  parameter bit HaveMr = 1'b0   // else MR commands are refused
) (
  input  logic        clk_i,
  input  logic        rst_i,
  output logic        idle_o,

  // Register block. Ring address and size are looked at when enable rises, and are right then
  input  logic [63:0] cqp_base_i,
  input  logic [4:0]  cqp_log_size_i,
  input  logic        cqp_enable_i,
  output logic        cqp_enabled_o,
  output logic        cqp_halted_o,
  output logic [15:0] cqp_tail_o,
  output logic        cqp_error_o,
  output logic [31:0] cqp_err_o,     // {major, minor}
  output logic [63:0] cqp_result_o,

  // Doorbells of page 0 and the report of bad ones
  input  logic              db_valid_i,
  output logic              db_ready_o,
  input  tern_pkg::db_t     db_i,
  output logic              db_bad_valid_o,
  input  logic              db_bad_ready_i,
  output tern_pkg::db_bad_t db_bad_o,

  // DMA clients
  output logic                   rd_valid_o,
  input  logic                   rd_ready_i,
  output tern_pkg::dma_rd_req_t  rd_o,
  input  logic                   rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t  rd_rsp_i,
  output logic                   wr_valid_o,
  input  logic                   wr_ready_i,
  output tern_pkg::dma_wr_beat_t wr_o,
  input  logic                   wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t  wr_rsp_i,

  // Control of the HMC and of the engines for CQs, EQs, memory regions and QPs: one request at a
  // time, each answered
  output logic                   hmc_valid_o,
  input  logic                   hmc_ready_i,
  output tern_pkg::hmc_ctl_req_t hmc_o,
  input  logic                   hmc_rsp_valid_i,
  input  tern_pkg::ctl_rsp_t     hmc_rsp_i,
  output logic                   cq_valid_o,
  input  logic                   cq_ready_i,
  output tern_pkg::cq_ctl_req_t  cq_o,
  input  logic                   cq_rsp_valid_i,
  input  tern_pkg::ctl_rsp_t     cq_rsp_i,
  output logic                   eq_valid_o,
  input  logic                   eq_ready_i,
  output tern_pkg::eq_ctl_req_t  eq_o,
  input  logic                   eq_rsp_valid_i,
  input  tern_pkg::ctl_rsp_t     eq_rsp_i,
  output logic                   mr_valid_o,
  input  logic                   mr_ready_i,
  output logic [5:0]             mr_op_o,        // tern_hw_cqp_op_e
  output logic [511:0]           mr_wqe_o,       // tern_hw_cqp_mr_wqe_t
  input  logic                   mr_rsp_valid_i,
  input  tern_pkg::ctl_rsp_t     mr_rsp_i,
  output logic                   qp_valid_o,
  input  logic                   qp_ready_i,
  output logic [5:0]             qp_op_o,        // tern_hw_cqp_op_e
  output logic [511:0]           qp_wqe_o,       // tern_hw_cqp_qp_wqe_t, _modify_qp_wqe_t
  output logic [511:0]           qp_attr_o,      // MODIFY_QP: tern_hw_qp_attr_t, or 0
  input  logic                   qp_put_i,       // QUERY_QP: a word for the host, see tern_cqp_qp
  input  logic [5:0]             qp_put_index_i,
  input  logic [63:0]            qp_put_data_i,
  input  logic                   qp_rsp_valid_i,
  input  tern_pkg::ctl_rsp_t     qp_rsp_i,

  // The CCQ, and entries for it
  input  logic                      ccq_valid_i,
  input  logic [tern_pkg::CqnW-1:0] ccq_num_i,
  output logic                      cqe_valid_o,
  input  logic                      cqe_ready_i,
  output tern_pkg::cqe_req_t        cqe_o,

  // On-chip tables
  output logic         gid_write_o,
  output logic [6:0]   gid_index_o,
  output logic [511:0] gid_o,          // tern_hw_gid_entry_t
  input  logic [511:0] gid_i,
  output logic [5:0]   stat_index_o,
  input  logic [63:0]  stat_value_i,

  output logic              ae_valid_o,
  input  logic              ae_ready_i,
  output tern_pkg::ae_req_t ae_o,
  output logic              stat_cqp_done_o,
  output logic              stat_cqp_failed_o
);

  typedef enum logic [2:0] {
    StOff,       // not enabled
    StRun,       // waits for a command and decodes it
    StOffer,     // the command is offered to the CQ, EQ or MR engine
    StExecute,   // another block works on the command
    StComplete,  // the entry for the CCQ is offered
    StHalted,
    StDrain      // disabled; answers to prefetches are still due
  } state_e;

  state_e state_q, state_d;
  logic start, halt, complete;  // single-cycle steps of the state machine
  tern_pkg::ctl_rsp_t rsp_q, rsp_d;

  // ------------------------------------------------------------------------------- ring

  logic [63:0] base_q;
  logic [4:0] log_size_q;
  logic fetch_busy, fetch_idle, wqe_valid, wqe_err;
  logic [511:0] wqe_bits;
  tern_hw_pkg::tern_hw_cqp_wqe_t wqe;
  logic [15:0] tail;
  logic fetch_rd_valid, fetch_rd_ready, fetch_rd_rsp_valid;
  tern_pkg::dma_rd_req_t fetch_rd;

  assign wqe = wqe_bits;

  always_ff @(posedge clk_i) begin
    if (start) begin
      base_q <= cqp_base_i;
      log_size_q <= cqp_log_size_i;
    end
  end

  tern_cqp_fetch u_fetch (
    .clk_i,
    .rst_i,
    .run_i          (state_q != StOff && state_q != StHalted && state_q != StDrain),
    .clear_i        (start),
    .base_i         (base_q),
    .log_size_i     (log_size_q),
    .tail_o         (tail),
    .busy_o         (fetch_busy),
    .idle_o         (fetch_idle),
    .exists_i       (state_q != StOff),
    .db_valid_i,
    .db_ready_o,
    .db_i,
    .db_bad_valid_o,
    .db_bad_ready_i,
    .db_bad_o,
    .rd_valid_o     (fetch_rd_valid),
    .rd_ready_i     (fetch_rd_ready),
    .rd_o           (fetch_rd),
    .rd_rsp_valid_i (fetch_rd_rsp_valid),
    .rd_rsp_i,
    .wqe_valid_o    (wqe_valid),
    .wqe_err_o      (wqe_err),
    .wqe_o          (wqe_bits),
    .next_i         (complete)
  );

  // ----------------------------------------------------------------------------- decode

  logic polarity_bad, is_query, is_sds, is_cq, is_eq, is_gid, is_nop, is_mr, is_qp;
  tern_hw_pkg::tern_hw_cqp_gid_wqe_t gid_wqe;
  tern_hw_pkg::tern_hw_gid_entry_t gid;
  logic gid_op_bad, gid_index_bad;
  tern_pkg::ctl_op_e ctl_op;

  // Pass 0 has polarity 1. The number of passes in 2^16 is even, so the wrap of tail fits.
  assign polarity_bad = wqe.hdr.polarity == |(tail & (16'd1 << log_size_q));

  assign gid_wqe = wqe_bits;
  assign gid_op_bad = gid_wqe.attr.op > tern_hw_pkg::TERN_HW_GID_OP_READ;
  assign gid_index_bad = wqe.hdr.id >= 24'(tern_pkg::NumGids);

  always_comb begin
    is_nop = 1'b0;
    is_query = 1'b0;
    is_sds = 1'b0;
    is_gid = 1'b0;
    is_cq = 1'b0;
    is_eq = 1'b0;
    is_mr = 1'b0;
    is_qp = 1'b0;
    ctl_op = tern_pkg::CtlCreate;
    case (wqe.hdr.op)
      tern_hw_pkg::TERN_HW_CQP_OP_NOP: is_nop = 1'b1;
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_CAPS,
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_FPM,
      tern_hw_pkg::TERN_HW_CQP_OP_COMMIT_FPM,
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_STATS: is_query = 1'b1;
      tern_hw_pkg::TERN_HW_CQP_OP_UPDATE_SDS: is_sds = 1'b1;
      tern_hw_pkg::TERN_HW_CQP_OP_MANAGE_GID: begin
        is_gid = 1'b1;
        is_query = gid_wqe.attr.op == tern_hw_pkg::TERN_HW_GID_OP_READ && !gid_index_bad;
      end
      tern_hw_pkg::TERN_HW_CQP_OP_CREATE_CQ: is_cq = 1'b1;
      tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_CQ: begin
        is_cq = 1'b1;
        ctl_op = tern_pkg::CtlModify;
      end
      tern_hw_pkg::TERN_HW_CQP_OP_DESTROY_CQ: begin
        is_cq = 1'b1;
        ctl_op = tern_pkg::CtlDestroy;
      end
      tern_hw_pkg::TERN_HW_CQP_OP_CREATE_CEQ,
      tern_hw_pkg::TERN_HW_CQP_OP_CREATE_AEQ: is_eq = 1'b1;
      tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_CEQ,
      tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_AEQ: begin
        is_eq = 1'b1;
        ctl_op = tern_pkg::CtlModify;
      end
      tern_hw_pkg::TERN_HW_CQP_OP_DESTROY_CEQ,
      tern_hw_pkg::TERN_HW_CQP_OP_DESTROY_AEQ: begin
        is_eq = 1'b1;
        ctl_op = tern_pkg::CtlDestroy;
      end
      tern_hw_pkg::TERN_HW_CQP_OP_CREATE_QP,
      tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_QP,
      tern_hw_pkg::TERN_HW_CQP_OP_QUERY_QP,
      tern_hw_pkg::TERN_HW_CQP_OP_DESTROY_QP,
      tern_hw_pkg::TERN_HW_CQP_OP_FLUSH_QP,
      tern_hw_pkg::TERN_HW_CQP_OP_SUSPEND_QP,
      tern_hw_pkg::TERN_HW_CQP_OP_RESUME_QP,
      tern_hw_pkg::TERN_HW_CQP_OP_ATTACH_MCAST,
      tern_hw_pkg::TERN_HW_CQP_OP_DETACH_MCAST: is_qp = HaveQp;
      tern_hw_pkg::TERN_HW_CQP_OP_ALLOC_MR,
      tern_hw_pkg::TERN_HW_CQP_OP_REG_MR,
      tern_hw_pkg::TERN_HW_CQP_OP_DEREG_MR,
      tern_hw_pkg::TERN_HW_CQP_OP_REREG_MR: is_mr = HaveMr;
      default: ;
    endcase
  end

  assign cq_o.op = ctl_op;
  assign cq_o.wqe = wqe_bits;
  assign eq_o.op = ctl_op;
  assign eq_o.aeq = wqe.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_CREATE_AEQ ||
                    wqe.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_AEQ ||
                    wqe.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_DESTROY_AEQ;
  assign eq_o.wqe = wqe_bits;
  assign mr_op_o = wqe.hdr.op;
  assign mr_wqe_o = wqe_bits;

  // What is known without any other block
  tern_pkg::ctl_rsp_t direct_rsp;

  always_comb begin
    direct_rsp = '0;
    if (is_gid && (gid_op_bad || gid_index_bad)) begin
      direct_rsp.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
      direct_rsp.minor = gid_op_bad ? tern_hw_pkg::TERN_HW_CQP_MINOR_GID
                                    : tern_hw_pkg::TERN_HW_CQP_MINOR_INDEX;
    end else if (!is_gid && !is_nop) begin
      direct_rsp.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_UNSUPPORTED;
      direct_rsp.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_OPCODE;
    end
  end

  always_comb begin
    gid = '0;
    gid.gid = gid_wqe.gid;
    gid.mac.addr = gid_wqe.mac.addr;
    gid.attr.valid = gid_wqe.attr.op == tern_hw_pkg::TERN_HW_GID_OP_SET;
    gid.attr.ipv4 = gid_wqe.attr.ipv4;
    gid.attr.vlan_valid = gid_wqe.attr.vlan_valid;
    gid.attr.vlan_id = gid_wqe.attr.vlan_id;
  end
  assign gid_o = gid;
  assign gid_index_o = wqe.hdr.id[6:0];

  // --------------------------------------------------------------------- state machine

  logic query_start, query_done, sds_start, sds_done, qp_start, qp_done;
  tern_pkg::ctl_rsp_t query_rsp, sds_rsp, qp_rsp;
  logic use_ccq, ccq_before_q;

  always_comb begin
    state_d = state_q;
    rsp_d = rsp_q;
    start = 1'b0;
    halt = 1'b0;
    complete = 1'b0;
    query_start = 1'b0;
    sds_start = 1'b0;
    qp_start = 1'b0;
    gid_write_o = 1'b0;
    unique case (state_q)
      StOff: begin
        if (cqp_enable_i) begin
          start = 1'b1;
          state_d = StRun;
        end
      end
      StRun: begin
        rsp_d = direct_rsp;
        if (!cqp_enable_i) begin
          state_d = StDrain;
        end else if (wqe_valid && (wqe_err || polarity_bad)) begin
          halt = 1'b1;
          state_d = StHalted;
          rsp_d.result = '0;
          rsp_d.major = wqe_err ? tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA
                                : tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
          rsp_d.minor = wqe_err ? tern_hw_pkg::TERN_HW_CQP_MINOR_READ
                                : tern_hw_pkg::TERN_HW_CQP_MINOR_POLARITY;
        end else if (wqe_valid && (is_cq || is_eq || is_mr)) begin
          state_d = StOffer;
        end else if (wqe_valid && (is_query || is_sds || is_qp)) begin
          query_start = is_query;
          sds_start = is_sds;
          qp_start = is_qp;
          state_d = StExecute;
        end else if (wqe_valid) begin
          gid_write_o = is_gid && !gid_op_bad && !gid_index_bad;
          state_d = StComplete;
        end
      end
      StOffer: if (is_cq ? cq_ready_i : is_mr ? mr_ready_i : eq_ready_i) state_d = StExecute;
      StExecute: state_d = StExecute;  // left below
      StComplete: begin
        if (!use_ccq || cqe_ready_i) begin
          complete = 1'b1;
          state_d = StRun;
        end
      end
      StHalted: if (!cqp_enable_i) state_d = StDrain;
      StDrain: if (!fetch_busy && !ae_valid_o) state_d = StOff;
      default: state_d = StOff;
    endcase
    // What has a bad parameter may be answered in the cycle it starts
    if (query_done || sds_done || qp_done || cq_rsp_valid_i || eq_rsp_valid_i ||
        mr_rsp_valid_i) begin
      state_d = StComplete;
      if (query_done)          rsp_d = query_rsp;
      else if (sds_done)       rsp_d = sds_rsp;
      else if (qp_done)        rsp_d = qp_rsp;
      else if (cq_rsp_valid_i) rsp_d = cq_rsp_i;
      else if (mr_rsp_valid_i) rsp_d = mr_rsp_i;
      else                     rsp_d = eq_rsp_i;
    end
  end

  always_ff @(posedge clk_i) begin
    rsp_q <= rsp_d;
    if (state_q == StRun) ccq_before_q <= ccq_valid_i;
    if (rst_i) state_q <= StOff;
    else state_q <= state_d;
  end

  assign cq_valid_o = state_q == StOffer && is_cq;
  assign eq_valid_o = state_q == StOffer && is_eq;
  assign mr_valid_o = state_q == StOffer && is_mr;

  // ------------------------------------------------------------------------- completion

  logic failed;
  tern_hw_pkg::tern_hw_ccqe_t ccqe;
  logic [31:0] err_q;
  logic [63:0] result_q;
  logic error_q;

  assign failed = rsp_q.major != tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;

  // The commands that create or destroy the CCQ complete in the registers only
  assign use_ccq = ccq_before_q && ccq_valid_i &&
                   !(is_cq && ctl_op == tern_pkg::CtlDestroy && wqe.hdr.id == ccq_num_i);

  always_comb begin
    ccqe = '0;  // timestamp and polarity are the CQ engine's
    ccqe.result = rsp_q.result;
    ccqe.error.major = rsp_q.major;
    ccqe.error.minor = rsp_q.minor;
    ccqe.error.wqe_index = tail;
    ccqe.info.id = wqe.hdr.id;
    ccqe.info.opcode = 8'(wqe.hdr.op);
  end

  assign cqe_valid_o = state_q == StComplete && use_ccq;
  assign cqe_o.cqn = ccq_num_i;
  assign cqe_o.solicited = 1'b1;  // somebody waits for every command
  assign cqe_o.cqe = ccqe;

  // Together, so that the host never sees the tail without the outcome
  always_ff @(posedge clk_i) begin
    if (complete) begin
      error_q <= failed;
      err_q <= {rsp_q.major, rsp_q.minor};
      result_q <= rsp_q.result;
    end
    if (halt) err_q <= {rsp_d.major, rsp_d.minor};
    if (rst_i || start) begin
      error_q <= 1'b0;
      err_q <= '0;
      result_q <= '0;
    end
  end

  assign cqp_enabled_o = state_q != StOff;
  assign cqp_halted_o = state_q == StHalted;
  assign cqp_tail_o = tail;
  assign cqp_error_o = error_q;
  assign cqp_err_o = err_q;
  assign cqp_result_o = result_q;
  assign stat_cqp_done_o = complete;
  assign stat_cqp_failed_o = complete && failed;

  // The event that tells of a halt
  logic ae_valid_q;
  tern_pkg::ae_req_t ae_q;

  always_ff @(posedge clk_i) begin
    if (ae_ready_i) ae_valid_q <= 1'b0;
    if (halt) begin
      ae_valid_q <= 1'b1;
      ae_q.code <= wqe_err ? tern_hw_pkg::TERN_HW_AE_CODE_CQP_FETCH
                           : tern_hw_pkg::TERN_HW_AE_CODE_CQP_POLARITY;
      ae_q.source <= tern_hw_pkg::TERN_HW_AE_SOURCE_CQP;
      ae_q.id <= '0;
      ae_q.detail <= 64'(tail);
    end
    if (rst_i) ae_valid_q <= 1'b0;
  end

  assign ae_valid_o = ae_valid_q;
  assign ae_o = ae_q;

  // Enabled or not, nothing happens here before the host does something. A doorbell or an enable
  // in this cycle is work.
  assign idle_o = !db_valid_i && !ae_valid_q && fetch_idle &&
                  (state_q == StOff ? !cqp_enable_i
                                    : (state_q == StRun || state_q == StHalted) && cqp_enable_i);

  // ------------------------------------------------------------------ shared by commands

  // Only the command in progress uses the buffer and the HMC; at rest the multiplexers stand
  // where the decoded command puts them.
  logic buf_start, buf_send, buf_done, buf_err, query_buf_start, query_buf_send, sds_buf_start;
  logic qp_buf_start, qp_buf_send;
  logic [63:0] buf_addr, query_buf_addr, sds_buf_addr, qp_buf_addr;
  logic [12:0] buf_len, query_buf_len, sds_buf_len, qp_buf_len;
  logic put, query_put, qp_put;
  logic [8:0] put_index, query_put_index, qp_put_index;
  logic [63:0] put_data, query_put_data, qp_put_data;
  logic [5:0] line_index, query_line_index, sds_line_index;
  logic [511:0] line;
  logic query_hmc_valid, sds_hmc_valid;
  tern_pkg::hmc_ctl_req_t query_hmc, sds_hmc;

  assign buf_start = query_buf_start || sds_buf_start || qp_buf_start;
  assign buf_send = query_buf_send || qp_buf_send;
  assign buf_addr = is_sds ? sds_buf_addr : is_qp ? qp_buf_addr : query_buf_addr;
  assign buf_len = is_sds ? sds_buf_len : is_qp ? qp_buf_len : query_buf_len;
  assign put = query_put || qp_put;
  assign put_index = is_qp ? qp_put_index : query_put_index;
  assign put_data = is_qp ? qp_put_data : query_put_data;
  assign line_index = is_sds ? sds_line_index : is_qp ? 6'd0 : query_line_index;
  assign hmc_valid_o = query_hmc_valid || sds_hmc_valid;
  assign hmc_o = is_sds ? sds_hmc : query_hmc;

  tern_cqp_query u_query (
    .clk_i,
    .rst_i,
    .start_i         (query_start),
    .wqe_i           (wqe_bits),
    .done_o          (query_done),
    .rsp_o           (query_rsp),
    .buf_start_o     (query_buf_start),
    .buf_send_o      (query_buf_send),
    .buf_addr_o      (query_buf_addr),
    .buf_len_o       (query_buf_len),
    .buf_done_i      (buf_done),
    .buf_err_i       (buf_err),
    .put_o           (query_put),
    .put_index_o     (query_put_index),
    .put_data_o      (query_put_data),
    .line_index_o    (query_line_index),
    .line_i          (line),
    .hmc_valid_o     (query_hmc_valid),
    .hmc_ready_i,
    .hmc_o           (query_hmc),
    .hmc_rsp_valid_i,
    .hmc_rsp_i,
    .stat_index_o,
    .stat_value_i,
    .gid_entry_i     (gid_i)
  );

  tern_cqp_sds u_sds (
    .clk_i,
    .rst_i,
    .start_i         (sds_start),
    .wqe_i           (wqe_bits),
    .done_o          (sds_done),
    .rsp_o           (sds_rsp),
    .buf_start_o     (sds_buf_start),
    .buf_addr_o      (sds_buf_addr),
    .buf_len_o       (sds_buf_len),
    .buf_done_i      (buf_done),
    .buf_err_i       (buf_err),
    .line_index_o    (sds_line_index),
    .line_i          (line),
    .hmc_valid_o     (sds_hmc_valid),
    .hmc_ready_i,
    .hmc_o           (sds_hmc),
    .hmc_rsp_valid_i,
    .hmc_rsp_i
  );

  tern_cqp_qp u_qp (
    .clk_i,
    .rst_i,
    .start_i         (qp_start),
    .wqe_i           (wqe_bits),
    .done_o          (qp_done),
    .rsp_o           (qp_rsp),
    .buf_start_o     (qp_buf_start),
    .buf_send_o      (qp_buf_send),
    .buf_addr_o      (qp_buf_addr),
    .buf_len_o       (qp_buf_len),
    .buf_done_i      (buf_done),
    .buf_err_i       (buf_err),
    .put_o           (qp_put),
    .put_index_o     (qp_put_index),
    .put_data_o      (qp_put_data),
    .line_i          (line),
    .qp_valid_o,
    .qp_ready_i,
    .qp_op_o,
    .qp_wqe_o,
    .qp_attr_o,
    .qp_put_i,
    .qp_put_index_i,
    .qp_put_data_i,
    .qp_rsp_valid_i,
    .qp_rsp_i
  );

  // Bit 7 of the tag tells buffer reads from fetches
  logic buf_rd_valid, buf_rd_ready, buf_rd_rsp_valid;
  tern_pkg::dma_rd_req_t buf_rd;

  tern_cqp_buf u_buf (
    .clk_i,
    .rst_i,
    .start_i        (buf_start),
    .send_i         (buf_send),
    .addr_i         (buf_addr),
    .len_i          (buf_len),
    .done_o         (buf_done),
    .err_o          (buf_err),
    .put_i          (put),
    .put_index_i    (put_index),
    .put_data_i     (put_data),
    .line_index_i   (line_index),
    .line_o         (line),
    .rd_valid_o     (buf_rd_valid),
    .rd_ready_i     (buf_rd_ready),
    .rd_o           (buf_rd),
    .rd_rsp_valid_i (buf_rd_rsp_valid),
    .rd_rsp_i,
    .wr_valid_o,
    .wr_ready_i,
    .wr_o,
    .wr_rsp_valid_i,
    .wr_rsp_i
  );

  // A fetch that is offered stays offered until it is taken, so whoever came first keeps the port
  logic rd_buf_q, rd_buf, rd_held_q;

  assign rd_buf = rd_held_q ? rd_buf_q : buf_rd_valid;
  assign rd_valid_o = rd_buf ? buf_rd_valid : fetch_rd_valid;
  assign buf_rd_ready = rd_buf && rd_ready_i;
  assign fetch_rd_ready = !rd_buf && rd_ready_i;
  assign buf_rd_rsp_valid = rd_rsp_valid_i && rd_rsp_i.tag[7];
  assign fetch_rd_rsp_valid = rd_rsp_valid_i && !rd_rsp_i.tag[7];

  always_comb begin
    rd_o = rd_buf ? buf_rd : fetch_rd;
    rd_o.tag[7] = rd_buf;
  end

  always_ff @(posedge clk_i) begin
    rd_held_q <= rd_valid_o && !rd_ready_i;
    rd_buf_q <= rd_buf;
    if (rst_i) rd_held_q <= 1'b0;
  end

endmodule
