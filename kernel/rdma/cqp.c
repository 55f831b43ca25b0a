// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Ring of the control queue pair: submit a command, wait for its outcome
 *
 * The device executes and completes commands in order. Outcomes are read from registers
 * at first, which serves one caller at a time; once the CCQ exists (a CQ that the CQP
 * completes to) interrupts tell, and any number of processes may have commands under way.
 *
 * A command that gets no answer ends the use of the device: nothing but a reset helps
 * then. So an entry whose command timed out is never used again, and what the command
 * pointed to is freed only after the device has lost bus mastering.
 */

#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <linux/iopoll.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "doorbell.h"
#include "tern_ib.h"

/* 64 commands of 64 B: one page */
#define CQP_LOG_SIZE		6

/*
 * Twice the commands: the device may learn of consumed entries a little after it learns
 * of the new commands that these made room for.
 */
#define CCQ_LOG_SIZE		(CQP_LOG_SIZE + 1)

/*
 * The device counts as hung if no command at all completes for so long. Far above what
 * any command takes, since a simulated device on a busy machine is slow.
 */
#define CQP_PATIENCE_MS		10000
#define CQP_POLL_US		50

static int cqp_errno(u16 major, u16 minor)
{
	switch (minor) {
	case TERN_HW_CQP_MINOR_EXISTS:
		return -EEXIST;
	case TERN_HW_CQP_MINOR_MISSING:
		return -ENOENT;
	case TERN_HW_CQP_MINOR_LIMIT:
		return -ENOSPC;
	}
	switch (major) {
	case TERN_HW_CQP_MAJOR_UNSUPPORTED:
		return -EOPNOTSUPP;
	case TERN_HW_CQP_MAJOR_PARAM:
		return -EINVAL;
	case TERN_HW_CQP_MAJOR_STATE:
		return -EBUSY;
	default:
		return -EREMOTEIO;
	}
}

/*
 * The driver checks what users ask for, so a refusal is the device's or the driver's fault,
 * except of a change that a QP's own change of state forestalled. How much room there is for
 * multicast groups only the device knows.
 */
static bool cqp_refusal_is_normal(const struct tern_ib_cqp_cmd *cmd, u32 op)
{
	switch (op) {
	case TERN_HW_CQP_OP_MODIFY_QP:
		return cmd->major == TERN_HW_CQP_MAJOR_PARAM ||
		       cmd->major == TERN_HW_CQP_MAJOR_STATE;
	case TERN_HW_CQP_OP_ATTACH_MCAST:
		return cmd->minor == TERN_HW_CQP_MINOR_LIMIT;
	case TERN_HW_CQP_OP_DETACH_MCAST:
		return cmd->minor == TERN_HW_CQP_MINOR_MISSING;
	default:
		return false;
	}
}

static int cqp_outcome(struct tern_ib_dev *dev, const struct tern_ib_cqp_cmd *cmd)
{
	u32 op = le64_get_bits(cmd->wqe.hdr, TERN_HW_CQP_WQE_HDR_OP_MASK);
	u32 id = le64_get_bits(cmd->wqe.hdr, TERN_HW_CQP_WQE_HDR_ID_MASK);

	if (cmd->lost)
		return -EIO;
	if (cmd->major == TERN_HW_CQP_MAJOR_OK)
		return 0;

	if (cqp_refusal_is_normal(cmd, op))
		ibdev_dbg(&dev->ibdev, "command %s of %u refused: %s, %s (result %#llx)\n",
			  tern_ib_name("cqp_op", op), id, tern_ib_name("cqp_major", cmd->major),
			  tern_ib_name("cqp_minor", cmd->minor), cmd->result);
	else
		ibdev_err_ratelimited(&dev->ibdev,
				      "command %s of %u failed: %s, %s (result %#llx)\n",
				      tern_ib_name("cqp_op", op), id,
				      tern_ib_name("cqp_major", cmd->major),
				      tern_ib_name("cqp_minor", cmd->minor), cmd->result);
	return cqp_errno(cmd->major, cmd->minor);
}

