// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The client's memory: what may be mapped, and what the RTL sees of it.

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

#define PAGE	4096u
#define MEMORY	(64 * PAGE)
#define RW	(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)
#define RO	VFIO_DMA_MAP_FLAG_READ
#define WO	VFIO_DMA_MAP_FLAG_WRITE

static struct process process;
static struct client client;
static uint8_t *memory;
static int memory_fd;

static int start_with(const char *const *options)
{
	size_t i;

	process_start(&process, options);
	client_start(&client, &process);
	memory_fd = memory_create(MEMORY, &memory);
	for (i = 0; i < MEMORY; i++)
		memory[i] = (uint8_t)(i * 7 + (i >> 8));
	return 0;
}

static int start(void **state)
{
	(void)state;
	return start_with(NULL);
}

static int start_slow(void **state)
{
	static const char *const options[] = { "--dma-latency", "400", NULL };

	(void)state;
	return start_with(options);
}

static int stop(void **state)
{
	(void)state;
	munmap(memory, MEMORY);
	close(memory_fd);
	client_close(&client);
	return process_stop(&process);
}

static void map_rejects_bad_ranges(void **state)
{
	static const struct { uint64_t address, size, offset; uint32_t flags; int error; } cases[] = {
		{ 0x1000, 0, 0, RW, EINVAL },
		{ 0x1001, PAGE, 0, RW, EINVAL },
		{ 0x1000, PAGE + 1, 0, RW, EINVAL },
		{ 0x1000, PAGE, 512, RW, EINVAL },
		{ 0x1000, PAGE, 0, 0, EINVAL },
		{ 0x1000, PAGE, 0, RW | 4, EINVAL },
		{ 0x1000, MEMORY, PAGE, RW, EINVAL },		/* ends behind the file */
		{ 0x1000, PAGE, MEMORY, RW, EINVAL },
		{ 0x1000, PAGE, ~0ull & ~0xfffull, RW, EINVAL },
		{ ~0ull & ~0xfffull, 2 * PAGE, 0, RW, EINVAL },	/* wraps */
		{ PAGE, ~0ull & ~0xfffull, 0, RW, EINVAL },
		{ ~0ull & ~0xfffull, PAGE, 0, RW, 0 },		/* ends exactly at the top */
		{ 0x1000, PAGE, 0, RO, 0 },
		{ 0x2000, PAGE, PAGE, WO, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(client_map(&client, cases[i].address, cases[i].size,
					    cases[i].flags, memory_fd, cases[i].offset),
				 cases[i].error);
}

static void map_rejects_overlap(void **state)
{
	(void)state;
	assert_int_equal(client_map(&client, 0x10000, 4 * PAGE, RW, memory_fd, 0), 0);
	assert_int_equal(client_map(&client, 0x10000, 4 * PAGE, RW, memory_fd, 0), EEXIST);
	assert_int_equal(client_map(&client, 0xf000, 2 * PAGE, RW, memory_fd, 0), EEXIST);
	assert_int_equal(client_map(&client, 0x13000, PAGE, RW, memory_fd, 0), EEXIST);
	assert_int_equal(client_map(&client, 0xf000, 8 * PAGE, RW, memory_fd, 0), EEXIST);
	assert_int_equal(client_map(&client, 0x11000, PAGE, RW, -1, 0), EEXIST);
	assert_int_equal(client_map(&client, 0xf000, PAGE, RW, memory_fd, 0), 0);
	assert_int_equal(client_map(&client, 0x14000, PAGE, RW, memory_fd, 0), 0);
}

static void map_rejects_descriptors_of_other_kinds(void **state)
{
	int pair[2];
	int fds[2] = { memory_fd, memory_fd };
	int readable;
	char path[64];
	struct vu_dma_map map = { .argsz = sizeof(map), .flags = RW, .size = PAGE };
	unsigned int before = process_fds(&process);

	(void)state;
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(client_map(&client, 0, PAGE, RW, pair[0], 0), EINVAL);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(client_map(&client, 0, PAGE, RW, pair[0], 0), EINVAL);
	close(pair[0]);
	close(pair[1]);
	readable = open("/dev/zero", O_RDWR | O_CLOEXEC);
	assert_int_equal(client_map(&client, 0, PAGE, RW, readable, 0), EINVAL);
	close(readable);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory_fd);
	readable = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(readable >= 0);
	assert_int_equal(client_map(&client, 0, PAGE, RW, readable, 0), EACCES);
	assert_int_equal(client_map(&client, 0, PAGE, RO, readable, 0), 0);
	close(readable);
	assert_int_equal(client_call(&client, VU_DMA_MAP, &map, sizeof(map), fds, 2, NULL, 0,
				     NULL), EINVAL);
	map.argsz--;
	assert_int_equal(client_call(&client, VU_DMA_MAP, &map, sizeof(map), fds, 1, NULL, 0,
				     NULL), EINVAL);
	assert_int_equal(process_fds(&process), before);
}

static void unmap_needs_an_exact_match(void **state)
{
	(void)state;
	assert_int_equal(client_map(&client, 0x10000, 4 * PAGE, RW, memory_fd, 0), 0);
	assert_int_equal(client_unmap(&client, 0x10000, PAGE, 0), ENOENT);
	assert_int_equal(client_unmap(&client, 0x11000, 3 * PAGE, 0), ENOENT);
	assert_int_equal(client_unmap(&client, 0x20000, PAGE, 0), ENOENT);
	assert_int_equal(client_unmap(&client, 0x10000, 0, 0), ENOENT);
	assert_int_equal(client_unmap(&client, 0x10000, 4 * PAGE, 4), EINVAL);
	assert_int_equal(client_unmap(&client, 0x10000, 4 * PAGE, 1), EINVAL);	/* dirty pages */
	assert_int_equal(client_unmap(&client, 0x10000, 4 * PAGE, 0), 0);
	assert_int_equal(client_unmap(&client, 0x10000, 4 * PAGE, 0), ENOENT);
	assert_int_equal(client_map(&client, 0x10000, PAGE, RW, memory_fd, 0), 0);
	assert_int_equal(client_map(&client, 0x20000, PAGE, RW, memory_fd, 0), 0);
	assert_int_equal(client_unmap(&client, 0x10000, PAGE, VFIO_DMA_UNMAP_FLAG_ALL), EINVAL);
	assert_int_equal(client_unmap(&client, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL), 0);
	assert_int_equal(client_unmap(&client, 0x10000, PAGE, 0), ENOENT);
}

/* As many as are announced, in an order that is neither up nor down, and not one more */
static void many_maps(void **state)
{
	const unsigned int count = VU_MAX_DMA_MAPS;
	unsigned int i;

	(void)state;
	for (i = 0; i < count; i++)
		assert_int_equal(client_map(&client, (uint64_t)(i * 7919u % count) * PAGE, PAGE,
					    RW, memory_fd, i % 64 * PAGE), 0);
	assert_int_equal(client_map(&client, (uint64_t)count * PAGE, PAGE, RW, memory_fd, 0),
			 ENOSPC);
	assert_int_equal(client_copy(&client, 7919u * 3 % count * PAGE, 0, 64, 0, 1),
			 1 << 16);
	assert_memory_equal(memory, memory + 3 * PAGE, PAGE);
	for (i = 0; i < count; i++)
		assert_int_equal(client_unmap(&client, (uint64_t)(i * 104729u % count) * PAGE,
					      PAGE, 0), 0);
	assert_int_equal(client_unmap(&client, 0, PAGE, 0), ENOENT);
}

static void copies_are_exact(void **state)
{
	const uint64_t high = 0xfffffff000000000ull;
	unsigned int beats;

	(void)state;
	assert_int_equal(client_map(&client, 0, 16 * PAGE, RW, memory_fd, 0), 0);
	assert_int_equal(client_map(&client, high, 16 * PAGE, RW, memory_fd, 32 * PAGE), 0);
	for (beats = 1; beats <= 64; beats += 7) {
		uint32_t status;

		memset(memory + 32 * PAGE, 0xee, 16 * PAGE);
		status = client_copy(&client, PAGE, high + 2 * PAGE, beats, 0, 1);
		assert_int_equal(FIX_STATUS_RRESP(status), RESP_OKAY);
		assert_int_equal(FIX_STATUS_BRESP(status), RESP_OKAY);
		assert_memory_equal(memory + 34 * PAGE, memory + PAGE, beats * 64);
		assert_int_equal(memory[34 * PAGE - 1], 0xee);
		assert_int_equal(memory[34 * PAGE + beats * 64], 0xee);
	}
}

static void strobes_pick_bytes(void **state)
{
	static const uint64_t strobes[] = {
		0, 1, 1ull << 63, 0xff, 0xff00000000000000ull, 0x0f, 0xf0, 0x3c, 0x7e, 0x8001,
		0x0123456789abcdefull, 0xfffffffffffffffeull, 0x5555555555555555ull, ~0ull,
	};
	size_t i;

	(void)state;
	assert_int_equal(client_map(&client, 0, 16 * PAGE, RW, memory_fd, 0), 0);
	for (i = 0; i < sizeof(strobes) / sizeof(strobes[0]); i++) {
		unsigned int k;

		memset(memory + PAGE, 0xee, PAGE);
		client_write32(&client, REGION_REGS, FIX_STROBE, (uint32_t)strobes[i]);
		client_write32(&client, REGION_REGS, FIX_STROBE + 4, (uint32_t)(strobes[i] >> 32));
		client_copy(&client, 0, PAGE, 2, 0, 1);
		for (k = 0; k < 128; k++)
			assert_int_equal(memory[PAGE + k],
					 strobes[i] >> (k % 64) & 1 ? memory[k] : 0xee);
	}
}

static void rights_are_kept(void **state)
{
	uint8_t before[PAGE];
	uint32_t status;

	(void)state;
	memcpy(before, memory + PAGE, PAGE);
	assert_int_equal(client_map(&client, 0, PAGE, RW, memory_fd, 0), 0);
	assert_int_equal(client_map(&client, PAGE, PAGE, RO, memory_fd, PAGE), 0);
	assert_int_equal(client_map(&client, 2 * PAGE, PAGE, WO, memory_fd, 2 * PAGE), 0);
	status = client_copy(&client, 0, PAGE, 4, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_OKAY);
	assert_int_equal(FIX_STATUS_BRESP(status), RESP_SLVERR);
	assert_memory_equal(memory + PAGE, before, PAGE);
	status = client_copy(&client, 2 * PAGE, 0, 4, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_SLVERR);
	status = client_copy(&client, PAGE, 2 * PAGE, 4, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_OKAY);
	assert_int_equal(FIX_STATUS_BRESP(status), RESP_OKAY);
	assert_memory_equal(memory + 2 * PAGE, before, 256);
}

static void holes_give_decode_errors(void **state)
{
	uint32_t status;

	(void)state;
	assert_int_equal(client_map(&client, PAGE, PAGE, RW, memory_fd, 0), 0);
	status = client_copy(&client, 0, 2 * PAGE, 1, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_DECERR);
	assert_int_equal(FIX_STATUS_BRESP(status), RESP_DECERR);
	status = client_copy(&client, ~0ull & ~0x3full, PAGE, 1, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_DECERR);
	assert_int_equal(FIX_STATUS_BRESP(status), RESP_OKAY);
	assert_int_equal(memory[0], 0);	/* what comes with an error is zero */
}

/* A burst over a 4 KiB boundary breaks AXI. It is refused whole, whatever lies behind. */
static void boundary_is_enforced(void **state)
{
	uint32_t status;
	char *output;

	(void)state;
	assert_int_equal(client_map(&client, 0, 4 * PAGE, RW, memory_fd, 0), 0);
	status = client_copy(&client, PAGE - 64, 2 * PAGE, 2, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_SLVERR);
	assert_int_equal(FIX_STATUS_BRESP(status), RESP_OKAY);
	status = client_copy(&client, 0, PAGE - 64, 2, 0, 1);
	assert_int_equal(FIX_STATUS_BRESP(status), RESP_SLVERR);
	output = process_output(&process);
	assert_non_null(strstr(output, "broke its AXI contract"));
	free(output);
}

/* The first beat of an unaligned burst is the aligned one that holds the address. */
static void unaligned_addresses(void **state)
{
	uint32_t status;

	(void)state;
	assert_int_equal(client_map(&client, 0, 4 * PAGE, RW, memory_fd, 0), 0);
	status = client_copy(&client, 100, 2 * PAGE + 8, 2, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status) | FIX_STATUS_BRESP(status), RESP_OKAY);
	assert_memory_equal(memory + 2 * PAGE, memory + 64, 128);
	status = client_copy(&client, PAGE - 1, 3 * PAGE, 1, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_OKAY);
	assert_memory_equal(memory + 3 * PAGE, memory + PAGE - 64, 64);
}

