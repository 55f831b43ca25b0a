/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The TCP connection between the two sides of the integrity test: what they must know of each
 * other, and "I am here too"
 */

#ifndef INTEGRITY_CHANNEL_H
#define INTEGRITY_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

int channel_open(const char *host, const char *port);
void channel_exchange(int channel, const void *mine, void *other, size_t bytes);
void channel_barrier(int channel, uint32_t number);

#endif /* INTEGRITY_CHANNEL_H */
