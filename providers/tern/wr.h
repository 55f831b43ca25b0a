/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What ibv_wr_* of all QPs have in common: beginning and end of a batch and of an entry
 */

#ifndef TERN_WR_H
#define TERN_WR_H

#include <errno.h>

#include "doorbells.h"
#include "tern.h"
#include "wqe.h"

static inline void tern_wr_start(struct ibv_qp_ex *ibv_qp)
{
	struct tern_sq *sq = &to_tern_qp_ex(ibv_qp)->sq;

	tern_lock(&sq->lock);
	sq->begin = sq->head;
	sq->wqe = NULL;
	/* The device takes no requests of a QP before RTS, and they would be lost */
	sq->err = unlikely(ibv_qp->qp_base.state < IBV_QPS_RTS) ? EINVAL : 0;
}

static inline void tern_wr_abort(struct ibv_qp_ex *ibv_qp)
{
	struct tern_sq *sq = &to_tern_qp_ex(ibv_qp)->sq;

	sq->head = sq->begin;
	tern_unlock(&sq->lock);
}

static inline int tern_wr_complete(struct ibv_qp_ex *ibv_qp)
{
	struct tern_qp *qp = to_tern_qp_ex(ibv_qp);
	struct tern_sq *sq = &qp->sq;
	int ret = sq->err;

	if (unlikely(ret))
		sq->head = sq->begin;
	else if (likely(sq->head != sq->begin))
		tern_ring_sq_doorbell(qp, sq->first);
	tern_unlock(&sq->lock);
	return ret;
}

/* The first error counts; setters that follow have nothing to add to */
static inline void tern_wr_fail(struct tern_sq *sq, int err)
{
	if (!sq->err)
		sq->err = err;
	sq->wqe = NULL;
}

/* An entry of one slot without data, of which only the header is written; NULL: an error */
static inline struct tern_hw_sq_wqe *tern_wr_begin(struct ibv_qp_ex *ibv_qp, uint64_t op)
{
	struct tern_sq *sq = &to_tern_qp_ex(ibv_qp)->sq;
	uint32_t flags = (ibv_qp->wr_flags | sq->always_flags) &
			 (IBV_SEND_FENCE | IBV_SEND_SIGNALED | IBV_SEND_SOLICITED);
	uint32_t head = sq->head;
	struct tern_hw_sq_wqe *wqe = tern_sq_slot(sq, head);
	struct tern_sq_wr *kept = &sq->wr[head & sq->mask];

	if (unlikely(sq->err || !tern_sq_free(sq, head))) {
		tern_wr_fail(sq, ENOMEM);
		return NULL;
	}
	wqe->hdr = htole64(op | tern_hdr_flags(flags) | tern_hdr_slots(1) |
			   tern_sq_polarity(sq, head));
	kept->wr_id = ibv_qp->wr_id;
	kept->end = head + 1;

	sq->wqe = wqe;
	sq->first = head;
	sq->head = head + 1;
	return wqe;
}

/* Make the request as long as it has to be. Only one setter of data may follow a builder */
static inline bool tern_wr_extend(struct tern_sq *sq, uint32_t slots, uint64_t add_to_hdr)
{
	uint64_t hdr;

	if (unlikely(slots > 1)) {
		if (unlikely(tern_sq_free(sq, sq->first) < slots)) {
			tern_wr_fail(sq, ENOMEM);
			return false;
		}
		sq->head = sq->first + slots;
		sq->wr[sq->first & sq->mask].end = sq->head;
	}
	hdr = le64toh(sq->wqe->hdr);
	sq->wqe->hdr = htole64(hdr + tern_hdr_slots(slots - 1) + add_to_hdr);
	return true;
}

#endif
