# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME rh TOP tb_rh SOURCES rh/tb_rh_pkg.sv rh/tb_rh.sv ARGS +seed=1 +count=150000)
tern_rtl_run(rh_soak BENCH rh ARGS +seed=2 +count=5000000 LABELS soak TIMEOUT 3600)
