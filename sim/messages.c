// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "messages.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define IRQ_SET_DATA	(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_DATA_BOOL | \
			 VFIO_IRQ_SET_DATA_EVENTFD)
#define IRQ_SET_ACTION	(VFIO_IRQ_SET_ACTION_MASK | VFIO_IRQ_SET_ACTION_UNMASK | \
			 VFIO_IRQ_SET_ACTION_TRIGGER)

static int get_info(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_device_info *asked = request->payload;
	struct vu_device_info *info = answer->payload;

	(void)server;
	if (asked->argsz < sizeof(*info))
		return EINVAL;
	info->argsz = sizeof(*info);
	info->flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI;
	info->num_regions = VFIO_PCI_NUM_REGIONS;
	info->num_irqs = VFIO_PCI_NUM_IRQS;
	answer->size = sizeof(*info);
	return 0;
}

static int device_reset(struct server *server, struct request *request, struct answer *answer)
{
	(void)request;
	(void)answer;
	adapter_reset(server->adapter);
	return 0;
}

/* ------------------------------------------------------------------ memory */

/*
 * Memory without a descriptor is known and cannot be reached: reading it through messages is not
 * implemented (QEMU lays those out unlike the specification). QEMU maps ROM and video memory
 * like that as a matter of course and complains loudly when refused, so it is noted, and the
 * bus answers an access with a decode error and a warning.
 */
static int dma_map(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_dma_map *asked = request->payload;
	int fd = request->fd_count ? request->fds[0] : -1;
	int error;

	(void)answer;
	if (asked->argsz < sizeof(*asked))
		return EINVAL;
	error = dma_map_add(&server->adapter->map, asked->address, asked->size, asked->flags, fd,
			    asked->offset);
	log_debug("map %#llx, %#llx bytes, flags %#x%s: %s", (unsigned long long)asked->address,
		  (unsigned long long)asked->size, asked->flags,
		  fd < 0 ? ", no descriptor" : "", strerror(error));
	return error;
}

static int dma_unmap(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_dma_unmap *asked = request->payload;
	int error = 0;

	if (asked->argsz < sizeof(*asked) || (asked->flags & ~VFIO_DMA_UNMAP_FLAG_ALL))
		return EINVAL;
	if (!(asked->flags & VFIO_DMA_UNMAP_FLAG_ALL))
		error = dma_map_remove(&server->adapter->map, asked->address, asked->size);
	else if (asked->address || asked->size)
		error = EINVAL;
	else
		dma_map_clear(&server->adapter->map);
	if (error)
		return error;
	memcpy(answer->payload, asked, sizeof(*asked));
	((struct vu_dma_unmap *)answer->payload)->argsz = sizeof(*asked);
	answer->size = sizeof(*asked);
	return 0;
}

/* -------------------------------------------------------------- interrupts */

static uint32_t irq_count(uint32_t index)
{
	switch (index) {
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return IRQ_VECTORS;
	case VFIO_PCI_ERR_IRQ_INDEX:
		return 1;
	default:
		return 0;
	}
}

static int get_irq_info(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_irq_info *asked = request->payload;
	struct vu_irq_info *info = answer->payload;

	(void)server;
	if (asked->argsz < sizeof(*info) || asked->index >= VFIO_PCI_NUM_IRQS)
		return EINVAL;
	info->argsz = sizeof(*info);
	info->index = asked->index;
	info->count = irq_count(asked->index);
	info->flags = info->count ? VFIO_IRQ_INFO_EVENTFD : 0;
	if (info->index == VFIO_PCI_MSIX_IRQ_INDEX)
		info->flags |= VFIO_IRQ_INFO_MASKABLE;
	answer->size = sizeof(*info);
	return 0;
}

static bool is_one_bit(uint32_t value)
{
	return value && !(value & (value - 1));
}

static int check_irq_set(const struct vu_irq_set *set, const struct request *request)
{
	uint32_t data = set->flags & IRQ_SET_DATA;

	if (set->flags & ~(uint32_t)(IRQ_SET_DATA | IRQ_SET_ACTION))
		return EINVAL;
	if (!is_one_bit(data) || !is_one_bit(set->flags & IRQ_SET_ACTION))
		return EINVAL;
	if (set->argsz < sizeof(*set) || set->index >= VFIO_PCI_NUM_IRQS)
		return EINVAL;
	if (set->start > irq_count(set->index) ||
	    set->count > irq_count(set->index) - set->start)
		return EINVAL;
	if (data != VFIO_IRQ_SET_DATA_EVENTFD && request->fd_count)
		return EINVAL;
	if (data == VFIO_IRQ_SET_DATA_BOOL && (set->argsz - sizeof(*set) < set->count ||
					       request->size - sizeof(*set) < set->count))
		return EINVAL;
	return 0;
}

static void assign(struct irq *irq, uint32_t index, uint32_t vector, int fd)
{
	if (index == VFIO_PCI_ERR_IRQ_INDEX)
		irq_assign_error(irq, fd);
	else
		irq_assign(irq, vector, fd);
}

/* Descriptors for all vectors named, or none to take theirs away; checked before any is kept */
static int assign_eventfds(struct irq *irq, const struct vu_irq_set *set,
			   struct request *request)
{
	unsigned int i;

