# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(job TOP tb_job SOURCES job/tb_job.sv)
tern_rtl_run(job BENCH job ARGS +seed=1 +count=120000)
tern_rtl_run(job_soak BENCH job ARGS +seed=2 +count=6000000 LABELS soak TIMEOUT 3600)

# Hardly any slots: everything waits for one
tern_rtl_test(NAME job_small TOP tb_job SOURCES job/tb_job.sv FLAGS -GSlots=2
              ARGS +seed=3 +count=60000)
