// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Commits what was received: writes the data of each item to where tern_scatter found that it
// goes, and when the bus has answered, does what the item says: invalidate a key, hand on a READ
// or atomic, write a CQE, acknowledge, free the packet. Items are committed in the order in which
// they come, so for each QP and side nothing is seen of an item before all of it and of the items
// before is visible in host memory.
//
//   tern_scatter -> tern_place_xlat -> tern_place_data -> bus
//                        |  tern_mr        | receive buffer
//                        '-> tern_place_commit <-- answers of the bus
//
// Many items are under way: up to 128, from the translation of their pieces to their commit.
// 64 B WRITEs: one per 2 cycles. 4 KiB packets: 65 to 68 cycles.
//
// Errors and the poison table: see tern_place_commit. Nothing of an item's data is written if
// one of its pieces is refused, and nothing of the items of the same {QPN, side} behind one that
// failed; but if it was the bus that refused data, those already on their way are written.
// Ethernet items (TgHost) are not translated; their CQEs have a port of their own, with status
// general if the bus refused data.
//
// A write is one part of a piece: in one 4 KiB piece of a region at least, up to 4096 B.

module tern_place #(
  parameter  int unsigned SlotW   = 7,
  parameter  int unsigned Qps     = tern_pkg::MaxQps,
  localparam int unsigned PoisonW = 1 + 16 + 8
) (
  input  logic                       clk_i,
  input  logic                       rst_i,
  output logic                       idle_o,

  // tern_scatter
  input  logic                       item_valid_i,
  output logic                       item_ready_o,
  input  tern_pkg::pl_item_t         item_i,
  input  logic [4:0]                 item_pieces_i,
  input  logic                       item_err_i,
  input  logic [7:0]                 item_status_i,
  input  logic [7:0]                 item_reason_i,
  input  logic                       piece_valid_i,
  output logic                       piece_ready_o,
  input  logic [31:0]                piece_key_i,
  input  logic [63:0]                piece_addr_i,
  input  logic [13:0]                piece_len_i,

  // tern_mr; answers in any order
  output logic                       mr_req_valid_o,
  input  logic                       mr_req_ready_i,
  output tern_pkg::mr_req_t          mr_req_o,
  input  logic                       mr_rsp_valid_i,
  input  tern_pkg::mr_rsp_t          mr_rsp_i,

  // Receive buffer: a line in the cycle after rd_en_o
  output logic                       rd_en_o,
  output logic [9:0]                 rd_line_o,
  input  logic [tern_pkg::DataW-1:0] rd_data_i,
  output logic                       free_valid_o,
  input  logic                       free_ready_i,
  output logic [6:0]                 free_id_o,

  output logic                       wr_valid_o,
  input  logic                       wr_ready_i,
  output tern_pkg::dma_wr_beat_t     wr_o,
  input  logic                       wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t      wr_rsp_i,

  // tern_mr_ctl; one at a time, answered by a wc_status
  output logic                       inv_valid_o,
  input  logic                       inv_ready_i,
  output tern_pkg::mr_op_t           inv_o,
  input  logic                       inv_rsp_valid_i,
  input  logic [7:0]                 inv_rsp_status_i,

  // tern_job
  output logic                       job_valid_o,
  input  logic                       job_ready_i,
  output logic [tern_pkg::QpnW-1:0]  job_qpn_o,
  output logic [23:0]                job_pd_o,
  output logic                       job_priv_o,
  output tern_pkg::job_t             job_o,
  output logic                       job_busy_o,      // one has its turn: acknowledgements behind
  output logic [tern_pkg::QpnW-1:0]  job_busy_qpn_o,  // it must wait, wherever it is; no ready

  output logic                       cqe_valid_o,
  input  logic                       cqe_ready_i,
  output tern_pkg::cqe_req_t         cqe_o,
  output logic                       eth_cqe_valid_o,
  input  logic                       eth_cqe_ready_i,
  output tern_pkg::cqe_req_t         eth_cqe_o,

  // tern_ack
  output logic                       ack_valid_o,
  input  logic                       ack_ready_i,
  output tern_pkg::ack_t             ack_o,

  // Control. clear: nothing of the QP is under way; the answer comes with ready
  output logic                       qp_err_valid_o,
  input  logic                       qp_err_ready_i,
  output tern_pkg::qp_err_t          qp_err_o,
  output logic                       drained_valid_o,
  input  logic                       drained_ready_i,
  output tern_pkg::pl_side_e         drained_side_o,
  output logic [tern_pkg::QpnW-1:0]  drained_qpn_o,
  input  logic                       clear_valid_i,
  output logic                       clear_ready_o,
  input  logic [tern_pkg::QpnW-1:0]  clear_qpn_i,
  output logic                       clear_rsp_valid_o,
  output logic [2*PoisonW-1:0]       clear_rsp_o,  // {rh, rsp}, each {poisoned, wqe, status}

  // fence_i is a pulse, and none comes again before fence_done_o: all translations and writes
  // that were under way at fence_i are over
  input  logic                       fence_i,
  output logic                       fence_done_o,

  output logic                       stat_error_o  // an item failed
);

  if (SlotW < 3 || SlotW > 7) begin : gen_bad_size
    $error("tern_place: size not possible");
  end

  logic                      xlat_idle, data_idle, commit_idle;
  logic                      slot_room;
  logic [SlotW-1:0]          slot, nodata_slot, part_slot, rsp_slot;
  logic                      mark_read, mark_rh, mark, mark_set_valid, mark_set_ready;
  logic [tern_pkg::QpnW-1:0] mark_qpn;
  logic                      nodata_valid, nodata_fail;
  logic                      part_valid, part_ready, part_swap, part_last;
  logic [63:0]               part_addr;
  logic [12:0]               part_len;
  logic [15:0]               part_from;
  logic [2:0]                part_skip;
  logic                      rsp_valid, rsp_last, rsp_err;

  tern_place_xlat #(.SlotW(SlotW)) u_xlat (
    .clk_i, .rst_i, .idle_o(xlat_idle),
    .item_valid_i, .item_ready_o, .item_i, .item_pieces_i, .item_err_i, .item_reason_i,
    .piece_valid_i, .piece_ready_o, .piece_key_i, .piece_addr_i, .piece_len_i,
    .slot_room_i(slot_room), .slot_i(slot),
    .mr_req_valid_o, .mr_req_ready_i, .mr_req_o, .mr_rsp_valid_i, .mr_rsp_i,
    .mark_read_o(mark_read), .mark_rh_o(mark_rh), .mark_qpn_o(mark_qpn), .mark_i(mark),
    .mark_set_valid_o(mark_set_valid), .mark_set_ready_i(mark_set_ready),
    .nodata_valid_o(nodata_valid), .nodata_slot_o(nodata_slot), .nodata_fail_o(nodata_fail),
    .part_valid_o(part_valid), .part_ready_i(part_ready), .part_addr_o(part_addr),
    .part_len_o(part_len), .part_from_o(part_from), .part_swap_o(part_swap),
    .part_skip_o(part_skip), .part_slot_o(part_slot), .part_last_o(part_last)
  );

  tern_place_data #(.SlotW(SlotW)) u_data (
    .clk_i, .rst_i, .idle_o(data_idle),
    .part_valid_i(part_valid), .part_ready_o(part_ready), .part_addr_i(part_addr),
    .part_len_i(part_len), .part_from_i(part_from), .part_swap_i(part_swap),
    .part_skip_i(part_skip), .part_slot_i(part_slot), .part_last_i(part_last),
    .buf_en_o(rd_en_o), .buf_line_o(rd_line_o), .buf_data_i(rd_data_i),
    .wr_valid_o, .wr_ready_i, .wr_o, .wr_rsp_valid_i, .wr_rsp_i,
    .rsp_valid_o(rsp_valid), .rsp_slot_o(rsp_slot), .rsp_last_o(rsp_last), .rsp_err_o(rsp_err)
  );

  tern_place_commit #(.SlotW(SlotW), .Qps(Qps)) u_commit (
    .clk_i, .rst_i, .idle_o(commit_idle),
    .take_i(item_valid_i && item_ready_o), .item_i, .item_err_i, .item_status_i, .item_reason_i,
    .slot_room_o(slot_room), .slot_o(slot),
    .nodata_valid_i(nodata_valid), .nodata_slot_i(nodata_slot), .nodata_fail_i(nodata_fail),
    .rsp_valid_i(rsp_valid), .rsp_slot_i(rsp_slot), .rsp_last_i(rsp_last), .rsp_err_i(rsp_err),
    .mark_read_i(mark_read), .mark_rh_i(mark_rh), .mark_qpn_i(mark_qpn), .mark_o(mark),
    .mark_set_valid_i(mark_set_valid), .mark_set_ready_o(mark_set_ready),
    .inv_valid_o, .inv_ready_i, .inv_o, .inv_rsp_valid_i, .inv_rsp_status_i,
    .job_valid_o, .job_ready_i, .job_qpn_o, .job_pd_o, .job_priv_o, .job_o,
    .job_busy_o, .job_busy_qpn_o,
    .cqe_valid_o, .cqe_ready_i, .cqe_o, .eth_cqe_valid_o, .eth_cqe_ready_i, .eth_cqe_o,
    .ack_valid_o, .ack_ready_i, .ack_o, .free_valid_o, .free_ready_i, .free_id_o,
    .qp_err_valid_o, .qp_err_ready_i, .qp_err_o,
    .drained_valid_o, .drained_ready_i, .drained_side_o, .drained_qpn_o,
    .clear_valid_i, .clear_ready_o, .clear_qpn_i, .clear_rsp_valid_o, .clear_rsp_o,
    .fence_i, .fence_done_o, .stat_error_o
  );

  assign idle_o = xlat_idle && data_idle && commit_idle;

endmodule
