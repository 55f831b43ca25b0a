// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Model for the bench of tern_scatter and tern_place. It makes up items together with their
 * packets, work queue entries and memory, knows from the documentation what must become of each,
 * plays everything around the blocks (ring addresses, DMA, translation, table control), and
 * compares.
 *
 * Every virtual address is used once, so the start of a write names the part of an item that it
 * must be. What the world refuses is a property of the key, the page or the entry.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svdpi.h"

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define QPS 48u
#define SIDES 2u
#define ITEMS 8192u
#define RECS 128u
#define LINES 1024u
#define PART_HASH (1u << 16)
#define MAX_PARTS 40

enum { RSP, RH, ETH };
enum { TG_NONE, TG_RQ, TG_SQ, TG_KEY, TG_HOST, TG_PROBE };
enum { ACC_LOCAL_WRITE = 1, ACC_REMOTE_WRITE = 2, ACC_REMOTE_READ = 4, ACC_REMOTE_ATOMIC = 8 };
enum { ST_OK = 0, ST_LOC_LEN = 1, ST_LOC_PROT = 4, ST_FLUSH = 5, ST_LOC_ACCESS = 8,
       ST_GENERAL = 21 };
enum { R_SQ_FETCH = 2, R_SQ_ACCESS = 4, R_RQ_FETCH = 9, R_RQ_LENGTH = 10, R_RQ_ACCESS = 11,
       R_IN_ACCESS = 13, R_DMA = 14 };
enum { AE_FATAL = 0x601, AE_REQUEST = 0x602, AE_ACCESS = 0x603 };

#define DIE(...) do { fprintf(stderr, "place: " __VA_ARGS__); fputc('\n', stderr); abort(); } while (0)

static u64 rng = 88172645463325252ull;

static u64 rnd64(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng * 2685821657736338717ull;
}

static u32 rnd(u32 n)
{
	return (u32)((rnd64() >> 33) % n);
}

static int pct(u32 p)
{
	return rnd(100) < p;
}

static u64 cycle;

/* ------------------------------------------------------------------ settings */

static u32 mode;	/* 0: anything, 1: 64 B WRITEs, 2: 4 KiB WRITEs, 3: 64 B SENDs */
static u32 err_ppm;	/* of every kind of error, per message */
static u32 mr_lat, wr_lat, rd_lat, ra_lat;
static int stop;

void pm_seed(u32 seed)
{
	rng = 88172645463325252ull ^ ((u64)seed * 0x9e3779b97f4a7c15ull);
	for (int i = 0; i < 8; i++)
		rnd64();
}

void pm_config(u32 m, u32 e, u32 mr, u32 wr, u32 rd, u32 ra)
{
	mode = m;
	err_ppm = e;
	mr_lat = mr;
	wr_lat = wr;
	rd_lat = rd;
	ra_lat = ra;
	stop = 0;
}

void pm_stop(void)
{
	stop = 1;
}

u32 pm_go(u32 p)
{
	return p >= 100 || rnd(100) < p;
}

static int mishap(void)
{
	return rnd(1000000) < err_ppm;
}

/* -------------------------------------------------------------------- memory */

#define MUL 0x9e3779b97f4a7ull /* odd */
#define PFN ((1ull << 52) - 1)

static u64 mul_inv(void)
{
	u64 x = MUL;

	for (int i = 0; i < 6; i++)
		x *= 2 - MUL * x;
	return x & PFN;
}

static u64 to_host(u64 va)
{
	return (((va >> 12) * MUL) & PFN) << 12 | (va & 0xfff);
}

static u64 next_va = 0x12345;
static u64 bad_page[64]; /* virtual page numbers that the bus refuses */
static u32 bad_pages;

static int page_is_bad(u64 host)
{
	u64 v = ((host >> 12) * mul_inv()) & PFN;

	for (u32 i = 0; i < 64; i++)
		if (bad_page[i] == v && v)
			return 1;
	return 0;
}

/* Fresh addresses. A bad page is nobody else's */
static u64 alloc_va(u64 len, int bad)
{
	u64 va;

	if (bad) {
		next_va = (next_va + 0x1fff) & ~0xfffull;
		va = next_va + rnd(4096);
		bad_page[bad_pages++ % 64] = (va + rnd((u32)len)) >> 12;
		next_va = ((va + len) + 0x1fff) & ~0xfffull;
		return va;
	}
	next_va += pct(40) ? 0 : rnd(pct(50) ? 64 : 5000);
	va = next_va;
	next_va += len;
	return va;
}

/* ------------------------------------------------------------------- the QPs */

struct sge {
	u64 addr;
	u32 len, key;
};

struct qs { /* one side of a QP */
	u32 q, side;
	/* message under way */
	int kind; /* 0: none, 1: entry, 2: WRITE */
	u32 total, at, mtu, wqe, packets, next_packet;
	u32 order[64];
	struct sge sge[16];
	u32 num_sge, capacity;
	int fetch_err;
	u32 key, imm, inv;
	u64 va;
	u32 slots;
	int long_msg;
	/* ring */
	u32 log_size, stride; /* bytes */
	u8 *ring;
	u8 *rd_bad, *ra_bad; /* per slot or entry */
	u32 idx;	     /* next entry or slot, modulo 2^16 */
	u32 posted, done;    /* counts of slots or entries */
	/* state */
	int poisoned, soft;
	int mild;	/* the message at hand has failed, with m_status, and no more than that */
	u32 m_status;
	u32 p_wqe, p_status;
	int err_due; /* qp_err expected */
	u32 e_valid, e_wqe, e_status, e_reason, e_ae;
	int after;   /* items to go until the marker, once poisoned */
	int marker;  /* 1: sent, 2: drained */
	/* order of items */
	u32 ids[1024], id_in, id_out; /* items whose data is not complete */
	u32 last[4];
	/* translations to come, in order */
	struct { u32 key, len, check, need, id; u64 addr; } mr[2048];
	u32 mr_in, mr_out;
};

static struct qs qss[QPS][SIDES], eth;
static int qp_wants_marker[QPS];

static u32 qpn_of(u32 q)
{
	return q == QPS - 1 ? 16383 : 2 + q * 341;
}

static int q_of(u32 qpn)
{
	for (u32 q = 0; q < QPS; q++)
		if (qpn_of(q) == qpn)
			return (int)q;
	DIE("QPN %u", qpn);
}

/* ---------------------------------------------------------------------- items */

struct part {
	u64 host;
	u32 len, off; /* off: bytes of the payload before */
	int may, bad;
};

struct item {
	u32 id;
	int live;
	struct qs *s;
	u8 data[9216];
	u32 len;
	struct part parts[MAX_PARTS];
	u32 num_parts, left;
	int marker, rec;
	int cqe, job, ack, inv, drained, free; /* 1: due, 2: seen */
	int gone; /* the job is to be handed on as JobReplay */
	u32 status, solicited, cqn, syndrome, inv_key;
	u32 entry_slots; /* given back when the packet is freed */
};

