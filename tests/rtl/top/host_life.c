// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Lives of the adapter: bring-up, random traffic, and an end that is either orderly or a reset in
 * the middle of everything.
 */

#include <stdio.h>
#include <string.h>

#include "host.h"

/* ------------------------------------------------------------------- posting, completing */

struct command *next_command(void)
{
	struct command *c = &m.commands[m.posted % 64];

	memset(c, 0, sizeof(*c));
	return c;
}

void post(void)
{
	struct command *c = &m.commands[m.posted % 64];
	uint64_t slot = m.ring + (m.posted & ((1u << m.log_size) - 1)) * 64ull;

	model_command(c);
	c->posted_ns = now_ns;
	for (uint32_t i = 0; i < 8; i++)
		tb_mem_put64(slot + 8 * i, c->wqe[i]);
	m.posted++;
}

void ring_cqp(void)
{
	doorbell(0, TERN_HW_DB_CQP, put(TERN_HW_DB_Q_W_INDEX_MASK, m.posted & 0xffff));
}

void command_done(struct command *c, const struct outcome *got)
{
	uint8_t content[sizeof(c->content)];
	uint32_t op = (uint32_t)get(TERN_HW_CQP_WQE_HDR_OP_MASK, c->wqe[0]);

	check(got->major == c->want.major && got->minor == c->want.minor,
	      "op %x: outcome %u/%u, expected %u/%u", op, got->major, got->minor, c->want.major,
	      c->want.minor);
	check(got->result == c->want.result, "op %x: result %llx, expected %llx", op,
	      (unsigned long long)got->result, (unsigned long long)c->want.result);
	if (!got->major && c->buffer_bytes) {
		tb_mem_get(c->buffer, content, c->buffer_bytes);
		for (uint32_t i = 0; i < c->buffer_bytes; i++)
			check(content[i] == c->content[i], "op %x: byte %u is %02x, expected %02x",
			      op, i, content[i], c->content[i]);
	}
	m.completed++;
	totals.commands++;
	if (got->major)
		totals.failed++;
}

/* The last command, as the registers tell it */
static void complete_by_registers(void)
{
	struct command *c = &m.commands[m.completed % 64];
	uint32_t tail = reg_read(TERN_HW_REG_CQP_TAIL);
	struct outcome got;
	uint32_t err;

	if (get(TERN_HW_REG_CQP_TAIL_INDEX_MASK, tail) != (m.posted & 0xffff))
		return;
	err = reg_read(TERN_HW_REG_CQP_ERR);
	got.major = (uint16_t)get(TERN_HW_REG_CQP_ERR_MAJOR_MASK, err);
	got.minor = (uint16_t)get(TERN_HW_REG_CQP_ERR_MINOR_MASK, err);
	got.result = reg_read(TERN_HW_REG_CQP_RESULT_LO);
	got.result |= (uint64_t)reg_read(TERN_HW_REG_CQP_RESULT_HI) << 32;
	check(!!(tail & TERN_HW_REG_CQP_TAIL_ERROR_MASK) == !!got.major, "error bit of the tail");
	command_done(c, &got);
}

static const char *describe_stranding(void)
{
	static char text[300];
	const struct eq *ceq = &m.eq[m.ccq.ceq];

	snprintf(text, sizeof(text),
		 "header %llx, tail %x, status %x, CCQ %s %s, consumer %x, %s entry; vector %u %s, int_ctl %x",
		 (unsigned long long)m.commands[m.completed % 64].wqe[0],
		 reg_read(TERN_HW_REG_CQP_TAIL), reg_read(TERN_HW_REG_CQP_STATUS),
		 m.ccq.by_event ? "by event" : "polled", m.ccq.armed ? "armed" : "not armed",
		 m.ccq.consumer, ccq_has_entry() ? "an" : "no", ceq->vector,
		 m.armed[ceq->vector] ? "armed" : "not armed",
		 reg_read(TERN_HW_REG_INT_CTL(ceq->vector)));
	return text;
}

void wait_commands(void)
{
	uint32_t idle = 0, before;

	while (m.completed != m.posted) {
		before = m.completed;
		service();
		if (m.completed != m.posted && !m.commands[m.completed % 64].in_ccq)
			complete_by_registers();
		if (m.completed == m.posted)
			break;
		wait_cycles(between(1, 60));
		idle = m.completed == before ? idle + 1 : 0;
		check(idle < 2000, "stranded: %u of %u commands completed; %s", m.completed,
		      m.posted, describe_stranding());
	}
}

void run(void)
{
	post();
	ring_cqp();
	wait_commands();
}

void run_ok(void)
{
	struct command *c = &m.commands[m.posted % 64];

	run();
	check(!c->want.major, "bring-up: op %llx refused with %u/%u",
	      (unsigned long long)(c->wqe[0] >> 24 & 0x3f), c->want.major, c->want.minor);
}

/* -------------------------------------------------------------------------------- traffic */

static uint32_t room(void)
{
	uint32_t max = 40;

	if (max > 1u << m.log_size)
		max = 1u << m.log_size;
	/* A CCQ of at least twice what is outstanding cannot overrun, however late doorbells are */
	if (max > 1u << m.ccq.log_size >> 1)
		max = 1u << m.ccq.log_size >> 1;
	return max - (m.posted - m.completed);
}

static void post_some(void)
{
	uint32_t n;

	if (!m.ccq.exists) {
		build_random(next_command());
		run();
		return;
	}
	n = room();
	if (!n)
		return;
	for (n = between(1, n); n; n--) {
		build_random(next_command());
		post();
	}
	ring_cqp();
}

