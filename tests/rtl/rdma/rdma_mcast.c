// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Multicast. QPs of both nodes are in groups of IPv4 and IPv6 and send to them, with and without a VLAN,
 * and to single QPs too, beside RC traffic. Each message must reach the QPs that were in its group all the
 * time, must not reach those that never were while it may have been on its way, and all others at most once:
 * with the right bytes, and in the order of its sender, but that one to the QP alone may come before one to a
 * group. Groups change and QPs go away while messages come;
 * what a QP that is gone could have written to is watched. Then single messages whose end is known (frames of
 * groups that nobody is in are the netdev's), and the limits.
 */

#include <stdlib.h>
#include <string.h>

#include "rdma_netdev.h"
#include "rdma_programs.h"
#include "rdma_traffic.h"
#include "tb_mem.h"

#define QPS 6u			/* of each node */
#define ENDS (NODES * QPS)
#define SENDERS 4u		/* the first of each node; the others go away while messages come */
#define TEAMS 6u		/* groups; GROUPS are others */
#define LONE 6u			/* a group that nobody is in, and one with the MAC of group 1 */
#define TWIN 7u
#define BATCH 16u		/* messages of a sender */
#define CASTS (NODES * SENDERS * BATCH)
#define BUFFERS 200u
#define HEADER 40u
#define SLOT 0x1400u
#define MTU 4096u
#define PD 77u
#define PAGE 60u
#define CQ 40u
#define MR 900u
#define FIRST_QPN 200u
#define QKEY 0x11112222u
#define PATIENCE 100000u	/* times 20 cycles */

#define PARAM ((uint32_t)TERN_HW_CQP_MAJOR_PARAM << 16)
#define STATE ((uint32_t)TERN_HW_CQP_MAJOR_STATE << 16)

struct cast {
	uint64_t seed;
	uint32_t from, len, imm;
	uint32_t team;		/* TEAMS: to one QP */
	uint32_t must, may, got;	/* ends */
	bool with_imm, solicited, signaled, ipv4, vlan;
	struct ud_addr addr;
	uint16_t wqe;
};

struct member {
	struct qp qp;
	uint32_t node, qkey;
	bool here;
	uint16_t recvs[BUFFERS];
	uint32_t recv_count, received;
	uint32_t next[ENDS][2];	/* first message of each sender that may still come: to it alone, to groups */
	uint32_t sent;		/* first of its own that is not known to be complete */
};

enum part { OUT, IN, IN_NO_OWN };

static struct cq cqs[NODES];
static struct mr mrs[NODES];
static struct member ends[ENDS];
static enum part in[TEAMS][ENDS];
static struct cast casts[CASTS];
static uint32_t cast_count;
static uint64_t next_seed = 1, total, copies;

static uint64_t send_place(uint32_t n)
{
	return (uint64_t)QPS * BUFFERS * SLOT + (uint64_t)n * SLOT;
}

static uint64_t recv_place(uint32_t e, uint32_t n)
{
	return ((uint64_t)(e % QPS) * BUFFERS + n) * SLOT;
}

static bool team_is_ipv4(uint32_t team)
{
	return team & 1;
}

static void team_gid(uint32_t team, uint8_t octets[16])
{
	memset(octets, 0, 16);
	if (team_is_ipv4(team)) {
		octets[10] = octets[11] = 0xff;
		octets[12] = 239;
		octets[13] = (uint8_t)(team == TWIN ? 0x80 | 1 : team);
		octets[14] = 7;
		octets[15] = 3;
	} else {
		octets[0] = 0xff;
		octets[1] = 0x1e;
		octets[7] = (uint8_t)team;
		octets[15] = (uint8_t)(2 + team);
	}
}

static uint64_t team_mac(uint32_t team)
{
	uint8_t g[16];

	team_gid(team, g);
	return group_mac(team_is_ipv4(team), g);
}

/* -------------------------------------------------------------------------------- groups */

static void attach(uint32_t e, uint32_t team, bool no_own)
{
	uint8_t gid[16];
	uint32_t err;

	team_gid(team, gid);
	err = node_group_try(ends[e].node, TERN_HW_CQP_OP_ATTACH_MCAST, ends[e].qp.qpn, gid, no_own, NULL);
	check(!err, "end %u, group %u: ATTACH_MCAST: %08x", e, team, err);
	/* What was sent before may still come, and by the old rule or the new */
	for (uint32_t n = 0; n < cast_count; n++) {
		struct cast *c = &casts[n];

		if (c->team != team)
			continue;
		if (!no_own || ends[c->from].node != ends[e].node)
			c->may |= 1u << e;
		else
			c->must &= ~(1u << e);
	}
	in[team][e] = no_own ? IN_NO_OWN : IN;
}

static void left(uint32_t e, uint32_t team)
{
	for (uint32_t n = 0; n < cast_count; n++)
		if (casts[n].team == team)
			casts[n].must &= ~(1u << e);
	in[team][e] = OUT;
}

static void detach(uint32_t e, uint32_t team)
{
	uint8_t gid[16];
	uint32_t err;

	team_gid(team, gid);
	err = node_group_try(ends[e].node, TERN_HW_CQP_OP_DETACH_MCAST, ends[e].qp.qpn, gid, false, NULL);
	check(err == (in[team][e] == OUT ? STATE | TERN_HW_CQP_MINOR_MISSING : 0),
	      "end %u, group %u: DETACH_MCAST: %08x", e, team, err);
	left(e, team);
}

static void make_end(uint32_t e)
{
	struct member *end = &ends[e];
	const struct qp_attr attr = { .pd = PD, .page = PAGE, .log_sq = 7, .log_rq = 8, .log_stride = 2,
		.level = e & 1, .type = TERN_HW_QP_TYPE_UD };

	memset(end, 0, sizeof(*end));
	end->node = e / QPS;
	/* One of each node has another key, and gets nothing of a group's */
	end->qkey = e % QPS == SENDERS - 1 ? QKEY + e : QKEY;
	end->here = true;
	qp_create(&end->qp, end->node, FIRST_QPN + e % QPS, &cqs[end->node], &cqs[end->node], &attr);
	qp_start_ud(&end->qp, TERN_HW_MTU_M4096, end->qkey, rnd(1u << 24));
}

static void post_receives(uint32_t e, uint32_t count)
{
	struct member *end = &ends[e];

	while (count-- && end->recv_count < BUFFERS) {
		uint32_t n = end->recv_count++, first = rnd(HEADER + 60);
		uint64_t at = mrs[end->node].attr.va + recv_place(e, n);
		const struct sge sge[2] = { { at, first, mrs[end->node].key },
			{ at + first, HEADER + MTU - first, mrs[end->node].key } };

		end->recvs[n] = qp_post_recv(&end->qp, sge, 2);
	}
	qp_ring_rq(&end->qp);
}

/* ------------------------------------------------------------------------------- sending */

static void aim(struct cast *c)
{
	uint32_t to = rnd(ENDS);
	uint8_t gid[16];

	c->addr = (struct ud_addr){ .qkey = QKEY, .flow_label = rnd(1u << 20), .pcp = rnd(8),
		.tclass = rnd(256) & 0xfc, .hop_limit = rnd_range(1, 255) };
	c->addr.sgid = c->ipv4 ? c->vlan ? GID_IPV4_VLAN : GID_IPV4 : c->vlan ? GID_IPV6_VLAN : GID_IPV6;
	if (c->team < TEAMS) {
		c->addr.qpn = ALL_QPNS;
		c->addr.mac = team_mac(c->team);
		team_gid(c->team, c->addr.dgid);
		for (uint32_t e = 0; e < ENDS; e++)
			if (in[c->team][e] != OUT && ends[e].here && ends[e].qkey == QKEY &&
			    (in[c->team][e] == IN || ends[e].node != ends[c->from].node))
				c->must |= 1u << e;
	} else {
		c->addr.qpn = ends[to].qp.qpn;
		c->addr.qkey = ends[to].qkey;
		c->addr.mac = node_mac(ends[to].node);
		node_gid(ends[to].node, c->addr.sgid, gid);
		memcpy(c->addr.dgid, gid, 16);
		c->must = ends[to].here ? 1u << to : 0;
		c->may = 1u << to;	/* it may be there again when the message comes */
		return;
	}
	c->may = c->must;
}

static uint16_t post(uint32_t e, const struct cast *c, uint32_t place)
{
	static uint8_t bytes[MTU];
	struct member *end = &ends[e];
	struct wr wr = { .op = c->with_imm ? TERN_HW_WQE_OP_SEND_IMM : TERN_HW_WQE_OP_SEND, .imm = c->imm,
		.flags = (c->signaled ? WR_SIGNALED : 0) | (c->solicited ? WR_SOLICITED : 0),
		.ud = &c->addr };
	uint64_t at = send_place(place);

	message_bytes(c->seed, 0, bytes, c->len);
	if (c->len <= MAX_INLINE && chance(50)) {
		wr.flags |= WR_INLINE;
		wr.data_len = c->len;
		memcpy(wr.data, bytes, c->len);
	} else {
		mr_put(&mrs[end->node], at, bytes, c->len);
		wr.num_sge = 1;
		wr.sge[0] = (struct sge){ mrs[end->node].attr.va + at, c->len, mrs[end->node].key };
	}
	return qp_post_send(&end->qp, &wr);
}

static void post_cast(uint32_t e)
{
	struct cast *c = &casts[cast_count];

	memset(c, 0, sizeof(*c));
	c->seed = next_seed++;
	c->from = e;
	c->team = chance(80) ? rnd(TEAMS) : TEAMS;
	c->ipv4 = c->team < TEAMS ? team_is_ipv4(c->team) : chance(50);
	c->vlan = chance(30);
	/* No two are the same */
	c->len = chance(70) ? rnd_range(8, 200) : chance(50) ? rnd_range(8, MTU) : MTU;
	c->with_imm = chance(40);
	c->imm = (uint32_t)rnd64();
	c->solicited = chance(30);
	c->signaled = chance(70);
	aim(c);
	c->wqe = post(e, c, cast_count++);
	if (chance(40))
		qp_push_sq(&ends[e].qp);
	else
		qp_ring_sq(&ends[e].qp);
	total++;
}

/* ---------------------------------------------------------------------------- completions */

static void take_send(uint32_t e, const struct cqe *cqe)
{
	struct member *end = &ends[e];

	while (end->sent < cast_count && (casts[end->sent].from != e || !casts[end->sent].signaled))
		end->sent++;
	check(end->sent < cast_count && !cqe->status && cqe->wqe_index == casts[end->sent].wqe,
	      "end %u: send CQE of entry %u, status %u", e, cqe->wqe_index, cqe->status);
	end->sent++;
}

static bool is_it(const struct cast *c, const struct cqe *cqe, const uint8_t *bytes)
{
	static uint8_t due[MTU];

	if (c->len + HEADER != cqe->len || c->with_imm != cqe->with_imm || c->ipv4 != cqe->ipv4 ||
	    c->vlan != cqe->vlan || (c->with_imm && c->imm != cqe->imm) ||
	    c->solicited != cqe->solicited)
		return false;
	message_bytes(c->seed, 0, due, c->len);
	return !memcmp(due, bytes + HEADER, c->len);
}

/* Its node is in the source address */
static uint32_t sender_of(const struct cqe *cqe, const uint8_t *bytes)
{
	uint32_t node = (cqe->ipv4 ? bytes[20 + 15] : bytes[8 + 15]) - 1u;

	check(node < NODES && cqe->src_qpn >= FIRST_QPN && cqe->src_qpn < FIRST_QPN + SENDERS,
	      "a message of QP %u of node %u", cqe->src_qpn, node);
	return node * QPS + cqe->src_qpn - FIRST_QPN;
}

static void take_receive(uint32_t e, const struct cqe *cqe)
{
	static uint8_t bytes[HEADER + MTU];
	struct member *end = &ends[e];
	struct cast *c;
	uint32_t n, from, kind;

	check(end->here && end->received < end->recv_count && !cqe->status && cqe->grh &&
	      cqe->wqe_index == end->recvs[end->received] && cqe->len >= HEADER &&
	      cqe->len <= HEADER + MTU, "end %u: receive CQE of entry %u, status %u, %u bytes", e,
	      cqe->wqe_index, cqe->status, cqe->len);
	mr_get(&mrs[end->node], recv_place(e, end->received), bytes, cqe->len);
	from = sender_of(cqe, bytes);
	for (n = 0; n < cast_count; n++)
		if (casts[n].from == from && !(casts[n].got & 1u << e) && is_it(&casts[n], cqe, bytes))
			break;
	check(n < cast_count, "end %u: %u bytes that end %u has not sent, or too often", e, cqe->len, from);
	c = &casts[n];
	kind = c->team < TEAMS;
	check(n >= end->next[from][kind], "end %u got message %u of end %u late", e, n, from);
	check(c->may & 1u << e, "end %u got message %u of end %u to group %u", e, n, from, c->team);
	check(!memcmp(bytes + (c->ipv4 ? 36 : 24), c->addr.dgid + (c->ipv4 ? 12 : 0), c->ipv4 ? 4 : 16),
	      "end %u: destination of message %u", e, n);
	c->got |= 1u << e;
	end->next[from][kind] = n + 1;
	end->received++;
	copies++;
}

static void poll_all(void)
{
	struct cqe cqe;
	struct ae ae;

	for (uint32_t i = 0; i < NODES; i++) {
		while (cq_poll(&cqs[i], &cqe)) {
			uint32_t e = i * QPS + cqe.qpn - FIRST_QPN;

			check(cqe.qpn >= FIRST_QPN && cqe.qpn < FIRST_QPN + QPS, "node %u: QPN %u", i, cqe.qpn);
			if (cqe.rq)
				take_receive(e, &cqe);
			else
				take_send(e, &cqe);
		}
		while (ae_poll(i, &ae))
			check(ae.code == TERN_HW_AE_CODE_QP_COMM_EST, "node %u: event %x of %u", i, ae.code,
			      ae.id);
	}
}

/* --------------------------------------------------------------------------------- batches */

/* All that it could receive to is filled; it must stay so */
static void watch(uint32_t e, bool look)
{
	const struct mr *mr = &mrs[e / QPS];

	for (uint32_t n = 0; n < BUFFERS; n++)
		for (uint32_t at = 0; at < HEADER + MTU; at += 64) {
			uint64_t w, due = 0x5a5a000000000000ull | n << 16 | at;

			if (look) {
				mr_get(mr, recv_place(e, n) + at, &w, 8);
				check(w == due, "end %u was destroyed, and receive %u was written to", e, n);
			} else {
				mr_put(mr, recv_place(e, n) + at, &due, 8);
			}
		}
}

static void destroy_end(uint32_t e)
{
	qp_destroy(&ends[e].qp);
	poll_all();
	ends[e].here = false;
	for (uint32_t team = 0; team < TEAMS; team++)
		left(e, team);
	for (uint32_t n = 0; n < cast_count; n++)
		casts[n].must &= ~(1u << e);
	watch(e, false);
}

static void churn(void)
{
	uint32_t e = rnd(ENDS), team = rnd(TEAMS), last = rnd(NODES) * QPS + SENDERS + rnd(QPS - SENDERS);

	switch (rnd(5)) {
	case 0:
		if (ends[e].here)
			detach(e, team);
		break;
	case 1:
	case 2:
		if (ends[e].here && in[team][e] != OUT)
			detach(e, team);
		break;
	case 3:
		if (ends[e].here)
			attach(e, team, chance(30));
		break;
	default:
		if (!chance(40))
			break;
		if (ends[last].here) {
			destroy_end(last);
		} else {
			watch(last, true);
			make_end(last);
			/* Of those to groups it was in none may come any more */
			for (uint32_t n = 0; n < cast_count; n++)
				if (casts[n].team < TEAMS)
					casts[n].may &= ~(1u << last);
			post_receives(last, BUFFERS);
		}
		break;
	}
}

static void check_batch(uint32_t recvs, bool clean)
{
	for (uint32_t e = 0; e < ENDS; e++) {
		uint32_t must = 0, missed = 0, first = CASTS;

		for (uint32_t n = 0; n < cast_count; n++) {
			if (!(casts[n].must & 1u << e))
				continue;
			must++;
			if (!(casts[n].got & 1u << e) && !missed++)
				first = n;
		}
		for (uint32_t n = ends[e].sent; n < cast_count; n++)
			check(casts[n].from != e || !casts[n].signaled, "end %u: request %u is not complete", e, n);
		if (!clean || !ends[e].here)
			continue;
		if (must <= recvs)
			check(!missed, "end %u: %u of %u missed, first %u to group %u", e, missed, must, first,
			      casts[first].team);
		else
			check(ends[e].received >= recvs, "end %u: %u of %u receives", e, ends[e].received,
			      recvs);
	}
}

static void batch(uint32_t recvs, bool clean, bool changes)
{
	memset(in, 0, sizeof(in));
	cast_count = 0;
	for (uint32_t e = 0; e < ENDS; e++) {
		make_end(e);
		post_receives(e, recvs);
		for (uint32_t team = 0; team < TEAMS; team++)
			if (chance(60))
				attach(e, team, chance(25));
	}
	traffic_allow(200);
	for (uint32_t k = 0; k < BATCH; k++)
		for (uint32_t e = 0; e < ENDS; e++) {
			if (e % QPS >= SENDERS)
				continue;
			post_cast(e);
			if (changes && chance(15))
				churn();
			if (chance(15))
				traffic_step();
			if (chance(10))
				poll_all();
		}
	traffic_run(0);
	bus_wait_idle("after a batch");
	poll_all();
	check_batch(recvs, clean);
	for (uint32_t e = 0; e < ENDS; e++) {
		if (!ends[e].here) {
			watch(e, true);
			continue;
		}
		qp_destroy(&ends[e].qp);
		ends[e].here = false;
	}
}

static void phase(const char *name, uint64_t batches, uint32_t drop, uint32_t recvs, bool changes)
{
	uint64_t pauses = bus_count(0, COUNT_PAUSES) + bus_count(1, COUNT_PAUSES);
	uint64_t all = total, came = copies;
	struct stats stats[NODES];

	for (uint32_t i = 0; i < NODES; i++)
		bus_knob(i, KNOB_WIRE_DROP, drop);
	for (uint64_t k = 0; k < batches; k++)
		batch(recvs, !drop, changes);
	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_WIRE_DROP, 0);
		node_stats(i, &stats[i]);
		check(!stats[i].counter[TERN_HW_STAT_RX_OVERRUN] && !stats[i].counter[TERN_HW_STAT_RX_HEADER] &&
		      stats[i].counter[TERN_HW_STAT_RX_MCAST], "node %u: %llu overruns, %llu headers", i,
		      (unsigned long long)stats[i].counter[TERN_HW_STAT_RX_OVERRUN],
		      (unsigned long long)stats[i].counter[TERN_HW_STAT_RX_HEADER]);
	}
	pauses = bus_count(0, COUNT_PAUSES) + bus_count(1, COUNT_PAUSES) - pauses;
	say("%s: %llu messages, %llu received, %llu cycles of pause", name, (unsigned long long)(total - all),
	    (unsigned long long)(copies - came), (unsigned long long)pauses);
}

