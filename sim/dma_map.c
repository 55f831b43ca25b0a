// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "dma_map.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "protocol.h"

/* Snapshots that keep differing: somebody writes without end, take the last one. Even number. */
#define LOAD_TRIES	8

/*
 * The client can cut a file that it has shared; the next access then raises SIGBUS. The handler
 * puts an anonymous page in the place of the missing one, so that the access goes on, and marks
 * the region. It finds the regions through this pointer.
 */
static struct dma_map *guarded;

static struct dma_region *find_host(const uint8_t *host)
{
	size_t i;

	for (i = 0; guarded && i < guarded->count; i++) {
		struct dma_region *region = &guarded->regions[i];

		if (region->host && host >= region->host &&
		    (uint64_t)(host - region->host) <= region->last - region->first)
			return region;
	}
	return NULL;
}

/* Only plain loads and stores of this file can fault, so no table is being changed here. */
static void on_sigbus(int number, siginfo_t *info, void *context)
{
	struct dma_region *region = find_host(info->si_addr);
	uintptr_t page = (uintptr_t)info->si_addr & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);

	(void)context;
	if (region && mmap((void *)page, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
		region->lost = true;
		guarded->generation++;
		return;
	}
	signal(number, SIG_DFL);	/* not ours: die of it when the access repeats */
}

int dma_map_init(struct dma_map *map)
{
	struct sigaction action = {
		.sa_sigaction = on_sigbus,
		.sa_flags = SA_SIGINFO,
	};

	memset(map, 0, sizeof(*map));
	sigemptyset(&action.sa_mask);
	if (sigaction(SIGBUS, &action, NULL))
		return errno;
	guarded = map;
	return 0;
}

void dma_map_destroy(struct dma_map *map)
{
	dma_map_clear(map);
	free(map->regions);
	map->regions = NULL;
	map->room = 0;
	guarded = NULL;
}

static void unmap_region(struct dma_region *region)
{
	if (region->host)
		munmap(region->host, region->last - region->first + 1);
	region->host = NULL;
}

void dma_map_clear(struct dma_map *map)
{
	size_t i;

	for (i = 0; i < map->count; i++)
		unmap_region(&map->regions[i]);
	map->count = 0;
	map->recent = 0;
	map->generation++;
}

