// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Random messages on 16 connections through all that a wire and a host can do to them. Every phase
 * has new connections; between phases all of memory is looked at. What the adapters count must fit
 * what happened: on a clean wire nobody complains or repeats, but for receives that come late.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rdma_programs.h"
#include "rdma_traffic.h"

#define LINKS 16u

struct phase {
	const char *name;
	uint32_t share;		/* percent of all messages */
	uint32_t mem_stall, mem_latency, wire_stall;
	uint32_t delay, jitter;	/* cycles */
	uint32_t loss;		/* in 1000 frames: dropped, and half of it each: the other mishaps */
	bool late;
	bool no_pause;
	uint32_t long_links;
};

static const struct phase phases[] = {
	{ "fast memory", 30, 0, 40, 0, 50, 0, 0, false, false, 0 },
	{ "long messages", 5, 0, 100, 0, 100, 0, 0, false, false, 2 },
	{ "stalls", 20, 40, 300, 30, 20, 40, 0, false, false, 1 },
	{ "late receives", 15, 10, 150, 0, 50, 0, 0, true, false, 0 },
	{ "1 % loss", 20, 0, 100, 0, 100, 30, 10, false, false, 0 },
	{ "5 % loss, late receives, no pause", 10, 20, 200, 10, 200, 100, 50, true, true, 1 },
};

static void turn_knobs(const struct phase *phase)
{
	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_MEM_STALL, phase->mem_stall);
		bus_knob(i, KNOB_MEM_LAT_MIN, phase->mem_latency / 3);
		bus_knob(i, KNOB_MEM_LAT_MAX, phase->mem_latency);
		bus_knob(i, KNOB_MEM_REORDER, 1);
		bus_knob(i, KNOB_WIRE_STALL, phase->wire_stall);
		bus_knob(i, KNOB_WIRE_DELAY, phase->delay);
		bus_knob(i, KNOB_WIRE_JITTER, phase->jitter);
		bus_knob(i, KNOB_WIRE_DROP, phase->loss * 100);
		bus_knob(i, KNOB_WIRE_DUP, phase->loss * 50);
		bus_knob(i, KNOB_WIRE_SWAP, phase->loss * 50);
		bus_knob(i, KNOB_WIRE_CORRUPT, phase->loss * 50);
		bus_knob(i, KNOB_WIRE_PAUSE, !phase->no_pause);
	}
}

/* Counters that stay as they are unless something went wrong somewhere */
static void check_stats(const struct phase *phase, const struct stats *old, const struct stats *now,
			uint32_t node)
{
	static const uint8_t trouble[] = { TERN_HW_STAT_RX_BAD, TERN_HW_STAT_RX_OVERRUN,
		TERN_HW_STAT_RX_FILTERED, TERN_HW_STAT_RX_ICRC, TERN_HW_STAT_RX_HEADER,
		TERN_HW_STAT_RX_QP, TERN_HW_STAT_TX_RESENT, TERN_HW_STAT_TX_NAKS,
		TERN_HW_STAT_RX_DUPLICATES, TERN_HW_STAT_RX_GAPS, TERN_HW_STAT_RX_RNR,
		TERN_HW_STAT_RX_NAKS_SEQ, TERN_HW_STAT_RX_NAKS_RNR, TERN_HW_STAT_RX_READ_GAPS,
		TERN_HW_STAT_RX_STRAY, TERN_HW_STAT_TIMEOUTS };
	/* What late receives bring about on a clean wire */
	static const uint8_t rnr[] = { TERN_HW_STAT_TX_RESENT, TERN_HW_STAT_TX_NAKS,
		TERN_HW_STAT_RX_RNR, TERN_HW_STAT_RX_NAKS_RNR, TERN_HW_STAT_RX_GAPS };
	static const uint8_t never[] = { TERN_HW_STAT_QP_ERRORS, TERN_HW_STAT_RX_NAKS_ERR,
		TERN_HW_STAT_DOORBELL_BAD, TERN_HW_STAT_HMC_ERR, TERN_HW_STAT_DMA_READ_ERR,
		TERN_HW_STAT_DMA_WRITE_ERR, TERN_HW_STAT_CE_LOST, TERN_HW_STAT_AE_LOST,
		TERN_HW_STAT_CQP_FAILED, TERN_HW_STAT_AEQE };

	for (uint32_t k = 0; k < sizeof(trouble); k++) {
		bool expected = phase->loss || (phase->late && memchr(rnr, trouble[k], sizeof(rnr)));
		uint64_t grown = now->counter[trouble[k]] - old->counter[trouble[k]];

		check(expected || !grown, "%s: node %u: counter %s has grown by %llu", phase->name, node,
		      stat_name(trouble[k]), (unsigned long long)grown);
	}
	for (uint32_t k = 0; k < sizeof(never); k++)
		check(now->counter[never[k]] == old->counter[never[k]], "%s: node %u: counter %s is %llu",
		      phase->name, node, stat_name(never[k]), (unsigned long long)now->counter[never[k]]);
}

