// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The receive side: frames from tern_loop, checked, held, and told apart. Only wires. Nothing from
// there is ever stopped. A packet stays in the buffer until its id is freed.
//
//   tern_loop > tern_rx_parse > tern_rx_buf > tern_steer > requests, responses, frames
//                 '> tern_mcast            copies ^  '> tern_fanout

module tern_rx (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  // tern_loop
  input  logic                      s_axis_tvalid_i,
  input  logic [511:0]              s_axis_tdata_i,
  input  logic [63:0]               s_axis_tkeep_i,
  input  logic                      s_axis_tlast_i,
  input  logic                      s_axis_tuser_i,
  input  logic                      s_axis_town_i,   // this adapter has sent it
  output logic                      pause_o,
  output logic                      near_o,
  output logic                      room_o,

  // Own addresses: the adapter's, and writes of the GID table
  input  logic [47:0]               mac_addr_i,
  input  logic                      promisc_i,
  input  logic                      multicast_i,
  input  logic                      gid_write_i,
  input  logic [6:0]                gid_index_i,
  input  logic [511:0]              gid_entry_i,

  // Requests, responses, frames
  output logic                      rsp_valid_o,
  input  logic                      rsp_ready_i,
  output tern_pkg::rx_pkt_t         rsp_o,
  output logic                      rh_valid_o,
  input  logic                      rh_ready_i,
  output tern_pkg::rx_pkt_t         rh_o,
  output logic                      eth_valid_o,
  input  logic                      eth_ready_i,
  output tern_pkg::rx_pkt_t         eth_o,

  // Buffer: a line in the cycle after rd_en_i, and ids that are free again (no ready)
  input  logic                      rd_en_i,
  input  logic [9:0]                rd_line_i,
  output logic [511:0]              rd_data_o,
  input  logic                      free_valid_i,
  input  logic [6:0]                free_id_i,

  // Control: the steer table, and markers
  input  logic                      steer_valid_i,
  output logic                      steer_ready_o,
  input  logic [tern_pkg::QpnW-1:0] steer_qpn_i,
  input  logic                      steer_exists_i,
  input  logic [1:0]                steer_transport_i,
  input  logic                      steer_rx_ok_i,
  input  logic                      steer_keep_i,
  input  logic [127:0]              steer_peer_i,
  input  logic [6:0]                steer_sgid_i,
  input  logic                      marker_valid_i,
  output logic                      marker_ready_o,
  input  logic [tern_pkg::QpnW-1:0] marker_qpn_i,

  // Multicast groups: commands, and whether QPs of ours are in one that is sent to
  input  logic                      mcast_valid_i,
  output logic                      mcast_ready_o,
  input  logic                      mcast_attach_i,
  input  logic                      mcast_detach_i,
  input  logic [tern_pkg::QpnW-1:0] mcast_qpn_i,
  input  logic [127:0]              mcast_gid_i,
  input  logic                      mcast_no_own_i,
  output logic                      mcast_done_o,
  output logic [15:0]               mcast_minor_o,
  output logic                      mcast_full_o,
  input  logic                      tx_ask_i,
  input  logic [127:0]              tx_gid_i,
  output logic                      tx_hit_o,

  // Statistics
  output logic                      stat_frame_o,
  output logic [13:0]               stat_bytes_o,
  output logic                      stat_bad_o,
  output logic                      stat_filtered_o,
  output logic                      stat_roce_o,
  output logic                      stat_icrc_o,
  output logic                      stat_header_o,
  output logic                      stat_cnp_o,
  output logic                      stat_overrun_o,
  output logic                      stat_qp_o,
  output logic                      stat_mcast_o
);

  // -------------------------------------------------------------------------------------- checks

  logic parse_idle, beat_valid, beat_last, verdict_valid, verdict_keep, verdict_eth;
  logic verdict_response, verdict_qpn_bad;
  logic [511:0] beat_data;
  tern_pkg::rx_pkt_t verdict_pkt;
  logic [1:0] verdict_transport;
  logic verdict_mcast, verdict_own, mcast_ask, mcast_hit;
  logic [127:0] mcast_gid, verdict_sip;
  logic [tern_pkg::NumGids-1:0] verdict_gids;
  logic [tern_pkg::McastGroupW-1:0] verdict_group, mcast_group;

  tern_rx_parse u_parse (
    .clk_i,
    .rst_i,
    .idle_o              (parse_idle),
    .mac_addr_i,
    .promisc_i,
    .multicast_i,
    .gid_write_i,
    .gid_index_i,
    .gid_entry_i,
    .s_axis_tvalid_i,
    .s_axis_tdata_i,
    .s_axis_tkeep_i,
    .s_axis_tlast_i,
    .s_axis_tuser_i,
    .s_axis_town_i,
    .mcast_ask_o         (mcast_ask),
    .mcast_gid_o         (mcast_gid),
    .mcast_hit_i         (mcast_hit),
    .mcast_group_i       (mcast_group),
    .beat_valid_o        (beat_valid),
    .beat_data_o         (beat_data),
    .beat_last_o         (beat_last),
    .verdict_valid_o     (verdict_valid),
    .verdict_keep_o      (verdict_keep),
    .verdict_pkt_o       (verdict_pkt),
    .verdict_eth_o       (verdict_eth),
    .verdict_response_o  (verdict_response),
    .verdict_transport_o (verdict_transport),
    .verdict_qpn_bad_o   (verdict_qpn_bad),
    .verdict_mcast_o     (verdict_mcast),
    .verdict_group_o     (verdict_group),
    .verdict_own_o       (verdict_own),
    .verdict_sip_o       (verdict_sip),
    .verdict_gids_o      (verdict_gids),
    .stat_frame_o,
    .stat_bytes_o,
    .stat_bad_o,
    .stat_filtered_o,
    .stat_roce_o,
    .stat_icrc_o,
    .stat_header_o,
    .stat_cnp_o
  );

  // -------------------------------------------------------------------------------------- buffer

  logic buf_idle, kept_valid, drop_valid;
  tern_pkg::rx_pkt_t kept_pkt;
  logic [6:0] drop_id;
  logic [1:0] freed_valid;
  logic [1:0][6:0] freed_id;

  tern_rx_buf #(
    .Frees (3)
  ) u_buf (
    .clk_i,
    .rst_i,
    .idle_o          (buf_idle),
    .pause_o,
    .near_o,
    .room_o,
    .beat_valid_i    (beat_valid),
    .beat_data_i     (beat_data),
    .beat_last_i     (beat_last),
    .verdict_valid_i (verdict_valid),
    .verdict_keep_i  (verdict_keep),
    .verdict_pkt_i   (verdict_pkt),
    .out_valid_o     (kept_valid),
    .out_pkt_o       (kept_pkt),
    .free_valid_i    ({drop_valid, freed_valid}),
    .free_id_i       ({drop_id, freed_id}),
    .rd_en_i,
    .rd_line_i,
    .rd_data_o,
    .stat_overrun_o
  );

  // ---------------------------------------------------------------------------------------- ways

  logic steer_idle, copy_valid, copy_ready, copied;
  logic [6:0] copy_id, many_id;
  logic [tern_pkg::QpnW-1:0] copy_qpn;

  tern_steer u_steer (
    .clk_i,
    .rst_i,
    .idle_o          (steer_idle),
    .in_valid_i      (kept_valid),
    .in_pkt_i        (kept_pkt),
    .in_eth_i        (verdict_eth),
    .in_response_i   (verdict_response),
    .in_transport_i  (verdict_transport),
    .in_qpn_bad_i    (verdict_qpn_bad),
    .in_mcast_i      (verdict_mcast),
    .in_sip_i        (verdict_sip),
    .in_gids_i       (verdict_gids),
    .mcast_valid_o   (stat_mcast_o),
    .mcast_id_o      (many_id),
    .copy_valid_i    (copy_valid),
    .copy_ready_o    (copy_ready),
    .copy_id_i       (copy_id),
    .copy_qpn_i      (copy_qpn),
    .copied_o        (copied),
    .ctl_valid_i     (steer_valid_i),
    .ctl_ready_o     (steer_ready_o),
    .ctl_qpn_i       (steer_qpn_i),
    .ctl_exists_i    (steer_exists_i),
    .ctl_transport_i (steer_transport_i),
    .ctl_rx_ok_i     (steer_rx_ok_i),
    .ctl_keep_i      (steer_keep_i),
    .ctl_peer_i      (steer_peer_i),
    .ctl_sgid_i      (steer_sgid_i),
    .marker_valid_i,
    .marker_ready_o,
    .marker_qpn_i,
    .rsp_valid_o,
    .rsp_ready_i,
    .rsp_o,
    .rh_valid_o,
    .rh_ready_i,
    .rh_o,
    .eth_valid_o,
    .eth_ready_i,
    .eth_o,
    .drop_valid_o    (drop_valid),
    .drop_id_o       (drop_id),
    .stat_qp_o
  );

  // ---------------------------------------------------------------------------------- multicast

  logic mcast_idle, fanout_idle, mem_read, mem_no_own, fence, fence_done, own_q;
  logic [tern_pkg::McastGroupW-1:0] mem_group, group_q;
  logic [tern_pkg::McastQps-1:0] mem_mask;
  logic [tern_pkg::McastPlaceW-1:0] mem_place;
  logic [tern_pkg::QpnW-1:0] mem_qpn;

  // What tern_steer does not need, until it says that the packet is one of a group
  always_ff @(posedge clk_i) begin
    if (kept_valid) begin
      group_q <= verdict_group;
      own_q   <= verdict_own;
    end
  end

  tern_mcast u_mcast (
    .clk_i,
    .rst_i,
    .idle_o       (mcast_idle),
    .ctl_valid_i  (mcast_valid_i),
    .ctl_ready_o  (mcast_ready_o),
    .ctl_attach_i (mcast_attach_i),
    .ctl_detach_i (mcast_detach_i),
    .ctl_qpn_i    (mcast_qpn_i),
    .ctl_gid_i    (mcast_gid_i),
    .ctl_no_own_i (mcast_no_own_i),
    .ctl_done_o   (mcast_done_o),
    .ctl_minor_o  (mcast_minor_o),
    .ctl_full_o   (mcast_full_o),
    .ask_i        (mcast_ask),
    .ask_gid_i    (mcast_gid),
    .hit_o        (mcast_hit),
    .hit_group_o  (mcast_group),
    .tx_ask_i,
    .tx_gid_i,
    .tx_hit_o,
    .mem_group_i  (mem_group),
    .mem_mask_o   (mem_mask),
    .mem_read_i   (mem_read),
    .mem_place_i  (mem_place),
    .mem_no_own_o (mem_no_own),
    .mem_qpn_o    (mem_qpn),
    .fence_o      (fence),
    .fence_done_i (fence_done)
  );

  tern_fanout u_fanout (
    .clk_i,
    .rst_i,
    .idle_o       (fanout_idle),
    .in_valid_i   (stat_mcast_o),
    .in_id_i      (many_id),
    .in_group_i   (group_q),
    .in_own_i     (own_q),
    .mem_group_o  (mem_group),
    .mem_mask_i   (mem_mask),
    .mem_read_o   (mem_read),
    .mem_place_o  (mem_place),
    .mem_no_own_i (mem_no_own),
    .mem_qpn_i    (mem_qpn),
    .fence_i      (fence),
    .fence_done_o (fence_done),
    .copy_valid_o (copy_valid),
    .copy_ready_i (copy_ready),
    .copy_id_o    (copy_id),
    .copy_qpn_o   (copy_qpn),
    .copied_i     (copied),
    .free_valid_i,
    .free_id_i,
    .free_valid_o (freed_valid),
    .free_id_o    (freed_id)
  );

  assign idle_o = parse_idle && buf_idle && steer_idle && mcast_idle && fanout_idle;

endmodule
