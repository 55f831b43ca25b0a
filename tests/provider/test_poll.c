// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completions, as ibv_poll_cq and as ibv_start_poll and its kin tell them, and receive
 * queues. The layout is spelled out here once more, from abi/tern_hw.def, with numbers.
 */

#include <errno.h>

#include "fake.h"

#define SEND_CQE(qp, op)	((uint64_t)(qp)->qpn | (uint64_t)(op) << 24)
#define RECV_CQE(qp, op)	(SEND_CQE(qp, op) | 1ull << 40)

struct bench {
	struct fake fake;
	struct tern_cq *cq;
	struct tern_qp *qp;
	uint64_t written;		/* entries of the CQ */
};

static const struct ibv_qp_cap cap = { .max_send_wr = 64, .max_send_sge = 2, .max_recv_wr = 64,
				       .max_recv_sge = 4 };

static void bench_init(struct bench *bench)
{
	memset(bench, 0, sizeof(*bench));
	fake_init(&bench->fake);
	bench->cq = fake_cq(&bench->fake, 96);
	bench->qp = fake_qp(&bench->fake, bench->cq, cap, 1);
}

static void bench_exit(struct bench *bench)
{
	if (bench->qp)
		assert_int_equal(tern_destroy_qp(&bench->qp->vqp.qp), 0);
	assert_int_equal(tern_destroy_cq(&bench->cq->vcq.cq), 0);
	fake_exit(&bench->fake);
}

static void write_cqe(struct bench *bench, uint64_t info, uint64_t index)
{
	struct fake_cqe cqe = {
		.timestamp = 0x1122334455667788 + bench->written,
		.len = 0x87654321,
		.imm = 0x0a0b0c0d,
		.peer = index << 48 | 0x123456,
		.info = info,
	};

	fake_write_cqe(bench->cq, bench->written++, &cqe);
}

static int poll(struct bench *bench, int num, struct ibv_wc *wc)
{
	return tern_poll_cq(&bench->cq->vcq.cq, num, wc);
}

static void post_sends(struct tern_qp *qp, uint32_t count, uint64_t wr_id)
{
	struct ibv_send_wr wr = { .opcode = IBV_WR_SEND }, *bad;

	for (; count; count--) {
		wr.wr_id = wr_id++;
		assert_int_equal(tern_post_send(&qp->vqp.qp, &wr, &bad), 0);
	}
}

static void test_opcodes(void **state)
{
	static const int ops[][3] = {
		{ 0, 0, IBV_WC_SEND }, { 0, 1, IBV_WC_SEND }, { 0, 2, IBV_WC_SEND },
		{ 0, 4, IBV_WC_RDMA_WRITE }, { 0, 5, IBV_WC_RDMA_WRITE }, { 0, 8, IBV_WC_RDMA_READ },
		{ 0, 12, IBV_WC_COMP_SWAP }, { 0, 13, IBV_WC_FETCH_ADD },
		{ 0, 16, IBV_WC_LOCAL_INV }, { 1, 0, IBV_WC_RECV },
		{ 1, 1, IBV_WC_RECV_RDMA_WITH_IMM },
	};
	struct bench bench;
	struct ibv_wc wc;
	unsigned int i;

	(void)state;
	bench_init(&bench);
	for (i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		write_cqe(&bench, ops[i][0] ? RECV_CQE(bench.qp, ops[i][1]) :
					      SEND_CQE(bench.qp, ops[i][1]), 0);
		memset(&wc, 0xee, sizeof(wc));
		assert_int_equal(poll(&bench, 1, &wc), 1);
		assert_int_equal(wc.opcode, ops[i][2]);
		assert_int_equal(wc.status, IBV_WC_SUCCESS);
		assert_int_equal(wc.vendor_err, 0);
		assert_int_equal(wc.byte_len, 0x87654321);
		assert_int_equal(wc.qp_num, bench.qp->qpn);
		assert_int_equal(wc.src_qp, 0x123456);
		assert_int_equal(wc.wc_flags, 0);
		assert_int_equal(wc.pkey_index | wc.slid | wc.sl | wc.dlid_path_bits, 0);
		assert_int_equal(poll(&bench, 1, &wc), 0);
	}
	bench_exit(&bench);
}

