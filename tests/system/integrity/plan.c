// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Plans of the integrity test, see plan.h
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

/* splitmix64: small, and the same everywhere */
static uint64_t state;

static uint64_t random64(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint32_t below(uint32_t bound)
{
	return bound ? (uint32_t)(random64() % bound) : 0;
}

static bool percent(uint32_t p)
{
	return below(100) < p;
}

int plan_init(struct plan *plan)
{
	int side;

	plan->message = calloc((size_t)PLAN_SIDES * plan->qps * plan->messages,
			       sizeof(*plan->message));
	plan->expected = malloc(plan->bytes);
	for (side = 0; side < PLAN_SIDES; side++)
		plan->image[side] = malloc(plan->bytes);
	return plan->message && plan->expected && plan->image[0] && plan->image[1] ? 0 : -1;
}

void plan_free(struct plan *plan)
{
	free(plan->message);
	free(plan->expected);
	free(plan->image[0]);
	free(plan->image[1]);
}

/* ---------------------------------------------------------------------- who gets what memory */

static uint32_t next_free[PLAN_SIDES];

static struct piece take(const struct plan *plan, int side, uint32_t length, uint32_t align)
{
	uint32_t start = next_free[side] + below(64);
	struct piece piece;

	start = (start + align - 1) / align * align;
	piece.offset = start;
	piece.length = length;
	next_free[side] = start + length + 1 + below(64);
	if (next_free[side] > plan->bytes) {
		fprintf(stderr, "integrity: the regions are too small for such messages\n");
		exit(2);
	}
	return piece;
}

/* Cut a length into pieces of any size, none included */
static uint32_t take_pieces(const struct plan *plan, int side, uint32_t length, struct piece *pieces)
{
	uint32_t count = 1 + (percent(40) ? below(plan->max_sge) : 0), i;

	if (!length && percent(50))
		return 0;
	for (i = 0; i < count; i++) {
		uint32_t part = i + 1 == count ? length : below(length / (count - i) * 2 + 1);

		if (part > length)
			part = length;
		pieces[i] = take(plan, side, part, percent(50) ? 1 : 64);
		length -= part;
	}
	return count;
}

/* ------------------------------------------------------------------------------- one message */

static uint32_t any_length(const struct plan *plan)
{
	static const uint32_t mtus[] = { 256, 512, 1024, 2048, 4096 };
	uint32_t length;

	switch (below(8)) {
	case 0:
		length = below(4);
		break;
	case 1:
	case 2:
		length = below(130);
		break;
	case 3:
	case 4:
		/* One, two or three packets, a few bytes more or less */
		length = mtus[below(5)] * (1 + below(3)) + below(9);
		length -= length >= 4 ? 4 : length;
		break;
	case 5:
		length = below(plan->max_length + 1);
		break;
	default:
		length = below(6000);
		break;
	}
	return length > plan->max_length ? plan->max_length : length;
}

static void make_atomic(const struct plan *plan, int side, uint32_t qp, struct message *m)
{
	m->length = 8;
	m->num_local = 1;
	m->local[0] = take(plan, side, 8, 8);
	m->remote = m->op == OP_SHARED_ADD ? plan->shared : 8 * (1 + qp * PLAN_SIDES + (uint32_t)side);
	m->operand = m->op == OP_SHARED_ADD ? 1 : random64();
}

static void make_message(const struct plan *plan, int side, uint32_t qp, struct message *m)
{
	static const enum plan_op ops[] = { OP_SEND, OP_SEND, OP_SEND_IMM, OP_WRITE, OP_WRITE,
		OP_WRITE_IMM, OP_READ, OP_READ, OP_SWAP, OP_ADD, OP_SHARED_ADD };

	memset(m, 0, sizeof(*m));
	m->op = ops[below(sizeof(ops) / sizeof(*ops))];
	m->imm = (uint32_t)random64();
	m->fence = percent(15);
	m->solicited = percent(50);
	m->signaled = percent(60);
	m->fence &= !plan->fragile[side];
	if (op_is_atomic(m->op)) {
		make_atomic(plan, side, qp, m);
		return;
	}
	m->length = any_length(plan);
	if (plan->fragile[side] && m->length > plan->mtu)
		m->length = plan->mtu;
	if (plan->fragile[!side] && m->op != OP_SEND && m->op != OP_SEND_IMM && !m->length)
		m->length = 1;
	m->inlined = m->op != OP_READ && m->length <= plan->max_inline && percent(50);
	m->num_local = take_pieces(plan, side, m->length, m->local);
	if (m->op == OP_SEND || m->op == OP_SEND_IMM) {
		/* The buffer may be longer than the message */
		uint32_t more = percent(50) ? below(100) : 0;

		m->num_recv = take_pieces(plan, !side, m->length + more, m->recv);
	} else {
		m->remote = take(plan, !side, m->length, percent(50) ? 1 : 64).offset;
	}
}

/* --------------------------------------------------------------------------- what comes of it */

static void gather(const uint8_t *image, const struct piece *pieces, uint32_t count, uint8_t *to)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		memcpy(to, image + pieces[i].offset, pieces[i].length);
		to += pieces[i].length;
	}
}

