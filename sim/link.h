/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The cable: a datagram socket that carries one Ethernet frame in each datagram, as QEMU's
 * -netdev dgram does. Nothing here blocks, and a peer that is not there is no error.
 */
#ifndef SIM_LINK_H
#define SIM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

enum link_kind { LINK_NONE, LINK_UNIX, LINK_UDP };

struct link {
	enum link_kind kind;
	int fd;
	struct sockaddr_un local;	/* LINK_UNIX */
	struct sockaddr_un remote;
	dev_t device;			/* which file we made */
	ino_t inode;
	bool peer;			/* the other end is there, as far as can be known */
};

enum link_verdict {
	LINK_SENT,
	LINK_FULL,			/* the peer takes no more for now */
	LINK_LOST,			/* nobody is there */
};

#define LINK_NOTHING	(-1)

/* What --link says; endpoint.c. 0, or -1 with the reason logged */
int link_open(struct link *link, const char *text);
/* Only whether it is well formed */
bool link_check(const char *text);
void link_close(struct link *link);

enum link_verdict link_send(struct link *link, const uint8_t *data, size_t size);
/* One datagram: its whole length, which may be more than the room; LINK_NOTHING: none now */
ssize_t link_receive(struct link *link, uint8_t *data, size_t room);

/* Somebody has bound this path */
bool link_is_served(const struct sockaddr_un *address);
/* Look whether the peer has come or gone: to be called now and then, if it can be known at all */
void link_probe(struct link *link);

#endif
