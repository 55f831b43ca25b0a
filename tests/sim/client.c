// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "client.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S	5
#define MAX_OPTIONS	16

void sleep_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

/* ------------------------------------------------------------ the simulator */

static void run_simulator(const struct process *process, const char *const *options)
{
	const char *arguments[MAX_OPTIONS + 4] = { getenv("TERN_SIM"), "--socket",
						   process->socket };
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* a test that dies leaves nothing behind */
	for (i = 0; options && options[i] && i < MAX_OPTIONS; i++)
		arguments[3 + i] = options[i];
	dup2(process->output, STDOUT_FILENO);
	dup2(process->output, STDERR_FILENO);
	execv(arguments[0], (char *const *)arguments);
	_exit(127);
}

void process_start(struct process *process, const char *const *options)
{
	int tries;

	assert_non_null(getenv("TERN_SIM"));
	strcpy(process->directory, "/tmp/tern-test-XXXXXX");
	assert_non_null(mkdtemp(process->directory));
	snprintf(process->socket, sizeof(process->socket), "%s/sim.sock", process->directory);
	process->output = memfd_create("output", MFD_CLOEXEC);
	assert_true(process->output >= 0);
	process->pid = fork();
	assert_true(process->pid >= 0);
	if (!process->pid)
		run_simulator(process, options);
	for (tries = 0; access(process->socket, F_OK); tries++) {
		assert_true(tries < PATIENCE_S * 100);
		assert_int_equal(waitpid(process->pid, NULL, WNOHANG), 0);
		sleep_ms(10);
	}
}

