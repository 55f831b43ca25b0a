// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "impair.h"

#include <stdlib.h>
#include <string.h>

#include "random.h"

/*
 * In RTL time: far less than a timeout, and more than the frames of a busy sender are apart even
 * when the machine lets the simulator wait. The order is reproducible while no frame meets it.
 */
#define HOLD_LIMIT_NS	5000000u
/* One frame may free all that are held, and each of them be doubled */
#define LINE_RESERVE	(2 * (IMPAIR_FAR + 2))

enum {
	TYPE_AT = 12,
	TAG_SIZE = 4,
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_SERVICE_VLAN = 0x88a8,
	PROTOCOL_UDP = 17,
	ROCE_PORT = 4791,
};

/* ---------------------------------------------------------- what a frame is */

static unsigned int word(const uint8_t *data)
{
	return (unsigned int)data[0] << 8 | data[1];
}

static bool is_roce_ipv4(const uint8_t *ip, size_t size)
{
	size_t header = (ip[0] & 15u) * 4u;

	return size >= 20 && ip[0] >> 4 == 4 && header >= 20 && ip[9] == PROTOCOL_UDP &&
	       !(word(ip + 6) & 0x1fff) && size >= header + 8 &&
	       word(ip + header + 2) == ROCE_PORT;
}

bool impair_is_roce(const uint8_t *data, size_t size)
{
	size_t at = TYPE_AT;
	unsigned int type;
	int tags;

	for (tags = 0; tags < 2 && size >= at + 2; tags++) {
		type = word(data + at);
		if (type != TYPE_VLAN && type != TYPE_SERVICE_VLAN)
			break;
		at += TAG_SIZE;
	}
	if (size < at + 2 + 28)		/* IPv4 and UDP, the shorter of the two */
		return false;
	type = word(data + at);
	data += at + 2;
	size -= at + 2;
	if (type == TYPE_IPV4)
		return is_roce_ipv4(data, size);
	return type == TYPE_IPV6 && size >= 48 && data[0] >> 4 == 6 && data[6] == PROTOCOL_UDP &&
	       word(data + 42) == ROCE_PORT;
}

/* ---------------------------------------------------------------- the line */

static struct frame *make_frame(struct impair *impair, const uint8_t *data, size_t size,
				uint64_t due)
{
	struct frame *frame = malloc(sizeof(*frame) + size);

	if (!frame) {
		impair->stats->tx_lost++;
		return NULL;
	}
	frame->due = due;
	frame->size = (uint32_t)size;
	memcpy(frame->data, data, size);
	return frame;
}

/* By time, and of one time in the order of their coming */
static void insert(struct impair *impair, struct frame *frame)
{
	unsigned int place = impair->tail++;

	while (place != impair->head) {
		struct frame *before = impair->line[(place - 1) % IMPAIR_LINE];

		if (before->due <= frame->due)
			break;
		impair->line[place-- % IMPAIR_LINE] = before;
	}
	impair->line[place % IMPAIR_LINE] = frame;
}

/* However much the delays differ, these do not overtake each other: a wire keeps its order. */
static void append(struct impair *impair, struct frame *frame)
{
	if (frame->due < impair->last_due)
		frame->due = impair->last_due;
	impair->last_due = frame->due;
	insert(impair, frame);
}

bool impair_has_room(const struct impair *impair)
{
	return impair->tail - impair->head <= IMPAIR_LINE - LINE_RESERVE;
}

void impair_queue(struct impair *impair, const uint8_t *data, size_t size, uint64_t due)
{
	struct frame *frame = make_frame(impair, data, size, due);

	if (frame)
		insert(impair, frame);
}

static void append_twin(struct impair *impair, const struct frame *frame)
{
	struct frame *twin = make_frame(impair, frame->data, frame->size, frame->due);

	if (twin)
		append(impair, twin);
}

/* A delay begins when the frame was sent, also if it was held back meanwhile */
static void release(struct impair *impair, const struct impair_held *held)
{
	append(impair, held->frame);
	if (held->twice)
		append_twin(impair, held->frame);
}

/* Those that have been overtaken as far as was drawn, in the order in which that came about */
static void release_overtaken(struct impair *impair, uint64_t number)
{
	unsigned int kept = 0;
	unsigned int i;

	for (i = 0; i < impair->held_count; i++) {
		if (impair->held[i].after <= number)
			release(impair, &impair->held[i]);
		else
			impair->held[kept++] = impair->held[i];
	}
	impair->held_count = kept;
}

static void release_late(struct impair *impair, uint64_t now)
{
	unsigned int kept = 0;
	unsigned int i;

	for (i = 0; i < impair->held_count; i++) {
		if (impair->held[i].limit <= now)
			release(impair, &impair->held[i]);
		else
			impair->held[kept++] = impair->held[i];
	}
	impair->held_count = kept;
}

const struct frame *impair_due(struct impair *impair, uint64_t now)
{
	const struct frame *frame;

	if (impair->held_count)
		release_late(impair, now);
	if (impair->head == impair->tail)
		return NULL;
	frame = impair->line[impair->head % IMPAIR_LINE];
	return frame->due <= now ? frame : NULL;
}

