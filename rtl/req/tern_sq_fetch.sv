// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Fetches the slots of send queues that jobs name, into 32 buffers of 16 slots of 64 B.
//
//   job -> [push page has its only slot?] -> tern_ring_addr, once or twice -> DMA reads
//                  '------------------------------------------------------------> buffer -> out
//
// What users may rely on:
// - Jobs come out in the order in which they went in, each when all of its slots are there. Up to
//   32 are under way; their reads and page-list look-ups overlap. A marker job passes in order.
// - Of a single job only the first slot is fetched.
// - A job takes one read, and a second one where it goes on at the start of the ring or enters
//   another 4 KiB block; there is never more than one such place in 16 slots.
// - A pushed slot is asked for at tern_push (look_valid_o; the answer comes 2 cycles later), which
//   forgets it then. It saves the read if it is all of the job, else the answer is not used.
// - With err the slots are not to be looked at: HmcIndex to HmcPage as from tern_ring_addr, HmcDma
//   if the bus refused the slots.
// - A buffer stays as it is from out until free_valid_i names it, in any order. A slot is read by
//   slot_rd_i and slot_addr_i {buffer, slot}; slot_data_o has it from the next cycle until the
//   next read.
// - A hit in the push page comes out in the fourth cycle after the job was taken. Sustained: a job
//   per cycle that is pushed, one per 2 cycles to tern_ring_addr.

