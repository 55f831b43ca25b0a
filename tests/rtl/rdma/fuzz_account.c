// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What the adapters' counters must be for the frames that passed on the wires, see fuzz.h. Each frame is
 * judged when its last bytes pass, by both tables while one changes: if the verdicts differ it counts
 * as either, and the counters may be anything between; all that is left stays exact.
 *
 * What an adapter sends to a group that it is in itself it also receives, and no wire shows that. So
 * it is counted when the frame is seen on its way to the other node.
 */

#include <string.h>

#include "fuzz.h"
#include "rdma_netdev.h"

struct figures {
	struct stats stats;
	uint64_t eth[16];
	struct fuzz_counts counts;
};

struct fuzz_counts fuzz_counts[NODES];

static struct figures before[NODES], after[NODES];

/* -------------------------------------------------------------------------------- frames */

/* It has found its group. QPs of the group that are no bystanders may be ready or not */
static void count_team(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict *v, bool own)
{
	struct fuzz_team *team = &fuzz_teams[to][v->team];
	uint32_t casters = team->casters & (own ? ~team->no_own : ~0u);

	if (v->qpn != ALL_QPNS || v->opcode >> 5 != 3) {
		fuzz_counts[to].nobody++;
		return;
	}
	team->packets++;
	fuzz_counts[to].mcast++;
	for (uint32_t c = 0; c < CASTERS; c++) {
		if (!(casters >> c & 1))
			continue;
		fuzz_counts[to].bystander++;
		fuzz_counts[to].qkey += fuzz_qps[to][CASTER_QPN + c].qkey != fuzz_get(f->b + v->ext, 4);
	}
}

/* What must be dropped for its QPN, and what must not */
static void count_qp(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict *v)
{
	const struct fuzz_qp *qp = v->qpn < NODE_QPS ? &fuzz_qps[to][v->qpn] : NULL;

	if (!qp || qp->kind == FUZZ_NOBODY) {
		fuzz_counts[to].nobody++;
	} else if (qp->kind == FUZZ_BYSTANDER) {
		if (fuzz_transport(qp->type) != v->opcode >> 5 || fuzz_is_stranger(to, v)) {
			fuzz_counts[to].nobody++;
			fuzz_counts[to].strangers += fuzz_transport(qp->type) == v->opcode >> 5;
			return;
		}
		fuzz_counts[to].bystander++;
		if (qp->type == TERN_HW_QP_TYPE_UD)
			fuzz_counts[to].qkey += qp->qkey != fuzz_get(f->b + v->ext, 4);
	}
}

static void expect_eth(uint32_t to, const struct fuzz_frame *f, bool maybe)
{
	struct netdev *n = &netdevs[to];
	struct frame *frame = &n->expect[n->in % NETDEV_RING];

	check(n->in - n->out < NETDEV_RING && f->len <= MAX_FRAME,
	      "node %u: too many frames under way to the netdev", to);
	n->maybe[n->in % NETDEV_RING] = maybe;
	n->in++;
	frame->len = f->len;
	memcpy(frame->bytes, f->b, f->len);
}

static void count_sure(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict *v, bool own)
{
	fuzz_counts[to].class[v->class]++;
	if (v->class != FC_BAD)
		fuzz_counts[to].bytes += f->len;
	if (v->class == FC_ROCE && v->team < FUZZ_TEAMS)
		count_team(to, f, v, own);
	else if (v->class == FC_ROCE)
		count_qp(to, f, v);
	if (v->class == FC_ETH)
		expect_eth(to, f, false);
}

#define VERDICTS 3u

static void count_either(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict v[VERDICTS])
{
	bool counted[FUZZ_CLASSES] = { false };
	uint32_t team = FUZZ_TEAMS;

	for (uint32_t k = 0; k < VERDICTS; k++) {
		fuzz_counts[to].either[v[k].class] += !counted[v[k].class];
		counted[v[k].class] = true;
		if (v[k].class == FC_ROCE)
			team = v[k].team;
	}
	fuzz_counts[to].uncertain++;
	fuzz_counts[to].bytes += f->len;
	if (team < FUZZ_TEAMS) {
		fuzz_teams[to][team].packets++;
		fuzz_counts[to].either_mcast++;
	}
	if (counted[FC_ETH])
		expect_eth(to, f, true);
}

/*
 * MAC and address are looked up one after the other, and a change may come between. So a frame with both of a
 * GID that is being cleared may be found to have our MAC, but no address of ours
 */
void account_frame(uint32_t to, const struct fuzz_frame *f)
{
	const struct fuzz_table *old = &fuzz_tables[to].old, *now = &fuzz_tables[to].now;
	const struct fuzz_table between = { .gids = now->gids, .teams = now->teams, .macs = old->macs };
	struct fuzz_verdict v[VERDICTS] = { fuzz_judge(to, f, now) };

	if (!memcmp(old, now, sizeof(*now))) {
		count_sure(to, f, &v[0], false);
		return;
	}
	v[1] = fuzz_judge(to, f, old);
	v[2] = fuzz_judge(to, f, &between);
	if (v[0].class == v[1].class && v[0].class == v[2].class)
		count_sure(to, f, &v[0], false);
	else
		count_either(to, f, v);
}

