// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Host memory, versions of regions, requests for translation and what they may be answered with
#include "mr_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

version_t *regions[Regions];
bool locked[Regions];
static u64 pble[Entries];
static u64 table[Regions][8];

// ------------------------------------------------------------------------------- chance

static u64 rnd_state = 1;

u64 rnd(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return rnd_state * 0x2545f4914f6cdd1dULL;
}

u64 between(u64 low, u64 high)
{
	return low + (high - low == ~0ULL ? rnd() : rnd() % (high - low + 1));
}

bool chance(u32 percent)
{
	return rnd() >> 33 < (1ULL << 31) / 100 * percent;
}

// -------------------------------------------------------------------------- host memory

void pble_put(u64 index, u64 value)
{
	if (index < Entries)
		pble[index] = value;
}

static int pble_line_err(u64 line)
{
	if (line * 8 >= Entries)
		return HmcIndex;
	if (line * 2654435761u % 211 == 7)
		return HmcPage;
	if (line * 2654435761u % 211 == 9)
		return HmcDma;
	return HmcOk;
}

int pble_read(u64 index, u64 *value)
{
	int err = pble_line_err(index >> 3);

	*value = err ? 0 : pble[index];
	return err;
}

static page_t page_of(const entry_t *e, u64 n)
{
	page_t page = { 0, true };
	u64 block, mask = (1ULL << e_shift(e)) - 1;
	unsigned __int128 at = e->pbl;

	if (e_level(e) == 2) {
		at += n / 512;
		if (at >> 28 || pble_read((u64)at, &block))
			return page;
		at = (unsigned __int128)block + n % 512;
	} else {
		at += n;
	}
	if (at >> 28 || pble_read((u64)at, &page.base))
		return page;
	page.base &= ~mask;
	page.bad = false;
	return page;
}

// ----------------------------------------------------------------------------- versions

void region_written(u32 index, const u64 *line)
{
	version_t *v = calloc(1, sizeof(*v));
	entry_t *e = &v->e;

	memcpy(table[index], line, 64);
	memcpy(e, line, sizeof(*e));
	for (u32 i = 0; i < Devices; i++)
		v->live[i] = true;
	if (e_valid(e) && (e_level(e) == 1 || e_level(e) == 2)) {
		v->pages = calloc(e->pages, sizeof(page_t));
		for (u64 n = 0; n < e->pages; n++)
			v->pages[n] = page_of(e, n);
	}
	v->older = regions[index];
	regions[index] = v;
}

void region_settled(u32 device, u32 index)
{
	for (version_t *v = regions[index]->older; v; v = v->older)
		v->live[device] = false;
	for (version_t **at = &regions[index]->older; *at;) {
		version_t *v = *at;
		bool live = false;

		for (u32 i = 0; i < Devices; i++)
			live |= v->live[i];
		if (live) {
			at = &v->older;
			continue;
		}
		*at = v->older;
		free(v->pages);
		free(v);
	}
}

// Entries as the control would not write them: wrong level or page size, short page lists
static void write_odd(u32 index)
{
	u64 line[8] = { 0 }, level = index % 4, shift = index < 44 ? 12 : between(0, 31);
	entry_t *e = (entry_t *)line;

	e->attr = 1 | 15 << 4 | level << 8 | shift << 10 | 0x11ULL << 24 | 5ULL << 32;
	e->va = 0x123456789abcULL;
	e->pages = between(1, 20);
	e->length = 4096 * (e->pages + between(0, 10));
	e->pbl = (u64)index * 2 * Area;
	for (u32 i = 0; i < 32; i++)
		pble_put(e->pbl + i, level == 2 ? e->pbl + 512 : rnd());
	for (u32 i = 0; i < 512; i++)
		pble_put(e->pbl + 512 + i, rnd());
	region_written(index, line);
	for (u32 i = 0; i < Devices; i++)
		region_settled(i, index);
}

void mr_init(u32 seed)
{
	u64 zero[8] = { 0 };

	rnd_state = seed * 0x9e3779b97f4a7c15ULL | 1;
	for (u32 i = 0; i < Regions; i++)
		region_written(i, zero);
	for (u32 i = 40; i < 48; i++)
		write_odd(i);
}

// ----------------------------------------------------------------------------- requests

typedef struct request {
	bool used;
	u32 key, pd, priv, need, len, check_len;
	u64 addr;
} request_t;

