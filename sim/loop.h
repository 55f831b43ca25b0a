/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Waits for clients, messages, timers and signals; clocks the adapter in between. */
#ifndef SIM_LOOP_H
#define SIM_LOOP_H

#include "ctl.h"
#include "server.h"
#include "socket.h"

struct loop {
	struct server *server;
	struct adapter *adapter;
	struct listener *listener;
	struct ctl *ctl;
	struct stats *stats;
	int signals;
	bool stop;
	uint64_t busy_since;
	unsigned int batch;		/* cycles between two looks at the client's socket */
	unsigned int unpolled;		/* cycles since all descriptors were looked at */
	unsigned int unlooked;		/* cycles since the link was looked at */
};

/* Blocks the signals that the loop handles. 0, or -1 with a log line */
int loop_init(struct loop *loop, struct server *server, struct listener *listener,
	      struct ctl *ctl);
/* Until SIGTERM or SIGINT */
void loop_run(struct loop *loop);
void loop_destroy(struct loop *loop);

#endif
