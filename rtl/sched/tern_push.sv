// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Holds the last 64 slots that were pushed: stores to the second half of BAR 2, each a word of a
// 64 B slot of a push page. Whoever fetches a send queue entry looks here first.
//
// A slot is whole when each of its 8 words has come once, as a whole word. A word that comes again
// starts the slot anew. A word with bytes missing spoils the slot until it is started anew.
//
// The doorbell that names a slot (push_seal_i) seals it: from then on it is the entry before index
// of that queue, and known by {page, queue, index} only. So the host may use a slot again as soon as
// it has stored the doorbell: what it writes then is another slot here. Of two that were sealed under
// one name the newer one counts; one that is not whole when it is sealed is lost.
//
// One word or seal per cycle; a look-up is answered in the second cycle, one per cycle. It sees what
// came in the cycles before it. A hit takes the slot out. drop takes out all slots of a page: it is to
// be done when a page gets a new owner, who could else have what the one before has pushed.

module tern_push #(
  localparam int unsigned SlotW = 6   // $clog2(tern_pkg::PushSlots)
) (
  input  logic                       clk_i,
  input  logic                       rst_i,
  output logic                       idle_o,

  input  logic                       push_valid_i,
  input  logic                       push_seal_i,   // data is a tern_hw_db_q_t
  input  logic [tern_pkg::PageW-1:0] push_page_i,
  input  logic [SlotW-1:0]           push_slot_i,
  input  logic [2:0]                 push_word_i,
  input  logic [63:0]                push_data_i,
  input  logic [7:0]                 push_strb_i,

  input  logic                       look_valid_i,
  input  logic [tern_pkg::PageW-1:0] look_page_i,
  input  logic [tern_pkg::QpnW-1:0]  look_qpn_i,
  input  logic [15:0]                look_index_i,  // behind the entry
  output logic                       look_rsp_valid_o,
  output logic                       look_hit_o,
  output logic [511:0]               look_line_o,

  input  logic                       drop_valid_i,
  input  logic [tern_pkg::PageW-1:0] drop_page_i
);

  localparam int unsigned Lines = 64;
  localparam int unsigned LineW = 6;
  localparam int unsigned NameW = tern_pkg::QpnW + 16;     // of a sealed one; else the slot
  localparam int unsigned TagW  = tern_pkg::PageW + NameW;

  logic [Lines-1:0]           valid_q;
  logic [Lines-1:0]           sealed_q;
  logic [Lines-1:0][TagW-1:0] tags_q;
  logic [Lines-1:0][7:0]      words_q;   // have come
  logic [LineW-1:0]           oldest_q;
  logic [7:0][63:0]           data [Lines];

  tern_hw_pkg::tern_hw_db_q_t seal;

  assign seal = push_data_i;

  // What came in, in the cycle after
  logic                       word_valid_q, seal_valid_q, look_valid_q, drop_valid_q;
  logic [TagW-1:0]            word_tag_q, name_q, look_tag_q;
  logic [2:0]                 word_q;
  logic [63:0]                word_data_q;
  logic                       word_whole_q;
  logic [tern_pkg::PageW-1:0] drop_page_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      word_valid_q <= 1'b0;
      seal_valid_q <= 1'b0;
      look_valid_q <= 1'b0;
      drop_valid_q <= 1'b0;
    end else begin
      word_valid_q <= push_valid_i && !push_seal_i;
      seal_valid_q <= push_valid_i && push_seal_i;
      look_valid_q <= look_valid_i;
      drop_valid_q <= drop_valid_i;
    end
    if (push_valid_i) begin
      word_tag_q   <= {push_page_i, NameW'(push_slot_i)};
      name_q       <= {push_page_i, seal.w.num[tern_pkg::QpnW-1:0], seal.w.index[15:0]};
      word_q       <= push_word_i;
      word_data_q  <= push_data_i;
      word_whole_q <= push_strb_i == 8'hff;
    end
    if (look_valid_i) look_tag_q <= {look_page_i, look_qpn_i, look_index_i};
    if (drop_valid_i) drop_page_q <= drop_page_i;
  end

  logic [Lines-1:0] word_match, look_match, drop_match, name_match;
  logic [LineW-1:0] word_line, look_line, line;
  logic [7:0]       word_bit, had;
  logic             known, look_hit, seal_ok;

  logic busy;

  assign busy = word_valid_q || seal_valid_q || look_valid_q || drop_valid_q;

  // A tag is there at most once, sealed and not
  always_comb begin
    word_line  = '0;
    look_line  = '0;
    drop_match = '0;
    look_match = '0;
    name_match = '0;
    word_match = '0;
    if (busy) begin
      for (int unsigned i = 0; i < Lines; i++) begin
        drop_match[i] = drop_valid_q && tags_q[i][TagW-1:NameW] == drop_page_q;
        look_match[i] = look_valid_q && valid_q[i] && sealed_q[i] && tags_q[i] == look_tag_q;
        name_match[i] = seal_valid_q && valid_q[i] && sealed_q[i] && tags_q[i] == name_q;
        word_match[i] = (word_valid_q || seal_valid_q) && valid_q[i] && !sealed_q[i] &&
                        tags_q[i] == word_tag_q && !drop_match[i];
        if (word_match[i]) word_line |= LineW'(i);
        if (look_match[i]) look_line |= LineW'(i);
      end
    end
  end

  // What is started anew takes the place of the oldest, like a slot that is not there
  assign word_bit = 8'd1 << word_q;
  assign had      = words_q[word_line];
  assign known    = |word_match && word_whole_q && (had & word_bit) == '0;
  assign line     = known ? word_line : oldest_q;
  assign look_hit = |look_match;
  assign seal_ok  = seal_valid_q && |word_match && (&had);

  logic [Lines-1:0] valid_d;

  always_comb begin
    valid_d = valid_q & ~drop_match;
    if (look_hit) valid_d[look_line] = 1'b0;
    if (seal_valid_q) begin
      valid_d &= ~name_match;
      if (!seal_ok) valid_d &= ~word_match;
    end
    if (word_valid_q && !known) begin
      valid_d &= ~word_match;
      if (word_whole_q) valid_d[oldest_q] = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q  <= '0;
      oldest_q <= '0;
    end else if (busy) begin
      valid_q <= valid_d;
      if (word_valid_q && word_whole_q && !known) oldest_q <= oldest_q + 1'b1;
    end
    if (word_valid_q && word_whole_q) begin
      words_q[line] <= known ? had | word_bit : word_bit;
      if (!known) tags_q[oldest_q] <= word_tag_q;
      if (!known) sealed_q[oldest_q] <= 1'b0;
      data[line][word_q] <= word_data_q;
    end
    if (seal_ok) begin
      tags_q[word_line]   <= name_q;
      sealed_q[word_line] <= 1'b1;
    end
  end

  logic         rsp_valid_q, rsp_hit_q;
  logic [511:0] rsp_line_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) rsp_valid_q <= 1'b0;
    else rsp_valid_q <= look_valid_q;
    if (look_valid_q) rsp_hit_q <= look_hit;
    if (look_hit) rsp_line_q <= data[look_line];
  end

  assign look_rsp_valid_o = rsp_valid_q;
  assign look_hit_o       = rsp_hit_q;
  assign look_line_o      = rsp_line_q;

  assign idle_o = !push_valid_i && !look_valid_i && !drop_valid_i && !busy && !rsp_valid_q;

endmodule
