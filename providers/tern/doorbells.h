/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Doorbells of the page that belongs to this context
 */

#ifndef TERN_DOORBELLS_H
#define TERN_DOORBELLS_H

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
	cq->told = cq->ring.index;
}

#endif
