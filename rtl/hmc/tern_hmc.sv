// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Host memory cache: gives the other blocks access to objects (contexts, table entries, page
// lists) that live in host memory, by kind and index. It checks every access against what the
// host has committed and populated, so no index that comes from outside can reach foreign memory.
//
//   clients -> arbiter -> stage 1: range check, segment of the object   (tern_hmc_layout)
//                      -> stage 2: segment and page descriptor          (tern_hmc_sd, _pd_cache)
//                      -> DMA read or write, or a refusal               (tern_hmc_rsp)
//              a page descriptor that is not cached: tern_hmc_miss; accesses behind it pass
//
// One access per cycle. A read is at the DMA port three cycles after it was accepted, a write four;
// data that was read is passed to the client in the cycle in which it comes. Up to NumSlots
// accesses are in flight; answers come in any order. Clients must take answers at once.
//
// DMA tags: slot number for accesses; fetch number with the top bit set for page descriptors.

module tern_hmc #(
  parameter int unsigned NumClients     = 1,
  parameter int unsigned NumSds         = tern_pkg::NumSds,
  parameter int unsigned NumSlots       = 64,
  parameter int unsigned NumFetches     = 16,  // page descriptors that are fetched at a time
  parameter int unsigned PdCacheEntries = 32,
  parameter int unsigned LimitQp        = tern_pkg::MaxQps,
  parameter int unsigned LimitCq        = 65536,
  parameter int unsigned LimitSrq       = 32768,
  parameter int unsigned LimitMrte      = 1 << 20,
  parameter int unsigned LimitPble      = 1 << 24,
  parameter int unsigned LimitIrrq      = tern_pkg::MaxQps
) (
  input  logic                                 clk_i,
  input  logic                                 rst_i,

  input  logic [NumClients-1:0]                req_valid_i,
  output logic [NumClients-1:0]                req_ready_o,
  input  logic [NumClients-1:0][tern_pkg::HmcReqW-1:0] req_i,  // tern_pkg::hmc_req_t
  output logic [NumClients-1:0]                rsp_valid_o,
  output tern_pkg::hmc_rsp_t                   rsp_o,

  output logic                                 dma_rd_valid_o,
  input  logic                                 dma_rd_ready_i,
  output tern_pkg::dma_rd_req_t                dma_rd_o,
  input  logic                                 dma_rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t                dma_rd_rsp_i,

  output logic                                 dma_wr_valid_o,
  input  logic                                 dma_wr_ready_i,
  output tern_pkg::dma_wr_beat_t               dma_wr_o,
  input  logic                                 dma_wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t                dma_wr_rsp_i,

  input  logic                                 ctl_valid_i,
  output logic                                 ctl_ready_o,
  input  tern_pkg::hmc_ctl_req_t               ctl_i,
  output logic                                 ctl_rsp_valid_o,
  output tern_pkg::ctl_rsp_t                   ctl_rsp_o,

  output logic                                 ae_valid_o,
  input  logic                                 ae_ready_i,
  output tern_pkg::ae_req_t                    ae_o,

  output logic                                 stat_hmc_access_o,
  output logic                                 stat_hmc_err_o,
  output logic                                 stat_pd_hit_o,
  output logic                                 stat_pd_miss_o,
  output logic                                 stat_ae_lost_o,
  output logic                                 idle_o
);

  localparam int unsigned SdW     = $clog2(NumSds);
  localparam int unsigned SlotW   = $clog2(NumSlots);
  localparam int unsigned FetchW  = $clog2(NumFetches);
  localparam int unsigned ClientW = (NumClients > 1) ? $clog2(NumClients) : 1;
  localparam int unsigned OutDepth = 8;

  if (SlotW > 7 || FetchW > 7) begin : gen_bad_tags
    $error("slot or fetch number does not fit in a DMA tag");
  end

  // What a slot remembers for the answer
  typedef struct packed {
    logic [ClientW-1:0] client;
    logic [7:0]         tag;
    logic               quiet;
    logic               write;
    logic [3:0]         kind;
    logic [27:0]        index;
  } info_t;

  // ---------------------------------------------------------------------------- accept

  tern_pkg::hmc_req_t req;
  logic [ClientW-1:0] req_client;
  logic               req_any, accept, hold;
  logic [NumClients-1:0] req_onehot;
  logic               slot_free, epoch, s1_ready;
  logic [SlotW-1:0]   slot;

  if ($bits(req) != tern_pkg::HmcReqW) begin : gen_bad_width
    $error("HmcReqW is not the width of hmc_req_t");
  end

  tern_rr_arb #(.N(NumClients)) u_arb (
    .clk_i,
    .rst_i,
    .req_i   (req_valid_i),
    .take_i  (accept),
    .valid_o (req_any),
    .onehot_o(req_onehot),
    .idx_o   (req_client)
  );

  assign accept      = req_any && slot_free && s1_ready && !hold;
  assign req_ready_o = accept ? req_onehot : '0;

  always_comb begin
    req = '0;
    if (req_any) req = req_i[req_client];
  end

  // ------------------------------------------------------- stage 1: where the object is

  logic             s1_valid_q, s1_write_q, s1_epoch_q;
  logic [SlotW-1:0] s1_slot_q;
  logic [3:0]       s1_kind_q;
  logic [27:0]      s1_index_q;
  logic [2:0]       s1_line_q;
  logic             s1_in_range, s1_go, s2_ready;
  logic [SdW-1:0]   s1_sd;
  logic [20:6]      s1_offset;

  assign s1_ready = !s1_valid_q || s2_ready;
  assign s1_go    = s1_valid_q && s2_ready;

  always_ff @(posedge clk_i) begin
    if (accept) begin
      s1_slot_q  <= slot;
      s1_epoch_q <= epoch;
      s1_kind_q  <= req.kind;
      s1_index_q <= req.index;
      s1_line_q  <= req.line;
      s1_write_q <= req.write;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) s1_valid_q <= 1'b0;
    else if (s1_ready) s1_valid_q <= accept;
  end

  // ------------------------------------------- stage 2: where that is in host memory

  logic             s2_valid_q, s2_write_q, s2_epoch_q, s2_in_range_q;
  logic [SlotW-1:0] s2_slot_q;
  logic [SdW-1:0]   s2_sd_q;
  logic [20:6]      s2_offset_q;
  logic             sd_valid, sd_direct;
  logic [51:0]      sd_pfn, pd_pfn;
  logic             s2_bad, s2_paged, s2_miss, s2_go, pd_hit;
  logic             miss_join, miss_room;
  logic [FetchW-1:0] miss_fetch;

  // Waiting accesses whose descriptor came go first: they hold up nobody for long
  logic                 redo_valid, redo_ready, redo_write, redo_fail, redo_again;
  logic [SlotW-1:0]     redo_slot;
  logic [63:3]          redo_addr;
  logic [FetchW-1:0]    redo_fetch;
  tern_pkg::hmc_err_e   redo_err;

  assign s2_bad   = s2_valid_q && (!s2_in_range_q || !sd_valid);
  assign s2_paged = s2_valid_q && !s2_bad && !sd_direct;
  assign s2_miss  = s2_paged && !pd_hit;
  assign s2_ready = !s2_valid_q || s2_go;

  always_ff @(posedge clk_i) begin
    if (s1_go) begin
      s2_slot_q     <= s1_slot_q;
      s2_epoch_q    <= s1_epoch_q;
      s2_write_q    <= s1_write_q;
      s2_in_range_q <= s1_in_range;
      s2_sd_q       <= s1_sd;
      s2_offset_q   <= s1_offset;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) s2_valid_q <= 1'b0;
    else if (s2_ready) s2_valid_q <= s1_valid_q;
  end

  // ------------------------------------------- what leaves: a line, a fetch, a refusal

  logic               out_valid, out_fail, out_fetch, out_write, out_ready;
  logic [63:3]        out_addr;
  logic [SlotW-1:0]   out_slot;
  logic [FetchW-1:0]  out_fetch_num;
  tern_pkg::hmc_err_e out_err;
  logic               rd_ready, wr_ready, fail_ready;

  always_comb begin
    out_valid = redo_valid;
    out_fail = redo_fail;
    out_fetch = redo_again;
    out_write = redo_write;
    out_slot = redo_slot;
    out_addr = redo_addr;
    out_fetch_num = redo_fetch;
    out_err = redo_err;
    if (!redo_valid) begin
      // An access that joins others leaves nothing; one that needs a fetch must find room
      out_valid = s2_valid_q && !(s2_miss && (miss_join || !miss_room));
      out_fail = s2_bad;
      out_fetch = s2_miss;
      out_write = s2_write_q;
      out_slot = s2_slot_q;
      out_fetch_num = miss_fetch;
      out_err = s2_in_range_q ? tern_pkg::HmcSd : tern_pkg::HmcIndex;
      if (s2_miss)        out_addr = {sd_pfn, s2_offset_q[20:12]};
      else if (sd_direct) out_addr = {sd_pfn[51:9], s2_offset_q, 3'b0};
      else                out_addr = {pd_pfn, s2_offset_q[11:6], 3'b0};
    end
    if (out_fail)                     out_ready = fail_ready;
    else if (out_write && !out_fetch) out_ready = wr_ready;
    else                              out_ready = rd_ready;
  end

  assign redo_ready = out_ready;
  assign s2_go = s2_valid_q && !redo_valid && ((s2_miss && miss_join) || (out_valid && out_ready));

  // Page descriptors are 8 bytes; the address of one shares its place with that of a line
  typedef struct packed {
    logic        fetch;
    logic [6:0]  num;    // slot or fetch
    logic [63:3] addr;
  } read_t;

  read_t read_in, read_out;

  assign read_in.fetch = out_fetch;
  assign read_in.num   = out_fetch ? 7'(out_fetch_num) : 7'(out_slot);
  assign read_in.addr  = out_addr;

  tern_fifo #(
    .Width($bits(read_in)),
    .Depth(OutDepth)
  ) u_reads (
    .clk_i,
    .rst_i,
    .in_valid_i (out_valid && !out_fail && (out_fetch || !out_write)),
    .in_ready_o (rd_ready),
    .in_data_i  (read_in),
    .out_valid_o(dma_rd_valid_o),
    .out_ready_i(dma_rd_ready_i),
    .out_data_o (read_out)
  );

  assign dma_rd_o.addr = {read_out.addr, 3'b0};
  assign dma_rd_o.len  = read_out.fetch ? 13'(tern_hw_pkg::TERN_HW_PAGE_DESC_BYTES)
                                        : 13'(tern_pkg::DataBytes);
  assign dma_rd_o.tag  = {read_out.fetch, read_out.num};

  // Writes pick up their data from the slot on the way to the port
  logic             wr_next_valid, wr_load, wr_valid_q;
  logic [63:6]      wr_next_addr, wr_addr_q;
  logic [SlotW-1:0] wr_next_slot, wr_slot_q;
  logic [tern_pkg::DataW-1:0] wr_data;

  tern_fifo #(
    .Width(58 + SlotW),
    .Depth(OutDepth)
  ) u_writes (
    .clk_i,
    .rst_i,
    .in_valid_i (out_valid && !out_fail && !out_fetch && out_write),
    .in_ready_o (wr_ready),
    .in_data_i  ({out_addr[63:6], out_slot}),
    .out_valid_o(wr_next_valid),
    .out_ready_i(wr_load),
    .out_data_o ({wr_next_addr, wr_next_slot})
  );

  assign wr_load        = wr_next_valid && (!wr_valid_q || dma_wr_ready_i);
  assign dma_wr_valid_o = wr_valid_q;
  assign dma_wr_o.addr  = {wr_addr_q, 6'b0};
  assign dma_wr_o.len   = 13'(tern_pkg::DataBytes);
  assign dma_wr_o.tag   = 8'(wr_slot_q);
  assign dma_wr_o.last  = 1'b1;
  assign dma_wr_o.data  = wr_data;

  always_ff @(posedge clk_i) begin
    if (wr_load) begin
      wr_addr_q <= wr_next_addr;
      wr_slot_q <= wr_next_slot;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) wr_valid_q <= 1'b0;
    else if (wr_load) wr_valid_q <= 1'b1;
    else if (dma_wr_ready_i) wr_valid_q <= 1'b0;
  end

  // ------------------------------------------------------------------------ the parts

  info_t              take_info, done_info;
  logic               done, flip, drained, slots_empty;
  logic [SlotW-1:0]   done_slot;
  tern_hw_pkg::tern_hw_ae_hmc_t done_what;

  assign take_info = {req_client, req.tag, req.quiet, req.write, req.kind, req.index};

  tern_hmc_slots #(
    .NumSlots(NumSlots),
    .InfoW   ($bits(take_info))
  ) u_slots (
    .clk_i,
    .rst_i,
    .free_o      (slot_free),
    .slot_o      (slot),
    .take_i      (accept),
    .take_info_i (take_info),
    .take_write_i(req.write),
    .take_data_i (req.data),
    .info_slot_i (done_slot),
    .info_o      (done_info),
    .give_i      (done),
    .data_rd_i   (wr_load),
    .data_slot_i (wr_next_slot),
    .data_o      (wr_data),
    .flip_i      (flip),
    .epoch_o     (epoch),
    .drained_o   (drained),
    .empty_o     (slots_empty)
  );

  logic [3:0]  query_kind, commit_kind;
  logic [31:0] limit, stage_count, commit_sds;
  logic [7:0]  log_size;
  logic [63:0] base;
  logic        stage, stage_ok, commit, commit_done, commit_ok, ctl_idle;

  tern_hmc_layout #(
    .NumSds   (NumSds),
    .LimitQp  (LimitQp),
    .LimitCq  (LimitCq),
    .LimitSrq (LimitSrq),
    .LimitMrte(LimitMrte),
    .LimitPble(LimitPble),
    .LimitIrrq(LimitIrrq)
  ) u_layout (
    .clk_i,
    .rst_i,
    .lookup_i     (s1_valid_q),
    .kind_i       (s1_kind_q),
    .index_i      (s1_index_q),
    .line_i       (s1_line_q),
    .ok_o         (s1_in_range),
    .sd_o         (s1_sd),
    .offset_o     (s1_offset),
    .query_kind_i (query_kind),
    .limit_o      (limit),
    .log_size_o   (log_size),
    .base_o       (base),
    .stage_i      (stage),
    .stage_count_i(stage_count),
    .stage_ok_o   (stage_ok),
    .commit_i     (commit),
    .commit_done_o(commit_done),
    .commit_ok_o  (commit_ok),
    .commit_kind_o(commit_kind),
    .commit_sds_o (commit_sds)
  );

  logic           sd_write, sd_new_valid, sd_new_direct, sd_is_valid, sd_any_valid;
  logic           drop, drop_all;
  logic [51:0]    sd_new_pfn;
  logic [SdW-1:0] ctl_sd;
  logic [8:0]     ctl_page;

  tern_hmc_ctl #(.NumSds(NumSds)) u_ctl (
    .clk_i,
    .rst_i,
    .ctl_valid_i,
    .ctl_ready_o,
    .ctl_i,
    .ctl_rsp_valid_o,
    .ctl_rsp_o,
    .idle_o        (ctl_idle),
    .kind_o        (query_kind),
    .limit_i       (limit),
    .log_size_i    (log_size),
    .base_i        (base),
    .stage_o       (stage),
    .stage_count_o (stage_count),
    .stage_ok_i    (stage_ok),
    .commit_o      (commit),
    .commit_done_i (commit_done),
    .commit_ok_i   (commit_ok),
    .commit_kind_i (commit_kind),
    .commit_sds_i  (commit_sds),
    .sd_write_o    (sd_write),
    .sd_valid_o    (sd_new_valid),
    .sd_direct_o   (sd_new_direct),
    .sd_pfn_o      (sd_new_pfn),
    .sd_o          (ctl_sd),
    .page_o        (ctl_page),
    .drop_o        (drop),
    .drop_all_o    (drop_all),
    .sd_is_valid_i (sd_is_valid),
    .sd_any_valid_i(sd_any_valid),
    .flip_o        (flip),
    .drained_i     (drained)
  );

  tern_hmc_sd #(.NumSds(NumSds)) u_sd (
    .clk_i,
    .rst_i,
    .rd_i       (s1_go),
    .rd_sd_i    (s1_sd),
    .rd_valid_o (sd_valid),
    .rd_direct_o(sd_direct),
    .rd_pfn_o   (sd_pfn),
    .wr_i       (sd_write),
    .wr_sd_i    (ctl_sd),
    .wr_valid_i (sd_new_valid),
    .wr_direct_i(sd_new_direct),
    .wr_pfn_i   (sd_new_pfn),
    .is_valid_o (sd_is_valid),
    .any_valid_o(sd_any_valid)
  );

  logic           fill;
  logic [SdW-1:0] fill_sd;
  logic [8:0]     fill_page;
  logic [51:0]    fill_pfn;

  tern_hmc_pd_cache #(
    .NumSds (NumSds),
    .Entries(PdCacheEntries)
  ) u_pd_cache (
    .clk_i,
    .rst_i,
    .lookup_i     (s2_paged),
    .lookup_sd_i  (s2_sd_q),
    .lookup_page_i(s2_offset_q[20:12]),
    .hit_o        (pd_hit),
    .pfn_o        (pd_pfn),
    .fill_i       (fill),
    .fill_sd_i    (fill_sd),
    .fill_page_i  (fill_page),
    .fill_pfn_i   (fill_pfn),
    .drop_i       (drop),
    .drop_all_i   (drop_all),
    .drop_sd_i    (ctl_sd),
    .drop_page_i  (ctl_page)
  );

  // Reads of 8 or of 64 aligned bytes are one beat each, so its place in the request is known
  logic        rd_fetch, rd_access;
  logic [12:0] unused_rd_offset;

  assign unused_rd_offset = dma_rd_rsp_i.offset;
  assign rd_fetch  = dma_rd_rsp_valid_i && dma_rd_rsp_i.last && dma_rd_rsp_i.tag[7];
  assign rd_access = dma_rd_rsp_valid_i && dma_rd_rsp_i.last && !dma_rd_rsp_i.tag[7];

  tern_hmc_miss #(
    .NumSds    (NumSds),
    .NumSlots  (NumSlots),
    .NumFetches(NumFetches)
  ) u_miss (
    .clk_i,
    .rst_i,
    .check_i    (s2_miss),
    .park_i     (s2_miss && s2_go),
    .slot_i     (s2_slot_q),
    .epoch_i    (s2_epoch_q),
    .sd_i       (s2_sd_q),
    .page_i     (s2_offset_q[20:12]),
    .table_pfn_i(sd_pfn),
    .line_i     (s2_offset_q[11:6]),
    .write_i    (s2_write_q),
    .join_o     (miss_join),
    .room_o     (miss_room),
    .fetch_o    (miss_fetch),
    .pd_valid_i (rd_fetch),
    .pd_fetch_i (dma_rd_rsp_i.tag[FetchW-1:0]),
    .pd_err_i   (dma_rd_rsp_i.err),
    .pd_data_i  (dma_rd_rsp_i.data),
    .now_epoch_i(epoch),
    .flip_i     (flip),
    .fill_o     (fill),
    .fill_sd_o  (fill_sd),
    .fill_page_o(fill_page),
    .fill_pfn_o (fill_pfn),
    .out_valid_o(redo_valid),
    .out_ready_i(redo_ready),
    .out_fail_o (redo_fail),
    .out_again_o(redo_again),
    .out_err_o  (redo_err),
    .out_slot_o (redo_slot),
    .out_write_o(redo_write),
    .out_addr_o (redo_addr),
    .out_fetch_o(redo_fetch)
  );

  assign done_what = {31'b0, done_info.write, done_info.kind, done_info.index};

  tern_hmc_rsp #(
    .NumClients(NumClients),
    .NumSlots  (NumSlots)
  ) u_rsp (
    .clk_i,
    .rst_i,
    .rd_valid_i  (rd_access),
    .rd_slot_i   (dma_rd_rsp_i.tag[SlotW-1:0]),
    .rd_err_i    (dma_rd_rsp_i.err),
    .rd_data_i   (dma_rd_rsp_i.data),
    .wr_valid_i  (dma_wr_rsp_valid_i),
    .wr_slot_i   (dma_wr_rsp_i.tag[SlotW-1:0]),
    .wr_err_i    (dma_wr_rsp_i.err),
    .fail_valid_i(out_valid && out_fail),
    .fail_ready_o(fail_ready),
    .fail_slot_i (out_slot),
    .fail_err_i  (out_err),
    .hold_o      (hold),
    .done_o      (done),
    .slot_o      (done_slot),
    .client_i    (done_info.client),
    .tag_i       (done_info.tag),
    .quiet_i     (done_info.quiet),
    .what_i      (done_what),
    .rsp_valid_o,
    .rsp_o,
    .ae_valid_o,
    .ae_ready_i,
    .ae_o,
    .stat_hmc_err_o,
    .stat_ae_lost_o
  );

  // ------------------------------------------------------------------- figures and idle

  assign stat_hmc_access_o = accept;
  assign stat_pd_hit_o     = s2_go && s2_paged && pd_hit;
  assign stat_pd_miss_o    = out_valid && out_ready && out_fetch;
  assign idle_o            = slots_empty && ctl_idle && !ae_valid_o && !req_any;

endmodule
