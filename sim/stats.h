/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Counters of one run, printed by --stats. */
#ifndef SIM_STATS_H
#define SIM_STATS_H

#include <stdint.h>
#include <stdio.h>

#include "protocol.h"

struct stats {
	uint64_t cycles;
	uint64_t busy_ns;		/* wall time spent clocking and serving */
	uint64_t messages[VU_COMMANDS];
	uint64_t unknown_messages;
	uint64_t error_replies;
	uint64_t connections;
	uint64_t resets;
	uint64_t register_reads;
	uint64_t register_writes;
	uint64_t doorbells;
	uint64_t dma_reads;		/* bursts */
	uint64_t dma_read_bytes;
	uint64_t dma_writes;
	uint64_t dma_write_bytes;
	uint64_t dma_errors;		/* bursts answered with an error */
	uint64_t interrupts;		/* requests of the RTL */
	uint64_t interrupts_sent;	/* event descriptors signalled */
};

void stats_print(const struct stats *stats, FILE *out);

#endif
