// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Tells packets apart: requests to tern_rsp, responses to tern_rh, frames to the netdev's side, those of
// multicast groups to tern_fanout. Packets of a QP that does not exist, is of another type or is not ready
// are dropped; so are those of a connected QP that do not come from its peer's address to the GID that it
// uses itself (IBTA 9.6.1: a packet's path must be that of the QP; hfi1 and Soft-RoCE look at the same).
//
//   packet > steer table > one of three queues of ids > record of the packet > rsp, rh, eth
//    '> tern_fanout > copy ^
//
// - Nothing is ever stopped at the input: the queues have room for all packets of the buffer. A
//   side that stalls does not stop the others.
// - The steer table is written by the control. A packet that comes in after the write sees it. A
//   marker goes to rsp and rh behind all packets that passed the table before it, so the control
//   writes rx_ok=0, then injects a marker, and behind that nothing of the QP comes.
// - Copies of a group's packet are for tern_rsp, and pass the table as a packet of their QP would: so all
//   that is said here of the table and of markers is true of them too. They wait until nothing else goes in,
//   and leave room in the queue for all packets of the buffer.
// - The table is cleared after reset, an entry per cycle; no packet passes and no write is taken
//   meanwhile. A record comes out 3 cycles after it went in.

module tern_steer #(
  localparam int unsigned GidW = $clog2(tern_pkg::NumGids)
) (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  // From tern_rx_buf; no ready
  input  logic                      in_valid_i,
  input  tern_pkg::rx_pkt_t         in_pkt_i,
  input  logic                      in_eth_i,
  input  logic                      in_response_i,
  input  logic [1:0]                in_transport_i,
  input  logic                      in_qpn_bad_i,
  input  logic                      in_mcast_i,       // to a group: goes to tern_fanout
  input  logic [127:0]              in_sip_i,
  input  logic [tern_pkg::NumGids-1:0] in_gids_i,     // GIDs with its destination address, VLAN, IP version
  output logic                      mcast_valid_o,    // no ready
  output logic [6:0]                mcast_id_o,

  // Copies of it for each QP. In the cycle after one was taken: it has passed
  input  logic                      copy_valid_i,
  output logic                      copy_ready_o,
  input  logic [6:0]                copy_id_i,
  input  logic [tern_pkg::QpnW-1:0] copy_qpn_i,
  output logic                      copied_o,

  // Steer table
  input  logic                      ctl_valid_i,
  output logic                      ctl_ready_o,
  input  logic [tern_pkg::QpnW-1:0] ctl_qpn_i,
  input  logic                      ctl_exists_i,
  input  logic [1:0]                ctl_transport_i,  // tern_hw_qp_type_e
  input  logic                      ctl_rx_ok_i,
  input  logic                      ctl_keep_i,       // exists and rx_ok stay as they are
  input  logic [127:0]              ctl_peer_i,       // RC, UC: its address, and our GID's index
  input  logic [GidW-1:0]           ctl_sgid_i,

  input  logic                      marker_valid_i,
  output logic                      marker_ready_o,
  input  logic [tern_pkg::QpnW-1:0] marker_qpn_i,

  output logic                      rsp_valid_o,
  input  logic                      rsp_ready_i,
  output tern_pkg::rx_pkt_t         rsp_o,
  output logic                      rh_valid_o,
  input  logic                      rh_ready_i,
  output tern_pkg::rx_pkt_t         rh_o,
  output logic                      eth_valid_o,
  input  logic                      eth_ready_i,
  output tern_pkg::rx_pkt_t         eth_o,

  // Dropped packets, to a free port of the buffer
  output logic                      drop_valid_o,
  output logic [6:0]                drop_id_o,
  output logic                      stat_qp_o
);

  localparam int unsigned QpnW  = tern_pkg::QpnW;
  localparam int unsigned Ids   = 128;
  localparam int unsigned Depth = 256;  // packets, and as many markers and copies

  // --------------------------------------------------------------------------- the table

  logic [3:0]      table_mem [tern_pkg::MaxQps];  // exists, rx_ok, transport
  logic [GidW+127:0] peers [tern_pkg::MaxQps];    // sgid, peer
  logic [QpnW:0]   sweep_q;
  logic            swept;
  logic            read, copy_take;
  logic [3:0]      entry_q;
  logic [GidW-1:0] sgid_q;
  logic [127:0]    peer_q;

  assign swept       = sweep_q[QpnW];
  assign ctl_ready_o = swept;
  assign read        = (in_valid_i && !in_eth_i) || copy_take;

  always_ff @(posedge clk_i) begin
    if (rst_i)       sweep_q <= '0;
    else if (!swept) sweep_q <= sweep_q + 1'b1;
    if (!swept || (ctl_valid_i && !ctl_keep_i)) begin
      table_mem[swept ? ctl_qpn_i : sweep_q[QpnW-1:0]] <=
        swept ? {ctl_exists_i, ctl_rx_ok_i, ctl_transport_i} : 4'd0;
    end
    if (ctl_valid_i) peers[ctl_qpn_i] <= {ctl_sgid_i, ctl_peer_i};
    if (read) entry_q <= table_mem[copy_take ? copy_qpn_i : in_pkt_i.qpn];
    if (read) {sgid_q, peer_q} <= peers[in_pkt_i.qpn];
  end

  // ------------------------------------------------------------------------------ decide

  logic            d_valid_q, d_marker_q, d_eth_q, d_response_q, d_qpn_bad_q, d_mcast_q, d_copy_q;
  logic [1:0]      d_transport_q;
  logic [QpnW-1:0] d_qpn_q;
  logic [6:0]      d_id_q;
  logic [127:0]    d_sip_q;
  logic [tern_pkg::NumGids-1:0] d_gids_q;
  logic            fits, pass, is_ud, is_peer;
  logic            marker_take;
  logic [$bits(in_pkt_i)-1:0] records [Ids];

  assign marker_take  = marker_valid_i && marker_ready_o;
  assign copy_ready_o = may_add && !marker_valid_i;
  assign copy_take    = copy_valid_i && copy_ready_o;

  always_ff @(posedge clk_i) begin
    if (rst_i) d_valid_q <= 1'b0;
    else       d_valid_q <= in_valid_i || marker_take || copy_take;
    if (in_valid_i || marker_take || copy_take) begin
      d_marker_q    <= marker_take;
      d_copy_q      <= copy_take;
      d_eth_q       <= in_valid_i && in_eth_i;
      d_mcast_q     <= in_valid_i && in_mcast_i;
      d_response_q  <= in_response_i && !copy_take;
      d_qpn_bad_q   <= (in_qpn_bad_i && !copy_take) || !swept;
      d_transport_q <= copy_take ? 2'(tern_hw_pkg::TERN_HW_QP_TYPE_UD) : in_transport_i;
      d_qpn_q       <= copy_take ? copy_qpn_i : marker_qpn_i;
      d_id_q        <= copy_take ? copy_id_i : in_pkt_i.id;
    end
    if (in_valid_i) begin
      records[in_pkt_i.id] <= in_pkt_i;
      d_sip_q  <= in_sip_i;
      d_gids_q <= in_gids_i;
    end
  end

  assign is_peer = peer_q == d_sip_q && d_gids_q[sgid_q];
  assign is_ud = d_transport_q == 2'(tern_hw_pkg::TERN_HW_QP_TYPE_UD);

  always_comb begin
    fits = entry_q[1:0] == d_transport_q && (is_ud || is_peer);
    // QP 1 is a UD QP
    if (entry_q[1:0] == 2'(tern_hw_pkg::TERN_HW_QP_TYPE_GSI)) fits = is_ud;
    pass = !d_qpn_bad_q && entry_q[3:2] == 2'b11 && fits;
    if (d_mcast_q) pass = !d_qpn_bad_q && is_ud;
    if (d_eth_q) pass = 1'b1;
  end

  // A copy that does not pass was none; the packet is still in use
  assign drop_valid_o  = d_valid_q && !d_marker_q && !d_copy_q && !pass;
  assign drop_id_o     = d_id_q;
  assign stat_qp_o     = d_valid_q && !d_marker_q && !pass;
  assign mcast_valid_o = d_valid_q && d_mcast_q && pass;
  assign mcast_id_o    = d_id_q;
  assign copied_o      = d_valid_q && d_copy_q && pass;

  // ------------------------------------------------------------------------------ queues

  localparam int unsigned QueueW = 2 + QpnW + 7;

  logic [2:0]             push, q_valid, q_pop, q_ready;
  logic [2:0][QueueW-1:0] q_out;   // marker, copy, QPN of both, id
  logic [QueueW-1:0]      q_in;
  logic [1:0][8:0]        fill_q;  // of rsp and rh
  logic                   may_add; // what is none of the buffer's packets

  assign q_in    = {d_marker_q, d_copy_q, d_qpn_q, d_id_q};
  assign push[0] = d_valid_q && (d_marker_q || (pass && !d_eth_q && !d_mcast_q && !d_response_q));
  assign push[1] = d_valid_q && (d_marker_q || (pass && !d_eth_q && !d_mcast_q && d_response_q));
  assign push[2] = d_valid_q && d_eth_q;

  for (genvar s = 0; s < 3; s++) begin : gen_queue
    tern_fifo #(.Width(QueueW), .Depth(Depth)) u_queue (
      .clk_i,
      .rst_i,
      .in_valid_i  (push[s]),
      .in_ready_o  (q_ready[s]),
      .in_data_i   (q_in),
      .out_valid_o (q_valid[s]),
      .out_ready_i (q_pop[s]),
      .out_data_o  (q_out[s])
    );
  end

  for (genvar s = 0; s < 2; s++) begin : gen_fill
    always_ff @(posedge clk_i) begin
      if (rst_i) fill_q[s] <= '0;
      else if (push[s] != q_pop[s]) fill_q[s] <= push[s] ? fill_q[s] + 9'd1 : fill_q[s] - 9'd1;
    end
  end

  // One that is just being pushed is not counted yet
  assign may_add        = !in_valid_i && swept && fill_q[0] < 9'(Depth - Ids - 1);
  assign marker_ready_o = may_add && fill_q[1] < 9'(Depth - Ids - 1);

  // ----------------------------------------------------------------------------- outputs
  //
  // One record is read per cycle, for a side whose output is free, in turn

  logic [2:0]        out_valid_q, out_ready, out_free, can;
  logic [1:0]        last_q;
  logic [QueueW-1:0] pick;
  tern_pkg::rx_pkt_t record, rsp_q, rh_q, eth_q;
  logic [$bits(in_pkt_i)-1:0] record_bits;

  assign out_ready   = {eth_ready_i, rh_ready_i, rsp_ready_i};
  assign out_free    = ~out_valid_q | out_ready;
  assign can         = q_valid & out_free;
  assign record_bits = records[pick[6:0]];

  always_comb begin
    q_pop = '0;
    unique case (last_q)
      2'd0:    q_pop = can[1] ? 3'b010 : can[2] ? 3'b100 : can & 3'b001;
      2'd1:    q_pop = can[2] ? 3'b100 : can[0] ? 3'b001 : can & 3'b010;
      default: q_pop = can[0] ? 3'b001 : can[1] ? 3'b010 : can & 3'b100;
    endcase
  end

  assign pick = q_pop[0] ? q_out[0] : q_pop[1] ? q_out[1] : q_out[2];

  always_comb begin
    record = '0;
    if (|q_pop) begin
      if (!pick[QueueW-1]) record = record_bits;
      record.marker = pick[QueueW-1];
      if (|pick[QueueW-1:QueueW-2]) record.qpn = pick[7 +: QpnW];
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_valid_q <= '0;
      last_q      <= '0;
    end else begin
      out_valid_q <= q_pop | (out_valid_q & ~out_ready);
      if (|q_pop) last_q <= {q_pop[2], q_pop[1]};
    end
    if (q_pop[0]) rsp_q <= record;
    if (q_pop[1]) rh_q  <= record;
    if (q_pop[2]) eth_q <= record;
  end

  assign rsp_valid_o = out_valid_q[0];
  assign rh_valid_o  = out_valid_q[1];
  assign eth_valid_o = out_valid_q[2];
  assign rsp_o       = rsp_q;
  assign rh_o        = rh_q;
  assign eth_o       = eth_q;

  logic unused;
  assign unused = &{1'b0, q_ready};

  assign idle_o = swept && !in_valid_i && !ctl_valid_i && !marker_valid_i && !copy_valid_i && !d_valid_q &&
                  q_valid == '0 && out_valid_q == '0;

endmodule
