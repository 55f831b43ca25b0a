// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <string.h>

#include "eq_model.h"
#include "tern_hw.h"

#define AEQ (EQ_COUNT - 1)

enum { OP_CREATE, OP_MODIFY, OP_DESTROY };

struct eq {
	int exists;
	int ended; /* an entry was refused */
	u64 ring;
	u32 size, vec;
	u64 made, landed, consumed;
	int told;		     /* of an overflow, since the consumer moved last */
	int tell_full, tell_refused; /* reports that are still to come */
};

static struct eq eqs[EQ_COUNT];
static int aeq_lost;

void eq_model_reset(void)
{
	memset(eqs, 0, sizeof(eqs));
	aeq_lost = 0;
}

static u32 outcome(u32 major, u32 minor)
{
	return major << 16 | minor;
}

static u32 create(struct eq *eq, u64 ring, u32 log_size, u32 vec)
{
	memset(eq, 0, sizeof(*eq));
	eq->exists = 1;
	eq->ring = ring;
	eq->size = 1u << log_size;
	eq->vec = vec;
	if (eq == &eqs[AEQ])
		aeq_lost = 0;
	return 0;
}

u32 eq_model_command(u32 op, u32 aeq, u32 num, u64 ring, u32 log_size, u32 vec, u32 busy)
{
	const u32 param = TERN_HW_CQP_MAJOR_PARAM, state = TERN_HW_CQP_MAJOR_STATE;
	struct eq *eq;

	if (num >= (aeq ? 1 : AEQ))
		return outcome(param, TERN_HW_CQP_MINOR_INDEX);
	if (op == OP_CREATE && (log_size < 4 || log_size > 20))
		return outcome(param, TERN_HW_CQP_MINOR_SIZE);
	if (op == OP_CREATE && ring % 4096)
		return outcome(param, TERN_HW_CQP_MINOR_ADDRESS);
	if (op != OP_DESTROY && vec >= 64)
		return outcome(param, TERN_HW_CQP_MINOR_VECTOR);
	eq = &eqs[aeq ? AEQ : num];
	if (op == OP_CREATE)
		return eq->exists ? outcome(state, TERN_HW_CQP_MINOR_EXISTS)
				  : create(eq, ring, log_size, vec);
	if (!eq->exists)
		return outcome(state, TERN_HW_CQP_MINOR_MISSING);
	if (op == OP_MODIFY) {
		eq->vec = vec;
		return 0;
	}
	if (!aeq && busy)
		return outcome(state, TERN_HW_CQP_MINOR_IN_USE);
	eq->exists = 0;
	eq->tell_full = 0;
	eq->tell_refused = 0;
	return 0;
}

u32 eq_model_event(u32 num, u64 *addr, u32 *polarity, u32 *overflow)
{
	struct eq *eq = &eqs[num];
	u32 bytes = num == AEQ ? sizeof(struct tern_hw_aeqe) : sizeof(struct tern_hw_ceqe);

	*overflow = 0;
	if (!eq->exists)
		return 0;
	if (eq->ended || eq->made - eq->consumed == eq->size) {
		if (num == AEQ)
			aeq_lost = 1;
		else if (!eq->ended && !eq->told)
			eq->tell_full = 1;
		if (!eq->ended)
			eq->told = 1;
		return 0;
	}
	*addr = eq->ring + eq->made % eq->size * bytes;
	*polarity = eq->made / eq->size % 2 == 0;
	eq->made++;
	if (num == AEQ) {
		*overflow = (u32)aeq_lost;
		aeq_lost = 0;
	}
	return 1;
}

u32 eq_model_own(u32 num, u32 code)
{
	if (num >= AEQ)
		return 0;
	if (code == TERN_HW_AE_CODE_CEQ_OVERFLOW && eqs[num].tell_full) {
		eqs[num].tell_full = 0;
		return 1;
	}
	if (code == TERN_HW_AE_CODE_CEQ_WRITE && eqs[num].tell_refused) {
		eqs[num].tell_refused = 0;
		return 1;
	}
	return 0;
}

u32 eq_model_own_left(void)
{
	u32 i, n = 0;

	for (i = 0; i < AEQ; i++)
		n += (u32)(eqs[i].tell_full + eqs[i].tell_refused);
	return n;
}

u32 eq_model_landed(u32 num, u32 err)
{
	struct eq *eq = &eqs[num];

	eq->landed++;
	if (!err || eq->ended || !eq->exists) {
		if (err)
			eq->ended = 1;
		return 0;
	}
	eq->ended = 1;
	if (num == AEQ)
		return 1;
	eq->tell_refused = 1;
	return 0;
}

u32 eq_model_doorbell(u32 aeq, u32 num, u32 index)
{
	struct eq *eq = &eqs[aeq ? AEQ : num];
	u64 consumed;

	if ((!aeq && num >= AEQ) || !eq->exists)
		return TERN_HW_AE_CODE_DB_QUEUE;
	consumed = eq->consumed + ((index - (u32)eq->consumed) & 0xffffff);
	if (consumed > eq->made)
		return TERN_HW_AE_CODE_DB_INDEX;
	if (consumed != eq->consumed)
		eq->told = 0;
	eq->consumed = consumed;
	return 0;
}

u64 eq_model_levels(void)
{
	u64 levels = 0;
	u32 i;

	for (i = 0; i < EQ_COUNT; i++)
		if (eqs[i].exists && !eqs[i].ended && eqs[i].landed > eqs[i].consumed)
			levels |= 1ull << eqs[i].vec;
	return levels;
}

u32 eq_model_exists(u32 num)
{
	return (u32)eqs[num].exists;
}

u32 eq_model_vec(u32 num)
{
	return eqs[num].vec;
}

u32 eq_model_size(u32 num)
{
	return eqs[num].size;
}

u64 eq_model_made(u32 num)
{
	return eqs[num].made;
}

u64 eq_model_consumed(u32 num)
{
	return eqs[num].consumed;
}