void impair_pop(struct impair *impair)
{
	free(impair->line[impair->head++ % IMPAIR_LINE]);
}

uint64_t impair_wake_time(const struct impair *impair)
{
	uint64_t wake = UINT64_MAX;
	unsigned int i;

	if (impair->head != impair->tail)
		wake = impair->line[impair->head % IMPAIR_LINE]->due;
	for (i = 0; i < impair->held_count; i++)
		if (impair->held[i].limit < wake)
			wake = impair->held[i].limit;
	return wake;
}

unsigned int impair_flush(struct impair *impair)
{
	unsigned int count = 0;

	while (impair->held_count) {
		free(impair->held[--impair->held_count].frame);
		count++;
	}
	while (impair->head != impair->tail) {
		impair_pop(impair);
		count++;
	}
	return count;
}

/* ----------------------------------------------------- what happens to one */

static bool hits(uint64_t drawn, uint32_t share)
{
	return ((drawn >> 32) * IMPAIR_CERTAIN) >> 32 < share;
}

static bool is_listed(const struct impair_config *config, uint64_t number)
{
	unsigned int i;

	for (i = 0; i < config->drop_at_count; i++)
		if (config->drop_at[i] == number)
			return true;
	return false;
}

/* Different bits anywhere behind the MAC header: what an FCS would have let through */
static void flip_bits(struct frame *frame, uint64_t *random)
{
	uint64_t bits = (uint64_t)(frame->size - FRAME_LEAST) * 8;
	uint64_t count = 1 + random_next(random) % IMPAIR_FLIPS;
	uint64_t flipped[IMPAIR_FLIPS];
	unsigned int done = 0;

	while (done < count && done < bits) {
		uint64_t bit = random_next(random) % bits;
		unsigned int i;

		for (i = 0; i < done && flipped[i] != bit; i++)
			;
		if (i < done)
			continue;
		flipped[done++] = bit;
		frame->data[FRAME_LEAST + bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/*
 * Each question is drawn for each frame, whatever the answers before, so that to ask for one
 * thing more does not change what happens to which frame otherwise.
 */
static void impair_one(struct impair *impair, struct frame *frame, uint64_t number, bool listed,
		       uint64_t now)
{
	const struct impair_config *config = &impair->config;
	uint64_t random = random_start(config->seed, number);
	bool drop = hits(random_next(&random), config->drop);
	bool dup = hits(random_next(&random), config->dup);
	bool reorder = hits(random_next(&random), config->reorder);
	bool corrupt = hits(random_next(&random), config->corrupt);
	uint64_t jitter = random_next(&random) % (config->jitter + 1);
	uint64_t far = 1 + random_next(&random) % IMPAIR_FAR;

	if (drop || listed) {
		impair->stats->impair_drops++;
		free(frame);
		return;
	}
	if (corrupt) {
		impair->stats->impair_corruptions++;
		flip_bits(frame, &random);
	}
	if (config->delay || config->jitter)
		impair->stats->impair_delays++;
	frame->due = now + config->delay + jitter;
	impair->stats->impair_dups += dup;
	impair->stats->impair_reorders += reorder;
	/* A twin goes right behind the other, with the same damage */
	if (reorder) {
		impair->held[impair->held_count++] = (struct impair_held) {
			.frame = frame, .after = number + far, .twice = dup,
			.limit = now + HOLD_LIMIT_NS,
		};
	} else {
		append(impair, frame);
		if (dup)
			append_twin(impair, frame);
	}
}

/* A frame that is dropped counts as one that overtakes: numbers decide, not what is left */
void impair_submit(struct impair *impair, const uint8_t *data, size_t size, uint64_t now)
{
	bool roce = impair_is_roce(data, size);
	bool listed = roce && is_listed(&impair->config, ++impair->roce);
	struct frame *frame;

	if (impair->config.only_roce && !roce) {
		impair_queue(impair, data, size, now);
		return;
	}
	impair->frames++;
	frame = make_frame(impair, data, size, now);
	if (frame)
		impair_one(impair, frame, impair->frames, listed, now);
	release_overtaken(impair, impair->frames);
}

/* ------------------------------------------------------------ configuration */

void impair_init(struct impair *impair, struct stats *stats)
{
	memset(impair, 0, sizeof(*impair));
	impair->stats = stats;
}

void impair_set(struct impair *impair, const struct impair_config *config, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < impair->held_count; i++)
		impair->held[i].limit = now;
	release_late(impair, now);
	impair->config = *config;
	impair->last_due = 0;
	impair->frames = 0;
	impair->roce = 0;
}

bool impair_is_off(const struct impair *impair)
{
	const struct impair_config *config = &impair->config;

	return !config->drop && !config->dup && !config->reorder && !config->corrupt &&
	       !config->delay && !config->jitter && !config->drop_at_count;
}

void impair_destroy(struct impair *impair)
{
	impair_flush(impair);
}