static void scatter(uint8_t *image, const struct piece *pieces, uint32_t count, const uint8_t *from,
		    uint32_t length)
{
	uint32_t i;

	for (i = 0; i < count && length; i++) {
		uint32_t part = pieces[i].length < length ? pieces[i].length : length;

		memcpy(image + pieces[i].offset, from, part);
		from += part;
		length -= part;
	}
}

/* words: the atomics' targets at the other side as they are after the messages so far */
static void apply_atomic(const struct plan *plan, int side, struct message *m, uint8_t *words)
{
	uint64_t before, after;

	memcpy(&before, words + m->remote, 8);
	if (m->op == OP_SWAP) {
		m->compare = percent(70) ? before : random64();
		after = m->compare == before ? m->operand : before;
	} else {
		after = before + m->operand;
	}
	memcpy(words + m->remote, &after, 8);
	if (side == plan->me)
		memcpy(plan->expected + m->local[0].offset, &before, 8);
	else
		memcpy(plan->expected + m->remote, &after, 8);
}

static void apply_message(const struct plan *plan, int side, const struct message *m, uint8_t *data)
{
	const uint8_t *source = plan->image[side], *peer = plan->image[!side];

	if (m->op == OP_READ) {
		if (side == plan->me)
			scatter(plan->expected, m->local, m->num_local, peer + m->remote, m->length);
		return;
	}
	if (side == plan->me)
		return;
	gather(source, m->local, m->num_local, data);
	if (m->op == OP_WRITE || m->op == OP_WRITE_IMM)
		memcpy(plan->expected + m->remote, data, m->length);
	else
		scatter(plan->expected, m->recv, m->num_recv, data, m->length);
}

static void fill(uint8_t *image, size_t bytes, uint64_t seed)
{
	size_t i;

	state = seed;
	for (i = 0; i + 8 <= bytes; i += 8) {
		uint64_t word = random64();

		memcpy(image + i, &word, 8);
	}
}

/* What all messages of a side come to; words are scratch: the peer's words that atomics change */
static void apply_side(struct plan *plan, int side, uint8_t *words, uint8_t *data)
{
	uint32_t qp, i;

	memcpy(words, plan->image[!side], plan->shared + 8);
	for (qp = 0; qp < plan->qps; qp++)
		for (i = 0; i < plan->messages; i++) {
			struct message *m = plan_message(plan, side, qp, i);

			if (op_is_atomic(m->op))
				apply_atomic(plan, side, m, words);
			else
				apply_message(plan, side, m, data);
			plan->shared_adds[side] += m->op == OP_SHARED_ADD;
		}
}

/**
 * plan_round() - make the plan of a round
 * @plan: initialized; its members down to max_length and me are set
 * @seed: the same at both sides
 * @round: the same at both sides
 */
void plan_round(struct plan *plan, uint64_t seed, uint32_t round)
{
	uint8_t *words, *data;
	uint32_t qp, i;
	int side;

	/* Words for atomics come first: the QPs' own, one for each side, then the shared one */
	plan->shared = 8 * (1 + plan->qps * PLAN_SIDES);
	for (side = 0; side < PLAN_SIDES; side++) {
		fill(plan->image[side], plan->bytes, seed ^ (round * 2ull + (uint32_t)side) << 20);
		next_free[side] = plan->shared + 8;
		plan->shared_adds[side] = 0;
	}
	memcpy(plan->expected, plan->image[plan->me], plan->bytes);

	words = malloc(plan->shared + 8);
	data = malloc(plan->max_length + 1);
	if (!words || !data)
		exit(2);
	state = seed + round * 0x10001ull;
	for (side = 0; side < PLAN_SIDES; side++)
		for (qp = 0; qp < plan->qps; qp++)
			for (i = 0; i < plan->messages; i++)
				make_message(plan, side, qp, plan_message(plan, side, qp, i));
	for (side = 0; side < PLAN_SIDES; side++)
		apply_side(plan, side, words, data);
	free(words);
	free(data);
}
