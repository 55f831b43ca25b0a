// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Bystanders in multicast groups, see fuzz.h. Each sends to groups that bystanders are in, here and at the
 * other node. The wire loses nothing and there are always receives, so each member that has the Q_Key
 * must get it: once, whole, in the order of its sender, and nothing else; its own only if it wants that.
 */

#include <string.h>

#include "fuzz.h"

#define ENDS (NODES * CASTERS)
#define WINDOW 16u		/* messages of a sender */
#define RECEIVES 32u		/* posted at a time */
#define SLOT 0x800u
#define MAX_LEN 1500u
#define HEADER 40u
#define PD 0x778u
#define PAGE 71u
#define CQ 61u
#define MR_INDEX 890u
#define STUCK_NS 4000000u

struct message {
	uint64_t seed;
	uint32_t len, imm, team;
	bool with_imm, solicited, ipv4, vlan;
	uint32_t must, left;	/* ends that get it; that have not got it yet */
	uint16_t wqe;
};

/* End e is caster e % CASTERS of node e / CASTERS */
struct end {
	struct qp qp;
	uint32_t node, qkey;
	struct message msgs[WINDOW];	/* message n has place n % WINDOW */
	uint32_t posted, sent, gone;	/* gone: everybody has got it */
	uint32_t recv_posted, received;
	uint16_t recvs[RECEIVES];
	uint32_t due;			/* messages of others that must still come */
	uint32_t next[ENDS];		/* first one of that sender that may come */
};

static struct cq cqs[NODES];
static struct area areas[NODES];
static struct end ends[ENDS];
static bool made, more;
static uint64_t progress;
uint64_t cast_messages, cast_copies;

static uint64_t send_place(const struct end *end, uint32_t n)
{
	return ((uint64_t)(end->qp.qpn - CASTER_QPN) * (WINDOW + RECEIVES) + n % WINDOW) * SLOT;
}

static uint64_t recv_place(const struct end *end, uint32_t n)
{
	return send_place(end, 0) + (uint64_t)(WINDOW + n % RECEIVES) * SLOT;
}

void cast_init(void)
{
	const struct mr_attr attr = { .va = 0x7b0000000a40, .length = CASTERS * (WINDOW + RECEIVES) * SLOT, .pd = PD,
		.access = 1, .level = 1, .page_shift = 12 };

	for (uint32_t i = 0; i < NODES; i++) {
		cq_create(&cqs[i], i, CQ, PAGE, 9, !i, NO_CEQ);
		area_create(&areas[i], i, MR_INDEX, &attr);
	}
}

/* ---------------------------------------------------------------------------------- groups */

/* One at least of each node whose group is kept */
static void join(uint32_t node, uint32_t team)
{
	uint32_t first = rnd(CASTERS);

	for (uint32_t c = 0; c < CASTERS; c++)
		if (c == first || chance(50))
			table_join(node, team, c, CASTER_QPN + c, chance(30));
}

void cast_start(void)
{
	const struct qp_attr attr = { .pd = PD, .page = PAGE, .log_sq = 5, .log_rq = 5, .log_stride = 1, .level = 1,
		.type = TERN_HW_QP_TYPE_UD };
	uint32_t qkeys[CASTERS] = { (uint32_t)rnd64() & 0x7fffffff, (uint32_t)rnd64() & 0x7fffffff };

	for (uint32_t e = 0; e < ENDS; e++) {
		struct end *end = &ends[e];
		uint32_t node = e / CASTERS, c = e % CASTERS;
		struct conn conn = { .mtu = TERN_HW_MTU_M4096 };
		struct qp qp = end->qp;

		conn.psn[node] = rnd(1u << 24);
		memset(end, 0, sizeof(*end));
		end->qp = qp;
		end->node = node;
		end->qkey = qkeys[chance(70) ? 0 : c];
		if (made)
			qp_create_again(&end->qp);
		else
			qp_create(&end->qp, node, CASTER_QPN + c, &cqs[node], &cqs[node], &attr);
		qp_start_ud(&end->qp, conn.mtu, end->qkey, conn.psn[node]);
		conn.psn[!node] = rnd(1u << 24);
		fuzz_know(&end->qp, end->qp.qpn, &conn, end->qkey);
	}
	made = true;
	more = true;
	progress = bus_now();
	for (uint32_t i = 0; i < NODES; i++)
		for (uint32_t team = 0; team < FUZZ_TEAMS; team++)
			if (fuzz_teams[i][team].kind == FM_KEPT)
				join(i, team);
}

