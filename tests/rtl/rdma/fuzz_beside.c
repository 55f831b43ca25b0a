// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Unreliable connections and datagrams of bystanders, see fuzz.h. The wire loses nothing and a receive is
 * posted for each message, so each must arrive: once, whole, in order. A plain WRITE is looked at when the
 * next message has been received.
 */

#include <string.h>

#include "fuzz.h"

#define PAIRS 4u		/* of QPs with the same number at both nodes: UC, UC, UD, UD */
#define FIRST_QPN 170u
#define WINDOW 16u		/* messages of a direction under way */
#define SLOT 0x800u
#define MAX_LEN 1800u
#define HEADER 40u
#define PD 0x777u
#define PAGE 70u
#define CQ 60u
#define MR_INDEX 880u
#define STUCK_NS 4000000u

enum place { PL_SEND, PL_TARGET, PL_RECV, PLACES };

struct message {
	enum tern_hw_wqe_op op;
	uint64_t seed;
	uint32_t len, imm, shift;
	uint16_t wqe;
};

/* What a QP sends and its peer receives; message n has place n % WINDOW in everything */
struct channel {
	struct message msgs[WINDOW];
	uint32_t posted, sent, seen;		/* seen: arrived, and looked at */
	uint32_t wanted, received;		/* receives */
	uint32_t recv_posted;
	uint16_t recvs[WINDOW];
	struct ud_addr addr;
};

static struct cq cqs[NODES];
static struct area areas[NODES];
static struct qp qps[PAIRS][NODES];
static struct channel channels[PAIRS][NODES];	/* by the node that sends */
static bool made, more;
static uint64_t progress;
uint64_t beside_messages;

static bool is_ud(uint32_t pair)
{
	return pair >= PAIRS / 2;
}

static uint64_t place(uint32_t pair, enum place kind, uint32_t n)
{
	return ((uint64_t)(pair * PLACES + kind) * WINDOW + n % WINDOW) * SLOT;
}

void beside_init(void)
{
	const struct mr_attr attr = { .va = 0x7c0000000c40, .length = place(PAIRS, PL_SEND, 0), .pd = PD,
		.access = 0xf, .level = 1, .page_shift = 12 };

	for (uint32_t i = 0; i < NODES; i++) {
		cq_create(&cqs[i], i, CQ, PAGE, 9, i, NO_CEQ);
		area_create(&areas[i], i, MR_INDEX, &attr);
	}
}

static void start_ud(uint32_t pair, uint32_t node, const struct conn *conn, uint32_t qkey)
{
	struct ud_addr *addr = &channels[pair][!node].addr;

	qp_start_ud(&qps[pair][node], TERN_HW_MTU_M4096, qkey, conn->psn[node]);
	addr->qpn = FIRST_QPN + pair;
	addr->qkey = qkey;
	addr->sgid = conn->gid;
	addr->hop_limit = 3;
	addr->mac = node_mac(node);
	node_gid(node, conn->gid, addr->dgid);
}

void beside_start(void)
{
	for (uint32_t pair = 0; pair < PAIRS; pair++) {
		const struct qp_attr attr = { .pd = PD, .page = PAGE, .log_sq = 6, .log_rq = 5, .log_stride = 1,
			.level = pair & 1, .type = is_ud(pair) ? TERN_HW_QP_TYPE_UD : TERN_HW_QP_TYPE_UC };
		struct conn conn = conn_default;

		conn.gid = (enum gid)rnd(GIDS);
		conn.mtu = (enum tern_hw_mtu)rnd_range(TERN_HW_MTU_M256, TERN_HW_MTU_M1024);
		for (uint32_t i = 0; i < NODES; i++) {
			conn.psn[i] = rnd(0x1000000);
			memset(&channels[pair][i], 0, sizeof(channels[pair][i]));
		}
		for (uint32_t i = 0; i < NODES; i++) {
			uint32_t qkey = (uint32_t)rnd64() & 0x7fffffff;

			if (made)
				qp_create_again(&qps[pair][i]);
			else
				qp_create(&qps[pair][i], i, FIRST_QPN + pair, &cqs[i], &cqs[i], &attr);
			fuzz_know(&qps[pair][i], FIRST_QPN + pair, &conn, qkey);
			if (is_ud(pair))
				start_ud(pair, i, &conn, qkey);
		}
		if (!is_ud(pair))
			qp_connect(&qps[pair][0], &qps[pair][1], &conn);
	}
	made = true;
	more = true;
	progress = bus_now();
}

