// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_gather, the QP objects, the GID table and the wire for the bench of tern_emit: slots with
// their payload in a ring, and the frame that each must become, built byte by byte.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roce_crc.h"
#include "roce_frame.h"
#include "svdpi.h"

#define NUM_QPS   200
#define NUM_GIDS  128
#define LINES     1024
#define MAX_SLOTS 64

enum { SRC_REQ, SRC_RR, SRC_ACK, SRC_ETH };
enum { MODE_RANDOM, MODE_MTU, MODE_WRITE64, MODE_ACK };

// Pulses beside done, as the bench gathers them
enum {
	F_DRAINED = 1, F_SENT = 2, F_ETH = 4, F_ETH_ERR = 8, F_FRAME = 16, F_REQUEST = 32,
	F_RESPONSE = 64, F_ACK = 128, F_NAK = 256, F_DROP = 512,
};

struct qp {
	uint32_t qpn;
	int valid, readable;
	uint16_t sport;
	uint8_t sgid, hop, tclass, pcp;
	uint32_t flow;
	uint8_t dmac[6], dgid[16];
	uint32_t dest;
	uint16_t pkey;
};

struct gid {
	int valid, ipv4, vlan;
	uint16_t vid;
	uint8_t gid[16], mac[6];
};

struct slot {
	int marker, src, killed;
	unsigned int line, lines;
	uint32_t qpn;
	uint16_t wqe;
	unsigned int flags;
	int frame;         // of a frame that must come, or -1
	size_t size;       // of it
};

static const uint8_t own_mac[6] = { 2, 0, 0, 0, 0, 1 };  // as in tb_emit.sv

static uint64_t rng;
static struct qp qps[NUM_QPS];
static struct gid gids[NUM_GIDS];
static uint8_t ring[LINES][64];
static uint8_t ring_used[LINES];
static unsigned int ring_in, ring_free;
static struct slot slots[MAX_SLOTS];
static unsigned int slot_in, slot_out;    // made; done
static uint8_t frames[256][ROCE_MAX_FRAME];
static size_t frame_size[256];
static int frame_own[256];  // to the adapter itself
static unsigned int frame_in, frame_out;
static uint8_t got[ROCE_MAX_FRAME + 64];
static size_t got_size;
static unsigned int twice;
static char text[200];

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

void emit_start(unsigned int seed);
void emit_start(unsigned int seed)
{
	rng = seed * 0x9e3779b97f4a7c15u + 1;
	memset(ring_used, 0, sizeof(ring_used));
	ring_in = rnd() % LINES;
	ring_free = LINES;
	for (int i = 0; i < NUM_GIDS; i++) {
		struct gid *g = &gids[i];

		g->valid = i < 4 || rnd() % 10 != 0;
		g->ipv4 = i < 2 || (i >= 4 && rnd() & 1);
		g->vlan = i < 4 ? i & 1 : rnd() & 1;
		g->vid = rnd() & 0xfff;
		rnd_bytes(g->gid, 16);
		if (g->ipv4) {
			memset(g->gid, 0, 10);
			g->gid[10] = g->gid[11] = 0xff;
		}
		rnd_bytes(g->mac, 6);
	}
	for (int i = 0; i < NUM_QPS; i++) {
		struct qp *q = &qps[i];

		q->qpn = (uint32_t)i * 81 + 1;
		q->valid = i < 8 || rnd() % 12 != 0;
		q->readable = i < 8 || rnd() % 12 != 0;
		q->sport = (uint16_t)rnd();
		q->sgid = i < 8 ? (uint8_t)(i & 3) : rnd() % 20 == 0 ? (uint8_t)rnd() : rnd() % NUM_GIDS;
		q->hop = (uint8_t)rnd();
		q->tclass = (uint8_t)rnd();
		q->pcp = rnd() & 7;
		q->flow = rnd() & 0xfffff;
		rnd_bytes(q->dmac, 6);
		if (rnd() % 4 == 0 && q->sgid < NUM_GIDS)
			memcpy(q->dmac, gids[q->sgid].mac, 6);
		else if (rnd() % 4 == 0)
			memcpy(q->dmac, own_mac, 6);
		rnd_bytes(q->dgid, 16);
		q->dest = rnd() & 0xffffff;
		q->pkey = (uint16_t)rnd();
	}
}