/* ------------------------------------------------------------------------- single messages */

static uint64_t frames(uint32_t node)
{
	uint64_t stats[16];

	netdev_stats(node, stats);
	return stats[TERN_HW_ETH_STAT_RX_NO_DESC];
}

/* From the first QP of node 0. It reaches got ends; counters of node 1 go up by one each, and the frame
 * goes to the netdev there, or not
 */
static void single(const char *what, struct cast *c, uint32_t got, int stat, uint32_t to_netdev)
{
	struct stats before, after;
	uint64_t netdev[NODES];

	for (uint32_t i = 0; i < NODES; i++)
		netdev[i] = frames(i);
	node_stats(1, &before);
	cast_count = 1;
	c->must = c->may = got;
	c->signaled = true;
	c->seed = next_seed++;
	c->len = 100;
	ends[0].sent = 0;
	for (uint32_t e = 0; e < ENDS; e++)
		memset(ends[e].next, 0, sizeof(ends[e].next));
	c->wqe = post(0, c, 0);
	qp_ring_sq(&ends[0].qp);
	bus_wait_idle(what);
	poll_all();
	node_stats(1, &after);
	check(ends[0].sent == 1, "%s: not complete", what);
	check(c->got == got, "%s: ends %x got it, not %x", what, c->got, got);
	if (stat >= 0)
		check(after.counter[stat] == before.counter[stat] + 1, "%s: %s has grown by %llu", what,
		      stat_name((uint32_t)stat),
		      (unsigned long long)(after.counter[stat] - before.counter[stat]));
	check(frames(0) == netdev[0] && frames(1) == netdev[1] + to_netdev,
	      "%s: %llu frames for the netdev, %llu for that of the sender", what,
	      (unsigned long long)(frames(1) - netdev[1]), (unsigned long long)(frames(0) - netdev[0]));
}

