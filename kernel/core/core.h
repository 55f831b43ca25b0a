/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the files of tern.ko share
 *
 * Life of a function: pci.c maps the device, tern_revive() resets it and opens its
 * registers, tern_start() brings it into service (interrupt, netdev, auxiliary device).
 * Removal is the mirror image: tern_stop(), tern_retire(), unmap. Every reset in between
 * is framed by tern_stop() and tern_start(), all under the devlink instance lock.
 *
 * A failure may be noticed anywhere, also in interrupt context. tern_fail() marks the
 * device dead: bus mastering is off and register accesses have no effect. dead_work then
 * tells the listeners, and reset_work brings the device back.
 */

#ifndef TERN_CORE_CORE_H
#define TERN_CORE_CORE_H

#include <linux/completion.h>
#include <linux/ethtool.h>
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "tern_core.h"
#include "tern_hw.h"

struct devlink_health_reporter;
struct pci_dev;

#define TERN_MISC_VECTOR	0	/* what the contract ties misc_cause to */
#define TERN_MAX_CHANNELS	1	/* of the network interface, with a vector each */
#define TERN_DOORBELL_PAGE	SZ_4K

enum tern_state {
	TERN_STATE_DEAD,	/* see tern_fail() */
};

struct tern_vector {
	char name[64];		/* as /proc/interrupts shows it */
};

struct tern_core {
	struct pci_dev *pdev;
	struct net_device *netdev;
	struct tern_core_info info;	/* constant once the auxiliary device exists */
	unsigned long state;		/* bits of enum tern_state, atomic */
	bool started;			/* guarded by the devlink instance lock */
	bool resetting;			/* from outside; guarded by the devlink instance lock */

	void __iomem *regs;
	void __iomem *kernel_page;	/* doorbell page 0 */
	struct ida pages;		/* doorbell pages given to processes */

	struct ida vector_ids;		/* vectors in use */
	struct tern_vector *vectors;	/* an entry belongs to who holds its id */
	struct completion misc_seen;	/* the misc handler ran: self test */

	int aux_id;			/* N of tern.roce.N, the same over resets */
	struct tern_aux_dev *aux;	/* guarded by the devlink instance lock */

	struct blocking_notifier_head events;
	struct mutex dead_lock;		/* no announcement of a death that is over */
	bool dead_announced;		/* guarded by dead_lock */
	const char *fail_reason;	/* set once per death, before dead_work is queued */
	struct devlink_health_reporter *reporter;

	struct workqueue_struct *wq;
	struct work_struct dead_work;	/* takes no devlink lock: tern_stop() waits for it */
	struct work_struct reset_work;	/* takes it; enabled from the end of probe to remove */
	struct delayed_work health_work;	/* runs while started */
};

/* pci.c */
int tern_start(struct tern_core *core);
void tern_stop(struct tern_core *core);

/* regs.c */
bool tern_regs_answer(const struct tern_core *core);
int tern_regs_identify(struct tern_core *core);

/* reset.c */
int tern_reset_function(struct tern_core *core);
int tern_revive(struct tern_core *core);
void tern_retire(struct tern_core *core);

/* health.c */
void tern_health_init(struct tern_core *core);
void tern_health_poll_start(struct tern_core *core);
void tern_health_poll_stop(struct tern_core *core);
void tern_reset_work_enable(struct tern_core *core);
void tern_check_status(struct tern_core *core);
void tern_fail(struct tern_core *core, const char *reason);
void tern_mark_alive(struct tern_core *core);
int tern_recover(struct tern_core *core);
int tern_bring_back(struct tern_core *core);
void tern_events_notify(struct tern_core *core, enum tern_event event);

/* irq.c */
int tern_vectors_alloc(struct tern_core *core, u32 device_vectors);
void tern_vectors_free(struct tern_core *core);
int tern_misc_irq_get(struct tern_core *core);
void tern_misc_irq_put(struct tern_core *core);
bool tern_misc_irq_test(struct tern_core *core);
int tern_channel_irq_get(struct tern_core *core, u16 channel, irq_handler_t handler, void *data);
void tern_channel_irq_put(struct tern_core *core, int vector, void *data);

/* doorbell.c */
int tern_doorbells_map(struct tern_core *core, u32 device_pages);
void tern_doorbells_unmap(struct tern_core *core);

/* auxdev.c */
int tern_aux_id_alloc(struct tern_core *core);
void tern_aux_id_free(struct tern_core *core);
int tern_aux_add(struct tern_core *core);
void tern_aux_delete(struct tern_core *core);

/* netdev.c */
int tern_netdev_alloc(struct tern_core *core);
void tern_netdev_free(struct tern_core *core);
int tern_netdev_attach(struct tern_core *core);
void tern_netdev_detach(struct tern_core *core);
void tern_netdev_unregister(struct tern_core *core);
void tern_netdev_update_link(struct tern_core *core);
void tern_netdev_poll(struct tern_core *core);
struct tern_core *tern_netdev_core(const struct net_device *netdev);
u32 tern_netdev_speed(const struct net_device *netdev);

/* ethtool.c */
extern const struct ethtool_ops tern_ethtool_ops;

/* devlink.c */
struct tern_core *tern_devlink_alloc(struct pci_dev *pdev);
int tern_devlink_register(struct tern_core *core);
void tern_devlink_unregister(struct tern_core *core);

#endif /* TERN_CORE_CORE_H */
