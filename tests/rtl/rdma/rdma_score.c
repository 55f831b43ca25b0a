// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// What comes back, see rdma_traffic.h

#include <stdlib.h>

#include "rdma_traffic.h"

#define MARGIN 128u	/* bytes looked at behind what a message has filled */

struct msg *side_msg(struct side *side, uint64_t number)
{
	return &side->msgs[number % MSGS];
}

void side_slices(struct side *side, struct slice *slices[SLICES])
{
	slices[SL_LOCAL0] = &side->local[0];
	slices[SL_LOCAL1] = &side->local[1];
	slices[SL_TARGET] = &side->target;
	slices[SL_FAST] = &side->fast.local;
	slices[SL_PEER_FAST] = &side->peer->fast.remote;
}

static void expect_pieces(const struct piece *piece, uint32_t num, uint64_t seed, uint32_t len,
			  const char *what)
{
	uint64_t at = 0;

	for (uint32_t k = 0; k < num; k++) {
		uint64_t n = piece[k].len, rest;

		if (n > len - at)
			n = len - at;
		area_expect(piece[k].area, piece[k].offset, seed, at, n, what);
		rest = piece[k].len - n;
		area_unchanged(piece[k].area, piece[k].offset + n, rest < MARGIN ? rest : MARGIN, what);
		at += n;
	}
	check(at == len, "%s: the bench's pieces hold %llu of %u bytes", what, (unsigned long long)at,
	      len);
}

/* ------------------------------------------------------------------------------- requests */

static void complete_counter(struct side *side, struct msg *msg, uint64_t value)
{
	struct group *group = side->peer->group;

	check(value < group->counter_posted, "node %u QP %u: counter was %llu of %llu", side->qp.node,
	      side->qp.qpn, (unsigned long long)value, (unsigned long long)group->counter_posted);
	check(!group->seen[value], "node %u QP %u: the counter was %llu twice", side->qp.node,
	      side->qp.qpn, (unsigned long long)value);
	group->seen[value] = 1;
	group->counter_seen++;
	area_assume64(msg->piece[0].area, msg->piece[0].offset, value);
}

static void complete_atomic(struct side *side, struct msg *msg)
{
	uint64_t value = area_get64(msg->piece[0].area, msg->piece[0].offset);

	if (msg->word == WORD_COUNTER) {
		complete_counter(side, msg, value);
		return;
	}
	check(value == msg->value, "node %u QP %u: atomic %x of entry %u: was %llx, not %llx",
	      side->qp.node, side->qp.qpn, msg->op, msg->wqe, (unsigned long long)value,
	      (unsigned long long)msg->value);
	area_assume64(msg->piece[0].area, msg->piece[0].offset, value);
}

static void complete_msg(struct side *side, struct msg *msg)
{
	struct slice *slices[SLICES];

	side_slices(side, slices);
	switch (msg->op) {
	case TERN_HW_WQE_OP_WRITE:
	case TERN_HW_WQE_OP_WRITE_IMM:
		if (msg->len)
			area_expect(msg->remote.area, msg->remote.offset, msg->seed, 0, msg->len, "WRITE");
		break;
	case TERN_HW_WQE_OP_READ:
		expect_pieces(msg->piece, msg->num, msg->seed, msg->len, "READ");
		break;
	case TERN_HW_WQE_OP_CMP_SWAP:
	case TERN_HW_WQE_OP_FETCH_ADD:
		complete_atomic(side, msg);
		break;
	case TERN_HW_WQE_OP_REG_MR:
		side->fast.state = FAST_READY;
		break;
	case TERN_HW_WQE_OP_LOCAL_INV:
		side->fast.state = FAST_FREE;
		break;
	default:
		break;
	}
	for (uint32_t k = 0; k < SLICES; k++)
		if (slices[k]->tail < msg->marks[k])
			slices[k]->tail = msg->marks[k];
	side->used_slots -= msg->slots;
	side->done++;
	traffic.done++;
	traffic.bytes += msg->len;
	traffic.by_op[msg->op & 31]++;
}

