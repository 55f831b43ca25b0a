// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Send queue entries, byte by byte, as ibv_post_send and as ibv_wr_* write them; the space
 * of the queue; doorbells and the push page. The layout is spelled out here once more, from
 * abi/tern_hw.def, with numbers.
 */

#include <errno.h>

#include "fake.h"

#define MAX_SGE		16
#define MAX_INLINE	224

/* A request as the test thinks of it */
struct request {
	enum ibv_wr_opcode opcode;
	unsigned int flags;
	uint64_t wr_id, remote, swap_or_add, compare;
	uint32_t rkey, imm;
	int num_sge;
	struct ibv_sge sge[MAX_SGE];
};

static uint8_t source[4096];

/* Slots of 64 B: 2 SGEs or 32 B in the first, 4 or 64 B in each that follows */
static uint32_t slots_of(const struct request *req)
{
	uint32_t bytes = 0, slots = 1;
	int i;

	for (i = 0; i < req->num_sge; i++)
		bytes += req->flags & IBV_SEND_INLINE ? req->sge[i].length : 16;
	while (bytes > 32 + 64 * (slots - 1))
		slots++;
	return slots;
}

static void put64(uint8_t *to, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++)
		to[i] = value >> 8 * i;
}

static bool is_atomic(const struct request *req)
{
	return req->opcode == IBV_WR_ATOMIC_CMP_AND_SWP ||
	       req->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD;
}

/* The bytes that the entry must have; returns how many count */
static uint32_t expect_bytes(const struct request *req, uint64_t index, uint32_t ring_slots,
			     uint8_t *to)
{
	static const int ops[] = {
		[IBV_WR_SEND] = 0, [IBV_WR_SEND_WITH_IMM] = 1, [IBV_WR_SEND_WITH_INV] = 2,
		[IBV_WR_RDMA_WRITE] = 4, [IBV_WR_RDMA_WRITE_WITH_IMM] = 5, [IBV_WR_RDMA_READ] = 8,
		[IBV_WR_ATOMIC_CMP_AND_SWP] = 12, [IBV_WR_ATOMIC_FETCH_AND_ADD] = 13,
		[IBV_WR_LOCAL_INV] = 16,
	};
	uint64_t hdr = ops[req->opcode];
	uint32_t used = 32;
	int i;

	memset(to, 0, 5 * 64);
	if (req->flags & IBV_SEND_SIGNALED)
		hdr |= 1 << 13;
	if (req->flags & IBV_SEND_SOLICITED)
		hdr |= 1 << 14;
	if (req->flags & IBV_SEND_FENCE)
		hdr |= 1 << 15;
	hdr |= (uint64_t)slots_of(req) << 29;
	if (index / ring_slots % 2 == 0)
		hdr |= 1ull << 63;

	for (i = 0; i < req->num_sge; i++) {
		if (req->flags & IBV_SEND_INLINE) {
			memcpy(to + used, (void *)(uintptr_t)req->sge[i].addr, req->sge[i].length);
			used += req->sge[i].length;
		} else {
			put64(to + used, req->sge[i].addr);
			put64(to + used + 8, req->sge[i].length | (uint64_t)req->sge[i].lkey << 32);
			used += 16;
		}
	}
	if (req->flags & IBV_SEND_INLINE)
		hdr |= 1 << 16 | (uint64_t)(used - 32) << 20;
	else
		hdr |= (uint64_t)req->num_sge << 8;
	put64(to, hdr);

	if (req->opcode == IBV_WR_LOCAL_INV) {
		put64(to + 16, req->imm);
	} else if (req->opcode != IBV_WR_SEND && req->opcode != IBV_WR_SEND_WITH_IMM &&
		   req->opcode != IBV_WR_SEND_WITH_INV) {
		put64(to + 8, req->remote);
		put64(to + 16, req->rkey);
	}
	if (req->opcode == IBV_WR_SEND_WITH_INV)
		put64(to + 16, (uint64_t)req->imm << 32);
	if (req->opcode == IBV_WR_SEND_WITH_IMM || req->opcode == IBV_WR_RDMA_WRITE_WITH_IMM)
		memcpy(to + 20, &req->imm, 4);
	if (is_atomic(req)) {
		put64(to + 48, req->swap_or_add);
		put64(to + 56, req->compare);
		used = 64;
	}
	return used;
}

