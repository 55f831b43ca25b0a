// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Datagrams: addresses, and send queue entries byte by byte, as ibv_post_send and as ibv_wr_* write
 * them; what UD and UC QPs cannot do. The layout is spelled out here once more, from
 * abi/tern_hw.def, with numbers.
 */

#include <errno.h>

#include "fake.h"

#define MAX_SGE		16
#define MAX_INLINE	224

struct request {
	unsigned int flags;
	bool with_imm;
	uint64_t wr_id;
	uint32_t imm, qpn, qkey;
	int num_sge;
	struct ibv_sge sge[MAX_SGE];
};

struct bench {
	struct fake fake;
	struct tern_cq *cq;
	struct tern_qp *qp[2];		/* posted to by ibv_post_send, by ibv_wr_* */
	struct ibv_ah *ah;
};

static uint8_t source[4096];

static struct ibv_ah_attr address(void)
{
	struct ibv_ah_attr attr = {
		.is_global = 1,
		.port_num = 1,
		.sl = 5,
		.grh = { .flow_label = 0xabcde, .sgid_index = 0x93, .hop_limit = 0x40,
			 .traffic_class = 0xb8 },
	};
	int i;

	for (i = 0; i < 16; i++)
		attr.grh.dgid.raw[i] = 0x20 + i;
	return attr;
}

static struct ibv_qp_cap full_cap(void)
{
	return (struct ibv_qp_cap){ .max_send_wr = 16, .max_send_sge = MAX_SGE,
				    .max_inline_data = MAX_INLINE, .max_recv_wr = 1,
				    .max_recv_sge = 1 };
}

static void bench_init(struct bench *bench, struct ibv_qp_cap cap)
{
	static const uint8_t dmac[6] = { 0x02, 0x54, 0x4e, 0x11, 0x22, 0x33 };
	struct ibv_ah_attr attr = address();
	int i;

	fake_init(&bench->fake);
	memcpy(fake_kernel.dmac, dmac, sizeof(dmac));
	bench->cq = fake_cq(&bench->fake, 1000);
	for (i = 0; i < 2; i++)
		bench->qp[i] = fake_qp_of(&bench->fake, bench->cq, cap, 0, IBV_QPT_UD,
					  TERN_UD_SEND_OPS);
	bench->ah = tern_create_ah(&bench->fake.pd.ibv_pd, &attr);
	assert_non_null(bench->ah);
}

static void bench_exit(struct bench *bench)
{
	assert_int_equal(tern_destroy_ah(bench->ah), 0);
	assert_int_equal(fake_kernel.ahs, 0);
	assert_int_equal(tern_destroy_qp(&bench->qp[0]->vqp.qp), 0);
	assert_int_equal(tern_destroy_qp(&bench->qp[1]->vqp.qp), 0);
	assert_int_equal(tern_destroy_cq(&bench->cq->vcq.cq), 0);
	fake_exit(&bench->fake);
}

/* Slots of 64 B: 1 SGE or 16 B in the first, 4 or 64 B in each that follows */
static uint32_t slots_of(const struct request *req)
{
	uint32_t bytes = 0, slots = 1;
	int i;

	for (i = 0; i < req->num_sge; i++)
		bytes += req->flags & IBV_SEND_INLINE ? req->sge[i].length : 16;
	while (bytes > 16 + 64 * (slots - 1))
		slots++;
	return slots;
}

static void put(uint8_t *to, uint64_t value, int bytes)
{
	for (; bytes--; value >>= 8)
		*to++ = value;
}

