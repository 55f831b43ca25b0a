/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What must come next, and what must not. For programs that post one request after the other and know
 * all that becomes of each. Every wait ends the bench if it lasts too long.
 */
#ifndef RDMA_EXPECT_H
#define RDMA_EXPECT_H

#include "rdma_adapter.h"

/* The next CQE of a CQ is that of the entry `wqe` of the receive or send queue, with this status */
void expect_cqe(struct cq *cq, bool rq, enum tern_hw_wc_status status, uint16_t wqe, const char *what);
/* The next event is that this QP went to error, and why; events of new connections are skipped */
void expect_error(uint32_t node, uint32_t qpn, enum tern_hw_qp_reason reason, const char *what);
/* All is at rest, there is no CQE in the CQs of the nodes, and no event but of new connections */
void expect_quiet(struct cq cqs[NODES], const char *what);

#endif
