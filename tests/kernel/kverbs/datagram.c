// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Datagrams: address handles, what a receiver is told, and draining
 */

#define pr_fmt(fmt) "kverbs: " fmt

#include <linux/slab.h>
#include <rdma/ib_cache.h>

#include "kverbs.h"

#define KV_QKEY		0x11223344
#define KV_GRH		((u32)sizeof(struct ib_grh))
#define KV_MTU		1024

/* A side of its own with a UD QP, which borrows all else; the peer's address; a receive */
struct ud_side {
	struct kv_side side;
	struct ib_ah *ah;
	struct kv_op recv;
};

struct ud_pair {
	struct ud_side a;
	struct ud_side b;
};

static int check(bool ok, const char *what)
{
	if (ok)
		return 0;
	pr_err("%s\n", what);
	return -EIO;
}

static int create_qp(struct kv_side *side)
{
	struct ib_qp_init_attr attr = {
		.send_cq = side->cq,
		.recv_cq = side->recv_cq,
		.cap = {
			/* One more for ib_drain_qp() */
			.max_send_wr = KV_DEPTH / 2 + 1,
			.max_recv_wr = KV_DEPTH / 2 + 1,
			.max_send_sge = KV_SGES,
			.max_recv_sge = KV_SGES,
			.max_inline_data = KV_INLINE,
		},
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.qp_type = IB_QPT_UD,
	};

	side->qp = ib_create_qp(side->pd, &attr);
	return PTR_ERR_OR_ZERO(side->qp);
}

static int to_rts(struct kv_side *side)
{
	struct ib_qp_attr attr = { .port_num = KV_PORT, .qkey = KV_QKEY, .sq_psn = 5 };
	int err;

	attr.qp_state = IB_QPS_INIT;
	err = ib_modify_qp(side->qp, &attr,
			   IB_QP_STATE | IB_QP_PKEY_INDEX | IB_QP_PORT | IB_QP_QKEY);
	attr.qp_state = IB_QPS_RTR;
	err = err ?: ib_modify_qp(side->qp, &attr, IB_QP_STATE);
	attr.qp_state = IB_QPS_RTS;
	return err ?: ib_modify_qp(side->qp, &attr, IB_QP_STATE | IB_QP_SQ_PSN);
}

static int create_ah(struct ud_side *ud, const struct ib_gid_attr *peer)
{
	struct rdma_ah_attr attr = { .type = RDMA_AH_ATTR_TYPE_ROCE }, known = {};
	int err;

	rdma_ah_set_port_num(&attr, KV_PORT);
	rdma_ah_set_sl(&attr, 3);
	rdma_ah_set_grh(&attr, (union ib_gid *)peer->gid.raw, 0, ud->side.gid->index, 9, 0x20);
	err = rdma_read_gid_l2_fields(peer, NULL, attr.roce.dmac);
	if (err)
		return err;
	ud->ah = rdma_create_ah(ud->side.pd, &attr, RDMA_CREATE_AH_SLEEPABLE);
	if (IS_ERR(ud->ah))
		return PTR_ERR(ud->ah);
	err = rdma_query_ah(ud->ah, &known);
	return err ?: check(rdma_ah_get_sl(&known) == 3 && known.grh.hop_limit == 9 &&
			    known.grh.traffic_class == 0x20 &&
			    !memcmp(&known.grh.dgid, &peer->gid, sizeof(peer->gid)),
			    "query_ah: another address");
}

static void ud_close(struct ud_side *ud)
{
	if (!IS_ERR_OR_NULL(ud->side.qp)) {
		ib_drain_qp(ud->side.qp);
		ib_destroy_qp(ud->side.qp);
	}
	if (!IS_ERR_OR_NULL(ud->ah))
		rdma_destroy_ah(ud->ah, RDMA_DESTROY_AH_SLEEPABLE);
}

static int ud_open(struct ud_side *ud, const struct kv_side *side, const struct kv_side *peer)
{
	int err;

	ud->side = *side;
	ud->side.qp = NULL;
	err = create_qp(&ud->side) ?: to_rts(&ud->side) ?: create_ah(ud, peer->gid);
	if (err)
		pr_err("no UD QP with an address: %d\n", err);
	return err;
}