int process_stop(struct process *process)
{
	int status = -1;
	int tries;

	kill(process->pid, SIGTERM);
	for (tries = 0; waitpid(process->pid, &status, WNOHANG) == 0; tries++) {
		if (tries == PATIENCE_S * 100)
			kill(process->pid, SIGKILL);
		sleep_ms(10);
	}
	close(process->output);
	assert_int_not_equal(access(process->socket, F_OK), 0);
	assert_int_equal(rmdir(process->directory), 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

int process_run(const char *const *options, char *text, size_t room)
{
	const char *arguments[MAX_OPTIONS + 2] = { getenv("TERN_SIM") };
	int ends[2];
	int status;
	size_t used = 0;
	ssize_t got;
	pid_t pid;
	int i;

	for (i = 0; options[i]; i++) {
		assert_true(i < MAX_OPTIONS);
		arguments[1 + i] = options[i];
	}
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		alarm(10);
		execv(arguments[0], (char *const *)arguments);
		_exit(127);
	}
	close(ends[1]);
	while ((got = read(ends[0], text + used, room - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

char *process_output(const struct process *process)
{
	off_t size = lseek(process->output, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	assert_non_null(text);
	assert_int_equal(pread(process->output, text, (size_t)size, 0), size);
	return text;
}

uint64_t process_cpu_ns(const struct process *process)
{
	struct timespec time;
	clockid_t clock;

	assert_int_equal(clock_getcpuclockid(process->pid, &clock), 0);
	assert_int_equal(clock_gettime(clock, &time), 0);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

unsigned int process_fds(const struct process *process)
{
	unsigned int count = 0;
	char path[64];
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)process->pid);
	directory = opendir(path);
	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

/* ----------------------------------------------------------------- messages */

void client_connect(struct client *client, const struct process *process)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE_S };

	strcpy(address.sun_path, process->socket);
	client->id = 100;
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(client->fd >= 0);
	assert_int_equal(setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
				    sizeof(patience)), 0);
	assert_int_equal(connect(client->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

void client_start(struct client *client, const struct process *process)
{
	client_connect(client, process);
	assert_int_equal(client_version(client, VU_MAJOR, VU_MINOR, NULL, NULL, 0), 0);
	client_write16(client, REGION_CONFIG, CFG_COMMAND, 0x6);
}

void client_close(struct client *client)
{
	close(client->fd);
	client->fd = -1;
}

void client_send_raw(struct client *client, const void *data, size_t size, const int *fds,
		     unsigned int fd_count)
{
	union {
		char room[CMSG_SPACE(64 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	assert_true(fd_count <= 64);
	if (fd_count) {
		struct cmsghdr *header;

		memset(&control, 0, sizeof(control));
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
	}
	assert_int_equal(sendmsg(client->fd, &message, MSG_NOSIGNAL), size);
}

uint16_t client_send(struct client *client, uint16_t command, uint32_t flags,
		     const void *payload, size_t size, const int *fds, unsigned int fd_count)
{
	uint8_t data[2 * VU_MAX_MESSAGE];
	struct vu_header header = {
		.id = client->id++,
		.command = command,
		.size = (uint32_t)(sizeof(header) + size),
		.flags = VU_TYPE_REQUEST | flags,
	};

	assert_true(header.size <= sizeof(data));
	memcpy(data, &header, sizeof(header));
	if (size)
		memcpy(data + sizeof(header), payload, size);
	client_send_raw(client, data, header.size, fds, fd_count);
	return header.id;
}

static void receive_all(struct client *client, void *data, size_t size)
{
	if (size)
		assert_int_equal(recv(client->fd, data, size, MSG_WAITALL), size);
}

int client_receive(struct client *client, uint16_t id, uint16_t command, void *data,
		   size_t room, size_t *size)
{
	struct vu_header header;
	uint8_t payload[VU_MAX_MESSAGE];
	size_t length;

	receive_all(client, &header, sizeof(header));
	assert_int_equal(header.id, id);
	assert_int_equal(header.command, command);
	assert_in_range(header.size, sizeof(header), VU_MAX_MESSAGE);
	assert_int_equal(header.flags & VU_TYPE_MASK, VU_TYPE_REPLY);
	length = header.size - sizeof(header);
	receive_all(client, payload, length);
	if (header.flags & VU_ERROR) {
		assert_int_equal(length, 0);
		assert_int_not_equal(header.error, 0);
		return (int)header.error;
	}
	if (data) {
		assert_true(length <= room);
		memcpy(data, payload, length);
	}
	if (size)
		*size = length;
	return 0;
}

int client_call(struct client *client, uint16_t command, const void *payload, size_t size,
		const int *fds, unsigned int fd_count, void *reply, size_t room,
		size_t *reply_size)
{
	uint16_t id = client_send(client, command, 0, payload, size, fds, fd_count);

	return client_receive(client, id, command, reply, room, reply_size);
}

bool client_sees_hangup(struct client *client)
{
	char data[256];
	ssize_t got;

	do {
		got = recv(client->fd, data, sizeof(data), 0);
	} while (got > 0);
	return !got || errno == ECONNRESET;
}

/* ----------------------------------------------------------------- commands */

int client_version(struct client *client, uint16_t major, uint16_t minor, const char *json,
		   char *reply_json, size_t room)
{
	uint8_t payload[VU_MAX_MESSAGE];
	uint8_t reply[VU_MAX_MESSAGE];
	struct vu_version version = { .major = major, .minor = minor };
	size_t size = sizeof(version);
	int error;

	memcpy(payload, &version, sizeof(version));
	if (json) {
		strcpy((char *)payload + size, json);
		size += strlen(json) + 1;
	}
	error = client_call(client, VU_VERSION, payload, size, NULL, 0, reply, sizeof(reply),
			    &size);
	if (error)
		return error;
	memcpy(&version, reply, sizeof(version));
	assert_int_equal(version.major, major);
	assert_int_equal(version.minor, VU_MINOR);
	assert_int_equal(reply[size - 1], 0);
	if (reply_json)
		snprintf(reply_json, room, "%s", (char *)reply + sizeof(version));
	return 0;
}

int client_map(struct client *client, uint64_t address, uint64_t size, uint32_t flags, int fd,
	       uint64_t offset)
{
	struct vu_dma_map map = { .argsz = sizeof(map), .flags = flags, .offset = offset,
				  .address = address, .size = size };

	return client_call(client, VU_DMA_MAP, &map, sizeof(map), &fd, fd >= 0, NULL, 0, NULL);
}

int client_unmap(struct client *client, uint64_t address, uint64_t size, uint32_t flags)
{
	struct vu_dma_unmap unmap = { .argsz = sizeof(unmap), .flags = flags,
				      .address = address, .size = size };
	struct vu_dma_unmap reply;
	size_t length;
	int error;

	error = client_call(client, VU_DMA_UNMAP, &unmap, sizeof(unmap), NULL, 0, &reply,
			    sizeof(reply), &length);
	if (error)
		return error;
	assert_int_equal(length, sizeof(reply));
	assert_memory_equal(&reply, &unmap, sizeof(reply));
	return 0;
}

int client_set_irqs(struct client *client, uint32_t flags, uint32_t index, uint32_t start,
		    uint32_t count, const void *data, size_t size, const int *fds,
		    unsigned int fd_count)
{
	uint8_t payload[sizeof(struct vu_irq_set) + 256];
	struct vu_irq_set set = { .argsz = (uint32_t)(sizeof(set) + size), .flags = flags,
				  .index = index, .start = start, .count = count };

	assert_true(size <= 256);
	memcpy(payload, &set, sizeof(set));
	if (size)
		memcpy(payload + sizeof(set), data, size);
	return client_call(client, VU_SET_IRQS, payload, sizeof(set) + size, fds, fd_count, NULL,
			   0, NULL);
}

int client_reset(struct client *client)
{
	return client_call(client, VU_DEVICE_RESET, NULL, 0, NULL, 0, NULL, 0, NULL);
}

int client_read(struct client *client, uint32_t region, uint64_t offset, void *data,
		uint32_t count)
{
	struct vu_region_access access = { .offset = offset, .region = region, .count = count };
	uint8_t reply[VU_MAX_MESSAGE];
	size_t size;
	int error;

	error = client_call(client, VU_REGION_READ, &access, sizeof(access), NULL, 0, reply,
			    sizeof(reply), &size);
	if (error)
		return error;
	assert_int_equal(size, sizeof(access) + count);
	assert_memory_equal(reply, &access, sizeof(access));
	memcpy(data, reply + sizeof(access), count);
	return 0;
}

int client_write(struct client *client, uint32_t region, uint64_t offset, const void *data,
		 uint32_t count)
{
	struct vu_region_access access = { .offset = offset, .region = region, .count = count };
	uint8_t payload[VU_MAX_MESSAGE];
	struct vu_region_access reply;
	size_t size;
	int error;

	memcpy(payload, &access, sizeof(access));
	memcpy(payload + sizeof(access), data, count);
	error = client_call(client, VU_REGION_WRITE, payload, sizeof(access) + count, NULL, 0,
			    &reply, sizeof(reply), &size);
	if (error)
		return error;
	assert_int_equal(size, sizeof(reply));
	assert_memory_equal(&reply, &access, sizeof(reply));
	return 0;
}

uint32_t client_read32(struct client *client, uint32_t region, uint64_t offset)
{
	uint32_t value;

	assert_int_equal(client_read(client, region, offset, &value, sizeof(value)), 0);
	return value;
}

uint16_t client_read16(struct client *client, uint32_t region, uint64_t offset)
{
	uint16_t value;

	assert_int_equal(client_read(client, region, offset, &value, sizeof(value)), 0);
	return value;
}

void client_write32(struct client *client, uint32_t region, uint64_t offset, uint32_t value)
{
	assert_int_equal(client_write(client, region, offset, &value, sizeof(value)), 0);
}

void client_write16(struct client *client, uint32_t region, uint64_t offset, uint16_t value)
{
	assert_int_equal(client_write(client, region, offset, &value, sizeof(value)), 0);
}

void client_write64(struct client *client, uint32_t region, uint64_t offset, uint64_t value)
{
	assert_int_equal(client_write(client, region, offset, &value, sizeof(value)), 0);
}

void client_doorbell(struct client *client, uint64_t value)
{
	client_write64(client, REGION_DB, 0, value);
}

void client_start_copy(struct client *client, uint64_t src, uint64_t dst, unsigned int beats,
		       unsigned int vector, unsigned int repeats)
{
	client_write64(client, REGION_REGS, FIX_SRC, src);
	client_write64(client, REGION_REGS, FIX_DST, dst);
	client_write32(client, REGION_REGS, FIX_COPY, FIX_COPY_BITS(beats, vector, repeats));
	client_doorbell(client, FIX_DB_COPY);
}

uint32_t client_wait_copy(struct client *client)
{
	uint32_t status;
	int tries = 0;

	while ((status = client_read32(client, REGION_REGS, FIX_STATUS)) & FIX_STATUS_BUSY) {
		assert_true(tries++ < PATIENCE_S * 1000);
		sleep_ms(1);
	}
	return status;
}

uint32_t client_copy(struct client *client, uint64_t src, uint64_t dst, unsigned int beats,
		     unsigned int vector, unsigned int repeats)
{
	client_start_copy(client, src, dst, beats, vector, repeats);
	return client_wait_copy(client);
}

/* -------------------------------------------------------------- descriptors */

int memory_create(size_t size, uint8_t **data)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	*data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(*data, MAP_FAILED);
	return fd;
}

int eventfd_create(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

uint64_t eventfd_now(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

uint64_t eventfd_wait(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	poll(&ready, 1, 1000);
	return eventfd_now(fd);
}
