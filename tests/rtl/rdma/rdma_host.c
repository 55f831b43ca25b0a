// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The host of two adapters: brings both up, connects a QP of each with the other, and moves data
 * by every operation. What must come of it is simple: the bytes and one CQE per work request.
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

#define PAGE 4096ull
#define SD_BYTES (1ull << 21)
#define LOG_CQP 6u
#define LOG_Q 6u	/* slots of an SQ, entries of an RQ */
#define LOG_STRIDE 1u
#define LOG_CQ 8u
#define DB_PAGE 5u
#define PD 7u
#define MR_INDEX 3u
#define KEY (MR_INDEX << 8 | 0x5a)
#define VA 0x7f0012340000ull
#define DATA_BYTES (1ull << 20)
#define PATIENCE 100000u

/* As in tb_rdma.sv */
enum op { OP_FINISH, OP_WAIT, OP_READ, OP_WRITE, OP_DOORBELL, OP_IDLE };

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

static uint64_t get(uint64_t mask, uint64_t word)
{
	return (word & mask) >> __builtin_ctzll(mask);
}

static uint64_t rnd64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* ------------------------------------------------------------------------------- adapters */

struct node {
	uint64_t base;
	uint32_t posted;	/* commands */
	uint32_t sq, rq;	/* indexes of producers */
	uint32_t scq, rcq;	/* of consumers */
	uint32_t ae;
	uint32_t qpn;
	uint32_t write_cqes;
};

static struct node nodes[2];

static uint64_t cqp_ring(const struct node *n) { return n->base; }
static uint64_t buffer(const struct node *n) { return n->base + 0x100000; }
static uint64_t scq_ring(const struct node *n) { return n->base + 0x200000; }
static uint64_t rcq_ring(const struct node *n) { return n->base + 0x210000; }
static uint64_t aeq_ring(const struct node *n) { return n->base + 0x300000; }
static uint64_t sq_ring(const struct node *n) { return n->base + 0x400000; }
static uint64_t rq_ring(const struct node *n) { return n->base + 0x410000; }
static uint64_t data(const struct node *n) { return n->base + 0x10000000; }
static uint64_t hmc(const struct node *n) { return n->base + 0x80000000; }

static void show_events(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct node *n = &nodes[i];
		uint64_t at = buffer(n) + 0x8000;

		for (uint32_t k = 0; k < 16; k++) {
			uint64_t w = tb_mem_get64(aeq_ring(n) + 16 * k);
			uint64_t d = tb_mem_get64(aeq_ring(n) + 16 * k + 8);

			if (w || d)
				fprintf(stderr, "node %u AE %u: %016llx %016llx\n", i, k,
					(unsigned long long)w, (unsigned long long)d);
		}
		for (uint32_t k = 0; k < 64; k++)
			if (tb_mem_get64(at + 8 * k))
				fprintf(stderr, "node %u stat %u: %llu\n", i, k,
					(unsigned long long)tb_mem_get64(at + 8 * k));
	}
}

static uint64_t command(uint32_t i, const uint64_t *wqe, uint32_t id, uint32_t op);
static bool failing;

static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "FAILED at %llu ns: ", (unsigned long long)now_ns);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	if (!failing) {
		failing = true;
		for (uint32_t i = 0; i < 2; i++) {
			uint64_t w[8] = { 0, buffer(&nodes[i]) + 0x8000 };

			command(i, w, 0, TERN_HW_CQP_OP_QUERY_STATS);
		}
	}
	show_events();
	exit(1);
}

#define check(ok, ...)                     \
	do {                               \
		if (!(ok))                 \
			fail(__VA_ARGS__); \
	} while (0)