static struct item items[ITEMS];
static u32 next_id = 1;
static u64 pending;
u64 pm_items, pm_bytes;
static u64 n_gone, n_cqe, n_flush, n_err[32], n_ack, n_nak, n_job, n_inv, n_clear, n_jump, n_soft, n_parts,
	n_ra, n_second, n_fence, n_eth, n_atomic, n_silent, n_probe, n_probe_bad,
	n_mild, n_mild_cqe;

static struct item *get(u32 id)
{
	struct item *it = &items[id % ITEMS];

	if (!it->live || it->id != id)
		DIE("no item %u", id);
	return it;
}

static struct {
	u64 host;
	u32 id, part;
	int used; /* 2: deleted */
} hash[PART_HASH];

static u32 hash_of(u64 host)
{
	return (u32)((host * 0x9e3779b97f4a7c15ull) >> 40) % PART_HASH;
}

static void part_add(u64 host, u32 id, u32 part)
{
	u32 h = hash_of(host);

	while (hash[h].used == 1)
		h = (h + 1) % PART_HASH;
	hash[h].used = 1;
	hash[h].host = host;
	hash[h].id = id;
	hash[h].part = part;
}

static int part_find(u64 host)
{
	u32 h = hash_of(host);

	for (u32 n = 0; hash[h].used && n < PART_HASH; n++, h = (h + 1) % PART_HASH)
		if (hash[h].used == 1 && hash[h].host == host)
			return (int)h;
	return -1;
}

/* Deleted places are made free again when the place behind them is */
static void part_del(u32 h)
{
	hash[h].used = 2;
	while (hash[h].used == 2 && !hash[(h + 1) % PART_HASH].used) {
		hash[h].used = 0;
		h = (h + PART_HASH - 1) % PART_HASH;
	}
}

/* ------------------------------------------------------------- receive buffer */

static u8 rx[LINES * 64];
static struct { u32 id, lines; int used, freed; } recs[RECS];
static u32 rx_head, rx_used;
static u32 rec_order[RECS * 2], rec_in, rec_out;

static int rx_put(u32 id, const u8 *data, u32 len, u32 *line, u32 *lane)
{
	u32 lines, r = rnd(RECS);

	*lane = rnd(64);
	lines = (*lane + len + 63) / 64;
	if (!lines)
		lines = 1;
	for (u32 n = 0; recs[r].used; n++, r = (r + 1) % RECS)
		if (n == RECS)
			return -1;
	if (rx_used + lines > LINES)
		return -1;
	*line = rx_head;
	for (u32 i = 0; i < lines * 64; i++)
		rx[(rx_head * 64 + i) % sizeof(rx)] = (u8)rnd64();
	for (u32 i = 0; i < len; i++)
		rx[(rx_head * 64 + *lane + i) % sizeof(rx)] = data[i];
	rx_head = (rx_head + lines) % LINES;
	rx_used += lines;
	recs[r].used = 1;
	recs[r].freed = 0;
	recs[r].id = id;
	recs[r].lines = lines;
	rec_order[rec_in++ % (2 * RECS)] = r;
	return (int)r;
}

void pm_rx_line(u32 line, svBitVecVal *out)
{
	memcpy(out, &rx[line * 64], 64);
}

/* --------------------------------------------------------- making up entries */

static u32 slots_of(u32 n)
{
	return n <= 2 ? 1 : 1 + (n - 2 + 3) / 4;
}

static void put_sge(u8 *p, const struct sge *g)
{
	memcpy(p, &g->addr, 8);
	memcpy(p + 8, &g->len, 4);
	memcpy(p + 12, &g->key, 4);
}

static u8 *slot(struct qs *s, u32 idx)
{
	return s->ring + (size_t)(idx & ((1u << s->log_size) - 1)) * s->stride;
}

static u32 make_key(struct qs *s, u32 err)
{
	u32 need = s->kind == 2 ? 2 : 1;

	return err << 28 | need << 24 | s->q << 16 | s->side << 15 | (1 + rnd(0x7ffe));
}

static u32 random_length(void)
{
	switch (rnd(4)) {
	case 0:
		return 1 + rnd(64);
	case 1:
		return 1 + rnd(400);
	case 2:
		return 1 + rnd(3000);
	default:
		return 1 + rnd(14000);
	}
}

/* A list of SGEs for `total` bytes, in at most max SGEs */
static void make_list(struct qs *s, u32 max)
{
	u32 left = s->total, n = 0;
	int bad_key = mishap(), bad_bus = mishap();

	if (s->total && mishap()) { /* too short */
		left -= 1 + rnd(left);
		s->long_msg = 1;
	} else if (pct(40)) {
		left += rnd(500);
	}
	s->capacity = left;
	s->num_sge = 0;
	while (n < max) {
		u32 more = max - n - 1;
		u32 len = left;
		struct sge *g = &s->sge[n];

		if (s->side == RSP && !left && pct(60))
			break;
		if (s->side == RH && !left && pct(90))
			break;
		if (more && left && pct(70))
			len = pct(10) ? 0 : rnd(left < 16 || pct(70) ? left + 1 : 16);
		if (mode == 3)
			len = left;
		g->len = len;
		g->key = make_key(s, 0);
		if (bad_key && len && pct(50)) {
			g->key = make_key(s, 1 + rnd(5));
			bad_key = 0;
		}
		g->addr = alloc_va(len, bad_bus && len);
		if (len)
			bad_bus = 0;
		left -= len;
		n++;
		if (!left && mode)
			break;
	}
	s->num_sge = n;
}

