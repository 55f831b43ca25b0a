// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "messages.h"

static struct log_limit refused_limit;

void server_init(struct server *server, struct adapter *adapter, struct stats *stats)
{
	memset(server, 0, sizeof(*server));
	server->adapter = adapter;
	server->stats = stats;
	server->fd = -1;
}

void server_attach(struct server *server, int fd)
{
	server->fd = fd;
	server->negotiated = false;
	server->closing = false;
	server->max_xfer = 0;
	server->have = 0;
	server->fd_count = 0;
	server->too_many_fds = false;
	server->reply_size = 0;
	server->stats->connections++;
	log_info("client connected");
}

static void close_fds(struct server *server)
{
	unsigned int i;

	for (i = 0; i < server->fd_count; i++)
		if (server->fds[i] >= 0)
			close(server->fds[i]);
	server->fd_count = 0;
	server->too_many_fds = false;
}

void server_detach(struct server *server)
{
	if (server->fd < 0)
		return;
	close_fds(server);
	close(server->fd);
	server->fd = -1;
	adapter_detach(server->adapter);
	log_info("client disconnected");
}

short server_events(const struct server *server)
{
	return server->reply_size ? POLLOUT : POLLIN;
}

static enum server_progress hang_up(struct server *server)
{
	server_detach(server);
	return SERVER_CLOSED;
}

/* ----------------------------------------------------------------- sending */

static enum server_progress send_reply(struct server *server)
{
	size_t left = server->reply_size - server->reply_sent;
	ssize_t sent;

	sent = send(server->fd, server->reply + server->reply_sent, left,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return SERVER_WAITING;
	if (sent < 0)
		return hang_up(server);
	server->reply_sent += (size_t)sent;
	if (server->reply_sent < server->reply_size)
		return SERVER_WAITING;
	server->reply_size = 0;
	return server->closing ? hang_up(server) : SERVER_WORKED;
}

static enum server_progress reply(struct server *server, const struct vu_header *asked,
				  int error, uint32_t payload)
{
	struct vu_header *header = (struct vu_header *)(void *)server->reply;

	if (asked->flags & VU_NO_REPLY)
		return server->closing ? hang_up(server) : SERVER_WORKED;
	header->id = asked->id;
	header->command = asked->command;
	header->size = (uint32_t)sizeof(*header) + (error ? 0 : payload);
	header->flags = VU_TYPE_REPLY | (error ? VU_ERROR : 0);
	header->error = (uint32_t)error;
	server->reply_size = header->size;
	server->reply_sent = 0;
	return send_reply(server);
}

/* --------------------------------------------------------------- receiving */

static void count_message(struct server *server, uint16_t command)
{
	if (command && command < VU_COMMANDS)
		server->stats->messages[command]++;
	else
		server->stats->unknown_messages++;
}

static enum server_progress handle(struct server *server)
{
	const struct vu_header *header = (const struct vu_header *)(const void *)server->received;
	struct request request = {
		.payload = header + 1,
		.size = header->size - (uint32_t)sizeof(*header),
		.fds = server->fds,
		.fd_count = server->fd_count,
	};
	struct answer answer = { .payload = server->reply + sizeof(*header) };
	int error;

	count_message(server, header->command);
	if (server->too_many_fds)
		error = EINVAL;
	else
		error = message_handle(server, header->command, &request, &answer);
	close_fds(server);
	server->have = 0;
	if (error) {
		server->stats->error_replies++;
		log_limited(&refused_limit, LOG_LEVEL_DEBUG, "command %u refused: %s",
			    header->command, strerror(error));
	}
	return reply(server, header, error, answer.size);
}

/* Takes what came beside the bytes. More than fit are closed by the kernel, which tells. */
static void take_fds(struct server *server, struct msghdr *message)
{
	struct cmsghdr *control;

	if (message->msg_flags & MSG_CTRUNC)
		server->too_many_fds = true;
	for (control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		const unsigned char *data = CMSG_DATA(control);
		size_t i;

		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
			continue;
		for (i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, data + i * sizeof(fd), sizeof(fd));
			if (server->fd_count < VU_MAX_FDS) {
				server->fds[server->fd_count++] = fd;
			} else {
				server->too_many_fds = true;
				close(fd);
			}
		}
	}
}

/* Up to so many bytes in all. 0: none now; -1: the connection is over. */
static int receive(struct server *server, size_t wanted)
{
	union {
		char room[CMSG_SPACE(VU_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = {
		.iov_base = server->received + server->have,
		.iov_len = wanted - server->have,
	};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t got;

	got = recvmsg(server->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (got < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
	take_fds(server, &message);
	if (!got)
		return -1;
	server->have += (size_t)got;
	return 1;
}

static bool is_sane(const struct vu_header *header)
{
	if (header->size < sizeof(*header) || header->size > VU_MAX_MESSAGE) {
		log_warn("closing the connection: message of %u bytes", header->size);
		return false;
	}
	if ((header->flags & VU_TYPE_MASK) != VU_TYPE_REQUEST) {
		/* A reply, to a question that was never asked, cannot be answered. */
		log_warn("closing the connection: message that is no request, flags %#x",
			 header->flags);
		return false;
	}
	return true;
}

/*
 * First the header, then exactly the rest. Descriptors come with the bytes they were sent with,
 * so reading further than one message could not tell to which of two they belong.
 */
enum server_progress server_work(struct server *server)
{
	const struct vu_header *header = (const struct vu_header *)(const void *)server->received;
	size_t wanted;
	int got;

	if (server->fd < 0)
		return SERVER_CLOSED;
	if (server->reply_size)
		return send_reply(server);
	do {
		wanted = server->have < sizeof(*header) ? sizeof(*header) : header->size;
		if (server->have < wanted) {
			got = receive(server, wanted);
			if (got < 0)
				return hang_up(server);
			if (!got)
				return SERVER_WAITING;
		}
		if (server->have < wanted)
			continue;
		if (wanted == sizeof(*header) && !is_sane(header))
			return hang_up(server);
	} while (server->have < sizeof(*header) || server->have < header->size);
	return handle(server);
}
