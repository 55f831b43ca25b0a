// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The program as a whole: options, its socket, signals, resets, clients that come and go, time,
// and rest.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

#define RW	(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

static struct process process;
static struct client client;

static int start(void **state)
{
	(void)state;
	process_start(&process, NULL);
	client_start(&client, &process);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	client_close(&client);
	return process_stop(&process);
}

static uint64_t wall_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint32_t reg(unsigned int offset)
{
	return client_read32(&client, REGION_REGS, offset);
}

static void set_reg(unsigned int offset, uint32_t value)
{
	client_write32(&client, REGION_REGS, offset, value);
}

static void help_is_printed(void **state)
{
	const char *const options[] = { "--help", NULL };
	char text[8192];

	(void)state;
	assert_int_equal(process_run(options, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "--dma-latency NS"));
}

static void bad_options_are_refused(void **state)
{
	static const char *const cases[][4] = {
		{ NULL }, { "--socket", NULL }, { "--socket", "", NULL },
		{ "--nonsense", NULL }, { "x", NULL },
		{ "--mac", "02:00:00:00:00", NULL }, { "--mac", "02:00:00:00:00:0g", NULL },
		{ "--mac", "01:00:00:00:00:01", NULL }, { "--mac", "00:00:00:00:00:00", NULL },
		{ "--mac", "02-00-00-00-00-01", NULL }, { "--mac", "02:00:00:00:00:01:", NULL },
		{ "--carrier", "maybe", NULL }, { "--link", "x", NULL }, { "--pcap", "", NULL },
		{ "--ctl", "", NULL }, { "--impair", "", NULL }, { "--impair", "drop=x", NULL },
		{ "--dma-latency", "-1", NULL }, { "--dma-latency", "1000001", NULL },
		{ "--dma-latency", "1x", NULL }, { "--dma-latency", " 1", NULL },
		{ "--time-scale", "0", NULL }, { "--time-scale", "1000001", NULL },
		{ "--time-scale", "99999999999999999999", NULL }, { "--log", "loud", NULL },
	};
	char text[8192];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(process_run(cases[i], text, sizeof(text)), 2);
		assert_int_not_equal(text[0], '\0');
	}
}

static void waveforms_need_the_tracing_build(void **state)
{
	const char *const options[] = { "--socket", "/tmp/tern-test-none", "--fst", "/tmp/x.fst",
					NULL };
	char text[1024];

	(void)state;
	assert_int_equal(process_run(options, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "tern-sim-trace"));
	assert_int_not_equal(access("/tmp/tern-test-none", F_OK), 0);
}

static void straps_reach_the_rtl(void **state)
{
	static const char *const options[] = { "--mac", "02:1b:Ce:04:05:f6", "--carrier", "down",
					       NULL };
	static const char *const up[] = { "--carrier", "up", NULL };

	(void)state;
	process_start(&process, options);
	client_start(&client, &process);
	assert_int_equal(reg(FIX_MAC_LO), 0xce0405f6);
	assert_int_equal(reg(FIX_MAC_HI), 0x021b);
	client_close(&client);
	assert_int_equal(process_stop(&process), 0);
	process_start(&process, up);
	client_start(&client, &process);
	assert_int_equal(reg(FIX_MAC_HI), 0x80000254);
	client_close(&client);
	assert_int_equal(process_stop(&process), 0);
}

static void live_socket_is_not_taken(void **state)
{
	const char *const options[] = { "--socket", process.socket, NULL };
	char text[1024];

	(void)state;
	assert_int_equal(process_run(options, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "served by another process"));
	assert_int_equal(reg(FIX_ID), FIX_ID_VALUE);
}

static void other_files_are_not_touched(void **state)
{
	char path[] = "/tmp/tern-test-file-XXXXXX";
	const char *const options[] = { "--socket", path, NULL };
	char text[1024];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(process_run(options, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "not a socket"));
	assert_int_equal(unlink(path), 0);
	close(fd);
}

static void path_too_long_for_a_socket(void **state)
{
	char path[200];
	const char *const options[] = { "--socket", path, NULL };
	char text[1024];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(process_run(options, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "too long"));
}

static void dead_socket_is_replaced(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat stat;
	int fd;

	(void)state;
	process_start(&process, NULL);
	kill(process.pid, SIGKILL);
	waitpid(process.pid, NULL, 0);
	assert_int_equal(access(process.socket, F_OK), 0);
	strcpy(address.sun_path, process.socket);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_not_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	process.pid = fork();
	if (!process.pid) {
		execl(getenv("TERN_SIM"), "tern-sim", "--socket", process.socket, NULL);
		_exit(127);
	}
	sleep_ms(200);
	client_start(&client, &process);
	assert_int_equal(reg(FIX_ID), FIX_ID_VALUE);
	assert_int_equal(lstat(process.socket, &stat), 0);
	assert_int_equal(stat.st_mode & 077, 0);	/* nobody else may connect */
	client_close(&client);
	assert_int_equal(process_stop(&process), 0);
}

