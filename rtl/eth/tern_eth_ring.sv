// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// A ring of 16 B descriptors of the Ethernet half: takes its doorbells, fetches descriptors ahead
// and offers them in order. Up to 16 are held or under way; a read covers what is posted of an
// aligned 64 B line, so it is answered by one beat. A doorbell is a request in the second cycle
// after; a descriptor is offered in the cycle after its answer.
//
// exists_o from set_i to clear_i. stop_i, or taking a descriptor that the bus refused (desc_err_o),
// ends the use of the ring: nothing more is offered or fetched, and doorbells are ignored. After
// stop_i, busy_o low means that no read is under way; only then clear_i.
//
// dry_o: all that was posted is taken, or the ring is stopped: nothing will be offered unless the
// host posts more.

module tern_eth_ring (
  input  logic         clk_i,
  input  logic         rst_i,
  output logic         idle_o,

  input  logic         set_i,        // create, with
  input  logic [63:0]  base_i,       //   aligned to 4 KiB
  input  logic [3:0]   log_size_i,   //   2 to 15
  input  logic         stop_i,
  input  logic         clear_i,
  output logic         exists_o,
  output logic         busy_o,

  // Doorbell; no ready. db_bad_o in the same cycle: an index that the ring cannot have
  input  logic         db_valid_i,
  input  logic [31:0]  db_index_i,
  output logic         db_bad_o,

  // Reads; the tag is 0 to 3
  output logic         rd_valid_o,
  input  logic         rd_ready_i,
  output logic [63:0]  rd_addr_o,
  output logic [6:0]   rd_len_o,
  output logic [1:0]   rd_tag_o,
  input  logic         rsp_valid_i,
  input  logic [1:0]   rsp_tag_i,
  input  logic         rsp_err_i,
  input  logic [511:0] rsp_data_i,

  output logic         desc_valid_o,
  output logic         desc_err_o,
  output logic [127:0] desc_o,
  output logic [15:0]  desc_index_o,
  output logic         dry_o,
  input  logic         pop_i
);

  logic        exists_q, run_q;
  logic [51:0] base_q;
  logic [3:0]  log_size_q;
  logic [15:0] producer_q, fetch_q, pop_q;
  logic [15:0] size;

  assign size = 16'd1 << log_size_q;

  // ---------------------------------------------------------------------------- doorbell

  logic [15:0] db_ahead;

  assign db_ahead = db_index_i[15:0] - pop_q;
  assign db_bad_o = run_q && (db_index_i[31:16] != '0 || db_ahead > size);

  // An older doorbell that came late or twice is harmless
  always_ff @(posedge clk_i) begin
    if (set_i) producer_q <= '0;
    else if (db_valid_i && run_q && !db_bad_o && db_ahead > producer_q - pop_q) begin
      producer_q <= db_index_i[15:0];
    end
  end

  // ------------------------------------------------------------------------------- fetch

  logic [15:0] ahead, posted;
  logic [4:0]  room;
  logic [2:0]  line_left, count;
  logic [3:0]  mask;
  logic [1:0]  slot;
  logic        start;
  logic [3:0]  asked_q;                     // per line of four: answer due
  logic [3:0]  mask_q [4];                  // descriptors of the line that were asked for
  logic        rd_valid_q;

  assign ahead     = fetch_q - pop_q;
  assign posted    = producer_q - fetch_q;
  assign room      = 5'd16 - ahead[4:0];
  assign line_left = 3'd4 - 3'(fetch_q[1:0]);
  assign slot      = fetch_q[3:2];

  always_comb begin
    count = line_left;
    if (room < 5'(count)) count = room[2:0];
    if (posted < 16'(count)) count = posted[2:0];
    mask = 4'((5'd1 << count) - 5'd1) << fetch_q[1:0];
  end

  assign start = run_q && !stop_i && count != '0 && !asked_q[slot] && (!rd_valid_q || rd_ready_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) rd_valid_q <= 1'b0;
    else if (start) rd_valid_q <= 1'b1;
    else if (rd_ready_i) rd_valid_q <= 1'b0;
    if (start) begin
      rd_addr_o    <= {base_q, 12'd0} + {44'd0, fetch_q & (size - 16'd1), 4'd0};
      rd_len_o     <= {count, 4'd0};
      rd_tag_o     <= slot;
      mask_q[slot] <= mask;
    end
  end

  assign rd_valid_o = rd_valid_q;
  assign busy_o     = asked_q != '0;

  // -------------------------------------------------------------------------- descriptors

  logic [15:0]       filled_q, err_q;
  logic [3:0]        rsp_mask;
  logic [3:0][127:0] at;

  assign rsp_mask = mask_q[rsp_tag_i] & {4{rsp_valid_i}};

  for (genvar g = 0; g < 4; g++) begin : gen_bank
    logic [127:0] bank [4];

    always_ff @(posedge clk_i) begin
      if (rsp_mask[g]) bank[rsp_tag_i] <= rsp_data_i[128*g +: 128];
    end
    assign at[g] = bank[pop_q[3:2]];
  end

  always_comb begin
    unique case (pop_q[1:0])
      2'd0:    desc_o = at[0];
      2'd1:    desc_o = at[1];
      2'd2:    desc_o = at[2];
      default: desc_o = at[3];
    endcase
  end

  assign desc_valid_o = run_q && filled_q[pop_q[3:0]];
  assign desc_err_o   = err_q[pop_q[3:0]];
  assign desc_index_o = pop_q;
  assign dry_o        = !run_q || pop_q == producer_q;

  always_ff @(posedge clk_i) begin
    if (start) begin
      fetch_q       <= fetch_q + 16'(count);
      asked_q[slot] <= 1'b1;
    end
    if (rsp_valid_i) begin
      asked_q[rsp_tag_i] <= 1'b0;
      for (int unsigned i = 0; i < 4; i++) begin
        if (rsp_mask[i]) begin
          filled_q[{rsp_tag_i, 2'(i)}] <= 1'b1;
          err_q[{rsp_tag_i, 2'(i)}]    <= rsp_err_i;
        end
      end
    end
    if (pop_i) begin
      pop_q                 <= pop_q + 16'd1;
      filled_q[pop_q[3:0]]  <= 1'b0;
    end
    if (stop_i || (pop_i && desc_err_o)) run_q <= 1'b0;
    if (clear_i) exists_q <= 1'b0;
    if (set_i) begin
      exists_q   <= 1'b1;
      run_q      <= 1'b1;
      base_q     <= base_i[63:12];
      log_size_q <= log_size_i;
      fetch_q    <= '0;
      pop_q      <= '0;
      filled_q   <= '0;
    end
    if (rst_i) begin
      exists_q <= 1'b0;
      run_q    <= 1'b0;
      asked_q  <= '0;
    end
  end

  assign exists_o = exists_q;
  assign idle_o   = !busy_o && !(run_q && start) && !db_valid_i;

  logic unused;
  assign unused = &{1'b0, base_i[11:0], ahead[15:5]};

endmodule
