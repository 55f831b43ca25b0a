// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

/*
 * A look at the socket costs about as much as a cycle of the RTL. Right after a message the next
 * is near, so look often; while none comes, twice as rarely each time.
 */
#define BATCH_LEAST	8u
#define BATCH_MOST	64u
#define POLL_CYCLES	2048u	/* listeners and signals can wait this long */
#define LINK_CYCLES	32u	/* and a frame this long: a look costs half a cycle */
#define MESSAGES	64	/* in a row, before the RTL gets its turn */

int loop_init(struct loop *loop, struct server *server, struct listener *listener,
	      struct ctl *ctl)
{
	sigset_t set;

	memset(loop, 0, sizeof(*loop));
	loop->server = server;
	loop->adapter = server->adapter;
	loop->stats = server->stats;
	loop->listener = listener;
	loop->ctl = ctl;
	loop->batch = BATCH_LEAST;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0) {
		log_error("signalfd: %s", strerror(errno));
		return -1;
	}
	return 0;
}

void loop_destroy(struct loop *loop)
{
	close(loop->signals);
}

/* It may have hung up just before the next one came, and both be news of the same poll(). */
static bool has_hung_up(const struct server *server)
{
	struct pollfd client = { .fd = server->fd };

	return poll(&client, 1, 0) == 1 && (client.revents & (POLLHUP | POLLERR));
}

/* One client at a time; one that has not said a word yet gives way to the next. */
static void meet_client(struct loop *loop)
{
	struct server *server = loop->server;
	int fd = listener_accept(loop->listener);

	if (fd < 0)
		return;
	if (server->fd >= 0 && server->negotiated && !has_hung_up(server)) {
		log_warn("a second client was turned away");
		close(fd);
		return;
	}
	server_detach(server);
	server_attach(server, fd);
}

static void account(struct loop *loop)
{
	uint64_t now = clock_ns();

	loop->stats->busy_ns += now - loop->busy_since;
	loop->busy_since = now;
}

static void take_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	if (read(loop->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGUSR1) {
		account(loop);
		stats_print(loop->stats, stdout);
	} else {
		loop->stop = true;
	}
}

/* NULL: sleep until something happens */
static void wait_for_events(struct loop *loop, const struct timespec *timeout)
{
	struct pollfd fds[4 + CTL_FDS] = {
		{ .fd = loop->signals, .events = POLLIN },
		{ .fd = loop->listener->fd, .events = POLLIN },
		{ .fd = loop->server->fd, .events = server_events(loop->server) },
		{ .fd = wire_fd(&loop->adapter->wire), .events = POLLIN },
	};

	ctl_poll(loop->ctl, fds + 4);
	loop->unpolled = 0;
	if (ppoll(fds, 4 + CTL_FDS, timeout, NULL) <= 0)
		return;
	if (fds[0].revents)
		take_signal(loop);
	if (fds[1].revents)
		meet_client(loop);
	ctl_work(loop->ctl, fds + 4);
}

static bool serve(struct loop *loop)
{
	bool worked = false;
	int i;

	for (i = 0; i < MESSAGES && server_work(loop->server) == SERVER_WORKED; i++)
		worked = true;
	return worked;
}

static void stay_busy(struct loop *loop, bool worked)
{
	static const struct timespec no_time;

	loop->unpolled += loop->batch;
	loop->unlooked += loop->batch;
	if (worked)
		loop->batch = BATCH_LEAST;
	else if (loop->batch < BATCH_MOST)
		loop->batch *= 2;
	if (loop->unpolled >= POLL_CYCLES) {
		account(loop);
		wait_for_events(loop, &no_time);
	}
}

static void sleep_until(struct loop *loop, uint64_t wake)
{
	uint64_t now = clock_ns();
	uint64_t left = wake > now ? wake - now : 0;
	struct timespec timeout = {
		.tv_sec = (time_t)(left / 1000000000u),
		.tv_nsec = (long)(left % 1000000000u),
	};

	account(loop);
	wait_for_events(loop, wake == UINT64_MAX ? NULL : &timeout);
	loop->busy_since = clock_ns();
	if (loop->busy_since >= wake)
		adapter_touch(loop->adapter);
	loop->batch = BATCH_LEAST;
	loop->unlooked = LINK_CYCLES;
}

void loop_run(struct loop *loop)
{
	loop->busy_since = clock_ns();
	loop->unlooked = LINK_CYCLES;
	while (!loop->stop) {
		bool worked = serve(loop);

		if (loop->unlooked >= LINK_CYCLES) {
			adapter_look_at_wire(loop->adapter);
			loop->unlooked = 0;
		}
		if (adapter_run(loop->adapter, loop->batch))
			stay_busy(loop, worked);
		else if (!worked)
			sleep_until(loop, adapter_wake_time(loop->adapter));
	}
	account(loop);
}
