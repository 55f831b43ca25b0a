/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* MSI-X: vectors, event descriptors of the client, masks and pending bits. */
#ifndef SIM_IRQ_H
#define SIM_IRQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats.h"

#define IRQ_VECTORS	64u

/* Layout of the MSI-X BAR */
#define IRQ_TABLE_OFFSET	0x0000u
#define IRQ_TABLE_SIZE		(IRQ_VECTORS * 16)
#define IRQ_PBA_OFFSET		0x1000u
#define IRQ_PBA_SIZE		(IRQ_VECTORS / 8)
#define IRQ_BAR_SIZE		0x2000u

struct irq {
	int eventfd[IRQ_VECTORS];	/* owned; -1: none */
	/*
	 * The PCIe error interrupt. A client stops its guest for good on it, which nothing here
	 * deserves, so it is never raised; QEMU warns at every start if it is not offered.
	 */
	int error_eventfd;
	uint64_t pending;
	uint64_t masked;		/* by the client, through SET_IRQS */
	bool open;			/* the function may send at all */
	uint8_t table[IRQ_TABLE_SIZE];
	struct stats *stats;
};

void irq_init(struct irq *irq, struct stats *stats);

/* The adapter asks for an interrupt. One that cannot go out yet stays pending. */
void irq_raise(struct irq *irq, unsigned int vector);

/* MSI-X enabled, function not masked, bus master, in D0: all of that together */
void irq_set_open(struct irq *irq, bool open);

/* Takes fd; -1 takes the old one away */
void irq_assign(struct irq *irq, unsigned int vector, int fd);
void irq_mask(struct irq *irq, unsigned int vector, bool masked);
/* Signals the client's descriptor without asking the adapter */
void irq_trigger(struct irq *irq, unsigned int vector);
/* The same two for the error interrupt */
void irq_assign_error(struct irq *irq, int fd);
void irq_trigger_error(struct irq *irq);
bool irq_is_eventfd(int fd);

/* What a function reset clears. The client's descriptors are its wiring and stay. */
void irq_reset(struct irq *irq);
/* Closes the descriptors of all vectors, forgets the masks */
void irq_release(struct irq *irq);

/* Access to the MSI-X BAR; the caller has checked the bounds */
void irq_bar_read(const struct irq *irq, uint64_t offset, uint8_t *data, size_t size);
void irq_bar_write(struct irq *irq, uint64_t offset, const uint8_t *data, size_t size);

#endif
