// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Second half of tern_place: what follows the data of an item, in the order in which items were
// taken. A slot is done when it has no data or the bus has answered its last write. The oldest
// done item is committed, one per 2 cycles: invalidation, job, CQE, acknowledgement, free; a
// marker when all of these have been taken by their receivers.
//
// The poison table tells of each {QPN, side} whether it has failed, and {wqe, status}:
//
//   item itself failed   poison, qp_err, NAK (side rsp), its CQE with the status of the failure
//   poisoned before      only its CQE: the status in the table if its wqe matches, else wr_flush
//   else                 everything, but no CQE if it is silent
//
//   failure                              status       reason                NAK  event
//   no list                              as tern_scatter tells              3    fatal
//   data longer than the RQ entry        loc_len      rq_length             1    request
//   piece refused, TgRq or TgSq          loc_prot     rq_access, sq_access  3    fatal
//   piece refused, TgKey or TgProbe       loc_access   in_access             2    access
//   bus refused data                     general      dma                   3    fatal
//   invalidation refused                 as answered  in_access             2    access
//   the bus failed in it                 general      dma                   3    fatal
//
// An item that is quiet (UC, UD) never makes a NAK. If it fails for a fault of the peer, which are
// "data longer" and a refused TgKey, only its message does: mild poison, no report, and what follows is
// poisoned until an item that starts a message, or one that fails for a reason of its own; a CQE of it has
// the status of the failure.
//
// A READ that is repeated is quiet, too. If its region is refused, then the peer does not wait for it any
// more (it has given the region back), or it is no repetition at all: only its job is dropped, which is
// handed on as a replay of what is not there. Nothing else of the QP may suffer.
//
// A failure that concerns no entry (WRITE without completion) puts status wr_flush in the table,
// so that the table may be used as it is. Ethernet items are never poisoned.
//
// Two copies are kept: this table says what becomes of an item, in order, and the marks, one bit
// each, keep data of later items from being written. Both are swept after reset (MaxQps cycles).
// Clear is answered between two commits; nothing of the QP may be under way.
//
// fence_i: fence_done_o when all items taken before are done, whether committed or not.

