// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The control socket: what it answers to the right words, to wrong ones, and to bad clients.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire_peer.h"

static struct bench bench;
static struct process process;
static struct client client;
static int peer;

static int begin(void **state)
{
	const char *options[] = { "--link", bench.link, "--ctl", bench.ctl, NULL };

	(void)state;
	bench_create(&bench);
	peer = peer_open(bench.peer);
	process_start(&process, options);
	client_start(&client, &process);
	return 0;
}

static int end(void **state)
{
	int status;

	(void)state;
	client_close(&client);
	status = process_stop(&process);
	close(peer);
	bench_remove(&bench);
	return status;
}

static void nonsense_is_refused(void **state)
{
	static const char *const lines[] = {
		"", " ", "x", "link", "link ", "link up ", " link up", "link  up", "link sideways",
		"LINK UP", "link up\r", "link\tup", "impair", "impair ", "impair x",
		"impair drop=1 ", "impair drop=1,drop=1", "impair off,drop=1", "pcap", "pcap start",
		"pcap start ", "pcap stop now", "pcap stop ", "stats all", "statsx", "stat",
		"\x01", "\x7f", "\xff\xfe", "{\"a\":1}", "link up;link down", "quit", "help",
	};
	char answer[8192];
	size_t i;
	int fd = ctl_connect(bench.ctl);

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ctl_ask(fd, lines[i], answer, sizeof(answer));
		if (strncmp(answer, "{\"ok\":false,\"error\":\"", 21))
			fail_msg("'%s': %s", lines[i], answer);
	}
	ctl_ask(fd, "stats", answer, sizeof(answer));
	assert_memory_equal(answer, "{\"ok\":true,\"carrier\":true,\"peer\":true,\"stats\":{", 47);
	assert_non_null(strstr(answer, "\"impair_drops\":0,"));
	assert_string_equal(answer + strlen(answer) - 2, "}}");
	close(fd);
}

/* Many lines at once, one in pieces, and a NUL in the middle */
static void lines_are_found(void **state)
{
	static const char many[] = "link up\nx\nlink up\n\nimpair off\nlink ";
	char answer[256];
	size_t i;
	int fd = ctl_connect(bench.ctl);

	(void)state;
	assert_int_equal(send(fd, many, sizeof(many) - 1, 0), sizeof(many) - 1);
	for (i = 0; i < 5; i++) {
		size_t have = 0;

		do {
			assert_int_equal(recv(fd, answer + have, 1, 0), 1);
		} while (answer[have++] != '\n');
		assert_int_equal(answer[6], (i == 1 || i == 3) ? 'f' : 't');
	}
	ctl_ask(fd, "up", answer, sizeof(answer));
	assert_string_equal(answer, "{\"ok\":true}");
	assert_int_equal(send(fd, "link up\0x", 9, 0), 9);
	ctl_ask(fd, "", answer, sizeof(answer));
	assert_int_equal(answer[6], 'f');
	close(fd);
}

static void line_that_never_ends(void **state)
{
	char text[4096];
	struct pollfd ready;
	ssize_t got;
	int fd = ctl_connect(bench.ctl);

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(send(fd, text, sizeof(text), MSG_NOSIGNAL), sizeof(text));
	ready = (struct pollfd) { .fd = fd, .events = POLLIN };
	assert_int_equal(poll(&ready, 1, 5000), 1);
	got = recv(fd, text, sizeof(text), 0);
	assert_true(got > 20 || (got < 0 && errno == ECONNRESET));
	if (got > 0)
		assert_memory_equal(text, "{\"ok\":false", 11);
	do {
		got = recv(fd, text, sizeof(text), 0);
	} while (got > 0);
	assert_true(!got || errno == ECONNRESET);
	close(fd);
	ctl_tell(bench.ctl, "link up");
}

/* Eight are served; more are told so; each place is free again when its client goes. */
static void clients_are_bounded(void **state)
{
	char answer[256];
	unsigned int fds = process_fds(&process);
	int clients[8];
	int i;
	int round;

	(void)state;
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 8; i++) {
			clients[i] = ctl_connect(bench.ctl);
			ctl_ask(clients[i], "link up", answer, sizeof(answer));
			assert_string_equal(answer, "{\"ok\":true}");
		}
		i = ctl_connect(bench.ctl);
		assert_true(recv(i, answer, sizeof(answer), 0) > 0);
		assert_memory_equal(answer, "{\"ok\":false,\"error\":\"too many clients\"}\n", 40);
		close(i);
		for (i = 0; i < 8; i++)
			close(clients[i]);
		for (i = 0; process_fds(&process) != fds; i++) {
			assert_true(i < 500);
			sleep_ms(10);
		}
	}
	assert_int_equal(process_fds(&process), fds);
}