/* Posts a command and waits for it by the registers */
static uint64_t command(uint32_t i, const uint64_t *wqe, uint32_t id, uint32_t op)
{
	struct node *n = &nodes[i];
	uint64_t at = cqp_ring(n) + (n->posted & ((1u << LOG_CQP) - 1)) * 64ull;
	bool odd = n->posted >> LOG_CQP & 1;
	uint32_t err;

	for (uint32_t k = 1; k < 8; k++)
		tb_mem_put64(at + 8 * k, wqe[k]);
	tb_mem_put64(at, put(TERN_HW_CQP_WQE_HDR_ID_MASK, id) | put(TERN_HW_CQP_WQE_HDR_OP_MASK, op) |
			 (odd ? 0 : TERN_HW_CQP_WQE_HDR_POLARITY_MASK));
	n->posted++;
	bus(OP_DOORBELL, i, TERN_HW_DB_CQP, put(TERN_HW_DB_Q_W_INDEX_MASK, n->posted & 0xffff));
	for (uint32_t k = 0;; k++) {
		uint32_t tail = (uint32_t)bus(OP_READ, i, TERN_HW_REG_CQP_TAIL, 0);

		if (get(TERN_HW_REG_CQP_TAIL_INDEX_MASK, tail) == (n->posted & 0xffff))
			break;
		if (k > 1000) {
			failing = true;
			fail("node %u: command %x does not end", i, op);
		}
		bus(OP_WAIT, 0, 50, 0);
	}
	err = (uint32_t)bus(OP_READ, i, TERN_HW_REG_CQP_ERR, 0);
	if (err)
		failing = true;
	check(!err, "node %u: command %x: %08x, result %x", i, op, err,
	      (uint32_t)bus(OP_READ, i, TERN_HW_REG_CQP_RESULT_LO, 0));
	return 0;
}

static void gid_octets(uint32_t i, uint64_t *words)
{
	uint8_t gid[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, (uint8_t)(1 + i) };

	memcpy(words, gid, 16);
}

static uint64_t mac(uint32_t i)
{
	return 0x020000000010ull + i;
}

