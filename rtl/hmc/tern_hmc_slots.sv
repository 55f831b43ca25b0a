// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The accesses in flight. Each has a slot from the cycle in which it is accepted to the cycle of
// its answer; only the number of the slot travels with it, who asked and what is to be written
// stays here.
//
// Every slot belongs to one of two epochs. A change of a translation flips the epoch; when the
// slots of the former one are gone (drained_o), nothing that was accepted before the change is
// under way any more, while later accesses went on all the time.

module tern_hmc_slots #(
  parameter  int unsigned NumSlots = 64,
  parameter  int unsigned InfoW    = 43,
  localparam int unsigned SlotW    = $clog2(NumSlots)
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  // A new access takes slot_o, if free_o
  output logic                       free_o,
  output logic [SlotW-1:0]           slot_o,
  input  logic                       take_i,
  input  logic [InfoW-1:0]           take_info_i,
  input  logic                       take_write_i,
  input  logic [tern_pkg::DataW-1:0] take_data_i,

  // What is known of an access, combinational; give_i ends it
  input  logic [SlotW-1:0]           info_slot_i,
  output logic [InfoW-1:0]           info_o,
  input  logic                       give_i,

  // Data of a write, one cycle after data_rd_i; stays until the next
  input  logic                       data_rd_i,
  input  logic [SlotW-1:0]           data_slot_i,
  output logic [tern_pkg::DataW-1:0] data_o,

  input  logic                       flip_i,
  output logic                       epoch_o,    // of accesses that are taken in this cycle
  output logic                       drained_o,  // no access of the other epoch is in flight
  output logic                       empty_o
);

  logic [InfoW-1:0]           info_mem [NumSlots];
  logic [tern_pkg::DataW-1:0] data_mem [NumSlots];
  logic [tern_pkg::DataW-1:0] data_q;
  logic [NumSlots-1:0]        slot_epoch_q;
  logic                       epoch_q;

  // Free slots come from the list of those given back; before it is filled, from a counter
  logic [SlotW:0]   fresh_q;
  logic             list_valid;
  logic [SlotW-1:0] list_slot;
  logic             fresh;
  logic             unused_list_ready;  // there is a place for every slot

  assign fresh  = !fresh_q[SlotW];
  assign free_o = fresh || list_valid;
  assign slot_o = fresh ? fresh_q[SlotW-1:0] : list_slot;

  tern_fifo #(
    .Width(SlotW),
    .Depth(NumSlots)
  ) u_list (
    .clk_i,
    .rst_i,
    .in_valid_i (give_i),
    .in_ready_o (unused_list_ready),
    .in_data_i  (info_slot_i),
    .out_valid_o(list_valid),
    .out_ready_i(take_i && !fresh),
    .out_data_o (list_slot)
  );

  assign info_o = info_mem[info_slot_i];
  assign data_o = data_q;

  always_ff @(posedge clk_i) begin
    if (take_i) begin
      info_mem[slot_o]     <= take_info_i;
      slot_epoch_q[slot_o] <= epoch_q;
      if (take_write_i) data_mem[slot_o] <= take_data_i;
    end
    if (data_rd_i) data_q <= data_mem[data_slot_i];
  end

  // ----------------------------------------------------------------------------- epochs

  logic [1:0][SlotW:0] count_q, count_d;  // accesses of each epoch

  assign epoch_o   = epoch_q;
  assign drained_o = count_q[!epoch_q] == '0;
  assign empty_o   = count_q == '0;

  always_comb begin
    count_d = count_q;
    if (take_i) count_d[epoch_q] += 1'b1;
    if (give_i) count_d[slot_epoch_q[info_slot_i]] -= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      fresh_q <= '0;
      epoch_q <= 1'b0;
      count_q <= '0;
    end else begin
      if (take_i && fresh) fresh_q <= fresh_q + 1'b1;
      if (flip_i) epoch_q <= !epoch_q;
      count_q <= count_d;
    end
  end

endmodule
