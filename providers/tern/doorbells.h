/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Doorbells and push slots of the pages that belong to this context
 */

#ifndef TERN_DOORBELLS_H
#define TERN_DOORBELLS_H

#include <util/compiler.h>
#include <util/mmio.h>
#include <util/udma_barrier.h>
#include <util/util.h>

#include "tern.h"

/*
 * Tell how far the CQ was consumed; with a mode other than disabled, ask for an event.
 * The lock of the CQ is held, so that no older index follows a newer one.
 */
static inline void tern_ring_cq_doorbell(struct tern_cq *cq, enum tern_hw_cq_mode mode)
{
	uint64_t db = FIELD_PREP(TERN_HW_DB_CQ_W_NUM_MASK, cq->cqn) |
		      FIELD_PREP(TERN_HW_DB_CQ_W_ARM_MASK, mode != TERN_HW_CQ_MODE_DISABLED) |
		      FIELD_PREP(TERN_HW_DB_CQ_W_MODE_MASK, mode) |
		      FIELD_PREP(TERN_HW_DB_CQ_W_INDEX_MASK, cq->ring.index);

	/* Loads of the consumed entries before the device may write there again */
	udma_from_device_barrier();
	mmio_write64_le(cq->doorbells + TERN_HW_DB_CQ, htole64(db));
	cq->tell_at = tern_ring_tell_at(&cq->ring);
}

/* The slot that sq->push names was last used by a request that has completed */
static inline bool tern_may_push(const struct tern_sq *sq)
{
	return sq->push &&
	       (int32_t)(atomic_load_explicit(&sq->tail, memory_order_relaxed) -
			 sq->push_busy) >= 0;
}

/*
 * Hand the entries before sq->head to the device; last is the first slot of the last one.
 * The lock of the queue is held. An entry of one slot is given to the device along with the
 * doorbell, which spares it the fetch, if nothing of an earlier one can be left in the push
 * slot: the device would take that for this one, or this for that.
 */
static inline void tern_ring_sq_doorbell(struct tern_qp *qp, uint32_t last)
{
	struct tern_sq *sq = &qp->sq;
	/* Indexes are told modulo 2^16 */
	uint64_t db = qp->qpn |
		      (uint64_t)(uint16_t)sq->head << __builtin_ctzll(TERN_HW_DB_Q_W_INDEX_MASK);

	if (unlikely(sq->push) && sq->head - last == 1 && tern_may_push(sq)) {
		mmio_wc_start();
		mmio_memcpy_x64(sq->push, sq->buf + (size_t)(last & sq->mask) *
					  sizeof(struct tern_hw_sq_wqe), TERN_PUSH_SLOT_BYTES);
		mmio_flush_writes();
		sq->push_busy = sq->head;
		db |= sq->push_bits;
	}

	/* The entries before the doorbell */
	udma_to_device_barrier();
	mmio_write64_le(qp->doorbells + TERN_HW_DB_SQ, htole64(db));
}

static inline void tern_ring_rq_doorbell(struct tern_qp *qp)
{
	uint64_t db = qp->qpn | (uint64_t)(uint16_t)qp->rq.head
					<< __builtin_ctzll(TERN_HW_DB_Q_W_INDEX_MASK);

	udma_to_device_barrier();
	mmio_write64_le(qp->doorbells + TERN_HW_DB_RQ, htole64(db));
}

/*
 * Between the load of what says that an entry is new and loads of its rest. x86 does not
 * reorder loads from memory, so the compiler alone has to be kept from it.
 */
static inline void tern_cqe_barrier(void)
{
#if defined(__x86_64__)
	atomic_signal_fence(memory_order_acquire);
#else
	udma_from_device_barrier();
#endif
}

#endif