static void bring_up(uint32_t i)
{
	struct node *n = &nodes[i];
	uint64_t w[8] = { 0 }, at;
	uint32_t sds;

	memset(n, 0, sizeof(*n));
	n->base = (i + 1ull) << 40;
	n->qpn = 2 + i;
	tb_mem_map(n->base, 0x1000000, TB_MEM_READ | TB_MEM_WRITE);
	tb_mem_map(data(n), DATA_BYTES, TB_MEM_READ | TB_MEM_WRITE);
	bus(OP_WRITE, i, TERN_HW_REG_CQP_BASE_LO, (uint32_t)cqp_ring(n));
	bus(OP_WRITE, i, TERN_HW_REG_CQP_BASE_HI, cqp_ring(n) >> 32);
	bus(OP_WRITE, i, TERN_HW_REG_CQP_CTRL, put(TERN_HW_REG_CQP_CTRL_LOG_SIZE_MASK, LOG_CQP) |
	    TERN_HW_REG_CQP_CTRL_ENABLE_MASK);
	for (uint32_t k = 0; bus(OP_READ, i, TERN_HW_REG_CQP_STATUS, 0) != 1; k++)
		check(k < 100, "the CQP does not start");

	/* Memory of contexts */
	at = buffer(n);
	for (uint32_t k = 0; k < 32; k++)
		tb_mem_put64(at + 8 * k, 0);
	tb_mem_put32(at + 16 * (TERN_HW_HMC_KIND_QP + 1), 64);
	tb_mem_put32(at + 16 * (TERN_HW_HMC_KIND_CQ + 1), 64);
	tb_mem_put32(at + 16 * (TERN_HW_HMC_KIND_MRTE + 1), 64);
	tb_mem_put32(at + 16 * (TERN_HW_HMC_KIND_PBLE + 1), 1024);
	tb_mem_put32(at + 16 * (TERN_HW_HMC_KIND_IRRQ + 1), 64);
	w[1] = at;
	command(i, w, 0, TERN_HW_CQP_OP_COMMIT_FPM);
	sds = tb_mem_get32(at + 4);
	check(sds > 0 && sds < 20, "%u segments", sds);
	tb_mem_map(hmc(n), sds * SD_BYTES, TB_MEM_READ | TB_MEM_WRITE);
	for (uint32_t sd = 0; sd < sds; sd++) {
		uint64_t s[8] = { 0, put(TERN_HW_CQP_SDS_WQE_CTL_COUNT_MASK, 1),
			put(TERN_HW_SD_ENTRY_WHAT_SD_MASK, sd) |
			put(TERN_HW_SD_ENTRY_WHAT_OP_MASK, TERN_HW_SD_OP_DIRECT),
			hmc(n) + sd * SD_BYTES };

		command(i, s, 0, TERN_HW_CQP_OP_UPDATE_SDS);
	}

	uint64_t aeq[8] = { 0, aeq_ring(n), put(TERN_HW_CQP_EQ_WQE_ATTR_LOG_SIZE_MASK, 4) };
	command(i, aeq, 0, TERN_HW_CQP_OP_CREATE_AEQ);

	uint64_t g[8] = { 0, TERN_HW_CQP_GID_WQE_ATTR_IPV4_MASK |
		put(TERN_HW_CQP_GID_WQE_ATTR_OP_MASK, TERN_HW_GID_OP_SET) };
	gid_octets(i, &g[2]);
	g[4] = mac(i);
	command(i, g, 0, TERN_HW_CQP_OP_MANAGE_GID);

	for (uint32_t k = 0; k < 2; k++) {
		uint64_t c[8] = { 0, k ? rcq_ring(n) : scq_ring(n),
			put(TERN_HW_CQP_CQ_WQE_ATTR_LOG_SIZE_MASK, LOG_CQ) |
			put(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_MASK, DB_PAGE) };

		command(i, c, 10 + k, TERN_HW_CQP_OP_CREATE_CQ);
	}

	uint64_t r[8] = { 0, 0x5aull << 24 | (uint64_t)PD << 32 | 0xf << 4, VA, DATA_BYTES, data(n) };
	command(i, r, MR_INDEX, TERN_HW_CQP_OP_REG_MR);

	uint64_t q[8] = { 0, sq_ring(n), rq_ring(n),
		put(TERN_HW_CQP_QP_WQE_CQS_SCQ_MASK, 10) | put(TERN_HW_CQP_QP_WQE_CQS_RCQ_MASK, 11) |
		put(TERN_HW_CQP_QP_WQE_CQS_PAGE_MASK, DB_PAGE),
		put(TERN_HW_CQP_QP_WQE_ATTR_PD_MASK, PD) |
		put(TERN_HW_CQP_QP_WQE_ATTR_SQ_LOG_SIZE_MASK, LOG_Q) |
		put(TERN_HW_CQP_QP_WQE_ATTR_RQ_LOG_SIZE_MASK, LOG_Q) |
		put(TERN_HW_CQP_QP_WQE_ATTR_RQ_LOG_STRIDE_MASK, LOG_STRIDE) |
		TERN_HW_CQP_QP_WQE_ATTR_SQ_VALID_MASK | TERN_HW_CQP_QP_WQE_ATTR_RQ_VALID_MASK };
	command(i, q, n->qpn, TERN_HW_CQP_OP_CREATE_QP);
}

static void modify(uint32_t i, uint32_t mask, uint32_t state)
{
	uint64_t w[8] = { 0, buffer(&nodes[i]) + 0x1000,
		put(TERN_HW_CQP_MODIFY_QP_WQE_CTL_MASK_MASK, mask) |
		put(TERN_HW_CQP_MODIFY_QP_WQE_CTL_STATE_MASK, state) |
		TERN_HW_CQP_MODIFY_QP_WQE_CTL_SET_STATE_MASK };

	command(i, w, nodes[i].qpn, TERN_HW_CQP_OP_MODIFY_QP);
}

