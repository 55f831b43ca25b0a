// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The smallest program: a QP of each node, two of one node that talk to each other, and every
 * operation, one at a time. What must come of it is simple: the bytes and one CQE per work request.
 */

#include <stdlib.h>

#include "rdma_adapter.h"
#include "rdma_programs.h"

#define PD 7u
#define DB_PAGE 5u
#define DATA_BYTES (1u << 20)
#define PATIENCE 5000u		/* times 20 cycles */

/* Sides 0 and 1 are connected, and belong to nodes 0 and 1; so are 2 and 3, both of node 0 */
#define SIDES 4u
#define LOOP 2u

static struct cq scqs[SIDES], rcqs[SIDES];
static struct qp qps[SIDES];
static struct mr mrs[SIDES];

static uint32_t node_of(uint32_t side)
{
	return side == 1;
}

static uint32_t peer_of(uint32_t side)
{
	return side ^ 1;
}

static void bring_up(uint32_t i)
{
	const struct mr_attr region = { .va = 0x7f0012340000ull + i * 0x123, .length = DATA_BYTES,
		.pd = PD, .access = 0xf };
	const struct qp_attr queue = { .pd = PD, .page = DB_PAGE, .log_sq = 6, .log_rq = 6,
		.log_stride = 1 };

	cq_create(&scqs[i], node_of(i), 10 + 2 * i, DB_PAGE, 8, 0, NO_CEQ);
	cq_create(&rcqs[i], node_of(i), 11 + 2 * i, DB_PAGE, 8, 0, NO_CEQ);
	mr_create(&mrs[i], node_of(i), 3 + i, &region);
	qp_create(&qps[i], node_of(i), 2 + i, &scqs[i], &rcqs[i], &queue);
}

static void wait_cqe(struct qp *qp, bool recv, uint32_t opcode, uint32_t len, uint16_t wqe)
{
	struct cq *cq = recv ? qp->rcq : qp->scq;
	const char *what = recv ? "receive" : "send";
	struct cqe cqe;

	for (uint32_t k = 0; !cq_poll(cq, &cqe); k++) {
		check(k < PATIENCE, "node %u: no %s CQE", qp->node, what);
		bus_wait(20);
	}
	check(!cqe.status, "node %u: %s CQE has status %u", qp->node, what, cqe.status);
	check(cqe.qpn == qp->qpn && cqe.rq == recv, "QPN or kind of a CQE");
	check(recv || cqe.opcode == opcode, "opcode of a CQE: %u", cqe.opcode);
	if (recv || opcode == TERN_HW_WQE_OP_READ)
		check(cqe.len == len, "length of a CQE: %u, not %u", cqe.len, len);
	check(cqe.wqe_index == wqe, "wqe_index of a CQE: %u, not %u", cqe.wqe_index, wqe);
}

static void fill(uint32_t i, uint64_t offset, uint32_t len)
{
	uint8_t *bytes = malloc(len + 1);

	for (uint32_t k = 0; k < len; k++)
		bytes[k] = (uint8_t)rnd64();
	mr_put(&mrs[i], offset, bytes, len);
	free(bytes);
}

static void same(uint32_t i, uint64_t a, uint64_t b, uint32_t len, const char *what)
{
	uint8_t *x = malloc(len + 1), *y = malloc(len + 1);

	mr_get(&mrs[i], a, x, len);
	mr_get(&mrs[peer_of(i)], b, y, len);
	for (uint32_t k = 0; k < len; k++)
		check(x[k] == y[k], "%s of %u bytes: byte %u is %02x, not %02x", what, len, k, y[k], x[k]);
	free(x);
	free(y);
}

static struct wr request(uint32_t i, enum tern_hw_wqe_op op, uint64_t from, uint32_t len, uint64_t to)
{
	struct wr wr = { .op = op, .flags = WR_SIGNALED, .num_sge = 1, .rkey = mrs[peer_of(i)].key,
		.remote = mrs[peer_of(i)].attr.va + to, .imm = 0x12345678,
		.sge[0] = { mrs[i].attr.va + from, len, mrs[i].key } };

	return wr;
}

