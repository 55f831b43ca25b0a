# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(rr TOP tb_rr SOURCES rr/tb_rr.sv)
tern_rtl_run(rr BENCH rr ARGS +seed=1 +count=60000)
tern_rtl_run(rr_soak BENCH rr ARGS +seed=2 +count=2000000 LABELS soak TIMEOUT 3600)
