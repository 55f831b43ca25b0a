// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What each command must come to, worked out when it is posted: commands execute in order, so
 * the model is always where the adapter will be when it gets there. Written from the contract
 * (abi/tern_hw.def), not from the RTL.
 */

#include <string.h>

#include "host.h"

struct model m;
struct totals totals;

static const struct {
	uint32_t log_size, limit;
} kinds[KINDS] = {
	[TERN_HW_HMC_KIND_QP] = { 9, 16384 },	   [TERN_HW_HMC_KIND_CQ] = { 6, 65536 },
	[TERN_HW_HMC_KIND_SRQ] = { 6, 32768 },	   [TERN_HW_HMC_KIND_MRTE] = { 6, 1 << 20 },
	[TERN_HW_HMC_KIND_PBLE] = { 3, 1 << 24 }, [TERN_HW_HMC_KIND_IRRQ] = { 8, 16384 },
};

static struct outcome refuse(uint16_t major, uint16_t minor)
{
	return (struct outcome){ .major = major, .minor = minor };
}

static struct outcome refuse_param(uint16_t minor)
{
	return refuse(TERN_HW_CQP_MAJOR_PARAM, minor);
}

static struct outcome refuse_state(uint16_t minor)
{
	return refuse(TERN_HW_CQP_MAJOR_STATE, minor);
}

static const struct outcome done = { 0 };

static void put_content(struct command *c, uint32_t offset, uint64_t value, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		c->content[offset + i] = (uint8_t)(value >> (8 * i));
}

void model_expect_ae(uint32_t code, uint32_t source, uint32_t id, uint64_t detail)
{
	uint32_t room = sizeof(m.expected) / sizeof(m.expected[0]);

	check(m.expected_count < room, "too many events expected");
	m.expected[m.expected_count++] = (struct ae){
		.code = code, .source = source, .id = id, .detail = detail,
	};
}

/* ------------------------------------------------------------------------------ buffers */

static struct outcome check_buffer(uint64_t addr, uint32_t bytes, uint32_t access)
{
	if (addr % 64 || addr % PAGE + bytes > PAGE)
		return refuse_param(TERN_HW_CQP_MINOR_ADDRESS);
	if (access & TB_MEM_READ && !(tb_mem_access(addr) & TB_MEM_READ))
		return refuse(TERN_HW_CQP_MAJOR_DMA, TERN_HW_CQP_MINOR_READ);
	if (access & TB_MEM_WRITE && !(tb_mem_access(addr) & TB_MEM_WRITE))
		return refuse(TERN_HW_CQP_MAJOR_DMA, TERN_HW_CQP_MINOR_WRITE);
	return done;
}

static struct outcome filled(struct command *c, uint64_t addr, uint32_t bytes)
{
	c->buffer = addr;
	c->buffer_bytes = bytes;
	return check_buffer(addr, bytes, TB_MEM_WRITE);
}

static struct outcome query_caps(struct command *c)
{
	static const uint32_t words[21] = { 1 << 16, VECTORS, CEQS, PAGES,	GIDS, 22, 20, 20,
					    0x7ffff000, 0, 1000000, 12, 15, 15, 16, 224, 16, 64, 15,
					    64, 16 };

	for (uint32_t i = 0; i < 21; i++)
		put_content(c, 4 * i, words[i], 4);
	return filled(c, c->wqe[1], sizeof(struct tern_hw_caps));
}

static struct outcome query_stats(struct command *c)
{
	struct outcome o = check_buffer(c->wqe[1], sizeof(struct tern_hw_stats), TB_MEM_WRITE);

	/* The other counters move with what goes on beside */
	put_content(c, 8 * TERN_HW_STAT_CQP_DONE, m.done, 8);
	put_content(c, 8 * TERN_HW_STAT_CQP_FAILED, m.failed, 8);
	c->buffer = c->wqe[1];
	c->buffer_bytes = 16;
	return o;
}

static struct outcome query_fpm(struct command *c)
{
	put_content(c, 0, SDS, 4);
	for (uint32_t kind = 0; kind < KINDS; kind++) {
		put_content(c, 16 * (kind + 1), model_limit(kind), 4);
		put_content(c, 16 * (kind + 1) + 4, model_log_size(kind), 4);
	}
	return filled(c, c->wqe[1], sizeof(struct tern_hw_fpm));
}

