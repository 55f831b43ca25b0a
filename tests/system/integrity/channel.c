// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The TCP connection of the integrity test
 */

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "channel.h"

/* The other side may have a round of its own to finish first */
#define PATIENCE_S	300
#define CONNECT_TRIES	100

static void fail(const char *what)
{
	fprintf(stderr, "integrity: %s: %s\n", what, errno ? strerror(errno) : "the peer has gone");
	exit(2);
}

static struct addrinfo *resolve(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = host ? 0 : AI_PASSIVE };
	struct addrinfo *list;
	int err;

	hints.ai_family = host ? AF_UNSPEC : AF_INET6;
	err = getaddrinfo(host, port, &hints, &list);
	if (err) {
		fprintf(stderr, "integrity: %s: %s\n", host ? host : "any", gai_strerror(err));
		exit(2);
	}
	return list;
}

static int accept_one(const struct addrinfo *address)
{
	int listener = socket(address->ai_family, SOCK_STREAM, 0), channel, yes = 1;

	if (listener < 0 ||
	    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(listener, address->ai_addr, address->ai_addrlen) || listen(listener, 1))
		fail("listen");
	channel = accept(listener, NULL, NULL);
	close(listener);
	return channel;
}

/* The server may not be there yet */
static int connect_to(const struct addrinfo *address)
{
	int tries, channel = -1;

	for (tries = 0; tries < CONNECT_TRIES && channel < 0; tries++) {
		channel = socket(address->ai_family, SOCK_STREAM, 0);
		if (channel >= 0 && connect(channel, address->ai_addr, address->ai_addrlen)) {
			close(channel);
			channel = -1;
			usleep(100000);
		}
	}
	return channel;
}

/* host NULL: wait for the peer. Ends the program if it cannot be had. */
int channel_open(const char *host, const char *port)
{
	struct addrinfo *address = resolve(host, port);
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int channel = host ? connect_to(address) : accept_one(address);

	if (channel < 0)
		fail("connect");
	setsockopt(channel, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	freeaddrinfo(address);
	return channel;
}

/* Both sides call it with the same size */
void channel_exchange(int channel, const void *mine, void *other, size_t bytes)
{
	size_t got = 0;
	ssize_t n;

	errno = 0;
	if (send(channel, mine, bytes, MSG_NOSIGNAL) != (ssize_t)bytes)
		fail("send");
	while (got < bytes) {
		n = recv(channel, (char *)other + got, bytes - got, 0);
		if (n <= 0)
			fail("receive");
		got += (size_t)n;
	}
}

void channel_barrier(int channel, uint32_t number)
{
	uint32_t other;

	channel_exchange(channel, &number, &other, sizeof(number));
	if (other != number) {
		fprintf(stderr, "integrity: the peer is elsewhere (%u, not %u)\n", other, number);
		exit(2);
	}
}
