// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory.h"
#include "random.h"
#include "rdma_adapter.h"
#include "rtl.h"

#define STORES 4096u
#define PATIENCE 100000u
#define FIRST_NS 1000u

struct store {
	uint32_t addr;
	uint64_t value;
};

struct node {
	struct rtl *rtl;
	struct rtl_pins pins;
	struct memory memory;
	struct pin_times times;
	struct store stores[STORES];
	uint32_t store_head, store_tail;
	bool in_frame;		/* sending: behind the first beat */
	bool lost;		/* this frame does not arrive */
	bool beat, last;	/* what it sends in this cycle */
	uint64_t keep;
	uint8_t data[64];
};

static struct node nodes[NODES];
static uint64_t cycle, loss, random_state;
static clock_t started;

/* --------------------------------------------------------------------------------- the cycle */

static void sample_wire(struct node *node)
{
	const struct rtl_pins *pins = &node->pins;

	node->beat = *pins->tx_valid && *pins->tx_ready;
	if (!node->beat)
		return;
	if (!node->in_frame) {
		node->times.first_sent = cycle;
		node->times.frames_sent++;
		node->lost = loss && random_next(&random_state) % 1000000 < loss;
		node->times.frames_lost += node->lost;
	}
	node->last = *pins->tx_last;
	node->in_frame = !node->last;
	node->keep = *pins->tx_keep;
	memcpy(node->data, pins->tx_data, sizeof(node->data));
}

/* A beat that left one adapter is at the other in the next cycle */
static void drive_wire(const struct node *node, struct node *peer)
{
	const struct rtl_pins *to = &peer->pins;

	*to->rx_valid = node->beat && !node->lost;
	/* Flow control between frames, as a MAC does it */
	*node->pins.tx_ready = node->in_frame || !*to->pause;
	if (!*to->rx_valid)
		return;
	memcpy(to->rx_data, node->data, sizeof(node->data));
	*to->rx_keep = node->keep;
	*to->rx_last = node->last;
	if (node->last)
		peer->times.last_received = cycle + 1;
}

static void sample_store(struct node *node)
{
	if (*node->pins.db_valid && *node->pins.db_ready) {
		node->times.store = cycle;
		node->store_head++;
	}
}

static void drive_store(struct node *node)
{
	const struct store *store = &node->stores[node->store_head % STORES];
	const struct rtl_pins *pins = &node->pins;

	*pins->db_valid = node->store_head != node->store_tail;
	if (!*pins->db_valid)
		return;
	*pins->db_addr = store->addr;
	*pins->db_data = store->value;
	*pins->db_strb = 0xff;
}

void machine_cycle(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		struct node *node = &nodes[i];

		*node->pins.now = FIRST_NS + NS_PER_CYCLE * cycle;
		*node->pins.clk = 0;
		rtl_eval(node->rtl);
		memory_sample(&node->memory);
		sample_wire(node);
		sample_store(node);
		*node->pins.clk = 1;
		rtl_eval(node->rtl);
		memory_drive(&node->memory);
		drive_store(node);
	}
	for (uint32_t i = 0; i < NODES; i++)
		drive_wire(&nodes[i], &nodes[!i]);
	cycle++;
}

/* ----------------------------------------------------------------------------------- registers */

static void wait_for(const uint8_t *pin, const char *what)
{
	for (uint32_t k = 0; !*pin; k++) {
		if (k == PATIENCE) {
			fprintf(stderr, "tern-bench: no %s\n", what);
			exit(1);
		}
		machine_cycle();
	}
}

/* The level of a ready output between two edges is what the edge acts upon */
static void settle(struct node *node)
{
	*node->pins.clk = 0;
	rtl_eval(node->rtl);
}

/* Until each valid input has met its ready output */
static void hand_over(struct node *node, uint8_t *valid0, const uint8_t *ready0, uint8_t *valid1,
		      const uint8_t *ready1)
{
	*valid0 = 1;
	*valid1 = 1;
	for (uint32_t k = 0; *valid0 || *valid1; k++) {
		bool taken0, taken1;

		if (k == PATIENCE) {
			fprintf(stderr, "tern-bench: no access to registers\n");
			exit(1);
		}
		settle(node);
		taken0 = *valid0 && *ready0;
		taken1 = *valid1 && *ready1;
		machine_cycle();
		*valid0 = *valid0 && !taken0;
		*valid1 = *valid1 && !taken1;
	}
}