static void bus_master_bit_gates_dma(void **state)
{
	uint8_t before[64];
	uint32_t status;

	(void)state;
	memcpy(before, memory + PAGE, sizeof(before));
	assert_int_equal(client_map(&client, 0, 4 * PAGE, RW, memory_fd, 0), 0);
	client_write16(&client, REGION_CONFIG, CFG_COMMAND, 2);
	status = client_copy(&client, 0, PAGE, 1, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_SLVERR);
	assert_int_equal(FIX_STATUS_BRESP(status), RESP_SLVERR);
	assert_memory_equal(memory + PAGE, before, sizeof(before));
	client_write16(&client, REGION_CONFIG, CFG_COMMAND, 6);
	status = client_copy(&client, 0, PAGE, 1, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status) | FIX_STATUS_BRESP(status), RESP_OKAY);
	assert_memory_equal(memory + PAGE, memory, 64);
}

static void memory_without_descriptor_is_unreachable(void **state)
{
	uint32_t status;
	char *output;

	(void)state;
	assert_int_equal(client_map(&client, 0, PAGE, RW, -1, 0), 0);
	assert_int_equal(client_map(&client, PAGE, PAGE, RW, memory_fd, 0), 0);
	status = client_copy(&client, 0, PAGE, 1, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_DECERR);
	output = process_output(&process);
	assert_non_null(strstr(output, "without a file descriptor"));
	free(output);
	assert_int_equal(client_unmap(&client, 0, PAGE, 0), 0);
}

