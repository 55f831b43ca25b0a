/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The MAC: frames between the RTL's streams and the link, padded, captured and impaired on the
 * way. Nothing waits for the other end: what it does not take stays here for a while, and while
 * the RTL's pause_o is high frames stay here and in the socket.
 */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "impair.h"
#include "link.h"
#include "pcap.h"
#include "rtl.h"
#include "stats.h"

#define WIRE_BEAT	64u
#define WIRE_QUEUE	256u	/* received frames; a power of two */

enum wire_carrier {
	CARRIER_AUTO,		/* as the link has it */
	CARRIER_UP,		/* whatever the link says */
	CARRIER_DOWN,		/* the cable is out */
};

struct wire_options {
	const char *link;		/* NULL: none */
	enum wire_carrier carrier;
	const char *pcap;		/* NULL: no capture */
	struct impair_config impair;
	struct impair_config impair_in;
};

struct wire_frame {
	uint32_t size;
	uint8_t data[FRAME_MOST + WIRE_BEAT] __attribute__((aligned(8)));
};

struct wire {
	const struct rtl_pins *pins;
	struct stats *stats;
	struct link link;
	struct impair impair;		/* of what the RTL sends */
	struct impair impair_in;	/* and of what it is to receive */
	struct pcap pcap;
	bool impaired;
	bool impaired_in;
	enum wire_carrier carrier;
	bool up;

	/* The RTL sends: beats become a frame */
	uint8_t sent[FRAME_MOST + WIRE_BEAT];
	uint32_t sent_size;
	bool sent_ended;		/* a beat that was not full has come */
	bool sent_bad;			/* the RTL broke the contract */
	bool blocked;			/* the peer takes nothing */
	bool stuck;			/* and has not for so long that it is not waited for */
	uint64_t blocked_since;		/* wall time */

	/* The RTL receives: frames become beats */
	struct wire_frame queue[WIRE_QUEUE];
	unsigned int head;
	unsigned int tail;
	uint32_t given;			/* bytes of the first one that the RTL has seen */
	uint64_t next_look;		/* wall time of the next wire_tick() */

	bool active;			/* wire_step() has something to do after this cycle */
};

/* 0, or -1 with the reason logged */
int wire_init(struct wire *wire, const struct wire_options *options, const struct rtl_pins *pins,
	      struct stats *stats);
void wire_destroy(struct wire *wire);
/* The RTL is reset: half a frame means nothing, and the receive queue is emptied */
void wire_reset(struct wire *wire);

/* Look at the socket and at what waits to be sent. True: the RTL has something to see. */
bool wire_work(struct wire *wire, uint64_t now);
/* When wire_work() must be called again, in RTL time */
uint64_t wire_wake_time(const struct wire *wire);
/* What needs a look now and then, by the wall clock. True: the RTL has something to see. */
bool wire_tick(struct wire *wire, uint64_t wall);
/* When wire_tick() must be called again */
uint64_t wire_tick_time(const struct wire *wire);
/* The descriptor to poll() for input; -1: none, or no frame could be taken now */
int wire_fd(const struct wire *wire);

void wire_set_carrier(struct wire *wire, enum wire_carrier carrier);
void wire_set_impair(struct wire *wire, const struct impair_config *config, uint64_t now);
void wire_set_impair_in(struct wire *wire, const struct impair_config *config, uint64_t now);

/* Inside of a cycle, for wire_sample() and wire_drive() only */
void wire_take_beat(struct wire *wire);
void wire_step(struct wire *wire);

/* Just before the clock edge: take what the RTL sends */
static inline void wire_sample(struct wire *wire)
{
	if (*wire->pins->tx_valid && *wire->pins->tx_ready)
		wire_take_beat(wire);
}

/* Just after it: set the inputs of the next cycle */
static inline void wire_drive(struct wire *wire)
{
	if (wire->active)
		wire_step(wire);
}

/* Frames that wait for pause_o to fall need no clock: the RTL works, or it does not fall. */
static inline bool wire_is_idle(const struct wire *wire)
{
	return !wire->active || (!*wire->pins->rx_valid && *wire->pins->pause);
}

#endif
