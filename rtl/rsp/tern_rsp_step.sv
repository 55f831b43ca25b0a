// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// What one request packet, or one flush, does to the line of its QP: combinational, no state.
// The rules are those of IBTA 9.7.4 (PSN), 9.7.4.1.5 (opcode sequence), 9.7.4.1.6-8 (lengths),
// 9.7.5 (answers) and 9.7.5.2 (NAK codes).
//
//   in sequence  checked, carried out, epsn and msn go on
//   duplicate    answered again: ACK, READ once more, atomic from its stored result
//   gap          one sequence NAK, until the gap is closed
//
// A packet that is refused for good stops the QP: final NAK, report, and everything after it is
// dropped until the control has patched the line. Whatever is dropped still yields an item,
// which frees its packet. The acknowledgement in an item is filled in even if none is due, for
// tern_place makes a NAK of it when the data cannot be stored.
//
// UC (IBTA 9.8.3): First and Only are taken with any PSN and begin a message; Middle and Last must be
// next. What does not fit is dropped, and with it the rest of its message. Nothing is answered.
//
// UD and GSI: a packet is a message; PSNs mean nothing. Its Q_Key must be that of the QP. It makes two items:
// the network header, for the first 40 bytes of the entry, and then (second_i) data and all else.
//
// The region of a READ or an atomic is looked up by tern_place, in the order of requests, so that
// nothing behind one that is refused is carried out.
//
// The ACK for a duplicate acknowledges all that has come, which lets the peer stop repeating; but not
// if a READ or atomic came last. Its response may have been lost, and an ACK at its own PSN could be
// taken for one (Soft-RoCE completes the READ, without its data). Then it acknowledges the duplicate.
//
// More READs and atomics than max_dest_rd are an invalid request, but not if repeated ones are among
// those under way: the peer may have had its answers meanwhile, and need not know that they are given
// once more. Then it is told to come again (RNR NAK).
//
// No end-to-end credits are given (AETH syndrome 0x1f): a sender that finds no receive entry is
// told so by RNR NAK, as RoCE adapters do. After an RNR NAK the packets behind it are a gap that
// is not reported again.