static void signals_end_it_in_any_state(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT };
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		int status;

		process_start(&process, NULL);
		if (i >= 2)
			client_start(&client, &process);
		if (i >= 4)
			set_reg(FIX_MODE, 4);	/* busy for ever */
		kill(process.pid, signals[i % 2]);
		assert_int_equal(waitpid(process.pid, &status, 0), process.pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		assert_int_not_equal(access(process.socket, F_OK), 0);
		rmdir(process.directory);
		if (i >= 2) {
			assert_true(client_sees_hangup(&client));
			client_close(&client);
		}
	}
}

static void statistics_are_printed(void **state)
{
	static const char *const options[] = { "--stats", NULL };
	uint8_t *memory;
	int fd = memory_create(8192, &memory);
	char *output;

	(void)state;
	process_start(&process, options);
	client_start(&client, &process);
	assert_int_equal(client_map(&client, 0, 8192, RW, fd, 0), 0);
	client_copy(&client, 0, 4096, 3, 0, 1);
	kill(process.pid, SIGUSR1);
	sleep_ms(100);
	output = process_output(&process);
	assert_non_null(strstr(output, "cycles "));
	assert_non_null(strstr(output, "khz "));
	assert_non_null(strstr(output, "messages.dma_map             1\n"));
	assert_non_null(strstr(output, "dma_read_bytes               192\n"));
	assert_non_null(strstr(output, "dma_write_bytes              192\n"));
	assert_non_null(strstr(output, "doorbells                    1\n"));
	free(output);
	client_close(&client);
	assert_int_equal(process_stop(&process), 0);
	munmap(memory, 8192);
	close(fd);
}

static void reset_message_resets_all(void **state)
{
	(void)state;
	set_reg(FIX_SCRATCH, 5);
	set_reg(FIX_MODE, 7);
	assert_int_equal(client_reset(&client), 0);
	assert_int_equal(client_read16(&client, REGION_CONFIG, CFG_COMMAND), 0);
	client_write16(&client, REGION_CONFIG, CFG_COMMAND, 6);
	assert_int_equal(reg(FIX_SCRATCH), 0);
	assert_int_equal(reg(FIX_MODE), 0);
}

static void reset_in_the_middle_of_dma(void **state)
{
	uint8_t *memory;
	int fd = memory_create(8192, &memory);
	int round;

	(void)state;
	assert_int_equal(client_map(&client, 0, 8192, RW, fd, 0), 0);
	for (round = 0; round < 100; round++) {
		client_start_copy(&client, 0, 4096, 64, 0, 3000);
		if (round % 2)
			sleep_ms(1);
		assert_int_equal(client_reset(&client), 0);
		client_write16(&client, REGION_CONFIG, CFG_COMMAND, 6);
		memory[0] = (uint8_t)round;
		assert_int_equal(client_copy(&client, 0, 4096, 1, 0, 1), 1 << 16);
		assert_int_equal(memory[4096], round);
	}
	munmap(memory, 8192);
	close(fd);
}

/* The next client finds a fresh device, and nothing of the last one is kept. */
static void clients_come_and_go(void **state)
{
	uint8_t *memory;
	int fd = memory_create(8192, &memory);
	int event = eventfd_create();
	unsigned int fds;
	int round;

	(void)state;
	fds = process_fds(&process);
	for (round = 0; round < 50; round++) {
		assert_int_equal(client_map(&client, 0, 8192, RW, fd, 0), 0);
		assert_int_equal(client_set_irqs(&client, VFIO_IRQ_SET_DATA_EVENTFD |
						 VFIO_IRQ_SET_ACTION_TRIGGER,
						 VFIO_PCI_MSIX_IRQ_INDEX, 0, 1, NULL, 0, &event,
						 1), 0);
		set_reg(FIX_SCRATCH, 77);
		client_start_copy(&client, 0, 4096, 64, 0, 3000);
		client_close(&client);
		client_start(&client, &process);
		assert_int_equal(process_fds(&process), fds);
		assert_int_equal(reg(FIX_SCRATCH), 0);
		assert_int_equal(client_unmap(&client, 0, 8192, 0), ENOENT);
	}
	close(event);
	munmap(memory, 8192);
	close(fd);
}

/* An RTL that does not answer costs the guest all ones, not the server. */
static void stuck_registers_read_all_ones(void **state)
{
	uint64_t before;
	char *output;
	int i;

	(void)state;
	set_reg(FIX_MODE, FIX_MODE_REGISTERS_STUCK);
	assert_int_equal(reg(FIX_ID), 0xffffffff);
	before = wall_ns();
	for (i = 0; i < 1000; i++)
		assert_int_equal(reg(FIX_ID), 0xffffffff);
	set_reg(FIX_SCRATCH, 1);
	assert_in_range(wall_ns() - before, 0, 1000000000u);	/* known by now, no more waiting */
	output = process_output(&process);
	assert_non_null(strstr(output, "does not answer: read of register 0"));
	free(output);
	assert_int_equal(client_reset(&client), 0);
	client_write16(&client, REGION_CONFIG, CFG_COMMAND, 6);
	assert_int_equal(reg(FIX_ID), FIX_ID_VALUE);
}

