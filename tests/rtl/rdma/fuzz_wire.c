// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What passes on the wire, see fuzz.h. Hostile frames are made when the wire has room for one, so that
 * they know the newest PSNs. Tables of addresses may change until it has passed, so it is harmless
 * whatever they hold. Every frame, hostile or not, is judged and counted when it has passed (fuzz_account.c).
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "rdma_netdev.h"

#define LAST 24u		/* frames that a failure shows of each wire */
#define SHOWN_BYTES 160u
#define OWN_FRAMES 16u		/* places in the netdev's list that are kept for frames of the peer */
#define LOOSE_FRAMES 8u		/*   and for those that it may get */
#define STATES 8u

struct fuzz_qp fuzz_qps[NODES][NODE_QPS];
uint64_t fuzz_injected, fuzz_goal;

struct wire {
	struct fuzz_frame seen, next;
	uint32_t at;		/* of next that is given; 0: none is under way */
	struct {
		struct fuzz_frame frame;
		uint64_t number;	/* 0: not a hostile one */
		enum fuzz_class class;
	} last[LAST];
	uint64_t passed;
};

static struct wire wires[NODES];
static bool in_wire;	/* no bus() now */
static uint32_t covered[4][STATES][256];	/* by type and state of the victim, and opcode */
static uint32_t cases[256];			/* by opcode: those with a right ICRC */

/* What hostile frames for groups were */
enum cast_case { CC_ALL, CC_KEY, CC_QPN, CC_NOT_THERE, CC_MAC, CC_VLAN, CC_SPARE, CAST_CASES };

static uint64_t cast_cases[CAST_CASES];

/* --------------------------------------------------------------------------------- passed */

static void remember(uint32_t to, const struct fuzz_frame *f, uint64_t number, enum fuzz_class class)
{
	struct wire *w = &wires[to];
	uint32_t k = w->passed++ % LAST;

	w->last[k].frame.len = f->len;
	memcpy(w->last[k].frame.b, f->b, f->len < SHOWN_BYTES ? f->len : SHOWN_BYTES);
	w->last[k].number = number;
	w->last[k].class = class;
}

uint32_t fuzz_transport(enum tern_hw_qp_type type)
{
	return type == TERN_HW_QP_TYPE_RC ? 0 : type == TERN_HW_QP_TYPE_UC ? 1 : 3;
}

void fuzz_know(const struct qp *own, uint32_t peer, const struct conn *conn, uint32_t qkey)
{
	fuzz_qps[own->node][own->qpn] = (struct fuzz_qp){ .kind = FUZZ_BYSTANDER, .type = own->attr.type,
		.state = TERN_HW_QP_STATE_RTS, .peer = peer, .gid = conn->gid, .mtu = 128u << conn->mtu,
		.qkey = qkey,
		.in_psn = (conn->psn[!own->node] - 1) & 0xffffff, .out_psn = (conn->psn[own->node] - 1) & 0xffffff };
}

void fuzz_unknow(const struct qp *own)
{
	fuzz_qps[own->node][own->qpn].kind = FUZZ_NOBODY;
}

/* A request of node !to, or an injected one that its receiver will take for that */
static void note_request(uint32_t to, const struct fuzz_verdict *v, const struct fuzz_frame *f)
{
	struct fuzz_qp *qp = v->qpn < NODE_QPS ? &fuzz_qps[to][v->qpn] : NULL;
	uint32_t mtu, psn = v->psn;

	if (v->team < FUZZ_TEAMS || !qp || qp->kind == FUZZ_NOBODY || fuzz_is_response(v->opcode) ||
	    fuzz_transport(qp->type) != v->opcode >> 5 || fuzz_is_stranger(to, v))
		return;
	mtu = qp->mtu ? qp->mtu : 1024;
	if (v->opcode == 0x0c && fuzz_get(f->b + v->ext + 12, 4))
		psn += (fuzz_get(f->b + v->ext + 12, 4) - 1) / mtu;
	qp->in_psn = psn & 0xffffff;
}

/* ------------------------------------------------------------------------------- from the peer */

