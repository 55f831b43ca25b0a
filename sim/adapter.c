// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "adapter.h"

#include <string.h>

#include "clock.h"
#include "log.h"
#include "tern_hw.h"

#define NS_PER_CYCLE	4u	/* nominal, 250 MHz: turns a latency into cycles */
#define RESET_CYCLES	16u
/* now_i follows the wall clock in steps of so many cycles: reading the clock is not free */
#define NOW_CYCLES	16u
/* The RTL may need some cycles to show that an input made work */
#define QUIET_CYCLES	8u
/* Under a second even when slow: QEMU gives up on an answer after five */
#define PATIENCE_CYCLES	200000u
#define SHORT_PATIENCE	64u

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the pins of the model and PCI memory are copied without swapping");

static struct log_limit access_limit;
static struct log_limit stuck_limit;

/* ----------------------------------------------------------------- clocking */

static void update_now(struct adapter *adapter)
{
	*adapter->pins.now = clock_ns() / adapter->time_scale;
}

/* Up to the rising edge: inputs have settled, outputs tell what the edge will do. */
static void begin_cycle(struct adapter *adapter)
{
	if (adapter->stats->cycles % NOW_CYCLES == 0)
		update_now(adapter);
	*adapter->pins.clk = 0;
	rtl_eval(adapter->rtl);
	axi_sample(&adapter->axi);
	wire_sample(&adapter->wire);
	/* After the writes of this cycle: an interrupt never overtakes data */
	if (*adapter->pins.irq_valid)
		irq_raise(&adapter->irq, *adapter->pins.irq_vector % IRQ_VECTORS);
}

static void end_cycle(struct adapter *adapter)
{
	*adapter->pins.clk = 1;
	rtl_eval(adapter->rtl);
	axi_drive(&adapter->axi);
	wire_drive(&adapter->wire);
	adapter->stats->cycles++;
}

void adapter_touch(struct adapter *adapter)
{
	update_now(adapter);
	adapter->quiet = 0;
}

bool adapter_run(struct adapter *adapter, unsigned int cycles)
{
	while (cycles--) {
		if (adapter->quiet >= QUIET_CYCLES)
			return false;
		begin_cycle(adapter);
		end_cycle(adapter);
		if (*adapter->pins.idle && axi_is_idle(&adapter->axi) &&
		    wire_is_idle(&adapter->wire))
			adapter->quiet++;
		else
			adapter->quiet = 0;
	}
	return true;
}

static uint64_t wall_time(const struct adapter *adapter, uint64_t rtl)
{
	return rtl > UINT64_MAX / adapter->time_scale ? UINT64_MAX : rtl * adapter->time_scale;
}

uint64_t adapter_wake_time(const struct adapter *adapter)
{
	uint64_t wake = wall_time(adapter, *adapter->pins.wake_at);
	uint64_t frame = wall_time(adapter, wire_wake_time(&adapter->wire));
	uint64_t tick = wire_tick_time(&adapter->wire);

	if (frame < wake)
		wake = frame;
	return tick < wake ? tick : wake;
}

/* --------------------------------------------------------------------- wire */

void adapter_look_at_wire(struct adapter *adapter)
{
	uint64_t wall = clock_ns();
	bool news = wire_tick(&adapter->wire, wall);

	if (wire_work(&adapter->wire, wall / adapter->time_scale) || news)
		adapter_touch(adapter);
}

void adapter_set_carrier(struct adapter *adapter, enum wire_carrier carrier)
{
	wire_set_carrier(&adapter->wire, carrier);
	adapter_touch(adapter);
}

void adapter_set_impair(struct adapter *adapter, const struct impair_config *config)
{
	update_now(adapter);
	wire_set_impair(&adapter->wire, config, *adapter->pins.now);
}

void adapter_set_impair_in(struct adapter *adapter, const struct impair_config *config)
{
	update_now(adapter);
	wire_set_impair_in(&adapter->wire, config, *adapter->pins.now);
}

/* -------------------------------------------------------- power on and reset */

static void idle_inputs(struct adapter *adapter)
{
	const struct rtl_pins *pins = &adapter->pins;

	*pins->axil_awvalid = 0;
	*pins->axil_wvalid = 0;
	*pins->axil_bready = 0;
	*pins->axil_arvalid = 0;
	*pins->axil_rready = 0;
	*pins->db_valid = 0;
	*pins->irq_ready = 1;
	axi_reset(&adapter->axi);
	wire_reset(&adapter->wire);
}

static void pulse_reset(struct adapter *adapter)
{
	unsigned int i;

	idle_inputs(adapter);
	update_now(adapter);
	*adapter->pins.rst = 1;
	for (i = 0; i < RESET_CYCLES; i++) {
		/* The bus is not looked at: what the RTL says in reset means nothing */
		*adapter->pins.clk = 0;
		rtl_eval(adapter->rtl);
		*adapter->pins.clk = 1;
		rtl_eval(adapter->rtl);
		adapter->stats->cycles++;
	}
	*adapter->pins.rst = 0;
	adapter->registers_stuck = false;
	adapter->doorbells_stuck = false;
	adapter->quiet = 0;
}