/* One that asks and does not listen costs nobody else anything. */
static void deaf_client(void **state)
{
	uint64_t before;
	int fd = ctl_connect(bench.ctl);
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		if (send(fd, "stats\n", 6, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			break;
	assert_true(i < 100000);
	ctl_tell(bench.ctl, "link up");
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_ID), FIX_ID_VALUE);
	before = process_cpu_ns(&process);
	sleep_ms(300);
	assert_in_range(process_cpu_ns(&process) - before, 0, 30000000);
	close(fd);
	ctl_tell(bench.ctl, "link up");
}

static void noise(void **state)
{
	int round;

	(void)state;
	srandom(3);
	for (round = 0; round < 300; round++) {
		char text[1500];
		int fd = ctl_connect(bench.ctl);
		size_t size = 1 + (size_t)random() % sizeof(text);
		size_t i;

		for (i = 0; i < size; i++)
			text[i] = (char)(random() % 20 ? random() : '\n');
		if (round % 2)
			memcpy(text, "impair drop=", size < 12 ? size : 12);
		if (send(fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			assert_true(errno == EPIPE || errno == EAGAIN || errno == ECONNRESET);
		close(fd);
	}
	sleep_ms(50);
	ctl_tell(bench.ctl, "link up");
}

static void only_the_owner_may(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(lstat(bench.ctl, &status), 0);
	assert_int_equal(status.st_mode & 077, 0);
	assert_int_equal(lstat(bench.sim, &status), 0);
	assert_int_equal(status.st_mode & 077, 0);
}

/* While the RTL is clocked flat out there is still an answer. */
static void busy_adapter_answers(void **state)
{
	int i;

	(void)state;
	client_write32(&client, REGION_REGS, FIX_MODE, 4);
	for (i = 0; i < 20; i++)
		ctl_tell(bench.ctl, "impair drop=1");
}

static void cable(void **state)
{
	static uint8_t frame[200];
	uint32_t high;
	int i;

	(void)state;
	assert_true(client_read32(&client, REGION_REGS, FIX_MAC_HI) & FIX_LINK_UP);
	for (i = 1; i <= 10; i++) {
		ctl_tell(bench.ctl, "link down");
		high = client_read32(&client, REGION_REGS, FIX_MAC_HI);
		assert_false(high & FIX_LINK_UP);
		client_write32(&client, REGION_REGS, FIX_SEND, 100);
		make_plain(frame, sizeof(frame), 1);
		peer_send(peer, bench.sim, frame, sizeof(frame));
		ctl_wait(bench.ctl, "tx_no_carrier", (uint64_t)i);
		ctl_wait(bench.ctl, "rx_no_carrier", (uint64_t)i);
		ctl_tell(bench.ctl, "link up");
		high = client_read32(&client, REGION_REGS, FIX_MAC_HI);
		assert_true(high & FIX_LINK_UP);
		client_write32(&client, REGION_REGS, FIX_SEND, 100);
		assert_int_equal(peer_receive(peer, frame, sizeof(frame), 5000), 100);
	}
	assert_int_equal(ctl_counter(bench.ctl, "rx_frames"), 0);
	/* What is on the cable goes with it */
	ctl_tell(bench.ctl, "impair delay=50000000");
	client_write32(&client, REGION_REGS, FIX_SEND, 100);
	sleep_ms(50);
	ctl_tell(bench.ctl, "link down");
	ctl_wait(bench.ctl, "tx_no_carrier", 11);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nonsense_is_refused),
		CASE(lines_are_found),
		CASE(line_that_never_ends),
		CASE(clients_are_bounded),
		CASE(deaf_client),
		CASE(noise),
		CASE(only_the_owner_may),
		CASE(busy_adapter_answers),
		CASE(cable),
	};

	return cmocka_run_group_tests_name("sim.ctl", tests, NULL, NULL);
}