/* The bytes that the entry must have; returns how many count */
static uint32_t expect_bytes(const struct request *req, uint64_t index, uint32_t ring_slots,
			     uint8_t *to)
{
	uint64_t hdr = req->with_imm ? 1 : 0;
	uint32_t used = 48;
	int i;

	memset(to, 0, 5 * 64);
	put(to + 8, req->qpn, 3);
	put(to + 11, 0x93, 1);
	put(to + 12, req->qkey, 4);
	put(to + 16, 0xabcde | 5 << 20, 4);
	if (req->with_imm)
		memcpy(to + 20, &req->imm, 4);
	put(to + 24, 0x02544e112233, 6);
	put(to + 30, 0xb8, 1);
	put(to + 31, 0x40, 1);
	for (i = 0; i < 16; i++)
		to[32 + i] = 0x20 + i;

	hdr |= (uint64_t)(req->flags & IBV_SEND_SIGNALED ? 1 : 0) << 13;
	hdr |= (uint64_t)(req->flags & IBV_SEND_SOLICITED ? 1 : 0) << 14;
	hdr |= (uint64_t)(req->flags & IBV_SEND_FENCE ? 1 : 0) << 15;
	hdr |= (uint64_t)slots_of(req) << 29;
	if (index / ring_slots % 2 == 0)
		hdr |= 1ull << 63;
	for (i = 0; i < req->num_sge; i++) {
		if (req->flags & IBV_SEND_INLINE) {
			memcpy(to + used, (void *)(uintptr_t)req->sge[i].addr, req->sge[i].length);
			used += req->sge[i].length;
		} else {
			put(to + used, req->sge[i].addr, 8);
			put(to + used + 8, req->sge[i].length, 4);
			put(to + used + 12, req->sge[i].lkey, 4);
			used += 16;
		}
	}
	if (req->flags & IBV_SEND_INLINE)
		hdr |= 1 << 16 | (uint64_t)(used - 48) << 20;
	else
		hdr |= (uint64_t)req->num_sge << 8;
	put(to, hdr, 8);
	return used;
}

static void check_entry(const struct tern_qp *qp, const struct request *req, uint64_t index)
{
	uint32_t size = 64u << qp->sq.log_size;
	uint8_t want[5 * 64];
	uint32_t i, used = expect_bytes(req, index, size / 64, want);

	for (i = 0; i < used; i++) {
		if (qp->sq.buf[(index * 64 + i) % size] != want[i])
			fail_msg("flags %x sges %d: byte %u is %02x, not %02x", req->flags,
				 req->num_sge, i, qp->sq.buf[(index * 64 + i) % size], want[i]);
	}
}

static void make_request(struct request *req, unsigned int flags, int num_sge,
			 uint32_t inline_bytes, uint64_t *rnd)
{
	uint32_t left = inline_bytes;
	int i;

	memset(req, 0, sizeof(*req));
	req->flags = flags;
	req->with_imm = fake_below(rnd, 2);
	req->wr_id = (uint64_t)fake_random(rnd) << 32 | fake_random(rnd);
	req->imm = fake_random(rnd);
	req->qpn = fake_random(rnd) & 0xffffff;
	req->qkey = fake_random(rnd);
	req->num_sge = num_sge;
	for (i = 0; i < num_sge; i++) {
		req->sge[i].addr = (uint64_t)fake_random(rnd) << 32 | fake_random(rnd);
		req->sge[i].length = fake_random(rnd);
		req->sge[i].lkey = fake_random(rnd);
		if (flags & IBV_SEND_INLINE) {
			req->sge[i].length = i == num_sge - 1 ? left : fake_below(rnd, left + 1);
			req->sge[i].addr = (uintptr_t)source + fake_below(rnd, 1024);
			left -= req->sge[i].length;
		}
	}
}

static void fill_wr(const struct bench *bench, struct ibv_send_wr *wr, struct request *req)
{
	memset(wr, 0xee, sizeof(*wr));
	wr->wr_id = req->wr_id;
	wr->next = NULL;
	wr->sg_list = req->sge;
	wr->num_sge = req->num_sge;
	wr->opcode = req->with_imm ? IBV_WR_SEND_WITH_IMM : IBV_WR_SEND;
	wr->send_flags = req->flags;
	wr->imm_data = req->imm;
	wr->wr.ud.ah = bench->ah;
	wr->wr.ud.remote_qpn = req->qpn;
	wr->wr.ud.remote_qkey = req->qkey;
}

