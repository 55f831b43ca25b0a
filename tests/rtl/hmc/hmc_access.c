/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The clients: which objects they ask for, what is in flight, and whether the
 * answers and events are among those possible.
 *
 * Data tells where it has been. A line that is read carries its address and a
 * serial number, a line that is written carries the number of its access.
 */
#include <stdio.h>
#include <string.h>

#include "hmc_model.h"

#define TAGS 256u
#define HOT 48u
#define EVENTS 64u
#define SERIALS (1u << 16)

struct access {
	bool used;
	struct hm_object object;
	bool write;
	bool quiet;
	tb_u64 name;			/* in the first word of what it writes */
	tb_u64 accepted;		/* cycle */
	tb_u64 written;			/* address, once the DMA port has taken it */
	struct hm_outcomes possible;
};

struct event {
	unsigned int code;
	unsigned int source;
	unsigned int id;
	tb_u64 detail;
};

static struct access accesses[HM_CLIENTS][TAGS];
static struct access offered[HM_CLIENTS];	/* not yet accepted */
static unsigned int offered_tag[HM_CLIENTS];
static unsigned int in_flight, most_in_flight;
static tb_u64 total, answered[HM_DMA + 1], lost, names;
static struct hm_object hot[HOT];
static struct event events[EVENTS];
static unsigned int events_in, events_out;
static tb_u64 serial_seen[SERIALS];

/* --------------------------------------------------------------- traffic */

static struct hm_object random_object(void)
{
	struct hm_object object = { hm_below(16), (unsigned int)hm_rand() >> hm_below(28), hm_below(8) };
	unsigned int sd, choice = hm_below(100);

	object.index &= (1u << 28) - 1;
	if (choice < 2)
		return object;
	if (choice < 6) {
		object.kind = hm_below(HM_KINDS);
		object.index = hm_host_count(object.kind) + hm_below(3);
		object.index -= object.index != 0;
		return object;
	}
	sd = hm_below(hm_host_used() + 1);
	for (unsigned int i = 0; i < 20 && !hm_host_sd_valid(sd); i++)
		sd = hm_below(hm_host_used() + 1);
	if (hm_host_object_at(sd, hm_rand() % (hm_chance(70) ? 16 * HM_PAGE : HM_SEG), &object) &&
	    hm_chance(90))
		object.index %= hm_host_count(object.kind);
	return object;
}

/* The layout is a new one: the objects that everybody asks for are others */
void hm_access_renew(void)
{
	for (unsigned int i = 0; i < HOT; i++)
		hot[i] = random_object();
}

static unsigned int free_tag(unsigned int client)
{
	unsigned int tag = hm_below(TAGS);

	while (accesses[client][tag].used)
		tag = (tag + 1) % TAGS;
	return tag;
}

static void fill_line(tb_u64 first, unsigned int *data)
{
	for (unsigned int i = 0; i < 8; i++) {
		tb_u64 word = i ? hm_hash(first + i) : first;

		data[2 * i] = (unsigned int)word;
		data[2 * i + 1] = (unsigned int)(word >> 32);
	}
}

void hm_dma_line(tb_u64 addr, tb_u64 serial, unsigned int *data)
{
	fill_line(addr, data);
	/* Words 1 to 7 follow from both */
	for (unsigned int i = 2; i < 16; i++)
		data[i] ^= (unsigned int)serial;
}

/* The next request of a client, if it wants one now */
int hm_request(unsigned int client, unsigned int *kind, unsigned int *index, unsigned int *line,
	       unsigned int *flags, unsigned int *tag, unsigned int *data)
{
	struct access *access = &offered[client];

	if (!hm_chance(hm_pressure.demand))
		return 0;
	if (hm_chance(5))
		hot[hm_below(HOT)] = random_object();
	*access = (struct access){ .object = hm_chance(80) ? hot[hm_below(HOT)] : random_object() };
	access->write = hm_chance(35);
	access->quiet = hm_chance(30);
	*tag = offered_tag[client] = free_tag(client);
	access->name = ++names << 16 | client << 8 | *tag;
	*kind = access->object.kind;
	*index = access->object.index;
	*line = access->object.line;
	*flags = access->write | (unsigned int)access->quiet << 1;
	fill_line(access->name, data);
	return 1;
}

