// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Program eth: two netdevs. What one sends must arrive in the other's receive buffers, byte by
 * byte and in order, and be completed once; what cannot arrive must be counted. A CQ is looked at
 * only when its vector has fired, so an event that is lost ends the run.
 */

#include <stdio.h>

#include "rdma_adapter.h"
#include "rdma_netdev.h"
#include "rdma_programs.h"

#define OVERRUN_FRAMES 40u

/* --------------------------------------------------------------------------------- traffic */

static uint32_t random_len(void)
{
	switch (rnd(6)) {
	case 0: return 14 + rnd(60);
	case 1: return 64 * (1 + rnd(140)) + rnd(3) - 1;
	case 2: return MAX_FRAME - rnd(3);
	case 3: return 1500 + rnd(20);
	default: return 14 + rnd(MAX_FRAME - 13);
	}
}

static void refill(uint32_t i)
{
	struct netdev *n = &netdevs[i];
	uint32_t room = NETDEV_RING - (n->rq - n->rq_done);

	if (room > rnd(NETDEV_RING))
		netdev_post_buffers(i, 1 + rnd(room), MAX_FRAME + rnd(3));
}

/* Both ways; no more is sent than there are buffers, and the wire obeys the pause, so nothing may
 * be lost
 */
static void traffic(uint64_t count)
{
	uint64_t until[2] = { netdevs[0].sent + count, netdevs[1].sent + count };
	uint32_t still = 0;

	while (netdevs[0].sent < until[0] || netdevs[1].sent < until[1] ||
	       netdevs[0].in != netdevs[0].out || netdevs[1].in != netdevs[1].out) {
		uint64_t got = netdevs[0].got + netdevs[1].got;

		for (uint32_t i = 0; i < 2; i++) {
			struct netdev *n = &netdevs[i], *peer = &netdevs[!i];
			uint32_t burst = rnd(8);

			refill(i);
			while (burst-- && n->sent < until[i] && netdev_free_slots(n) >= 4 &&
			       peer->in - peer->out < peer->rq - peer->rq_done)
				netdev_send_expected(i, random_len());
			netdev_serve(i);
		}
		bus_wait(rnd(4) ? rnd(100) : rnd(2000));
		still = got == netdevs[0].got + netdevs[1].got ? still + 1 : 0;
		check(still < 2000, "no frame arrives: %u and %u are due",
		      netdevs[0].in - netdevs[0].out, netdevs[1].in - netdevs[1].out);
	}
}

/* Until the sends of a node have completed, which the last was asked to tell */
static void wait_sent(uint32_t i)
{
	struct netdev *n = &netdevs[i];

	for (uint32_t k = 0; n->sq_done != n->asked; k++) {
		netdev_serve(i);
		bus_wait(100);
		check(k < 2000, "node %u: sends do not complete", i);
	}
}

/*
 * What is under way arrives as far as there is a queue for it. That takes its time: behind a reset
 * frames wait, here and at the peer, until the table of tern_steer is clear
 */
static void settle(void)
{
	uint32_t idle = 0;

	for (uint32_t k = 0; idle < 10; k++) {
		check(k < 5000, "there is no rest");
		netdev_serve(0);
		netdev_serve(1);
		bus_wait(100);
		idle = bus(BUS_IDLE, 0, 0, 0) ? idle + 1 : 0;
	}
}

/* For a frame */
static void wait_slots(uint32_t i)
{
	for (uint32_t k = 0; netdev_free_slots(&netdevs[i]) < 4; k++) {
		netdev_serve(i);
		bus_wait(100);
		check(k < 2000, "node %u: the send queue stays full", i);
	}
}

/* To an empty queue, or one with short buffers: dropped and counted, and the next one arrives */
static void starve(uint32_t i)
{
	struct netdev *peer = &netdevs[!i];
	uint64_t before[16], after[16];
	static struct frame f;
	uint32_t count = 5 + rnd(20);

	netdev_serve(!i);
	netdev_drop_queue(!i, true);
	netdev_poll(!i, NETDEV_RX_CQ, 1000);
	netdev_make_queue(!i, true);
	netdev_stats(!i, before);
	for (uint32_t k = 0; k < count; k++) {
		frame_make(i, &f, random_len(), node_mac(!i));
		wait_slots(i);
		netdev_send(i, &f);
	}
	settle();
	netdev_stats(!i, after);
	check(after[TERN_HW_ETH_STAT_RX_NO_DESC] - before[TERN_HW_ETH_STAT_RX_NO_DESC] == count,
	      "%llu drops for %u frames",
	      (unsigned long long)(after[TERN_HW_ETH_STAT_RX_NO_DESC] -
				   before[TERN_HW_ETH_STAT_RX_NO_DESC]), count);
	check(after[TERN_HW_ETH_STAT_RX_FRAMES] == before[TERN_HW_ETH_STAT_RX_FRAMES],
	      "frames arrived");
	netdev_post_buffers(!i, 1, 1000);
	frame_make(i, &f, 1001 + rnd(8000), node_mac(!i));
	netdev_send(i, &f);
	netdev_send_expected(i, 14 + rnd(987));
	for (uint32_t k = 0; peer->in != peer->out; k++) {
		netdev_serve(i);
		netdev_serve(!i);
		bus_wait(100);
		check(k < 2000, "nothing arrives after a frame that was too long");
	}
	netdev_stats(!i, after);
	check(after[TERN_HW_ETH_STAT_RX_LONG] == before[TERN_HW_ETH_STAT_RX_LONG] + 1, "rx_long");
	wait_sent(i);
}