/* When the reply to the unmap is here, not a byte more may be written. */
static void unmap_while_dma_runs(void **state)
{
	int round;

	(void)state;
	assert_int_equal(client_map(&client, 0, PAGE, RW, memory_fd, 0), 0);
	for (round = 0; round < 20; round++) {
		uint8_t *target = memory + PAGE;
		uint32_t status;

		memset(target, 0, PAGE);
		assert_int_equal(client_map(&client, PAGE, PAGE, RW, memory_fd, PAGE), 0);
		client_start_copy(&client, 0, PAGE, 64, 0, 3000);
		sleep_ms((unsigned int)round % 3);
		assert_int_equal(client_unmap(&client, PAGE, PAGE, 0), 0);
		memset(target, 0, PAGE);
		status = client_wait_copy(&client);
		assert_int_equal(FIX_STATUS_BRESP(status), RESP_DECERR);
		assert_int_equal(target[0] | target[PAGE - 1], 0);
		assert_memory_equal(target, target + 1, PAGE - 1);
	}
}

/* And the other way round: reads of a region that comes and goes see data or an error. */
static void remap_while_dma_runs(void **state)
{
	unsigned int errors = 0;
	int round;

	(void)state;
	assert_int_equal(client_map(&client, PAGE, PAGE, RW, memory_fd, PAGE), 0);
	for (round = 0; round < 50; round++) {
		uint32_t status;

		assert_int_equal(client_map(&client, 0, PAGE, RO, memory_fd, 0), 0);
		client_start_copy(&client, 0, PAGE, 64, 0, 100);
		assert_int_equal(client_unmap(&client, 0, PAGE, 0), 0);
		assert_int_equal(client_map(&client, 0, 2 * PAGE, RO, memory_fd, 0), EEXIST);
		status = client_wait_copy(&client);
		errors += FIX_STATUS_RRESP(status) == RESP_DECERR;
	}
	assert_int_not_equal(errors, 0);
}

