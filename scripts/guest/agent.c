// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The guest's process 1 once it is set up. It runs one command for tern-vm and
 * carries its streams over a virtio-serial port, so that output arrives
 * unchanged, apart from the console, with the exit status behind the last byte.
 *
 * Both directions are frames: type (1 byte), length (4 bytes, little-endian),
 * payload. scripts/vm/channel.py is the other end.
 *
 *	to the guest:  r run   flags, rows, columns, then NUL-terminated strings:
 *			       TERM and the argument vector
 *		       i input  bytes; none means end of file
 *		       w window rows, columns
 *		       d diagnose: blocked tasks to the console
 *	to the host:   R ready  text of set-up warnings
 *		       o output, e error output
 *		       x exit   kind (0 status, 1 signal), value
 *		       h alive  once a second
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT_NAME "tern"
#define NOTICES "/run/tern/notices"
#define CHUNK 32768
#define MAX_FRAME (256 * 1024)
#define PIPE_LIMIT (1024 * 1024)	/* the default of fs.pipe-max-size */
#define MAX_ARGS 1024
#define RUN_TTY 1

struct input {
	unsigned char data[MAX_FRAME];
	size_t start, end;
	bool eof;
};

struct job {
	pid_t pid;
	int in, out, err;	/* -1 once closed; a terminal has in == out */
	bool tty, ended;
	int status;
	struct input input;	/* what the command has not read yet */
};

static int port;
static struct job job = { .pid = -1, .in = -1, .out = -1, .err = -1 };

/* Process 1 must not end: the kernel would panic, which the host then reports. */
static void __attribute__((noreturn)) fail(const char *what)
{
	fprintf(stderr, "tern-agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void write_all(int fd, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			fail("write to the host");
		p += n;
		len -= n;
	}
}

static void send_frame(char type, const void *data, uint32_t len)
{
	unsigned char frame[5 + CHUNK];
	uint32_t le = htole32(len);

	frame[0] = type;
	memcpy(frame + 1, &le, sizeof(le));
	memcpy(frame + 5, data, len);
	write_all(port, frame, 5 + len);
}

/* A port without a connected host reads as end of file: wait for one. */
static void read_all(void *data, size_t len)
{
	unsigned char *p = data;

	while (len) {
		ssize_t n = read(port, p, len);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			fail("read from the host");
		if (n <= 0) {
			usleep(10000);
			continue;
		}
		p += n;
		len -= n;
	}
}

static int open_port(void)
{
	DIR *ports = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	char path[300], name[32];
	int fd = -1;

	if (!ports)
		fail("/sys/class/virtio-ports");
	while (fd < 0 && (entry = readdir(ports))) {
		FILE *f;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fscanf(f, "%31s", name) == 1 && !strcmp(name, PORT_NAME)) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			fd = open(path, O_RDWR | O_CLOEXEC);
		}
		fclose(f);
	}
	closedir(ports);
	if (fd < 0)
		fail("no port named " PORT_NAME);
	return fd;
}

static void send_ready(void)
{
	char text[CHUNK];
	ssize_t len = 0;
	int fd = open(NOTICES, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		len = read(fd, text, sizeof(text));
		close(fd);
	}
	send_frame('R', text, len > 0 ? len : 0);
}

static void set_window(int fd, const unsigned char *size)
{
	struct winsize window = {
		.ws_row = size[0] | size[1] << 8,
		.ws_col = size[2] | size[3] << 8,
	};

	ioctl(fd, TIOCSWINSZ, &window);
}

/* In the child: undo what process 1 arranged for itself, then become argv. */
static void __attribute__((noreturn)) exec_command(const char *term, char **argv)
{
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (*term)
		setenv("TERM", term, 1);
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void spawn_on_tty(const unsigned char *size, const char *term, char **argv)
{
	int fd;

	job.pid = forkpty(&fd, NULL, NULL, NULL);
	if (job.pid < 0)
		fail("forkpty");
	if (!job.pid)
		exec_command(term, argv);
	set_window(fd, size);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	job.in = job.out = fd;
}

static void spawn_on_pipes(const char *term, char **argv)
{
	int in[2], out[2], err[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		fail("pipe");
	job.pid = fork();
	if (job.pid < 0)
		fail("fork");
	if (!job.pid) {
		setsid();
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		exec_command(term, argv);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	job.in = in[1];
	job.out = out[0];
	job.err = err[0];
	fcntl(job.in, F_SETFL, O_NONBLOCK);
	fcntl(job.out, F_SETFL, O_NONBLOCK);
	fcntl(job.err, F_SETFL, O_NONBLOCK);
}

static void run_command(unsigned char *request, uint32_t len)
{
	char *argv[MAX_ARGS + 1], *p, *term, *end = (char *)request + len;
	int argc = 0;

	if (job.pid >= 0 || len < 7 || end[-1])
		return;
	term = (char *)request + 5;
	for (p = term + strlen(term) + 1; p < end && argc < MAX_ARGS; p += strlen(p) + 1)
		argv[argc++] = p;
	argv[argc] = NULL;
	if (!argc)
		return;
	job.tty = request[0] & RUN_TTY;
	if (job.tty)
		spawn_on_tty(request + 1, term, argv);
	else
		spawn_on_pipes(term, argv);
}

static void close_input(void)
{
	if (job.in >= 0 && job.in != job.out)
		close(job.in);
	job.in = -1;
}

/* Pass on as much as the command takes; it may have closed its end. */
static void feed_input(void)
{
	struct input *input = &job.input;

	while (job.in >= 0 && input->start < input->end) {
		ssize_t n = write(job.in, input->data + input->start, input->end - input->start);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			close_input();
		else
			input->start += n;
	}
	input->start = input->end = 0;
	if (input->eof && !job.tty)
		close_input();
}

static void diagnose(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, "w", 1) < 0)
			perror("tern-agent: sysrq-trigger");
		close(fd);
	}
}

