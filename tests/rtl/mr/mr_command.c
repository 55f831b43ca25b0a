// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Commands to tern_mr_ctl: made up, judged by the rules of the contract, and followed on their way
#include "mr_model.h"

#include <stdio.h>
#include <string.h>

enum { Parties = 3 };  // CQP, seg, place

enum { MajorOk, MajorUnsupported, MajorParam, MajorState, MajorDma, MajorHmc };
enum {
	MinorAddress = 3, MinorSize = 4, MinorMode = 8, MinorExists = 9, MinorMissing = 10,
	MinorHmcIndex = 17, MinorHmcSd = 18, MinorHmcDma = 20, MinorRange = 27
};
enum { WcSuccess = 0, WcMwBind = 6, WcLocAccess = 8, WcGeneral = 21 };

typedef struct command {
	bool used, taken;
	u32 op, index;
	entry_t arg;      // CQP: the words of the command. Work request: pd, key, access, va ...
	bool priv;
	// What must come of it
	u32 major, minor; // or status in major
	bool writes;      // an entry is written, or should be
	entry_t result;
	// What has come
	bool written, write_answered;
	u32 invs, inv_dones, fences, fence_dones;
} command_t;

static command_t commands[Parties];
static command_t *now;  // the one that was taken
static u64 counts[128][2], param_errors[32];

static u64 attr_of(u32 valid, u32 free, u32 fast, u32 priv, u32 access, u32 level, u32 shift,
		   u32 key, u32 pd)
{
	return valid | free << 1 | fast << 2 | priv << 3 | access << 4 | level << 8 | shift << 10 |
	       (u64)key << 24 | (u64)pd << 32;
}

// ------------------------------------------------------------------------------- making up

static u32 pick_shift(void)
{
	return chance(50) ? 12 : chance(40) ? (u32)between(12, 14) : (u32)between(12, 30);
}

static u64 pick_pages(u32 level)
{
	switch (between(0, 3)) {
	case 0:
		return 1;
	case 1:
		return between(2, 40);
	case 2:
		return 512 * between(1, 6) + between(0, 2) - 1;
	default:
		return between(1, level == 2 ? 3584 : 4032);
	}
}

// Writes a page list into an area of the region, one that nothing valid refers to
static void make_list(u32 level, u64 pages, u64 *pbl)
{
	u64 base = *pbl & ~(u64)(Area - 1);
	u64 block[7];

	if (level == 1) {
		for (u64 n = 0; n < pages; n++)
			pble_put(base + n, rnd());
		return;
	}
	for (u64 i = 0; i < 7; i++) {
		block[i] = base + i * 520 + between(0, 7);
		for (u64 n = 0; n < 512; n++)
			pble_put(block[i] + n, rnd());
	}
	for (u64 i = 0; i * 512 < pages; i++) {
		u64 entry = block[rnd() % 7];  // blocks may be shared

		if (chance(1))
			entry = chance(50) ? rnd() : (1u << 28) - between(0, 511);
		pble_put(*pbl + i, entry);
	}
}

static u64 new_area(u32 index, u32 level, const entry_t *old)
{
	u64 base = (u64)index * 2 * Area;
	bool second = chance(50);

	if (e_level(old) && (e_valid(old) || e_free(old)))
		second = (old->pbl & ~(u64)(Area - 1)) == base;
	return base + (second ? Area : 0) + (level == 2 ? DirAt + 8 * between(0, 7) : 0);
}

static void pick_range(entry_t *e, u32 level, u32 shift, u64 pages)
{
	u64 size = 1ULL << shift, in_page, most;

	if (level == 0) {
		e->va = rnd();
		e->length = chance(50) ? between(1, 100000) : between(1, rnd());
		if (chance(20))
			e->va = -e->length;
		if (chance(30))
			e->pbl = -e->length;
		if (chance(10)) {
			e->va = 0;
			e->length = ~0ULL;
			e->pbl = chance(80) ? 0 : 1;
		} else if (e->va + e->length - 1 < e->va && chance(90)) {
			e->va = 0x1000;
			e->length >>= 1;
		}
		return;
	}
	in_page = chance(40) ? 0 : chance(30) ? size - 1 : between(0, size - 1);
	most = pages * size - in_page;
	e->length = chance(50) ? most : chance(50) ? between(1, most) : between(1, size);
	if (e->length > most)
		e->length = most;
	e->va = (rnd() & ~(size - 1)) + in_page;
	if (chance(10))
		e->va = (0 - pages * size) + in_page;
	if (chance(5))
		e->va = in_page;
	if (chance(3))
		e->length = most + 1;
}

