// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * QPs that get everything, see fuzz.h. A victim is a pair of QPs with the same number at both nodes, which
 * talk to each other as far as they get. It lives for a while: made, brought to some state, given work
 * requests, moved about, ended, and made again. Whatever happens to it, each request has one
 * completion, in order, those behind a failed one flushed; an error is told once; and memory is
 * only written where its rights reach.
 */

#include <string.h>

#include "fuzz_victim.h"

#define CQ 62u
#define PAGE 72u
#define PATIENCE 40000u	/* times 50 cycles */

struct victim victims[VICTIMS];
struct cq victim_cqs[NODES];
static bool lazy;
uint64_t victim_lives, victim_events, victim_events_due;

void victim_init(void)
{
	for (uint32_t i = 0; i < NODES; i++)
		cq_create(&victim_cqs[i], i, CQ, PAGE, 12, 1, NO_CEQ);
	victim_regions();
}

/* ------------------------------------------------------------------------------------ events */

void victim_event(uint32_t node, const struct ae *ae)
{
	uint32_t k = ae->source == TERN_HW_AE_SOURCE_QP ? victim_of(ae->id) : VICTIMS;
	struct end *side = k < VICTIMS ? &victims[k].side[node] : NULL;

	check(side, "node %u: event %x of %x, detail %llx", node, ae->code, ae->id,
	      (unsigned long long)ae->detail);
	victim_events++;
	switch (ae->code) {
	case TERN_HW_AE_CODE_QP_FATAL:
	case TERN_HW_AE_CODE_QP_REQUEST:
	case TERN_HW_AE_CODE_QP_ACCESS:
		side->errors++;
		/* Little happens to it now */
		if (victims[k].steps > 2)
			victims[k].steps = 2;
		break;
	case TERN_HW_AE_CODE_QP_COMM_EST:
		side->established++;
		break;
	case TERN_HW_AE_CODE_QP_SQ_DRAINED:
		side->drained++;
		break;
	default:
		fail("node %u: event %x of victim %u", node, ae->code, ae->id);
	}
	check(lazy || (side->errors <= side->errors_due && side->established <= side->established_due &&
		       side->drained <= side->drained_due),
	      "node %u: victim %u: event %x, detail %llx, once too often", node, ae->id, ae->code,
	      (unsigned long long)ae->detail);
}

void victim_lazy(bool on)
{
	lazy = on;
}

static void poll_events(uint32_t node)
{
	struct ae ae;

	while (!lazy && ae_poll(node, &ae))
		victim_event(node, &ae);
}

static void allow_error(struct end *side)
{
	side->errors_due++;
	victim_events_due++;
}

/* ------------------------------------------------------------------------------------ states */

static void know(uint32_t k, uint32_t node)
{
	struct victim *v = &victims[k];
	struct end *side = &v->side[node];
	struct fuzz_qp *qp = &fuzz_qps[node][victim_qpn(k)];

	qp->kind = FUZZ_VICTIM;
	qp->type = v->type;
	qp->state = side->there ? side->state : FUZZ_GONE;
	qp->peer = victim_qpn(k);
	qp->gid = v->conn.gid;
	qp->mtu = is_datagram(v->type) ? 4096 : 128u << v->conn.mtu;
	qp->qkey = victim_qkey(k);
}

static void set_psns(uint32_t k, uint32_t node)
{
	struct fuzz_qp *qp = &fuzz_qps[node][victim_qpn(k)];

	qp->in_psn = (victims[k].conn.psn[!node] - 1) & 0xffffff;
	qp->out_psn = (victims[k].conn.psn[node] - 1) & 0xffffff;
}