/* A client that cuts its file under a mapping gets errors, not a dead server. */
static void file_cut_under_the_mapping(void **state)
{
	uint32_t status;

	(void)state;
	assert_int_equal(client_map(&client, 0, 8 * PAGE, RW, memory_fd, 0), 0);
	assert_int_equal(client_map(&client, 8 * PAGE, 8 * PAGE, RW, memory_fd, 8 * PAGE), 0);
	munmap(memory, MEMORY);
	assert_int_equal(ftruncate(memory_fd, 8 * PAGE), 0);
	memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
	status = client_copy(&client, 9 * PAGE, 0, 64, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status), RESP_SLVERR);
	assert_int_equal(FIX_STATUS_BRESP(status), RESP_OKAY);
	status = client_copy(&client, 0, 10 * PAGE, 64, 0, 1);
	assert_int_equal(FIX_STATUS_BRESP(status), RESP_SLVERR);
	status = client_copy(&client, 0, PAGE, 64, 0, 1);
	assert_int_equal(FIX_STATUS_RRESP(status) | FIX_STATUS_BRESP(status), RESP_OKAY);
	assert_int_equal(client_unmap(&client, 8 * PAGE, 8 * PAGE, 0), 0);
}

/* With latency, answers of different IDs change places; each still comes, once. */
static void answers_overtake_with_latency(void **state)
{
	unsigned int disorder = 0;
	int round;

	(void)state;
	assert_int_equal(client_map(&client, 0, PAGE, RW, memory_fd, 0), 0);
	client_write64(&client, REGION_REGS, FIX_SRC, 0);
	for (round = 0; round < 100; round++) {
		uint32_t order;
		uint32_t seen = 0;
		int i;

		client_doorbell(&client, FIX_DB_READS);
		client_wait_copy(&client);
		order = client_read32(&client, REGION_REGS, FIX_ORDER);
		for (i = 0; i < 4; i++)
			seen |= 1u << (order >> (6 * i) & 63);
		assert_int_equal(seen, 0xf);
		disorder += order != (0 << 18 | 1 << 12 | 2 << 6 | 3);
	}
	assert_int_not_equal(disorder, 0);
	assert_int_not_equal(disorder, 100);
}

