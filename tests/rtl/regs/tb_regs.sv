// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Registers over AXI4-Lite, with the interrupt vectors behind them, against a model: random
// accesses (undefined offsets and partial strobes included) with random handshakes, while link,
// fatal code and CQP change, and resets in between. The interrupt output itself is tb_irq's.
//
// +count= accesses, +seed=

module tb_regs;

  logic clk = 0;
  logic rst = 1;
  always #2 clk = !clk;

  int unsigned seed, count;

  logic        idle, awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid;
  logic        rready, quiesce, dma_idle, wire_whole, core_rst, link_up, misc_level, cqp_enable, cqp_enabled;
  logic        cqp_halted, cqp_error, irq_write, irq_itr, irq_valid;
  logic [15:0] awaddr, araddr, cqp_tail;
  logic [31:0] wdata, rdata, cqp_err, irq_wdata, irq_rdata;
  logic [3:0]  wstrb;
  logic [1:0]  bresp, rresp;
  logic [47:0] mac;
  logic [7:0]  fatal;
  logic [63:0] now, cqp_base, cqp_result;
  logic [4:0]  cqp_log_size;
  logic [5:0]  irq_vec, irq_vector;
  logic [63:0] level;

  tern_regs #(.LinkSpeed(100_000)) u_regs (
    .clk_i(clk), .rst_i(rst), .now_i(now), .idle_o(idle),
    .s_axil_awvalid_i(awvalid), .s_axil_awready_o(awready), .s_axil_awaddr_i(awaddr),
    .s_axil_wvalid_i(wvalid), .s_axil_wready_o(wready), .s_axil_wdata_i(wdata),
    .s_axil_wstrb_i(wstrb), .s_axil_bvalid_o(bvalid), .s_axil_bready_i(bready),
    .s_axil_bresp_o(bresp), .s_axil_arvalid_i(arvalid), .s_axil_arready_o(arready),
    .s_axil_araddr_i(araddr), .s_axil_rvalid_o(rvalid), .s_axil_rready_i(rready),
    .s_axil_rdata_o(rdata), .s_axil_rresp_o(rresp),
    .quiesce_o(quiesce), .dma_idle_i(dma_idle), .wire_whole_i(wire_whole), .core_rst_o(core_rst),
    .mac_addr_i(mac), .link_up_i(link_up), .fatal_i(fatal), .misc_level_o(misc_level),
    .cqp_base_o(cqp_base), .cqp_log_size_o(cqp_log_size), .cqp_enable_o(cqp_enable),
    .cqp_enabled_i(cqp_enabled), .cqp_halted_i(cqp_halted), .cqp_tail_i(cqp_tail),
    .cqp_error_i(cqp_error), .cqp_err_i(cqp_err), .cqp_result_i(cqp_result),
    .irq_reg_write_o(irq_write), .irq_reg_itr_o(irq_itr), .irq_reg_vec_o(irq_vec),
    .irq_reg_wdata_o(irq_wdata), .irq_reg_rdata_i(irq_rdata),
    .eth_reg_write_o(eth_write), .eth_reg_addr_o(eth_addr), .eth_reg_wdata_o(eth_wdata),
    .eth_reg_rdata_i(eth_rdata)
  );

  // The netdev: a word behind each offset
  logic        eth_write;
  logic [15:0] eth_addr;
  logic [31:0] eth_wdata, eth_rdata;
  logic [31:0] eth_words [64];
  always @(posedge clk) if (!rst && eth_write) begin
    if (eth_addr[15:8] != 8'h02) $fatal(1, "write of %h goes to the netdev", eth_addr);
    eth_words[eth_addr[7:2]] <= eth_wdata;
  end
  assign eth_rdata = eth_words[eth_addr[7:2]];

  tern_irq u_irq (
    .clk_i(clk), .rst_i(core_rst), .now_i(now), .idle_o(), .wake_at_o(),
    .level_i(level), .misc_level_i(misc_level), .rearm_valid_i(2'b00), .rearm_vec_i(12'd0),
    .reg_write_i(irq_write), .reg_itr_i(irq_itr), .reg_vec_i(irq_vec), .reg_wdata_i(irq_wdata),
    .reg_rdata_o(irq_rdata),
    .irq_valid_o(irq_valid), .irq_ready_i(1'b1), .irq_vector_o(irq_vector), .stat_irq_o()
  );

  // The CQP: follows enable after a while
  int unsigned cqp_delay;
  always @(posedge clk) begin
    if (core_rst) cqp_enabled <= 0;
    else if (cqp_enabled != cqp_enable && cqp_delay == 0) cqp_enabled <= cqp_enable;
    cqp_delay = (cqp_delay == 0) ? $urandom_range(20) : cqp_delay - 1;
  end

  always @(posedge clk) now <= now + 64'h4000_0004;

  // --------------------------------------------------------------------------- the host

  function automatic bit chance(int unsigned pct);
    return $urandom_range(99) < pct;
  endfunction

  // Address and data in any order and at any time
  task automatic put(logic [15:0] addr, logic [31:0] value, logic [3:0] strb = 4'hf);
    bit aw_done = 0, w_done = 0;
    int unsigned n = 0;
    while (!aw_done || !w_done) begin
      @(negedge clk);
      if (!aw_done && !awvalid && chance(60)) awvalid = 1;
      if (!w_done && !wvalid && chance(60)) wvalid = 1;
      awaddr = addr;
      wdata  = value;
      wstrb  = strb;
      @(posedge clk);
      aw_done |= awvalid && awready;
      w_done  |= wvalid && wready;
      if (awvalid && idle) $fatal(1, "idle in an access");
      @(negedge clk);
      if (aw_done) awvalid = 0;
      if (w_done) wvalid = 0;
      n++;
      if (n > 100) $fatal(1, "write of %h is not taken", addr);
    end
    n = 0;
    do begin
      @(negedge clk);
      bready = chance(60);
      @(posedge clk);
      n++;
      if (n > 100) $fatal(1, "write of %h is not answered", addr);
    end while (!bvalid || !bready);
    if (bresp != 0) $fatal(1, "write of %h: response %0d", addr, bresp);
    @(negedge clk);
    bready = 0;
    if (bvalid) $fatal(1, "two answers to a write");
  endtask

  task automatic get(logic [15:0] addr, output logic [31:0] value);
    int unsigned n = 0;
    @(negedge clk);
    arvalid = 1;
    araddr  = addr;
    do begin
      @(posedge clk);
      n++;
      if (n > 100) $fatal(1, "read of %h is not taken", addr);
    end while (!arready);
    @(negedge clk);
    arvalid = 0;
    n = 0;
    do begin
      @(negedge clk);
      rready = chance(60);
      @(posedge clk);
      n++;
      if (n > 100) $fatal(1, "read of %h is not answered", addr);
    end while (!rvalid || !rready);
    value = rdata;
    if (rresp != 0) $fatal(1, "read of %h: response %0d", addr, rresp);
    @(negedge clk);
    rready = 0;
    if (rvalid) $fatal(1, "two answers to a read");
  endtask

  task automatic expect_reg(logic [15:0] addr, logic [31:0] want);
    logic [31:0] value;
    get(addr, value);
    if (value != want) $fatal(1, "register %h: %h, not %h", addr, value, want);
    reads++;
  endtask

  // ------------------------------------------------------------------------------ model

  longint unsigned reads, writes, ignored, resets, misc_events, irqs;
  logic [31:0] m_base_lo, m_base_hi;
  logic [4:0]  m_log_size;
  bit          m_enable, m_link, m_fatal;
  bit [63:0]   m_armed;
  logic [23:0] m_itr [64];

  task automatic reset_model();
    m_base_lo  = 0;
    m_base_hi  = 0;
    m_log_size = 0;
    m_enable   = 0;
    m_link     = 0;
    m_fatal    = 0;
    m_armed    = 0;
    for (int v = 0; v < 64; v++) m_itr[v] = 0;
  endtask

  // A vector that is armed while its level is high fires within a few cycles, as now runs fast
  function automatic bit fires(int unsigned v);
    return m_armed[v] && (level[v] || (v == 0 && (m_link || m_fatal)));
  endfunction

  always @(posedge clk) if (irq_valid) irqs++;

  task automatic settle();
    repeat (140) @(posedge clk);
    for (int unsigned v = 0; v < 64; v++) if (fires(v)) m_armed[v] = 0;
  endtask

  // ------------------------------------------------------------------------------ steps

  task automatic step_constant();
    logic [31:0] lo, hi;
    logic [63:0] t0, t1;
    expect_reg(16'h0000, 32'h6e726574);
    expect_reg(16'h0004, 32'h0001_0000);
    expect_reg(16'h0010, mac[31:0]);
    expect_reg(16'h0014, 32'(mac[47:32]));
    expect_reg(16'h0018, {24'd100_000, 7'd0, link_up});
    expect_reg(16'h0020, {16'd1024, 8'd32, 8'd64});
    t0 = now;
    get(16'h0028, lo);
    t1 = now;
    repeat ($urandom_range(8)) @(posedge clk);
    get(16'h002c, hi);
    if ({hi, lo} < t0 || {hi, lo} > t1) $fatal(1, "now: %h, between %h and %h", {hi, lo}, t0, t1);
  endtask

  task automatic step_undefined();
    logic [15:0] addr = 16'($urandom);
    bit defined = addr[1:0] == 0 && ((addr < 16'h30 && addr != 16'h24) ||
        (addr >= 16'h100 && addr < 16'h120) || addr[15:8] == 8'h02 || addr[15:8] == 8'h10 || addr[15:8] == 8'h11);
    if (defined) return;
    put(addr, $urandom);
    expect_reg(addr, 0);
    ignored++;
  endtask

  task automatic step_cqp();
    bit fixed = m_enable || cqp_enabled;
    logic [31:0] value = $urandom;
    int unsigned what = $urandom_range(3);
    logic [3:0] strb = chance(90) ? 4'hf : 4'($urandom);
    bit whole = strb == 4'hf;
    case (what)
      0: begin
        put(16'h0100, value, strb);
        if (whole && !fixed) m_base_lo = value & ~32'd63;
      end
      1: begin
        put(16'h0104, value, strb);
        if (whole && !fixed) m_base_hi = value;
      end
      default: begin
        value[0]    = chance(50);
        value[12:8] = 5'($urandom_range(15));
        // Writing 1 again while it stops is ignored; wait, as a driver does
        if (!m_enable) while (cqp_enabled) @(posedge clk);
        fixed = m_enable;
        put(16'h0108, value, strb);
        if (whole) begin
          if (!fixed) m_log_size = value[12:8];
          if (!fixed) m_enable = value[0] && value[12:8] >= 1 && value[12:8] <= 12;
          else if (!value[0]) m_enable = 0;
        end
      end
    endcase
    if (!whole) ignored++;
    writes++;
    expect_reg(16'h0100, m_base_lo);
    expect_reg(16'h0104, m_base_hi);
    expect_reg(16'h0108, {19'd0, m_log_size, 7'd0, m_enable});
    if (cqp_base != {m_base_hi, m_base_lo} || cqp_log_size != m_log_size ||
        cqp_enable != m_enable) $fatal(1, "CQP ports differ from the registers");
    while (cqp_enabled != m_enable) @(posedge clk);
    cqp_halted = chance(20);
    cqp_tail   = 16'($urandom);
    cqp_error  = chance(30);
    cqp_err    = $urandom;
    cqp_result = {$urandom, $urandom};
    expect_reg(16'h010c, {30'd0, cqp_halted, m_enable});
    expect_reg(16'h0110, {cqp_error, 15'd0, cqp_tail});
    expect_reg(16'h0114, cqp_err);
    expect_reg(16'h0118, cqp_result[31:0]);
    expect_reg(16'h011c, cqp_result[63:32]);
  endtask

  task automatic step_irq();
    int unsigned v = $urandom_range(63);
    logic [31:0] value = $urandom;
    logic [3:0] strb = chance(90) ? 4'hf : 4'($urandom);
    if (chance(40)) begin
      put(16'h1100 + 16'(4 * v), value, strb);
      if (strb == 4'hf) m_itr[v] = value[23:0];
    end else begin
      value[2] = 0;
      put(16'h1000 + 16'(4 * v), value, strb);
      if (strb == 4'hf && value[0]) m_armed[v] = 1;
      if (strb == 4'hf && value[1]) m_armed[v] = 0;
    end
    writes++;
    settle();
    if (chance(30)) level ^= 64'd1 << $urandom_range(63);
    settle();
    v = $urandom_range(63);
    expect_reg(16'h1100 + 16'(4 * v), {8'd0, m_itr[v]});
    expect_reg(16'h1000 + 16'(4 * v), {28'd0, level[v] || (v == 0 && (m_link || m_fatal)), 2'b00,
                                       m_armed[v]});
  endtask

  task automatic step_eth();
    logic [15:0] addr = 16'h0200 + 16'(4 * $urandom_range(63));
    logic [31:0] value = $urandom;
    put(addr, value);
    expect_reg(addr, value);
    put(addr, $urandom, 4'h3);
    expect_reg(addr, value);
    writes++;
  endtask

  task automatic step_misc();
    logic [31:0] ack = $urandom & 32'hffff_ffff;
    if (chance(50)) begin
      @(negedge clk) link_up = !link_up;
      m_link = 1;
    end
    if (chance(50)) begin
      @(negedge clk) fatal = (fatal == 0) ? 8'($urandom_range(255, 1)) : 8'd0;
      if (fatal != 0) m_fatal = 1;
    end
    repeat (2) @(posedge clk);
    if (misc_level != (m_link || m_fatal)) $fatal(1, "level of vector 0");
    expect_reg(16'h001c, {30'd0, m_fatal, m_link});
    expect_reg(16'h000c, {16'd0, fatal, 6'd0, dma_idle, 1'b1});
    settle();
    put(16'h001c, ack);
    if (ack[0]) m_link = 0;
    if (ack[1]) m_fatal = 0;
    expect_reg(16'h001c, {30'd0, m_fatal, m_link});
    misc_events++;
  endtask

  // Reset waits for the DMA, resets for some cycles, and leaves power-on values
  task automatic step_reset();
    int unsigned n = $urandom_range(30), high = 0;
    bit by_wire = chance(50);
    @(negedge clk) {dma_idle, wire_whole} = {by_wire, !by_wire};
    put(16'h0008, 32'hffff_fffe);
    if (quiesce) $fatal(1, "reset without its bit");
    put(16'h0008, 32'h1, 4'h1);
    if (quiesce) $fatal(1, "reset by a partial write");
    put(16'h0008, 32'h1);
    repeat (n) begin
      @(posedge clk);
      if (!quiesce || core_rst || idle) $fatal(1, "reset does not wait for DMA and wire");
    end
    expect_reg(16'h0008, 32'h1);
    expect_reg(16'h000c, {16'd0, fatal, 6'd0, dma_idle, 1'b0});
    put(16'h0100, $urandom);
    put(16'h10fc, m_armed[63] ? 32'h2 : 32'h1);
    put(16'h0008, 32'h1);
    expect_reg(16'h0100, m_base_lo);
    expect_reg(16'h10fc, {28'd0, level[63], 2'b00, m_armed[63]});
    fatal = 0;
    @(negedge clk) {dma_idle, wire_whole} = '1;
    n = 0;
    while (quiesce) begin
      @(posedge clk);
      if (core_rst) high++;
      n++;
      if (n > 50) $fatal(1, "reset does not end");
    end
    if (high < 2) $fatal(1, "reset of %0d cycles", high);
    @(posedge clk);
    if (core_rst) $fatal(1, "reset goes on");
    reset_model();
    check_power_on();
    resets++;
  endtask

  task automatic check_power_on();
    expect_reg(16'h0008, 0);
    expect_reg(16'h000c, {16'd0, fatal, 6'd0, dma_idle, 1'b1});
    expect_reg(16'h001c, 0);
    expect_reg(16'h0100, 0);
    expect_reg(16'h0104, 0);
    expect_reg(16'h0108, 0);
    for (int unsigned v = 0; v < 64; v++) begin
      expect_reg(16'h1000 + 16'(4 * v), {28'd0, level[v], 3'd0});
      expect_reg(16'h1100 + 16'(4 * v), 0);
    end
  endtask

  // A read and a write that come together are both answered, and the read sees the write
  task automatic step_both();
    int unsigned n = 0;
    bit wrote = 0, was_read = 0;
    @(negedge clk);
    awaddr  = 16'h1100;
    araddr  = 16'h1100;
    wdata   = $urandom;
    wstrb   = 4'hf;
    awvalid = 1;
    wvalid  = 1;
    arvalid = 1;
    bready  = 1;
    rready  = 1;
    while (!wrote || !was_read) begin
      @(posedge clk);
      if (bvalid) wrote = 1;
      if (rvalid) was_read = 1;
      if (rvalid && rdata != 32'(wdata[23:0])) $fatal(1, "read beside a write: %h", rdata);
      if (arvalid && arready && awvalid) $fatal(1, "read overtakes write");
      if (awvalid && awready) @(negedge clk) {awvalid, wvalid} = '0;
      else if (arvalid && arready) @(negedge clk) arvalid = 0;
      n++;
      if (n > 20) $fatal(1, "read or write is not answered");
    end
    @(negedge clk);
    bready   = 0;
    rready   = 0;
    m_itr[0] = wdata[23:0];
    reads++;
    writes++;
  endtask

  initial begin
    int unsigned what;
    seed  = 1;
    count = 20000;
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    void'($urandom(seed));
    {awvalid, wvalid, bready, arvalid, rready, cqp_halted, cqp_error} = '0;
    {cqp_tail, cqp_err, cqp_result, level} = '0;
    now      = 64'h1234_5678_0000_0000;
    mac      = 48'h0255_aabb_ccdd;
    link_up  = 1;
    fatal    = 0;
    dma_idle = 1;
    wire_whole = 1;
    reset_model();
    repeat (4) @(posedge clk);
    if (!core_rst) $fatal(1, "core_rst_o is low in reset");
    @(negedge clk) rst = 0;
    while (quiesce) @(posedge clk);
    check_power_on();
    while (reads + writes < 64'(count)) begin
      what = $urandom_range(99);
      if (what < 10) step_constant();
      else if (what < 30) step_undefined();
      else if (what < 48) step_cqp();
      else if (what < 50) step_eth();
      else if (what < 80) step_irq();
      else if (what < 90) step_misc();
      else if (what < 92) step_reset();
      else step_both();
      if (chance(5)) begin
        repeat (3) @(posedge clk);
        if (!idle) $fatal(1, "not idle without an access");
      end
    end
    if (resets == 0 || ignored == 0 || misc_events == 0 || irqs == 0)
      $fatal(1, "not every case was tried");
    $display("regs: seed %0d: %0d reads, %0d writes, %0d ignored writes, %0d resets, %0d misc causes, %0d interrupts",
             seed, reads, writes, ignored, resets, misc_events, irqs);
    $finish;
  end

endmodule
