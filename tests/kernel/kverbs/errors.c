// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What must be refused, what must end in error, and in which order
 */

#define pr_fmt(fmt) "kverbs: " fmt

#include <linux/slab.h>

#include "kverbs.h"

#define REMOTE	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_READ)

static int expect_refused(struct kv_side *side, struct ib_send_wr *wr, int wanted,
			  const char *what)
{
	const struct ib_send_wr *bad_wr = NULL;
	struct kv_op op;
	int err;

	kv_op_init(side, &op);
	wr->wr_cqe = &op.cqe;
	err = ib_post_send(side->qp, wr, &bad_wr);
	if (err == wanted && bad_wr == wr)
		return 0;
	pr_err("%s: post_send gave %d, not %d\n", what, err, wanted);
	return -EIO;
}

static int refuse_registration(struct kv_side *side, u32 key, int access, const char *what)
{
	struct ib_reg_wr wr = { .wr.opcode = IB_WR_REG_MR, .mr = side->mr, .key = key,
				.access = access };

	return expect_refused(side, &wr.wr, -EINVAL, what);
}

/* With receives posted to none of them, the peer is never asked for anything */
int kv_test_refused_posts(struct kv_pair *pair)
{
	struct kv_side *side = &pair->a;
	struct ib_sge sge[KV_SGES + 1];
	struct ib_send_wr many = { .opcode = IB_WR_SEND, .sg_list = sge,
				   .num_sge = KV_SGES + 1 };
	struct ib_send_wr negative = { .opcode = IB_WR_SEND, .sg_list = sge, .num_sge = -1 };
	struct ib_send_wr masked = { .opcode = IB_WR_MASKED_ATOMIC_CMP_AND_SWP };
	struct ib_send_wr undefined = { .opcode = 0x7fffffff };
	struct ib_send_wr inline_long = { .opcode = IB_WR_SEND, .sg_list = sge, .num_sge = 2,
					  .send_flags = IB_SEND_INLINE };
	struct ib_rdma_wr inline_read = { .wr = { .opcode = IB_WR_RDMA_READ, .sg_list = sge,
						  .num_sge = 1,
						  .send_flags = IB_SEND_INLINE } };
	struct ib_atomic_wr two = { .wr = { .opcode = IB_WR_ATOMIC_FETCH_AND_ADD, .sg_list = sge,
					    .num_sge = 2 } };
	struct ib_recv_wr recv = { .sg_list = sge, .num_sge = KV_SGES + 1 };
	int i;

	for (i = 0; i <= KV_SGES; i++)
		sge[i] = kv_sge(side, 0, 0, 8);
	/* Lengths whose sum is small in 32 bits only */
	sge[0].length = U32_MAX;
	sge[1].length = 17;
	if (ib_post_recv(side->qp, &recv, NULL) != -EINVAL) {
		pr_err("receive with too many SGEs not refused\n");
		return -EIO;
	}
	return expect_refused(side, &many, -EINVAL, "too many SGEs") ?:
	       expect_refused(side, &negative, -EINVAL, "less than no SGE") ?:
	       expect_refused(side, &masked, -EOPNOTSUPP, "masked atomic") ?:
	       expect_refused(side, &undefined, -EOPNOTSUPP, "undefined opcode") ?:
	       expect_refused(side, &inline_long, -EINVAL, "inline data of 4 GiB") ?:
	       expect_refused(side, &inline_read.wr, -EINVAL, "inline READ") ?:
	       expect_refused(side, &two.wr, -EINVAL, "atomic with two SGEs") ?:
	       refuse_registration(side, side->mr->rkey + 256, REMOTE, "key of another region") ?:
	       refuse_registration(side, side->mr->rkey, IB_ACCESS_MW_BIND, "rights unknown");
}

