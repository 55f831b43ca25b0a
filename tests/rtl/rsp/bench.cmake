# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME rsp TOP tb_rsp SOURCES rsp/tb_rsp_pkg.sv rsp/tb_rsp.sv
              ARGS +seed=1 +count=200000)
tern_rtl_run(rsp_soak BENCH rsp ARGS +seed=2 +count=5000000 LABELS soak TIMEOUT 3600)
