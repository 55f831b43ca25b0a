// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// What tern_cq makes: takes entries, events, reports and refused doorbells with random stalls,
// answers writes, and compares all with what tb_cq told before that it wants. A bench sets the
// first variables by hierarchical name.

module tb_cq_sink (
  input  bit                     clk_i,
  input  bit                     rst_i,

  input  logic                   wr_valid_i,
  output logic                   wr_ready_o,
  input  tern_pkg::dma_wr_beat_t wr_i,
  output logic                   wr_rsp_valid_o,
  output tern_pkg::dma_wr_rsp_t  wr_rsp_o,

  input  logic                   ce_valid_i,
  output logic                   ce_ready_o,
  input  tern_pkg::ce_req_t      ce_i,
  input  logic                   ae_valid_i,
  output logic                   ae_ready_o,
  input  tern_pkg::ae_req_t      ae_i,
  input  logic                   bad_valid_i,
  output logic                   bad_ready_o,
  input  tern_pkg::db_bad_t      bad_i
);
  import tb_cq_pkg::*;

  int unsigned wr_pct  = 100;    // readiness
  int unsigned out_pct = 100;
  int unsigned wr_lat;           // cycles until a write is answered, at most
  bit          refuse_all;       // writes

  typedef struct {
    logic [63:0]  addr;
    logic [255:0] data;
    int unsigned  cqn;
  } write_t;
  typedef struct {
    int unsigned cqn, ceq;
    longint      after;          // entries that must have been taken before
  } event_t;
  typedef struct {
    int unsigned code, id;
  } report_t;
  typedef struct {
    logic [63:0] addr;
    int unsigned cqn;
    longint      due;
  } flight_t;

  write_t      writes [$];       // wanted
  event_t      want_events [$];
  report_t     want_aes [$], want_bads [$];
  flight_t     flights [$];      // writes taken and not answered
  longint      writes_wanted, writes_taken, cycle;
  int          refused [int unsigned], settled [int unsigned];
  int unsigned visible [CqCount];  // entries that the host may see
  bit          dead [int unsigned];  // rings that were given up
  bit          quiet;
  int          events, aes, bads, lost;

  // ----------------------------------------------------------------------------- what tb_cq says

  task automatic want_write(int unsigned cqn, longint unsigned addr, logic [255:0] cqe,
                            logic [63:0] now, bit polarity);
    write_t w;
    tern_hw_pkg::tern_hw_cqe_t e = cqe;
    e.timestamp     = now;
    e.info.polarity = polarity;
    w.addr = addr;
    w.data = e;
    w.cqn  = cqn;
    writes.push_back(w);
    writes_wanted++;
  endtask

  task automatic want_event(int unsigned cqn, int unsigned ceq);
    event_t e;
    e.cqn   = cqn;
    e.ceq   = ceq;
    e.after = writes_wanted;
    want_events.push_back(e);
  endtask

  task automatic want_ae(int unsigned cqn, int unsigned code);
    report_t r;
    r.code = code;
    r.id   = cqn;
    want_aes.push_back(r);
  endtask

  task automatic want_bad(int unsigned page, int unsigned code);
    report_t r;
    r.code = code;
    r.id   = page;
    want_bads.push_back(r);
  endtask

  // The ring of a destroyed CQ belongs to the host again
  task automatic give_up(int unsigned cqn, int unsigned ring);
    dead[ring] = 1;
    foreach (writes[i])
      if (cq_world_instance(writes[i].addr) == ring)
        $fatal(1, "CQ %0d: destroyed with entries to be written", cqn);
    foreach (flights[i])
      if (cq_world_instance(flights[i].addr) == ring)
        $fatal(1, "CQ %0d: destroyed with writes under way", cqn);
    foreach (want_events[i])
      if (want_events[i].cqn == cqn) $fatal(1, "CQ %0d: destroyed with an event", cqn);
  endtask

  task automatic check_empty();
    if (writes.size() != 0 || want_events.size() != 0 || want_aes.size() != 0 ||
        want_bads.size() != 0)
      $fatal(1, "left: %0d entries, %0d events, %0d AEs, %0d doorbells", writes.size(),
             want_events.size(), want_aes.size(), want_bads.size());
    foreach (refused[i])
      if (refused[i] != settled[i]) $fatal(1, "CQ %0d: refused entry not told", i);
  endtask

  // ----------------------------------------------------------------------------- what comes out

  task automatic take_write();
    write_t  w;
    flight_t f;
    if (writes.size() == 0) $fatal(1, "write of %h, which nobody asked for", wr_i.addr);
    w = writes.pop_front();
    if (wr_i.addr != w.addr || wr_i.data != {256'd0, w.data} || wr_i.len != 32 || !wr_i.last)
      $fatal(1, "CQ %0d: entry %h at %h, wanted %h at %h", w.cqn, wr_i.data, wr_i.addr, w.data,
             w.addr);
    if (dead.exists(cq_world_instance(wr_i.addr)) != 0)
      $fatal(1, "CQ %0d: write to a ring that was given up", w.cqn);
    writes_taken++;
    f.addr = wr_i.addr;
    f.cqn  = w.cqn;
    f.due  = cycle + longint'($urandom_range(wr_lat));
    flights.push_back(f);
    if (cq_model_exists(w.cqn) != 0 && cq_model_instance(w.cqn) == cq_world_instance(wr_i.addr))
      visible[w.cqn]++;
  endtask

  task automatic answer_write();
    wr_rsp_valid_o <= 0;
    if (flights.size() != 0 && flights[0].due <= cycle && (wr_pct == 100 || pct(80))) begin
      flight_t f = flights.pop_front();
      bit refuse = refuse_all || cq_world_refuse(f.addr) != 0;
      wr_rsp_valid_o <= 1;
      wr_rsp_o.tag   <= 8'($urandom);
      wr_rsp_o.err   <= refuse;
      if (refuse) refused[f.cqn]++;
    end
  endtask

  // ------------------------------------------------------------------------ events, reports

  task automatic take_event();
    event_t e;
    if (want_events.size() == 0) $fatal(1, "CQ %0d: event that is not due", ce_i.cqn);
    e = want_events.pop_front();
    if (32'(ce_i.cqn) != e.cqn || 32'(ce_i.ceq) != e.ceq)
      $fatal(1, "event of CQ %0d, CEQ %0d; wanted %0d, %0d", ce_i.cqn, ce_i.ceq, e.cqn, e.ceq);
    if (writes_taken < e.after) $fatal(1, "CQ %0d: event before its entry", ce_i.cqn);
    events++;
  endtask

  task automatic take_ae();
    int unsigned cqn = 32'(ae_i.id);
    aes++;
    if (ae_i.source != tern_hw_pkg::TERN_HW_AE_SOURCE_CQ || ae_i.detail != 0)
      $fatal(1, "AE with source %0d", ae_i.source);
    if (want_aes.size() != 0 && want_aes[0].code == 32'(ae_i.code) && want_aes[0].id == cqn) begin
      void'(want_aes.pop_front());
    end else if (ae_i.code == tern_hw_pkg::TERN_HW_AE_CODE_CQ_WRITE &&
                 settled[cqn] < refused[cqn]) begin
      settled[cqn]++;  // the list of failures was full
      lost++;
    end else begin
      $fatal(1, "AE %h of CQ %0d, not due", ae_i.code, cqn);
    end
  endtask

  task automatic take_bad();
    report_t r;
    bads++;
    if (want_bads.size() == 0) $fatal(1, "doorbell refused for nothing");
    r = want_bads.pop_front();
    if (32'(bad_i.code) != r.code || 32'(bad_i.page) != r.id ||
        bad_i.offset != tern_hw_pkg::TERN_HW_DB_CQ)
      $fatal(1, "doorbell of page %0d refused with %h, wanted %0d, %h", bad_i.page, bad_i.code, r.id,
             r.code);
  endtask

  logic [$bits(wr_i)-1:0]  wr_last_q;
  logic [$bits(ce_i)-1:0]  ce_last_q;
  logic [$bits(ae_i)-1:0]  ae_last_q;
  logic [$bits(bad_i)-1:0] bad_last_q;
  logic [3:0]              stuck_q;   // was valid without ready

  task automatic check_stable();
    if (stuck_q[0] && !(wr_valid_i && wr_i == wr_last_q) ||
        stuck_q[1] && !(ce_valid_i && ce_i == ce_last_q) ||
        stuck_q[2] && !(ae_valid_i && ae_i == ae_last_q) ||
        stuck_q[3] && !(bad_valid_i && bad_i == bad_last_q))
      $fatal(1, "an output changed before it was taken: %b", stuck_q);
    stuck_q    = {bad_valid_i & ~bad_ready_o, ae_valid_i & ~ae_ready_o, ce_valid_i & ~ce_ready_o,
                  wr_valid_i & ~wr_ready_o};
    wr_last_q  = wr_i;
    ce_last_q  = ce_i;
    ae_last_q  = ae_i;
    bad_last_q = bad_i;
  endtask

  always @(posedge clk_i) begin
    cycle <= cycle + 1;
    if (rst_i) begin
      wr_rsp_valid_o <= 0;
      stuck_q = 0;
      {wr_ready_o, ce_ready_o, ae_ready_o, bad_ready_o} <= '0;
    end else begin
      check_stable();
      if (wr_valid_i && wr_ready_o) take_write();
      if (ce_valid_i && ce_ready_o) take_event();
      if (ae_valid_i && ae_ready_o) take_ae();
      if (bad_valid_i && bad_ready_o) take_bad();
      answer_write();
      wr_ready_o  <= pct(wr_pct);
      ce_ready_o  <= pct(out_pct);
      ae_ready_o  <= pct(out_pct);
      bad_ready_o <= pct(out_pct);
    end
    quiet = flights.size() == 0;
  end

endmodule