static int post_entry(struct qs *s)
{
	u32 size = 1u << s->log_size, need;

	if (s->side == RSP) {
		if (s->posted - s->done >= size)
			return 0;
		make_list(s, s->stride / 16);
		u8 *e = slot(s, s->idx);

		for (u32 i = 0; i < s->stride; i++)
			e[i] = (u8)rnd64();
		for (u32 i = 0; i < s->num_sge; i++)
			put_sge(e + 16 * i, &s->sge[i]);
		if (s->num_sge < s->stride / 16) {
			memset(e + 16 * s->num_sge + 8, 0, 8);
		}
		need = 1;
	} else {
		u32 max = 16;
		u64 hdr;

		while (slots_of(max) > size)
			max--;
		if (s->posted - s->done + slots_of(max) > size)
			return 0;
		make_list(s, max);
		need = slots_of(s->num_sge);
		for (u32 k = 0; k < need; k++)
			for (u32 i = 0; i < 64; i++)
				slot(s, s->idx + k)[i] = (u8)rnd64();
		hdr = (rnd64() & ~(0x1full << 8)) | (u64)s->num_sge << 8;
		memcpy(slot(s, s->idx), &hdr, 8);
		for (u32 i = 0; i < s->num_sge; i++)
			put_sge(i < 2 ? slot(s, s->idx) + 32 + 16 * i
				      : slot(s, s->idx + 1 + (i - 2) / 4) + 16 * ((i - 2) % 4),
				&s->sge[i]);
	}
	s->fetch_err = 0;
	for (u32 k = 0; k < need; k++) {
		s->rd_bad[(s->idx + k) & (size - 1)] = 0;
		s->ra_bad[(s->idx + k) & (size - 1)] = 0;
	}
	if (mishap()) {
		s->fetch_err = 1;
		(pct(50) ? s->rd_bad : s->ra_bad)[s->idx & (size - 1)] = 1;
	}
	for (u32 k = 1; k < need; k++) { /* where the entry goes on elsewhere */
		u32 i = (s->idx + k) & (size - 1);

		if (i && i % 64)
			continue;
		n_second++;
		if (mishap()) {
			s->fetch_err = 1;
			(pct(50) ? s->rd_bad : s->ra_bad)[i] = 1;
		}
	}
	s->wqe = s->idx;
	s->slots = need;
	s->idx = (s->idx + need) & 0xffff;
	s->posted += need;
	return 1;
}

/* ------------------------------------------------------------- what must happen */

static void due(int *what)
{
	*what = 1;
	pending++;
}

static void seen(int *what, struct item *it, const char *name)
{
	if (*what != 1)
		DIE("item %u: %s %s", it->id, name, *what ? "twice" : "not due");
	*what = 2;
	pending--;
}

/* All data of the items before, and of this one, must be in memory */
static void check_order(struct item *it, u32 port)
{
	struct qs *s = it->s;

	while (s->id_out != s->id_in) {
		struct item *old = &items[s->ids[s->id_out % 1024] % ITEMS];

		if ((int)(s->ids[s->id_out % 1024] - it->id) > 0)
			break;
		if (old->live && old->id == s->ids[s->id_out % 1024] && old->left)
			DIE("item %u: port %u before the data of %u", it->id, port, old->id);
		s->id_out++;
	}
	if ((int)(it->id - s->last[port]) <= 0)
		DIE("item %u: port %u out of order", it->id, port);
	s->last[port] = it->id;
}

static void add_parts(struct item *it, u64 host, u32 len, u32 *off)
{
	struct part *p = &it->parts[it->num_parts++];

	if (it->num_parts > MAX_PARTS)
		DIE("parts");
	p->host = host;
	p->len = len;
	p->off = *off;
	p->bad = page_is_bad(host) || page_is_bad(host + len - 1);
	*off += len;
}

/* The pieces of `len` bytes at `at` of the message; 0 if they do not fit */
static int list_pieces(struct qs *s, u32 at, u32 len, struct sge *out, u32 *n)
{
	u64 begin = 0;

	*n = 0;
	for (u32 i = 0; i < s->num_sge && len; i++) {
		u64 end = begin + s->sge[i].len;

		if (end > at) {
			u32 skip = (u32)(at - begin), take = s->sge[i].len - skip;

			if (take > len)
				take = len;
			out[*n].addr = s->sge[i].addr + skip;
			out[*n].len = take;
			out[(*n)++].key = s->sge[i].key;
			at += take;
			len -= take;
		}
		begin = end;
	}
	return !len;
}

struct fields { /* of pl_item_t */
	u32 marker, qpn, pd, priv, target, wqe, wqe_last, offset, key, check_len, pkt, rec, line, lane,
		len, inv, inv_key, job, cqe, silent, solicited, cqn, status, ack, quiet, starts;
	u64 addr;
};

static void fail(struct qs *s, struct item *it, const struct fields *f, u32 status, u32 reason,
		 u32 ae, u32 nak)
{
	int names = f->target == TG_RQ || f->target == TG_SQ || f->cqe;

	n_err[reason]++;
	if (s->side != ETH) {
		s->poisoned = 1;
		s->soft = reason == R_DMA;
		s->p_wqe = f->wqe;
		s->p_status = names ? status : ST_FLUSH;
		s->err_due = 1;
		pending++;
		s->e_valid = (u32)names;
		s->e_wqe = f->wqe;
		s->e_status = s->p_status;
		s->e_reason = reason;
		s->e_ae = ae;
		s->after = (int)rnd(30);
	}
	if (f->cqe) {
		due(&it->cqe);
		it->status = status;
		it->solicited = 1;
	}
	if (s->side == RSP && !f->quiet) {
		due(&it->ack);
		it->syndrome = 0x60 | nak;
		n_nak++;
	}
}

static u32 inv_answer(u32 key)
{
	if (key % 16 != 15)
		return ST_OK;
	return key & 16 ? ST_GENERAL : ST_LOC_ACCESS;
}

static u32 need_of(const struct fields *f, const struct item *it)
{
	if (f->target == TG_KEY)
		return ACC_REMOTE_WRITE;
	if (f->target != TG_PROBE)
		return ACC_LOCAL_WRITE;
	return it->id & 3 ? ACC_REMOTE_ATOMIC : ACC_REMOTE_READ;	/* as job_of() of the bench */
}

