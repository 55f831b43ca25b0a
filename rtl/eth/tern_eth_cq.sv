// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Completion queues of the Ethernet half: a second instance of the CQ engine, with its contexts
// on chip, and with interrupt vectors in the place of CEQs. CQ 0 is the ACQ.
//
// The event of an armed CQ raises its level when the bus has taken the entries before it, and the
// level of a vector is that of any of its CQs. A doorbell that arms takes the CQ's level back and re-arms the vector (rearm_* shows when the
// level has fallen). The event that the arm may cause comes after that, so it is never lost; one
// that was on its way when the doorbell came may raise the level once too often.
//
// The engine's cache holds all contexts, so nothing waits there and entries of different CQs are
// written in the order in which they were taken: the ACQ tells of nothing before it is there.

module tern_eth_cq #(
  parameter  int unsigned NumClients = 3,
  parameter  int unsigned Cqs        = 32,  // power of two, at most 32
  localparam int unsigned CqW        = $clog2(Cqs)
) (
  input  logic                                   clk_i,
  input  logic                                   rst_i,
  input  logic [63:0]                            now_i,
  output logic                                   idle_o,
  output logic [63:0]                            wake_at_o,

  input  logic                 [NumClients-1:0]  cqe_valid_i,
  output logic                 [NumClients-1:0]  cqe_ready_o,
  input  logic [NumClients-1:0][tern_pkg::CqeReqW-1:0] cqe_i,  // cqe_req_t

  input  logic                                   db_valid_i,
  output logic                                   db_ready_o,
  input  tern_pkg::db_t                          db_i,
  output logic                                   db_bad_valid_o,
  input  logic                                   db_bad_ready_i,
  output tern_pkg::db_bad_t                      db_bad_o,

  // As tern_cq; vec of the CQ, if attr.ceq_valid (attr.ceq is 0)
  input  logic                                   ctl_valid_i,
  output logic                                   ctl_ready_o,
  input  tern_pkg::cq_ctl_req_t                  ctl_i,
  input  logic [tern_pkg::VecW-1:0]              ctl_vec_i,
  output logic                                   ctl_rsp_valid_o,
  output tern_pkg::ctl_rsp_t                     ctl_rsp_o,

  output logic                                   wr_valid_o,
  input  logic                                   wr_ready_i,
  output tern_pkg::dma_wr_beat_t                 wr_o,
  input  logic                                   wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t                  wr_rsp_i,

  output logic [tern_pkg::NumVectors-1:0]        level_o,
  output logic                                   rearm_valid_o,
  output logic [tern_pkg::VecW-1:0]              rearm_vec_o,

  output logic                                   stat_cq_err_o
);

  if (Cqs != 1 << CqW || Cqs > 32) begin : gen_bad_size
    $error("tern_eth_cq: size not possible");
  end

  // ------------------------------------------------------------------------------ engine

  logic               cq_idle, ctx_valid, ctx_ready, ctx_rsp_valid;
  logic               ce_valid;
  tern_pkg::hmc_req_t ctx_req, pbl_req_unused;
  tern_pkg::hmc_rsp_t ctx_rsp;
  tern_pkg::ce_req_t  ce;
  tern_pkg::ae_req_t  ae_unused;
  logic               pbl_valid_unused, ccq_valid_unused, stat_cqe_unused, hit_unused, miss_unused;
  logic [tern_pkg::CqnW-1:0]    ccq_num_unused;
  logic [tern_pkg::NumCeqs-1:0] busy_unused;

  tern_cq #(
    .NumClients(NumClients), .CacheSets(8), .CacheWays(4), .CacheSlots(8), .NumTimers(8)
  ) u_cq (
    .clk_i, .rst_i, .now_i, .idle_o(cq_idle), .wake_at_o,
    .cqe_valid_i, .cqe_ready_o, .cqe_i,
    .db_valid_i, .db_ready_o, .db_i, .db_bad_valid_o, .db_bad_ready_i, .db_bad_o,
    .ctl_valid_i, .ctl_ready_o, .ctl_i, .ctl_rsp_valid_o, .ctl_rsp_o,
    .ctx_req_valid_o(ctx_valid), .ctx_req_ready_i(ctx_ready), .ctx_req_o(ctx_req),
    .ctx_rsp_valid_i(ctx_rsp_valid),
    // Rings are contiguous: no page lists
    .pbl_req_valid_o(pbl_valid_unused), .pbl_req_ready_i(1'b1), .pbl_req_o(pbl_req_unused),
    .pbl_rsp_valid_i(1'b0), .hmc_rsp_i(ctx_rsp),
    .wr_valid_o, .wr_ready_i, .wr_o, .wr_rsp_valid_i, .wr_rsp_i,
    .ce_valid_o(ce_valid), .ce_ready_i(1'b1), .ce_o(ce),
    .ae_valid_o(stat_cq_err_o), .ae_ready_i(1'b1), .ae_o(ae_unused),
    .ccq_valid_o(ccq_valid_unused), .ccq_num_o(ccq_num_unused),
    .ceq_valid_i('1), .ceq_busy_o(busy_unused),
    .stat_cqe_o(stat_cqe_unused), .stat_cq_hit_o(hit_unused), .stat_cq_miss_o(miss_unused)
  );

  tern_eth_ctx #(.Cqs(Cqs)) u_ctx (
    .clk_i, .rst_i,
    .req_valid_i(ctx_valid), .req_ready_o(ctx_ready), .req_i(ctx_req),
    .rsp_valid_o(ctx_rsp_valid), .rsp_o(ctx_rsp)
  );

  // ------------------------------------------------------------------------------ vectors

  tern_hw_pkg::tern_hw_db_cq_t      db;
  tern_hw_pkg::tern_hw_cqp_cq_wqe_t wqe;
  tern_hw_pkg::tern_hw_cqp_wqe_t    hdr;
  logic [Cqs-1:0]                    has_vec_q, pending_q;
  logic [tern_pkg::VecW-1:0]         vec_q [Cqs];
  logic [Cqs-1:0]                    waits_q, landed;   // events whose entries have not landed
  logic [Cqs-1:0][7:0]               mark_q, behind;
  logic [7:0]                        issued_q, answered_q;  // entries; at most 64 under way
  logic                              arm, create_q, destroy_q, new_vec_q;
  logic [CqW-1:0]                    ctl_cqn_q, db_cqn;
  logic [tern_pkg::VecW-1:0]         new_q;
  logic                              arm_q, done;
  logic [tern_pkg::VecW-1:0]         arm_vec_q;
  logic [tern_pkg::NumVectors-1:0]   level;

  assign db     = db_i.word;
  assign wqe    = ctl_i.wqe;
  assign hdr    = ctl_i.wqe;
  assign db_cqn = db.w.num[CqW-1:0];
  assign arm    = db_valid_i && db_ready_o && db.w.arm && db.w.num < 24'(Cqs) && has_vec_q[db_cqn];
  assign done   = ctl_rsp_valid_o && ctl_rsp_o.major == tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;

  always_ff @(posedge clk_i) begin
    if (ctl_valid_i && ctl_ready_o) begin
      create_q  <= ctl_i.op == tern_pkg::CtlCreate;
      destroy_q <= ctl_i.op == tern_pkg::CtlDestroy;
      ctl_cqn_q <= hdr.hdr.id[CqW-1:0];
      new_vec_q <= wqe.attr.ceq_valid;
      new_q     <= ctl_vec_i;
    end
    if (done && create_q) begin
      vec_q[ctl_cqn_q]     <= new_q;
      has_vec_q[ctl_cqn_q] <= new_vec_q;
    end
    if (arm) pending_q[db_cqn] <= 1'b0;
    for (int unsigned i = 0; i < Cqs; i++) begin
      if (landed[i]) pending_q[i] <= 1'b1;
      if (landed[i]) waits_q[i] <= 1'b0;
    end
    if (ce_valid && ce.cqn < 24'(Cqs)) begin
      waits_q[ce.cqn[CqW-1:0]] <= 1'b1;
      mark_q[ce.cqn[CqW-1:0]]  <= issued_q;
    end
    if (done && destroy_q) has_vec_q[ctl_cqn_q] <= 1'b0;
    if (done) pending_q[ctl_cqn_q] <= 1'b0;
    if (done) waits_q[ctl_cqn_q] <= 1'b0;
    if (wr_valid_o && wr_ready_i) issued_q <= issued_q + 8'd1;
    if (wr_rsp_valid_i) answered_q <= answered_q + 8'd1;
    if (rst_i) begin
      waits_q    <= '0;
      issued_q   <= '0;
      answered_q <= '0;
      has_vec_q <= '0;
      pending_q <= '0;
    end
  end

  // An event waits until the bus has taken all entries that were given to it before
  always_comb begin
    for (int unsigned i = 0; i < Cqs; i++) begin
      landed[i] = waits_q[i] && !behind[i][7];
    end
  end

  for (genvar g = 0; g < Cqs; g++) begin : gen_behind
    assign behind[g] = answered_q - mark_q[g];
  end

  always_comb begin
    level = '0;
    for (int unsigned i = 0; i < Cqs; i++) begin
      if (pending_q[i]) level[vec_q[i]] = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    level_o       <= level;
    arm_q         <= arm;
    rearm_valid_o <= arm_q;
    rearm_vec_o   <= arm_vec_q;
    if (arm) arm_vec_q <= vec_q[db_cqn];
    if (rst_i) begin
      level_o       <= '0;
      arm_q         <= 1'b0;
      rearm_valid_o <= 1'b0;
    end
  end

  assign idle_o = cq_idle && !arm_q && !rearm_valid_o && level == level_o && !ce_valid &&
                  waits_q == '0 && !ctx_valid && !ctx_rsp_valid && !db_valid_i && cqe_valid_i == '0 && !ctl_valid_i;

  logic unused;
  assign unused = &{1'b0, pbl_req_unused, ae_unused, pbl_valid_unused, ccq_valid_unused,
                    stat_cqe_unused, hit_unused, miss_unused, ccq_num_unused, busy_unused, ce.ceq,
                    db, wqe, hdr, ctl_rsp_o};

endmodule
