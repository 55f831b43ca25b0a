// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Names of the numbers that the device speaks, for messages
 *
 * They come straight from the hardware contract: its list is read as an array of
 * enumerations and values, all else in it expands to nothing.
 */

#include <linux/array_size.h>
#include <linux/string.h>

#include "tern_ib.h"

struct name {
	const char *name;
	u32 value;		/* of an enumeration: its width */
	bool starts_enum;
};

#define ENUM(bits, name, ...)	{ #name, bits, true },
#define VAL(value, name, ...)	{ #name, value, false },
#define REG(...)
#define REGS(...)
#define DESC(...)
#define WORD(...)
#define WORDS(...)
#define BITS(...)

static const struct name names[] = {
#include "tern_hw.def"
};

/**
 * tern_ib_name() - name of a value of the hardware contract
 * @enumeration: name of its ENUM in tern_hw.def
 * @value: the value
 *
 * Slow; for messages and debugfs.
 *
 * Return: the name, or "?" if the contract has none for it.
 */
const char *tern_ib_name(const char *enumeration, u32 value)
{
	bool inside = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].starts_enum)
			inside = !strcmp(names[i].name, enumeration);
		else if (inside && names[i].value == value)
			return names[i].name;
	}
	return "?";
}
