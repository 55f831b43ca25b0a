// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Queries and protection domains
 */

#include <stdio.h>
#include <stdlib.h>
#include <util/util.h>

#include "tern.h"

int tern_query_device_ex(struct ibv_context *ctx,
			 const struct ibv_query_device_ex_input *input,
			 struct ibv_device_attr_ex *attr, size_t attr_size)
{
	struct ib_uverbs_ex_query_device_resp resp = {};
	size_t resp_size = sizeof(resp);
	int ret;

	ret = ibv_cmd_query_device_any(ctx, input, attr, attr_size, &resp, &resp_size);
	if (ret)
		return ret;

	/* What stands for the firmware is the version of the hardware itself */
	snprintf(attr->orig_attr.fw_ver, sizeof(attr->orig_attr.fw_ver), "%u.%u",
		 (unsigned int)FIELD_GET(TERN_HW_REG_VERSION_MAJOR_MASK, resp.base.fw_ver),
		 (unsigned int)FIELD_GET(TERN_HW_REG_VERSION_MINOR_MASK, resp.base.fw_ver));
	return 0;
}

int tern_query_port(struct ibv_context *ctx, uint8_t port, struct ibv_port_attr *attr)
{
	struct ibv_query_port cmd = {};

	return ibv_cmd_query_port(ctx, port, attr, &cmd, sizeof(cmd));
}

struct ibv_pd *tern_alloc_pd(struct ibv_context *ctx)
{
	struct tern_cmd_alloc_pd_resp resp = {};
	struct ibv_alloc_pd cmd = {};
	struct tern_pd *pd;

	pd = calloc(1, sizeof(*pd));
	if (!pd)
		return NULL;

	if (ibv_cmd_alloc_pd(ctx, &pd->ibv_pd, &cmd, sizeof(cmd), &resp.ibv_resp,
			     sizeof(resp))) {
		free(pd);
		return NULL;
	}
	pd->pdn = resp.pdn;
	return &pd->ibv_pd;
}

int tern_dealloc_pd(struct ibv_pd *pd)
{
	int ret;

	ret = ibv_cmd_dealloc_pd(pd);
	if (ret)
		return ret;
	free(to_tern_pd(pd));
	return 0;
}
