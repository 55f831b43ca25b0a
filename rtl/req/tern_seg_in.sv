// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Intake of tern_seg: jobs and rollbacks, one after the other, through line `seg` of their QP. The
// output is that of tern_qp_line. waiting_o: somebody is here, or at the ports, who waits for the
// QP at the output to make way; back_o: among them is a rollback of this QP.

module tern_seg_in #(
  parameter int unsigned Sets  = 16,
  parameter int unsigned Ways  = 4,
  parameter int unsigned Slots = 8
) (
  input  logic                        clk_i,
  input  logic                        rst_i,
  output logic                        idle_o,

  input  logic                        job_valid_i,
  output logic                        job_ready_o,
  input  tern_pkg::sq_job_t           job_i,
  input  tern_pkg::hmc_err_e          job_err_i,
  input  logic [4:0]                  job_buf_i,
  input  logic                        rollback_valid_i,
  output logic                        rollback_ready_o,
  input  tern_pkg::rollback_t         rollback_i,

  output logic                        out_valid_o,
  input  logic                        out_ready_i,
  output logic                        out_is_rb_o,
  output logic [tern_pkg::QpnW-1:0]   out_qpn_o,
  output tern_pkg::sq_job_t           out_job_o,
  output tern_pkg::hmc_err_e          out_job_err_o,
  output logic [4:0]                  out_job_buf_o,
  output logic [15:0]                 out_rb_wqe_o,
  output logic [23:0]                 out_rb_psn_o,
  output logic [31:0]                 out_rb_offset_o,
  output tern_pkg::hmc_err_e          out_err_o,
  output logic [511:0]                out_line_o,
  input  logic                        wb_valid_i,
  input  logic [511:0]                wb_line_i,

  output logic                        waiting_o,
  output logic                        back_o,

  input  logic                        item_valid_i,
  output logic                        item_ready_o,
  input  tern_pkg::qp_item_t          item_i,
  output logic                        item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t      item_rsp_o,
  output logic                        hmc_valid_o,
  input  logic                        hmc_ready_i,
  output tern_pkg::hmc_req_t          hmc_o,
  input  logic                        hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t          hmc_rsp_i,
  output logic                        stat_hit_o,
  output logic                        stat_miss_o
);

  localparam int unsigned SlotW    = $clog2(Slots);
  localparam int unsigned JobW     = $bits(job_i);
  localparam int unsigned RbW      = 16 + 24 + 32;
  localparam int unsigned BodyW    = (JobW + 8 > RbW) ? JobW + 8 : RbW;
  localparam int unsigned PayloadW = 1 + BodyW;

  logic                rollback_go, req_ready;
  logic [SlotW-1:0]    out_slot_unused;
  logic                out_resumed_unused;
  logic [PayloadW-1:0] req_payload, out_payload;

  // Rollbacks first: they make jobs stale
  assign rollback_go      = rollback_valid_i;
  assign rollback_ready_o = req_ready;
  assign job_ready_o      = req_ready && !rollback_go;
  assign req_payload      = rollback_go ? {1'b1, BodyW'({rollback_i.wqe, rollback_i.psn,
                                                        rollback_i.offset})}
                                        : {1'b0, BodyW'({job_buf_i, job_err_i, job_i})};

  tern_qp_line #(
    .Line({tern_hw_pkg::TERN_HW_QP_LINE_SEG}), .Sets(Sets), .Ways(Ways), .Slots(Slots),
    .PayloadW(PayloadW)
  ) u_line (
    .clk_i, .rst_i, .idle_o,
    .req_valid_i(rollback_valid_i || job_valid_i), .req_ready_o(req_ready),
    .req_index_i(req_qpn), .req_payload_i(req_payload),
    .out_valid_o, .out_ready_i, .out_hold_i(1'b0),
    .out_index_o(out_qpn_o), .out_payload_o(out_payload), .out_slot_o(out_slot_unused),
    .out_resumed_o(out_resumed_unused), .out_err_o, .out_line_o,
    .wb_valid_i, .wb_line_i, .wake_valid_i(1'b0), .wake_slot_i('0),
    .item_valid_i, .item_ready_o, .item_i, .item_rsp_valid_o, .item_rsp_o,
    .hmc_valid_o, .hmc_ready_i, .hmc_o, .hmc_rsp_valid_i, .hmc_rsp_i,
    .stat_hit_o, .stat_miss_o
  );

  assign out_is_rb_o   = out_payload[PayloadW-1];
  assign out_job_o     = out_payload[JobW-1:0];
  assign out_job_err_o = tern_pkg::hmc_err_e'(out_payload[JobW+:3]);
  assign out_job_buf_o = out_payload[JobW+3+:5];
  assign {out_rb_wqe_o, out_rb_psn_o, out_rb_offset_o} = out_payload[RbW-1:0];

  // --------------------------------------------------------------------------- who is in here
  //
  // One place for each request from when it is taken until it leaves; which of those of a QPN
  // does not matter.

  logic [Slots-1:0]           in_valid_q;
  logic [Slots-1:0]           in_rb_q;
  logic [Slots-1:0][tern_pkg::QpnW-1:0] in_qpn_q;
  logic [Slots-1:0]           in_free, in_done, in_other, in_back;
  logic                       req_take;
  logic [tern_pkg::QpnW-1:0]  req_qpn;

  assign req_qpn  = rollback_go ? rollback_i.qpn : job_i.qpn;
  assign req_take = (rollback_valid_i || job_valid_i) && req_ready;
  assign in_free  = ~in_valid_q & (in_valid_q + 1'b1);

  always_comb begin
    for (int unsigned i = 0; i < Slots; i++) begin
      in_done[i]  = in_valid_q[i] && in_qpn_q[i] == out_qpn_o && in_rb_q[i] == out_is_rb_o;
      in_other[i] = in_valid_q[i] && (in_qpn_q[i] != out_qpn_o || in_rb_q[i]);
      in_back[i]  = in_valid_q[i] && in_qpn_q[i] == out_qpn_o && in_rb_q[i];
    end
    in_done = in_done & (~in_done + 1'b1);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) in_valid_q <= '0;
    else in_valid_q <= (in_valid_q | (req_take ? in_free : '0)) & ~((out_valid_o && out_ready_i) ? in_done : '0);
    for (int unsigned i = 0; i < Slots; i++) begin
      if (req_take && in_free[i]) begin
        in_rb_q[i]  <= rollback_go;
        in_qpn_q[i] <= req_qpn;
      end
    end
  end

  assign back_o    = in_back != '0 || (rollback_valid_i && rollback_i.qpn == out_qpn_o);
  assign waiting_o = in_other != '0 || rollback_valid_i || !item_ready_o ||
                     (job_valid_i && job_i.qpn != out_qpn_o);

endmodule