enum { Clients = 2 };
static request_t pending[Devices][Clients];
static request_t asked[Devices][Clients][256];
static u64 answers[6], two_pages, block_ends, old_answers, level_answers[3];

// What a version makes of a request: the error, and the parts
static int translate(const version_t *v, const request_t *r, u64 *addr0, u32 *len0, u64 *addr1)
{
	const entry_t *e = &v->e;
	u64 extent = r->len > r->check_len ? r->len : r->check_len;
	unsigned __int128 end = (unsigned __int128)r->addr + extent;
	unsigned __int128 limit = (unsigned __int128)e->va + e->length;
	u64 first, last, size;

	*addr0 = *addr1 = 0;
	*len0 = r->len;
	if (!e_valid(e) || e_key(e) != (r->key & 255))
		return ErrKey;
	if (e_priv(e) ? !r->priv : e_pd(e) != r->pd)
		return ErrPd;
	if ((r->need & e_access(e)) != r->need || (e_priv(e) && r->need & 14))
		return ErrAccess;
	if (e->va == 0 && e->length == ~0ULL)
		limit = (unsigned __int128)1 << 64;
	if (extent && (r->addr < e->va || end > limit))
		return ErrBounds;
	if (r->len == 0)
		return ErrOk;
	if (e_level(e) == 3 || (e_level(e) && (e_shift(e) < 12 || e_shift(e) > 30)))
		return ErrList;
	if (e_level(e) == 0) {
		*addr0 = e->pbl + (r->addr - e->va);
		return ErrOk;
	}
	size = 1ULL << e_shift(e);
	first = r->addr / size - e->va / size;
	last = (u64)((end - 1 - (extent - r->len)) / size) - e->va / size;
	if (last >= e->pages || v->pages[first].bad || v->pages[last].bad)
		return ErrList;
	*addr0 = v->pages[first].base + r->addr % size;
	if (last != first) {
		*len0 = (u32)(size - r->addr % size);
		*addr1 = v->pages[last].base;
	}
	return ErrOk;
}

static u64 pick_addr(const entry_t *e, u64 extent)
{
	u64 size = e_level(e) ? 1ULL << e_shift(e) : 4096;
	u64 end = e->va + e->length;  // 0: the end of the address space

	switch (between(0, 15)) {
	case 0:
		return e->va;
	case 1:
		return end - extent;
	case 2:
		return end - extent + 1;
	case 3:
		return e->va - 1;
	case 4:
		return end - between(0, 8);
	case 5:
		return rnd();
	case 6:
		return ~0ULL - between(0, 4096);
	default:
		break;
	}
	if (e->length == 0)
		return rnd();
	// At the end of a block of 512 pages
	if (e_level(e) == 2 && chance(20))
		return (e->va & ~(size - 1)) + 512 * size * between(1, 1 + e->length / size / 512) -
		       between(0, 4097);
	if (chance(50))
		return e->va + between(0, e->length - 1);
	// At the end of a page
	return (((e->va + between(0, e->length - 1)) | (size - 1)) + 1) - between(0, 4097);
}

static u32 pick_len(void)
{
	static const u32 some[] = { 0, 0, 1, 8, 64, 1024, 4095, 4096 };

	return chance(60) ? some[rnd() % 8] : (u32)between(0, 4096);
}

