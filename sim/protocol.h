/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The vfio-user messages that a server sees, protocol version 0.0
 * (QEMU: docs/interop/vfio-user.rst). Flag values are those of <linux/vfio.h>;
 * its structures are not used because newer kernels have grown them.
 *
 * Everything is in host byte order: both ends share one machine.
 */
#ifndef SIM_PROTOCOL_H
#define SIM_PROTOCOL_H

#include <linux/vfio.h>
#include <stdint.h>

enum vu_command {
	VU_VERSION = 1,
	VU_DMA_MAP = 2,
	VU_DMA_UNMAP = 3,
	VU_GET_INFO = 4,
	VU_GET_REGION_INFO = 5,
	VU_GET_REGION_IO_FDS = 6,
	VU_GET_IRQ_INFO = 7,
	VU_SET_IRQS = 8,
	VU_REGION_READ = 9,
	VU_REGION_WRITE = 10,
	VU_DMA_READ = 11,
	VU_DMA_WRITE = 12,
	VU_DEVICE_RESET = 13,
	VU_DIRTY_PAGES = 14,
	VU_REGION_WRITE_MULTI = 15,
	VU_DEVICE_FEATURE = 16,
	VU_MIG_DATA_READ = 17,
	VU_MIG_DATA_WRITE = 18,
	VU_COMMANDS
};

#define VU_TYPE_MASK	0x0000000fu
#define VU_TYPE_REQUEST	0x00000000u
#define VU_TYPE_REPLY	0x00000001u
#define VU_NO_REPLY	0x00000010u
#define VU_ERROR	0x00000020u

struct vu_header {
	uint16_t id;
	uint16_t command;
	uint32_t size;		/* of the whole message, this header included */
	uint32_t flags;
	uint32_t error;		/* errno of a reply with VU_ERROR */
};

struct vu_version {
	uint16_t major;
	uint16_t minor;
	char json[];		/* capabilities, ends with a NUL; may be absent */
};

#define VU_MAJOR	0
#define VU_MINOR	0

struct vu_dma_map {
	uint32_t argsz;
	uint32_t flags;		/* VFIO_DMA_MAP_FLAG_READ, _WRITE */
	uint64_t offset;	/* in the file that comes with the message */
	uint64_t address;
	uint64_t size;
};

struct vu_dma_unmap {
	uint32_t argsz;
	uint32_t flags;		/* VFIO_DMA_UNMAP_FLAG_ALL */
	uint64_t address;
	uint64_t size;
};

struct vu_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};

struct vu_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset;
};

struct vu_region_io_fds {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

struct vu_irq_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

struct vu_irq_set {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
	uint8_t data[];		/* count bytes with VFIO_IRQ_SET_DATA_BOOL */
};

struct vu_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[];
};

struct vu_one_write {
	uint64_t offset;
	uint32_t region;
	uint32_t count;		/* at most 8 */
	uint8_t data[8];
};

struct vu_write_multi {
	uint64_t count;
	struct vu_one_write writes[];
};

_Static_assert(sizeof(struct vu_header) == 16, "vu_header");
_Static_assert(sizeof(struct vu_version) == 4, "vu_version");
_Static_assert(sizeof(struct vu_dma_map) == 32, "vu_dma_map");
_Static_assert(sizeof(struct vu_dma_unmap) == 24, "vu_dma_unmap");
_Static_assert(sizeof(struct vu_device_info) == 16, "vu_device_info");
_Static_assert(sizeof(struct vu_region_info) == 32, "vu_region_info");
_Static_assert(sizeof(struct vu_region_io_fds) == 16, "vu_region_io_fds");
_Static_assert(sizeof(struct vu_irq_info) == 16, "vu_irq_info");
_Static_assert(sizeof(struct vu_irq_set) == 20, "vu_irq_set");
_Static_assert(sizeof(struct vu_region_access) == 16, "vu_region_access");
_Static_assert(sizeof(struct vu_one_write) == 24, "vu_one_write");

/* What this server accepts; told to the client as capabilities */
#define VU_MAX_FDS	16	/* file descriptors in one message */
#define VU_MAX_XFER	4096	/* bytes in one region access: all of config space */
#define VU_MAX_DMA_MAPS	16384
#define VU_PAGE_SIZE	4096u
#define VU_MAX_MULTI	200	/* writes in one VU_REGION_WRITE_MULTI */
#define VU_MAX_JSON	4096

/* The longest message that can be valid: a full VU_REGION_WRITE_MULTI */
#define VU_MAX_MESSAGE	(sizeof(struct vu_header) + sizeof(struct vu_write_multi) + \
			 VU_MAX_MULTI * sizeof(struct vu_one_write))

_Static_assert(VU_MAX_MESSAGE >= sizeof(struct vu_header) + sizeof(struct vu_region_access) +
	       VU_MAX_XFER, "a full region write fits");
_Static_assert(VU_MAX_MESSAGE >= sizeof(struct vu_header) + sizeof(struct vu_version) +
	       VU_MAX_JSON, "a full version message fits");

#endif