static int post_wr(struct bench *bench, struct ibv_send_wr *wr)
{
	struct ibv_send_wr *bad = NULL;
	int ret;

	ret = tern_post_send(&bench->qp[0]->vqp.qp, wr, &bad);
	assert_ptr_equal(bad, ret ? wr : NULL);
	return ret;
}

static int post(struct bench *bench, struct request *req)
{
	struct ibv_send_wr wr;

	fill_wr(bench, &wr, req);
	return post_wr(bench, &wr);
}

static void set_data(struct ibv_qp_ex *qp, const struct request *req)
{
	struct ibv_data_buf buf[MAX_SGE];
	int i;

	for (i = 0; i < req->num_sge; i++) {
		buf[i].addr = (void *)(uintptr_t)req->sge[i].addr;
		buf[i].length = req->sge[i].length;
	}
	if (req->flags & IBV_SEND_INLINE) {
		if (req->num_sge == 1)
			ibv_wr_set_inline_data(qp, buf[0].addr, buf[0].length);
		else
			ibv_wr_set_inline_data_list(qp, req->num_sge, buf);
	} else if (req->num_sge == 1) {
		ibv_wr_set_sge(qp, req->sge[0].lkey, req->sge[0].addr, req->sge[0].length);
	} else {
		ibv_wr_set_sge_list(qp, req->num_sge, req->sge);
	}
}

/* The setters in either order */
static void build(struct bench *bench, const struct request *req, bool data_first)
{
	struct ibv_qp_ex *qp = &bench->qp[1]->vqp.qp_ex;

	qp->wr_id = req->wr_id;
	qp->wr_flags = req->flags & ~IBV_SEND_INLINE;
	if (req->with_imm)
		ibv_wr_send_imm(qp, req->imm);
	else
		ibv_wr_send(qp);
	if (data_first)
		set_data(qp, req);
	ibv_wr_set_ud_addr(qp, bench->ah, req->qpn, req->qkey);
	if (!data_first)
		set_data(qp, req);
}

static int post_by_wr(struct bench *bench, const struct request *req, bool data_first)
{
	ibv_wr_start(&bench->qp[1]->vqp.qp_ex);
	build(bench, req, data_first);
	return ibv_wr_complete(&bench->qp[1]->vqp.qp_ex);
}

static void post_both(struct bench *bench, struct request *req, uint64_t *index, uint64_t *rnd)
{
	struct tern_sq_wr *kept;
	struct tern_qp *qp;
	int i;

	for (i = 0; i < 2; i++) {
		qp = bench->qp[i];
		assert_int_equal(i ? post_by_wr(bench, req, fake_below(rnd, 2)) : post(bench, req),
				 0);
		check_entry(qp, req, *index);
		assert_int_equal(fake_doorbell(&bench->fake, 0),
				 (uint64_t)qp->qpn | ((*index + slots_of(req)) & 0xffff) << 32);
		kept = &qp->sq.wr[*index & qp->sq.mask];
		assert_true(kept->wr_id == req->wr_id);
		assert_int_equal(kept->end, (uint32_t)(*index + slots_of(req)));
		atomic_store(&qp->sq.tail, qp->sq.head);
	}
	*index += slots_of(req);
}

static void post_sizes(struct bench *bench, unsigned int flags, uint64_t *index, uint64_t *rnd,
		       void (*place)(struct bench *bench, uint64_t *index))
{
	struct request req;
	uint32_t num;

	for (num = 0; num <= MAX_SGE; num++) {
		place(bench, index);
		make_request(&req, flags, num, 0, rnd);
		post_both(bench, &req, index, rnd);
	}
	for (num = 0; num <= MAX_INLINE; num++) {
		place(bench, index);
		make_request(&req, flags | IBV_SEND_INLINE, 1 + num % 3, num, rnd);
		post_both(bench, &req, index, rnd);
	}
}

