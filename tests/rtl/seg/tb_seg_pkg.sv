// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The C model of the segmenter's bench, see seg_model.c

package tb_seg_pkg;

  import "DPI-C" function void seg_start(input int unsigned seed, input int unsigned spice);
  import "DPI-C" function void seg_spice(input int unsigned spice);
  import "DPI-C" function int unsigned seg_qpn(input int unsigned i);
  import "DPI-C" function int unsigned seg_others(input int unsigned qpn);
  import "DPI-C" function int unsigned seg_job(
      output int unsigned qpn, output int unsigned marker, output int unsigned first,
      output int unsigned cnt, output int unsigned log_size, output int unsigned epoch,
      output int unsigned err, output int unsigned single);
  import "DPI-C" function void seg_slot(input int unsigned n, output bit [511:0] line);
  import "DPI-C" function void seg_job_taken();
  import "DPI-C" function void seg_job_done(input int unsigned qpn, input int unsigned resumes);
  import "DPI-C" function void seg_idle();
  import "DPI-C" function int unsigned seg_rollback(
      output int unsigned qpn, output int unsigned wqe, output int unsigned psn,
      output int unsigned offset);
  import "DPI-C" function void seg_rollback_taken();
  import "DPI-C" function int unsigned seg_pop(output int unsigned qpn, output int unsigned pops,
                                               output int unsigned marks);
  import "DPI-C" function void seg_progress(input int unsigned i, inout int unsigned qpn,
      output int unsigned done, output int unsigned una, output int unsigned part);
  import "DPI-C" function int unsigned seg_item(output int unsigned qpn, output int unsigned drop,
                                                output bit [511:0] mask, output bit [511:0] data);
  import "DPI-C" function void seg_item_taken();
  import "DPI-C" function void seg_item_done(input int unsigned err, input bit [511:0] line);
  import "DPI-C" function int unsigned seg_read(input int unsigned qpn, output bit [511:0] line);
  import "DPI-C" function void seg_write(input int unsigned qpn, input bit [511:0] line);
  import "DPI-C" function void seg_path(input bit [245:0] path);
  import "DPI-C" function void seg_pkt(
      input int unsigned src, input int unsigned marker, input int unsigned qpn,
      input int unsigned opcode, input int unsigned solicited, input int unsigned ack_req,
      input int unsigned psn, input int unsigned ext_len, input bit [223:0] ext,
      input int unsigned len, input int unsigned pieces, input int unsigned pd,
      input int unsigned priv, input int unsigned remote, input int unsigned wqe);
  import "DPI-C" function int unsigned seg_pieces();
  import "DPI-C" function void seg_piece(
      input int unsigned kind, input int unsigned key, input longint unsigned addr,
      input int unsigned len, input bit [511:0] data);
  import "DPI-C" function void seg_push(
      input int unsigned qpn, input int unsigned kind, input int unsigned opcode,
      input int unsigned signaled, input int unsigned status, input int unsigned wqe,
      input int unsigned slots, input int unsigned first, input int unsigned last,
      input int unsigned length, input int unsigned mark);
  import "DPI-C" function int unsigned seg_room(input int unsigned qpn);
  import "DPI-C" function void seg_resume(
      input int unsigned qpn, input int unsigned index, input int unsigned epoch,
      input int unsigned block, input int unsigned mid, input int unsigned single);
  import "DPI-C" function void seg_err(input int unsigned qpn, input int unsigned wqe,
                                       input int unsigned status, input int unsigned reason);
  import "DPI-C" function void seg_cqe(input int unsigned cqn, input int unsigned solicited,
                                       input bit [255:0] cqe);
  import "DPI-C" function int unsigned seg_mr(
      input int unsigned qpn, input int unsigned reg_mr, input int unsigned remote,
      input int unsigned key, input int unsigned pd, input int unsigned priv,
      input longint unsigned va, input longint unsigned length, input int unsigned access,
      input int unsigned shift);
  import "DPI-C" function void seg_kick(input int unsigned qpn);
  import "DPI-C" function void seg_snd(input int unsigned qpn, input int unsigned psn);
  import "DPI-C" function void seg_finish();

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

endpackage
