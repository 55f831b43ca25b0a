// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * World and model of the segmenter's bench. The world: QPs with rings of entries, a scheduler
 * for them, a peer that sends the segmenter back, and a control. The model carries out each
 * request of a QP when it goes in, and puts what must come of it into queues, one per QP and
 * kind; what the segmenter says is compared with their heads. List entries are popped while no
 * job of the QP is inside, so all is determined by the order of the requests; or while a job
 * inside sends what was sent before, see "An ACK in the middle of a job".
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svdpi.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define QPS 20
#define BUFS 32
#define DEPTH 2048 /* of a queue of expectations */
#define LIST 64
#define LATE 6 /* packets that may leave after they have been acknowledged */

enum { RC = 0, UC = 1, UD = 2, GSI = 3 };
enum { SEND, SEND_IMM, SEND_INV, WRITE = 4, WRITE_IMM, READ = 8, CAS = 12, FAA, INV = 16, REG };
enum { ACKED, IS_READ, ATOMIC, LOCAL };
enum { LOC_LEN = 1, LOC_QP_OP = 2, WR_FLUSH = 5, MW_BIND = 6, GENERAL = 21 };
enum { BY_CONTEXT = 1, BY_FETCH, BY_ENTRY };
enum { KEY = 0, INLINE = 2 };

/* Line seg of a QP, taken apart */
struct line {
	u32 active, flushing, transport, mtu, priv, max_rd, pd, dest;
	u32 scq, err_valid, stopped, err_wqe, err_status;
	u32 psn, wqe, fresh, epoch;
	u32 offset, mid, psn_max, packets, resent, again, qkey;
};

struct piece {
	u32 kind, key, len;
	u64 addr;
	u8 data[64];
};

struct pkt {
	u32 marker, opcode, solicited, ack_req, psn, ext_len, len, pieces, pd, priv, wqe, pushes;
	u32 life; /* of the QP */
	u8 ext[28];
	u32 path[8]; /* UD */
	struct piece p[16];
};

struct push {
	u32 kind, opcode, signaled, status, wqe, slots, first, last, length;
};

struct resume {
	u32 index, epoch, block, mid, single;
};

struct err {
	u32 wqe, status, reason;
};

struct cqe {
	u32 cqn, wqe, status, opcode;
};

struct mr {
	u32 reg, key, access, shift, pd, priv;
	u64 va, length;
};

struct job {
	u32 marker, first, count, epoch, err, single;
	u64 slots[16][8];
};

/* How things stood before the last request was carried out: the line, and the ends of queues */
struct before {
	struct line l;
	u32 pkts, push, resumes, errs, cqes, mrs, kicks;
};

#define QUEUE(type) struct { struct type v[DEPTH]; u32 head, tail; }

struct qp {
	u32 qpn, bad;
	struct line l;
	u64 (*ring)[8];
	u32 log_size;
	/* scheduler */
	u32 producer, fetched, epoch, blocked, single;
	u32 inside;  /* jobs */
	u32 others;
	/* list, as the model wants it */
	struct push list[LIST];
	u32 list_head, list_count, marks, room;
	u32 pushes, pushes_seen, kicks, kicks_seen;
	u32 snd, snd_model; /* last told; as of the model */
	u32 done, una, part; /* how far the peer has come */
	u32 life;
	u32 torn; /* ends in the middle of an entry */
	/* an ACK in the middle of a job */
	struct before before;
	u32 acked; /* came, and the job may still be given up: 1 it is inside, 2 its resume is due */
	u32 maybe; /* packets that need not come, at the head of pkts */
	u32 late;  /* came since the ACK, though before it */
	QUEUE(pkt) pkts;
	QUEUE(push) push;
	QUEUE(resume) resumes;
	QUEUE(err) errs;
	QUEUE(cqe) cqes;
	QUEUE(mr) mrs;
};

static struct qp qps[QPS];
static u64 mem[QPS][8]; /* lines behind the HMC */
static u64 rnd_state = 1;
static struct job offer_job;
static struct qp *offer_qp;
static struct { u32 wqe, psn, offset; } offer_rb;
static struct qp *rb_qp;
static struct { u64 mask[8], data[8]; u32 drop, kind; } item;
static struct qp *item_qp;
static u64 item_old[8];
static int item_old_valid;
static u32 spice = 10; /* per cent of entries with something odd */

u64 seg_count[32];

enum { C_PKT, C_PIECE, C_PUSH, C_RESUME, C_BLOCK, C_MID, C_ERR, C_LEN, C_CQE, C_MR, C_STALE,
       C_DROP, C_RB, C_ITEM, C_CUT, C_FETCH, C_QUANTUM, C_RESENT, C_MARK, C_FENCE, C_RD, C_FULL,
       C_ENTRY, C_STOPPED, C_LATE, C_LATE_PART, C_WINDOW, C_SINGLE, C_ACK, C_ACK_JUMP,
       C_ACK_PART, C_UD };

static void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "seg_model: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(1);
}

static u32 rnd(u32 n)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return (u32)((rnd_state >> 16) % n);
}

static u64 rnd64(void)
{
	rnd(2);
	return rnd_state * 0x2545f4914f6cdd1dull;
}

static int pct(u32 p)
{
	return rnd(100) < p;
}

#define PUT(q, what) do { \
	if ((q)->tail - (q)->head >= DEPTH) fail("too much expected: " #q); \
	(q)->v[(q)->tail++ % DEPTH] = (what); \
} while (0)

#define GET(q, name) \
	((q)->head == (q)->tail ? (fail("qp %u: %s out of nothing", qp->qpn, name), (void *)0) \
				: (void *)&(q)->v[(q)->head++ % DEPTH])

static u64 bits(u64 w, u32 hi, u32 lo)
{
	return w >> lo & (hi - lo == 63 ? ~0ull : (1ull << (hi - lo + 1)) - 1);
}

static void pack(const struct line *l, u64 *w)
{
	memset(w, 0, 64);
	w[0] = l->active | l->flushing << 1 | l->transport << 2 | l->mtu << 5 | l->priv << 8 |
	       l->max_rd << 9 | (u64)l->pd << 16 | (u64)l->dest << 40;
	w[1] = l->scq | l->err_valid << 24 | l->stopped << 25 | (u64)l->err_wqe << 32 |
	       (u64)l->err_status << 48;
	w[2] = l->psn | (u64)l->wqe << 24 | (u64)l->fresh << 40 | (u64)l->epoch << 56;
	w[3] = l->offset | (u64)l->mid << 32 | (u64)l->psn_max << 40;
	w[4] = l->packets | (u64)l->resent << 32;
	w[5] = l->again | (u64)l->qkey << 32;
}

static struct qp *find(u32 qpn)
{
	for (u32 i = 0; i < QPS; i++)
		if (qps[i].qpn == qpn)
			return &qps[i];
	fail("no QP %u", qpn);
	return 0;
}

/* ----------------------------------------------------------------------------- model */

static void be(u8 *to, u64 v, int n)
{
	while (n--) {
		to[n] = (u8)v;
		v >>= 8;
	}
}

static int is_new(const struct line *l, u32 wqe)
{
	return !((wqe - l->fresh) & 0x8000);
}

static u32 one_by_one; /* the job is single, or is to become so */

static void resume(struct qp *qp, u32 block)
{
	struct resume r;

	qp->l.epoch = (qp->l.epoch + 1) & 255;
	r.index = qp->l.wqe;
	r.epoch = qp->l.epoch;
	r.block = block;
	r.mid = qp->l.mid;
	r.single = one_by_one;
	PUT(&qp->resumes, r);
}