/* ---------------------------------------------------------------------------------- posting */

static bool wants_receive(enum tern_hw_wqe_op op)
{
	return op != TERN_HW_WQE_OP_WRITE;
}

static enum tern_hw_wqe_op any_op(uint32_t pair, uint32_t n)
{
	static const enum tern_hw_wqe_op ops[] = { TERN_HW_WQE_OP_SEND, TERN_HW_WQE_OP_SEND_IMM,
		TERN_HW_WQE_OP_WRITE_IMM, TERN_HW_WQE_OP_WRITE };

	/* So that what is a WRITE is soon behind a receive */
	return n % 4 == 3 ? TERN_HW_WQE_OP_SEND_IMM : ops[rnd(is_ud(pair) ? 2 : 4)];
}

static void post(uint32_t pair, uint32_t node, enum tern_hw_wqe_op op)
{
	struct channel *c = &channels[pair][node];
	uint32_t n = c->posted++;
	struct message *msg = &c->msgs[n % WINDOW];
	struct wr wr = { .op = op, .flags = WR_SIGNALED };
	uint64_t from;

	msg->op = op;
	msg->seed = rnd64();
	msg->imm = (uint32_t)rnd64();
	msg->len = chance(70) ? rnd(200) : rnd(is_ud(pair) ? 1200 : MAX_LEN);
	msg->shift = rnd(64);
	from = place(pair, PL_SEND, n) + msg->shift;
	wr.imm = msg->imm;
	area_fill(&areas[node], from, msg->seed, 0, msg->len);
	wr.num_sge = rnd_range(1, 3);
	wr_split(&wr, &areas[node].mr, from, msg->len);
	if (is_ud(pair)) {
		wr.ud = &c->addr;
	} else {
		wr.remote = areas[!node].mr.attr.va + place(pair, PL_TARGET, n) + msg->shift;
		wr.rkey = areas[!node].mr.key;
	}
	msg->wqe = qp_post_send(&qps[pair][node], &wr);
	c->wanted += wants_receive(op);
}

static void post_receives(uint32_t pair, uint32_t node)
{
	struct channel *c = &channels[pair][!node];
	const struct mr *mr = &areas[node].mr;
	bool any = false;

	for (; c->recv_posted - c->received < WINDOW; any = true) {
		uint32_t n = c->recv_posted++;
		struct sge sge = { mr->attr.va + place(pair, PL_RECV, n), SLOT, mr->key };

		c->recvs[n % WINDOW] = qp_post_recv(&qps[pair][node], &sge, 1);
	}
	if (any)
		qp_ring_rq(&qps[pair][node]);
}

static void post_some(uint32_t pair, uint32_t node)
{
	struct channel *c = &channels[pair][node];
	bool any = false;

	for (uint32_t k = rnd(4); k-- && c->posted - c->sent < WINDOW && c->posted - c->seen < WINDOW;) {
		enum tern_hw_wqe_op op = any_op(pair, c->posted);

		if (wants_receive(op) && c->wanted >= c->recv_posted)
			break;
		post(pair, node, op);
		any = true;
	}
	if (any)
		qp_push_sq(&qps[pair][node]);
}

/* -------------------------------------------------------------------------------- completions */

static void take_send(struct channel *c, const struct cqe *cqe)
{
	const struct message *msg = &c->msgs[c->sent % WINDOW];

	check(c->sent < c->posted && !cqe->status && cqe->wqe_index == msg->wqe && cqe->opcode == msg->op,
	      "bystander %u: send CQE of entry %u, opcode %x, status %u", cqe->qpn, cqe->wqe_index,
	      cqe->opcode, cqe->status);
	c->sent++;
}