uint32_t model_log_size(uint32_t kind)
{
	return kinds[kind].log_size;
}

uint32_t model_limit(uint32_t kind)
{
	return kinds[kind].limit;
}

void model_layout(const uint32_t *count, uint64_t *base, uint32_t *used)
{
	uint64_t end = 0;

	for (uint32_t kind = 0; kind < KINDS; kind++) {
		base[kind] = end;
		end += (uint64_t)count[kind] << model_log_size(kind);
		end = (end + SD_BYTES - 1) / SD_BYTES * SD_BYTES;
	}
	*used = (uint32_t)(end / SD_BYTES);
}

static bool any_segment(void)
{
	for (uint32_t sd = 0; sd < SDS; sd++)
		if (m.segment[sd])
			return true;
	return false;
}

static struct outcome commit_counts(const uint32_t *count)
{
	for (uint32_t kind = 0; kind < 15; kind++) {
		if (count[kind] > (kind < KINDS ? model_limit(kind) : 0)) {
			struct outcome o = refuse_param(TERN_HW_CQP_MINOR_LIMIT);

			o.result = kind;
			return o;
		}
	}
	if (any_segment())
		return refuse_state(TERN_HW_CQP_MINOR_COMMITTED);
	return done;
}

static struct outcome commit_fpm(struct command *c)
{
	struct outcome o = check_buffer(c->wqe[1], sizeof(struct tern_hw_fpm), TB_MEM_READ);
	uint32_t count[15], used;

	if (o.major)
		return o;
	for (uint32_t kind = 0; kind < 15; kind++)
		count[kind] = tb_mem_get32(c->wqe[1] + 16 * (kind + 1));
	o = commit_counts(count);
	if (o.major)
		return o;
	memcpy(m.count, count, sizeof(m.count));
	model_layout(m.count, m.kind_base, &used);
	put_content(c, 0, SDS, 4);
	put_content(c, 4, used, 4);
	for (uint32_t kind = 0; kind < KINDS; kind++) {
		put_content(c, 16 * (kind + 1), m.count[kind], 4);
		put_content(c, 16 * (kind + 1) + 4, model_log_size(kind), 4);
		put_content(c, 16 * (kind + 1) + 8, m.kind_base[kind], 8);
	}
	return filled(c, c->wqe[1], sizeof(struct tern_hw_fpm));
}

/* ----------------------------------------------------------------------------- segments */

static uint16_t apply_segment(uint64_t what, uint64_t addr)
{
	uint32_t sd = (uint32_t)get(TERN_HW_SD_ENTRY_WHAT_SD_MASK, what);
	uint32_t op = (uint32_t)get(TERN_HW_SD_ENTRY_WHAT_OP_MASK, what);

	if (sd >= SDS)
		return TERN_HW_CQP_MINOR_SD;
	if ((op == TERN_HW_SD_OP_DIRECT && addr % SD_BYTES) ||
	    (op == TERN_HW_SD_OP_PAGED && addr % PAGE))
		return TERN_HW_CQP_MINOR_ADDRESS;
	if (op == TERN_HW_SD_OP_CLEAR)
		m.segment[sd] = SEG_NONE;
	else if (op != TERN_HW_SD_OP_PAGE_INV)
		m.segment[sd] = op == TERN_HW_SD_OP_DIRECT ? SEG_DIRECT : SEG_PAGED;
	return 0;
}

static struct outcome update_sds(struct command *c)
{
	uint32_t count = (uint32_t)get(TERN_HW_CQP_SDS_WQE_CTL_COUNT_MASK, c->wqe[1]);
	bool buffer = get(TERN_HW_CQP_SDS_WQE_CTL_BUFFER_MASK, c->wqe[1]);
	uint64_t at = c->wqe[2];

