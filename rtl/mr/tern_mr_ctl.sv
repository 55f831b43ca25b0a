// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The only writer of the memory region table. Takes ALLOC_MR, REG_MR, DEREG_MR and REREG_MR from
// the CQP, and registrations and invalidations by work request from tern_seg and tern_place; one at
// a time, in turn.
//
//   check -> read the entry -> judge -> write -> invalidate both tern_mr -> fence -> answer
//
// What users may rely on:
// - When a change is answered, no look-up that began before is under way, and none is answered by
//   the old contents any more. After DEREG_MR, REREG_MR and an invalidation, no data moves through
//   an old translation either: tern_gather and tern_place have been fenced.
// - DEREG_MR and REREG_MR name a region by its index alone: work requests change the key byte, and
//   the host need not know which one holds.
// - What is refused changes nothing. If the write of an entry fails, its contents are not known;
//   the caches are invalidated and fenced all the same.
// - An answer comes once and has no ready.
// - What it relies on: a fence comes to its end although a request of the same block waits here,
//   for its turn or for its answer.
//
// A never-used entry is one of zeroed memory. Accesses are quiet: indexes come from keys.

module tern_mr_ctl (
  input  logic               clk_i,
  input  logic               rst_i,
  output logic               idle_o,

  // tern_cqp: cqp_op_i is one of the four
  input  logic               cqp_valid_i,
  output logic               cqp_ready_o,
  input  logic [5:0]         cqp_op_i,      // tern_hw_cqp_op_e
  input  logic [511:0]       cqp_wqe_i,     // tern_hw_cqp_mr_wqe_t
  output logic               cqp_rsp_valid_o,
  output tern_pkg::ctl_rsp_t cqp_rsp_o,

  // tern_seg and tern_place; status is a tern_hw_wc_status_e
  input  logic               seg_valid_i,
  output logic               seg_ready_o,
  input  tern_pkg::mr_op_t   seg_i,
  output logic               seg_rsp_valid_o,
  output logic [7:0]         seg_status_o,
  input  logic               place_valid_i,
  output logic               place_ready_o,
  input  tern_pkg::mr_op_t   place_i,
  output logic               place_rsp_valid_o,
  output logic [7:0]         place_status_o,

  output logic               hmc_valid_o,
  input  logic               hmc_ready_i,
  output tern_pkg::hmc_req_t hmc_o,
  input  logic               hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t hmc_rsp_i,

  // Both tern_mr
  output logic [1:0]         inv_valid_o,
  input  logic [1:0]         inv_ready_i,
  output logic [23:0]        inv_index_o,
  input  logic [1:0]         inv_done_i,

  // tern_gather (0) and tern_place (1). fence_o for one cycle; done in that cycle or later
  output logic               fence_o,
  input  logic [1:0]         fence_done_i
);

  typedef enum logic [3:0] {
    StIdle,
    StCheck,   // what can be refused without the entry
    StRead,
    StReadWait,
    StJudge,
    StWrite,
    StWriteWait,
    StInv,
    StFence,
    StFenceWait,
    StAnswer
  } state_e;

  typedef enum logic [2:0] {
    OpAlloc,
    OpReg,
    OpDereg,
    OpRereg,
    OpBind,      // reg_mr by work request
    OpLocalInv,
    OpRemoteInv
  } op_e;

  localparam logic [3:0] Remote = tern_hw_pkg::TERN_HW_ACCESS_REMOTE_WRITE |
                                  tern_hw_pkg::TERN_HW_ACCESS_REMOTE_READ |
                                  tern_hw_pkg::TERN_HW_ACCESS_REMOTE_ATOMIC;

  localparam logic [65:0] End = 66'h1_0000_0000_0000_0000;  // of an address space

  state_e state_q, state_d;

  // -------------------------------------------------------------------- what is to be done

  logic [2:0]  sel, sel_q;      // CQP, seg, place
  logic [1:0]  unused_sel_idx;
  logic        any, take;
  op_e         op_q;
  logic [23:0] index_q, pd_q;
  logic [7:0]  key_q;
  logic        priv_q;
  logic [3:0]  access_q;
  logic [1:0]  level_q;
  logic [4:0]  shift_q;
  logic [63:0] va_q, length_q, pbl_q, pages_q;

  tern_rr_arb #(.N(3)) u_arb (
    .clk_i, .rst_i,
    .req_i({place_valid_i, seg_valid_i, cqp_valid_i}), .take_i(take),
    .valid_o(any), .onehot_o(sel), .idx_o(unused_sel_idx)
  );

  assign take          = state_q == StIdle && any;
  assign cqp_ready_o   = take && sel[0];
  assign seg_ready_o   = take && sel[1];
  assign place_ready_o = take && sel[2];

  tern_hw_pkg::tern_hw_cqp_mr_wqe_t wqe;
  tern_hw_pkg::tern_hw_cqp_wqe_t    head;
  tern_hw_pkg::tern_hw_mrte_t       mrte_wqe, mrte_read, mrte_q, mrte_new;
  tern_pkg::mr_op_t                 work;

  assign wqe      = cqp_wqe_i;
  assign head     = cqp_wqe_i;
  assign mrte_wqe = 512'(wqe.attr);  // the word attr is as in the table
  assign work     = sel[1] ? seg_i : place_i;

  always_ff @(posedge clk_i) begin
    if (take) sel_q <= sel;
    if (take && sel[0]) begin
      case (cqp_op_i)
        tern_hw_pkg::TERN_HW_CQP_OP_ALLOC_MR: op_q <= OpAlloc;
        tern_hw_pkg::TERN_HW_CQP_OP_REG_MR:   op_q <= OpReg;
        tern_hw_pkg::TERN_HW_CQP_OP_DEREG_MR: op_q <= OpDereg;
        default:                              op_q <= OpRereg;
      endcase
      index_q  <= head.hdr.id;
      key_q    <= mrte_wqe.attr.key;
      pd_q     <= mrte_wqe.attr.pd;
      priv_q   <= mrte_wqe.attr.priv;
      access_q <= mrte_wqe.attr.access;
      level_q  <= mrte_wqe.attr.level;
      shift_q  <= mrte_wqe.attr.page_shift;
      va_q     <= wqe.va;
      length_q <= wqe.length;
      pbl_q    <= wqe.pbl;
      pages_q  <= wqe.pages;
    end else if (take) begin
      op_q     <= work.reg_mr ? OpBind : work.remote ? OpRemoteInv : OpLocalInv;
      index_q  <= work.key[31:8];
      key_q    <= work.key[7:0];
      pd_q     <= work.pd;
      priv_q   <= work.priv;
      access_q <= work.access;
      shift_q  <= work.page_shift;
      va_q     <= work.va;
      length_q <= work.length;
    end else if (state_q == StReadWait && hmc_rsp_valid_i && op_q == OpBind) begin
      // The list is the one that ALLOC_MR named
      level_q  <= mrte_read.attr.level;
      pbl_q    <= mrte_read.pbl;
      pages_q  <= mrte_read.pages;
    end
  end

  // --------------------------------------------------------- parameters of a page list, range

  logic        mode_bad, shift_bad, list_bad, pages_bad, range_bad, whole;
  logic [63:0] in_page, room, list_len, list_end;
  logic [64:0] length;
  logic [65:0] va_end, flat_end;
  logic [65:0] needed;  // bytes from the start of the first page

  assign whole     = va_q == '0 && &length_q;
  assign length    = whole ? {1'b1, 64'b0} : {1'b0, length_q};
  assign mode_bad  = level_q == 2'd3 || (op_q == OpAlloc && level_q == 2'd0);
  assign shift_bad = op_q != OpAlloc && level_q != 2'd0 && (shift_q < 5'd12 || shift_q > 5'd30);

  // A list ends below index 2^28, so none has more entries, and its pages less than 2^59 bytes
  assign pages_bad = level_q != 2'd0 && (pages_q == '0 || pages_q > 64'h1000_0000);
  assign list_len  = (level_q == 2'd2) ? (pages_q + 64'd511) >> 9 : pages_q;
  assign list_end  = 64'(pbl_q[27:0]) + list_len;
  assign list_bad  = level_q != 2'd0 && (pbl_q[2:0] != '0 || pbl_q[63:28] != '0 ||
                                         (!pages_bad && list_end > 64'h1000_0000));

  // The last byte must exist, of virtual and of contiguous bus addresses
  assign va_end   = 66'(va_q) + 66'(length);
  assign flat_end = 66'(pbl_q) + 66'(length);
  assign in_page = va_q & ~(64'hffff_ffff_ffff_ffff << shift_q);
  assign room    = 64'(pages_q[28:0]) << shift_q;
  assign needed  = 66'(in_page) + 66'(length);
  assign range_bad = length == '0 || va_end > End ||
                     (level_q == 2'd0 ? flat_end > End : needed > 66'(room));

  logic [15:0] param_minor;

  always_comb begin
    param_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
    if (op_q != OpDereg) begin
      if (mode_bad)       param_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_MODE;
      else if (shift_bad) param_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_SIZE;
      else if (list_bad)  param_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS;
      else if (pages_bad) param_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_SIZE;
      else if (op_q != OpAlloc && range_bad) param_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_RANGE;
    end
  end

  // --------------------------------------------------------------------------- the entry

  logic exists, key_same, pd_same, work_ok;

  assign mrte_read = hmc_rsp_i.data;
  assign exists    = mrte_q.attr.valid || mrte_q.attr.free;
  assign key_same  = mrte_q.attr.key == key_q;
  assign pd_same   = mrte_q.attr.pd == pd_q;

  always_comb begin
    work_ok = pd_same && mrte_q.attr.fast;
    if (op_q == OpBind) begin
      if (mrte_q.attr.valid || !priv_q || level_q == 2'd0 || mode_bad || shift_bad || list_bad ||
          pages_bad || range_bad) work_ok = 1'b0;
    end else begin
      if (!mrte_q.attr.valid || !key_same) work_ok = 1'b0;
      if (op_q == OpLocalInv ? !priv_q : (mrte_q.attr.access & Remote) == '0) work_ok = 1'b0;
    end
  end

  always_comb begin
    mrte_new = '0;
    case (op_q)
      OpAlloc: begin
        mrte_new.attr.free       = 1'b1;
        mrte_new.attr.fast       = 1'b1;
        mrte_new.attr.priv       = priv_q;
        mrte_new.attr.level      = level_q;
        mrte_new.attr.page_shift = shift_q;
        mrte_new.attr.key        = key_q;
        mrte_new.attr.pd         = pd_q;
        mrte_new.pbl             = pbl_q;
        mrte_new.pages           = pages_q;
      end
      OpReg, OpRereg: begin
        mrte_new.attr.valid      = 1'b1;
        mrte_new.attr.priv       = priv_q;
        mrte_new.attr.access     = access_q;
        mrte_new.attr.level      = level_q;
        mrte_new.attr.page_shift = shift_q;
        mrte_new.attr.key        = key_q;
        mrte_new.attr.pd         = pd_q;
        mrte_new.va              = va_q;
        mrte_new.length          = length_q;
        mrte_new.pbl             = pbl_q;
        mrte_new.pages           = pages_q;
      end
      OpBind: begin
        mrte_new                 = mrte_q;
        mrte_new.attr.valid      = 1'b1;
        mrte_new.attr.free       = 1'b0;
        mrte_new.attr.access     = access_q;
        mrte_new.attr.page_shift = shift_q;
        mrte_new.attr.key        = key_q;
        mrte_new.va              = va_q;
        mrte_new.length          = length_q;
      end
      OpLocalInv, OpRemoteInv: begin
        mrte_new                 = mrte_q;
        mrte_new.attr.valid      = 1'b0;
        mrte_new.attr.free       = 1'b1;
      end
      default: ;  // OpDereg
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StReadWait && hmc_rsp_valid_i) mrte_q <= mrte_read;
    else if (state_q == StJudge) mrte_q <= mrte_new;
  end

  // ------------------------------------------------------------------------------ states

  logic [15:0] major_q, major_d, minor_q, minor_d, hmc_minor;
  logic [7:0]  status_q, status_d, refused;
  logic [1:0]  offer_q, offer_d, wait_q, wait_d;
  logic        hmc_bad;

  assign hmc_bad = hmc_rsp_i.err != tern_pkg::HmcOk;
  assign refused = (op_q == OpRemoteInv) ? tern_hw_pkg::TERN_HW_WC_STATUS_LOC_ACCESS
                                         : tern_hw_pkg::TERN_HW_WC_STATUS_MW_BIND;

  always_comb begin
    case (hmc_rsp_i.err)
      tern_pkg::HmcIndex: hmc_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_INDEX;
      tern_pkg::HmcSd:    hmc_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_SD;
      tern_pkg::HmcPage:  hmc_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_PAGE;
      default:            hmc_minor = tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_DMA;
    endcase
  end

  always_comb begin
    state_d  = state_q;
    major_d  = major_q;
    minor_d  = minor_q;
    status_d = status_q;
    offer_d  = offer_q;
    wait_d   = wait_q;
    unique case (state_q)
      StIdle: begin
        major_d  = tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;
        minor_d  = tern_hw_pkg::TERN_HW_CQP_MINOR_OK;
        status_d = tern_hw_pkg::TERN_HW_WC_STATUS_SUCCESS;
        if (any) state_d = sel[0] ? StCheck : StRead;
      end
      StCheck: begin
        state_d = StRead;
        if (param_minor != tern_hw_pkg::TERN_HW_CQP_MINOR_OK) begin
          major_d = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
          minor_d = param_minor;
          state_d = StAnswer;
        end
      end
      StRead: if (hmc_ready_i) state_d = StReadWait;
      StReadWait: begin
        if (hmc_rsp_valid_i) state_d = hmc_bad ? StAnswer : StJudge;
        if (hmc_rsp_valid_i && hmc_bad) begin
          major_d  = tern_hw_pkg::TERN_HW_CQP_MAJOR_HMC;
          minor_d  = hmc_minor;
          status_d = (hmc_rsp_i.err == tern_pkg::HmcDma)
                   ? tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL : refused;
        end
      end
      StJudge: begin
        state_d = StWrite;
        if (!sel_q[0] && !work_ok) begin
          status_d = refused;
          state_d  = StAnswer;
        end else if (sel_q[0] && (op_q == OpAlloc || op_q == OpReg) && exists) begin
          major_d = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;
          minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_EXISTS;
          state_d = StAnswer;
        end else if (sel_q[0] && (op_q == OpRereg || op_q == OpDereg) && !exists) begin
          major_d = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;
          minor_d = tern_hw_pkg::TERN_HW_CQP_MINOR_MISSING;
          state_d = StAnswer;
        end
      end
      StWrite: if (hmc_ready_i) state_d = StWriteWait;
      StWriteWait: begin
        offer_d = 2'b11;
        wait_d  = 2'b11;
        if (hmc_rsp_valid_i) state_d = StInv;
        if (hmc_rsp_valid_i && hmc_bad) begin
          major_d  = tern_hw_pkg::TERN_HW_CQP_MAJOR_HMC;
          minor_d  = hmc_minor;
          status_d = tern_hw_pkg::TERN_HW_WC_STATUS_GENERAL;
        end
      end
      StInv: begin
        offer_d = offer_q & ~inv_ready_i;
        wait_d  = wait_q & ~(inv_done_i & ~offer_q);
        if (wait_q == '0) begin
          state_d = (op_q == OpAlloc || op_q == OpReg || op_q == OpBind) ? StAnswer : StFence;
        end
      end
      StFence: begin
        wait_d  = ~fence_done_i;
        state_d = StFenceWait;
      end
      StFenceWait: begin
        wait_d = wait_q & ~fence_done_i;
        if (wait_q == '0) state_d = StAnswer;
      end
      StAnswer: state_d = StIdle;
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    major_q  <= major_d;
    minor_q  <= minor_d;
    status_q <= status_d;
    wait_q   <= wait_d;
    if (rst_i) begin
      state_q <= StIdle;
      offer_q <= '0;
    end else begin
      state_q <= state_d;
      offer_q <= offer_d;
    end
  end

  always_comb begin
    hmc_o       = '0;
    hmc_o.kind  = tern_hw_pkg::TERN_HW_HMC_KIND_MRTE;
    hmc_o.index = 28'(index_q);
    hmc_o.write = state_q == StWrite;
    hmc_o.quiet = 1'b1;
    hmc_o.data  = mrte_q;
  end

  assign hmc_valid_o       = state_q == StRead || state_q == StWrite;
  assign inv_valid_o       = (state_q == StInv) ? offer_q : '0;
  assign inv_index_o       = index_q;
  assign fence_o           = state_q == StFence;
  assign cqp_rsp_valid_o   = state_q == StAnswer && sel_q[0];
  assign seg_rsp_valid_o   = state_q == StAnswer && sel_q[1];
  assign place_rsp_valid_o = state_q == StAnswer && sel_q[2];
  assign cqp_rsp_o         = {major_q, minor_q, 64'b0};
  assign seg_status_o      = status_q;
  assign place_status_o    = status_q;
  assign idle_o            = state_q == StIdle && !any;

endmodule
