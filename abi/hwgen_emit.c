// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * hwgen: the three outputs that are committed
 */

#include <stdio.h>

#include "hwgen.h"

static void c_masks(const char *group, const struct item *parent)
{
	const struct item *it;

	for (it = next_of(parent, BITS); it; it = next_of(it, BITS))
		printf("#define TERN_HW_%s_%s_%s_MASK\t0x%0*llx%s\t/* %s */\n",
		       group, upper(parent->name).s, upper(it->name).s,
		       parent->size / 4, mask(it),
		       parent->size == 64 ? "ull" : "u", it->doc);
}

static void c_enum(const struct item *it)
{
	const struct item *val;

	printf("\n/* %s */\nenum tern_hw_%s {\n", it->doc, it->name);
	for (val = next_of(it, VAL); val; val = next_of(val, VAL))
		printf("\tTERN_HW_%s_%s = 0x%x,\t/* %s */\n", upper(it->name).s,
		       upper(val->name).s, val->at, val->doc);
	puts("};");
}

static void c_word(const struct item *word)
{
	printf("\t__le%u %s", word->size, word->name);
	if (word->count > 1)
		printf("[%u]", word->count);
	printf(*word->doc ? ";\t/* %s */\n" : ";\n", word->doc);
}

static void c_reg(const struct item *it)
{
	struct name n = upper(it->name);

	printf("\n/* %s */\n", it->doc);
	if (it->count == 1)
		printf("#define TERN_HW_REG_%s\t0x%04x\n", n.s, it->at);
	else
		printf("#define TERN_HW_REG_%s(n)\t(0x%04x + 0x%x * (n))\n"
		       "#define TERN_HW_REG_%s_COUNT\t%u\n",
		       n.s, it->at, it->stride, n.s, it->count);
	c_masks("REG", it);
}

static void c_desc(const struct item *it)
{
	const struct item *word;

	printf("\n/* %s */\nstruct tern_hw_%s {\n", it->doc, it->name);
	for (word = next_of(it, WORD); word; word = next_word(word))
		c_word(word);
	puts("};");
	for (word = next_of(it, WORD); word; word = next_word(word))
		c_masks(upper(it->name).s, word);
	printf("_Static_assert(sizeof(struct tern_hw_%s) == %u, \"tern_hw_%s\");\n",
	       it->name, it->size, it->name);
}

void emit_c(void)
{
	const struct item *it;

	puts("/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */\n"
	     "/* Do not edit, generated from abi/tern_hw.def */\n"
	     "#ifndef TERN_HW_H\n#define TERN_HW_H\n\n#include <linux/types.h>");
	for (it = items; it < end; it++) {
		if (it->kind == ENUM)
			c_enum(it);
		if (it->kind == REG)
			c_reg(it);
		if (it->kind == DESC)
			c_desc(it);
	}
	puts("\n#endif /* TERN_HW_H */");
}

/* The highest BITS of @parent below bit @below */
static const struct item *next_down(const struct item *parent, unsigned int below)
{
	const struct item *it, *best = NULL;

	for (it = next_of(parent, BITS); it; it = next_of(it, BITS))
		if (it->high < below && (!best || it->high > best->high))
			best = it;
	return best;
}

/* A packed struct is written from its top bit down */
static void sv_struct(const char *indent, const struct item *parent)
{
	unsigned int top = parent->size, low;
	const struct item *it;

	printf("struct packed {\n");
	while (top) {
		it = next_down(parent, top);
		low = it ? it->high + 1 : 0;
		if (low != top) {
			printf("%s  logic [%u:0] rsvd_%u;\n", indent, top - 1 - low, low);
			top = low;
		}
		if (it) {
			printf("%s  logic [%u:0] %s;%s%s\n", indent,
			       it->high - it->at, it->name,
			       *it->doc ? "  // " : "", it->doc);
			top = it->at;
		}
	}
	printf("%s}", indent);
}

/* Words of @desc, last one first */
static void sv_words(const struct item *word)
{
	if (!word)
		return;
	sv_words(next_word(word));
	if (next_of(word, BITS)) {
		printf("    ");
		sv_struct("    ", word);
		printf(" %s;\n", word->name);
	} else {
		printf("    logic [%u:0] %s;%s%s\n", word->size * word->count - 1,
		       word->name, *word->doc ? "  // " : "", word->doc);
	}
}

