// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Ring arithmetic of the provider against a device that keeps whole counts
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ring.h"

#define MAX_LOG	22

/* What the device would do: writes entry number n of the ring's life */
static void device_write(struct tern_ring *ring, uint64_t n)
{
	struct tern_hw_cqe *cqe = (struct tern_hw_cqe *)ring->buf + n % tern_ring_size(ring);
	uint64_t pass = n / tern_ring_size(ring);

	memset(cqe, 0, sizeof(*cqe));
	cqe->timestamp = htole64(n);
	cqe->info = htole64(pass % 2 ? 0 : TERN_HW_CQE_INFO_POLARITY_MASK);
}

static bool is_new(const struct tern_ring *ring)
{
	return tern_ring_cqe_is_new(ring, le64toh(tern_ring_cqe(ring)->info));
}

/* Fills and drains the ring by varying amounts, over many wraps */
static void test_each_entry_once_and_in_order(void **state)
{
	struct tern_ring ring = { .log_size = TERN_CQ_MIN_LOG_SIZE };
	uint64_t written = 0, read = 0;
	unsigned int round, i, count;

	(void)state;
	ring.buf = calloc(1, tern_cq_ring_bytes(ring.log_size));
	assert_non_null(ring.buf);
	assert_false(is_new(&ring));

	for (round = 0; round < 2000; round++) {
		count = round * 37 % (tern_ring_size(&ring) + 1);
		for (i = 0; i < count; i++)
			device_write(&ring, written++);
		while (is_new(&ring)) {
			assert_int_equal(le64toh(tern_ring_cqe(&ring)->timestamp), read);
			read++;
			ring.index++;
		}
		assert_int_equal(read, written);
	}
	assert_true(written > 100 * tern_ring_size(&ring));
	free(ring.buf);
}

/* The index wraps at 2^32, which is a multiple of any ring */
static void test_index_wraps(void **state)
{
	struct tern_ring ring = { .log_size = TERN_CQ_MIN_LOG_SIZE };
	const uint64_t start = (1ull << 32) - 5;
	uint64_t n;

	(void)state;
	ring.buf = calloc(1, tern_cq_ring_bytes(ring.log_size));
	assert_non_null(ring.buf);
	/* What the pass before left behind */
	for (n = start - tern_ring_size(&ring); n < start; n++)
		device_write(&ring, n);
	ring.index = (uint32_t)start;
	assert_false(is_new(&ring));

	for (n = start; n < start + 10; n++) {
		device_write(&ring, n);
		assert_true(is_new(&ring));
		assert_int_equal(le64toh(tern_ring_cqe(&ring)->timestamp), n);
		ring.index++;
		assert_false(is_new(&ring));
	}
	free(ring.buf);
}

static void test_device_is_told_each_quarter(void **state)
{
	struct tern_ring ring = { .log_size = TERN_CQ_MIN_LOG_SIZE, .index = UINT32_MAX - 10 };
	uint32_t quarter = tern_ring_size(&ring) / 4;

	(void)state;
	assert_int_equal(tern_ring_tell_at(&ring), quarter - 11);
}

/*
 * The promise of a CQ: with as many completions unread as it was created for, the device
 * has room, although it was not told of the last entries consumed.
 */
static void test_usable_entries_always_fit(void **state)
{
	uint32_t log_size, size;

	(void)state;
	for (log_size = TERN_CQ_MIN_LOG_SIZE; log_size <= MAX_LOG; log_size++) {
		size = 1u << log_size;
		assert_true(tern_cq_usable(log_size) + size / 4 - 1 < size);
		assert_int_equal(tern_cq_usable(log_size), size / 4 * 3);
	}
}

static void test_smallest_ring_is_chosen(void **state)
{
	uint32_t entries, log_size;

	(void)state;
	for (entries = 1; entries <= 200000; entries++) {
		log_size = tern_cq_log_size(entries, MAX_LOG);
		assert_in_range(log_size, TERN_CQ_MIN_LOG_SIZE, MAX_LOG);
		assert_true(tern_cq_usable(log_size) >= entries);
		if (log_size > TERN_CQ_MIN_LOG_SIZE)
			assert_true(tern_cq_usable(log_size - 1) < entries);
	}
}

static void test_limit_of_entries(void **state)
{
	uint32_t most = tern_cq_usable(MAX_LOG);

	(void)state;
	assert_int_equal(most, 3u << 20);
	assert_int_equal(tern_cq_log_size(most, MAX_LOG), MAX_LOG);
	assert_int_equal(tern_cq_log_size(most + 1, MAX_LOG), 0);
	assert_int_equal(tern_cq_log_size(INT32_MAX, MAX_LOG), 0);
	assert_int_equal(tern_cq_log_size(UINT32_MAX, MAX_LOG), 0);
	assert_int_equal(tern_cq_log_size(1, TERN_CQ_MIN_LOG_SIZE - 1), 0);
}

static void test_ring_bytes(void **state)
{
	(void)state;
	assert_int_equal(tern_cq_ring_bytes(TERN_CQ_MIN_LOG_SIZE), 4096);
	assert_int_equal(tern_cq_ring_bytes(MAX_LOG), 128 << 20);
}

/* The same for 32-bit and 64-bit processes: no hidden padding anywhere */
static void test_uverbs_layout(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct tern_alloc_ucontext_req), 8);
	assert_int_equal(sizeof(struct tern_alloc_ucontext_resp), 56);
	assert_int_equal(offsetof(struct tern_alloc_ucontext_resp, doorbell_key), 8);
	assert_int_equal(sizeof(struct tern_alloc_pd_resp), 8);
	assert_int_equal(sizeof(struct tern_create_cq_req), 16);
	assert_int_equal(offsetof(struct tern_create_cq_req, ring_va), 8);
	assert_int_equal(sizeof(struct tern_create_cq_resp), 8);
	assert_int_equal(offsetof(struct tern_alloc_ucontext_resp, push_key), 24);
	assert_int_equal(offsetof(struct tern_alloc_ucontext_resp, status_key), 40);
	assert_int_equal(sizeof(struct tern_create_qp_req), 24);
	assert_int_equal(offsetof(struct tern_create_qp_req, sq_va), 8);
	assert_int_equal(sizeof(struct tern_create_qp_resp), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_entry_once_and_in_order),
		cmocka_unit_test(test_index_wraps),
		cmocka_unit_test(test_device_is_told_each_quarter),
		cmocka_unit_test(test_usable_entries_always_fit),
		cmocka_unit_test(test_smallest_ring_is_chosen),
		cmocka_unit_test(test_limit_of_entries),
		cmocka_unit_test(test_ring_bytes),
		cmocka_unit_test(test_uverbs_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
