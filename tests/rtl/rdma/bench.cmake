# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
tern_rtl_bench(rdma TOP tb_rdma SOURCES rdma/tb_rdma.sv rdma/tb_rdma_node.sv DPI rdma/rdma_host.c)
target_include_directories(rtl_rdma_dpi PRIVATE ${tern_rtl}/../abi/gen)
tern_rtl_run(rdma BENCH rdma ARGS +seed=1)