static void modify(uint32_t k, uint32_t node, uint32_t mask, enum tern_hw_qp_state state)
{
	struct victim *v = &victims[k];
	struct end *side = &v->side[node];
	uint64_t attr[8], result = 0, words[64];
	uint32_t err;

	qp_fill_attr(&side->qp, victim_qpn(k), &v->conn, attr);
	if (is_datagram(v->type))
		attr[2] = put(TERN_HW_QP_ATTR_RIGHTS_QKEY_MASK, victim_qkey(k));
	err = qp_modify_try(&side->qp, mask, state, attr, &result);
	if (err) {
		/* The peer, or who pretended to be it, was faster */
		check(err >> 16 == TERN_HW_CQP_MAJOR_STATE &&
		      qp_query(&side->qp, words) == TERN_HW_QP_STATE_ERR,
		      "node %u: victim %u: state %u to %u: %08x, result %llx", node, victim_qpn(k), side->state,
		      state, err, (unsigned long long)result);
		state = TERN_HW_QP_STATE_ERR;
	}
	side->state = state;
	know(k, node);
}

static uint32_t mask_to(enum tern_hw_qp_type type, enum tern_hw_qp_state state)
{
	const uint32_t rtr = TERN_HW_QP_ATTR_MASK_PATH | TERN_HW_QP_ATTR_MASK_DEST_QPN |
		TERN_HW_QP_ATTR_MASK_MTU | TERN_HW_QP_ATTR_MASK_RQ_PSN;
	bool rc = type == TERN_HW_QP_TYPE_RC;

	switch (state) {
	case TERN_HW_QP_STATE_INIT:
		return is_datagram(type) ? TERN_HW_QP_ATTR_MASK_QKEY : TERN_HW_QP_ATTR_MASK_ACCESS;
	case TERN_HW_QP_STATE_RTR:
		if (is_datagram(type))
			return TERN_HW_QP_ATTR_MASK_MTU;
		return rtr | (rc ? TERN_HW_QP_ATTR_MASK_MAX_DEST_RD | TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER : 0);
	default:
		return TERN_HW_QP_ATTR_MASK_SQ_PSN |
		       (rc ? TERN_HW_QP_ATTR_MASK_TIMEOUT | TERN_HW_QP_ATTR_MASK_RETRY_CNT |
			     TERN_HW_QP_ATTR_MASK_RNR_RETRY | TERN_HW_QP_ATTR_MASK_MAX_RD : 0);
	}
}

/* One step towards state */
static void step_to(uint32_t k, uint32_t node, uint32_t state)
{
	struct end *side = &victims[k].side[node];
	enum tern_hw_qp_type type = victims[k].type;

	if (state == TERN_HW_QP_STATE_ERR || side->state == TERN_HW_QP_STATE_ERR) {
		modify(k, node, 0, TERN_HW_QP_STATE_ERR);
		return;
	}
	if (state == TERN_HW_QP_STATE_SQD && side->state == TERN_HW_QP_STATE_RTS) {
		side->drained_due++;
		victim_events_due++;
		modify(k, node, 0, TERN_HW_QP_STATE_SQD);
		return;
	}
	if (side->state == TERN_HW_QP_STATE_INIT) {
		side->established_due++;
		victim_events_due++;
	}
	if (side->state < TERN_HW_QP_STATE_RTS)
		modify(k, node, mask_to(type, side->state + 1), side->state + 1);
	else if (side->state == TERN_HW_QP_STATE_SQD && state == TERN_HW_QP_STATE_RTS)
		modify(k, node, 0, TERN_HW_QP_STATE_RTS);
}

static void bring_to(uint32_t k, uint32_t node, uint32_t state)
{
	const struct end *side = &victims[k].side[node];

	for (uint32_t n = 0; n < 6 && side->state != state && side->state != TERN_HW_QP_STATE_ERR; n++) {
		if (state == TERN_HW_QP_STATE_ERR && side->state == TERN_HW_QP_STATE_RESET)
			step_to(k, node, TERN_HW_QP_STATE_INIT);
		else
			step_to(k, node, state);
	}
}

static void clear(struct end *side)
{
	victim_forget(side);
	memset(&side->sq, 0, sizeof(side->sq));
	memset(&side->rq, 0, sizeof(side->rq));
	side->used = 0;
}

