# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
set(seg_sources seg/tb_seg_pkg.sv seg/tb_seg.sv)

tern_rtl_test(NAME seg TOP tb_seg SOURCES ${seg_sources} DPI seg/seg_model.c
              ARGS +seed=1 +count=300000)
tern_rtl_run(seg_soak BENCH seg ARGS +seed=2 +count=1000000 LABELS soak TIMEOUT 3600)
