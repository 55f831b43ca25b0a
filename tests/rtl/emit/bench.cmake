# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME emit TOP tb_emit SOURCES emit/tb_emit.sv
              DPI emit/emit_model.c icrc/roce_frame.c icrc/roce_crc.c ARGS +seed=1 +count=80000)
target_include_directories(rtl_emit_dpi PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../icrc)
tern_rtl_run(emit_soak BENCH emit ARGS +seed=2 +count=1000000 LABELS soak TIMEOUT 3600)