static void connect_qp(uint32_t i)
{
	struct node *n = &nodes[i];
	uint64_t attr[8] = {
		put(TERN_HW_QP_ATTR_CONN_DEST_QPN_MASK, nodes[!i].qpn) |
		put(TERN_HW_QP_ATTR_CONN_MTU_MASK, TERN_HW_MTU_M1024) |
		put(TERN_HW_QP_ATTR_CONN_MAX_RD_MASK, 4) |
		put(TERN_HW_QP_ATTR_CONN_MAX_DEST_RD_MASK, 4) |
		put(TERN_HW_QP_ATTR_CONN_TIMEOUT_MASK, 8) |
		put(TERN_HW_QP_ATTR_CONN_RETRY_CNT_MASK, 7) |
		put(TERN_HW_QP_ATTR_CONN_RNR_RETRY_MASK, 7) |
		put(TERN_HW_QP_ATTR_CONN_MIN_RNR_TIMER_MASK, 1),
		put(TERN_HW_QP_ATTR_PSN_SQ_MASK, 0xfffff0 + i) |
		put(TERN_HW_QP_ATTR_PSN_RQ_MASK, 0xfffff0 + !i),
		put(TERN_HW_QP_ATTR_RIGHTS_ACCESS_MASK, 0xf) | 0xffff0000,
		put(TERN_HW_QP_ATTR_NET_UDP_SPORT_MASK, 0xc123) |
		put(TERN_HW_QP_ATTR_NET_HOP_LIMIT_MASK, 64),
		mac(!i),
	};

	gid_octets(!i, &attr[5]);
	for (uint32_t k = 0; k < 8; k++)
		tb_mem_put64(buffer(n) + 0x1000 + 8 * k, attr[k]);
	modify(i, TERN_HW_QP_ATTR_MASK_ACCESS, TERN_HW_QP_STATE_INIT);
	modify(i, TERN_HW_QP_ATTR_MASK_PATH | TERN_HW_QP_ATTR_MASK_DEST_QPN |
	       TERN_HW_QP_ATTR_MASK_MTU | TERN_HW_QP_ATTR_MASK_RQ_PSN |
	       TERN_HW_QP_ATTR_MASK_MAX_DEST_RD | TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER,
	       TERN_HW_QP_STATE_RTR);
	modify(i, TERN_HW_QP_ATTR_MASK_TIMEOUT | TERN_HW_QP_ATTR_MASK_RETRY_CNT |
	       TERN_HW_QP_ATTR_MASK_RNR_RETRY | TERN_HW_QP_ATTR_MASK_SQ_PSN |
	       TERN_HW_QP_ATTR_MASK_MAX_RD, TERN_HW_QP_STATE_RTS);
}

/* --------------------------------------------------------------------------------- traffic */

static void ring(uint32_t i, uint32_t which, uint32_t index)
{
	bus(OP_DOORBELL, i, DB_PAGE * PAGE + which,
	    put(TERN_HW_DB_Q_W_NUM_MASK, nodes[i].qpn) |
	    put(TERN_HW_DB_Q_W_INDEX_MASK, index & 0xffff));
}

static void post_recv(uint32_t i, uint64_t offset, uint32_t len)
{
	struct node *n = &nodes[i];
	uint64_t at = rq_ring(n) + (n->rq & ((1u << LOG_Q) - 1)) * (16ull << LOG_STRIDE);

	tb_mem_put64(at, VA + offset);
	tb_mem_put64(at + 8, len | (uint64_t)KEY << 32);
	tb_mem_put64(at + 16, 0);
	tb_mem_put64(at + 24, 0);
	n->rq++;
	ring(i, TERN_HW_DB_RQ, n->rq);
}