/* list_err: 0, or 1 fetch, 2 length */
static void predict(struct qs *s, struct item *it, const struct fields *f, int list_err,
		    const struct sge *pcs, u32 n)
{
	int refused = 0, bus = 0, was = s->poisoned;
	u32 off = 0;

	it->cqn = f->cqn;
	it->solicited = f->solicited;
	it->inv_key = f->inv_key;
	it->gone = 0;
	if (f->pkt)
		due(&it->free);
	if (f->marker) {
		due(&it->drained);
		return;
	}
	for (u32 i = 0; i < n && !list_err; i++) {
		if (s->side == ETH) {
			for (u32 d = 0; d < pcs[i].len; d += 4096)
				add_parts(it, pcs[i].addr + d,
					  pcs[i].len - d > 4096 ? 4096 : pcs[i].len - d, &off);
			continue;
		}
		u32 len0 = 4096 - (u32)(pcs[i].addr & 0xfff);
		u32 m = s->mr_in++ % 2048;

		if (len0 > pcs[i].len)
			len0 = pcs[i].len;
		s->mr[m].key = pcs[i].key;
		s->mr[m].addr = pcs[i].addr;
		s->mr[m].len = pcs[i].len;
		s->mr[m].check = f->check_len ? f->check_len : pcs[i].len;
		s->mr[m].need = need_of(f, it);
		s->mr[m].id = it->id;
		if (pcs[i].key >> 28)
			refused = 1;
		if (f->target == TG_PROBE)
			continue;
		add_parts(it, to_host(pcs[i].addr), len0, &off);
		if (len0 < pcs[i].len)
			add_parts(it, to_host(pcs[i].addr + len0), pcs[i].len - len0, &off);
	}
	if (list_err || refused || (was && !s->soft))
		it->num_parts = 0;
	for (u32 i = 0; i < it->num_parts; i++) {
		it->parts[i].may = was;
		part_add(it->parts[i].host, it->id, i);
		if (it->parts[i].bad)
			bus = 1;
		if (!was)
			it->left++;
	}
	if (was) {
		if (f->cqe) {
			due(&it->cqe);
			it->status = f->wqe == s->p_wqe ? s->p_status : ST_FLUSH;
			it->solicited = 1;
			n_flush++;
		}
		n_soft += it->num_parts != 0;
		return;
	}
	/* A repeated READ that is refused is dropped alone, by tern_job */
	if (f->quiet && f->target == TG_PROBE && refused && !list_err) {
		refused = 0;
		it->gone = 1;
		n_gone++;
	}
	int mild = f->quiet && (list_err ? list_err == 2 : refused && f->target == TG_KEY);
	int hard = (list_err || refused || bus) && !mild;

	if (f->starts)
		s->mild = 0;
	if ((s->mild && !hard) || mild) {
		n_mild += mild && !s->mild;
		n_mild_cqe += f->cqe;
		if (!s->mild)
			s->m_status = list_err ? ST_LOC_LEN : ST_LOC_ACCESS;
		s->mild = 1;
		if (f->cqe) {
			due(&it->cqe);
			it->status = s->m_status;
			it->solicited = 1;
		}
		return;
	}
	if (f->inv && !list_err && !refused && !bus) {
		due(&it->inv);
		n_inv++;
	}
	if (list_err == 1)
		fail(s, it, f, ST_GENERAL, s->side == RSP ? R_RQ_FETCH : R_SQ_FETCH, AE_FATAL, 3);
	else if (list_err == 2)
		fail(s, it, f, ST_LOC_LEN, s->side == RSP ? R_RQ_LENGTH : R_SQ_ACCESS,
		     s->side == RSP ? AE_REQUEST : AE_FATAL, s->side == RSP ? 1 : 3);
	else if (refused && (f->target == TG_KEY || f->target == TG_PROBE))
		fail(s, it, f, ST_LOC_ACCESS, R_IN_ACCESS, AE_ACCESS, 2);
	else if (refused)
		fail(s, it, f, ST_LOC_PROT, s->side == RSP ? R_RQ_ACCESS : R_SQ_ACCESS, AE_FATAL, 3);
	else if (bus)
		fail(s, it, f, ST_GENERAL, R_DMA, AE_FATAL, 3);
	else if (f->inv && inv_answer(f->inv_key) == ST_GENERAL)
		fail(s, it, f, ST_GENERAL, R_DMA, AE_FATAL, 3);
	else if (f->inv && inv_answer(f->inv_key)) {
		fail(s, it, f, ST_LOC_ACCESS, R_IN_ACCESS, AE_ACCESS, 2);
		s->soft = 1; /* found out when later items may have been written */
	}
	else {
		if (f->cqe && !f->silent) {
			due(&it->cqe);
			it->status = f->status;
			it->solicited = f->solicited || f->status;
		}
		n_silent += f->cqe && f->silent;
		if (f->job) {
			due(&it->job);
			n_job++;
		}
		if (f->ack) {
			due(&it->ack);
			it->syndrome = 0x1f;
			n_ack++;
		}
	}
}

/* ----------------------------------------------------------- making up items */

static u32 mtus[5] = { 256, 512, 1024, 2048, 4096 };

static void start_message(struct qs *s)
{
	s->kind = 0;
	s->long_msg = 0;
	s->at = 0;
	s->mtu = mtus[rnd(5)];
	s->total = pct(5) ? 0 : random_length();
	if (mode == 1)
		s->total = 64;
	if (mode == 2)
		s->total = s->mtu = 4096;
	if (mode == 3)
		s->total = s->mtu = 64;
	if (s->total > 60 * s->mtu)
		s->total = 60 * s->mtu;
	s->packets = s->total ? (s->total + s->mtu - 1) / s->mtu : 1;
	s->next_packet = 0;
	s->inv = s->side == RSP && pct(10) && !mode;
	s->imm = pct(30) && !mode;
	for (u32 i = 0; i < s->packets; i++)
		s->order[i] = i;
	if (mode == 3 ? s->side == RSP : !mode && (s->side == RH || pct(50))) {
		if (!post_entry(s))
			return;
		s->kind = 1;
		/* The last packet stays the last one, since it ends the entry */
		if (s->side == RH && s->packets > 2 && pct(20)) {
			for (u32 i = 0; i + 1 < s->packets; i++) {
				u32 k = rnd(s->packets - 1), t = s->order[i];

				s->order[i] = s->order[k];
				s->order[k] = t;
			}
			n_jump++;
		}
	} else if (s->side == RSP) {
		s->kind = 2;
		s->key = make_key(s, mishap() ? 1 + rnd(5) : 0);
		s->va = alloc_va(s->total, s->total && mishap());
		if (mode == 1)
			s->va = alloc_va(s->total, 0);
	}
}

static struct item *new_item(struct qs *s)
{
	struct item *it = &items[next_id % ITEMS];

	if (it->live && (it->cqe == 1 || it->job == 1 || it->ack == 1 || it->inv == 1 ||
			 it->drained == 1 || it->free == 1))
		DIE("item %u is still under way", it->id);
	memset(it, 0, offsetof(struct item, data));
	memset(&it->len, 0, sizeof(*it) - offsetof(struct item, len));
	it->id = next_id;
	it->live = 1;
	it->s = s;
	it->rec = -1;
	return it;
}

static int send(struct qs *s, struct item *it, struct fields *f, int list_err,
		const struct sge *pcs, u32 n, int swap)
{
	if (f->pkt) {
		u8 wire[9216] = { 0 };

		it->len = f->len;
		for (u32 i = 0; i < f->len; i++)
			it->data[i] = (u8)rnd64();
		for (u32 i = 0; i < f->len; i++)
			wire[i] = it->data[swap ? 7 - i : i];
		it->rec = rx_put(it->id, wire, f->len, &f->line, &f->lane);
		if (it->rec < 0) {
			it->live = 0;
			return 0;
		}
		f->rec = (u32)it->rec;
	}
	next_id++;
	it->marker = (int)f->marker;
	predict(s, it, f, list_err, pcs, n);
	s->ids[s->id_in++ % 1024] = it->id;
	if (s->id_in - s->id_out > 1000)
		s->id_out++;
	pm_items++;
	pm_bytes += f->len;
	return 1;
}

