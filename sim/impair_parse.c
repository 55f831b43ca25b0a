// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// drop=P,dup=P,reorder=P,corrupt=P,delay=NS[:JITTER],seed=N,only=roce|all,drop_at=N[/N...]
// in any order, each once; or "off".

#include "impair.h"

#include <string.h>

#define FRACTION_DIGITS	6
#define ONE_PERCENT	(IMPAIR_CERTAIN / 100)
#define MAX_DELAY_NS	10000000000u
#define ITEM_ROOM	1024

enum key { KEY_DROP, KEY_DUP, KEY_REORDER, KEY_CORRUPT, KEY_DELAY, KEY_SEED, KEY_ONLY,
	   KEY_DROP_AT, KEYS };

static const char *const keys[KEYS] = {
	[KEY_DROP] = "drop", [KEY_DUP] = "dup", [KEY_REORDER] = "reorder",
	[KEY_CORRUPT] = "corrupt", [KEY_DELAY] = "delay", [KEY_SEED] = "seed",
	[KEY_ONLY] = "only", [KEY_DROP_AT] = "drop_at",
};

/* The digits at *at, which moves behind them */
static bool take_number(const char **at, uint64_t *value)
{
	const char *first = *at;

	*value = 0;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		uint64_t digit = (uint64_t)(**at - '0');

		if (*value > (UINT64_MAX - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	return *at != first;
}

/* 1 is one percent; up to six decimals, all of them exact */
static bool parse_percent(const char *text, uint32_t *share)
{
	uint64_t whole;
	uint32_t unit = ONE_PERCENT;
	uint32_t fraction = 0;

	if (!take_number(&text, &whole) || whole > 100)
		return false;
	if (*text == '.') {
		int digits = 0;

		for (text++; *text >= '0' && *text <= '9'; text++) {
			if (++digits > FRACTION_DIGITS)
				return false;
			unit /= 10;
			fraction += (uint32_t)(*text - '0') * unit;
		}
		if (!digits)
			return false;
	}
	*share = (uint32_t)whole * ONE_PERCENT + fraction;
	return !*text && *share <= IMPAIR_CERTAIN;
}

static bool parse_delay(const char *text, struct impair_config *config)
{
	if (!take_number(&text, &config->delay) || config->delay > MAX_DELAY_NS)
		return false;
	if (*text != ':')
		return !*text;
	text++;
	return take_number(&text, &config->jitter) && config->jitter <= MAX_DELAY_NS && !*text;
}

static bool parse_list(const char *text, struct impair_config *config)
{
	do {
		uint64_t *number = &config->drop_at[config->drop_at_count];

		if (config->drop_at_count == IMPAIR_LIST || !take_number(&text, number) ||
		    !*number)
			return false;
		config->drop_at_count++;
	} while (*text == '/' && *++text);
	return !*text && text[-1] != '/';
}

static const char *parse_item(struct impair_config *config, enum key key, const char *value)
{
	static const char not_percent[] = "not a percentage: 0 to 100, up to six decimals";

	switch (key) {
	case KEY_DROP:
		return parse_percent(value, &config->drop) ? NULL : not_percent;
	case KEY_DUP:
		return parse_percent(value, &config->dup) ? NULL : not_percent;
	case KEY_REORDER:
		return parse_percent(value, &config->reorder) ? NULL : not_percent;
	case KEY_CORRUPT:
		return parse_percent(value, &config->corrupt) ? NULL : not_percent;
	case KEY_DELAY:
		return parse_delay(value, config)
			? NULL : "delay is not NS or NS:JITTER, each up to 10 s";
	case KEY_SEED:
		return take_number(&value, &config->seed) && !*value ? NULL
								     : "seed is not a number";
	case KEY_ONLY:
		config->only_roce = !strcmp(value, "roce");
		return config->only_roce || !strcmp(value, "all") ? NULL
								  : "only is not roce or all";
	default:
		return parse_list(value, config)
			? NULL : "drop_at is not a list N/N/... of up to 64 numbers from 1";
	}
}

static enum key find_key(const char *name, size_t size)
{
	int key;

	for (key = 0; key < KEYS; key++)
		if (strlen(keys[key]) == size && !memcmp(keys[key], name, size))
			break;
	return (enum key)key;
}

const char *impair_parse(struct impair_config *config, const char *text)
{
	bool seen[KEYS] = { false };

	memset(config, 0, sizeof(*config));
	config->seed = 1;
	if (!strcmp(text, "off"))
		return NULL;
	do {
		char item[ITEM_ROOM];
		size_t size = strcspn(text, ",");
		const char *reason;
		char *value;
		enum key key;

		if (size >= sizeof(item))
			return "too long";
		memcpy(item, text, size);
		item[size] = '\0';
		value = strchr(item, '=');
		key = value ? find_key(item, (size_t)(value - item)) : KEYS;
		if (key == KEYS)
			return "not off, or drop=, dup=, reorder=, corrupt=, delay=, seed=, only=, "
			       "drop_at= with commas between them";
		if (seen[key])
			return "the same word twice";
		seen[key] = true;
		reason = parse_item(config, key, value + 1);
		if (reason)
			return reason;
		text += size;
	} while (*text++ == ',');
	return NULL;
}
