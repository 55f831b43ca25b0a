// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What to post, see rdma_traffic.h. A request is made up piece by piece; where room is missing on
 * the way, all that was taken is given back, and it is tried again later.
 */

#include <string.h>

#include "rdma_traffic.h"

#define MAX_QUIET 4u	/* at least so many requests fit an SQ: one of them is signalled */

/* -------------------------------------------------------------------------------- pieces */

static uint32_t any_length(const struct link *link)
{
	uint32_t kind = rnd(1000), len;

	if (link->is_long && kind < 30)
		len = rnd_range(100000, 1200000);
	else if (rnd(100) < traffic.config.long_pct)
		len = rnd(traffic.config.long_len);
	else if (kind < 550)
		len = rnd(129);
	else if (kind < 800)
		len = rnd(1025);
	else if (kind < 950)
		len = rnd(4097);
	else if (kind < 990)
		len = (256u << rnd(6)) * rnd(3) + rnd(3);	/* about whole packets */
	else
		len = rnd(16385);
	return len < link->max_len ? len : link->max_len;
}

/* Of an area's bytes: by its key, or by the one of all memory if that works here */
static struct piece make_piece(struct side *side, struct area *area, uint64_t offset, uint32_t len)
{
	struct piece piece = { .area = area, .offset = offset, .len = len, .key = area->mr.key,
		.va = area->mr.attr.va + offset };
	uint64_t run;

	if (side && side->priv && chance(20)) {
		uint64_t bus = len ? mr_bus(&area->mr, offset, &run) : 0;

		if (!len || run >= len) {
			piece.va = bus;
			piece.key = traffic.priv[side->qp.node].mr.key;
		}
	}
	return piece;
}

/* Cuts len bytes into num lengths, some of them zero */
static void cut(uint32_t len, uint32_t num, uint32_t *lens)
{
	uint32_t left = len;

	for (uint32_t k = 0; k + 1 < num; k++) {
		lens[k] = chance(15) ? 0 : rnd(left / (num - k) * 2 + 1);
		left -= lens[k];
	}
	if (num)
		lens[num - 1] = left;
}

static bool local_may_be_fast(const struct side *side)
{
	return side->fast.state == FAST_REG || side->fast.state == FAST_READY;
}

static bool take_local(struct side *side, uint32_t len, struct piece *piece)
{
	bool fast = local_may_be_fast(side) && chance(20);
	struct slice *slice = fast ? &side->fast.local : &side->local[rnd(2)];
	uint64_t offset;

	if (!slice_take(slice, len, 1, &offset)) {
		fast = false;
		slice = &side->local[rnd(2)];
		if (!slice_take(slice, len, 1, &offset))
			return false;
	}
	*piece = make_piece(fast ? NULL : side, slice->area, offset, len);
	if (fast)
		side->fast.local_last = side->posted + 1;
	return true;
}

static bool take_locals(struct side *side, struct msg *msg)
{
	uint32_t lens[MAX_SGE];

	msg->num = msg->len ? 1 : 0;
	if (chance(40))
		msg->num = rnd_range(msg->num, chance(50) ? 4 : MAX_SGE);
	cut(msg->len, msg->num, lens);
	for (uint32_t k = 0; k < msg->num; k++)
		if (!take_local(side, lens[k], &msg->piece[k]))
			return false;
	return true;
}

static bool take_remote(struct side *side, struct msg *msg)
{
	struct side *peer = side->peer;
	struct slice *slice = &side->target;
	uint64_t offset;

	if (peer->fast.state == FAST_READY && chance(25) &&
	    slice_take(&peer->fast.remote, msg->len, 1, &offset)) {
		slice = &peer->fast.remote;
		peer->fast.remote_last = side->posted + 1;
	} else if (!slice_take(slice, msg->len, 1, &offset)) {
		return false;
	}
	msg->remote = make_piece(NULL, slice->area, offset, msg->len);
	return true;
}

static void fill_pieces(const struct msg *msg)
{
	uint64_t at = 0;

	for (uint32_t k = 0; k < msg->num; k++) {
		area_fill(msg->piece[k].area, msg->piece[k].offset, msg->seed, at, msg->piece[k].len);
		at += msg->piece[k].len;
	}
}

