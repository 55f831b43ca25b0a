/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What both sides of the integrity test do in a round, and what memory must hold after it
 *
 * A plan follows from the seed and the number of the round alone, so both sides know what the
 * other does without asking. Each side has one region of memory; at the start of a round all of it
 * holds random bytes, which both sides can compute. Messages read and write pieces of the regions
 * that overlap nowhere, with gaps in between, so the whole region has one right content at the
 * end: a byte that went astray shows wherever it is.
 */

#ifndef INTEGRITY_PLAN_H
#define INTEGRITY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAN_MAX_SGE	16
#define PLAN_SIDES	2

enum plan_op { OP_SEND, OP_SEND_IMM, OP_WRITE, OP_WRITE_IMM, OP_READ, OP_SWAP, OP_ADD, OP_SHARED_ADD };

/* A piece of a side's region */
struct piece {
	uint32_t offset, length;
};

/* One work request of a QP, by the side that posts it */
struct message {
	enum plan_op op;
	uint32_t length;		/* bytes, atomics 8 */
	uint32_t imm;
	uint32_t num_local, num_recv;
	struct piece local[PLAN_MAX_SGE];	/* at the side that posts it */
	struct piece recv[PLAN_MAX_SGE];	/* SEND: buffer at the other side */
	uint32_t remote;		/* RDMA, atomics: offset in the other side's region */
	uint64_t operand, compare;	/* atomics; swap: compare is what is there or is not */
	bool fence, solicited, signaled, inlined;
};

struct plan {
	uint32_t qps, messages;		/* messages of each QP and side in a round */
	uint32_t max_sge, max_inline, max_length;
	size_t bytes;			/* of a region */
	/*
	 * A side whose retries fail by faults of its own, Linux 6.12's Soft-RoCE:
	 * - it never repeats a request with a fence if it has sent READs or atomics since, for it
	 *   waits for those;
	 * - an ACK of all of a SEND or WRITE that comes when it has repeated a part of it only makes
	 *   it go on with a packet too many, and all PSNs behind that shift;
	 * - an ACK of something older, which the other side owes to a request that comes again, makes
	 *   it forget that it is in the middle of a READ, and the next packet of that ends the QP;
	 * - it answers a READ that comes again with a remote access error if that, or the last new
	 *   WRITE or READ, had no bytes.
	 * So it sends no fences and single packets only, and the other side no WRITEs or READs of no
	 * bytes.
	 */
	bool fragile[PLAN_SIDES];
	uint32_t mtu;
	struct message *message;	/* [side][qp][index] */
	uint8_t *image[PLAN_SIDES];	/* contents before the round */
	uint8_t *expected;		/* contents of the side `me` after it */
	int me;
	uint32_t shared;		/* offset of the word that all of a side's peers add to */
	uint32_t shared_adds[PLAN_SIDES];	/* adds that a side posts in the round */
};

static inline bool op_is_atomic(enum plan_op op)
{
	return op >= OP_SWAP;
}

/* The other side gets a receive completion */
static inline bool op_is_received(enum plan_op op)
{
	return op == OP_SEND || op == OP_SEND_IMM || op == OP_WRITE_IMM;
}

static inline bool op_has_imm(enum plan_op op)
{
	return op == OP_SEND_IMM || op == OP_WRITE_IMM;
}

static inline struct message *plan_message(const struct plan *plan, int side, uint32_t qp,
					   uint32_t index)
{
	return &plan->message[((size_t)side * plan->qps + qp) * plan->messages + index];
}

int plan_init(struct plan *plan);
void plan_free(struct plan *plan);
void plan_round(struct plan *plan, uint64_t seed, uint32_t round);

#endif /* INTEGRITY_PLAN_H */
