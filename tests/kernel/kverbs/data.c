// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Everything that moves data
 */

#define pr_fmt(fmt) "kverbs: " fmt

#include <linux/random.h>
#include <linux/slab.h>

#include "kverbs.h"

#define REMOTE	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_READ | \
		 IB_ACCESS_REMOTE_ATOMIC)

static int check(bool ok, const char *what)
{
	if (ok)
		return 0;
	pr_err("%s\n", what);
	return -EIO;
}

/* SGEs of odd places and lengths, the same on both sides; returns their sum */
static u32 odd_sges(struct kv_side *side, struct ib_sge *sge, int num, u32 salt)
{
	u32 sum = 0;
	int i;

	for (i = 0; i < num; i++) {
		u32 offset = (salt * 37 + i * 101) % 1500;

		sge[i] = kv_sge(side, i, offset, 1 + (salt * 53 + i * 211) % 2000);
		sum += sge[i].length;
	}
	return sum;
}

static int compare_sges(struct kv_pair *pair, const struct ib_sge *at_a, int num)
{
	int i;

	for (i = 0; i < num; i++) {
		u32 offset = at_a[i].addr - pair->a.dma[i];

		if (memcmp(pair->a.buf[i] + offset, pair->b.buf[i] + offset, at_a[i].length))
			return check(false, "wrong data");
	}
	return 0;
}

static int send_one(struct kv_pair *pair, int num_sge, u32 salt)
{
	struct ib_sge from[KV_SGES], to[KV_SGES];
	struct ib_send_wr wr = {
		.opcode = IB_WR_SEND_WITH_IMM, .sg_list = from, .num_sge = num_sge,
		.ex.imm_data = cpu_to_be32(salt),
	};
	struct kv_op recv;
	u32 sum;
	int err;

	kv_fill(&pair->a, salt + 1);
	kv_fill(&pair->b, ~salt);
	sum = odd_sges(&pair->a, from, num_sge, salt);
	odd_sges(&pair->b, to, num_sge, salt);
	err = kv_post_recv(&pair->b, to, num_sge, &recv) ?:
	      kv_run(&pair->a, &wr, IB_WC_SUCCESS, "SEND") ?:
	      kv_wait(&recv, IB_WC_SUCCESS, "receive");
	if (err)
		return err;
	return check(recv.wc.opcode == IB_WC_RECV && recv.wc.byte_len == sum &&
		     recv.wc.wc_flags == IB_WC_WITH_IMM && recv.wc.qp == pair->b.qp &&
		     recv.wc.ex.imm_data == cpu_to_be32(salt), "receive: wrong completion") ?:
	       compare_sges(pair, from, num_sge);
}

int kv_test_send(struct kv_pair *pair)
{
	u32 salt;
	int err = 0;

	for (salt = 0; salt < 2 * (KV_SGES + 1) && !err; salt++)
		err = send_one(pair, salt % (KV_SGES + 1), salt);
	return err;
}

int kv_test_inline(struct kv_pair *pair)
{
	int err = 0;
	u32 length;

	for (length = 0; length <= KV_INLINE && !err; length += length < 8 ? 1 : 7) {
		u8 data[KV_INLINE];
		struct ib_sge from[2] = {
			{ .addr = (uintptr_t)data, .length = length / 3 },
			{ .addr = (uintptr_t)data + length / 3, .length = length - length / 3 },
		};
		struct ib_sge to = kv_sge(&pair->b, 3, 5, KV_INLINE);
		struct ib_send_wr wr = { .opcode = IB_WR_SEND, .send_flags = IB_SEND_INLINE,
					 .sg_list = from, .num_sge = 2 };
		struct kv_op recv;

		get_random_bytes(data, sizeof(data));
		err = kv_post_recv(&pair->b, &to, 1, &recv) ?:
		      kv_run(&pair->a, &wr, IB_WC_SUCCESS, "inline SEND") ?:
		      kv_wait(&recv, IB_WC_SUCCESS, "receive") ?:
		      check(recv.wc.byte_len == length &&
			    !memcmp(pair->b.buf[3] + 5, data, length), "inline: wrong data");
	}
	return err;
}

