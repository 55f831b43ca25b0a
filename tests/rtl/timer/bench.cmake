# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME timer TOP tb_timer SOURCES timer/tb_timer.sv ARGS +seed=1 +count=200000)
tern_rtl_run(timer_soak BENCH timer ARGS +seed=2 +count=5000000 LABELS soak TIMEOUT 3600)