/* Ends that get what node sends to a group with a Q_Key */
static uint32_t receivers(uint32_t node, uint32_t team, uint32_t qkey)
{
	uint32_t must = 0;

	for (uint32_t e = 0; e < ENDS; e++) {
		const struct fuzz_team *t = &fuzz_teams[e / CASTERS][team];
		uint32_t casters = e / CASTERS == node ? t->casters & ~t->no_own : t->casters;

		must |= (uint32_t)((casters >> e % CASTERS & 1) && ends[e].qkey == qkey) << e;
	}
	return must;
}

/* ---------------------------------------------------------------------------------- posting */

static void post_receives(struct end *end)
{
	const struct mr *mr = &areas[end->node].mr;
	bool any = false;

	for (; end->recv_posted - end->received < RECEIVES; any = true) {
		uint32_t n = end->recv_posted++;
		struct sge sge = { mr->attr.va + recv_place(end, n), SLOT, mr->key };

		end->recvs[n % RECEIVES] = qp_post_recv(&end->qp, &sge, 1);
	}
	if (any)
		qp_ring_rq(&end->qp);
}

/* The other node is in the group for the whole round, or its netdev would get it */
static bool may_send(uint32_t node, uint32_t team, uint32_t must)
{
	if (fuzz_teams[!node][team].kind != FM_KEPT)
		return false;
	for (uint32_t e = 0; e < ENDS; e++)
		if (must >> e & 1 && ends[e].due >= ends[e].recv_posted - ends[e].received)
			return false;
	return true;
}

static void post(struct end *end, uint32_t team, uint32_t qkey, uint32_t must)
{
	uint32_t n = end->posted++;
	struct message *msg = &end->msgs[n % WINDOW];
	uint64_t at = send_place(end, n);
	struct ud_addr addr = { .qpn = ALL_QPNS, .qkey = qkey, .mac = fuzz_team_mac(team), .hop_limit = 5,
		.pcp = rnd(8) };
	struct wr wr = { .flags = WR_SIGNALED, .ud = &addr, .num_sge = 1 };

	memset(msg, 0, sizeof(*msg));
	msg->seed = rnd64();
	msg->len = chance(70) ? rnd(200) : rnd(MAX_LEN);
	msg->imm = (uint32_t)rnd64();
	msg->with_imm = chance(50);
	msg->solicited = chance(30);
	msg->team = team;
	msg->ipv4 = team & 1;
	msg->vlan = chance(40);
	msg->must = msg->left = must;
	addr.sgid = msg->ipv4 ? msg->vlan ? GID_IPV4_VLAN : GID_IPV4 : msg->vlan ? GID_IPV6_VLAN : GID_IPV6;
	fuzz_team_gid(team, addr.dgid);
	wr.op = msg->with_imm ? TERN_HW_WQE_OP_SEND_IMM : TERN_HW_WQE_OP_SEND;
	wr.imm = msg->imm;
	wr.flags |= msg->solicited ? WR_SOLICITED : 0;
	area_fill(&areas[end->node], at, msg->seed, 0, msg->len);
	wr.sge[0] = (struct sge){ areas[end->node].mr.attr.va + at, msg->len, areas[end->node].mr.key };
	msg->wqe = qp_post_send(&end->qp, &wr);
	for (uint32_t e = 0; e < ENDS; e++)
		ends[e].due += must >> e & 1;
	cast_messages++;
}

static void post_some(struct end *end)
{
	bool any = false;

	for (uint32_t k = rnd(3); k-- && end->posted - end->gone < WINDOW && end->posted - end->sent < WINDOW;) {
		uint32_t team = rnd(FUZZ_TEAMS), qkey = ends[rnd(ENDS)].qkey;
		uint32_t must = receivers(end->node, team, qkey);

		if (!may_send(end->node, team, must))
			continue;
		post(end, team, qkey, must);
		any = true;
	}
	if (any)
		qp_push_sq(&end->qp);
}

/* ------------------------------------------------------------------------------ completions */

static void take_send(struct end *end, const struct cqe *cqe)
{
	const struct message *msg = &end->msgs[end->sent % WINDOW];

	check(end->sent < end->posted && !cqe->status && cqe->wqe_index == msg->wqe,
	      "bystander %u of node %u: send CQE of entry %u, status %u", cqe->qpn, end->node, cqe->wqe_index,
	      cqe->status);
	end->sent++;
}

