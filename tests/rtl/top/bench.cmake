# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(top TOP tb_top SOURCES top/tb_top.sv
               DPI top/host_bus.c top/host_model.c top/host_build.c top/host_events.c
                   top/host_bringup.c top/host_life.c top/host_perf.c top/host_faults.c)
target_include_directories(rtl_top_dpi PRIVATE ${tern_rtl}/../abi/gen)
tern_rtl_run(top BENCH top ARGS +seed=1 +count=100000 TIMEOUT 600)
tern_rtl_run(top_nop BENCH top ARGS +seed=1 +program=1)
tern_rtl_run(top_faults BENCH top ARGS +seed=1 +program=2)
tern_rtl_run(top_soak BENCH top ARGS +seed=2 +count=3000000 LABELS soak TIMEOUT 3600)
