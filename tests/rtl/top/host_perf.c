// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Cycles per NOP: from the doorbell to the entry in the CCQ and to the interrupt, and how many
 * NOPs complete per cycle when they come in a row. The bus does not stall; its latency is varied.
 */

#include <stdio.h>

#include "host.h"

#define ROUNDS 64u
#define ROW 64u

/* The entry and the interrupt of one NOP, in cycles after the doorbell was taken */
static void one_nop(uint32_t *entry, uint32_t *interrupt)
{
	uint64_t at, irq;
	uint32_t vector = m.eq[m.ccq.ceq].vector;

	build_header(next_command(), TERN_HW_CQP_OP_NOP, 0);
	post();
	at = doorbell(0, TERN_HW_DB_CQP, put(TERN_HW_DB_Q_W_INDEX_MASK, m.posted & 0xffff));
	while (!ccq_has_entry())
		wait_cycles(1);
	*entry = (uint32_t)(cycles - at);
	irq = cycles;
	while (!m.fired[vector])
		irq = wait_cycles(1);
	*interrupt = (uint32_t)(irq - at);
	while (m.completed != m.posted)
		service();
	/* Until the arms have arrived, so that the next one finds everything at rest */
	rest(1000);
}

static uint32_t row_of_nops(void)
{
	uint64_t start;

	for (uint32_t i = 0; i < ROW; i++) {
		build_header(next_command(), TERN_HW_CQP_OP_NOP, 0);
		post();
	}
	start = doorbell(0, TERN_HW_DB_CQP, put(TERN_HW_DB_Q_W_INDEX_MASK, m.posted & 0xffff));
	m.ccq.consumer += ROW - 1;	/* look at the last entry */
	while (!ccq_has_entry())
		wait_cycles(1);
	m.ccq.consumer -= ROW - 1;
	start = cycles - start;
	while (m.completed != m.posted) {
		service();
		wait_cycles(50);
	}
	check_events_settled();
	return (uint32_t)start;
}

static void measure(uint32_t latency)
{
	uint64_t entries = 0, interrupts = 0;
	uint32_t entry, interrupt, row;

	set_knobs(0, latency, latency, false, 4);
	bring_up_plainly();
	/* The first command finds every cache warm */
	build_header(next_command(), TERN_HW_CQP_OP_NOP, 0);
	run();
	check_events_settled();
	for (uint32_t i = 0; i < ROUNDS; i++) {
		one_nop(&entry, &interrupt);
		entries += entry;
		interrupts += interrupt;
	}
	row = row_of_nops();
	printf("NOP, bus latency %u: %.1f cycles to the CCQ entry, %.1f to the interrupt; "
	       "%.1f cycles each in a row of %u\n", latency, (double)entries / ROUNDS,
	       (double)interrupts / ROUNDS, (double)row / ROW, ROW);
	reset_by_register();
}

void host_perf(void)
{
	measure(0);
	measure(150);
}
