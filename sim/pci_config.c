// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "pci_config.h"

#include <linux/pci_regs.h>
#include <string.h>

#include "irq.h"
#include "tern_hw.h"

#define REVISION	1
#define CLASS_ETHERNET	0x020000u

/* Capabilities, in the order of the list */
#define PM_CAP		0x40u
#define MSIX_CAP	0x50u
#define PCIE_CAP	0x60u

/* Link of the board that the RTL is made for: 16 lanes of 8 GT/s carry its 128 Gbit/s */
#define LINK_SPEED	3u
#define LINK_WIDTH	16u

static void set8(struct pci_config *config, unsigned int offset, uint8_t value, uint8_t writable)
{
	config->value[offset] = value;
	config->writable[offset] = writable;
}

static void set16(struct pci_config *config, unsigned int offset, uint16_t value,
		  uint16_t writable)
{
	set8(config, offset, value & 0xff, writable & 0xff);
	set8(config, offset + 1, value >> 8, writable >> 8);
}

static void set32(struct pci_config *config, unsigned int offset, uint32_t value,
		  uint32_t writable)
{
	set16(config, offset, value & 0xffff, writable & 0xffff);
	set16(config, offset + 2, value >> 16, writable >> 16);
}

static uint16_t get16(const struct pci_config *config, unsigned int offset)
{
	return (uint16_t)(config->value[offset] | config->value[offset + 1] << 8);
}