/* Whether a position is before what is acknowledged; then there is nothing to be done there */
static int passed(struct qp *qp, u32 wqe, u32 psn)
{
	u32 slots = (qp->done - wqe) & 0xffff, psns = (qp->una - psn) & 0xffffff;

	return slots ? slots <= 0x8000 : psns && psns < 0x800000;
}

static void move(struct qp *qp)
{
	qp->l.wqe = qp->done;
	qp->l.psn = qp->una;
	qp->l.offset = qp->part * (128u << qp->l.mtu);
	qp->l.mid = qp->part != 0;
}

static void jump(struct qp *qp)
{
	seg_count[qp->l.wqe == qp->done ? C_LATE_PART : C_LATE]++;
	move(qp);
}

static void error(struct qp *qp, u32 wqe, u32 status, u32 reason)
{
	struct err e = { wqe, status, reason };

	qp->l.stopped = 1;
	PUT(&qp->errs, e);
}

static u32 ud_now; /* the entry at hand is one of UD: its first slot has one SGE, or 16 B */

static u32 slots_for(u64 hdr)
{
	u32 sges = bits(hdr, 12, 8), inl = bits(hdr, 16, 16), len = bits(hdr, 27, 20);
	u32 op = bits(hdr, 7, 0), bytes;

	if (op >= CAS)
		return 1;
	bytes = (inl ? len : sges * 16) + (ud_now ? 16 : 0);
	return bytes <= 32 ? 1 : 1 + (bytes - 32 + 63) / 64;
}

static int entry_ok(struct qp *qp, u64 *w, u32 index)
{
	u32 op = bits(w[0], 7, 0), sges = bits(w[0], 12, 8), inl = bits(w[0], 16, 16);
	u32 len = bits(w[0], 27, 20), slots = bits(w[0], 31, 29), pol = bits(w[0], 63, 63);

	if (pol == (index >> qp->log_size & 1))
		return 0;
	if (qp->l.transport >= UD && (op > SEND_IMM || bits(w[0], 19, 17) || bits(w[0], 28, 28) ||
				      bits(w[0], 62, 32) || bits(w[1], 31, 31) || bits(w[2], 31, 23)))
		return 0;
	if (qp->l.transport == UC && (op == SEND_INV || op == READ || op == CAS || op == FAA))
		return 0;
	switch (op) {
	case SEND: case SEND_IMM: case SEND_INV: case WRITE: case WRITE_IMM:
		if (inl && (sges || len > 224))
			return 0;
		break;
	case READ:
		if (inl || !qp->l.max_rd)
			return 0;
		break;
	case CAS: case FAA:
		if (inl || !qp->l.max_rd || sges != 1 || bits(w[5], 31, 0) != 8 || w[1] % 8)
			return 0;
		break;
	case INV: case REG:
		if (inl || sges || !qp->l.priv)
			return 0;
		break;
	default:
		return 0;
	}
	return sges <= 16 && slots == slots_for(w[0]);
}

static u32 mr_status(u32 key)
{
	return key % 16 == 3 ? MW_BIND : 0;
}

/* SGE n: the first two are in words 4 to 7 of the first slot, the others fill further slots */
static u64 *sge(u64 (*w)[8], u32 n)
{
	if (ud_now)
		return n < 1 ? &w[0][6] : &w[1 + (n - 1) / 4][2 * ((n - 1) % 4)];
	return n < 2 ? &w[0][4 + 2 * n] : &w[1 + (n - 2) / 4][2 * ((n - 2) % 4)];
}

static void cut_pieces(struct pkt *p, u64 (*w)[8], u64 from, u32 len)
{
	u32 sges = bits(w[0][0], 12, 8);
	u64 at = 0;

	p->pieces = 0;
	if (bits(w[0][0], 16, 16)) {
		u8 all[320];

		for (u32 n = 0; n < 5; n++)
			memcpy(all + 64 * n, w[n], 64);
		for (u32 done = 0; done < len; p->pieces++) {
			struct piece *pc = &p->p[p->pieces];

			memset(pc, 0, sizeof(*pc));
			pc->kind = INLINE;
			pc->len = p->pieces ? 64 : ud_now ? 16 : 32;
			if (pc->len > len - done)
				pc->len = len - done;
			memcpy(pc->data, all + (ud_now ? 48 : 32) + done, pc->len);
			done += pc->len;
		}
		return;
	}
	for (u32 n = 0; n < sges && len; n++) {
		u64 *s = sge(w, n), size = bits(s[1], 31, 0);

		if (from < at + size && size) {
			u64 skip = from - at, take = size - skip;
			struct piece *pc = &p->p[p->pieces++];

			if (take > len)
				take = len;
			memset(pc, 0, sizeof(*pc));
			pc->kind = KEY;
			pc->key = bits(s[1], 63, 32);
			pc->addr = s[0] + skip;
			pc->len = (u32)take;
			from += take;
			len -= (u32)take;
		}
		at += size;
	}
	if (len)
		fail("model has lost bytes");
}

static void put_bits(u32 *to, u32 at, u32 n, u64 v)
{
	for (u32 i = 0; i < n; i++)
		to[(at + i) / 32] |= (u32)(v >> i & 1) << ((at + i) % 32);
}

/* As ud_path_t lies in memory */
static void put_path(u32 *to, const u64 *w)
{
	memset(to, 0, 32);
	put_bits(to, 0, 24, bits(w[1], 23, 0));
	put_bits(to, 24, 7, bits(w[1], 30, 24));
	put_bits(to, 31, 3, bits(w[2], 22, 20));
	put_bits(to, 34, 20, bits(w[2], 19, 0));
	put_bits(to, 54, 8, bits(w[3], 55, 48));
	put_bits(to, 62, 8, bits(w[3], 63, 56));
	put_bits(to, 70, 48, bits(w[3], 47, 0));
	put_bits(to, 118, 64, w[4]);
	put_bits(to, 182, 64, w[5]);
}

/* Addresses that came, and those of packets that came; either may be first */
static struct {
	u32 v[64][8], tail;
} paths[2];
static u32 path_head;

static void put_address(u32 of_packet, const u32 *path)
{
	memcpy(paths[of_packet].v[paths[of_packet].tail++ % 64], path, 32);
	if (paths[of_packet].tail - path_head > 64)
		fail("addresses and packets are not as many");
	if (paths[!of_packet].tail == path_head)
		return;
	if (memcmp(paths[0].v[path_head % 64], paths[1].v[path_head % 64], 32))
		fail("address of packet %u", path_head);
	path_head++;
}

void seg_path(const svBitVecVal *path)
{
	put_address(0, path);
}

static void push(struct qp *qp, struct push p)
{
	if (qp->list_count == LIST)
		fail("list too small");
	qp->list[(qp->list_head + qp->list_count++) % LIST] = p;
	qp->marks += p.kind == IS_READ || p.kind == ATOMIC;
	qp->pushes++;
	PUT(&qp->push, p);
}

static void run_flush(struct qp *qp, struct job *j)
{
	struct line *l = &qp->l;
	u32 at = 0;

	one_by_one = j->single || j->err;
	if (j->err && !j->single) {
		resume(qp, 0);
		return;
	}
	while (at < j->count) {
		u64 hdr = j->slots[at][0];
		u32 step = bits(hdr, 31, 29);
		struct cqe c = { l->scq, l->wqe, WR_FLUSH, (u32)bits(hdr, 7, 0) };

		if (step < 1 || step > 5)
			step = 1;
		if (j->err) {
			step = 1;
			c.opcode = 0;
			seg_count[C_SINGLE]++;
		} else if (step > j->count - at) {
			if (at) {
				resume(qp, 0);
				return;
			}
			step = j->count;
		}
		if (l->err_valid && l->err_wqe == l->wqe)
			c.status = l->err_status;
		if (l->err_wqe == l->wqe)
			l->err_valid = 0;
		PUT(&qp->cqes, c);
		at += step;
		l->wqe = (l->wqe + step) & 0xffff;
		if (!j->err)
			l->offset = l->mid = 0;
		if (j->single && at < j->count) {
			resume(qp, 0);
			return;
		}
	}
}