static void seen_frame(uint32_t to, struct fuzz_frame *f)
{
	struct fuzz_verdict v = fuzz_judge(to, f, &fuzz_tables[to].now);
	struct fuzz_qp *qp = v.qpn < NODE_QPS ? &fuzz_qps[to][v.qpn] : NULL;

	account_frame(to, f);
	if (f->b[0] & 1)
		account_own(!to, f);
	remember(to, f, 0, v.class);
	check(v.class == FC_ROCE || v.class == FC_ETH || (v.class == FC_FILTERED && f->b[0] & 1),
	      "node %u has sent a bad frame", !to);
	if (v.class == FC_ETH || v.class == FC_FILTERED)
		return;
	/* What is repeated must not count as progress */
	if (qp && ((v.psn - qp->in_psn) & 0xffffff) < 0x800000)
		note_request(to, &v, f);
	if (qp && qp->kind != FUZZ_NOBODY && !fuzz_is_response(v.opcode) && qp->peer < NODE_QPS) {
		uint32_t psn = qp->in_psn, old = fuzz_qps[!to][qp->peer].out_psn;

		if (((psn - old) & 0xffffff) < 0x800000)
			fuzz_qps[!to][qp->peer].out_psn = psn;
	}
	fuzz_keep(to, f);
}

static void wire_seen_beat(uint32_t to, const struct wire_beat *beat)
{
	struct fuzz_frame *f = &wires[to].seen;

	check(f->len + beat->len <= FUZZ_MAX, "node %u has sent an endless frame", !to);
	memcpy(f->b + f->len, beat->bytes, beat->len);
	f->len += beat->len;
	if (!beat->last)
		return;
	in_wire = true;
	seen_frame(to, f);
	in_wire = false;
	f->len = 0;
}

/* --------------------------------------------------------------------------------- injected */

static struct fuzz_verdict judge_most(uint32_t to, const struct fuzz_frame *f)
{
	return fuzz_judge(to, f, &fuzz_tables[to].most);
}

static bool has_victims_qkey(const struct fuzz_frame *f, const struct fuzz_verdict *v)
{
	return fuzz_get(f->b + v->ext, 4) - FUZZ_QKEY < FUZZ_QKEYS;
}

static void cover_groups(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict *v)
{
	struct fuzz_verdict most = judge_most(to, f);
	bool all = v->qpn == ALL_QPNS && v->opcode >> 5 == 3;
	struct fuzz_layout l;

	if (v->class == FC_ROCE && v->team < FUZZ_TEAMS)
		cast_cases[!all ? CC_QPN : has_victims_qkey(f, v) ? CC_ALL : CC_KEY]++;
	if (most.class == FC_ROCE && v->class != FC_ROCE)
		cast_cases[most.team < FUZZ_TEAMS ? CC_NOT_THERE : CC_SPARE]++;
	fuzz_layout(f, &l);
	if (most.class == FC_ROCE || !l.bth ||
	    f->b[l.ip + (l.ipv4 ? 16 : 24)] != (l.ipv4 ? 239 : 0xff))
		return;
	if (f->b[0] & 1)
		cast_cases[l.ip > 14 ? CC_VLAN : CC_NOT_THERE]++;
	else
		cast_cases[CC_MAC]++;
}

static void cover(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict *v)
{
	struct fuzz_layout l;

	cover_groups(to, f, v);
	if (v->class == FC_ROCE || v->class == FC_CNP || v->class == FC_HEADER) {
		fuzz_layout(f, &l);
		if (l.bth)
			cases[f->b[l.bth]]++;
	}
	if (v->class == FC_ROCE && v->team == FUZZ_TEAMS && v->qpn < NODE_QPS &&
	    fuzz_qps[to][v->qpn].kind == FUZZ_VICTIM)
		covered[fuzz_qps[to][v->qpn].type & 3][fuzz_qps[to][v->qpn].state & 7][v->opcode]++;
}

/* With so many places left for others */
static bool netdev_has_room(uint32_t to, uint32_t left)
{
	const struct netdev *n = &netdevs[to];
	uint32_t due = n->in - n->out;

	return due + left < NETDEV_RING && due + left < n->rq - n->rq_done;
}

/* True: a frame of the peer once more, as it was */
static bool draw(uint32_t to, struct fuzz_frame *f)
{
	uint32_t kind = rnd(100);
	bool done = true;

	f->len = 0;
	if (kind < 40)
		fuzz_grammar(to, f);
	else if (kind < 94)
		done = fuzz_seed(to, f);
	else
		done = fuzz_replay(to, f);
	if (!done)
		fuzz_grammar(to, f);
	else if (kind < 94 && (kind >= 40 || chance(30)))
		fuzz_mutate(to, f);
	return done && kind >= 94;
}

