// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "fuzz_messages.h"

#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

int pool[FD_KINDS];
unsigned long sent;

static uint64_t random_state;
static const struct dma_map *mapped;

void seed_random(uint64_t seed)
{
	random_state = seed;
}

static uint64_t random64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x2545f4914f6cdd1dull;
}

uint32_t below(uint32_t limit)
{
	return (uint32_t)((random64() >> 32) % limit);
}

bool one_in(uint32_t n)
{
	return !below(n);
}

static uint64_t odd_value(void)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 63, 64, 65, 255, 256, 4095, 4096, 4097, 0xffff,
		0x10000, 0x3fffff, 0x400000, 0x7fffff, 0x800000, 0x7fffffff, 0x80000000,
		0xfffff000, 0xffffffff,
		0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffff000,
		0xffffffffffffffff, 0xaaaaaaaaaaaaaaab,
	};

	if (one_in(4))
		return random64();
	return values[below(sizeof(values) / sizeof(values[0]))];
}

/* -------------------------------------------------------------- descriptors */

static int file_of(unsigned int pages)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	MUST(fd >= 0 && !ftruncate(fd, (off_t)pages * PAGE));
	return fd;
}

void make_pool(void)
{
	char path[40];
	int i;

	pool[FD_MEMORY] = file_of(MEMORY_PAGES);
	pool[FD_MEMORY2] = file_of(MEMORY_PAGES);
	pool[FD_EVENT] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pool[FD_EVENT2] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pool[FD_BLOCKING_EVENT] = eventfd(0, EFD_CLOEXEC);
	pool[FD_SHORT] = file_of(1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", pool[FD_MEMORY]);
	pool[FD_READ_ONLY] = open(path, O_RDONLY | O_CLOEXEC);
	MUST(!pipe2(&pool[FD_PIPE], O_CLOEXEC));
	MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, &pool[FD_SOCKET]));
	pool[FD_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC);
	pool[FD_ZERO] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	pool[FD_TIMER] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	pool[FD_DIRECTORY] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pool[FD_PATH] = open("/", O_PATH | O_CLOEXEC);
	for (i = 0; i < FD_KINDS; i++)
		MUST(pool[i] >= 0);
}

/* ----------------------------------------------------------- valid messages */

void begin_message(struct message *message)
{
	message->size = sizeof(struct vu_header);
	message->fd_count = 0;
	message->whole = true;
}

void put_fds(struct message *message, unsigned int count, int kind, unsigned int kinds)
{
	unsigned int i;

	message->fd_count = count;
	for (i = 0; i < count; i++)
		message->fds[i] = pool[kind + (int)below(kinds)];
}

void put(struct message *message, const void *data, size_t size)
{
	memcpy(message->bytes + message->size, data, size);
	message->size += size;
}

void put_version(struct message *message)
{
	static const char *const texts[] = {
		"{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576,"
		"\"pgsizes\":4096,\"max_dma_maps\":65535,\"write_multiple\":true,"
		"\"migration\":{\"pgsize\":4096,\"max_bitmap_size\":268435456}}}",
		"{\"capabilities\":{\"twin_socket\":{\"supported\":true}},\"x\":[1,-2.5e3,null]}",
		"{}",
	};
	const char *text = texts[below(3)];
	struct vu_version version = { .major = VU_MAJOR, .minor = (uint16_t)below(3) };

	put(message, &version, sizeof(version));
	put(message, text, strlen(text) + 1);
}

static void make_map(struct message *message)
{
	uint32_t page = below(MEMORY_PAGES);
	struct vu_dma_map map = {
		.argsz = sizeof(map), .flags = 1 + below(3), .offset = page * PAGE,
		.address = below(128) * PAGE, .size = (1 + below(MEMORY_PAGES - page)) * PAGE,
	};

	put(message, &map, sizeof(map));
	put_fds(message, !one_in(8), FD_MEMORY, 2);
}

/* Often a region that exists: the fuzzer may look */
static void make_unmap(struct message *message)
{
	struct vu_dma_unmap unmap = { .argsz = sizeof(unmap), .address = below(128) * PAGE,
				      .size = PAGE };

	if (mapped->count && !one_in(4)) {
		const struct dma_region *region =
			&mapped->regions[below((uint32_t)mapped->count)];

		unmap.address = region->first;
		unmap.size = region->last - region->first + 1;
	} else if (one_in(4)) {
		unmap = (struct vu_dma_unmap) { .argsz = sizeof(unmap),
						.flags = VFIO_DMA_UNMAP_FLAG_ALL };
	}
	put(message, &unmap, sizeof(unmap));
}

