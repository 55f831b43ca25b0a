// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completion queues
 *
 * A user's ring is memory of the process, polled by the provider; the kernel knows just
 * where it is. The device learns how far a ring was consumed when a quarter of it has
 * been, so a quarter is never usable.
 *
 * A CQ is found by number from interrupts. It is published last and taken out first, and
 * its destruction waits until no handler has it any more. Its number stays reserved in
 * between, so that late events of an old CQ meet no new one.
 */

#include <linux/dma-mapping.h>
#include <rdma/ib_umem.h>
#include <rdma/uverbs_ioctl.h>

#include "compat.h"
#include "doorbell.h"
#include "tern-abi.h"
#include "tern_ib.h"

/**
 * tern_ib_max_cqe() - the most entries that a consumer may ask for
 * @dev: the device
 *
 * Return: number of entries.
 */
u32 tern_ib_max_cqe(const struct tern_ib_dev *dev)
{
	return tern_cq_usable(dev->caps.max_log_cqe);
}

/* Take a reference; interrupts come here, so the lock of the xarray is taken with irqsave */
static struct tern_ib_cq *cq_get(struct tern_ib_dev *dev, u32 cqn)
{
	struct tern_ib_cq *cq;
	unsigned long flags;

	xa_lock_irqsave(&dev->cqs, flags);
	cq = xa_load(&dev->cqs, cqn);
	if (cq)
		refcount_inc(&cq->refs);
	xa_unlock_irqrestore(&dev->cqs, flags);
	return cq;
}

static void cq_put(struct tern_ib_cq *cq)
{
	if (refcount_dec_and_test(&cq->refs))
		complete(&cq->unused);
}

static void cq_call_handler(struct tern_ib_cq *cq)
{
	if (cq->ibcq.comp_handler)
		cq->ibcq.comp_handler(&cq->ibcq, cq->ibcq.cq_context);
}

/**
 * tern_ib_cq_event() - a CQ has something to consume
 * @dev: the device
 * @cqn: the CQ; one that is gone is ignored
 *
 * Context: any.
 */
void tern_ib_cq_event(struct tern_ib_dev *dev, u32 cqn)
{
	struct tern_ib_cq *cq;

	if (cqn == TERN_IB_CCQN) {
		tern_ib_ccq_event(dev);
		return;
	}
	cq = cq_get(dev, cqn);
	if (!cq)
		return;
	cq_call_handler(cq);
	cq_put(cq);
}

/**
 * tern_ib_cq_event_all() - events of a CEQ were lost: let all its CQs look
 * @dev: the device
 * @ceq: the CEQ
 *
 * Context: process.
 */
void tern_ib_cq_event_all(struct tern_ib_dev *dev, const struct tern_ib_eq *ceq)
{
	struct tern_ib_cq *cq;
	unsigned long cqn;

	if (ceq == &dev->ceqs[0])
		tern_ib_ccq_event(dev);

	/* What the loop finds may go any time; only a reference makes it safe */
	xa_for_each(&dev->cqs, cqn, cq) {
		cq = cq_get(dev, cqn);
		if (!cq)
			continue;
		if (cq->ceq == ceq)
			cq_call_handler(cq);
		cq_put(cq);
	}
}

/**
 * tern_ib_cq_event_kernel() - the device is dead: let all kernel CQs look
 * @dev: the device
 *
 * Context: process.
 */
void tern_ib_cq_event_kernel(struct tern_ib_dev *dev)
{
	struct tern_ib_cq *cq;
	unsigned long cqn;

	xa_for_each(&dev->cqs, cqn, cq) {
		cq = cq_get(dev, cqn);
		if (!cq)
			continue;
		if (!cq->umem)
			cq_call_handler(cq);
		cq_put(cq);
	}
}

/**
 * tern_ib_cq_error() - the device stopped a CQ
 * @dev: the device
 * @cqn: the CQ; one that is gone is ignored
 *
 * Context: process.
 */
void tern_ib_cq_error(struct tern_ib_dev *dev, u32 cqn)
{
	struct tern_ib_cq *cq = cq_get(dev, cqn);
	struct ib_event event = { .event = IB_EVENT_CQ_ERR };

	if (!cq)
		return;
	if (cq->ibcq.event_handler) {
		event.device = &dev->ibdev;
		event.element.cq = &cq->ibcq;
		cq->ibcq.event_handler(&event, cq->ibcq.cq_context);
	}
	cq_put(cq);
}

