// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_push against a model: a list of the last 64 slots. Whole slots are written in any order of
// words, mixed with one another, with parts missing, and with partial words; look-ups at the same
// time. Each word carries the number of its writing, so that a line mixed of two is noticed. Doorbells
// seal slots under names, some of them twice; the slots are used again at once.
//
// +count= words, +seed=

module tb_push;

  logic clk = 0;
  logic rst = 1;
  always #2 clk = !clk;

  logic         idle, push_valid, look_valid, look_rsp, look_hit, drop_valid;
  logic [9:0]   push_page, look_page, drop_page;
  logic [5:0]   push_slot;
  logic         push_seal;
  logic [13:0]  look_qpn;
  logic [15:0]  look_index;
  logic [2:0]   push_word;
  logic [63:0]  push_data;
  logic [7:0]   push_strb;
  logic [511:0] look_line;

  tern_push dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .push_valid_i(push_valid), .push_seal_i(push_seal), .push_page_i(push_page), .push_slot_i(push_slot),
    .push_word_i(push_word), .push_data_i(push_data), .push_strb_i(push_strb),
    .look_valid_i(look_valid), .look_page_i(look_page), .look_qpn_i(look_qpn),
    .look_index_i(look_index),
    .look_rsp_valid_o(look_rsp), .look_hit_o(look_hit), .look_line_o(look_line),
    .drop_valid_i(drop_valid), .drop_page_i(drop_page)
  );

  // ------------------------------------------------------------------------------ model

  localparam int unsigned Ring = 64;
  bit          m_valid [Ring];
  bit [15:0]   m_tag   [Ring];   // page, slot
  bit          m_seal  [Ring];
  bit [39:0]   m_name  [Ring];   // page, queue, index
  bit [7:0]    m_words [Ring];
  bit [511:0]  m_line  [Ring];
  int unsigned m_next;

  bit           e1, e2, e1_hit, e2_hit;
  bit [511:0]   e1_line, e2_line;
  longint unsigned words, hits, misses, torn, partial, evicted, dropped, seals, halves, renewed;

  function automatic int find(bit [15:0] tag);
    for (int i = 0; i < int'(Ring); i++)
      if (m_valid[i] && !m_seal[i] && m_tag[i] == tag) return i;
    return -1;
  endfunction

  function automatic int named(bit [39:0] name);
    for (int i = 0; i < int'(Ring); i++)
      if (m_valid[i] && m_seal[i] && m_name[i] == name) return i;
    return -1;
  endfunction

  // The doorbell: what has come of the slot is this entry, or lost
  task automatic model_seal();
    int at = find({push_page, push_slot});
    bit [39:0] name = {push_page, push_data[13:0], push_data[47:32]};
    int old = named(name);
    seals++;
    if (old >= 0) begin
      m_valid[old] = 0;
      renewed++;
    end
    if (at < 0) return;
    m_seal[at] = 1;
    m_name[at] = name;
    if (m_words[at] != 8'hff) begin
      m_valid[at] = 0;
      halves++;
    end
  endtask

  task automatic model_word();
    bit [15:0] tag = {push_page, push_slot};
    int at = find(tag);
    words++;
    if (at >= 0 && (push_strb != 8'hff || m_words[at][push_word])) begin
      m_valid[at] = 0;
      torn++;
      at = -1;
    end
    if (push_strb != 8'hff) begin
      partial++;
      return;
    end
    if (at < 0) begin
      at = int'(m_next);
      m_next = (m_next + 1) % Ring;
      if (m_valid[at]) evicted++;
      m_valid[at] = 1;
      m_tag[at]   = tag;
      m_words[at] = 0;
      m_seal[at]  = 0;
    end
    m_words[at][push_word] = 1;
    m_line[at][64 * push_word +: 64] = push_data;
  endtask

  // -------------------------------------------------------------------------- stimulus

  // Slots being written: which words are still to come. One page for each, or few of them
  localparam int unsigned Writers = 4;
  bit [15:0]   w_tag [Writers];
  bit [7:0]    w_left [Writers];
  bit [31:0]   w_number [Writers];
  bit          w_open [Writers];   // to be sealed
  bit [31:0]   number;
  bit [39:0]   recent [64];  // sealed names, to be looked up
  int unsigned recent_at;
  bit          feed;
  int unsigned few, look_pct, lag;

  function automatic bit chance(int unsigned pct);
    return $urandom_range(99) < pct;
  endfunction

  bit [2:0] word;
  bit          give;
  int unsigned writer, back;
  bit [39:0]   some, name;
  bit          seal;

  always @(posedge clk) begin
    if (rst) begin
      push_valid <= 0; look_valid <= 0; drop_valid <= 0;
      e1 = 0; e2 = 0;
    end else begin
      if (look_rsp != e2) $fatal(1, "a look-up was answered: %0d", look_rsp);
      if (e2) begin
        if (look_hit != e2_hit) $fatal(1, "hit: %0d, not %0d", look_hit, e2_hit);
        if (e2_hit && look_line != e2_line) $fatal(1, "line %h, not %h", look_line, e2_line);
        if (e2_hit) hits++;
        else misses++;
      end
      if (idle && (push_valid || look_valid || drop_valid || e1 || e2)) $fatal(1, "idle");
      e2 = e1; e2_hit = e1_hit; e2_line = e1_line;
      e1 = look_valid;
      if (look_valid) begin
        int at;
        at = named({look_page, look_qpn, look_index});
        e1_hit = at >= 0;
        if (e1_hit) begin
          e1_line = m_line[at];
          m_valid[at] = 0;
        end
      end
      if (drop_valid)
        for (int i = 0; i < int'(Ring); i++)
          if (m_valid[i] && (m_seal[i] ? m_name[i][39:30] : m_tag[i][15:6]) == drop_page) begin
            m_valid[i] = 0;
            dropped++;
          end
      if (push_valid && push_seal) model_seal();
      else if (push_valid) model_word();

      give = feed && chance(80);
      push_valid <= give;
      writer = $urandom_range(Writers - 1);
      // The doorbell follows the last word, or comes too early
      seal = give && w_open[writer] && (w_left[writer] == 0 || chance(2));
      push_seal <= seal;
      if (seal) begin
        name = {w_tag[writer][15:6], 14'($urandom_range(few != 0 ? 3 : 16383)),
                16'($urandom_range(few != 0 ? 3 : 65535))};
        recent[recent_at % 64] = name;
        recent_at++;
        w_open[writer] = 0;
      end
      if (!seal && w_left[writer] == 0) begin
        w_open[writer] = 1;
        w_tag[writer]    = {few != 0 ? 10'($urandom_range(few)) : 10'($urandom), 6'($urandom_range(few != 0 ? 3 : 63))};
        w_left[writer]   = chance(90) ? 8'hff : 8'($urandom);
        w_number[writer] = number;
        number++;
      end
      word = 3'($urandom);
      while (w_left[writer] != 0 && !w_left[writer][word]) word++;
      push_page <= w_tag[writer][15:6];
      push_slot <= w_tag[writer][5:0];
      push_word <= word;
      push_data <= seal ? {16'd0, name[15:0], 1'b0, w_tag[writer][5:0], 1'b1, 10'd0, name[29:16]}
                        : {w_number[writer], 32'($urandom)};
      push_strb <= $urandom_range(199) != 0 ? 8'hff : 8'($urandom);
      if (give && !seal) w_left[writer][word] = 0;

      look_valid <= feed && chance(look_pct);
      back = $urandom_range(lag) + 1;
      some = recent[(recent_at - back) % 64];
      if (chance(10)) some ^= 40'd1 << $urandom_range(39);
      {look_page, look_qpn, look_index} <= some;
      drop_valid <= $urandom_range(299) == 0;
      drop_page  <= recent[recent_at % 64][39:30];
      if ($urandom_range(999) == 0) begin
        few      = $urandom_range(2) * 3;
        look_pct = $urandom_range(3) * 12;
        lag      = $urandom_range(1) != 0 ? 3 : 63;
      end
    end
  end

  int unsigned seed, total;

  initial begin
    seed  = 1;
    total = 100000;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", total));
    void'($urandom(seed));
    feed = 0;
    look_pct = 20;
    lag = 3;
    repeat (4) @(posedge clk);
    @(negedge clk) rst = 0;
    @(posedge clk);
    feed = 1;
    while (words < 64'(total)) @(posedge clk);
    feed = 0;
    repeat (5) @(posedge clk);
    if (!idle && !drop_valid) $fatal(1, "does not come to rest");
    if (hits == 0 || misses == 0 || torn == 0 || partial == 0 || evicted == 0 || dropped == 0 ||
        seals == 0 || halves == 0 || renewed == 0)
      $fatal(1, "not every case was tried");
    $display("push: seed %0d: %0d words, %0d hits, %0d misses, %0d slots begun anew, %0d evicted, %0d dropped, %0d sealed",
             seed, words, hits, misses, torn, evicted, dropped, seals);
    $finish;
  end

endmodule
