// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Queue pairs as objects
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tern.h"
#include "wqe.h"

#define MIN_LOG_RING	12	/* log2 of a page of the device */
#define LOG_SLOT	6
#define LOG_SGE		4

/* log2 of the smallest power of two that is not less; value is not 0 */
static uint32_t log2_up(uint64_t value)
{
	return value > 1 ? 64 - __builtin_clzll(value - 1) : 0;
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * As many slots as the requests asked for can take. The limits of one request are raised to
 * what its slots hold, so that caps tells no less than can be done.
 */
static int size_sq(const struct tern_context *ctx, struct tern_sq *sq, struct ibv_qp_cap *cap)
{
	bool ud = sq->always_flags & TERN_SQ_UD;
	uint32_t first_sges = ud ? TERN_UD_FIRST_SGES : TERN_FIRST_SGES;
	uint32_t first_inline = ud ? TERN_UD_FIRST_INLINE : TERN_FIRST_INLINE;
	uint32_t max_inline = min_u32(ctx->max_inline, TERN_MAX_INLINE);
	uint32_t slots;
	uint64_t need;

	if (cap->max_send_sge > TERN_MAX_SGE || cap->max_inline_data > max_inline)
		return EINVAL;
	if (!cap->max_send_wr) {
		cap->max_send_sge = 0;
		cap->max_inline_data = 0;
		return 0;
	}

	if (ud)
		slots = max_u32(tern_ud_sge_slots(cap->max_send_sge),
				tern_ud_inline_slots(cap->max_inline_data));
	else
		slots = max_u32(tern_sge_slots(cap->max_send_sge),
				tern_inline_slots(cap->max_inline_data));
	need = (uint64_t)cap->max_send_wr * slots;
	sq->log_size = max_u32(log2_up(need), MIN_LOG_RING - LOG_SLOT);
	if (sq->log_size > ctx->max_log_sq)
		return EINVAL;
	sq->bytes = (size_t)1 << (sq->log_size + LOG_SLOT);

	sq->max_sge = min_u32(first_sges + (slots - 1) * TERN_SLOT_SGES, TERN_MAX_SGE);
	sq->max_inline = min_u32(first_inline + (slots - 1) * TERN_SLOT_BYTES, max_inline);
	sq->max_wr = (1u << sq->log_size) / slots;
	cap->max_send_wr = sq->max_wr;
	cap->max_send_sge = sq->max_sge;
	cap->max_inline_data = sq->max_inline;
	return 0;
}

static int size_rq(const struct tern_context *ctx, struct tern_rq *rq, struct ibv_qp_cap *cap)
{
	if (cap->max_recv_sge > TERN_MAX_SGE)
		return EINVAL;
	if (!cap->max_recv_wr) {
		cap->max_recv_sge = 0;
		return 0;
	}

	rq->log_bytes = log2_up(max_u32(cap->max_recv_sge, 1)) + LOG_SGE;
	rq->log_size = max_u32(log2_up(cap->max_recv_wr), MIN_LOG_RING - rq->log_bytes);
	if (rq->log_size > ctx->max_log_rq)
		return EINVAL;
	rq->bytes = (size_t)1 << (rq->log_size + rq->log_bytes);

	rq->max_sge = 1u << (rq->log_bytes - LOG_SGE);
	cap->max_recv_wr = 1u << rq->log_size;
	cap->max_recv_sge = rq->max_sge;
	return 0;
}

/* As the device has them in state RESET. A queue that is not there is full for ever */
static void reset_indexes(struct tern_qp *qp)
{
	qp->sq.head = 0;
	atomic_store(&qp->sq.tail, qp->sq.buf ? 0 : UINT32_MAX);
	qp->sq.push_busy = 0;
	qp->rq.head = 0;
	atomic_store(&qp->rq.tail, qp->rq.buf ? 0 : UINT32_MAX);
}

static void free_queues(struct tern_qp *qp)
{
	if (qp->sq.buf)
		tern_free_ring(qp->parent_domain, qp->sq.buf, qp->sq.bytes, TERN_RESOURCE_SQ,
			       qp->sq.lent);
	if (qp->rq.buf)
		tern_free_ring(qp->parent_domain, qp->rq.buf, qp->rq.bytes, TERN_RESOURCE_RQ,
			       qp->rq.lent);
	free(qp->sq.wr);
	free(qp->rq.wr_id);
}

static int alloc_queues(struct tern_qp *qp)
{
	int ret;

	qp->sq.mask = (1u << qp->sq.log_size) - 1;
	qp->rq.mask = (1u << qp->rq.log_size) - 1;
	qp->sq.wr = calloc((size_t)qp->sq.mask + 1, sizeof(*qp->sq.wr));
	qp->rq.wr_id = calloc((size_t)qp->rq.mask + 1, sizeof(*qp->rq.wr_id));
	if (!qp->sq.wr || !qp->rq.wr_id)
		goto err;
	if (qp->sq.bytes) {
		qp->sq.buf = tern_alloc_ring(qp->parent_domain, qp->sq.bytes, TERN_RESOURCE_SQ,
					     &qp->sq.lent);
		if (!qp->sq.buf)
			goto err;
	}
	if (qp->rq.bytes) {
		qp->rq.buf = tern_alloc_ring(qp->parent_domain, qp->rq.bytes, TERN_RESOURCE_RQ,
					     &qp->rq.lent);
		if (!qp->rq.buf)
			goto err;
	}
	reset_indexes(qp);
	return 0;

err:
	ret = errno;
	free_queues(qp);
	return ret;
}

/* A place in the table of QPs; qp_mutex is held. Leaves stay until the context goes */
static struct tern_qp **table_entry(struct tern_context *ctx, uint32_t qpn)
{
	struct tern_qp ***leaf = &ctx->qp_table[qpn >> TERN_QP_TABLE_BITS];

	if (!*leaf)
		*leaf = calloc(TERN_QP_TABLE_SIZE, sizeof(**leaf));
	return *leaf ? *leaf + (qpn & (TERN_QP_TABLE_SIZE - 1)) : NULL;
}

/* qp_mutex is held. With more QPs than slots the others do without */
static void take_push_slot(struct tern_context *ctx, struct tern_sq *sq)
{
	if (!ctx->free_push_slots || !sq->buf)
		return;
	sq->push_slot = __builtin_ctzll(ctx->free_push_slots);
	ctx->free_push_slots &= ~(1ull << sq->push_slot);
	sq->push = (uint8_t *)ctx->push + sq->push_slot * TERN_PUSH_SLOT_BYTES;
	sq->push_bits = TERN_HW_DB_Q_W_PUSHED_MASK |
			FIELD_PREP(TERN_HW_DB_Q_W_SLOT_MASK, sq->push_slot);
}

static void give_push_slot(struct tern_context *ctx, struct tern_sq *sq)
{
	if (sq->push)
		ctx->free_push_slots |= 1ull << sq->push_slot;
}

static int exec_create(struct tern_context *ctx, struct tern_qp *qp,
		       struct ibv_qp_init_attr_ex *attr)
{
	struct tern_cmd_create_qp_resp resp = {};
	struct tern_cmd_create_qp cmd = {
		.sq_log_size = qp->sq.buf ? qp->sq.log_size : TERN_QP_NO_QUEUE,
		.rq_log_size = qp->rq.buf ? qp->rq.log_size : TERN_QP_NO_QUEUE,
		.rq_log_stride = qp->rq.buf ? qp->rq.log_bytes - LOG_SGE : 0,
		.sq_va = (uintptr_t)qp->sq.buf,
		.rq_va = (uintptr_t)qp->rq.buf,
	};
	/* Sizes of the answer go elsewhere */
	struct ibv_qp_init_attr_ex kernel_attr = *attr;
	int ret;

	ret = ibv_cmd_create_qp_ex2(&ctx->ibv_ctx.context, &qp->vqp, &kernel_attr, &cmd.ibv_cmd,
				    sizeof(cmd), &resp.ibv_resp, sizeof(resp));
	qp->qpn = resp.qpn & TERN_HW_DB_Q_W_NUM_MASK;
	return ret;
}

/* Known to those who poll before its first completion can come */
static int create_and_enter(struct tern_context *ctx, struct tern_qp *qp,
			    struct ibv_qp_init_attr_ex *attr)
{
	struct tern_qp **entry;
	int ret;

	pthread_mutex_lock(&ctx->qp_mutex);
	ret = exec_create(ctx, qp, attr);
	if (ret)
		goto out;
	entry = table_entry(ctx, qp->qpn);
	if (!entry) {
		ibv_cmd_destroy_qp(&qp->vqp.qp);
		ret = ENOMEM;
		goto out;
	}
	*entry = qp;
	take_push_slot(ctx, &qp->sq);
out:
	pthread_mutex_unlock(&ctx->qp_mutex);
	return ret;
}

/* What ibv_wr_* can do on QPs of a type; 0: there are no such QPs */
static uint64_t send_ops_of(enum ibv_qp_type type)
{
	switch (type) {
	case IBV_QPT_RC:
		return TERN_SEND_OPS;
	case IBV_QPT_UC:
		return TERN_UC_SEND_OPS;
	case IBV_QPT_UD:
		return TERN_UD_SEND_OPS;
	default:
		return 0;
	}
}

static int check_attr(const struct tern_context *ctx, const struct ibv_qp_init_attr_ex *attr)
{
	uint32_t known = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_CREATE_FLAGS |
			 IBV_QP_INIT_ATTR_SEND_OPS_FLAGS;
	uint32_t flags = attr->qp_type == IBV_QPT_UD ? IBV_QP_CREATE_BLOCK_SELF_MCAST_LB : 0;
	uint64_t send_ops = send_ops_of(attr->qp_type);

	if (!send_ops || attr->srq || !ctx->max_log_sq)
		return EOPNOTSUPP;
	if (attr->comp_mask & ~known)
		return EOPNOTSUPP;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_CREATE_FLAGS) && attr->create_flags & ~flags)
		return EOPNOTSUPP;
	if ((attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS) &&
	    attr->send_ops_flags & ~send_ops)
		return EOPNOTSUPP;
	if (!(attr->comp_mask & IBV_QP_INIT_ATTR_PD) || !attr->pd || !attr->send_cq ||
	    !attr->recv_cq)
		return EINVAL;
	return 0;
}

