/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The host's side: committed layout, segments, pages, and which translations
 * are possible at this moment.
 *
 * While a control request is under way both the state before and the one after
 * it are possible. A page that the host has removed may be used until the
 * invalidation is answered. Once an answer is there, what was removed is
 * freed: any DMA to it from then on is an error, and so is one under way.
 */
#include <stdlib.h>
#include <string.h>

#include "hmc_model.h"

#define HASH_SIZE 65536u

struct layout {
	unsigned int count[HM_KINDS];
	tb_u64 base[HM_KINDS];
	unsigned int used;
};

struct segment {
	struct hm_block *block;			/* direct, or the table */
	bool direct;
	tb_u64 desc[HM_PAGES];			/* the table's contents */
	struct hm_block *page[HM_PAGES];	/* what desc says */
	struct hm_block *stale[HM_PAGES];	/* removed, not invalidated yet */
};

static const unsigned int object_size[HM_KINDS] = { 512, 64, 64, 64, 8, 256 };
static const unsigned int object_limit[HM_KINDS] = {
	16384, 65536, 32768, 1u << 20, 1u << 24, 16384
};

static unsigned int num_sds;
static unsigned int staged[HM_KINDS];
static struct layout layout, next_layout;
static bool committing;
static struct segment *segments[HM_MAX_SDS];
static struct segment *next_segment;	/* of next_sd while its change is under way */
static int next_sd = -1;
static struct segment *made;		/* offered to the device by the next request */
static struct hm_block *blocks[HASH_SIZE];

/* ---------------------------------------------------------------- blocks */

static struct hm_block **bucket(tb_u64 addr, tb_u64 size)
{
	return &blocks[hm_hash(addr / size * size) % HASH_SIZE];
}

struct hm_block *hm_host_block(tb_u64 addr)
{
	static const tb_u64 sizes[] = { HM_PAGE, HM_SEG };

	for (unsigned int i = 0; i < 2; i++) {
		struct hm_block *block = *bucket(addr, sizes[i]);

		for (; block; block = block->next)
			if (addr - block->base < block->size)
				return block;
	}
	return NULL;
}

static struct hm_block *block_new(tb_u64 size, bool table)
{
	struct hm_block *block = calloc(1, sizeof(*block));
	struct hm_block **head;

	do
		block->base = hm_rand() / size * size;
	while (hm_host_block(block->base) || hm_host_block(block->base + size - 1));
	block->size = size;
	block->table = table;
	block->bad = hm_chance(3);
	head = bucket(block->base, size);
	block->next = *head;
	*head = block;
	return block;
}

static void block_free(struct hm_block *block)
{
	struct hm_block **link;

	if (!block)
		return;
	HM_CHECK(!block->busy, "DMA to %#llx is under way after its invalidation was answered",
		 block->base);
	for (link = bucket(block->base, block->size); *link != block; link = &(*link)->next)
		;
	*link = block->next;
	free(block);
}

/* -------------------------------------------------------------- segments */

/* Reserved bits of a descriptor mean nothing, in particular not that it is valid */
static void set_desc(struct segment *seg, unsigned int page, struct hm_block *block)
{
	tb_u64 junk = hm_rand() & 0xffe;

	seg->page[page] = block;
	seg->desc[page] = block ? block->base | junk | TERN_HW_PAGE_DESC_W_VALID_MASK :
				  (hm_rand() & ~0xfffull) | junk;
}

static void segment_free(struct segment *seg)
{
	if (!seg)
		return;
	for (unsigned int i = 0; i < HM_PAGES && !seg->direct; i++) {
		block_free(seg->page[i]);
		block_free(seg->stale[i]);
	}
	block_free(seg->block);
	free(seg);
}

static struct segment *segment_new(bool direct)
{
	struct segment *seg = calloc(1, sizeof(*seg));
	unsigned int filled = hm_chance(50) ? 95 : hm_below(100);

	seg->direct = direct;
	seg->block = block_new(direct ? HM_SEG : HM_PAGE, !direct);
	seg->block->desc = seg->desc;
	for (unsigned int i = 0; i < HM_PAGES && !direct; i++)
		set_desc(seg, i, hm_chance(filled) ? block_new(HM_PAGE, false) : NULL);
	return seg;
}

/* A segment that the next request is to put in place; its address */
tb_u64 hm_host_new_table(void)
{
	made = segment_new(false);
	return made->block->base;
}

tb_u64 hm_host_new_segment(void)
{
	made = segment_new(true);
	return made->block->base;
}

bool hm_host_sd_valid(unsigned int sd)
{
	return segments[sd];
}

bool hm_host_sd_paged(unsigned int sd)
{
	return segments[sd] && !segments[sd]->direct;
}

/*
 * The host adds, removes or moves a page of a paged segment. True if it must be
 * invalidated then.
 */
bool hm_host_change_page(unsigned int sd, unsigned int page)
{
	struct segment *seg = segments[sd];
	struct hm_block *old = seg->page[page];

	if (seg->stale[page])
		return true;
	set_desc(seg, page, !old || hm_chance(40) ? block_new(HM_PAGE, false) : NULL);
	seg->stale[page] = old;
	hm_access_widen();
	return old;
}

