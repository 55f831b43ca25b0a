// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The ends of a cable: who takes which, when they see each other, and what else may be there.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire_peer.h"

static struct bench bench;
static uint8_t data[PEER_MOST];

struct host {
	struct process process;
	struct client client;
};

static void host_start(struct host *host, const char *link, const char *ctl)
{
	const char *options[] = { "--link", link, ctl ? "--ctl" : NULL, ctl, NULL };

	process_start(&host->process, options);
	client_start(&host->client, &host->process);
}

static void host_stop(struct host *host)
{
	client_close(&host->client);
	assert_int_equal(process_stop(&host->process), 0);
}

static void host_kill(struct host *host)
{
	kill(host->process.pid, SIGKILL);
	waitpid(host->process.pid, NULL, 0);
	client_close(&host->client);
	close(host->process.output);
	unlink(host->process.socket);
	rmdir(host->process.directory);
}

static bool is_up(struct host *host)
{
	return client_read32(&host->client, REGION_REGS, FIX_MAC_HI) & FIX_LINK_UP;
}

static void wait_carrier(struct host *host, bool up)
{
	int tries;

	for (tries = 0; is_up(host) != up; tries++) {
		assert_true(tries < 500);
		sleep_ms(10);
	}
}

static void wait_reg(struct host *host, unsigned int offset, uint32_t value)
{
	int tries;

	for (tries = 0; client_read32(&host->client, REGION_REGS, offset) != value; tries++) {
		assert_true(tries < 2000);
		sleep_ms(1);
	}
}

static void expect_frames(struct host *from, struct host *to, uint32_t count)
{
	uint32_t before = client_read32(&to->client, REGION_REGS, FIX_RX_FRAMES);
	uint32_t sent = client_read32(&from->client, REGION_REGS, FIX_TX_FRAMES);
	uint32_t i;

	for (i = 1; i <= count; i++) {
		client_write32(&from->client, REGION_REGS, FIX_SEND, 1000);
		wait_reg(from, FIX_TX_FRAMES, sent + i);
	}
	wait_reg(to, FIX_RX_FRAMES, before + count);
}

/* With a link that it refuses */
static int run(const char *link, char *text, size_t room)
{
	const char *const options[] = { "--socket", "/tmp/tern-test-link-none", "--link", link, NULL };

	return process_run(options, text, room);
}

static int begin(void **state)
{
	(void)state;
	bench_create(&bench);
	return 0;
}

static int end(void **state)
{
	(void)state;
	bench_remove(&bench);
	return 0;
}

/* --------------------------------------------------------------------- unix */

static void two_meet_by_a_name(void **state)
{
	struct host first;
	struct host second;
	char link[80];
	char path[80];
	char text[512];

	(void)state;
	snprintf(link, sizeof(link), "unix:%s/ab", bench.directory);
	host_start(&first, link, NULL);
	assert_false(is_up(&first));
	host_start(&second, link, NULL);
	wait_carrier(&first, true);
	assert_true(is_up(&second));
	expect_frames(&first, &second, 20);
	expect_frames(&second, &first, 20);
	assert_int_equal(run(link, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "both ends of this link are taken"));
	/* One dies and comes back: it takes the end that is free */
	host_kill(&first);
	wait_carrier(&second, false);
	host_start(&first, link, NULL);
	wait_carrier(&second, true);
	assert_true(is_up(&first));
	expect_frames(&first, &second, 20);
	expect_frames(&second, &first, 20);
	host_stop(&second);
	wait_carrier(&first, false);
	host_start(&second, link, NULL);
	wait_carrier(&first, true);
	expect_frames(&first, &second, 20);
	host_stop(&first);
	host_stop(&second);
	snprintf(path, sizeof(path), "%s/ab.lock", bench.directory);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* How many have ended by themselves, because they found no end */
static int reap_refused(pid_t *pids)
{
	int count = 0;
	int status;
	int i;

	for (i = 0; i < 6; i++) {
		if (!pids[i] || waitpid(pids[i], &status, WNOHANG) != pids[i])
			continue;
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
		pids[i] = 0;
		count++;
	}
	return count;
}

/* Started at once, over what is left of two dead ones */
static void many_start_at_once(void **state)
{
	pid_t pids[6];
	char link[80];
	char path[80];
	char sock[80];
	int i;
	int round;

	(void)state;
	snprintf(link, sizeof(link), "unix:%s/ab", bench.directory);
	for (round = 0; round < 5; round++) {
		int failed = 0;
		int tries;

		for (i = 0; i < 6; i++) {
			pids[i] = fork();
			if (pids[i])
				continue;
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(STDERR_FILENO);
			snprintf(sock, sizeof(sock), "%s/s%d", bench.directory, i);
			execl(getenv("TERN_SIM"), "tern-sim", "--socket", sock, "--link", link,
			      NULL);
			_exit(127);
		}
		for (tries = 0; failed < 4; tries++) {
			assert_true(tries < 1000);
			sleep_ms(10);
			failed += reap_refused(pids);
		}
		sleep_ms(200);
		assert_int_equal(reap_refused(pids), 0);
		for (i = 0; i < 6; i++) {
			if (!pids[i])
				continue;
			kill(pids[i], SIGKILL);
			waitpid(pids[i], NULL, 0);
		}
	}
	for (i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%s/s%d", bench.directory, i);
		unlink(path);
	}
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/ab.%d", bench.directory, i);
		assert_int_equal(unlink(path), 0);
	}
}

