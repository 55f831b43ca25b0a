// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_icrc against a CRC that goes bit by bit, with pauses between beats and stalls. The frames
// contain every single bit of a beat, which is all of the matrix as it is linear.

module tb_icrc;

  import "DPI-C" function void icrc_start(input int unsigned seed);
  import "DPI-C" function void icrc_beat(output bit [511:0] data, output int unsigned ctl);
  import "DPI-C" function int icrc_check(input int unsigned crc);
  import "DPI-C" function int unsigned icrc_left();

  bit clk, rst;
  always #2 clk = !clk;

  logic         en, in_valid, in_first, in_last, in_vlan, in_ipv4, out_valid;
  logic [511:0] in_data;
  logic [3:0]   in_words;
  logic [31:0]  out_crc;

  tern_icrc dut (
    .clk_i(clk), .rst_i(rst), .en_i(en),
    .in_valid_i(in_valid), .in_data_i(in_data), .in_first_i(in_first), .in_last_i(in_last),
    .in_words_i(in_words), .in_vlan_i(in_vlan), .in_ipv4_i(in_ipv4),
    .out_valid_o(out_valid), .out_crc_o(out_crc)
  );

  int unsigned seed, count, taken, results, valid_pct, en_pct, ctl;
  bit [511:0]  data;
  bit          on;
  bit [3:0]    pipe;   // last beats on their way
  bit [31:0]   held;
  bit          held_valid;

  function automatic bit pct(int unsigned p);
    return $urandom_range(99) < p;
  endfunction

  always @(posedge clk) begin
    if (rst) begin
      in_valid <= 0;
      en       <= 0;
    end else begin
      en <= pct(en_pct);
      if (en) begin
        if (out_valid != pipe[2]) $fatal(1, "result not in the third cycle");
        if (out_valid) begin
          if (icrc_check(out_crc) == 0) $fatal(1, "frame %0d: wrong CRC %h", results, out_crc);
          results++;
          held = out_crc;
          held_valid = 1;
        end
        if (held_valid && out_crc != held) $fatal(1, "the result does not stay");
        pipe = {pipe[2:0], in_valid && in_last};
        if (in_valid) taken++;
        in_valid <= 0;
        in_data  <= {16{$urandom}};
        {in_words, in_first, in_last, in_vlan, in_ipv4} <= 8'($urandom);
        if (on && taken < count && pct(valid_pct)) begin
          icrc_beat(data, ctl);
          in_valid <= 1;
          in_data  <= data;
          in_words <= ctl[3:0];
          in_first <= ctl[4];
          in_last  <= ctl[5];
          in_vlan  <= ctl[6];
          in_ipv4  <= ctl[7];
        end
      end
    end
  end

  initial begin
    if ($value$plusargs("seed=%d", seed) == 0) seed = 1;
    if ($value$plusargs("count=%d", count) == 0) count = 100000;
    void'($urandom(int'(seed)));
    icrc_start(seed);
    rst = 1;
    repeat (3) @(posedge clk);
    @(negedge clk);
    rst = 0;
    on = 1;
    while (taken < count) begin
      valid_pct = pct(50) ? 100 : 20 + $urandom_range(70);
      en_pct    = pct(50) ? 100 : 20 + $urandom_range(70);
      repeat (200) @(negedge clk);
    end
    on = 0;
    en_pct = 100;
    repeat (20) @(negedge clk);
    // One frame may have been begun only
    if (icrc_left() > 1 || results < count / 20) $fatal(1, "CRCs are missing");
    $display("icrc: %0d beats, %0d frames", taken, results);
    $finish;
  end

endmodule
