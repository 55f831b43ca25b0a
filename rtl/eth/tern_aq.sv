// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Admin queue of the Ethernet half: executes the commands of the AQ one after the other and
// completes each through the ACQ, which is Ethernet CQ 0. Owns the life of all Ethernet queues and
// the port's address and filter.
//
// Checks of a command, in this order: opcode, id, address, size, mode, CQ, then the state of the
// queue. DESTROY_SQ stops the queue and waits for q_drained_i; DESTROY_CQ is the CQ engine's.
//
// When the AQ is disabled, the command at hand is completed, then all queues are destroyed as by
// command, send and receive queues first, the ACQ last. enabled_o falls behind that.

module tern_aq #(
  parameter  int unsigned Sqs    = 4,
  parameter  int unsigned Rqs    = 4,
  parameter  int unsigned Cqs    = 32,
  parameter  int unsigned MaxLog = 12,
  localparam int unsigned Queues = Sqs + Rqs
) (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  // Registers
  input  logic [63:0]               base_i,
  input  logic [63:0]               acq_base_i,
  input  logic [3:0]                log_size_i,
  input  logic                      vec_valid_i,
  input  logic [tern_pkg::VecW-1:0] vec_i,
  input  logic                      enable_i,
  output logic                      enabled_o,
  output logic                      halted_o,
  output logic [15:0]               tail_o,

  input  logic                      db_valid_i,
  output logic                      db_ready_o,
  input  tern_pkg::db_t             db_i,
  output logic                      db_bad_valid_o,
  input  logic                      db_bad_ready_i,
  output tern_pkg::db_bad_t         db_bad_o,

  output logic                      rd_valid_o,
  input  logic                      rd_ready_i,
  output tern_pkg::dma_rd_req_t     rd_o,
  input  logic                      rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t     rd_rsp_i,

  // Statistics, to the host
  output logic                      wr_valid_o,
  input  logic                      wr_ready_i,
  output tern_pkg::dma_wr_beat_t    wr_o,
  input  logic                      wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t     wr_rsp_i,
  output logic                      stats_half_o,
  input  logic [511:0]              stats_data_i,

  // CQs
  output logic                      cq_valid_o,
  input  logic                      cq_ready_i,
  output tern_pkg::cq_ctl_req_t     cq_o,
  output logic [tern_pkg::VecW-1:0] cq_vec_o,
  input  logic                      cq_rsp_valid_i,
  input  tern_pkg::ctl_rsp_t        cq_rsp_i,
  output logic                      cqe_valid_o,
  input  logic                      cqe_ready_i,
  output tern_pkg::cqe_req_t        cqe_o,

  // Send queues, above them receive queues
  output logic [Queues-1:0]         q_set_o,
  output logic [Queues-1:0]         q_stop_o,
  output logic [Queues-1:0]         q_clear_o,
  output logic [63:0]               q_base_o,
  output logic [3:0]                q_log_size_o,
  output logic [4:0]                q_cqn_o,
  input  logic [Queues-1:0]         q_exists_i,
  input  logic [Queues-1:0]         q_drained_i,

  // Port
  input  logic [47:0]               mac_addr_i,   // permanent; first octet in [47:40]
  output logic [47:0]               mac_addr_o,
  output logic                      promisc_o,
  output logic                      multicast_o
);

  localparam int unsigned QueueW = $clog2(Queues);
  localparam int unsigned CqW    = $clog2(Cqs);

  typedef enum logic [3:0] {
    StOff,
    StRun,        // waits for a command
    StHalt,
    StExec,
    StCq,         // a command is offered to the CQ engine
    StCqWait,
    StStop,       // of queue_q
    StDrain,
    StWrite,      // statistics
    StWriteWait,
    StAnswer,
    StClose,      // disabled: fetches end
    StCloseSq,    // queue_q is looked at
    StCloseCq     // cqn_q is looked at
  } state_e;

  state_e state_q, state_d;

  // ------------------------------------------------------------------------------- fetch

  logic               fetch_busy, fetch_idle, wqe_valid, wqe_err, next, clear, run;
  logic [511:0]       wqe;
  tern_pkg::db_bad_t  fetch_bad;
  logic [15:0]        pass;
  logic               polarity;

  assign run = enable_i && state_q != StOff && state_q != StHalt;

  tern_cqp_fetch #(.Slots(4)) u_fetch (
    .clk_i, .rst_i,
    .run_i(run), .clear_i(clear), .base_i, .log_size_i(5'(log_size_i)),
    .tail_o, .busy_o(fetch_busy), .idle_o(fetch_idle),
    .exists_i(enabled_o), .db_valid_i, .db_ready_o, .db_i, .db_bad_valid_o, .db_bad_ready_i,
    .db_bad_o(fetch_bad),
    .rd_valid_o, .rd_ready_i, .rd_o, .rd_rsp_valid_i, .rd_rsp_i,
    .wqe_valid_o(wqe_valid), .wqe_err_o(wqe_err), .wqe_o(wqe), .next_i(next)
  );

  always_comb begin
    db_bad_o        = fetch_bad;
    db_bad_o.offset = tern_hw_pkg::TERN_HW_ETH_DB_AQ;
  end

  assign pass     = tail_o >> log_size_i;
  assign polarity = !pass[0];

  // ----------------------------------------------------------------------------- command

  logic [511:0]                      wqe_q;
  tern_hw_pkg::tern_hw_aq_cmd_t      cmd, fresh;
  tern_hw_pkg::tern_hw_aq_cq_cmd_t   cq_cmd;
  tern_hw_pkg::tern_hw_aq_sq_cmd_t   sq_cmd;
  tern_hw_pkg::tern_hw_aq_port_cmd_t port_cmd;
  tern_hw_pkg::tern_hw_aq_buf_cmd_t  buf_cmd;
  tern_hw_pkg::tern_hw_eth_port_t    port_w, port_q;

  assign cmd      = wqe_q;
  assign fresh    = wqe;
  assign cq_cmd   = wqe_q;
  assign sq_cmd   = wqe_q;
  assign port_cmd = wqe_q;
  assign buf_cmd  = wqe_q;
  assign port_w   = port_cmd.port;

  logic [Cqs-1:0]    cq_exists_q;
  logic [CqW-1:0]    q_cqn_q [Queues];
  logic              cq_used;
  logic [QueueW-1:0] queue, queue_q;
  logic [CqW-1:0]    cqn_q;       // of the command that the CQ engine has
  logic              cq_create_q, closing_q;
  logic [7:0]        status, status_q;
  logic              is_cq_create, is_cq_destroy, is_sq_create, is_sq_destroy, is_set, is_get;
  logic              is_query, is_nop, id_bad, address_bad, size_bad;
  logic [4:0]        sq_max;

  assign is_nop        = cmd.hdr.op == tern_hw_pkg::TERN_HW_AQ_OP_NOP;
  assign is_cq_create  = cmd.hdr.op == tern_hw_pkg::TERN_HW_AQ_OP_CREATE_CQ;
  assign is_cq_destroy = cmd.hdr.op == tern_hw_pkg::TERN_HW_AQ_OP_DESTROY_CQ;
  assign is_sq_create  = cmd.hdr.op == tern_hw_pkg::TERN_HW_AQ_OP_CREATE_SQ;
  assign is_sq_destroy = cmd.hdr.op == tern_hw_pkg::TERN_HW_AQ_OP_DESTROY_SQ;
  assign is_set        = cmd.hdr.op == tern_hw_pkg::TERN_HW_AQ_OP_SET_PORT;
  assign is_get        = cmd.hdr.op == tern_hw_pkg::TERN_HW_AQ_OP_GET_PORT;
  assign is_query      = cmd.hdr.op == tern_hw_pkg::TERN_HW_AQ_OP_QUERY_STATS;
  assign sq_max        = 5'(MaxLog);

  assign queue = sq_cmd.attr.rx ? QueueW'(Sqs) + cmd.hdr.id[QueueW-1:0] : cmd.hdr.id[QueueW-1:0];

  always_comb begin
    cq_used = 1'b0;
    for (int unsigned i = 0; i < Queues; i++) begin
      if (q_exists_i[i] && q_cqn_q[i] == cmd.hdr.id[CqW-1:0]) cq_used = 1'b1;
    end
  end

  always_comb begin
    id_bad      = 1'b0;
    address_bad = 1'b0;
    size_bad    = 1'b0;
    if (is_cq_create || is_cq_destroy) begin
      id_bad = cmd.hdr.id == '0 || cmd.hdr.id >= 16'(Cqs);
    end else if (is_sq_create || is_sq_destroy) begin
      id_bad = cmd.hdr.id >= (sq_cmd.attr.rx ? 16'(Rqs) : 16'(Sqs));
    end else begin
      id_bad = cmd.hdr.id != '0 && !is_nop;
    end
    if (is_cq_create) begin
      address_bad = cq_cmd.ring[11:0] != '0;
      size_bad    = cq_cmd.attr.log_size == '0 || cq_cmd.attr.log_size > 5'd16;
    end
    if (is_sq_create) begin
      address_bad = sq_cmd.ring[11:0] != '0;
      size_bad    = sq_cmd.attr.log_size < 5'd2 || sq_cmd.attr.log_size > sq_max;
    end
    // Group addresses, and 0, are of no station
    if (is_set) address_bad = port_cmd.mask.mac && (port_w.w.mac[40] || port_w.w.mac == '0);
    if (is_query) address_bad = buf_cmd.addr[6:0] != '0;
  end

  always_comb begin
    status = tern_hw_pkg::TERN_HW_AQ_STATUS_OK;
    if (!(is_nop || is_cq_create || is_cq_destroy || is_sq_create || is_sq_destroy || is_set ||
          is_get || is_query)) begin
      status = tern_hw_pkg::TERN_HW_AQ_STATUS_OPCODE;
    end else if (id_bad) begin
      status = tern_hw_pkg::TERN_HW_AQ_STATUS_ID;
    end else if (address_bad) begin
      status = tern_hw_pkg::TERN_HW_AQ_STATUS_ADDRESS;
    end else if (size_bad) begin
      status = tern_hw_pkg::TERN_HW_AQ_STATUS_SIZE;
    end else if (is_cq_create && cq_cmd.attr.mode == tern_hw_pkg::TERN_HW_CQ_MODE_CONFIGURED) begin
      status = tern_hw_pkg::TERN_HW_AQ_STATUS_MODE;
    end else if (is_sq_create && (sq_cmd.attr.cqn == '0 || sq_cmd.attr.cqn >= 16'(Cqs) ||
                                  !cq_exists_q[sq_cmd.attr.cqn[CqW-1:0]])) begin
      status = tern_hw_pkg::TERN_HW_AQ_STATUS_CQ;
    end else if ((is_cq_create && cq_exists_q[cmd.hdr.id[CqW-1:0]]) ||
                 (is_sq_create && q_exists_i[queue])) begin
      status = tern_hw_pkg::TERN_HW_AQ_STATUS_EXISTS;
    end else if ((is_cq_destroy && !cq_exists_q[cmd.hdr.id[CqW-1:0]]) ||
                 (is_sq_destroy && !q_exists_i[queue])) begin
      status = tern_hw_pkg::TERN_HW_AQ_STATUS_MISSING;
    end else if (is_cq_destroy && cq_used) begin
      status = tern_hw_pkg::TERN_HW_AQ_STATUS_IN_USE;
    end
  end

  // ------------------------------------------------------------------------------ states

  logic ok, cq_ok, sqs_left, cqs_left, wr_half_q;

  assign ok    = status == tern_hw_pkg::TERN_HW_AQ_STATUS_OK;
  assign cq_ok = cq_rsp_i.major == tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;
  assign sqs_left = queue_q != QueueW'(Queues - 1);
  assign cqs_left = cqn_q != '0;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StOff: if (enable_i) state_d = StCq;   // the ACQ
      StRun: begin
        if (!enable_i) state_d = StClose;
        else if (wqe_valid) begin
          state_d = (wqe_err || fresh.hdr.polarity != polarity) ? StHalt : StExec;
        end
      end
      StHalt: if (!enable_i) state_d = StClose;
      StExec: begin
        state_d = StAnswer;
        if (ok && (is_cq_create || is_cq_destroy)) state_d = StCq;
        if (ok && is_sq_destroy) state_d = StStop;
        if (ok && is_query) state_d = StWrite;
      end
      StCq: if (cq_ready_i) state_d = StCqWait;
      StCqWait: begin
        if (cq_rsp_valid_i) begin
          if (closing_q) state_d = cqs_left ? StCloseCq : StOff;
          else if (cqn_q == '0) state_d = cq_ok ? StRun : StHalt;
          else state_d = StAnswer;
        end
      end
      StStop: state_d = StDrain;
      StDrain: begin
        if (q_drained_i[queue_q]) begin
          if (!closing_q) state_d = StAnswer;
          else state_d = sqs_left ? StCloseSq : StCloseCq;
        end
      end
      StWrite: if (wr_ready_i && wr_half_q) state_d = StWriteWait;
      StWriteWait: if (wr_rsp_valid_i) state_d = StAnswer;
      StAnswer: if (cqe_ready_i) state_d = StRun;
      StClose: if (!fetch_busy) state_d = StCloseSq;
      StCloseSq: begin
        if (q_exists_i[queue_q]) state_d = StStop;
        else if (!sqs_left) state_d = StCloseCq;
      end
      StCloseCq: begin
        if (cq_exists_q[cqn_q]) state_d = StCq;
        else if (!cqs_left) state_d = StOff;
      end
      default: state_d = StOff;
    endcase
  end

  assign next  = state_q == StAnswer && cqe_ready_i;
  assign clear = state_q == StOff;

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StOff;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      StOff: begin
        closing_q   <= 1'b0;
        cqn_q       <= '0;
        cq_create_q <= 1'b1;
      end
      StRun: if (wqe_valid) wqe_q <= wqe;
      StExec: begin
        status_q    <= status;
        queue_q     <= queue;
        cqn_q       <= cmd.hdr.id[CqW-1:0];
        cq_create_q <= is_cq_create;
        wr_half_q   <= 1'b0;
        if (ok && is_set && port_cmd.mask.mac) port_q.w.mac <= port_w.w.mac;
        if (ok && is_set && port_cmd.mask.promisc) port_q.w.promisc <= port_w.w.promisc;
        if (ok && is_set && port_cmd.mask.multicast) port_q.w.multicast <= port_w.w.multicast;
        if (ok && is_sq_create) q_cqn_q[queue] <= sq_cmd.attr.cqn[CqW-1:0];
      end
      StCqWait: begin
        if (cq_rsp_valid_i) begin
          if (cq_ok) cq_exists_q[cqn_q] <= cq_create_q;
          // What the engine can still refuse was checked; so this cannot be, but must not pass
          else status_q <= tern_hw_pkg::TERN_HW_AQ_STATUS_MODE;
          if (closing_q) begin
            // Gone, whatever the engine says
            cq_exists_q[cqn_q] <= 1'b0;
            cqn_q              <= cqn_q - 1'b1;
          end
        end
      end
      StDrain: if (q_drained_i[queue_q] && closing_q && sqs_left) queue_q <= queue_q + 1'b1;
      StWrite: if (wr_ready_i) wr_half_q <= 1'b1;
      StWriteWait: begin
        if (wr_rsp_valid_i && wr_rsp_i.err) status_q <= tern_hw_pkg::TERN_HW_AQ_STATUS_WRITE;
      end
      StClose: begin
        closing_q   <= 1'b1;
        cq_create_q <= 1'b0;
        queue_q     <= '0;
        cqn_q       <= CqW'(Cqs - 1);
      end
      StCloseSq: if (!q_exists_i[queue_q] && sqs_left) queue_q <= queue_q + 1'b1;
      StCloseCq: if (!cq_exists_q[cqn_q] && cqs_left) cqn_q <= cqn_q - 1'b1;
      default: ;
    endcase
    if (rst_i) begin
      cq_exists_q        <= '0;
      port_q             <= '0;
      port_q.w.mac       <= mac_addr_i;
      port_q.w.multicast <= 1'b1;
    end
  end

  assign enabled_o   = state_q != StOff;
  assign halted_o    = state_q == StHalt;
  assign mac_addr_o  = port_q.w.mac;
  assign promisc_o   = port_q.w.promisc;
  assign multicast_o = port_q.w.multicast;

  // ------------------------------------------------------------------------- queues, CQs

  always_comb begin
    q_set_o            = '0;
    q_stop_o           = '0;
    q_clear_o          = '0;
    q_set_o[queue]     = state_q == StExec && ok && is_sq_create;
    q_stop_o[queue_q]  = state_q == StStop;
    q_clear_o[queue_q] = state_q == StDrain && q_drained_i[queue_q];
  end

  assign q_base_o     = sq_cmd.ring;
  assign q_log_size_o = sq_cmd.attr.log_size[3:0];
  assign q_cqn_o      = sq_cmd.attr.cqn[4:0];

  tern_hw_pkg::tern_hw_cqp_cq_wqe_t cq_wqe;
  logic acq;

  assign acq        = cqn_q == '0;
  assign cq_valid_o = state_q == StCq;
  assign cq_vec_o   = acq ? vec_i : cq_cmd.attr.vec;

  always_comb begin
    cq_wqe     = '0;
    cq_wqe.hdr = 64'(cqn_q);
    if (acq) begin
      cq_wqe.ring           = acq_base_i;
      cq_wqe.attr.log_size  = 5'(log_size_i);
      cq_wqe.attr.ceq_valid = vec_valid_i;
      cq_wqe.attr.mode      = tern_hw_pkg::TERN_HW_CQ_MODE_EVERY;
    end else begin
      cq_wqe.ring                = cq_cmd.ring;
      cq_wqe.attr.log_size       = cq_cmd.attr.log_size;
      cq_wqe.attr.ceq_valid      = cq_cmd.attr.vec_valid;
      cq_wqe.attr.mode           = cq_cmd.attr.mode;
      cq_wqe.moderation.count    = cq_cmd.moderation.count;
      cq_wqe.moderation.period   = cq_cmd.moderation.period;
    end
    cq_o.op  = cq_create_q ? tern_pkg::CtlCreate : tern_pkg::CtlDestroy;
    cq_o.wqe = cq_wqe;
  end

  // ------------------------------------------------------------- statistics and answers

  logic [511:0] stats_hold_q;

  assign wr_valid_o   = state_q == StWrite;
  assign stats_half_o = state_q == StWrite;   // loaded when the first half leaves

  always_comb begin
    wr_o      = '0;
    wr_o.addr = buf_cmd.addr;
    wr_o.len  = 13'(tern_hw_pkg::TERN_HW_ETH_STATS_BYTES);
    wr_o.last = wr_half_q;
    wr_o.data = stats_hold_q;
  end

  // A beat must not change while it is offered
  always_ff @(posedge clk_i) begin
    if (state_q == StExec || (state_q == StWrite && wr_ready_i)) stats_hold_q <= stats_data_i;
  end

  tern_hw_pkg::tern_hw_acqe_t acqe;

  always_comb begin
    acqe             = '0;
    acqe.result      = (is_get && status_q == tern_hw_pkg::TERN_HW_AQ_STATUS_OK) ? port_q : '0;
    acqe.info.id     = cmd.hdr.id;
    acqe.info.opcode = cmd.hdr.op;
    acqe.info.status = status_q;
    acqe.info.index  = tail_o;
    cqe_o            = '0;
    cqe_o.solicited  = 1'b1;
    cqe_o.cqe        = acqe;
  end

  assign cqe_valid_o = state_q == StAnswer;

  assign idle_o = !db_valid_i && fetch_idle &&
                  ((state_q == StOff && !enable_i) || (state_q == StRun && enable_i && !wqe_valid) ||
                   (state_q == StHalt && enable_i));

  logic unused;
  assign unused = &{1'b0, fetch_bad, fresh, cmd, cq_cmd, sq_cmd, port_cmd, buf_cmd, port_w,
                    cq_rsp_i, wr_rsp_i.tag, pass[15:1]};

endmodule