static void make_info(struct message *message)
{
	struct vu_region_info info = { .argsz = sizeof(info), .index = below(10) };

	put(message, &info, sizeof(info));
}

static void make_irqs(struct message *message)
{
	uint32_t data = 1u << below(3);
	struct vu_irq_set set = {
		.argsz = sizeof(set), .flags = data | 8u << below(3),
		.index = one_in(6) ? below(6) : VFIO_PCI_MSIX_IRQ_INDEX, .start = below(64),
		.count = below(17),
	};
	uint8_t bools[VU_MAX_FDS];
	uint32_t i;

	if (one_in(10))
		set.start = set.count = 0;
	if (data == VFIO_IRQ_SET_DATA_BOOL)
		set.argsz += set.count;
	put(message, &set, sizeof(set));
	for (i = 0; i < VU_MAX_FDS; i++)
		bools[i] = (uint8_t)below(2);
	if (data == VFIO_IRQ_SET_DATA_BOOL)
		put(message, bools, set.count < VU_MAX_FDS ? set.count : VU_MAX_FDS);
	if (data == VFIO_IRQ_SET_DATA_EVENTFD && !one_in(4))
		put_fds(message, set.count, FD_EVENT, 3);
}

static void pick_place(uint32_t *region, uint64_t *offset, uint32_t *count)
{
	static const struct { uint32_t region, size; } places[] = {
		{ 0, 65536 }, { 2, 4194304 }, { 2, 8388608 }, { 4, 8192 }, { 7, 256 }, { 7, 4096 },
	};
	unsigned int place = below(6);

	*region = places[place].region;
	*count = 1u << below(4);
	*offset = below(places[place].size / *count) * *count;
}

static void make_read(struct message *message)
{
	struct vu_region_access access;

	pick_place(&access.region, &access.offset, &access.count);
	if (one_in(20))
		access.count = below(4097);
	put(message, &access, sizeof(access));
}

static void make_write(struct message *message)
{
	struct vu_region_access access;
	uint64_t data = one_in(2) ? random64() : random64() & 0xffffffffffeull;

	pick_place(&access.region, &access.offset, &access.count);
	put(message, &access, sizeof(access));
	put(message, &data, access.count);
}

/* What opens the gates: memory, bus master, MSI-X, power */
void put_enable(struct message *message, unsigned int which)
{
	static const struct { uint32_t offset; uint16_t value; } writes[] = {
		{ 0x04, 6 }, { 0x52, 0x8000 }, { 0x44, 0 },
	};
	struct vu_region_access access = { .region = VFIO_PCI_CONFIG_REGION_INDEX,
					   .offset = writes[which].offset, .count = 2 };

	put(message, &access, sizeof(access));
	put(message, &writes[which].value, 2);
}

static void make_enable(struct message *message)
{
	put_enable(message, below(3));
}

static void make_multi(struct message *message)
{
	uint64_t count = 1 + below(VU_MAX_MULTI);
	uint64_t i;

	put(message, &count, sizeof(count));
	for (i = 0; i < count; i++) {
		struct vu_one_write write;
		uint64_t data = random64() & 0xffffffffffeull;

		pick_place(&write.region, &write.offset, &write.count);
		memcpy(write.data, &data, sizeof(data));
		put(message, &write, sizeof(write));
	}
}

static void make_nothing(struct message *message)
{
	(void)message;
}

static const struct { uint16_t command; void (*make)(struct message *message); unsigned int weight; }
seeds[] = {
	{ VU_VERSION, put_version, 2 }, { VU_DMA_MAP, make_map, 8 },
	{ VU_DMA_UNMAP, make_unmap, 5 }, { VU_GET_INFO, make_info, 1 },
	{ VU_GET_REGION_INFO, make_info, 2 }, { VU_GET_REGION_IO_FDS, make_info, 1 },
	{ VU_GET_IRQ_INFO, make_info, 1 }, { VU_SET_IRQS, make_irqs, 6 },
	{ VU_REGION_READ, make_read, 6 }, { VU_REGION_WRITE, make_write, 10 },
	{ VU_REGION_WRITE, make_enable, 6 }, { VU_REGION_WRITE_MULTI, make_multi, 2 },
	{ VU_DEVICE_RESET, make_nothing, 1 }, { VU_DEVICE_FEATURE, make_info, 1 },
};