static struct ib_ud_wr ud_send(struct ib_ah *ah, u32 qpn, struct ib_sge *sge, int num_sge)
{
	return (struct ib_ud_wr) {
		.wr = { .opcode = IB_WR_SEND, .sg_list = sge, .num_sge = num_sge },
		.ah = ah,
		.remote_qpn = qpn,
		.remote_qkey = KV_QKEY,
	};
}

/* Who receives replies to where it came from, as the connection manager does */
static int reply(struct ud_pair *pair, const struct ib_wc *wc, const struct ib_grh *grh)
{
	struct ib_sge from = kv_sge(&pair->b.side, 1, 0, 7);
	struct ib_sge to = kv_sge(&pair->a.side, 2, 0, KV_GRH + 7);
	struct ib_ud_wr wr;
	struct kv_op *recv = &pair->a.recv;
	struct ib_ah *ah;
	int err;

	ah = ib_create_ah_from_wc(pair->b.side.pd, wc, grh, KV_PORT);
	if (IS_ERR(ah))
		return check(false, "no address from a completion");
	wr = ud_send(ah, wc->src_qp, &from, 1);
	err = kv_post_recv(&pair->a.side, &to, 1, recv) ?:
	      kv_run(&pair->b.side, &wr.wr, IB_WC_SUCCESS, "answer") ?:
	      kv_wait(recv, IB_WC_SUCCESS, "receipt of the answer") ?:
	      check(recv->wc.src_qp == pair->b.side.qp->qp_num &&
		    !memcmp(pair->a.side.buf[2] + KV_GRH, pair->b.side.buf[1], 7),
		    "answer: not what was sent");
	rdma_destroy_ah(ah, RDMA_DESTROY_AH_SLEEPABLE);
	return err;
}

/* In pieces, to a place where the address and the first half fill one piece */
static int send_one(struct ud_pair *pair, u32 length, bool is_inline)
{
	const int flags = IB_WC_GRH | IB_WC_WITH_NETWORK_HDR_TYPE | IB_WC_WITH_IMM;
	u32 half = length / 2, rest = length - half;
	struct ib_sge from[2] = { kv_sge(&pair->a.side, 3, 1, half),
				  kv_sge(&pair->a.side, 4, 3, rest) };
	struct ib_sge to[2] = { kv_sge(&pair->b.side, 5, 0, KV_GRH + half),
				kv_sge(&pair->b.side, 6, 0, KV_MTU) };
	struct ib_ud_wr wr = ud_send(pair->a.ah, pair->b.side.qp->qp_num, from, 2);
	const u8 *grh = pair->b.side.buf[5];
	struct kv_op *recv = &pair->b.recv;
	int err;

	wr.wr.opcode = IB_WR_SEND_WITH_IMM;
	wr.wr.ex.imm_data = cpu_to_be32(length);
	if (is_inline) {
		wr.wr.send_flags = IB_SEND_INLINE;
		from[0].addr = (uintptr_t)pair->a.side.buf[3] + 1;
		from[1].addr = (uintptr_t)pair->a.side.buf[4] + 3;
	}
	kv_fill(&pair->a.side, length);
	kv_fill(&pair->b.side, ~length);
	err = kv_post_recv(&pair->b.side, to, 2, recv) ?:
	      kv_run(&pair->a.side, &wr.wr, IB_WC_SUCCESS, "datagram") ?:
	      kv_wait(recv, IB_WC_SUCCESS, "receipt of a datagram");
	if (err)
		return err;
	return check(recv->wc.byte_len == KV_GRH + length &&
		     recv->wc.src_qp == pair->a.side.qp->qp_num &&
		     recv->wc.network_hdr_type == RDMA_NETWORK_IPV4 &&
		     recv->wc.wc_flags == flags && recv->wc.ex.imm_data == cpu_to_be32(length),
		     "datagram: wrong completion") ?:
	       check(!memcmp(grh + KV_GRH, pair->a.side.buf[3] + 1, half) &&
		     !memcmp(pair->b.side.buf[6], pair->a.side.buf[4] + 3, rest),
		     "datagram: wrong data") ?:
	       reply(pair, &recv->wc, (const struct ib_grh *)grh);
}

static int send_all(struct ud_pair *pair)
{
	static const u32 lengths[] = { 0, 1, 2, 16, 17, 63, 64, 500, KV_MTU - 1, KV_MTU };
	int err = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths) && !err; i++) {
		err = send_one(pair, lengths[i], false);
		if (lengths[i] <= KV_INLINE)
			err = err ?: send_one(pair, lengths[i], true);
	}
	return err;
}

