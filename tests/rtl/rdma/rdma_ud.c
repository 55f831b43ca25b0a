// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Unreliable datagrams, and QP 1 of both nodes. Every QP sends to every QP, of the other node, of its
 * own, and to itself, by each GID. When all is quiet each request must have its completion, and what was
 * received must be right in every byte and every field that a work completion is made of: all on a clean
 * wire, some of it in order on a bad one. Then what goes wrong on purpose.
 */

#include <stdlib.h>
#include <string.h>

#include "rdma_area.h"
#include "rdma_expect.h"
#include "rdma_programs.h"
#include "tb_mem.h"

#define QPS 4u			/* of each node; the last one is QP 1 */
#define ENDS (NODES * QPS)
#define GSI_END(node) ((node) * QPS + QPS - 1)
#define BATCH 16u		/* messages that a QP sends */
#define RECVS 128u
#define HEADER 40u
#define SLOT 0x1400u
#define MTU 4096u
#define PD 9u
#define PAGE 44u
#define FIRST_QPN 60u
#define QKEY 0x11111111u
#define GSI_QKEY 0x80010000u
#define BAD_KEY 0x7700u

struct ud_msg {
	uint64_t seed;
	uint32_t to;		/* end */
	uint32_t len, imm;
	bool with_imm, solicited, signaled, seen;
	enum gid gid;
	struct ud_addr addr;
	uint16_t wqe;
};

/* A QP, what it has sent and where it receives */
struct end {
	struct qp qp;
	uint32_t node, qkey;
	struct ud_msg msgs[BATCH];
	uint32_t count, sent;
	uint16_t recvs[RECVS];
	uint32_t recv_count, received;
	uint32_t next[ENDS];	/* first message of each sender that may still come */
};

static struct cq cqs[NODES];
static struct mr mrs[NODES];
static struct end ends[ENDS];
static uint64_t next_seed = 1;
static uint64_t total, arrived;

static uint64_t send_place(uint32_t e, uint32_t n)
{
	return ((uint64_t)(e % QPS) * (BATCH + RECVS) + n) * SLOT;
}

static uint64_t recv_place(uint32_t e, uint32_t n)
{
	return send_place(e, BATCH + n);
}

static void start_end(uint32_t e)
{
	struct end *end = &ends[e];
	bool gsi = e % QPS == QPS - 1;
	const struct qp_attr attr = { .pd = PD, .page = gsi ? 0 : PAGE, .log_sq = 7, .log_rq = 7,
		.log_stride = 2, .level = e & 1, .type = gsi ? TERN_HW_QP_TYPE_GSI : TERN_HW_QP_TYPE_UD };

	memset(end, 0, sizeof(*end));
	end->node = e / QPS;
	end->qkey = gsi ? GSI_QKEY : QKEY + e;
	qp_create(&end->qp, end->node, gsi ? 1 : FIRST_QPN + e % QPS, &cqs[end->node],
		  &cqs[end->node], &attr);
	qp_start_ud(&end->qp, TERN_HW_MTU_M4096, end->qkey, 0xfffff8);
}

static void bring_up(void)
{
	const struct mr_attr region = { .va = 0x7d0000005000, .length = send_place(QPS, 0) + (1ull << 16) +
		(uint64_t)QPS * (BATCH + RECVS) * SLOT, .pd = PD, .access = 1 };

	for (uint32_t i = 0; i < NODES; i++) {
		node_bring_up(i, i == 1);
		cq_create(&cqs[i], i, 55, PAGE, 11, i, NO_CEQ);
		mr_create(&mrs[i], i, 6, &region);
	}
	for (uint32_t e = 0; e < ENDS; e++)
		start_end(e);
}

/* ---------------------------------------------------------------------------------- posting */

static void fill(uint32_t node, uint64_t at, uint64_t seed, uint32_t len)
{
	static uint8_t bytes[MTU];

	message_bytes(seed, 0, bytes, len);
	mr_put(&mrs[node], at, bytes, len);
}

