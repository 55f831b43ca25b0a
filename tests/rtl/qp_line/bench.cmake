# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME qp_line TOP tb_qp_line SOURCES qp_line/tb_qp_line.sv
              ARGS +seed=1 +count=200000)
tern_rtl_run(qp_line_soak BENCH qp_line ARGS +seed=2 +count=5000000 LABELS soak TIMEOUT 3600)