static void paths_are_respected(void **state)
{
	struct host host;
	char text[512];
	char link[256];
	struct stat status;
	int peer = peer_open(bench.peer);
	int fd;

	(void)state;
	host_start(&host, bench.link, NULL);
	assert_int_equal(run(bench.link, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "taken by another process"));
	host_stop(&host);
	assert_int_not_equal(access(bench.sim, F_OK), 0);
	close(peer);
	fd = open(bench.sim, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(run(bench.link, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "not a socket"));
	assert_int_equal(stat(bench.sim, &status), 0);
	assert_int_equal(unlink(bench.sim), 0);
	snprintf(link, sizeof(link), "unix:/nonexistent/a,%s", bench.peer);
	assert_int_equal(run(link, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "No such file"));
}

/* Nobody there, somebody comes, goes, comes: frames are lost, never time */
static void peer_comes_and_goes(void **state)
{
	struct host host;
	uint64_t round;

	(void)state;
	host_start(&host, bench.link, bench.ctl);
	for (round = 0; round < 3; round++) {
		int peer;

		assert_false(is_up(&host));
		client_write32(&host.client, REGION_REGS, FIX_SEND, 100);
		wait_reg(&host, FIX_TX_FRAMES, (uint32_t)(3 * round + 1));
		peer = peer_open(bench.peer);
		wait_carrier(&host, true);
		client_write32(&host.client, REGION_REGS, FIX_SEND, 100);
		assert_int_equal(peer_receive(peer, data, sizeof(data), 5000), 100);
		close(peer);
		client_write32(&host.client, REGION_REGS, FIX_SEND, 100);
		wait_reg(&host, FIX_TX_FRAMES, (uint32_t)(3 * round + 3));
		wait_carrier(&host, false);
		assert_int_equal(ctl_counter(bench.ctl, "tx_no_carrier") +
				 ctl_counter(bench.ctl, "tx_lost"), 2 * (round + 1));
		if (round == 1)
			unlink(bench.peer);
	}
	assert_int_equal(ctl_counter(bench.ctl, "carrier_changes"), 6);
	host_stop(&host);
}

static void link_costs_no_rest(void **state)
{
	struct host host;
	uint64_t before;
	int peer = peer_open(bench.peer);

	(void)state;
	host_start(&host, bench.link, bench.ctl);
	is_up(&host);
	sleep_ms(50);
	before = process_cpu_ns(&host.process);
	sleep_ms(1000);
	/* It looks at the carrier now and then, which was 8 to 16 ms on the machines seen */
	assert_in_range(process_cpu_ns(&host.process) - before, 0, 30000000);
	/* And a frame that comes is answered at once */
	client_write32(&host.client, REGION_REGS, FIX_WIRE, FIX_WIRE_BACK);
	sleep_ms(50);
	make_plain(data, 100, 1);
	peer_send(peer, bench.sim, data, 100);
	assert_int_equal(peer_receive(peer, data, sizeof(data), 5000), 100);
	close(peer);
	host_stop(&host);
}

static void carrier_by_option(void **state)
{
	const char *up[] = { "--carrier", "up", NULL };
	const char *down[] = { "--link", bench.link, "--carrier", "down", "--ctl", bench.ctl,
			       NULL };
	struct host host;
	int peer = peer_open(bench.peer);

	(void)state;
	process_start(&host.process, up);
	client_start(&host.client, &host.process);
	assert_true(is_up(&host));
	client_write32(&host.client, REGION_REGS, FIX_SEND, 100);
	host_stop(&host);
	process_start(&host.process, NULL);
	client_start(&host.client, &host.process);
	assert_false(is_up(&host));
	host_stop(&host);
	process_start(&host.process, down);
	client_start(&host.client, &host.process);
	assert_false(is_up(&host));
	ctl_tell(bench.ctl, "link up");
	assert_true(is_up(&host));
	host_stop(&host);
	close(peer);
}

/* ---------------------------------------------------------------------- UDP */

static int udp_open(int family, uint16_t *port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr *address = family == AF_INET ? (void *)&v4 : (void *)&v6;
	socklen_t size = family == AF_INET ? sizeof(v4) : sizeof(v6);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	if (bind(fd, address, size)) {
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, address, &size), 0);
	*port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
	return fd;
}

