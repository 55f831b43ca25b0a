# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME ack TOP tb_ack SOURCES ack/tb_ack.sv ARGS +seed=1 +count=300000)
tern_rtl_run(ack_soak BENCH ack ARGS +seed=2 +count=5000000 LABELS soak TIMEOUT 3600)
