/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What every measurement uses: a region of 4 KiB pages and two completion queues on each node,
 * and connected QPs of the same number.
 */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include "rdma_adapter.h"

#define BUFFER_BYTES (1u << 20)
#define LOG_Q 9u		/* slots of a send queue, entries of a receive queue */
#define FIRST_QPN 2u

enum { SENDER, RECEIVER };

extern struct mr regions[NODES];	/* BUFFER_BYTES each, filled at random */
extern struct cq send_cqs[NODES], recv_cqs[NODES];

#define GRH_BYTES 40u		/* before the data of a UD receive */

struct pair {
	struct qp qps[NODES];
	struct ud_addr addrs[NODES];	/* UD: of the peer of each */
};

/* Both nodes from reset; once */
void pair_bring_up(void);
void pair_create(struct pair *pair, uint32_t number, enum tern_hw_mtu mtu, uint32_t timeout);
/* Of another type than RC */
void pair_create_of(struct pair *pair, uint32_t number, enum tern_hw_mtu mtu, uint32_t timeout,
		    enum tern_hw_qp_type type);
/* For wr.ud: NULL but for UD */
const struct ud_addr *pair_addr(const struct pair *pair, uint32_t node);
void pair_destroy(struct pair *pair);
/* Address and key of a place in the buffer of a node */
struct sge pair_sge(uint32_t node, uint64_t offset, uint32_t len);

#endif
