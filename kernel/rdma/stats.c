// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What 'rdma statistic' and 'rdma resource -d' tell
 */

#include <linux/skbuff.h>
#include <net/netlink.h>
#include <rdma/restrack.h>
#include <rdma/rdma_netlink.h>

#include "tern_ib.h"

/* Counters of the device that have a name; the same for all devices */
static struct rdma_stat_desc stat_descs[TERN_IB_STATS];
static unsigned int num_stats;

/**
 * tern_ib_stats_init() - take the names of the counters from the hardware contract
 */
void tern_ib_stats_init(void)
{
	const char *name;

	for (num_stats = 0; num_stats < TERN_IB_STATS; num_stats++) {
		name = tern_ib_name("stat", num_stats);
		/* Without a gap: the first one that has no name is the end */
		if (!strcmp(name, "?"))
			break;
		stat_descs[num_stats].name = name;
	}
}

/**
 * tern_ib_alloc_hw_port_stats() - verb alloc_hw_port_stats
 * @ibdev: the device
 * @port: always 1
 *
 * Return: room for the counters, or NULL.
 */
struct rdma_hw_stats *tern_ib_alloc_hw_port_stats(struct ib_device *ibdev, u32 port)
{
	return rdma_alloc_hw_stats_struct(stat_descs, num_stats, RDMA_HW_STATS_DEFAULT_LIFESPAN);
}

/**
 * tern_ib_get_hw_stats() - verb get_hw_stats
 * @ibdev: the device
 * @stats: the counters
 * @port: always 1
 * @index: which is asked for; all are given
 *
 * Return: number of counters, or a negative errno.
 */
int tern_ib_get_hw_stats(struct ib_device *ibdev, struct rdma_hw_stats *stats, u32 port,
			 int index)
{
	u64 counters[TERN_IB_STATS];
	int err;

	if (!stats || port != TERN_IB_PORT)
		return -EINVAL;
	err = tern_ib_cmd_query_stats(to_tern_dev(ibdev), counters);
	if (err)
		return err;
	memcpy(stats->value, counters, num_stats * sizeof(counters[0]));
	return num_stats;
}

static int put_wq(struct sk_buff *msg, const struct tern_ib_wq *wq, const char *log_size,
		  const char *paged)
{
	if (!wq->valid)
		return 0;
	return rdma_nl_put_driver_u32(msg, log_size, wq->log_size) ?:
	       rdma_nl_put_driver_u32(msg, paged, wq->pbles.count != 0);
}

static int put_qp(struct sk_buff *msg, const struct tern_ib_qp *qp,
		  const struct tern_ib_query_qp_result *result)
{
	return put_wq(msg, &qp->sq, "sq_log_size", "sq_paged") ?:
	       put_wq(msg, &qp->rq, "rq_log_size", "rq_paged") ?:
	       rdma_nl_put_driver_u32(msg, "sq_producer", result->sq_producer) ?:
	       rdma_nl_put_driver_u32(msg, "sq_done", result->sq_done) ?:
	       rdma_nl_put_driver_u32(msg, "rq_producer", result->rq_producer) ?:
	       rdma_nl_put_driver_u32(msg, "rq_done", result->rq_done) ?:
	       rdma_nl_put_driver_u32(msg, "resent", result->resent) ?:
	       rdma_nl_put_driver_u32(msg, "timeouts", result->timeouts);
}

static int put_mr(struct sk_buff *msg, const struct tern_ib_mr *mr)
{
	return rdma_nl_put_driver_u32(msg, "index", mr->params.index) ?:
	       rdma_nl_put_driver_u32_hex(msg, "access", mr->params.access) ?:
	       rdma_nl_put_driver_u32(msg, "level", mr->params.level) ?:
	       rdma_nl_put_driver_u32(msg, "page_shift", mr->params.page_shift) ?:
	       rdma_nl_put_driver_u64(msg, "pages", mr->params.pages) ?:
	       rdma_nl_put_driver_u32(msg, "pble", mr->pages.root.first);
}

static int put_cq(struct sk_buff *msg, const struct tern_ib_cq *cq)
{
	return rdma_nl_put_driver_u32(msg, "cqn", cq->cqn) ?:
	       rdma_nl_put_driver_u32(msg, "ceq", cq->ceq->num) ?:
	       rdma_nl_put_driver_u32(msg, "paged", cq->pbles.count != 0);
}

/* Details are one nested attribute, which must be there as a whole or not at all */
static int put_end(struct sk_buff *msg, struct nlattr *table, int err)
{
	if (err)
		nla_nest_cancel(msg, table);
	else
		nla_nest_end(msg, table);
	return err;
}

/**
 * tern_ib_fill_res_qp_entry() - verb fill_res_qp_entry
 * @msg: answer
 * @ibqp: the QP
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_fill_res_qp_entry(struct sk_buff *msg, struct ib_qp *ibqp)
{
	struct tern_ib_query_qp_result result;
	struct nlattr *table;
	int err;

	err = tern_ib_cmd_query_qp(to_tern_dev(ibqp->device), ibqp->qp_num, &result);
	if (err)
		return err;
	table = nla_nest_start(msg, RDMA_NLDEV_ATTR_DRIVER);
	if (!table)
		return -EMSGSIZE;
	return put_end(msg, table, put_qp(msg, to_tern_qp(ibqp), &result));
}

/**
 * tern_ib_fill_res_mr_entry() - verb fill_res_mr_entry
 * @msg: answer
 * @ibmr: the region
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_fill_res_mr_entry(struct sk_buff *msg, struct ib_mr *ibmr)
{
	struct nlattr *table = nla_nest_start(msg, RDMA_NLDEV_ATTR_DRIVER);

	if (!table)
		return -EMSGSIZE;
	return put_end(msg, table, put_mr(msg, to_tern_mr(ibmr)));
}

/**
 * tern_ib_fill_res_cq_entry() - verb fill_res_cq_entry
 * @msg: answer
 * @ibcq: the CQ
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_fill_res_cq_entry(struct sk_buff *msg, struct ib_cq *ibcq)
{
	struct nlattr *table = nla_nest_start(msg, RDMA_NLDEV_ATTR_DRIVER);

	if (!table)
		return -EMSGSIZE;
	return put_end(msg, table, put_cq(msg, to_tern_cq(ibcq)));
}
