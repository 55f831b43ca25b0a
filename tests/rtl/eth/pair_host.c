// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The drivers of two netdevs, joined by a wire. What one sends must arrive in the other's receive
 * buffers, byte by byte and in order, and be completed once; what cannot arrive must be counted.
 * A CQ is looked at only when its vector has fired, so an event that is lost ends the run.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "tb_mem.h"
#include "tern_hw.h"

#define LOG_AQ 3u
#define LOG_CQ 7u
#define LOG_Q 6u
#define RING (1u << LOG_Q)
#define MAX_FRAME 9018u
#define SLOT 0x4000ull		/* of a buffer */
#define TX_CQ 1u
#define RX_CQ 2u
#define VEC_ACQ 5u
#define VEC_TX 3u
#define VEC_RX 4u
#define PATIENCE 200000u

/* As in tb_pair.sv */
enum op { OP_FINISH, OP_WAIT, OP_READ, OP_WRITE, OP_DOORBELL, OP_IDLE, OP_IRQ, OP_KNOBS };

static ucontext_t host_context, sim_context;
static char stack[1 << 20];
static struct {
	enum op op;
	uint32_t node;
	uint64_t a, b;
} request;
static uint64_t answer, now_ns, random_state, wanted;

static uint64_t bus(enum op op, uint32_t node, uint64_t a, uint64_t b)
{
	request.op = op;
	request.node = node;
	request.a = a;
	request.b = b;
	swapcontext(&host_context, &sim_context);
	return answer;
}

static uint64_t put(uint64_t mask, uint64_t value)
{
	return value << __builtin_ctzll(mask) & mask;
}

static uint32_t get(uint64_t mask, uint64_t word)
{
	return (uint32_t)((word & mask) >> __builtin_ctzll(mask));
}

static uint64_t rnd64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint32_t rnd(uint32_t below)
{
	return (uint32_t)(rnd64() % below);
}

static bool chance(uint32_t percent)
{
	return rnd(100) < percent;
}

static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "FAILED at %llu ns: ", (unsigned long long)now_ns);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

#define check(ok, ...)                     \
	do {                               \
		if (!(ok))                 \
			fail(__VA_ARGS__); \
	} while (0)

static void say(const char *what)
{
	printf("pair: %s at %llu ns\n", what, (unsigned long long)now_ns);
	fflush(stdout);
}

/* ------------------------------------------------------------------------------- adapters */

struct frame {
	uint32_t len;
	uint8_t bytes[MAX_FRAME];
};

struct node {
	uint64_t base;
	uint32_t aq, acq;		/* commands posted, answers taken */
	uint32_t sq, sq_done, asked;	/* descriptors; the last that asked for a completion */
	uint32_t rq, rq_done;
	uint32_t cq[3];
	uint32_t rx_len[RING];		/* of what is posted */
	struct frame expect[RING];	/* that the peer sent and this one must get, in order */
	uint32_t in, out;
	bool pending[3];		/* the CQ may hold entries, and is not armed */
	bool ending;			/* the send queue is being destroyed */
	uint64_t got, sent;
};

static struct node nodes[2];

static uint64_t aq_ring(const struct node *n) { return n->base; }
static uint64_t acq_ring(const struct node *n) { return n->base + 0x1000; }
static uint64_t stats_at(const struct node *n) { return n->base + 0x2000; }
static uint64_t sq_ring(const struct node *n) { return n->base + 0x4000; }
static uint64_t rq_ring(const struct node *n) { return n->base + 0x5000; }
static uint64_t cq_ring(const struct node *n, uint32_t c) { return n->base + 0x8000 + c * 0x1000; }

static uint64_t tx_slot(const struct node *n, uint32_t i)
{
	return n->base + 0x10000000 + i % RING * SLOT;
}

static uint64_t rx_slot(const struct node *n, uint32_t i)
{
	return n->base + 0x20000000 + i % RING * SLOT + i % RING * 37 % 128;
}

static uint64_t mac(uint32_t i)
{
	return 0x020000000010ull + i;
}

static void ring_queue(uint32_t i, uint32_t which, uint32_t index)
{
	bus(OP_DOORBELL, i, which, put(TERN_HW_DB_Q_W_INDEX_MASK, index & 0xffff));
}

