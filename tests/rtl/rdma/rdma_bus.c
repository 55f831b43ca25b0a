// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// The coroutine that is the host, see rdma_bus.h

#include "rdma_bus.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define IDLE_PATIENCE 20000u	/* times 100 cycles */

static ucontext_t host_context, sim_context;
static char stack[1 << 20];
static struct {
	enum bus_op op;
	uint32_t node;
	uint64_t a, b;
} request;
static uint64_t answer, now_ns, random_state, wanted, first_seed;
static char program_name[64];
static bool failing;
void (*fail_hook)(void);
void (*wire_seen)(uint32_t to, const struct wire_beat *beat);
bool (*wire_next)(uint32_t to, struct wire_beat *beat);

uint64_t bus(enum bus_op op, uint32_t node, uint64_t a, uint64_t b)
{
	request.op = op;
	request.node = node;
	request.a = a;
	request.b = b;
	swapcontext(&host_context, &sim_context);
	return answer;
}

void bus_wait(uint32_t cycles)
{
	bus(BUS_WAIT, 0, cycles, 0);
}

void bus_knob(uint32_t node, enum knob knob, uint64_t value)
{
	bus(BUS_KNOB, node, knob, value);
}

uint64_t bus_count(uint32_t node, enum count what)
{
	return bus(BUS_COUNT, node, what, 0);
}

uint64_t bus_now(void)
{
	return now_ns;
}

void bus_wait_idle(const char *when)
{
	for (uint32_t k = 0; !bus(BUS_IDLE, 0, 0, 0); k++) {
		check(k < IDLE_PATIENCE, "not idle %s", when);
		bus_wait(100);
	}
}

const char *bus_program(void)
{
	return program_name;
}

uint64_t bus_count_wanted(void)
{
	return wanted;
}

uint64_t bus_seed(void)
{
	return first_seed;
}

uint64_t put(uint64_t mask, uint64_t value)
{
	return value << __builtin_ctzll(mask) & mask;
}

uint64_t get(uint64_t mask, uint64_t word)
{
	return (word & mask) >> __builtin_ctzll(mask);
}

uint64_t rnd64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint32_t rnd(uint32_t below)
{
	return (uint32_t)(((rnd64() >> 32) * below) >> 32);
}

uint32_t rnd_range(uint32_t low, uint32_t high)
{
	return low + rnd(high - low + 1);
}

bool chance(uint32_t percent)
{
	return rnd(100) < percent;
}

void say(const char *format, ...)
{
	va_list args;

	printf("rdma: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" at %llu us\n", (unsigned long long)now_ns / 1000);
	fflush(stdout);
}

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "FAILED at %llu ns: ", (unsigned long long)now_ns);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	if (!failing && fail_hook) {
		failing = true;
		fail_hook();
	}
	exit(1);
}

static void host_main(void)
{
	host_program();
	bus(BUS_FINISH, 0, 0, 0);
}

void rdma_start(const char *program, uint64_t seed, uint64_t count)
{
	snprintf(program_name, sizeof(program_name), "%s", program);
	first_seed = seed;
	random_state = seed * 0x9e3779b97f4a7c15ull + 1;
	wanted = count;
	if (getcontext(&host_context))
		abort();
	host_context.uc_stack.ss_sp = stack;
	host_context.uc_stack.ss_size = sizeof(stack);
	makecontext(&host_context, host_main, 0);
}

void rdma_step(uint64_t result, uint64_t now, uint32_t *op, uint32_t *node, uint64_t *a, uint64_t *b)
{
	answer = result;
	now_ns = now;
	swapcontext(&sim_context, &host_context);
	*op = request.op;
	*node = request.node;
	*a = request.a;
	*b = request.b;
}

void rdma_wire_seen(uint32_t to, const uint32_t *data, uint64_t keep, unsigned char last)
{
	struct wire_beat beat = { .last = last };

	if (!wire_seen)
		return;
	while (beat.len < 64 && keep >> beat.len & 1)
		beat.len++;
	for (uint32_t k = 0; k < 64; k++)
		beat.bytes[k] = (uint8_t)(data[k / 4] >> (8 * (k % 4)));
	wire_seen(to, &beat);
}

unsigned char rdma_wire_next(uint32_t to, uint32_t *data, uint64_t *keep, unsigned char *last)
{
	struct wire_beat beat = { .len = 0 };

	if (!wire_next || !wire_next(to, &beat))
		return 0;
	for (uint32_t w = 0; w < 16; w++)
		data[w] = (uint32_t)beat.bytes[4 * w] | (uint32_t)beat.bytes[4 * w + 1] << 8 |
			  (uint32_t)beat.bytes[4 * w + 2] << 16 | (uint32_t)beat.bytes[4 * w + 3] << 24;
	*keep = beat.len >= 64 ? ~0ull : (1ull << beat.len) - 1;
	*last = beat.last;
	return 1;
}
