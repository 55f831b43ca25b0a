// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Chooses the program

#include <string.h>

#include "rdma_adapter.h"
#include "rdma_programs.h"

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
		{ "uc", program_uc },
		{ "ud", program_ud },
		{ "mcast", program_mcast },
		{ "eth", program_eth },
		{ "fuzz", program_fuzz },
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
