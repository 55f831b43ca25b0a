/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A vfio-user client for tests: starts a simulator, speaks to it, owns the guest's memory. */
#ifndef TEST_SIM_CLIENT_H
#define TEST_SIM_CLIENT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "protocol.h"

/* Registers of the fixture RTL (fixture/tern_top.sv) */
enum {
	FIX_ID = 0x00, FIX_SCRATCH = 0x04, FIX_SRC = 0x08, FIX_DST = 0x10, FIX_COPY = 0x18,
	FIX_STATUS = 0x1c, FIX_DB_COUNT = 0x20, FIX_DB_ADDR = 0x24, FIX_DB_DATA = 0x28,
	FIX_DB_STRB = 0x30, FIX_TIMER = 0x34, FIX_MODE = 0x38, FIX_NOW = 0x3c, FIX_MAC_LO = 0x40,
	FIX_MAC_HI = 0x44, FIX_ORDER = 0x48, FIX_STROBE = 0x4c, FIX_IRQ = 0x54, FIX_WIRE = 0x58,
	FIX_SEND = 0x5c, FIX_RX_FRAMES = 0x60, FIX_RX_BYTES = 0x64, FIX_TX_FRAMES = 0x68,
};

#define FIX_ID_VALUE	0x7e570001u
#define FIX_COPY_BITS(beats, vector, repeats) \
	((uint32_t)((beats) - 1) | (uint32_t)(vector) << 8 | (uint32_t)((repeats) - 1) << 16)
#define FIX_STATUS_BUSY		0x1u
#define FIX_STATUS_RRESP(s)	((s) >> 1 & 3)
#define FIX_STATUS_BRESP(s)	((s) >> 3 & 3)
#define FIX_STATUS_DONE(s)	((s) >> 16)
#define FIX_MODE_REGISTERS_STUCK 0x1u
#define FIX_MODE_DOORBELLS_STUCK 0x2u
#define FIX_LINK_UP	0x80000000u	/* in FIX_MAC_HI */
#define FIX_WIRE_BACK	0x1u		/* each frame goes back where it came from */
#define FIX_WIRE_PAUSE	0x2u
#define FIX_SEND_GAP	0x10000u	/* with the length: the last keep has a hole */
#define FIX_SEND_HOLE	0x20000u	/* the first has */
#define FIX_DB_COPY	1u
#define FIX_DB_IRQ(vector) (2u | (uint64_t)(vector) << 8)
#define FIX_DB_READS	3u	/* four reads of a beat each, with IDs 0 to 3 */
#define FIX_DB_SAME_ID	4u	/* and with one ID */

enum { RESP_OKAY = 0, RESP_SLVERR = 2, RESP_DECERR = 3 };

/* Places in the configuration space of the function */
enum { CFG_COMMAND = 0x04, CFG_BAR0 = 0x10, CFG_PM = 0x40, CFG_MSIX = 0x50, CFG_EXPRESS = 0x60 };

enum { REGION_REGS = 0, REGION_DB = 2, REGION_MSIX = 4, REGION_CONFIG = 7 };

struct process {
	pid_t pid;
	char directory[64];
	char socket[96];
	int output;		/* what it prints, a file */
};

struct client {
	int fd;
	uint16_t id;
};

/* Starts the simulator with these further options (NULL ends them); fails the test if it can't */
void process_start(struct process *process, const char *const *options);
/* SIGTERM; the exit status */
int process_stop(struct process *process);
/*
 * Runs the simulator with these options, which must make it end within 10 s; the exit status.
 * What it prints goes to text, cut to room and ended by a 0.
 */
int process_run(const char *const *options, char *text, size_t room);
/* What it has printed so far; the caller frees it */
char *process_output(const struct process *process);
/* CPU time used, in ns */
uint64_t process_cpu_ns(const struct process *process);
unsigned int process_fds(const struct process *process);

void client_connect(struct client *client, const struct process *process);
/* Also negotiates, enables memory and bus master */
void client_start(struct client *client, const struct process *process);
void client_close(struct client *client);

void client_send_raw(struct client *client, const void *data, size_t size, const int *fds,
		     unsigned int fd_count);
/* Sends a request without waiting; the message id */
uint16_t client_send(struct client *client, uint16_t command, uint32_t flags,
		     const void *payload, size_t size, const int *fds, unsigned int fd_count);
/* The next reply, payload in data; its errno. Fails the test if none comes within 5 s. */
int client_receive(struct client *client, uint16_t id, uint16_t command, void *data,
		   size_t room, size_t *size);
/* Both of the above */
int client_call(struct client *client, uint16_t command, const void *payload, size_t size,
		const int *fds, unsigned int fd_count, void *reply, size_t room,
		size_t *reply_size);
/* The server hangs up within 5 s */
bool client_sees_hangup(struct client *client);

int client_version(struct client *client, uint16_t major, uint16_t minor, const char *json,
		   char *reply_json, size_t room);
int client_map(struct client *client, uint64_t address, uint64_t size, uint32_t flags, int fd,
	       uint64_t offset);
int client_unmap(struct client *client, uint64_t address, uint64_t size, uint32_t flags);
int client_set_irqs(struct client *client, uint32_t flags, uint32_t index, uint32_t start,
		    uint32_t count, const void *data, size_t size, const int *fds,
		    unsigned int fd_count);
int client_reset(struct client *client);

int client_read(struct client *client, uint32_t region, uint64_t offset, void *data,
		uint32_t count);
int client_write(struct client *client, uint32_t region, uint64_t offset, const void *data,
		 uint32_t count);
uint32_t client_read32(struct client *client, uint32_t region, uint64_t offset);
uint16_t client_read16(struct client *client, uint32_t region, uint64_t offset);
void client_write32(struct client *client, uint32_t region, uint64_t offset, uint32_t value);
void client_write16(struct client *client, uint32_t region, uint64_t offset, uint16_t value);
void client_write64(struct client *client, uint32_t region, uint64_t offset, uint64_t value);
void client_doorbell(struct client *client, uint64_t value);

/* One copy by the fixture's engine, waited for; its status register */
uint32_t client_copy(struct client *client, uint64_t src, uint64_t dst, unsigned int beats,
		     unsigned int vector, unsigned int repeats);
void client_start_copy(struct client *client, uint64_t src, uint64_t dst, unsigned int beats,
		       unsigned int vector, unsigned int repeats);
uint32_t client_wait_copy(struct client *client);

/* Shared memory, also mapped here */
int memory_create(size_t size, uint8_t **data);
int eventfd_create(void);
/* The counter of an event descriptor within a second; 0: it was not signalled */
uint64_t eventfd_wait(int fd);
uint64_t eventfd_now(int fd);

void sleep_ms(unsigned int ms);

#endif
