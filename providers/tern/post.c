// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * ibv_post_send and ibv_post_recv
 */

#include <errno.h>
#include <ccan/array_size.h>

#include "doorbells.h"
#include "tern.h"
#include "wqe.h"

/* What requests of an opcode are made of */
enum {
	KNOWN = 1 << 0,
	REMOTE = 1 << 1,		/* remote address and key */
	IMM = 1 << 2,
	INV = 1 << 3,			/* a key to invalidate at the peer */
	ATOMIC = 1 << 4,
	LOCAL = 1 << 5,			/* no data: a local key */
	MAY_INLINE = 1 << 6,
	ON_UC = 1 << 7,			/* unreliable connections have it too, */
	NOT_ON_UC = 1 << 8,		/* or not */
};

#define SEND_OP(what, parts) \
	{ TERN_HW_WQE_OP_##what | 1u << TERN_SHIFT(TERN_HW_SQ_WQE_HDR_SLOTS_MASK), KNOWN | (parts) }

static const struct {
	uint32_t hdr;			/* of an entry of one slot */
	uint32_t has;
} send_ops[] = {
	[IBV_WR_RDMA_WRITE] = SEND_OP(WRITE, REMOTE | MAY_INLINE | ON_UC),
	[IBV_WR_RDMA_WRITE_WITH_IMM] = SEND_OP(WRITE_IMM, REMOTE | IMM | MAY_INLINE | ON_UC),
	[IBV_WR_SEND] = SEND_OP(SEND, MAY_INLINE | ON_UC),
	[IBV_WR_SEND_WITH_IMM] = SEND_OP(SEND_IMM, IMM | MAY_INLINE | ON_UC),
	[IBV_WR_SEND_WITH_INV] = SEND_OP(SEND_INV, INV | MAY_INLINE | NOT_ON_UC),
	[IBV_WR_RDMA_READ] = SEND_OP(READ, REMOTE | NOT_ON_UC),
	[IBV_WR_ATOMIC_CMP_AND_SWP] = SEND_OP(CMP_SWAP, ATOMIC | NOT_ON_UC),
	[IBV_WR_ATOMIC_FETCH_AND_ADD] = SEND_OP(FETCH_ADD, ATOMIC | NOT_ON_UC),
	[IBV_WR_LOCAL_INV] = SEND_OP(LOCAL_INV, LOCAL | ON_UC),
};

/*
 * Which of the opcodes the QPs of a type have. Those of UD QPs are in ud.c: TERN_SQ_UD keeps their
 * requests from the short ways here, and build_any knows none of them.
 */
void tern_set_known_ops(struct tern_sq *sq, enum ibv_qp_type type)
{
	sq->simple_ops = KNOWN | IMM | INV | ATOMIC | LOCAL;
	switch (type) {
	case IBV_QPT_RC:
		sq->known_ops = KNOWN;
		break;
	case IBV_QPT_UC:
		sq->known_ops = ON_UC;
		sq->simple_ops |= NOT_ON_UC;
		break;
	default:
		sq->known_ops = 0;
	}
}

static void put_atomic(struct tern_hw_sq_wqe *wqe, const struct ibv_send_wr *wr)
{
	bool swap = wr->opcode == IBV_WR_ATOMIC_CMP_AND_SWP;

	wqe->remote = htole64(wr->wr.atomic.remote_addr);
	wqe->keys = htole64(wr->wr.atomic.rkey);
	wqe->data[2] = htole64(swap ? wr->wr.atomic.swap : wr->wr.atomic.compare_add);
	wqe->data[3] = htole64(swap ? wr->wr.atomic.compare_add : 0);
}

/* Requests without the plain remote address and key; they are of one slot or refused */
static int put_special(struct tern_hw_sq_wqe *wqe, const struct ibv_send_wr *wr, uint32_t has)
{
	if (wr->num_sge != !!(has & ATOMIC))
		return EINVAL;
	if (has & ATOMIC) {
		put_atomic(wqe, wr);
	} else {
		wqe->remote = 0;
		wqe->keys = htole64(wr->invalidate_rkey);
	}
	return 0;
}

static uint64_t imm_or_key(const struct ibv_send_wr *wr, uint32_t has)
{
	return has & IMM ? tern_keys_imm(wr->imm_data) : tern_keys_inv(wr->invalidate_rkey);
}

/* What the QP's type does not have here */
static __attribute__((noinline)) int build_unknown(const struct tern_sq *sq,
						   const struct ibv_send_wr *wr,
						   uint32_t head, uint32_t room)
{
	return sq->always_flags & TERN_SQ_UD ? tern_build_ud(sq, wr, head, room) : -EOPNOTSUPP;
}

/*
 * Build the entry at index head. Returns how many slots it has, or a negative errno: then
 * nothing counts of what was written.
 */
static __attribute__((noinline)) int build_any(const struct tern_sq *sq,
					       const struct ibv_send_wr *wr,
					       uint32_t head, uint32_t room)
{
	uint32_t flags = wr->send_flags | sq->always_flags;
	struct tern_sq_wr *kept = &sq->wr[head & sq->mask];
	struct tern_hw_sq_wqe *wqe = tern_sq_slot(sq, head);
	uint32_t num_sge = wr->num_sge;
	uint64_t remote = 0, keys = 0;
	uint32_t slots, has;
	uint64_t hdr;

	if (unlikely((uint32_t)wr->opcode >= ARRAY_SIZE(send_ops) ||
		     !(send_ops[wr->opcode].has & sq->known_ops)))
		return build_unknown(sq, wr, head, room);
	has = send_ops[wr->opcode].has;
	hdr = send_ops[wr->opcode].hdr;
	if (unlikely(flags > 2 * IBV_SEND_INLINE - 1 || num_sge > sq->max_sge))
		return -EINVAL;

	if (flags & IBV_SEND_INLINE) {
		uint64_t bytes = tern_total_length(wr);

		if (unlikely(!(has & MAY_INLINE) || bytes > sq->max_inline))
			return -EINVAL;
		slots = tern_inline_slots(bytes);
		hdr |= tern_hdr_inline(bytes);
	} else {
		slots = tern_sge_slots(num_sge);
		hdr |= tern_hdr_sges(num_sge);
	}
	if (unlikely(slots > room))
		return -ENOMEM;

	wqe->rsvd = 0;
	if (unlikely(has & (ATOMIC | LOCAL))) {
		if (put_special(wqe, wr, has))
			return -EINVAL;
	} else {
		if (has & REMOTE) {
			remote = wr->wr.rdma.remote_addr;
			keys = wr->wr.rdma.rkey;
		}
		if (has & (IMM | INV))
			keys |= imm_or_key(wr, has);
		wqe->remote = htole64(remote);
		wqe->keys = htole64(keys);
	}

	if (flags & IBV_SEND_INLINE)
		tern_put_inline_sges(sq, (uint8_t *)wqe->data, wr);
	else
		tern_put_sges(sq, wqe, wr->sg_list, num_sge);

	kept->wr_id = wr->wr_id;
	kept->end = head + slots;
	wqe->hdr = htole64((hdr + tern_hdr_slots(slots - 1)) |
			   tern_hdr_flags(flags & (IBV_SEND_INLINE - 1)) |
			   tern_sq_polarity(sq, head));
	return slots;
}

/*
 * Requests to be done in few instructions: of one slot, with SGEs, without what few requests
 * have. If there is room, and thus a queue, max_sge is at least TERN_FIRST_SGES.
 */
static inline bool is_simple(const struct tern_sq *sq, const struct ibv_send_wr *wr, uint32_t room)
{
	return (uint32_t)wr->opcode < ARRAY_SIZE(send_ops) && room &&
	       (wr->send_flags | sq->always_flags) < IBV_SEND_INLINE &&
	       (uint32_t)wr->num_sge <= TERN_FIRST_SGES &&
	       (send_ops[wr->opcode].has & sq->simple_ops) == KNOWN;
}

static inline void put_remote(struct tern_hw_sq_wqe *wqe, const struct ibv_send_wr *wr)
{
	uint64_t remote = 0, keys = 0;

	if (send_ops[wr->opcode].has & REMOTE) {
		remote = wr->wr.rdma.remote_addr;
		keys = wr->wr.rdma.rkey;
	}
	wqe->remote = htole64(remote);
	wqe->keys = htole64(keys);
	wqe->rsvd = 0;
}

static inline void build_simple(const struct tern_sq *sq, const struct ibv_send_wr *wr,
				uint32_t head)
{
	uint32_t flags = wr->send_flags | sq->always_flags;
	uint32_t slot = head & sq->mask, num_sge = wr->num_sge;
	struct tern_hw_sq_wqe *wqe = (struct tern_hw_sq_wqe *)sq->buf + slot;
	struct tern_sq_wr *kept = &sq->wr[slot];

	put_remote(wqe, wr);
	if (likely(num_sge)) {
		tern_copy_sge((struct tern_hw_sge *)wqe->data, wr->sg_list);
		if (unlikely(num_sge > 1))
			tern_copy_sge((struct tern_hw_sge *)wqe->data + 1, wr->sg_list + 1);
	}

	kept->wr_id = wr->wr_id;
	kept->end = head + 1;
	wqe->hdr = htole64(send_ops[wr->opcode].hdr | tern_hdr_sges(num_sge) |
			   tern_hdr_flags(flags) | tern_sq_polarity(sq, head));
}

/* Likewise with inline data, of one SGE, that the first slot holds */
static inline bool is_small(const struct tern_sq *sq, const struct ibv_send_wr *wr, uint32_t room)
{
	return (uint32_t)wr->opcode < ARRAY_SIZE(send_ops) && room &&
	       ((wr->send_flags | sq->always_flags) & ~(IBV_SEND_INLINE - 1)) == IBV_SEND_INLINE &&
	       wr->num_sge == 1 && wr->sg_list->length <= TERN_FIRST_INLINE &&
	       wr->sg_list->length <= sq->max_inline &&
	       (send_ops[wr->opcode].has & (KNOWN | IMM | INV | MAY_INLINE)) ==
		       (KNOWN | MAY_INLINE);
}

static inline void build_small(const struct tern_sq *sq, const struct ibv_send_wr *wr,
			       uint32_t head)
{
	uint32_t flags = (wr->send_flags | sq->always_flags) & (IBV_SEND_INLINE - 1);
	uint32_t slot = head & sq->mask, bytes = wr->sg_list->length;
	struct tern_hw_sq_wqe *wqe = (struct tern_hw_sq_wqe *)sq->buf + slot;
	struct tern_sq_wr *kept = &sq->wr[slot];

	put_remote(wqe, wr);
	tern_copy_small((uint8_t *)wqe->data, (const void *)(uintptr_t)wr->sg_list->addr, bytes);
	kept->wr_id = wr->wr_id;
	kept->end = head + 1;
	wqe->hdr = htole64(send_ops[wr->opcode].hdr | tern_hdr_inline(bytes) |
			   tern_hdr_flags(flags) | tern_sq_polarity(sq, head));
}

/* All requests; the queue is locked, and unlocked here */
static __attribute__((noinline)) int post_list(struct tern_qp *qp, struct ibv_send_wr *wr,
					       struct ibv_send_wr **bad_wr)
{
	struct tern_sq *sq = &qp->sq;
	uint32_t head = sq->head, last = 0;
	uint32_t room = tern_sq_free(sq, head);
	int ret = 0;

	/* The device takes no requests of a QP before RTS, and they would be lost */
	if (unlikely(qp->vqp.qp.state < IBV_QPS_RTS) && wr) {
		ret = -EINVAL;
		*bad_wr = wr;
		wr = NULL;
	}
	for (; wr; wr = wr->next) {
		if (likely(is_simple(sq, wr, room))) {
			build_simple(sq, wr, head);
			ret = 1;
		} else if (is_small(sq, wr, room)) {
			build_small(sq, wr, head);
			ret = 1;
		} else {
			ret = build_any(sq, wr, head, room);
			if (unlikely(ret < 0)) {
				*bad_wr = wr;
				break;
			}
		}
		last = head;
		head += ret;
		room -= ret;
	}

	if (likely(head != sq->head)) {
		sq->head = head;
		tern_ring_sq_doorbell(qp, last);
	}
	tern_unlock(&sq->lock);
	return ret < 0 ? -ret : 0;
}

/* A single request, the most frequent case, needs neither the list nor its registers */
int tern_post_send(struct ibv_qp *ibv_qp, struct ibv_send_wr *wr, struct ibv_send_wr **bad_wr)
{
	struct tern_qp *qp = to_tern_qp(ibv_qp);
	struct tern_sq *sq = &qp->sq;
	uint32_t head, room;

	tern_lock(&sq->lock);
	head = sq->head;
	room = tern_sq_free(sq, head);
	if (unlikely(ibv_qp->state < IBV_QPS_RTS || !wr || wr->next))
		return post_list(qp, wr, bad_wr);
	if (likely(is_simple(sq, wr, room)))
		build_simple(sq, wr, head);
	else if (is_small(sq, wr, room))
		build_small(sq, wr, head);
	else
		return post_list(qp, wr, bad_wr);

	sq->head = head + 1;
	tern_ring_sq_doorbell(qp, head);
	tern_unlock(&sq->lock);
	return 0;
}

/* Without SGEs of length 0, of which one with key 0 would end the list */
static void put_recv(const struct tern_rq *rq, struct tern_hw_sge *to, const struct ibv_sge *sge,
		     uint32_t num_sge)
{
	const struct ibv_sge *last = sge + num_sge;
	const void *end = (const uint8_t *)to + ((size_t)1 << rq->log_bytes);

	for (; sge < last; sge++) {
		if (likely(sge->length))
			tern_copy_sge(to++, sge);
	}
	if (to != end)
		tern_put_sge(to, 0, 0, 0);
}

int tern_post_recv(struct ibv_qp *ibv_qp, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad_wr)
{
	struct tern_qp *qp = to_tern_qp(ibv_qp);
	struct tern_rq *rq = &qp->rq;
	uint32_t head, room;
	int ret = 0;

	tern_lock(&rq->lock);
	head = rq->head;
	room = rq->mask + 1 -
	       (uint16_t)(head - atomic_load_explicit(&rq->tail, memory_order_acquire));

	for (; wr; wr = wr->next) {
		if (unlikely(ibv_qp->state == IBV_QPS_RESET ||
			     (uint32_t)wr->num_sge > rq->max_sge))
			ret = EINVAL;
		else if (unlikely(!room))
			ret = ENOMEM;
		if (unlikely(ret)) {
			*bad_wr = wr;
			break;
		}
		put_recv(rq, (struct tern_hw_sge *)(rq->buf + ((size_t)(head & rq->mask)
							       << rq->log_bytes)),
			 wr->sg_list, wr->num_sge);
		rq->wr_id[head & rq->mask] = wr->wr_id;
		head++;
		room--;
	}

	if (likely(head != rq->head)) {
		rq->head = head;
		tern_ring_rq_doorbell(qp);
	}
	tern_unlock(&rq->lock);
	return ret;
}
