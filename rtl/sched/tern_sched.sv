// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Which send queue is served next. Keeps how far the producer and the fetch of each QP got, and
// a FIFO of the QPs with work. The QP at its head gives a job of up to 16 slots and goes to the
// tail at once if more is left, so QPs alternate and several jobs of one QP may be under way.
//
//   doorbells, resumes,      S0: read state   S1: one step of   --> FIFO of QPNs --.
//   wakes, commands,     --> of one QPN per   its state         --> jobs           |
//   head of the FIFO   .     cycle                              --> refusals       |
//                      '-----------------------------------------------------------'
//
// A step has two halves, the second the same for all: it does not ask what has happened, but
// whether there is work that may be done now, and if so, puts the QPN into the FIFO unless it is
// there. Proved in tests/rtl/sched/prove_sched.svh: a QPN is in the FIFO at most once, and is there
// whenever its QP has work and is neither blocked nor stopped; no wake is lost.
//
// - Doorbells: refused unless the QP exists, the page is its own, and the new producer index p
//   has 0 <= p - old producer <= size and p - fetched <= size. One per 2 cycles.
// - Resume: fetch goes on at index, with a new epoch: jobs of another epoch are void. With block
//   it waits for a wake; a wake that came since the last block was ended by one counts. Without
//   block it ends a block.
// - single of a resume is handed on by all jobs until the next resume, create or set_fetched.
// - A job's last slot is marked as pushed once, if it is the last that a doorbell told of.
// - Commands, one at a time, each answered by ctl_done with the indexes after it:
//     0 create       {page, log_size}; indexes and epoch 0, stopped
//     1 destroy
//     2 stop         doorbells are taken, no job is made after the answer
//     3 start
//     4 marker       emits a job with marker, behind all jobs made before
//     5 query
//     6 set_fetched  {index}; also ends a block
//     7 set_limit    {index}: nothing from there on is fetched, as if the producer were there
//     8 clear_limit
//   A create needs a QP that does not exist; what is under way of it elsewhere is the control's.
// - Latency from doorbell to job: 4 cycles. Jobs: one per 2 cycles, for one QP or many.
// - After reset the state is swept. Meanwhile doorbells are refused, all else waits.