static void stuck_doorbells_are_dropped(void **state)
{
	int i;

	(void)state;
	set_reg(FIX_MODE, FIX_MODE_DOORBELLS_STUCK);
	for (i = 0; i < 1000; i++)
		client_doorbell(&client, 0);
	assert_int_equal(reg(FIX_DB_COUNT), 0);
	set_reg(FIX_MODE, 0);
	client_doorbell(&client, 0);
	assert_int_equal(reg(FIX_DB_COUNT), 1);
}

/* A doorbell for a busy engine waits; the register read after it sees it done. */
static void doorbells_wait_for_the_engine(void **state)
{
	uint8_t *memory;
	int fd = memory_create(8192, &memory);
	int i;

	(void)state;
	assert_int_equal(client_map(&client, 0, 8192, RW, fd, 0), 0);
	for (i = 0; i < 100; i++)
		client_start_copy(&client, 0, 4096, 64, 0, 10);
	assert_int_equal(reg(FIX_DB_COUNT), 100);
	assert_int_equal(FIX_STATUS_DONE(client_wait_copy(&client)), 1000);
	munmap(memory, 8192);
	close(fd);
}

static void idle_costs_nothing(void **state)
{
	uint64_t before;

	(void)state;
	reg(FIX_ID);
	sleep_ms(10);
	before = process_cpu_ns(&process);
	sleep_ms(1000);
	assert_in_range(process_cpu_ns(&process) - before, 0, 2000000);
	client_close(&client);	/* and without a client */
	sleep_ms(10);
	before = process_cpu_ns(&process);
	sleep_ms(1000);
	assert_in_range(process_cpu_ns(&process) - before, 0, 2000000);
}

/* Sleeping, but for a timer of the RTL: it fires in time and costs nothing either. */
static void timer_wakes_the_rtl(void **state)
{
	int event = eventfd_create();
	uint64_t before;
	uint64_t cpu;
	uint64_t took;

	(void)state;
	client_write16(&client, REGION_CONFIG, CFG_MSIX + 2, 0x8000);
	assert_int_equal(client_set_irqs(&client, VFIO_IRQ_SET_DATA_EVENTFD |
					 VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_PCI_MSIX_IRQ_INDEX, 0,
					 1, NULL, 0, &event, 1), 0);
	cpu = process_cpu_ns(&process);
	before = wall_ns();
	set_reg(FIX_TIMER, 20000000);	/* 20 ms of the device, 200 ms of ours */
	assert_int_equal(eventfd_wait(event), 1);
	took = wall_ns() - before;
	assert_in_range(took, 199000000, 900000000);
	assert_in_range(process_cpu_ns(&process) - cpu, 0, 2000000);
	close(event);
}

static void time_follows_the_scale(void **state)
{
	static const char *const options[] = { "--time-scale", "1000", NULL };
	uint64_t before;
	uint32_t first;
	uint32_t passed;

	(void)state;
	process_start(&process, options);
	client_start(&client, &process);
	before = wall_ns();
	first = reg(FIX_NOW);
	sleep_ms(200);
	passed = reg(FIX_NOW) - first;
	assert_in_range(passed, 200000, (wall_ns() - before) / 1000);
	client_close(&client);
	assert_int_equal(process_stop(&process), 0);
}

/* While the RTL is busy the socket is still looked at often enough. */
static void busy_rtl_answers_quickly(void **state)
{
	uint64_t before;
	int i;

	(void)state;
	set_reg(FIX_MODE, 4);
	sleep_ms(20);
	before = wall_ns();
	for (i = 0; i < 1000; i++)
		assert_int_equal(reg(FIX_ID), FIX_ID_VALUE);
	assert_in_range(wall_ns() - before, 0, 1000000000u);
	assert_true(process_cpu_ns(&process) > 10000000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_is_printed),
		cmocka_unit_test(bad_options_are_refused),
		cmocka_unit_test(waveforms_need_the_tracing_build),
		cmocka_unit_test(straps_reach_the_rtl),
		cmocka_unit_test(other_files_are_not_touched),
		cmocka_unit_test(path_too_long_for_a_socket),
		cmocka_unit_test(dead_socket_is_replaced),
		cmocka_unit_test(signals_end_it_in_any_state),
		cmocka_unit_test(statistics_are_printed),
		cmocka_unit_test(time_follows_the_scale),
		CASE(live_socket_is_not_taken),
		CASE(reset_message_resets_all),
		CASE(reset_in_the_middle_of_dma),
		CASE(clients_come_and_go),
		CASE(stuck_registers_read_all_ones),
		CASE(stuck_doorbells_are_dropped),
		CASE(doorbells_wait_for_the_engine),
		CASE(idle_costs_nothing),
		CASE(timer_wakes_the_rtl),
		CASE(busy_rtl_answers_quickly),
	};

	return cmocka_run_group_tests_name("sim.process", tests, NULL, NULL);
}