static void test_status_and_flags(void **state)
{
	struct fake_cqe cqe = { .imm = 0x0a0b0c0d };
	struct bench bench;
	struct ibv_wc wc;
	uint64_t status, vlan;
	uint32_t imm;

	(void)state;
	bench_init(&bench);
	for (status = 0; status <= 21; status++) {
		write_cqe(&bench, SEND_CQE(bench.qp, 0) | status << 32, 0);
		assert_int_equal(poll(&bench, 1, &wc), 1);
		assert_int_equal(wc.status, status);
	}

	/* The bytes of immediate data are as on the wire, whatever the host's order is */
	write_cqe(&bench, RECV_CQE(bench.qp, 1) | 1ull << 42, 0);
	assert_int_equal(poll(&bench, 1, &wc), 1);
	assert_int_equal(wc.wc_flags, IBV_WC_WITH_IMM);
	imm = htole32(0x0a0b0c0d);
	assert_memory_equal(&wc.imm_data, &imm, 4);
	write_cqe(&bench, RECV_CQE(bench.qp, 0) | 1ull << 43 | 1ull << 41, 0);
	assert_int_equal(poll(&bench, 1, &wc), 1);
	assert_int_equal(wc.wc_flags, IBV_WC_WITH_INV);
	assert_int_equal(wc.invalidated_rkey, 0x0a0b0c0d);

	/* A datagram with immediate data, without a VLAN tag and with one of priority 5 */
	for (vlan = 0; vlan < 2; vlan++) {
		cqe.info = RECV_CQE(bench.qp, 0) | 1ull << 42;
		cqe.peer = 0xabcd00000000 | vlan << 26 | 1 << 24 | 0x654321;
		fake_write_cqe(bench.cq, bench.written++, &cqe);
		memset(&wc, 0xee, sizeof(wc));
		assert_int_equal(poll(&bench, 1, &wc), 1);
		assert_int_equal(wc.wc_flags, IBV_WC_WITH_IMM | IBV_WC_GRH);
		assert_memory_equal(&wc.imm_data, &imm, 4);
		assert_int_equal(wc.src_qp, 0x654321);
		assert_int_equal(wc.sl, 5 * vlan);
		assert_int_equal(wc.pkey_index | wc.slid | wc.dlid_path_bits, 0);
	}
	bench_exit(&bench);
}

/* Batches of all sizes over many wraps; the device is told in time, and only then */
static void test_batches(void **state)
{
	uint64_t rnd = 1, read = 0, told = 0, db;
	struct bench bench;
	struct ibv_wc wc[64];
	uint32_t count, i;
	int want, got;

	(void)state;
	bench_init(&bench);
	while (read < 70000) {
		count = fake_below(&rnd, 60);
		post_sends(bench.qp, count, read);
		for (i = 0; i < count; i++)
			write_cqe(&bench, SEND_CQE(bench.qp, 0), read + i);
		for (want = 0; read < bench.written; read += got) {
			want = 1 + fake_below(&rnd, 64);
			got = poll(&bench, want, wc);
			assert_in_range(got, 1, want);
			for (i = 0; i < (uint32_t)got; i++)
				assert_true(wc[i].wr_id == read + i);
			db = fake_doorbell(&bench.fake, 0x10);
			if (db != FAKE_NO_DOORBELL) {
				assert_int_equal(db & 0xffffffffff, bench.cq->cqn);
				told += ((db >> 40) - told) & 0xffffff;
			}
			assert_in_range(read + got - told, 0, 31);
		}
		assert_int_equal(poll(&bench, 64, wc), 0);
	}
	bench_exit(&bench);
}