static bool cqp_is_full(const struct tern_ib_cqp *cqp)
{
	return cqp->sq.index - cqp->completed == tern_ib_ring_size(&cqp->sq);
}

static bool cqp_may_submit(struct tern_ib_cqp *cqp)
{
	bool may;

	spin_lock_irq(&cqp->lock);
	may = cqp->dead || !cqp_is_full(cqp);
	spin_unlock_irq(&cqp->lock);
	return may;
}

/* -EAGAIN: the ring is full */
static int cqp_try_submit(struct tern_ib_dev *dev, struct tern_ib_cqp_cmd *cmd)
{
	struct tern_ib_cqp *cqp = &dev->cqp;
	int err = 0;

	spin_lock_irq(&cqp->lock);
	if (cqp->dead) {
		err = -EIO;
	} else if (cqp_is_full(cqp)) {
		err = -EAGAIN;
	} else {
		cqp->pending[tern_ib_ring_slot(&cqp->sq, cqp->sq.index)] = cmd;
		tern_ib_ring_put_wqe(&cqp->sq, &cmd->wqe);
		tern_ib_db_cqp(dev, cqp->sq.index);
	}
	spin_unlock_irq(&cqp->lock);
	return err;
}

/* Hand the outcome of the oldest command to its waiter; @lock is held */
static void cqp_complete(struct tern_ib_cqp *cqp, u16 major, u16 minor, u64 result)
{
	u32 slot = tern_ib_ring_slot(&cqp->sq, cqp->completed);
	struct tern_ib_cqp_cmd *cmd = cqp->pending[slot];

	cqp->pending[slot] = NULL;
	cqp->completed++;
	cmd->major = major;
	cmd->minor = minor;
	cmd->result = result;
	/* The waiter's stack may be gone from here on */
	complete(&cmd->done);
}

/* False: the entry is not about the oldest command; @lock is held */
static bool cqp_take_ccqe(struct tern_ib_cqp *cqp, const struct tern_hw_ccqe *ccqe)
{
	u32 index = le64_get_bits(ccqe->error, TERN_HW_CCQE_ERROR_WQE_INDEX_MASK);

	if (cqp->completed == cqp->sq.index ||
	    tern_ib_ring_slot(&cqp->sq, index) != tern_ib_ring_slot(&cqp->sq, cqp->completed))
		return false;

	cqp_complete(cqp, le64_get_bits(ccqe->error, TERN_HW_CCQE_ERROR_MAJOR_MASK),
		     le64_get_bits(ccqe->error, TERN_HW_CCQE_ERROR_MINOR_MASK),
		     le64_to_cpu(ccqe->result));
	return true;
}

/* Take all entries of the CCQ and arm it again; returns how many there were */
static unsigned int ccq_reap(struct tern_ib_dev *dev)
{
	struct tern_ib_cqp *cqp = &dev->cqp;
	const struct tern_hw_ccqe *ccqe;
	unsigned int taken = 0;
	unsigned long flags;
	bool sane = true;

	spin_lock_irqsave(&cqp->lock, flags);
	if (cqp->polled || cqp->dead)
		goto out_unlock;

	while (sane && (ccqe = tern_ib_ring_peek(&cqp->ccq))) {
		sane = cqp_take_ccqe(cqp, ccqe);
		cqp->ccq.index++;
		taken++;
	}
	/* Entries that came after the last look make the armed CQ fire at once */
	tern_ib_db_cq(dev, TERN_IB_CCQN, cqp->ccq.index, TERN_HW_CQ_MODE_EVERY);

out_unlock:
	spin_unlock_irqrestore(&cqp->lock, flags);
	if (taken)
		wake_up(&cqp->space);
	if (!sane)
		tern_ib_dev_fail(dev, "control queue completed a command that was not given");
	return taken;
}

/**
 * tern_ib_ccq_event() - the CCQ has entries
 * @dev: the device
 *
 * Context: any; called by interrupt handlers.
 */
void tern_ib_ccq_event(struct tern_ib_dev *dev)
{
	ccq_reap(dev);
}

