// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Receive queues: how far the producer of each got, as the doorbells told. The responder reads it
// at its own port. Doorbells are refused unless the queue exists, the page is its own, and the new
// producer index p has 0 <= p - old producer <= size; who overruns what is not consumed yet gets
// to feel it himself. One doorbell per 2 cycles.
//
// After set_error, set_error itself and each doorbell that brings entries yield a flush item
// for the responder; a QPN is offered once, however many come before it is taken. Whoever takes
// a flush item and then reads the producer has all that was told before.
//
// Commands, one at a time, each answered by ctl_done with the producer after it:
//   0 create     {page, log_size}; producer 0
//   1 destroy
//   2 set_error
//   3 query
//
// Read port: the queue on rd_qpn_i in one cycle is told in the next; it knows of all doorbells
// that were taken in the cycle before the question or earlier. After reset the table is swept;
// meanwhile doorbells are refused, and commands wait.

module tern_rq_tbl #(
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

  input  logic                         ctl_valid_i,
  output logic                         ctl_ready_o,
  input  logic [1:0]                   ctl_op_i,
  input  logic [tern_pkg::QpnW-1:0]    ctl_qpn_i,
  input  logic [tern_pkg::PageW-1:0]   ctl_page_i,
  input  logic [3:0]                   ctl_log_size_i,
  output logic                         ctl_done_o,
  output logic [15:0]                  ctl_producer_o,

  input  logic [tern_pkg::QpnW-1:0]    rd_qpn_i,
  output logic                         rd_valid_o,
  output logic [15:0]                  rd_producer_o,

  output logic                         flush_valid_o,
  input  logic                         flush_ready_i,
  output logic [tern_pkg::QpnW-1:0]    flush_qpn_o
);

  if (Qps != 1 << QpW || Qps < 2 || Qps > tern_pkg::MaxQps) begin : gen_bad_size
    $error("tern_rq_tbl: size not possible");
  end

  typedef enum logic [1:0] {
    ItPop,    // the head of the FIFO of flush items
    ItDb,
    ItCtl
  } item_e;

  typedef enum logic [1:0] {
    OpCreate   = 2'd0,
    OpDestroy  = 2'd1,
    OpSetError = 2'd2,
    OpQuery    = 2'd3
  } op_e;

  typedef struct packed {
    logic                       queued;    // in the FIFO; outlives the QP
    logic                       valid;
    logic                       error;
    logic [3:0]                 log_size;
    logic [tern_pkg::PageW-1:0] page;
    logic [15:0]                producer;
  } rq_t;

  localparam int unsigned RqW  = 3 + 4 + tern_pkg::PageW + 16;
  localparam int unsigned NumW = 24;

  logic [RqW-1:0] states [Qps];

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
  logic                       head_valid, pop, some, take;
  logic [QpW-1:0]             head_qpn;
  logic                       bad_valid_q;
  logic [1:0]                 req, grant;
  logic                       idx;
  logic [NumW-1:0]            num;
  logic [QpW-1:0]             qpn;
  logic                       out_valid_q;
  logic [QpW-1:0]             out_qpn_q;
  tern_hw_pkg::tern_hw_db_q_t db;

  assign db     = db_i.word;
  assign pop    = head_valid && up && !out_valid_q && !(s1_valid_q && s1_item_q == ItPop);
  assign req[0] = db_valid_i && !bad_valid_q && !(s1_valid_q && s1_item_q == ItDb);
  assign req[1] = ctl_valid_i && up;

  tern_rr_arb #(.N(2)) u_arb (
    .clk_i, .rst_i, .req_i(req), .take_i(some && !pop),
    .valid_o(some), .onehot_o(grant), .idx_o(idx)
  );

  assign db_ready_o  = grant[0] && !pop;
  assign ctl_ready_o = grant[1] && !pop;
  assign take        = pop || some;

  always_comb begin
    if (pop)      num = NumW'(head_qpn);
    else if (idx) num = NumW'(ctl_qpn_i);
    else          num = db.w.num;
  end

  assign qpn = num[QpW-1:0];

  // ---------------------------------------------------------------------------------- S1

  op_e                        s1_op_q;
  logic [QpW-1:0]             s1_qpn_q;
  logic                       s1_known_q;
  logic [31:0]                s1_index_q;
  logic [tern_pkg::PageW-1:0] s1_page_q;
  logic [3:0]                 s1_log_size_q;
  logic [RqW-1:0]             s1_mem_q;
  logic                       s2_valid_q;
  logic [QpW-1:0]             s2_qpn_q;
  rq_t                        s2_state_q;
  rq_t                        state, next;
  logic                       write;

  always_ff @(posedge clk_i) begin
    if (rst_i) s1_valid_q <= 1'b0;
    else s1_valid_q <= take;
    if (take) begin
      s1_qpn_q   <= qpn;
      s1_known_q <= up && (num >> QpW) == '0;
      s1_mem_q   <= states[qpn];
      if (pop)      s1_item_q <= ItPop;
      else if (idx) s1_item_q <= ItCtl;
      else          s1_item_q <= ItDb;
    end
    if (take && !pop) begin
      s1_op_q       <= op_e'(ctl_op_i);
      s1_index_q    <= db.w.index;
      s1_page_q     <= idx ? ctl_page_i : db_i.page;
      s1_log_size_q <= ctl_log_size_i;
    end
  end

  assign state = (s2_valid_q && s2_qpn_q == s1_qpn_q) ? s2_state_q : s1_mem_q;

  logic        exists, wrong_page, wrong_index, db_take;
  logic [15:0] ahead;
  logic        news;     // what a responder that flushes must know
  logic        offered;  // it will know, for it has not taken its item yet
  logic        queue;

  assign exists      = s1_known_q && state.valid;
  assign ahead       = s1_index_q[15:0] - state.producer;
  assign wrong_page  = state.page != s1_page_q;
  assign wrong_index = s1_index_q[31:16] != '0 || ahead > 16'd1 << state.log_size;
  assign db_take     = exists && !wrong_page && !wrong_index;

  always_comb begin
    next = state;
    news = 1'b0;
    unique case (s1_item_q)
      ItPop: next.queued = 1'b0;
      ItDb: if (db_take) begin
        next.producer = s1_index_q[15:0];
        news          = state.error && ahead != '0;
      end
      default: begin
        unique case (s1_op_q)
          OpCreate: begin
            next          = '0;
            next.queued   = state.queued;
            next.valid    = 1'b1;
            next.page     = s1_page_q;
            next.log_size = s1_log_size_q;
          end
          OpDestroy: begin
            next.valid = 1'b0;
            next.error = 1'b0;
          end
          OpSetError: if (state.valid) begin
            next.error = 1'b1;
            news       = 1'b1;
          end
          default: ;
        endcase
      end
    endcase
    queue = write && news && !state.queued && !offered;
    if (queue) next.queued = 1'b1;
  end

  assign offered = out_valid_q && !flush_ready_i && out_qpn_q == s1_qpn_q;
  assign write   = s1_valid_q && s1_known_q;

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

  // ------------------------------------------------------------------------------- answers

  logic              bad;
  tern_pkg::db_bad_t bad_q;
  logic              ctl_done_q;
  logic [15:0]       ctl_producer_q;

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
      bad_q.offset <= tern_hw_pkg::TERN_HW_DB_RQ;
    end
    if (s1_valid_q && s1_item_q == ItCtl) ctl_producer_q <= next.producer;
  end

  assign db_bad_valid_o = bad_valid_q;
  assign db_bad_o       = bad_q;
  assign ctl_done_o     = ctl_done_q;
  assign ctl_producer_o = ctl_producer_q;

  // ---------------------------------------------------------------------------------- read

  logic [QpW-1:0] rd_qpn_q;
  logic           rd_known_q;
  logic [RqW-1:0] rd_mem_q;
  rq_t            rd_state;

  always_ff @(posedge clk_i) begin
    rd_qpn_q   <= rd_qpn_i[QpW-1:0];
    rd_known_q <= (rd_qpn_i >> QpW) == '0;
    rd_mem_q   <= states[rd_qpn_i[QpW-1:0]];
  end

  assign rd_state      = (s2_valid_q && s2_qpn_q == rd_qpn_q) ? s2_state_q : rd_mem_q;
  assign rd_valid_o    = up && rd_known_q && rd_state.valid;
  assign rd_producer_o = rd_state.producer;

  // --------------------------------------------------------------------------------- flush

  logic fifo_empty, fifo_more_unused;

  tern_qpn_fifo #(.Qps(Qps)) u_flush (
    .clk_i, .rst_i,
    .push_i      (queue),
    .push_qpn_i  (s1_qpn_q),
    .head_valid_o(head_valid),
    .head_qpn_o  (head_qpn),
    .pop_i       (pop),
    .empty_o     (fifo_empty),
    .more_o      (fifo_more_unused)
  );

  // An item of a QP that is gone since is dropped
  always_ff @(posedge clk_i) begin
    if (rst_i) out_valid_q <= 1'b0;
    else if (s1_valid_q && s1_item_q == ItPop) out_valid_q <= state.valid && state.error;
    else if (flush_ready_i) out_valid_q <= 1'b0;
    if (s1_valid_q && s1_item_q == ItPop) out_qpn_q <= s1_qpn_q;
  end

  assign flush_valid_o = out_valid_q;
  assign flush_qpn_o   = tern_pkg::QpnW'(out_qpn_q);

  assign idle_o = up && !db_valid_i && !ctl_valid_i && !s1_valid_q && fifo_empty &&
                  !out_valid_q && !bad_valid_q && !ctl_done_q;

endmodule
