/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A context of the provider without a device: the kernel's answers are made up, doorbells
 * go to memory, and the test itself writes completions
 */

#ifndef FAKE_H
#define FAKE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tern.h"

#define FAKE_NO_DOORBELL	UINT64_MAX

struct fake {
	struct tern_context *ctx;
	struct tern_pd pd;
	uint64_t *page;			/* doorbell page */
	uint8_t *push;			/* push page */
};

/* What the faked kernel saw last, and what it is to answer */
extern struct fake_kernel {
	struct tern_create_qp_req create_qp;
	struct tern_create_cq_req create_cq;
	uint32_t next_qpn;
	int fail;			/* errno of the next commands */
	int destroyed;			/* QPs */
	uint32_t create_flags;		/* of the last QP */
	uint8_t dmac[6];		/* what addresses lead to */
	int ahs;			/* that exist */
} fake_kernel;

/* Completion that the device writes; counts entries since creation */
struct fake_cqe {
	uint64_t timestamp, peer, info;
	uint32_t len, imm;
};

void fake_init(struct fake *fake);
void fake_exit(struct fake *fake);
struct tern_cq *fake_cq(struct fake *fake, uint32_t entries);
struct tern_qp *fake_qp(struct fake *fake, struct tern_cq *cq, struct ibv_qp_cap cap,
			int sq_sig_all);
struct tern_qp *fake_qp_of(struct fake *fake, struct tern_cq *cq, struct ibv_qp_cap cap,
			   int sq_sig_all, enum ibv_qp_type type, uint64_t send_ops);
void fake_write_cqe(struct tern_cq *cq, uint64_t n, const struct fake_cqe *cqe);

/* The doorbell that was rung last, which is forgotten then */
uint64_t fake_doorbell(struct fake *fake, unsigned int offset);

/* xorshift64*: the same numbers in each run */
static inline uint32_t fake_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull >> 32;
}

static inline uint32_t fake_below(uint64_t *state, uint32_t limit)
{
	return fake_random(state) % limit;
}

#endif
