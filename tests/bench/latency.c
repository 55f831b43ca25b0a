// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "latency.h"

#include "machine.h"
#include "pair.h"

#define WARM 3u		/* of each kind, until all caches have what they need */
#define ROUNDS 8u
#define PATIENCE 100000u
#define QUIET 2000u	/* cycles between two measurements */

enum how { FETCHED, PUSHED };

/* Cycle in which the entry is seen */
static uint64_t wait_cqe(struct cq *cq)
{
	struct cqe cqe;

	for (uint32_t k = 0; !cq_poll(cq, &cqe); k++) {
		check(k < PATIENCE, "no completion");
		machine_cycle();
	}
	check(!cqe.status, "status %u", cqe.status);
	return machine_now();
}

static void post(struct pair *pair, uint32_t node, enum tern_hw_wqe_op op, uint32_t len,
		 uint32_t flags, enum how how)
{
	struct qp *qp = &pair->qps[node];
	struct sge remote = pair_sge(!qp->node, BUFFER_BYTES / 2, 0);
	struct wr wr = { .op = op, .flags = flags | WR_SIGNALED, .num_sge = 1, .operand = 1,
		.data_len = len, .remote = remote.va, .rkey = remote.key,
		.ud = pair_addr(pair, node) };

	wr.sge[0] = pair_sge(qp->node, 0, len);
	qp_post_send(qp, &wr);
	if (how == PUSHED)
		qp_push_sq(qp);
	else
		qp_ring_sq(qp);
}

static void offer(struct qp *qp, uint32_t len)
{
	struct sge sge = pair_sge(qp->node, BUFFER_BYTES / 2, len);

	qp_post_recv(qp, &sge, 1);
	qp_ring_rq(qp);
}

static void rest(uint32_t round)
{
	bus_wait(QUIET + round);	/* not always in the same phase of what repeats */
}

/* Mean of ROUNDS; what is measured is the difference of two of these times */
struct stages {
	double sent, received, answered, acked, done;	/* since the doorbell */
};

static void one_way(struct pair *pair, enum tern_hw_wqe_op op, uint32_t len, uint32_t flags,
		    enum how how, struct stages *stages)
{
	const struct pin_times *near = machine_times(SENDER), *far = machine_times(RECEIVER);

	*stages = (struct stages){ 0 };
	for (uint32_t k = 0; k < WARM + ROUNDS; k++) {
		uint64_t done;

		rest(k);
		post(pair, SENDER, op, len, flags, how);
		done = wait_cqe(&send_cqs[SENDER]);
		if (k < WARM)
			continue;
		stages->sent += (double)(near->first_sent - near->store) / ROUNDS;
		stages->received += (double)(far->last_received - near->store) / ROUNDS;
		stages->answered += (double)(far->first_sent - near->store) / ROUNDS;
		stages->acked += (double)(near->last_received - near->store) / ROUNDS;
		stages->done += (double)(done - near->store) / ROUNDS;
	}
}

/* From the last beat of a SEND to its CQE */
static double receive(struct pair *pair)
{
	const struct pin_times *far = machine_times(RECEIVER);
	double sum = 0;

	for (uint32_t k = 0; k < WARM + ROUNDS; k++) {
		uint64_t seen;

		offer(&pair->qps[RECEIVER], 64);
		rest(k);
		post(pair, SENDER, TERN_HW_WQE_OP_SEND, 64, 0, FETCHED);
		seen = wait_cqe(&recv_cqs[RECEIVER]);
		if (k >= WARM)
			sum += (double)(seen - far->last_received) / ROUNDS;
		wait_cqe(&send_cqs[SENDER]);
	}
	return sum;
}

static double pingpong(struct pair *pair, uint32_t len)
{
	uint64_t start = 0, end;

	for (uint32_t k = 0; k < WARM + ROUNDS; k++) {
		if (k == WARM)
			start = machine_now();
		for (uint32_t i = 0; i < NODES; i++) {
			offer(&pair->qps[!i], pair_addr(pair, i) ? len + GRH_BYTES : len);
			post(pair, i, TERN_HW_WQE_OP_SEND, len, 0, PUSHED);
			wait_cqe(&recv_cqs[!i]);
		}
	}
	end = machine_now();
	for (uint32_t i = 0; i < NODES; i++)
		for (uint32_t k = 0; k < WARM + ROUNDS; k++)
			wait_cqe(&send_cqs[i]);
	return (double)(end - start) / (2.0 * ROUNDS);
}

double latency_pingpong(enum tern_hw_qp_type type)
{
	struct pair pair;
	double cycles;

	pair_create_of(&pair, 0, TERN_HW_MTU_M4096, 10, type);
	cycles = pingpong(&pair, 64);
	pair_destroy(&pair);
	return cycles;
}

void latency_run(struct latency *latency)
{
	struct pair pair;
	struct stages stages;

	pair_create(&pair, 0, TERN_HW_MTU_M4096, 10);
	one_way(&pair, TERN_HW_WQE_OP_WRITE, 64, 0, FETCHED, &stages);
	latency->fetched = stages.sent;
	latency->answer = stages.answered - stages.received;
	latency->acked = stages.done - stages.acked;
	latency->write = stages.done;
	one_way(&pair, TERN_HW_WQE_OP_WRITE, 64, 0, PUSHED, &stages);
	latency->pushed = stages.sent;
	one_way(&pair, TERN_HW_WQE_OP_WRITE, 32, WR_INLINE, PUSHED, &stages);
	latency->pushed_inline = stages.sent;
	one_way(&pair, TERN_HW_WQE_OP_READ, 64, 0, FETCHED, &stages);
	latency->read = stages.done;
	one_way(&pair, TERN_HW_WQE_OP_FETCH_ADD, 8, 0, FETCHED, &stages);
	latency->fetch_add = stages.done;
	latency->receive = receive(&pair);
	latency->pingpong_64 = pingpong(&pair, 64);
	latency->pingpong_4096 = pingpong(&pair, 4096);
	pair_destroy(&pair);
}
