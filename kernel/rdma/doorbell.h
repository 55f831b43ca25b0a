/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Doorbells that the kernel rings, all in doorbell page 0
 *
 * writeq() orders all earlier stores to memory before the doorbell, so the device sees
 * what a doorbell tells about. Doorbells that give ring entries back to the device need
 * more: the loads of these entries must be over before the device may write them anew.
 */

#ifndef TERN_IB_DOORBELL_H
#define TERN_IB_DOORBELL_H

#include <linux/bitfield.h>
#include <linux/io.h>

#include "ring.h"
#include "tern_hw.h"
#include "tern_ib.h"

/* Commands up to @index are in the ring */
static inline void tern_ib_db_cqp(struct tern_ib_dev *dev, u32 index)
{
	u64 db = FIELD_PREP(TERN_HW_DB_Q_W_INDEX_MASK, (u16)index);

	writeq(db, dev->doorbells + TERN_HW_DB_CQP);
}

/* Slots up to @index are in the send queue of a kernel QP */
static inline void tern_ib_db_sq(struct tern_ib_dev *dev, u32 qpn, u16 index)
{
	u64 db = FIELD_PREP(TERN_HW_DB_Q_W_NUM_MASK, qpn) |
		 FIELD_PREP(TERN_HW_DB_Q_W_INDEX_MASK, index);

	writeq(db, dev->doorbells + TERN_HW_DB_SQ);
}

/* Entries up to @index are in the receive queue of a kernel QP */
static inline void tern_ib_db_rq(struct tern_ib_dev *dev, u32 qpn, u16 index)
{
	u64 db = FIELD_PREP(TERN_HW_DB_Q_W_NUM_MASK, qpn) |
		 FIELD_PREP(TERN_HW_DB_Q_W_INDEX_MASK, index);

	writeq(db, dev->doorbells + TERN_HW_DB_RQ);
}

/* Entries before the ring's index are consumed; re-arm the vector */
static inline void tern_ib_db_eq(struct tern_ib_dev *dev, const struct tern_ib_eq *eq)
{
	u64 db = FIELD_PREP(TERN_HW_DB_EQ_W_NUM_MASK, eq->num) |
		 FIELD_PREP(TERN_HW_DB_EQ_W_AEQ_MASK, eq->is_aeq) |
		 FIELD_PREP(TERN_HW_DB_EQ_W_ARM_MASK, 1) |
		 FIELD_PREP(TERN_HW_DB_EQ_W_INDEX_MASK, eq->ring.index & TERN_IB_INDEX_MASK);

	/* Loads of the consumed entries before the device takes them back */
	dma_mb();
	writeq(db, dev->doorbells + TERN_HW_DB_EQ);
}

/* Entries before @index are consumed; with @mode other than disabled ask for an event */
static inline void tern_ib_db_cq(struct tern_ib_dev *dev, u32 cqn, u32 index,
				 enum tern_hw_cq_mode mode)
{
	u64 db = FIELD_PREP(TERN_HW_DB_CQ_W_NUM_MASK, cqn) |
		 FIELD_PREP(TERN_HW_DB_CQ_W_ARM_MASK, mode != TERN_HW_CQ_MODE_DISABLED) |
		 FIELD_PREP(TERN_HW_DB_CQ_W_MODE_MASK, mode) |
		 FIELD_PREP(TERN_HW_DB_CQ_W_INDEX_MASK, index & TERN_IB_INDEX_MASK);

	/* Loads of the consumed entries before the device takes them back */
	dma_mb();
	writeq(db, dev->doorbells + TERN_HW_DB_CQ);
}

#endif /* TERN_IB_DOORBELL_H */
