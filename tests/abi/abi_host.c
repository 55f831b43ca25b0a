// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The C side of the agreement test, called from tb_abi.sv. A structure is an image of bytes, as
 * the device finds it in host memory; fields are reached by the offsets and masks of the C
 * header alone.
 */

#include <stdio.h>
#include <string.h>

#include "abi_fields.h"

#define IMAGE_BYTES 512u

typedef unsigned int vec32; /* 32 bits of a DPI bit vector, lowest first */

static void bytes_of_vec(unsigned char *bytes, const vec32 *vec)
{
	for (unsigned int i = 0; i < IMAGE_BYTES; i++)
		bytes[i] = (unsigned char)(vec[i / 4] >> (8 * (i % 4)));
}

static void vec_of_bytes(vec32 *vec, const unsigned char *bytes)
{
	memset(vec, 0, IMAGE_BYTES);
	for (unsigned int i = 0; i < IMAGE_BYTES; i++)
		vec[i / 4] |= (vec32)bytes[i] << (8 * (i % 4));
}

static unsigned long long load(const struct abi_field *f, const unsigned char *bytes)
{
	unsigned long long word = 0;

	for (unsigned int i = 0; i < f->word_bits / 8; i++)
		word |= (unsigned long long)bytes[f->offset + i] << (8 * i);
	return word;
}

static void store(const struct abi_field *f, unsigned char *bytes, unsigned long long word)
{
	for (unsigned int i = 0; i < f->word_bits / 8; i++)
		bytes[f->offset + i] = (unsigned char)(word >> (8 * i));
}

static unsigned int shift(unsigned long long mask)
{
	unsigned int n = 0;

	while (!(mask >> n & 1))
		n++;
	return n;
}

unsigned int abi_count(void)
{
	return abi_field_count;
}

const char *abi_name(unsigned int n)
{
	return abi_fields[n].name;
}

unsigned int abi_is_constant(unsigned int n)
{
	return abi_fields[n].word_bits == CONSTANT;
}

unsigned long long abi_constant(unsigned int n)
{
	return abi_fields[n].value;
}

/* Puts value into field n of the image and returns what the field can hold of it */
unsigned long long abi_write(unsigned int n, unsigned long long value, const vec32 *in, vec32 *out)
{
	const struct abi_field *f = &abi_fields[n];
	unsigned long long placed = value << shift(f->mask) & f->mask;
	unsigned char bytes[IMAGE_BYTES];

	bytes_of_vec(bytes, in);
	store(f, bytes, (load(f, bytes) & ~f->mask) | placed);
	vec_of_bytes(out, bytes);
	return placed >> shift(f->mask);
}

unsigned long long abi_read(unsigned int n, const vec32 *image)
{
	const struct abi_field *f = &abi_fields[n];
	unsigned char bytes[IMAGE_BYTES];

	bytes_of_vec(bytes, image);
	return (load(f, bytes) & f->mask) >> shift(f->mask);
}
