// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completions when the device is dead
 *
 * A dead device completes nothing, but consumers wait until all that they posted is over
 * before they let go of it. So once no DMA can come any more, poll_cq itself flushes what is
 * under way, and what is posted later, in the order in which it was posted. Consumers are told
 * to look from a work item, since they may hold locks of their own when they post.
 *
 * Of a user's QP the kernel does not know what was posted. Processes look at the status page,
 * which says that the device is dead, and reads as zeroes when the device is taken away from them.
 */

#include <linux/gfp.h>

#include "tern-abi.h"
#include "tern_ib.h"

static void flush_tell(struct work_struct *work)
{
	tern_ib_cq_event_kernel(container_of(work, struct tern_ib_dev, flush_work));
}

/**
 * tern_ib_flush_init() - nothing is to be flushed yet
 * @dev: the device
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_flush_init(struct tern_ib_dev *dev)
{
	INIT_WORK(&dev->flush_work, flush_tell);
	dev->status = (u32 *)get_zeroed_page(GFP_KERNEL);
	if (!dev->status)
		return -ENOMEM;
	*dev->status = TERN_STATUS_ALIVE;
	return 0;
}

/**
 * tern_ib_flush_start() - from now on completions are the driver's
 * @dev: the device, which has no bus mastering any more
 *
 * Context: any.
 */
void tern_ib_flush_start(struct tern_ib_dev *dev)
{
	WRITE_ONCE(dev->dma_off, true);
	WRITE_ONCE(*dev->status, 0);
	schedule_work(&dev->flush_work);
}

/**
 * tern_ib_flush_again() - work requests were posted: if the device is dead, they are over
 * @dev: the device
 *
 * Who posts calls this with the lock of the queue held, so either sees that the device is
 * dead, or posted before the first look of a poll_cq that flushes.
 *
 * Context: any.
 */
void tern_ib_flush_again(struct tern_ib_dev *dev)
{
	if (unlikely(READ_ONCE(dev->dma_off)))
		schedule_work(&dev->flush_work);
}

/**
 * tern_ib_flush_destroy() - undo tern_ib_flush_init()
 * @dev: the device, not registered: there is no consumer, and no process has a mapping
 */
void tern_ib_flush_destroy(struct tern_ib_dev *dev)
{
	cancel_work_sync(&dev->flush_work);
	free_page((unsigned long)dev->status);
}

/**
 * tern_ib_flush_poll() - flush work requests that complete to a CQ
 * @dev: the device
 * @cq: kernel CQ, without entries of the device
 * @room: room in @wc
 * @wc: completions
 *
 * Context: the lock of the CQ is held, interrupts are off.
 *
 * Return: number of completions; 0 if the device lives.
 */
int tern_ib_flush_poll(struct tern_ib_dev *dev, struct tern_ib_cq *cq, int room, struct ib_wc *wc)
{
	struct tern_ib_qp *qp;
	unsigned long qpn;
	int taken = 0;

	if (likely(!READ_ONCE(dev->dma_off)))
		return 0;

	/* A QP that completes elsewhere is safe to look at as long as it cannot be taken out */
	xa_lock(&dev->qps);
	xa_for_each(&dev->qps, qpn, qp)
		taken += tern_ib_qp_flush(qp, &cq->ibcq, room - taken, wc + taken);
	xa_unlock(&dev->qps);
	return taken;
}

/**
 * tern_ib_flush_pending() - has poll_cq something to flush?
 * @dev: the device
 * @cq: kernel CQ
 *
 * Context: the lock of the CQ is held, interrupts are off.
 *
 * Return: whether it may have.
 */
bool tern_ib_flush_pending(struct tern_ib_dev *dev, struct tern_ib_cq *cq)
{
	struct tern_ib_qp *qp;
	unsigned long qpn;
	bool any = false;

	if (likely(!READ_ONCE(dev->dma_off)))
		return false;

	xa_lock(&dev->qps);
	xa_for_each(&dev->qps, qpn, qp)
		any |= (qp->ibqp.send_cq == &cq->ibcq && tern_ib_wq_used(&qp->sq)) ||
		       (qp->ibqp.recv_cq == &cq->ibcq && tern_ib_wq_used(&qp->rq));
	xa_unlock(&dev->qps);
	return any;
}
