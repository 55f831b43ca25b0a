/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Cycles from one event at the pins of an adapter to another, with nothing else going on.
 */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include "rdma_adapter.h"

struct latency {
	/* Doorbell taken to first beat on the wire, WRITE of 64 B or 32 B */
	double fetched, pushed, pushed_inline;
	double receive;		/* last beat of a SEND of 64 B to CQE in memory */
	double answer;		/* last beat of a WRITE of 64 B to first beat of its ACK */
	double acked;		/* last beat of that ACK to CQE in memory */
	/* Doorbell taken to CQE in memory, 64 B */
	double write, read, fetch_add;
	/* Half of a round trip of SENDs, host answers at once */
	double pingpong_64, pingpong_4096;
};

/* With the memory as machine_set_latency() has made it */
void latency_run(struct latency *latency);
/* Half of a round trip of SENDs of 64 B */
double latency_pingpong(enum tern_hw_qp_type type);

#endif
