/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Model for the bench of tern_mr and tern_mr_ctl: the region table and the page lists
 * in host memory, everything that the table has held and still may be answered from,
 * and the commands that change it.
 */
#ifndef MR_MODEL_H
#define MR_MODEL_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned long long u64;
typedef unsigned int u32;

enum {
	Devices = 2,      /* tern_mr instances */
	Regions = 64,     /* committed; the last four are special */
	IndexSd = 60,     /* cannot be read */
	IndexDma = 61,    /* likewise */
	IndexStuck = 62,  /* cannot be written */
	Area = 4096,      /* page-list entries of an area, two for each region */
	DirAt = 4032,     /* in an area: where a list of blocks begins */
	Entries = Regions * 2 * Area,
};

enum { ErrOk, ErrKey, ErrPd, ErrAccess, ErrBounds, ErrList };
enum { HmcOk, HmcIndex, HmcSd, HmcPage, HmcDma };
enum { KindMrte = 3, KindPble = 4 };
enum { OpAlloc = 0x1c, OpReg, OpDereg, OpRereg, OpBind = 0x40, OpLocalInv, OpRemoteInv };

/* Words of a table entry */
typedef struct entry {
	u64 attr, va, length, pbl, pages;
} entry_t;

static inline bool e_valid(const entry_t *e) { return e->attr & 1; }
static inline bool e_free(const entry_t *e) { return e->attr >> 1 & 1; }
static inline bool e_fast(const entry_t *e) { return e->attr >> 2 & 1; }
static inline bool e_priv(const entry_t *e) { return e->attr >> 3 & 1; }
static inline u32 e_access(const entry_t *e) { return e->attr >> 4 & 15; }
static inline u32 e_level(const entry_t *e) { return e->attr >> 8 & 3; }
static inline u32 e_shift(const entry_t *e) { return e->attr >> 10 & 31; }
static inline u32 e_key(const entry_t *e) { return e->attr >> 24 & 255; }
static inline u32 e_pd(const entry_t *e) { return e->attr >> 32 & 0xffffff; }

/* One page of a list as it was when its entry was written */
typedef struct page {
	u64 base;
	bool bad;
} page_t;

/* What an entry was at a time. Answers of a device may come from it while it is live there */
typedef struct version {
	entry_t e;
	page_t *pages;
	bool live[Devices];
	struct version *older;
} version_t;

extern version_t *regions[Regions];  /* the newest version of each */
extern bool locked[Regions];         /* a command for it is under way */

u64 rnd(void);
u64 between(u64 low, u64 high);
bool chance(u32 percent);

void pble_put(u64 index, u64 value);
int pble_read(u64 index, u64 *value);      /* one entry; HmcOk or why not */
void region_written(u32 index, const u64 *line);
void region_settled(u32 device, u32 index); /* inv is done */

#endif
