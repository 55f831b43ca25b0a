// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * QPs of one adapter that talk to each other, and one that talks to itself: first alone, and
 * nothing may reach the wire; then while messages come and go over the wire at full rate.
 */

#include <stdlib.h>

#include "rdma_adapter.h"
#include "rdma_programs.h"

#define PD 7u
#define DB_PAGE 5u
#define DATA_BYTES (1u << 20)
#define WIRE_BYTES 60000u
#define WIRE_COUNT 4u
#define PATIENCE 20000u		/* times 20 cycles */
#define PSN 0xfffffeu

/* QPs of node 0 that stay at home: the first two are a pair, the third has itself */
#define HOME 3u

static struct cq cqs[NODES], home_cqs[HOME];
static struct qp qps[NODES], home[HOME];
static struct mr mrs[NODES];

static struct qp *peer_of(uint32_t i)
{
	return i == 2 ? &home[2] : &home[!i];
}

static void connect_home(uint32_t i)
{
	struct qp *qp = &home[i];
	uint64_t attr[8];

	qp_fill_attr(qp, peer_of(i)->qpn, &conn_default, attr);
	attr[1] = put(TERN_HW_QP_ATTR_PSN_SQ_MASK, PSN) | put(TERN_HW_QP_ATTR_PSN_RQ_MASK, PSN);
	attr[4] = node_mac(qp->node);
	node_gid(qp->node, conn_default.gid, (uint8_t *)&attr[5]);
	qp_modify(qp, TERN_HW_QP_ATTR_MASK_ACCESS, TERN_HW_QP_STATE_INIT, attr);
	qp_modify(qp, TERN_HW_QP_ATTR_MASK_PATH | TERN_HW_QP_ATTR_MASK_DEST_QPN |
		  TERN_HW_QP_ATTR_MASK_MTU | TERN_HW_QP_ATTR_MASK_RQ_PSN |
		  TERN_HW_QP_ATTR_MASK_MAX_DEST_RD | TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER,
		  TERN_HW_QP_STATE_RTR, attr);
	qp_modify(qp, TERN_HW_QP_ATTR_MASK_TIMEOUT | TERN_HW_QP_ATTR_MASK_RETRY_CNT |
		  TERN_HW_QP_ATTR_MASK_RNR_RETRY | TERN_HW_QP_ATTR_MASK_SQ_PSN |
		  TERN_HW_QP_ATTR_MASK_MAX_RD, TERN_HW_QP_STATE_RTS, attr);
}

static void bring_up(void)
{
	const struct mr_attr region = { .va = 0x7f0012340000, .length = DATA_BYTES, .pd = PD,
		.access = 0xf };
	const struct qp_attr queue = { .pd = PD, .page = DB_PAGE, .log_sq = 6, .log_rq = 6,
		.log_stride = 1 };

	for (uint32_t i = 0; i < NODES; i++) {
		node_bring_up(i, false);
		cq_create(&cqs[i], i, 10, DB_PAGE, 8, 0, NO_CEQ);
		mr_create(&mrs[i], i, 3, &region);
		qp_create(&qps[i], i, 2 + i, &cqs[i], &cqs[i], &queue);
	}
	for (uint32_t i = 0; i < HOME; i++) {
		cq_create(&home_cqs[i], 0, 20 + i, DB_PAGE, 8, 0, NO_CEQ);
		qp_create(&home[i], 0, 20 + i, &home_cqs[i], &home_cqs[i], &queue);
	}
	qp_connect(&qps[0], &qps[1], &conn_default);
	for (uint32_t i = 0; i < HOME; i++)
		connect_home(i);
}

static void wait_cqe(struct qp *qp, bool recv)
{
	struct cqe cqe;

	for (uint32_t k = 0; !cq_poll(qp->scq, &cqe); k++) {
		check(k < PATIENCE, "QP %u: no CQE", qp->qpn);
		bus_wait(20);
	}
	check(!cqe.status && cqe.qpn == qp->qpn && cqe.rq == recv,
	      "QP %u: CQE of %u, %s, status %u", qp->qpn, cqe.qpn, cqe.rq ? "receive" : "send",
	      cqe.status);
}

static void fill(uint32_t node, uint64_t offset, uint32_t len)
{
	uint8_t *bytes = malloc(len + 1);

	for (uint32_t k = 0; k < len; k++)
		bytes[k] = (uint8_t)rnd64();
	mr_put(&mrs[node], offset, bytes, len);
	free(bytes);
}

