// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <string.h>

#include "cq_model.h"
#include "tern_hw.h"

#define LEVEL1 (1ull << 62)
#define LEVEL0 (1ull << 61)
#define PAGES_PER_RING 64u

enum { ERR_OK, ERR_INDEX, ERR_SD, ERR_PAGE, ERR_DMA };
enum { OP_CREATE, OP_MODIFY, OP_DESTROY };

struct cq {
	int exists, stopped;
	u64 ring;
	u32 log_size, level, page_shift, ceq_valid, ceq, mode, page, count, period;
	u64 produced, consumed; /* since creation */
	u64 solicited;		/* produced, behind the last solicited entry; 0: none */
	int armed;
	u32 arm_mode;
	int timing;
	u32 timer;
	u64 deadline;
};

static struct cq cqs[CQ_COUNT];
static struct cq want;

/* ------------------------------------------------------------------ the world */

u32 cq_world_err(u32 cqn)
{
	if (cqn >= CQ_COUNT)
		return ERR_INDEX;
	if (cqn % 64 == 50)
		return ERR_SD;
	if (cqn % 64 == 51)
		return ERR_PAGE;
	if (cqn % 64 == 52)
		return ERR_DMA;
	return ERR_OK;
}

u64 cq_world_page(u32 index)
{
	return LEVEL1 | (u64)index << 30;
}

u32 cq_world_page_bad(u32 index)
{
	return index % 211 == 13;
}

u64 cq_world_ring(u32 instance, u32 level)
{
	return level ? (u64)instance * PAGES_PER_RING : LEVEL0 | (u64)instance << 30;
}

u32 cq_world_instance(u64 addr)
{
	if (addr & LEVEL1)
		return (u32)((addr & ~LEVEL1) >> 30) / PAGES_PER_RING;
	return (u32)((addr & ~LEVEL0) >> 30);
}

u32 cq_world_refuse(u64 addr)
{
	u32 mix = (u32)(addr >> 5) * 2654435761u;

	return cq_world_instance(addr) % 16 == 7 && mix >> 28 == 3;
}

/* ------------------------------------------------------------------ the model */

void cq_model_reset(void)
{
	memset(cqs, 0, sizeof(cqs));
}

void cq_model_want(u64 ring, u32 log_size, u32 level, u32 page_shift, u32 ceq_valid, u32 ceq,
		   u32 mode, u32 page, u32 count, u32 period)
{
	want = (struct cq){
		.exists = 1, .ring = ring, .log_size = log_size, .level = level,
		.page_shift = page_shift, .ceq_valid = ceq_valid, .ceq = ceq, .mode = mode,
		.page = page, .count = count, .period = period,
	};
}

static u64 unread(const struct cq *cq)
{
	return cq->produced - cq->consumed;
}

static int waits_for_time(u32 mode)
{
	return mode == TERN_HW_CQ_MODE_TIMER || mode == TERN_HW_CQ_MODE_SOLICITED_TIMER ||
	       mode == TERN_HW_CQ_MODE_TIMER_COUNT;
}

/* Whether the arm in force has its condition met, time apart */
static int met(const struct cq *cq)
{
	u64 enough = cq->count ? cq->count : 1;

	switch (cq->arm_mode) {
	case TERN_HW_CQ_MODE_EVERY:
		return unread(cq) > 0;
	case TERN_HW_CQ_MODE_SOLICITED:
	case TERN_HW_CQ_MODE_SOLICITED_TIMER:
		return cq->solicited > cq->consumed;
	case TERN_HW_CQ_MODE_COUNT:
	case TERN_HW_CQ_MODE_TIMER_COUNT:
		return unread(cq) >= enough;
	default:
		return 0;
	}
}

