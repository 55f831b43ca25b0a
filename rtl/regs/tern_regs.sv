// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Registers of BAR 0 and the reset sequence. AXI4-Lite, one access at a time: answered in the
// second cycle, writes before reads if both come. Only whole words are written; undefined offsets
// read 0, and what is written there, or to any register but dev_ctrl during a reset, is ignored.
//
// int_ctl and int_itr live in tern_irq, those of the netdev in tern_eth, each reached over a small
// bus: write in the cycle of the access, read data in the same cycle.
//
// Reset by dev_ctrl: quiesce_o keeps new DMA from starting; when dma_idle_i tells that the bus
// owes nothing any more, and the wire is between frames, core_rst_o resets all blocks, this one's
// registers included. Waiting is bounded by the completion timeout of the bus, and by the MAC,
// which takes what it was promised whether there is a link or not. rst_i waits for nothing, and
// core_rst_o follows it in the next cycle: whoever pulls it (function level reset, power) resets the
// bus too.

module tern_regs #(
  parameter int unsigned LinkSpeed = 100_000  // Mbit/s, what register link tells
) (
  input  logic        clk_i,
  input  logic        rst_i,

  input  logic [63:0] now_i,
  output logic        idle_o,

  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [15:0] s_axil_awaddr_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  input  logic [31:0] s_axil_wdata_i,
  input  logic [3:0]  s_axil_wstrb_i,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  output logic [1:0]  s_axil_bresp_o,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  input  logic [15:0] s_axil_araddr_i,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  output logic [31:0] s_axil_rdata_o,
  output logic [1:0]  s_axil_rresp_o,

  // Reset
  output logic        quiesce_o,
  input  logic        dma_idle_i,
  input  logic        wire_whole_i,   // a reset in the next cycle cuts no frame in two
  output logic        core_rst_o,

  // Device
  input  logic [47:0] mac_addr_i,     // first octet in [47:40]
  input  logic        link_up_i,
  input  logic [7:0]  fatal_i,        // tern_hw_fatal_e
  output logic        misc_level_o,   // level for vector 0

  // CQP
  output logic [63:0] cqp_base_o,
  output logic [4:0]  cqp_log_size_o,
  output logic        cqp_enable_o,
  input  logic        cqp_enabled_i,
  input  logic        cqp_halted_i,
  input  logic [15:0] cqp_tail_i,
  input  logic        cqp_error_i,
  input  logic [31:0] cqp_err_i,      // as register cqp_err
  input  logic [63:0] cqp_result_i,

  // Interrupt vectors
  output logic                      irq_reg_write_o,
  output logic                      irq_reg_itr_o,
  output logic [tern_pkg::VecW-1:0] irq_reg_vec_o,
  output logic [31:0]               irq_reg_wdata_o,
  input  logic [31:0]               irq_reg_rdata_i,

  // Netdev: offsets 0x0200 to 0x02ff
  output logic                      eth_reg_write_o,
  output logic [15:0]               eth_reg_addr_o,
  output logic [31:0]               eth_reg_wdata_o,
  input  logic [31:0]               eth_reg_rdata_i
);

  localparam int unsigned ResetCycles = 4;

  // --------------------------------------------------------------------------- reset

  typedef enum logic [1:0] {
    StReset,    // all blocks are held in reset
    StRun,
    StQuiesce   // no new DMA; waiting for the answers of the old
  } state_e;

  state_e     state_d, state_q;
  logic [2:0] count_q;
  logic       reset_write, running;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StReset:   if (count_q == 3'(ResetCycles - 1)) state_d = StRun;
      StRun:     if (reset_write) state_d = StQuiesce;
      StQuiesce: if (dma_idle_i && wire_whole_i) state_d = StReset;
      default:   state_d = StReset;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StReset;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i || state_q != StReset) count_q <= '0;
    else count_q <= count_q + 1'b1;
  end

  assign running    = state_q == StRun;
  assign quiesce_o  = state_q != StRun;
  assign core_rst_o = state_q == StReset;

  // ---------------------------------------------------------------------------- AXI4-Lite

  // An access is taken into registers, so that no block sees the bus itself
  logic        busy, take_write, take_read;
  logic        write, read, strobes;
  logic [15:0] addr;
  logic [31:0] wdata;

  assign busy       = write || read || s_axil_bvalid_o || s_axil_rvalid_o;
  assign take_write = s_axil_awvalid_i && s_axil_wvalid_i && !busy;
  assign take_read  = s_axil_arvalid_i && !take_write && !busy;

  assign s_axil_awready_o = take_write;
  assign s_axil_wready_o  = take_write;
  assign s_axil_arready_o = take_read;
  assign s_axil_bresp_o   = 2'b00;
  assign s_axil_rresp_o   = 2'b00;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      write <= 1'b0;
      read  <= 1'b0;
    end else begin
      write <= take_write;
      read  <= take_read;
    end
    if (take_write) begin
      addr    <= s_axil_awaddr_i;
      wdata   <= s_axil_wdata_i;
      strobes <= s_axil_wstrb_i == 4'hf;
    end else if (take_read) begin
      addr <= s_axil_araddr_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      s_axil_bvalid_o <= 1'b0;
      s_axil_rvalid_o <= 1'b0;
    end else begin
      s_axil_bvalid_o <= write || (s_axil_bvalid_o && !s_axil_bready_i);
      s_axil_rvalid_o <= read || (s_axil_rvalid_o && !s_axil_rready_i);
    end
  end

  // ---------------------------------------------------------------------------- writes

  tern_hw_pkg::tern_hw_reg_dev_ctrl_t   dev_ctrl_w;
  tern_hw_pkg::tern_hw_reg_cqp_ctrl_t   cqp_ctrl_w;
  tern_hw_pkg::tern_hw_reg_misc_cause_t misc_w;
  logic [57:0] cqp_base_q;
  logic        take, cqp_idle, cqp_size_ok;

  assign dev_ctrl_w = wdata;
  assign cqp_ctrl_w = wdata;
  assign misc_w     = wdata;
  assign take       = write && strobes && running;

  assign reset_write = take && addr == tern_hw_pkg::TERN_HW_REG_DEV_CTRL && dev_ctrl_w.reset;

  // The ring is fixed from the enabling until the CQP has stopped. A size that no ring can have
  // does not enable.
  assign cqp_idle    = !cqp_enable_o && !cqp_enabled_i;
  assign cqp_size_ok = cqp_ctrl_w.log_size != '0 &&
                       cqp_ctrl_w.log_size <= 5'(tern_pkg::MaxLogCqp);
  assign cqp_base_o  = {cqp_base_q, 6'd0};

  always_ff @(posedge clk_i) begin
    if (core_rst_o) begin
      cqp_base_q     <= '0;
      cqp_log_size_o <= '0;
      cqp_enable_o   <= 1'b0;
    end else if (take) begin
      unique case (addr)
        tern_hw_pkg::TERN_HW_REG_CQP_BASE_LO: if (cqp_idle) cqp_base_q[25:0] <= wdata[31:6];
        tern_hw_pkg::TERN_HW_REG_CQP_BASE_HI: if (cqp_idle) cqp_base_q[57:26] <= wdata;
        tern_hw_pkg::TERN_HW_REG_CQP_CTRL: begin
          if (cqp_idle) cqp_log_size_o <= cqp_ctrl_w.log_size;
          if (cqp_idle) cqp_enable_o <= cqp_ctrl_w.enable && cqp_size_ok;
          else if (!cqp_ctrl_w.enable) cqp_enable_o <= 1'b0;
        end
        default: ;
      endcase
    end
  end

  // A cause set in the cycle in which it is acknowledged stays
  logic [7:0] fatal_q;
  logic       link_q, cause_link_q, cause_fatal_q, ack;

  assign ack = take && addr == tern_hw_pkg::TERN_HW_REG_MISC_CAUSE;

  always_ff @(posedge clk_i) begin
    if (core_rst_o) begin
      link_q        <= link_up_i;
      fatal_q       <= '0;
      cause_link_q  <= 1'b0;
      cause_fatal_q <= 1'b0;
    end else begin
      link_q        <= link_up_i;
      fatal_q       <= fatal_i;
      cause_link_q  <= link_up_i != link_q || (cause_link_q && !(ack && misc_w.link));
      cause_fatal_q <= (fatal_i != fatal_q && fatal_i != '0) ||
                       (cause_fatal_q && !(ack && misc_w.fatal));
    end
  end

  assign misc_level_o = cause_link_q || cause_fatal_q;

  // ----------------------------------------------------------------------------- reads

  tern_hw_pkg::tern_hw_reg_version_t    version;
  tern_hw_pkg::tern_hw_reg_dev_ctrl_t   dev_ctrl;
  tern_hw_pkg::tern_hw_reg_dev_status_t dev_status;
  tern_hw_pkg::tern_hw_reg_link_t       link;
  tern_hw_pkg::tern_hw_reg_misc_cause_t misc_cause;
  tern_hw_pkg::tern_hw_reg_caps_t       caps;
  tern_hw_pkg::tern_hw_reg_cqp_ctrl_t   cqp_ctrl;
  tern_hw_pkg::tern_hw_reg_cqp_status_t cqp_status;
  tern_hw_pkg::tern_hw_reg_cqp_tail_t   cqp_tail;
  logic [31:0] now_hi_q;
  logic [31:0] rdata;
  logic        is_irq, is_eth;

  always_comb begin
    version            = '0;
    version.major      = tern_hw_pkg::TERN_HW_HW_VERSION_MAJOR;
    version.minor      = tern_hw_pkg::TERN_HW_HW_VERSION_MINOR;
    dev_ctrl           = '0;
    dev_ctrl.reset     = !running;
    dev_status         = '0;
    dev_status.ready   = running;
    dev_status.dma_idle = dma_idle_i;
    dev_status.fatal   = fatal_i;
    link               = '0;
    link.up            = link_up_i;
    link.speed         = 24'(LinkSpeed);
    misc_cause         = '0;
    misc_cause.link    = cause_link_q;
    misc_cause.fatal   = cause_fatal_q;
    caps               = '0;
    caps.vectors       = 8'(tern_pkg::NumVectors);
    caps.ceqs          = 8'(tern_pkg::NumCeqs);
    caps.pages         = 16'(tern_pkg::NumPages);
    cqp_ctrl           = '0;
    cqp_ctrl.enable    = cqp_enable_o;
    cqp_ctrl.log_size  = cqp_log_size_o;
    cqp_status         = '0;
    cqp_status.enabled = cqp_enabled_i;
    cqp_status.halted  = cqp_halted_i;
    cqp_tail           = '0;
    cqp_tail.index     = cqp_tail_i;
    cqp_tail.error     = cqp_error_i;
  end

  always_comb begin
    rdata = '0;
    if (read) begin  // for the simulator, which need not look for nobody
      unique case (addr)
        tern_hw_pkg::TERN_HW_REG_ID:            rdata = tern_hw_pkg::TERN_HW_MAGIC_VALUE;
        tern_hw_pkg::TERN_HW_REG_VERSION:       rdata = version;
        tern_hw_pkg::TERN_HW_REG_DEV_CTRL:      rdata = dev_ctrl;
        tern_hw_pkg::TERN_HW_REG_DEV_STATUS:    rdata = dev_status;
        tern_hw_pkg::TERN_HW_REG_MAC_LO:        rdata = mac_addr_i[31:0];
        tern_hw_pkg::TERN_HW_REG_MAC_HI:        rdata = {16'd0, mac_addr_i[47:32]};
        tern_hw_pkg::TERN_HW_REG_LINK:          rdata = link;
        tern_hw_pkg::TERN_HW_REG_MISC_CAUSE:    rdata = misc_cause;
        tern_hw_pkg::TERN_HW_REG_CAPS:          rdata = caps;
        tern_hw_pkg::TERN_HW_REG_NOW_LO:        rdata = now_i[31:0];
        tern_hw_pkg::TERN_HW_REG_NOW_HI:        rdata = now_hi_q;
        tern_hw_pkg::TERN_HW_REG_CQP_BASE_LO:   rdata = cqp_base_o[31:0];
        tern_hw_pkg::TERN_HW_REG_CQP_BASE_HI:   rdata = cqp_base_o[63:32];
        tern_hw_pkg::TERN_HW_REG_CQP_CTRL:      rdata = cqp_ctrl;
        tern_hw_pkg::TERN_HW_REG_CQP_STATUS:    rdata = cqp_status;
        tern_hw_pkg::TERN_HW_REG_CQP_TAIL:      rdata = cqp_tail;
        tern_hw_pkg::TERN_HW_REG_CQP_ERR:       rdata = cqp_err_i;
        tern_hw_pkg::TERN_HW_REG_CQP_RESULT_LO: rdata = cqp_result_i[31:0];
        tern_hw_pkg::TERN_HW_REG_CQP_RESULT_HI: rdata = cqp_result_i[63:32];
        default:                                rdata = is_irq ? irq_reg_rdata_i :
                                                          is_eth ? eth_reg_rdata_i : '0;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (read) s_axil_rdata_o <= rdata;
    if (read && addr == tern_hw_pkg::TERN_HW_REG_NOW_LO) now_hi_q <= now_i[63:32];
  end

  // ------------------------------------------------------------------- interrupt vectors

  // Both arrays have 64 registers of 4 bytes
  assign is_irq = addr[1:0] == 2'b00 &&
                  (addr[15:8] == tern_hw_pkg::TERN_HW_REG_INT_CTL[15:8] ||
                   addr[15:8] == tern_hw_pkg::TERN_HW_REG_INT_ITR[15:8]);

  assign irq_reg_write_o = take && is_irq;
  assign irq_reg_itr_o   = addr[15:8] == tern_hw_pkg::TERN_HW_REG_INT_ITR[15:8];
  assign irq_reg_vec_o   = addr[7:2];
  assign irq_reg_wdata_o = wdata;

  // ----------------------------------------------------------------------------- netdev

  assign is_eth          = addr[1:0] == 2'b00 &&
                           addr[15:8] == tern_hw_pkg::TERN_HW_REG_AQ_BASE_LO[15:8];
  assign eth_reg_write_o = take && is_eth;
  assign eth_reg_addr_o  = addr;
  assign eth_reg_wdata_o = wdata;

  assign idle_o = running && !busy && !s_axil_awvalid_i && !s_axil_arvalid_i &&
                  link_up_i == link_q && fatal_i == fatal_q;

endmodule
