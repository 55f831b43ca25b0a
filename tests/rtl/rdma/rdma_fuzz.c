// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Two busy adapters, and a third station on their wires that sends each of them what it likes (fuzz.h).
 * In rounds: new connections, hostile frames back to back, then silence. Then all traffic must be
 * complete and right, all memory as it must be, and the adapters' counters those that the frames
 * on the wires call for. At the end new connections work as if nothing had happened.
 *
 * +count=: hostile frames, to both nodes together.
 */

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "rdma_netdev.h"
#include "rdma_programs.h"

#define ROUND 50000u
#define LINKS 5u
/*
 * 0.5 ms. A request ahead of its turn brings a NAK that takes the place of an ACK not sent yet. If there
 * was none behind it, its PSN is one that was never sent, and the peer must not believe it.
 */
#define TIMEOUT 7u
#define VICTIM_STEPS 2u		/* for each of the others */
#define TABLE_PCT 40u		/* of these times a GID or a group changes */
#define BUFFERS 8u		/* for the netdev, at a time */
#define PATIENCE_CYCLES 1000000u	/* without a frame that gets in, or without rest */
#define LAZY_FROM 3u		/* rounds of 8 in which the AEQ is not looked at */
#define LAZY_TO 6u

static bool lazy;

/* ------------------------------------------------------------------------------- bystanders */

static void know_links(void)
{
	for (uint32_t k = 0; k < traffic.config.links; k++) {
		const struct link *link = &traffic.links[k];

		for (uint32_t i = 0; i < NODES; i++)
			fuzz_know(&link->side[i].qp, link->side[!i].qp.qpn, &link->conn, 0);
	}
}

static void forget_links(void)
{
	for (uint32_t k = 0; k < traffic.config.links; k++)
		for (uint32_t i = 0; i < NODES; i++)
			fuzz_unknow(&traffic.links[k].side[i].qp);
}

/* Frames of the netdevs beside all else; what arrives is compared, whoever sent it */
static void netdev_step(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		struct netdev *n = &netdevs[i];
		static struct frame f;

		if (NETDEV_RING - (n->rq - n->rq_done) >= BUFFERS)
			netdev_post_buffers(i, BUFFERS, MAX_FRAME);
		netdev_serve(i);
		if (chance(8) && netdev_free_slots(n) > NETDEV_RING - 8 &&
		    netdevs[!i].in - netdevs[!i].out < NETDEV_RING / 2) {
			frame_make(i, &f, 60 + rnd(chance(90) ? 200 : 3000), node_mac(!i));
			netdev_send(i, &f);
		}
	}
}

static void step(void)
{
	struct ae ae;

	traffic_step();
	beside_step();
	cast_step();
	netdev_step();
	for (uint32_t i = 0; i < NODES; i++)
		while (!lazy && ae_poll(i, &ae))
			victim_event(i, &ae);
}

/* ---------------------------------------------------------------------------------- rounds */

static void turn_knobs(void)
{
	static const uint32_t stalls[] = { 0, 0, 5, 30 }, latencies[] = { 20, 50, 100, 300 };

	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_MEM_STALL, stalls[rnd(4)]);
		bus_knob(i, KNOB_MEM_LAT_MAX, latencies[rnd(4)]);
		bus_knob(i, KNOB_WIRE_STALL, chance(70) ? 0 : 20);
	}
}

static void set_filters(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		fuzz_filters[i].multicast = chance(50);
		fuzz_filters[i].promisc = chance(15);
		netdev_set_port(i, node_mac(i), fuzz_filters[i].promisc, fuzz_filters[i].multicast);
	}
}

/* Late ones, now that the queue has been full */
static void end_lazy(void)
{
	uint64_t lost = 0;
	struct stats stats;
	struct ae ae;

	for (uint32_t i = 0; i < NODES; i++) {
		while (ae_poll(i, &ae))
			victim_event(i, &ae);
		node_stats(i, &stats);
		lost += stats.counter[TERN_HW_STAT_AE_LOST];
	}
	lazy = false;
	victim_lazy(false);
	say("%llu events were lost while nobody took them", (unsigned long long)lost);
}

static void attack(uint64_t frames)
{
	uint64_t last = fuzz_injected, since = bus_count(0, COUNT_CYCLES);

	fuzz_goal = fuzz_injected + frames;
	fuzz_open(chance(60) ? 60 : rnd_range(5, 90));
	while (fuzz_injected < fuzz_goal) {
		step();
		for (uint32_t n = 0; n < VICTIM_STEPS; n++)
			victim_step();
		if (chance(TABLE_PCT))
			table_step();
		if (fuzz_injected != last) {
			last = fuzz_injected;
			since = bus_count(0, COUNT_CYCLES);
		}
		check(bus_count(0, COUNT_CYCLES) - since < PATIENCE_CYCLES, "the adapters take no frames any more");
	}
	fuzz_open(0);
}

/* Frames of the netdevs that must still come */
static uint32_t netdev_due(void)
{
	uint32_t due = 0;

	for (uint32_t i = 0; i < NODES; i++)
		for (uint32_t n = netdevs[i].out; n != netdevs[i].in; n++)
			due += !netdevs[i].maybe[n % NETDEV_RING];
	return due;
}

