// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The agreement test: does every field lie in the same bits for C and for SystemVerilog, and has
// every constant the same value? Each round writes a random value by C into a random image and
// reads it by SV, and writes one by SV and reads it by C.

module tb_abi;

  import "DPI-C" function int unsigned abi_count();
  import "DPI-C" function string abi_name(input int unsigned n);
  import "DPI-C" function int unsigned abi_is_constant(input int unsigned n);
  import "DPI-C" function longint unsigned abi_constant(input int unsigned n);
  import "DPI-C" function longint unsigned abi_write(input int unsigned n,
    input longint unsigned value, input bit [4095:0] in, output bit [4095:0] out);
  import "DPI-C" function longint unsigned abi_read(input int unsigned n,
    input bit [4095:0] image);

  logic [4095:0] desc_in, desc_out;
  int unsigned   field;
  logic [63:0]   value_in, value_out;

  abi_fields u_fields (
    .desc_i  (desc_in),
    .field_i (field),
    .value_i (value_in),
    .value_o (value_out),
    .desc_o  (desc_out)
  );

  function automatic bit [4095:0] noise();
    for (int i = 0; i < 128; i++) noise[32*i +: 32] = $urandom;
  endfunction

  task automatic check_constant(int unsigned n);
    field = n;
    #1;
    if (value_out !== abi_constant(n))
      $fatal(1, "%s: %h in C, %h in SV", abi_name(n), abi_constant(n), value_out);
  endtask

  task automatic check_field(int unsigned n);
    longint unsigned value = {$urandom, $urandom};
    longint unsigned held;
    bit [4095:0] image;

    // C writes, SV reads
    held = abi_write(n, value, noise(), image);
    field = n;
    desc_in = image;
    value_in = value;
    #1;
    if (value_out !== held)
      $fatal(1, "%s: C wrote %h, SV read %h", abi_name(n), held, value_out);
    // SV writes, C reads; nothing but the field is touched
    if (abi_read(n, desc_out) != held)
      $fatal(1, "%s: SV wrote %h, C read %h", abi_name(n), held, abi_read(n, desc_out));
    void'(abi_write(n, 0, desc_out, image));
    if (image != '0) $fatal(1, "%s: wider in SV than in C", abi_name(n));
  endtask

  initial begin
    int unsigned rounds = 200;
    int unsigned constants = 0;
    int unsigned fields = 0;

    void'($value$plusargs("rounds=%d", rounds));
    for (int unsigned n = 0; n < abi_count(); n++) begin
      if (abi_is_constant(n) != 0) begin
        check_constant(n);
        constants++;
      end else begin
        for (int unsigned round = 0; round < rounds; round++) check_field(n);
        fields++;
      end
    end
    if (fields == 0 || constants == 0) $fatal(1, "nothing to compare");
    $display("abi: %0d fields agree in %0d rounds each, and %0d constants", fields, rounds,
             constants);
    $finish;
  end

endmodule