module tern_sched #(
  parameter int unsigned  Qps = tern_pkg::MaxQps,  // power of two
  localparam int unsigned QpW = $clog2(Qps)
) (
  input  logic                         clk_i,
  input  logic                         rst_i,
  output logic                         idle_o,

  input  logic                         db_valid_i,
  output logic                         db_ready_o,
  input  tern_pkg::db_t                db_i,
  output logic                         db_bad_valid_o,
  input  logic                         db_bad_ready_i,
  output tern_pkg::db_bad_t            db_bad_o,

  input  logic                         resume_valid_i,
  output logic                         resume_ready_o,
  input  tern_pkg::sq_resume_t         resume_i,

  input  logic                         wake_valid_i,
  output logic                         wake_ready_o,
  input  logic [tern_pkg::QpnW-1:0]    wake_qpn_i,

  input  logic                         ctl_valid_i,
  output logic                         ctl_ready_o,
  input  logic [3:0]                   ctl_op_i,
  input  logic [tern_pkg::QpnW-1:0]    ctl_qpn_i,
  input  logic [tern_pkg::PageW-1:0]   ctl_page_i,
  input  logic [3:0]                   ctl_log_size_i,
  input  logic [15:0]                  ctl_index_i,
  output logic                         ctl_done_o,
  output logic [15:0]                  ctl_producer_o,
  output logic [15:0]                  ctl_fetched_o,

  output logic                         job_valid_o,
  input  logic                         job_ready_i,
  output tern_pkg::sq_job_t            job_o,

  // Another QP than this one waits here: a hint, for whoever shares out time
  input  logic [tern_pkg::QpnW-1:0]    cur_qpn_i,
  output logic                         others_o
);

  if (Qps != 1 << QpW || Qps < 2 || Qps > tern_pkg::MaxQps) begin : gen_bad_size
    $error("tern_sched: size not possible");
  end

  typedef enum logic [2:0] {
    ItPop,     // the head of the FIFO
    ItDb,
    ItResume,
    ItWake,
    ItCtl
  } item_e;

  typedef enum logic [3:0] {
    OpCreate     = 4'd0,
    OpDestroy    = 4'd1,
    OpStop       = 4'd2,
    OpStart      = 4'd3,
    OpMarker     = 4'd4,
    OpQuery      = 4'd5,
    OpSetFetched = 4'd6,
    OpSetLimit   = 4'd7,
    OpClearLimit = 4'd8
  } op_e;

  typedef struct packed {
    logic                       queued;    // in the FIFO; outlives the QP
    logic                       valid;
    logic                       stopped;
    logic                       blocked;
    logic                       woken;     // while not blocked
    logic                       limited;
    logic                       pushed;    // the slot before producer was pushed
    logic                       single;
    logic [3:0]                 log_size;
    logic [tern_pkg::PageW-1:0] page;
    logic [7:0]                 epoch;
    logic [15:0]                producer;
    logic [15:0]                fetched;
    logic [15:0]                limit;
  } qp_t;

  localparam int unsigned QpStateW = 8 + 4 + tern_pkg::PageW + 8 + 48;
  localparam int unsigned NumW     = 24;

  logic [QpStateW-1:0] states [Qps];

  // ------------------------------------------------------------------------ after reset

  logic [QpW:0] sweep_q;
  logic         up;

  assign up = sweep_q[QpW];

  always_ff @(posedge clk_i) begin
    if (rst_i) sweep_q <= '0;
    else if (!up) sweep_q <= sweep_q + 1'b1;
  end

  // ---------------------------------------------------------------------------------- S0

  logic                       s1_valid_q;
  item_e                      s1_item_q;
  op_e                        s1_op_q;
  logic                       head_valid;
  logic [QpW-1:0]             head_qpn;
  logic                       emit_ok, s1_may_emit, job_space;
  logic                       bad_valid_q;
  logic                       pop, some, take;
  logic [3:0]                 req, grant;
  logic [1:0]                 idx;
  item_e                      item;
  logic [NumW-1:0]            num;
  logic [QpW-1:0]             qpn;
  tern_hw_pkg::tern_hw_db_q_t db;

  assign db          = db_i.word;
  assign s1_may_emit = s1_valid_q &&
                       (s1_item_q == ItPop || (s1_item_q == ItCtl && s1_op_q == OpMarker));
  assign emit_ok     = up && job_space && !s1_may_emit;

  // Pops first: they leave every second cycle to the others
  assign pop    = head_valid && emit_ok;
  assign req[0] = db_valid_i && !bad_valid_q && !(s1_valid_q && s1_item_q == ItDb);
  assign req[1] = resume_valid_i && up;
  assign req[2] = wake_valid_i && up;
  assign req[3] = ctl_valid_i && up && (emit_ok || op_e'(ctl_op_i) != OpMarker);

  tern_rr_arb #(.N(4)) u_arb (
    .clk_i, .rst_i, .req_i(req), .take_i(some && !pop),
    .valid_o(some), .onehot_o(grant), .idx_o(idx)
  );

  assign db_ready_o     = grant[0] && !pop;
  assign resume_ready_o = grant[1] && !pop;
  assign wake_ready_o   = grant[2] && !pop;
  assign ctl_ready_o    = grant[3] && !pop;
  assign take           = pop || some;

  always_comb begin
    unique case (idx)
      2'd0:    item = ItDb;
      2'd1:    item = ItResume;
      2'd2:    item = ItWake;
      default: item = ItCtl;
    endcase
    unique case (idx)
      2'd0:    num = db.w.num;
      2'd1:    num = NumW'(resume_i.qpn);
      2'd2:    num = NumW'(wake_qpn_i);
      default: num = NumW'(ctl_qpn_i);
    endcase
    if (pop) begin
      item = ItPop;
      num  = NumW'(head_qpn);
    end
  end

  assign qpn = num[QpW-1:0];

  // ---------------------------------------------------------------------------------- S1

  logic [QpW-1:0]             s1_qpn_q;
  logic                       s1_known_q;   // the number is one that a QP has
  logic [31:0]                s1_index_q;
  logic [tern_pkg::PageW-1:0] s1_page_q;
  logic                       s1_pushed_q;
  logic [7:0]                 s1_epoch_q;
  logic                       s1_block_q;
  logic                       s1_single_q;
  logic [3:0]                 s1_log_size_q;
  logic [QpStateW-1:0]        s1_mem_q;
  logic                       s2_valid_q;   // written while S0 read
  logic [QpW-1:0]             s2_qpn_q;
  logic [QpStateW-1:0]        s2_state_q;
  qp_t                        state, mid, next;
  logic                       write;

  always_ff @(posedge clk_i) begin
    if (rst_i) s1_valid_q <= 1'b0;
    else s1_valid_q <= take;
    if (take) begin
      s1_item_q  <= item;
      s1_qpn_q   <= qpn;
      s1_known_q <= up && (num >> QpW) == '0;
      s1_mem_q   <= states[qpn];
    end
    if (take && !pop) begin
      unique case (idx)
        2'd0: begin
          s1_index_q  <= db.w.index;
          s1_page_q   <= db_i.page;
          s1_pushed_q <= db.w.pushed;
        end
        2'd1: begin
          s1_index_q <= 32'(resume_i.index);
          s1_epoch_q <= resume_i.epoch;
          s1_block_q <= resume_i.block;
          s1_single_q <= resume_i.single;
        end
        2'd2: ;
        default: begin
          s1_op_q       <= op_e'(ctl_op_i);
          s1_index_q    <= 32'(ctl_index_i);
          s1_page_q     <= ctl_page_i;
          s1_log_size_q <= ctl_log_size_i;
        end
      endcase
    end
  end

  assign state = (s2_valid_q && s2_qpn_q == s1_qpn_q) ? s2_state_q : s1_mem_q;

  // Slots that may be fetched now. A producer that cannot be is none
  function automatic logic [15:0] work(input qp_t qp);
    logic [15:0] left, limit;
    left  = qp.producer - qp.fetched;
    limit = qp.limit - qp.fetched;
    if (left > 16'd1 << qp.log_size)            work = '0;
    else if (!qp.limited)                       work = left;
    else if (limit <= left)                     work = limit;
    else                                        work = limit[15] ? '0 : left;
    if (!qp.valid || qp.stopped || qp.blocked)  work = '0;
  endfunction

  // Doorbell
  logic        exists, wrong_page, wrong_index, db_take;
  logic [15:0] size, ahead, left;
  logic [16:0] span;   // may be all 2^16

  assign exists      = s1_known_q && state.valid;
  assign size        = 16'd1 << state.log_size;
  assign ahead       = s1_index_q[15:0] - state.producer;
  assign left        = state.producer - state.fetched;
  assign span        = {1'b0, left} + {1'b0, ahead};
  assign wrong_page  = state.page != s1_page_q;
  assign wrong_index = s1_index_q[31:16] != '0 || ahead > size || span > {1'b0, size};
  assign db_take     = exists && !wrong_page && !wrong_index;

  // Job
  logic [15:0]       todo;
  logic [4:0]        count;
  logic [15:0]       fetched;
  logic              emit, marker, last_pushed;
  tern_pkg::sq_job_t job;

  assign todo        = work(state);
  assign count       = (todo > 16'd16) ? 5'd16 : todo[4:0];
  assign fetched     = state.fetched + 16'(count);
  assign marker      = s1_valid_q && s1_item_q == ItCtl && s1_op_q == OpMarker;
  assign emit        = (s1_valid_q && s1_item_q == ItPop && todo != '0) || marker;
  assign last_pushed = state.pushed && fetched == state.producer;

  always_comb begin
    job           = '0;
    job.qpn       = tern_pkg::QpnW'(s1_qpn_q);
    job.marker    = marker;
    job.first     = state.fetched;
    job.count     = marker ? 5'd0 : count;
    job.log_size  = state.log_size;
    job.epoch     = state.epoch;
    job.pushed    = !marker && last_pushed;
    job.single    = !marker && state.single;
    job.page      = state.page;
  end

  // The first half of the step
  always_comb begin
    mid = state;
    unique case (s1_item_q)
      ItPop: begin
        mid.queued = 1'b0;
        if (todo != '0) begin
          mid.fetched = fetched;
          if (last_pushed) mid.pushed = 1'b0;
        end
      end
      ItDb: if (db_take && ahead != '0) begin
        mid.producer = s1_index_q[15:0];
        mid.pushed   = s1_pushed_q;
      end
      ItResume: begin
        mid.fetched = s1_index_q[15:0];
        mid.epoch   = s1_epoch_q;
        mid.single  = s1_single_q;
        mid.blocked = s1_block_q && !state.woken;
        if (s1_block_q) mid.woken = 1'b0;
      end
      ItWake: begin
        mid.blocked = 1'b0;
        mid.woken   = !state.blocked;
      end
      default: begin
        unique case (s1_op_q)
          OpCreate: begin
            mid          = '0;
            mid.queued   = state.queued;
            mid.valid    = 1'b1;
            mid.stopped  = 1'b1;
            mid.page     = s1_page_q;
            mid.log_size = s1_log_size_q;
          end
          OpDestroy: mid.valid   = 1'b0;
          OpStop:    mid.stopped = 1'b1;
          OpStart:   mid.stopped = 1'b0;
          OpSetFetched: begin
            mid.fetched = s1_index_q[15:0];
            mid.blocked = 1'b0;
            mid.woken   = 1'b0;
            mid.pushed  = 1'b0;
            mid.single  = 1'b0;
          end
          OpSetLimit: begin
            mid.limited = 1'b1;
            mid.limit   = s1_index_q[15:0];
          end
          OpClearLimit: mid.limited = 1'b0;
          default: ;
        endcase
      end
    endcase
  end

  // The second half
  logic wants, queue;

  always_comb begin
    wants = work(mid) != '0;
    next  = mid;
    if (wants) next.queued = 1'b1;
  end

  assign write = s1_valid_q && s1_known_q;
  assign queue = write && wants && !mid.queued;

  always_ff @(posedge clk_i) begin
    if (!up)        states[sweep_q[QpW-1:0]] <= '0;
    else if (write) states[s1_qpn_q]         <= next;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) s2_valid_q <= 1'b0;
    else s2_valid_q <= write;
    if (write) begin
      s2_qpn_q   <= s1_qpn_q;
      s2_state_q <= next;
    end
  end

  // ------------------------------------------------------------------------ what comes of it

  logic fifo_empty, fifo_more;
`ifdef TERN_PROOF
  logic [Qps-1:0][QpW+1:0] f_count;
  logic                    f_fifo_ok;
`endif

  tern_qpn_fifo #(.Qps(Qps)) u_ready (
    .clk_i, .rst_i,
    .push_i      (queue),
    .push_qpn_i  (s1_qpn_q),
    .head_valid_o(head_valid),
    .head_qpn_o  (head_qpn),
    .pop_i       (pop),
    .empty_o     (fifo_empty),
    .more_o      (fifo_more)
`ifdef TERN_PROOF
    , .f_count_o(f_count), .f_ok_o(f_fifo_ok)
`endif
  );

  assign others_o = fifo_more || (head_valid && tern_pkg::QpnW'(head_qpn) != cur_qpn_i);

  tern_fifo #(.Width($bits(job)), .Depth(2)) u_jobs (
    .clk_i, .rst_i,
    .in_valid_i (emit),
    .in_ready_o (job_space),
    .in_data_i  (job),
    .out_valid_o(job_valid_o),
    .out_ready_i(job_ready_i),
    .out_data_o (job_o)
  );

  logic              bad;
  tern_pkg::db_bad_t bad_q;
  logic              ctl_done_q;
  logic [15:0]       ctl_producer_q, ctl_fetched_q;

  assign bad = s1_valid_q && s1_item_q == ItDb && !db_take;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      bad_valid_q <= 1'b0;
      ctl_done_q  <= 1'b0;
    end else begin
      if (bad) bad_valid_q <= 1'b1;
      else if (db_bad_ready_i) bad_valid_q <= 1'b0;
      ctl_done_q <= s1_valid_q && s1_item_q == ItCtl;
    end
    if (bad) begin
      if (!exists)         bad_q.code <= tern_hw_pkg::TERN_HW_AE_CODE_DB_QUEUE;
      else if (wrong_page) bad_q.code <= tern_hw_pkg::TERN_HW_AE_CODE_DB_PAGE;
      else                 bad_q.code <= tern_hw_pkg::TERN_HW_AE_CODE_DB_INDEX;
      bad_q.page   <= s1_page_q;
      bad_q.offset <= tern_hw_pkg::TERN_HW_DB_SQ;
    end
    if (s1_valid_q && s1_item_q == ItCtl) begin
      ctl_producer_q <= next.producer;
      ctl_fetched_q  <= next.fetched;
    end
  end

  assign db_bad_valid_o = bad_valid_q;
  assign db_bad_o       = bad_q;
  assign ctl_done_o     = ctl_done_q;
  assign ctl_producer_o = ctl_producer_q;
  assign ctl_fetched_o  = ctl_fetched_q;

  assign idle_o = up && !db_valid_i && !resume_valid_i && !wake_valid_i && !ctl_valid_i &&
                  !s1_valid_q && fifo_empty && !job_valid_o && !bad_valid_q && !ctl_done_q;

`ifdef TERN_PROOF
`include "prove_sched.svh"
`endif

endmodule
