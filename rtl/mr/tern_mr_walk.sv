// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// From a table entry to bus addresses: checks a request against its region, finds its place in the
// page list, and goes through one to four page-list entries. Everything that a request needs on
// this way is kept by slot.
//
//   in: request and entry -> checks -> place in the list -> look (page-list cache)
//   step: line of the list -> again (another line), or the answer
//
// Combinational from in to the first register; look in the cycle after, the answer in the cycle
// after step. in comes at most every second cycle.

module tern_mr_walk #(
  parameter  int unsigned Slots   = 16,
  parameter  int unsigned ClientW = 1,
  localparam int unsigned SlotW   = $clog2(Slots)
) (
  input  logic                clk_i,
  input  logic                rst_i,

  input  logic                in_i,
  input  logic [SlotW-1:0]    in_slot_i,
  input  logic [ClientW-1:0]  in_client_i,
  input  tern_pkg::mr_req_t   in_req_i,
  input  logic                in_err_i,    // there is no entry
  input  logic [319:0]        in_mrte_i,   // tern_hw_mrte_t, the words that are not reserved

  output logic                look_o,
  output logic [SlotW-1:0]    look_slot_o,
  output logic                look_skip_o,
  output logic [48:0]         look_tag_o,  // {line of the page list, region}
  output logic                again_o,
  output logic [SlotW-1:0]    again_slot_o,
  output logic [48:0]         again_tag_o,
  input  logic                step_i,
  input  logic [SlotW-1:0]    step_slot_i,
  input  logic                step_err_i,
  input  logic [511:0]        step_line_i,

  output logic                end_o,       // the slot is free in the next cycle
  output logic                rsp_valid_o, // in the cycle after
  output logic [ClientW-1:0]  rsp_client_o,
  output tern_pkg::mr_rsp_t   rsp_o
);

  localparam logic [3:0] Remote = tern_hw_pkg::TERN_HW_ACCESS_REMOTE_WRITE |
                                  tern_hw_pkg::TERN_HW_ACCESS_REMOTE_READ |
                                  tern_hw_pkg::TERN_HW_ACCESS_REMOTE_ATOMIC;

  function automatic logic [63:0] page_mask(input logic [4:0] shift);
    page_mask = ~(64'hffff_ffff_ffff_ffff << shift);
  endfunction

  // ------------------------------------------------------------------------------ checks

  tern_hw_pkg::tern_hw_mrte_t mrte;
  logic               key_bad, pd_bad, access_bad, bounds_bad, whole;
  logic [31:0]        extent;
  logic [64:0]        offset, behind, limit;
  logic [63:0]        va_page;
  tern_pkg::mr_err_e  err;

  assign mrte    = {192'b0, in_mrte_i};
  assign whole   = mrte.va == '0 && &mrte.length;
  assign extent  = (in_req_i.check_len > 32'(in_req_i.len)) ? in_req_i.check_len
                                                            : 32'(in_req_i.len);
  assign offset  = {1'b0, in_req_i.addr} - {1'b0, mrte.va};  // the top bit is the borrow
  assign behind  = {1'b0, offset[63:0]} + 65'(extent);
  assign limit   = {whole, whole ? 64'b0 : mrte.length};
  assign va_page = (mrte.attr.level == '0) ? mrte.va
                                           : mrte.va & ~page_mask(mrte.attr.page_shift);

  assign key_bad    = in_err_i || !mrte.attr.valid || mrte.attr.key != in_req_i.key[7:0];
  assign pd_bad     = mrte.attr.priv ? !in_req_i.priv : mrte.attr.pd != in_req_i.pd;
  assign access_bad = (in_req_i.need & ~mrte.attr.access) != '0 ||
                      (mrte.attr.priv && (in_req_i.need & Remote) != '0);
  assign bounds_bad = extent != '0 && (offset[64] || behind > limit);

  always_comb begin
    if (key_bad)         err = tern_pkg::MrKey;
    else if (pd_bad)     err = tern_pkg::MrPd;
    else if (access_bad) err = tern_pkg::MrAccess;
    else if (bounds_bad) err = tern_pkg::MrBounds;
    else                 err = tern_pkg::MrOk;
  end

  logic               at_valid_q;
  logic [SlotW-1:0]   at_slot_q;
  logic [ClientW-1:0] at_client_q;
  logic [7:0]         at_tag_q;
  tern_pkg::mr_err_e  at_err_q;
  logic [12:0]        at_len_q;
  logic [23:0]        at_region_q;
  logic [1:0]         at_level_q;
  logic [4:0]         at_shift_q;
  logic [63:0]        at_rel_q;    // from the start of the region, or of its first page
  logic [63:0]        at_pbl_q;
  logic [63:0]        at_pages_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) at_valid_q <= 1'b0;
    else at_valid_q <= in_i;
    if (in_i) begin
      at_slot_q   <= in_slot_i;
      at_client_q <= in_client_i;
      at_tag_q    <= in_req_i.tag;
      at_err_q    <= err;
      at_len_q    <= in_req_i.len;
      at_region_q <= in_req_i.key[31:8];
      at_level_q  <= mrte.attr.level;
      at_shift_q  <= mrte.attr.page_shift;
      at_rel_q    <= in_req_i.addr - va_page;
      at_pbl_q    <= mrte.pbl;
      at_pages_q  <= mrte.pages;
    end
  end

  // -------------------------------------------------------------------- place in the list

  // What does not change while a request is on its way
  typedef struct packed {
    logic [ClientW-1:0] client;
    logic [7:0]         tag;
    logic [2:0]         err;
    logic               skip;
    logic               level2;
    logic               two;     // goes on in the next page
    logic [23:0]        region;
    logic [4:0]         shift;
    logic [29:0]        offset;  // in the page
    logic [12:0]        len0;
    logic [27:0]        top;     // index in the list that mrte.pbl names
    logic [8:0]         inner;   // level 2: entry in the block
  } rec_t;

  // What does
  typedef struct packed {
    logic        leaf;    // the line holds pages, else indexes of blocks
    logic        second;  // for the second page
    logic [27:0] index;
    logic [63:0] addr0;
  } way_t;

  rec_t               rec_in;
  way_t               way_in;
  logic [51:0]        page;       // in the region
  logic [52:0]        last_page;
  logic [29:0]        mask, in_page;
  logic               flat, shift_bad, list_bad, two;
  logic [12:0]        reach;
  logic [63:0]        list_offset;
  logic [64:0]        list_at;    // level 0: bus address
  logic               walk;

  assign flat      = at_level_q == 2'd0;
  assign shift_bad = at_level_q == 2'd3 || at_shift_q < 5'd12 || at_shift_q > 5'd30;
  assign mask      = 30'(page_mask(at_shift_q));
  assign in_page   = at_rel_q[29:0] & mask;
  assign page      = at_rel_q[63:12] >> (at_shift_q - 5'd12);
  assign reach     = 13'(in_page[11:0]) + at_len_q;  // at most 8191
  assign two       = &(in_page[29:12] | ~mask[29:12]) && reach > 13'd4096;
  assign last_page = 53'(page) + 53'(two);
  assign walk      = at_err_q == tern_pkg::MrOk && at_len_q != '0;

  always_comb begin
    if (flat)                      list_offset = at_rel_q;
    else if (at_level_q == 2'd2)   list_offset = 64'(page[51:9]);
    else                           list_offset = 64'(page);
  end

  assign list_at  = {1'b0, at_pbl_q} + {1'b0, list_offset};
  assign list_bad = shift_bad || 64'(last_page) >= at_pages_q || list_at[64:28] != '0;

  always_comb begin
    rec_in        = '0;
    rec_in.client = at_client_q;
    rec_in.tag    = at_tag_q;
    rec_in.err    = at_err_q;
    rec_in.skip   = 1'b1;
    rec_in.region = at_region_q;
    way_in        = '0;
    if (walk && flat) begin
      rec_in.len0  = at_len_q;
      way_in.addr0 = list_at[63:0];
    end else if (walk && list_bad) begin
      rec_in.err = tern_pkg::MrList;
    end else if (walk) begin
      rec_in.skip   = 1'b0;
      rec_in.level2 = at_level_q == 2'd2;
      rec_in.two    = two;
      rec_in.shift  = at_shift_q;
      rec_in.offset = in_page;
      rec_in.len0   = two ? 13'd4096 - 13'(in_page[11:0]) : at_len_q;
      rec_in.top    = list_at[27:0];
      rec_in.inner  = page[8:0];
      way_in.leaf   = at_level_q == 2'd1;
      way_in.index  = list_at[27:0];
    end
  end

  assign look_o      = at_valid_q;
  assign look_slot_o = at_slot_q;
  assign look_skip_o = rec_in.skip;
  assign look_tag_o  = {list_at[27:3], at_region_q};

  // -------------------------------------------------------------------------------- steps

  logic [$bits(rec_in)-1:0] recs [Slots];
  logic [$bits(way_in)-1:0] ways [Slots];
  rec_t              rec;
  way_t              way, way_next;
  logic [63:0]       entry, entry_next, base_mask, addr0, addr1;
  logic [2:0]        place, next_place;
  logic              block_ends; // the next page is in another block
  logic [8:0]        inner;
  logic [64:0]       block_at;
  logic              one_line;   // the next page is the next entry of this line
  logic [28:0]       next_index;
  logic              more;
  tern_pkg::mr_err_e step_err;

  assign rec        = recs[step_slot_i];
  assign way        = ways[step_slot_i];
  assign place      = way.index[2:0];
  assign next_place = place + 3'd1;
  assign entry      = step_line_i[64*place +: 64];
  assign entry_next = step_line_i[64*next_place +: 64];
  assign base_mask  = ~page_mask(rec.shift);
  assign inner      = way.second ? 9'd0 : rec.inner;
  assign block_at   = {1'b0, entry} + 65'(inner);

  // The end of a block need not be the end of a line
  assign block_ends = rec.level2 && rec.inner == 9'd511;
  assign one_line   = place != 3'd7 && !block_ends;
  assign next_index = (block_ends ? 29'(rec.top) : 29'(way.index)) + 29'd1;

  always_comb begin
    step_err = tern_pkg::mr_err_e'(rec.err);
    more     = 1'b0;
    way_next = way;
    addr0    = way.addr0;
    addr1    = '0;
    if (rec.skip) begin
      // All is known
    end else if (step_err_i) begin
      step_err = tern_pkg::MrList;
    end else if (!way.leaf) begin
      way_next.leaf  = 1'b1;
      way_next.index = block_at[27:0];
      if (block_at[64:28] != '0) step_err = tern_pkg::MrList;
      else more = 1'b1;
    end else if (way.second) begin
      addr1 = entry & base_mask;
    end else begin
      addr0 = (entry & base_mask) | 64'(rec.offset);
      if (rec.two && one_line) begin
        addr1 = entry_next & base_mask;
      end else if (rec.two) begin
        way_next.addr0  = addr0;
        way_next.second = 1'b1;
        way_next.leaf   = !block_ends;
        way_next.index  = next_index[27:0];
        if (next_index[28]) step_err = tern_pkg::MrList;
        else more = 1'b1;
      end
    end
  end

  assign again_o      = step_i && more;
  assign again_slot_o = step_slot_i;
  assign again_tag_o  = {way_next.index[27:3], rec.region};
  assign end_o        = step_i && !more;

  always_ff @(posedge clk_i) begin
    if (at_valid_q) begin
      recs[at_slot_q] <= rec_in;
      ways[at_slot_q] <= way_in;
    end
    if (again_o) ways[step_slot_i] <= way_next;
  end

  // ------------------------------------------------------------------------------- answer

  logic               rsp_valid_q;
  logic [ClientW-1:0] rsp_client_q;
  tern_pkg::mr_rsp_t  rsp_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) rsp_valid_q <= 1'b0;
    else rsp_valid_q <= end_o;
    if (end_o) begin
      rsp_client_q <= rec.client;
      rsp_q.tag    <= rec.tag;
      rsp_q.err    <= step_err;
      rsp_q.addr0  <= (step_err == tern_pkg::MrOk) ? addr0 : '0;
      rsp_q.len0   <= (step_err == tern_pkg::MrOk) ? rec.len0 : '0;
      rsp_q.addr1  <= (step_err == tern_pkg::MrOk) ? addr1 : '0;
    end
  end

  assign rsp_valid_o  = rsp_valid_q;
  assign rsp_client_o = rsp_client_q;
  assign rsp_o        = rsp_q;

endmodule