static int cq_reserve_number(struct tern_ib_dev *dev, struct tern_ib_cq *cq)
{
	struct xa_limit limit = XA_LIMIT(TERN_IB_CCQN + 1,
					 dev->hmc.fpm.kind[TERN_HW_HMC_KIND_CQ].count - 1);
	int err;

	/* Cyclic, so that a number is not used again soon */
	err = xa_alloc_cyclic_irq(&dev->cqs, &cq->cqn, NULL, limit, &dev->next_cqn, GFP_KERNEL);
	if (err == -EBUSY)
		return -ENOSPC;
	return err < 0 ? err : 0;
}

/* No memory is needed to store where a number was reserved, so it cannot fail */
static void cq_publish(struct tern_ib_dev *dev, struct tern_ib_cq *cq)
{
	xa_store_irq(&dev->cqs, cq->cqn, cq, GFP_KERNEL);
}

/* NULL keeps the number reserved */
static void cq_unpublish(struct tern_ib_dev *dev, struct tern_ib_cq *cq)
{
	xa_store_irq(&dev->cqs, cq->cqn, NULL, GFP_KERNEL);
}

static int cq_user_ring(struct tern_ib_dev *dev, struct tern_ib_cq *cq, unsigned int entries,
			struct ib_udata *udata, struct tern_ib_create_cq_params *params)
{
	struct tern_ib_ucontext *ucontext =
		rdma_udata_to_drv_context(udata, struct tern_ib_ucontext, ibucontext);
	struct tern_create_cq_req req;
	int err;

	err = tern_ib_udata_in(udata, &req, sizeof(req));
	if (err)
		return err;
	if (req.comp_mask || req.log_size < TERN_CQ_MIN_LOG_SIZE ||
	    req.log_size > dev->caps.max_log_cqe || tern_cq_usable(req.log_size) < entries ||
	    !PAGE_ALIGNED(req.ring_va) || req.ring_va > ULONG_MAX) {
		ibdev_dbg(&dev->ibdev, "CQ of %u entries: ring 2^%u at %#llx refused\n",
			  entries, req.log_size, req.ring_va);
		return -EINVAL;
	}

	params->log_size = req.log_size;
	params->page = ucontext->page;
	cq->ibcq.cqe = tern_cq_usable(req.log_size);
	cq->umem = ib_umem_get_va(&dev->ibdev, req.ring_va,
				  sizeof(struct tern_hw_cqe) << req.log_size,
				  IB_ACCESS_LOCAL_WRITE);
	if (IS_ERR(cq->umem))
		return PTR_ERR(cq->umem);

	err = tern_ib_pble_map_ring(dev, cq->umem, &cq->pbles, &params->ring);
	if (err)
		ib_umem_release(cq->umem);
	return err;
}

static int cq_kernel_ring(struct tern_ib_dev *dev, struct tern_ib_cq *cq, unsigned int entries,
			  struct tern_ib_create_cq_params *params)
{
	struct tern_ib_ring *ring = &cq->ring;

	spin_lock_init(&cq->lock);
	ring->entry_size = sizeof(struct tern_hw_cqe);
	ring->log_size = TERN_CQ_MIN_LOG_SIZE;
	while (tern_cq_usable(ring->log_size) < entries)
		ring->log_size++;
	ring->buf = dma_alloc_coherent(dev->dma_dev, tern_ib_ring_bytes(ring), &ring->dma,
				       GFP_KERNEL | __GFP_NOWARN);
	if (!ring->buf)
		return -ENOMEM;

	params->log_size = ring->log_size;
	params->ring.address = ring->dma;
	cq->ibcq.cqe = tern_cq_usable(ring->log_size);
	return 0;
}

static void cq_free_ring(struct tern_ib_dev *dev, struct tern_ib_cq *cq)
{
	if (cq->umem) {
		tern_ib_pble_free(dev, &cq->pbles);
		ib_umem_release(cq->umem);
	} else {
		dma_free_coherent(dev->dma_dev, tern_ib_ring_bytes(&cq->ring), cq->ring.buf,
				  cq->ring.dma);
	}
}

