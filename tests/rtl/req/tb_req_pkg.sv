// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Rings of some QPs and where their entries are, for the benches of tern_ring_addr and
// tern_sq_fetch

package tb_req_pkg;

  localparam int unsigned Qps   = 48;
  localparam int unsigned Pbles = 2048;

  typedef struct {
    bit        sq_valid, rq_valid, sq_level, rq_level;
    bit [63:0] sq_ring, rq_ring;
    bit [3:0]  sq_log_size, rq_log_size;
    bit [4:0]  sq_shift, rq_shift;
    bit [2:0]  rq_stride;
  } ring_t;

  ring_t     rings [Qps];
  bit [63:0] pbles [Pbles];
  bit [511:0] lines [64];   // in host memory

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  // The line of such a QP cannot be read
  function automatic bit bad_qp(int unsigned i);
    return i % 16 == 15;
  endfunction

  function automatic bit bad_pble(int unsigned index);
    return index / 8 % 32 == 30;
  endfunction

  function automatic bit [13:0] qpn_of(int unsigned i);
    return 14'(i * 16'd341 + 16'd1);
  endfunction

  function automatic int unsigned of_qpn(int unsigned qpn);
    return (qpn - 1) / 341;
  endfunction

  function automatic bit [63:0] random_page();
    return {4'd0, 28'($urandom), 32'($urandom) & ~32'hfff};
  endfunction

  // n entries of its own in the page list, anywhere in its part of the list
  task automatic random_ring(int unsigned i, bit sq_only);
    int unsigned part = Pbles / Qps, at = i * part, pages;
    ring_t r;
    r.sq_valid    = sq_only || pct(95);
    r.rq_valid    = pct(95);
    r.sq_level    = pct(70);
    r.rq_level    = pct(70);
    r.sq_log_size = pct(30) ? 4'($urandom_range(4)) : 4'($urandom_range(11, 5));
    r.rq_log_size = 4'($urandom_range(9));
    r.rq_stride   = 3'($urandom_range(4));
    r.sq_shift    = pct(70) ? 5'd12 : 5'($urandom_range(30, 12));
    r.rq_shift    = pct(70) ? 5'd12 : 5'($urandom_range(30, 12));
    r.sq_ring     = random_page();
    r.rq_ring     = random_page();
    // Half of the part for each: at most 2^11 slots are 32 pages of 4 KiB
    if (r.sq_level) begin
      pages = (64 << r.sq_log_size) >> r.sq_shift;
      if (pages > 20) r.sq_log_size = 4'd10;
      r.sq_ring = 64'(at) + 64'($urandom_range(3));
    end
    if (r.rq_level) begin
      pages = (16 << (32'(r.rq_log_size) + 32'(r.rq_stride))) >> r.rq_shift;
      if (pages > 16) r.rq_log_size = 4'd8;
      r.rq_ring = 64'(at) + 64'd25 + 64'($urandom_range(1));
    end
    rings[i] = r;
    for (int unsigned k = 0; k < part; k++) pbles[at + k] = random_page();
  endtask

  function automatic bit [511:0] line_of(int unsigned i);
    tern_hw_pkg::tern_hw_cqp_qp_wqe_t w = '0;
    bit [511:0] l = '0;
    w.attr.sq_valid      = rings[i].sq_valid;
    w.attr.rq_valid      = rings[i].rq_valid;
    w.attr.sq_level      = rings[i].sq_level;
    w.attr.rq_level      = rings[i].rq_level;
    w.attr.sq_log_size   = rings[i].sq_log_size;
    w.attr.rq_log_size   = rings[i].rq_log_size;
    w.attr.rq_log_stride = rings[i].rq_stride;
    w.attr.sq_page_shift = rings[i].sq_shift;
    w.attr.rq_page_shift = rings[i].rq_shift;
    w.attr.pd            = 24'(i);
    l[63:0]    = rings[i].sq_ring;
    l[127:64]  = rings[i].rq_ring;
    l[191:128] = w.attr;
    return l;
  endfunction

  // Byte address of an entry, or an error
  function automatic void place(int unsigned i, bit rq, int unsigned index,
                                output bit [2:0] err, output bit [63:0] addr);
    ring_t r = rings[i];
    longint unsigned size, off, page, shift;
    bit level = rq ? r.rq_level : r.sq_level;
    err  = 0;
    addr = 0;
    if (bad_qp(i)) err = tern_pkg::HmcSd;
    else if (!(rq ? r.rq_valid : r.sq_valid)) err = tern_pkg::HmcIndex;
    else begin
      size  = rq ? 16 << r.rq_stride : 64;
      off   = (longint'(index) % (longint'(1) << (rq ? r.rq_log_size : r.sq_log_size))) * size;
      shift = rq ? longint'(r.rq_shift) : longint'(r.sq_shift);
      if (!level) addr = (rq ? r.rq_ring : r.sq_ring) + off;
      else begin
        page = (rq ? r.rq_ring : r.sq_ring) + (off >> shift);
        if (bad_pble(32'(page))) err = tern_pkg::HmcPage;
        else addr = (pbles[page[10:0]] >> shift << shift) + off % (longint'(1) << shift);
      end
    end
  endfunction

  function automatic bit [511:0] pble_line(int unsigned index);
    bit [511:0] l;
    for (int unsigned k = 0; k < 8; k++) l[64*k +: 64] = pbles[index / 8 * 8 + k];
    return l;
  endfunction

endpackage
