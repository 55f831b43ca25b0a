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

  localparam int unsigned CqnW   = 24;
  localparam int unsigned PageW  = 10;  // number of a doorbell page
  localparam int unsigned VecW   = 6;
  localparam int unsigned CeqW   = 5;

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
    logic [1:0]       line;
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

  // ------------------------------------------------------------------- arrays of structures

  // Yosys 0.52 takes an array or memory of structures for a single one, without a word. Arrays
  // are therefore `logic [N-1:0][XxxW-1:0]`, an element of which is assigned to a structure;
  // memories are `logic [$bits(x)-1:0] mem [N]` with a variable x of the structure. The users
  // check the widths below against the structures when they are elaborated.
  localparam int unsigned DmaRdReqW  = 64 + 13 + 8;
  localparam int unsigned DmaWrBeatW = 64 + 13 + 8 + 1 + DataW;
  localparam int unsigned HmcReqW    = 4 + 28 + 2 + 1 + 1 + 8 + DataW;
  localparam int unsigned CqeReqW    = CqnW + 1 + 256;
  localparam int unsigned AeReqW     = 16 + 4 + 24 + 64;

endpackage