static uint32_t read_register(uint32_t index, uint32_t reg)
{
	struct node *node = &nodes[index];
	const struct rtl_pins *pins = &node->pins;
	uint32_t value;

	*pins->axil_araddr = (uint16_t)reg;
	hand_over(node, pins->axil_arvalid, pins->axil_arready, pins->axil_arvalid,
		  pins->axil_arready);
	wait_for(pins->axil_rvalid, "register");
	value = *pins->axil_rdata;
	*pins->axil_rready = 1;
	machine_cycle();
	*pins->axil_rready = 0;
	return value;
}

static void write_register(uint32_t index, uint32_t reg, uint32_t value)
{
	struct node *node = &nodes[index];
	const struct rtl_pins *pins = &node->pins;

	*pins->axil_awaddr = (uint16_t)reg;
	*pins->axil_wdata = value;
	*pins->axil_wstrb = 0xf;
	hand_over(node, pins->axil_awvalid, pins->axil_awready, pins->axil_wvalid,
		  pins->axil_wready);
	wait_for(pins->axil_bvalid, "answer to a write");
	*pins->axil_bready = 1;
	machine_cycle();
	*pins->axil_bready = 0;
}

/* Leaves when the adapter takes it; stores of a node keep their order */
static void queue_store(uint32_t index, uint32_t addr, uint64_t value)
{
	struct node *node = &nodes[index];

	while (node->store_tail - node->store_head == STORES)
		machine_cycle();
	node->stores[node->store_tail++ % STORES] = (struct store){ addr, value };
}

void machine_run(const char *program, uint64_t seed)
{
	uint64_t result = 0, a, b;
	uint32_t op, node;

	rdma_start(program, seed, 0);
	for (;;) {
		rdma_step(result, *nodes[0].pins.now, &op, &node, &a, &b);
		result = 0;
		switch (op) {
		case BUS_FINISH:
			return;
		case BUS_WAIT:
			while (a--)
				machine_cycle();
			break;
		case BUS_READ:
			result = read_register(node, (uint32_t)a);
			break;
		case BUS_WRITE:
			write_register(node, (uint32_t)a, (uint32_t)b);
			break;
		case BUS_STORE:
			queue_store(node, (uint32_t)a, b);
			break;
		case BUS_IDLE:
			result = *nodes[0].pins.idle && *nodes[1].pins.idle;
			break;
		default:
			fprintf(stderr, "tern-bench: bus operation %u is not built\n", op);
			exit(1);
		}
	}
}

uint64_t machine_now(void)
{
	return cycle;
}

const struct pin_times *machine_times(uint32_t node)
{
	return &nodes[node].times;
}

double machine_khz(void)
{
	return (double)cycle / ((double)(clock() - started) * 1000 / CLOCKS_PER_SEC);
}

void machine_set_latency(uint32_t read_cycles, uint32_t write_cycles)
{
	for (uint32_t i = 0; i < NODES; i++) {
		nodes[i].memory.read_cycles = read_cycles;
		nodes[i].memory.write_cycles = write_cycles;
	}
}

void machine_set_loss(uint32_t per_million)
{
	loss = per_million;
}

/* -------------------------------------------------------------------------------- start and stop */

bool machine_start(const struct machine_options *options)
{
	const char *error;

	random_state = options->seed;
	for (uint32_t i = 0; i < NODES; i++) {
		struct node *node = &nodes[i];

		node->rtl = rtl_create(NULL, &error);
		if (!node->rtl) {
			fprintf(stderr, "tern-bench: %s\n", error);
			return false;
		}
		rtl_get_pins(node->rtl, &node->pins);
		memory_init(&node->memory, &node->pins);
		*node->pins.mac_addr = node_mac(i);
		*node->pins.link_up = 1;
		*node->pins.irq_ready = 1;
		*node->pins.tx_ready = 1;
		*node->pins.rst = 1;
	}
	machine_set_latency(options->read_cycles, options->write_cycles);
	for (uint32_t k = 0; k < 8; k++)
		machine_cycle();
	for (uint32_t i = 0; i < NODES; i++)
		*nodes[i].pins.rst = 0;
	started = clock();
	cycle = 0;
	return true;
}

void machine_stop(void)
{
	for (uint32_t i = 0; i < NODES; i++)
		rtl_destroy(nodes[i].rtl);
}