static void test_arm(void **state)
{
	struct bench bench;
	struct ibv_wc wc;

	(void)state;
	bench_init(&bench);
	write_cqe(&bench, SEND_CQE(bench.qp, 0), 0);
	assert_int_equal(poll(&bench, 1, &wc), 1);
	assert_int_equal(fake_doorbell(&bench.fake, 0x10), FAKE_NO_DOORBELL);
	assert_int_equal(tern_req_notify_cq(&bench.cq->vcq.cq, 0), 0);
	assert_int_equal(fake_doorbell(&bench.fake, 0x10),
			 bench.cq->cqn | 1ull << 31 | 7ull << 32 | 1ull << 40);
	assert_int_equal(tern_req_notify_cq(&bench.cq->vcq.cq, 1), 0);
	assert_int_equal(fake_doorbell(&bench.fake, 0x10),
			 bench.cq->cqn | 1ull << 31 | 2ull << 32 | 1ull << 40);
	bench_exit(&bench);
}

/* A QP that comes after another with the same number gets none of its completions */
static void test_purge(void **state)
{
	struct tern_qp *other;
	struct bench bench;
	struct ibv_wc wc[8];
	uint32_t qpn, i;

	(void)state;
	bench_init(&bench);
	qpn = bench.qp->qpn;
	other = fake_qp(&bench.fake, bench.cq, cap, 1);
	/* Also across the end of the ring */
	for (i = 0; i < 126; i++) {
		write_cqe(&bench, SEND_CQE(other, 0), 0);
		assert_int_equal(poll(&bench, 1, wc), 1);
	}
	for (i = 0; i < 3; i++) {
		write_cqe(&bench, SEND_CQE(bench.qp, 0), i);
		write_cqe(&bench, SEND_CQE(other, 8), i);
	}
	assert_int_equal(tern_destroy_qp(&bench.qp->vqp.qp), 0);
	fake_kernel.next_qpn = qpn;
	bench.qp = fake_qp(&bench.fake, bench.cq, cap, 1);
	assert_int_equal(bench.qp->qpn, qpn);
	write_cqe(&bench, SEND_CQE(bench.qp, 0), 0);

	assert_int_equal(poll(&bench, 8, wc), 4);
	for (i = 0; i < 3; i++) {
		assert_int_equal(wc[i].qp_num, other->qpn);
		assert_int_equal(wc[i].opcode, IBV_WC_RDMA_READ);
	}
	assert_int_equal(wc[3].qp_num, qpn);
	assert_int_equal(poll(&bench, 8, wc), 0);

	/* Of no QP at all */
	write_cqe(&bench, 0xfffff0, 0);
	write_cqe(&bench, SEND_CQE(other, 0), 0);
	assert_int_equal(poll(&bench, 8, wc), 1);
	assert_int_equal(wc[0].qp_num, other->qpn);
	assert_int_equal(tern_destroy_qp(&other->vqp.qp), 0);
	bench_exit(&bench);
}

/* That there was no such QP when it was looked for is forgotten */
static void test_late_qp(void **state)
{
	struct tern_qp *late;
	struct bench bench;
	struct ibv_wc wc[2];

	(void)state;
	bench_init(&bench);
	write_cqe(&bench, fake_kernel.next_qpn, 0);
	assert_int_equal(poll(&bench, 1, wc), 0);
	late = fake_qp(&bench.fake, bench.cq, cap, 1);
	write_cqe(&bench, SEND_CQE(late, 0), 0);
	write_cqe(&bench, SEND_CQE(bench.qp, 0), 0);
	assert_int_equal(poll(&bench, 2, wc), 2);
	assert_int_equal(wc[0].qp_num, late->qpn);
	assert_int_equal(wc[1].qp_num, bench.qp->qpn);
	assert_int_equal(tern_destroy_qp(&late->vqp.qp), 0);
	bench_exit(&bench);
}

