// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The ring of the control queue: takes its doorbells, prefetches commands into a few slots and
// offers them in order. Owns the three indexes of the ring: head (what the doorbell announced),
// fetch (the next to ask for) and tail (the oldest command not yet completed).
//
// A doorbell is a fetch request in the next cycle; an answer is offered in the cycle after it
// came. Up to Slots fetches are in flight, so a chain of commands pays the bus latency once.
//
// run_i low: no new fetch starts; what is under way ends, and busy_o tells when. clear_i, only
// while not busy, starts the ring afresh.

module tern_cqp_fetch #(
  parameter int unsigned Slots = 8  // power of two, at most 16
) (
  input  logic        clk_i,
  input  logic        rst_i,

  input  logic        run_i,
  input  logic        clear_i,
  input  logic [63:0] base_i,      // stable while running
  input  logic [4:0]  log_size_i,
  output logic [15:0] tail_o,
  output logic        busy_o,      // an answer or a bad doorbell's hand-over is due
  output logic        idle_o,      // not busy, and nothing announced that is not fetched

  // Doorbells. exists_i: there is a ring to ring for; a halted one ignores doorbells
  input  logic                 exists_i,
  input  logic                 db_valid_i,
  output logic                 db_ready_o,
  input  tern_pkg::db_t        db_i,
  output logic                 db_bad_valid_o,
  input  logic                 db_bad_ready_i,
  output tern_pkg::db_bad_t    db_bad_o,

  // DMA read client; tags are slot numbers
  output logic                  rd_valid_o,
  input  logic                  rd_ready_i,
  output tern_pkg::dma_rd_req_t rd_o,
  input  logic                  rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t rd_rsp_i,

  // Oldest command. next_i drops it and counts it as completed
  output logic         wqe_valid_o,
  output logic         wqe_err_o,   // the bus refused it
  output logic [511:0] wqe_o,
  input  logic         next_i
);

  localparam int unsigned SlotW = $clog2(Slots);

  logic [15:0] head_q, fetch_q, tail_q;
  logic [Slots-1:0] asked_q;   // answer due
  logic [Slots-1:0] filled_q;  // answer here
  logic [Slots-1:0] err_q;
  logic [511:0] slot_mem [Slots];

  // --------------------------------------------------------------------------- doorbell

  tern_hw_pkg::tern_hw_db_q_t db;
  logic [15:0] db_ahead, size;
  logic db_queue_bad, db_index_bad;
  logic db_bad_valid_q;
  tern_pkg::db_bad_t db_bad_q;

  assign db = db_i.word;
  assign size = 16'd1 << log_size_i;
  assign db_ahead = db.w.index[15:0] - tail_q;
  assign db_queue_bad = !exists_i || db.w.num != '0;
  assign db_index_bad = db.w.index[31:16] != '0 || db_ahead > size;
  assign db_ready_o = !db_bad_valid_q;
  assign db_bad_valid_o = db_bad_valid_q;
  assign db_bad_o = db_bad_q;

  always_ff @(posedge clk_i) begin
    if (db_bad_ready_i) db_bad_valid_q <= 1'b0;
    if (db_valid_i && db_ready_o && (db_queue_bad || db_index_bad)) begin
      db_bad_valid_q <= 1'b1;
      db_bad_q.code <= db_queue_bad ? tern_hw_pkg::TERN_HW_AE_CODE_DB_QUEUE
                                    : tern_hw_pkg::TERN_HW_AE_CODE_DB_INDEX;
      db_bad_q.page <= db_i.page;
      db_bad_q.offset <= tern_hw_pkg::TERN_HW_DB_CQP;
    end
    if (rst_i) db_bad_valid_q <= 1'b0;
  end

  // An index between tail and head is an older doorbell that came late or twice: harmless, and
  // what was announced cannot be taken back.
  always_ff @(posedge clk_i) begin
    if (rst_i || clear_i) head_q <= '0;
    else if (db_valid_i && db_ready_o && run_i && !db_queue_bad && !db_index_bad &&
             db_ahead > head_q - tail_q) begin
      head_q <= db.w.index[15:0];
    end
  end

  // ------------------------------------------------------------------------------ fetch

  logic rd_held_q;  // a request is offered and must stay, even if run_i falls
  logic [15:0] offset, ring_index;
  logic [SlotW-1:0] fetch_slot, tail_slot, rsp_slot;

  assign fetch_slot = fetch_q[SlotW-1:0];
  assign tail_slot = tail_q[SlotW-1:0];
  assign rsp_slot = rd_rsp_i.tag[SlotW-1:0];
  assign offset = fetch_q - tail_q;
  assign ring_index = fetch_q & (size - 16'd1);

  assign rd_valid_o = head_q != fetch_q && offset < 16'(Slots) && (run_i || rd_held_q);
  assign rd_o.addr = base_i + {42'b0, ring_index, 6'b0};
  assign rd_o.len = 13'(tern_hw_pkg::TERN_HW_CQP_WQE_BYTES);
  assign rd_o.tag = 8'(fetch_slot);

  always_ff @(posedge clk_i) begin
    rd_held_q <= rd_valid_o && !rd_ready_i;
    if (rst_i) rd_held_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (rd_valid_o && rd_ready_i) begin
      fetch_q <= fetch_q + 16'd1;
      asked_q[fetch_slot] <= 1'b1;
    end
    // A command is one aligned line, so its answer is one beat
    if (rd_rsp_valid_i && rd_rsp_i.last) begin
      asked_q[rsp_slot] <= 1'b0;
      filled_q[rsp_slot] <= 1'b1;
      err_q[rsp_slot] <= rd_rsp_i.err;
      slot_mem[rsp_slot] <= rd_rsp_i.data;
    end
    if (next_i) begin
      tail_q <= tail_q + 16'd1;
      filled_q[tail_slot] <= 1'b0;
    end
    if (rst_i || clear_i) begin
      fetch_q <= '0;
      tail_q <= '0;
      asked_q <= '0;
      filled_q <= '0;
    end
  end

  assign wqe_valid_o = filled_q[tail_slot];
  assign wqe_err_o = err_q[tail_slot];
  assign wqe_o = slot_mem[tail_slot];
  assign tail_o = tail_q;
  assign busy_o = asked_q != '0 || rd_held_q || db_bad_valid_q;
  assign idle_o = !busy_o && (head_q == tail_q || !run_i);

endmodule
