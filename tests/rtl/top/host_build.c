// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Random commands: mostly sensible, often wrong in one point, sometimes nonsense. They keep away
 * from what the bench itself lives on: the CCQ with its CEQ, the AEQ, and the segments of the
 * CQ contexts and of the page lists.
 */

#include <string.h>

#include "host.h"

#define REGION (64 * PAGE)	/* of buffers with the same access */

uint64_t buffer_for(uint32_t slot)
{
	return m.base + 0x20000000ull + slot % 64 * PAGE;
}

void build_header(struct command *c, uint32_t op, uint32_t id)
{
	bool odd = m.posted >> m.log_size & 1;

	c->wqe[0] = put(TERN_HW_CQP_WQE_HDR_ID_MASK, id) | put(TERN_HW_CQP_WQE_HDR_OP_MASK, op) |
		    (odd ? 0 : TERN_HW_CQP_WQE_HDR_POLARITY_MASK);
}

void build_cq(struct command *c, uint32_t num, uint64_t ring, uint64_t attr, uint64_t moderation)
{
	build_header(c, TERN_HW_CQP_OP_CREATE_CQ, num);
	c->wqe[1] = ring;
	c->wqe[2] = attr;
	c->wqe[3] = moderation;
}

void build_eq(struct command *c, uint32_t op, uint32_t id, uint64_t ring, uint32_t log_size,
	      uint32_t vector)
{
	build_header(c, op, id);
	c->wqe[1] = ring;
	c->wqe[2] = put(TERN_HW_CQP_EQ_WQE_ATTR_LOG_SIZE_MASK, log_size) | (uint64_t)vector << 8;
}

/* A buffer of the next command: usually right, else of the wrong access, alignment or place */
static uint64_t pick_buffer(uint32_t bytes)
{
	uint64_t at = buffer_for(m.posted) + rnd((uint32_t)(PAGE - bytes) / 64 + 1) * 64;
	uint32_t what = rnd(100);

	if (what < 9)
		return at + (1 + what / 3) * REGION;	/* read only, write only, not there */
	if (what < 11)
		return at + between(1, 63);
	if (what < 13 && bytes > 64)
		return buffer_for(m.posted) + PAGE - bytes + 64;
	return at;
}

static void build_commit(struct command *c)
{
	c->wqe[1] = pick_buffer(sizeof(struct tern_hw_fpm));
	if (c->wqe[1] % 64 || c->wqe[1] % PAGE + sizeof(struct tern_hw_fpm) > PAGE)
		return;
	for (uint32_t i = 0; i < 32; i++)
		tb_mem_put64(c->wqe[1] + 8 * i, rnd64());
	for (uint32_t kind = 0; kind < 15; kind++) {
		uint32_t limit = kind < KINDS ? model_limit(kind) : 0;
		uint32_t count = chance(96) ? rnd(limit + 1) : limit + 1 + rnd(1000);

		tb_mem_put32(c->wqe[1] + 16 * (kind + 1), count);
	}
}

/* Not those that the bench lives on, but for page_inv, which is always allowed */
static uint64_t pick_segment(uint32_t op)
{
	uint32_t sd;

	if (chance(3))
		return between(SDS, 0xffff);
	do {
		sd = rnd(SDS);
	} while (op != TERN_HW_SD_OP_PAGE_INV &&
		 ((sd >= m.cq_sd && sd < m.cq_sd + m.cq_sds) || sd == m.pble_sd));
	return sd;
}

static void build_sd_entry(uint64_t *what, uint64_t *addr)
{
	uint32_t op = rnd(4);

	*what = put(TERN_HW_SD_ENTRY_WHAT_SD_MASK, pick_segment(op)) |
		put(TERN_HW_SD_ENTRY_WHAT_PAGE_MASK, rnd(512)) |
		put(TERN_HW_SD_ENTRY_WHAT_OP_MASK, op);
	*addr = rnd64() & ~(SD_BYTES - 1);
	if (chance(3))
		*addr |= rnd64() & (SD_BYTES - 1);
}

