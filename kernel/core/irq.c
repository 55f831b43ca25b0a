// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Interrupt vectors: vector 0 for link and faults, one per channel of the network
 * interface, the others a pool for the protocol engine
 *
 * The number of a vector is the device's and the index in the MSI-X table alike. A vector
 * masks itself when it fires, so its handler never runs twice at a time and nothing has
 * to be masked here.
 */

#include <linux/bitfield.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "compat.h"
#include "core.h"

#define TERN_FIRST_CHANNEL	(TERN_MISC_VECTOR + 1)
#define TERN_FIRST_POOLED	(TERN_FIRST_CHANNEL + TERN_MAX_CHANNELS)
#define TERN_MIN_VECTORS	(TERN_FIRST_POOLED + 1)	/* one for all event queues together */
#define TERN_TEST_TIMEOUT	HZ

/*
 * Vector 0, one per channel, one for the asynchronous event queue, one per CPU for
 * completion events.
 */
int tern_vectors_alloc(struct tern_core *core, u32 device_vectors)
{
	u32 want = TERN_FIRST_POOLED + 1 + min(num_online_cpus(), core->info.num_ceqs);
	int count;

	want = min3(want, device_vectors, (u32)TERN_HW_REG_INT_CTL_COUNT);
	if (want < TERN_MIN_VECTORS) {
		dev_err(&core->pdev->dev, "the device has %u interrupt vectors, %u are needed\n",
			device_vectors, TERN_MIN_VECTORS);
		return -ENODEV;
	}
	count = pci_alloc_irq_vectors(core->pdev, TERN_MIN_VECTORS, want, PCI_IRQ_MSIX);
	if (count < 0) {
		dev_err(&core->pdev->dev, "no interrupt vectors (%d)\n", count);
		return count;
	}
	core->vectors = kcalloc(count, sizeof(*core->vectors), GFP_KERNEL);
	if (!core->vectors) {
		pci_free_irq_vectors(core->pdev);
		return -ENOMEM;
	}
	core->info.num_vectors = count - TERN_FIRST_POOLED;
	ida_init(&core->vector_ids);
	return 0;
}

void tern_vectors_free(struct tern_core *core)
{
	WARN_ON(!ida_is_empty(&core->vector_ids));
	ida_destroy(&core->vector_ids);
	kfree(core->vectors);
	pci_free_irq_vectors(core->pdev);
}

static const char *tern_vector_name(struct tern_core *core, int vector, const char *name)
{
	struct tern_vector *v = &core->vectors[vector];

	snprintf(v->name, sizeof(v->name), "tern-%s@pci:%s", name, pci_name(core->pdev));
	return v->name;
}

/* On the CPU that is the nth from the device's node outwards. */
static int tern_vector_request(struct tern_core *core, int vector, int nth, const char *name,
			       irq_handler_t handler, void *data)
{
	int irq = pci_irq_vector(core->pdev, vector);
	unsigned int cpu = cpumask_local_spread(nth, dev_to_node(&core->pdev->dev));
	int err;

	err = request_irq(irq, handler, 0, tern_vector_name(core, vector, name), data);
	if (err)
		return err;
	/* A wish: interrupts that stay on another CPU are slower, not wrong */
	irq_set_affinity_and_hint(irq, cpumask_of(cpu));
	return 0;
}

static void tern_vector_release(struct tern_core *core, int vector, void *data)
{
	int irq = pci_irq_vector(core->pdev, vector);

	irq_update_affinity_hint(irq, NULL);
	free_irq(irq, data);
	/* Only now is there no handler left that could arm it again */
	tern_reg_write(core, TERN_HW_REG_INT_CTL(vector), TERN_HW_REG_INT_CTL_DISARM_MASK);
}

/**
 * tern_channel_irq_get - attach a handler to the vector of a channel
 * @core: the function
 * @channel: below TERN_MAX_CHANNELS
 * @handler: as for tern_irq_get()
 * @data: given to @handler
 *
 * Return: the vector's number, or a negative errno.
 */
int tern_channel_irq_get(struct tern_core *core, u16 channel, irq_handler_t handler, void *data)
{
	int vector = TERN_FIRST_CHANNEL + channel, err;
	char name[16];

	snprintf(name, sizeof(name), "eth%u", channel);
	err = tern_vector_request(core, vector, channel, name, handler, data);
	return err ? err : vector;
}

/**
 * tern_channel_irq_put - detach the handler of a channel
 * @core: the function
 * @vector: what tern_channel_irq_get() returned
 * @data: as given to it
 *
 * When this returns, the handler is not running and never will again.
 */