static void score_send(struct side *side, const struct cqe *cqe)
{
	struct msg *msg;
	uint32_t due_len = 0;

	/* Those without a CQE of their own are complete with the next that has one */
	for (;;) {
		check(side->done < side->posted, "node %u QP %u: CQE for entry %u, but none is posted",
		      side->qp.node, side->qp.qpn, cqe->wqe_index);
		msg = side_msg(side, side->done);
		if (msg->signaled)
			break;
		complete_msg(side, msg);
	}
	if (msg->op == TERN_HW_WQE_OP_READ || msg->word != WORD_NONE)
		due_len = msg->len;
	check(cqe->wqe_index == msg->wqe && cqe->opcode == msg->op && cqe->len == due_len &&
	      !cqe->with_imm && !cqe->with_inv,
	      "node %u QP %u: CQE of entry %u, opcode %x, length %u; %u, %x, %u is due", side->qp.node,
	      side->qp.qpn, cqe->wqe_index, cqe->opcode, cqe->len, msg->wqe, msg->op, due_len);
	complete_msg(side, msg);
}

/* ------------------------------------------------------------------------------- receives */

static void check_receive(struct side *side, const struct cqe *cqe, const struct recv *recv,
			  const struct arrival *arrival)
{
	bool write = arrival->op == TERN_HW_WQE_OP_WRITE_IMM;
	bool imm = write || arrival->op == TERN_HW_WQE_OP_SEND_IMM;
	bool inv = arrival->op == TERN_HW_WQE_OP_SEND_INV;

	check(cqe->wqe_index == recv->wqe && cqe->len == arrival->len &&
	      cqe->opcode == (write ? TERN_HW_RCV_OP_WRITE_IMM : TERN_HW_RCV_OP_SEND),
	      "node %u QP %u: receive CQE of entry %u, opcode %u, length %u; %u, %x, %u is due",
	      side->qp.node, side->qp.qpn, cqe->wqe_index, cqe->opcode, cqe->len, recv->wqe,
	      arrival->op, arrival->len);
	check(cqe->with_imm == imm && cqe->with_inv == inv && cqe->solicited == arrival->solicited,
	      "node %u QP %u: receive CQE of %x: flags %u %u %u", side->qp.node, side->qp.qpn,
	      arrival->op, cqe->with_imm, cqe->with_inv, cqe->solicited);
	check((!imm && !inv) || cqe->imm == arrival->imm, "node %u QP %u: immediate is %08x, not %08x",
	      side->qp.node, side->qp.qpn, cqe->imm, arrival->imm);
}

static void score_receive(struct side *side, const struct cqe *cqe)
{
	struct recv *recv = &side->recvs[side->recv_done % RECVS];
	struct arrival *arrival = &side->arrivals[side->recv_done % MSGS];

	check(side->recv_done < side->recv_posted && side->recv_done < side->arrival_posted,
	      "node %u QP %u: receive CQE %llu, but %llu are posted and %llu sent", side->qp.node,
	      side->qp.qpn, (unsigned long long)side->recv_done,
	      (unsigned long long)side->recv_posted, (unsigned long long)side->arrival_posted);
	check_receive(side, cqe, recv, arrival);
	if (arrival->op == TERN_HW_WQE_OP_WRITE_IMM) {
		/* Once the peer has its completion, it may have used the place again */
		if (arrival->len && side->peer->done <= arrival->msg)
			area_expect(arrival->remote.area, arrival->remote.offset, arrival->seed, 0,
				    arrival->len, "WRITE with immediate");
		expect_pieces(recv->piece, recv->num, 0, 0, "receive of a WRITE");
	} else {
		expect_pieces(recv->piece, recv->num, arrival->seed, arrival->len, "SEND");
	}
	if (arrival->op == TERN_HW_WQE_OP_SEND_INV)
		side->fast.state = FAST_FREE;
	side->recv_slice.tail = recv->mark;
	side->recv_done++;
	traffic.receives++;
}

void score_cqe(uint32_t node, const struct cqe *cqe)
{
	struct side *side = cqe->qpn < NODE_QPS ? traffic.by_qpn[node][cqe->qpn] : NULL;

	check(side, "node %u: CQE of QP %x", node, cqe->qpn);
	check(!cqe->status, "node %u QP %u: %s CQE of entry %u has status %u", node, cqe->qpn,
	      cqe->rq ? "receive" : "send", cqe->wqe_index, cqe->status);
	if (cqe->rq)
		score_receive(side, cqe);
	else
		score_send(side, cqe);
	traffic.completions++;
	traffic.progress = bus_now();
}
