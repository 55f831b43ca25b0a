// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "axi.h"

#include <string.h>

#include "log.h"

enum {
	RESP_OKAY = 0,
	RESP_SLVERR = 2,	/* memory that refuses: read-only, gone, no bus master */
	RESP_DECERR = 3,	/* no memory there */
};

enum {
	BURST_INCR = 1,
	SIZE_64_BYTES = 6,
	PAGE = 4096,		/* a burst never crosses this, nor does any mapping end inside */
};

static struct log_limit burst_limit;
static struct log_limit error_limit;
static struct log_limit reach_limit;

void axi_init(struct axi *axi, const struct rtl_pins *pins, struct dma_map *map,
	      struct stats *stats, uint64_t latency)
{
	memset(axi, 0, sizeof(*axi));
	axi->pins = pins;
	axi->map = map;
	axi->stats = stats;
	axi->latency = latency;
	axi->random = 1;
}

void axi_reset(struct axi *axi)
{
	axi->read_count = 0;
	axi->reading = false;
	axi->write_head = axi->write_tail;
	axi->write_beat = 0;
	axi->write_resp = RESP_OKAY;
	axi->done_head = axi->done_tail;
	axi->r_taken = false;
	axi->b_taken = false;
	axi->sink.valid = false;
	memset(axi->last_due, 0, sizeof(axi->last_due));
	*axi->pins->rvalid = 0;
	*axi->pins->bvalid = 0;
	*axi->pins->arready = 0;
	*axi->pins->awready = 0;
	*axi->pins->wready = 0;
}

bool axi_is_idle(const struct axi *axi)
{
	return !axi->read_count && !axi->reading && axi->write_head == axi->write_tail &&
	       axi->done_head == axi->done_tail;
}

/* ------------------------------------------------------------------ memory */

static uint64_t aligned(uint64_t address)
{
	return address & ~(uint64_t)(DMA_BEAT - 1);
}

static bool is_bad_burst(uint64_t address, uint8_t beats, uint8_t size, uint8_t burst)
{
	uint64_t last = aligned(address) + (uint64_t)beats * DMA_BEAT;

	if (size == SIZE_64_BYTES && burst == BURST_INCR && address / PAGE == last / PAGE)
		return false;
	log_limited(&burst_limit, LOG_LEVEL_ERROR,
		    "the RTL broke its AXI contract: address %#llx, %u beats, size %u, burst %u",
		    (unsigned long long)address, beats + 1u, size, burst);
	return true;
}

static uint8_t find_target(struct axi *axi, uint64_t address, unsigned int beats, bool write,
			   uint8_t **host)
{
	if (!axi->bus_master)
		return RESP_SLVERR;
	switch (dma_map_find(axi->map, aligned(address), (beats + 1ull) * DMA_BEAT, write, host)) {
	case DMA_OK:
		return RESP_OKAY;
	case DMA_DENIED:
		return RESP_SLVERR;
	case DMA_UNREACHABLE:
		log_limited(&reach_limit, LOG_LEVEL_WARN,
			    "DMA at %#llx, memory without a file descriptor "
			    "(QEMU: -object memory-backend-memfd,share=on)",
			    (unsigned long long)address);
		return RESP_DECERR;
	default:
		return RESP_DECERR;
	}
}

/* The client may take memory away, and the guest its bus master bit, between two beats. */
static void aim(struct axi *axi, struct axi_target *target, uint64_t address,
		unsigned int beats, bool bad, bool write)
{
	if (target->valid && target->generation == axi->map->generation && axi->bus_master)
		return;
	target->generation = axi->map->generation;
	target->resp = bad ? RESP_SLVERR
			   : find_target(axi, address, beats, write, &target->host);
	target->valid = true;
	if (target->resp == RESP_OKAY)
		return;
	log_limited(&error_limit, LOG_LEVEL_INFO, "DMA %s of %u bytes at %#llx refused: %s",
		    write ? "write" : "read", (beats + 1) * DMA_BEAT, (unsigned long long)address,
		    target->resp == RESP_DECERR ? "not mapped" : "not allowed");
}

