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
static uint64_t answer, now_ns, random_state, wanted;
static char program_name[64];
static bool failing;
void (*fail_hook)(void);

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
