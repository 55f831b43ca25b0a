// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// First half of tern_place: translates the pieces of items and cuts them into writes.
//
//   item, pieces -> intake -> tern_mr (any order) -> check -> cut -> parts, in order
//                      '-------- items in order -------^       '---> nodata
//
// An item takes its place in the order of commits (slot_i) before its first piece is asked for,
// and from there to the bus nothing waits for a commit: fences rely on that.
//
// Check waits for the answers to all pieces of an item, so none of its bytes is written if one
// piece is refused. An item that fails sets the mark of its {QPN, side} (mark_set_*), and no data
// is written of items whose mark is set, whether by this or by a commit. Every slot leaves either
// as parts, the last one of them with `last`, or as one pulse nodata_*. Items that are quiet set no mark
// for what is the peer's fault: it concerns its message only.
//
// The piece of TgProbe names what a READ or atomic wants: it is looked up and nothing is written,
// so the item leaves by nodata_*.
//
// One piece per cycle through intake and check, one item per 2 cycles through cut.

module tern_place_xlat #(
  parameter int unsigned SlotW = 7
) (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  input  logic                      item_valid_i,
  output logic                      item_ready_o,
  input  tern_pkg::pl_item_t        item_i,
  input  logic [4:0]                item_pieces_i,
  input  logic                      item_err_i,
  input  logic [7:0]                item_reason_i,
  input  logic                      piece_valid_i,
  output logic                      piece_ready_o,
  input  logic [31:0]               piece_key_i,
  input  logic [63:0]               piece_addr_i,
  input  logic [13:0]               piece_len_i,

  input  logic                      slot_room_i,
  input  logic [SlotW-1:0]          slot_i,      // of the item that is taken now

  output logic                      mr_req_valid_o,
  input  logic                      mr_req_ready_i,
  output tern_pkg::mr_req_t         mr_req_o,
  input  logic                      mr_rsp_valid_i,
  input  tern_pkg::mr_rsp_t         mr_rsp_i,

  // The marks: read in the cycle before they are looked at
  output logic                      mark_read_o,
  output logic                      mark_rh_o,   // side
  output logic [tern_pkg::QpnW-1:0] mark_qpn_o,
  input  logic                      mark_i,
  output logic                      mark_set_valid_o,
  input  logic                      mark_set_ready_i,  // same side and QPN as above

  output logic                      nodata_valid_o,
  output logic [SlotW-1:0]          nodata_slot_o,
  output logic                      nodata_fail_o,     // a piece was refused

  output logic                      part_valid_o,
  input  logic                      part_ready_i,
  output logic [63:0]               part_addr_o,
  output logic [12:0]               part_len_o,        // 1 to 4096
  output logic [15:0]               part_from_o,       // {line, lane} of the receive buffer
  output logic                      part_swap_o,       // 8 B from part_from on in other order, and
  output logic [2:0]                part_skip_o,       // of these so many are not of this part
  output logic [SlotW-1:0]          part_slot_o,
  output logic                      part_last_o
);

  localparam int unsigned Pieces = 64;  // on their way, power of two, at least 16
  localparam int unsigned PcW    = $clog2(Pieces);

  // ---------------------------------------------------------------------------------- intake

  typedef struct packed {
    logic [SlotW-1:0]          slot;
    logic [4:0]                pieces;
    logic                      err;
    logic                      eth;
    logic                      rh;
    logic [tern_pkg::QpnW-1:0] qpn;
    logic [15:0]               from;
    logic                      swap;
    logic                      probe;   // TgProbe
    logic                      mild;    // if it fails, its message does, and no more
  } front_t;

  typedef struct packed {
    logic        host;
    logic [63:0] addr;  // if host
    logic [13:0] len;
  } piece_t;

  front_t            in_front;
  logic [4:0]        cur_left_q;
  logic              cur_host_q, cur_priv_q, cur_check_it_q;
  logic [3:0]        cur_need_q, in_need;
  logic [23:0]       cur_pd_q;
  logic [31:0]       cur_check_q;
  logic              take, pc_take, pc_room, front_room;
  logic [PcW:0]      pc_in_q, pc_chk_q, pc_cut_q;
  piece_t            in_piece;
  logic [$bits(in_piece)-1:0] pieces [Pieces];

  assign pc_room      = pc_in_q != {~pc_cut_q[PcW], pc_cut_q[PcW-1:0]};
  assign item_ready_o = slot_room_i && front_room &&
                        (cur_left_q == '0 || (cur_left_q == 5'd1 && pc_take));
  assign take         = item_valid_i && item_ready_o;

  always_comb begin
    in_front.slot   = slot_i;
    in_front.pieces = item_pieces_i;
    in_front.err    = item_err_i;
    in_front.eth    = item_i.side == tern_pkg::PlEth;
    in_front.rh     = item_i.side == tern_pkg::PlRh;
    in_front.qpn    = item_i.qpn;
    in_front.from   = {item_i.line, item_i.lane};
    in_front.swap   = item_i.target == tern_pkg::TgSq && item_i.pkt && item_i.len == 14'd8 &&
                      item_i.key[0];
    in_front.probe  = item_i.target == tern_pkg::TgProbe;
    in_front.mild   = item_i.quiet &&
                      (item_err_i ? item_reason_i == tern_hw_pkg::TERN_HW_QP_REASON_RQ_LENGTH
                                  : item_i.target == tern_pkg::TgKey ||
                                    item_i.target == tern_pkg::TgProbe);
  end

  always_comb begin
    in_need = tern_hw_pkg::TERN_HW_ACCESS_LOCAL_WRITE;
    if (item_i.target == tern_pkg::TgKey) in_need = tern_hw_pkg::TERN_HW_ACCESS_REMOTE_WRITE;
    if (item_i.target == tern_pkg::TgProbe) begin
      in_need = (item_i.job.kind == tern_pkg::JobRead) ? tern_hw_pkg::TERN_HW_ACCESS_REMOTE_READ
                                                       : tern_hw_pkg::TERN_HW_ACCESS_REMOTE_ATOMIC;
    end
  end

  assign in_piece.host = cur_host_q;
  assign in_piece.addr = piece_addr_i;
  assign in_piece.len  = piece_len_i;

  assign mr_req_valid_o = piece_valid_i && cur_left_q != '0 && !cur_host_q && pc_room;
  assign piece_ready_o  = cur_left_q != '0 && pc_room && (cur_host_q || mr_req_ready_i);
  assign pc_take        = piece_valid_i && piece_ready_o;

  always_comb begin
    mr_req_o           = '0;
    mr_req_o.tag       = 8'(pc_in_q[PcW-1:0]);
    mr_req_o.key       = piece_key_i;
    mr_req_o.pd        = cur_pd_q;
    mr_req_o.priv      = cur_priv_q;
    mr_req_o.need      = cur_need_q;
    mr_req_o.addr      = piece_addr_i;
    mr_req_o.len       = piece_len_i[12:0];
    mr_req_o.check_len = (cur_check_it_q && cur_check_q > 32'(piece_len_i)) ? cur_check_q
                                                                            : 32'(piece_len_i);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) cur_left_q <= '0;
    else if (take) cur_left_q <= item_pieces_i;
    else if (pc_take) cur_left_q <= cur_left_q - 5'd1;
    if (take && item_pieces_i != '0) begin
      cur_host_q     <= item_i.target == tern_pkg::TgHost;
      cur_check_it_q <= item_i.target == tern_pkg::TgKey || item_i.target == tern_pkg::TgProbe;
      cur_need_q     <= in_need;
      cur_pd_q       <= item_i.pd;
      cur_priv_q     <= item_i.priv;
      cur_check_q    <= item_i.check_len;
    end
    if (pc_take) pieces[pc_in_q[PcW-1:0]] <= in_piece;
  end

  logic                       front_valid, chk_take;
  front_t                     front;
  logic [$bits(in_front)-1:0] front_bits;

  tern_fifo #(.Width($bits(in_front)), .Depth(32)) u_front (
    .clk_i, .rst_i,
    .in_valid_i(take), .in_ready_o(front_room), .in_data_i(in_front),
    .out_valid_o(front_valid), .out_ready_i(chk_take), .out_data_o(front_bits)
  );

  assign front = front_bits;

  // --------------------------------------------------------------------------------- answers

  localparam int unsigned MapW = 64 + 13 + 64;

  logic [MapW-1:0]   maps [Pieces];
  logic [Pieces-1:0] done_q, fail_q;
  logic [PcW-1:0]    mr_tag;

  assign mr_tag = mr_rsp_i.tag[PcW-1:0];

  always_ff @(posedge clk_i) begin
    if (mr_rsp_valid_i) maps[mr_tag] <= {mr_rsp_i.addr0, mr_rsp_i.len0, mr_rsp_i.addr1};
    for (int unsigned i = 0; i < Pieces; i++) begin
      if (pc_take && pc_in_q[PcW-1:0] == PcW'(i)) begin
        done_q[i] <= cur_host_q;
        fail_q[i] <= 1'b0;
      end else if (mr_rsp_valid_i && mr_tag == PcW'(i)) begin
        done_q[i] <= 1'b1;
        fail_q[i] <= mr_rsp_i.err != tern_pkg::MrOk;
      end
    end
  end

  // ----------------------------------------------------------------------------------- check

  logic       chk_pc, chk_end, chk_fail, chk_fail_q;
  logic [4:0] chk_count_q;  // pieces of this item that were looked at
  logic       cut_valid_q, cut_fail_q, cut_done;
  front_t     cut_q;

  // In the cycle in which the last piece goes by, the item does
  assign chk_end  = front.pieces == '0 || front.pieces == chk_count_q + 5'd1;
  assign chk_pc   = front_valid && front.pieces != '0 && pc_chk_q != pc_in_q &&
                    done_q[pc_chk_q[PcW-1:0]] && (!chk_end || !cut_valid_q || cut_done);
  assign chk_take = front.pieces == '0 ? (front_valid && (!cut_valid_q || cut_done))
                                       : (chk_pc && chk_end);
  assign chk_fail = chk_fail_q || (chk_pc && fail_q[pc_chk_q[PcW-1:0]]);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      chk_count_q <= '0;
      chk_fail_q  <= 1'b0;
      cut_valid_q <= 1'b0;
    end else begin
      if (chk_take) begin
        chk_count_q <= '0;
        chk_fail_q  <= 1'b0;
      end else if (chk_pc) begin
        chk_count_q <= chk_count_q + 5'd1;
        chk_fail_q  <= chk_fail;
      end
      if (chk_take) cut_valid_q <= 1'b1;
      else if (cut_done) cut_valid_q <= 1'b0;
    end
    if (chk_take) begin
      cut_q      <= front;
      cut_fail_q <= chk_fail;
    end
  end

  // ------------------------------------------------------------------------------------- cut
  //
  // The mark is read in the first cycle of an item and looked at in the second. All of an item is
  // decided by then, since its own mark may be set meanwhile

  typedef enum logic [1:0] {
    CuMark,
    CuGo,
    CuParts
  } cut_e;

  cut_e            state_q;
  logic            bad, skip, nodata, mark;
  logic [4:0]      cut_left_q, cut_left;  // pieces to go, this one included
  logic [13:0]     off_q, off;            // bytes of this piece that are done
  logic [13:0]     at_q, at;              // bytes of the item
  piece_t          piece;
  logic [63:0]     addr0, addr1;
  logic [12:0]     len0;
  logic [MapW-1:0] map;
  logic            part_go, part_room, piece_end;
  logic [13:0]     rest, part_len;
  logic [63:0]     part_addr;
  logic [15:0]     part_from;

  assign mark_read_o = cut_valid_q && state_q == CuMark;
  assign mark_rh_o   = cut_q.rh;
  assign mark_qpn_o  = cut_q.qpn;

  assign bad    = cut_q.err || cut_fail_q;
  assign mark   = mark_i && !cut_q.eth;
  assign skip   = bad || mark;
  assign nodata = skip || cut_q.pieces == '0 || cut_q.probe;

  assign mark_set_valid_o = state_q == CuGo && bad && !mark_i && !cut_q.eth && !cut_q.mild;

  assign piece    = pieces[pc_cut_q[PcW-1:0]];
  assign map      = maps[pc_cut_q[PcW-1:0]];
  assign {addr0, len0, addr1} = map;
  assign cut_left = (state_q == CuGo) ? cut_q.pieces : cut_left_q;
  assign off      = (state_q == CuGo) ? '0 : off_q;
  assign at       = (state_q == CuGo) ? '0 : at_q;
  assign rest     = piece.len - off;

  always_comb begin
    if (piece.host) begin
      part_len  = (rest > 14'd4096) ? 14'd4096 : rest;
      part_addr = piece.addr + 64'(off);
    end else if (off == '0) begin
      part_len  = (14'(len0) < rest) ? 14'(len0) : rest;
      part_addr = addr0;
    end else begin
      part_len  = rest;
      part_addr = addr1;
    end
  end

  assign part_from = cut_q.swap ? cut_q.from : cut_q.from + 16'(at);
  assign piece_end = part_len == rest;
  assign part_go   = part_room && ((state_q == CuGo && !nodata) || state_q == CuParts);

  assign nodata_valid_o = state_q == CuGo && nodata && (!mark_set_valid_o || mark_set_ready_i);
  assign nodata_slot_o  = cut_q.slot;
  assign nodata_fail_o  = cut_fail_q;
  assign cut_done       = nodata_valid_o || (part_go && piece_end && cut_left == 5'd1);

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= CuMark;
    else begin
      unique case (state_q)
        CuMark: if (cut_valid_q) state_q <= CuGo;
        default: begin
          if (cut_done) state_q <= CuMark;
          else if (part_go) state_q <= CuParts;
        end
      endcase
    end
    if (part_go) begin
      cut_left_q <= cut_left - 5'(piece_end);
      off_q      <= piece_end ? '0 : off + part_len;
      at_q       <= at + part_len;
    end
    if (rst_i) begin
      pc_in_q  <= '0;
      pc_chk_q <= '0;
      pc_cut_q <= '0;
    end else begin
      if (pc_take) pc_in_q <= pc_in_q + 1'b1;
      if (chk_pc) pc_chk_q <= pc_chk_q + 1'b1;
      if (nodata_valid_o) pc_cut_q <= pc_cut_q + (PcW+1)'(cut_q.pieces);
      else if (part_go && piece_end) pc_cut_q <= pc_cut_q + 1'b1;
    end
  end

  localparam int unsigned PartW = 64 + 13 + 16 + 1 + 3 + SlotW + 1;

  logic [PartW-1:0] part_bits;

  tern_fifo #(.Width(PartW), .Depth(4)) u_parts (
    .clk_i, .rst_i,
    .in_valid_i (part_go),
    .in_ready_o (part_room),
    .in_data_i  ({part_addr, part_len[12:0], part_from, cut_q.swap, at[2:0], cut_q.slot,
                  cut_left == 5'd1 && piece_end}),
    .out_valid_o(part_valid_o),
    .out_ready_i(part_ready_i),
    .out_data_o (part_bits)
  );

  assign {part_addr_o, part_len_o, part_from_o, part_swap_o, part_skip_o, part_slot_o,
          part_last_o} = part_bits;

  assign idle_o = cur_left_q == '0 && !front_valid && !cut_valid_q && !part_valid_o;

endmodule