static void check_statistics(void)
{
	uint64_t at, irqs, ceqes, cqes, doorbells;

	wait_commands();
	check_events_settled();
	at = buffer_for(m.posted);
	irqs = m.irqs;
	ceqes = m.ceqes;
	cqes = m.cqes;
	build_header(next_command(), TERN_HW_CQP_OP_QUERY_STATS, 0);
	m.commands[m.posted % 64].wqe[1] = at;
	post();
	ring_cqp();
	doorbells = m.doorbells;
	wait_commands();
	/* The query's own doorbell is in, what follows from it is not */
#define COUNTER(stat) ((unsigned long long)tb_mem_get64(at + 8 * TERN_HW_STAT_##stat))
	check(COUNTER(CQP_DONE) == m.done - 1, "statistics: commands");
	check(COUNTER(CQE) == cqes, "statistics: %llu completions", COUNTER(CQE));
	check(COUNTER(CEQE) == ceqes, "statistics: %llu completion events", COUNTER(CEQE));
	check(COUNTER(IRQ) == irqs, "statistics: %llu interrupts", COUNTER(IRQ));
	check(COUNTER(AEQE) == m.ae_received, "statistics: %llu asynchronous events", COUNTER(AEQE));
	check(COUNTER(DOORBELL) == doorbells, "statistics: %llu doorbells", COUNTER(DOORBELL));
	check(COUNTER(DOORBELL_BAD) == m.bad_doorbells, "statistics: %llu bad doorbells",
	      COUNTER(DOORBELL_BAD));
	check(COUNTER(AE_LOST) == m.bad_doorbells - m.bad_reported + m.expected_count,
	      "statistics: %llu events lost; %u of %u bad doorbells reported, %u others missing",
	      COUNTER(AE_LOST), m.bad_reported, m.bad_doorbells, m.expected_count);
	check(COUNTER(CE_LOST) == 0, "statistics: completion events lost");
	check(COUNTER(DMA_READ) && COUNTER(DMA_WRITE), "statistics: DMA");
#undef COUNTER
	check(m.bad_reported <= (now_ns - m.born_ns) / BAD_DOORBELL_PERIOD_NS + 1,
	      "%u bad doorbells reported in %llu ns", m.bad_reported,
	      (unsigned long long)(now_ns - m.born_ns));
}

/* Of a vector that nobody uses */
static void self_test(uint32_t vector)
{
	if (m.armed[vector] || m.fired[vector])
		return;
	m.triggered[vector] = true;
	reg_write(TERN_HW_REG_INT_CTL(vector), TERN_HW_REG_INT_CTL_TRIGGER_MASK);
	for (uint32_t i = 0; m.triggered[vector]; i++) {
		check(i < 1000, "a triggered interrupt does not come");
		wait_cycles(20);
	}
	m.fired[vector] = 0;
}

static void special(void)
{
	wait_commands();
	switch (rnd(4)) {
	case 0:
		if (m.ccq.exists)
			drop_ccq();
		make_random_ccq();
		break;
	case 1:
		self_test(rnd(VECTORS));
		break;
	case 2:
		check_statistics();
		break;
	default:
		for (uint32_t n = between(1, 10); n; n--)
			ring_badly();
	}
}

static void traffic(uint32_t commands)
{
	uint32_t end = m.posted + commands;

	while (m.posted < end) {
		uint32_t what = rnd(100);

		if (what < 60)
			post_some();
		else if (what < 80)
			wait_cycles(between(1, 100));
		else if (what < 95)
			wait_commands();
		else if (what < 97)
			special();
		service();
	}
}

/* ------------------------------------------------------------------------ ends of a life */

/* Not a single access after a reset, and nobody left to interrupt */
static void check_silence(void)
{
	uint64_t before = bus_bursts();

	memset(m.armed, 0, sizeof(m.armed));
	memset(m.fired, 0, sizeof(m.fired));
	memset(m.triggered, 0, sizeof(m.triggered));
	rest(300);
	check(bus_bursts() == before, "bus accesses after a reset");
}

void reset_by_register(void)
{
	reg_write(TERN_HW_REG_DEV_CTRL, TERN_HW_REG_DEV_CTRL_RESET_MASK);
	for (uint32_t i = 0; reg_read(TERN_HW_REG_DEV_CTRL); i++)
		check(i < 10000, "the reset does not end");
	totals.resets++;
}

static void end_life(void)
{
	if (chance(50)) {
		/* In the middle of everything */
		post_some();
		wait_cycles(rnd(40));
	} else {
		check_statistics();
	}
	if (chance(80))
		reset_by_register();
	else
		pulse_reset();
	check_silence();
}

void host_random(uint64_t count)
{
	check_fresh();
	while (totals.commands < count) {
		bring_up_randomly();
		traffic(between(10, chance(80) ? 1000 : 5000));
		end_life();
	}
	printf("top: %llu commands (%llu failed, %llu in the CCQ), %llu completion and %llu "
	       "asynchronous events, %llu interrupts, %llu bad doorbells, %llu lives, %llu resets\n",
	       (unsigned long long)totals.commands, (unsigned long long)totals.failed,
	       (unsigned long long)totals.ccqes, (unsigned long long)totals.ceqes,
	       (unsigned long long)totals.aeqes, (unsigned long long)totals.irqs,
	       (unsigned long long)totals.bad_doorbells, (unsigned long long)totals.lives,
	       (unsigned long long)totals.resets);
	for (uint32_t op = 0; count >= 2000 && op <= TERN_HW_CQP_OP_DESTROY_AEQ; op++)
		check(totals.ops[op], "op %x was never tried", op);
	for (uint32_t minor = 0; count >= 100000 && minor <= TERN_HW_CQP_MINOR_GID; minor++)
		check(totals.minors[minor], "no command came to code %x", minor);
	check(totals.ccqes && totals.ceqes && totals.aeqes && totals.resets, "thin coverage");
}
