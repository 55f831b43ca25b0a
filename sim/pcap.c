// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "pcap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "frame.h"
#include "log.h"

#define MAGIC_NS	0xa1b23c4du
#define LINK_ETHERNET	1u
#define NS		1000000000u
#define CLOCK_TRIES	8

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, most, link;
};

struct record_header {
	uint32_t seconds, nanoseconds, captured, length;
};

static struct log_limit write_limit;

/*
 * The wall clock at the zero of the monotonic one. The adapter's time counts from that zero too,
 * so the captures of two adapters have one time although they were not started at once.
 */
static uint64_t find_epoch(void)
{
	uint64_t best = UINT64_MAX;
	uint64_t epoch = 0;
	int i;

	for (i = 0; i < CLOCK_TRIES; i++) {
		uint64_t before = clock_ns();
		struct timespec wall;
		uint64_t took;

		clock_gettime(CLOCK_REALTIME, &wall);
		took = clock_ns() - before;
		if (took >= best)
			continue;
		best = took;
		epoch = (uint64_t)wall.tv_sec * NS + (uint64_t)wall.tv_nsec - before - took / 2;
	}
	return epoch;
}

void pcap_init(struct pcap *pcap, struct stats *stats)
{
	memset(pcap, 0, sizeof(*pcap));
	pcap->stats = stats;
	pcap->fd = -1;
}

static void close_file(struct pcap *pcap)
{
	if (pcap->fd >= 0)
		close(pcap->fd);
	pcap->fd = -1;
	pcap->size = 0;
	pcap->pending_size = 0;
	pcap->pending_sent = 0;
}

/* ----------------------------------------------------------------- writing */

static void give_up(struct pcap *pcap, int error)
{
	/* Half a record would be the end for some readers */
	if (!pcap->pipe && ftruncate(pcap->fd, pcap->size))
		log_debug("%s: %s", pcap->path, strerror(errno));
	close_file(pcap);
	if (pcap->pipe && error == EPIPE)
		return;		/* the next reader is waited for */
	log_error("%s: the capture ends: %s", pcap->path, strerror(error));
	pcap->path[0] = '\0';
}

static void write_file(struct pcap *pcap, const uint8_t *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t written = write(pcap->fd, data + done, size - done);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			give_up(pcap, written ? errno : ENOSPC);
			return;
		}
		done += (size_t)written;
	}
	pcap->size += (off_t)size;
}

static void flush_pipe(struct pcap *pcap)
{
	while (pcap->pending_sent < pcap->pending_size) {
		ssize_t written = write(pcap->fd, pcap->pending + pcap->pending_sent,
					pcap->pending_size - pcap->pending_sent);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (written <= 0) {
			give_up(pcap, written ? errno : EPIPE);
			return;
		}
		pcap->pending_sent += (size_t)written;
	}
	pcap->pending_size = 0;
	pcap->pending_sent = 0;
}

/* A reader that is slow costs frames of the capture, whole ones, never time of the adapter. */
static bool write_pipe(struct pcap *pcap, const uint8_t *data, size_t size)
{
	flush_pipe(pcap);
	if (pcap->fd < 0)
		return false;
	if (pcap->pending_size + size > PCAP_PENDING) {
		memmove(pcap->pending, pcap->pending + pcap->pending_sent,
			pcap->pending_size - pcap->pending_sent);
		pcap->pending_size -= pcap->pending_sent;
		pcap->pending_sent = 0;
	}
	if (pcap->pending_size + size > PCAP_PENDING) {
		log_limited(&write_limit, LOG_LEVEL_WARN,
			    "%s: the reader is too slow, frames are left out", pcap->path);
		return false;
	}
	memcpy(pcap->pending + pcap->pending_size, data, size);
	pcap->pending_size += size;
	flush_pipe(pcap);
	return true;
}

static bool write_all(struct pcap *pcap, const void *data, size_t size)
{
	if (pcap->pipe)
		return write_pipe(pcap, data, size);
	write_file(pcap, data, size);
	return pcap->fd >= 0;
}

static void write_header(struct pcap *pcap)
{
	static const struct file_header header = {
		.magic = MAGIC_NS, .major = 2, .minor = 4, .most = FRAME_MOST,
		.link = LINK_ETHERNET,
	};

	write_all(pcap, &header, sizeof(header));
}

void pcap_frame(struct pcap *pcap, const uint8_t *data, size_t size, uint64_t now)
{
	uint8_t record[sizeof(struct record_header) + FRAME_MOST];
	uint64_t time = pcap->epoch + now;
	struct record_header header = {
		.seconds = (uint32_t)(time / NS), .nanoseconds = (uint32_t)(time % NS),
		.captured = (uint32_t)size, .length = (uint32_t)size,
	};

	if (pcap->fd < 0)
		return;
	memcpy(record, &header, sizeof(header));
	memcpy(record + sizeof(header), data, size);
	if (write_all(pcap, record, sizeof(header) + size))
		pcap->stats->pcap_frames++;
	else
		pcap->stats->pcap_lost++;
}

/* ----------------------------------------------------------------- opening */

/* A pipe that nobody reads yet cannot be opened without waiting: that is tried again. */
static const char *open_path(struct pcap *pcap)
{
	struct stat status;

	pcap->fd = open(pcap->path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0666);
	if (pcap->fd < 0)
		return errno == ENXIO && !stat(pcap->path, &status) && S_ISFIFO(status.st_mode)
			? NULL : strerror(errno);
	if (fstat(pcap->fd, &status))
		return strerror(errno);
	pcap->pipe = !S_ISREG(status.st_mode);
	if (!pcap->pipe && ftruncate(pcap->fd, 0))
		return strerror(errno);
	if (pcap->pipe && !pcap->pending) {
		pcap->pending = malloc(PCAP_PENDING);
		if (!pcap->pending)
			return strerror(ENOMEM);
	}
	write_header(pcap);
	return NULL;
}

void pcap_stop(struct pcap *pcap)
{
	if (pcap->fd >= 0 && pcap->pending_size)
		flush_pipe(pcap);
	close_file(pcap);
	free(pcap->pending);
	pcap->pending = NULL;
	pcap->path[0] = '\0';
}

const char *pcap_start(struct pcap *pcap, const char *path)
{
	const char *reason;

	if (!*path || strlen(path) >= sizeof(pcap->path))
		return strerror(*path ? ENAMETOOLONG : ENOENT);
	pcap_stop(pcap);
	strcpy(pcap->path, path);
	pcap->epoch = find_epoch();
	reason = open_path(pcap);
	if (reason)
		pcap_stop(pcap);
	return reason;
}

bool pcap_waits(const struct pcap *pcap)
{
	return pcap->path[0] && (pcap->fd < 0 || pcap->pending_size);
}

void pcap_work(struct pcap *pcap)
{
	const char *reason;

	if (!pcap->path[0])
		return;
	if (pcap->fd >= 0 && pcap->pending_size) {
		flush_pipe(pcap);
	} else if (pcap->fd < 0) {
		reason = open_path(pcap);
		if (reason) {
			log_error("%s: the capture ends: %s", pcap->path, reason);
			close_file(pcap);
			pcap->path[0] = '\0';
		}
	}
}