static int gen_eth(struct fields *f)
{
	struct item *it;
	struct sge p;

	if (mode || pct(90))
		return 0;
	it = new_item(&eth);
	f->target = TG_HOST;
	f->pkt = 1;
	f->len = 14 + rnd(pct(70) ? 1500 : 9203);
	/* Its own block of host memory, bad if the first page is */
	next_va = (next_va + 0x1fff) & ~0xfffull;
	f->addr = p.addr = to_host(next_va) + rnd(4096);
	next_va += 0x2000;
	p.len = f->len;
	f->cqe = 1;
	f->wqe = rnd(65536);
	f->cqn = rnd(1 << 24);
	f->solicited = rnd(2);
	f->qpn = qpn_of(rnd(QPS)); /* means nothing */
	n_eth++;
	if (mishap())
		bad_page[bad_pages++ % 64] = ((f->addr >> 12) * mul_inv()) & PFN;
	return send(&eth, it, f, 0, &p, 1, 0);
}

static int gen_qs(struct qs *s, struct fields *f)
{
	struct item *it;
	struct sge pcs[16];
	u32 n = 0;
	int err = 0, swap = 0;

	if (s->marker)
		return 0;
	/* More than fits its list of translations is never under way */
	if (s->mr_in - s->mr_out > 1500 || s->id_in - s->id_out > 900)
		return 0;
	f->qpn = qpn_of(s->q);
	f->quiet = s->side == RSP && s->q % 3 == 1;
	f->starts = rnd(2);
	f->pd = 0x1000 + s->q;
	f->priv = s->q & 1;
	f->cqn = rnd(1 << 24);
	f->solicited = rnd(2);
	if (s->poisoned && --s->after <= 0)
		qp_wants_marker[s->q] = 1;
	if (qp_wants_marker[s->q]) {
		it = new_item(s);
		f->marker = 1;
		f->target = rnd(6);
		f->len = rnd(100);
		f->wqe = rnd(65536);
		s->marker = 1;
		s->kind = 0; /* the message at hand never ends */
		return send(s, it, f, 0, NULL, 0, 0);
	}
	if (!s->kind && !mode && pct(25)) {
		it = new_item(s);
		f->wqe = s->idx;
		f->ack = s->side == RSP && pct(50);
		f->pkt = (u32)pct(60);
		f->job = s->side == RSP && pct(40);
		f->len = f->pkt && pct(30) ? rnd(20) : 0;
		if (!f->job && pct(50)) {
			f->cqe = 1;
			f->silent = (u32)pct(50);
			f->status = f->silent || pct(60) ? 0 : ST_FLUSH;
		}
		if (f->job && pct(70)) { /* where a READ or atomic goes */
			f->target = TG_PROBE;
			f->key = pcs[0].key = make_key(s, mishap() ? 1 + rnd(5) : 0);
			f->addr = pcs[0].addr = rnd64();
			f->check_len = 1 + rnd(pct(50) ? 0x80000000u : 100);
			f->len = pcs[0].len = 0;
			n_probe++;
			n_probe_bad += f->key >> 28 != 0 && !s->poisoned;
			n = 1;
		}
		return send(s, it, f, 0, pcs, n, 0);
	}
	if (!s->kind && !mode && s->side == RH && pct(20)) { /* atomic */
		s->total = s->mtu = 8;
		s->packets = 1;
		s->at = s->next_packet = s->order[0] = 0;
		s->imm = s->inv = 0;
		s->long_msg = 0;
		if (!post_entry(s))
			return 0;
		s->kind = 3;
		n_atomic++;
	}
	if (!s->kind)
		start_message(s);
	if (!s->kind)
		return 0;

	u32 saved = s->next_packet;
	u32 p = s->order[s->next_packet++];
	int last = s->next_packet == s->packets;

	it = new_item(s);
	f->starts = !saved;
	f->pkt = 1;
	f->len = s->total - p * s->mtu;
	if (f->len > s->mtu)
		f->len = s->mtu;
	f->ack = s->side == RSP && (last || pct(10));
	if (s->kind == 2) {
		f->target = TG_KEY;
		f->key = s->key;
		f->addr = s->va + (u64)p * s->mtu;
		f->check_len = saved ? 0 : s->total;
		f->wqe = (s->idx - 1 - rnd(2)) & 0xffff;
		f->cqe = last && s->imm;
		pcs[0].addr = f->addr;
		pcs[0].key = f->key;
		pcs[0].len = f->len;
		n = f->len != 0;
	} else {
		f->target = s->side == RSP ? TG_RQ : TG_SQ;
		f->wqe = s->wqe;
		f->wqe_last = (u32)last;
		f->offset = p * s->mtu;
		f->cqe = (u32)last;
		f->silent = s->side == RH && pct(40);
		f->key = s->kind == 3 ? (u32)rnd64() | 1 : (u32)rnd64() & ~1u;
		swap = s->kind == 3;
		f->inv = last && s->inv;
		f->inv_key = (u32)rnd64();
		f->inv_key = f->inv && mishap() ? f->inv_key | 15 : f->inv_key & ~1u;
		if (f->len && s->fetch_err)
			err = 1;
		else if (!list_pieces(s, f->offset, f->len, pcs, &n))
			err = 2;
		if (last)
			it->entry_slots = s->slots;
	}
	u32 slots = it->entry_slots;

	if (!send(s, it, f, err, pcs, n, swap)) {
		s->next_packet = saved;
		return 0;
	}
	it->entry_slots = slots;
	if (last)
		s->kind = 0;
	return 1;
}

u32 pm_gen(u32 side, u32 *id, u32 *marker, u32 *qpn, u32 *pd, u32 *priv, u32 *target, u32 *wqe,
	   u32 *wqe_last, u32 *offset, u64 *addr, u32 *key, u32 *check_len, u32 *pkt, u32 *rec,
	   u32 *line, u32 *lane, u32 *len, u32 *inv, u32 *inv_key, u32 *job, u32 *cqe, u32 *silent,
	   u32 *solicited, u32 *cqn, u32 *status, u32 *ack, u32 *quiet, u32 *starts)
{
	struct fields f;
	static u32 hot;

	memset(&f, 0, sizeof(f));
	*id = next_id;
	if (stop || pending > 3000)
		return 0;
	if (side == ETH) {
		if (!gen_eth(&f))
			return 0;
	} else {
		u32 q = pct(30) ? hot : rnd(QPS);

		if (rnd(200) == 0)
			hot = rnd(QPS);
		if (rnd(20000) == 0)
			qp_wants_marker[rnd(QPS)] = 1;
		if (mode == 3) /* those with 128 entries of 64 B */
			q = q % 5 * 10 + 7;
		if (!gen_qs(&qss[q][side], &f))
			return 0;
	}
	*marker = f.marker;
	*qpn = f.qpn;
	*pd = f.pd;
	*priv = f.priv;
	*target = f.target;
	*wqe = f.wqe;
	*wqe_last = f.wqe_last;
	*offset = f.offset;
	*addr = f.addr;
	*key = f.key;
	*check_len = f.check_len;
	*pkt = f.pkt;
	*rec = f.rec;
	*line = f.line;
	*lane = f.lane;
	*len = f.len;
	*inv = f.inv;
	*inv_key = f.inv_key;
	*job = f.job;
	*cqe = f.cqe;
	*silent = f.silent;
	*solicited = f.solicited;
	*cqn = f.cqn;
	*status = f.status;
	*ack = f.ack;
	*quiet = f.quiet;
	*starts = f.starts;
	return 1;
}

