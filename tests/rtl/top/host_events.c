// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Event queues, the CCQ and interrupts as a driver handles them. Unless it polls the CCQ, the
 * host looks at no queue before an interrupt tells it to, so an interrupt or an event that does
 * not come strands it, and it notices.
 */

#include <string.h>

#include "host.h"

static struct ae bad_list[4096]; /* doorbells of this life that may be reported */

/* -------------------------------------------------------------------------------- CCQ */

uint64_t ccq_entry(uint32_t index)
{
	uint64_t offset = (index & ((1u << m.ccq.log_size) - 1)) *
			  (uint64_t)sizeof(struct tern_hw_ccqe);

	if (!m.ccq.paged)
		return m.ccq.pages[0] + offset;
	return m.ccq.pages[offset >> m.ccq.page_shift] +
	       (offset & ((1ull << m.ccq.page_shift) - 1));
}

bool ccq_has_entry(void)
{
	uint64_t info = tb_mem_get64(ccq_entry(m.ccq.consumer) +
				     offsetof(struct tern_hw_ccqe, info));

	return get(TERN_HW_CCQE_INFO_POLARITY_MASK, info) ==
	       !(m.ccq.consumer >> m.ccq.log_size & 1);
}

static void ring_ccq(bool arm)
{
	static const uint8_t modes[] = {
		TERN_HW_CQ_MODE_EVERY,		 TERN_HW_CQ_MODE_SOLICITED,
		TERN_HW_CQ_MODE_TIMER,		 TERN_HW_CQ_MODE_COUNT,
		TERN_HW_CQ_MODE_SOLICITED_TIMER, TERN_HW_CQ_MODE_TIMER_COUNT,
		TERN_HW_CQ_MODE_CONFIGURED,
	};

	doorbell(m.ccq.page, TERN_HW_DB_CQ,
		 put(TERN_HW_DB_CQ_W_NUM_MASK, m.ccq.num) |
		 put(TERN_HW_DB_CQ_W_ARM_MASK, arm) |
		 put(TERN_HW_DB_CQ_W_MODE_MASK, modes[m.ccq.every ? 0 : rnd(sizeof(modes))]) |
		 put(TERN_HW_DB_CQ_W_INDEX_MASK, m.ccq.consumer));
}

void arm_ccq(void)
{
	m.ccq.armed = true;	/* first: the event may come before the store is done */
	ring_ccq(true);
}

static void consume_entry(void)
{
	uint64_t at = ccq_entry(m.ccq.consumer);
	uint64_t error = tb_mem_get64(at + offsetof(struct tern_hw_ccqe, error));
	uint64_t info = tb_mem_get64(at + offsetof(struct tern_hw_ccqe, info));
	uint64_t stamp = tb_mem_get64(at + offsetof(struct tern_hw_ccqe, timestamp));
	struct command *c = &m.commands[m.completed % 64];
	struct outcome got = {
		.major = (uint16_t)get(TERN_HW_CCQE_ERROR_MAJOR_MASK, error),
		.minor = (uint16_t)get(TERN_HW_CCQE_ERROR_MINOR_MASK, error),
		.result = tb_mem_get64(at + offsetof(struct tern_hw_ccqe, result)),
	};

	check(m.completed != m.posted, "an entry in the CCQ, but no command");
	check(c->in_ccq, "a command completed in the CCQ that must not");
	check(get(TERN_HW_CCQE_ERROR_WQE_INDEX_MASK, error) == (m.completed & 0xffff),
	      "command index %llx in the CCQ",
	      (unsigned long long)get(TERN_HW_CCQE_ERROR_WQE_INDEX_MASK, error));
	check((info & 0x3fffffff) == (c->wqe[0] & 0x3fffffff), "id or opcode in the CCQ");
	check(stamp >= c->posted_ns && stamp <= now_ns, "timestamp %llu, posted at %llu, now %llu",
	      (unsigned long long)stamp, (unsigned long long)c->posted_ns,
	      (unsigned long long)now_ns);
	m.ccq.consumer = (m.ccq.consumer + 1) & 0xffffff;
	m.cqes++;
	totals.ccqes++;
	command_done(c, &got);
}

static void consume_ccq(void)
{
	uint32_t before = m.ccq.consumer;

	while (ccq_has_entry())
		consume_entry();
	if (m.ccq.by_event && !m.ccq.armed)
		arm_ccq();
	else if (m.ccq.consumer != before)
		ring_ccq(false);
}

