// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// What is proved about tern_sched, in it, for all that can happen at its ports: by induction over
// one cycle, with few QPs (prove_sched.sv). A free index of a resume or command may be any.
//
// - A QPN is in the FIFO once if its state says so, and not at all if not.
// - A QP with work, neither blocked nor stopped, is in the FIFO, or is served just now.
// - No wake is lost: a wake ends a block, and if there is none, the next block does not hold.
// - A job is one of slots that the producer has announced and nothing forbids; there is room for
//   it. No refusal overwrites another.
// - Forwarding: a step sees the state as the step before left it.

(* anyconst *) logic [QpW-1:0] f_q;   // any QP

logic f_init_q;      // was reset
logic f_wake_q;      // a wake since the last block was asked for, that did not end one
logic f_woken_q;     // a wake took effect just now
logic f_spared_q;    // a block was asked for just now, with f_wake
qp_t  f_qp, f_any;

initial f_init_q = 1'b0;

assign f_any = states[f_q];

logic f_here;        // the step is about f_q
assign f_here = write && s1_qpn_q == f_q;

always_ff @(posedge clk_i) begin
  f_init_q <= 1'b1;
  if (rst_i) begin
    f_wake_q   <= 1'b0;
    f_woken_q  <= 1'b0;
    f_spared_q <= 1'b0;
  end else begin
    f_woken_q  <= f_here && s1_item_q == ItWake;
    f_spared_q <= f_here && s1_item_q == ItResume && s1_block_q && f_wake_q;
    if (f_here && s1_item_q == ItWake && !f_any.blocked) f_wake_q <= 1'b1;
    else if (f_here && s1_item_q == ItResume && s1_block_q) f_wake_q <= 1'b0;
    else if (f_here && s1_item_q == ItCtl &&
             (s1_op_q == OpCreate || s1_op_q == OpSetFetched)) f_wake_q <= 1'b0;
  end
end

logic [15:0] f_work, f_left;
assign f_left = state.producer - state.fetched;

always_comb begin
  assume (f_init_q || rst_i);

  f_qp   = '0;
  f_work = '0;
  if (f_init_q) begin
    assert (sweep_q <= (QpW + 1)'(Qps));
    assert (f_fifo_ok);
    if (!up) assert (!write && !s1_may_emit && !s2_valid_q && fifo_empty);
    for (int unsigned q = 0; q < Qps; q++) begin
      f_qp = states[q];
      if (up) begin
        assert (f_count[q] + (QpW + 2)'(s1_valid_q && s1_item_q == ItPop && s1_qpn_q == QpW'(q)) ==
                (QpW + 2)'(f_qp.queued));
        f_work = work(f_qp);
        if (f_work != '0) assert (f_qp.queued);
      end else begin
        assert (f_count[q] == '0);
        if ((QpW + 1)'(q) < sweep_q) assert (f_qp == '0);
      end
    end

    // Forwarding
    f_qp = states[s1_qpn_q];
    if (s1_valid_q) assert (s1_item_q <= ItCtl);
    if (write) assert (state == f_qp);
    if (s1_valid_q && s1_item_q == ItPop) assert (s1_known_q);

    // Wakes
    if (f_woken_q) assert (!f_any.blocked);
    if (f_spared_q) assert (!f_any.blocked);
    if (f_wake_q && up) assert (f_any.woken && !f_any.blocked);
    if (up && f_any.blocked) assert (!f_any.woken);
    if (!up) assert (!f_wake_q && !f_woken_q && !f_spared_q);

    // Jobs and refusals
    if (emit && !marker) begin
      assert (state.valid && !state.stopped && !state.blocked);
      assert (count != '0 && count <= 5'd16 && 16'(count) <= f_left);
    end
    if (s1_may_emit) assert (job_space);
    if (s1_valid_q && s1_item_q == ItDb) assert (!bad_valid_q);
  end
end

// The proof is about something
always_comb begin
  cover (f_init_q && emit && !marker && state.pushed);
  cover (f_init_q && emit && f_wake_q && s1_qpn_q == f_q);
  cover (f_init_q && up && f_any.blocked && f_any.valid && f_any.producer != f_any.fetched);
  cover (f_init_q && bad && wrong_index && exists && !wrong_page);
end