static void build_sds(struct command *c)
{
	bool buffer = chance(40);
	uint32_t max = buffer ? 256 : 3;
	uint32_t count = chance(93) ? between(1, chance(80) && buffer ? 10 : max) :
				      chance(50) ? 0 : between(max + 1, 511);
	uint64_t at = buffer_for(m.posted);

	if (buffer && chance(4))
		at += 64;
	if (buffer && chance(4))
		at += 3 * REGION;
	c->wqe[1] = put(TERN_HW_CQP_SDS_WQE_CTL_COUNT_MASK, count) |
		    (buffer ? TERN_HW_CQP_SDS_WQE_CTL_BUFFER_MASK : 0);
	if (buffer)
		c->wqe[2] = at;
	for (uint32_t i = 0; i < count && count <= max; i++) {
		uint64_t what, addr;

		build_sd_entry(&what, &addr);
		if (buffer && at % PAGE == 0) {
			tb_mem_put64(at + 16 * i, what);
			tb_mem_put64(at + 16 * i + 8, addr);
		} else if (!buffer) {
			c->wqe[2 + 2 * i] = what;
			c->wqe[3 + 2 * i] = addr;
		}
	}
}

static void build_gid(struct command *c)
{
	uint32_t op = chance(95) ? rnd(3) : 3;

	build_header(c, TERN_HW_CQP_OP_MANAGE_GID, chance(95) ? rnd(GIDS) : rnd(1 << 24));
	for (uint32_t i = 1; i < 8; i++)
		c->wqe[i] = rnd64();
	c->wqe[1] &= ~TERN_HW_CQP_GID_WQE_ATTR_OP_MASK;
	c->wqe[1] |= put(TERN_HW_CQP_GID_WQE_ATTR_OP_MASK, op);
	if (op == TERN_HW_GID_OP_READ)
		c->wqe[2] = pick_buffer(sizeof(struct tern_hw_gid_entry));
}

/* A number of the pool, or one that no context can have */
static uint32_t pick_cq(uint32_t op)
{
	uint32_t num;

	if (chance(4))
		return between(m.count[TERN_HW_HMC_KIND_CQ], (1 << 24) - 1);
	do {
		num = m.cq[rnd(POOL)].num;
	} while (op != TERN_HW_CQP_OP_CREATE_CQ && m.ccq.exists && num == m.ccq.num);
	return num;
}

static void build_random_cq(struct command *c, uint32_t op)
{
	bool level = chance(30);
	uint64_t attr = put(TERN_HW_CQP_CQ_WQE_ATTR_LOG_SIZE_MASK,
			    chance(95) ? between(1, 22) : chance(50) ? 0 : between(23, 31)) |
			put(TERN_HW_CQP_CQ_WQE_ATTR_LEVEL_MASK, level) |
			put(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_SHIFT_MASK,
			    !level || chance(10) ? rnd(32) : between(12, 30)) |
			put(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_VALID_MASK, chance(80)) |
			put(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_MASK, chance(90) ? rnd(CEQS) : rnd(256)) |
			put(TERN_HW_CQP_CQ_WQE_ATTR_MODE_MASK, chance(95) ? rnd(7) : 7) |
			put(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_MASK,
			    chance(95) ? rnd(PAGES) : between(PAGES, 0xffff));

	/* Only one that must be refused: the CCQ is made by the bench itself */
	if (m.ccq.exists && chance(5))
		attr |= TERN_HW_CQP_CQ_WQE_ATTR_CCQ_MASK;
	build_header(c, op, pick_cq(op));
	c->wqe[1] = level ? rnd(1 << 28) : rnd64() & ~(PAGE - 1);
	if (chance(4))
		c->wqe[1] = rnd64() | 1ull << 63 | 1;
	c->wqe[2] = attr;
	c->wqe[3] = rnd64();
}

static void build_random_eq(struct command *c, uint32_t op)
{
	bool aeq = op >= TERN_HW_CQP_OP_CREATE_AEQ;
	uint32_t id = aeq ? 0 : rnd(CEQS);

	/* The AEQ and the CEQ of the CCQ keep their vectors, and the AEQ its life */
	if (op == TERN_HW_CQP_OP_MODIFY_AEQ || op == TERN_HW_CQP_OP_DESTROY_AEQ)
		id = between(1, 1000);
	if (op == TERN_HW_CQP_OP_MODIFY_CEQ && m.ccq.exists && id == m.ccq.ceq)
		id = CEQS + rnd(1000);
	if (chance(4))
		id = between(CEQS, (1 << 24) - 1);
	build_eq(c, op, id, rnd64() & ~(PAGE - 1),
		 chance(95) ? between(4, 20) : chance(50) ? rnd(4) : between(21, 31),
		 chance(95) ? rnd(VECTORS) : between(VECTORS, 255));
	if (chance(4))
		c->wqe[1] |= between(1, 4095);
}

