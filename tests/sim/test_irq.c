// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// MSI-X: how the client wires interrupts, and when they are delivered.

#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "client.h"

#define NONE	VFIO_IRQ_SET_DATA_NONE
#define BOOL	VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD	VFIO_IRQ_SET_DATA_EVENTFD
#define TRIGGER	VFIO_IRQ_SET_ACTION_TRIGGER
#define MASK	VFIO_IRQ_SET_ACTION_MASK
#define UNMASK	VFIO_IRQ_SET_ACTION_UNMASK
#define MSIX	VFIO_PCI_MSIX_IRQ_INDEX
#define VECTORS	64u

static struct process process;
static struct client client;
static int events[VECTORS];

static void set_msix(uint16_t flags)
{
	client_write16(&client, REGION_CONFIG, CFG_MSIX + PCI_MSIX_FLAGS, flags);
}

static int set_irqs(uint32_t flags, uint32_t start, uint32_t count, const int *fds,
		    unsigned int fd_count)
{
	return client_set_irqs(&client, flags, MSIX, start, count, NULL, 0, fds, fd_count);
}

static void wire_all(void)
{
	unsigned int i;

	for (i = 0; i < VECTORS; i += 16)
		assert_int_equal(set_irqs(EVENTFD | TRIGGER, i, 16, events + i, 16), 0);
}

static void raise_vector(unsigned int vector)
{
	client_write32(&client, REGION_REGS, FIX_IRQ, vector);
	/* The answer of a read comes after all that the write has caused */
	client_read32(&client, REGION_REGS, FIX_ID);
	client_read32(&client, REGION_REGS, FIX_ID);
}

static uint64_t pending(void)
{
	uint64_t bits;

	assert_int_equal(client_read(&client, REGION_MSIX, 0x1000, &bits, sizeof(bits)), 0);
	return bits;
}

static int start(void **state)
{
	unsigned int i;

	(void)state;
	process_start(&process, NULL);
	client_start(&client, &process);
	for (i = 0; i < VECTORS; i++)
		events[i] = eventfd_create();
	set_msix(PCI_MSIX_FLAGS_ENABLE);
	return 0;
}

static int stop(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < VECTORS; i++)
		close(events[i]);
	client_close(&client);
	return process_stop(&process);
}

static void every_vector_reaches_its_event(void **state)
{
	unsigned int i;
	unsigned int k;

	(void)state;
	wire_all();
	for (i = 0; i < VECTORS; i++) {
		raise_vector(i);
		for (k = 0; k < VECTORS; k++)
			assert_int_equal(eventfd_now(events[k]), k == i);
	}
	for (i = 0; i < VECTORS; i++)
		client_doorbell(&client, FIX_DB_IRQ(i));
	for (i = 0; i < VECTORS; i++)
		assert_int_equal(eventfd_wait(events[i]), 1);
}