/* ------------------------------------------------------------------------ event queues */

static uint64_t eq_entry(uint32_t e, uint32_t bytes)
{
	const struct eq *eq = &m.eq[e];

	return eq->ring + (uint64_t)(eq->consumer & ((1u << eq->log_size) - 1)) * bytes;
}

/* The word of the next entry that holds the polarity, which all entries have at the top */
static bool eq_has_entry(uint32_t e, uint64_t *word)
{
	const struct eq *eq = &m.eq[e];

	*word = e == AEQ ? tb_mem_get64(eq_entry(e, sizeof(struct tern_hw_aeqe)) +
					offsetof(struct tern_hw_aeqe, info)) :
			   tb_mem_get64(eq_entry(e, sizeof(struct tern_hw_ceqe)));
	return eq->exists && *word >> 63 == !(eq->consumer >> eq->log_size & 1);
}

static void take_ceqe(uint32_t e, uint64_t word)
{
	uint32_t num = (uint32_t)get(TERN_HW_CEQE_W_CQN_MASK, word);

	check(m.ccq.exists && e == m.ccq.ceq && num == m.ccq.num,
	      "an event for CQ %u in CEQ %u", num, e);
	check(m.ccq.armed, "an event for the CCQ, which is not armed");
	m.ccq.armed = false;
	m.ceqes++;
	totals.ceqes++;
}

static bool same_ae(const struct ae *a, const struct ae *b)
{
	return a->code == b->code && a->source == b->source && a->id == b->id &&
	       a->detail == b->detail;
}

static bool take_from(struct ae *list, uint32_t *count, const struct ae *ae)
{
	for (uint32_t i = 0; i < *count; i++) {
		if (same_ae(&list[i], ae)) {
			list[i] = list[--*count];
			return true;
		}
	}
	return false;
}

static uint32_t bad_count;

static void take_aeqe(uint64_t info)
{
	struct ae ae = {
		.detail = tb_mem_get64(eq_entry(AEQ, sizeof(struct tern_hw_aeqe))),
		.code = (uint32_t)get(TERN_HW_AEQE_INFO_CODE_MASK, info),
		.source = (uint32_t)get(TERN_HW_AEQE_INFO_SOURCE_MASK, info),
		.id = (uint32_t)get(TERN_HW_AEQE_INFO_ID_MASK, info),
	};

	if (get(TERN_HW_AEQE_INFO_OVERFLOW_MASK, info))
		m.ae_overflow = true;
	if (take_from(bad_list, &bad_count, &ae)) {
		m.bad_reported++;
	} else {
		check(take_from(m.expected, &m.expected_count, &ae),
		      "unexpected event %x, source %u, id %x, detail %llx", ae.code, ae.source,
		      ae.id, (unsigned long long)ae.detail);
	}
	m.ae_received++;
	totals.aeqes++;
}

static uint32_t drain_eq(uint32_t e)
{
	uint32_t found = 0;
	uint64_t word;

	for (; eq_has_entry(e, &word); found++) {
		if (e == AEQ)
			take_aeqe(word);
		else
			take_ceqe(e, word);
		m.eq[e].consumer = (m.eq[e].consumer + 1) & 0xffffff;
	}
	return found;
}

static void ring_eq(uint32_t e, bool arm)
{
	doorbell(0, TERN_HW_DB_EQ,
		 put(TERN_HW_DB_EQ_W_NUM_MASK, e == AEQ ? rnd(256) : e) |
		 put(TERN_HW_DB_EQ_W_AEQ_MASK, e == AEQ) |
		 put(TERN_HW_DB_EQ_W_ARM_MASK, arm) |
		 put(TERN_HW_DB_EQ_W_INDEX_MASK, m.eq[e].consumer));
}

/* The queues that events come to */
static bool in_use(uint32_t e)
{
	return m.eq[e].exists && (e == AEQ || (m.ccq.exists && e == m.ccq.ceq));
}

/* By the doorbell of the queue, or by the register */
void arm_vector_of(uint32_t e)
{
	uint32_t vector = m.eq[e].vector;

	m.armed[vector] = true;	/* first: it may fire before the store is done */
	if (chance(70)) {
		ring_eq(e, true);
	} else {
		ring_eq(e, false);
		reg_write(TERN_HW_REG_INT_CTL(vector), TERN_HW_REG_INT_CTL_ARM_MASK);
	}
}

