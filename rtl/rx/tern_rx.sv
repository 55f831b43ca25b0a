// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The receive side: frames from tern_loop, checked, held, and told apart. Only wires. Nothing from
// there is ever stopped. A packet stays in the buffer until its id is freed.
//
//   tern_loop > tern_rx_parse > tern_rx_buf > tern_steer > requests, responses, frames

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
  input  logic                      marker_valid_i,
  output logic                      marker_ready_o,
  input  logic [tern_pkg::QpnW-1:0] marker_qpn_i,

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
  output logic                      stat_qp_o
);

  // -------------------------------------------------------------------------------------- checks

  logic parse_idle, beat_valid, beat_last, verdict_valid, verdict_keep, verdict_eth;
  logic verdict_response, verdict_qpn_bad;
  logic [511:0] beat_data;
  tern_pkg::rx_pkt_t verdict_pkt;
  logic [1:0] verdict_transport;

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

  tern_rx_buf #(
    .Frees (2)
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
    .free_valid_i    ({drop_valid, free_valid_i}),
    .free_id_i       ({drop_id, free_id_i}),
    .rd_en_i,
    .rd_line_i,
    .rd_data_o,
    .stat_overrun_o
  );

  // ---------------------------------------------------------------------------------------- ways

  logic steer_idle;

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
    .ctl_valid_i     (steer_valid_i),
    .ctl_ready_o     (steer_ready_o),
    .ctl_qpn_i       (steer_qpn_i),
    .ctl_exists_i    (steer_exists_i),
    .ctl_transport_i (steer_transport_i),
    .ctl_rx_ok_i     (steer_rx_ok_i),
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

  assign idle_o = parse_idle && buf_idle && steer_idle;

endmodule
