// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The regions of the function: BARs and configuration space.

#include <errno.h>
#include <string.h>

#include "messages.h"
#include "tern_hw.h"

static const uint64_t region_sizes[VFIO_PCI_NUM_REGIONS] = {
	[VFIO_PCI_BAR0_REGION_INDEX + TERN_HW_BAR_REGS] = BAR0_SIZE,
	[VFIO_PCI_BAR0_REGION_INDEX + TERN_HW_BAR_DOORBELLS] = BAR2_SIZE,
	[VFIO_PCI_BAR0_REGION_INDEX + TERN_HW_BAR_MSIX] = IRQ_BAR_SIZE,
	[VFIO_PCI_CONFIG_REGION_INDEX] = PCI_CONFIG_SIZE,
};

int message_region_info(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_region_info *asked = request->payload;
	struct vu_region_info *info = answer->payload;

	(void)server;
	if (asked->argsz < sizeof(*info) || asked->index >= VFIO_PCI_NUM_REGIONS)
		return EINVAL;
	memset(info, 0, sizeof(*info));
	info->argsz = sizeof(*info);
	info->index = asked->index;
	info->size = region_sizes[asked->index];
	if (info->size)
		info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	answer->size = sizeof(*info);
	return 0;
}

/* There are none, for any region: a doorbell must reach the RTL with its data and in order. */
int message_region_io_fds(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_region_io_fds *asked = request->payload;
	struct vu_region_io_fds *none = answer->payload;

	(void)server;
	if (asked->argsz < sizeof(*none) || asked->flags || asked->index >= VFIO_PCI_NUM_REGIONS)
		return EINVAL;
	memset(none, 0, sizeof(*none));
	none->argsz = sizeof(*none);
	none->index = asked->index;
	answer->size = sizeof(*none);
	return 0;
}

static int check_access(uint32_t region, uint64_t offset, uint64_t count, uint64_t most)
{
	if (region >= VFIO_PCI_NUM_REGIONS || !count || count > most)
		return EINVAL;
	if (offset > region_sizes[region] || count > region_sizes[region] - offset)
		return EINVAL;
	return 0;
}

static void read_region(struct adapter *adapter, uint32_t region, uint64_t offset,
			uint8_t *data, uint32_t count)
{
	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		adapter_config_read(adapter, offset, data, count);
	else
		adapter_bar_read(adapter, region - VFIO_PCI_BAR0_REGION_INDEX, offset, data,
				 count);
}

static void write_region(struct adapter *adapter, uint32_t region, uint64_t offset,
			 const uint8_t *data, uint32_t count)
{
	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		adapter_config_write(adapter, offset, data, count);
	else
		adapter_bar_write(adapter, region - VFIO_PCI_BAR0_REGION_INDEX, offset, data,
				  count);
}

int message_region_read(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_region_access *asked = request->payload;
	struct vu_region_access *access = answer->payload;
	int error;

	error = check_access(asked->region, asked->offset, asked->count, server->max_xfer);
	if (error)
		return error;
	*access = *asked;
	read_region(server->adapter, asked->region, asked->offset, access->data, asked->count);
	answer->size = (uint32_t)sizeof(*access) + asked->count;
	return 0;
}

int message_region_write(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_region_access *asked = request->payload;
	struct vu_region_access *access = answer->payload;
	int error;

	if (request->size - sizeof(*asked) != asked->count)
		return EINVAL;
	error = check_access(asked->region, asked->offset, asked->count, server->max_xfer);
	if (error)
		return error;
	write_region(server->adapter, asked->region, asked->offset, asked->data, asked->count);
	*access = *asked;
	answer->size = sizeof(*access);
	return 0;
}

/* All of them or none: a bad entry is found before the first write is done. */
static int check_multi(const struct vu_write_multi *multi, uint32_t size)
{
	uint64_t i;

	if (!multi->count || multi->count > VU_MAX_MULTI ||
	    size != sizeof(*multi) + multi->count * sizeof(multi->writes[0]))
		return EINVAL;
	for (i = 0; i < multi->count; i++) {
		const struct vu_one_write *write = &multi->writes[i];
		int error;

		error = check_access(write->region, write->offset, write->count,
				     sizeof(write->data));
		if (error)
			return error;
	}
	return 0;
}

int message_region_write_multi(struct server *server, struct request *request,
			       struct answer *answer)
{
	const struct vu_write_multi *multi = request->payload;
	struct vu_write_multi *done = answer->payload;
	uint64_t i;
	int error;

	error = check_multi(multi, request->size);
	if (error)
		return error;
	for (i = 0; i < multi->count; i++) {
		const struct vu_one_write *write = &multi->writes[i];

		write_region(server->adapter, write->region, write->offset, write->data,
			     write->count);
	}
	done->count = multi->count;
	answer->size = sizeof(*done);
	return 0;
}
