// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Frames through the simulator and back: what the RTL sees of the wire, and the wire of the RTL.

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "wire_peer.h"

static struct bench bench;
static struct process process;
static struct client client;
static int peer;
static uint8_t sent[PEER_MOST + 64];
static uint8_t got[PEER_MOST + 64];

static void begin_with(const char *option, const char *value)
{
	const char *options[] = { "--link", bench.link, "--ctl", bench.ctl, option, value, NULL };

	process_start(&process, options);
	client_start(&client, &process);
}

static int begin(void **state)
{
	(void)state;
	bench_create(&bench);
	peer = peer_open(bench.peer);
	begin_with(NULL, NULL);
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

static int begin_bare(void **state)
{
	(void)state;
	bench_create(&bench);
	peer = peer_open(bench.peer);
	return 0;
}

static uint32_t reg(unsigned int offset)
{
	return client_read32(&client, REGION_REGS, offset);
}

static void set_reg(unsigned int offset, uint32_t value)
{
	client_write32(&client, REGION_REGS, offset, value);
}

static void wait_reg(unsigned int offset, uint32_t value)
{
	int tries;

	for (tries = 0; reg(offset) != value; tries++) {
		if (tries == 5000)
			fail_msg("register %#x is %u, not %u", offset, reg(offset), value);
		sleep_ms(1);
	}
}

static uint64_t wall_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ------------------------------------------------------------------ content */

static void go_round(size_t size)
{
	size_t back = size < 60 ? 60 : size;

	make_plain(sent, size, size);
	memset(sent + size, 0, back - size);
	peer_send(peer, bench.sim, sent, size);
	assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), back);
	assert_memory_equal(got, sent, back);
}

static void frames_of_all_sizes(void **state)
{
	uint64_t bytes = 0;
	uint32_t count = 0;
	size_t size;

	(void)state;
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	for (size = 14; size <= PEER_MOST; size += size < 200 || size > 9140 ? 1 : 61) {
		go_round(size);
		bytes += size < 60 ? 60 : size;
		count++;
	}
	go_round(PEER_MOST);
	assert_int_equal(reg(FIX_RX_FRAMES), count + 1);
	assert_int_equal(reg(FIX_RX_BYTES), bytes + PEER_MOST);
	assert_int_equal(ctl_counter(bench.ctl, "rx_frames"), count + 1);
	assert_int_equal(ctl_counter(bench.ctl, "tx_frames"), count + 1);
	assert_int_equal(ctl_counter(bench.ctl, "tx_bytes"), bytes + PEER_MOST);
}

static void what_is_no_frame_is_counted(void **state)
{
	(void)state;
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	memset(sent, 7, sizeof(sent));
	peer_send(peer, bench.sim, sent, 0);
	peer_send(peer, bench.sim, sent, 1);
	peer_send(peer, bench.sim, sent, 13);
	peer_send(peer, bench.sim, sent, PEER_MOST + 1);
	peer_send(peer, bench.sim, sent, PEER_MOST + 64);
	go_round(100);
	assert_int_equal(ctl_counter(bench.ctl, "rx_runts"), 3);
	assert_int_equal(ctl_counter(bench.ctl, "rx_oversize"), 2);
	assert_int_equal(reg(FIX_RX_FRAMES), 1);
}

/* What a MAC makes of what the RTL sends */
static void rtl_sends(void **state)
{
	static const uint32_t good[] = { 14, 59, 60, 61, 64, 65, 128, 1514, 9215, 9216 };
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		size_t size = good[i] < 60 ? 60 : good[i];

		set_reg(FIX_SEND, good[i]);
		assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), size);
		for (k = 0; k < size; k++)
			assert_int_equal(got[k], k < good[i] ? k & 255 : 0);
	}
	set_reg(FIX_SEND, 1);
	wait_reg(FIX_TX_FRAMES, 11);
	set_reg(FIX_SEND, 13);
	wait_reg(FIX_TX_FRAMES, 12);
	set_reg(FIX_SEND, 9217);
	wait_reg(FIX_TX_FRAMES, 13);
	set_reg(FIX_SEND, 65535);
	wait_reg(FIX_TX_FRAMES, 14);
	assert_int_equal(ctl_counter(bench.ctl, "tx_runts"), 2);
	assert_int_equal(ctl_counter(bench.ctl, "tx_oversize"), 2);
	assert_int_equal(ctl_counter(bench.ctl, "tx_bad"), 0);
	set_reg(FIX_SEND, 0);				/* nothing kept */
	wait_reg(FIX_TX_FRAMES, 15);
	set_reg(FIX_SEND, FIX_SEND_GAP | 100);
	wait_reg(FIX_TX_FRAMES, 16);
	set_reg(FIX_SEND, FIX_SEND_HOLE | 1000);
	wait_reg(FIX_TX_FRAMES, 17);
	assert_int_equal(ctl_counter(bench.ctl, "tx_bad"), 3);
	assert_int_equal(peer_receive(peer, got, sizeof(got), 50), 0);
	set_reg(FIX_SEND, 100);
	assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 100);
}

