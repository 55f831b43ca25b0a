// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Keeps what stages tell about QPs until the control has time for it: why a QP must go to error
// (the first of each QP; what comes later tells nothing new), and that it is drained.
//
// The control waits for markers, and a stage that waits for the control would never let one
// pass. So reports are always taken: there is a letter for each QPN, and a FIFO of QPNs, each in it
// once. Whoever has a report waits for the other sources at most, 2 cycles each.
//
//   sources > arbiter > letter of the QPN, FIFO > event_* (registered, for the control)
//
// claim: the control takes or throws away what is known of a QPN, also if it stands at event_*
// already. Answered by claim_done_o in the third cycle after it was taken, or the fourth, with
// the report of an error, if there was one and claim_err_i is set.
//
// back: an event for which it is too early is handed in again and comes once more, behind those of
// other QPs and with event_again_o. It is still the first report of its QP, whatever has come
// meanwhile. Of what has, one thing matters: a line of the QP cannot be read (event_lost_o), so
// what the control waits for may never happen.
//
// After reset the letters are swept; nothing is taken meanwhile.

module tern_qp_errs #(
  parameter  int unsigned Sources = 5,
  parameter  int unsigned Qps     = tern_pkg::MaxQps,  // power of two
  localparam int unsigned QpW     = $clog2(Qps),
  localparam int unsigned ErrW    = tern_pkg::QpnW + 1 + 1 + 16 + 8 + 8 + 16,
  localparam int unsigned InfoW   = ErrW - tern_pkg::QpnW
) (
  input  logic                         clk_i,
  input  logic                         rst_i,
  output logic                         idle_o,

  input  logic [Sources-1:0]           err_valid_i,
  output logic [Sources-1:0]           err_ready_o,
  input  logic [Sources-1:0][ErrW-1:0] err_i,          // qp_err_t
  input  logic                         drained_valid_i,
  output logic                         drained_ready_o,
  input  logic [tern_pkg::QpnW-1:0]    drained_qpn_i,

  output logic                         event_valid_o,
  input  logic                         event_ready_i,  // not in the same cycle as a claim
  output logic                         event_is_err_o, // else it is drained
  output logic                         event_again_o,
  output logic                         event_lost_o,
  output tern_pkg::qp_err_t            event_o,
  input  logic                         back_valid_i,
  output logic                         back_ready_o,
  input  tern_pkg::qp_err_t            back_i,

  input  logic                         claim_valid_i,
  output logic                         claim_ready_o,
  input  logic                         claim_err_i,    // errors, too; else only `drained`
  input  logic [QpW-1:0]               claim_qpn_i,
  output logic                         claim_done_o,
  output logic                         claim_found_o,  // with done: there was an error
  output tern_pkg::qp_err_t            claim_o
);

  localparam int unsigned ArbN = Sources + 2;
  localparam int unsigned IdxW = $clog2(ArbN);

  typedef enum logic [1:0] { OpPost, OpTake, OpClaim } op_e;

  logic [InfoW-1:0] infos [Qps];
  logic [4:0]       flags [Qps];   // {in the FIFO, error, drained, again, lost}

  // ------------------------------------------------------------------------ after reset

  logic [QpW:0] sweep_q;
  logic         up;

  assign up = sweep_q[QpW];

  always_ff @(posedge clk_i) begin
    if (rst_i) sweep_q <= '0;
    else if (!up) sweep_q <= sweep_q + 1'b1;
  end

  // -------------------------------------------------------- first cycle: choose and read

  logic              busy_q;         // the second cycle of something
  op_e               op_q, op;
  logic              go, post_some, take, claim;
  logic [ArbN-1:0]   req, grant;
  logic [IdxW-1:0]   idx;
  tern_pkg::qp_err_t post;
  logic              post_drained, post_back;
  logic              head_valid, fifo_empty, more_unused;
  logic [QpW-1:0]    head, at, at_q;
  logic              out_valid_q, out_err_q, out_again_q, out_lost_q;
  tern_pkg::qp_err_t out_q;

  assign req = {back_valid_i, drained_valid_i, err_valid_i};

  tern_rr_arb #(.N(ArbN)) u_arb (
    .clk_i, .rst_i, .req_i(req), .take_i(go && op == OpPost),
    .valid_o(post_some), .onehot_o(grant), .idx_o(idx)
  );

  // Claims first: there are few of them, for the control has more to do. An event is taken out
  // when there is no post, or after a post (last_q), so neither holds up the other for ever
  logic last_q;

  assign claim = claim_valid_i;
  assign take  = head_valid && !out_valid_q && (!post_some || last_q);
  assign go    = up && !busy_q && (claim || take || post_some);

  always_comb begin
    op = OpPost;
    if (claim)     op = OpClaim;
    else if (take) op = OpTake;
    post         = '0;
    post_drained = 1'b0;
    post_back    = idx == IdxW'(Sources + 1);
    for (int unsigned i = 0; i < Sources; i++) begin
      if (idx == IdxW'(i)) post = err_i[i];
    end
    if (idx == IdxW'(Sources)) begin
      post         = '0;
      post.qpn     = drained_qpn_i;
      post_drained = 1'b1;
    end
    if (post_back) post = back_i;
    unique case (op)
      OpClaim: at = claim_qpn_i;
      OpTake:  at = head;
      default: at = post.qpn[QpW-1:0];
    endcase
  end

  assign err_ready_o     = (go && op == OpPost) ? grant[Sources-1:0] : '0;
  assign drained_ready_o = go && op == OpPost && grant[Sources];
  assign back_ready_o    = go && op == OpPost && grant[Sources + 1];
  assign claim_ready_o   = go && op == OpClaim;

  // ------------------------------------------------------------- second cycle: write

  logic              post_drained_q, post_back_q, claim_err_q, known_q;
  logic [InfoW-1:0]  post_q, info_q;
  logic [4:0]        flags_q, flags_d;
  logic              queued, has_err, has_drained, again, lost, write, push, out_mine;
  logic              post_err, post_lost, join_out;
  tern_pkg::qp_err_t posted;

  assign {queued, has_err, has_drained, again, lost} = flags_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      busy_q <= 1'b0;
      last_q <= 1'b0;
    end else begin
      busy_q <= go;
      if (go && op != OpClaim) last_q <= op == OpPost;
    end
    if (go) begin
      op_q           <= op;
      at_q           <= at;
      post_q         <= post[InfoW-1:0];
      post_drained_q <= post_drained;
      post_back_q    <= post_back;
      known_q        <= (post.qpn >> QpW) == '0;
      claim_err_q    <= claim_err_i;
      info_q         <= infos[at];
      flags_q        <= flags[at];
    end
  end

  // A claim also concerns the event that waits at the output, which is older than the letter
  assign out_mine = out_valid_q && out_q.qpn == tern_pkg::QpnW'(at_q);
  // What comes back while a later report waits at the output takes its place
  assign join_out  = busy_q && op_q == OpPost && post_back_q && out_mine && out_err_q;
  assign push      = busy_q && op_q == OpPost && known_q && !queued && !join_out;
  assign write     = busy_q && (op_q != OpPost || (known_q && !join_out));
  assign posted    = {tern_pkg::QpnW'(at_q), post_q};
  assign post_err  = !post_drained_q && !post_back_q;
  assign post_lost = post_err && posted.reason == tern_hw_pkg::TERN_HW_QP_REASON_CONTEXT;

  always_comb begin
    flags_d = flags_q;
    unique case (op_q)
      OpPost:  flags_d = {1'b1, has_err || !post_drained_q, has_drained || post_drained_q,
                          again || post_back_q, lost || post_lost};
      OpTake:  flags_d = '0;
      default: flags_d = {queued, has_err && !claim_err_q, 1'b0, again && !claim_err_q,
                          lost && !claim_err_q};
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!up) flags[sweep_q[QpW-1:0]] <= '0;
    else if (write) flags[at_q] <= flags_d;
    if (write && op_q == OpPost && !post_drained_q && (!has_err || post_back_q)) begin
      infos[at_q] <= post_q;
    end
  end

  tern_qpn_fifo #(.Qps(Qps)) u_fifo (
    .clk_i, .rst_i,
    .push_i(push), .push_qpn_i(at_q),
    .head_valid_o(head_valid), .head_qpn_o(head), .pop_i(go && op == OpTake),
    .empty_o(fifo_empty), .more_o(more_unused)
  );

  // ------------------------------------------------------------------------------ results

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_q  <= 1'b0;
      claim_done_o <= 1'b0;
    end else begin
      claim_done_o <= busy_q && op_q == OpClaim;
      if (busy_q && op_q == OpTake) begin
        out_valid_q <= has_err || has_drained;
      end else if (busy_q && op_q == OpClaim && out_mine) begin
        out_valid_q <= out_err_q && !claim_err_q;
      end else if (event_valid_o && event_ready_i) begin
        // Both in one letter: the error is told alone. The QP has left SQD by it
        out_valid_q <= 1'b0;
      end
    end
    if (busy_q && op_q == OpTake) begin
      out_err_q   <= has_err;
      out_again_q <= again;
      out_lost_q  <= lost;
      out_q       <= {tern_pkg::QpnW'(at_q), info_q};
    end else if (join_out) begin
      out_again_q <= 1'b1;
      out_q       <= posted;
    end
    if (busy_q && op_q == OpClaim) begin
      claim_found_o <= claim_err_q && (has_err || (out_mine && out_err_q));
      claim_o       <= (out_mine && out_err_q) ? out_q : {tern_pkg::QpnW'(at_q), info_q};
    end
  end

  assign event_valid_o  = out_valid_q && !(busy_q && op_q == OpPost && post_back_q);
  assign event_is_err_o = out_err_q;
  assign event_again_o  = out_again_q;
  assign event_lost_o   = out_lost_q;
  assign event_o        = out_q;
  assign idle_o         = up && !busy_q && !post_some && fifo_empty && !out_valid_q &&
                          !claim_valid_i;

endmodule
