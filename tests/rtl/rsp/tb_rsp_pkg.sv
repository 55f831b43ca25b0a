// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// A responder as IBTA describes it, message by message: what a QP knows, and what it does with a
// packet. Written from the rules, not from tern_rsp_step; PSNs are plain integers here that never
// wrap, and a message is kept as a whole.

package tb_rsp_pkg;

  typedef struct {
    bit          active, rq, first_seen, dead, uc, ud;
    bit [31:0]   qkey;
    int unsigned mtu;            // bytes
    bit [3:0]    access;
    int unsigned max_rd, rnr_timer;
    bit [23:0]   pd, rcq;
    longint      epsn;           // not wrapped
    int unsigned msn, atomics;
    bit          gap_told;
    int          kind;           // message in progress: 0 none, 1 SEND, 2 WRITE
    longint      va, length, got;
    bit [31:0]   rkey;
    int unsigned consumed, posted;
    int          jobs;           // under way
    bit          again;          // a repeated one among them, perhaps
    bit          job_last;       // what came last is one
    bit          flushing;
    int          err_wqe;        // -1: none
    bit [7:0]    err_status;
  } qp_t;

  typedef enum int { Drop, Take, Ack, Nak } verdict_e;

  // What is expected of the item, and of the report
  typedef struct {
    bit          marker, pkt, data_rq, data_key, probe, last, inv, job, cqe, ack, comm;
    bit          quiet, starts;  // starts: if there is data, or a CQE
    bit          dropped, qkey;
    bit          ud;             // a UD message: before it comes an item for its header
    bit [15:0]   at;             //   which is here in the buffer
    bit [23:0]   src;
    bit          ipv4, vlan;
    bit [15:0]   tci;
    bit [6:0]    id;
    int unsigned len, wqe;
    longint      offset, va, check;
    bit [31:0]   key, inv_key, cqe_len, imm;
    bit          imm_valid, solicited, write_imm;
    bit [7:0]    status, syndrome;
    bit [23:0]   ack_psn, ack_msn, job_psn, job_msn;
    bit          ack_known;      // ack fields are to be right even if ack is 0
    int          job_kind;
    bit [31:0]   job_len;
    int unsigned job_place;
    bit          job_again;
    bit [63:0]   swap, compare;
    int          err;            // 0 none, 1 bad request, 2 bad access, 3 context
    bit          flush;
    bit          behind;         // repeated ones have taken the room
  } want_t;

  typedef struct {
    bit send, write, read, swap, add, first, last, imm, inv;
  } op_t;

  function automatic op_t decode(bit [7:0] opcode);
    op_t o = '{default: 0};
    if (opcode < 8'h2c) opcode[5] = 0;   // UC
    case (opcode)
      0, 1, 2, 3, 4, 5, 22, 23: o.send = 1;
      6, 7, 8, 9, 10, 11:       o.write = 1;
      12:                       o.read = 1;
      19:                       o.swap = 1;
      20:                       o.add = 1;
      default: ;
    endcase
    o.first = opcode == 0 || opcode == 4 || opcode == 5 || opcode == 6 || opcode == 10 ||
              opcode == 11 || opcode == 23 || o.read || o.swap || o.add;
    o.last  = opcode == 2 || opcode == 3 || opcode == 4 || opcode == 5 || opcode == 8 ||
              opcode == 9 || opcode == 10 || opcode == 11 || opcode == 22 || opcode == 23 ||
              o.read || o.swap || o.add;
    o.imm   = opcode == 3 || opcode == 5 || opcode == 9 || opcode == 11;
    o.inv   = opcode == 22 || opcode == 23;
    return o;
  endfunction

  // Bytes of a header, the first at `at`
  function automatic bit [63:0] field_of(bit [223:0] ext, int at, int bytes);
    bit [63:0] v = 0;
    for (int i = 0; i < bytes; i++) v = (v << 8) | 64'(ext[8 * (at + i) +: 8]);
    return v;
  endfunction

  function automatic bit [31:0] raw(bit [223:0] ext, int at);
    return ext[8 * at +: 32];
  endfunction

  function automatic want_t nothing(bit [6:0] id);
    want_t w = '{default: 0};
    w.pkt = 1;
    w.id  = id;
    return w;
  endfunction

  // The psn that is meant by the 24 bits of a packet: the one nearest to what is expected
  function automatic longint meant(bit [23:0] psn, longint epsn);
    bit [23:0] d = psn - 24'(epsn);
    return d[23] ? epsn - longint'(24'(-d)) : epsn + longint'(d);
  endfunction

  function automatic longint packets_of(longint bytes, int unsigned mtu);
    return bytes == 0 ? 1 : (bytes + longint'(mtu) - 1) / longint'(mtu);
  endfunction

  function automatic bit shape_ok(qp_t qp, op_t o, int unsigned len, longint reth_len);
    longint left = o.first ? reth_len : qp.length - qp.got;
    if (o.read || o.swap || o.add) begin
      if (len != 0) return 0;
      return !o.read || reth_len <= 64'h80000000;
    end
    if (len > qp.mtu) return 0;
    if (!o.last && len != qp.mtu) return 0;
    if (o.last && !o.first && len == 0) return 0;
    if (o.write && o.first && reth_len > 64'h80000000) return 0;
    if (o.write && o.last && left != longint'(len)) return 0;
    if (o.write && !o.last && left <= longint'(len)) return 0;
    return 1;
  endfunction

  function automatic void fill_job(ref want_t w, input op_t o, input bit [223:0] ext);
    w.job      = 1;
    w.job_kind = o.read ? 0 : o.swap ? 1 : 2;
    w.va       = longint'(field_of(ext, 0, 8));
    w.key      = 32'(field_of(ext, 8, 4));
    w.job_len  = o.read ? 32'(field_of(ext, 12, 4)) : 0;
    w.swap     = field_of(ext, 12, 8);
    w.compare  = field_of(ext, 20, 8);
    // A READ of nothing touches no region
    w.probe    = !o.read || w.job_len != 0;
    w.check    = o.read ? longint'(w.job_len) : 8;
  endfunction

  function automatic want_t refuse(ref qp_t qp, input bit [6:0] id, input bit [7:0] syndrome,
                                   input int err);
    want_t w = nothing(id);
    qp.dead    = 1;
    w.ack      = 1;
    w.syndrome = syndrome;
    w.ack_psn  = 24'(qp.epsn);
    w.ack_msn  = 24'(qp.msn);
    w.wqe      = qp.consumed;
    w.err      = err;
    return w;
  endfunction

  function automatic want_t duplicate(ref qp_t qp, input tern_pkg::rx_pkt_t p, input op_t o,
                                      input longint psn, input bit few);
    want_t  w = nothing(p.id);
    longint n = o.read ? packets_of(longint'(field_of(p.ext, 12, 4)), qp.mtu) : 1;
    bit right = o.read ? qp.access[2] : qp.access[3];
    if (o.send || o.write) begin
      w.ack      = p.ack_req;
      w.syndrome = 8'h1f;
      // No ACK may stand for the response of a READ or atomic
      w.ack_psn  = qp.job_last ? p.psn : 24'(qp.epsn - 1);
      w.ack_msn  = 24'(qp.msn);
      return w;
    end
    if (!(o.read || o.swap || o.add) || few) return w;
    if (psn + n > qp.epsn || !right || qp.jobs >= int'(qp.max_rd)) return w;
    if (!shape_ok(qp, o, 32'(p.len), longint'(field_of(p.ext, 12, 4)))) return w;
    if (!o.read && p.ext[58:56] != 0) return w;
    qp.jobs++;
    qp.again = 1;
    fill_job(w, o, p.ext);
    w.job_again = o.read;
    if (!o.read) begin
      w.job_kind = 3;
      w.probe    = 0;
    end
    // For the NAK, if it is refused this time
    w.ack_known = 1;
    w.syndrome  = 8'h1f;
    w.ack_psn   = p.psn;
    w.ack_msn   = 24'(qp.msn);
    w.job_psn = p.psn;
    w.job_msn = 24'(qp.msn);
    // If its region is refused, nothing else is
    w.quiet   = o.read;
    return w;
  endfunction

  // The rest of its message goes with it
  function automatic want_t drop_uc(ref qp_t qp, input bit [6:0] id, input bit counted);
    want_t w = nothing(id);
    qp.kind   = 0;
    w.quiet   = 1;
    w.dropped = counted;
    return w;
  endfunction

  function automatic want_t data(ref qp_t qp, input tern_pkg::rx_pkt_t p, input op_t o);
    want_t w = nothing(p.id);
    w.starts = o.first;
    if (o.first) begin
      qp.kind   = o.send ? 1 : 2;
      qp.got    = 0;
      qp.va     = longint'(field_of(p.ext, 0, 8));
      qp.rkey   = 32'(field_of(p.ext, 8, 4));
      qp.length = longint'(field_of(p.ext, 12, 4));
    end
    w.len  = 32'(p.len);
    w.wqe  = qp.consumed;
    w.last = o.last;
    if (o.send) begin
      w.data_rq = 1;
      w.offset  = qp.got;
      w.inv     = o.inv;
      w.inv_key = 32'(field_of(p.ext, 0, 4));
    end else begin
      w.data_key = 1;
      w.va       = qp.va + qp.got;
      w.key      = qp.rkey;
      w.check    = o.first ? qp.length : 0;
    end
    qp.got += longint'(p.len);
    if (o.last) begin
      w.cqe       = o.send || o.imm;
      w.cqe_len   = o.send ? 32'(qp.got) : 32'(qp.length);
      w.imm_valid = o.imm;
      w.imm       = raw(p.ext, o.write && o.first ? 16 : 0);
      w.solicited = p.solicited;
      w.write_imm = o.write;
      if (w.cqe) qp.consumed = (qp.consumed + 1) % 65536;
      qp.kind = 0;
    end
    return w;
  endfunction

  // IBTA 9.8.3: a First or Only may have any PSN, others must be next; what is wrong is dropped
  function automatic want_t packet_uc(ref qp_t qp, input tern_pkg::rx_pkt_t p);
    op_t    o = decode(p.opcode);
    longint psn = meant(p.psn, qp.epsn);
    want_t  w;
    if (!o.first && (psn != qp.epsn || qp.kind == 0 || (qp.kind == 1) != o.send))
      return drop_uc(qp, p.id, 1);
    if (!shape_ok(qp, o, 32'(p.len), longint'(field_of(p.ext, 12, 4)))) return drop_uc(qp, p.id, 1);
    if (o.write && o.first && !qp.access[1]) return drop_uc(qp, p.id, 1);
    if (((o.send && o.first) || (o.write && o.imm)) && (!qp.rq || qp.consumed == qp.posted))
      return drop_uc(qp, p.id, 0);
    qp.epsn = psn + 1;
    w       = data(qp, p, o);
    w.quiet = 1;
    w.comm  = !qp.first_seen;
    qp.first_seen = 1;
    return w;
  endfunction

  // Each packet is a message, whatever its PSN
  function automatic want_t packet_ud(ref qp_t qp, input tern_pkg::rx_pkt_t p);
    bit    imm = p.opcode == 8'h65;
    want_t w = drop_uc(qp, p.id, 1);
    if (32'(p.len) > qp.mtu) return w;
    w.qkey = 32'(field_of(p.ext, 0, 4)) != qp.qkey;
    if (w.qkey) return w;
    if (!qp.rq || qp.consumed == qp.posted) return drop_uc(qp, p.id, 0);
    w           = nothing(p.id);
    w.quiet     = 1;
    w.ud        = 1;
    w.data_rq   = 1;
    w.last      = 1;
    w.len       = 32'(p.len);
    w.offset    = 40;
    w.wqe       = qp.consumed;
    w.cqe       = 1;
    w.cqe_len   = 40 + 32'(p.len);
    w.imm_valid = imm;
    w.imm       = raw(p.ext, 8);
    w.solicited = p.solicited;
    w.src       = 24'(field_of(p.ext, 5, 3));
    w.ipv4      = p.ipv4;
    w.vlan      = p.vlan;
    w.tci       = p.tci;
    // IP header, UDP, BTH, DETH
    w.at        = {p.line, p.lane} - ((p.ipv4 ? 16'd20 : 16'd40) + 16'd8 + 16'd12 +
                                      (imm ? 16'd12 : 16'd8));
    qp.first_seen = 1;
    qp.epsn       = meant(p.psn, qp.epsn) + 1;
    qp.consumed   = (qp.consumed + 1) % 65536;
    return w;
  endfunction

  function automatic want_t header_of(want_t w);
    want_t h = '{default: 0};
    h.quiet   = 1;
    h.starts  = 1;
    h.data_rq = 1;
    h.wqe     = w.wqe;
    h.len     = w.ipv4 ? 20 : 40;
    h.offset  = w.ipv4 ? 20 : 0;
    h.at      = w.at;
    h.ud      = 1;
    return h;
  endfunction

  // few: no READ or atomic can be taken now
  function automatic want_t packet(ref qp_t qp, input tern_pkg::rx_pkt_t p, input bit few);
    want_t  w = nothing(p.id);
    op_t    o = decode(p.opcode);
    longint psn = meant(p.psn, qp.epsn);
    longint reth_len = longint'(field_of(p.ext, 12, 4));
    bit     entry, full;
    want_t  acked;
    if (qp.jobs == 0) qp.again = 0;
    if (p.marker) begin
      w.pkt    = 0;
      w.marker = 1;
      return w;
    end
    w.quiet = qp.uc || qp.ud;
    if (!qp.active || qp.dead) return w;
    if (qp.uc) return packet_uc(qp, p);
    if (qp.ud) return packet_ud(qp, p);
    if (psn < qp.epsn) return duplicate(qp, p, o, psn, few);
    if (psn > qp.epsn) begin
      w.ack      = !qp.gap_told;
      w.syndrome = 8'h60;
      w.ack_psn  = 24'(qp.epsn);
      w.ack_msn  = 24'(qp.msn);
      qp.gap_told = 1;
      return w;
    end
    if (qp.kind == 0 ? !o.first : qp.kind == 1 ? !o.send || o.first : !o.write || o.first)
      return refuse(qp, p.id, 8'h61, 1);
    if (!shape_ok(qp, o, 32'(p.len), reth_len)) return refuse(qp, p.id, 8'h61, 1);
    // The lowest bits of the address are in the last of its eight bytes
    if ((o.swap || o.add) && p.ext[58:56] != 0) return refuse(qp, p.id, 8'h61, 1);
    full = (o.read || o.swap || o.add) && qp.jobs >= int'(qp.max_rd);
    if (full && !qp.again) return refuse(qp, p.id, 8'h61, 1);
    if ((o.write && o.first && !qp.access[1]) || (o.read && !qp.access[2]) ||
        ((o.swap || o.add) && !qp.access[3])) return refuse(qp, p.id, 8'h62, 2);
    entry = (o.send && o.first) || (o.write && o.imm);
    if ((entry && (!qp.rq || qp.consumed == qp.posted)) ||
        full || ((o.read || o.swap || o.add) && few)) begin
      w.behind    = full;
      w.ack       = 1;
      w.syndrome  = 8'h20 | 8'(qp.rnr_timer);
      w.ack_psn   = 24'(qp.epsn);
      w.ack_msn   = 24'(qp.msn);
      qp.gap_told = 1;
      return w;
    end
    // Accepted
    w.comm        = !qp.first_seen;
    qp.first_seen = 1;
    qp.gap_told   = 0;
    qp.epsn      += o.read ? packets_of(reth_len, qp.mtu) : 1;
    qp.job_last   = o.read || o.swap || o.add;
    if (o.last) qp.msn = (qp.msn + 1) % 32'h1000000;
    w.ack_known = 1;
    w.ack       = p.ack_req && (o.send || o.write);
    w.syndrome  = 8'h1f;
    w.ack_psn   = p.psn;
    w.ack_msn   = 24'(qp.msn);
    if (o.read || o.swap || o.add) begin
      fill_job(w, o, p.ext);
      w.job_psn   = p.psn;
      w.job_msn   = 24'(qp.msn);
      w.ack_msn   = 24'(qp.msn - 1);  // if it is refused
      w.job_place = qp.atomics;
      if (!o.read) qp.atomics = (qp.atomics + 1) % 16;
      qp.jobs++;
      return w;
    end
    acked = w;
    w     = data(qp, p, o);
    w.comm      = acked.comm;
    w.ack_known = 1;
    w.ack       = acked.ack;
    w.syndrome  = acked.syndrome;
    w.ack_psn   = acked.ack_psn;
    w.ack_msn   = acked.ack_msn;
    return w;
  endfunction

endpackage