/* Returns 1 to go on with the next entry */
static int run_entry(struct qp *qp, struct job *j, u32 at, u32 *turns, u32 *step_out)
{
	struct line *l = &qp->l;
	u64 (*w)[8] = &j->slots[at];
	u64 hdr = w[0][0], len = 0;
	u32 op = bits(hdr, 7, 0), sges = bits(hdr, 12, 8), slots = bits(hdr, 31, 29);
	u32 mtu = 128u << l->mtu, fresh = is_new(l, l->wqe), read, atomic;
	int ok;

	ud_now = l->transport >= UD;
	ok = entry_ok(qp, w[0], l->wqe);

	seg_count[C_ENTRY]++;
	if (fresh && l->stopped) {
		seg_count[C_STOPPED]++;
		return 0;
	}
	if (ok && at + slots > j->count) {
		seg_count[C_CUT]++;
		if (at) {
			resume(qp, 0);
			return 0;
		}
		ok = 0;
	}
	if (!ok) {
		error(qp, l->wqe, LOC_QP_OP, BY_ENTRY);
		return 0;
	}
	if (bits(hdr, 16, 16))
		len = bits(hdr, 27, 20);
	else
		for (u32 n = 0; n < sges; n++)
			len += bits(sge(w, n)[1], 31, 0);
	if (len > (ud_now ? mtu : 1ull << 31)) {
		seg_count[C_LEN]++;
		error(qp, l->wqe, LOC_LEN, BY_ENTRY);
		return 0;
	}
	if (l->mid && l->offset >= len) {
		error(qp, l->wqe, LOC_QP_OP, BY_ENTRY);
		return 0;
	}
	/* PSNs are compared modulo 2^24 */
	if ((len - l->offset + mtu - 1) / mtu >= 1 << 23) {
		seg_count[C_LEN]++;
		error(qp, l->wqe, LOC_LEN, BY_ENTRY);
		return 0;
	}
	*step_out = slots;
	read = op == READ;
	atomic = op == CAS || op == FAA;
	if (fresh) {
		u64 n = atomic || !len ? 1 : (len + mtu - 1) / mtu;
		u32 wide = op != INV && op != REG && ((l->psn + n - qp->una) & 0xffffff) >= 1 << 23;
		u32 fence = bits(hdr, 15, 15) && qp->marks;
		u32 rd = (read || atomic) && qp->marks >= l->max_rd;
		u32 full = qp->list_count >= qp->room;

		seg_count[C_FENCE] += fence;
		seg_count[C_RD] += rd;
		seg_count[C_FULL] += full;
		seg_count[C_WINDOW] += wide;
		if (fence || rd || full || wide) {
			resume(qp, 1);
			return 0;
		}
	}
	if (op == INV || op == REG) {
		if (fresh) {
			struct push p = { LOCAL, op, (u32)bits(hdr, 13, 13), 0, l->wqe, slots,
					  l->psn, l->psn, (u32)len };
			struct mr m = { op == REG, (u32)bits(w[0][2], 31, 0), 0, 0, l->pd,
					l->priv, 0, 0 };

			if (op == REG) {
				m.key = bits(w[0][3], 31, 0);
				m.access = bits(w[0][3], 35, 32);
				m.shift = bits(w[0][3], 44, 40);
				m.va = w[0][1];
				m.length = w[0][2];
			}
			PUT(&qp->mrs, m);
			p.status = mr_status(m.key);
			push(qp, p);
			qp->kicks++;
			l->fresh = (l->wqe + slots) & 0xffff;
			if (p.status)
				l->stopped = 1;
		}
		l->wqe = (l->wqe + slots) & 0xffff;
		l->offset = l->mid = 0;
		return !(fresh && l->stopped);
	}
	if (fresh) {
		u64 n = atomic || !len ? 1 : (len + mtu - 1) / mtu;
		struct push p = { read ? IS_READ : atomic ? ATOMIC : ACKED, op,
				  (u32)bits(hdr, 13, 13), 0, l->wqe, slots, l->psn,
				  (u32)(l->psn + n - 1) & 0xffffff, (u32)len };

		push(qp, p);
		l->fresh = (l->wqe + slots) & 0xffff;
	} else {
		seg_count[C_RESENT]++;
	}
	for (;;) {
		u64 left = len - l->offset, n = 1;
		u32 first = !l->offset, last = read || atomic || left <= mtu, e = 0;
		struct pkt p;

		memset(&p, 0, sizeof(p));
		p.psn = l->psn;
		p.wqe = l->wqe;
		p.pd = l->pd;
		p.priv = l->priv;
		p.pushes = qp->pushes;
		p.life = qp->life;
		p.ack_req = last || (l->psn & 15) == 15;
		if (l->transport != RC)
			p.ack_req = last << 1;	/* finish */
		if (read) {
			p.opcode = 12;
			be(p.ext, w[0][1] + l->offset, 8);
			be(p.ext + 8, bits(w[0][2], 31, 0), 4);
			be(p.ext + 12, left, 4);
			e = 16;
			n = left ? (left + mtu - 1) / mtu : 1;
		} else if (atomic) {
			p.opcode = op == CAS ? 19 : 20;
			be(p.ext, w[0][1], 8);
			be(p.ext + 8, bits(w[0][2], 31, 0), 4);
			be(p.ext + 12, w[0][6], 8);
			be(p.ext + 20, w[0][7], 8);
			e = 28;
		} else {
			u32 write = op == WRITE || op == WRITE_IMM;
			u32 imm = op == WRITE_IMM || op == SEND_IMM;

			p.len = last ? (u32)left : mtu;
			p.opcode = (write ? 6 : 0) + (first && last ? 4 : last ? 2 : first ? 0 : 1);
			if (last && imm)
				p.opcode++;
			if (last && op == SEND_INV)
				p.opcode = first ? 23 : 22;
			if (l->transport != RC)
				p.opcode |= ud_now ? 0x60 : 0x20;
			if (ud_now) {
				u32 qkey = bits(w[0][1], 63, 32);

				be(p.ext, qkey >> 31 ? l->qkey : qkey, 4);
				be(p.ext + 4, qp->qpn, 4);
				e = 8;
				put_path(p.path, w[0]);
			}
			if (first && write) {
				be(p.ext, w[0][1], 8);
				be(p.ext + 8, bits(w[0][2], 31, 0), 4);
				be(p.ext + 12, len, 4);
				e = 16;
			}
			if (last && imm) {
				memcpy(p.ext + e, (u8 *)&w[0][2] + 4, 4);
				e += 4;
			}
			if (last && op == SEND_INV) {
				be(p.ext, bits(w[0][2], 63, 32), 4);
				e = 4;
			}
			p.solicited = bits(hdr, 14, 14) && last && (!write || imm);
			cut_pieces(&p, w, l->offset, p.len);
		}
		p.ext_len = e;
		PUT(&qp->pkts, p);
		l->packets++;
		l->psn = (u32)(l->psn + n) & 0xffffff;
		if (((l->psn - l->psn_max) & 0xffffff) - 1 < 0x7fffff) {
			l->psn_max = l->psn;
			qp->snd_model = l->psn;
		} else {
			l->again++;
		}
		++*turns;
		if (last) {
			l->wqe = (l->wqe + slots) & 0xffff;
			l->offset = l->mid = 0;
		} else {
			l->offset += mtu;
			l->mid = 1;
		}
		if (*turns >= 16 && qp->others && (!last || at + slots < j->count)) {
			seg_count[C_QUANTUM]++;
			resume(qp, 0);
			return 0;
		}
		if (last)
			return 1;
	}
}

