// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Control of the queue pairs: the commands of the CQP about them, and the way of a QP to state
// error when a stage has found a reason. Keeps the state of each QP.
//
//   CQP command ---------------.
//                               >-> check -> tern_qp_seq (a program for each) -> answer or event
//   stages --> tern_qp_errs ---'               '--> lines, tables, lists, markers of all blocks
//
// One thing at a time: commands and reports of stages take turns. Reports are always taken, see
// tern_qp_errs; of each QP the first one counts, and none does that is not in RTR, RTS or SQD. Each
// command is answered once. Multicast groups are tern_mcast's; here it is checked that the QP may be in one,
// and DESTROY_QP ends with taking it out of all, when nothing of it is under way any more.
//
// A QP whose last NAK still waits for responses that are due before it is closed and goes to error
// later: its report comes again and again until the NAK is on its way. It is in its old state until
// then, and a command that moves it to ERR or RESET, or destroys it, does not wait.
//
//   tern_qp_rules  what a command may ask for
//   tern_qp_prog   sequences       tern_qp_seq  executes them
//   tern_qp_lines  what goes into which line of the QP object
//   tern_qp_errs   reports of the stages
//
// An HMC error leaves the QP in its state with the answer `hmc`: CREATE_QP undoes what it did, of
// MODIFY_QP some attributes may be in the lines already, but nothing is started. A QP on its way to
// error or reset gets there as far as it can: MODIFY_QP to ERR and a failed one to RESET end in
// state ERR, where it is quiet; FLUSH_QP of a QP whose lines could not be written fails.
//
// SUSPEND_QP is for RTS and SQD, and holds the ACK timer too; RNR timers run on, for what they
// bring is sent again in its time. RESUME_QP of a QP that is not suspended does nothing.
//
// Ports: all valid/ready, but for those that say otherwise. What is done must not come before the
// cycle after the request was taken. After reset the table is swept (Qps cycles), nothing is taken.

