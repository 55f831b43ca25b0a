// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "wire.h"

#include <string.h>

#include "clock.h"
#include "log.h"

#define BURST		64	/* frames from the socket before the RTL gets its turn */
/*
 * A peer that takes nothing for so long is not waited for again until it has taken something. A
 * busy machine may let a process wait for half a second, which must not cost a frame.
 */
#define PATIENCE_NS	2000000000u
#define TICK_NS		100000000u
#define RETRY_NS	1000000u

static struct log_limit contract_limit;

static void update_ready(struct wire *wire)
{
	/* The pin follows in wire_step(): inputs must not change before the clock edge */
	wire->active = true;
}

static bool is_ready(const struct wire *wire)
{
	return !wire->blocked && impair_has_room(&wire->impair);
}

/* -------------------------------------------------------------- to the link */

static void unblock(struct wire *wire)
{
	if (!wire->blocked)
		return;
	wire->blocked = false;
	update_ready(wire);
}

static bool is_patience_over(struct wire *wire)
{
	uint64_t wall = clock_ns();

	if (wire->stuck)
		return true;
	if (!wire->blocked) {
		wire->stats->tx_waits++;
		wire->blocked = true;
		wire->blocked_since = wall;
		update_ready(wire);
	}
	if (wall - wire->blocked_since < PATIENCE_NS)
		return false;
	log_warn("the peer of the link takes nothing: frames are dropped");
	wire->stuck = true;
	return true;
}

/* False: it must be kept */
static bool deliver(struct wire *wire, const uint8_t *data, size_t size)
{
	struct stats *stats = wire->stats;

	switch (link_send(&wire->link, data, size)) {
	case LINK_SENT:
		stats->tx_frames++;
		stats->tx_bytes += size;
		break;
	case LINK_LOST:
		stats->tx_lost++;
		break;
	default:
		if (!is_patience_over(wire))
			return false;
		stats->tx_stuck++;
		unblock(wire);
		return true;
	}
	wire->stuck = false;
	unblock(wire);
	return true;
}

static void flush(struct wire *wire, uint64_t now)
{
	const struct frame *frame;
	bool full = !impair_has_room(&wire->impair);

	while ((frame = impair_due(&wire->impair, now)) != NULL) {
		if (!deliver(wire, frame->data, frame->size))
			break;
		impair_pop(&wire->impair);
	}
	if (full && impair_has_room(&wire->impair))
		update_ready(wire);
}

static void send_frame(struct wire *wire)
{
	uint64_t now = *wire->pins->now;

	if (wire->sent_size < FRAME_PADDED) {
		memset(wire->sent + wire->sent_size, 0, FRAME_PADDED - wire->sent_size);
		wire->sent_size = FRAME_PADDED;
	}
	if (!wire->up) {
		wire->stats->tx_no_carrier++;
		return;
	}
	pcap_frame(&wire->pcap, wire->sent, wire->sent_size, now);
	if (wire->impaired)
		impair_submit(&wire->impair, wire->sent, wire->sent_size, now);
	else if (impair_wake_time(&wire->impair) != UINT64_MAX ||
		 !deliver(wire, wire->sent, wire->sent_size))
		impair_queue(&wire->impair, wire->sent, wire->sent_size, now);
	flush(wire, now);
	if (!is_ready(wire))
		update_ready(wire);
}

/* ------------------------------------------------------------- from the RTL */

static void break_contract(struct wire *wire, const char *what)
{
	log_limited(&contract_limit, LOG_LEVEL_ERROR, "the RTL broke its stream contract: %s",
		    what);
	wire->sent_bad = true;
}

static void end_frame(struct wire *wire)
{
	struct stats *stats = wire->stats;

	if (wire->sent_bad)
		stats->tx_bad++;
	else if (wire->sent_size > FRAME_MOST)
		stats->tx_oversize++;
	else if (wire->sent_size < FRAME_LEAST)
		stats->tx_runts++;
	else
		send_frame(wire);
	wire->sent_size = 0;
	wire->sent_ended = false;
	wire->sent_bad = false;
}

void wire_take_beat(struct wire *wire)
{
	const struct rtl_pins *pins = wire->pins;
	uint64_t keep = *pins->tx_keep;
	uint32_t size = (uint32_t)__builtin_popcountll(keep);

	if (keep & (keep + 1))
		break_contract(wire, "keep has gaps");
	else if (!keep)
		break_contract(wire, "a beat without data");
	else if (wire->sent_ended)
		break_contract(wire, "a beat that is not full is not the last");
	wire->sent_ended = size < WIRE_BEAT;
	/* What is longer than any frame is counted and not kept */
	if (wire->sent_size <= FRAME_MOST) {
		memcpy(wire->sent + wire->sent_size, pins->tx_data, WIRE_BEAT);
		wire->sent_size += size;
	}
	if (*pins->tx_last)
		end_frame(wire);
}