/* ------------------------------------------------------------- ring addresses */

#define RING(q, side) (0x4000000000ull + ((u64)((q) * 2 + (side)) << 24))

static struct { int used; u64 due, addr; u32 err, log_size, log_stride; } ra[32];
static u32 ra_n;

void pm_ra_req(u32 qpn, u32 rq, u32 index, u32 tag)
{
	u32 q = (u32)q_of(qpn);
	struct qs *s = &qss[q][rq ? RSP : RH];
	u32 i = index & ((1u << s->log_size) - 1), off = i * s->stride;

	if (ra[tag].used)
		DIE("ring address: tag %u twice", tag);
	n_ra++;
	ra[tag].used = 1;
	ra_n++;
	ra[tag].due = cycle + rnd(ra_lat + 1);
	ra[tag].err = s->ra_bad[i];
	/* Blocks are not next to each other, and the order is not that of the ring */
	ra[tag].addr = RING(q, rq ? 0 : 1) + ((u64)((off >> 12) ^ 1) << 13) + (off & 0xfff);
	ra[tag].log_size = s->log_size;
	ra[tag].log_stride = rq ? (u32)__builtin_ctz(s->stride / 16) : rnd(8);
}

u32 pm_ra_rsp(u32 *tag, u32 *err, u64 *addr, u32 *log_size, u32 *log_stride)
{
	u32 t;

	if (!ra_n)
		return 0;
	t = rnd(32);
	for (u32 n = 0; n < 32; n++, t = (t + 1) % 32) {
		if (!ra[t].used || ra[t].due > cycle)
			continue;
		ra[t].used = 0;
		ra_n--;
		*tag = t;
		*err = ra[t].err;
		*addr = ra[t].err ? rnd64() : ra[t].addr;
		*log_size = ra[t].log_size;
		*log_stride = ra[t].log_stride;
		return 1;
	}
	return 0;
}

/* ----------------------------------------------------------------- DMA reads */

static struct { int used; u64 due, addr; u32 len, at, err; } rd[32];
static u32 rd_n;

void pm_rd_req(u64 addr, u32 len, u32 tag)
{
	u64 o = addr - 0x4000000000ull;
	u32 q = (u32)(o >> 25), side = (o >> 24) & 1;
	u32 off = (u32)((((o & 0xffffff) >> 13) ^ 1) << 12 | (addr & 0xfff));
	struct qs *s;

	if (addr < 0x4000000000ull || q >= QPS || (o & 0x1000))
		DIE("read at %llx", addr);
	s = &qss[q][side ? RH : RSP];
	if (tag > 31 || rd[tag].used || !len || len > 320 || (addr & 0xfff) + len > 4096)
		DIE("read at %llx, %u bytes, tag %u", addr, len, tag);
	if (off + len > s->stride << s->log_size)
		DIE("read over the end of a ring: %llx, %u bytes", addr, len);
	rd[tag].used = 1;
	rd_n++;
	rd[tag].due = cycle + rnd(rd_lat + 1);
	rd[tag].addr = addr;
	rd[tag].len = len;
	rd[tag].at = 0;
	rd[tag].err = s->rd_bad[off / s->stride];
}

u32 pm_rd_rsp(u32 *tag, u32 *offset, u32 *last, u32 *err, svBitVecVal *data)
{
	u32 t, n;

	if (!rd_n)
		return 0;
	t = rnd(32);
	for (n = 0; n < 32; n++, t = (t + 1) % 32)
		if (rd[t].used && rd[t].due <= cycle)
			break;
	if (n == 32)
		return 0;
	u64 at = rd[t].addr + rd[t].at, o = at - 0x4000000000ull;
	struct qs *s = &qss[o >> 25][(o >> 24) & 1 ? RH : RSP];
	u32 off = (u32)((((o & 0xffffff) >> 13) ^ 1) << 12 | (at & 0xfff));
	u32 count = 64 - (u32)(at & 63);
	u8 line[64];

	if (count > rd[t].len - rd[t].at)
		count = rd[t].len - rd[t].at;
	for (u32 i = 0; i < 64; i++)
		line[i] = (u8)rnd64();
	if (!rd[t].err)
		memcpy(line + (at & 63), s->ring + off, count);
	memcpy(data, line, 64);
	*tag = t;
	*offset = rd[t].at;
	rd[t].at += count;
	*last = rd[t].at == rd[t].len;
	*err = *last && rd[t].err;
	if (*last) {
		rd[t].used = 0;
		rd_n--;
	}
	return 1;
}

/* --------------------------------------------------------------- translations */

static struct { int used; u64 due, addr0, addr1; u32 err, len0, id; } mr[64];
static u32 mr_n;
static u32 touched[512], touched_in; /* items that asked, the newest */

void pm_mr_req(u32 tag, u32 key, u32 pd, u32 priv, u32 need, u64 addr, u32 len, u32 check)
{
	u32 q = (key >> 16) & 0xff, m;
	struct qs *s;

	if (tag > 63 || mr[tag].used)
		DIE("translation: tag %u twice", tag);
	if (q >= QPS)
		DIE("translation: key %x", key);
	s = &qss[q][(key >> 15) & 1];
	if (s->mr_in == s->mr_out)
		DIE("translation not expected: key %x, %llx", key, addr);
	m = s->mr_out++ % 2048;
	if (s->mr[m].key != key || s->mr[m].addr != addr || s->mr[m].len != len ||
	    s->mr[m].check != check || s->mr[m].need != need || pd != 0x1000 + q || priv != (q & 1))
		DIE("translation: key %x %llx+%u check %u need %u pd %x priv %u; wanted %x %llx+%u check %u need %u",
		    key, addr, len, check, need, pd, priv, s->mr[m].key, s->mr[m].addr, s->mr[m].len,
		    s->mr[m].check, s->mr[m].need);
	mr[tag].used = 1;
	mr_n++;
	mr[tag].due = cycle + (mode ? mr_lat : rnd(mr_lat + 1));
	mr[tag].err = key >> 28;
	mr[tag].addr0 = to_host(addr);
	mr[tag].len0 = 4096 - (u32)(addr & 0xfff);
	if (mr[tag].len0 > len)
		mr[tag].len0 = len;
	mr[tag].addr1 = to_host(addr + mr[tag].len0);
	mr[tag].id = s->mr[m].id;
	touched[touched_in++ % 512] = s->mr[m].id;
}

