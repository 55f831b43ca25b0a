/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Doorbells of the Ethernet half, all in doorbell page 0
 *
 * writeq() orders all earlier stores to memory before the doorbell. A doorbell that gives
 * entries of a CQ back needs more: the loads of these entries must be over before the
 * device may write them anew.
 */

#ifndef TERN_CORE_ETHDB_H
#define TERN_CORE_ETHDB_H

#include <linux/bitfield.h>
#include <linux/io.h>

#include "core.h"

/* AQ, send or receive queue @num: entries up to @index are there */
static inline void tern_eth_db_queue(struct tern_core *core, enum tern_hw_eth_db offset, u16 num,
				     u32 index)
{
	u64 db = FIELD_PREP(TERN_HW_DB_Q_W_NUM_MASK, num) |
		 FIELD_PREP(TERN_HW_DB_Q_W_INDEX_MASK, (u16)index);

	writeq(db, core->kernel_page + offset);
}

#define TERN_ETH_CQ_INDEX_MASK	0xffffffu

/* Entries before @index are consumed; with @arm the next one, or one that is left, interrupts */
static inline void tern_eth_db_cq(struct tern_core *core, u16 cqn, u32 index, bool arm)
{
	u64 db = FIELD_PREP(TERN_HW_DB_CQ_W_NUM_MASK, cqn) |
		 FIELD_PREP(TERN_HW_DB_CQ_W_ARM_MASK, arm) |
		 FIELD_PREP(TERN_HW_DB_CQ_W_MODE_MASK, TERN_HW_CQ_MODE_EVERY) |
		 FIELD_PREP(TERN_HW_DB_CQ_W_INDEX_MASK, index & TERN_ETH_CQ_INDEX_MASK);

	dma_mb();
	writeq(db, core->kernel_page + TERN_HW_ETH_DB_CQ);
}

#endif /* TERN_CORE_ETHDB_H */
