// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The configuration space as an operating system uses it, and the gates it controls.

#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

static struct process process;
static struct client client;

static int start(void **state)
{
	(void)state;
	process_start(&process, NULL);
	client_start(&client, &process);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	client_close(&client);
	return process_stop(&process);
}

static uint32_t config32(unsigned int offset)
{
	return client_read32(&client, REGION_CONFIG, offset);
}

static uint16_t config16(unsigned int offset)
{
	return client_read16(&client, REGION_CONFIG, offset);
}

static void set_config32(unsigned int offset, uint32_t value)
{
	client_write32(&client, REGION_CONFIG, offset, value);
}

static void set_config16(unsigned int offset, uint16_t value)
{
	client_write16(&client, REGION_CONFIG, offset, value);
}

static void identity(void **state)
{
	(void)state;
	assert_int_equal(config32(PCI_VENDOR_ID), 0x7e401234);
	assert_int_equal(config32(PCI_SUBSYSTEM_VENDOR_ID), 0x7e401234);
	assert_int_equal(config32(PCI_CLASS_REVISION), 0x02000001);
	assert_int_equal(config16(PCI_HEADER_TYPE) & 0xff, PCI_HEADER_TYPE_NORMAL);
	assert_int_equal(config16(PCI_INTERRUPT_LINE), 0);	/* no INTx pin */
	set_config32(PCI_VENDOR_ID, 0);
	set_config32(PCI_CLASS_REVISION, 0);
	assert_int_equal(config32(PCI_VENDOR_ID), 0x7e401234);
	assert_int_equal(config32(PCI_CLASS_REVISION), 0x02000001);
}

static void bars_can_be_sized(void **state)
{
	static const uint32_t sized[6] = { 0xffff0000, 0, 0xff80000c, 0xffffffff, 0xffffe000, 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		set_config32(PCI_BASE_ADDRESS_0 + 4 * i, 0xffffffff);
		assert_int_equal(config32(PCI_BASE_ADDRESS_0 + 4 * i), sized[i]);
	}
	set_config32(PCI_BASE_ADDRESS_0, 0xfe123456);
	assert_int_equal(config32(PCI_BASE_ADDRESS_0), 0xfe120000);
	set_config32(PCI_ROM_ADDRESS, 0xffffffff);
	assert_int_equal(config32(PCI_ROM_ADDRESS), 0);
}

/* Bytes are written one by one: their neighbours in the word keep what they have. */
static void writes_of_any_width(void **state)
{
	uint8_t byte = 0xab;
	uint8_t span[6] = { 1, 2, 3, 4, 5, 6 };

	(void)state;
	set_config32(PCI_BASE_ADDRESS_0 + 12, 0x11223344);
	assert_int_equal(client_write(&client, REGION_CONFIG, PCI_BASE_ADDRESS_0 + 13, &byte, 1),
			 0);
	assert_int_equal(config32(PCI_BASE_ADDRESS_0 + 12), 0x1122ab44);
	/* The read-only low half of BAR 4 and all of BAR 3 in one odd write */
	assert_int_equal(client_write(&client, REGION_CONFIG, PCI_BASE_ADDRESS_0 + 12, span, 6),
			 0);
	assert_int_equal(config32(PCI_BASE_ADDRESS_0 + 12), 0x04030201);
	assert_int_equal(config32(PCI_BASE_ADDRESS_0 + 16), 0x00000000);
	byte = 0xff;
	assert_int_equal(client_write(&client, REGION_CONFIG, PCI_BASE_ADDRESS_0 + 17, &byte, 1),
			 0);
	assert_int_equal(config32(PCI_BASE_ADDRESS_0 + 16), 0x0000e000);
}

