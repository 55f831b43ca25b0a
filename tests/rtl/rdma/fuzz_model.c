// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * What must become of a frame, see fuzz.h. Written from the rules for RoCEv2 (IBTA annex A17, chapters 5
 * and 9) and the promises in docs/rc-engine.md, so that it does not share an error with the RTL. Addresses and
 * groups are what the adapter was told (fuzz_table.c).
 */

#include <string.h>

#include "fuzz.h"
#include "roce_crc.h"

#define LEAST_FRAME 14u
#define MOST_FRAME 9216u
#define ROCE_PORT 4791u
#define BTH 12u
#define ICRC 4u
#define CNP 0x81u
#define FAR (1u << 16)	/* PSNs: further than anything that is under way */
#define HALF (1u << 23)

struct fuzz_filter fuzz_filters[NODES];

/* --------------------------------------------------------------------------- layers below */

static uint64_t mac_in(const uint8_t *b)
{
	return (uint64_t)fuzz_get(b, 2) << 32 | fuzz_get(b + 2, 4);
}

/* Its own, or that of a GID */
static bool is_own_mac(uint32_t to, const uint8_t *b, const struct fuzz_table *table)
{
	if (mac_in(b) == node_mac(to))
		return true;
	for (uint32_t g = 0; g < FUZZ_GIDS; g++)
		if (table->macs >> g & 1 && fuzz_gids[to][g].mac == mac_in(b))
			return true;
	return false;
}

static bool is_broadcast(const uint8_t *b)
{
	return fuzz_get(b, 2) == 0xffff && fuzz_get(b + 2, 4) == 0xffffffff;
}

void fuzz_widen(bool ipv4, const uint8_t *address, uint8_t gid[16])
{
	memset(gid, 0, 16);
	gid[10] = gid[11] = 0xff;
	memcpy(gid + (ipv4 ? 12 : 0), address, ipv4 ? 4 : 16);
}

/* A bit for each that is it, tagged or not as it says */
static uint32_t find_gids(uint32_t to, bool ipv4, const uint8_t *address, uint32_t vid,
			  const struct fuzz_table *table)
{
	uint8_t gid[16];
	uint32_t found = 0;

	fuzz_widen(ipv4, address, gid);
	for (uint32_t g = 0; g < FUZZ_GIDS; g++) {
		const struct fuzz_gid *own = &fuzz_gids[to][g];

		if (table->gids >> g & 1 && ipv4 == own->ipv4 && !memcmp(gid, own->octets, 16) &&
		    own->tagged == (vid != 0) && (!vid || vid == own->vid))
			found |= 1u << g;
	}
	return found;
}

/* No VLAN, or that of any GID */
static bool is_vlan(uint32_t to, uint32_t vid, const struct fuzz_table *table)
{
	for (uint32_t g = 0; vid && g < FUZZ_GIDS; g++)
		if (table->gids >> g & 1 && fuzz_gids[to][g].tagged && fuzz_gids[to][g].vid == vid)
			return true;
	return !vid;
}

/* The group whose address this is, if somebody is in it and the MAC is the group's, too */
static uint32_t find_team(const uint8_t *mac, bool ipv4, const uint8_t *address, const struct fuzz_table *table)
{
	uint8_t gid[16], octets[16];

	fuzz_widen(ipv4, address, gid);
	for (uint32_t team = 0; team < FUZZ_TEAMS; team++) {
		fuzz_team_gid(team, octets);
		if (table->teams >> team & 1 && ipv4 == (team & 1) && !memcmp(gid, octets, 16) &&
		    mac_in(mac) == fuzz_team_mac(team))
			return team;
	}
	return FUZZ_TEAMS;
}

/* Offset of the UDP header of a RoCEv2 packet for one of our addresses or groups; 0: it is none.
 * *room: what IP leaves for UDP. Of v, the addresses are known then
 */
static uint32_t find_udp(uint32_t to, const struct fuzz_frame *f, const struct fuzz_table *table, uint32_t *ip_at,
			 uint32_t *room, struct fuzz_verdict *v)
{
	const uint8_t *b = f->b, *ip;
	uint32_t at = 12, vid = 0, header, total, type;
	bool ipv4;

	if (f->len < at + 2)
		return 0;
	if (fuzz_get(b + at, 2) == 0x8100 && f->len >= at + 6) {
		vid = fuzz_get(b + at + 2, 2) & 0xfff;
		at += 4;
	}
	type = fuzz_get(b + at, 2);
	at += 2;
	ip = b + at;
	ipv4 = type == 0x0800;
	header = ipv4 ? 20 : 40;
	if ((!ipv4 && type != 0x86dd) || f->len < at + header + 8)
		return 0;
	if (ipv4) {
		total = fuzz_get(ip + 2, 2);
		if (ip[0] != 0x45 || (fuzz_get(ip + 6, 2) & 0x3fff) || ip[9] != 17 || fuzz_ip_sum(ip, 20) != 0xffff)
			return 0;
	} else {
		total = 40 + fuzz_get(ip + 4, 2);
		if (ip[0] >> 4 != 6 || ip[6] != 17)
			return 0;
	}
	if (total < header + 8 || at + total > f->len ||
	    fuzz_get(ip + header + 2, 2) != ROCE_PORT)
		return 0;
	fuzz_widen(ipv4, ip + (ipv4 ? 12 : 8), v->source);
	ip += ipv4 ? 16 : 24;
	v->team = find_team(b, ipv4, ip, table);
	if (v->team == FUZZ_TEAMS && is_own_mac(to, b, table))
		v->gids = find_gids(to, ipv4, ip, vid, table);
	if (v->team < FUZZ_TEAMS ? !is_vlan(to, vid, table) : !v->gids) {
		v->team = FUZZ_TEAMS;
		return 0;
	}
	*ip_at = at;
	*room = total - header;
	return at + header;
}

