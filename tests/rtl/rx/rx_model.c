// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The wire and the users of the receive side, for the benches of rtl/rx: valid frames of all kinds,
// frames with fields changed and with lengths that lie, and what must become of each.

#include <stdio.h>
#include <string.h>

#include "roce_crc.h"
#include "roce_frame.h"
#include "rx_oracle.h"
#include "svdpi.h"

#define NUM_QPNS 16384
#define PENDING  64
#define IDS      128
#define PEERS    8

enum { MODE_RANDOM, MODE_ACK, MODE_MTU };

// QPs of groups. Each has its own in its own way; the last one is not ready
#define FIRST_MEMBER 2
#define MEMBERS      5
#define LAST_MEMBER  (FIRST_MEMBER + MEMBERS - 1)
#define NO_OWN       3

struct sent {
	struct rx_verdict v;
	size_t size;
	int own;
	uint8_t frame[ROCE_MAX_FRAME + 64];
};

struct fields {
	unsigned int line, lane, len, qpn, opcode, flags, psn;
	uint8_t ext[28];
};

static uint64_t rng;
static struct rx_station station;
static struct { int exists, rx_ok, transport; unsigned int sgid; uint8_t peer[16]; } qps[NUM_QPNS];
static uint8_t peers[PEERS][16];             // odd ones have IPv4
static struct sent sents[PENDING];           // frames without a verdict
static unsigned int sent_in, sent_out;
static size_t at;                            // of the frame that goes out
static int sending, holes;
static size_t hole_beat;
static struct sent live[IDS];                // what each id is
static struct fields live_fields[IDS];
static unsigned char live_state[IDS];        // 1: to come out, 2: out, 3: to be dropped, 4: copies
static unsigned int copies_left[IDS];        // that are to be freed
static unsigned int due[MEMBERS][4096], due_in[MEMBERS], due_out[MEMBERS]; // ids
static unsigned int order[4][4096], order_in[4], order_out[4]; // of ids; markers from 0x10000; drops
static unsigned int made, kept[3], counts[8], truncated, groups_seen, copies, skips_due, skips, strangers;
static char text[300];

static uint32_t rnd(void)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(rng >> 33);
}

static void rnd_bytes(uint8_t *p, size_t n)
{
	while (n--)
		*p++ = (uint8_t)rnd();
}

static void put_be(uint8_t *p, uint32_t v, int bytes)
{
	while (bytes--) {
		p[bytes] = (uint8_t)v;
		v >>= 8;
	}
}

// ------------------------------------------------------------------------ the station

static void random_gid(struct rx_gid *g, int i)
{
	g->valid = i < 4 || rnd() % 5 != 0;
	g->ipv4 = i < 4 ? i & 1 : (int)(rnd() & 1);
	g->vlan = i < 4 ? i >> 1 : (int)(rnd() & 1);
	g->vid = g->vlan ? 1 + rnd() % 4094 : rnd() & 0xfff;
	rnd_bytes(g->gid, 16);
	if (g->ipv4) {
		memset(g->gid, 0, 10);
		g->gid[10] = g->gid[11] = 0xff;
	}
	rnd_bytes(g->mac, 6);
	g->mac[0] &= 0xfe;
}

void rx_start(unsigned int seed);
void rx_start(unsigned int seed)
{
	rng = seed * 0x9e3779b97f4a7c15u + 1;
	rnd_bytes(station.mac, 6);
	station.mac[0] &= 0xfe;
	for (int i = 0; i < RX_GIDS; i++)
		random_gid(&station.gids[i], i);
	for (int i = 0; i < RX_GROUPS; i++) {
		uint8_t *g = station.groups[i];

		rnd_bytes(g, 16);
		g[0] = 0xff;
		if (i & 1) {
			memset(g, 0, 10);
			g[10] = g[11] = 0xff;
			g[12] = 0xe0 | (g[12] & 15);
		}
	}
	for (int i = 0; i < PEERS; i++) {
		rnd_bytes(peers[i], 16);
		if (i & 1) {
			memset(peers[i], 0, 10);
			peers[i][10] = peers[i][11] = 0xff;
		}
	}
	// Two with the same MAC
	memcpy(station.groups[3], station.groups[1], 16);
	station.groups[3][12] ^= 1;
	// Addresses that differ in one thing only
	station.gids[5] = station.gids[1];
	station.gids[5].vlan = 1;
	station.gids[5].vid = 77;
	station.gids[6] = station.gids[5];
	station.gids[6].vid = 78;
}

