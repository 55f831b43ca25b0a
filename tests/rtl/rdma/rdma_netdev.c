// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Queues, commands and frames of the Ethernet half, see rdma_netdev.h

#include "rdma_netdev.h"

#include <string.h>

#include "rdma_adapter.h"
#include "tb_mem.h"

#define RING NETDEV_RING
#define LOG_AQ 3u
#define LOG_CQ 7u
#define SLOT 0x4000ull		/* of a buffer */
#define VEC_ACQ 5u
#define VEC_TX 3u
#define VEC_RX 4u
#define PATIENCE 200000u
#define BROADCAST 0xffffffffffffull
#define GROUP 0x333300000001ull

struct netdev netdevs[NODES];

static uint32_t field(uint64_t mask, uint64_t word)
{
	return (uint32_t)get(mask, word);
}

static uint64_t aq_ring(const struct netdev *n) { return n->base; }
static uint64_t acq_ring(const struct netdev *n) { return n->base + 0x1000; }
static uint64_t stats_at(const struct netdev *n) { return n->base + 0x2000; }
static uint64_t sq_ring(const struct netdev *n) { return n->base + 0x4000; }
static uint64_t rq_ring(const struct netdev *n) { return n->base + 0x5000; }
static uint64_t cq_ring(const struct netdev *n, uint32_t c) { return n->base + 0x8000 + c * 0x1000; }

static uint64_t tx_slot(const struct netdev *n, uint32_t i)
{
	return n->base + 0x10000000 + i % RING * SLOT;
}

static uint64_t rx_slot(const struct netdev *n, uint32_t i)
{
	return n->base + 0x20000000 + i % RING * SLOT + i % RING * 37 % 128;
}

static void ring_queue(uint32_t i, uint32_t which, uint32_t index)
{
	bus(BUS_STORE, i, which, put(TERN_HW_DB_Q_W_INDEX_MASK, index & 0xffff));
}

static void ring_cq(uint32_t i, uint32_t c, uint32_t index, bool arm)
{
	bus(BUS_STORE, i, TERN_HW_ETH_DB_CQ,
	    put(TERN_HW_DB_CQ_W_NUM_MASK, c) | put(TERN_HW_DB_CQ_W_ARM_MASK, arm) |
	    put(TERN_HW_DB_CQ_W_MODE_MASK, TERN_HW_CQ_MODE_EVERY) |
	    put(TERN_HW_DB_CQ_W_INDEX_MASK, index & 0xffffff));
}

/* Posts a command and waits for its answer */
static uint64_t netdev_command(uint32_t i, uint32_t op, uint32_t id, uint64_t a, uint64_t b)
{
	struct netdev *n = &netdevs[i];
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
		if (field(TERN_HW_ACQE_INFO_POLARITY_MASK, info) == !odd)
			break;
		check(k < PATIENCE / 20, "node %u: command %u is not answered", i, op);
		bus_wait(20);
	}
	check(field(TERN_HW_ACQE_INFO_OPCODE_MASK, info) == op &&
	      field(TERN_HW_ACQE_INFO_ID_MASK, info) == id &&
	      field(TERN_HW_ACQE_INFO_INDEX_MASK, info) == (n->acq & 0xffff), "wrong ACQ entry");
	check(!field(TERN_HW_ACQE_INFO_STATUS_MASK, info), "node %u: command %u: status %u", i, op,
	      field(TERN_HW_ACQE_INFO_STATUS_MASK, info));
	n->acq++;
	ring_cq(i, 0, n->acq, true);
	return tb_mem_get64(at + 8);
}

void netdev_stats(uint32_t i, uint64_t stats[16])
{
	netdev_command(i, TERN_HW_AQ_OP_QUERY_STATS, 0, stats_at(&netdevs[i]), 0);
	for (uint32_t k = 0; k < 16; k++)
		stats[k] = tb_mem_get64(stats_at(&netdevs[i]) + 8 * k);
}

void netdev_map_frames(uint32_t i, bool readable)
{
	tb_mem_map(netdevs[i].base + 0x10000000, RING * SLOT, readable ? TB_MEM_READ : 0);
}

void netdev_make_queue(uint32_t i, bool rx)
{
	struct netdev *n = &netdevs[i];

	netdev_command(i, TERN_HW_AQ_OP_CREATE_SQ, 0, rx ? rq_ring(n) : sq_ring(n),
		put(TERN_HW_AQ_SQ_CMD_ATTR_LOG_SIZE_MASK, NETDEV_LOG_Q) |
		put(TERN_HW_AQ_SQ_CMD_ATTR_RX_MASK, rx) |
		put(TERN_HW_AQ_SQ_CMD_ATTR_CQN_MASK, rx ? NETDEV_RX_CQ : NETDEV_TX_CQ));
	if (rx) {
		n->rq = 0;
		n->rq_done = 0;
	} else {
		n->sq = 0;
		n->sq_done = 0;
		n->asked = 0;
	}
}