static void show_stats(const struct stats *old, const struct stats *now, uint32_t node)
{
	static const uint8_t shown[] = { TERN_HW_STAT_TX_REQUESTS, TERN_HW_STAT_TX_RESPONSES,
		TERN_HW_STAT_TX_ACKS, TERN_HW_STAT_TX_NAKS, TERN_HW_STAT_TX_RESENT,
		TERN_HW_STAT_TIMEOUTS, TERN_HW_STAT_RX_OVERRUN };

	printf("rdma:   node %u:", node);
	for (uint32_t k = 0; k < sizeof(shown); k++)
		printf(" %s %llu", stat_name(shown[k]),
		       (unsigned long long)(now->counter[shown[k]] - old->counter[shown[k]]));
	printf("\n");
}

static void run_phase(const struct phase *phase, uint64_t messages)
{
	struct traffic_config config = { .links = LINKS, .long_links = phase->long_links,
		.late = phase->late, .timeout = phase->loss ? 4 : 12 };
	struct stats old[NODES], now[NODES];
	uint64_t cycles, done = traffic.done, bytes = traffic.bytes;

	turn_knobs(phase);
	for (uint32_t i = 0; i < NODES; i++)
		node_stats(i, &old[i]);
	traffic_start(&config);
	cycles = bus_count(0, COUNT_CYCLES);
	traffic_run(messages);
	cycles = bus_count(0, COUNT_CYCLES) - cycles;
	for (uint32_t i = 0; i < NODES; i++) {
		node_stats(i, &now[i]);
		check_stats(phase, &old[i], &now[i], i);
	}
	traffic_stop();
	say("%s: %llu messages, %llu bytes each, in %llu cycles", phase->name,
	    (unsigned long long)(traffic.done - done),
	    (unsigned long long)((traffic.bytes - bytes) / (traffic.done - done)),
	    (unsigned long long)cycles);
	for (uint32_t i = 0; i < NODES; i++)
		show_stats(&old[i], &now[i], i);
}

void program_random(void)
{
	const char *dot = strchr(bus_program(), '.');
	uint32_t only = dot ? (uint32_t)strtoul(dot + 1, NULL, 10) : 0;
	uint64_t count = bus_count_wanted() ? bus_count_wanted() : 10000;

	bus_wait_idle("after reset");
	for (uint32_t i = 0; i < NODES; i++)
		node_bring_up(i, i == 1);
	traffic_init();
	/* random.N: that phase alone */
	for (uint32_t k = 0; k < sizeof(phases) / sizeof(phases[0]); k++)
		if (!only || only == k + 1)
			run_phase(&phases[k], only ? count : count * phases[k].share / 100);
	say("%llu messages, %llu receives", (unsigned long long)traffic.done,
	    (unsigned long long)traffic.receives);
	bus_wait_idle("at the end");
}
