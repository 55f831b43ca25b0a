/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The control socket: a line of text in, a line of JSON back. For people and tests, by
 * scripts/tern-ctl. A client that does not read its answers is not read from either.
 */
#ifndef SIM_CTL_H
#define SIM_CTL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "adapter.h"
#include "socket.h"

#define CTL_CLIENTS	8u
#define CTL_LINE	2048u	/* with its newline */
#define CTL_ANSWER	8192u
#define CTL_FDS		(CTL_CLIENTS + 1)

struct ctl_client {
	int fd;			/* -1: none */
	char line[CTL_LINE];
	size_t have;
	char answer[CTL_ANSWER];
	size_t answer_size;	/* 0: none under way */
	size_t answer_sent;
	bool closing;		/* when the answer has gone */
};

struct ctl {
	struct adapter *adapter;
	struct listener listener;	/* fd -1: there is no control socket */
	struct ctl_client clients[CTL_CLIENTS];
};

/* NULL: no control socket. 0, or -1 with the reason logged */
int ctl_open(struct ctl *ctl, struct adapter *adapter, const char *path);
void ctl_close(struct ctl *ctl);

/* What to poll(): CTL_FDS of them */
void ctl_poll(const struct ctl *ctl, struct pollfd *fds);
/* And what poll() said */
void ctl_work(struct ctl *ctl, const struct pollfd *fds);

/* commands.c: one line, without its newline; the answer, without one too */
void ctl_execute(struct adapter *adapter, const char *line, char *answer, size_t room);

#endif
