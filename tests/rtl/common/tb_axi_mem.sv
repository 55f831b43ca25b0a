// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// AXI4 slave in front of tb_mem.c, 512 bits wide. Reads of different ids come back in any order
// and interleaved, those of one id in order. Writes reach the memory in the order of their
// addresses, all beats of a burst at once, in the cycle before B shows: the latest moment that
// AXI allows, so a device that does not wait for B is caught. Pages that are not mapped answer
// DECERR. What AXI and the rules of tern's master forbid ends the simulation.
//
// Behaviour comes from the variables below. Their defaults are plusargs; a bench may set them
// by hierarchical name at any time.

module tb_axi_mem #(
  parameter int unsigned IdW = 6
) (
  input  logic           clk_i,
  input  logic           rst_i,

  input  logic           s_axi_arvalid_i,
  output logic           s_axi_arready_o,
  input  logic [IdW-1:0] s_axi_arid_i,
  input  logic [63:0]    s_axi_araddr_i,
  input  logic [7:0]     s_axi_arlen_i,
  input  logic [2:0]     s_axi_arsize_i,
  input  logic [1:0]     s_axi_arburst_i,

  output logic           s_axi_rvalid_o,
  input  logic           s_axi_rready_i,
  output logic [IdW-1:0] s_axi_rid_o,
  output logic [511:0]   s_axi_rdata_o,
  output logic [1:0]     s_axi_rresp_o,
  output logic           s_axi_rlast_o,

  input  logic           s_axi_awvalid_i,
  output logic           s_axi_awready_o,
  input  logic [IdW-1:0] s_axi_awid_i,
  input  logic [63:0]    s_axi_awaddr_i,
  input  logic [7:0]     s_axi_awlen_i,
  input  logic [2:0]     s_axi_awsize_i,
  input  logic [1:0]     s_axi_awburst_i,

  input  logic           s_axi_wvalid_i,
  output logic           s_axi_wready_o,
  input  logic [511:0]   s_axi_wdata_i,
  input  logic [63:0]    s_axi_wstrb_i,
  input  logic           s_axi_wlast_i,

  output logic           s_axi_bvalid_o,
  input  logic           s_axi_bready_i,
  output logic [IdW-1:0] s_axi_bid_o,
  output logic [1:0]     s_axi_bresp_o
);

  // ------------------------------------------------------------------------------ knobs

  int unsigned stall_pct;  // +axi_stall=: each ready and each answer is held back in so many %
  int unsigned lat_min;    // +axi_lat_min=: cycles from the end of a request to its answer
  int unsigned lat_max;    // +axi_lat_max=
  bit          reorder;    // +axi_reorder=: answers of different ids in any order, interleaved

  // ------------------------------------------------------------------------ observations

  longint unsigned rd_bursts;
  longint unsigned wr_bursts;
  longint unsigned rd_swaps;         // beats given while an older burst was still waiting
  int unsigned     rd_outstanding;
  int unsigned     max_rd_outstanding;
  bit              quiet;            // nothing is outstanding

  typedef struct {
    logic [IdW-1:0]  id;
    logic [63:0]     addr;
    int unsigned     beats;
    longint unsigned due;
  } burst_t;

  typedef struct {
    logic [511:0] data;
    logic [63:0]  strb;
    logic         last;
  } wbeat_t;

  longint unsigned cycle;
  burst_t          rd_list [$];  // oldest first
  burst_t          aw_list [$];  // address taken, data not all taken
  wbeat_t          w_list  [$];  // data without its address
  burst_t          b_list  [$];  // all taken, in order
  wbeat_t          b_data  [$];  // their data

  initial begin
    stall_pct = 30;
    lat_min   = 0;
    lat_max   = 40;
    reorder   = 1;
    void'($value$plusargs("axi_stall=%d", stall_pct));
    void'($value$plusargs("axi_lat_min=%d", lat_min));
    void'($value$plusargs("axi_lat_max=%d", lat_max));
    void'($value$plusargs("axi_reorder=%d", reorder));
  end

  function automatic bit go();
    return stall_pct == 0 || $urandom_range(99) >= stall_pct;
  endfunction

  function automatic longint unsigned latency();
    return (lat_max > lat_min) ? longint'($urandom_range(lat_max, lat_min)) : longint'(lat_min);
  endfunction

  // ------------------------------------------------------------------------------ rules

  function automatic void check_address(string what, logic [63:0] addr, logic [7:0] len,
                                        logic [2:0] size, logic [1:0] kind);
    if (size != 3'd6 || kind != 2'b01)
      $fatal(1, "%s: size %0d, burst type %0d: only whole-width INCR bursts", what, size, kind);
    if (int'(addr[11:6]) + int'(len) > 63)
      $fatal(1, "%s: %h, %0d beats: crosses a 4 KiB boundary", what, addr, len + 1);
  endfunction

  logic         arheld_q, awheld_q, wheld_q;
  logic [IdW+71:0] ar_q, aw_q;
  logic [576:0] w_q;

  // Valid stays high with stable contents until ready
  always @(posedge clk_i) begin
    if (!rst_i) begin
      if (arheld_q && (!s_axi_arvalid_i ||
          ar_q != {s_axi_arid_i, s_axi_araddr_i, s_axi_arlen_i}))
        $fatal(1, "AR changed before it was taken");
      if (awheld_q && (!s_axi_awvalid_i ||
          aw_q != {s_axi_awid_i, s_axi_awaddr_i, s_axi_awlen_i}))
        $fatal(1, "AW changed before it was taken");
      if (wheld_q && (!s_axi_wvalid_i ||
          w_q != {s_axi_wdata_i, s_axi_wstrb_i, s_axi_wlast_i}))
        $fatal(1, "W changed before it was taken");
    end
    arheld_q <= !rst_i && s_axi_arvalid_i && !s_axi_arready_o;
    awheld_q <= !rst_i && s_axi_awvalid_i && !s_axi_awready_o;
    wheld_q  <= !rst_i && s_axi_wvalid_i && !s_axi_wready_o;
    ar_q     <= {s_axi_arid_i, s_axi_araddr_i, s_axi_arlen_i};
    aw_q     <= {s_axi_awid_i, s_axi_awaddr_i, s_axi_awlen_i};
    w_q      <= {s_axi_wdata_i, s_axi_wstrb_i, s_axi_wlast_i};
  end

  // ------------------------------------------------------------------------------- read

  function automatic bit older_same_id(int unsigned k);
    for (int unsigned i = 0; i < k; i++)
      if (rd_list[i].id == rd_list[k].id) return 1;
    return 0;
  endfunction

  // Index of the burst that answers now, or -1
  function automatic int pick_read();
    if (rd_list.size() == 0 || !go()) return -1;
    if (reorder)
      for (int n = 0; n < 4; n++) begin
        int unsigned k = $urandom_range(rd_list.size() - 1);
        if (rd_list[k].due <= cycle && !older_same_id(k)) return int'(k);
      end
    return (rd_list[0].due <= cycle) ? 0 : -1;
  endfunction

  // Lanes below the address of an unaligned burst are anything
  function automatic bit [511:0] junk_below(bit [511:0] line, logic [5:0] lane);
    bit [511:0] out = line;
    for (int i = 0; i < int'(lane); i++) out[8*i +: 8] = 8'($urandom);
    return out;
  endfunction

  task automatic answer_read(int k);
    bit [511:0] line;
    bit ok;
    ok = (tb_mem_pkg::tb_mem_access(rd_list[k].addr) & tb_mem_pkg::MemRead) != 0;
    tb_mem_pkg::tb_mem_get_line(rd_list[k].addr, line);
    if (!ok) for (int i = 0; i < 16; i++) line[32*i +: 32] = $urandom;
    if (k != 0) rd_swaps++;
    s_axi_rvalid_o <= 1'b1;
    s_axi_rid_o    <= rd_list[k].id;
    s_axi_rdata_o  <= junk_below(line, rd_list[k].addr[5:0]);
    s_axi_rresp_o  <= ok ? 2'b00 : 2'b11;
    s_axi_rlast_o  <= rd_list[k].beats == 1;
    rd_list[k].addr = {rd_list[k].addr[63:6] + 58'd1, 6'd0};
    rd_list[k].beats--;
    if (rd_list[k].beats == 0) rd_list.delete(k);
  endtask

  task automatic take_ar();
    burst_t b;
    check_address("AR", s_axi_araddr_i, s_axi_arlen_i, s_axi_arsize_i, s_axi_arburst_i);
    b.id    = s_axi_arid_i;
    b.addr  = s_axi_araddr_i;
    b.beats = 32'(s_axi_arlen_i) + 1;
    b.due   = cycle + latency();
    rd_list.push_back(b);
    rd_bursts++;
    if (rd_list.size() > max_rd_outstanding) max_rd_outstanding = rd_list.size();
  endtask

  always @(posedge clk_i) begin
    if (rst_i) begin
      rd_list.delete();
      s_axi_arready_o <= 1'b0;
      s_axi_rvalid_o  <= 1'b0;
    end else begin
      if (s_axi_arvalid_i && s_axi_arready_o) take_ar();
      s_axi_arready_o <= go();
      if (!s_axi_rvalid_o || s_axi_rready_i) begin
        automatic int k = pick_read();
        if (k >= 0) answer_read(k);
        else s_axi_rvalid_o <= 1'b0;
      end
    end
    rd_outstanding = rd_list.size();
  end

  // ------------------------------------------------------------------------------ write

  task automatic take_aw();
    burst_t b;
    check_address("AW", s_axi_awaddr_i, s_axi_awlen_i, s_axi_awsize_i, s_axi_awburst_i);
    b.id    = s_axi_awid_i;
    b.addr  = s_axi_awaddr_i;
    b.beats = 32'(s_axi_awlen_i) + 1;
    b.due   = 0;
    aw_list.push_back(b);
    wr_bursts++;
  endtask

  // All beats of the oldest burst are there: checked, and queued for the answer
  task automatic finish_write();
    burst_t b = aw_list.pop_front();
    for (int unsigned i = 0; i < b.beats; i++) begin
      wbeat_t w = w_list.pop_front();
      if (w.last != (i == b.beats - 1)) $fatal(1, "WLAST in beat %0d of %0d", i, b.beats);
      if (i == 0 && (w.strb & ~(~64'd0 << b.addr[5:0])) != 0)
        $fatal(1, "strobes %h below address %h", w.strb, b.addr);
      b_data.push_back(w);
    end
    b.due = cycle + latency();
    b_list.push_back(b);
  endtask

  task automatic answer_write();
    burst_t b = b_list.pop_front();
    bit ok = (tb_mem_pkg::tb_mem_access(b.addr) & tb_mem_pkg::MemWrite) != 0;
    for (int unsigned i = 0; i < b.beats; i++) begin
      wbeat_t w = b_data.pop_front();
      if (ok) tb_mem_pkg::tb_mem_put_line(b.addr + 64'(64 * i), w.data, w.strb);
    end
    s_axi_bvalid_o <= 1'b1;
    s_axi_bid_o    <= b.id;
    s_axi_bresp_o  <= ok ? 2'b00 : 2'b11;
  endtask

  task automatic take_w();
    wbeat_t w;
    w.data = s_axi_wdata_i;
    w.strb = s_axi_wstrb_i;
    w.last = s_axi_wlast_i;
    w_list.push_back(w);
  endtask

  always @(posedge clk_i) begin
    cycle <= cycle + 1;
    if (rst_i) begin
      aw_list.delete();
      w_list.delete();
      b_list.delete();
      b_data.delete();
      s_axi_awready_o <= 1'b0;
      s_axi_wready_o  <= 1'b0;
      s_axi_bvalid_o  <= 1'b0;
    end else begin
      if (s_axi_awvalid_i && s_axi_awready_o) take_aw();
      if (s_axi_wvalid_i && s_axi_wready_o) take_w();
      if (aw_list.size() != 0 && w_list.size() >= aw_list[0].beats) finish_write();
      s_axi_awready_o <= go();
      s_axi_wready_o  <= go();
      if (!s_axi_bvalid_o || s_axi_bready_i) begin
        if (b_list.size() != 0 && b_list[0].due <= cycle && go()) answer_write();
        else s_axi_bvalid_o <= 1'b0;
      end
    end
    quiet = rd_list.size() == 0 && aw_list.size() == 0 && w_list.size() == 0 &&
            b_list.size() == 0;
  end

endmodule
