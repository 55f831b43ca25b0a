/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Connected pairs of QPs whose rings the test writes itself, behind the provider's back
 */

#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tern.h"

#define PAIR_SLOTS	64	/* of the send queue */
#define PAIR_ENTRIES	64	/* of the receive queue */
#define PAIR_PAGE	4096

/*
 * Memory of an end: a page that is nobody's, a region that begins and ends in the middle of a
 * page, a page that is nobody's
 */
#define AREA_BYTES	(4 * PAIR_PAGE)
#define REGION_OFFSET	(PAIR_PAGE + 100)
#define REGION_BYTES	(2 * PAIR_PAGE - 200)

struct end {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	struct ibv_mr *mr;
	uint8_t *area;
	union ibv_gid gid;
	uint8_t gid_index;
	struct tern_qp *raw;
};

struct pair {
	struct end a;
	struct end b;
};

/* A completion as the device wrote it */
struct raw_cqe {
	uint32_t qpn, status, opcode;
	uint16_t index;
	bool recv;
};

/* hostile_pair.c; what fails ends the program with a message */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);
void pair_open(struct pair *pair);
void pair_close(struct pair *pair);
void pair_connect(struct pair *pair);
void pair_reset(struct pair *pair);
bool take_cqe(struct end *end, struct raw_cqe *cqe);
bool wait_cqe(struct end *end, struct raw_cqe *cqe, int ms);
void put_slot(struct end *end, uint32_t index, const void *slot);
void ring_sq(struct end *end, uint32_t qpn, uint16_t index);
void ring_rq(struct end *end, uint32_t qpn, uint16_t index);
uint8_t *region(const struct end *end);
void area_fill(struct end *end);
void area_check(const struct end *end);
void run_victim(int stop_fd, int report_fd);

/* xorshift64*: the same numbers in each run */
static inline uint32_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull >> 32;
}

#endif
