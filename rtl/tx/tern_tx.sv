// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The transmit side: packets of four sources become frames. Only wires.
//
//   tern_seg, tern_rr, tern_ack, netdev > tern_tx_mux > tern_gather > tern_emit > wire
//                                                         v ^
//                                                       tern_mr

module tern_tx (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  // Packets and their pieces: tern_seg
  input  logic                      seg_pkt_valid_i,
  output logic                      seg_pkt_ready_o,
  input  tern_pkg::tx_pkt_t         seg_pkt_i,
  input  logic                      seg_piece_valid_i,
  output logic                      seg_piece_ready_o,
  input  tern_pkg::tx_piece_t       seg_piece_i,
  output logic                      seg_ahead_o,      // see tern_gather
  input  logic                      seg_path_valid_i,  // addresses of UD packets
  output logic                      seg_path_ready_o,
  input  tern_pkg::ud_path_t        seg_path_i,
  input  logic                      seg_back_valid_i,
  input  logic [tern_pkg::QpnW-1:0] seg_back_qpn_i,

  // tern_rr
  input  logic                      rr_pkt_valid_i,
  output logic                      rr_pkt_ready_o,
  input  tern_pkg::tx_pkt_t         rr_pkt_i,
  input  logic                      rr_piece_valid_i,
  output logic                      rr_piece_ready_o,
  input  tern_pkg::tx_piece_t       rr_piece_i,

  // tern_ack, without pieces
  input  logic                      ack_pkt_valid_i,
  output logic                      ack_pkt_ready_o,
  input  tern_pkg::tx_pkt_t         ack_pkt_i,

  // Frames of the netdev
  input  logic                      eth_pkt_valid_i,
  output logic                      eth_pkt_ready_o,
  input  tern_pkg::tx_pkt_t         eth_pkt_i,
  input  logic                      eth_piece_valid_i,
  output logic                      eth_piece_ready_o,
  input  tern_pkg::tx_piece_t       eth_piece_i,

  // Wire, or the adapter itself
  output logic                      m_axis_tvalid_o,
  input  logic                      m_axis_tready_i,
  output logic [511:0]              m_axis_tdata_o,
  output logic [63:0]               m_axis_tkeep_o,
  output logic                      m_axis_tlast_o,
  output logic                      m_axis_town_o,

  // What became of them; no ready but for errors
  output logic                      drained_valid_o,
  output tern_pkg::tx_src_e         drained_src_o,
  output logic [tern_pkg::QpnW-1:0] drained_qpn_o,
  output logic                      sent_valid_o,
  output logic [tern_pkg::QpnW-1:0] sent_qpn_o,
  output logic                      eth_sent_valid_o,
  output logic [15:0]               eth_sent_wqe_o,
  output logic                      eth_sent_err_o,
  output logic                      left_valid_o,    // to tern_rh, with ready
  input  logic                      left_ready_i,
  output logic [tern_pkg::QpnW-1:0] left_qpn_o,
  output logic [23:0]               left_psn_o,
  input  logic                      prog_valid_i,    // tern_rh: how far a QP is complete
  input  logic [tern_pkg::QpnW-1:0] prog_qpn_i,
  input  logic [15:0]               prog_done_i,
  output logic                      req_err_valid_o,
  input  logic                      req_err_ready_i,
  output tern_pkg::req_err_t        req_err_o,
  output logic                      rr_err_valid_o,
  input  logic                      rr_err_ready_i,
  output logic [tern_pkg::QpnW-1:0] rr_err_qpn_o,
  output logic [23:0]               rr_err_psn_o,
  output tern_pkg::mr_err_e         rr_err_o,
  output logic                      rr_err_dma_o,

  // Own addresses: the adapter's, and the GID table, whose entry comes in the next cycle
  input  logic [47:0]               mac_addr_i,
  output logic                      mcast_ask_o,     // as tern_emit
  output logic [127:0]              mcast_gid_o,
  input  logic                      mcast_hit_i,
  output logic [6:0]                gid_index_o,
  input  logic [511:0]              gid_entry_i,

  // Control: items for line net, errors that are to be forgotten, regions that change
  input  logic                      net_item_valid_i,
  output logic                      net_item_ready_o,
  input  tern_pkg::qp_item_t        net_item_i,
  output logic                      net_item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t    net_item_rsp_o,
  input  logic                      clear_valid_i,
  output logic                      clear_ready_o,
  input  logic [tern_pkg::QpnW-1:0] clear_qpn_i,
  input  logic                      inv_valid_i,
  output logic                      inv_ready_o,
  input  logic [23:0]               inv_index_i,
  output logic                      inv_done_o,
  input  logic                      fence_i,
  output logic                      fence_done_o,

  // Host memory cache: two clients, one answer bus
  input  logic                      hmc_net_rsp_valid_i,
  input  logic                      hmc_mr_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t        hmc_rsp_i,
  output logic                      hmc_net_valid_o,
  input  logic                      hmc_net_ready_i,
  output tern_pkg::hmc_req_t        hmc_net_o,
  output logic                      hmc_mr_valid_o,
  input  logic                      hmc_mr_ready_i,
  output tern_pkg::hmc_req_t        hmc_mr_o,

  // DMA read client
  input  logic                      rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t     rd_rsp_i,
  output logic                      rd_valid_o,
  input  logic                      rd_ready_i,
  output tern_pkg::dma_rd_req_t     rd_o,

  // Statistics
  output logic                      stat_net_hit_o,
  output logic                      stat_net_miss_o,
  output logic                      stat_mr_hit_o,
  output logic                      stat_mr_miss_o,
  output logic                      stat_frame_o,
  output logic [13:0]               stat_bytes_o,
  output logic                      stat_request_o,
  output logic                      stat_response_o,
  output logic                      stat_ack_o,
  output logic                      stat_nak_o,
  output logic                      stat_drop_o
);

  // ----------------------------------------------------------------------- one stream of packets

  logic mux_idle, unused_ready, pkt_valid, pkt_ready, piece_valid, piece_ready;
  logic [3:0][tern_pkg::TxPktW-1:0] pkts;
  logic [3:0][tern_pkg::TxPieceW-1:0] pieces;
  tern_pkg::tx_pkt_t pkt;
  tern_pkg::tx_piece_t piece;

  assign pkts   = {eth_pkt_i, ack_pkt_i, rr_pkt_i, seg_pkt_i};
  assign pieces = {eth_piece_i, {tern_pkg::TxPieceW{1'b0}}, rr_piece_i, seg_piece_i};

  tern_tx_mux u_mux (
    .clk_i,
    .rst_i,
    .idle_o        (mux_idle),
    .pkt_valid_i   ({eth_pkt_valid_i, ack_pkt_valid_i, rr_pkt_valid_i, seg_pkt_valid_i}),
    .pkt_ready_o   ({eth_pkt_ready_o, ack_pkt_ready_o, rr_pkt_ready_o, seg_pkt_ready_o}),
    .pkt_i         (pkts),
    .piece_valid_i ({eth_piece_valid_i, 1'b0, rr_piece_valid_i, seg_piece_valid_i}),
    .piece_ready_o ({eth_piece_ready_o, unused_ready, rr_piece_ready_o, seg_piece_ready_o}),
    .piece_i       (pieces),
    .pkt_valid_o   (pkt_valid),
    .pkt_ready_i   (pkt_ready),
    .pkt_o         (pkt),
    .piece_valid_o (piece_valid),
    .piece_ready_i (piece_ready),
    .piece_o       (piece)
  );

  // ------------------------------------------------------------------------------------- payload

  logic gather_idle, mr_valid, mr_ready, mr_rsp_valid, slot_valid, slot_ready, slot_killed;
  logic ring_read, done_valid, prefetch_valid;
  tern_pkg::mr_req_t mr_req;
  tern_pkg::mr_rsp_t mr_rsp;
  tern_pkg::tx_pkt_t slot;
  logic [9:0] slot_line, ring_line;
  logic [511:0] ring_data;
  logic [7:0] done_lines;
  logic [tern_pkg::QpnW-1:0] prefetch_qpn;

  tern_gather u_gather (
    .clk_i,
    .rst_i,
    .idle_o           (gather_idle),
    .pkt_valid_i      (pkt_valid),
    .pkt_ready_o      (pkt_ready),
    .pkt_i            (pkt),
    .piece_valid_i    (piece_valid),
    .piece_ready_o    (piece_ready),
    .piece_i          (piece),
    .ahead_o          (seg_ahead_o),
    .back_valid_i     (seg_back_valid_i),
    .back_qpn_i       (seg_back_qpn_i),
    .prefetch_valid_o (prefetch_valid),
    .prefetch_qpn_o   (prefetch_qpn),
    .mr_valid_o       (mr_valid),
    .mr_ready_i       (mr_ready),
    .mr_o             (mr_req),
    .mr_rsp_valid_i   (mr_rsp_valid),
    .mr_rsp_i         (mr_rsp),
    .dma_valid_o      (rd_valid_o),
    .dma_ready_i      (rd_ready_i),
    .dma_o            (rd_o),
    .dma_rsp_valid_i  (rd_rsp_valid_i),
    .dma_rsp_i        (rd_rsp_i),
    .slot_valid_o     (slot_valid),
    .slot_ready_i     (slot_ready),
    .slot_o           (slot),
    .slot_killed_o    (slot_killed),
    .slot_line_o      (slot_line),
    .ring_read_i      (ring_read),
    .ring_line_i      (ring_line),
    .ring_data_o      (ring_data),
    .done_valid_i     (done_valid),
    .done_lines_i     (done_lines),
    .prog_valid_i,
    .prog_qpn_i,
    .prog_done_i,
    .req_err_valid_o,
    .req_err_ready_i,
    .req_err_o,
    .rr_err_valid_o,
    .rr_err_ready_i,
    .rr_err_qpn_o,
    .rr_err_psn_o,
    .rr_err_o,
    .rr_err_dma_o,
    .clear_valid_i,
    .clear_ready_o,
    .clear_qpn_i,
    .fence_i,
    .fence_done_o
  );

  // --------------------------------------------------------------------------------- translation

  logic mr_idle;

  tern_mr #(
    .NumClients (1),
    .Slots      (16)
  ) u_mr (
    .clk_i,
    .rst_i,
    .idle_o          (mr_idle),
    .req_valid_i     (mr_valid),
    .req_ready_o     (mr_ready),
    .req_i           (mr_req),
    .rsp_valid_o     (mr_rsp_valid),
    .rsp_o           (mr_rsp),
    .inv_valid_i,
    .inv_ready_o,
    .inv_index_i,
    .inv_done_o,
    .hmc_valid_o     (hmc_mr_valid_o),
    .hmc_ready_i     (hmc_mr_ready_i),
    .hmc_o           (hmc_mr_o),
    .hmc_rsp_valid_i (hmc_mr_rsp_valid_i),
    .hmc_rsp_i,
    .stat_hit_o      (stat_mr_hit_o),
    .stat_miss_o     (stat_mr_miss_o)
  );

  // -------------------------------------------------------------------------------------- frames

  logic emit_idle, path_valid, path_ready;
  tern_pkg::ud_path_t path;

  // As many as there are slots: tern_seg waits if there are more UD packets
  tern_fifo #(
    .Width ($bits(path)),
    .Depth (64)
  ) u_paths (
    .clk_i,
    .rst_i,
    .in_valid_i  (seg_path_valid_i),
    .in_ready_o  (seg_path_ready_o),
    .in_data_i   (seg_path_i),
    .out_valid_o (path_valid),
    .out_ready_i (path_ready),
    .out_data_o  (path)
  );

  tern_emit u_emit (
    .clk_i,
    .rst_i,
    .idle_o           (emit_idle),
    .slot_valid_i     (slot_valid),
    .slot_ready_o     (slot_ready),
    .slot_i           (slot),
    .slot_killed_i    (slot_killed),
    .slot_line_i      (slot_line),
    .ring_read_o      (ring_read),
    .ring_line_o      (ring_line),
    .ring_data_i      (ring_data),
    .done_valid_o     (done_valid),
    .done_lines_o     (done_lines),
    .prefetch_valid_i (prefetch_valid),
    .prefetch_qpn_i   (prefetch_qpn),
    .path_valid_i     (path_valid),
    .path_ready_o     (path_ready),
    .path_i           (path),
    .item_valid_i     (net_item_valid_i),
    .item_ready_o     (net_item_ready_o),
    .item_i           (net_item_i),
    .item_rsp_valid_o (net_item_rsp_valid_o),
    .item_rsp_o       (net_item_rsp_o),
    .hmc_valid_o      (hmc_net_valid_o),
    .hmc_ready_i      (hmc_net_ready_i),
    .hmc_o            (hmc_net_o),
    .hmc_rsp_valid_i  (hmc_net_rsp_valid_i),
    .hmc_rsp_i,
    .gid_index_o,
    .gid_entry_i,
    .mac_addr_i,
    .mcast_ask_o,
    .mcast_gid_o,
    .mcast_hit_i,
    .drained_valid_o,
    .drained_src_o,
    .drained_qpn_o,
    .sent_valid_o,
    .sent_qpn_o,
    .eth_sent_valid_o,
    .eth_sent_wqe_o,
    .eth_sent_err_o,
    .left_valid_o,
    .left_ready_i,
    .left_qpn_o,
    .left_psn_o,
    .m_axis_tvalid_o,
    .m_axis_tready_i,
    .m_axis_tdata_o,
    .m_axis_tkeep_o,
    .m_axis_tlast_o,
    .m_axis_town_o,
    .stat_frame_o,
    .stat_bytes_o,
    .stat_request_o,
    .stat_response_o,
    .stat_ack_o,
    .stat_nak_o,
    .stat_drop_o,
    .stat_hit_o       (stat_net_hit_o),
    .stat_miss_o      (stat_net_miss_o)
  );

  logic unused;
  assign unused = &{1'b0, unused_ready};

  assign idle_o = mux_idle && gather_idle && mr_idle && emit_idle;

endmodule
