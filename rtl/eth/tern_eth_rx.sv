// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Receive queues of the Ethernet half: gives each frame that tern_steer sends the next descriptor
// of its queue, and makes of both an item for tern_place, which writes the frame, then hands the
// completion back (eth_cqe), then frees the frame. One frame per cycle at most; an item shows in
// the cycle after its frame was taken.
//
// A frame for which no descriptor is posted, or which is longer than the one at hand, is dropped
// and counted; the descriptor stays. One that is posted but not yet here is waited for. A
// descriptor that the bus refused completes with an error, and its queue stops.
//
// Which queue a frame is for is decided in one place (`qid`), today always 0.
//
// Stop a queue (q_stop_i): when q_drained_o rises no access to its ring or buffers is under way or
// will come, and all completions of what it had begun are with the CQ engine.

module tern_eth_rx #(
  parameter  int unsigned Queues = 4,
  localparam int unsigned QueueW = (Queues > 1) ? $clog2(Queues) : 1
) (
  input  logic                         clk_i,
  input  logic                         rst_i,
  output logic                         idle_o,

  // Control; pulses for a queue
  input  logic [Queues-1:0]            q_set_i,
  input  logic [Queues-1:0]            q_stop_i,
  input  logic [Queues-1:0]            q_clear_i,
  input  logic [63:0]                  q_base_i,
  input  logic [3:0]                   q_log_size_i,
  input  logic [4:0]                   q_cqn_i,
  output logic [Queues-1:0]            q_exists_o,
  output logic [Queues-1:0]            q_drained_o,  // after q_stop_i

  input  logic [Queues-1:0]            db_valid_i,
  input  logic [31:0]                  db_index_i,
  output logic [Queues-1:0]            db_bad_o,

  // Descriptor reads of each ring
  output logic [Queues-1:0]            rd_valid_o,
  input  logic [Queues-1:0]            rd_ready_i,
  output logic [Queues-1:0][63:0]      rd_addr_o,
  output logic [Queues-1:0][6:0]       rd_len_o,
  output logic [Queues-1:0][1:0]       rd_tag_o,
  input  logic [Queues-1:0]            rsp_valid_i,
  input  logic [1:0]                   rsp_tag_i,
  input  logic                         rsp_err_i,
  input  logic [511:0]                 rsp_data_i,

  // tern_steer
  input  logic                         pkt_valid_i,
  output logic                         pkt_ready_o,
  input  tern_pkg::rx_pkt_t            pkt_i,

  // tern_scatter
  output logic                         item_valid_o,
  input  logic                         item_ready_i,
  output tern_pkg::pl_item_t           item_o,

  // A completion of tern_place has been taken by the CQ engine
  input  logic                         cqe_taken_i,
  input  tern_pkg::cqe_req_t           cqe_i,

  output logic                         stat_frame_o,
  output logic [13:0]                  stat_bytes_o,
  output logic                         stat_no_desc_o,
  output logic                         stat_long_o,
  output logic                         stat_err_o
);

  localparam int unsigned CountW = 9;  // tern_scatter and tern_place hold less than 256 items

  // ------------------------------------------------------------------------------- rings

  logic [Queues-1:0]        ring_idle, ring_busy, there, bad_fetch, dry, pop;
  logic [Queues-1:0][127:0] desc_bits;
  logic [Queues-1:0][15:0]  desc_index;
  logic [4:0]               cqn_q [Queues];

  for (genvar g = 0; g < Queues; g++) begin : gen_ring
    tern_eth_ring u_ring (
      .clk_i, .rst_i, .idle_o(ring_idle[g]),
      .set_i(q_set_i[g]), .base_i(q_base_i), .log_size_i(q_log_size_i),
      .stop_i(q_stop_i[g]), .clear_i(q_clear_i[g]), .exists_o(q_exists_o[g]),
      .busy_o(ring_busy[g]),
      .db_valid_i(db_valid_i[g]), .db_index_i, .db_bad_o(db_bad_o[g]),
      .rd_valid_o(rd_valid_o[g]), .rd_ready_i(rd_ready_i[g]), .rd_addr_o(rd_addr_o[g]),
      .rd_len_o(rd_len_o[g]), .rd_tag_o(rd_tag_o[g]),
      .rsp_valid_i(rsp_valid_i[g]), .rsp_tag_i, .rsp_err_i, .rsp_data_i,
      .desc_valid_o(there[g]), .desc_err_o(bad_fetch[g]), .desc_o(desc_bits[g]),
      .desc_index_o(desc_index[g]), .dry_o(dry[g]), .pop_i(pop[g])
    );

    always_ff @(posedge clk_i) begin
      if (q_set_i[g]) cqn_q[g] <= q_cqn_i;
    end
  end

  // ------------------------------------------------------------------------------- match

  // Everything that an item needs; the rest of pl_item_t is constant
  typedef struct packed {
    logic              pkt;     // of the frame
    logic              write;   // the frame goes to addr
    logic              cqe;
    logic              bad;     // it tells of a refused descriptor
    logic [6:0]        id;
    logic [9:0]        line;
    logic [5:0]        lane;
    logic [13:0]       len;
    logic [63:0]       addr;
    logic [QueueW-1:0] qid;
    logic [4:0]        cqn;
    logic [15:0]       index;
  } match_t;

  match_t                in, out;
  logic [$bits(in)-1:0]  out_bits;
  logic [QueueW-1:0]     qid;
  tern_hw_pkg::tern_hw_eth_rx_desc_t desc;
  logic                  room, push;
  logic                  no_desc, too_long, use_desc, lose_desc;

  assign qid   = '0;
  assign desc  = desc_bits[qid];

  assign no_desc   = pkt_valid_i && !there[qid] && dry[qid];
  assign lose_desc = pkt_valid_i && there[qid] && bad_fetch[qid];
  assign too_long  = pkt_valid_i && there[qid] && !bad_fetch[qid] && pkt_i.len > desc.ctl.len;
  assign use_desc  = pkt_valid_i && there[qid] && !bad_fetch[qid] && !too_long;

  assign push        = room && (no_desc || lose_desc || too_long || use_desc);
  assign pkt_ready_o = room && (no_desc || too_long || use_desc);

  always_comb begin
    pop        = '0;
    pop[qid] = room && (lose_desc || use_desc);
    in.pkt     = !lose_desc;
    in.write   = use_desc;
    in.cqe     = lose_desc || use_desc;
    in.bad     = lose_desc;
    in.id      = pkt_i.id;
    in.line    = pkt_i.line;
    in.lane    = pkt_i.lane;
    in.len     = use_desc ? pkt_i.len : 14'd0;
    in.addr    = desc.addr;
    in.qid   = qid;
    in.cqn     = cqn_q[qid];
    in.index   = desc_index[qid];
  end

  tern_fifo #(.Width($bits(in)), .Depth(2)) u_match (
    .clk_i, .rst_i,
    .in_valid_i(push), .in_ready_o(room), .in_data_i(in),
    .out_valid_o(item_valid_o), .out_ready_i(item_ready_i), .out_data_o(out_bits)
  );

  tern_hw_pkg::tern_hw_eth_cqe_t cqe;

  assign out = out_bits;

  always_comb begin
    cqe             = '0;
    cqe.len         = 32'(out.len);
    cqe.info.qid  = 16'(out.qid);
    cqe.info.rx     = 1'b1;
    cqe.info.index  = out.index;
    cqe.info.status = out.bad ? tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL
                              : tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;

    item_o           = '0;
    item_o.side      = tern_pkg::PlEth;
    item_o.target    = out.write ? tern_pkg::TgHost : tern_pkg::TgNone;
    item_o.addr      = out.addr;
    item_o.pkt       = out.pkt;
    item_o.id        = out.id;
    item_o.line      = out.line;
    item_o.lane      = out.lane;
    item_o.len       = out.len;
    item_o.cqe_valid = out.cqe;
    item_o.solicited = out.bad;
    item_o.cqn       = 24'(out.cqn);
    item_o.cqe       = cqe;
  end

  // ------------------------------------------------------------------------------- drain

  logic [Queues-1:0][CountW-1:0]  count_q;   // completions that are to come
  logic [Queues-1:0]              inc, dec;
  tern_hw_pkg::tern_hw_eth_cqe_t  back;

  assign back = cqe_i.cqe;

  always_comb begin
    for (int unsigned i = 0; i < Queues; i++) begin
      inc[i] = pop[i];
      dec[i] = cqe_taken_i && back.info.qid == 16'(i);
      q_drained_o[i] = !ring_busy[i] && count_q[i] == '0;
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < Queues; i++) begin
      if (rst_i) count_q[i] <= '0;
      else if (inc[i] != dec[i]) count_q[i] <= inc[i] ? count_q[i] + 1'b1 : count_q[i] - 1'b1;
    end
  end

  assign stat_no_desc_o = room && no_desc;
  assign stat_long_o    = room && too_long;
  assign stat_frame_o   = cqe_taken_i &&
                          back.info.status == tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;
  assign stat_err_o     = cqe_taken_i && !stat_frame_o;
  assign stat_bytes_o   = back.len[13:0];

  assign idle_o = &ring_idle && !pkt_valid_i && !item_valid_o && count_q == '0;

  logic unused;
  assign unused = &{1'b0, pkt_i, desc.ctl.rsvd_14, cqe_i.cqn, cqe_i.solicited, back};

endmodule