/* Half a queue of unequal sends at a time, of which only the last is signaled */
static int stream_batch(struct kv_pair *pair, struct kv_op *recv, u32 round)
{
	const int n = KV_DEPTH / 2;
	struct kv_op *unsignaled = &recv[n];
	struct ib_sge from[KV_SGES], to;
	int err = 0, i;

	kv_op_init(&pair->a, unsignaled);
	for (i = 0; i < n && !err; i++) {
		to = kv_sge(&pair->b, i % KV_PAGES, 0, PAGE_SIZE);
		err = kv_post_recv(&pair->b, &to, 1, &recv[i]);
	}
	for (i = 0; i < n && !err; i++) {
		int k, num = (round + i * 3) % (KV_SGES + 1);
		struct ib_send_wr wr = { .opcode = IB_WR_SEND, .sg_list = from, .num_sge = num };

		for (k = 0; k < num; k++)
			from[k] = kv_sge(&pair->a, i % KV_PAGES, k * 400, 399);
		if (i == n - 1) {
			err = kv_run(&pair->a, &wr, IB_WC_SUCCESS, "last SEND");
		} else {
			wr.wr_cqe = &unsignaled->cqe;
			err = ib_post_send(pair->a.qp, &wr, NULL);
		}
	}
	for (i = 0; i < n && !err; i++) {
		int num = (round + i * 3) % (KV_SGES + 1);

		err = kv_wait(&recv[i], IB_WC_SUCCESS, "receive in stream") ?:
		      check(recv[i].wc.byte_len == num * 399, "stream: wrong length") ?:
		      check(!num || (!memcmp(pair->b.buf[i], pair->a.buf[i], 399) &&
				     !memcmp(pair->b.buf[i] + (num - 1) * 399,
					     pair->a.buf[i] + (num - 1) * 400, 399)),
			    "stream: wrong data");
	}
	return err;
}

int kv_test_stream(struct kv_pair *pair)
{
	struct kv_op *recv;
	int err = 0;
	u32 round;

	recv = kcalloc(KV_DEPTH / 2 + 1, sizeof(*recv), GFP_KERNEL);
	if (!recv)
		return -ENOMEM;
	for (round = 0; round < 12 && !err; round++) {
		kv_fill(&pair->a, 77 + round);
		err = stream_batch(pair, recv, round);
	}
	/* After an error entries may still refer to it */
	kv_disconnect(&pair->a);
	kv_disconnect(&pair->b);
	kfree(recv);
	return err ?: kv_connect(pair, 7);
}

/* Pages in an order of its own; the first begins late, the last ends early */
static void make_sg(struct kv_side *side, struct scatterlist *sg, int nents, u32 late, u32 early,
		    int turn)
{
	int i;

	sg_init_table(sg, nents);
	for (i = 0; i < nents; i++) {
		int page = (i * 5 + turn) % KV_PAGES;
		u32 offset = i ? 0 : late;
		u32 end = i == nents - 1 ? PAGE_SIZE - early : PAGE_SIZE;

		sg_set_buf(&sg[i], side->buf[page] + offset, end - offset);
		sg_dma_address(&sg[i]) = side->dma[page] + offset;
		sg_dma_len(&sg[i]) = end - offset;
	}
}

static bool same_sg(struct scatterlist *one, struct scatterlist *two, int nents)
{
	int i;

	for (i = 0; i < nents; i++)
		if (memcmp(sg_virt(&one[i]), sg_virt(&two[i]), one[i].length))
			return false;
	return true;
}

static int move(struct kv_pair *pair, enum ib_wr_opcode opcode, u32 length)
{
	struct ib_sge sge = { .addr = pair->a.mr->iova, .length = length,
			      .lkey = pair->a.mr->lkey };
	struct ib_rdma_wr wr = {
		.wr = { .opcode = opcode, .sg_list = &sge, .num_sge = 1 },
		.remote_addr = pair->b.mr->iova,
		.rkey = pair->b.mr->rkey,
	};

	return kv_run(&pair->a, &wr.wr, IB_WC_SUCCESS,
		      opcode == IB_WR_RDMA_READ ? "READ" : "WRITE");
}

/* Both ends registered by work request, other pages each time */
static int fast_reg_round(struct kv_pair *pair, u32 round)
{
	int nents = 1 + round % KV_PAGES;
	u32 late = (round * 131) % 2000, early = (round * 71) % 2000;
	struct scatterlist sg_a[KV_PAGES], sg_b[KV_PAGES];
	u32 length;
	int err;

	make_sg(&pair->a, sg_a, nents, late, early, round);
	make_sg(&pair->b, sg_b, nents, late, early, round * 3 + 1);
	err = kv_register(&pair->a, sg_a, nents, REMOTE) ?:
	      kv_register(&pair->b, sg_b, nents, REMOTE | IB_ACCESS_RELAXED_ORDERING);
	if (err)
		return err;
	length = pair->a.mr->length;
	kv_fill(&pair->a, round * 2 + 1);
	kv_fill(&pair->b, round * 2 + 2);
	err = check(length == nents * PAGE_SIZE - late - early, "wrong length of a region") ?:
	      move(pair, IB_WR_RDMA_WRITE, length) ?:
	      check(same_sg(sg_a, sg_b, nents), "WRITE: wrong data");
	if (err)
		return err;
	kv_fill(&pair->b, round * 2 + 3);
	return move(pair, IB_WR_RDMA_READ, length) ?:
	       check(same_sg(sg_a, sg_b, nents), "READ: wrong data") ?:
	       kv_invalidate(&pair->a, pair->a.mr->rkey, IB_WC_SUCCESS) ?:
	       kv_invalidate(&pair->b, pair->b.mr->rkey, IB_WC_SUCCESS);
}

