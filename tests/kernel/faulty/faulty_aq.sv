// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// An admin queue that does as if it obeyed: it reads each command, which must have the right
// polarity, and answers that it is done. Silent, it reads none.

module faulty_aq (
  input  logic         clk_i,
  input  logic         rst_i,
  output logic         idle_o,

  input  logic         enable_i,
  input  logic         silent_i,
  input  logic [63:0]  base_i,
  input  logic [63:0]  acq_base_i,
  input  logic [3:0]   log_size_i,
  input  logic         db_valid_i,
  input  logic [15:0]  db_index_i,

  output logic         arvalid_o,
  input  logic         arready_i,
  output logic [63:0]  araddr_o,
  input  logic         rvalid_i,
  input  logic [511:0] rdata_i,
  output logic         awvalid_o,
  input  logic         awready_i,
  output logic [63:0]  awaddr_o,
  output logic         wvalid_o,
  input  logic         wready_i,
  output logic [511:0] wdata_o,
  output logic [63:0]  wstrb_o,
  input  logic         bvalid_i
);

  typedef enum logic [2:0] {
    StIdle,
    StAsk,
    StRead,
    StWrite,
    StWritten
  } state_e;

  state_e      state_q;
  logic [15:0] head_q, tail_q, slot, pass;
  logic        addr_due_q, data_due_q, polarity, begin_now;
  tern_hw_pkg::tern_hw_aq_cmd_t cmd_q, cmd;
  tern_hw_pkg::tern_hw_acqe_t   acqe;

  assign slot      = tail_q & ((16'd1 << log_size_i) - 16'd1);
  assign pass      = tail_q >> log_size_i;
  assign polarity  = !pass[0];
  assign cmd       = rdata_i;
  assign begin_now = state_q == StIdle && enable_i && !silent_i && head_q != tail_q;

  always_ff @(posedge clk_i) begin
    if (db_valid_i && enable_i) head_q <= db_index_i;
    unique case (state_q)
      StIdle: begin
        if (begin_now) state_q <= StAsk;
        if (!enable_i) begin
          head_q <= '0;
          tail_q <= '0;
        end
      end
      StAsk: if (arready_i) state_q <= StRead;
      StRead: begin
        if (rvalid_i) begin
          cmd_q      <= cmd;
          addr_due_q <= 1'b1;
          data_due_q <= 1'b1;
          // One that is not new is never answered
          if (cmd.hdr.polarity == polarity) state_q <= StWrite;
        end
      end
      StWrite: begin
        if (awready_i) addr_due_q <= 1'b0;
        if (wready_i) data_due_q <= 1'b0;
        if ((!addr_due_q || awready_i) && (!data_due_q || wready_i)) state_q <= StWritten;
      end
      StWritten: begin
        if (bvalid_i) begin
          state_q <= StIdle;
          tail_q  <= tail_q + 16'd1;
        end
      end
      default: state_q <= StIdle;
    endcase
    if (rst_i) begin
      state_q <= StIdle;
      head_q  <= '0;
      tail_q  <= '0;
    end
  end

  always_comb begin
    acqe               = '0;
    acqe.info.id       = cmd_q.hdr.id;
    acqe.info.opcode   = cmd_q.hdr.op;
    acqe.info.status   = tern_hw_pkg::TERN_HW_AQ_STATUS_OK;
    acqe.info.index    = tail_q;
    acqe.info.polarity = polarity;
  end

  assign arvalid_o = state_q == StAsk;
  assign araddr_o  = base_i + {42'd0, slot, 6'd0};
  assign awvalid_o = state_q == StWrite && addr_due_q;
  assign awaddr_o  = acq_base_i + {43'd0, slot[15:1], 6'd0};
  assign wvalid_o  = state_q == StWrite && data_due_q;
  assign wdata_o   = {acqe, acqe};
  assign wstrb_o   = slot[0] ? {32'hffff_ffff, 32'd0} : {32'd0, 32'hffff_ffff};
  assign idle_o    = !db_valid_i && !begin_now && state_q == StIdle;

  logic unused;
  assign unused = &{1'b0, cmd_q, cmd, pass[15:1]};

endmodule
