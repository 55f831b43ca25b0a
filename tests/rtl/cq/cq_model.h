/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What each item does to a CQ, for tb_cq.sv. Written from the contract, not from the RTL: it
 * counts entries in 64 bits from creation and never wraps, and it keeps every timer's deadline.
 * Also the bench's world: which objects exist, where pages are, what the bus refuses.
 */
#ifndef CQ_MODEL_H
#define CQ_MODEL_H

/* The types that DPI-C gives to longint unsigned and int unsigned */
typedef unsigned long long u64;
typedef unsigned int u32;

/* ---- the world */

#define CQ_COUNT 320u /* CQ numbers below are in memory, but for some holes */

u32 cq_world_err(u32 cqn);    /* hmc_err_e of an access to the context */
u64 cq_world_page(u32 index); /* page-list entry */
u32 cq_world_page_bad(u32 index);
u64 cq_world_ring(u32 instance, u32 level); /* what a CREATE_CQ says */
u32 cq_world_instance(u64 addr);	    /* whose ring addr is in */
u32 cq_world_refuse(u64 addr);		    /* a write there */

/* ---- the model */

/* Kinds are those of tern_cq.sv */
enum { CQ_FAIL, CQ_TIMER, CQ_CTL, CQ_DB, CQ_CQE };

/* Bits of the answer of cq_model_item() */
#define CQ_WRITE 1u    /* an entry is written to addr */
#define CQ_POLARITY 2u /* with this polarity */
#define CQ_EVENT 4u    /* an event is sent to ceq */
#define CQ_AE 8u       /* an asynchronous event with code */
#define CQ_BAD 16u     /* the doorbell is refused with code */
#define CQ_SET 32u     /* a timer starts; cq_model_timer() will tell its number */

void cq_model_reset(void);

/* The CQ as a command wants it, for the create or modify that comes next */
void cq_model_want(u64 ring, u32 log_size, u32 level, u32 page_shift, u32 ceq_valid, u32 ceq,
		   u32 mode, u32 page, u32 count, u32 period);

/*
 * arg: ctl: ctl_op_e; timer: its number; completion: solicited. code: of the report; of a command,
 * {major, minor}. full: there is no timer left.
 */
u32 cq_model_item(u32 kind, u32 cqn, u64 now, u32 arg, u32 page, u64 word, u32 full, u64 *addr,
		  u32 *code, u32 *ceq);
void cq_model_timer(u32 cqn, u32 id);

/* ---- what the bench asks */

u32 cq_model_exists(u32 cqn);
u32 cq_model_stopped(u32 cqn);
u32 cq_model_size(u32 cqn);
u32 cq_model_page(u32 cqn);
u32 cq_model_instance(u32 cqn);
u64 cq_model_produced(u32 cqn);
u64 cq_model_consumed(u32 cqn);
u32 cq_model_stranded(u32 cqn);
u32 cq_model_timers(void);
u64 cq_model_deadline(void); /* the earliest, or all ones */
u32 cq_model_users(u32 ceq);

#endif
