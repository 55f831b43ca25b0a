# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_test(NAME ring_addr TOP tb_ring_addr
              SOURCES req/tb_req_pkg.sv req/tb_req_hmc.sv req/tb_ring_addr.sv
              ARGS +seed=1 +count=200000)
tern_rtl_run(ring_addr_soak BENCH ring_addr ARGS +seed=2 +count=5000000 LABELS soak TIMEOUT 3600)

tern_rtl_test(NAME sq_fetch TOP tb_sq_fetch
              SOURCES req/tb_req_pkg.sv req/tb_req_hmc.sv req/tb_sq_fetch.sv
              ARGS +seed=1 +count=30000)
tern_rtl_run(sq_fetch_soak BENCH sq_fetch ARGS +seed=2 +count=2000000 LABELS soak TIMEOUT 3600)

# Figures of both together
tern_rtl_test(NAME req_perf TOP tb_req_perf SOURCES req/tb_req_perf.sv)