module tern_rsp_step (
  input  tern_pkg::rx_pkt_t        pkt_i,
  input  logic                     flush_i,        // no packet: complete one entry as flushed
  input  logic                     second_i,       // the item of the header is made
  input  tern_pkg::hmc_err_e       err_i,          // the line could not be read
  input  tern_hw_pkg::tern_hw_qp_rsp_t line_i,
  input  logic [tern_pkg::QpnW-1:0] qpn_i,
  input  logic                     rq_exists_i,
  input  logic [15:0]              rq_producer_i,
  input  logic [5:0]               jobs_done_i,    // READs and atomics finished, modulo 64
  input  logic                     rr_few_i,       // no more of them are taken now

  output logic                     line_we_o,
  output tern_hw_pkg::tern_hw_qp_rsp_t line_o,
  output tern_pkg::pl_item_t       item_o,
  output logic                     flush_more_o,   // there are entries left to flush
  output logic                     twice_o,        // this is the item of the header

  output logic                     err_o,
  output tern_pkg::qp_err_t        err_info_o,
  output logic                     comm_est_o,

  output logic                     stat_request_o,
  output logic                     stat_duplicate_o,
  output logic                     stat_gap_o,
  output logic                     stat_rnr_o,
  output logic                     stat_dropped_o,
  output logic                     stat_qkey_o
);

  localparam logic [7:0] AckOk     = 8'h1f;  // no credits
  localparam logic [7:0] NakSeq    = 8'h60;
  localparam logic [7:0] NakInvReq = 8'h61;
  localparam logic [7:0] NakAccess = 8'h62;

  localparam logic [2:0] MidNone  = 3'd0;
  localparam logic [2:0] MidSend  = 3'd1;
  localparam logic [2:0] MidWrite = 3'd2;

  // ---------------------------------------------------------------------------- the opcode

  logic is_uc, is_ud, is_quiet;
  logic is_send, is_write, is_read, is_swap, is_add, is_atomic;
  logic starts, ends, with_imm, with_inv;

  assign is_uc    = line_i.conn.transport == tern_hw_pkg::TERN_HW_QP_TYPE_UC;
  assign is_ud    = line_i.conn.transport == tern_hw_pkg::TERN_HW_QP_TYPE_UD ||
                    line_i.conn.transport == tern_hw_pkg::TERN_HW_QP_TYPE_GSI;
  assign is_quiet = is_uc || is_ud;   // nothing is answered

  always_comb begin
    {is_send, is_write, is_read, is_swap, is_add} = '0;
    {starts, ends, with_imm, with_inv} = '0;
    unique case (pkt_i.opcode ^ (is_ud ? 8'h60 : is_uc ? 8'h20 : 8'h00))
      8'd0:    {is_send, starts} = '1;
      8'd1:    is_send = 1'b1;
      8'd2:    {is_send, ends} = '1;
      8'd3:    {is_send, ends, with_imm} = '1;
      8'd4:    {is_send, starts, ends} = '1;
      8'd5:    {is_send, starts, ends, with_imm} = '1;
      8'd6:    {is_write, starts} = '1;
      8'd7:    is_write = 1'b1;
      8'd8:    {is_write, ends} = '1;
      8'd9:    {is_write, ends, with_imm} = '1;
      8'd10:   {is_write, starts, ends} = '1;
      8'd11:   {is_write, starts, ends, with_imm} = '1;
      8'd12:   {is_read, starts, ends} = '1;
      8'd19:   {is_swap, starts, ends} = '1;
      8'd20:   {is_add, starts, ends} = '1;
      8'd22:   {is_send, ends, with_inv} = '1;
      8'd23:   {is_send, starts, ends, with_inv} = '1;
      default: ;
    endcase
  end

  assign is_atomic = is_swap || is_add;

  // ------------------------------------------------------------------- the extended headers

  logic [63:0] reth_va;
  logic [31:0] reth_key, reth_len, word0, word4, imm;
  logic [63:0] swap, compare;
  logic        qkey_ok;

  function automatic logic [31:0] be32(input logic [31:0] b);
    be32 = {b[7:0], b[15:8], b[23:16], b[31:24]};
  endfunction

  assign reth_va  = {be32(pkt_i.ext[31:0]), be32(pkt_i.ext[63:32])};
  assign reth_key = be32(pkt_i.ext[95:64]);
  assign reth_len = be32(pkt_i.ext[127:96]);
  assign swap     = {be32(pkt_i.ext[127:96]), be32(pkt_i.ext[159:128])};
  assign compare  = {be32(pkt_i.ext[191:160]), be32(pkt_i.ext[223:192])};
  assign word0    = pkt_i.ext[31:0];
  assign word4    = pkt_i.ext[159:128];
  assign qkey_ok  = be32(word0) == line_i.message.rkey;
  // Immediate data stays in network order, a key does not
  assign imm      = with_inv ? be32(word0) : is_ud ? pkt_i.ext[95:64] :
                    (is_write && starts) ? word4 : word0;

  // ----------------------------------------------------------------------------- lengths

  logic [12:0] mtu, len;
  logic [23:0] read_packets;
  logic        len_ok;
  logic [31:0] left;       // WRITE: bytes to come before this packet

  assign mtu  = 13'd128 << line_i.conn.mtu;
  assign len  = pkt_i.len[12:0];
  assign left = starts ? reth_len : line_i.message.left;

  always_comb begin
    read_packets = 24'((reth_len + 32'(mtu) - 32'd1) >> (4'd7 + 4'(line_i.conn.mtu)));
    if (reth_len == '0) read_packets = 24'd1;
  end

  always_comb begin
    if (is_read || is_atomic) len_ok = len == '0;
    else if (!ends)           len_ok = len == mtu;
    else if (!starts)         len_ok = len != '0 && len <= mtu;
    else                      len_ok = len <= mtu;
    if (is_write && ends && left != 32'(len)) len_ok = 1'b0;
    if (is_write && !ends && left <= 32'(len)) len_ok = 1'b0;
    if ((is_write && starts) || is_read) len_ok = len_ok && reth_len <= 32'h8000_0000;
    if (pkt_i.len[13]) len_ok = 1'b0;
  end

  // ------------------------------------------------------------------------- what is the case

  logic        usable;       // the QP takes requests
  logic [23:0] ahead;
  logic        in_seq, duplicate, gap;
  logic        drop;         // UC, UD: for whatever reason
  logic        good;         // UC, UD: all but that there may be no receive entry
  logic        order_ok, aligned, has_right, needs_entry, has_entry, job_room;
  logic [5:0]  jobs;
  logic        bad_request, bad_access, not_ready, accept;
  logic        is_job, again;
  logic        dup_fits, dup_job;
  logic [23:0] job_end;

  assign usable    = err_i == tern_pkg::HmcOk && line_i.conn.active && !line_i.conn.stopped &&
                     !pkt_i.marker && !flush_i;
  assign ahead     = pkt_i.psn - line_i.at.epsn;
  assign in_seq    = usable && (ahead == '0 || (is_quiet && starts));
  assign duplicate = usable && !is_quiet && ahead[23];
  assign gap       = usable && !is_quiet && ahead != '0 && !ahead[23];

  always_comb begin
    unique case (line_i.at.mid)
      MidNone:  order_ok = starts;
      MidSend:  order_ok = is_send && !starts;
      MidWrite: order_ok = is_write && !starts;
      default:  order_ok = 1'b0;
    endcase
    if (is_quiet) order_ok = starts || (order_ok && !is_ud);
    has_right = 1'b1;
    if (is_write && starts) has_right = line_i.conn.access[1];
    if (is_read)            has_right = line_i.conn.access[2];
    if (is_atomic)          has_right = line_i.conn.access[3];
  end

  assign aligned     = !is_atomic || reth_va[2:0] == 3'd0;
  assign needs_entry = (is_send && starts) || (is_write && with_imm);
  assign has_entry   = line_i.conn.rq_valid && rq_exists_i &&
                       rq_producer_i != line_i.recv.wqe;
  assign jobs        = line_i.at.jobs - jobs_done_i;
  assign job_room    = jobs < 6'(line_i.conn.max_dest_rd);

  assign is_job      = is_read || is_atomic;
  assign again       = line_i.at.again && jobs != '0;

  assign good        = order_ok && len_ok && has_right && (!is_ud || qkey_ok);
  assign bad_request = in_seq && !is_quiet && (!order_ok || !len_ok || !aligned ||
                                  (is_job && !job_room && !again));
  assign bad_access  = in_seq && !is_quiet && !bad_request && !has_right;
  assign not_ready   = in_seq && !bad_request && !bad_access &&
                       (!is_quiet || good) &&
                       (needs_entry ? !has_entry : is_job && (rr_few_i || !job_room));
  assign accept      = in_seq && !bad_request && !bad_access && !not_ready &&
                       (!is_quiet || good);
  assign drop        = usable && is_quiet && !accept;
  assign twice_o     = accept && is_ud && !second_i;

  // A READ is repeated as a whole or in its last part, so it ends before what is expected next
  assign job_end  = pkt_i.psn + (is_read ? read_packets : 24'd1) - line_i.at.epsn;
  assign dup_fits = (job_end == '0 || job_end[23]) && len_ok && aligned && has_right && job_room &&
                    !rr_few_i;
  assign dup_job  = duplicate && (is_read || is_atomic) && dup_fits;

  // ------------------------------------------------------------------------------- flushing

  logic flush_one;

  assign flush_one    = flush_i && err_i == tern_pkg::HmcOk && line_i.conn.flushing &&
                        line_i.conn.rq_valid && rq_exists_i && rq_producer_i != line_i.recv.wqe;
  assign flush_more_o = flush_one && rq_producer_i != 16'(line_i.recv.wqe + 16'd1);

  // -------------------------------------------------------------------------------- the line

  logic [31:0] taken;   // bytes of the message with this packet

  assign taken = (is_send && !starts ? line_i.message.left : '0) + 32'(len);

  always_comb begin
    line_o    = line_i;
    line_we_o = accept || drop || duplicate || gap || bad_request || bad_access || not_ready || flush_one;
    line_o.at.again = dup_job || again;
    if (accept) line_o.at.job_last = is_read || is_atomic;
    if (accept) begin
      line_o.conn.wait_first = 1'b0;
      line_o.conn.nak_sent   = 1'b0;
      line_o.at.epsn         = pkt_i.psn + (is_read ? read_packets : 24'd1);
      line_o.at.msn          = line_i.at.msn + 24'(ends);
      line_o.at.mid          = ends ? MidNone : is_send ? MidSend : MidWrite;
      if (is_send) line_o.message.left = taken;
      if (is_write) begin
        line_o.message.left = left - 32'(len);
        line_o.va           = (starts ? reth_va : line_i.va) + 64'(len);
        if (starts) begin
          line_o.message.rkey = reth_key;
          line_o.recv.length  = reth_len;
        end
      end
      if (ends && (is_send || with_imm)) line_o.recv.wqe = line_i.recv.wqe + 16'd1;
      if (is_atomic) line_o.at.atomics = line_i.at.atomics + 4'd1;
      line_o.count.packets = line_i.count.packets + 32'd1;
      if (is_read || is_atomic) line_o.count2.read = line_i.count2.read + 16'd1;
    end
    if ((accept && (is_read || is_atomic)) || dup_job) line_o.at.jobs = line_i.at.jobs + 6'd1;
    if (duplicate) line_o.count.duplicates = line_i.count.duplicates + 16'd1;
    if (gap && !line_i.conn.nak_sent) begin
      line_o.conn.nak_sent = 1'b1;
      line_o.count.gaps    = line_i.count.gaps + 16'd1;
    end
    if (gap && line_i.conn.nak_sent) line_o.count2.dropped = line_i.count2.dropped + 16'd1;
    if (drop) begin
      line_o.at.mid         = MidNone;
      line_o.count2.dropped = line_i.count2.dropped + 16'd1;
    end
    if (not_ready) begin
      line_o.conn.nak_sent = !is_quiet;
      line_o.count2.rnr    = line_i.count2.rnr + 16'd1;
    end
    if (bad_request || bad_access) line_o.conn.stopped = 1'b1;
    if (flush_one) line_o.recv.wqe = line_i.recv.wqe + 16'd1;
  end

  // -------------------------------------------------------------------------------- the CQE

  tern_hw_pkg::tern_hw_cqe_t cqe;

  always_comb begin
    cqe = '0;
    cqe.info.qpn       = 24'(qpn_i);
    cqe.info.rq        = 1'b1;
    cqe.peer.wqe_index = line_i.recv.wqe;
    if (flush_i) begin
      cqe.info.status = tern_hw_pkg::TERN_HW_WC_STATUS_WR_FLUSH;
      if (line_i.cq.err_valid && line_i.cq.err_wqe == line_i.recv.wqe) begin
        cqe.info.status = line_i.cq.err_status;
      end
    end else begin
      cqe.info.opcode    = is_write ? tern_hw_pkg::TERN_HW_RCV_OP_WRITE_IMM
                                    : tern_hw_pkg::TERN_HW_RCV_OP_SEND;
      cqe.info.solicited = pkt_i.solicited;
      cqe.info.with_imm  = with_imm;
      cqe.info.with_inv  = with_inv;
      cqe.imm            = (with_imm || with_inv) ? imm : '0;
      cqe.len            = is_send ? taken : starts ? reth_len : line_i.recv.length;
      if (is_ud) begin
        cqe.len           = 32'(len) + 32'd40;
        cqe.peer.src_qpn  = {pkt_i.ext[47:40], pkt_i.ext[55:48], pkt_i.ext[63:56]};
        cqe.peer.grh      = 1'b1;
        cqe.peer.ipv4     = pkt_i.ipv4;
        cqe.peer.vlan     = pkt_i.vlan;
        cqe.peer.vlan_tci = pkt_i.tci;
      end
    end
  end

  // ------------------------------------------------------------------------------- the item

  logic [23:0] last_psn;
  logic [15:0] header_at;   // bytes from the start of the buffer, modulo 64 KiB

  assign last_psn  = line_i.at.epsn - 24'd1;
  // Before the payload are UDP, BTH, DETH and an immediate
  assign header_at = {pkt_i.line, pkt_i.lane} - (pkt_i.ipv4 ? 16'd48 : 16'd68) -
                     (with_imm ? 16'd4 : 16'd0);

  always_comb begin
    item_o        = '0;
    item_o.side   = tern_pkg::PlRsp;
    item_o.pkt    = !flush_i && !pkt_i.marker;
    item_o.marker = pkt_i.marker && !flush_i;
    item_o.qpn    = qpn_i;
    item_o.pd     = line_i.conn.pd;
    item_o.priv   = line_i.conn.priv;
    item_o.quiet  = (is_quiet || (dup_job && is_read)) && item_o.pkt;
    item_o.starts = starts && !(is_ud && second_i);
    item_o.wqe    = line_i.recv.wqe;
    item_o.cqn    = line_i.cq.rcq;
    item_o.cqe    = cqe;
    item_o.inv_key = imm;

    item_o.id   = pkt_i.id;
    item_o.line = pkt_i.line;
    item_o.lane = pkt_i.lane;

    item_o.job.kind    = is_read ? tern_pkg::JobRead :
                         is_swap ? tern_pkg::JobSwap : tern_pkg::JobAdd;
    item_o.job.psn     = pkt_i.psn;
    item_o.job.msn     = accept ? line_i.at.msn + 24'd1 : line_i.at.msn;
    item_o.job.addr    = reth_va;
    item_o.job.key     = reth_key;
    item_o.job.len     = is_read ? reth_len : '0;
    item_o.job.place   = line_i.at.atomics;
    item_o.job.swap    = swap;
    item_o.job.compare = compare;
    item_o.job.again   = dup_job && is_read;

    item_o.ack.qpn      = qpn_i;
    item_o.ack.psn      = pkt_i.psn;
    // A job is acknowledged by its response, so this is for its NAK
    item_o.ack.msn      = line_i.at.msn + 24'(accept && ends && !is_job);
    item_o.ack.syndrome = AckOk;

    if (flush_i) begin
      item_o.cqe_valid = flush_one;
      item_o.solicited = 1'b1;
    end else if (!pkt_i.marker) begin
      if (accept) begin
        item_o.len       = pkt_i.len;
        item_o.offset    = taken - 32'(len);
        item_o.addr      = starts ? reth_va : line_i.va;
        item_o.key       = starts ? reth_key : line_i.message.rkey;
        item_o.ack_valid = pkt_i.ack_req && !is_quiet && !is_read && !is_atomic;
        item_o.job_valid = is_read || is_atomic;
        if (is_send) begin
          item_o.target    = tern_pkg::TgRq;
          item_o.wqe_last  = ends;
          item_o.cqe_valid = ends;
          item_o.inv       = with_inv;
        end
        if (is_write) begin
          item_o.target    = tern_pkg::TgKey;
          item_o.check_len = starts ? reth_len : '0;
          item_o.cqe_valid = ends && with_imm;
        end
        item_o.solicited = pkt_i.solicited;
      end
      if (accept && is_ud) item_o.offset = 32'd40;
      if (twice_o) begin
        item_o.pkt       = 1'b0;
        item_o.len       = pkt_i.ipv4 ? 14'd20 : 14'd40;
        item_o.offset    = pkt_i.ipv4 ? 32'd20 : 32'd0;
        item_o.wqe_last  = 1'b0;
        item_o.cqe_valid = 1'b0;
        {item_o.line, item_o.lane} = header_at;
      end
      if (duplicate) begin
        if (!dup_job && !line_i.at.job_last) item_o.ack.psn = last_psn;
        item_o.ack_valid = pkt_i.ack_req && (is_send || is_write);
        item_o.job_valid = dup_job;
        if (is_atomic) item_o.job.kind = tern_pkg::JobReplay;
      end
      if (accept && is_job || dup_job && is_read) begin
        item_o.addr      = reth_va;
        item_o.key       = reth_key;
        item_o.check_len = is_read ? reth_len : 32'd8;
        if (!is_read || reth_len != '0) item_o.target = tern_pkg::TgProbe;
      end
      if (gap) begin
        item_o.ack_valid    = !line_i.conn.nak_sent;
        item_o.ack.psn      = line_i.at.epsn;
        item_o.ack.syndrome = NakSeq;
      end
      if (not_ready) begin
        item_o.ack_valid    = !is_quiet;
        item_o.ack.syndrome = {3'b001, line_i.conn.min_rnr_timer};
      end
      if (bad_request || bad_access) begin
        item_o.ack_valid    = 1'b1;
        item_o.ack.syndrome = bad_access ? NakAccess : NakInvReq;
      end
    end
  end

  // -------------------------------------------------------------------------------- reports

  always_comb begin
    err_info_o           = '0;
    err_info_o.qpn       = qpn_i;
    err_info_o.rq        = 1'b1;
    err_info_o.wqe       = line_i.recv.wqe;
    err_info_o.status    = tern_hw_pkg::TERN_HW_WC_STATUS_WR_FLUSH;
    err_info_o.reason    = tern_hw_pkg::TERN_HW_QP_REASON_CONTEXT;
    err_info_o.ae_code   = tern_hw_pkg::TERN_HW_AE_CODE_QP_FATAL;
    if (bad_request) begin
      err_info_o.reason  = tern_hw_pkg::TERN_HW_QP_REASON_IN_REQUEST;
      err_info_o.ae_code = tern_hw_pkg::TERN_HW_AE_CODE_QP_REQUEST;
    end
    if (bad_access) begin
      err_info_o.reason  = tern_hw_pkg::TERN_HW_QP_REASON_IN_ACCESS;
      err_info_o.ae_code = tern_hw_pkg::TERN_HW_AE_CODE_QP_ACCESS;
    end
  end

  assign err_o      = bad_request || bad_access ||
                      (err_i != tern_pkg::HmcOk && !flush_i && !pkt_i.marker);
  // Nobody is connected to a UD QP
  assign comm_est_o = accept && !is_ud && line_i.conn.wait_first;

  assign stat_request_o   = accept && !twice_o;
  assign stat_duplicate_o = duplicate;
  assign stat_gap_o       = gap;
  assign stat_rnr_o       = not_ready;
  assign stat_dropped_o   = drop && !not_ready;
  assign stat_qkey_o      = drop && is_ud && order_ok && len_ok && !qkey_ok;


endmodule
