// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Host memory of the benches, see tb_mem.h

package tb_mem_pkg;

  localparam int unsigned MemNone      = 0;
  localparam int unsigned MemRead      = 1;
  localparam int unsigned MemWrite     = 2;
  localparam int unsigned MemReadWrite = 3;

  import "DPI-C" function void tb_mem_map(input longint unsigned addr, input longint unsigned len,
                                          input int unsigned access);
  import "DPI-C" function int unsigned tb_mem_access(input longint unsigned addr);
  import "DPI-C" function void tb_mem_clear();

  import "DPI-C" function int unsigned tb_mem_get8(input longint unsigned addr);
  import "DPI-C" function int unsigned tb_mem_get32(input longint unsigned addr);
  import "DPI-C" function longint unsigned tb_mem_get64(input longint unsigned addr);
  import "DPI-C" function void tb_mem_put8(input longint unsigned addr, input int unsigned value);
  import "DPI-C" function void tb_mem_put32(input longint unsigned addr, input int unsigned value);
  import "DPI-C" function void tb_mem_put64(input longint unsigned addr,
                                            input longint unsigned value);

  import "DPI-C" function void tb_mem_get_line(input longint unsigned addr,
                                               output bit [511:0] line);
  import "DPI-C" function void tb_mem_put_line(input longint unsigned addr,
                                               input bit [511:0] line,
                                               input longint unsigned strobe);

endpackage