struct ibv_qp *tern_create_qp_ex(struct ibv_context *ibv_ctx, struct ibv_qp_init_attr_ex *attr)
{
	struct tern_context *ctx = to_tern_context(ibv_ctx);
	struct ibv_qp_cap cap = attr->cap;
	struct tern_pd *pd;
	struct tern_qp *qp;
	int ret;

	ret = check_attr(ctx, attr);
	if (ret)
		goto err;
	pd = to_tern_pd(attr->pd);

	qp = calloc(1, sizeof(*qp));
	if (!qp) {
		ret = ENOMEM;
		goto err;
	}
	qp->doorbells = ctx->doorbells;
	qp->sq.always_flags = (attr->sq_sig_all ? IBV_SEND_SIGNALED : 0) |
			      (attr->qp_type == IBV_QPT_UD ? TERN_SQ_UD : 0);
	tern_set_known_ops(&qp->sq, attr->qp_type);
	qp->parent_domain = pd->contained ? pd : NULL;

	ret = size_sq(ctx, &qp->sq, &cap);
	if (!ret)
		ret = size_rq(ctx, &qp->rq, &cap);
	if (ret)
		goto err_free_qp;
	tern_lock_init(&qp->sq.lock, !(pd->contained && pd->td));
	tern_lock_init(&qp->rq.lock, !(pd->contained && pd->td));
	ret = alloc_queues(qp);
	if (ret)
		goto err_free_qp;
	ret = create_and_enter(ctx, qp, attr);
	if (ret)
		goto err_free_queues;

