// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "stream.h"

#include <string.h>

#include "machine.h"
#include "pair.h"

#define BATCH 16u
#define PATIENCE 600000u	/* cycles without a completion */
#define SPAN 32768u	/* bytes of the buffer that small messages walk through */
#define MEASURED (1u << 19)	/* bytes */
#define WINDOW (1u << 18)	/* bytes posted and not complete: several round trips */
#define LEAST_WINDOW 64u	/* messages of a QP */

struct flow {
	struct pair pair;
	uint64_t posted, completed;	/* messages */
	uint64_t offered, received;	/* entries of the receive queue */
};

struct run {
	const struct stream *stream;
	uint32_t depth, batch;		/* messages of a QP */
	uint64_t completed;		/* messages of all */
};

static struct flow flows[STREAM_MOST_QPS];

/* ------------------------------------------------------------------------------------- queues */

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

static uint32_t at_least(uint32_t value, uint32_t limit)
{
	return value > limit ? value : limit;
}

static void choose_depth(struct run *run)
{
	const struct stream *stream = run->stream;
	uint32_t most = at_least((2u << LOG_Q) / stream->qps, LEAST_WINDOW);

	run->depth = at_least(at_most(WINDOW / stream->size, at_most(most, 1u << LOG_Q)), 2);
	/* Completions of many QPs come in bursts; large messages need no batches */
	run->batch = at_least(at_most(1024 / at_least(stream->size, 1), BATCH), 1);
}

static void create(const struct stream *stream)
{
	check(stream->qps <= STREAM_MOST_QPS, "%u QPs", stream->qps);
	for (uint32_t k = 0; k < stream->qps; k++) {
		memset(&flows[k], 0, sizeof(flows[k]));
		/* 16 us is soon after a loss; else 4 ms are out of the way */
		pair_create_of(&flows[k].pair, k, stream->mtu, stream->loss ? 2 : 10, stream->type);
	}
}

/* ------------------------------------------------------------------------------------- traffic */

/* Of a message in the buffer of its node: the lower half is read, the upper half is written. As in
 * perftest, few pages are used again and again.
 */
static uint32_t header(const struct stream *stream)
{
	return stream->type == TERN_HW_QP_TYPE_UD ? GRH_BYTES : 0;
}

static uint64_t place(const struct stream *stream, uint64_t message, bool written)
{
	uint32_t size = (stream->size + header(stream) + 63) & ~63u;
	uint32_t span = at_least(SPAN / size, 1) * size;

	if (size > BUFFER_BYTES / 2)
		return 0;
	return message * size % span + (written ? BUFFER_BYTES / 2 : 0);
}

/* QPs that work on the same word wait for each other */
static uint64_t apart(const struct stream *stream, const struct flow *flow)
{
	return stream->op == TERN_HW_WQE_OP_FETCH_ADD ? (uint64_t)(flow - flows) % 16 * SPAN : 0;
}

static bool reads(const struct stream *stream)
{
	return stream->op == TERN_HW_WQE_OP_READ || stream->op == TERN_HW_WQE_OP_FETCH_ADD;
}

static void fill_send(const struct run *run, struct flow *flow)
{
	const struct stream *stream = run->stream;
	struct qp *qp = &flow->pair.qps[SENDER];

	while (flow->posted - flow->completed + run->batch <= run->depth) {
		for (uint32_t k = 0; k < run->batch; k++) {
			bool read = reads(stream);
			struct sge remote = pair_sge(RECEIVER, place(stream, flow->posted, !read) +
						     apart(stream, flow), 0);
			struct wr wr = { .op = stream->op, .num_sge = 1, .operand = 1,
				.remote = remote.va, .rkey = remote.key,
				.ud = pair_addr(&flow->pair, SENDER) };

			wr.sge[0] = pair_sge(SENDER, place(stream, flow->posted, read), stream->size);
			flow->posted++;
			if (flow->posted % run->batch == 0)
				wr.flags = WR_SIGNALED;
			qp_post_send(qp, &wr);
		}
		qp_ring_sq(qp);
	}
}

static void fill_recv(const struct run *run, struct flow *flow)
{
	const struct stream *stream = run->stream;
	struct qp *qp = &flow->pair.qps[RECEIVER];

	if (stream->op != TERN_HW_WQE_OP_SEND)
		return;
	while (flow->offered - flow->received + BATCH <= 1u << LOG_Q) {
		for (uint32_t k = 0; k < BATCH; k++) {
			struct sge sge = pair_sge(RECEIVER, place(stream, flow->offered++, true),
						  stream->size + header(stream));

			qp_post_recv(qp, &sge, 1);
		}
		qp_ring_rq(qp);
	}
}