/* ---------------------------------------------------------------------------- interrupts */

static uint32_t misc_cause(void)
{
	uint32_t cause = reg_read(TERN_HW_REG_MISC_CAUSE);

	check(!(cause & TERN_HW_REG_MISC_CAUSE_FATAL_MASK), "the device reports a fatal error");
	if (cause)
		reg_write(TERN_HW_REG_MISC_CAUSE, cause);
	return cause != 0;
}

static void handle_vector(uint32_t vector)
{
	uint32_t found = vector == 0 ? misc_cause() : 0, last = UINT32_MAX;

	for (uint32_t e = 0; e <= AEQ; e++) {
		if (!in_use(e) || m.eq[e].vector != vector)
			continue;
		found += drain_eq(e);
		if (last != UINT32_MAX)
			ring_eq(last, false);
		last = e;
	}
	check(found, "an interrupt on vector %u without a cause", vector);
	if (m.ccq.exists && m.ccq.by_event && !m.ccq.armed)
		consume_ccq();
	/* All consumer indexes are told before the arm, or it would fire at once */
	if (last != UINT32_MAX) {
		arm_vector_of(last);
	} else {
		m.armed[vector] = true;
		reg_write(TERN_HW_REG_INT_CTL(vector), TERN_HW_REG_INT_CTL_ARM_MASK);
	}
}

void service(void)
{
	for (uint32_t v = 0; v < VECTORS; v++) {
		if (m.fired[v]) {
			m.fired[v] = 0;
			totals.irqs++;
			handle_vector(v);
		}
	}
	if (m.ccq.exists && !m.ccq.by_event)
		consume_ccq();
}

void wait_events(void)
{
	for (uint32_t i = 0; m.expected_count; i++) {
		check(i < 500, "%u events do not come, the first of them %x", m.expected_count,
		      m.expected[0].code);
		wait_cycles(50);
		service();
	}
}

/* After a while without news nothing may be left that the host was not told of */
void check_events_settled(void)
{
	uint64_t word;

	for (uint32_t i = 0; i < 20; i++) {
		service();
		wait_cycles(200);
	}
	service();
	for (uint32_t e = 0; e <= AEQ; e++)
		check(!in_use(e) || !eq_has_entry(e, &word), "EQ %u holds an event untold", e);
	check(!m.ccq.exists || !m.ccq.by_event || !ccq_has_entry(), "the CCQ holds entries untold");
}

/* -------------------------------------------------------------------------- bad doorbells */

static void ring_bad(uint32_t code, uint32_t page, uint32_t offset, uint64_t word,
		     uint32_t strobes)
{
	check(bad_count < sizeof(bad_list) / sizeof(bad_list[0]), "too many bad doorbells");
	bad_list[bad_count++] = (struct ae){
		.code = code, .source = TERN_HW_AE_SOURCE_PAGE, .id = page,
		.detail = put(TERN_HW_AE_DB_W_PAGE_MASK, page) |
			  put(TERN_HW_AE_DB_W_OFFSET_MASK, offset),
	};
	m.bad_doorbells++;
	totals.bad_doorbells++;
	store(page * (uint32_t)PAGE + offset, word, strobes);
}

static void ring_cq_badly(void)
{
	struct cq *cq = &m.cq[rnd(POOL)];
	uint64_t word = rnd64() & ~TERN_HW_DB_CQ_W_NUM_MASK;
	uint32_t code = TERN_HW_AE_CODE_DB_QUEUE, page = rnd(PAGES), num = cq->num;

	if (chance(20))
		num = between(m.count[TERN_HW_HMC_KIND_CQ], (1 << 24) - 1);
	/* Where the bus refuses the context there is another event too; not here */
	if (model_cq_access(num) == TERN_HW_CQP_MINOR_HMC_DMA)
		return;
	if (num == cq->num && cq->exists) {
		code = TERN_HW_AE_CODE_DB_PAGE;
		if (page == cq->page)
			page = (page + 1) % PAGES;
		if (chance(50) && !(m.ccq.exists && num == m.ccq.num)) {
			/* Never had an entry, so any index but 0 is wrong */
			code = TERN_HW_AE_CODE_DB_INDEX;
			page = cq->page;
			word |= 1ull << 40;
		}
	}
	ring_bad(code, page, TERN_HW_DB_CQ, word | num, 0xff);
}

