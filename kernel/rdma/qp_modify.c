// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * States and attributes of queue pairs
 *
 * What the consumer asks for is checked here, transitions again by the device, which alone knows
 * when a QP went to error by itself.
 */

#include <linux/bits.h>
#include <rdma/ib_cache.h>
#include <rdma/restrack.h>

#include "compat.h"
#include "tern_ib.h"

#define PSN_MASK	GENMASK(23, 0)
#define QPN_MASK	GENMASK(23, 0)

#define QP_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_READ | \
			 IB_ACCESS_REMOTE_ATOMIC)

/* Rights to operations that tern does not have, and hints: to grant them changes nothing */
#define QP_ACCESS_IDLE	(IB_ACCESS_MW_BIND | IB_ACCESS_FLUSH_GLOBAL | \
			 IB_ACCESS_FLUSH_PERSISTENT | IB_ACCESS_OPTIONAL)

/* Attributes of which there is only one that tern can have */
static int modify_check_fixed(const struct ib_qp_attr *attr, int mask)
{
	if (mask & ~IB_QP_ATTR_STANDARD_BITS || mask & (IB_QP_CAP | IB_QP_ALT_PATH))
		return -EOPNOTSUPP;
	if (mask & IB_QP_PATH_MIG_STATE && attr->path_mig_state != IB_MIG_MIGRATED)
		return -EOPNOTSUPP;
	if ((mask & IB_QP_PORT && attr->port_num != TERN_IB_PORT) ||
	    (mask & IB_QP_PKEY_INDEX && attr->pkey_index >= TERN_IB_PKEYS))
		return -EINVAL;
	return 0;
}

static int modify_check_ranges(struct tern_ib_dev *dev, const struct ib_qp_attr *attr, int mask)
{
	if ((mask & IB_QP_PATH_MTU &&
	     (attr->path_mtu < IB_MTU_256 || attr->path_mtu > IB_MTU_4096)) ||
	    (mask & IB_QP_TIMEOUT && attr->timeout > 31) ||
	    (mask & IB_QP_RETRY_CNT && attr->retry_cnt > 7) ||
	    (mask & IB_QP_RNR_RETRY && attr->rnr_retry > 7) ||
	    (mask & IB_QP_MIN_RNR_TIMER && attr->min_rnr_timer > 31) ||
	    (mask & IB_QP_DEST_QPN && attr->dest_qp_num > QPN_MASK) ||
	    (mask & IB_QP_MAX_QP_RD_ATOMIC && attr->max_rd_atomic > dev->caps.max_rd) ||
	    (mask & IB_QP_MAX_DEST_RD_ATOMIC && attr->max_dest_rd_atomic > dev->caps.max_rd))
		return -EINVAL;
	if (mask & IB_QP_ACCESS_FLAGS && attr->qp_access_flags & ~(QP_ACCESS | QP_ACCESS_IDLE))
		return -EOPNOTSUPP;
	return 0;
}

static int modify_path(struct tern_ib_dev *dev, struct tern_ib_qp *qp,
		       const struct ib_qp_attr *attr, u32 dest_qpn,
		       struct tern_ib_modify_qp_params *params)
{
	const struct rdma_ah_attr *ah = &attr->ah_attr;
	const struct ib_global_route *grh;
	int err;

	err = tern_ib_ah_check(dev, ah);
	if (err)
		return err;
	grh = rdma_ah_read_grh(ah);
	params->mask |= TERN_HW_QP_ATTR_MASK_PATH;
	params->sgid = grh->sgid_index;
	params->hop_limit = grh->hop_limit;
	params->tclass = grh->traffic_class;
	params->flow_label = grh->flow_label & GENMASK(19, 0);
	params->pcp = rdma_ah_get_sl(ah) & GENMASK(2, 0);
	params->udp_sport = rdma_get_udp_sport(params->flow_label, qp->ibqp.qp_num, dest_qpn);
	memcpy(params->dmac, ah->roce.dmac, sizeof(params->dmac));
	memcpy(params->dgid, grh->dgid.raw, sizeof(params->dgid));
	return 0;
}

