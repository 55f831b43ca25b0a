// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Which slots of tern_gather hold request packets that need not be sent, because their QP has gone
// back (back_*) and will send again what of it is not acknowledged. In a full ring of 64 KiB these
// are a thousand cycles of the wire, for nothing: the peer drops all of them.
//
// A hint, no promise: what is on the way to the slots is sent, and a QP that goes back while the slots
// are walked for another makes this block forget the other. But what comes behind the turn must not
// be lost: only slots that are taken at back_* are walked, from the oldest, one a cycle. That is
// faster than they leave, so none is used anew before it has been looked at.

module tern_gather_stale #(
  parameter  int unsigned Slots = 64,
  localparam int unsigned SlotW = $clog2(Slots)
) (
  input  logic                      clk_i,
  input  logic                      rst_i,

  input  logic                      back_valid_i,
  input  logic [tern_pkg::QpnW-1:0] back_qpn_i,

  input  logic                      take_i,       // the newest slot, before end_i
  input  logic                      take_req_i,   // holds a request packet
  input  logic [tern_pkg::QpnW-1:0] take_qpn_i,
  input  logic [SlotW:0]            head_i,       // the oldest slot
  input  logic [SlotW:0]            end_i,        // behind the newest one, that of take_i included

  output logic [Slots-1:0]          stale_o
);

  logic [Slots-1:0]          stale_q;
  logic [tern_pkg::QpnW:0]   kept [Slots];        // {request, QPN}
  logic [tern_pkg::QpnW-1:0] qpn_q;
  logic [SlotW:0]            at_q, stop_q;
  logic                      walk, found;
  logic [SlotW-1:0]          take_slot;

  assign take_slot = SlotW'(end_i - 1'b1);
  assign walk      = at_q != stop_q;
  assign found     = walk && kept[at_q[SlotW-1:0]] == {1'b1, qpn_q};

  always_ff @(posedge clk_i) begin
    if (take_i) kept[take_slot] <= {take_req_i, take_qpn_i};
    if (found) stale_q[at_q[SlotW-1:0]] <= 1'b1;
    if (take_i) stale_q[take_slot] <= 1'b0;
    if (back_valid_i) qpn_q <= back_qpn_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      at_q   <= '0;
      stop_q <= '0;
    end else if (back_valid_i) begin
      at_q   <= head_i;
      stop_q <= end_i;
    end else if (walk) begin
      at_q <= at_q + 1'b1;
    end
  end

  assign stale_o = stale_q;

endmodule
