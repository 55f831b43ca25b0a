# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME eth TOP tb_eth SOURCES eth/tb_eth.sv ARGS +seed=1 +frames=20000)
tern_rtl_run(eth_stall BENCH eth ARGS +seed=2 +frames=8000 +axi_stall=60 +axi_lat_max=200)
tern_rtl_run(eth_soak BENCH eth ARGS +seed=3 +frames=500000 LABELS soak TIMEOUT 3600)