static void run_job(struct qp *qp, struct job *j)
{
	struct line *l = &qp->l;
	u32 at = 0, turns = 0, step = 0;

	one_by_one = 0;
	if (j->marker) {
		struct pkt p;

		memset(&p, 0, sizeof(p));
		p.marker = 1;
		PUT(&qp->pkts, p);
		seg_count[C_MARK]++;
		return;
	}
	if (qp->bad) {
		error(qp, j->first, GENERAL, BY_CONTEXT);
		return;
	}
	if (!l->active && !l->flushing) {
		seg_count[C_DROP]++;
		return;
	}
	if (j->epoch != l->epoch) {
		seg_count[C_STALE]++;
		return;
	}
	if (!l->flushing && passed(qp, l->wqe, l->psn)) {
		jump(qp);
		resume(qp, 0);
		return;
	}
	if (!l->flushing && l->stopped && is_new(l, l->wqe)) {
		seg_count[C_DROP]++;
		return;
	}
	if (j->first != l->wqe) {
		resume(qp, 0);
		return;
	}
	if (l->flushing) {
		run_flush(qp, j);
		return;
	}
	if (j->err) {
		seg_count[C_FETCH]++;
		error(qp, l->wqe, GENERAL, BY_FETCH);
		return;
	}
	while (at < j->count) {
		if (!run_entry(qp, j, at, &turns, &step))
			return;
		at += step;
	}
}

/* ----------------------------------------------------------------------------- world */

static void new_ring(struct qp *qp)
{
	free(qp->ring);
	qp->log_size = rnd(4) ? 5 + rnd(3) : 3 + rnd(2);
	qp->ring = calloc(1u << qp->log_size, 64);
	qp->producer = qp->fetched = qp->l.wqe;
	qp->epoch = qp->l.epoch;
	qp->blocked = 0;
	qp->torn = 0;
	qp->single = 0;
}

static void new_line(struct qp *qp)
{
	struct line *l = &qp->l;
	u32 epoch = l->epoch;

	memset(l, 0, sizeof(*l));
	l->active = 1;
	l->transport = pct(60) ? RC : pct(40) ? UC : UD + rnd(2);
	l->qkey = (u32)rnd64();
	l->mtu = pct(70) ? 1 : 1 + rnd(5);
	l->priv = pct(50);
	l->max_rd = pct(95) ? 1 + rnd(16) : 0;
	l->pd = rnd(1 << 24);
	l->dest = rnd(1 << 24);
	l->scq = rnd(1 << 24);
	l->psn = pct(50) ? rnd(1 << 24) : (0u - rnd(40)) & 0xffffff;
	l->psn_max = l->psn;
	l->wqe = pct(50) ? rnd(1 << 16) : (0u - rnd(100)) & 0xffff;
	l->fresh = l->wqe;
	l->epoch = (epoch + 64) & 255;
	qp->done = l->wqe;
	qp->una = l->psn;
	qp->part = 0;
	qp->list_head = qp->list_count = qp->marks = 0;
	qp->room = pct(60) ? 40 : 1 + rnd(12);
	new_ring(qp);
}

static void add_entry(struct qp *qp)
{
	static const u8 ops[] = { SEND, SEND_IMM, SEND_INV, WRITE, WRITE, WRITE_IMM, READ, READ,
				  CAS, FAA, INV, REG };
	u32 size = 1u << qp->log_size, mtu = 128u << qp->l.mtu, i, slots, base = qp->producer;
	u32 op = ops[rnd(sizeof(ops))], sges = 0, inl = 0, ilen = 0, huge = 0;
	u64 w[5][8];

	if (qp->torn)
		return;
	ud_now = qp->l.transport >= UD;
	if (ud_now && !(pct(spice) && pct(10)))
		op = rnd(2);
	if ((op == INV || op == REG) && !qp->l.priv && !pct(spice))
		op = WRITE;
	for (i = 0; i < 40; i++)
		w[i / 8][i % 8] = rnd64();
	/* A slot that is none of an entry's first does not look like one */
	for (i = 1; i < 5; i++)
		w[i][0] |= 255;
	/* Not to be sent, unless a bit below is wrong */
	for (i = 0; i < 16; i++)
		sge(w, i)[1] = sge(w, i)[1] >> 32 << 32 | rnd(200);
	if (op == CAS || op == FAA) {
		sges = 1;
		w[0][5] = w[0][5] >> 32 << 32 | 8;
		w[0][1] &= ~7ull;
	} else if (op == INV || op == REG) {
	} else if (op != READ && pct(25)) {
		inl = 1;
		ilen = pct(50) ? rnd(225) : (u32[]){ 0, 1, 32, 33, 64, 96, 97, 160, 161, 224 }[rnd(10)];
	} else {
		u32 how = rnd(6);

		sges = pct(60) ? rnd(3) : rnd(17);
		for (i = 0; i < sges; i++) {
			u64 *s = sge(w, i), len;

			if (how == 0)
				len = rnd(4);
			else if (how == 1)
				len = mtu * rnd(4);
			else if (how == 2)
				len = mtu / 2 + rnd(3) - 1;
			else if (how == 3)
				len = rnd(3 * mtu);
			else
				len = pct(30) ? 0 : 1 + rnd(200);
			if (sges == 1 && how < 4)
				len = pct(50) ? mtu * (1 + rnd(20)) + rnd(3) - 1 : rnd(mtu * 2);
			if (op == READ && pct(10)) {
				len = (u32)rnd64() >> (pct(50) ? 4 : 1);
				huge = 1;
			}
			/* Mostly not more than a packet */
			if (ud_now && pct(99))
				len %= mtu / sges + 1;
			s[1] = s[1] >> 32 << 32 | len;
		}
		if (sges && pct(spice) && pct(30)) {
			/* Around 2 GiB; only what is not sent in packets may be as long */
			u64 *s = sge(w, rnd(sges));
			u64 len = op == READ && sges == 1 ? 0x80000000u + rnd(3) - 1 :
				  op == READ ? 0x7fffff00u + rnd(0x200) : 0x80000001u + rnd(99);

			s[1] = s[1] >> 32 << 32 | len;
			huge = 1;
		}
	}
	if (ud_now) {
		w[0][1] &= ~(1ull << 31);
		w[0][2] &= ~(0x1ffull << 23);
		if (pct(spice) && pct(5))
			w[0][1 + rnd(2)] |= 1ull << 31;
	}
	w[0][0] = op | sges << 8 | (u64)pct(50) << 13 | (u64)pct(50) << 14 | (u64)pct(10) << 15 |
		  inl << 16 | ilen << 20 | (u64)!(base >> qp->log_size & 1) << 63;
	slots = slots_for(w[0][0]);
	w[0][0] |= (u64)slots << 29;
	if (pct(spice) && pct(12)) {
		/* A long READ does not become a long WRITE */
		switch (huge ? rnd(2) : rnd(10)) {
		case 0: w[0][0] ^= 1ull << 63; break;
		case 1: w[0][0] ^= 1ull << (29 + rnd(3)); break;
		case 2: w[0][0] = (w[0][0] & ~255ull) | rnd(256); break;
		case 3: w[0][0] ^= 1ull << (8 + rnd(5)); break;
		case 4: w[0][0] ^= 1ull << 16; break;
		case 5: w[0][0] |= 225ull << 20; break;
		case 6: w[0][1] ^= 1ull << rnd(4); break;
		case 7: w[0][5] ^= 1ull << rnd(4); break;
		case 8: w[0][0] ^= 1ull << rnd(64); break;
		default: /* the producer index lies within the entry */
			if (slots > 1) {
				slots--;
				qp->torn = 1;
			}
			break;
		}
	}
	if (((qp->producer + slots - qp->l.wqe) & 0xffff) > size ||
	    ((qp->producer + slots - qp->fetched) & 0xffff) > size)
		return;
	/* What the list holds may be sent again */
	if (qp->list_count &&
	    ((qp->producer + slots - qp->list[qp->list_head % LIST].wqe) & 0xffff) > size)
		return;
	for (i = 0; i < slots; i++)
		memcpy(qp->ring[(base + i) & (size - 1)], w[i], 64);
	qp->producer = (qp->producer + slots) & 0xffff;
}