/* ------------------------------------------------------------------------------- requests */

static bool wants_receive(enum tern_hw_wqe_op op)
{
	return op == TERN_HW_WQE_OP_SEND || op == TERN_HW_WQE_OP_SEND_IMM ||
	       op == TERN_HW_WQE_OP_SEND_INV || op == TERN_HW_WQE_OP_WRITE_IMM;
}

/* Receives that the peer has posted for this side's next request, or will in time */
static bool limit_by_receive(struct side *side, struct msg *msg)
{
	struct side *peer = side->peer;
	uint64_t number = peer->arrival_posted;

	if (number >= peer->recv_posted)
		return traffic.config.late;
	if (msg->op != TERN_HW_WQE_OP_WRITE_IMM) {
		uint32_t room = peer->recvs[number % RECVS].capacity;

		if (msg->len > room || chance(10))
			msg->len = room;
	}
	return true;
}

static void note_arrival(struct side *side, const struct msg *msg, const struct wr *wr)
{
	struct side *peer = side->peer;
	struct arrival *arrival = &peer->arrivals[peer->arrival_posted++ % MSGS];

	arrival->op = msg->op;
	arrival->len = msg->len;
	arrival->imm = wr->imm;
	arrival->solicited = wr->flags & WR_SOLICITED;
	arrival->seed = msg->seed;
	arrival->msg = side->posted;
	arrival->remote = msg->remote;
}

static bool make_inline(struct msg *msg, struct wr *wr)
{
	if (msg->len > MAX_INLINE || !chance(35) || msg->op == TERN_HW_WQE_OP_READ)
		return false;
	wr->flags |= WR_INLINE;
	wr->data_len = msg->len;
	message_bytes(msg->seed, 0, wr->data, msg->len);
	return true;
}

static bool make_atomic(struct side *side, struct msg *msg, struct wr *wr)
{
	uint64_t *value;
	uint32_t k = rnd(WORDS);
	struct group *group = side->peer->group;

	msg->len = 8;
	msg->num = 1;
	if (!take_local(side, 8, &msg->piece[0]))
		return false;
	if (msg->op == TERN_HW_WQE_OP_FETCH_ADD && chance(50) && group->counter_posted < COUNTER_MAX) {
		msg->word = WORD_COUNTER;
		wr->operand = 1;
		msg->remote = make_piece(NULL, group->counter_area, group->counter_offset, 8);
		group->counter_posted++;
		return true;
	}
	value = &side->word_value[k];
	msg->word = WORD_OWN;
	msg->value = *value;
	msg->remote = make_piece(NULL, side->word_area, side->word_offset[k], 8);
	wr->operand = rnd64();
	wr->compare = chance(60) ? *value : rnd64();
	if (msg->op == TERN_HW_WQE_OP_FETCH_ADD)
		*value += wr->operand;
	else if (wr->compare == *value)
		*value = wr->operand;
	area_assume64(side->word_area, side->word_offset[k], *value);
	return true;
}

static bool make_data(struct side *side, struct msg *msg, struct wr *wr)
{
	bool needs_remote = msg->op == TERN_HW_WQE_OP_WRITE || msg->op == TERN_HW_WQE_OP_WRITE_IMM ||
			    msg->op == TERN_HW_WQE_OP_READ;

	if (wants_receive(msg->op) && !limit_by_receive(side, msg))
		return false;
	if (needs_remote && !take_remote(side, msg))
		return false;
	if (make_inline(msg, wr))
		return true;
	if (!take_locals(side, msg))
		return false;
	if (msg->op == TERN_HW_WQE_OP_READ)
		area_fill(msg->remote.area, msg->remote.offset, msg->seed, 0, msg->len);
	else
		fill_pieces(msg);
	return true;
}

static void fill_wr(const struct msg *msg, struct wr *wr)
{
	wr->op = msg->op;
	wr->num_sge = msg->num;
	for (uint32_t k = 0; k < msg->num; k++) {
		wr->sge[k].va = msg->piece[k].va;
		wr->sge[k].len = msg->piece[k].len;
		wr->sge[k].key = msg->piece[k].key;
	}
	if (msg->remote.area) {
		wr->remote = msg->remote.va;
		wr->rkey = msg->remote.key;
	}
}