/* Attributes as the device knows them; all values are in range */
static void modify_values(const struct ib_qp_attr *attr, int mask,
			  struct tern_ib_modify_qp_params *params)
{
	static const struct {
		int verbs;
		u16 device;
	} bits[] = {
		{ IB_QP_DEST_QPN, TERN_HW_QP_ATTR_MASK_DEST_QPN },
		{ IB_QP_PATH_MTU, TERN_HW_QP_ATTR_MASK_MTU },
		{ IB_QP_MAX_QP_RD_ATOMIC, TERN_HW_QP_ATTR_MASK_MAX_RD },
		{ IB_QP_MAX_DEST_RD_ATOMIC, TERN_HW_QP_ATTR_MASK_MAX_DEST_RD },
		{ IB_QP_TIMEOUT, TERN_HW_QP_ATTR_MASK_TIMEOUT },
		{ IB_QP_RETRY_CNT, TERN_HW_QP_ATTR_MASK_RETRY_CNT },
		{ IB_QP_RNR_RETRY, TERN_HW_QP_ATTR_MASK_RNR_RETRY },
		{ IB_QP_MIN_RNR_TIMER, TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER },
		{ IB_QP_SQ_PSN, TERN_HW_QP_ATTR_MASK_SQ_PSN },
		{ IB_QP_RQ_PSN, TERN_HW_QP_ATTR_MASK_RQ_PSN },
		{ IB_QP_ACCESS_FLAGS, TERN_HW_QP_ATTR_MASK_ACCESS },
		{ IB_QP_QKEY, TERN_HW_QP_ATTR_MASK_QKEY },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		if (mask & bits[i].verbs)
			params->mask |= bits[i].device;

	params->dest_qpn = attr->dest_qp_num & QPN_MASK;
	params->mtu = attr->path_mtu;
	params->max_rd = attr->max_rd_atomic;
	params->max_dest_rd = attr->max_dest_rd_atomic;
	params->timeout = attr->timeout;
	params->retry_cnt = attr->retry_cnt;
	params->rnr_retry = attr->rnr_retry;
	params->min_rnr_timer = attr->min_rnr_timer;
	params->sq_psn = attr->sq_psn & PSN_MASK;
	params->rq_psn = attr->rq_psn & PSN_MASK;
	params->access = attr->qp_access_flags & QP_ACCESS;
	params->qkey = attr->qkey;
}

/* Datagrams have no path that would tell how long they may be: as long as the port sends */
static void modify_ud_mtu(struct tern_ib_dev *dev, enum ib_qp_state cur, enum ib_qp_state next,
			  struct tern_ib_modify_qp_params *params)
{
	if (cur != IB_QPS_INIT || next != IB_QPS_RTR)
		return;
	params->mask |= TERN_HW_QP_ATTR_MASK_MTU;
	params->mtu = tern_ib_port_mtu(dev);
}

/* A QP in error or one that is reset may be in any state; else it must be in the one we know */
static void modify_states(enum ib_qp_state cur, enum ib_qp_state next, bool set,
			  struct tern_ib_modify_qp_params *params)
{
	params->set_state = set;
	params->state = next;
	params->check_state = next != IB_QPS_RESET && next != IB_QPS_ERR;
	params->cur_state = cur;
}

/* Remember what was set, for query_qp; @lock is held */
static void modify_remember(struct tern_ib_qp *qp, const struct ib_qp_attr *attr, int mask)
{
	struct ib_qp_attr *known = &qp->attr;

	if (mask & IB_QP_AV) {
		known->ah_attr = attr->ah_attr;
		/* Its reference belongs to the caller */
		known->ah_attr.grh.sgid_attr = NULL;
	}
	if (mask & IB_QP_DEST_QPN)
		known->dest_qp_num = attr->dest_qp_num;
	if (mask & IB_QP_PATH_MTU)
		known->path_mtu = attr->path_mtu;
	if (mask & IB_QP_MAX_QP_RD_ATOMIC)
		known->max_rd_atomic = attr->max_rd_atomic;
	if (mask & IB_QP_MAX_DEST_RD_ATOMIC)
		known->max_dest_rd_atomic = attr->max_dest_rd_atomic;
	if (mask & IB_QP_TIMEOUT)
		known->timeout = attr->timeout;
	if (mask & IB_QP_RETRY_CNT)
		known->retry_cnt = attr->retry_cnt;
	if (mask & IB_QP_RNR_RETRY)
		known->rnr_retry = attr->rnr_retry;
	if (mask & IB_QP_MIN_RNR_TIMER)
		known->min_rnr_timer = attr->min_rnr_timer;
	if (mask & IB_QP_ACCESS_FLAGS)
		known->qp_access_flags = attr->qp_access_flags & QP_ACCESS;
	if (mask & IB_QP_QKEY)
		known->qkey = attr->qkey;
	if (mask & IB_QP_EN_SQD_ASYNC_NOTIFY)
		WRITE_ONCE(qp->sqd_notify, attr->en_sqd_async_notify);
}

static void wq_restart(struct tern_ib_wq *wq)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	wq->producer = 0;
	wq->consumer = 0;
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* All begins anew, except what was created; @lock is held */
static void qp_restart(struct tern_ib_qp *qp)
{
	tern_ib_qp_forget_completions(qp);
	wq_restart(&qp->sq);
	wq_restart(&qp->rq);
	memset(&qp->attr, 0, sizeof(qp->attr));
	WRITE_ONCE(qp->sqd_notify, false);
}

/*
 * Who stops a kernel QP then waits for the rest of its completions. If the device is dead, it
 * has stopped, and the completions come from the driver; so there is nothing to refuse.
 */
static bool qp_is_stopped_anyway(struct tern_ib_dev *dev, const struct tern_ib_qp *qp,
				 const struct tern_ib_modify_qp_params *params)
{
	return READ_ONCE(dev->dma_off) && rdma_is_kernel_res(&qp->ibqp.res) &&
	       params->set_state && (params->state == IB_QPS_ERR || params->state == IB_QPS_RESET);
}

static int qp_modify_locked(struct tern_ib_dev *dev, struct tern_ib_qp *qp,
			    const struct ib_qp_attr *attr, int mask)
{
	struct tern_ib_modify_qp_params params = { .qpn = qp->ibqp.qp_num };
	enum ib_qp_state cur, next;
	u32 dest_qpn;
	int err;

	lockdep_assert_held(&qp->lock);
	cur = mask & IB_QP_CUR_STATE ? attr->cur_qp_state : qp->state;
	next = mask & IB_QP_STATE ? attr->qp_state : cur;
	if (!ib_modify_qp_is_ok(cur, next, qp->ibqp.qp_type, mask))
		return -EINVAL;

	dest_qpn = mask & IB_QP_DEST_QPN ? attr->dest_qp_num : qp->attr.dest_qp_num;
	if (mask & IB_QP_AV) {
		err = modify_path(dev, qp, attr, dest_qpn, &params);
		if (err)
			return err;
	}
	modify_values(attr, mask, &params);
	if (tern_ib_qp_is_ud(qp))
		modify_ud_mtu(dev, cur, next, &params);
	modify_states(cur, next, mask & IB_QP_STATE, &params);
	err = tern_ib_cmd_modify_qp(dev, &params);
	if (err && !qp_is_stopped_anyway(dev, qp, &params)) {
		tern_ib_qp_refresh_state(dev, qp);
		return err;
	}

	modify_remember(qp, attr, mask);
	WRITE_ONCE(qp->state, next);
	if (mask & IB_QP_STATE && next == IB_QPS_RESET)
		qp_restart(qp);
	return 0;
}

/**
 * tern_ib_modify_qp() - verb modify_qp
 * @ibqp: the QP
 * @attr: attributes
 * @mask: which of them are meant, enum ib_qp_attr_mask
 * @udata: of the user's call; takes nothing
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_modify_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		      struct ib_udata *udata)
{
	struct tern_ib_dev *dev = to_tern_dev(ibqp->device);
	struct tern_ib_qp *qp = to_tern_qp(ibqp);
	int err;

	if (udata && udata->inlen && !ib_is_udata_cleared(udata, 0, udata->inlen))
		return -EINVAL;
	err = modify_check_fixed(attr, mask);
	if (!err)
		err = modify_check_ranges(dev, attr, mask);
	if (err)
		return err;

	mutex_lock(&qp->lock);
	err = qp_modify_locked(dev, qp, attr, mask);
	mutex_unlock(&qp->lock);
	return err;
}

/**
 * tern_ib_query_qp() - verb query_qp
 * @ibqp: the QP
 * @attr: attributes: state and PSNs are the device's, the rest is what was set
 * @mask: which are asked for; all are given
 * @init_attr: what it was created with
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_query_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		     struct ib_qp_init_attr *init_attr)
{
	struct tern_ib_dev *dev = to_tern_dev(ibqp->device);
	struct tern_ib_query_qp_result result;
	struct tern_ib_qp *qp = to_tern_qp(ibqp);
	int err;

	mutex_lock(&qp->lock);
	err = tern_ib_cmd_query_qp(dev, ibqp->qp_num, &result);
	if (!err) {
		WRITE_ONCE(qp->state, result.state);
		*attr = qp->attr;
	}
	mutex_unlock(&qp->lock);
	if (err)
		return err;

	attr->qp_state = result.state;
	attr->cur_qp_state = result.state;
	attr->sq_draining = result.state == IB_QPS_SQD && result.draining;
	attr->sq_psn = result.sq_psn;
	attr->rq_psn = result.rq_psn;
	attr->path_mig_state = IB_MIG_MIGRATED;
	attr->port_num = TERN_IB_PORT;
	attr->cap = qp->cap;

	memset(init_attr, 0, sizeof(*init_attr));
	init_attr->event_handler = ibqp->event_handler;
	init_attr->qp_context = ibqp->qp_context;
	init_attr->send_cq = ibqp->send_cq;
	init_attr->recv_cq = ibqp->recv_cq;
	init_attr->qp_type = ibqp->qp_type;
	init_attr->cap = qp->cap;
	init_attr->sq_sig_type = qp->signal_all ? IB_SIGNAL_ALL_WR : IB_SIGNAL_REQ_WR;
	init_attr->create_flags = qp->no_own_mcast ? IB_QP_CREATE_BLOCK_MULTICAST_LOOPBACK : 0;
	return 0;
}