void seg_start(u32 seed, u32 spice_pct)
{
	rnd_state = seed * 0x9e3779b97f4a7c15ull + 12345;
	spice = spice_pct;
	for (u32 i = 0; i < QPS; i++) {
		qps[i].qpn = 1 + i * 37;
		qps[i].bad = i == QPS - 1;
		new_line(&qps[i]);
		qps[i].snd = qps[i].snd_model = qps[i].l.psn;
		pack(&qps[i].l, mem[i]);
	}
}

void seg_spice(u32 p)
{
	spice = p;
}

u32 seg_qpn(u32 i)
{
	return i < QPS ? qps[i].qpn : 0;
}

u32 seg_others(u32 qpn)
{
	for (u32 i = 0; i < QPS; i++)
		if (qps[i].qpn == qpn)
			return qps[i].others;
	return 0;
}

/* Entries that its list may have */
u32 seg_room(u32 qpn)
{
	return find(qpn)->room;
}

/* Whatever the QP owes has been seen */
static int quiet(struct qp *qp)
{
	return !qp->inside && !qp->acked && qp != offer_qp && qp != rb_qp && qp != item_qp &&
	       qp->push.head == qp->push.tail && qp->resumes.head == qp->resumes.tail &&
	       qp->cqes.head == qp->cqes.tail && qp->errs.head == qp->errs.tail &&
	       qp->mrs.head == qp->mrs.tail && qp->kicks == qp->kicks_seen;
}

/* Returns 1 if there is a job to offer */
u32 seg_job(u32 *qpn, u32 *marker, u32 *first, u32 *count, u32 *log_size, u32 *epoch, u32 *err,
	    u32 *single)
{
	struct qp *qp = &qps[rnd(QPS)];
	u32 avail, n, mask, i;

	if (qp->pkts.tail - qp->pkts.head > DEPTH / 2 || (qp == item_qp && item.kind >= 2) ||
	    qp->acked || qp == rb_qp)
		return 0;
	if (qp->bad) {
		if (!pct(3))
			return 0;
		qp->producer = qp->fetched + 4;
	}
	for (i = rnd(4); i > 0 && !qp->bad; i--)
		add_entry(qp);
	memset(&offer_job, 0, sizeof(offer_job));
	avail = (qp->producer - qp->fetched) & 0xffff;
	offer_job.marker = pct(2);
	if (!offer_job.marker && (!avail || qp->blocked))
		return 0;
	n = avail > 16 ? 16 : avail;
	if (n > 5 && pct(20))
		n = 5 + rnd(n - 4);
	offer_job.first = qp->fetched;
	offer_job.count = offer_job.marker ? 1 : n;
	offer_job.epoch = qp->epoch;
	/* A slot that cannot be read stays so, more or less */
	offer_job.err = (pct(spice) && pct(5)) || (qp->single && pct(30)) ? 1 + rnd(4) : 0;
	offer_job.single = qp->single && !offer_job.marker;
	mask = (1u << qp->log_size) - 1;
	for (i = 0; i < 16; i++)
		for (u32 k = 0; k < 8; k++)
			offer_job.slots[i][k] = i < (offer_job.single ? 1 : n) ? qp->ring[(qp->fetched + i) & mask][k] : rnd64();
	if (!offer_job.marker)
		qp->fetched = (qp->fetched + n) & 0xffff;
	offer_qp = qp;
	*qpn = qp->qpn;
	*marker = offer_job.marker;
	*first = offer_job.first;
	*count = offer_job.count;
	*log_size = qp->log_size;
	*epoch = offer_job.epoch;
	*err = offer_job.err;
	*single = offer_job.single;
	return 1;
}

void seg_slot(u32 n, svBitVecVal *line)
{
	memcpy(line, offer_job.slots[n], 64);
}

static void keep_before(struct qp *qp)
{
	qp->before = (struct before){ qp->l, qp->pkts.tail, qp->push.tail, qp->resumes.tail,
				      qp->errs.tail, qp->cqes.tail, qp->mrs.tail, qp->kicks };
}

void seg_job_taken(void)
{
	struct qp *qp = offer_qp;

	if (!qp->inside && pct(20))
		qp->others = pct(50);
	qp->inside++;
	keep_before(qp);
	run_job(qp, &offer_job);
	offer_qp = 0;
}

/* resumes: its resume is still on offer */
void seg_job_done(u32 qpn, u32 resumes)
{
	struct qp *qp = find(qpn);

	if (!qp->inside--)
		fail("qp %u: freed twice", qpn);
	if (qp->acked)
		qp->acked = resumes ? 2 : 0;
}

/*
 * A rollback: none while a job of the QP is inside, which would be given up at the next packet, and
 * the model cannot know which that is. The top bench with losses has those.
 */
u32 seg_rollback(u32 *qpn, u32 *wqe, u32 *psn, u32 *offset)
{
	struct qp *qp = &qps[rnd(QPS)];
	struct push *p;
	u32 n = 0, mtu = 128u << qp->l.mtu;

	if (qp->bad && pct(5)) {
		offer_rb.wqe = rnd(1 << 16);
	} else {
		if (!qp->list_count || (qp == item_qp && item.kind >= 2) || qp->acked ||
		    qp->inside || qp == offer_qp)
			return 0;
		p = &qp->list[(qp->list_head + rnd(qp->list_count)) % LIST];
		if (p->kind == LOCAL)
			return 0;
		/* Somewhere in what is sent of it */
		n = (p->last - p->first + 1) & 0xffffff;
		n = pct(50) ? 0 : rnd(n);
		offer_rb.wqe = p->wqe;
		offer_rb.psn = (p->first + n) & 0xffffff;
		offer_rb.offset = n * mtu;
		if (((qp->l.psn_max - offer_rb.psn) & 0xffffff) - 1 >= 0x7fffff)
			return 0;
		/* The host makes an entry shorter of which a part is sent */
		if (n && pct(spice) && pct(20)) {
			u64 *w = qp->ring[p->wqe & ((1u << qp->log_size) - 1)];

			if (bits(w[0], 12, 8) == 1)
				w[5] = w[5] >> 32 << 32 | rnd(offer_rb.offset + mtu);
		}
	}
	rb_qp = qp;
	*qpn = qp->qpn;
	*wqe = offer_rb.wqe;
	*psn = offer_rb.psn;
	*offset = offer_rb.offset;
	return 1;
}

void seg_rollback_taken(void)
{
	struct qp *qp = rb_qp;

	seg_count[C_RB]++;
	rb_qp = 0;
	keep_before(qp);
	if (qp->bad) {
		error(qp, offer_rb.wqe, GENERAL, BY_CONTEXT);
		return;
	}
	if (!qp->l.active || qp->l.flushing)
		return;
	one_by_one = 0;
	qp->l.wqe = offer_rb.wqe;
	qp->l.psn = offer_rb.psn;
	qp->l.offset = offer_rb.offset;
	qp->l.mid = offer_rb.offset != 0;
	if (passed(qp, qp->l.wqe, qp->l.psn))
		jump(qp);
	qp->l.resent++;
	resume(qp, 0);
}