static void make_region(command_t *c, const entry_t *old)
{
	u32 level = (u32)(c->op == OpAlloc ? between(1, 2) : between(0, 2)), shift = pick_shift();
	u64 pages = pick_pages(level);
	entry_t *e = &c->arg;

	e->pbl = level ? new_area(c->index, level, old) : rnd();
	if (level)
		make_list(level, pages, &e->pbl);
	pick_range(e, level, shift, pages);
	e->pages = level ? pages : rnd();
	if (chance(2))
		e->length = 0;
	if (chance(2))
		level = (u32)between(0, 3);
	if (chance(2))
		shift = (u32)between(0, 31);
	if (chance(2) && level)
		e->pbl += between(1, 7);
	if (chance(2))
		e->pbl |= 1ULL << between(level ? 19 : 0, 63);
	if (chance(2) && level)
		e->pbl = (1u << 28) - 8 * between(0, 4);
	if (chance(2) && level)
		e->pages = chance(50) ? 0 : (1u << 28) + between(0, 1);
	if (level && e->pages <= 1u << 28 && e->pages > Area)
		e->pages = Area;
	if (level == 1 && e->pages <= Area && e->pages > Area - e->pbl % Area)
		e->pages = Area - e->pbl % Area;  // stay in the area
	e->attr = attr_of((u32)rnd() & 1, (u32)rnd() & 1, (u32)rnd() & 1, chance(15),
			  chance(30) ? 15 : (u32)rnd() & 15, level, shift, (u32)rnd() & 255,
			  (u32)rnd() & 0xffffff);
}

static void make_work(command_t *c, const entry_t *old)
{
	entry_t *e = &c->arg;
	u32 shift = pick_shift(), key = (u32)rnd() & 255, pd = e_pd(old);

	*e = *old;
	c->priv = chance(95);
	if (c->op == OpBind) {
		if (e_fast(old) && e_free(old) && e_level(old)) {
			u64 pbl = old->pbl;

			if (c->index < IndexSd)
				make_list(e_level(old), old->pages, &pbl);
			pick_range(e, e_level(old), shift, old->pages);
		}
		if (chance(3))
			shift = (u32)between(0, 31);
		if (chance(2))
			e->length = chance(50) ? 0 : rnd();
		if (chance(2))
			e->va = -e->length + 1;
	} else {
		key = e_key(old);
		if (chance(5))
			key ^= 1u << between(0, 7);
	}
	if (chance(3))
		pd ^= 1u << between(0, 23);
	e->attr = attr_of(0, 0, 0, 0, chance(60) ? 15 : (u32)rnd() & 15, 0, shift, key, pd);
}

// -------------------------------------------------------------------------------- judging

static bool covers(const entry_t *e, u32 level, u32 shift, u64 pages)
{
	unsigned __int128 one = 1, length = e->length, end, size = one << shift;

	if (e->length == 0)
		return false;
	if (e->va == 0 && e->length == ~0ULL)
		length = one << 64;
	if (e->va + length > one << 64)
		return false;
	if (level == 0)
		return e->pbl + length <= one << 64;
	end = e->va % size + length;
	return end <= pages * size;
}

static u32 list_minor(const entry_t *e, u32 level)
{
	u64 entries = level == 2 ? e->pages / 512 + (e->pages % 512 != 0) : e->pages;

	if (level == 0)
		return 0;
	if (e->pbl % 8 || e->pbl >= 1u << 28)
		return MinorAddress;
	if (e->pages == 0 || e->pages > 1u << 28)
		return MinorSize;
	return e->pbl + entries > 1u << 28 ? MinorAddress : 0;
}

static void refuse(command_t *c, u32 major, u32 minor)
{
	c->major = major;
	c->minor = minor;
}