static void ring_eq_badly(void)
{
	uint32_t e = rnd(CEQS + 1);
	bool exists = m.eq[e].exists;
	uint64_t word = put(TERN_HW_DB_EQ_W_NUM_MASK, e) | put(TERN_HW_DB_EQ_W_AEQ_MASK, e == AEQ) |
			put(TERN_HW_DB_EQ_W_INDEX_MASK, m.eq[e].consumer + between(1 << 21, 1 << 23));

	if (chance(20)) {
		word = put(TERN_HW_DB_EQ_W_NUM_MASK, between(CEQS, 255));
		exists = false;
	}
	ring_bad(exists ? TERN_HW_AE_CODE_DB_INDEX : TERN_HW_AE_CODE_DB_QUEUE, 0, TERN_HW_DB_EQ,
		 word | put(TERN_HW_DB_EQ_W_ARM_MASK, chance(50)), 0xff);
}

static void ring_cqp_badly(void)
{
	if (chance(50))
		ring_bad(TERN_HW_AE_CODE_DB_QUEUE, 0, TERN_HW_DB_CQP,
			 put(TERN_HW_DB_Q_W_NUM_MASK, between(1, (1 << 24) - 1)) |
			 put(TERN_HW_DB_Q_W_INDEX_MASK, m.posted & 0xffff), 0xff);
	else
		ring_bad(TERN_HW_AE_CODE_DB_INDEX, 0, TERN_HW_DB_CQP,
			 put(TERN_HW_DB_Q_W_INDEX_MASK,
			     (m.posted + (1 << m.log_size) + between(1, 1000)) & 0xffff), 0xff);
}

/* What a hostile process may do. Only while no command is under way: it may change the answer */
void ring_badly(void)
{
	static const uint16_t known[] = { TERN_HW_DB_SQ, TERN_HW_DB_RQ, TERN_HW_DB_CQ,
					  TERN_HW_DB_EQ, TERN_HW_DB_CQP };
	static const uint16_t netdev[] = { TERN_HW_ETH_DB_AQ, TERN_HW_ETH_DB_CQ,
					   TERN_HW_ETH_DB_SQ, TERN_HW_ETH_DB_RQ };
	uint32_t page = rnd(PAGES);

	if (bad_count + 8 > sizeof(bad_list) / sizeof(bad_list[0]))
		return;
	switch (rnd(10)) {
	case 0:
		ring_bad(TERN_HW_AE_CODE_DB_QUEUE, page, chance(50) ? TERN_HW_DB_SQ : TERN_HW_DB_RQ,
			 rnd64(), 0xff);
		break;
	case 1:
		ring_bad(TERN_HW_AE_CODE_DB_OFFSET, page, 0x800 + 8 * rnd(256), rnd64(), 0xff);
		break;
	case 2:
		/* Page 0 has those of the netdev behind the others */
		ring_bad(TERN_HW_AE_CODE_DB_OFFSET, page,
			 chance(20) ? 0x18 : 8 * between(page ? 6 : 10, 255), rnd64(), 0xff);
		break;
	case 3:
		ring_bad(TERN_HW_AE_CODE_DB_OFFSET, page, known[rnd(5)], rnd64(), rnd(255));
		break;
	case 4:
		ring_bad(TERN_HW_AE_CODE_DB_OFFSET, between(1, PAGES - 1),
			 chance(50) ? TERN_HW_DB_EQ : TERN_HW_DB_CQP, rnd64(), 0xff);
		break;
	case 5:
		ring_cqp_badly();
		break;
	case 6:
		ring_eq_badly();
		break;
	case 7:
		/* Nobody looks at it, and nothing is wrong with it */
		store(TERN_HW_DB_SPACE_PUSH + page * (uint32_t)PAGE + 8 * rnd(512), rnd64(), rnd(256));
		break;
	case 8:
		/* None of the netdev's queues is there */
		page = chance(50) ? 0 : page;
		ring_bad(page ? TERN_HW_AE_CODE_DB_OFFSET : TERN_HW_AE_CODE_DB_QUEUE, page,
			 netdev[rnd(4)], rnd64(), 0xff);
		break;
	default:
		ring_cq_badly();
	}
}

void forget_bad_doorbells(void)
{
	bad_count = 0;
}