static void expect_filtered(uint32_t i, uint64_t to, bool pass)
{
	struct netdev *peer = &netdevs[!i];
	static struct frame f;
	uint64_t got = peer->got;

	frame_make(i, &f, 60 + rnd(200), to);
	if (pass)
		netdev_expect(!i, &f);
	netdev_send(i, &f);
	for (uint32_t k = 0; k < 30; k++) {
		netdev_serve(i);
		netdev_serve(!i);
		bus_wait(100);
	}
	check(peer->got == got + pass, "a frame for %012llx has %sarrived", (unsigned long long)to,
	      pass ? "not " : "");
}

static void filter(uint32_t i)
{
	const uint64_t other = 0x020000000099ull, group = 0x333300000002ull;
	const uint64_t all = 0xffffffffffffull;

	netdev_post_buffers(!i, 16 - (netdevs[!i].rq - netdevs[!i].rq_done) % 16, MAX_FRAME);
	netdev_set_port(!i, other, false, false);
	expect_filtered(i, other, true);
	expect_filtered(i, node_mac(!i), false);
	expect_filtered(i, group, false);
	expect_filtered(i, all, true);
	netdev_set_port(!i, other, true, false);
	expect_filtered(i, node_mac(!i), true);
	expect_filtered(i, group, true);
	netdev_set_port(!i, node_mac(!i), false, true);
	expect_filtered(i, node_mac(!i), true);
	expect_filtered(i, other, false);
	expect_filtered(i, group, true);
}

/* -------------------------------------------------------------------- ends while data flows */

static void check_quiet(uint32_t i, bool rings, const char *what)
{
	uint64_t before = netdev_digest(&netdevs[i], rings);

	bus_wait(5000);
	check(before == netdev_digest(&netdevs[i], rings), "node %u writes after %s", i, what);
}

/* A burst both ways, not waited for */
static void flood(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t room = NETDEV_RING - (netdevs[i].rq - netdevs[i].rq_done);

		if (room)
			netdev_post_buffers(i, room, MAX_FRAME);
	}
	for (uint32_t k = 0; k < 8; k++)
		for (uint32_t i = 0; i < 2; i++)
			if (netdev_free_slots(&netdevs[i]) >= 4)
				netdev_send_expected(i, random_len());
	bus_wait(rnd(1500));
}

static void destroy_receiver(uint32_t i)
{
	flood();
	netdev_drop_queue(i, true);
	netdev_poll(i, NETDEV_RX_CQ, 1000);
	check_quiet(i, false, "its receive queue is destroyed");
	settle();
	netdevs[i].out = netdevs[i].in;
	netdev_make_queue(i, true);
}

/* What the queue had begun has its completion; the rest is never sent */
static void destroy_sender(uint32_t i)
{
	struct netdev *n = &netdevs[i], *peer = &netdevs[!i];
	uint64_t before[16], after[16];

	netdev_stats(i, before);
	flood();
	n->ending = true;
	netdev_drop_queue(i, false);
	netdev_map_frames(i, false);
	netdev_poll(i, NETDEV_TX_CQ, 1000);
	n->ending = false;
	settle();
	netdev_stats(i, after);
	check(after[TERN_HW_ETH_STAT_TX_ERR] == before[TERN_HW_ETH_STAT_TX_ERR],
	      "a destroyed queue reads");
	netdev_map_frames(i, true);
	peer->out = peer->in;
	netdev_make_queue(i, false);
}

static void disable(uint32_t i)
{
	flood();
	netdevs[i].ending = true;
	bus(BUS_WRITE, i, TERN_HW_REG_AQ_CTRL, 0);
	for (uint32_t k = 0; bus(BUS_READ, i, TERN_HW_REG_AQ_STATUS, 0) & 1; k++) {
		check(k < 1000, "node %u: the AQ does not stop", i);
		bus_wait(50);
	}
	check_quiet(i, true, "its AQ is disabled");
	settle();
	netdevs[!i].out = netdevs[!i].in;
	netdev_bring_up(i);
}

