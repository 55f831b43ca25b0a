// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// A bench of nothing, for which Verilator's runtime library is compiled with all that benches use of
// it: time and DPI

module tb_runtime;
  import "DPI-C" function int getpid();

  initial begin
    #1ns $display("%0d", getpid());
    $finish;
  end
endmodule
