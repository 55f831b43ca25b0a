// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Front of tern_seg: reads the entries of a job from its buffer one after the other, checks what
// can be checked without the state of the QP, and adds up the lengths of their SGEs. While one is
// sent the next is read.
//
// start_i comes with the first slot's read; buf_i, count_i, first_i and log_size_i stay as they
// are from then until stop_i, what belongs to the QP from the cycle after. An entry shows with
// ent_valid_o until ent_take_i: a single-slot one 2 cycles after its read at the earliest, one per
// 2 cycles. Nothing comes after an entry with ent_end_o, or, unless flushing, ent_bad_o or
// ent_cut_o.
//
// bad: malformed, or nothing that this QP can do. cut: goes on behind the end of the job. When
// flushing, entries are not judged: every one has a step of at least 1, so the job comes to its
// end whatever is in it; the length means nothing.

module tern_seg_entry (
  input  logic         clk_i,
  input  logic         rst_i,

  input  logic         start_i,
  input  logic         stop_i,
  input  logic [4:0]   buf_i,
  input  logic [4:0]   count_i,
  input  logic [15:0]  first_i,
  input  logic [3:0]   log_size_i,

  input  logic [2:0]   transport_i,
  input  logic         priv_i,
  input  logic         no_rd_i,       // max_rd is 0
  input  logic         flushing_i,

  // Slots; the data comes in the next cycle and stays until the next read, whosever it is
  output logic         slot_rd_o,
  input  logic         slot_ready_i,  // nobody else reads
  output logic [8:0]   slot_addr_o,
  input  logic [511:0] slot_data_i,

  output logic         ent_valid_o,
  input  logic         ent_take_i,
  output logic         ent_bad_o,
  output logic         ent_cut_o,
  output logic         ent_whole_o,   // the first one of the job
  output logic         ent_end_o,     // the last one
  output logic [4:0]   ent_step_o,    // slots to the next entry
  output logic [3:0]   ent_slot_o,    // its first slot in the buffer
  output logic [36:0]  ent_len_o,
  output logic [511:0] ent_line_o     // first slot: tern_hw_sq_wqe_t
);

  typedef enum logic [1:0] {
    StIdle,
    StAddr,   // slot_q is to be read
    StData    // slot_q has been read
  } state_e;

  state_e      state_q, state_d;
  logic [3:0]  slot_q, slot_d;
  logic [3:0]  base_q, base_d;     // first slot of the entry
  logic        valid_q, valid_d;
  logic        bad_q, cut_q, end_q;
  logic [4:0]  step_q;
  logic [3:0]  ent_slot_q;
  logic [36:0] len_q;
  logic [511:0] line_q;

  // --------------------------------------------------------------------------- first slot

  tern_hw_pkg::tern_hw_sq_wqe_t wqe;
  tern_hw_pkg::tern_hw_sq_ud_wqe_t ud_wqe;
  tern_hw_pkg::tern_hw_sge_t    sge0, sge1;
  logic        is_ud;           // its first slot has room for sge1 only, or 16 B of inline data
  logic        is_send, is_write, is_read, is_atomic, is_local, is_known;
  logic [2:0]  want_slots;
  logic [15:0] index, pass;
  logic        polarity_ok, bad, cut, ends;
  logic [2:0]  slots;
  logic [4:0]  left;          // slots from here to the end of the job
  logic [4:0]  step;
  logic [36:0] len;
  logic        more;          // further slots hold SGEs

  assign is_ud  = transport_i == tern_hw_pkg::TERN_HW_QP_TYPE_UD ||
                  transport_i == tern_hw_pkg::TERN_HW_QP_TYPE_GSI;
  assign wqe    = slot_data_i;
  assign ud_wqe = slot_data_i;
  assign sge0 = wqe.data[127:0];
  assign sge1 = wqe.data[255:128];

  always_comb begin
    is_send   = 1'b0;
    is_write  = 1'b0;
    is_read   = 1'b0;
    is_atomic = 1'b0;
    is_local  = 1'b0;
    unique case (wqe.hdr.op)
      tern_hw_pkg::TERN_HW_WQE_OP_SEND,
      tern_hw_pkg::TERN_HW_WQE_OP_SEND_IMM,
      tern_hw_pkg::TERN_HW_WQE_OP_SEND_INV:  is_send   = 1'b1;
      tern_hw_pkg::TERN_HW_WQE_OP_WRITE,
      tern_hw_pkg::TERN_HW_WQE_OP_WRITE_IMM: is_write  = 1'b1;
      tern_hw_pkg::TERN_HW_WQE_OP_READ:      is_read   = 1'b1;
      tern_hw_pkg::TERN_HW_WQE_OP_CMP_SWAP,
      tern_hw_pkg::TERN_HW_WQE_OP_FETCH_ADD: is_atomic = 1'b1;
      tern_hw_pkg::TERN_HW_WQE_OP_LOCAL_INV,
      tern_hw_pkg::TERN_HW_WQE_OP_REG_MR:    is_local  = 1'b1;
      default: ;
    endcase
    is_known = is_send || is_write || is_read || is_atomic || is_local;
    if (transport_i == tern_hw_pkg::TERN_HW_QP_TYPE_UC) begin
      if (is_read || is_atomic || wqe.hdr.op == tern_hw_pkg::TERN_HW_WQE_OP_SEND_INV) begin
        is_known = 1'b0;
      end
    end else if (is_ud) begin
      is_known = is_send && wqe.hdr.op != tern_hw_pkg::TERN_HW_WQE_OP_SEND_INV;
    end else if (transport_i != tern_hw_pkg::TERN_HW_QP_TYPE_RC) begin
      is_known = 1'b0;
    end
  end

  logic [7:0] inl_end;   // as if the first slot had 32 B or 2 SGEs
  logic [4:0] sge_end;

  always_comb begin
    inl_end = wqe.hdr.inl_len + (is_ud ? 8'd16 : 8'd0);
    sge_end = wqe.hdr.num_sge + 5'(is_ud);
    if (is_local || is_atomic)             want_slots = 3'd1;
    else if (wqe.hdr.inl) begin
      if (inl_end <= 8'd32)                want_slots = 3'd1;
      else if (inl_end <= 8'd96)           want_slots = 3'd2;
      else if (inl_end <= 8'd160)          want_slots = 3'd3;
      else if (inl_end <= 8'd224)          want_slots = 3'd4;
      else                                 want_slots = 3'd5;
    end
    else if (sge_end <= 5'd2)              want_slots = 3'd1;
    else if (sge_end <= 5'd6)              want_slots = 3'd2;
    else if (sge_end <= 5'd10)             want_slots = 3'd3;
    else if (sge_end <= 5'd14)             want_slots = 3'd4;
    else                                   want_slots = 3'd5;
  end

  assign index       = first_i + 16'(base_q);
  assign pass        = index >> log_size_i;
  assign polarity_ok = wqe.hdr.polarity == !pass[0];

  always_comb begin
    bad = !is_known || !polarity_ok || wqe.hdr.slots != want_slots;
    if (wqe.hdr.inl) begin
      if (!(is_send || is_write) || wqe.hdr.num_sge != '0 ||
          wqe.hdr.inl_len > 8'(tern_pkg::MaxInline)) bad = 1'b1;
    end
    if (wqe.hdr.num_sge > 5'(tern_pkg::MaxSge)) bad = 1'b1;
    if (is_atomic && (wqe.hdr.num_sge != 5'd1 || sge0.len_key.len != 32'd8 ||
                      wqe.remote[2:0] != '0)) bad = 1'b1;
    if (is_local && (!priv_i || wqe.hdr.num_sge != '0)) bad = 1'b1;
    if ((is_read || is_atomic) && no_rd_i) bad = 1'b1;
    if (is_ud && (ud_wqe.dest.sgid[7] || ud_wqe.flow.rsvd_23 != '0 || wqe.hdr.rsvd_17 != '0 ||
                  wqe.hdr.rsvd_28 != '0 || wqe.hdr.rsvd_32 != '0)) bad = 1'b1;
  end

  assign left = count_i - 5'(base_q);

  always_comb begin
    slots = wqe.hdr.slots;
    if (flushing_i && (slots == '0 || slots > 3'd5)) slots = 3'd1;
    cut  = (flushing_i || !bad) && 5'(slots) > left;
    step = 5'(slots);
    // Nothing will ever come behind what is left, so it counts as one entry
    if (flushing_i && cut && base_q == '0) begin
      cut  = 1'b0;
      step = left;
    end
    ends = step == left || cut || (bad && !flushing_i);
    len  = '0;
    if (wqe.hdr.inl) begin
      len = 37'(wqe.hdr.inl_len);
    end else begin
      if (wqe.hdr.num_sge > 5'd0 && !is_ud) len = len + 37'(sge0.len_key.len);
      if (sge_end > 5'd1) len = len + 37'(sge1.len_key.len);
    end
  end

  assign more = !flushing_i && !bad && !cut && !wqe.hdr.inl && wqe.hdr.slots != 3'd1;

  // ------------------------------------------------------------------------- further slots

  tern_hw_pkg::tern_hw_sq_wqe_t ent;
  logic [3:0]   nth;           // of the entry, from 1
  logic [5:0]   sge_base;
  logic [36:0]  add;
  logic         last_slot;

  assign ent       = line_q;
  assign nth       = slot_q - base_q;
  assign sge_base  = {nth, 2'd0} - (is_ud ? 6'd3 : 6'd2);
  assign last_slot = 5'(nth) + 5'd1 == step_q;

  always_comb begin
    add = '0;
    for (int unsigned i = 0; i < 4; i++) begin
      if (sge_base + 6'(i) < 6'(ent.hdr.num_sge)) add = add + 37'(slot_data_i[128*i+64 +: 32]);
    end
  end

  // ---------------------------------------------------------------------------------- steps

  logic load, sum, free;

  assign free = !valid_q || ent_take_i;
  assign load = state_q == StData && slot_q == base_q && free;
  assign sum  = state_q == StData && slot_q != base_q;

  always_comb begin
    state_d = state_q;
    slot_d  = slot_q;
    base_d  = base_q;
    valid_d = valid_q && !ent_take_i;
    unique case (state_q)
      StAddr: if (slot_ready_i) state_d = StData;
      StData: begin
        state_d = StAddr;
        if (load && more) begin
          slot_d = slot_q + 4'd1;
        end else if (load) begin
          valid_d = 1'b1;
          base_d  = base_q + step[3:0];
          slot_d  = base_d;
          if (ends) state_d = StIdle;
        end else if (sum) begin
          slot_d = slot_q + 4'd1;
          if (last_slot) begin
            valid_d = 1'b1;
            base_d  = slot_d;
            if (end_q) state_d = StIdle;
          end
        end else if (slot_ready_i) begin
          state_d = StData;  // it stays to be looked at
        end
      end
      default: ;
    endcase
    if (start_i) begin
      slot_d  = '0;
      base_d  = '0;
      valid_d = 1'b0;
      state_d = slot_ready_i ? StData : StAddr;
    end
    if (stop_i) begin
      valid_d = 1'b0;
      state_d = StIdle;
    end
  end

  assign slot_rd_o   = start_i || state_q == StAddr;
  assign slot_addr_o = {buf_i, start_i ? 4'd0 : slot_q};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StIdle;
      valid_q <= 1'b0;
    end else begin
      state_q <= state_d;
      valid_q <= valid_d;
    end
    slot_q <= slot_d;
    base_q <= base_d;
    if (load) begin
      bad_q      <= bad;
      cut_q      <= cut;
      end_q      <= ends;
      step_q     <= step;
      ent_slot_q <= base_q;
      len_q      <= len;
      line_q     <= slot_data_i;
    end else if (sum) begin
      len_q <= len_q + add;
    end
  end

  assign ent_valid_o = valid_q;
  assign ent_bad_o   = bad_q;
  assign ent_cut_o   = cut_q;
  assign ent_whole_o = ent_slot_q == '0;
  assign ent_end_o   = end_q;
  assign ent_step_o  = step_q;
  assign ent_slot_o  = ent_slot_q;
  assign ent_len_o   = len_q;
  assign ent_line_o  = line_q;

endmodule
