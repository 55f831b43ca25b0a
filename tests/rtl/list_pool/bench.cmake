# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(list_pool TOP tb_list_pool SOURCES list_pool/tb_list_pool.sv)
tern_rtl_run(list_pool BENCH list_pool ARGS +seed=1 +count=300000)
tern_rtl_run(list_pool_soak BENCH list_pool ARGS +seed=2 +count=10000000 LABELS soak TIMEOUT 3600)

# Nobody has an entry of his own
tern_rtl_test(NAME list_pool_shared TOP tb_list_pool SOURCES list_pool/tb_list_pool.sv
              FLAGS -GPrivate=0 -GShared=8 ARGS +seed=3 +count=300000)