/* All that bystanders have begun comes to its end */
static void settle(void)
{
	uint64_t until = bus_count(0, COUNT_CYCLES) + 4 * PATIENCE_CYCLES;

	traffic_allow(0);
	beside_allow(false);
	cast_allow(false);
	while (!traffic_is_done() || !beside_is_done() || !cast_is_done() || netdev_due()) {
		step();
		check(bus_count(0, COUNT_CYCLES) < until, "there is no rest: %u frames of the netdevs",
		      netdev_due());
	}
}

static void wait_idle(void)
{
	uint32_t idle = 0;

	for (uint32_t k = 0; idle < 5; k++) {
		check(k < 20000, "there is no rest at the end of a round");
		for (uint32_t i = 0; i < NODES; i++)
			netdev_serve(i);
		bus_wait(100);
		idle = bus(BUS_IDLE, 0, 0, 0) ? idle + 1 : 0;
	}
}

static void start(const struct traffic_config *config)
{
	table_start();
	traffic_start(config);
	know_links();
	beside_start();
	cast_start();
}

static void stop(void)
{
	forget_links();
	traffic_stop();
	beside_stop();
	cast_stop();
	table_stop();
}

static void round_of(uint64_t frames)
{
	struct traffic_config config = { .links = LINKS, .timeout = TIMEOUT };

	turn_knobs();
	set_filters();
	account_begin();
	start(&config);
	traffic_allow(1ull << 40);
	attack(frames);
	settle();
	victim_stop();
	wait_idle();
	check(!netdev_due(), "frames of the netdev are missing");
	for (uint32_t i = 0; i < NODES; i++)
		netdevs[i].out = netdevs[i].in;
	account_end();
	stop();
	fuzz_forget();
	account_check(lazy);
	check(victim_events <= victim_events_due, "%llu events, %llu at most are due",
	      (unsigned long long)victim_events, (unsigned long long)victim_events_due);
}

/* New connections, and nobody disturbs them */
static void work_afterwards(void)
{
	struct traffic_config config = { .links = 6, .timeout = TIMEOUT };
	uint64_t messages = traffic.done, datagrams = beside_messages, casts = cast_copies;

	start(&config);
	traffic_allow(300);
	while (!traffic_is_done() || beside_messages < datagrams + 200 || cast_copies < casts + 200)
		step();
	settle();
	wait_idle();
	stop();
	say("afterwards: %llu messages, %llu of UC and UD and %llu of groups, on new connections",
	    (unsigned long long)(traffic.done - messages), (unsigned long long)(beside_messages - datagrams),
	    (unsigned long long)(cast_copies - casts));
}

static void report(uint64_t cycles)
{
	static const char *const names[FUZZ_CLASSES] = { "bad", "filtered", "netdev", "icrc", "header", "cnp",
							 "handed on" };

	for (uint32_t i = 0; i < NODES; i++) {
		printf("rdma: to node %u: %llu hostile frames; of all:", i,
		       (unsigned long long)fuzz_counts[i].injected);
		for (uint32_t c = 0; c < FUZZ_CLASSES; c++)
			printf(" %s %llu", names[c], (unsigned long long)fuzz_counts[i].class[c]);
		printf(", %llu in a change; to groups %llu; of strangers to bystanders %llu\n",
		       (unsigned long long)fuzz_counts[i].uncertain, (unsigned long long)fuzz_counts[i].mcast,
		       (unsigned long long)fuzz_counts[i].strangers);
	}
	fuzz_report_cover();
	say("%llu messages of bystanders to groups, received %llu times, beside %llu that victims received; "
	    "%llu changes of GIDs and groups", (unsigned long long)cast_messages, (unsigned long long)cast_copies,
	    (unsigned long long)victim_casts, (unsigned long long)fuzz_changes);
	say("%llu hostile frames in %llu cycles, beside %llu messages of RC, %llu of UC and UD; "
	    "%llu victims, %llu completions, %llu with an error, %llu events",
	    (unsigned long long)fuzz_injected, (unsigned long long)cycles, (unsigned long long)traffic.done,
	    (unsigned long long)beside_messages, (unsigned long long)victim_lives,
	    (unsigned long long)victim_completions, (unsigned long long)victim_errors,
	    (unsigned long long)victim_events);
}

void program_fuzz(void)
{
	uint64_t count = bus_count_wanted() ? bus_count_wanted() : 30000, cycles;

	fail_hook = fuzz_dump;
	bus_wait_idle("after reset");
	for (uint32_t i = 0; i < NODES; i++) {
		node_bring_up(i, i == 1);
		netdev_bring_up(i);
		netdev_post_buffers(i, NETDEV_RING, MAX_FRAME);
	}
	traffic_init();
	beside_init();
	cast_init();
	table_init();
	victim_init();
	fuzz_load_corpus();
	fuzz_wire_start();
	say("%u frames in the corpus", fuzz_corpus_size());
	cycles = bus_count(0, COUNT_CYCLES);
	for (uint32_t n = 0; fuzz_injected < count; n++) {
		if (n % 8 == LAZY_FROM) {
			lazy = true;
			victim_lazy(true);
		}
		round_of(count - fuzz_injected < ROUND ? count - fuzz_injected : ROUND);
		if (lazy && n % 8 == LAZY_TO)
			end_lazy();
	}
	if (lazy)
		end_lazy();
	cycles = bus_count(0, COUNT_CYCLES) - cycles;
	work_afterwards();
	report(cycles);
	bus_wait_idle("at the end");
}
