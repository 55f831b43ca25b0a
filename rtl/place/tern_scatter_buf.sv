// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Entry buffers of tern_scatter: work queue entries that were fetched to find where data goes.
// A buffer holds the entry {qpn, side, wqe} from its first packet with data to its last one, as
// it is in the ring: up to 5 slots of 64 B of an SQ entry, or up to 256 B of an RQ entry.
//
// - use_*: an item that enters names its entry. use_ok_o tells, in the same cycle, that it has a
//   buffer (use_buf_o) or needs none; with use_take_i it counts as a user of the buffer until
//   put_*. An entry that no buffer holds is fetched into a free one, or into one without users,
//   whose own entry is then fetched anew if more of it comes.
// - The item with use_last_i and a marker of the QPN close an entry: items after them never find
//   it, and the buffer is free when the items before them are through.
// - ready_o[b]: fetched, or failed. Stays while the buffer has users.
// - The SGEs are the 16 B pieces base_o[b] and following of the buffer, num_o[b] of them.
// - sge_line_i gives a line of a buffer in the next cycle.
//
// An RQ entry and an SQ entry that lies in one 4 KiB block take one address and one read. The rest of
// an SQ entry that goes on elsewhere is asked for when its header has come and says so.

module tern_scatter_buf #(
  parameter  int unsigned Bufs  = 32,  // power of two
  parameter  int unsigned UserW = 7,   // bits to count the users of a buffer
  localparam int unsigned BufW  = $clog2(Bufs)
) (
  input  logic                        clk_i,
  input  logic                        rst_i,

  input  logic                        use_marker_i,
  input  logic                        use_entry_i,  // its target is an entry
  input  logic                        use_need_i,   // and it has data for it
  input  logic                        use_last_i,
  input  logic                        use_sq_i,     // side rh
  input  logic [tern_pkg::QpnW-1:0]   use_qpn_i,
  input  logic [15:0]                 use_wqe_i,
  output logic                        use_ok_o,
  output logic [BufW-1:0]             use_buf_o,
  input  logic                        use_take_i,
  output logic                        use_new_o,    // with take: the buffer has a new entry

  input  logic                        put_valid_i,
  input  logic [BufW-1:0]             put_buf_i,

  output logic [Bufs-1:0]             ready_o,
  output logic [Bufs-1:0]             failed_o,
  output logic [Bufs-1:0]             sq_o,
  output logic [Bufs-1:0][4:0]        num_o,
  output logic [Bufs-1:0][1:0]        base_o,

  input  logic                        sge_en_i,
  input  logic [BufW+2:0]             sge_line_i,   // {buffer, line}
  output logic [511:0]                sge_data_o,

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
  input  logic [3:0]                  ra_rsp_log_size_i,
  input  logic [2:0]                  ra_rsp_log_stride_i,

  output logic                        rd_valid_o,
  input  logic                        rd_ready_i,
  output tern_pkg::dma_rd_req_t       rd_o,
  input  logic                        rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t       rd_rsp_i
);

  if (Bufs != 1 << BufW || BufW > 8) begin : gen_bad_size
    $error("tern_scatter_buf: size not possible");
  end

  typedef enum logic [2:0] {
    BfAsk,    // for the address
    BfAddr,   // asked
    BfData,   // the read is in the FIFO or under way
    BfReady,
    BfErr
  } buf_e;

  logic [Bufs-1:0]                      valid_q;
  logic [Bufs-1:0]                      closed_q;
  logic [Bufs-1:0]                      sq_q;
  logic [Bufs-1:0]                      more_q;   // the second part of an SQ entry is being had
  logic [Bufs-1:0][tern_pkg::QpnW-1:0]  qpn_q;
  logic [Bufs-1:0][15:0]                wqe_q;
  logic [Bufs-1:0][2:0]                 state_q;
  logic [Bufs-1:0][UserW-1:0]           users_q;
  logic [Bufs-1:0][4:0]                 num_q;
  logic [Bufs-1:0][1:0]                 base_q;
  logic [Bufs-1:0][2:0]                 got_q;    // slots of the first part

  assign sq_o   = sq_q;
  assign num_o  = num_q;
  assign base_o = base_q;

  // ------------------------------------------------------------------------- items that enter

  logic [Bufs-1:0] match, hit, idle, pick_req, pick_hot, is_ask;
  logic [BufW-1:0] hit_buf, pick_buf;
  logic            pick_valid, take_new;

  always_comb begin
    hit_buf = '0;
    for (int unsigned i = 0; i < Bufs; i++) begin
      match[i]    = valid_q[i] && sq_q[i] == use_sq_i && qpn_q[i] == use_qpn_i;
      hit[i]      = match[i] && !closed_q[i] && wqe_q[i] == use_wqe_i;
      idle[i]     = users_q[i] == '0;
      is_ask[i]   = valid_q[i] && state_q[i] == BfAsk;
      ready_o[i]  = state_q[i] == BfReady || state_q[i] == BfErr;
      failed_o[i] = state_q[i] == BfErr;
      if (hit[i]) hit_buf |= BufW'(i);
    end
  end

  // A free one, else one that nobody uses
  assign pick_req = (valid_q == '1) ? idle : ~valid_q;

  tern_rr_arb #(.N(Bufs)) u_pick (
    .clk_i, .rst_i,
    .req_i(pick_req), .take_i(take_new),
    .valid_o(pick_valid), .onehot_o(pick_hot), .idx_o(pick_buf)
  );

  assign use_ok_o  = !use_need_i || hit != '0 || pick_valid;
  assign use_buf_o = (hit != '0) ? hit_buf : pick_buf;
  assign use_new_o = use_need_i && hit == '0;
  assign take_new  = use_take_i && use_new_o;

  // ------------------------------------------------------------------------------- addresses

  logic            ask_valid_q, ask_next, ask_load;
  logic [BufW-1:0] ask_buf_q, ask_buf;
  logic [Bufs-1:0] ask_hot;
  logic [15:0]     ask_index_q, ask_index;

  assign ask_load = ask_next && (!ask_valid_q || ra_req_ready_i);

  tern_rr_arb #(.N(Bufs)) u_ask (
    .clk_i, .rst_i,
    .req_i(is_ask), .take_i(ask_load),
    .valid_o(ask_next), .onehot_o(ask_hot), .idx_o(ask_buf)
  );

  assign ask_index = wqe_q[ask_buf] + (more_q[ask_buf] ? 16'(got_q[ask_buf]) : 16'd0);

  always_ff @(posedge clk_i) begin
    if (rst_i) ask_valid_q <= 1'b0;
    else if (ask_load) ask_valid_q <= 1'b1;
    else if (ra_req_ready_i) ask_valid_q <= 1'b0;
    if (ask_load) begin
      ask_buf_q   <= ask_buf;
      ask_index_q <= ask_index;
    end
  end

  assign ra_req_valid_o = ask_valid_q;
  assign ra_req_qpn_o   = qpn_q[ask_buf_q];
  assign ra_req_rq_o    = !sq_q[ask_buf_q];
  assign ra_req_index_o = ask_index_q;
  assign ra_req_tag_o   = ask_buf_q;

  // What is to be read at the address
  logic        rd_room;
  logic        ra_sq, ra_more, ra_bad;
  logic [2:0]  ra_got, ra_want, ra_slots;
  logic [15:0] ra_index;
  logic [16:0] ra_left;       // slots to the end of the ring
  logic [6:0]  ra_page_left;  // slots to the end of the 4 KiB block
  logic [8:0]  ra_len;
  logic [2:0]  slots_now;     // of the entry, by its header

  function automatic logic [2:0] slots_of(input logic [4:0] num);
    slots_of = 3'd1 + 3'((6'(num) + 6'd1) >> 2);
  endfunction

  assign ra_sq        = sq_q[ra_rsp_tag_i];
  assign ra_more      = more_q[ra_rsp_tag_i];
  assign ra_got       = got_q[ra_rsp_tag_i];
  assign ra_want      = ra_more ? slots_of(num_q[ra_rsp_tag_i]) - ra_got : 3'd5;
  assign ra_index     = (wqe_q[ra_rsp_tag_i] + (ra_more ? 16'(ra_got) : 16'd0)) &
                        ~(16'hffff << ra_rsp_log_size_i);
  assign ra_left      = (17'd1 << ra_rsp_log_size_i) - 17'(ra_index);
  assign ra_page_left = 7'd64 - 7'(ra_rsp_addr_i[11:6]);

  always_comb begin
    ra_slots = ra_want;
    if (ra_page_left < 7'(ra_slots)) ra_slots = ra_page_left[2:0];
    if (ra_left < 17'(ra_slots)) ra_slots = ra_left[2:0];
    ra_len = ra_sq ? {ra_slots, 6'd0} : 9'd16 << ra_rsp_log_stride_i;
    // An entry cannot be in three places. There is always room: one read per buffer at most
    ra_bad = ra_rsp_err_i || !rd_room || (ra_sq ? (ra_more && ra_slots != ra_want)
                                    : ra_rsp_log_stride_i > 3'd4);
  end

  logic [BufW+72:0] rd_data;

  tern_fifo #(.Width(BufW + 73), .Depth(Bufs)) u_rd (
    .clk_i, .rst_i,
    .in_valid_i (ra_rsp_valid_i && !ra_bad),
    .in_ready_o (rd_room),
    .in_data_i  ({ra_rsp_tag_i, ra_len, ra_rsp_addr_i}),
    .out_valid_o(rd_valid_o),
    .out_ready_i(rd_ready_i),
    .out_data_o (rd_data)
  );

  always_comb begin
    rd_o      = '0;
    rd_o.addr = rd_data[63:0];
    rd_o.len  = 13'(rd_data[72:64]);
    rd_o.tag  = 8'(rd_data[73 +: BufW]);
  end

  // ------------------------------------------------------------------------------------ data

  logic [511:0]    lines [Bufs * 8];
  logic [BufW-1:0] dat_buf;
  logic            dat_head;  // the header of an SQ entry is in this beat
  logic            dat_done;
  logic [4:0]      dat_num;
  logic [2:0]      dat_line;

  assign dat_buf   = rd_rsp_i.tag[BufW-1:0];
  assign dat_line  = rd_rsp_i.offset[8:6] + (more_q[dat_buf] ? got_q[dat_buf] : 3'd0);
  assign dat_head  = rd_rsp_valid_i && sq_q[dat_buf] && !more_q[dat_buf] &&
                     rd_rsp_i.offset == '0;
  assign dat_num   = dat_head ? rd_rsp_i.data[12:8] : num_q[dat_buf];
  assign dat_done  = rd_rsp_valid_i && rd_rsp_i.last;
  assign slots_now = slots_of(dat_num);

  always_ff @(posedge clk_i) begin
    if (rd_rsp_valid_i) lines[{dat_buf, dat_line}] <= rd_rsp_i.data;
    if (sge_en_i) sge_data_o <= lines[sge_line_i];
  end

  // ----------------------------------------------------------------------------------- state

  always_ff @(posedge clk_i) begin
    if (ra_rsp_valid_i) begin
      state_q[ra_rsp_tag_i] <= ra_bad ? BfErr : BfData;
      if (!ra_sq) begin
        num_q[ra_rsp_tag_i]  <= 5'd1 << ra_rsp_log_stride_i;
        base_q[ra_rsp_tag_i] <= ra_rsp_addr_i[5:4];
      end else begin
        base_q[ra_rsp_tag_i] <= 2'd2;
        if (!ra_more) got_q[ra_rsp_tag_i] <= ra_slots;
      end
    end
    if (dat_head) num_q[dat_buf] <= dat_num;
    if (dat_done) begin
      if (rd_rsp_i.err || dat_num > 5'(tern_pkg::MaxSge)) begin
        state_q[dat_buf] <= BfErr;
      end else if (sq_q[dat_buf] && !more_q[dat_buf] && slots_now > got_q[dat_buf]) begin
        state_q[dat_buf] <= BfAsk;
        more_q[dat_buf]  <= 1'b1;
      end else begin
        state_q[dat_buf] <= BfReady;
      end
    end
    for (int unsigned i = 0; i < Bufs; i++) begin
      if (ask_load && ask_hot[i]) state_q[i] <= BfAddr;
      if (closed_q[i] && idle[i]) valid_q[i] <= 1'b0;
      if (use_take_i && (use_marker_i ? match[i] : (use_entry_i && use_last_i && hit[i]))) begin
        closed_q[i] <= 1'b1;
      end
      if (take_new && pick_hot[i]) begin
        valid_q[i]  <= 1'b1;
        closed_q[i] <= use_last_i;
        sq_q[i]     <= use_sq_i;
        more_q[i]   <= 1'b0;
        qpn_q[i]    <= use_qpn_i;
        wqe_q[i]    <= use_wqe_i;
        state_q[i]  <= BfAsk;
      end
      if ((use_take_i && use_need_i && use_buf_o == BufW'(i)) !=
          (put_valid_i && put_buf_i == BufW'(i))) begin
        users_q[i] <= (put_valid_i && put_buf_i == BufW'(i)) ? users_q[i] - 1'b1
                                                             : users_q[i] + 1'b1;
      end
    end
    if (rst_i) begin
      valid_q <= '0;
      users_q <= '0;
    end
  end

endmodule
