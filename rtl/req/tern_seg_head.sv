// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Opcode and extended headers of a request packet, for tern_seg; combinational. The entry has been
// checked. Byte i of the headers is in bits 8i+7:8i. UC's opcodes are those of RC and 0x20,
// UD's those and 0x60.

module tern_seg_head (
  input  logic                         uc_i,
  input  logic                         ud_i,
  input  logic [tern_pkg::QpnW-1:0]    qpn_i,
  input  logic [31:0]                  qkey_i,    // UD: the QP's own
  input  tern_hw_pkg::tern_hw_sq_wqe_t wqe_i,
  input  logic                         first_i,   // packet of the entry
  input  logic                         last_i,
  input  logic [31:0]                  offset_i,  // bytes of the entry before this packet
  input  logic [31:0]                  rem_i,     // and from here on
  input  logic [31:0]                  len_i,     // all of it

  output logic [7:0]                   opcode_o,  // of the BTH
  output logic                         solicited_o,
  output logic [4:0]                   ext_len_o,
  output logic [223:0]                 ext_o
);

  localparam logic [7:0] SendFirst     = 8'd0;
  localparam logic [7:0] SendMiddle    = 8'd1;
  localparam logic [7:0] SendLast      = 8'd2;
  localparam logic [7:0] SendLastImm   = 8'd3;
  localparam logic [7:0] SendOnly      = 8'd4;
  localparam logic [7:0] SendOnlyImm   = 8'd5;
  localparam logic [7:0] WriteFirst    = 8'd6;
  localparam logic [7:0] WriteMiddle   = 8'd7;
  localparam logic [7:0] WriteLast     = 8'd8;
  localparam logic [7:0] WriteLastImm  = 8'd9;
  localparam logic [7:0] WriteOnly     = 8'd10;
  localparam logic [7:0] WriteOnlyImm  = 8'd11;
  localparam logic [7:0] ReadRequest   = 8'd12;
  localparam logic [7:0] CompareSwap   = 8'd19;
  localparam logic [7:0] FetchAdd      = 8'd20;
  localparam logic [7:0] SendLastInv   = 8'd22;
  localparam logic [7:0] SendOnlyInv   = 8'd23;

  function automatic logic [63:0] be64(input logic [63:0] x);
    for (int unsigned i = 0; i < 8; i++) be64[8*i +: 8] = x[8*(7-i) +: 8];
  endfunction

  function automatic logic [31:0] be32(input logic [31:0] x);
    be32 = {x[7:0], x[15:8], x[23:16], x[31:24]};
  endfunction

  logic [127:0] reth, reth_read;
  logic [223:0] atomic_eth;
  logic [31:0]  rkey;

  tern_hw_pkg::tern_hw_sq_ud_wqe_t ud_wqe;
  logic [63:0] deth;

  assign ud_wqe     = wqe_i;
  // Q_Keys with the top bit are the kernel's, which sets that of a QP
  assign deth       = {be32(32'(qpn_i)), be32(ud_wqe.dest.qkey[31] ? qkey_i : ud_wqe.dest.qkey)};
  assign rkey       = be32(wqe_i.keys.rkey);
  assign reth       = {be32(len_i), rkey, be64(wqe_i.remote)};
  assign reth_read  = {be32(rem_i), rkey, be64(wqe_i.remote + 64'(offset_i))};
  // SGE 0 is in the lower half of data; then swap or add, compare
  assign atomic_eth = {be64(wqe_i.data[255:192]), be64(wqe_i.data[191:128]), rkey,
                       be64(wqe_i.remote)};

  always_comb begin
    opcode_o    = '0;
    solicited_o = 1'b0;
    ext_len_o   = '0;
    ext_o       = '0;
    unique case (wqe_i.hdr.op)
      tern_hw_pkg::TERN_HW_WQE_OP_SEND: begin
        opcode_o    = first_i ? (last_i ? SendOnly : SendFirst)
                              : (last_i ? SendLast : SendMiddle);
        solicited_o = wqe_i.hdr.solicited && last_i;
      end
      tern_hw_pkg::TERN_HW_WQE_OP_SEND_IMM: begin
        opcode_o    = first_i ? (last_i ? SendOnlyImm : SendFirst)
                              : (last_i ? SendLastImm : SendMiddle);
        solicited_o = wqe_i.hdr.solicited && last_i;
        if (last_i) begin
          ext_len_o = 5'd4;
          ext_o     = 224'(wqe_i.keys.imm);
        end
      end
      tern_hw_pkg::TERN_HW_WQE_OP_SEND_INV: begin
        opcode_o    = first_i ? (last_i ? SendOnlyInv : SendFirst)
                              : (last_i ? SendLastInv : SendMiddle);
        solicited_o = wqe_i.hdr.solicited && last_i;
        if (last_i) begin
          ext_len_o = 5'd4;
          ext_o     = 224'(be32(wqe_i.keys.imm));
        end
      end
      tern_hw_pkg::TERN_HW_WQE_OP_WRITE: begin
        opcode_o = first_i ? (last_i ? WriteOnly : WriteFirst)
                           : (last_i ? WriteLast : WriteMiddle);
        if (first_i) begin
          ext_len_o = 5'd16;
          ext_o     = 224'(reth);
        end
      end
      tern_hw_pkg::TERN_HW_WQE_OP_WRITE_IMM: begin
        opcode_o    = first_i ? (last_i ? WriteOnlyImm : WriteFirst)
                              : (last_i ? WriteLastImm : WriteMiddle);
        solicited_o = wqe_i.hdr.solicited && last_i;
        if (first_i && last_i) begin
          ext_len_o = 5'd20;
          ext_o     = 224'({wqe_i.keys.imm, reth});
        end else if (first_i) begin
          ext_len_o = 5'd16;
          ext_o     = 224'(reth);
        end else if (last_i) begin
          ext_len_o = 5'd4;
          ext_o     = 224'(wqe_i.keys.imm);
        end
      end
      tern_hw_pkg::TERN_HW_WQE_OP_READ: begin
        opcode_o  = ReadRequest;
        ext_len_o = 5'd16;
        ext_o     = 224'(reth_read);
      end
      default: begin
        opcode_o  = (wqe_i.hdr.op == tern_hw_pkg::TERN_HW_WQE_OP_CMP_SWAP) ? CompareSwap
                                                                           : FetchAdd;
        ext_len_o = 5'd28;
        ext_o     = atomic_eth;
      end
    endcase
    opcode_o[5] = uc_i || ud_i;
    if (ud_i) begin
      opcode_o[6] = 1'b1;
      ext_len_o   = ext_len_o + 5'd8;
      ext_o       = {ext_o[159:0], deth};
    end
  end

endmodule
