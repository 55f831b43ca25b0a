// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * States of a QP: every transition with the attributes that it needs, without one of them, and with
 * one that it must not have; draining the send queue; a life after RESET, while packets of the one
 * before are still in the wire. Random traffic of other QPs goes on beside.
 */

#include <stddef.h>

#include "rdma_pair.h"
#include "rdma_programs.h"

#define STATES 7u
#define ACCESS TERN_HW_QP_ATTR_MASK_ACCESS
#define MIN_RNR TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER
#define TO_RTR (TERN_HW_QP_ATTR_MASK_PATH | TERN_HW_QP_ATTR_MASK_DEST_QPN | TERN_HW_QP_ATTR_MASK_MTU | \
		TERN_HW_QP_ATTR_MASK_RQ_PSN | TERN_HW_QP_ATTR_MASK_MAX_DEST_RD | MIN_RNR)
#define TO_RTS (TERN_HW_QP_ATTR_MASK_TIMEOUT | TERN_HW_QP_ATTR_MASK_RETRY_CNT | \
		TERN_HW_QP_ATTR_MASK_RNR_RETRY | TERN_HW_QP_ATTR_MASK_SQ_PSN | \
		TERN_HW_QP_ATTR_MASK_MAX_RD)
#define IN_SQD (TERN_HW_QP_ATTR_MASK_PATH | TERN_HW_QP_ATTR_MASK_TIMEOUT | \
		TERN_HW_QP_ATTR_MASK_RETRY_CNT | TERN_HW_QP_ATTR_MASK_RNR_RETRY | \
		TERN_HW_QP_ATTR_MASK_MAX_RD | TERN_HW_QP_ATTR_MASK_MAX_DEST_RD | ACCESS | MIN_RNR)
#define ALL_BITS 13u

static struct pair pair;

struct transition {
	uint32_t from, to;
	uint32_t need, may;
};

enum { RESET = TERN_HW_QP_STATE_RESET, INIT = TERN_HW_QP_STATE_INIT, RTR = TERN_HW_QP_STATE_RTR,
       RTS = TERN_HW_QP_STATE_RTS, SQD = TERN_HW_QP_STATE_SQD, SQE = TERN_HW_QP_STATE_SQE,
       ERR = TERN_HW_QP_STATE_ERR };

/* IBTA 1.6 section 11.2.5.2, reliable connections */
static const struct transition legal[] = {
	{ RESET, INIT, ACCESS, 0 }, { INIT, INIT, 0, ACCESS }, { INIT, RTR, TO_RTR, ACCESS },
	{ RTR, RTS, TO_RTS, ACCESS | MIN_RNR }, { RTS, RTS, 0, ACCESS | MIN_RNR }, { RTS, SQD, 0, 0 },
	{ SQD, RTS, 0, ACCESS | MIN_RNR }, { SQD, SQD, 0, IN_SQD },
	{ RESET, RESET, 0, 0 }, { INIT, RESET, 0, 0 }, { RTR, RESET, 0, 0 }, { RTS, RESET, 0, 0 },
	{ SQD, RESET, 0, 0 }, { ERR, RESET, 0, 0 },
	{ INIT, ERR, 0, 0 }, { RTR, ERR, 0, 0 }, { RTS, ERR, 0, 0 }, { SQD, ERR, 0, 0 }, { ERR, ERR, 0, 0 },
};

static const struct transition *find(uint32_t from, uint32_t to)
{
	for (uint32_t k = 0; k < sizeof(legal) / sizeof(legal[0]); k++)
		if (legal[k].from == from && legal[k].to == to)
			return &legal[k];
	return NULL;
}

static void drop_events(uint32_t node)
{
	struct ae ae;

	while (ae_poll(node, &ae))
		;
}

static void bring_to(struct qp *qp, uint32_t state)
{
	qp_state(qp, TERN_HW_QP_STATE_RESET);
	if (state == RESET)
		return;
	qp_to_init(qp, &conn_default);
	if (state == INIT)
		return;
	if (state == ERR) {
		qp_state(qp, TERN_HW_QP_STATE_ERR);
		return;
	}
	qp_to_rtr(qp, PAIR_QPN + 1, &conn_default);
	if (state == RTR)
		return;
	qp_to_rts(qp, &conn_default);
	if (state == SQD)
		qp_state(qp, TERN_HW_QP_STATE_SQD);
}