/* ------------------------------------------------------------------- reads */

static bool is_earlier(const struct axi_read *a, const struct axi_read *b)
{
	return a->due != b->due ? a->due < b->due : a->serial < b->serial;
}

static void push_read(struct axi *axi, const struct axi_read *read)
{
	unsigned int place = axi->read_count++;

	while (place) {
		unsigned int parent = (place - 1) / 2;

		if (!is_earlier(read, &axi->reads[parent]))
			break;
		axi->reads[place] = axi->reads[parent];
		place = parent;
	}
	axi->reads[place] = *read;
}

static struct axi_read pop_read(struct axi *axi)
{
	struct axi_read top = axi->reads[0];
	const struct axi_read *tail = &axi->reads[--axi->read_count];
	unsigned int place = 0;

	for (;;) {
		unsigned int child = 2 * place + 1;

		if (child >= axi->read_count)
			break;
		if (child + 1 < axi->read_count &&
		    is_earlier(&axi->reads[child + 1], &axi->reads[child]))
			child++;
		if (!is_earlier(&axi->reads[child], tail))
			break;
		axi->reads[place] = axi->reads[child];
		place = child;
	}
	axi->reads[place] = *tail;
	return top;
}

/* Answers of different IDs overtake each other as on a real bus; xorshift is random enough. */
static uint64_t jitter(struct axi *axi)
{
	if (!axi->latency)
		return 0;
	axi->random ^= axi->random << 13;
	axi->random ^= axi->random >> 7;
	axi->random ^= axi->random << 17;
	return axi->random % (axi->latency / 4 + 1);
}

static void accept_read(struct axi *axi)
{
	const struct rtl_pins *pins = axi->pins;
	struct axi_read read = {
		.due = axi->cycle + axi->latency + jitter(axi),
		.serial = axi->read_serial++,
		.address = *pins->araddr,
		.id = *pins->arid % AXI_IDS,
		.beats = *pins->arlen,
	};

	read.bad = is_bad_burst(read.address, read.beats, *pins->arsize, *pins->arburst);
	if (read.due < axi->last_due[read.id])
		read.due = axi->last_due[read.id];
	axi->last_due[read.id] = read.due;
	push_read(axi, &read);
	axi->stats->dma_reads++;
}

static void present_beat(struct axi *axi)
{
	const struct rtl_pins *pins = axi->pins;
	struct axi_target *source = &axi->source;

	aim(axi, source, axi->current.address, axi->current.beats, axi->current.bad, false);
	if (source->resp == RESP_OKAY) {
		if (!dma_load_beat(axi->map, pins->rdata, source->host + axi->beat * DMA_BEAT))
			source->resp = RESP_SLVERR;
		axi->stats->dma_read_bytes += DMA_BEAT;
	}
	if (source->resp != RESP_OKAY)
		memset(pins->rdata, 0, DMA_BEAT);
	*pins->rid = axi->current.id;
	*pins->rresp = source->resp;
	*pins->rlast = axi->beat == axi->current.beats;
	*pins->rvalid = 1;
}

static void end_beat(struct axi *axi)
{
	*axi->pins->rvalid = 0;
	if (axi->beat++ != axi->current.beats)
		return;
	axi->reading = false;
	if (axi->source.resp != RESP_OKAY)
		axi->stats->dma_errors++;
}

static void drive_reads(struct axi *axi)
{
	if (axi->r_taken)
		end_beat(axi);
	else if (*axi->pins->rvalid)
		return;
	if (!axi->reading) {
		if (!axi->read_count || axi->reads[0].due > axi->cycle)
			return;
		axi->current = pop_read(axi);
		axi->source.valid = false;
		axi->beat = 0;
		axi->reading = true;
	}
	present_beat(axi);
}

