/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The client's memory that the adapter may reach, and how bytes move to and from it. */
#ifndef SIM_DMA_MAP_H
#define SIM_DMA_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMA_BEAT	64u	/* bytes the bus moves at once, always aligned */

struct dma_region {
	uint64_t first;		/* bus address of the first and the last byte */
	uint64_t last;
	uint8_t *host;		/* NULL: the client sent no descriptor, nothing is reachable */
	bool readable;
	bool writable;
	bool lost;		/* the file was cut under the mapping */
};

/* Regions sorted by address; none overlap. One map per process, because of SIGBUS. */
struct dma_map {
	struct dma_region *regions;
	size_t count;
	size_t room;
	size_t recent;		/* where the last look-up ended */
	/* Grows when a region goes or is lost: who keeps a host pointer compares it first. */
	uint64_t generation;
};

enum dma_access {
	DMA_OK,
	DMA_UNMAPPED,		/* nobody answers at that address */
	DMA_UNREACHABLE,	/* mapped without a descriptor */
	DMA_DENIED,		/* somebody does, and refuses */
};

/* dma_map_init() takes over SIGBUS. All int results are 0 or an errno. */
int dma_map_init(struct dma_map *map);
void dma_map_destroy(struct dma_map *map);

/* fd may be -1; it stays the caller's. flags are VFIO_DMA_MAP_FLAG_*. */
int dma_map_add(struct dma_map *map, uint64_t address, uint64_t size, uint32_t flags, int fd,
		uint64_t offset);
int dma_map_remove(struct dma_map *map, uint64_t address, uint64_t size);
void dma_map_clear(struct dma_map *map);

/* Where [address, address + size) is in this process, if one region holds all of it */
enum dma_access dma_map_find(struct dma_map *map, uint64_t address, uint64_t size, bool write,
			     uint8_t **host);

/* Move one aligned beat. False: the memory has gone and the data is void. */
bool dma_load_beat(struct dma_map *map, uint8_t *data, const uint8_t *host);
bool dma_store_beat(struct dma_map *map, uint8_t *host, const uint8_t *data, uint64_t strobe);

#endif
