/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Steady traffic from node 0 to node 1, as perftest makes it: queues kept full, a doorbell for a
 * batch, a completion asked for now and then, buffers of 4 KiB pages.
 */
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include <stdint.h>

#include "rdma_adapter.h"

#define STREAM_MOST_QPS 254u

struct stream {
	enum tern_hw_wqe_op op;
	uint32_t size;
	enum tern_hw_mtu mtu;
	enum tern_hw_qp_type type;	/* UC and UD: SENDs */
	uint32_t qps;
	uint32_t loss;		/* frames of a million */
	uint32_t messages;	/* to measure; 0: as many as it takes */
};

struct stream_result {
	double cycles;		/* per message */
	double bytes;		/* of payload per cycle */
	uint64_t frames_lost;
};

void stream_run(const struct stream *stream, struct stream_result *result);

#endif
