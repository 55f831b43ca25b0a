// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "stats.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
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

struct counter {
	const char *name;
	size_t place;
};

#define COUNTER(name) { #name, offsetof(struct stats, name) }

static const struct counter counters[] = {
	COUNTER(register_reads), COUNTER(register_writes), COUNTER(doorbells),
	COUNTER(dma_reads), COUNTER(dma_read_bytes), COUNTER(dma_writes),
	COUNTER(dma_write_bytes), COUNTER(dma_errors),
	COUNTER(interrupts), COUNTER(interrupts_sent),
	COUNTER(carrier_changes),
	COUNTER(tx_frames), COUNTER(tx_bytes), COUNTER(tx_lost), COUNTER(tx_no_carrier),
	COUNTER(tx_waits), COUNTER(tx_stuck), COUNTER(tx_runts), COUNTER(tx_oversize),
	COUNTER(tx_bad),
	COUNTER(rx_frames), COUNTER(rx_bytes), COUNTER(rx_no_carrier), COUNTER(rx_runts),
	COUNTER(rx_oversize), COUNTER(rx_flushed),
	COUNTER(impair_drops), COUNTER(impair_dups), COUNTER(impair_reorders),
	COUNTER(impair_corruptions), COUNTER(impair_delays),
	COUNTER(pcap_frames), COUNTER(pcap_lost),
};

/* A counter is a line, or a member of a JSON object. */
struct sink {
	FILE *out;
	bool json;
};

static void put(const struct sink *sink, const char *name, uint64_t value)
{
	fprintf(sink->out, sink->json ? "\"%s\":%" PRIu64 "," : "%-28s %" PRIu64 "\n", name, value);
}

static void put_real(const struct sink *sink, const char *name, double value)
{
	fprintf(sink->out, sink->json ? "\"%s\":%.3f," : "%-28s %.3f\n", name, value);
}

static void put_messages(const struct stats *stats, const struct sink *sink)
{
	char name[64];
	int i;

	for (i = 1; i < VU_COMMANDS; i++) {
		if (!stats->messages[i])
			continue;
		snprintf(name, sizeof(name), "messages.%s", command_names[i]);
		put(sink, name, stats->messages[i]);
	}
	put(sink, "messages.unknown", stats->unknown_messages);
	put(sink, "error_replies", stats->error_replies);
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

static void put_all(const struct stats *stats, const struct sink *sink)
{
	double busy = (double)stats->busy_ns / 1e9;
	size_t i;

	put(sink, "cycles", stats->cycles);
	put_real(sink, "busy_seconds", busy);
	put_real(sink, "cpu_seconds", cpu_seconds());
	put_real(sink, "khz", busy > 0 ? (double)stats->cycles / busy / 1e3 : 0.0);
	put(sink, "connections", stats->connections);
	put(sink, "resets", stats->resets);
	put_messages(stats, sink);
	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		uint64_t value;

		memcpy(&value, (const char *)stats + counters[i].place, sizeof(value));
		put(sink, counters[i].name, value);
	}
}

void stats_print(const struct stats *stats, FILE *out)
{
	const struct sink sink = { .out = out };

	put_all(stats, &sink);
	fflush(out);
}

bool stats_json(const struct stats *stats, char *text, size_t room)
{
	FILE *out = fmemopen(text, room, "w");
	const struct sink sink = { .out = out, .json = true };
	long size;

	if (!out)
		return false;
	fputc('{', out);
	put_all(stats, &sink);
	size = ftell(out);
	if (fclose(out) || size <= 0 || (size_t)size >= room)
		return false;
	text[size - 1] = '}';	/* the last comma */
	text[size] = '\0';
	return true;
}