void netdev_drop_queue(uint32_t i, bool rx)
{
	netdev_command(i, TERN_HW_AQ_OP_DESTROY_SQ, 0, 0, put(TERN_HW_AQ_SQ_CMD_ATTR_RX_MASK, rx));
}

void netdev_set_port(uint32_t i, uint64_t address, bool promisc, bool multicast)
{
	netdev_command(i, TERN_HW_AQ_OP_SET_PORT, 0, put(TERN_HW_ETH_PORT_W_MAC_MASK, address) |
		put(TERN_HW_ETH_PORT_W_PROMISC_MASK, promisc) |
		put(TERN_HW_ETH_PORT_W_MULTICAST_MASK, multicast), 7);
}

void netdev_bring_up(uint32_t i)
{
	struct netdev *n = &netdevs[i];
	uint64_t base = (i + 1ull) << 40;
	uint32_t vec[NETDEV_CQS] = { VEC_ACQ, VEC_TX, VEC_RX };

	n->base = base;
	n->ending = false;
	n->aq = 0;
	n->acq = 0;
	n->in = 0;
	n->out = 0;
	n->lossy = false;
	tb_mem_map(n->base, 0x10000, TB_MEM_READ | TB_MEM_WRITE);
	netdev_map_frames(i, true);
	tb_mem_map(n->base + 0x20000000, RING * SLOT, TB_MEM_WRITE);
	for (uint64_t at = 0; at < 0x10000; at += 8)
		tb_mem_put64(n->base + at, 0);
	check(bus(BUS_READ, i, TERN_HW_REG_AQ_STATUS, 0) == 0, "aq_status before it is enabled");
	bus(BUS_WRITE, i, TERN_HW_REG_AQ_BASE_LO, (uint32_t)aq_ring(n));
	bus(BUS_WRITE, i, TERN_HW_REG_AQ_BASE_HI, aq_ring(n) >> 32);
	bus(BUS_WRITE, i, TERN_HW_REG_ACQ_BASE_LO, (uint32_t)acq_ring(n));
	bus(BUS_WRITE, i, TERN_HW_REG_ACQ_BASE_HI, acq_ring(n) >> 32);
	bus(BUS_WRITE, i, TERN_HW_REG_AQ_CTRL, TERN_HW_REG_AQ_CTRL_ENABLE_MASK |
	    put(TERN_HW_REG_AQ_CTRL_LOG_SIZE_MASK, LOG_AQ) | TERN_HW_REG_AQ_CTRL_VEC_VALID_MASK |
	    put(TERN_HW_REG_AQ_CTRL_VEC_MASK, VEC_ACQ));
	for (uint32_t k = 0; bus(BUS_READ, i, TERN_HW_REG_AQ_STATUS, 0) != 1; k++)
		check(k < 1000, "the AQ does not start");
	for (uint32_t c = 0; c < NETDEV_CQS; c++) {
		n->cq[c] = 0;
		n->pending[c] = false;
		if (c)
			netdev_command(i, TERN_HW_AQ_OP_CREATE_CQ, c, cq_ring(n, c),
				put(TERN_HW_AQ_CQ_CMD_ATTR_LOG_SIZE_MASK, LOG_CQ) |
				TERN_HW_AQ_CQ_CMD_ATTR_VEC_VALID_MASK |
				put(TERN_HW_AQ_CQ_CMD_ATTR_VEC_MASK, vec[c]));
		ring_cq(i, c, c ? 0 : n->acq, true);
	}
	netdev_make_queue(i, false);
	netdev_make_queue(i, true);
	bus(BUS_IRQ, i, 0, 0);
}

/* ---------------------------------------------------------------------------------- frames */

void frame_make(uint32_t from, struct frame *f, uint32_t len, uint64_t to)
{
	f->len = len;
	for (uint32_t k = 0; k < len; k++)
		f->bytes[k] = (uint8_t)rnd64();
	for (uint32_t k = 0; k < 6; k++) {
		f->bytes[k] = (uint8_t)(to >> (40 - 8 * k));
		f->bytes[6 + k] = (uint8_t)(node_mac(from) >> (40 - 8 * k));
	}
	f->bytes[12] = 0x88;
	f->bytes[13] = 0xb5;
}