/* Decides who may send what; must follow every change of the configuration. */
static void apply_config(struct adapter *adapter)
{
	bool master = pci_config_bus_master(&adapter->config);

	adapter->axi.bus_master = master;
	/* An MSI-X interrupt is a memory write of the function, so it needs the master bit too */
	irq_set_open(&adapter->irq, master && pci_config_msix_open(&adapter->config));
}

void adapter_reset(struct adapter *adapter)
{
	adapter->stats->resets++;
	pci_config_reset(&adapter->config);
	irq_reset(&adapter->irq);
	apply_config(adapter);
	pulse_reset(adapter);
}

void adapter_detach(struct adapter *adapter)
{
	irq_release(&adapter->irq);
	irq_assign_error(&adapter->irq, -1);
	dma_map_clear(&adapter->map);
	adapter_reset(adapter);
}

int adapter_init(struct adapter *adapter, const struct adapter_options *options,
		 struct stats *stats)
{
	const char *reason = "not enough memory";

	memset(adapter, 0, sizeof(*adapter));
	adapter->stats = stats;
	adapter->time_scale = options->time_scale;
	adapter->carrier_up = options->wire.carrier == CARRIER_UP;
	adapter->rtl = rtl_create(options->fst, &reason);
	if (!adapter->rtl) {
		log_error("%s", reason);
		return -1;
	}
	if (dma_map_init(&adapter->map)) {
		log_error("cannot watch for lost memory");
		rtl_destroy(adapter->rtl);
		return -1;
	}
	rtl_get_pins(adapter->rtl, &adapter->pins);
	if (wire_init(&adapter->wire, &options->wire, &adapter->pins, stats)) {
		dma_map_destroy(&adapter->map);
		rtl_destroy(adapter->rtl);
		return -1;
	}
	axi_init(&adapter->axi, &adapter->pins, &adapter->map, stats,
		 options->dma_latency_ns / NS_PER_CYCLE);
	irq_init(&adapter->irq, stats);
	*adapter->pins.mac_addr = options->mac;
	adapter_reset(adapter);
	return 0;
}

void adapter_destroy(struct adapter *adapter)
{
	irq_release(&adapter->irq);
	irq_assign_error(&adapter->irq, -1);
	wire_destroy(&adapter->wire);
	dma_map_destroy(&adapter->map);
	rtl_destroy(adapter->rtl);
	adapter->rtl = NULL;
}

/* --------------------------------------------------------- BAR 0, registers */

static void report_stuck(bool *stuck, const char *what, uint64_t offset)
{
	if (!*stuck)
		log_limited(&stuck_limit, LOG_LEVEL_ERROR, "the RTL does not answer: %s %#llx",
			    what, (unsigned long long)offset);
	*stuck = true;
}

static uint32_t read_register(struct adapter *adapter, uint16_t address)
{
	const struct rtl_pins *pins = &adapter->pins;
	uint32_t value = ~0u;
	bool answered = false;
	unsigned int i;

	adapter->stats->register_reads++;
	if (adapter->registers_stuck)
		return value;
	*pins->axil_araddr = address;
	*pins->axil_arvalid = 1;
	*pins->axil_rready = 1;
	for (i = 0; i < PATIENCE_CYCLES && !answered; i++) {
		bool accepted;

		begin_cycle(adapter);
		accepted = *pins->axil_arready;
		answered = *pins->axil_rvalid;
		if (answered)
			value = *pins->axil_rdata;
		end_cycle(adapter);
		if (accepted)
			*pins->axil_arvalid = 0;
	}
	*pins->axil_arvalid = 0;
	*pins->axil_rready = 0;
	if (!answered)
		report_stuck(&adapter->registers_stuck, "read of register", address);
	return value;
}

static void write_register(struct adapter *adapter, uint16_t address, uint32_t value)
{
	const struct rtl_pins *pins = &adapter->pins;
	bool answered = false;
	unsigned int i;

	adapter->stats->register_writes++;
	if (adapter->registers_stuck)
		return;
	*pins->axil_awaddr = address;
	*pins->axil_wdata = value;
	*pins->axil_wstrb = 0xf;
	*pins->axil_awvalid = 1;
	*pins->axil_wvalid = 1;
	*pins->axil_bready = 1;
	for (i = 0; i < PATIENCE_CYCLES && !answered; i++) {
		bool address_taken;
		bool data_taken;

		begin_cycle(adapter);
		address_taken = *pins->axil_awready;
		data_taken = *pins->axil_wready;
		answered = *pins->axil_bvalid;
		end_cycle(adapter);
		if (address_taken)
			*pins->axil_awvalid = 0;
		if (data_taken)
			*pins->axil_wvalid = 0;
	}
	*pins->axil_awvalid = 0;
	*pins->axil_wvalid = 0;
	*pins->axil_bready = 0;
	if (!answered)
		report_stuck(&adapter->registers_stuck, "write to register", address);
}