static void take_data(uint32_t pair, uint32_t node, const struct message *msg, uint32_t n,
		      const struct cqe *cqe, uint32_t recv)
{
	struct area *area = &areas[node];
	uint64_t at = place(pair, PL_RECV, recv);

	if (msg->op == TERN_HW_WQE_OP_WRITE || msg->op == TERN_HW_WQE_OP_WRITE_IMM) {
		area_expect(area, place(pair, PL_TARGET, n) + msg->shift, msg->seed, 0, msg->len,
			    "WRITE of UC");
		return;
	}
	if (is_ud(pair)) {
		check(cqe->src_qpn == FIRST_QPN + pair, "bystander %u: a message of QP %x", cqe->qpn,
		      cqe->src_qpn);
		area_accept(area, at, HEADER);
		at += HEADER;
	}
	area_expect(area, at, msg->seed, 0, msg->len, "SEND of UC or UD");
}

static void take_receive(uint32_t pair, uint32_t node, const struct cqe *cqe)
{
	struct channel *c = &channels[pair][!node];
	uint32_t recv = c->received++;
	const struct message *msg;

	check(recv < c->recv_posted && !cqe->status && cqe->wqe_index == c->recvs[recv % WINDOW],
	      "bystander %u of node %u: receive CQE of entry %u, status %u; entry %u is due", cqe->qpn, node,
	      cqe->wqe_index, cqe->status, c->recvs[recv % WINDOW]);
	for (;;) {
		check(c->seen < c->posted, "bystander %u of node %u: a message that nobody sent", cqe->qpn, node);
		msg = &c->msgs[c->seen % WINDOW];
		take_data(pair, node, msg, c->seen++, cqe, recv);
		if (wants_receive(msg->op))
			break;
	}
	check(cqe->len == msg->len + (is_ud(pair) ? HEADER : 0) &&
	      cqe->with_imm == (msg->op != TERN_HW_WQE_OP_SEND) && (!cqe->with_imm || cqe->imm == msg->imm),
	      "bystander %u of node %u: receive CQE of %u bytes, immediate %08x", cqe->qpn, node, cqe->len,
	      cqe->imm);
	beside_messages++;
}

static void poll_node(uint32_t node)
{
	struct cqe cqe;

	while (cq_poll(&cqs[node], &cqe)) {
		uint32_t pair = cqe.qpn - FIRST_QPN;

		check(pair < PAIRS, "node %u: CQE of QP %x", node, cqe.qpn);
		if (cqe.rq)
			take_receive(pair, node, &cqe);
		else
			take_send(&channels[pair][node], &cqe);
		progress = bus_now();
	}
}

/* What is not received yet is only WRITEs: nothing tells of those */
static bool has_arrived(const struct channel *c)
{
	return c->sent == c->posted && c->received == c->wanted;
}

bool beside_is_done(void)
{
	for (uint32_t pair = 0; pair < PAIRS; pair++)
		for (uint32_t i = 0; i < NODES; i++)
			if (!has_arrived(&channels[pair][i]))
				return false;
	return true;
}

void beside_allow(bool may)
{
	more = may;
	progress = bus_now();
}

void beside_step(void)
{
	uint32_t pair = rnd(PAIRS), node = rnd(NODES);

	if (more) {
		post_receives(pair, !node);
		post_some(pair, node);
	}
	for (uint32_t i = 0; i < NODES; i++)
		poll_node(i);
	if (beside_is_done())
		progress = bus_now();
	check(bus_now() - progress < STUCK_NS, "messages of UC or UD bystanders do not arrive");
}

void beside_stop(void)
{
	for (uint32_t pair = 0; pair < PAIRS; pair++) {
		for (uint32_t i = 0; i < NODES; i++) {
			struct channel *c = &channels[pair][i];

			for (; c->seen < c->posted; c->seen++)
				take_data(pair, !i, &c->msgs[c->seen % WINDOW], c->seen, NULL, 0);
			qp_destroy(&qps[pair][i]);
			fuzz_unknow(&qps[pair][i]);
		}
	}
	for (uint32_t i = 0; i < NODES; i++) {
		poll_node(i);
		area_check(&areas[i]);
	}
}
