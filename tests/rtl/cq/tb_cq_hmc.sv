// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The HMC as tern_cq sees it, in front of the world of cq_model.c: contexts in memory, page-list
// entries by rule, errors where the world has them. Answers come in any order. A bench sets the
// variables by hierarchical name.

module tb_cq_hmc (
  input  bit                 clk_i,
  input  bit                 rst_i,

  input  logic [1:0]         valid_i,   // contexts, page-list entries
  output logic [1:0]         ready_o,
  input  tern_pkg::hmc_req_t ctx_req_i,
  input  tern_pkg::hmc_req_t pbl_req_i,
  output logic [1:0]         rsp_valid_o,
  output tern_pkg::hmc_rsp_t rsp_o
);
  import tb_cq_pkg::*;

  int unsigned  ready_pct = 100;
  int unsigned  lat_min   = 0;  // cycles until an answer, at least
  int unsigned  lat_max   = 0;
  bit           refuse_writes;
  bit           quiet;
  logic [511:0] contexts [CqCount];

  typedef struct {
    int                 client;
    tern_pkg::hmc_req_t req;
    longint             due;
  } access_t;
  access_t accesses [$];
  longint  cycle;

  task automatic take(int client, tern_pkg::hmc_req_t r);
    access_t a;
    if (client == 0 && r.kind != tern_hw_pkg::TERN_HW_HMC_KIND_CQ ||
        client == 1 && (r.kind != tern_hw_pkg::TERN_HW_HMC_KIND_PBLE || r.write))
      $fatal(1, "access to another kind of object");
    if (client == 0 && r.write && cq_world_err(32'(r.index)) != 0)
      $fatal(1, "write to a context that does not exist");
    a.client = client;
    a.req    = r;
    a.due    = cycle + longint'($urandom_range(lat_max, lat_min));
    accesses.push_back(a);
  endtask

  task automatic answer();
    int           k;
    access_t      a;
    logic [511:0] line;
    int unsigned  err = 0;
    rsp_valid_o <= 0;
    if (accesses.size() == 0 || ready_pct != 100 && !pct(70)) return;
    k = int'($urandom_range(accesses.size() - 1));
    a = accesses[k];
    if (a.due > cycle) return;
    accesses.delete(k);
    for (int i = 0; i < 16; i++) line[32*i +: 32] = $urandom;
    if (a.client == 1) begin
      for (int i = 0; i < 8; i++)
        line[64*i +: 64] = cq_world_page({4'd0, a.req.index[27:3], 3'(i)});
      if (cq_world_page_bad(32'(a.req.index)) != 0) err = 32'(tern_pkg::HmcSd);
    end else begin
      err = cq_world_err(32'(a.req.index));
      if (err == 0 && a.req.write && refuse_writes) err = 32'(tern_pkg::HmcDma);
      else if (err == 0 && a.req.write) contexts[9'(a.req.index)] = a.req.data;
      else if (err == 0) line = contexts[9'(a.req.index)];
    end
    rsp_valid_o[a.client] <= 1;
    rsp_o.tag  <= a.req.tag;
    rsp_o.err  <= tern_pkg::hmc_err_e'(err);
    rsp_o.data <= line;
  endtask

  // Requests stay as they are until they are taken
  logic [1:0]                  stuck_q;
  logic [$bits(ctx_req_i)-1:0] ctx_last_q, pbl_last_q;

  task automatic check_stable();
    if (stuck_q[0] && !(valid_i[0] && ctx_req_i == ctx_last_q) ||
        stuck_q[1] && !(valid_i[1] && pbl_req_i == pbl_last_q))
      $fatal(1, "a request changed before it was taken");
    stuck_q    = valid_i & ~ready_o;
    ctx_last_q = ctx_req_i;
    pbl_last_q = pbl_req_i;
  endtask

  initial foreach (contexts[i]) contexts[i] = 0;

  always @(posedge clk_i) begin
    cycle <= cycle + 1;
    if (rst_i) begin
      accesses.delete();
      stuck_q = 0;
      ready_o     <= 0;
      rsp_valid_o <= 0;
    end else begin
      check_stable();
      answer();
      if (valid_i[0] && ready_o[0]) take(0, ctx_req_i);
      if (valid_i[1] && ready_o[1]) take(1, pbl_req_i);
      ready_o <= {pct(ready_pct), pct(ready_pct)};
    end
    quiet = accesses.size() == 0;
  end

endmodule