	attr->cap = cap;
	qp->vqp.qp.state = IBV_QPS_RESET;
	if (attr->comp_mask & IBV_QP_INIT_ATTR_SEND_OPS_FLAGS) {
		if (attr->qp_type == IBV_QPT_UD)
			tern_set_ud_wr_ops(&qp->vqp.qp_ex);
		else
			tern_set_wr_ops(&qp->vqp.qp_ex);
		qp->vqp.comp_mask |= VERBS_QP_EX;
	}
	if (qp->parent_domain)
		atomic_fetch_add(&pd->users, 1);
	return &qp->vqp.qp;

err_free_queues:
	free_queues(qp);
err_free_qp:
	free(qp);
err:
	errno = ret;
	return NULL;
}

struct ibv_qp *tern_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *attr)
{
	struct ibv_qp_init_attr_ex attr_ex = {
		.qp_context = attr->qp_context,
		.send_cq = attr->send_cq,
		.recv_cq = attr->recv_cq,
		.srq = attr->srq,
		.cap = attr->cap,
		.qp_type = attr->qp_type,
		.sq_sig_all = attr->sq_sig_all,
		.comp_mask = IBV_QP_INIT_ATTR_PD,
		.pd = pd,
	};
	struct ibv_qp *qp;

	qp = tern_create_qp_ex(pd->context, &attr_ex);
	if (qp)
		attr->cap = attr_ex.cap;
	return qp;
}

