/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Objects of the verbs provider
 */

#ifndef TERN_H
#define TERN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <infiniband/driver.h>
#include <infiniband/kern-abi.h>
#include <kernel-abi/tern-abi.h>
#include <rdma/tern-abi.h>
#include <util/compiler.h>
#include <util/util.h>

#include "ring.h"

DECLARE_DRV_CMD(tern_cmd_alloc_context, IB_USER_VERBS_CMD_GET_CONTEXT,
		tern_alloc_ucontext_req, tern_alloc_ucontext_resp);
DECLARE_DRV_CMD(tern_cmd_alloc_pd, IB_USER_VERBS_CMD_ALLOC_PD,
		empty, tern_alloc_pd_resp);
DECLARE_DRV_CMD(tern_cmd_create_cq, IB_USER_VERBS_EX_CMD_CREATE_CQ,
		tern_create_cq_req, tern_create_cq_resp);
DECLARE_DRV_CMD(tern_cmd_create_ah, IB_USER_VERBS_CMD_CREATE_AH,
		empty, tern_create_ah_resp);
DECLARE_DRV_CMD(tern_cmd_create_qp, IB_USER_VERBS_EX_CMD_CREATE_QP,
		tern_create_qp_req, tern_create_qp_resp);

#define TERN_NO_QPN		UINT32_MAX

#define TERN_PUSH_SLOT_BYTES	64
#define TERN_MAX_PUSH_SLOTS	64	/* as many as a doorbell can name */

/* QP numbers have 24 bits; the table has two levels of 12 */
#define TERN_QP_TABLE_BITS	12
#define TERN_QP_TABLE_SIZE	(1u << TERN_QP_TABLE_BITS)

struct tern_device {
	struct verbs_device ibv_dev;
};

struct tern_qp;

struct tern_context {
	struct verbs_context ibv_ctx;
	void *doorbells;		/* page of this context alone */
	size_t doorbell_size;
	void *push;			/* write-combining page of this context alone, or NULL */
	size_t push_size;
	const volatile uint32_t *status; /* page that tells if the device lives, or NULL */
	size_t status_size;
	uint32_t max_log_cqe;
	uint32_t max_log_sq;
	uint32_t max_log_rq;
	uint32_t max_inline;

	/*
	 * Guards the free push slots and changes of the QP table. Who polls reads the table
	 * without it: a leaf is never freed, an entry is only cleared with the locks of the
	 * QP's CQs held, and only their polls look for it.
	 */
	pthread_mutex_t qp_mutex;
	uint64_t free_push_slots;
	struct tern_qp **qp_table[TERN_QP_TABLE_SIZE];
};

/*
 * Spin lock that objects of one thread go without. The C library's would do, but a call of it
 * costs a function that would need no stack otherwise more than the lock itself.
 */
struct tern_lock {
	atomic_bool taken;
	bool needed;
};

struct tern_td {
	struct ibv_td ibv_td;
	atomic_int users;
};

/* A protection domain, or a parent domain around one, possibly with a thread domain */
struct tern_pd {
	struct ibv_pd ibv_pd;
	uint32_t pdn;
	atomic_int users;		/* parent domains around this one */
	struct tern_pd *contained;	/* of a parent domain, else NULL */
	struct tern_td *td;

	/* What a program allocates rings with, both or neither; of a parent domain */
	void *(*alloc)(struct ibv_pd *pd, void *pd_context, size_t size, size_t alignment,
		       uint64_t resource_type);
	void (*free)(struct ibv_pd *pd, void *pd_context, void *ptr, uint64_t resource_type);
	void *pd_context;
};

/* What memory is for; the program's allocator is told */
enum tern_resource {
	TERN_RESOURCE_CQ = 1,
	TERN_RESOURCE_SQ,
	TERN_RESOURCE_RQ,
};

struct tern_cq {
	struct verbs_cq vcq;
	struct tern_lock lock;		/* guards all below, and the order of doorbells */
	struct tern_ring ring;
	uint32_t mask;			/* entries - 1 */
	uint32_t parity_shift;		/* from the index's wrap parity to the polarity */
	uint32_t tell_at;		/* consumer index of which the device must be told */
	uint32_t cqn;
	uint32_t qpn;			/* of the entry that was looked for last, or NO_QPN */
	struct tern_qp *qp;		/* its QP, or NULL */
	void *doorbells;
	struct tern_context *ctx;
	const struct tern_hw_cqe *cqe;	/* ibv_start_poll, ibv_next_poll: where they stand */
	struct tern_pd *parent_domain;	/* or NULL */
	bool lent;			/* the ring is from the domain's allocator */
	void *device_buf;		/* the ring of a device that is dead now, else NULL */
};

/* An address, as requests have it; host byte order, but for what is copied as it is */
struct tern_ah {
	struct ibv_ah ibv_ah;
	uint64_t dest;			/* without QP number and Q_Key */
	uint64_t flow;			/* without immediate data */
	uint64_t path;
	union ibv_gid dgid;
};

/* In tern_sq.always_flags, where verbs have no flag: the queue is of a UD QP */
#define TERN_SQ_UD		(1u << 31)