static void answers_keep_order_without_latency(void **state)
{
	int round;

	(void)state;
	assert_int_equal(client_map(&client, 0, PAGE, RW, memory_fd, 0), 0);
	for (round = 0; round < 10; round++) {
		client_doorbell(&client, FIX_DB_READS);
		client_wait_copy(&client);
		assert_int_equal(client_read32(&client, REGION_REGS, FIX_ORDER),
				 0 << 18 | 1 << 12 | 2 << 6 | 3);
	}
}

/* With one ID they may not. */
static void answers_of_one_id_keep_order(void **state)
{
	int round;
	int i;

	(void)state;
	assert_int_equal(client_map(&client, 0, PAGE, RW, memory_fd, 0), 0);
	client_write64(&client, REGION_REGS, FIX_SRC, 0);
	for (i = 0; i < 4; i++)
		memory[64 * i] = (uint8_t)i;
	for (round = 0; round < 100; round++) {
		client_doorbell(&client, FIX_DB_SAME_ID);
		client_wait_copy(&client);
		assert_int_equal(client_read32(&client, REGION_REGS, FIX_ORDER),
				 0 << 18 | 1 << 12 | 2 << 6 | 3);
	}
}

static bool writer_stops;

/* As a driver does it: the fields first, the word with the valid bit last */
static void *write_descriptors(void *unused)
{
	uint64_t version;
	unsigned int line;

	(void)unused;
	for (version = 1; !__atomic_load_n(&writer_stops, __ATOMIC_RELAXED); version++) {
		for (line = 0; line < 64; line++) {
			uint64_t *words = (uint64_t *)(void *)memory + line * 8;
			unsigned int i;

			for (i = 0; i < 8; i++)
				if (i != 3)
					__atomic_store_n(&words[i], version, __ATOMIC_RELAXED);
			__atomic_store_n(&words[3], version, __ATOMIC_RELEASE);
		}
	}
	return NULL;
}

/* A beat is seen as it was at one instant: never a valid bit with an old field beside it. */
static void beats_are_read_whole(void **state)
{
	uint64_t *copy = (uint64_t *)(void *)(memory + PAGE);
	pthread_t writer;
	int round;
	unsigned int line;
	unsigned int i;

	(void)state;
	assert_int_equal(client_map(&client, 0, 2 * PAGE, RW, memory_fd, 0), 0);
	memset(memory, 0, PAGE);
	writer_stops = false;
	assert_int_equal(pthread_create(&writer, NULL, write_descriptors, NULL), 0);
	for (round = 0; round < 2000; round++) {
		client_copy(&client, 0, PAGE, 64, 0, 1);
		for (line = 0; line < 64; line++)
			for (i = 0; i < 8; i++)
				assert_true(copy[line * 8 + i] >= copy[line * 8 + 3]);
	}
	__atomic_store_n(&writer_stops, true, __ATOMIC_RELAXED);
	pthread_join(writer, NULL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(map_rejects_bad_ranges),
		CASE(map_rejects_overlap),
		CASE(map_rejects_descriptors_of_other_kinds),
		CASE(unmap_needs_an_exact_match),
		CASE(many_maps),
		CASE(copies_are_exact),
		CASE(strobes_pick_bytes),
		CASE(rights_are_kept),
		CASE(holes_give_decode_errors),
		CASE(boundary_is_enforced),
		CASE(unaligned_addresses),
		CASE(bus_master_bit_gates_dma),
		CASE(memory_without_descriptor_is_unreachable),
		CASE(unmap_while_dma_runs),
		CASE(remap_while_dma_runs),
		CASE(file_cut_under_the_mapping),
		CASE(beats_are_read_whole),
		CASE(answers_keep_order_without_latency),
		cmocka_unit_test_setup_teardown(answers_overtake_with_latency, start_slow, stop),
		cmocka_unit_test_setup_teardown(answers_of_one_id_keep_order, start_slow, stop),
	};

	return cmocka_run_group_tests_name("sim.dma", tests, NULL, NULL);
}
