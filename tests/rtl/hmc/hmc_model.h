/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Model of the host memory cache and of the host around it, independent of the
 * RTL. It makes the traffic, plays host memory and checks all that comes out.
 *
 *   hmc_host.c    the host's view: layout, segments, pages, and what an access
 *                 may lead to at this moment
 *   hmc_access.c  accesses in flight and their answers, events
 *   hmc_dma.c     memory and bus behind the DMA ports
 *   hmc_script.c  rounds of layouts, segment operations and traffic
 *
 * Translations change while accesses are in flight. An access may see any of
 * those that were in force between its acceptance and its answer, and nothing
 * else; so each collects its possible outcomes while it lives.
 */
#ifndef HMC_MODEL_H
#define HMC_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "../../../abi/gen/tern_hw.h"
#include "tb_mem.h"

#define HM_KINDS 6
#define HM_MAX_SDS 1024
#define HM_CLIENTS 3
#define HM_PAGES 512
#define HM_LINE 64ull
#define HM_PAGE 4096ull
#define HM_SEG (2ull << 20)

/* Answers as tern_pkg numbers them */
enum hm_err { HM_OK, HM_INDEX, HM_SD, HM_NO_PAGE, HM_DMA };

struct hm_object {
	unsigned int kind;
	unsigned int index;
	unsigned int line;
};

struct hm_outcome {
	enum hm_err err;
	tb_u64 addr;	/* of the line that is read or written; 0: none is */
};

struct hm_outcomes {
	unsigned int num;
	struct hm_outcome at[32];
};

/* One request on the control port */
struct hm_ctl {
	enum { HM_LIMIT, HM_COUNT, HM_COMMIT, HM_LAYOUT, HM_SD_OP, HM_UNDEFINED } op;
	unsigned int kind;
	unsigned int count;
	tb_u64 what;	/* struct tern_hw_sd_entry */
	tb_u64 addr;
};

struct hm_answer {
	unsigned int major;
	unsigned int minor;
	tb_u64 result;
};

/* A piece of host memory that the device may use: a page or a segment */
struct hm_block {
	struct hm_block *next;
	tb_u64 base;
	tb_u64 size;
	bool table;		/* of page descriptors */
	bool bad;		/* the bus refuses it */
	unsigned int busy;	/* DMA requests under way */
	const tb_u64 *desc;	/* table: its contents */
};

/* How hard the bench presses; changed from round to round */
struct hm_pressure {
	unsigned int rd_stall, wr_stall, ae_stall;	/* per cent of cycles */
	unsigned int lat_min, lat_max;			/* of DMA, cycles */
	unsigned int demand;				/* per cent, of clients */
	unsigned int ctl_gap;				/* cycles, most */
};

extern struct hm_pressure hm_pressure;
extern tb_u64 hm_now;	/* cycle */

/* Random numbers and the end of the test */
tb_u64 hm_rand(void);
unsigned int hm_below(unsigned int limit);
bool hm_chance(unsigned int percent);
tb_u64 hm_hash(tb_u64 value);
void hm_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
#define HM_CHECK(condition, ...)			\
	do {						\
		if (!(condition))			\
			hm_fail(__VA_ARGS__);		\
	} while (0)

/* hmc_host.c */
void hm_host_init(unsigned int num_sds);
unsigned int hm_host_limit(unsigned int kind);
unsigned int hm_host_count(unsigned int kind);
unsigned int hm_host_used(void);
tb_u64 hm_host_left_to_stage(void);
bool hm_host_sd_valid(unsigned int sd);
bool hm_host_sd_paged(unsigned int sd);
void hm_host_outcomes(const struct hm_object *object, struct hm_outcomes *set);
bool hm_host_object_at(unsigned int sd, tb_u64 offset, struct hm_object *object);
struct hm_block *hm_host_block(tb_u64 addr);
tb_u64 hm_host_new_table(void);
tb_u64 hm_host_new_segment(void);
bool hm_host_change_page(unsigned int sd, unsigned int page);
bool hm_host_page_of(const struct hm_object *object, unsigned int *sd, unsigned int *page);
void hm_host_begin(const struct hm_ctl *ctl);
void hm_host_end(const struct hm_ctl *ctl, const struct hm_answer *answer);

/* hmc_access.c */
void hm_access_widen(void);
void hm_access_renew(void);
bool hm_access_target(unsigned int *sd, unsigned int *page);
unsigned int hm_access_total(void);
void hm_access_written(const unsigned int *data, tb_u64 addr);
tb_u64 hm_access_oldest(void);

/* hmc_dma.c */
void hm_dma_line(tb_u64 addr, tb_u64 serial, unsigned int *data);

#endif
