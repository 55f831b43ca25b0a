// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The agreement test: every field and constant gets a number, in order of appearance. test_sv
 * prints a module that reads and writes field n through the SV structs, test_c a table of where
 * the C structs and masks have it. A constant has no word: it is the value of an enum, the
 * offset of a register (element 1 of an array tells its stride), or the size of a structure.
 */

#include <stdio.h>

#include "hwgen.h"

typedef void field_fn(unsigned int n, const struct item *group,
		      const struct item *word, const struct item *bits,
		      unsigned int element);

static unsigned int word_fields(unsigned int n, const struct item *group,
				const struct item *word, field_fn *fn)
{
	const struct item *it;
	unsigned int i;

	if (!next_of(word, BITS) && word->kind == WORD)
		for (i = 0; i < word->count; i++)
			fn(n++, group, word, NULL, i);
	for (it = next_of(word, BITS); it; it = next_of(it, BITS))
		fn(n++, group, word, it, 0);
	return n;
}

static unsigned int all_fields(field_fn *fn)
{
	const struct item *it, *word;
	unsigned int n = 0;

	for (it = items; it < end; it++) {
		if (it->kind == VAL || it->kind == REG || it->kind == DESC)
			fn(n++, it, NULL, NULL, 0);
		if (it->kind == REG && it->count > 1)
			fn(n++, it, NULL, NULL, 1);
		if (it->kind == REG)
			n = word_fields(n, it, it, fn);
		for (word = it->kind == DESC ? next_of(it, WORD) : NULL; word;
		     word = next_word(word))
			n = word_fields(n, it, word, fn);
	}
	return n;
}

static const struct item *enum_of(const struct item *val)
{
	while (val->kind != ENUM)
		val--;
	return val;
}

static void sv_const(unsigned int n, const struct item *it, unsigned int element)
{
	struct name name = upper(it->name);

	printf("      %u: value_o = 64'(tern_hw_pkg::TERN_HW_", n);
	if (it->kind == VAL)
		printf("%s_%s", upper(enum_of(it)->name).s, name.s);
	else if (it->kind == DESC)
		printf("%s_BYTES", name.s);
	else if (element)
		printf("REG_%s) + 64'(tern_hw_pkg::TERN_HW_REG_%s_STRIDE", name.s, name.s);
	else
		printf("REG_%s", name.s);
	puts(");");
}

static void sv_field(unsigned int n, const struct item *group, const struct item *word,
		     const struct item *bits, unsigned int element)
{
	unsigned int width = bits ? bits->high - bits->at + 1 : word ? word->size : 0;

	if (!word) {
		sv_const(n, group, element);
		return;
	}
	printf("      %u: begin\n", n);
	if (group->kind == REG)
		printf("        value_o = 64'(r_reg_%s.%s);\n        w_reg_%s.%s = value_i[%u:0];\n",
		       group->name, bits->name, group->name, bits->name, width - 1);
	else if (bits)
		printf("        value_o = 64'(r_%s.%s.%s);\n        w_%s.%s.%s = value_i[%u:0];\n",
		       group->name, word->name, bits->name, group->name, word->name,
		       bits->name, width - 1);
	else
		printf("        value_o = 64'(r_%s.%s[%u +: %u]);\n"
		       "        w_%s.%s[%u +: %u] = value_i[%u:0];\n",
		       group->name, word->name, element * width, width, group->name,
		       word->name, element * width, width, width - 1);
	printf("        desc_o = $bits(desc_o)'(w_%s%s);\n      end\n",
	       group->kind == REG ? "reg_" : "", group->name);
}

static void sv_local(const struct item *it, const char *kind)
{
	printf("  tern_hw_pkg::tern_hw_%s%s_t r_%s%s, w_%s%s;\n"
	       "  assign r_%s%s = $bits(r_%s%s)'(desc_i);\n",
	       kind, it->name, kind, it->name, kind, it->name, kind, it->name, kind, it->name);
}

void emit_test_sv(void)
{
	const struct item *it;

	printf("// Do not edit, generated from abi/tern_hw.def for tests/abi\n"
	       "module abi_fields (\n"
	       "  input  logic [%u:0] desc_i,   // image of the structure that holds the field\n"
	       "  input  int unsigned   field_i,\n"
	       "  input  logic [63:0]   value_i,\n"
	       "  output logic [63:0]   value_o,  // the field of desc_i, or a constant\n"
	       "  output logic [%u:0] desc_o    // zero but for the field, which is value_i\n);\n",
	       MAX_DESC * 8 - 1, MAX_DESC * 8 - 1);
	for (it = items; it < end; it++)
		if (it->kind == DESC)
			sv_local(it, "");
		else if (it->kind == REG && next_of(it, BITS))
			sv_local(it, "reg_");
	puts("  always_comb begin\n    value_o = '0;\n    desc_o = '0;");
	for (it = items; it < end; it++)
		if (it->kind == DESC || (it->kind == REG && next_of(it, BITS)))
			printf("    w_%s%s = '0;\n", it->kind == REG ? "reg_" : "", it->name);
	puts("    case (field_i)");
	all_fields(sv_field);
	puts("      default: ;\n    endcase\n  end\nendmodule");
}

static void c_const(unsigned int n, const struct item *it, unsigned int element)
{
	struct name name = upper(it->name);

	printf("\t{ %u, CONSTANT, 0, 0, ", n);
	if (it->kind == VAL)
		printf("TERN_HW_%s_%s", upper(enum_of(it)->name).s, name.s);
	else if (it->kind == DESC)
		printf("sizeof(struct tern_hw_%s)", it->name);
	else if (it->count > 1)
		printf("TERN_HW_REG_%s(%u)", name.s, element);
	else
		printf("TERN_HW_REG_%s", name.s);
	printf(", \"%s\" },\n", it->name);
}

static void c_field(unsigned int n, const struct item *group, const struct item *word,
		    const struct item *bits, unsigned int element)
{
	struct name g = upper(group->name), b = upper(bits ? bits->name : "");

	if (!word)
		c_const(n, group, element);
	else if (group->kind == REG)
		printf("\t{ %u, 32, 0, TERN_HW_REG_%s_%s_MASK, 0, \"%s.%s\" },\n", n,
		       g.s, b.s, group->name, bits->name);
	else if (bits)
		printf("\t{ %u, %u, offsetof(struct tern_hw_%s, %s), TERN_HW_%s_%s_%s_MASK, 0, \"%s.%s.%s\" },\n",
		       n, word->size, group->name, word->name, g.s, upper(word->name).s,
		       b.s, group->name, word->name, bits->name);
	else
		printf("\t{ %u, %u, offsetof(struct tern_hw_%s, %s) + %u, ~0ull >> %u, 0, \"%s.%s[%u]\" },\n",
		       n, word->size, group->name, word->name, element * word->size / 8,
		       64 - word->size, group->name, word->name, element);
}

void emit_test_c(void)
{
	unsigned int n;

	puts("/* Do not edit, generated from abi/tern_hw.def for tests/abi */\n"
	     "#include <stddef.h>\n#include \"tern_hw.h\"\n#include \"abi_fields.h\"\n\n"
	     "const struct abi_field abi_fields[] = {");
	n = all_fields(c_field);
	printf("};\n\nconst unsigned int abi_field_count = %u;\n", n);
}
