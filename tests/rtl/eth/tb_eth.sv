// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The Ethernet half between a driver and models of its neighbours. The driver talks to it as a
// kernel does: registers, doorbells, rings in host memory behind the real DMA engines, interrupts
// (it looks into a CQ only when the CQ's vector is high, so a lost event ends in the watchdog).
//
// The sender behind tern_tx_mux reads each frame from host memory some time after it was offered,
// and compares every byte; the receiver writes each item's frame and completes it, later and in
// order, as tern_place does. Two send queues and one receive queue are at work; they are
// destroyed and made again with frames under way, after which nothing of them may be touched.

module tb_eth;

  import tb_mem_pkg::*;

  localparam int unsigned NumSq = 2;
  localparam longint unsigned AqBase  = 64'h1_0000;
  localparam longint unsigned AcqBase = 64'h2_0000;
  localparam longint unsigned CqBase  = 64'h3_0000;     // + 64 KiB * number
  localparam longint unsigned RingBase = 64'h10_0000;   // + 64 KiB * queue; 2 is the RQ
  localparam longint unsigned StatBase = 64'h20_0000;
  localparam longint unsigned TxBase  = 64'h1000_0000;  // + 16 MiB * queue
  localparam longint unsigned RxBase  = 64'h1800_0000;
  localparam longint unsigned Hole    = 64'h7000_0000;  // not mapped
  localparam int unsigned LogAq = 3;
  localparam int unsigned LogCq = 7;
  localparam int unsigned LogSq = 6;

  logic clk = 0;
  logic rst = 1;
  logic [63:0] now = 0;

  always #5 clk = !clk;
  always @(posedge clk) now <= now + 64'd4;

  int unsigned frames_max = 20000;

  // ------------------------------------------------------------------------------- device

  logic         idle;
  logic [63:0]  wake_at;
  logic         reg_write = 0;
  logic [15:0]  reg_addr = 0;
  logic [31:0]  reg_wdata = 0, reg_rdata;
  logic         db_valid = 0, db_ready;
  logic [11:0]  db_offset = 0;
  tern_pkg::db_t db = '0;
  logic         bad_valid;
  tern_pkg::db_bad_t bad;
  logic         rd_valid, rd_ready, rd_rsp_valid;
  tern_pkg::dma_rd_req_t rd;
  tern_pkg::dma_rd_rsp_t rd_rsp;
  logic [1:0]   wr_valid, wr_ready, wr_rsp_valid;
  logic [1:0][tern_pkg::DmaWrBeatW-1:0] wr;
  tern_pkg::dma_wr_rsp_t wr_rsp;
  logic         spkt_valid, spkt_ready, spiece_valid, spiece_ready;
  tern_pkg::tx_pkt_t spkt, pkt;
  tern_pkg::tx_piece_t spiece, piece;
  logic         pkt_valid, pkt_ready = 0, piece_valid, piece_ready = 0;
  logic         sent_valid = 0, sent_err = 0;
  logic [15:0]  sent_wqe = 0;
  logic         rx_valid = 0, rx_ready;
  tern_pkg::rx_pkt_t rx = '0;
  logic         item_valid, item_ready = 0;
  tern_pkg::pl_item_t item;
  logic         rcqe_valid = 0, rcqe_ready;
  tern_pkg::cqe_req_t rcqe = '0;
  logic [tern_pkg::NumVectors-1:0] level;
  logic         rearm_valid;
  logic [tern_pkg::VecW-1:0] rearm_vec;
  logic [47:0]  mac;
  logic         promisc, multicast;

  tern_eth u_eth (
    .clk_i(clk), .rst_i(rst), .now_i(now), .idle_o(idle), .wake_at_o(wake_at),
    .reg_write_i(reg_write), .reg_addr_i(reg_addr), .reg_wdata_i(reg_wdata),
    .reg_rdata_o(reg_rdata),
    .db_valid_i(db_valid), .db_ready_o(db_ready), .db_offset_i(db_offset), .db_i(db),
    .db_bad_valid_o(bad_valid), .db_bad_ready_i(1'b1), .db_bad_o(bad),
    .rd_valid_o(rd_valid), .rd_ready_i(rd_ready), .rd_o(rd), .rd_rsp_valid_i(rd_rsp_valid),
    .rd_rsp_i(rd_rsp),
    .wr_valid_o(wr_valid), .wr_ready_i(wr_ready), .wr_o(wr), .wr_rsp_valid_i(wr_rsp_valid),
    .wr_rsp_i(wr_rsp),
    .pkt_valid_o(spkt_valid), .pkt_ready_i(spkt_ready), .pkt_o(spkt),
    .piece_valid_o(spiece_valid), .piece_ready_i(spiece_ready), .piece_o(spiece),
    .sent_valid_i(sent_valid), .sent_wqe_i(sent_wqe), .sent_err_i(sent_err),
    .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_i(rx),
    .item_valid_o(item_valid), .item_ready_i(item_ready), .item_o(item),
    .rx_cqe_valid_i(rcqe_valid), .rx_cqe_ready_o(rcqe_ready), .rx_cqe_i(rcqe),
    .level_o(level), .rearm_valid_o(rearm_valid), .rearm_vec_o(rearm_vec),
    .mac_addr_i(48'h0200_0000_0001), .mac_addr_o(mac), .promisc_o(promisc),
    .multicast_o(multicast)
  );

  logic       mux_idle;
  logic [3:0] mux_pkt_ready, mux_piece_ready;

  tern_tx_mux u_mux (
    .clk_i(clk), .rst_i(rst), .idle_o(mux_idle),
    .pkt_valid_i({spkt_valid, 3'd0}), .pkt_ready_o(mux_pkt_ready),
    .pkt_i({spkt, {3*tern_pkg::TxPktW{1'b0}}}),
    .piece_valid_i({spiece_valid, 3'd0}), .piece_ready_o(mux_piece_ready),
    .piece_i({spiece, {3*tern_pkg::TxPieceW{1'b0}}}),
    .pkt_valid_o(pkt_valid), .pkt_ready_i(pkt_ready), .pkt_o(pkt),
    .piece_valid_o(piece_valid), .piece_ready_i(piece_ready), .piece_o(piece)
  );
  assign spkt_ready   = mux_pkt_ready[3];
  assign spiece_ready = mux_piece_ready[3];

  logic         arvalid, arready, rvalid, rready, rlast, awvalid, awready, wvalid, wready, wlast;
  logic         bvalid, bready, rd_idle, wr_idle;
  logic [5:0]   arid, rid, awid, bid;
  logic [63:0]  araddr, awaddr, wstrb;
  logic [7:0]   arlen, awlen;
  logic [2:0]   arsize, awsize;
  logic [1:0]   arburst, awburst, rresp, bresp;
  logic [511:0] rdata, wdata;
  logic         s0, s1, s2, s3;

  tern_dma_read #(.NumClients(1)) u_read (
    .clk_i(clk), .rst_i(rst), .quiesce_i(1'b0), .idle_o(rd_idle),
    .req_valid_i(rd_valid), .req_ready_o(rd_ready), .req_i(rd), .rsp_valid_o(rd_rsp_valid),
    .rsp_o(rd_rsp),
    .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready), .m_axi_arid_o(arid),
    .m_axi_araddr_o(araddr), .m_axi_arlen_o(arlen), .m_axi_arsize_o(arsize),
    .m_axi_arburst_o(arburst), .m_axi_rvalid_i(rvalid), .m_axi_rready_o(rready),
    .m_axi_rid_i(rid), .m_axi_rdata_i(rdata), .m_axi_rresp_i(rresp), .m_axi_rlast_i(rlast),
    .stat_dma_read_o(s0), .stat_dma_read_err_o(s1)
  );
  tern_dma_write #(.NumClients(2)) u_write (
    .clk_i(clk), .rst_i(rst), .quiesce_i(1'b0), .idle_o(wr_idle),
    .wr_valid_i(wr_valid), .wr_ready_o(wr_ready), .wr_i(wr), .rsp_valid_o(wr_rsp_valid),
    .rsp_o(wr_rsp),
    .m_axi_awvalid_o(awvalid), .m_axi_awready_i(awready), .m_axi_awid_o(awid),
    .m_axi_awaddr_o(awaddr), .m_axi_awlen_o(awlen), .m_axi_awsize_o(awsize),
    .m_axi_awburst_o(awburst), .m_axi_wvalid_o(wvalid), .m_axi_wready_i(wready),
    .m_axi_wdata_o(wdata), .m_axi_wstrb_o(wstrb), .m_axi_wlast_o(wlast),
    .m_axi_bvalid_i(bvalid), .m_axi_bready_o(bready), .m_axi_bid_i(bid), .m_axi_bresp_i(bresp),
    .stat_dma_write_o(s2), .stat_dma_write_err_o(s3)
  );
  tb_axi_mem u_mem (
    .clk_i(clk), .rst_i(rst),
    .s_axi_arvalid_i(arvalid), .s_axi_arready_o(arready), .s_axi_arid_i(arid),
    .s_axi_araddr_i(araddr), .s_axi_arlen_i(arlen), .s_axi_arsize_i(arsize),
    .s_axi_arburst_i(arburst), .s_axi_rvalid_o(rvalid), .s_axi_rready_i(rready),
    .s_axi_rid_o(rid), .s_axi_rdata_o(rdata), .s_axi_rresp_o(rresp), .s_axi_rlast_o(rlast),
    .s_axi_awvalid_i(awvalid), .s_axi_awready_o(awready), .s_axi_awid_i(awid),
    .s_axi_awaddr_i(awaddr), .s_axi_awlen_i(awlen), .s_axi_awsize_i(awsize),
    .s_axi_awburst_i(awburst), .s_axi_wvalid_i(wvalid), .s_axi_wready_o(wready),
    .s_axi_wdata_i(wdata), .s_axi_wstrb_i(wstrb), .s_axi_wlast_i(wlast),
    .s_axi_bvalid_o(bvalid), .s_axi_bready_i(bready), .s_axi_bid_o(bid), .s_axi_bresp_o(bresp)
  );

  // -------------------------------------------------------------------------------- tools

  task automatic fail(input string what);
    $display("tb_eth: %0t: %s", $time, what);
    $fatal(1, "tb_eth failed");
  endtask

  function automatic bit chance(input int unsigned pct);
    return $urandom_range(99) < pct;
  endfunction

  function automatic longint unsigned slot_at(input int unsigned i, input int unsigned log,
                                              input int unsigned bytes);
    int unsigned at;
    at = (i & ((32'd1 << log) - 1)) * bytes;
    return {32'd0, at};
  endfunction

  function automatic longint unsigned index_word(input int unsigned i);
    return {16'd0, i[15:0], 32'd0};
  endfunction

  // Byte i of the frame with this seed
  function automatic int unsigned content(input int unsigned seed, input int unsigned i);
    return ((seed * 32'd2654435761 + i * 32'd40503) >> 11 ^ i) & 32'hff;
  endfunction

  // ----------------------------------------------- what the driver expects of send queues

  typedef struct {
    int unsigned seed;
    int unsigned len;      // of a good frame
    int unsigned status;
    int unsigned index;    // of its last descriptor
    bit          want;
    bit          wired;    // has left
  } frame_t;

  frame_t      exp_wire [NumSq][$];  // good frames in order
  frame_t      exp_cqe  [NumSq][$];  // frames that complete
  bit          dead [3];             // the queue does not exist
  bit          closing [3];          // its destruction is under way
  int unsigned holds [NumSq];        // packets at the sender
  int unsigned n_tx, n_tx_bytes, n_tx_bad, n_tx_err;

  // -------------------------------------------------------------------------- the sender

  tern_pkg::tx_pkt_t   tq [$];
  longint unsigned     pa [$];
  int unsigned         pl [$];
  int unsigned         tx_delay = 0;

  task automatic send_frame();
    tern_pkg::tx_pkt_t p;
    longint unsigned a;
    int unsigned l, at, q;
    bit err;
    frame_t f;
    p = tq.pop_front();
    q = 99;
    at = 0;
    err = 0;
    for (int unsigned i = 0; i < 32'(p.pieces); i++) begin
      a = pa.pop_front();
      l = pl.pop_front();
      if (i == 0) begin
        q = 32'((a - TxBase) >> 24);
        if (q >= NumSq) fail("piece in nobody's memory");
        if (dead[q]) fail("data of a destroyed queue is read");
        if (exp_wire[q].size() == 0) fail("a frame that was not posted");
        f = exp_wire[q].pop_front();
        if (f.len != 32'(p.len)) fail($sformatf("frame of %0d bytes, not %0d", p.len, f.len));
      end
      if (a >= Hole) err = 1;
      else begin
        for (int unsigned k = 0; k < l; k++) begin
          if (tb_mem_get8(a + 64'(k)) != content(f.seed, at + k)) fail("wrong byte sent");
        end
      end
      at += l;
    end
    if (at != f.len) fail("pieces do not make the frame");
    if (err != (f.status == 21)) fail("wrong frame");
    foreach (exp_cqe[q][i]) if (exp_cqe[q][i].seed == f.seed) exp_cqe[q][i].wired = 1;
    holds[q]--;
    sent_valid <= 1;
    sent_wqe   <= p.wqe;
    sent_err   <= err;
  endtask

  int unsigned need = 0;

  always @(posedge clk) if (!rst) begin
    sent_valid <= 0;
    if (pkt_valid && pkt_ready) begin
      if (pkt.src != tern_pkg::TxEth || pkt.marker || pkt.pieces == 0) fail("bad packet");
      tq.push_back(pkt);
    end
    if (piece_valid && piece_ready) begin
      if (piece.kind != tern_pkg::PcHost || piece.len == 0) fail("bad piece");
      pa.push_back(piece.addr);
      pl.push_back(32'(piece.len));
    end
    pkt_ready   <= chance(60);
    piece_ready <= chance(70);
    // The first piece of a packet is offered together with it
    if (spkt_valid && spkt_ready) begin
      if (!spiece_valid) fail("a packet is offered before its pieces");
      holds[spiece.addr[24]]++;
    end
    if (tq.size() != 0 && pa.size() >= 32'(tq[0].pieces)) begin
      if (tx_delay != 0) tx_delay--;
      else begin
        send_frame();
        tx_delay = chance(5) ? $urandom_range(400) : $urandom_range(3);
      end
    end
  end

  // ------------------------------------------------------------------------ the receiver

  int unsigned     fr_len [128], fr_seed [128];
  bit              fr_used [128];
  bit              rx_on = 0;
  int unsigned     rx_seed = 1;
  int unsigned     order [$];           // ids given to the device
  tern_pkg::pl_item_t iq [$];
  int unsigned     it_delay = 0;

  typedef struct {
    int unsigned seed;
    int unsigned len;
    int unsigned index;
    int unsigned status;
  } got_t;
  got_t            exp_rx [$];

  longint unsigned rxd_addr [1 << LogSq];
  int unsigned     rxd_len [1 << LogSq];
  int unsigned     rx_prod, rx_next, rx_cons;   // posted, used by items, completed
  longint unsigned rx_rang;                     // when the last doorbell was
  int unsigned     n_rx, n_rx_bytes, n_long, n_none, n_rx_err, rx_holds;

  task automatic take_item();
    tern_pkg::pl_item_t it;
    tern_hw_pkg::tern_hw_eth_cqe_t c;
    got_t g;
    int unsigned id, slot;
    it = item;
    c = it.cqe;
    if (it.side != tern_pkg::PlEth || it.marker) fail("bad item");
    slot = rx_next & ((1 << LogSq) - 1);
    if (it.pkt) begin
      id = order.pop_front();
      if (id != 32'(it.id)) fail("frames out of order");
      if (it.target == tern_pkg::TgHost) begin
        if (!it.cqe_valid || it.cqe_silent || 32'(it.len) != fr_len[id]) fail("bad item of a frame");
        if (dead[2]) fail("a destroyed receive queue is used");
        if (it.addr != rxd_addr[slot] || fr_len[id] > rxd_len[slot]) fail("wrong buffer");
        if (32'(c.info.index) != (rx_next & 32'hffff) || !c.info.rx) fail("wrong index");
        rx_next++;
        rx_holds++;
      end else begin
        if (it.cqe_valid || it.target != tern_pkg::TgNone) fail("bad item of a drop");
        if (!dead[2] && !closing[2] && rx_prod != rx_next && fr_len[id] <= rxd_len[slot] &&
            now - rx_rang > 64'd8000) fail("dropped without need");
      end
    end else begin
      if (!it.cqe_valid || c.info.status != 21) fail("bad item without a frame");
      rx_next++;
      rx_holds++;
    end
    if (it.cqe_valid) begin
      g.seed   = it.pkt ? fr_seed[it.id] : 0;
      g.len    = 32'(it.len);
      g.index  = 32'(c.info.index);
      g.status = it.pkt ? ((it.addr >= Hole) ? 21 : 0) : 21;
      exp_rx.push_back(g);
    end
    iq.push_back(it);
  endtask

  always @(posedge clk) if (!rst) begin
    // frames
    if (!rx_valid || rx_ready) begin
      if (rx_valid) order.push_back(32'(rx.id));
      rx_valid <= 0;
      if (rx_on && chance(30)) begin
        int unsigned id;
        id = $urandom_range(127);
        if (!fr_used[id]) begin
          fr_used[id] = 1;
          fr_len[id]  = chance(3) ? 9216 : chance(50) ? 14 + $urandom_range(60)
                                                      : 14 + $urandom_range(1500);
          fr_seed[id] = rx_seed;
          rx_seed++;
          rx          <= '0;
          rx.id       <= 7'(id);
          rx.len      <= 14'(fr_len[id]);
          rx.line     <= 10'($urandom);
          rx.lane     <= 6'($urandom);
          rx_valid    <= 1;
        end
      end
    end
    item_ready <= chance(60);
    // A frame that is taken and its item may meet in one cycle at the earliest: order is pushed above
    if (item_valid && item_ready) take_item();
    if (rcqe_valid && rcqe_ready) begin
      rcqe_valid <= 0;
      rx_holds--;
    end
    if (iq.size() != 0 && (!rcqe_valid || rcqe_ready)) begin
      if (it_delay != 0) it_delay--;
      else begin
        tern_pkg::pl_item_t it;
        tern_hw_pkg::tern_hw_eth_cqe_t c;
        it = iq.pop_front();
        c = it.cqe;
        if (it.target == tern_pkg::TgHost) begin
          if (dead[2]) fail("a buffer of a destroyed queue is written");
          if (it.addr >= Hole) c.info.status = 8'd21;
          else for (int unsigned k = 0; k < 32'(it.len); k++) begin
            tb_mem_put8(it.addr + 64'(k), content(fr_seed[it.id], k));
          end
        end
        if (it.cqe_valid) begin
          rcqe_valid     <= 1;
          rcqe.cqn       <= it.cqn;
          rcqe.solicited <= it.solicited;
          rcqe.cqe       <= c;
        end
        if (it.pkt) begin
          if (it.target == tern_pkg::TgNone) begin
            if (fr_len[it.id] > 1600) n_long++;  // corrected by the counters' sum, see the end
            else n_none++;
          end
          fr_used[it.id] = 0;
        end
        it_delay = chance(5) ? $urandom_range(300) : $urandom_range(3);
      end
    end
  end

  // -------------------------------------------------------------- host: doorbells, queues

  int unsigned aq_prod, acq_cons, cq_cons [8], sq_prod [NumSq], sq_cons [NumSq];
  int unsigned sq_at [NumSq], seed = 1;
  bit partial [NumSq];               // its last frame is not finished
  int unsigned posted = 0, n_bad_db = 0, n_spurious = 0, n_irq = 0;

  always @(posedge clk) if (!rst && bad_valid) n_bad_db++;

  // Everything of the host happens at the falling edge
  task automatic ring(input logic [11:0] offset, input longint unsigned word);
    bit taken;
    @(negedge clk);
    db_valid  = 1;
    db_offset = offset;
    db.page   = '0;
    db.word   = word;
    do begin
      @(posedge clk);
      taken = db_ready;
      @(negedge clk);
    end while (!taken);
    db_valid = 0;
  endtask

  task automatic reg_put(input logic [15:0] addr, input int unsigned value);
    @(negedge clk);
    reg_write = 1;
    reg_addr  = addr;
    reg_wdata = value;
    @(negedge clk);
    reg_write = 0;
  endtask

  task automatic reg_get(input logic [15:0] addr, output int unsigned value);
    @(negedge clk);
    reg_addr = addr;
    @(negedge clk);
    value = reg_rdata;
  endtask

  // One command; waits for its answer by polling the ACQ
  task automatic command(input int unsigned op, input int unsigned id, input longint unsigned a0,
                         input longint unsigned a1, input longint unsigned a2,
                         input int unsigned status, output longint unsigned result);
    longint unsigned at, hdr, info;
    int unsigned tries;
    at  = AqBase + slot_at(aq_prod, LogAq, 64);
    hdr = 64'(id) | 64'(op) << 24 | (64'(((aq_prod >> LogAq) & 1) == 0) << 63);
    tb_mem_put64(at + 8, a0);
    tb_mem_put64(at + 16, a1);
    tb_mem_put64(at + 24, a2);
    tb_mem_put64(at, hdr);
    aq_prod++;
    ring(tern_hw_pkg::TERN_HW_ETH_DB_AQ, index_word(aq_prod));
    at = AcqBase + slot_at(acq_cons, LogAq, 32);
    tries = 0;
    do begin
      @(negedge clk);
      tries++;
      if (tries > 200000) fail($sformatf("no answer to command %0d", op));
      info = tb_mem_get64(at + 24);
    end while (info[63] != (((acq_cons >> LogAq) & 1) == 0));
    if (32'(info[15:0]) != id || 32'(info[29:24]) != op || 32'(info[55:40]) != (acq_cons & 32'hffff))
      fail("wrong ACQ entry");
    if (32'(info[39:32]) != status)
      fail($sformatf("command %0d %0d: status %0d, not %0d", op, id, info[39:32], status));
    result = tb_mem_get64(at + 8);
    acq_cons++;
    if (acq_cons % 2 == 0) begin
      ring(tern_hw_pkg::TERN_HW_ETH_DB_CQ, 64'(acq_cons & 32'hffffff) << 40);
    end
  endtask

  longint unsigned nores;

  task automatic map_queue(input int unsigned q, input int unsigned access);
    tb_mem_map(RingBase + 64'(q) * 64'h1_0000, 64'h1_0000, access);
  endtask

  task automatic make_queue(input int unsigned q);
    longint unsigned attr;
    map_queue(q, MemReadWrite);
    attr = 64'(LogSq) | ((q == 2) ? 64'h20 : 64'h0) | ((q == 2) ? 64'h2_0000 : 64'h1_0000);
    if (q == 2) begin
      rx_prod = 0;
      rx_next = 0;
      rx_cons = 0;
    end else begin
      sq_prod[q] = 0;
      sq_cons[q] = 0;
      partial[q] = 0;
    end
    closing[q] = 0;
    dead[q] = 0;
    command(4, (q == 2) ? 0 : q, RingBase + 64'(q) * 64'h1_0000, attr, 0, 0, nores);
  endtask

  task automatic drop_queue(input int unsigned q);
    closing[q] = 1;
    command(5, (q == 2) ? 0 : q, 0, (q == 2) ? 64'h20 : 64'h0, 0, 0, nores);
    dead[q] = 1;
    map_queue(q, MemNone);
    if (q == 2) begin
      if (rx_holds != 0) fail("destroyed with items under way");
    end else if (holds[q] != 0) fail("destroyed with frames under way");
    poll(1);
    poll(2);
    if (q == 2) begin
      if (exp_rx.size() != 0) fail("destroyed without completions");
    end else begin
      foreach (exp_cqe[q][i]) begin
        if (exp_cqe[q][i].wired && (exp_cqe[q][i].want || exp_cqe[q][i].status != 0))
          fail("sent, but no completion");
      end
      exp_cqe[q] = {};
      exp_wire[q] = {};
    end
    repeat ($urandom_range(300)) @(negedge clk);
  endtask

  // --------------------------------------------------------------------- completions

  task automatic poll(input int unsigned cqn);
    longint unsigned at, info, word;
    int unsigned q;
    frame_t f;
    got_t g;
    forever begin
      at = CqBase + 64'(cqn) * 64'h1_0000 + slot_at(cq_cons[cqn], LogCq, 32);
      info = tb_mem_get64(at + 24);
      if (info[63] != (((cq_cons[cqn] >> LogCq) & 1) == 0)) break;
      cq_cons[cqn]++;
      word = tb_mem_get64(at + 8);
      q = 32'(info[15:0]);
      if (info[16]) begin
        if (q != 0 || cqn != 2) fail("receive completion at the wrong place");
        if (exp_rx.size() == 0) fail("receive completion of nothing");
        g = exp_rx.pop_front();
        if (32'(info[55:40]) != g.index || 32'(info[39:32]) != g.status ||
            32'(word[31:0]) != g.len) fail("wrong receive completion");
        if (g.status == 0) begin
          for (int unsigned k = 0; k < g.len; k++) begin
            if (tb_mem_get8(rxd_addr[g.index % (1 << LogSq)] + 64'(k)) != content(g.seed, k))
              fail("wrong byte received");
          end
          n_rx++;
          n_rx_bytes += g.len;
        end else n_rx_err++;
        rx_cons++;
      end else begin
        if (q >= NumSq || cqn != 1) fail("send completion at the wrong place");
        if (exp_cqe[q].size() == 0) fail("send completion of nothing");
        f = exp_cqe[q].pop_front();
        // The frame that was cut by a stop tells of the last descriptor that was taken
        while (closing[q] && info[39:32] == 8'd2 ? ((f.index - 32'(info[55:40])) & 32'hffff) > 64
                                                 : !f.want && f.status == 0) begin
          if (f.want || f.status != 0) fail("a completion is missing");
          n_tx++;
          n_tx_bytes += f.len;
          if (exp_cqe[q].size() == 0) fail("completion that nobody wanted");
          f = exp_cqe[q].pop_front();
        end
        if (closing[q] && info[39:32] == 8'd2 && !f.wired) n_tx_bad++;
        else begin
          if (32'(info[39:32]) != f.status ||
              (32'(info[55:40]) != f.index && !(closing[q] && f.status == 1)))
            fail($sformatf("send completion: status %0d index %0d, not %0d %0d", info[39:32],
                           info[55:40], f.status, f.index));
          if (f.status == 0) begin
            n_tx++;
            n_tx_bytes += f.len;
          end else if (f.status == 21) n_tx_err++;
          else n_tx_bad++;
        end
        sq_cons[q] += (32'(info[55:40]) + 1 - sq_cons[q]) & 32'hffff;
      end
    end
  endtask

  // As a driver: only when the vector says so; then arms again
  task automatic interrupt(input int unsigned cqn);
    if (level[8 + cqn]) begin
      int unsigned old;
      old = cq_cons[cqn];
      n_irq++;
      poll(cqn);
      if (cq_cons[cqn] == old) n_spurious++;
      ring(tern_hw_pkg::TERN_HW_ETH_DB_CQ,
           64'(cq_cons[cqn] & 32'hffffff) << 40 | 64'h7_8000_0000 | 64'(cqn));
    end
  endtask

  // ------------------------------------------------------------------------- posting

  task automatic post_tx(input int unsigned q);
    int unsigned n, total, kind, len, frames;
    longint unsigned at, a;
    frame_t f;
    // What comes behind an unfinished frame would finish it
    if (partial[q] && exp_cqe[q].size() != 0) return;
    partial[q] = 0;
    frames = 1 + $urandom_range(3);
    for (int unsigned k = 0; k < frames; k++) begin
      kind = chance(94) ? 0 : 1 + $urandom_range(4);
      n = chance(60) ? 1 + $urandom_range(1) : chance(90) ? 1 + $urandom_range(7) : 32;
      if (kind == 4) n = 33;
      if (sq_prod[q] + n - sq_cons[q] > (1 << LogSq) - 8) break;
      f.seed   = seed;
      // The last one posted always completes
      f.want   = chance(30) || k == frames - 1 ||
                 sq_prod[q] + n - sq_cons[q] > (1 << LogSq) - 48;
      f.wired  = 0;
      f.status = 0;
      seed++;
      total = 0;
      for (int unsigned i = 0; i < n; i++) begin
        at  = RingBase + 64'(q) * 64'h1_0000 + slot_at(sq_prod[q] + i, LogSq, 16);
        len = (n == 1) ? (chance(2) ? 9216 : 14 + $urandom_range(1600))
                       : (i == 0) ? 14 + $urandom_range(100)
                                  : 1 + $urandom_range((n > 8) ? 200 : 1100);
        if (kind == 1 && i == n - 1) len = 0;                       // empty descriptor
        if (kind == 2) len = (n == 1) ? 1 + $urandom_range(12) : (i == 0) ? 9000 : 300;
        if (sq_at[q] + len > 32'h40_0000) sq_at[q] = 0;
        a = TxBase + (64'(q) << 24) + 64'(sq_at[q]);
        for (int unsigned b = 0; b < len; b++) tb_mem_put8(a + 64'(b), content(f.seed, total + b));
        sq_at[q] += len;
        if (kind == 3 && i == n - 1 && n > 1) a = Hole + 64'(i);     // the bus refuses
        tb_mem_put64(at, a);
        tb_mem_put64(at + 8, 64'(len) | ((i == n - 1) ? 64'h1_0000 : 64'h0) |
                             ((f.want && i == n - 1) ? 64'h2_0000 : 64'h0));
        total += len;
      end
      if (kind == 1 || kind == 4) f.status = 2;
      if (kind == 4 && total > 9216) f.status = 2;
      if (kind == 2 && (n == 1 || total > 9216)) f.status = 1;
      if (kind == 3 && n > 1) f.status = 21;
      f.len = total;
      sq_prod[q] += n;
      f.index = (sq_prod[q] - 1) & 32'hffff;
      if (total > 9216 && f.status != 2) f.status = 1;
      if (f.status == 0 || f.status == 21) exp_wire[q].push_back(f);
      exp_cqe[q].push_back(f);
      posted++;
    end
    // The last frame of a doorbell without its last descriptor
    if (chance(2) && sq_prod[q] + 2 - sq_cons[q] < (1 << LogSq) - 8) begin
      f.seed = seed;
      seed++;
      f.want = 1;
      f.status = 2;
      f.wired = 0;
      f.len = 100;
      at = RingBase + 64'(q) * 64'h1_0000 + slot_at(sq_prod[q], LogSq, 16);
      tb_mem_put64(at, TxBase + (64'(q) << 24));
      tb_mem_put64(at + 8, 64'd100);
      sq_prod[q]++;
      partial[q] = 1;
      f.index = (sq_prod[q] - 1) & 32'hffff;
      exp_cqe[q].push_back(f);
    end
    ring(tern_hw_pkg::TERN_HW_ETH_DB_SQ, 64'(q) | index_word(sq_prod[q]));
    if (chance(3)) ring(tern_hw_pkg::TERN_HW_ETH_DB_SQ, 64'(q) | index_word(sq_prod[q]));
  endtask

  task automatic post_rx();
    int unsigned n, slot;
    longint unsigned at;
    n = 1 + $urandom_range(7);
    if (rx_prod + n - rx_cons > (1 << LogSq)) return;
    for (int unsigned i = 0; i < n; i++) begin
      slot = rx_prod & ((1 << LogSq) - 1);
      at = RingBase + 64'h2_0000 + 64'(slot * 16);
      rxd_addr[slot] = chance(2) ? Hole + 64'(slot) : RxBase + 64'(slot) * 64'h4000 +
                                                     64'($urandom_range(4095));
      rxd_len[slot] = 1600;
      tb_mem_put64(at, rxd_addr[slot]);
      tb_mem_put64(at + 8, 64'(rxd_len[slot]));
      rx_prod++;
    end
    rx_rang = now;
    ring(tern_hw_pkg::TERN_HW_ETH_DB_RQ, index_word(rx_prod));
    rx_rang = now;
  endtask

  // ---------------------------------------------------------------------------- the run

  task automatic arm(input int unsigned cqn);
    ring(tern_hw_pkg::TERN_HW_ETH_DB_CQ,
         64'(cq_cons[cqn] & 32'hffffff) << 40 | 64'h7_8000_0000 | 64'(cqn));
  endtask

  task automatic start();
    int unsigned v, tries;
    aq_prod = 0;
    acq_cons = 0;
    for (int unsigned i = 0; i < (1 << LogAq); i++) tb_mem_put64(AcqBase + 64'(i * 32) + 24, 0);
    reg_put(tern_hw_pkg::TERN_HW_REG_AQ_BASE_LO, 32'(AqBase));
    reg_put(tern_hw_pkg::TERN_HW_REG_AQ_BASE_HI, 0);
    reg_put(tern_hw_pkg::TERN_HW_REG_ACQ_BASE_LO, 32'(AcqBase));
    reg_put(tern_hw_pkg::TERN_HW_REG_ACQ_BASE_HI, 0);
    reg_put(tern_hw_pkg::TERN_HW_REG_AQ_CTRL, 32'h0701_0001 | LogAq << 8);
    tries = 0;
    do begin
      reg_get(tern_hw_pkg::TERN_HW_REG_AQ_STATUS, v);
      tries++;
      if (tries > 1000) fail("AQ does not start");
    end while (v[0] == 0);
    if (v[1]) fail("AQ halted at start");
    for (int unsigned c = 1; c <= 2; c++) begin
      cq_cons[c] = 0;
      for (int unsigned i = 0; i < (1 << LogCq); i++)
        tb_mem_put64(CqBase + 64'(c) * 64'h1_0000 + 64'(i * 32) + 24, 0);
      command(1, c, CqBase + 64'(c) * 64'h1_0000,
              64'(LogCq) | 64'h20 | 64'(8 + c) << 8 | 64'h1_0000, 0, 0, nores);
      arm(c);
    end
    for (int unsigned q = 0; q < 3; q++) make_queue(q);
  endtask

  task automatic stop_all();
    int unsigned v, tries;
    for (int unsigned q = 0; q < 3; q++) closing[q] = 1;
    reg_put(tern_hw_pkg::TERN_HW_REG_AQ_CTRL, 0);
    tries = 0;
    do begin
      reg_get(tern_hw_pkg::TERN_HW_REG_AQ_STATUS, v);
      tries++;
      if (tries > 100000) fail("AQ does not stop");
    end while (v[0]);
    if (rx_holds != 0 || holds[0] != 0 || holds[1] != 0) fail("disabled with frames under way");
    if (!rd_idle || !wr_idle) fail("disabled with DMA under way");
    if (level != '0) fail("disabled with levels up");
    for (int unsigned q = 0; q < 3; q++) begin
      dead[q] = 1;
      map_queue(q, MemNone);
    end
    poll(1);
    poll(2);
    if (exp_rx.size() != 0) fail("disabled without completions");
    for (int unsigned q = 0; q < NumSq; q++) begin
      exp_cqe[q] = {};
      exp_wire[q] = {};
    end
    repeat (500) @(negedge clk);
  endtask

  task automatic settle();
    int unsigned tries;
    tries = 0;
    rx_on = 0;
    while (exp_cqe[0].size() != 0 || exp_cqe[1].size() != 0 || exp_rx.size() != 0 || rx_valid ||
           iq.size() != 0 || order.size() != 0) begin
      @(negedge clk);
      interrupt(1);
      interrupt(2);
      tries++;
      if (tries > 400000) fail("not everything completes (lost completion or interrupt)");
    end
    repeat (50) @(negedge clk);
  endtask

  // Refused commands
  task automatic refused();
    command(9, 0, 0, 0, 0, 0, nores);
    if (nores[47:0] != mac || nores[48] != promisc || nores[49] != multicast) fail("get_port");
    command(63, 0, 0, 0, 0, 1, nores);
    command(3, 0, 0, 0, 0, 1, nores);
    command(1, 0, 64'h5_0000, 5, 0, 2, nores);
    command(1, 32, 64'h5_0000, 5, 0, 2, nores);
    command(1, 5, 64'h5_0800, 5, 0, 3, nores);
    command(1, 5, 64'h5_0000, 0, 0, 4, nores);
    command(1, 5, 64'h5_0000, 17, 0, 4, nores);
    command(1, 5, 64'h5_0000, 64'h7_0005, 0, 5, nores);
    command(1, 1, 64'h5_0000, 5, 0, 7, nores);
    command(2, 9, 0, 0, 0, 8, nores);
    command(2, 1, 0, 0, 0, 9, nores);
    command(2, 2, 0, 0, 0, 9, nores);
    command(2, 0, 0, 0, 0, 2, nores);
    command(4, 4, 64'h5_0000, 64'h1_0005, 0, 2, nores);
    command(4, 3, 64'h5_0010, 64'h1_0005, 0, 3, nores);
    command(4, 3, 64'h5_0000, 64'h1_0001, 0, 4, nores);
    command(4, 3, 64'h5_0000, 64'h1_000d, 0, 4, nores);
    command(4, 3, 64'h5_0000, 64'h0_0005, 0, 6, nores);
    command(4, 3, 64'h5_0000, 64'h9_0005, 0, 6, nores);
    command(4, 1, 64'h5_0000, 64'h1_0005, 0, 7, nores);
    command(5, 3, 0, 64'h0, 0, 8, nores);
    command(5, 3, 0, 64'h20, 0, 8, nores);
    command(8, 0, 64'h3_0100_0000_0005, 7, 0, 3, nores);
    command(8, 0, 64'h1_0200_0000_0005, 7, 0, 0, nores);
    if (mac != 48'h0200_0000_0005 || !promisc || multicast) fail("set_port");
    command(8, 0, 64'h2_0000_0000_0000, 6, 0, 0, nores);
    if (mac != 48'h0200_0000_0005 || promisc || !multicast) fail("set_port of parts");
    command(12, 0, StatBase + 64, 0, 0, 3, nores);
    command(12, 0, Hole, 0, 0, 10, nores);
  endtask

  task automatic check_stats();
    command(12, 0, StatBase, 0, 0, 0, nores);
    if (tb_mem_get64(StatBase) != 64'(n_tx) || tb_mem_get64(StatBase + 8) != 64'(n_tx_bytes) ||
        tb_mem_get64(StatBase + 16) != 64'(n_tx_bad) || tb_mem_get64(StatBase + 24) != 64'(n_tx_err))
      fail($sformatf("send counters %0d/%0d %0d/%0d %0d/%0d %0d/%0d", tb_mem_get64(StatBase), n_tx,
        tb_mem_get64(StatBase + 8), n_tx_bytes, tb_mem_get64(StatBase + 16), n_tx_bad,
        tb_mem_get64(StatBase + 24), n_tx_err));
    if (tb_mem_get64(StatBase + 32) != 64'(n_rx) || tb_mem_get64(StatBase + 40) != 64'(n_rx_bytes) ||
        tb_mem_get64(StatBase + 48) + tb_mem_get64(StatBase + 56) != 64'(n_long + n_none) ||
        tb_mem_get64(StatBase + 64) != 64'(n_rx_err)) fail("receive counters");
    if (tb_mem_get64(StatBase + 72) != 0) fail("a CQ failed");
  endtask

  initial begin
    int unsigned v, old;
    void'($value$plusargs("frames=%d", frames_max));
    tb_mem_map(AqBase, 64'h5_0000, MemReadWrite);
    tb_mem_map(StatBase, 64'h1000, MemReadWrite);
    for (int unsigned q = 0; q < 3; q++) dead[q] = 1;
    repeat (5) @(negedge clk);
    rst = 0;
    repeat (5) @(negedge clk);

    // Before it is enabled: frames are dropped, doorbells refused
    rx_on = 1;
    ring(tern_hw_pkg::TERN_HW_ETH_DB_AQ, 64'h1_0000_0000);
    ring(tern_hw_pkg::TERN_HW_ETH_DB_SQ, 64'h1_0000_0000);
    ring(tern_hw_pkg::TERN_HW_ETH_DB_CQ, 64'h7_8000_0001);
    repeat (500) @(negedge clk);
    if (n_bad_db != 3) fail("doorbells of nothing are not refused");

    start();
    refused();

    // Phase 1: load without interruption; then the counters
    while (posted < frames_max / 2) begin
      rx_on = 1;
      if (chance(40)) post_tx($urandom_range(NumSq - 1));
      if (chance(40)) post_rx();
      interrupt(1);
      interrupt(2);
      if (chance(20)) repeat ($urandom_range(100)) @(negedge clk);
      @(negedge clk);
    end
    settle();
    check_stats();
    if (n_rx == 0 || n_none == 0 || n_rx_err == 0 || n_tx_err == 0 || n_tx_bad == 0) fail("coverage");

    // Phase 2: queues come and go
    while (posted < frames_max) begin
      rx_on = 1;
      if (chance(40)) post_tx($urandom_range(NumSq - 1));
      if (chance(40)) post_rx();
      interrupt(1);
      interrupt(2);
      if (chance(1)) begin
        v = $urandom_range(2);
        drop_queue(v);
        if (chance(30)) ring((v == 2) ? tern_hw_pkg::TERN_HW_ETH_DB_RQ
                                      : tern_hw_pkg::TERN_HW_ETH_DB_SQ, 64'((v == 2) ? 0 : v));
        make_queue(v);
      end
      if ($urandom_range(999) == 0) begin
        stop_all();
        start();
      end
      @(negedge clk);
    end
    settle();

    // A doorbell too far, or with a wrong number
    old = n_bad_db;
    ring(tern_hw_pkg::TERN_HW_ETH_DB_SQ, index_word(sq_prod[0] + (1 << LogSq) + 1));
    ring(tern_hw_pkg::TERN_HW_ETH_DB_SQ, 64'd4);
    ring(tern_hw_pkg::TERN_HW_ETH_DB_RQ, 64'd1);
    repeat (50) @(negedge clk);
    if (n_bad_db != old + 3) fail("bad doorbells are not refused");

    // The bus refuses descriptors
    map_queue(0, MemNone);
    begin
      frame_t f;
      f.seed = 0;
      f.want = 1;
      f.status = 21;
      f.wired = 0;
      f.len = 0;
      f.index = sq_prod[0] & 32'hffff;
      sq_prod[0]++;
      exp_cqe[0].push_back(f);
      n_tx_err = 0;
    end
    ring(tern_hw_pkg::TERN_HW_ETH_DB_SQ, index_word(sq_prod[0]));
    settle();
    drop_queue(0);
    make_queue(0);
    post_tx(0);
    settle();
    if (!idle) fail("not idle at rest");

    // The bus refuses a command; then the AQ can be started again
    tb_mem_map(AqBase, 64'h1000, MemNone);
    ring(tern_hw_pkg::TERN_HW_ETH_DB_AQ, index_word(aq_prod + 1));
    repeat (1000) @(negedge clk);
    reg_get(tern_hw_pkg::TERN_HW_REG_AQ_STATUS, v);
    if (v[1:0] != 2'b11) fail("not halted");
    stop_all();
    tb_mem_map(AqBase, 64'h1000, MemReadWrite);
    start();
    post_tx(0);
    post_tx(1);
    settle();
    stop_all();
    if (!idle) fail("not idle when disabled");
    $display("tb_eth: %0d posted, %0d sent, %0d received, %0d dropped, %0d interrupts, %0d spurious",
             posted, n_tx, n_rx, n_long + n_none, n_irq, n_spurious);
    $finish;
  end

  initial begin
    #(64'd2000000000);
    fail("watchdog");
  end

  logic unused;
  assign unused = &{1'b0, wake_at, bad, rearm_valid, rearm_vec, mux_idle, s0, s1, s2, s3};

endmodule
