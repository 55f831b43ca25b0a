// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Faults that end the life of a queue, each on a fresh device: what is told of them, that nothing
 * else suffers, and that the queue can be made anew.
 */

#include <stdio.h>
#include <string.h>

#include "host.h"

static void nops(uint32_t n)
{
	for (; n; n--) {
		build_header(next_command(), TERN_HW_CQP_OP_NOP, rnd(1 << 24));
		post();
	}
	ring_cqp();
}

/* All executed, and their entries have had the time to arrive */
static void wait_tail(void)
{
	for (uint32_t i = 0; (reg_read(TERN_HW_REG_CQP_TAIL) & 0xffff) != (m.posted & 0xffff); i++)
		check(i < 5000, "the CQP stopped at command %x", reg_read(TERN_HW_REG_CQP_TAIL));
	rest(2000);
}

/* The CCQ is there, but takes nothing more: commands complete in the registers */
static void ccq_is_dead(void)
{
	wait_tail();
	m.completed = m.posted;
	m.ccq.exists = false;
	nops(1);
	wait_commands();
}

/* A new one in place of it, and it works */
static void replace_ccq(void)
{
	struct command *c = next_command();

	build_header(c, TERN_HW_CQP_OP_DESTROY_CQ, m.ccq.num);
	run_ok();
	m.ccq.log_size = 8;
	make_ccq(m.ccq.num, place_ccq_ring(), TERN_HW_CQ_MODE_EVERY);
	for (uint32_t i = 0; i < 10; i++) {
		nops(20);
		wait_commands();
	}
	check_events_settled();
}

#define PLACED UINT64_MAX	/* a ring that is there */

static void polled_ccq(uint32_t log_size, bool paged, uint64_t ring)
{
	drop_ccq();
	make_eq(0, 4, 1);
	m.ccq.log_size = log_size;
	m.ccq.paged = paged;
	m.ccq.page_shift = 12;
	m.ccq.by_event = false;
	make_ccq(m.ccq.num, ring == PLACED ? place_ccq_ring() : ring, TERN_HW_CQ_MODE_EVERY);
}

static void expect_cq_ae(uint32_t code)
{
	model_expect_ae(code, TERN_HW_AE_SOURCE_CQ, m.ccq.num, 0);
}

/* Four entries, five commands, nobody consumes: one event, and the entries stay as they are */
static void ccq_overrun(void)
{
	uint64_t word;

	polled_ccq(2, false, PLACED);
	expect_cq_ae(TERN_HW_AE_CODE_CQ_OVERRUN);
	nops(5);
	wait_tail();
	for (uint32_t i = 0; i < 4; i++) {
		word = tb_mem_get64(ccq_entry(i) + offsetof(struct tern_hw_ccqe, info));
		check(word & TERN_HW_CCQE_INFO_POLARITY_MASK, "entry %u was overwritten", i);
	}
	m.ccq.exists = false;	/* not consumed by service() */
	m.completed = m.posted;
	nops(20);
	wait_commands();
	wait_events();
	m.ccq.by_event = true;
	replace_ccq();
}

/* The ring is not mapped */
static void ccq_write_error(void)
{
	polled_ccq(4, false, m.base + 0x50000000ull);
	expect_cq_ae(TERN_HW_AE_CODE_CQ_WRITE);
	nops(1);
	ccq_is_dead();
	wait_events();
	m.ccq.by_event = true;
	replace_ccq();
}

/* The page list is out of reach: the entry is lost and said to be, the CQ goes on */
static void ccq_page_list(void)
{
	polled_ccq(4, true, m.count[TERN_HW_HMC_KIND_PBLE]);
	expect_cq_ae(TERN_HW_AE_CODE_CQ_CONTEXT);
	model_expect_ae(TERN_HW_AE_CODE_HMC_INDEX, TERN_HW_AE_SOURCE_DEVICE,
			m.count[TERN_HW_HMC_KIND_PBLE] & 0xffffff,
			put(TERN_HW_AE_HMC_W_INDEX_MASK, m.count[TERN_HW_HMC_KIND_PBLE]) |
			put(TERN_HW_AE_HMC_W_KIND_MASK, TERN_HW_HMC_KIND_PBLE));
	nops(1);
	wait_tail();
	m.completed = m.posted;
	m.ccq.exists = false;
	wait_events();
	m.ccq.paged = false;
	m.ccq.by_event = true;
	replace_ccq();
}

