/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the host does, in rounds: stage counts, commit, look at the layout, put
 * segments in place, change them and their pages under traffic, clear them.
 * Traffic goes on all the time. Every round presses in another way.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "hmc_model.h"

#define ROUND 6000u	/* accesses */

enum phase { STAGE, COMMIT, LOOK, POPULATE, CHANGE, CLEAR };

struct hm_pressure hm_pressure;
tb_u64 hm_now;

static tb_u64 random_state;
static unsigned int num_sds, wanted_total;
static enum phase phase;
static unsigned int step, round_end, rounds, requests, refused;
static unsigned int commits, overflows, full;	/* layouts that were taken, refused, fill the table */
static bool committed;
static tb_u64 quiet_until;
static struct hm_ctl ctl;
static int unfinished_sd = -1;	/* a page of it was removed, to be invalidated */
static unsigned int unfinished_page;

/* ---------------------------------------------------------------- basics */

tb_u64 hm_rand(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dull;
}

unsigned int hm_below(unsigned int limit)
{
	return (unsigned int)((hm_rand() >> 32) * limit >> 32);
}

bool hm_chance(unsigned int percent)
{
	return hm_below(100) < percent;
}

tb_u64 hm_hash(tb_u64 value)
{
	value = (value ^ value >> 31) * 0x7fb5d329728ea185ull;
	value = (value ^ value >> 27) * 0x81dadef4bc2dd44dull;
	return value ^ value >> 33;
}

void hm_fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "hmc: cycle %llu, round %u, phase %d: ", hm_now, rounds, phase);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* ---------------------------------------------------------------- rounds */

static unsigned int one_of(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int choice = hm_below(3);

	return choice == 0 ? a : choice == 1 ? b : c;
}

static void new_round(void)
{
	phase = STAGE;
	step = 0;
	rounds++;
	round_end = hm_access_total() + ROUND / 2 + hm_below(ROUND);
	hm_pressure.rd_stall = one_of(0, 30, 70);
	hm_pressure.wr_stall = one_of(0, 30, 90);
	hm_pressure.ae_stall = one_of(0, 50, 99);
	hm_pressure.lat_min = one_of(0, 5, 60);
	hm_pressure.lat_max = hm_pressure.lat_min + one_of(0, 30, 150);
	hm_pressure.demand = one_of(100, 50, 10);
	hm_pressure.ctl_gap = one_of(2, 100, 600);
}

static unsigned int random_count(unsigned int limit)
{
	switch (hm_below(12)) {
	case 0: return 0;
	case 1: return limit;
	case 2: return limit / 32 + 1;
	case 3: return limit / (1 + hm_below(16));
	case 4: return 1 + hm_below(40);
	default: return hm_below(limit >> hm_below(6));
	}
}

static bool next_stage(void)
{
	bool fill = rounds % 4 == 1;	/* the table, to the last segment or one object beyond */
	unsigned int limit;

	ctl.op = HM_COUNT;
	ctl.kind = step < HM_KINDS ? step : HM_KINDS + hm_below(16 - HM_KINDS);
	limit = hm_host_limit(ctl.kind);
	ctl.count = random_count(limit);
	if (fill && ctl.kind == TERN_HW_HMC_KIND_MRTE && num_sds / 2 * (HM_SEG / 64) <= limit)
		ctl.count = num_sds / 2 * (HM_SEG / 64);
	if (fill && ctl.kind == TERN_HW_HMC_KIND_PBLE && hm_host_left_to_stage() <= limit)
		ctl.count = (unsigned int)hm_host_left_to_stage() + hm_below(2);
	if (fill && ctl.kind > TERN_HW_HMC_KIND_PBLE)
		ctl.count = 0;
	if (hm_chance(10))
		ctl.count = limit + 1 + (hm_chance(50) ? 0 : hm_below(~0u - (1u << 24)));
	else if (++step > HM_KINDS)
		phase = COMMIT;
	return true;
}

