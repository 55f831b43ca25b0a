// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Finds where the data of a packet goes: every item of the responder, the response handler and
// the Ethernet receiver passes through here and comes out with a list of up to 16 pieces
// {key, addr, len}, together as long as the item's data. TgKey and TgHost are one piece, TgProbe
// one that is empty; TgRq and TgSq are looked up in the work queue entry, which is fetched when the
// item enters; other items without data have no piece.
//
// - Items of one side keep their order. Each side waits in a FIFO of its own, so a side whose
//   oldest item waits for its entry does not hold up the others. Order across sides is free.
// - item_o comes with item_pieces_o; that many pieces follow on the piece port in the order of
//   the items, and are there already when the item shows.
// - item_err_o: there is no list. The entry could not be fetched (item_status_o general, reason
//   rq_fetch or sq_fetch), or the data goes over its end (loc_len, rq_length; sq_access for an
//   SQ entry, which was checked when it was sent and must have been changed since).
// - Packets of a message that come in sequence go on in its list where the one before ended; after
//   a jump the list is walked from its start.
//
// An item without an entry takes one cycle, one with an entry as many as it touches SGEs and one.

module tern_scatter #(
  parameter  int unsigned Bufs  = 32,  // entries held, power of two
  parameter  int unsigned Depth = 32,  // items of a side, power of two
  localparam int unsigned BufW  = $clog2(Bufs)
) (
  input  logic                        clk_i,
  input  logic                        rst_i,
  output logic                        idle_o,

  input  logic                        rsp_valid_i,
  output logic                        rsp_ready_o,
  input  tern_pkg::pl_item_t          rsp_i,
  input  logic                        rh_valid_i,
  output logic                        rh_ready_o,
  input  tern_pkg::pl_item_t          rh_i,
  input  logic                        eth_valid_i,
  output logic                        eth_ready_o,
  input  tern_pkg::pl_item_t          eth_i,

  // tern_ring_addr; index counts slots of an SQ, entries of an RQ. Answers in any order
  output logic                        ra_req_valid_o,
  input  logic                        ra_req_ready_i,
  output logic [tern_pkg::QpnW-1:0]   ra_req_qpn_o,
  output logic                        ra_req_rq_o,
  output logic [15:0]                 ra_req_index_o,
  output logic [BufW-1:0]             ra_req_tag_o,
  input  logic                        ra_rsp_valid_i,
  input  logic [BufW-1:0]             ra_rsp_tag_i,
  input  logic                        ra_rsp_err_i,
  input  logic [63:0]                 ra_rsp_addr_i,
  input  logic [3:0]                  ra_rsp_log_size_i,    // of the ring asked for
  input  logic [2:0]                  ra_rsp_log_stride_i,  // RQ: log2 of the SGEs of an entry

  output logic                        rd_valid_o,
  input  logic                        rd_ready_i,
  output tern_pkg::dma_rd_req_t       rd_o,
  input  logic                        rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t       rd_rsp_i,

  output logic                        item_valid_o,
  input  logic                        item_ready_i,
  output tern_pkg::pl_item_t          item_o,
  output logic [4:0]                  item_pieces_o,
  output logic                        item_err_o,
  output logic [7:0]                  item_status_o,   // tern_hw_wc_status_e
  output logic [7:0]                  item_reason_o,   // tern_hw_qp_reason_e
  output logic                        piece_valid_o,
  input  logic                        piece_ready_i,
  output logic [31:0]                 piece_key_o,
  output logic [63:0]                 piece_addr_o,
  output logic [13:0]                 piece_len_o
);

  localparam int unsigned PieceW = 32 + 64 + 14;
  localparam int unsigned PcPtrW = 5;

  // What the walk needs to know of an item
  typedef struct packed {
    logic            need;    // an entry
    logic [BufW-1:0] entry;
    logic            direct;  // one piece {key, addr, len}
    logic [31:0]     offset;
    logic [13:0]     len;
    logic [31:0]     key;
    logic [63:0]     addr;
  } info_t;

  // ---------------------------------------------------------------------------------- intake

  logic [1:0]      in_req, in_gnt;
  logic            in_valid, in_sq, in_take, in_step;
  logic            rsp_room, rh_room, rsp_info_room, rh_info_room;
  logic            use_ok, use_new, use_entry, use_need, use_last, use_marker;
  logic [BufW-1:0] use_buf;
  tern_pkg::target_e         in_target;
  logic [13:0]               in_len;
  logic [tern_pkg::QpnW-1:0] in_qpn;
  logic [15:0]               in_wqe;
  info_t           in_info;

  assign in_req[0] = rsp_valid_i && rsp_room && rsp_info_room;
  assign in_req[1] = rh_valid_i && rh_room && rh_info_room;

  // The turn passes on also if there is no buffer for one
  tern_rr_arb #(.N(2)) u_in (
    .clk_i, .rst_i,
    .req_i(in_req), .take_i(in_step),
    .valid_o(in_valid), .onehot_o(in_gnt), .idx_o(in_sq)
  );

  assign in_step = in_valid;
  assign in_take = in_valid && use_ok;
  assign rsp_ready_o = in_take && in_gnt[0];
  assign rh_ready_o  = in_take && in_gnt[1];

  assign in_target  = in_sq ? rh_i.target : rsp_i.target;
  assign in_len     = in_sq ? rh_i.len : rsp_i.len;
  assign in_qpn     = in_sq ? rh_i.qpn : rsp_i.qpn;
  assign in_wqe     = in_sq ? rh_i.wqe : rsp_i.wqe;
  assign use_marker = in_sq ? rh_i.marker : rsp_i.marker;
  assign use_last   = in_sq ? rh_i.wqe_last : rsp_i.wqe_last;
  assign use_entry  = !use_marker &&
                      (in_target == tern_pkg::TgRq || in_target == tern_pkg::TgSq);
  assign use_need   = use_entry && in_len != '0;

  always_comb begin
    in_info.need   = use_need;
    in_info.entry  = use_buf;
    in_info.direct = !use_marker && (in_target == tern_pkg::TgProbe || (in_len != '0 &&
                     (in_target == tern_pkg::TgKey || in_target == tern_pkg::TgHost)));
    in_info.offset = in_sq ? rh_i.offset : rsp_i.offset;
    in_info.len    = in_len;
    in_info.key    = in_sq ? rh_i.key : rsp_i.key;
    in_info.addr   = in_sq ? rh_i.addr : rsp_i.addr;
  end

  logic [Bufs-1:0]       ready, failed, buf_sq;
  logic [Bufs-1:0][4:0]  num;
  logic [Bufs-1:0][1:0]  base;
  logic                  put, sge_en;
  logic [BufW-1:0]       put_buf;
  logic [BufW+2:0]       sge_line;
  logic [511:0]          sge_data;

  tern_scatter_buf #(.Bufs(Bufs), .UserW($clog2(Depth) + 2)) u_buf (
    .clk_i, .rst_i,
    .use_marker_i(use_marker), .use_entry_i(use_entry), .use_need_i(use_need && in_valid),
    .use_last_i(use_last), .use_sq_i(in_sq), .use_qpn_i(in_qpn), .use_wqe_i(in_wqe),
    .use_ok_o(use_ok), .use_buf_o(use_buf), .use_take_i(in_take), .use_new_o(use_new),
    .put_valid_i(put), .put_buf_i(put_buf),
    .ready_o(ready), .failed_o(failed), .sq_o(buf_sq), .num_o(num), .base_o(base),
    .sge_en_i(sge_en), .sge_line_i(sge_line), .sge_data_o(sge_data),
    .ra_req_valid_o, .ra_req_ready_i, .ra_req_qpn_o, .ra_req_rq_o, .ra_req_index_o,
    .ra_req_tag_o, .ra_rsp_valid_i, .ra_rsp_tag_i, .ra_rsp_err_i, .ra_rsp_addr_i,
    .ra_rsp_log_size_i, .ra_rsp_log_stride_i,
    .rd_valid_o, .rd_ready_i, .rd_o, .rd_rsp_valid_i, .rd_rsp_i
  );

  // ------------------------------------------------------------------------------ the sides

  localparam int unsigned InfoW = $bits(in_info);

  logic [2:0]             item_there, item_pop, info_there, info_pop;
  tern_pkg::pl_item_t     rsp_item, rh_item, eth_item;
  logic [$bits(rsp_item)-1:0] rsp_bits, rh_bits, eth_bits;
  logic [2:0][InfoW-1:0]  info_bits;
  logic                   eth_room, eth_info_room;
  info_t                  eth_info;

  tern_fifo #(.Width($bits(rsp_item)), .Depth(Depth)) u_rsp_item (
    .clk_i, .rst_i,
    .in_valid_i(rsp_ready_o), .in_ready_o(rsp_room), .in_data_i(rsp_i),
    .out_valid_o(item_there[0]), .out_ready_i(item_pop[0]), .out_data_o(rsp_bits)
  );
  tern_fifo #(.Width(InfoW), .Depth(Depth)) u_rsp_info (
    .clk_i, .rst_i,
    .in_valid_i(rsp_ready_o), .in_ready_o(rsp_info_room), .in_data_i(in_info),
    .out_valid_o(info_there[0]), .out_ready_i(info_pop[0]), .out_data_o(info_bits[0])
  );
  tern_fifo #(.Width($bits(rsp_item)), .Depth(Depth)) u_rh_item (
    .clk_i, .rst_i,
    .in_valid_i(rh_ready_o), .in_ready_o(rh_room), .in_data_i(rh_i),
    .out_valid_o(item_there[1]), .out_ready_i(item_pop[1]), .out_data_o(rh_bits)
  );
  tern_fifo #(.Width(InfoW), .Depth(Depth)) u_rh_info (
    .clk_i, .rst_i,
    .in_valid_i(rh_ready_o), .in_ready_o(rh_info_room), .in_data_i(in_info),
    .out_valid_o(info_there[1]), .out_ready_i(info_pop[1]), .out_data_o(info_bits[1])
  );

  always_comb begin
    eth_info        = '0;
    eth_info.direct = !eth_i.marker && eth_i.len != '0 && eth_i.target == tern_pkg::TgHost;
    eth_info.len    = eth_i.len;
    eth_info.key    = eth_i.key;
    eth_info.addr   = eth_i.addr;
  end

  assign eth_ready_o = eth_room && eth_info_room;

  tern_fifo #(.Width($bits(rsp_item)), .Depth(4)) u_eth_item (
    .clk_i, .rst_i,
    .in_valid_i(eth_valid_i && eth_ready_o), .in_ready_o(eth_room), .in_data_i(eth_i),
    .out_valid_o(item_there[2]), .out_ready_i(item_pop[2]), .out_data_o(eth_bits)
  );
  tern_fifo #(.Width(InfoW), .Depth(4)) u_eth_info (
    .clk_i, .rst_i,
    .in_valid_i(eth_valid_i && eth_ready_o), .in_ready_o(eth_info_room), .in_data_i(eth_info),
    .out_valid_o(info_there[2]), .out_ready_i(info_pop[2]), .out_data_o(info_bits[2])
  );

  assign rsp_item = rsp_bits;
  assign rh_item  = rh_bits;
  assign eth_item = eth_bits;

  // ---------------------------------------------------------------------- choice of an item

  info_t      pick_info, w_q;
  logic       rsp_need, rh_need;
  logic [BufW-1:0] rsp_entry, rh_entry;
  logic [2:0] pick_req, pick_hot, w_side_q;
  logic [1:0] pick_idx;
  logic       pick_valid, pick, w_valid_q, w_done;

  // The first members of info_t
  assign {rsp_need, rsp_entry} = info_bits[0][InfoW-1 -: BufW+1];
  assign {rh_need, rh_entry}   = info_bits[1][InfoW-1 -: BufW+1];

  assign pick_req[0] = info_there[0] && (!rsp_need || ready[rsp_entry]);
  assign pick_req[1] = info_there[1] && (!rh_need || ready[rh_entry]);
  assign pick_req[2] = info_there[2];
  assign pick        = pick_valid && (!w_valid_q || w_done);
  assign info_pop    = pick_hot & {3{pick}};
  assign pick_info   = info_bits[pick_idx];

  tern_rr_arb #(.N(3)) u_pick (
    .clk_i, .rst_i,
    .req_i(pick_req), .take_i(pick),
    .valid_o(pick_valid), .onehot_o(pick_hot), .idx_o(pick_idx)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) w_valid_q <= 1'b0;
    else if (pick) w_valid_q <= 1'b1;
    else if (w_done) w_valid_q <= 1'b0;
    if (pick) begin
      w_q      <= pick_info;
      w_side_q <= pick_hot;
    end
  end

  // ---------------------------------------------------------------------------------- the walk
  //
  // The cursor of an entry: {offset of the next byte of the message, SGE, bytes of it used}

  logic [68:0]     cursor [Bufs];
  logic [Bufs-1:0] cursor_ok_q;
  logic [31:0]     cur_at, cur_in;
  logic [4:0]      cur_idx;
  logic            cur_use;

  assign {cur_at, cur_idx, cur_in} = cursor[w_q.entry];
  assign cur_use = cursor_ok_q[w_q.entry] && cur_at == w_q.offset;

  logic        in_list_q;       // at an SGE; else the item is new
  logic [4:0]  idx_q, start_idx, next_idx;
  logic [31:0] skip_q;          // bytes before the data, from the start of the SGE
  logic [13:0] left_q;
  logic [4:0]  pieces_q;
  logic [4:0]  num_w;
  logic [5:0]  pos_q, pos, pos_read;
  tern_hw_pkg::tern_hw_sge_t sge;
  logic [31:0] avail;
  logic        ends, skips, all;
  logic [13:0] take;
  logic        pc_room, pc_want, pc_push;
  logic [PieceW-1:0] pc_data;
  logic        finish, fail_fetch, fail_length, out_room;
  logic        step;

  assign num_w     = num[w_q.entry];
  assign start_idx = cur_use ? cur_idx : 5'd0;
  assign pos       = 6'(base[w_q.entry]) + 6'(start_idx);
  assign next_idx  = idx_q + 5'd1;
  assign sge       = sge_data[{pos_q[1:0], 7'd0} +: 128];
  assign avail     = sge.len_key.len - skip_q;
  assign ends      = idx_q == num_w ||
                     (!buf_sq[w_q.entry] && sge.len_key.len == '0 && sge.len_key.lkey == '0);
  assign skips     = sge.len_key.len <= skip_q;
  assign all       = avail <= 32'(left_q);
  assign take      = all ? avail[13:0] : left_q;

  always_comb begin
    finish      = 1'b0;
    fail_fetch  = 1'b0;
    fail_length = 1'b0;
    pc_want     = 1'b0;
    pc_data     = {w_q.key, w_q.addr, w_q.len};
    if (w_valid_q && !in_list_q) begin
      if (!w_q.need) begin
        finish  = 1'b1;
        pc_want = w_q.direct;
      end else if (failed[w_q.entry]) begin
        finish     = 1'b1;
        fail_fetch = 1'b1;
      end
    end else if (w_valid_q) begin
      pc_data = {sge.len_key.lkey, sge.addr + 64'(skip_q), take};
      if (ends) begin
        finish      = 1'b1;
        fail_length = 1'b1;
      end else if (!skips) begin
        pc_want = 1'b1;
        finish  = take == left_q;
      end
    end
  end

  // Room for both is asked for, whatever is needed
  assign step     = w_valid_q && out_room && pc_room;
  assign w_done   = step && finish;
  assign pc_push  = step && pc_want;
  assign put      = w_done && w_q.need;
  assign put_buf  = w_q.entry;
  assign item_pop = w_side_q & {3{w_done}};

  assign pos_read = in_list_q ? pos_q + 6'd1 : pos;
  assign sge_en   = step && w_q.need && !finish;
  assign sge_line = {w_q.entry, pos_read[4:2]};

  always_ff @(posedge clk_i) begin
    if (rst_i) in_list_q <= 1'b0;
    else if (step) in_list_q <= !finish;
    if (sge_en) begin
      pos_q <= pos_read;
      if (!in_list_q) begin
        idx_q    <= start_idx;
        skip_q   <= cur_use ? cur_in : w_q.offset;
        left_q   <= w_q.len;
        pieces_q <= '0;
      end else begin
        idx_q <= next_idx;
        if (skips) skip_q <= skip_q - sge.len_key.len;
        else begin
          skip_q   <= '0;
          left_q   <= left_q - take;
          pieces_q <= pieces_q + 5'd1;
        end
      end
    end
    if (w_done && w_q.need && !fail_fetch && !fail_length) begin
      cursor[w_q.entry] <= {w_q.offset + 32'(w_q.len), all ? next_idx : idx_q,
                            all ? 32'd0 : skip_q + 32'(take)};
      cursor_ok_q[w_q.entry] <= 1'b1;
    end
    if (in_take && use_new) cursor_ok_q[use_buf] <= 1'b0;
  end

  // --------------------------------------------------------------------------------- pieces
  //
  // Those of the item at hand are behind commit_q, and are taken back if it fails

  logic [PieceW-1:0] pc_mem [1 << PcPtrW];
  logic [PcPtrW:0]   pc_wr_q, pc_commit_q, pc_rd_q, pc_next;

  assign pc_room       = pc_wr_q != {~pc_rd_q[PcPtrW], pc_rd_q[PcPtrW-1:0]};
  assign pc_next       = pc_wr_q + (PcPtrW+1)'(pc_push);
  assign piece_valid_o = pc_rd_q != pc_commit_q;
  assign {piece_key_o, piece_addr_o, piece_len_o} = pc_mem[pc_rd_q[PcPtrW-1:0]];

  always_ff @(posedge clk_i) begin
    if (pc_push) pc_mem[pc_wr_q[PcPtrW-1:0]] <= pc_data;
    if (rst_i) begin
      pc_wr_q     <= '0;
      pc_commit_q <= '0;
      pc_rd_q     <= '0;
    end else begin
      if (w_done && fail_length) pc_wr_q <= pc_commit_q;
      else pc_wr_q <= pc_next;
      if (w_done && !fail_length) pc_commit_q <= pc_next;
      if (piece_valid_o && piece_ready_i) pc_rd_q <= pc_rd_q + 1'b1;
    end
  end

  // --------------------------------------------------------------------------------- output

  typedef struct packed {
    logic [4:0] pieces;
    logic       err;
    logic [7:0] status;
    logic [7:0] reason;
  } list_t;

  list_t              list, out_list;
  tern_pkg::pl_item_t w_item;
  logic [$bits(list)+$bits(w_item)-1:0] out_bits;

  always_comb begin
    w_item = rsp_item;
    if (w_side_q[1]) w_item = rh_item;
    if (w_side_q[2]) w_item = eth_item;
    list = '0;
    if (!fail_fetch && !fail_length) begin
      list.pieces = in_list_q ? pieces_q + 5'd1 : 5'(w_q.direct);
    end
    list.err = fail_fetch || fail_length;
    if (fail_fetch) begin
      list.status = tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL;
      list.reason = w_side_q[1] ? tern_hw_pkg::TERN_HW_QP_REASON_SQ_FETCH
                                : tern_hw_pkg::TERN_HW_QP_REASON_RQ_FETCH;
    end
    if (fail_length) begin
      list.status = tern_hw_pkg::TERN_HW_WC_STATUS_LOC_LEN;
      list.reason = w_side_q[1] ? tern_hw_pkg::TERN_HW_QP_REASON_SQ_ACCESS
                                : tern_hw_pkg::TERN_HW_QP_REASON_RQ_LENGTH;
    end
  end

  tern_fifo #(.Width($bits(list) + $bits(w_item)), .Depth(2)) u_out (
    .clk_i, .rst_i,
    .in_valid_i(w_done), .in_ready_o(out_room), .in_data_i({list, w_item}),
    .out_valid_o(item_valid_o), .out_ready_i(item_ready_i), .out_data_o(out_bits)
  );

  assign {out_list, item_o} = out_bits;
  assign item_pieces_o = out_list.pieces;
  assign item_err_o    = out_list.err;
  assign item_status_o = out_list.status;
  assign item_reason_o = out_list.reason;

  assign idle_o = item_there == '0 && !w_valid_q && !item_valid_o && !piece_valid_o;

endmodule
