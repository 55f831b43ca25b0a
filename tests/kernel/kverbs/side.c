// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * An end of the connection: its objects, posting, waiting
 */

#define pr_fmt(fmt) "kverbs: " fmt

#include <linux/etherdevice.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <rdma/ib_cache.h>

#include "kverbs.h"

#define KV_REG_PAGES	KV_PAGES

static void op_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct kv_op *op = container_of(wc->wr_cqe, struct kv_op, cqe);

	op->status = wc->status;
	op->wc = *wc;
	op->order = atomic_inc_return(&op->side->completed);
	op->count++;
	complete(&op->done);
}

static void qp_event(struct ib_event *event, void *context)
{
	struct kv_side *side = context;

	set_bit(event->event, &side->events);
}

/* The first GID that is an IPv4 address */
static const struct ib_gid_attr *find_gid(struct ib_device *dev)
{
	const struct ib_gid_attr *attr;
	int i;

	for (i = 0; i < dev->port_data[KV_PORT].immutable.gid_tbl_len; i++) {
		attr = rdma_get_gid_attr(dev, KV_PORT, i);
		if (IS_ERR(attr))
			continue;
		if (rdma_gid_attr_network_type(attr) == RDMA_NETWORK_IPV4)
			return attr;
		rdma_put_gid_attr(attr);
	}
	pr_err("%s has no IPv4 address\n", dev_name(&dev->dev));
	return NULL;
}

static int alloc_buf(struct kv_side *side)
{
	int i;

	for (i = 0; i < KV_PAGES; i++) {
		side->buf[i] = (void *)__get_free_page(GFP_KERNEL);
		if (!side->buf[i])
			return -ENOMEM;
		side->dma[i] = ib_dma_map_single(side->dev, side->buf[i], PAGE_SIZE,
						 DMA_BIDIRECTIONAL);
		if (ib_dma_mapping_error(side->dev, side->dma[i])) {
			free_page((unsigned long)side->buf[i]);
			side->buf[i] = NULL;
			return -ENOMEM;
		}
	}
	return 0;
}

static int create_qp(struct kv_side *side)
{
	struct ib_qp_init_attr attr = {
		.event_handler = qp_event,
		.qp_context = side,
		.send_cq = side->cq,
		.recv_cq = side->recv_cq,
		.cap = {
			/* One more for ib_drain_qp() */
			.max_send_wr = KV_DEPTH + 1,
			.max_recv_wr = KV_DEPTH + 1,
			.max_send_sge = KV_SGES,
			.max_recv_sge = KV_SGES,
			.max_inline_data = KV_INLINE,
		},
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_RC,
	};

	side->qp = ib_create_qp(side->pd, &attr);
	return PTR_ERR_OR_ZERO(side->qp);
}

static int open_objects(struct kv_side *side)
{
	int err;

	side->pd = ib_alloc_pd(side->dev, 0);
	if (IS_ERR(side->pd))
		return PTR_ERR(side->pd);
	side->cq = ib_cq_pool_get(side->dev, 2 * KV_DEPTH, -1, IB_POLL_SOFTIRQ);
	if (IS_ERR(side->cq))
		return PTR_ERR(side->cq);
	side->recv_cq = ib_alloc_cq(side->dev, side, 2 * KV_DEPTH, 0, IB_POLL_WORKQUEUE);
	if (IS_ERR(side->recv_cq))
		return PTR_ERR(side->recv_cq);
	side->mr = ib_alloc_mr(side->pd, IB_MR_TYPE_MEM_REG, KV_REG_PAGES);
	if (IS_ERR(side->mr))
		return PTR_ERR(side->mr);
	err = create_qp(side);
	return err ? err : alloc_buf(side);
}

int kv_side_open(struct kv_side *side, struct ib_device *dev)
{
	int err;

	side->dev = dev;
	side->gid = find_gid(dev);
	err = side->gid ? open_objects(side) : -ENODEV;
	if (err)
		pr_err("%s: cannot make all objects: %d\n", dev_name(&dev->dev), err);
	return err;
}