static int refused(struct kv_side *side, struct ib_send_wr *wr, int wanted, const char *what)
{
	struct kv_op op;
	int err;

	kv_op_init(side, &op);
	wr->wr_cqe = &op.cqe;
	err = ib_post_send(side->qp, wr, NULL);
	return err == wanted ? 0 : check(false, what);
}

/* A datagram that is not for the QP is nothing to it; one that is too long ends who sends it */
static int send_wrong(struct ud_pair *pair)
{
	struct ib_sge to = kv_sge(&pair->b.side, 0, 0, PAGE_SIZE);
	struct ib_sge from[2] = { kv_sge(&pair->a.side, 0, 0, 8),
				  kv_sge(&pair->a.side, 1, 0, KV_MTU) };
	u32 qpn = pair->b.side.qp->qp_num;
	struct ib_ud_wr good = ud_send(pair->a.ah, qpn, from, 1), qkey = good, lost = good;
	struct ib_ud_wr no_ah = good, longer = ud_send(pair->a.ah, qpn, from, 2);
	struct ib_rdma_wr write = { .wr.opcode = IB_WR_RDMA_WRITE };
	struct kv_side *a = &pair->a.side;
	struct kv_op *recv = &pair->b.recv;

	qkey.remote_qkey ^= 1;
	lost.remote_qpn ^= 0x800000;
	no_ah.ah = NULL;
	return refused(a, &write.wr, -EOPNOTSUPP, "WRITE of a UD QP not refused") ?:
	       refused(a, &no_ah.wr, -EINVAL, "no address not refused") ?:
	       kv_post_recv(&pair->b.side, &to, 1, recv) ?:
	       kv_run(a, &qkey.wr, IB_WC_SUCCESS, "datagram with another Q_Key") ?:
	       kv_run(a, &lost.wr, IB_WC_SUCCESS, "datagram to nobody") ?:
	       kv_run(a, &good.wr, IB_WC_SUCCESS, "datagram after those") ?:
	       kv_wait(recv, IB_WC_SUCCESS, "receipt after those") ?:
	       check(recv->wc.byte_len == KV_GRH + 8, "a datagram that is for nobody came") ?:
	       kv_run(a, &longer.wr, IB_WC_LOC_LEN_ERR, "datagram longer than a packet");
}

static int with_pair(struct kv_pair *sides, int (*run)(struct ud_pair *pair))
{
	struct ud_pair *pair;
	int err;

	pair = kzalloc(sizeof(*pair), GFP_KERNEL);
	if (!pair)
		return -ENOMEM;
	err = ud_open(&pair->a, &sides->a, &sides->b) ?: ud_open(&pair->b, &sides->b, &sides->a);
	err = err ?: run(pair);
	ud_close(&pair->a);
	ud_close(&pair->b);
	kfree(pair);
	return err;
}

int kv_test_datagrams(struct kv_pair *pair)
{
	return with_pair(pair, send_all) ?: with_pair(pair, send_wrong);
}

/* Each once: receives are flushed, sends may have left before */
static int drain(struct ud_pair *pair)
{
	const int n = KV_DEPTH / 2;
	struct kv_side *a = &pair->a.side;
	struct ib_sge sge = kv_sge(a, 0, 0, 100);
	struct ib_ud_wr wr = ud_send(pair->a.ah, a->qp->qp_num ^ 0x800000, &sge, 1);
	struct kv_op *op;
	int i, err = 0;

	op = kcalloc(2 * n, sizeof(*op), GFP_KERNEL);
	if (!op)
		return -ENOMEM;
	for (i = 0; i < n && !err; i++)
		err = kv_post_recv(a, &sge, 1, &op[i]) ?: kv_post(a, &wr.wr, &op[n + i]);
	ib_drain_qp(a->qp);
	for (i = 0; i < 2 * n && !err; i++)
		err = check(op[i].count == 1, "not complete after ib_drain_qp") ?:
		      check(op[i].status == IB_WC_WR_FLUSH_ERR ||
			    (i >= n && op[i].status == IB_WC_SUCCESS), "wrong status");
	/* Its last entries are those of ib_drain_qp(), so the handler has let go of ours */
	kfree(op);
	return err;
}

int kv_test_datagram_drain(struct kv_pair *pair)
{
	int round, err = 0;

	for (round = 0; round < 4 && !err; round++)
		err = with_pair(pair, drain);
	return err;
}