static struct ud_addr address(uint32_t to, enum gid gid)
{
	const struct end *end = &ends[to];
	struct ud_addr addr = { .qpn = end->qp.qpn, .qkey = end->qkey, .sgid = gid,
		.flow_label = rnd(1u << 20), .pcp = rnd(8), .tclass = rnd(256) & 0xfc,
		.hop_limit = rnd_range(1, 255), .mac = node_mac(end->node) };

	node_gid(end->node, gid, addr.dgid);
	return addr;
}

static void make_wr(uint32_t e, uint64_t from, const struct ud_msg *msg, struct wr *wr)
{
	uint32_t node = ends[e].node;

	memset(wr, 0, sizeof(*wr));
	wr->op = msg->with_imm ? TERN_HW_WQE_OP_SEND_IMM : TERN_HW_WQE_OP_SEND;
	wr->flags = (msg->signaled ? WR_SIGNALED : 0) | (msg->solicited ? WR_SOLICITED : 0);
	wr->imm = msg->imm;
	wr->ud = &msg->addr;
	if (msg->len <= MAX_INLINE && chance(50)) {
		wr->flags |= WR_INLINE;
		wr->data_len = msg->len;
		message_bytes(msg->seed, 0, wr->data, msg->len);
		return;
	}
	fill(node, from, msg->seed, msg->len);
	wr->num_sge = msg->len ? rnd_range(1, chance(80) ? 3 : 16) : rnd(2);
	wr_split(wr, &mrs[node], from, msg->len);
}

static uint32_t any_length(void)
{
	static const uint32_t edges[] = { 0, 1, 16, 17, 80, 81, 224, 225, 1024, MTU - 1, MTU };

	return chance(30) ? edges[rnd(sizeof(edges) / sizeof(edges[0]))] :
	       chance(70) ? rnd(300) : rnd(MTU + 1);
}

static void post_message(uint32_t e)
{
	struct end *end = &ends[e];
	uint32_t n = end->count++;
	struct ud_msg *msg = &end->msgs[n];
	struct wr wr;

	memset(msg, 0, sizeof(*msg));
	msg->seed = next_seed++;
	msg->to = rnd(ENDS);
	/* Nobody but QP 1 can send to QP 1 */
	while ((e == GSI_END(0) || e == GSI_END(1)) != (msg->to == GSI_END(0) || msg->to == GSI_END(1)))
		msg->to = rnd(ENDS);
	msg->len = any_length();
	msg->with_imm = chance(40);
	msg->imm = (uint32_t)rnd64();
	msg->solicited = chance(30);
	msg->signaled = chance(70) || n == BATCH - 1;
	msg->gid = (enum gid)rnd(GIDS);
	msg->addr = address(msg->to, msg->gid);
	make_wr(e, send_place(e, n) + rnd(64), msg, &wr);
	msg->wqe = qp_post_send(&end->qp, &wr);
	if (chance(40))
		qp_push_sq(&end->qp);
	else
		qp_ring_sq(&end->qp);
	total++;
}

static void post_receive(uint32_t e)
{
	struct end *end = &ends[e];
	uint32_t n = end->recv_count++, node = end->node, count = rnd_range(1, 4), at = 0;
	struct sge sge[4];

	for (uint32_t k = 0; k < count; k++) {
		uint32_t part = k + 1 == count ? HEADER + MTU - at : rnd(chance(50) ? 100 : HEADER + MTU - at);

		sge[k] = (struct sge){ mrs[node].attr.va + recv_place(e, n) + at, part, mrs[node].key };
		at += part;
		if (at >= HEADER + MTU)
			at = HEADER + MTU;
	}
	end->recvs[n] = qp_post_recv(&end->qp, sge, count);
}

/* -------------------------------------------------------------------------------- completions */

static uint32_t end_of(uint32_t node, uint32_t qpn)
{
	check(qpn == 1 || (qpn >= FIRST_QPN && qpn < FIRST_QPN + QPS - 1), "node %u: QPN %u", node, qpn);
	return qpn == 1 ? GSI_END(node) : node * QPS + qpn - FIRST_QPN;
}