static const uint8_t op_mix[] = {
	TERN_HW_CQP_OP_NOP,	    TERN_HW_CQP_OP_NOP,		TERN_HW_CQP_OP_NOP,
	TERN_HW_CQP_OP_QUERY_CAPS,  TERN_HW_CQP_OP_QUERY_FPM,	TERN_HW_CQP_OP_COMMIT_FPM,
	TERN_HW_CQP_OP_UPDATE_SDS,  TERN_HW_CQP_OP_UPDATE_SDS,	TERN_HW_CQP_OP_UPDATE_SDS,
	TERN_HW_CQP_OP_QUERY_STATS, TERN_HW_CQP_OP_MANAGE_GID,	TERN_HW_CQP_OP_MANAGE_GID,
	TERN_HW_CQP_OP_MANAGE_GID,  TERN_HW_CQP_OP_CREATE_CQ,	TERN_HW_CQP_OP_CREATE_CQ,
	TERN_HW_CQP_OP_CREATE_CQ,   TERN_HW_CQP_OP_CREATE_CQ,	TERN_HW_CQP_OP_MODIFY_CQ,
	TERN_HW_CQP_OP_MODIFY_CQ,   TERN_HW_CQP_OP_DESTROY_CQ,	TERN_HW_CQP_OP_DESTROY_CQ,
	TERN_HW_CQP_OP_CREATE_CEQ,  TERN_HW_CQP_OP_CREATE_CEQ,	TERN_HW_CQP_OP_MODIFY_CEQ,
	TERN_HW_CQP_OP_DESTROY_CEQ, TERN_HW_CQP_OP_CREATE_AEQ,	TERN_HW_CQP_OP_MODIFY_AEQ,
	TERN_HW_CQP_OP_DESTROY_AEQ,
};

void build_random(struct command *c)
{
	uint32_t op = chance(96) ? op_mix[rnd(sizeof(op_mix))] : rnd(64);

	/* Not those of the RDMA engine, of which the model knows nothing; a NOP instead */
	if (op >= TERN_HW_CQP_OP_CREATE_QP && op <= TERN_HW_CQP_OP_REREG_MR)
		op = TERN_HW_CQP_OP_NOP;
	memset(c, 0, sizeof(*c));
	build_header(c, op, rnd(1 << 24));	/* undefined operations among them */
	switch (op) {
	case TERN_HW_CQP_OP_QUERY_CAPS:
		c->wqe[1] = pick_buffer(sizeof(struct tern_hw_caps));
		break;
	case TERN_HW_CQP_OP_QUERY_FPM:
		c->wqe[1] = pick_buffer(sizeof(struct tern_hw_fpm));
		break;
	case TERN_HW_CQP_OP_QUERY_STATS:
		c->wqe[1] = pick_buffer(sizeof(struct tern_hw_stats));
		break;
	case TERN_HW_CQP_OP_COMMIT_FPM:
		build_commit(c);
		break;
	case TERN_HW_CQP_OP_UPDATE_SDS:
		build_sds(c);
		break;
	case TERN_HW_CQP_OP_MANAGE_GID:
		build_gid(c);
		break;
	case TERN_HW_CQP_OP_CREATE_CQ:
	case TERN_HW_CQP_OP_MODIFY_CQ:
	case TERN_HW_CQP_OP_DESTROY_CQ:
		build_random_cq(c, op);
		break;
	case TERN_HW_CQP_OP_CREATE_CEQ:
	case TERN_HW_CQP_OP_MODIFY_CEQ:
	case TERN_HW_CQP_OP_DESTROY_CEQ:
	case TERN_HW_CQP_OP_CREATE_AEQ:
	case TERN_HW_CQP_OP_MODIFY_AEQ:
	case TERN_HW_CQP_OP_DESTROY_AEQ:
		build_random_eq(c, op);
		break;
	default:
		for (uint32_t i = 1; i < 8; i++)
			c->wqe[i] = rnd64();
	}
}
