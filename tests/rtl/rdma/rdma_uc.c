// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Unreliable connections. Batches of random messages in both directions on several links; when all is
 * quiet, each request must have its completion, and what was received must be whole messages, in
 * order: all of them on a clean wire, some of them on a bad one, and never a torn one. Then
 * what goes wrong on purpose.
 */

#include <stdlib.h>
#include <string.h>

#include "rdma_area.h"
#include "rdma_expect.h"
#include "rdma_programs.h"
#include "tb_mem.h"

#define LINKS 3u
#define BATCH 24u
#define SLOT 0x4000u		/* bytes for a message */
#define MAX_LEN 12000u
#define PD 9u
#define PAGE 40u
#define FIRST_QPN 30u
#define PATIENCE 100000u	/* times 20 cycles */
#define BAD_KEY 0x7700u

/* Places of a link in the region of a node: what it sends, is written to and receives into */
enum place { PL_SEND, PL_TARGET, PL_RECV, PLACES };

struct uc_msg {
	enum tern_hw_wqe_op op;
	uint64_t seed;
	uint32_t len, imm;
	uint16_t wqe;
	bool signaled;
	uint64_t from, to;	/* offsets in the regions */
};

/* One direction: what a QP sends and its peer receives */
struct way {
	struct qp *from, *to;
	struct uc_msg msgs[BATCH];
	uint32_t count, sent;		/* posted; complete */
	uint32_t next;			/* first message that may still be received */
	uint16_t recvs[BATCH];
	uint32_t recv_count, received;
};

static struct cq cqs[NODES];
static struct mr mrs[NODES];
static struct qp qps[LINKS][NODES];
static struct way ways[LINKS][NODES];	/* by the node that sends */
static uint64_t next_seed = 1;
static bool disorder;			/* messages may come twice, or late */
static uint64_t total, arrived;

static uint64_t place(uint32_t link, enum place kind, uint32_t slot)
{
	return ((uint64_t)(link * PLACES + kind) * BATCH + slot) * SLOT;
}

static void bring_up(void)
{
	const struct mr_attr region = { .va = 0x7e0000003000, .length = place(LINKS, PL_SEND, 0),
		.pd = PD, .access = 0xf };

	for (uint32_t i = 0; i < NODES; i++) {
		node_bring_up(i, i == 1);
		cq_create(&cqs[i], i, 50, PAGE, 10, i, NO_CEQ);
		mr_create(&mrs[i], i, 5, &region);
	}
}

static void connect_link(uint32_t link)
{
	const struct qp_attr attr = { .pd = PD, .page = PAGE, .log_sq = 7, .log_rq = 5,
		.log_stride = 1, .level = link & 1, .type = TERN_HW_QP_TYPE_UC };
	struct conn conn = conn_default;

	conn.mtu = (enum tern_hw_mtu)rnd_range(TERN_HW_MTU_M256, TERN_HW_MTU_M4096);
	conn.gid = (enum gid)rnd(GIDS);
	for (uint32_t i = 0; i < NODES; i++) {
		conn.psn[i] = 0x1000000 - rnd_range(1, 60);
		qp_create(&qps[link][i], i, FIRST_QPN + link, &cqs[i], &cqs[i], &attr);
	}
	qp_connect(&qps[link][0], &qps[link][1], &conn);
	for (uint32_t i = 0; i < NODES; i++) {
		ways[link][i].from = &qps[link][i];
		ways[link][i].to = &qps[link][!i];
	}
}

/* ---------------------------------------------------------------------------------- posting */

static bool needs_recv(enum tern_hw_wqe_op op)
{
	return op != TERN_HW_WQE_OP_WRITE;
}

static void fill(uint32_t node, uint64_t at, uint64_t seed, uint32_t len)
{
	static uint8_t bytes[SLOT];

	message_bytes(seed, 0, bytes, len);
	mr_put(&mrs[node], at, bytes, len);
}

