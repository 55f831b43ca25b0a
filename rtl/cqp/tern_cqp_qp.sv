// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Commands about queue pairs: hands them to the engine that owns the QPs, with what it needs of the
// host's memory. MODIFY_QP: the attributes are loaded before. QUERY_QP: the engine puts the words
// of struct qp_query, all 64 of them and in any order, before it answers; they are sent if it has
// not failed. Addresses are checked before anything else happens.
//
// start_i for one cycle with the command, which stays stable; done_o for one cycle with rsp_o. The
// engine sees the command and the attributes until it answers.

module tern_cqp_qp (
  input  logic               clk_i,
  input  logic               rst_i,
  input  logic               start_i,
  input  logic [511:0]       wqe_i,   // tern_hw_cqp_qp_wqe_t or tern_hw_cqp_modify_qp_wqe_t
  output logic               done_o,
  output tern_pkg::ctl_rsp_t rsp_o,

  output logic               buf_start_o,
  output logic               buf_send_o,
  output logic [63:0]        buf_addr_o,
  output logic [12:0]        buf_len_o,
  input  logic               buf_done_i,
  input  logic               buf_err_i,
  output logic               put_o,
  output logic [8:0]         put_index_o,
  output logic [63:0]        put_data_o,
  input  logic [511:0]       line_i,       // line 0 of the buffer

  output logic               qp_valid_o,
  input  logic               qp_ready_i,
  output logic [5:0]         qp_op_o,      // tern_hw_cqp_op_e
  output logic [511:0]       qp_wqe_o,
  output logic [511:0]       qp_attr_o,    // tern_hw_qp_attr_t; 0 if there are none
  input  logic               qp_put_i,     // after the command was taken, before the answer
  input  logic [5:0]         qp_put_index_i,
  input  logic [63:0]        qp_put_data_i,
  input  logic               qp_rsp_valid_i,
  input  tern_pkg::ctl_rsp_t qp_rsp_i
);

  typedef enum logic [2:0] {
    StIdle,
    StLoad,   // the attributes are being read
    StOffer,
    StWait,   // the engine works
    StSend,
    StSendAnswer
  } state_e;

  state_e state_q, state_d;
  tern_hw_pkg::tern_hw_cqp_wqe_t           wqe;
  tern_hw_pkg::tern_hw_cqp_qp_wqe_t        qp_wqe;
  tern_hw_pkg::tern_hw_cqp_modify_qp_wqe_t modify_wqe;
  logic is_query, is_modify, has_attr, addr_bad;

  assign wqe        = wqe_i;
  assign qp_wqe     = wqe_i;
  assign modify_wqe = wqe_i;
  assign is_query   = wqe.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_QUERY_QP;
  assign is_modify  = wqe.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_QP;
  assign has_attr   = is_modify && modify_wqe.ctl.mask != '0;
  assign addr_bad   = (is_query && qp_wqe.sq_ring[8:0] != '0) ||
                      (has_attr && modify_wqe.addr[5:0] != '0);

  assign buf_addr_o = is_query ? qp_wqe.sq_ring : modify_wqe.addr;
  assign buf_len_o  = is_query ? 13'(tern_hw_pkg::TERN_HW_QP_QUERY_BYTES)
                               : 13'(tern_hw_pkg::TERN_HW_QP_ATTR_BYTES);

  always_comb begin
    state_d = state_q;
    done_o = 1'b0;
    rsp_o = '0;
    buf_start_o = 1'b0;
    unique case (state_q)
      StIdle: begin
        if (start_i && addr_bad) begin
          done_o = 1'b1;
          rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
          rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS;
        end else if (start_i) begin
          buf_start_o = has_attr;
          state_d = has_attr ? StLoad : StOffer;
        end
      end
      StLoad: begin
        if (buf_done_i) begin
          state_d = buf_err_i ? StIdle : StOffer;
          done_o = buf_err_i;
          rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA;
          rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_READ;
        end
      end
      StOffer: if (qp_ready_i) state_d = StWait;
      StWait: begin
        if (qp_rsp_valid_i && is_query && qp_rsp_i.major == tern_hw_pkg::TERN_HW_CQP_MAJOR_OK) begin
          state_d = StSend;
        end else if (qp_rsp_valid_i) begin
          state_d = StIdle;
          done_o = 1'b1;
          rsp_o = qp_rsp_i;
        end
      end
      StSend: begin
        buf_start_o = 1'b1;
        state_d = StSendAnswer;
      end
      StSendAnswer: begin
        if (buf_done_i) begin
          state_d = StIdle;
          done_o = 1'b1;
          if (buf_err_i) begin
            rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA;
            rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_WRITE;
          end
        end
      end
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else state_q <= state_d;
  end

  assign buf_send_o  = state_q == StSend;
  assign put_o       = state_q == StWait && is_query && qp_put_i;
  assign put_index_o = 9'(qp_put_index_i);
  assign put_data_o  = qp_put_data_i;
  assign qp_valid_o  = state_q == StOffer;
  assign qp_op_o     = wqe.hdr.op;
  assign qp_wqe_o    = wqe_i;
  assign qp_attr_o   = has_attr ? line_i : '0;

endmodule
