// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl.h"
#include "loop.h"
#include "options.h"
#include "server.h"
#include "socket.h"

#define EXIT_USAGE	2

static struct stats stats;
static struct adapter adapter;
static struct server server;
static struct ctl ctl;

static int run(const struct options *options)
{
	struct listener listener;
	struct loop loop;

	server_init(&server, &adapter, &stats);
	/* First, so that a signal leaves nothing behind, whatever the rest has set up by then */
	if (loop_init(&loop, &server, &listener, &ctl))
		return EXIT_FAILURE;
	if (adapter_init(&adapter, &options->adapter, &stats))
		goto err_destroy_loop;
	if (ctl_open(&ctl, &adapter, options->ctl))
		goto err_destroy_adapter;
	if (listener_open(&listener, options->socket))
		goto err_close_ctl;

	loop_run(&loop);

	listener_close(&listener);
	server_detach(&server);
	ctl_close(&ctl);
	adapter_destroy(&adapter);
	loop_destroy(&loop);
	if (options->stats)
		stats_print(&stats, stdout);
	return EXIT_SUCCESS;

err_close_ctl:
	ctl_close(&ctl);
err_destroy_adapter:
	adapter_destroy(&adapter);
err_destroy_loop:
	loop_destroy(&loop);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct options options;

	signal(SIGPIPE, SIG_IGN);
	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_RUN:
		return run(&options);
	case OPTIONS_HELP:
		return EXIT_SUCCESS;
	default:
		return EXIT_USAGE;
	}
}
