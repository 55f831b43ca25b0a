// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The C model of the CQ benches, see cq_model.h, and random commands

package tb_cq_pkg;

  localparam int unsigned CqCount = 320;  // CQ_COUNT

  localparam int unsigned Write    = 1;
  localparam int unsigned Polarity = 2;
  localparam int unsigned Event    = 4;
  localparam int unsigned Ae       = 8;
  localparam int unsigned Bad      = 16;
  localparam int unsigned Set      = 32;

  localparam int unsigned ItFail  = 0;
  localparam int unsigned ItTimer = 1;
  localparam int unsigned ItCtl   = 2;
  localparam int unsigned ItDb    = 3;
  localparam int unsigned ItCqe   = 4;

  import "DPI-C" function int unsigned cq_world_err(input int unsigned cqn);
  import "DPI-C" function longint unsigned cq_world_page(input int unsigned index);
  import "DPI-C" function int unsigned cq_world_page_bad(input int unsigned index);
  import "DPI-C" function longint unsigned cq_world_ring(input int unsigned instance_no,
                                                         input int unsigned level);
  import "DPI-C" function int unsigned cq_world_instance(input longint unsigned addr);
  import "DPI-C" function int unsigned cq_world_refuse(input longint unsigned addr);

  import "DPI-C" function void cq_model_reset();
  import "DPI-C" function void cq_model_want(
      input longint unsigned ring, input int unsigned log_size, input int unsigned level,
      input int unsigned page_shift, input int unsigned ceq_valid, input int unsigned ceq,
      input int unsigned mode, input int unsigned page, input int unsigned cnt,
      input int unsigned period);
  import "DPI-C" function int unsigned cq_model_item(
      input int unsigned kind, input int unsigned cqn, input longint unsigned now,
      input int unsigned arg, input int unsigned page, input longint unsigned word,
      input int unsigned full, output longint unsigned addr, output int unsigned code,
      output int unsigned ceq);
  import "DPI-C" function void cq_model_timer(input int unsigned cqn, input int unsigned id);

  import "DPI-C" function int unsigned cq_model_exists(input int unsigned cqn);
  import "DPI-C" function int unsigned cq_model_stopped(input int unsigned cqn);
  import "DPI-C" function int unsigned cq_model_size(input int unsigned cqn);
  import "DPI-C" function int unsigned cq_model_page(input int unsigned cqn);
  import "DPI-C" function int unsigned cq_model_instance(input int unsigned cqn);
  import "DPI-C" function longint unsigned cq_model_produced(input int unsigned cqn);
  import "DPI-C" function longint unsigned cq_model_consumed(input int unsigned cqn);
  import "DPI-C" function int unsigned cq_model_stranded(input int unsigned cqn);
  import "DPI-C" function int unsigned cq_model_timers();
  import "DPI-C" function longint unsigned cq_model_deadline();
  import "DPI-C" function int unsigned cq_model_users(input int unsigned ceq);

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  // Outcome that can be told without the context, 0 if none
  function automatic int unsigned static_code(tern_hw_pkg::tern_hw_cqp_cq_wqe_t q, int unsigned op,
                                              logic [31:0] ceq_valid, bit ccq_valid);
    int unsigned minor = 0, major = 32'(tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM);
    if (op == 32'(tern_pkg::CtlDestroy)) return 0;
    if (op == 32'(tern_pkg::CtlModify))
      return (q.attr.mode == 7) ? major << 16 | 32'(tern_hw_pkg::TERN_HW_CQP_MINOR_MODE) : 0;
    if (q.attr.log_size < 1 || q.attr.log_size > 22 ||
        q.attr.level == 1 && (q.attr.page_shift < 12 || q.attr.page_shift > 30))
      minor = 32'(tern_hw_pkg::TERN_HW_CQP_MINOR_SIZE);
    else if (q.attr.level == 0 && q.ring % 4096 != 0 || q.attr.level == 1 && q.ring >> 28 != 0)
      minor = 32'(tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS);
    else if (q.attr.page >= 1024) minor = 32'(tern_hw_pkg::TERN_HW_CQP_MINOR_PAGE);
    else if (q.attr.mode == 7) minor = 32'(tern_hw_pkg::TERN_HW_CQP_MINOR_MODE);
    else if (q.attr.ceq_valid == 1 && (q.attr.ceq >= 32 || !ceq_valid[q.attr.ceq[4:0]]))
      minor = 32'(tern_hw_pkg::TERN_HW_CQP_MINOR_CEQ);
    else if (q.attr.ccq == 1 && ccq_valid) begin
      major = 32'(tern_hw_pkg::TERN_HW_CQP_MAJOR_STATE);
      minor = 32'(tern_hw_pkg::TERN_HW_CQP_MINOR_EXISTS);
    end
    return minor == 0 ? 0 : major << 16 | minor;
  endfunction

  // A CQ that may be created, but for its number
  function automatic tern_hw_pkg::tern_hw_cqp_cq_wqe_t random_cq(int unsigned inst);
    tern_hw_pkg::tern_hw_cqp_cq_wqe_t q = '0;
    q.attr.level      = pct(40);
    q.attr.log_size   = q.attr.level ? 5'($urandom_range(10, 6)) : 5'($urandom_range(7, 1));
    q.attr.page_shift = q.attr.level ? 5'($urandom_range(13, 12)) : 5'($urandom);
    q.attr.ceq_valid  = pct(90);
    q.attr.ceq        = 8'($urandom_range(15));
    q.attr.mode       = 3'($urandom_range(6));
    q.attr.page       = 16'($urandom_range(1023));
    q.moderation.count  = 16'($urandom_range(12));
    q.moderation.period = pct(10) ? 0 : $urandom_range(3000);
    q.ring            = cq_world_ring(inst, 32'(q.attr.level));
    return q;
  endfunction

  // One thing wrong, or anything
  task automatic spoil(inout tern_hw_pkg::tern_hw_cqp_cq_wqe_t q, input int unsigned inst);
    int unsigned what = $urandom_range(8);
    case (what)
      0: q.attr.log_size   = pct(50) ? 0 : 5'($urandom_range(31, 23));
      1: q.attr.page_shift = pct(50) ? 5'($urandom_range(11)) : 31;
      2: q.ring            = q.ring ^ (64'd1 << $urandom_range(11));
      3: q.ring            = q.ring ^ (64'd1 << $urandom_range(62, 28));
      4: q.attr.page       = 16'($urandom_range(65535, 1024));
      5: q.attr.mode       = 7;
      6: q.attr.ceq        = 8'($urandom_range(255, 16));
      7: q.attr.ccq        = 1;
      default: q.attr      = {$urandom, $urandom};
    endcase
    // Only rings that the bench can tell apart
    if (q.attr.level == 0 && q.ring >> 30 != cq_world_ring(inst, 0) >> 30) q.ring = 1;
    if (q.attr.level == 1 && q.ring < 1 << 28) q.ring = cq_world_ring(inst, 1);
    if (q.attr.level == 1 && q.attr.log_size > 12) q.attr.log_size = 0;
  endtask

  // Some page of a level 1 ring cannot be read
  function automatic bit bad_pages(int unsigned inst);
    for (int unsigned i = 0; i < 64; i++)
      if (cq_world_page_bad(32'(cq_world_ring(inst, 1)) + i) != 0) return 1;
    return 0;
  endfunction

endpackage