void hm_accepted(unsigned int client)
{
	struct access *access = &accesses[client][offered_tag[client]];

	*access = offered[client];
	access->used = true;
	access->accepted = hm_now;
	hm_host_outcomes(&access->object, &access->possible);
	total++;
	if (++in_flight > most_in_flight)
		most_in_flight = in_flight;
}

/* The host has changed something: what is possible now is so for all that are in flight */
void hm_access_widen(void)
{
	for (unsigned int c = 0; c < HM_CLIENTS; c++)
		for (unsigned int t = 0; t < TAGS; t++)
			if (accesses[c][t].used)
				hm_host_outcomes(&accesses[c][t].object,
						 &accesses[c][t].possible);
}

/* A page of a paged segment that is being accessed, to change it right now */
bool hm_access_target(unsigned int *sd, unsigned int *page)
{
	unsigned int client = hm_below(HM_CLIENTS), start = hm_below(TAGS);

	for (unsigned int i = 0; i < TAGS; i++) {
		struct access *access = &accesses[client][(start + i) % TAGS];

		if (access->used && hm_host_page_of(&access->object, sd, page))
			return true;
	}
	return false;
}

unsigned int hm_access_total(void)
{
	return (unsigned int)total;
}

/* ------------------------------------------------------- what comes back */

static bool may_touch(const struct access *access, tb_u64 addr)
{
	for (unsigned int i = 0; i < access->possible.num; i++)
		if (access->possible.at[i].addr == addr)
			return true;
	return false;
}

/* A write is at the DMA port */
void hm_access_written(const unsigned int *data, tb_u64 addr)
{
	tb_u64 name = data[0] | (tb_u64)data[1] << 32;
	unsigned int client = (name >> 8) % 256, wanted[16];
	struct access *access;

	HM_CHECK(client < HM_CLIENTS, "a write to %#llx with data of nobody", addr);
	access = &accesses[client][name % TAGS];
	fill_line(name, wanted);
	HM_CHECK(access->used && access->write && access->name == name &&
		 !memcmp(data, wanted, sizeof(wanted)),
		 "a write to %#llx with data of no write that is in flight", addr);
	HM_CHECK(!access->written, "an access was written twice");
	HM_CHECK(may_touch(access, addr), "write of kind %u index %u line %u went to %#llx",
		 access->object.kind, access->object.index, access->object.line, addr);
	access->written = addr;
}

static bool fits(const struct access *access, const struct hm_outcome *outcome, enum hm_err err,
		 tb_u64 read_from)
{
	if (outcome->err != err)
		return false;
	if (access->write)
		return outcome->addr == access->written;
	return err != HM_OK || outcome->addr == read_from;
}

/* Where the data of a read comes from */
static tb_u64 origin(const unsigned int *data)
{
	tb_u64 addr = data[0] | (tb_u64)data[1] << 32;
	unsigned int wanted[16];
	tb_u64 serial;

	fill_line(addr, wanted);
	serial = data[2] ^ wanted[2];
	hm_dma_line(addr, serial, wanted);
	HM_CHECK(!memcmp(data, wanted, sizeof(wanted)), "data of a read is damaged");
	HM_CHECK(serial_seen[serial % SERIALS] != serial, "data of a read was delivered twice");
	serial_seen[serial % SERIALS] = serial;
	return addr;
}

