/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Host memory cache: the memory in which the device keeps its objects
 *
 * The layout is committed once for all that the device can have; memory comes only when
 * objects are used. It is zeroed before the device sees it and stays until the device is
 * torn down, so an address got from here never goes stale.
 */

#ifndef TERN_IB_HMC_H
#define TERN_IB_HMC_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "cqp.h"
#include "tern_hw.h"

struct gen_pool;
struct ib_umem;
struct tern_ib_dev;
struct tern_ib_hmc_segment;

/**
 * struct tern_ib_hmc - layout and memory of the objects
 * @lock: guards the content of @segments and @bytes
 * @fpm: committed layout
 * @segments: one per segment of the layout
 * @bytes: host memory that the device uses for objects now, page descriptors included
 */
struct tern_ib_hmc {
	struct mutex lock; /* see above */
	struct tern_ib_fpm fpm;
	struct tern_ib_hmc_segment *segments;
	u64 bytes;
};

/* What debugfs tells */
struct tern_ib_hmc_usage {
	u64 bytes;
	u32 segments;
	u32 direct;
	u32 paged;
};

int tern_ib_hmc_init(struct tern_ib_dev *dev);
void tern_ib_hmc_destroy(struct tern_ib_dev *dev);
int tern_ib_hmc_populate(struct tern_ib_dev *dev, enum tern_hw_hmc_kind kind, u32 first,
			 u32 count);
void *tern_ib_hmc_address(struct tern_ib_dev *dev, enum tern_hw_hmc_kind kind, u32 index,
			  u32 *run);
void tern_ib_hmc_usage(struct tern_ib_dev *dev, struct tern_ib_hmc_usage *usage);

/**
 * struct tern_ib_pble_pool - page-list entries
 * @lock: guards @grown, and holds off others while the pool grows for one
 * @pool: free entries, by their byte offset
 * @grown: bytes of the committed entries that @pool manages so far
 */
struct tern_ib_pble_pool {
	struct mutex lock; /* see above */
	struct gen_pool *pool;
	u64 grown;
};

/* Consecutive page-list entries */
struct tern_ib_pble_list {
	u32 first;
	u32 count;	/* 0: none allocated */
};

/* Place in a list that is being written */
struct tern_ib_pble_cursor {
	u32 index;		/* of the next entry */
	u32 run;		/* entries that follow each other at @entry */
	__le64 *entry;
};

int tern_ib_pble_init(struct tern_ib_dev *dev);
void tern_ib_pble_destroy(struct tern_ib_dev *dev);
int tern_ib_pble_alloc(struct tern_ib_dev *dev, size_t count, struct tern_ib_pble_list *list);
void tern_ib_pble_free(struct tern_ib_dev *dev, struct tern_ib_pble_list *list);
void tern_ib_pble_put(struct tern_ib_dev *dev, struct tern_ib_pble_cursor *cursor, u64 value);
void tern_ib_pble_fill(struct tern_ib_dev *dev, const struct tern_ib_pble_list *list,
		       struct ib_umem *umem, unsigned long page_size);
u64 tern_ib_pble_used(struct tern_ib_dev *dev);
int tern_ib_pble_map_ring(struct tern_ib_dev *dev, struct ib_umem *umem,
			  struct tern_ib_pble_list *list, struct tern_ib_ring_place *place);

#endif /* TERN_IB_HMC_H */
