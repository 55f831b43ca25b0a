// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Connections with random traffic, see rdma_traffic.h

#include "rdma_traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CQ 20u
#define FIRST_CQ_PAGE 8u
#define FIRST_QP_PAGE 100u
#define TRAFFIC_QPNS 160u	/* QPNs 2 and up; the others are for programs */
#define SMALL_SLICE (40u << 10)
#define LONG_SLICE (2400u << 10)
/* Without any completion. At 5 % loss and with slow memory, messages of 1 MB take 4 ms and more */
#define STUCK_NS 20000000u

struct traffic traffic;

/* -------------------------------------------------------------------------------- memory */

static uint64_t any_va(void)
{
	return 0x7e0000000000ull + (rnd64() & 0xffffffffffull);
}

static void make_group(uint32_t node, struct group *group, uint32_t pd)
{
	static const struct { uint32_t level, shift, kib; } kinds[GROUP_AREAS] = {
		{ 0, 12, 1600 }, { 1, 12, 1500 }, { 1, 16, 1700 }, { 2, 12, 2600 }, { 1, 21, 16000 },
	};

	group->pd = pd;
	for (uint32_t k = 0; k < GROUP_AREAS; k++) {
		struct mr_attr attr = { .va = any_va(), .length = (kinds[k].kib << 10) + rnd(4000),
			.pd = pd, .access = 0xf, .level = kinds[k].level, .page_shift = kinds[k].shift };

		area_create(&group->areas[k], node, traffic.next_mr[node], &attr);
		traffic.next_mr[node] += rnd_range(1, 9);
	}
	group->counter_area = &group->areas[1];
	group->counter_offset = -group->counter_area->mr.attr.va & 7;
	area_set64(group->counter_area, group->counter_offset, 0);
	group->seen = calloc(COUNTER_MAX, 1);
	check(group->seen, "no memory for the bench");
}

void traffic_init(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		const struct mr_attr all = { .length = ~0ull, .access = 1, .priv = true };

		traffic.next_mr[i] = rnd_range(1, 20);
		for (uint32_t g = 0; g < GROUPS; g++)
			make_group(i, &traffic.groups[i][g], g ? 0xabcdef : 7);
		mr_create_all(&traffic.priv[i].mr, i, traffic.next_mr[i], &all);
		traffic.next_mr[i] += 3;
		for (uint32_t k = 0; k < 2; k++)
			ceq_create(i, k);
		for (uint32_t k = 0; k < TRAFFIC_CQS; k++) {
			traffic.by_event[i][k] = k & 1;
			cq_create(&traffic.cqs[i][k], i, FIRST_CQ + k, FIRST_CQ_PAGE + k, 12, k >> 1,
				  k & 1);
			if (traffic.by_event[i][k])
				cq_arm(&traffic.cqs[i][k], TERN_HW_CQ_MODE_EVERY);
		}
	}
}

static void give_slice(struct slice *slice, struct group *group, uint64_t size)
{
	uint32_t first = size > SMALL_SLICE ? GROUP_AREAS - 1 : rnd(GROUP_AREAS);

	for (uint32_t k = 0; k < GROUP_AREAS; k++)
		if (slice_init(slice, &group->areas[(first + k) % GROUP_AREAS], size))
			return;
	fail("the bench's memory does not suffice");
}

/* ---------------------------------------------------------------------------- connections */

static struct conn any_conn(const struct traffic_config *config)
{
	struct conn conn = conn_default;
	uint32_t max_rd = chance(30) ? rnd_range(1, 3) : rnd_range(1, 16);

	if (config->fixed)
		return config->conn;
	conn.mtu = (enum tern_hw_mtu)rnd_range(TERN_HW_MTU_M256, TERN_HW_MTU_M4096);
	conn.max_rd = max_rd;
	conn.max_dest_rd = rnd_range(max_rd, 16);
	conn.timeout = config->timeout;
	conn.min_rnr_timer = rnd_range(1, 4);
	for (uint32_t i = 0; i < NODES; i++)
		conn.psn[i] = chance(50) ? 0x1000000 - rnd(3000) - 1 : rnd(0x1000000);
	conn.gid = (enum gid)rnd(GIDS);
	conn.sport = 0xc000 | rnd(0x4000);
	conn.hop_limit = rnd_range(1, 255);
	conn.tclass = rnd(256) & 0xfc;
	conn.flow_label = rnd(1u << 20);
	conn.pcp = rnd(8);
	return conn;
}

