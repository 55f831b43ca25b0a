// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Event queues: completion events per vector, and asynchronous events
 *
 * Each queue has an interrupt vector of its own, which masks itself when it fires and is
 * armed again by the doorbell that tells how far the queue was consumed; it fires at once
 * if entries are left, so a handler may stop early.
 */

#include <linux/cpumask.h>
#include <linux/dma-mapping.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "doorbell.h"
#include "tern_ib.h"

/* Should more events wait than fit, the device says so and all CQs are looked at */
#define CEQ_LOG_SIZE	12
#define AEQ_LOG_SIZE	10

/* Entries that one call of a handler takes */
#define EQ_BUDGET	256

static irqreturn_t ceq_interrupt(int irq, void *data)
{
	struct tern_ib_eq *eq = data;
	const struct tern_hw_ceqe *ceqe;
	unsigned int taken;

	for (taken = 0; taken < EQ_BUDGET; taken++) {
		ceqe = tern_ib_ring_peek(&eq->ring);
		if (!ceqe)
			break;
		tern_ib_cq_event(eq->dev, le64_get_bits(ceqe->w, TERN_HW_CEQE_W_CQN_MASK));
		eq->ring.index++;
	}
	tern_ib_db_eq(eq->dev, eq);
	return IRQ_HANDLED;
}

static irqreturn_t aeq_interrupt(int irq, void *data)
{
	struct tern_ib_eq *eq = data;

	schedule_work(&eq->dev->aeq_work);
	return IRQ_HANDLED;
}

static void ae_log(struct tern_ib_dev *dev, const struct tern_hw_aeqe *aeqe)
{
	u32 code = le64_get_bits(aeqe->info, TERN_HW_AEQE_INFO_CODE_MASK);
	u64 detail = le64_to_cpu(aeqe->detail);

	switch (code) {
	case TERN_HW_AE_CODE_HMC_INDEX:
	case TERN_HW_AE_CODE_HMC_SD:
	case TERN_HW_AE_CODE_HMC_PAGE:
	case TERN_HW_AE_CODE_HMC_DMA:
		ibdev_err_ratelimited(&dev->ibdev, "event %s: %s of %s %llu\n",
				      tern_ib_name("ae_code", code),
				      detail & TERN_HW_AE_HMC_W_WRITE_MASK ? "write" : "read",
				      tern_ib_name("hmc_kind",
						   FIELD_GET(TERN_HW_AE_HMC_W_KIND_MASK, detail)),
				      FIELD_GET(TERN_HW_AE_HMC_W_INDEX_MASK, detail));
		break;
	case TERN_HW_AE_CODE_DB_OFFSET:
	case TERN_HW_AE_CODE_DB_QUEUE:
	case TERN_HW_AE_CODE_DB_PAGE:
	case TERN_HW_AE_CODE_DB_INDEX:
		ibdev_warn_ratelimited(&dev->ibdev, "event %s: doorbell page %llu, offset %#llx\n",
				       tern_ib_name("ae_code", code),
				       FIELD_GET(TERN_HW_AE_DB_W_PAGE_MASK, detail),
				       FIELD_GET(TERN_HW_AE_DB_W_OFFSET_MASK, detail));
		break;
	case TERN_HW_AE_CODE_QP_FATAL:
	case TERN_HW_AE_CODE_QP_REQUEST:
	case TERN_HW_AE_CODE_QP_ACCESS:
	case TERN_HW_AE_CODE_QP_COMM_EST:
	case TERN_HW_AE_CODE_QP_SQ_DRAINED:
	case TERN_HW_AE_CODE_QP_LAST_WQE:
		/* Users and peers can cause these at will, so they are nothing for the log */
		ibdev_dbg(&dev->ibdev, "event %s: QP %u, reason %s, entry %llu\n",
			  tern_ib_name("ae_code", code),
			  (u32)le64_get_bits(aeqe->info, TERN_HW_AEQE_INFO_ID_MASK),
			  tern_ib_name("qp_reason", FIELD_GET(TERN_HW_AE_QP_W_REASON_MASK, detail)),
			  FIELD_GET(TERN_HW_AE_QP_W_WQE_INDEX_MASK, detail));
		break;
	default:
		ibdev_err_ratelimited(&dev->ibdev, "event %s: %s %u\n",
				      tern_ib_name("ae_code", code),
				      tern_ib_name("ae_source",
						   le64_get_bits(aeqe->info,
								 TERN_HW_AEQE_INFO_SOURCE_MASK)),
				      (u32)le64_get_bits(aeqe->info, TERN_HW_AEQE_INFO_ID_MASK));
	}
}

