// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What passes on the wire, see fuzz.h. Hostile frames are made when the wire has room for one, so that
 * they know the newest PSNs. Every frame, hostile or not, is judged and counted; what the netdev
 * must give to its host is remembered by rdma_netdev.h.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "rdma_netdev.h"

#define LAST 24u		/* frames that a failure shows of each wire */
#define SHOWN_BYTES 160u
#define OWN_FRAMES 12u		/* places in the netdev's list that are kept for frames of the peer */
#define STATES 8u

struct fuzz_qp fuzz_qps[NODES][NODE_QPS];
struct fuzz_counts fuzz_counts[NODES];
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

/* --------------------------------------------------------------------------------- account */

static void remember(uint32_t to, const struct fuzz_frame *f, uint64_t number, enum fuzz_class class)
{
	struct wire *w = &wires[to];
	uint32_t k = w->passed++ % LAST;

	w->last[k].frame.len = f->len;
	memcpy(w->last[k].frame.b, f->b, f->len < SHOWN_BYTES ? f->len : SHOWN_BYTES);
	w->last[k].number = number;
	w->last[k].class = class;
}

static uint32_t transport(enum tern_hw_qp_type type)
{
	return type == TERN_HW_QP_TYPE_RC ? 0 : type == TERN_HW_QP_TYPE_UC ? 1 : 3;
}

/* What must be dropped for its QPN, and what must not */
static void count_roce(uint32_t to, const struct fuzz_verdict *v)
{
	const struct fuzz_qp *qp = v->qpn < NODE_QPS ? &fuzz_qps[to][v->qpn] : NULL;

	if (!qp || qp->kind == FUZZ_NOBODY) {
		fuzz_counts[to].nobody++;
	} else if (qp->kind == FUZZ_BYSTANDER) {
		if (transport(qp->type) == v->opcode >> 5)
			fuzz_counts[to].bystander++;
		else
			fuzz_counts[to].nobody++;
	}
}

static void expect_eth(uint32_t to, const struct fuzz_frame *f)
{
	struct netdev *n = &netdevs[to];
	struct frame *frame = &n->expect[n->in % NETDEV_RING];

	check(n->in - n->out < NETDEV_RING && f->len <= MAX_FRAME,
	      "node %u: too many frames under way to the netdev", to);
	n->in++;
	frame->len = f->len;
	memcpy(frame->bytes, f->b, f->len);
}

static void account(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict *v)
{
	fuzz_counts[to].class[v->class]++;
	if (v->class != FC_BAD)
		fuzz_counts[to].bytes += f->len;
	if (v->class == FC_ROCE)
		count_roce(to, v);
	if (v->class == FC_ETH)
		expect_eth(to, f);
}

/* A request of node !to, or an injected one that its receiver will take for that */
static void note_request(uint32_t to, const struct fuzz_verdict *v, const struct fuzz_frame *f)
{
	struct fuzz_qp *qp = v->qpn < NODE_QPS ? &fuzz_qps[to][v->qpn] : NULL;
	uint32_t mtu, psn = v->psn;

	if (!qp || qp->kind == FUZZ_NOBODY || fuzz_is_response(v->opcode) ||
	    transport(qp->type) != v->opcode >> 5)
		return;
	mtu = qp->mtu ? qp->mtu : 1024;
	if (v->opcode == 0x0c && fuzz_get(f->b + v->ext + 12, 4))
		psn += (fuzz_get(f->b + v->ext + 12, 4) - 1) / mtu;
	qp->in_psn = psn & 0xffffff;
}

/* ------------------------------------------------------------------------------- from the peer */

static void seen_frame(uint32_t to, struct fuzz_frame *f)
{
	struct fuzz_verdict v = fuzz_judge(to, f);
	struct fuzz_qp *qp = v.qpn < NODE_QPS ? &fuzz_qps[to][v.qpn] : NULL;

	account(to, f, &v);
	remember(to, f, 0, v.class);
	check(v.class == FC_ROCE || v.class == FC_ETH, "node %u has sent a bad frame", !to);
	if (v.class == FC_ETH)
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

static void cover(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict *v)
{
	struct fuzz_layout l;

	if (v->class == FC_ROCE || v->class == FC_CNP || v->class == FC_HEADER) {
		fuzz_layout(f, &l);
		if (l.bth)
			cases[f->b[l.bth]]++;
	}
	if (v->class == FC_ROCE && v->qpn < NODE_QPS && fuzz_qps[to][v->qpn].kind == FUZZ_VICTIM)
		covered[fuzz_qps[to][v->qpn].type & 3][fuzz_qps[to][v->qpn].state & 7][v->opcode]++;
}

static bool netdev_has_room(uint32_t to)
{
	const struct netdev *n = &netdevs[to];
	uint32_t due = n->in - n->out;

	return due + OWN_FRAMES < NETDEV_RING && due + OWN_FRAMES < n->rq - n->rq_done;
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

/* Harmful ones go to a victim instead, or get a wrong ICRC */
static struct fuzz_verdict make_harmless(uint32_t to, struct fuzz_frame *f, struct fuzz_verdict v)
{
	struct fuzz_layout l;

	fuzz_layout(f, &l);
	if (chance(80)) {
		uint32_t qpn = fuzz_victim_qpn(to);

		fuzz_put(f->b + l.bth + 5, 3, qpn);
		if (chance(70))
			fuzz_put(f->b + l.bth + 9, 3, fuzz_psn(to, qpn, fuzz_is_response(f->b[l.bth])));
	} else {
		f->b[l.bth + 12 + rnd(4)] ^= (uint8_t)(1u << rnd(8));
		v = fuzz_judge(to, f);
		if (v.class == FC_ICRC)
			return v;
	}
	fuzz_fix_icrc(f);
	v = fuzz_judge(to, f);
	check(!fuzz_is_harmful(to, f, &v), "the bench cannot make a frame harmless");
	return v;
}

static void make(uint32_t to, struct fuzz_frame *f)
{
	struct fuzz_verdict v;
	bool replayed = draw(to, f);

	v = fuzz_judge(to, f);
	if (!replayed && fuzz_is_harmful(to, f, &v))
		v = make_harmless(to, f, v);
	if (v.class == FC_ETH && (!netdev_has_room(to) || f->len > MAX_FRAME)) {
		f->b[0] = 0x02;
		f->b[4] ^= 0x5a;
		if (fuzz_filters[to].promisc)
			f->len = rnd_range(1, 13);
		v = fuzz_judge(to, f);
	}
	check(v.class != FC_ETH || netdev_has_room(to), "the bench's frame for the netdev has no room");
	fuzz_injected++;
	fuzz_counts[to].injected++;
	account(to, f, &v);
	cover(to, f, &v);
	remember(to, f, fuzz_injected, v.class);
	if (v.class == FC_ROCE && v.qpn < NODE_QPS && fuzz_qps[to][v.qpn].kind == FUZZ_VICTIM &&
	    v.psn == ((fuzz_qps[to][v.qpn].in_psn + 1) & 0xffffff))
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
	if (beat->last)
		w->at = 0;
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
}
