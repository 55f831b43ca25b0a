# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(irq TOP tb_irq SOURCES irq/tb_irq.sv)
tern_rtl_run(irq BENCH irq ARGS +seed=1 +count=200000)
tern_rtl_run(irq_soak BENCH irq ARGS +seed=2 +count=20000000 LABELS soak TIMEOUT 3600)