/* A stream in both directions at once, in order and whole */
static void many_frames_keep_their_order(void **state)
{
	uint64_t out = 0;
	uint64_t back = 0;

	(void)state;
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	while (back < 5000) {
		size_t size = 60 + out * 37 % 9000;

		if (out < 5000) {
			make_plain(sent, size, out);
			out += peer_try_send(peer, bench.sim, sent, size);
		}
		size = peer_receive(peer, got, sizeof(got), out < 5000 ? 0 : 5000);
		assert_true(size || out < 5000);
		if (!size)
			continue;
		make_plain(sent, 60 + back * 37 % 9000, back);
		assert_int_equal(size, 60 + back * 37 % 9000);
		assert_memory_equal(got, sent, size);
		back++;
	}
	assert_int_equal(ctl_counter(bench.ctl, "tx_lost"), 0);
	assert_int_equal(ctl_counter(bench.ctl, "tx_stuck"), 0);
}

/* ------------------------------------------------------------- flow control */

/* Frames wait in the queue and then in the socket; none is lost, and nobody burns time. */
static void pause_holds_frames(void **state)
{
	uint64_t before;
	uint64_t out = 0;
	uint64_t back;

	(void)state;
	set_reg(FIX_WIRE, FIX_WIRE_BACK | FIX_WIRE_PAUSE);
	for (;; out++) {
		int tries = 0;

		make_plain(sent, 500, out);
		while (!peer_try_send(peer, bench.sim, sent, 500) && ++tries < 500)
			sleep_ms(2);
		if (tries == 500)
			break;
		assert_true(out < 100000);
	}
	assert_true(out > 256);
	assert_int_equal(reg(FIX_RX_FRAMES), 0);
	before = process_cpu_ns(&process);
	sleep_ms(500);
	assert_in_range(process_cpu_ns(&process) - before, 0, 20000000);
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	for (back = 0; back < out; back++) {
		make_plain(sent, 500, back);
		assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 500);
		assert_memory_equal(got, sent, 500);
	}
	wait_reg(FIX_RX_FRAMES, (uint32_t)out);
}

/* A peer that does not read holds the RTL for a while and then no more. */
static void stuck_peer_is_given_up(void **state)
{
	uint32_t count = 0;
	uint64_t taken;

	(void)state;
	while (ctl_counter(bench.ctl, "tx_waits") == 0) {
		set_reg(FIX_SEND, 1000);
		wait_reg(FIX_TX_FRAMES, ++count);
		assert_true(count < 10000);
	}
	taken = ctl_counter(bench.ctl, "tx_frames");
	assert_int_equal(ctl_counter(bench.ctl, "tx_stuck"), 0);
	set_reg(FIX_SEND, 1000);	/* not taken while the one before waits */
	assert_int_equal(reg(FIX_TX_FRAMES), count);
	wait_reg(FIX_TX_FRAMES, count + 1);
	ctl_wait(bench.ctl, "tx_stuck", 2);
	set_reg(FIX_SEND, 1000);	/* now at once */
	wait_reg(FIX_TX_FRAMES, count + 2);
	assert_int_equal(ctl_counter(bench.ctl, "tx_stuck"), 3);
	while (peer_receive(peer, got, sizeof(got), 100))
		taken--;
	assert_int_equal(taken, 0);
	set_reg(FIX_SEND, 1000);
	assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 1000);
}

/* One that reads late loses nothing. */
static void slow_peer_loses_nothing(void **state)
{
	uint32_t count = 0;
	uint32_t back = 0;

	(void)state;
	while (ctl_counter(bench.ctl, "tx_waits") == 0) {
		set_reg(FIX_SEND, 1000);
		wait_reg(FIX_TX_FRAMES, ++count);
	}
	set_reg(FIX_SEND, 2000);
	sleep_ms(50);
	while (back < count) {
		assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 1000);
		back++;
	}
	assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 2000);
	assert_int_equal(ctl_counter(bench.ctl, "tx_stuck"), 0);
}

