// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The layout of function-private memory: which kinds of objects there are, how many of each have
// been committed, and where each kind begins. Kinds follow each other in the order of their
// numbers; each begins at a 2 MiB boundary, so finding the segment of an object is one short
// addition and the offset in the segment needs none.
//
// Counts are staged one kind at a time and take effect together: a commit works out all bases in
// one cycle per kind and changes nothing if they do not fit. Its user makes sure that no segment
// is valid meanwhile. Lookups are combinational.

module tern_hmc_layout #(
  parameter  int unsigned NumSds    = tern_pkg::NumSds,
  parameter  int unsigned LimitQp   = tern_pkg::MaxQps,
  parameter  int unsigned LimitCq   = 65536,
  parameter  int unsigned LimitSrq  = 32768,
  parameter  int unsigned LimitMrte = 1 << 20,
  parameter  int unsigned LimitPble = 1 << 24,
  parameter  int unsigned LimitIrrq = tern_pkg::MaxQps,
  localparam int unsigned SdW       = $clog2(NumSds)
) (
  input  logic           clk_i,
  input  logic           rst_i,

  // Where an object is. line_i counts only for objects of more than 64 bytes
  input  logic           lookup_i,
  input  logic [3:0]     kind_i,
  input  logic [27:0]    index_i,
  input  logic [2:0]     line_i,
  output logic           ok_o,        // index below the committed count
  output logic [SdW-1:0] sd_o,
  output logic [20:6]    offset_o,

  // What is known of a kind; all zero for kinds that do not exist
  input  logic [3:0]     query_kind_i,
  output logic [31:0]    limit_o,
  output logic [7:0]     log_size_o,
  output logic [63:0]    base_o,

  // Staging of a count, in the cycle of stage_i
  input  logic           stage_i,
  input  logic [31:0]    stage_count_i,  // of query_kind_i
  output logic           stage_ok_o,

  // Commit of all staged counts
  input  logic           commit_i,
  output logic           commit_done_o,
  output logic           commit_ok_o,
  output logic [3:0]     commit_kind_o,  // not ok: the kind that did not fit
  output logic [31:0]    commit_sds_o    // ok: segments that the layout spans
);

  localparam int unsigned Kinds  = tern_pkg::NumKinds;
  localparam int unsigned KindW  = $clog2(Kinds);
  localparam int unsigned CountW = 29;  // up to 2^28 objects, as an index has 28 bits
  localparam int unsigned LogSd  = 21;  // a segment is 2 MiB
  localparam int unsigned BytesW = CountW + 8;
  localparam int unsigned BaseW  = $clog2(NumSds + 1);  // a base may be the end of the last one
  localparam int unsigned SumW   = BytesW - LogSd + 1;

  if (SumW <= BaseW) begin : gen_bad_sds
    $error("NumSds is more than objects could ever fill");
  end

  function automatic logic [3:0] log_size(input logic [3:0] kind);
    case (kind)
      tern_hw_pkg::TERN_HW_HMC_KIND_QP:   log_size = 4'($clog2(8 * 64));
      tern_hw_pkg::TERN_HW_HMC_KIND_CQ:   log_size = 4'($clog2(tern_hw_pkg::TERN_HW_CQ_CTX_BYTES));
      tern_hw_pkg::TERN_HW_HMC_KIND_PBLE: log_size = 4'd3;
      tern_hw_pkg::TERN_HW_HMC_KIND_IRRQ: log_size = 4'd8;
      default:                            log_size = 4'd6;
    endcase
  endfunction

  function automatic logic [31:0] limit(input logic [3:0] kind);
    case (kind)
      tern_hw_pkg::TERN_HW_HMC_KIND_QP:   limit = LimitQp;
      tern_hw_pkg::TERN_HW_HMC_KIND_CQ:   limit = LimitCq;
      tern_hw_pkg::TERN_HW_HMC_KIND_SRQ:  limit = LimitSrq;
      tern_hw_pkg::TERN_HW_HMC_KIND_MRTE: limit = LimitMrte;
      tern_hw_pkg::TERN_HW_HMC_KIND_PBLE: limit = LimitPble;
      tern_hw_pkg::TERN_HW_HMC_KIND_IRRQ: limit = LimitIrrq;
      default:                            limit = '0;
    endcase
  endfunction

  // All kinds at once: staged counts, counts and bases in force
  logic [Kinds-1:0][CountW-1:0] staged_q, count_q;
  logic [Kinds-1:0][BaseW-1:0]  base_q, next_base_q;

  // ---------------------------------------------------------------------------- lookup

  logic [LogSd+SdW-1:6] line;  // number of the 64 B line, as far as the segments reach

  always_comb begin
    ok_o = 1'b0;
    sd_o = '0;
    line = '0;
    if (lookup_i && kind_i < 4'(Kinds)) begin
      ok_o = {1'b0, index_i} < count_q[kind_i[KindW-1:0]];
      line = $bits(line)'((BytesW'(index_i) << log_size(kind_i)) >> 6);
      if (log_size(kind_i) > 4'd6) begin
        line[8:6] |= line_i & ~(3'd7 << (log_size(kind_i) - 4'd6));
      end
      // No carry out: index below count keeps the sum below what the commit has checked
      sd_o = SdW'(base_q[kind_i[KindW-1:0]]) + line[LogSd+:SdW];
    end
  end

  assign offset_o = line[LogSd-1:6];

  // ----------------------------------------------------------------------------- query

  logic query_known;

  assign query_known = query_kind_i < 4'(Kinds);
  assign limit_o     = limit(query_kind_i);
  assign log_size_o  = query_known ? 8'(log_size(query_kind_i)) : '0;
  assign base_o      = query_known ? 64'(base_q[query_kind_i[KindW-1:0]]) << LogSd : '0;
  assign stage_ok_o  = stage_count_i <= limit_o;

  // ---------------------------------------------------------------------------- commit

  logic              run_q;
  logic [KindW-1:0]  kind_q;
  logic [SumW-1:0]   sum_q, sum_next;
  logic [BytesW-1:0] kind_bytes;
  logic              overflow, last;

  assign overflow = sum_next > SumW'(NumSds);
  assign last     = kind_q == KindW'(Kinds - 1);

  always_comb begin
    kind_bytes = '0;
    sum_next = '0;
    if (run_q) begin
      kind_bytes = BytesW'(staged_q[kind_q]) << log_size(4'(kind_q));
      // Rounded up to whole segments
      sum_next = sum_q + SumW'(kind_bytes[BytesW-1:LogSd]) + SumW'(|kind_bytes[LogSd-1:0]);
    end
  end

  assign commit_done_o = run_q && (overflow || last);
  assign commit_ok_o   = !overflow;
  assign commit_kind_o = 4'(kind_q);
  assign commit_sds_o  = 32'(sum_next);

  always_ff @(posedge clk_i) begin
    if (commit_i) begin
      kind_q <= '0;
      sum_q  <= '0;
    end else if (run_q) begin
      kind_q <= kind_q + 1'b1;
      sum_q  <= sum_next;
      next_base_q[kind_q] <= BaseW'(sum_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      run_q    <= 1'b0;
      staged_q <= '0;
      count_q  <= '0;
      base_q   <= '0;
    end else begin
      if (commit_i) run_q <= 1'b1;
      else if (commit_done_o) run_q <= 1'b0;

      if (stage_i && stage_ok_o && query_known) begin
        staged_q[query_kind_i[KindW-1:0]] <= CountW'(stage_count_i);
      end
      if (commit_done_o && commit_ok_o) begin
        count_q <= staged_q;
        base_q  <= next_base_q;
        base_q[kind_q] <= BaseW'(sum_q);  // the last kind has only now been worked out
      end
    end
  end

