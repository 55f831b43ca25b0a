# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME qp_ctl TOP tb_qp_ctl SOURCES qpc/tb_qp_ctl.sv ARGS +seed=1 +count=20000)
tern_rtl_run(qp_ctl_soak BENCH qp_ctl ARGS +seed=2 +count=1000000 LABELS soak TIMEOUT 3600)