static int is_member(int group, int qpn)
{
	return (qpn * 7 + group * 5) % 3 != 0;
}

// The QP is to be attached to the group, in which it does (2) or does not want its own packets
unsigned int rx_member(unsigned int group, unsigned int qpn, svBitVecVal *gid);
unsigned int rx_member(unsigned int group, unsigned int qpn, svBitVecVal *gid)
{
	memcpy(gid, station.groups[group], 16);
	return is_member((int)group, (int)qpn) ? qpn == NO_OWN ? 2 : 1 : 0;
}

void rx_change_gid(unsigned int index);
void rx_change_gid(unsigned int index)
{
	random_gid(&station.gids[index], (int)index);
}

void rx_gid_entry(unsigned int index, svBitVecVal *entry);
void rx_gid_entry(unsigned int index, svBitVecVal *entry)
{
	uint8_t *p = (uint8_t *)entry;
	const struct rx_gid *g = &station.gids[index];

	rnd_bytes(p, 64);
	memcpy(p, g->gid, 16);
	p[16] = (uint8_t)g->vid;
	p[17] = (uint8_t)((unsigned int)p[17] << 7 | g->vid >> 8 | (unsigned int)g->vlan << 4 |
			  (unsigned int)g->ipv4 << 5 | (unsigned int)g->valid << 6);
	for (int i = 0; i < 6; i++)
		p[24 + i] = g->mac[5 - i];
}

unsigned long long rx_mac(int promisc, int multicast);
unsigned long long rx_mac(int promisc, int multicast)
{
	unsigned long long mac = 0;

	station.promisc = promisc;
	station.multicast = multicast;
	for (int i = 0; i < 6; i++)
		mac = mac << 8 | station.mac[i];
	return mac;
}

static unsigned int some_qpn(void)
{
	return 1 + rnd() % 50 * 321;
}

// A write to the steer table: transport, rx_ok, exists, keep, QPN in 1:0, 2, 3, 15, 29:16; GID and peer
unsigned int rx_ctl(int steady, unsigned int *sgid, svBitVecVal *peer);
unsigned int rx_ctl(int steady, unsigned int *sgid, svBitVecVal *peer)
{
	unsigned int qpn = some_qpn(), what = (rnd() & 3) | 0xc;

	*sgid = steady ? 1 : rnd() % 8;
	memcpy(peer, peers[steady ? 1 : rnd() % (PEERS / 2) * 2 + (unsigned int)station.gids[*sgid].ipv4], 16);
	if (rnd() % 3 == 0)
		what = rnd() & 15;
	if (rnd() % 3 == 0)
		what = (what & 0xc) | 0;
	if (rnd() % 3 == 0)
		what |= 0x8000;
	if (steady) {
		qpn = 1;
		what = 0xc;
	}
	return qpn << 16 | what;
}

void rx_ctl_done(unsigned int word, unsigned int sgid, const svBitVecVal *peer);
void rx_ctl_done(unsigned int word, unsigned int sgid, const svBitVecVal *peer)
{
	unsigned int qpn = word >> 16;

	qps[qpn].sgid = sgid;
	memcpy(qps[qpn].peer, peer, 16);
	if (word & 0x8000)
		return;
	qps[qpn].transport = word & 3;
	qps[qpn].rx_ok = word >> 2 & 1;
	qps[qpn].exists = word >> 3 & 1;
}

// -------------------------------------------------------------------------- the wire

static void to_group(struct roce_pkt *p)
{
	const struct rx_gid *g = &station.gids[rnd() % 8];

	memcpy(p->dip, station.groups[rnd() % RX_GROUPS], 16);
	if (rnd() % 8 == 0)
		p->dip[12 + rnd() % 4] ^= (uint8_t)(1u << rnd() % 8);
	rx_group_mac(p->dip, p->dmac);
	p->ipv4 = p->dip[0] != 0xff;
	p->vlan = rnd() & 1;
	p->tci = (uint16_t)((rnd() & 7) << 13 | (rnd() % 4 == 0 ? rnd() & 0xfff : g->vid));
	if (rnd() % 4 != 0)
		p->qpn = 0xffffff;
	if (rnd() % 8 == 0)
		return;
	p->opcode = 0x64 + (rnd() & 1);
	p->ext_len = (size_t)rx_ext_len(p->opcode);
}