static void command_register(void **state)
{
	(void)state;
	set_config16(PCI_COMMAND, 0xffff);
	assert_int_equal(config16(PCI_COMMAND), PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
			 PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	assert_int_equal(config16(PCI_STATUS), PCI_STATUS_CAP_LIST);
	set_config16(PCI_STATUS, 0xffff);
	assert_int_equal(config16(PCI_STATUS), PCI_STATUS_CAP_LIST);
}

static void capability_list(void **state)
{
	static const uint8_t ids[] = { PCI_CAP_ID_PM, PCI_CAP_ID_MSIX, PCI_CAP_ID_EXP };
	uint8_t space[4096];
	unsigned int at;
	unsigned int i;

	(void)state;
	assert_int_equal(client_read(&client, REGION_CONFIG, 0, space, sizeof(space)), 0);
	at = space[PCI_CAPABILITY_LIST];
	for (i = 0; i < sizeof(ids); i++) {
		assert_in_range(at, 0x40, 0xfc);
		assert_int_equal(at % 4, 0);
		assert_int_equal(space[at], ids[i]);
		at = space[at + 1];
	}
	assert_int_equal(at, 0);
	assert_int_equal(space[CFG_MSIX + PCI_MSIX_FLAGS], 63);
	assert_int_equal(space[CFG_MSIX + PCI_MSIX_TABLE], 4);
	assert_int_equal(space[CFG_MSIX + PCI_MSIX_PBA + 1], 0x10);
	assert_int_equal(space[CFG_EXPRESS + PCI_EXP_FLAGS], 2);
	assert_true(space[CFG_EXPRESS + PCI_EXP_DEVCAP + 3] & PCI_EXP_DEVCAP_FLR >> 24);
	for (i = 0x100; i < sizeof(space); i++)
		assert_int_equal(space[i], 0);
}

/* Whatever is written: the identity and the list stay, so the function can be found again. */
static void hostile_writes_change_no_structure(void **state)
{
	uint8_t before[4096];
	uint8_t after[4096];
	uint8_t junk[64];
	int i;

	(void)state;
	srand(1);
	assert_int_equal(client_read(&client, REGION_CONFIG, 0, before, sizeof(before)), 0);
	for (i = 0; i < 2000; i++) {
		unsigned int size = 1 + (unsigned int)rand() % sizeof(junk);
		unsigned int offset = (unsigned int)rand() % (sizeof(before) - size);
		unsigned int k;

		for (k = 0; k < size; k++)
			junk[k] = (uint8_t)rand();
		assert_int_equal(client_write(&client, REGION_CONFIG, offset, junk, size), 0);
	}
	assert_int_equal(client_read(&client, REGION_CONFIG, 0, after, sizeof(after)), 0);
	assert_memory_equal(after, before, 4);
	assert_memory_equal(after + 6, before + 6, 6);
	assert_memory_equal(after + CFG_PM, before + CFG_PM, 4);
	assert_memory_equal(after + CFG_MSIX, before + CFG_MSIX, 3);
	assert_memory_equal(after + CFG_MSIX + 4, before + CFG_MSIX + 4, 8);
	assert_memory_equal(after + CFG_EXPRESS, before + CFG_EXPRESS, 8);
	assert_memory_equal(after + 0x100, before + 0x100, sizeof(before) - 0x100);
}

static void memory_bit_gates_the_bars(void **state)
{
	(void)state;
	client_write32(&client, REGION_REGS, FIX_SCRATCH, 1);
	set_config16(PCI_COMMAND, PCI_COMMAND_MASTER);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_ID), 0xffffffff);
	assert_int_equal(client_read32(&client, REGION_DB, 0), 0xffffffff);
	assert_int_equal(client_read32(&client, REGION_MSIX, 0), 0xffffffff);
	client_write32(&client, REGION_REGS, FIX_SCRATCH, 2);
	client_doorbell(&client, 0);
	set_config16(PCI_COMMAND, PCI_COMMAND_MEMORY);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_SCRATCH), 1);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_DB_COUNT), 0);
}

/* No_Soft_Reset: in D3hot only configuration answers, afterwards all is as it was. */
static void d3hot_and_back(void **state)
{
	(void)state;
	assert_true(config16(CFG_PM + PCI_PM_CTRL) & PCI_PM_CTRL_NO_SOFT_RESET);
	client_write32(&client, REGION_REGS, FIX_SCRATCH, 0x1234);
	set_config32(PCI_BASE_ADDRESS_0, 0xfe120000);
	set_config16(CFG_PM + PCI_PM_CTRL, 3);
	assert_int_equal(config16(CFG_PM + PCI_PM_CTRL) & 3, 3);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_ID), 0xffffffff);
	assert_int_equal(config32(PCI_VENDOR_ID), 0x7e401234);
	set_config16(CFG_PM + PCI_PM_CTRL, 0);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_SCRATCH), 0x1234);
	assert_int_equal(config32(PCI_BASE_ADDRESS_0), 0xfe120000);
}

static void d1_and_d2_do_not_exist(void **state)
{
	(void)state;
	set_config16(CFG_PM + PCI_PM_CTRL, 1);
	assert_int_equal(config16(CFG_PM + PCI_PM_CTRL) & 3, 0);
	set_config16(CFG_PM + PCI_PM_CTRL, 2);
	assert_int_equal(config16(CFG_PM + PCI_PM_CTRL) & 3, 0);
	set_config16(CFG_PM + PCI_PM_CTRL, 3);
	set_config16(CFG_PM + PCI_PM_CTRL, 1);
	assert_int_equal(config16(CFG_PM + PCI_PM_CTRL) & 3, 3);
}

