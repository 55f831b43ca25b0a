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
#define BUFFERS 8u		/* for the netdev, at a time */
#define PATIENCE_CYCLES 1000000u	/* without a frame that gets in, or without rest */
#define LAZY_FROM 3u		/* rounds of 8 in which the AEQ is not looked at */
#define LAZY_TO 6u

struct figures {
	struct stats stats;
	uint64_t eth[16];
	struct fuzz_counts counts;
};

static struct figures before[NODES], after[NODES];
static bool lazy;

static void note(struct figures *figures)
{
	for (uint32_t i = 0; i < NODES; i++) {
		node_stats(i, &figures[i].stats);
		netdev_stats(i, figures[i].eth);
		figures[i].counts = fuzz_counts[i];
	}
}

/* ------------------------------------------------------------------------------- bystanders */

static void know_links(void)
{
	for (uint32_t k = 0; k < traffic.config.links; k++) {
		const struct link *link = &traffic.links[k];

		for (uint32_t i = 0; i < NODES; i++) {
			struct fuzz_qp *qp = &fuzz_qps[i][link->side[i].qp.qpn];

			qp->kind = FUZZ_BYSTANDER;
			qp->type = TERN_HW_QP_TYPE_RC;
			qp->state = TERN_HW_QP_STATE_RTS;
			qp->peer = link->side[!i].qp.qpn;
			qp->mtu = 128u << link->conn.mtu;
			qp->in_psn = (link->conn.psn[!i] - 1) & 0xffffff;
			qp->out_psn = (link->conn.psn[i] - 1) & 0xffffff;
		}
	}
}

static void forget_links(void)
{
	for (uint32_t i = 0; i < NODES; i++)
		for (uint32_t qpn = 0; qpn < NODE_QPS; qpn++)
			if (fuzz_qps[i][qpn].kind == FUZZ_BYSTANDER && traffic.by_qpn[i][qpn])
				fuzz_qps[i][qpn].kind = FUZZ_NOBODY;
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
	netdev_step();
	for (uint32_t i = 0; i < NODES; i++)
		while (!lazy && ae_poll(i, &ae))
			victim_event(i, &ae);
}

/* --------------------------------------------------------------------------------- account */

static uint64_t grown(uint32_t node, uint32_t stat)
{
	return after[node].stats.counter[stat] - before[node].stats.counter[stat];
}

static uint64_t grown_eth(uint32_t node, uint32_t stat)
{
	return after[node].eth[stat] - before[node].eth[stat];
}

static uint64_t wire(uint32_t node, enum fuzz_class class)
{
	return after[node].counts.class[class] - before[node].counts.class[class];
}

static void must_be(uint32_t node, const char *what, uint64_t is, uint64_t due)
{
	check(is == due, "node %u: %s has grown by %llu, not %llu", node, what, (unsigned long long)is,
	      (unsigned long long)due);
}

static void check_received(uint32_t i)
{
	uint64_t roce = wire(i, FC_ICRC) + wire(i, FC_HEADER) + wire(i, FC_CNP) + wire(i, FC_ROCE);
	uint64_t handed = wire(i, FC_ROCE) - grown(i, TERN_HW_STAT_RX_QP), told;
	uint64_t nobody = after[i].counts.nobody - before[i].counts.nobody;
	uint64_t bystander = after[i].counts.bystander - before[i].counts.bystander;

	must_be(i, "rx_bad", grown(i, TERN_HW_STAT_RX_BAD), wire(i, FC_BAD));
	must_be(i, "rx_frames", grown(i, TERN_HW_STAT_RX_FRAMES), roce + wire(i, FC_ETH) + wire(i, FC_FILTERED));
	must_be(i, "rx_bytes", grown(i, TERN_HW_STAT_RX_BYTES), after[i].counts.bytes - before[i].counts.bytes);
	must_be(i, "rx_filtered", grown(i, TERN_HW_STAT_RX_FILTERED), wire(i, FC_FILTERED));
	must_be(i, "rx_roce", grown(i, TERN_HW_STAT_RX_ROCE), roce);
	must_be(i, "rx_icrc", grown(i, TERN_HW_STAT_RX_ICRC), wire(i, FC_ICRC));
	must_be(i, "rx_header", grown(i, TERN_HW_STAT_RX_HEADER), wire(i, FC_HEADER));
	must_be(i, "rx_cnp", grown(i, TERN_HW_STAT_RX_CNP), wire(i, FC_CNP));
	must_be(i, "the netdev's rx_frames", grown_eth(i, TERN_HW_ETH_STAT_RX_FRAMES), wire(i, FC_ETH));
	/* Of victims nobody knows when they were ready */
	check(grown(i, TERN_HW_STAT_RX_QP) >= nobody && handed >= bystander,
	      "node %u: rx_qp has grown by %llu; %llu are due at least, and %llu of %llu not", i,
	      (unsigned long long)grown(i, TERN_HW_STAT_RX_QP), (unsigned long long)nobody,
	      (unsigned long long)bystander, (unsigned long long)wire(i, FC_ROCE));
	told = grown(i, TERN_HW_STAT_RX_REQUESTS) + grown(i, TERN_HW_STAT_RX_DUPLICATES) +
	       grown(i, TERN_HW_STAT_RX_GAPS) + grown(i, TERN_HW_STAT_RX_RNR) +
	       grown(i, TERN_HW_STAT_RX_DROPPED) + grown(i, TERN_HW_STAT_RX_ACKS) +
	       grown(i, TERN_HW_STAT_RX_NAKS_SEQ) + grown(i, TERN_HW_STAT_RX_NAKS_RNR) +
	       grown(i, TERN_HW_STAT_RX_NAKS_ERR) + grown(i, TERN_HW_STAT_RX_RESPONSES) +
	       grown(i, TERN_HW_STAT_RX_READ_GAPS) + grown(i, TERN_HW_STAT_RX_STRAY);
	check(told <= handed, "node %u: %llu packets were handed on, and %llu counted behind", i,
	      (unsigned long long)handed, (unsigned long long)told);
}

