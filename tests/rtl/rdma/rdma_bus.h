/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The host's side of tb_rdma.sv: a program in C that runs as a coroutine of the simulation. It
 * reaches registers and doorbells by bus(), host memory by tb_mem.h, and waits by letting the
 * simulation go on for some cycles. Nothing else costs simulated time.
 *
 * A bench that is built from this folder has one function host_program(), which calls the program
 * that the simulation was started with. It ends by returning; fail() ends the simulation at once.
 */
#ifndef RDMA_BUS_H
#define RDMA_BUS_H

#include <stdbool.h>
#include <stdint.h>

#define NODES 2u

/* As in tb_rdma.sv */
enum bus_op {
	BUS_FINISH,
	BUS_WAIT,	/* a: cycles */
	BUS_READ,	/* register a */
	BUS_WRITE,	/* register a := b */
	BUS_STORE,	/* BAR 2 at a := b: a doorbell, or a word of a push page */
	BUS_IDLE,	/* result: both adapters have nothing to do, and no frame is on its way */
	BUS_KNOB,	/* enum knob a := b */
	BUS_COUNT,	/* result: enum count a */
	BUS_IRQ		/* result: a bit for each vector that has fired since the last time */
};

/* What the host can turn. Of the memory and the receiver's side of the wire, by node */
enum knob {
	KNOB_MEM_STALL,		/* percent of cycles in which AXI readies and answers are held back */
	KNOB_MEM_LAT_MIN,	/* cycles from request to answer */
	KNOB_MEM_LAT_MAX,
	KNOB_MEM_REORDER,	/* answers in any order */
	KNOB_WIRE_STALL,	/* percent of cycles in which the wire takes nothing, and gives nothing */
	KNOB_WIRE_DELAY,	/* cycles that a frame is under way */
	KNOB_WIRE_JITTER,	/* and up to so many more; frames keep their order */
	KNOB_WIRE_DROP,		/* the following in frames of 100,000 */
	KNOB_WIRE_DUP,
	KNOB_WIRE_SWAP,		/* the frame comes behind some of those after it */
	KNOB_WIRE_CORRUPT,	/* one bit is turned over */
	KNOB_WIRE_CUT,		/* 1: nothing passes */
	KNOB_WIRE_HOLD,		/* 1: frames wait in the wire until it is 0 again */
	KNOB_WIRE_PAUSE,	/* 1, as from the start: it obeys the receiver's pause */
	KNOB_GATING,		/* 1: clocks stand still while adapters are idle; of both nodes */
	KNOB_WIRE_TAP,		/* 1: wire_seen is called */
	KNOB_WIRE_INJECT	/* percent of the times at which a frame could begin: wire_next is asked first */
};

/* Of the wire towards a node */
enum count {
	COUNT_CYCLES,		/* since the start; of no node */
	COUNT_FRAMES,		/* taken from the sender */
	COUNT_DROPPED,
	COUNT_DUPLICATED,
	COUNT_SWAPPED,
	COUNT_CORRUPTED,
	COUNT_PAUSES,		/* cycles in which the receiver asked for a pause */
	COUNT_OVERRUNS		/* frames for which the receiver had no room */
};

uint64_t bus(enum bus_op op, uint32_t node, uint64_t a, uint64_t b);
void bus_wait(uint32_t cycles);
void bus_knob(uint32_t node, enum knob knob, uint64_t value);
uint64_t bus_count(uint32_t node, enum count what);
uint64_t bus_now(void);			/* ns, as now_i was when the last call of bus() ended */
void bus_wait_idle(const char *when);	/* both adapters; fails if that does not come */

/* What the simulation was started with: +program=, +seed=, +count= */
const char *bus_program(void);
uint64_t bus_count_wanted(void);
uint64_t bus_seed(void);

/* What passes on the wire to a node, and what else is to pass there. Called by the wire at any time, so
 * they must not use bus()
 */
struct wire_beat {
	uint8_t bytes[64];
	uint32_t len;
	bool last;
};

extern void (*wire_seen)(uint32_t to, const struct wire_beat *beat);
extern bool (*wire_next)(uint32_t to, struct wire_beat *beat);	/* false: there is no frame */

/* Random numbers, from the seed */
uint64_t rnd64(void);
uint32_t rnd(uint32_t below);			/* 0 to below - 1 */
uint32_t rnd_range(uint32_t low, uint32_t high);	/* both included */
bool chance(uint32_t percent);

/* Fields by the masks of tern_hw.h */
uint64_t put(uint64_t mask, uint64_t value);
uint64_t get(uint64_t mask, uint64_t word);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says what is wrong, calls fail_hook once if there is one, and ends the simulation */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
extern void (*fail_hook)(void);

#define check(ok, ...)                     \
	do {                               \
		if (!(ok))                 \
			fail(__VA_ARGS__); \
	} while (0)

void host_program(void);

/* Called by tb_rdma.sv */
void rdma_start(const char *program, uint64_t seed, uint64_t count);
void rdma_step(uint64_t result, uint64_t now, uint32_t *op, uint32_t *node, uint64_t *a, uint64_t *b);

/* By tb_rdma_wire.sv; data are words as in svdpi.h */
void rdma_wire_seen(uint32_t to, const uint32_t *data, uint64_t keep, unsigned char last);
unsigned char rdma_wire_next(uint32_t to, uint32_t *data, uint64_t *keep, unsigned char *last);

#endif
