// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Frames for multicast groups and for GIDs that come and go, see fuzz.h. Any frame can become one: MAC, VLAN
 * tag, IP address, QPN and Q_Key are made to fit, each most of the time. Two groups that nobody is in
 * share their MAC with another. What a command is changing gets most of them while it lasts, or the
 * group that much happens to.
 */

#include <string.h>

#include "fuzz_victim.h"

#define FIRST_TWIN 8u		/* groups 8 and 9 have the MACs of 0 and 1 */

/* A bit of mask that is set; without one any below bits */
static uint32_t any_bit(uint32_t mask, uint32_t bits)
{
	uint32_t k = rnd(bits);

	while (mask && !(mask >> k & 1))
		k = (k + 1) % bits;
	return k;
}

/* ---------------------------------------------------------------------------------- groups */

void fuzz_team_gid(uint32_t team, uint8_t octets[16])
{
	bool twin = team >= FIRST_TWIN;
	uint32_t k = twin ? team - FIRST_TWIN : team;

	memset(octets, 0, 16);
	if (team & 1) {
		octets[10] = octets[11] = 0xff;
		octets[12] = twin ? 224 : 239;
		octets[13] = (uint8_t)(twin ? 0x80 | k : k);
		octets[14] = 9;
		octets[15] = (uint8_t)(7 + k);
	} else {
		octets[0] = 0xff;
		octets[1] = 0x15;
		octets[9] = twin;
		octets[12] = (uint8_t)k;
		octets[15] = (uint8_t)(5 + k);
	}
}

uint64_t fuzz_team_mac(uint32_t team)
{
	uint8_t octets[16];

	fuzz_team_gid(team, octets);
	return group_mac(team & 1, octets);
}

static uint64_t any_mac(uint32_t to, uint32_t team, uint64_t fits)
{
	uint32_t kind = rnd(100);

	if (kind < 88)
		return fits;
	if (kind < 91)
		return fuzz_team_mac(rnd(FUZZ_TEAMS));
	if (kind < 94)
		return fuzz_team_mac(team) ^ 1ull << rnd(48);
	if (kind < 97)
		return node_mac(to);
	return chance(50) ? 0xffffffffffffull : fuzz_gids[to][rnd(FUZZ_GIDS)].mac;
}

static uint32_t any_qpn(uint32_t to)
{
	uint32_t kind = rnd(100);

	if (kind < 85)
		return ALL_QPNS;
	if (kind < 90)
		return ALL_QPNS ^ 1u << rnd(24);
	return kind < 98 ? fuzz_target(to) : rnd(2);
}

/* That of a member in most cases */
static uint32_t any_qkey(uint32_t to, uint32_t team)
{
	uint32_t kind = rnd(100), members = fuzz_teams[to][team].victims;

	if (kind < 70)
		return members ? victim_qkey(any_bit(members, VICTIMS)) : FUZZ_QKEY + rnd(FUZZ_QKEYS);
	if (kind < 78)
		return GSI_QKEY;
	/* Perhaps that of a bystander */
	return kind < 90 ? fuzz_qps[to][CASTER_QPN + rnd(CASTERS)].qkey : (uint32_t)rnd64();
}

static void put_source(struct fuzz_frame *f, const struct fuzz_layout *l, const uint8_t octets[16])
{
	memcpy(f->b + l->ip + (l->ipv4 ? 12 : 8), octets + (l->ipv4 ? 12 : 0), l->ipv4 ? 4 : 16);
}

static void put_address(struct fuzz_frame *f, const struct fuzz_layout *l, const uint8_t octets[16])
{
	memcpy(f->b + l->ip + (l->ipv4 ? 16 : 24), octets + (l->ipv4 ? 12 : 0), l->ipv4 ? 4 : 16);
	if (one_in(40))
		f->b[l->ip + (l->ipv4 ? 16 + rnd(4) : 24 + rnd(16))] ^= (uint8_t)(1u << rnd(8));
}