static void ring_cq(uint32_t i, uint32_t c, uint32_t index, bool arm)
{
	bus(OP_DOORBELL, i, TERN_HW_ETH_DB_CQ,
	    put(TERN_HW_DB_CQ_W_NUM_MASK, c) | put(TERN_HW_DB_CQ_W_ARM_MASK, arm) |
	    put(TERN_HW_DB_CQ_W_MODE_MASK, TERN_HW_CQ_MODE_EVERY) |
	    put(TERN_HW_DB_CQ_W_INDEX_MASK, index & 0xffffff));
}

/* Posts a command and waits for its answer */
static uint64_t command(uint32_t i, uint32_t op, uint32_t id, uint64_t a, uint64_t b)
{
	struct node *n = &nodes[i];
	uint64_t at = aq_ring(n) + n->aq % (1u << LOG_AQ) * 64ull;
	bool odd = n->aq >> LOG_AQ & 1;
	uint64_t info;

	for (uint32_t k = 3; k < 8; k++)
		tb_mem_put64(at + 8 * k, 0);
	tb_mem_put64(at + 8, a);
	tb_mem_put64(at + 16, b);
	tb_mem_put64(at, put(TERN_HW_AQ_CMD_HDR_ID_MASK, id) | put(TERN_HW_AQ_CMD_HDR_OP_MASK, op) |
		     (odd ? 0 : TERN_HW_AQ_CMD_HDR_POLARITY_MASK));
	n->aq++;
	ring_queue(i, TERN_HW_ETH_DB_AQ, n->aq);
	at = acq_ring(n) + n->acq % (1u << LOG_AQ) * 32ull;
	odd = n->acq >> LOG_AQ & 1;
	for (uint32_t k = 0;; k++) {
		info = tb_mem_get64(at + 24);
		if (get(TERN_HW_ACQE_INFO_POLARITY_MASK, info) == !odd)
			break;
		check(k < PATIENCE / 20, "node %u: command %u is not answered", i, op);
		bus(OP_WAIT, 0, 20, 0);
	}
	check(get(TERN_HW_ACQE_INFO_OPCODE_MASK, info) == op &&
	      get(TERN_HW_ACQE_INFO_ID_MASK, info) == id &&
	      get(TERN_HW_ACQE_INFO_INDEX_MASK, info) == (n->acq & 0xffff), "wrong ACQ entry");
	check(!get(TERN_HW_ACQE_INFO_STATUS_MASK, info), "node %u: command %u: status %u", i, op,
	      get(TERN_HW_ACQE_INFO_STATUS_MASK, info));
	n->acq++;
	ring_cq(i, 0, n->acq, true);
	return tb_mem_get64(at + 8);
}

static void query_stats(uint32_t i, uint64_t *stats)
{
	command(i, TERN_HW_AQ_OP_QUERY_STATS, 0, stats_at(&nodes[i]), 0);
	for (uint32_t k = 0; k < 16; k++)
		stats[k] = tb_mem_get64(stats_at(&nodes[i]) + 8 * k);
}

static void make_queue(uint32_t i, bool rx)
{
	struct node *n = &nodes[i];

	command(i, TERN_HW_AQ_OP_CREATE_SQ, 0, rx ? rq_ring(n) : sq_ring(n),
		put(TERN_HW_AQ_SQ_CMD_ATTR_LOG_SIZE_MASK, LOG_Q) |
		put(TERN_HW_AQ_SQ_CMD_ATTR_RX_MASK, rx) |
		put(TERN_HW_AQ_SQ_CMD_ATTR_CQN_MASK, rx ? RX_CQ : TX_CQ));
	if (rx) {
		n->rq = 0;
		n->rq_done = 0;
	} else {
		n->sq = 0;
		n->sq_done = 0;
		n->asked = 0;
	}
}

static void drop_queue(uint32_t i, bool rx)
{
	command(i, TERN_HW_AQ_OP_DESTROY_SQ, 0, 0, put(TERN_HW_AQ_SQ_CMD_ATTR_RX_MASK, rx));
}

