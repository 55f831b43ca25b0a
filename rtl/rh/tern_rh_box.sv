// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// One letter per QPN, for a reader who may be slow while the writer must never wait for him: a
// post to a QPN whose letter has not been read yet is merged into it. The user makes the merged
// letter, combinationally: merge_i from merge_old_o (as it was) and merge_new_o (what was posted).
//
// - post_ready_o is low at most 3 cycles in a row, and while the memory is swept after a reset.
// - Letters come out in the order in which their QPNs were posted to first. A letter at the output
//   does not change any more; a further post to its QPN becomes a letter of its own behind it.
// - A letter shows at the output in the fifth cycle after the post. A post per 2 cycles,
//   a letter per 3.

module tern_rh_box #(
  parameter int unsigned  Qps   = tern_pkg::MaxQps,  // power of two
  parameter int unsigned  DataW = 32,
  localparam int unsigned QpW   = $clog2(Qps)
) (
  input  logic             clk_i,
  input  logic             rst_i,
  output logic             idle_o,
  output logic             up_o,         // the memory is swept

  input  logic             post_valid_i,
  output logic             post_ready_o,
  input  logic [QpW-1:0]   post_qpn_i,
  input  logic [DataW-1:0] post_data_i,

  output logic [DataW-1:0] merge_old_o,
  output logic [DataW-1:0] merge_new_o,
  input  logic [DataW-1:0] merge_i,

  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [QpW-1:0]   out_qpn_o,
  output logic [DataW-1:0] out_data_o
);

  logic [DataW-1:0] letters [Qps];
  logic [0:0]       waits   [Qps];   // the letter of this QPN is not read

  // Two cycles for a post, or for taking a letter out: read, write
  logic             sweep_q;
  logic [QpW-1:0]   sweep_at_q;
  logic             post_q, take_q;  // the second cycle
  logic             post, take;
  logic [QpW-1:0]   at, at_q;
  logic [DataW-1:0] old_q, new_q;
  logic [0:0]       waits_q;
  logic             last_post_q;     // posts and takes in turn, if there are both
  logic             want_take, head_valid, empty, more_unused;
  logic [QpW-1:0]   head;

  assign want_take = head_valid && !out_valid_o;
  assign take      = !sweep_q && !post_q && !take_q && want_take && (last_post_q || !post_valid_i);
  assign post      = post_valid_i && post_ready_o;
  assign at        = take ? head : post_qpn_i;

  assign post_ready_o = !sweep_q && !post_q && !take_q && (!want_take || !last_post_q);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      post_q      <= 1'b0;
      take_q      <= 1'b0;
      last_post_q <= 1'b0;
    end else begin
      post_q <= post;
      take_q <= take;
      if (post || take) last_post_q <= post;
    end
    if (post || take) begin
      at_q    <= at;
      old_q   <= letters[at];
      waits_q <= waits[at];
    end
    if (post) new_q <= post_data_i;
  end

  assign merge_old_o = old_q;
  assign merge_new_o = new_q;

  always_ff @(posedge clk_i) begin
    if (post_q) letters[at_q] <= waits_q[0] ? merge_i : new_q;
    if (sweep_q) waits[sweep_at_q] <= 1'b0;
    else if (post_q || take_q) waits[at_q] <= post_q;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      sweep_q    <= 1'b1;
      sweep_at_q <= '0;
    end else if (sweep_q) begin
      sweep_q    <= sweep_at_q != '1;
      sweep_at_q <= sweep_at_q + 1'b1;
    end
  end

  tern_qpn_fifo #(.Qps(Qps)) u_fifo (
    .clk_i, .rst_i,
    .push_i(post_q && !waits_q[0]), .push_qpn_i(at_q),
    .head_valid_o(head_valid), .head_qpn_o(head), .pop_i(take),
    .empty_o(empty), .more_o(more_unused)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) out_valid_o <= 1'b0;
    else if (take_q) out_valid_o <= 1'b1;
    else if (out_ready_i) out_valid_o <= 1'b0;
    if (take_q) begin
      out_qpn_o  <= at_q;
      out_data_o <= old_q;
    end
  end

  assign up_o   = !sweep_q;
  assign idle_o = !sweep_q && !post_valid_i && !post_q && !take_q && empty && !out_valid_o;

endmodule