/* -------------------------------------------------------------- outcomes */

static void add(struct hm_outcomes *set, enum hm_err err, tb_u64 addr)
{
	for (unsigned int i = 0; i < set->num; i++)
		if (set->at[i].err == err && set->at[i].addr == addr)
			return;
	HM_CHECK(set->num < 32, "the model needs room for more outcomes");
	set->at[set->num++] = (struct hm_outcome){ err, addr };
}

static void add_block(struct hm_outcomes *set, const struct hm_block *block, tb_u64 offset)
{
	add(set, block->bad ? HM_DMA : HM_OK, block->base + offset / HM_LINE * HM_LINE);
}

static void segment_outcomes(const struct segment *seg, tb_u64 offset, struct hm_outcomes *set)
{
	unsigned int page = (unsigned int)(offset / HM_PAGE);

	if (!seg) {
		add(set, HM_SD, 0);
		return;
	}
	if (seg->direct) {
		add_block(set, seg->block, offset);
		return;
	}
	if (seg->block->bad) {
		add(set, HM_DMA, 0);
		return;
	}
	if (seg->page[page])
		add_block(set, seg->page[page], offset % HM_PAGE);
	else
		add(set, HM_NO_PAGE, 0);
	if (seg->stale[page])
		add_block(set, seg->stale[page], offset % HM_PAGE);
}

/* Where the object is in function-private memory; false if it is out of range */
static bool find(const struct layout *lay, const struct hm_object *object, tb_u64 *place)
{
	if (object->kind >= HM_KINDS || object->index >= lay->count[object->kind])
		return false;
	*place = lay->base[object->kind] + (tb_u64)object->index * object_size[object->kind];
	*place += object->line * HM_LINE % object_size[object->kind] / HM_LINE * HM_LINE;
	return true;
}

static void layout_outcomes(const struct layout *lay, const struct hm_object *object,
			    struct hm_outcomes *set)
{
	tb_u64 place;
	unsigned int sd;

	if (!find(lay, object, &place)) {
		add(set, HM_INDEX, 0);
		return;
	}
	sd = (unsigned int)(place / HM_SEG);
	HM_CHECK(sd < num_sds, "the model's layout is wrong");
	segment_outcomes(segments[sd], place % HM_SEG, set);
	if ((int)sd == next_sd)
		segment_outcomes(next_segment, place % HM_SEG, set);
}

void hm_host_outcomes(const struct hm_object *object, struct hm_outcomes *set)
{
	layout_outcomes(&layout, object, set);
	if (committing)
		layout_outcomes(&next_layout, object, set);
}

/* The paged segment and the page that an object is in, if it is in one */
bool hm_host_page_of(const struct hm_object *object, unsigned int *sd, unsigned int *page)
{
	tb_u64 place;

	if (!find(&layout, object, &place))
		return false;
	*sd = (unsigned int)(place / HM_SEG);
	*page = (unsigned int)(place % HM_SEG / HM_PAGE);
	return hm_host_sd_paged(*sd);
}

/* The object at a place, to aim at; false if no kind is there */
bool hm_host_object_at(unsigned int sd, tb_u64 offset, struct hm_object *object)
{
	tb_u64 place = sd * HM_SEG + offset;

	for (unsigned int k = HM_KINDS; k-- > 0;) {
		if (!layout.count[k] || layout.base[k] > place)
			continue;
		object->kind = k;
		object->index = (unsigned int)((place - layout.base[k]) / object_size[k]);
		object->line = (unsigned int)(place / HM_LINE % 8);
		return true;
	}
	return false;
}

/* ---------------------------------------------------------------- layout */

unsigned int hm_host_limit(unsigned int kind)
{
	return kind < HM_KINDS ? object_limit[kind] : 0;
}

unsigned int hm_host_count(unsigned int kind)
{
	return layout.count[kind];
}

unsigned int hm_host_used(void)
{
	return layout.used;
}

static struct hm_answer ok(tb_u64 result)
{
	return (struct hm_answer){ TERN_HW_CQP_MAJOR_OK, TERN_HW_CQP_MINOR_OK, result };
}

static struct hm_answer bad_param(unsigned int minor, tb_u64 result)
{
	return (struct hm_answer){ TERN_HW_CQP_MAJOR_PARAM, minor, result };
}

static struct hm_answer plan_commit(void)
{
	tb_u64 end = 0;

	for (unsigned int i = 0; i < num_sds; i++)
		if (segments[i])
			return (struct hm_answer){ TERN_HW_CQP_MAJOR_STATE,
						   TERN_HW_CQP_MINOR_COMMITTED, 0 };
	for (unsigned int k = 0; k < HM_KINDS; k++) {
		next_layout.count[k] = staged[k];
		next_layout.base[k] = end;
		end += (tb_u64)staged[k] * object_size[k];
		end = (end + HM_SEG - 1) / HM_SEG * HM_SEG;
		if (end > num_sds * HM_SEG)
			return bad_param(TERN_HW_CQP_MINOR_LIMIT, k);
	}
	next_layout.used = (unsigned int)(end / HM_SEG);
	return ok(next_layout.used);
}

