// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_loop with tern_rx_buf behind it, between a wire that cannot wait and an adapter that can.
// Frames of each way carry a number and their way; each way keeps its order, nothing is lost, none is
// cut in two, and the wire gets nothing that is ours. The wire stops late after pause_o, as a peer
// does: four longest frames are on their way then, or 31 shorter ones.

module tb_loop;

  localparam int unsigned Longest = 144;  // beats of a frame from the wire
  localparam int unsigned OwnMost = 66;   // and of one of ours
  localparam int unsigned Slack   = 4 * Longest;

  bit clk, rst;
  always #2 clk = !clk;

  logic         idle, tx_valid, tx_ready, tx_last, tx_own, m_valid, m_ready, m_last;
  logic         s_valid, s_last, s_user, pause, rx_valid, rx_last, rx_user, rx_own;
  logic         rx_pause, rx_near, rx_room, buf_idle, overrun;
  logic [511:0] tx_data, m_data, s_data, rx_data;
  logic [63:0]  tx_keep, m_keep, s_keep, rx_keep;

  tern_loop dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .tx_valid_i(tx_valid), .tx_ready_o(tx_ready), .tx_data_i(tx_data), .tx_keep_i(tx_keep),
    .tx_last_i(tx_last), .tx_own_i(tx_own),
    .m_axis_tvalid_o(m_valid), .m_axis_tready_i(m_ready), .m_axis_tdata_o(m_data),
    .m_axis_tkeep_o(m_keep), .m_axis_tlast_o(m_last),
    .s_axis_tvalid_i(s_valid), .s_axis_tdata_i(s_data), .s_axis_tkeep_i(s_keep),
    .s_axis_tlast_i(s_last), .s_axis_tuser_i(s_user), .pause_o(pause),
    .rx_valid_o(rx_valid), .rx_data_o(rx_data), .rx_keep_o(rx_keep), .rx_last_o(rx_last),
    .rx_user_o(rx_user), .rx_own_o(rx_own), .rx_pause_i(rx_pause), .rx_near_i(rx_near), .rx_room_i(rx_room)
  );

  // Every frame is good; what becomes of it is known 5 cycles after its end
  logic [4:0]        ended_q;
  logic              out_valid, free_valid;
  tern_pkg::rx_pkt_t out_pkt;
  logic [6:0]        free_id, held_ids [$];

  always @(posedge clk) ended_q <= rst ? '0 : {ended_q[3:0], rx_valid && rx_last};

  tern_rx_buf #(.Frees(1)) u_buf (
    .clk_i(clk), .rst_i(rst), .idle_o(buf_idle), .pause_o(rx_pause), .near_o(rx_near),
    .room_o(rx_room),
    .beat_valid_i(rx_valid), .beat_data_i(rx_data), .beat_last_i(rx_last),
    .verdict_valid_i(ended_q[4]), .verdict_keep_i(1'b1), .verdict_pkt_i('0),
    .out_valid_o(out_valid), .out_pkt_o(out_pkt), .free_valid_i(free_valid),
    .free_id_i(free_id), .rd_en_i(1'b0), .rd_line_i('0), .rd_data_o(), .stat_overrun_o(overrun)
  );

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  typedef struct {
    bit [31:0]   number;
    int unsigned beats;
    bit          way;   // 1: ours, or for the wire if not own
    bit          own;
  } frame_t;

  frame_t      tx_now, rx_now, m_now, wire_now;
  frame_t      due_own [$], due_wire [$], due_out [$];
  int unsigned seed, count, frames, turned, received, sent;
  int unsigned tx_at, s_at, rx_at, m_at, paused, begun, most_wait, waited, wire_pct, own_pct, free_pct;
  int unsigned ready_pct, short_pct, held_most;
  bit          tx_busy, s_busy, rx_mid, m_mid, on;

  function automatic bit [511:0] beat(frame_t f, int unsigned at);
    return {16{f.number ^ {at[15:0], 14'd0, f.way, f.own}}};
  endfunction

  function automatic bit [63:0] keep(frame_t f, int unsigned at);
    return at + 1 == f.beats ? ~({64{1'b1}} << (f.number % 64 + 1)) : '1;
  endfunction

  task automatic new_frame(output frame_t f, input bit way, input bit own, input int unsigned most);
    f.number = $urandom;
    f.beats  = pct(short_pct) ? 1 : 1 + $urandom_range(most - 1);
    f.way    = way;
    f.own    = own;
    frames++;
  endtask

  // What comes out on either side
  task automatic see(ref frame_t now, ref int unsigned at, ref bit mid, input logic last,
                     input logic [511:0] data, input logic [63:0] k, string side);
    if (data !== beat(now, at) || k !== keep(now, at) || last !== (at + 1 == now.beats))
      $fatal(1, "%s: beat %0d of %0d is another one", side, at, now.beats);
    at  = last ? 0 : at + 1;
    mid = !last;
  endtask

  always @(posedge clk) begin
    if (rst) begin
      tx_valid   <= 0;
      s_valid    <= 0;
      m_ready    <= 0;
      free_valid <= 0;
    end else begin
      if (overrun) $fatal(1, "a frame was lost");
      if (idle && rx_mid && !rx_valid && !s_busy && !tx_busy) $fatal(1, "idle in a frame");

      // Into the receive side: whose frame it is shows in its first beat
      if (rx_valid) begin
        if (!rx_mid) begin
          rx_at = 0;
          if (due_own.size() != 0 && rx_data === beat(due_own[0], 0)) begin
            rx_now = due_own.pop_front();
            turned++;
          end else if (due_wire.size() != 0 && rx_data === beat(due_wire[0], 0)) begin
            rx_now = due_wire.pop_front();
            received++;
          end else begin
            $fatal(1, "frame that nobody sent");
          end
        end
        if (rx_user !== (rx_last && !rx_now.own && rx_now.number[7])) $fatal(1, "user");
        see(rx_now, rx_at, rx_mid, rx_last, rx_data, rx_keep, "receive side");
      end
      if (m_valid && m_ready) begin
        if (!m_mid) begin
          m_at = 0;
          if (due_out.size() == 0) $fatal(1, "nothing is for the wire");
          m_now = due_out.pop_front();
          sent++;
        end
        see(m_now, m_at, m_mid, m_last, m_data, m_keep, "wire");
      end
      m_ready <= pct(ready_pct);

      // The adapter
      if (tx_valid && tx_own && !tx_ready && tx_at == 0) waited++;
      else waited = 0;
      if (waited > most_wait) most_wait = waited;
      if (tx_valid && tx_ready) begin
        tx_at++;
        if (tx_at == tx_now.beats) tx_busy = 0;
      end
      if (!tx_busy && on && frames < count && pct(own_pct)) begin
        bit own = pct(70);
        new_frame(tx_now, 1, own, OwnMost);
        tx_busy = 1;
        tx_at   = 0;
        if (own) due_own.push_back(tx_now);
        else due_out.push_back(tx_now);
      end
      tx_valid <= tx_busy;
      tx_data  <= beat(tx_now, tx_at);
      tx_keep  <= keep(tx_now, tx_at);
      tx_last  <= tx_at + 1 == tx_now.beats;
      tx_own   <= tx_now.own;

      // The wire: once it is told to pause it goes on for Slack beats, then ends its frame
      paused = pause ? paused + 32'(s_valid) : 0;
      begun  = pause ? begun : 0;
      if (s_busy) begin
        s_at++;
        if (s_at == wire_now.beats) s_busy = 0;
      end
      s_valid <= 0;
      if (!s_busy && on && frames < count && paused + Longest < Slack && begun < 31 &&
          pct(wire_pct)) begin
        new_frame(wire_now, 0, 0, Longest);
        s_busy = 1;
        s_at   = 0;
        begun++;
        due_wire.push_back(wire_now);
      end
      if (s_busy) begin
        s_valid <= 1;
        s_data  <= beat(wire_now, s_at);
        s_keep  <= keep(wire_now, s_at);
        s_last  <= s_at + 1 == wire_now.beats;
        s_user  <= s_at + 1 == wire_now.beats && wire_now.number[7];
      end

      // Who works on packets
      if (out_valid) held_ids.push_back(out_pkt.id);
      free_valid <= 0;
      if (held_ids.size() != 0 && pct(free_pct)) begin
        free_valid <= 1;
        free_id    <= held_ids.pop_front();
      end
      if (held_ids.size() > int'(held_most)) held_most = held_ids.size();
    end
  end

  task automatic settle();
    int unsigned n = 0;
    free_pct = 100;
    while (tx_busy || s_busy || due_own.size() + due_wire.size() + due_out.size() != 0 || !idle ||
           !buf_idle || held_ids.size() != 0) begin
      @(negedge clk);
      n++;
      if (n > 200000) $fatal(1, "stuck");
    end
  endtask

  // A wire that never rests by itself: ours go on all the same
  task automatic busy_wire(int unsigned short);
    int unsigned old = turned;
    settle();
    count     = frames + 3000;
    wire_pct  = 100;
    own_pct   = 100;
    free_pct  = 100;
    ready_pct = 100;
    short_pct = short;
    most_wait = 0;
    while (frames < count) @(negedge clk);
    settle();
    $display("  busy wire, %0d%% short: %0d turned back, waited %0d cycles at most", short,
             turned - old, most_wait);
    if (turned - old < 100) $fatal(1, "ours starve");
  endtask

  initial begin
    int unsigned n;
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", n) == 0) n = 100000;
    void'($urandom(int'(seed)));
    rst = 1;
    repeat (3) @(negedge clk);
    rst = 0;
    on  = 1;
    busy_wire(0);
    busy_wire(90);
    n += frames;
    count = n;
    while (frames < n) begin
      wire_pct  = pct(40) ? 100 : $urandom_range(30);
      own_pct   = pct(40) ? 100 : $urandom_range(30);
      free_pct  = pct(30) ? 100 : pct(30) ? 0 : $urandom_range(30);
      ready_pct = pct(50) ? 100 : $urandom_range(90, 10);
      short_pct = pct(30) ? 100 : $urandom_range(90);
      repeat (int'($urandom_range(1500))) @(negedge clk);
    end
    settle();
    $display("loop: %0d turned back, %0d received, %0d sent, %0d packets held", turned, received,
             sent, held_most);
    $finish;
  end

endmodule
