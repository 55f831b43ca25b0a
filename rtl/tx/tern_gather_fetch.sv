// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Gets the pieces of tern_gather and puts them into the ring, in any order.
//
//   PcKey ----> tern_mr ---.
//   PcHost ----------------+--> ready list --> DMA reads --> beats --.
//                                   '--refused-----------------------+--> ring, events
//   PcInline --------------------------------------------------------'
//
// A piece of the first two kinds has one of 64 entries until its last byte has come; its number is
// the tag at tern_mr, and with the number of the part (a piece may lie in two places) that of the
// DMA reads. Entries go to the bus in the order in which their addresses are known, so a slow
// translation holds up nobody. Beats cannot wait; refusals and inline data take the gaps
// between them. PcHost is at most 4096 bytes here.
//
// Events, no ready: ev_valid_o says that a part of a piece of a slot is over, with an error or
// without (EvOk); ev_done_o that the piece is. What an event tells of can be read from the ring
// by a read in the next cycle.
//
// From in to mr_valid_o 1 cycle, from an answer of tern_mr to dma_valid_o 2 (PcHost: 2 from in),
// from the last beat to the event 2. One piece, one DMA request, one beat a cycle.
//
// fence_done_o comes when all entries that were in use at fence_i are free; one fence at a time.

module tern_gather_fetch #(
  parameter  int unsigned MaxOwed = 16384,  // bytes under way, above which no read begins
  localparam int unsigned SlotW = 6
) (
  input  logic                  clk_i,
  input  logic                  rst_i,

  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  input  tern_pkg::piece_kind_e in_kind_i,
  input  logic [SlotW-1:0]      in_slot_i,
  input  logic [15:0]           in_pos_i,     // byte of the ring
  input  logic [12:0]           in_len_i,     // 1 to 4096, PcInline to 64
  input  logic [31:0]           in_key_i,
  input  logic [63:0]           in_addr_i,
  input  logic [511:0]          in_data_i,
  input  logic [23:0]           in_pd_i,
  input  logic                  in_priv_i,
  input  logic                  in_remote_i,

  output logic                  mr_valid_o,
  input  logic                  mr_ready_i,
  output tern_pkg::mr_req_t     mr_o,
  input  logic                  mr_rsp_valid_i,
  input  tern_pkg::mr_rsp_t     mr_rsp_i,

  output logic                  dma_valid_o,
  input  logic                  dma_ready_i,
  output tern_pkg::dma_rd_req_t dma_o,
  input  logic                  dma_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t dma_rsp_i,

  // To the ring
  output logic                  wr_valid_o,
  output logic [15:0]           wr_pos_o,
  output logic [5:0]            wr_lane_o,
  output logic [6:0]            wr_bytes_o,
  output logic [511:0]          wr_data_o,

  output logic                  ev_valid_o,
  output logic                  ev_done_o,
  output logic [SlotW-1:0]      ev_slot_o,
  output logic [3:0]            ev_err_o,     // 0, an mr_err_e, or 8: the bus

  input  logic [(1<<SlotW)-1:0] skip_i,       // these slots need no data; their pieces just end

  input  logic                  fence_i,
  output logic                  fence_done_o,
  output logic                  fence_busy_o
);

  localparam int unsigned Entries = 64;
  localparam int unsigned IdW     = 6;
  localparam int unsigned OwedW   = $clog2(MaxOwed + 8192);
  localparam logic [3:0]  ErrDma  = 4'd8;

  // ------------------------------------------------------------------------- free entries

  // One is held ready. They come from a ring of those given back, or, until each was used once,
  // from a counter
  logic [IdW-1:0] free_mem [Entries];
  logic [IdW-1:0] free_wr_q, free_rd_q;
  logic [IdW:0]   free_count_q;
  logic [IdW:0]   fresh_q;
  logic           id_valid_q;
  logic [IdW-1:0] id_q;
  logic           fresh, refill, use_id, give;
  logic [IdW-1:0] give_id;

  assign fresh  = !fresh_q[IdW];
  assign refill = (!id_valid_q || use_id) && (fresh || free_count_q != '0);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      free_wr_q    <= '0;
      free_rd_q    <= '0;
      free_count_q <= '0;
      fresh_q      <= '0;
      id_valid_q   <= 1'b0;
    end else begin
      if (give) free_wr_q <= free_wr_q + 1'b1;
      if (refill && fresh) fresh_q <= fresh_q + 1'b1;
      if (refill && !fresh) free_rd_q <= free_rd_q + 1'b1;
      if (give != (refill && !fresh)) begin
        free_count_q <= give ? free_count_q + 1'b1 : free_count_q - 1'b1;
      end
      if (refill) id_valid_q <= 1'b1;
      else if (use_id) id_valid_q <= 1'b0;
    end
    if (refill) id_q <= fresh ? fresh_q[IdW-1:0] : free_mem[free_rd_q];
  end

  always_ff @(posedge clk_i) begin
    if (give) free_mem[free_wr_q] <= give_id;
  end

  // ------------------------------------------------------------------------------- pieces

  logic                is_key, is_host;
  logic                take, inl_free;
  logic                mr_valid_q;
  tern_pkg::mr_req_t   mr_q;

  // Where the piece goes, and where it comes from
  logic [SlotW+16+13-1:0]  ent_mem [Entries];
  logic [3+64+13+64-1:0]   src_mem [Entries];
  logic                src_we;
  logic [IdW-1:0]      src_id;

  assign is_key  = in_kind_i == tern_pkg::PcKey;
  assign is_host = in_kind_i == tern_pkg::PcHost;

  assign in_ready_o = is_key  ? id_valid_q && (!mr_valid_q || mr_ready_i) :
                      is_host ? id_valid_q && !mr_rsp_valid_i : inl_free;
  assign take       = in_valid_i && in_ready_o;
  assign use_id     = take && (is_key || is_host);
  assign src_we     = mr_rsp_valid_i || (take && is_host);
  assign src_id     = mr_rsp_valid_i ? mr_rsp_i.tag[IdW-1:0] : id_q;

  always_ff @(posedge clk_i) begin
    if (use_id) ent_mem[id_q] <= {in_slot_i, in_pos_i, in_len_i};
    if (src_we) begin
      src_mem[src_id] <= mr_rsp_valid_i
          ? {mr_rsp_i.err, mr_rsp_i.addr0, mr_rsp_i.len0, mr_rsp_i.addr1}
          : {tern_pkg::MrOk, in_addr_i, in_len_i, 64'd0};
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) mr_valid_q <= 1'b0;
    else if (take && is_key) mr_valid_q <= 1'b1;
    else if (mr_ready_i) mr_valid_q <= 1'b0;

    if (take && is_key) begin
      mr_q.tag       <= 8'(id_q);
      mr_q.key       <= in_key_i;
      mr_q.pd        <= in_pd_i;
      mr_q.priv      <= in_priv_i;
      mr_q.need      <= in_remote_i ? tern_hw_pkg::TERN_HW_ACCESS_REMOTE_READ : 4'd0;
      mr_q.addr      <= in_addr_i;
      mr_q.len       <= in_len_i;
      mr_q.check_len <= 32'(in_len_i);
    end
  end

  assign mr_valid_o = mr_valid_q;
  assign mr_o       = mr_q;

  // -------------------------------------------------------------------------- to the bus

  // What is to be known of a read when its beats come
  typedef struct packed {
    logic             two;   // it is one of two parts
    logic [SlotW-1:0] slot;
    logic [15:0]      pos;
    logic [5:0]       lane;
    logic [12:0]      len;
  } read_t;

  read_t            rd;

  logic             rdy_valid, rdy_ready, rdy_room_unused;
  logic [IdW-1:0]   rdy_id;
  logic             iss_valid_q, iss_second_q, iss_skip_q;
  logic [IdW-1:0]   iss_id_q;
  logic [SlotW-1:0] iss_slot_q;
  logic [15:0]      iss_pos_q;
  logic [12:0]      iss_len_q, iss_len0_q;
  logic [2:0]       iss_err_q;
  logic [63:0]      iss_addr0_q, iss_addr1_q;
  logic             iss_two, iss_bad, iss_over, dma_take, null_take;

  tern_fifo #(.Width(IdW), .Depth(Entries)) u_ready (
    .clk_i, .rst_i,
    .in_valid_i (src_we),
    .in_ready_o (rdy_room_unused),  // it has room for all entries
    .in_data_i  (src_id),
    .out_valid_o(rdy_valid),
    .out_ready_i(rdy_ready),
    .out_data_o (rdy_id)
  );

  assign iss_two   = iss_len0_q != iss_len_q;
  assign iss_bad   = iss_err_q != tern_pkg::MrOk || iss_skip_q;
  assign dma_take  = dma_valid_o && dma_ready_i;
  assign iss_over  = null_take || (dma_take && (iss_second_q || !iss_two));
  assign rdy_ready = !iss_valid_q || iss_over;

  always_ff @(posedge clk_i) begin
    if (rst_i) iss_valid_q <= 1'b0;
    else if (rdy_ready) iss_valid_q <= rdy_valid;

    if (rdy_ready && rdy_valid) begin
      iss_id_q     <= rdy_id;
      iss_second_q <= 1'b0;
      iss_skip_q   <= skip_i[ent_mem[rdy_id][16+13 +: SlotW]];
      {iss_slot_q, iss_pos_q, iss_len_q} <= ent_mem[rdy_id];
      {iss_err_q, iss_addr0_q, iss_len0_q, iss_addr1_q} <= src_mem[rdy_id];
    end else if (dma_take) begin
      iss_second_q <= 1'b1;
    end
  end

  // Reads under way, in bytes. More than the bus takes to answer would not come any sooner, and
  // would keep everybody's reads waiting: above all those of a QP that goes back
  logic [OwedW-1:0] owed_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) owed_q <= '0;
    else owed_q <= owed_q + (dma_take ? OwedW'(dma_o.len) : '0) -
                   (dma_rsp_valid_i && dma_rsp_i.last ? OwedW'(rd.len) : '0);
  end

  assign dma_valid_o = iss_valid_q && !iss_bad && owed_q < OwedW'(MaxOwed);
  assign dma_o.addr  = iss_second_q ? iss_addr1_q : iss_addr0_q;
  assign dma_o.len   = iss_second_q ? iss_len_q - iss_len0_q : iss_len0_q;
  assign dma_o.tag   = {1'b0, iss_second_q, iss_id_q};

  read_t                  put, s1_q;
  logic [$bits(put)-1:0]  read_mem [2*Entries];

  assign put.two  = iss_two;
  assign put.slot = iss_slot_q;
  assign put.pos  = iss_pos_q + (iss_second_q ? 16'(iss_len0_q) : 16'd0);
  assign put.lane = dma_o.addr[5:0];
  assign put.len  = dma_o.len;

  always_ff @(posedge clk_i) begin
    if (dma_take) read_mem[dma_o.tag[IdW:0]] <= put;
  end

  // ------------------------------------------------------------------------- inline data

  logic             inl_valid, inl_take;
  logic [SlotW-1:0] inl_slot;
  logic [15:0]      inl_pos;
  logic [6:0]       inl_len;
  logic [511:0]     inl_data;

  tern_fifo #(.Width(SlotW + 16 + 7 + 512), .Depth(2)) u_inline (
    .clk_i, .rst_i,
    .in_valid_i (in_valid_i && !is_key && !is_host),
    .in_ready_o (inl_free),
    .in_data_i  ({in_slot_i, in_pos_i, in_len_i[6:0], in_data_i}),
    .out_valid_o(inl_valid),
    .out_ready_i(inl_take),
    .out_data_o ({inl_slot, inl_pos, inl_len, inl_data})
  );

  // --------------------------------------------------------------------- what has come (s1)

  logic           s1_valid_q, s1_wr_q, s1_last_q, s1_entry_q;
  logic [IdW-1:0] s1_id_q;
  logic [12:0]    s1_offset_q;
  logic [3:0]     s1_err_q;
  logic [511:0]   s1_data_q;

  assign null_take = iss_valid_q && iss_bad && !dma_rsp_valid_i;
  assign inl_take  = inl_valid && !dma_rsp_valid_i && !null_take;

  always_comb begin
    rd = read_mem[dma_rsp_i.tag[IdW:0]];
    if (!dma_rsp_valid_i) begin
      rd.two  = 1'b0;
      rd.slot = null_take ? iss_slot_q : inl_slot;
      rd.pos  = inl_pos;
      rd.lane = '0;
      rd.len  = 13'(inl_len);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) s1_valid_q <= 1'b0;
    else s1_valid_q <= dma_rsp_valid_i || null_take || inl_take;

    if (dma_rsp_valid_i || null_take || inl_take) begin
      s1_q        <= rd;
      s1_wr_q     <= dma_rsp_valid_i || inl_take;
      s1_last_q   <= !dma_rsp_valid_i || dma_rsp_i.last;
      s1_entry_q  <= !inl_take;
      s1_id_q     <= dma_rsp_valid_i ? dma_rsp_i.tag[IdW-1:0] : iss_id_q;
      s1_offset_q <= dma_rsp_valid_i ? dma_rsp_i.offset : '0;
      s1_err_q    <= dma_rsp_valid_i ? (dma_rsp_i.last && dma_rsp_i.err ? ErrDma : 4'd0) :
                     null_take ? {1'b0, iss_err_q} : 4'd0;
    end
    if (dma_rsp_valid_i || inl_take) s1_data_q <= dma_rsp_valid_i ? dma_rsp_i.data : inl_data;
  end

  // Beats behind the first start in lane 0. A beat has all bytes to its end or to that of the read
  logic [12:0] rest;
  logic [6:0]  room;

  assign wr_valid_o = s1_valid_q && s1_wr_q;
  assign wr_pos_o   = s1_q.pos + 16'(s1_offset_q);
  assign wr_lane_o  = (s1_offset_q == '0) ? s1_q.lane : '0;
  assign wr_data_o  = s1_data_q;
  assign rest       = s1_q.len - s1_offset_q;
  assign room       = 7'd64 - 7'(wr_lane_o);
  assign wr_bytes_o = (rest > 13'(room)) ? room : rest[6:0];

  // ------------------------------------------------------------------------------- events

  logic [Entries-1:0] half_q;   // one of the two parts is over
  logic               part_over, piece_over;
  logic               ev_valid_q, ev_done_q;
  logic [SlotW-1:0]   ev_slot_q;
  logic [3:0]         ev_err_q;

  assign part_over  = s1_valid_q && s1_last_q;
  assign piece_over = part_over && (!s1_q.two || half_q[s1_id_q]);
  assign give       = piece_over && s1_entry_q;
  assign give_id    = s1_id_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) half_q <= '0;
    else if (part_over && s1_q.two) half_q[s1_id_q] <= !half_q[s1_id_q];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) ev_valid_q <= 1'b0;
    else ev_valid_q <= part_over;
    if (part_over) begin
      ev_done_q <= piece_over;
      ev_slot_q <= s1_q.slot;
      ev_err_q  <= s1_err_q;
    end
  end

  assign ev_valid_o = ev_valid_q;
  assign ev_done_o  = ev_done_q;
  assign ev_slot_o  = ev_slot_q;
  assign ev_err_o   = ev_err_q;

  // -------------------------------------------------------------------------------- fence

  // Entries taken after a fence belong to the other epoch
  logic               epoch_q, fence_busy_q;
  logic [Entries-1:0] epoch_of_q;
  logic [IdW:0]       even_count_q, odd_count_q;
  logic               inc_odd, inc_even, dec_odd, dec_even;

  assign inc_odd  = use_id && epoch_q;
  assign inc_even = use_id && !epoch_q;
  assign dec_odd  = give && epoch_of_q[give_id];
  assign dec_even = give && !epoch_of_q[give_id];

  always_ff @(posedge clk_i) begin
    if (use_id) epoch_of_q[id_q] <= epoch_q;
    if (rst_i) begin
      epoch_q      <= 1'b0;
      fence_busy_q <= 1'b0;
      even_count_q <= '0;
      odd_count_q  <= '0;
    end else begin
      if (fence_i) epoch_q <= !epoch_q;
      fence_busy_q <= fence_i || (fence_busy_q && !fence_done_o);
      if (inc_even != dec_even) begin
        even_count_q <= inc_even ? even_count_q + 1'b1 : even_count_q - 1'b1;
      end
      if (inc_odd != dec_odd) begin
        odd_count_q <= inc_odd ? odd_count_q + 1'b1 : odd_count_q - 1'b1;
      end
    end
  end

  assign fence_done_o = fence_busy_q && (epoch_q ? even_count_q : odd_count_q) == '0;
  assign fence_busy_o = fence_busy_q;

endmodule