static void ceq_write_error(void)
{
	struct command *c;
	uint64_t before;

	check_events_settled();
	tb_mem_map(m.eq[0].ring, PAGE, 0);
	model_expect_ae(TERN_HW_AE_CODE_CEQ_WRITE, TERN_HW_AE_SOURCE_CEQ, 0, 0);
	before = m.irqs;
	nops(1);
	wait_tail();
	wait_events();
	check(m.irqs == before + 1, "%llu interrupts, only that of the AEQ is due",
	      (unsigned long long)(m.irqs - before));
	/* The event is lost; the host that reads ceq_write looks at the CQs itself */
	check(ccq_has_entry(), "the entry went with the event");
	m.ccq.by_event = false;
	m.ccq.armed = false;
	wait_commands();
	drop_ccq();
	c = next_command();
	build_header(c, TERN_HW_CQP_OP_DESTROY_CEQ, 0);
	run();
	make_eq(0, 4, 1);
	m.ccq.by_event = true;
	make_ccq(m.ccq.num, place_ccq_ring(), TERN_HW_CQ_MODE_EVERY);
	nops(30);
	wait_commands();
	check_events_settled();
}

/* Sixteen entries, forty events: the rest is counted, and the next one to be written says so */
static void aeq_overflow(void)
{
	uint32_t bad = m.count[TERN_HW_HMC_KIND_CQ], aeq_lost;
	struct command *c;
	uint64_t at;

	for (uint32_t i = 0; i < m.count[TERN_HW_HMC_KIND_CQ] && bad == m.count[TERN_HW_HMC_KIND_CQ];
	     i += 64)
		if (model_cq_access(i) == TERN_HW_CQP_MINOR_HMC_DMA)
			bad = i;
	if (bad == m.count[TERN_HW_HMC_KIND_CQ])
		return;
	for (uint32_t i = 0; i < 40; i++) {
		build_header(next_command(), TERN_HW_CQP_OP_DESTROY_CQ, bad);
		post();
	}
	ring_cqp();
	/* Not served until all is over: no consumer index moves */
	wait_tail();
	wait_commands();
	for (uint32_t i = 0; i < 20; i++) {
		service();
		wait_cycles(100);
	}
	aeq_lost = m.expected_count;
	check(aeq_lost == 40 - 16 && !m.ae_overflow, "%u events lost", aeq_lost);
	build_header(next_command(), TERN_HW_CQP_OP_DESTROY_CQ, bad);
	run();
	for (uint32_t i = 0; i < 20; i++) {
		service();
		wait_cycles(100);
	}
	check(m.expected_count == aeq_lost && m.ae_overflow, "the loss was not told");
	c = next_command();
	at = buffer_for(m.posted);
	build_header(c, TERN_HW_CQP_OP_QUERY_STATS, 0);
	c->wqe[1] = at;
	run_ok();
	check(tb_mem_get64(at + 8 * TERN_HW_STAT_AE_LOST) == aeq_lost, "lost events miscounted");
}

/* Nothing can be told any more but by the registers: fatal, and vector 0 by its other cause */
static void aeq_write_error(void)
{
	uint32_t irqs;

	drop_ccq();
	check_events_settled();
	tb_mem_map(m.eq[AEQ].ring, PAGE, 0);
	irqs = m.fired[0];
	store(5 * (uint32_t)PAGE + TERN_HW_DB_SQ, 0, 0xff);
	for (uint32_t i = 0; m.fired[0] == irqs; i++) {
		check(i < 500, "no interrupt for a fatal error");
		wait_cycles(20);
	}
	check(get(TERN_HW_REG_DEV_STATUS_FATAL_MASK, reg_read(TERN_HW_REG_DEV_STATUS)) ==
	      TERN_HW_FATAL_DMA_WRITE, "fatal code");
	check(reg_read(TERN_HW_REG_MISC_CAUSE) == TERN_HW_REG_MISC_CAUSE_FATAL_MASK, "misc_cause");
	reg_write(TERN_HW_REG_MISC_CAUSE, TERN_HW_REG_MISC_CAUSE_FATAL_MASK);
	check(!reg_read(TERN_HW_REG_MISC_CAUSE), "misc_cause after its acknowledgement");
}

static void link_change(void)
{
	for (uint32_t i = 0; i < 6; i++) {
		set_link(i % 2 == 0);
		for (uint32_t j = 0; !m.fired[0]; j++) {
			check(j < 500, "no interrupt for a link change");
			wait_cycles(20);
		}
		check(!!(reg_read(TERN_HW_REG_LINK) & TERN_HW_REG_LINK_UP_MASK) == (i % 2 == 0),
		      "register link");
		service();
	}
	check_events_settled();
}

/* ------------------------------------------------------------------------- the CQP itself */

static void enable(bool on)
{
	uint32_t ctrl = (uint32_t)put(TERN_HW_REG_CQP_CTRL_LOG_SIZE_MASK, m.log_size);

	reg_write(TERN_HW_REG_CQP_CTRL, ctrl | on);
	for (uint32_t i = 0; (reg_read(TERN_HW_REG_CQP_STATUS) & 1) != on; i++)
		check(i < 1000, "the CQP does not %s", on ? "start" : "stop");
}

