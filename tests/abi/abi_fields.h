/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The table that `hwgen test_c` prints: where the C header has each field.
 */
#ifndef ABI_FIELDS_H
#define ABI_FIELDS_H

#define CONSTANT 0u

struct abi_field {
	unsigned int number;
	unsigned int word_bits;	/* of the word that holds it, or CONSTANT */
	unsigned long offset;	/* of that word in its structure */
	unsigned long long mask; /* in that word */
	unsigned long long value; /* of a constant */
	const char *name;
};

extern const struct abi_field abi_fields[];
extern const unsigned int abi_field_count;

#endif