static void try(struct qp *qp, uint32_t from, uint32_t to, uint32_t mask, uint32_t major, uint32_t minor,
		uint64_t want)
{
	uint64_t attr[8], words[64], result = 0;
	uint32_t err, state;

	bring_to(qp, from);
	qp_fill_attr(qp, PAIR_QPN + 1, &conn_default, attr);
	err = qp_modify_try(qp, mask, to, attr, &result);
	check(err == (major << 16 | minor) && (!minor || result == want),
	      "state %u to %u with %x: %08x, result %llx; %u, %x, %llx is due", from, to, mask, err,
	      (unsigned long long)result, major, minor, (unsigned long long)want);
	state = qp_query(qp, words);
	check(state == (err ? from : to), "state %u to %u with %x: it is in %u", from, to, mask, state);
	traffic_step();
}

static void every_transition(void)
{
	const struct qp_attr attr = { .pd = PAIR_PD, .page = 62, .log_sq = 4, .log_rq = 4, .log_stride = 1 };
	struct qp qp;

	qp_create(&qp, 0, 220, &pair.cq[0], &pair.cq[0], &attr);
	for (uint32_t from = 0; from < STATES; from++) {
		for (uint32_t to = 0; from != SQE && to <= STATES; to++) {
			const struct transition *t = find(from, to);

			if (!t) {
				try(&qp, from, to, 0, TERN_HW_CQP_MAJOR_STATE, TERN_HW_CQP_MINOR_STATE, 0);
				continue;
			}
			try(&qp, from, to, t->need, 0, 0, 0);
			try(&qp, from, to, t->need | t->may, 0, 0, 0);
			for (uint32_t bit = 0; bit < ALL_BITS; bit++) {
				uint32_t m = 1u << bit;

				if ((t->need & m) || !(t->may & m))
					try(&qp, from, to, t->need ^ m, TERN_HW_CQP_MAJOR_PARAM,
					    TERN_HW_CQP_MINOR_ATTR, m);
			}
		}
	}
	qp_destroy(&qp);
	pair_wait(1000);
	drop_events(0);
	say("every transition");
}

/* Requests before SQD complete, and one event tells; those after it wait for RTS */
static void drain(uint32_t round)
{
	struct wr wr;
	uint16_t at[12], late[4];
	uint64_t frames;

	pair_connect(&pair, NULL, false);
	for (uint32_t k = 0; k < 12; k++) {
		wr = pair_wr(&pair, 0, k % 3 == 1 ? TERN_HW_WQE_OP_READ : TERN_HW_WQE_OP_WRITE);
		wr.sge[0].len = rnd(20000);
		at[k] = qp_post_send(&pair.qp[0], &wr);
	}
	qp_ring_sq(&pair.qp[0]);
	bus_wait(rnd(1500));
	qp_state(&pair.qp[0], TERN_HW_QP_STATE_SQD);
	pair_event(&pair, 0, TERN_HW_AE_CODE_QP_SQ_DRAINED, TERN_HW_QP_REASON_NONE, "SQD");
	for (uint32_t k = 0; k < 4; k++)
		late[k] = pair_send(&pair, 0, &wr);
	frames = traffic.done;
	pair_wait(3000);
	check(frames != traffic.done, "the others stand still");
	pair_state(&pair, 0, TERN_HW_QP_STATE_SQD, "SQD");
	qp_state(&pair.qp[0], TERN_HW_QP_STATE_RTS);
	for (uint32_t k = 0; k < 12; k++)
		pair_cqe(&pair, 0, false, at[k],
			 k % 3 == 1 ? TERN_HW_WQE_OP_READ : TERN_HW_WQE_OP_WRITE,
			 TERN_HW_WC_STATUS_SUCCESS, "SQD");
	for (uint32_t k = 0; k < 4; k++)
		pair_cqe(&pair, 0, false, late[k], wr.op, TERN_HW_WC_STATUS_SUCCESS, "RTS after SQD");
	pair_quiet(&pair, "RTS after SQD");
	pair_destroy(&pair);
	if (!round)
		say("send queue drained");
}

