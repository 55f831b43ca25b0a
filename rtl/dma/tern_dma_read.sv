// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// DMA read engine: requests of NumClients clients become AXI4 read bursts, beats go back to their
// clients as they come, in any order and without buffering (a client asks only for what it has
// room for, so R is always taken).
//
// A request that crosses a 4 KiB boundary becomes two bursts, any other one. Every burst has an
// AXI id of its own, so the host may answer in any order; NumTags bursts are outstanding at most.
// A request shows on AR in the next cycle; one burst per cycle leaves. Beats show at their client
// in the cycle after they came. AR leaves through a FIFO of two and R is registered, so no client
// waits for logic outside the chip within a cycle (and no client's logic is simulated again when
// an input changes).
//
// quiesce_i stops requests from being taken; a burst owed to a request already taken still
// leaves. idle_o then rises after the last answer. How long that takes is up to the bus, whose
// completion timeout ends every read.

module tern_dma_read #(
  parameter  int unsigned NumClients = 2,
  parameter  int unsigned NumTags    = 64,  // power of two, at most 64
  localparam int unsigned IdW        = 6    // of the AXI port
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  logic                       quiesce_i,
  output logic                       idle_o,

  input  logic [NumClients-1:0]      req_valid_i,
  output logic [NumClients-1:0]      req_ready_o,
  input  logic [NumClients-1:0][tern_pkg::DmaRdReqW-1:0] req_i,  // dma_rd_req_t

  // One bus for all clients, valid for one
  output logic [NumClients-1:0]      rsp_valid_o,
  output tern_pkg::dma_rd_rsp_t      rsp_o,

  output logic                       m_axi_arvalid_o,
  input  logic                       m_axi_arready_i,
  output logic [IdW-1:0]             m_axi_arid_o,
  output logic [63:0]                m_axi_araddr_o,
  output logic [7:0]                 m_axi_arlen_o,
  output logic [2:0]                 m_axi_arsize_o,
  output logic [1:0]                 m_axi_arburst_o,

  input  logic                       m_axi_rvalid_i,
  output logic                       m_axi_rready_o,
  input  logic [IdW-1:0]             m_axi_rid_i,
  input  logic [tern_pkg::DataW-1:0] m_axi_rdata_i,
  input  logic [1:0]                 m_axi_rresp_i,
  input  logic                       m_axi_rlast_i,

  output logic                       stat_dma_read_o,
  output logic                       stat_dma_read_err_o
);

  localparam int unsigned TagW    = $clog2(NumTags);
  localparam int unsigned ClientW = (NumClients > 1) ? $clog2(NumClients) : 1;

  // What is remembered of a burst from AR to its last beat
  typedef struct packed {
    logic [ClientW-1:0] client;
    logic [7:0]         tag;
    logic [5:0]         lane;   // of byte 0 of the request
    logic [6:0]         line;   // of the first beat, counted from that of byte 0
    logic               split;  // the request has another burst, mate
    logic [TagW-1:0]    mate;
  } burst_t;

  burst_t                  burst, rburst;
  logic [$bits(burst)-1:0] burst_mem [NumTags];

  // --------------------------------------------------------------------------- free ids

  // Two ids are held ready, because a request that is split names both in its first burst. They
  // come from a ring of ids given back, or, until each was used once, from a counter.
  logic [TagW-1:0] free_mem [NumTags];
  logic [TagW-1:0] free_wr_q, free_rd_q;
  logic [TagW:0]   free_count_q;
  logic [TagW:0]   fresh_q;            // ids never used yet start here
  logic            fresh, refill, give;
  logic [TagW-1:0] refill_id;
  logic            id0_valid_q, id1_valid_q;
  logic [TagW-1:0] id0_q, id1_q;
  logic            use_id;

  assign fresh     = !fresh_q[TagW];
  assign refill    = (!id1_valid_q || use_id) && (fresh || free_count_q != '0);
  assign refill_id = fresh ? fresh_q[TagW-1:0] : free_mem[free_rd_q];

  // The beat that came in the cycle before
  logic                       rvalid_q, rlast_q, rerr_q;
  logic [TagW-1:0]            rid_q;
  logic [tern_pkg::DataW-1:0] rdata_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) rvalid_q <= 1'b0;
    else rvalid_q <= m_axi_rvalid_i;
  end

  always_ff @(posedge clk_i) begin
    if (m_axi_rvalid_i) begin
      rid_q   <= m_axi_rid_i[TagW-1:0];
      rlast_q <= m_axi_rlast_i;
      rerr_q  <= m_axi_rresp_i[1];
      rdata_q <= m_axi_rdata_i;
    end
  end

  assign give = rvalid_q && rlast_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      free_wr_q    <= '0;
      free_rd_q    <= '0;
      free_count_q <= '0;
      fresh_q      <= '0;
    end else begin
      if (give) free_wr_q <= free_wr_q + 1'b1;
      if (refill && fresh) fresh_q <= fresh_q + 1'b1;
      if (refill && !fresh) free_rd_q <= free_rd_q + 1'b1;
      if (give != (refill && !fresh)) begin
        free_count_q <= give ? free_count_q + 1'b1 : free_count_q - 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (give) free_mem[free_wr_q] <= rid_q;
  end

  // id0 is the next to be used, id1 moves up behind it
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      id0_valid_q <= 1'b0;
      id1_valid_q <= 1'b0;
    end else if (use_id || !id0_valid_q) begin
      id0_valid_q <= id1_valid_q || refill;
      id1_valid_q <= id1_valid_q && refill;
      id0_q       <= id1_valid_q ? id1_q : refill_id;
      if (refill) id1_q <= refill_id;
    end else if (refill) begin
      id1_valid_q <= 1'b1;
      id1_q       <= refill_id;
    end
  end

  // ----------------------------------------------------------------------- request to AR

  logic                   any_req, take, second_q, ar_free, split;
  logic [NumClients-1:0]  gnt;
  logic [ClientW-1:0]     gnt_idx;
  tern_pkg::dma_rd_req_t  req;
  logic [13:0]            end_lane;    // first byte behind the request, from the line of byte 0
  logic [13:0]            end_page;    // the same, from the start of the page
  logic [7:0]             lines;
  logic [6:0]             page_lines;  // from the first line to the end of the page
  // The second burst of a split request
  logic [51:0]            second_pfn_q;
  logic [5:0]             second_len_q;
  burst_t                 second_burst_q;

  if ($bits(req) != tern_pkg::DmaRdReqW) begin : gen_bad_width
    $error("DmaRdReqW is not the width of dma_rd_req_t");
  end

  tern_rr_arb #(.N(NumClients)) u_arb (
    .clk_i, .rst_i,
    .req_i   (req_valid_i),
    .take_i  (take),
    .valid_o (any_req),
    .onehot_o(gnt),
    .idx_o   (gnt_idx)
  );

  assign req        = req_i[gnt_idx];
  assign end_lane   = 14'(req.addr[5:0]) + 14'(req.len);
  assign end_page   = 14'(req.addr[11:0]) + 14'(req.len);
  assign split      = end_page > 14'd4096;
  assign lines      = 8'(end_lane[13:6]) + 8'(|end_lane[5:0]);
  assign page_lines = 7'd64 - 7'(req.addr[11:6]);

    assign take        = any_req && !quiesce_i && ar_free && !second_q &&
                       id0_valid_q && (id1_valid_q || !split);
  assign use_id      = take || (second_q && ar_free);
  assign req_ready_o = take ? gnt : '0;

  always_comb begin
    burst        = second_burst_q;
    if (!second_q) begin
      burst.client = gnt_idx;
      burst.tag    = req.tag;
      burst.lane   = req.addr[5:0];
      burst.line   = '0;
      burst.split  = split;
      burst.mate   = id1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) second_q <= 1'b0;
    else if (use_id) second_q <= take && split;
  end

  always_ff @(posedge clk_i) begin
    if (use_id) burst_mem[id0_q] <= burst;
    if (take && split) begin
      second_pfn_q        <= req.addr[63:12] + 52'd1;
      second_len_q        <= 6'(lines - 8'(page_lines) - 8'd1);
      second_burst_q      <= burst;
      second_burst_q.line <= page_lines;
      second_burst_q.mate <= id0_q;
    end
  end

  logic [63:0] araddr;
  logic [7:0]  arlen;

  assign araddr = second_q ? {second_pfn_q, 12'd0} : req.addr;
  assign arlen  = second_q ? {2'b00, second_len_q} :
                  split    ? 8'(page_lines) - 8'd1 : lines - 8'd1;

  tern_fifo #(.Width(TagW + 64 + 8), .Depth(2)) u_ar (
    .clk_i, .rst_i,
    .in_valid_i (use_id),
    .in_ready_o (ar_free),
    .in_data_i  ({id0_q, araddr, arlen}),
    .out_valid_o(m_axi_arvalid_o),
    .out_ready_i(m_axi_arready_i),
    .out_data_o ({m_axi_arid_o[TagW-1:0], m_axi_araddr_o, m_axi_arlen_o})
  );

  if (TagW < IdW) begin : gen_short_id
    assign m_axi_arid_o[IdW-1:TagW] = '0;
  end

  assign m_axi_arsize_o  = 3'd6;   // 64 bytes a beat
  assign m_axi_arburst_o = 2'b01;  // INCR

  // -------------------------------------------------------------------------- R to client

  logic [6:0]         beats_mem [NumTags];  // beats that came, 0 before the first
  logic [NumTags-1:0] seen_q;               // beats_mem holds a number for this burst
  logic [NumTags-1:0] mate_done_q;          // all beats of the mate have come
  logic [NumTags-1:0] err_q;                // a beat of the burst or of its mate was refused
  logic [6:0]         beats;
  logic [6:0]         line;
  logic               err, done;

  assign m_axi_rready_o = 1'b1;

  assign rburst = burst_mem[rid_q];
  assign beats  = seen_q[rid_q] ? beats_mem[rid_q] : '0;
  assign line   = rburst.line + beats;
  assign err    = rerr_q || err_q[rid_q];
  assign done   = rlast_q && (!rburst.split || mate_done_q[rid_q]);

  assign rsp_o.tag    = rburst.tag;
  assign rsp_o.offset = (line == '0) ? '0 : {line, 6'd0} - 13'(rburst.lane);
  assign rsp_o.last   = done;
  assign rsp_o.err    = err;
  assign rsp_o.data   = rdata_q;

  always_comb begin
    rsp_valid_o = '0;
    rsp_valid_o[rburst.client] = rvalid_q;
  end

  always_ff @(posedge clk_i) begin
    if (rvalid_q) beats_mem[rid_q] <= beats + 7'd1;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      seen_q      <= '0;
      mate_done_q <= '0;
      err_q       <= '0;
    end else if (rvalid_q) begin
      seen_q[rid_q] <= !rlast_q;
      err_q[rid_q]  <= err && !rlast_q;
      if (rlast_q) begin
        mate_done_q[rid_q] <= 1'b0;
        // The id of this half may be used again at once; what is left to know goes to the other
        if (rburst.split && !mate_done_q[rid_q]) begin
          mate_done_q[rburst.mate] <= 1'b1;
          err_q[rburst.mate]       <= err || err_q[rburst.mate];
        end
      end
    end
  end

  // ------------------------------------------------------------------------------- state

  logic [TagW:0] outstanding_q;  // bursts whose id was used and not given back

  always_ff @(posedge clk_i) begin
    if (rst_i) outstanding_q <= '0;
    else if (use_id != give) outstanding_q <= use_id ? outstanding_q + 1'b1 : outstanding_q - 1'b1;
  end

  assign idle_o              = outstanding_q == '0 && !second_q;
  assign stat_dma_read_o     = take;
  assign stat_dma_read_err_o = rvalid_q && done && err;

endmodule