/* What the host keeps of a send request, at the place of its first slot */
struct tern_sq_wr {
	uint64_t wr_id;
	uint32_t end;			/* index behind its last slot */
	uint32_t reserved;
};

/*
 * Indexes count 64 B slots since creation and are never masked except to find a slot. The
 * lock guards everything but tail, which belongs to who polls the CQ.
 */
struct tern_sq {
	uint8_t *buf;
	struct tern_sq_wr *wr;
	uint32_t mask;			/* slots - 1 */
	uint32_t log_size;
	uint32_t head;			/* next slot to be written */
	_Atomic(uint32_t) tail;		/* slots before this one are free */
	uint32_t max_sge;
	uint32_t max_inline;
	uint32_t always_flags;		/* IBV_SEND_SIGNALED with sq_sig_all; TERN_SQ_UD */
	uint32_t known_ops;		/* what opcodes of the QP's type have, see post.c */
	uint32_t simple_ops;
	uint32_t max_wr;
	size_t bytes;
	bool lent;			/* buf is from the domain's allocator */
	struct tern_lock lock;

	/* Push */
	void *push;			/* slot of the push page that is this queue's, or NULL */
	uint64_t push_bits;		/* what the doorbell says then */
	uint32_t push_busy;		/* the slot is free when tail comes here */
	uint32_t push_slot;

	/* Between ibv_wr_start and ibv_wr_complete or ibv_wr_abort */
	struct tern_hw_sq_wqe *wqe;	/* first slot of the request being built, or NULL */
	uint32_t first;			/* its index */
	uint32_t begin;			/* head at ibv_wr_start */
	int err;			/* the first error */
	uint32_t ud_todo;		/* UD: setters that may still follow, see ud.c */
};

struct tern_rq {
	uint8_t *buf;
	uint64_t *wr_id;
	uint32_t mask;			/* entries - 1 */
	uint32_t log_size;
	uint32_t log_bytes;		/* of an entry */
	uint32_t head;			/* next entry to be written */
	_Atomic(uint32_t) tail;		/* entries before this one are free; counts modulo 2^16 */
	uint32_t max_sge;
	size_t bytes;
	bool lent;
	struct tern_lock lock;
};

struct tern_qp {
	struct verbs_qp vqp;
	uint32_t qpn;
	void *doorbells;
	struct tern_sq sq;
	struct tern_rq rq;
	struct tern_pd *parent_domain;	/* or NULL */
};

/* verbs.c */
void tern_spin(struct tern_lock *lock);

static inline struct tern_context *to_tern_context(struct ibv_context *ctx)
{
	return container_of(ctx, struct tern_context, ibv_ctx.context);
}

static inline struct tern_td *to_tern_td(struct ibv_td *td)
{
	return container_of(td, struct tern_td, ibv_td);
}

static inline struct tern_pd *to_tern_pd(struct ibv_pd *pd)
{
	return container_of(pd, struct tern_pd, ibv_pd);
}

static inline struct tern_cq *to_tern_cq(struct ibv_cq *cq)
{
	return container_of(cq, struct tern_cq, vcq.cq);
}

static inline struct tern_cq *to_tern_cq_ex(struct ibv_cq_ex *cq)
{
	return container_of(cq, struct tern_cq, vcq.cq_ex);
}

static inline struct tern_ah *to_tern_ah(struct ibv_ah *ah)
{
	return container_of(ah, struct tern_ah, ibv_ah);
}

static inline struct tern_qp *to_tern_qp(struct ibv_qp *qp)
{
	return container_of(qp, struct tern_qp, vqp.qp);
}

static inline struct tern_qp *to_tern_qp_ex(struct ibv_qp_ex *qp)
{
	return container_of(qp, struct tern_qp, vqp.qp_ex);
}

static inline void tern_spin_lock(struct tern_lock *lock)
{
	if (unlikely(atomic_exchange_explicit(&lock->taken, true, memory_order_acquire)))
		tern_spin(lock);
}

static inline void tern_spin_unlock(struct tern_lock *lock)
{
	atomic_store_explicit(&lock->taken, false, memory_order_release);
}

static inline void tern_lock(struct tern_lock *lock)
{
	if (likely(lock->needed))
		tern_spin_lock(lock);
}

static inline void tern_unlock(struct tern_lock *lock)
{
	if (likely(lock->needed))
		tern_spin_unlock(lock);
}

static inline void tern_lock_init(struct tern_lock *lock, bool needed)
{
	atomic_init(&lock->taken, false);
	lock->needed = needed;
}

/* The QP with this number, or NULL */
static inline struct tern_qp *tern_find_qp(const struct tern_context *ctx, uint32_t qpn)
{
	struct tern_qp **leaf = ctx->qp_table[qpn >> TERN_QP_TABLE_BITS];

	return leaf ? leaf[qpn & (TERN_QP_TABLE_SIZE - 1)] : NULL;
}

/* verbs.c */
int tern_query_device_ex(struct ibv_context *ctx,
			 const struct ibv_query_device_ex_input *input,
			 struct ibv_device_attr_ex *attr, size_t attr_size);
