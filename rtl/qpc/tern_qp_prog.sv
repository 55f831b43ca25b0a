// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The programs of tern_qp_seq, an instruction per address. Combinational. Each instruction is
// {condition, operation, argument}; the constants are shared with tern_qp_seq, which says what they
// do. docs/rc-engine.md section 6 has the reasons for the order of things; beside each wait stands
// what makes it end.

module tern_qp_prog (
  input  logic [7:0]  pc_i,
  output logic [15:0] ins_o
);

  // Instruction: {condition, operation, argument}
  localparam logic [3:0] OpEnd = 4'd0, OpItem = 4'd1, OpSched = 4'd2, OpRq = 4'd3, OpSteer = 4'd4;
  localparam logic [3:0] OpTool = 4'd5, OpWait = 4'd6, OpDrop = 4'd7, OpJob = 4'd8;
  localparam logic [3:0] OpPlace = 4'd9, OpClaim = 4'd10, OpAsk = 4'd11, OpPut = 4'd12;
  localparam logic [3:0] OpJump = 4'd13, OpCall = 4'd14, OpMisc = 4'd15;

  localparam logic [3:0] CdAlways = 4'd0, CdSq = 4'd1, CdRq = 4'd2, CdRun = 4'd3, CdErr = 4'd4;
  localparam logic [3:0] CdFlushSq = 4'd5, CdFlushRq = 4'd6, CdTimer = 4'd7;
  localparam logic [3:0] CdSqBehind = 4'd8, CdRqBehind = 4'd9, CdSqLost = 4'd10;
  localparam logic [3:0] CdRqLost = 4'd11, CdPolite = 4'd12, CdNak = 4'd13;
  localparam logic [3:0] CdPath = 4'd14;

  // Targets and actions of OpItem: {target[3:0], action[3:0]}
  localparam logic [3:0] Seg = 4'd0, Rh = 4'd1, Rsp = 4'd2, Rr = 4'd3, Net = 4'd4, Ring = 4'd5;
  localparam logic [3:0] Ring2 = 4'd6;
  localparam logic [3:0] AcRead = 4'd0, AcCreate = 4'd1, AcReset = 4'd2, AcOff = 4'd3;
  localparam logic [3:0] AcFlush = 4'd4, AcModify = 4'd5, AcDrain = 4'd6, AcDrop = 4'd7;
  localparam logic [3:0] AcHold = 4'd8, AcResume = 4'd9;

  // tern_sched and tern_rq_tbl
  localparam logic [7:0] ScCreate = 8'd0, ScDestroy = 8'd1, ScStop = 8'd2, ScStart = 8'd3;
  localparam logic [7:0] ScMarker = 8'd4, ScQuery = 8'd5, ScFetched = 8'd6, ScLimit = 8'd7;
  localparam logic [7:0] ScNoLimit = 8'd8;
  localparam logic [7:0] RqCreate = 8'd0, RqDestroy = 8'd1, RqError = 8'd2, RqQuery = 8'd3;

  localparam logic [7:0] StNone = 8'd0, StClosed = 8'd2, StOpen = 8'd3;  // {keep, exists, rx_ok}
  localparam logic [7:0] StPath = 8'd4;

  // Bit of tool_valid; OpTool's argument has in bits 7:4 which values the timer gets
  localparam logic [7:0] TlRxMark = 8'd0, TlRrMark = 8'd1, TlAckMark = 8'd2, TlAckDrop = 8'd3;
  localparam logic [7:0] TlGather = 8'd4, TlJobs = 8'd5, TlKick = 8'd6, TlBack = 8'd8;
  localparam logic [7:0] TlTimerOff = 8'h07, TlTimerRts = 8'h17, TlTimerSqd = 8'h27;

  localparam logic [7:0] WtReq = 8'h01, WtRx = 8'h18, WtRxReq = 8'h19, WtRrAck = 8'h06;

  localparam logic [7:0] MsReturn = 8'd0, MsForget = 8'd1, MsPause = 8'd2, MsLost = 8'd3;
  localparam logic [7:0] MsPage = 8'd4;
  localparam logic [7:0] EnDone = 8'd0, EnAgain = 8'd1;  // OpEnd: the event is to come again
  localparam logic [7:0] PtState = 8'd6;

  // Programs. Those without a comment in tern_qp_ctl are parts of others
  localparam logic [7:0] PcCreate = 8'd0,   PcModify = 8'd16,  PcRtr = 8'd24,     PcRts = 8'd32;
  localparam logic [7:0] PcSqd    = 8'd40,  PcUnsqd  = 8'd56,  PcError = 8'd64,   PcReset = 8'd80;
  localparam logic [7:0] PcDestroy = 8'd96, PcQuery  = 8'd112, PcFlush = 8'd136,  PcSuspend = 8'd208;
  localparam logic [7:0] PcResume = 8'd216, PcQuiesce = 8'd168, PcUndo = 8'd200;
  localparam logic [7:0] PcPath = 8'd224;
  localparam logic [7:0] PcFlushSq = PcFlush + 8'd3, PcFlushRq = PcFlush + 8'd8;
  localparam logic [7:0] PcFlushEnd = PcFlush + 8'd13, PcFlushLost = PcFlush + 8'd16;
  localparam logic [7:0] PcEnd = 8'd15, PcSqdBack = PcSqd + 8'd11, PcAgain = 8'd72;

  always_comb begin
    unique case (pc_i)
      // CREATE_QP. The QP exists for nobody yet; the steer table tells of it last
      PcCreate + 8'd0:  ins_o = {CdAlways, OpItem, Seg, AcCreate};
      PcCreate + 8'd1:  ins_o = {CdAlways, OpItem, Rh, AcCreate};
      PcCreate + 8'd2:  ins_o = {CdAlways, OpItem, Rsp, AcCreate};
      PcCreate + 8'd3:  ins_o = {CdAlways, OpItem, Rr, AcCreate};
      PcCreate + 8'd4:  ins_o = {CdAlways, OpItem, Net, AcCreate};
      PcCreate + 8'd5:  ins_o = {CdAlways, OpItem, Ring, AcCreate};
      PcCreate + 8'd6:  ins_o = {CdAlways, OpItem, Ring2, AcCreate};
      PcCreate + 8'd7:  ins_o = {CdErr, OpCall, PcUndo};
      PcCreate + 8'd8:  ins_o = {CdErr, OpJump, PcEnd};
      PcCreate + 8'd9:  ins_o = {CdAlways, OpMisc, MsPage};  // else a push of the page's last owner fits
      PcCreate + 8'd10: ins_o = {CdSq, OpSched, ScCreate};
      PcCreate + 8'd11: ins_o = {CdRq, OpRq, RqCreate};
      PcCreate + 8'd12: ins_o = {CdAlways, OpTool, TlJobs};
      PcCreate + 8'd13: ins_o = {CdAlways, OpClaim, 8'd1};
      PcCreate + 8'd14: ins_o = {CdAlways, OpSteer, StClosed};
      PcEnd:            ins_o = {CdAlways, OpEnd, EnDone};

      // MODIFY_QP that concerns lines only: RESET to INIT, or a state to itself
      PcModify + 8'd0:  ins_o = {CdAlways, OpItem, Seg, AcModify};
      PcModify + 8'd1:  ins_o = {CdAlways, OpItem, Rh, AcModify};
      PcModify + 8'd2:  ins_o = {CdAlways, OpItem, Rsp, AcModify};
      PcModify + 8'd3:  ins_o = {CdAlways, OpItem, Rr, AcModify};
      PcModify + 8'd4:  ins_o = {CdAlways, OpItem, Net, AcModify};
      PcModify + 8'd5:  ins_o = {CdTimer, OpItem, Seg, AcRead};      // psn_max
      PcModify + 8'd6:  ins_o = {CdTimer, OpTool, TlTimerSqd};
      PcModify + 8'd7:  ins_o = {CdAlways, OpJump, PcPath};

      // INIT to RTR: all lines, then packets may come
      PcRtr + 8'd0:     ins_o = {CdAlways, OpItem, Net, AcModify};
      PcRtr + 8'd1:     ins_o = {CdAlways, OpItem, Rr, AcModify};
      PcRtr + 8'd2:     ins_o = {CdAlways, OpItem, Rh, AcModify};
      PcRtr + 8'd3:     ins_o = {CdAlways, OpItem, Seg, AcModify};
      PcRtr + 8'd4:     ins_o = {CdAlways, OpItem, Rsp, AcModify};
      PcRtr + 8'd5:     ins_o = {CdErr, OpJump, PcEnd};
      PcRtr + 8'd6:     ins_o = {CdAlways, OpSteer, StOpen};
      PcRtr + 8'd7:     ins_o = {CdAlways, OpEnd, EnDone};

      // RTR to RTS: lines and timer, then the send queue
      PcRts + 8'd0:     ins_o = {CdAlways, OpItem, Rsp, AcModify};
      PcRts + 8'd1:     ins_o = {CdAlways, OpItem, Rh, AcModify};    // gen
      PcRts + 8'd2:     ins_o = {CdAlways, OpItem, Seg, AcModify};
      PcRts + 8'd3:     ins_o = {CdErr, OpJump, PcEnd};
      PcRts + 8'd4:     ins_o = {CdAlways, OpTool, TlTimerRts};
      PcRts + 8'd5:     ins_o = {CdAlways, OpSched, ScStart};
      PcRts + 8'd6:     ins_o = {CdAlways, OpEnd, EnDone};

      // RTS to SQD. Behind the marker the segmenter has no job of the QP, so `fresh` is the first
      // entry that was not begun, and it stays so when the queue is started up to there
      PcSqd + 8'd0:     ins_o = {CdAlways, OpSched, ScStop};
      PcSqd + 8'd1:     ins_o = {CdAlways, OpSched, ScMarker};
      PcSqd + 8'd2:     ins_o = {CdAlways, OpWait, WtReq};  // the transmit side never waits for us
      PcSqd + 8'd3:     ins_o = {CdAlways, OpItem, Seg, AcRead};     // fresh
      PcSqd + 8'd4:     ins_o = {CdErr, OpJump, PcSqdBack};
      PcSqd + 8'd5:     ins_o = {CdAlways, OpClaim, 8'd0};  // of an SQD before
      PcSqd + 8'd6:     ins_o = {CdAlways, OpSched, ScLimit};
      PcSqd + 8'd7:     ins_o = {CdAlways, OpItem, Rh, AcDrain};
      PcSqd + 8'd8:     ins_o = {CdErr, OpJump, PcSqdBack};
      PcSqd + 8'd9:     ins_o = {CdRun, OpSched, ScStart};
      PcSqd + 8'd10:    ins_o = {CdAlways, OpJump, PcSqd + 8'd14};
      PcSqd + 8'd11:    ins_o = {CdAlways, OpSched, ScNoLimit};      // PcSqdBack
      PcSqd + 8'd12:    ins_o = {CdRun, OpSched, ScStart};
      PcSqd + 8'd13:    ins_o = {CdAlways, OpEnd, EnDone};
      PcSqd + 8'd14:    ins_o = {CdAlways, OpTool, TlKick};
      PcSqd + 8'd15:    ins_o = {CdAlways, OpEnd, EnDone};

      // SQD to RTS
      PcUnsqd + 8'd0:   ins_o = {CdAlways, OpItem, Rsp, AcModify};
      PcUnsqd + 8'd1:   ins_o = {CdAlways, OpItem, Rh, AcModify};
      PcUnsqd + 8'd2:   ins_o = {CdAlways, OpItem, Seg, AcModify};   // Q_Key
      PcUnsqd + 8'd3:   ins_o = {CdErr, OpJump, PcEnd};
      PcUnsqd + 8'd4:   ins_o = {CdAlways, OpClaim, 8'd0};
      PcUnsqd + 8'd5:   ins_o = {CdAlways, OpSched, ScNoLimit};
      PcUnsqd + 8'd6:   ins_o = {CdRun, OpSched, ScStart};
      PcUnsqd + 8'd7:   ins_o = {CdAlways, OpEnd, EnDone};

      // To ERR. Nothing of the QP is anywhere after the call, so `done` and the consumer of the
      // receive queue tell exactly what is to be flushed
      PcError + 8'd0:   ins_o = {CdAlways, OpCall, PcQuiesce};
      PcError + 8'd1:   ins_o = {CdFlushSq, OpItem, Seg, AcFlush};
      PcError + 8'd2:   ins_o = {CdFlushRq, OpItem, Rsp, AcFlush};
      PcError + 8'd3:   ins_o = {CdFlushSq, OpSched, ScFetched};
      PcError + 8'd4:   ins_o = {CdAlways, OpSched, ScNoLimit};
      PcError + 8'd5:   ins_o = {CdFlushSq, OpSched, ScStart};
      PcError + 8'd6:   ins_o = {CdFlushRq, OpRq, RqError};
      PcError + 8'd7:   ins_o = {CdAlways, OpEnd, EnDone};

      // The event that came too early for PcError has come again. Commands may have meddled with
      // lines and tables since, so all is done once more
      PcAgain + 8'd0:   ins_o = {CdAlways, OpAsk, 8'd0};
      PcAgain + 8'd1:   ins_o = {CdNak, OpEnd, EnAgain};
      PcAgain + 8'd2:   ins_o = {CdAlways, OpJump, PcError};

      // To RESET
      PcReset + 8'd0:   ins_o = {CdAlways, OpItem, Ring, AcRead};    // sizes
      PcReset + 8'd1:   ins_o = {CdErr, OpJump, PcEnd};
      PcReset + 8'd2:   ins_o = {CdAlways, OpCall, PcQuiesce};
      PcReset + 8'd3:   ins_o = {CdAlways, OpMisc, MsForget};
      PcReset + 8'd4:   ins_o = {CdAlways, OpSched, ScDestroy};
      PcReset + 8'd5:   ins_o = {CdAlways, OpRq, RqDestroy};
      PcReset + 8'd6:   ins_o = {CdAlways, OpItem, Seg, AcReset};
      PcReset + 8'd7:   ins_o = {CdAlways, OpItem, Rh, AcReset};
      PcReset + 8'd8:   ins_o = {CdAlways, OpItem, Rsp, AcReset};
      PcReset + 8'd9:   ins_o = {CdAlways, OpItem, Rr, AcReset};
      PcReset + 8'd10:  ins_o = {CdAlways, OpItem, Net, AcReset};
      PcReset + 8'd11:  ins_o = {CdSq, OpSched, ScCreate};
      PcReset + 8'd12:  ins_o = {CdRq, OpRq, RqCreate};
      PcReset + 8'd13:  ins_o = {CdAlways, OpTool, TlJobs};
      PcReset + 8'd14:  ins_o = {CdAlways, OpEnd, EnDone};

      // DESTROY_QP. Errors of lines do not matter: no stage can use them either
      PcDestroy + 8'd0: ins_o = {CdAlways, OpCall, PcQuiesce};
      PcDestroy + 8'd1: ins_o = {CdAlways, OpSteer, StNone};
      PcDestroy + 8'd2: ins_o = {CdAlways, OpSched, ScDestroy};
      PcDestroy + 8'd3: ins_o = {CdAlways, OpRq, RqDestroy};
      PcDestroy + 8'd4: ins_o = {CdAlways, OpCall, PcUndo};
      PcDestroy + 8'd5: ins_o = {CdAlways, OpMisc, MsForget};
      PcDestroy + 8'd6: ins_o = {CdAlways, OpEnd, EnDone};

      PcQuery + 8'd0:   ins_o = {CdAlways, OpItem, Seg, AcRead};
      PcQuery + 8'd1:   ins_o = {CdAlways, OpPut, 8'd0};
      PcQuery + 8'd2:   ins_o = {CdAlways, OpItem, Rh, AcRead};
      PcQuery + 8'd3:   ins_o = {CdAlways, OpPut, 8'd1};
      PcQuery + 8'd4:   ins_o = {CdAlways, OpItem, Rsp, AcRead};
      PcQuery + 8'd5:   ins_o = {CdAlways, OpPut, 8'd2};
      PcQuery + 8'd6:   ins_o = {CdAlways, OpItem, Rr, AcRead};
      PcQuery + 8'd7:   ins_o = {CdAlways, OpPut, 8'd3};
      PcQuery + 8'd8:   ins_o = {CdAlways, OpItem, Net, AcRead};
      PcQuery + 8'd9:   ins_o = {CdAlways, OpPut, 8'd4};
      PcQuery + 8'd10:  ins_o = {CdAlways, OpItem, Ring, AcRead};
      PcQuery + 8'd11:  ins_o = {CdAlways, OpPut, 8'd5};
      PcQuery + 8'd12:  ins_o = {CdSq, OpSched, ScQuery};
      PcQuery + 8'd13:  ins_o = {CdRq, OpRq, RqQuery};
      PcQuery + 8'd14:  ins_o = {CdAlways, OpPut, PtState};
      PcQuery + 8'd15:  ins_o = {CdAlways, OpPut, 8'd7};
      PcQuery + 8'd16:  ins_o = {CdAlways, OpEnd, EnDone};

      // FLUSH_QP: until both lines have come to where the producers stand now. They do: the
      // send queue is started and never blocked when it flushes, and the receive queue gives
      // flush items until it is empty. The CQEs of the send queue are with the CQ engine when
      // the line is written; those of the receive queue when the marker has followed them
      PcFlush + 8'd0:   ins_o = {CdAlways, OpItem, Ring, AcRead};
      PcFlush + 8'd1:   ins_o = {CdSq, OpSched, ScQuery};
      PcFlush + 8'd2:   ins_o = {CdRq, OpRq, RqQuery};
      PcFlushSq:        ins_o = {CdSq, OpItem, Seg, AcRead};
      PcFlush + 8'd4:   ins_o = {CdErr, OpJump, PcEnd};
      PcFlush + 8'd5:   ins_o = {CdSqLost, OpJump, PcFlushLost};
      PcFlush + 8'd6:   ins_o = {CdSqBehind, OpMisc, MsPause};
      PcFlush + 8'd7:   ins_o = {CdSqBehind, OpJump, PcFlushSq};
      PcFlushRq:        ins_o = {CdRq, OpItem, Rsp, AcRead};
      PcFlush + 8'd9:   ins_o = {CdErr, OpJump, PcEnd};
      PcFlush + 8'd10:  ins_o = {CdRqLost, OpJump, PcFlushLost};
      PcFlush + 8'd11:  ins_o = {CdRqBehind, OpMisc, MsPause};
      PcFlush + 8'd12:  ins_o = {CdRqBehind, OpJump, PcFlushRq};
      PcFlushEnd:       ins_o = {CdAlways, OpTool, TlRxMark};
      PcFlush + 8'd14:  ins_o = {CdAlways, OpWait, WtRx};  // place commits all that it has taken
      PcFlush + 8'd15:  ins_o = {CdAlways, OpEnd, EnDone};
      PcFlushLost:      ins_o = {CdAlways, OpMisc, MsLost};
      PcFlush + 8'd17:  ins_o = {CdAlways, OpEnd, EnDone};

      PcSuspend + 8'd0: ins_o = {CdAlways, OpSched, ScStop};
      PcSuspend + 8'd1: ins_o = {CdAlways, OpSched, ScMarker};
      PcSuspend + 8'd2: ins_o = {CdAlways, OpWait, WtReq};  // the transmit side never waits for us
      // All packets have left, so none starts the timer behind this
      PcSuspend + 8'd3: ins_o = {CdAlways, OpItem, Rh, AcHold};
      PcSuspend + 8'd4: ins_o = {CdErr, OpJump, PcEnd};
      PcSuspend + 8'd5: ins_o = {CdAlways, OpTool, TlKick};
      PcSuspend + 8'd6: ins_o = {CdAlways, OpEnd, EnDone};

      PcResume + 8'd0:  ins_o = {CdAlways, OpItem, Rh, AcResume};
      PcResume + 8'd1:  ins_o = {CdErr, OpJump, PcEnd};
      PcResume + 8'd2:  ins_o = {CdAlways, OpTool, TlKick};
      PcResume + 8'd3:  ins_o = {CdAlways, OpSched, ScStart};
      PcResume + 8'd4:  ins_o = {CdAlways, OpEnd, EnDone};

      // If packets come at all, for the QP may be closed and wait for PcAgain
      PcPath + 8'd0:    ins_o = {CdPath, OpSteer, StPath};
      PcPath + 8'd1:    ins_o = {CdAlways, OpEnd, EnDone};

      // Until nothing of the QP is under way: no packet comes in, no job is made, and stages that
      // have one drop it. Then markers follow what was before.
      PcQuiesce + 8'd0:  ins_o = {CdAlways, OpSteer, StClosed};
      PcQuiesce + 8'd1:  ins_o = {CdAlways, OpSched, ScStop};
      // Lines are always answered: stages move on whatever we do, for tern_qp_errs takes what
      // they report, and the HMC answers each access
      PcQuiesce + 8'd2:  ins_o = {CdAlways, OpItem, Seg, AcOff};
      PcQuiesce + 8'd3:  ins_o = {CdAlways, OpItem, Rh, AcOff};
      PcQuiesce + 8'd4:  ins_o = {CdAlways, OpItem, Rsp, AcOff};
      PcQuiesce + 8'd5:  ins_o = {CdAlways, OpSched, ScMarker};
      PcQuiesce + 8'd6:  ins_o = {CdAlways, OpTool, TlRxMark};
      // seg, gather and emit pass on in order and wait for memory and wire only; rsp and rh give an
      // item for each packet, and scatter and place commit each one, failed ones too
      PcQuiesce + 8'd7:  ins_o = {CdAlways, OpWait, WtRxReq};
      // All NAKs of rsp and place are with tern_ack by now, and those of job and rr were there
      // before their reports. If one waits for responses that are due before it, so must we. Not
      // here, for that may be long, and not for ever: no job comes any more, job and rr wait
      // for memory and wire only, and if rr cannot read its line the event says so (CdPolite)
      PcQuiesce + 8'd8:  ins_o = {CdPolite, OpAsk, 8'd0};
      PcQuiesce + 8'd9:  ins_o = {CdNak, OpEnd, EnAgain};
      PcQuiesce + 8'd10: ins_o = {CdAlways, OpItem, Rr, AcOff};
      // Jobs come from place alone, which has none left. tern_job waits for memory and for room in
      // the list of its QP, which rsp has seen to
      PcQuiesce + 8'd11: ins_o = {CdAlways, OpJob, 8'd0};
      PcQuiesce + 8'd12: ins_o = {CdAlways, OpTool, TlRrMark};
      PcQuiesce + 8'd13: ins_o = {CdAlways, OpTool, TlAckMark};
      // Responses and ACKs are behind their markers no more: rr does not serve the QP, and place,
      // job and rr say nothing to ack. What was before goes the way of all packets
      PcQuiesce + 8'd14: ins_o = {CdAlways, OpWait, WtRrAck};
      // Behind the line's item above there come no new ones; tern_seg takes what waits, or it is void
      PcQuiesce + 8'd15: ins_o = {CdAlways, OpTool, TlBack};
      PcQuiesce + 8'd16: ins_o = {CdAlways, OpTool, TlTimerOff};
      PcQuiesce + 8'd17: ins_o = {CdAlways, OpDrop, 8'd0};  // bounded: 3 cycles an entry
      PcQuiesce + 8'd18: ins_o = {CdAlways, OpDrop, 8'd1};
      PcQuiesce + 8'd19: ins_o = {CdAlways, OpTool, TlAckDrop};
      PcQuiesce + 8'd20: ins_o = {CdAlways, OpTool, TlGather};
      PcQuiesce + 8'd21: ins_o = {CdAlways, OpPlace, 8'd0};  // answered between two commits
      PcQuiesce + 8'd22: ins_o = {CdAlways, OpClaim, 8'd1};
      PcQuiesce + 8'd23: ins_o = {CdAlways, OpMisc, MsReturn};

      // Lines leave the caches: CREATE_QP that failed, and DESTROY_QP
      PcUndo + 8'd0:    ins_o = {CdAlways, OpItem, Seg, AcDrop};
      PcUndo + 8'd1:    ins_o = {CdAlways, OpItem, Rh, AcDrop};
      PcUndo + 8'd2:    ins_o = {CdAlways, OpItem, Rsp, AcDrop};
      PcUndo + 8'd3:    ins_o = {CdAlways, OpItem, Rr, AcDrop};
      PcUndo + 8'd4:    ins_o = {CdAlways, OpItem, Net, AcDrop};
      PcUndo + 8'd5:    ins_o = {CdAlways, OpItem, Ring, AcDrop};
      PcUndo + 8'd6:    ins_o = {CdAlways, OpItem, Ring2, AcDrop};
      PcUndo + 8'd7:    ins_o = {CdAlways, OpMisc, MsReturn};
      default:          ins_o = {CdAlways, OpEnd, EnDone};
    endcase
  end

endmodule
