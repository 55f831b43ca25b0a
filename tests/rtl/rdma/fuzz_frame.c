// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Frames from a grammar, see fuzz.h: Ethernet, VLAN, IP, UDP, BTH, extended headers, payload, ICRC. Most
 * fields are right most of the time, so that frames get far; each is odd or wrong sometimes.
 */

#include <string.h>

#include "fuzz.h"
#include "roce_crc.h"

#define ROCE_PORT 4791u
#define HALF (1u << 23)

enum { RETH = 16, AETH = 4, IMM = 4, IETH = 4, ATOMIC = 28, ATOMIC_ACK = 8, DETH = 8, CNP = 16 };

uint32_t fuzz_get(const uint8_t *b, uint32_t bytes)
{
	uint32_t value = 0;

	while (bytes--)
		value = value << 8 | *b++;
	return value;
}

void fuzz_put(uint8_t *b, uint32_t bytes, uint64_t value)
{
	for (uint32_t k = 0; k < bytes; k++)
		b[k] = (uint8_t)(value >> (8 * (bytes - 1 - k)));
}

/* -------------------------------------------------------------------------------- opcodes */

uint32_t fuzz_ext_len(uint32_t opcode)
{
	/* IBTA table 38, of reliable connections; SEND with invalidate last */
	static const int8_t ext[32] = { 0, 0, 0, IMM, 0, IMM, RETH, 0, 0, IMM, RETH, RETH + IMM, RETH, AETH,
		0, AETH, AETH, AETH, AETH + ATOMIC_ACK, ATOMIC, ATOMIC, -1, IETH, IETH,
		-1, -1, -1, -1, -1, -1, -1, -1 };
	uint32_t op = opcode & 31;

	switch (opcode >> 5) {
	case 0:
		return ext[op] < 0 ? ~0u : (uint32_t)ext[op];
	case 1:
		return op > 0x0b ? ~0u : (uint32_t)ext[op];
	case 3:
		return op == 4 ? DETH : op == 5 ? DETH + IMM : ~0u;
	default:
		return ~0u;
	}
}

bool fuzz_is_response(uint32_t opcode)
{
	return opcode >= 0x0d && opcode <= 0x12;
}

static bool has_reth(uint32_t opcode)
{
	uint32_t op = opcode & 31;

	return opcode < 0x40 && (op == 6 || op == 10 || op == 11 || op == 12);
}

static uint32_t any_opcode(const struct fuzz_qp *qp)
{
	static const uint8_t usual[] = { 4, 10, 12, 19, 20, 17, 0, 6, 5, 11, 1, 2, 7, 8, 3, 9, 13, 14, 15, 16,
		18, 22, 23 };
	static uint8_t next;
	uint32_t kind = rnd(100);

	if (kind < 20)
		return next++;	/* each of them in turn */
	if (kind < 25)
		return 0x81;
	if (kind < 30)
		return rnd(256);
	kind = usual[rnd(chance(60) ? 6 : sizeof(usual))];
	switch (qp ? qp->type : TERN_HW_QP_TYPE_RC) {
	case TERN_HW_QP_TYPE_RC:
		return kind;
	case TERN_HW_QP_TYPE_UC:
		return 0x20 | (kind > 11 ? rnd(12) : kind);
	default:
		return 0x64 | rnd(2);
	}
}

/* ------------------------------------------------------------------------------- who and when */

static uint32_t qpn_of_kind(uint32_t to, enum fuzz_kind kind)
{
	for (uint32_t k = 0; k < 2000; k++) {
		uint32_t qpn = rnd(NODE_QPS);

		if (fuzz_qps[to][qpn].kind == kind)
			return qpn;
	}
	return 0;
}

uint32_t fuzz_victim_qpn(uint32_t to)
{
	return one_in(16) ? 1 : qpn_of_kind(to, FUZZ_VICTIM);
}

uint32_t fuzz_target(uint32_t to)
{
	static const uint32_t special[] = { 0, 1, 0xffffff, 0xfffffe, 0x800000, 0x4000, 0x3fff, 0x10000 };
	uint32_t kind = rnd(100);

	if (kind < 65)
		return fuzz_victim_qpn(to);
	if (kind < 88)
		return qpn_of_kind(to, FUZZ_BYSTANDER);
	if (kind < 92)
		return qpn_of_kind(to, FUZZ_NOBODY);
	if (kind < 96)
		return special[rnd(sizeof(special) / sizeof(special[0]))];
	/* Bits above those that QPNs have */
	return kind < 98 ? fuzz_victim_qpn(to) | 1u << rnd_range(8, 23) : rnd(1u << 24);
}

