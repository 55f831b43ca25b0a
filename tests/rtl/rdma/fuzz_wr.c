// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What victims are given to do, what comes back, and the memory for both, see fuzz.h. Receives and READs of
 * victims go into slots of one region, the sink; between slots nothing may ever be written. The network header
 * before a datagram has a place of its own, so that it tells whether the victim is one that it was for.
 */

#include <stddef.h>
#include <string.h>

#include "fuzz_victim.h"

#define MR_INDEX 800u
#define SLOTS 8u	/* in the sink, for each victim */
#define SLOT 0x600u
#define SLOT_USED 0x500u	/* the rest is never written */
#define REGION 0x8000u
#define HEADER 40u	/* before a datagram */
#define HEADERS (VICTIMS * SLOTS * SLOT)	/* behind the slots: a place for each receive of each victim */
#define LATE_NS 1000000u	/* that a message to a group may come after its QP has left it */
#define TEAM_PCT 35u	/* datagrams to groups */
#define MAX_LOOSE 4u

struct area fuzz_areas[NODES][FUZZ_REGIONS];
uint64_t victim_completions, victim_errors, victim_casts;
uint32_t victim_loose[NODES];

/* ----------------------------------------------------------------------------------- memory */

void victim_regions(void)
{
	static const struct { uint32_t level, length, pd, access; } kinds[FUZZ_REGIONS] = {
		[FR_ALL] = { 0, REGION, FUZZ_PD, 0xf }, [FR_PAGED] = { 1, REGION - 777, FUZZ_PD, 0xf },
		[FR_SINK] = { 1, HEADERS + VICTIMS * VICTIM_RING * HEADER, FUZZ_PD, 1 },
		[FR_NONE] = { 0, REGION, FUZZ_PD, 0 }, [FR_OTHER] = { 0, REGION, FUZZ_PD + 1, 0xf },
	};

	for (uint32_t i = 0; i < NODES; i++) {
		for (uint32_t r = 0; r < FUZZ_REGIONS; r++) {
			struct mr_attr attr = { .va = 0x600000000000ull * (i + 1) + 0x10000000ull * r + 0x5c0,
				.length = kinds[r].length, .pd = kinds[r].pd, .access = kinds[r].access,
				.level = kinds[r].level, .page_shift = 12 };

			area_create(&fuzz_areas[i][r], i, MR_INDEX + 3 * r, &attr);
		}
	}
}

void victim_check_memory(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		struct area *areas = fuzz_areas[i];

		area_check(&areas[FR_NONE]);
		area_check(&areas[FR_OTHER]);
		area_check_around(&areas[FR_ALL]);
		area_check_around(&areas[FR_PAGED]);
		area_check_around(&areas[FR_SINK]);
		for (uint32_t k = 0; k < VICTIMS * SLOTS; k++)
			area_unchanged(&areas[FR_SINK], k * SLOT + SLOT_USED, SLOT - SLOT_USED,
				       "a victim's memory beside its buffers");
	}
}

/* Where a victim may be written to by what it asked for itself */
static struct sge sink(uint32_t k, uint32_t node, uint32_t len)
{
	const struct mr *mr = &fuzz_areas[node][FR_SINK].mr;
	uint32_t room = SLOT_USED - len;

	return (struct sge){ mr->attr.va + (k * SLOTS + rnd(SLOTS)) * SLOT + (room ? rnd(room) : 0), len,
			     mr->key };
}

static uint32_t header_place(uint32_t k, uint32_t index)
{
	return HEADERS + (k * VICTIM_RING + index % VICTIM_RING) * HEADER;
}

/* ---------------------------------------------------------------------------------- posting */

static void push(struct queue *q, struct entry entry)
{
	q->entries[q->posted++ % VICTIM_RING] = entry;
}

void victim_post_receives(uint32_t k, uint32_t node)
{
	struct end *side = &victims[k].side[node];
	bool any = false;

	for (uint32_t n = rnd(6); n-- && side->rq.posted - side->rq.done < VICTIM_RING; any = true) {
		struct sge sge[2] = { sink(k, node, rnd(SLOT_USED + 1)), sink(k, node, rnd(100)) };
		struct entry entry = { .slots = 1, .apart = is_datagram(side->qp.attr.type) && chance(80) };

		if (entry.apart) {
			sge[1] = sge[0];
			sge[0].va = fuzz_areas[node][FR_SINK].mr.attr.va + header_place(k, side->qp.rq_index);
			sge[0].len = HEADER;
		}
		entry.wqe = qp_post_recv(&side->qp, sge, entry.apart ? 2 : rnd_range(1, 2));
		push(&side->rq, entry);
	}
	if (any)
		qp_ring_rq(&side->qp);
}