static void take_frame(void)
{
	static unsigned char payload[CHUNK];
	unsigned char head[5];
	uint32_t len;

	read_all(head, sizeof(head));
	memcpy(&len, head + 1, sizeof(len));
	len = le32toh(len);
	if (len > sizeof(payload)) {
		errno = EMSGSIZE;
		fail("frame from the host");
	}
	read_all(payload, len);
	switch (head[0]) {
	case 'r':
		run_command(payload, len);
		break;
	case 'i':
		/* The main loop reads a frame only while this much room is left. */
		memcpy(job.input.data + job.input.end, payload, len);
		job.input.end += len;
		job.input.eof |= !len;
		feed_input();
		break;
	case 'w':
		if (len == 4 && job.tty && job.out >= 0)
			set_window(job.out, payload);
		break;
	case 'd':
		diagnose();
		break;
	}
}

/*
 * Send what a stream holds now. A process left in the background may go on
 * writing, so stop at the most that a pipe can hold.
 */
static void drain(int fd, char type)
{
	unsigned char data[CHUNK];
	size_t left = PIPE_LIMIT;
	ssize_t n;

	while (left) {
		n = read(fd, data, sizeof(data) < left ? sizeof(data) : left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		send_frame(type, data, n);
		left -= n;
	}
}

/* A quick writer must not keep the other stream waiting: one chunk per turn. */
static void forward(int *fd, char type)
{
	unsigned char data[CHUNK];
	ssize_t n = read(*fd, data, sizeof(data));

	if (n > 0) {
		send_frame(type, data, n);
	} else if (!(n < 0 && (errno == EINTR || errno == EAGAIN))) {
		if (job.in == *fd)
			job.in = -1;
		close(*fd);
		*fd = -1;
	}
}

static void reap(int signals)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	if (read(signals, &info, sizeof(info)) < 0)
		return;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != job.pid)
			continue;
		job.ended = true;
		job.status = status;
	}
}

/* Background processes may hold the streams open: send what is there and end. */
static void report_exit(void)
{
	unsigned char report[2];

	if (job.out >= 0)
		drain(job.out, 'o');
	if (job.err >= 0)
		drain(job.err, 'e');
	report[0] = WIFSIGNALED(job.status);
	report[1] = report[0] ? WTERMSIG(job.status) : WEXITSTATUS(job.status);
	send_frame('x', report, sizeof(report));
}

static void beat(void)
{
	static time_t last;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec == last)
		return;
	last = now.tv_sec;
	send_frame('h', "", 0);
}

static bool room_for_frame(void)
{
	if (job.input.start) {
		memmove(job.input.data, job.input.data + job.input.start,
			job.input.end - job.input.start);
		job.input.end -= job.input.start;
		job.input.start = 0;
	}
	return job.input.end + CHUNK <= sizeof(job.input.data);
}

static void serve(int signals)
{
	while (!job.ended) {
		bool waiting = job.in >= 0 && job.input.start < job.input.end;
		struct pollfd fds[] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = room_for_frame() ? port : -1, .events = POLLIN },
			{ .fd = job.out, .events = POLLIN },
			{ .fd = job.err, .events = POLLIN },
			{ .fd = waiting ? job.in : -1, .events = POLLOUT },
		};

		if (poll(fds, 5, 1000) < 0 && errno != EINTR)
			fail("poll");
		beat();
		if (fds[1].revents & POLLIN)
			take_frame();
		if (fds[2].revents)
			forward(&job.out, 'o');
		if (fds[3].revents)
			forward(&job.err, 'e');
		if (fds[4].revents)
			feed_input();
		if (fds[0].revents & POLLIN)
			reap(signals);
	}
}

int main(void)
{
	struct sched_param urgent = { .sched_priority = 1 };
	sigset_t children;
	int signals;

	/* Heartbeats must come through however busy the command keeps the guest. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &urgent);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		fail("signalfd");
	port = open_port();
	send_ready();
	serve(signals);
	report_exit();
	for (;;)
		pause();	/* tern-vm ends the guest */
}