/* Odd ones are IPv4 */
static uint32_t any_team(uint32_t to, bool ipv4)
{
	uint32_t fit = ipv4 ? 0xaaaaaaaa : 0x55555555;
	uint32_t changing = table_changing(to).teams & fit, there = fuzz_tables[to].now.teams & fit;
	uint32_t focus = table_focus(to), kind = rnd(100);

	if (changing && kind < 80)
		return any_bit(changing, FUZZ_TEAMS);
	if (focus < FUZZ_TEAMS && ipv4 == (focus & 1) && kind < 60)
		return focus;
	return there && kind < 80 ? any_bit(there, FUZZ_TEAMS) : rnd(FUZZ_TEAMS / 2) * 2 + ipv4;
}

void fuzz_aim_team(uint32_t to, struct fuzz_frame *f)
{
	struct fuzz_layout l;
	uint8_t octets[16];
	uint32_t team;

	fuzz_layout(f, &l);
	if (!l.bth)
		return;
	team = any_team(to, l.ipv4);
	fuzz_team_gid(team, octets);
	put_address(f, &l, octets);
	/* What it is now, it may be of no group */
	if (chance(80))
		memcpy(octets + (l.ipv4 ? 12 : 0), f->b + l.ip + (l.ipv4 ? 16 : 24), l.ipv4 ? 4 : 16);
	fuzz_put(f->b, 6, any_mac(to, team, group_mac(l.ipv4, octets)));
	fuzz_put(f->b + l.bth + 5, 3, any_qpn(to));
	if (f->b[l.bth] >> 5 == 3 && l.ext + 4 <= f->len)
		fuzz_put(f->b + l.ext, 4, any_qkey(to, team));
}

/* ----------------------------------------------------------------------------------- GIDs */

static void set_vlan(struct fuzz_frame *f, bool tagged, uint32_t vid)
{
	bool has = f->b[12] == 0x81 && f->b[13] == 0;

	if (has && !tagged) {
		memmove(f->b + 12, f->b + 16, f->len - 16);
		f->len -= 4;
	} else if (!has && tagged && f->len + 4 <= FUZZ_MAX) {
		memmove(f->b + 16, f->b + 12, f->len - 12);
		f->len += 4;
	}
	if (tagged) {
		fuzz_put(f->b + 12, 2, 0x8100);
		fuzz_put(f->b + 14, 2, vid | rnd(16) << 12);
	}
}

void fuzz_aim_spare(uint32_t to, struct fuzz_frame *f)
{
	uint32_t changing = table_changing(to).gids >> GIDS;
	const struct fuzz_gid *gid = NULL;
	struct fuzz_layout l;

	fuzz_layout(f, &l);
	if (!l.bth)
		return;
	for (uint32_t k = 0; k < 8; k++) {
		gid = &fuzz_gids[to][GIDS + any_bit(chance(80) ? changing : 0, FUZZ_SPARES)];
		if (gid->ipv4 == l.ipv4)
			break;
	}
	if (gid->ipv4 != l.ipv4)
		return;
	put_address(f, &l, gid->octets);
	fuzz_put(f->b, 6, chance(80) ? gid->mac : chance(70) ? node_mac(to) : fuzz_gids[to][rnd(FUZZ_GIDS)].mac);
	if (chance(90))
		set_vlan(f, gid->tagged, gid->vid);
}

void fuzz_aim_peer(uint32_t to, struct fuzz_frame *f, const struct fuzz_qp *qp)
{
	const struct fuzz_gid *own = &fuzz_gids[to][qp->gid];
	struct fuzz_layout l;

	set_vlan(f, own->tagged, own->vid);
	fuzz_layout(f, &l);
	if (!l.bth || l.ipv4 != own->ipv4)
		return;
	put_address(f, &l, own->octets);
	put_source(f, &l, fuzz_gids[!to][qp->gid].octets);
}

void fuzz_aim_stranger(uint32_t to, struct fuzz_frame *f, const struct fuzz_qp *qp)
{
	uint32_t version = chance(50) ? qp->gid : rnd(GIDS);
	const struct fuzz_gid *other = &fuzz_gids[to][version];
	struct fuzz_layout l;

	fuzz_aim_peer(to, f, qp);
	if (chance(50))
		set_vlan(f, other->tagged, other->vid);
	fuzz_layout(f, &l);
	if (!l.bth)
		return;
	if (chance(50))
		f->b[l.ip + (l.ipv4 ? 12 + rnd(4) : 8 + rnd(16))] ^= (uint8_t)(1u << rnd(8));
	else if (l.ipv4 == other->ipv4)
		put_address(f, &l, other->octets);
}