/* A register access is 4 bytes, or 8 as two of them; both naturally aligned */
static bool is_register_access(uint64_t offset, size_t size)
{
	if ((size == 4 || size == 8) && offset % size == 0)
		return true;
	log_limited(&access_limit, LOG_LEVEL_DEBUG,
		    "register access of %zu bytes at %#llx ignored", size,
		    (unsigned long long)offset);
	return false;
}

static void read_registers(struct adapter *adapter, uint64_t offset, uint8_t *data, size_t size)
{
	size_t i;

	memset(data, 0xff, size);
	if (!is_register_access(offset, size))
		return;
	for (i = 0; i < size; i += 4) {
		uint32_t value = read_register(adapter, (uint16_t)(offset + i));

		memcpy(data + i, &value, sizeof(value));
	}
}

static void write_registers(struct adapter *adapter, uint64_t offset, const uint8_t *data,
			    size_t size)
{
	size_t i;

	if (!is_register_access(offset, size))
		return;
	for (i = 0; i < size; i += 4) {
		uint32_t value;

		memcpy(&value, data + i, sizeof(value));
		write_register(adapter, (uint16_t)(offset + i), value);
	}
}

/* --------------------------------------------------------- BAR 2, doorbells */

static void ring_doorbell(struct adapter *adapter, uint32_t address, uint64_t value,
			  uint8_t strobe)
{
	const struct rtl_pins *pins = &adapter->pins;
	/* An engine that was stuck gets a little time only, so that a guest cannot stall us */
	unsigned int patience = adapter->doorbells_stuck ? SHORT_PATIENCE : PATIENCE_CYCLES;
	bool taken = false;

	adapter->stats->doorbells++;
	*pins->db_addr = address;
	*pins->db_data = value;
	*pins->db_strb = strobe;
	*pins->db_valid = 1;
	while (patience-- && !taken) {
		begin_cycle(adapter);
		taken = *pins->db_ready;
		end_cycle(adapter);
	}
	*pins->db_valid = 0;
	if (taken)
		adapter->doorbells_stuck = false;
	else
		report_stuck(&adapter->doorbells_stuck, "doorbell", address);
}

static void write_doorbell(struct adapter *adapter, uint64_t offset, const uint8_t *data,
			   size_t size)
{
	unsigned int shift = offset % 8;
	uint64_t value = 0;

	if (shift + size > 8) {
		log_limited(&access_limit, LOG_LEVEL_DEBUG,
			    "doorbell write of %zu bytes at %#llx ignored", size,
			    (unsigned long long)offset);
		return;
	}
	memcpy((uint8_t *)&value + shift, data, size);
	ring_doorbell(adapter, (uint32_t)(offset - shift), value,
		      (uint8_t)(((1u << size) - 1) << shift));
}

/* ------------------------------------------------------------ host accesses */

void adapter_config_read(struct adapter *adapter, uint64_t offset, uint8_t *data, size_t size)
{
	pci_config_set_pending(&adapter->config,
			       adapter->axi.read_count || adapter->axi.reading);
	pci_config_read(&adapter->config, offset, data, size);
}

void adapter_config_write(struct adapter *adapter, uint64_t offset, const uint8_t *data,
			  size_t size)
{
	if (pci_config_write(&adapter->config, offset, data, size))
		adapter_reset(adapter);
	apply_config(adapter);
	adapter_touch(adapter);
}

void adapter_bar_read(struct adapter *adapter, unsigned int bar, uint64_t offset,
		      uint8_t *data, size_t size)
{
	if (!pci_config_memory_enabled(&adapter->config)) {
		memset(data, 0xff, size);
		return;
	}
	adapter_touch(adapter);
	if (bar == TERN_HW_BAR_REGS)
		read_registers(adapter, offset, data, size);
	else if (bar == TERN_HW_BAR_MSIX)
		irq_bar_read(&adapter->irq, offset, data, size);
	else
		memset(data, 0, size);	/* doorbells are write-only */
}

void adapter_bar_write(struct adapter *adapter, unsigned int bar, uint64_t offset,
		       const uint8_t *data, size_t size)
{
	if (!pci_config_memory_enabled(&adapter->config))
		return;
	adapter_touch(adapter);
	if (bar == TERN_HW_BAR_REGS)
		write_registers(adapter, offset, data, size);
	else if (bar == TERN_HW_BAR_DOORBELLS)
		write_doorbell(adapter, offset, data, size);
	else
		irq_bar_write(&adapter->irq, offset, data, size);
}