static void put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t mac64(const uint8_t *mac)
{
	uint64_t v = 0;

	for (int i = 0; i < 6; i++)
		v = v << 8 | mac[i];
	return v;
}

// Line net of a QP; 0 if it cannot be read
int emit_net(unsigned int qpn, svBitVecVal *line);
int emit_net(unsigned int qpn, svBitVecVal *line)
{
	uint8_t *p = (uint8_t *)line;

	rnd_bytes(p, 64);
	for (int i = 0; i < NUM_QPS; i++) {
		const struct qp *q = &qps[i];

		if (q->qpn != qpn)
			continue;
		put64(p, (uint64_t)q->sport | (uint64_t)q->sgid << 16 | (uint64_t)q->hop << 24 |
		      (uint64_t)q->tclass << 32 | (uint64_t)q->flow << 40 | (uint64_t)q->pcp << 60);
		put64(p + 8, mac64(q->dmac) | (uint64_t)rnd() << 48);
		memcpy(p + 16, q->dgid, 16);
		put64(p + 32, q->dest | (uint64_t)q->pkey << 24 | (uint64_t)q->valid << 40 |
		      (uint64_t)rnd() << 41);
		return q->readable;
	}
	return 0;
}

// The control changes the first word of a QP's line
unsigned int emit_modify(svBitVecVal *mask, svBitVecVal *data);
unsigned int emit_modify(svBitVecVal *mask, svBitVecVal *data)
{
	struct qp *q = &qps[rnd() % 8];
	uint64_t word;

	q->sport = (uint16_t)rnd();
	q->sgid = rnd() & 3;
	q->tclass = (uint8_t)rnd();
	q->hop = (uint8_t)rnd();
	q->flow = rnd() & 0xfffff;
	q->pcp = rnd() & 7;
	word = (uint64_t)q->sport | (uint64_t)q->sgid << 16 | (uint64_t)q->hop << 24 |
	       (uint64_t)q->tclass << 32 | (uint64_t)q->flow << 40 | (uint64_t)q->pcp << 60;
	memset(mask, 0, 64);
	rnd_bytes((uint8_t *)data, 64);
	put64((uint8_t *)mask, ~0ull);
	put64((uint8_t *)data, word);
	return q->qpn;
}

void emit_gid(unsigned int index, svBitVecVal *entry);
void emit_gid(unsigned int index, svBitVecVal *entry)
{
	uint8_t *p = (uint8_t *)entry;
	const struct gid *g = &gids[index];

	rnd_bytes(p, 64);
	memcpy(p, g->gid, 16);
	put64(p + 16, (uint64_t)(g->vid | g->vlan << 12 | g->ipv4 << 13 | g->valid << 14));
	put64(p + 24, mac64(g->mac));
}

void emit_ring(unsigned int line, svBitVecVal *data);
void emit_ring(unsigned int line, svBitVecVal *data)
{
	memcpy(data, ring[line], 64);
	if (!ring_used[line])
		rnd_bytes((uint8_t *)data, 64);
}

// own: of a packet that is sent to ourselves, too
static void expect(struct slot *s, const struct roce_pkt *p, const uint8_t *eth, size_t eth_len, int group,
		   int own)
{
	uint8_t *f = frames[frame_in % 256];

	frame_own[frame_in % 256] = group ? own : p && (!memcmp(p->dmac, own_mac, 6) ||
							!memcmp(p->dmac, p->smac, 6));

	s->frame = 1;
	s->size = 0;
	if (p) {
		s->size = roce_build(p, f);
	} else if (eth) {
		memcpy(f, eth, eth_len);
		memset(f + eth_len, 0, 60);
		s->size = eth_len < 60 ? 60 : eth_len;
	}
	frame_size[frame_in % 256] = s->size;
	frame_in++;
}

