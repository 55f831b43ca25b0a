// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// READs and atomics that were accepted, and whose regions tern_place has looked up. A READ goes on
// to tern_rr as a response that is due. An atomic is carried out here: translation, DMA read, DMA
// write, the result into the irrq object of its QP, then its response to tern_rr. A repeated
// atomic is answered from the irrq object.
//
//   tern_place > 8 slots, each with its own state > response > tern_rr
//                  | tern_mr | DMA read | DMA write | HMC (irrq)
//
// What users may rely on:
// - Responses of a QP are pushed in the order of its jobs. An atomic or a replay starts when no
//   older job of its QP is left. QPs do not wait for each other, but for a slot, and at an address
//   for those who were translated to it before.
// - Atomics on one 8-byte word are carried out one after the other: the next one reads after the
//   bus has answered the write of the one before. A compare that fails does not write.
// - An atomic is refused (its word is not aligned on the bus, or its region went meanwhile): NAK
//   remote access and qp_err. The bus or the HMC refused: NAK remote operational error and qp_err.
//   From then on all jobs of the QP are dropped, whether they are here already or come later, until
//   drain. Requests behind it that are no jobs may have been carried out.
// - qp_err comes when tern_ack's side has taken the NAK, so that who hears of the error finds the
//   NAK there.
// - done: a job has ended without a response (refused, dropped, replay not found); after its NAK.
// - drain: for a QP of which no more jobs come. What is here of it is dropped, or finished if
//   it has begun, without response or report; drain_done when nothing is left and jobs of this QP
//   are carried out again. The irrq object is empty then, so that a later connection with this QPN
//   finds nothing of this one in it (one that is not there is no error). Needs neither tern_rr nor tern_ack's NAK port for jobs of this QP that
//   have not offered anything there yet.
// - fence_i (a pulse): fence_done_o when all translations under way, and the reads and writes that
//   come of them, are over. None of them waits for anything but the bus.
// - tern_rr's list is asked for room (count_qpn_o, room_i in the next cycle) before a push.
//
// One step of some slot is begun every 2 cycles: a READ takes one, an atomic six. Jobs are not
// taken for MaxQps cycles after reset.