static uint32_t far_psn(uint32_t base)
{
	return base + (chance(50) ? 0x10100 + rnd(HALF - 0x30000) : HALF + 0x10100 + rnd(HALF - 0x30000));
}

uint32_t fuzz_psn(uint32_t to, uint32_t qpn, bool response)
{
	const struct fuzz_qp *qp = qpn < NODE_QPS ? &fuzz_qps[to][qpn] : NULL;
	uint32_t kind = rnd(100), base, psn;

	if (!qp || qp->kind == FUZZ_NOBODY)
		return rnd(1u << 24);
	base = response ? qp->out_psn : qp->in_psn + 1;
	if (qp->kind == FUZZ_BYSTANDER)
		psn = kind < 90 ? far_psn(base) : kind < 95 ? rnd(1u << 24) : base + rnd(8);
	else if (kind < 50)
		psn = base;
	else if (kind < 65)
		psn = base - rnd(9);
	else if (kind < 75)
		psn = base + rnd(9);
	else if (kind < 80)
		psn = base + HALF - 2 + rnd(4);
	else if (kind < 90)
		psn = far_psn(base);
	else
		psn = kind < 95 ? base - rnd(200) : rnd(1u << 24);
	return psn & 0xffffff;
}

/* -------------------------------------------------------------------------- extended headers */

static const struct mr *any_region(uint32_t to)
{
	uint32_t kind = rnd(100);

	if (kind < 45)
		return &fuzz_areas[to][FR_ALL].mr;
	if (kind < 65)
		return &fuzz_areas[to][FR_PAGED].mr;
	if (kind < 85)
		return &fuzz_areas[to][FR_SINK + rnd(FUZZ_REGIONS - FR_SINK)].mr;
	/* What bystanders use, and all of memory */
	if (kind < 95)
		return &traffic.groups[to][rnd(GROUPS)].areas[rnd(GROUP_AREAS)].mr;
	return kind < 98 ? &traffic.priv[to].mr : &fuzz_areas[!to][rnd(FUZZ_REGIONS)].mr;
}

static uint32_t any_key(const struct mr *mr)
{
	uint32_t kind = rnd(100);

	if (kind < 88)
		return mr->key;
	if (kind < 92)
		return mr->key ^ 1u << rnd(8);
	return kind < 96 ? mr->key ^ 1u << rnd_range(8, 31) : (uint32_t)rnd64();
}

/* A place in it for len bytes, or about its ends, or over the end of all addresses */
static uint64_t any_va(const struct mr *mr, uint64_t len)
{
	uint64_t room = mr->attr.length > len ? mr->attr.length - len : 1;
	uint32_t kind = rnd(100);

	if (kind < 70)
		return mr->attr.va + rnd64() % room;
	if (kind < 76)
		return mr->attr.va;
	if (kind < 82)
		return mr->attr.va + mr->attr.length - len;
	if (kind < 88)
		return mr->attr.va + mr->attr.length - len + 1 + rnd(64);
	if (kind < 92)
		return mr->attr.va - 1 - rnd(64);
	if (kind < 96)
		return -len + rnd(16) - 8;
	return kind < 98 ? rnd64() : mr->attr.va + mr->attr.length;
}

static void put_reth(uint32_t to, uint32_t opcode, uint8_t *b, uint32_t payload)
{
	static const uint32_t odd[] = { 0, 1, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 65536, 4097 };
	const struct mr *mr = any_region(to);
	uint32_t op = opcode & 31, kind = rnd(100), len = payload;

	if (op == 12)
		len = chance(80) ? rnd(600) : rnd(20000);
	else if (op == 6)
		len = payload + (chance(90) ? 1 + rnd(800) : rnd(1u << 20));
	if (kind < 8)
		len = odd[rnd(sizeof(odd) / sizeof(odd[0]))];
	else if (kind < 12)
		len += rnd(9) - 4;
	fuzz_put(b, 8, any_va(mr, len));
	fuzz_put(b + 8, 4, any_key(mr));
	fuzz_put(b + 12, 4, len);
}

static void put_atomic(uint32_t to, uint8_t *b)
{
	const struct mr *mr = any_region(to);
	uint64_t va = any_va(mr, 8);

	fuzz_put(b, 8, chance(80) ? va & ~7ull : va);
	fuzz_put(b + 8, 4, any_key(mr));
	fuzz_put(b + 12, 8, rnd64());
	fuzz_put(b + 20, 8, chance(50) ? 0 : rnd64());
}