static void anywhere(struct bench *bench, uint64_t *index)
{
	(void)bench;
	(void)index;
}

static void test_every_entry(void **state)
{
	uint64_t rnd = 1, index = 0;
	struct bench bench;
	unsigned int flags, round;

	(void)state;
	bench_init(&bench, full_cap());
	for (round = 0; round < 4; round++)
		for (flags = 0; flags < 8; flags++)
			post_sizes(&bench, flags, &index, &rnd, anywhere);
	assert_true(index > 2 * 65536 / 16);
	bench_exit(&bench);
}

static uint32_t before_end;

static void near_end(struct bench *bench, uint64_t *index)
{
	int i;

	*index = (uint64_t)(bench->qp[0]->sq.mask + 1) * 2 - before_end;
	for (i = 0; i < 2; i++) {
		bench->qp[i]->sq.head = *index;
		atomic_store(&bench->qp[i]->sq.tail, *index);
	}
}

/* Each place of a multi-slot entry relative to the end of the ring */
static void test_entries_wrap(void **state)
{
	uint64_t rnd = 2, index = 0;
	struct bench bench;

	(void)state;
	bench_init(&bench, full_cap());
	for (before_end = 0; before_end < 6; before_end++)
		post_sizes(&bench, 0, &index, &rnd, near_end);
	bench_exit(&bench);
}

static void test_all_signaled(void **state)
{
	uint64_t rnd = 3;
	struct bench bench;
	struct request req;
	int i;

	(void)state;
	bench_init(&bench, full_cap());
	for (i = 0; i < 2; i++) {
		assert_int_equal(tern_destroy_qp(&bench.qp[i]->vqp.qp), 0);
		bench.qp[i] = fake_qp_of(&bench.fake, bench.cq, full_cap(), 1, IBV_QPT_UD,
					 TERN_UD_SEND_OPS);
	}
	make_request(&req, IBV_SEND_SOLICITED, 1, 0, &rnd);
	assert_int_equal(post(&bench, &req), 0);
	assert_int_equal(post_by_wr(&bench, &req, false), 0);
	req.flags |= IBV_SEND_SIGNALED;
	check_entry(bench.qp[0], &req, 0);
	check_entry(bench.qp[1], &req, 0);
	bench_exit(&bench);
}

/* An entry of one slot is pushed, address and all */
static void test_push(void **state)
{
	uint64_t rnd = 4;
	struct bench bench;
	struct request req;

	(void)state;
	bench_init(&bench, full_cap());
	bench.qp[0]->sq.push = bench.fake.push + 64;
	bench.qp[0]->sq.push_bits = 1 << 24;
	make_request(&req, IBV_SEND_INLINE, 1, 16, &rnd);
	assert_int_equal(post(&bench, &req), 0);
	assert_int_equal(fake_doorbell(&bench.fake, 0), bench.qp[0]->qpn | 1 << 24 | 1ull << 32);
	assert_memory_equal(bench.fake.push + 64, bench.qp[0]->sq.buf, 64);
	bench.qp[0]->sq.push = NULL;
	bench_exit(&bench);
}

static void expect_refusal(struct bench *bench, struct ibv_send_wr wr, int err)
{
	assert_int_equal(post_wr(bench, &wr), err);
	assert_int_equal(bench->qp[0]->sq.head, 0);
	assert_int_equal(fake_doorbell(&bench->fake, 0), FAKE_NO_DOORBELL);
}