static void flr_resets_function_and_configuration(void **state)
{
	(void)state;
	client_write32(&client, REGION_REGS, FIX_SCRATCH, 0x1234);
	set_config32(PCI_BASE_ADDRESS_0, 0xfe120000);
	set_config16(CFG_MSIX + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE);
	set_config16(CFG_EXPRESS + PCI_EXP_DEVCTL,
		     config16(CFG_EXPRESS + PCI_EXP_DEVCTL) | PCI_EXP_DEVCTL_BCR_FLR);
	assert_false(config16(CFG_EXPRESS + PCI_EXP_DEVCTL) & PCI_EXP_DEVCTL_BCR_FLR);
	assert_int_equal(config16(PCI_COMMAND), 0);
	assert_int_equal(config32(PCI_BASE_ADDRESS_0), 0);
	assert_int_equal(config16(CFG_MSIX + PCI_MSIX_FLAGS), 63);
	set_config16(PCI_COMMAND, PCI_COMMAND_MEMORY);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_SCRATCH), 0);
}

static void register_accesses_of_any_shape(void **state)
{
	static const struct { uint64_t offset; uint32_t size; bool good; } cases[] = {
		{ FIX_ID, 4, true }, { FIX_ID, 8, true }, { FIX_ID, 1, false }, { FIX_ID, 2, false },
		{ FIX_ID, 3, false }, { FIX_ID + 1, 4, false }, { FIX_ID + 2, 4, false },
		{ FIX_SCRATCH, 8, false }, { FIX_ID, 16, false }, { FIX_ID, 4096, false },
	};
	uint8_t ones[4096];
	uint8_t data[4096];
	size_t i;

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(client_read(&client, REGION_REGS, cases[i].offset, data,
					     cases[i].size), 0);
		assert_int_equal(memcmp(data, ones, cases[i].size) != 0, cases[i].good);
		if (cases[i].good)
			continue;
		assert_int_equal(client_write(&client, REGION_REGS, cases[i].offset, ones,
					      cases[i].size), 0);
	}
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_SCRATCH), 0);
	client_write64(&client, REGION_REGS, FIX_SRC, 0x1122334455667788ull);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_SRC), 0x55667788);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_SRC + 4), 0x11223344);
}

static void doorbell_writes_of_any_shape(void **state)
{
	static const struct { uint64_t offset; uint32_t size; uint32_t strobe; } cases[] = {
		{ 0x3ffff8, 8, 0xff }, { 0x1000, 1, 0x01 }, { 0x1007, 1, 0x80 }, { 0x1002, 4, 0x3c },
		{ 0x1001, 7, 0xfe }, { 0x1004, 4, 0xf0 }, { 0x1001, 8, 0 }, { 0x1000, 9, 0 },
		{ 0x1007, 2, 0 }, { 0x1000, 64, 0 },
	};
	uint8_t data[64];
	uint32_t count = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(0xa0 + i);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value;
		uint32_t shift = cases[i].offset % 8;

		assert_int_equal(client_write(&client, REGION_DB, cases[i].offset, data,
					      cases[i].size), 0);
		count += !!cases[i].strobe;
		assert_int_equal(client_read32(&client, REGION_REGS, FIX_DB_COUNT), count);
		if (!cases[i].strobe)
			continue;
		assert_int_equal(client_read32(&client, REGION_REGS, FIX_DB_ADDR),
				 cases[i].offset - shift);
		assert_int_equal(client_read32(&client, REGION_REGS, FIX_DB_STRB), cases[i].strobe);
		assert_int_equal(client_read(&client, REGION_REGS, FIX_DB_DATA, &value, 8), 0);
		assert_memory_equal((uint8_t *)&value + shift, data, cases[i].size);
	}
	assert_int_equal(client_read32(&client, REGION_DB, 0x1000), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(identity),
		CASE(bars_can_be_sized),
		CASE(writes_of_any_width),
		CASE(command_register),
		CASE(capability_list),
		CASE(hostile_writes_change_no_structure),
		CASE(memory_bit_gates_the_bars),
		CASE(d3hot_and_back),
		CASE(d1_and_d2_do_not_exist),
		CASE(flr_resets_function_and_configuration),
		CASE(register_accesses_of_any_shape),
		CASE(doorbell_writes_of_any_shape),
	};

	return cmocka_run_group_tests_name("sim.config", tests, NULL, NULL);
}
