// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Page-list entries: allocation and filling
 *
 * A list of entries tells the device the pages of a queue or region. Entries are objects
 * of the host memory cache; their pool grows by a segment's worth whenever it is used up,
 * so that lists start in the part that has memory already.
 */

#include <linux/genalloc.h>
#include <linux/log2.h>
#include <linux/sizes.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_verbs.h>

#include "compat.h"
#include "tern_ib.h"

/* The pool counts in units of what the device reads at once */
#define PBLE_LOG_UNIT		6

/* A list does not span segments, since the pool grows by these */
#define PBLE_GROWTH		SZ_2M

/* Keeps the address of the first entry in the pool apart from failure, which is 0 */
#define PBLE_POOL_BASE		PBLE_GROWTH

static u64 pble_bytes(const struct tern_ib_dev *dev)
{
	return (u64)dev->hmc.fpm.kind[TERN_HW_HMC_KIND_PBLE].count * sizeof(__le64);
}

static unsigned long pble_pool_address(u32 first)
{
	return PBLE_POOL_BASE + (unsigned long)first * sizeof(__le64);
}

/* Let the pool manage the entries of one more segment */
static int pble_grow(struct tern_ib_dev *dev)
{
	struct tern_ib_pble_pool *pbles = &dev->pbles;
	u64 size = min_t(u64, PBLE_GROWTH, pble_bytes(dev) - pbles->grown);
	int err;

	if (!size)
		return -ENOMEM;
	err = gen_pool_add(pbles->pool, PBLE_POOL_BASE + pbles->grown, size, NUMA_NO_NODE);
	if (!err)
		pbles->grown += size;
	return err;
}

static int pble_reserve(struct tern_ib_dev *dev, size_t size, unsigned long *address)
{
	struct tern_ib_pble_pool *pbles = &dev->pbles;
	int err = 0;

	mutex_lock(&pbles->lock);
	while (!err && !(*address = gen_pool_alloc(pbles->pool, size)))
		err = pble_grow(dev);
	mutex_unlock(&pbles->lock);
	return err;
}

/**
 * tern_ib_pble_alloc() - allocate consecutive page-list entries with memory
 * @dev: the device
 * @count: how many
 * @list: the entries
 *
 * Context: may sleep.
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_pble_alloc(struct tern_ib_dev *dev, size_t count, struct tern_ib_pble_list *list)
{
	unsigned long address;
	int err;

	if (!count || count > PBLE_GROWTH / sizeof(__le64))
		return -E2BIG;
	err = pble_reserve(dev, count * sizeof(__le64), &address);
	if (err)
		return err;

	list->first = (address - PBLE_POOL_BASE) / sizeof(__le64);
	list->count = count;
	err = tern_ib_hmc_populate(dev, TERN_HW_HMC_KIND_PBLE, list->first, count);
	if (err)
		tern_ib_pble_free(dev, list);
	return err;
}

/**
 * tern_ib_pble_free() - free page-list entries
 * @dev: the device, which uses them no more
 * @list: the entries; may be none
 */
void tern_ib_pble_free(struct tern_ib_dev *dev, struct tern_ib_pble_list *list)
{
	if (!list->count)
		return;
	gen_pool_free(dev->pbles.pool, pble_pool_address(list->first),
		      list->count * sizeof(__le64));
	list->count = 0;
}

/**
 * tern_ib_pble_put() - write the next entry of a list
 * @dev: the device
 * @cursor: where to write; begins with the index of the first entry and else zeroes
 * @value: the entry
 */
void tern_ib_pble_put(struct tern_ib_dev *dev, struct tern_ib_pble_cursor *cursor, u64 value)
{
	if (!cursor->run)
		cursor->entry = tern_ib_hmc_address(dev, TERN_HW_HMC_KIND_PBLE, cursor->index,
						    &cursor->run);
	*cursor->entry++ = cpu_to_le64(value);
	cursor->index++;
	cursor->run--;
}

/**
 * tern_ib_pble_fill() - write the addresses of a user's pages
 * @dev: the device
 * @list: as many entries as @umem has pages of that size
 * @umem: the memory
 * @page_size: size of a page as the device will see it
 */
void tern_ib_pble_fill(struct tern_ib_dev *dev, const struct tern_ib_pble_list *list,
		       struct ib_umem *umem, unsigned long page_size)
{
	struct tern_ib_pble_cursor cursor = { .index = list->first };
	struct ib_block_iter iter;

	rdma_umem_for_each_dma_block(umem, &iter, page_size)
		tern_ib_pble_put(dev, &cursor, rdma_block_iter_dma_address(&iter));
}

/**
 * tern_ib_pble_map_ring() - tell where a user's ring is
 * @dev: the device
 * @umem: the ring, from the start of a page
 * @list: page list for it, if it needs one; freed by the caller
 * @place: contiguous if the ring happens to be, else by pages
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_pble_map_ring(struct tern_ib_dev *dev, struct ib_umem *umem,
			  struct tern_ib_pble_list *list, struct tern_ib_ring_place *place)
{
	unsigned long page_size;
	size_t pages;
	int err;

	page_size = ib_umem_find_best_pgoff(umem, dev->caps.page_sizes, 0);
	if (!page_size)
		return -EINVAL;

	pages = ib_umem_num_dma_blocks(umem, page_size);
	if (pages == 1) {
		place->address = sg_dma_address(umem->sgt_append.sgt.sgl);
		return 0;
	}

	err = tern_ib_pble_alloc(dev, pages, list);
	if (err)
		return err;
	tern_ib_pble_fill(dev, list, umem, page_size);
	place->address = list->first;
	place->page_list = true;
	place->page_shift = order_base_2(page_size);
	return 0;
}

/**
 * tern_ib_pble_used() - how many page-list entries are allocated
 * @dev: the device
 *
 * Return: number of entries, in whole units of allocation.
 */
u64 tern_ib_pble_used(struct tern_ib_dev *dev)
{
	struct gen_pool *pool = dev->pbles.pool;

	return (gen_pool_size(pool) - gen_pool_avail(pool)) / sizeof(__le64);
}

/**
 * tern_ib_pble_init() - set up the pool, empty
 * @dev: the device; its layout is committed
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_pble_init(struct tern_ib_dev *dev)
{
	if (dev->hmc.fpm.kind[TERN_HW_HMC_KIND_PBLE].log_size != ilog2(sizeof(__le64))) {
		ibdev_err(&dev->ibdev, "page-list entries are not 8 bytes\n");
		return -EINVAL;
	}
	mutex_init(&dev->pbles.lock);
	dev->pbles.pool = gen_pool_create(PBLE_LOG_UNIT, NUMA_NO_NODE);
	return dev->pbles.pool ? 0 : -ENOMEM;
}

/**
 * tern_ib_pble_destroy() - free the pool
 * @dev: the device; all lists are free
 */
void tern_ib_pble_destroy(struct tern_ib_dev *dev)
{
	gen_pool_destroy(dev->pbles.pool);
}