module tern_place_commit #(
  parameter  int unsigned SlotW = 7,
  parameter  int unsigned Qps   = tern_pkg::MaxQps,  // power of two
  localparam int unsigned PoisonW = 1 + 16 + 8   // and `mild` in the table
) (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  input  logic                      take_i,
  input  tern_pkg::pl_item_t        item_i,
  input  logic                      item_err_i,
  input  logic [7:0]                item_status_i,
  input  logic [7:0]                item_reason_i,
  output logic                      slot_room_o,
  output logic [SlotW-1:0]          slot_o,

  input  logic                      nodata_valid_i,
  input  logic [SlotW-1:0]          nodata_slot_i,
  input  logic                      nodata_fail_i,
  input  logic                      rsp_valid_i,
  input  logic [SlotW-1:0]          rsp_slot_i,
  input  logic                      rsp_last_i,
  input  logic                      rsp_err_i,

  input  logic                      mark_read_i,
  input  logic                      mark_rh_i,
  input  logic [tern_pkg::QpnW-1:0] mark_qpn_i,
  output logic                      mark_o,
  input  logic                      mark_set_valid_i,
  output logic                      mark_set_ready_o,

  output logic                      inv_valid_o,
  input  logic                      inv_ready_i,
  output tern_pkg::mr_op_t          inv_o,
  input  logic                      inv_rsp_valid_i,
  input  logic [7:0]                inv_rsp_status_i,

  output logic                      job_valid_o,
  input  logic                      job_ready_i,
  output logic [tern_pkg::QpnW-1:0] job_qpn_o,
  output logic [23:0]               job_pd_o,
  output logic                      job_priv_o,
  output tern_pkg::job_t            job_o,
  output logic                      job_busy_o,      // one has its turn: acknowledgements behind
  output logic [tern_pkg::QpnW-1:0] job_busy_qpn_o,  // it must wait, wherever it is; no ready

  output logic                      cqe_valid_o,
  input  logic                      cqe_ready_i,
  output tern_pkg::cqe_req_t        cqe_o,
  output logic                      eth_cqe_valid_o,
  input  logic                      eth_cqe_ready_i,
  output tern_pkg::cqe_req_t        eth_cqe_o,

  output logic                      ack_valid_o,
  input  logic                      ack_ready_i,
  output tern_pkg::ack_t            ack_o,

  output logic                      free_valid_o,
  input  logic                      free_ready_i,
  output logic [6:0]                free_id_o,

  output logic                      qp_err_valid_o,
  input  logic                      qp_err_ready_i,
  output tern_pkg::qp_err_t         qp_err_o,

  output logic                      drained_valid_o,
  input  logic                      drained_ready_i,
  output tern_pkg::pl_side_e        drained_side_o,
  output logic [tern_pkg::QpnW-1:0] drained_qpn_o,

  input  logic                      clear_valid_i,
  output logic                      clear_ready_o,
  input  logic [tern_pkg::QpnW-1:0] clear_qpn_i,
  output logic                      clear_rsp_valid_o,
  output logic [2*PoisonW-1:0]      clear_rsp_o,      // {rh, rsp}, each {poisoned, wqe, status}

  input  logic                      fence_i,
  output logic                      fence_done_o,

  output logic                      stat_error_o
);

  localparam int unsigned Slots = 1 << SlotW;
  localparam int unsigned QpW   = $clog2(Qps);

  // ----------------------------------------------------------------------------------- slots

  // What is still needed of an item when its data is written; members as in pl_item_t
  typedef struct packed {
    tern_pkg::pl_side_e          side;
    logic                        marker;
    logic [tern_pkg::QpnW-1:0]   qpn;
    logic [23:0]                 pd;
    logic                        priv;
    logic                        quiet;
    logic                        starts;
    tern_pkg::target_e           target;
    logic [15:0]                 wqe;
    logic                        pkt;
    logic [6:0]                  id;
    logic                        inv;
    logic [31:0]                 inv_key;
    logic                        job_valid;
    tern_pkg::job_t              job;
    logic                        cqe_valid;
    logic                        cqe_silent;
    logic                        solicited;
    logic [tern_pkg::CqnW-1:0]   cqn;
    logic [255:0]                cqe;
    logic                        ack_valid;
    tern_pkg::ack_t              ack;
    logic                        err;     // by tern_scatter
    logic [7:0]                  status;
    logic [7:0]                  reason;
  } back_t;

  back_t                in_back, head, item_q;
  logic [$bits(in_back)-1:0] backs [Slots];
  logic [SlotW:0]       head_q, fin_q, tail_q;
  logic [Slots-1:0]     done_q, refused_q, buserr_q;
  logic                 fin, commit, sweep_q;

  always_comb begin
    in_back.side       = item_i.side;
    in_back.marker     = item_i.marker;
    in_back.qpn        = item_i.qpn;
    in_back.pd         = item_i.pd;
    in_back.priv       = item_i.priv;
    in_back.quiet      = item_i.quiet;
    in_back.starts     = item_i.starts;
    in_back.target     = item_i.target;
    in_back.wqe        = item_i.wqe;
    in_back.pkt        = item_i.pkt;
    in_back.id         = item_i.id;
    in_back.inv        = item_i.inv;
    in_back.inv_key    = item_i.inv_key;
    in_back.job_valid  = item_i.job_valid;
    in_back.job        = item_i.job;
    in_back.cqe_valid  = item_i.cqe_valid;
    in_back.cqe_silent = item_i.cqe_silent;
    in_back.solicited  = item_i.solicited;
    in_back.cqn        = item_i.cqn;
    in_back.cqe        = item_i.cqe;
    in_back.ack_valid  = item_i.ack_valid;
    in_back.ack        = item_i.ack;
    in_back.err        = item_err_i;
    in_back.status     = item_status_i;
    in_back.reason     = item_reason_i;
  end

  assign slot_o      = tail_q[SlotW-1:0];
  assign slot_room_o = tail_q != {~head_q[SlotW], head_q[SlotW-1:0]} && !sweep_q;
  assign fin         = fin_q != tail_q && done_q[fin_q[SlotW-1:0]];

  always_ff @(posedge clk_i) begin
    if (take_i) backs[tail_q[SlotW-1:0]] <= in_back;
    if (rst_i) begin
      head_q <= '0;
      fin_q  <= '0;
      tail_q <= '0;
    end else begin
      if (take_i) tail_q <= tail_q + 1'b1;
      if (fin) fin_q <= fin_q + 1'b1;
      if (commit) head_q <= head_q + 1'b1;
    end
    if (take_i) begin
      done_q[tail_q[SlotW-1:0]]    <= 1'b0;
      refused_q[tail_q[SlotW-1:0]] <= 1'b0;
      buserr_q[tail_q[SlotW-1:0]]  <= 1'b0;
    end
    if (nodata_valid_i) begin
      done_q[nodata_slot_i]    <= 1'b1;
      refused_q[nodata_slot_i] <= nodata_fail_i;
    end
    if (rsp_valid_i) begin
      if (rsp_last_i) done_q[rsp_slot_i] <= 1'b1;
      if (rsp_err_i) buserr_q[rsp_slot_i] <= 1'b1;
    end
  end

  // ---------------------------------------------------------------------------------- fences

  logic           fence_q;
  logic [SlotW:0] fence_left_q;  // slots to be done

  always_ff @(posedge clk_i) begin
    if (rst_i) fence_q <= 1'b0;
    else if (fence_i) fence_q <= 1'b1;
    else if (fence_done_o) fence_q <= 1'b0;
    if (fence_i) fence_left_q <= tail_q - fin_q + (SlotW+1)'(take_i) - (SlotW+1)'(fin);
    else if (fence_q && fin) fence_left_q <= fence_left_q - 1'b1;
  end

  assign fence_done_o = fence_q && fence_left_q == '0;

  // ---------------------------------------------------------------------------- poison, marks

  logic [PoisonW:0]   poison_rsp [Qps];
  logic [PoisonW:0]   poison_rh  [Qps];
  logic               marks_rsp  [Qps];
  logic               marks_rh   [Qps];

  logic               pois_read, pois_we_rsp, pois_we_rh;
  logic [QpW-1:0]     pois_raddr, pois_waddr, sweep_at_q;
  logic [PoisonW:0]   pois_rsp_q, pois_rh_q, pois_wdata;  // {mild, poisoned, wqe, status}
  logic               mark_rsp_q, mark_rh_bit_q, mark_side_q;
  logic               mark_we_rsp, mark_we_rh, mark_value;
  logic [QpW-1:0]     mark_waddr;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      sweep_q    <= 1'b1;
      sweep_at_q <= '0;
    end else if (sweep_q) begin
      sweep_at_q <= sweep_at_q + 1'b1;
      if (&sweep_at_q) sweep_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (pois_we_rsp) poison_rsp[pois_waddr] <= pois_wdata;
    if (pois_we_rh) poison_rh[pois_waddr] <= pois_wdata;
    if (pois_read) begin
      pois_rsp_q <= poison_rsp[pois_raddr];
      pois_rh_q  <= poison_rh[pois_raddr];
    end
    if (mark_we_rsp) marks_rsp[mark_waddr] <= mark_value;
    if (mark_we_rh) marks_rh[mark_waddr] <= mark_value;
    if (mark_read_i) begin
      mark_rsp_q    <= marks_rsp[mark_qpn_i[QpW-1:0]];
      mark_rh_bit_q <= marks_rh[mark_qpn_i[QpW-1:0]];
      mark_side_q   <= mark_rh_i;
    end
  end

  assign mark_o = mark_side_q ? mark_rh_bit_q : mark_rsp_q;

  // The marks follow the table; a mark alone is set when the write port is not in use for that
  logic pois_mild;  // what is written concerns a message only

  always_comb begin
    mark_we_rsp = pois_we_rsp && !pois_mild;
    mark_we_rh  = pois_we_rh && !pois_mild;
    mark_waddr  = pois_waddr;
    mark_value  = pois_wdata[PoisonW-1];
    mark_set_ready_o = !mark_we_rsp && !mark_we_rh;
    if (mark_set_valid_i && mark_set_ready_o) begin
      mark_we_rsp = !mark_rh_i;
      mark_we_rh  = mark_rh_i;
      mark_waddr  = mark_qpn_i[QpW-1:0];
      mark_value  = 1'b1;
    end
  end

  // --------------------------------------------------------------------------------- commits

  typedef enum logic [2:0] {
    CoRead,    // the oldest item and what the table says of its QP are read
    CoAct,
    CoInv,     // the invalidation is offered
    CoInvWait,
    CoClear
  } commit_e;

  commit_e         state_q, state_d;
  logic            refused, buserr;       // of the item at hand
  logic            inv_done_q;
  logic [7:0]      inv_status_q;
  logic            eth, rsp, poisoned, failed, key_target, entry_target, names_wqe;
  logic [PoisonW:0] pois;
  logic            was_mild, mild;       // poison that was there, and that this item brings
  logic            bad, mild_bad;        // the item itself, whatever was before
  logic            again_bad;            // a repeated READ
  logic [15:0]     pois_wqe;
  logic [7:0]      pois_status;
  logic [7:0]      status, reason, cqe_status;
  logic [1:0]      nak;
  logic [15:0]     ae_code;
  logic            want_cqe, want_eth, want_job, want_ack, want_err, want_free;
  logic            cqe_room, eth_room, job_room, ack_room, free_room, err_room, rooms, all_out;
  logic            act, need_inv;

  assign head       = backs[head_q[SlotW-1:0]];
  assign pois_read  = state_q == CoRead && (clear_valid_i || head_q != fin_q);
  assign pois_raddr = clear_valid_i ? clear_qpn_i[QpW-1:0] : head.qpn[QpW-1:0];

  always_ff @(posedge clk_i) begin
    if (state_q == CoRead && !clear_valid_i && head_q != fin_q) begin
      item_q     <= head;
      inv_done_q <= 1'b0;
    end
    if (state_q == CoInvWait && inv_rsp_valid_i) begin
      inv_done_q   <= 1'b1;
      inv_status_q <= inv_rsp_status_i;
    end
    if (rst_i) state_q <= CoRead;
    else state_q <= state_d;
  end

  assign eth          = item_q.side == tern_pkg::PlEth;
  assign rsp          = item_q.side == tern_pkg::PlRsp;
  assign key_target   = item_q.target == tern_pkg::TgKey || item_q.target == tern_pkg::TgProbe;
  assign entry_target = item_q.target == tern_pkg::TgRq || item_q.target == tern_pkg::TgSq;
  assign names_wqe    = entry_target || item_q.cqe_valid;
  assign refused      = refused_q[head_q[SlotW-1:0]];
  assign buserr       = buserr_q[head_q[SlotW-1:0]];
  assign pois         = rsp ? pois_rsp_q : pois_rh_q;
  assign pois_wqe     = pois[23:8];
  assign pois_status  = pois[7:0];
  assign was_mild     = pois[PoisonW];
  assign mild_bad     = bad && item_q.quiet &&
                        (item_q.err ? item_q.reason == tern_hw_pkg::TERN_HW_QP_REASON_RQ_LENGTH
                                    : refused && item_q.target == tern_pkg::TgKey);
  assign poisoned     = pois[PoisonW-1] && !eth && !item_q.marker &&
                        !(was_mild && (item_q.starts || (bad && !mild_bad && !again_bad)));
  assign again_bad    = refused && !item_q.err && item_q.quiet &&
                        item_q.target == tern_pkg::TgProbe;
  assign failed       = bad && !poisoned && !item_q.marker && !again_bad;
  assign mild         = failed && mild_bad;

  always_comb begin
    bad     = 1'b1;
    status  = tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL;
    reason  = tern_hw_pkg::TERN_HW_QP_REASON_DMA;
    nak     = 2'd3;
    ae_code = tern_hw_pkg::TERN_HW_AE_CODE_QP_FATAL;
    if (item_q.err) begin
      status = item_q.status;
      reason = item_q.reason;
      if (reason == tern_hw_pkg::TERN_HW_QP_REASON_RQ_LENGTH) begin
        nak     = 2'd1;
        ae_code = tern_hw_pkg::TERN_HW_AE_CODE_QP_REQUEST;
      end
    end else if (refused && key_target) begin
      status  = tern_hw_pkg::TERN_HW_WC_STATUS_LOC_ACCESS;
      reason  = tern_hw_pkg::TERN_HW_QP_REASON_IN_ACCESS;
      nak     = 2'd2;
      ae_code = tern_hw_pkg::TERN_HW_AE_CODE_QP_ACCESS;
    end else if (refused) begin
      status = tern_hw_pkg::TERN_HW_WC_STATUS_LOC_PROT;
      reason = rsp ? tern_hw_pkg::TERN_HW_QP_REASON_RQ_ACCESS
                   : tern_hw_pkg::TERN_HW_QP_REASON_SQ_ACCESS;
    end else if (buserr) begin
      status = tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL;
    end else if (inv_done_q && inv_status_q != tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS) begin
      status  = inv_status_q;
      if (inv_status_q != tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL) begin
        reason  = tern_hw_pkg::TERN_HW_QP_REASON_IN_ACCESS;
        nak     = 2'd2;
        ae_code = tern_hw_pkg::TERN_HW_AE_CODE_QP_ACCESS;
      end
    end else begin
      bad = 1'b0;
    end
  end

  assign need_inv  = item_q.inv && !item_q.marker && !poisoned && !failed && !inv_done_q;

  assign want_cqe  = item_q.cqe_valid && !eth && !item_q.marker &&
                     (!item_q.cqe_silent || poisoned || failed);
  assign want_eth  = item_q.cqe_valid && eth && !item_q.marker && (!item_q.cqe_silent || failed);
  assign want_job  = item_q.job_valid && !item_q.marker && !poisoned && !failed;
  assign want_ack  = !item_q.marker && !poisoned &&
                     (failed ? rsp && !item_q.quiet : item_q.ack_valid);
  assign want_err  = failed && !eth && !mild;
  assign want_free = item_q.pkt && !item_q.marker;

  assign rooms = (!want_cqe || cqe_room) && (!want_eth || eth_room) && (!want_job || job_room) &&
                 (!want_ack || ack_room) && (!want_err || err_room) && (!want_free || free_room);
  assign all_out = !cqe_valid_o && !eth_cqe_valid_o && !job_valid_o && !ack_valid_o &&
                   !qp_err_valid_o && !free_valid_o;

  assign drained_valid_o = state_q == CoAct && item_q.marker && all_out;
  assign drained_side_o  = item_q.side;
  assign drained_qpn_o   = item_q.qpn;

  assign act    = state_q == CoAct && !item_q.marker && !need_inv && rooms;
  assign commit = act || (drained_valid_o && drained_ready_i);

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      CoRead: begin
        if (clear_valid_i && !sweep_q) state_d = CoClear;
        else if (!clear_valid_i && head_q != fin_q) state_d = CoAct;
      end
      CoAct: begin
        if (commit) state_d = CoRead;
        else if (need_inv) state_d = CoInv;
      end
      CoInv: if (inv_ready_i) state_d = CoInvWait;
      CoInvWait: if (inv_rsp_valid_i) state_d = CoAct;
      default: state_d = CoRead;
    endcase
  end

  // Table writes: the sweep, a clear, a failure, the end of a message that failed
  always_comb begin
    pois_mild   = mild || !failed;
    pois_we_rsp = act && rsp && (want_err || mild ||
                                 (was_mild && item_q.starts && !item_q.marker && !failed));
    pois_we_rh  = act && want_err && !rsp;
    pois_waddr  = item_q.qpn[QpW-1:0];
    pois_wdata  = {mild, failed, item_q.wqe,
                   (names_wqe || mild) ? status : tern_hw_pkg::TERN_HW_WC_STATUS_WR_FLUSH};
    if (sweep_q || state_q == CoClear) begin
      pois_mild   = 1'b0;
      pois_we_rsp = 1'b1;
      pois_we_rh  = 1'b1;
      pois_waddr  = sweep_q ? sweep_at_q : clear_qpn_i[QpW-1:0];
      pois_wdata  = '0;
    end
  end

  assign clear_ready_o     = state_q == CoClear;
  assign clear_rsp_valid_o = state_q == CoClear;
  // A message that failed is no reason for the QP
  assign clear_rsp_o       = {pois_rh_q[PoisonW-1:0], pois_rsp_q[PoisonW-1] && !pois_rsp_q[PoisonW],
                              pois_rsp_q[PoisonW-2:0]};

  // --------------------------------------------------------------------------------- outputs

  always_comb begin
    inv_o        = '0;
    inv_o.qpn    = item_q.qpn;
    inv_o.remote = 1'b1;
    inv_o.key    = item_q.inv_key;
    inv_o.pd     = item_q.pd;
    inv_o.priv   = item_q.priv;
  end

  assign inv_valid_o = state_q == CoInv;

  tern_hw_pkg::tern_hw_cqe_t  cqe;
  tern_pkg::cqe_req_t         cqe_in;
  tern_pkg::ack_t             ack_in;
  tern_pkg::qp_err_t          err_in;
  logic [tern_pkg::CqeReqW-1:0] cqe_bits, eth_bits;
  logic [$bits(ack_in)-1:0]   ack_bits;
  logic [$bits(err_in)-1:0]   err_bits;
  tern_pkg::job_t             job_in;
  logic [$bits(job_in)-1:0]   job_bits;

  always_comb begin
    cqe        = item_q.cqe;
    cqe_status = cqe.info.status;
    if (poisoned) begin
      cqe_status = (item_q.wqe == pois_wqe || was_mild) ? pois_status
                                          : tern_hw_pkg::TERN_HW_WC_STATUS_WR_FLUSH;
    end else if (failed) begin
      cqe_status = status;
    end
    cqe.info.status  = cqe_status;
    cqe_in.cqn       = item_q.cqn;
    cqe_in.solicited = item_q.solicited || cqe_status != tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;
    cqe_in.cqe       = cqe;

    ack_in = item_q.ack;
    if (failed) ack_in.syndrome = {6'b011000, nak};

    err_in.qpn       = item_q.qpn;
    err_in.wqe_valid = names_wqe;
    err_in.rq        = rsp;
    err_in.wqe       = item_q.wqe;
    err_in.status    = pois_wdata[7:0];
    err_in.reason    = reason;
    err_in.ae_code   = ae_code;

    job_in = item_q.job;
    if (again_bad) job_in.kind = tern_pkg::JobReplay;
  end

  tern_fifo #(.Width(tern_pkg::CqeReqW), .Depth(2)) u_cqe (
    .clk_i, .rst_i,
    .in_valid_i(act && want_cqe), .in_ready_o(cqe_room), .in_data_i(cqe_in),
    .out_valid_o(cqe_valid_o), .out_ready_i(cqe_ready_i), .out_data_o(cqe_bits)
  );
  tern_fifo #(.Width(tern_pkg::CqeReqW), .Depth(2)) u_eth_cqe (
    .clk_i, .rst_i,
    .in_valid_i(act && want_eth), .in_ready_o(eth_room), .in_data_i(cqe_in),
    .out_valid_o(eth_cqe_valid_o), .out_ready_i(eth_cqe_ready_i), .out_data_o(eth_bits)
  );
  tern_fifo #(.Width(tern_pkg::QpnW + 25 + $bits(job_in)), .Depth(2)) u_job (
    .clk_i, .rst_i,
    .in_valid_i(act && want_job), .in_ready_o(job_room),
    .in_data_i({item_q.qpn, item_q.pd, item_q.priv, job_in}),
    .out_valid_o(job_valid_o), .out_ready_i(job_ready_i),
    .out_data_o({job_qpn_o, job_pd_o, job_priv_o, job_bits})
  );
  tern_fifo #(.Width($bits(ack_in)), .Depth(2)) u_ack (
    .clk_i, .rst_i,
    .in_valid_i(act && want_ack), .in_ready_o(ack_room), .in_data_i(ack_in),
    .out_valid_o(ack_valid_o), .out_ready_i(ack_ready_i), .out_data_o(ack_bits)
  );
  tern_fifo #(.Width(7), .Depth(4)) u_free (
    .clk_i, .rst_i,
    .in_valid_i(act && want_free), .in_ready_o(free_room), .in_data_i(item_q.id),
    .out_valid_o(free_valid_o), .out_ready_i(free_ready_i), .out_data_o(free_id_o)
  );
  tern_fifo #(.Width($bits(err_in)), .Depth(2)) u_err (
    .clk_i, .rst_i,
    .in_valid_i(act && want_err), .in_ready_o(err_room), .in_data_i(err_in),
    .out_valid_o(qp_err_valid_o), .out_ready_i(qp_err_ready_i), .out_data_o(err_bits)
  );

  assign cqe_o     = cqe_bits;
  assign eth_cqe_o = eth_bits;
  assign ack_o     = ack_bits;
  assign qp_err_o  = err_bits;
  assign job_o     = job_bits;

  assign job_busy_o     = act && want_job;
  assign job_busy_qpn_o = item_q.qpn;

  assign stat_error_o = act && failed;
  assign idle_o       = head_q == tail_q && !sweep_q && all_out && !fence_q &&
                        state_q == CoRead && !clear_valid_i;

endmodule
