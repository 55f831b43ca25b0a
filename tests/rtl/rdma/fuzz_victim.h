/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Between fuzz_victim.c and fuzz_wr.c: what is known of victims */
#ifndef FUZZ_VICTIM_H
#define FUZZ_VICTIM_H

#include "fuzz.h"

#define VICTIMS 17u	/* the last one is QP 1 */
#define GSI (VICTIMS - 1)
#define VICTIM_LOG_Q 5u
#define VICTIM_RING (1u << VICTIM_LOG_Q)

struct entry {
	uint16_t wqe;
	uint32_t slots;
	enum tern_hw_wqe_op op;
	bool loose;		/* to a group of which the peer's netdev may get it */
	bool apart;		/* a receive whose first part is for the network header */
};

struct queue {
	struct entry entries[VICTIM_RING];
	uint32_t posted, done;
	bool failed;		/* the rest is flushed */
};

struct end {
	struct qp qp;
	bool made, there;
	uint32_t state;
	struct queue sq, rq;
	uint32_t used;		/* slots */
	uint32_t errors, errors_due, established, established_due, drained, drained_due;
	uint64_t left[FUZZ_TEAMS];	/* when it left the group; 0: it was never in it */
};

#define NEVER_LEFT (~0ull)

struct victim {
	struct end side[NODES];
	enum tern_hw_qp_type type;
	struct conn conn;
	struct ud_addr addr[NODES];	/* of the QP at that node */
	uint32_t steps;		/* left */
};

extern struct victim victims[VICTIMS];
extern struct cq victim_cqs[NODES];
extern uint32_t victim_loose[NODES];	/* entries that are loose and not complete */

static inline uint32_t victim_qpn(uint32_t k)
{
	return k == GSI ? 1 : 224 + k;
}

/* VICTIMS or above: it is none */
static inline uint32_t victim_of(uint32_t qpn)
{
	return qpn == 1 ? GSI : qpn - 224;
}

static inline bool is_datagram(enum tern_hw_qp_type type)
{
	return type == TERN_HW_QP_TYPE_UD || type == TERN_HW_QP_TYPE_GSI;
}

static inline uint32_t victim_qkey(uint32_t k)
{
	return k == GSI ? GSI_QKEY : FUZZ_QKEY + k % FUZZ_QKEYS;
}

/* -------------------------------------------------------------------------------- fuzz_wr.c */

void victim_regions(void);
void victim_check_memory(void);
/* Some, as many as there is room for */
void victim_post_receives(uint32_t k, uint32_t node);
void victim_post_sends(uint32_t k, uint32_t node);
void victim_poll(uint32_t node);
/* Some of a victim that can, to this group */
void victim_send_to(uint32_t node, uint32_t team);
/* What is posted will not complete */
void victim_forget(struct end *side);

#endif