static void check_entry(const struct tern_qp *qp, const struct request *req, uint64_t index)
{
	uint32_t size = 64u << qp->sq.log_size;
	uint8_t want[5 * 64];
	uint32_t i, used = expect_bytes(req, index, size / 64, want);

	for (i = 0; i < used; i++) {
		if (qp->sq.buf[(index * 64 + i) % size] != want[i])
			fail_msg("opcode %d flags %x sges %d: byte %u is %02x, not %02x",
				 req->opcode, req->flags, req->num_sge, i,
				 qp->sq.buf[(index * 64 + i) % size], want[i]);
	}
}

static const enum ibv_wr_opcode all_opcodes[] = {
	IBV_WR_SEND, IBV_WR_SEND_WITH_IMM, IBV_WR_SEND_WITH_INV, IBV_WR_RDMA_WRITE,
	IBV_WR_RDMA_WRITE_WITH_IMM, IBV_WR_RDMA_READ, IBV_WR_ATOMIC_CMP_AND_SWP,
	IBV_WR_ATOMIC_FETCH_AND_ADD, IBV_WR_LOCAL_INV,
};

static bool may_inline(enum ibv_wr_opcode opcode)
{
	return opcode <= IBV_WR_SEND_WITH_IMM || opcode == IBV_WR_SEND_WITH_INV;
}

