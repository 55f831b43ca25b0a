# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# tern_scatter and tern_place, one behind the other
tern_rtl_bench(place TOP tb_place SOURCES place/tb_place.sv DPI place/place_model.c)
tern_rtl_run(place BENCH place ARGS +seed=1 +count=120000)
tern_rtl_run(place_soak BENCH place ARGS +seed=2 +count=3000000 +rates=0
             LABELS soak TIMEOUT 3600)

# Few buffers and slots: entries are fetched again and again, everything is full all the time
tern_rtl_test(NAME place_small TOP tb_place SOURCES place/tb_place.sv DPI place/place_model.c
              FLAGS -GBufs=4 -GDepth=4 -GSlotW=3 ARGS +seed=3 +count=100000 +rates=0)