/* The first packets of the oldest entry are acknowledged: 1 if there are some */
static u32 ack_part(struct qp *qp)
{
	struct push *p = &qp->list[qp->list_head % LIST];
	u32 n, psn;

	if (p->kind == LOCAL)
		return 0;
	n = (p->last - p->first) & 0xffffff;
	n = pct(20) ? n : rnd(n + 1);
	psn = (p->first + n) & 0xffffff;
	if (n <= qp->part || ((qp->l.psn_max - psn) & 0xffffff) >= 0x800000)
		return 0;
	qp->part = n;
	qp->una = psn;
	return 1;
}

/* The oldest entry is acknowledged as a whole; whether it had a mark */
static u32 pop_entry(struct qp *qp)
{
	struct push *p = &qp->list[qp->list_head++ % LIST];
	u32 mark = p->kind == IS_READ || p->kind == ATOMIC;

	qp->list_count--;
	qp->marks -= mark;
	qp->blocked = 0;
	qp->done = (p->wqe + p->slots) & 0xffff;
	qp->part = 0;
	if (p->kind != LOCAL)
		qp->una = (p->last + 1) & 0xffffff;
	return mark;
}

/*
 * An ACK in the middle of a job
 *
 * A job that only sends again what was sent before may be told in the middle that it need not. If
 * it stands before what is acknowledged then, it is given up and asked for again from there; if it
 * is further already, nothing happens. The model cannot know, and takes what comes: a resume at
 * the new place, where it goes back to the state before the job, and then the packets that were
 * under way. Until that is clear, no other request of the QP is made.
 */
static int may_ack(struct qp *qp)
{
	struct before *b = &qp->before;
	struct resume *r = &qp->resumes.v[b->resumes % DEPTH];

	return qp->inside == 1 && !qp->acked && !qp->maybe && qp != offer_qp && qp != rb_qp &&
	       qp != item_qp && qp->l.active && !qp->l.flushing &&
	       qp->l.psn_max == b->l.psn_max && qp->l.fresh == b->l.fresh &&
	       qp->push.head == b->push && qp->push.tail == b->push && qp->errs.tail == b->errs &&
	       qp->cqes.tail == b->cqes && qp->mrs.tail == b->mrs && qp->kicks == b->kicks &&
	       qp->resumes.head == b->resumes &&
	       (qp->resumes.tail == b->resumes ||
		(qp->resumes.tail == b->resumes + 1 && !r->block)) &&
	       (int)(b->pkts - qp->pkts.head) <= 0 && qp->pkts.tail - qp->pkts.head >= 2;
}

/* Up to one of the packets that are expected of the job, or into what a READ asks for */
static u32 ack_job(struct qp *qp, u32 *pops, u32 *marks)
{
	u32 due = qp->pkts.tail - qp->pkts.head, n = 0, part;
	struct pkt *to = &qp->pkts.v[(qp->pkts.head + 1 + rnd(due - 1)) % DEPTH];
	struct push *e;

	if (to->marker)
		return 0;
	for (;; n++) {
		if (n == qp->list_count)
			return 0;
		e = &qp->list[(qp->list_head + n) % LIST];
		if (e->kind != LOCAL && e->wqe == to->wqe)
			break;
	}
	part = (to->psn - e->first) & 0xffffff;
	if (e->kind == IS_READ && pct(50))
		part += rnd((e->last - to->psn + 1) & 0xffffff);
	if (!n && part <= qp->part)
		return 0;
	/* It would look like the resume that is expected */
	if (qp->resumes.tail != qp->before.resumes) {
		struct resume *r = &qp->resumes.v[qp->before.resumes % DEPTH];

		if (r->index == e->wqe && r->mid == (part != 0))
			return 0;
	}
	for (*pops = 0; *pops < n; ++*pops)
		*marks += pop_entry(qp);
	qp->part = part;
	qp->una = (e->first + part) & 0xffffff;
	qp->done = e->wqe;
	qp->acked = 1;
	seg_count[C_ACK]++;
	return 1;
}

/* The job was given up; what the resume says is compared by the caller */
static void give_up(struct qp *qp)
{
	struct line *l = &qp->l;

	seg_count[C_ACK_JUMP]++;
	seg_count[C_ACK_PART] += qp->part != 0;
	l->epoch = qp->before.l.epoch;
	qp->resumes.tail = qp->before.resumes;
	move(qp);
	one_by_one = 0;
	resume(qp, 0);
	qp->maybe = qp->pkts.tail - qp->pkts.head;
}

/* The packets that have not come will not come any more */
static void drop_maybes(struct qp *qp)
{
	qp->pkts.head += qp->maybe;
	qp->l.packets -= qp->maybe;
	qp->l.again -= qp->maybe;
	qp->maybe = 0;
}

/* Nothing is inside */
void seg_idle(void)
{
	for (u32 i = 0; i < QPS; i++)
		drop_maybes(&qps[i]);
}

void seg_progress(u32 i, u32 *qpn, u32 *done, u32 *una, u32 *part)
{
	struct qp *qp = i < QPS ? &qps[i] : find(*qpn);

	qp->late = 0;
	*qpn = qp->qpn;
	*done = qp->done;
	*una = qp->una;
	*part = qp->part;
}

/* The peer has acknowledged something: entries, marks among them, or parts of one; 0 if not */
u32 seg_pop(u32 *qpn, u32 *pops, u32 *marks)
{
	struct qp *qp = &qps[rnd(QPS)];

	/* The right moment is rare */
	for (u32 i = 0; i < QPS && pct(90); i++)
		if (may_ack(&qps[i]))
			qp = &qps[i];
	*qpn = qp->qpn;
	*pops = *marks = 0;
	if (qp->inside)
		return may_ack(qp) ? ack_job(qp, pops, marks) : 0;
	/* What is told meanwhile, seg may know or not */
	if (qp->acked || qp->push.head != qp->push.tail || qp->resumes.head != qp->resumes.tail)
		return 0;
	if (!qp->list_count) {
		qp->blocked = 0;
		return 0;
	}
	if (pct(30))
		return ack_part(qp);
	*pops = 1;
	*marks = pop_entry(qp);
	return 1;
}

/* A control item: 0 none, 1 one, 2 one that empties the list */
u32 seg_item(u32 *qpn, u32 *drop, svBitVecVal *mask, svBitVecVal *data)
{
	struct qp *qp = &qps[rnd(QPS)];
	struct line was = qp->l, *l = &qp->l;
	u32 empties = 0;

	if (qp->bad || qp->acked || qp->maybe)
		return 0;
	memset(&item, 0, sizeof(item));
	item.drop = pct(20);
	item.kind = 0;
	if (!quiet(qp) || pct(40)) {
		if (pct(1) && l->active)
			item.kind = 1; /* stop */
		else if (!pct(20))
			return 0;
	} else if (!l->active && !l->flushing) {
		item.kind = pct(50) ? 2 : 3; /* start, or error */
	} else if (l->flushing) {
		item.kind = qp->producer == l->wqe || pct(5) ? 4 : 0; /* anew */
	} else if (l->stopped || pct(1)) {
		item.kind = pct(60) ? 3 : 4;
	}
	if (item.kind == 1)
		item.mask[0] = 1;
	if (item.kind == 2) {
		item.mask[0] = item.data[0] = 1;
	}
	if (item.kind == 3) {
		l->active = 0;
		l->flushing = 1;
		l->offset = l->mid = 0;
		l->err_valid = pct(70);
		l->err_status = rnd(256);
		if (qp->list_count)
			l->wqe = qp->list[qp->list_head % LIST].wqe;
		l->err_wqe = (l->wqe + (pct(50) ? 0 : rnd(8))) & 0xffff;
		empties = 1;
	}
	if (item.kind == 4) {
		new_line(qp);
		empties = 1;
	}
	if (item.kind >= 3) {
		pack(l, item.data);
		memset(item.mask, 255, 64);
	}
	*l = was;
	item_qp = qp;
	*qpn = qp->qpn;
	*drop = item.drop;
	memcpy(mask, item.mask, 64);
	memcpy(data, item.data, 64);
	return 1 + empties;
}

