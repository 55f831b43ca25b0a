// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// A device that misbehaves on request, to test how the drivers take it. It has the ports of
// tern_top, the identity, reset, link and interrupt registers, a CQP that never answers, or
// refuses each command with the code in the register Refusal, and an admin queue that does as if
// there were queues behind it.
// The register Faults chooses what is wrong; no reset touches it, so that a fault can hit
// probe and recovery. The register Events makes something happen once. faults.py names both.

module tern_top (
  input  logic         clk_i,
  input  logic         rst_i,
  input  logic [63:0]  now_i,
  output logic         idle_o,
  output logic [63:0]  wake_at_o,
  input  logic [47:0]  mac_addr_i,
  input  logic         link_up_i,

  input  logic [15:0]  s_axil_awaddr_i,
  input  logic         s_axil_awvalid_i,
  output logic         s_axil_awready_o,
  input  logic [31:0]  s_axil_wdata_i,
  input  logic [3:0]   s_axil_wstrb_i,
  input  logic         s_axil_wvalid_i,
  output logic         s_axil_wready_o,
  output logic [1:0]   s_axil_bresp_o,
  output logic         s_axil_bvalid_o,
  input  logic         s_axil_bready_i,
  input  logic [15:0]  s_axil_araddr_i,
  input  logic         s_axil_arvalid_i,
  output logic         s_axil_arready_o,
  output logic [31:0]  s_axil_rdata_o,
  output logic [1:0]   s_axil_rresp_o,
  output logic         s_axil_rvalid_o,
  input  logic         s_axil_rready_i,

  input  logic         db_valid_i,
  output logic         db_ready_o,
  input  logic [22:0]  db_addr_i,
  input  logic [63:0]  db_data_i,
  input  logic [7:0]   db_strb_i,

  output logic [5:0]   m_axi_arid_o,
  output logic [63:0]  m_axi_araddr_o,
  output logic [7:0]   m_axi_arlen_o,
  output logic [2:0]   m_axi_arsize_o,
  output logic [1:0]   m_axi_arburst_o,
  output logic         m_axi_arvalid_o,
  input  logic         m_axi_arready_i,
  input  logic [5:0]   m_axi_rid_i,
  input  logic [511:0] m_axi_rdata_i,
  input  logic [1:0]   m_axi_rresp_i,
  input  logic         m_axi_rlast_i,
  input  logic         m_axi_rvalid_i,
  output logic         m_axi_rready_o,
  output logic [5:0]   m_axi_awid_o,
  output logic [63:0]  m_axi_awaddr_o,
  output logic [7:0]   m_axi_awlen_o,
  output logic [2:0]   m_axi_awsize_o,
  output logic [1:0]   m_axi_awburst_o,
  output logic         m_axi_awvalid_o,
  input  logic         m_axi_awready_i,
  output logic [511:0] m_axi_wdata_o,
  output logic [63:0]  m_axi_wstrb_o,
  output logic         m_axi_wlast_o,
  output logic         m_axi_wvalid_o,
  input  logic         m_axi_wready_i,
  input  logic [5:0]   m_axi_bid_i,
  input  logic [1:0]   m_axi_bresp_i,
  input  logic         m_axi_bvalid_i,
  output logic         m_axi_bready_o,

  output logic         irq_valid_o,
  input  logic         irq_ready_i,
  output logic [5:0]   irq_vector_o,

  output logic         m_axis_tvalid_o,
  input  logic         m_axis_tready_i,
  output logic [511:0] m_axis_tdata_o,
  output logic [63:0]  m_axis_tkeep_o,
  output logic         m_axis_tlast_o,
  input  logic         s_axis_tvalid_i,
  input  logic [511:0] s_axis_tdata_i,
  input  logic [63:0]  s_axis_tkeep_i,
  input  logic         s_axis_tlast_i,
  input  logic         s_axis_tuser_i,
  output logic         pause_o
);

  // Outside of what the contract uses
  localparam logic [15:0] Faults  = 16'h8000;
  localparam logic [15:0] Events  = 16'h8004;
  localparam logic [15:0] Resets  = 16'h8008;  // read: resets by register since power-on
  localparam logic [15:0] Refusal = 16'h800c;  // as in cqp_err; 0: no answer

  typedef struct packed {
    logic [21:0] rsvd;
    logic        aq_silent;    // no admin command is answered
    logic        deaf;         // no interrupt is ever raised
    logic        fatal;        // a fatal code right after each reset
    logic        no_pages;
    logic        no_vectors;
    logic        not_ready;    // dev_status.ready stays 0
    logic        endless;      // dev_ctrl.reset stays 1 until an FLR
    logic        version;      // major number from the future
    logic        id;           // somebody else's id
    logic        gone;         // all ones, as from an empty slot
  } faults_t;

  typedef struct packed {
    logic [29:0] rsvd;
    logic        link;         // the cable is pulled or plugged
    logic        fatal;        // the device stops
  } events_t;

  faults_t      faults_q = '0;
  logic [31:0]  resets_q = '0;
  logic         link_q = 1'b0;   // differs from link_up_i
  logic         resetting_q;
  logic         fatal_q;
  logic [1:0]   cause_q;         // fatal, link
  logic         cqp_enable_q;
  logic         aq_idle;
  logic [31:0]  aq_ctrl_q, aq_lo_q, aq_hi_q, acq_lo_q, acq_hi_q;
  logic [15:0]  cqp_index_q;
  logic [31:0]  refusal_q = '0;
  logic [63:0]  armed_q, pending_q;
  logic [31:0]  now_hi_q;

  // ------------------------------------------------------------------ registers

  logic         reg_write, reg_read, int_write, ctrl_write;
  logic [5:0]   int_vector;
  assign reg_write        = s_axil_awvalid_i & s_axil_wvalid_i & ~s_axil_bvalid_o;
  assign reg_read         = s_axil_arvalid_i & ~s_axil_rvalid_o;
  assign s_axil_awready_o = reg_write;
  assign s_axil_wready_o  = reg_write;
  assign s_axil_arready_o = reg_read;
  assign s_axil_bresp_o   = 2'b00;
  assign s_axil_rresp_o   = 2'b00;
  assign int_vector       = s_axil_awaddr_i[7:2];
  assign int_write        = reg_write & ~faults_q.gone &
                            (s_axil_awaddr_i[15:8] == tern_hw_pkg::TERN_HW_REG_INT_CTL[15:8]);
  assign ctrl_write       = reg_write & ~faults_q.gone &
                            (s_axil_awaddr_i == tern_hw_pkg::TERN_HW_REG_DEV_CTRL);

  tern_hw_pkg::tern_hw_reg_version_t    version;
  tern_hw_pkg::tern_hw_reg_dev_status_t status;
  tern_hw_pkg::tern_hw_reg_link_t       link;
  tern_hw_pkg::tern_hw_reg_caps_t       caps;
  always_comb begin
    version         = '0;
    version.major   = 16'(tern_hw_pkg::TERN_HW_HW_VERSION_MAJOR) + 16'(faults_q.version);
    version.minor   = 16'(tern_hw_pkg::TERN_HW_HW_VERSION_MINOR);
    status          = '0;
    status.ready    = ~resetting_q & ~faults_q.not_ready;
    status.dma_idle = 1'b1;
    status.fatal    = {7'b0, fatal_q | faults_q.fatal};
    link            = '0;
    link.up         = link_up_i ^ link_q;
    link.speed      = 24'd100000;
    caps            = '0;
    caps.vectors    = faults_q.no_vectors ? 8'd1 : 8'd64;
    caps.ceqs       = 8'd16;
    caps.pages      = faults_q.no_pages ? 16'd0 : 16'd1024;
  end

  logic [31:0] read_value;
  always_comb begin
    case (s_axil_araddr_i)
      tern_hw_pkg::TERN_HW_REG_ID:
        read_value = faults_q.id ? 32'h1 : 32'(tern_hw_pkg::TERN_HW_MAGIC_VALUE);
      tern_hw_pkg::TERN_HW_REG_VERSION:    read_value = version;
      tern_hw_pkg::TERN_HW_REG_DEV_CTRL:   read_value = {31'b0, resetting_q};
      tern_hw_pkg::TERN_HW_REG_DEV_STATUS: read_value = status;
      tern_hw_pkg::TERN_HW_REG_MAC_LO:     read_value = mac_addr_i[31:0];
      tern_hw_pkg::TERN_HW_REG_MAC_HI:     read_value = {16'b0, mac_addr_i[47:32]};
      tern_hw_pkg::TERN_HW_REG_LINK:       read_value = link;
      tern_hw_pkg::TERN_HW_REG_MISC_CAUSE: read_value = {30'b0, cause_q};
      tern_hw_pkg::TERN_HW_REG_CAPS:       read_value = caps;
      tern_hw_pkg::TERN_HW_REG_NOW_LO:     read_value = now_i[31:0];
      tern_hw_pkg::TERN_HW_REG_NOW_HI:     read_value = now_hi_q;
      tern_hw_pkg::TERN_HW_REG_CQP_CTRL,
      tern_hw_pkg::TERN_HW_REG_CQP_STATUS: read_value = {31'b0, cqp_enable_q};
      tern_hw_pkg::TERN_HW_REG_CQP_TAIL:   read_value = {|refusal_q, 15'b0, cqp_index_q};
      tern_hw_pkg::TERN_HW_REG_CQP_ERR:    read_value = refusal_q;
      tern_hw_pkg::TERN_HW_REG_AQ_CTRL:    read_value = aq_ctrl_q;
      tern_hw_pkg::TERN_HW_REG_AQ_STATUS:  read_value = {31'b0, aq_ctrl_q[0] | ~aq_idle};
      tern_hw_pkg::TERN_HW_REG_ETH_CAPS:   read_value = 32'h0c20_0404;
      Resets:                              read_value = resets_q;
      default:                             read_value = '0;
    endcase
    if (faults_q.gone) read_value = '1;
    // The way back
    if (s_axil_araddr_i == Faults) read_value = faults_q;
  end

  events_t event_now;
  assign event_now = (reg_write & (s_axil_awaddr_i == Events)) ? s_axil_wdata_i : '0;

  always_ff @(posedge clk_i) begin
    if (reg_read) begin
      s_axil_rvalid_o <= 1'b1;
      s_axil_rdata_o  <= read_value;
      if (s_axil_araddr_i == tern_hw_pkg::TERN_HW_REG_NOW_LO) now_hi_q <= now_i[63:32];
    end else if (s_axil_rready_i) begin
      s_axil_rvalid_o <= 1'b0;
    end
    if (reg_write) s_axil_bvalid_o <= 1'b1;
    else if (s_axil_bready_i) s_axil_bvalid_o <= 1'b0;

    if (reg_write & (s_axil_awaddr_i == Faults)) faults_q <= s_axil_wdata_i;
    if (reg_write & (s_axil_awaddr_i == Refusal)) refusal_q <= s_axil_wdata_i;
    // Of page 0; what the command is does not matter
    if (db_valid_i & |refusal_q & (db_addr_i == 23'(tern_hw_pkg::TERN_HW_DB_CQP)))
      cqp_index_q <= db_data_i[47:32];
    else if (~cqp_enable_q) cqp_index_q <= '0;
    if (reg_write & ~faults_q.gone & (s_axil_awaddr_i == tern_hw_pkg::TERN_HW_REG_CQP_CTRL))
      cqp_enable_q <= s_axil_wdata_i[0];
    if (reg_write & ~faults_q.gone) begin
      case (s_axil_awaddr_i)
        tern_hw_pkg::TERN_HW_REG_AQ_CTRL:     aq_ctrl_q <= s_axil_wdata_i;
        tern_hw_pkg::TERN_HW_REG_AQ_BASE_LO:  aq_lo_q <= s_axil_wdata_i;
        tern_hw_pkg::TERN_HW_REG_AQ_BASE_HI:  aq_hi_q <= s_axil_wdata_i;
        tern_hw_pkg::TERN_HW_REG_ACQ_BASE_LO: acq_lo_q <= s_axil_wdata_i;
        tern_hw_pkg::TERN_HW_REG_ACQ_BASE_HI: acq_hi_q <= s_axil_wdata_i;
        default: ;
      endcase
    end
    if (rst_i | (ctrl_write & s_axil_wdata_i[0])) aq_ctrl_q <= '0;
    if (ctrl_write & s_axil_wdata_i[0]) begin
      resets_q     <= resets_q + 32'd1;
      resetting_q  <= faults_q.endless;
      cqp_enable_q <= 1'b0;
    end
    if (rst_i) begin
      s_axil_rvalid_o <= 1'b0;
      s_axil_bvalid_o <= 1'b0;
      s_axil_rdata_o  <= '0;
      resetting_q     <= 1'b0;
      cqp_enable_q    <= 1'b0;
      now_hi_q        <= '0;
    end
  end

  // ------------------------------------------------------------------ interrupts

  logic [63:0] arm, disarm, trigger, fire, lowest;
  always_comb begin
    arm     = '0;
    disarm  = '0;
    trigger = '0;
    if (int_write) begin
      arm[int_vector]     = s_axil_wdata_i[0];
      disarm[int_vector]  = s_axil_wdata_i[1];
      trigger[int_vector] = s_axil_wdata_i[2];
    end
  end
  assign fire        = {63'b0, armed_q[0] & |cause_q};
  assign lowest      = pending_q & (~pending_q + 64'd1);
  assign irq_valid_o = |pending_q & ~faults_q.deaf;
  always_comb begin
    irq_vector_o = '0;
    for (int unsigned i = 0; i < 64; i++) if (lowest[i]) irq_vector_o = 6'(i);
  end

  always_ff @(posedge clk_i) begin
    armed_q   <= (armed_q & ~disarm & ~fire) | arm;
    pending_q <= (pending_q & ~(lowest & {64{irq_ready_i}})) | trigger | fire;
    if (reg_write & ~faults_q.gone & (s_axil_awaddr_i == tern_hw_pkg::TERN_HW_REG_MISC_CAUSE))
      cause_q <= cause_q & ~s_axil_wdata_i[1:0];
    if (event_now.fatal) begin
      fatal_q    <= 1'b1;
      cause_q[1] <= 1'b1;
    end
    if (event_now.link) begin
      link_q     <= ~link_q;
      cause_q[0] <= 1'b1;
    end
    if (rst_i | (ctrl_write & s_axil_wdata_i[0])) begin
      armed_q   <= '0;
      pending_q <= '0;
      cause_q   <= '0;
      fatal_q   <= 1'b0;
    end
  end

  // ------------------------------ no DMA but the admin queue's, deaf to other doorbells

  faulty_aq u_aq (
    .clk_i,
    .rst_i,
    .idle_o     (aq_idle),
    .enable_i   (aq_ctrl_q[0]),
    .silent_i   (faults_q.aq_silent | faults_q.gone),
    .base_i     ({aq_hi_q, aq_lo_q}),
    .acq_base_i ({acq_hi_q, acq_lo_q}),
    .log_size_i (aq_ctrl_q[11:8]),
    .db_valid_i (db_valid_i & (db_addr_i == 23'(tern_hw_pkg::TERN_HW_ETH_DB_AQ))),
    .db_index_i (db_data_i[47:32]),
    .arvalid_o  (m_axi_arvalid_o),
    .arready_i  (m_axi_arready_i),
    .araddr_o   (m_axi_araddr_o),
    .rvalid_i   (m_axi_rvalid_i),
    .rdata_i    (m_axi_rdata_i),
    .awvalid_o  (m_axi_awvalid_o),
    .awready_i  (m_axi_awready_i),
    .awaddr_o   (m_axi_awaddr_o),
    .wvalid_o   (m_axi_wvalid_o),
    .wready_i   (m_axi_wready_i),
    .wdata_o    (m_axi_wdata_o),
    .wstrb_o    (m_axi_wstrb_o),
    .bvalid_i   (m_axi_bvalid_i)
  );

  assign db_ready_o      = 1'b1;
  assign m_axi_arid_o    = '0;
  assign m_axi_arlen_o   = '0;
  assign m_axi_arsize_o  = 3'd6;
  assign m_axi_arburst_o = 2'b01;
  assign m_axi_rready_o  = 1'b1;
  assign m_axi_awid_o    = '0;
  assign m_axi_awlen_o   = '0;
  assign m_axi_awsize_o  = 3'd6;
  assign m_axi_awburst_o = 2'b01;
  assign m_axi_wlast_o   = 1'b1;
  assign m_axi_bready_o  = 1'b1;

  // ------------------------------------------------------------ nothing on the wire

  assign m_axis_tvalid_o = 1'b0;
  assign m_axis_tdata_o  = '0;
  assign m_axis_tkeep_o  = '0;
  assign m_axis_tlast_o  = 1'b0;
  assign pause_o         = 1'b0;

  assign idle_o    = aq_idle & ~irq_valid_o & ~|fire & ~s_axil_rvalid_o & ~s_axil_bvalid_o;
  assign wake_at_o = '1;

  logic unused;
  assign unused = &{1'b0, s_axil_wstrb_i, db_valid_i, db_addr_i, db_data_i, db_strb_i,
                    m_axi_rid_i, m_axi_rresp_i, m_axi_rlast_i, m_axi_bid_i, m_axi_bresp_i,
                    m_axis_tready_i, s_axis_tvalid_i, s_axis_tdata_i,
                    s_axis_tkeep_i, s_axis_tlast_i, s_axis_tuser_i, event_now.rsvd, s_axil_awaddr_i[1:0]};

endmodule
