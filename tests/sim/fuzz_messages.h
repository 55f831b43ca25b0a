/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the fuzzer sends: valid messages at random, and their mutations. */
#ifndef TEST_SIM_FUZZ_MESSAGES_H
#define TEST_SIM_FUZZ_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "dma_map.h"
#include "protocol.h"

#define PAGE		4096u
#define MEMORY_PAGES	64u
#define MAX_SENT_FDS	20u

/* Descriptors that go with messages; those before FD_GOOD are of use to the server */
enum { FD_MEMORY, FD_MEMORY2, FD_EVENT, FD_EVENT2, FD_BLOCKING_EVENT, FD_GOOD, FD_SHORT = FD_GOOD,
       FD_READ_ONLY, FD_PIPE, FD_PIPE2, FD_SOCKET, FD_SOCKET2, FD_NULL, FD_ZERO, FD_TIMER,
       FD_DIRECTORY, FD_PATH, FD_KINDS };

extern int pool[FD_KINDS];
extern unsigned long sent;	/* mutated messages */

struct message {
	uint8_t bytes[2 * VU_MAX_MESSAGE];
	size_t size;
	int fds[MAX_SENT_FDS];
	unsigned int fd_count;
	bool whole;		/* the size field tells the truth */
};

#define MUST(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: message %lu: %s does not hold\n", __FILE__, __LINE__, \
			sent, #condition); \
		abort(); \
	} \
} while (0)

void seed_random(uint64_t seed);
uint32_t below(uint32_t limit);
bool one_in(uint32_t n);

void make_pool(void);

/* Building blocks of a valid message; begin_message() leaves room for the header */
void begin_message(struct message *message);
void put(struct message *message, const void *data, size_t size);
void put_fds(struct message *message, unsigned int count, int kind, unsigned int kinds);
void put_version(struct message *message);
void put_enable(struct message *message, unsigned int which);
void end_message(struct message *message, uint16_t command, uint16_t id, uint32_t flags);

/* A valid message of any kind. map is what the server has mapped, to unmap some of it. */
void make_message(struct message *message, const struct dma_map *map);
void mutate(struct message *message);

#endif
