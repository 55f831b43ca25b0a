# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME rx TOP tb_rx SOURCES rx/tb_rx.sv
              DPI rx/rx_model.c rx/rx_oracle.c icrc/roce_frame.c icrc/roce_crc.c
              ARGS +seed=1 +count=800000)
target_include_directories(rtl_rx_dpi PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../icrc)
tern_rtl_run(rx_soak BENCH rx ARGS +seed=2 +count=20000000 LABELS soak TIMEOUT 3600)

# What tern_emit sends
tern_rtl_test(NAME rx_loop TOP tb_rx_loop SOURCES rx/tb_rx_loop.sv ARGS +seed=1 +count=20000)

tern_rtl_test(NAME loop TOP tb_loop SOURCES rx/tb_loop.sv ARGS +seed=1 +count=100000)
