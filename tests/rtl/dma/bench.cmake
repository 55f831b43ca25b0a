# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(dma TOP tb_dma SOURCES dma/tb_dma.sv)
tern_rtl_run(dma BENCH dma ARGS +seed=1 +count=120000)
tern_rtl_run(dma_fast BENCH dma ARGS +seed=2 +count=40000 +axi_stall=0 +axi_lat_max=0)
tern_rtl_run(dma_soak BENCH dma ARGS +seed=3 +count=2000000 LABELS soak TIMEOUT 3600)