	if (!count || count > (buffer ? 256 : 3))
		return refuse_param(TERN_HW_CQP_MINOR_SIZE);
	if (buffer && at % PAGE)
		return refuse_param(TERN_HW_CQP_MINOR_ADDRESS);
	if (buffer && !(tb_mem_access(at) & TB_MEM_READ))
		return refuse(TERN_HW_CQP_MAJOR_DMA, TERN_HW_CQP_MINOR_READ);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t what = buffer ? tb_mem_get64(at + 16 * i) : c->wqe[2 + 2 * i];
		uint64_t addr = buffer ? tb_mem_get64(at + 16 * i + 8) : c->wqe[3 + 2 * i];
		uint16_t minor = apply_segment(what, addr);

		if (minor) {
			struct outcome o = refuse_param(minor);

			o.result = i;
			return o;
		}
	}
	return done;
}

/* --------------------------------------------------------------------------- GID table */

static struct outcome manage_gid(struct command *c, uint32_t id)
{
	const uint64_t *w = c->wqe;
	uint64_t attr = w[1];
	uint8_t *entry;
	uint32_t op = (uint32_t)get(TERN_HW_CQP_GID_WQE_ATTR_OP_MASK, attr);

	if (op > TERN_HW_GID_OP_READ)
		return refuse_param(TERN_HW_CQP_MINOR_GID);
	if (id >= GIDS)
		return refuse_param(TERN_HW_CQP_MINOR_INDEX);
	entry = m.gid[id];
	if (op == TERN_HW_GID_OP_READ) {
		memcpy(c->content, entry, 64);
		return filled(c, w[2], sizeof(struct tern_hw_gid_entry));
	}
	memset(entry, 0, 64);
	if (op == TERN_HW_GID_OP_SET) {
		struct command image = { 0 };

		put_content(&image, 0, w[2], 8);
		put_content(&image, 8, w[3], 8);
		put_content(&image, 16, (attr & 0x3fff) | TERN_HW_GID_ENTRY_ATTR_VALID_MASK, 8);
		put_content(&image, 24, w[4] & TERN_HW_CQP_GID_WQE_MAC_ADDR_MASK, 8);
		memcpy(entry, image.content, 64);
	}
	return done;
}

/* --------------------------------------------------------------------------------- CQs */

static struct cq *find_cq(uint32_t num)
{
	for (uint32_t i = 0; i < POOL; i++)
		if (m.cq[i].num == num)
			return &m.cq[i];
	return NULL;
}

uint16_t model_cq_access(uint32_t num)
{
	uint64_t at = m.kind_base[TERN_HW_HMC_KIND_CQ] + 64ull * num;
	uint32_t sd = (uint32_t)(at / SD_BYTES);
	uint64_t addr;

	if (num >= m.count[TERN_HW_HMC_KIND_CQ])
		return TERN_HW_CQP_MINOR_HMC_INDEX;
	if (m.segment[sd] == SEG_NONE)
		return TERN_HW_CQP_MINOR_HMC_SD;
	addr = m.base + (0x400ull << 21) + at;
	if (m.segment[sd] == SEG_PAGED) {
		uint64_t desc = tb_mem_get64(m.base + (0x1000ull << 21) + sd * PAGE +
					     at % SD_BYTES / PAGE * 8);

		if (!(desc & TERN_HW_PAGE_DESC_W_VALID_MASK))
			return TERN_HW_CQP_MINOR_HMC_PAGE;
		addr = (desc & TERN_HW_PAGE_DESC_W_PFN_MASK) + at % PAGE;
	}
	return tb_mem_access(addr) == (TB_MEM_READ | TB_MEM_WRITE) ? 0 : TERN_HW_CQP_MINOR_HMC_DMA;
}

/* An index or page that is not there is told by the command; a refusal by the bus by an event too */
static struct outcome refuse_access(uint16_t minor, uint32_t num)
{
	if (minor == TERN_HW_CQP_MINOR_HMC_DMA)
		model_expect_ae(TERN_HW_AE_CODE_HMC_DMA, TERN_HW_AE_SOURCE_CQ, num,
				put(TERN_HW_AE_HMC_W_INDEX_MASK, num) |
				put(TERN_HW_AE_HMC_W_KIND_MASK, TERN_HW_HMC_KIND_CQ));
	return refuse(TERN_HW_CQP_MAJOR_HMC, minor);
}

