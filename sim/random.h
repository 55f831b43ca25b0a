/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* splitmix64: what is drawn depends on the seed and the number of the frame, on nothing else. */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdint.h>

#define RANDOM_STEP	0x9e3779b97f4a7c15u

static inline uint64_t random_mix(uint64_t value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
	value = (value ^ value >> 27) * 0x94d049bb133111ebu;
	return value ^ value >> 31;
}

static inline uint64_t random_start(uint64_t seed, uint64_t number)
{
	return random_mix(random_mix(seed + RANDOM_STEP) ^ number * RANDOM_STEP);
}

static inline uint64_t random_next(uint64_t *state)
{
	*state += RANDOM_STEP;
	return random_mix(*state);
}

#endif
