// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Sizes and the structures that travel between blocks. What the host can see lives in
// tern_hw_pkg, generated from abi/tern_hw.def; nothing of it is repeated here. Yosys 0.52 knows
// no types of one package inside another, so such members are vectors here whose comment names
// the type; modules assign them to a variable of that type.
//
// Handshake everywhere: a transfer happens in a cycle where valid and ready are both high;
// valid never waits for ready and, once high, stays high with stable data until the transfer.
// Ports that have no ready must be taken in the cycle they are valid.

package tern_pkg;

  localparam int unsigned DataW     = 512;  // bits of the data path
  localparam int unsigned DataBytes = 64;

  // Table sizes that are part of what QUERY_CAPS reports
  localparam int unsigned NumVectors = 64;
  localparam int unsigned NumCeqs    = 32;
  localparam int unsigned NumPages   = 1024;  // doorbell pages: 4 MiB of BAR 2
  localparam int unsigned NumGids    = 128;
  localparam int unsigned NumSds     = 1024;  // 2 GiB of function-private memory
  localparam int unsigned NumKinds   = 6;     // kinds of objects in the host memory cache
  localparam int unsigned MaxLogCqe  = 22;
  localparam int unsigned MaxLogEqe  = 20;
  localparam int unsigned MaxLogCqp  = 12;

  localparam int unsigned MaxQps     = 16384; // power of two; the QPN on the wire is the index
  localparam int unsigned MaxLogSq   = 15;
  localparam int unsigned MaxLogRq   = 15;
  localparam int unsigned MaxSge     = 16;
  localparam int unsigned MaxInline  = 224;
  localparam int unsigned MaxRd      = 16;
  localparam int unsigned PushSlots  = 64;    // of a push page
  localparam int unsigned Transports = 15;    // bit n: type n of tern_hw_qp_type_e
  localparam int unsigned McastGroups = 64;   // powers of two, as is the next
  localparam int unsigned McastQps    = 16;   // of a group

  localparam int unsigned QpnW   = 14;
  localparam int unsigned CqnW   = 24;
  localparam int unsigned PageW  = 10;  // number of a doorbell page
  localparam int unsigned VecW   = 6;
  localparam int unsigned CeqW   = 5;
  localparam int unsigned McastGroupW = 6;
  localparam int unsigned McastPlaceW = 4;

  // ------------------------------------------------------------------------------ DMA

  // Read request. The client has room for all of the answer before it asks. tag comes back
  // with every beat and is the client's own. len is 1 to 4096; a 4 KiB boundary may be crossed.
  typedef struct packed {
    logic [63:0] addr;
    logic [12:0] len;
    logic [7:0]  tag;
  } dma_rd_req_t;

  // One beat of an answer, no ready. Beats of different requests interleave; those of one
  // request may come in any order if it crosses a 4 KiB boundary, else in address order.
  // data is as on the bus: lane i holds the byte whose address has the low bits i.
  typedef struct packed {
    logic [7:0]       tag;
    logic [12:0]      offset;  // of the first valid byte of this beat in the request
    logic             last;    // all beats of the request have now come
    logic             err;     // with last: some beat was refused by the bus
    logic [DataW-1:0] data;
  } dma_rd_rsp_t;

  // One beat of a write. addr, len and tag are looked at in the first beat and stay stable
  // until the last. Data is justified: byte 0 of the write is in lane 0 of the first beat.
  typedef struct packed {
    logic [63:0]      addr;
    logic [12:0]      len;     // 1 to 4096, may cross a 4 KiB boundary
    logic [7:0]       tag;
    logic             last;
    logic [DataW-1:0] data;
  } dma_wr_beat_t;

  // The bus has taken the write (no ready). In order of the requests of a client.
  typedef struct packed {
    logic [7:0] tag;
    logic       err;
  } dma_wr_rsp_t;

  // ------------------------------------------------------------------------------ HMC

  typedef enum logic [2:0] {
    HmcOk    = 3'd0,
    HmcIndex = 3'd1,  // index at or above the committed count
    HmcSd    = 3'd2,  // segment not valid
    HmcPage  = 3'd3,  // page not valid
    HmcDma   = 3'd4   // the bus refused
  } hmc_err_e;

  // Access to the 64 B line that holds (part of) an object. Objects of more than 64 B are
  // accessed line by line. A read of a smaller object returns the aligned line around it.
  // Writes are whole lines. Requests of one client to one line keep their order only if the
  // client waits for the answer.
  typedef struct packed {
    logic [3:0]       kind;    // tern_hw_hmc_kind_e
    logic [27:0]      index;
    logic [2:0]       line;
    logic             write;
    logic             quiet;  // HmcIndex, HmcSd and HmcPage are answered, but raise no event: the
                              // index came from an untrusted place, the client reports it itself
    logic [7:0]       tag;
    logic [DataW-1:0] data;
  } hmc_req_t;

  typedef struct packed {
    logic [7:0]       tag;
    hmc_err_e         err;
    logic [DataW-1:0] data;  // read
  } hmc_rsp_t;

  // Control of the HMC by the CQP; one at a time, each answered once
  typedef enum logic [2:0] {
    HmcCtlLimit,    // kind -> result: {log_size[7:0], limit[31:0]}
    HmcCtlCount,    // kind, count: stage a count; refused above the limit
    HmcCtlCommit,   // take the staged counts -> result: used segments
    HmcCtlLayout,   // kind -> result: base (byte offset)
    HmcCtlSd        // sd_entry
  } hmc_ctl_op_e;

  typedef struct packed {
    hmc_ctl_op_e  op;
    logic [3:0]   kind;   // tern_hw_hmc_kind_e
    logic [31:0]  count;
    logic [127:0] sd;     // tern_hw_sd_entry_t
  } hmc_ctl_req_t;

  // ----------------------------------------------------------------- command answers

  // What every block answers to a control request of the CQP
  typedef struct packed {
    logic [15:0] major;   // tern_hw_cqp_major_e
    logic [15:0] minor;   // tern_hw_cqp_minor_e
    logic [63:0] result;
  } ctl_rsp_t;

  typedef enum logic [1:0] {
    CtlCreate  = 2'd0,
    CtlModify  = 2'd1,
    CtlDestroy = 2'd2
  } ctl_op_e;

  typedef struct packed {
    ctl_op_e      op;
    logic [511:0] wqe;    // tern_hw_cqp_cq_wqe_t; hdr.id is the CQ number
  } cq_ctl_req_t;

  typedef struct packed {
    ctl_op_e      op;
    logic         aeq;
    logic [511:0] wqe;    // tern_hw_cqp_eq_wqe_t; hdr.id is the CEQ number
  } eq_ctl_req_t;

  // ------------------------------------------------------- completions, events, doorbells

  // An entry for a CQ. timestamp and polarity are filled in by the CQ engine; ccqe and cqe
  // share their places.
  typedef struct packed {
    logic [CqnW-1:0] cqn;
    logic            solicited;  // or failed: counts for cq_mode solicited
    logic [255:0]    cqe;        // tern_hw_cqe_t
  } cqe_req_t;

  typedef struct packed {
    logic [CeqW-1:0] ceq;
    logic [CqnW-1:0] cqn;
  } ce_req_t;

  typedef struct packed {
    logic [15:0] code;    // tern_hw_ae_code_e
    logic [3:0]  source;  // tern_hw_ae_source_e
    logic [23:0] id;
    logic [63:0] detail;
  } ae_req_t;

  // A doorbell after decoding: the page it came through and the word
  typedef struct packed {
    logic [PageW-1:0] page;
    logic [63:0]      word;
  } db_t;

  // A doorbell that was refused, for the reporter
  typedef struct packed {
    logic [15:0]      code;  // tern_hw_ae_code_e
    logic [PageW-1:0] page;
    logic [11:0]      offset;
  } db_bad_t;

  // ----------------------------------------------------------------------- QP control

  // A control item takes its turn among the requests of a line of the QP object (tern_qp_line):
  // line becomes (line & ~mask) | (data & mask); the answer holds the line as it was. With drop
  // the line then leaves the cache; the answer comes when it is in host memory.
  typedef struct packed {
    logic [QpnW-1:0] qpn;
    logic            drop;
    logic [511:0]    mask;
    logic [511:0]    data;
  } qp_item_t;

  typedef struct packed {
    hmc_err_e     err;
    logic [511:0] line;
  } qp_item_rsp_t;

  // A stage has found why a QP must go to error. The control takes the first one of a QP.
  typedef struct packed {
    logic [QpnW-1:0] qpn;
    logic            wqe_valid;  // the work queue entry at wqe completes with status
    logic            rq;         // wqe is of the receive queue
    logic [15:0]     wqe;
    logic [7:0]      status;     // tern_hw_wc_status_e
    logic [7:0]      reason;     // tern_hw_qp_reason_e
    logic [15:0]     ae_code;    // tern_hw_ae_code_e
  } qp_err_t;

  // ------------------------------------------------------------------- send queue entries

  // Slots of a send queue to be fetched and segmented
  typedef struct packed {
    logic [QpnW-1:0] qpn;
    logic            marker;     // nothing to fetch: passes through every stage in order
    logic [15:0]     first;      // slot index modulo 2^16
    logic [4:0]      count;      // 1 to 16; may go on over the end of the ring to its start
    logic [3:0]      log_size;   // of the ring: an entry's polarity is !first[log_size] of its slot
    logic [7:0]      epoch;
    logic            pushed;     // the last slot was pushed
    logic            single;     // only the first slot is to be fetched, see sq_resume_t
    logic [PageW-1:0] page;
  } sq_job_t;

  // The segmenter tells where the next job of a QP starts; all jobs before are stale
  typedef struct packed {
    logic [QpnW-1:0] qpn;
    logic [15:0]     index;
    logic [7:0]      epoch;
    logic            block;      // not before wake; a wake since the last block counts
    logic            mid;        // in the middle of an entry
    logic            single;     // slots are to be fetched one by one, for some cannot be read
  } sq_resume_t;

  // The response handler sends the segmenter back
  typedef struct packed {
    logic [QpnW-1:0] qpn;
    logic [15:0]     wqe;
    logic [23:0]     psn;        // of the first packet to send again
    logic [31:0]     offset;     // bytes of the entry before it
  } rollback_t;

  // How far a QP has come, as the response handler knows it. What is before must not be looked at
  // again: it may be another entry, and other memory, by now
  typedef struct packed {
    logic [QpnW-1:0] qpn;
    logic [15:0]     done;       // slot index behind the last entry that is complete
    logic [23:0]     una;        // oldest PSN that is not acknowledged
    logic [23:0]     part;       // packets of the entry at done before una
  } progress_t;

  // An entry cannot be sent, or its data cannot be had
  typedef struct packed {
    logic [QpnW-1:0] qpn;
    logic [15:0]     wqe;
    logic [7:0]      status;     // tern_hw_wc_status_e
    logic [7:0]      reason;     // tern_hw_qp_reason_e
  } req_err_t;

  typedef enum logic [1:0] {
    OutAcked  = 2'd0,  // SEND, WRITE: complete when acknowledged
    OutRead   = 2'd1,
    OutAtomic = 2'd2,
    OutLocal  = 2'd3   // done already; completes in its turn
  } out_kind_e;

  // An outstanding request, in the list of its QP. Has no PSN if kind is OutLocal.
  typedef struct packed {
    out_kind_e   kind;
    logic [7:0]  opcode;     // tern_hw_wqe_op_e
    logic        signaled;
    logic [7:0]  status;     // OutLocal: tern_hw_wc_status_e
    logic [15:0] wqe;        // slot index
    logic [2:0]  slots;
    logic [23:0] first_psn;
    logic [23:0] last_psn;
    logic [31:0] length;     // bytes of the message
  } out_req_t;

  // ----------------------------------------------------------------------------- transmit

  typedef enum logic [1:0] {
    TxReq = 2'd0,   // tern_seg
    TxRr  = 2'd1,   // tern_rr: READ and atomic responses
    TxAck = 2'd2,   // tern_ack
    TxEth = 2'd3    // frames of the netdev
  } tx_src_e;

  // A packet to be built. Its pieces follow on the piece stream, in order, `pieces` of them.
  typedef struct packed {
    tx_src_e         src;
    logic            marker;   // no packet; comes out of tern_emit as drained
    logic [QpnW-1:0] qpn;
    logic [7:0]      opcode;   // of the BTH
    logic            solicited;
    logic            ack_req;
    logic [23:0]     psn;
    logic [4:0]      ext_len;  // bytes of extended headers: 0, 4, 8, 12, 16, 20, 24 or 28
    logic [223:0]    ext;      // byte i, as on the wire, in bits 8i+7:8i
    logic [13:0]     len;      // payload, without pad; TxEth: the frame, 14 to 9216
    logic [5:0]      pieces;
    logic [23:0]     pd;       // for the keys of the pieces
    logic            priv;
    logic            remote;   // the keys are remote ones (TxRr)
    logic [15:0]     wqe;      // TxReq: to name it in an error; TxEth: to name it when sent
    logic            ud;       // TxReq: to the next address of the ud_path_t stream, killed or not
    logic            finish;   // TxReq: the last one of an entry that nobody acknowledges; that it has
                               // left completes the entry
    logic            again;    // TxRr: of a READ seen before; if it fails, nobody hears of it
  } tx_pkt_t;

  // Where a UD packet goes; the members are those of tern_hw_sq_ud_wqe_t
  typedef struct packed {
    logic [127:0] dgid;
    logic [47:0]  dmac;
    logic [7:0]   hop_limit;
    logic [7:0]   tclass;
    logic [19:0]  flow_label;
    logic [2:0]   pcp;
    logic [6:0]   sgid;
    logic [23:0]  qpn;
  } ud_path_t;

  typedef enum logic [1:0] {
    PcKey    = 2'd0,  // key and virtual address
    PcHost   = 2'd1,  // bus address
    PcInline = 2'd2   // len (at most 64) bytes of data, from byte 0
  } piece_kind_e;

  typedef struct packed {
    piece_kind_e  kind;
    logic [31:0]  key;
    logic [63:0]  addr;
    logic [13:0]  len;    // 1 to 4096, PcHost to 9216
    logic [511:0] data;
  } tx_piece_t;

  // ------------------------------------------------------------------- memory translation

  typedef enum logic [2:0] {
    MrOk     = 3'd0,
    MrKey    = 3'd1,  // no such key, or not valid
    MrPd     = 3'd2,  // other protection domain, or priv missing
    MrAccess = 3'd3,  // right missing
    MrBounds = 3'd4,  // outside of the region, or wraps around
    MrList   = 3'd5   // page list or table entry not accessible
  } mr_err_e;

  typedef struct packed {
    logic [7:0]  tag;
    logic [31:0] key;
    logic [23:0] pd;
    logic        priv;
    logic [3:0]  need;       // tern_hw_access_e bits that are needed; 0: local read
    logic [63:0] addr;
    logic [12:0] len;        // 0 to 4096
    logic [31:0] check_len;  // bytes from addr that must lie in the region, at least len
  } mr_req_t;

  // With MrOk and len > 0: the first len0 bytes are at addr0, the rest at addr1
  typedef struct packed {
    logic [7:0]  tag;
    mr_err_e     err;
    logic [63:0] addr0;
    logic [12:0] len0;
    logic [63:0] addr1;
  } mr_rsp_t;

  // Change of the table by a work request
  typedef struct packed {
    logic [QpnW-1:0] qpn;
    logic            reg_mr;    // else invalidate
    logic            remote;    // SEND with invalidate of the peer
    logic [31:0]     key;
    logic [23:0]     pd;
    logic            priv;
    logic [63:0]     va;        // reg_mr, as in tern_hw_sq_reg_wqe_t
    logic [63:0]     length;
    logic [3:0]      access;
    logic [4:0]      page_shift;
  } mr_op_t;

  // ------------------------------------------------------------------------------ receive

  // A packet in the receive buffer, its header parsed and checked. It stays there until `id` is
  // freed. Buffer lines are 64 B; the payload starts at byte `lane` of line `line` and goes on
  // over the end of the buffer to its start.
  typedef struct packed {
    logic            marker;    // no packet: passes through every stage in order
    logic [6:0]      id;
    logic [9:0]      line;
    logic [5:0]      lane;
    logic [13:0]     len;       // payload without headers, pad and ICRC; Ethernet: the frame
    logic [QpnW-1:0] qpn;
    logic [7:0]      opcode;
    logic            solicited;
    logic            ack_req;
    logic [1:0]      pad;
    logic            ecn;       // congestion experienced
    logic            ipv4;
    logic            vlan;
    logic [15:0]     tci;       // VLAN tag
    logic [23:0]     psn;
    logic [223:0]    ext;       // bytes behind the BTH, byte i in bits 8i+7:8i
  } rx_pkt_t;

  typedef enum logic [1:0] {
    PlRsp = 2'd0,  // tern_rsp
    PlRh  = 2'd1,  // tern_rh
    PlEth = 2'd2   // frames for the netdev
  } pl_side_e;

  typedef enum logic [2:0] {
    TgNone = 3'd0,
    TgRq   = 3'd1,  // buffers of the receive queue entry `wqe`, `offset` bytes into the message
    TgSq   = 3'd2,  // buffers of the send queue entry at `wqe` (READ and atomic responses)
    TgKey  = 3'd3,  // key and addr (WRITE)
    TgHost = 3'd4,  // bus address addr
    TgProbe = 3'd5   // nothing is written: key, addr and check_len of the job are looked up
  } target_e;

  typedef enum logic [1:0] {
    JobRead   = 2'd0,
    JobSwap   = 2'd1,  // compare and swap
    JobAdd    = 2'd2,  // fetch and add
    JobReplay = 2'd3   // an atomic seen before
  } job_kind_e;

  // A READ or atomic request that was accepted
  typedef struct packed {
    job_kind_e   kind;
    logic [23:0] psn;
    logic [23:0] msn;
    logic [63:0] addr;
    logic [31:0] key;
    logic [31:0] len;     // JobRead: bytes to send
    logic [3:0]  place;   // JobSwap, JobAdd: of the result in the irrq object
    logic [63:0] swap;    // swap or add operand
    logic [63:0] compare;
    logic        again;   // JobRead: the request was seen before
  } job_t;

  // A response that is due, in the list of its QP
  typedef struct packed {
    logic        atomic;  // one packet with value, else a READ
    logic [23:0] psn;
    logic [23:0] msn;
    logic [63:0] addr;    // atomic: the value that was there before
    logic [31:0] key;
    logic [31:0] len;
    logic        again;   // READ: it was seen before
  } response_t;

  // Newest acknowledgement of a QP
  typedef struct packed {
    logic [QpnW-1:0] qpn;
    logic [23:0]     psn;
    logic [23:0]     msn;
    logic [7:0]      syndrome;  // AETH; 0x60 and above but RNR are the last word of a QP
  } ack_t;

  // What becomes of a packet, or of an entry that completes without one. Done in the order of the
  // parts below, each after the ones before are visible in host memory; in order for each QP and
  // side. If one fails, what follows does not happen, see docs/rc-engine.md.
  typedef struct packed {
    pl_side_e        side;
    logic            marker;
    logic [QpnW-1:0] qpn;
    logic [23:0]     pd;
    logic            priv;
    // UC and UD: there is no acknowledgement, nor a NAK. What the peer did wrong fails its message
    // only, which ends before an item that starts the next one. RC: a READ that is repeated, and that is
    // dropped alone if its region is refused
    logic            quiet;
    logic            starts;
    // data
    target_e         target;
    logic [15:0]     wqe;        // entry of TgRq, TgSq and of the CQE
    logic            wqe_last;   // TgRq, TgSq: no more data comes for this entry
    logic [31:0]     offset;
    logic [63:0]     addr;
    logic [31:0]     key;
    logic [31:0]     check_len;  // TgKey, first packet: the whole length; else 0. TgProbe: of the job
    logic            pkt;        // there is a packet: id, line, lane, len; it is freed at the end
    logic [6:0]      id;
    logic [9:0]      line;
    logic [5:0]      lane;
    logic [13:0]     len;
    // key to invalidate
    logic            inv;
    logic [31:0]     inv_key;
    // READ or atomic
    logic            job_valid;
    job_t            job;
    // completion
    logic            cqe_valid;
    logic            cqe_silent; // not signalled: only written if the QP has failed here before
    logic            solicited;
    logic [CqnW-1:0] cqn;
    logic [255:0]    cqe;        // tern_hw_cqe_t
    // acknowledgement
    logic            ack_valid;
    ack_t            ack;
  } pl_item_t;

  // ------------------------------------------------------------------- arrays of structures

  // Yosys 0.52 takes an array or memory of structures for a single one, without a word. Arrays
  // are therefore `logic [N-1:0][XxxW-1:0]`, an element of which is assigned to a structure;
  // memories are `logic [$bits(x)-1:0] mem [N]` with a variable x of the structure. The users
  // check the widths below against the structures when they are elaborated.
  localparam int unsigned DmaRdReqW  = 64 + 13 + 8;
  localparam int unsigned DmaWrBeatW = 64 + 13 + 8 + 1 + DataW;
  localparam int unsigned HmcReqW    = 4 + 28 + 3 + 1 + 1 + 8 + DataW;
  localparam int unsigned CqeReqW    = CqnW + 1 + 256;
  localparam int unsigned AeReqW     = 16 + 4 + 24 + 64;
  localparam int unsigned TxPktW     = 2 + 1 + QpnW + 8 + 1 + 1 + 24 + 5 + 224 + 14 + 6 + 24 + 1 + 1 + 16 +
                                       3;
  localparam int unsigned TxPieceW   = 2 + 32 + 64 + 14 + 512;
  localparam int unsigned MrReqW     = 8 + 32 + 24 + 1 + 4 + 64 + 13 + 32;

endpackage