/* Harmful ones go to a victim instead, or get a wrong ICRC, or another Q_Key */
static void make_harmless(uint32_t to, struct fuzz_frame *f, uint32_t team)
{
	struct fuzz_verdict v;
	struct fuzz_layout l;

	fuzz_layout(f, &l);
	if (chance(team < FUZZ_TEAMS ? 20 : 80)) {
		uint32_t qpn = fuzz_victim_qpn(to);

		fuzz_put(f->b + l.bth + 5, 3, qpn);
		if (chance(70))
			fuzz_put(f->b + l.bth + 9, 3, fuzz_psn(to, qpn, fuzz_is_response(f->b[l.bth])));
	} else {
		f->b[l.bth + 12 + rnd(4)] ^= (uint8_t)(1u << rnd(8));
		v = judge_most(to, f);
		if (v.class == FC_ICRC && (team == FUZZ_TEAMS || chance(30)))
			return;
	}
	fuzz_fix_icrc(f);
	v = judge_most(to, f);
	check(!fuzz_is_harmful(to, f, &v), "the bench cannot make a frame harmless");
}

/* What becomes of it depends on what comes and goes */
static bool is_loose(uint32_t to, const struct fuzz_frame *f, struct fuzz_verdict most)
{
	return fuzz_judge(to, f, &fuzz_tables[to].least).class != most.class;
}

/* The netdev must tell it from others, since it may get it and may not */
static void sign(struct fuzz_frame *f)
{
	static uint64_t number;

	fuzz_put(f->b + 6, 6, 0x060000000000ull + ++number);
}

static void fit_netdev(uint32_t to, struct fuzz_frame *f)
{
	bool loose = is_loose(to, f, judge_most(to, f));
	bool eth = fuzz_judge(to, f, &fuzz_tables[to].now).class == FC_ETH;

	if ((eth && !netdev_has_room(to, OWN_FRAMES + LOOSE_FRAMES)) || (loose && !netdev_has_room(to, OWN_FRAMES)) ||
	    ((eth || loose) && f->len > MAX_FRAME)) {
		f->b[0] = 0x02;
		f->b[4] ^= 0x5a;
		if (fuzz_filters[to].promisc)
			f->len = rnd_range(1, 13);
		loose = is_loose(to, f, judge_most(to, f));
		eth = fuzz_judge(to, f, &fuzz_tables[to].now).class == FC_ETH;
		check(!eth && !loose, "the bench's frame for the netdev has no room");
	}
	if (loose)
		sign(f);
}

static void make(uint32_t to, struct fuzz_frame *f)
{
	struct fuzz_verdict v;
	bool replayed = draw(to, f);

	v = judge_most(to, f);
	if (!replayed && fuzz_is_harmful(to, f, &v))
		make_harmless(to, f, v.team);
	fit_netdev(to, f);
	v = fuzz_judge(to, f, &fuzz_tables[to].now);
	fuzz_injected++;
	fuzz_counts[to].injected++;
	cover(to, f, &v);
	remember(to, f, fuzz_injected, v.class);
	if (v.class == FC_ROCE && v.team == FUZZ_TEAMS && v.qpn < NODE_QPS &&
	    fuzz_qps[to][v.qpn].kind == FUZZ_VICTIM && v.psn == ((fuzz_qps[to][v.qpn].in_psn + 1) & 0xffffff))
		note_request(to, &v, f);
}

static bool wire_next_beat(uint32_t to, struct wire_beat *beat)
{
	struct wire *w = &wires[to];

	if (!w->at) {
		if (fuzz_injected >= fuzz_goal)
			return false;
		in_wire = true;
		do
			make(to, &w->next);
		while (!w->next.len);
		in_wire = false;
	}
	beat->len = w->next.len - w->at;
	if (beat->len > 64)
		beat->len = 64;
	memcpy(beat->bytes, w->next.b + w->at, beat->len);
	w->at += beat->len;
	beat->last = w->at == w->next.len;
	if (beat->last) {
		w->at = 0;
		in_wire = true;
		account_frame(to, &w->next);
		in_wire = false;
	}
	return true;
}

/* -------------------------------------------------------------------------------- failures */

