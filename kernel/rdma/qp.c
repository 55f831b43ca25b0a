// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Queue pairs, for users and for the kernel: how they are made, what the device has to tell
 * of them, and how they go
 *
 * A user's rings are memory of the process, filled by the provider; the kernel knows just
 * where they are.
 *
 * A QP is found by number from the event queue and from poll_cq. As with CQs it is published
 * last and taken out first, and its destruction waits for whoever has found it.
 */

#include <linux/dma-mapping.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>
#include <rdma/restrack.h>
#include <rdma/uverbs_ioctl.h>

#include "compat.h"
#include "tern-abi.h"
#include "tern_ib.h"

/* log2 of the bytes of a slot of the send queue, and of an SGE in the receive queue */
#define LOG_SLOT	6
#define LOG_SGE		4

/* A ring is at least a page of the device */
#define LOG_RING_MIN	12

#define LOG_STRIDE_MAX	4

static_assert(BIT(LOG_SLOT) == sizeof(struct tern_hw_sq_wqe));
static_assert(BIT(LOG_SGE) == sizeof(struct tern_hw_sge));

/* Each slot of a send but the first has 4 SGEs or 64 B of data */
#define SLOT_SGES	4u
#define SLOT_INLINE	64u

/**
 * tern_ib_send_slots() - slots of a send queue entry
 * @type: of the QP
 * @num_sge: SGEs, up to TERN_IB_MAX_SGE
 * @inline_bytes: or bytes of inline data, up to TERN_IB_MAX_INLINE
 *
 * Return: number of slots for whichever takes more.
 */
u32 tern_ib_send_slots(enum ib_qp_type type, u32 num_sge, u32 inline_bytes)
{
	u32 first_sges = tern_ib_first_sges(type);
	u32 first_inline = first_sges * sizeof(struct tern_hw_sge);
	u32 sge_slots = 1, inline_slots = 1;

	if (num_sge > first_sges)
		sge_slots += DIV_ROUND_UP(num_sge - first_sges, SLOT_SGES);
	if (inline_bytes > first_inline)
		inline_slots += DIV_ROUND_UP(inline_bytes - first_inline, SLOT_INLINE);
	return max(sge_slots, inline_slots);
}

static struct tern_ib_qp *qp_get(struct tern_ib_dev *dev, u32 qpn)
{
	struct tern_ib_qp *qp;

	xa_lock_irq(&dev->qps);
	qp = xa_load(&dev->qps, qpn);
	if (qp)
		refcount_inc(&qp->refs);
	xa_unlock_irq(&dev->qps);
	return qp;
}

static void qp_put(struct tern_ib_qp *qp)
{
	if (refcount_dec_and_test(&qp->refs))
		complete(&qp->unused);
}

/**
 * tern_ib_qp_refresh_state() - learn the state of a QP, which the device may have changed
 * @dev: the device
 * @qp: the QP, whose lock is held
 */
void tern_ib_qp_refresh_state(struct tern_ib_dev *dev, struct tern_ib_qp *qp)
{
	struct tern_ib_query_qp_result result;

	if (!qp->gone && !tern_ib_cmd_query_qp(dev, qp->ibqp.qp_num, &result))
		WRITE_ONCE(qp->state, result.state);
}

static void qp_tell(struct tern_ib_qp *qp, enum ib_event_type type)
{
	struct ib_event event = {
		.device = qp->ibqp.device,
		.event = type,
		.element.qp = &qp->ibqp,
	};

	if (qp->ibqp.event_handler)
		qp->ibqp.event_handler(&event, qp->ibqp.qp_context);
}

/* False: not for the consumer */
static bool qp_ib_event(struct tern_ib_qp *qp, u32 code, enum ib_event_type *type)
{
	switch (code) {
	case TERN_HW_AE_CODE_QP_FATAL:
		*type = IB_EVENT_QP_FATAL;
		return true;
	case TERN_HW_AE_CODE_QP_REQUEST:
		*type = IB_EVENT_QP_REQ_ERR;
		return true;
	case TERN_HW_AE_CODE_QP_ACCESS:
		*type = IB_EVENT_QP_ACCESS_ERR;
		return true;
	case TERN_HW_AE_CODE_QP_COMM_EST:
		*type = IB_EVENT_COMM_EST;
		return true;
	case TERN_HW_AE_CODE_QP_SQ_DRAINED:
		*type = IB_EVENT_SQ_DRAINED;
		return READ_ONCE(qp->sqd_notify);
	case TERN_HW_AE_CODE_QP_LAST_WQE:
		*type = IB_EVENT_QP_LAST_WQE_REACHED;
		return true;
	default:
		return false;
	}
}