static void make_side(struct link *link, uint32_t number, uint32_t node)
{
	struct side *side = &link->side[node];
	struct qp_attr attr = { .page = FIRST_QP_PAGE + number, .log_sq = rnd_range(5, 8),
		.log_rq = rnd_range(4, 7), .log_stride = rnd(5), .level = rnd(2), .priv = chance(50) };
	uint32_t qpn;

	do
		qpn = rnd_range(2, 2 + TRAFFIC_QPNS - 1);
	while (traffic.by_qpn[node][qpn]);
	side->link = link;
	side->peer = &link->side[!node];
	side->group = &traffic.groups[node][rnd(GROUPS)];
	side->priv = attr.priv;
	attr.pd = side->group->pd;
	qp_create(&side->qp, node, qpn, &traffic.cqs[node][number % TRAFFIC_CQS],
		  &traffic.cqs[node][number / TRAFFIC_CQS % TRAFFIC_CQS], &attr);
	traffic.by_qpn[node][qpn] = side;
}

static void make_slices(struct side *side)
{
	uint64_t size = side->link->is_long ? LONG_SLICE : SMALL_SLICE;
	struct slice words;

	give_slice(&side->local[0], side->group, size);
	give_slice(&side->local[1], side->group, SMALL_SLICE);
	give_slice(&side->target, side->peer->group, size);
	give_slice(&side->recv_slice, side->group, size);
	give_slice(&words, side->peer->group, 8 * (WORDS + 1));
	side->word_area = words.area;
	for (uint32_t k = 0; k < WORDS; k++) {
		check(slice_take(&words, 8, 8, &side->word_offset[k]), "no room for a word");
		side->word_value[k] = rnd64();
		area_set64(side->word_area, side->word_offset[k], side->word_value[k]);
	}
}

/* A fast region stays when its QP goes, free */
static void make_fast(struct side *side)
{
	struct mr_attr attr = { .va = any_va(), .length = 14 * 4096 - rnd(100), .pd = side->group->pd,
		.access = 0xf, .level = 1, .page_shift = 12, .fast = true };
	struct fast *fast = &side->fast;

	attr.va &= ~0xfffull;
	attr.va += rnd(4096);
	if (!side->priv)
		return;
	area_create(&fast->area, side->qp.node, traffic.next_mr[side->qp.node]++, &attr);
	fast->state = FAST_FREE;
	slice_init(&fast->local, &fast->area, attr.length / 2);
	slice_init(&fast->remote, &fast->area, attr.length / 2);
}

void traffic_start(const struct traffic_config *config)
{
	traffic.config = *config;
	traffic.links = calloc(config->links, sizeof(*traffic.links));
	check(traffic.links && config->links <= MAX_LINKS, "no memory for the bench");
	for (uint32_t i = 0; i < NODES; i++)
		for (uint32_t g = 0; g < GROUPS; g++)
			for (uint32_t k = 0; k < GROUP_AREAS; k++)
				traffic.groups[i][g].areas[k].given = 64;
	for (uint32_t k = 0; k < config->links; k++) {
		struct link *link = &traffic.links[k];

		link->is_long = k < config->long_links;
		link->max_len = link->is_long ? 1200000 : SMALL_SLICE / 2 - 200;
		for (uint32_t i = 0; i < NODES; i++)
			make_side(link, k, i);
		for (uint32_t i = 0; i < NODES; i++) {
			make_slices(&link->side[i]);
			make_fast(&link->side[i]);
		}
		link->conn = any_conn(config);
		qp_connect(&link->side[0].qp, &link->side[1].qp, &link->conn);
	}
	traffic.progress = bus_now();
}

/* ---------------------------------------------------------------------------------- steps */

void traffic_allow(uint64_t messages)
{
	traffic.goal = traffic.posted + messages;
	traffic.progress = bus_now();
}

static void ring_sq(struct side *side)
{
	/* A slot of the push page must not hold what is not complete */
	uint32_t oldest = side->used_slots;

	if (chance(30) && oldest < PUSH_SLOTS)
		qp_push_sq(&side->qp);
	else
		qp_ring_sq(&side->qp);
}

static void post_some(struct side *side)
{
	uint32_t want = rnd_range(1, 6);
	bool any = false;

	while (traffic.posted < traffic.goal && want--)
		any |= post_message(side);
	if (traffic.posted < traffic.goal)
		any |= post_fast(side);
	if (traffic.posted >= traffic.goal && side->quiet_slots) {
		post_last(side);
		any = true;
	}
	if (any)
		ring_sq(side);
}

static void receive_some(struct side *side)
{
	uint32_t want = traffic.config.late ? rnd(3) : 8;
	bool any = false;

	while (want-- && post_receive(side))
		any = true;
	if (any)
		qp_ring_rq(&side->qp);
}