static bool holds(uint32_t node, uint64_t at, uint64_t seed, uint32_t len)
{
	static uint8_t due[SLOT], is[SLOT];

	message_bytes(seed, 0, due, len);
	mr_get(&mrs[node], at, is, len);
	return !memcmp(due, is, len);
}

static void post_message(uint32_t link, uint32_t node, enum tern_hw_wqe_op op, uint32_t len)
{
	struct way *way = &ways[link][node];
	uint32_t n = way->count++;
	struct uc_msg *msg = &way->msgs[n];
	struct wr wr = { .op = op };

	msg->op = op;
	msg->seed = next_seed++;
	msg->imm = (uint32_t)msg->seed;
	msg->len = len;
	msg->signaled = chance(70) || n == BATCH - 1;
	msg->from = place(link, PL_SEND, n) + rnd(100);
	msg->to = place(link, PL_TARGET, n) + rnd(100);
	fill(node, msg->from, msg->seed, len);
	wr.flags = msg->signaled ? WR_SIGNALED : 0;
	wr.imm = msg->imm;
	wr.remote = mrs[!node].attr.va + msg->to;
	wr.rkey = mrs[!node].key;
	if (len <= MAX_INLINE && chance(40)) {
		wr.flags |= WR_INLINE;
		wr.data_len = len;
		message_bytes(msg->seed, 0, wr.data, len);
	} else {
		wr.num_sge = rnd_range(1, 3);
		wr_split(&wr, &mrs[node], msg->from, len);
	}
	msg->wqe = qp_post_send(way->from, &wr);
	total++;
}

static void post_receive(uint32_t link, uint32_t node)
{
	struct way *way = &ways[link][!node];
	uint32_t n = way->recv_count++;
	uint64_t at = mrs[node].attr.va + place(link, PL_RECV, n);
	struct sge sge[2] = { { at, SLOT / 2, mrs[node].key },
			      { at + SLOT / 2, SLOT / 2, mrs[node].key } };

	way->recvs[n] = qp_post_recv(way->to, sge, 2);
}

static uint32_t any_length(void)
{
	uint32_t kind = rnd(10);

	if (kind < 5)
		return rnd_range(8, 300);
	return kind < 8 ? rnd_range(8, 3000) : rnd_range(8, MAX_LEN);
}

/* -------------------------------------------------------------------------------- completions */

static struct way *way_of(uint32_t node, const struct cqe *cqe, bool recv)
{
	check(cqe->qpn >= FIRST_QPN && cqe->qpn < FIRST_QPN + LINKS, "CQE of QP %u", cqe->qpn);
	return &ways[cqe->qpn - FIRST_QPN][recv ? !node : node];
}

static void take_send(uint32_t node, const struct cqe *cqe)
{
	struct way *way = way_of(node, cqe, false);

	while (way->sent < way->count && !way->msgs[way->sent].signaled)
		way->sent++;
	check(way->sent < way->count, "node %u QP %u: one send CQE too many", node, cqe->qpn);
	check(!cqe->status && cqe->wqe_index == way->msgs[way->sent].wqe &&
	      cqe->opcode == way->msgs[way->sent].op,
	      "node %u QP %u: send CQE of entry %u, opcode %x, status %u; entry %u is due", node,
	      cqe->qpn, cqe->wqe_index, cqe->opcode, cqe->status, way->msgs[way->sent].wqe);
	way->sent++;
}

/* Which message it is: the immediate says so, or the bytes */
static uint32_t find(const struct way *way, const struct cqe *cqe, uint64_t at)
{
	for (uint32_t n = disorder ? 0 : way->next; n < way->count; n++) {
		const struct uc_msg *msg = &way->msgs[n];

		if (!needs_recv(msg->op) || msg->len != cqe->len ||
		    (msg->op == TERN_HW_WQE_OP_SEND) == cqe->with_imm)
			continue;
		if (cqe->with_imm ? msg->imm == cqe->imm
				  : holds(way->to->node, at, msg->seed, msg->len))
			return n;
	}
	fail("node %u QP %u: a receive of %u bytes is no message that is due", way->to->node, cqe->qpn,
	     cqe->len);
}

