// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Layout and memory of the host memory cache
 *
 * Function-private memory is cut in segments of 2 MiB. The first segment of each kind of
 * objects is paged and gets memory in chunks, since most functions use few objects. Who
 * needs more than a segment needs much more: further segments are direct, one block of
 * 2 MiB, or paged if memory is too fragmented for that.
 */

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "tern_ib.h"

#define HMC_SEGMENT_SIZE	SZ_2M
#define HMC_PAGE_SIZE		SZ_4K

/* The largest size that the page allocator does not find costly */
#define HMC_CHUNK_SIZE		SZ_32K
#define HMC_CHUNKS		(HMC_SEGMENT_SIZE / HMC_CHUNK_SIZE)

/* Objects are not larger than a page, nor are there more than events can name */
#define HMC_MAX_LOG_OBJECT	12
#define HMC_MAX_COUNT		FIELD_MAX(TERN_HW_AE_HMC_W_INDEX_MASK)

struct hmc_block {
	void *cpu;
	dma_addr_t dma;
};

/**
 * struct tern_ib_hmc_segment - memory of one segment
 * @op: direct or paged as the device knows it; clear: the device has none
 * @block: the 2 MiB of a direct segment; the page descriptors of a paged one
 * @chunks: paged: memory of each chunk, if it has been needed
 */
struct tern_ib_hmc_segment {
	enum tern_hw_sd_op op;
	struct hmc_block block;
	struct hmc_block *chunks;
};

static bool hmc_block_alloc(struct tern_ib_dev *dev, struct hmc_block *block, size_t size,
			    gfp_t gfp)
{
	/* Zeroed, as the device expects the memory of objects that do not exist yet */
	block->cpu = dma_alloc_coherent(dev->dma_dev, size, &block->dma, gfp);
	if (!block->cpu)
		return false;
	dev->hmc.bytes += size;
	return true;
}

static void hmc_block_free(struct tern_ib_dev *dev, struct hmc_block *block, size_t size)
{
	if (!block->cpu)
		return;
	dma_free_coherent(dev->dma_dev, size, block->cpu, block->dma);
	block->cpu = NULL;
	dev->hmc.bytes -= size;
}

static void hmc_segment_free(struct tern_ib_dev *dev, struct tern_ib_hmc_segment *segment)
{
	unsigned int i;

	if (!segment->chunks) {
		hmc_block_free(dev, &segment->block, HMC_SEGMENT_SIZE);
		return;
	}
	for (i = 0; i < HMC_CHUNKS; i++)
		hmc_block_free(dev, &segment->chunks[i], HMC_CHUNK_SIZE);
	hmc_block_free(dev, &segment->block, HMC_PAGE_SIZE);
	kfree(segment->chunks);
	segment->chunks = NULL;
}

static int hmc_segment_set(struct tern_ib_dev *dev, u32 sd, enum tern_hw_sd_op op)
{
	struct tern_ib_hmc_segment *segment = &dev->hmc.segments[sd];
	int err;

	err = tern_ib_cmd_set_sd(dev, sd, op, segment->block.dma);
	if (err)
		hmc_segment_free(dev, segment);
	else
		segment->op = op;
	return err;
}

/* -ENOMEM just means that there is no large block; not worth a warning */
static int hmc_add_direct(struct tern_ib_dev *dev, u32 sd)
{
	struct hmc_block *block = &dev->hmc.segments[sd].block;

	if (!hmc_block_alloc(dev, block, HMC_SEGMENT_SIZE,
			     GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN))
		return -ENOMEM;
	if (!IS_ALIGNED(block->dma, HMC_SEGMENT_SIZE)) {
		hmc_block_free(dev, block, HMC_SEGMENT_SIZE);
		return -ENOMEM;
	}
	return hmc_segment_set(dev, sd, TERN_HW_SD_OP_DIRECT);
}

static int hmc_add_paged(struct tern_ib_dev *dev, u32 sd)
{
	struct tern_ib_hmc_segment *segment = &dev->hmc.segments[sd];

	segment->chunks = kcalloc(HMC_CHUNKS, sizeof(*segment->chunks), GFP_KERNEL);
	if (!segment->chunks)
		return -ENOMEM;
	if (!hmc_block_alloc(dev, &segment->block, HMC_PAGE_SIZE, GFP_KERNEL)) {
		kfree(segment->chunks);
		segment->chunks = NULL;
		return -ENOMEM;
	}
	return hmc_segment_set(dev, sd, TERN_HW_SD_OP_PAGED);
}

static int hmc_add_segment(struct tern_ib_dev *dev, u32 sd, bool is_first)
{
	int err = -ENOMEM;

	if (!is_first)
		err = hmc_add_direct(dev, sd);
	if (err == -ENOMEM)
		err = hmc_add_paged(dev, sd);
	return err;
}