/**
 * tern_ib_qp_event() - the device has something to tell about a QP
 * @dev: the device
 * @qpn: the QP; one that is gone is ignored
 * @code: enum tern_hw_ae_code
 *
 * Context: process.
 */
void tern_ib_qp_event(struct tern_ib_dev *dev, u32 qpn, u32 code)
{
	struct tern_ib_qp *qp = qp_get(dev, qpn);
	enum ib_event_type type;

	if (!qp)
		return;

	/* An event of an earlier life says nothing about the state, so the device is asked */
	mutex_lock(&qp->lock);
	tern_ib_qp_refresh_state(dev, qp);
	mutex_unlock(&qp->lock);

	if (qp_ib_event(qp, code, &type))
		qp_tell(qp, type);
	qp_put(qp);
}

/**
 * tern_ib_qp_event_all() - events were lost: tell of QPs that went to error by themselves
 * @dev: the device
 *
 * Context: process.
 */
void tern_ib_qp_event_all(struct tern_ib_dev *dev)
{
	struct tern_ib_qp *qp;
	unsigned long qpn;
	bool news;

	/* What the loop finds may go any time; only a reference makes it safe */
	xa_for_each(&dev->qps, qpn, qp) {
		qp = qp_get(dev, qpn);
		if (!qp)
			continue;
		mutex_lock(&qp->lock);
		news = qp->state != IB_QPS_ERR;
		tern_ib_qp_refresh_state(dev, qp);
		news = news && qp->state == IB_QPS_ERR;
		mutex_unlock(&qp->lock);
		if (news)
			qp_tell(qp, IB_EVENT_QP_FATAL);
		qp_put(qp);
	}
}

static int qp_reserve_number(struct tern_ib_dev *dev, struct tern_ib_qp *qp)
{
	struct xa_limit limit = XA_LIMIT(TERN_IB_FIRST_QPN, tern_ib_num_qps(dev) - 1);
	int err;

	if (tern_ib_num_qps(dev) <= TERN_IB_FIRST_QPN)
		return -EOPNOTSUPP;
	if (qp->ibqp.qp_type == IB_QPT_GSI) {
		qp->ibqp.qp_num = TERN_IB_GSI_QPN;
		return xa_insert_irq(&dev->qps, TERN_IB_GSI_QPN, NULL, GFP_KERNEL);
	}
	/* Cyclic, so that a number is not used again soon */
	err = xa_alloc_cyclic_irq(&dev->qps, &qp->ibqp.qp_num, NULL, limit, &dev->next_qpn,
				  GFP_KERNEL);
	if (err == -EBUSY)
		return -ENOSPC;
	return err < 0 ? err : 0;
}

/* No memory is needed to store where a number was reserved, so it cannot fail */
static void qp_publish(struct tern_ib_dev *dev, struct tern_ib_qp *qp)
{
	xa_store_irq(&dev->qps, qp->ibqp.qp_num, qp, GFP_KERNEL);
}

/* NULL keeps the number reserved */
static void qp_unpublish(struct tern_ib_dev *dev, struct tern_ib_qp *qp)
{
	xa_store_irq(&dev->qps, qp->ibqp.qp_num, NULL, GFP_KERNEL);
}

/* -EOPNOTSUPP is below all types */
static int qp_device_type(enum ib_qp_type type)
{
	switch (type) {
	case IB_QPT_RC:
		return TERN_HW_QP_TYPE_RC;
	case IB_QPT_UC:
		return TERN_HW_QP_TYPE_UC;
	case IB_QPT_UD:
		return TERN_HW_QP_TYPE_UD;
	case IB_QPT_GSI:
		return TERN_HW_QP_TYPE_GSI;
	default:
		return -EOPNOTSUPP;
	}
}

/* What there is of types and features */
static int qp_check_kind(struct tern_ib_dev *dev, const struct ib_qp_init_attr *attr, bool user)
{
	u32 flags = attr->qp_type == IB_QPT_UD ? IB_QP_CREATE_BLOCK_MULTICAST_LOOPBACK : 0;
	int type = qp_device_type(attr->qp_type);

	if (type < 0 || !tern_ib_has_type(dev, type) || (user && type == TERN_HW_QP_TYPE_GSI))
		return -EOPNOTSUPP;
	if (attr->create_flags & ~flags || attr->srq || attr->rwq_ind_tbl)
		return -EOPNOTSUPP;
	return 0;
}

