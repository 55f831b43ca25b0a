/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "adapter.h"

struct options {
	const char *socket;
	const char *ctl;	/* NULL: no control socket */
	bool stats;
	struct adapter_options adapter;
};

enum options_verdict {
	OPTIONS_RUN,
	OPTIONS_HELP,		/* was printed */
	OPTIONS_WRONG,		/* the reason was printed */
};

enum options_verdict options_parse(struct options *options, int argc, char **argv);

#endif