/* One that is no RoCE any more when it comes back is dropped: the netdev gets nothing of its own */
void account_own(uint32_t node, const struct fuzz_frame *f)
{
	const struct fuzz_verdict v = fuzz_judge(node, f, &fuzz_tables[node].most);

	if (v.class != FC_ROCE || v.team == FUZZ_TEAMS)
		return;
	if (fuzz_teams[node][v.team].kind == FM_KEPT) {
		count_sure(node, f, &v, true);
		return;
	}
	fuzz_teams[node][v.team].packets++;
	fuzz_counts[node].own++;
	fuzz_counts[node].own_bytes += f->len;
}

/* -------------------------------------------------------------------------------- figures */

static void note(struct figures *figures)
{
	for (uint32_t i = 0; i < NODES; i++) {
		node_stats(i, &figures[i].stats);
		netdev_stats(i, figures[i].eth);
		figures[i].counts = fuzz_counts[i];
	}
}

void account_begin(void)
{
	note(before);
}

void account_end(void)
{
	note(after);
}

static uint64_t grown(uint32_t node, uint32_t stat)
{
	return after[node].stats.counter[stat] - before[node].stats.counter[stat];
}

static uint64_t grown_eth(uint32_t node, uint32_t stat)
{
	return after[node].eth[stat] - before[node].eth[stat];
}

static uint64_t sure(uint32_t node, enum fuzz_class class)
{
	return after[node].counts.class[class] - before[node].counts.class[class];
}

static uint64_t either(uint32_t node, enum fuzz_class class)
{
	return after[node].counts.either[class] - before[node].counts.either[class];
}

static void must_be(uint32_t node, const char *what, uint64_t is, uint64_t due, uint64_t more)
{
	check(is >= due && is - due <= more, "node %u: %s has grown by %llu, not %llu, and %llu more at most",
	      node, what, (unsigned long long)is, (unsigned long long)due, (unsigned long long)more);
}

/* -------------------------------------------------------------------------------- account */

static void check_frames(uint32_t i)
{
	const struct fuzz_counts *a = &after[i].counts, *b = &before[i].counts;
	uint64_t own = a->own - b->own;
	uint64_t roce = sure(i, FC_ICRC) + sure(i, FC_HEADER) + sure(i, FC_CNP) + sure(i, FC_ROCE);
	uint64_t maybe = either(i, FC_ICRC) + either(i, FC_HEADER) + either(i, FC_CNP) + either(i, FC_ROCE);
	uint64_t all = roce + sure(i, FC_ETH) + sure(i, FC_FILTERED) + a->uncertain - b->uncertain;

	must_be(i, "rx_bad", grown(i, TERN_HW_STAT_RX_BAD), sure(i, FC_BAD), 0);
	must_be(i, "rx_frames", grown(i, TERN_HW_STAT_RX_FRAMES), all, own);
	must_be(i, "rx_bytes", grown(i, TERN_HW_STAT_RX_BYTES), a->bytes - b->bytes, a->own_bytes - b->own_bytes);
	must_be(i, "rx_filtered", grown(i, TERN_HW_STAT_RX_FILTERED), sure(i, FC_FILTERED),
		either(i, FC_FILTERED) + own);
	must_be(i, "rx_roce", grown(i, TERN_HW_STAT_RX_ROCE), roce, maybe + own);
	must_be(i, "rx_icrc", grown(i, TERN_HW_STAT_RX_ICRC), sure(i, FC_ICRC), either(i, FC_ICRC));
	must_be(i, "rx_header", grown(i, TERN_HW_STAT_RX_HEADER), sure(i, FC_HEADER), either(i, FC_HEADER));
	must_be(i, "rx_cnp", grown(i, TERN_HW_STAT_RX_CNP), sure(i, FC_CNP), either(i, FC_CNP));
	must_be(i, "rx_mcast", grown(i, TERN_HW_STAT_RX_MCAST), a->mcast - b->mcast,
		a->either_mcast - b->either_mcast + own);
	must_be(i, "the netdev's rx_frames", grown_eth(i, TERN_HW_ETH_STAT_RX_FRAMES), sure(i, FC_ETH),
		either(i, FC_ETH));
	/* Whichever it was, it was one of them */
	must_be(i, "rx_frames, by what became of them,", grown(i, TERN_HW_STAT_RX_ROCE) +
		grown(i, TERN_HW_STAT_RX_FILTERED) + grown_eth(i, TERN_HW_ETH_STAT_RX_FRAMES),
		grown(i, TERN_HW_STAT_RX_FRAMES), 0);
}