static void one_atomic(uint32_t i, enum tern_hw_wqe_op op)
{
	/* The region may begin anywhere */
	uint64_t from = rnd(0x10000), to = 0x40008 - (mrs[peer_of(i)].attr.va & 7) + 8 * rnd(0x2000);
	struct wr wr = request(i, op, from, 8, to);
	uint64_t before = rnd64(), after, seen;
	uint16_t wqe;

	wr.operand = rnd64();
	wr.compare = before;
	after = op == TERN_HW_WQE_OP_FETCH_ADD ? before + wr.operand : wr.operand;
	mr_put(&mrs[peer_of(i)], to, &before, 8);
	wqe = qp_post_send(&qps[i], &wr);
	qp_ring_sq(&qps[i]);
	wait_cqe(&qps[i], false, op, 8, wqe);
	mr_get(&mrs[i], from, &seen, 8);
	check(seen == before, "value of an atomic: %llx, not %llx", (unsigned long long)seen,
	      (unsigned long long)before);
	mr_get(&mrs[peer_of(i)], to, &seen, 8);
	check(seen == after, "result of an atomic");
}

static void one(uint32_t i, enum tern_hw_wqe_op op, uint32_t len)
{
	uint64_t from = rnd(0x10000), to = 0x40000 + rnd(0x10000);
	struct wr wr = request(i, op, from, len, to);
	bool recv = op == TERN_HW_WQE_OP_SEND || op == TERN_HW_WQE_OP_SEND_IMM ||
		    op == TERN_HW_WQE_OP_WRITE_IMM;
	bool read = op == TERN_HW_WQE_OP_READ;
	uint16_t sent, received = 0;

	if (op == TERN_HW_WQE_OP_CMP_SWAP || op == TERN_HW_WQE_OP_FETCH_ADD) {
		one_atomic(i, op);
		return;
	}
	fill(read ? peer_of(i) : i, read ? to : from, len);
	if (recv) {
		struct sge sge = { mrs[peer_of(i)].attr.va + to, len + rnd(100), mrs[peer_of(i)].key };

		received = qp_post_recv(&qps[peer_of(i)], &sge, 1);
		qp_ring_rq(&qps[peer_of(i)]);
	}
	sent = qp_post_send(&qps[i], &wr);
	qp_ring_sq(&qps[i]);
	wait_cqe(&qps[i], false, op, len, sent);
	if (recv)
		wait_cqe(&qps[peer_of(i)], true, 0, len, received);
	if (read)
		same(peer_of(i), to, from, len, "READ");
	else
		same(i, from, to, len, recv ? "SEND" : "WRITE");
}

void program_basic(void)
{
	static const enum tern_hw_wqe_op ops[] = { TERN_HW_WQE_OP_SEND, TERN_HW_WQE_OP_WRITE,
		TERN_HW_WQE_OP_READ, TERN_HW_WQE_OP_WRITE_IMM, TERN_HW_WQE_OP_SEND_IMM,
		TERN_HW_WQE_OP_FETCH_ADD, TERN_HW_WQE_OP_CMP_SWAP };
	uint64_t count = bus_count_wanted() ? bus_count_wanted() : 200;
	struct conn loop = conn_default;

	bus_wait_idle("after reset");
	loop.loop = true;
	for (uint32_t i = 0; i < NODES; i++)
		node_bring_up(i, i == 1);
	for (uint32_t i = 0; i < SIDES; i++)
		bring_up(i);
	qp_connect(&qps[0], &qps[1], &conn_default);
	qp_connect(&qps[LOOP], &qps[peer_of(LOOP)], &loop);
	say("connected");
	one(0, TERN_HW_WQE_OP_SEND, 100);
	one(0, TERN_HW_WQE_OP_WRITE, 100);
	one(1, TERN_HW_WQE_OP_READ, 5000);
	one(0, TERN_HW_WQE_OP_FETCH_ADD, 8);
	one(1, TERN_HW_WQE_OP_CMP_SWAP, 8);
	say("every operation");
	one(0, TERN_HW_WQE_OP_SEND, 20000);
	one(1, TERN_HW_WQE_OP_WRITE, 20000);
	say("long messages");
	for (uint64_t k = 0; k < count; k++)
		one(rnd(SIDES), ops[rnd(sizeof(ops) / sizeof(ops[0]))], rnd(9000));
	say("random messages");
	for (uint32_t i = 0; i < SIDES; i++) {
		qp_destroy(&qps[i]);
		check(!mr_dereg_try(&mrs[i]), "side %u: deregistration", i);
	}
	say("all destroyed");
	bus_wait_idle("at the end");
}