static void bring_up(uint32_t i)
{
	struct node *n = &nodes[i];
	uint64_t base = (i + 1ull) << 40;
	uint32_t vec[3] = { VEC_ACQ, VEC_TX, VEC_RX };

	n->base = base;
	n->ending = false;
	n->aq = 0;
	n->acq = 0;
	n->in = 0;
	n->out = 0;
	tb_mem_map(n->base, 0x10000, TB_MEM_READ | TB_MEM_WRITE);
	tb_mem_map(n->base + 0x10000000, RING * SLOT, TB_MEM_READ);
	tb_mem_map(n->base + 0x20000000, RING * SLOT, TB_MEM_WRITE);
	for (uint64_t at = 0; at < 0x10000; at += 8)
		tb_mem_put64(n->base + at, 0);
	check(bus(OP_READ, i, TERN_HW_REG_AQ_STATUS, 0) == 0, "aq_status before it is enabled");
	bus(OP_WRITE, i, TERN_HW_REG_AQ_BASE_LO, (uint32_t)aq_ring(n));
	bus(OP_WRITE, i, TERN_HW_REG_AQ_BASE_HI, aq_ring(n) >> 32);
	bus(OP_WRITE, i, TERN_HW_REG_ACQ_BASE_LO, (uint32_t)acq_ring(n));
	bus(OP_WRITE, i, TERN_HW_REG_ACQ_BASE_HI, acq_ring(n) >> 32);
	bus(OP_WRITE, i, TERN_HW_REG_AQ_CTRL, TERN_HW_REG_AQ_CTRL_ENABLE_MASK |
	    put(TERN_HW_REG_AQ_CTRL_LOG_SIZE_MASK, LOG_AQ) | TERN_HW_REG_AQ_CTRL_VEC_VALID_MASK |
	    put(TERN_HW_REG_AQ_CTRL_VEC_MASK, VEC_ACQ));
	for (uint32_t k = 0; bus(OP_READ, i, TERN_HW_REG_AQ_STATUS, 0) != 1; k++)
		check(k < 1000, "the AQ does not start");
	for (uint32_t c = 0; c < 3; c++) {
		n->cq[c] = 0;
		n->pending[c] = false;
		if (c)
			command(i, TERN_HW_AQ_OP_CREATE_CQ, c, cq_ring(n, c),
				put(TERN_HW_AQ_CQ_CMD_ATTR_LOG_SIZE_MASK, LOG_CQ) |
				TERN_HW_AQ_CQ_CMD_ATTR_VEC_VALID_MASK |
				put(TERN_HW_AQ_CQ_CMD_ATTR_VEC_MASK, vec[c]));
		ring_cq(i, c, c ? 0 : n->acq, true);
	}
	make_queue(i, false);
	make_queue(i, true);
	bus(OP_IRQ, i, 0, 0);
}

/* --------------------------------------------------------------------------------- traffic */

static uint32_t random_len(void)
{
	switch (rnd(6)) {
	case 0: return 14 + rnd(60);
	case 1: return 64 * (1 + rnd(140)) + rnd(3) - 1;
	case 2: return MAX_FRAME - rnd(3);
	case 3: return 1500 + rnd(20);
	default: return 14 + rnd(MAX_FRAME - 13);
	}
}

static void make_frame(uint32_t from, struct frame *f, uint32_t len, uint64_t to)
{
	f->len = len;
	for (uint32_t k = 0; k < len; k++)
		f->bytes[k] = (uint8_t)rnd64();
	for (uint32_t k = 0; k < 6; k++) {
		f->bytes[k] = (uint8_t)(to >> (40 - 8 * k));
		f->bytes[6 + k] = (uint8_t)(mac(from) >> (40 - 8 * k));
	}
	f->bytes[12] = 0x88;
	f->bytes[13] = 0xb5;
}

/* In one to four pieces that lie anywhere in the slot of the first descriptor */
static void post_frame(uint32_t i, const struct frame *f)
{
	struct node *n = &nodes[i];
	uint32_t pieces = f->len < 100 || chance(60) ? 1 : 2 + rnd(3);
	uint32_t done = 0, gap = rnd(64);
	uint64_t slot = tx_slot(n, n->sq);
	bool ask = chance(40) || n->sq + pieces - n->asked > RING / 2;

	for (uint32_t k = 0; k < pieces; k++) {
		uint32_t len = k == pieces - 1 ? f->len - done : 1 + rnd((f->len - done) / 2);
		uint64_t at = sq_ring(n) + n->sq % RING * 16ull;
		bool last = k == pieces - 1;

		tb_mem_put(slot + done + gap, f->bytes + done, len);
		tb_mem_put64(at, slot + done + gap);
		tb_mem_put64(at + 8, put(TERN_HW_ETH_TX_DESC_CTL_LEN_MASK, len) |
			     put(TERN_HW_ETH_TX_DESC_CTL_LAST_MASK, last) |
			     put(TERN_HW_ETH_TX_DESC_CTL_COMPLETE_MASK, last && ask));
		done += len;
		gap += rnd(64);
		n->sq++;
	}
	if (ask)
		n->asked = n->sq;
	ring_queue(i, TERN_HW_ETH_DB_SQ, n->sq);
}

