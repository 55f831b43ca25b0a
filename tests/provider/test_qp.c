// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Queue pairs as objects: sizes and what the kernel is told, refusals, domains
 */

#include <errno.h>

#include "fake.h"

static struct ibv_qp_init_attr_ex attr_of(struct fake *fake, struct tern_cq *cq,
					  struct ibv_qp_cap cap)
{
	return (struct ibv_qp_init_attr_ex){
		.send_cq = &cq->vcq.cq,
		.recv_cq = &cq->vcq.cq,
		.cap = cap,
		.qp_type = IBV_QPT_RC,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = &fake->pd.ibv_pd,
	};
}

static struct ibv_qp *create(struct fake *fake, struct ibv_qp_init_attr_ex *attr)
{
	return tern_create_qp_ex(&fake->ctx->ibv_ctx.context, attr);
}

/* What is asked for is there, told truly, and no ring is larger than need be */
static void test_sizes(void **state)
{
	struct tern_create_qp_req *told = &fake_kernel.create_qp;
	struct ibv_qp_init_attr_ex got;
	struct ibv_qp_init_attr init;
	struct ibv_qp_attr qp_attr;
	struct ibv_qp_cap cap;
	uint64_t rnd = 1;
	struct fake fake;
	struct tern_cq *cq;
	struct ibv_qp *qp;
	static const enum ibv_qp_type types[] = { IBV_QPT_RC, IBV_QPT_UC, IBV_QPT_UD };
	uint32_t round, slots, stride, first;

	(void)state;
	fake_init(&fake);
	cq = fake_cq(&fake, 100);
	for (round = 0; round < 3000; round++) {
		cap.max_send_sge = fake_below(&rnd, 17);
		cap.max_recv_sge = fake_below(&rnd, 17);
		cap.max_inline_data = fake_below(&rnd, 225);
		cap.max_send_wr = 1 + fake_below(&rnd, 1u << fake_below(&rnd, 13));
		cap.max_recv_wr = 1 + fake_below(&rnd, 1u << fake_below(&rnd, 15));
		got = attr_of(&fake, cq, cap);
		got.qp_type = types[round % 3];
		first = got.qp_type == IBV_QPT_UD ? 1 : 2;
		qp = create(&fake, &got);
		assert_non_null(qp);

		for (slots = 1; first + 4 * (slots - 1) < cap.max_send_sge ||
				16 * first + 64 * (slots - 1) < cap.max_inline_data; )
			slots++;
		for (stride = 1; stride < cap.max_recv_sge; )
			stride *= 2;
		assert_in_range(got.cap.max_send_wr, cap.max_send_wr,
				1u << told->sq_log_size);
		assert_int_equal(got.cap.max_send_wr, (1u << told->sq_log_size) / slots);
		assert_in_range(got.cap.max_send_sge, cap.max_send_sge,
				first + 4 * (slots - 1));
		assert_in_range(got.cap.max_inline_data, cap.max_inline_data,
				16 * first + 64 * (slots - 1));
		assert_in_range(got.cap.max_send_sge, first, 16);
		assert_in_range(got.cap.max_inline_data, 16 * first, 224);
		assert_true(told->sq_log_size == 6 ||
			    cap.max_send_wr * slots > 1u << (told->sq_log_size - 1));
		assert_int_equal(1u << told->rq_log_stride, stride);
		assert_int_equal(got.cap.max_recv_sge, stride);
		assert_int_equal(got.cap.max_recv_wr, 1u << told->rq_log_size);
		assert_true(got.cap.max_recv_wr >= cap.max_recv_wr);
		assert_true(16u << (told->rq_log_size + told->rq_log_stride) == 4096 ||
			    cap.max_recv_wr > 1u << (told->rq_log_size - 1));
		assert_int_equal((told->sq_va | told->rq_va) % 4096, 0);

		assert_int_equal(tern_query_qp(qp, &qp_attr, 0, &init), 0);
		assert_memory_equal(&init.cap, &got.cap, sizeof(init.cap));
		assert_int_equal(tern_destroy_qp(qp), 0);
	}
	assert_int_equal(tern_destroy_cq(&cq->vcq.cq), 0);
	fake_exit(&fake);
}

