// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Sparse host memory: a hash table of 4 KiB pages, see tb_mem.h

#include "tb_mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT 12
#define PAGE_BYTES ((tb_u64)1 << PAGE_SHIFT)
#define LINE_BYTES 64u

struct page {
	tb_u64 pfn;
	unsigned char *data; /* NULL until something is written */
	unsigned char access;
	unsigned char used;
};

/* Open addressing; the size is a power of two and at most half is used */
static struct page *table;
static size_t table_size;
static size_t table_used;

static size_t slot_of(const struct page *pages, size_t size, tb_u64 pfn)
{
	size_t i = (size_t)((pfn * 0x9e3779b97f4a7c15ULL) >> 20) & (size - 1);

	while (pages[i].used && pages[i].pfn != pfn)
		i = (i + 1) & (size - 1);
	return i;
}

static void *alloc_zeroed(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p) {
		fprintf(stderr, "tb_mem: out of memory\n");
		abort();
	}
	return p;
}

static void grow(void)
{
	size_t size = table_size ? 2 * table_size : 1024;
	struct page *pages = alloc_zeroed(size, sizeof(*pages));

	for (size_t i = 0; i < table_size; i++)
		if (table[i].used)
			pages[slot_of(pages, size, table[i].pfn)] = table[i];
	free(table);
	table = pages;
	table_size = size;
}

static struct page *find(tb_u64 addr)
{
	size_t i;

	if (!table_size)
		return NULL;
	i = slot_of(table, table_size, addr >> PAGE_SHIFT);
	return table[i].used ? &table[i] : NULL;
}

static struct page *find_or_add(tb_u64 addr)
{
	struct page *page = find(addr);

	if (page)
		return page;
	if (2 * (table_used + 1) > table_size)
		grow();
	page = &table[slot_of(table, table_size, addr >> PAGE_SHIFT)];
	page->pfn = addr >> PAGE_SHIFT;
	page->used = 1;
	table_used++;
	return page;
}

void tb_mem_map(tb_u64 addr, tb_u64 len, tb_u32 access)
{
	if ((addr | len) & (PAGE_BYTES - 1)) {
		fprintf(stderr, "tb_mem: map of %llx, %llx bytes: not whole pages\n", addr, len);
		abort();
	}
	for (tb_u64 off = 0; off < len; off += PAGE_BYTES)
		find_or_add(addr + off)->access = (unsigned char)access;
}

tb_u32 tb_mem_access(tb_u64 addr)
{
	const struct page *page = find(addr);

	return page ? page->access : 0;
}

void tb_mem_clear(void)
{
	for (size_t i = 0; i < table_size; i++)
		free(table[i].data);
	free(table);
	table = NULL;
	table_size = 0;
	table_used = 0;
}

/* Bytes of a transfer of len bytes at addr that are in the page of addr */
static tb_u64 in_page(tb_u64 addr, tb_u64 len)
{
	tb_u64 room = PAGE_BYTES - (addr & (PAGE_BYTES - 1));

	return len < room ? len : room;
}

void tb_mem_get(tb_u64 addr, void *buf, tb_u64 len)
{
	unsigned char *to = buf;

	while (len) {
		const struct page *page = find(addr);
		tb_u64 n = in_page(addr, len);

		if (page && page->data)
			memcpy(to, page->data + (addr & (PAGE_BYTES - 1)), n);
		else
			memset(to, 0, n);
		addr += n;
		to += n;
		len -= n;
	}
}

void tb_mem_put(tb_u64 addr, const void *buf, tb_u64 len)
{
	const unsigned char *from = buf;

	while (len) {
		struct page *page = find_or_add(addr);
		tb_u64 n = in_page(addr, len);

		if (!page->data)
			page->data = alloc_zeroed(1, PAGE_BYTES);
		memcpy(page->data + (addr & (PAGE_BYTES - 1)), from, n);
		addr += n;
		from += n;
		len -= n;
	}
}

/* Host memory is little-endian whatever the machine of the bench is */
static tb_u64 get_le(tb_u64 addr, unsigned int bytes)
{
	unsigned char b[8];
	tb_u64 value = 0;

	tb_mem_get(addr, b, bytes);
	for (unsigned int i = 0; i < bytes; i++)
		value |= (tb_u64)b[i] << (8 * i);
	return value;
}

static void put_le(tb_u64 addr, tb_u64 value, unsigned int bytes)
{
	unsigned char b[8] = {0};

	for (unsigned int i = 0; i < bytes; i++)
		b[i] = (unsigned char)(value >> (8 * i));
	tb_mem_put(addr, b, bytes);
}

tb_u32 tb_mem_get8(tb_u64 addr)
{
	return (tb_u32)get_le(addr, 1);
}

tb_u32 tb_mem_get32(tb_u64 addr)
{
	return (tb_u32)get_le(addr, 4);
}

tb_u64 tb_mem_get64(tb_u64 addr)
{
	return get_le(addr, 8);
}

void tb_mem_put8(tb_u64 addr, tb_u32 value)
{
	put_le(addr, value, 1);
}

void tb_mem_put32(tb_u64 addr, tb_u32 value)
{
	put_le(addr, value, 4);
}

void tb_mem_put64(tb_u64 addr, tb_u64 value)
{
	put_le(addr, value, 8);
}

/* A line is in one page: it is looked up once */
void tb_mem_get_line(tb_u64 addr, tb_u32 *line)
{
	unsigned char b[LINE_BYTES];

	tb_mem_get(addr & ~(tb_u64)(LINE_BYTES - 1), b, LINE_BYTES);
	for (unsigned int i = 0; i < LINE_BYTES / 4; i++)
		line[i] = (tb_u32)b[4 * i] | (tb_u32)b[4 * i + 1] << 8 |
			  (tb_u32)b[4 * i + 2] << 16 | (tb_u32)b[4 * i + 3] << 24;
}

void tb_mem_put_line(tb_u64 addr, const tb_u32 *line, tb_u64 strobe)
{
	struct page *page = find_or_add(addr);
	unsigned char *to;

	if (!page->data)
		page->data = alloc_zeroed(1, PAGE_BYTES);
	to = page->data + (addr & (PAGE_BYTES - LINE_BYTES));
	for (unsigned int i = 0; i < LINE_BYTES; i++)
		if (strobe >> i & 1)
			to[i] = (unsigned char)(line[i / 4] >> (8 * (i % 4)));
}