/* The log names the command that the device hangs at */
static void cqp_fail(struct tern_ib_dev *dev)
{
	struct tern_ib_cqp *cqp = &dev->cqp;
	const struct tern_ib_cqp_cmd *cmd;
	u32 op = 0, id = 0;

	spin_lock_irq(&cqp->lock);
	cmd = cqp->pending[tern_ib_ring_slot(&cqp->sq, cqp->completed)];
	if (cmd) {
		op = le64_get_bits(cmd->wqe.hdr, TERN_HW_CQP_WQE_HDR_OP_MASK);
		id = le64_get_bits(cmd->wqe.hdr, TERN_HW_CQP_WQE_HDR_ID_MASK);
	}
	spin_unlock_irq(&cqp->lock);
	if (cmd && !tern_core_is_dead(dev->core))
		ibdev_err(&dev->ibdev, "command %s of %u is not answered\n",
			  tern_ib_name("cqp_op", op), id);
	tern_ib_dev_fail(dev, "control queue does not answer");
}

/* Called when a wait was in vain: give up if nothing else has completed meanwhile */
static void cqp_check_progress(struct tern_ib_dev *dev, u32 *seen)
{
	u32 completed;

	/* Should an interrupt have been lost, or come very late, its entry is in the ring */
	if (ccq_reap(dev))
		ibdev_info_ratelimited(&dev->ibdev, "command completed without an interrupt\n");

	completed = READ_ONCE(dev->cqp.completed);
	if (completed == *seen || tern_core_is_dead(dev->core))
		cqp_fail(dev);
	*seen = completed;
}

static int cqp_submit(struct tern_ib_dev *dev, struct tern_ib_cqp_cmd *cmd)
{
	struct tern_ib_cqp *cqp = &dev->cqp;
	u32 seen = READ_ONCE(cqp->completed);
	int err;

	while ((err = cqp_try_submit(dev, cmd)) == -EAGAIN)
		if (!wait_event_timeout(cqp->space, cqp_may_submit(cqp),
					msecs_to_jiffies(CQP_PATIENCE_MS)))
			cqp_check_progress(dev, &seen);
	return err;
}

/* Ends at the latest when tern_ib_cqp_kill() completes the command */
static void cqp_wait_interrupt(struct tern_ib_dev *dev, struct tern_ib_cqp_cmd *cmd)
{
	u32 seen = READ_ONCE(dev->cqp.completed);

	while (!wait_for_completion_timeout(&cmd->done, msecs_to_jiffies(CQP_PATIENCE_MS)))
		cqp_check_progress(dev, &seen);
}

/* For one caller at a time: the registers tell about the last command only */
static void cqp_wait_registers(struct tern_ib_dev *dev)
{
	struct tern_ib_cqp *cqp = &dev->cqp;
	struct tern_core *core = dev->core;
	u16 target = cqp->sq.index;
	u32 tail, error = 0;
	u64 result;
	int err;

	err = read_poll_timeout(tern_reg_read, tail,
				tern_core_is_dead(core) ||
				FIELD_GET(TERN_HW_REG_CQP_TAIL_INDEX_MASK, tail) == target,
				CQP_POLL_US, CQP_PATIENCE_MS * USEC_PER_MSEC, false,
				core, TERN_HW_REG_CQP_TAIL);
	if (err || tern_core_is_dead(core)) {
		cqp_fail(dev);
		return;
	}

	if (FIELD_GET(TERN_HW_REG_CQP_TAIL_ERROR_MASK, tail))
		error = tern_reg_read(core, TERN_HW_REG_CQP_ERR);
	result = tern_reg_read(core, TERN_HW_REG_CQP_RESULT_LO);
	result |= (u64)tern_reg_read(core, TERN_HW_REG_CQP_RESULT_HI) << 32;

	spin_lock_irq(&cqp->lock);
	/* Unless it was given up while its outcome was read */
	if (!cqp->dead)
		cqp_complete(cqp, FIELD_GET(TERN_HW_REG_CQP_ERR_MAJOR_MASK, error),
			     FIELD_GET(TERN_HW_REG_CQP_ERR_MINOR_MASK, error), result);
	spin_unlock_irq(&cqp->lock);
}

