// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The C model of tb_eq, see eq_model.h

package tb_eq_pkg;

  localparam int unsigned EqCount = 33;  // EQ_COUNT
  localparam int unsigned Aeq     = EqCount - 1;

  import "DPI-C" function void eq_model_reset();
  import "DPI-C" function int unsigned eq_model_command(
      input int unsigned op, input int unsigned aeq, input int unsigned num,
      input longint unsigned ring, input int unsigned log_size, input int unsigned vec,
      input int unsigned busy);
  import "DPI-C" function int unsigned eq_model_event(
      input int unsigned num, output longint unsigned addr, output int unsigned polarity,
      output int unsigned overflow);
  import "DPI-C" function int unsigned eq_model_own(input int unsigned num,
                                                    input int unsigned code);
  import "DPI-C" function int unsigned eq_model_own_left();
  import "DPI-C" function int unsigned eq_model_landed(input int unsigned num,
                                                       input int unsigned err);
  import "DPI-C" function int unsigned eq_model_doorbell(
      input int unsigned aeq, input int unsigned num, input int unsigned index);
  import "DPI-C" function longint unsigned eq_model_levels();
  import "DPI-C" function int unsigned eq_model_exists(input int unsigned num);
  import "DPI-C" function int unsigned eq_model_vec(input int unsigned num);
  import "DPI-C" function int unsigned eq_model_size(input int unsigned num);
  import "DPI-C" function longint unsigned eq_model_made(input int unsigned num);
  import "DPI-C" function longint unsigned eq_model_consumed(input int unsigned num);

endpackage