// hot: mostly few regions and few pages, for the caches
int mr_pick(u32 device, u32 client, u32 hot, u32 *tag, u32 *key, u32 *pd, u32 *priv, u32 *need,
	    u64 *addr, u32 *len, u32 *check_len)
{
	request_t *r = &pending[device][client];
	u32 index, free_tag = 256;
	u64 extent;
	const entry_t *e;

	for (u32 i = 0, n = (u32)rnd() & 255; i < 256 && free_tag == 256; i++, n = (n + 1) & 255)
		if (!asked[device][client][n].used)
			free_tag = n;
	if (free_tag == 256)
		return 0;
	index = (u32)(hot && chance(80) ? between(0, 5) : between(0, Regions - 1));
	for (u32 i = 0; i < 3 && !e_valid(&regions[index]->e); i++)
		index = (u32)between(0, Regions - 1);
	e = &regions[index]->e;
	*r = (request_t){ .used = true };
	r->key = index << 8 | e_key(e);
	r->pd = e_pd(e);
	r->priv = e_priv(e) ? chance(90) : chance(50);
	r->need = e_access(e) & (u32)rnd();
	if (e_priv(e) && chance(80))
		r->need &= 1;
	if (chance(5))
		r->need |= 1u << between(0, 3);
	if (chance(3))
		r->key ^= 1u << between(0, 7);
	if (chance(2))
		r->key ^= 1u << between(8, 31);
	if (chance(3))
		r->pd ^= 1u << between(0, 23);
	r->len = pick_len();
	r->check_len = chance(75) ? 0 : chance(20) ? (u32)rnd() : (u32)between(0, 10000);
	if (chance(5))
		r->check_len = e->length < 0xfffffffe ? (u32)e->length + (u32)between(0, 1) : ~0u;
	extent = r->len > r->check_len ? r->len : r->check_len;
	r->addr = pick_addr(e, extent);
	if (hot && chance(50) && e->length >= 4096) {
		r->addr = e->va;
		r->check_len = 0;
	}
	*tag = free_tag;
	*key = r->key;
	*pd = r->pd;
	*priv = r->priv;
	*need = r->need;
	*addr = r->addr;
	*len = r->len;
	*check_len = r->check_len;
	return 1;
}

void mr_taken(u32 device, u32 client, u32 tag)
{
	asked[device][client][tag] = pending[device][client];
	pending[device][client].used = false;
}

int mr_answer(u32 device, u32 client, u32 tag, u32 err, u64 addr0, u32 len0, u64 addr1)
{
	static const version_t nothing;
	request_t *r = &asked[device][client][tag];
	const version_t *v = r->key >> 8 < Regions ? regions[r->key >> 8] : &nothing;
	u32 index = r->key >> 8;

	if (!r->used) {
		printf("device %u: an answer that nobody waits for, tag %02x\n", device, tag);
		return 1;
	}
	r->used = false;
	for (; v; v = v->older) {
		u64 want0, want1;
		u32 want_len;
		int want;

		if (v != &nothing && !v->live[device])
			continue;
		want = index == IndexSd || index == IndexDma
			? ErrKey : translate(v, r, &want0, &want_len, &want1);
		if (want != (int)err)
			continue;
		if (want == ErrOk && r->len &&
		    (addr0 != want0 || len0 != want_len || (want_len < r->len && addr1 != want1)))
			continue;
		answers[err]++;
		if (err == ErrOk && r->len) {
			two_pages += len0 < r->len;
			level_answers[e_level(&v->e)]++;
			block_ends += e_level(&v->e) == 2 && len0 < r->len &&
				      ((r->addr >> e_shift(&v->e)) - (v->e.va >> e_shift(&v->e))) %
				      512 == 511;
		}
		if (v != &nothing && v != regions[index])
			old_answers++;
		return 0;
	}
	v = index < Regions ? regions[index] : &nothing;
	printf("device %u: key %08x pd %x priv %u need %x addr %llx len %u check %u: "
	       "%u %llx/%u %llx\n", device, r->key, r->pd, r->priv, r->need, r->addr, r->len,
	       r->check_len, err, addr0, len0, addr1);
	for (; v; v = v->older) {
		u64 want0 = 0, want1 = 0;
		u32 want_len = 0;
		int want = translate(v, r, &want0, &want_len, &want1);

		printf("  attr %llx va %llx length %llx pbl %llx pages %llx live %d: %d %llx/%u %llx\n",
		       v->e.attr, v->e.va, v->e.length, v->e.pbl, v->e.pages,
		       v == &nothing || v->live[device], want, want0, want_len, want1);
	}
	return 1;
}

int mr_report(void)
{
	printf("mr: answers ok %llu (levels %llu %llu %llu, two pages %llu, two blocks %llu), "
	       "key %llu, pd %llu, access %llu, bounds %llu, list %llu; by old contents %llu\n",
	       answers[ErrOk], level_answers[0], level_answers[1], level_answers[2], two_pages,
	       block_ends, answers[ErrKey], answers[ErrPd], answers[ErrAccess], answers[ErrBounds],
	       answers[ErrList], old_answers);
	for (u32 i = 0; i < 6; i++)
		if (!answers[i])
			return 1;
	return !two_pages || !block_ends || !old_answers || !level_answers[0] || !level_answers[1] ||
	       !level_answers[2];
}

// ---------------------------------------------------------------------------------- HMC

typedef struct access {
	bool used, sampled;
	u32 tag, kind, index;
	bool write;
	u64 data[8];
	int err;
	u64 due;
} access_t;

