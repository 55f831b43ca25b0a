// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int ctl_open(struct ctl *ctl, struct adapter *adapter, const char *path)
{
	unsigned int i;

	ctl->adapter = adapter;
	for (i = 0; i < CTL_CLIENTS; i++)
		ctl->clients[i].fd = -1;
	ctl->listener.fd = -1;
	if (path && listener_open(&ctl->listener, path)) {
		ctl->listener.fd = -1;
		return -1;
	}
	return 0;
}

static void hang_up(struct ctl_client *client)
{
	close(client->fd);
	client->fd = -1;
}

void ctl_close(struct ctl *ctl)
{
	unsigned int i;

	for (i = 0; i < CTL_CLIENTS; i++)
		if (ctl->clients[i].fd >= 0)
			hang_up(&ctl->clients[i]);
	if (ctl->listener.fd >= 0)
		listener_close(&ctl->listener);
	ctl->listener.fd = -1;
}

/* ----------------------------------------------------------------- answers */

/* False: the socket is full, or the client gone */
static bool send_answer(struct ctl_client *client)
{
	ssize_t sent = send(client->fd, client->answer + client->answer_sent,
			    client->answer_size - client->answer_sent,
			    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			hang_up(client);
		return false;
	}
	client->answer_sent += (size_t)sent;
	if (client->answer_sent < client->answer_size)
		return false;
	client->answer_size = 0;
	if (client->closing)
		hang_up(client);
	return client->fd >= 0;
}

static bool answer(struct ctl *ctl, struct ctl_client *client, const char *line)
{
	ctl_execute(ctl->adapter, line, client->answer, sizeof(client->answer) - 1);
	client->answer_size = strlen(client->answer);
	client->answer[client->answer_size++] = '\n';
	client->answer_sent = 0;
	return send_answer(client);
}

/* ------------------------------------------------------------------- lines */

/* The first whole line, if there is one. False: nothing more to do now */
static bool take_line(struct ctl *ctl, struct ctl_client *client)
{
	char *end = memchr(client->line, '\n', client->have);
	char line[CTL_LINE];
	size_t size;

	if (!end) {
		if (client->have < sizeof(client->line))
			return false;
		/* Where it ends is not known, so nothing after it can be understood */
		client->closing = true;
		client->have = 0;
		return answer(ctl, client, "");
	}
	size = (size_t)(end - client->line);
	memcpy(line, client->line, size);
	/* A NUL would hide the rest from the parser: make it something that no command has */
	for (end = line; end < line + size; end++)
		if (!*end)
			*end = '\x7f';
	line[size] = '\0';
	client->have -= size + 1;
	memmove(client->line, client->line + size + 1, client->have);
	return answer(ctl, client, line);
}

static void serve(struct ctl *ctl, struct ctl_client *client)
{
	ssize_t got;

	if (client->answer_size && !send_answer(client))
		return;
	while (client->fd >= 0 && take_line(ctl, client))
		;
	if (client->fd < 0 || client->answer_size)
		return;
	got = recv(client->fd, client->line + client->have, sizeof(client->line) - client->have,
		   MSG_DONTWAIT);
	if (!got || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
		hang_up(client);
		return;
	}
	if (got > 0)
		client->have += (size_t)got;
	while (client->fd >= 0 && take_line(ctl, client))
		;
}

static void meet(struct ctl *ctl)
{
	static const char full[] = "{\"ok\":false,\"error\":\"too many clients\"}\n";
	int fd = listener_accept(&ctl->listener);
	unsigned int i;

	if (fd < 0)
		return;
	for (i = 0; i < CTL_CLIENTS && ctl->clients[i].fd >= 0; i++)
		;
	if (i == CTL_CLIENTS) {
		send(fd, full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		close(fd);
		return;
	}
	ctl->clients[i].fd = fd;
	ctl->clients[i].have = 0;
	ctl->clients[i].answer_size = 0;
	ctl->clients[i].closing = false;
}

/* ------------------------------------------------------------------ events */

void ctl_poll(const struct ctl *ctl, struct pollfd *fds)
{
	unsigned int i;

	fds[CTL_CLIENTS] = (struct pollfd) { .fd = ctl->listener.fd, .events = POLLIN };
	for (i = 0; i < CTL_CLIENTS; i++)
		fds[i] = (struct pollfd) {
			.fd = ctl->clients[i].fd,
			.events = ctl->clients[i].answer_size ? POLLOUT : POLLIN,
		};
}

void ctl_work(struct ctl *ctl, const struct pollfd *fds)
{
	unsigned int i;

	for (i = 0; i < CTL_CLIENTS; i++)
		if (fds[i].revents)
			serve(ctl, &ctl->clients[i]);
	if (fds[CTL_CLIENTS].revents)
		meet(ctl);
}