static void take_receive(uint32_t node, const struct cqe *cqe)
{
	struct way *way = way_of(node, cqe, true);
	uint64_t at = place(cqe->qpn - FIRST_QPN, PL_RECV, way->received);
	const struct uc_msg *msg;
	uint32_t n;

	check(way->received < way->recv_count, "node %u QP %u: one receive CQE too many", node,
	      cqe->qpn);
	check(!cqe->status && cqe->wqe_index == way->recvs[way->received],
	      "node %u QP %u: receive CQE of entry %u, status %u; entry %u is due", node, cqe->qpn,
	      cqe->wqe_index, cqe->status, way->recvs[way->received]);
	n = find(way, cqe, at);
	msg = &way->msgs[n];
	check(cqe->opcode == (msg->op == TERN_HW_WQE_OP_WRITE_IMM ? TERN_HW_RCV_OP_WRITE_IMM
								  : TERN_HW_RCV_OP_SEND),
	      "node %u QP %u: receive opcode %u", node, cqe->qpn, cqe->opcode);
	if (msg->op == TERN_HW_WQE_OP_WRITE_IMM)
		at = msg->to;
	check(holds(node, at, msg->seed, msg->len), "node %u QP %u: a torn message of %u bytes", node,
	      cqe->qpn, msg->len);
	way->next = n + 1;
	way->received++;
	arrived++;
}

static void poll_all(void)
{
	struct cqe cqe;
	struct ae ae;

	for (uint32_t i = 0; i < NODES; i++) {
		while (cq_poll(&cqs[i], &cqe)) {
			if (cqe.rq)
				take_receive(i, &cqe);
			else
				take_send(i, &cqe);
		}
		while (ae_poll(i, &ae))
			check(ae.code == TERN_HW_AE_CODE_QP_COMM_EST, "node %u: event %x of %u", i, ae.code,
			      ae.id);
	}
}

/* Takes back receives that nothing came for, by a new life of both QPs */
static void end_batch(uint32_t link)
{
	for (uint32_t i = 0; i < NODES; i++) {
		struct way *way = &ways[link][i];

		while (way->sent < way->count && !way->msgs[way->sent].signaled)
			way->sent++;
		check(way->sent == way->count, "node %u QP %u: %u of %u requests complete", i,
		      way->from->qpn, way->sent, way->count);
		qp_destroy(way->from);
	}
	for (uint32_t i = 0; i < NODES; i++) {
		struct way *way = &ways[link][i];

		memset(way, 0, sizeof(*way));
	}
	connect_link(link);
}

static void check_targets(uint32_t link, uint32_t node)
{
	struct way *way = &ways[link][node];

	for (uint32_t n = 0; n < way->count; n++) {
		const struct uc_msg *msg = &way->msgs[n];

		if (msg->op == TERN_HW_WQE_OP_WRITE)
			check(holds(!node, msg->to, msg->seed, msg->len), "QP %u: a WRITE of %u bytes",
			      way->from->qpn, msg->len);
	}
}