`ifdef FORMAL
  // Proved by tests/rtl/hmc/prove_layout for all counts, indexes and orders of requests: an object
  // is where the contract says, and no two kinds share a segment

  function automatic logic [63:0] bytes_of(input logic [3:0] kind, input logic [CountW-1:0] count);
    bytes_of = 64'(count) << log_size(kind);
  endfunction

  function automatic logic [63:0] segments_of(input logic [3:0] kind,
                                              input logic [CountW-1:0] count);
    segments_of = (bytes_of(kind, count) + 64'((1 << LogSd) - 1)) >> LogSd;
  endfunction

  logic [63:0] place;
  assign place = 64'(base_q[kind_i[KindW-1:0]]) * 64'(1 << LogSd) +
                 64'(index_i) * 64'(1 << log_size(kind_i)) +
                 (log_size(kind_i) > 4'd6 ?
                  64'(line_i & ~(3'd7 << (log_size(kind_i) - 4'd6))) * 64'd64 : 64'd0);

  always_ff @(posedge clk_i) begin
    if ($initstate) assume (rst_i);
    if (!rst_i) begin
      // One control request at a time
      if (run_q) assume (!stage_i && !commit_i);
      assume (!(stage_i && commit_i));

      if (lookup_i && ok_o) begin
        assert (kind_i < 4'(Kinds) && index_i < count_q[kind_i[KindW-1:0]]);
        assert (64'(sd_o) * 64'(1 << LogSd) + {43'b0, offset_o, 6'b0} == (place & ~64'd63));
        assert (64'(sd_o) < 64'(NumSds));
      end
      if (run_q) begin
        assert (kind_q < KindW'(Kinds));
        assert (64'(sum_q) <= 64'(NumSds));
        if (kind_q == '0) assert (sum_q == '0);
        else assert (next_base_q[0] == '0);
      end
      for (int unsigned k = 0; k < Kinds; k++) begin
        assert (64'(staged_q[k]) <= 64'(limit(4'(k))));
        assert (64'(count_q[k]) <= 64'(limit(4'(k))));
        // In force: each kind begins where the one before ends
        if (k == 0) assert (base_q[k] == '0);
        assert (k == Kinds - 1
                ? 64'(base_q[k]) + segments_of(4'(k), count_q[k]) <= 64'(NumSds)
                : 64'(base_q[k]) + segments_of(4'(k), count_q[k]) == 64'(base_q[(k + 1) % Kinds]));
        // Being worked out
        if (run_q && k < 32'(kind_q)) begin
          assert (64'(next_base_q[k]) + segments_of(4'(k), staged_q[k]) ==
                  (k + 1 == 32'(kind_q) ? 64'(sum_q) : 64'(next_base_q[(k + 1) % Kinds])));
        end
      end
    end
  end
`endif

endmodule