static void reset_forgets_frames(void **state)
{
	int i;

	(void)state;
	set_reg(FIX_WIRE, FIX_WIRE_PAUSE);
	for (i = 0; i < 5; i++) {
		make_plain(sent, 500, (uint64_t)i);
		peer_send(peer, bench.sim, sent, 500);
	}
	sleep_ms(50);
	assert_int_equal(client_reset(&client), 0);
	client_write16(&client, REGION_CONFIG, CFG_COMMAND, 6);
	assert_int_equal(ctl_counter(bench.ctl, "rx_flushed"), 5);
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	go_round(700);
	assert_int_equal(reg(FIX_RX_FRAMES), 1);
}

/* ------------------------------------------------------------------ capture */

struct capture {
	uint8_t *data;
	size_t size;
	size_t at;
};

static void capture_open(struct capture *capture, const char *path)
{
	static const uint8_t header[] = { 0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
					  0, 0, 0, 0, 0, 0x24, 0, 0, 1, 0, 0, 0 };
	struct stat status;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	capture->size = (size_t)status.st_size;
	capture->data = malloc(capture->size);
	assert_int_equal(read(fd, capture->data, capture->size), capture->size);
	close(fd);
	assert_true(capture->size >= sizeof(header));
	assert_memory_equal(capture->data, header, sizeof(header));
	capture->at = sizeof(header);
}

/* The next frame, its size and time; false at the end */
static bool capture_next(struct capture *capture, const uint8_t **data, size_t *size,
			 uint64_t *time)
{
	uint32_t header[4];

	if (capture->at == capture->size)
		return false;
	assert_true(capture->size - capture->at >= sizeof(header));
	memcpy(header, capture->data + capture->at, sizeof(header));
	assert_true(header[1] < 1000000000 && header[2] == header[3]);
	assert_in_range(header[2], 60, PEER_MOST);
	*time = header[0] * 1000000000ull + header[1];
	*size = header[2];
	*data = capture->data + capture->at + sizeof(header);
	capture->at += sizeof(header) + header[2];
	assert_true(capture->at <= capture->size);
	return true;
}

static void expect_capture(const char *path, unsigned int first, unsigned int count)
{
	uint64_t now = wall_ns(CLOCK_MONOTONIC);
	uint64_t epoch = wall_ns(CLOCK_REALTIME) - now;
	struct capture capture;
	const uint8_t *data;
	uint64_t last = 0;
	uint64_t time;
	size_t size;
	unsigned int i;

	capture_open(&capture, path);
	for (i = 0; i < 2 * count; i++) {	/* there and back */
		unsigned int number = first + i / 2;

		assert_true(capture_next(&capture, &data, &size, &time));
		make_plain(sent, 100 + number, number);
		assert_int_equal(size, 100 + number);
		assert_memory_equal(data, sent, size);
		assert_true(time >= last);
		last = time;
		/* The RTL's time, a tenth of the wall's */
		assert_in_range(time, epoch + now / 10 - 2000000000u, epoch + now / 10 + 1000000);
	}
	assert_false(capture_next(&capture, &data, &size, &time));
	free(capture.data);
}

static void send_numbered(unsigned int first, unsigned int count)
{
	for (; count--; first++) {
		make_plain(sent, 100 + first, first);
		peer_send(peer, bench.sim, sent, 100 + first);
		assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 100 + first);
	}
}

static void capture_survives_a_kill(void **state)
{
	(void)state;
	begin_with("--pcap", bench.pcap);
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	send_numbered(0, 50);
	assert_int_equal(ctl_counter(bench.ctl, "pcap_frames"), 100);
	kill(process.pid, SIGKILL);
	waitpid(process.pid, NULL, 0);
	expect_capture(bench.pcap, 0, 50);
	client_close(&client);
	close(process.output);
	unlink(process.socket);
	rmdir(process.directory);
	unlink(bench.sim);
	unlink(bench.ctl);
	close(peer);
	bench_remove(&bench);
}