static void unpack(struct line *l, const u64 *w)
{
	l->active = bits(w[0], 0, 0);
	l->flushing = bits(w[0], 1, 1);
	l->transport = bits(w[0], 4, 2);
	l->mtu = bits(w[0], 7, 5);
	l->priv = bits(w[0], 8, 8);
	l->max_rd = bits(w[0], 13, 9);
	l->pd = bits(w[0], 39, 16);
	l->dest = bits(w[0], 63, 40);
	l->scq = bits(w[1], 23, 0);
	l->err_valid = bits(w[1], 24, 24);
	l->stopped = bits(w[1], 25, 25);
	l->err_wqe = bits(w[1], 47, 32);
	l->err_status = bits(w[1], 55, 48);
	l->psn = bits(w[2], 23, 0);
	l->wqe = bits(w[2], 39, 24);
	l->fresh = bits(w[2], 55, 40);
	l->epoch = bits(w[2], 63, 56);
	l->offset = bits(w[3], 31, 0);
	l->mid = bits(w[3], 32, 32);
	l->psn_max = bits(w[3], 63, 40);
	l->packets = bits(w[4], 31, 0);
	l->resent = bits(w[4], 63, 32);
	l->again = bits(w[5], 31, 0);
	l->qkey = bits(w[5], 63, 32);
}

void seg_item_taken(void)
{
	struct qp *qp = item_qp;
	u64 w[8];

	seg_count[C_ITEM]++;
	pack(&qp->l, w);
	memcpy(item_old, w, 64);
	item_old_valid = 1;
	for (u32 i = 0; i < 8; i++)
		w[i] = (w[i] & ~item.mask[i]) | (item.data[i] & item.mask[i]);
	unpack(&qp->l, w);
	if (item.kind >= 3) {
		qp->life++;
		qp->list_head = qp->list_count = qp->marks = 0;
		qp->snd = qp->snd_model = qp->l.psn_max;
	}
	if (item.kind >= 2) {
		qp->fetched = qp->l.wqe;
		qp->epoch = qp->l.epoch;
		qp->blocked = 0;
		qp->single = 0;
	}
	if (item.kind == 4) {
		qp->producer = qp->l.wqe;
	}
}

void seg_item_done(u32 err, const svBitVecVal *line)
{
	if (!item_qp || !item_old_valid)
		fail("answer to no item");
	if (err || memcmp(line, item_old, 64)) {
		for (u32 i = 0; i < 8; i++)
			fprintf(stderr, "word %u: %016llx, expected %016llx\n", i,
				((const u64 *)line)[i], item_old[i]);
		fail("qp %u: line is not as expected (err %u)", item_qp->qpn, err);
	}
	item_qp = 0;
	item_old_valid = 0;
}

u32 seg_read(u32 qpn, svBitVecVal *line)
{
	struct qp *qp = find(qpn);

	memcpy(line, mem[qp - qps], 64);
	return qp->bad ? 2 : 0;
}

void seg_write(u32 qpn, const svBitVecVal *line)
{
	struct qp *qp = find(qpn);

	if (qp->bad)
		fail("line of a bad QP written");
	memcpy(mem[qp - qps], line, 64);
}

/* ---------------------------------------------------------------------------- checks */

static struct pkt cur[64]; /* packets whose pieces are to come */
static u32 cur_head, cur_tail, cur_piece;

void seg_pkt(u32 src, u32 marker, u32 qpn, u32 opcode, u32 solicited, u32 ack_req, u32 psn,
	     u32 ext_len, const svBitVecVal *ext, u32 len, u32 pieces, u32 pd, u32 priv, u32 remote,
	     u32 wqe)
{
	struct qp *qp = find(qpn);
	struct pkt *p = &qp->pkts.v[qp->pkts.head % DEPTH];

	if (qp->maybe && !marker && psn == p->psn && wqe == p->wqe && passed(qp, wqe, psn))
		qp->maybe--;
	else
		drop_maybes(qp);
	p = GET(&qp->pkts, "packet");
	if (!marker && p->life == qp->life && passed(qp, wqe, psn) && ++qp->late > LATE)
		fail("qp %u psn %x: %u packets behind the ACK", qpn, psn, qp->late);
	seg_count[C_PKT]++;
	if (src || remote || marker != p->marker)
		fail("qp %u: source %u, marker %u", qpn, src, marker);
	if (marker)
		return;
	if (opcode != p->opcode || psn != p->psn || wqe != p->wqe || len != p->len ||
	    pieces != p->pieces || ext_len != p->ext_len)
		fail("qp %u: opcode %u psn %x wqe %x len %u pieces %u ext %u, expected %u %x %x %u %u %u",
		     qpn, opcode, psn, wqe, len, pieces, ext_len, p->opcode, p->psn, p->wqe, p->len,
		     p->pieces, p->ext_len);
	if (solicited != p->solicited || ack_req != p->ack_req || pd != p->pd || priv != p->priv)
		fail("qp %u psn %x: solicited %u ack %u pd %x priv %u", qpn, psn, solicited, ack_req,
		     pd, priv);
	if (opcode >> 5 == 3) {
		put_address(1, p->path);
		seg_count[C_UD]++;
	}
	if (memcmp(ext, p->ext, 28))
		fail("qp %u psn %x opcode %u: extended header", qpn, psn, opcode);
	if ((int)(qp->pushes_seen - p->pushes) < 0)
		fail("qp %u psn %x: packet before its list entry", qpn, psn);
	if (p->life == qp->life && (((psn + 1) & 0xffffff) - qp->snd) & 0xffffff &&
	    ((((psn + 1) & 0xffffff) - qp->snd) & 0xffffff) < 0x800000)
		fail("qp %u psn %x: packet before snd, %x (life %u/%u, model %x, opcode %u)", qpn, psn, qp->snd, p->life, qp->life, qp->snd_model, opcode);
	if (pieces)
		cur[cur_tail++ % 64] = *p;
}

/* Pieces that may show now */
u32 seg_pieces(void)
{
	return cur_tail - cur_head;
}

void seg_piece(u32 kind, u32 key, u64 addr, u32 len, const svBitVecVal *data)
{
	struct pkt *p = &cur[cur_head % 64];
	struct piece *e = &p->p[cur_piece];

	seg_count[C_PIECE]++;
	if (cur_head == cur_tail)
		fail("piece without a packet");
	if (kind != e->kind || len != e->len)
		fail("psn %x piece %u: kind %u len %u, expected %u %u", p->psn, cur_piece, kind, len,
		     e->kind, e->len);
	if (kind == KEY && (key != e->key || addr != e->addr))
		fail("psn %x piece %u: key %x addr %llx, expected %x %llx", p->psn, cur_piece, key,
		     addr, e->key, e->addr);
	if (kind == INLINE && memcmp(data, e->data, len))
		fail("psn %x piece %u: inline data", p->psn, cur_piece);
	if (++cur_piece == p->pieces) {
		cur_piece = 0;
		cur_head++;
	}
}

