// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Translation of keys and virtual addresses to bus addresses. A request is checked against its
// entry of the region table and, if it moves data, translated through the page list. Both come from
// the host memory cache and are cached here.
//
//   request -> region table cache -> checks, place in the list -> page-list cache -> answer
//              (tern_mr_cache)       (tern_mr_walk)               (tern_mr_cache)
//
// What users may rely on:
// - Answers come in any order, with the tag of the request, and have no ready: a client has room
//   for them before it asks. Tags need not differ. An answer with an error holds no address.
// - A hit is answered in the sixth cycle after the request was taken, in the ninth with a page list
//   of level 2; three more if the second page is in another line of the list. Sustained: one
//   request in two cycles, of all clients together.
// - Up to Slots requests are under way. Hits pass misses; equal misses share a fetch.
// - Checks are exact, in the order of mr_err_e. A request with len and check_len 0 is not checked
//   against the bounds. One with len 0 is not translated.
// - inv: the caller has changed the table entry before. Requests that were taken before inv is
//   done may be answered by the old or the new contents, until inv_done_o; from then on only the
//   new count. Meanwhile no request of this region is taken, and one at the port keeps those
//   behind it waiting. It takes as long as the look-ups of the region, and a cycle for each set.
// - A page list must stay as it is while its region is valid.
//
// Accesses are quiet: an index comes from a key, which may come from the wire. A table entry that
// cannot be had is MrKey, a page list MrList.

