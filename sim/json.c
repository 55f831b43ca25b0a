// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "json.h"

#include <string.h>

static bool fail(struct json *json)
{
	json->bad = true;
	return false;
}

static void skip_blanks(struct json *json)
{
	while (*json->at == ' ' || *json->at == '\t' || *json->at == '\n' || *json->at == '\r')
		json->at++;
}

/* Takes the character if it comes next */
static bool take(struct json *json, char wanted)
{
	skip_blanks(json);
	if (json->bad || *json->at != wanted)
		return false;
	json->at++;
	return true;
}

static bool expect(struct json *json, char wanted)
{
	return take(json, wanted) || fail(json);
}

void json_start(struct json *json, const char *text)
{
	json->at = text;
	json->bad = false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Behind a backslash. The names we look for have no escapes, so their meaning is not needed. */
static bool skip_escape(struct json *json)
{
	char c = *json->at++;
	int i;

	if (!c) {
		json->at--;
		return fail(json);
	}
	if (c != 'u')
		return strchr("\"\\/bfnrt", c) || fail(json);
	for (i = 0; i < 4; i++)
		if (!is_hex(*json->at++)) {
			json->at--;
			return fail(json);
		}
	return true;
}

static bool read_string(struct json *json, char name[JSON_NAME])
{
	unsigned int used = 0;

	if (!expect(json, '"'))
		return false;
	while (*json->at != '"') {
		char c = *json->at;

		if ((unsigned char)c < 0x20)	/* the end of the text too */
			return fail(json);
		json->at++;
		if (c == '\\' && !skip_escape(json))
			return false;
		if (used < JSON_NAME - 1)
			name[used++] = c;
	}
	json->at++;
	name[used] = '\0';
	return true;
}

bool json_enter(struct json *json)
{
	return take(json, '{');
}

bool json_member(struct json *json, char name[JSON_NAME])
{
	bool first = json->at[-1] == '{';	/* json_enter() ended there, no value does */

	skip_blanks(json);
	if (json->bad || take(json, '}'))
		return false;
	if (!first && !expect(json, ','))
		return false;
	return read_string(json, name) && expect(json, ':');
}

static bool skip_digits(struct json *json)
{
	if (!is_digit(*json->at))
		return fail(json);
	while (is_digit(*json->at))
		json->at++;
	return true;
}

static bool skip_number(struct json *json)
{
	if (*json->at == '-')
		json->at++;
	if (!skip_digits(json))
		return false;
	if (*json->at == '.') {
		json->at++;
		if (!skip_digits(json))
			return false;
	}
	if (*json->at != 'e' && *json->at != 'E')
		return true;
	json->at++;
	if (*json->at == '+' || *json->at == '-')
		json->at++;
	return skip_digits(json);
}

bool json_unsigned(struct json *json, uint64_t *value)
{
	uint64_t sum = 0;

	skip_blanks(json);
	if (json->bad || !is_digit(*json->at))
		return fail(json);
	for (; is_digit(*json->at); json->at++) {
		unsigned int digit = (unsigned int)(*json->at - '0');

		if (sum > (UINT64_MAX - digit) / 10)
			return fail(json);
		sum = sum * 10 + digit;
	}
	/* A fraction or an exponent is no count of anything */
	if (*json->at == '.' || *json->at == 'e' || *json->at == 'E')
		return fail(json);
	*value = sum;
	return true;
}

static bool take_word(struct json *json, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(json->at, word, length))
		return false;
	json->at += length;
	return true;
}

bool json_bool(struct json *json, bool *value)
{
	skip_blanks(json);
	if (json->bad)
		return false;
	if (take_word(json, "true")) {
		*value = true;
		return true;
	}
	*value = false;
	return take_word(json, "false") || fail(json);
}

static bool skip_value(struct json *json, int depth);

static bool skip_object(struct json *json, int depth)
{
	char name[JSON_NAME];

	while (json_member(json, name))
		if (!skip_value(json, depth))
			return false;
	return !json->bad;
}

static bool skip_array(struct json *json, int depth)
{
	if (take(json, ']'))
		return true;
	do {
		if (!skip_value(json, depth))
			return false;
	} while (take(json, ','));
	return expect(json, ']');
}

static bool skip_value(struct json *json, int depth)
{
	char name[JSON_NAME];
	bool value;

	skip_blanks(json);
	if (json->bad || depth == JSON_DEPTH)
		return fail(json);
	switch (*json->at) {
	case '{':
		json->at++;
		return skip_object(json, depth + 1);
	case '[':
		json->at++;
		return skip_array(json, depth + 1);
	case '"':
		return read_string(json, name);
	case 't':
	case 'f':
		return json_bool(json, &value);
	case 'n':
		return take_word(json, "null") || fail(json);
	default:
		return skip_number(json);
	}
}

bool json_skip(struct json *json)
{
	return skip_value(json, 0);
}

bool json_end(struct json *json)
{
	skip_blanks(json);
	return !json->bad && !*json->at;
}