static void test_no_queue(void **state)
{
	struct ibv_send_wr send = { .opcode = IBV_WR_SEND }, *bad_send;
	struct ibv_recv_wr recv = { 0 }, *bad_recv;
	struct tern_qp *qp;
	struct fake fake;
	struct tern_cq *cq;

	(void)state;
	fake_init(&fake);
	cq = fake_cq(&fake, 100);
	qp = fake_qp(&fake, cq, (struct ibv_qp_cap){ 0 }, 0);
	assert_int_equal(fake_kernel.create_qp.sq_log_size, 0xff);
	assert_int_equal(fake_kernel.create_qp.rq_log_size, 0xff);
	assert_true(!fake_kernel.create_qp.sq_va && !fake_kernel.create_qp.rq_va);
	assert_int_equal(tern_post_send(&qp->vqp.qp, &send, &bad_send), ENOMEM);
	assert_int_equal(tern_post_recv(&qp->vqp.qp, &recv, &bad_recv), ENOMEM);
	ibv_wr_start(&qp->vqp.qp_ex);
	ibv_wr_send(&qp->vqp.qp_ex);
	assert_int_equal(ibv_wr_complete(&qp->vqp.qp_ex), ENOMEM);
	assert_int_equal(tern_destroy_qp(&qp->vqp.qp), 0);
	assert_int_equal(tern_destroy_cq(&cq->vcq.cq), 0);
	fake_exit(&fake);
}

static void refuse(struct fake *fake, struct ibv_qp_init_attr_ex attr, int err)
{
	struct ibv_qp_cap cap = attr.cap;

	errno = 0;
	assert_null(create(fake, &attr));
	assert_int_equal(errno, err);
	assert_memory_equal(&attr.cap, &cap, sizeof(cap));
}

static void test_refusals(void **state)
{
	struct ibv_qp_init_attr_ex good, attr;
	struct fake fake;
	struct tern_cq *cq;
	int type;

	(void)state;
	fake_init(&fake);
	cq = fake_cq(&fake, 100);
	good = attr_of(&fake, cq, (struct ibv_qp_cap){ .max_send_wr = 1, .max_recv_wr = 1 });

#define REFUSE(change, err) do { attr = good; change; refuse(&fake, attr, err); } while (0)
	for (type = 0; type < 300; type++) {
		if (type != IBV_QPT_RC && type != IBV_QPT_UC && type != IBV_QPT_UD)
			REFUSE(attr.qp_type = type, EOPNOTSUPP);
	}
	REFUSE(attr.srq = (void *)&attr, EOPNOTSUPP);
	REFUSE(attr.comp_mask |= IBV_QP_INIT_ATTR_MAX_TSO_HEADER, EOPNOTSUPP);
	REFUSE(attr.comp_mask |= IBV_QP_INIT_ATTR_CREATE_FLAGS; attr.create_flags = 1, EOPNOTSUPP);
	REFUSE(attr.comp_mask |= IBV_QP_INIT_ATTR_CREATE_FLAGS;
	       attr.create_flags = IBV_QP_CREATE_BLOCK_SELF_MCAST_LB, EOPNOTSUPP);
	REFUSE(attr.comp_mask |= IBV_QP_INIT_ATTR_CREATE_FLAGS; attr.qp_type = IBV_QPT_UD;
	       attr.create_flags = IBV_QP_CREATE_BLOCK_SELF_MCAST_LB | 1, EOPNOTSUPP);
	REFUSE(attr.comp_mask |= IBV_QP_INIT_ATTR_SEND_OPS_FLAGS; attr.qp_type = IBV_QPT_UC;
	       attr.send_ops_flags = IBV_QP_EX_WITH_RDMA_READ, EOPNOTSUPP);
	REFUSE(attr.comp_mask |= IBV_QP_INIT_ATTR_SEND_OPS_FLAGS; attr.qp_type = IBV_QPT_UD;
	       attr.send_ops_flags = IBV_QP_EX_WITH_RDMA_WRITE, EOPNOTSUPP);
	REFUSE(attr.comp_mask |= IBV_QP_INIT_ATTR_SEND_OPS_FLAGS;
	       attr.send_ops_flags = IBV_QP_EX_WITH_BIND_MW, EOPNOTSUPP);
	REFUSE(attr.comp_mask = 0, EINVAL);
	REFUSE(attr.send_cq = NULL, EINVAL);
	REFUSE(attr.recv_cq = NULL, EINVAL);
	REFUSE(attr.cap.max_send_sge = 17, EINVAL);
	REFUSE(attr.cap.max_recv_sge = 17, EINVAL);
	REFUSE(attr.cap.max_send_sge = UINT32_MAX, EINVAL);
	REFUSE(attr.cap.max_recv_sge = UINT32_MAX, EINVAL);
	REFUSE(attr.cap.max_inline_data = 225, EINVAL);
	REFUSE(attr.cap.max_inline_data = UINT32_MAX, EINVAL);
	REFUSE(attr.cap.max_send_wr = 32769, EINVAL);
	REFUSE(attr.cap.max_send_wr = UINT32_MAX, EINVAL);
	REFUSE(attr.cap.max_send_wr = UINT32_MAX / 5 + 1; attr.cap.max_send_sge = 16, EINVAL);
	REFUSE(attr.cap.max_recv_wr = 32769, EINVAL);
	REFUSE(attr.cap.max_recv_wr = UINT32_MAX, EINVAL);
	REFUSE(fake_kernel.fail = ENOSPC, ENOSPC);
	fake_kernel.fail = 0;
	fake.ctx->max_log_sq = 0;
	REFUSE(, EOPNOTSUPP);
#undef REFUSE
	assert_int_equal(tern_destroy_cq(&cq->vcq.cq), 0);
	fake_exit(&fake);
}