static void udp_connect(int fd, int family, uint16_t port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT,
				   .sin6_port = htons(port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, family == AF_INET ? (void *)&v4 : (void *)&v6,
				 family == AF_INET ? sizeof(v4) : sizeof(v6)), 0);
}

static void try_udp(int family)
{
	static uint8_t back[PEER_MOST];
	uint16_t ours;
	uint16_t theirs;
	uint16_t other;
	struct host host;
	char link[96];
	int free_port;
	int stranger;
	int fd = udp_open(family, &ours);

	if (fd < 0) {
		print_message("no IPv6 here\n");
		return;
	}
	free_port = udp_open(family, &theirs);
	stranger = udp_open(family, &other);
	close(free_port);
	snprintf(link, sizeof(link), family == AF_INET ? "udp:127.0.0.1:%u,127.0.0.1:%u"
						       : "udp:[::1]:%u,[::1]:%u", theirs, ours);
	host_start(&host, link, bench.ctl);
	assert_true(is_up(&host));
	client_write32(&host.client, REGION_REGS, FIX_WIRE, FIX_WIRE_BACK);
	udp_connect(fd, family, theirs);
	udp_connect(stranger, family, theirs);
	make_plain(data, PEER_MOST, 1);
	assert_int_equal(send(stranger, data, 100, 0), 100);
	assert_int_equal(send(fd, data, PEER_MOST, 0), PEER_MOST);
	assert_int_equal(peer_receive(fd, back, sizeof(back), 5000), PEER_MOST);
	assert_memory_equal(back, data, PEER_MOST);
	assert_int_equal(ctl_counter(bench.ctl, "rx_frames"), 1);	/* not the stranger's */
	close(fd);
	close(stranger);
	/* Nobody there: refusals are loss, and the sockets recover from them */
	for (other = 0; other < 20; other++) {
		client_write32(&host.client, REGION_REGS, FIX_SEND, 100);
		sleep_ms(2);
	}
	assert_int_equal(client_read32(&host.client, REGION_REGS, FIX_TX_FRAMES), 21);
	assert_true(is_up(&host));
	host_stop(&host);
}

static void udp_links(void **state)
{
	(void)state;
	try_udp(AF_INET);
	try_udp(AF_INET6);
}

/* --------------------------------------------------------------------- QEMU */

