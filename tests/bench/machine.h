/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Two Verilated adapters in one process, wire to wire, each with a host memory of its own timing.
 * One call is one clock cycle of both; nothing else moves time.
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdbool.h>
#include <stdint.h>


#define NS_PER_CYCLE 4u

struct machine_options {
	uint32_t read_cycles;	/* from a read request to its first data */
	uint32_t write_cycles;	/* from the last data of a write to its answer */
	uint64_t seed;
};

/* What passed at the pins of a node; times are in cycles, of the last such thing */
struct pin_times {
	uint64_t store;		/* a doorbell or push store was taken */
	uint64_t first_sent;	/* first beat of a frame */
	uint64_t last_received;	/* last beat of a frame */
	uint64_t frames_sent, frames_lost;
};

/* Powers up and resets both; false with a message if the model cannot be built */
bool machine_start(const struct machine_options *options);
void machine_stop(void);

void machine_cycle(void);
uint64_t machine_now(void);		/* cycles since the start */
const struct pin_times *machine_times(uint32_t node);
double machine_khz(void);		/* cycles of each adapter per ms of processor time */
void machine_set_latency(uint32_t read_cycles, uint32_t write_cycles);
/* Of a million frames, in both directions */
void machine_set_loss(uint32_t per_million);

/* Does what the program on top of rdma_bus.h asks for, until it ends. The program may also call
 * the functions above itself
 */
void machine_run(const char *program, uint64_t seed);

#endif
