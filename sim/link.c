// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "link.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

/* A UDP socket reports refusals of earlier datagrams in place of a result */
#define TRIES	4

static struct log_limit send_limit;

void link_close(struct link *link)
{
	struct stat stat;

	if (link->kind == LINK_NONE)
		return;
	if (link->kind == LINK_UNIX && !lstat(link->local.sun_path, &stat) &&
	    stat.st_dev == link->device && stat.st_ino == link->inode)
		unlink(link->local.sun_path);
	close(link->fd);
	link->fd = -1;
	link->kind = LINK_NONE;
	link->peer = false;
}

static enum link_verdict judge(struct link *link, int error)
{
	switch (error) {
	case EAGAIN:
#if EWOULDBLOCK != EAGAIN
	case EWOULDBLOCK:
#endif
	case EINTR:
	case ENOBUFS:
	case ENOMEM:
		return LINK_FULL;
	case ECONNREFUSED:
	case ENOENT:
	case ENETUNREACH:
	case EHOSTUNREACH:
		break;
	default:
		log_limited(&send_limit, LOG_LEVEL_WARN, "frame lost on the link: %s",
			    strerror(error));
	}
	/* Of a UDP peer nothing is known: it may be there and have been refused once */
	if (link->kind == LINK_UNIX)
		link->peer = false;
	return LINK_LOST;
}

enum link_verdict link_send(struct link *link, const uint8_t *data, size_t size)
{
	struct iovec part = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int tries = link->kind == LINK_UDP ? TRIES : 1;

	if (link->kind == LINK_NONE)
		return LINK_LOST;
	if (link->kind == LINK_UNIX) {
		/* Not connected: a peer that was started anew is found by its name */
		message.msg_name = &link->remote;
		message.msg_namelen = sizeof(link->remote);
	}
	do {
		if (sendmsg(link->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return LINK_SENT;
	} while (errno == ECONNREFUSED && --tries);
	return judge(link, errno);
}

ssize_t link_receive(struct link *link, uint8_t *data, size_t room)
{
	int tries;

	if (link->kind == LINK_NONE)
		return LINK_NOTHING;
	for (tries = 0; tries < TRIES; tries++) {
		ssize_t got = recv(link->fd, data, room, MSG_DONTWAIT | MSG_TRUNC);

		if (got >= 0) {
			link->peer = true;
			return got;
		}
		if (errno != ECONNREFUSED)
			break;
	}
	return LINK_NOTHING;
}

bool link_is_served(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served;

	if (fd < 0)
		return true;
	/* Any other error, such as a peer connected to somebody else, comes from a live socket */
	served = !connect(fd, (const struct sockaddr *)address, sizeof(*address)) ||
		 (errno != ECONNREFUSED && errno != ENOENT);
	close(fd);
	return served;
}

void link_probe(struct link *link)
{
	if (link->kind == LINK_UNIX)
		link->peer = link_is_served(&link->remote);
}