static void check_quiet(uint32_t i)
{
	/* hmc_err is not among them: keys out of the range of all regions are looked up, and refused */
	static const uint8_t never[] = { TERN_HW_STAT_RX_OVERRUN, TERN_HW_STAT_DOORBELL_BAD,
		TERN_HW_STAT_DMA_READ_ERR, TERN_HW_STAT_DMA_WRITE_ERR, TERN_HW_STAT_CE_LOST,
		TERN_HW_STAT_TX_DROPPED };
	static const uint8_t never_eth[] = { TERN_HW_ETH_STAT_RX_NO_DESC, TERN_HW_ETH_STAT_RX_LONG,
		TERN_HW_ETH_STAT_RX_ERR, TERN_HW_ETH_STAT_CQ_ERR, TERN_HW_ETH_STAT_TX_ERR,
		TERN_HW_ETH_STAT_TX_BAD };
	uint64_t entries = grown(i, TERN_HW_STAT_CEQE) + grown(i, TERN_HW_STAT_AEQE) +
		grown_eth(i, TERN_HW_ETH_STAT_RX_FRAMES) + grown_eth(i, TERN_HW_ETH_STAT_TX_FRAMES);

	for (uint32_t k = 0; k < sizeof(never); k++)
		must_be(i, stat_name(never[k]), grown(i, never[k]), 0);
	for (uint32_t k = 0; k < sizeof(never_eth); k++)
		must_be(i, "an error counter of the netdev", grown_eth(i, never_eth[k]), 0);
	check(lazy || !grown(i, TERN_HW_STAT_AE_LOST), "node %u: events were lost", i);
	/* Those of the netdev's admin queue besides */
	check(grown(i, TERN_HW_STAT_IRQ) <= entries + 4, "node %u: %llu interrupts for %llu entries", i,
	      (unsigned long long)grown(i, TERN_HW_STAT_IRQ), (unsigned long long)entries);
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
	struct ae ae;

	for (uint32_t i = 0; i < NODES; i++) {
		while (ae_poll(i, &ae))
			victim_event(i, &ae);
		node_stats(i, &after[i].stats);
		lost += after[i].stats.counter[TERN_HW_STAT_AE_LOST];
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
		if (fuzz_injected != last) {
			last = fuzz_injected;
			since = bus_count(0, COUNT_CYCLES);
		}
		check(bus_count(0, COUNT_CYCLES) - since < PATIENCE_CYCLES, "the adapters take no frames any more");
	}
	fuzz_open(0);
}

/* All that bystanders have begun comes to its end */
static void settle(void)
{
	uint64_t until = bus_count(0, COUNT_CYCLES) + 4 * PATIENCE_CYCLES;

	traffic_allow(0);
	beside_allow(false);
	while (!traffic_is_done() || !beside_is_done() || netdevs[0].in != netdevs[0].out ||
	       netdevs[1].in != netdevs[1].out) {
		step();
		check(bus_count(0, COUNT_CYCLES) < until, "there is no rest: %u and %u frames of the netdev",
		      netdevs[0].in - netdevs[0].out, netdevs[1].in - netdevs[1].out);
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

static void round_of(uint64_t frames)
{
	struct traffic_config config = { .links = LINKS, .timeout = TIMEOUT };

	turn_knobs();
	set_filters();
	note(before);
	traffic_start(&config);
	know_links();
	traffic_allow(1ull << 40);
	beside_start();
	attack(frames);
	settle();
	victim_stop();
	wait_idle();
	for (uint32_t i = 0; i < NODES; i++)
		check(netdevs[i].in == netdevs[i].out, "frames of the netdev are missing");
	note(after);
	forget_links();
	traffic_stop();
	beside_stop();
	fuzz_forget();
	for (uint32_t i = 0; i < NODES; i++) {
		check_received(i);
		check_quiet(i);
	}
	check(victim_events <= victim_events_due, "%llu events, %llu at most are due",
	      (unsigned long long)victim_events, (unsigned long long)victim_events_due);
}

/* New connections, and nobody disturbs them */
static void work_afterwards(void)
{
	struct traffic_config config = { .links = 6, .timeout = TIMEOUT };
	uint64_t messages = traffic.done, datagrams = beside_messages;

	traffic_start(&config);
	know_links();
	traffic_allow(300);
	beside_start();
	while (!traffic_is_done() || beside_messages < datagrams + 200)
		step();
	settle();
	wait_idle();
	note(after);
	forget_links();
	traffic_stop();
	beside_stop();
	say("afterwards: %llu messages and %llu of UC and UD on new connections",
	    (unsigned long long)(traffic.done - messages), (unsigned long long)(beside_messages - datagrams));
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
		printf("\n");
	}
	fuzz_report_cover();
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