/* A WRITE that fails with this status; both QPs are connected anew then */
static int write_fails(struct kv_pair *pair, struct ib_sge sge, u64 remote_addr, u32 rkey,
		       enum ib_wc_status wanted, const char *what)
{
	struct ib_rdma_wr wr = {
		.wr = { .opcode = IB_WR_RDMA_WRITE, .sg_list = &sge, .num_sge = 1 },
		.remote_addr = remote_addr,
		.rkey = rkey,
	};
	struct ib_rdma_wr later = wr;

	return kv_run(&pair->a, &wr.wr, wanted, what) ?:
	       kv_run(&pair->a, &later.wr, IB_WC_WR_FLUSH_ERR, "WRITE after an error") ?:
	       kv_reconnect(pair, 7);
}

static int register_page(struct kv_side *side, int page, int access)
{
	struct scatterlist sg;

	sg_init_one(&sg, side->buf[page], PAGE_SIZE);
	sg_dma_address(&sg) = side->dma[page];
	sg_dma_len(&sg) = PAGE_SIZE;
	return kv_register(side, &sg, 1, access);
}

int kv_test_bad_keys(struct kv_pair *pair)
{
	struct ib_sge good = kv_sge(&pair->a, 0, 0, 64), bad = good, beyond = good;
	struct kv_side *b = &pair->b;
	u64 iova;
	u32 key;
	int err;

	err = register_page(b, 4, REMOTE);
	if (err)
		return err;
	iova = b->mr->iova;
	key = b->mr->rkey;
	bad.lkey ^= 1;
	beyond.lkey = 0;
	err = write_fails(pair, good, iova, key + 1, IB_WC_REM_ACCESS_ERR, "key byte") ?:
	      write_fails(pair, good, iova, key + 256 * 1000, IB_WC_REM_ACCESS_ERR, "key index") ?:
	      write_fails(pair, good, iova, 0, IB_WC_REM_ACCESS_ERR, "key 0") ?:
	      write_fails(pair, good, iova + PAGE_SIZE - 63, key, IB_WC_REM_ACCESS_ERR, "end") ?:
	      write_fails(pair, good, iova - 1, key, IB_WC_REM_ACCESS_ERR, "begin") ?:
	      write_fails(pair, good, U64_MAX - 10, key, IB_WC_REM_ACCESS_ERR, "wrap") ?:
	      write_fails(pair, good, 0, b->pd->local_dma_lkey, IB_WC_REM_ACCESS_ERR,
			  "key of all memory") ?:
	      write_fails(pair, bad, iova, key, IB_WC_LOC_PROT_ERR, "local key byte") ?:
	      write_fails(pair, beyond, iova, key, IB_WC_LOC_PROT_ERR, "local key 0");
	if (err)
		return err;
	err = kv_invalidate(b, key, IB_WC_SUCCESS) ?: register_page(b, 4, IB_ACCESS_REMOTE_READ) ?:
	      write_fails(pair, good, iova, b->mr->rkey, IB_WC_REM_ACCESS_ERR, "right to write");
	return err ?: kv_invalidate(b, b->mr->rkey, IB_WC_SUCCESS);
}

/* A region of another protection domain is of no use to the QP */
int kv_test_other_pd(struct kv_pair *pair)
{
	struct kv_side *b = &pair->b;
	struct ib_mr *mine = b->mr, *other;
	struct scatterlist sg;
	struct ib_reg_wr wr = { .wr.opcode = IB_WR_REG_MR, .access = REMOTE };
	struct ib_pd *pd;
	int err;

	pd = ib_alloc_pd(b->dev, 0);
	if (IS_ERR(pd))
		return PTR_ERR(pd);
	other = ib_alloc_mr(pd, IB_MR_TYPE_MEM_REG, 1);
	if (IS_ERR(other)) {
		ib_dealloc_pd(pd);
		return PTR_ERR(other);
	}
	sg_init_one(&sg, b->buf[0], PAGE_SIZE);
	sg_dma_address(&sg) = b->dma[0];
	sg_dma_len(&sg) = PAGE_SIZE;
	err = ib_map_mr_sg(other, &sg, 1, NULL, PAGE_SIZE) == 1 ? 0 : -EIO;
	wr.mr = other;
	wr.key = other->rkey;
	err = err ?: kv_run(b, &wr.wr, IB_WC_MW_BIND_ERR, "REG_MR in another PD") ?:
	      kv_reconnect(pair, 7);
	ib_dereg_mr(other);
	ib_dealloc_pd(pd);
	b->mr = mine;
	return err;
}