static struct cast *fresh(uint32_t team, bool vlan)
{
	struct cast *c = &casts[0];

	memset(c, 0, sizeof(*c));
	c->team = team;
	c->ipv4 = team_is_ipv4(team);
	c->vlan = vlan;
	aim(c);
	c->addr.qpn = ALL_QPNS;
	c->addr.qkey = QKEY;
	c->addr.mac = team_mac(team);
	team_gid(team, c->addr.dgid);
	return c;
}

static void set_vlans(uint32_t node, enum tern_hw_gid_op op)
{
	for (enum gid gid = GID_IPV4_VLAN; gid <= GID_IPV6_VLAN; gid++) {
		uint64_t w[8] = { 0, put(TERN_HW_CQP_GID_WQE_ATTR_OP_MASK, op) };

		node_command(node, TERN_HW_CQP_OP_MANAGE_GID, gid, w);
	}
}

static void singles(void)
{
	const uint32_t first = QPS, both = 1u << 0 | 1u << QPS;
	struct cast *c;

	memset(in, 0, sizeof(in));
	cast_count = 0;
	for (uint32_t e = 0; e < ENDS; e++) {
		make_end(e);
		post_receives(e, e == first + 1 ? 0 : 20);
	}
	for (uint32_t team = 0; team < TEAMS; team++) {
		attach(0, team, false);
		attach(first, team, false);
		single("a message to two", fresh(team, team & 2), both, TERN_HW_STAT_RX_MCAST, 0);
	}
	single("nobody's group", fresh(LONE, false), 0, -1, 1);
	single("the same MAC", fresh(TWIN, false), 0, -1, 1);
	c = fresh(0, false);
	c->addr.mac = team_mac(2);
	single("the MAC of another group", c, 0, -1, 1);
	c = fresh(1, false);
	c->addr.mac = node_mac(1);
	single("the MAC of the peer", c, 0, -1, 1);
	c = fresh(1, false);
	c->addr.qkey ^= 1;
	single("a wrong Q_Key", c, 0, TERN_HW_STAT_RX_QKEY, 0);
	c = fresh(1, false);
	c->addr.qpn = FIRST_QPN;
	single("one QPN", c, 0, TERN_HW_STAT_RX_QP, 0);
	attach(first + 1, 2, false);
	single("one without a receive", fresh(2, false), both, TERN_HW_STAT_RX_RNR, 0);
	attach(first + 3, 2, false);
	single("one with another Q_Key", fresh(2, true), both, TERN_HW_STAT_RX_QKEY, 0);
	attach(0, 2, true);
	single("not its own", fresh(2, false), 1u << first, TERN_HW_STAT_RX_MCAST, 0);
	netdev_set_port(1, node_mac(1), false, false);
	single("a filter for other groups", fresh(3, false), both, TERN_HW_STAT_RX_MCAST, 0);
	single("filtered", fresh(LONE, false), 0, TERN_HW_STAT_RX_FILTERED, 0);
	netdev_set_port(1, node_mac(1), false, true);
	set_vlans(1, TERN_HW_GID_OP_CLEAR);
	single("a VLAN that no GID has", fresh(3, true), 1u << 0, -1, 1);
	single("no VLAN", fresh(3, false), both, TERN_HW_STAT_RX_MCAST, 0);
	detach(0, 3);
	single("only others", fresh(3, false), 1u << first, TERN_HW_STAT_RX_MCAST, 0);
	detach(first, 3);
	single("nobody any more", fresh(3, false), 0, -1, 1);
	qp_state(&ends[first].qp, TERN_HW_QP_STATE_RESET);
	single("a QP that is not ready", fresh(4, false), 1u << 0, TERN_HW_STAT_RX_QP, 0);
	for (uint32_t e = 0; e < ENDS; e++)
		qp_destroy(&ends[e].qp);
	say("single messages");
}