int tern_query_port(struct ibv_context *ctx, uint8_t port, struct ibv_port_attr *attr);
struct ibv_pd *tern_alloc_pd(struct ibv_context *ctx);
int tern_dealloc_pd(struct ibv_pd *pd);
struct ibv_td *tern_alloc_td(struct ibv_context *ctx, struct ibv_td_init_attr *attr);
int tern_dealloc_td(struct ibv_td *td);
struct ibv_pd *tern_alloc_parent_domain(struct ibv_context *ctx,
					struct ibv_parent_domain_init_attr *attr);
void *tern_alloc_ring(struct tern_pd *parent, size_t bytes, enum tern_resource what, bool *lent);
void tern_free_ring(struct tern_pd *parent, void *buf, size_t bytes, enum tern_resource what,
		    bool lent);

/* mr.c */
struct ibv_mr *tern_reg_mr(struct ibv_pd *pd, void *addr, size_t length, uint64_t hca_va,
			   int access);
int tern_rereg_mr(struct verbs_mr *vmr, int flags, struct ibv_pd *pd, void *addr,
		  size_t length, int access);
int tern_dereg_mr(struct verbs_mr *vmr);

/* cq.c */
struct ibv_cq *tern_create_cq(struct ibv_context *ctx, int entries,
			      struct ibv_comp_channel *channel, int comp_vector);
struct ibv_cq_ex *tern_create_cq_ex(struct ibv_context *ctx, struct ibv_cq_init_attr_ex *attr);
int tern_destroy_cq(struct ibv_cq *ibv_cq);
int tern_modify_cq(struct ibv_cq *ibv_cq, struct ibv_modify_cq_attr *attr);

/* flush.c */
void tern_flush_cq(struct tern_cq *cq);

/* False: nothing completes any more but what is in the CQs. To be asked when a CQ is empty */
static inline bool tern_is_alive(const struct tern_context *ctx)
{
	return !ctx->status || likely(*ctx->status == TERN_STATUS_ALIVE);
}

/* poll.c */
int tern_poll_cq(struct ibv_cq *ibv_cq, int num_entries, struct ibv_wc *wc);
int tern_req_notify_cq(struct ibv_cq *ibv_cq, int solicited_only);
void tern_set_cq_ex_ops(struct tern_cq *cq, uint64_t wc_flags);
void tern_purge_cq(struct tern_cq *cq, uint32_t qpn);

/* qp.c */
struct ibv_qp *tern_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *attr);
struct ibv_qp *tern_create_qp_ex(struct ibv_context *ctx, struct ibv_qp_init_attr_ex *attr);
int tern_modify_qp(struct ibv_qp *ibv_qp, struct ibv_qp_attr *attr, int attr_mask);
int tern_query_qp(struct ibv_qp *ibv_qp, struct ibv_qp_attr *attr, int attr_mask,
		  struct ibv_qp_init_attr *init_attr);
int tern_destroy_qp(struct ibv_qp *ibv_qp);

/* post.c */
int tern_post_send(struct ibv_qp *ibv_qp, struct ibv_send_wr *wr, struct ibv_send_wr **bad_wr);
int tern_post_recv(struct ibv_qp *ibv_qp, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad_wr);

void tern_set_known_ops(struct tern_sq *sq, enum ibv_qp_type type);

/* ud.c */
#define TERN_UD_SEND_OPS	(IBV_QP_EX_WITH_SEND | IBV_QP_EX_WITH_SEND_WITH_IMM)
struct ibv_ah *tern_create_ah(struct ibv_pd *pd, struct ibv_ah_attr *attr);
int tern_destroy_ah(struct ibv_ah *ibv_ah);
int tern_build_ud(const struct tern_sq *sq, const struct ibv_send_wr *wr, uint32_t head,
		  uint32_t room);
void tern_set_ud_wr_ops(struct ibv_qp_ex *qp);

/* wr.c */
#define TERN_UC_SEND_OPS \
	(IBV_QP_EX_WITH_RDMA_WRITE | IBV_QP_EX_WITH_RDMA_WRITE_WITH_IMM | IBV_QP_EX_WITH_SEND | \
	 IBV_QP_EX_WITH_SEND_WITH_IMM | IBV_QP_EX_WITH_LOCAL_INV)
#define TERN_SEND_OPS \
	(IBV_QP_EX_WITH_RDMA_WRITE | IBV_QP_EX_WITH_RDMA_WRITE_WITH_IMM | IBV_QP_EX_WITH_SEND | \
	 IBV_QP_EX_WITH_SEND_WITH_IMM | IBV_QP_EX_WITH_RDMA_READ | \
	 IBV_QP_EX_WITH_ATOMIC_CMP_AND_SWP | IBV_QP_EX_WITH_ATOMIC_FETCH_AND_ADD | \
	 IBV_QP_EX_WITH_LOCAL_INV | IBV_QP_EX_WITH_SEND_WITH_INV)
void tern_set_wr_ops(struct ibv_qp_ex *qp);

#endif