/* ------------------------------------------------------------------------------ transport */

static bool has_no_payload(uint32_t opcode)
{
	uint32_t op = opcode & 31;

	return op == 0x0c || op == 0x11 || op == 0x12 || op == 0x13 || op == 0x14;
}

/* bth: the BTH, of len bytes without ICRC */
static bool headers_are_right(const uint8_t *bth, uint32_t len, struct fuzz_verdict *v)
{
	uint32_t ext = fuzz_ext_len(bth[0]), pad = bth[1] >> 4 & 3;

	if (bth[1] & 15 || (fuzz_get(bth + 2, 2) & 0x7fff) != 0x7fff || ext == ~0u)
		return false;
	if (len < BTH + ext + pad)
		return false;
	v->payload = len - BTH - ext - pad;
	if (v->payload > 4096 || (has_no_payload(bth[0]) && (v->payload || pad)))
		return false;
	v->opcode = bth[0];
	v->qpn = fuzz_get(bth + 5, 3);
	v->psn = fuzz_get(bth + 9, 3);
	return true;
}

struct fuzz_verdict fuzz_judge(uint32_t to, const struct fuzz_frame *f, const struct fuzz_table *table)
{
	struct fuzz_verdict v = { .class = FC_BAD, .team = FUZZ_TEAMS };
	uint32_t udp, ip = 0, room = 0, len, found;

	if (f->len < LEAST_FRAME || f->len > MOST_FRAME)
		return v;
	v.class = is_own_mac(to, f->b, table) || is_broadcast(f->b) || fuzz_filters[to].promisc ||
		  (fuzz_filters[to].multicast && (f->b[0] & 1)) ? FC_ETH : FC_FILTERED;
	udp = find_udp(to, f, table, &ip, &room, &v);
	if (!udp)
		return v;
	len = fuzz_get(f->b + udp + 4, 2);
	v.class = FC_HEADER;
	if (len != room || len % 4 || len < 8 + BTH + ICRC)
		return v;
	v.ext = udp + 8 + BTH;
	found = (uint32_t)f->b[udp + len - 4] | (uint32_t)f->b[udp + len - 3] << 8 |
		(uint32_t)f->b[udp + len - 2] << 16 | (uint32_t)f->b[udp + len - 1] << 24;
	if (found != roce_icrc_at(f->b + ip, udp - ip, udp + len - ICRC - ip)) {
		v.class = FC_ICRC;
	} else if (f->b[udp + 8] == CNP && !(f->b[udp + 9] & 15) &&
		   (fuzz_get(f->b + udp + 10, 2) & 0x7fff) == 0x7fff) {
		v.class = FC_CNP;
	} else if (headers_are_right(f->b + udp + 8, len - 8 - ICRC, &v)) {
		v.class = FC_ROCE;
	}
	return v;
}

/* -------------------------------------------------------------------------------- harm */

static bool is_far(uint32_t psn, uint32_t newest)
{
	uint32_t ahead = (psn - newest) & 0xffffff;

	return ahead > FAR && ahead < 0x1000000 - FAR && (ahead < HALF - FAR || ahead > HALF + FAR);
}

/*
 * Requests ahead of their turn bring a sequence NAK; old ones an ACK, or the response once more, or
 * nothing. Responses out of the window are stray.
 */
static bool harms_rc(const struct fuzz_qp *qp, const struct fuzz_verdict *v)
{
	if (fuzz_is_response(v->opcode))
		return !is_far(v->psn, qp->out_psn);
	return !is_far(v->psn, qp->in_psn);
}

bool fuzz_is_stranger(uint32_t to, const struct fuzz_verdict *v)
{
	const struct fuzz_qp *qp = v->qpn < NODE_QPS ? &fuzz_qps[to][v->qpn] : NULL;

	if (!qp || v->team < FUZZ_TEAMS || fuzz_transport(qp->type) > 1 || fuzz_transport(qp->type) != v->opcode >> 5)
		return false;
	return !(v->gids >> qp->gid & 1) || memcmp(v->source, fuzz_gids[!to][qp->gid].octets, 16);
}

bool fuzz_is_harmful(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict *v)
{
	const struct fuzz_qp *qp;

	if (v->class != FC_ROCE)
		return false;
	if (v->team < FUZZ_TEAMS)
		return v->qpn == ALL_QPNS && v->opcode >> 5 == 3 &&
		       table_has_qkey(to, v->team, fuzz_get(f->b + v->ext, 4));
	if (v->qpn >= NODE_QPS)
		return false;
	qp = &fuzz_qps[to][v->qpn];
	if (qp->kind != FUZZ_BYSTANDER || fuzz_is_stranger(to, v))
		return false;
	switch (qp->type) {
	case TERN_HW_QP_TYPE_RC:
		return v->opcode < 0x20 && harms_rc(qp, v);
	case TERN_HW_QP_TYPE_UC:
		/* Any First or Only is a new message, any gap the end of one */
		return v->opcode >> 5 == 1;
	default:
		return v->opcode >> 5 == 3 && fuzz_get(f->b + v->ext, 4) == qp->qkey;
	}
}
