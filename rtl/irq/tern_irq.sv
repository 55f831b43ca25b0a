// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Interrupt vectors: which one is armed, when it last fired, when it may fire again.
//
// A vector wants to fire when it is armed and its level is high, or once when its trigger was
// written. It may when its interval has passed since it last fired. Firing disarms it. Levels are
// not latched: what is still unconsumed when the vector is armed again fires it again, so nothing
// is lost or stranded.
//
// Two steps: choose a vector that wants to fire, then look up its time. One whose time has not
// come is set aside (held) so that it costs nothing while it waits; the earliest such time is
// kept in one register, and when it comes all held vectors are looked at again. A level shows
// as a request two cycles later; one vector every two cycles.

module tern_irq #(
  localparam int unsigned NumVectors = tern_pkg::NumVectors,
  localparam int unsigned VecW       = tern_pkg::VecW
) (
  input  logic                  clk_i,
  input  logic                  rst_i,

  input  logic [63:0]           now_i,        // ns
  output logic                  idle_o,
  output logic [63:0]           wake_at_o,    // never later than the first held vector's time

  // Vectors whose event queues hold something; miscellaneous causes belong to vector 0
  input  logic [NumVectors-1:0] level_i,
  input  logic                  misc_level_i,

  // A doorbell asks to arm the queue's vector: event queues, Ethernet CQs
  input  logic [1:0]            rearm_valid_i,
  input  logic [1:0][VecW-1:0]  rearm_vec_i,

  // Registers int_itr (reg_itr_i) or int_ctl of a vector; read in the same cycle
  input  logic                  reg_write_i,
  input  logic                  reg_itr_i,
  input  logic [VecW-1:0]       reg_vec_i,
  input  logic [31:0]           reg_wdata_i,
  output logic [31:0]           reg_rdata_o,

  output logic                  irq_valid_o,
  input  logic                  irq_ready_i,
  output logic [VecW-1:0]       irq_vector_o,

  output logic                  stat_irq_o
);

  localparam int unsigned ItrW    = 24;
  localparam int unsigned ItrUnit = 6;  // log2 of ns

  logic [NumVectors-1:0] armed_q, trigger_q;
  logic [NumVectors-1:0] held_q;    // waits for its time
  logic [NumVectors-1:0] fired_q;   // last_mem is valid
  logic [NumVectors-1:0] level, want;
  logic [63:0]           last_mem [NumVectors];
  logic [NumVectors-1:0] itr_set_q;  // itr_mem is valid
  logic [ItrW-1:0]       itr_mem [NumVectors];

  assign level = level_i | NumVectors'(misc_level_i);
  assign want  = (armed_q & level) | trigger_q;

  // -------------------------------------------------------------------------- choose

  logic [NumVectors-1:0] ready, round, pick_hot, pick_rest, later_q;
  logic                  pick, look_q;
  logic [VecW-1:0]       pick_vec, vec_q;

  assign ready = want & ~held_q;
  assign pick  = |ready && !look_q && (!irq_valid_o || irq_ready_i);

  // In turn, so that a busy vector does not shut out those above it
  always_comb begin
    round     = '0;
    pick_hot  = '0;
    pick_rest = '0;
    pick_vec  = '0;
    if (pick) begin
      round     = |(ready & later_q) ? (ready & later_q) : ready;
      pick_rest = round & (round - 1'b1);
      pick_hot  = round ^ pick_rest;
      for (int unsigned b = 0; b < VecW; b++) pick_vec[b] = |(pick_hot & index_bit(b));
    end
  end

  // The vectors whose number has bit b set
  function automatic logic [NumVectors-1:0] index_bit(int unsigned b);
    for (int unsigned v = 0; v < NumVectors; v++) index_bit[v] = ((v >> b) & 1) != 0;
  endfunction

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      look_q  <= 1'b0;
      later_q <= '0;
    end else begin
      look_q <= pick;
      if (pick) later_q <= ~(pick_hot | (pick_hot - 1'b1));
    end
  end

  always_ff @(posedge clk_i) begin
    if (pick) vec_q <= pick_vec;
  end

  // ---------------------------------------------------------------------------- look

  logic [ItrW-1:0]       itr;
  logic [63:0]           due;
  logic                  fire, hold, expire;
  logic [63:0]           wake_q;
  logic [NumVectors-1:0] vec_hot;

  // It may have been disarmed or consumed in between
  always_comb begin
    itr     = '0;
    due     = '0;
    fire    = 1'b0;
    hold    = 1'b0;
    vec_hot = '0;
    if (look_q) begin
      itr     = itr_set_q[vec_q] ? itr_mem[vec_q] : '0;
      due     = last_mem[vec_q] + 64'({itr, {ItrUnit{1'b0}}});
      fire    = want[vec_q] && (!fired_q[vec_q] || now_i >= due);
      hold    = want[vec_q] && !fire;
      vec_hot = NumVectors'(1) << vec_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fire) begin
      last_mem[vec_q] <= now_i;
      irq_vector_o    <= vec_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      fired_q     <= '0;
      irq_valid_o <= 1'b0;
    end else begin
      if (fire) fired_q <= fired_q | vec_hot;
      if (fire) irq_valid_o <= 1'b1;
      else if (irq_ready_i) irq_valid_o <= 1'b0;
    end
  end

  // ---------------------------------------------------------------------------- hold

  logic itr_write;

  assign expire = now_i >= wake_q;

  // Looking at one that is not due after all only costs two cycles, so a new interval (which may
  // be shorter) lets all go too
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      held_q <= '0;
      wake_q <= '1;
    end else if (expire || itr_write) begin
      held_q <= '0;
      wake_q <= '1;
    end else if (hold) begin
      held_q <= held_q | vec_hot;
      if (due < wake_q) wake_q <= due;
    end
  end

  assign wake_at_o = wake_q;

  // ----------------------------------------------------------------------- registers

  tern_hw_pkg::tern_hw_reg_int_ctl_t ctl_w, ctl_read;
  tern_hw_pkg::tern_hw_reg_int_itr_t itr_w, itr_read;
  logic                              ctl_write;
  logic [NumVectors-1:0]             reg_hot, arm, disarm;

  assign ctl_w     = reg_wdata_i;
  assign itr_w     = reg_wdata_i;
  assign ctl_write = reg_write_i && !reg_itr_i;
  assign itr_write = reg_write_i && reg_itr_i;
  assign reg_hot   = ctl_write ? NumVectors'(1) << reg_vec_i : '0;

  always_comb begin
    arm    = '0;
    disarm = '0;
    if (rearm_valid_i[0]) arm |= NumVectors'(1) << rearm_vec_i[0];
    if (rearm_valid_i[1]) arm |= NumVectors'(1) << rearm_vec_i[1];
    if (ctl_w.arm) arm |= reg_hot;
    if (ctl_w.disarm) disarm = reg_hot;
  end

  // To arm in the cycle of firing counts as after it: at worst one interrupt too many. To disarm
  // by register wins over all.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      armed_q   <= '0;
      trigger_q <= '0;
    end else begin
      armed_q   <= ((armed_q & ~(fire ? vec_hot : '0)) | arm) & ~disarm;
      trigger_q <= (trigger_q & ~(fire ? vec_hot : '0)) | (ctl_w.trigger ? reg_hot : '0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (itr_write) itr_mem[reg_vec_i] <= itr_w.interval;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) itr_set_q <= '0;
    else if (itr_write) itr_set_q[reg_vec_i] <= 1'b1;
  end

  always_comb begin
    ctl_read          = '0;
    ctl_read.arm      = armed_q[reg_vec_i];
    ctl_read.trigger  = trigger_q[reg_vec_i];
    ctl_read.level    = level[reg_vec_i];
    itr_read          = '0;
    itr_read.interval = itr_set_q[reg_vec_i] ? itr_mem[reg_vec_i] : '0;
  end

  assign reg_rdata_o = reg_itr_i ? itr_read : ctl_read;

  // --------------------------------------------------------------------------- state

  // A re-arm is a pulse: were the clock stopped under it, it would wait for the next one's reason
  assign idle_o     = ready == '0 && !look_q && !irq_valid_o && !expire && rearm_valid_i == '0;
  assign stat_irq_o = irq_valid_o && irq_ready_i;

endmodule
