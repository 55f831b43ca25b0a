// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// One page of memory between the commands and host buffers. A command fills it word by word
// (put) and sends it, or loads it and looks at its lines. One transfer at a time: start_i for one
// cycle while idle, done_o for one cycle with err_o when the bus has taken or given all of it.
//
// Addresses are aligned to lines and a transfer stays in one 4 KiB page, so the beats of an
// answer come in order and lane i of a beat is byte i of a line.

module tern_cqp_buf (
  input  logic        clk_i,
  input  logic        rst_i,

  input  logic        start_i,
  input  logic        send_i,      // buffer to host, else host to buffer
  input  logic [63:0] addr_i,
  input  logic [12:0] len_i,
  output logic        done_o,
  output logic        err_o,

  input  logic        put_i,       // only while no transfer runs
  input  logic [8:0]  put_index_i, // of a 64-bit word
  input  logic [63:0] put_data_i,
  input  logic [5:0]  line_index_i,
  output logic [511:0] line_o,     // same cycle; only while no transfer runs

  output logic                   rd_valid_o,
  input  logic                   rd_ready_i,
  output tern_pkg::dma_rd_req_t  rd_o,
  input  logic                   rd_rsp_valid_i,
  input  tern_pkg::dma_rd_rsp_t  rd_rsp_i,
  output logic                   wr_valid_o,
  input  logic                   wr_ready_i,
  output tern_pkg::dma_wr_beat_t wr_o,
  input  logic                   wr_rsp_valid_i,
  input  tern_pkg::dma_wr_rsp_t  wr_rsp_i
);

  typedef enum logic [1:0] {
    StIdle,
    StAsk,    // read request offered
    StSend,   // write beats offered
    StAnswer  // all handed over, the bus has not answered
  } state_e;

  state_e state_q, state_d;
  logic [63:0] addr_q;
  logic [12:0] len_q;
  logic [5:0] beat_q;
  logic [7:0][63:0] mem [64];

  logic last_beat;
  assign last_beat = 13'(beat_q) + 13'd1 == 13'(len_q[12:6]);

  always_comb begin
    state_d = state_q;
    done_o = 1'b0;
    unique case (state_q)
      StIdle: if (start_i) state_d = send_i ? StSend : StAsk;
      StAsk: if (rd_ready_i) state_d = StAnswer;
      StSend: if (wr_ready_i && last_beat) state_d = StAnswer;
      StAnswer: begin
        if (wr_rsp_valid_i || (rd_rsp_valid_i && rd_rsp_i.last)) begin
          done_o = 1'b1;
          state_d = StIdle;
        end
      end
      default: state_d = StIdle;
    endcase
  end

  assign err_o = wr_rsp_valid_i ? wr_rsp_i.err : rd_rsp_i.err;

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else state_q <= state_d;
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle && start_i) begin
      addr_q <= addr_i;
      len_q <= len_i;
      beat_q <= '0;
    end else if (state_q == StSend && wr_ready_i) begin
      beat_q <= beat_q + 6'd1;
    end
  end

  // ----------------------------------------------------------------------------- memory

  logic [7:0] word_we;
  logic [5:0] we_line;

  always_comb begin
    word_we = '0;
    we_line = put_index_i[8:3];
    if (rd_rsp_valid_i) begin
      word_we = '1;
      we_line = rd_rsp_i.offset[11:6];
    end else if (put_i) begin
      word_we[put_index_i[2:0]] = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    for (int i = 0; i < 8; i++) begin
      if (word_we[i]) begin
        mem[we_line][i] <= rd_rsp_valid_i ? rd_rsp_i.data[64*i +: 64] : put_data_i;
      end
    end
  end

  assign line_o = mem[state_q == StSend ? beat_q : line_index_i];

  assign rd_valid_o = state_q == StAsk;
  assign rd_o.addr = addr_q;
  assign rd_o.len = len_q;
  assign rd_o.tag = '0;
  assign wr_valid_o = state_q == StSend;
  assign wr_o.addr = addr_q;
  assign wr_o.len = len_q;
  assign wr_o.tag = '0;
  assign wr_o.last = last_beat;
  assign wr_o.data = line_o;

endmodule