enum { HmcClients = 3, Deep = 64 };
static access_t accesses[HmcClients][Deep];
static u64 reads[2];

static void perform(access_t *a)
{
	a->sampled = true;
	a->err = HmcOk;
	if (a->kind == KindPble) {
		a->err = pble_line_err(a->index / 8);
		if (!a->err)
			memcpy(a->data, &pble[a->index & ~7u], 64);
	} else if (a->index >= Regions) {
		a->err = HmcIndex;
	} else if (a->index == IndexSd) {
		a->err = HmcSd;
	} else if (a->index == IndexDma || (a->write && a->index == IndexStuck)) {
		a->err = HmcDma;
	} else if (a->write) {
		region_written(a->index, a->data);
	} else {
		memcpy(a->data, table[a->index], 64);
	}
	if (a->err)
		for (u32 i = 0; i < 8; i++)
			a->data[i] = rnd();
}

int hmc_take(u32 client, u32 tag, u32 kind, u32 index, u32 write, const u32 *data, u64 now,
	     u32 latency)
{
	access_t *a = accesses[client];

	if (kind != KindMrte && kind != KindPble)
		return 1;
	if ((write || client == 2) && kind != KindMrte)
		return 1;
	for (u32 i = 0; i < Deep; i++)
		if (a[i].used && a[i].tag == tag)
			return 1;
	while (a->used)
		if (++a == accesses[client] + Deep)
			return 1;
	*a = (access_t){ .used = true, .tag = tag, .kind = kind, .index = index, .write = write };
	memcpy(a->data, data, 64);
	a->due = now + (latency ? between(0, latency) : 0);
	reads[kind == KindPble] += !write;
	if (chance(50))
		perform(a);
	return 0;
}

int hmc_answer(u32 client, u64 now, u32 *tag, u32 *err, u32 *data)
{
	for (u32 n = 0; n < 4; n++) {
		access_t *a = &accesses[client][n == 3 ? 0 : rnd() % Deep];

		for (u32 i = 0; n == 3 && i < Deep && !(a->used && a->due <= now); i++)
			a = &accesses[client][i];
		if (!a->used || a->due > now)
			continue;
		if (!a->sampled)
			perform(a);
		*tag = a->tag;
		*err = (u32)a->err;
		memcpy(data, a->data, 64);
		a->used = false;
		return 1;
	}
	return 0;
}

u32 hmc_reads(u32 pbles)
{
	return (u32)reads[pbles];
}

// ------------------------------------------------------------------------- directed part

// Region 10 + level, behind the back of the control: nobody has looked it up yet
int mr_direct(u32 level, u64 *pbl)
{
	u64 line[8] = { 0 };
	entry_t *e = (entry_t *)line;
	u32 index = 10 + level;

	for (u64 at = (u64)index * 2 * Area;; at += 512) {
		u64 value;

		*pbl = at;
		if (level == 2)
			pble_put(at, at + 64);
		pble_put(at + 64 * (level == 2), 0x1234567000);
		pble_put(at + 64 * (level == 2) + 1, 0x7654321000);
		if (!pble_read(at, &value) && !pble_read(at + 64, &value))
			break;
	}
	e->attr = 1 | 15 << 4 | level << 8 | 12 << 10 | 0x5aULL << 24 | 77ULL << 32;
	e->va = 0x7000000000;
	e->length = 8192;
	e->pbl = level ? *pbl : 0x4000000;
	e->pages = 2;
	region_written(index, line);
	for (u32 i = 0; i < Devices; i++)
		region_settled(i, index);
	return 0;
}

static u32 direct_level;

int mr_direct_pick(u32 unused, u32 offset, u32 *tag, u32 *key, u32 *pd, u64 *addr)
{
	request_t *r = &pending[0][0];
	static u32 turn;

	(void)unused;
	for (u32 i = 0; i < 3; i++)
		if (e_valid(&regions[10 + i]->e))
			direct_level = i;
	*r = (request_t){ .used = true, .key = (10 + direct_level) << 8 | 0x5a, .pd = 77, .len = 16 };
	r->addr = 0x7000000000 + offset;
	if (asked[0][0][turn & 255].used)
		return 0;
	*tag = turn++ & 255;
	*key = r->key;
	*pd = r->pd;
	*addr = r->addr;
	return 1;
}
