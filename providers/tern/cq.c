// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completion queues as objects; poll.c reads them
 */

#include <errno.h>
#include <stdlib.h>

#include "tern.h"

#define SUPPORTED_WC_FLAGS \
	(IBV_WC_STANDARD_FLAGS | IBV_WC_EX_WITH_COMPLETION_TIMESTAMP | IBV_WC_EX_WITH_CVLAN)

static int exec_create(struct tern_context *ctx, struct tern_cq *cq,
		       const struct ibv_cq_init_attr_ex *attr)
{
	struct tern_cmd_create_cq_resp resp = {};
	struct tern_cmd_create_cq cmd = {
		.log_size = cq->ring.log_size,
		.ring_va = (uintptr_t)cq->ring.buf,
	};
	/* What the kernel is told; the rest of attr is about this side only */
	struct ibv_cq_init_attr_ex kernel_attr = {
		.cqe = attr->cqe,
		.cq_context = attr->cq_context,
		.channel = attr->channel,
		.comp_vector = attr->comp_vector,
	};
	int ret;

	ret = ibv_cmd_create_cq_ex(&ctx->ibv_ctx.context, &kernel_attr, &cq->vcq, &cmd.ibv_cmd,
				   sizeof(cmd), &resp.ibv_resp, sizeof(resp), 0);
	cq->cqn = resp.cqn;
	return ret;
}

static int check_attr(const struct ibv_cq_init_attr_ex *attr)
{
	if (attr->comp_mask & ~(IBV_CQ_INIT_ATTR_MASK_FLAGS | IBV_CQ_INIT_ATTR_MASK_PD))
		return EOPNOTSUPP;
	if ((attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_FLAGS) &&
	    attr->flags & ~IBV_CREATE_CQ_ATTR_SINGLE_THREADED)
		return EOPNOTSUPP;
	if (attr->wc_flags & ~(uint64_t)SUPPORTED_WC_FLAGS)
		return EOPNOTSUPP;
	if ((attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_PD) &&
	    (!attr->parent_domain || !to_tern_pd(attr->parent_domain)->contained))
		return EINVAL;
	return 0;
}

static bool has_one_thread(const struct ibv_cq_init_attr_ex *attr)
{
	if ((attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_FLAGS) &&
	    attr->flags & IBV_CREATE_CQ_ATTR_SINGLE_THREADED)
		return true;
	return attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_PD &&
	       to_tern_pd(attr->parent_domain)->td;
}

static void free_ring(struct tern_cq *cq)
{
	if (cq->device_buf) {
		free(cq->ring.buf);
		cq->ring.buf = cq->device_buf;
	}
	tern_free_ring(cq->parent_domain, cq->ring.buf, tern_cq_ring_bytes(cq->ring.log_size),
		       TERN_RESOURCE_CQ, cq->lent);
}

static struct tern_cq *create_cq(struct tern_context *ctx, const struct ibv_cq_init_attr_ex *attr)
{
	uint32_t log_size = 0;
	struct tern_cq *cq;
	int ret;

	ret = check_attr(attr);
	if (ret) {
		errno = ret;
		return NULL;
	}
	if (attr->cqe && attr->cqe <= INT32_MAX)
		log_size = tern_cq_log_size(attr->cqe, ctx->max_log_cqe);
	if (!log_size) {
		errno = EINVAL;
		return NULL;
	}

	cq = calloc(1, sizeof(*cq));
	if (!cq)
		return NULL;
	cq->doorbells = ctx->doorbells;
	cq->ctx = ctx;
	if (attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_PD)
		cq->parent_domain = to_tern_pd(attr->parent_domain);

	tern_lock_init(&cq->lock, !has_one_thread(attr));
	cq->qpn = TERN_NO_QPN;
	cq->ring.log_size = log_size;
	cq->mask = tern_ring_size(&cq->ring) - 1;
	cq->parity_shift = 63 - log_size;
	cq->tell_at = tern_ring_tell_at(&cq->ring);
	cq->ring.buf = tern_alloc_ring(cq->parent_domain, tern_cq_ring_bytes(log_size),
				       TERN_RESOURCE_CQ, &cq->lent);
	if (!cq->ring.buf) {
		ret = errno;
		goto err_free_cq;
	}
	ret = exec_create(ctx, cq, attr);
	if (ret)
		goto err_free_ring;

	if (cq->parent_domain)
		atomic_fetch_add(&cq->parent_domain->users, 1);
	return cq;

err_free_ring:
	free_ring(cq);
err_free_cq:
	free(cq);
	errno = ret;
	return NULL;
}

struct ibv_cq *tern_create_cq(struct ibv_context *ibv_ctx, int entries,
			      struct ibv_comp_channel *channel, int comp_vector)
{
	struct ibv_cq_init_attr_ex attr = {
		.cqe = entries,
		.channel = channel,
		.comp_vector = comp_vector,
	};
	struct tern_cq *cq;

	cq = create_cq(to_tern_context(ibv_ctx), &attr);
	return cq ? &cq->vcq.cq : NULL;
}

struct ibv_cq_ex *tern_create_cq_ex(struct ibv_context *ibv_ctx, struct ibv_cq_init_attr_ex *attr)
{
	struct tern_cq *cq;

	cq = create_cq(to_tern_context(ibv_ctx), attr);
	if (!cq)
		return NULL;
	tern_set_cq_ex_ops(cq, attr->wc_flags);
	return &cq->vcq.cq_ex;
}

int tern_destroy_cq(struct ibv_cq *ibv_cq)
{
	struct tern_cq *cq = to_tern_cq(ibv_cq);
	int ret;

	ret = ibv_cmd_destroy_cq(ibv_cq);
	if (ret)
		return ret;
	free_ring(cq);
	if (cq->parent_domain)
		atomic_fetch_sub(&cq->parent_domain->users, 1);
	free(cq);
	return 0;
}

int tern_modify_cq(struct ibv_cq *ibv_cq, struct ibv_modify_cq_attr *attr)
{
	struct ibv_modify_cq cmd = {};

	return ibv_cmd_modify_cq(ibv_cq, attr, &cmd, sizeof(cmd));
}