static void put_aeth(uint8_t *b)
{
	uint32_t kind = rnd(100), syndrome = rnd(256);

	if (kind < 25)
		syndrome = 0x1f;
	else if (kind < 45)
		syndrome = 0x60 + rnd(5);
	else if (kind < 60)
		syndrome = 0x20 + rnd(32);
	fuzz_put(b, 1, syndrome);
	fuzz_put(b + 1, 3, rnd(1u << 24));
}

static void put_deth(const struct fuzz_qp *qp, uint8_t *b)
{
	fuzz_put(b, 4, qp && chance(75) ? qp->qkey : chance(50) ? GSI_QKEY : (uint32_t)rnd64());
	fuzz_put(b + 4, 4, chance(90) ? rnd(1u << 24) : (uint32_t)rnd64());
}

static void put_ext(uint32_t to, const struct fuzz_qp *qp, uint32_t opcode, uint8_t *b, uint32_t payload)
{
	uint32_t ext = fuzz_ext_len(opcode), op = opcode & 31;

	for (uint32_t k = 0; ext != ~0u && k < ext; k++)
		b[k] = (uint8_t)rnd64();
	if (ext == ~0u)
		return;
	if (has_reth(opcode))
		put_reth(to, opcode, b, payload);
	else if (op == 0x13 || op == 0x14)
		put_atomic(to, b);
	else if (opcode >> 5 == 0 && fuzz_is_response(op) && op != 0x0e)
		put_aeth(b);
	else if (opcode >> 5 == 0 && op >= 0x16)
		fuzz_put(b, 4, any_key(any_region(to)));
	else if (opcode >> 5 == 3)
		put_deth(qp, b);
}

/* ----------------------------------------------------------------------------------- the frame */

static void put_mac(uint8_t *b, uint64_t mac)
{
	fuzz_put(b, 6, mac);
}

static uint32_t put_ethernet(uint32_t to, uint8_t *b, enum gid gid)
{
	uint64_t mac = node_mac(to);
	uint32_t vid = gid_vid(gid), at = 12;

	if (one_in(40))
		mac = chance(30) ? 0xffffffffffffull : chance(30) ? 0x01005e000001ull : mac ^ 1ull << rnd(48);
	put_mac(b, mac);
	put_mac(b + 6, chance(80) ? node_mac(!to) : rnd64());
	if (vid) {
		fuzz_put(b + at, 2, 0x8100);
		fuzz_put(b + at + 2, 2, (one_in(30) ? rnd(1u << 12) : vid) | rnd(16) << 12);
		at += 4;
	}
	fuzz_put(b + at, 2, gid_is_ipv4(gid) ? 0x0800 : 0x86dd);
	return at + 2;
}

/* Lengths and checksum come later */
static uint32_t put_ip(uint32_t to, uint8_t *ip, enum gid gid)
{
	uint8_t from[16], dest[16];
	node_gid(!to, gid, from);
	node_gid(to, gid, dest);
	if (one_in(16))
		fuzz_put(from + 12, 4, rnd64());
	if (one_in(60))
		dest[rnd(16)] ^= (uint8_t)(1u << rnd(8));
	memset(ip, 0, 40);
	if (gid_is_ipv4(gid)) {
		fuzz_put(ip, 2, 0x4500 | rnd(256));
		fuzz_put(ip + 4, 4, rnd(1u << 16) << 16 | 0x4000);
		fuzz_put(ip + 8, 2, rnd(256) << 8 | 17);
		memcpy(ip + 12, from + 12, 4);
		memcpy(ip + 16, dest + 12, 4);
		return 20;
	}
	fuzz_put(ip, 4, 0x60000000 | rnd(1u << 28));
	fuzz_put(ip + 6, 2, 17u << 8 | rnd(256));
	memcpy(ip + 8, from, 16);
	memcpy(ip + 24, dest, 16);
	return 40;
}

static uint32_t any_payload(const struct fuzz_qp *qp, uint32_t opcode)
{
	uint32_t op = opcode & 31, mtu = qp && qp->mtu ? qp->mtu : 256, kind = rnd(100);
	bool first = op <= 1 || op == 6 || op == 7 || op == 13 || op == 14;

	if (op == 12 || op == 0x11 || op == 0x12 || op == 0x13 || op == 0x14 || opcode == 0x81)
		return one_in(25) ? rnd(64) : 0;
	if (kind < 4)
		return rnd(4120);
	if (kind < 8)
		return mtu - 1 + rnd(3);
	if (first)
		return kind < 20 ? rnd(64) : mtu;
	return kind < 80 ? rnd(64) : rnd(mtu + 1);
}