/* At most */
static uint64_t copies(uint32_t node)
{
	uint64_t sum = 0;

	for (uint32_t team = 0; team < FUZZ_TEAMS; team++)
		sum += fuzz_teams[node][team].packets * fuzz_teams[node][team].peak;
	return sum;
}

static void check_packets(uint32_t i)
{
	const struct fuzz_counts *a = &after[i].counts, *b = &before[i].counts;
	uint64_t good = grown(i, TERN_HW_STAT_RX_ROCE) - grown(i, TERN_HW_STAT_RX_ICRC) -
			grown(i, TERN_HW_STAT_RX_HEADER) - grown(i, TERN_HW_STAT_RX_CNP);
	uint64_t handed = good - grown(i, TERN_HW_STAT_RX_MCAST) + copies(i) - grown(i, TERN_HW_STAT_RX_QP), told;

	/* Of victims nobody knows when they were ready */
	check(grown(i, TERN_HW_STAT_RX_QP) >= a->nobody - b->nobody && handed >= a->bystander - b->bystander &&
	      handed < 1ull << 40, "node %u: rx_qp has grown by %llu; %llu are due at least, and %llu of %llu not",
	      i, (unsigned long long)grown(i, TERN_HW_STAT_RX_QP), (unsigned long long)(a->nobody - b->nobody),
	      (unsigned long long)(a->bystander - b->bystander), (unsigned long long)good);
	check(grown(i, TERN_HW_STAT_RX_QKEY) >= a->qkey - b->qkey &&
	      grown(i, TERN_HW_STAT_RX_QKEY) <= grown(i, TERN_HW_STAT_RX_DROPPED),
	      "node %u: rx_qkey has grown by %llu; %llu are due at least", i,
	      (unsigned long long)grown(i, TERN_HW_STAT_RX_QKEY), (unsigned long long)(a->qkey - b->qkey));
	told = grown(i, TERN_HW_STAT_RX_REQUESTS) + grown(i, TERN_HW_STAT_RX_DUPLICATES) +
	       grown(i, TERN_HW_STAT_RX_GAPS) + grown(i, TERN_HW_STAT_RX_RNR) +
	       grown(i, TERN_HW_STAT_RX_DROPPED) + grown(i, TERN_HW_STAT_RX_ACKS) +
	       grown(i, TERN_HW_STAT_RX_NAKS_SEQ) + grown(i, TERN_HW_STAT_RX_NAKS_RNR) +
	       grown(i, TERN_HW_STAT_RX_NAKS_ERR) + grown(i, TERN_HW_STAT_RX_RESPONSES) +
	       grown(i, TERN_HW_STAT_RX_READ_GAPS) + grown(i, TERN_HW_STAT_RX_STRAY);
	check(told <= handed, "node %u: %llu packets were handed on, and %llu counted behind", i,
	      (unsigned long long)handed, (unsigned long long)told);
}

static void check_quiet(uint32_t i, bool lazy)
{
	/* hmc_err is not among them: keys out of the range of all regions are looked up, and refused */
	static const uint8_t never[] = { TERN_HW_STAT_RX_OVERRUN, TERN_HW_STAT_DOORBELL_BAD,
		TERN_HW_STAT_DMA_READ_ERR, TERN_HW_STAT_DMA_WRITE_ERR, TERN_HW_STAT_CE_LOST,
		TERN_HW_STAT_TX_DROPPED };
	static const uint8_t never_eth[] = { TERN_HW_ETH_STAT_RX_NO_DESC, TERN_HW_ETH_STAT_RX_LONG,
		TERN_HW_ETH_STAT_RX_ERR, TERN_HW_ETH_STAT_CQ_ERR, TERN_HW_ETH_STAT_TX_ERR,
		TERN_HW_ETH_STAT_TX_BAD };
	uint64_t entries = grown(i, TERN_HW_STAT_CEQE) + grown(i, TERN_HW_STAT_AEQE) +
		grown_eth(i, TERN_HW_ETH_STAT_RX_FRAMES) + grown_eth(i, TERN_HW_ETH_STAT_TX_FRAMES);

	for (uint32_t k = 0; k < sizeof(never); k++)
		must_be(i, stat_name(never[k]), grown(i, never[k]), 0, 0);
	for (uint32_t k = 0; k < sizeof(never_eth); k++)
		must_be(i, "an error counter of the netdev", grown_eth(i, never_eth[k]), 0, 0);
	check(lazy || !grown(i, TERN_HW_STAT_AE_LOST), "node %u: events were lost", i);
	/* Those of the netdev's admin queue besides */
	check(grown(i, TERN_HW_STAT_IRQ) <= entries + 4, "node %u: %llu interrupts for %llu entries", i,
	      (unsigned long long)grown(i, TERN_HW_STAT_IRQ), (unsigned long long)entries);
}

void account_check(bool lazy)
{
	for (uint32_t i = 0; i < NODES; i++) {
		check_frames(i);
		check_packets(i);
		check_quiet(i, lazy);
	}
}