static void sv_enum(const struct item *it)
{
	const struct item *val;

	printf("\n  // %s\n  typedef enum logic [%u:0] {\n", it->doc, it->size - 1);
	for (val = next_of(it, VAL); val; val = next_of(val, VAL))
		printf("    TERN_HW_%s_%s = %u'h%x%s  // %s\n", upper(it->name).s,
		       upper(val->name).s, it->size, val->at,
		       next_of(val, VAL) ? "," : "", val->doc);
	printf("  } tern_hw_%s_e;\n", it->name);
}

static void sv_reg(const struct item *it)
{
	struct name n = upper(it->name);

	printf("\n  // %s\n  localparam logic [15:0] TERN_HW_REG_%s = 16'h%04x;\n",
	       it->doc, n.s, it->at);
	if (it->count > 1)
		printf("  localparam int unsigned TERN_HW_REG_%s_COUNT = %u;\n"
		       "  localparam int unsigned TERN_HW_REG_%s_STRIDE = %u;\n",
		       n.s, it->count, n.s, it->stride);
	if (!next_of(it, BITS))
		return;
	printf("  typedef ");
	sv_struct("  ", it);
	printf(" tern_hw_reg_%s_t;\n", it->name);
}

void emit_sv(void)
{
	const struct item *it;

	puts("// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause\n"
	     "// Do not edit, generated from abi/tern_hw.def\n//\n"
	     "// Bit 0 of a struct is bit 0 of its first byte in host memory.\n\n"
	     "package tern_hw_pkg;");
	for (it = items; it < end; it++) {
		if (it->kind == ENUM)
			sv_enum(it);
		if (it->kind == REG)
			sv_reg(it);
		if (it->kind != DESC)
			continue;
		printf("\n  // %s\n  localparam int unsigned TERN_HW_%s_BYTES = %u;\n"
		       "  typedef struct packed {\n", it->doc, upper(it->name).s, it->size);
		sv_words(next_of(it, WORD));
		printf("  } tern_hw_%s_t;\n", it->name);
	}
	puts("\nendpackage");
}

static void md_table(const char *head)
{
	printf("\n| %s | name | meaning |\n| --- | --- | --- |\n", head);
}

static void md_title(const struct item *it)
{
	if (it->kind == REG && it->count > 1)
		printf("\n### 0x%04x + %u n: %s (%s, %u bits, n < %u)\n", it->at,
		       it->stride, it->name, it->access, it->size, it->count);
	else if (it->kind == REG)
		printf("\n### 0x%04x: %s (%s, %u bits)\n", it->at, it->name,
		       it->access, it->size);
	else if (it->kind == DESC)
		printf("\n### struct %s (%u bytes)\n", it->name, it->size);
	else
		printf("\n### enum %s\n", it->name);
	printf("\n%s.\n", it->doc);
	if (next_of(it, BITS))
		md_table("bits");
	else if (next_of(it, VAL))
		md_table("value");
	else if (next_of(it, WORD))
		md_table("byte: bits");
}

static void md_word(const struct item *word, unsigned int byte)
{
	if (word->count > 1)
		printf("| %u: %u x %u | **%s** | %s |\n", byte, word->count,
		       word->size, word->name, word->doc);
	else
		printf("| %u: %u | **%s** | %s |\n", byte, word->size, word->name,
		       word->doc);
}

void emit_md(void)
{
	const struct item *it;
	unsigned int byte = 0;

	puts("<!-- SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause -->\n"
	     "<!-- Do not edit, generated from abi/tern_hw.def -->\n\n"
	     "# tern: registers, doorbells and structures\n\n"
	     "All words are little-endian; bit 0 of a word is bit 0 of its first byte.\n"
	     "Names are those of the generated C header (`TERN_HW_...`) and SV package.");
	for (it = items; it < end; it++) {
		if (it->kind == WORD) {
			md_word(it, byte);
			byte += it->size / 8 * it->count;
		} else if (it->kind == BITS) {
			printf("| %u:%u | %s | %s |\n", it->high, it->at, it->name, it->doc);
		} else if (it->kind == VAL) {
			printf("| 0x%x | %s | %s |\n", it->at, it->name, it->doc);
		} else {
			byte = 0;
			md_title(it);
		}
	}
}
