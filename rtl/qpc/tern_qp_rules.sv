// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// What CREATE_QP and MODIFY_QP may ask for. Combinational.
//
// MODIFY_QP, RC: the table is that of IBTA 1.6 section 11.2.5.2 as ib_modify_qp_is_ok() of Linux
// has it. Attributes that this hardware has no bit for (P_Key index, port, alternate path) belong
// to the host. Without set_state the transition is from the state to itself, so it is allowed in
// INIT, RTS, SQD (and, with nothing in it, in RESET and ERR).
//
//   from       to     needed                                          allowed
//   RESET      INIT   access
//   INIT       INIT                                                   access
//   INIT       RTR    path dest_qpn mtu rq_psn max_dest_rd min_rnr    access
//   RTR        RTS    timeout retry_cnt rnr_retry sq_psn max_rd       access min_rnr
//   RTS        RTS                                                    access min_rnr
//   RTS        SQD
//   SQD        RTS                                                    access min_rnr
//   SQD        SQD                        path timeout retry_cnt rnr_retry max_rd max_dest_rd
//                                         access min_rnr
//   any        RESET
//   not RESET  ERR
//
// The other transports have the same transitions; what they need and allow is less, see
// docs/rc-engine.md section 10.
//
// The first thing that is wrong counts, in the order: state, attribute missing, not allowed, out
// of range; of several attributes the lowest bit.

