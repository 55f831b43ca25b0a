// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Notice that the device died, tell who must know, bring it back
 */

#include <linux/bitfield.h>
#include <linux/export.h>
#include <linux/pci.h>
#include <net/devlink.h>

#include "compat.h"
#include "core.h"

/* Finds a removed device that nobody happens to use; cheap enough to be unnoticed. */
#define TERN_HEALTH_PERIOD	(2 * HZ)

/**
 * tern_core_is_dead - does the device answer no more?
 * @core: the function
 *
 * Context: Any.
 * Return: true if so. Then it does no DMA either, and stays like that until the auxiliary
 * driver was removed.
 */
bool tern_core_is_dead(struct tern_core *core)
{
	return test_bit(TERN_STATE_DEAD, &core->state);
}
EXPORT_SYMBOL_NS_GPL(tern_core_is_dead, TERN_NS);

/**
 * tern_fail - declare the device dead and have it reset
 * @core: the function
 * @reason: constant string for the log
 *
 * Context: Any. Of several calls for one death the first counts.
 */
void tern_fail(struct tern_core *core, const char *reason)
{
	if (tern_core_is_dead(core))
		return;
	/*
	 * Before the bit is set: who sees it may free memory that the device knows. The
	 * answer to the configuration access comes behind all earlier DMA writes.
	 */
	pci_clear_master(core->pdev);
	if (test_and_set_bit(TERN_STATE_DEAD, &core->state))
		return;
	core->fail_reason = reason;
	queue_work(core->wq, &core->dead_work);
}

/**
 * tern_core_request_reset - the protocol engine hangs, reset the function
 * @core: the function
 *
 * Returns at once, with bus mastering off and the device marked dead. Then the listeners
 * get TERN_EVENT_DEAD, the auxiliary device is deleted, the function reset, and a new
 * auxiliary device added. A function that fails again right after its reset is left
 * alone, with the auxiliary device still there.
 *
 * Context: Any.
 */
void tern_core_request_reset(struct tern_core *core)
{
	tern_fail(core, "the protocol engine does not answer");
}
EXPORT_SYMBOL_NS_GPL(tern_core_request_reset, TERN_NS);

/* A fatal error announces itself by interrupt; polling covers a lost one. */
void tern_check_status(struct tern_core *core)
{
	u32 status = tern_reg_read(core, TERN_HW_REG_DEV_STATUS);
	u32 fatal = FIELD_GET(TERN_HW_REG_DEV_STATUS_FATAL_MASK, status);

	if (tern_core_is_dead(core) || fatal == TERN_HW_FATAL_NONE)
		return;
	dev_err(&core->pdev->dev, "fatal error %u\n", fatal);
	tern_fail(core, "the device stopped");
}

static void tern_health_work(struct work_struct *work)
{
	struct tern_core *core = container_of(to_delayed_work(work), struct tern_core,
					      health_work);

	tern_check_status(core);
	tern_netdev_poll(core);
	if (!tern_core_is_dead(core))
		queue_delayed_work(core->wq, &core->health_work, TERN_HEALTH_PERIOD);
}

void tern_health_poll_start(struct tern_core *core)
{
	queue_delayed_work(core->wq, &core->health_work, TERN_HEALTH_PERIOD);
}

void tern_health_poll_stop(struct tern_core *core)
{
	cancel_delayed_work_sync(&core->health_work);
}

static void tern_announce_dead(struct tern_core *core)
{
	mutex_lock(&core->dead_lock);
	if (tern_core_is_dead(core) && !core->dead_announced) {
		core->dead_announced = true;
		tern_events_notify(core, TERN_EVENT_DEAD);
		tern_netdev_detach(core);
	}
	mutex_unlock(&core->dead_lock);
}

void tern_mark_alive(struct tern_core *core)
{
	mutex_lock(&core->dead_lock);
	core->dead_announced = false;
	clear_bit(TERN_STATE_DEAD, &core->state);
	mutex_unlock(&core->dead_lock);
}

