// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Addresses and groups, see fuzz.h: what the adapters were told, in time. Each round has GIDs that are set and
 * cleared while frames for them come, and groups that victims are attached to and leave. No
 * bystander needs any of those: their GIDs stay, and groups with a bystander are never empty.
 *
 * Nobody knows when in the time of a command the adapter begins to go by it. So what was true before and
 * what is behind both hold until it is done.
 */

#include <string.h>

#include "fuzz_victim.h"

#define HELD 200u		/* cycles: more than the longest frame has, and tern_rx takes */
#define PARAM ((uint32_t)TERN_HW_CQP_MAJOR_PARAM << 16)
#define STATE ((uint32_t)TERN_HW_CQP_MAJOR_STATE << 16)
#define FIRST_VID 210u		/* of GIDs that come and go */
#define LAST_GID 127u

struct fuzz_gid fuzz_gids[NODES][FUZZ_GIDS];
struct fuzz_tables fuzz_tables[NODES];
struct fuzz_team fuzz_teams[NODES][FUZZ_TEAMS];
uint64_t fuzz_changes;

static uint32_t caster_qkeys[NODES][CASTERS];
static uint32_t focus[NODES];

static uint32_t bits(uint32_t mask)
{
	return (uint32_t)__builtin_popcount(mask);
}

static bool is_there(const struct fuzz_team *team)
{
	return team->victims || team->casters;
}

/* Of groups, as members are now */
static uint32_t teams_there(uint32_t node)
{
	uint32_t teams = 0;

	for (uint32_t t = 0; t < FUZZ_TEAMS; t++)
		teams |= (uint32_t)is_there(&fuzz_teams[node][t]) << t;
	return teams;
}

static void note_peak(struct fuzz_team *team)
{
	uint32_t members = bits(team->victims) + bits(team->casters);

	team->peak = members > team->peak ? members : team->peak;
}

/* ----------------------------------------------------------------------------------- GIDs */

void table_init(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		for (enum gid g = 0; g < GIDS; g++) {
			struct fuzz_gid *gid = &fuzz_gids[i][g];

			gid->ipv4 = gid_is_ipv4(g);
			gid->vid = gid_vid(g);
			gid->tagged = gid->vid;
			gid->mac = node_mac(i);
			node_gid(i, g, gid->octets);
		}
	}
}

/* Some have an address that another VLAN has already, or the VLAN of another address, or a MAC of their own */
static void choose_spare(uint32_t node, uint32_t k)
{
	struct fuzz_gid *gid = &fuzz_gids[node][GIDS + k];
	enum gid like = (enum gid)rnd(GIDS);

	memset(gid, 0, sizeof(*gid));
	gid->ipv4 = fuzz_gids[node][like].ipv4;
	memcpy(gid->octets, fuzz_gids[node][like].octets, 16);
	if (chance(60))
		gid->octets[14] = (uint8_t)(0x40 + k);
	gid->tagged = chance(60);
	if (gid->tagged)
		gid->vid = chance(40) ? gid_vid(chance(50) ? GID_IPV4_VLAN : GID_IPV6_VLAN) : FIRST_VID + rnd(3);
	gid->mac = chance(50) ? node_mac(node) : 0x020000007700ull + 16 * node + rnd(FUZZ_SPARES);
}

/* Here and there in the adapter's table */
static uint32_t spare_index(uint32_t k)
{
	return k & 2 ? LAST_GID : GIDS + k / 2;
}

static void set_gids(struct fuzz_table *table, uint32_t gids)
{
	table->gids = table->macs = gids;
}

/* What is now and what was are known to differ. Frames that were judged before may still wait in tern_loop,
 * behind one of the adapter's own, and must find the table as it was
 */
static void begin_change(void)
{
	bus_wait(HELD);
}

static void end_change(uint32_t node)
{
	fuzz_tables[node].old = fuzz_tables[node].now;
	fuzz_changes++;
}