static void set_header(struct pci_config *config)
{
	set16(config, PCI_VENDOR_ID, TERN_HW_PCI_VENDOR, 0);
	set16(config, PCI_DEVICE_ID, TERN_HW_PCI_DEVICE, 0);
	/* No I/O space and no INTx: those bits stay 0 */
	set16(config, PCI_COMMAND, 0, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
	      PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	set16(config, PCI_STATUS, PCI_STATUS_CAP_LIST, 0);
	set32(config, PCI_CLASS_REVISION, CLASS_ETHERNET << 8 | REVISION, 0);
	set8(config, PCI_CACHE_LINE_SIZE, 0, 0xff);
	set16(config, PCI_SUBSYSTEM_VENDOR_ID, TERN_HW_PCI_VENDOR, 0);
	set16(config, PCI_SUBSYSTEM_ID, TERN_HW_PCI_DEVICE, 0);
	set8(config, PCI_CAPABILITY_LIST, PM_CAP, 0);
	set8(config, PCI_INTERRUPT_LINE, 0, 0xff);
}

/* The bits below the size of a BAR are hard-wired; that is how software finds the size. */
static void set_bars(struct pci_config *config)
{
	set32(config, PCI_BASE_ADDRESS_0 + 4 * TERN_HW_BAR_REGS, PCI_BASE_ADDRESS_MEM_TYPE_32,
	      ~(BAR0_SIZE - 1));
	set32(config, PCI_BASE_ADDRESS_0 + 4 * TERN_HW_BAR_DOORBELLS,
	      PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH, ~(BAR2_SIZE - 1));
	set32(config, PCI_BASE_ADDRESS_0 + 4 * (TERN_HW_BAR_DOORBELLS + 1), 0, ~0u);
	set32(config, PCI_BASE_ADDRESS_0 + 4 * TERN_HW_BAR_MSIX, PCI_BASE_ADDRESS_MEM_TYPE_32,
	      ~(IRQ_BAR_SIZE - 1));
}

/* D0 and D3hot, no PME. No_Soft_Reset: going to D3hot and back loses nothing. */
static void set_power_management(struct pci_config *config)
{
	set8(config, PM_CAP, PCI_CAP_ID_PM, 0);
	set8(config, PM_CAP + PCI_CAP_LIST_NEXT, MSIX_CAP, 0);
	set16(config, PM_CAP + PCI_PM_PMC, 3, 0);
	set16(config, PM_CAP + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET, PCI_PM_CTRL_STATE_MASK);
}

static void set_msix(struct pci_config *config)
{
	set8(config, MSIX_CAP, PCI_CAP_ID_MSIX, 0);
	set8(config, MSIX_CAP + PCI_CAP_LIST_NEXT, PCIE_CAP, 0);
	set16(config, MSIX_CAP + PCI_MSIX_FLAGS, IRQ_VECTORS - 1,
	      PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	set32(config, MSIX_CAP + PCI_MSIX_TABLE, IRQ_TABLE_OFFSET | TERN_HW_BAR_MSIX, 0);
	set32(config, MSIX_CAP + PCI_MSIX_PBA, IRQ_PBA_OFFSET | TERN_HW_BAR_MSIX, 0);
}

/* An endpoint with function level reset. Its link and payload settings are kept, not obeyed. */
static void set_express(struct pci_config *config)
{
	set8(config, PCIE_CAP, PCI_CAP_ID_EXP, 0);
	set16(config, PCIE_CAP + PCI_EXP_FLAGS, 2 | PCI_EXP_TYPE_ENDPOINT << 4, 0);
	set32(config, PCIE_CAP + PCI_EXP_DEVCAP,
	      2 /* 512 byte payload */ | PCI_EXP_DEVCAP_EXT_TAG | PCI_EXP_DEVCAP_RBER |
	      PCI_EXP_DEVCAP_FLR, 0);
	set16(config, PCIE_CAP + PCI_EXP_DEVCTL,
	      PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ_512B,
	      0x7fff & ~(PCI_EXP_DEVCTL_PHANTOM | PCI_EXP_DEVCTL_AUX_PME));
	set32(config, PCIE_CAP + PCI_EXP_LNKCAP, LINK_SPEED | LINK_WIDTH << 4, 0);
	set16(config, PCIE_CAP + PCI_EXP_LNKCTL, 0, PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC);
	set16(config, PCIE_CAP + PCI_EXP_LNKSTA, LINK_SPEED | LINK_WIDTH << 4, 0);
	set32(config, PCIE_CAP + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_COMP_TMOUT_DIS, 0);
	set16(config, PCIE_CAP + PCI_EXP_DEVCTL2, 0, PCI_EXP_DEVCTL2_COMP_TMOUT_DIS);
	set32(config, PCIE_CAP + PCI_EXP_LNKCAP2, 0xe /* 2.5, 5 and 8 GT/s */, 0);
	set16(config, PCIE_CAP + PCI_EXP_LNKCTL2, LINK_SPEED, PCI_EXP_LNKCTL2_TLS);
}

/* There is no extended capability: the first word at 0x100 is 0, which says just that. */
void pci_config_reset(struct pci_config *config)
{
	memset(config, 0, sizeof(*config));
	set_header(config);
	set_bars(config);
	set_power_management(config);
	set_msix(config);
	set_express(config);
}

void pci_config_read(const struct pci_config *config, uint64_t offset, uint8_t *data,
		     size_t size)
{
	memcpy(data, config->value + offset, size);
}

/* D1 and D2 do not exist; a write of their numbers completes and changes nothing. */
static void refuse_power_state(struct pci_config *config, uint8_t before)
{
	uint8_t *state = &config->value[PM_CAP + PCI_PM_CTRL];
	uint8_t asked = *state & PCI_PM_CTRL_STATE_MASK;

	if (asked == 1 || asked == 2)
		*state = (uint8_t)((*state & ~PCI_PM_CTRL_STATE_MASK) |
				   (before & PCI_PM_CTRL_STATE_MASK));
}

/* The bit starts a reset and always reads 0, so it is not a writable one. */
static bool asks_for_reset(uint64_t offset, const uint8_t *data, size_t size)
{
	const uint64_t place = PCIE_CAP + PCI_EXP_DEVCTL + 1;

	return offset <= place && place - offset < size &&
	       (data[place - offset] & (PCI_EXP_DEVCTL_BCR_FLR >> 8));
}

bool pci_config_write(struct pci_config *config, uint64_t offset, const uint8_t *data,
		      size_t size)
{
	uint8_t power = config->value[PM_CAP + PCI_PM_CTRL];
	size_t i;

	for (i = 0; i < size; i++) {
		uint8_t mask = config->writable[offset + i];
		uint8_t *value = &config->value[offset + i];

		*value = (uint8_t)((*value & ~mask) | (data[i] & mask));
	}
	refuse_power_state(config, power);
	return asks_for_reset(offset, data, size);
}

bool pci_config_in_d0(const struct pci_config *config)
{
	return !(config->value[PM_CAP + PCI_PM_CTRL] & PCI_PM_CTRL_STATE_MASK);
}

bool pci_config_memory_enabled(const struct pci_config *config)
{
	return pci_config_in_d0(config) && (get16(config, PCI_COMMAND) & PCI_COMMAND_MEMORY);
}

bool pci_config_bus_master(const struct pci_config *config)
{
	return pci_config_in_d0(config) && (get16(config, PCI_COMMAND) & PCI_COMMAND_MASTER);
}

bool pci_config_msix_open(const struct pci_config *config)
{
	uint16_t flags = get16(config, MSIX_CAP + PCI_MSIX_FLAGS);

	return (flags & PCI_MSIX_FLAGS_ENABLE) && !(flags & PCI_MSIX_FLAGS_MASKALL);
}

void pci_config_set_pending(struct pci_config *config, bool pending)
{
	uint8_t *status = &config->value[PCIE_CAP + PCI_EXP_DEVSTA];

	*status = pending ? PCI_EXP_DEVSTA_TRPND : 0;
}
