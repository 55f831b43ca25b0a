/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The verbs objects of one side of the integrity test, and the accounting of completions
 *
 * Work requests of a QP are numbered since the start of the test; that number is the wr_id. Each
 * signaled one must complete exactly once and in order, and so must each receive.
 */

#ifndef INTEGRITY_ENDPOINT_H
#define INTEGRITY_ENDPOINT_H

#include <infiniband/verbs.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan.h"

#define MAX_QPS		64

struct settings {
	const char *device;
	int gid_index;
	enum ibv_mtu mtu;
	uint32_t qps, messages, rounds;
	uint32_t max_length;
	size_t bytes;
	uint64_t seed;
	uint8_t timeout;
	bool events;
	bool lossy;
};

/* What a side tells the other; both are of one kind of machine */
struct introduction {
	union ibv_gid gid;
	uint64_t seed, address, bytes;
	uint32_t rkey, qps, messages, rounds;
	uint32_t max_sge, max_inline, max_length, max_rd;
	uint32_t mtu, fragile;
	uint32_t qpn[MAX_QPS], psn[MAX_QPS];
};

struct endpoint {
	const struct settings *settings;
	struct ibv_context *context;
	struct ibv_pd *pd;
	struct ibv_comp_channel *events;
	struct ibv_cq *send_cq, *recv_cq;
	struct ibv_mr *mr;
	uint8_t *region;
	struct ibv_qp *qp[MAX_QPS];
	struct introduction me, peer;

	/* Per QP, counted since the start */
	uint64_t posted[MAX_QPS], completed[MAX_QPS];	/* sends; completed: index behind the last CQE */
	uint64_t received[MAX_QPS], expected[MAX_QPS];	/* receives seen, and posted */
	uint64_t send_cqes, recv_cqes;
};

void endpoint_open(struct endpoint *end, const struct settings *settings);
void endpoint_connect(struct endpoint *end);
void endpoint_close(struct endpoint *end);

void endpoint_post_receives(struct endpoint *end, const struct plan *plan);
void endpoint_post_send(struct endpoint *end, const struct plan *plan, uint32_t qp, uint32_t index,
			uint32_t count);
unsigned int endpoint_poll(struct endpoint *end, const struct plan *plan);
bool endpoint_is_done(const struct endpoint *end);
void endpoint_wait(struct endpoint *end);

void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif /* INTEGRITY_ENDPOINT_H */
