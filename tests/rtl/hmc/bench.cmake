# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
set(hmc_model hmc/hmc_host.c hmc/hmc_access.c hmc/hmc_dma.c hmc/hmc_script.c)

# Fewer segments than the limits could fill, so that layouts can overflow
tern_rtl_test(NAME hmc TOP tb_hmc SOURCES hmc/tb_hmc.sv DPI ${hmc_model}
              ARGS +seed=1 +count=300000)
tern_rtl_run(hmc_soak BENCH hmc ARGS +seed=2 +count=20000000 LABELS soak TIMEOUT 3600)

# Few slots, fetches and cache entries: every conflict there is
tern_rtl_test(NAME hmc_small TOP tb_hmc SOURCES hmc/tb_hmc.sv DPI ${hmc_model}
              FLAGS -GNumSlots=16 -GNumFetches=2 -GPdCacheEntries=8
              ARGS +seed=3 +count=200000)

# The segment table as it is built
tern_rtl_test(NAME hmc_full TOP tb_hmc SOURCES hmc/tb_hmc.sv DPI ${hmc_model}
              FLAGS -GNumSds=1024 ARGS +seed=4 +count=200000)

tern_rtl_test(NAME hmc_perf TOP tb_hmc_perf SOURCES hmc/tb_hmc_perf.sv)

find_program(YOSYS_SMTBMC yosys-smtbmc)
if(YOSYS_SMTBMC)
  add_test(NAME rtl.hmc_layout_proof
           COMMAND ${CMAKE_CURRENT_LIST_DIR}/prove_layout ${tern_rtl}
                   ${CMAKE_CURRENT_BINARY_DIR}/hmc_layout_proof)
  set_tests_properties(rtl.hmc_layout_proof PROPERTIES LABELS rtl TIMEOUT 300)
endif()
