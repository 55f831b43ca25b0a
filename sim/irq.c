// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "irq.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define ENTRY_SIZE	16u
#define ENTRY_CONTROL	12u	/* vector control; bit 0 masks, the rest is reserved */

static struct log_limit signal_limit;

static uint64_t bit(unsigned int vector)
{
	return 1ull << vector;
}

/* Every entry of the table is masked after reset, as the PCI specification has it. */
static void reset_table(struct irq *irq)
{
	unsigned int vector;

	memset(irq->table, 0, sizeof(irq->table));
	for (vector = 0; vector < IRQ_VECTORS; vector++)
		irq->table[vector * ENTRY_SIZE + ENTRY_CONTROL] = 1;
}

void irq_init(struct irq *irq, struct stats *stats)
{
	unsigned int vector;

	memset(irq, 0, sizeof(*irq));
	irq->stats = stats;
	irq->error_eventfd = -1;
	for (vector = 0; vector < IRQ_VECTORS; vector++)
		irq->eventfd[vector] = -1;
	reset_table(irq);
}

/*
 * A descriptor without O_NONBLOCK whose counter is full would block us, and the flag belongs to
 * the client, who shares it. So look before writing. A full counter means that the client has
 * not taken earlier interrupts yet: nothing is lost.
 */
static void signal_client(struct irq *irq, int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	const uint64_t one = 1;

	if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT))
		return;
	if (write(ready.fd, &one, sizeof(one)) != sizeof(one))
		log_limited(&signal_limit, LOG_LEVEL_WARN, "an interrupt was not delivered: %s",
			    strerror(errno));
	else
		irq->stats->interrupts_sent++;
}

static void deliver(struct irq *irq, unsigned int vector)
{
	if (!(irq->pending & bit(vector)) || (irq->masked & bit(vector)))
		return;
	if (!irq->open || irq->eventfd[vector] < 0)
		return;
	irq->pending &= ~bit(vector);
	signal_client(irq, irq->eventfd[vector]);
}

static void deliver_all(struct irq *irq)
{
	uint64_t left = irq->pending;

	while (left) {
		deliver(irq, (unsigned int)__builtin_ctzll(left));
		left &= left - 1;
	}
}

void irq_raise(struct irq *irq, unsigned int vector)
{
	irq->stats->interrupts++;
	irq->pending |= bit(vector);
	deliver(irq, vector);
}

void irq_set_open(struct irq *irq, bool open)
{
	irq->open = open;
	if (open)
		deliver_all(irq);
}

void irq_assign(struct irq *irq, unsigned int vector, int fd)
{
	if (irq->eventfd[vector] >= 0)
		close(irq->eventfd[vector]);
	irq->eventfd[vector] = fd;
	deliver(irq, vector);
}

void irq_mask(struct irq *irq, unsigned int vector, bool masked)
{
	if (masked) {
		irq->masked |= bit(vector);
	} else {
		irq->masked &= ~bit(vector);
		deliver(irq, vector);
	}
}

void irq_trigger(struct irq *irq, unsigned int vector)
{
	if (irq->eventfd[vector] >= 0)
		signal_client(irq, irq->eventfd[vector]);
}

void irq_assign_error(struct irq *irq, int fd)
{
	if (irq->error_eventfd >= 0)
		close(irq->error_eventfd);
	irq->error_eventfd = fd;
}

void irq_trigger_error(struct irq *irq)
{
	if (irq->error_eventfd >= 0)
		signal_client(irq, irq->error_eventfd);
}

/* Anything else could block, raise SIGPIPE or be somebody's data. */
bool irq_is_eventfd(int fd)
{
	char path[40];
	char target[32];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	return !strcmp(target, "anon_inode:[eventfd]");
}

void irq_reset(struct irq *irq)
{
	irq->pending = 0;
	irq->open = false;
	reset_table(irq);
}

void irq_release(struct irq *irq)
{
	unsigned int vector;

	for (vector = 0; vector < IRQ_VECTORS; vector++)
		irq_assign(irq, vector, -1);
	irq->masked = 0;
}

void irq_bar_read(const struct irq *irq, uint64_t offset, uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++, offset++) {
		if (offset < IRQ_TABLE_OFFSET + IRQ_TABLE_SIZE)
			data[i] = irq->table[offset - IRQ_TABLE_OFFSET];
		else if (offset >= IRQ_PBA_OFFSET && offset < IRQ_PBA_OFFSET + IRQ_PBA_SIZE)
			data[i] = (uint8_t)(irq->pending >> (8 * (offset - IRQ_PBA_OFFSET)));
		else
			data[i] = 0;
	}
}

/*
 * The client owns the interrupt routing (it keeps the table that its guest sees and tells masks
 * by SET_IRQS), so the table here is memory only: a client that never writes it must get its
 * interrupts although every entry starts out masked.
 */
void irq_bar_write(struct irq *irq, uint64_t offset, const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++, offset++) {
		unsigned int place = offset % ENTRY_SIZE;

		if (offset >= IRQ_TABLE_OFFSET + IRQ_TABLE_SIZE)
			return;
		if (place > ENTRY_CONTROL)
			continue;	/* reserved, reads 0 */
		irq->table[offset] = place == ENTRY_CONTROL ? data[i] & 1 : data[i];
	}
}
