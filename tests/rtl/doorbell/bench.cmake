# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(doorbell TOP tb_doorbell SOURCES doorbell/tb_doorbell.sv)
tern_rtl_run(doorbell BENCH doorbell ARGS +seed=1 +count=200000)
tern_rtl_run(doorbell_soak BENCH doorbell ARGS +seed=2 +count=20000000 LABELS soak TIMEOUT 3600)
