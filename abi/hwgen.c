// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * hwgen - turn tern_hw.def into a C header, a SystemVerilog package or a reference page
 *
 * tern_hw.def is included as the initializer of one array, so the compiler is the
 * parser. check() refuses a description that does not add up.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hwgen.h"

#define ENUM(s, n, d)		{ .kind = ENUM, .name = #n, .doc = d, .size = s },
#define VAL(v, n, d)		{ .kind = VAL, .name = #n, .doc = d, .at = v },
#define REGS(s, n, o, a, st, c, d) \
	{ .kind = REG, .name = #n, .doc = d, .size = s, .at = o, .access = #a, .stride = st, .count = c },
#define REG(s, n, o, a, d)	REGS(s, n, o, a, (s) / 8, 1, d)
#define DESC(s, n, d)		{ .kind = DESC, .name = #n, .doc = d, .size = s },
#define WORDS(s, n, c, d)	{ .kind = WORD, .name = #n, .doc = d, .size = s, .count = c },
#define WORD(s, n, d)		WORDS(s, n, 1, d)
#define BITS(h, l, n, d)	{ .kind = BITS, .name = #n, .doc = d, .at = l, .high = h },

const struct item items[] = {
#include "tern_hw.def"
};

const struct item *const end = items + sizeof(items) / sizeof(*items);

struct name upper(const char *lower)
{
	struct name n = { "" };
	size_t i;

	for (i = 0; lower[i] && i < sizeof(n.s) - 1; i++)
		n.s[i] = toupper((unsigned char)lower[i]);
	return n;
}

const struct item *next_of(const struct item *it, enum kind kind)
{
	it++;
	return it < end && it->kind == kind ? it : NULL;
}

const struct item *next_word(const struct item *it)
{
	for (it++; it < end && it->kind == BITS; it++)
		;
	return it < end && it->kind == WORD ? it : NULL;
}

unsigned long long mask(const struct item *bits)
{
	return (~0ULL >> (63 - bits->high)) & (~0ULL << bits->at);
}

static void die(const struct item *it, const char *why)
{
	fprintf(stderr, "tern_hw.def: %s: %s\n", it->name, why);
	exit(1);
}

/* Two siblings of one name or, in an enum, of one value */
static void check_twin(const struct item *it, const struct item *other)
{
	if (!strcmp(it->name, other->name))
		die(it, "name is used twice");
	if (it->kind == VAL && it->at == other->at)
		die(it, "value is used twice");
}

static void check_enum(const struct item *parent)
{
	const struct item *it, *other;

	if (!parent->size || parent->size > 32)
		die(parent, "an enum has 1 to 32 bits");
	for (it = next_of(parent, VAL); it; it = next_of(it, VAL)) {
		if ((unsigned long long)it->at >> parent->size)
			die(it, "value does not fit");
		for (other = parent + 1; other < it; other++)
			check_twin(it, other);
	}
}

static void check_bits(const struct item *parent)
{
	const struct item *it, *other;
	unsigned long long seen = 0;

	for (it = next_of(parent, BITS); it; it = next_of(it, BITS)) {
		if (it->high < it->at || it->high >= parent->size)
			die(it, "bits out of range");
		if (seen & mask(it))
			die(it, "bits overlap");
		for (other = parent + 1; other < it; other++)
			check_twin(it, other);
		seen |= mask(it);
	}
}

static void check_word(const struct item *desc, const struct item *word, unsigned int bits)
{
	const struct item *other;

	if (word->size != 16 && word->size != 32 && word->size != 64)
		die(word, "a word has 16, 32 or 64 bits");
	if (bits % word->size)
		die(word, "not naturally aligned");
	if (!word->count)
		die(word, "an array has elements");
	if (word->count != 1 && next_of(word, BITS))
		die(word, "an array has no bits");
	for (other = next_of(desc, WORD); other != word; other = next_word(other))
		check_twin(word, other);
	check_bits(word);
}

static void check_desc(const struct item *desc)
{
	const struct item *word;
	unsigned int bits = 0;

	for (word = next_of(desc, WORD); word; word = next_word(word)) {
		check_word(desc, word, bits);
		bits += word->size * word->count;
	}
	if (!bits || bits != desc->size * 8)
		die(desc, "words do not add up to its size");
	if (desc->size > MAX_DESC)
		die(desc, "too large for the agreement test");
}

/* Registers come in the order of their offsets and do not overlap; returns what is free then */
static unsigned int check_reg(const struct item *reg, unsigned int free_from)
{
	if (reg->size != 32)
		die(reg, "a register has 32 bits");
	if (reg->at < free_from || reg->at % (reg->size / 8))
		die(reg, "offset overlaps or is not aligned");
	if (!reg->count || (reg->count > 1 &&
			    (reg->stride < reg->size / 8 || reg->stride % (reg->size / 8))))
		die(reg, "array elements overlap or are not aligned");
	if (reg->at + (unsigned long long)reg->stride * reg->count > REG_SPACE)
		die(reg, "outside of BAR 0");
	check_bits(reg);
	return reg->at + reg->stride * reg->count;
}

/* Enums and structures share the tags of C */
static void check_tag(const struct item *it)
{
	const struct item *other;

	for (other = items; other < it; other++)
		if (it->kind == REG ? other->kind == REG :
				      other->kind == ENUM || other->kind == DESC)
			check_twin(it, other);
}

/* Each item below one that can hold it; returns the ENUM, REG or DESC it belongs to */
static const struct item *check_place(const struct item *it, const struct item *top)
{
	enum kind before = it > items ? it[-1].kind : ENUM;

	if (it->kind == ENUM || it->kind == REG || it->kind == DESC) {
		check_tag(it);
		return it;
	}
	if (!top ||
	    (it->kind == VAL && top->kind != ENUM) ||
	    (it->kind == WORD && top->kind != DESC) ||
	    (it->kind == BITS && (top->kind == ENUM || before == DESC)))
		die(it, "in the wrong place");
	return top;
}

static void check(void)
{
	const struct item *it, *top = NULL;
	unsigned int free_from = 0;

	for (it = items; it < end; it++)
		top = check_place(it, top);
	for (it = items; it < end; it++) {
		if (it->kind == ENUM)
			check_enum(it);
		if (it->kind == DESC)
			check_desc(it);
		if (it->kind == REG)
			free_from = check_reg(it, free_from);
	}
}

int main(int argc, char **argv)
{
	check();
	if (argc == 2 && !strcmp(argv[1], "c"))
		emit_c();
	else if (argc == 2 && !strcmp(argv[1], "sv"))
		emit_sv();
	else if (argc == 2 && !strcmp(argv[1], "md"))
		emit_md();
	else if (argc == 2 && !strcmp(argv[1], "test_sv"))
		emit_test_sv();
	else if (argc == 2 && !strcmp(argv[1], "test_c"))
		emit_test_c();
	else
		die(items, "usage: hwgen c|sv|md|test_sv|test_c");
	return 0;
}
