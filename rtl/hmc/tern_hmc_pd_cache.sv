// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Cache of page descriptors, set associative. Only valid descriptors are kept: a page that was
// missing is looked up again, so the host may add pages without telling.
//
// Lookup is combinational. A fill shows in the next cycle. A drop takes a page, or all pages of a
// segment, in one cycle: tags are registers and all are compared at once, which keeps invalidation
// free of intermediate states. The user never fills in the cycle of a drop, and never fills a page
// that is in the cache.

module tern_hmc_pd_cache #(
  parameter  int unsigned NumSds  = tern_pkg::NumSds,
  parameter  int unsigned Entries = 32,
  localparam int unsigned SdW     = $clog2(NumSds)
) (
  input  logic           clk_i,
  input  logic           rst_i,

  input  logic           lookup_i,
  input  logic [SdW-1:0] lookup_sd_i,
  input  logic [8:0]     lookup_page_i,
  output logic           hit_o,
  output logic [51:0]    pfn_o,

  input  logic           fill_i,
  input  logic [SdW-1:0] fill_sd_i,
  input  logic [8:0]     fill_page_i,
  input  logic [51:0]    fill_pfn_i,

  input  logic           drop_i,
  input  logic           drop_all_i,  // of the segment, else one page
  input  logic [SdW-1:0] drop_sd_i,
  input  logic [8:0]     drop_page_i
);

  localparam int unsigned Ways = 4;
  localparam int unsigned Sets = Entries / Ways;
  localparam int unsigned SetW = $clog2(Sets);
  localparam int unsigned WayW = $clog2(Ways);
  localparam int unsigned TagW = SdW + 9;

  if (Sets < 2 || Entries != Ways << SetW || SetW > SdW || SetW > 9) begin : gen_bad_entries
    $error("PD cache entries must be a power of two and at least 8");
  end

  logic [Sets-1:0][Ways-1:0]           valid_q;
  logic [Sets-1:0][Ways-1:0][TagW-1:0] tag_q;
  logic [Sets-1:0][WayW-1:0]           victim_q;  // way to be replaced next
  logic [51:0]                         pfn_mem [Entries];

  // Every kind begins at page 0 of a segment; mixing in the segment keeps these first pages, the
  // busiest, from sharing a set
  function automatic logic [SetW-1:0] set_of(input logic [SetW-1:0] sd,
                                             input logic [SetW-1:0] page);
    set_of = page ^ sd;
  endfunction

  // ---------------------------------------------------------------------------- lookup

  logic [SetW-1:0] lookup_set;
  logic [WayW-1:0] lookup_way;

  assign lookup_set = set_of(lookup_sd_i[SetW-1:0], lookup_page_i[SetW-1:0]);

  always_comb begin
    hit_o = 1'b0;
    lookup_way = '0;
    pfn_o = '0;
    if (lookup_i) begin
      for (int unsigned w = 0; w < Ways; w++) begin
        if (valid_q[lookup_set][w] && tag_q[lookup_set][w] == {lookup_sd_i, lookup_page_i}) begin
          hit_o = 1'b1;
          lookup_way |= WayW'(w);
        end
      end
      pfn_o = pfn_mem[{lookup_set, lookup_way}];
    end
  end

  // -------------------------------------------------------------------- fill and drop

  logic [SetW-1:0] fill_set;
  logic [WayW-1:0] fill_way;

  assign fill_set = set_of(fill_sd_i[SetW-1:0], fill_page_i[SetW-1:0]);
  assign fill_way = victim_q[fill_set];

  always_ff @(posedge clk_i) begin
    if (fill_i) begin
      pfn_mem[{fill_set, fill_way}] <= fill_pfn_i;
      tag_q[fill_set][fill_way]     <= {fill_sd_i, fill_page_i};
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q  <= '0;
      victim_q <= '0;
    end else if (drop_i) begin
      for (int unsigned s = 0; s < Sets; s++) begin
        for (int unsigned w = 0; w < Ways; w++) begin
          if (tag_q[s][w][TagW-1:9] == drop_sd_i &&
              (drop_all_i || tag_q[s][w][8:0] == drop_page_i)) begin
            valid_q[s][w] <= 1'b0;
          end
        end
      end
    end else if (fill_i) begin
      valid_q[fill_set][fill_way] <= 1'b1;
      victim_q[fill_set] <= fill_way + 1'b1;
    end
  end

endmodule
