// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "stats.h"

#include <inttypes.h>
#include <sys/resource.h>

static const char *const command_names[VU_COMMANDS] = {
	[VU_VERSION] = "version",
	[VU_DMA_MAP] = "dma_map",
	[VU_DMA_UNMAP] = "dma_unmap",
	[VU_GET_INFO] = "get_info",
	[VU_GET_REGION_INFO] = "get_region_info",
	[VU_GET_REGION_IO_FDS] = "get_region_io_fds",
	[VU_GET_IRQ_INFO] = "get_irq_info",
	[VU_SET_IRQS] = "set_irqs",
	[VU_REGION_READ] = "region_read",
	[VU_REGION_WRITE] = "region_write",
	[VU_DMA_READ] = "dma_read",
	[VU_DMA_WRITE] = "dma_write",
	[VU_DEVICE_RESET] = "device_reset",
	[VU_DIRTY_PAGES] = "dirty_pages",
	[VU_REGION_WRITE_MULTI] = "region_write_multi",
	[VU_DEVICE_FEATURE] = "device_feature",
	[VU_MIG_DATA_READ] = "mig_data_read",
	[VU_MIG_DATA_WRITE] = "mig_data_write",
};

static void line(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, "%-28s %" PRIu64 "\n", name, value);
}

static void messages(const struct stats *stats, FILE *out)
{
	char name[64];
	int i;

	for (i = 1; i < VU_COMMANDS; i++) {
		if (!stats->messages[i])
			continue;
		snprintf(name, sizeof(name), "messages.%s", command_names[i]);
		line(out, name, stats->messages[i]);
	}
	line(out, "messages.unknown", stats->unknown_messages);
	line(out, "error_replies", stats->error_replies);
}

/* Beside busy_seconds it tells how much of that time the machine gave to somebody else. */
static double cpu_seconds(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		return 0;
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void stats_print(const struct stats *stats, FILE *out)
{
	double busy = (double)stats->busy_ns / 1e9;

	line(out, "cycles", stats->cycles);
	fprintf(out, "%-28s %.3f\n", "busy_seconds", busy);
	fprintf(out, "%-28s %.3f\n", "cpu_seconds", cpu_seconds());
	fprintf(out, "%-28s %.1f\n", "khz", busy > 0 ? (double)stats->cycles / busy / 1e3 : 0.0);
	line(out, "connections", stats->connections);
	line(out, "resets", stats->resets);
	messages(stats, out);
	line(out, "register_reads", stats->register_reads);
	line(out, "register_writes", stats->register_writes);
	line(out, "doorbells", stats->doorbells);
	line(out, "dma_reads", stats->dma_reads);
	line(out, "dma_read_bytes", stats->dma_read_bytes);
	line(out, "dma_writes", stats->dma_writes);
	line(out, "dma_write_bytes", stats->dma_write_bytes);
	line(out, "dma_errors", stats->dma_errors);
	line(out, "interrupts", stats->interrupts);
	line(out, "interrupts_sent", stats->interrupts_sent);
	fflush(out);
}
