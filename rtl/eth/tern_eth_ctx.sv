// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The contexts of the Ethernet CQs, on chip: stands where the host memory cache stands for the CQ
// engine of the protocol half, so that the Ethernet half needs no memory of the host for it. Takes
// a request per cycle and answers in the next. A context that was never written reads 0.

module tern_eth_ctx #(
  parameter int unsigned Cqs = 32  // power of two
) (
  input  logic                clk_i,
  input  logic                rst_i,

  input  logic                req_valid_i,
  output logic                req_ready_o,
  input  tern_pkg::hmc_req_t  req_i,
  output logic                rsp_valid_o,
  output tern_pkg::hmc_rsp_t  rsp_o
);

  localparam int unsigned IndexW = $clog2(Cqs);

  logic [511:0]       lines [Cqs];
  logic [Cqs-1:0]     written_q;
  logic [IndexW-1:0]  index;
  logic               range_bad, kind_bad;

  assign index       = req_i.index[IndexW-1:0];
  assign range_bad   = |(req_i.index >> IndexW);
  assign kind_bad    = req_i.kind != tern_hw_pkg::TERN_HW_HMC_KIND_CQ;
  assign req_ready_o = 1'b1;

  always_ff @(posedge clk_i) begin
    if (req_valid_i && req_i.write && !range_bad && !kind_bad) lines[index] <= req_i.data;
    if (req_valid_i) begin
      rsp_o.tag  <= req_i.tag;
      rsp_o.err  <= (range_bad || kind_bad) ? tern_pkg::HmcIndex : tern_pkg::HmcOk;
      rsp_o.data <= written_q[index] ? lines[index] : '0;
    end
    rsp_valid_o <= req_valid_i;
    if (req_valid_i && req_i.write && !range_bad && !kind_bad) written_q[index] <= 1'b1;
    if (rst_i) begin
      rsp_valid_o <= 1'b0;
      written_q   <= '0;
    end
  end

  logic unused;
  assign unused = &{1'b0, req_i.line, req_i.quiet};

endmodule
