# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME mcast TOP tb_mcast SOURCES mcast/tb_mcast.sv ARGS +seed=1 +count=20000)
tern_rtl_test(NAME fanout TOP tb_fanout SOURCES mcast/tb_fanout.sv ARGS +seed=1 +count=200000)
tern_rtl_run(fanout_soak BENCH fanout ARGS +seed=2 +count=5000000 LABELS soak TIMEOUT 3600)
