// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The tracing build writes a waveform, complete also when a signal ends it.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"

/* The header block of an FST file: its type and its length, 329, with the longest byte first */
static const uint8_t fst_header[9] = { 0, 0, 0, 0, 0, 0, 0, 1, 0x49 };

static void waveform_is_written(void **state)
{
	char path[] = "/tmp/tern-test-fst-XXXXXX";
	const char *const options[] = { "--fst", path, NULL };
	uint8_t start[sizeof(fst_header)];
	struct process process;
	struct client client;
	struct stat before;
	struct stat after;
	int fd = mkstemp(path);
	int i;

	(void)state;
	assert_true(fd >= 0);
	process_start(&process, options);
	client_start(&client, &process);
	for (i = 0; i < 1000; i++)
		client_write32(&client, REGION_REGS, FIX_SCRATCH, (uint32_t)rand());
	client_close(&client);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(process_stop(&process), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_true(after.st_size > 1000 && after.st_size >= before.st_size);
	close(fd);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, start, sizeof(start)), sizeof(start));
	assert_memory_equal(start, fst_header, sizeof(start));
	close(fd);
	assert_int_equal(unlink(path), 0);
}

static void unwritable_waveform_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(system("\"$TERN_SIM\" --socket /tmp/tern-test-none "
					    "--fst /nonexistent/x.fst 2>/dev/null")), 1);
	assert_int_not_equal(access("/tmp/tern-test-none", F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waveform_is_written),
		cmocka_unit_test(unwritable_waveform_is_an_error),
	};

	return cmocka_run_group_tests_name("sim.trace", tests, NULL, NULL);
}
