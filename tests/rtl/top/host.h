/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The host of the top-level bench: what the adapter looks like to a driver, and a model of what
 * it must answer. Runs as a coroutine of the simulation; every bus operation below lets the
 * simulation run until it is done.
 *
 *   host_bus.c     coroutine, bus operations, random numbers
 *   host_model.c   what each command must come to
 *   host_build.c   random commands
 *   host_events.c  event queues, the CCQ, interrupts
 *   host_bringup.c what a driver does first
 *   host_life.c    posting and completing, random traffic, resets
 *   host_perf.c    cycles per NOP
 *   host_faults.c  faults that end the life of a queue, one by one
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tb_mem.h"
#include "tern_hw.h"

#define KINDS 6u
#define CEQS 32u
#define AEQ CEQS /* index behind the CEQs */
#define VECTORS 64u
#define PAGES 1024u
#define GIDS 128u
#define MAX_QPS 16384u
#define SDS 1024u
#define SD_BYTES (1ull << 21)
#define PAGE 4096ull
#define NO_CQ UINT32_MAX
#define BAD_DOORBELL_PERIOD_NS 1000000u /* between two events for them */

/* ------------------------------------------------------------------ bus (host_bus.c) */

extern uint64_t now_ns, cycles;

uint32_t reg_read(uint32_t offset);
void reg_write(uint32_t offset, uint32_t value);
/* Returns the cycle in which it was taken */
uint64_t store(uint32_t addr, uint64_t data, uint32_t strobes);
uint64_t doorbell(uint32_t page, uint32_t offset, uint64_t word);
/* Fewer if an interrupt comes; returns the cycle of the last interrupt */
uint64_t wait_cycles(uint64_t n);
/* All of them */
void rest(uint64_t n);
void pulse_reset(void);
void set_link(bool up);
void set_knobs(uint32_t stall_percent, uint32_t latency_min, uint32_t latency_max, bool gating,
	       uint32_t ns_per_cycle);
uint64_t bus_bursts(void);

void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
#define check(ok, ...)              \
	do {                        \
		if (!(ok))          \
			fail(__VA_ARGS__); \
	} while (0)

/* What is being tried, for the message of a failure */
void set_fault(const char *name);

uint32_t rnd(uint32_t below);
uint32_t between(uint32_t low, uint32_t high);
uint64_t rnd64(void);
bool chance(uint32_t percent);

/* Fields of the contract, by their masks */
static inline uint64_t put(uint64_t mask, uint64_t value)
{
	return value << __builtin_ctzll(mask) & mask;
}

static inline uint64_t get(uint64_t mask, uint64_t word)
{
	return (word & mask) >> __builtin_ctzll(mask);
}

/* ------------------------------------------------------------------------- the model */

struct outcome {
	uint16_t major;
	uint16_t minor;
	uint64_t result;
};

struct command {
	uint64_t wqe[8];
	struct outcome want;
	bool in_ccq;		/* completes there, not in the registers only */
	uint64_t posted_ns;
	uint64_t buffer;	/* written if the command succeeds */
	uint32_t buffer_bytes;
	uint8_t content[256];	/* what must be there; QUERY_STATS is looked at by its reader */
};

enum segment_kind { SEG_NONE, SEG_DIRECT, SEG_PAGED };

struct eq {
	bool exists;
	uint64_t ring;
	uint32_t log_size;
	uint32_t vector;
	uint32_t consumer;
};

struct cq {
	bool exists;
	uint32_t num;
	uint32_t page;	/* doorbell page */
	bool ceq_valid;
	uint32_t ceq;
};

#define POOL 24u	/* CQ numbers that a life works with */

struct ccq {
	bool exists;
	uint32_t num;
	uint32_t page;
	uint32_t ceq;
	uint32_t log_size;
	bool paged;
	uint32_t page_shift;
	uint64_t pages[64]; /* of the ring; one if contiguous */
	uint32_t consumer;
	bool by_event;	/* the host waits for events, else it polls */
	bool armed;
	bool every;	/* arms with mode every only */
};