/* As the adapter does it before the wire */
static void pad(struct frame *f)
{
	while (f->len < 60)
		f->bytes[f->len++] = 0;
}

static void send_expected(uint32_t i, uint32_t len)
{
	struct node *peer = &nodes[!i];
	struct frame *f = &peer->expect[peer->in % RING];

	check(peer->in - peer->out < RING, "too many frames under way");
	make_frame(i, f, len, chance(10) ? 0xffffffffffffull : chance(10) ? 0x333300000001ull : mac(!i));
	peer->in++;
	nodes[i].sent++;
	post_frame(i, f);
	pad(f);
}

static void post_buffers(uint32_t i, uint32_t count, uint32_t len)
{
	struct node *n = &nodes[i];

	for (uint32_t k = 0; k < count; k++) {
		uint64_t at = rq_ring(n) + n->rq % RING * 16ull;

		n->rx_len[n->rq % RING] = len;
		tb_mem_put64(at, rx_slot(n, n->rq));
		tb_mem_put64(at + 8, put(TERN_HW_ETH_RX_DESC_CTL_LEN_MASK, len));
		n->rq++;
	}
	ring_queue(i, TERN_HW_ETH_DB_RQ, n->rq);
}

static void take_received(uint32_t i, uint64_t at, uint64_t info)
{
	struct node *n = &nodes[i];
	struct frame *f = &n->expect[n->out % RING];
	uint32_t len = tb_mem_get32(at + 8);
	uint64_t slot = rx_slot(n, n->rq_done);

	check(get(TERN_HW_ETH_CQE_INFO_INDEX_MASK, info) == (n->rq_done & 0xffff),
	      "node %u: descriptor %u instead of %u", i, get(TERN_HW_ETH_CQE_INFO_INDEX_MASK, info),
	      n->rq_done);
	check(n->out != n->in, "node %u: a frame of %u bytes that nobody sent", i, len);
	check(len == f->len, "node %u: %u bytes instead of %u", i, len, f->len);
	for (uint32_t k = 0; k < len; k++)
		check(tb_mem_get8(slot + k) == f->bytes[k], "node %u: byte %u of %u is %02x, not %02x",
		      i, k, len, tb_mem_get8(slot + k), f->bytes[k]);
	n->out++;
	n->rq_done++;
	n->got++;
}

/* At most budget entries; true if there are no more */
static bool poll_cq(uint32_t i, uint32_t c, uint32_t budget)
{
	struct node *n = &nodes[i];

	for (;;) {
		uint64_t at = cq_ring(n, c) + n->cq[c] % (1u << LOG_CQ) * 32ull;
		uint64_t info = tb_mem_get64(at + 24);

		if (get(TERN_HW_ETH_CQE_INFO_POLARITY_MASK, info) == (n->cq[c] >> LOG_CQ & 1))
			return true;
		if (!budget--)
			return false;
		/* Of a frame whose queue was destroyed when a part of it had been read */
		check(!get(TERN_HW_ETH_CQE_INFO_STATUS_MASK, info) ||
		      (n->ending && c == TX_CQ && get(TERN_HW_ETH_CQE_INFO_STATUS_MASK, info) ==
						  TERN_HW_WC_STATUS_LOC_QP_OP),
		      "node %u: CQ %u: status %u", i, c, get(TERN_HW_ETH_CQE_INFO_STATUS_MASK, info));
		check(get(TERN_HW_ETH_CQE_INFO_RX_MASK, info) == (c == RX_CQ), "wrong kind of entry");
		if (c == RX_CQ)
			take_received(i, at, info);
		else
			n->sq_done = n->sq - (uint16_t)(n->sq - 1 -
				get(TERN_HW_ETH_CQE_INFO_INDEX_MASK, info));
		n->cq[c]++;
	}
}

