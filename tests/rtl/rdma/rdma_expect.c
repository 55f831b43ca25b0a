// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "rdma_expect.h"

#define PATIENCE 100000u	/* times 20 cycles */

void expect_cqe(struct cq *cq, bool rq, enum tern_hw_wc_status status, uint16_t wqe, const char *what)
{
	struct cqe cqe;

	for (uint32_t k = 0; !cq_poll(cq, &cqe); k++) {
		check(k < PATIENCE, "%s: node %u: no CQE", what, cq->node);
		bus_wait(20);
	}
	check(cqe.rq == rq && cqe.status == status && cqe.wqe_index == wqe,
	      "%s: node %u: %s CQE of entry %u, status %u; entry %u, %u is due", what, cq->node,
	      cqe.rq ? "receive" : "send", cqe.wqe_index, cqe.status, wqe, status);
}

void expect_error(uint32_t node, uint32_t qpn, enum tern_hw_qp_reason reason, const char *what)
{
	struct ae ae;

	for (uint32_t k = 0; !ae_poll(node, &ae) || ae.code == TERN_HW_AE_CODE_QP_COMM_EST; k++) {
		check(k < PATIENCE, "%s: node %u: no event", what, node);
		bus_wait(20);
	}
	check(ae.code == TERN_HW_AE_CODE_QP_FATAL && ae.id == qpn &&
	      get(TERN_HW_AE_QP_W_REASON_MASK, ae.detail) == reason, "%s: node %u: event %x, detail %llx",
	      what, node, ae.code, (unsigned long long)ae.detail);
}

void expect_quiet(struct cq cqs[NODES], const char *what)
{
	struct cqe cqe;
	struct ae ae;

	bus_wait_idle(what);
	for (uint32_t i = 0; i < NODES; i++) {
		check(!cq_poll(&cqs[i], &cqe), "%s: node %u: one more CQE, status %u", what, i, cqe.status);
		while (ae_poll(i, &ae))
			check(ae.code == TERN_HW_AE_CODE_QP_COMM_EST, "%s: node %u: event %x", what, i,
			      ae.code);
	}
}