static int qp_check_attr(struct tern_ib_dev *dev, const struct ib_qp_init_attr *attr)
{
	const struct ib_qp_cap *cap = &attr->cap;

	if (!attr->send_cq || !attr->recv_cq)
		return -EINVAL;
	if (cap->max_send_wr > BIT(dev->caps.max_log_sq) ||
	    cap->max_recv_wr > BIT(dev->caps.max_log_rq) ||
	    cap->max_send_sge > dev->caps.max_sge || cap->max_recv_sge > dev->caps.max_sge ||
	    cap->max_inline_data > dev->caps.max_inline) {
		ibdev_dbg(&dev->ibdev, "QP of %u + %u requests with %u + %u SGEs, %u B refused\n",
			  cap->max_send_wr, cap->max_recv_wr, cap->max_send_sge,
			  cap->max_recv_sge, cap->max_inline_data);
		return -EINVAL;
	}
	return 0;
}

/* Slots and entries that the consumer asks for, and how long entries must be */
static u64 qp_want_slots(const struct tern_ib_qp *qp)
{
	const struct ib_qp_cap *cap = &qp->cap;

	return (u64)cap->max_send_wr * tern_ib_send_slots(qp->ibqp.qp_type, cap->max_send_sge,
							  cap->max_inline_data);
}

static u32 qp_want_log_stride(const struct ib_qp_cap *cap)
{
	return order_base_2(max(cap->max_recv_sge, 1u));
}

static int wq_user_ring(struct tern_ib_dev *dev, struct tern_ib_wq *wq, u64 va,
			struct tern_ib_create_wq_params *params)
{
	int err;

	wq->umem = ib_umem_get_va(&dev->ibdev, va, tern_ib_wq_bytes(wq), IB_ACCESS_LOCAL_WRITE);
	if (IS_ERR(wq->umem)) {
		err = PTR_ERR(wq->umem);
		wq->umem = NULL;
		return err;
	}
	return tern_ib_pble_map_ring(dev, wq->umem, &wq->pbles, &params->ring);
}

static int wq_kernel_ring(struct tern_ib_dev *dev, struct tern_ib_wq *wq,
			  struct tern_ib_create_wq_params *params)
{
	wq->wr_ids = kvcalloc(tern_ib_wq_size(wq), sizeof(*wq->wr_ids), GFP_KERNEL);
	wq->slots = kvcalloc(tern_ib_wq_size(wq), sizeof(*wq->slots), GFP_KERNEL);
	wq->buf = dma_alloc_coherent(dev->dma_dev, tern_ib_wq_bytes(wq), &wq->dma,
				     GFP_KERNEL | __GFP_NOWARN);
	if (!wq->wr_ids || !wq->slots || !wq->buf)
		return -ENOMEM;
	params->ring.address = wq->dma;
	return 0;
}

/* What was there of it, whether it was complete or not */
static void wq_free_ring(struct tern_ib_dev *dev, struct tern_ib_wq *wq)
{
	tern_ib_pble_free(dev, &wq->pbles);
	ib_umem_release(wq->umem);
	if (wq->buf)
		dma_free_coherent(dev->dma_dev, tern_ib_wq_bytes(wq), wq->buf, wq->dma);
	kvfree(wq->wr_ids);
	kvfree(wq->slots);
}

static void qp_free_rings(struct tern_ib_dev *dev, struct tern_ib_qp *qp)
{
	wq_free_ring(dev, &qp->sq);
	wq_free_ring(dev, &qp->rq);
}

static bool user_ring_va_is_ok(u64 va)
{
	return PAGE_ALIGNED(va) && va <= ULONG_MAX;
}

static bool user_sq_is_ok(struct tern_ib_dev *dev, const struct tern_create_qp_req *req,
			  const struct tern_ib_qp *qp)
{
	if (req->sq_log_size == TERN_QP_NO_QUEUE)
		return !qp->cap.max_send_wr && !req->sq_va;
	return req->sq_log_size <= dev->caps.max_log_sq &&
	       req->sq_log_size + LOG_SLOT >= LOG_RING_MIN &&
	       qp_want_slots(qp) <= BIT_ULL(req->sq_log_size) && user_ring_va_is_ok(req->sq_va);
}