/* As NAPI does it: after an interrupt as often as there is more, then arm */
static void serve(uint32_t i)
{
	struct node *n = &nodes[i];
	uint64_t fired = bus(OP_IRQ, i, 0, 0);

	for (uint32_t c = 1; c < 3; c++) {
		if (fired >> (c == RX_CQ ? VEC_RX : VEC_TX) & 1)
			n->pending[c] = true;
		if (!n->pending[c])
			continue;
		n->pending[c] = !poll_cq(i, c, 1 + rnd(32));
		ring_cq(i, c, n->cq[c], !n->pending[c]);
	}
}

static uint32_t free_slots(const struct node *n)
{
	return RING - (n->sq - n->sq_done);
}

static void refill(uint32_t i)
{
	struct node *n = &nodes[i];
	uint32_t room = RING - (n->rq - n->rq_done);

	if (room > rnd(RING))
		post_buffers(i, 1 + rnd(room), MAX_FRAME + rnd(3));
}

/* Both ways; no more is sent than there are buffers, so nothing may be lost */
static void traffic(uint64_t count)
{
	uint64_t until[2] = { nodes[0].sent + count, nodes[1].sent + count };
	uint32_t still = 0;

	while (nodes[0].sent < until[0] || nodes[1].sent < until[1] || nodes[0].in != nodes[0].out ||
	       nodes[1].in != nodes[1].out) {
		uint64_t got = nodes[0].got + nodes[1].got;

		for (uint32_t i = 0; i < 2; i++) {
			struct node *n = &nodes[i], *peer = &nodes[!i];
			uint32_t burst = rnd(8);

			refill(i);
			while (burst-- && n->sent < until[i] && free_slots(n) >= 4 &&
			       peer->in - peer->out < peer->rq - peer->rq_done)
				send_expected(i, random_len());
			serve(i);
		}
		bus(OP_WAIT, 0, rnd(4) ? rnd(100) : rnd(2000), 0);
		still = got == nodes[0].got + nodes[1].got ? still + 1 : 0;
		check(still < 2000, "no frame arrives: %u and %u are due", nodes[0].in - nodes[0].out,
		      nodes[1].in - nodes[1].out);
	}
}

/* Until the sends of a node have completed, which the last was asked to tell */
static void wait_sent(uint32_t i)
{
	struct node *n = &nodes[i];

	for (uint32_t k = 0; n->sq_done != n->asked; k++) {
		serve(i);
		bus(OP_WAIT, 0, 100, 0);
		check(k < 2000, "node %u: sends do not complete", i);
	}
}

/* To an empty queue, or one with short buffers: dropped and counted, and the next one arrives */
static void starve(uint32_t i)
{
	struct node *n = &nodes[i], *peer = &nodes[!i];
	uint64_t before[16], after[16];
	static struct frame f;
	uint32_t count = 5 + rnd(20);

	serve(!i);
	drop_queue(!i, true);
	poll_cq(!i, RX_CQ, 1000);
	make_queue(!i, true);
	query_stats(!i, before);
	for (uint32_t k = 0; k < count; k++) {
		make_frame(i, &f, random_len(), mac(!i));
		for (uint32_t t = 0; free_slots(n) < 4; t++) {
			serve(i);
			bus(OP_WAIT, 0, 100, 0);
			check(t < 2000, "node %u: the send queue stays full", i);
		}
		post_frame(i, &f);
	}
	bus(OP_WAIT, 0, 20000, 0);
	query_stats(!i, after);
	check(after[TERN_HW_ETH_STAT_RX_NO_DESC] - before[TERN_HW_ETH_STAT_RX_NO_DESC] == count,
	      "%llu drops for %u frames",
	      (unsigned long long)(after[TERN_HW_ETH_STAT_RX_NO_DESC] -
				   before[TERN_HW_ETH_STAT_RX_NO_DESC]), count);
	check(after[TERN_HW_ETH_STAT_RX_FRAMES] == before[TERN_HW_ETH_STAT_RX_FRAMES], "frames arrived");
	post_buffers(!i, 1, 1000);
	make_frame(i, &f, 1001 + rnd(8000), mac(!i));
	post_frame(i, &f);
	send_expected(i, 14 + rnd(987));
	for (uint32_t k = 0; peer->in != peer->out; k++) {
		serve(i);
		serve(!i);
		bus(OP_WAIT, 0, 100, 0);
		check(k < 2000, "nothing arrives after a frame that was too long");
	}
	query_stats(!i, after);
	check(after[TERN_HW_ETH_STAT_RX_LONG] == before[TERN_HW_ETH_STAT_RX_LONG] + 1, "rx_long");
	wait_sent(i);
}

