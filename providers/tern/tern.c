// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Device and context of the verbs provider
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tern.h"

static void tern_free_context(struct ibv_context *ibv_ctx)
{
	struct tern_context *ctx = to_tern_context(ibv_ctx);
	uint32_t i;

	for (i = 0; i < TERN_QP_TABLE_SIZE; i++)
		free(ctx->qp_table[i]);
	pthread_mutex_destroy(&ctx->qp_mutex);
	if (ctx->status)
		munmap((void *)ctx->status, ctx->status_size);
	if (ctx->push)
		munmap(ctx->push, ctx->push_size);
	munmap(ctx->doorbells, ctx->doorbell_size);
	verbs_uninit_context(&ctx->ibv_ctx);
	free(ctx);
}

static const struct verbs_context_ops tern_context_ops = {
	.alloc_parent_domain = tern_alloc_parent_domain,
	.alloc_pd = tern_alloc_pd,
	.alloc_td = tern_alloc_td,
	.attach_mcast = ibv_cmd_attach_mcast,
	.create_ah = tern_create_ah,
	.create_cq = tern_create_cq,
	.create_cq_ex = tern_create_cq_ex,
	.create_qp = tern_create_qp,
	.create_qp_ex = tern_create_qp_ex,
	.dealloc_pd = tern_dealloc_pd,
	.dealloc_td = tern_dealloc_td,
	.dereg_mr = tern_dereg_mr,
	.destroy_ah = tern_destroy_ah,
	.destroy_cq = tern_destroy_cq,
	.destroy_qp = tern_destroy_qp,
	.detach_mcast = ibv_cmd_detach_mcast,
	.free_context = tern_free_context,
	.modify_cq = tern_modify_cq,
	.modify_qp = tern_modify_qp,
	.poll_cq = tern_poll_cq,
	.post_recv = tern_post_recv,
	.post_send = tern_post_send,
	.query_device_ex = tern_query_device_ex,
	.query_port = tern_query_port,
	.query_qp = tern_query_qp,
	.reg_mr = tern_reg_mr,
	.req_notify_cq = tern_req_notify_cq,
	.rereg_mr = tern_rereg_mr,
};

/*
 * The push page saves the device the fetch of an entry. Everything works without it, so no
 * failure here is one of the context. TERN_PUSH=0 in the environment turns it off, for
 * comparisons.
 */
static void map_push_page(struct tern_context *ctx, int cmd_fd,
			  const struct tern_alloc_ucontext_resp *resp)
{
	const char *wish = getenv("TERN_PUSH");
	uint32_t slots = resp->push_size / TERN_PUSH_SLOT_BYTES;

	if (!slots || (wish && !strcmp(wish, "0")))
		return;
	ctx->push = mmap(NULL, resp->push_size, PROT_WRITE, MAP_SHARED, cmd_fd, resp->push_key);
	if (ctx->push == MAP_FAILED) {
		ctx->push = NULL;
		return;
	}
	ctx->push_size = resp->push_size;
	ctx->free_push_slots = slots >= TERN_MAX_PUSH_SLOTS ? UINT64_MAX : (1ull << slots) - 1;
}

/* Without it, programs that poll do not learn that the device has died, no more */
static void map_status_page(struct tern_context *ctx, int cmd_fd,
			    const struct tern_alloc_ucontext_resp *resp)
{
	void *status;

	if (!resp->status_size)
		return;
	status = mmap(NULL, resp->status_size, PROT_READ, MAP_SHARED, cmd_fd, resp->status_key);
	if (status == MAP_FAILED)
		return;
	ctx->status = status;
	ctx->status_size = resp->status_size;
}

static struct verbs_context *tern_alloc_context(struct ibv_device *ibdev, int cmd_fd,
						void *private_data)
{
	struct tern_cmd_alloc_context_resp resp = {};
	struct tern_cmd_alloc_context cmd = {};
	struct tern_context *ctx;

	ctx = verbs_init_and_alloc_context(ibdev, cmd_fd, ctx, ibv_ctx, RDMA_DRIVER_UNKNOWN);
	if (!ctx)
		return NULL;

	if (ibv_cmd_get_context(&ctx->ibv_ctx, &cmd.ibv_cmd, sizeof(cmd), &resp.ibv_resp,
				sizeof(resp)))
		goto err_uninit;

	if (pthread_mutex_init(&ctx->qp_mutex, NULL))
		goto err_uninit;
	ctx->max_log_cqe = resp.max_log_cqe;
	ctx->max_log_sq = resp.max_log_sq;
	ctx->max_log_rq = resp.max_log_rq;
	ctx->max_inline = resp.max_inline;
	ctx->doorbell_size = resp.doorbell_size;
	ctx->doorbells = mmap(NULL, ctx->doorbell_size, PROT_WRITE, MAP_SHARED, cmd_fd,
			      resp.doorbell_key);
	if (ctx->doorbells == MAP_FAILED)
		goto err_destroy_mutex;
	map_push_page(ctx, cmd_fd, &resp.drv_payload);
	map_status_page(ctx, cmd_fd, &resp.drv_payload);

	verbs_set_ops(&ctx->ibv_ctx, &tern_context_ops);
	return &ctx->ibv_ctx;

err_destroy_mutex:
	pthread_mutex_destroy(&ctx->qp_mutex);
err_uninit:
	verbs_uninit_context(&ctx->ibv_ctx);
	free(ctx);
	return NULL;
}

static struct verbs_device *tern_device_alloc(struct verbs_sysfs_dev *sysfs_dev)
{
	struct tern_device *dev;

	dev = calloc(1, sizeof(*dev));
	if (!dev)
		return NULL;
	return &dev->ibv_dev;
}

static void tern_device_free(struct verbs_device *ibv_dev)
{
	free(container_of(ibv_dev, struct tern_device, ibv_dev));
}

/* By PCI identity, since upstream has assigned no driver id */
static const struct verbs_match_ent match_table[] = {
	VERBS_PCI_MATCH(TERN_HW_PCI_VENDOR, TERN_HW_PCI_DEVICE, NULL),
	{},
};

static const struct verbs_device_ops tern_dev_ops = {
	.name = "tern",
	.match_min_abi_version = TERN_ABI_VERSION,
	.match_max_abi_version = TERN_ABI_VERSION,
	.match_table = match_table,
	.alloc_device = tern_device_alloc,
	.uninit_device = tern_device_free,
	.alloc_context = tern_alloc_context,
};

PROVIDER_DRIVER(tern, tern_dev_ops);
