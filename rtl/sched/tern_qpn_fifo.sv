// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// FIFO of QPNs that has room for each of them once; its users see to it that none is in it twice.
// What goes into an empty FIFO shows in the next cycle. One push per cycle, one pop per 2 cycles.

module tern_qpn_fifo #(
  parameter int unsigned  Qps = tern_pkg::MaxQps,  // power of two
  localparam int unsigned QpW = $clog2(Qps)
) (
  input  logic           clk_i,
  input  logic           rst_i,

  input  logic           push_i,
  input  logic [QpW-1:0] push_qpn_i,

  output logic           head_valid_o,
  output logic [QpW-1:0] head_qpn_o,
  input  logic           pop_i,

  output logic           empty_o,
  output logic           more_o        // there is one behind the head, or on its way to it
`ifdef TERN_PROOF
  ,
  output logic [Qps-1:0][QpW+1:0] f_count_o,  // how often each QPN is in it
  output logic                    f_ok_o      // the rest of the invariant
`endif
);

  logic [QpW-1:0] mem [Qps];
  logic [QpW:0]   wr_q, rd_q;
  logic           head_valid_q;
  logic [QpW-1:0] head_q;
  logic           read_q;         // mem_q is to become the head
  logic [QpW-1:0] mem_q;
  logic           some, take, read, direct;

  assign some   = wr_q != rd_q;
  assign take   = !head_valid_q || pop_i;              // the head is, or becomes, free
  assign read   = some && take && !read_q;
  assign direct = push_i && !some && take && !read_q;  // past the memory

  always_ff @(posedge clk_i) begin
    if (push_i && !direct) mem[wr_q[QpW-1:0]] <= push_qpn_i;
    if (read) mem_q <= mem[rd_q[QpW-1:0]];
    if (direct) head_q <= push_qpn_i;
    else if (read_q) head_q <= mem_q;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      wr_q         <= '0;
      rd_q         <= '0;
      head_valid_q <= 1'b0;
      read_q       <= 1'b0;
    end else begin
      if (push_i && !direct) wr_q <= wr_q + 1'b1;
      if (read) rd_q <= rd_q + 1'b1;
      read_q <= read;
      if (direct || read_q) head_valid_q <= 1'b1;
      else if (pop_i)       head_valid_q <= 1'b0;
    end
  end

  assign head_valid_o = head_valid_q;
  assign head_qpn_o   = head_q;
  assign empty_o      = !some && !read_q && !head_valid_q;
  assign more_o       = some || read_q;

`ifdef TERN_PROOF
  logic [QpW:0] f_fill, f_place;

  assign f_fill = wr_q - rd_q;
  assign f_ok_o = f_fill <= (QpW + 1)'(Qps) && !(read_q && head_valid_q);

  always_comb begin
    f_place = '0;
    for (int unsigned q = 0; q < Qps; q++) begin
      f_count_o[q] = (QpW + 2)'(head_valid_q && head_q == QpW'(q)) +
                     (QpW + 2)'(read_q && mem_q == QpW'(q));
      for (int unsigned i = 0; i < Qps; i++) begin
        f_place = rd_q + (QpW + 1)'(i);
        if ((QpW + 1)'(i) < f_fill && mem[f_place[QpW-1:0]] == QpW'(q)) begin
          f_count_o[q] = f_count_o[q] + 1'b1;
        end
      end
    end
  end
`endif

endmodule