static uint32_t sq_slots(const struct side *side)
{
	return 1u << side->qp.attr.log_sq;
}

/* The request is whole: there is room for it. It becomes the side's newest */
static void post(struct side *side, struct msg *msg, struct wr *wr)
{
	struct slice *slices[SLICES];

	side_slices(side, slices);
	for (uint32_t k = 0; k < SLICES; k++)
		msg->marks[k] = slices[k]->head;
	msg->slots = wr_slots(wr);
	if (side->quiet_slots + msg->slots > sq_slots(side) / MAX_QUIET)
		wr->flags |= WR_SIGNALED;
	msg->signaled = wr->flags & WR_SIGNALED;
	side->quiet_slots = msg->signaled ? 0 : side->quiet_slots + msg->slots;
	side->used_slots += msg->slots;
	if (wants_receive(msg->op))
		note_arrival(side, msg, wr);
	msg->wqe = qp_post_send(&side->qp, wr);
	*side_msg(side, side->posted++) = *msg;
	traffic.posted++;
}

static bool fits(const struct side *side, const struct wr *wr)
{
	return side->used_slots + wr_slots(wr) <= sq_slots(side) &&
	       side->posted - side->done < MSGS;
}

static enum tern_hw_wqe_op any_op(void)
{
	uint32_t k = rnd(100);

	return k < 18 ? TERN_HW_WQE_OP_SEND : k < 28 ? TERN_HW_WQE_OP_SEND_IMM :
	       k < 52 ? TERN_HW_WQE_OP_WRITE : k < 62 ? TERN_HW_WQE_OP_WRITE_IMM :
	       k < 84 ? TERN_HW_WQE_OP_READ : k < 91 ? TERN_HW_WQE_OP_CMP_SWAP :
							TERN_HW_WQE_OP_FETCH_ADD;
}

static uint32_t any_flags(void)
{
	return (chance(65) ? WR_SIGNALED : 0) | (chance(20) ? WR_SOLICITED : 0) |
	       (chance(8) ? WR_FENCE : 0);
}

bool post_message(struct side *side)
{
	struct slice *slices[SLICES];
	uint64_t heads[SLICES];
	struct msg msg = { .op = any_op(), .seed = rnd64() };
	struct wr wr = { .flags = any_flags(), .imm = (uint32_t)rnd64() };
	bool atomic = msg.op == TERN_HW_WQE_OP_CMP_SWAP || msg.op == TERN_HW_WQE_OP_FETCH_ADD;

	/* Whatever it will be; so nothing needs to be undone that is not of slices */
	if (side->used_slots + 5 > sq_slots(side) || side->posted - side->done >= MSGS)
		return false;
	side_slices(side, slices);
	for (uint32_t k = 0; k < SLICES; k++)
		heads[k] = slices[k]->head;
	msg.len = any_length(side->link);
	if (!(atomic ? make_atomic(side, &msg, &wr) : make_data(side, &msg, &wr))) {
		for (uint32_t k = 0; k < SLICES; k++)
			slices[k]->head = heads[k];
		return false;
	}
	fill_wr(&msg, &wr);
	post(side, &msg, &wr);
	return true;
}

/* An empty one, so that all before it are known to be complete */
void post_last(struct side *side)
{
	struct msg msg = { .op = TERN_HW_WQE_OP_WRITE };
	struct wr wr = { .op = TERN_HW_WQE_OP_WRITE, .flags = WR_SIGNALED };

	if (!side->quiet_slots || !fits(side, &wr))
		return;
	msg.remote = make_piece(NULL, side->target.area, side->target.start, 0);
	fill_wr(&msg, &wr);
	post(side, &msg, &wr);
}

/* -------------------------------------------------------------------------- fast regions */

