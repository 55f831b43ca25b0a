// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// A FIFO per QPN, all in one memory. With Private, entry n of the memory belongs to QPN n, so
// that a QP always gets one however many the others hold; Shared more are for all.
//
// Pushes and pops go through one pipeline, one per cycle, in the order in which they were taken:
//
//   take --> S1: look at the list, write the entry, link it  --> S2: write the list back
//            (a pop: read the link)
//
// What users may rely on:
// - A peek is answered in the second cycle after it was taken, one per cycle, and sees all pushes
//   and pops that were taken in cycles before it. Nobody can hold up the answer.
// - A pop of an empty list does nothing.
// - count_o, marks_o and room_o are about the QPN on count_qpn_i in the cycle before. They know of
//   all pushes that were taken until then, that cycle included. Pops may show up to 3 cycles
//   later, also in left_o. So if room_o is high, and no push of another QPN comes in between, a push will find
//   room. One without room is lost, and told on push_lost_o.
// - A drop empties a list, at 3 cycles an entry. Nobody may push, pop or peek this QPN until
//   drop_done_o.
// - One push and one pop per 2 cycles, or one of either per cycle.
// - After reset the memories are swept; nothing is ready meanwhile.

module tern_list_pool #(
  parameter int unsigned  Qps     = tern_pkg::MaxQps,  // power of two
  parameter int unsigned  EntryW  = 32,
  parameter bit           Private = 1'b1,
  parameter int unsigned  Shared  = 4096,              // power of two, at least 8
  localparam int unsigned QpW     = $clog2(Qps),
  localparam int unsigned CountW  = $clog2(Shared + 2)
) (
  input  logic              clk_i,
  input  logic              rst_i,
  output logic              idle_o,

  input  logic              push_valid_i,
  output logic              push_ready_o,
  input  logic [QpW-1:0]    push_qpn_i,
  input  logic [EntryW-1:0] push_entry_i,
  input  logic              push_mark_i,
  output logic              push_lost_o,

  input  logic [QpW-1:0]    count_qpn_i,
  output logic [CountW-1:0] count_o,
  output logic [CountW-1:0] marks_o,    // entries that were pushed with mark
  output logic              room_o,
  output logic [CountW-1:0] left_o,     // shared entries that are free

  input  logic              peek_valid_i,
  output logic              peek_ready_o,
  input  logic [QpW-1:0]    peek_qpn_i,
  output logic              peek_rsp_valid_o,
  output logic              peek_empty_o,
  output logic [EntryW-1:0] peek_entry_o,
  output logic [CountW-1:0] peek_count_o,
  output logic [CountW-1:0] peek_marks_o,

  input  logic              pop_valid_i,
  output logic              pop_ready_o,
  input  logic [QpW-1:0]    pop_qpn_i,

  input  logic              drop_valid_i,
  output logic              drop_ready_o,
  input  logic [QpW-1:0]    drop_qpn_i,
  output logic              drop_done_o
);

  localparam int unsigned SharedW = $clog2(Shared);
  localparam int unsigned Base    = Private ? Qps : 0;  // of the shared entries
  localparam int unsigned Entries = Base + Shared;
  localparam int unsigned PtrW    = $clog2(Entries);
  localparam int unsigned Sweep   = (Qps > Shared) ? Qps : Shared;
  localparam int unsigned SweepW  = $clog2(Sweep + 8) + 1;
  localparam int unsigned Ahead   = 4;                  // free entries at hand

  if (Qps != 1 << QpW || Qps < 2 || Shared != 1 << SharedW || Shared < 8) begin : gen_bad_size
    $error("tern_list_pool: size not possible");
  end

  typedef struct packed {
    logic              own;    // the private entry is in the list
    logic [PtrW-1:0]   head;
    logic [PtrW-1:0]   tail;
    logic [CountW-1:0] count;
    logic [CountW-1:0] marks;
  } list_t;

  localparam int unsigned ListW = 1 + 2 * PtrW + 2 * CountW;

  logic [ListW-1:0]   lists   [Qps];
  logic [EntryW-1:0]  entries [Entries];
  logic [0:0]         marks   [Entries];
  logic [PtrW-1:0]    links   [Entries];
  logic [SharedW-1:0] free    [Shared];  // ring of free shared entries

  // ------------------------------------------------------------------------ after reset

  logic [SweepW-1:0] sweep_q;
  logic              sweeping, up_q;

  // The last cycles are for the free entries to come to hand
  assign sweeping = sweep_q < SweepW'(Sweep);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      sweep_q <= '0;
      up_q    <= 1'b0;
    end else if (!up_q) begin
      sweep_q <= sweep_q + 1'b1;
      up_q    <= sweep_q == SweepW'(Sweep + 7);
    end
  end

  // -------------------------------------------------------------------------------- take

  logic [2:0]     req, grant;
  logic           take;
  logic [1:0]     take_idx;
  logic [QpW-1:0] take_qpn;
  logic           drop_step;
  logic [QpW-1:0] drop_qpn_q;

  assign req = {drop_step, pop_valid_i && up_q, push_valid_i && up_q};

  tern_rr_arb #(.N(3)) u_arb (
    .clk_i, .rst_i, .req_i(req), .take_i(take),
    .valid_o(take), .onehot_o(grant), .idx_o(take_idx)
  );

  assign push_ready_o = grant[0];
  assign pop_ready_o  = grant[1];

  always_comb begin
    unique case (take_idx)
      2'd0:    take_qpn = push_qpn_i;
      2'd1:    take_qpn = pop_qpn_i;
      default: take_qpn = drop_qpn_q;
    endcase
  end

  // ---------------------------------------------------------------------------------- S1
  //
  // The list as read a cycle ago, unless the operation before is just writing it (s2), or was
  // when it was read (s3).

  logic              s1_valid_q, s1_push_q, s1_drop_q;
  logic [QpW-1:0]    s1_qpn_q;
  logic [EntryW-1:0] s1_entry_q;
  logic              s1_mark_q;
  logic [ListW-1:0]  s1_mem_q;
  list_t             s1_list, s1_new;
  logic              s2_valid_q, s2_pop_q, s2_drop_q;
  logic [QpW-1:0]    s2_qpn_q;
  list_t             s2_list_q, s2_new;
  logic [PtrW-1:0]   s2_link_q;
  logic              s2_mark_q;
  logic              s3_valid_q;
  logic [QpW-1:0]    s3_qpn_q;
  list_t             s3_list_q;

  logic              own_free, use_own, use_shared, push_ok, pop_ok;
  logic              shared_free;      // some are at hand
  logic [SharedW-1:0] shared_next;
  logic [PtrW-1:0]   own_ptr, push_ptr;
  logic              head_own;

  always_ff @(posedge clk_i) begin
    if (rst_i) s1_valid_q <= 1'b0;
    else s1_valid_q <= take;
    if (take) begin
      s1_push_q <= grant[0];
      s1_drop_q <= grant[2];
      s1_qpn_q  <= take_qpn;
      s1_mem_q  <= lists[take_qpn];
    end
    if (take && grant[0]) begin
      s1_entry_q <= push_entry_i;
      s1_mark_q  <= push_mark_i;
    end
  end

  always_comb begin
    if (s2_valid_q && s2_qpn_q == s1_qpn_q)      s1_list = s2_new;
    else if (s3_valid_q && s3_qpn_q == s1_qpn_q) s1_list = s3_list_q;
    else                                         s1_list = s1_mem_q;
  end

  assign own_ptr    = PtrW'(s1_qpn_q);
  assign own_free   = Private && !s1_list.own;
  assign use_own    = s1_valid_q && s1_push_q && own_free;
  assign use_shared = s1_valid_q && s1_push_q && !own_free && shared_free;
  assign push_ok    = use_own || use_shared;
  assign push_ptr   = own_free ? own_ptr : PtrW'(Base) + PtrW'(shared_next);
  assign pop_ok     = s1_valid_q && !s1_push_q && s1_list.count != '0;
  assign head_own   = Private && s1_list.head == own_ptr;

  assign push_lost_o = s1_valid_q && s1_push_q && !push_ok;

  // What a pop makes of head and marks comes with the link
  always_comb begin
    s1_new = s1_list;
    if (s1_push_q) begin
      s1_new.own   = s1_list.own || own_free;
      s1_new.tail  = push_ptr;
      s1_new.count = s1_list.count + 1'b1;
      s1_new.marks = s1_list.marks + CountW'(s1_mark_q);
      if (s1_list.count == '0) s1_new.head = push_ptr;
    end else begin
      s1_new.own   = s1_list.own && !head_own;
      s1_new.count = s1_list.count - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push_ok) begin
      entries[push_ptr] <= s1_entry_q;
      marks[push_ptr]   <= s1_mark_q;
    end
    if (push_ok && s1_list.count != '0) links[s1_list.tail] <= push_ptr;
  end

  // ---------------------------------------------------------------------------------- S2

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      s2_valid_q <= 1'b0;
      s3_valid_q <= 1'b0;
      s2_drop_q  <= 1'b0;
    end else begin
      s2_valid_q <= push_ok || pop_ok;
      s3_valid_q <= s2_valid_q;
      s2_drop_q  <= s1_valid_q && s1_drop_q;
    end
    if (push_ok || pop_ok) begin
      s2_pop_q  <= pop_ok;
      s2_qpn_q  <= s1_qpn_q;
      s2_list_q <= s1_new;
    end
    if (pop_ok) begin
      s2_link_q <= links[s1_list.head];
      s2_mark_q <= marks[s1_list.head];
    end
    if (s2_valid_q) begin
      s3_qpn_q  <= s2_qpn_q;
      s3_list_q <= s2_new;
    end
  end

  always_comb begin
    s2_new = s2_list_q;
    if (s2_pop_q) begin
      s2_new.head  = s2_link_q;
      s2_new.marks = s2_list_q.marks - CountW'(s2_mark_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (sweeping)        lists[sweep_q[QpW-1:0]] <= '0;
    else if (s2_valid_q) lists[s2_qpn_q]         <= s2_new;
  end

  // ------------------------------------------------------------------ free shared entries
  //
  // A freed entry is written to the ring, read from there, and is then at hand; only then it is
  // counted as available.

  logic [SharedW:0]   free_wr_q, free_rd_q;
  logic               freed, fetch, fetched_q;
  logic [SharedW-1:0] fetch_data_q, freed_idx;
  logic [2:0]         credits_q;         // room for free entries at hand
  logic [1:0]         freed_dly_q;
  logic [SharedW:0]   avail_q;
  logic               hand_valid, hand_ready_unused;

  assign freed     = pop_ok && !head_own;
  assign freed_idx = SharedW'(s1_list.head - PtrW'(Base));
  assign fetch     = !sweeping && free_wr_q != free_rd_q && credits_q != '0;

  always_ff @(posedge clk_i) begin
    if (sweeping)   free[sweep_q[SharedW-1:0]]   <= sweep_q[SharedW-1:0];
    else if (freed) free[free_wr_q[SharedW-1:0]] <= freed_idx;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      free_wr_q   <= (SharedW + 1)'(Shared);
      free_rd_q   <= '0;
      fetched_q   <= 1'b0;
      credits_q   <= 3'(Ahead);
      freed_dly_q <= '0;
      avail_q     <= (SharedW + 1)'(Shared);
    end else begin
      if (freed) free_wr_q <= free_wr_q + 1'b1;
      if (fetch) free_rd_q <= free_rd_q + 1'b1;
      fetched_q   <= fetch;
      credits_q   <= credits_q - 3'(fetch) + 3'(use_shared);
      freed_dly_q <= {freed_dly_q[0], freed};
      avail_q     <= avail_q + (SharedW + 1)'(freed_dly_q[1]) - (SharedW + 1)'(use_shared);
    end
    if (fetch) fetch_data_q <= free[free_rd_q[SharedW-1:0]];
  end

  tern_fifo #(.Width(SharedW), .Depth(Ahead)) u_hand (
    .clk_i, .rst_i,
    .in_valid_i (fetched_q),
    .in_ready_o (hand_ready_unused),
    .in_data_i  (fetch_data_q),
    .out_valid_o(hand_valid),
    .out_ready_i(use_shared),
    .out_data_o (shared_next)
  );

  assign shared_free = avail_q != '0 && hand_valid;

  // -------------------------------------------------------------------------------- count

  logic [QpW-1:0]   count_qpn_q;
  logic [ListW-1:0] count_mem_q;
  list_t            count_list;
  logic             count_push;   // a push of this QPN is in S1

  always_ff @(posedge clk_i) begin
    count_qpn_q <= count_qpn_i;
    count_mem_q <= lists[count_qpn_i];
  end

  always_comb begin
    if (s2_valid_q && s2_qpn_q == count_qpn_q)      count_list = s2_new;
    else if (s3_valid_q && s3_qpn_q == count_qpn_q) count_list = s3_list_q;
    else                                            count_list = count_mem_q;
  end

  assign count_push = push_ok && s1_qpn_q == count_qpn_q;
  assign count_o    = count_list.count + CountW'(count_push);
  assign marks_o    = count_list.marks + CountW'(count_push && s1_mark_q);
  assign left_o     = CountW'(avail_q);
  assign room_o     = up_q && ((Private && !count_list.own && !count_push) ||
                               avail_q > (SharedW + 1)'(use_shared));

  // --------------------------------------------------------------------------------- peek

  logic              p1_valid_q, p2_valid_q;
  logic [QpW-1:0]    p1_qpn_q;
  logic [ListW-1:0]  p1_mem_q;
  list_t             p1_list;
  logic [EntryW-1:0] p2_entry_q;
  logic [CountW-1:0] p2_count_q, p2_marks_q;

  assign peek_ready_o = up_q;

  always_comb begin
    if (s2_valid_q && s2_qpn_q == p1_qpn_q)      p1_list = s2_new;
    else if (s3_valid_q && s3_qpn_q == p1_qpn_q) p1_list = s3_list_q;
    else                                         p1_list = p1_mem_q;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      p1_valid_q <= 1'b0;
      p2_valid_q <= 1'b0;
    end else begin
      p1_valid_q <= peek_valid_i && up_q;
      p2_valid_q <= p1_valid_q;
    end
    if (peek_valid_i && up_q) begin
      p1_qpn_q <= peek_qpn_i;
      p1_mem_q <= lists[peek_qpn_i];
    end
    if (p1_valid_q) begin
      p2_entry_q <= entries[p1_list.head];
      p2_count_q <= p1_list.count;
      p2_marks_q <= p1_list.marks;
    end
  end

  assign peek_rsp_valid_o = p2_valid_q;
  assign peek_empty_o     = p2_count_q == '0;
  assign peek_entry_o     = p2_entry_q;
  assign peek_count_o     = p2_count_q;
  assign peek_marks_o     = p2_marks_q;

  // --------------------------------------------------------------------------------- drop

  typedef enum logic [1:0] {
    DrIdle,
    DrStep,   // pops an entry
    DrWait,   // to see what is left
    DrDone
  } drop_e;

  drop_e drop_q;

  assign drop_step    = drop_q == DrStep;
  assign drop_ready_o = drop_q == DrIdle && up_q;
  assign drop_done_o  = drop_q == DrDone;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      drop_q <= DrIdle;
    end else begin
      unique case (drop_q)
        DrIdle:  if (drop_valid_i && up_q) drop_q <= DrStep;
        DrStep:  if (grant[2]) drop_q <= DrWait;
        DrWait:  if (s2_drop_q) drop_q <= (s2_valid_q && s2_new.count != '0) ? DrStep : DrDone;
        default: drop_q <= DrIdle;
      endcase
    end
    if (drop_valid_i && drop_ready_o) drop_qpn_q <= drop_qpn_i;
  end

  assign idle_o = up_q && !push_valid_i && !pop_valid_i && !peek_valid_i && !drop_valid_i &&
                  !s1_valid_q && !s2_valid_q && !p1_valid_q && !p2_valid_q && drop_q == DrIdle &&
                  !fetch && !fetched_q && freed_dly_q == '0;

endmodule