/* --------------------------------------------------------------- to the RTL */

static void begin_frame(struct wire *wire)
{
	const struct wire_frame *frame = &wire->queue[wire->head % WIRE_QUEUE];

	pcap_frame(&wire->pcap, frame->data, frame->size, *wire->pins->now);
	wire->stats->rx_frames++;
	wire->stats->rx_bytes += frame->size;
}

static void give_beat(struct wire *wire)
{
	const struct wire_frame *frame = &wire->queue[wire->head % WIRE_QUEUE];
	const struct rtl_pins *pins = wire->pins;
	uint32_t left = frame->size - wire->given;
	bool last = left <= WIRE_BEAT;

	memcpy(pins->rx_data, frame->data + wire->given, WIRE_BEAT);
	*pins->rx_keep = left < WIRE_BEAT ? (1ull << left) - 1 : UINT64_MAX;
	*pins->rx_last = last;
	*pins->rx_valid = 1;
	wire->given += WIRE_BEAT;
	if (last) {
		wire->given = 0;
		wire->head++;
	}
}

void wire_step(struct wire *wire)
{
	const struct rtl_pins *pins = wire->pins;

	*pins->tx_ready = is_ready(wire);
	if (wire->head == wire->tail) {
		*pins->rx_valid = 0;
		wire->active = false;
	} else if (wire->given) {
		give_beat(wire);
	} else if (*pins->pause) {
		*pins->rx_valid = 0;
	} else {
		begin_frame(wire);
		give_beat(wire);
	}
}

/* ------------------------------------------------------------ from the link */

static bool has_room(const struct wire *wire)
{
	return wire->tail - wire->head < WIRE_QUEUE;
}

/* For what comes next from the socket */
static bool may_receive(const struct wire *wire)
{
	return has_room(wire) && impair_has_room(&wire->impair_in);
}

static void set_up(struct wire *wire)
{
	bool up = wire->carrier == CARRIER_UP ||
		  (wire->carrier == CARRIER_AUTO && wire->link.kind != LINK_NONE &&
		   wire->link.peer);

	if (up == wire->up)
		return;
	wire->up = up;
	*wire->pins->link_up = up;
	wire->stats->carrier_changes++;
	if (!up) {
		/* What was on the cable is lost with it */
		wire->stats->tx_no_carrier += impair_flush(&wire->impair);
		wire->stats->rx_no_carrier += impair_flush(&wire->impair_in);
		unblock(wire);
		update_ready(wire);
	}
	log_info("carrier %s", up ? "on" : "off");
}

static void enqueue(struct wire *wire)
{
	wire->tail++;
	wire->active = true;
}

/* What the bad wire lets go now takes its place behind what is in the queue already */
static void flush_in(struct wire *wire, uint64_t now)
{
	const struct frame *from;

	while (has_room(wire) && (from = impair_due(&wire->impair_in, now)) != NULL) {
		struct wire_frame *frame = &wire->queue[wire->tail % WIRE_QUEUE];

		memcpy(frame->data, from->data, from->size);
		memset(frame->data + from->size, 0, WIRE_BEAT);
		frame->size = from->size;
		impair_pop(&wire->impair_in);
		enqueue(wire);
	}
}

/* frame is the queue's next place */
static void accept_frame(struct wire *wire, struct wire_frame *frame, size_t size, uint64_t now)
{
	struct stats *stats = wire->stats;

	if (size > FRAME_MOST) {
		stats->rx_oversize++;
		return;
	}
	if (size < FRAME_LEAST) {
		stats->rx_runts++;
		return;
	}
	if (!wire->up) {
		stats->rx_no_carrier++;
		return;
	}
	/* The sender's MAC would have padded it; its last beat ends in zeros in any case */
	memset(frame->data + size, 0, WIRE_BEAT);
	frame->size = size < FRAME_PADDED ? FRAME_PADDED : (uint32_t)size;
	if (wire->impaired_in)
		impair_submit(&wire->impair_in, frame->data, frame->size, now);
	else if (impair_wake_time(&wire->impair_in) != UINT64_MAX)
		impair_queue(&wire->impair_in, frame->data, frame->size, now);
	else
		enqueue(wire);
	flush_in(wire, now);
}

