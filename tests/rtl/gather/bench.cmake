# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(gather TOP tb_gather SOURCES gather/tb_gather.sv)
tern_rtl_run(gather BENCH gather ARGS +seed=1 +count=100000)
tern_rtl_run(gather_fast BENCH gather ARGS +seed=2 +count=40000 +axi_stall=0 +axi_lat_max=4 +gap=0)
tern_rtl_run(gather_slow BENCH gather ARGS +seed=3 +count=20000 +axi_lat_max=600 +gap=10 +emit_gap=2)
tern_rtl_run(gather_errors BENCH gather ARGS +seed=5 +count=20000 +err=300 +axi_lat_max=8)
tern_rtl_run(gather_soak BENCH gather ARGS +seed=4 +count=3000000 LABELS soak TIMEOUT 7200)
