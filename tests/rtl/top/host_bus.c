// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The coroutine of the host. The simulation calls host_step(), which runs the host until it wants
 * something of the bus; the host's own code reads like a driver.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "host.h"

/* As in tb_top.sv */
enum op { OP_FINISH, OP_WAIT, OP_READ, OP_WRITE, OP_DOORBELL, OP_RESET, OP_LINK, OP_KNOBS,
	  OP_COUNT };

static ucontext_t host_context, sim_context;
static char stack[1 << 20];
static struct {
	enum op op;
	uint64_t a, b, c;
} request;
static uint64_t answer;
static uint64_t random_state;
static uint64_t commands_wanted;
static uint32_t program_wanted;

uint64_t now_ns, cycles;

static void host_program(void)
{
	switch (program_wanted) {
	case PROGRAM_PERF:
		host_perf();
		break;
	case PROGRAM_FAULTS:
		host_faults();
		break;
	default:
		host_random(commands_wanted);
	}
	request.op = OP_FINISH;
	swapcontext(&host_context, &sim_context);
}

static uint64_t bus(enum op op, uint64_t a, uint64_t b, uint64_t c)
{
	request.op = op;
	request.a = a;
	request.b = b;
	request.c = c;
	swapcontext(&host_context, &sim_context);
	return answer;
}

void host_start(uint64_t seed, uint64_t count, uint32_t program)
{
	random_state = seed * 0x9e3779b97f4a7c15ull + 1;
	commands_wanted = count;
	program_wanted = program;
	if (getcontext(&host_context))
		abort();
	host_context.uc_stack.ss_sp = stack;
	host_context.uc_stack.ss_size = sizeof(stack);
	makecontext(&host_context, host_program, 0);
}

void host_step(uint64_t result, uint64_t now, uint64_t cycle, uint32_t *op, uint64_t *a,
	       uint64_t *b, uint64_t *c)
{
	answer = result;
	now_ns = now;
	cycles = cycle;
	swapcontext(&sim_context, &host_context);
	*op = request.op;
	*a = request.a;
	*b = request.b;
	*c = request.c;
}

/* Called while the host waits for the bus */
void host_irq(uint32_t vector)
{
	check(m.armed[vector] || m.triggered[vector], "interrupt on vector %u, which is not armed",
	      vector);
	m.armed[vector] = false;
	m.triggered[vector] = false;
	m.fired[vector]++;
	m.irqs++;
}

uint32_t reg_read(uint32_t offset)
{
	return (uint32_t)bus(OP_READ, offset, 0, 0);
}

void reg_write(uint32_t offset, uint32_t value)
{
	bus(OP_WRITE, offset, value, 0);
}

uint64_t store(uint32_t addr, uint64_t data, uint32_t strobes)
{
	if (addr < TERN_HW_DB_SPACE_PUSH)
		m.doorbells++;
	return bus(OP_DOORBELL, addr, data, strobes);
}

uint64_t doorbell(uint32_t page, uint32_t offset, uint64_t word)
{
	return store(page * (uint32_t)PAGE + offset, word, 0xff);
}

uint64_t wait_cycles(uint64_t n)
{
	return bus(OP_WAIT, n, 0, 0);
}

void rest(uint64_t n)
{
	uint64_t end = cycles + n;

	while (cycles < end)
		wait_cycles(end - cycles);
}

void pulse_reset(void)
{
	bus(OP_RESET, 0, 0, 0);
}

void set_link(bool up)
{
	bus(OP_LINK, up, 0, 0);
}

void set_knobs(uint32_t stall_percent, uint32_t latency_min, uint32_t latency_max, bool gating,
	       uint32_t ns_per_cycle)
{
	bus(OP_KNOBS, stall_percent, (uint64_t)latency_min << 32 | latency_max,
	    (uint64_t)gating << 32 | ns_per_cycle);
}

uint64_t bus_bursts(void)
{
	return bus(OP_COUNT, 0, 0, 0);
}

static const char *fault = "";

void set_fault(const char *name)
{
	fault = name;
}

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "FAILED at cycle %llu, command %u of life %llu: %s: ",
		(unsigned long long)cycles, m.completed, (unsigned long long)totals.lives, fault);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

uint64_t rnd64(void)
{
	/* splitmix64 */
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint32_t rnd(uint32_t below)
{
	return (uint32_t)(rnd64() % below);
}

uint32_t between(uint32_t low, uint32_t high)
{
	return low + rnd(high - low + 1);
}

bool chance(uint32_t percent)
{
	return rnd(100) < percent;
}
