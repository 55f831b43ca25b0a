// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Throws mutated messages at the server, in one process with it and under the sanitizers, and
// checks what must hold whatever comes:
//   - a whole request gets exactly one reply, with its id and command, or an end of the
//     connection; every reply is well formed;
//   - nothing blocks: an alarm kills a run that makes no progress;
//   - after a disconnect no descriptor and no mapping is left.
//
//   sim_fuzz MESSAGES [SEED]

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapter.h"
#include "clock.h"
#include "fuzz_messages.h"
#include "log.h"
#include "server.h"

#define SESSION		500	/* messages until the client hangs up by itself, on average */
#define ALARM_S		20

static struct stats stats;
static struct adapter adapter;
static struct server server;
static int client = -1;
static unsigned long replies, closed, disconnects;

static unsigned int open_fds(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int count = 0;

	MUST(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

/* --------------------------------------------------------------- connection */

static void hang_up(void)
{
	close(client);
	client = -1;
	while (server.fd >= 0)
		MUST(server_work(&server) != SERVER_WAITING);
	MUST(!adapter.map.count);
	disconnects++;
}

static void send_bytes(const void *data, size_t size, const int *fds, unsigned int fd_count)
{
	union {
		char room[CMSG_SPACE(MAX_SENT_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = { .room = { 0 } };
	struct iovec part = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t done;

	if (fd_count) {
		struct cmsghdr *header;

		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
	}
	done = sendmsg(client, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	/* The server takes all that comes, so the socket is never full; it may have hung up. */
	MUST(done == (ssize_t)size || errno == EPIPE || errno == ECONNRESET);
}

static bool run_server(void)
{
	enum server_progress progress;

	do {
		progress = server_work(&server);
	} while (progress == SERVER_WORKED);
	adapter_run(&adapter, 200);
	return progress != SERVER_CLOSED;
}

static bool take_reply(struct vu_header *header)
{
	static uint8_t payload[VU_MAX_MESSAGE];
	ssize_t got = recv(client, header, sizeof(*header), MSG_DONTWAIT);
	ssize_t rest;

	if (got <= 0)
		return false;
	MUST(got == sizeof(*header));
	MUST(header->size >= sizeof(*header) && header->size <= VU_MAX_MESSAGE);
	MUST((header->flags & ~(VU_TYPE_MASK | VU_ERROR)) == 0);
	MUST((header->flags & VU_TYPE_MASK) == VU_TYPE_REPLY);
	rest = header->size - (ssize_t)sizeof(*header);
	if (header->flags & VU_ERROR)
		MUST(!rest && header->error && header->error < 134);
	else
		MUST(!header->error);
	MUST(!rest || recv(client, payload, (size_t)rest, MSG_DONTWAIT) == rest);
	replies++;
	return true;
}

/* A request that was whole, sent in step, gets one reply unless it asked for none. */
static void check_replies(const struct message *message, bool in_step, bool open)
{
	struct vu_header asked;
	struct vu_header header;
	unsigned int count = 0;

	memcpy(&asked, message->bytes, sizeof(asked));
	while (take_reply(&header)) {
		count++;
		if (!in_step)
			continue;
		MUST(header.id == asked.id);
		MUST(header.command == asked.command);
	}
	if (in_step && open)
		MUST(count == !(asked.flags & VU_NO_REPLY));
	if (in_step)
		MUST(count <= 1);
}

static void send_good(struct message *message, uint16_t command)
{
	end_message(message, command, 0, 0);
	send_bytes(message->bytes, message->size, message->fds, message->fd_count);
	MUST(run_server());
	check_replies(message, true, true);
}

/* A device at work is a better target: memory mapped, interrupts wired, all gates open */
static void set_up_device(struct message *message)
{
	struct vu_dma_map map = { .argsz = sizeof(map), .flags = 3, .size = MEMORY_PAGES * PAGE };
	struct vu_irq_set set = { .argsz = sizeof(set), .index = VFIO_PCI_MSIX_IRQ_INDEX,
				  .flags = VFIO_IRQ_SET_DATA_EVENTFD |
					   VFIO_IRQ_SET_ACTION_TRIGGER };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		begin_message(message);
		put_enable(message, i);
		send_good(message, VU_REGION_WRITE);
	}
	for (i = 0; i < 2; i++) {
		begin_message(message);
		map.address = i * map.size;
		put(message, &map, sizeof(map));
		put_fds(message, 1, FD_MEMORY + (int)i, 1);
		send_good(message, VU_DMA_MAP);
	}
	for (i = 0; i < IRQ_VECTORS; i += set.count) {
		begin_message(message);
		set.start = i;
		set.count = VU_MAX_FDS;
		put(message, &set, sizeof(set));
		put_fds(message, VU_MAX_FDS, FD_EVENT, 3);
		send_good(message, VU_SET_IRQS);
	}
}

static void connect_client(void)
{
	static struct message message;
	int pair[2];

	MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	client = pair[0];
	server_attach(&server, pair[1]);
	if (one_in(20))
		return;		/* let it be fuzzed before the negotiation */
	begin_message(&message);
	put_version(&message);
	send_good(&message, VU_VERSION);
	if (!one_in(10))
		set_up_device(&message);
}

/* Whole, in two parts, or with its twin behind it */
static bool send_message(struct message *message)
{
	size_t cut;

	switch (below(12)) {
	case 0:
		cut = below((uint32_t)message->size) + 1;
		send_bytes(message->bytes, cut, message->fds, message->fd_count);
		if (!run_server())
			return false;
		if (cut < message->size)
			send_bytes(message->bytes + cut, message->size - cut, NULL, 0);
		break;
	case 1:
		if (2 * message->size <= sizeof(message->bytes)) {
			memcpy(message->bytes + message->size, message->bytes, message->size);
			message->size *= 2;
			message->whole = false;
		}
		/* fall through */
	default:
		send_bytes(message->bytes, message->size, message->fds, message->fd_count);
	}
	return run_server();
}

/* The client plays with what it has shared: full counters, files cut and grown. */
static void disturb(void)
{
	static const uint64_t full = ~0ull - 1;
	uint64_t count;

	switch (below(4)) {
	case 0:
		MUST(!ftruncate(pool[FD_MEMORY2], (off_t)below(MEMORY_PAGES) * PAGE));
		break;
	case 1:
		MUST(!ftruncate(pool[FD_MEMORY2], (off_t)MEMORY_PAGES * PAGE));
		break;
	case 2:
		if (read(pool[FD_EVENT], &count, sizeof(count)) < 0)
			MUST(errno == EAGAIN);
		MUST(write(pool[FD_EVENT], &full, sizeof(full)) == sizeof(full));
		break;
	default:
		if (write(pool[FD_EVENT2], &full, sizeof(full)) < 0)
			MUST(errno == EAGAIN);
	}
}

/* False: the connection is over, or cannot be trusted to be in step any more */
static bool one_round(void)
{
	static struct message message;
	bool in_step = !server.have && !server.reply_size;
	bool mutated = !one_in(3);
	bool open;

	make_message(&message, &adapter.map);
	if (mutated)
		mutate(&message);
	if (one_in(200))
		disturb();
	open = send_message(&message);
	sent += mutated;
	check_replies(&message, in_step && message.whole && message.size >= 16, open);
	if (!open)
		closed++;
	return open && !one_in(SESSION) && (!server.have || !one_in(10));
}

static void fuzz(unsigned long messages)
{
	unsigned int fds = open_fds();

	while (sent < messages) {
		alarm(ALARM_S);
		connect_client();
		while (sent < messages && one_round())
			;
		hang_up();
		if (one_in(16) || sent >= messages)
			MUST(open_fds() == fds);
	}
	alarm(0);
}

static void report(uint64_t began)
{
	double seconds = (double)(clock_ns() - began) / 1e9;
	uint64_t handled = stats.unknown_messages;
	int i;

	for (i = 0; i < VU_COMMANDS; i++)
		handled += stats.messages[i];
	printf("%lu mutated messages in %.1f s, %.0f a second\n", sent, seconds,
	       (double)sent / seconds);
	printf("handled %llu, errors %llu, replies %lu, connections closed by the server %lu, "
	       "disconnects %lu\n", (unsigned long long)handled,
	       (unsigned long long)stats.error_replies, replies, closed, disconnects);
	printf("DMA bursts %llu, refused %llu, interrupts %llu, signalled %llu, resets %llu\n",
	       (unsigned long long)(stats.dma_reads + stats.dma_writes),
	       (unsigned long long)stats.dma_errors, (unsigned long long)stats.interrupts,
	       (unsigned long long)stats.interrupts_sent, (unsigned long long)stats.resets);
	/* A fuzzer whose messages all bounce off the first check tests nothing. */
	MUST(handled > sent / 4 && stats.error_replies < handled * 9 / 10);
	MUST(stats.dma_writes && stats.dma_errors && stats.interrupts_sent);
}

int main(int argc, char **argv)
{
	struct adapter_options options = { .mac = 0x020000000001, .wire.carrier = CARRIER_UP,
					   .time_scale = 1, .dma_latency_ns = 40 };
	uint64_t began = clock_ns();
	unsigned long messages = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	int i;

	if (!messages || !seed) {
		fprintf(stderr, "usage: sim_fuzz MESSAGES [SEED]\n");
		return 2;
	}
	seed_random(seed);
	log_set_level(LOG_LEVEL_ERROR);
	make_pool();
	MUST(!adapter_init(&adapter, &options, &stats));
	server_init(&server, &adapter, &stats);
	fuzz(messages);
	adapter_destroy(&adapter);
	for (i = 0; i < FD_KINDS; i++)
		close(pool[i]);
	report(began);
	return 0;
}