static void set_spare(uint32_t node, uint32_t k, uint32_t gids)
{
	const struct fuzz_gid *gid = &fuzz_gids[node][GIDS + k];
	uint64_t w[8] = { 0, put(TERN_HW_CQP_GID_WQE_ATTR_OP_MASK, TERN_HW_GID_OP_SET) |
			     put(TERN_HW_CQP_GID_WQE_ATTR_IPV4_MASK, gid->ipv4) |
			     put(TERN_HW_CQP_GID_WQE_ATTR_VLAN_VALID_MASK, gid->tagged) |
			     put(TERN_HW_CQP_GID_WQE_ATTR_VLAN_ID_MASK, gid->vid), 0, 0, gid->mac };

	memcpy(&w[2], gid->octets, 16);
	set_gids(&fuzz_tables[node].now, gids | 1u << (GIDS + k));
	begin_change();
	node_command(node, TERN_HW_CQP_OP_MANAGE_GID, spare_index(k), w);
	end_change(node);
}

static void clear_spare(uint32_t node, uint32_t k, uint32_t gids)
{
	const uint64_t w[8] = { 0, put(TERN_HW_CQP_GID_WQE_ATTR_OP_MASK, TERN_HW_GID_OP_CLEAR) };

	set_gids(&fuzz_tables[node].now, gids);
	begin_change();
	node_command(node, TERN_HW_CQP_OP_MANAGE_GID, spare_index(k), w);
	end_change(node);
}

/* Set, or cleared, or another in its entry */
static void change_spare(uint32_t node, uint32_t k)
{
	uint32_t now = fuzz_tables[node].now.gids, others = now & ~(3u << (GIDS + (k & ~1u)));

	if (!(now >> (GIDS + k) & 1))
		set_spare(node, k, others);
	else if (chance(30))
		set_spare(node, k ^ 1, others);
	else
		clear_spare(node, k, others);
}

/* --------------------------------------------------------------------------------- groups */

static uint32_t command(uint32_t node, bool attach, uint32_t team, uint32_t qpn, bool no_own)
{
	uint8_t gid[16];

	fuzz_team_gid(team, gid);
	return node_group_try(node, attach ? TERN_HW_CQP_OP_ATTACH_MCAST : TERN_HW_CQP_OP_DETACH_MCAST, qpn, gid, no_own,
			      NULL);
}

void table_join(uint32_t node, uint32_t team, uint32_t caster, uint32_t qpn, bool no_own)
{
	struct fuzz_team *t = &fuzz_teams[node][team];
	uint32_t err = command(node, true, team, qpn, no_own);

	check(!err && t->kind == FM_KEPT, "node %u: group %u takes no bystander: %08x", node, team, err);
	t->casters |= 1u << caster;
	t->no_own |= (uint32_t)no_own << caster;
	caster_qkeys[node][caster] = fuzz_qps[node][qpn].qkey;
	note_peak(t);
	fuzz_tables[node].now.teams |= 1u << team;
	fuzz_tables[node].least.teams |= 1u << team;
	end_change(node);
}

bool table_has_qkey(uint32_t node, uint32_t team, uint32_t qkey)
{
	for (uint32_t c = 0; c < CASTERS; c++)
		if (fuzz_teams[node][team].casters >> c & 1 && caster_qkeys[node][c] == qkey)
			return true;
	return false;
}

/* What ATTACH and DETACH of a victim must say, if it is not to be done */
static uint32_t refusal(uint32_t node, uint32_t k, bool attach, uint32_t team)
{
	const struct end *side = &victims[k].side[node];

	if (!side->there)
		return STATE | TERN_HW_CQP_MINOR_MISSING;
	if (side->qp.attr.type != TERN_HW_QP_TYPE_UD)
		return PARAM | TERN_HW_CQP_MINOR_TYPE;
	if (!attach && !(fuzz_teams[node][team].victims >> k & 1))
		return STATE | TERN_HW_CQP_MINOR_MISSING;
	return 0;
}

static void move_victim(uint32_t node, uint32_t k, uint32_t team, bool attach)
{
	struct fuzz_team *t = &fuzz_teams[node][team];
	struct end *side = &victims[k].side[node];
	uint32_t due = refusal(node, k, attach, team), err;

	if (!due) {
		t->victims = attach ? t->victims | 1u << k : t->victims & ~(1u << k);
		note_peak(t);
		fuzz_tables[node].now.teams = teams_there(node);
		side->left[team] = NEVER_LEFT;
		begin_change();
	}
	err = command(node, attach, team, victim_qpn(k), chance(30));
	check(err == due, "node %u: victim %u, group %u: %s: %08x, not %08x", node, victim_qpn(k), team,
	      attach ? "ATTACH_MCAST" : "DETACH_MCAST", err, due);
	if (!due && !attach)
		side->left[team] = bus_now();
	end_change(node);
}