/* Flags of which none is set are no reason to refuse */
static void test_create_flags(void **state)
{
	struct ibv_qp_init_attr_ex attr;
	struct fake fake;
	struct tern_cq *cq;
	struct ibv_qp *qp;

	(void)state;
	fake_init(&fake);
	cq = fake_cq(&fake, 100);
	attr = attr_of(&fake, cq, (struct ibv_qp_cap){ .max_send_wr = 1 });
	attr.comp_mask |= IBV_QP_INIT_ATTR_CREATE_FLAGS;
	qp = create(&fake, &attr);
	assert_non_null(qp);
	assert_int_equal(fake_kernel.create_flags, 0);
	assert_int_equal(tern_destroy_qp(qp), 0);

	attr.qp_type = IBV_QPT_UD;
	attr.create_flags = IBV_QP_CREATE_BLOCK_SELF_MCAST_LB;
	qp = create(&fake, &attr);
	assert_non_null(qp);
	assert_int_equal(fake_kernel.create_flags, IBV_QP_CREATE_BLOCK_SELF_MCAST_LB);
	assert_int_equal(tern_destroy_qp(qp), 0);
	assert_int_equal(tern_destroy_cq(&cq->vcq.cq), 0);
	fake_exit(&fake);
}

/* The kernel keeps the QP: so does the provider */
static void test_destroy_fails(void **state)
{
	struct tern_qp *qp;
	struct fake fake;
	struct tern_cq *cq;

	(void)state;
	fake_init(&fake);
	cq = fake_cq(&fake, 100);
	qp = fake_qp(&fake, cq, (struct ibv_qp_cap){ .max_send_wr = 1 }, 0);
	fake_kernel.fail = EBUSY;
	assert_int_equal(tern_destroy_qp(&qp->vqp.qp), EBUSY);
	assert_ptr_equal(tern_find_qp(fake.ctx, qp->qpn), qp);
	fake_kernel.fail = 0;
	assert_int_equal(tern_destroy_qp(&qp->vqp.qp), 0);
	assert_int_equal(fake_kernel.destroyed, 1);
	assert_int_equal(tern_destroy_cq(&cq->vcq.cq), 0);
	fake_exit(&fake);
}