static void test_bad_requests(void **state)
{
	struct ibv_send_wr good, wr;
	struct request req;
	struct bench bench;
	uint64_t rnd = 5;
	int op;

	(void)state;
	bench_init(&bench, (struct ibv_qp_cap){ .max_send_wr = 64, .max_send_sge = 1 });
	make_request(&req, 0, 1, 0, &rnd);
	fill_wr(&bench, &good, &req);

#define REFUSE(change, err) do { wr = good; change; expect_refusal(&bench, wr, err); } while (0)
	for (op = -1; op < 300; op++)
		if (op != IBV_WR_SEND && op != IBV_WR_SEND_WITH_IMM)
			REFUSE(wr.opcode = op, EOPNOTSUPP);
	REFUSE(wr.num_sge = 2, EINVAL);
	REFUSE(wr.num_sge = -1, EINVAL);
	REFUSE(wr.send_flags = IBV_SEND_IP_CSUM, EINVAL);
	REFUSE(wr.send_flags = 1u << 31, EINVAL);
	REFUSE(wr.wr.ud.ah = NULL, EINVAL);
	REFUSE(wr.wr.ud.remote_qpn = 0x1000000, EINVAL);
	REFUSE(wr.send_flags = IBV_SEND_INLINE; req.sge[0].length = 17, EINVAL);
	REFUSE(wr.send_flags = IBV_SEND_INLINE; req.sge[0].length = UINT32_MAX, EINVAL);
	bench.qp[0]->vqp.qp.state = IBV_QPS_RTR;
	REFUSE(, EINVAL);
	bench.qp[0]->vqp.qp.state = IBV_QPS_RTS;
	atomic_store(&bench.qp[0]->sq.tail, bench.qp[0]->sq.head - bench.qp[0]->sq.mask - 1);
	REFUSE(, ENOMEM);
#undef REFUSE
	bench_exit(&bench);
}

static void expect_wr_error(struct bench *bench, int err)
{
	assert_int_equal(ibv_wr_complete(&bench->qp[1]->vqp.qp_ex), err);
	assert_int_equal(bench->qp[1]->sq.head, 0);
	assert_int_equal(fake_doorbell(&bench->fake, 0), FAKE_NO_DOORBELL);
	ibv_wr_start(&bench->qp[1]->vqp.qp_ex);
}

static void test_wr_errors(void **state)
{
	struct ibv_data_buf buf[2] = { { source, 20 }, { source, SIZE_MAX - 10 } };
	struct request req, big;
	struct bench bench;
	struct ibv_qp_ex *qp;
	uint64_t rnd = 6, index = 0;
	uint32_t i;

	(void)state;
	bench_init(&bench, full_cap());
	qp = &bench.qp[1]->vqp.qp_ex;
	make_request(&req, 0, 1, 0, &rnd);
	make_request(&big, 0, MAX_SGE, 0, &rnd);

	/* Without an address, at the end or before another; with two; before there is a request */
	ibv_wr_start(qp);
	ibv_wr_send(qp);
	ibv_wr_set_sge(qp, 1, 2, 3);
	expect_wr_error(&bench, EINVAL);
	ibv_wr_send(qp);
	build(&bench, &req, false);
	expect_wr_error(&bench, EINVAL);
	build(&bench, &req, false);
	ibv_wr_set_ud_addr(qp, bench.ah, 1, 2);
	expect_wr_error(&bench, EINVAL);
	ibv_wr_set_ud_addr(qp, bench.ah, 1, 2);
	expect_wr_error(&bench, EINVAL);
	ibv_wr_send(qp);
	ibv_wr_set_ud_addr(qp, NULL, 1, 2);
	expect_wr_error(&bench, EINVAL);
	ibv_wr_send(qp);
	ibv_wr_set_ud_addr(qp, bench.ah, 0x1000000, 2);
	expect_wr_error(&bench, EINVAL);

	/* Data twice; too many pieces, too many bytes */
	build(&bench, &req, true);
	ibv_wr_set_sge(qp, 1, 2, 3);
	expect_wr_error(&bench, EINVAL);
	ibv_wr_send(qp);
	ibv_wr_set_ud_addr(qp, bench.ah, 1, 2);
	ibv_wr_set_sge_list(qp, MAX_SGE + 1, big.sge);
	expect_wr_error(&bench, EINVAL);
	ibv_wr_send(qp);
	ibv_wr_set_inline_data_list(qp, 2, buf);
	ibv_wr_set_ud_addr(qp, bench.ah, 1, 2);
	expect_wr_error(&bench, EINVAL);

	/* Full, by a builder and by a setter */
	for (i = 0; i <= bench.qp[1]->sq.mask + 1; i++)
		build(&bench, &req, false);
	expect_wr_error(&bench, ENOMEM);
	for (i = 0; i < bench.qp[1]->sq.mask - 2; i++)
		build(&bench, &req, false);
	build(&bench, &big, true);
	expect_wr_error(&bench, ENOMEM);
	build(&bench, &req, false);
	ibv_wr_abort(qp);
	assert_int_equal(bench.qp[1]->sq.head, 0);

	post_both(&bench, &req, &index, &rnd);
	bench_exit(&bench);
}