static void take_send(uint32_t node, const struct cqe *cqe)
{
	struct end *end = &ends[end_of(node, cqe->qpn)];

	while (end->sent < end->count && !end->msgs[end->sent].signaled)
		end->sent++;
	check(end->sent < end->count, "node %u QP %u: one send CQE too many", node, cqe->qpn);
	check(!cqe->status && cqe->wqe_index == end->msgs[end->sent].wqe,
	      "node %u QP %u: send CQE of entry %u, status %u; entry %u is due", node, cqe->qpn,
	      cqe->wqe_index, cqe->status, end->msgs[end->sent].wqe);
	end->sent++;
}

/* Which node a message comes from: its source address, of which GID */
static uint32_t sender(const uint8_t *header, bool ipv4, enum gid *gid)
{
	uint8_t octets[16], src[16] = { 0 };

	if (ipv4) {
		src[10] = src[11] = 0xff;
		memcpy(src + 12, header + 20 + 12, 4);
	} else {
		memcpy(src, header + 8, 16);
	}
	for (uint32_t i = 0; i < NODES; i++)
		for (enum gid g = 0; g < GIDS; g++) {
			node_gid(i, g, octets);
			if (!memcmp(octets, src, 16)) {
				*gid = g;
				return i;
			}
		}
	fail("a message from an unknown address");
}

/*
 * What routers may change is in no checksum of IPv6 (the ICRC takes it for ones, A17.3.3), and
 * nor is the VLAN tag: damage to it goes unseen.
 */
static bool damaging;

static bool right_ipv6_way(const struct ud_addr *a, const uint8_t *h)
{
	return damaging || (h[0] == (0x60 | a->tclass >> 4) &&
			    h[1] == (uint8_t)(a->tclass << 4 | a->flow_label >> 16) &&
			    h[2] == (uint8_t)(a->flow_label >> 8) &&
			    h[3] == (uint8_t)a->flow_label && h[7] == a->hop_limit);
}

static void check_header(const struct ud_msg *msg, const uint8_t *h, const struct cqe *cqe)
{
	const struct ud_addr *a = &msg->addr;
	const uint8_t *ip = h + 20;
	uint32_t udp = 8 + 12 + 8 + (msg->with_imm ? 4 : 0) + ((msg->len + 3) & ~3u) + 4, sum = 0;
	bool ipv4 = msg->gid == GID_IPV4 || msg->gid == GID_IPV4_VLAN;
	bool vlan = msg->gid == GID_IPV4_VLAN || msg->gid == GID_IPV6_VLAN;

	check(cqe->grh && cqe->ipv4 == ipv4 && cqe->vlan == vlan,
	      "CQE: grh %u, IPv4 %u, VLAN %u of GID %u", cqe->grh, cqe->ipv4, cqe->vlan, msg->gid);
	check((cqe->tci & (damaging ? 0xfff : 0xffff)) ==
	      (vlan ? (damaging ? 0 : a->pcp << 13) | gid_vid(msg->gid) : 0), "CQE: VLAN tag %04x", cqe->tci);
	if (!ipv4) {
		check(right_ipv6_way(a, h) && (uint32_t)(h[4] << 8 | h[5]) == udp && h[6] == 17 &&
		      !memcmp(h + 24, a->dgid, 16), "IPv6 header of a message of %u bytes", msg->len);
		return;
	}
	for (uint32_t k = 0; k < 20; k += 2)
		sum += (uint32_t)(ip[k] << 8 | ip[k + 1]);
	check(ip[0] == 0x45 && ip[1] == a->tclass && (uint32_t)(ip[2] << 8 | ip[3]) == 20 + udp &&
	      ip[8] == a->hop_limit && ip[9] == 17 && !memcmp(ip + 16, a->dgid + 12, 4) &&
	      (sum & 0xffff) + (sum >> 16) == 0xffff, "IPv4 header of a message of %u bytes", msg->len);
}

static bool is_it(const struct ud_msg *msg, uint32_t to, const struct cqe *cqe, const uint8_t *data,
		  enum gid gid)
{
	static uint8_t due[MTU];

