/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The event queues as the contract has them, for tb_eq.sv: counts entries in 64 bits from
 * creation. Queue EQ_COUNT - 1 is the AEQ.
 */
#ifndef EQ_MODEL_H
#define EQ_MODEL_H

/* The types that DPI-C gives to longint unsigned and int unsigned */
typedef unsigned long long u64;
typedef unsigned int u32;

#define EQ_COUNT 33u

void eq_model_reset(void);

/* A command that acts now: {major, minor}. num is the id as it came, vec may be out of range */
u32 eq_model_command(u32 op, u32 aeq, u32 num, u64 ring, u32 log_size, u32 vec, u32 busy);

/* An event for the queue: 1 and where its entry goes, or 0 if it is lost */
u32 eq_model_event(u32 num, u64 *addr, u32 *polarity, u32 *overflow);

/* The device wants to report a queue itself: the code, or 0 if there is no reason to */
u32 eq_model_own(u32 num, u32 code);
u32 eq_model_own_left(void);

/* The bus answered the oldest write to the queue; 1 if the device stops */
u32 eq_model_landed(u32 num, u32 err);

/* A doorbell: 0 or why it is refused */
u32 eq_model_doorbell(u32 aeq, u32 num, u32 index);

u64 eq_model_levels(void);
u32 eq_model_exists(u32 num);
u32 eq_model_vec(u32 num);
u32 eq_model_size(u32 num);
u64 eq_model_made(u32 num);
u64 eq_model_consumed(u32 num);

#endif