static void capture_by_control(void **state)
{
	char line[128];
	char answer[256];
	int fd;

	(void)state;
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	send_numbered(0, 5);
	snprintf(line, sizeof(line), "pcap start %s", bench.pcap);
	ctl_tell(bench.ctl, line);
	send_numbered(5, 5);
	ctl_tell(bench.ctl, "pcap stop");
	send_numbered(10, 5);
	expect_capture(bench.pcap, 5, 5);
	ctl_tell(bench.ctl, line);	/* a new one replaces it */
	send_numbered(15, 3);
	expect_capture(bench.pcap, 15, 3);
	ctl_tell(bench.ctl, "pcap stop");
	ctl_tell(bench.ctl, "pcap stop");
	fd = ctl_connect(bench.ctl);
	ctl_ask(fd, "pcap start /nonexistent/x", answer, sizeof(answer));
	assert_string_equal(answer, "{\"ok\":false,\"error\":\"No such file or directory\"}");
	ctl_ask(fd, "pcap start /tmp", answer, sizeof(answer));
	assert_string_equal(answer, "{\"ok\":false,\"error\":\"Is a directory\"}");
	snprintf(line, sizeof(line), "pcap start %s", bench.ctl);
	ctl_ask(fd, line, answer, sizeof(answer));	/* a socket is no pipe */
	assert_non_null(strstr(answer, "false"));
	close(fd);
	send_numbered(0, 3);
}

/* wireshark -k -i PIPE: readers come, go, and do not read; the adapter never waits for them. */
static void capture_into_a_pipe(void **state)
{
	uint8_t header[24];
	uint8_t record[16 + 200];
	unsigned int i;
	int reader;

	(void)state;
	assert_int_equal(mkfifo(bench.pcap, 0600), 0);
	begin_with("--pcap", bench.pcap);
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	send_numbered(0, 5);
	for (i = 0; i < 2; i++) {
		unsigned int k;

		reader = open(bench.pcap, O_RDONLY);
		assert_true(reader >= 0);
		assert_int_equal(read(reader, header, sizeof(header)), sizeof(header));
		assert_int_equal(header[0], 0x4d);
		send_numbered(20, 3);
		for (k = 0; k < 6; k++) {
			size_t size = 16 + 120 + k / 2;

			assert_int_equal(read(reader, record, size), size);
			make_plain(sent, 120 + k / 2, 20 + k / 2);
			assert_memory_equal(record + 16, sent, 120 + k / 2);
		}
		close(reader);
		send_numbered(0, 5);
	}
	reader = open(bench.pcap, O_RDONLY);
	make_plain(sent, 9000, 1);
	for (i = 0; i < 100; i++) {
		peer_send(peer, bench.sim, sent, 9000);
		assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 9000);
	}
	assert_true(ctl_counter(bench.ctl, "pcap_lost") > 10);
	/* What was kept is whole */
	assert_int_equal(read(reader, header, sizeof(header)), sizeof(header));
	for (i = 0; i < 100; i++) {
		size_t have = 0;

		while (have < 16 + 9000) {
			ssize_t size = read(reader, got, 16 + 9000 - have);

			assert_true(size > 0);
			have += (size_t)size;
		}
	}
	close(reader);
	end(state);
}

/* ------------------------------------------------------------------- damage */

struct order {
	uint64_t numbers[3000];
	unsigned int count;
};

/* All that come now, and until none has come for so many ms */
static void note_order(struct order *order, int ms)
{
	while (peer_receive(peer, got, sizeof(got), ms)) {
		assert_true(order->count < 3000);
		order->numbers[order->count++] = number_of(got, ROCE_NUMBER_AT);
	}
}

static void impaired_run(const char *spec, struct order *order)
{
	uint32_t last = reg(FIX_TX_FRAMES) + 1000;
	uint64_t out = 0;

	order->count = 0;
	ctl_tell(bench.ctl, spec);
	while (out < 1000 || reg(FIX_TX_FRAMES) != last) {
		make_roce(sent, 200, out);
		if (out < 1000)
			out += peer_try_send(peer, bench.sim, sent, 200);
		note_order(order, 0);
	}
	/* Those held back behind the last ones go now, not after their time, and as they came */
	ctl_tell(bench.ctl, "impair off");
	note_order(order, 1000);
}

/* The same seed, whatever the clock: the same frames in the same order, twice in one process */
static void impairment_is_reproducible(void **state)
{
	static const char spec[] = "impair drop=10,dup=5,reorder=10,seed=42,only=roce";
	static struct order first;
	static struct order second;

	(void)state;
	begin_with("--time-scale", "1000");	/* so that no frame's time is up */
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	impaired_run(spec, &first);
	assert_int_equal(first.count, 1000 - ctl_counter(bench.ctl, "impair_drops") +
			 ctl_counter(bench.ctl, "impair_dups"));
	assert_in_range(ctl_counter(bench.ctl, "impair_drops"), 70, 130);
	assert_true(ctl_counter(bench.ctl, "impair_reorders") > 50);
	impaired_run(spec, &second);
	assert_int_equal(first.count, second.count);
	assert_memory_equal(first.numbers, second.numbers, first.count * sizeof(uint64_t));
	go_round(100);
	impaired_run("impair off", &second);
	assert_int_equal(second.count, 1000);
	end(state);
}