	if (msg->seen || msg->to != to || msg->gid != gid || msg->len + HEADER != cqe->len ||
	    msg->with_imm != cqe->with_imm || (msg->with_imm && msg->imm != cqe->imm) ||
	    msg->solicited != cqe->solicited)
		return false;
	message_bytes(msg->seed, 0, due, msg->len);
	return !memcmp(due, data, msg->len);
}

static void take_receive(uint32_t node, const struct cqe *cqe)
{
	static uint8_t bytes[HEADER + MTU];
	uint32_t e = end_of(node, cqe->qpn), n, from;
	struct end *end = &ends[e], *peer;
	enum gid gid = GID_IPV4;

	check(end->received < end->recv_count, "node %u QP %u: one receive CQE too many", node,
	      cqe->qpn);
	check(!cqe->status && cqe->wqe_index == end->recvs[end->received] && cqe->len >= HEADER &&
	      cqe->len <= HEADER + MTU, "node %u QP %u: receive CQE of entry %u, status %u, %u bytes",
	      node, cqe->qpn, cqe->wqe_index, cqe->status, cqe->len);
	mr_get(&mrs[node], recv_place(e, end->received), bytes, cqe->len);
	from = end_of(sender(bytes, cqe->ipv4, &gid), cqe->src_qpn);
	peer = &ends[from];
	for (n = end->next[from]; n < peer->count; n++)
		if (is_it(&peer->msgs[n], e, cqe, bytes + HEADER, gid))
			break;
	check(n < peer->count, "node %u QP %u: %u bytes of QP %u, which has not sent this", node,
	      cqe->qpn, cqe->len, cqe->src_qpn);
	peer->msgs[n].seen = true;
	end->next[from] = n + 1;
	check_header(&peer->msgs[n], bytes, cqe);
	end->received++;
	arrived++;
}

static void poll_all(void)
{
	struct cqe cqe;
	struct ae ae;

	for (uint32_t i = 0; i < NODES; i++) {
		while (cq_poll(&cqs[i], &cqe)) {
			if (cqe.rq)
				take_receive(i, &cqe);
			else
				take_send(i, &cqe);
		}
		while (ae_poll(i, &ae))
			check(ae.code == TERN_HW_AE_CODE_QP_COMM_EST, "node %u: event %x of %u", i, ae.code,
			      ae.id);
	}
}

/* recvs: of each QP. They last for all batches until the QPs are made anew */
static void batch(uint32_t recvs, bool clean)
{
	uint32_t due[ENDS] = { 0 };

	for (uint32_t e = 0; e < ENDS; e++) {
		for (uint32_t k = 0; k < recvs; k++)
			post_receive(e);
		qp_ring_rq(&ends[e].qp);
	}
	for (uint32_t k = 0; k < BATCH; k++)
		for (uint32_t e = 0; e < ENDS; e++) {
			post_message(e);
			if (chance(10))
				poll_all();
		}
	bus_wait_idle("after a batch");
	poll_all();
	for (uint32_t e = 0; e < ENDS; e++)
		for (uint32_t n = 0; n < BATCH; n++)
			due[ends[e].msgs[n].to]++;
	for (uint32_t e = 0; e < ENDS; e++) {
		struct end *end = &ends[e];

		while (end->sent < end->count && !end->msgs[end->sent].signaled)
			end->sent++;
		check(end->sent == end->count, "end %u: %u of %u requests complete", e, end->sent,
		      end->count);
		if (clean)
			check(end->received == (due[e] < recvs ? due[e] : recvs), "end %u: %u of %u messages",
			      e, end->received, due[e]);
	}
	for (uint32_t e = 0; e < ENDS; e++) {
		qp_destroy(&ends[e].qp);
		start_end(e);
	}
}