/* Index of the first region that ends at or after address; count if there is none */
static size_t lower_bound(const struct dma_map *map, uint64_t address)
{
	size_t low = 0;
	size_t high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->regions[middle].last < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A file that ends before the region does would raise SIGBUS, so look at its size now. */
static int check_file(int fd, uint64_t offset, uint64_t size)
{
	struct stat stat;

	if (fstat(fd, &stat))
		return errno;
	if (!S_ISREG(stat.st_mode) || stat.st_size < 0)
		return EINVAL;
	if (offset > (uint64_t)stat.st_size || size > (uint64_t)stat.st_size - offset)
		return EINVAL;
	return 0;
}

static int map_file(struct dma_region *region, int fd, uint64_t offset)
{
	uint64_t size = region->last - region->first + 1;
	int protection = PROT_READ | (region->writable ? PROT_WRITE : 0);
	void *host;
	int error;

	error = check_file(fd, offset, size);
	if (error)
		return error;
	host = mmap(NULL, size, protection, MAP_SHARED | MAP_NORESERVE, fd, (off_t)offset);
	if (host == MAP_FAILED)
		return errno;
	/* A core dump of the simulator has no use for the guest's memory */
	madvise(host, size, MADV_DONTDUMP);
	region->host = host;
	return 0;
}

static int make_room(struct dma_map *map)
{
	size_t room = map->room ? map->room * 2 : 64;
	struct dma_region *regions;

	if (map->count < map->room)
		return 0;
	if (map->count >= VU_MAX_DMA_MAPS)
		return ENOSPC;
	regions = realloc(map->regions, room * sizeof(*regions));
	if (!regions)
		return ENOMEM;
	map->regions = regions;
	map->room = room;
	return 0;
}

static int check_range(uint64_t address, uint64_t size, uint32_t flags, uint64_t offset)
{
	const uint32_t known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;

	if (!size || size - 1 > UINT64_MAX - address)
		return EINVAL;
	if ((address | size | offset) & (VU_PAGE_SIZE - 1))
		return EINVAL;
	if (!(flags & known) || (flags & ~known))
		return EINVAL;
	return 0;
}

int dma_map_add(struct dma_map *map, uint64_t address, uint64_t size, uint32_t flags, int fd,
		uint64_t offset)
{
	struct dma_region region = {
		.first = address,
		.last = address + size - 1,
		.readable = flags & VFIO_DMA_MAP_FLAG_READ,
		.writable = flags & VFIO_DMA_MAP_FLAG_WRITE,
	};
	size_t place;
	int error;

	error = check_range(address, size, flags, offset);
	if (error)
		return error;
	place = lower_bound(map, address);
	if (place < map->count && map->regions[place].first <= region.last)
		return EEXIST;
	error = make_room(map);
	if (error)
		return error;
	if (fd >= 0) {
		error = map_file(&region, fd, offset);
		if (error)
			return error;
	}
	memmove(&map->regions[place + 1], &map->regions[place],
		(map->count - place) * sizeof(region));
	map->regions[place] = region;
	map->count++;
	return 0;
}

int dma_map_remove(struct dma_map *map, uint64_t address, uint64_t size)
{
	size_t place = lower_bound(map, address);
	struct dma_region *region = &map->regions[place];

	if (place == map->count || region->first != address ||
	    region->last - region->first != size - 1)
		return ENOENT;
	unmap_region(region);
	map->count--;
	memmove(region, region + 1, (map->count - place) * sizeof(*region));
	map->generation++;
	return 0;
}

enum dma_access dma_map_find(struct dma_map *map, uint64_t address, uint64_t size, bool write,
			     uint8_t **host)
{
	struct dma_region *region;
	size_t place = map->recent;

	if (place >= map->count || address < map->regions[place].first ||
	    address > map->regions[place].last)
		place = lower_bound(map, address);
	if (place == map->count || address < map->regions[place].first)
		return DMA_UNMAPPED;
	map->recent = place;
	region = &map->regions[place];
	if (size - 1 > region->last - address)
		return DMA_UNMAPPED;
	if (!region->host)
		return DMA_UNREACHABLE;
	if (region->lost || !(write ? region->writable : region->readable))
		return DMA_DENIED;
	*host = region->host + (address - region->first);
	return DMA_OK;
}

static void load_words(uint64_t *to, const uint64_t *from)
{
	int i;

	for (i = 0; i < 8; i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_ACQUIRE);
}

/*
 * A driver fills a descriptor and writes its valid bit last; a machine reads a cache line as a
 * whole and never sees the bit without the rest. Two equal snapshots in a row are such a whole:
 * every word had this value between the end of the first and the start of the second.
 */
bool dma_load_beat(struct dma_map *map, uint8_t *data, const uint8_t *host)
{
	uint64_t generation = map->generation;
	const uint64_t *from = (const uint64_t *)(const void *)host;
	uint64_t words[2][8];
	int tries;

	load_words(words[0], from);
	for (tries = 1; tries < LOAD_TRIES; tries++) {
		load_words(words[tries & 1], from);
		if (!memcmp(words[0], words[1], sizeof(words[0])))
			break;
	}
	memcpy(data, words[1], sizeof(words[1]));	/* equal to the other, or the last */
	return generation == map->generation;
}

/* Some bytes of a word, in pieces as large as they come aligned */
static void store_part(uint8_t *host, const uint8_t *data, unsigned int strobe)
{
	int i;

	for (i = 0; i < 8; i++) {
		if (!(i & 3) && ((strobe >> i) & 15) == 15) {
			uint32_t half;

			memcpy(&half, data + i, sizeof(half));
			__atomic_store_n((uint32_t *)(void *)(host + i), half, __ATOMIC_RELEASE);
			i += 3;
		} else if ((strobe >> i) & 1) {
			__atomic_store_n(host + i, data[i], __ATOMIC_RELEASE);
		}
	}
}

/*
 * Words become visible in ascending order, each at once: the last word of a completion entry
 * carries its polarity bit, and who sees that must see the rest.
 */
bool dma_store_beat(struct dma_map *map, uint8_t *host, const uint8_t *data, uint64_t strobe)
{
	uint64_t generation = map->generation;
	int i;

	for (i = 0; i < 8; i++, strobe >>= 8) {
		unsigned int part = strobe & 0xff;
		uint64_t word;

		if (part == 0xff) {
			memcpy(&word, data + 8 * i, sizeof(word));
			__atomic_store_n((uint64_t *)(void *)host + i, word, __ATOMIC_RELEASE);
		} else if (part) {
			store_part(host + 8 * i, data + 8 * i, part);
		}
	}
	return generation == map->generation;
}