static bool poll_all(struct run *run)
{
	struct cqe cqe;
	bool some = false;

	while (cq_poll(&send_cqs[SENDER], &cqe)) {
		struct flow *flow = &flows[cqe.qpn - FIRST_QPN];
		uint32_t done = (uint16_t)(cqe.wqe_index + 1 - flow->completed);

		check(!cqe.status, "send of QP %u has status %u", cqe.qpn, cqe.status);
		flow->completed += done;
		run->completed += done;
		fill_send(run, flow);
		some = true;
	}
	while (cq_poll(&recv_cqs[RECEIVER], &cqe)) {
		struct flow *flow = &flows[cqe.qpn - FIRST_QPN];

		check(!cqe.status, "receive of QP %u has status %u", cqe.qpn, cqe.status);
		flow->received++;
		fill_recv(run, flow);
	}
	return some;
}

static void run_to(struct run *run, uint64_t messages)
{
	const struct stream *stream = run->stream;
	uint64_t last = machine_now();

	while (run->completed < messages) {
		machine_cycle();
		if (poll_all(run))
			last = machine_now();
		check(machine_now() - last < PATIENCE,
		      "opcode %x, %u bytes, %u QPs: stuck after %llu messages", stream->op,
		      stream->size, stream->qps, (unsigned long long)run->completed);
	}
}

/* A sender of UC or UD is done before its messages are there */
static void wait_received(struct run *run)
{
	const struct stream *stream = run->stream;
	uint64_t last = machine_now();

	for (uint32_t k = 0; k < stream->qps && stream->type != TERN_HW_QP_TYPE_RC; k++) {
		while (flows[k].received < flows[k].posted) {
			machine_cycle();
			poll_all(run);
			check(machine_now() - last < PATIENCE, "QP %u: %llu messages of %llu", FIRST_QPN + k,
			      (unsigned long long)flows[k].received, (unsigned long long)flows[k].posted);
		}
	}
}

/* What was posted completes, and the last message of each QP is where it belongs */
static void finish(struct run *run)
{
	const struct stream *stream = run->stream;
	static uint8_t from[BUFFER_BYTES], to[BUFFER_BYTES];
	uint64_t posted = 0;

	run->depth = 0;
	for (uint32_t k = 0; k < stream->qps; k++)
		posted += flows[k].posted;
	run_to(run, posted);
	wait_received(run);
	for (uint32_t k = 0; k < stream->qps && stream->op != TERN_HW_WQE_OP_FETCH_ADD; k++) {
		uint64_t last = flows[k].posted - 1;
		bool read = reads(stream);

		mr_get(&regions[read ? RECEIVER : SENDER], place(stream, last, false), from,
		       stream->size);
		mr_get(&regions[read ? SENDER : RECEIVER], place(stream, last, true) + header(stream),
		       to, stream->size);
		check(!memcmp(from, to, stream->size), "opcode %x, %u bytes, QP %u: wrong data",
		      stream->op, stream->size, FIRST_QPN + k);
	}
}

static uint64_t lost(void)
{
	return machine_times(0)->frames_lost + machine_times(1)->frames_lost;
}

void stream_run(const struct stream *stream, struct stream_result *result)
{
	struct run run = { .stream = stream };
	uint64_t start, first, messages = stream->messages, lost_before = lost();

	choose_depth(&run);
	create(stream);
	machine_set_loss(stream->loss);
	for (uint32_t k = 0; k < stream->qps; k++) {
		fill_recv(&run, &flows[k]);
		fill_send(&run, &flows[k]);
	}
	if (!messages)
		messages = at_least(at_least(at_most(MEASURED / stream->size, 1024), 2),
				    4 * stream->qps * run.batch);
	run_to(&run, at_least((uint32_t)messages / 2, at_most(run.depth, 128)));
	start = machine_now();
	first = run.completed;
	run_to(&run, first + messages);
	result->cycles = (double)(machine_now() - start) / (double)(run.completed - first);
	result->bytes = stream->size / result->cycles;
	machine_set_loss(0);
	finish(&run);
	result->frames_lost = lost() - lost_before;
	for (uint32_t k = 0; k < stream->qps; k++)
		pair_destroy(&flows[k].pair);
}