static void phase(const char *name, uint64_t batches, uint32_t drop, uint32_t corrupt, uint32_t recvs)
{
	uint64_t all = total, came = arrived;
	struct stats stats[NODES];

	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_WIRE_DROP, drop);
		bus_knob(i, KNOB_WIRE_CORRUPT, corrupt);
	}
	damaging = corrupt;
	for (uint64_t k = 0; k < batches; k++)
		batch(recvs, !drop && !corrupt);
	for (uint32_t i = 0; i < NODES; i++) {
		node_stats(i, &stats[i]);
		check(!stats[i].counter[TERN_HW_STAT_TX_ACKS] && !stats[i].counter[TERN_HW_STAT_TX_NAKS] &&
		      !stats[i].counter[TERN_HW_STAT_RX_DROPPED] && !stats[i].counter[TERN_HW_STAT_TX_DROPPED],
		      "node %u answers, or drops", i);
	}
	say("%s: %llu messages, %llu received; without receive %llu and %llu", name,
	    (unsigned long long)(total - all), (unsigned long long)(arrived - came),
	    (unsigned long long)stats[0].counter[TERN_HW_STAT_RX_RNR],
	    (unsigned long long)stats[1].counter[TERN_HW_STAT_RX_RNR]);
}

/* ------------------------------------------------------------------------- what goes wrong */

static uint16_t recv_of(uint32_t e, uint32_t len, uint32_t key)
{
	struct end *end = &ends[e];
	struct sge sge = { mrs[end->node].attr.va + recv_place(e, 0), len, key };
	uint16_t wqe = qp_post_recv(&end->qp, &sge, 1);

	qp_ring_rq(&end->qp);
	return wqe;
}

/* From the first QP of node 0 to the first of node 1, unless it is said otherwise */
static struct ud_msg message(uint32_t to, uint32_t len)
{
	struct ud_msg msg = { .seed = next_seed++, .to = to, .len = len, .signaled = true };

	msg.addr = address(to, GID_IPV6);
	return msg;
}

static uint16_t send(uint32_t e, const struct ud_msg *msg)
{
	struct wr wr;
	uint16_t wqe;

	make_wr(e, send_place(e, 0), msg, &wr);
	wqe = qp_post_send(&ends[e].qp, &wr);
	qp_ring_sq(&ends[e].qp);
	return wqe;
}

#define TO QPS	/* the first end of node 1 */

static void still_works(const char *what)
{
	struct ud_msg msg = message(TO, 3000);
	uint16_t recv = recv_of(TO, HEADER + 3000, mrs[1].key);
	static uint8_t due[3000], is[3000];

	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(0, &msg), what);
	expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_SUCCESS, recv, what);
	message_bytes(msg.seed, 0, due, 3000);
	mr_get(&mrs[1], recv_place(TO, 0) + HEADER, is, 3000);
	check(!memcmp(due, is, 3000), "%s: data", what);
	expect_quiet(cqs, what);
}

/* It is sent and nothing comes of it but a count */
static void lost(const char *what, uint32_t from, const struct ud_msg *msg, uint32_t node,
		 enum tern_hw_stat stat)
{
	struct stats before, after;

	node_stats(node, &before);
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(from, msg), what);
	expect_quiet(cqs, what);
	node_stats(node, &after);
	check(after.counter[stat] == before.counter[stat] + 1, "%s: %s has grown by %llu", what,
	      stat_name(stat), (unsigned long long)(after.counter[stat] - before.counter[stat]));
	still_works(what);
}

static void anew(uint32_t e)
{
	qp_destroy(&ends[e].qp);
	start_end(e);
}

static void own_fault(const char *what, const struct wr *wr, enum tern_hw_wc_status status,
		      enum tern_hw_qp_reason reason)
{
	struct qp *qp = &ends[0].qp;
	uint16_t bad = qp_post_send(qp, wr);

	qp_ring_sq(qp);
	expect_cqe(&cqs[0], false, status, bad, what);
	expect_error(0, qp->qpn, reason, what);
	expect_quiet(cqs, what);
	anew(0);
	still_works(what);
}