module tern_job #(
  parameter  int unsigned Slots = 8,                 // 2 to 128
  parameter  int unsigned Qps   = tern_pkg::MaxQps,  // power of two
  localparam int unsigned SlotW = $clog2(Slots),
  localparam int unsigned IdW   = $clog2(Qps)
) (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  input  logic                      job_valid_i,
  output logic                      job_ready_o,
  input  logic [tern_pkg::QpnW-1:0] job_qpn_i,
  input  logic [23:0]               job_pd_i,
  input  logic                      job_priv_i,
  input  tern_pkg::job_t            job_i,

  output logic                      mr_req_valid_o,
  input  logic                      mr_req_ready_i,
  output tern_pkg::mr_req_t         mr_req_o,
  input  logic                      mr_rsp_valid_i,
  input  tern_pkg::mr_rsp_t         mr_rsp_i,

  output logic                      rd_valid_o,
  input  logic                      rd_ready_i,
  output tern_pkg::dma_rd_req_t     rd_o,
  input  logic                      rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t     rd_rsp_i,

  output logic                      wr_valid_o,
  input  logic                      wr_ready_i,
  output tern_pkg::dma_wr_beat_t    wr_o,
  input  logic                      wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t     wr_rsp_i,

  output logic                      hmc_valid_o,
  input  logic                      hmc_ready_i,
  output tern_pkg::hmc_req_t        hmc_o,
  input  logic                      hmc_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t        hmc_rsp_i,

  // tern_rr
  output logic [tern_pkg::QpnW-1:0] count_qpn_o,
  input  logic                      room_i,
  output logic                      push_valid_o,
  input  logic                      push_ready_i,
  output logic [tern_pkg::QpnW-1:0] push_qpn_o,
  output tern_pkg::response_t       push_o,

  output logic                      nak_valid_o,
  input  logic                      nak_ready_i,
  output tern_pkg::ack_t            nak_o,
  output logic                      err_valid_o,
  input  logic                      err_ready_i,
  output tern_pkg::qp_err_t         err_o,
  output logic                      done_valid_o,
  input  logic                      done_ready_i,
  output logic [tern_pkg::QpnW-1:0] done_qpn_o,

  input  logic                      drain_valid_i,
  output logic                      drain_ready_o,
  input  logic [tern_pkg::QpnW-1:0] drain_qpn_i,
  output logic                      drain_done_o,

  // None comes again before fence_done_o
  input  logic                      fence_i,
  output logic                      fence_done_o
);

  localparam logic [7:0]  NakAccess = 8'h62;
  localparam logic [7:0]  NakOp     = 8'h63;
  localparam int unsigned JobW      = 2 + 24 + 24 + 64 + 32 + 32 + 4 + 64 + 64 + 1;

  if (Slots < 2 || Slots > 128 || Qps != 1 << IdW) begin : gen_bad_size
    $error("tern_job: size not possible");
  end
  if ($bits(job_i) != JobW) begin : gen_bad_width
    $error("JobW is not the width of job_t");
  end

  typedef enum logic [3:0] {
    StNone,
    StAsk,      // tern_mr is to be asked
    StXlat,     // and was
    StLock,     // the word is to be read when it is free
    StRead,
    StWrite,    // the word is to be written
    StWrote,
    StSeek,     // a line of the irrq object is to be read
    StSought,
    StKeep,     // and written
    StKept,
    StPush,     // the response is due
    StPushing,
    StFail,     // to be reported
    StDrop,     // ends without a word
    StEnd
  } state_e;

  // --------------------------------------------------------------------------- slots

  logic [Slots-1:0][3:0]                state_q, state_d;  // state_e
  logic [Slots-1:0][tern_pkg::QpnW-1:0] qpn_q;
  logic [Slots-1:0][23:0]               psn_q;
  logic [Slots-1:0]                     replay_q;
  logic [Slots-1:0]                     bad_q;      // to be dropped
  logic [Slots-1:0]                     bus_q;      // failed for the bus or the HMC
  logic [Slots-1:0][Slots-1:0]          dep_q;      // older ones of the same QP
  logic [Slots-1:0]                     lock_q;     // at work on word_q, or waits for it
  logic [Slots-1:0][Slots-1:0]          before_q;   // who came to the word earlier
  logic [Slots-1:0][60:0]               word_q;
  logic [Slots-1:0][1:0]                line_q;     // of the irrq object
  logic [Slots-1:0][63:0]               old_q;      // the word before the atomic
  logic [Slots-1:0]                     busy, gone, unlock, at_mem;

  // Read when a step of a slot is begun
  logic [JobW+24:0]  jobs  [Slots];   // {pd, priv, job}
  logic [511:0]      lines [Slots];   // of the irrq object

  always_comb begin
    for (int unsigned s = 0; s < Slots; s++) begin
      busy[s]   = state_q[s] != StNone;
      at_mem[s] = state_q[s] == StXlat || state_q[s] == StLock || state_q[s] == StRead ||
                  state_q[s] == StWrite || state_q[s] == StWrote;
    end
  end

  // ---------------------------------------------------------------------- a job comes in

  logic                      sweep_q;
  logic [IdW-1:0]            sweep_at_q;
  logic [0:0]                poison [Qps];  // everything of the QP is dropped
  logic                      fail;          // a job of fail_qpn fails
  logic [tern_pkg::QpnW-1:0] fail_qpn;
  logic                      clear;

  logic                      in_valid_q, in_poison_q, in_fail_q, in_take, in_bad;
  logic [tern_pkg::QpnW-1:0] in_qpn_q;
  logic [JobW+24:0]          in_q;
  tern_pkg::job_t            in_job;
  logic                      alloc, any_free;
  logic [Slots-1:0]          free_hot, same;
  logic [SlotW-1:0]          free_idx;
  state_e                    in_state;

  typedef enum logic [2:0] {
    DrIdle,
    DrWait,     // for what is inside
    DrWipe,     // writes the lines of the irrq object
    DrWiping,
    DrClear,
    DrDone
  } drain_e;

  drain_e                    drain_q;
  logic [tern_pkg::QpnW-1:0] drain_qpn_q;

  assign free_hot    = ~busy & (busy + 1'b1);
  assign any_free    = !(&busy);
  assign alloc       = in_valid_q && any_free;
  assign job_ready_o = !sweep_q && (!in_valid_q || any_free);
  assign in_take     = job_valid_i && job_ready_o;
  assign in_job      = in_q[JobW-1:0];
  assign in_bad      = in_poison_q || in_fail_q || (fail && fail_qpn == in_qpn_q) ||
                       (drain_q != DrIdle && drain_qpn_q == in_qpn_q);

  always_comb begin
    free_idx = '0;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (free_hot[s]) free_idx |= SlotW'(s);
      same[s] = busy[s] && !gone[s] && qpn_q[s] == in_qpn_q;
    end
  end

  always_comb begin
    in_state = StAsk;
    if (in_job.kind == tern_pkg::JobReplay) in_state = StSeek;
    else if (in_job.kind == tern_pkg::JobRead) in_state = StPush;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      in_valid_q <= 1'b0;
      sweep_q    <= 1'b1;
      sweep_at_q <= '0;
    end else begin
      if (in_take) in_valid_q <= 1'b1;
      else if (any_free) in_valid_q <= 1'b0;
      if (sweep_q) begin
        sweep_q    <= sweep_at_q != '1;
        sweep_at_q <= sweep_at_q + 1'b1;
      end
    end
    if (in_take) begin
      in_qpn_q    <= job_qpn_i;
      in_q        <= {job_pd_i, job_priv_i, job_i};
      in_poison_q <= poison[job_qpn_i[IdW-1:0]];
    end
    // What fails while it is looked up, or waits for a slot, is not in the table read
    if (in_take) in_fail_q <= fail && fail_qpn == job_qpn_i;
    else if (fail && fail_qpn == in_qpn_q) in_fail_q <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (sweep_q) poison[sweep_at_q] <= 1'b0;
    else if (fail) poison[fail_qpn[IdW-1:0]] <= 1'b1;
    else if (clear) poison[drain_qpn_q[IdW-1:0]] <= 1'b0;
    if (alloc) jobs[free_idx] <= in_q;
  end

  // ------------------------------------------------------------- whose turn it is, and its step

  logic             mr_valid_q, rd_valid_q, wr_valid_q, hmc_valid_q;
  logic             push_free, end_free, hmc_free;
  logic [Slots-1:0] may_end, may_go, want, pick_hot, act_hot, act_hot_q;
  logic [SlotW-1:0] pick_idx;
  logic             any_want, pick;
  logic             act_q, act_end_q;
  logic [SlotW-1:0] act_slot_q;
  logic [3:0]       act_state_q;
  logic [JobW+24:0] act_job_mem_q;
  logic [63:0]      act_old_q;
  logic [511:0]     act_line_q;
  logic [60:0]      act_word_q;
  logic [1:0]       act_irrq_q;
  logic             act_bus_q;
  logic [tern_pkg::QpnW-1:0] act_qpn_q;
  tern_pkg::job_t   job;
  logic [23:0]      job_pd;
  logic             job_priv;

  // A slot that is to be dropped and has begun nothing ends here
  always_comb begin
    for (int unsigned s = 0; s < Slots; s++) begin
      may_end[s] = state_q[s] == StDrop || (state_q[s] == StFail && dep_q[s] == '0) ||
                   (bad_q[s] && (state_q[s] == StAsk || state_q[s] == StPush ||
                                 state_q[s] == StFail || (state_q[s] == StSeek && replay_q[s])));
      unique case (state_q[s])
        StAsk:   may_go[s] = !mr_valid_q && dep_q[s] == '0;
        StLock:  may_go[s] = !rd_valid_q && before_q[s] == '0;
        StWrite: may_go[s] = !wr_valid_q;
        StSeek:  may_go[s] = hmc_free && (!replay_q[s] || dep_q[s] == '0);
        StKeep:  may_go[s] = hmc_free;
        StPush:  may_go[s] = push_free && dep_q[s] == '0;
        default: may_go[s] = 1'b0;
      endcase
      want[s] = may_end[s] ? end_free : may_go[s];
    end
  end

  tern_rr_arb #(.N(Slots)) u_turn (
    .clk_i, .rst_i,
    .req_i(want), .take_i(pick),
    .valid_o(any_want), .onehot_o(pick_hot), .idx_o(pick_idx)
  );

  assign pick    = any_want && !act_q;
  assign act_hot = act_q ? act_hot_q : '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) act_q <= 1'b0;
    else act_q <= pick;
    if (pick) begin
      act_hot_q     <= pick_hot;
      act_slot_q    <= pick_idx;
      act_end_q     <= |(pick_hot & may_end);
      act_state_q   <= state_q[pick_idx];
      act_job_mem_q <= jobs[pick_idx];
      act_old_q     <= old_q[pick_idx];
      act_line_q    <= lines[pick_idx];
      act_word_q    <= word_q[pick_idx];
      act_irrq_q    <= line_q[pick_idx];
      act_bus_q     <= bus_q[pick_idx];
      act_qpn_q     <= qpn_q[pick_idx];
    end
  end

  assign {job_pd, job_priv, job} = act_job_mem_q;

  // ------------------------------------------------------------------------- tern_mr, the bus

  tern_pkg::mr_req_t      mr_req_q;
  tern_pkg::dma_rd_req_t  rd_req_q;
  logic [SlotW-1:0]       wr_slot_q;
  logic [60:0]            wr_word_q;
  logic [63:0]            wr_data_q;
  logic                   act_mr, act_rd, act_wr, act_seek, act_keep, act_push, writes;
  logic [63:0]            value;

  assign act_mr   = act_q && !act_end_q && act_state_q == StAsk;
  assign act_rd   = act_q && !act_end_q && act_state_q == StLock;
  assign act_wr   = act_q && !act_end_q && act_state_q == StWrite;
  assign act_seek = act_q && !act_end_q && act_state_q == StSeek;
  assign act_keep = act_q && !act_end_q && act_state_q == StKeep;
  assign act_push = act_q && !act_end_q && act_state_q == StPush;

  assign writes = job.kind == tern_pkg::JobAdd || act_old_q == job.compare;
  assign value  = job.kind == tern_pkg::JobAdd ? act_old_q + job.swap : job.swap;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      mr_valid_q <= 1'b0;
      rd_valid_q <= 1'b0;
      wr_valid_q <= 1'b0;
    end else begin
      if (act_mr) mr_valid_q <= 1'b1;
      else if (mr_req_ready_i) mr_valid_q <= 1'b0;
      if (act_rd) rd_valid_q <= 1'b1;
      else if (rd_ready_i) rd_valid_q <= 1'b0;
      if (act_wr && writes) wr_valid_q <= 1'b1;
      else if (wr_ready_i) wr_valid_q <= 1'b0;
    end
    if (act_mr) begin
      mr_req_q.tag       <= 8'(act_slot_q);
      mr_req_q.key       <= job.key;
      mr_req_q.pd        <= job_pd;
      mr_req_q.priv      <= job_priv;
      mr_req_q.addr      <= job.addr;
      mr_req_q.need      <= {tern_hw_pkg::TERN_HW_ACCESS_REMOTE_ATOMIC};
      mr_req_q.len       <= 13'd8;
      mr_req_q.check_len <= 32'd8;
    end
    if (act_rd) rd_req_q <= {act_word_q, 3'd0, 13'd8, 8'(act_slot_q)};
    if (act_wr) begin
      wr_slot_q <= act_slot_q;
      wr_word_q <= act_word_q;
      wr_data_q <= value;
    end
  end

  assign mr_req_valid_o = mr_valid_q;
  assign mr_req_o       = mr_req_q;
  assign rd_valid_o     = rd_valid_q;
  assign rd_o           = rd_req_q;
  assign wr_valid_o     = wr_valid_q;

  always_comb begin
    wr_o            = '0;
    wr_o.addr       = {wr_word_q, 3'd0};
    wr_o.len        = 13'd8;
    wr_o.tag        = 8'(wr_slot_q);
    wr_o.last       = 1'b1;
    wr_o.data[63:0] = wr_data_q;
  end

  // Answers. Those with data are taken into registers first
  logic [Slots-1:0]      mr_hit, rd_hit, wr_hit, hmc_hit, lock_new, clash;
  logic                  mr_bad;
  logic                  rdr_valid_q, rdr_err_q;
  logic [SlotW-1:0]      rdr_slot_q;
  logic [511:0]          rdr_data_q;
  logic [2:0]            rdr_lane;
  logic                  hmr_valid_q, hmr_err_q;
  logic [SlotW-1:0]      hmr_slot_q;
  logic [511:0]          hmr_data_q;

  assign mr_hit  = mr_rsp_valid_i ? Slots'(1) << mr_rsp_i.tag[SlotW-1:0] : '0;
  assign wr_hit  = wr_rsp_valid_i ? Slots'(1) << wr_rsp_i.tag[SlotW-1:0] : '0;
  assign rd_hit  = rdr_valid_q ? Slots'(1) << rdr_slot_q : '0;
  assign hmc_hit = hmr_valid_q ? Slots'(1) << hmr_slot_q : '0;
  // tern_rsp has seen to the address being aligned, but where the region starts on the bus is up
  // to the host
  assign mr_bad   = mr_rsp_i.err != tern_pkg::MrOk || mr_rsp_i.len0 != 13'd8 ||
                    mr_rsp_i.addr0[2:0] != 3'd0;
  assign lock_new = mr_bad ? '0 : mr_hit;
  assign rdr_lane = word_q[rdr_slot_q][2:0];

  always_comb begin
    for (int unsigned s = 0; s < Slots; s++) begin
      clash[s] = lock_q[s] && word_q[s] == mr_rsp_i.addr0[63:3];
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      rdr_valid_q <= 1'b0;
      hmr_valid_q <= 1'b0;
    end else begin
      rdr_valid_q <= rd_rsp_valid_i && rd_rsp_i.last;
      hmr_valid_q <= hmc_rsp_valid_i && !hmc_rsp_i.tag[7];
    end
    if (rd_rsp_valid_i) begin
      rdr_slot_q <= rd_rsp_i.tag[SlotW-1:0];
      rdr_err_q  <= rd_rsp_i.err;
      rdr_data_q <= rd_rsp_i.data;
    end
    if (hmc_rsp_valid_i) begin
      hmr_slot_q <= hmc_rsp_i.tag[SlotW-1:0];
      hmr_err_q  <= hmc_rsp_i.err != tern_pkg::HmcOk;
      hmr_data_q <= hmc_rsp_i.data;
    end
  end

  // -------------------------------------------------------------------------- the irrq object

  tern_pkg::hmc_req_t hmc_q;
  logic               wipe, wiped;
  logic [1:0]         wipe_line_q;
  logic               found;
  logic [63:0]        found_value;
  logic [511:0]       kept;
  tern_hw_pkg::tern_hw_atomic_result_t entry, seen;

  always_comb begin
    entry            = '0;
    entry.value      = act_old_q;
    entry.what.valid = 1'b1;
    entry.what.psn   = job.psn;
    kept = act_line_q;
    for (int unsigned i = 0; i < 4; i++) begin
      if (job.place[1:0] == 2'(i)) kept[128 * i +: 128] = entry;
    end
  end

  always_comb begin
    found       = 1'b0;
    found_value = '0;
    seen        = '0;
    if (hmr_valid_q) begin
      for (int unsigned i = 0; i < 4; i++) begin
        seen = hmr_data_q[128 * i +: 128];
        if (seen.what.valid && seen.what.psn == psn_q[hmr_slot_q]) begin
          found       = 1'b1;
          found_value = seen.value;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) hmc_valid_q <= 1'b0;
    else if (act_seek || act_keep || wipe) hmc_valid_q <= 1'b1;
    else if (hmc_ready_i) hmc_valid_q <= 1'b0;
    if (act_seek || act_keep) begin
      hmc_q.kind  <= {tern_hw_pkg::TERN_HW_HMC_KIND_IRRQ};
      hmc_q.index <= 28'(act_qpn_q);
      hmc_q.line  <= {1'b0, act_irrq_q};
      hmc_q.write <= act_keep;
      hmc_q.quiet <= 1'b1;
      hmc_q.tag   <= 8'(act_slot_q);
      hmc_q.data  <= act_keep ? kept : '0;
    end else if (wipe) begin
      hmc_q.kind  <= {tern_hw_pkg::TERN_HW_HMC_KIND_IRRQ};
      hmc_q.index <= 28'(drain_qpn_q);
      hmc_q.line  <= {1'b0, wipe_line_q};
      hmc_q.write <= 1'b1;
      hmc_q.quiet <= 1'b1;
      hmc_q.tag   <= 8'h80;
      hmc_q.data  <= '0;
    end
    if (hmr_valid_q) lines[hmr_slot_q] <= hmr_data_q;
    // At one time a slot waits for one of them only, but two slots may be answered at once
    for (int unsigned s = 0; s < Slots; s++) begin
      if (rd_hit[s]) old_q[s] <= rdr_data_q[64 * rdr_lane +: 64];
      else if (hmc_hit[s] && replay_q[s]) old_q[s] <= found_value;
    end
  end

  assign hmc_valid_o = hmc_valid_q;
  assign hmc_o       = hmc_q;

  // ------------------------------------------------------------------------------ responses

  typedef enum logic [1:0] {
    PuIdle,
    PuAsk,    // the list has the QPN
    PuLook,   // room_i is about it
    PuOffer
  } push_e;

  push_e                     push_state_q;
  logic [tern_pkg::QpnW-1:0] push_qpn_q;
  tern_pkg::response_t       push_q;
  logic [Slots-1:0]          push_hot_q, push_gone, push_stop;

  assign push_free    = push_state_q == PuIdle;
  assign push_gone    = (push_state_q == PuOffer && push_ready_i) ? push_hot_q : '0;
  assign push_stop    = (push_state_q == PuLook) ? push_hot_q & bad_q : '0;
  assign push_valid_o = push_state_q == PuOffer;
  assign push_qpn_o   = push_qpn_q;
  assign push_o       = push_q;
  assign count_qpn_o  = push_qpn_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) push_state_q <= PuIdle;
    else begin
      unique case (push_state_q)
        PuIdle: if (act_push) push_state_q <= PuAsk;
        PuAsk:  push_state_q <= PuLook;
        PuLook: begin
          if (push_stop != '0) push_state_q <= PuIdle;
          else if (room_i) push_state_q <= PuOffer;
        end
        default: if (push_ready_i) push_state_q <= PuIdle;
      endcase
    end
    if (act_push) begin
      push_hot_q    <= act_hot_q;
      push_qpn_q    <= act_qpn_q;
      push_q.atomic <= job.kind != tern_pkg::JobRead;
      push_q.psn    <= job.psn;
      push_q.msn    <= job.msn;
      push_q.addr   <= job.kind != tern_pkg::JobRead ? act_old_q : job.addr;
      push_q.key    <= job.kind != tern_pkg::JobRead ? '0 : job.key;
      push_q.len    <= job.kind != tern_pkg::JobRead ? '0 : job.len;
      push_q.again  <= job.kind == tern_pkg::JobRead && job.again;
    end
  end

  // -------------------------------------------------------------------- ends without response

  logic                      nak_q, err_q, done_q, end_bus_q;
  logic [Slots-1:0]          end_hot_q, end_gone;
  logic [tern_pkg::QpnW-1:0] end_qpn_q;
  logic [23:0]               end_psn_q, end_msn_q;
  logic                      act_end;

  assign act_end  = act_q && act_end_q;
  assign fail     = act_end && act_state_q == StFail && (act_hot_q & bad_q) == '0;
  assign fail_qpn = act_qpn_q;
  assign end_free = !nak_q && !err_q && !done_q;
  assign end_gone = (done_valid_o && done_ready_i) ? end_hot_q : '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      nak_q  <= 1'b0;
      err_q  <= 1'b0;
      done_q <= 1'b0;
    end else begin
      if (fail) nak_q <= 1'b1;
      else if (nak_ready_i) nak_q <= 1'b0;
      if (fail) err_q <= 1'b1;
      else if (err_valid_o && err_ready_i) err_q <= 1'b0;
      if (act_end) done_q <= 1'b1;
      else if (done_valid_o && done_ready_i) done_q <= 1'b0;
    end
    if (act_end) begin
      end_hot_q <= act_hot_q;
      end_qpn_q <= act_qpn_q;
      end_psn_q <= job.psn;
      end_msn_q <= job.msn - 24'd1;
      end_bus_q <= act_bus_q;
    end
  end

  assign nak_valid_o  = nak_q;
  assign nak_o        = {end_qpn_q, end_psn_q, end_msn_q, end_bus_q ? NakOp : NakAccess};
  assign err_valid_o  = err_q && !nak_q;
  assign done_valid_o = done_q && !nak_q && !err_q;
  assign done_qpn_o   = end_qpn_q;

  always_comb begin
    err_o         = '0;
    err_o.qpn     = end_qpn_q;
    err_o.rq      = 1'b1;
    err_o.status  = tern_hw_pkg::TERN_HW_WC_STATUS_WR_FLUSH;
    err_o.reason  = end_bus_q ? tern_hw_pkg::TERN_HW_QP_REASON_DMA
                              : tern_hw_pkg::TERN_HW_QP_REASON_IN_ACCESS;
    err_o.ae_code = end_bus_q ? tern_hw_pkg::TERN_HW_AE_CODE_QP_FATAL
                              : tern_hw_pkg::TERN_HW_AE_CODE_QP_ACCESS;
  end

  // ------------------------------------------------------------------------ next state of slots

  always_comb begin
    state_d = state_q;
    for (int unsigned s = 0; s < Slots; s++) begin
      unlock[s] = 1'b0;
      unique case (state_q[s])
        StNone:   if (alloc && free_hot[s]) state_d[s] = in_state;
        StAsk:    if (act_hot[s]) state_d[s] = act_end_q ? StEnd : StXlat;
        StXlat:   if (mr_hit[s]) state_d[s] = mr_bad ? StFail : StLock;
        StLock:   if (act_hot[s]) state_d[s] = StRead;
        StRead:   if (rd_hit[s]) begin
          state_d[s] = rdr_err_q ? StFail : StWrite;
          unlock[s]  = rdr_err_q;
        end
        StWrite:  if (act_hot[s]) begin
          state_d[s] = writes ? StWrote : StSeek;
          unlock[s]  = !writes;
        end
        StWrote:  if (wr_hit[s]) begin
          state_d[s] = wr_rsp_i.err ? StFail : StSeek;
          unlock[s]  = 1'b1;
        end
        StSeek:   if (act_hot[s]) state_d[s] = act_end_q ? StEnd : StSought;
        StSought: if (hmc_hit[s]) begin
          if (hmr_err_q) state_d[s] = StFail;
          else if (!replay_q[s]) state_d[s] = StKeep;
          else if (found) state_d[s] = StPush;
          else state_d[s] = (line_q[s] == 2'd3) ? StDrop : StSeek;
        end
        StKeep:   if (act_hot[s]) state_d[s] = StKept;
        StKept:   if (hmc_hit[s]) state_d[s] = hmr_err_q ? StFail : StPush;
        StPush:   if (act_hot[s]) state_d[s] = act_end_q ? StEnd : StPushing;
        StPushing: begin
          if (push_gone[s]) state_d[s] = StNone;
          else if (push_stop[s]) state_d[s] = StDrop;
        end
        StFail,
        StDrop:   if (act_hot[s]) state_d[s] = StEnd;
        default:  if (end_gone[s]) state_d[s] = StNone;
      endcase
    end
  end

  assign gone = push_gone | end_gone;

  for (genvar s = 0; s < Slots; s++) begin : gen_slot
    logic come;
    assign come = alloc && free_hot[s];

    always_ff @(posedge clk_i) begin
      if (rst_i) state_q[s] <= StNone;
      else state_q[s] <= state_d[s];

      if (come) begin
        qpn_q[s]    <= in_qpn_q;
        psn_q[s]    <= in_job.psn;
        replay_q[s] <= in_job.kind == tern_pkg::JobReplay;
        dep_q[s]    <= same;
      end else if (gone != '0) begin
        dep_q[s]    <= dep_q[s] & ~gone;
      end

      if (come) bad_q[s] <= in_bad;
      else if ((fail && fail_qpn == qpn_q[s] && !act_hot_q[s]) ||
               (drain_q == DrWait && drain_qpn_q == qpn_q[s])) bad_q[s] <= 1'b1;

      if (mr_hit[s]) bus_q[s] <= 1'b0;
      else if ((rd_hit[s] && rdr_err_q) || (wr_hit[s] && wr_rsp_i.err) ||
               (hmc_hit[s] && hmr_err_q)) bus_q[s] <= 1'b1;

      if (rst_i) lock_q[s] <= 1'b0;
      else if (lock_new[s]) lock_q[s] <= 1'b1;
      else if (unlock[s]) lock_q[s] <= 1'b0;
      if (lock_new[s]) begin
        word_q[s]   <= mr_rsp_i.addr0[63:3];
        before_q[s] <= clash & ~unlock;
      end else if (unlock != '0) begin
        before_q[s] <= before_q[s] & ~unlock;
      end

      // A replay looks at the lines one after the other
      if (come) line_q[s] <= (in_job.kind == tern_pkg::JobReplay) ? 2'd0 : in_job.place[3:2];
      else if (hmc_hit[s] && replay_q[s]) line_q[s] <= line_q[s] + 2'd1;
    end
  end

  // ------------------------------------------------------------------------------- drain, fence

  logic [Slots-1:0] drain_left, fence_left_q;
  logic             fence_q;

  always_comb begin
    for (int unsigned s = 0; s < Slots; s++) begin
      drain_left[s] = busy[s] && qpn_q[s] == drain_qpn_q;
    end
  end

  assign drain_ready_o = drain_q == DrIdle && !sweep_q;
  assign drain_done_o  = drain_q == DrDone;
  assign clear         = drain_q == DrClear;
  // Slots leave the port to it; what they began before is over
  assign hmc_free      = !hmc_valid_q && drain_q != DrWipe;
  assign wipe          = drain_q == DrWipe && !hmc_valid_q && !act_q;
  assign wiped         = hmc_rsp_valid_i && hmc_rsp_i.tag[7];

  always_ff @(posedge clk_i) begin
    if (rst_i) drain_q <= DrIdle;
    else begin
      unique case (drain_q)
        DrIdle:  if (drain_valid_i && drain_ready_o) drain_q <= DrWait;
        DrWait:  if (drain_left == '0 && !(in_valid_q && in_qpn_q == drain_qpn_q)) begin
          drain_q <= DrWipe;
        end
        DrWipe:   if (wipe) drain_q <= DrWiping;
        DrWiping: if (wiped) drain_q <= (wipe_line_q == 2'd3) ? DrClear : DrWipe;
        DrClear: if (!fail) drain_q <= DrDone;
        default: drain_q <= DrIdle;
      endcase
    end
    if (drain_valid_i && drain_ready_o) begin
      drain_qpn_q <= drain_qpn_i;
      wipe_line_q <= 2'd0;
    end else if (wiped) begin
      wipe_line_q <= wipe_line_q + 2'd1;
    end
  end

  assign fence_done_o = fence_q && fence_left_q == '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) fence_q <= 1'b0;
    else if (fence_i) fence_q <= 1'b1;
    else if (fence_done_o) fence_q <= 1'b0;
    if (fence_i) fence_left_q <= at_mem;
    else if (fence_q) fence_left_q <= fence_left_q & at_mem;
  end

  assign idle_o = !sweep_q && !in_valid_q && busy == '0 && drain_q == DrIdle && !fence_q &&
                  !job_valid_i && !drain_valid_i && !fence_i;

endmodule