static void first_packet_in_rtr(void)
{
	struct wr wr = pair_wr(&pair, 0, TERN_HW_WQE_OP_WRITE);
	struct qp_attr attr = { .pd = PAIR_PD, .page = 60, .log_sq = PAIR_LOG_Q, .log_rq = PAIR_LOG_Q,
		.log_stride = 1 };
	uint16_t at;

	for (uint32_t i = 0; i < NODES; i++) {
		qp_create(&pair.qp[i], i, PAIR_QPN + i, &pair.cq[i], &pair.cq[i], &attr);
		qp_to_init(&pair.qp[i], &conn_default);
		qp_to_rtr(&pair.qp[i], PAIR_QPN + !i, &conn_default);
	}
	qp_to_rts(&pair.qp[0], &conn_default);
	for (uint32_t k = 0; k < 3; k++) {
		at = pair_send(&pair, 0, &wr);
		pair_cqe(&pair, 0, false, at, wr.op, TERN_HW_WC_STATUS_SUCCESS, "RTR");
	}
	pair_event(&pair, 1, TERN_HW_AE_CODE_QP_COMM_EST, TERN_HW_QP_REASON_NONE, "RTR");
	pair_quiet(&pair, "RTR");
	pair_destroy(&pair);
	say("first packet in RTR");
}

/* Old packets come when the QPs have been through RESET, and mean nothing any more */
static void old_packets(uint32_t round)
{
	struct conn conn = conn_default;
	struct wr wr;
	uint16_t at;

	pair_connect(&pair, &conn, false);
	for (uint32_t i = 0; i < NODES; i++)
		bus_knob(i, KNOB_WIRE_HOLD, 1);
	for (uint32_t i = 0; i < NODES; i++) {
		for (uint32_t k = 0; k < 10; k++) {
			wr = pair_wr(&pair, i, k & 1 ? TERN_HW_WQE_OP_READ : TERN_HW_WQE_OP_WRITE);
			wr.sge[0].len = rnd(9000);
			qp_post_send(&pair.qp[i], &wr);
		}
		qp_ring_sq(&pair.qp[i]);
	}
	bus_wait(500 + rnd(2000));
	for (uint32_t i = 0; i < NODES; i++) {
		qp_state(&pair.qp[i], TERN_HW_QP_STATE_RESET);
		qp_restart(&pair.qp[i]);
	}
	pair_drop_cqes(&pair);
	/* Far enough from the old ones, ahead and behind in turn */
	for (uint32_t i = 0; i < NODES; i++)
		conn.psn[i] += round & 1 ? 100000 : 0xf00000;
	for (uint32_t i = 0; i < NODES; i++)
		conn.psn[i] &= 0xffffff;
	qp_connect(&pair.qp[0], &pair.qp[1], &conn);
	for (uint32_t i = 0; i < NODES; i++)
		bus_knob(i, KNOB_WIRE_HOLD, 0);
	for (uint32_t k = 0; k < 6; k++) {
		for (uint32_t i = 0; i < NODES; i++) {
			wr = pair_wr(&pair, i, k & 1 ? TERN_HW_WQE_OP_WRITE : TERN_HW_WQE_OP_READ);
			at = pair_send(&pair, i, &wr);
			pair_cqe(&pair, i, false, at, wr.op, TERN_HW_WC_STATUS_SUCCESS, "after RESET");
		}
	}
	pair_quiet(&pair, "after RESET");
	pair_destroy(&pair);
	if (!round)
		say("old packets after RESET");
}

void program_states(void)
{
	const struct traffic_config config = { .links = 4, .timeout = 12 };

	bus_wait_idle("after reset");
	for (uint32_t i = 0; i < NODES; i++) {
		node_bring_up(i, i == 1);
		bus_knob(i, KNOB_MEM_STALL, 5);
		bus_knob(i, KNOB_MEM_LAT_MAX, 100);
	}
	traffic_init();
	traffic_start(&config);
	traffic_allow(1000000);
	pair_init(&pair);
	first_packet_in_rtr();
	for (uint32_t k = 0; k < 6; k++)
		drain(k);
	for (uint32_t k = 0; k < 6; k++)
		old_packets(k);
	every_transition();
	traffic_run(0);
	traffic_stop();
	say("%llu messages beside all that", (unsigned long long)traffic.done);
	bus_wait_idle("at the end");
}
