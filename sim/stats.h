/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Counters of one run, printed by --stats. */
#ifndef SIM_STATS_H
#define SIM_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "protocol.h"

struct stats {
	uint64_t cycles;
	uint64_t busy_ns;		/* wall time spent clocking and serving */
	uint64_t messages[VU_COMMANDS];
	uint64_t unknown_messages;
	uint64_t error_replies;
	uint64_t connections;
	uint64_t resets;
	uint64_t register_reads;
	uint64_t register_writes;
	uint64_t doorbells;
	uint64_t dma_reads;		/* bursts */
	uint64_t dma_read_bytes;
	uint64_t dma_writes;
	uint64_t dma_write_bytes;
	uint64_t dma_errors;		/* bursts answered with an error */
	uint64_t interrupts;		/* requests of the RTL */
	uint64_t interrupts_sent;	/* event descriptors signalled */

	uint64_t carrier_changes;
	uint64_t tx_frames;		/* that the peer's socket has taken */
	uint64_t tx_bytes;
	uint64_t tx_lost;		/* nobody was there */
	uint64_t tx_no_carrier;
	uint64_t tx_waits;		/* times that the peer took nothing for a while */
	uint64_t tx_stuck;		/* given up after that */
	uint64_t tx_runts;		/* too short to be a frame */
	uint64_t tx_oversize;
	uint64_t tx_bad;		/* against the contract of the stream */
	uint64_t rx_frames;		/* that the RTL has seen */
	uint64_t rx_bytes;
	uint64_t rx_no_carrier;
	uint64_t rx_runts;
	uint64_t rx_oversize;
	uint64_t rx_flushed;		/* lost in a reset */
	uint64_t impair_drops;		/* these, of both directions */
	uint64_t impair_dups;
	uint64_t impair_reorders;
	uint64_t impair_corruptions;
	uint64_t impair_delays;
	uint64_t pcap_frames;
	uint64_t pcap_lost;		/* not captured: slow reader, full disk */
};

/* One line each */
void stats_print(const struct stats *stats, FILE *out);
/* As one JSON object. False: the room is too small. */
bool stats_json(const struct stats *stats, char *text, size_t room);

#endif
