/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Host memory behind the DMA ports. Reads are answered in any order, writes in
 * order. Page descriptors are sampled when the request comes or when it is
 * answered: both are what a real bus may do.
 */
#include <string.h>

#include "hmc_model.h"

#define PENDING 256u

struct read {
	bool used;
	tb_u64 addr;
	struct hm_block *block;
	tb_u64 due;
	bool sampled;
	tb_u64 desc;
};

struct write {
	unsigned int tag;
	struct hm_block *block;
	tb_u64 due;
};

static struct read reads[PENDING];		/* by tag */
static unsigned int waiting[PENDING], num_waiting;	/* tags */
static struct write writes[PENDING];
static unsigned int writes_in, writes_out;
static tb_u64 serial, fetches, most_fetches_of_page;

static tb_u64 due(void)
{
	return hm_now + hm_pressure.lat_min +
	       hm_below(hm_pressure.lat_max - hm_pressure.lat_min + 1);
}

static struct hm_block *take(tb_u64 addr, tb_u64 len, const char *what)
{
	struct hm_block *block = hm_host_block(addr);

	HM_CHECK(block, "%s of %#llx, which is not the device's", what, addr);
	HM_CHECK(len == (block->table ? sizeof(struct tern_hw_page_desc) : HM_LINE) &&
		 addr % len == 0, "%s of %llu bytes at %#llx", what, len, addr);
	block->busy++;
	return block;
}

static void count_fetches(tb_u64 addr)
{
	tb_u64 same = 1;

	fetches++;
	for (unsigned int i = 0; i < num_waiting; i++)
		same += reads[waiting[i]].addr == addr;
	/* Two if a change of translation came between them */
	HM_CHECK(same <= 2, "%llu fetches of one page descriptor at a time", same);
	if (same > most_fetches_of_page)
		most_fetches_of_page = same;
}

void hm_dma_read(unsigned int tag, tb_u64 addr, unsigned int len)
{
	struct read *read = &reads[tag % PENDING];

	HM_CHECK(!read->used, "read with a tag that is in use");
	*read = (struct read){ .used = true, .addr = addr, .due = due() };
	read->block = take(addr, len, "read");
	if (read->block->table) {
		count_fetches(addr);
		read->sampled = hm_chance(50);
		if (read->sampled)
			read->desc = read->block->desc[addr % HM_PAGE / 8];
	}
	waiting[num_waiting++] = tag;
}

static void answer(struct read *read, unsigned int *data)
{
	unsigned int lane = (unsigned int)(read->addr % HM_LINE / 4);
	tb_u64 desc;

	if (!read->block->table) {
		hm_dma_line(read->addr, ++serial, data);
		return;
	}
	desc = read->sampled ? read->desc : read->block->desc[read->addr % HM_PAGE / 8];
	for (unsigned int i = 0; i < 16; i++)	/* other lanes hold nothing of use */
		data[i] = (unsigned int)hm_rand();
	data[lane] = (unsigned int)desc;
	data[lane + 1] = (unsigned int)(desc >> 32);
}

/* The answer to a read, if one is to come in this cycle */
int hm_dma_read_answer(unsigned int *tag, unsigned int *err, unsigned int *data)
{
	unsigned int start = num_waiting ? hm_below(num_waiting) : 0;

	for (unsigned int i = 0; i < num_waiting; i++) {
		unsigned int at = (start + i) % num_waiting;
		struct read *read = &reads[waiting[at]];

		if (read->due > hm_now)
			continue;
		*tag = waiting[at];
		*err = read->block->bad;
		answer(read, data);
		read->block->busy--;
		read->used = false;
		waiting[at] = waiting[--num_waiting];
		return 1;
	}
	return 0;
}

void hm_dma_write(unsigned int tag, tb_u64 addr, unsigned int len, const unsigned int *data)
{
	struct write *write = &writes[writes_in++ % PENDING];

	HM_CHECK(writes_in - writes_out < PENDING, "too many writes");
	write->tag = tag;
	write->block = take(addr, len, "write");
	write->due = due();
	HM_CHECK(!write->block->table, "write to a table at %#llx", addr);
	hm_access_written(data, addr);
}

int hm_dma_write_answer(unsigned int *tag, unsigned int *err)
{
	struct write *write = &writes[writes_out % PENDING];

	if (writes_out == writes_in || write->due > hm_now)
		return 0;
	*tag = write->tag;
	*err = write->block->bad;
	write->block->busy--;
	writes_out++;
	return 1;
}

unsigned int hm_dma_pending(void)
{
	return num_waiting + writes_in - writes_out;
}

tb_u64 hm_dma_fetches(void)
{
	return fetches;
}
