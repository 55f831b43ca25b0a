// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Memory regions and their page lists, see rdma_adapter.h

#include <stdlib.h>
#include <string.h>

#include "rdma_adapter.h"
#include "tb_mem.h"

static uint64_t page_bytes(const struct mr *mr)
{
	return 1ull << mr->attr.page_shift;
}

/* Two levels: a list of blocks, each somewhere else */
static void write_list(struct mr *mr)
{
	uint32_t blocks = (mr->count + PBLE_BLOCK - 1) / PBLE_BLOCK;

	if (mr->attr.level == 1) {
		mr->pbl = node_alloc_pbles(mr->node, mr->count, 8);
		for (uint32_t k = 0; k < mr->count; k++)
			node_put_pble(mr->node, mr->pbl + k, mr->pages[k]);
		return;
	}
	mr->pbl = node_alloc_pbles(mr->node, blocks, 8);
	for (uint32_t b = blocks; b-- > 0;) {
		uint32_t first = b * PBLE_BLOCK, last = first + PBLE_BLOCK;
		uint32_t block = node_alloc_pbles(mr->node, PBLE_BLOCK, 8);

		node_put_pble(mr->node, mr->pbl + b, block);
		for (uint32_t k = first; k < last && k < mr->count; k++)
			node_put_pble(mr->node, block + k - first, mr->pages[k]);
	}
}

static void make_pages(struct mr *mr)
{
	uint64_t offset = mr->attr.va & 0xfff;

	if (!mr->attr.level) {
		mr->count = 1;
		mr->pages = calloc(1, sizeof(*mr->pages));
		if (mr->pages)
			mr->pages[0] = node_alloc(mr->node, offset + mr->attr.length, 4096) + offset;
		return;
	}
	offset = mr->attr.va & (page_bytes(mr) - 1);
	mr->count = (uint32_t)((offset + mr->attr.length - 1) >> mr->attr.page_shift) + 1;
	mr->pages = calloc(mr->count, sizeof(*mr->pages));
	if (!mr->pages)
		return;
	for (uint32_t k = mr->count; k-- > 0;)
		mr->pages[k] = node_alloc(mr->node, page_bytes(mr), page_bytes(mr));
	write_list(mr);
}

static void name(struct mr *mr, uint32_t node, uint32_t index, const struct mr_attr *attr)
{
	memset(mr, 0, sizeof(*mr));
	mr->node = node;
	mr->index = index;
	mr->key = index << 8 | (uint8_t)rnd64();
	mr->attr = *attr;
}

static void command(const struct mr *mr)
{
	const struct mr_attr *attr = &mr->attr;
	uint64_t w[8] = { 0 };

	w[1] = put(TERN_HW_MRTE_ATTR_PRIV_MASK, attr->priv) |
	       put(TERN_HW_MRTE_ATTR_ACCESS_MASK, attr->access) |
	       put(TERN_HW_MRTE_ATTR_LEVEL_MASK, attr->level) |
	       put(TERN_HW_MRTE_ATTR_PAGE_SHIFT_MASK, attr->level ? attr->page_shift : 0) |
	       put(TERN_HW_MRTE_ATTR_KEY_MASK, mr->key & 0xff) |
	       put(TERN_HW_MRTE_ATTR_PD_MASK, attr->pd);
	w[2] = attr->fast ? 0 : attr->va;
	w[3] = attr->fast ? 0 : attr->length;
	if (attr->level)
		w[4] = mr->pbl;
	else
		w[4] = mr->pages ? mr->pages[0] : 0;
	w[5] = attr->level ? mr->count : 0;
	node_command(mr->node, attr->fast ? TERN_HW_CQP_OP_ALLOC_MR : TERN_HW_CQP_OP_REG_MR, mr->index, w);
}

void mr_create(struct mr *mr, uint32_t node, uint32_t index, const struct mr_attr *attr)
{
	name(mr, node, index, attr);
	make_pages(mr);
	check(mr->pages, "no memory for the bench");
	command(mr);
}

void mr_create_all(struct mr *mr, uint32_t node, uint32_t index, const struct mr_attr *attr)
{
	name(mr, node, index, attr);
	mr->attr.va = 0;
	mr->attr.length = ~0ull;
	mr->attr.level = 0;
	command(mr);
}

uint32_t mr_dereg_try(struct mr *mr)
{
	uint64_t w[8] = { 0, put(TERN_HW_MRTE_ATTR_KEY_MASK, mr->key & 0xff) };

	return node_command_try(mr->node, TERN_HW_CQP_OP_DEREG_MR, mr->index, w, NULL);
}

void mr_forget(struct mr *mr)
{
	free(mr->pages);
	mr->pages = NULL;
}

uint64_t mr_bus(const struct mr *mr, uint64_t offset, uint64_t *run)
{
	uint64_t at;

	if (!mr->attr.level) {
		*run = mr->attr.length - offset;
		return mr->pages[0] + offset;
	}
	at = (mr->attr.va & (page_bytes(mr) - 1)) + offset;
	*run = page_bytes(mr) - (at & (page_bytes(mr) - 1));
	return mr->pages[at >> mr->attr.page_shift] + (at & (page_bytes(mr) - 1));
}

void mr_put(const struct mr *mr, uint64_t offset, const void *buf, uint64_t len)
{
	const uint8_t *from = buf;

	while (len) {
		uint64_t run, at = mr_bus(mr, offset, &run);

		if (run > len)
			run = len;
		tb_mem_put(at, from, run);
		offset += run;
		from += run;
		len -= run;
	}
}

void mr_get(const struct mr *mr, uint64_t offset, void *buf, uint64_t len)
{
	uint8_t *to = buf;

	while (len) {
		uint64_t run, at = mr_bus(mr, offset, &run);

		if (run > len)
			run = len;
		tb_mem_get(at, to, run);
		offset += run;
		to += run;
		len -= run;
	}
}

void mr_shuffle(struct mr *mr)
{
	check(mr->attr.level == 1, "only one-level lists are shuffled");
	for (uint32_t k = mr->count; k > 1; k--) {
		uint32_t other = rnd(k);
		uint64_t page = mr->pages[k - 1];

		mr->pages[k - 1] = mr->pages[other];
		mr->pages[other] = page;
	}
	for (uint32_t k = 0; k < mr->count; k++)
		node_put_pble(mr->node, mr->pbl + k, mr->pages[k]);
}