static void test_reset(void **state)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_RESET };
	struct ibv_recv_wr recv = { 0 }, *bad;
	struct bench bench;
	struct ibv_wc wc;

	(void)state;
	bench_init(&bench);
	post_sends(bench.qp, 64, 0);
	assert_int_equal(tern_post_recv(&bench.qp->vqp.qp, &recv, &bad), 0);
	write_cqe(&bench, SEND_CQE(bench.qp, 0), 0);
	fake_kernel.fail = EINVAL;
	assert_int_equal(tern_modify_qp(&bench.qp->vqp.qp, &attr, IBV_QP_STATE), EINVAL);
	fake_kernel.fail = 0;
	assert_int_equal(bench.qp->sq.head, 64);
	assert_int_equal(tern_modify_qp(&bench.qp->vqp.qp, &attr, IBV_QP_STATE), 0);
	assert_int_equal(poll(&bench, 1, &wc), 0);
	assert_int_equal(bench.qp->sq.head | bench.qp->rq.head, 0);
	post_sends(bench.qp, 64, 0);
	assert_int_equal(fake_doorbell(&bench.fake, 0), bench.qp->qpn | 64ull << 32);
	bench_exit(&bench);
}

static uint64_t word(const uint8_t *from)
{
	uint64_t value;

	memcpy(&value, from, 8);
	return le64toh(value);
}

static void test_receive(void **state)
{
	uint64_t rnd = 2, head = 0, tail = 0, start = (1ull << 32) - 70000 / 64 * 64;
	struct ibv_recv_wr wr = { 0 }, *bad;
	struct ibv_sge sge[5];
	struct bench bench;
	const uint8_t *entry;
	struct ibv_wc wc;
	uint32_t i, used, size;
	int ret;

	(void)state;
	bench_init(&bench);
	size = bench.qp->rq.mask + 1;
	assert_int_equal(size, 64);
	bench.qp->rq.head = (uint32_t)start;
	atomic_store(&bench.qp->rq.tail, (uint32_t)start);
	wr.sg_list = sge;

	while (head < 3 * 65536) {
		wr.wr_id = head;
		wr.num_sge = fake_below(&rnd, 5);
		for (i = 0; i < 5; i++) {
			sge[i].addr = (uint64_t)fake_random(&rnd) << 32 | fake_random(&rnd);
			sge[i].length = fake_below(&rnd, 4) ? fake_random(&rnd) | 1 : 0;
			sge[i].lkey = fake_below(&rnd, 4) ? fake_random(&rnd) : 0;
		}
		ret = tern_post_recv(&bench.qp->vqp.qp, &wr, &bad);
		if (head - tail == size) {
			assert_int_equal(ret, ENOMEM);
			assert_ptr_equal(bad, &wr);
			assert_int_equal(fake_doorbell(&bench.fake, 8), FAKE_NO_DOORBELL);
		} else {
			assert_int_equal(ret, 0);
			entry = bench.qp->rq.buf + (start + head) % size * 64;
			for (i = used = 0; i < (uint32_t)wr.num_sge; i++) {
				if (!sge[i].length)
					continue;
				assert_true(word(entry + 16 * used) == sge[i].addr);
				assert_true(word(entry + 16 * used + 8) ==
					    (sge[i].length | (uint64_t)sge[i].lkey << 32));
				used++;
			}
			if (used < 4)
				assert_true(word(entry + 16 * used + 8) == 0);
			head++;
			assert_int_equal(fake_doorbell(&bench.fake, 8),
					 bench.qp->qpn | ((start + head) & 0xffff) << 32);
		}
		for (i = fake_below(&rnd, 3); i && tail < head; i--, tail++) {
			write_cqe(&bench, RECV_CQE(bench.qp, 0), (start + tail) & 0xffff);
			assert_int_equal(poll(&bench, 1, &wc), 1);
			assert_true(wc.wr_id == tail);
		}
	}

	wr.num_sge = 5;
	assert_int_equal(tern_post_recv(&bench.qp->vqp.qp, &wr, &bad), EINVAL);
	wr.num_sge = -1;
	assert_int_equal(tern_post_recv(&bench.qp->vqp.qp, &wr, &bad), EINVAL);
	wr.num_sge = 1;
	bench.qp->vqp.qp.state = IBV_QPS_RESET;
	assert_int_equal(tern_post_recv(&bench.qp->vqp.qp, &wr, &bad), EINVAL);
	bench_exit(&bench);
}

