// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Invariant CRC of RoCEv2 over a frame of 64 B beats, one beat per cycle.
//
// The frame begins in lane 0 with the Ethernet header, so the IP header begins 14 or 18 bytes into
// the first beat. What is before it is taken as zeros, and the start value of the CRC, which
// stands for the 8 bytes of ones in front of the packet, is added to the first 4 bytes of the
// IP header: a CRC that starts with 0 stays 0 over zeros, so nothing need be shifted. Fields that
// routers change are taken as ones: IPv4 TOS, TTL, checksum; IPv6 traffic class, flow label, hop
// limit; UDP checksum; the 8 bits before the QPN of the BTH.
//
// All packets are a multiple of 4 bytes long, so the last beat has 4n+2 bytes that count. Those
// behind are taken as zeros, and what these do to the CRC is undone by matrices.
//
// Beats of a frame may have pauses between them, frames need none. Everything moves with en_i. The
// CRC is at out_crc_o 3 cycles (of en_i) after its last beat, first byte of the wire in the low
// bits, and stays there until that of the next frame; out_valid_o is high in the first of them.
// The CRC of a packet together with its own ICRC is Residue.

module tern_icrc (
  input  logic         clk_i,
  input  logic         rst_i,
  input  logic         en_i,

  input  logic         in_valid_i,
  input  logic [511:0] in_data_i,
  input  logic         in_first_i,
  input  logic         in_last_i,
  input  logic [3:0]   in_words_i,  // with last: 4n+2 bytes count
  input  logic         in_vlan_i,   // with first
  input  logic         in_ipv4_i,   // with first

  output logic         out_valid_o,
  output logic [31:0]  out_crc_o
);

  // The CRC after 8 bytes of ones
  localparam logic [31:0] Seed = 32'hdebb20e3;

  // Yosys takes no parts of a constant of a package
  localparam logic [16383:0] Beat   = tern_icrc_pkg::Beat;
  localparam logic [1023:0]  Back2  = tern_icrc_pkg::Back2;
  localparam logic [1023:0]  Back6  = tern_icrc_pkg::Back6;
  localparam logic [1023:0]  Back10 = tern_icrc_pkg::Back10;
  localparam logic [1023:0]  Back14 = tern_icrc_pkg::Back14;
  localparam logic [1023:0]  Back16 = tern_icrc_pkg::Back16;
  localparam logic [1023:0]  Back32 = tern_icrc_pkg::Back32;
  localparam logic [1023:0]  Back48 = tern_icrc_pkg::Back48;

  // ------------------------------------------------------------- stage 1: masks, parts of XOR

  logic         second_q, vlan_q, ipv4_q;
  logic [511:0] masked;
  logic         valid1_q, first1_q, last1_q;
  logic [3:0]   words1_q;
  logic [3:0][31:0] part_q;

  // IP header and what follows in the first beat, for a header at byte 14; one at byte 18 has it
  // all 4 bytes later
  function automatic logic [511:0] ones_first(input logic ipv4);
    ones_first = '0;
    if (ipv4) begin
      ones_first[8*15 +: 8]  = '1;  // TOS
      ones_first[8*22 +: 8]  = '1;  // TTL
      ones_first[8*24 +: 16] = '1;  // checksum
      ones_first[8*40 +: 16] = '1;  // UDP checksum
      ones_first[8*46 +: 8]  = '1;  // BTH
    end else begin
      ones_first[8*14 +: 4]  = '1;  // traffic class, flow label
      ones_first[8*15 +: 24] = '1;
      ones_first[8*21 +: 8]  = '1;  // hop limit
      ones_first[8*60 +: 16] = '1;  // UDP checksum; with VLAN it is in the second beat
    end
  endfunction

  always_comb begin
    masked = in_data_i;
    if (in_valid_i) begin
      if (in_first_i) begin
        if (in_vlan_i) begin
          masked |= ones_first(in_ipv4_i) << 32;
          masked[8*18-1:0] = '0;
          masked[8*18 +: 32] = masked[8*18 +: 32] ^ Seed;
        end else begin
          masked |= ones_first(in_ipv4_i);
          masked[8*14-1:0] = '0;
          masked[8*14 +: 32] = masked[8*14 +: 32] ^ Seed;
        end
      end else if (second_q && !ipv4_q) begin
        if (vlan_q) begin
          masked[8*0 +: 16] = '1;
          masked[8*6 +: 8]  = '1;
        end else begin
          masked[8*2 +: 8]  = '1;
        end
      end
      if (in_last_i) begin
        for (int unsigned i = 1; i < 16; i++) begin
          if (4'(i) > in_words_i) masked[32*i-16 +: 32] = '0;
        end
        masked[511:496] = '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid1_q <= 1'b0;
      second_q <= 1'b0;
    end else if (en_i) begin
      valid1_q <= in_valid_i;
      if (in_valid_i) second_q <= in_first_i;
    end
    if (en_i && in_valid_i) begin
      if (in_first_i) begin
        vlan_q <= in_vlan_i;
        ipv4_q <= in_ipv4_i;
      end
      first1_q <= in_first_i;
      last1_q  <= in_last_i;
      words1_q <= in_words_i;
    end
  end

  for (genvar g = 0; g < 4; g++) begin : gen_part
    always_ff @(posedge clk_i) begin
      if (en_i && in_valid_i) begin
        for (int unsigned o = 0; o < 32; o++) begin
          part_q[g][o] <= ^(masked[128*g +: 128] & Beat[512*o + 128*g +: 128]);
        end
      end
    end
  end

  // ------------------------------------------------------------------ stage 2: over the beats

  logic        last2_q;
  logic [3:0]  words2_q;
  logic [31:0] state_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      last2_q <= 1'b0;
    end else if (en_i) begin
      last2_q <= valid1_q && last1_q;
    end
    if (en_i && valid1_q) begin
      words2_q <= words1_q;
      for (int unsigned o = 0; o < 32; o++) begin
        state_q[o] <= part_q[0][o] ^ part_q[1][o] ^ part_q[2][o] ^ part_q[3][o] ^
                      (!first1_q && ^(state_q & Beat[512*o +: 32]));
      end
    end
  end

  // -------------------------------------------------- stage 3: without the zeros at the end
  //
  // Those are 2 + 4 * ~words bytes

  logic        valid3_q;
  logic [31:0] crc_q;
  logic [31:0] some, all;

  always_comb begin
    some = '0;
    all  = '0;
    if (last2_q) begin
      for (int unsigned o = 0; o < 32; o++) begin
        unique case (words2_q[1:0])
          2'd3:    some[o] = ^(state_q & Back2[32*o +: 32]);
          2'd2:    some[o] = ^(state_q & Back6[32*o +: 32]);
          2'd1:    some[o] = ^(state_q & Back10[32*o +: 32]);
          default: some[o] = ^(state_q & Back14[32*o +: 32]);
        endcase
      end
      for (int unsigned o = 0; o < 32; o++) begin
        unique case (words2_q[3:2])
          2'd3:    all[o] = some[o];
          2'd2:    all[o] = ^(some & Back16[32*o +: 32]);
          2'd1:    all[o] = ^(some & Back32[32*o +: 32]);
          default: all[o] = ^(some & Back48[32*o +: 32]);
        endcase
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid3_q <= 1'b0;
    end else if (en_i) begin
      valid3_q <= last2_q;
      if (last2_q) crc_q <= ~all;
    end
  end

  assign out_valid_o = valid3_q;
  assign out_crc_o   = crc_q;

endmodule