static void sender_at_fault(void)
{
	struct ud_msg msg = message(TO, 64);
	struct wr good, wr;

	make_wr(0, send_place(0, 0), &msg, &good);
	good.flags = WR_SIGNALED;
	good.num_sge = 1;
	good.sge[0] = (struct sge){ mrs[0].attr.va + send_place(0, 0), 64, mrs[0].key };
	wr = good;
	wr.sge[0].len = MTU + 1;
	own_fault("a message above the MTU", &wr, TERN_HW_WC_STATUS_LOC_LEN, TERN_HW_QP_REASON_SQ_ENTRY);
	wr = good;
	wr.op = TERN_HW_WQE_OP_WRITE;
	own_fault("WRITE of UD", &wr, TERN_HW_WC_STATUS_LOC_QP_OP, TERN_HW_QP_REASON_SQ_ENTRY);
	wr = good;
	wr.op = TERN_HW_WQE_OP_SEND_INV;
	own_fault("SEND_INV of UD", &wr, TERN_HW_WC_STATUS_LOC_QP_OP, TERN_HW_QP_REASON_SQ_ENTRY);
	wr = good;
	wr.sge[0].key = BAD_KEY;
	own_fault("a wrong lkey", &wr, TERN_HW_WC_STATUS_LOC_PROT, TERN_HW_QP_REASON_SQ_ACCESS);
	wr = good;
	msg.addr.sgid = 200;
	own_fault("a GID out of range", &wr, TERN_HW_WC_STATUS_LOC_QP_OP, TERN_HW_QP_REASON_SQ_ENTRY);
}

static void lost_messages(void)
{
	struct ud_msg msg = message(TO, 100);

	msg.addr.qkey ^= 1;
	lost("a wrong Q_Key", 0, &msg, 1, TERN_HW_STAT_RX_QKEY);
	/* Only the kernel may send with it, and this QP has another one */
	msg = message(GSI_END(1), 100);
	lost("a Q_Key that is not its own", 0, &msg, 1, TERN_HW_STAT_RX_QKEY);
	msg = message(TO, 100);
	lost("no receive", 0, &msg, 1, TERN_HW_STAT_RX_RNR);
	msg = message(TO, 100);
	msg.addr.sgid = 77;
	lost("a GID that is not there", 0, &msg, 0, TERN_HW_STAT_TX_DROPPED);
	msg = message(TO, 100);
	msg.addr.qpn = 99;
	lost("a QP that is not there", 0, &msg, 1, TERN_HW_STAT_RX_QP);
}

static void receiver_at_fault(void)
{
	static const uint32_t lens[] = { 0, 30, HEADER, HEADER + 1999 };
	struct ud_msg msg = message(TO, 2000);
	uint16_t recv, next;

	for (uint32_t k = 0; k < sizeof(lens) / sizeof(lens[0]); k++) {
		recv = recv_of(TO, lens[k], mrs[1].key);
		expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(0, &msg), "a small receive");
		expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_LOC_LEN, recv, "a small receive");
		still_works("after a small receive");
	}
	recv = recv_of(TO, MTU, BAD_KEY);
	next = recv_of(TO, MTU, mrs[1].key);
	expect_cqe(&cqs[0], false, TERN_HW_WC_STATUS_SUCCESS, send(0, &msg), "a receive with a wrong key");
	expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_LOC_PROT, recv, "a receive with a wrong key");
	expect_cqe(&cqs[1], true, TERN_HW_WC_STATUS_WR_FLUSH, next, "a receive with a wrong key");
	expect_error(1, ends[TO].qp.qpn, TERN_HW_QP_REASON_RQ_ACCESS, "a receive with a wrong key");
	expect_quiet(cqs, "a receive with a wrong key");
	anew(TO);
	still_works("after a receive with a wrong key");
}

void program_ud(void)
{
	uint64_t count = bus_count_wanted() ? bus_count_wanted() : 8;

	bus_wait_idle("after reset");
	bring_up();
	phase("clean", count, 0, 0, RECVS - 8);
	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_MEM_STALL, 20);
		bus_knob(i, KNOB_MEM_LAT_MAX, 200);
		bus_knob(i, KNOB_WIRE_STALL, 15);
	}
	phase("stalls, few receives", count, 0, 0, 9);
	phase("3 % loss", count, 3000, 0, RECVS - 8);
	phase("10 % loss, 2 % damage, few receives", count, 10000, 2000, 9);
	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_WIRE_DROP, 0);
		bus_knob(i, KNOB_WIRE_CORRUPT, 0);
	}
	lost_messages();
	sender_at_fault();
	receiver_at_fault();
	say("faults of either side");
	bus_wait_idle("at the end");
}