module tern_qp_rules (
  input  logic [511:0] create_i,   // tern_hw_cqp_qp_wqe_t
  output logic         create_ok_o,
  output logic [15:0]  create_major_o,
  output logic [15:0]  create_minor_o,

  input  logic [511:0] modify_i,   // tern_hw_cqp_modify_qp_wqe_t
  input  logic [511:0] attr_i,     // tern_hw_qp_attr_t
  input  logic [2:0]   state_i,    // tern_hw_qp_state_e
  input  logic [1:0]   transport_i, // tern_hw_qp_type_e
  output logic         modify_ok_o,
  output logic [2:0]   next_o,     // the state it leads to
  output logic [15:0]  modify_major_o,
  output logic [15:0]  modify_minor_o,
  output logic [15:0]  modify_result_o
);

  localparam logic [2:0] SReset = {tern_hw_pkg::TERN_HW_QP_STATE_RESET};
  localparam logic [2:0] SInit  = {tern_hw_pkg::TERN_HW_QP_STATE_INIT};
  localparam logic [2:0] SRtr   = {tern_hw_pkg::TERN_HW_QP_STATE_RTR};
  localparam logic [2:0] SRts   = {tern_hw_pkg::TERN_HW_QP_STATE_RTS};
  localparam logic [2:0] SSqd   = {tern_hw_pkg::TERN_HW_QP_STATE_SQD};
  localparam logic [2:0] SErr   = {tern_hw_pkg::TERN_HW_QP_STATE_ERR};

  localparam logic [15:0] MPath    = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_PATH};
  localparam logic [15:0] MDest    = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_DEST_QPN};
  localparam logic [15:0] MMtu     = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_MTU};
  localparam logic [15:0] MRd      = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_MAX_RD};
  localparam logic [15:0] MDestRd  = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_MAX_DEST_RD};
  localparam logic [15:0] MTimeout = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_TIMEOUT};
  localparam logic [15:0] MRetry   = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_RETRY_CNT};
  localparam logic [15:0] MRnr     = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_RNR_RETRY};
  localparam logic [15:0] MMinRnr  = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER};
  localparam logic [15:0] MSqPsn   = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_SQ_PSN};
  localparam logic [15:0] MRqPsn   = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_RQ_PSN};
  localparam logic [15:0] MAccess  = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_ACCESS};
  localparam logic [15:0] MQkey    = {tern_hw_pkg::TERN_HW_QP_ATTR_MASK_QKEY};

  // ------------------------------------------------------------------------------- create

  localparam logic [7:0] Built = 8'(tern_pkg::Transports);

  tern_hw_pkg::tern_hw_cqp_qp_wqe_t create;
  logic bad_size, bad_address;

  assign create = create_i;

  // Then every value that the fields of a command have is one that a ring may have
  if (tern_pkg::MaxLogSq != 15 || tern_pkg::MaxLogRq != 15) begin : gen_bad_size
    $error("Sizes of rings need to be checked");
  end

  logic sq_shift_bad, rq_shift_bad;

  assign sq_shift_bad = create.attr.sq_page_shift < 5'd12 || create.attr.sq_page_shift > 5'd30;
  assign rq_shift_bad = create.attr.rq_page_shift < 5'd12 || create.attr.rq_page_shift > 5'd30;
  assign bad_size =
      (create.attr.sq_valid &&
       (create.attr.sq_level[0] && sq_shift_bad)) ||
      (create.attr.rq_valid &&
       (create.attr.rq_log_stride > 3'd4 ||
        (create.attr.rq_level[0] && rq_shift_bad)));
  assign bad_address =
      (create.attr.sq_valid &&
       (create.attr.sq_level[0] ? create.sq_ring[63:28] != '0 : create.sq_ring[11:0] != '0)) ||
      (create.attr.rq_valid &&
       (create.attr.rq_level[0] ? create.rq_ring[63:28] != '0 : create.rq_ring[11:0] != '0));

  always_comb begin
    create_major_o = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
    create_minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
    if (!Built[create.attr.transport]) begin
      if (create.attr.transport <= tern_hw_pkg::TERN_HW_QP_TYPE_GSI) begin
        create_major_o = tern_hw_pkg::TERN_HW_CQP_MAJOR_UNSUPPORTED;
      end
      create_minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_TYPE;
    end else if (bad_size) begin
      create_minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_SIZE;
    end else if (bad_address) begin
      create_minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS;
    end else if (32'(create.cqs.page) >= 32'(tern_pkg::NumPages)) begin
      create_minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_PAGE;
    end else if (((create.attr.sq_valid ? 32'(create.cqs.scq) : '0) >> tern_pkg::CqnW) != '0 ||
                 ((create.attr.rq_valid ? 32'(create.cqs.rcq) : '0) >> tern_pkg::CqnW) != '0)
    begin
      create_minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_CQ;
    end
    create_ok_o = create_minor_o == tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
    if (create_ok_o) create_major_o = tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;
  end

  // ------------------------------------------------------------------------------- modify

  tern_hw_pkg::tern_hw_cqp_modify_qp_wqe_t modify;
  tern_hw_pkg::tern_hw_qp_attr_t           attr;
  logic [15:0] mask, need, may, bad_missing, bad_extra, bad_range, bad;
  logic        legal;

  assign modify = modify_i;
  assign attr   = attr_i;
  assign mask   = modify.ctl.mask;
  assign next_o = modify.ctl.set_state ? modify.ctl.state : state_i;

  always_comb begin
    legal = 1'b1;
    need  = '0;
    may   = '0;
    unique case ({state_i, next_o})
      {SReset, SReset}, {SInit, SReset}, {SRtr, SReset}, {SRts, SReset}, {SSqd, SReset},
      {SErr, SReset},
      {SInit, SErr}, {SRtr, SErr}, {SRts, SErr}, {SSqd, SErr}, {SErr, SErr},
      {SRts, SSqd}:    ;
      {SReset, SInit}: need = MAccess;
      {SInit, SInit}:  may  = MAccess;
      {SInit, SRtr}: begin
        need = MPath | MDest | MMtu | MRqPsn | MDestRd | MMinRnr;
        may  = MAccess;
      end
      {SRtr, SRts}: begin
        need = MTimeout | MRetry | MRnr | MSqPsn | MRd;
        may  = MAccess | MMinRnr;
      end
      {SRts, SRts}, {SSqd, SRts}: may = MAccess | MMinRnr;
      {SSqd, SSqd}: may = MPath | MTimeout | MRetry | MRnr | MRd | MDestRd | MAccess | MMinRnr;
      default: legal = 1'b0;
    endcase
    if (transport_i == 2'(tern_hw_pkg::TERN_HW_QP_TYPE_UC)) begin
      need &= ~(MDestRd | MMinRnr | MTimeout | MRetry | MRnr | MRd);
      may  &= ~(MDestRd | MMinRnr | MTimeout | MRetry | MRnr | MRd);
    end
    if (transport_i[1]) begin   // UD, GSI
      need &= MMtu | MSqPsn;
      may   = (next_o == SReset || next_o == SErr || {state_i, next_o} == {SRts, SSqd}) ? '0 : MQkey;
      if ({state_i, next_o} == {SReset, SInit}) need = MQkey;
    end
    if (modify.ctl.check_state && modify.ctl.cur_state != state_i) legal = 1'b0;
  end

  assign bad_missing = need & ~mask;
  assign bad_extra   = mask & ~(need | may);

  always_comb begin
    bad_range = '0;
    if (32'(attr.net.sgid) >= 32'(tern_pkg::NumGids))      bad_range |= MPath;
    if (attr.conn.mtu == '0 || attr.conn.mtu > 3'd5)       bad_range |= MMtu;
    if (32'(attr.conn.max_rd) > 32'(tern_pkg::MaxRd))      bad_range |= MRd;
    if (32'(attr.conn.max_dest_rd) > 32'(tern_pkg::MaxRd)) bad_range |= MDestRd;
    bad_range &= mask;

    if (bad_missing != '0)    bad = bad_missing;
    else if (bad_extra != '0) bad = bad_extra;
    else                      bad = bad_range;

    modify_ok_o     = legal && bad == '0;
    modify_major_o  = tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;
    modify_minor_o  = tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
    modify_result_o = '0;
    if (!legal) begin
      modify_major_o = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;
      modify_minor_o = tern_hw_pkg::TERN_HW_CQP_MINOR_STATE;
    end else if (bad != '0) begin
      modify_major_o  = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
      modify_minor_o  = tern_hw_pkg::TERN_HW_CQP_MINOR_ATTR;
      modify_result_o = bad & (~bad + 16'd1);
    end
  end

endmodule
