// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Control of the HMC by the CQP: limits, counts, commit and segment descriptors, one request at a
// time, answered in the next cycle if there is nothing to wait for.
//
// A change that touches a valid segment is made in one cycle: descriptor, cached page descriptors
// and epoch (flip_o). It is answered when the accesses of the former epoch are gone, so after the
// answer the host may reuse what the segment or the page referred to. Other accesses go on.

module tern_hmc_ctl #(
  parameter  int unsigned NumSds = tern_pkg::NumSds,
  localparam int unsigned SdW    = $clog2(NumSds)
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  input  logic                   ctl_valid_i,
  output logic                   ctl_ready_o,
  input  tern_pkg::hmc_ctl_req_t ctl_i,
  output logic                   ctl_rsp_valid_o,
  output tern_pkg::ctl_rsp_t     ctl_rsp_o,
  output logic                   idle_o,

  // tern_hmc_layout
  output logic [3:0]             kind_o,
  input  logic [31:0]            limit_i,
  input  logic [7:0]             log_size_i,
  input  logic [63:0]            base_i,
  output logic                   stage_o,
  output logic [31:0]            stage_count_o,
  input  logic                   stage_ok_i,
  output logic                   commit_o,
  input  logic                   commit_done_i,
  input  logic                   commit_ok_i,
  input  logic [3:0]             commit_kind_i,
  input  logic [31:0]            commit_sds_i,

  // tern_hmc_sd and tern_hmc_pd_cache
  output logic                   sd_write_o,
  output logic                   sd_valid_o,
  output logic                   sd_direct_o,
  output logic [51:0]            sd_pfn_o,
  output logic [SdW-1:0]         sd_o,
  output logic [8:0]             page_o,
  output logic                   drop_o,
  output logic                   drop_all_o,
  input  logic                   sd_is_valid_i,
  input  logic                   sd_any_valid_i,

  // tern_hmc_slots
  output logic                   flip_o,
  input  logic                   drained_i
);

  typedef enum logic [1:0] {
    StIdle,
    StExec,    // the request is in req_q
    StCommit,  // the layout works out the bases
    StDrain    // accesses through the former translation are under way
  } state_e;

  state_e state_q, state_d;
  tern_pkg::hmc_ctl_req_t req_q;
  tern_hw_pkg::tern_hw_sd_entry_t entry;

  assign entry         = req_q.sd;
  assign kind_o        = req_q.kind;
  assign stage_count_o = req_q.count;
  assign sd_o          = entry.what.sd[SdW-1:0];
  assign page_o        = entry.what.page;
  assign sd_pfn_o      = entry.addr[63:12];
  assign sd_direct_o   = entry.what.op == tern_hw_pkg::TERN_HW_SD_OP_DIRECT;
  assign sd_valid_o    = entry.what.op != tern_hw_pkg::TERN_HW_SD_OP_CLEAR;
  assign drop_all_o    = entry.what.op != tern_hw_pkg::TERN_HW_SD_OP_PAGE_INV;
  assign drop_o        = flip_o;
  assign idle_o        = state_q == StIdle && !ctl_valid_i;

  // Why the entry is refused, or ok
  logic [15:0] entry_minor;
  logic        direct_bad, paged_bad;

  assign direct_bad = sd_direct_o && entry.addr[20:0] != '0;
  assign paged_bad  = entry.what.op == tern_hw_pkg::TERN_HW_SD_OP_PAGED && entry.addr[11:0] != '0;

  always_comb begin
    entry_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
    if (32'(entry.what.sd) >= NumSds) entry_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_SD;
    else if (direct_bad || paged_bad) entry_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS;
  end

  // ----------------------------------------------------------------------------- control

  always_comb begin
    state_d = state_q;
    ctl_ready_o = 1'b0;
    ctl_rsp_valid_o = 1'b0;
    ctl_rsp_o = '0;
    stage_o = 1'b0;
    commit_o = 1'b0;
    sd_write_o = 1'b0;
    flip_o = 1'b0;
    unique case (state_q)
      StIdle: begin
        ctl_ready_o = 1'b1;
        if (ctl_valid_i) state_d = StExec;
      end
      StExec: begin
        state_d = StIdle;
        ctl_rsp_valid_o = 1'b1;
        case (req_q.op)
          tern_pkg::HmcCtlLimit:  ctl_rsp_o.result = {24'b0, log_size_i, limit_i};
          tern_pkg::HmcCtlLayout: ctl_rsp_o.result = base_i;
          tern_pkg::HmcCtlCount: begin
            stage_o = 1'b1;
            if (!stage_ok_i) begin
              ctl_rsp_o.major  = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
              ctl_rsp_o.minor  = tern_hw_pkg::TERN_HW_CQP_MINOR_LIMIT;
              ctl_rsp_o.result = 64'(req_q.kind);
            end
          end
          tern_pkg::HmcCtlCommit: begin
            if (sd_any_valid_i) begin
              ctl_rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;
              ctl_rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_COMMITTED;
            end else begin
              commit_o = 1'b1;
              ctl_rsp_valid_o = 1'b0;
              state_d = StCommit;
            end
          end
          tern_pkg::HmcCtlSd: begin
            if (entry_minor != tern_hw_pkg::TERN_HW_CQP_MINOR_OK) begin
              ctl_rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
              ctl_rsp_o.minor = entry_minor;
            end else begin
              sd_write_o = drop_all_o;
              flip_o = sd_is_valid_i;
              ctl_rsp_valid_o = !sd_is_valid_i;
              if (sd_is_valid_i) state_d = StDrain;
            end
          end
          default: begin
            ctl_rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_UNSUPPORTED;
            ctl_rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_OPCODE;
          end
        endcase
      end
      StCommit: begin
        if (commit_done_i) begin
          ctl_rsp_valid_o = 1'b1;
          state_d = StIdle;
          ctl_rsp_o.result = 64'(commit_sds_i);
          if (!commit_ok_i) begin
            ctl_rsp_o.major  = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
            ctl_rsp_o.minor  = tern_hw_pkg::TERN_HW_CQP_MINOR_LIMIT;
            ctl_rsp_o.result = 64'(commit_kind_i);
          end
        end
      end
      StDrain: begin
        if (drained_i) begin
          ctl_rsp_valid_o = 1'b1;
          state_d = StIdle;
        end
      end
      default: ;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (ctl_valid_i && ctl_ready_o) req_q <= ctl_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else state_q <= state_d;
  end

endmodule