/* What kv_side_open() made of it, complete or not */
void kv_side_close(struct kv_side *side)
{
	int i;

	if (!side->dev)
		return;
	if (!IS_ERR_OR_NULL(side->qp)) {
		ib_drain_qp(side->qp);
		ib_destroy_qp(side->qp);
	}
	if (!IS_ERR_OR_NULL(side->mr))
		ib_dereg_mr(side->mr);
	if (!IS_ERR_OR_NULL(side->recv_cq))
		ib_free_cq(side->recv_cq);
	if (!IS_ERR_OR_NULL(side->cq))
		ib_cq_pool_put(side->cq, 2 * KV_DEPTH);
	if (!IS_ERR_OR_NULL(side->pd))
		ib_dealloc_pd(side->pd);
	for (i = 0; i < KV_PAGES && side->buf[i]; i++) {
		ib_dma_unmap_single(side->dev, side->dma[i], PAGE_SIZE, DMA_BIDIRECTIONAL);
		free_page((unsigned long)side->buf[i]);
	}
	if (side->gid)
		rdma_put_gid_attr(side->gid);
	memset(side, 0, sizeof(*side));
}

static int to_init(struct kv_side *side)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.port_num = KV_PORT,
		.qp_access_flags = IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_READ |
				   IB_ACCESS_REMOTE_ATOMIC,
	};

	return ib_modify_qp(side->qp, &attr, IB_QP_STATE | IB_QP_PKEY_INDEX | IB_QP_PORT |
					     IB_QP_ACCESS_FLAGS);
}

static int to_rtr(struct kv_side *side, struct kv_side *peer)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTR,
		.path_mtu = IB_MTU_1024,
		.dest_qp_num = peer->qp->qp_num,
		.rq_psn = peer->qp->qp_num,
		.max_dest_rd_atomic = 4,
		.min_rnr_timer = 1,
	};
	int err;

	attr.ah_attr.type = RDMA_AH_ATTR_TYPE_ROCE;
	rdma_ah_set_port_num(&attr.ah_attr, KV_PORT);
	rdma_ah_set_grh(&attr.ah_attr, (union ib_gid *)peer->gid->gid.raw, 0, side->gid->index,
			64, 0);
	err = rdma_read_gid_l2_fields(peer->gid, NULL, attr.ah_attr.roce.dmac);
	if (err)
		return err;
	return ib_modify_qp(side->qp, &attr, IB_QP_STATE | IB_QP_AV | IB_QP_PATH_MTU |
					     IB_QP_DEST_QPN | IB_QP_RQ_PSN |
					     IB_QP_MAX_DEST_RD_ATOMIC | IB_QP_MIN_RNR_TIMER);
}

static int to_rts(struct kv_side *side, u8 rnr_retry)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_RTS,
		.sq_psn = side->qp->qp_num,
		.timeout = 18,
		.retry_cnt = 7,
		.rnr_retry = rnr_retry,
		.max_rd_atomic = 4,
	};

	return ib_modify_qp(side->qp, &attr, IB_QP_STATE | IB_QP_SQ_PSN | IB_QP_TIMEOUT |
					     IB_QP_RETRY_CNT | IB_QP_RNR_RETRY |
					     IB_QP_MAX_QP_RD_ATOMIC);
}

int kv_connect(struct kv_pair *pair, u8 rnr_retry)
{
	int err;

	err = to_init(&pair->a) ?: to_init(&pair->b) ?: to_rtr(&pair->a, &pair->b) ?:
	      to_rtr(&pair->b, &pair->a) ?: to_rts(&pair->a, rnr_retry) ?:
	      to_rts(&pair->b, rnr_retry);
	if (err)
		pr_err("cannot connect: %d\n", err);
	return err;
}