/* Who waits for a lost event is told to look, whether it was its event or not */
static void ceq_recover(struct tern_ib_dev *dev, u32 num)
{
	if (num < dev->num_ceqs)
		tern_ib_cq_event_all(dev, &dev->ceqs[num]);
}

static void ae_overflow(struct tern_ib_dev *dev)
{
	u32 num;

	ibdev_err_ratelimited(&dev->ibdev, "asynchronous events were lost\n");
	for (num = 0; num < dev->num_ceqs; num++)
		ceq_recover(dev, num);
	tern_ib_qp_event_all(dev);
}

static void ae_handle(struct tern_ib_dev *dev, const struct tern_hw_aeqe *aeqe)
{
	u32 code = le64_get_bits(aeqe->info, TERN_HW_AEQE_INFO_CODE_MASK);
	u32 id = le64_get_bits(aeqe->info, TERN_HW_AEQE_INFO_ID_MASK);

	if (aeqe->info & cpu_to_le64(TERN_HW_AEQE_INFO_OVERFLOW_MASK))
		ae_overflow(dev);
	ae_log(dev, aeqe);

	switch (le64_get_bits(aeqe->info, TERN_HW_AEQE_INFO_SOURCE_MASK)) {
	case TERN_HW_AE_SOURCE_CQ:
		tern_ib_cq_error(dev, id);
		break;
	case TERN_HW_AE_SOURCE_CEQ:
		/* A CEQ that could not be written gives no events any more */
		if (code == TERN_HW_AE_CODE_CEQ_WRITE)
			tern_ib_dev_fail(dev, "completion events cannot be written");
		else
			ceq_recover(dev, id);
		break;
	case TERN_HW_AE_SOURCE_QP:
		tern_ib_qp_event(dev, id, code);
		break;
	case TERN_HW_AE_SOURCE_CQP:
		tern_ib_dev_fail(dev, "control queue halted");
		break;
	}
}

static void aeq_work(struct work_struct *work)
{
	struct tern_ib_dev *dev = container_of(work, struct tern_ib_dev, aeq_work);
	struct tern_ib_eq *eq = &dev->aeq;
	const struct tern_hw_aeqe *aeqe;
	unsigned int taken;

	for (taken = 0; taken < EQ_BUDGET; taken++) {
		aeqe = tern_ib_ring_peek(&eq->ring);
		if (!aeqe)
			break;
		ae_handle(dev, aeqe);
		eq->ring.index++;
	}
	tern_ib_db_eq(dev, eq);
}

static int eq_alloc(struct tern_ib_dev *dev, struct tern_ib_eq *eq, u8 log_size, u8 entry_size)
{
	eq->dev = dev;
	eq->ring.index = 0;
	eq->ring.log_size = log_size;
	eq->ring.entry_size = entry_size;
	eq->ring.buf = dma_alloc_coherent(dev->dma_dev, tern_ib_ring_bytes(&eq->ring),
					  &eq->ring.dma, GFP_KERNEL);
	return eq->ring.buf ? 0 : -ENOMEM;
}

static void eq_free(struct tern_ib_eq *eq)
{
	dma_free_coherent(eq->dev->dma_dev, tern_ib_ring_bytes(&eq->ring), eq->ring.buf,
			  eq->ring.dma);
}

/* Interrupt first, as the device wants its vector */
static int eq_start(struct tern_ib_eq *eq, irq_handler_t handler)
{
	struct tern_ib_create_eq_params params = {
		.is_aeq = eq->is_aeq,
		.num = eq->num,
		.log_size = eq->ring.log_size,
		.ring = eq->ring.dma,
	};
	struct tern_ib_dev *dev = eq->dev;
	int err;

	eq->vector = tern_irq_get(dev->core, eq->name, handler, eq);
	if (eq->vector < 0)
		return eq->vector;

	params.vector = eq->vector;
	err = tern_ib_cmd_create_eq(dev, &params);
	if (err) {
		tern_irq_put(dev->core, eq->vector, eq);
		return err;
	}
	tern_ib_db_eq(dev, eq);
	return 0;
}