static void put_bits(svBitVecVal *to, unsigned int at, unsigned int n, uint64_t v)
{
	for (unsigned int i = 0; i < n; i++)
		to[(at + i) / 32] |= (svBitVecVal)(v >> i & 1) << (at + i) % 32;
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 8; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

// Where a UD packet goes, also as ud_path_t has it
static void any_address(struct qp *q, svBitVecVal *path)
{
	memset(q, 0, sizeof(*q));
	q->valid = q->readable = 1;
	q->sgid = rnd() % NUM_GIDS;
	q->hop = (uint8_t)rnd();
	q->tclass = (uint8_t)rnd();
	q->pcp = rnd() & 7;
	q->flow = rnd() & 0xfffff;
	q->sport = (uint16_t)(0xc000 | ((q->flow ^ q->flow >> 14) & 0x3fff));
	q->pkey = 0xffff;
	q->dest = rnd() & 0xffffff;
	rnd_bytes(q->dmac, 6);
	rnd_bytes(q->dgid, 16);
	if (rnd() % 4 == 0)
		memcpy(q->dmac, rnd() & 1 ? own_mac : gids[q->sgid].mac, 6);
	memset(path, 0, 32);
	put_bits(path, 0, 24, q->dest);
	put_bits(path, 24, 7, q->sgid);
	put_bits(path, 31, 3, q->pcp);
	put_bits(path, 34, 20, q->flow);
	put_bits(path, 54, 8, q->tclass);
	put_bits(path, 62, 8, q->hop);
	put_bits(path, 70, 48, mac64(q->dmac));
	put_bits(path, 118, 64, get64(q->dgid));
	put_bits(path, 182, 64, get64(q->dgid + 8));
}

// Makes a slot. Returns 0 if there is no room. flags: 0 marker, 1 killed, 2 solicited, 3 ack_req,
// 5:4 src, 6 UD: to path
int emit_slot(int mode, unsigned int *flags, unsigned int *qpn, unsigned int *opcode,
	      unsigned int *psn, unsigned int *ext_len, svBitVecVal *ext, unsigned int *len,
	      unsigned int *wqe, unsigned int *line, svBitVecVal *path);
int emit_slot(int mode, unsigned int *flags, unsigned int *qpn, unsigned int *opcode,
	      unsigned int *psn, unsigned int *ext_len, svBitVecVal *ext, unsigned int *len,
	      unsigned int *wqe, unsigned int *line, svBitVecVal *path)
{
	static uint8_t payload[LINES * 64];
	struct slot *s = &slots[slot_in % MAX_SLOTS];
	const struct qp *q = &qps[mode != MODE_RANDOM ? 0 : rnd() & 1 ? rnd() % 8 : rnd() % NUM_QPS];
	struct roce_pkt p = { 0 };
	struct qp address;
	unsigned int lines;
	int ud, group;

	if (slot_in - slot_out == MAX_SLOTS || frame_in - frame_out > 200)
		return 0;
	memset(s, 0, sizeof(*s));
	s->frame = -1;
	s->src = mode == MODE_ACK ? SRC_ACK : mode != MODE_RANDOM ? SRC_REQ : (int)(rnd() % 4);
	s->marker = mode == MODE_RANDOM && rnd() % 16 == 0;
	s->killed = mode == MODE_RANDOM && rnd() % 16 == 0;
	s->wqe = (uint16_t)rnd();
	s->qpn = q->qpn;
	p.ext_len = 4 * (rnd() % 8);
	rnd_bytes(payload, 28);
	memcpy(p.ext, payload, 28);
	switch (rnd() % 6) {
	case 0: p.len = 0; break;
	case 1: p.len = rnd() % 8; break;
	case 2: p.len = rnd() % 200; break;
	case 3: p.len = 4096; break;
	case 4: p.len = 256 * (rnd() % 17); break;
	default: p.len = rnd() % 4097; break;
	}
	if (s->src == SRC_ETH)
		p.len = rnd() % 4 == 0 ? 14 + rnd() % (9216 - 13) : 14 + rnd() % 200;
	if (s->src == SRC_ACK) {
		p.len = 0;
		p.ext_len = 4;
		p.ext[0] = rnd() & 1 ? 0x1f : (uint8_t)rnd();
	}
	if (mode == MODE_MTU) {
		p.len = 4096;
		p.ext_len = 0;
	} else if (mode == MODE_WRITE64) {
		p.len = 64;
		p.ext_len = 16;
	}
	lines = s->marker ? 0 : (unsigned int)(p.len + 63) / 64;
	if (lines > ring_free)
		return 0;
	s->line = ring_in;
	s->lines = lines;
	rnd_bytes(payload, p.len);
	for (unsigned int i = 0; i < lines; i++) {
		unsigned int at = (ring_in + i) % LINES;

		rnd_bytes(ring[at], 64);
		memcpy(ring[at], payload + 64 * i, p.len - 64 * i < 64 ? p.len - 64 * i : 64);
		ring_used[at] = 1;
	}
	ring_in = (ring_in + lines) % LINES;
	ring_free -= lines;

	ud = s->src == SRC_REQ && mode == MODE_RANDOM && !s->marker && rnd() % 3 == 0;
	if (ud) {
		q = &address;
		any_address(&address, path);
	}
	p.opcode = (uint8_t)rnd();
	p.solicited = rnd() & 1;
	p.ack_req = rnd() & 1;
	p.psn = rnd() & 0xffffff;
	*flags = (unsigned int)(s->marker | s->killed << 1 | p.solicited << 2 | p.ack_req << 3 |
				s->src << 4 | ud << 6);
	*qpn = s->qpn;
	*opcode = p.opcode;
	*psn = p.psn;
	*ext_len = (unsigned int)p.ext_len;
	memcpy(ext, p.ext, 28);
	*len = (unsigned int)p.len;
	*wqe = s->wqe;
	*line = s->line;

	if (s->marker) {
		s->flags = F_DRAINED;
	} else if (s->killed) {
		s->flags = s->src == SRC_ETH ? F_ETH | F_ETH_ERR : 0;
	} else if (s->src == SRC_ETH) {
		s->flags = F_ETH | F_FRAME;
		expect(s, NULL, payload, p.len, 0, 0);
	} else if (!q->valid || !q->readable || q->sgid >= NUM_GIDS || !gids[q->sgid].valid) {
		s->flags = F_DROP | (s->src == SRC_REQ ? F_SENT : 0);
	} else {
		const struct gid *g = &gids[q->sgid];

		memcpy(p.dmac, q->dmac, 6);
		memcpy(p.smac, g->mac, 6);
		p.vlan = g->vlan;
		p.tci = (uint16_t)(q->pcp << 13 | g->vid);
		p.ipv4 = g->ipv4;
		memcpy(p.sip, g->gid, 16);
		memcpy(p.dip, q->dgid, 16);
		p.tclass = q->tclass;
		p.hop = q->hop;
		p.flow = q->flow;
		p.sport = q->sport;
		p.pkey = q->pkey;
		p.qpn = q->dest;
		p.payload = payload;
		s->flags = F_FRAME | (s->src == SRC_REQ ? F_SENT | F_REQUEST :
				      s->src == SRC_RR ? F_RESPONSE : (p.ext[0] & 0x60) ? F_NAK : F_ACK);
		group = ud && (p.dmac[0] & 1) && (p.dip[15] & 1);
		if (group) {
			expect(s, &p, NULL, 0, 1, 1);
			twice++;
		}
		expect(s, &p, NULL, 0, group, 0);
	}
	slot_in++;
	return 1;
}

static const char *fail(const char *what, unsigned long have, unsigned long want)
{
	snprintf(text, sizeof(text), "%s: %lx, not %lx", what, have, want);
	return text;
}

// A slot is done; returns "" or what is wrong
const char *emit_done(unsigned int lines, unsigned int flags, unsigned int src, unsigned int dqpn,
		      unsigned int sqpn, unsigned int wqe, unsigned int bytes);
const char *emit_done(unsigned int lines, unsigned int flags, unsigned int src, unsigned int dqpn,
		      unsigned int sqpn, unsigned int wqe, unsigned int bytes)
{
	struct slot *s = &slots[slot_out % MAX_SLOTS];

	if (slot_out == slot_in)
		return "done without a slot";
	if (lines != s->lines)
		return fail("lines", lines, s->lines);
	if (flags != s->flags)
		return fail("outcome", flags, s->flags);
	if ((flags & F_DRAINED) && (src != (unsigned int)s->src || dqpn != s->qpn))
		return fail("drained", dqpn, s->qpn);
	if ((flags & F_SENT) && sqpn != s->qpn)
		return fail("sent", sqpn, s->qpn);
	if ((flags & F_ETH) && wqe != s->wqe)
		return fail("eth_sent", wqe, s->wqe);
	if ((flags & F_FRAME) && bytes != s->size)
		return fail("bytes", bytes, s->size);
	for (unsigned int i = 0; i < lines; i++) {
		unsigned int at = (s->line + i) % LINES;

		ring_used[at] = 0;
		rnd_bytes(ring[at], 64);
	}
	ring_free += lines;
	slot_out++;
	return "";
}

// A beat on the wire; returns "" or what is wrong
const char *emit_beat(const svBitVecVal *data, unsigned long long keep, int last, int own);
const char *emit_beat(const svBitVecVal *data, unsigned long long keep, int last, int own)
{
	unsigned int n = 0;
	const uint8_t *want = frames[frame_out % 256];
	size_t size = frame_size[frame_out % 256];

	if (frame_out == frame_in)
		return "frame without a slot";
	if (own != frame_own[frame_out % 256])
		return fail("own", (unsigned long)own, (unsigned long)frame_own[frame_out % 256]);
	while (n < 64 && (keep >> n & 1))
		n++;
	if (n == 0 || (n < 64 && (keep >> n) != 0) || (!last && n != 64))
		return fail("keep", (unsigned long)keep, 0);
	if (got_size + n > size)
		return fail("frame too long", got_size + n, size);
	memcpy(got + got_size, data, n);
	got_size += n;
	if (!last)
		return "";
	if (got_size != size)
		return fail("size of a frame", got_size, size);
	// The IPv4 identification is free
	for (size_t ip = 14; ip <= 18; ip += 4) {
		uint8_t *w = frames[frame_out % 256];

		if (w[ip - 2] == 8 && w[ip - 1] == 0 && w[ip] == 0x45 && (ip == 14 || w[12] == 0x81)) {
			w[ip + 4] = got[ip + 4];
			w[ip + 5] = got[ip + 5];
			if (w[ip + 9] == 17 && w[ip + 22] == 4791 >> 8 && w[ip + 23] == (4791 & 255)) {
				uint16_t sum = roce_ip_checksum(w + ip);
				uint32_t crc_at = (uint32_t)(ip + ((size_t)w[ip + 2] << 8 | w[ip + 3]) - 4);

				w[ip + 10] = (uint8_t)(sum >> 8);
				w[ip + 11] = (uint8_t)sum;
				uint32_t crc = roce_icrc(w + ip, crc_at - ip);

				for (int i = 0; i < 4; i++)
					w[crc_at + (uint32_t)i] = (uint8_t)(crc >> 8 * i);
			}
			break;
		}
	}
	for (size_t i = 0; i < size; i++) {
		if (got[i] != want[i]) {
			snprintf(text, sizeof(text), "frame %u, size %zu, byte %zu: %02x, not %02x", frame_out,
				 size, i, got[i], want[i]);
			return text;
		}
	}
	got_size = 0;
	frame_out++;
	return "";
}

unsigned int emit_twice(void);
unsigned int emit_twice(void)
{
	return twice;
}

unsigned int emit_left(void);
unsigned int emit_left(void)
{
	return slot_in - slot_out + (frame_in - frame_out);
}