// Mostly as the QP's peer does
static void address(struct roce_pkt *p, int mode)
{
	int wild = mode == MODE_RANDOM && rnd() % 4 == 0;
	const struct rx_gid *g = &station.gids[qps[p->qpn].sgid];

	while (wild && (!g->valid || rnd() % 4 == 0) && rnd() % 20 != 0)
		g = &station.gids[rnd() % 3 == 0 ? rnd() % 8 : rnd() % RX_GIDS];
	memcpy(p->dmac, rnd() & 1 ? g->mac : station.mac, 6);
	p->vlan = g->vlan || (mode == MODE_RANDOM && rnd() % 8 == 0);
	p->tci = (uint16_t)((rnd() & 7) << 13 | (g->vlan ? g->vid : 0));
	if (mode == MODE_RANDOM && rnd() % 16 == 0)
		p->vlan = !p->vlan;
	if (mode == MODE_RANDOM && rnd() % 16 == 0)
		p->tci &= 0xf000;
	// An IPv4 address in an IPv6 packet is another one
	p->ipv4 = mode == MODE_RANDOM && rnd() % 16 == 0 ? !g->ipv4 : g->ipv4;
	memcpy(p->dip, g->gid, 16);
	memcpy(p->sip, qps[p->qpn].peer, 16);
	if (mode == MODE_RANDOM && rnd() % 8 == 0)
		p->sip[rnd() % 16] ^= (uint8_t)(1u << rnd() % 8);
	else if (wild && rnd() & 1)
		memcpy(p->sip, peers[rnd() % PEERS], 16);
}

static size_t random_roce(uint8_t *f, int mode)
{
	static const uint8_t extra[] = { 0x64, 0x65, 0x81, 0x20, 0x24, 0x2a, 0x2b };
	static uint8_t payload[8192];
	struct roce_pkt p = { 0 };
	unsigned int qpn;
	int ext;

	rnd_bytes(p.smac, 6);
	p.tclass = (uint8_t)rnd();
	p.hop = (uint8_t)rnd();
	p.flow = rnd() & 0xfffff;
	p.id = (uint16_t)rnd();
	p.sport = (uint16_t)rnd();
	p.opcode = rnd() % 5 == 0 ? extra[rnd() % sizeof(extra)] : (uint8_t)(rnd() % 0x18);
	if (mode == MODE_ACK)
		p.opcode = 0x11;
	if (mode == MODE_MTU)
		p.opcode = 0x07;
	p.solicited = rnd() & 1;
	p.ack_req = rnd() & 1;
	p.pkey = rnd() & 1 ? 0xffff : 0x7fff;
	// Mostly one of the right type
	for (int i = 0; i < 6; i++) {
		qpn = some_qpn();
		if (qps[qpn].exists && qps[qpn].rx_ok && qps[qpn].transport == (p.opcode >> 5 == 3 ? 2 : p.opcode >> 5))
			break;
	}
	p.qpn = mode == MODE_RANDOM ? qpn : 1;
	address(&p, mode);
	p.psn = rnd() & 0xffffff;
	ext = rx_ext_len(p.opcode);
	p.ext_len = ext < 0 ? 4 * (rnd() % 8) : (size_t)ext;
	rnd_bytes(p.ext, 28);
	if (mode == MODE_RANDOM && rnd() % 6 == 0)
		to_group(&p);
	switch (rnd() % 16) {
	case 0: p.len = 4096; break;
	case 1: p.len = rnd() % 4100; break;
	case 2: p.len = 0; break;
	default: p.len = rnd() % 150; break;
	}
	if (p.opcode == 0x0c || (p.opcode >= 0x11 && p.opcode <= 0x14))
		p.len = mode == MODE_RANDOM && rnd() % 20 == 0 ? 1 + rnd() % 8 : 0;
	if (mode == MODE_MTU)
		p.len = 4096;
	rnd_bytes(payload, p.len);
	p.payload = payload;
	return roce_build(&p, f);
}

