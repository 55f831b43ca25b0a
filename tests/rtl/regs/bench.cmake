# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(regs TOP tb_regs SOURCES regs/tb_regs.sv)
tern_rtl_run(regs BENCH regs ARGS +seed=1 +count=100000)
tern_rtl_run(regs_soak BENCH regs ARGS +seed=2 +count=5000000 LABELS soak TIMEOUT 3600)