/* Both CQs of the QP, in the order of their numbers, each once */
static void lock_cqs(struct tern_qp *qp, struct tern_cq *cqs[2])
{
	struct tern_cq *send = to_tern_cq(qp->vqp.qp.send_cq);
	struct tern_cq *recv = to_tern_cq(qp->vqp.qp.recv_cq);

	cqs[0] = send->cqn <= recv->cqn ? send : recv;
	cqs[1] = send == recv ? NULL : send->cqn <= recv->cqn ? recv : send;
	tern_lock(&cqs[0]->lock);
	if (cqs[1])
		tern_lock(&cqs[1]->lock);
}

static void unlock_cqs(struct tern_cq *cqs[2])
{
	if (cqs[1])
		tern_unlock(&cqs[1]->lock);
	tern_unlock(&cqs[0]->lock);
}

static void purge_cqs(struct tern_cq *cqs[2], uint32_t qpn)
{
	tern_purge_cq(cqs[0], qpn);
	if (cqs[1])
		tern_purge_cq(cqs[1], qpn);
}

/* The device has dropped all requests and begins anew */
static void reset_queues(struct tern_qp *qp)
{
	struct tern_cq *cqs[2];

	tern_lock(&qp->sq.lock);
	tern_lock(&qp->rq.lock);
	lock_cqs(qp, cqs);
	purge_cqs(cqs, qp->qpn);
	if (qp->sq.buf)
		memset(qp->sq.buf, 0, qp->sq.bytes);
	if (qp->rq.buf)
		memset(qp->rq.buf, 0, qp->rq.bytes);
	reset_indexes(qp);
	unlock_cqs(cqs);
	tern_unlock(&qp->rq.lock);
	tern_unlock(&qp->sq.lock);
}

int tern_modify_qp(struct ibv_qp *ibv_qp, struct ibv_qp_attr *attr, int attr_mask)
{
	struct ibv_modify_qp cmd = {};
	int ret;

	ret = ibv_cmd_modify_qp(ibv_qp, attr, attr_mask, &cmd, sizeof(cmd));
	if (ret)
		return ret;
	if ((attr_mask & IBV_QP_STATE) && attr->qp_state == IBV_QPS_RESET)
		reset_queues(to_tern_qp(ibv_qp));
	return 0;
}

int tern_query_qp(struct ibv_qp *ibv_qp, struct ibv_qp_attr *attr, int attr_mask,
		  struct ibv_qp_init_attr *init_attr)
{
	const struct tern_qp *qp = to_tern_qp(ibv_qp);
	struct ibv_query_qp cmd = {};
	int ret;

	ret = ibv_cmd_query_qp(ibv_qp, attr, attr_mask, init_attr, &cmd, sizeof(cmd));
	if (ret)
		return ret;
	init_attr->cap.max_send_wr = qp->sq.max_wr;
	init_attr->cap.max_send_sge = qp->sq.max_sge;
	init_attr->cap.max_inline_data = qp->sq.max_inline;
	init_attr->cap.max_recv_wr = qp->rq.buf ? qp->rq.mask + 1 : 0;
	init_attr->cap.max_recv_sge = qp->rq.max_sge;
	attr->cap = init_attr->cap;
	return 0;
}

int tern_destroy_qp(struct ibv_qp *ibv_qp)
{
	struct tern_context *ctx = to_tern_context(ibv_qp->context);
	struct tern_qp *qp = to_tern_qp(ibv_qp);
	struct tern_cq *cqs[2];
	int ret;

	/* Held until the number is free here too, since the kernel may give it away again */
	pthread_mutex_lock(&ctx->qp_mutex);
	ret = ibv_cmd_destroy_qp(ibv_qp);
	if (ret) {
		pthread_mutex_unlock(&ctx->qp_mutex);
		return ret;
	}
	lock_cqs(qp, cqs);
	purge_cqs(cqs, qp->qpn);
	*table_entry(ctx, qp->qpn) = NULL;
	unlock_cqs(cqs);
	give_push_slot(ctx, &qp->sq);
	pthread_mutex_unlock(&ctx->qp_mutex);

	free_queues(qp);
	if (qp->parent_domain)
		atomic_fetch_sub(&qp->parent_domain->users, 1);
	free(qp);
	return 0;
}
