// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Random stores, good and hostile, and random refusals by the engines. Every good doorbell must
// reach its engine once and in order, every refusal must be counted, and events must tell of a
// refusal that happened and come at most once per millisecond, whatever is stalled.
//
// +count= stores, +seed=

module tb_doorbell;

  localparam int unsigned Cq = 0, Eq = 1, Cqp = 2, Sq = 3, Rq = 4, Eth = 5, NumEngines = 6;
  localparam int unsigned Push = NumEngines + 1;
  localparam longint unsigned Period = 1_000_000;

  logic clk = 0;
  logic rst = 1;
  always #2 clk = !clk;

  int unsigned seed, count;

  logic [63:0]       now;
  logic              idle, db_valid, db_ready, ae_valid, ae_ready, stat_db, stat_bad, stat_lost;
  logic [22:0]       db_addr;
  logic              push_valid;
  logic              push_seal;
  logic [9:0]        push_page;
  logic [5:0]        push_slot;
  logic [2:0]        push_word;
  logic [63:0]       push_data;
  logic [7:0]        push_strb;
  logic [63:0]       db_data;
  logic [7:0]        db_strb;
  logic [NumEngines-1:0] out_valid, out_ready, bad_valid, bad_ready;
  tern_pkg::db_t     out [NumEngines];
  logic [11:0]       eth_offset;
  tern_pkg::db_bad_t bad [NumEngines];
  tern_pkg::ae_req_t ae;

  tern_doorbell u_doorbell (
    .clk_i(clk), .rst_i(rst), .now_i(now), .idle_o(idle),
    .db_valid_i(db_valid), .db_ready_o(db_ready), .db_addr_i(db_addr), .db_data_i(db_data),
    .db_strb_i(db_strb),
    .push_valid_o(push_valid), .push_seal_o(push_seal), .push_page_o(push_page), .push_slot_o(push_slot),
    .push_word_o(push_word), .push_data_o(push_data), .push_strb_o(push_strb),
    .sq_db_valid_o(out_valid[Sq]), .sq_db_ready_i(out_ready[Sq]), .sq_db_o(out[Sq]),
    .rq_db_valid_o(out_valid[Rq]), .rq_db_ready_i(out_ready[Rq]), .rq_db_o(out[Rq]),
    .sq_bad_valid_i(bad_valid[Sq]), .sq_bad_ready_o(bad_ready[Sq]), .sq_bad_i(bad[Sq]),
    .rq_bad_valid_i(bad_valid[Rq]), .rq_bad_ready_o(bad_ready[Rq]), .rq_bad_i(bad[Rq]),
    .cq_db_valid_o(out_valid[Cq]), .cq_db_ready_i(out_ready[Cq]), .cq_db_o(out[Cq]),
    .eq_db_valid_o(out_valid[Eq]), .eq_db_ready_i(out_ready[Eq]), .eq_db_o(out[Eq]),
    .cqp_db_valid_o(out_valid[Cqp]), .cqp_db_ready_i(out_ready[Cqp]), .cqp_db_o(out[Cqp]),
    .cq_bad_valid_i(bad_valid[Cq]), .cq_bad_ready_o(bad_ready[Cq]), .cq_bad_i(bad[Cq]),
    .eq_bad_valid_i(bad_valid[Eq]), .eq_bad_ready_o(bad_ready[Eq]), .eq_bad_i(bad[Eq]),
    .cqp_bad_valid_i(bad_valid[Cqp]), .cqp_bad_ready_o(bad_ready[Cqp]), .cqp_bad_i(bad[Cqp]),
    .eth_db_valid_o(out_valid[Eth]), .eth_db_ready_i(out_ready[Eth]),
    .eth_db_offset_o(eth_offset), .eth_db_o(out[Eth]),
    .eth_bad_valid_i(bad_valid[Eth]), .eth_bad_ready_o(bad_ready[Eth]), .eth_bad_i(bad[Eth]),
    .ae_valid_o(ae_valid), .ae_ready_i(ae_ready), .ae_o(ae),
    .stat_doorbell_o(stat_db), .stat_doorbell_bad_o(stat_bad), .stat_ae_lost_o(stat_lost)
  );

  // ------------------------------------------------------------------------------ model

  // Where a store belongs; NumEngines: nowhere, for the reason code
  function automatic int unsigned target(logic [22:0] addr, logic [7:0] strb,
                                         output logic [15:0] code);
    logic [11:0] off = addr[11:0];
    bit page0 = addr[21:12] == 0;
    code = 16'h401;
    if (addr[22]) return Push;
    if (strb != 8'hff) return NumEngines;
    if (off == 12'h010) return Cq;
    if (off == 12'h020 && page0) return Eq;
    if (off == 12'h028 && page0) return Cqp;
    if (off == 12'h000) return Sq;
    if (off == 12'h008) return Rq;
    if (page0 && off >= 12'h030 && off <= 12'h048 && off[2:0] == 0) return Eth;
    return NumEngines;
  endfunction

  tern_pkg::db_t     want [8] [$];  // as many as Verilator 5.032 indexes right
  logic [11:0]       want_offset [$];  // of those for Eth
  tern_pkg::db_bad_t own  [$];        // refused stores, not yet seen to be counted
  longint unsigned   stores, good, refused, taken_bad, reports, lost, stat_stores;
  longint unsigned   next_report;     // earliest time of the next event
  bit                ae_expected, ae_held;
  bit                push_due;        // a word of a push page shows in the next cycle
  bit                seal_want;
  bit [90:0]         push_want;
  longint unsigned   pushes, seals;
  tern_pkg::ae_req_t ae_want;
  int unsigned       bad_wait [NumEngines];
  int unsigned       idle_cycles;

  task automatic take_store();
    tern_pkg::db_t d;
    tern_pkg::db_bad_t b;
    logic [15:0] code;
    int unsigned t = target(db_addr, db_strb, code);
    stores++;
    if (t == Push) begin
      push_due = 1;
      seal_want = 0;
      push_want = {db_addr[21:3], db_data, db_strb};
      pushes++;
    end else if (t < NumEngines) begin
      d.page = db_addr[21:12];
      d.word = db_data;
      want[t].push_back(d);
      if (t == Eth) want_offset.push_back(db_addr[11:0]);
      good++;
      if (t == Sq && db_data[24]) begin
        push_due = 1;
        seal_want = 1;
        push_want = {db_addr[21:12], db_data[30:25], 3'd0, db_data, 8'd0};
        seals++;
      end
    end else begin
      b.code   = code;
      b.page   = db_addr[21:12];
      b.offset = db_addr[11:0];
      own.push_back(b);
      refused++;
    end
  endtask

  // One refusal was counted in this cycle; whose, the handshakes tell
  task automatic take_bad();
    tern_pkg::db_bad_t b;
    int n = 0;
    for (int i = 0; i < int'(NumEngines); i++)
      if (bad_valid[i] && bad_ready[i]) begin
        b = bad[i];
        n++;
      end
    if (n > 1) $fatal(1, "two refusals in one cycle");
    if (n == 0) begin
      if (own.size() == 0) $fatal(1, "a refusal was counted that never was");
      b = own.pop_front();
    end
    taken_bad++;
    if (!ae_valid && now >= next_report) begin
      ae_want.code   = b.code;
      ae_want.source = 4'd3;
      ae_want.id     = 24'(b.page);
      ae_want.detail = {36'd0, b.offset, 6'd0, b.page};
      ae_expected    = 1;
      next_report    = now + Period;
      if (stat_lost) $fatal(1, "an event was dropped that was due");
      reports++;
    end else begin
      if (!stat_lost) $fatal(1, "an event was not counted as lost");
      lost++;
    end
  endtask

  always @(posedge clk) begin
    if (!rst) begin
      if (ae_valid && !ae_held && !ae_expected) $fatal(1, "an event too many");
      if ((ae_expected || ae_held) && !ae_valid) $fatal(1, "an event is missing");
      if (ae_valid && ae != ae_want) $fatal(1, "event %h, not %h", ae, ae_want);
      ae_expected = 0;
      ae_held = ae_valid && !ae_ready;

      if (push_valid != push_due) $fatal(1, "a word to a push page: %0d", push_valid);
      if (push_due && push_seal != seal_want) $fatal(1, "a word, or a doorbell: %0d", push_seal);
      if (push_due && {push_page, push_slot, seal_want ? 3'd0 : push_word, push_data,
                       seal_want ? 8'd0 : push_strb} != push_want)
        $fatal(1, "push of slot %0d word %0d", push_slot, push_word);
      push_due = 0;
      if (db_valid && db_addr[22] && !db_ready) $fatal(1, "a word to a push page must wait");

      for (int i = 0; i < int'(NumEngines); i++) begin
        if (out_valid[i] && (want[i].size() == 0 || out[i] != want[i][0]))
          $fatal(1, "engine %0d: doorbell %h was not expected", i, out[i]);
        if (i == int'(Eth) && out_valid[i] && eth_offset != want_offset[0])
          $fatal(1, "netdev: offset %h, not %h", eth_offset, want_offset[0]);
        if (out_valid[i] && out_ready[i]) void'(want[i].pop_front());
        if (i == int'(Eth) && out_valid[i] && out_ready[i]) void'(want_offset.pop_front());
        if (bad_ready[i] && !bad_valid[i]) $fatal(1, "ready without valid");
        bad_wait[i] = (bad_valid[i] && !bad_ready[i]) ? bad_wait[i] + 1 : 0;
        if (bad_wait[i] > 6) $fatal(1, "engine %0d waits for the reporter", i);
      end
      if (stat_bad) take_bad();
      else if (|(bad_valid & bad_ready) || stat_lost) $fatal(1, "a refusal was not counted");
      if (stat_db) stat_stores++;
      if (db_valid && db_ready) take_store();
      if (idle && (db_valid || push_valid || |bad_valid || |out_valid || ae_valid || own.size() != 0))
        $fatal(1, "idle with work at hand");
    end
  end

  // --------------------------------------------------------------------------- stimulus

  int unsigned stall_pct [NumEngines + 1];  // the last one: events
  int unsigned bad_pct;
  bit          feed;
  bit          hold_cq;
  logic [22:0] by_hand [$];  // addresses of stores that go first

  function automatic bit chance(int unsigned pct);
    return $urandom_range(99) < pct;
  endfunction

  function automatic logic [11:0] pick_offset();
    int unsigned kind = $urandom_range(10);
    case (kind)
      0:       return 12'h000;
      1:       return 12'h008;
      2, 3, 4: return 12'h010;
      5, 6:    return 12'h020;
      7:       return 12'h028;
      8:       return 12'h800 | (12'($urandom) & 12'h7f8);
      9:       return 12'h030 + 12'(8 * $urandom_range(4));
      default: return 12'($urandom) & 12'hff8;
    endcase
  endfunction

  always @(posedge clk) begin
    if (rst) begin
      db_valid  <= 0;
      bad_valid <= '0;
      out_ready <= '0;
      ae_ready  <= 0;
    end else begin
      if (!db_valid || db_ready) begin
        db_valid <= (feed && chance(70)) || by_hand.size() != 0;
        db_data  <= {$urandom, $urandom};
        db_strb  <= (chance(90) || by_hand.size() != 0) ? 8'hff : 8'($urandom);
        if (by_hand.size() != 0) db_addr <= by_hand.pop_front();
        else db_addr <= {1'(chance(25)), chance(40) ? 10'd0 : 10'($urandom), pick_offset()};
      end
      for (int i = 0; i < int'(NumEngines); i++) begin
        if (!bad_valid[i] || bad_ready[i]) begin
          bad_valid[i]  <= feed && chance(bad_pct);
          bad[i].code   <= 16'($urandom);
          bad[i].page   <= 10'($urandom);
          bad[i].offset <= 12'($urandom);
        end
        out_ready[i] <= !chance(stall_pct[i]) && !(hold_cq && i == int'(Cq));
      end
      ae_ready <= !chance(stall_pct[NumEngines]);
      if ($urandom_range(499) == 0 && !hold_cq)
        for (int i = 0; i <= int'(NumEngines); i++) stall_pct[i] = $urandom_range(3) * 32;
      if ($urandom_range(499) == 0) bad_pct = $urandom_range(2) * 30;
    end
    now <= now + (($urandom_range(199) == 0) ? 64'($urandom_range(1_500_000)) : 64'd4);
  end

  task automatic drain();
    int unsigned n = 0;
    feed = 0;
    do begin
      @(posedge clk);
      n++;
      if (n > 20000) $fatal(1, "does not drain");
    end while (!idle || db_valid);
    @(posedge clk);
    for (int i = 0; i < int'(NumEngines); i++)
      if (want[i].size() != 0) $fatal(1, "engine %0d: %0d doorbells are lost", i, want[i].size());
    if (own.size() != 0) $fatal(1, "%0d refused stores were not counted", own.size());
    if (stat_stores != stores - pushes) $fatal(1, "%0d doorbells, %0d counted", stores - pushes, stat_stores);
  endtask

  // One engine does not answer: the others still get theirs
  task automatic stalled_engine();
    drain();
    hold_cq = 1;
    for (int i = 0; i <= int'(NumEngines); i++) stall_pct[i] = 0;
    @(posedge clk);
    by_hand = '{23'h3010, 23'h4010, 23'h3010, 23'h020, 23'h028, 23'h030, 23'h5000, 23'h5008, 23'h5018,
                23'h405000};
    repeat (16) @(posedge clk);
    if (want[Eq].size() != 0 || want[Cqp].size() != 0 || want[Sq].size() != 0 ||
        want[Rq].size() != 0 || want[Eth].size() != 0 || own.size() != 0)
      $fatal(1, "a stalled engine holds up the others");
    if (want[Cq].size() != 3) $fatal(1, "a doorbell left a stalled engine's FIFO");
    hold_cq = 0;
    drain();
  endtask

  initial begin
    seed  = 1;
    count = 100000;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    void'($urandom(seed));
    now     = 5;
    feed    = 0;
    bad_pct = 10;
    repeat (4) @(posedge clk);
    @(negedge clk) rst = 0;
    feed = 1;
    while (stores < 64'(count)) @(posedge clk);
    stalled_engine();
    if (good == 0 || pushes == 0 || refused == 0 || reports == 0 || lost == 0)
      $fatal(1, "not every case was tried");
    $display("doorbell: seed %0d: %0d stores, %0d for engines, %0d pushed, %0d refused here, %0d refusals in all, %0d events, %0d suppressed",
             seed, stores, good, pushes, refused, taken_bad, reports, lost);
    $finish;
  end

endmodule
