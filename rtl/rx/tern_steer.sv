// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Tells packets apart: requests to tern_rsp, responses to tern_rh, frames to the netdev's side.
// Packets of a QP that does not exist, is of another type or is not ready are dropped.
//
//   packet > steer table > one of three queues of ids > record of the packet > rsp, rh, eth
//
// - Nothing is ever stopped at the input: the queues have room for all packets of the buffer. A
//   side that stalls does not stop the others.
// - The steer table is written by the control. A packet that comes in after the write sees it. A
//   marker goes to rsp and rh behind all packets that passed the table before it, so the control
//   writes rx_ok=0, then injects a marker, and behind that nothing of the QP comes.
// - The table is cleared after reset, an entry per cycle; no packet passes and no write is taken
//   meanwhile. A record comes out 3 cycles after it went in.

module tern_steer (
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

  // Steer table
  input  logic                      ctl_valid_i,
  output logic                      ctl_ready_o,
  input  logic [tern_pkg::QpnW-1:0] ctl_qpn_i,
  input  logic                      ctl_exists_i,
  input  logic [1:0]                ctl_transport_i,  // tern_hw_qp_type_e
  input  logic                      ctl_rx_ok_i,

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
  localparam int unsigned Depth = 256;  // packets and as many markers

  // --------------------------------------------------------------------------- the table

  logic [3:0]      table_mem [tern_pkg::MaxQps];  // exists, rx_ok, transport
  logic [QpnW:0]   sweep_q;
  logic            swept;
  logic            read;
  logic [3:0]      entry_q;

  assign swept       = sweep_q[QpnW];
  assign ctl_ready_o = swept;
  assign read        = in_valid_i && !in_eth_i;

  always_ff @(posedge clk_i) begin
    if (rst_i)       sweep_q <= '0;
    else if (!swept) sweep_q <= sweep_q + 1'b1;
    if (!swept || ctl_valid_i) begin
      table_mem[swept ? ctl_qpn_i : sweep_q[QpnW-1:0]] <=
        swept ? {ctl_exists_i, ctl_rx_ok_i, ctl_transport_i} : 4'd0;
    end
    if (read) entry_q <= table_mem[in_pkt_i.qpn];
  end

  // ------------------------------------------------------------------------------ decide

  logic            d_valid_q, d_marker_q, d_eth_q, d_response_q, d_qpn_bad_q;
  logic [1:0]      d_transport_q;
  logic [QpnW-1:0] d_qpn_q;
  logic [6:0]      d_id_q;
  logic            fits, pass;
  logic            marker_take;
  logic [$bits(in_pkt_i)-1:0] records [Ids];

  assign marker_take = marker_valid_i && marker_ready_o;

  always_ff @(posedge clk_i) begin
    if (rst_i) d_valid_q <= 1'b0;
    else       d_valid_q <= in_valid_i || marker_take;
    if (in_valid_i || marker_take) begin
      d_marker_q    <= !in_valid_i;
      d_eth_q       <= in_valid_i && in_eth_i;
      d_response_q  <= in_response_i;
      d_qpn_bad_q   <= in_qpn_bad_i || !swept;
      d_transport_q <= in_transport_i;
      d_qpn_q       <= marker_qpn_i;
      d_id_q        <= in_pkt_i.id;
    end
    if (in_valid_i) records[in_pkt_i.id] <= in_pkt_i;
  end

  always_comb begin
    fits = entry_q[1:0] == d_transport_q;
    // QP 1 is a UD QP
    if (entry_q[1:0] == 2'(tern_hw_pkg::TERN_HW_QP_TYPE_GSI)) begin
      fits = d_transport_q == 2'(tern_hw_pkg::TERN_HW_QP_TYPE_UD);
    end
    pass = d_eth_q || (!d_qpn_bad_q && entry_q[3:2] == 2'b11 && fits);
  end

  assign drop_valid_o = d_valid_q && !d_marker_q && !pass;
  assign drop_id_o    = d_id_q;
  assign stat_qp_o    = drop_valid_o;

  // ------------------------------------------------------------------------------ queues

  logic [2:0]          push, q_valid, q_pop, q_ready;
  logic [2:0][QpnW:0]  q_out;   // marker and QPN, or id
  logic [QpnW:0]       q_in;
  logic [1:0][8:0]     fill_q;  // of rsp and rh

  assign q_in    = {d_marker_q, d_marker_q ? d_qpn_q : QpnW'(d_id_q)};
  assign push[0] = d_valid_q && (d_marker_q || (pass && !d_eth_q && !d_response_q));
  assign push[1] = d_valid_q && (d_marker_q || (pass && !d_eth_q && d_response_q));
  assign push[2] = d_valid_q && d_eth_q;

  for (genvar s = 0; s < 3; s++) begin : gen_queue
    tern_fifo #(.Width(QpnW + 1), .Depth(Depth)) u_queue (
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
  assign marker_ready_o = !in_valid_i && swept && fill_q[0] < 9'(Depth - Ids - 1) &&
                          fill_q[1] < 9'(Depth - Ids - 1);

  // ----------------------------------------------------------------------------- outputs
  //
  // One record is read per cycle, for a side whose output is free, in turn

  logic [2:0]        out_valid_q, out_ready, out_free, can;
  logic [1:0]        last_q;
  logic [QpnW:0]     pick;
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
      if (pick[QpnW]) begin
        record.marker = 1'b1;
        record.qpn    = pick[QpnW-1:0];
      end else begin
        record = record_bits;
      end
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

  assign idle_o = swept && !in_valid_i && !ctl_valid_i && !marker_valid_i && !d_valid_q &&
                  q_valid == '0 && out_valid_q == '0;

endmodule