static void set_port(uint32_t i, uint64_t address, bool promisc, bool multicast)
{
	command(i, TERN_HW_AQ_OP_SET_PORT, 0, put(TERN_HW_ETH_PORT_W_MAC_MASK, address) |
		put(TERN_HW_ETH_PORT_W_PROMISC_MASK, promisc) |
		put(TERN_HW_ETH_PORT_W_MULTICAST_MASK, multicast), 7);
}

static void expect_filtered(uint32_t i, uint64_t to, bool pass)
{
	struct node *peer = &nodes[!i];
	static struct frame f;
	uint64_t got = peer->got;

	make_frame(i, &f, 60 + rnd(200), to);
	if (pass)
		peer->expect[peer->in++ % RING] = f;
	post_frame(i, &f);
	for (uint32_t k = 0; k < 30; k++) {
		serve(i);
		serve(!i);
		bus(OP_WAIT, 0, 100, 0);
	}
	check(peer->got == got + pass, "a frame for %012llx has %sarrived", (unsigned long long)to,
	      pass ? "not " : "");
}

static void filter(uint32_t i)
{
	const uint64_t other = 0x020000000099ull, group = 0x333300000002ull, all = 0xffffffffffffull;

	post_buffers(!i, 16 - (nodes[!i].rq - nodes[!i].rq_done) % 16, MAX_FRAME);
	set_port(!i, other, false, false);
	expect_filtered(i, other, true);
	expect_filtered(i, mac(!i), false);
	expect_filtered(i, group, false);
	expect_filtered(i, all, true);
	set_port(!i, other, true, false);
	expect_filtered(i, mac(!i), true);
	expect_filtered(i, group, true);
	set_port(!i, mac(!i), false, true);
	expect_filtered(i, mac(!i), true);
	expect_filtered(i, other, false);
	expect_filtered(i, group, true);
}

/* -------------------------------------------------------------------- ends while data flows */

/* Receive buffers, and where everything is to be still, all rings */
static uint64_t digest(const struct node *n, bool rings)
{
	uint64_t sum = 0;

	for (uint32_t k = 0; k < RING; k++)
		for (uint64_t at = 0; at < SLOT; at += 8)
			sum = (sum << 7 | sum >> 57) ^
			      tb_mem_get64(n->base + 0x20000000 + k * SLOT + at);
	for (uint64_t at = 0; rings && at < 0x10000; at += 8)
		sum = (sum << 7 | sum >> 57) ^ tb_mem_get64(n->base + at);
	return sum;
}

static void check_quiet(uint32_t i, bool rings, const char *what)
{
	uint64_t before = digest(&nodes[i], rings);

	bus(OP_WAIT, 0, 5000, 0);
	check(before == digest(&nodes[i], rings), "node %u writes after %s", i, what);
}

/* A burst both ways, not waited for */
static void flood(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t room = RING - (nodes[i].rq - nodes[i].rq_done);

		if (room)
			post_buffers(i, room, MAX_FRAME);
	}
	for (uint32_t k = 0; k < 8; k++)
		for (uint32_t i = 0; i < 2; i++)
			if (free_slots(&nodes[i]) >= 4)
				send_expected(i, random_len());
	bus(OP_WAIT, 0, rnd(1500), 0);
}

/* What is under way arrives as far as there is a queue for it */
static void settle(void)
{
	for (uint32_t k = 0; k < 100; k++) {
		serve(0);
		serve(1);
		bus(OP_WAIT, 0, 100, 0);
	}
}

static void destroy_receiver(uint32_t i)
{
	flood();
	drop_queue(i, true);
	poll_cq(i, RX_CQ, 1000);
	check_quiet(i, false, "its receive queue is destroyed");
	settle();
	nodes[i].out = nodes[i].in;
	make_queue(i, true);
}