static void poll_cq(uint32_t node, struct cq *cq)
{
	struct cqe cqe;

	while (cq_poll(cq, &cqe))
		score_cqe(node, &cqe);
}

static void poll_node(uint32_t node)
{
	uint32_t cqn;

	for (uint32_t k = 0; k < TRAFFIC_CQS; k++)
		if (!traffic.by_event[node][k])
			poll_cq(node, &traffic.cqs[node][k]);
	while (ceq_poll(node, 1, &cqn)) {
		struct cq *cq = &traffic.cqs[node][cqn - FIRST_CQ];

		check(cqn >= FIRST_CQ && cqn < FIRST_CQ + TRAFFIC_CQS, "event of CQ %u", cqn);
		poll_cq(node, cq);
		cq_arm(cq, TERN_HW_CQ_MODE_EVERY);
	}
}

static void show_stuck(void)
{
	for (uint32_t k = 0; k < traffic.config.links; k++) {
		for (uint32_t i = 0; i < NODES; i++) {
			struct side *side = &traffic.links[k].side[i];
			struct msg *msg = side_msg(side, side->done);

			if (side->done == side->posted && side->recv_done == side->arrival_posted)
				continue;
			fprintf(stderr, "node %u QP %u: %llu of %llu done (next: op %x, entry %u, %u bytes), "
				"receives %llu of %llu posted, %llu wanted\n", i, side->qp.qpn,
				(unsigned long long)side->done, (unsigned long long)side->posted, msg->op,
				msg->wqe, msg->len, (unsigned long long)side->recv_done,
				(unsigned long long)side->recv_posted,
				(unsigned long long)side->arrival_posted);
			show_qp(&side->qp);
		}
	}
}

void traffic_step(void)
{
	for (uint32_t n = 0; n < 4; n++) {
		struct side *side = &traffic.links[rnd(traffic.config.links)].side[rnd(NODES)];

		receive_some(side);
		if (!traffic.config.late)
			receive_some(side->peer);
		post_some(side);
	}
	for (uint32_t i = 0; i < NODES; i++)
		poll_node(i);
	bus_wait(rnd_range(10, 50));
	if (!traffic_is_done() && bus_now() - traffic.progress > STUCK_NS) {
		show_stuck();
		fail("nothing completes any more");
	}
}

bool traffic_is_done(void)
{
	for (uint32_t k = 0; k < traffic.config.links; k++) {
		for (uint32_t i = 0; i < NODES; i++) {
			const struct side *side = &traffic.links[k].side[i];

			if (side->done != side->posted || side->recv_done != side->arrival_posted)
				return false;
		}
	}
	return traffic.posted >= traffic.goal;
}

void traffic_run(uint64_t messages)
{
	traffic_allow(messages);
	while (!traffic_is_done())
		traffic_step();
}

/* ----------------------------------------------------------------------------------- end */

static void check_counter(struct group *group)
{
	uint64_t value = area_get64(group->counter_area, group->counter_offset);

	check(value == group->counter_posted && value == group->counter_seen,
	      "a counter is %llu after %llu additions, of which %llu were seen",
	      (unsigned long long)value, (unsigned long long)group->counter_posted,
	      (unsigned long long)group->counter_seen);
	area_assume64(group->counter_area, group->counter_offset, value);
}

static void check_memory(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		for (uint32_t g = 0; g < GROUPS; g++) {
			check_counter(&traffic.groups[i][g]);
			for (uint32_t k = 0; k < GROUP_AREAS; k++)
				area_check(&traffic.groups[i][g].areas[k]);
		}
		for (uint32_t k = 0; k < traffic.config.links; k++)
			if (traffic.links[k].side[i].fast.state != FAST_NONE)
				area_check(&traffic.links[k].side[i].fast.area);
	}
}

void traffic_stop(void)
{
	bus_wait_idle("when all is complete");
	check_memory();
	for (uint32_t k = 0; k < traffic.config.links; k++) {
		for (uint32_t i = 0; i < NODES; i++) {
			struct side *side = &traffic.links[k].side[i];

			qp_destroy(&side->qp);
			traffic.by_qpn[i][side->qp.qpn] = NULL;
			if (side->fast.state != FAST_NONE) {
				check(!mr_dereg_try(&side->fast.area.mr), "DEREG_MR of a fast region");
				free(side->fast.area.shadow);
				mr_forget(&side->fast.area.mr);
			}
		}
	}
	for (uint32_t i = 0; i < NODES; i++)
		poll_node(i);
	free(traffic.links);
	traffic.links = NULL;
}