/**
 * tern_ib_cqp_exec() - execute a command
 * @dev: the device
 * @cmd: command; its outcome is filled in
 *
 * Context: may sleep.
 *
 * Return: 0, -EIO if the device is dead, or the errno for the device's refusal.
 */
int tern_ib_cqp_exec(struct tern_ib_dev *dev, struct tern_ib_cqp_cmd *cmd)
{
	int err;

	init_completion(&cmd->done);
	err = cqp_submit(dev, cmd);
	if (err)
		return err;

	if (dev->cqp.polled)
		cqp_wait_registers(dev);
	/* In polled mode the outcome is there already, or is about to be given up */
	cqp_wait_interrupt(dev, cmd);
	return cqp_outcome(dev, cmd);
}

/**
 * tern_ib_cqp_kill() - give up all commands and take no more
 * @dev: the device; it has no bus mastering any more
 *
 * Context: any.
 */
void tern_ib_cqp_kill(struct tern_ib_dev *dev)
{
	struct tern_ib_cqp *cqp = &dev->cqp;
	unsigned long flags;
	u32 slot;

	spin_lock_irqsave(&cqp->lock, flags);
	cqp->dead = true;
	for (slot = 0; slot < tern_ib_ring_size(&cqp->sq); slot++) {
		struct tern_ib_cqp_cmd *cmd = cqp->pending[slot];

		if (!cmd)
			continue;
		cqp->pending[slot] = NULL;
		cmd->lost = true;
		complete(&cmd->done);
	}
	spin_unlock_irqrestore(&cqp->lock, flags);
	wake_up_all(&cqp->space);
}

/* Switch the CQP on or off */
static int cqp_set_enabled(struct tern_ib_dev *dev, bool enable)
{
	struct tern_core *core = dev->core;
	u32 ctrl = FIELD_PREP(TERN_HW_REG_CQP_CTRL_ENABLE_MASK, enable) |
		   FIELD_PREP(TERN_HW_REG_CQP_CTRL_LOG_SIZE_MASK, CQP_LOG_SIZE);
	u32 status;
	int err;

	tern_reg_write(core, TERN_HW_REG_CQP_CTRL, ctrl);
	err = read_poll_timeout(tern_reg_read, status,
				tern_core_is_dead(core) ||
				FIELD_GET(TERN_HW_REG_CQP_STATUS_ENABLED_MASK, status) == enable,
				CQP_POLL_US, CQP_PATIENCE_MS * USEC_PER_MSEC, false,
				core, TERN_HW_REG_CQP_STATUS);
	return err || tern_core_is_dead(core) ? -EIO : 0;
}

static int cqp_start(struct tern_ib_dev *dev)
{
	int err;

	/* Indexes and polarity start afresh with the change from off to on */
	err = cqp_set_enabled(dev, false);
	if (err)
		return err;
	tern_reg_write(dev->core, TERN_HW_REG_CQP_BASE_LO, lower_32_bits(dev->cqp.sq.dma));
	tern_reg_write(dev->core, TERN_HW_REG_CQP_BASE_HI, upper_32_bits(dev->cqp.sq.dma));
	return cqp_set_enabled(dev, true);
}

static void cqp_free(struct tern_ib_dev *dev)
{
	struct tern_ib_cqp *cqp = &dev->cqp;

	kfree(cqp->pending);
	if (cqp->buf)
		dma_free_coherent(dev->dma_dev, SZ_4K, cqp->buf, cqp->buf_dma);
	if (cqp->sq.buf)
		dma_free_coherent(dev->dma_dev, tern_ib_ring_bytes(&cqp->sq), cqp->sq.buf,
				  cqp->sq.dma);
}