static void receive(struct wire *wire, uint64_t now)
{
	int i;

	for (i = 0; i < BURST && may_receive(wire); i++) {
		struct wire_frame *frame = &wire->queue[wire->tail % WIRE_QUEUE];
		ssize_t size = link_receive(&wire->link, frame->data, FRAME_MOST);

		if (size == LINK_NOTHING)
			break;
		/* Whoever sends is there */
		set_up(wire);
		accept_frame(wire, frame, (size_t)size, now);
	}
}

int wire_fd(const struct wire *wire)
{
	return may_receive(wire) ? wire->link.fd : -1;
}

/* ------------------------------------------------------------------- events */

bool wire_work(struct wire *wire, uint64_t now)
{
	bool up = wire->up;

	flush_in(wire, now);
	receive(wire, now);
	if (impair_wake_time(&wire->impair) <= now)
		flush(wire, now);
	set_up(wire);
	/* A frame that waits for pause_o is nothing new */
	return up != wire->up || !wire_is_idle(wire);
}

uint64_t wire_wake_time(const struct wire *wire)
{
	uint64_t out = wire->blocked ? UINT64_MAX : impair_wake_time(&wire->impair);
	/* A full queue empties with the RTL's clock, and wire_work() is called then */
	uint64_t in = has_room(wire) ? impair_wake_time(&wire->impair_in) : UINT64_MAX;

	return out < in ? out : in;
}

static bool needs_ticks(const struct wire *wire)
{
	return wire->link.kind == LINK_UNIX || pcap_waits(&wire->pcap);
}

uint64_t wire_tick_time(const struct wire *wire)
{
	if (wire->blocked)
		return clock_ns() + RETRY_NS;
	return needs_ticks(wire) ? wire->next_look : UINT64_MAX;
}

bool wire_tick(struct wire *wire, uint64_t wall)
{
	bool up = wire->up;

	if (wall < wire->next_look)
		return false;
	wire->next_look = wall + TICK_NS;
	link_probe(&wire->link);
	set_up(wire);
	pcap_work(&wire->pcap);
	return up != wire->up;
}

void wire_set_carrier(struct wire *wire, enum wire_carrier carrier)
{
	wire->carrier = carrier;
	link_probe(&wire->link);
	set_up(wire);
}

void wire_set_impair(struct wire *wire, const struct impair_config *config, uint64_t now)
{
	impair_set(&wire->impair, config, now);
	wire->impaired = !impair_is_off(&wire->impair);
}

void wire_set_impair_in(struct wire *wire, const struct impair_config *config, uint64_t now)
{
	impair_set(&wire->impair_in, config, now);
	wire->impaired_in = !impair_is_off(&wire->impair_in);
}

/* -------------------------------------------------------- power on and reset */

void wire_reset(struct wire *wire)
{
	wire->stats->rx_flushed += wire->tail - wire->head;
	wire->head = wire->tail;
	wire->given = 0;
	wire->sent_size = 0;
	wire->sent_ended = false;
	wire->sent_bad = false;
	*wire->pins->rx_valid = 0;
	*wire->pins->rx_last = 0;
	*wire->pins->rx_bad = 0;
	*wire->pins->tx_ready = is_ready(wire);
	wire->active = false;
}

int wire_init(struct wire *wire, const struct wire_options *options, const struct rtl_pins *pins,
	      struct stats *stats)
{
	const char *reason;

	memset(wire, 0, sizeof(*wire));
	wire->pins = pins;
	wire->stats = stats;
	*pins->link_up = 0;
	impair_init(&wire->impair, stats);
	impair_init(&wire->impair_in, stats);
	pcap_init(&wire->pcap, stats);
	if (link_open(&wire->link, options->link ? options->link : "none"))
		return -1;
	if (options->pcap) {
		reason = pcap_start(&wire->pcap, options->pcap);
		if (reason) {
			log_error("%s: %s", options->pcap, reason);
			link_close(&wire->link);
			return -1;
		}
	}
	wire_set_impair(wire, &options->impair, 0);
	wire_set_impair_in(wire, &options->impair_in, 0);
	wire_set_carrier(wire, options->carrier);
	return 0;
}

void wire_destroy(struct wire *wire)
{
	pcap_stop(&wire->pcap);
	impair_destroy(&wire->impair);
	impair_destroy(&wire->impair_in);
	link_close(&wire->link);
}
