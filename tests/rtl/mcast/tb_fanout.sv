// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_fanout behind tern_mcast, while QPs come to groups and leave them. Packets ask for their group and
// come Lag cycles later, as through tern_rx; copies are taken late, some count for nothing, and their users
// are done in any order. A copy must be for a QP that was in the packet's own group at some time since the
// packet asked; one that was in it all the time gets exactly one. None comes for a QP once the command
// that took it out is done. An id is given back once, and only when all copies are made and free.
//
// +count= packets, +seed=

module tb_fanout;

  localparam int unsigned Gids = 5, Qpns = 20, FirstQpn = 2, Ids = 128, MaxLag = 8;
  localparam longint Patience = 20000;   // cycles for a command, and for the end
  localparam longint Long = 300;   // more than all but the fence takes

  typedef bit [Qpns-1:0] qps_t;

  bit clk, rst;
  always #2 clk = !clk;

  logic            in_valid, in_own, mem_read, mem_no_own, fence, fence_done, copy_valid, copy_ready, copied;
  logic            free_valid, mc_valid, mc_ready, mc_attach, mc_detach, mc_no_own, mc_done, ask, ask_own, hit;
  logic            mcast_idle, fanout_idle;
  logic [6:0]      in_id, copy_id, free_id, ask_id;
  logic [5:0]      in_group, mem_group, hit_group;
  logic [15:0]     mem_mask, mc_minor;
  logic [3:0]      mem_place;
  logic [13:0]     mem_qpn, copy_qpn, mc_qpn;
  logic [127:0]    mc_gid, ask_gid;
  logic [1:0]      freed_valid;
  logic [1:0][6:0] freed_id;

  tern_mcast u_mcast (
    .clk_i(clk), .rst_i(rst), .idle_o(mcast_idle),
    .ctl_valid_i(mc_valid), .ctl_ready_o(mc_ready), .ctl_attach_i(mc_attach), .ctl_detach_i(mc_detach),
    .ctl_qpn_i(mc_qpn), .ctl_gid_i(mc_gid), .ctl_no_own_i(mc_no_own), .ctl_done_o(mc_done),
    .ctl_minor_o(mc_minor), .ctl_full_o(),
    .ask_i(ask), .ask_gid_i(ask_gid), .hit_o(hit), .hit_group_o(hit_group),
    .tx_ask_i(1'b0), .tx_gid_i('0), .tx_hit_o(),
    .mem_group_i(mem_group), .mem_mask_o(mem_mask), .mem_read_i(mem_read), .mem_place_i(mem_place),
    .mem_no_own_o(mem_no_own), .mem_qpn_o(mem_qpn), .fence_o(fence), .fence_done_i(fence_done)
  );

  tern_fanout u_fanout (
    .clk_i(clk), .rst_i(rst), .idle_o(fanout_idle),
    .in_valid_i(in_valid), .in_id_i(in_id), .in_group_i(in_group), .in_own_i(in_own),
    .mem_group_o(mem_group), .mem_mask_i(mem_mask), .mem_read_o(mem_read), .mem_place_o(mem_place),
    .mem_no_own_i(mem_no_own), .mem_qpn_i(mem_qpn), .fence_i(fence), .fence_done_o(fence_done),
    .copy_valid_o(copy_valid), .copy_ready_i(copy_ready), .copy_id_o(copy_id), .copy_qpn_o(copy_qpn),
    .copied_i(copied), .free_valid_i(free_valid), .free_id_i(free_id),
    .free_valid_o(freed_valid), .free_id_o(freed_id)
  );

  int unsigned count, lag, ask_pct, ready_pct, free_pct, cmd_pct, counts_pct;
  int unsigned packets, copies, commands, waited, plain;
  longint      cycle, cmd_at;

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  function automatic bit [127:0] gid_of(int unsigned g);
    gid_of = {96'(g * 77), 32'h000001ff};
  endfunction

  // -------------------------------------------------------------------------------- groups

  qps_t        here [Gids], no_own [Gids];    // attached, by commands that are done
  bit          busy, b_attach, b_detach, b_no_own;
  int unsigned b_g, b_q;

  function automatic bit concerns(int unsigned g);
    return busy && ((!b_attach && !b_detach) || b_g == g);
  endfunction

  // ------------------------------------------------------------------------------- packets

  typedef enum {Unused, Plain, Asking, Live} what_e;

  what_e       what [Ids];
  int unsigned group_of [Ids], users [Ids];
  qps_t        must [Ids], may [Ids], got [Ids];
  bit          own [Ids];
  logic [6:0]  pool [$], hands [$], order [$];   // ids: unused; of users; in the order they came

  task automatic begin_command();
    qps_t q = qps_t'(1) << b_q;
    for (int unsigned i = 0; i < Ids; i++) begin
      if (what[i] != Live || !concerns(group_of[i])) continue;
      must[i] &= ~q;
      if (b_attach && !(own[i] && b_no_own)) may[i] |= q;
    end
  endtask

  task automatic end_command();
    qps_t q = qps_t'(1) << b_q;
    for (int unsigned g = 0; g < Gids; g++) begin
      if (!concerns(g) || mc_minor != '0) continue;
      if (b_attach) here[g] |= q;
      else          here[g] &= ~q;
      no_own[g] = (no_own[g] & ~q) | (b_no_own ? q : '0);
    end
    if (b_detach && mc_minor != '0 && here[b_g][b_q]) $fatal(1, "QP %0d was in group %0d", b_q, b_g);
    for (int unsigned i = 0; i < Ids; i++)
      if (what[i] == Live && concerns(group_of[i]) && !b_attach) may[i] &= ~q;
    if (cycle - cmd_at > Long) waited++;
    busy = 0;
    commands++;
  endtask

  task automatic found(logic [6:0] id);
    int unsigned g = group_of[id];
    qps_t        q = qps_t'(1) << b_q;
    what[id]  = Live;
    users[id] = 0;
    got[id]   = '0;
    must[id]  = here[g] & ~(own[id] ? no_own[g] : '0);
    may[id]   = must[id];
    if (concerns(g)) begin
      must[id] &= ~q;
      if (b_attach && !(own[id] && b_no_own)) may[id] |= q;
    end
    if (here[g] == '0 && !concerns(g)) $fatal(1, "nobody is in group %0d", g);
    order.push_back(id);
    packets++;
  endtask

  task automatic take_copy();
    int unsigned q = 32'(copy_qpn) - FirstQpn;
    // All copies of the ones before are made
    while (order.size() != 0 && order[0] != copy_id) begin
      if ((must[order[0]] & ~got[order[0]]) != '0)
        $fatal(1, "id %0d: QPs %h got none", order[0], must[order[0]] & ~got[order[0]]);
      void'(order.pop_front());
    end
    if (what[copy_id] != Live || order.size() == 0) $fatal(1, "a copy of id %0d", copy_id);
    if (q >= Qpns || !may[copy_id][q]) $fatal(1, "id %0d of group %0d: a copy for QP %0d", copy_id,
                                              group_of[copy_id], q);
    // One that has left and come again may be in another place
    if (got[copy_id][q] && must[copy_id][q]) $fatal(1, "id %0d: a second copy for QP %0d", copy_id, q);
    got[copy_id][q] = 1;
    copies++;
  endtask

  task automatic given_back(logic [6:0] id, bit at_once);
    if (what[id] == Plain && !at_once) $fatal(1, "id %0d is in use", id);
    if (what[id] == Live && (users[id] != 0 || (must[id] & ~got[id]) != '0))
      $fatal(1, "id %0d: given back with %0d users, QPs %h got none", id, users[id], must[id] & ~got[id]);
    if (what[id] == Unused || what[id] == Asking) $fatal(1, "id %0d: given back again", id);
    for (int i = 0; i < order.size(); i++)
      if (order[i] == id) begin
        order.delete(i);
        break;
      end
    what[id] = Unused;
    pool.push_back(id);
  endtask

  // ---------------------------------------------------------------------------------- cycle

  logic [13:0]       pipe [MaxLag];
  logic [MaxLag-1:0] pipe_valid;
  logic              held_q;
  logic [20:0]       held_copy;

  assign in_valid = pipe_valid[lag-1];
  assign {in_own, in_group, in_id} = pipe[lag-1];

  task automatic drive_command();
    mc_valid  <= cmd_pct != 0 && pct(cmd_pct);
    mc_attach <= 0;
    mc_detach <= 0;
    if (pct(50))      mc_attach <= 1;
    else if (pct(75)) mc_detach <= 1;
    b_g = $urandom_range(Gids - 1);
    b_q = $urandom_range(Qpns - 1);
    mc_gid    <= gid_of(b_g);
    mc_qpn    <= 14'(b_q + FirstQpn);
    mc_no_own <= pct(30);
  endtask

  task automatic drive_ask();
    ask <= 0;
    if (pool.size() == 0 || packets + plain >= count || !pct(ask_pct)) return;
    ask_id = pool.pop_front();
    if (pct(15)) begin
      what[ask_id] = Plain;
      hands.push_back(ask_id);
      plain++;
      return;
    end
    what[ask_id]     = Asking;
    group_of[ask_id] = $urandom_range(Gids - 1);
    own[ask_id]      = pct(30);
    ask              <= 1;
    ask_gid          <= gid_of(group_of[ask_id]);
    ask_own          <= own[ask_id];
  endtask

  task automatic drive_free();
    int k;
    free_valid <= 0;
    if (hands.size() == 0 || !pct(free_pct)) return;
    k = int'($urandom_range(hands.size() - 1));
    free_valid <= 1;
    free_id    <= hands[k];
    hands.delete(k);
  endtask

  always @(posedge clk) begin
    cycle <= cycle + 1;
    if (rst) begin
      ask        <= 0;
      mc_valid   <= 0;
      free_valid <= 0;
      copy_ready <= 0;
      copied     <= 0;
      pipe_valid <= '0;
      held_q     <= 0;
    end else begin
      if (mc_valid && mc_ready) begin
        busy     = 1;
        b_attach = mc_attach;
        b_detach = mc_detach;
        b_no_own = mc_no_own;
        cmd_at   = cycle;
        begin_command();
      end
      if (busy && cycle - cmd_at > Patience) $fatal(1, "a command hangs");

      pipe_valid <= {pipe_valid[MaxLag-2:0], ask && hit};
      for (int i = 1; i < int'(MaxLag); i++) pipe[i] <= pipe[i-1];
      pipe[0] <= {ask_own, hit_group, ask_id};
      if (ask && hit) found(ask_id);
      if (ask && !hit) begin
        what[ask_id] = Unused;
        pool.push_back(ask_id);
      end

      if (held_q && (!copy_valid || held_copy != {copy_id, copy_qpn})) $fatal(1, "the copy has changed");
      held_q    <= copy_valid && !copy_ready;
      held_copy <= {copy_id, copy_qpn};
      if (copied) hands.push_back(held_copy[20:14]);
      copied <= 0;
      if (copy_valid && copy_ready) begin
        take_copy();
        if (pct(counts_pct)) begin
          copied <= 1;
          users[copy_id]++;
        end
      end

      if (free_valid && what[free_id] == Live) users[free_id]--;
      for (int k = 0; k < 2; k++)
        if (freed_valid[k]) given_back(freed_id[k], free_valid && freed_id[k] == free_id);
      if (free_valid && what[free_id] == Plain) $fatal(1, "id %0d is not given back", free_id);
      if (mc_done) end_command();

      if (fanout_idle && pipe_valid == '0 && !(ask && hit))
        foreach (order[i])
          if ((must[order[i]] & ~got[order[i]]) != '0) $fatal(1, "idle with work");

      copy_ready <= pct(ready_pct);
      drive_free();
      drive_ask();
      if (!busy && !mc_valid) drive_command();
      else if (mc_ready) mc_valid <= 0;
    end
  end

  // Ids that are out, and commands
  task automatic settle();
    longint from = cycle;
    ask_pct   = 0;
    cmd_pct   = 0;
    free_pct  = 50;
    ready_pct = 50;
    while (pool.size() != int'(Ids) || busy || !mcast_idle || !fanout_idle) begin
      @(negedge clk);
      if (cycle - from > Patience) $fatal(1, "%0d ids are lost", int'(Ids) - pool.size());
    end
  endtask

  initial begin
    int unsigned seed;
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", count) == 0) count = 100000;
    void'($urandom(int'(seed)));
    for (int unsigned i = 0; i < Ids; i++) pool.push_back(7'(i));
    lag = 1;
    rst = 1;
    repeat (3) @(negedge clk);
    rst = 0;
    while (packets + plain < count) begin
      ask_pct    = pct(50) ? 100 : 1 + $urandom_range(30);
      ready_pct  = pct(40) ? 100 : 5 + $urandom_range(90);
      free_pct   = pct(60) ? 100 : 20 + $urandom_range(80);
      counts_pct = pct(50) ? 100 : $urandom_range(100);
      cmd_pct    = pct(50) ? 100 : 1 + $urandom_range(20);
      repeat (3000) @(negedge clk);
      if (pct(30)) begin
        settle();
        lag = 1 + $urandom_range(MaxLag - 1);
      end
    end
    settle();
    $display("%0d packets, %0d copies, %0d commands, %0d took long", packets, copies, commands, waited);
    if (waited == 0) $fatal(1, "no command had to wait");
    $finish;
  end

endmodule