/* recvs: entries of each receive queue */
static void batch(uint32_t recvs, bool clean)
{
	static const enum tern_hw_wqe_op ops[] = { TERN_HW_WQE_OP_SEND, TERN_HW_WQE_OP_SEND_IMM,
		TERN_HW_WQE_OP_WRITE, TERN_HW_WQE_OP_WRITE_IMM };
	uint32_t due[LINKS][NODES] = { 0 };

	for (uint32_t link = 0; link < LINKS; link++)
		for (uint32_t i = 0; i < NODES; i++) {
			for (uint32_t k = 0; k < recvs; k++)
				post_receive(link, i);
			qp_ring_rq(&qps[link][i]);
		}
	for (uint32_t k = 0; k < BATCH; k++)
		for (uint32_t link = 0; link < LINKS; link++)
			for (uint32_t i = 0; i < NODES; i++) {
				enum tern_hw_wqe_op op = ops[rnd(4)];

				post_message(link, i, op, any_length());
				due[link][i] += needs_recv(op);
				if (chance(50) || k == BATCH - 1)
					qp_push_sq(&qps[link][i]);
				if (chance(20))
					poll_all();
			}
	bus_wait_idle("after a batch");
	poll_all();
	for (uint32_t link = 0; link < LINKS; link++) {
		for (uint32_t i = 0; i < NODES; i++) {
			uint32_t want = due[link][i] < recvs ? due[link][i] : recvs;

			if (clean)
				check(ways[link][i].received == want, "QP %u: %u messages received of %u",
				      FIRST_QPN + link, ways[link][i].received, want);
			if (clean && recvs >= BATCH)
				check_targets(link, i);
		}
		end_batch(link);
	}
}

static void phase(const char *name, uint64_t batches, uint32_t drop, uint32_t corrupt, uint32_t mixed,
		  uint32_t recvs)
{
	uint64_t all = total, came = arrived;
	struct stats stats[NODES];

	disorder = mixed;
	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_WIRE_DROP, drop);
		bus_knob(i, KNOB_WIRE_CORRUPT, corrupt);
		bus_knob(i, KNOB_WIRE_DUP, mixed);
		bus_knob(i, KNOB_WIRE_SWAP, mixed);
	}
	for (uint64_t k = 0; k < batches; k++)
		batch(recvs, !drop && !corrupt && !mixed);
	for (uint32_t i = 0; i < NODES; i++) {
		node_stats(i, &stats[i]);
		check(!stats[i].counter[TERN_HW_STAT_TX_ACKS] && !stats[i].counter[TERN_HW_STAT_TX_NAKS] &&
		      !stats[i].counter[TERN_HW_STAT_TX_RESENT] && !stats[i].counter[TERN_HW_STAT_TIMEOUTS],
		      "node %u answers, or repeats", i);
	}
	say("%s: %llu messages, %llu received; dropped %llu and %llu, without receive %llu and %llu", name,
	    (unsigned long long)(total - all), (unsigned long long)(arrived - came),
	    (unsigned long long)stats[0].counter[TERN_HW_STAT_RX_DROPPED],
	    (unsigned long long)stats[1].counter[TERN_HW_STAT_RX_DROPPED],
	    (unsigned long long)stats[0].counter[TERN_HW_STAT_RX_RNR],
	    (unsigned long long)stats[1].counter[TERN_HW_STAT_RX_RNR]);
}

/* ------------------------------------------------------------------------- what goes wrong */

static uint16_t recv_at(uint32_t node, uint32_t len, uint32_t key)
{
	struct sge sge = { mrs[node].attr.va + place(0, PL_RECV, 0), len, key };
	uint16_t wqe = qp_post_recv(&qps[0][node], &sge, 1);

	qp_ring_rq(&qps[0][node]);
	return wqe;
}

static struct wr request(enum tern_hw_wqe_op op, uint32_t len)
{
	struct wr wr = { .op = op, .flags = WR_SIGNALED, .num_sge = 1,
		.sge[0] = { mrs[0].attr.va + place(0, PL_SEND, 0), len, mrs[0].key },
		.remote = mrs[1].attr.va + place(0, PL_TARGET, 0), .rkey = mrs[1].key };

	fill(0, place(0, PL_SEND, 0), next_seed, len);
	return wr;
}

static uint16_t send(const struct wr *wr)
{
	uint16_t wqe = qp_post_send(&qps[0][0], wr);

	qp_ring_sq(&qps[0][0]);
	return wqe;
}