static void fix(uint8_t *f, size_t size, int checksum, int icrc)
{
	size_t ip = f[12] == 0x81 && f[13] == 0 ? 18 : 14, end;
	uint32_t crc;

	if (f[ip - 2] == 8 && f[ip - 1] == 0) {
		if (checksum && size >= ip + 20)
			put_be(f + ip + 10, roce_ip_checksum(f + ip), 2);
		end = ip + ((size_t)f[ip + 2] << 8 | f[ip + 3]);
	} else {
		end = ip + 40 + ((size_t)f[ip + 4] << 8 | f[ip + 5]);
	}
	if (!icrc || end > size || end < ip + 40)
		return;
	crc = roce_icrc(f + ip, end - 4 - ip);
	for (int i = 0; i < 4; i++)
		f[end - 4 + (size_t)i] = (uint8_t)(crc >> 8 * i);
}

static size_t mutate(uint8_t *f, size_t size)
{
	size_t ip = f[12] == 0x81 && f[13] == 0 ? 18 : 14;
	int ipv4 = f[ip] >> 4 == 4;
	size_t udp = ip + (ipv4 ? 20 : 40), bth = udp + 8;
	uint8_t *len = f + ip + (ipv4 ? 2 : 4);
	unsigned int delta = rnd() % 17 - 8;

	switch (rnd() % 24) {
	case 0: f[rnd() % (bth + 12)] = (uint8_t)rnd(); break;
	case 1: f[rnd() % (bth + 12)] ^= (uint8_t)(1u << rnd() % 8); break;
	case 2: size = 1 + rnd() % size; break;
	case 3: put_be(len, (uint32_t)((unsigned int)len[0] << 8 | len[1]) + delta, 2); break;
	case 4: put_be(len, rnd(), 2); break;
	case 5: put_be(f + udp + 4, (uint32_t)((unsigned int)f[udp + 4] << 8 | f[udp + 5]) + delta, 2); break;
	case 6: // both, so that they agree
		put_be(len, (uint32_t)((unsigned int)len[0] << 8 | len[1]) + delta, 2);
		put_be(f + udp + 4, (uint32_t)((unsigned int)f[udp + 4] << 8 | f[udp + 5]) + delta, 2);
		break;
	case 7: {
		unsigned int n = rnd() % 60;

		put_be(len, (ipv4 ? 20 : 0) + n, 2);
		put_be(f + udp + 4, n, 2);
		break;
	}
	case 8: f[bth] = (uint8_t)rnd(); break;
	case 9: f[bth + 1] ^= (uint8_t)((rnd() & 3) << 4); break;
	case 10: f[bth + 1] ^= (uint8_t)(1u << rnd() % 4); break;
	case 11: f[bth + 2 + rnd() % 2] ^= (uint8_t)(1u << rnd() % 8); break;
	case 12: f[bth + 5 + rnd() % 3] = (uint8_t)(rnd() & 1 ? 0 : rnd()); break;
	case 13: {
		size_t more = rnd() % 200;

		rnd_bytes(f + size, more);
		size += more;
		break;
	}
	case 14: f[ip] = (uint8_t)rnd(); break;
	case 15: f[ip + 6] ^= (uint8_t)(1u << rnd() % 8); break;
	case 16: f[ip + (ipv4 ? 16 + rnd() % 4 : 24 + rnd() % 16)] ^= (uint8_t)(1u << rnd() % 8); break;
	case 17: f[14 + rnd() % 4] ^= (uint8_t)(1u << rnd() % 8); break;
	case 18:
		switch (rnd() % 4) {
		case 0: memset(f, 0xff, 6); break;
		case 1: f[0] |= 1; break;
		case 2: memcpy(f, station.gids[rnd() % RX_GIDS].mac, 6); break;
		default: f[rnd() % 6] ^= (uint8_t)(1u << rnd() % 8); break;
		}
		break;
	case 19: f[bth + 12 + rnd() % (size - bth - 12)] ^= (uint8_t)(1u << rnd() % 8); break;
	case 20: f[udp + 2 + rnd() % 2] ^= (uint8_t)(1u << rnd() % 8); break;
	case 21: f[ip + 10 + rnd() % 2] ^= (uint8_t)(1u << rnd() % 8); return size;
	case 22: // what routers may change
		f[ip + 1] = (uint8_t)rnd();
		f[ip + (ipv4 ? 8 : 7)] = (uint8_t)rnd();
		f[udp + 6] = (uint8_t)rnd();
		f[bth + 4] = (uint8_t)rnd();
		fix(f, size, 1, 0);
		return size;
	default: f[ip + (ipv4 ? 9 : 6)] = (uint8_t)(rnd() & 1 ? 6 : rnd()); break;
	}
	if (size >= 60)
		fix(f, size, rnd() % 4 != 0, rnd() % 3 != 0);
	return size;
}

