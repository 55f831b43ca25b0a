// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The kernel's commands, which take the place of those of libibverbs, and the device's page
 */

#include <errno.h>

#include "fake.h"

struct fake_kernel fake_kernel;

int ibv_cmd_create_cq_ex(struct ibv_context *context, const struct ibv_cq_init_attr_ex *attr,
			 struct verbs_cq *cq, struct ibv_create_cq_ex *cmd, size_t cmd_size,
			 struct ib_uverbs_ex_create_cq_resp *resp, size_t resp_size,
			 uint32_t cmd_flags)
{
	struct tern_cmd_create_cq *tern_cmd = container_of(cmd, struct tern_cmd_create_cq, ibv_cmd);
	struct tern_cmd_create_cq_resp *tern_resp =
		container_of(resp, struct tern_cmd_create_cq_resp, ibv_resp);

	(void)cmd_flags;
	assert_int_equal(cmd_size, sizeof(*tern_cmd));
	assert_int_equal(resp_size, sizeof(*tern_resp));
	if (fake_kernel.fail)
		return fake_kernel.fail;
	fake_kernel.create_cq = tern_cmd->drv_payload;
	tern_resp->cqn = 77;
	cq->cq.context = context;
	cq->cq.cqe = attr->cqe;
	return 0;
}

int ibv_cmd_destroy_cq(struct ibv_cq *cq)
{
	(void)cq;
	return fake_kernel.fail;
}

int ibv_cmd_create_qp_ex2(struct ibv_context *context, struct verbs_qp *qp,
			  struct ibv_qp_init_attr_ex *attr, struct ibv_create_qp_ex *cmd,
			  size_t cmd_size, struct ib_uverbs_ex_create_qp_resp *resp,
			  size_t resp_size)
{
	struct tern_cmd_create_qp *tern_cmd = container_of(cmd, struct tern_cmd_create_qp, ibv_cmd);
	struct tern_cmd_create_qp_resp *tern_resp =
		container_of(resp, struct tern_cmd_create_qp_resp, ibv_resp);

	assert_int_equal(cmd_size, sizeof(*tern_cmd));
	assert_int_equal(resp_size, sizeof(*tern_resp));
	/* As that of libibverbs does */
	if (attr->comp_mask & ~(uint32_t)(IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_XRCD |
					  IBV_QP_INIT_ATTR_CREATE_FLAGS |
					  IBV_QP_INIT_ATTR_SEND_OPS_FLAGS))
		return EINVAL;
	if (fake_kernel.fail)
		return fake_kernel.fail;
	fake_kernel.create_qp = tern_cmd->drv_payload;
	fake_kernel.create_flags = attr->comp_mask & IBV_QP_INIT_ATTR_CREATE_FLAGS ?
				   attr->create_flags : 0;
	tern_resp->qpn = fake_kernel.next_qpn;
	qp->qp.context = context;
	qp->qp.qp_num = fake_kernel.next_qpn;
	qp->qp.qp_type = attr->qp_type;
	qp->qp.send_cq = attr->send_cq;
	qp->qp.recv_cq = attr->recv_cq;
	return 0;
}

int ibv_cmd_destroy_qp(struct ibv_qp *qp)
{
	(void)qp;
	if (fake_kernel.fail)
		return fake_kernel.fail;
	fake_kernel.destroyed++;
	return 0;
}

int ibv_cmd_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int attr_mask,
		      struct ibv_modify_qp *cmd, size_t cmd_size)
{
	(void)qp;
	(void)attr;
	(void)attr_mask;
	(void)cmd;
	(void)cmd_size;
	return fake_kernel.fail;
}

int ibv_cmd_query_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int attr_mask,
		     struct ibv_qp_init_attr *init_attr, struct ibv_query_qp *cmd,
		     size_t cmd_size)
{
	(void)qp;
	(void)attr;
	(void)attr_mask;
	(void)init_attr;
	(void)cmd;
	(void)cmd_size;
	return fake_kernel.fail;
}

int ibv_cmd_create_ah(struct ibv_pd *pd, struct ibv_ah *ah, struct ibv_ah_attr *attr,
		      struct ib_uverbs_create_ah_resp *resp, size_t resp_size)
{
	struct tern_cmd_create_ah_resp *tern_resp =
		container_of(resp, struct tern_cmd_create_ah_resp, ibv_resp);

