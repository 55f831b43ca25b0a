// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Answers of the HMC: one bus for all clients, at most one answer per cycle. Data that was read
// passes through in the cycle in which it comes. Writes that are done and accesses that failed
// queue up behind; there is a place for every slot, so the queue never overflows. hold_o asks for
// no new access while the queue is held up, so reads cannot keep it waiting for ever.
//
// A failed access is reported as an asynchronous event as well, unless it was quiet and its index
// is to blame. The events wait in a short queue; what does not fit is lost and counted: reporting
// never holds up data.

module tern_hmc_rsp #(
  parameter  int unsigned NumClients = 1,
  parameter  int unsigned NumSlots   = 64,
  localparam int unsigned ClientW    = (NumClients > 1) ? $clog2(NumClients) : 1,
  localparam int unsigned SlotW      = $clog2(NumSlots)
) (
  input  logic                         clk_i,
  input  logic                         rst_i,

  // Where answers come from. Only failures can wait
  input  logic                         rd_valid_i,
  input  logic [SlotW-1:0]             rd_slot_i,
  input  logic                         rd_err_i,
  input  logic [tern_pkg::DataW-1:0]   rd_data_i,
  input  logic                         wr_valid_i,
  input  logic [SlotW-1:0]             wr_slot_i,
  input  logic                         wr_err_i,
  input  logic                         fail_valid_i,
  output logic                         fail_ready_o,
  input  logic [SlotW-1:0]             fail_slot_i,
  input  tern_pkg::hmc_err_e           fail_err_i,
  output logic                         hold_o,

  // The slot that is answered and its access
  output logic                         done_o,
  output logic [SlotW-1:0]             slot_o,
  input  logic [ClientW-1:0]           client_i,
  input  logic [7:0]                   tag_i,
  input  logic                         quiet_i,
  input  tern_hw_pkg::tern_hw_ae_hmc_t what_i,

  output logic [NumClients-1:0]        rsp_valid_o,
  output tern_pkg::hmc_rsp_t           rsp_o,

  output logic                         ae_valid_o,
  input  logic                         ae_ready_i,
  output tern_pkg::ae_req_t            ae_o,

  output logic                         stat_hmc_err_o,
  output logic                         stat_ae_lost_o
);

  localparam int unsigned AeDepth = 4;

  // ----------------------------------------------------------------- writes and failures

  // An access gets into the queue at most once, so there is a place for each
  logic               unused_late_ready;
  logic               late_in, late_valid, late_take;
  logic [SlotW+2:0]   late_in_data, late_data;
  logic [SlotW-1:0]   late_slot;
  logic [2:0]         late_err;

  assign fail_ready_o = !wr_valid_i;
  assign late_in      = wr_valid_i || fail_valid_i;
  assign late_in_data = wr_valid_i ? {wr_slot_i, wr_err_i ? tern_pkg::HmcDma : tern_pkg::HmcOk}
                                   : {fail_slot_i, fail_err_i};

  tern_fifo #(
    .Width(SlotW + 3),
    .Depth(NumSlots)
  ) u_late (
    .clk_i,
    .rst_i,
    .in_valid_i (late_in),
    .in_ready_o (unused_late_ready),
    .in_data_i  (late_in_data),
    .out_valid_o(late_valid),
    .out_ready_i(late_take),
    .out_data_o (late_data)
  );

  assign {late_slot, late_err} = late_data;
  assign late_take = late_valid && !rd_valid_i;
  assign hold_o    = late_valid && rd_valid_i;

  // ----------------------------------------------------------------------------- answer

  logic [2:0] err;

  assign done_o = rd_valid_i || late_valid;
  assign slot_o = rd_valid_i ? rd_slot_i : late_slot;

  always_comb begin
    err = tern_pkg::HmcOk;
    if (rd_valid_i) err = rd_err_i ? tern_pkg::HmcDma : tern_pkg::HmcOk;
    else if (late_valid) err = late_err;
  end

  assign rsp_valid_o = done_o ? NumClients'(1) << client_i : '0;
  assign rsp_o       = {tag_i, err, rd_data_i};

  // ----------------------------------------------------------------------------- events

  tern_pkg::ae_req_t ae_new;
  logic              failed, report, ae_room;

  assign failed = done_o && err != tern_pkg::HmcOk;
  assign report = failed && (!quiet_i || err == tern_pkg::HmcDma);

  always_comb begin
    ae_new = '0;
    if (report) begin
      case (err)
        tern_pkg::HmcIndex: ae_new.code = tern_hw_pkg::TERN_HW_AE_CODE_HMC_INDEX;
        tern_pkg::HmcSd:    ae_new.code = tern_hw_pkg::TERN_HW_AE_CODE_HMC_SD;
        tern_pkg::HmcPage:  ae_new.code = tern_hw_pkg::TERN_HW_AE_CODE_HMC_PAGE;
        default:            ae_new.code = tern_hw_pkg::TERN_HW_AE_CODE_HMC_DMA;
      endcase
      ae_new.source = (what_i.w.kind == tern_hw_pkg::TERN_HW_HMC_KIND_CQ)
                    ? tern_hw_pkg::TERN_HW_AE_SOURCE_CQ : tern_hw_pkg::TERN_HW_AE_SOURCE_DEVICE;
      ae_new.id     = what_i.w.index[23:0];
      ae_new.detail = what_i;
    end
  end

  tern_fifo #(
    .Width($bits(ae_new)),
    .Depth(AeDepth)
  ) u_ae (
    .clk_i,
    .rst_i,
    .in_valid_i (report),
    .in_ready_o (ae_room),
    .in_data_i  (ae_new),
    .out_valid_o(ae_valid_o),
    .out_ready_i(ae_ready_i),
    .out_data_o (ae_o)
  );

  assign stat_hmc_err_o = failed;
  assign stat_ae_lost_o = report && !ae_room;

endmodule