static void post_send(uint32_t i, uint32_t op, uint64_t offset, uint32_t len, uint64_t remote,
		      uint64_t operand, uint64_t compare)
{
	struct node *n = &nodes[i];
	uint64_t at = sq_ring(n) + (n->sq & ((1u << LOG_Q) - 1)) * 64ull;
	bool odd = n->sq >> LOG_Q & 1;

	tb_mem_put64(at + 8, VA + remote);
	tb_mem_put64(at + 16, KEY | 0x12345678ull << 32);
	tb_mem_put64(at + 24, 0);
	tb_mem_put64(at + 32, VA + offset);
	tb_mem_put64(at + 40, len | (uint64_t)KEY << 32);
	tb_mem_put64(at + 48, operand);
	tb_mem_put64(at + 56, compare);
	tb_mem_put64(at, put(TERN_HW_SQ_WQE_HDR_OP_MASK, op) |
		     put(TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK, 1) | TERN_HW_SQ_WQE_HDR_SIGNALED_MASK |
		     put(TERN_HW_SQ_WQE_HDR_SLOTS_MASK, 1) |
		     (odd ? 0 : TERN_HW_SQ_WQE_HDR_POLARITY_MASK));
	n->sq++;
	ring(i, TERN_HW_DB_SQ, n->sq);
}

static void wait_cqe(uint32_t i, bool recv, uint32_t opcode, uint32_t len, uint32_t wqe)
{
	struct node *n = &nodes[i];
	uint32_t *index = recv ? &n->rcq : &n->scq;
	uint64_t at = (recv ? rcq_ring(n) : scq_ring(n)) + (*index & ((1u << LOG_CQ) - 1)) * 32ull;
	bool odd = *index >> LOG_CQ & 1;
	uint64_t info = 0;

	for (uint32_t k = 0;; k++) {
		info = tb_mem_get64(at + 24);
		if (!!(info & TERN_HW_CQE_INFO_POLARITY_MASK) == !odd)
			break;
		check(k < PATIENCE / 20, "node %u: no %s CQE %u", i, recv ? "receive" : "send", *index);
		bus(OP_WAIT, 0, 20, 0);
	}
	check(!get(TERN_HW_CQE_INFO_STATUS_MASK, info), "node %u: %s CQE %u has status %u", i,
	      recv ? "receive" : "send", *index, (uint32_t)get(TERN_HW_CQE_INFO_STATUS_MASK, info));
	check(get(TERN_HW_CQE_INFO_QPN_MASK, info) == n->qpn, "QPN of a CQE: %llx",
	      (unsigned long long)info);
	check(!!(info & TERN_HW_CQE_INFO_RQ_MASK) == recv, "rq of a CQE");
	if (!recv)
		check(get(TERN_HW_CQE_INFO_OPCODE_MASK, info) == opcode, "opcode of a CQE");
	if (recv || opcode == TERN_HW_WQE_OP_READ)
		check(tb_mem_get32(at + 8) == len, "length of a CQE: %u, not %u",
		      tb_mem_get32(at + 8), len);
	check(get(TERN_HW_CQE_PEER_WQE_INDEX_MASK, tb_mem_get64(at + 16)) == (wqe & 0xffff),
	      "wqe_index of a CQE");
	++*index;
	bus(OP_DOORBELL, i, DB_PAGE * PAGE + TERN_HW_DB_CQ,
	    put(TERN_HW_DB_CQ_W_NUM_MASK, recv ? 11 : 10) |
	    put(TERN_HW_DB_CQ_W_INDEX_MASK, *index & 0xffffff));
}

static void fill(uint32_t i, uint64_t offset, uint32_t len)
{
	for (uint32_t k = 0; k < len; k++)
		tb_mem_put8(data(&nodes[i]) + offset + k, (uint8_t)rnd64());
}

static void same(uint32_t i, uint64_t a, uint64_t b, uint32_t len, const char *what)
{
	for (uint32_t k = 0; k < len; k++) {
		uint32_t x = tb_mem_get8(data(&nodes[i]) + a + k);
		uint32_t y = tb_mem_get8(data(&nodes[!i]) + b + k);

		check(x == y, "%s of %u bytes: byte %u is %02x, not %02x", what, len, k, y, x);
	}
}

