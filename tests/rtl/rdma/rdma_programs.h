/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What tb_rdma can be started with: +program=NAME */
#ifndef RDMA_PROGRAMS_H
#define RDMA_PROGRAMS_H

void program_basic(void);
void program_self(void);
void program_random(void);
void program_errors(void);
void program_reads(void);
void program_states(void);
void program_uc(void);
void program_ud(void);
void program_mcast(void);
void program_eth(void);
void program_fuzz(void);

#endif
