/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The UNIX socket that clients connect to, and its place in the file system. */
#ifndef SIM_SOCKET_H
#define SIM_SOCKET_H

#include <sys/types.h>

struct listener {
	int fd;
	const char *path;
	dev_t device;		/* which file we made: another server may have replaced it */
	ino_t inode;
};

/* A live server keeps its path, a dead one's socket is replaced. 0, or -1 with a log line. */
int listener_open(struct listener *listener, const char *path);
/* Also removes the path */
void listener_close(struct listener *listener);
/* The next client, non-blocking; -1: none */
int listener_accept(struct listener *listener);

#endif
