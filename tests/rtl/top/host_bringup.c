// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Bring-up in the order of a driver: CQP by registers, layout and segments of the HMC, AEQ, a
 * CEQ, the CCQ.
 */

#include <string.h>

#include "host.h"

#define RW (TB_MEM_READ | TB_MEM_WRITE)

static void map(uint64_t addr, uint64_t bytes, uint32_t access)
{
	tb_mem_map(addr, (bytes + PAGE - 1) / PAGE * PAGE, access);
}

void check_fresh(void)
{
	uint32_t status;

	for (uint32_t i = 0; ; i++) {
		status = reg_read(TERN_HW_REG_DEV_STATUS);
		if (status & TERN_HW_REG_DEV_STATUS_READY_MASK)
			break;
		check(i < 20, "not ready after reset");
	}
	check(reg_read(TERN_HW_REG_ID) == TERN_HW_MAGIC_VALUE, "register id");
	check(reg_read(TERN_HW_REG_VERSION) == TERN_HW_HW_VERSION_MAJOR << 16, "register version");
	check(reg_read(TERN_HW_REG_MAC_LO) == 0x56789abc, "register mac_lo");
	check(reg_read(TERN_HW_REG_MAC_HI) == 0x0234, "register mac_hi");
	check(reg_read(TERN_HW_REG_CAPS) == (PAGES << 16 | CEQS << 8 | VECTORS), "register caps");
	check(reg_read(TERN_HW_REG_CQP_CTRL) == 0, "cqp_ctrl after reset");
	check(reg_read(TERN_HW_REG_CQP_STATUS) == 0, "cqp_status after reset");
	check(reg_read(TERN_HW_REG_CQP_TAIL) == 0, "cqp_tail after reset");
	check(reg_read(TERN_HW_REG_DEV_CTRL) == 0, "dev_ctrl after reset");
	check(reg_read(TERN_HW_REG_ETH_CAPS) == 0x0c200404, "register eth_caps");
	check(reg_read(TERN_HW_REG_AQ_CTRL) == 0, "aq_ctrl after reset");
	check(reg_read(TERN_HW_REG_AQ_STATUS) == 0, "aq_status after reset");
	check(!(status & TERN_HW_REG_DEV_STATUS_FATAL_MASK), "fatal after reset");
	check(reg_read(0x0f00) == 0, "a register that does not exist");
}

static void start_cqp(uint32_t log_size)
{
	uint32_t ctrl;

	m.log_size = log_size;
	m.ring = m.base + 64 * rnd(256);
	map(m.base, 1 << 20, TB_MEM_READ);
	reg_write(TERN_HW_REG_CQP_BASE_LO, (uint32_t)m.ring);
	reg_write(TERN_HW_REG_CQP_BASE_HI, (uint32_t)(m.ring >> 32));
	ctrl = (uint32_t)put(TERN_HW_REG_CQP_CTRL_LOG_SIZE_MASK, m.log_size);
	reg_write(TERN_HW_REG_CQP_CTRL, ctrl | TERN_HW_REG_CQP_CTRL_ENABLE_MASK);
	for (uint32_t i = 0; reg_read(TERN_HW_REG_CQP_STATUS) != 1; i++)
		check(i < 100, "the CQP does not start");
}

static void map_buffers(void)
{
	uint64_t region = 64 * PAGE, at = buffer_for(0);

	map(at, region, RW);
	map(at + region, region, TB_MEM_READ);
	map(at + 2 * region, region, TB_MEM_WRITE);
}

/* Host memory behind one segment of CQ contexts; a few of its pages are faulty */
static void back_direct(uint32_t sd)
{
	uint64_t at = m.base + (0x400ull << 21) + sd * SD_BYTES;

	map(at, SD_BYTES, RW);
	for (uint32_t i = 0; i < 12; i++)
		tb_mem_map(at + rnd(512) * PAGE, PAGE, 0);
}

static void back_paged(uint32_t sd)
{
	uint64_t descs = m.base + (0x1000ull << 21) + sd * PAGE;

	map(descs, PAGE, TB_MEM_READ);
	for (uint32_t page = 0; page < 512; page++) {
		uint64_t at = m.base + 0x300000000ull + (sd * 512ull + page) * 3 * PAGE;
		uint32_t what = rnd(100);

		if (what >= 5)
			map(at, PAGE, RW);
		tb_mem_put64(descs + 8 * page,
			     at | (what < 5 || what >= 10 ? TERN_HW_PAGE_DESC_W_VALID_MASK : 0));
	}
}

static void set_segment(uint32_t sd, uint32_t op, uint64_t addr)
{
	struct command *c = next_command();

	build_header(c, TERN_HW_CQP_OP_UPDATE_SDS, 0);
	c->wqe[1] = put(TERN_HW_CQP_SDS_WQE_CTL_COUNT_MASK, 1);
	c->wqe[2] = put(TERN_HW_SD_ENTRY_WHAT_SD_MASK, sd) |
		    put(TERN_HW_SD_ENTRY_WHAT_OP_MASK, op);
	c->wqe[3] = addr;
	run_ok();
}