/* In one to four pieces that lie anywhere in the slot of the first descriptor */
void netdev_send(uint32_t i, const struct frame *f)
{
	struct netdev *n = &netdevs[i];
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

/* Padded as the adapter does it before the wire */
void netdev_expect(uint32_t i, const struct frame *f)
{
	struct netdev *n = &netdevs[i];
	struct frame *to = &n->expect[n->in % RING];

	check(n->in - n->out < RING, "node %u: too many frames under way", i);
	n->maybe[n->in % RING] = false;
	n->in++;
	*to = *f;
	while (to->len < 60)
		to->bytes[to->len++] = 0;
}

void netdev_send_expected(uint32_t i, uint32_t len)
{
	static struct frame f;
	uint64_t to = chance(10) ? BROADCAST : chance(10) ? GROUP : node_mac(!i);

	frame_make(i, &f, len, to);
	netdev_expect(!i, &f);
	netdev_send(i, &f);
	netdevs[i].sent++;
}

void netdev_post_buffers(uint32_t i, uint32_t count, uint32_t len)
{
	struct netdev *n = &netdevs[i];

	for (uint32_t k = 0; k < count; k++) {
		uint64_t at = rq_ring(n) + n->rq % RING * 16ull;

		tb_mem_put64(at, rx_slot(n, n->rq));
		tb_mem_put64(at + 8, put(TERN_HW_ETH_RX_DESC_CTL_LEN_MASK, len));
		n->rq++;
	}
	ring_queue(i, TERN_HW_ETH_DB_RQ, n->rq);
}

static bool is_frame(const struct frame *f, uint64_t at, uint32_t len)
{
	static uint8_t bytes[MAX_FRAME];

	if (len != f->len)
		return false;
	tb_mem_get(at, bytes, len);
	return !memcmp(bytes, f->bytes, len);
}

static void take_received(uint32_t i, uint64_t at, uint64_t info)
{
	struct netdev *n = &netdevs[i];
	struct frame *f = &n->expect[n->out % RING];
	uint32_t len = tb_mem_get32(at + 8);
	uint64_t slot = rx_slot(n, n->rq_done);

	while (n->out != n->in && (n->lossy || n->maybe[n->out % RING]) && !is_frame(f, slot, len)) {
		n->lost++;
		f = &n->expect[++n->out % RING];
	}

	check(field(TERN_HW_ETH_CQE_INFO_INDEX_MASK, info) == (n->rq_done & 0xffff),
	      "node %u: descriptor %u instead of %u", i, field(TERN_HW_ETH_CQE_INFO_INDEX_MASK, info),
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

bool netdev_poll(uint32_t i, enum netdev_cq c, uint32_t budget)
{
	struct netdev *n = &netdevs[i];

	for (;;) {
		uint64_t at = cq_ring(n, c) + n->cq[c] % (1u << LOG_CQ) * 32ull;
		uint64_t info = tb_mem_get64(at + 24);

		if (field(TERN_HW_ETH_CQE_INFO_POLARITY_MASK, info) == (n->cq[c] >> LOG_CQ & 1))
			return true;
		if (!budget--)
			return false;
		/* Of a frame whose queue was destroyed when a part of it had been read */
		check(!field(TERN_HW_ETH_CQE_INFO_STATUS_MASK, info) ||
		      (n->ending && c == NETDEV_TX_CQ && field(TERN_HW_ETH_CQE_INFO_STATUS_MASK, info) ==
						  TERN_HW_WC_STATUS_LOC_QP_OP),
		      "node %u: CQ %u: status %u", i, c,
		      field(TERN_HW_ETH_CQE_INFO_STATUS_MASK, info));
		check(field(TERN_HW_ETH_CQE_INFO_RX_MASK, info) == (c == NETDEV_RX_CQ), "wrong kind of entry");
		if (c == NETDEV_RX_CQ)
			take_received(i, at, info);
		else
			n->sq_done = n->sq - (uint16_t)(n->sq - 1 -
				field(TERN_HW_ETH_CQE_INFO_INDEX_MASK, info));
		n->cq[c]++;
	}
}

void netdev_serve(uint32_t i)
{
	struct netdev *n = &netdevs[i];
	uint64_t fired = bus(BUS_IRQ, i, 0, 0);

	for (uint32_t c = 1; c < NETDEV_CQS; c++) {
		if (fired >> (c == NETDEV_RX_CQ ? VEC_RX : VEC_TX) & 1)
			n->pending[c] = true;
		if (!n->pending[c])
			continue;
		n->pending[c] = !netdev_poll(i, c, 1 + rnd(32));
		ring_cq(i, c, n->cq[c], !n->pending[c]);
	}
}

uint32_t netdev_free_slots(const struct netdev *n)
{
	return RING - (n->sq - n->sq_done);
}

uint64_t netdev_digest(const struct netdev *n, bool rings)
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