static void judge_cqp(command_t *c, const entry_t *old)
{
	const entry_t *a = &c->arg;
	u32 level = e_level(a), minor = 0;
	bool exists = e_valid(old) || e_free(old);

	if (c->op != OpDereg) {
		if (level == 3 || (c->op == OpAlloc && level == 0))
			minor = MinorMode;
		else if (c->op != OpAlloc && level && (e_shift(a) < 12 || e_shift(a) > 30))
			minor = MinorSize;
		else if ((minor = list_minor(a, level)) == 0 && c->op != OpAlloc &&
			 !covers(a, level, e_shift(a), a->pages))
			minor = MinorRange;
	}
	c->result = *a;
	if (minor) {
		param_errors[minor]++;
		refuse(c, MajorParam, minor);
	} else if (c->index >= Regions) {
		refuse(c, MajorHmc, MinorHmcIndex);
	} else if (c->index == IndexSd || c->index == IndexDma) {
		refuse(c, MajorHmc, c->index == IndexSd ? MinorHmcSd : MinorHmcDma);
	} else if (c->op == OpAlloc || c->op == OpReg) {
		if (exists)
			refuse(c, MajorState, MinorExists);
	} else if (!exists) {
		refuse(c, MajorState, MinorMissing);
	}
	if (c->major)
		return;
	c->writes = true;
	if (c->op == OpDereg) {
		memset(&c->result, 0, sizeof(c->result));
	} else if (c->op == OpAlloc) {
		c->result.va = c->result.length = 0;
		c->result.attr = attr_of(0, 1, 1, e_priv(a), 0, level, e_shift(a), e_key(a), e_pd(a));
	} else {
		c->result.attr = attr_of(1, 0, 0, e_priv(a), e_access(a), level, e_shift(a), e_key(a),
					 e_pd(a));
	}
	if (c->index == IndexStuck)
		refuse(c, MajorHmc, MinorHmcDma);
}

static void judge_work(command_t *c, const entry_t *old)
{
	const entry_t *a = &c->arg;
	u32 refused = c->op == OpRemoteInv ? WcLocAccess : WcMwBind;
	bool ok = e_fast(old) && e_pd(old) == e_pd(a);

	c->result = *old;
	if (c->index >= Regions || c->index == IndexSd) {
		refuse(c, refused, 0);
		return;
	}
	if (c->index == IndexDma) {
		refuse(c, WcGeneral, 0);
		return;
	}
	if (c->op == OpBind) {
		entry_t *r = &c->result;

		r->va = a->va;
		r->length = a->length;
		r->attr = attr_of(1, 0, 1, e_priv(old), e_access(a), e_level(old), e_shift(a),
				  e_key(a), e_pd(old));
		ok = ok && !e_valid(old) && e_free(old) && c->priv && e_shift(a) >= 12 &&
		     e_shift(a) <= 30 && covers(r, e_level(old), e_shift(a), old->pages);
	} else {
		c->result.attr = (old->attr & ~1ULL) | 2;
		ok = ok && e_valid(old) && e_key(old) == e_key(a) &&
		     (c->op == OpLocalInv ? c->priv : (e_access(old) & 14) != 0);
	}
	if (!ok) {
		refuse(c, refused, 0);
		return;
	}
	c->writes = true;
	if (c->index == IndexStuck)
		refuse(c, WcGeneral, 0);
}

// --------------------------------------------------------------------------- for the bench

// Makes up a command for a party; 0 if there is none now
int mr_command(u32 party, u32 *op, u32 *index, u32 *priv, u64 *attr, u64 *va, u64 *length, u64 *pbl,
	       u64 *pages)
{
	static const entry_t nothing;
	static const u32 idle_ops[] = { OpAlloc, OpReg, OpReg, OpReg };
	static const u32 busy_ops[] = { OpDereg, OpRereg, OpRereg, OpReg };
	command_t *c = &commands[party];
	const entry_t *old;

	memset(c, 0, sizeof(*c));
	c->index = (u32)(chance(40) ? between(0, 5) : between(0, Regions - 1));
	if (chance(1))
		c->index = (u32)between(Regions, 0xffffff);
	if (c->index < Regions && locked[c->index])
		return 0;
	old = c->index < Regions ? &regions[c->index]->e : &nothing;
	if (party == 0) {
		bool exists = e_valid(old) || e_free(old);

		c->op = (exists ? busy_ops : idle_ops)[rnd() % 4];
		if (chance(5))
			c->op = (u32)between(OpAlloc, OpRereg);
		// The list of what can be registered by work request is not to be looked at here
		make_region(c, old);
		if (c->op == OpDereg && chance(90))
			c->arg.attr = old->attr ^ (chance(3) ? 1ULL << between(24, 31) : 0);
		judge_cqp(c, old);
	} else {
		if (!e_fast(old) && chance(80))
			return 0;
		c->op = party == 2 ? OpRemoteInv
			: e_free(old) ? (chance(90) ? OpBind : OpLocalInv)
				      : (chance(90) ? OpLocalInv : OpBind);
		make_work(c, old);
		judge_work(c, old);
	}
	c->used = true;
	if (c->index < Regions)
		locked[c->index] = true;
	*op = c->op;
	*index = c->index;
	*priv = c->priv;
	*attr = c->arg.attr;
	*va = c->arg.va;
	*length = c->arg.length;
	*pbl = c->arg.pbl;
	*pages = c->arg.pages;
	return 1;
}