/* What was posted is gone, and what came before was taken */
static void reset(uint32_t k, uint32_t node)
{
	struct end *side = &victims[k].side[node];

	modify(k, node, 0, TERN_HW_QP_STATE_RESET);
	victim_poll(node);
	clear(side);
	qp_restart(&side->qp);
	allow_error(side);
	set_psns(k, node);
}

/* ------------------------------------------------------------------------------------- lives */

static void choose(uint32_t k)
{
	struct victim *v = &victims[k];
	uint32_t kind = rnd(100);

	v->type = k == GSI ? TERN_HW_QP_TYPE_GSI : kind < 50 ? TERN_HW_QP_TYPE_RC :
		  kind < 75 ? TERN_HW_QP_TYPE_UC : TERN_HW_QP_TYPE_UD;
	v->conn = conn_default;
	v->conn.mtu = (enum tern_hw_mtu)(chance(75) ? TERN_HW_MTU_M256 : rnd_range(TERN_HW_MTU_M512,
											TERN_HW_MTU_M4096));
	v->conn.gid = (enum gid)rnd(GIDS);
	v->conn.timeout = rnd_range(1, 6);
	v->conn.retry_cnt = rnd(8);
	v->conn.rnr_retry = rnd(8);
	v->conn.min_rnr_timer = rnd_range(1, 4);
	v->conn.max_rd = rnd_range(1, 8);
	v->conn.max_dest_rd = rnd_range(1, 8);
	v->conn.access = chance(85) ? 0xf : rnd(16);
	for (uint32_t i = 0; i < NODES; i++) {
		v->conn.psn[i] = rnd(0x1000000);
		v->addr[i] = (struct ud_addr){ .qpn = victim_qpn(k), .sgid = v->conn.gid, .hop_limit = 9,
			.qkey = victim_qkey(k), .mac = node_mac(i) };
		node_gid(i, v->conn.gid, v->addr[i].dgid);
	}
	v->steps = rnd_range(3, 14);
}

static void create(uint32_t k, uint32_t node)
{
	const struct qp_attr attr = { .pd = FUZZ_PD, .page = k == GSI ? 0 : PAGE, .log_sq = VICTIM_LOG_Q,
		.log_rq = VICTIM_LOG_Q, .log_stride = 1, .level = k & 1, .type = victims[k].type };
	struct end *side = &victims[k].side[node];

	if (side->made) {
		side->qp.attr.type = victims[k].type;
		qp_create_again(&side->qp);
	} else {
		qp_create(&side->qp, node, victim_qpn(k), &victim_cqs[node], &victim_cqs[node], &attr);
	}
	side->made = true;
	side->there = true;
	side->state = TERN_HW_QP_STATE_RESET;
	clear(side);
	side->errors = side->errors_due = side->established = side->established_due = 0;
	side->drained = side->drained_due = 0;
	memset(side->left, 0, sizeof(side->left));
	allow_error(side);
}

static void begin(uint32_t k)
{
	/* So that each type is in each state sometimes, however short the run */
	static const uint32_t states[] = { TERN_HW_QP_STATE_RTS, TERN_HW_QP_STATE_RTR, TERN_HW_QP_STATE_RTS,
		TERN_HW_QP_STATE_SQD, TERN_HW_QP_STATE_RTS, TERN_HW_QP_STATE_ERR, TERN_HW_QP_STATE_INIT,
		TERN_HW_QP_STATE_RTS, FUZZ_GONE, TERN_HW_QP_STATE_RESET };
	static uint32_t turn[4];

	choose(k);
	for (uint32_t i = 0; i < NODES; i++) {
		uint32_t state = states[(turn[victims[k].type & 3]++) % (sizeof(states) / sizeof(states[0]))];

		if (state != FUZZ_GONE)
			create(k, i);
		know(k, i);
		set_psns(k, i);
		if (state == FUZZ_GONE)
			continue;
		table_welcome(i, k);
		bring_to(k, i, state);
	}
	victim_lives++;
}

static bool takes_receives(const struct end *side)
{
	return side->there && side->state != TERN_HW_QP_STATE_RESET;
}