static uint16_t bad_cq_param(const struct command *c)
{
	uint64_t attr = c->wqe[2];
	uint32_t log_size = (uint32_t)get(TERN_HW_CQP_CQ_WQE_ATTR_LOG_SIZE_MASK, attr);
	uint32_t shift = (uint32_t)get(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_SHIFT_MASK, attr);
	uint32_t ceq = (uint32_t)get(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_MASK, attr);
	bool level = get(TERN_HW_CQP_CQ_WQE_ATTR_LEVEL_MASK, attr);

	if (log_size < 1 || log_size > 22 || (level && (shift < 12 || shift > 30)))
		return TERN_HW_CQP_MINOR_SIZE;
	if (level ? c->wqe[1] >> 28 : c->wqe[1] % PAGE)
		return TERN_HW_CQP_MINOR_ADDRESS;
	if (get(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_MASK, attr) >= PAGES)
		return TERN_HW_CQP_MINOR_PAGE;
	if (get(TERN_HW_CQP_CQ_WQE_ATTR_MODE_MASK, attr) == TERN_HW_CQ_MODE_CONFIGURED)
		return TERN_HW_CQP_MINOR_MODE;
	if (get(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_VALID_MASK, attr) &&
	    (ceq >= CEQS || !m.eq[ceq].exists))
		return TERN_HW_CQP_MINOR_CEQ;
	return 0;
}

static struct outcome create_cq(struct command *c, uint32_t num)
{
	uint64_t attr = c->wqe[2];
	bool ccq = get(TERN_HW_CQP_CQ_WQE_ATTR_CCQ_MASK, attr);
	struct cq *cq = find_cq(num);
	uint16_t minor = bad_cq_param(c);

	if (minor)
		return refuse_param(minor);
	if (ccq && m.ccq.exists)
		return refuse_state(TERN_HW_CQP_MINOR_EXISTS);
	minor = model_cq_access(num);
	if (minor)
		return refuse_access(minor, num);
	check(cq, "CQ %u is not in the pool", num);
	if (cq->exists)
		return refuse_state(TERN_HW_CQP_MINOR_EXISTS);
	cq->exists = true;
	cq->page = (uint32_t)get(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_MASK, attr);
	cq->ceq_valid = get(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_VALID_MASK, attr);
	cq->ceq = (uint32_t)get(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_MASK, attr);
	if (ccq) {
		m.ccq.exists = true;
		m.ccq.num = num;
		m.ccq.consumer = 0;
		m.ccq.armed = false;
	}
	return done;
}

static struct outcome change_cq(struct command *c, uint32_t num, bool destroy)
{
	struct cq *cq = find_cq(num);
	uint16_t minor;

	if (!destroy && get(TERN_HW_CQP_CQ_WQE_ATTR_MODE_MASK, c->wqe[2]) ==
			TERN_HW_CQ_MODE_CONFIGURED)
		return refuse_param(TERN_HW_CQP_MINOR_MODE);
	minor = model_cq_access(num);
	if (minor)
		return refuse_access(minor, num);
	if (!cq || !cq->exists)
		return refuse_state(TERN_HW_CQP_MINOR_MISSING);
	if (destroy) {
		cq->exists = false;
		if (m.ccq.exists && m.ccq.num == num)
			m.ccq.exists = false;
	}
	return done;
}

/* -------------------------------------------------------------------------------- EQs */

static bool ceq_in_use(uint32_t ceq)
{
	for (uint32_t i = 0; i < POOL; i++)
		if (m.cq[i].exists && m.cq[i].ceq_valid && m.cq[i].ceq == ceq)
			return true;
	return false;
}

static struct outcome change_eq(struct command *c, uint32_t op, uint32_t id)
{
	bool aeq = op >= TERN_HW_CQP_OP_CREATE_AEQ;
	uint32_t what = op - (aeq ? TERN_HW_CQP_OP_CREATE_AEQ : TERN_HW_CQP_OP_CREATE_CEQ);
	uint32_t log_size = (uint32_t)get(TERN_HW_CQP_EQ_WQE_ATTR_LOG_SIZE_MASK, c->wqe[2]);
	uint32_t vector = c->wqe[2] >> 8 & 0xff;
	bool create = what == 0, modify = what == 1, destroy = what == 2;
	struct eq *eq = &m.eq[aeq ? AEQ : id % CEQS];

