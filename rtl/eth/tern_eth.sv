// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The Ethernet half of the adapter: admin queue, send and receive queues, their completion queues
// and the interrupts of these. It needs nothing of the protocol half but its share of the wire,
// and no memory of the host besides the rings.
//
//                    .--> tern_eth_tx --> tern_tx_mux .. tern_emit --.
//   doorbells --> rings                                              '--> tern_eth_cq --> host
//                    '--> tern_eth_rx --> tern_scatter .. tern_place ^        |
//   registers --> tern_aq -------------------------------------------'        '--> tern_irq
//
// All DMA reads leave through one client: descriptors and commands; frames are read by
// tern_gather and written by tern_place. Writes have two clients: entries of CQs, statistics.

module tern_eth #(
  parameter int unsigned Sqs = 4,
  parameter int unsigned Rqs = 4,
  parameter int unsigned Cqs = 32   // power of two, at most 32; the ACQ is one of them
) (
  input  logic                                clk_i,
  input  logic                                rst_i,
  input  logic [63:0]                         now_i,
  output logic                                idle_o,
  output logic [63:0]                         wake_at_o,

  // Registers, as tern_regs takes them
  input  logic                                reg_write_i,
  input  logic [15:0]                         reg_addr_i,
  input  logic [31:0]                         reg_wdata_i,
  output logic [31:0]                         reg_rdata_o,

  // Doorbells of page 0 at offsets of enum eth_db, and those that were refused
  input  logic                                db_valid_i,
  output logic                                db_ready_o,
  input  logic [11:0]                         db_offset_i,
  input  tern_pkg::db_t                       db_i,
  output logic                                db_bad_valid_o,
  input  logic                                db_bad_ready_i,
  output tern_pkg::db_bad_t                   db_bad_o,

  output logic                                rd_valid_o,
  input  logic                                rd_ready_i,
  output tern_pkg::dma_rd_req_t               rd_o,
  input  logic                                rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t               rd_rsp_i,

  output logic [1:0]                          wr_valid_o,
  input  logic [1:0]                          wr_ready_i,
  output logic [1:0][tern_pkg::DmaWrBeatW-1:0] wr_o,  // dma_wr_beat_t
  input  logic [1:0]                          wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t               wr_rsp_i,

  // tern_tx_mux, source TxEth; tern_emit's eth_sent
  output logic                                pkt_valid_o,
  input  logic                                pkt_ready_i,
  output tern_pkg::tx_pkt_t                   pkt_o,
  output logic                                piece_valid_o,
  input  logic                                piece_ready_i,
  output tern_pkg::tx_piece_t                 piece_o,
  input  logic                                sent_valid_i,
  input  logic [15:0]                         sent_wqe_i,
  input  logic                                sent_err_i,

  // tern_steer's eth port, tern_scatter's eth port, tern_place's eth_cqe
  input  logic                                rx_valid_i,
  output logic                                rx_ready_o,
  input  tern_pkg::rx_pkt_t                   rx_i,
  output logic                                item_valid_o,
  input  logic                                item_ready_i,
  output tern_pkg::pl_item_t                  item_o,
  input  logic                                rx_cqe_valid_i,
  output logic                                rx_cqe_ready_o,
  input  tern_pkg::cqe_req_t                  rx_cqe_i,

  // tern_irq
  output logic [tern_pkg::NumVectors-1:0]     level_o,
  output logic                                rearm_valid_o,
  output logic [tern_pkg::VecW-1:0]           rearm_vec_o,

  // tern_rx_parse
  input  logic [47:0]                         mac_addr_i,  // permanent; first octet in [47:40]
  output logic [47:0]                         mac_addr_o,
  output logic                                promisc_o,
  output logic                                multicast_o
);

  localparam int unsigned Queues = Sqs + Rqs;
  localparam int unsigned MaxLog = 12;
  localparam int unsigned SrcW   = $clog2(Queues + 1);

  if (Queues > 31) begin : gen_bad_size
    $error("tern_eth: size not possible");
  end

  // ---------------------------------------------------------------------------- doorbells

  logic                 to_aq, to_cq, to_ring, to_rx;
  logic                 aq_db_ready, cq_db_ready, ring_db_ready, ring_take;
  logic [2:0]           bad_valid, bad_gnt;
  logic [1:0]           bad_idx;
  logic                 bad_any;
  tern_pkg::db_bad_t    aq_bad, cq_bad, cq_bad_eth, ring_bad, bad;
  tern_hw_pkg::tern_hw_db_q_t db;
  logic [Queues-1:0]    ring_hot, ring_db, ring_db_bad, q_exists;
  logic                 ring_queue_bad, ring_index_bad, ring_bad_q, bad_room;
  tern_pkg::db_bad_t    ring_bad_data_q;

  assign db      = db_i.word;
  assign to_aq   = db_valid_i && db_offset_i == tern_hw_pkg::TERN_HW_ETH_DB_AQ;
  assign to_cq   = db_valid_i && db_offset_i == tern_hw_pkg::TERN_HW_ETH_DB_CQ;
  assign to_rx   = db_offset_i == tern_hw_pkg::TERN_HW_ETH_DB_RQ;
  assign to_ring = db_valid_i && (to_rx || db_offset_i == tern_hw_pkg::TERN_HW_ETH_DB_SQ);

  assign ring_db_ready = !ring_bad_q;
  assign ring_take     = to_ring && ring_db_ready;

  always_comb begin
    ring_hot = '0;
    for (int unsigned i = 0; i < Sqs; i++) begin
      ring_hot[i] = !to_rx && db.w.num == 24'(i);
    end
    for (int unsigned i = 0; i < Rqs; i++) begin
      ring_hot[Sqs+i] = to_rx && db.w.num == 24'(i);
    end
  end

  assign ring_db        = ring_hot & q_exists & {Queues{ring_take}};
  assign ring_queue_bad = (ring_hot & q_exists) == '0;
  assign ring_index_bad = (ring_hot & ring_db_bad) != '0;

  always_comb begin
    if (to_aq) db_ready_o = aq_db_ready;
    else if (to_cq) db_ready_o = cq_db_ready;
    else db_ready_o = ring_db_ready;
  end

  always_ff @(posedge clk_i) begin
    if (bad_gnt[0] && bad_room) ring_bad_q <= 1'b0;
    if (ring_take && (ring_queue_bad || ring_index_bad)) begin
      ring_bad_q             <= 1'b1;
      ring_bad_data_q.code   <= ring_queue_bad ? tern_hw_pkg::TERN_HW_AE_CODE_DB_QUEUE
                                               : tern_hw_pkg::TERN_HW_AE_CODE_DB_INDEX;
      ring_bad_data_q.page   <= db_i.page;
      ring_bad_data_q.offset <= db_offset_i;
    end
    if (rst_i) ring_bad_q <= 1'b0;
  end

  assign ring_bad     = ring_bad_data_q;
  assign bad_valid[0] = ring_bad_q;

  always_comb begin
    cq_bad_eth        = cq_bad;
    cq_bad_eth.offset = tern_hw_pkg::TERN_HW_ETH_DB_CQ;
    unique case (bad_idx)
      2'd0:    bad = ring_bad;
      2'd1:    bad = aq_bad;
      default: bad = cq_bad_eth;
    endcase
  end

  tern_rr_arb #(.N(3)) u_bad_arb (
    .clk_i, .rst_i,
    .req_i(bad_valid), .take_i(bad_any && bad_room),
    .valid_o(bad_any), .onehot_o(bad_gnt), .idx_o(bad_idx)
  );

  tern_fifo #(.Width($bits(bad)), .Depth(2)) u_bad (
    .clk_i, .rst_i,
    .in_valid_i(bad_any), .in_ready_o(bad_room), .in_data_i(bad),
    .out_valid_o(db_bad_valid_o), .out_ready_i(db_bad_ready_i), .out_data_o(db_bad_o)
  );

  // --------------------------------------------------------------------- registers and AQ

  logic [63:0]               aq_base, acq_base;
  logic [3:0]                aq_log_size;
  logic                      aq_vec_valid, aq_enable, aq_enabled, aq_halted, aq_idle;
  logic [tern_pkg::VecW-1:0] aq_vec;
  logic [15:0]               aq_tail;
  logic                      aq_rd_valid, aq_rd_ready, aq_rsp_valid;
  tern_pkg::dma_rd_req_t     aq_rd;
  tern_pkg::dma_rd_rsp_t     rsp_aq;
  tern_pkg::dma_wr_beat_t    aq_wr, cq_wr;
  logic                      stats_half;
  logic [511:0]              stats_data;
  logic                      ctl_valid, ctl_ready, ctl_rsp_valid;
  tern_pkg::cq_ctl_req_t     ctl;
  logic [tern_pkg::VecW-1:0] ctl_vec;
  tern_pkg::ctl_rsp_t        ctl_rsp;
  logic [2:0]                cqe_valid, cqe_ready;
  tern_pkg::cqe_req_t        aq_cqe, tx_cqe;
  logic [Queues-1:0]         q_set, q_stop, q_clear, q_drained;
  logic [63:0]               q_base;
  logic [3:0]                q_log_size;
  logic [4:0]                q_cqn;

  tern_eth_regs #(.Sqs(Sqs), .Rqs(Rqs), .Cqs(Cqs), .MaxLog(MaxLog)) u_regs (
    .clk_i, .rst_i,
    .reg_write_i, .reg_addr_i, .reg_wdata_i, .reg_rdata_o,
    .aq_base_o(aq_base), .acq_base_o(acq_base), .log_size_o(aq_log_size),
    .vec_valid_o(aq_vec_valid), .vec_o(aq_vec), .enable_o(aq_enable),
    .enabled_i(aq_enabled), .halted_i(aq_halted), .tail_i(aq_tail)
  );

  tern_aq #(.Sqs(Sqs), .Rqs(Rqs), .Cqs(Cqs), .MaxLog(MaxLog)) u_aq (
    .clk_i, .rst_i, .idle_o(aq_idle),
    .base_i(aq_base), .acq_base_i(acq_base), .log_size_i(aq_log_size),
    .vec_valid_i(aq_vec_valid), .vec_i(aq_vec), .enable_i(aq_enable),
    .enabled_o(aq_enabled), .halted_o(aq_halted), .tail_o(aq_tail),
    .db_valid_i(to_aq), .db_ready_o(aq_db_ready), .db_i,
    .db_bad_valid_o(bad_valid[1]), .db_bad_ready_i(bad_gnt[1] && bad_room), .db_bad_o(aq_bad),
    .rd_valid_o(aq_rd_valid), .rd_ready_i(aq_rd_ready), .rd_o(aq_rd),
    .rd_rsp_valid_i(aq_rsp_valid), .rd_rsp_i(rsp_aq),
    .wr_valid_o(wr_valid_o[1]), .wr_ready_i(wr_ready_i[1]), .wr_o(aq_wr),
    .wr_rsp_valid_i(wr_rsp_valid_i[1]), .wr_rsp_i,
    .stats_half_o(stats_half), .stats_data_i(stats_data),
    .cq_valid_o(ctl_valid), .cq_ready_i(ctl_ready), .cq_o(ctl), .cq_vec_o(ctl_vec),
    .cq_rsp_valid_i(ctl_rsp_valid), .cq_rsp_i(ctl_rsp),
    .cqe_valid_o(cqe_valid[0]), .cqe_ready_i(cqe_ready[0]), .cqe_o(aq_cqe),
    .q_set_o(q_set), .q_stop_o(q_stop), .q_clear_o(q_clear), .q_base_o(q_base),
    .q_log_size_o(q_log_size), .q_cqn_o(q_cqn), .q_exists_i(q_exists), .q_drained_i(q_drained),
    .mac_addr_i, .mac_addr_o, .promisc_o, .multicast_o
  );

  // --------------------------------------------------------------------------------- CQs

  logic cq_idle, stat_cq_err;

  tern_eth_cq #(.NumClients(3), .Cqs(Cqs)) u_cq (
    .clk_i, .rst_i, .now_i, .idle_o(cq_idle), .wake_at_o,
    .cqe_valid_i(cqe_valid), .cqe_ready_o(cqe_ready), .cqe_i({rx_cqe_i, tx_cqe, aq_cqe}),
    .db_valid_i(to_cq), .db_ready_o(cq_db_ready), .db_i,
    .db_bad_valid_o(bad_valid[2]), .db_bad_ready_i(bad_gnt[2] && bad_room), .db_bad_o(cq_bad),
    .ctl_valid_i(ctl_valid), .ctl_ready_o(ctl_ready), .ctl_i(ctl), .ctl_vec_i(ctl_vec),
    .ctl_rsp_valid_o(ctl_rsp_valid), .ctl_rsp_o(ctl_rsp),
    .wr_valid_o(wr_valid_o[0]), .wr_ready_i(wr_ready_i[0]), .wr_o(cq_wr),
    .wr_rsp_valid_i(wr_rsp_valid_i[0]), .wr_rsp_i,
    .level_o, .rearm_valid_o, .rearm_vec_o,
    .stat_cq_err_o(stat_cq_err)
  );

  assign wr_o           = {aq_wr, cq_wr};
  assign cqe_valid[2]   = rx_cqe_valid_i;
  assign rx_cqe_ready_o = cqe_ready[2];

  // ------------------------------------------------------------------------ DMA reads
  //
  // Sources: the AQ, send queues, receive queues. A tag is {source, tag of the source}

  logic [Queues-1:0]       ring_rd_valid, ring_rd_ready, ring_rsp_valid;
  logic [Queues-1:0][63:0] ring_rd_addr;
  logic [Queues-1:0][6:0]  ring_rd_len;
  logic [Queues-1:0][1:0]  ring_rd_tag;
  logic [Queues:0]         rd_gnt;
  logic [SrcW-1:0]         rd_idx, rsp_src;
  logic                    rd_any, rd_room;
  tern_pkg::dma_rd_req_t   rd;

  tern_rr_arb #(.N(Queues + 1)) u_rd_arb (
    .clk_i, .rst_i,
    .req_i({ring_rd_valid, aq_rd_valid}), .take_i(rd_any && rd_room),
    .valid_o(rd_any), .onehot_o(rd_gnt), .idx_o(rd_idx)
  );

  assign {ring_rd_ready, aq_rd_ready} = rd_gnt & {(Queues + 1){rd_room}};

  always_comb begin
    rd = aq_rd;
    for (int unsigned i = 0; i < Queues; i++) begin
      if (rd_gnt[1+i]) begin
        rd.addr = ring_rd_addr[i];
        rd.len  = 13'(ring_rd_len[i]);
        rd.tag  = 8'(ring_rd_tag[i]);
      end
    end
    rd.tag[7:3] = 5'(rd_idx);
  end

  tern_fifo #(.Width($bits(rd)), .Depth(2)) u_rd (
    .clk_i, .rst_i,
    .in_valid_i(rd_any), .in_ready_o(rd_room), .in_data_i(rd),
    .out_valid_o(rd_valid_o), .out_ready_i(rd_ready_i), .out_data_o(rd_o)
  );

  // Every read lies in an aligned line of 64 B, so an answer is one beat
  assign rsp_src      = rd_rsp_i.tag[3 +: SrcW];
  assign aq_rsp_valid = rd_rsp_valid_i && rsp_src == '0;

  always_comb begin
    rsp_aq     = rd_rsp_i;
    rsp_aq.tag = 8'(rd_rsp_i.tag[2:0]);
    for (int unsigned i = 0; i < Queues; i++) begin
      ring_rsp_valid[i] = rd_rsp_valid_i && rsp_src == SrcW'(i + 1);
    end
  end

  // ------------------------------------------------------------------------------ queues

  logic        tx_idle, rx_idle;
  logic        stat_tx_frame, stat_tx_bad, stat_tx_err, stat_rx_frame, stat_rx_no_desc;
  logic        stat_rx_long, stat_rx_err;
  logic [13:0] stat_tx_bytes, stat_rx_bytes;

  tern_eth_tx #(.Queues(Sqs)) u_tx (
    .clk_i, .rst_i, .idle_o(tx_idle),
    .q_set_i(q_set[Sqs-1:0]), .q_stop_i(q_stop[Sqs-1:0]), .q_clear_i(q_clear[Sqs-1:0]),
    .q_base_i(q_base), .q_log_size_i(q_log_size), .q_cqn_i(q_cqn),
    .q_exists_o(q_exists[Sqs-1:0]), .q_drained_o(q_drained[Sqs-1:0]),
    .db_valid_i(ring_db[Sqs-1:0]), .db_index_i(db.w.index), .db_bad_o(ring_db_bad[Sqs-1:0]),
    .rd_valid_o(ring_rd_valid[Sqs-1:0]), .rd_ready_i(ring_rd_ready[Sqs-1:0]),
    .rd_addr_o(ring_rd_addr[Sqs-1:0]), .rd_len_o(ring_rd_len[Sqs-1:0]),
    .rd_tag_o(ring_rd_tag[Sqs-1:0]), .rsp_valid_i(ring_rsp_valid[Sqs-1:0]),
    .rsp_tag_i(rd_rsp_i.tag[1:0]), .rsp_err_i(rd_rsp_i.err), .rsp_data_i(rd_rsp_i.data),
    .pkt_valid_o, .pkt_ready_i, .pkt_o, .piece_valid_o, .piece_ready_i, .piece_o,
    .sent_valid_i, .sent_wqe_i, .sent_err_i,
    .cqe_valid_o(cqe_valid[1]), .cqe_ready_i(cqe_ready[1]), .cqe_o(tx_cqe),
    .stat_frame_o(stat_tx_frame), .stat_bytes_o(stat_tx_bytes), .stat_bad_o(stat_tx_bad),
    .stat_err_o(stat_tx_err)
  );

  tern_eth_rx #(.Queues(Rqs)) u_rx (
    .clk_i, .rst_i, .idle_o(rx_idle),
    .q_set_i(q_set[Queues-1:Sqs]), .q_stop_i(q_stop[Queues-1:Sqs]),
    .q_clear_i(q_clear[Queues-1:Sqs]),
    .q_base_i(q_base), .q_log_size_i(q_log_size), .q_cqn_i(q_cqn),
    .q_exists_o(q_exists[Queues-1:Sqs]), .q_drained_o(q_drained[Queues-1:Sqs]),
    .db_valid_i(ring_db[Queues-1:Sqs]), .db_index_i(db.w.index),
    .db_bad_o(ring_db_bad[Queues-1:Sqs]),
    .rd_valid_o(ring_rd_valid[Queues-1:Sqs]), .rd_ready_i(ring_rd_ready[Queues-1:Sqs]),
    .rd_addr_o(ring_rd_addr[Queues-1:Sqs]), .rd_len_o(ring_rd_len[Queues-1:Sqs]),
    .rd_tag_o(ring_rd_tag[Queues-1:Sqs]), .rsp_valid_i(ring_rsp_valid[Queues-1:Sqs]),
    .rsp_tag_i(rd_rsp_i.tag[1:0]), .rsp_err_i(rd_rsp_i.err), .rsp_data_i(rd_rsp_i.data),
    .pkt_valid_i(rx_valid_i), .pkt_ready_o(rx_ready_o), .pkt_i(rx_i),
    .item_valid_o, .item_ready_i, .item_o,
    .cqe_taken_i(rx_cqe_valid_i && rx_cqe_ready_o), .cqe_i(rx_cqe_i),
    .stat_frame_o(stat_rx_frame), .stat_bytes_o(stat_rx_bytes), .stat_no_desc_o(stat_rx_no_desc),
    .stat_long_o(stat_rx_long), .stat_err_o(stat_rx_err)
  );

  tern_eth_stats u_stats (
    .clk_i, .rst_i,
    .tx_frame_i(stat_tx_frame), .tx_bytes_i(stat_tx_bytes), .tx_bad_i(stat_tx_bad),
    .tx_err_i(stat_tx_err), .rx_frame_i(stat_rx_frame), .rx_bytes_i(stat_rx_bytes),
    .rx_no_desc_i(stat_rx_no_desc), .rx_long_i(stat_rx_long), .rx_err_i(stat_rx_err),
    .cq_err_i(stat_cq_err), .half_i(stats_half), .data_o(stats_data)
  );

  assign idle_o = aq_idle && cq_idle && tx_idle && rx_idle && !db_valid_i && !reg_write_i &&
                  !bad_any && !db_bad_valid_o && !rd_any && !rd_valid_o;

  logic unused;
  assign unused = &{1'b0, db, rd_rsp_i.tag[7:3]};

endmodule
