/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Host memory behind the AXI port of an adapter: tb_mem with the timing of a PCIe link, that is a
 * fixed latency of reads and one beat per cycle and direction. Requests are taken whenever the
 * adapter makes them, so what is slow here is the adapter.
 */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "rtl.h"

#define MEMORY_REQUESTS 256u	/* under way, each direction; more than the adapter has tags */

struct memory_burst {
	uint64_t address, due;
	uint8_t id, beats;	/* less one */
	uint8_t resp;
};

struct memory {
	const struct rtl_pins *pins;
	uint64_t cycle;
	uint32_t read_cycles, write_cycles;
	struct memory_burst reads[MEMORY_REQUESTS], writes[MEMORY_REQUESTS], done[MEMORY_REQUESTS];
	uint32_t read_head, read_tail, write_head, write_tail, done_head, done_tail;
	uint32_t read_beat, write_beat;
	bool r_taken, b_taken;
	uint64_t read_beats, write_beats, read_bursts;
};

void memory_init(struct memory *memory, const struct rtl_pins *pins);
/* Just before the clock edge, and just after it */
void memory_sample(struct memory *memory);
void memory_drive(struct memory *memory);

#endif