/* With and without locks: the same entries by another way */
static void check_cq_ex(uint32_t flags)
{
	struct ibv_cq_init_attr_ex attr = {
		.cqe = 96,
		.wc_flags = IBV_WC_STANDARD_FLAGS | IBV_WC_EX_WITH_COMPLETION_TIMESTAMP |
			    IBV_WC_EX_WITH_CVLAN,
		.comp_mask = IBV_CQ_INIT_ATTR_MASK_FLAGS,
		.flags = flags,
	};
	struct ibv_poll_cq_attr poll_attr = { 0 };
	struct bench bench = { 0 };
	struct fake_cqe cqe = { 0 };
	uint64_t told = 0, db;
	struct ibv_cq_ex *cq;
	uint32_t round, i;

	fake_init(&bench.fake);
	cq = tern_create_cq_ex(&bench.fake.ctx->ibv_ctx.context, &attr);
	assert_non_null(cq);
	bench.cq = to_tern_cq_ex(cq);
	assert_int_equal(bench.cq->lock.needed, !flags);
	bench.qp = fake_qp(&bench.fake, bench.cq, cap, 1);

	assert_int_equal(ibv_start_poll(cq, &poll_attr), ENOENT);
	poll_attr.comp_mask = 1;
	assert_int_equal(ibv_start_poll(cq, &poll_attr), EINVAL);
	poll_attr.comp_mask = 0;

	for (round = 0; round < 3000; round++) {
		post_sends(bench.qp, round % 60 + 1, round * 100);
		/* One of nobody, which is never seen */
		write_cqe(&bench, 0xfffff0, 0);
		for (i = 0; i <= round % 60; i++)
			write_cqe(&bench, SEND_CQE(bench.qp, 4) | 5ull << 32,
				  (bench.qp->sq.head - round % 60 - 1 + i) & 0xffff);
		assert_int_equal(ibv_start_poll(cq, &poll_attr), 0);
		for (i = 0; ; i++) {
			assert_true(cq->wr_id == round * 100 + i);
			assert_int_equal(cq->status, IBV_WC_WR_FLUSH_ERR);
			assert_int_equal(ibv_wc_read_opcode(cq), IBV_WC_RDMA_WRITE);
			if (ibv_next_poll(cq))
				break;
		}
		assert_int_equal(i, round % 60);
		ibv_end_poll(cq);
		db = fake_doorbell(&bench.fake, 0x10);
		if (db != FAKE_NO_DOORBELL)
			told += ((db >> 40) - told) & 0xffffff;
		assert_in_range(bench.written - told, 0, 31);
		assert_int_equal(bench.cq->ring.index, bench.written);
	}

	/* An entry that is being read is not the device's yet */
	cqe = (struct fake_cqe){ .timestamp = 42, .len = 7, .imm = 0x01020304,
				 .peer = 0xabcd00000000 | 1 << 24 | 0x654321,
				 .info = RECV_CQE(bench.qp, 1) | 1ull << 42 };
	fake_write_cqe(bench.cq, bench.written, &cqe);
	assert_int_equal(ibv_start_poll(cq, &poll_attr), 0);
	assert_int_equal(bench.cq->ring.index, bench.written);
	assert_int_equal(cq->status, IBV_WC_SUCCESS);
	assert_int_equal(ibv_wc_read_opcode(cq), IBV_WC_RECV_RDMA_WITH_IMM);
	assert_int_equal(ibv_wc_read_byte_len(cq), 7);
	assert_int_equal(ibv_wc_read_imm_data(cq), htole32(0x01020304));
	assert_int_equal(ibv_wc_read_qp_num(cq), bench.qp->qpn);
	assert_int_equal(ibv_wc_read_src_qp(cq), 0x654321);
	assert_int_equal(ibv_wc_read_wc_flags(cq), IBV_WC_WITH_IMM | IBV_WC_GRH);
	assert_int_equal(ibv_wc_read_vendor_err(cq), 0);
	assert_int_equal(ibv_wc_read_completion_ts(cq), 42);
	assert_int_equal(ibv_wc_read_cvlan(cq), 0xabcd);
	assert_int_equal(ibv_wc_read_slid(cq) | ibv_wc_read_sl(cq) |
			 ibv_wc_read_dlid_path_bits(cq), 0);
	ibv_end_poll(cq);
	assert_int_equal(bench.cq->ring.index, ++bench.written);

	/* The service level is the priority of the VLAN tag, where there is one */
	cqe.peer |= 1 << 26;
	cqe.info = RECV_CQE(bench.qp, 0);
	fake_write_cqe(bench.cq, bench.written++, &cqe);
	assert_int_equal(ibv_start_poll(cq, &poll_attr), 0);
	assert_int_equal(ibv_wc_read_sl(cq), 5);
	ibv_end_poll(cq);
	bench_exit(&bench);
}