/* How many of the last kind fill the segments that the other kinds leave; many if none is left */
tb_u64 hm_host_left_to_stage(void)
{
	tb_u64 end = 0;

	for (unsigned int k = 0; k < TERN_HW_HMC_KIND_PBLE; k++)
		end += ((tb_u64)staged[k] * object_size[k] + HM_SEG - 1) / HM_SEG;
	return end > num_sds ? ~0u : (num_sds - end) * HM_SEG / object_size[TERN_HW_HMC_KIND_PBLE];
}

static unsigned int log2_size(unsigned int kind)
{
	unsigned int n = 0;

	while (1u << n < object_size[kind])
		n++;
	return n;
}

/* -------------------------------------------------------------- requests */

static tb_u64 field(tb_u64 word, tb_u64 mask)
{
	return (word & mask) / (mask & -mask);
}

static struct hm_answer plan_sd(const struct hm_ctl *ctl)
{
	tb_u64 sd = field(ctl->what, TERN_HW_SD_ENTRY_WHAT_SD_MASK);
	tb_u64 op = field(ctl->what, TERN_HW_SD_ENTRY_WHAT_OP_MASK);

	if (sd >= num_sds)
		return bad_param(TERN_HW_CQP_MINOR_SD, 0);
	if ((op == TERN_HW_SD_OP_DIRECT && ctl->addr % HM_SEG) ||
	    (op == TERN_HW_SD_OP_PAGED && ctl->addr % HM_PAGE))
		return bad_param(TERN_HW_CQP_MINOR_ADDRESS, 0);
	return ok(0);
}

/* What the device has to answer */
static struct hm_answer plan(const struct hm_ctl *ctl)
{
	switch (ctl->op) {
	case HM_LIMIT:
		return ok(ctl->kind >= HM_KINDS ? 0 :
			  (tb_u64)log2_size(ctl->kind) << 32 | object_limit[ctl->kind]);
	case HM_LAYOUT:
		return ok(ctl->kind < HM_KINDS ? layout.base[ctl->kind] : 0);
	case HM_COUNT:
		if (ctl->count > hm_host_limit(ctl->kind))
			return bad_param(TERN_HW_CQP_MINOR_LIMIT, ctl->kind);
		return ok(0);
	case HM_COMMIT:
		return plan_commit();
	case HM_SD_OP:
		return plan_sd(ctl);
	default:
		return (struct hm_answer){ TERN_HW_CQP_MAJOR_UNSUPPORTED,
					   TERN_HW_CQP_MINOR_OPCODE, 0 };
	}
}

static struct hm_answer expected;

/* The request is under way: from now on its effect is possible */
void hm_host_begin(const struct hm_ctl *ctl)
{
	expected = plan(ctl);
	if (expected.major != TERN_HW_CQP_MAJOR_OK)
		return;
	if (ctl->op == HM_COMMIT)
		committing = true;
	if (ctl->op == HM_SD_OP &&
	    field(ctl->what, TERN_HW_SD_ENTRY_WHAT_OP_MASK) != TERN_HW_SD_OP_PAGE_INV) {
		next_sd = (int)field(ctl->what, TERN_HW_SD_ENTRY_WHAT_SD_MASK);
		next_segment = made;
		made = NULL;
	}
	hm_access_widen();
}

static void end_sd(const struct hm_ctl *ctl)
{
	struct segment *seg;

	if (next_sd >= 0) {
		seg = segments[next_sd];
		segments[next_sd] = next_segment;
		next_sd = -1;
		segment_free(seg);
		return;
	}
	seg = segments[field(ctl->what, TERN_HW_SD_ENTRY_WHAT_SD_MASK)];
	if (seg && !seg->direct) {
		unsigned int page = (unsigned int)field(ctl->what,
							TERN_HW_SD_ENTRY_WHAT_PAGE_MASK);

		block_free(seg->stale[page]);
		seg->stale[page] = NULL;
	}
}

/* The request is answered: from now on only its effect is possible */
void hm_host_end(const struct hm_ctl *ctl, const struct hm_answer *answer)
{
	HM_CHECK(!memcmp(answer, &expected, sizeof(expected)),
		 "control %u kind %u count %u what %#llx addr %#llx: answer %u %u %#llx, not %u %u %#llx",
		 ctl->op, ctl->kind, ctl->count, ctl->what, ctl->addr, answer->major,
		 answer->minor, answer->result, expected.major, expected.minor, expected.result);
	segment_free(made);
	made = NULL;
	if (answer->major != TERN_HW_CQP_MAJOR_OK)
		return;
	if (ctl->op == HM_COUNT && ctl->kind < HM_KINDS)
		staged[ctl->kind] = ctl->count;
	if (ctl->op == HM_COMMIT) {
		layout = next_layout;
		committing = false;
	}
	if (ctl->op == HM_SD_OP)
		end_sd(ctl);
}

void hm_host_init(unsigned int sds)
{
	num_sds = sds;
}
