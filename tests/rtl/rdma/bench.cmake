# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
# A driver for two adapters (rdma_adapter.h) and programs on top of it, in one bench
set(tern_rdma_library rdma/rdma_bus.c rdma/rdma_adapter.c rdma/rdma_mr.c rdma/rdma_qp.c)
tern_rtl_bench(rdma TOP tb_rdma
               SOURCES rdma/tb_rdma.sv rdma/tb_rdma_wire.sv
               DPI ${tern_rdma_library} rdma/rdma_host.c rdma/rdma_basic.c rdma/rdma_self.c
                   rdma/rdma_area.c rdma/rdma_traffic.c rdma/rdma_post.c rdma/rdma_score.c
                   rdma/rdma_random.c rdma/rdma_pair.c rdma/rdma_expect.c rdma/rdma_errors.c
                   rdma/rdma_reads.c rdma/rdma_states.c rdma/rdma_uc.c rdma/rdma_ud.c rdma/rdma_mcast.c
                   rdma/rdma_netdev.c rdma/rdma_eth.c
                   rdma/rdma_fuzz.c rdma/fuzz_frame.c rdma/fuzz_mutate.c rdma/fuzz_model.c
                   rdma/fuzz_wire.c rdma/fuzz_beside.c rdma/fuzz_victim.c rdma/fuzz_wr.c
                   rdma/fuzz_aim.c rdma/fuzz_table.c rdma/fuzz_account.c rdma/fuzz_cast.c icrc/roce_crc.c)
target_include_directories(rtl_rdma_dpi PRIVATE ${tern_rtl}/../abi/gen ${CMAKE_CURRENT_LIST_DIR}/../icrc)
target_compile_definitions(rtl_rdma_dpi PRIVATE FUZZ_CORPUS="${CMAKE_CURRENT_LIST_DIR}/corpus")
tern_rtl_run(rdma_basic BENCH rdma ARGS +program=basic +seed=1)
tern_rtl_run(rdma_self BENCH rdma ARGS +program=self +seed=1)
tern_rtl_run(rdma_random BENCH rdma ARGS +program=random +count=6000 +seed=1)
tern_rtl_run(rdma_states BENCH rdma ARGS +program=states +seed=1)
tern_rtl_run(rdma_errors BENCH rdma ARGS +program=errors +seed=1)
tern_rtl_run(rdma_reads BENCH rdma ARGS +program=reads +seed=1)
tern_rtl_run(rdma_uc BENCH rdma ARGS +program=uc +seed=1)
tern_rtl_run(rdma_ud BENCH rdma ARGS +program=ud +seed=1)
tern_rtl_run(rdma_mcast BENCH rdma ARGS +program=mcast +seed=1)
tern_rtl_run(rdma_soak BENCH rdma ARGS +program=random +count=60000 +seed=2 LABELS soak TIMEOUT 7200)

# Hostile frames: docs/wire.md
tern_rtl_run(rdma_fuzz BENCH rdma ARGS +program=fuzz +count=30000 +seed=1)
tern_rtl_run(rdma_fuzz2 BENCH rdma ARGS +program=fuzz +count=30000 +seed=2)
foreach(seed RANGE 101 108)
  tern_rtl_run(rdma_fuzz_soak${seed} BENCH rdma ARGS +program=fuzz +count=625000 +seed=${seed}
               LABELS soak TIMEOUT 7200)
endforeach()

# The Ethernet halves alone
tern_rtl_run(eth_pair BENCH rdma ARGS +program=eth +count=12000 +seed=1)
tern_rtl_run(eth_pair_soak BENCH rdma ARGS +program=eth +count=100000 +seed=2
             LABELS soak TIMEOUT 3600)