/* 1 ms of the RTL is 10 ms of ours */
static void delay_is_in_time(void **state)
{
	uint64_t before;
	uint64_t took;

	(void)state;
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	ctl_tell(bench.ctl, "impair delay=10000000");
	before = wall_ns(CLOCK_MONOTONIC);
	go_round(100);
	took = wall_ns(CLOCK_MONOTONIC) - before;
	assert_in_range(took, 100000000, 3000000000u);
	assert_true(process_cpu_ns(&process) < 400000000);
}

static void listed_frames_are_lost(void **state)
{
	uint64_t order[16];
	unsigned int count = 0;
	uint64_t out;

	(void)state;
	begin_with("--impair", "drop_at=1/4/5");
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	go_round(100);
	for (out = 1; out <= 8; out++) {
		make_roce(sent, 200, out);
		peer_send(peer, bench.sim, sent, 200);
	}
	while (peer_receive(peer, got, sizeof(got), 1000))
		order[count++] = number_of(got, ROCE_NUMBER_AT);
	assert_int_equal(count, 5);
	assert_true(order[0] == 2 && order[1] == 3 && order[2] == 6 && order[4] == 8);
	end(state);
}

/* The other direction: what comes in is lost, late, or doubled before the RTL sees it */
static void incoming_frames_are_impaired(void **state)
{
	uint64_t before;
	uint64_t out;

	(void)state;
	begin_with("--impair-in", "drop_at=2/3/7");
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	go_round(100);
	for (out = 1; out <= 8; out++) {
		make_roce(sent, 200, out);
		peer_send(peer, bench.sim, sent, 200);
	}
	for (out = 1; out <= 8; out++) {
		if (out == 2 || out == 3 || out == 7)
			continue;
		assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 200);
		assert_int_equal(number_of(got, ROCE_NUMBER_AT), out);
	}
	assert_int_equal(reg(FIX_RX_FRAMES), 6);
	ctl_tell(bench.ctl, "impair-in dup=100,delay=10000000");
	before = wall_ns(CLOCK_MONOTONIC);
	go_round(100);
	assert_in_range(wall_ns(CLOCK_MONOTONIC) - before, 100000000, 3000000000u);
	assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 100);
	assert_int_equal(reg(FIX_RX_FRAMES), 8);
	ctl_tell(bench.ctl, "impair-in off");
	go_round(100);
	assert_int_equal(peer_receive(peer, got, sizeof(got), 100), 0);
	end(state);
}

/* More than the receive queue holds, doubled, while the RTL takes none */
static void incoming_line_waits_for_pause(void **state)
{
	uint32_t next = 1;
	uint64_t out = 0;
	int tries;

	(void)state;
	begin_with("--impair-in", "dup=100");
	set_reg(FIX_WIRE, FIX_WIRE_PAUSE);
	for (tries = 0; tries < 1000 && out < 2000; tries++) {
		make_roce(sent, 200, out + 1);
		out += peer_try_send(peer, bench.sim, sent, 200);
	}
	sleep_ms(200);
	assert_int_equal(reg(FIX_RX_FRAMES), 0);
	set_reg(FIX_WIRE, FIX_WIRE_BACK);
	for (; next <= out; next++)
		for (tries = 0; tries < 2; tries++) {
			assert_int_equal(peer_receive(peer, got, sizeof(got), 5000), 200);
			assert_int_equal(number_of(got, ROCE_NUMBER_AT), next);
		}
	end(state);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define BARE(name) cmocka_unit_test_setup(name, begin_bare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(frames_of_all_sizes),
		CASE(what_is_no_frame_is_counted),
		CASE(rtl_sends),
		CASE(many_frames_keep_their_order),
		CASE(pause_holds_frames),
		CASE(stuck_peer_is_given_up),
		CASE(slow_peer_loses_nothing),
		CASE(reset_forgets_frames),
		BARE(capture_survives_a_kill),
		CASE(capture_by_control),
		BARE(capture_into_a_pipe),
		BARE(impairment_is_reproducible),
		CASE(delay_is_in_time),
		BARE(listed_frames_are_lost),
		BARE(incoming_frames_are_impaired),
		BARE(incoming_line_waits_for_pause),
	};

	return cmocka_run_group_tests_name("sim.wire", tests, NULL, NULL);
}