/* After every change: the event that is due now, and the timer that must run or not */
static u32 settle(struct cq *cq, u64 now, int expired, u32 full, u32 *ceq)
{
	int fire = 0;
	u32 out = 0;

	if (expired)
		cq->timing = 0;
	if (cq->armed) {
		fire = met(cq);
		if (expired && unread(cq))
			fire = 1;
		if (!fire && waits_for_time(cq->arm_mode) && unread(cq) && !cq->timing) {
			if (full || !cq->period) {
				fire = 1;
			} else {
				cq->timing = 1;
				cq->deadline = now + cq->period;
				out |= CQ_SET;
			}
		}
	}
	if (fire) {
		cq->armed = 0;
		*ceq = cq->ceq;
		out |= CQ_EVENT;
	}
	if (cq->timing && !(cq->armed && waits_for_time(cq->arm_mode) && unread(cq)))
		cq->timing = 0;
	return out;
}

static u32 report(struct cq *cq, u32 code, u32 *out_code)
{
	if (cq)
		cq->stopped = 1;
	*out_code = code;
	return CQ_AE;
}

static u32 completion(struct cq *cq, u64 now, int solicited, u32 full, u64 *addr, u32 *code,
		      u32 *ceq)
{
	u64 size = 1ull << cq->log_size, at = cq->produced % size * sizeof(struct tern_hw_cqe);
	u32 out = CQ_WRITE;

	if (cq->stopped)
		return 0;
	if (unread(cq) == size)
		return report(cq, TERN_HW_AE_CODE_CQ_OVERRUN, code);
	if (cq->level) {
		u32 index = (u32)cq->ring + (u32)(at >> cq->page_shift);

		if (cq_world_page_bad(index))
			return report(cq, TERN_HW_AE_CODE_CQ_CONTEXT, code);
		*addr = cq_world_page(index) + at % (1ull << cq->page_shift);
	} else {
		*addr = cq->ring + at;
	}
	if (cq->produced / size % 2 == 0)
		out |= CQ_POLARITY;
	cq->produced++;
	if (solicited)
		cq->solicited = cq->produced;
	return out | settle(cq, now, 0, full, ceq);
}

static u32 refuse(u32 why, u32 *code)
{
	*code = why;
	return CQ_BAD;
}

static u32 field(u64 word, u64 mask)
{
	return (u32)((word & mask) / (mask & -mask));
}

static u32 doorbell(struct cq *cq, u64 now, u32 page, u64 word, u32 full, u32 *code, u32 *ceq)
{
	u32 index = field(word, TERN_HW_DB_CQ_W_INDEX_MASK);
	u32 mode = field(word, TERN_HW_DB_CQ_W_MODE_MASK);
	u64 consumed;

	if (!cq)
		return refuse(TERN_HW_AE_CODE_DB_QUEUE, code);
	if (page != cq->page)
		return refuse(TERN_HW_AE_CODE_DB_PAGE, code);
	/* The count that ends in these 24 bits and is not below the one known */
	consumed = cq->consumed + ((index - (u32)cq->consumed) & 0xffffff);
	if (consumed > cq->produced)
		return refuse(TERN_HW_AE_CODE_DB_INDEX, code);
	cq->consumed = consumed;
	if (word & TERN_HW_DB_CQ_W_ARM_MASK) {
		cq->arm_mode = mode == TERN_HW_CQ_MODE_CONFIGURED ? cq->mode : mode;
		cq->armed = cq->ceq_valid && cq->arm_mode != TERN_HW_CQ_MODE_DISABLED;
	}
	return settle(cq, now, 0, full, ceq);
}

static u32 outcome(u32 major, u32 minor, u32 *code)
{
	*code = major << 16 | minor;
	return 0;
}

