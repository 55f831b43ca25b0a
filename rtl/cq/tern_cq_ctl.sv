// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// CREATE_CQ, MODIFY_CQ and DESTROY_CQ, one at a time. What can be checked without the context is
// checked here, in this order: size, address, page, mode, CEQ, a second CCQ (MODIFY_CQ: mode
// only). The command then goes through the context cache like any other item of its CQ, in the
// order of these. The answer of CREATE_CQ and MODIFY_CQ follows at once.
//
// DESTROY_CQ leaves a context that is all zero, flushes it out to the host, and waits until all
// entries and events of the CQ that were on their way are written: after the answer, the ring
// may be freed, and so may the host memory behind the context.
//
// Also owned here: which CQ serves the CQP, and how many CQs refer to each CEQ.

module tern_cq_ctl (
  input  logic                              clk_i,
  input  logic                              rst_i,
  output logic                              idle_o,

  input  logic                              ctl_valid_i,
  output logic                              ctl_ready_o,
  input  tern_pkg::cq_ctl_req_t             ctl_i,
  output logic                              ctl_rsp_valid_o,
  output tern_pkg::ctl_rsp_t                ctl_rsp_o,

  // To the context cache: the command, or the flush
  output logic                              req_valid_o,
  input  logic                              req_ready_i,
  output logic                              req_flush_o,
  output logic [tern_pkg::CqnW-1:0]         cqn_o,

  // What tern_cq_step needs, and what it found
  output tern_pkg::ctl_op_e                 op_o,
  output tern_hw_pkg::tern_hw_cq_ctx_t      ctx_o,
  input  logic                              step_valid_i,
  input  logic [15:0]                       step_major_i,
  input  logic [15:0]                       step_minor_i,
  input  logic                              step_ceq_valid_i,  // of the CQ as it was
  input  logic [tern_pkg::CeqW-1:0]         step_ceq_i,

  input  logic                              flush_done_i,
  input  tern_pkg::hmc_err_e                flush_err_i,
  output logic                              drain_o,
  input  logic                              drained_i,

  output logic                              ccq_valid_o,
  output logic [tern_pkg::CqnW-1:0]         ccq_num_o,
  input  logic [tern_pkg::NumCeqs-1:0]      ceq_valid_i,
  output logic [tern_pkg::NumCeqs-1:0]      ceq_busy_o
);

  typedef enum logic [2:0] {
    StIdle,
    StCheck,  // the static checks; then offered to the cache
    StStep,   // waits for its turn at the context
    StFlush,  // flush offered to the cache
    StWait,   // for the flush and for the drain
    StAnswer
  } state_e;

  state_e state_d, state_q;

  tern_pkg::ctl_op_e                op_q;
  tern_hw_pkg::tern_hw_cqp_cq_wqe_t wqe_q;
  tern_hw_pkg::tern_hw_cqp_wqe_t    hdr;
  logic [15:0]                      major_d, major_q, minor_d, minor_q;
  logic                             flushed_q, drained_q;
  logic                             ceq_used_q;
  logic [tern_pkg::CeqW-1:0]        ceq_q;

  assign hdr   = wqe_q;
  assign cqn_o = hdr.hdr.id;
  assign op_o  = op_q;

  // --------------------------------------------------------------------------- static checks

  logic        create, destroy;
  logic        bad;
  logic [15:0] bad_major, bad_minor;
  logic        bad_size, bad_address, bad_page, bad_mode, bad_ceq;

  assign create  = op_q == tern_pkg::CtlCreate;
  assign destroy = op_q == tern_pkg::CtlDestroy;

  assign bad_size = wqe_q.attr.log_size == '0 ||
                    wqe_q.attr.log_size > 5'(tern_pkg::MaxLogCqe) ||
                    (wqe_q.attr.level &&
                     (wqe_q.attr.page_shift < 5'd12 || wqe_q.attr.page_shift > 5'd30));
  assign bad_address = wqe_q.attr.level ? wqe_q.ring[63:28] != '0 : wqe_q.ring[11:0] != '0;
  assign bad_page = wqe_q.attr.page >= 16'(tern_pkg::NumPages);
  assign bad_mode = wqe_q.attr.mode == tern_hw_pkg::TERN_HW_CQ_MODE_CONFIGURED;
  assign bad_ceq  = wqe_q.attr.ceq_valid &&
                    (wqe_q.attr.ceq >= 8'(tern_pkg::NumCeqs) ||
                     !ceq_valid_i[wqe_q.attr.ceq[tern_pkg::CeqW-1:0]]);

  always_comb begin
    bad       = 1'b1;
    bad_major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
    bad_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
    if (create && bad_size)         bad_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_SIZE;
    else if (create && bad_address) bad_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS;
    else if (create && bad_page)    bad_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_PAGE;
    else if (!destroy && bad_mode)  bad_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_MODE;
    else if (create && bad_ceq)     bad_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_CEQ;
    else if (create && wqe_q.attr.ccq && ccq_valid_o) begin
      bad_major = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;
      bad_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_EXISTS;
    end else begin
      bad = 1'b0;
    end
  end

  // The context of a new CQ; MODIFY_CQ takes some of it
  always_comb begin
    ctx_o                 = '0;
    ctx_o.ring            = wqe_q.ring;
    ctx_o.attr.log_size   = wqe_q.attr.log_size;
    ctx_o.attr.level      = wqe_q.attr.level;
    ctx_o.attr.valid      = 1'b1;
    ctx_o.attr.page_shift = wqe_q.attr.page_shift;
    ctx_o.attr.ceq_valid  = wqe_q.attr.ceq_valid;
    ctx_o.attr.ceq        = wqe_q.attr.ceq;
    ctx_o.attr.mode       = wqe_q.attr.mode;
    ctx_o.attr.page       = wqe_q.attr.page;
    ctx_o.moderation      = wqe_q.moderation;
  end

  // ---------------------------------------------------------------------------------- states

  logic        step_ok;
  logic [15:0] flush_minor;

  assign step_ok     = step_valid_i && step_major_i == tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;
  assign ctl_ready_o = state_q == StIdle;
  assign req_valid_o = (state_q == StCheck && !bad) || state_q == StFlush;
  assign req_flush_o = state_q == StFlush;
  assign drain_o     = state_q == StFlush && req_ready_i;

  always_comb begin
    state_d = state_q;
    major_d = major_q;
    minor_d = minor_q;
    unique case (state_q)
      StIdle: if (ctl_valid_i) state_d = StCheck;
      StCheck: begin
        if (bad) begin
          state_d = StAnswer;
          major_d = bad_major;
          minor_d = bad_minor;
        end else if (req_ready_i) begin
          state_d = StStep;
        end
      end
      StStep: begin
        if (step_valid_i) begin
          state_d = (step_ok && destroy) ? StFlush : StAnswer;
          major_d = step_major_i;
          minor_d = step_minor_i;
        end
      end
      StFlush: if (req_ready_i) state_d = StWait;
      StWait: begin
        if (flush_done_i && flush_err_i != tern_pkg::HmcOk) begin
          major_d = tern_hw_pkg::TERN_HW_CQP_MAJOR_HMC;
          minor_d = flush_minor;
        end
        if ((flushed_q || flush_done_i) && (drained_q || drained_i)) state_d = StAnswer;
      end
      default: state_d = StIdle;
    endcase
  end

  always_comb begin
    unique case (flush_err_i)
      tern_pkg::HmcIndex: flush_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_INDEX;
      tern_pkg::HmcSd:    flush_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_SD;
      tern_pkg::HmcPage:  flush_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_PAGE;
      default:            flush_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_DMA;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else state_q <= state_d;
    if (state_q != state_d || flush_done_i) begin
      major_q <= major_d;
      minor_q <= minor_d;
    end
    if (ctl_valid_i && ctl_ready_o) begin
      op_q  <= ctl_i.op;
      wqe_q <= ctl_i.wqe;
    end
    if (step_valid_i) begin
      ceq_used_q <= step_ceq_valid_i;
      ceq_q      <= step_ceq_i;
    end
    flushed_q <= state_q == StWait && (flushed_q || flush_done_i);
    drained_q <= state_q == StWait && (drained_q || drained_i);
  end

  assign ctl_rsp_valid_o = state_q == StAnswer;

  always_comb begin
    ctl_rsp_o       = '0;
    ctl_rsp_o.major = major_q;
    ctl_rsp_o.minor = minor_q;
  end

  assign idle_o = state_q == StIdle && !ctl_valid_i;

  // -------------------------------------------------------------------------- CCQ, use of CEQs

  logic [tern_pkg::NumCeqs-1:0][tern_pkg::CqnW-1:0] users_q;
  logic                                             join_ceq, leave_ceq;
  logic                                             destroyed_q;

  // The CEQ of a destroyed CQ is free when the command is answered
  assign join_ceq  = step_ok && create && wqe_q.attr.ceq_valid;
  assign leave_ceq = ctl_rsp_valid_o && destroyed_q && ceq_used_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      users_q     <= '0;
      ccq_valid_o <= 1'b0;
      destroyed_q <= 1'b0;
    end else begin
      if (step_valid_i) destroyed_q <= step_ok && destroy;
      if (join_ceq) begin
        users_q[wqe_q.attr.ceq[tern_pkg::CeqW-1:0]] <=
            users_q[wqe_q.attr.ceq[tern_pkg::CeqW-1:0]] + 1'b1;
      end
      if (leave_ceq) users_q[ceq_q] <= users_q[ceq_q] - 1'b1;
      if (ctl_rsp_valid_o) destroyed_q <= 1'b0;

      if (step_ok && create && wqe_q.attr.ccq) begin
        ccq_valid_o <= 1'b1;
        ccq_num_o   <= cqn_o;
      end else if (step_ok && destroy && ccq_num_o == cqn_o) begin
        ccq_valid_o <= 1'b0;
      end
    end
  end

  always_comb begin
    for (int unsigned i = 0; i < tern_pkg::NumCeqs; i++) ceq_busy_o[i] = users_q[i] != '0;
  end

endmodule
