/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Host memory as the adapter's AXI4 master sees it: PCI Express, latency and all. */
#ifndef SIM_AXI_H
#define SIM_AXI_H

#include <stdbool.h>
#include <stdint.h>

#include "dma_map.h"
#include "rtl.h"
#include "stats.h"

#define AXI_IDS		64u
#define AXI_READS	256u	/* bursts outstanding; a power of two */
#define AXI_WRITES	64u

struct axi_read {
	uint64_t due;		/* cycle in which the first beat may go */
	uint64_t serial;	/* order of arrival, breaks ties */
	uint64_t address;
	uint8_t id;
	uint8_t beats;		/* less one, as on the bus */
	bool bad;		/* not a burst that the contract allows */
};

struct axi_write {
	uint64_t address;
	uint8_t id;
	uint8_t beats;
	bool bad;
};

struct axi_done {
	uint64_t due;
	uint8_t id;
	uint8_t resp;
};

/* One burst's way to its memory; void when the map has changed */
struct axi_target {
	uint64_t generation;
	uint8_t *host;
	uint8_t resp;
	bool valid;
};

struct axi {
	const struct rtl_pins *pins;
	struct dma_map *map;
	struct stats *stats;
	uint64_t cycle;
	uint64_t latency;	/* cycles; every read adds up to a quarter of it */
	uint64_t random;
	bool bus_master;

	/* Reads wait in a heap, the earliest due on top. Those of one ID stay in order. */
	struct axi_read reads[AXI_READS];
	unsigned int read_count;
	uint64_t read_serial;
	uint64_t last_due[AXI_IDS];
	struct axi_read current;
	struct axi_target source;
	unsigned int beat;
	bool reading;

	struct axi_write writes[AXI_WRITES];
	unsigned int write_head;
	unsigned int write_tail;
	struct axi_target sink;
	unsigned int write_beat;
	uint8_t write_resp;

	struct axi_done done[AXI_WRITES];
	unsigned int done_head;
	unsigned int done_tail;

	/* What the pins agreed on before the clock edge */
	bool r_taken;
	bool b_taken;
};

void axi_init(struct axi *axi, const struct rtl_pins *pins, struct dma_map *map,
	      struct stats *stats, uint64_t latency);
void axi_reset(struct axi *axi);

/* Just before the clock edge: look at the outputs, move the data of accepted writes */
void axi_sample(struct axi *axi);
/* Just after it: set the inputs of the next cycle */
void axi_drive(struct axi *axi);

bool axi_is_idle(const struct axi *axi);

#endif