static int hmc_add_chunk(struct tern_ib_dev *dev, struct tern_ib_hmc_segment *segment,
			 unsigned int index)
{
	struct tern_hw_page_desc *desc = segment->block.cpu;
	struct hmc_block *chunk = &segment->chunks[index];
	size_t offset;

	if (!hmc_block_alloc(dev, chunk, HMC_CHUNK_SIZE, GFP_KERNEL))
		return -ENOMEM;

	desc += index * (HMC_CHUNK_SIZE / HMC_PAGE_SIZE);
	/* The device may read a descriptor any time: zeroes first, then what points to them */
	dma_wmb();
	for (offset = 0; offset < HMC_CHUNK_SIZE; offset += HMC_PAGE_SIZE, desc++)
		WRITE_ONCE(desc->w, cpu_to_le64((chunk->dma + offset) |
						TERN_HW_PAGE_DESC_W_VALID_MASK));
	return 0;
}

/* Make sure that there is memory at an offset of function-private memory */
static int hmc_populate_at(struct tern_ib_dev *dev, u64 offset, bool is_first)
{
	u32 sd = offset / HMC_SEGMENT_SIZE;
	struct tern_ib_hmc_segment *segment = &dev->hmc.segments[sd];
	unsigned int chunk = offset % HMC_SEGMENT_SIZE / HMC_CHUNK_SIZE;
	int err;

	if (segment->op == TERN_HW_SD_OP_CLEAR) {
		err = hmc_add_segment(dev, sd, is_first);
		if (err)
			return err;
	}
	if (segment->op == TERN_HW_SD_OP_DIRECT || segment->chunks[chunk].cpu)
		return 0;
	return hmc_add_chunk(dev, segment, chunk);
}

/**
 * tern_ib_hmc_populate() - make sure that objects have memory
 * @dev: the device
 * @kind: kind of the objects
 * @first: first of them
 * @count: how many
 *
 * Context: may sleep.
 *
 * Return: 0 or a negative errno, -ENOSPC if there are not that many objects.
 */
int tern_ib_hmc_populate(struct tern_ib_dev *dev, enum tern_hw_hmc_kind kind, u32 first,
			 u32 count)
{
	u32 log_size = dev->hmc.fpm.kind[kind].log_size;
	u64 base = dev->hmc.fpm.kind[kind].base;
	u64 offset, end;
	int err = 0;

	if ((u64)first + count > dev->hmc.fpm.kind[kind].count)
		return -ENOSPC;

	offset = ALIGN_DOWN(base + ((u64)first << log_size), HMC_CHUNK_SIZE);
	end = base + (((u64)first + count) << log_size);
	mutex_lock(&dev->hmc.lock);
	for (; offset < end && !err; offset += HMC_CHUNK_SIZE)
		err = hmc_populate_at(dev, offset, offset - base < HMC_SEGMENT_SIZE);
	mutex_unlock(&dev->hmc.lock);
	return err;
}

/**
 * tern_ib_hmc_address() - where the memory of an object is
 * @dev: the device
 * @kind: kind of the object
 * @index: its index; tern_ib_hmc_populate() has succeeded for it
 * @run: number of objects that follow each other from there on
 *
 * Return: address of the object.
 */
void *tern_ib_hmc_address(struct tern_ib_dev *dev, enum tern_hw_hmc_kind kind, u32 index,
			  u32 *run)
{
	u32 log_size = dev->hmc.fpm.kind[kind].log_size;
	u64 offset = dev->hmc.fpm.kind[kind].base + ((u64)index << log_size);
	struct tern_ib_hmc_segment *segment = &dev->hmc.segments[offset / HMC_SEGMENT_SIZE];
	size_t rest = offset % HMC_SEGMENT_SIZE;

	if (segment->op == TERN_HW_SD_OP_DIRECT) {
		*run = (HMC_SEGMENT_SIZE - rest) >> log_size;
		return segment->block.cpu + rest;
	}
	*run = (HMC_CHUNK_SIZE - rest % HMC_CHUNK_SIZE) >> log_size;
	return segment->chunks[rest / HMC_CHUNK_SIZE].cpu + rest % HMC_CHUNK_SIZE;
}

/**
 * tern_ib_hmc_usage() - how much memory the device has for its objects
 * @dev: the device
 * @usage: the answer
 */
void tern_ib_hmc_usage(struct tern_ib_dev *dev, struct tern_ib_hmc_usage *usage)
{
	u32 sd;

	memset(usage, 0, sizeof(*usage));
	mutex_lock(&dev->hmc.lock);
	usage->bytes = dev->hmc.bytes;
	usage->segments = dev->hmc.fpm.used_sds;
	for (sd = 0; sd < dev->hmc.fpm.used_sds; sd++) {
		usage->direct += dev->hmc.segments[sd].op == TERN_HW_SD_OP_DIRECT;
		usage->paged += dev->hmc.segments[sd].op == TERN_HW_SD_OP_PAGED;
	}
	mutex_unlock(&dev->hmc.lock);
}