module tern_mr #(
  parameter  int unsigned NumClients = 1,
  parameter  int unsigned Slots      = 16,  // power of two, up to 64
  parameter  int unsigned MrteSets   = 16,
  parameter  int unsigned MrteWays   = 4,
  parameter  int unsigned PbleSets   = 16,
  parameter  int unsigned PbleWays   = 4,
  localparam int unsigned ReqW       = 178
) (
  input  logic                            clk_i,
  input  logic                            rst_i,
  output logic                            idle_o,

  input  logic [NumClients-1:0]           req_valid_i,
  output logic [NumClients-1:0]           req_ready_o,
  input  logic [NumClients-1:0][ReqW-1:0] req_i,        // tern_pkg::mr_req_t
  output logic [NumClients-1:0]           rsp_valid_o,
  output tern_pkg::mr_rsp_t               rsp_o,

  input  logic                            inv_valid_i,
  output logic                            inv_ready_o,
  input  logic [23:0]                     inv_index_i,
  output logic                            inv_done_o,   // for one cycle

  output logic                            hmc_valid_o,
  input  logic                            hmc_ready_i,
  output tern_pkg::hmc_req_t              hmc_o,
  input  logic                            hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t              hmc_rsp_i,

  output logic                            stat_hit_o,
  output logic                            stat_miss_o
);

  localparam int unsigned SlotW   = $clog2(Slots);
  localparam int unsigned ClientW = (NumClients > 1) ? $clog2(NumClients) : 1;
  localparam int unsigned MrteW   = 320;     // of an entry; the rest is reserved
  localparam int unsigned PbleTagW = 25 + 24;

  // ---------------------------------------------------------------------------- requests

  tern_pkg::mr_req_t     req;
  logic                  req_any, accept, room, wait_inv;
  logic [NumClients-1:0] req_onehot;
  logic [ClientW-1:0]    req_client;
  logic [Slots-1:0]      busy_q;
  logic [SlotW-1:0]      slot;
  logic [Slots-1:0][23:0] region_q;

  if ($bits(req) != ReqW || SlotW > 6) begin : gen_bad_width
    $error("ReqW is not the width of mr_req_t, or too many slots");
  end

  // What a slot keeps until its table entry is there
  logic [ReqW+ClientW-1:0] reqs [Slots];

  tern_rr_arb #(.N(NumClients)) u_arb (
    .clk_i, .rst_i,
    .req_i(req_valid_i), .take_i(accept),
    .valid_o(req_any), .onehot_o(req_onehot), .idx_o(req_client)
  );

  always_comb begin
    req = '0;
    if (req_any) req = req_i[req_client];
  end

  // The look-up of the table takes a new one or one that goes on in every second cycle
  logic m_next, m_busy;
  assign accept      = req_any && room && !m_next && !m_busy && !wait_inv;
  assign req_ready_o = accept ? req_onehot : '0;

  always_comb begin
    slot = '0;
    for (int unsigned i = 0; i < Slots; i++) begin
      if (!busy_q[Slots-1-i]) slot = SlotW'(Slots-1-i);
    end
  end
  assign room = !(&busy_q);

  logic             ended;
  logic [SlotW-1:0] p_slot;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      busy_q <= '0;
    end else begin
      if (ended) busy_q[p_slot] <= 1'b0;
      if (accept) busy_q[slot] <= 1'b1;
    end
    if (accept) begin
      region_q[slot] <= req.key[31:8];
      reqs[slot]     <= {req_client, req};
    end
  end

  // -------------------------------------------------------------------------- invalidation

  // When no look-up of the region is under way, the caches are swept, a set in a cycle
  localparam int unsigned SweepW = (MrteSets > PbleSets) ? $clog2(MrteSets) : $clog2(PbleSets);

  logic              inv_q, inv_done_q, inv_used, sweep, inv_last;
  logic [SweepW-1:0] sweep_q;
  logic [23:0]       inv_index_q;

  always_comb begin
    inv_used = 1'b0;
    if (inv_q) begin
      for (int unsigned i = 0; i < Slots; i++) begin
        if (busy_q[i] && region_q[i] == inv_index_q) inv_used = 1'b1;
      end
    end
  end

  assign inv_ready_o = !inv_q;
  assign sweep       = inv_q && !inv_used;
  assign inv_last    = sweep && &sweep_q;
  assign wait_inv    = inv_q && req.key[31:8] == inv_index_q;
  assign inv_done_o  = inv_done_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inv_q      <= 1'b0;
      inv_done_q <= 1'b0;
      sweep_q    <= '0;
    end else begin
      inv_done_q <= inv_last;
      if (inv_valid_i) inv_q <= 1'b1;
      if (inv_last) inv_q <= 1'b0;
      if (sweep) sweep_q <= sweep_q + 1'b1;
    end
    if (inv_valid_i && inv_ready_o) inv_index_q <= inv_index_i;
  end

  // ------------------------------------------------------------------------------ the parts

  logic                m_out, m_out_err;
  logic [SlotW-1:0]    m_out_slot;
  logic [MrteW-1:0]    m_out_line;
  logic                m_fetch, m_take, m_rsp;
  logic [SlotW-1:0]    m_fetch_slot;
  logic [23:0]         m_fetch_tag;

  logic                p_look, p_skip, p_again, p_out, p_out_err;
  logic [SlotW-1:0]    p_look_slot, p_again_slot;
  logic [PbleTagW-1:0] p_look_tag, p_again_tag;
  logic [511:0]        p_out_line;
  logic                p_fetch, p_take, p_rsp;
  logic [SlotW-1:0]    p_fetch_slot;
  logic [24:0]         p_fetch_line;
  logic [23:0]         p_unused_region;
  logic                p_unused_next, p_unused_busy, p_unused_hit, p_unused_miss;

  logic                rsp_bad, rsp_is_pble;
  logic [SlotW-1:0]    rsp_slot;

  assign rsp_bad     = hmc_rsp_i.err != tern_pkg::HmcOk;
  assign rsp_is_pble = hmc_rsp_i.tag[7];
  assign rsp_slot    = hmc_rsp_i.tag[SlotW-1:0];
  assign m_rsp       = hmc_rsp_valid_i && !rsp_is_pble;
  assign p_rsp       = hmc_rsp_valid_i && rsp_is_pble;

  tern_mr_cache #(
    .TagW(24), .RegionW(24), .LineW(MrteW), .Sets(MrteSets), .Ways(MrteWays), .Slots(Slots)
  ) u_mrte (
    .clk_i,
    .rst_i,
    .look_i       (accept),
    .look_slot_i  (slot),
    .look_tag_i   (req.key[31:8]),
    .look_skip_i  (1'b0),
    .again_i      (1'b0),
    .again_slot_i ('0),
    .again_tag_i  ('0),
    .hold_i       (m_busy),
    .look_next_o  (m_next),
    .busy_o       (m_busy),
    .out_o        (m_out),
    .out_slot_o   (m_out_slot),
    .out_err_o    (m_out_err),
    .out_line_o   (m_out_line),
    .fetch_o      (m_fetch),
    .fetch_slot_o (m_fetch_slot),
    .fetch_tag_o  (m_fetch_tag),
    .fetch_take_i (m_take),
    .rsp_i        (m_rsp),
    .rsp_slot_i   (rsp_slot),
    .rsp_err_i    (rsp_bad),
    .rsp_line_i   (hmc_rsp_i.data[MrteW-1:0]),
    .drop_i       (sweep),
    .drop_set_i   (sweep_q[$clog2(MrteSets)-1:0]),
    .drop_region_i(inv_index_q),
    .hit_o        (stat_hit_o),
    .miss_o       (stat_miss_o)
  );

  tern_pkg::mr_req_t  m_req;
  logic [ClientW-1:0] m_client, rsp_client;
  logic               rsp_valid;

  assign {m_client, m_req} = reqs[m_out_slot];

  tern_mr_walk #(
    .Slots  (Slots),
    .ClientW(ClientW)
  ) u_walk (
    .clk_i,
    .rst_i,
    .in_i        (m_out),
    .in_slot_i   (m_out_slot),
    .in_client_i (m_client),
    .in_req_i    (m_req),
    .in_err_i    (m_out_err),
    .in_mrte_i   (m_out_line),
    .look_o      (p_look),
    .look_slot_o (p_look_slot),
    .look_skip_o (p_skip),
    .look_tag_o  (p_look_tag),
    .again_o     (p_again),
    .again_slot_o(p_again_slot),
    .again_tag_o (p_again_tag),
    .step_i      (p_out),
    .step_slot_i (p_slot),
    .step_err_i  (p_out_err),
    .step_line_i (p_out_line),
    .end_o       (ended),
    .rsp_valid_o (rsp_valid),
    .rsp_client_o(rsp_client),
    .rsp_o
  );

  tern_mr_cache #(
    .TagW(PbleTagW), .RegionW(24), .LineW(512), .Sets(PbleSets), .Ways(PbleWays), .Slots(Slots)
  ) u_pble (
    .clk_i,
    .rst_i,
    .look_i       (p_look),
    .look_slot_i  (p_look_slot),
    .look_tag_i   (p_look_tag),
    .look_skip_i  (p_skip),
    .again_i      (p_again),
    .again_slot_i (p_again_slot),
    .again_tag_i  (p_again_tag),
    .hold_i       (1'b0),
    .look_next_o  (p_unused_next),
    .busy_o       (p_unused_busy),
    .out_o        (p_out),
    .out_slot_o   (p_slot),
    .out_err_o    (p_out_err),
    .out_line_o   (p_out_line),
    .fetch_o      (p_fetch),
    .fetch_slot_o (p_fetch_slot),
    .fetch_tag_o  ({p_fetch_line, p_unused_region}),
    .fetch_take_i (p_take),
    .rsp_i        (p_rsp),
    .rsp_slot_i   (rsp_slot),
    .rsp_err_i    (rsp_bad),
    .rsp_line_i   (hmc_rsp_i.data),
    .drop_i       (sweep),
    .drop_set_i   (sweep_q[$clog2(PbleSets)-1:0]),
    .drop_region_i(inv_index_q),
    .hit_o        (p_unused_hit),
    .miss_o       (p_unused_miss)
  );

  assign rsp_valid_o = rsp_valid ? NumClients'(1) << rsp_client : '0;

  // ---------------------------------------------------------------------------- HMC port

  logic        hreq_valid_q, hreq_pble_q, hreq_free;
  logic [27:0] hreq_index_q;
  logic [6:0]  hreq_slot_q;

  // Page lists first: their requests have come further
  assign hreq_free = !hreq_valid_q || hmc_ready_i;
  assign p_take    = p_fetch && hreq_free;
  assign m_take    = m_fetch && !p_fetch && hreq_free;

  always_ff @(posedge clk_i) begin
    if (rst_i) hreq_valid_q <= 1'b0;
    else if (hreq_free) hreq_valid_q <= p_fetch || m_fetch;
    if (p_take) begin
      hreq_pble_q  <= 1'b1;
      hreq_index_q <= {p_fetch_line, 3'b0};
      hreq_slot_q  <= 7'(p_fetch_slot);
    end else if (m_take) begin
      hreq_pble_q  <= 1'b0;
      hreq_index_q <= 28'(m_fetch_tag);
      hreq_slot_q  <= 7'(m_fetch_slot);
    end
  end

  assign hmc_valid_o = hreq_valid_q;

  always_comb begin
    hmc_o       = '0;
    hmc_o.kind  = hreq_pble_q ? tern_hw_pkg::TERN_HW_HMC_KIND_PBLE
                              : tern_hw_pkg::TERN_HW_HMC_KIND_MRTE;
    hmc_o.index = hreq_index_q;
    hmc_o.quiet = 1'b1;
    hmc_o.tag   = {hreq_pble_q, hreq_slot_q};
  end

  assign idle_o = req_valid_i == '0 && busy_q == '0 && !rsp_valid && !inv_valid_i && !inv_q &&
                  !inv_done_q;

endmodule
