/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Reads JSON one value at a time, without building a tree; as much as capabilities need. */
#ifndef SIM_JSON_H
#define SIM_JSON_H

#include <stdbool.h>
#include <stdint.h>

#define JSON_NAME	32	/* longer names are cut: none that we know is */
#define JSON_DEPTH	16

struct json {
	const char *at;		/* text that ends with a NUL */
	bool bad;		/* not JSON; all further calls fail */
};

void json_start(struct json *json, const char *text);

/* At the start of an object: enters it. False: it is something else. */
bool json_enter(struct json *json);
/* Inside: the next member, its value is what comes next. False: the object has ended. */
bool json_member(struct json *json, char name[JSON_NAME]);

/* A value of that kind; any other makes the text bad. */
bool json_unsigned(struct json *json, uint64_t *value);
bool json_bool(struct json *json, bool *value);
/* Any value */
bool json_skip(struct json *json);

/* Nothing but blanks is left, and all was well. */
bool json_end(struct json *json);

#endif
