// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Read-only cache of lines for look-ups that are known by a slot number. Every look-up comes out
// once, with its line or with an error; what else belongs to it stays with the user, by slot.
//
//   look, or a slot that goes on -> stage 1: tags --hit--> out, in the second cycle after look
//                                              '--miss--> fetch -> fill buffer of the slot -> stage 1
//
// What users may rely on:
// - A look-up is never refused. It goes before slots that go on; look_next_o tells that such are
//   waiting, and hold_i keeps them waiting.
// - again_i gives a slot that has come out another tag; it goes on by itself.
// - A miss waits with its slot, all others pass. Look-ups of a line that is being fetched wait for
//   it. The one that asked for the line brings it into the cache; if it is gone again before the
//   others come, they fetch it anew, so each fetch serves at least one look-up.
// - An error is passed on to all that wait, and is not cached.
// - drop_i makes the lines of a region in one set invalid. The user goes through all sets while no
//   look-up of the region is under way, or a line may come in behind.
//
// The low RegionW bits of a tag are the region.

module tern_mr_cache #(
  parameter  int unsigned TagW    = 24,
  parameter  int unsigned RegionW = 24,
  parameter  int unsigned LineW   = 512,
  parameter  int unsigned Sets    = 16,   // power of two
  parameter  int unsigned Ways    = 4,    // power of two
  parameter  int unsigned Slots   = 16,   // power of two
  localparam int unsigned SlotW   = $clog2(Slots),
  localparam int unsigned SetW    = $clog2(Sets)
) (
  input  logic               clk_i,
  input  logic               rst_i,

  input  logic               look_i,
  input  logic [SlotW-1:0]   look_slot_i,
  input  logic [TagW-1:0]    look_tag_i,
  input  logic               look_skip_i,   // passes without a line
  input  logic               again_i,
  input  logic [SlotW-1:0]   again_slot_i,
  input  logic [TagW-1:0]    again_tag_i,
  input  logic               hold_i,
  output logic               look_next_o,
  output logic               busy_o,        // stage 1 is in use

  output logic               out_o,
  output logic [SlotW-1:0]   out_slot_o,
  output logic               out_err_o,
  output logic [LineW-1:0]   out_line_o,

  output logic               fetch_o,       // may change until it is taken
  output logic [SlotW-1:0]   fetch_slot_o,
  output logic [TagW-1:0]    fetch_tag_o,
  input  logic               fetch_take_i,
  input  logic               rsp_i,
  input  logic [SlotW-1:0]   rsp_slot_i,
  input  logic               rsp_err_i,
  input  logic [LineW-1:0]   rsp_line_i,

  input  logic               drop_i,
  input  logic [SetW-1:0]    drop_set_i,
  input  logic [RegionW-1:0] drop_region_i,

  output logic               hit_o,
  output logic               miss_o
);

  localparam int unsigned WayW  = $clog2(Ways);
  localparam int unsigned Lines = Sets * Ways;

  if (Sets != 1 << SetW || Ways != 1 << WayW || Slots != 1 << SlotW || Sets < 2 || Ways < 2 ||
      TagW < RegionW || RegionW < SetW) begin : gen_bad_size
    $error("tern_mr_cache: size not possible");
  end

  typedef enum logic [2:0] {
    SlNone,   // nothing to do here, or in stage 1
    SlFetch,  // owner of a fetch that is to be sent
    SlSent,   // owner of a fetch under way
    SlFill,   // owner of a line that came, or of its error
    SlWait,   // for the owner slot_owner
    SlLook    // looks up its tag, or passes with its error
  } slot_e;

  logic [Slots-1:0][2:0]       state_q;
  logic [Slots-1:0][TagW-1:0]  tag_q;
  logic [Slots-1:0][SlotW-1:0] owner_q;
  logic [Slots-1:0]            err_q;
  logic [LineW-1:0]            fill [Slots];

  logic [Lines-1:0]            valid_q;
  logic [Ways-1:0][TagW-1:0]   tags [Sets];
  logic [LineW-1:0]            data [Lines];

  logic [Slots-1:0] is_fetch, is_go, is_owner;

  always_comb begin
    for (int unsigned i = 0; i < Slots; i++) begin
      is_fetch[i] = state_q[i] == SlFetch;
      is_go[i]    = state_q[i] == SlFill || state_q[i] == SlLook;
      is_owner[i] = state_q[i] == SlFetch || state_q[i] == SlSent || state_q[i] == SlFill;
    end
  end

  // ------------------------------------------------------------------ what enters stage 1

  logic             go, go_take;
  logic [SlotW-1:0] go_slot;
  logic [Slots-1:0] go_unused;

  tern_rr_arb #(.N(Slots)) u_go (
    .clk_i, .rst_i,
    .req_i(is_go), .take_i(go_take),
    .valid_o(go), .onehot_o(go_unused), .idx_o(go_slot)
  );

  assign go_take     = go && !look_i && !hold_i;
  assign look_next_o = go;

  logic             s1_valid_q, s1_skip_q, s1_fill_q, s1_err_q;
  logic [SlotW-1:0] s1_slot_q;
  logic [TagW-1:0]  s1_tag_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) s1_valid_q <= 1'b0;
    else s1_valid_q <= look_i || go_take;
    if (look_i) begin
      s1_slot_q <= look_slot_i;
      s1_tag_q  <= look_tag_i;
      s1_skip_q <= look_skip_i;
      s1_fill_q <= 1'b0;
      s1_err_q  <= 1'b0;
    end else if (go_take) begin
      s1_slot_q <= go_slot;
      s1_tag_q  <= tag_q[go_slot];
      s1_skip_q <= 1'b0;
      s1_fill_q <= state_q[go_slot] == SlFill;
      s1_err_q  <= err_q[go_slot];
    end
  end

  assign busy_o = s1_valid_q;

  // ----------------------------------------------------------------------------- stage 1

  logic [SetW-1:0]  set;
  logic [Ways-1:0]  hit_ways, set_valid;
  logic [Ways-1:0][TagW-1:0] set_tags;
  logic [WayW-1:0]  hit_way, victim_way;
  logic [WayW-1:0]  turn_q;      // victim if all ways are in use
  logic             search, hit, miss, fill_in, pass;
  logic             same;        // another one fetches the line
  logic [SlotW-1:0] same_slot;

  if (TagW > RegionW) begin : gen_hash
    assign set = s1_tag_q[SetW-1:0] ^ s1_tag_q[RegionW +: SetW];
  end else begin : gen_low
    assign set = s1_tag_q[SetW-1:0];
  end

  assign search  = s1_valid_q && !s1_skip_q && !s1_fill_q && !s1_err_q;
  assign fill_in = s1_valid_q && s1_fill_q && !s1_err_q;
  assign hit     = search && |hit_ways;
  assign miss    = search && hit_ways == '0;
  assign pass    = s1_valid_q && !miss;

  assign set_tags  = tags[set];
  assign set_valid = valid_q[{set, {WayW{1'b0}}} +: Ways];

  always_comb begin
    hit_ways   = '0;
    hit_way    = '0;
    victim_way = turn_q;
    same       = 1'b0;
    same_slot  = '0;
    if (search || fill_in) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        hit_ways[w] = set_valid[w] && set_tags[w] == s1_tag_q;
        if (hit_ways[w]) hit_way |= WayW'(w);
        if (!set_valid[w]) victim_way = WayW'(w);
      end
      for (int unsigned i = 0; i < Slots; i++) begin
        if (is_owner[i] && tag_q[i] == s1_tag_q) begin
          same = 1'b1;
          same_slot |= SlotW'(i);
        end
      end
    end
  end

  logic             out_valid_q, out_err_q;
  logic [SlotW-1:0] out_slot_q;
  logic [LineW-1:0] out_line_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) out_valid_q <= 1'b0;
    else out_valid_q <= pass;
    if (pass) begin
      out_slot_q <= s1_slot_q;
      out_err_q  <= s1_err_q;
    end
    if (fill_in) out_line_q <= fill[s1_slot_q];
    else if (hit) out_line_q <= data[{set, hit_way}];
  end

  assign out_o      = out_valid_q;
  assign out_slot_o = out_slot_q;
  assign out_err_o  = out_err_q;
  assign out_line_o = out_line_q;

  // ------------------------------------------------------------------------------- lines

  always_ff @(posedge clk_i) begin
    if (fill_in) begin
      data[{set, victim_way}] <= fill[s1_slot_q];
      for (int unsigned w = 0; w < Ways; w++) begin
        if (victim_way == WayW'(w)) tags[set][w] <= s1_tag_q;
      end
    end
  end

  logic [Ways-1:0][TagW-1:0] drop_tags;
  assign drop_tags = tags[drop_set_i];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q <= '0;
      turn_q  <= '0;
    end else begin
      if (drop_i) begin
        for (int unsigned w = 0; w < Ways; w++) begin
          if (drop_tags[w][RegionW-1:0] == drop_region_i) begin
            valid_q[{drop_set_i, WayW'(w)}] <= 1'b0;
          end
        end
      end
      if (fill_in) begin
        valid_q[{set, victim_way}] <= 1'b1;
        turn_q <= turn_q + 1'b1;
      end
    end
  end

  // ------------------------------------------------------------------------------- slots

  logic             send;
  logic [SlotW-1:0] send_slot;
  logic [Slots-1:0] send_unused;

  tern_rr_arb #(.N(Slots)) u_send (
    .clk_i, .rst_i,
    .req_i(is_fetch), .take_i(fetch_take_i),
    .valid_o(send), .onehot_o(send_unused), .idx_o(send_slot)
  );

  assign fetch_o      = send;
  assign fetch_slot_o = send_slot;
  assign fetch_tag_o  = tag_q[send_slot];

  // An owner whose line or error goes out lets the others look again
  logic wake;
  assign wake = s1_valid_q && s1_fill_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      for (int unsigned i = 0; i < Slots; i++) state_q[i] <= SlNone;
    end else begin
      if (wake) begin
        for (int unsigned i = 0; i < Slots; i++) begin
          if (state_q[i] == SlWait && owner_q[i] == s1_slot_q) state_q[i] <= SlLook;
        end
      end
      if (miss) state_q[s1_slot_q] <= same ? SlWait : SlFetch;
      if (go_take) state_q[go_slot] <= SlNone;
      if (again_i) state_q[again_slot_i] <= SlLook;
      if (fetch_take_i) state_q[send_slot] <= SlSent;
      if (rsp_i) state_q[rsp_slot_i] <= SlFill;
    end

    if (wake) begin
      for (int unsigned i = 0; i < Slots; i++) begin
        if (state_q[i] == SlWait && owner_q[i] == s1_slot_q) err_q[i] <= s1_err_q;
      end
    end
    if (miss) owner_q[s1_slot_q] <= same_slot;
    if (look_i) tag_q[look_slot_i] <= look_tag_i;
    if (again_i) begin
      tag_q[again_slot_i] <= again_tag_i;
      err_q[again_slot_i] <= 1'b0;
    end
    if (rsp_i) begin
      err_q[rsp_slot_i] <= rsp_err_i;
      fill[rsp_slot_i]  <= rsp_line_i;
    end
  end

  assign hit_o  = hit;
  assign miss_o = miss && !same;

endmodule
