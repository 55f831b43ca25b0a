// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// From the text of --link to a bound socket.
//
//   none
//   unix:LOCAL,REMOTE     this end's path and the other's
//   unix:NAME             the first of two processes takes NAME.0, the second NAME.1
//   udp:ADDRESS:PORT,ADDRESS:PORT    this end and the other; IPv6 addresses in brackets

#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define LOCK_TRIES	200
#define LOCK_PAUSE_NS	5000000
#define SOCKET_BUFFER	(4 << 20)	/* as much of it as the system allows */
#define PATH_ROOM	sizeof(((struct sockaddr_un *)0)->sun_path)
/* ".0" or ".lock" must still fit behind it */
#define PART_ROOM	(PATH_ROOM - sizeof(".lock") + 1)

struct plan {
	enum link_kind kind;
	bool shared;			/* unix:NAME */
	char local[PART_ROOM];
	char remote[PART_ROOM];
	struct sockaddr_storage addresses[2];	/* LINK_UDP: local, remote */
	socklen_t size;
};

enum claim { CLAIM_DONE, CLAIM_TAKEN, CLAIM_FAILED };

static bool complain(const char *text, const char *reason)
{
	log_error("--link %s: %s", text, reason);
	return false;
}

/* ----------------------------------------------------------------- parsing */

/* Both parts, each not empty, into local and remote. NULL, or what is wrong */
static const char *split(struct plan *plan, const char *text, const char *form)
{
	size_t size = strcspn(text, ",");
	const char *rest = text[size] ? text + size + 1 : "";

	plan->shared = !text[size];
	if (!size || (!plan->shared && !*rest))
		return form;
	if (size >= PART_ROOM || strlen(rest) >= PART_ROOM)
		return "too long";
	memcpy(plan->local, text, size);
	plan->local[size] = '\0';
	strcpy(plan->remote, rest);
	return NULL;
}

static bool parse_unix(struct plan *plan, const char *text, const char *whole)
{
	const char *reason = split(plan, text, "not unix:NAME or unix:LOCAL,REMOTE");

	if (reason)
		return complain(whole, reason);
	if (!strcmp(plan->local, plan->remote))
		return complain(whole, "both ends have one path");
	plan->kind = LINK_UNIX;
	return true;
}

static bool parse_port(const char *text, in_port_t *port)
{
	unsigned long value = 0;
	size_t i;

	for (i = 0; text[i]; i++) {
		if (text[i] < '0' || text[i] > '9' || i == 5)
			return false;
		value = value * 10 + (unsigned long)(text[i] - '0');
	}
	*port = htons((uint16_t)value);
	return value && value <= UINT16_MAX;
}