static u64 hmc_kind_segments(const struct tern_ib_fpm *fpm, unsigned int kind)
{
	return DIV_ROUND_UP_ULL((u64)fpm->kind[kind].count << fpm->kind[kind].log_size,
				HMC_SEGMENT_SIZE);
}

/* The kind that takes most segments; the sum of all in @total */
static unsigned int hmc_largest_kind(const struct tern_ib_fpm *fpm, u64 *total)
{
	unsigned int kind, largest = 0;

	*total = 0;
	for (kind = 0; kind < TERN_IB_HMC_KINDS; kind++) {
		*total += hmc_kind_segments(fpm, kind);
		if (hmc_kind_segments(fpm, kind) > hmc_kind_segments(fpm, largest))
			largest = kind;
	}
	return largest;
}

/*
 * Ask for all that there can be, since a layout costs nothing before it is used; if it
 * does not fit, halve whatever is largest until it does.
 */
static int hmc_choose_counts(struct tern_ib_dev *dev, struct tern_ib_fpm *fpm)
{
	unsigned int kind;
	u64 total;

	for (kind = 0; kind < TERN_IB_HMC_KINDS; kind++) {
		if (fpm->kind[kind].count > HMC_MAX_COUNT ||
		    fpm->kind[kind].log_size > HMC_MAX_LOG_OBJECT) {
			ibdev_err(&dev->ibdev, "%u objects of 2^%u B of kind %s are beyond reason\n",
				  fpm->kind[kind].count, fpm->kind[kind].log_size,
				  tern_ib_name("hmc_kind", kind));
			return -EINVAL;
		}
	}
	for (;;) {
		kind = hmc_largest_kind(fpm, &total);
		if (total <= fpm->max_sds)
			return 0;
		if (fpm->kind[kind].count < 2)
			return -ENOSPC;
		fpm->kind[kind].count /= 2;
	}
}

/* Memory will be given by this layout, so it must be sound */
static bool hmc_layout_is_sound(const struct tern_ib_fpm *fpm, const struct tern_ib_fpm *wanted)
{
	u64 next = 0;
	unsigned int kind;

	for (kind = 0; kind < TERN_IB_HMC_KINDS; kind++) {
		if (fpm->kind[kind].count != wanted->kind[kind].count)
			return false;
		if (!fpm->kind[kind].count)
			continue;
		if (fpm->kind[kind].log_size != wanted->kind[kind].log_size ||
		    !IS_ALIGNED(fpm->kind[kind].base, HMC_SEGMENT_SIZE) ||
		    fpm->kind[kind].base / HMC_SEGMENT_SIZE < next)
			return false;
		next = fpm->kind[kind].base / HMC_SEGMENT_SIZE + hmc_kind_segments(fpm, kind);
	}
	return next <= fpm->used_sds && fpm->used_sds <= wanted->max_sds;
}

/**
 * tern_ib_hmc_init() - commit a layout; no object has memory yet
 * @dev: the device
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_hmc_init(struct tern_ib_dev *dev)
{
	struct tern_ib_hmc *hmc = &dev->hmc;
	struct tern_ib_fpm wanted = {};
	int err;

	mutex_init(&hmc->lock);
	err = tern_ib_cmd_query_fpm(dev, &wanted);
	if (err)
		return err;
	err = hmc_choose_counts(dev, &wanted);
	if (err)
		return err;

	hmc->fpm = wanted;
	err = tern_ib_cmd_commit_fpm(dev, &hmc->fpm);
	if (err)
		return err;
	if (!hmc_layout_is_sound(&hmc->fpm, &wanted)) {
		ibdev_err(&dev->ibdev, "device made a layout of objects that is not sound\n");
		return -EINVAL;
	}

	hmc->segments = kvcalloc(hmc->fpm.used_sds, sizeof(*hmc->segments), GFP_KERNEL);
	return hmc->segments ? 0 : -ENOMEM;
}

/**
 * tern_ib_hmc_destroy() - take all memory back
 * @dev: the device; it has no objects any more
 */
void tern_ib_hmc_destroy(struct tern_ib_dev *dev)
{
	struct tern_ib_hmc *hmc = &dev->hmc;
	struct tern_ib_fpm none = {};
	u32 sd;

	for (sd = 0; sd < hmc->fpm.used_sds; sd++) {
		if (hmc->segments[sd].op == TERN_HW_SD_OP_CLEAR)
			continue;
		tern_ib_cmd_clear_sd(dev, sd);
		hmc_segment_free(dev, &hmc->segments[sd]);
	}
	kvfree(hmc->segments);
	/* So that the device refuses whatever would still refer to an object */
	tern_ib_cmd_commit_fpm(dev, &none);
}
