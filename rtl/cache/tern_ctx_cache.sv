// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Write-back cache of 64 B context lines that live in the host memory cache (HMC). It owns the
// read-modify-write of a line: a request {index, payload} goes in, comes out together with the
// newest contents of the line, and the user hands back the changed line in the cycle after.
//
//   request -> look-up --hit------------------> out -> write-back by the user
//                 |                              ^
//                 '--miss--> slot --fetch, fill--'
//
// What users may rely on:
// - Requests of one index come out in the order in which they went in, and each sees what the
//   one before wrote back. Requests of different indexes may overtake each other: a miss parks
//   in a slot and lets hits pass; one slot is kept free for them.
// - A hit comes out in the next cycle. Sustained: one request per cycle to different indexes,
//   one per 2 cycles to the same. A miss reaches the HMC port in the third cycle after.
// - A line that could not be fetched comes out with err and without contents. It is not cached:
//   the next request of this index tries again.
// - hold at the output puts the request back into its slot, before all others of its index,
//   until wake. It then comes out once more, with resumed, so the user can wait for something
//   else without blocking other indexes. out_slot_o names the slot, and no other request has it
//   meanwhile.
// - A request with flush comes out nowhere: it takes its place in the order of its index, writes
//   the line back if it was changed, drops it, and answers on flush_done_o when the HMC has
//   answered, or at once if nothing was to do. One at a time.
// - A line whose write-back is not yet answered is not fetched again. A failed write-back other
//   than a flush is reported by the HMC (its requests are never quiet) and loses the change.
//
// A request's slot is its own from the look-up until it leaves, also for a hit. Requests of one
// index form a chain through `next`; only the oldest, the head, may move.