static void test_addresses(void **state)
{
	struct ibv_ah_attr attr = address();
	struct bench bench;

	(void)state;
	bench_init(&bench, full_cap());
	attr.is_global = 0;
	assert_null(tern_create_ah(&bench.fake.pd.ibv_pd, &attr));
	assert_int_equal(errno, EINVAL);
	attr.is_global = 1;
	fake_kernel.fail = ENXIO;
	assert_null(tern_create_ah(&bench.fake.pd.ibv_pd, &attr));
	assert_int_equal(errno, ENXIO);
	assert_int_equal(tern_destroy_ah(bench.ah), ENXIO);
	fake_kernel.fail = 0;
	bench_exit(&bench);
}

/* UC has what needs no answer, in the same entries as RC */
static void test_uc(void **state)
{
	static const enum ibv_wr_opcode ops[] = {
		IBV_WR_SEND, IBV_WR_SEND_WITH_IMM, IBV_WR_RDMA_WRITE, IBV_WR_RDMA_WRITE_WITH_IMM,
	};
	struct ibv_sge sge[3] = { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 } };
	struct ibv_send_wr wr = { .sg_list = sge }, *bad;
	struct tern_qp *rc, *uc;
	struct bench bench;
	int op, num;
	size_t i;

	(void)state;
	bench_init(&bench, full_cap());
	rc = fake_qp(&bench.fake, bench.cq, full_cap(), 0);
	uc = fake_qp_of(&bench.fake, bench.cq, full_cap(), 0, IBV_QPT_UC, TERN_UC_SEND_OPS);
	for (i = 0; i < 4; i++) {
		for (num = 0; num < 4; num++) {
			wr.opcode = ops[i];
			wr.num_sge = num;
			assert_int_equal(tern_post_send(&rc->vqp.qp, &wr, &bad), 0);
			assert_int_equal(tern_post_send(&uc->vqp.qp, &wr, &bad), 0);
			assert_int_equal(rc->sq.head, uc->sq.head);
			assert_memory_equal(rc->sq.buf, uc->sq.buf, 64 * rc->sq.head);
		}
	}
	fake_doorbell(&bench.fake, 0);
	for (op = -1; op < 300; op++) {
		if (op <= IBV_WR_SEND_WITH_IMM && op >= 0)
			continue;
		for (num = 0; num < 4 && op != IBV_WR_LOCAL_INV; num++) {
			wr.opcode = op;
			wr.num_sge = num;
			assert_int_equal(tern_post_send(&uc->vqp.qp, &wr, &bad), EOPNOTSUPP);
			assert_ptr_equal(bad, &wr);
		}
	}
	assert_int_equal(fake_doorbell(&bench.fake, 0), FAKE_NO_DOORBELL);
	assert_int_equal(tern_destroy_qp(&rc->vqp.qp), 0);
	assert_int_equal(tern_destroy_qp(&uc->vqp.qp), 0);
	bench_exit(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_entry),
		cmocka_unit_test(test_entries_wrap),
		cmocka_unit_test(test_all_signaled),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_bad_requests),
		cmocka_unit_test(test_wr_errors),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_uc),
	};
	size_t i;

	for (i = 0; i < sizeof(source); i++)
		source[i] = i * 7 + i / 256;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
