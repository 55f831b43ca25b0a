/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Objects of the verbs provider
 */

#ifndef TERN_H
#define TERN_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include <infiniband/driver.h>
#include <infiniband/kern-abi.h>
#include <kernel-abi/tern-abi.h>
#include <rdma/tern-abi.h>

#include "ring.h"

DECLARE_DRV_CMD(tern_cmd_alloc_context, IB_USER_VERBS_CMD_GET_CONTEXT,
		tern_alloc_ucontext_req, tern_alloc_ucontext_resp);
DECLARE_DRV_CMD(tern_cmd_alloc_pd, IB_USER_VERBS_CMD_ALLOC_PD,
		empty, tern_alloc_pd_resp);
DECLARE_DRV_CMD(tern_cmd_create_cq, IB_USER_VERBS_CMD_CREATE_CQ,
		tern_create_cq_req, tern_create_cq_resp);

struct tern_device {
	struct verbs_device ibv_dev;
};

struct tern_context {
	struct verbs_context ibv_ctx;
	void *doorbells;		/* page of this context alone */
	size_t doorbell_size;
	uint32_t max_log_cqe;
};

struct tern_pd {
	struct ibv_pd ibv_pd;
	uint32_t pdn;
};

struct tern_cq {
	struct ibv_cq ibv_cq;
	pthread_spinlock_t lock;	/* guards ring and told, and the order of doorbells */
	struct tern_ring ring;
	uint32_t told;			/* consumer index that the device knows */
	uint32_t cqn;
	void *doorbells;
};

static inline struct tern_context *to_tern_context(struct ibv_context *ctx)
{
	return container_of(ctx, struct tern_context, ibv_ctx.context);
}

static inline struct tern_pd *to_tern_pd(struct ibv_pd *pd)
{
	return container_of(pd, struct tern_pd, ibv_pd);
}

static inline struct tern_cq *to_tern_cq(struct ibv_cq *cq)
{
	return container_of(cq, struct tern_cq, ibv_cq);
}

int tern_query_device_ex(struct ibv_context *ctx,
			 const struct ibv_query_device_ex_input *input,
			 struct ibv_device_attr_ex *attr, size_t attr_size);
int tern_query_port(struct ibv_context *ctx, uint8_t port, struct ibv_port_attr *attr);
struct ibv_pd *tern_alloc_pd(struct ibv_context *ctx);
int tern_dealloc_pd(struct ibv_pd *pd);

struct ibv_cq *tern_create_cq(struct ibv_context *ctx, int entries,
			      struct ibv_comp_channel *channel, int comp_vector);
int tern_destroy_cq(struct ibv_cq *ibv_cq);
int tern_modify_cq(struct ibv_cq *ibv_cq, struct ibv_modify_cq_attr *attr);
int tern_poll_cq(struct ibv_cq *ibv_cq, int num_entries, struct ibv_wc *wc);
int tern_req_notify_cq(struct ibv_cq *ibv_cq, int solicited_only);

#endif
