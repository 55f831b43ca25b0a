// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Event queues: NumCeqs completion event queues and the asynchronous event queue (AEQ), which
// has the number NumCeqs here. Owns their indexes, writes their entries, and tells the interrupt
// block which vectors have something to consume.
//
// One operation per cycle on one queue of an on-chip table: read, change, write back. An entry
// shows at the DMA write port in the cycle after its event was taken; one event per cycle.
//
// An entry counts for its vector's level only after the bus has taken it, so no interrupt comes
// before its entry. A doorbell's new consumer index is in the level when rearm_valid_o shows, in
// the cycle after the doorbell. So an entry that lands around a re-arm is seen by one of both.
//
// Queues that are full lose events: a CEQ reports this once until its consumer index moves, the
// AEQ marks the next entry. A refused write ends a CEQ, with a report, until it is made anew, and
// the device if it was the AEQ's.
//
// Commands check in this order: index, size, address, vector, then the state of the queue.
// DESTROY answers when no write to the ring is under way.

module tern_eq #(
  parameter int unsigned NumAe = 4   // sources of asynchronous events
) (
  input  logic                                   clk_i,
  input  logic                                   rst_i,
  output logic                                   idle_o,

  // Completion events and asynchronous events
  input  logic                                   ce_valid_i,
  output logic                                   ce_ready_o,
  input  tern_pkg::ce_req_t                      ce_i,
  input  logic                 [NumAe-1:0]       ae_valid_i,
  output logic                 [NumAe-1:0]       ae_ready_o,
  input  logic [NumAe-1:0][tern_pkg::AeReqW-1:0] ae_i,  // ae_req_t

  // EQ doorbells (page 0), and those that were refused
  input  logic                                   db_valid_i,
  output logic                                   db_ready_o,
  input  tern_pkg::db_t                          db_i,
  output logic                                   db_bad_valid_o,
  input  logic                                   db_bad_ready_i,
  output tern_pkg::db_bad_t                      db_bad_o,

  // CREATE, MODIFY and DESTROY of CEQ and AEQ; one at a time, each answered once
  input  logic                                   ctl_valid_i,
  output logic                                   ctl_ready_o,
  input  tern_pkg::eq_ctl_req_t                  ctl_i,
  output logic                                   ctl_rsp_valid_o,
  output tern_pkg::ctl_rsp_t                     ctl_rsp_o,

  // DMA write client
  output logic                                   wr_valid_o,
  input  logic                                   wr_ready_i,
  output tern_pkg::dma_wr_beat_t                 wr_o,
  input  logic                                   wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t                  wr_rsp_i,

  // Interrupts: vectors with unconsumed entries, and vectors that a doorbell re-arms (a pulse)
  output logic [tern_pkg::NumVectors-1:0]        level_o,
  output logic                                   rearm_valid_o,
  output logic [tern_pkg::VecW-1:0]              rearm_vec_o,

  // Which CEQs exist, and which are referred to by some CQ
  output logic [tern_pkg::NumCeqs-1:0]           ceq_valid_o,
  input  logic [tern_pkg::NumCeqs-1:0]           ceq_busy_i,

  output logic [7:0]                             fatal_o,  // tern_hw_fatal_e, until reset

  output logic                                   stat_ceqe_o,
  output logic                                   stat_aeqe_o,
  output logic                                   stat_ce_lost_o,
  output logic                                   stat_ae_lost_o
);

  localparam int unsigned NumEqs = tern_pkg::NumCeqs + 1;
  localparam int unsigned EqW    = $clog2(NumEqs);
  localparam int unsigned CntW   = $clog2(NumEqs + 1);

  localparam logic [EqW-1:0] Aeq = EqW'(tern_pkg::NumCeqs);

  typedef struct packed {
    logic [51:0]               base;      // address of the ring, without the low 12 bits
    logic [4:0]                log_size;
    logic [tern_pkg::VecW-1:0] vec;
    logic [23:0]               producer;  // entries made
    logic [23:0]               landed;    // of these, those that the bus has taken
    logic [23:0]               consumer;  // as a doorbell told
    logic                      told;      // an overflow was reported, and consumer has not moved
  } eq_t;

  // valid: exists. broken: an entry could not be written; the host cannot get past the hole, so
  // there is no point in more entries until the queue is made anew
  logic [NumEqs-1:0] valid_q, broken_q;


  // ---------------------------------------------------------------------- choice of the operation
  //
  // One per cycle, on one queue. Answers of the bus cannot wait, so they go first; new entries
  // last, in turn.

  typedef enum logic [2:0] {
    OpNone,
    OpAnswer,
    OpCtl,
    OpDb,
    OpAe,
    OpCe
  } op_e;

  localparam int unsigned NumSources = NumAe + 2;

  op_e                           op;
  logic                          wr_valid_q, wr_free;
  logic                          db_free;
  logic                          ctl_exec;    // a command is to be executed
  logic                          own_valid;   // an event about a CEQ
  logic [NumSources-1:0]         src_valid, src_grant;
  logic [$clog2(NumSources)-1:0] src_idx_unused;
  logic                          src_any, src_take;
  tern_pkg::ae_req_t             own_ae, ae;
  tern_hw_pkg::tern_hw_db_eq_t   db_word;
  tern_hw_pkg::tern_hw_cqp_eq_wqe_t ctl_wqe_q;
  tern_hw_pkg::tern_hw_cqp_wqe_t ctl_hdr;
  logic                          ctl_aeq_q;
  tern_pkg::ctl_op_e             ctl_op_q;

  assign src_valid = {ae_valid_i, own_valid, ce_valid_i};
  assign src_take  = op == OpAe || op == OpCe;
  assign wr_free   = !wr_valid_q || wr_ready_i;
  assign db_free   = !db_bad_valid_o || db_bad_ready_i;
  assign db_word   = db_i.word;
  assign ctl_hdr   = ctl_wqe_q;

  tern_rr_arb #(.N(NumSources)) u_arb (
    .clk_i, .rst_i,
    .req_i(src_valid), .take_i(src_take),
    .valid_o(src_any), .onehot_o(src_grant), .idx_o(src_idx_unused)
  );

  always_comb begin
    if (wr_rsp_valid_i)             op = OpAnswer;
    else if (ctl_exec)              op = OpCtl;
    else if (db_valid_i && db_free) op = OpDb;
    else if (src_any && wr_free)    op = src_grant[0] ? OpCe : OpAe;
    else                            op = OpNone;
  end

  assign db_ready_o = op == OpDb;
  assign ce_ready_o = op == OpCe;
  assign ae_ready_o = (op == OpAe) ? src_grant[NumSources-1:2] : '0;

  always_comb begin
    ae = own_ae;
    for (int unsigned i = 0; i < NumAe; i++) begin
      if (src_grant[2+i]) ae = ae_i[i];
    end
  end

  // ----------------------------------------------------------------------- the queue and its checks

  logic [EqW-1:0] num;
  logic           num_ok;       // there may be a queue of this number
  eq_t            eq, eq_d;
  logic [$bits(eq)-1:0] eqs [NumEqs];
  logic           exists, broken;
  logic           valid_d, broken_d;
  logic [23:0]    unread;
  logic           full;
  logic           make;         // an entry

  always_comb begin
    num_ok = 1'b1;
    unique case (op)
      OpAnswer: num = wr_rsp_i.tag[EqW-1:0];
      OpCtl: begin
        num    = ctl_aeq_q ? Aeq : EqW'(ctl_hdr.hdr.id);
        num_ok = ctl_hdr.hdr.id < (ctl_aeq_q ? 24'd1 : 24'(tern_pkg::NumCeqs));
      end
      OpDb: begin
        num    = db_word.w.aeq ? Aeq : EqW'(db_word.w.num);
        num_ok = db_word.w.aeq || db_word.w.num < 8'(tern_pkg::NumCeqs);
      end
      OpAe:    num = Aeq;
      default: num = EqW'(ce_i.ceq);
    endcase
    if (!num_ok) num = '0;
  end

  assign eq     = eqs[num];
  assign exists = num_ok && valid_q[num];
  assign broken = broken_q[num];
  assign unread = eq.producer - eq.consumer;
  assign full   = |(unread >> eq.log_size);
  assign make   = (op == OpAe || op == OpCe) && exists && !broken && !full;

  // ----------------------------------------------------------------------------------- doorbells

  logic [15:0] db_code;
  logic        db_ok;

  // The host may see an entry, and consume it, before the bus has answered: producer counts here
  assign db_ok   = exists && (eq.producer - db_word.w.index[23:0]) <= unread;
  assign db_code = exists ? tern_hw_pkg::TERN_HW_AE_CODE_DB_INDEX
                          : tern_hw_pkg::TERN_HW_AE_CODE_DB_QUEUE;

  logic                       bad_q;
  logic [15:0]                bad_code_q;
  logic [tern_pkg::PageW-1:0] bad_page_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      bad_q         <= 1'b0;
      rearm_valid_o <= 1'b0;
    end else begin
      if (op == OpDb && !db_ok) bad_q <= 1'b1;
      else if (db_bad_ready_i) bad_q <= 1'b0;
      rearm_valid_o <= op == OpDb && db_ok && db_word.w.arm;
    end
    if (op == OpDb) begin
      bad_code_q  <= db_code;
      bad_page_q  <= db_i.page;
      rearm_vec_o <= eq.vec;
    end
  end

  assign db_bad_valid_o  = bad_q;
  assign db_bad_o.code   = bad_code_q;
  assign db_bad_o.page   = bad_page_q;
  assign db_bad_o.offset = tern_hw_pkg::TERN_HW_DB_EQ;

  // ------------------------------------------------------------------------------------ commands

  typedef enum logic [1:0] {
    StIdle,
    StExec,
    StDrain,  // DESTROY: entries are still on their way to the ring
    StAnswer
  } state_e;

  state_e      state_q;
  logic [7:0]  ctl_vec;
  logic        ctl_create, ctl_modify, ctl_destroy;
  logic [15:0] ctl_major, ctl_minor;
  logic        ctl_ok;
  logic [15:0] major_q, minor_q;
  logic        last_landed;
  logic [EqW-1:0] ctl_num_q;

  assign ctl_create  = ctl_op_q == tern_pkg::CtlCreate;
  assign ctl_modify  = ctl_op_q == tern_pkg::CtlModify;
  assign ctl_destroy = ctl_op_q == tern_pkg::CtlDestroy;

  // The field has room for 64 vectors. The two reserved bits above it are looked at too, so that
  // a larger number is refused and not cut
  assign ctl_vec = {ctl_wqe_q.attr.rsvd_14[1:0], ctl_wqe_q.attr.vec};

  always_comb begin
    ctl_major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
    ctl_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
    ctl_ok    = 1'b0;
    if (!num_ok) begin
      ctl_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_INDEX;
    end else if (ctl_create && (ctl_wqe_q.attr.log_size < 5'd4 ||
                                ctl_wqe_q.attr.log_size > 5'(tern_pkg::MaxLogEqe))) begin
      ctl_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_SIZE;
    end else if (ctl_create && ctl_wqe_q.ring[11:0] != '0) begin
      ctl_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS;
    end else if (!ctl_destroy && ctl_vec >= 8'(tern_pkg::NumVectors)) begin
      ctl_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_VECTOR;
    end else begin
      ctl_major = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;
      if (ctl_create && exists)        ctl_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_EXISTS;
      else if (!ctl_create && !exists) ctl_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_MISSING;
      else if (ctl_destroy && !ctl_aeq_q && ceq_busy_i[num[tern_pkg::CeqW-1:0]]) begin
        ctl_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_IN_USE;
      end else begin
        ctl_major = tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;
        ctl_ok    = 1'b1;
      end
    end
  end

  assign ctl_ready_o = state_q == StIdle;
  assign ctl_exec    = state_q == StExec;
  assign last_landed = eq_d.landed == eq_d.producer;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle:  if (ctl_valid_i) state_q <= StExec;
        StExec:  if (op == OpCtl) begin
                   state_q <= (ctl_ok && ctl_destroy && !last_landed) ? StDrain : StAnswer;
                 end
        StDrain: if (op == OpAnswer && num == ctl_num_q && last_landed) state_q <= StAnswer;
        default: state_q <= StIdle;
      endcase
    end
    if (ctl_valid_i && ctl_ready_o) begin
      ctl_op_q  <= ctl_i.op;
      ctl_aeq_q <= ctl_i.aeq;
      ctl_wqe_q <= ctl_i.wqe;
    end
    if (op == OpCtl) begin
      major_q   <= ctl_major;
      minor_q   <= ctl_minor;
      ctl_num_q <= num;
    end
  end

  assign ctl_rsp_valid_o = state_q == StAnswer;

  always_comb begin
    ctl_rsp_o       = '0;
    ctl_rsp_o.major = major_q;
    ctl_rsp_o.minor = minor_q;
  end

  // --------------------------------------------------------------------------- change of the queue

  logic ce_lost, ae_lost;

  assign ce_lost = op == OpCe && !make;
  assign ae_lost = op == OpAe && !make;

  always_comb begin
    eq_d     = eq;
    valid_d  = exists;
    broken_d = broken;
    unique case (op)
      OpAnswer: begin
        eq_d.landed = eq.landed + 24'd1;
        broken_d    = broken || wr_rsp_i.err;
      end
      OpCtl: begin
        if (ctl_ok && ctl_create) begin
          eq_d          = '0;
          eq_d.base     = ctl_wqe_q.ring[63:12];
          eq_d.log_size = ctl_wqe_q.attr.log_size;
          valid_d       = 1'b1;
          broken_d      = 1'b0;
        end
        if (ctl_ok && (ctl_create || ctl_modify)) eq_d.vec = ctl_wqe_q.attr.vec;
        if (ctl_ok && ctl_destroy) valid_d = 1'b0;
      end
      OpDb: begin
        if (db_ok) begin
          eq_d.consumer = db_word.w.index[23:0];
          if (eq.consumer != db_word.w.index[23:0]) eq_d.told = 1'b0;
        end
      end
      OpAe, OpCe: begin
        if (make) eq_d.producer = eq.producer + 24'd1;
        if (exists && !broken && full) eq_d.told = 1'b1;
      end
      default: ;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q  <= '0;
      broken_q <= '0;
    end else if (op != OpNone && num_ok) begin
      valid_q[num]  <= valid_d;
      broken_q[num] <= broken_d;
    end
    if (op != OpNone && num_ok) eqs[num] <= eq_d;
  end

  assign ceq_valid_o = valid_q[tern_pkg::NumCeqs-1:0];

  // ----------------------------------------------------------------------------- levels of vectors
  //
  // A queue counts for its vector while it holds an entry that has landed and is not consumed

  function automatic logic holds(input logic [23:0] landed, input logic [23:0] consumer);
    logic [23:0] there;
    there = landed - consumer;
    // The consumer may be ahead of what has landed: the host saw an entry before the answer
    holds = there != '0 && !there[23];
  endfunction

  logic [tern_pkg::NumVectors-1:0][CntW-1:0] queues_q;   // that count, of each vector
  logic [tern_pkg::NumVectors-1:0]           level_q;
  logic                                      was, is, up, down;

  assign was  = exists && !broken && holds(eq.landed, eq.consumer);
  assign is   = valid_d && !broken_d && holds(eq_d.landed, eq_d.consumer);
  assign up   = op != OpNone && is && (!was || eq.vec != eq_d.vec);
  assign down = op != OpNone && was && (!is || eq.vec != eq_d.vec);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      queues_q <= '0;
      level_q  <= '0;
    end else begin
      if (up) begin
        queues_q[eq_d.vec] <= queues_q[eq_d.vec] + 1'b1;
        level_q[eq_d.vec]  <= 1'b1;
      end
      if (down) begin
        queues_q[eq.vec] <= queues_q[eq.vec] - 1'b1;
        level_q[eq.vec]  <= queues_q[eq.vec] != CntW'(1);
      end
    end
  end

  assign level_o = level_q;

  // --------------------------------------------------------------- events about the queues themselves

  logic [tern_pkg::NumCeqs-1:0] full_q, hole_q;   // to be reported: overflow, refused write
  logic                         aeq_lost_q;       // events were lost before the next entry
  logic [tern_pkg::CeqW-1:0]    own_ceq;
  logic [7:0]                   fatal_q;

  always_comb begin
    own_ceq = '0;
    for (int unsigned i = tern_pkg::NumCeqs; i > 0; i--) begin
      if (full_q[i-1] || hole_q[i-1]) own_ceq = tern_pkg::CeqW'(i - 1);
    end
    own_ae        = '0;
    own_ae.source = tern_hw_pkg::TERN_HW_AE_SOURCE_CEQ;
    own_ae.id     = 24'(own_ceq);
    own_ae.code   = hole_q[own_ceq] ? tern_hw_pkg::TERN_HW_AE_CODE_CEQ_WRITE
                                    : tern_hw_pkg::TERN_HW_AE_CODE_CEQ_OVERFLOW;
  end

  assign own_valid = |(full_q | hole_q);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      full_q     <= '0;
      hole_q     <= '0;
      aeq_lost_q <= 1'b0;
      fatal_q    <= tern_hw_pkg::TERN_HW_FATAL_NONE;
    end else begin
      if (op == OpAe && src_grant[1]) begin
        if (hole_q[own_ceq]) hole_q[own_ceq] <= 1'b0;
        else full_q[own_ceq] <= 1'b0;
      end
      if (op == OpCe && exists && !broken && full && !eq.told) full_q[ce_i.ceq] <= 1'b1;
      if (op == OpAnswer && wr_rsp_i.err && !broken && exists) begin
        if (num == Aeq) fatal_q <= tern_hw_pkg::TERN_HW_FATAL_DMA_WRITE;
        else hole_q[num[tern_pkg::CeqW-1:0]] <= 1'b1;
      end
      if (op == OpCtl && ctl_ok && !ctl_aeq_q && !ctl_modify) begin
        full_q[num[tern_pkg::CeqW-1:0]] <= 1'b0;
        hole_q[num[tern_pkg::CeqW-1:0]] <= 1'b0;
      end
      if (op == OpAe && exists) aeq_lost_q <= !make;
      if (op == OpCtl && ctl_ok && ctl_aeq_q && ctl_create) aeq_lost_q <= 1'b0;
    end
  end

  assign fatal_o = fatal_q;

  // -------------------------------------------------------------------------------------- entries

  logic                        polarity;
  logic [23:0]                 pass;
  logic [23:0]                 at;           // entry in the ring
  logic [23:0]                 size_mask;
  tern_hw_pkg::tern_hw_ceqe_t  ceqe;
  tern_hw_pkg::tern_hw_aeqe_t  aeqe;
  logic                        wr_aeq_q;
  logic [63:0]                 wr_addr_q;
  logic [EqW-1:0]              wr_num_q;
  logic [127:0]                wr_data_q;

  assign pass      = eq.producer >> eq.log_size;
  assign polarity  = !pass[0];
  assign size_mask = ~(24'hffffff << eq.log_size);
  assign at        = eq.producer & size_mask;

  always_comb begin
    ceqe               = '0;
    ceqe.w.cqn         = ce_i.cqn;
    ceqe.w.polarity    = polarity;
    aeqe               = '0;
    aeqe.detail        = ae.detail;
    aeqe.info.id       = ae.id;
    aeqe.info.code     = ae.code;
    aeqe.info.source   = ae.source;
    aeqe.info.overflow = aeq_lost_q;
    aeqe.info.polarity = polarity;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) wr_valid_q <= 1'b0;
    else if (make) wr_valid_q <= 1'b1;
    else if (wr_ready_i) wr_valid_q <= 1'b0;
    if (make) begin
      wr_aeq_q  <= op == OpAe;
      wr_num_q  <= num;
      wr_addr_q <= {eq.base, 12'd0} + ((op == OpAe) ? {36'd0, at, 4'd0} : {37'd0, at, 3'd0});
      wr_data_q <= (op == OpAe) ? aeqe : {64'd0, ceqe};
    end
  end

  assign wr_valid_o = wr_valid_q;

  always_comb begin
    wr_o      = '0;
    wr_o.addr = wr_addr_q;
    wr_o.len  = wr_aeq_q ? 13'(tern_hw_pkg::TERN_HW_AEQE_BYTES)
                         : 13'(tern_hw_pkg::TERN_HW_CEQE_BYTES);
    wr_o.tag  = 8'(wr_num_q);
    wr_o.last = 1'b1;
    wr_o.data = {384'd0, wr_data_q};
  end

  // ------------------------------------------------------------------------- idle and statistics

  logic [9:0] writes_q;   // made and not yet answered

  always_ff @(posedge clk_i) begin
    if (rst_i) writes_q <= '0;
    else if (make != wr_rsp_valid_i) writes_q <= make ? writes_q + 1'b1 : writes_q - 1'b1;
  end

  assign idle_o = op == OpNone && !src_any && !ctl_valid_i && !db_valid_i && writes_q == '0 &&
                  !bad_q && !rearm_valid_o && state_q == StIdle;

  assign stat_ceqe_o    = wr_valid_q && wr_ready_i && !wr_aeq_q;
  assign stat_aeqe_o    = wr_valid_q && wr_ready_i && wr_aeq_q;
  assign stat_ce_lost_o = ce_lost;
  assign stat_ae_lost_o = ae_lost;

endmodule