static bool user_rq_is_ok(struct tern_ib_dev *dev, const struct tern_create_qp_req *req,
			  const struct ib_qp_cap *cap)
{
	if (req->rq_log_size == TERN_QP_NO_QUEUE)
		return !cap->max_recv_wr && !req->rq_va && !req->rq_log_stride;
	return req->rq_log_size <= dev->caps.max_log_rq && req->rq_log_stride <= LOG_STRIDE_MAX &&
	       req->rq_log_size + req->rq_log_stride + LOG_SGE >= LOG_RING_MIN &&
	       cap->max_recv_wr <= BIT(req->rq_log_size) &&
	       qp_want_log_stride(cap) <= req->rq_log_stride && user_ring_va_is_ok(req->rq_va);
}

static int qp_user_rings(struct tern_ib_dev *dev, struct tern_ib_qp *qp, struct ib_udata *udata,
			 struct tern_ib_create_qp_params *params)
{
	struct tern_ib_ucontext *ucontext =
		rdma_udata_to_drv_context(udata, struct tern_ib_ucontext, ibucontext);
	struct tern_create_qp_req req;
	int err;

	err = tern_ib_udata_in(udata, &req, sizeof(req));
	if (err)
		return err;
	if (req.comp_mask || req.reserved_07[0] || !user_sq_is_ok(dev, &req, qp) ||
	    !user_rq_is_ok(dev, &req, &qp->cap)) {
		ibdev_dbg(&dev->ibdev, "QP rings 2^%u at %#llx, 2^%u of 2^%u at %#llx refused\n",
			  req.sq_log_size, req.sq_va, req.rq_log_size, req.rq_log_stride,
			  req.rq_va);
		return -EINVAL;
	}

	params->page = ucontext->page;
	params->rq_log_stride = req.rq_log_stride;
	if (req.sq_log_size != TERN_QP_NO_QUEUE) {
		qp->sq.valid = true;
		qp->sq.log_size = req.sq_log_size;
		qp->sq.log_entry = LOG_SLOT;
		err = wq_user_ring(dev, &qp->sq, req.sq_va, &params->sq);
	}
	if (!err && req.rq_log_size != TERN_QP_NO_QUEUE) {
		qp->rq.valid = true;
		qp->rq.log_size = req.rq_log_size;
		qp->rq.log_entry = LOG_SGE + req.rq_log_stride;
		err = wq_user_ring(dev, &qp->rq, req.rq_va, &params->rq);
	}
	return err;
}

static int qp_kernel_rings(struct tern_ib_dev *dev, struct tern_ib_qp *qp,
			   struct tern_ib_create_qp_params *params)
{
	u64 slots = qp_want_slots(qp);
	int err = 0;

	if (slots > BIT(dev->caps.max_log_sq))
		return -EINVAL;
	params->priv = true;
	params->rq_log_stride = qp_want_log_stride(&qp->cap);
	if (slots) {
		qp->sq.valid = true;
		qp->sq.log_entry = LOG_SLOT;
		qp->sq.log_size = max_t(u32, order_base_2(slots), LOG_RING_MIN - LOG_SLOT);
		err = wq_kernel_ring(dev, &qp->sq, &params->sq);
	}
	if (!err && qp->cap.max_recv_wr) {
		qp->rq.valid = true;
		qp->rq.log_entry = LOG_SGE + params->rq_log_stride;
		qp->rq.log_size = max_t(u32, order_base_2(qp->cap.max_recv_wr),
					LOG_RING_MIN - qp->rq.log_entry);
		err = wq_kernel_ring(dev, &qp->rq, &params->rq);
	}
	return err;
}

static int qp_create_in_device(struct tern_ib_dev *dev, struct tern_ib_qp *qp,
			       struct tern_ib_create_qp_params *params)
{
	u32 qpn = qp->ibqp.qp_num;
	int err;

	err = tern_ib_hmc_populate(dev, TERN_HW_HMC_KIND_QP, qpn, 1);
	if (err)
		return err;
	err = tern_ib_hmc_populate(dev, TERN_HW_HMC_KIND_IRRQ, qpn, 1);
	if (err)
		return err;

