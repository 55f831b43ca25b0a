// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Registers of the Ethernet half, on the small bus of tern_regs: write in the cycle of the access,
// read data in the same cycle, 0 for offsets that are not ours.

module tern_eth_regs #(
  parameter int unsigned Sqs    = 4,
  parameter int unsigned Rqs    = 4,
  parameter int unsigned Cqs    = 32,
  parameter int unsigned MaxLog = 12
) (
  input  logic                      clk_i,
  input  logic                      rst_i,

  input  logic                      reg_write_i,
  input  logic [15:0]               reg_addr_i,
  input  logic [31:0]               reg_wdata_i,
  output logic [31:0]               reg_rdata_o,

  output logic [63:0]               aq_base_o,
  output logic [63:0]               acq_base_o,
  output logic [3:0]                log_size_o,
  output logic                      vec_valid_o,
  output logic [tern_pkg::VecW-1:0] vec_o,
  output logic                      enable_o,
  input  logic                      enabled_i,
  input  logic                      halted_i,
  input  logic [15:0]               tail_i
);

  tern_hw_pkg::tern_hw_reg_aq_ctrl_t   ctrl_w, ctrl_q, ctrl;
  tern_hw_pkg::tern_hw_reg_aq_status_t status;
  tern_hw_pkg::tern_hw_reg_eth_caps_t  caps;
  logic [63:0] aq_q, acq_q;
  logic        fixed, size_ok;

  assign ctrl_w  = reg_wdata_i;
  assign fixed   = ctrl_q.enable || enabled_i;
  assign size_ok = ctrl_w.log_size != '0 && ctrl_w.log_size <= 4'd12;

  always_ff @(posedge clk_i) begin
    if (reg_write_i) begin
      unique case (reg_addr_i)
        tern_hw_pkg::TERN_HW_REG_AQ_BASE_LO:  if (!fixed) aq_q[31:6] <= reg_wdata_i[31:6];
        tern_hw_pkg::TERN_HW_REG_AQ_BASE_HI:  if (!fixed) aq_q[63:32] <= reg_wdata_i;
        tern_hw_pkg::TERN_HW_REG_ACQ_BASE_LO: if (!fixed) acq_q[31:0] <= reg_wdata_i;
        tern_hw_pkg::TERN_HW_REG_ACQ_BASE_HI: if (!fixed) acq_q[63:32] <= reg_wdata_i;
        tern_hw_pkg::TERN_HW_REG_AQ_CTRL: begin
          if (!fixed) begin
            ctrl_q        <= ctrl_w;
            ctrl_q.enable <= ctrl_w.enable && size_ok;
          end else if (!ctrl_w.enable) begin
            ctrl_q.enable <= 1'b0;
          end
        end
        default: ;
      endcase
    end
    if (rst_i) begin
      aq_q   <= '0;
      acq_q  <= '0;
      ctrl_q <= '0;
    end
  end

  always_comb begin
    ctrl           = '0;
    ctrl.enable    = ctrl_q.enable;
    ctrl.log_size  = ctrl_q.log_size;
    ctrl.vec_valid = ctrl_q.vec_valid;
    ctrl.vec       = ctrl_q.vec;
    status         = '0;
    status.enabled = enabled_i;
    status.halted  = halted_i;
    status.tail    = tail_i;
    caps           = '0;
    caps.sqs       = 8'(Sqs);
    caps.rqs       = 8'(Rqs);
    caps.cqs       = 8'(Cqs);
    caps.max_log   = 4'(MaxLog);
    unique case (reg_addr_i)
      tern_hw_pkg::TERN_HW_REG_AQ_BASE_LO:  reg_rdata_o = aq_q[31:0];
      tern_hw_pkg::TERN_HW_REG_AQ_BASE_HI:  reg_rdata_o = aq_q[63:32];
      tern_hw_pkg::TERN_HW_REG_ACQ_BASE_LO: reg_rdata_o = acq_q[31:0];
      tern_hw_pkg::TERN_HW_REG_ACQ_BASE_HI: reg_rdata_o = acq_q[63:32];
      tern_hw_pkg::TERN_HW_REG_AQ_CTRL:     reg_rdata_o = ctrl;
      tern_hw_pkg::TERN_HW_REG_AQ_STATUS:   reg_rdata_o = status;
      tern_hw_pkg::TERN_HW_REG_ETH_CAPS:    reg_rdata_o = caps;
      default:                              reg_rdata_o = '0;
    endcase
  end

  logic unused;
  assign unused = &{1'b0, ctrl_w, ctrl_q};

  assign aq_base_o   = aq_q;
  assign acq_base_o  = acq_q;
  assign log_size_o  = ctrl_q.log_size;
  assign vec_valid_o = ctrl_q.vec_valid;
  assign vec_o       = ctrl_q.vec;
  assign enable_o    = ctrl_q.enable;

endmodule