static enum tern_hw_wqe_op any_op(enum tern_hw_qp_type type)
{
	static const enum tern_hw_wqe_op ops[] = { TERN_HW_WQE_OP_SEND, TERN_HW_WQE_OP_SEND_IMM,
		TERN_HW_WQE_OP_WRITE, TERN_HW_WQE_OP_WRITE_IMM, TERN_HW_WQE_OP_READ,
		TERN_HW_WQE_OP_CMP_SWAP, TERN_HW_WQE_OP_FETCH_ADD, TERN_HW_WQE_OP_READ };

	return ops[rnd(is_datagram(type) ? 2 : type == TERN_HW_QP_TYPE_UC ? 4 : 8)];
}

/* True: nobody of the peer need be in that group, and then its netdev gets the frame. Few of those at a time */
static bool is_loose(uint32_t node, uint32_t team)
{
	return fuzz_teams[!node][team].kind != FM_KEPT;
}

/* To its peer, or to a group of the same IP version; FUZZ_TEAMS: any, or none */
static void aim(uint32_t k, uint32_t node, uint32_t team, struct ud_addr *addr, bool *loose)
{
	*addr = victims[k].addr[!node];
	*loose = false;
	if (team == FUZZ_TEAMS && chance(TEAM_PCT))
		team = rnd(FUZZ_TEAMS / 2) * 2 + gid_is_ipv4(victims[k].conn.gid);
	if (team == FUZZ_TEAMS || (is_loose(node, team) && victim_loose[node] >= MAX_LOOSE))
		return;
	addr->qpn = ALL_QPNS;
	addr->qkey = chance(50) && k != GSI ? victim_qkey(k) : FUZZ_QKEY + rnd(FUZZ_QKEYS);
	addr->mac = fuzz_team_mac(team);
	fuzz_team_gid(team, addr->dgid);
	*loose = is_loose(node, team);
	victim_loose[node] += *loose;
}

static void post_send(uint32_t k, uint32_t node, uint32_t team)
{
	struct victim *v = &victims[k];
	struct end *side = &v->side[node];
	const struct mr *remote = &fuzz_areas[!node][chance(50) ? FR_ALL : FR_PAGED].mr;
	struct wr wr = { .op = any_op(v->type), .flags = WR_SIGNALED | (chance(20) ? WR_SOLICITED : 0),
		.imm = (uint32_t)rnd64() };
	bool atomic = wr.op == TERN_HW_WQE_OP_CMP_SWAP || wr.op == TERN_HW_WQE_OP_FETCH_ADD;
	uint32_t len = chance(60) ? rnd(100) : rnd(SLOT_USED + 1);
	struct ud_addr addr;
	bool loose = false;

	if (is_datagram(v->type)) {
		aim(k, node, team, &addr, &loose);
		wr.ud = &addr;
	} else {
		wr.remote = (remote->attr.va + 8 + rnd(REGION - 4096)) & (atomic ? ~7ull : ~0ull);
	}
	wr.rkey = is_datagram(v->type) ? 0 : remote->key;
	wr.operand = rnd64();
	if (chance(20) && !atomic && wr.op != TERN_HW_WQE_OP_READ) {
		wr.flags |= WR_INLINE;
		wr.data_len = rnd(MAX_INLINE - 16);
	} else {
		wr.num_sge = 1;
		wr.sge[0] = sink(k, node, atomic ? 8 : len);
	}
	push(&side->sq, (struct entry){ .wqe = qp_post_send(&side->qp, &wr), .slots = wr_slots(&wr), .op = wr.op,
					.loose = loose });
	side->used += wr_slots(&wr);
}

void victim_forget(struct end *side)
{
	for (; side->sq.done != side->sq.posted; side->sq.done++)
		victim_loose[side->qp.node] -= side->sq.entries[side->sq.done % VICTIM_RING].loose;
}

void victim_post_sends(uint32_t k, uint32_t node)
{
	struct end *side = &victims[k].side[node];
	bool any = false;

	for (uint32_t n = rnd(5); n-- && side->used + 5 <= VICTIM_RING; any = true)
		post_send(k, node, FUZZ_TEAMS);
	if (any && side->used < VICTIM_RING - 5 && chance(30))
		qp_push_sq(&side->qp);
	else if (any)
		qp_ring_sq(&side->qp);
}

void victim_send_to(uint32_t node, uint32_t team)
{
	for (uint32_t n = 0; n < 30; n++) {
		uint32_t k = rnd(VICTIMS), count = rnd_range(1, 4);
		struct end *side = &victims[k].side[node];

		if (!is_datagram(victims[k].type) || !side->there || side->state != TERN_HW_QP_STATE_RTS ||
		    gid_is_ipv4(victims[k].conn.gid) != (team & 1) || side->used + 5 * count > VICTIM_RING)
			continue;
		while (count--)
			post_send(k, node, team);
		qp_ring_sq(&side->qp);
		return;
	}
}