/* The link works, and has nothing left of what was before */
static void still_works(const char *what)
{
	struct wr wr = request(TERN_HW_WQE_OP_SEND, 3000);
	uint16_t recv = recv_at(1, 4000, mrs[1].key);

	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(&wr), what);
	expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_SUCCESS, recv, what);
	check(holds(1, place(0, PL_RECV, 0), next_seed, 3000), "%s: data", what);
	next_seed++;
	expect_quiet(cqs, what);
}

static void peer_at_fault(void)
{
	struct wr wr;
	uint16_t recv, next;

	wr = request(TERN_HW_WQE_OP_WRITE, 9000);
	wr.rkey = BAD_KEY;
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(&wr), "WRITE with a wrong key");
	still_works("after a WRITE with a wrong key");

	wr = request(TERN_HW_WQE_OP_WRITE_IMM, 9000);
	wr.rkey = BAD_KEY;
	recv = recv_at(1, 100, mrs[1].key);
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(&wr), "WRITE_IMM with a wrong key");
	expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_LOC_ACCESS, recv, "WRITE_IMM with a wrong key");
	still_works("after a WRITE_IMM with a wrong key");

	/* Its end is outside */
	wr = request(TERN_HW_WQE_OP_WRITE, 9000);
	wr.remote = mrs[1].attr.va + mrs[1].attr.length - 8000;
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(&wr), "WRITE over the end");
	still_works("after a WRITE over the end");

	wr = request(TERN_HW_WQE_OP_SEND, 9000);
	recv = recv_at(1, 5000, mrs[1].key);
	next = recv_at(1, 9000, mrs[1].key);
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(&wr), "long SEND");
	expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_LOC_LEN, recv, "long SEND");
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(&wr), "SEND behind a long one");
	expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_SUCCESS, next, "SEND behind a long one");
	check(holds(1, place(0, PL_RECV, 0), next_seed, 9000), "SEND behind a long one: data");
	next_seed++;
	still_works("after a long SEND");

	/* No receive */
	wr = request(TERN_HW_WQE_OP_SEND, 9000);
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(&wr), "SEND without receive");
	expect_quiet(cqs, "SEND without receive");
	still_works("after a SEND without receive");
}

static void no_right(void)
{
	struct conn conn = conn_default;
	struct stats before, after;
	uint64_t attr[8];
	struct wr wr = request(TERN_HW_WQE_OP_WRITE, 5000);

	conn.access = 0;
	qp_fill_attr(&qps[0][1], 0, &conn, attr);
	qp_modify(&qps[0][1], TERN_HW_QP_ATTR_MASK_ACCESS, TERN_HW_QP_STATE_RTS, attr);
	node_stats(1, &before);
	fill(1, place(0, PL_TARGET, 0), 1, 5000);
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(&wr), "WRITE without right");
	expect_quiet(cqs, "WRITE without right");
	check(holds(1, place(0, PL_TARGET, 0), 1, 5000), "a WRITE without right has written");
	node_stats(1, &after);
	check(after.counter[TERN_HW_STAT_RX_DROPPED] > before.counter[TERN_HW_STAT_RX_DROPPED],
	      "a WRITE without right is not counted");
	next_seed++;
	still_works("after a WRITE without right");
}

/* Errors of this side stop the QP: the request fails with its status, those behind are flushed */
static void own_fault(const char *what, const struct wr *wr, enum tern_hw_wc_status status,
		      enum tern_hw_qp_reason reason)
{
	struct wr good = request(TERN_HW_WQE_OP_WRITE, 100);
	uint16_t first = qp_post_send(&qps[0][0], &good);
	uint16_t bad = qp_post_send(&qps[0][0], wr), last = qp_post_send(&qps[0][0], &good);

