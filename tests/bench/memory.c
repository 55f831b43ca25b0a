// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "memory.h"

#include <string.h>

#include "tb_mem.h"

#define BEAT 64u

enum { RESP_OKAY = 0, RESP_DECERR = 3 };

void memory_init(struct memory *memory, const struct rtl_pins *pins)
{
	memset(memory, 0, sizeof(*memory));
	memory->pins = pins;
	*pins->arready = 1;
	*pins->awready = 1;
	*pins->wready = 0;
	*pins->rvalid = 0;
	*pins->bvalid = 0;
}

static uint8_t response(uint64_t address, uint32_t access)
{
	return tb_mem_access(address) & access ? RESP_OKAY : RESP_DECERR;
}

static void take_read(struct memory *memory)
{
	const struct rtl_pins *pins = memory->pins;
	struct memory_burst *read = &memory->reads[memory->read_tail++ % MEMORY_REQUESTS];

	read->address = *pins->araddr & ~(uint64_t)(BEAT - 1);
	read->id = *pins->arid;
	read->beats = *pins->arlen;
	read->due = memory->cycle + memory->read_cycles;
	read->resp = response(read->address, TB_MEM_READ);
	memory->read_bursts++;
}

static void take_write(struct memory *memory)
{
	const struct rtl_pins *pins = memory->pins;
	struct memory_burst *write = &memory->writes[memory->write_tail++ % MEMORY_REQUESTS];

	write->address = *pins->awaddr & ~(uint64_t)(BEAT - 1);
	write->id = *pins->awid;
	write->resp = response(write->address, TB_MEM_WRITE);
}

/* The bytes are there for the host, and for reads of the adapter, from now on */
static void take_data(struct memory *memory)
{
	const struct rtl_pins *pins = memory->pins;
	const struct memory_burst *write = &memory->writes[memory->write_head % MEMORY_REQUESTS];
	struct memory_burst *done;

	if (write->resp == RESP_OKAY)
		tb_mem_put_line(write->address + (uint64_t)memory->write_beat * BEAT,
				(const tb_u32 *)pins->wdata, *pins->wstrb);
	memory->write_beat++;
	memory->write_beats++;
	if (!*pins->wlast)
		return;
	done = &memory->done[memory->done_tail++ % MEMORY_REQUESTS];
	*done = *write;
	done->due = memory->cycle + memory->write_cycles;
	memory->write_head++;
	memory->write_beat = 0;
}

void memory_sample(struct memory *memory)
{
	const struct rtl_pins *pins = memory->pins;

	memory->r_taken = *pins->rvalid && *pins->rready;
	memory->b_taken = *pins->bvalid && *pins->bready;
	if (*pins->arvalid && *pins->arready)
		take_read(memory);
	if (*pins->wvalid && *pins->wready)
		take_data(memory);
	if (*pins->awvalid && *pins->awready)
		take_write(memory);
}

static void drive_read(struct memory *memory)
{
	const struct rtl_pins *pins = memory->pins;
	const struct memory_burst *read;

	if (memory->r_taken) {
		*pins->rvalid = 0;
		memory->read_beats++;
		if (memory->read_beat++ == memory->reads[memory->read_head % MEMORY_REQUESTS].beats) {
			memory->read_head++;
			memory->read_beat = 0;
		}
	}
	if (*pins->rvalid || memory->read_head == memory->read_tail)
		return;
	read = &memory->reads[memory->read_head % MEMORY_REQUESTS];
	if (read->due > memory->cycle)
		return;
	tb_mem_get_line(read->address + (uint64_t)memory->read_beat * BEAT, (tb_u32 *)pins->rdata);
	*pins->rid = read->id;
	*pins->rresp = read->resp;
	*pins->rlast = memory->read_beat == read->beats;
	*pins->rvalid = 1;
}

static void drive_answer(struct memory *memory)
{
	const struct rtl_pins *pins = memory->pins;
	const struct memory_burst *done;

	if (memory->b_taken) {
		*pins->bvalid = 0;
		memory->done_head++;
	}
	if (*pins->bvalid || memory->done_head == memory->done_tail)
		return;
	done = &memory->done[memory->done_head % MEMORY_REQUESTS];
	if (done->due > memory->cycle)
		return;
	*pins->bid = done->id;
	*pins->bresp = done->resp;
	*pins->bvalid = 1;
}

void memory_drive(struct memory *memory)
{
	const struct rtl_pins *pins = memory->pins;
	uint32_t writes = memory->write_tail - memory->write_head;
	uint32_t done = memory->done_tail - memory->done_head;

	memory->cycle++;
	drive_read(memory);
	drive_answer(memory);
	*pins->arready = memory->read_tail - memory->read_head < MEMORY_REQUESTS;
	*pins->awready = writes < MEMORY_REQUESTS;
	/* Data only for a burst whose address is known and whose answer has a place */
	*pins->wready = writes && done < MEMORY_REQUESTS;
}