static size_t random_eth(uint8_t *f)
{
	size_t size = rnd() % 30 == 0 ? 9210 + rnd() % 12 : rnd() % 10 == 0 ? 1 + rnd() % 9216
								 : 1 + rnd() % 200;

	rnd_bytes(f, size < 60 ? 60 : size);
	switch (rnd() % 5) {
	case 0: memcpy(f, station.mac, 6); break;
	case 1: memcpy(f, station.gids[rnd() % RX_GIDS].mac, 6); break;
	case 2: memset(f, 0xff, 6); break;
	case 3: f[0] |= 1; break;
	default: break;
	}
	return size;
}

// The next beat, if one may come. flags: 0 last, 1 user, 2 own
int rx_beat(int mode, svBitVecVal *data, unsigned long long *keep, unsigned int *flags);
int rx_beat(int mode, svBitVecVal *data, unsigned long long *keep, unsigned int *flags)
{
	struct sent *s = &sents[sent_in % PENDING];
	size_t n;

	if (!sending) {
		int bad = mode == MODE_RANDOM && rnd() % 100 == 0;
		unsigned int kind = rnd() % 100;

		if (sent_in - sent_out >= PENDING - 1)
			return 0;
		holes = mode == MODE_RANDOM && rnd() % 100 == 0;
		memset(s->frame, 0, 200);
		if (mode != MODE_RANDOM) {
			s->size = random_roce(s->frame, mode);
		} else if (truncated < 1200) {
			// One frame of each kind, cut off everywhere
			s->size = random_roce(s->frame, MODE_RANDOM);
			if (s->size > truncated % 300 + 1)
				s->size = truncated % 300 + 1;
			truncated++;
		} else if (kind < 55) {
			s->size = random_roce(s->frame, MODE_RANDOM);
		} else if (kind < 88) {
			s->size = random_roce(s->frame, MODE_RANDOM);
			s->size = mutate(s->frame, s->size);
		} else {
			s->size = random_eth(s->frame);
		}
		if (s->size > ROCE_MAX_FRAME)
			s->size = ROCE_MAX_FRAME;
		s->own = mode == MODE_RANDOM && rnd() % 4 == 0;
		rx_judge(&station, s->frame, s->size, bad || holes, s->own, &s->v);
		*flags = 0;
		sending = bad ? 2 : 1;
		at = 0;
		hole_beat = rnd() % ((s->size + 63) / 64);
		made++;
	}
	n = s->size - at > 64 ? 64 : s->size - at;
	rnd_bytes((uint8_t *)data, 64);
	memcpy(data, s->frame + at, n);
	*keep = n == 64 ? ~0ull : (1ull << n) - 1;
	at += n;
	*flags = at == s->size;
	if (holes && (at - n) / 64 == hole_beat) {
		*keep = n > 1 ? *keep & ~(1ull << rnd() % (n - 1)) : 0;
		if (at != s->size)
			*keep &= ~1ull;
	}
	*flags |= (unsigned int)s->own << 2;
	if (at == s->size) {
		*flags |= sending == 2 ? 2 : 0;
		sending = 0;
		sent_in++;
	}
	return 1;
}

// ------------------------------------------------------------------------------ checks

static const char *fail(const char *what, unsigned long have, unsigned long want)
{
	snprintf(text, sizeof(text), "frame %u: %s: %lx, not %lx", sent_out, what, have, want);
	return text;
}

static void make_copies(unsigned int id, const struct sent *s)
{
	copies_left[id] = 0;
	for (int q = FIRST_MEMBER; q <= LAST_MEMBER; q++) {
		int m = q - FIRST_MEMBER;

		if (!is_member(s->v.group, q) || (q == NO_OWN && s->own))
			continue;
		if (q == LAST_MEMBER) {
			skips_due++;
			continue;
		}
		due[m][due_in[m]++ % 4096] = id;
		copies_left[id]++;
	}
	groups_seen++;
}

