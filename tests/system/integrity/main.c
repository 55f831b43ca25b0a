// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Usage: integrity [OPTION...] [HOST]
 *
 * Two sides, each a process, send each other messages of all kinds over many reliable connections
 * at once, and check every byte of their memory and every completion. With HOST it connects to
 * the side that was started without. Runs on any verbs device.
 *
 *   -d DEVICE   (default: the first)       -g INDEX  GID (default 0)
 *   -q QPS      1 to 64 (default 16)       -k N      messages of a QP in a round (default 25)
 *   -n N        messages of both sides in total, rounded up to rounds (default 20000)
 *   -l BYTES    longest message (default 20000)
 *   -m MTU      256 to 4096 (default 1024) -t N      local ACK timeout (default 14)
 *   -s SEED     of the first side wins (default 1)
 *   -p PORT     TCP port (default 18600)   -e        sleep until there is a completion event
 *   -x          if a side is Soft-RoCE: nothing that it cannot repeat after a loss, see plan.h
 *
 * Exit status: 0 if all was right, 1 if not, 2 if it could not be tried.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "endpoint.h"
#include "plan.h"

/* A round without any completion for so long has hung */
#define PATIENCE_S	120

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report_stuck(const struct endpoint *end)
{
	uint32_t i;

	for (i = 0; i < end->settings->qps; i++)
		if (end->completed[i] != end->posted[i] || end->received[i] != end->expected[i])
			fprintf(stderr, "integrity: QP %u: sends %llu of %llu, receives %llu of %llu\n",
				end->me.qpn[i], (unsigned long long)end->completed[i],
				(unsigned long long)end->posted[i],
				(unsigned long long)end->received[i],
				(unsigned long long)end->expected[i]);
	fail("no completion for %d s", PATIENCE_S);
}

/* All QPs take turns, with a few messages each */
static void run_messages(struct endpoint *end, const struct plan *plan)
{
	uint32_t next[MAX_QPS] = { 0 }, left = plan->qps * plan->messages, turn = 0;
	double last = seconds();

	while (left || !endpoint_is_done(end)) {
		uint32_t qp = turn % plan->qps, count = 1 + turn / plan->qps % 4;

		if (next[qp] < plan->messages) {
			if (count > plan->messages - next[qp])
				count = plan->messages - next[qp];
			endpoint_post_send(end, plan, qp, next[qp], count);
			next[qp] += count;
			left -= count;
		}
		turn++;
		if (endpoint_poll(end, plan))
			last = seconds();
		else if (!left)
			endpoint_wait(end);
		if (seconds() > last + PATIENCE_S)
			report_stuck(end);
	}
}

/* Adds by all QPs to one word: each old value comes once. Then they are what was expected. */
static void check_shared(const struct endpoint *end, const struct plan *plan)
{
	uint32_t adds = plan->shared_adds[plan->me], qp, i;
	bool *seen = calloc(adds + 1, sizeof(*seen));
	uint64_t first, old;

	memcpy(&first, plan->image[!plan->me] + plan->shared, 8);
	for (qp = 0; qp < plan->qps; qp++)
		for (i = 0; i < plan->messages; i++) {
			const struct message *m = plan_message(plan, plan->me, qp, i);

			if (m->op != OP_SHARED_ADD)
				continue;
			memcpy(&old, end->region + m->local[0].offset, 8);
			if (old - first >= adds || seen[old - first])
				fail("shared word: an add gave %#llx, started at %#llx, %u adds",
				     (unsigned long long)old, (unsigned long long)first, adds);
			seen[old - first] = true;
			memcpy(plan->expected + m->local[0].offset, &old, 8);
		}
	free(seen);
}

static void check_memory(const struct endpoint *end, const struct plan *plan)
{
	size_t i;

	check_shared(end, plan);
	if (!memcmp(end->region, plan->expected, plan->bytes))
		return;
	for (i = 0; end->region[i] == plan->expected[i]; i++)
		;
	fail("byte %zu is %02x, expected %02x, was %02x", i, end->region[i], plan->expected[i],
	     plan->image[plan->me][i]);
}

static void run_round(struct endpoint *end, struct plan *plan, int channel, uint32_t round)
{
	plan_round(plan, end->me.seed, round);
	memcpy(end->region, plan->image[plan->me], plan->bytes);
	endpoint_post_receives(end, plan);
	channel_barrier(channel, 2 * round);
	run_messages(end, plan);
	channel_barrier(channel, 2 * round + 1);
	if (endpoint_poll(end, plan))
		fail("a completion too many");
	check_memory(end, plan);
}