static int cq_create_in_device(struct tern_ib_dev *dev, struct tern_ib_cq *cq,
			       struct tern_ib_create_cq_params *params)
{
	int err;

	err = tern_ib_hmc_populate(dev, TERN_HW_HMC_KIND_CQ, cq->cqn, 1);
	if (err)
		return err;
	params->cqn = cq->cqn;
	params->ceq = cq->ceq->num;
	return tern_ib_cmd_create_cq(dev, params);
}

static int cq_respond(struct tern_ib_cq *cq, struct ib_udata *udata)
{
	struct tern_create_cq_resp resp = { .cqn = cq->cqn };

	return tern_ib_udata_out(udata, &resp, sizeof(resp));
}

/**
 * tern_ib_create_cq() - verb create_cq
 * @ibcq: the CQ, zeroed
 * @attr: what is asked for
 * @attrs: of the user's call; NULL for a kernel CQ
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_create_cq(struct ib_cq *ibcq, const struct ib_cq_init_attr *attr,
		      struct uverbs_attr_bundle *attrs)
{
	struct ib_udata *udata = attrs ? &attrs->driver_udata : NULL;
	struct tern_ib_dev *dev = to_tern_dev(ibcq->device);
	struct tern_ib_create_cq_params params = {};
	struct tern_ib_cq *cq = to_tern_cq(ibcq);
	int err;

	if (attr->flags)
		return -EOPNOTSUPP;
	if (!attr->cqe || attr->cqe > tern_ib_max_cqe(dev) || attr->comp_vector >= dev->num_ceqs)
		return -EINVAL;

	cq->ceq = &dev->ceqs[attr->comp_vector];
	refcount_set(&cq->refs, 1);
	init_completion(&cq->unused);

	err = cq_reserve_number(dev, cq);
	if (err)
		return err;
	if (udata)
		err = cq_user_ring(dev, cq, attr->cqe, udata, &params);
	else
		err = cq_kernel_ring(dev, cq, attr->cqe, &params);
	if (err)
		goto err_free_number;

	err = cq_create_in_device(dev, cq, &params);
	if (err)
		goto err_free_ring;
	if (udata) {
		err = cq_respond(cq, udata);
		if (err)
			goto err_destroy;
	}
	cq_publish(dev, cq);
	return 0;

err_destroy:
	tern_ib_cmd_destroy_cq(dev, cq->cqn);
err_free_ring:
	cq_free_ring(dev, cq);
err_free_number:
	xa_erase_irq(&dev->cqs, cq->cqn);
	return err;
}

/**
 * tern_ib_destroy_cq() - verb destroy_cq
 * @ibcq: the CQ
 * @udata: of the user's call, unused
 *
 * Return: 0.
 */
int tern_ib_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata)
{
	struct tern_ib_dev *dev = to_tern_dev(ibcq->device);
	struct tern_ib_cq *cq = to_tern_cq(ibcq);

	cq_unpublish(dev, cq);
	tern_ib_cmd_destroy_cq(dev, cq->cqn);
	/* Handlers that found it earlier only run to their end */
	cq_put(cq);
	wait_for_completion(&cq->unused);

	cq_free_ring(dev, cq);
	xa_erase_irq(&dev->cqs, cq->cqn);
	return 0;
}

/**
 * tern_ib_modify_cq() - verb modify_cq: moderation of events
 * @ibcq: the CQ
 * @count: tell with that many completions, 0: not by number
 * @period: tell so many microseconds after the first completion, 0: not by time
 *
 * It holds from the next time the CQ is armed.
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_modify_cq(struct ib_cq *ibcq, u16 count, u16 period)
{
	return tern_ib_cmd_modify_cq(to_tern_dev(ibcq->device), to_tern_cq(ibcq)->cqn, count,
				     period * NSEC_PER_USEC);
}

static void cq_consume(struct tern_ib_dev *dev, struct tern_ib_cq *cq)
{
	cq->ring.index++;
	if (cq->ring.index - cq->told < tern_ib_ring_size(&cq->ring) / 4)
		return;
	tern_ib_db_cq(dev, cq->cqn, cq->ring.index, TERN_HW_CQ_MODE_DISABLED);
	cq->told = cq->ring.index;
}

/* A completion of a QP that exists no more belongs to nobody; @lock is held */
static bool cq_take(struct tern_ib_dev *dev, const struct tern_hw_cqe *cqe, struct ib_wc *wc)
{
	u32 qpn = le64_get_bits(cqe->info, TERN_HW_CQE_INFO_QPN_MASK);
	struct tern_ib_qp *qp;

	/* Its destruction takes @lock after it was taken out, so it stays as long as we look */
	qp = xa_load(&dev->qps, qpn);
	if (!qp) {
		ibdev_dbg(&dev->ibdev, "completion of QP %u, which does not exist\n", qpn);
		return false;
	}
	return tern_ib_qp_complete(qp, cqe, wc);
}