	(void)attr;
	assert_int_equal(resp_size, sizeof(*tern_resp));
	if (fake_kernel.fail)
		return fake_kernel.fail;
	memcpy(tern_resp->dmac, fake_kernel.dmac, sizeof(tern_resp->dmac));
	ah->context = pd->context;
	ah->pd = pd;
	fake_kernel.ahs++;
	return 0;
}

int ibv_cmd_destroy_ah(struct ibv_ah *ah)
{
	(void)ah;
	if (fake_kernel.fail)
		return fake_kernel.fail;
	fake_kernel.ahs--;
	return 0;
}

int ibv_cmd_dealloc_pd(struct ibv_pd *pd)
{
	(void)pd;
	return fake_kernel.fail;
}

void fake_init(struct fake *fake)
{
	memset(fake, 0, sizeof(*fake));
	fake_kernel = (struct fake_kernel){ .next_qpn = 0x5a5a5a };
	fake->ctx = calloc(1, sizeof(*fake->ctx));
	assert_non_null(fake->ctx);
	fake->page = aligned_alloc(4096, 4096);
	fake->push = aligned_alloc(4096, 4096);
	assert_non_null(fake->page);
	assert_non_null(fake->push);
	memset(fake->page, 0xff, 4096);
	memset(fake->push, 0, 4096);

	assert_int_equal(pthread_mutex_init(&fake->ctx->qp_mutex, NULL), 0);
	fake->ctx->doorbells = fake->page;
	fake->ctx->max_log_cqe = 22;
	fake->ctx->max_log_sq = 15;
	fake->ctx->max_log_rq = 15;
	fake->ctx->max_inline = 224;
	fake->pd.ibv_pd.context = &fake->ctx->ibv_ctx.context;
}

void fake_exit(struct fake *fake)
{
	uint32_t i;

	for (i = 0; i < TERN_QP_TABLE_SIZE; i++)
		free(fake->ctx->qp_table[i]);
	pthread_mutex_destroy(&fake->ctx->qp_mutex);
	free(fake->ctx);
	free(fake->page);
	free(fake->push);
}

struct tern_cq *fake_cq(struct fake *fake, uint32_t entries)
{
	struct ibv_cq *cq = tern_create_cq(&fake->ctx->ibv_ctx.context, entries, NULL, 0);

	assert_non_null(cq);
	return to_tern_cq(cq);
}

struct tern_qp *fake_qp(struct fake *fake, struct tern_cq *cq, struct ibv_qp_cap cap,
			int sq_sig_all)
{
	return fake_qp_of(fake, cq, cap, sq_sig_all, IBV_QPT_RC, TERN_SEND_OPS);
}

struct tern_qp *fake_qp_of(struct fake *fake, struct tern_cq *cq, struct ibv_qp_cap cap,
			   int sq_sig_all, enum ibv_qp_type type, uint64_t send_ops)
{
	struct ibv_qp_init_attr_ex attr = {
		.send_cq = &cq->vcq.cq,
		.recv_cq = &cq->vcq.cq,
		.cap = cap,
		.qp_type = type,
		.sq_sig_all = sq_sig_all,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS,
		.pd = &fake->pd.ibv_pd,
		.send_ops_flags = send_ops,
	};
	struct ibv_qp *qp = tern_create_qp_ex(&fake->ctx->ibv_ctx.context, &attr);

	assert_non_null(qp);
	qp->state = IBV_QPS_RTS;
	fake_kernel.next_qpn++;
	return to_tern_qp(qp);
}

void fake_write_cqe(struct tern_cq *cq, uint64_t n, const struct fake_cqe *from)
{
	uint64_t size = 1ull << cq->ring.log_size;
	uint64_t *to = (uint64_t *)cq->ring.buf + n % size * 4;

	to[0] = htole64(from->timestamp);
	to[1] = htole64(from->len | (uint64_t)from->imm << 32);
	to[2] = htole64(from->peer);
	to[3] = htole64(from->info | (n / size % 2 ? 0 : 1ull << 63));
}

uint64_t fake_doorbell(struct fake *fake, unsigned int offset)
{
	uint64_t db = le64toh(fake->page[offset / 8]);

	fake->page[offset / 8] = FAKE_NO_DOORBELL;
	return db;
}