	if (!(set->flags & VFIO_IRQ_SET_ACTION_TRIGGER))
		return ENOTSUP;	/* to be told of masks; whoever masks knows */
	if (request->fd_count && request->fd_count != set->count)
		return EINVAL;
	for (i = 0; i < request->fd_count; i++)
		if (!irq_is_eventfd(request->fds[i]))
			return EINVAL;
	for (i = 0; i < set->count; i++) {
		assign(irq, set->index, set->start + i, request->fd_count ? request->fds[i] : -1);
		if (request->fd_count)
			request->fds[i] = -1;
	}
	return 0;
}

/* The one use of no vectors: switch off all of this kind */
static int disable_irqs(struct irq *irq, const struct vu_irq_set *set)
{
	if (set->start || set->flags != (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER))
		return EINVAL;
	if (set->index == VFIO_PCI_MSIX_IRQ_INDEX)
		irq_release(irq);
	else if (set->index == VFIO_PCI_ERR_IRQ_INDEX)
		irq_assign_error(irq, -1);
	return 0;
}

static void act_on_vector(struct irq *irq, const struct vu_irq_set *set, unsigned int vector)
{
	if (set->index == VFIO_PCI_ERR_IRQ_INDEX)
		irq_trigger_error(irq);
	else if (set->flags & VFIO_IRQ_SET_ACTION_TRIGGER)
		irq_trigger(irq, vector);
	else
		irq_mask(irq, vector, set->flags & VFIO_IRQ_SET_ACTION_MASK);
}

static int set_irqs(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_irq_set *set = request->payload;
	struct irq *irq = &server->adapter->irq;
	uint32_t i;
	int error;

	(void)answer;
	error = check_irq_set(set, request);
	if (error)
		return error;
	if (!set->count)
		return disable_irqs(irq, set);
	if (set->flags & VFIO_IRQ_SET_DATA_EVENTFD)
		return assign_eventfds(irq, set, request);
	if (set->index == VFIO_PCI_ERR_IRQ_INDEX && !(set->flags & VFIO_IRQ_SET_ACTION_TRIGGER))
		return ENOTSUP;
	for (i = 0; i < set->count; i++)
		if ((set->flags & VFIO_IRQ_SET_DATA_NONE) || set->data[i])
			act_on_vector(irq, set, set->start + i);
	return 0;
}

/* ---------------------------------------------------------------- dispatch */

static int not_supported(struct server *server, struct request *request, struct answer *answer)
{
	(void)server;
	(void)request;
	(void)answer;
	return ENOTSUP;
}

struct handler {
	int (*handle)(struct server *server, struct request *request, struct answer *answer);
	uint32_t least;		/* bytes of payload */
	uint32_t most;
	unsigned int fds;	/* most descriptors */
};

#define ANY_SIZE	((uint32_t)VU_MAX_MESSAGE)

static const struct handler handlers[VU_COMMANDS] = {
	[VU_VERSION] = { message_version, sizeof(struct vu_version), ANY_SIZE, 0 },
	[VU_DMA_MAP] = { dma_map, sizeof(struct vu_dma_map), sizeof(struct vu_dma_map), 1 },
	[VU_DMA_UNMAP] = { dma_unmap, sizeof(struct vu_dma_unmap), sizeof(struct vu_dma_unmap),
			   0 },
	[VU_GET_INFO] = { get_info, sizeof(struct vu_device_info), ANY_SIZE, 0 },
	[VU_GET_REGION_INFO] = { message_region_info, sizeof(struct vu_region_info), ANY_SIZE,
				 0 },
	[VU_GET_REGION_IO_FDS] = { message_region_io_fds, sizeof(struct vu_region_io_fds),
				   ANY_SIZE, 0 },
	[VU_GET_IRQ_INFO] = { get_irq_info, sizeof(struct vu_irq_info), ANY_SIZE, 0 },
	[VU_SET_IRQS] = { set_irqs, sizeof(struct vu_irq_set), ANY_SIZE, VU_MAX_FDS },
	[VU_REGION_READ] = { message_region_read, sizeof(struct vu_region_access),
			     sizeof(struct vu_region_access), 0 },
	[VU_REGION_WRITE] = { message_region_write, sizeof(struct vu_region_access), ANY_SIZE,
			      0 },
	[VU_DEVICE_RESET] = { device_reset, 0, 0, 0 },
	[VU_DIRTY_PAGES] = { not_supported, 0, ANY_SIZE, 0 },
	[VU_REGION_WRITE_MULTI] = { message_region_write_multi, sizeof(struct vu_write_multi),
				    ANY_SIZE, 0 },
	[VU_DEVICE_FEATURE] = { not_supported, 0, ANY_SIZE, 0 },
	[VU_MIG_DATA_READ] = { not_supported, 0, ANY_SIZE, 0 },
	[VU_MIG_DATA_WRITE] = { not_supported, 0, ANY_SIZE, 0 },
};

int message_handle(struct server *server, uint16_t command, struct request *request,
		   struct answer *answer)
{
	const struct handler *handler;

	if (command >= VU_COMMANDS || !handlers[command].handle)
		return ENOSYS;
	handler = &handlers[command];
	if (!server->negotiated && command != VU_VERSION)
		return EPROTO;
	if (request->size < handler->least || request->size > handler->most ||
	    request->fd_count > handler->fds)
		return EINVAL;
	return handler->handle(server, request, answer);
}