int kv_test_fast_reg(struct kv_pair *pair)
{
	int err = 0;
	u32 round;

	for (round = 0; round < 24 && !err; round++)
		err = fast_reg_round(pair, round);
	return err;
}

static int atomic_op(struct kv_pair *pair, enum ib_wr_opcode opcode, u64 add, u64 swap, u64 *old)
{
	struct ib_sge sge = kv_sge(&pair->a, 0, 8, sizeof(u64));
	struct ib_atomic_wr wr = {
		.wr = { .opcode = opcode, .sg_list = &sge, .num_sge = 1 },
		.remote_addr = pair->b.mr->iova,
		.rkey = pair->b.mr->rkey,
		.compare_add = add,
		.swap = swap,
	};
	int err;

	err = kv_run(&pair->a, &wr.wr, IB_WC_SUCCESS, "atomic");
	*old = *(u64 *)(pair->a.buf[0] + 8);
	return err;
}

int kv_test_atomic(struct kv_pair *pair)
{
	struct scatterlist sg;
	u64 *cell = (u64 *)(pair->b.buf[2] + 64), old;
	int err;

	sg_init_one(&sg, cell, 64);
	sg_dma_address(&sg) = pair->b.dma[2] + 64;
	sg_dma_len(&sg) = 64;
	*cell = 0x1122334455667788ull;
	err = kv_register(&pair->b, &sg, 1, REMOTE) ?:
	      atomic_op(pair, IB_WR_ATOMIC_FETCH_AND_ADD, 0x100000001ull, 0, &old) ?:
	      check(old == 0x1122334455667788ull && *cell == 0x1122334555667789ull,
		    "FETCH_ADD: wrong value") ?:
	      atomic_op(pair, IB_WR_ATOMIC_CMP_AND_SWP, 1, 2, &old) ?:
	      check(old == 0x1122334555667789ull && *cell == old, "CMP_SWAP swapped") ?:
	      atomic_op(pair, IB_WR_ATOMIC_CMP_AND_SWP, old, 2, &old) ?:
	      check(old == 0x1122334555667789ull && *cell == 2, "CMP_SWAP did not swap");
	return err ?: kv_invalidate(&pair->b, pair->b.mr->rkey, IB_WC_SUCCESS);
}

/* The peer takes a region away with its last message; it can be registered again */
static int send_inv_once(struct kv_pair *pair, u32 round)
{
	struct ib_sge from = kv_sge(&pair->a, 1, 3, 100), to = kv_sge(&pair->b, 1, 9, 100);
	struct ib_send_wr wr = { .opcode = IB_WR_SEND_WITH_INV, .sg_list = &from, .num_sge = 1 };
	struct scatterlist sg[2];
	struct kv_op recv;
	int err;

	make_sg(&pair->b, sg, 2, 17, 5, round);
	err = kv_register(&pair->b, sg, 2, REMOTE);
	if (err)
		return err;
	wr.ex.invalidate_rkey = pair->b.mr->rkey;
	return kv_post_recv(&pair->b, &to, 1, &recv) ?:
	       kv_run(&pair->a, &wr, IB_WC_SUCCESS, "SEND_INV") ?:
	       kv_wait(&recv, IB_WC_SUCCESS, "receive") ?:
	       check(recv.wc.wc_flags == IB_WC_WITH_INVALIDATE &&
		     recv.wc.ex.invalidate_rkey == pair->b.mr->rkey,
		     "SEND_INV: wrong completion");
}

int kv_test_send_inv(struct kv_pair *pair)
{
	struct ib_sge sge = kv_sge(&pair->a, 0, 0, 8);
	struct ib_rdma_wr wr = { .wr = { .opcode = IB_WR_RDMA_WRITE, .sg_list = &sge,
					 .num_sge = 1 } };
	int err = 0;
	u32 round;

	for (round = 0; round < 4 && !err; round++)
		err = send_inv_once(pair, round);
	if (err)
		return err;
	wr.rkey = pair->b.mr->rkey;
	wr.remote_addr = pair->b.mr->iova;
	return kv_run(&pair->a, &wr.wr, IB_WC_REM_ACCESS_ERR, "WRITE to what was invalidated") ?:
	       kv_reconnect(pair, 7);
}
