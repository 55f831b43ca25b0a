// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "wire_peer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS	5000

void bench_create(struct bench *bench)
{
	strcpy(bench->directory, "/tmp/tern-wire-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	snprintf(bench->sim, sizeof(bench->sim), "%s/sim", bench->directory);
	snprintf(bench->peer, sizeof(bench->peer), "%s/peer", bench->directory);
	snprintf(bench->ctl, sizeof(bench->ctl), "%s/ctl", bench->directory);
	snprintf(bench->pcap, sizeof(bench->pcap), "%s/pcap", bench->directory);
	snprintf(bench->link, sizeof(bench->link), "unix:%s,%s", bench->sim, bench->peer);
}

void bench_remove(struct bench *bench)
{
	unlink(bench->peer);
	unlink(bench->pcap);
	assert_int_equal(rmdir(bench->directory), 0);
}

/* ------------------------------------------------------------------- frames */

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	return address;
}

int peer_open(const char *path)
{
	struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

bool peer_try_send(int fd, const char *to, const void *data, size_t size)
{
	struct sockaddr_un address = address_of(to);
	ssize_t sent = sendto(fd, data, size, MSG_DONTWAIT, (struct sockaddr *)&address,
			      sizeof(address));

	assert_true(sent == (ssize_t)size || errno == EAGAIN);
	return sent >= 0;
}

void peer_send(int fd, const char *to, const void *data, size_t size)
{
	int tries;

	for (tries = 0; !peer_try_send(fd, to, data, size); tries++) {
		assert_true(tries < PATIENCE_MS);
		sleep_ms(1);
	}
}

size_t peer_receive(int fd, uint8_t *data, size_t room, int ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t got;

	if (poll(&ready, 1, ms) != 1)
		return 0;
	got = recv(fd, data, room, MSG_DONTWAIT | MSG_TRUNC);
	assert_true(got > 0 && got <= (ssize_t)room);
	return (size_t)got;
}

static void fill(uint8_t *data, size_t from, size_t size, uint64_t number)
{
	size_t i;

	for (i = from; i < size; i++)
		data[i] = (uint8_t)((number + 1) * 73 + i * 31 + (i >> 8));
	for (i = 0; i < sizeof(number) && from + i < size; i++)
		data[from + i] = (uint8_t)(number >> 8 * i);
}

void make_plain(uint8_t *data, size_t size, uint64_t number)
{
	static const uint8_t header[14] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };

	memcpy(data, header, sizeof(header));
	fill(data, sizeof(header), size, number);
}

void make_roce(uint8_t *data, size_t size, uint64_t number)
{
	static const uint8_t header[ROCE_NUMBER_AT] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
		0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 77, 0, 2, 10, 77, 0, 1,
		0xc0, 0, 4791 >> 8, 4791 & 255, 0, 0, 0, 0,
	};

	assert_true(size >= sizeof(header) + 8);
	memcpy(data, header, sizeof(header));
	fill(data, sizeof(header), size, number);
}

uint64_t number_of(const uint8_t *data, size_t at)
{
	uint64_t number;

	memcpy(&number, data + at, sizeof(number));
	return number;
}

/* ------------------------------------------------------------------ control */

int ctl_connect(const char *path)
{
	struct sockaddr_un address = address_of(path);
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void ctl_ask(int fd, const char *line, char *answer, size_t room)
{
	size_t have = 0;

	assert_int_equal(send(fd, line, strlen(line), MSG_NOSIGNAL), strlen(line));
	assert_int_equal(send(fd, "\n", 1, MSG_NOSIGNAL), 1);
	do {
		assert_true(have < room);
		assert_int_equal(recv(fd, answer + have, 1, 0), 1);
	} while (answer[have++] != '\n');
	answer[have - 1] = '\0';
}

void ctl_tell(const char *path, const char *line)
{
	char answer[1024];
	int fd = ctl_connect(path);

	ctl_ask(fd, line, answer, sizeof(answer));
	assert_string_equal(answer, "{\"ok\":true}");
	close(fd);
}

uint64_t ctl_counter(const char *path, const char *name)
{
	char answer[8192];
	char wanted[64];
	const char *found;
	int fd = ctl_connect(path);

	ctl_ask(fd, "stats", answer, sizeof(answer));
	close(fd);
	snprintf(wanted, sizeof(wanted), "\"%s\":", name);
	found = strstr(answer, wanted);
	assert_non_null(found);
	return strtoull(found + strlen(wanted), NULL, 10);
}

void ctl_wait(const char *path, const char *name, uint64_t value)
{
	int tries;

	for (tries = 0; ctl_counter(path, name) != value; tries++) {
		if (tries == PATIENCE_MS / 10)
			fail_msg("%s is %llu, not %llu", name,
				 (unsigned long long)ctl_counter(path, name),
				 (unsigned long long)value);
		sleep_ms(10);
	}
}
