/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Control queue pair: the ring of commands, and one function per command
 *
 * Commands take and give plain integers in host order; what the device wants to see is
 * known to cqp_cmd.c alone. They sleep, may run in any number of processes at a time,
 * and return 0 or a negative errno, -EIO if the device is dead. Those that take memory
 * back from the device return nothing: when they do, the device lets go of the memory.
 */

#ifndef TERN_IB_CQP_H
#define TERN_IB_CQP_H

#include <linux/completion.h>
#include <linux/if_ether.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "ring.h"
#include "tern_hw.h"

struct tern_ib_dev;
union ib_gid;

/* CQ number of the CQ that serves the CQP */
#define TERN_IB_CCQN	0

/* A kind array of struct tern_hw_fpm holds that many struct tern_hw_fpm_kind */
#define TERN_IB_HMC_KINDS \
	(sizeof_field(struct tern_hw_fpm, kind) / (sizeof(struct tern_hw_fpm_kind)))

#define TERN_IB_STATS	(sizeof(struct tern_hw_stats) / sizeof(__le64))

/**
 * struct tern_ib_cqp_cmd - a command on its way; lives on the stack of the caller
 * @wqe: the command, without polarity
 * @result: result word of the device
 * @major: class of the outcome, enum tern_hw_cqp_major
 * @minor: exact outcome, enum tern_hw_cqp_minor
 * @lost: the device died before it answered
 * @done: completed by whoever sees the answer
 */
struct tern_ib_cqp_cmd {
	struct tern_hw_cqp_wqe wqe;
	u64 result;
	u16 major;
	u16 minor;
	bool lost;
	struct completion done;
};

/**
 * struct tern_ib_cqp - the control queue pair
 * @lock: guards all members down to @dead; taken in interrupts
 * @sq: commands
 * @ccq: completions of commands, once there is a CCQ
 * @pending: command in each entry of @sq, NULL if none
 * @completed: commands completed, counted like the index of @sq
 * @polled: completions show in registers only: before the CCQ exists and after
 * @dead: no command is accepted any more, all pending ones were given up
 * @space: to wait on for an entry of @sq
 * @buf_lock: guards @buf, from filling it until its answer has been read
 * @buf: page for commands that exchange more than fits a command
 * @buf_dma: bus address of @buf
 */
struct tern_ib_cqp {
	spinlock_t lock; /* see above */
	struct tern_ib_ring sq;
	struct tern_ib_ring ccq;
	struct tern_ib_cqp_cmd **pending;
	u32 completed;
	bool polled;
	bool dead;
	wait_queue_head_t space;
	struct mutex buf_lock; /* see above */
	void *buf;
	dma_addr_t buf_dma;
};

int tern_ib_cqp_init(struct tern_ib_dev *dev);
void tern_ib_cqp_destroy(struct tern_ib_dev *dev);
int tern_ib_ccq_init(struct tern_ib_dev *dev);
void tern_ib_ccq_destroy(struct tern_ib_dev *dev);
void tern_ib_ccq_event(struct tern_ib_dev *dev);
void tern_ib_cqp_kill(struct tern_ib_dev *dev);
int tern_ib_cqp_exec(struct tern_ib_dev *dev, struct tern_ib_cqp_cmd *cmd);

/* What the device can do */
struct tern_ib_caps {
	u32 hw_version;
	u32 vectors;
	u32 ceqs;
	u32 pages;
	u32 gids;
	u32 max_log_cqe;
	u32 max_log_ceqe;
	u32 max_log_aeqe;
	u64 page_sizes;
	u32 max_log_sq;
	u32 max_log_rq;
	u32 max_sge;
	u32 max_inline;
	u32 max_rd;
	u32 push_slots;
	u32 transports;		/* bit n: type n of enum tern_hw_qp_type */
	u32 mcast_groups;	/* 0: there is no multicast */
	u32 mcast_qps;
};

/* Limits (query) or counts and layout (commit) of function-private memory */
struct tern_ib_fpm {
	u32 max_sds;
	u32 used_sds;
	struct {
		u32 count;
		u32 log_size;
		u64 base;
	} kind[TERN_IB_HMC_KINDS];
};

/* Where a ring is */
struct tern_ib_ring_place {
	u64 address;		/* bus address, or first page-list entry */
	bool page_list;
	u8 page_shift;		/* of a page list */
};

struct tern_ib_create_cq_params {
	u32 cqn;
	struct tern_ib_ring_place ring;
	u8 log_size;
	bool is_ccq;
	u8 ceq;
	u32 page;		/* doorbell page */
};

struct tern_ib_create_eq_params {
	bool is_aeq;
	u8 num;
	u8 log_size;
	u8 vector;
	dma_addr_t ring;
};

struct tern_ib_set_gid_params {
	u32 index;
	const u8 *gid;		/* 16 octets */
	bool ipv4;
	bool vlan_valid;
	u16 vlan_id;
	u8 mac[ETH_ALEN];
};