static bool next_look(void)
{
	ctl.op = step & 1 ? HM_LIMIT : HM_LAYOUT;
	ctl.kind = step / 2;
	if (++step == 32) {
		step = 0;
		phase = committed ? POPULATE : STAGE;
	}
	if (hm_chance(5))
		ctl.op = HM_UNDEFINED;
	return true;
}

/* ------------------------------------------------------------- segments */

static tb_u64 field(tb_u64 value, tb_u64 mask)
{
	return value * (mask & -mask) & mask;
}

static void sd_op(unsigned int sd, unsigned int page, unsigned int op, tb_u64 addr)
{
	ctl.op = HM_SD_OP;
	ctl.what = (hm_rand() & ~(TERN_HW_SD_ENTRY_WHAT_SD_MASK | TERN_HW_SD_ENTRY_WHAT_PAGE_MASK |
				  TERN_HW_SD_ENTRY_WHAT_OP_MASK)) |
		   field(sd, TERN_HW_SD_ENTRY_WHAT_SD_MASK) |
		   field(page, TERN_HW_SD_ENTRY_WHAT_PAGE_MASK) |
		   field(op, TERN_HW_SD_ENTRY_WHAT_OP_MASK);
	ctl.addr = addr;
}

static void set_segment(unsigned int sd)
{
	unsigned int page = hm_below(HM_PAGES);

	if (hm_chance(30))
		sd_op(sd, page, TERN_HW_SD_OP_DIRECT, hm_host_new_segment());
	else
		sd_op(sd, page, TERN_HW_SD_OP_PAGED, hm_host_new_table());
}

static void bad_segment(void)
{
	if (hm_chance(50))	/* no such segment */
		sd_op(num_sds + (hm_chance(50) ? 0 : hm_below(65536 - num_sds)),
		      hm_below(HM_PAGES), hm_below(4),
		      hm_rand() & ~(HM_SEG - 1));
	else if (hm_chance(50))
		sd_op(hm_below(num_sds), 0, TERN_HW_SD_OP_DIRECT,
		      (hm_rand() & ~(HM_SEG - 1)) + (1ull << hm_below(21)));
	else
		sd_op(hm_below(num_sds), 0, TERN_HW_SD_OP_PAGED,
		      (hm_rand() & ~(HM_PAGE - 1)) + (1ull << hm_below(12)));
}

static bool next_populate(void)
{
	unsigned int used = hm_host_used(), sd = step;

	if (used > 96)	/* large layouts: here and there */
		step += hm_below(used / 24);
	if (step++ >= used) {
		step = 0;
		phase = CHANGE;
		hm_access_renew();
		return false;
	}
	if (sd >= num_sds || hm_chance(15))
		return false;
	set_segment(sd);
	return true;
}

/* A paged segment if there is one, and a page; most often one that is in use */
static void some_page(unsigned int *sd, unsigned int *page)
{
	if (hm_chance(70) && hm_access_target(sd, page))
		return;
	*page = hm_chance(70) ? hm_below(16) : hm_below(HM_PAGES);
	*sd = hm_below(num_sds);
	for (unsigned int i = 0; i < 50 && !hm_host_sd_paged(*sd); i++)
		*sd = hm_below(num_sds);
}

static bool next_change(void)
{
	unsigned int sd, page, choice = hm_below(100);

	if (hm_access_total() >= round_end) {
		phase = CLEAR;
		step = 0;
		return false;
	}
	if (unfinished_sd >= 0) {
		sd_op((unsigned int)unfinished_sd, unfinished_page, TERN_HW_SD_OP_PAGE_INV,
		      hm_rand());
		unfinished_sd = -1;
		return true;
	}
	some_page(&sd, &page);
	if (choice < 60) {
		if (hm_host_sd_paged(sd) && hm_host_change_page(sd, page)) {
			unfinished_sd = (int)sd;
			unfinished_page = page;
		}
		return false;	/* the invalidation follows some time later */
	}
	if (choice < 70)
		sd_op(sd, page, TERN_HW_SD_OP_PAGE_INV, hm_rand());	/* nothing has changed */
	else if (choice < 80)
		sd_op(hm_chance(50) ? sd : hm_below(num_sds), page, TERN_HW_SD_OP_CLEAR,
		      hm_rand());
	else if (choice < 92)
		set_segment(hm_chance(50) ? sd : hm_below(num_sds));
	else if (choice < 97)
		bad_segment();
	else
		ctl.op = HM_COMMIT;	/* refused as long as segments are valid */
	return true;
}

