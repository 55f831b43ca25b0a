# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME icrc TOP tb_icrc SOURCES icrc/tb_icrc.sv
              DPI icrc/icrc_model.c icrc/roce_crc.c ARGS +seed=1 +count=400000)

# The tables are what their generator prints
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME rtl.icrc_tables
         COMMAND sh -c "\"$1\" \"$2/tern_icrc_tables.py\" | cmp - \"$2/tern_icrc_pkg.sv\"" sh
                 ${Python3_EXECUTABLE} ${tern_rtl}/common)
set_tests_properties(rtl.icrc_tables PROPERTIES LABELS rtl TIMEOUT 60)
