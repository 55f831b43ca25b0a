/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A capture file for Wireshark, with nanoseconds. Every frame is written at once and as a whole,
 * so that the file is good whenever the process ends. It may be a named pipe: until a reader is
 * there, and when one goes away, nothing is written, and each reader gets a file of its own.
 */
#ifndef SIM_PCAP_H
#define SIM_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stats.h"

#define PCAP_PENDING	(1u << 20)	/* what a slow reader of a pipe has not taken yet */
#define PCAP_PATH	1024u

struct pcap {
	struct stats *stats;
	char path[PCAP_PATH];	/* empty: no capture */
	int fd;			/* -1: not open (yet) */
	bool pipe;
	off_t size;		/* of a file, all records whole */
	uint64_t epoch;		/* wall clock, in ns, at which the RTL's time was 0 */
	uint8_t *pending;
	size_t pending_size;
	size_t pending_sent;
};

void pcap_init(struct pcap *pcap, struct stats *stats);
/* NULL, or what is wrong. One that runs is ended first. */
const char *pcap_start(struct pcap *pcap, const char *path);
void pcap_stop(struct pcap *pcap);
void pcap_frame(struct pcap *pcap, const uint8_t *data, size_t size, uint64_t now);

/* It wants pcap_work() now and then: it waits for a reader, or for a pipe to empty */
bool pcap_waits(const struct pcap *pcap);
void pcap_work(struct pcap *pcap);

#endif