/* One of an opcode with so many SGEs, or so many inline bytes in up to 3 pieces */
static void make_request(struct request *req, enum ibv_wr_opcode opcode, unsigned int flags,
			 int num_sge, uint32_t inline_bytes, uint64_t *rnd)
{
	uint32_t left = inline_bytes;
	int i;

	memset(req, 0, sizeof(*req));
	req->opcode = opcode;
	req->flags = flags;
	req->wr_id = (uint64_t)fake_random(rnd) << 32 | fake_random(rnd);
	req->remote = (uint64_t)fake_random(rnd) << 32 | fake_random(rnd);
	req->rkey = fake_random(rnd);
	req->imm = fake_random(rnd);
	if (is_atomic(req)) {
		req->swap_or_add = (uint64_t)fake_random(rnd) << 32 | fake_random(rnd);
		if (opcode == IBV_WR_ATOMIC_CMP_AND_SWP)
			req->compare = (uint64_t)fake_random(rnd) << 32 | fake_random(rnd);
		num_sge = 1;
	}
	if (opcode == IBV_WR_LOCAL_INV)
		num_sge = 0;

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

static void fill_wr(struct ibv_send_wr *wr, struct request *req)
{
	memset(wr, 0xee, sizeof(*wr));
	wr->wr_id = req->wr_id;
	wr->next = NULL;
	wr->sg_list = req->sge;
	wr->num_sge = req->num_sge;
	wr->opcode = req->opcode;
	wr->send_flags = req->flags;
	wr->invalidate_rkey = req->imm;
	if (is_atomic(req)) {
		wr->wr.atomic.remote_addr = req->remote;
		wr->wr.atomic.rkey = req->rkey;
		wr->wr.atomic.swap = req->swap_or_add;
		wr->wr.atomic.compare_add = req->opcode == IBV_WR_ATOMIC_CMP_AND_SWP ?
						    req->compare : req->swap_or_add;
	} else {
		wr->wr.rdma.remote_addr = req->remote;
		wr->wr.rdma.rkey = req->rkey;
	}
}

static int post(struct tern_qp *qp, struct request *req)
{
	struct ibv_send_wr wr, *bad = NULL;
	int ret;

	fill_wr(&wr, req);
	ret = tern_post_send(&qp->vqp.qp, &wr, &bad);
	assert_ptr_equal(bad, ret ? &wr : NULL);
	return ret;
}

static void build(struct tern_qp *tern_qp, const struct request *req)
{
	struct ibv_qp_ex *qp = &tern_qp->vqp.qp_ex;
	struct ibv_data_buf buf[MAX_SGE];
	int i;

	qp->wr_id = req->wr_id;
	qp->wr_flags = req->flags & ~IBV_SEND_INLINE;
	switch (req->opcode) {
	case IBV_WR_SEND:
		ibv_wr_send(qp);
		break;
	case IBV_WR_SEND_WITH_IMM:
		ibv_wr_send_imm(qp, req->imm);
		break;
	case IBV_WR_SEND_WITH_INV:
		ibv_wr_send_inv(qp, req->imm);
		break;
	case IBV_WR_RDMA_WRITE:
		ibv_wr_rdma_write(qp, req->rkey, req->remote);
		break;
	case IBV_WR_RDMA_WRITE_WITH_IMM:
		ibv_wr_rdma_write_imm(qp, req->rkey, req->remote, req->imm);
		break;
	case IBV_WR_RDMA_READ:
		ibv_wr_rdma_read(qp, req->rkey, req->remote);
		break;
	case IBV_WR_ATOMIC_CMP_AND_SWP:
		ibv_wr_atomic_cmp_swp(qp, req->rkey, req->remote, req->compare, req->swap_or_add);
		break;
	case IBV_WR_ATOMIC_FETCH_AND_ADD:
		ibv_wr_atomic_fetch_add(qp, req->rkey, req->remote, req->swap_or_add);
		break;
	default:
		ibv_wr_local_inv(qp, req->imm);
		return;
	}
	if (req->flags & IBV_SEND_INLINE) {
		for (i = 0; i < req->num_sge; i++) {
			buf[i].addr = (void *)(uintptr_t)req->sge[i].addr;
			buf[i].length = req->sge[i].length;
		}
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

static int post_by_wr(struct tern_qp *qp, struct request *req)
{
	ibv_wr_start(&qp->vqp.qp_ex);
	build(qp, req);
	return ibv_wr_complete(&qp->vqp.qp_ex);
}

static struct ibv_qp_cap small_cap(void)
{
	return (struct ibv_qp_cap){ .max_send_wr = 16, .max_send_sge = MAX_SGE,
				    .max_inline_data = MAX_INLINE, .max_recv_wr = 1,
				    .max_recv_sge = 1 };
}

/* As if everything had completed */
static void drain(struct tern_qp *qp)
{
	atomic_store(&qp->sq.tail, qp->sq.head);
}

static void check_doorbell(struct fake *fake, const struct tern_qp *qp, uint64_t index)
{
	assert_int_equal(fake_doorbell(fake, 0), (uint64_t)qp->qpn | (index & 0xffff) << 32);
}

struct both {
	struct fake fake;
	struct tern_cq *cq;
	struct tern_qp *qp[2];		/* posted to by ibv_post_send, by ibv_wr_* */
};

static void both_init(struct both *both, struct ibv_qp_cap cap, int sq_sig_all)
{
	fake_init(&both->fake);
	both->cq = fake_cq(&both->fake, 1000);
	both->qp[0] = fake_qp(&both->fake, both->cq, cap, sq_sig_all);
	both->qp[1] = fake_qp(&both->fake, both->cq, cap, sq_sig_all);
}

static void both_exit(struct both *both)
{
	assert_int_equal(tern_destroy_qp(&both->qp[0]->vqp.qp), 0);
	assert_int_equal(tern_destroy_qp(&both->qp[1]->vqp.qp), 0);
	assert_int_equal(tern_destroy_cq(&both->cq->vcq.cq), 0);
	fake_exit(&both->fake);
}

static void post_both(struct both *both, struct request *req, uint64_t *index)
{
	struct tern_sq_wr *kept;
	int i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(i ? post_by_wr(both->qp[1], req) : post(both->qp[0], req), 0);
		check_entry(both->qp[i], req, *index);
		check_doorbell(&both->fake, both->qp[i], *index + slots_of(req));
		kept = &both->qp[i]->sq.wr[*index & both->qp[i]->sq.mask];
		assert_true(kept->wr_id == req->wr_id);
		assert_int_equal(kept->end, (uint32_t)(*index + slots_of(req)));
		drain(both->qp[i]);
	}
	*index += slots_of(req);
}

/* Every opcode, every combination of flags, every number of SGEs, every inline size; odd
 * numbers of slots make entries begin at all places, also such that wrap */
static void test_every_entry(void **state)
{
	uint64_t rnd = 1, index = 0;
	struct request req;
	struct both both;
	unsigned int op, flags, num;

	(void)state;
	both_init(&both, small_cap(), 0);
	for (op = 0; op < sizeof(all_opcodes) / sizeof(*all_opcodes); op++) {
		for (flags = 0; flags < 8; flags++) {
			for (num = 0; num <= MAX_SGE; num++) {
				make_request(&req, all_opcodes[op], flags, num, 0, &rnd);
				post_both(&both, &req, &index);
			}
			for (num = 0; may_inline(all_opcodes[op]) && num <= MAX_INLINE; num++) {
				make_request(&req, all_opcodes[op], flags | IBV_SEND_INLINE,
					     1 + num % 3, num, &rnd);
				post_both(&both, &req, &index);
			}
		}
	}
	assert_true(index > 2 * 65536 / 16);
	both_exit(&both);
}

/* Each place of a multi-slot entry relative to the end of the ring */
static void test_entries_wrap(void **state)
{
	uint32_t start, size, num;
	uint64_t rnd = 2, index;
	struct request req;
	struct both both;

	(void)state;
	both_init(&both, small_cap(), 0);
	size = both.qp[0]->sq.mask + 1;
	for (start = 0; start < 6; start++) {
		for (num = 0; num <= MAX_SGE; num++) {
			index = (uint64_t)size * (2 + num % 2) - start;
			both.qp[0]->sq.head = both.qp[1]->sq.head = index;
			drain(both.qp[0]);
			drain(both.qp[1]);
			make_request(&req, IBV_WR_SEND, 0, num, 0, &rnd);
			post_both(&both, &req, &index);
		}
		for (num = 0; num <= MAX_INLINE; num++) {
			index = (uint64_t)size * 2 - start;
			both.qp[0]->sq.head = both.qp[1]->sq.head = index;
			drain(both.qp[0]);
			drain(both.qp[1]);
			make_request(&req, IBV_WR_SEND, IBV_SEND_INLINE, 1 + num % 3, num, &rnd);
			post_both(&both, &req, &index);
		}
	}
	both_exit(&both);
}

static void test_all_signaled(void **state)
{
	uint64_t rnd = 3, index = 0;
	struct request req;
	struct both both;

	(void)state;
	both_init(&both, small_cap(), 1);
	make_request(&req, IBV_WR_SEND, IBV_SEND_SOLICITED, 1, 0, &rnd);
	assert_int_equal(post(both.qp[0], &req), 0);
	assert_int_equal(post_by_wr(both.qp[1], &req), 0);
	req.flags |= IBV_SEND_SIGNALED;
	check_entry(both.qp[0], &req, index);
	check_entry(both.qp[1], &req, index);
	both_exit(&both);
}

#define MODEL_MAX	256

/*
 * Space: requests of all sizes, few of them signaled, against a model that keeps whole
 * counts, over many wraps of the 16 bits that the device knows of an index and of the
 * 32 bits of the provider's own
 */
static void test_space(void **state)
{
	struct {
		uint64_t wr_id, first, end;
		bool signaled;
	} model[MODEL_MAX];
	uint64_t rnd = 4, head, tail, start, written = 0;
	uint32_t oldest = 0, count = 0, size, full = 0, i;
	struct fake_cqe cqe = { 0 };
	struct request req;
	struct both both;
	struct tern_qp *qp;
	struct ibv_wc wc;
	int ret;

	(void)state;
	both_init(&both, small_cap(), 0);
	qp = both.qp[0];
	size = qp->sq.mask + 1;
	start = head = tail = (1ull << 32) - 70000 / size * size;
	qp->sq.head = (uint32_t)head;
	drain(qp);

	while (head < start + 5 * 65536) {
		make_request(&req, all_opcodes[fake_below(&rnd, 9)],
			     fake_below(&rnd, 4) ? 0 : IBV_SEND_SIGNALED,
			     fake_below(&rnd, 3) ? fake_below(&rnd, 3) : fake_below(&rnd, 17), 0,
			     &rnd);
		ret = fake_below(&rnd, 2) ? post(qp, &req) : post_by_wr(qp, &req);
		if (head + slots_of(&req) - tail > size) {
			assert_int_equal(ret, ENOMEM);
			assert_int_equal(fake_doorbell(&both.fake, 0), FAKE_NO_DOORBELL);
			assert_int_equal(qp->sq.head, (uint32_t)head);
			full++;
			/* So that there is an end to it */
			model[(oldest + count - 1) % MODEL_MAX].signaled = true;
		} else {
			assert_int_equal(ret, 0);
			check_entry(qp, &req, head);
			check_doorbell(&both.fake, qp, head + slots_of(&req));
			i = (oldest + count++) % MODEL_MAX;
			model[i].wr_id = req.wr_id;
			model[i].first = head;
			model[i].end = head += slots_of(&req);
			model[i].signaled = req.flags & IBV_SEND_SIGNALED;
		}
		/* The device completes some, and tells of those that are signaled */
		i = ret || !fake_below(&rnd, 16) ? fake_below(&rnd, count + 1) : 0;
		for (; i; i--, oldest++, count--) {
			if (!model[oldest % MODEL_MAX].signaled)
				continue;
			cqe.peer = (model[oldest % MODEL_MAX].first & 0xffff) << 48;
			cqe.info = qp->qpn;
			fake_write_cqe(both.cq, written++, &cqe);
			assert_int_equal(tern_poll_cq(&both.cq->vcq.cq, 1, &wc), 1);
			assert_true(wc.wr_id == model[oldest % MODEL_MAX].wr_id);
			tail = model[oldest % MODEL_MAX].end;
			assert_int_equal(atomic_load(&qp->sq.tail), (uint32_t)tail);
		}
		/* No completion will tell that all slots are free: as if another had */
		if (!count && tail != head) {
			tail = head;
			drain(qp);
		}
	}
	assert_true(full > 100);
	both_exit(&both);
}

/* A list: those before the bad one are posted, bad_wr tells which, one doorbell */
static void test_lists(void **state)
{
	struct ibv_send_wr wr[8], *bad;
	struct request req[8];
	uint64_t rnd = 5;
	struct both both;
	uint32_t i;

	(void)state;
	both_init(&both, small_cap(), 0);
	for (i = 0; i < 8; i++) {
		make_request(&req[i], IBV_WR_SEND, 0, 1, 0, &rnd);
		fill_wr(&wr[i], &req[i]);
		wr[i].next = i < 7 ? &wr[i + 1] : NULL;
	}
	assert_int_equal(tern_post_send(&both.qp[0]->vqp.qp, wr, &bad), 0);
	check_doorbell(&both.fake, both.qp[0], 8);
	for (i = 0; i < 8; i++)
		check_entry(both.qp[0], &req[i], i);

	wr[3].opcode = IBV_WR_TSO;
	assert_int_equal(tern_post_send(&both.qp[0]->vqp.qp, wr, &bad), EOPNOTSUPP);
	assert_ptr_equal(bad, &wr[3]);
	check_doorbell(&both.fake, both.qp[0], 11);

	assert_int_equal(tern_post_send(&both.qp[0]->vqp.qp, NULL, &bad), 0);
	assert_int_equal(fake_doorbell(&both.fake, 0), FAKE_NO_DOORBELL);
	both_exit(&both);
}

static void expect_refusal(struct both *both, struct request *req, int err)
{
	uint32_t head = both->qp[0]->sq.head;

	assert_int_equal(post(both->qp[0], req), err);
	assert_int_equal(both->qp[0]->sq.head, head);
	assert_int_equal(fake_doorbell(&both->fake, 0), FAKE_NO_DOORBELL);
}

static void test_bad_requests(void **state)
{
	uint64_t rnd = 6;
	struct request req, good;
	struct both both;
	int op;

	(void)state;
	both_init(&both, (struct ibv_qp_cap){ .max_send_wr = 4, .max_send_sge = 2 }, 0);
	make_request(&good, IBV_WR_SEND, 0, 1, 0, &rnd);

	for (op = 0; op < 300; op++) {
		if (op <= IBV_WR_LOCAL_INV || op == IBV_WR_SEND_WITH_INV)
			continue;
		req = good;
		req.opcode = op;
		expect_refusal(&both, &req, EOPNOTSUPP);
	}
	req = good;
	req.opcode = -1;
	expect_refusal(&both, &req, EOPNOTSUPP);
	req = good;
	req.num_sge = 3;
	expect_refusal(&both, &req, EINVAL);
	req.num_sge = -1;
	expect_refusal(&both, &req, EINVAL);
	req = good;
	req.flags = IBV_SEND_IP_CSUM;
	expect_refusal(&both, &req, EINVAL);

	make_request(&req, IBV_WR_SEND, IBV_SEND_INLINE, 1, 33, &rnd);
	expect_refusal(&both, &req, EINVAL);
	both.qp[0]->sq.max_inline = 16;	/* as on a device that takes no more */
	make_request(&req, IBV_WR_SEND, IBV_SEND_INLINE, 1, 17, &rnd);
	expect_refusal(&both, &req, EINVAL);
	both.qp[0]->sq.max_inline = 32;
	/* The sum is beyond 32 bits, and 1 below */
	req.num_sge = 2;
	req.sge[0].length = req.sge[1].length = 0x80000000;
	expect_refusal(&both, &req, EINVAL);
	make_request(&req, IBV_WR_RDMA_READ, IBV_SEND_INLINE, 1, 8, &rnd);
	expect_refusal(&both, &req, EINVAL);
	make_request(&req, IBV_WR_ATOMIC_FETCH_AND_ADD, 0, 1, 0, &rnd);
	req.num_sge = 0;
	expect_refusal(&both, &req, EINVAL);
	req.num_sge = 2;
	expect_refusal(&both, &req, EINVAL);
	make_request(&req, IBV_WR_LOCAL_INV, 0, 0, 0, &rnd);
	req.num_sge = 1;
	expect_refusal(&both, &req, EINVAL);

	for (op = IBV_QPS_RESET; op < IBV_QPS_RTS; op++) {
		both.qp[0]->vqp.qp.state = both.qp[1]->vqp.qp.state = op;
		expect_refusal(&both, &good, EINVAL);
		assert_int_equal(post_by_wr(both.qp[1], &good), EINVAL);
	}
	both.qp[0]->vqp.qp.state = IBV_QPS_ERR;
	assert_int_equal(post(both.qp[0], &good), 0);
	both_exit(&both);
}

/* Nothing of an aborted or failed batch stays; the first error is told */
static void test_wr_errors(void **state)
{
	uint64_t rnd = 7, index = 0;
	struct ibv_data_buf buf[2] = { { source, 300 }, { source, SIZE_MAX - 10 } };
	struct request req, big;
	struct both both;
	struct ibv_qp_ex *qp;
	uint32_t i;

	(void)state;
	both_init(&both, small_cap(), 0);
	qp = &both.qp[1]->vqp.qp_ex;
	make_request(&req, IBV_WR_SEND, 0, 1, 0, &rnd);
	make_request(&big, IBV_WR_SEND, 0, MAX_SGE, 0, &rnd);

	ibv_wr_start(qp);
	build(both.qp[1], &req);
	build(both.qp[1], &big);
	ibv_wr_abort(qp);
	assert_int_equal(both.qp[1]->sq.head, 0);

	ibv_wr_start(qp);
	build(both.qp[1], &req);
	ibv_wr_send(qp);
	ibv_wr_set_sge_list(qp, MAX_SGE + 1, big.sge);
	build(both.qp[1], &req);
	assert_int_equal(ibv_wr_complete(qp), EINVAL);
	assert_int_equal(both.qp[1]->sq.head, 0);

	for (i = 0; i < 2; i++) {
		ibv_wr_start(qp);
		ibv_wr_send(qp);
		ibv_wr_set_inline_data_list(qp, 1 + i, buf);
		assert_int_equal(ibv_wr_complete(qp), EINVAL);
		buf[0].length = 20;
	}
	ibv_wr_start(qp);
	ibv_wr_rdma_read(qp, 1, 2);
	ibv_wr_set_inline_data(qp, source, 4);
	assert_int_equal(ibv_wr_complete(qp), EINVAL);
	ibv_wr_start(qp);
	ibv_wr_atomic_fetch_add(qp, 1, 2, 3);
	ibv_wr_set_sge_list(qp, 2, big.sge);
	assert_int_equal(ibv_wr_complete(qp), EINVAL);
	ibv_wr_start(qp);
	ibv_wr_local_inv(qp, 1);
	ibv_wr_set_sge(qp, 1, 2, 3);
	assert_int_equal(ibv_wr_complete(qp), EINVAL);
	ibv_wr_start(qp);
	ibv_wr_set_sge(qp, 1, 2, 3);
	assert_int_equal(ibv_wr_complete(qp), EINVAL);

	/* Full, by a builder and by a setter */
	ibv_wr_start(qp);
	for (i = 0; i <= both.qp[1]->sq.mask + 1; i++)
		ibv_wr_send(qp);
	assert_int_equal(ibv_wr_complete(qp), ENOMEM);
	ibv_wr_start(qp);
	for (i = 0; i < both.qp[1]->sq.mask - 2; i++)
		ibv_wr_send(qp);
	build(both.qp[1], &big);
	assert_int_equal(ibv_wr_complete(qp), ENOMEM);
	assert_int_equal(both.qp[1]->sq.head, 0);
	assert_int_equal(fake_doorbell(&both.fake, 0), FAKE_NO_DOORBELL);

	ibv_wr_start(qp);
	assert_int_equal(ibv_wr_complete(qp), 0);
	assert_int_equal(fake_doorbell(&both.fake, 0), FAKE_NO_DOORBELL);

	post_both(&both, &req, &index);
	post_both(&both, &big, &index);
	both_exit(&both);
}

/* The push slot takes single-slot entries that end a call, once the last one completed */
static void test_push(void **state)
{
	uint64_t rnd = 8, pushed = 1 << 24;
	struct request req, big;
	struct both both;
	struct tern_qp *qp;
	uint32_t i, slot;

	(void)state;
	fake_init(&both.fake);
	both.fake.ctx->push = both.fake.push;
	both.fake.ctx->free_push_slots = 0x6;
	both.cq = fake_cq(&both.fake, 100);
	for (i = 0; i < 2; i++)
		both.qp[i] = fake_qp(&both.fake, both.cq, small_cap(), 0);
	qp = fake_qp(&both.fake, both.cq, small_cap(), 0);
	assert_null(qp->sq.push);
	make_request(&req, IBV_WR_SEND, 0, 2, 0, &rnd);
	make_request(&big, IBV_WR_SEND, 0, 3, 0, &rnd);

	assert_int_equal(post(qp, &req), 0);
	check_doorbell(&both.fake, qp, 1);
	assert_int_equal(tern_destroy_qp(&qp->vqp.qp), 0);

	for (i = 0; i < 2; i++) {
		qp = both.qp[i];
		slot = i + 1;
		assert_int_equal(i ? post_by_wr(qp, &req) : post(qp, &req), 0);
		assert_int_equal(fake_doorbell(&both.fake, 0),
				 qp->qpn | pushed | (uint64_t)slot << 25 | 1ull << 32);
		assert_memory_equal(both.fake.push + 64 * slot, qp->sq.buf, 64);

		/* The slot may still be in use */
		assert_int_equal(post(qp, &req), 0);
		check_doorbell(&both.fake, qp, 2);
		drain(qp);
		assert_int_equal(post(qp, &big), 0);
		check_doorbell(&both.fake, qp, 4);
		assert_int_equal(post(qp, &req), 0);
		assert_int_equal(fake_doorbell(&both.fake, 0),
				 qp->qpn | pushed | (uint64_t)slot << 25 | 5ull << 32);
		assert_memory_equal(both.fake.push + 64 * slot, qp->sq.buf + 4 * 64, 64);
	}
	assert_true(both.fake.ctx->free_push_slots == 0);
	assert_int_equal(tern_destroy_qp(&both.qp[0]->vqp.qp), 0);
	assert_true(both.fake.ctx->free_push_slots == 0x2);
	both.qp[0] = fake_qp(&both.fake, both.cq, small_cap(), 0);
	both_exit(&both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_entry),
		cmocka_unit_test(test_entries_wrap),
		cmocka_unit_test(test_all_signaled),
		cmocka_unit_test(test_space),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_bad_requests),
		cmocka_unit_test(test_wr_errors),
		cmocka_unit_test(test_push),
	};
	size_t i;

	for (i = 0; i < sizeof(source); i++)
		source[i] = i * 7 + i / 256;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