static u32 command(struct cq *cq, u32 err, u64 now, u32 op, u32 full, u32 *code, u32 *ceq)
{
	static const u32 minors[] = {
		[ERR_INDEX] = TERN_HW_CQP_MINOR_HMC_INDEX, [ERR_SD] = TERN_HW_CQP_MINOR_HMC_SD,
		[ERR_PAGE] = TERN_HW_CQP_MINOR_HMC_PAGE, [ERR_DMA] = TERN_HW_CQP_MINOR_HMC_DMA,
	};

	if (err)
		return outcome(TERN_HW_CQP_MAJOR_HMC, minors[err], code);
	if (op == OP_CREATE && cq->exists)
		return outcome(TERN_HW_CQP_MAJOR_STATE, TERN_HW_CQP_MINOR_EXISTS, code);
	if (op != OP_CREATE && !cq->exists)
		return outcome(TERN_HW_CQP_MAJOR_STATE, TERN_HW_CQP_MINOR_MISSING, code);
	*code = 0;
	if (op == OP_CREATE) {
		*cq = want;
		return 0;
	}
	if (op == OP_DESTROY) {
		memset(cq, 0, sizeof(*cq));
		return 0;
	}
	cq->mode = want.mode;
	cq->count = want.count;
	cq->period = want.period;
	return settle(cq, now, 0, full, ceq);
}

u32 cq_model_item(u32 kind, u32 cqn, u64 now, u32 arg, u32 page, u64 word, u32 full, u64 *addr,
		  u32 *code, u32 *ceq)
{
	u32 err = cq_world_err(cqn);
	struct cq *cq = err ? NULL : &cqs[cqn];
	struct cq *live = cq && cq->exists ? cq : NULL;

	*addr = 0;
	*code = 0;
	*ceq = 0;
	switch (kind) {
	case CQ_CQE:
		if (err)
			return report(NULL, TERN_HW_AE_CODE_CQ_CONTEXT, code);
		if (!live)
			return report(NULL, TERN_HW_AE_CODE_CQ_BAD, code);
		return completion(live, now, (int)arg, full, addr, code, ceq);
	case CQ_DB:
		return doorbell(live, now, page, word, full, code, ceq);
	case CQ_CTL:
		return command(cq, err, now, arg, full, code, ceq);
	case CQ_TIMER:
		/* Only the very timer that the CQ started last; and never early */
		if (!live || !live->timing || live->timer != arg)
			return 0;
		if (now < live->deadline)
			return report(NULL, 0, code);
		return settle(live, now, 1, full, ceq);
	default:
		if (!live || live->stopped)
			return 0;
		return report(live, TERN_HW_AE_CODE_CQ_WRITE, code);
	}
}

void cq_model_timer(u32 cqn, u32 id)
{
	cqs[cqn].timer = id;
}

/* ------------------------------------------------------- what the bench asks */

u32 cq_model_exists(u32 cqn)
{
	return cqn < CQ_COUNT && cqs[cqn].exists;
}

u32 cq_model_stopped(u32 cqn)
{
	return (u32)cqs[cqn].stopped;
}

u32 cq_model_size(u32 cqn)
{
	return 1u << cqs[cqn].log_size;
}

u32 cq_model_page(u32 cqn)
{
	return cqs[cqn].page;
}

u32 cq_model_instance(u32 cqn)
{
	u64 ring = cqs[cqn].ring;

	return cq_world_instance(cqs[cqn].level ? cq_world_page((u32)ring) : ring);
}

u64 cq_model_produced(u32 cqn)
{
	return cqs[cqn].produced;
}

u64 cq_model_consumed(u32 cqn)
{
	return cqs[cqn].consumed;
}

u32 cq_model_stranded(u32 cqn)
{
	const struct cq *cq = &cqs[cqn];

	return cq->armed && (met(cq) || (waits_for_time(cq->arm_mode) && unread(cq)));
}

u32 cq_model_timers(void)
{
	u32 i, n = 0;

	for (i = 0; i < CQ_COUNT; i++)
		n += (u32)cqs[i].timing;
	return n;
}

u64 cq_model_deadline(void)
{
	u64 min = ~0ull;
	u32 i;

	for (i = 0; i < CQ_COUNT; i++)
		if (cqs[i].timing && cqs[i].deadline < min)
			min = cqs[i].deadline;
	return min;
}

u32 cq_model_users(u32 ceq)
{
	u32 i, n = 0;

	for (i = 0; i < CQ_COUNT; i++)
		n += cqs[i].exists && cqs[i].ceq_valid && cqs[i].ceq == ceq;
	return n;
}