/* A thread domain spares locks; nothing in use can be freed */
static void test_domains(void **state)
{
	struct ibv_parent_domain_init_attr parent_attr = { 0 };
	struct ibv_td_init_attr td_attr = { 0 };
	struct ibv_cq_init_attr_ex cq_attr = { .cqe = 10,
					       .comp_mask = IBV_CQ_INIT_ATTR_MASK_PD };
	struct ibv_qp_init_attr_ex attr;
	struct ibv_context *ctx;
	struct ibv_pd *parent;
	struct ibv_cq_ex *cq;
	struct fake fake;
	struct ibv_qp *qp;
	struct ibv_td *td;

	(void)state;
	fake_init(&fake);
	ctx = &fake.ctx->ibv_ctx.context;
	td = tern_alloc_td(ctx, &td_attr);
	assert_non_null(td);
	assert_null(tern_alloc_parent_domain(ctx, &parent_attr));
	parent_attr.pd = &fake.pd.ibv_pd;
	parent_attr.td = td;
	parent_attr.comp_mask = IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS;
	assert_null(tern_alloc_parent_domain(ctx, &parent_attr));
	assert_int_equal(errno, EINVAL);
	parent_attr.comp_mask = 1 << 2;
	assert_null(tern_alloc_parent_domain(ctx, &parent_attr));
	assert_int_equal(errno, EOPNOTSUPP);
	parent_attr.comp_mask = 0;
	parent = tern_alloc_parent_domain(ctx, &parent_attr);
	assert_non_null(parent);

	assert_null(tern_create_cq_ex(ctx, &cq_attr));
	assert_int_equal(errno, EINVAL);
	cq_attr.parent_domain = parent;
	cq = tern_create_cq_ex(ctx, &cq_attr);
	assert_non_null(cq);
	assert_false(to_tern_cq_ex(cq)->lock.needed);

	attr = attr_of(&fake, to_tern_cq_ex(cq), (struct ibv_qp_cap){ .max_send_wr = 1 });
	attr.pd = parent;
	qp = create(&fake, &attr);
	assert_non_null(qp);
	assert_false(to_tern_qp(qp)->sq.lock.needed || to_tern_qp(qp)->rq.lock.needed);

	assert_int_equal(tern_dealloc_td(td), EBUSY);
	assert_int_equal(tern_dealloc_pd(&fake.pd.ibv_pd), EBUSY);
	assert_int_equal(tern_dealloc_pd(parent), EBUSY);
	assert_int_equal(tern_destroy_qp(qp), 0);
	assert_int_equal(tern_dealloc_pd(parent), EBUSY);
	assert_int_equal(tern_destroy_cq(ibv_cq_ex_to_cq(cq)), 0);
	assert_int_equal(tern_dealloc_pd(parent), 0);
	assert_int_equal(tern_dealloc_td(td), 0);
	assert_int_equal(atomic_load(&fake.pd.users), 0);
	fake_exit(&fake);
}

/* A program's allocator: what it was asked for, and what it is to answer */
struct allocator {
	struct ibv_pd *pd;
	void *answer;			/* NULL: memory, each time a piece */
	size_t offset;			/* added to it */
	unsigned int asked, freed, held;
	size_t size[8];
	uint64_t type[8];
};

static void *lend(struct ibv_pd *pd, void *context, size_t size, size_t alignment, uint64_t type)
{
	struct allocator *it = context;
	void *buf = it->answer;

	it->pd = pd;
	assert_int_equal(alignment, 4096);
	assert_in_range(it->asked, 0, 7);
	it->size[it->asked] = size;
	it->type[it->asked++] = type;
	if (!buf) {
		buf = aligned_alloc(alignment, size + alignment);
		assert_non_null(buf);
		memset(buf, 0xff, size);
		buf = (uint8_t *)buf + it->offset;
		it->held++;
	}
	return buf;
}

static void take_back(struct ibv_pd *pd, void *context, void *ptr, uint64_t type)
{
	struct allocator *it = context;

	assert_ptr_equal(pd, it->pd);
	assert_in_range(type, 1, 3);
	free((uint8_t *)ptr - it->offset);
	it->freed++;
	it->held--;
}

static void *lend_nothing(struct ibv_pd *pd, void *context, size_t size, size_t alignment,
			  uint64_t type)
{
	(void)pd;
	(void)context;
	(void)size;
	(void)alignment;
	(void)type;
	return NULL;
}

static bool all_zero(const uint8_t *at, size_t bytes)
{
	while (bytes--) {
		if (*at++)
			return false;
	}
	return true;
}