void seg_push(u32 qpn, u32 kind, u32 opcode, u32 signaled, u32 status, u32 wqe, u32 slots,
	      u32 first, u32 last, u32 length, u32 mark)
{
	struct qp *qp = find(qpn);
	struct push *p = GET(&qp->push, "list entry");

	seg_count[C_PUSH]++;
	qp->pushes_seen++;
	if (kind != p->kind || opcode != p->opcode || signaled != p->signaled ||
	    status != p->status || wqe != p->wqe || slots != p->slots || length != p->length)
		fail("qp %u: list entry kind %u op %x wqe %x slots %u length %x, expected %u %x %x %u %x",
		     qpn, kind, opcode, wqe, slots, length, p->kind, p->opcode, p->wqe, p->slots,
		     p->length);
	if (kind != LOCAL && (first != p->first || last != p->last))
		fail("qp %u: list entry psn %x to %x, expected %x to %x", qpn, first, last, p->first,
		     p->last);
	if (mark != (kind == IS_READ || kind == ATOMIC))
		fail("qp %u: mark %u", qpn, mark);
}

void seg_resume(u32 qpn, u32 index, u32 epoch, u32 block, u32 mid, u32 single)
{
	struct qp *qp = find(qpn);
	struct resume *r = &qp->resumes.v[qp->resumes.head % DEPTH];

	if (qp->acked && (qp->resumes.head == qp->resumes.tail || index != r->index || mid != r->mid))
		give_up(qp);
	if (qp->acked == 2)
		qp->acked = 0;
	r = GET(&qp->resumes, "resume");

	if (index != r->index || epoch != r->epoch || block != r->block || mid != r->mid ||
	    single != r->single)
		fail("qp %u: resume at %x epoch %u block %u mid %u single %u, expected %x %u %u %u %u",
		     qpn, index, epoch, block, mid, single, r->index, r->epoch, r->block, r->mid,
		     r->single);
	seg_count[C_RESUME]++;
	seg_count[C_BLOCK] += block;
	seg_count[C_MID] += mid;
	qp->fetched = index;
	qp->epoch = epoch;
	qp->blocked = block;
	qp->single = single;
}

void seg_err(u32 qpn, u32 wqe, u32 status, u32 reason)
{
	struct qp *qp = find(qpn);
	struct err *e = GET(&qp->errs, "error");

	seg_count[C_ERR]++;
	if (wqe != e->wqe || status != e->status || reason != e->reason)
		fail("qp %u: error at %x status %u reason %u, expected %x %u %u", qpn, wqe, status,
		     reason, e->wqe, e->status, e->reason);
}

void seg_cqe(u32 cqn, u32 solicited, const svBitVecVal *cqe)
{
	u64 w[4];
	struct qp *qp;
	struct cqe *c;

	memcpy(w, cqe, 32);
	qp = find((u32)bits(w[3], 23, 0));
	c = GET(&qp->cqes, "CQE");
	seg_count[C_CQE]++;
	if (cqn != c->cqn || !solicited || bits(w[2], 63, 48) != c->wqe || w[1] ||
	    bits(w[3], 31, 24) != c->opcode || bits(w[3], 39, 32) != c->status ||
	    bits(w[3], 62, 40) || bits(w[2], 47, 0))
		fail("qp %u: CQE %016llx %016llx, expected wqe %x op %x status %u", qp->qpn, w[3],
		     w[2], c->wqe, c->opcode, c->status);
}

u32 seg_mr(u32 qpn, u32 reg, u32 remote, u32 key, u32 pd, u32 priv, u64 va, u64 length, u32 access,
	   u32 shift)
{
	struct qp *qp = find(qpn);
	struct mr *m = GET(&qp->mrs, "local operation");

	seg_count[C_MR]++;
	if (reg != m->reg || remote || key != m->key || pd != m->pd || priv != m->priv)
		fail("qp %u: local operation", qpn);
	if (reg && (va != m->va || length != m->length || access != m->access || shift != m->shift))
		fail("qp %u: registration", qpn);
	return mr_status(key);
}

void seg_kick(u32 qpn)
{
	struct qp *qp = find(qpn);

	if (++qp->kicks_seen - qp->pushes_seen < 0x80000000u && qp->kicks_seen > qp->pushes_seen)
		fail("qp %u: kick before the list entry", qpn);
	if (qp->kicks_seen > qp->kicks)
		fail("qp %u: kick too much", qpn);
}

void seg_snd(u32 qpn, u32 psn)
{
	struct qp *qp = find(qpn);

	if (((psn - qp->snd) & 0xffffff) - 1 >= 0x7fffff)
		fail("qp %u: snd from %x to %x", qpn, qp->snd, psn);
	qp->snd = psn;
}

/* At the end nothing may be missing */
void seg_finish(void)
{
	for (u32 i = 0; i < QPS; i++) {
		struct qp *qp = &qps[i];

		if (qp->pkts.head != qp->pkts.tail)
			fail("qp %u: %u packets missing", qp->qpn, qp->pkts.tail - qp->pkts.head);
		if (qp->inside || qp->push.head != qp->push.tail ||
		    qp->resumes.head != qp->resumes.tail || qp->errs.head != qp->errs.tail ||
		    qp->cqes.head != qp->cqes.tail || qp->mrs.head != qp->mrs.tail ||
		    qp->kicks != qp->kicks_seen)
			fail("qp %u: something is missing", qp->qpn);
		if (qp->snd != qp->snd_model)
			fail("qp %u: snd %x, expected %x", qp->qpn, qp->snd, qp->snd_model);
	}
	if (cur_head != cur_tail)
		fail("pieces missing");
	printf("seg: %llu entries (%llu sent again), %llu packets, %llu pieces, %llu pushes\n",
	       seg_count[C_ENTRY], seg_count[C_RESENT], seg_count[C_PKT], seg_count[C_PIECE],
	       seg_count[C_PUSH]);
	printf("seg: %llu resumes (%llu blocked: fence %llu, max_rd %llu, list full %llu, PSNs %llu; %llu mid, %llu turns over), %llu rollbacks (%llu late, %llu partly)\n",
	       seg_count[C_RESUME], seg_count[C_BLOCK], seg_count[C_FENCE], seg_count[C_RD],
	       seg_count[C_FULL], seg_count[C_WINDOW], seg_count[C_MID], seg_count[C_QUANTUM],
	       seg_count[C_RB], seg_count[C_LATE], seg_count[C_LATE_PART]);
	printf("seg: %llu ACKs in the middle of jobs, %llu were given up (%llu in the middle of an entry)\n",
	       seg_count[C_ACK], seg_count[C_ACK_JUMP], seg_count[C_ACK_PART]);
	if (seg_count[C_RB] > 100 &&
	    (!seg_count[C_WINDOW] || !seg_count[C_SINGLE] || !seg_count[C_LATE] ||
	     !seg_count[C_LATE_PART] || !seg_count[C_ACK_PART] ||
	     seg_count[C_ACK_PART] == seg_count[C_ACK_JUMP]))
		fail("not every case was tried");
	printf("seg: %llu errors (%llu too long, %llu fetch), %llu cut, %llu CQEs, %llu local, %llu stale, %llu dropped, %llu stopped, %llu items, %llu markers\n",
	       seg_count[C_ERR], seg_count[C_LEN], seg_count[C_FETCH], seg_count[C_CUT],
	       seg_count[C_CQE], seg_count[C_MR], seg_count[C_STALE], seg_count[C_DROP],
	       seg_count[C_STOPPED], seg_count[C_ITEM], seg_count[C_MARK]);
}
