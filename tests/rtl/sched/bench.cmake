# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(sched TOP tb_sched SOURCES sched/tb_sched.sv)
tern_rtl_run(sched BENCH sched ARGS +seed=1 +count=200000)
tern_rtl_run(sched_soak BENCH sched ARGS +seed=2 +count=10000000 LABELS soak TIMEOUT 3600)

tern_rtl_test(NAME rq_tbl TOP tb_rq_tbl SOURCES sched/tb_rq_tbl.sv ARGS +seed=1 +count=200000)
tern_rtl_run(rq_tbl_soak BENCH rq_tbl ARGS +seed=2 +count=10000000 LABELS soak TIMEOUT 3600)

tern_rtl_test(NAME push TOP tb_push SOURCES sched/tb_push.sv ARGS +seed=1 +count=300000)
tern_rtl_run(push_soak BENCH push ARGS +seed=2 +count=10000000 LABELS soak TIMEOUT 3600)

find_program(YOSYS_SMTBMC yosys-smtbmc)
if(YOSYS_SMTBMC)
  add_test(NAME rtl.sched_proof
           COMMAND ${CMAKE_CURRENT_LIST_DIR}/../prove ${CMAKE_CURRENT_BINARY_DIR}/sched_proof
                   prove_sched 12 -defer -D TERN_PROOF -I ${CMAKE_CURRENT_LIST_DIR} ${tern_rtl_packages}
                   ${tern_rtl}/common/tern_rr_arb.sv ${tern_rtl}/common/tern_fifo.sv
                   ${tern_rtl}/sched/tern_qpn_fifo.sv ${tern_rtl}/sched/tern_sched.sv
                   ${CMAKE_CURRENT_LIST_DIR}/prove_sched.sv)
  set_tests_properties(rtl.sched_proof PROPERTIES LABELS "rtl;proof" TIMEOUT 1800)
endif()