u32 pm_mr_rsp(u32 *tag, u32 *err, u64 *addr0, u32 *len0, u64 *addr1)
{
	u32 t;

	if (!mr_n)
		return 0;
	t = rnd(64);
	for (u32 n = 0; n < 64; n++, t = (t + 1) % 64) {
		if (!mr[t].used || mr[t].due > cycle)
			continue;
		mr[t].used = 0;
		mr_n--;
		*tag = t;
		*err = mr[t].err;
		*addr0 = mr[t].err ? rnd64() : mr[t].addr0;
		*len0 = mr[t].err ? rnd(8192) : mr[t].len0;
		*addr1 = mr[t].err ? rnd64() : mr[t].addr1;
		return 1;
	}
	return 0;
}

/* ----------------------------------------------------------------- DMA writes */

static struct { u64 due; u32 id, part, tag, err; } wq[4096];
static u32 wq_in, wq_out;
static int wr_open;
static u64 wr_addr;
static u32 wr_len, wr_tag, wr_at, wr_id, wr_part;

void pm_wr_beat(u64 addr, u32 len, u32 tag, u32 last, const svBitVecVal *data)
{
	struct item *it;
	struct part *p;
	u32 count;

	if (!wr_open) {
		int h = part_find(addr);

		if (h < 0)
			DIE("write to %llx, %u bytes: not expected", addr, len);
		wr_id = hash[h].id;
		wr_part = hash[h].part;
		part_del((u32)h);
		wr_open = 1;
		wr_addr = addr;
		wr_len = len;
		wr_tag = tag;
		wr_at = 0;
	}
	it = get(wr_id);
	p = &it->parts[wr_part];
	if (addr != wr_addr || len != wr_len || tag != wr_tag || len != p->len)
		DIE("item %u: write %llx+%u, wanted %llx+%u", it->id, addr, len, p->host, p->len);
	count = len - wr_at > 64 ? 64 : len - wr_at;
	if (memcmp(data, it->data + p->off + wr_at, count))
		DIE("item %u: data at %llx + %u", it->id, addr, wr_at);
	wr_at += count;
	if (last != (wr_at == len))
		DIE("item %u: length of a write", it->id);
	if (!last)
		return;
	wr_open = 0;
	n_parts++;
	u32 w = wq_in++ % 4096;

	wq[w].due = cycle + (mode ? wr_lat : rnd(wr_lat + 1));
	wq[w].id = wr_id;
	wq[w].part = wr_part;
	wq[w].tag = wr_tag;
	wq[w].err = (u32)p->bad;
}

u32 pm_wr_rsp(u32 *tag, u32 *err)
{
	u32 w = wq_out % 4096;
	struct item *it;

	if (wq_in == wq_out || wq[w].due > cycle)
		return 0;
	wq_out++;
	it = get(wq[w].id);
	if (!it->parts[wq[w].part].may)
		it->left--;
	*tag = wq[w].tag;
	*err = wq[w].err;
	return 1;
}

u32 pm_writes(void)
{
	return wq_in - wq_out;
}

/* --------------------------------------------------------------------- events */

void pm_cqe(u32 on_eth, u32 id, u32 status, u32 cqn, u32 solicited)
{
	struct item *it = get(id);

	if ((it->s == &eth) != (on_eth != 0))
		DIE("item %u: CQE at the wrong port", id);
	check_order(it, 0);
	seen(&it->cqe, it, "CQE");
	if (status != it->status || cqn != it->cqn || solicited != it->solicited)
		DIE("item %u: CQE status %u, cqn %x, solicited %u; wanted %u %x %u", id, status, cqn,
		    solicited, it->status, it->cqn, it->solicited);
	n_cqe++;
}

void pm_job(u32 qpn, u32 pd, u32 priv, u32 id, u32 kind)
{
	struct item *it = get(id);

	check_order(it, 1);
	seen(&it->job, it, "job");
	if (it->inv == 1 || qpn != qpn_of(it->s->q) || pd != 0x1000 + it->s->q || priv != (it->s->q & 1))
		DIE("item %u: job", id);
	if (kind != (it->gone ? 3 : id & 3))
		DIE("item %u: job of kind %u", id, kind);
}

void pm_ack(u32 qpn, u32 id, u32 syndrome)
{
	struct item *it = get(id);

	check_order(it, 2);
	seen(&it->ack, it, "ack");
	if (it->inv == 1 || qpn != qpn_of(it->s->q) || syndrome != it->syndrome)
		DIE("item %u: ack qpn %u, syndrome %x, wanted %x", id, qpn, syndrome, it->syndrome);
}

void pm_free(u32 rec)
{
	struct item *it;

	if (!recs[rec].used || recs[rec].freed)
		DIE("record %u freed twice", rec);
	recs[rec].freed = 1;
	it = get(recs[rec].id);
	check_order(it, 3);
	seen(&it->free, it, "free");
	for (u32 i = 0; i < it->num_parts; i++) { /* what was not written now never is */
		int h = part_find(it->parts[i].host);

		if (h >= 0 && hash[h].id == it->id)
			part_del((u32)h);
	}
	it->s->done += it->entry_slots;
	while (rec_out != rec_in && recs[rec_order[rec_out % (2 * RECS)]].freed) {
		u32 r = rec_order[rec_out++ % (2 * RECS)];

		rx_used -= recs[r].lines;
		recs[r].used = 0;
	}
}

void pm_err(u32 qpn, u32 wqe_valid, u32 rq, u32 wqe, u32 status, u32 reason, u32 ae)
{
	struct qs *s = &qss[q_of(qpn)][rq ? RSP : RH];

	if (!s->err_due)
		DIE("QPN %u: error not due", qpn);
	s->err_due = 0;
	pending--;
	if (wqe_valid != s->e_valid || wqe != s->e_wqe || status != s->e_status ||
	    reason != s->e_reason || ae != s->e_ae)
		DIE("QPN %u: error wqe %u %u status %u reason %u event %x; wanted %u %u %u %u %x", qpn,
		    wqe_valid, wqe, status, reason, ae, s->e_valid, s->e_wqe, s->e_status,
		    s->e_reason, s->e_ae);
}

static int inv_busy;
static u64 inv_due;
static u32 inv_status;

void pm_inv(u32 qpn, u32 reg, u32 remote, u32 key, u32 pd, u32 priv)
{
	u32 q = (u32)q_of(qpn);
	struct qs *s = &qss[q][RSP];
	struct item *it = NULL;

	if (inv_busy || reg || !remote || pd != 0x1000 + q || priv != (q & 1))
		DIE("QPN %u: invalidation", qpn);
	for (u32 i = s->id_out; i != s->id_in && !it; i++) {
		struct item *c = &items[s->ids[i % 1024] % ITEMS];

		if (c->id == s->ids[i % 1024] && c->inv == 1)
			it = c;
	}
	if (!it || it->inv_key != key)
		DIE("QPN %u: invalidation of %x not due", qpn, key);
	if (it->left || it->cqe == 2 || it->ack == 2)
		DIE("item %u: invalidation at the wrong time", it->id);
	seen(&it->inv, it, "invalidation");
	inv_busy = 1;
	inv_due = cycle + rnd(30);
	inv_status = inv_answer(key);
}