void tern_channel_irq_put(struct tern_core *core, int vector, void *data)
{
	tern_vector_release(core, vector, data);
}

/**
 * tern_irq_get - take a vector from the pool and attach a handler
 * @core: the function
 * @name: short name such as "ceq0"; /proc/interrupts shows tern-ceq0@pci:0000:00:03.0
 * @handler: runs in hard interrupt context, with the vector masked until it is re-armed
 *	through an event queue doorbell or register int_ctl. It must cope with an
 *	interrupt for which there is nothing to do.
 * @data: given to @handler
 *
 * Vectors are spread over the CPUs from the device's node outwards, in the order in which
 * they are taken. The vector is not armed yet.
 *
 * Return: the vector's number, or a negative errno; -ENOSPC if the pool is empty.
 */
int tern_irq_get(struct tern_core *core, const char *name, irq_handler_t handler, void *data)
{
	int first = TERN_FIRST_POOLED, vector, err;

	vector = ida_alloc_range(&core->vector_ids, first, first + core->info.num_vectors - 1,
				 GFP_KERNEL);
	if (vector < 0)
		return vector;
	/* One of the first two is for asynchronous events and needs no CPU of its own */
	err = tern_vector_request(core, vector, max(vector - first - 1, 0), name, handler, data);
	if (err) {
		ida_free(&core->vector_ids, vector);
		return err;
	}
	return vector;
}
EXPORT_SYMBOL_NS_GPL(tern_irq_get, TERN_NS);

/**
 * tern_irq_put - detach the handler and return the vector to the pool
 * @core: the function
 * @vector: what tern_irq_get() returned
 * @data: as given to tern_irq_get()
 *
 * When this returns, the handler is not running and never will again.
 */
void tern_irq_put(struct tern_core *core, int vector, void *data)
{
	tern_vector_release(core, vector, data);
	ida_free(&core->vector_ids, vector);
}
EXPORT_SYMBOL_NS_GPL(tern_irq_put, TERN_NS);

/*
 * Causes are acknowledged before they are handled: one that comes back meanwhile fires
 * again as soon as the vector is armed.
 */
static irqreturn_t tern_misc_thread(int irq, void *data)
{
	struct tern_core *core = data;
	u32 cause = tern_reg_read(core, TERN_HW_REG_MISC_CAUSE);

	if (tern_core_is_dead(core))
		return IRQ_HANDLED;
	tern_reg_write(core, TERN_HW_REG_MISC_CAUSE, cause);
	if (cause & TERN_HW_REG_MISC_CAUSE_LINK_MASK) {
		tern_netdev_update_link(core);
		tern_events_notify(core, TERN_EVENT_LINK);
	}
	if (cause & TERN_HW_REG_MISC_CAUSE_FATAL_MASK)
		tern_check_status(core);
	complete(&core->misc_seen);
	tern_reg_write(core, TERN_HW_REG_INT_CTL(TERN_MISC_VECTOR), TERN_HW_REG_INT_CTL_ARM_MASK);
	return IRQ_HANDLED;
}

int tern_misc_irq_get(struct tern_core *core)
{
	int err;

	err = request_threaded_irq(pci_irq_vector(core->pdev, TERN_MISC_VECTOR), NULL,
				   tern_misc_thread, IRQF_ONESHOT,
				   tern_vector_name(core, TERN_MISC_VECTOR, "misc"), core);
	if (err)
		return err;
	tern_reg_write(core, TERN_HW_REG_INT_CTL(TERN_MISC_VECTOR), TERN_HW_REG_INT_CTL_ARM_MASK);
	return 0;
}

void tern_misc_irq_put(struct tern_core *core)
{
	free_irq(pci_irq_vector(core->pdev, TERN_MISC_VECTOR), core);
	tern_reg_write(core, TERN_HW_REG_INT_CTL(TERN_MISC_VECTOR),
		       TERN_HW_REG_INT_CTL_DISARM_MASK);
}

/* Self test: does an interrupt that the device is told to raise arrive? */
bool tern_misc_irq_test(struct tern_core *core)
{
	reinit_completion(&core->misc_seen);
	tern_reg_write(core, TERN_HW_REG_INT_CTL(TERN_MISC_VECTOR),
		       TERN_HW_REG_INT_CTL_TRIGGER_MASK);
	return wait_for_completion_timeout(&core->misc_seen, TERN_TEST_TIMEOUT);
}
