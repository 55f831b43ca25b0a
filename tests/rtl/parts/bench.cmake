# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# The small blocks of rtl/common that every engine is made of
tern_rtl_bench(parts TOP tb_parts SOURCES parts/tb_parts.sv parts/tb_streams.sv
               parts/tb_gate.sv parts/tb_table.sv parts/tb_wire.sv)
tern_rtl_run(parts BENCH parts ARGS +seed=1 +count=100000)
tern_rtl_run(parts_soak BENCH parts ARGS +seed=2 +count=10000000 LABELS soak TIMEOUT 3600)
