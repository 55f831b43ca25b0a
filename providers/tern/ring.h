/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Arithmetic of rings that the device writes
 *
 * An index counts the entries since creation and is never masked except to find an
 * entry; so the bit above the mask is the wrap parity. The polarity of an entry is 1 in
 * the first pass over the ring and flips with every wrap, which tells new entries from
 * old ones. There are no barriers here: who reads an entry places them.
 */

#ifndef TERN_RING_H
#define TERN_RING_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdma/tern-abi.h>

#include "tern_hw.h"

struct tern_ring {
	void *buf;
	uint32_t index;			/* entries consumed since creation */
	uint32_t log_size;
};

static inline uint32_t tern_ring_size(const struct tern_ring *ring)
{
	return 1u << ring->log_size;
}

static inline const struct tern_hw_cqe *tern_ring_cqe(const struct tern_ring *ring)
{
	const struct tern_hw_cqe *first = ring->buf;

	return first + (ring->index & (tern_ring_size(ring) - 1));
}

/* True: info is that of the entry that comes next, else of its place's last tenant */
static inline bool tern_ring_cqe_is_new(const struct tern_ring *ring, uint64_t info)
{
	/* The wrap parity of the index, moved to where the polarity is: they must differ */
	return (int64_t)(info ^ (uint64_t)ring->index << (63 - ring->log_size)) < 0;
}

/* The device, told of the index now, must be told again when it is this: a quarter later */
static inline uint32_t tern_ring_tell_at(const struct tern_ring *ring)
{
	return ring->index + tern_ring_size(ring) / 4;
}

static inline size_t tern_cq_ring_bytes(uint32_t log_size)
{
	return sizeof(struct tern_hw_cqe) << log_size;
}

/* log2 of the smallest ring in which so many entries are usable; 0: none up to the limit */
static inline uint32_t tern_cq_log_size(uint32_t entries, uint32_t max_log_size)
{
	uint32_t log_size = TERN_CQ_MIN_LOG_SIZE;

	while (log_size <= max_log_size && tern_cq_usable(log_size) < entries)
		log_size++;
	return log_size <= max_log_size ? log_size : 0;
}

#endif