static uint32_t team_to_move(uint32_t node)
{
	return focus[node] < FUZZ_TEAMS && chance(60) ? focus[node] : rnd(FUZZ_TEAMS);
}

/* Mostly one for which there is something to do */
static void any_move(uint32_t node)
{
	uint32_t k = rnd(VICTIMS), team = team_to_move(node);
	bool attach;

	for (uint32_t n = 0; n < 100 && (fuzz_teams[node][team].kind == FM_NEVER ||
					 (refusal(node, k, true, team) && !chance(1))); n++) {
		k = rnd(VICTIMS);
		team = team_to_move(node);
	}
	if (fuzz_teams[node][team].kind == FM_NEVER)
		return;
	attach = !(fuzz_teams[node][team].victims >> k & 1) == chance(90);
	/* What is under way when it leaves may find the group or not, and what comes back to its own node again */
	if (!attach && chance(60))
		victim_send_to(node, team);
	move_victim(node, k, team, attach);
}

void table_welcome(uint32_t node, uint32_t k)
{
	for (uint32_t n = rnd(4); n--;) {
		uint32_t team = rnd(FUZZ_TEAMS);

		if (fuzz_teams[node][team].kind != FM_NEVER && !refusal(node, k, true, team))
			move_victim(node, k, team, true);
	}
}

void table_destroy(uint32_t k, struct qp *qp)
{
	for (uint32_t t = 0; t < FUZZ_TEAMS; t++)
		fuzz_teams[qp->node][t].victims &= ~(1u << k);
	fuzz_tables[qp->node].now.teams = teams_there(qp->node);
	begin_change();
	qp_destroy(qp);
	end_change(qp->node);
}

/* --------------------------------------------------------------------------------- rounds */

static enum fuzz_member kind_of(uint32_t node, uint32_t team, uint32_t first)
{
	switch (team / 2) {
	case 0:
		return FM_KEPT;
	case 1:
		return node == first ? FM_KEPT : FM_LOOSE;
	case 2:
		return FM_LOOSE;
	case 3:
		return node == first ? FM_LOOSE : FM_NEVER;
	default:
		return FM_NEVER;
	}
}

void table_start(void)
{
	uint32_t first = rnd(NODES);

	for (uint32_t i = 0; i < NODES; i++) {
		struct fuzz_tables *t = &fuzz_tables[i];

		memset(fuzz_teams[i], 0, sizeof(fuzz_teams[i]));
		memset(t, 0, sizeof(*t));
		set_gids(&t->least, (1u << GIDS) - 1);
		set_gids(&t->most, (1u << FUZZ_GIDS) - 1);
		for (uint32_t team = 0; team < FUZZ_TEAMS; team++) {
			fuzz_teams[i][team].kind = kind_of(i, team, first);
			t->most.teams |= (uint32_t)(fuzz_teams[i][team].kind != FM_NEVER) << team;
		}
		t->old = t->now = t->least;
		focus[i] = FUZZ_TEAMS;
		for (uint32_t k = 0; k < FUZZ_SPARES; k++)
			choose_spare(i, k);
	}
}

struct fuzz_table table_changing(uint32_t node)
{
	const struct fuzz_table *old = &fuzz_tables[node].old, *now = &fuzz_tables[node].now;

	return (struct fuzz_table){ .gids = old->gids ^ now->gids, .teams = old->teams ^ now->teams };
}

uint32_t table_focus(uint32_t node)
{
	return focus[node];
}

void table_step(void)
{
	uint32_t node = rnd(NODES);

	if (chance(15))
		focus[node] = chance(60) ? rnd(FUZZ_TEAMS) : FUZZ_TEAMS;
	if (chance(40))
		change_spare(node, rnd(FUZZ_SPARES));
	else
		any_move(node);
}

void table_stop(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		for (uint32_t k = 0; k < FUZZ_SPARES; k += 2)
			clear_spare(i, k, fuzz_tables[i].now.gids & ~(3u << (GIDS + k)));
		for (uint32_t team = 0; team < FUZZ_TEAMS; team++)
			check(!fuzz_teams[i][team].victims, "the bench has forgotten a victim in group %u", team);
		fuzz_tables[i].old.teams = fuzz_tables[i].now.teams = 0;
	}
}