	params->qpn = qpn;
	params->type = qp_device_type(qp->ibqp.qp_type);
	params->pdn = to_tern_pd(qp->ibqp.pd)->pdn;
	params->sq.valid = qp->sq.valid;
	params->sq.log_size = qp->sq.log_size;
	params->rq.valid = qp->rq.valid;
	params->rq.log_size = qp->rq.log_size;
	return tern_ib_cmd_create_qp(dev, params);
}

static int qp_respond(struct tern_ib_qp *qp, struct ib_udata *udata)
{
	struct tern_create_qp_resp resp = { .qpn = qp->ibqp.qp_num };

	return tern_ib_udata_out(udata, &resp, sizeof(resp));
}

static void qp_init(struct tern_ib_qp *qp, const struct ib_qp_init_attr *attr)
{
	refcount_set(&qp->refs, 1);
	init_completion(&qp->unused);
	mutex_init(&qp->lock);
	spin_lock_init(&qp->sq.lock);
	spin_lock_init(&qp->rq.lock);
	qp->state = IB_QPS_RESET;
	qp->cap = attr->cap;
	qp->signal_all = attr->sq_sig_type == IB_SIGNAL_ALL_WR;
	qp->no_own_mcast = attr->create_flags & IB_QP_CREATE_BLOCK_MULTICAST_LOOPBACK;
}

/**
 * tern_ib_create_qp() - verb create_qp
 * @ibqp: the QP, zeroed but for what the RDMA core knows
 * @attr: what is asked for
 * @udata: of the user's call; NULL for a kernel QP
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_create_qp(struct ib_qp *ibqp, struct ib_qp_init_attr *attr, struct ib_udata *udata)
{
	struct tern_ib_dev *dev = to_tern_dev(ibqp->device);
	struct tern_ib_create_qp_params params = {};
	struct tern_ib_qp *qp = to_tern_qp(ibqp);
	int err;

	err = qp_check_kind(dev, attr, udata);
	if (!err)
		err = qp_check_attr(dev, attr);
	if (err)
		return err;
	qp_init(qp, attr);
	params.send_cqn = to_tern_cq(attr->send_cq)->cqn;
	params.recv_cqn = to_tern_cq(attr->recv_cq)->cqn;

	err = qp_reserve_number(dev, qp);
	if (err)
		return err;
	if (udata)
		err = qp_user_rings(dev, qp, udata, &params);
	else
		err = qp_kernel_rings(dev, qp, &params);
	if (err)
		goto err_free_rings;

	err = qp_create_in_device(dev, qp, &params);
	if (err)
		goto err_free_rings;
	if (udata) {
		err = qp_respond(qp, udata);
		if (err)
			goto err_destroy;
	}
	qp_publish(dev, qp);
	return 0;

err_destroy:
	tern_ib_cmd_destroy_qp(dev, ibqp->qp_num);
err_free_rings:
	qp_free_rings(dev, qp);
	xa_erase_irq(&dev->qps, ibqp->qp_num);
	return err;
}

/**
 * tern_ib_qp_forget_completions() - no completion of its life so far is seen any more
 * @qp: the QP, which completes nothing now
 */
void tern_ib_qp_forget_completions(struct tern_ib_qp *qp)
{
	tern_ib_cq_forget_qp(to_tern_cq(qp->ibqp.send_cq), qp->ibqp.qp_num);
	if (qp->ibqp.recv_cq != qp->ibqp.send_cq)
		tern_ib_cq_forget_qp(to_tern_cq(qp->ibqp.recv_cq), qp->ibqp.qp_num);
}

/**
 * tern_ib_destroy_qp() - verb destroy_qp
 * @ibqp: the QP
 * @udata: of the user's call, unused
 *
 * Return: 0.
 */
int tern_ib_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata)
{
	struct tern_ib_dev *dev = to_tern_dev(ibqp->device);
	struct tern_ib_qp *qp = to_tern_qp(ibqp);

	qp_unpublish(dev, qp);
	mutex_lock(&qp->lock);
	tern_ib_cmd_destroy_qp(dev, ibqp->qp_num);
	qp->gone = true;
	mutex_unlock(&qp->lock);
	/* Handlers that found it earlier only run to their end */
	qp_put(qp);
	wait_for_completion(&qp->unused);
	tern_ib_qp_forget_completions(qp);

	qp_free_rings(dev, qp);
	xa_erase_irq(&dev->qps, ibqp->qp_num);
	return 0;
}