/* ADDRESS:PORT or [ADDRESS]:PORT, in numbers only: names would have to be waited for */
static bool parse_address(char *text, struct sockaddr_storage *address, socklen_t *size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;
	char *colon = strrchr(text, ':');
	in_port_t port;

	memset(address, 0, sizeof(*address));
	if (!colon || colon == text || !parse_port(colon + 1, &port))
		return false;
	*colon = '\0';
	if (text[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		v6->sin6_family = AF_INET6;
		v6->sin6_port = port;
		*size = sizeof(*v6);
		return inet_pton(AF_INET6, text + 1, &v6->sin6_addr) == 1;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = port;
	*size = sizeof(*v4);
	return inet_pton(AF_INET, text, &v4->sin_addr) == 1;
}

static bool parse_udp(struct plan *plan, const char *text, const char *whole)
{
	static const char form[] = "not udp:ADDRESS:PORT,ADDRESS:PORT in numbers";
	const char *reason = split(plan, text, form);
	socklen_t sizes[2];

	if (reason)
		return complain(whole, reason);
	if (plan->shared || !parse_address(plan->local, &plan->addresses[0], &sizes[0]) ||
	    !parse_address(plan->remote, &plan->addresses[1], &sizes[1]))
		return complain(whole, form);
	if (sizes[0] != sizes[1])
		return complain(whole, "one address is IPv4 and the other IPv6");
	plan->size = sizes[0];
	plan->kind = LINK_UDP;
	return true;
}

static bool parse(struct plan *plan, const char *text)
{
	memset(plan, 0, sizeof(*plan));
	if (!strcmp(text, "none"))
		return true;
	if (!strncmp(text, "unix:", 5))
		return parse_unix(plan, text + 5, text);
	if (!strncmp(text, "udp:", 4))
		return parse_udp(plan, text + 4, text);
	return complain(text, "not none, unix:... or udp:...");
}

bool link_check(const char *text)
{
	struct plan plan;

	return parse(&plan, text);
}

/* ------------------------------------------------------------ UNIX sockets */

static struct sockaddr_un make_address(const char *path, const char *suffix)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s%s", path, suffix);
	return address;
}

/*
 * Two processes that find one dead socket must not both replace it. The file goes with its last
 * holder; who gets a lock on one that is gone tries again.
 */
static int take_lock(const char *path)
{
	static const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };
	int tries;

	for (tries = 0; tries < LOCK_TRIES; tries++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		struct stat ours;
		struct stat there;

		if (fd < 0)
			return -1;
		if (!flock(fd, LOCK_EX | LOCK_NB) && !fstat(fd, &ours) && !lstat(path, &there) &&
		    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
			return fd;
		close(fd);
		nanosleep(&pause, NULL);
	}
	errno = EBUSY;
	return -1;
}

static void drop_lock(const char *path, int fd)
{
	unlink(path);
	close(fd);
}

static bool remove_dead(const struct sockaddr_un *address)
{
	struct stat stat;

	if (lstat(address->sun_path, &stat)) {
		if (errno == ENOENT)
			return true;
		log_error("%s: %s", address->sun_path, strerror(errno));
		return false;
	}
	if (!S_ISSOCK(stat.st_mode)) {
		log_error("%s exists and is not a socket", address->sun_path);
		return false;
	}
	return !unlink(address->sun_path);
}

static enum claim claim(struct link *link, const struct sockaddr_un *address)
{
	struct stat stat;
	mode_t mask;
	int error;

	if (link_is_served(address))
		return CLAIM_TAKEN;
	if (!remove_dead(address))
		return CLAIM_FAILED;
	mask = umask(077);	/* whoever may send to it is on the wire */
	error = bind(link->fd, (const struct sockaddr *)address, sizeof(*address));
	umask(mask);
	if (error || lstat(address->sun_path, &stat)) {
		log_error("%s: %s", address->sun_path, strerror(errno));
		return CLAIM_FAILED;
	}
	link->local = *address;
	link->device = stat.st_dev;
	link->inode = stat.st_ino;
	return CLAIM_DONE;
}

static int choose_end(struct link *link, const struct plan *plan)
{
	struct sockaddr_un ends[2];
	int count = plan->shared ? 2 : 1;
	int i;

	ends[0] = make_address(plan->local, plan->shared ? ".0" : "");
	ends[1] = plan->shared ? make_address(plan->local, ".1") : make_address(plan->remote, "");
	for (i = 0; i < count; i++) {
		switch (claim(link, &ends[i])) {
		case CLAIM_DONE:
			link->remote = ends[1 - i];
			return 0;
		case CLAIM_FAILED:
			return -1;
		default:
			break;
		}
	}
	log_error("%s: %s", plan->local,
		  plan->shared ? "both ends of this link are taken" : "taken by another process");
	return -1;
}

static int open_unix(struct link *link, const struct plan *plan)
{
	struct sockaddr_un lock = make_address(plan->local, ".lock");
	int fd = take_lock(lock.sun_path);
	int error;

	if (fd < 0) {
		log_error("%s: %s", lock.sun_path, strerror(errno));
		return -1;
	}
	error = choose_end(link, plan);
	drop_lock(lock.sun_path, fd);
	return error;
}

/* ---------------------------------------------------------------- UDP, all */

static int open_udp(struct link *link, const struct plan *plan)
{
	const struct sockaddr *local = (const void *)&plan->addresses[0];
	const struct sockaddr *remote = (const void *)&plan->addresses[1];

	/* Connected: only the peer's frames come in */
	if (bind(link->fd, local, plan->size) || connect(link->fd, remote, plan->size)) {
		log_error("the UDP link cannot be opened: %s", strerror(errno));
		return -1;
	}
	link->peer = true;
	return 0;
}

int link_open(struct link *link, const char *text)
{
	static const int room = SOCKET_BUFFER;
	struct plan plan;
	int error;

	memset(link, 0, sizeof(*link));
	link->fd = -1;
	if (!parse(&plan, text))
		return -1;
	if (plan.kind == LINK_NONE)
		return 0;
	link->fd = socket(plan.kind == LINK_UNIX ? AF_UNIX : plan.addresses[0].ss_family,
			  SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (link->fd < 0) {
		log_error("socket: %s", strerror(errno));
		return -1;
	}
	setsockopt(link->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(link->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	error = plan.kind == LINK_UNIX ? open_unix(link, &plan) : open_udp(link, &plan);
	if (error) {
		close(link->fd);
		link->fd = -1;
		return -1;
	}
	link->kind = plan.kind;
	link_probe(link);
	return 0;
}