static void expect(uint32_t qpn, enum tern_hw_cqp_op op, uint32_t team, uint32_t due, uint64_t due_result)
{
	uint8_t gid[16];
	uint64_t result;
	uint32_t err;

	team_gid(team, gid);
	gid[8] = (uint8_t)(team_is_ipv4(team) ? 0 : team >> 8);
	err = node_group_try(0, op, qpn, gid, false, &result);
	check(err == due && result == due_result, "command %x of QP %u, group %u: %08x, result %llu; %08x is due",
	      op, qpn, team, err, (unsigned long long)result, due);
}

static void limits(uint32_t groups, uint32_t per_group)
{
	const enum tern_hw_cqp_op to = TERN_HW_CQP_OP_ATTACH_MCAST, off = TERN_HW_CQP_OP_DETACH_MCAST;
	const struct qp_attr attr = { .pd = PD, .page = PAGE, .log_sq = 2, .log_rq = 2, .log_stride = 1,
		.type = TERN_HW_QP_TYPE_UD }, rc = { .pd = PD, .page = PAGE, .log_sq = 2, .log_rq = 2,
		.log_stride = 1 };
	struct qp *qps = calloc(per_group + 2, sizeof(*qps));
	uint8_t gid[16];

	for (uint32_t k = 0; k < per_group + 2; k++)
		qp_create(&qps[k], 0, FIRST_QPN + k, &cqs[0], &cqs[0], k > per_group ? &rc : &attr);
	for (uint32_t k = 0; k < per_group; k++)
		expect(FIRST_QPN + k, to, 2, 0, 0);
	expect(FIRST_QPN + per_group, to, 2, PARAM | TERN_HW_CQP_MINOR_LIMIT, 1);
	expect(FIRST_QPN + 3, to, 2, 0, 0);
	qp_destroy(&qps[4]);
	expect(FIRST_QPN + per_group, to, 2, 0, 0);
	qp_create(&qps[4], 0, FIRST_QPN + 4, &cqs[0], &cqs[0], &attr);
	expect(FIRST_QPN + 4, off, 2, STATE | TERN_HW_CQP_MINOR_MISSING, 0);
	expect(FIRST_QPN + 4, to, 2, PARAM | TERN_HW_CQP_MINOR_LIMIT, 1);
	for (uint32_t k = 1; k < groups; k++)
		expect(FIRST_QPN, to, 2 * k + 0x102, 0, 0);
	expect(FIRST_QPN, to, 0x1002, PARAM | TERN_HW_CQP_MINOR_LIMIT, 0);
	expect(FIRST_QPN + 1, to, 0x104, 0, 0);
	expect(FIRST_QPN, off, 0x104, 0, 0);
	expect(FIRST_QPN, off, 0x104, STATE | TERN_HW_CQP_MINOR_MISSING, 0);
	expect(FIRST_QPN, to, 0x1002, PARAM | TERN_HW_CQP_MINOR_LIMIT, 0);
	expect(FIRST_QPN + 1, off, 0x104, 0, 0);
	expect(FIRST_QPN, to, 0x1002, 0, 0);
	expect(FIRST_QPN + per_group + 1, to, 2, PARAM | TERN_HW_CQP_MINOR_TYPE, 0);
	expect(FIRST_QPN + per_group + 2, to, 2, STATE | TERN_HW_CQP_MINOR_MISSING, 0);
	expect(0, to, 2, PARAM | TERN_HW_CQP_MINOR_INDEX, 0);
	node_gid(0, GID_IPV4, gid);
	check(node_group_try(0, to, FIRST_QPN, gid, false, NULL) == (PARAM | TERN_HW_CQP_MINOR_GID), "not a group");
	for (uint32_t k = 0; k < per_group + 2; k++)
		qp_destroy(&qps[k]);
	qp_create(&qps[0], 0, FIRST_QPN, &cqs[0], &cqs[0], &attr);
	for (uint32_t k = 0; k < groups; k++)
		expect(FIRST_QPN, to, 2 * k + 0x802, 0, 0);
	qp_destroy(&qps[0]);
	free(qps);
	say("limits: %u groups of %u", groups, per_group);
}

