/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A consumer of verbs in the kernel that tests what it uses
 *
 * Two sides, one per device, each with a connected RC QP; datagrams have QPs of their own. Work
 * requests are posted with a struct kv_op that tells how they ended. A function that returns an
 * int returns 0 or has said what is wrong and returns a negative errno.
 */

#ifndef KVERBS_H
#define KVERBS_H

#include <linux/completion.h>
#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

#define KV_PORT		1
#define KV_DEPTH	32	/* work requests per queue */
#define KV_SGES		8
#define KV_INLINE	64
#define KV_PAGES	16	/* of the buffer of a side */
#define KV_BUF		(KV_PAGES * PAGE_SIZE)
#define KV_WAIT		(30 * HZ)

struct kv_side;

/**
 * struct kv_op - a work request on its way
 * @cqe: calls back when it is over
 * @done: it is over
 * @status: how it ended
 * @wc: its completion
 * @order: number of this completion among those of its side
 * @count: completions of it that came
 * @side: who posted it
 */
struct kv_op {
	struct ib_cqe cqe;
	struct completion done;
	enum ib_wc_status status;
	struct ib_wc wc;
	int order;
	int count;
	struct kv_side *side;
};

/**
 * struct kv_side - one end of the connection
 * @dev: the device
 * @pd: protection domain of all
 * @cq: from the pool of the device, served by a softirq; takes sends
 * @recv_cq: of its own, served by a work queue
 * @qp: the QP
 * @gid: GID that is used
 * @buf: memory for data, of which pages are apart from each other
 * @dma: bus addresses of @buf
 * @mr: region for registration by work request
 * @completed: completions so far
 * @events: bits of enum ib_event_type that the QP has had
 */
struct kv_side {
	struct ib_device *dev;
	struct ib_pd *pd;
	struct ib_cq *cq;
	struct ib_cq *recv_cq;
	struct ib_qp *qp;
	const struct ib_gid_attr *gid;
	u8 *buf[KV_PAGES];
	u64 dma[KV_PAGES];
	struct ib_mr *mr;
	atomic_t completed;
	unsigned long events;
};

struct kv_pair {
	struct kv_side a;
	struct kv_side b;
};

/* side.c */
int kv_side_open(struct kv_side *side, struct ib_device *dev);
void kv_side_close(struct kv_side *side);
int kv_connect(struct kv_pair *pair, u8 rnr_retry);
void kv_disconnect(struct kv_side *side);
int kv_reconnect(struct kv_pair *pair, u8 rnr_retry);
void kv_op_init(struct kv_side *side, struct kv_op *op);
int kv_post(struct kv_side *side, struct ib_send_wr *wr, struct kv_op *op);
int kv_post_recv(struct kv_side *side, struct ib_sge *sge, int num_sge, struct kv_op *op);
int kv_wait(struct kv_op *op, enum ib_wc_status wanted, const char *what);
int kv_run(struct kv_side *side, struct ib_send_wr *wr, enum ib_wc_status wanted, const char *what);
int kv_register(struct kv_side *side, const struct scatterlist *sg, int nents, int access);
int kv_invalidate(struct kv_side *side, u32 key, enum ib_wc_status wanted);
void kv_fill(struct kv_side *side, u32 seed);
struct ib_sge kv_sge(struct kv_side *side, int page, u32 offset, u32 length);

/* data.c */
int kv_test_send(struct kv_pair *pair);
int kv_test_inline(struct kv_pair *pair);
int kv_test_stream(struct kv_pair *pair);
int kv_test_fast_reg(struct kv_pair *pair);
int kv_test_atomic(struct kv_pair *pair);
int kv_test_send_inv(struct kv_pair *pair);

/* datagram.c */
int kv_test_datagrams(struct kv_pair *pair);
int kv_test_datagram_drain(struct kv_pair *pair);

/* errors.c */
int kv_test_refused_posts(struct kv_pair *pair);
int kv_test_bad_keys(struct kv_pair *pair);
int kv_test_other_pd(struct kv_pair *pair);
int kv_test_invalid_invalidate(struct kv_pair *pair);
int kv_test_drain(struct kv_pair *pair);
int kv_test_reset(struct kv_pair *pair);

#endif /* KVERBS_H */