/* -------------------------------------------------------------------------------- completions */

static bool is_possible(enum tern_hw_wc_status status)
{
	switch (status) {
	case TERN_HW_WC_STATUS_SUCCESS:
	case TERN_HW_WC_STATUS_WR_FLUSH:
	case TERN_HW_WC_STATUS_LOC_LEN:
	case TERN_HW_WC_STATUS_LOC_ACCESS:
	case TERN_HW_WC_STATUS_BAD_RESP:
	case TERN_HW_WC_STATUS_REM_INV_REQ:
	case TERN_HW_WC_STATUS_REM_ACCESS:
	case TERN_HW_WC_STATUS_REM_OP:
	case TERN_HW_WC_STATUS_RETRY_EXC:
	case TERN_HW_WC_STATUS_RNR_RETRY_EXC:
		return true;
	default:
		return false;
	}
}

static bool is_own_gid(uint32_t node, const uint8_t gid[16])
{
	for (uint32_t g = 0; g < FUZZ_GIDS; g++)
		if (!memcmp(fuzz_gids[node][g].octets, gid, 16))
			return true;
	return false;
}

/* It was for the node, or for a group that the victim is in, or was lately */
static void check_destination(uint32_t k, uint32_t node, const struct entry *entry, const struct cqe *cqe)
{
	const struct end *side = &victims[k].side[node];
	uint8_t header[HEADER], gid[16], octets[16];

	mr_get(&fuzz_areas[node][FR_SINK].mr, header_place(k, entry->wqe), header, HEADER);
	fuzz_widen(cqe->ipv4, header + (cqe->ipv4 ? 36 : 24), gid);
	if (is_own_gid(node, gid))
		return;
	for (uint32_t team = 0; team < FUZZ_TEAMS; team++) {
		fuzz_team_gid(team, octets);
		if (memcmp(gid, octets, 16))
			continue;
		check(side->left[team] && (side->left[team] == NEVER_LEFT ||
					   cqe->timestamp < side->left[team] + LATE_NS),
		      "node %u: victim %u: a message to group %u, which it has left at %llu and not just now, %llu",
		      node, cqe->qpn, team, (unsigned long long)side->left[team],
		      (unsigned long long)cqe->timestamp);
		victim_casts++;
		return;
	}
	fail("node %u: victim %u: a message to nobody", node, cqe->qpn);
}

static void take_cqe(uint32_t node, const struct cqe *cqe)
{
	uint32_t k = victim_of(cqe->qpn);
	struct end *side = k < VICTIMS ? &victims[k].side[node] : NULL;
	struct queue *q = !side ? NULL : cqe->rq ? &side->rq : &side->sq;
	const struct entry *entry;
	bool quiet;

	check(side && side->there, "node %u: CQE of QP %u, which is not there", node, cqe->qpn);
	check(q->done < q->posted, "node %u: victim %u: one %s CQE too many, entry %u, status %u", node,
	      cqe->qpn, cqe->rq ? "receive" : "send", cqe->wqe_index, cqe->status);
	entry = &q->entries[q->done++ % VICTIM_RING];
	check(cqe->wqe_index == entry->wqe && (cqe->rq || cqe->opcode == entry->op),
	      "node %u: victim %u: %s CQE of entry %u, opcode %x, status %u; %u, %x is due", node, cqe->qpn,
	      cqe->rq ? "receive" : "send", cqe->wqe_index, cqe->opcode, cqe->status, entry->wqe, entry->op);
	check(is_possible(cqe->status) && (!q->failed || cqe->status == TERN_HW_WC_STATUS_WR_FLUSH),
	      "node %u: victim %u: %s CQE of entry %u has status %u", node, cqe->qpn,
	      cqe->rq ? "receive" : "send", cqe->wqe_index, cqe->status);
	if (!cqe->rq) {
		side->used -= entry->slots;
		victim_loose[node] -= entry->loose;
	}
	/* What a stranger sends to a UC or UD QP fails its receive, and not the QP */
	quiet = cqe->rq && side->qp.attr.type != TERN_HW_QP_TYPE_RC &&
		cqe->status != TERN_HW_WC_STATUS_WR_FLUSH;
	if (cqe->status && !quiet)
		q->failed = true;
	if (entry->apart && !cqe->status)
		check_destination(k, node, entry, cqe);
	victim_completions++;
	victim_errors += cqe->status && cqe->status != TERN_HW_WC_STATUS_WR_FLUSH;
}

void victim_poll(uint32_t node)
{
	struct cqe cqe;

	while (cq_poll(&victim_cqs[node], &cqe))
		take_cqe(node, &cqe);
}
