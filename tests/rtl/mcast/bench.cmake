# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME mcast TOP tb_mcast SOURCES mcast/tb_mcast.sv ARGS +seed=1 +count=20000)