/* Rings lie where the program wants them, and it gets back exactly what it lent */
static void test_allocators(void **state)
{
	struct allocator it = { 0 };
	struct ibv_parent_domain_init_attr parent_attr = {
		.comp_mask = IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS |
			     IBV_PARENT_DOMAIN_INIT_ATTR_PD_CONTEXT,
		.alloc = lend,
		.free = take_back,
		.pd_context = &it,
	};
	struct ibv_cq_init_attr_ex cq_attr = { .cqe = 100, .comp_mask = IBV_CQ_INIT_ATTR_MASK_PD };
	struct ibv_qp_init_attr_ex attr;
	struct ibv_context *ctx;
	struct ibv_pd *parent, *empty;
	struct ibv_cq_ex *cq;
	struct fake fake;
	struct ibv_qp *qp;

	(void)state;
	fake_init(&fake);
	ctx = &fake.ctx->ibv_ctx.context;
	parent_attr.pd = &fake.pd.ibv_pd;
	parent = tern_alloc_parent_domain(ctx, &parent_attr);
	parent_attr.alloc = lend_nothing;
	empty = tern_alloc_parent_domain(ctx, &parent_attr);
	assert_true(parent && empty);

	cq_attr.parent_domain = parent;
	cq = tern_create_cq_ex(ctx, &cq_attr);
	assert_non_null(cq);
	assert_true(to_tern_cq_ex(cq)->lock.needed);
	attr = attr_of(&fake, to_tern_cq_ex(cq),
		       (struct ibv_qp_cap){ .max_send_wr = 100, .max_recv_wr = 300 });
	attr.pd = parent;
	qp = create(&fake, &attr);
	assert_non_null(qp);
	assert_int_equal(it.asked, 3);
	assert_ptr_equal(it.pd, parent);
	assert_int_equal(it.size[0], 8192);
	assert_int_equal(it.size[1], 8192);
	assert_int_equal(it.size[2], 8192);
	assert_true(it.type[0] == 1 && it.type[1] == 2 && it.type[2] == 3);
	assert_true(all_zero(to_tern_cq_ex(cq)->ring.buf, it.size[0]));
	assert_true(all_zero(to_tern_qp(qp)->sq.buf, it.size[1]));
	assert_true(all_zero(to_tern_qp(qp)->rq.buf, it.size[2]));
	assert_int_equal(tern_destroy_qp(qp), 0);
	assert_int_equal(it.freed, 2);

	/* What the kernel refuses is given back, too */
	fake_kernel.fail = ENOSPC;
	assert_null(create(&fake, &attr));
	assert_int_equal(errno, ENOSPC);
	assert_null(tern_create_cq_ex(ctx, &cq_attr));
	fake_kernel.fail = 0;
	assert_int_equal(it.freed, 5);
	assert_int_equal(it.held, 1);

	/* Ours instead, none, and memory that the device cannot use */
	it.asked = 0;
	it.answer = IBV_ALLOCATOR_USE_DEFAULT;
	qp = create(&fake, &attr);
	assert_non_null(qp);
	assert_int_equal(tern_destroy_qp(qp), 0);
	assert_int_equal(it.freed, 5);
	it.answer = NULL;
	it.offset = 64;
	assert_null(create(&fake, &attr));
	assert_int_equal(errno, EINVAL);
	assert_null(tern_create_cq_ex(ctx, &cq_attr));
	assert_int_equal(errno, EINVAL);
	it.offset = 0;
	assert_int_equal(it.held, 1);
	attr.pd = empty;
	assert_null(create(&fake, &attr));
	assert_int_equal(errno, ENOMEM);

	assert_int_equal(tern_destroy_cq(ibv_cq_ex_to_cq(cq)), 0);
	assert_int_equal(it.held, 0);
	assert_int_equal(tern_dealloc_pd(parent), 0);
	assert_int_equal(tern_dealloc_pd(empty), 0);
	fake_exit(&fake);
}

static void test_cq_refusals(void **state)
{
	struct ibv_cq_init_attr_ex attr = { 0 };
	struct ibv_context *ctx;
	struct fake fake;

	(void)state;
	fake_init(&fake);
	ctx = &fake.ctx->ibv_ctx.context;
	assert_null(tern_create_cq_ex(ctx, &attr));
	assert_int_equal(errno, EINVAL);
	attr.cqe = UINT32_MAX;
	assert_null(tern_create_cq_ex(ctx, &attr));
	assert_int_equal(errno, EINVAL);
	attr.cqe = 1;
	attr.wc_flags = IBV_WC_EX_WITH_FLOW_TAG;
	assert_null(tern_create_cq_ex(ctx, &attr));
	assert_int_equal(errno, EOPNOTSUPP);
	attr.wc_flags = 0;
	attr.comp_mask = IBV_CQ_INIT_ATTR_MASK_FLAGS;
	attr.flags = IBV_CREATE_CQ_ATTR_IGNORE_OVERRUN;
	assert_null(tern_create_cq_ex(ctx, &attr));
	assert_int_equal(errno, EOPNOTSUPP);
	assert_null(tern_create_cq(ctx, 0, NULL, 0));
	assert_int_equal(errno, EINVAL);
	assert_null(tern_create_cq(ctx, -1, NULL, 0));
	assert_int_equal(errno, EINVAL);
	fake_exit(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_no_queue),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_create_flags),
		cmocka_unit_test(test_destroy_fails),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_allocators),
		cmocka_unit_test(test_cq_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