static void restart(void)
{
	enable(false);
	check(!(reg_read(TERN_HW_REG_CQP_STATUS) & TERN_HW_REG_CQP_STATUS_HALTED_MASK),
	      "halted and not enabled");
	m.posted = 0;
	m.completed = 0;
	enable(true);
	check(!reg_read(TERN_HW_REG_CQP_TAIL) && !reg_read(TERN_HW_REG_CQP_ERR), "not afresh");
	nops(30);
	wait_commands();
}

static void wait_halt(uint32_t err)
{
	for (uint32_t i = 0; reg_read(TERN_HW_REG_CQP_STATUS) != 3; i++)
		check(i < 1000, "no halt");
	check(reg_read(TERN_HW_REG_CQP_ERR) == err, "halted with %x, expected %x",
	      reg_read(TERN_HW_REG_CQP_ERR), err);
}

static void polarity_mismatch(void)
{
	nops(3);
	wait_commands();
	model_expect_ae(TERN_HW_AE_CODE_CQP_POLARITY, TERN_HW_AE_SOURCE_CQP, 0, m.posted);
	/* One more than was written */
	doorbell(0, TERN_HW_DB_CQP, put(TERN_HW_DB_Q_W_INDEX_MASK, (m.posted + 1) & 0xffff));
	wait_halt(TERN_HW_CQP_MAJOR_PARAM << 16 | TERN_HW_CQP_MINOR_POLARITY);
	wait_events();
	for (uint32_t i = 0; i < 1u << m.log_size; i++)
		tb_mem_put64(m.ring + 64 * i, 0);
	restart();
}

static void fetch_error(void)
{
	nops(3);
	wait_commands();
	model_expect_ae(TERN_HW_AE_CODE_CQP_FETCH, TERN_HW_AE_SOURCE_CQP, 0, m.posted);
	tb_mem_map(m.base, 1 << 20, 0);
	doorbell(0, TERN_HW_DB_CQP, put(TERN_HW_DB_Q_W_INDEX_MASK, (m.posted + 4) & 0xffff));
	wait_halt(TERN_HW_CQP_MAJOR_DMA << 16 | TERN_HW_CQP_MINOR_READ);
	wait_events();
	tb_mem_map(m.base, 1 << 20, TB_MEM_READ);
	restart();
}

/* Stopped with commands outstanding: each is done and told, or not begun */
static void stop_in_the_middle(void)
{
	for (uint32_t round = 0; round < 20; round++) {
		uint32_t done;

		m.ccq.by_event = false;
		nops(30);
		wait_cycles(rnd(60));
		enable(false);
		done = reg_read(TERN_HW_REG_CQP_TAIL) & 0xffff;
		for (uint32_t i = 0; i < 100 && m.completed != done; i++) {
			service();
			wait_cycles(20);
		}
		check(m.completed == done, "%u commands told, %u done", m.completed, done);
		restart();
	}
}

/* A ring of impossible size does not start, and the address loses what is no alignment */
static void bad_rings(void)
{
	static const uint8_t sizes[] = { 0, 13, 16, 31 };
	uint32_t ctrl;

	begin_life();
	for (uint32_t i = 0; i < sizeof(sizes); i++) {
		ctrl = (uint32_t)put(TERN_HW_REG_CQP_CTRL_LOG_SIZE_MASK, sizes[i]);
		reg_write(TERN_HW_REG_CQP_CTRL, ctrl | TERN_HW_REG_CQP_CTRL_ENABLE_MASK);
		wait_cycles(20);
		check(!reg_read(TERN_HW_REG_CQP_STATUS), "a ring of size %u started", sizes[i]);
		check(reg_read(TERN_HW_REG_CQP_CTRL) == ctrl, "register cqp_ctrl");
	}
	reg_write(TERN_HW_REG_CQP_BASE_LO, 0x1007f);
	check(reg_read(TERN_HW_REG_CQP_BASE_LO) == 0x10040, "register cqp_base_lo");
	reset_by_register();
}

void host_faults(void)
{
	static const struct {
		void (*run)(void);
		const char *name;
	} faults[] = {
		{ ccq_overrun, "CCQ overrun" },
		{ ccq_write_error, "CCQ write error" },
		{ ccq_page_list, "CCQ without page list" },
		{ ceq_write_error, "CEQ write error" },
		{ aeq_overflow, "AEQ overflow" },
		{ aeq_write_error, "AEQ write error" },
		{ link_change, "link change" },
		{ polarity_mismatch, "polarity mismatch" },
		{ fetch_error, "fetch error" },
		{ stop_in_the_middle, "stop in the middle" },
	};
	uint32_t count = sizeof(faults) / sizeof(faults[0]);

	for (uint32_t round = 0; round < 10; round++) {
		for (uint32_t i = 0; i < count; i++) {
			set_knobs(rnd(60), 0, rnd(150), chance(50), 4);
			bring_up_plainly();
			set_fault(faults[i].name);
			faults[i].run();
			set_fault("reset");
			reset_by_register();
		}
		bad_rings();
	}
	printf("top: %u faults, each on 10 devices\n", count + 1);
}