/* As QUERY_CAPS tells */
static void query_limits(uint32_t *groups, uint32_t *per_group)
{
	struct tern_hw_caps caps;
	uint64_t w[8] = { 0, node_alloc(0, sizeof(caps), 4096) };

	node_command(0, TERN_HW_CQP_OP_QUERY_CAPS, 0, w);
	tb_mem_get(w[1], &caps, sizeof(caps));
	*groups = caps.mcast_groups;
	*per_group = caps.mcast_qps;
	check(*groups && *per_group, "there is no multicast");
}

static void stall(uint32_t mem_pct, uint32_t mem_lat, uint32_t wire_pct)
{
	for (uint32_t i = 0; i < NODES; i++) {
		bus_knob(i, KNOB_MEM_STALL, mem_pct);
		bus_knob(i, KNOB_MEM_LAT_MAX, mem_lat);
		bus_knob(i, KNOB_WIRE_STALL, wire_pct);
	}
}

void program_mcast(void)
{
	const struct traffic_config config = { .links = 4, .timeout = 6 };
	const struct mr_attr region = { .va = 0x7d0000005000, .pd = PD, .access = 1,
		.length = send_place(CASTS) };
	uint64_t count = bus_count_wanted() ? bus_count_wanted() : 3;
	uint32_t groups, per_group;

	bus_wait_idle("after reset");
	for (uint32_t i = 0; i < NODES; i++) {
		node_bring_up(i, i == 1);
		netdev_bring_up(i);
		cq_create(&cqs[i], i, CQ, PAGE, 12, i, NO_CEQ);
		mr_create(&mrs[i], i, MR, &region);
	}
	traffic_init();
	traffic_start(&config);
	query_limits(&groups, &per_group);
	limits(groups, per_group);
	phase("clean", count, 0, BUFFERS, false);
	stall(20, 200, 15);
	phase("few receives", count, 0, 9, false);
	bus_knob(0, KNOB_GATING, 1);
	phase("changes", 3 * count, 0, BUFFERS, true);
	phase("5 % loss, changes", count, 5000, BUFFERS, true);
	stall(60, 1500, 0);
	phase("slow memory, changes", count, 0, BUFFERS, true);
	stall(20, 200, 15);
	singles();
	traffic_stop();
	say("%llu messages beside all that", (unsigned long long)traffic.done);
	bus_wait_idle("at the end");
}