module tern_ctx_cache #(
  parameter logic [3:0]  Kind     = 4'd0,  // tern_hw_pkg::tern_hw_hmc_kind_e of the objects
  parameter logic [2:0]  Line     = 3'd0,  // which 64 B of an object
  parameter int unsigned IndexW   = 24,
  parameter int unsigned Sets     = 16,    // power of two
  parameter int unsigned Ways     = 4,     // power of two
  parameter int unsigned Slots    = 8,     // requests parked or on their way; at least 3
  parameter int unsigned Backs    = 4,     // write-backs not yet answered
  parameter int unsigned PayloadW = 64,
  localparam int unsigned SlotW   = $clog2(Slots)
) (
  input  logic                clk_i,
  input  logic                rst_i,
  output logic                idle_o,

  // Requests. They may change until they are taken
  input  logic                req_valid_i,
  output logic                req_ready_o,
  input  logic [IndexW-1:0]   req_index_i,
  input  logic                req_flush_i,
  input  logic                req_quiet_i,    // as in hmc_req_t
  input  logic [PayloadW-1:0] req_payload_i,

  // Requests with their line
  output logic                out_valid_o,
  input  logic                out_ready_i,
  input  logic                out_hold_i,     // with ready: park it until wake; not with err
  output logic [IndexW-1:0]   out_index_o,
  output logic [PayloadW-1:0] out_payload_o,
  output logic [SlotW-1:0]    out_slot_o,
  output logic                out_resumed_o,  // it was held before
  output tern_pkg::hmc_err_e  out_err_o,
  output logic [511:0]        out_line_o,

  // The changed line, only in the cycle after the transfer of its request
  input  logic                wb_valid_i,
  input  logic [511:0]        wb_line_i,

  input  logic                wake_valid_i,
  input  logic [SlotW-1:0]    wake_slot_i,

  output logic                flush_done_o,
  output tern_pkg::hmc_err_e  flush_err_o,

  output logic                hmc_valid_o,
  input  logic                hmc_ready_i,
  output tern_pkg::hmc_req_t  hmc_o,
  input  logic                hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t  hmc_rsp_i,

  output logic                stat_hit_o,
  output logic                stat_miss_o
);

  localparam int unsigned SetW  = $clog2(Sets);
  localparam int unsigned WayW  = $clog2(Ways);
  localparam int unsigned LineW = SetW + WayW;
  localparam int unsigned Lines = Sets * Ways;
  localparam int unsigned TagW  = IndexW - SetW;
  localparam int unsigned BackW = $clog2(Backs);

  if (Sets != 1 << SetW || Ways != 1 << WayW || Backs != 1 << BackW || Sets < 2 || Ways < 2 ||
      Backs < 2 || Slots < 3 || SlotW > 7) begin : gen_bad_size
    $error("tern_ctx_cache: size not possible");
  end

  typedef enum logic [3:0] {
    SlFree,
    SlPipe,   // at the output
    SlNeed,   // head without a line; a flush that waits for its turn
    SlFetch,  // has a way, the read is to be sent
    SlWait,   // the read is under way
    SlFill,   // the line is in slot_line, and not yet in the cache
    SlReady,  // the line is in the cache
    SlErr,    // the read failed
    SlHeld,   // waits for wake
    SlChain   // behind another one of the same index
  } slot_e;

  // --------------------------------------------------------------------------------- state

  // Slots
  logic [Slots-1:0][3:0]        state_q;
  logic [Slots-1:0][IndexW-1:0] slot_index_q;
  logic [Slots-1:0][WayW-1:0]   slot_way_q;
  logic [Slots-1:0][SlotW-1:0]  slot_next_q;
  logic [Slots-1:0][2:0]        slot_err_q;
  logic [Slots-1:0]             chained_q;   // slot_next is valid
  logic [Slots-1:0]             flush_q;
  logic [Slots-1:0]             quiet_q;
  logic [Slots-1:0]             resumed_q;
  logic [PayloadW-1:0]          slot_payload [Slots];
  logic [511:0]                 slot_line    [Slots];

  // Lines; the number of a line is {set, way}
  logic [Lines-1:0]             valid_q;
  logic [Lines-1:0]             dirty_q;
  logic [Lines-1:0]             used_q;      // of late, for the choice of a victim
  logic [Ways-1:0][TagW-1:0]    tags [Sets];
  logic [511:0]                 data [Lines];

  // Write-backs
  logic [Backs-1:0]             back_valid_q;
  logic [Backs-1:0]             back_flush_q;
  logic [Backs-1:0][IndexW-1:0] back_index_q;

  // Output stage, and the cycle after it in which the user writes back
  logic                out_valid_q;
  logic [SlotW-1:0]    out_slot_q;
  logic [IndexW-1:0]   out_index_q;
  logic [WayW-1:0]     out_way_q;
  logic [2:0]          out_err_q;
  logic                out_resumed_q;
  logic [PayloadW-1:0] out_payload_q;
  logic                post_valid_q;
  logic [LineW-1:0]    post_line_q;

  // The line that the look-up read: from the memory, or from what was on its way there
  logic [511:0]        line_mem_q;
  logic [511:0]        line_fwd_q;
  logic                line_fwd_sel_q;
  logic [511:0]        line;

  assign line = line_fwd_sel_q ? line_fwd_q : line_mem_q;

  logic [Slots-1:0] is_free, is_pipe, is_need, is_fetch, is_go, has_way;

  always_comb begin
    for (int unsigned i = 0; i < Slots; i++) begin
      is_free[i]  = state_q[i] == SlFree;
      is_pipe[i]  = state_q[i] == SlPipe;
      is_need[i]  = state_q[i] == SlNeed;
      is_fetch[i] = state_q[i] == SlFetch;
      is_go[i]    = state_q[i] == SlFill || state_q[i] == SlReady || state_q[i] == SlErr;
      has_way[i]  = state_q[i] == SlPipe || state_q[i] == SlFetch || state_q[i] == SlWait ||
                    state_q[i] == SlFill || state_q[i] == SlReady || state_q[i] == SlHeld;
    end
  end

  // -------------------------------------------------------------------------- output stage

  logic out_take, out_free;

  assign out_valid_o   = out_valid_q;
  assign out_index_o   = out_index_q;
  assign out_payload_o = out_payload_q;
  assign out_slot_o    = out_slot_q;
  assign out_resumed_o = out_resumed_q;
  assign out_err_o     = tern_pkg::hmc_err_e'(out_err_q);
  assign out_line_o    = line;

  assign out_take = out_valid_q && out_ready_i;
  assign out_free = !out_valid_q || out_ready_i;

  // ------------------------------------------------- getting a way for a slot that needs one
  //
  // One candidate at a time, in turn. This takes a cycle of the look-up for itself, so that a
  // line cannot be hit and thrown out at once. A dirty victim is read here, and leaves through
  // the request register of the HMC in the next cycle.

  logic              cand_valid_q;
  logic [SlotW-1:0]  cand_slot_q;
  logic [IndexW-1:0] cand_index;
  logic [SetW-1:0]   cand_set;
  logic [Ways-1:0][TagW-1:0] cand_tags;
  logic [Ways-1:0]   cand_held;   // ways that somebody works with
  logic [Ways-1:0]   cand_hit;
  logic [Ways-1:0]   cand_valid, cand_dirty, cand_used;
  logic [Ways-1:0]   victim;      // one-hot or none
  logic [WayW-1:0]   victim_way;
  logic [LineW-1:0]  victim_line;
  logic              cand_flush;
  logic              victim_dirty;
  logic              in_backs;
  logic              alloc, alloc_dirty;
  logic              back_free;
  logic [BackW-1:0]  back_slot;
  logic              evict_q;     // line holds a victim
  logic [BackW-1:0]  evict_back_q;
  logic              hreq_valid_q;

  assign cand_index = slot_index_q[cand_slot_q];
  assign cand_set   = cand_index[SetW-1:0];
  assign cand_tags  = tags[cand_set];
  assign cand_flush = flush_q[cand_slot_q];
  assign cand_valid = valid_q[{cand_set, {WayW{1'b0}}} +: Ways];
  assign cand_dirty = dirty_q[{cand_set, {WayW{1'b0}}} +: Ways];
  assign cand_used  = used_q[{cand_set, {WayW{1'b0}}} +: Ways];

  always_comb begin
    cand_hit  = '0;
    cand_held = '0;
    if (cand_valid_q) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        cand_hit[w]  = cand_valid[w] && cand_tags[w] == cand_index[IndexW-1:SetW];
        cand_held[w] = post_valid_q && post_line_q == {cand_set, WayW'(w)};
        for (int unsigned i = 0; i < Slots; i++) begin
          if (has_way[i] && slot_way_q[i] == WayW'(w) &&
              slot_index_q[i][SetW-1:0] == cand_set) begin
            cand_held[w] = 1'b1;
          end
        end
      end
    end
  end

  function automatic logic [Ways-1:0] lowest(input logic [Ways-1:0] ways);
    lowest = ways & (~ways + 1'b1);
  endfunction

  always_comb begin
    if (cand_flush)                                  victim = cand_hit & ~cand_held;
    else if (|(~cand_held & ~cand_valid))            victim = lowest(~cand_held & ~cand_valid);
    else if (|(~cand_held & ~cand_used))             victim = lowest(~cand_held & ~cand_used);
    else                                             victim = lowest(~cand_held);
    victim_way = '0;
    for (int unsigned w = 0; w < Ways; w++) begin
      if (victim[w]) victim_way |= WayW'(w);
    end
    in_backs = 1'b0;
    back_slot = '0;
    for (int unsigned i = 0; i < Backs; i++) begin
      if (back_valid_q[i] && back_index_q[i] == cand_index) in_backs = 1'b1;
      if (!back_valid_q[Backs-1-i]) back_slot = BackW'(Backs-1-i);
    end
  end

  assign victim_line  = {cand_set, victim_way};
  assign victim_dirty = |(victim & cand_valid & cand_dirty);
  assign back_free    = !(&back_valid_q);

  // A flush may go without a victim, if its line is not there at all
  assign alloc = cand_valid_q && is_need[cand_slot_q] && !in_backs &&
                 (|victim || (cand_flush && cand_hit == '0)) &&
                 (!victim_dirty || (out_free && back_free && !evict_q &&
                                    (!hreq_valid_q || hmc_ready_i)));
  assign alloc_dirty = alloc && victim_dirty;

  // ------------------------------------------------------------------------------- look-up

  logic [SetW-1:0]   req_set;
  logic [Ways-1:0][TagW-1:0] req_tags;
  logic [Ways-1:0]   req_ways_valid, req_hit;
  logic [WayW-1:0]   req_way;
  logic [Slots-1:0]  same;        // slots of the same index
  logic [Slots-1:0]  tail;        // and the last of them
  logic [SlotW-1:0]  tail_slot;
  logic [SlotW-1:0]  free_slot;
  logic              some_free, two_free;
  logic              some_go;
  logic              may_hit, may_park;
  logic              new_hit, new_park;
  logic              replay;
  logic [SlotW-1:0]  replay_slot;
  logic              replay_fill, replay_err;

  assign req_set        = req_index_i[SetW-1:0];
  assign req_tags       = tags[req_set];
  assign req_ways_valid = valid_q[{req_set, {WayW{1'b0}}} +: Ways];

  always_comb begin
    req_way = '0;
    for (int unsigned w = 0; w < Ways; w++) begin
      req_hit[w] = req_ways_valid[w] && req_tags[w] == req_index_i[IndexW-1:SetW];
      if (req_hit[w]) req_way |= WayW'(w);
    end
    tail_slot   = '0;
    free_slot   = '0;
    replay_slot = '0;
    for (int unsigned i = 0; i < Slots; i++) begin
      same[i] = !is_free[i] && slot_index_q[i] == req_index_i;
      tail[i] = same[i] && !chained_q[i];
      if (tail[i]) tail_slot |= SlotW'(i);
      if (is_free[Slots-1-i]) free_slot = SlotW'(Slots-1-i);
      if (is_go[Slots-1-i]) replay_slot = SlotW'(Slots-1-i);
    end
  end

  assign some_free = |is_free;
  assign two_free  = |(is_free & (is_free - 1'b1));
  assign some_go   = |is_go;

  // A fill writes the line memory, which belongs to the user's write-back first. Replays go
  // before new requests, so the pipeline runs empty and the write-back soon pauses.
  assign replay_fill = state_q[replay_slot] == SlFill;
  assign replay_err  = state_q[replay_slot] == SlErr;
  assign replay      = some_go && out_free && !alloc && !(replay_fill && wb_valid_i);

  // Behind a request that is at the output nothing is chained: it may leave in this very cycle
  assign may_hit  = !req_flush_i && same == '0 && |req_hit;
  assign may_park = (req_flush_i || same != '0 || req_hit == '0) && (tail & is_pipe) == '0;
  assign req_ready_o = !alloc && ((may_hit && some_free && out_free && !some_go) ||
                                  (may_park && two_free));
  assign new_hit  = req_valid_i && req_ready_o && may_hit;
  assign new_park = req_valid_i && req_ready_o && !may_hit;

  // What leaves the look-up for the output stage
  logic              issue;
  logic [SlotW-1:0]  issue_slot;
  logic [IndexW-1:0] issue_index;
  logic [WayW-1:0]   issue_way;
  logic [LineW-1:0]  issue_line;

  assign issue       = new_hit || replay;
  assign issue_slot  = replay ? replay_slot : free_slot;
  assign issue_index = replay ? slot_index_q[replay_slot] : req_index_i;
  assign issue_way   = replay ? slot_way_q[replay_slot] : req_way;
  assign issue_line  = {issue_index[SetW-1:0], issue_way};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_q  <= 1'b0;
      post_valid_q <= 1'b0;
      evict_q      <= 1'b0;
    end else begin
      if (out_free) out_valid_q <= issue;
      post_valid_q <= out_take && out_err_q == tern_pkg::HmcOk;
      evict_q      <= alloc_dirty;
    end
    if (issue) begin
      out_slot_q    <= issue_slot;
      out_index_q   <= issue_index;
      out_way_q     <= issue_way;
      out_err_q     <= (replay && replay_err) ? slot_err_q[replay_slot] : tern_pkg::HmcOk;
      out_resumed_q <= replay && resumed_q[replay_slot];
      out_payload_q <= replay ? slot_payload[replay_slot] : req_payload_i;
    end
    if (out_take) post_line_q <= {out_index_q[SetW-1:0], out_way_q};
  end

  // -------------------------------------------------------------------------- line memory

  logic             fwd_post, fwd_fill;
  logic [LineW-1:0] read_line;

  assign read_line = alloc ? victim_line : issue_line;
  assign fwd_post  = !alloc && wb_valid_i && post_line_q == issue_line;
  assign fwd_fill  = !alloc && replay && replay_fill;

  always_ff @(posedge clk_i) begin
    if (alloc_dirty || (issue && !fwd_post && !fwd_fill)) line_mem_q <= data[read_line];
    if (issue && (fwd_post || fwd_fill)) begin
      line_fwd_q <= fwd_post ? wb_line_i : slot_line[replay_slot];
    end
    if (alloc_dirty || issue) line_fwd_sel_q <= fwd_post || fwd_fill;
  end

  always_ff @(posedge clk_i) begin
    if (wb_valid_i)    data[post_line_q] <= wb_line_i;
    else if (fwd_fill) data[issue_line]  <= slot_line[replay_slot];
  end

  always_ff @(posedge clk_i) begin
    if (alloc && !cand_flush) tags[cand_set][victim_way] <= cand_index[IndexW-1:SetW];
  end

  // Of the ways of a set, those not used since the last of them was used are thrown out first
  logic [Ways-1:0] touched, touched_d;

  assign touched   = used_q[{issue_index[SetW-1:0], {WayW{1'b0}}} +: Ways] |
                     (Ways'(1) << issue_way);
  assign touched_d = (&touched) ? Ways'(1) << issue_way : touched;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q <= '0;
      dirty_q <= '0;
      used_q  <= '0;
    end else begin
      if (alloc && |victim) valid_q[victim_line] <= 1'b0;
      if (fwd_fill) begin
        valid_q[issue_line] <= 1'b1;
        dirty_q[issue_line] <= 1'b0;
      end
      if (wb_valid_i) dirty_q[post_line_q] <= 1'b1;
      if (issue && !(replay && replay_err)) begin
        used_q[{issue_index[SetW-1:0], {WayW{1'b0}}} +: Ways] <= touched_d;
      end
    end
  end

  // --------------------------------------------------------------------------------- slots

  logic              next_go;     // the one behind the request that leaves comes to the head
  logic [SlotW-1:0]  next_slot;
  logic              rsp_fetch, rsp_back;
  logic [SlotW-1:0]  rsp_slot;
  logic [BackW-1:0]  rsp_back_slot;
  logic              send;        // a read goes to the request register
  logic [SlotW-1:0]  send_slot;

  assign next_go       = out_take && !out_hold_i && chained_q[out_slot_q];
  assign next_slot     = slot_next_q[out_slot_q];
  assign rsp_back      = hmc_rsp_valid_i && hmc_rsp_i.tag[7];
  assign rsp_fetch     = hmc_rsp_valid_i && !hmc_rsp_i.tag[7];
  assign rsp_slot      = hmc_rsp_i.tag[SlotW-1:0];
  assign rsp_back_slot = hmc_rsp_i.tag[BackW-1:0];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      for (int unsigned i = 0; i < Slots; i++) state_q[i] <= SlFree;
    end else begin
      if (out_take) state_q[out_slot_q] <= out_hold_i ? SlHeld : SlFree;
      if (next_go) begin
        state_q[next_slot] <= (flush_q[next_slot] || out_err_q != tern_pkg::HmcOk) ? SlNeed
                                                                                   : SlReady;
      end
      if (alloc) state_q[cand_slot_q] <= cand_flush ? SlFree : SlFetch;
      if (alloc && cand_flush && chained_q[cand_slot_q]) begin
        state_q[slot_next_q[cand_slot_q]] <= SlNeed;
      end
      if (send) state_q[send_slot] <= SlWait;
      if (rsp_fetch) state_q[rsp_slot] <= (hmc_rsp_i.err == tern_pkg::HmcOk) ? SlFill : SlErr;
      if (wake_valid_i) state_q[wake_slot_i] <= SlReady;
      if (replay) state_q[replay_slot] <= SlPipe;
      if (new_hit) state_q[free_slot] <= SlPipe;
      if (new_park) state_q[free_slot] <= (same != '0) ? SlChain : SlNeed;
    end

    if (new_hit || new_park) begin
      slot_index_q[free_slot] <= req_index_i;
      slot_way_q[free_slot]   <= req_way;
      slot_payload[free_slot] <= req_payload_i;
      chained_q[free_slot]    <= 1'b0;
      flush_q[free_slot]      <= req_flush_i;
      quiet_q[free_slot]      <= req_quiet_i;
      resumed_q[free_slot]    <= 1'b0;
    end
    if (new_park && same != '0) begin
      chained_q[tail_slot]   <= 1'b1;
      slot_next_q[tail_slot] <= free_slot;
    end
    if (next_go) slot_way_q[next_slot] <= out_way_q;
    if (alloc) slot_way_q[cand_slot_q] <= victim_way;
    if (wake_valid_i) resumed_q[wake_slot_i] <= 1'b1;
    if (rsp_fetch) begin
      slot_err_q[rsp_slot] <= hmc_rsp_i.err;
      slot_line[rsp_slot]  <= hmc_rsp_i.data;
    end
  end

  // The next candidate: the request that parks now, else the one after the last candidate
  logic             need_some;
  logic [SlotW-1:0] need_slot;
  logic [Slots-1:0] need_unused;

  tern_rr_arb #(.N(Slots)) u_need (
    .clk_i, .rst_i,
    .req_i(is_need), .take_i(need_some),
    .valid_o(need_some), .onehot_o(need_unused), .idx_o(need_slot)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) cand_valid_q <= 1'b0;
    else cand_valid_q <= need_some || (new_park && same == '0);
    if (new_park && same == '0) cand_slot_q <= free_slot;
    else if (need_some) cand_slot_q <= need_slot;
  end

  // ---------------------------------------------------------------------------- HMC port

  logic               hreq_write_q, hreq_quiet_q;
  logic [IndexW-1:0]  hreq_index_q;
  logic [7:0]         hreq_tag_q;
  logic [511:0]       hreq_data_q;
  logic               send_some;
  logic [Slots-1:0]   send_unused;

  tern_rr_arb #(.N(Slots)) u_send (
    .clk_i, .rst_i,
    .req_i(is_fetch), .take_i(send),
    .valid_o(send_some), .onehot_o(send_unused), .idx_o(send_slot)
  );

  // The register must be empty in the next cycle for the victim that is read now
  assign send = send_some && (!hreq_valid_q || hmc_ready_i) && !evict_q && !alloc_dirty;

  always_ff @(posedge clk_i) begin
    if (rst_i) hreq_valid_q <= 1'b0;
    else if (evict_q || send) hreq_valid_q <= 1'b1;
    else if (hmc_ready_i) hreq_valid_q <= 1'b0;

    if (evict_q) begin
      hreq_write_q <= 1'b1;
      hreq_quiet_q <= 1'b0;
      hreq_index_q <= back_index_q[evict_back_q];
      hreq_tag_q   <= 8'h80 | 8'(evict_back_q);
      hreq_data_q  <= line;
    end else if (send) begin
      hreq_write_q <= 1'b0;
      hreq_quiet_q <= quiet_q[send_slot];
      hreq_index_q <= slot_index_q[send_slot];
      hreq_tag_q   <= 8'(send_slot);
    end
  end

  assign hmc_valid_o = hreq_valid_q;

  always_comb begin
    hmc_o       = '0;
    hmc_o.kind  = Kind;
    hmc_o.index = 28'(hreq_index_q);
    hmc_o.line  = Line;
    hmc_o.write = hreq_write_q;
    hmc_o.quiet = hreq_quiet_q;
    hmc_o.tag   = hreq_tag_q;
    hmc_o.data  = hreq_data_q;
  end

  // --------------------------------------------------------------------------- write-backs

  logic                flush_done_q;
  logic [2:0]          flush_err_q;
  logic [TagW-1:0]     victim_tag;

  assign victim_tag = cand_tags[victim_way];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      back_valid_q <= '0;
      flush_done_q <= 1'b0;
    end else begin
      if (rsp_back) back_valid_q[rsp_back_slot] <= 1'b0;
      if (alloc_dirty) back_valid_q[back_slot] <= 1'b1;
      flush_done_q <= (alloc && cand_flush && !victim_dirty) ||
                      (rsp_back && back_flush_q[rsp_back_slot]);
    end
    if (alloc_dirty) begin
      back_index_q[back_slot] <= {victim_tag, cand_set};
      back_flush_q[back_slot] <= cand_flush;
      evict_back_q            <= back_slot;
    end
    if (rsp_back && back_flush_q[rsp_back_slot]) flush_err_q <= hmc_rsp_i.err;
    else flush_err_q <= tern_pkg::HmcOk;
  end

  assign flush_done_o = flush_done_q;
  assign flush_err_o  = tern_pkg::hmc_err_e'(flush_err_q);

  // ---------------------------------------------------------------------------------------

  assign stat_hit_o  = new_hit || (replay && !replay_fill && !replay_err &&
                                   !resumed_q[replay_slot]);
  assign stat_miss_o = alloc && !cand_flush;

  assign idle_o = !req_valid_i && (&is_free) && !post_valid_q && back_valid_q == '0 &&
                  !hreq_valid_q && !evict_q && !flush_done_q;

endmodule