/* All that was posted is over */
void kv_disconnect(struct kv_side *side)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_RESET };

	ib_drain_qp(side->qp);
	if (ib_modify_qp(side->qp, &attr, IB_QP_STATE))
		pr_err("%s: cannot reset\n", dev_name(&side->dev->dev));
}

int kv_reconnect(struct kv_pair *pair, u8 rnr_retry)
{
	kv_disconnect(&pair->a);
	kv_disconnect(&pair->b);
	pair->a.events = 0;
	pair->b.events = 0;
	return kv_connect(pair, rnr_retry);
}

void kv_op_init(struct kv_side *side, struct kv_op *op)
{
	memset(op, 0, sizeof(*op));
	init_completion(&op->done);
	op->cqe.done = op_done;
	op->side = side;
}

int kv_post(struct kv_side *side, struct ib_send_wr *wr, struct kv_op *op)
{
	kv_op_init(side, op);
	wr->wr_cqe = &op->cqe;
	wr->send_flags |= IB_SEND_SIGNALED;
	return ib_post_send(side->qp, wr, NULL);
}

int kv_post_recv(struct kv_side *side, struct ib_sge *sge, int num_sge, struct kv_op *op)
{
	struct ib_recv_wr wr = { .sg_list = sge, .num_sge = num_sge };

	kv_op_init(side, op);
	wr.wr_cqe = &op->cqe;
	return ib_post_recv(side->qp, &wr, NULL);
}

/* An operation that does not end is still the hardware's, so its memory must stay: no way out */
int kv_wait(struct kv_op *op, enum ib_wc_status wanted, const char *what)
{
	if (!wait_for_completion_timeout(&op->done, KV_WAIT)) {
		pr_err("%s: not complete\n", what);
		ib_drain_qp(op->side->qp);
		return -ETIMEDOUT;
	}
	if (op->status == wanted)
		return 0;
	pr_err("%s: %s, not %s\n", what, ib_wc_status_msg(op->status), ib_wc_status_msg(wanted));
	return -EIO;
}

int kv_run(struct kv_side *side, struct ib_send_wr *wr, enum ib_wc_status wanted, const char *what)
{
	struct kv_op op;
	int err;

	err = kv_post(side, wr, &op);
	if (err) {
		pr_err("%s: not posted: %d\n", what, err);
		return err;
	}
	return kv_wait(&op, wanted, what);
}

/* Register memory with the region of the side, under a key that it has not had lately */
int kv_register(struct kv_side *side, const struct scatterlist *sg, int nents, int access)
{
	struct ib_reg_wr wr = { .wr.opcode = IB_WR_REG_MR, .mr = side->mr, .access = access };
	int n;

	ib_update_fast_reg_key(side->mr, ib_inc_rkey(side->mr->rkey));
	n = ib_map_mr_sg(side->mr, (struct scatterlist *)sg, nents, NULL, PAGE_SIZE);
	if (n != nents) {
		pr_err("%d of %d entries mapped\n", n, nents);
		return -EINVAL;
	}
	wr.key = side->mr->rkey;
	return kv_run(side, &wr.wr, IB_WC_SUCCESS, "REG_MR");
}

int kv_invalidate(struct kv_side *side, u32 key, enum ib_wc_status wanted)
{
	struct ib_send_wr wr = { .opcode = IB_WR_LOCAL_INV, .ex.invalidate_rkey = key };

	return kv_run(side, &wr, wanted, "LOCAL_INV");
}

void kv_fill(struct kv_side *side, u32 seed)
{
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, seed);
	for (i = 0; i < KV_PAGES; i++)
		prandom_bytes_state(&rnd, side->buf[i], PAGE_SIZE);
}

struct ib_sge kv_sge(struct kv_side *side, int page, u32 offset, u32 length)
{
	return (struct ib_sge) {
		.addr = side->dma[page] + offset,
		.length = length,
		.lkey = side->pd->local_dma_lkey,
	};
}
