/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Rings in host memory that the device shares: commands, completions, events
 *
 * An index counts the entries since creation and is never masked except to find an
 * entry; so the bit above the mask is the wrap parity. Entries carry a polarity bit: 1
 * in the first pass over the ring, flipped with every wrap. It is written last, with the
 * word it is in, and tells on which side an entry is. The memory barriers of the rings
 * are here and nowhere else.
 */

#ifndef TERN_IB_RING_H
#define TERN_IB_RING_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/barrier.h>

#include "tern_hw.h"

/**
 * struct tern_ib_ring - a ring of equal entries
 * @buf: first entry, mapped without gaps
 * @dma: bus address of @buf; 0 if the ring is not contiguous on the bus
 * @index: entries produced (commands) or consumed (all else) since creation
 * @log_size: log2 of the number of entries
 * @entry_size: bytes of an entry
 */
struct tern_ib_ring {
	void *buf;
	dma_addr_t dma;
	u32 index;
	u8 log_size;
	u8 entry_size;
};

static inline u32 tern_ib_ring_size(const struct tern_ib_ring *ring)
{
	return BIT(ring->log_size);
}

static inline size_t tern_ib_ring_bytes(const struct tern_ib_ring *ring)
{
	return (size_t)ring->entry_size << ring->log_size;
}

/* Place of an index in the ring */
static inline u32 tern_ib_ring_slot(const struct tern_ib_ring *ring, u32 index)
{
	return index & (tern_ib_ring_size(ring) - 1);
}

static inline void *tern_ib_ring_entry(const struct tern_ib_ring *ring, u32 index)
{
	return ring->buf + (size_t)tern_ib_ring_slot(ring, index) * ring->entry_size;
}

/* Polarity of the entry with this index */
static inline bool tern_ib_ring_polarity(const struct tern_ib_ring *ring, u32 index)
{
	return !(index & tern_ib_ring_size(ring));
}

/* What the device writes has its polarity in one place: in the last word */
#define TERN_IB_POLARITY	TERN_HW_CQE_INFO_POLARITY_MASK
static_assert(TERN_IB_POLARITY == TERN_HW_CCQE_INFO_POLARITY_MASK);
static_assert(TERN_IB_POLARITY == TERN_HW_CEQE_W_POLARITY_MASK);
static_assert(TERN_IB_POLARITY == TERN_HW_AEQE_INFO_POLARITY_MASK);

/**
 * tern_ib_ring_peek() - next entry that the device wrote
 * @ring: ring that the device fills
 *
 * The caller consumes the entry by incrementing @ring->index.
 *
 * Return: the entry, or NULL if there is no new one.
 */
static inline void *tern_ib_ring_peek(const struct tern_ib_ring *ring)
{
	void *entry = tern_ib_ring_entry(ring, ring->index);
	const __le64 *last = entry + ring->entry_size - sizeof(*last);
	bool polarity = le64_to_cpu(READ_ONCE(*last)) & TERN_IB_POLARITY;

	if (polarity != tern_ib_ring_polarity(ring, ring->index))
		return NULL;

	/* The rest of the entry is read after the polarity that says it is new */
	dma_rmb();
	return entry;
}

/**
 * tern_ib_ring_put_wqe() - write a command to the ring and advance its index
 * @ring: ring of commands
 * @wqe: the command; polarity is added here
 */
static inline void tern_ib_ring_put_wqe(struct tern_ib_ring *ring,
					const struct tern_hw_cqp_wqe *wqe)
{
	struct tern_hw_cqp_wqe *entry = tern_ib_ring_entry(ring, ring->index);
	__le64 hdr = wqe->hdr;

	if (tern_ib_ring_polarity(ring, ring->index))
		hdr |= cpu_to_le64(TERN_HW_CQP_WQE_HDR_POLARITY_MASK);

	memcpy(entry->arg, wqe->arg, sizeof(entry->arg));
	/* The device may prefetch: it must not see the new header with an old body */
	dma_wmb();
	WRITE_ONCE(entry->hdr, hdr);
	ring->index++;
}

#endif /* TERN_IB_RING_H */