module tern_qp_ctl #(
  parameter  int unsigned ErrSources = 5,                 // tern_rh, rsp, place, job, rr
  parameter  int unsigned Qps        = tern_pkg::MaxQps,  // power of two, at most MaxQps
  localparam int unsigned QpW        = $clog2(Qps),
  localparam int unsigned ErrW       = tern_pkg::QpnW + 1 + 1 + 16 + 8 + 8 + 16
) (
  input  logic                            clk_i,
  input  logic                            rst_i,
  output logic                            idle_o,

  // tern_cqp
  input  logic                            qp_valid_i,
  output logic                            qp_ready_o,
  input  logic [5:0]                      qp_op_i,
  input  logic [511:0]                    qp_wqe_i,      // stable until the answer, as is qp_attr
  input  logic [511:0]                    qp_attr_i,
  output logic                            qp_put_o,
  output logic [5:0]                      qp_put_index_o,
  output logic [63:0]                     qp_put_data_o,
  output logic                            qp_rsp_valid_o,
  output tern_pkg::ctl_rsp_t              qp_rsp_o,

  // Reports; ready comes whatever the control waits for
  input  logic [ErrSources-1:0]           err_valid_i,
  output logic [ErrSources-1:0]           err_ready_o,
  input  logic [ErrSources-1:0][ErrW-1:0] err_i,         // qp_err_t
  input  logic                            rh_drained_valid_i,
  output logic                            rh_drained_ready_o,
  input  logic [tern_pkg::QpnW-1:0]       rh_drained_qpn_i,

  output logic                            ae_valid_o,
  input  logic                            ae_ready_i,
  output tern_pkg::ae_req_t               ae_o,

  // Control items: 0 tern_seg, 1 tern_rh, 2 tern_rsp, 3 tern_rr, 4 tern_emit, 5 and 6 the
  // tern_ring_addr of tern_sq_fetch and of tern_scatter
  output logic [6:0]                      item_valid_o,
  input  logic [6:0]                      item_ready_i,
  output tern_pkg::qp_item_t              item_o,
  input  logic [6:0]                      item_rsp_valid_i,
  input  logic [6:0][514:0]               item_rsp_i,    // qp_item_rsp_t

  output logic                            sched_valid_o,
  input  logic                            sched_ready_i,
  output logic [3:0]                      sched_op_o,
  output logic [tern_pkg::QpnW-1:0]       sched_qpn_o,
  output logic [tern_pkg::PageW-1:0]      sched_page_o,
  output logic [3:0]                      sched_log_size_o,
  output logic [15:0]                     sched_index_o,
  input  logic                            sched_done_i,
  input  logic [15:0]                     sched_producer_i,
  output logic                            rq_valid_o,
  input  logic                            rq_ready_i,
  output logic [1:0]                      rq_op_o,
  output logic [tern_pkg::QpnW-1:0]       rq_qpn_o,
  output logic [tern_pkg::PageW-1:0]      rq_page_o,
  output logic [3:0]                      rq_log_size_o,
  input  logic                            rq_done_i,
  input  logic [15:0]                     rq_producer_i,
  output logic                            push_drop_o,   // tern_push; no ready
  output logic [tern_pkg::PageW-1:0]      push_drop_page_o,

  output logic                            steer_valid_o,
  input  logic                            steer_ready_i,
  output logic [tern_pkg::QpnW-1:0]       steer_qpn_o,
  output logic                            steer_exists_o,
  output logic [1:0]                      steer_transport_o,
  output logic                            steer_rx_ok_o,
  output logic                            steer_keep_o,      // only what follows
  output logic [127:0]                    steer_peer_o,      // with keep or rx_ok, of RC and UC
  output logic [6:0]                      steer_sgid_o,

  // The QPN of all that follows is ctl_qpn_o
  output logic [tern_pkg::QpnW-1:0]       ctl_qpn_o,
  output logic                            rx_marker_valid_o,    // tern_steer
  input  logic                            rx_marker_ready_i,
  output logic                            rr_marker_valid_o,    // tern_rr
  input  logic                            rr_marker_ready_i,
  output logic                            ack_marker_valid_o,   // tern_ack
  input  logic                            ack_marker_ready_i,
  output logic                            ack_ask_valid_o,      // does the last word wait?
  input  logic                            ack_ask_ready_i,
  input  logic                            ack_ask_done_i,
  input  logic                            ack_ask_waits_i,
  output logic                            ack_drop_valid_o,
  input  logic                            ack_drop_ready_i,
  output logic                            gather_clear_valid_o, // tern_gather
  input  logic                            gather_clear_ready_i,
  output logic                            jobs_clear_valid_o,   // tern_rsp
  input  logic                            jobs_clear_ready_i,
  output logic                            rh_kick_valid_o,      // tern_rh: ctl_kick
  input  logic                            rh_kick_ready_i,
  output logic                            rh_back_valid_o,      // tern_rh: ctl_back
  input  logic                            rh_back_ready_i,
  output logic                            timer_valid_o,        // tern_rh: ctl_cmd
  input  logic                            timer_ready_i,
  output logic [4:0]                      timer_timeout_o,
  output logic [1:0]                      timer_gen_o,
  output logic [23:0]                     timer_psn_o,
  output logic [15:0]                     timer_done_o,
  output logic                            out_drop_valid_o,     // list of outstanding requests
  input  logic                            out_drop_ready_i,
  input  logic                            out_drop_done_i,
  output logic                            rr_drop_valid_o,      // tern_rr
  input  logic                            rr_drop_ready_i,
  input  logic                            rr_drop_done_i,
  output logic                            job_drain_valid_o,    // tern_job
  input  logic                            job_drain_ready_i,
  input  logic                            job_drain_done_i,
  output logic                            place_clear_valid_o,  // tern_place
  input  logic                            place_clear_ready_i,
  input  logic                            place_clear_done_i,
  input  logic [49:0]                     place_clear_rsp_i,

  // tern_mcast
  output logic                            mcast_valid_o,
  input  logic                            mcast_ready_i,
  output logic                            mcast_attach_o,       // neither: out of all groups
  output logic                            mcast_detach_o,
  output logic [127:0]                    mcast_gid_o,
  output logic                            mcast_no_own_o,
  input  logic                            mcast_done_i,
  input  logic [15:0]                     mcast_minor_i,        // tern_hw_cqp_minor_e
  input  logic                            mcast_full_i,         // limit: of the group

  // Markers that came out
  input  logic                            tx_drained_valid_i,   // tern_emit; no ready
  input  tern_pkg::tx_src_e               tx_drained_src_i,
  input  logic [tern_pkg::QpnW-1:0]       tx_drained_qpn_i,
  input  logic                            rx_drained_valid_i,   // tern_place
  output logic                            rx_drained_ready_o,
  input  tern_pkg::pl_side_e              rx_drained_side_i,
  input  logic [tern_pkg::QpnW-1:0]       rx_drained_qpn_i,

  output logic                            stat_error_o          // stat qp_errors
);

  localparam logic [2:0] SReset = {tern_hw_pkg::TERN_HW_QP_STATE_RESET};
  localparam logic [2:0] SRtr   = {tern_hw_pkg::TERN_HW_QP_STATE_RTR};
  localparam logic [2:0] SRts   = {tern_hw_pkg::TERN_HW_QP_STATE_RTS};
  localparam logic [2:0] SSqd   = {tern_hw_pkg::TERN_HW_QP_STATE_SQD};
  localparam logic [2:0] SErr   = {tern_hw_pkg::TERN_HW_QP_STATE_ERR};

  // As in tern_qp_prog
  localparam logic [7:0] PcCreate = 8'd0,   PcModify = 8'd16,  PcRtr = 8'd24,     PcRts = 8'd32;
  localparam logic [7:0] PcSqd    = 8'd40,  PcUnsqd  = 8'd56,  PcError = 8'd64,   PcReset = 8'd80;
  localparam logic [7:0] PcDestroy = 8'd96, PcQuery  = 8'd112, PcFlush = 8'd136,  PcSuspend = 8'd208;
  localparam logic [7:0] PcResume = 8'd216, PcAgain = 8'd72;

  // ---------------------------------------------------------------------------------- table

  typedef struct packed {
    logic                       exists;
    logic                       suspended;
    logic                       drained;    // in SQD: nothing is outstanding
    logic [2:0]                 state;      // tern_hw_qp_state_e
    logic [1:0]                 transport;  // tern_hw_qp_type_e
    logic [tern_pkg::PageW-1:0] page;
  } entry_t;

  localparam int unsigned EntryW = 8 + tern_pkg::PageW;

  logic [EntryW-1:0] entries [Qps];
  logic [QpW:0]      sweep_q;
  logic              up, table_we;
  logic [QpW-1:0]    table_at;
  entry_t            entry_q, entry_d;

  assign up = sweep_q[QpW];

  always_ff @(posedge clk_i) begin
    if (rst_i) sweep_q <= '0;
    else if (!up) sweep_q <= sweep_q + 1'b1;
  end

  // -------------------------------------------------------------------------------- reports

  logic              errs_idle, event_valid, event_ready, event_is_err, event_again, event_lost;
  logic              back_valid, back_ready;
  tern_pkg::qp_err_t ev, ev_q, claim_rsp;
  logic              claim_valid, claim_ready, claim_err, claim_done, claim_found;
  logic [QpW-1:0]    qpn_q;

  tern_qp_errs #(.Sources(ErrSources), .Qps(Qps)) u_errs (
    .clk_i, .rst_i, .idle_o(errs_idle),
    .err_valid_i, .err_ready_o, .err_i,
    .drained_valid_i(rh_drained_valid_i), .drained_ready_o(rh_drained_ready_o),
    .drained_qpn_i(rh_drained_qpn_i),
    .event_valid_o(event_valid), .event_ready_i(event_ready), .event_is_err_o(event_is_err),
    .event_again_o(event_again), .event_lost_o(event_lost), .event_o(ev),
    .back_valid_i(back_valid), .back_ready_o(back_ready), .back_i(ev_q),
    .claim_valid_i(claim_valid), .claim_ready_o(claim_ready), .claim_err_i(claim_err),
    .claim_qpn_i(qpn_q), .claim_done_o(claim_done), .claim_found_o(claim_found),
    .claim_o(claim_rsp)
  );

  // ---------------------------------------------------------------------------------- steps

  typedef enum logic [3:0] {
    StIdle,
    StRead,    // the entry of the QP is read
    StCheck,
    StRun,     // a program runs
    StBack,    // it was too early; the event goes back
    StEvent,
    StGroup,   // tern_mcast is asked
    StGrouped, //   and works
    StAnswer
  } state_e;

  state_e             state_q, state_d;
  logic               is_cmd_q, is_err_q;  // else a report: error, or drained
  logic               take_cmd, take_ev;
  logic               again_q, lost_q;     // of the report
  logic [7:0]         pc_q, pc;
  logic               run, fine;           // StCheck: a program; nothing to do but answer
  logic               is_group, grouped;   // a command about groups; it is carried out
  logic               leaves;              // a UD QP is gone
  tern_pkg::ctl_rsp_t rsp_q, refusal;
  logic               seq_done, seq_again, seq_lost, seq_quiet, seq_idle, seq_ok;
  tern_pkg::hmc_err_e seq_err;
  logic [2:0]         next_q, next;

  tern_hw_pkg::tern_hw_cqp_wqe_t           wqe;
  tern_hw_pkg::tern_hw_cqp_qp_wqe_t        create;
  tern_hw_pkg::tern_hw_cqp_modify_qp_wqe_t modify;
  tern_hw_pkg::tern_hw_qp_attr_t           attr;
  tern_hw_pkg::tern_hw_cqp_mcast_wqe_t     mcast;

  assign wqe    = qp_wqe_i;
  assign create = qp_wqe_i;
  assign modify = qp_wqe_i;
  assign mcast  = qp_wqe_i;
  assign attr   = qp_attr_i;

  assign is_group = qp_op_i == tern_hw_pkg::TERN_HW_CQP_OP_ATTACH_MCAST ||
                    qp_op_i == tern_hw_pkg::TERN_HW_CQP_OP_DETACH_MCAST;
  assign leaves   = is_cmd_q && pc_q == PcDestroy &&
                    entry_q.transport == 2'(tern_hw_pkg::TERN_HW_QP_TYPE_UD);

  assign take_cmd    = state_q == StIdle && up && qp_valid_i && !(event_valid && is_cmd_q);
  assign take_ev     = state_q == StIdle && up && event_valid && !take_cmd;
  assign qp_ready_o  = take_cmd;
  assign event_ready = take_ev;

  logic        create_ok, modify_ok, id_bad;
  logic [15:0] create_major, create_minor, modify_major, modify_minor, modify_result;
  logic [2:0]  modify_next;

  tern_qp_rules u_rules (
    .create_i(qp_wqe_i), .create_ok_o(create_ok), .create_major_o(create_major),
    .create_minor_o(create_minor),
    .modify_i(qp_wqe_i), .attr_i(qp_attr_i), .state_i(entry_q.state),
    .transport_i(entry_q.transport), .modify_ok_o(modify_ok),
    .next_o(modify_next), .modify_major_o(modify_major), .modify_minor_o(modify_minor),
    .modify_result_o(modify_result)
  );

  // QP 1 is the GSI QP, and no other is
  assign id_bad = 32'(wqe.hdr.id) == '0 || 32'(wqe.hdr.id) >= 32'(Qps) ||
                  (qp_op_i == tern_hw_pkg::TERN_HW_CQP_OP_CREATE_QP &&
                   (32'(wqe.hdr.id) == 32'd1) !=
                   (create.attr.transport == tern_hw_pkg::TERN_HW_QP_TYPE_GSI));

  always_comb begin
    refusal = '0;
    run     = 1'b0;
    fine    = 1'b0;
    grouped = 1'b0;
    pc      = PcModify;
    next    = entry_q.state;
    if (!is_cmd_q) begin
      pc   = (again_q && !lost_q) ? PcAgain : PcError;
      next = SErr;
      run  = entry_q.exists && is_err_q &&
             (entry_q.state == SRtr || entry_q.state == SRts || entry_q.state == SSqd);
      fine = entry_q.exists && !is_err_q && entry_q.state == SSqd && !entry_q.drained;
    end else if (id_bad) begin
      refusal.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
      refusal.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_INDEX;
    end else if (qp_op_i == tern_hw_pkg::TERN_HW_CQP_OP_CREATE_QP) begin
      pc   = PcCreate;
      next = SReset;
      if (!create_ok) begin
        refusal.major = create_major;
        refusal.minor = create_minor;
      end else if (entry_q.exists) begin
        refusal.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;
        refusal.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_EXISTS;
      end else begin
        run = 1'b1;
      end
    end else if (!entry_q.exists) begin
      refusal.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;
      refusal.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_MISSING;
    end else if (is_group) begin
      refusal.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
      refusal.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_TYPE;
      grouped       = entry_q.transport == 2'(tern_hw_pkg::TERN_HW_QP_TYPE_UD);
    end else begin
      refusal.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE;  // unless something is done
      refusal.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_STATE;
      unique case (qp_op_i)
        tern_hw_pkg::TERN_HW_CQP_OP_MODIFY_QP: begin
          refusal = {modify_major, modify_minor, 48'd0, modify_result};
          next    = modify_next;
          unique case (next)
            SReset:  pc = PcReset;
            SErr:    pc = PcError;
            SRtr:    pc = PcRtr;
            SSqd:    pc = (entry_q.state == SRts) ? PcSqd : PcModify;
            SRts: begin
              if (entry_q.state == SRtr)      pc = PcRts;
              else if (entry_q.state == SSqd) pc = PcUnsqd;
            end
            default: ;
          endcase
          fine = modify_ok && entry_q.state == SErr && next == SErr;
          run  = modify_ok && !fine;
        end
        tern_hw_pkg::TERN_HW_CQP_OP_QUERY_QP: begin
          pc  = PcQuery;
          run = 1'b1;
        end
        tern_hw_pkg::TERN_HW_CQP_OP_DESTROY_QP: begin
          pc  = PcDestroy;
          run = 1'b1;
        end
        tern_hw_pkg::TERN_HW_CQP_OP_FLUSH_QP: begin
          pc  = PcFlush;
          run = entry_q.state == SErr;
        end
        tern_hw_pkg::TERN_HW_CQP_OP_SUSPEND_QP: begin
          pc  = PcSuspend;
          run = entry_q.state == SRts || entry_q.state == SSqd;
        end
        tern_hw_pkg::TERN_HW_CQP_OP_RESUME_QP: begin
          pc   = PcResume;
          run  = entry_q.suspended;
          fine = !entry_q.suspended;
        end
        default: begin
          refusal.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_UNSUPPORTED;
          refusal.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_OPCODE;
        end
      endcase
    end
  end

  assign seq_ok = seq_err == tern_pkg::HmcOk && !seq_lost;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle:  if (take_cmd || take_ev) state_d = StRead;
      StRead:  state_d = StCheck;
      StCheck: begin
        if (run)           state_d = StRun;
        else if (grouped)  state_d = StGroup;
        else if (is_cmd_q) state_d = StAnswer;
        else               state_d = fine ? StEvent : StIdle;
      end
      StRun: begin
        if (seq_done) state_d = leaves ? StGroup : is_cmd_q ? StAnswer : seq_again ? StBack : StEvent;
      end
      StGroup:   if (mcast_ready_i) state_d = StGrouped;
      StGrouped: if (mcast_done_i) state_d = StAnswer;  // bounded, see tern_mcast: rsp takes all copies
      StBack:  if (back_ready) state_d = StIdle;  // a claim that follows finds it there
      StEvent: if (ae_ready_i) state_d = StIdle;  // the event queue takes or drops each event
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q  <= StIdle;
      is_cmd_q <= 1'b0;
    end else begin
      state_q <= state_d;
      if (take_cmd || take_ev) is_cmd_q <= take_cmd;
    end
    if (take_cmd) qpn_q <= wqe.hdr.id[QpW-1:0];
    if (take_ev) begin
      qpn_q    <= ev.qpn[QpW-1:0];
      ev_q     <= ev;
      is_err_q <= event_is_err;
      again_q  <= event_again;
      lost_q   <= event_lost;
    end
    if (state_q == StRead) entry_q <= entries[qpn_q];
    if (state_q == StCheck) begin
      pc_q   <= pc;
      next_q <= next;
      rsp_q  <= (run || fine || grouped) ? '0 : refusal;
    end
    if (state_q == StGrouped && mcast_done_i && is_group &&
        mcast_minor_i != tern_hw_pkg::TERN_HW_CQP_MINOR_OK) begin
      rsp_q.major  <= (mcast_minor_i == tern_hw_pkg::TERN_HW_CQP_MINOR_MISSING)
                      ? tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE : tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
      rsp_q.minor  <= mcast_minor_i;
      rsp_q.result <= 64'(mcast_full_i);
    end
    if (state_q == StRun && seq_done && !seq_ok) begin
      rsp_q.major <= tern_hw_pkg::TERN_HW_CQP_MAJOR_HMC;
      unique case (seq_err)
        tern_pkg::HmcIndex: rsp_q.minor <= tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_INDEX;
        tern_pkg::HmcSd:    rsp_q.minor <= tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_SD;
        tern_pkg::HmcPage:  rsp_q.minor <= tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_PAGE;
        default:            rsp_q.minor <= tern_hw_pkg::TERN_HW_CQP_MINOR_HMC_DMA;
      endcase
    end
  end

  // ------------------------------------------------------------------ what becomes of the entry

  always_comb begin
    entry_d  = entry_q;
    table_we = state_q == StRun && seq_done && !seq_again;
    unique case (pc_q)
      PcDestroy: entry_d.exists = 1'b0;
      PcSuspend: entry_d.suspended = 1'b1;
      PcResume:  entry_d.suspended = !seq_ok;
      PcCreate: begin
        entry_d        = '0;
        entry_d.exists = seq_ok;
        entry_d.transport = create.attr.transport[1:0];
        entry_d.page   = create.cqs.page[tern_pkg::PageW-1:0];
      end
      PcError, PcAgain, PcReset: begin
        if (seq_quiet) begin
          entry_d.state     = (pc_q == PcReset && seq_ok) ? SReset : SErr;
          entry_d.suspended = 1'b0;
          entry_d.drained   = 1'b0;
        end
      end
      PcSqd, PcUnsqd: begin
        if (seq_ok) begin
          entry_d.state   = next_q;
          entry_d.drained = 1'b0;
        end
      end
      default: if (seq_ok) entry_d.state = next_q;
    endcase
    if (state_q == StCheck && !is_cmd_q && fine) begin
      entry_d         = entry_q;
      entry_d.drained = 1'b1;
      table_we        = 1'b1;
    end
    table_at = up ? qpn_q : sweep_q[QpW-1:0];
  end

  always_ff @(posedge clk_i) begin
    if (table_we || !up) entries[table_at] <= up ? entry_d : '0;
  end

  // -------------------------------------------------------------------------------- answers

  assign qp_rsp_valid_o = state_q == StAnswer;
  assign qp_rsp_o       = rsp_q;
  assign ae_valid_o     = state_q == StEvent;
  assign stat_error_o   = state_q == StRun && seq_done && !is_cmd_q && !seq_again;
  assign back_valid     = state_q == StBack;
  assign mcast_valid_o  = state_q == StGroup;
  assign mcast_attach_o = qp_op_i == tern_hw_pkg::TERN_HW_CQP_OP_ATTACH_MCAST;
  assign mcast_detach_o = qp_op_i == tern_hw_pkg::TERN_HW_CQP_OP_DETACH_MCAST;
  assign mcast_gid_o    = mcast.gid;
  assign mcast_no_own_o = mcast.attr.no_own;

  always_comb begin
    ae_o        = '0;
    ae_o.source = tern_hw_pkg::TERN_HW_AE_SOURCE_QP;
    ae_o.id     = 24'(qpn_q);
    if (is_err_q) begin
      ae_o.code   = ev_q.ae_code;
      ae_o.detail = {32'd0, ev_q.wqe_valid ? ev_q.wqe : 16'd0, 8'd0, ev_q.reason};
    end else begin
      ae_o.code = tern_hw_pkg::TERN_HW_AE_CODE_QP_SQ_DRAINED;
    end
  end

  // ----------------------------------------------------------------------------- the programs

  logic [4:0] marker;
  logic [8:0] tool_valid, tool_ready;
  logic       mine_tx, mine_rx;

  assign mine_tx   = tx_drained_valid_i && tx_drained_qpn_i == ctl_qpn_o;
  assign mine_rx   = rx_drained_valid_i && rx_drained_qpn_i == ctl_qpn_o;
  assign marker[0] = mine_tx && tx_drained_src_i == tern_pkg::TxReq;
  assign marker[1] = mine_tx && tx_drained_src_i == tern_pkg::TxRr;
  assign marker[2] = mine_tx && tx_drained_src_i == tern_pkg::TxAck;
  assign marker[3] = mine_rx && rx_drained_side_i == tern_pkg::PlRsp;
  assign marker[4] = mine_rx && rx_drained_side_i == tern_pkg::PlRh;

  assign rx_drained_ready_o = 1'b1;
  assign {rh_back_valid_o, timer_valid_o, rh_kick_valid_o, jobs_clear_valid_o, gather_clear_valid_o,
          ack_drop_valid_o, ack_marker_valid_o, rr_marker_valid_o, rx_marker_valid_o} = tool_valid;
  assign tool_ready = {rh_back_ready_i, timer_ready_i, rh_kick_ready_i, jobs_clear_ready_i, gather_clear_ready_i,
                       ack_drop_ready_i, ack_marker_ready_i, rr_marker_ready_i, rx_marker_ready_i};

  tern_qp_seq u_seq (
    .clk_i, .rst_i, .idle_o(seq_idle),
    .start_i(state_q == StCheck && run), .entry_i(pc), .qpn_i(ctl_qpn_o), .wqe_i(qp_wqe_i),
    .attrs_i(modify.ctl.mask), .attr_i(qp_attr_i), .state_i(entry_q.state), .next_i(next_q),
    .suspended_i(entry_q.suspended),
    .was_drained_i(entry_q.state == SSqd && entry_q.drained), .ev_valid_i(!is_cmd_q), .ev_i(ev_q),
    .polite_i(!is_cmd_q && !lost_q),
    .done_o(seq_done), .again_o(seq_again), .err_o(seq_err), .lost_o(seq_lost), .quiet_o(seq_quiet),
    .put_o(qp_put_o), .put_index_o(qp_put_index_o), .put_data_o(qp_put_data_o),
    .item_valid_o, .item_ready_i, .item_o, .item_rsp_valid_i, .item_rsp_i,
    .sched_valid_o, .sched_ready_i, .sched_op_o, .sched_log_size_o, .sched_index_o,
    .sched_done_i, .sched_producer_i,
    .rq_valid_o, .rq_ready_i, .rq_op_o, .rq_log_size_o, .rq_done_i, .rq_producer_i, .push_drop_o,
    .steer_valid_o, .steer_ready_i, .steer_exists_o, .steer_rx_ok_o, .steer_keep_o,
    .tool_valid_o(tool_valid), .tool_ready_i(tool_ready),
    .timer_timeout_o, .timer_gen_o, .timer_psn_o, .timer_done_o,
    .drop_valid_o({rr_drop_valid_o, out_drop_valid_o}),
    .drop_ready_i({rr_drop_ready_i, out_drop_ready_i}),
    .drop_done_i({rr_drop_done_i, out_drop_done_i}),
    .job_valid_o(job_drain_valid_o), .job_ready_i(job_drain_ready_i),
    .job_done_i(job_drain_done_i),
    .ask_valid_o(ack_ask_valid_o), .ask_ready_i(ack_ask_ready_i), .ask_done_i(ack_ask_done_i),
    .ask_waits_i(ack_ask_waits_i),
    .place_valid_o(place_clear_valid_o), .place_ready_i(place_clear_ready_i),
    .place_done_i(place_clear_done_i), .place_rsp_i(place_clear_rsp_i),
    .claim_valid_o(claim_valid), .claim_ready_i(claim_ready), .claim_err_o(claim_err),
    .claim_done_i(claim_done), .claim_found_i(claim_found), .claim_i(claim_rsp),
    .marker_i(marker)
  );

  logic [tern_pkg::PageW-1:0] page;

  assign page              = (pc_q == PcCreate) ? create.cqs.page[tern_pkg::PageW-1:0]
                                                : entry_q.page;
  assign ctl_qpn_o         = tern_pkg::QpnW'(qpn_q);
  assign sched_qpn_o       = ctl_qpn_o;
  assign sched_page_o      = page;
  assign rq_qpn_o          = ctl_qpn_o;
  assign rq_page_o         = page;
  assign push_drop_page_o  = page;
  assign steer_qpn_o       = ctl_qpn_o;
  assign steer_peer_o      = attr.dgid;
  assign steer_sgid_o      = attr.net.sgid[6:0];
  assign steer_transport_o = (pc_q == PcCreate) ? create.attr.transport[1:0] : entry_q.transport;

  assign idle_o = up && state_q == StIdle && !qp_valid_i && errs_idle && seq_idle;

endmodule
