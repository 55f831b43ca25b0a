/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the files of hwgen share: the items of tern_hw.def in the order in which it has them.
 */
#ifndef HWGEN_H
#define HWGEN_H

#define MAX_DESC	512u	/* bytes of the largest structure */
#define REG_SPACE	0x10000	/* bytes of BAR 0 */

enum kind { ENUM, VAL, REG, DESC, WORD, BITS };

struct item {
	enum kind kind;
	const char *name;
	const char *doc;
	const char *access;	/* REG */
	unsigned int size;	/* bits of ENUM, REG, WORD; bytes of DESC */
	unsigned int at;	/* VAL value, REG offset, BITS lowest bit */
	unsigned int high;	/* BITS highest bit */
	unsigned int stride;	/* REG: bytes from one of an array to the next */
	unsigned int count;	/* REG, WORD: elements of an array, 1 for a scalar */
};

extern const struct item items[];
extern const struct item *const end;

/* tern_hw.def spells names in lower case, constants are spelled in upper case */
struct name {
	char s[64];
};

struct name upper(const char *lower);

/* The item behind @it if it is of @kind, else NULL */
const struct item *next_of(const struct item *it, enum kind kind);
/* The next WORD of the same DESC, skipping BITS, or NULL */
const struct item *next_word(const struct item *it);
unsigned long long mask(const struct item *bits);

/* hwgen_emit.c */
void emit_c(void);
void emit_sv(void);
void emit_md(void);

/* hwgen_test.c */
void emit_test_c(void);
void emit_test_sv(void);

#endif