/**
 * tern_ib_poll_cq() - verb poll_cq, kernel CQs only
 * @ibcq: the CQ
 * @num_entries: room in @wc
 * @wc: completions
 *
 * Return: number of completions.
 */
int tern_ib_poll_cq(struct ib_cq *ibcq, int num_entries, struct ib_wc *wc)
{
	struct tern_ib_dev *dev = to_tern_dev(ibcq->device);
	struct tern_ib_cq *cq = to_tern_cq(ibcq);
	const struct tern_hw_cqe *cqe;
	unsigned long flags;
	int taken = 0;

	spin_lock_irqsave(&cq->lock, flags);
	while (taken < num_entries && (cqe = tern_ib_ring_peek(&cq->ring))) {
		if (cq_take(dev, cqe, &wc[taken]))
			taken++;
		cq_consume(dev, cq);
	}
	if (taken < num_entries)
		taken += tern_ib_flush_poll(dev, cq, num_entries - taken, wc + taken);
	spin_unlock_irqrestore(&cq->lock, flags);
	return taken;
}

/**
 * tern_ib_cq_forget_qp() - a QP is gone or was reset: drop its completions
 * @cq: a CQ of it; nothing is done about a user's one
 * @qpn: the QP, of which no more completions come
 *
 * No poll_cq knows the QP any more when this returns, if it cannot be found by number.
 */
void tern_ib_cq_forget_qp(struct tern_ib_cq *cq, u32 qpn)
{
	struct tern_ib_ring ring;
	struct tern_hw_cqe *cqe;
	unsigned long flags;

	if (cq->umem)
		return;
	spin_lock_irqsave(&cq->lock, flags);
	/* QP 0 does not exist, so polling skips what is given to it */
	for (ring = cq->ring; (cqe = tern_ib_ring_peek(&ring)); ring.index++)
		if (le64_get_bits(cqe->info, TERN_HW_CQE_INFO_QPN_MASK) == qpn)
			cqe->info &= ~cpu_to_le64(TERN_HW_CQE_INFO_QPN_MASK);
	spin_unlock_irqrestore(&cq->lock, flags);
}

/**
 * tern_ib_req_notify_cq() - verb req_notify_cq, kernel CQs only
 * @ibcq: the CQ
 * @flags: for which completion, and whether to look for missed ones
 *
 * The device fires at once if the condition has been met before the CQ was armed, so
 * nothing is missed in between.
 *
 * Return: 1 if there are completions and the caller wants to know, else 0.
 */
int tern_ib_req_notify_cq(struct ib_cq *ibcq, enum ib_cq_notify_flags flags)
{
	bool solicited = (flags & IB_CQ_SOLICITED_MASK) == IB_CQ_SOLICITED;
	struct tern_ib_dev *dev = to_tern_dev(ibcq->device);
	struct tern_ib_cq *cq = to_tern_cq(ibcq);
	unsigned long irq_flags;
	bool missed;

	spin_lock_irqsave(&cq->lock, irq_flags);
	tern_ib_db_cq(dev, cq->cqn, cq->ring.index,
		      solicited ? TERN_HW_CQ_MODE_SOLICITED : TERN_HW_CQ_MODE_CONFIGURED);
	cq->told = cq->ring.index;
	missed = (flags & IB_CQ_REPORT_MISSED_EVENTS) &&
		 (tern_ib_ring_peek(&cq->ring) || tern_ib_flush_pending(dev, cq));
	spin_unlock_irqrestore(&cq->lock, irq_flags);
	return missed;
}