static void tern_dead_work(struct work_struct *work)
{
	struct tern_core *core = container_of(work, struct tern_core, dead_work);

	dev_err(&core->pdev->dev, "out of service: %s\n", core->fail_reason);
	tern_announce_dead(core);
	queue_work(core->wq, &core->reset_work);
}

/* devlink keeps the count and decides: no second reset within the grace period. */
static void tern_reset_work(struct work_struct *work)
{
	struct tern_core *core = container_of(work, struct tern_core, reset_work);
	int err;

	if (!tern_core_is_dead(core))
		return;		/* reset by other means meanwhile */
	err = devlink_health_report(core->reporter, core->fail_reason, core);
	if (err == -ECANCELED)
		dev_err(&core->pdev->dev, "failed again too soon, not resetting it\n");
}

/* From here on failures lead to resets, also one that happened before. */
void tern_reset_work_enable(struct tern_core *core)
{
	enable_work(&core->reset_work);
	if (tern_core_is_dead(core))
		queue_work(core->wq, &core->reset_work);
}

/**
 * tern_bring_back - reset a function that is out of service and start it
 * @core: the function; the caller holds the devlink instance lock
 *
 * Return: 0 or a negative errno, at once if the device is gone. It may be tried again.
 */
int tern_bring_back(struct tern_core *core)
{
	int err;

	err = tern_revive(core);
	if (err)
		goto err_log;
	err = tern_start(core);
	if (err)
		goto err_retire;
	/* Probing the auxiliary driver is the first that the device has to do */
	if (tern_core_is_dead(core)) {
		err = -EIO;
		goto err_log;
	}
	devlink_health_reporter_state_update(core->reporter,
					     DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
	dev_info(&core->pdev->dev, "back in service after a reset\n");
	return 0;

err_retire:
	tern_retire(core);
err_log:
	dev_err(&core->pdev->dev, "still out of service after a reset (%d)\n", err);
	return err;
}

/* For the health reporter, whose caller holds the devlink instance lock. */
int tern_recover(struct tern_core *core)
{
	if (core->resetting)
		return -EBUSY;
	if (!tern_core_is_dead(core))
		return 0;
	/* Before tern_stop(), so that the auxiliary driver does not wait for a dead device */
	tern_announce_dead(core);
	tern_stop(core);
	return tern_bring_back(core);
}

void tern_events_notify(struct tern_core *core, enum tern_event event)
{
	blocking_notifier_call_chain(&core->events, event, NULL);
}

/**
 * tern_events_register - be told of enum tern_event
 * @core: the function
 * @nb: its callback gets the event as action; it runs in process context, and must not
 *	wait for anything that ends only with the next event
 *
 * Return: 0, or -ENODEV if the device is dead already: TERN_EVENT_DEAD is never missed.
 */
int tern_events_register(struct tern_core *core, struct notifier_block *nb)
{
	int err;

	err = blocking_notifier_chain_register(&core->events, nb);
	if (err)
		return err;
	/* The bit is set before the event is sent, so one of the two is seen */
	if (tern_core_is_dead(core)) {
		blocking_notifier_chain_unregister(&core->events, nb);
		return -ENODEV;
	}
	return 0;
}
EXPORT_SYMBOL_NS_GPL(tern_events_register, TERN_NS);

/**
 * tern_events_unregister - hear no more; a callback under way has returned
 * @core: the function
 * @nb: as given to tern_events_register()
 */
void tern_events_unregister(struct tern_core *core, struct notifier_block *nb)
{
	blocking_notifier_chain_unregister(&core->events, nb);
}
EXPORT_SYMBOL_NS_GPL(tern_events_unregister, TERN_NS);

void tern_health_init(struct tern_core *core)
{
	set_bit(TERN_STATE_DEAD, &core->state);
	core->dead_announced = true;
	mutex_init(&core->dead_lock);
	BLOCKING_INIT_NOTIFIER_HEAD(&core->events);
	INIT_WORK(&core->dead_work, tern_dead_work);
	INIT_WORK(&core->reset_work, tern_reset_work);
	disable_work(&core->reset_work);
	INIT_DELAYED_WORK(&core->health_work, tern_health_work);
}
