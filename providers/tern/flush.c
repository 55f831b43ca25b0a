// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completions when the device is dead or was taken away
 *
 * The device writes an entry for each request that it has, until it dies. Who polls then would
 * wait for ever, so the provider writes the entries that are missing. They go to memory of its
 * own, which takes the place of the ring: the device may still be about to write to that one
 * when the process learns that it goes away.
 */

#include <stdlib.h>

#include "tern.h"

/* All places of the new ring, as if the device had written to none since the last pass */
static bool replace_ring(struct tern_cq *cq)
{
	uint32_t size = tern_ring_size(&cq->ring), i;
	struct tern_hw_cqe *buf = calloc(size, sizeof(*buf));

	if (!buf)
		return false;
	for (i = 0; i < size; i++) {
		uint32_t index = cq->ring.index + i;
		bool polarity = !(index & size);

		buf[index & (size - 1)].info =
			htole64(polarity ? 0 : TERN_HW_CQE_INFO_POLARITY_MASK);
	}
	cq->device_buf = cq->ring.buf;
	cq->ring.buf = buf;
	return true;
}

/* One entry; the ring is empty up to it */
static void write_flush(struct tern_cq *cq, uint32_t *index, uint32_t qpn, uint32_t op, bool recv,
			uint16_t wqe_index)
{
	uint32_t size = tern_ring_size(&cq->ring);
	struct tern_hw_cqe *cqe = (struct tern_hw_cqe *)cq->ring.buf + (*index & (size - 1));
	uint64_t info = qpn | FIELD_PREP(TERN_HW_CQE_INFO_OPCODE_MASK, (uint64_t)op) |
			FIELD_PREP(TERN_HW_CQE_INFO_STATUS_MASK,
				   (uint64_t)TERN_HW_WC_STATUS_WR_FLUSH);

	if (recv)
		info |= TERN_HW_CQE_INFO_RQ_MASK;
	if (!(*index & size))
		info |= TERN_HW_CQE_INFO_POLARITY_MASK;
	*cqe = (struct tern_hw_cqe) {
		.peer = htole64(FIELD_PREP(TERN_HW_CQE_PEER_WQE_INDEX_MASK, (uint64_t)wqe_index)),
		.info = htole64(info),
	};
	(*index)++;
}

static void flush_sq(struct tern_cq *cq, struct tern_qp *qp, uint32_t *index, uint32_t end)
{
	struct tern_sq *sq = &qp->sq;
	uint32_t at = atomic_load_explicit(&sq->tail, memory_order_relaxed);

	tern_lock(&sq->lock);
	while (sq->buf && at != sq->head && *index != end) {
		const struct tern_hw_sq_wqe *wqe = (const void *)(sq->buf + (at & sq->mask) * 64);

		write_flush(cq, index, qp->qpn,
			    FIELD_GET(TERN_HW_SQ_WQE_HDR_OP_MASK, le64toh(wqe->hdr)), false, at);
		at = sq->wr[at & sq->mask].end;
	}
	tern_unlock(&sq->lock);
}

static void flush_rq(struct tern_cq *cq, struct tern_qp *qp, uint32_t *index, uint32_t end)
{
	struct tern_rq *rq = &qp->rq;
	uint16_t at = atomic_load_explicit(&rq->tail, memory_order_relaxed);

	tern_lock(&rq->lock);
	for (; rq->buf && at != (uint16_t)rq->head && *index != end; at++)
		write_flush(cq, index, qp->qpn, TERN_HW_RCV_OP_SEND, true, at);
	tern_unlock(&rq->lock);
}

/*
 * To be called when the device is dead, with the lock of the CQ held: if the CQ is empty, all that
 * is under way is over, as far as there is room.
 */
void tern_flush_cq(struct tern_cq *cq)
{
	uint32_t index = cq->ring.index, end = index + tern_ring_size(&cq->ring);
	struct tern_context *ctx = cq->ctx;
	uint32_t i, k;

	if (tern_ring_cqe_is_new(&cq->ring, le64toh(tern_ring_cqe(&cq->ring)->info)) ||
	    (!cq->device_buf && !replace_ring(cq)))
		return;
	for (i = 0; i < TERN_QP_TABLE_SIZE; i++) {
		for (k = 0; ctx->qp_table[i] && k < TERN_QP_TABLE_SIZE; k++) {
			struct tern_qp *qp = ctx->qp_table[i][k];

			if (qp && qp->vqp.qp.send_cq == &cq->vcq.cq)
				flush_sq(cq, qp, &index, end);
			if (qp && qp->vqp.qp.recv_cq == &cq->vcq.cq)
				flush_rq(cq, qp, &index, end);
		}
	}
}