u32 pm_inv_rsp(u32 *status)
{
	if (!inv_busy || inv_due > cycle)
		return 0;
	inv_busy = 0;
	*status = inv_status;
	return 1;
}

void pm_drained(u32 side, u32 qpn)
{
	struct qs *s = &qss[q_of(qpn)][side];
	struct item *it;

	if (side > 1 || s->marker != 1)
		DIE("QPN %u: drained %u not due", qpn, side);
	s->marker = 2;
	it = &items[s->ids[(s->id_in - 1) % 1024] % ITEMS];
	seen(&it->drained, it, "drained");
	for (u32 i = it->id - 1; i && it->id - i < ITEMS / 2; i--) {
		struct item *o = &items[i % ITEMS];

		if (!o->live || o->id != i)
			break;
		if (o->s == s && (o->cqe == 1 || o->job == 1 || o->ack == 1 || o->free == 1 || o->left))
			DIE("item %u: still due when %u was drained", o->id, it->id);
	}
	if (s->err_due)
		DIE("QPN %u: error still due", qpn);
}

static int clear_q = -1;

u32 pm_clear(u32 *qpn)
{
	for (u32 q = 0; q < QPS && clear_q < 0; q++)
		if (qss[q][0].marker == 2 && qss[q][1].marker == 2)
			clear_q = (int)q;
	if (clear_q < 0)
		return 0;
	*qpn = qpn_of((u32)clear_q);
	return 1;
}

void pm_clear_rsp(u32 rsp_p, u32 rsp_wqe, u32 rsp_status, u32 rh_p, u32 rh_wqe, u32 rh_status)
{
	struct qs *s;

	if (clear_q < 0)
		DIE("clear");
	s = qss[clear_q];
	if (rsp_p != (u32)s[0].poisoned || rh_p != (u32)s[1].poisoned ||
	    (rsp_p && (rsp_wqe != s[0].p_wqe || rsp_status != s[0].p_status)) ||
	    (rh_p && (rh_wqe != s[1].p_wqe || rh_status != s[1].p_status)))
		DIE("QPN %u: clear answers %u %u %u, %u %u %u; wanted %d %u %u, %d %u %u",
		    qpn_of((u32)clear_q), rsp_p, rsp_wqe, rsp_status, rh_p, rh_wqe, rh_status,
		    s[0].poisoned, s[0].p_wqe, s[0].p_status, s[1].poisoned, s[1].p_wqe,
		    s[1].p_status);
	for (int i = 0; i < 2; i++) {
		s[i].poisoned = s[i].soft = s[i].mild = s[i].marker = 0;
		s[i].posted = s[i].done = 0;
		/* As if made anew: the entry at hand comes again, with other contents */
		if (pct(50))
			s[i].idx = s[i].wqe;
	}
	qp_wants_marker[clear_q] = 0;
	clear_q = -1;
	n_clear++;
}

/* --------------------------------------------------------------------- fences */

static u32 fence_ids[512], fence_n;

void pm_fence(void)
{
	fence_n = 0;
	for (u32 i = 0; i < 512 && i < touched_in; i++) {
		struct item *it = &items[touched[i] % ITEMS];

		if (it->live && it->id == touched[i])
			fence_ids[fence_n++] = touched[i];
	}
	n_fence++;
}

void pm_fence_done(void)
{
	for (u32 i = 0; i < fence_n; i++) {
		struct item *it = &items[fence_ids[i] % ITEMS];

		if (it->live && it->id == fence_ids[i] && it->left)
			DIE("item %u: under way past a fence", it->id);
		for (u32 t = 0; t < 64; t++)
			if (mr[t].used && mr[t].id == fence_ids[i])
				DIE("item %u: translation past a fence", fence_ids[i]);
	}
}

/* ------------------------------------------------------------------------ rest */

void pm_tick(void)
{
	cycle++;
}

u64 pm_pending(void)
{
	return pending;
}

u64 pm_count(void)
{
	return pm_items;
}

u64 pm_total_bytes(void)
{
	return pm_bytes;
}

void pm_init(void)
{
	for (u32 q = 0; q < QPS; q++)
		for (u32 i = 0; i < SIDES; i++) {
			struct qs *s = &qss[q][i];
			u32 size;

			s->q = q;
			s->side = i;
			s->stride = i == RH ? 64 : 16u << (q % 5);
			s->log_size = i == RH ? 1 + q % 9 : q % 10;
			size = 1u << s->log_size;
			s->ring = calloc(size, s->stride);
			s->rd_bad = calloc(size, 1);
			s->ra_bad = calloc(size, 1);
			s->idx = 65500 + rnd(100);
			s->idx &= 0xffff;
		}
	eth.side = ETH;
}

void pm_report(void)
{
	printf("place: %llu items, %llu bytes, %llu writes, %llu CQEs (%llu flushed, %llu silent), %llu jobs, %llu acks, %llu NAKs, %llu invalidations\n",
	       pm_items, pm_bytes, n_parts, n_cqe, n_flush, n_silent, n_job, n_ack, n_nak, n_inv);
	printf("place: %llu clears, %llu ring addresses, %llu entries in two places, %llu jumps, %llu atomics, %llu frames, %llu behind a bus error, %llu fences, %llu regions looked up for jobs (%llu refused)\n",
	       n_clear, n_ra, n_second, n_jump, n_atomic, n_eth, n_soft, n_fence, n_probe, n_probe_bad);
	printf("place: %llu messages failed alone, %llu CQEs of them, %llu repeated READs\n", n_mild, n_mild_cqe, n_gone);
	printf("place: errors: fetch %llu %llu, length %llu, SQ access %llu, RQ access %llu, key %llu, bus %llu\n",
	       n_err[R_SQ_FETCH], n_err[R_RQ_FETCH], n_err[R_RQ_LENGTH], n_err[R_SQ_ACCESS],
	       n_err[R_RQ_ACCESS], n_err[R_IN_ACCESS], n_err[R_DMA]);
	if (pm_items >= 100000 &&
	    !(n_gone && n_mild && n_mild_cqe && n_cqe && n_flush && n_silent && n_job && n_ack && n_nak && n_inv && n_clear &&
	      n_second && n_jump && n_atomic && n_eth && n_soft && n_fence && n_probe_bad &&
	      n_err[R_SQ_FETCH] &&
	      n_err[R_RQ_FETCH] && n_err[R_RQ_LENGTH] && n_err[R_SQ_ACCESS] &&
	      n_err[R_RQ_ACCESS] && n_err[R_IN_ACCESS] && n_err[R_DMA]))
		DIE("something was not tried");
}
