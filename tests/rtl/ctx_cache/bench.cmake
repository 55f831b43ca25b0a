# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME ctx_cache TOP tb_ctx_cache SOURCES ctx_cache/tb_ctx_cache.sv
              ARGS +seed=1 +count=200000)
tern_rtl_run(ctx_cache_soak BENCH ctx_cache ARGS +seed=2 +count=5000000 LABELS soak TIMEOUT 3600)

# Few ways and slots: every conflict there is
tern_rtl_test(NAME ctx_cache_small TOP tb_ctx_cache SOURCES ctx_cache/tb_ctx_cache.sv
              FLAGS -GSets=2 -GWays=2 -GSlots=4 -GBacks=2 ARGS +seed=3 +count=200000)
