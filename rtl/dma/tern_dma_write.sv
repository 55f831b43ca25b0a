// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// DMA write engine: whole writes of NumClients clients, one after the other in turn, become AXI4
// write bursts. All carry id 0, so the host sees them in the order in which their first beats
// were taken, and answers come in that order too.
//
// This is the one barrel shifter of the receive direction: data arrives justified (byte 0 in
// lane 0) and is rotated to its bus lanes. A bus line is made of the beat at hand and of what
// the rotation carried over from the beat before, so that a line leaves in every cycle whatever
// the alignment; an unaligned write may need one line more than it has beats. A write that
// crosses a 4 KiB boundary becomes two bursts. The first line shows on AW and W in the cycle
// after its beat was taken.
//
// AW and W leave through FIFOs of two and B is registered, so no client waits for logic outside
// the chip within a cycle (and no client's logic is simulated again when an input changes).
//
// quiesce_i stops new writes from starting. The one in progress ends at once: lines for which
// its client has no beat ready go out with all strobes off. To wait for the beats could last for
// ever, since they may depend on reads that are quiesced too, and reset follows anyway.

module tern_dma_write #(
  parameter  int unsigned NumClients = 2,
  parameter  int unsigned MaxBursts  = 64,  // awaiting B, power of two
  localparam int unsigned IdW        = 6    // of the AXI port
) (
  input  logic                           clk_i,
  input  logic                           rst_i,

  input  logic                           quiesce_i,
  output logic                           idle_o,

  input  logic [NumClients-1:0]          wr_valid_i,
  output logic [NumClients-1:0]          wr_ready_o,
  input  logic [NumClients-1:0][tern_pkg::DmaWrBeatW-1:0] wr_i,  // dma_wr_beat_t

  // One bus for all clients, valid for one
  output logic [NumClients-1:0]          rsp_valid_o,
  output tern_pkg::dma_wr_rsp_t          rsp_o,

  output logic                           m_axi_awvalid_o,
  input  logic                           m_axi_awready_i,
  output logic [IdW-1:0]                 m_axi_awid_o,
  output logic [63:0]                    m_axi_awaddr_o,
  output logic [7:0]                     m_axi_awlen_o,
  output logic [2:0]                     m_axi_awsize_o,
  output logic [1:0]                     m_axi_awburst_o,

  output logic                           m_axi_wvalid_o,
  input  logic                           m_axi_wready_i,
  output logic [tern_pkg::DataW-1:0]     m_axi_wdata_o,
  output logic [tern_pkg::DataBytes-1:0] m_axi_wstrb_o,
  output logic                           m_axi_wlast_o,

  input  logic                           m_axi_bvalid_i,
  output logic                           m_axi_bready_o,
  input  logic [IdW-1:0]                 m_axi_bid_i,
  input  logic [1:0]                     m_axi_bresp_i,

  output logic                           stat_dma_write_o,
  output logic                           stat_dma_write_err_o
);

  localparam int unsigned ClientW = (NumClients > 1) ? $clog2(NumClients) : 1;

  // What is remembered of a burst until its B
  typedef struct packed {
    logic [ClientW-1:0] client;
    logic [7:0]         tag;
    logic               last;  // the last burst of the write
  } burst_t;

  // Beats of the write at hand
  typedef enum logic [1:0] {
    StFirst,  // none: the next beat starts a write
    StMore,   // more beats are to come
    StTail,   // all beats came, their carry makes one more line
    StPad     // no more beats are taken, the rest of the lines is empty
  } state_e;

  state_e state_d, state_q;

  // -------------------------------------------------------------------- the beat at hand

  logic                   any_valid;
  logic [NumClients-1:0]  gnt, client_hot_q;
  logic [ClientW-1:0]     gnt_idx, client_q, client;
  logic [63:0]            addr;
  logic [12:0]            len;
  tern_pkg::dma_wr_beat_t wr;
  logic                   first_line, start, beat, pad, line_go;

  tern_rr_arb #(.N(NumClients)) u_arb (
    .clk_i, .rst_i,
    .req_i   (wr_valid_i),
    .take_i  (start),
    .valid_o (any_valid),
    .onehot_o(gnt),
    .idx_o   (gnt_idx)
  );

  if ($bits(wr) != tern_pkg::DmaWrBeatW) begin : gen_bad_width
    $error("DmaWrBeatW is not the width of dma_wr_beat_t");
  end

  // Zero in idle cycles, so that the wide selection costs the simulator nothing then
  always_comb begin
    wr = '0;
    if (wr_valid_i[client]) wr = wr_i[client];
  end

  assign client = first_line ? gnt_idx : client_q;
  assign addr   = wr.addr;
  assign len    = wr.len;

  // ------------------------------------------------------------------- the line it makes

  logic [5:0]  lane_q, lane;            // of byte 0
  logic [7:0]  left_q, left;            // lines to go, this one included
  logic [5:0]  page_line_q, page_line;  // of this line in its page
  logic [5:0]  end_lane_q, end_lane;    // lanes of the last line, 0 means all
  logic [13:0] end_byte;
  logic        last_line;
  logic        opens, closes;           // a burst
  logic        free, w_ready, aw_ready, list_ready;
  logic [51:0] next_pfn_q;

  assign first_line = state_q == StFirst;
  assign end_byte   = 14'(addr[5:0]) + 14'(len);
  assign lane       = first_line ? addr[5:0] : lane_q;
  assign left       = first_line ? 8'(end_byte[13:6]) + 8'(|end_byte[5:0]) : left_q;
  assign page_line  = first_line ? addr[11:6] : page_line_q;
  assign end_lane   = first_line ? end_byte[5:0] : end_lane_q;
  assign last_line  = left == 8'd1;
  assign opens      = first_line || page_line == 6'd0;
  assign closes     = last_line || page_line == 6'd63;

  // A line needs room in W; the first one of a burst also in AW and in the list of bursts
  assign free = w_ready && (!opens || (aw_ready && list_ready));

  assign start   = first_line && any_valid && free && !quiesce_i;
  assign beat    = start || (state_q == StMore && free && wr_valid_i[client_q]);
  // To pad is final: a beat that comes late would go to the wrong place
  assign pad     = state_q == StPad ||
                   (state_q == StMore && !wr_valid_i[client_q] && quiesce_i);
  assign line_go = beat || (free && (pad || state_q == StTail));

  always_comb begin
    wr_ready_o = '0;
    if (beat) wr_ready_o = first_line ? gnt : client_hot_q;
  end

  always_comb begin
    state_d = state_q;
    if (line_go) begin
      if (last_line) state_d = StFirst;
      else if (pad) state_d = StPad;
      else if (state_q == StTail || (beat && wr.last)) state_d = StTail;
      else state_d = StMore;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StFirst;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    if (start) begin
      client_q     <= gnt_idx;
      client_hot_q <= gnt;
      lane_q       <= lane;
      end_lane_q   <= end_lane;
      next_pfn_q   <= addr[63:12] + 52'd1;
    end
    if (line_go) begin
      left_q      <= left - 8'd1;
      page_line_q <= page_line + 6'd1;
    end
  end

  // ------------------------------------------------------------------------------ W

  logic [tern_pkg::DataW-1:0]     carry_q;
  logic [tern_pkg::DataBytes-1:0] strb;

  always_comb begin
    strb = '1;
    if (first_line) strb = ~64'd0 << lane;
    if (last_line && end_lane != '0) strb &= ~(~64'd0 << end_lane);
    if (pad) strb = '0;
  end

  function automatic logic [tern_pkg::DataW-1:0] rotate(logic [tern_pkg::DataW-1:0] data,
                                                        logic [5:0] lanes);
    rotate = data;
    if (lanes[0]) rotate = {rotate[503:0], rotate[511:504]};
    if (lanes[1]) rotate = {rotate[495:0], rotate[511:496]};
    if (lanes[2]) rotate = {rotate[479:0], rotate[511:480]};
    if (lanes[3]) rotate = {rotate[447:0], rotate[511:448]};
    if (lanes[4]) rotate = {rotate[383:0], rotate[511:384]};
    if (lanes[5]) rotate = {rotate[255:0], rotate[511:256]};
  endfunction

  logic [tern_pkg::DataW-1:0] turned, keep, wdata;

  // Evaluated for moving lines only: in simulation this is most of the engine's work
  always_comb begin
    turned = '0;
    keep   = '0;
    wdata  = '0;
    if (line_go) begin
      turned = rotate(wr.data, lane);
      keep   = {tern_pkg::DataW{1'b1}} << {lane, 3'd0};
      wdata  = (turned & keep) | (carry_q & ~keep);
    end
  end

  always_ff @(posedge clk_i) begin
    if (beat) carry_q <= turned;
  end

  tern_fifo #(.Width(1 + tern_pkg::DataBytes + tern_pkg::DataW), .Depth(2)) u_w (
    .clk_i, .rst_i,
    .in_valid_i (line_go),
    .in_ready_o (w_ready),
    .in_data_i  ({closes, strb, wdata}),
    .out_valid_o(m_axi_wvalid_o),
    .out_ready_i(m_axi_wready_i),
    .out_data_o ({m_axi_wlast_o, m_axi_wstrb_o, m_axi_wdata_o})
  );

  // ----------------------------------------------------------------------------- AW

  logic [63:0] awaddr;
  logic [7:0]  awlen;
  logic [7:0]  to_page_end;  // lines

  assign to_page_end = 8'd64 - 8'(page_line);
  assign awaddr      = first_line ? addr : {next_pfn_q, 12'd0};
  assign awlen       = ((left < to_page_end) ? left : to_page_end) - 8'd1;

  tern_fifo #(.Width(64 + 8), .Depth(2)) u_aw (
    .clk_i, .rst_i,
    .in_valid_i (line_go && opens),
    .in_ready_o (aw_ready),
    .in_data_i  ({awaddr, awlen}),
    .out_valid_o(m_axi_awvalid_o),
    .out_ready_i(m_axi_awready_i),
    .out_data_o ({m_axi_awaddr_o, m_axi_awlen_o})
  );

  assign m_axi_awid_o    = '0;
  assign m_axi_awsize_o  = 3'd6;   // 64 bytes a beat
  assign m_axi_awburst_o = 2'b01;  // INCR

  // ------------------------------------------------------------------------------ B

  burst_t     burst, done;
  logic [7:0] tag_q;
  logic       done_valid, bvalid_q, berr_q, err_q, err;

  always_ff @(posedge clk_i) begin
    if (start) tag_q <= wr.tag;
  end

  assign burst.client = client;
  assign burst.tag    = first_line ? wr.tag : tag_q;
  assign burst.last   = left <= to_page_end;

  tern_fifo #(.Width($bits(burst)), .Depth(MaxBursts)) u_bursts (
    .clk_i, .rst_i,
    .in_valid_i (line_go && opens),
    .in_ready_o (list_ready),
    .in_data_i  (burst),
    .out_valid_o(done_valid),
    .out_ready_i(bvalid_q),
    .out_data_o (done)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) bvalid_q <= 1'b0;
    else bvalid_q <= m_axi_bvalid_i;
  end

  always_ff @(posedge clk_i) begin
    if (m_axi_bvalid_i) berr_q <= m_axi_bresp_i[1];
  end

  assign m_axi_bready_o = 1'b1;
  assign err            = berr_q || err_q;
  assign rsp_o.tag      = done.tag;
  assign rsp_o.err      = err;

  always_comb begin
    rsp_valid_o = '0;
    rsp_valid_o[done.client] = bvalid_q && done.last;
  end

  // An error of the first burst waits for the second
  always_ff @(posedge clk_i) begin
    if (rst_i) err_q <= 1'b0;
    else if (bvalid_q) err_q <= err && !done.last;
  end

  // A burst is in the list from its first line to its B, the line on W included
  assign idle_o               = !done_valid && first_line;
  assign stat_dma_write_o     = start;
  assign stat_dma_write_err_o = bvalid_q && done.last && err;

endmodule