static void commit(void)
{
	struct command *c = next_command();
	uint64_t at = buffer_for(m.posted);

	build_header(c, TERN_HW_CQP_OP_COMMIT_FPM, 0);
	c->wqe[1] = at;
	for (uint32_t i = 0; i < 32; i++)
		tb_mem_put64(at + 8 * i, 0);
	for (uint32_t kind = 0; kind < KINDS; kind++)
		tb_mem_put32(at + 16 * (kind + 1), chance(80) ? rnd(model_limit(kind) + 1) :
				     chance(50) ? 0 : model_limit(kind));
	/* Enough for what follows */
	if (tb_mem_get32(at + 16 * (TERN_HW_HMC_KIND_CQ + 1)) < 300)
		tb_mem_put32(at + 16 * (TERN_HW_HMC_KIND_CQ + 1), 300);
	if (tb_mem_get32(at + 16 * (TERN_HW_HMC_KIND_PBLE + 1)) < 1024)
		tb_mem_put32(at + 16 * (TERN_HW_HMC_KIND_PBLE + 1), 1024);
	run_ok();
}

static void populate(void)
{
	uint64_t cq_bytes;

	commit();
	cq_bytes = 64ull * m.count[TERN_HW_HMC_KIND_CQ];
	m.cq_sd = (uint32_t)(m.kind_base[TERN_HW_HMC_KIND_CQ] / SD_BYTES);
	m.cq_sds = (uint32_t)((cq_bytes + SD_BYTES - 1) / SD_BYTES);
	m.pble_sd = (uint32_t)(m.kind_base[TERN_HW_HMC_KIND_PBLE] / SD_BYTES);
	for (uint32_t sd = m.cq_sd; sd < m.cq_sd + m.cq_sds; sd++) {
		uint32_t what = sd == m.cq_sd ? rnd(2) : rnd(3);

		if (what == 0) {
			back_direct(sd);
			set_segment(sd, TERN_HW_SD_OP_DIRECT,
				    m.base + (0x400ull << 21) + sd * SD_BYTES);
		} else if (what == 1) {
			back_paged(sd);
			set_segment(sd, TERN_HW_SD_OP_PAGED,
				    m.base + (0x1000ull << 21) + sd * PAGE);
		}
	}
	map(m.base + (0x400ull << 21) + m.pble_sd * SD_BYTES, SD_BYTES, RW);
	set_segment(m.pble_sd, TERN_HW_SD_OP_DIRECT,
		    m.base + (0x400ull << 21) + m.pble_sd * SD_BYTES);
}

void make_eq(uint32_t e, uint32_t log_size, uint32_t vector)
{
	struct command *c = next_command();
	uint64_t ring = m.base + 0x01000000ull + e * 0x100000ull;
	uint64_t bytes = (e == AEQ ? 16ull : 8ull) << log_size;

	map(ring, bytes, TB_MEM_WRITE);
	for (uint64_t i = 0; i < bytes; i += 8)
		tb_mem_put64(ring + i, 0);
	build_eq(c, e == AEQ ? TERN_HW_CQP_OP_CREATE_AEQ : TERN_HW_CQP_OP_CREATE_CEQ,
		 e == AEQ ? 0 : e, ring, log_size, vector);
	run_ok();
}

/* A number whose context is within reach and not in use */
static uint32_t pick_ccq_num(void)
{
	uint32_t i;

	for (uint32_t tries = 0; tries < 1000; tries++) {
		i = rnd(POOL);
		if (!m.cq[i].exists && !model_cq_access(m.cq[i].num))
			return m.cq[i].num;
	}
	return NO_CQ;
}

/* Returns what CREATE_CQ wants to know of it */
uint64_t place_ccq_ring(void)
{
	uint64_t at = m.base + 0x10000000ull + rnd(64) * 0x100000ull, entries, index;
	uint32_t pages;

	entries = sizeof(struct tern_hw_ccqe) << m.ccq.log_size;
	pages = m.ccq.paged ? (uint32_t)((entries - 1) >> m.ccq.page_shift) + 1 : 1;
	index = m.pble_next;
	m.pble_next += pages;
	for (uint32_t i = 0; i < pages; i++) {
		uint64_t bytes = m.ccq.paged ? 1ull << m.ccq.page_shift : entries;

		m.ccq.pages[i] = at + 2ull * i * bytes;	/* not in one piece */
		map(m.ccq.pages[i], bytes, TB_MEM_WRITE);
		for (uint64_t j = 0; j < bytes; j += 8)
			tb_mem_put64(m.ccq.pages[i] + j, 0);
		if (m.ccq.paged)
			tb_mem_put64(m.base + (0x400ull << 21) + m.pble_sd * SD_BYTES +
				     8 * (index + i), m.ccq.pages[i]);
	}
	return m.ccq.paged ? index : m.ccq.pages[0];
}

