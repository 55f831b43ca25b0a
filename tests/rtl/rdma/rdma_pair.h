/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A connection on which things go wrong, beside random traffic on others that must not notice. All
 * waiting lets the traffic go on.
 */
#ifndef RDMA_PAIR_H
#define RDMA_PAIR_H

#include "rdma_traffic.h"

#define PAIR_QPN 200u		/* of node 0; node 1 has the next one */
#define PAIR_PD 77u
#define PAIR_LOG_Q 6u

/* Regions of each node, 64 KiB */
enum pair_mr {
	MR_ALL,		/* all rights */
	MR_READ_ONLY,	/* none: local reads */
	MR_OTHER_PD,
	MR_NO_REMOTE,	/* local write */
	PAIR_MRS
};

struct pair {
	struct cq cq[NODES];
	struct mr mr[NODES][PAIR_MRS];
	struct qp qp[NODES];
	struct conn conn;
};

/* Once: both nodes, and random traffic beside; at the end, that all of it was right */
void pair_begin(struct pair *pair);
void pair_end(void);
void pair_init(struct pair *pair);
/* QPs with always the same numbers, connected; conn NULL for the usual one */
void pair_connect(struct pair *pair, const struct conn *conn, bool priv);
/* In whatever state they are */
void pair_destroy(struct pair *pair);

/* Requests of node 0 or 1 with one piece of 64 B in MR_ALL of both sides */
struct wr pair_wr(const struct pair *pair, uint32_t node, enum tern_hw_wqe_op op);
uint16_t pair_send(struct pair *pair, uint32_t node, const struct wr *wr);	/* and the doorbell */
uint16_t pair_recv(struct pair *pair, uint32_t node, uint32_t len);

void pair_wait(uint32_t cycles);
/* A CQE of the send or the receive queue if there is one */
bool pair_next(struct pair *pair, uint32_t node, bool rq, struct cqe *cqe);
/* Forgets all that are there */
void pair_drop_cqes(struct pair *pair);
/* The next CQE of this node, of the send or the receive queue. Fails after a while */
void pair_take(struct pair *pair, uint32_t node, bool rq, struct cqe *cqe, const char *what);
/* The same, and it must be this one */
void pair_cqe(struct pair *pair, uint32_t node, bool rq, uint16_t wqe, uint32_t opcode,
	      enum tern_hw_wc_status status, const char *what);
/* The next event of this node */
void pair_event(struct pair *pair, uint32_t node, enum tern_hw_ae_code code,
		enum tern_hw_qp_reason reason, const char *what);
void pair_state(struct pair *pair, uint32_t node, enum tern_hw_qp_state state, const char *what);
/* No CQE and no event on either side for a while */
void pair_quiet(struct pair *pair, const char *what);

#endif