struct ae {
	uint64_t detail;
	uint32_t code, source, id;
};

struct model {
	uint64_t base;	/* of this life's part of host memory */
	/* CQP */
	uint64_t ring;
	uint32_t log_size;
	uint32_t posted, completed;
	struct command commands[64]; /* posted, by index */
	/* HMC */
	uint32_t count[KINDS];
	uint64_t kind_base[KINDS];
	uint8_t segment[SDS];
	uint32_t cq_sd, cq_sds;	/* segments of the CQ contexts: fixed for the life */
	uint32_t pble_sd;
	uint32_t pble_next;	/* first page-list entry that no CQ uses */
	/* queues */
	struct eq eq[CEQS + 1];
	struct cq cq[POOL];
	struct ccq ccq;
	uint8_t gid[GIDS][64];
	/* vectors */
	bool armed[VECTORS], triggered[VECTORS];
	uint32_t fired[VECTORS];	/* not looked at yet */
	/* events that must come or be counted as lost */
	struct ae expected[4096];
	uint32_t expected_count;
	uint32_t bad_doorbells, bad_reported, ae_received;
	bool ae_overflow;
	uint64_t born_ns;
	/* what the statistics must say */
	uint64_t done, failed, cqes, ceqes, irqs, doorbells;
};

extern struct model m;

/* Totals of the run, for the last line */
struct totals {
	uint64_t commands, failed, ccqes, ceqes, aeqes, irqs, bad_doorbells, lives, resets;
	uint64_t ops[64];
	uint64_t minors[64];	/* codes that commands came to */
};

extern struct totals totals;

/* host_model.c: brings the model to where the command leaves the adapter */
void model_command(struct command *c);
/* What an access to the context of a CQ comes to: minor code of class hmc, or 0 */
uint16_t model_cq_access(uint32_t num);
void model_layout(const uint32_t *count, uint64_t *base, uint32_t *used);
uint32_t model_log_size(uint32_t kind);
uint32_t model_limit(uint32_t kind);
void model_expect_ae(uint32_t code, uint32_t source, uint32_t id, uint64_t detail);

/* host_build.c */
void build_random(struct command *c);
void build_header(struct command *c, uint32_t op, uint32_t id);
void build_cq(struct command *c, uint32_t num, uint64_t ring, uint64_t attr, uint64_t moderation);
void build_eq(struct command *c, uint32_t op, uint32_t id, uint64_t ring, uint32_t log_size,
	      uint32_t vector);
uint64_t buffer_for(uint32_t slot);

/* host_events.c */
void arm_vector_of(uint32_t eq);
void arm_ccq(void);
bool ccq_has_entry(void);
uint64_t ccq_entry(uint32_t index);
void service(void);
/* Waits until every expected event has come */
void wait_events(void);
void ring_badly(void);
void check_events_settled(void);
void forget_bad_doorbells(void);

/* host_bringup.c */
void check_fresh(void);
void begin_life(void);
void make_eq(uint32_t e, uint32_t log_size, uint32_t vector);
uint64_t place_ccq_ring(void);
void make_ccq(uint32_t num, uint64_t ring, uint32_t mode);
void drop_ccq(void);
/* AEQ on vector 0, CEQ 0 on vector 1 and a contiguous CCQ of 512 entries, all armed */
void bring_up_plainly(void);
void bring_up_randomly(void);
void make_random_ccq(void);	/* if there is a place for one */

/* host_life.c: posting and completing */
struct command *next_command(void);
void post(void);	/* the command of next_command() */
void ring_cqp(void);
void wait_commands(void);
void command_done(struct command *c, const struct outcome *got);
/* Posts one command and waits for it */
void run(void);
void run_ok(void);
void reset_by_register(void);

/* What the bench does, by +program= */
enum program { PROGRAM_RANDOM, PROGRAM_PERF, PROGRAM_FAULTS };

void host_random(uint64_t count);
void host_perf(void);
void host_faults(void);

#endif
