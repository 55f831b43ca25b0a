// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define BACKLOG		8
#define SUFFIX_ROOM	12	/* "." and a process id */
#define PAUSE_MS	100

static struct log_limit accept_limit;

static int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		log_error("socket: %s", strerror(errno));
	return fd;
}

static struct sockaddr_un make_address(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, path, strlen(path));
	return address;
}

/* A server whose queue is full is alive too: only a refusal says that nobody listens. */
static bool is_served(const char *path)
{
	struct sockaddr_un address = make_address(path);
	bool served;
	int fd = open_socket();

	if (fd < 0)
		return true;
	served = !connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
		 errno == EAGAIN || errno == EINPROGRESS;
	close(fd);
	return served;
}

static bool may_take(const char *path)
{
	struct stat stat;

	if (lstat(path, &stat)) {
		if (errno == ENOENT)
			return true;
		log_error("%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISSOCK(stat.st_mode)) {
		log_error("%s exists and is not a socket", path);
		return false;
	}
	if (is_served(path)) {
		log_error("%s is served by another process", path);
		return false;
	}
	return true;
}

/* Clients find the name only when the socket listens, so none is refused for being early. */
static int bind_and_rename(struct listener *listener, const char *path)
{
	char hidden[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct sockaddr_un address;
	struct stat stat;
	mode_t mask;
	int error;

	snprintf(hidden, sizeof(hidden), "%s.%d", path, (int)getpid());
	address = make_address(hidden);
	mask = umask(077);	/* whoever may connect controls the adapter */
	error = bind(listener->fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (error)
		return -1;
	if (listen(listener->fd, BACKLOG) || lstat(hidden, &stat) || rename(hidden, path)) {
		error = errno;
		unlink(hidden);
		errno = error;
		return -1;
	}
	listener->device = stat.st_dev;
	listener->inode = stat.st_ino;
	return 0;
}

int listener_open(struct listener *listener, const char *path)
{
	listener->path = path;
	if (strlen(path) + SUFFIX_ROOM > sizeof(((struct sockaddr_un *)0)->sun_path)) {
		log_error("%s: too long for a socket", path);
		return -1;
	}
	if (!may_take(path))
		return -1;
	listener->fd = open_socket();
	if (listener->fd < 0)
		return -1;
	if (bind_and_rename(listener, path)) {
		log_error("%s: %s", path, strerror(errno));
		close(listener->fd);
		return -1;
	}
	return 0;
}

void listener_close(struct listener *listener)
{
	struct stat stat;

	if (!lstat(listener->path, &stat) && stat.st_dev == listener->device &&
	    stat.st_ino == listener->inode)
		unlink(listener->path);
	close(listener->fd);
}

int listener_accept(struct listener *listener)
{
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == ECONNABORTED ||
	    errno == EINTR)
		return fd;
	log_limited(&accept_limit, LOG_LEVEL_ERROR, "accept: %s", strerror(errno));
	/* Out of descriptors: poll() would report the client again at once, and for ever */
	poll(NULL, 0, PAUSE_MS);
	return -1;
}