static void one(uint32_t i, uint32_t op, uint32_t len)
{
	struct node *n = &nodes[i], *peer = &nodes[!i];
	uint64_t from = rnd64() % 0x10000, to = 0x40000 + rnd64() % 0x10000;
	bool recv = op == TERN_HW_WQE_OP_SEND || op == TERN_HW_WQE_OP_SEND_IMM ||
		    op == TERN_HW_WQE_OP_WRITE_IMM;
	bool atomic = op == TERN_HW_WQE_OP_CMP_SWAP || op == TERN_HW_WQE_OP_FETCH_ADD;
	uint64_t before, operand = rnd64();

	if (atomic) {
		to &= ~7ull;
		len = 8;
		before = rnd64();
		tb_mem_put64(data(peer) + to, before);
		post_send(i, op, from, 8, to, operand, before);
		wait_cqe(i, false, op, len, n->sq - 1);
		check(tb_mem_get64(data(n) + from) == before, "value of an atomic: %llx, not %llx",
		      (unsigned long long)tb_mem_get64(data(n) + from), (unsigned long long)before);
		check(tb_mem_get64(data(peer) + to) ==
		      (op == TERN_HW_WQE_OP_FETCH_ADD ? before + operand : operand),
		      "result of an atomic");
		return;
	}
	fill(op == TERN_HW_WQE_OP_READ ? !i : i, op == TERN_HW_WQE_OP_READ ? to : from, len);
	if (recv)
		post_recv(!i, to, len + (uint32_t)(rnd64() % 100));
	post_send(i, op, from, len, to, 0, 0);
	wait_cqe(i, false, op, len, n->sq - 1);
	if (recv)
		wait_cqe(!i, true, 0, len, peer->rq - 1);
	if (op == TERN_HW_WQE_OP_READ)
		same(!i, to, from, len, "READ");
	else
		same(i, from, to, len, recv ? "SEND" : "WRITE");
}

static void say(const char *what)
{
	printf("rdma: %s at %llu ns\n", what, (unsigned long long)now_ns);
	fflush(stdout);
}

static void host_program(void)
{
	static const uint8_t ops[] = { TERN_HW_WQE_OP_SEND, TERN_HW_WQE_OP_WRITE, TERN_HW_WQE_OP_READ,
		TERN_HW_WQE_OP_WRITE_IMM, TERN_HW_WQE_OP_SEND_IMM, TERN_HW_WQE_OP_FETCH_ADD,
		TERN_HW_WQE_OP_CMP_SWAP };

	for (uint32_t k = 0; !bus(OP_IDLE, 0, 0, 0); k++) {
		check(k < 1000, "not idle after reset");
		bus(OP_WAIT, 0, 100, 0);
	}
	say("idle after reset");
	bring_up(0);
	bring_up(1);
	say("QPs are there");
	connect_qp(0);
	connect_qp(1);
	say("connected");
	one(0, TERN_HW_WQE_OP_SEND, 100);
	say("SEND");
	one(0, TERN_HW_WQE_OP_WRITE, 100);
	say("WRITE");
	one(1, TERN_HW_WQE_OP_READ, 5000);
	say("READ");
	one(0, TERN_HW_WQE_OP_FETCH_ADD, 8);
	one(1, TERN_HW_WQE_OP_CMP_SWAP, 8);
	say("atomics");
	one(0, TERN_HW_WQE_OP_SEND, 20000);
	one(1, TERN_HW_WQE_OP_WRITE, 20000);
	say("long messages");
	for (uint64_t k = 0; k < wanted; k++)
		one((uint32_t)(rnd64() & 1), ops[rnd64() % sizeof(ops)], (uint32_t)(rnd64() % 9000));
	say("random messages");
	for (uint32_t k = 0; !bus(OP_IDLE, 0, 0, 0); k++) {
		check(k < 1000, "not idle at the end");
		bus(OP_WAIT, 0, 100, 0);
	}
	for (uint32_t i = 0; i < 2; i++) {
		uint64_t w[8] = { 0 };

		command(i, w, nodes[i].qpn, TERN_HW_CQP_OP_DESTROY_QP);
		w[1] = 0x5aull << 24;
		command(i, w, MR_INDEX, TERN_HW_CQP_OP_DEREG_MR);
		say("destroyed");
	}
	bus(OP_FINISH, 0, 0, 0);
}

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
