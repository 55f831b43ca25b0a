# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
set(mr_dpi mr/mr_model.c mr/mr_command.c)
tern_rtl_test(NAME mr TOP tb_mr SOURCES mr/tb_mr.sv DPI ${mr_dpi} ARGS +seed=1 +count=200000)
tern_rtl_run(mr_soak BENCH mr ARGS +seed=2 +count=4000000 LABELS soak TIMEOUT 3600)

# Few lines and slots: evictions all the time
tern_rtl_test(NAME mr_small TOP tb_mr SOURCES mr/tb_mr.sv DPI ${mr_dpi}
              FLAGS -GSlots=4 -GMrteSets=2 -GPbleSets=2 -GWays=2 ARGS +seed=3 +count=100000)