	if (id >= (aeq ? 1 : CEQS))
		return refuse_param(TERN_HW_CQP_MINOR_INDEX);
	if (create && (log_size < 4 || log_size > 20))
		return refuse_param(TERN_HW_CQP_MINOR_SIZE);
	if (create && c->wqe[1] % PAGE)
		return refuse_param(TERN_HW_CQP_MINOR_ADDRESS);
	if (!destroy && vector >= VECTORS)
		return refuse_param(TERN_HW_CQP_MINOR_VECTOR);
	if (create && eq->exists)
		return refuse_state(TERN_HW_CQP_MINOR_EXISTS);
	if (!create && !eq->exists)
		return refuse_state(TERN_HW_CQP_MINOR_MISSING);
	if (destroy && !aeq && ceq_in_use(id))
		return refuse_state(TERN_HW_CQP_MINOR_IN_USE);
	if (create)
		*eq = (struct eq){ .exists = true, .ring = c->wqe[1], .log_size = log_size };
	if (create || modify)
		eq->vector = vector;
	if (destroy)
		eq->exists = false;
	return done;
}

/* ----------------------------------------------------------------------------- commands */

static struct outcome execute(struct command *c, uint32_t op, uint32_t id)
{
	switch (op) {
	case TERN_HW_CQP_OP_NOP:
		return done;
	case TERN_HW_CQP_OP_QUERY_CAPS:
		return query_caps(c);
	case TERN_HW_CQP_OP_QUERY_FPM:
		return query_fpm(c);
	case TERN_HW_CQP_OP_COMMIT_FPM:
		return commit_fpm(c);
	case TERN_HW_CQP_OP_UPDATE_SDS:
		return update_sds(c);
	case TERN_HW_CQP_OP_QUERY_STATS:
		return query_stats(c);
	case TERN_HW_CQP_OP_MANAGE_GID:
		return manage_gid(c, id);
	case TERN_HW_CQP_OP_CREATE_CQ:
		return create_cq(c, id);
	case TERN_HW_CQP_OP_MODIFY_CQ:
		return change_cq(c, id, false);
	case TERN_HW_CQP_OP_DESTROY_CQ:
		return change_cq(c, id, true);
	case TERN_HW_CQP_OP_CREATE_CEQ:
	case TERN_HW_CQP_OP_MODIFY_CEQ:
	case TERN_HW_CQP_OP_DESTROY_CEQ:
	case TERN_HW_CQP_OP_CREATE_AEQ:
	case TERN_HW_CQP_OP_MODIFY_AEQ:
	case TERN_HW_CQP_OP_DESTROY_AEQ:
		return change_eq(c, op, id);
	case TERN_HW_CQP_OP_ATTACH_MCAST:
	case TERN_HW_CQP_OP_DETACH_MCAST:
		/* There are no QPs here */
		return id && id < MAX_QPS ? refuse_state(TERN_HW_CQP_MINOR_MISSING) :
					    refuse_param(TERN_HW_CQP_MINOR_INDEX);
	default:
		return refuse(TERN_HW_CQP_MAJOR_UNSUPPORTED, TERN_HW_CQP_MINOR_OPCODE);
	}
}

void model_command(struct command *c)
{
	uint32_t op = (uint32_t)get(TERN_HW_CQP_WQE_HDR_OP_MASK, c->wqe[0]);
	uint32_t id = (uint32_t)get(TERN_HW_CQP_WQE_HDR_ID_MASK, c->wqe[0]);
	bool before = m.ccq.exists;
	uint32_t num = m.ccq.num;

	memset(c->content, 0, sizeof(c->content));
	c->buffer_bytes = 0;
	c->want = execute(c, op, id);
	c->in_ccq = before && m.ccq.exists && !(op == TERN_HW_CQP_OP_DESTROY_CQ && id == num);
	m.done++;
	if (c->want.major)
		m.failed++;
	totals.ops[op]++;
	totals.minors[c->want.minor]++;
}