/* A work queue as CREATE_QP wants it */
struct tern_ib_create_wq_params {
	bool valid;
	u8 log_size;
	struct tern_ib_ring_place ring;
};

struct tern_ib_create_qp_params {
	u32 qpn;
	u32 pdn;
	u32 send_cqn;
	u32 recv_cqn;
	u32 page;		/* doorbell page */
	enum tern_hw_qp_type type;
	bool priv;
	u8 rq_log_stride;
	struct tern_ib_create_wq_params sq;
	struct tern_ib_create_wq_params rq;
};

/* Numbers of states and MTUs are those of verbs, access bits too */
struct tern_ib_modify_qp_params {
	u32 qpn;
	u16 mask;		/* enum tern_hw_qp_attr_mask */
	bool set_state;
	u8 state;
	bool check_state;
	u8 cur_state;
	u32 dest_qpn;
	u8 mtu;
	u8 max_rd;
	u8 max_dest_rd;
	u8 timeout;
	u8 retry_cnt;
	u8 rnr_retry;
	u8 min_rnr_timer;
	u32 sq_psn;
	u32 rq_psn;
	u8 access;
	u32 qkey;
	u16 udp_sport;
	u8 sgid;
	u8 hop_limit;
	u8 tclass;
	u32 flow_label;
	u8 pcp;
	u8 dmac[ETH_ALEN];
	u8 dgid[16];
};

/* What the device knows better than the driver */
struct tern_ib_query_qp_result {
	u8 state;
	bool draining;
	u32 sq_psn;
	u32 rq_psn;
	u16 sq_producer;
	u16 rq_producer;
	u16 sq_done;
	u16 rq_done;
	u32 resent;
	u16 timeouts;
};

struct tern_ib_mr_params {
	u32 index;
	u8 key;
	u32 pdn;
	bool priv;
	u8 access;
	u8 level;
	u8 page_shift;		/* levels 1 and 2 */
	u64 va;
	u64 length;
	u64 pbl;		/* level 0: bus address; else first page-list entry */
	u64 pages;		/* levels 1 and 2 */
};

int tern_ib_cmd_nop(struct tern_ib_dev *dev);
int tern_ib_cmd_query_caps(struct tern_ib_dev *dev, struct tern_ib_caps *caps);
int tern_ib_cmd_query_fpm(struct tern_ib_dev *dev, struct tern_ib_fpm *fpm);
int tern_ib_cmd_commit_fpm(struct tern_ib_dev *dev, struct tern_ib_fpm *fpm);
int tern_ib_cmd_set_sd(struct tern_ib_dev *dev, u32 sd, enum tern_hw_sd_op op, dma_addr_t dma);
void tern_ib_cmd_clear_sd(struct tern_ib_dev *dev, u32 sd);
int tern_ib_cmd_query_stats(struct tern_ib_dev *dev, u64 counters[TERN_IB_STATS]);
int tern_ib_cmd_set_gid(struct tern_ib_dev *dev, const struct tern_ib_set_gid_params *params);
int tern_ib_cmd_clear_gid(struct tern_ib_dev *dev, u32 index);
int tern_ib_cmd_create_cq(struct tern_ib_dev *dev, const struct tern_ib_create_cq_params *params);
int tern_ib_cmd_modify_cq(struct tern_ib_dev *dev, u32 cqn, u16 count, u32 period_ns);
void tern_ib_cmd_destroy_cq(struct tern_ib_dev *dev, u32 cqn);
int tern_ib_cmd_create_eq(struct tern_ib_dev *dev, const struct tern_ib_create_eq_params *params);
void tern_ib_cmd_destroy_eq(struct tern_ib_dev *dev, bool is_aeq, u8 num);
int tern_ib_cmd_create_qp(struct tern_ib_dev *dev, const struct tern_ib_create_qp_params *params);
int tern_ib_cmd_modify_qp(struct tern_ib_dev *dev, const struct tern_ib_modify_qp_params *params);
int tern_ib_cmd_query_qp(struct tern_ib_dev *dev, u32 qpn, struct tern_ib_query_qp_result *result);
void tern_ib_cmd_destroy_qp(struct tern_ib_dev *dev, u32 qpn);
int tern_ib_cmd_attach_mcast(struct tern_ib_dev *dev, u32 qpn, const union ib_gid *gid,
			     bool no_own);
int tern_ib_cmd_detach_mcast(struct tern_ib_dev *dev, u32 qpn, const union ib_gid *gid);
int tern_ib_cmd_set_mr(struct tern_ib_dev *dev, enum tern_hw_cqp_op op,
		       const struct tern_ib_mr_params *params);
void tern_ib_cmd_dereg_mr(struct tern_ib_dev *dev, u32 index, u8 key);

#endif /* TERN_IB_CQP_H */
