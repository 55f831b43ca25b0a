// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The command UPDATE_SDS: hands its entries, inline or from a host buffer, to the HMC one after
// the other and stops at the first that is refused.
//
// start_i for one cycle with the command, which stays stable; done_o for one cycle with rsp_o.

module tern_cqp_sds (
  input  logic               clk_i,
  input  logic               rst_i,
  input  logic               start_i,
  input  logic [511:0]       wqe_i,   // tern_hw_cqp_sds_wqe_t
  output logic               done_o,
  output tern_pkg::ctl_rsp_t rsp_o,

  output logic                   buf_start_o,
  output logic [63:0]            buf_addr_o,
  output logic [12:0]            buf_len_o,
  input  logic                   buf_done_i,
  input  logic                   buf_err_i,
  output logic [5:0]             line_index_o,
  input  logic [511:0]           line_i,

  output logic                   hmc_valid_o,
  input  logic                   hmc_ready_i,
  output tern_pkg::hmc_ctl_req_t hmc_o,
  input  logic                   hmc_rsp_valid_i,
  input  tern_pkg::ctl_rsp_t     hmc_rsp_i
);

  localparam logic [8:0] MaxInline = 9'd3;
  localparam logic [8:0] MaxBuffer = 9'd256;

  typedef enum logic [1:0] {
    StIdle,
    StLoad,   // the buffer is being read
    StEntry,  // an entry is offered to the HMC
    StAnswer  // the HMC works on it
  } state_e;

  state_e state_q, state_d;
  logic [8:0] entry_q, entry_d;
  tern_hw_pkg::tern_hw_cqp_sds_wqe_t wqe;
  logic size_bad, addr_bad, last_entry;

  assign wqe = wqe_i;
  assign buf_addr_o = wqe.e[63:0];
  assign buf_len_o = {wqe.ctl.count, 4'b0};  // entries of 16 bytes
  assign size_bad = wqe.ctl.count == '0 ||
                    wqe.ctl.count > (wqe.ctl.buffer ? MaxBuffer : MaxInline);
  assign addr_bad = wqe.ctl.buffer && buf_addr_o[11:0] != '0;
  assign last_entry = entry_q + 9'd1 == wqe.ctl.count;

  always_comb begin
    state_d = state_q;
    entry_d = entry_q;
    done_o = 1'b0;
    rsp_o = '0;
    buf_start_o = 1'b0;
    unique case (state_q)
      StIdle: begin
        entry_d = '0;
        if (start_i && (size_bad || addr_bad)) begin
          done_o = 1'b1;
          rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
          rsp_o.minor = size_bad ? tern_hw_pkg::TERN_HW_CQP_MINOR_SIZE
                                 : tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS;
        end else if (start_i) begin
          buf_start_o = wqe.ctl.buffer;
          state_d = wqe.ctl.buffer ? StLoad : StEntry;
        end
      end
      StLoad: begin
        if (buf_done_i) begin
          state_d = buf_err_i ? StIdle : StEntry;
          done_o = buf_err_i;
          rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA;
          rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_READ;
        end
      end
      StEntry: if (hmc_ready_i) state_d = StAnswer;
      StAnswer: begin
        if (hmc_rsp_valid_i) begin
          entry_d = entry_q + 9'd1;
          state_d = StEntry;
          if (hmc_rsp_i.major != tern_hw_pkg::TERN_HW_CQP_MAJOR_OK || last_entry) begin
            state_d = StIdle;
            done_o = 1'b1;
            rsp_o.major = hmc_rsp_i.major;
            rsp_o.minor = hmc_rsp_i.minor;
            if (hmc_rsp_i.major != tern_hw_pkg::TERN_HW_CQP_MAJOR_OK) rsp_o.result = 64'(entry_q);
          end
        end
      end
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    entry_q <= entry_d;
    if (rst_i) state_q <= StIdle;
    else state_q <= state_d;
  end

  always_comb begin
    hmc_o = '0;
    hmc_o.op = tern_pkg::HmcCtlSd;
    if (wqe.ctl.buffer) hmc_o.sd = line_i[128*entry_q[1:0] +: 128];
    else hmc_o.sd = wqe.e[128*entry_q[1:0] +: 128];
  end

  assign hmc_valid_o = state_q == StEntry;
  assign line_index_o = entry_q[7:2];

endmodule
