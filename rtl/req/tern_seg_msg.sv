// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// What tern_seg says to others than the wire: a register each, set in the cycle of *_set_i, which
// must find it empty; and the local operation of an entry. snd has no ready.

module tern_seg_msg (
  input  logic                         clk_i,
  input  logic                         rst_i,

  input  logic [tern_pkg::QpnW-1:0]    qpn_i,
  input  tern_hw_pkg::tern_hw_qp_seg_t ctx_i,
  input  logic [23:0]                  psn_next_i,
  input  logic [511:0]                 wqe_i,
  output tern_pkg::mr_op_t             mr_o,

  input  logic                         resume_set_i,
  input  logic                         block_i,
  input  logic                         single_i,
  input  logic [7:0]                   epoch_i,
  input  logic                         err_set_i,
  input  logic [15:0]                  err_wqe_i,
  input  logic [7:0]                   status_i,
  input  logic [7:0]                   reason_i,
  input  logic                         kick_set_i,
  input  logic                         snd_set_i,
  input  logic                         cqe_set_i,
  input  logic [7:0]                   cqe_op_i,

  output logic                         resume_valid_o,
  input  logic                         resume_ready_i,
  output tern_pkg::sq_resume_t         resume_o,
  output logic                         req_err_valid_o,
  input  logic                         req_err_ready_i,
  output tern_pkg::req_err_t           req_err_o,
  output logic                         kick_valid_o,
  input  logic                         kick_ready_i,
  output logic [tern_pkg::QpnW-1:0]    kick_qpn_o,
  output logic                         snd_valid_o,
  output logic [tern_pkg::QpnW-1:0]    snd_qpn_o,
  output logic [23:0]                  snd_psn_o,
  output logic                         cqe_valid_o,
  input  logic                         cqe_ready_i,
  output tern_pkg::cqe_req_t           cqe_o
);

  tern_hw_pkg::tern_hw_sq_wqe_t     wqe;
  tern_hw_pkg::tern_hw_sq_reg_wqe_t reg_wqe;
  tern_hw_pkg::tern_hw_cqe_t        cqe;

  assign wqe     = wqe_i;
  assign reg_wqe = wqe_i;

  always_comb begin
    mr_o        = '0;
    mr_o.qpn    = qpn_i;
    mr_o.reg_mr = wqe.hdr.op == tern_hw_pkg::TERN_HW_WQE_OP_REG_MR;
    mr_o.pd     = ctx_i.conn.pd;
    mr_o.priv   = ctx_i.conn.priv;
    mr_o.key    = wqe.keys.rkey;
    if (mr_o.reg_mr) begin
      mr_o.key        = reg_wqe.attr.key;
      mr_o.va         = reg_wqe.va;
      mr_o.length     = reg_wqe.length;
      mr_o.access     = reg_wqe.attr.access;
      mr_o.page_shift = reg_wqe.attr.page_shift;
    end
  end

  always_comb begin
    cqe                = '0;
    cqe.info.qpn       = 24'(qpn_i);
    cqe.info.opcode    = cqe_op_i;
    cqe.info.status    = (ctx_i.cq.err_valid && ctx_i.cq.err_wqe == ctx_i.at.wqe)
                         ? ctx_i.cq.err_status : tern_hw_pkg::TERN_HW_WC_STATUS_WR_FLUSH;
    cqe.peer.wqe_index = ctx_i.at.wqe;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      resume_valid_o  <= 1'b0;
      req_err_valid_o <= 1'b0;
      kick_valid_o    <= 1'b0;
      cqe_valid_o     <= 1'b0;
      snd_valid_o     <= 1'b0;
    end else begin
      resume_valid_o  <= resume_set_i || (resume_valid_o && !resume_ready_i);
      req_err_valid_o <= err_set_i || (req_err_valid_o && !req_err_ready_i);
      kick_valid_o    <= kick_set_i || (kick_valid_o && !kick_ready_i);
      cqe_valid_o     <= cqe_set_i || (cqe_valid_o && !cqe_ready_i);
      snd_valid_o     <= snd_set_i;
    end
    if (resume_set_i) begin
      resume_o.qpn   <= qpn_i;
      resume_o.index <= ctx_i.at.wqe;
      resume_o.epoch <= epoch_i;
      resume_o.block <= block_i;
      resume_o.mid   <= ctx_i.message.mid;
      resume_o.single <= single_i;
    end
    if (err_set_i) begin
      req_err_o.qpn    <= qpn_i;
      req_err_o.wqe    <= err_wqe_i;
      req_err_o.status <= status_i;
      req_err_o.reason <= reason_i;
    end
    if (kick_set_i) kick_qpn_o <= qpn_i;
    if (cqe_set_i) begin
      cqe_o.cqn       <= ctx_i.cq.scq;
      cqe_o.solicited <= 1'b1;  // it failed
      cqe_o.cqe       <= cqe;
    end
    if (snd_set_i) begin
      snd_qpn_o <= qpn_i;
      snd_psn_o <= psn_next_i;
    end
  end

endmodule