/* ------------------------------------------------------------------ writes */

static void accept_write(struct axi *axi)
{
	const struct rtl_pins *pins = axi->pins;
	struct axi_write *write = &axi->writes[axi->write_tail++ % AXI_WRITES];

	write->address = *pins->awaddr;
	write->id = *pins->awid % AXI_IDS;
	write->beats = *pins->awlen;
	write->bad = is_bad_burst(write->address, write->beats, *pins->awsize, *pins->awburst);
	axi->stats->dma_writes++;
}

static void finish_write(struct axi *axi, const struct axi_write *write)
{
	struct axi_done *done = &axi->done[axi->done_tail++ % AXI_WRITES];

	done->due = axi->cycle + axi->latency;
	done->id = write->id;
	done->resp = axi->write_resp;
	if (done->resp != RESP_OKAY)
		axi->stats->dma_errors++;
	axi->write_head++;
	axi->write_beat = 0;
	axi->write_resp = RESP_OKAY;
	axi->sink.valid = false;
}

/* The bytes are in host memory when this returns, so whatever follows comes after them. */
static void accept_beat(struct axi *axi)
{
	const struct axi_write *write = &axi->writes[axi->write_head % AXI_WRITES];
	const struct rtl_pins *pins = axi->pins;
	struct axi_target *sink = &axi->sink;
	bool last = axi->write_beat == write->beats;

	aim(axi, sink, write->address, write->beats, write->bad, true);
	if (sink->resp == RESP_OKAY) {
		if (!dma_store_beat(axi->map, sink->host + axi->write_beat * DMA_BEAT,
				    pins->wdata, *pins->wstrb))
			sink->resp = RESP_SLVERR;
		axi->stats->dma_write_bytes += (uint64_t)__builtin_popcountll(*pins->wstrb);
	}
	if (last != (bool)*pins->wlast) {
		log_limited(&burst_limit, LOG_LEVEL_ERROR,
			    "the RTL broke its AXI contract: wlast at beat %u of %u",
			    axi->write_beat + 1, write->beats + 1u);
		axi->write_resp = RESP_SLVERR;
	}
	if (sink->resp != RESP_OKAY)
		axi->write_resp = sink->resp;
	axi->write_beat++;
	if (last)
		finish_write(axi, write);
}

static void drive_responses(struct axi *axi)
{
	const struct rtl_pins *pins = axi->pins;
	const struct axi_done *done;

	if (axi->b_taken) {
		axi->done_head++;
		*pins->bvalid = 0;
	} else if (*pins->bvalid) {
		return;
	}
	if (axi->done_head == axi->done_tail)
		return;
	done = &axi->done[axi->done_head % AXI_WRITES];
	if (done->due > axi->cycle)
		return;
	*pins->bid = done->id;
	*pins->bresp = done->resp;
	*pins->bvalid = 1;
}

/* --------------------------------------------------------------- the cycle */

void axi_sample(struct axi *axi)
{
	const struct rtl_pins *pins = axi->pins;

	axi->r_taken = *pins->rvalid && *pins->rready;
	axi->b_taken = *pins->bvalid && *pins->bready;
	if (*pins->arvalid && *pins->arready)
		accept_read(axi);
	if (*pins->wvalid && *pins->wready)
		accept_beat(axi);
	if (*pins->awvalid && *pins->awready)
		accept_write(axi);
}

void axi_drive(struct axi *axi)
{
	const struct rtl_pins *pins = axi->pins;
	unsigned int writes;
	unsigned int done;

	axi->cycle++;
	drive_reads(axi);
	drive_responses(axi);
	writes = axi->write_tail - axi->write_head;
	done = axi->done_tail - axi->done_head;
	*pins->arready = axi->read_count < AXI_READS;
	*pins->awready = writes < AXI_WRITES;
	/* Data only for a burst whose address is known and whose answer has a place */
	*pins->wready = writes && done < AXI_WRITES;
}
