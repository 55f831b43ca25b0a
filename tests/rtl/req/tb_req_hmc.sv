// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The HMC of the benches of tern_ring_addr and tern_sq_fetch: two clients, answers out of order
// after random delays

module tb_req_hmc (
  input  bit                  clk_i,
  input  bit                  rst_i,
  input  int unsigned         ready_pct_i,
  input  int unsigned         lat_max_i,
  output int unsigned         open_o,

  input  logic                ctx_valid_i,
  output logic                ctx_ready_o,
  input  tern_pkg::hmc_req_t  ctx_i,
  output logic                ctx_rsp_valid_o,
  input  logic                pbl_valid_i,
  output logic                pbl_ready_o,
  input  tern_pkg::hmc_req_t  pbl_i,
  output logic                pbl_rsp_valid_o,
  output tern_pkg::hmc_rsp_t  rsp_o
);
  import tb_req_pkg::*;

  typedef struct {
    tern_pkg::hmc_req_t req;
    bit                 pbl;
    longint             due;
    bit [511:0]         data;   // as of when it was asked for
  } access_t;
  access_t accesses [$];
  longint  cycle;

  task automatic take(tern_pkg::hmc_req_t r, bit pbl);
    access_t a;
    a.req = r;
    a.pbl = pbl;
    a.due = cycle + (lat_max_i == 0 ? 0 : longint'($urandom_range(lat_max_i)));
    if (!pbl) begin
      if (r.kind != 0 || r.line != 5 || r.quiet == r.write) $fatal(1, "HMC: not line ring");
      a.data = lines[of_qpn(32'(r.index))];
      if (r.write) lines[of_qpn(32'(r.index))] = r.data;
    end else begin
      if (r.kind != 4 || r.line != 0) $fatal(1, "HMC: no page-list entry");
      a.data = pble_line(32'(r.index));
    end
    accesses.push_back(a);
  endtask

  always @(posedge clk_i) begin
    int k;
    k = -1;
    cycle <= cycle + 1;
    ctx_rsp_valid_o <= 0;
    pbl_rsp_valid_o <= 0;
    if (rst_i) begin
      ctx_ready_o <= 0;
      pbl_ready_o <= 0;
    end else begin
      for (int n = 0; n < 3 && k < 0 && accesses.size() != 0; n++) begin
        k = int'($urandom_range(accesses.size() - 1));
        if (accesses[k].due > cycle) k = -1;
      end
      if (k >= 0) begin
        access_t a;
        a = accesses[k];
        ctx_rsp_valid_o <= !a.pbl;
        pbl_rsp_valid_o <= a.pbl;
        rsp_o.tag  <= a.req.tag;
        rsp_o.data <= a.data;
        rsp_o.err  <= tern_pkg::HmcOk;
        if (!a.pbl && bad_qp(of_qpn(32'(a.req.index)))) rsp_o.err <= tern_pkg::HmcSd;
        if (a.pbl && bad_pble(32'(a.req.index))) rsp_o.err <= tern_pkg::HmcPage;
        accesses.delete(k);
      end
      if (ctx_valid_i && ctx_ready_o) take(ctx_i, 0);
      if (pbl_valid_i && pbl_ready_o) take(pbl_i, 1);
      ctx_ready_o <= pct(ready_pct_i);
      pbl_ready_o <= pct(ready_pct_i);
    end
    open_o <= accesses.size();
  end

endmodule