static void reset(uint32_t i)
{
	flood();
	netdevs[i].ending = true;
	bus(BUS_WRITE, i, TERN_HW_REG_DEV_CTRL, TERN_HW_REG_DEV_CTRL_RESET_MASK);
	for (uint32_t k = 0; !(bus(BUS_READ, i, TERN_HW_REG_DEV_STATUS, 0) & 1); k++) {
		check(k < 1000, "node %u: the reset does not end", i);
		bus_wait(50);
	}
	check_quiet(i, true, "its reset");
	settle();
	netdevs[!i].out = netdevs[!i].in;
	netdev_bring_up(i);
}

/* ---------------------------------------------------------------------------------- wire */

static void knobs(void)
{
	static const uint32_t stall[] = { 0, 0, 30, 60 };
	uint32_t wire = chance(30) ? rnd(60) : 0;

	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_MEM_STALL, stall[rnd(4)]);
		bus_knob(i, KNOB_MEM_LAT_MAX, chance(50) ? 20 : 300);
		bus_knob(i, KNOB_WIRE_STALL, wire);
	}
	bus_knob(0, KNOB_GATING, chance(70));
}

/* A wire that does not obey the pause: what finds no room is dropped as a whole, and counted */
static void overrun(uint32_t i)
{
	struct netdev *peer = &netdevs[!i];
	uint64_t overruns = bus_count(!i, COUNT_OVERRUNS), lost = peer->lost;

	bus_knob(i, KNOB_MEM_STALL, 0);
	bus_knob(i, KNOB_MEM_LAT_MAX, 20);
	bus_knob(!i, KNOB_MEM_STALL, 90);
	bus_knob(!i, KNOB_WIRE_STALL, 0);
	bus_knob(!i, KNOB_WIRE_PAUSE, 0);
	netdev_post_buffers(!i, NETDEV_RING - (peer->rq - peer->rq_done), MAX_FRAME);
	peer->lossy = true;
	for (uint32_t k = 0; k < OVERRUN_FRAMES; k++) {
		wait_slots(i);
		netdev_send_expected(i, 4000 + rnd(MAX_FRAME - 3999));
	}
	wait_sent(i);
	settle();
	bus_knob(!i, KNOB_WIRE_PAUSE, 1);
	peer->lost += peer->in - peer->out;
	peer->out = peer->in;
	peer->lossy = false;
	overruns = bus_count(!i, COUNT_OVERRUNS) - overruns;
	lost = peer->lost - lost;
	check(overruns, "node %u: room for everything", !i);
	check(lost == overruns, "node %u: %llu frames lost, %llu counted", !i,
	      (unsigned long long)lost, (unsigned long long)overruns);
	knobs();
}

/* -------------------------------------------------------------------------------- program */

static void show_netdevs(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		uint64_t stats[16];

		fprintf(stderr, "node %u: %u of %u frames are due, %llu overruns, paused %llu cycles\n",
			i, netdevs[i].in - netdevs[i].out, netdevs[i].in,
			(unsigned long long)bus_count(i, COUNT_OVERRUNS),
			(unsigned long long)bus_count(i, COUNT_PAUSES));
		netdev_stats(i, stats);
		for (uint32_t k = 0; k < 16; k++)
			if (stats[k])
				fprintf(stderr, "node %u: statistic %u: %llu\n", i, k,
					(unsigned long long)stats[k]);
	}
}

/* One of each, in between data */
static void some(void)
{
	uint64_t overruns = bus_count(0, COUNT_OVERRUNS) + bus_count(1, COUNT_OVERRUNS);

	knobs();
	traffic(100);
	starve(rnd(2));
	destroy_receiver(rnd(2));
	destroy_sender(rnd(2));
	traffic(20);
	disable(rnd(2));
	traffic(20);
	reset(rnd(2));
	traffic(20);
	check(bus_count(0, COUNT_OVERRUNS) + bus_count(1, COUNT_OVERRUNS) == overruns,
	      "no room, though the wire obeys the pause");
	overrun(rnd(2));
	traffic(20);
}

void program_eth(void)
{
	uint64_t count = bus_count_wanted() ? bus_count_wanted() : 2000;

	bus_wait_idle("after reset");
	for (uint32_t i = 0; i < NODES; i++)
		netdev_bring_up(i);
	fail_hook = show_netdevs;
	say("queues are there");
	traffic(50);
	say("first frames");
	for (uint32_t i = 0; i < NODES; i++) {
		starve(i);
		filter(i);
	}
	say("drops and filters");
	while (netdevs[0].sent + netdevs[1].sent < count)
		some();
	settle();
	say("%llu frames arrived, %llu found no room",
	    (unsigned long long)(netdevs[0].got + netdevs[1].got),
	    (unsigned long long)(netdevs[0].lost + netdevs[1].lost));
}