static void test_cq_ex(void **state)
{
	(void)state;
	check_cq_ex(0);
	check_cq_ex(IBV_CREATE_CQ_ATTR_SINGLE_THREADED);
}

/*
 * The device dies with 59 sends and 3 receives under way, in the middle of the ring: what it
 * wrote is taken first, then each of the others is flushed once, in order, with its opcode;
 * also what is posted later.
 */
static void test_dead_device(void **state)
{
	struct ibv_recv_wr recv = { .wr_id = 500 }, *bad;
	uint32_t status = TERN_STATUS_ALIVE;
	uint64_t next[2] = { 101, 500 };
	struct bench bench;
	struct ibv_wc wc[8];
	int i, n, round;

	(void)state;
	bench_init(&bench);
	bench.fake.ctx->status = &status;
	for (i = 0; i < 100; i++) {
		post_sends(bench.qp, 1, i);
		write_cqe(&bench, SEND_CQE(bench.qp, 0), i);
		assert_int_equal(poll(&bench, 1, wc), 1);
	}
	post_sends(bench.qp, 60, 100);
	for (i = 0; i < 3; i++, recv.wr_id++)
		assert_int_equal(tern_post_recv(&bench.qp->vqp.qp, &recv, &bad), 0);
	write_cqe(&bench, SEND_CQE(bench.qp, 0), 100);
	assert_int_equal(poll(&bench, 1, wc), 1);
	assert_int_equal(wc[0].status, IBV_WC_SUCCESS);
	assert_int_equal(poll(&bench, 1, wc), 0);

	status = 0;
	for (round = 0; round < 40; round++) {
		n = poll(&bench, round % 8, wc);
		for (i = 0; i < n; i++) {
			bool is_recv = wc[i].opcode == IBV_WC_RECV;

			assert_int_equal(wc[i].status, IBV_WC_WR_FLUSH_ERR);
			assert_int_equal(wc[i].qp_num, bench.qp->qpn);
			assert_true(is_recv || wc[i].opcode == IBV_WC_SEND);
			assert_int_equal(wc[i].wr_id, next[is_recv]++);
		}
		if (round == 15)
			post_sends(bench.qp, 10, 160);
	}
	assert_int_equal(next[0], 170);
	assert_int_equal(next[1], 503);
	bench_exit(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opcodes),
		cmocka_unit_test(test_status_and_flags),
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_arm),
		cmocka_unit_test(test_purge),
		cmocka_unit_test(test_late_qp),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_receive),
		cmocka_unit_test(test_cq_ex),
		cmocka_unit_test(test_dead_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
