/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * One connection with a vfio-user client: messages in, replies out.
 *
 * Nothing here blocks. What has come of a message waits in the receive buffer for the rest; a
 * reply that the socket does not take waits in the send buffer, and until it has gone no further
 * request is read, so a client that does not listen costs one buffer.
 */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapter.h"
#include "protocol.h"
#include "stats.h"

struct server {
	struct adapter *adapter;
	struct stats *stats;
	int fd;				/* -1: no client */
	bool negotiated;
	bool closing;			/* close when the reply has gone */
	uint32_t max_xfer;		/* bytes in one region access that both sides allow */

	uint8_t received[VU_MAX_MESSAGE] __attribute__((aligned(8)));
	size_t have;
	int fds[VU_MAX_FDS];		/* came with the message; owned */
	unsigned int fd_count;
	bool too_many_fds;

	uint8_t reply[VU_MAX_MESSAGE] __attribute__((aligned(8)));
	size_t reply_size;		/* 0: none under way */
	size_t reply_sent;
};

/* A complete request, as a handler sees it */
struct request {
	const void *payload;
	uint32_t size;
	int *fds;			/* a handler that keeps one puts -1 in its place */
	unsigned int fd_count;
};

/* The payload of the answer */
struct answer {
	void *payload;			/* VU_MAX_MESSAGE - sizeof(struct vu_header) bytes */
	uint32_t size;
};

enum server_progress {
	SERVER_WAITING,			/* nothing to do until poll() says so */
	SERVER_WORKED,
	SERVER_CLOSED,
};

void server_init(struct server *server, struct adapter *adapter, struct stats *stats);
/* Takes the descriptor */
void server_attach(struct server *server, int fd);
/* Ends the connection, if there is one, and resets the adapter */
void server_detach(struct server *server);

/* Handles at most one message. */
enum server_progress server_work(struct server *server);
/* The poll() events that can bring work */
short server_events(const struct server *server);

#endif
