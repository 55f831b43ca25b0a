/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Memory of the scoreboard. An area is a region with a copy of what must be in it, and in all of
 * the pages around it. A slice is a part of an area out of which pieces are taken and given back
 * in order, as requests of one queue are. What messages carry follows from a seed, so that
 * nobody has to keep it.
 */
#ifndef RDMA_AREA_H
#define RDMA_AREA_H

#include "rdma_adapter.h"

struct area {
	struct mr mr;
	uint8_t *shadow;	/* of all pages */
	uint64_t span, lead;	/* bytes of them; those before the region */
	uint64_t given;		/* bytes of the region that slices have */
};

/* A region filled with anything */
void area_create(struct area *area, uint32_t node, uint32_t index, const struct mr_attr *attr);
/* Bytes at to at + len - 1 of the message seed, in memory and copy */
void area_fill(struct area *area, uint64_t offset, uint64_t seed, uint64_t at, uint64_t len);
/* They must have come here. The copy takes them over */
void area_expect(struct area *area, uint64_t offset, uint64_t seed, uint64_t at, uint64_t len,
		 const char *what);
/* Nothing must have come here */
void area_unchanged(const struct area *area, uint64_t offset, uint64_t len, const char *what);
/* The same for all of it and what is around it. Nothing may be under way */
void area_check(const struct area *area);
/* Whatever has come here is right. The copy takes it over */
void area_accept(struct area *area, uint64_t offset, uint64_t len);
/* The same as area_unchanged(), for what is around the region */
void area_check_around(const struct area *area);
/* The copy becomes value, whatever is in memory */
void area_assume64(struct area *area, uint64_t offset, uint64_t value);
void area_set64(struct area *area, uint64_t offset, uint64_t value);
uint64_t area_get64(const struct area *area, uint64_t offset);
/* The pages of a fast region trade places; what is in it stays */
void area_shuffle(struct area *area);

void message_bytes(uint64_t seed, uint64_t at, uint8_t *to, uint64_t len);

struct slice {
	struct area *area;
	uint64_t start, size;
	uint64_t head, tail;	/* count bytes for ever */
};

/* The next size bytes of the area; false if there are not so many */
bool slice_init(struct slice *slice, struct area *area, uint64_t size);
/* Offset in the area of len bytes, at a multiple of align of its virtual addresses; false if there
 * is no room
 */
bool slice_take(struct slice *slice, uint64_t len, uint64_t align, uint64_t *offset);

#endif
