// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Memory of the scoreboard, see rdma_area.h

#include "rdma_area.h"

#include <stdlib.h>
#include <string.h>

#include "tb_mem.h"

#define CHUNK 4096u

/* -------------------------------------------------------------------------------- messages */

static uint64_t message_word(uint64_t seed, uint64_t k)
{
	uint64_t z = seed + k * 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	return z ^ z >> 29;
}

void message_bytes(uint64_t seed, uint64_t at, uint8_t *to, uint64_t len)
{
	while (len) {
		uint64_t word = message_word(seed, at / 8) >> (at % 8 * 8);
		uint64_t n = 8 - at % 8;

		if (n > len)
			n = len;
		for (uint64_t k = 0; k < n; k++, word >>= 8)
			to[k] = (uint8_t)word;
		to += n;
		at += n;
		len -= n;
	}
}

/* ----------------------------------------------------------------------------------- areas */

/* Bus address of a byte of the pages; *run: how many follow in a row */
static uint64_t span_bus(const struct area *area, uint64_t at, uint64_t *run)
{
	const struct mr *mr = &area->mr;
	uint64_t page;

	if (!mr->attr.level) {
		*run = area->span - at;
		return mr->pages[0] - area->lead + at;
	}
	page = 1ull << mr->attr.page_shift;
	*run = page - (at & (page - 1));
	return mr->pages[at >> mr->attr.page_shift] + (at & (page - 1));
}

static void put_span(const struct area *area, uint64_t at, uint64_t len)
{
	while (len) {
		uint64_t run, bus = span_bus(area, at, &run);

		if (run > len)
			run = len;
		tb_mem_put(bus, area->shadow + at, run);
		at += run;
		len -= run;
	}
}

void area_create(struct area *area, uint32_t node, uint32_t index, const struct mr_attr *attr)
{
	struct mr *mr = &area->mr;

	memset(area, 0, sizeof(*area));
	mr_create(mr, node, index, attr);
	if (attr->level) {
		area->lead = attr->va & ((1ull << attr->page_shift) - 1);
		area->span = (uint64_t)mr->count << attr->page_shift;
	} else {
		area->lead = mr->pages[0] & 0xfff;
		area->span = (area->lead + attr->length + 0xfff) & ~0xfffull;
	}
	area->shadow = malloc(area->span);
	check(area->shadow, "no memory for the bench");
	message_bytes(rnd64(), 0, area->shadow, area->span);
	put_span(area, 0, area->span);
}

void area_fill(struct area *area, uint64_t offset, uint64_t seed, uint64_t at, uint64_t len)
{
	message_bytes(seed, at, area->shadow + area->lead + offset, len);
	put_span(area, area->lead + offset, len);
}

static void fail_at(const struct area *area, const char *what, uint64_t offset, uint64_t k,
		    uint64_t len, const uint8_t *is, const uint8_t *should)
{
	uint64_t run, bad = 0;

	for (uint64_t i = k; i < len; i++)
		bad += is[i] != should[i];
	fail("%s: node %u, region %x, level %u, offset %llx + %llx (bus %llx): %02x, not %02x; %llu bytes wrong",
	     what, area->mr.node, area->mr.key, area->mr.attr.level, (unsigned long long)offset,
	     (unsigned long long)k, (unsigned long long)span_bus(area, area->lead + offset + k, &run),
	     is[k], should[k], (unsigned long long)bad);
}

static void compare(const struct area *area, uint64_t offset, uint64_t len, const char *what)
{
	const uint8_t *should = area->shadow + area->lead + offset;
	static uint8_t is[CHUNK];

	while (len) {
		uint64_t run, bus = span_bus(area, area->lead + offset, &run);

		if (run > len)
			run = len;
		if (run > CHUNK)
			run = CHUNK;
		tb_mem_get(bus, is, run);
		if (memcmp(is, should, run)) {
			for (uint64_t k = 0; k < run; k++)
				if (is[k] != should[k])
					fail_at(area, what, offset, k, run, is, should);
		}
		offset += run;
		should += run;
		len -= run;
	}
}

void area_expect(struct area *area, uint64_t offset, uint64_t seed, uint64_t at, uint64_t len,
		 const char *what)
{
	message_bytes(seed, at, area->shadow + area->lead + offset, len);
	compare(area, offset, len, what);
}

void area_unchanged(const struct area *area, uint64_t offset, uint64_t len, const char *what)
{
	compare(area, offset, len, what);
}

void area_accept(struct area *area, uint64_t offset, uint64_t len)
{
	mr_get(&area->mr, offset, area->shadow + area->lead + offset, len);
}

void area_check_around(const struct area *area)
{
	uint64_t end = area->mr.attr.length;

	/* The offset wraps below 0 */
	compare(area, -area->lead, area->lead, "memory before a region");
	compare(area, end, area->span - area->lead - end, "memory behind a region");
}

void area_check(const struct area *area)
{
	/* From the first byte of the first page: the offset wraps below 0 */
	compare(area, -area->lead, area->span, "memory that nobody should write");
}

void area_assume64(struct area *area, uint64_t offset, uint64_t value)
{
	for (uint32_t k = 0; k < 8; k++)
		area->shadow[area->lead + offset + k] = (uint8_t)(value >> (8 * k));
}

void area_set64(struct area *area, uint64_t offset, uint64_t value)
{
	area_assume64(area, offset, value);
	put_span(area, area->lead + offset, 8);
}

uint64_t area_get64(const struct area *area, uint64_t offset)
{
	uint8_t b[8];
	uint64_t value = 0;

	mr_get(&area->mr, offset, b, 8);
	for (uint32_t k = 0; k < 8; k++)
		value |= (uint64_t)b[k] << (8 * k);
	return value;
}

void area_shuffle(struct area *area)
{
	mr_shuffle(&area->mr);
	put_span(area, 0, area->span);
}

/* ---------------------------------------------------------------------------------- slices */

bool slice_init(struct slice *slice, struct area *area, uint64_t size)
{
	if (area->given + size > area->mr.attr.length)
		return false;
	slice->area = area;
	slice->start = area->given;
	slice->size = size;
	slice->head = 0;
	slice->tail = 0;
	area->given += size;
	return true;
}

bool slice_take(struct slice *slice, uint64_t len, uint64_t align, uint64_t *offset)
{
	uint64_t va = slice->area->mr.attr.va + slice->start;
	uint64_t pos = slice->head;

	/* Not over the end. The hole is given back with what comes before it */
	for (uint32_t k = 0; k < 2; k++) {
		pos += -(va + pos % slice->size) & (align - 1);
		if (pos % slice->size + len <= slice->size)
			break;
		pos += slice->size - pos % slice->size;
	}
	if (pos % slice->size + len > slice->size || pos + len - slice->tail > slice->size)
		return false;
	slice->head = pos + len;
	*offset = slice->start + pos % slice->size;
	return true;
}