static void expect_event(const struct access *access, enum hm_err err)
{
	static const unsigned int code[] = {
		[HM_INDEX] = TERN_HW_AE_CODE_HMC_INDEX, [HM_SD] = TERN_HW_AE_CODE_HMC_SD,
		[HM_NO_PAGE] = TERN_HW_AE_CODE_HMC_PAGE, [HM_DMA] = TERN_HW_AE_CODE_HMC_DMA,
	};
	struct event *event = &events[events_in++ % EVENTS];

	HM_CHECK(events_in - events_out < EVENTS, "events are neither delivered nor lost");
	event->code = code[err];
	event->source = access->object.kind == TERN_HW_HMC_KIND_CQ ? TERN_HW_AE_SOURCE_CQ :
								     TERN_HW_AE_SOURCE_DEVICE;
	event->id = access->object.index & 0xffffff;
	event->detail = access->object.index | (tb_u64)access->object.kind << 28 |
			(access->write ? TERN_HW_AE_HMC_W_WRITE_MASK : 0);
}

void hm_response(unsigned int client, unsigned int tag, unsigned int err, const unsigned int *data,
		 int ae_lost)
{
	struct access *access = &accesses[client][tag];
	bool report = err != HM_OK && (!access->quiet || err == HM_DMA);
	tb_u64 addr;
	unsigned int i;

	HM_CHECK(access->used, "answer for tag %u of client %u, which is not in flight", tag, client);
	HM_CHECK(err <= HM_DMA, "answer with error %u", err);
	addr = err == HM_OK && !access->write ? origin(data) : 0;
	for (i = 0; i < access->possible.num; i++)
		if (fits(access, &access->possible.at[i], (enum hm_err)err, addr))
			break;
	HM_CHECK(i < access->possible.num,
		 "%s of kind %u index %u line %u: error %u, read from %#llx, written to %#llx; expected error %u at %#llx or %u others",
		 access->write ? "write" : "read", access->object.kind, access->object.index,
		 access->object.line, err, addr, access->written, access->possible.at[0].err,
		 access->possible.at[0].addr, access->possible.num - 1);
	if (report && !ae_lost)
		expect_event(access, (enum hm_err)err);
	if (ae_lost) {
		HM_CHECK(report, "an event that was not due was lost");
		HM_CHECK(events_in - events_out >= 4, "an event was lost though there was room");
		lost++;
	}
	answered[err]++;
	in_flight--;
	access->used = false;
}

void hm_event(unsigned int code, unsigned int source, unsigned int id, tb_u64 detail)
{
	const struct event *event = &events[events_out % EVENTS];

	HM_CHECK(events_out != events_in, "an event %#x that was not due", code);
	HM_CHECK(event->code == code && event->source == source && event->id == id &&
		 event->detail == detail,
		 "event %#x source %u id %#x detail %#llx, not %#x %u %#x %#llx", code, source, id,
		 detail, event->code, event->source, event->id, event->detail);
	events_out++;
}

/* Accesses in flight, to compare with idle */
unsigned int hm_in_flight(void)
{
	return in_flight;
}

/* The cycle in which the oldest access in flight was accepted; now if there is none */
tb_u64 hm_access_oldest(void)
{
	tb_u64 oldest = hm_now;

	for (unsigned int c = 0; c < HM_CLIENTS; c++)
		for (unsigned int t = 0; t < TAGS; t++)
			if (accesses[c][t].used && accesses[c][t].accepted < oldest)
				oldest = accesses[c][t].accepted;
	return oldest;
}

/* At the end: everything has been answered and reported, and every case was seen */
void hm_access_finish(void)
{
	HM_CHECK(!in_flight, "%u accesses were never answered", in_flight);
	HM_CHECK(events_in == events_out, "%u events never came", events_in - events_out);
	for (unsigned int err = HM_OK; err <= HM_DMA; err++)
		HM_CHECK(answered[err] > total / 1000, "error %u was hardly tested", err);
	HM_CHECK(lost, "losing events was not tested");
	printf("hmc: %llu accesses (ok %llu, index %llu, segment %llu, page %llu, bus %llu), at most %u in flight, %u events, %llu lost\n",
	       total, answered[HM_OK], answered[HM_INDEX], answered[HM_SD], answered[HM_NO_PAGE],
	       answered[HM_DMA], most_in_flight, events_out, lost);
}
