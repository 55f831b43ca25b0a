/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A bad wire, in one direction: frames that pass it are lost, doubled, damaged, late, or out of order.
 * What happens to a frame depends on the seed and on its number alone, so a run can be repeated;
 * the clock decides only when a late frame goes.
 */
#ifndef SIM_IMPAIR_H
#define SIM_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "stats.h"

#define IMPAIR_LIST	64u		/* numbers in drop_at */
#define IMPAIR_FAR	8u		/* a frame is overtaken by 1 to 8 others */
#define IMPAIR_FLIPS	8u
#define IMPAIR_LINE	1024u		/* frames under way; a power of two */
#define IMPAIR_CERTAIN	100000000u	/* 100 %, in millionths of a percent */

struct impair_config {
	uint32_t drop, dup, reorder, corrupt;	/* of IMPAIR_CERTAIN */
	uint64_t delay, jitter;			/* ns of the RTL */
	uint64_t seed;
	bool only_roce;				/* all others pass unharmed */
	uint64_t drop_at[IMPAIR_LIST];		/* of this sender's RoCE frames, from 1 */
	unsigned int drop_at_count;
};

struct impair_held {
	struct frame *frame;
	uint64_t after;		/* number of the last frame that overtakes it */
	uint64_t limit;		/* RTL time at which it goes although none has */
	bool twice;
};

struct impair {
	struct impair_config config;
	struct stats *stats;
	uint64_t frames;	/* that it was asked about since the configuration was set */
	uint64_t roce;
	struct impair_held held[IMPAIR_FAR + 1];
	unsigned int held_count;

	/* Those that have only to wait: for their time, or for the socket */
	struct frame *line[IMPAIR_LINE];
	unsigned int head;
	unsigned int tail;
	uint64_t last_due;	/* of a frame that was not let pass by */
};

/* Strict. NULL, or what is wrong with the text */
const char *impair_parse(struct impair_config *config, const char *text);

/* Does nothing to a frame until configured */
void impair_init(struct impair *impair, struct stats *stats);
void impair_destroy(struct impair *impair);
/* Counting begins anew; what was held back goes */
void impair_set(struct impair *impair, const struct impair_config *config, uint64_t now);
/* Frames pass as they come */
bool impair_is_off(const struct impair *impair);

/* There must be room */
bool impair_has_room(const struct impair *impair);
void impair_submit(struct impair *impair, const uint8_t *data, size_t size, uint64_t now);
/* Into the line as it is, past those that are to go later */
void impair_queue(struct impair *impair, const uint8_t *data, size_t size, uint64_t due);

/* The frame that is to go now, if any; impair_pop() takes it away. */
const struct frame *impair_due(struct impair *impair, uint64_t now);
void impair_pop(struct impair *impair);
/* RTL time of the next one; UINT64_MAX: none waits */
uint64_t impair_wake_time(const struct impair *impair);
/* All that wait are lost; how many that were */
unsigned int impair_flush(struct impair *impair);

/* UDP port 4791 over IPv4 or IPv6, with up to two VLAN tags */
bool impair_is_roce(const uint8_t *data, size_t size);

#endif