// A verdict. what: 0 keep, 1 eth, 2 response, 4:3 transport, 5 qpn_bad, 6 overrun, 7 table is swept,
// 8 to a group, 9 own; flags: solicited, ack_req, pad 3:2, ecn, ipv4
const char *rx_verdict(unsigned int what, unsigned int stats, unsigned int bytes, unsigned int id,
		       unsigned int line, unsigned int lane, unsigned int len, unsigned int qpn,
		       unsigned int opcode, unsigned int flags, unsigned int psn,
		       const svBitVecVal *ext);
const char *rx_verdict(unsigned int what, unsigned int stats, unsigned int bytes, unsigned int id,
		       unsigned int line, unsigned int lane, unsigned int len, unsigned int qpn,
		       unsigned int opcode, unsigned int flags, unsigned int psn,
		       const svBitVecVal *ext)
{
	const struct sent *s = &sents[sent_out % PENDING];
	const struct rx_verdict *v = &s->v;
	struct fields *l;
	unsigned int side, pass;

	if (sent_out == sent_in)
		return "verdict without a frame";
	if (stats != v->stats)
		return fail("statistics", stats, v->stats);
	for (int i = 0; i < 7; i++)
		counts[i] += stats >> i & 1;
	if ((stats & RX_FRAME) && bytes != s->size)
		return fail("bytes", bytes, s->size);
	if ((int)(what & 1) != v->keep)
		return fail("keep", what & 1, (unsigned long)v->keep);
	if (!v->keep || (what & 0x40)) {
		sent_out++;
		counts[7] += what >> 6 & 1;
		return "";
	}
	if ((int)(what >> 1 & 1) != v->eth)
		return fail("eth", what, (unsigned long)v->eth);
	if (lane != v->at % 64)
		return fail("lane", lane, v->at % 64);
	if (len != v->len)
		return fail("len", len, v->len);
	// The fan-out frees a packet that nobody gets
	if (live_state[id] != 0 && (live_state[id] != 4 || copies_left[id]))
		return fail("id in use", id, 0);
	if ((int)(what >> 8 & 1) != (v->group >= 0) || (v->group >= 0 && (int)(what >> 9 & 1) != s->own))
		return fail("group", what, (unsigned long)v->group);
	if (!v->eth) {
		if (opcode != v->opcode || psn != v->psn || memcmp(ext, v->ext, v->ext_len) != 0)
			return fail("BTH", opcode, v->opcode);
		if (flags != (v->solicited | v->ack_req << 1 | v->pad << 2 | v->ecn << 4 | v->ipv4 << 5))
			return fail("flags", flags, v->pad << 2 | v->solicited);
		if ((int)(what >> 2 & 1) != v->response || (int)(what >> 3 & 3) != v->transport ||
		    (int)(what >> 5 & 1) != v->qpn_bad || qpn != (v->qpn & 0x3fff))
			return fail("QPN, type", what, v->qpn);
	}
	live[id] = *s;
	l = &live_fields[id];
	*l = (struct fields){ line, lane, len, qpn, opcode, flags, psn, { 0 } };
	memcpy(l->ext, ext, 28);
	pass = v->eth;
	if (!v->eth && !v->qpn_bad && (what & 0x80) && qps[qpn].exists && qps[qpn].rx_ok)
		pass = qps[qpn].transport == v->transport || (qps[qpn].transport == 3 && v->transport == 2);
	if (pass && !v->eth && v->transport < 2 &&
	    (!v->gids[qps[qpn].sgid] || memcmp(v->sip, qps[qpn].peer, 16) != 0)) {
		pass = 0;
		strangers++;
	}
	if (v->group >= 0) {
		pass = !v->qpn_bad && (what & 0x80) && v->transport == 2;
		if (pass) {
			make_copies(id, s);
			live_state[id] = 4;
			sent_out++;
			return "";
		}
	}
	side = !pass ? 3 : v->eth ? 2 : (unsigned int)v->response;
	order[side][order_in[side]++ % 4096] = id;
	live_state[id] = pass ? 1 : 3;
	sent_out++;
	return "";
}