static void free_messages(struct end *end)
{
	while (end->gone < end->posted && !end->msgs[end->gone % WINDOW].left)
		end->gone++;
}

/* Addresses say for whom it was, and of which node it is */
static uint32_t sender_of(const struct end *end, const struct cqe *cqe, const uint8_t *header)
{
	uint32_t node = header[cqe->ipv4 ? 35 : 23] - 1u, c = cqe->src_qpn - CASTER_QPN;

	check(node < NODES && c < CASTERS, "bystander %u of node %u: a message to a group from QP %x", cqe->qpn,
	      end->node, cqe->src_qpn);
	return node * CASTERS + c;
}

static bool is_it(const struct message *msg, const struct cqe *cqe)
{
	return cqe->len == msg->len + HEADER && cqe->ipv4 == msg->ipv4 && cqe->vlan == msg->vlan &&
	       cqe->with_imm == msg->with_imm && (!msg->with_imm || cqe->imm == msg->imm) &&
	       cqe->solicited == msg->solicited;
}

static void take_receive(uint32_t e, const struct cqe *cqe)
{
	struct end *end = &ends[e], *from;
	struct area *area = &areas[end->node];
	uint64_t at = recv_place(end, end->received);
	const uint8_t *header = area->shadow + area->lead + at;
	struct message *msg;
	uint8_t gid[16];
	uint32_t n, s;

	check(end->received < end->recv_posted && !cqe->status && cqe->grh &&
	      cqe->wqe_index == end->recvs[end->received % RECEIVES],
	      "bystander %u of node %u: receive CQE of entry %u, status %u", cqe->qpn, end->node, cqe->wqe_index,
	      cqe->status);
	area_accept(area, at, HEADER);
	s = sender_of(end, cqe, header);
	from = &ends[s];
	/* What is gone has no place any more, and was not for it or came before */
	n = end->next[s] > from->gone ? end->next[s] : from->gone;
	while (n < from->posted && !(from->msgs[n % WINDOW].must >> e & 1))
		n++;
	check(n < from->posted, "bystander %u of node %u: a message that nobody sent to it", cqe->qpn, end->node);
	msg = &from->msgs[n % WINDOW];
	fuzz_team_gid(msg->team, gid);
	check(is_it(msg, cqe) && !memcmp(header + (msg->ipv4 ? 36 : 24), gid + (msg->ipv4 ? 12 : 0), msg->ipv4 ? 4 : 16),
	      "bystander %u of node %u: %u bytes to a group; message %u of bystander %u of node %u has %u to group %u",
	      cqe->qpn, end->node, cqe->len, n, from->qp.qpn, from->node, msg->len, msg->team);
	area_expect(area, at + HEADER, msg->seed, 0, msg->len, "message to a group");
	msg->left &= ~(1u << e);
	end->next[s] = n + 1;
	end->received++;
	end->due--;
	cast_copies++;
}

static void poll_node(uint32_t node)
{
	struct cqe cqe;

	while (cq_poll(&cqs[node], &cqe)) {
		uint32_t c = cqe.qpn - CASTER_QPN;

		check(c < CASTERS, "node %u: CQE of QP %x", node, cqe.qpn);
		if (cqe.rq)
			take_receive(node * CASTERS + c, &cqe);
		else
			take_send(&ends[node * CASTERS + c], &cqe);
		progress = bus_now();
	}
	for (uint32_t e = 0; e < ENDS; e++)
		free_messages(&ends[e]);
}

/* --------------------------------------------------------------------------------- in turn */

bool cast_is_done(void)
{
	for (uint32_t e = 0; e < ENDS; e++)
		if (ends[e].sent != ends[e].posted || ends[e].due)
			return false;
	return true;
}

void cast_allow(bool may)
{
	more = may;
	progress = bus_now();
}

void cast_step(void)
{
	for (uint32_t e = 0; more && e < ENDS; e++) {
		post_receives(&ends[e]);
		if (chance(25))
			post_some(&ends[e]);
	}
	for (uint32_t i = 0; i < NODES; i++)
		poll_node(i);
	if (cast_is_done())
		progress = bus_now();
	check(bus_now() - progress < STUCK_NS, "messages of bystanders to groups do not arrive");
}

void cast_stop(void)
{
	for (uint32_t e = 0; e < ENDS; e++) {
		qp_destroy(&ends[e].qp);
		fuzz_unknow(&ends[e].qp);
	}
	for (uint32_t i = 0; i < NODES; i++) {
		poll_node(i);
		area_check(&areas[i]);
	}
}
