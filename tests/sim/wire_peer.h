/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The other end of the simulator's wire, and of its control socket, for tests. */
#ifndef TEST_SIM_WIRE_PEER_H
#define TEST_SIM_WIRE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client.h"

#define PEER_MOST	9216u

/* A folder for the sockets of one test, and paths in it */
struct bench {
	char directory[40];
	char sim[64];		/* the simulator's end */
	char peer[64];		/* ours */
	char ctl[64];
	char pcap[64];
	char link[160];		/* the option */
};

void bench_create(struct bench *bench);
/* Fails the test if the simulator has left anything */
void bench_remove(struct bench *bench);

/* A datagram socket bound to that path */
int peer_open(const char *path);
/* Waits while the simulator takes nothing, up to 5 s */
void peer_send(int fd, const char *to, const void *data, size_t size);
/* False: it takes nothing now */
bool peer_try_send(int fd, const char *to, const void *data, size_t size);
/* The next frame within so many ms; 0: none came */
size_t peer_receive(int fd, uint8_t *data, size_t room, int ms);

/* Fills a frame with bytes that depend on the number; the first 8 behind the header are it. */
void make_plain(uint8_t *data, size_t size, uint64_t number);
/* The same as UDP to port 4791, the number in the first 8 bytes of the payload */
#define ROCE_NUMBER_AT	42u
void make_roce(uint8_t *data, size_t size, uint64_t number);
uint64_t number_of(const uint8_t *data, size_t at);

int ctl_connect(const char *path);
/* One line, and the answer without its newline; fails the test if none comes */
void ctl_ask(int fd, const char *line, char *answer, size_t room);
/* On a connection of its own; the answer must be {"ok":true} */
void ctl_tell(const char *path, const char *line);
uint64_t ctl_counter(const char *path, const char *name);
/* Until it has that value, for up to 5 s */
void ctl_wait(const char *path, const char *name, uint64_t value);

#endif