	qp_ring_sq(&qps[0][0]);
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, first, what);
	expect_cqe(&cqs[0], false, status, bad, what);
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_WR_FLUSH, last, what);
	expect_error(0, qps[0][0].qpn, reason, what);
	expect_quiet(cqs, what);
	for (uint32_t i = 0; i < NODES; i++)
		qp_destroy(&qps[0][i]);
	connect_link(0);
	still_works(what);
}

static void sender_at_fault(void)
{
	static const enum tern_hw_wqe_op refused[] = { TERN_HW_WQE_OP_READ, TERN_HW_WQE_OP_SEND_INV,
		TERN_HW_WQE_OP_FETCH_ADD };
	struct wr wr;

	for (uint32_t k = 0; k < 3; k++) {
		wr = request(refused[k], 8);
		own_fault("operation that UC has not", &wr, TERN_HW_WC_STATUS_LOC_QP_OP,
			  TERN_HW_QP_REASON_SQ_ENTRY);
	}
	wr = request(TERN_HW_WQE_OP_SEND, 5000);
	wr.sge[0].key = BAD_KEY;
	own_fault("SEND with a wrong lkey", &wr, TERN_HW_WC_STATUS_LOC_PROT,
		  TERN_HW_QP_REASON_SQ_ACCESS);
}

static void receiver_at_fault(void)
{
	struct wr wr = request(TERN_HW_WQE_OP_SEND, 3000);
	uint16_t bad = recv_at(1, 4000, BAD_KEY), next = recv_at(1, 4000, mrs[1].key);

	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(&wr), "receive with a wrong key");
	expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_LOC_PROT, bad, "receive with a wrong key");
	expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_WR_FLUSH, next, "receive with a wrong key");
	expect_error(1, qps[0][1].qpn, TERN_HW_QP_REASON_RQ_ACCESS, "receive with a wrong key");
	expect_quiet(cqs, "receive with a wrong key");
	for (uint32_t i = 0; i < NODES; i++)
		qp_destroy(&qps[0][i]);
	connect_link(0);
	still_works("after a receive with a wrong key");
}

static void drained(void)
{
	struct wr wr = request(TERN_HW_WQE_OP_WRITE, 12000);
	uint16_t first = send(&wr);
	struct ae ae;

	qp_state(&qps[0][0], TERN_HW_QP_STATE_SQD);
	for (uint32_t k = 0; !ae_poll(0, &ae) || ae.code != TERN_HW_AE_CODE_QP_SQ_DRAINED; k++) {
		check(k < PATIENCE, "SQD: no event");
		bus_wait(20);
	}
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, first, "SQD");
	first = send(&wr);
	expect_quiet(cqs, "in SQD");
	qp_state(&qps[0][0], TERN_HW_QP_STATE_RTS);
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, first, "RTS again");
	next_seed++;
	still_works("after SQD");
}

void program_uc(void)
{
	uint64_t count = bus_count_wanted() ? bus_count_wanted() : 12;

	bus_wait_idle("after reset");
	bring_up();
	for (uint32_t link = 0; link < LINKS; link++)
		connect_link(link);
	phase("clean", count, 0, 0, 0, BATCH);
	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_MEM_STALL, 20);
		bus_knob(i, KNOB_MEM_LAT_MAX, 200);
		bus_knob(i, KNOB_WIRE_STALL, 15);
	}
	phase("stalls, few receives", count, 0, 0, 0, 7);
	phase("3 % loss", count, 3000, 0, 0, BATCH);
	phase("10 % loss, 2 % damage, few receives", count, 10000, 2000, 0, 12);
	phase("disorder", count, 1000, 0, 2000, BATCH);
	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_WIRE_DROP, 0);
		bus_knob(i, KNOB_WIRE_DUP, 0);
		bus_knob(i, KNOB_WIRE_SWAP, 0);
	}
	peer_at_fault();
	no_right();
	sender_at_fault();
	receiver_at_fault();
	drained();
	say("faults of either side");
	bus_wait_idle("at the end");
}
