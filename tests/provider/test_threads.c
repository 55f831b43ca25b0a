// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Threads that share a QP and a CQ: two post, two poll by different means, and one is the device.
 * Each request completes once, at one of those who poll.
 */

#include <errno.h>
#include <sched.h>

#include "fake.h"

#define EACH	30000u			/* requests of one who posts */
#define TOTAL	(2 * EACH)
#define DEPTH	64u			/* slots of the queue; the CQ has room for more */
#define PATIENCE 2000000000ull		/* turns of a loop, some minutes */

struct shared {
	struct fake fake;
	struct tern_cq *cq;
	struct tern_qp *qp;
	_Atomic(uint64_t) next_wr_id;
	_Atomic(uint32_t) completed;
	atomic_bool failed;
	atomic_uchar seen[TOTAL];
};

static void fail_all(struct shared *shared)
{
	atomic_store(&shared->failed, true);
}

static bool goes_on(struct shared *shared)
{
	return atomic_load(&shared->completed) < TOTAL && !atomic_load(&shared->failed);
}

static void *post(void *arg)
{
	struct shared *shared = arg;
	struct ibv_send_wr wr = { .opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED }, *bad;
	uint32_t i;
	int ret;

	for (i = 0; i < EACH && !atomic_load(&shared->failed); i++) {
		wr.wr_id = atomic_fetch_add(&shared->next_wr_id, 1);
		while ((ret = tern_post_send(&shared->qp->vqp.qp, &wr, &bad)) == ENOMEM &&
		       !atomic_load(&shared->failed))
			sched_yield();
		if (ret && ret != ENOMEM)
			fail_all(shared);
	}
	return NULL;
}

/* One completion for each request that the doorbell tells of, in order */
static void *be_device(void *arg)
{
	struct shared *shared = arg;
	volatile uint64_t *doorbell = shared->fake.page;
	uint64_t turns = 0, db, at = 0;
	uint16_t producer;

	while (goes_on(shared)) {
		if (++turns > PATIENCE)
			fail_all(shared);
		db = le64toh(*doorbell);
		if (db == FAKE_NO_DOORBELL || (uint16_t)(db >> 32) == (uint16_t)at) {
			sched_yield();
			continue;
		}
		/* What belongs to the doorbell was written before it */
		atomic_thread_fence(memory_order_acquire);
		for (producer = db >> 32; (uint16_t)at != producer; at++) {
			uint64_t *to = (uint64_t *)shared->cq->ring.buf + at % 128 * 4;

			to[2] = htole64(at << 48);
			__atomic_store_n(&to[3], htole64(shared->qp->qpn |
							 (at / 128 % 2 ? 0 : 1ull << 63)),
					 __ATOMIC_RELEASE);
		}
	}
	return NULL;
}

static void see(struct shared *shared, uint64_t wr_id)
{
	if (wr_id >= TOTAL || atomic_fetch_add(&shared->seen[wr_id], 1))
		fail_all(shared);
	atomic_fetch_add(&shared->completed, 1);
}

static void *poll(void *arg)
{
	struct shared *shared = arg;
	struct ibv_wc wc[8];
	int i, got;

	while (goes_on(shared)) {
		got = tern_poll_cq(&shared->cq->vcq.cq, 8, wc);
		for (i = 0; i < got; i++)
			see(shared, wc[i].wr_id);
		if (!got)
			sched_yield();
	}
	return NULL;
}

static void *poll_ex(void *arg)
{
	struct ibv_poll_cq_attr attr = { 0 };
	struct shared *shared = arg;
	struct ibv_cq_ex *cq = &shared->cq->vcq.cq_ex;

	while (goes_on(shared)) {
		if (ibv_start_poll(cq, &attr)) {
			sched_yield();
			continue;
		}
		do {
			see(shared, cq->wr_id);
		} while (!ibv_next_poll(cq));
		ibv_end_poll(cq);
	}
	return NULL;
}

static void test_share(void **state)
{
	static void *(*const work[])(void *) = { be_device, post, post, poll, poll_ex };
	struct ibv_cq_init_attr_ex cq_attr = { .cqe = 96 };
	struct shared *shared = calloc(1, sizeof(*shared));
	pthread_t threads[5];
	uint32_t i;

	(void)state;
	assert_non_null(shared);
	fake_init(&shared->fake);
	shared->cq = to_tern_cq_ex(tern_create_cq_ex(&shared->fake.ctx->ibv_ctx.context, &cq_attr));
	assert_int_equal(shared->cq->ring.log_size, 7);
	shared->qp = fake_qp(&shared->fake, shared->cq,
			     (struct ibv_qp_cap){ .max_send_wr = DEPTH }, 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work[i], shared), 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_false(atomic_load(&shared->failed));
	assert_int_equal(shared->completed, TOTAL);
	assert_int_equal(tern_destroy_qp(&shared->qp->vqp.qp), 0);
	assert_int_equal(tern_destroy_cq(&shared->cq->vcq.cq), 0);
	fake_exit(&shared->fake);
	free(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
