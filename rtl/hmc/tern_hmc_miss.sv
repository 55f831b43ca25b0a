// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Accesses that wait for a page descriptor. One fetch per page is under way however many wait for
// it; those of a fetch form a list in order of arrival. When the descriptor is there they leave
// one per cycle, with the descriptor at hand, so an eviction from the cache cannot starve them.
//
// An access never fails because of a descriptor that was read before it came: the host may have
// added the page in between. So a descriptor that is not valid fails only the first of the list,
// for which it was fetched, and the rest fetch again.
//
// Fetches of a former epoch (tern_hmc_slots) fill no cache and are joined by no later access: what
// they bring may have been invalidated meanwhile.
//
// Offers (out_*) and parking exclude each other: the user parks only while out_valid_o is low.

module tern_hmc_miss #(
  parameter  int unsigned NumSds     = tern_pkg::NumSds,
  parameter  int unsigned NumSlots   = 64,
  parameter  int unsigned NumFetches = 16,
  localparam int unsigned SdW        = $clog2(NumSds),
  localparam int unsigned SlotW      = $clog2(NumSlots),
  localparam int unsigned FetchW     = $clog2(NumFetches)
) (
  input  logic              clk_i,
  input  logic              rst_i,

  // An access that missed. If no fetch for its page is there (join_o low) it starts fetch
  // fetch_o, which its user sends off in the same cycle; room_o tells that there is one
  input  logic              check_i,    // the rest of the group is valid
  input  logic              park_i,     // and the access parks
  input  logic [SlotW-1:0]  slot_i,
  input  logic              epoch_i,    // of the access
  input  logic [SdW-1:0]    sd_i,
  input  logic [8:0]        page_i,
  input  logic [51:0]       table_pfn_i,  // the page of page descriptors
  input  logic [5:0]        line_i,
  input  logic              write_i,
  output logic              join_o,
  output logic              room_o,
  output logic [FetchW-1:0] fetch_o,

  // The answer to a fetch
  input  logic              pd_valid_i,
  input  logic [FetchW-1:0] pd_fetch_i,
  input  logic              pd_err_i,
  input  logic [511:0]      pd_data_i,

  // What the cache learns from it
  input  logic              now_epoch_i,
  input  logic              flip_i,
  output logic              fill_o,
  output logic [SdW-1:0]    fill_sd_o,
  output logic [8:0]        fill_page_o,
  output logic [51:0]       fill_pfn_o,

  // What is to be done for an access that waited: go on (neither of the next two), fail, or fetch
  // again
  output logic              out_valid_o,
  input  logic              out_ready_i,
  output logic              out_fail_o,
  output logic              out_again_o,
  output tern_pkg::hmc_err_e out_err_o,
  output logic [SlotW-1:0]  out_slot_o,
  output logic              out_write_o,
  output logic [63:3]       out_addr_o,   // of the line; again: of the page descriptor
  output logic [FetchW-1:0] out_fetch_o
);

  typedef enum logic [2:0] {
    StFree,
    StWait,   // the fetch is under way
    StReady,  // pfn_q is the page
    StFail,   // the first in the list fails
    StAgain   // those left fetch again
  } state_e;

  // State per fetch. pfn_q is the page of page descriptors until StReady
  logic [NumFetches-1:0][2:0]        state_q;  // state_e
  logic [NumFetches-1:0]             offer_q;  // neither StFree nor StWait
  logic [NumFetches-1:0]             epoch_q, bus_err_q;
  logic [NumFetches-1:0][SdW-1:0]    sd_q;
  logic [NumFetches-1:0][8:0]        page_q;
  logic [NumFetches-1:0][51:0]       pfn_q;
  logic [NumFetches-1:0][SlotW-1:0]  head_q, tail_q;

  // Per slot: the next in its list; line and direction
  logic [SlotW-1:0] next_mem [NumSlots];
  logic [6:0]       what_mem [NumSlots];

  // ---------------------------------------------------------------------------- parking

  logic [FetchW-1:0] join_fetch, free_fetch;

  always_comb begin
    join_o = 1'b0;
    join_fetch = '0;
    room_o = 1'b0;
    free_fetch = '0;
    if (check_i) begin
      for (int unsigned f = 0; f < NumFetches; f++) begin
        if (state_q[f] != StFree && epoch_q[f] == epoch_i && sd_q[f] == sd_i &&
            page_q[f] == page_i) begin
          join_o = 1'b1;
          join_fetch = FetchW'(f);
        end
        if (state_q[f] == StFree) begin
          room_o = 1'b1;
          free_fetch = FetchW'(f);
        end
      end
    end
  end

  assign fetch_o = free_fetch;

  always_ff @(posedge clk_i) begin
    if (park_i) begin
      what_mem[slot_i] <= {write_i, line_i};
      if (join_o) begin
        next_mem[tail_q[join_fetch]] <= slot_i;
        tail_q[join_fetch] <= slot_i;
      end else begin
        epoch_q[free_fetch] <= epoch_i;
        sd_q[free_fetch]    <= sd_i;
        page_q[free_fetch]  <= page_i;
        tail_q[free_fetch]  <= slot_i;
      end
    end
  end

  // ----------------------------------------------------------------------------- answer

  tern_hw_pkg::tern_hw_page_desc_t pd;
  logic [8:0] pd_page;
  logic       pd_good;

  always_comb begin
    pd = '0;
    pd_page = '0;
    if (pd_valid_i) begin
      pd_page = page_q[pd_fetch_i];
      pd = pd_data_i[64 * pd_page[2:0] +: 64];
    end
  end

  assign pd_good     = pd_valid_i && !pd_err_i && pd.w.valid;
  assign fill_o      = pd_good && epoch_q[pd_fetch_i] == now_epoch_i && !flip_i;
  assign fill_sd_o   = sd_q[pd_fetch_i];
  assign fill_page_o = pd_page;
  assign fill_pfn_o  = pd.w.pfn;

  // ------------------------------------------------------------------------------ offer

  logic [FetchW-1:0] out_fetch;
  logic [2:0]        out_state;
  logic              out_last;

  always_comb begin
    out_fetch = '0;
    if (out_valid_o) begin
      for (int unsigned f = 0; f < NumFetches; f++) begin
        if (offer_q[f]) out_fetch = FetchW'(f);
      end
    end
  end

  assign out_valid_o = |offer_q;
  assign out_state   = state_q[out_fetch];
  assign out_last    = head_q[out_fetch] == tail_q[out_fetch];
  assign out_fetch_o = out_fetch;
  assign out_fail_o  = out_state == StFail;
  assign out_again_o = out_state == StAgain;
  assign out_err_o   = bus_err_q[out_fetch] ? tern_pkg::HmcDma : tern_pkg::HmcPage;
  assign out_slot_o  = head_q[out_fetch];

  always_comb begin
    out_write_o = 1'b0;
    out_addr_o = '0;
    if (out_valid_o) begin
      out_addr_o = {pfn_q[out_fetch], page_q[out_fetch]};
      if (!out_again_o) begin
        {out_write_o, out_addr_o[11:6]} = what_mem[head_q[out_fetch]];
        out_addr_o[5:3] = '0;
      end
    end
  end

  // ------------------------------------------------------------------------------ state

  always_ff @(posedge clk_i) begin
    if (park_i && !join_o) begin
      pfn_q[free_fetch]  <= table_pfn_i;
      head_q[free_fetch] <= slot_i;
    end
    if (pd_valid_i) begin
      bus_err_q[pd_fetch_i] <= pd_err_i;
      if (pd_good) pfn_q[pd_fetch_i] <= pd.w.pfn;
    end
    if (out_valid_o && out_ready_i && !out_again_o) begin
      head_q[out_fetch] <= next_mem[head_q[out_fetch]];
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      for (int unsigned f = 0; f < NumFetches; f++) state_q[f] <= StFree;
      offer_q <= '0;
    end else begin
      if (park_i && !join_o) state_q[free_fetch] <= StWait;
      if (pd_valid_i) begin
        state_q[pd_fetch_i] <= pd_good ? StReady : StFail;
        offer_q[pd_fetch_i] <= 1'b1;
      end
      if (out_valid_o && out_ready_i) begin
        if (out_again_o) state_q[out_fetch] <= StWait;
        else if (out_last) state_q[out_fetch] <= StFree;
        else if (out_fail_o) state_q[out_fetch] <= StAgain;
        offer_q[out_fetch] <= !out_again_o && !out_last;
      end
    end
  end

endmodule
