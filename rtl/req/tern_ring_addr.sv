// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Where an entry of a send or receive queue is: {queue, index} becomes a bus address.
//
//   request -> tern_qp_line (ring) -> level 0: base + offset ----------------> answer
//                                     level 1: cache of page-list entries -^
//                                              miss: held until it is fetched
//
// What users may rely on:
// - One answer for every request, with its tag. Answers of one QPN come in the order of the
//   requests; those of another QPN may overtake.
// - Of a send queue index counts slots of 64 B, of a receive queue entries, both modulo 2^16. The
//   rest of the 4 KiB block behind the address belongs to the same ring (as far as that goes).
// - err tells that the line or the page list could not be read; HmcIndex also that there is no
//   such queue. The other members mean nothing then.
// - The page-list entries are kept until a control item changes any ring; those of a fetch that
//   was under way meanwhile are used for the requests before the item only.
// - Sustained: a request every 2 cycles, hit, of one QPN (one per cycle of different ones). A hit
//   is answered in the second cycle after it was taken.

module tern_ring_addr #(
  parameter int unsigned Sets     = 16,
  parameter int unsigned Ways     = 4,
  parameter int unsigned Slots    = 8,   // requests under way, at most 16
  parameter int unsigned PblLines = 16   // lines of 8 page-list entries; power of two
) (
  input  logic                        clk_i,
  input  logic                        rst_i,
  output logic                        idle_o,

  input  logic                        req_valid_i,
  output logic                        req_ready_o,
  input  logic [tern_pkg::QpnW-1:0]   req_qpn_i,
  input  logic                        req_rq_i,
  input  logic [15:0]                 req_index_i,
  input  logic [7:0]                  req_tag_i,

  output logic                        rsp_valid_o,
  input  logic                        rsp_ready_i,
  output logic [7:0]                  rsp_tag_o,
  output tern_pkg::hmc_err_e          rsp_err_o,
  output logic [63:0]                 rsp_addr_o,
  output logic [3:0]                  rsp_log_size_o,    // of the ring
  output logic [2:0]                  rsp_log_stride_o,  // receive: SGEs of an entry

  // Control items for the line
  input  logic                        item_valid_i,
  output logic                        item_ready_o,
  input  tern_pkg::qp_item_t          item_i,
  output logic                        item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t      item_rsp_o,

  // Host memory cache: two clients, one answer bus
  output logic                        ctx_req_valid_o,
  input  logic                        ctx_req_ready_i,
  output tern_pkg::hmc_req_t          ctx_req_o,
  input  logic                        ctx_rsp_valid_i,
  output logic                        pbl_req_valid_o,
  input  logic                        pbl_req_ready_i,
  output tern_pkg::hmc_req_t          pbl_req_o,
  input  logic                        pbl_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t          hmc_rsp_i,

  output logic                        stat_hit_o,
  output logic                        stat_miss_o
);

  localparam int unsigned SlotW = $clog2(Slots);
  localparam int unsigned PblW  = $clog2(PblLines);
  localparam int unsigned RspW  = 8 + 3 + 64 + 4 + 3;

  if (Slots > 16 || PblLines != 1 << PblW || PblLines < 2) begin : gen_bad_size
    $error("tern_ring_addr: size not possible");
  end

  // ---------------------------------------------------------------------------------- line

  logic                    line_idle;
  logic                    out_valid, out_ready, out_hold, out_resumed, out_take;
  logic [tern_pkg::QpnW-1:0] out_qpn_unused;
  logic                    out_rq;
  logic [15:0]             out_index;
  logic [7:0]              out_tag;
  logic [SlotW-1:0]        out_slot;
  tern_pkg::hmc_err_e      out_err;
  tern_hw_pkg::tern_hw_qp_ring_t ring;
  tern_hw_pkg::tern_hw_cqp_qp_wqe_t wqe;  // `attr` is laid out as in the command

  tern_qp_line #(
    .Line({tern_hw_pkg::TERN_HW_QP_LINE_RING}), .Sets(Sets), .Ways(Ways), .Slots(Slots),
    .PayloadW(25)
  ) u_line (
    .clk_i, .rst_i, .idle_o(line_idle),
    .req_valid_i, .req_ready_o, .req_index_i(req_qpn_i),
    .req_payload_i({req_rq_i, req_index_i, req_tag_i}),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_hold_i(out_hold),
    .out_index_o(out_qpn_unused), .out_payload_o({out_rq, out_index, out_tag}),
    .out_slot_o(out_slot), .out_resumed_o(out_resumed), .out_err_o(out_err), .out_line_o(ring),
    .wb_valid_i(1'b0), .wb_line_i('0),
    .wake_valid_i(pbl_rsp_valid_i), .wake_slot_i(hmc_rsp_i.tag[SlotW-1:0]),
    .item_valid_i, .item_ready_o, .item_i, .item_rsp_valid_o, .item_rsp_o,
    .hmc_valid_o(ctx_req_valid_o), .hmc_ready_i(ctx_req_ready_i), .hmc_o(ctx_req_o),
    .hmc_rsp_valid_i(ctx_rsp_valid_i), .hmc_rsp_i,
    .stat_hit_o, .stat_miss_o
  );

  // ------------------------------------------------------------------------ place in the ring

  logic        exists, level;
  logic [3:0]  log_size;
  logic [4:0]  page_shift;
  logic [63:0] base;
  logic [15:0] entry;
  logic [22:0] offset;
  logic [29:0] page_mask, in_page;
  logic [10:0] page;
  logic [27:0] pble;

  always_comb begin
    wqe      = '0;
    wqe.attr = ring.attr;
  end

  assign exists     = out_rq ? wqe.attr.rq_valid : wqe.attr.sq_valid;
  assign level      = out_rq ? wqe.attr.rq_level : wqe.attr.sq_level;
  assign log_size   = out_rq ? wqe.attr.rq_log_size : wqe.attr.sq_log_size;
  assign page_shift = out_rq ? wqe.attr.rq_page_shift : wqe.attr.sq_page_shift;
  assign base       = out_rq ? ring.rq_ring : ring.sq_ring;
  assign entry      = out_index & ~(16'hffff << log_size);
  assign offset     = out_rq ? 23'({entry, 4'd0}) << wqe.attr.rq_log_stride
                             : 23'({entry, 6'd0});
  assign page_mask  = ~(30'h3fffffff << page_shift);
  assign in_page    = {7'd0, offset} & page_mask;
  assign page       = 11'(offset >> page_shift);
  assign pble       = base[27:0] + 28'(page);

  // ---------------------------------------------------------------------- page-list entries

  logic [PblLines-1:0]       pbl_valid_q;
  logic [PblLines-1:0][24:0] pbl_tag_q;
  logic [511:0]              pbl_data [PblLines];
  logic [PblW-1:0]           pbl_next_q;   // the line that is replaced next
  logic [PblLines-1:0]       pbl_hit;
  logic [PblW-1:0]           pbl_way;
  logic [511:0]              pbl_line;
  logic                      drop;

  // What a request that was held came back with
  logic [Slots-1:0]          keep_q;       // what comes may be kept
  logic [Slots-1:0][24:0]    fetch_tag_q;
  logic [Slots-1:0][2:0]     fetch_word_q;
  logic [Slots-1:0][2:0]     fetch_err_q;
  logic [63:0]               fetch_addr [Slots];
  logic [SlotW-1:0]          fill_slot;
  logic                      fill;

  always_comb begin
    pbl_way = '0;
    pbl_hit = '0;
    if (out_valid) begin
      for (int unsigned i = 0; i < PblLines; i++) begin
        pbl_hit[i] = pbl_valid_q[i] && pbl_tag_q[i] == pble[27:3];
        if (pbl_hit[i]) pbl_way |= PblW'(i);
      end
    end
  end

  assign pbl_line  = pbl_data[pbl_way];
  assign fill_slot = hmc_rsp_i.tag[SlotW-1:0];
  assign fill      = pbl_rsp_valid_i && hmc_rsp_i.err == tern_pkg::HmcOk && keep_q[fill_slot] &&
                     !drop;

  // An item may change a ring from when it is taken until it is answered
  assign drop = (item_valid_i && item_ready_o && |item_i.mask) || item_rsp_valid_o;

  logic [PblLines-1:0] fill_same;  // another request has fetched the same line meanwhile

  always_comb begin
    fill_same = '0;
    if (fill) begin
      for (int unsigned i = 0; i < PblLines; i++) begin
        fill_same[i] = pbl_valid_q[i] && pbl_tag_q[i] == fetch_tag_q[fill_slot];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      pbl_valid_q <= '0;
      pbl_next_q  <= '0;
    end else if (drop) begin
      pbl_valid_q <= '0;
    end else if (fill && fill_same == '0) begin
      pbl_valid_q[pbl_next_q] <= 1'b1;
      pbl_next_q              <= pbl_next_q + 1'b1;
    end
    if (fill && fill_same == '0) begin
      pbl_tag_q[pbl_next_q] <= fetch_tag_q[fill_slot];
      pbl_data[pbl_next_q]  <= hmc_rsp_i.data;
    end
  end

  // --------------------------------------------------------------------------------- fetch

  logic             ask_valid_q;
  logic [24:0]      ask_line_q;
  logic [SlotW-1:0] ask_slot_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) ask_valid_q <= 1'b0;
    else if (out_take && out_hold) ask_valid_q <= 1'b1;
    else if (pbl_req_ready_i) ask_valid_q <= 1'b0;

    if (out_take && out_hold) begin
      ask_line_q             <= pble[27:3];
      ask_slot_q             <= out_slot;
      fetch_tag_q[out_slot]  <= pble[27:3];
      fetch_word_q[out_slot] <= pble[2:0];
      keep_q[out_slot]       <= 1'b1;
    end
    if (drop) keep_q <= '0;
    if (pbl_rsp_valid_i) begin
      fetch_err_q[fill_slot] <= hmc_rsp_i.err;
      fetch_addr[fill_slot]  <= hmc_rsp_i.data[{fetch_word_q[fill_slot], 6'd0} +: 64];
    end
  end

  assign pbl_req_valid_o = ask_valid_q;

  always_comb begin
    pbl_req_o       = '0;
    pbl_req_o.kind  = tern_hw_pkg::TERN_HW_HMC_KIND_PBLE;
    pbl_req_o.index = {ask_line_q, 3'd0};
    pbl_req_o.tag   = 8'(ask_slot_q);
  end

  // -------------------------------------------------------------------------------- answer

  logic               known, need_page;
  logic [63:0]        page_addr;
  logic [2:0]         err;
  logic [63:0]        addr;
  logic               rsp_room;

  assign known     = out_err == tern_pkg::HmcOk && exists;
  assign need_page = known && level;
  assign out_hold  = need_page && !out_resumed && pbl_hit == '0;
  assign page_addr = out_resumed ? fetch_addr[out_slot] : pbl_line[{pble[2:0], 6'd0} +: 64];
  assign addr      = level ? (page_addr & ~{34'd0, page_mask}) | {34'd0, in_page}
                           : base + 64'(offset);

  always_comb begin
    err = tern_pkg::HmcOk;
    if (out_err != tern_pkg::HmcOk)    err = out_err;
    else if (!exists)                  err = tern_pkg::HmcIndex;
    else if (level && out_resumed)     err = fetch_err_q[out_slot];
  end

  assign out_ready = rsp_room && (!ask_valid_q || pbl_req_ready_i);
  assign out_take  = out_valid && out_ready;

  tern_fifo #(.Width(RspW), .Depth(4)) u_rsp (
    .clk_i, .rst_i,
    .in_valid_i (out_take && !out_hold), .in_ready_o(rsp_room),
    .in_data_i  ({out_tag, err, addr, log_size, wqe.attr.rq_log_stride}),
    .out_valid_o(rsp_valid_o), .out_ready_i(rsp_ready_i),
    .out_data_o ({rsp_tag_o, rsp_err_o, rsp_addr_o, rsp_log_size_o, rsp_log_stride_o})
  );

  assign idle_o = line_idle && !ask_valid_q && !rsp_valid_o;

endmodule