/* What the queue had begun has its completion; the rest is never sent */
static void destroy_sender(uint32_t i)
{
	struct node *n = &nodes[i], *peer = &nodes[!i];
	uint64_t before[16], after[16];

	query_stats(i, before);
	flood();
	n->ending = true;
	drop_queue(i, false);
	tb_mem_map(n->base + 0x10000000, RING * SLOT, 0);
	poll_cq(i, TX_CQ, 1000);
	n->ending = false;
	settle();
	query_stats(i, after);
	check(after[TERN_HW_ETH_STAT_TX_ERR] == before[TERN_HW_ETH_STAT_TX_ERR],
	      "a destroyed queue reads");
	tb_mem_map(n->base + 0x10000000, RING * SLOT, TB_MEM_READ);
	peer->out = peer->in;
	make_queue(i, false);
}

static void disable(uint32_t i)
{
	flood();
	nodes[i].ending = true;
	bus(OP_WRITE, i, TERN_HW_REG_AQ_CTRL, 0);
	for (uint32_t k = 0; bus(OP_READ, i, TERN_HW_REG_AQ_STATUS, 0) & 1; k++) {
		check(k < 1000, "node %u: the AQ does not stop", i);
		bus(OP_WAIT, 0, 50, 0);
	}
	check_quiet(i, true, "its AQ is disabled");
	settle();
	nodes[!i].out = nodes[!i].in;
	bring_up(i);
}

static void reset(uint32_t i)
{
	flood();
	nodes[i].ending = true;
	bus(OP_WRITE, i, TERN_HW_REG_DEV_CTRL, TERN_HW_REG_DEV_CTRL_RESET_MASK);
	for (uint32_t k = 0; !(bus(OP_READ, i, TERN_HW_REG_DEV_STATUS, 0) & 1); k++) {
		check(k < 1000, "node %u: the reset does not end", i);
		bus(OP_WAIT, 0, 50, 0);
	}
	check_quiet(i, true, "its reset");
	settle();
	nodes[!i].out = nodes[!i].in;
	bring_up(i);
}

static void knobs(void)
{
	static const uint32_t stall[] = { 0, 0, 30, 60 };

	bus(OP_KNOBS, 0, stall[rnd(4)] | (uint64_t)(chance(50) ? 20 : 300) << 32,
	    chance(70) ? 1 : 0);
}

static void host_program(void)
{
	for (uint32_t k = 0; !bus(OP_IDLE, 0, 0, 0); k++) {
		check(k < 1000, "not idle after reset");
		bus(OP_WAIT, 0, 100, 0);
	}
	bring_up(0);
	bring_up(1);
	say("queues are there");
	traffic(50);
	say("first frames");
	for (uint32_t i = 0; i < 2; i++) {
		starve(i);
		filter(i);
	}
	say("drops and filters");
	while (nodes[0].sent + nodes[1].sent < wanted) {
		knobs();
		traffic(100);
		starve(rnd(2));
		destroy_receiver(rnd(2));
		destroy_sender(rnd(2));
		traffic(20);
		disable(rnd(2));
		traffic(20);
		reset(rnd(2));
		traffic(20);
	}
	say("random frames and ends");
	settle();
	for (uint32_t k = 0; !bus(OP_IDLE, 0, 0, 0); k++) {
		check(k < 1000, "not idle at the end");
		bus(OP_WAIT, 0, 100, 0);
	}
	printf("pair: %llu frames arrived\n", (unsigned long long)(nodes[0].got + nodes[1].got));
	bus(OP_FINISH, 0, 0, 0);
}

void rdma_start(uint64_t seed, uint64_t count);
void rdma_start(uint64_t seed, uint64_t count)
{
	random_state = seed * 0x9e3779b97f4a7c15ull + 1;
	wanted = count;
	if (getcontext(&host_context))
		abort();
	host_context.uc_stack.ss_sp = stack;
	host_context.uc_stack.ss_size = sizeof(stack);
	makecontext(&host_context, host_program, 0);
}

void rdma_step(uint64_t result, uint64_t now, uint32_t *op, uint32_t *node, uint64_t *a, uint64_t *b);
void rdma_step(uint64_t result, uint64_t now, uint32_t *op, uint32_t *node, uint64_t *a, uint64_t *b)
{
	answer = result;
	now_ns = now;
	swapcontext(&sim_context, &host_context);
	*op = request.op;
	*node = request.node;
	*a = request.a;
	*b = request.b;
}
