/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The admin queue: one function per command
 *
 * All functions may sleep, and end within a bound: a device that does not answer in time
 * is marked dead and reset. All return 0 or a negative errno: -ENODEV without asking if
 * the device is dead or the queue is stopped, -ETIMEDOUT, or -EIO if the device refused.
 */

#ifndef TERN_CORE_AQ_H
#define TERN_CORE_AQ_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "tern_hw.h"

struct tern_core;

/**
 * struct tern_aq - admin queue and its completion queue
 * @core: the function
 * @lock: one command at a time; guards everything below
 * @cmds: ring of commands
 * @answers: ring of completions
 * @stats: buffer for QUERY_STATS
 * @cmds_dma: bus address of @cmds
 * @answers_dma: bus address of @answers
 * @stats_dma: bus address of @stats
 * @index: commands posted since the start, and answers taken
 * @running: commands may be posted
 */
struct tern_aq {
	struct tern_core *core;
	struct mutex lock;	/* guards everything below */
	struct tern_hw_aq_cmd *cmds;
	struct tern_hw_acqe *answers;
	struct tern_hw_eth_stats *stats;
	dma_addr_t cmds_dma;
	dma_addr_t answers_dma;
	dma_addr_t stats_dma;
	u32 index;
	bool running;
};

void tern_aq_init(struct tern_aq *aq, struct tern_core *core);
int tern_aq_start(struct tern_aq *aq);
void tern_aq_stop(struct tern_aq *aq);

int tern_aq_create_cq(struct tern_aq *aq, u16 cqn, dma_addr_t ring, u8 log_size, int vector);
int tern_aq_destroy_cq(struct tern_aq *aq, u16 cqn);
int tern_aq_create_queue(struct tern_aq *aq, u16 num, bool rx, dma_addr_t ring, u8 log_size,
			 u16 cqn);
int tern_aq_destroy_queue(struct tern_aq *aq, u16 num, bool rx);
int tern_aq_set_address(struct tern_aq *aq, const u8 *addr);
int tern_aq_set_filter(struct tern_aq *aq, bool promisc, bool multicast);
int tern_aq_query_stats(struct tern_aq *aq, u64 *counters, u32 count);

#endif /* TERN_CORE_AQ_H */
