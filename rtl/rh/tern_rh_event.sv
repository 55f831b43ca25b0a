// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Kicks, errors of entries, and what has left without being acknowledged, on their way into tern_rh: one letter per QPN, see tern_rh_box. So
// their senders never wait for more than each other, however long tern_rh stands still. Of several
// errors of a QPN the one of the oldest entry stays; its reason fits 6 bits. Of PSNs that have left the
// newest stays. A kick of tern_seg is
// told from others (of the control, and of tern_rh itself) by `kick`.

module tern_rh_event #(
  parameter int unsigned  Qps    = tern_pkg::MaxQps,  // power of two
  localparam int unsigned QpW    = $clog2(Qps),
  localparam int unsigned EventW = 1 + 1 + 1 + 16 + 8 + 6 + 1 + 24
) (
  input  logic              clk_i,
  input  logic              rst_i,
  output logic              idle_o,
  output logic              up_o,              // swept after reset

  input  logic [1:0]        req_err_valid_i,   // 0 tern_seg, 1 tern_gather
  output logic [1:0]        req_err_ready_o,
  input  logic [1:0][45:0]  req_err_i,         // req_err_t

  input  logic              kick_valid_i,
  output logic              kick_ready_o,
  input  logic [QpW-1:0]    kick_qpn_i,
  input  logic              ctl_kick_valid_i,
  output logic              ctl_kick_ready_o,
  input  logic [QpW-1:0]    ctl_kick_qpn_i,
  input  logic              self_valid_i,
  output logic              self_ready_o,
  input  logic [QpW-1:0]    self_qpn_i,
  input  logic              left_valid_i,      // tern_emit
  output logic              left_ready_o,
  input  logic [QpW-1:0]    left_qpn_i,
  input  logic [23:0]       left_psn_i,

  output logic              out_valid_o,
  input  logic              out_ready_i,
  output logic [QpW-1:0]    out_qpn_o,
  output logic [EventW-1:0] out_data_o         // event_t
);

  typedef struct packed {
    logic        kick;    // from tern_seg
    logic        err;
    logic        data;    // from tern_gather
    logic [15:0] wqe;
    logic [7:0]  status;
    logic [5:0]  reason;
    logic        left;    // all up to psn has left, and nobody acknowledges it
    logic [23:0] psn;
  } event_t;

  logic [5:0]          post_req, post_grant;
  logic                post_valid, post_ready;
  logic [2:0]          post_idx;
  logic [QpW-1:0]      post_qpn;
  event_t              post_event;
  logic [EventW-1:0]   merge_old, merge_new;
  event_t              merge_a, merge_b, merged;
  logic                merge_older;
  tern_pkg::req_err_t  req_err;
  logic                box_idle;

  if ($bits(req_err) != 46) begin : gen_bad_size
    $error("tern_rh_event: req_err_t has changed");
  end

  assign post_req = {left_valid_i, self_valid_i, ctl_kick_valid_i, kick_valid_i, req_err_valid_i};

  tern_rr_arb #(.N(6)) u_post (
    .clk_i, .rst_i,
    .req_i(post_req), .take_i(post_valid && post_ready),
    .valid_o(post_valid), .onehot_o(post_grant), .idx_o(post_idx)
  );

  assign {left_ready_o, self_ready_o, ctl_kick_ready_o, kick_ready_o, req_err_ready_o} =
      post_grant & {6{post_ready}};

  always_comb begin
    req_err           = post_idx == 3'd0 ? req_err_i[0] : req_err_i[1];
    post_event        = '0;
    post_event.wqe    = req_err.wqe;
    post_event.status = req_err.status;
    post_event.reason = req_err.reason[5:0];
    post_event.psn    = left_psn_i;
    unique case (post_idx)
      3'd0, 3'd1: begin
        post_qpn        = req_err.qpn[QpW-1:0];
        post_event.err  = 1'b1;
        post_event.data = post_idx == 3'd1;
      end
      3'd2: begin
        post_qpn        = kick_qpn_i;
        post_event.kick = 1'b1;
      end
      3'd3:    post_qpn = ctl_kick_qpn_i;
      3'd4:    post_qpn = self_qpn_i;
      default: begin
        post_qpn        = left_qpn_i;
        post_event.left = 1'b1;
      end
    endcase
  end

  assign merge_a     = merge_old;
  assign merge_b     = merge_new;
  assign merge_older = 16'(merge_b.wqe - merge_a.wqe) >= 16'h8000;

  always_comb begin
    merged = merge_a;
    if (merge_b.err && (!merge_a.err || merge_older)) merged = merge_b;
    merged.kick = merge_a.kick || merge_b.kick;
    merged.left = merge_a.left || merge_b.left;
    merged.psn  = merge_b.left ? merge_b.psn : merge_a.psn;
  end

  tern_rh_box #(.Qps(Qps), .DataW(EventW)) u_box (
    .clk_i, .rst_i, .idle_o(box_idle), .up_o,
    .post_valid_i(post_valid), .post_ready_o(post_ready), .post_qpn_i(post_qpn),
    .post_data_i(post_event),
    .merge_old_o(merge_old), .merge_new_o(merge_new), .merge_i(merged),
    .out_valid_o, .out_ready_i, .out_qpn_o, .out_data_o
  );

  assign idle_o = box_idle && post_req == '0;

endmodule