static int wrong(const char *what)
{
	printf("control: %s", what);
	if (now)
		printf(", op %02x index %x attr %llx va %llx length %llx pbl %llx pages %llx priv %d, "
		       "expected %u/%u", now->op, now->index, now->arg.attr, now->arg.va,
		       now->arg.length, now->arg.pbl, now->arg.pages, now->priv, now->major,
		       now->minor);
	printf("\n");
	return 1;
}

int mr_command_taken(u32 party)
{
	if (now)
		return wrong("two commands at a time");
	now = &commands[party];
	now->taken = true;
	return 0;
}

int mr_ctl_access(u32 index, u32 write, const u32 *data)
{
	u64 line[8] = { 0 };

	if (!now || index != now->index)
		return wrong("access to another entry");
	if (!write)
		return 0;
	if (!now->writes || now->written)
		return wrong("an entry is written");
	now->written = true;
	memcpy(line, &now->result, sizeof(now->result));
	return memcmp(line, data, 64) ? wrong("wrong contents of an entry") : 0;
}

int mr_ctl_answer(void)
{
	if (now && now->written)
		now->write_answered = true;
	return 0;
}

int mr_inv(u32 device, u32 index)
{
	if (!now || !now->write_answered || index != now->index || now->invs & 1u << device)
		return wrong("invalidation out of turn");
	now->invs |= 1u << device;
	return 0;
}

int mr_inv_done(u32 device)
{
	if (!now || !(now->invs & 1u << device) || now->inv_dones & 1u << device)
		return wrong("invalidation done out of turn");
	now->inv_dones |= 1u << device;
	if (now->index < Regions)
		region_settled(device, now->index);
	return 0;
}

int mr_fence(void)
{
	if (!now || now->inv_dones != 3 || now->fences)
		return wrong("fence out of turn");
	now->fences = 1;
	return 0;
}

int mr_fence_done(u32 side)
{
	now->fence_dones |= 1u << side;
	return 0;
}

int mr_command_done(u32 party, u32 major, u32 minor)
{
	bool fenced;

	if (!now || now != &commands[party])
		return wrong("an answer for another party");
	if (major != now->major || minor != now->minor) {
		printf("answer %u/%u\n", major, minor);
		return wrong("wrong answer");
	}
	fenced = now->op != OpAlloc && now->op != OpReg && now->op != OpBind;
	if (now->writes != now->written || now->inv_dones != (now->writes ? 3 : 0) ||
	    now->fence_dones != (now->writes && fenced ? 3 : 0))
		return wrong("answered too early");
	if (now->index < Regions) {
		if (regions[now->index]->older && now->writes && now->index != IndexStuck)
			return wrong("old contents are still in use");
		locked[now->index] = false;
	}
	counts[now->op][major != 0]++;
	now->used = false;
	now = NULL;
	return 0;
}

int mr_commands_report(void)
{
	static const u32 ops[] = { OpAlloc, OpReg, OpDereg, OpRereg, OpBind, OpLocalInv, OpRemoteInv };
	static const u32 minors[] = { MinorAddress, MinorSize, MinorMode, MinorRange };
	int bad = 0;

	printf("mr: commands (refused)");
	for (u32 i = 0; i < 7; i++) {
		printf(" %02x: %llu (%llu)", ops[i], counts[ops[i]][0], counts[ops[i]][1]);
		bad |= !counts[ops[i]][0] || !counts[ops[i]][1];
	}
	printf("\n");
	for (u32 i = 0; i < 4; i++)
		bad |= !param_errors[minors[i]];
	return bad;
}