static bool takes_sends(const struct end *side)
{
	return side->there && (side->state == TERN_HW_QP_STATE_RTS || side->state == TERN_HW_QP_STATE_SQD ||
			       side->state == TERN_HW_QP_STATE_ERR);
}

/* All that was posted must complete now */
static void flush(uint32_t k, uint32_t node)
{
	struct end *side = &victims[k].side[node];

	modify(k, node, 0, TERN_HW_QP_STATE_ERR);
	for (uint32_t n = 0; side->sq.done != side->sq.posted || side->rq.done != side->rq.posted; n++) {
		if (n > PATIENCE)
			show_qp(&side->qp);
		check(n <= PATIENCE, "node %u: victim %u: %u of %u requests and %u of %u receives completed",
		      node, victim_qpn(k), side->sq.done, side->sq.posted, side->rq.done, side->rq.posted);
		victim_poll(node);
		bus_wait(50);
	}
}

static void end_side(uint32_t k, uint32_t node)
{
	struct end *side = &victims[k].side[node];

	if (!side->there)
		return;
	if (side->state != TERN_HW_QP_STATE_RESET && chance(75))
		flush(k, node);
	fuzz_qps[node][victim_qpn(k)].state = FUZZ_GONE;
	table_destroy(k, &side->qp);
	victim_poll(node);
	victim_forget(side);
	poll_events(node);
	side->there = false;
}

static void end_life(uint32_t k)
{
	uint32_t first = rnd(NODES);

	end_side(k, first);
	end_side(k, !first);
}

/* How far the QP is, for frames that pretend to know */
static void look(uint32_t k, uint32_t node)
{
	struct end *side = &victims[k].side[node];
	struct fuzz_qp *qp = &fuzz_qps[node][victim_qpn(k)];
	uint64_t words[64];
	uint32_t state;

	if (!side->there)
		return;
	state = qp_query(&side->qp, words);
	check(state == side->state || state == TERN_HW_QP_STATE_ERR, "node %u: victim %u is in state %u, not %u",
	      node, victim_qpn(k), state, side->state);
	side->state = state;
	qp->state = state;
	if (state >= TERN_HW_QP_STATE_RTR && state < TERN_HW_QP_STATE_ERR && !is_datagram(victims[k].type)) {
		qp->in_psn = ((uint32_t)get(TERN_HW_QP_RSP_AT_EPSN_MASK, words[16 + 2]) - 1) & 0xffffff;
	}
}

static void move(uint32_t k, uint32_t node)
{
	struct end *side = &victims[k].side[node];
	uint32_t kind = rnd(100);

	if (!side->there)
		return;
	if (kind < 6)
		reset(k, node);
	else if (kind < 10 && side->state != TERN_HW_QP_STATE_RESET)
		step_to(k, node, TERN_HW_QP_STATE_ERR);
	else if (side->state == TERN_HW_QP_STATE_RTS)
		step_to(k, node, TERN_HW_QP_STATE_SQD);
	else
		step_to(k, node, TERN_HW_QP_STATE_RTS);
}

void victim_step(void)
{
	uint32_t k = chance(10) ? GSI : rnd(VICTIMS), node = rnd(NODES), kind = rnd(100);
	struct victim *v = &victims[k];

	if (!v->steps) {
		end_life(k);
		begin(k);
		return;
	}
	v->steps--;
	if (kind < 25)
		look(k, node);
	else if (kind < 40)
		move(k, node);
	for (uint32_t i = 0; i < NODES; i++) {
		if (takes_receives(&v->side[i]))
			victim_post_receives(k, i);
		if (takes_sends(&v->side[i]))
			victim_post_sends(k, i);
	}
	for (uint32_t i = 0; i < NODES; i++) {
		victim_poll(i);
		poll_events(i);
	}
}

void victim_stop(void)
{
	for (uint32_t k = 0; k < VICTIMS; k++) {
		end_life(k);
		victims[k].steps = 0;
	}
	victim_check_memory();
}
