// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The wire towards one node, with what may happen to frames on their way. Beats pass one by one
// while nothing is asked to happen; else frames are stored and forwarded. Knobs are in parts of
// 100,000 frames; a bench sets them by hierarchical name.
//
// With inject_pct, frames of the host (wire_next of rdma_bus.h) come between the others, as if a
// third station had sent them. They obey the receiver's pause, too.

module tb_rdma_wire #(
  parameter int unsigned To = 0
) (
  input  logic         clk_i,
  input  logic         rst_i,

  input  logic         s_valid_i,
  output logic         s_ready_o,
  input  logic [511:0] s_data_i,
  input  logic [63:0]  s_keep_i,
  input  logic         s_last_i,

  output logic         m_valid_o,
  output logic [511:0] m_data_o,
  output logic [63:0]  m_keep_o,
  output logic         m_last_o,

  input  logic         pause_i,   // of the receiver
  output logic         empty_o
);

  import "DPI-C" function void rdma_wire_seen(input int unsigned to, input bit [511:0] data,
    input longint unsigned keep, input bit last);
  import "DPI-C" function bit rdma_wire_next(input int unsigned to, output bit [511:0] data,
    output longint unsigned keep, output bit last);

  localparam int unsigned Whole = 100_000;

  int unsigned stall_pct = 0;
  int unsigned delay = 0;    // cycles
  int unsigned jitter = 0;
  int unsigned drop = 0;
  int unsigned dup = 0;
  int unsigned swap = 0;
  int unsigned corrupt = 0;
  bit          cut = 0;
  bit          hold = 0;
  bit          heed_pause = 1;
  bit          tap = 0;
  int unsigned inject_pct = 0;

  longint unsigned frames, dropped, duplicated, swapped, corrupted;

  typedef struct {
    logic [511:0]    data;
    logic [63:0]     keep;
    logic            last;
    longint unsigned due;
  } beat_t;

  longint unsigned cycle, last_due;
  beat_t           frame [$];     // being taken
  beat_t           late  [$];     // comes behind `behind` more
  int unsigned     behind;
  longint unsigned late_until;
  beat_t           out   [$];
  bit              plain = 1, first = 1;
  bit              out_mid, inject_mid;  // a frame is under way to the receiver

  function automatic bit happens(int unsigned knob);
    return knob != 0 && $urandom_range(Whole - 1) < knob;
  endfunction

  function automatic void send(ref beat_t f [$]);
    longint unsigned due = cycle + longint'(delay);
    if (jitter != 0) due += longint'($urandom_range(jitter));
    if (due < last_due) due = last_due;
    last_due = due;
    foreach (f[i]) begin
      f[i].due = due;
      out.push_back(f[i]);
    end
  endfunction

  function automatic void release_late();
    send(late);
    late.delete();
  endfunction

  function automatic void turn_bit(ref beat_t f [$]);
    int unsigned k = $urandom_range(f.size() - 1);
    int unsigned b;
    do b = $urandom_range(511); while (!f[k].keep[b / 8]);
    f[k].data[b] = !f[k].data[b];
    corrupted++;
  endfunction

  function automatic void take_frame();
    if (cut || happens(drop)) begin
      dropped++;
    end else begin
      if (happens(corrupt)) turn_bit(frame);
      if (late.size() == 0 && happens(swap)) begin
        late       = frame;
        behind     = $urandom_range(4, 1);
        late_until = cycle + 2000;
        swapped++;
      end else begin
        send(frame);
        if (happens(dup)) begin
          send(frame);
          duplicated++;
        end
        if (late.size() != 0) begin
          behind--;
          if (behind == 0) release_late();
        end
      end
    end
    frame.delete();
  endfunction

  // +trace: a line per frame that is taken
  bit            trace = $test$plusargs("trace") != 0;
  logic [1023:0] head;
  int unsigned   beats;

  function automatic logic [31:0] field(int unsigned at, int unsigned bytes);
    field = 0;
    for (int unsigned i = 0; i < bytes; i++) field = {field[23:0], head[8 * (at + i) +: 8]};
  endfunction

  function automatic void show();
    int unsigned bth = 14;
    logic [31:0] opcode, aeth = 0;
    if (field(12, 2) == 32'h8100) bth += 4;
    bth += ((field(bth, 1) >> 4) == 4) ? 28 : 48;
    opcode = field(bth, 1);
    if (opcode == 32'h11 || opcode == 32'h12 || opcode == 32'h0d || opcode == 32'h0f ||
        opcode == 32'h10) aeth = field(bth + 12, 4);
    $display("%0t to %0d: opcode %h QP %0d PSN %h%s aeth %h, %0d beats", $time, To, 8'(opcode),
             field(bth + 5, 3), 24'(field(bth + 9, 3)), head[8 * (bth + 8) + 7] ? " ack" : "", aeth,
             beats);
  endfunction

  function automatic void note_beat();
    if (beats < 2) head[512 * beats +: 512] = s_data_i;
    beats++;
    if (s_last_i) begin
      show();
      beats = 0;
    end
  endfunction

  function automatic void take_beat();
    beat_t b;
    b.data = s_data_i;
    b.keep = s_keep_i;
    b.last = s_last_i;
    if (trace) note_beat();
    if (first)
      plain = !cut && drop == 0 && dup == 0 && swap == 0 && corrupt == 0 && late.size() == 0;
    first = s_last_i;
    if (s_last_i) frames++;
    if (plain) begin
      b.due = cycle + longint'(delay);
      if (b.due < last_due) b.due = last_due;
      last_due = b.due;
      out.push_back(b);
    end else begin
      frame.push_back(b);
      if (s_last_i) take_frame();
    end
  endfunction

  function automatic bit go();
    return !hold && (stall_pct == 0 || $urandom_range(99) >= stall_pct);
  endfunction

  beat_t given;  // to the receiver, in this cycle

  function automatic void give_own();
    given   = out.pop_front();
    out_mid = !given.last;
    if (tap) rdma_wire_seen(To, given.data, given.keep, given.last);
  endfunction

  // False: there is none
  function automatic bit give_injected();
    bit [511:0]      data;
    longint unsigned keep;
    bit              last;
    if (!rdma_wire_next(To, data, keep, last)) return 0;
    given.data = data;
    given.keep = keep;
    given.last = last;
    inject_mid = !last;
    return 1;
  endfunction

  // With other frames between them the sender's wait here, and must not all come while the receiver
  // asks for a pause
  function automatic bit is_due();
    return out.size() != 0 && out[0].due <= cycle &&
           (out_mid || !tap || !(heed_pause && pause_i));
  endfunction

  function automatic bit may_inject();
    return inject_pct != 0 && !out_mid && !(heed_pause && pause_i) &&
           $urandom_range(99) < inject_pct;
  endfunction

  always @(posedge clk_i) begin
    cycle <= cycle + 1;
    if (rst_i) begin
      s_ready_o <= 1'b0;
      m_valid_o <= 1'b0;
    end else begin
      if (s_valid_i && s_ready_o) take_beat();
      if (late.size() != 0 && cycle > late_until) release_late();
      s_ready_o <= !(heed_pause && pause_i && first) &&
                   (stall_pct == 0 || $urandom_range(99) >= stall_pct);
      m_valid_o <= 1'b0;
      if ((inject_mid || may_inject()) && go() && give_injected()) begin
        m_valid_o <= 1'b1;
      end else if (!inject_mid && is_due() && go()) begin
        give_own();
        m_valid_o <= 1'b1;
      end
      m_data_o <= given.data;
      m_keep_o <= given.keep;
      m_last_o <= given.last;
    end
    empty_o <= out.size() == 0 && frame.size() == 0 && late.size() == 0 && !inject_mid &&
               !m_valid_o;
  end

endmodule
