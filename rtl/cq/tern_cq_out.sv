// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Way out of the CQ engine: one ordered stream of {CQE to write, event to send}. The event of an
// item, and of all items after it, leaves only when the write engine has taken the write, which
// shares its order with the writes of the EQ engine: so the host sees a CQE before the event.
//
// Remembers the CQ of each write until its answer. A refused write is handed back at fail_* so
// that the CQ is stopped. fail_* goes through the context cache, and that may wait for room here;
// so a refusal that finds the short list of failures full is handed to lost_* instead, which
// reports it at once and does not stop the CQ (its next write will, if that is refused too).
//
// drain_i: drained_o rises when all that was pushed before has left and has been answered, and
// its failures were taken.

module tern_cq_out #(
  parameter int unsigned Depth     = 8,   // items, power of two
  parameter int unsigned MaxWrites = 64,  // not yet answered, power of two
  parameter int unsigned MaxFails  = 4    // power of two
) (
  input  logic                      clk_i,
  input  logic                      rst_i,
  output logic                      idle_o,

  // room_o: there is room for an item besides the one that is pushed in this cycle
  output logic                      room_o,
  input  logic                      push_i,
  input  logic                      write_i,
  input  logic [63:0]               addr_i,
  input  logic [255:0]              cqe_i,
  input  logic                      event_i,
  input  logic [tern_pkg::CeqW-1:0] ceq_i,
  input  logic [tern_pkg::CqnW-1:0] cqn_i,

  output logic                      wr_valid_o,
  input  logic                      wr_ready_i,
  output tern_pkg::dma_wr_beat_t    wr_o,
  input  logic                      wr_rsp_valid_i,
  input  logic                      wr_rsp_err_i,

  output logic                      ce_valid_o,
  input  logic                      ce_ready_i,
  output tern_pkg::ce_req_t         ce_o,

  output logic                      fail_valid_o,
  input  logic                      fail_ready_i,
  output logic [tern_pkg::CqnW-1:0] fail_cqn_o,
  output logic                      lost_valid_o,
  input  logic                      lost_ready_i,
  output logic [tern_pkg::CqnW-1:0] lost_cqn_o,

  input  logic                      drain_i,
  output logic                      drained_o,

  output logic                      stat_cqe_o
);

  localparam int unsigned PtrW  = $clog2(Depth);
  localparam int unsigned WrW   = $clog2(MaxWrites);
  localparam int unsigned CntW  = 8;

  if (Depth != 1 << PtrW || MaxWrites != 1 << WrW || MaxWrites > 128) begin : gen_bad_size
    $error("tern_cq_out: size not possible");
  end

  typedef struct packed {
    logic                      write;
    logic                      send;
    logic [tern_pkg::CeqW-1:0] ceq;
    logic [tern_pkg::CqnW-1:0] cqn;
    logic [63:0]               addr;
    logic [255:0]              cqe;
  } item_t;

  // --------------------------------------------------------------------------------- items

  item_t             in, head;
  logic [$bits(in)-1:0] items [Depth];
  logic [PtrW-1:0]   in_ptr_q, head_ptr_q;
  logic [PtrW:0]     count_q;
  logic              head_valid;
  logic              pop;

  assign in.write = write_i;
  assign in.send  = event_i;
  assign in.ceq   = ceq_i;
  assign in.cqn   = cqn_i;
  assign in.addr  = addr_i;
  assign in.cqe   = cqe_i;

  assign head       = items[head_ptr_q];
  assign head_valid = count_q != '0;
  assign room_o     = count_q <= (PtrW+1)'(Depth - 2);

  always_ff @(posedge clk_i) begin
    if (push_i) items[in_ptr_q] <= in;
    if (rst_i) begin
      in_ptr_q   <= '0;
      head_ptr_q <= '0;
      count_q    <= '0;
    end else begin
      if (push_i) in_ptr_q <= in_ptr_q + 1'b1;
      if (pop) head_ptr_q <= head_ptr_q + 1'b1;
      if (push_i != pop) count_q <= push_i ? count_q + 1'b1 : count_q - 1'b1;
    end
  end

  // ------------------------------------------------------------------------ CQEs and events

  logic wr_room;    // the CQ of one more write can be remembered
  logic ce_room;
  logic wr_take;

  assign wr_valid_o = head_valid && head.write && wr_room && (!head.send || ce_room);
  assign wr_take    = wr_valid_o && wr_ready_i;
  assign pop        = wr_take || (head_valid && !head.write && ce_room);
  assign stat_cqe_o = wr_take;

  always_comb begin
    wr_o      = '0;
    wr_o.addr = head.addr;
    wr_o.len  = 13'(tern_hw_pkg::TERN_HW_CQE_BYTES);
    wr_o.last = 1'b1;
    wr_o.data = {256'd0, head.cqe};
  end

  // Two events at most: the EQ engine takes one per cycle unless the host stalls its writes
  logic [$bits(ce_o)-1:0] ce_data;

  tern_fifo #(.Width($bits(ce_o)), .Depth(2)) u_ce (
    .clk_i, .rst_i,
    .in_valid_i(pop && head.send), .in_ready_o(ce_room), .in_data_i({head.ceq, head.cqn}),
    .out_valid_o(ce_valid_o), .out_ready_i(ce_ready_i), .out_data_o(ce_data)
  );

  assign ce_o = ce_data;

  // ------------------------------------------------------- writes until they are answered
  //
  //   done_q ... rsp_q: answered, perhaps with an error that is still to be handed on
  //   rsp_q ... issue_q: not answered

  logic [tern_pkg::CqnW-1:0] write_cqn [MaxWrites];
  logic [MaxWrites-1:0]      write_err_q;
  logic [WrW:0]              issue_q, rsp_q, done_q;
  logic [WrW:0]              under_way;  // of the pointers' width, since they wrap
  logic                      answered, refused, retire;
  logic                      fail_room;

  assign wr_room   = issue_q != {~done_q[WrW], done_q[WrW-1:0]};
  assign under_way = issue_q - done_q;
  assign answered  = done_q != rsp_q;
  assign refused   = answered && write_err_q[done_q[WrW-1:0]];
  assign retire    = answered && (!refused || fail_room || lost_ready_i);

  assign lost_valid_o = refused && !fail_room;
  assign lost_cqn_o   = write_cqn[done_q[WrW-1:0]];

  always_ff @(posedge clk_i) begin
    if (wr_take) write_cqn[issue_q[WrW-1:0]] <= head.cqn;
    if (wr_rsp_valid_i) write_err_q[rsp_q[WrW-1:0]] <= wr_rsp_err_i;
    if (rst_i) begin
      issue_q <= '0;
      rsp_q   <= '0;
      done_q  <= '0;
    end else begin
      if (wr_take) issue_q <= issue_q + 1'b1;
      if (wr_rsp_valid_i) rsp_q <= rsp_q + 1'b1;
      if (retire) done_q <= done_q + 1'b1;
    end
  end

  tern_fifo #(.Width(tern_pkg::CqnW), .Depth(MaxFails)) u_fail (
    .clk_i, .rst_i,
    .in_valid_i(refused), .in_ready_o(fail_room), .in_data_i(lost_cqn_o),
    .out_valid_o(fail_valid_o), .out_ready_i(fail_ready_i), .out_data_o(fail_cqn_o)
  );

  // ---------------------------------------------------------------------------------- drain
  //
  // Stage by stage, each waits for as many to leave as there are when the one before is done

  typedef enum logic [1:0] {
    StIdle,
    StItems,
    StWrites,
    StRest    // failures and events
  } state_e;

  state_e          state_q;
  logic [CntW-1:0] left_q, fail_left_q, ce_left_q;
  logic [CntW-1:0] fail_count_q, ce_count_q;
  logic [CntW-1:0] left, fail_left, ce_left;
  logic            fail_in, fail_out, ce_in, ce_out;

  assign fail_in   = refused && fail_room;
  assign fail_out  = fail_valid_o && fail_ready_i;
  assign ce_in     = pop && head.send;
  assign ce_out    = ce_valid_o && ce_ready_i;
  assign left      = left_q - CntW'((state_q == StItems) ? pop : retire);
  assign fail_left = (fail_out && fail_left_q != '0) ? fail_left_q - 1'b1 : fail_left_q;
  assign ce_left   = (ce_out && ce_left_q != '0) ? ce_left_q - 1'b1 : ce_left_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      fail_count_q <= '0;
      ce_count_q   <= '0;
    end else begin
      if (fail_in != fail_out) fail_count_q <= fail_in ? fail_count_q + 1'b1 : fail_count_q - 1'b1;
      if (ce_in != ce_out) ce_count_q <= ce_in ? ce_count_q + 1'b1 : ce_count_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: begin
          left_q <= CntW'(count_q) - CntW'(pop);
          if (drain_i) state_q <= StItems;
        end
        // All items that were there have left; now the writes that are under way
        StItems: begin
          if (left_q != '0) left_q <= left;
          else begin
            left_q  <= CntW'(under_way) - CntW'(retire);
            state_q <= StWrites;
          end
        end
        StWrites: begin
          if (left_q != '0) left_q <= left;
          else begin
            fail_left_q <= fail_count_q - CntW'(fail_out);
            ce_left_q   <= ce_count_q - CntW'(ce_out);
            state_q     <= StRest;
          end
        end
        default: begin
          fail_left_q <= fail_left;
          ce_left_q   <= ce_left;
          if (drained_o) state_q <= StIdle;
        end
      endcase
    end
  end

  assign drained_o = state_q == StRest && fail_left_q == '0 && ce_left_q == '0;

  assign idle_o = count_q == '0 && issue_q == done_q && !ce_valid_o && !fail_valid_o &&
                  state_q == StIdle && !push_i;

endmodule