static void bad_requests_are_refused(void **state)
{
	static const struct { uint32_t flags, index, start, count; int fds; int error; } cases[] = {
		{ EVENTFD | TRIGGER, MSIX, 0, 1, 1, 0 },
		{ EVENTFD | TRIGGER, MSIX, 63, 1, 1, 0 },
		{ EVENTFD | TRIGGER, MSIX, 64, 1, 1, EINVAL },
		{ EVENTFD | TRIGGER, MSIX, 63, 2, 2, EINVAL },
		{ EVENTFD | TRIGGER, MSIX, ~0u, 2, 2, EINVAL },
		{ EVENTFD | TRIGGER, MSIX, 1, ~0u, 1, EINVAL },
		{ EVENTFD | TRIGGER, MSIX, 0, 2, 1, EINVAL },
		{ EVENTFD | TRIGGER, MSIX, 0, 1, 2, EINVAL },
		{ EVENTFD | TRIGGER, MSIX, 0, 0, 0, EINVAL },
		{ EVENTFD | TRIGGER, VFIO_PCI_MSI_IRQ_INDEX, 0, 1, 1, EINVAL },
		{ EVENTFD | TRIGGER, VFIO_PCI_NUM_IRQS, 0, 1, 1, EINVAL },
		{ EVENTFD | MASK, MSIX, 0, 1, 1, ENOTSUP },
		{ EVENTFD | UNMASK, MSIX, 0, 1, 1, ENOTSUP },
		{ EVENTFD | NONE | TRIGGER, MSIX, 0, 1, 1, EINVAL },
		{ NONE | BOOL | TRIGGER, MSIX, 0, 1, 0, EINVAL },
		{ NONE | TRIGGER | MASK, MSIX, 0, 1, 0, EINVAL },
		{ NONE | TRIGGER, MSIX, 0, 1, 1, EINVAL },
		{ NONE, MSIX, 0, 1, 0, EINVAL },
		{ TRIGGER, MSIX, 0, 1, 0, EINVAL },
		{ 0, MSIX, 0, 0, 0, EINVAL },
		{ NONE | TRIGGER | 64, MSIX, 0, 1, 0, EINVAL },
		{ BOOL | TRIGGER, MSIX, 0, 1, 0, EINVAL },	/* without its byte */
		{ NONE | MASK, MSIX, 0, 0, 0, EINVAL },
		{ NONE | TRIGGER, MSIX, 1, 0, 0, EINVAL },
		{ NONE | TRIGGER, VFIO_PCI_INTX_IRQ_INDEX, 0, 0, 0, 0 },
		{ NONE | TRIGGER, VFIO_PCI_REQ_IRQ_INDEX, 0, 0, 0, 0 },
		{ NONE | TRIGGER, VFIO_PCI_NUM_IRQS, 0, 0, 0, EINVAL },
		{ NONE | MASK, VFIO_PCI_ERR_IRQ_INDEX, 0, 1, 0, ENOTSUP },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(client_set_irqs(&client, cases[i].flags, cases[i].index,
						 cases[i].start, cases[i].count, NULL, 0, events,
						 (unsigned int)cases[i].fds), cases[i].error);
}

static void argsz_is_checked(void **state)
{
	struct vu_irq_set set = { .argsz = sizeof(set) - 1, .flags = NONE | TRIGGER,
				  .index = MSIX, .count = 1 };
	uint8_t payload[sizeof(set) + 4] = { 0 };

	(void)state;
	assert_int_equal(client_call(&client, VU_SET_IRQS, &set, sizeof(set), NULL, 0, NULL, 0,
				     NULL), EINVAL);
	set.argsz = sizeof(set) + 64;	/* more than the message has */
	set.flags = BOOL | TRIGGER;
	set.count = 64;
	memcpy(payload, &set, sizeof(set));
	assert_int_equal(client_call(&client, VU_SET_IRQS, payload, sizeof(payload), NULL, 0,
				     NULL, 0, NULL), EINVAL);
	set.argsz = sizeof(set) + 3;	/* less than the message has */
	set.count = 4;
	memcpy(payload, &set, sizeof(set));
	assert_int_equal(client_call(&client, VU_SET_IRQS, payload, sizeof(payload), NULL, 0,
				     NULL, 0, NULL), EINVAL);
}

static void only_event_descriptors_are_taken(void **state)
{
	int fds[6];
	int pair[2];
	unsigned int before = process_fds(&process);
	unsigned int i;
	uint8_t *memory;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	fds[2] = pair[0];
	fds[3] = open("/dev/null", O_RDWR);
	fds[4] = memory_create(4096, &memory);
	fds[5] = timerfd_create(CLOCK_MONOTONIC, 0);
	for (i = 0; i < 6; i++) {
		int mixed[2] = { events[0], fds[i] };

		assert_int_equal(set_irqs(EVENTFD | TRIGGER, 0, 1, &fds[i], 1), EINVAL);
		assert_int_equal(set_irqs(EVENTFD | TRIGGER, 0, 2, mixed, 2), EINVAL);
		close(fds[i]);
	}
	close(pair[1]);
	munmap(memory, 4096);
	assert_int_equal(process_fds(&process), before);
}

static void descriptors_are_replaced_and_taken_away(void **state)
{
	unsigned int before = process_fds(&process);

	(void)state;
	assert_int_equal(set_irqs(EVENTFD | TRIGGER, 5, 1, &events[5], 1), 0);
	assert_int_equal(set_irqs(EVENTFD | TRIGGER, 5, 1, &events[6], 1), 0);
	assert_int_equal(process_fds(&process), before + 1);
	raise_vector(5);
	assert_int_equal(eventfd_now(events[5]), 0);
	assert_int_equal(eventfd_now(events[6]), 1);
	assert_int_equal(set_irqs(EVENTFD | TRIGGER, 5, 1, NULL, 0), 0);
	assert_int_equal(process_fds(&process), before);
	raise_vector(5);
	assert_int_equal(pending(), 1u << 5);
	assert_int_equal(set_irqs(EVENTFD | TRIGGER, 5, 1, &events[5], 1), 0);
	assert_int_equal(eventfd_now(events[5]), 1);	/* nothing was lost meanwhile */
	wire_all();
	assert_int_equal(process_fds(&process), before + VECTORS);
	assert_int_equal(set_irqs(NONE | TRIGGER, 0, 0, NULL, 0), 0);
	assert_int_equal(process_fds(&process), before);
}

static void client_can_trigger(void **state)
{
	static const uint8_t some[16] = { 0, 1, 0, 255 };
	unsigned int i;

	(void)state;
	wire_all();
	assert_int_equal(set_irqs(NONE | TRIGGER, 60, 4, NULL, 0), 0);
	for (i = 0; i < VECTORS; i++)
		assert_int_equal(eventfd_now(events[i]), i >= 60);
	assert_int_equal(client_set_irqs(&client, BOOL | TRIGGER, MSIX, 8, 16, some, sizeof(some),
					 NULL, 0), 0);
	for (i = 0; i < VECTORS; i++)
		assert_int_equal(eventfd_now(events[i]), i == 9 || i == 11);
}

static void masked_vectors_stay_pending(void **state)
{
	static const uint8_t one[2] = { 0, 1 };

	(void)state;
	wire_all();
	assert_int_equal(set_irqs(NONE | MASK, 2, 2, NULL, 0), 0);
	raise_vector(2);
	raise_vector(3);
	raise_vector(3);
	raise_vector(4);
	assert_int_equal(eventfd_now(events[2]) + eventfd_now(events[3]), 0);
	assert_int_equal(eventfd_now(events[4]), 1);
	assert_int_equal(pending(), 0xc);
	assert_int_equal(client_set_irqs(&client, BOOL | UNMASK, MSIX, 2, 2, one, sizeof(one), NULL,
					 0), 0);
	assert_int_equal(eventfd_now(events[2]), 0);
	assert_int_equal(eventfd_now(events[3]), 1);
	assert_int_equal(pending(), 0x4);
	assert_int_equal(set_irqs(NONE | UNMASK, 0, VECTORS, NULL, 0), 0);
	assert_int_equal(eventfd_now(events[2]), 1);
	assert_int_equal(pending(), 0);
}

/* Enable, function mask, bus master and D0: without any of them nothing goes out. */
static void gates_of_the_function(void **state)
{
	(void)state;
	wire_all();
	set_msix(0);
	raise_vector(1);
	assert_int_equal(eventfd_now(events[1]), 0);
	set_msix(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	assert_int_equal(eventfd_now(events[1]), 0);
	assert_int_equal(pending(), 2);
	set_msix(PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(eventfd_now(events[1]), 1);
	client_write16(&client, REGION_CONFIG, CFG_COMMAND, PCI_COMMAND_MEMORY);
	raise_vector(1);
	assert_int_equal(eventfd_now(events[1]), 0);
	client_write16(&client, REGION_CONFIG, CFG_COMMAND, PCI_COMMAND_MEMORY |
		       PCI_COMMAND_MASTER);
	assert_int_equal(eventfd_now(events[1]), 1);
	client_write32(&client, REGION_REGS, FIX_COPY, FIX_COPY_BITS(1, 1, 1));
	client_write32(&client, REGION_REGS, FIX_TIMER, 1000000);	/* 10 ms of wall time */
	client_write16(&client, REGION_CONFIG, CFG_PM + PCI_PM_CTRL, 3);
	sleep_ms(50);
	assert_int_equal(eventfd_now(events[1]), 0);
	client_write16(&client, REGION_CONFIG, CFG_PM + PCI_PM_CTRL, 0);
	assert_int_equal(eventfd_now(events[1]), 1);
}

/* The event arrives after the data that it announces, always. */
static void interrupt_comes_after_the_data(void **state)
{
	uint8_t *memory;
	int fd = memory_create(8192, &memory);
	unsigned int i;

	(void)state;
	wire_all();
	assert_int_equal(client_map(&client, 0, 8192, VFIO_DMA_MAP_FLAG_READ |
				    VFIO_DMA_MAP_FLAG_WRITE, fd, 0), 0);
	for (i = 1; i <= 200; i++) {
		memset(memory, (int)i, 4096);
		client_start_copy(&client, 0, 4096, 64, 9, 1);
		assert_int_equal(eventfd_wait(events[9]), 1);
		assert_int_equal(__atomic_load_n(&memory[4096], __ATOMIC_ACQUIRE), i & 0xff);
		assert_int_equal(__atomic_load_n(&memory[8191], __ATOMIC_ACQUIRE), i & 0xff);
	}
	munmap(memory, 8192);
	close(fd);
}

/* A client that does not read its events, blocking descriptor or not, holds up nobody. */
static void full_event_counter_does_not_block(void **state)
{
	uint64_t full = ~0ull - 1;
	int blocking = eventfd(0, EFD_CLOEXEC);

	(void)state;
	assert_int_equal(write(blocking, &full, sizeof(full)), sizeof(full));
	assert_int_equal(set_irqs(EVENTFD | TRIGGER, 0, 1, &blocking, 1), 0);
	raise_vector(0);
	raise_vector(0);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_ID), FIX_ID_VALUE);
	assert_int_equal(eventfd_now(blocking), full);
	raise_vector(0);
	assert_int_equal(eventfd_now(blocking), 1);
	close(blocking);
}

static void table_is_memory(void **state)
{
	uint8_t junk[1024];
	uint8_t table[1024];
	unsigned int i;

	(void)state;
	assert_int_equal(client_read32(&client, REGION_MSIX, 12), 1);	/* masked after reset */
	memset(junk, 0xff, sizeof(junk));
	assert_int_equal(client_write(&client, REGION_MSIX, 0, junk, sizeof(junk)), 0);
	assert_int_equal(client_read(&client, REGION_MSIX, 0, table, sizeof(table)), 0);
	for (i = 0; i < sizeof(table); i++)
		assert_int_equal(table[i], i % 16 < 12 ? 0xff : i % 16 == 12);
	assert_int_equal(client_write(&client, REGION_MSIX, 0x1000, junk, 8), 0);
	assert_int_equal(pending(), 0);
	assert_int_equal(client_write(&client, REGION_MSIX, 0x1ff0, junk, 16), 0);
	assert_int_equal(client_read32(&client, REGION_MSIX, 0x1ff0), 0);
	assert_int_equal(client_reset(&client), 0);
	client_write16(&client, REGION_CONFIG, CFG_COMMAND, PCI_COMMAND_MEMORY);
	assert_int_equal(client_read32(&client, REGION_MSIX, 12), 1);
	assert_int_equal(client_read32(&client, REGION_MSIX, 0), 0);
}

static void error_interrupt_is_only_wired(void **state)
{
	unsigned int before = process_fds(&process);

	(void)state;
	assert_int_equal(client_set_irqs(&client, EVENTFD | TRIGGER, VFIO_PCI_ERR_IRQ_INDEX, 0, 1,
					 NULL, 0, events, 1), 0);
	assert_int_equal(process_fds(&process), before + 1);
	assert_int_equal(client_set_irqs(&client, NONE | TRIGGER, VFIO_PCI_ERR_IRQ_INDEX, 0, 1,
					 NULL, 0, NULL, 0), 0);
	assert_int_equal(eventfd_now(events[0]), 1);
	assert_int_equal(client_set_irqs(&client, NONE | TRIGGER, VFIO_PCI_ERR_IRQ_INDEX, 0, 0,
					 NULL, 0, NULL, 0), 0);
	assert_int_equal(process_fds(&process), before);
}

/* A guest that resets its function restores MSI-X by itself; the wiring is the client's. */
static void function_reset_keeps_the_wiring(void **state)
{
	(void)state;
	wire_all();
	assert_int_equal(set_irqs(NONE | MASK, 1, 1, NULL, 0), 0);
	raise_vector(1);
	assert_int_equal(pending(), 2);
	client_write16(&client, REGION_CONFIG, CFG_EXPRESS + PCI_EXP_DEVCTL,
		       PCI_EXP_DEVCTL_BCR_FLR);
	client_write16(&client, REGION_CONFIG, CFG_COMMAND, PCI_COMMAND_MEMORY |
		       PCI_COMMAND_MASTER);
	assert_int_equal(pending(), 0);
	raise_vector(7);
	assert_int_equal(eventfd_now(events[7]), 0);	/* MSI-X is off */
	set_msix(PCI_MSIX_FLAGS_ENABLE);
	assert_int_equal(eventfd_now(events[7]), 1);
	assert_int_equal(set_irqs(NONE | UNMASK, 1, 1, NULL, 0), 0);
	assert_int_equal(eventfd_now(events[1]), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_vector_reaches_its_event),
		CASE(bad_requests_are_refused),
		CASE(argsz_is_checked),
		CASE(only_event_descriptors_are_taken),
		CASE(descriptors_are_replaced_and_taken_away),
		CASE(client_can_trigger),
		CASE(masked_vectors_stay_pending),
		CASE(gates_of_the_function),
		CASE(interrupt_comes_after_the_data),
		CASE(full_event_counter_does_not_block),
		CASE(table_is_memory),
		CASE(error_interrupt_is_only_wired),
		CASE(function_reset_keeps_the_wiring),
	};

	return cmocka_run_group_tests_name("sim.irq", tests, NULL, NULL);
}