/**
 * tern_ib_cqp_init() - start the CQP; commands are polled for
 * @dev: the device
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cqp_init(struct tern_ib_dev *dev)
{
	struct tern_ib_cqp *cqp = &dev->cqp;
	int err;

	spin_lock_init(&cqp->lock);
	init_waitqueue_head(&cqp->space);
	mutex_init(&cqp->buf_lock);
	cqp->polled = true;
	cqp->sq.log_size = CQP_LOG_SIZE;
	cqp->sq.entry_size = sizeof(struct tern_hw_cqp_wqe);

	err = -ENOMEM;
	cqp->sq.buf = dma_alloc_coherent(dev->dma_dev, tern_ib_ring_bytes(&cqp->sq),
					 &cqp->sq.dma, GFP_KERNEL);
	cqp->buf = dma_alloc_coherent(dev->dma_dev, SZ_4K, &cqp->buf_dma, GFP_KERNEL);
	cqp->pending = kcalloc(tern_ib_ring_size(&cqp->sq), sizeof(*cqp->pending), GFP_KERNEL);
	if (!cqp->sq.buf || !cqp->buf || !cqp->pending)
		goto err_free;

	err = cqp_start(dev);
	if (err) {
		/* It might be on all the same */
		tern_ib_dev_fail(dev, "control queue does not start");
		goto err_free;
	}
	return 0;

err_free:
	cqp_free(dev);
	return err;
}

/**
 * tern_ib_cqp_destroy() - stop the CQP
 * @dev: the device, without a CCQ
 */
void tern_ib_cqp_destroy(struct tern_ib_dev *dev)
{
	if (!atomic_read(&dev->failed) && cqp_set_enabled(dev, false))
		tern_ib_dev_fail(dev, "control queue does not stop");
	cqp_free(dev);
}

static void ccq_free(struct tern_ib_dev *dev)
{
	struct tern_ib_ring *ccq = &dev->cqp.ccq;

	dma_free_coherent(dev->dma_dev, tern_ib_ring_bytes(ccq), ccq->buf, ccq->dma);
}

/**
 * tern_ib_ccq_init() - create the CCQ; from then on interrupts tell of completions
 * @dev: the device; CEQ 0 exists
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_ccq_init(struct tern_ib_dev *dev)
{
	struct tern_ib_create_cq_params params = {
		.cqn = TERN_IB_CCQN,
		.log_size = CCQ_LOG_SIZE,
		.is_ccq = true,
	};
	struct tern_ib_cqp *cqp = &dev->cqp;
	struct tern_ib_ring *ccq = &cqp->ccq;
	int err;

	err = tern_ib_hmc_populate(dev, TERN_HW_HMC_KIND_CQ, TERN_IB_CCQN, 1);
	if (err)
		return err;

	ccq->log_size = CCQ_LOG_SIZE;
	ccq->entry_size = sizeof(struct tern_hw_ccqe);
	ccq->buf = dma_alloc_coherent(dev->dma_dev, tern_ib_ring_bytes(ccq), &ccq->dma,
				      GFP_KERNEL);
	if (!ccq->buf)
		return -ENOMEM;

	params.ring.address = ccq->dma;
	err = tern_ib_cmd_create_cq(dev, &params);
	if (err) {
		ccq_free(dev);
		return err;
	}

	spin_lock_irq(&cqp->lock);
	cqp->polled = false;
	tern_ib_db_cq(dev, TERN_IB_CCQN, ccq->index, TERN_HW_CQ_MODE_EVERY);
	spin_unlock_irq(&cqp->lock);
	return 0;
}

/**
 * tern_ib_ccq_destroy() - destroy the CCQ and go back to polling for completions
 * @dev: the device; no command is under way
 */
void tern_ib_ccq_destroy(struct tern_ib_dev *dev)
{
	struct tern_ib_cqp *cqp = &dev->cqp;

	/* The command that destroys the CCQ completes in the registers already */
	spin_lock_irq(&cqp->lock);
	cqp->polled = true;
	spin_unlock_irq(&cqp->lock);

	tern_ib_cmd_destroy_cq(dev, TERN_IB_CCQN);
	ccq_free(dev);
}