/* QEMU as a switch between two of its own dgram ends, one of them at the simulator's */
static void qemu_speaks_the_same(void **state)
{
	static uint8_t back[PEER_MOST];
	struct host host;
	char to_sim[256];
	char to_us[256];
	char ours[64];
	int tries = 0;
	size_t size;
	pid_t pid;
	int peer;

	(void)state;
	if (system("command -v qemu-system-x86_64 >/dev/null")) {
		print_message("no QEMU here\n");
		return;
	}
	snprintf(to_sim, sizeof(to_sim), "dgram,id=a,local.type=unix,local.path=%s,"
		 "remote.type=unix,remote.path=%s", bench.peer, bench.sim);
	snprintf(ours, sizeof(ours), "%s/us", bench.directory);
	snprintf(to_us, sizeof(to_us), "dgram,id=b,local.type=unix,local.path=%s/q,"
		 "remote.type=unix,remote.path=%s", bench.directory, ours);
	peer = peer_open(ours);
	host_start(&host, bench.link, bench.ctl);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("qemu-system-x86_64", "qemu-system-x86_64", "-M", "none", "-nodefaults",
		       "-display", "none", "-netdev", to_sim, "-netdev", to_us,
		       "-netdev", "hubport,id=h0,hubid=0,netdev=a",
		       "-netdev", "hubport,id=h1,hubid=0,netdev=b", NULL);
		_exit(127);
	}
	while (!is_up(&host)) {
		assert_true(tries++ < 1000);
		assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
		sleep_ms(10);
	}
	client_write32(&host.client, REGION_REGS, FIX_WIRE, FIX_WIRE_BACK);
	snprintf(to_us, sizeof(to_us), "%s/q", bench.directory);
	for (tries = 0; access(to_us, F_OK); tries++) {
		assert_true(tries < 500);
		sleep_ms(10);
	}
	for (size = 60; size <= PEER_MOST; size += size < 70 ? 1 : 763) {
		make_plain(data, size, size);
		peer_send(peer, to_us, data, size);
		assert_int_equal(peer_receive(peer, back, sizeof(back), 5000), size);
		assert_memory_equal(back, data, size);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	wait_carrier(&host, false);
	host_stop(&host);
	close(peer);
	unlink(ours);
	unlink(to_us);
}

/* ------------------------------------------------------------------ options */

static void bad_links_are_refused(void **state)
{
	static const char *const cases[] = {
		"", "x", "unix", "unix:", "unix:,b", "unix:a,", "unix:a,a", "udp:", "udp:1.2.3.4:5",
		"udp:1.2.3.4:5,", "udp:1.2.3.4:0,1.2.3.4:5", "udp:1.2.3.4:65536,1.2.3.4:5",
		"udp:1.2.3:5,1.2.3.4:5", "udp:localhost:5,1.2.3.4:5", "udp:[::1]:5,1.2.3.4:5",
		"udp:::1:5,::1:6", "udp:1.2.3.4,1.2.3.4", "udp:1.2.3.4:5,1.2.3.4:5,1.2.3.4:5",
		"udp:1.2.3.4:+5,1.2.3.4:5", "udp:1.2.3.4: 5,1.2.3.4:5", "udp:[]:5,[]:5", "tap:x",
		"none:", "udp:1.2.3.4:000005,1.2.3.4:5",
	};
	char text[1024];
	char path[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (run(cases[i], text, sizeof(text)) != 2)
			fail_msg("'%s' was taken: %s", cases[i], text);
		assert_non_null(strstr(text, "--link"));
	}
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	memcpy(path, "unix:", 5);
	assert_int_equal(run(path, text, sizeof(text)), 2);
	assert_non_null(strstr(text, "too long"));
	memcpy(path, "unix:a,", 7);
	assert_int_equal(run(path, text, sizeof(text)), 2);
	assert_int_equal(run("udp:192.0.2.1:9,192.0.2.2:9", text, sizeof(text)), 1);
	assert_non_null(strstr(text, "UDP link cannot be opened"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(two_meet_by_a_name),
		CASE(many_start_at_once),
		CASE(paths_are_respected),
		CASE(peer_comes_and_goes),
		CASE(link_costs_no_rest),
		CASE(carrier_by_option),
		CASE(udp_links),
		CASE(qemu_speaks_the_same),
		CASE(bad_links_are_refused),
	};

	return cmocka_run_group_tests_name("sim.link", tests, NULL, NULL);
}