static void put_bth(uint32_t to, uint8_t *b, uint32_t opcode, uint32_t qpn, uint32_t payload)
{
	uint32_t pad = -payload & 3, pkey = chance(70) ? 0xffff : 0x7fff;

	if (one_in(40))
		pad = rnd(4);
	if (one_in(40))
		pkey = chance(50) ? pkey ^ 1u << rnd(15) : rnd(1u << 16);
	b[0] = (uint8_t)opcode;
	b[1] = (uint8_t)(rnd(2) << 7 | rnd(2) << 6 | pad << 4 | (one_in(40) ? rnd(16) : 0));
	fuzz_put(b + 2, 2, pkey);
	b[4] = (uint8_t)(one_in(4) ? rnd64() : 0);
	fuzz_put(b + 5, 3, qpn);
	b[8] = (uint8_t)(rnd(2) << 7 | (one_in(8) ? rnd(128) : 0));
	fuzz_put(b + 9, 3, fuzz_psn(to, qpn, opcode < 0x20 && fuzz_is_response(opcode)));
}

void fuzz_grammar(uint32_t to, struct fuzz_frame *f)
{
	const struct fuzz_table changing = table_changing(to);
	bool cast = chance(changing.teams ? 60 : table_focus(to) < FUZZ_TEAMS ? 35 : 16);
	uint32_t qpn = cast ? ALL_QPNS : fuzz_target(to);
	const struct fuzz_qp *qp = qpn < NODE_QPS && fuzz_qps[to][qpn].kind ? &fuzz_qps[to][qpn] : NULL;
	uint32_t opcode = cast && chance(90) ? 0x64 | rnd(2) : any_opcode(qp);
	uint32_t payload = any_payload(qp, opcode), ext = fuzz_ext_len(opcode);
	enum gid gid = qp && chance(90) ? (enum gid)qp->gid : (enum gid)rnd(GIDS);
	uint32_t ip = put_ethernet(to, f->b, gid), udp = ip + put_ip(to, f->b + ip, gid), bth = udp + 8;

	if (ext == ~0u)
		ext = opcode == 0x81 ? CNP : rnd(10) * 4;
	fuzz_put(f->b + udp, 2, rnd(1u << 16));
	fuzz_put(f->b + udp + 2, 2, one_in(60) ? rnd(1u << 16) : ROCE_PORT);
	fuzz_put(f->b + udp + 6, 2, one_in(10) ? rnd(1u << 16) : 0);
	put_bth(to, f->b + bth, opcode, qpn, payload);
	memset(f->b + bth + 12, 0, ext);
	if (opcode == 0x81)
		payload = one_in(8) ? payload : 0;
	put_ext(to, qp, opcode, f->b + bth + 12, payload);
	for (uint32_t k = 0; k < payload; k++)
		f->b[bth + 12 + ext + k] = (uint8_t)(payload + k);
	f->len = bth + 12 + ext + payload;
	while ((f->len - bth) % 4)
		f->b[f->len++] = 0;
	memset(f->b + f->len, 0, 4);
	f->len += 4;
	fuzz_fix_lengths(f);
	if (cast)
		fuzz_aim_team(to, f);
	else if (one_in(changing.gids ? 2 : 8))
		fuzz_aim_spare(to, f);
	fuzz_fix_ip(f);
	if (!one_in(25))
		fuzz_fix_icrc(f);
}

/* ------------------------------------------------------------------------------ mending frames */

void fuzz_layout(const struct fuzz_frame *f, struct fuzz_layout *l)
{
	uint32_t at = 12, type, header;

	memset(l, 0, sizeof(*l));
	while (at + 6 <= f->len && at < 24 &&
	       (fuzz_get(f->b + at, 2) == 0x8100 || fuzz_get(f->b + at, 2) == 0x88a8))
		at += 4;
	type = fuzz_get(f->b + at, 2);
	at += 2;
	if (at + 40 > f->len || (type != 0x0800 && type != 0x86dd))
		return;
	l->ip = at;
	l->ipv4 = type == 0x0800;
	header = l->ipv4 ? 4 * (f->b[at] & 15u) : 40;
	if (header < 20 || at + header + 8 > f->len)
		return;
	l->udp = at + header;
	if (l->udp + 20 <= f->len)
		l->bth = l->udp + 8;
	l->ext = l->bth ? l->bth + 12 : 0;
}