/* As m.ccq says; armed, with the vector of its CEQ, if it works by events */
void make_ccq(uint32_t num, uint64_t ring, uint32_t mode)
{
	build_cq(next_command(), num, ring,
		 put(TERN_HW_CQP_CQ_WQE_ATTR_LOG_SIZE_MASK, m.ccq.log_size) |
		 put(TERN_HW_CQP_CQ_WQE_ATTR_LEVEL_MASK, m.ccq.paged) |
		 put(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_SHIFT_MASK, m.ccq.page_shift) |
		 put(TERN_HW_CQP_CQ_WQE_ATTR_CCQ_MASK, 1) |
		 put(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_VALID_MASK, 1) |
		 put(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_MASK, m.ccq.ceq) |
		 put(TERN_HW_CQP_CQ_WQE_ATTR_MODE_MASK, mode) |
		 put(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_MASK, m.ccq.page),
		 put(TERN_HW_CQP_CQ_WQE_MODERATION_COUNT_MASK, rnd(2)) |
		 put(TERN_HW_CQP_CQ_WQE_MODERATION_PERIOD_MASK, rnd(4000)));
	run_ok();
	if (m.ccq.by_event) {
		arm_vector_of(m.ccq.ceq);
		arm_ccq();
	}
}

void make_random_ccq(void)
{
	static const uint8_t modes[] = { TERN_HW_CQ_MODE_EVERY, TERN_HW_CQ_MODE_SOLICITED,
					 TERN_HW_CQ_MODE_TIMER, TERN_HW_CQ_MODE_COUNT,
					 TERN_HW_CQ_MODE_SOLICITED_TIMER,
					 TERN_HW_CQ_MODE_TIMER_COUNT };
	uint32_t num = pick_ccq_num(), ceq = rnd(CEQS);

	if (num == NO_CQ || m.pble_next > 900)
		return;
	for (uint32_t i = 0; i < CEQS && m.eq[ceq].exists; i++)
		ceq = (ceq + 1) % CEQS;
	if (m.eq[ceq].exists)
		return;
	make_eq(ceq, between(4, 6), rnd(VECTORS));
	m.ccq.log_size = between(1, 9);
	m.ccq.paged = chance(50);
	m.ccq.page_shift = between(12, 13);
	m.ccq.page = rnd(PAGES);
	m.ccq.ceq = ceq;
	m.ccq.by_event = chance(80);
	make_ccq(num, place_ccq_ring(), modes[rnd(sizeof(modes))]);
}

void drop_ccq(void)
{
	struct command *c;
	uint32_t ceq = m.ccq.ceq;

	check_events_settled();
	c = next_command();
	build_header(c, TERN_HW_CQP_OP_DESTROY_CQ, m.ccq.num);
	run_ok();
	/* Refused if other CQs use it. The vector stays armed, and nothing is left to fire it */
	c = next_command();
	build_header(c, TERN_HW_CQP_OP_DESTROY_CEQ, ceq);
	run();
}

/* A new model, empty memory, a device after reset */
void begin_life(void)
{
	memset(&m, 0, sizeof(m));
	forget_bad_doorbells();
	tb_mem_clear();
	totals.lives++;
	m.base = (totals.lives & 0xff) << 40;
	m.born_ns = now_ns;
	check_fresh();
	map_buffers();
}

/* Different numbers, spread over all segments and pages of contexts */
static void choose_cqs(void)
{
	uint32_t share = m.count[TERN_HW_HMC_KIND_CQ] / POOL;

	for (uint32_t i = 0; i < POOL; i++)
		m.cq[i].num = i * share + rnd(share);
}

void bring_up_plainly(void)
{
	uint32_t num;

	begin_life();
	start_cqp(8);
	populate();
	choose_cqs();
	make_eq(AEQ, 4, 0);
	arm_vector_of(AEQ);
	make_eq(0, 4, 1);
	num = pick_ccq_num();
	check(num != NO_CQ, "no CQ context within reach");
	m.ccq.log_size = 9;
	m.ccq.by_event = true;
	m.ccq.every = true;
	make_ccq(num, place_ccq_ring(), TERN_HW_CQ_MODE_EVERY);
}

void bring_up_randomly(void)
{
	uint32_t aeq_vector = rnd(VECTORS);

	set_knobs(chance(20) ? 0 : rnd(70), 0, chance(30) ? 0 : rnd(150), chance(50),
		  chance(50) ? 4 : between(1, 400));
	begin_life();
	for (uint32_t v = 0; v < VECTORS; v++)
		if (chance(10))
			reg_write(TERN_HW_REG_INT_ITR(v), rnd(64));
	start_cqp(between(1, 8));
	populate();
	choose_cqs();
	make_eq(AEQ, between(4, 7), aeq_vector);
	arm_vector_of(AEQ);
	if (chance(90))
		make_random_ccq();
}
