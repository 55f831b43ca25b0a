# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME cqp TOP tb_cqp SOURCES cqp/tb_cqp.sv ARGS +seed=1 +count=20000)
tern_rtl_run(cqp_soak BENCH cqp ARGS +seed=2 +count=300000 LABELS soak TIMEOUT 1800)

# With engines for queue pairs and memory regions
tern_rtl_test(NAME cqp_engines TOP tb_cqp SOURCES cqp/tb_cqp.sv FLAGS -GHave=1'b1
              ARGS +seed=3 +count=20000)
