// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// What the control writes into which line of a QP object. Combinational: target and action give
// the mask and the data of a control item (qp_item_t).
//
//   AcRead    nothing (mask 0)
//   AcCreate  all of the line, state RESET
//   AcReset   all but what CREATE_QP has set. The epoch is 0 again, as that of tern_sched is
//   AcOff     nothing is sent, accepted or flushed any more
//   AcFlush   state error: work queue entries from done_i on, and receives, complete with wr_flush
//   AcModify  attributes of MODIFY_QP, and what a transition does
//   AcDrain   state SQD: the response handler reports when nothing is outstanding
//   AcHold    suspended: the response handler is to stop the ACK timer
//   AcResume  no more
//   AcDrop    nothing, and the line leaves the cache. So it does with AcCreate of `ring`, which has
//             two readers: both find it in host memory then
//
// skip_o: there is nothing to do (AcModify without an attribute for this line).

module tern_qp_lines (
  input  logic [2:0]   target_i,    // tern_hw_qp_line_e, or 6: second reader of `ring`
  input  logic [3:0]   action_i,

  input  logic [511:0] wqe_i,       // AcCreate: tern_hw_cqp_qp_wqe_t
  input  logic [15:0]  attrs_i,     // AcModify: tern_hw_qp_attr_mask_e
  input  logic [511:0] attr_i,      // tern_hw_qp_attr_t
  input  logic         to_rtr_i,    // INIT to RTR
  input  logic         to_rts_i,    // RTR to RTS
  input  logic         undrain_i,   // SQD to RTS

  input  logic [15:0]  done_i,      // AcFlush: of line `rh`
  input  logic         sq_err_i,    // this entry fails with this status
  input  logic [15:0]  sq_wqe_i,
  input  logic [7:0]   sq_status_i,
  input  logic         rq_err_i,
  input  logic [15:0]  rq_wqe_i,
  input  logic [7:0]   rq_status_i,

  output logic         skip_o,
  output logic         drop_o,
  output logic [511:0] mask_o,
  output logic [511:0] data_o
);

  // Shared with tern_qp_seq
  localparam logic [3:0] AcCreate = 4'd1, AcReset = 4'd2, AcOff = 4'd3, AcFlush = 4'd4;
  localparam logic [3:0] AcModify = 4'd5, AcDrain = 4'd6, AcDrop = 4'd7, AcHold = 4'd8;
  localparam logic [3:0] AcResume = 4'd9;

  localparam logic [2:0] LnSeg = {tern_hw_pkg::TERN_HW_QP_LINE_SEG};
  localparam logic [2:0] LnRh  = {tern_hw_pkg::TERN_HW_QP_LINE_RH};
  localparam logic [2:0] LnRsp = {tern_hw_pkg::TERN_HW_QP_LINE_RSP};
  localparam logic [2:0] LnRr  = {tern_hw_pkg::TERN_HW_QP_LINE_RR};
  localparam logic [2:0] LnNet = {tern_hw_pkg::TERN_HW_QP_LINE_NET};

  tern_hw_pkg::tern_hw_cqp_qp_wqe_t wqe;
  tern_hw_pkg::tern_hw_qp_attr_t    attr;

  logic [63:0] attr_net;

  assign wqe      = wqe_i;
  assign attr     = attr_i;
  assign attr_net = attr.net;

  logic has_path, has_dest, has_mtu, has_rd, has_dest_rd, has_timeout, has_retry, has_rnr;
  logic has_min_rnr, has_sq_psn, has_rq_psn, has_access, has_qkey;

  assign has_path    = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_PATH);
  assign has_dest    = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_DEST_QPN);
  assign has_mtu     = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_MTU);
  assign has_rd      = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_MAX_RD);
  assign has_dest_rd = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_MAX_DEST_RD);
  assign has_timeout = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_TIMEOUT);
  assign has_retry   = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_RETRY_CNT);
  assign has_rnr     = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_RNR_RETRY);
  assign has_min_rnr = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER);
  assign has_sq_psn  = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_SQ_PSN);
  assign has_rq_psn  = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_RQ_PSN);
  assign has_access  = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_ACCESS);
  assign has_qkey    = |(attrs_i & tern_hw_pkg::TERN_HW_QP_ATTR_MASK_QKEY);

  // --------------------------------------------------------------------------------- seg

  tern_hw_pkg::tern_hw_qp_seg_t seg, seg_m;  // _m: what of it is meant

  always_comb begin
    seg   = '0;
    seg_m = '0;
    unique case (action_i)
      AcCreate: begin
        seg_m              = '1;
        seg.conn.transport = wqe.attr.transport;
        seg.conn.priv      = wqe.attr.priv;
        seg.conn.pd        = wqe.attr.pd;
        seg.cq.scq         = wqe.cqs.scq;
      end
      AcReset: begin
        seg_m                = '1;
        seg_m.conn.transport = '0;
        seg_m.conn.priv      = '0;
        seg_m.conn.pd        = '0;
        seg_m.cq.scq         = '0;
      end
      AcOff: begin
        seg_m.conn.active   = '1;
        seg_m.conn.flushing = '1;
      end
      AcFlush: begin
        seg_m.conn.flushing  = '1;
        seg_m.cq.stopped     = '1;
        seg_m.cq.err_valid   = '1;
        seg_m.cq.err_wqe     = '1;
        seg_m.cq.err_status  = '1;
        seg_m.at.wqe         = '1;
        seg_m.message.offset = '1;
        seg_m.message.mid    = '1;
        seg.conn.flushing    = 1'b1;
        seg.cq.err_valid     = sq_err_i;
        seg.cq.err_wqe       = sq_wqe_i;
        seg.cq.err_status    = sq_status_i;
        seg.at.wqe           = done_i;
      end
      AcModify: begin
        seg_m.conn.mtu      = {3{has_mtu}};
        seg_m.conn.dest_qpn = {24{has_dest}};
        seg_m.conn.max_rd   = {5{has_rd}};
        seg.conn.mtu        = attr.conn.mtu;
        seg.conn.dest_qpn   = attr.conn.dest_qpn;
        seg.conn.max_rd     = attr.conn.max_rd;
        seg_m.count2.qkey   = {32{has_qkey}};
        seg.count2.qkey     = attr.rights.qkey;
        if (has_sq_psn) begin
          seg_m.at.psn          = '1;
          seg_m.message.psn_max = '1;
          seg.at.psn            = attr.psn.sq;
          seg.message.psn_max   = attr.psn.sq;
        end
        seg_m.conn.active = to_rts_i;
        seg.conn.active   = 1'b1;
      end
      default: ;
    endcase
  end

  // ---------------------------------------------------------------------------------- rh

  tern_hw_pkg::tern_hw_qp_rh_t rh, rh_m;

  always_comb begin
    rh   = '0;
    rh_m = '0;
    unique case (action_i)
      AcCreate: begin
        rh_m              = '1;
        rh.conn.transport = wqe.attr.transport;
        rh.conn.priv      = wqe.attr.priv;
        rh.conn.pd        = wqe.attr.pd;
        rh.cq.scq         = wqe.cqs.scq;
      end
      AcReset: begin
        rh_m                = '1;
        rh_m.conn.transport = '0;
        rh_m.conn.priv      = '0;
        rh_m.conn.pd        = '0;
        rh_m.cq.scq         = '0;
        rh_m.at.gen         = '0;  // goes on, so that no old event of the timer fits
      end
      AcOff: begin
        rh_m.conn.active   = '1;
        rh_m.conn.draining = '1;
      end
      AcModify: begin
        rh_m.conn.mtu       = {3{has_mtu}};
        rh_m.conn.timeout   = {5{has_timeout}};
        rh_m.conn.retry_cnt = {3{has_retry}};
        rh_m.conn.rnr_retry = {3{has_rnr}};
        rh.conn.mtu         = attr.conn.mtu;
        rh.conn.timeout     = attr.conn.timeout;
        rh.conn.retry_cnt   = attr.conn.retry_cnt;
        rh.conn.rnr_retry   = attr.conn.rnr_retry;
        rh_m.at.una         = {24{has_sq_psn}};
        rh.at.una           = attr.psn.sq;
        if (to_rts_i) begin
          rh_m.conn.active  = 1'b1;
          rh_m.at.retries   = '1;
          rh_m.at.rnr_tries = '1;
          rh.conn.active    = 1'b1;
          rh.at.retries     = attr.conn.retry_cnt;
          rh.at.rnr_tries   = attr.conn.rnr_retry;
        end
        rh_m.conn.draining = undrain_i;
      end
      AcDrain: begin
        rh_m.conn.draining = 1'b1;
        rh.conn.draining   = 1'b1;
      end
      AcHold, AcResume: begin
        rh_m.conn.held  = 1'b1;
        rh_m.conn.rearm = 1'b1;
        rh.conn.held    = action_i == AcHold;
        rh.conn.rearm   = 1'b1;
      end
      default: ;
    endcase
  end

  // --------------------------------------------------------------------------------- rsp

  tern_hw_pkg::tern_hw_qp_rsp_t rsp, rsp_m;

  always_comb begin
    rsp   = '0;
    rsp_m = '0;
    unique case (action_i)
      AcCreate: begin
        rsp_m              = '1;
        rsp.conn.transport = wqe.attr.transport;
        rsp.conn.priv      = wqe.attr.priv;
        rsp.conn.rq_valid  = wqe.attr.rq_valid;
        rsp.conn.pd        = wqe.attr.pd;
        rsp.cq.rcq         = wqe.cqs.rcq;
      end
      AcReset: begin
        rsp_m                = '1;
        rsp_m.conn.transport = '0;
        rsp_m.conn.priv      = '0;
        rsp_m.conn.rq_valid  = '0;
        rsp_m.conn.pd        = '0;
        rsp_m.cq.rcq         = '0;
      end
      AcOff: begin
        rsp_m.conn.active   = '1;
        rsp_m.conn.flushing = '1;
      end
      AcFlush: begin
        rsp_m.conn.flushing = '1;
        rsp_m.conn.stopped  = '1;
        rsp_m.cq.err_valid  = '1;
        rsp_m.cq.err_wqe    = '1;
        rsp_m.cq.err_status = '1;
        rsp.conn.flushing   = 1'b1;
        rsp.cq.err_valid    = rq_err_i;
        rsp.cq.err_wqe      = rq_wqe_i;
        rsp.cq.err_status   = rq_status_i;
      end
      AcModify: begin
        rsp_m.conn.mtu           = {3{has_mtu}};
        rsp_m.conn.max_dest_rd   = {5{has_dest_rd}};
        rsp_m.conn.min_rnr_timer = {5{has_min_rnr}};
        rsp_m.conn.access        = {4{has_access}};
        rsp_m.at.epsn            = {24{has_rq_psn}};
        rsp.conn.mtu             = attr.conn.mtu;
        rsp.conn.max_dest_rd     = attr.conn.max_dest_rd;
        rsp.conn.min_rnr_timer   = attr.conn.min_rnr_timer;
        rsp.conn.access          = attr.rights.access;
        rsp.at.epsn              = attr.psn.rq;
        rsp_m.message.rkey       = {32{has_qkey}};  // Q_Key
        rsp.message.rkey         = attr.rights.qkey;
        rsp_m.conn.active        = to_rtr_i;
        rsp.conn.active          = 1'b1;
        rsp_m.conn.wait_first    = to_rtr_i || to_rts_i;
        rsp.conn.wait_first      = to_rtr_i;
      end
      default: ;
    endcase
  end

  // ---------------------------------------------------------------------- rr, net, ring

  tern_hw_pkg::tern_hw_qp_rr_t   rr, rr_m;
  tern_hw_pkg::tern_hw_qp_net_t  net, net_m;
  tern_hw_pkg::tern_hw_qp_ring_t ring;

  always_comb begin
    rr   = '0;
    rr_m = '0;
    unique case (action_i)
      AcCreate: begin
        rr_m         = '1;
        rr.conn.priv = wqe.attr.priv;
        rr.conn.pd   = wqe.attr.pd;
      end
      AcReset: begin
        rr_m           = '1;
        rr_m.conn.priv = '0;
        rr_m.conn.pd   = '0;
      end
      AcOff: rr_m.conn.active = 1'b1;
      AcModify: begin
        rr_m.conn.mtu      = {3{has_mtu}};
        rr_m.conn.dest_qpn = {24{has_dest}};
        rr_m.conn.active   = to_rtr_i;
        rr.conn.mtu        = attr.conn.mtu;
        rr.conn.dest_qpn   = attr.conn.dest_qpn;
        rr.conn.active     = 1'b1;
      end
      default: ;
    endcase
  end

  always_comb begin
    net   = '0;
    net_m = '0;
    unique case (action_i)
      AcCreate, AcReset: begin
        net_m         = '1;
        net.conn.pkey = 16'hffff;
      end
      AcModify: begin
        net_m.net           = {64{has_path}};
        net_m.mac           = {64{has_path}};
        net_m.dgid          = {128{has_path}};
        net_m.conn.valid    = has_path;
        net_m.conn.dest_qpn = {24{has_dest}};
        net.net             = {1'b0, attr_net[62:0]};
        net.mac             = 64'(attr.mac.addr);
        net.dgid            = attr.dgid;
        net.conn.valid      = 1'b1;
        net.conn.dest_qpn   = attr.conn.dest_qpn;
      end
      default: ;
    endcase
  end

  always_comb begin
    ring         = '0;
    ring.sq_ring = wqe.sq_ring;
    ring.rq_ring = wqe.rq_ring;
    ring.attr    = wqe.attr;
  end

  // ----------------------------------------------------------------------------- the item

  logic is_ring;

  always_comb begin
    is_ring = 1'b0;
    unique case (target_i)
      LnSeg: {mask_o, data_o} = {seg_m, seg};
      LnRh:  {mask_o, data_o} = {rh_m, rh};
      LnRsp: {mask_o, data_o} = {rsp_m, rsp};
      LnRr:  {mask_o, data_o} = {rr_m, rr};
      LnNet: {mask_o, data_o} = {net_m, net};
      default: begin
        is_ring = 1'b1;
        mask_o  = (action_i == AcCreate) ? '1 : '0;
        data_o  = ring;
      end
    endcase
  end

  assign drop_o = action_i == AcDrop || (is_ring && action_i == AcCreate);
  assign skip_o = action_i == AcModify && mask_o == '0;

endmodule
