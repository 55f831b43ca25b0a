// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// One line of the QP objects: a tern_ctx_cache for the stage that owns the line, and a port
// through which the QP control changes and reads it. A control item takes its turn among the
// requests of its QPN, so the stage never finds that a line has changed under its hands:
//
//   line <- (line & ~mask) | (data & mask), the answer holds the line as it was
//
// With drop the line leaves the cache afterwards, and the answer comes when the HMC has it.
//
// The stage's ports are those of tern_ctx_cache, with the same promises. The output is shared: a
// stage that does not take what it is offered also stops the control, whatever the QPN; so it
// must always move on, or hold. Requests are quiet (see hmc_req_t): the QPN may come from a
// packet or a doorbell, and the stage reports what it cannot read.
//
// Items: one at a time; item_ready_o is high while none is under way. The answer comes with
// item_rsp_valid_o, no ready. An item that hits is answered in the fourth cycle after it was taken.

module tern_qp_line #(
  parameter logic [2:0]  Line     = 3'd0,  // tern_hw_pkg::tern_hw_qp_line_e
  parameter int unsigned Sets     = 16,
  parameter int unsigned Ways     = 4,
  parameter int unsigned Slots    = 8,
  parameter int unsigned Backs    = 4,
  parameter int unsigned PayloadW = 64,
  localparam int unsigned SlotW   = $clog2(Slots)
) (
  input  logic                        clk_i,
  input  logic                        rst_i,
  output logic                        idle_o,

  input  logic                        req_valid_i,
  output logic                        req_ready_o,
  input  logic [tern_pkg::QpnW-1:0]   req_index_i,
  input  logic [PayloadW-1:0]         req_payload_i,

  output logic                        out_valid_o,
  input  logic                        out_ready_i,
  input  logic                        out_hold_i,
  output logic [tern_pkg::QpnW-1:0]   out_index_o,
  output logic [PayloadW-1:0]         out_payload_o,
  output logic [SlotW-1:0]            out_slot_o,
  output logic                        out_resumed_o,
  output tern_pkg::hmc_err_e          out_err_o,
  output logic [511:0]                out_line_o,

  input  logic                        wb_valid_i,
  input  logic [511:0]                wb_line_i,

  input  logic                        wake_valid_i,
  input  logic [SlotW-1:0]            wake_slot_i,

  // Control items
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

  typedef enum logic [2:0] {
    StIdle,
    StAsk,     // the item is offered to the cache
    StWait,    // it is in the cache
    StMerge,   // its line is in line_q, the write-back is due in this cycle
    StFlush,   // a flush is offered to the cache
    StFlushed, // its answer is awaited
    StAnswer
  } state_e;

  state_e             state_q, state_d;
  tern_pkg::qp_item_t item_q;
  tern_pkg::hmc_err_e err_q;
  logic [511:0]       line_q;

  logic cache_idle, cache_req_valid, cache_req_ready;
  logic cache_out_valid, cache_out_ready, out_is_item;
  logic flush_done;
  tern_pkg::hmc_err_e flush_err;
  logic own_req;
  logic merge;
  logic [PayloadW:0] out_payload;

  assign {out_is_item, out_payload_o} = out_payload;

  assign own_req         = state_q == StAsk || state_q == StFlush;
  assign cache_req_valid = own_req || req_valid_i;
  assign req_ready_o     = cache_req_ready && !own_req;
  assign out_valid_o     = cache_out_valid && !out_is_item;
  assign cache_out_ready = out_is_item || out_ready_i;
  assign merge           = state_q == StMerge && err_q == tern_pkg::HmcOk && |item_q.mask;

  tern_ctx_cache #(
    .Kind     ({tern_hw_pkg::TERN_HW_HMC_KIND_QP}),  // a bare enum kills Verilator 5.032
    .Line     (Line),
    .IndexW   (tern_pkg::QpnW),
    .Sets     (Sets),
    .Ways     (Ways),
    .Slots    (Slots),
    .Backs    (Backs),
    .PayloadW (PayloadW + 1)
  ) u_cache (
    .clk_i,
    .rst_i,
    .idle_o          (cache_idle),
    .req_valid_i     (cache_req_valid),
    .req_ready_o     (cache_req_ready),
    .req_index_i     (own_req ? item_q.qpn : req_index_i),
    .req_flush_i     (state_q == StFlush),
    .req_quiet_i     (1'b1),
    .req_payload_i   ({own_req, req_payload_i}),
    .out_valid_o     (cache_out_valid),
    .out_ready_i     (cache_out_ready),
    .out_hold_i      (out_hold_i && !out_is_item),
    .out_index_o,
    .out_payload_o   (out_payload),
    .out_slot_o,
    .out_resumed_o,
    .out_err_o,
    .out_line_o,
    .wb_valid_i      (merge || wb_valid_i),
    .wb_line_i       (merge ? (line_q & ~item_q.mask) | (item_q.data & item_q.mask) : wb_line_i),
    .wake_valid_i,
    .wake_slot_i,
    .flush_done_o    (flush_done),
    .flush_err_o     (flush_err),
    .hmc_valid_o,
    .hmc_ready_i,
    .hmc_o,
    .hmc_rsp_valid_i,
    .hmc_rsp_i,
    .stat_hit_o,
    .stat_miss_o
  );

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle:    if (item_valid_i) state_d = StAsk;
      StAsk:     if (cache_req_ready) state_d = StWait;
      StWait:    if (cache_out_valid && out_is_item) state_d = StMerge;
      StMerge:   state_d = (item_q.drop && err_q == tern_pkg::HmcOk) ? StFlush : StAnswer;
      StFlush:   if (cache_req_ready) state_d = StFlushed;
      StFlushed: if (flush_done) state_d = StAnswer;
      default:   state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else state_q <= state_d;
    if (state_q == StIdle && item_valid_i) item_q <= item_i;
    if (state_q == StWait && cache_out_valid && out_is_item) begin
      line_q <= out_line_o;
      err_q  <= out_err_o;
    end
    if (state_q == StFlushed && flush_done) err_q <= flush_err;
  end

  assign item_ready_o     = state_q == StIdle;
  assign item_rsp_valid_o = state_q == StAnswer;
  assign item_rsp_o       = {err_q, line_q};
  assign idle_o           = cache_idle && state_q == StIdle && !item_valid_i && !req_valid_i;

endmodule