module tern_sq_fetch #(
  parameter int unsigned Sets  = 16,  // of the ring line's cache
  parameter int unsigned Ways  = 4,
  parameter int unsigned Slots = 8
) (
  input  logic                        clk_i,
  input  logic                        rst_i,
  output logic                        idle_o,

  input  logic                        job_valid_i,
  output logic                        job_ready_o,
  input  tern_pkg::sq_job_t           job_i,

  // Push page
  output logic                        look_valid_o,
  output logic [tern_pkg::PageW-1:0]  look_page_o,
  output logic [tern_pkg::QpnW-1:0]   look_qpn_o,
  output logic [15:0]                 look_index_o,   // behind the slot
  input  logic                        look_hit_i,
  input  logic [511:0]                look_line_i,

  // Jobs whose slots are there
  output logic                        out_valid_o,
  input  logic                        out_ready_i,
  output tern_pkg::sq_job_t           out_job_o,
  output tern_pkg::hmc_err_e          out_err_o,
  output logic [4:0]                  out_buf_o,

  input  logic                        free_valid_i,
  input  logic [4:0]                  free_buf_i,

  input  logic                        slot_rd_i,
  input  logic [8:0]                  slot_addr_i,
  output logic [511:0]                slot_data_o,

  // Control items for line `ring`
  input  logic                        item_valid_i,
  output logic                        item_ready_o,
  input  tern_pkg::qp_item_t          item_i,
  output logic                        item_rsp_valid_o,
  output tern_pkg::qp_item_rsp_t      item_rsp_o,

  // Host memory cache: two clients, one answer bus
  output logic                        ctx_req_valid_o,
  input  logic                        ctx_req_ready_i,
  output tern_pkg::hmc_req_t          ctx_req_o,
  input  logic                        ctx_rsp_valid_i,
  output logic                        pbl_req_valid_o,
  input  logic                        pbl_req_ready_i,
  output tern_pkg::hmc_req_t          pbl_req_o,
  input  logic                        pbl_rsp_valid_i,
  input  tern_pkg::hmc_rsp_t          hmc_rsp_i,

  // DMA read client
  output logic                        rd_valid_o,
  input  logic                        rd_ready_i,
  output tern_pkg::dma_rd_req_t       rd_o,
  input  logic                        rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t       rd_rsp_i,

  output logic                        stat_hit_o,
  output logic                        stat_miss_o
);

  localparam int unsigned Bufs = 32;
  localparam int unsigned BufW = 5;

  // ------------------------------------------------------------------------------- buffers

  logic [$bits(job_i)-1:0] jobs    [Bufs];
  logic [4:0]              firsts  [Bufs];  // slots of the first read
  logic [4:0]              seconds [Bufs];
  logic [511:0]            slots   [Bufs*16];
  logic [Bufs-1:0]         wait0_q;         // the first part is not there yet
  logic [Bufs-1:0]         wait1_q;         // nor the second
  logic [Bufs-1:0][2:0]    err_q;
  logic [BufW:0]           used_q;          // buffers in use

  logic            take, give, leave;
  logic            free_valid, fresh;
  logic [BufW-1:0] buf_new, buf_freed;
  logic [BufW:0]   fresh_q;                 // buffers never used yet start here
  logic            free_ready_unused, order_ready_unused;

  assign fresh   = !fresh_q[BufW];
  assign buf_new = fresh ? fresh_q[BufW-1:0] : buf_freed;
  assign give    = free_valid_i;

  tern_fifo #(.Width(BufW), .Depth(Bufs)) u_free (
    .clk_i, .rst_i,
    .in_valid_i (give), .in_ready_o(free_ready_unused), .in_data_i(free_buf_i),
    .out_valid_o(free_valid), .out_ready_i(take && !fresh), .out_data_o(buf_freed)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      fresh_q <= '0;
      used_q  <= '0;
    end else begin
      if (take && fresh) fresh_q <= fresh_q + 1'b1;
      if (take != give) used_q <= take ? used_q + 1'b1 : used_q - 1'b1;
    end
  end

  // -------------------------------------------------------------------------------- intake

  logic       look_room, look_take;
  logic       miss;            // a look-up came to nothing: the job goes on to the ring
  logic [6:0] block;           // slots between two places where a read may have to be split
  logic [6:0] in_block;
  logic [6:0] to_end;
  logic [4:0] fetch_n, first_n, second_n;

  assign block    = (job_i.log_size >= 4'd6) ? 7'd64 : 7'd1 << job_i.log_size;
  assign in_block = 7'(job_i.first) & (block - 7'd1);
  assign to_end   = block - in_block;
  assign fetch_n  = job_i.single ? 5'd1 : job_i.count;
  assign first_n  = (7'(fetch_n) <= to_end) ? fetch_n : to_end[4:0];
  assign second_n = fetch_n - first_n;

  // A job goes to the look-up, to the ring, or, a marker, nowhere
  assign job_ready_o = (fresh || free_valid) &&
                       (job_i.marker || (job_i.pushed ? look_room : !miss));
  assign take        = job_valid_i && job_ready_o;
  assign look_take   = take && job_i.pushed && !job_i.marker;

  assign look_valid_o = look_take;
  assign look_page_o  = job_i.page;
  assign look_qpn_o   = job_i.qpn;
  assign look_index_o = job_i.first + 16'(job_i.count);

  always_ff @(posedge clk_i) begin
    if (take) begin
      jobs[buf_new]    <= job_i;
      firsts[buf_new]  <= first_n;
      seconds[buf_new] <= second_n;
    end
  end

  // ------------------------------------------------------------------------------ push page

  logic            look1_valid_q, look2_valid_q;
  logic [BufW-1:0] look1_buf_q, look2_buf_q;
  logic            look1_only_q, look2_only_q;
  logic [2:0]      looks_q;       // look-ups whose result is not dealt with
  logic            res_valid, res_ready, res_hit, res_unused;
  logic [BufW-1:0] res_buf;
  logic [511:0]    res_line;

  assign look_room = looks_q != 3'd4;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      look1_valid_q <= 1'b0;
      look2_valid_q <= 1'b0;
      looks_q       <= '0;
    end else begin
      look1_valid_q <= look_take;
      look2_valid_q <= look1_valid_q;
      if (look_take != (res_valid && res_ready)) begin
        looks_q <= look_take ? looks_q + 1'b1 : looks_q - 1'b1;
      end
    end
    if (look_take) begin
      look1_buf_q  <= buf_new;
      look1_only_q <= job_i.count == 5'd1;
    end
    if (look1_valid_q) begin
      look2_buf_q  <= look1_buf_q;
      look2_only_q <= look1_only_q;
    end
  end

  tern_fifo #(.Width(1 + BufW + 512), .Depth(4)) u_res (
    .clk_i, .rst_i,
    .in_valid_i (look2_valid_q), .in_ready_o(res_unused),
    .in_data_i  ({look_hit_i && look2_only_q, look2_buf_q, look_line_i}),
    .out_valid_o(res_valid), .out_ready_i(res_ready), .out_data_o({res_hit, res_buf, res_line})
  );

  // A beat of the bus cannot wait, so a pushed slot does
  assign res_ready = !res_hit || !rd_rsp_valid_i;
  assign miss      = res_valid && !res_hit;

  // ------------------------------------------------------------------------ asking the ring

  logic            ask_valid, ask_done, ask_in_unused;
  logic [BufW-1:0] ask_buf;
  logic            ask_second_q;     // the head has asked once
  logic            ring_ready;
  logic            ring_idle;
  tern_pkg::sq_job_t ask_job;
  logic            ring_valid, ring_take;
  logic [7:0]      ring_tag;
  tern_pkg::hmc_err_e ring_err;
  logic [63:0]     ring_addr;
  logic [3:0]      ring_size_unused;
  logic [2:0]      ring_stride_unused;

  tern_fifo #(.Width(BufW), .Depth(Bufs)) u_ask (
    .clk_i, .rst_i,
    .in_valid_i (miss || (take && !job_i.pushed && !job_i.marker)), .in_ready_o(ask_in_unused),
    .in_data_i  (miss ? res_buf : buf_new),
    .out_valid_o(ask_valid), .out_ready_i(ask_done), .out_data_o(ask_buf)
  );

  assign ask_job  = jobs[ask_buf];
  assign ask_done = ring_ready && (ask_second_q || seconds[ask_buf] == '0);

  always_ff @(posedge clk_i) begin
    if (rst_i) ask_second_q <= 1'b0;
    else if (ask_valid && ring_ready) ask_second_q <= !ask_done;
  end

  tern_ring_addr #(.Sets(Sets), .Ways(Ways), .Slots(Slots)) u_ring (
    .clk_i, .rst_i, .idle_o(ring_idle),
    .req_valid_i(ask_valid), .req_ready_o(ring_ready), .req_qpn_i(ask_job.qpn), .req_rq_i(1'b0),
    .req_index_i(ask_second_q ? ask_job.first + 16'(firsts[ask_buf]) : ask_job.first),
    .req_tag_i({2'd0, ask_second_q, ask_buf}),
    .rsp_valid_o(ring_valid), .rsp_ready_i(ring_take), .rsp_tag_o(ring_tag),
    .rsp_err_o(ring_err), .rsp_addr_o(ring_addr), .rsp_log_size_o(ring_size_unused),
    .rsp_log_stride_o(ring_stride_unused),
    .item_valid_i, .item_ready_o, .item_i, .item_rsp_valid_o, .item_rsp_o,
    .ctx_req_valid_o, .ctx_req_ready_i, .ctx_req_o, .ctx_rsp_valid_i,
    .pbl_req_valid_o, .pbl_req_ready_i, .pbl_req_o, .pbl_rsp_valid_i, .hmc_rsp_i,
    .stat_hit_o, .stat_miss_o
  );

  // ---------------------------------------------------------------------------------- reads

  logic            ring_bad;
  logic            ring_part, rsp_part;
  logic [BufW-1:0] ring_buf, rsp_buf;
  logic [3:0]      rsp_slot;
  logic            rsp_done;

  assign ring_part  = ring_tag[BufW];
  assign ring_buf   = ring_tag[BufW-1:0];
  assign ring_bad   = ring_valid && ring_err != tern_pkg::HmcOk;
  assign ring_take  = ring_bad || rd_ready_i;
  assign rd_valid_o = ring_valid && !ring_bad;
  assign rd_o.addr  = ring_addr;
  assign rd_o.len   = {2'd0, ring_part ? seconds[ring_buf] : firsts[ring_buf], 6'd0};
  assign rd_o.tag   = ring_tag;

  assign rsp_part = rd_rsp_i.tag[BufW];
  assign rsp_buf  = rd_rsp_i.tag[BufW-1:0];
  assign rsp_slot = (rsp_part ? firsts[rsp_buf][3:0] : 4'd0) + rd_rsp_i.offset[9:6];
  assign rsp_done = rd_rsp_valid_i && rd_rsp_i.last;

  always_ff @(posedge clk_i) begin
    if (rd_rsp_valid_i) slots[{rsp_buf, rsp_slot}] <= rd_rsp_i.data;
    else if (res_valid && res_hit) slots[{res_buf, 4'd0}] <= res_line;
  end

  always_ff @(posedge clk_i) begin
    if (slot_rd_i) slot_data_o <= slots[slot_addr_i];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      wait0_q <= '0;
      wait1_q <= '0;
    end else begin
      if (take) begin
        wait0_q[buf_new] <= !job_i.marker;
        wait1_q[buf_new] <= !job_i.marker && second_n != '0;
      end
      if (res_valid && res_hit && res_ready) begin
        wait0_q[res_buf] <= 1'b0;
        wait1_q[res_buf] <= 1'b0;
      end
      if (ring_bad && !ring_part) wait0_q[ring_buf] <= 1'b0;
      if (ring_bad && ring_part) wait1_q[ring_buf] <= 1'b0;
      if (rsp_done && !rsp_part) wait0_q[rsp_buf] <= 1'b0;
      if (rsp_done && rsp_part) wait1_q[rsp_buf] <= 1'b0;
    end
    if (take) err_q[buf_new] <= tern_pkg::HmcOk;
    if (ring_bad) err_q[ring_buf] <= ring_err;
    if (rsp_done && rd_rsp_i.err) err_q[rsp_buf] <= tern_pkg::HmcDma;
  end

  // --------------------------------------------------------------------------------- output

  logic            order_valid;
  logic [BufW-1:0] head;

  tern_fifo #(.Width(BufW), .Depth(Bufs)) u_order (
    .clk_i, .rst_i,
    .in_valid_i (take), .in_ready_o(order_ready_unused), .in_data_i(buf_new),
    .out_valid_o(order_valid), .out_ready_i(leave), .out_data_o(head)
  );

  assign out_valid_o = order_valid && !wait0_q[head] && !wait1_q[head];
  assign out_job_o   = jobs[head];
  assign out_err_o   = tern_pkg::hmc_err_e'(err_q[head]);
  assign out_buf_o   = head;
  assign leave       = out_valid_o && out_ready_i;

  assign idle_o = !job_valid_i && used_q == '0 && ring_idle;

endmodule
