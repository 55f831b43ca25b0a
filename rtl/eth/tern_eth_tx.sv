// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Send queues of the Ethernet half. Queues take turns by frame: the descriptors of a frame are
// collected, one per cycle, checked, and become a packet for tern_tx_mux with its pieces; the
// packet is offered when all of its pieces are here. tern_emit tells in the order of the packets
// what became of them; then the completion is written, in that order for all queues.
//
//   rings > choice > collector > pieces, packets > tern_tx_mux ... tern_emit > list > CQ engine
//
// A frame that cannot be sent (see enum wc_status at struct eth_cqe) takes its turn in the list
// and completes with an error. A doorbell must cover whole frames: one whose last descriptor is
// not posted when the others are taken is malformed, so that no queue can hold up the others.
//
// Stop a queue (q_stop_i): when q_drained_o rises no access to its ring or buffers is under way or
// will come, and all completions of what it had begun are with the CQ engine.

module tern_eth_tx #(
  parameter  int unsigned Queues = 4,
  localparam int unsigned QueueW = (Queues > 1) ? $clog2(Queues) : 1
) (
  input  logic                         clk_i,
  input  logic                         rst_i,
  output logic                         idle_o,

  // Control; pulses for a queue
  input  logic [Queues-1:0]            q_set_i,
  input  logic [Queues-1:0]            q_stop_i,
  input  logic [Queues-1:0]            q_clear_i,
  input  logic [63:0]                  q_base_i,
  input  logic [3:0]                   q_log_size_i,
  input  logic [4:0]                   q_cqn_i,
  output logic [Queues-1:0]            q_exists_o,
  output logic [Queues-1:0]            q_drained_o,  // after q_stop_i

  input  logic [Queues-1:0]            db_valid_i,
  input  logic [31:0]                  db_index_i,
  output logic [Queues-1:0]            db_bad_o,

  // Descriptor reads of each ring
  output logic [Queues-1:0]            rd_valid_o,
  input  logic [Queues-1:0]            rd_ready_i,
  output logic [Queues-1:0][63:0]      rd_addr_o,
  output logic [Queues-1:0][6:0]       rd_len_o,
  output logic [Queues-1:0][1:0]       rd_tag_o,
  input  logic [Queues-1:0]            rsp_valid_i,
  input  logic [1:0]                   rsp_tag_i,
  input  logic                         rsp_err_i,
  input  logic [511:0]                 rsp_data_i,

  output logic                         pkt_valid_o,
  input  logic                         pkt_ready_i,
  output tern_pkg::tx_pkt_t            pkt_o,
  output logic                         piece_valid_o,
  input  logic                         piece_ready_i,
  output tern_pkg::tx_piece_t          piece_o,

  // tern_emit, in order; no ready
  input  logic                         sent_valid_i,
  input  logic [15:0]                  sent_wqe_i,
  input  logic                         sent_err_i,

  output logic                         cqe_valid_o,
  input  logic                         cqe_ready_i,
  output tern_pkg::cqe_req_t           cqe_o,

  output logic                         stat_frame_o,
  output logic [13:0]                  stat_bytes_o,
  output logic                         stat_bad_o,
  output logic                         stat_err_o
);

  localparam int unsigned MaxPieces = 32;
  localparam int unsigned Pieces    = 64;
  localparam int unsigned PtrW      = 6;
  localparam int unsigned Frames    = 64;   // not yet completed
  localparam int unsigned FrameW    = 6;
  localparam logic [18:0] MinFrame  = 19'd14;
  localparam logic [18:0] MaxFrame  = 19'd9216;

  // ------------------------------------------------------------------------------- rings

  logic [Queues-1:0]        ring_idle, ring_busy, there, bad_fetch, dry, pop;
  logic [Queues-1:0][127:0] desc_bits;
  logic [Queues-1:0][15:0]  desc_index;
  logic [4:0]               cqn_q [Queues];

  for (genvar g = 0; g < Queues; g++) begin : gen_ring
    tern_eth_ring u_ring (
      .clk_i, .rst_i, .idle_o(ring_idle[g]),
      .set_i(q_set_i[g]), .base_i(q_base_i), .log_size_i(q_log_size_i),
      .stop_i(q_stop_i[g]), .clear_i(q_clear_i[g]), .exists_o(q_exists_o[g]),
      .busy_o(ring_busy[g]),
      .db_valid_i(db_valid_i[g]), .db_index_i, .db_bad_o(db_bad_o[g]),
      .rd_valid_o(rd_valid_o[g]), .rd_ready_i(rd_ready_i[g]), .rd_addr_o(rd_addr_o[g]),
      .rd_len_o(rd_len_o[g]), .rd_tag_o(rd_tag_o[g]),
      .rsp_valid_i(rsp_valid_i[g]), .rsp_tag_i, .rsp_err_i, .rsp_data_i,
      .desc_valid_o(there[g]), .desc_err_o(bad_fetch[g]), .desc_o(desc_bits[g]),
      .desc_index_o(desc_index[g]), .dry_o(dry[g]), .pop_i(pop[g])
    );

    always_ff @(posedge clk_i) begin
      if (q_set_i[g]) cqn_q[g] <= q_cqn_i;
    end
  end

  // --------------------------------------------------------------------------- collector

  logic [QueueW-1:0]  turn, sel_q;
  logic [Queues-1:0]  turn_hot_unused;
  logic               any, choose, room;
  logic               busy_q;               // a frame is being collected
  logic               any_q;                // it has a descriptor
  logic [5:0]         count_q;
  logic [18:0]        total_q, total;
  logic [7:0]         status_q, status, end_status;
  logic [15:0]        index_q;
  logic               take, cut, finish, good;
  tern_hw_pkg::tern_hw_eth_tx_desc_t desc;
  logic               pkt_room;
  logic [PtrW:0]      wr_q, commit_q, rd_q, used;
  logic [FrameW:0]    head_q, tail_q;
  logic               frame_room;
  logic               push_piece;

  tern_rr_arb #(.N(Queues)) u_arb (
    .clk_i, .rst_i,
    .req_i(there), .take_i(choose),
    .valid_o(any), .onehot_o(turn_hot_unused), .idx_o(turn)
  );

  assign used       = commit_q - rd_q;
  assign room       = used <= (PtrW+1)'(Pieces - MaxPieces) && pkt_room && frame_room;
  assign frame_room = head_q != {~tail_q[FrameW], tail_q[FrameW-1:0]};
  assign choose     = any && !busy_q && room;

  assign desc = desc_bits[sel_q];
  assign take = busy_q && there[sel_q];
  assign cut  = busy_q && !there[sel_q] && dry[sel_q];   // the rest of the frame is not there

  always_comb begin
    pop        = '0;
    pop[sel_q] = take;
  end

  // What is wrong first, counts
  always_comb begin
    status = status_q;
    total  = total_q + 19'(desc.ctl.len);
    if (status_q == tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS) begin
      if (bad_fetch[sel_q]) begin
        status = tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL;
      end else if (desc.ctl.len == '0 || desc.ctl.len > 14'(MaxFrame) ||
                   count_q == 6'(MaxPieces)) begin
        status = tern_hw_pkg::TERN_HW_WC_STATUS_LOC_QP_OP;
      end else if (total > MaxFrame || (desc.ctl.last && total < MinFrame)) begin
        status = tern_hw_pkg::TERN_HW_WC_STATUS_LOC_LEN;
      end
    end
    end_status = status;
    if (cut && status_q == tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS) begin
      end_status = tern_hw_pkg::TERN_HW_WC_STATUS_LOC_QP_OP;
    end else if (cut) begin
      end_status = status_q;
    end
  end

  assign push_piece = take && status == tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;
  assign finish     = (take && (desc.ctl.last || bad_fetch[sel_q])) || (cut && any_q);
  assign good       = end_status == tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;

  always_ff @(posedge clk_i) begin
    if (rst_i) busy_q <= 1'b0;
    else if (choose) busy_q <= 1'b1;
    else if (finish || cut) busy_q <= 1'b0;
    if (choose) begin
      sel_q    <= turn;
      any_q    <= 1'b0;
      count_q  <= '0;
      total_q  <= '0;
      status_q <= tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;
    end else if (take) begin
      any_q    <= 1'b1;
      if (push_piece) count_q <= count_q + 6'd1;
      // A frame that has failed does not grow any more, and total cannot wrap
      if (push_piece) total_q <= total;
      status_q <= status;
      index_q  <= desc_index[sel_q];
    end
  end

  // -------------------------------------------------------------------- pieces and packets

  localparam int unsigned HostW = 64 + 14;

  logic [HostW-1:0]  pieces [Pieces];
  logic [HostW-1:0]  piece;
  logic [13+6+FrameW:0] pkt_bits;

  assign piece         = pieces[rd_q[PtrW-1:0]];
  assign piece_valid_o = rd_q != commit_q;

  always_comb begin
    piece_o      = '0;
    piece_o.kind = tern_pkg::PcHost;
    piece_o.addr = piece[HostW-1 -: 64];
    piece_o.len  = piece[13:0];
  end

  always_ff @(posedge clk_i) begin
    if (push_piece) pieces[wr_q[PtrW-1:0]] <= {desc.addr, desc.ctl.len};
    if (rst_i) begin
      wr_q     <= '0;
      commit_q <= '0;
      rd_q     <= '0;
    end else begin
      // The pieces of a frame show when it is complete, or not at all
      if (finish && good) begin
        wr_q     <= wr_q + 1'b1;
        commit_q <= wr_q + 1'b1;
      end else if (finish || cut) begin
        wr_q <= commit_q;
      end else if (push_piece) begin
        wr_q <= wr_q + 1'b1;
      end
      if (piece_valid_o && piece_ready_i) rd_q <= rd_q + 1'b1;
    end
  end

  tern_fifo #(.Width($bits(pkt_bits)), .Depth(4)) u_pkt (
    .clk_i, .rst_i,
    .in_valid_i(finish && good), .in_ready_o(pkt_room),
    .in_data_i({tail_q[FrameW-1:0], count_q + 6'd1, total[13:0]}),
    .out_valid_o(pkt_valid_o), .out_ready_i(pkt_ready_i), .out_data_o(pkt_bits)
  );

  always_comb begin
    pkt_o        = '0;
    pkt_o.src    = tern_pkg::TxEth;
    pkt_o.len    = pkt_bits[13:0];
    pkt_o.pieces = pkt_bits[19:14];
    pkt_o.wqe    = 16'(pkt_bits[20 +: FrameW]);
  end

  // -------------------------------------------------- frames that are not yet completed

  typedef struct packed {
    logic [QueueW-1:0] qid;
    logic              want;
    logic [7:0]        status;
    logic [15:0]       index;
    logic [13:0]       len;
  } frame_t;

  frame_t                    in, head;
  logic [$bits(in)-1:0]      frames [Frames];
  logic [Frames-1:0]         done_q, err_q;
  logic                      full_done, failed, retire, want;
  logic [Queues-1:0][FrameW:0] count_frames_q;
  logic [Queues-1:0]         inc, dec;
  tern_hw_pkg::tern_hw_eth_cqe_t cqe;

  always_comb begin
    in.qid  = sel_q;
    in.want   = take && desc.ctl.last && desc.ctl.complete;
    in.status = end_status;
    in.index  = take ? desc_index[sel_q] : index_q;
    in.len    = good ? total[13:0] : 14'd0;
  end

  assign head      = frames[head_q[FrameW-1:0]];
  assign full_done = head_q != tail_q && done_q[head_q[FrameW-1:0]];
  assign failed    = head.status != tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS ||
                     err_q[head_q[FrameW-1:0]];
  assign want      = head.want || failed;
  assign retire    = full_done && (!want || cqe_ready_i);

  always_ff @(posedge clk_i) begin
    if (finish) begin
      frames[tail_q[FrameW-1:0]] <= in;
      done_q[tail_q[FrameW-1:0]] <= !good;
      err_q[tail_q[FrameW-1:0]]  <= 1'b0;
    end
    if (sent_valid_i) begin
      done_q[sent_wqe_i[FrameW-1:0]] <= 1'b1;
      err_q[sent_wqe_i[FrameW-1:0]]  <= sent_err_i;
    end
    if (rst_i) begin
      head_q <= '0;
      tail_q <= '0;
    end else begin
      if (finish) tail_q <= tail_q + 1'b1;
      if (retire) head_q <= head_q + 1'b1;
    end
  end

  assign cqe_valid_o = full_done && want;

  always_comb begin
    cqe             = '0;
    cqe.len         = 32'(head.len);
    cqe.info.qid  = 16'(head.qid);
    cqe.info.index  = head.index;
    cqe.info.status = err_q[head_q[FrameW-1:0]] ? tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL
                                                : head.status;
    cqe_o           = '0;
    cqe_o.cqn       = 24'(cqn_q[head.qid]);
    cqe_o.solicited = failed;
    cqe_o.cqe       = cqe;
  end

  // ------------------------------------------------------------------------------- drain

  always_comb begin
    for (int unsigned i = 0; i < Queues; i++) begin
      inc[i] = finish && sel_q == QueueW'(i);
      dec[i] = retire && head.qid == QueueW'(i);
      q_drained_o[i] = !ring_busy[i] && count_frames_q[i] == '0 &&
                       !(busy_q && sel_q == QueueW'(i));
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < Queues; i++) begin
      if (rst_i) count_frames_q[i] <= '0;
      else if (inc[i] != dec[i]) begin
        count_frames_q[i] <= inc[i] ? count_frames_q[i] + 1'b1 : count_frames_q[i] - 1'b1;
      end
    end
  end

  assign stat_frame_o = retire && !failed;
  assign stat_bytes_o = head.len;
  assign stat_bad_o   = retire && head.status != tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;
  assign stat_err_o   = retire && err_q[head_q[FrameW-1:0]];

  assign idle_o = &ring_idle && !busy_q && !any && head_q == tail_q && !pkt_valid_o &&
                  !piece_valid_o;

  logic unused;
  assign unused = &{1'b0, sent_wqe_i[15:FrameW], desc.ctl.rsvd_18, desc.ctl.rsvd_14};

endmodule