void end_message(struct message *message, uint16_t command, uint16_t id, uint32_t flags)
{
	struct vu_header header = { .id = id, .command = command,
				    .size = (uint32_t)message->size, .flags = flags };

	memcpy(message->bytes, &header, sizeof(header));
}

void make_message(struct message *message, const struct dma_map *map)
{
	unsigned int pick = below(52);
	unsigned int i = 0;

	mapped = map;
	while (pick >= seeds[i].weight)
		pick -= seeds[i++].weight;
	begin_message(message);
	seeds[i].make(message);
	end_message(message, seeds[i].command, (uint16_t)sent, one_in(10) ? VU_NO_REPLY : 0);
}

/* ---------------------------------------------------------------- mutations */

static void set_size(struct message *message, uint32_t size)
{
	memcpy(message->bytes + offsetof(struct vu_header, size), &size, sizeof(size));
}

/* A field somewhere in the payload gets a value that is good at breaking things. */
static void mutate_field(struct message *message)
{
	size_t header = sizeof(struct vu_header);
	size_t width = one_in(2) ? 4 : 8;
	uint64_t value = odd_value();
	size_t place;

	if (message->size < header + width)
		return;
	place = header + below((uint32_t)((message->size - header - width) / 4 + 1)) * 4;
	memcpy(message->bytes + place, &value, width);
}

static void mutate_bits(struct message *message)
{
	unsigned int count = 1 + below(8);
	size_t header = sizeof(struct vu_header);

	if (message->size <= header)
		return;
	while (count--)
		message->bytes[header + below((uint32_t)(message->size - header))] ^=
			(uint8_t)(1u << below(8));
}

static void mutate_length(struct message *message)
{
	size_t size = sizeof(struct vu_header) + below(VU_MAX_MESSAGE);

	if (one_in(2))
		size = sizeof(struct vu_header) + below((uint32_t)message->size);
	if (size > VU_MAX_MESSAGE)
		size = VU_MAX_MESSAGE;
	if (size > message->size)
		memset(message->bytes + message->size, (int)below(256), size - message->size);
	message->size = size;
	set_size(message, (uint32_t)size);
}

/* The size field lies, so the stream falls out of step. */
static void mutate_size_field(struct message *message)
{
	set_size(message, one_in(2) ? (uint32_t)odd_value() : below(VU_MAX_MESSAGE + 64));
	message->whole = false;
}

static void mutate_header(struct message *message)
{
	struct vu_header header;

	memcpy(&header, message->bytes, sizeof(header));
	switch (below(4)) {
	case 0:
		header.command = (uint16_t)(one_in(2) ? below(VU_COMMANDS + 2) : random64());
		break;
	case 1:
		header.flags = one_in(4) ? (uint32_t)odd_value() : (uint32_t)random64() & ~0xfu;
		break;
	case 2:
		header.error = (uint32_t)random64();
		break;
	default:
		header.id = (uint16_t)random64();
	}
	memcpy(message->bytes, &header, sizeof(header));
}

static void mutate_fds(struct message *message)
{
	unsigned int count = one_in(3) ? below(MAX_SENT_FDS + 1) : message->fd_count;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (i >= message->fd_count || one_in(2))
			message->fds[i] = pool[below(FD_KINDS)];
	message->fd_count = count;
}

static void mutate_tail(struct message *message)
{
	message->size = 1 + below((uint32_t)message->size);
	message->whole = false;
}

void mutate(struct message *message)
{
	unsigned int rounds = 1 + below(3);

	while (rounds--) {
		switch (below(22)) {
		case 0: case 1: case 2: case 3: case 4: case 5: case 6:
			mutate_field(message);
			break;
		case 7: case 8: case 9: case 10:
			mutate_bits(message);
			break;
		case 11: case 12: case 13:
			mutate_length(message);
			break;
		case 14: case 15: case 16:
			mutate_header(message);
			break;
		case 17: case 18: case 19: case 20:
			mutate_fds(message);
			break;
		default:
			if (one_in(2))
				mutate_size_field(message);
			else
				mutate_tail(message);
		}
	}
}
