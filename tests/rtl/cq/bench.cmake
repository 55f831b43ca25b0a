# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
set(cq_sources cq/tb_cq_pkg.sv cq/tb_cq_hmc.sv cq/tb_cq_sink.sv cq/tb_cq.sv)

tern_rtl_test(NAME cq TOP tb_cq SOURCES ${cq_sources} DPI cq/cq_model.c
              ARGS +seed=1 +count=200000)
target_include_directories(rtl_cq_dpi PRIVATE ${tern_rtl}/../abi/gen)
tern_rtl_run(cq_soak BENCH cq ARGS +seed=2 +count=4000000 LABELS soak TIMEOUT 3600)

# Few lines, slots and timers: evictions and full tables all the time
tern_rtl_test(NAME cq_small TOP tb_cq SOURCES ${cq_sources} DPI cq/cq_model.c
              FLAGS -GSets=2 -GWays=2 -GSlots=4 -GTimers=4 ARGS +seed=3 +count=200000)
target_include_directories(rtl_cq_small_dpi PRIVATE ${tern_rtl}/../abi/gen)

# About a minute of z3
find_program(YOSYS_SMTBMC yosys-smtbmc)
if(YOSYS_SMTBMC)
  add_test(NAME rtl.cq_step_proof
           COMMAND ${CMAKE_CURRENT_LIST_DIR}/../prove ${CMAKE_CURRENT_BINARY_DIR}/cq_step_proof
                   prove_cq_step 5 ${tern_rtl_packages} ${tern_rtl}/cq/tern_cq_step.sv
                   ${CMAKE_CURRENT_LIST_DIR}/prove_cq_step.sv)
  set_tests_properties(rtl.cq_step_proof PROPERTIES LABELS "rtl;proof" TIMEOUT 1800)
endif()