int kv_test_invalid_invalidate(struct kv_pair *pair)
{
	return kv_invalidate(&pair->a, pair->a.mr->rkey ^ 1, IB_WC_MW_BIND_ERR) ?:
	       kv_reconnect(pair, 7) ?:
	       kv_invalidate(&pair->a, 0xffffff00, IB_WC_MW_BIND_ERR) ?:
	       kv_reconnect(pair, 7) ?:
	       kv_invalidate(&pair->a, pair->a.pd->local_dma_lkey, IB_WC_MW_BIND_ERR) ?:
	       kv_reconnect(pair, 7);
}

/* Each once, flushed, in the order of posting */
static int check_flushed(const struct kv_op *op, int count, const char *what)
{
	int i;

	for (i = 0; i < count; i++) {
		if (op[i].count != 1 || op[i].status != IB_WC_WR_FLUSH_ERR ||
		    (i && op[i].order <= op[i - 1].order)) {
			pr_err("%s %d: %d completions, %s\n", what, i, op[i].count,
			       ib_wc_status_msg(op[i].status));
			return -EIO;
		}
	}
	return 0;
}

/* Sends to a peer that has no receives, so all of them are under way */
static int post_all(struct kv_pair *pair, struct kv_op *send, struct kv_op *recv, int count)
{
	struct ib_sge sge[KV_SGES];
	int i, k, err = 0;

	for (k = 0; k < KV_SGES; k++)
		sge[k] = kv_sge(&pair->a, k, 0, 100);
	for (i = 0; i < count && !err; i++) {
		struct ib_send_wr wr = { .opcode = IB_WR_SEND, .sg_list = sge,
					 .num_sge = i % (KV_SGES + 1) };

		err = kv_post(&pair->a, &wr, &send[i]) ?:
		      kv_post_recv(&pair->a, sge, i % (KV_SGES + 1), &recv[i]);
	}
	return err;
}

int kv_test_drain(struct kv_pair *pair)
{
	struct kv_op *send, *recv;
	int round, err = 0;

	send = kcalloc(KV_DEPTH, sizeof(*send), GFP_KERNEL);
	recv = kcalloc(KV_DEPTH, sizeof(*recv), GFP_KERNEL);
	if (!send || !recv)
		err = -ENOMEM;
	for (round = 0; round < 4 && !err; round++) {
		err = post_all(pair, send, recv, KV_DEPTH);
		ib_drain_qp(pair->a.qp);
		err = err ?: check_flushed(send, KV_DEPTH, "send") ?:
		      check_flushed(recv, KV_DEPTH, "receive") ?: kv_reconnect(pair, 7);
	}
	kfree(send);
	kfree(recv);
	return err;
}

/* RESET gives no completions, not of what was done before, either, and all room back */
int kv_test_reset(struct kv_pair *pair)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_RESET };
	struct kv_op *send, *recv;
	int round, err = 0;

	send = kcalloc(KV_DEPTH, sizeof(*send), GFP_KERNEL);
	recv = kcalloc(KV_DEPTH, sizeof(*recv), GFP_KERNEL);
	if (!send || !recv)
		err = -ENOMEM;
	for (round = 0; round < 4 && !err; round++) {
		err = post_all(pair, send, recv, KV_DEPTH) ?:
		      ib_modify_qp(pair->a.qp, &attr, IB_QP_STATE);
		kv_disconnect(&pair->b);
		err = err ?: kv_connect(pair, 7);
	}
	/* Nothing refers to them any more when the QP was reset; if it was not, they stay */
	kv_disconnect(&pair->a);
	kv_disconnect(&pair->b);
	kfree(send);
	kfree(recv);
	return err ?: kv_connect(pair, 7);
}
