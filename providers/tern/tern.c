// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Device and context of the verbs provider
 */

#include <stdlib.h>
#include <sys/mman.h>

#include "tern.h"

static void tern_free_context(struct ibv_context *ibv_ctx)
{
	struct tern_context *ctx = to_tern_context(ibv_ctx);

	munmap(ctx->doorbells, ctx->doorbell_size);
	verbs_uninit_context(&ctx->ibv_ctx);
	free(ctx);
}

static const struct verbs_context_ops tern_context_ops = {
	.alloc_pd = tern_alloc_pd,
	.create_cq = tern_create_cq,
	.dealloc_pd = tern_dealloc_pd,
	.destroy_cq = tern_destroy_cq,
	.free_context = tern_free_context,
	.modify_cq = tern_modify_cq,
	.poll_cq = tern_poll_cq,
	.query_device_ex = tern_query_device_ex,
	.query_port = tern_query_port,
	.req_notify_cq = tern_req_notify_cq,
};

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

	ctx->max_log_cqe = resp.max_log_cqe;
	ctx->doorbell_size = resp.doorbell_size;
	ctx->doorbells = mmap(NULL, ctx->doorbell_size, PROT_WRITE, MAP_SHARED, cmd_fd,
			      resp.doorbell_key);
	if (ctx->doorbells == MAP_FAILED)
		goto err_uninit;

	verbs_set_ops(&ctx->ibv_ctx, &tern_context_ops);
	return &ctx->ibv_ctx;

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