/* No handler runs when this returns */
static void eq_stop(struct tern_ib_eq *eq)
{
	tern_ib_cmd_destroy_eq(eq->dev, eq->is_aeq, eq->num);
	tern_irq_put(eq->dev->core, eq->vector, eq);
}

static int ceq_create(struct tern_ib_dev *dev, u8 num)
{
	struct tern_ib_eq *eq = &dev->ceqs[num];
	int err;

	eq->num = num;
	snprintf(eq->name, sizeof(eq->name), "ceq%u", num);
	err = eq_alloc(dev, eq, min_t(u32, CEQ_LOG_SIZE, dev->caps.max_log_ceqe),
		       sizeof(struct tern_hw_ceqe));
	if (err)
		return err;
	err = eq_start(eq, ceq_interrupt);
	if (err) {
		eq_free(eq);
		return err;
	}
	dev->num_ceqs++;
	return 0;
}

static void ceq_destroy(struct tern_ib_eq *eq)
{
	eq->dev->num_ceqs--;
	eq_stop(eq);
	eq_free(eq);
}

/**
 * tern_ib_ceqs_init() - create CEQ 0, which serves the CCQ too
 * @dev: the device
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_ceqs_init(struct tern_ib_dev *dev)
{
	int err;

	dev->ceqs = kcalloc(dev->caps.ceqs, sizeof(*dev->ceqs), GFP_KERNEL);
	if (!dev->ceqs)
		return -ENOMEM;
	err = ceq_create(dev, 0);
	if (err)
		kfree(dev->ceqs);
	return err;
}

/**
 * tern_ib_ceqs_destroy() - destroy CEQ 0
 * @dev: the device, without any other CEQ
 */
void tern_ib_ceqs_destroy(struct tern_ib_dev *dev)
{
	ceq_destroy(&dev->ceqs[0]);
	kfree(dev->ceqs);
}

/**
 * tern_ib_ceqs_add() - create further CEQs, at most one per CPU
 * @dev: the device, with CEQ 0
 *
 * It is no error if interrupt vectors run out.
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_ceqs_add(struct tern_ib_dev *dev)
{
	u32 want = min(dev->caps.ceqs, num_online_cpus());
	int err = 0;

	while (!err && dev->num_ceqs < want)
		err = ceq_create(dev, dev->num_ceqs);
	if (err && err != -ENOSPC) {
		tern_ib_ceqs_trim(dev);
		return err;
	}
	return 0;
}

/**
 * tern_ib_ceqs_trim() - destroy all CEQs but CEQ 0
 * @dev: the device; no CQ uses them
 */
void tern_ib_ceqs_trim(struct tern_ib_dev *dev)
{
	while (dev->num_ceqs > 1)
		ceq_destroy(&dev->ceqs[dev->num_ceqs - 1]);
}

/**
 * tern_ib_aeq_init() - create the AEQ
 * @dev: the device
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_aeq_init(struct tern_ib_dev *dev)
{
	struct tern_ib_eq *eq = &dev->aeq;
	int err;

	INIT_WORK(&dev->aeq_work, aeq_work);
	eq->is_aeq = true;
	strscpy(eq->name, "aeq");
	err = eq_alloc(dev, eq, min_t(u32, AEQ_LOG_SIZE, dev->caps.max_log_aeqe),
		       sizeof(struct tern_hw_aeqe));
	if (err)
		return err;
	err = eq_start(eq, aeq_interrupt);
	if (err) {
		/* An interrupt may have come already */
		cancel_work_sync(&dev->aeq_work);
		eq_free(eq);
	}
	return err;
}

/**
 * tern_ib_aeq_destroy() - destroy the AEQ
 * @dev: the device
 */
void tern_ib_aeq_destroy(struct tern_ib_dev *dev)
{
	eq_stop(&dev->aeq);
	cancel_work_sync(&dev->aeq_work);
	eq_free(&dev->aeq);
}