void rx_marker(unsigned int qpn);
void rx_marker(unsigned int qpn)
{
	order[0][order_in[0]++ % 4096] = 0x10000 + qpn;
	order[1][order_in[1]++ % 4096] = 0x10000 + qpn;
}

const char *rx_out(unsigned int side, unsigned int marker, unsigned int id, unsigned int line,
		   unsigned int lane, unsigned int len, unsigned int qpn, unsigned int opcode,
		   unsigned int flags, unsigned int psn, const svBitVecVal *ext);
const char *rx_out(unsigned int side, unsigned int marker, unsigned int id, unsigned int line,
		   unsigned int lane, unsigned int len, unsigned int qpn, unsigned int opcode,
		   unsigned int flags, unsigned int psn, const svBitVecVal *ext)
{
	struct fields now = { line, lane, len, qpn, opcode, flags, psn, { 0 } };
	unsigned int want, m;

	if (!marker && side == 0 && live_state[id] == 4) {
		m = qpn - FIRST_MEMBER;
		if (m >= MEMBERS || due_out[m] == due_in[m] || due[m][due_out[m]++ % 4096] != id)
			return fail("copy for", qpn, id);
		memcpy(now.ext, ext, 28);
		now.qpn = live_fields[id].qpn;
		if (memcmp(&now, &live_fields[id], sizeof(now)) != 0)
			return fail("the record of a copy has changed, id", id, 0);
		copies++;
		return "";
	}
	if (order_in[side] == order_out[side])
		return fail("nothing is due at side", side, 0);
	want = order[side][order_out[side]++ % 4096];
	if (want != (marker ? 0x10000 + qpn : id))
		return fail("not in order", marker ? 0x10000 + qpn : id, want);
	if (marker)
		return "";
	memcpy(now.ext, ext, 28);
	if (live_state[id] != 1 || memcmp(&now, &live_fields[id], sizeof(now)) != 0)
		return fail("the record has changed, id", id, 0);
	live_state[id] = 2;
	kept[side]++;
	return "";
}

const char *rx_dropped(unsigned int id);
const char *rx_dropped(unsigned int id)
{
	if (order_in[3] == order_out[3] || order[3][order_out[3]++ % 4096] != id || live_state[id] != 3)
		return fail("drop", id, 0);
	live_state[id] = 0;
	return "";
}

// Line n of the payload as it was read
const char *rx_data(unsigned int id, unsigned int n, const svBitVecVal *data);
const char *rx_data(unsigned int id, unsigned int n, const svBitVecVal *data)
{
	const uint8_t *p = (const uint8_t *)data;
	const struct sent *s = &live[id];
	size_t base = s->v.at / 64 * 64 + (size_t)n * 64;

	for (size_t i = 0; i < 64; i++) {
		if (base + i >= s->v.at && base + i < s->v.at + s->v.len && p[i] != s->frame[base + i])
			return fail("byte of the payload", p[i], s->frame[base + i]);
	}
	return "";
}

// A copy was dropped: its QP is not ready
void rx_skipped(void);
void rx_skipped(void)
{
	skips++;
}

void rx_freed(unsigned int id);
void rx_freed(unsigned int id)
{
	if (live_state[id] == 4) {
		copies_left[id]--;
		return;
	}
	live_state[id] = 0;
}

unsigned int rx_left(void);
unsigned int rx_left(void)
{
	unsigned int n = sent_in - sent_out + (unsigned int)(sending != 0);

	for (int i = 0; i < IDS; i++)
		n += live_state[i] == 4 ? copies_left[i] : live_state[i] != 0;
	for (int i = 0; i < 4; i++)
		n += order_in[i] - order_out[i];
	return n + skips_due - skips;
}

unsigned int rx_overruns(void);
unsigned int rx_overruns(void)
{
	return counts[7];
}

void rx_report(void);
void rx_report(void)
{
	printf("rx: %u frames: %u bad, %u filtered, %u RoCE (%u ICRC, %u header, %u CNP), %u overruns; "
	       "%u requests, %u responses, %u Ethernet, %u to groups (%u copies), "
	       "%u of strangers\n", made, counts[1],
	       counts[2], counts[3], counts[4], counts[5], counts[6], counts[7], kept[0], kept[1], kept[2],
	       groups_seen, copies, strangers);
}
