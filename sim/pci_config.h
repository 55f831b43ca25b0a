/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The PCI Express configuration space of the function, 4 KiB. */
#ifndef SIM_PCI_CONFIG_H
#define SIM_PCI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_CONFIG_SIZE		4096u

#define BAR0_SIZE	0x10000u	/* registers */
#define BAR2_SIZE	0x800000u	/* doorbell pages, then as many push pages */

struct pci_config {
	uint8_t value[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE];	/* bits that take what is written */
};

void pci_config_reset(struct pci_config *config);

/* The caller has checked the bounds; any size and alignment is good. */
void pci_config_read(const struct pci_config *config, uint64_t offset, uint8_t *data,
		     size_t size);
/* True: software asked for a function level reset */
bool pci_config_write(struct pci_config *config, uint64_t offset, const uint8_t *data,
		      size_t size);

/* In D3hot a function answers to configuration accesses only. */
bool pci_config_in_d0(const struct pci_config *config);
bool pci_config_memory_enabled(const struct pci_config *config);
bool pci_config_bus_master(const struct pci_config *config);
/* MSI-X is enabled and the function as a whole not masked */
bool pci_config_msix_open(const struct pci_config *config);

/* DMA reads are outstanding: drivers look at this before a reset */
void pci_config_set_pending(struct pci_config *config, bool pending);

#endif
