# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME eq TOP tb_eq SOURCES eq/tb_eq_pkg.sv eq/tb_eq.sv DPI eq/eq_model.c
              ARGS +seed=1 +count=200000)
target_include_directories(rtl_eq_dpi PRIVATE ${tern_rtl}/../abi/gen)
tern_rtl_run(eq_soak BENCH eq ARGS +seed=2 +count=4000000 LABELS soak TIMEOUT 3600)
