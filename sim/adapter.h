/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The whole PCI function: the RTL and everything that a board puts around it. */
#ifndef SIM_ADAPTER_H
#define SIM_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "axi.h"
#include "dma_map.h"
#include "irq.h"
#include "pci_config.h"
#include "rtl.h"
#include "stats.h"
#include "wire.h"

struct adapter_options {
	uint64_t mac;		/* first octet in bits 47 to 40 */
	uint64_t dma_latency_ns;
	uint64_t time_scale;
	const char *fst;
	struct wire_options wire;
};

struct adapter {
	struct rtl *rtl;
	struct rtl_pins pins;
	struct axi axi;
	struct dma_map map;
	struct irq irq;
	struct wire wire;
	struct pci_config config;
	struct stats *stats;
	uint64_t time_scale;
	bool carrier_up;	/* was asked for, whatever the link says */
	unsigned int quiet;	/* cycles in a row in which nothing was in flight */
	bool registers_stuck;	/* an access was never answered: all others fail until reset */
	bool doorbells_stuck;
};

/* 0, or -1 with the reason logged */
int adapter_init(struct adapter *adapter, const struct adapter_options *options,
		 struct stats *stats);
void adapter_destroy(struct adapter *adapter);

/* What FLR and the client's reset do */
void adapter_reset(struct adapter *adapter);
/* The client has gone: its memory and its descriptors with it */
void adapter_detach(struct adapter *adapter);

/* Clock it, up to so many cycles. False: it came to rest before and needs no more. */
bool adapter_run(struct adapter *adapter, unsigned int cycles);
/* When a resting adapter must be clocked again, in clock_ns() time; UINT64_MAX: never */
uint64_t adapter_wake_time(const struct adapter *adapter);
/* Something outside has changed: look at the RTL again */
void adapter_touch(struct adapter *adapter);

/* Frames from and to the link. */
void adapter_look_at_wire(struct adapter *adapter);
/* The cable is pulled or plugged, or made worse or better */
void adapter_set_carrier(struct adapter *adapter, enum wire_carrier carrier);
void adapter_set_impair(struct adapter *adapter, const struct impair_config *config);
void adapter_set_impair_in(struct adapter *adapter, const struct impair_config *config);

/* Accesses of the host; the caller has checked that they lie inside the region. */
void adapter_config_read(struct adapter *adapter, uint64_t offset, uint8_t *data, size_t size);
void adapter_config_write(struct adapter *adapter, uint64_t offset, const uint8_t *data,
			  size_t size);
void adapter_bar_read(struct adapter *adapter, unsigned int bar, uint64_t offset,
		      uint8_t *data, size_t size);
void adapter_bar_write(struct adapter *adapter, unsigned int bar, uint64_t offset,
		       const uint8_t *data, size_t size);

#endif
