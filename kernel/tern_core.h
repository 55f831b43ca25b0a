/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * All that tern_rdma may see of tern
 *
 * tern.ko owns the PCI function: BARs, interrupt vectors, doorbell pages, netdev, reset.
 * For the protocol engine it creates the auxiliary device "tern.roce.N"; tern_rdma.ko
 * binds to it and uses the functions below. They are exported in namespace TERN, so the
 * module loader keeps tern.ko in place while tern_rdma.ko is loaded.
 *
 * Unless a comment says otherwise functions may sleep and are called between probe and
 * the end of remove of the auxiliary driver.
 */

#ifndef TERN_CORE_H
#define TERN_CORE_H

#include <linux/auxiliary_bus.h>
#include <linux/interrupt.h>
#include <linux/notifier.h>
#include <linux/types.h>

struct device;
struct net_device;
struct tern_core;

#define TERN_AUX_NAME	"tern.roce"

/**
 * struct tern_aux_dev - auxiliary device of the protocol engine
 * @adev: what the auxiliary bus sees
 * @core: handle for the functions below
 */
struct tern_aux_dev {
	struct auxiliary_device adev;
	struct tern_core *core;
};

static inline struct tern_core *tern_aux_core(struct auxiliary_device *adev)
{
	return container_of(adev, struct tern_aux_dev, adev)->core;
}

/**
 * struct tern_core_info - constant facts about the function
 * @hw_version: register version
 * @num_ceqs: completion event queues that the device has
 * @num_pages: doorbell pages, the kernel's page 0 included
 * @push_offset: from a doorbell page to the push page of the same owner; 0: there are none
 * @num_vectors: interrupt vectors that tern_irq_get() can hand out in total
 */
struct tern_core_info {
	u32 hw_version;
	u32 num_ceqs;
	u32 num_pages;
	u32 push_offset;
	u32 num_vectors;
};

/**
 * enum tern_event - what listeners are told
 * @TERN_EVENT_LINK: carrier has changed; netif_carrier_ok() of the netdev tells
 * @TERN_EVENT_DEAD: the device does not answer any more (removed, or reset pending):
 *	fail all commands at once. DMA is off, so memory that the device knows may be
 *	freed. Sent at most once per probe.
 */
enum tern_event {
	TERN_EVENT_LINK,
	TERN_EVENT_DEAD,
};

const struct tern_core_info *tern_core_info(struct tern_core *core);
struct device *tern_core_dma_device(struct tern_core *core);
struct net_device *tern_core_netdev(struct tern_core *core);

/* Register access; any context. A dead device reads as all ones and ignores writes. */
u32 tern_reg_read(struct tern_core *core, u32 offset);
void tern_reg_write(struct tern_core *core, u32 offset, u32 value);
bool tern_core_is_dead(struct tern_core *core);

/* Ask for a function reset (the protocol engine hangs); any context, DMA is off on return */
void tern_core_request_reset(struct tern_core *core);

/* Interrupt vectors of the protocol engine's own pool; the numbers are the device's */
int tern_irq_get(struct tern_core *core, const char *name, irq_handler_t handler, void *data);
void tern_irq_put(struct tern_core *core, int vector, void *data);

/* Doorbell page 0; ordinary (uncached) mapping that lives as long as the auxiliary device */
void __iomem *tern_doorbell_kernel_page(struct tern_core *core);
int tern_doorbell_page_get(struct tern_core *core, u32 *page, phys_addr_t *phys);
void tern_doorbell_page_put(struct tern_core *core, u32 page);

int tern_events_register(struct tern_core *core, struct notifier_block *nb);
void tern_events_unregister(struct tern_core *core, struct notifier_block *nb);

#endif /* TERN_CORE_H */