static void same(uint32_t a_node, uint64_t a, uint32_t b_node, uint64_t b, uint32_t len)
{
	uint8_t *x = malloc(len + 1), *y = malloc(len + 1);

	mr_get(&mrs[a_node], a, x, len);
	mr_get(&mrs[b_node], b, y, len);
	for (uint32_t k = 0; k < len; k++)
		check(x[k] == y[k], "byte %u of %u is %02x, not %02x", k, len, y[k], x[k]);
	free(x);
	free(y);
}

static void post(struct qp *qp, enum tern_hw_wqe_op op, uint64_t from, uint32_t len,
		 uint32_t to_node, uint64_t to)
{
	const struct mr *near = &mrs[qp->node], *far = &mrs[to_node];
	const struct wr wr = { .op = op, .flags = WR_SIGNALED, .num_sge = 1, .rkey = far->key,
		.remote = far->attr.va + to, .operand = 5,
		.sge[0] = { near->attr.va + from, len, near->key } };

	qp_post_send(qp, &wr);
	qp_ring_sq(qp);
}

static void one(uint32_t i, enum tern_hw_wqe_op op, uint32_t len)
{
	uint64_t from = rnd(0x8000), to = 0x10000 + rnd(0x1000) * 8;
	struct sge sge = { mrs[0].attr.va + to, len, mrs[0].key };
	bool recv = op == TERN_HW_WQE_OP_SEND || op == TERN_HW_WQE_OP_WRITE_IMM;
	bool read = op == TERN_HW_WQE_OP_READ;
	uint64_t before, after;

	if (op == TERN_HW_WQE_OP_FETCH_ADD) {
		fill(0, to, 8);
		mr_get(&mrs[0], to, &before, 8);
		post(&home[i], op, from, 8, 0, to);
		wait_cqe(&home[i], false);
		mr_get(&mrs[0], to, &after, 8);
		check(after == before + 5, "sum of an atomic");
		return;
	}
	fill(0, read ? to : from, len);
	if (recv) {
		qp_post_recv(peer_of(i), &sge, 1);
		qp_ring_rq(peer_of(i));
	}
	post(&home[i], op, from, len, 0, to);
	/* A QP that talks to itself has the receiver's completion first */
	if (recv)
		wait_cqe(peer_of(i), true);
	wait_cqe(&home[i], false);
	same(0, from, 0, to, len);
}

static void some(uint32_t i)
{
	static const enum tern_hw_wqe_op ops[] = { TERN_HW_WQE_OP_SEND, TERN_HW_WQE_OP_WRITE,
		TERN_HW_WQE_OP_READ, TERN_HW_WQE_OP_WRITE_IMM, TERN_HW_WQE_OP_FETCH_ADD };

	one(i, ops[rnd(sizeof(ops) / sizeof(ops[0]))], rnd(9000));
}

static void beside_the_wire(void)
{
	for (uint32_t i = 0; i < NODES; i++)
		fill(i, 0x60000, WIRE_BYTES);
	for (uint32_t k = 0; k < WIRE_COUNT; k++)
		for (uint32_t i = 0; i < NODES; i++)
			post(&qps[i], TERN_HW_WQE_OP_WRITE, 0x60000, WIRE_BYTES, !i, 0x80000);
	for (uint32_t k = 0; k < 6; k++)
		some(k % HOME);
	for (uint32_t i = 0; i < NODES; i++) {
		for (uint32_t k = 0; k < WIRE_COUNT; k++)
			wait_cqe(&qps[i], false);
		same(i, 0x60000, !i, 0x80000, WIRE_BYTES);
	}
}

void program_self(void)
{
	uint64_t count = bus_count_wanted() ? bus_count_wanted() : 100;
	uint64_t frames;
	struct stats stats;

	bus_wait_idle("after reset");
	bring_up();
	say("connected");
	frames = bus_count(1, COUNT_FRAMES);
	for (uint64_t k = 0; k < count; k++)
		some(k % HOME);
	check(bus_count(1, COUNT_FRAMES) == frames,
	      "what an adapter says to itself went over the wire");
	say("at home");
	for (uint64_t k = 0; k < count; k += 10)
		beside_the_wire();
	node_stats(0, &stats);
	check(!stats.counter[TERN_HW_STAT_TIMEOUTS] && !stats.counter[TERN_HW_STAT_RX_OVERRUN],
	      "something was lost");
	say("beside the wire");
	for (uint32_t i = 0; i < HOME; i++)
		qp_destroy(&home[i]);
	bus_wait_idle("at the end");
}