static bool next_clear(void)
{
	if (step == num_sds) {
		new_round();
		return false;
	}
	sd_op(step, hm_below(HM_PAGES), TERN_HW_SD_OP_CLEAR, hm_rand());
	return hm_host_sd_valid(step++) || hm_chance(2);
}

/* ------------------------------------------------- control port of the RTL */

static bool next_request(void)
{
	switch (phase) {
	case STAGE: return next_stage();
	case COMMIT:
		ctl.op = HM_COMMIT;
		return true;
	case LOOK: return next_look();
	case POPULATE: return next_populate();
	case CHANGE: return next_change();
	default: return next_clear();
	}
}

/* The next request, if there is to be one now */
int hm_control(unsigned int *op, unsigned int *kind, unsigned int *count, tb_u64 *what,
	       tb_u64 *addr)
{
	if (hm_now < quiet_until)
		return 0;
	/* Placing and clearing is quick, so that most of a round is traffic */
	quiet_until = hm_now + (phase == CHANGE ? hm_below(hm_pressure.ctl_gap) : hm_below(4));
	ctl = (struct hm_ctl){ .kind = hm_below(16), .count = (unsigned int)hm_rand(),
			       .what = hm_rand(), .addr = hm_rand() };
	if (!next_request())
		return 0;
	*op = ctl.op == HM_UNDEFINED ? 5 + hm_below(3) : ctl.op;
	*kind = ctl.kind;
	*count = ctl.count;
	*what = ctl.what;
	*addr = ctl.addr;
	return 1;
}

void hm_control_taken(void)
{
	hm_host_begin(&ctl);
	requests++;
}

void hm_control_answer(unsigned int major, unsigned int minor, tb_u64 result)
{
	struct hm_answer answer = { major, minor, result };

	hm_host_end(&ctl, &answer);
	refused += major != TERN_HW_CQP_MAJOR_OK;
	if (phase != COMMIT || ctl.op != HM_COMMIT)
		return;
	committed = major == TERN_HW_CQP_MAJOR_OK;
	commits += committed;
	overflows += !committed;
	full += committed && result == num_sds;
	step = 0;
	phase = LOOK;	/* also if it was refused: nothing may have changed */
}

/* ---------------------------------------------------------------- bench */

void hm_init(unsigned int seed, unsigned int sds, unsigned int total)
{
	random_state = hm_hash(seed + 1ull) | 1;
	num_sds = sds;
	wanted_total = total;
	hm_host_init(sds);
	new_round();
}

/* A cycle has passed; true when the test is over */
int hm_tick(void)
{
	hm_now++;
	if (hm_now % 1024 == 0)
		HM_CHECK(hm_now - hm_access_oldest() < 50000, "an access is not answered");
	if (hm_access_total() < wanted_total)
		return 0;
	hm_pressure.demand = 0;
	hm_pressure.ae_stall = 0;
	return 1;
}

/* Which of the ports are ready: reads, writes, events */
unsigned int hm_ready(void)
{
	unsigned int ready = 0;

	ready |= hm_chance(hm_pressure.rd_stall) ? 0 : 1;
	ready |= hm_chance(hm_pressure.wr_stall) ? 0 : 2;
	ready |= hm_chance(hm_pressure.ae_stall) ? 0 : 4;
	return ready;
}

void hm_script_finish(void)
{
	/* All limits together need 105 segments */
	HM_CHECK(commits && (num_sds >= 105 || (overflows && full)),
		 "layouts were hardly tested");
	printf("hmc: %u rounds, %u layouts taken, %u of them full, %u refused, %u control requests (%u refused)\n",
	       rounds, commits, full, overflows, requests, refused);
}