/* The first side's word counts for what both must agree on; limits are the smaller ones */
static void agree(struct endpoint *end, bool first)
{
	struct introduction *me = &end->me;
	const struct introduction *peer = &end->peer;

	if (me->qps != peer->qps || me->messages != peer->messages || me->rounds != peer->rounds ||
	    me->bytes != peer->bytes || me->max_length != peer->max_length || me->mtu != peer->mtu)
		fail("the sides were started with different options");
	if (!first)
		me->seed = peer->seed;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void run(struct endpoint *end, int channel, bool first)
{
	const struct settings *settings = end->settings;
	struct plan plan = { .qps = settings->qps, .messages = settings->messages,
			     .bytes = settings->bytes, .max_length = settings->max_length,
			     .mtu = 128u << settings->mtu };
	double start = seconds();
	uint32_t round;

	channel_exchange(channel, &end->me, &end->peer, sizeof(end->me));
	agree(end, first);
	plan.me = first ? 0 : 1;
	plan.fragile[plan.me] = end->me.fragile;
	plan.fragile[!plan.me] = end->peer.fragile;
	plan.max_sge = smaller(end->me.max_sge, end->peer.max_sge);
	plan.max_inline = smaller(end->me.max_inline, end->peer.max_inline);
	if (plan_init(&plan))
		fail("no memory");
	endpoint_connect(end);
	if (end->events && (ibv_req_notify_cq(end->send_cq, 0) || ibv_req_notify_cq(end->recv_cq, 0)))
		fail("req_notify_cq");
	for (round = 0; round < settings->rounds; round++)
		run_round(end, &plan, channel, round);
	printf("integrity: %u rounds, %u messages of this side over %u QPs, %llu + %llu completions, %.1f s: all right\n",
	       round, round * plan.qps * plan.messages, plan.qps,
	       (unsigned long long)end->send_cqes, (unsigned long long)end->recv_cqes,
	       seconds() - start);
	plan_free(&plan);
}

static uint64_t number(const char *text, uint64_t most)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (*end || end == text || value > most) {
		fprintf(stderr, "integrity: '%s' is not a number up to %llu\n", text,
			(unsigned long long)most);
		exit(2);
	}
	return value;
}

static enum ibv_mtu parse_mtu(const char *text)
{
	uint64_t bytes = number(text, 4096);
	int mtu;

	for (mtu = IBV_MTU_256; mtu <= IBV_MTU_4096; mtu++)
		if (bytes == 128ull << mtu)
			return (enum ibv_mtu)mtu;
	fprintf(stderr, "integrity: '%s' is no MTU\n", text);
	exit(2);
}

int main(int argc, char **argv)
{
	struct settings settings = { .mtu = IBV_MTU_1024, .qps = 16, .messages = 25,
				     .max_length = 20000, .seed = 1, .timeout = 14 };
	const char *port = "18600", *host;
	static struct endpoint end;
	uint64_t total = 20000;
	int option, channel;

	while ((option = getopt(argc, argv, "d:g:q:k:n:l:m:t:s:p:ex")) != -1) {
		switch (option) {
		case 'd': settings.device = optarg; break;
		case 'g': settings.gid_index = (int)number(optarg, 255); break;
		case 'q': settings.qps = (uint32_t)number(optarg, MAX_QPS); break;
		case 'k': settings.messages = (uint32_t)number(optarg, 1000); break;
		case 'n': total = number(optarg, 1u << 30); break;
		case 'l': settings.max_length = (uint32_t)number(optarg, 1u << 24); break;
		case 'm': settings.mtu = parse_mtu(optarg); break;
		case 't': settings.timeout = (uint8_t)number(optarg, 31); break;
		case 's': settings.seed = number(optarg, UINT64_MAX); break;
		case 'p': port = optarg; break;
		case 'e': settings.events = true; break;
		case 'x': settings.lossy = true; break;
		default: return 2;
		}
	}
	host = optind < argc ? argv[optind] : NULL;
	if (!settings.qps || !settings.messages)
		return 2;
	settings.rounds = (uint32_t)((total + 2ull * settings.qps * settings.messages - 1) /
				     (2ull * settings.qps * settings.messages));
	/* Sources and targets; most messages are far shorter than the longest */
	settings.bytes = 1 << 20;
	while (settings.bytes < (uint64_t)settings.qps * settings.messages *
				(5000 + settings.max_length / 4) * 4)
		settings.bytes *= 2;
	alarm(3600);
	endpoint_open(&end, &settings);
	channel = channel_open(host, port);
	run(&end, channel, host == NULL);
	close(channel);
	endpoint_close(&end);
	return 0;
}