void fuzz_fix_lengths(struct fuzz_frame *f)
{
	struct fuzz_layout l;

	fuzz_layout(f, &l);
	if (l.ip && l.ipv4)
		fuzz_put(f->b + l.ip + 2, 2, f->len - l.ip);
	else if (l.ip)
		fuzz_put(f->b + l.ip + 4, 2, f->len - l.ip - 40);
	if (l.udp)
		fuzz_put(f->b + l.udp + 4, 2, f->len - l.udp);
}

uint32_t fuzz_ip_sum(const uint8_t *ip, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t k = 0; k < len; k += 2)
		sum += fuzz_get(ip + k, 2);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void fuzz_fix_ip(struct fuzz_frame *f)
{
	struct fuzz_layout l;

	fuzz_layout(f, &l);
	if (!l.udp || !l.ipv4)
		return;
	fuzz_put(f->b + l.ip + 10, 2, 0);
	fuzz_put(f->b + l.ip + 10, 2, ~fuzz_ip_sum(f->b + l.ip, l.udp - l.ip));
}

void fuzz_fix_icrc(struct fuzz_frame *f)
{
	struct fuzz_layout l;
	uint32_t end, crc;

	fuzz_layout(f, &l);
	if (!l.bth)
		return;
	end = l.udp + fuzz_get(f->b + l.udp + 4, 2);
	if (end > f->len || end < l.bth + 16)
		return;
	crc = roce_icrc_at(f->b + l.ip, l.udp - l.ip, end - 4 - l.ip);
	for (uint32_t k = 0; k < 4; k++)
		f->b[end - 4 + k] = (uint8_t)(crc >> (8 * k));
}

/* ------------------------------------------------------------------------------------ adopting */

/* A QP of the opcode's transport and of this IP version, if there is one */
static uint32_t fitting_qpn(uint32_t to, uint32_t opcode, bool ipv4)
{
	for (uint32_t k = 0; k < 30; k++) {
		uint32_t qpn = fuzz_target(to);

		if (qpn < NODE_QPS && fuzz_qps[to][qpn].kind &&
		    opcode >> 5 == fuzz_transport(fuzz_qps[to][qpn].type) &&
		    (opcode >= 0x40 || fuzz_gids[to][fuzz_qps[to][qpn].gid].ipv4 == ipv4))
			return qpn;
	}
	return fuzz_target(to);
}

void fuzz_adopt(uint32_t to, struct fuzz_frame *f)
{
	struct fuzz_layout l;
	uint8_t dest[16];
	uint32_t qpn, opcode;
	enum gid gid;

	fuzz_layout(f, &l);
	put_mac(f->b, node_mac(to));
	if (!l.bth)
		return;
	opcode = f->b[l.bth];
	qpn = fitting_qpn(to, opcode, l.ipv4);
	gid = l.ipv4 ? GID_IPV4 : GID_IPV6;
	if (l.ip > 14) {
		gid = l.ipv4 ? GID_IPV4_VLAN : GID_IPV6_VLAN;
		fuzz_put(f->b + 14, 2, gid_vid(gid));
	}
	node_gid(to, gid, dest);
	memcpy(f->b + l.ip + (l.ipv4 ? 16 : 24), dest + (l.ipv4 ? 12 : 0), l.ipv4 ? 4 : 16);
	fuzz_put(f->b + l.bth + 5, 3, qpn);
	if (chance(85))
		fuzz_put(f->b + l.bth + 9, 3, fuzz_psn(to, qpn, opcode < 0x20 && fuzz_is_response(opcode)));
	if (qpn < NODE_QPS && l.ext + 32 < f->len) {
		uint32_t length = fuzz_get(f->b + l.ext + 12, 4);

		if (opcode >> 5 == 3 && chance(70))
			fuzz_put(f->b + l.ext, 4, fuzz_qps[to][qpn].qkey);
		if (has_reth(opcode) && chance(80)) {
			put_reth(to, opcode, f->b + l.ext, 0);
			if (chance(80))
				fuzz_put(f->b + l.ext + 12, 4, length);
		}
		if (opcode < 0x20 && (opcode == 0x13 || opcode == 0x14) && chance(80))
			put_atomic(to, f->b + l.ext);
	}
	if (qpn < NODE_QPS && opcode < 0x40 && chance(90))
		fuzz_aim_peer(to, f, &fuzz_qps[to][qpn]);
	if (chance(opcode >> 5 == 3 ? 40 : 2))
		fuzz_aim_team(to, f);
	else if (one_in(10))
		fuzz_aim_spare(to, f);
	fuzz_fix_ip(f);
	fuzz_fix_icrc(f);
}
