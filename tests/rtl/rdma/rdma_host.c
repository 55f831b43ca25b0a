// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Chooses the program, and tells what the adapters know when one fails

#include <stdio.h>
#include <string.h>

#include "rdma_adapter.h"
#include "rdma_programs.h"

static void show_adapters(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		struct stats stats;
		struct ae ae;

		while (ae_poll(i, &ae))
			fprintf(stderr, "node %u: event %x of %u, detail %llx\n", i, ae.code, ae.id,
				(unsigned long long)ae.detail);
		node_stats(i, &stats);
		for (uint32_t k = 0; k < 64; k++)
			if (stat_name(k) && stats.counter[k])
				fprintf(stderr, "node %u: %s %llu\n", i, stat_name(k),
					(unsigned long long)stats.counter[k]);
	}
}

void host_program(void)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} programs[] = {
		{ "basic", program_basic },
		{ "self", program_self },
		{ "random", program_random },
		{ "errors", program_errors },
		{ "reads", program_reads },
		{ "states", program_states },
	};

	fail_hook = show_adapters;
	for (uint32_t k = 0; k < sizeof(programs) / sizeof(programs[0]); k++) {
		size_t len = strlen(programs[k].name);
		const char *rest = bus_program() + len;

		/* What is behind a dot is the program's own */
		if (!strncmp(programs[k].name, bus_program(), len) && (!*rest || *rest == '.')) {
			programs[k].run();
			return;
		}
	}
	fail_hook = NULL;
	fail("no program is called %s", bus_program());
}
