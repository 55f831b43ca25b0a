// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_mcast against lists of QPs by group: every command's outcome, and after it every address and
// every place of every group. What takes a QP out must wait for the fence, what does not must not. Few
// groups and places, so that both run out.

module tb_mcast;

  localparam int unsigned Groups = 4, Members = 4, Gids = 7, Qpns = 9;

  bit clk, rst;
  always #2 clk = !clk;

  logic         idle, valid, ready, attach, detach, no_own, done, full, ask, hit, read, tx_ask, tx_hit;
  logic         fence, fence_done;
  logic [13:0]  qpn, mem_qpn;
  logic [127:0] gid, ask_gid;
  logic [15:0]  minor;
  logic [1:0]   hit_group, mem_group, mem_place;
  logic [3:0]   mem_mask;
  logic         mem_no_own;

  tern_mcast #(.Groups(Groups), .Members(Members)) dut (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .ctl_valid_i(valid), .ctl_ready_o(ready), .ctl_attach_i(attach), .ctl_detach_i(detach),
    .ctl_qpn_i(qpn), .ctl_gid_i(gid), .ctl_no_own_i(no_own), .ctl_done_o(done),
    .ctl_minor_o(minor), .ctl_full_o(full),
    .ask_i(ask), .ask_gid_i(ask_gid), .hit_o(hit), .hit_group_o(hit_group),
    .tx_ask_i(tx_ask), .tx_gid_i(ask_gid), .tx_hit_o(tx_hit),
    .mem_group_i(mem_group), .mem_mask_o(mem_mask), .mem_read_i(read), .mem_place_i(mem_place),
    .mem_no_own_o(mem_no_own), .mem_qpn_o(mem_qpn),
    .fence_o(fence), .fence_done_i(fence_done)
  );

  // What must be: of each GID the QPs, 0 not there, 1 there, 2 there with no_own
  int member [Gids][Qpns];
  int counts [5];   // outcomes: ok, gid, limit of groups, limit of a group, missing

  function automatic bit [127:0] gid_of(int g);
    bit [127:0] x = '0;
    x[127:96] = 32'(g * 77 + 5);
    if (g == 0) return x;                     // none of a group
    if (g == 1) begin                         // IPv4, but not of a group
      x[95:80]  = 16'hffff;
      x[103:96] = 8'hd0;
    end else if (g[0]) begin
      x[95:80]   = 16'hffff;
      x[103:100] = 4'he;
    end else begin
      x[7:0] = 8'hff;
    end
    return x;
  endfunction

  function automatic int size_of(int g);
    size_of = 0;
    for (int q = 0; q < int'(Qpns); q++) size_of += 32'(member[g][q] != 0);
  endfunction

  function automatic int groups();
    groups = 0;
    for (int g = 0; g < int'(Gids); g++) groups += 32'(size_of(g) != 0);
  endfunction

  // A fence: its group must be gone for those who ask, and the command waits
  int fences;

  task automatic wait_done();
    int n;
    for (n = 0; !done && !fence; n++) begin
      if (n > 100) $fatal(1, "no end");
      @(negedge clk);
    end
    if (!fence) return;
    if (n < 8) $fatal(1, "fence before what has asked is known");
    fences++;
    repeat ($urandom_range(20) + 1) begin
      @(negedge clk);
      if (done || fence) $fatal(1, "done before the fence");
    end
    fence_done = 1;
    @(negedge clk);
    fence_done = 0;
    if (!done) $fatal(1, "no end behind the fence");
  endtask

  task automatic command(int op, int g, int q, bit own);
    int want = 0, old = fences;
    bit want_full = 0, leaves = 0;
    valid  = 1;
    attach = op == 0;
    detach = op == 1;
    gid    = gid_of(g);
    qpn    = 14'(q * 1000 + 3);
    no_own = own;
    while (!ready) @(negedge clk);
    @(negedge clk);
    valid = 0;
    wait_done();
    if (op == 2) begin
      for (int i = 0; i < int'(Gids); i++) begin
        leaves |= member[i][q] != 0;
        member[i][q] = 0;
      end
    end else if (g < 2) want = 21;
    else if (op == 1) begin
      if (member[g][q] == 0) want = 10;
      leaves = member[g][q] != 0;
      member[g][q] = 0;
    end else if (member[g][q] != 0) member[g][q] = own ? 2 : 1;
    else if (size_of(g) == 0 && groups() == int'(Groups)) want = 12;
    else if (size_of(g) == int'(Members)) begin
      want      = 12;
      want_full = 1;
    end else member[g][q] = own ? 2 : 1;
    if (minor != 16'(want) || full != want_full)
      $fatal(1, "command %0d of group %0d, QP %0d: %0d %0d, not %0d %0d", op, g, q, minor, full, want,
             want_full);
    if (fences - old != 32'(leaves)) $fatal(1, "command %0d: %0d fences", op, fences - old);
    counts[want == 0 ? 0 : want == 21 ? 1 : want == 10 ? 4 : want_full ? 3 : 2]++;
    @(negedge clk);
  endtask

  task automatic look();
    int seen [Qpns];
    for (int g = 0; g < int'(Gids); g++) begin
      ask     = 1;
      tx_ask  = 1;
      ask_gid = gid_of(g);
      @(negedge clk);
      if (hit != (size_of(g) != 0) || tx_hit != hit) $fatal(1, "group %0d: hit %0d", g, hit);
      mem_group = hit_group;
      ask    = 0;
      tx_ask = 0;
      if (size_of(g) == 0) continue;
      seen = '{default: 0};
      for (int p = 0; p < int'(Members); p++) begin
        read      = 1;
        mem_place = 2'(p);
        @(negedge clk);
        read = 0;
        if (!mem_mask[p]) continue;
        for (int q = 0; q < int'(Qpns); q++)
          if (mem_qpn == 14'(q * 1000 + 3)) begin
            if (seen[q] != 0) $fatal(1, "group %0d: QP %0d twice", g, q);
            seen[q] = mem_no_own ? 2 : 1;
          end
      end
      for (int q = 0; q < int'(Qpns); q++)
        if (seen[q] != member[g][q])
          $fatal(1, "group %0d, QP %0d: %0d, not %0d", g, q, seen[q], member[g][q]);
    end
  endtask

  initial begin
    int unsigned seed, count;
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", count) == 0) count = 20000;
    void'($urandom(int'(seed)));
    {valid, ask, tx_ask, read, fence_done} = '0;
    rst = 1;
    repeat (3) @(negedge clk);
    rst = 0;
    for (int unsigned n = 0; n < count; n++) begin
      int op = $urandom_range(99);
      command(op < 60 ? 0 : op < 96 ? 1 : 2, $urandom_range(Gids - 1), $urandom_range(Qpns - 1),
              1'($urandom));
      if (n % 4 == 0) look();
    end
    if (!idle) $fatal(1, "not idle");
    for (int i = 0; i < 5; i++) if (counts[i] < 20) $fatal(1, "hardly tested: %p", counts);
    $display("mcast: outcomes %p, %0d fences", counts, fences);
    $finish;
  end

endmodule