void fuzz_dump(void)
{
	static const char *const names[FUZZ_CLASSES] = { "bad", "filtered", "eth", "icrc", "header", "cnp",
							 "roce" };

	fprintf(stderr, "seed %llu, %llu hostile frames so far\n", (unsigned long long)bus_seed(),
		(unsigned long long)fuzz_injected);
	for (uint32_t to = 0; to < NODES; to++) {
		struct wire *w = &wires[to];
		uint64_t from = w->passed > LAST ? w->passed - LAST : 0;

		for (uint64_t n = from; n < w->passed; n++) {
			const struct fuzz_frame *f = &w->last[n % LAST].frame;

			fprintf(stderr, "to node %u: %s %llu, %s, %u bytes:", to,
				w->last[n % LAST].number ? "hostile frame" : "frame of the peer",
				(unsigned long long)w->last[n % LAST].number, names[w->last[n % LAST].class],
				f->len);
			for (uint32_t k = 0; k < f->len && k < SHOWN_BYTES; k++)
				fprintf(stderr, "%s%02x", k % 32 ? k % 4 ? "" : " " : "\n   ", f->b[k]);
			fprintf(stderr, "\n");
		}
	}
	for (uint32_t i = 0; i < NODES; i++) {
		fprintf(stderr, "node %u is due:", i);
		for (uint32_t c = 0; c < FUZZ_CLASSES; c++)
			fprintf(stderr, " %s %llu", names[c], (unsigned long long)fuzz_counts[i].class[c]);
		fprintf(stderr, "; %u of %u frames of the netdev are due\n", netdevs[i].in - netdevs[i].out,
			netdevs[i].in);
	}
	if (in_wire)
		return;
	show_adapters();
	for (uint32_t i = 0; i < NODES; i++) {
		uint64_t stats[16];

		netdev_stats(i, stats);
		for (uint32_t k = 0; k < 16; k++)
			if (stats[k])
				fprintf(stderr, "node %u: netdev statistic %u: %llu\n", i, k,
					(unsigned long long)stats[k]);
	}
}

static void on_abort(int number)
{
	signal(number, SIG_DFL);
	in_wire = true;
	fuzz_dump();
	abort();
}

/* --------------------------------------------------------------------------------- program */

void fuzz_wire_start(void)
{
	wire_seen = wire_seen_beat;
	wire_next = wire_next_beat;
	signal(SIGABRT, on_abort);	/* $fatal */
	for (uint32_t i = 0; i < NODES; i++)
		bus_knob(i, KNOB_WIRE_TAP, 1);
}

void fuzz_open(uint32_t percent)
{
	for (uint32_t i = 0; i < NODES; i++)
		bus_knob(i, KNOB_WIRE_INJECT, percent);
}

static void report_groups(void)
{
	static const char *const names[CAST_CASES] = { "right", "another Q_Key", "another QPN or transport",
		"not there", "another MAC", "not there, VLAN", "GIDs not there" };

	printf("rdma: for groups:");
	for (uint32_t k = 0; k < CAST_CASES; k++) {
		printf("%s %s %llu", k ? "," : "", names[k], (unsigned long long)cast_cases[k]);
		check(cast_cases[k] || fuzz_injected < 30000, "no frame for groups: %s", names[k]);
	}
	printf("\n");
}

/* Every opcode, every state of every type */
void fuzz_report_cover(void)
{
	static const char *const types[4] = { "RC", "UC", "UD", "GSI" };
	uint32_t opcodes = 0;

	for (uint32_t op = 0; op < 256; op++)
		opcodes += cases[op] != 0;
	printf("rdma: opcodes with a right ICRC: %u of 256; to victims, by state\n", opcodes);
	printf("rdma:       reset     init      rtr      rts      sqd      err     gone\n");
	for (uint32_t type = 0; type < 4; type++) {
		printf("rdma: %-3s", types[type]);
		for (uint32_t state = 0; state < STATES; state++) {
			uint64_t sum = 0;

			if (state == TERN_HW_QP_STATE_SQE)
				continue;
			for (uint32_t op = 0; op < 256; op++)
				sum += covered[type][state][op];
			printf(" %8llu", (unsigned long long)sum);
			check(sum || fuzz_injected < 30000, "nothing was sent to %s QPs in state %u",
			      types[type], state);
		}
		printf("\n");
	}
	check(opcodes == 256 || fuzz_injected < 30000, "some opcodes were not sent");
	report_groups();
}
