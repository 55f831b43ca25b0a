// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Stores to BAR 2. The lower half are doorbells: each is decoded and handed to the engine that
// owns the queue, through a small FIFO per engine, so that an engine that is busy does not hold up
// the others. Decoded doorbells show at their engine in the next cycle. The upper half are words
// of push pages, which are always taken, whatever they are, and show in the next cycle too: a
// doorbell never overtakes words that were stored before it. An SQ doorbell that names a pushed slot
// also shows there, between the words before and behind it.
//
// What is no doorbell is refused here; what no queue expects is refused by the engine and comes
// back as bad. All refusals meet in the reporter, which always takes them: it counts each, and
// raises at most one event per millisecond for the whole device. Any process may store what it
// likes to its page; all it gets is that its own stores are counted.

module tern_doorbell (
  input  logic              clk_i,
  input  logic              rst_i,

  input  logic [63:0]       now_i,  // ns
  output logic              idle_o,

  // Stores to BAR 2, in order; addr is a multiple of 8
  input  logic              db_valid_i,
  output logic              db_ready_o,
  input  logic [22:0]       db_addr_i,
  input  logic [63:0]       db_data_i,
  input  logic [7:0]        db_strb_i,

  output logic              push_valid_o,   // no ready
  output logic              push_seal_o,    // a doorbell that names the slot; data is its word
  output logic [tern_pkg::PageW-1:0] push_page_o,
  output logic [5:0]        push_slot_o,
  output logic [2:0]        push_word_o,
  output logic [63:0]       push_data_o,
  output logic [7:0]        push_strb_o,

  output logic              sq_db_valid_o,
  input  logic              sq_db_ready_i,
  output tern_pkg::db_t     sq_db_o,

  output logic              rq_db_valid_o,
  input  logic              rq_db_ready_i,
  output tern_pkg::db_t     rq_db_o,

  output logic              cq_db_valid_o,
  input  logic              cq_db_ready_i,
  output tern_pkg::db_t     cq_db_o,

  output logic              eq_db_valid_o,
  input  logic              eq_db_ready_i,
  output tern_pkg::db_t     eq_db_o,

  output logic              cqp_db_valid_o,
  input  logic              cqp_db_ready_i,
  output tern_pkg::db_t     cqp_db_o,

  // Those of the netdev share a port
  output logic              eth_db_valid_o,
  input  logic              eth_db_ready_i,
  output logic [11:0]       eth_db_offset_o,
  output tern_pkg::db_t     eth_db_o,

  // Refused by the engines
  input  logic              sq_bad_valid_i,
  output logic              sq_bad_ready_o,
  input  tern_pkg::db_bad_t sq_bad_i,

  input  logic              rq_bad_valid_i,
  output logic              rq_bad_ready_o,
  input  tern_pkg::db_bad_t rq_bad_i,

  input  logic              cq_bad_valid_i,
  output logic              cq_bad_ready_o,
  input  tern_pkg::db_bad_t cq_bad_i,

  input  logic              eq_bad_valid_i,
  output logic              eq_bad_ready_o,
  input  tern_pkg::db_bad_t eq_bad_i,

  input  logic              cqp_bad_valid_i,
  output logic              cqp_bad_ready_o,
  input  tern_pkg::db_bad_t cqp_bad_i,

  input  logic              eth_bad_valid_i,
  output logic              eth_bad_ready_o,
  input  tern_pkg::db_bad_t eth_bad_i,

  output logic              ae_valid_o,
  input  logic              ae_ready_i,
  output tern_pkg::ae_req_t ae_o,

  output logic              stat_doorbell_o,      // every doorbell taken, refused ones included
  output logic              stat_doorbell_bad_o,
  output logic              stat_ae_lost_o
);

  localparam int unsigned FifoDepth    = 4;
  localparam int unsigned ReportPeriod = 1_000_000;  // ns

  // -------------------------------------------------------------------------- decode

  typedef enum logic [2:0] {
    ToBad,
    ToPush,
    ToSq,
    ToRq,
    ToCq,
    ToEq,
    ToCqp,
    ToEth
  } target_e;

  target_e           target;
  logic              kernel, whole;
  logic [11:0]       offset;
  tern_pkg::db_t     db;
  tern_pkg::db_bad_t own_bad;
  logic              own_bad_ready;
  logic              sq_ready, rq_ready, cq_ready, eq_ready, cqp_ready, eth_ready;
  logic [6:0]        bad_gnt;

  assign db.page        = db_addr_i[21:12];
  assign db.word        = db_data_i;
  assign offset         = db_addr_i[11:0];
  assign kernel         = db.page == '0;
  assign whole          = db_strb_i == 8'hff;
  assign own_bad.page   = db.page;
  assign own_bad.offset = offset;

  assign own_bad.code   = tern_hw_pkg::TERN_HW_AE_CODE_DB_OFFSET;

  always_comb begin
    target = ToBad;
    if (db_addr_i[22]) target = ToPush;
    else begin
      unique case (offset)
        tern_hw_pkg::TERN_HW_DB_SQ:  if (whole) target = ToSq;
        tern_hw_pkg::TERN_HW_DB_RQ:  if (whole) target = ToRq;
        tern_hw_pkg::TERN_HW_DB_CQ:  if (whole) target = ToCq;
        tern_hw_pkg::TERN_HW_DB_EQ:  if (whole && kernel) target = ToEq;
        tern_hw_pkg::TERN_HW_DB_CQP: if (whole && kernel) target = ToCqp;
        tern_hw_pkg::TERN_HW_ETH_DB_AQ, tern_hw_pkg::TERN_HW_ETH_DB_CQ,
        tern_hw_pkg::TERN_HW_ETH_DB_SQ, tern_hw_pkg::TERN_HW_ETH_DB_RQ:
          if (whole && kernel) target = ToEth;
        default: ;
      endcase
    end
  end

  logic                       seal;
  tern_hw_pkg::tern_hw_db_q_t sq_db;

  assign sq_db = db_data_i;
  assign seal  = target == ToSq && sq_ready && sq_db.w.pushed;

  always_comb begin
    unique case (target)
      ToPush:  db_ready_o = 1'b1;
      ToSq:    db_ready_o = sq_ready;
      ToRq:    db_ready_o = rq_ready;
      ToCq:    db_ready_o = cq_ready;
      ToEq:    db_ready_o = eq_ready;
      ToCqp:   db_ready_o = cqp_ready;
      ToEth:   db_ready_o = eth_ready;
      default: db_ready_o = own_bad_ready;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) push_valid_o <= 1'b0;
    else push_valid_o <= db_valid_i && (target == ToPush || seal);
    if (db_valid_i && (target == ToPush || seal)) begin
      push_seal_o <= seal;
      push_page_o <= db.page;
      push_slot_o <= seal ? sq_db.w.slot : offset[11:6];
      push_word_o <= offset[5:3];
      push_data_o <= db_data_i;
      push_strb_o <= db_strb_i;
    end
  end

  tern_fifo #(.Width($bits(db)), .Depth(FifoDepth)) u_sq_fifo (
    .clk_i, .rst_i,
    .in_valid_i (db_valid_i && target == ToSq),
    .in_ready_o (sq_ready),
    .in_data_i  (db),
    .out_valid_o(sq_db_valid_o),
    .out_ready_i(sq_db_ready_i),
    .out_data_o (sq_db_o)
  );

  tern_fifo #(.Width($bits(db)), .Depth(FifoDepth)) u_rq_fifo (
    .clk_i, .rst_i,
    .in_valid_i (db_valid_i && target == ToRq),
    .in_ready_o (rq_ready),
    .in_data_i  (db),
    .out_valid_o(rq_db_valid_o),
    .out_ready_i(rq_db_ready_i),
    .out_data_o (rq_db_o)
  );

  tern_fifo #(.Width($bits(db)), .Depth(FifoDepth)) u_cq_fifo (
    .clk_i, .rst_i,
    .in_valid_i (db_valid_i && target == ToCq),
    .in_ready_o (cq_ready),
    .in_data_i  (db),
    .out_valid_o(cq_db_valid_o),
    .out_ready_i(cq_db_ready_i),
    .out_data_o (cq_db_o)
  );

  tern_fifo #(.Width($bits(db)), .Depth(FifoDepth)) u_eq_fifo (
    .clk_i, .rst_i,
    .in_valid_i (db_valid_i && target == ToEq),
    .in_ready_o (eq_ready),
    .in_data_i  (db),
    .out_valid_o(eq_db_valid_o),
    .out_ready_i(eq_db_ready_i),
    .out_data_o (eq_db_o)
  );

  tern_fifo #(.Width($bits(db)), .Depth(FifoDepth)) u_cqp_fifo (
    .clk_i, .rst_i,
    .in_valid_i (db_valid_i && target == ToCqp),
    .in_ready_o (cqp_ready),
    .in_data_i  (db),
    .out_valid_o(cqp_db_valid_o),
    .out_ready_i(cqp_db_ready_i),
    .out_data_o (cqp_db_o)
  );

  tern_fifo #(.Width(12 + $bits(db)), .Depth(FifoDepth)) u_eth_fifo (
    .clk_i, .rst_i,
    .in_valid_i (db_valid_i && target == ToEth),
    .in_ready_o (eth_ready),
    .in_data_i  ({offset, db}),
    .out_valid_o(eth_db_valid_o),
    .out_ready_i(eth_db_ready_i),
    .out_data_o ({eth_db_offset_o, eth_db_o})
  );

  // Also keeps the engines' refusals independent of the store at hand
  logic              own_bad_valid;
  tern_pkg::db_bad_t own_bad_queued;

  tern_fifo #(.Width($bits(own_bad)), .Depth(2)) u_bad_fifo (
    .clk_i, .rst_i,
    .in_valid_i (db_valid_i && target == ToBad),
    .in_ready_o (own_bad_ready),
    .in_data_i  (own_bad),
    .out_valid_o(own_bad_valid),
    .out_ready_i(bad_gnt[0]),
    .out_data_o (own_bad_queued)
  );

  // ------------------------------------------------------------------------- reporter

  logic [6:0]        bad_req;
  logic [2:0]        bad_idx;
  logic              bad;
  tern_pkg::db_bad_t bad_data;

  assign bad_req = {eth_bad_valid_i, rq_bad_valid_i, sq_bad_valid_i, cqp_bad_valid_i,
                    eq_bad_valid_i, cq_bad_valid_i, own_bad_valid};

  // In turn: a flood of bad stores delays a refusal by an engine by six cycles at most
  tern_rr_arb #(.N(7)) u_arb (
    .clk_i, .rst_i,
    .req_i   (bad_req),
    .take_i  (bad),
    .valid_o (bad),
    .onehot_o(bad_gnt),
    .idx_o   (bad_idx)
  );

  assign {eth_bad_ready_o, rq_bad_ready_o, sq_bad_ready_o, cqp_bad_ready_o, eq_bad_ready_o,
          cq_bad_ready_o} = bad_gnt[6:1];

  always_comb begin
    unique case (bad_idx)
      3'd1:    bad_data = cq_bad_i;
      3'd2:    bad_data = eq_bad_i;
      3'd3:    bad_data = cqp_bad_i;
      3'd4:    bad_data = sq_bad_i;
      3'd5:    bad_data = rq_bad_i;
      3'd6:    bad_data = eth_bad_i;
      default: bad_data = own_bad_queued;
    endcase
  end

  tern_hw_pkg::tern_hw_ae_db_t detail;
  logic [63:0]                 quiet_until_q;  // no event before that time
  logic                        report;

  assign report = bad && now_i >= quiet_until_q && !ae_valid_o;

  always_comb begin
    detail          = '0;
    detail.w.page   = 16'(bad_data.page);
    detail.w.offset = bad_data.offset;
  end

  always_ff @(posedge clk_i) begin
    if (report) begin
      ae_o.code   <= bad_data.code;
      ae_o.source <= tern_hw_pkg::TERN_HW_AE_SOURCE_PAGE;
      ae_o.id     <= 24'(bad_data.page);
      ae_o.detail <= detail;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      ae_valid_o    <= 1'b0;
      quiet_until_q <= '0;
    end else begin
      if (report) begin
        ae_valid_o    <= 1'b1;
        quiet_until_q <= now_i + 64'(ReportPeriod);
      end else if (ae_ready_i) begin
        ae_valid_o <= 1'b0;
      end
    end
  end

  assign idle_o = !db_valid_i && !bad && !push_valid_o && !sq_db_valid_o && !rq_db_valid_o &&
                  !cq_db_valid_o && !eq_db_valid_o && !cqp_db_valid_o && !eth_db_valid_o &&
                  !ae_valid_o;

  assign stat_doorbell_o     = db_valid_i && db_ready_o && target != ToPush;
  assign stat_doorbell_bad_o = bad;
  assign stat_ae_lost_o      = bad && !report;

endmodule