static void post_reg(struct side *side)
{
	struct mr *mr = &side->fast.area.mr;
	struct msg msg = { .op = TERN_HW_WQE_OP_REG_MR };
	struct wr wr = { .op = TERN_HW_WQE_OP_REG_MR, .flags = WR_SIGNALED };

	mr->key = (mr->key & ~0xffu) | (uint8_t)rnd64();
	mr->attr.va = (mr->attr.va & 0xffff) | (rnd64() >> 8 & ~0xffffull);
	area_shuffle(&side->fast.area);
	wr.rkey = mr->key;
	wr.va = mr->attr.va;
	wr.length = mr->attr.length;
	wr.access = mr->attr.access;
	wr.page_shift = mr->attr.page_shift;
	post(side, &msg, &wr);
	side->fast.state = FAST_REG;
}

static bool post_local_inv(struct side *side)
{
	struct msg msg = { .op = TERN_HW_WQE_OP_LOCAL_INV };
	struct wr wr = { .op = TERN_HW_WQE_OP_LOCAL_INV, .flags = WR_SIGNALED,
		.rkey = side->fast.area.mr.key };

	if (!fits(side, &wr))
		return false;
	post(side, &msg, &wr);
	side->fast.state = FAST_LOCAL_INV;
	return true;
}

/* By the peer, whose requests must all be done with it */
static bool post_remote_inv(struct side *side)
{
	struct side *peer = side->peer;
	struct msg msg = { .op = TERN_HW_WQE_OP_SEND_INV, .seed = rnd64() };
	struct wr wr = { .op = TERN_HW_WQE_OP_SEND_INV, .flags = WR_FENCE | any_flags(),
		.imm = side->fast.area.mr.key };

	msg.len = rnd(300);
	if (peer->used_slots + 5 > sq_slots(peer) || !limit_by_receive(peer, &msg))
		return false;
	if (msg.len > MAX_INLINE)
		msg.len = MAX_INLINE;
	wr.flags |= WR_INLINE;
	wr.data_len = msg.len;
	message_bytes(msg.seed, 0, wr.data, msg.len);
	fill_wr(&msg, &wr);
	post(peer, &msg, &wr);
	qp_ring_sq(&peer->qp);
	side->fast.state = FAST_REMOTE_INV;
	return true;
}

bool post_fast(struct side *side)
{
	struct fast *fast = &side->fast;

	switch (fast->state) {
	case FAST_FREE:
		if (!chance(10) || side->used_slots + 1 > sq_slots(side))
			return false;
		post_reg(side);
		return true;
	case FAST_READY:
		if (chance(3))
			fast->state = FAST_DRAIN;
		return false;
	case FAST_DRAIN:
		if (side->done < fast->local_last || side->peer->done < fast->remote_last)
			return false;
		return chance(50) ? post_local_inv(side) : (post_remote_inv(side), false);
	default:
		return false;
	}
}

/* ------------------------------------------------------------------------------- receives */

bool post_receive(struct side *side)
{
	struct recv *recv = &side->recvs[side->recv_posted % RECVS];
	struct sge sge[MAX_SGE];
	uint32_t max = 1u << side->qp.attr.log_stride, lens[MAX_SGE];
	uint64_t head = side->recv_slice.head, offset;

	if (side->recv_posted - side->recv_done >= 1u << side->qp.attr.log_rq)
		return false;
	recv->capacity = any_length(side->link);
	if (side->recv_posted < side->arrival_posted) {
		const struct arrival *arrival = &side->arrivals[side->recv_posted % MSGS];

		if (arrival->op != TERN_HW_WQE_OP_WRITE_IMM && recv->capacity < arrival->len)
			recv->capacity = arrival->len;
	}
	recv->num = recv->capacity ? rnd_range(1, max) : chance(50) ? 0 : rnd(max + 1);
	cut(recv->capacity, recv->num, lens);
	for (uint32_t k = 0; k < recv->num; k++) {
		if (!slice_take(&side->recv_slice, lens[k], 1, &offset)) {
			side->recv_slice.head = head;
			return false;
		}
		recv->piece[k] = make_piece(side, side->recv_slice.area, offset, lens[k]);
		sge[k].va = recv->piece[k].va;
		sge[k].len = lens[k];
		sge[k].key = recv->piece[k].key;
	}
	recv->mark = side->recv_slice.head;
	recv->wqe = qp_post_recv(&side->qp, sge, recv->num);
	side->recv_posted++;
	return true;
}
