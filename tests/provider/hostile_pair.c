// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Pairs of QPs, and the process that uses one as it should
 */

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "hostile.h"

#define RIGHTS	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_READ | \
		 IBV_ACCESS_REMOTE_ATOMIC)
#define CANARY	0x5a
#define PSN	0xfffff0	/* wraps soon */
#define TELL	16		/* entries of a CQ; far less than a quarter */

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "FAIL: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

static struct ibv_context *open_device(const char *name)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	struct ibv_context *ctx = NULL;
	int i;

	for (i = 0; list && list[i]; i++)
		if (!strcmp(ibv_get_device_name(list[i]), name))
			ctx = ibv_open_device(list[i]);
	if (!ctx)
		fail("no device %s", name);
	ibv_free_device_list(list);
	return ctx;
}

/* The first GID that is an IPv4 address */
static void find_gid(struct end *end)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	int i;

	for (i = 0; i < 16; i++) {
		if (ibv_query_gid(end->ctx, 1, i, &end->gid))
			continue;
		if (!memcmp(end->gid.raw, mapped, sizeof(mapped))) {
			end->gid_index = i;
			return;
		}
	}
	fail("no IPv4 address");
}

static void end_open(struct end *end, const char *device)
{
	struct ibv_qp_init_attr attr = {
		.cap = { PAIR_SLOTS, PAIR_ENTRIES, 2, 4, 0 },
		.qp_type = IBV_QPT_RC,
		.sq_sig_all = 1,
	};

	end->ctx = open_device(device);
	find_gid(end);
	end->pd = ibv_alloc_pd(end->ctx);
	end->cq = ibv_create_cq(end->ctx, 4 * PAIR_SLOTS, NULL, NULL, 0);
	end->area = mmap(NULL, AREA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	if (!end->pd || !end->cq || end->area == MAP_FAILED)
		fail("%s: %s", device, strerror(errno));
	end->mr = ibv_reg_mr(end->pd, region(end), REGION_BYTES, RIGHTS);
	attr.send_cq = end->cq;
	attr.recv_cq = end->cq;
	end->qp = ibv_create_qp(end->pd, &attr);
	if (!end->mr || !end->qp)
		fail("%s: region or QP: %s", device, strerror(errno));
	end->raw = to_tern_qp(end->qp);
}

void pair_open(struct pair *pair)
{
	end_open(&pair->a, "tern0");
	end_open(&pair->b, "tern1");
}

static void end_close(struct end *end)
{
	if (ibv_destroy_qp(end->qp) || ibv_dereg_mr(end->mr) || ibv_destroy_cq(end->cq) ||
	    ibv_dealloc_pd(end->pd) || ibv_close_device(end->ctx))
		fail("not everything can be freed: %s", strerror(errno));
	munmap(end->area, AREA_BYTES);
}

void pair_close(struct pair *pair)
{
	end_close(&pair->a);
	end_close(&pair->b);
}

static void modify(struct end *end, struct ibv_qp_attr *attr, int mask)
{
	int err = ibv_modify_qp(end->qp, attr, mask);

	if (err)
		fail("modify_qp to %d: %s", attr->qp_state, strerror(err));
}

static void to_rtr(struct end *end, const struct end *peer)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT, .port_num = 1, .qp_access_flags = RIGHTS,
	};

	modify(end, &attr, IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_ACCESS_FLAGS);
	attr = (struct ibv_qp_attr) {
		.qp_state = IBV_QPS_RTR, .path_mtu = IBV_MTU_1024, .dest_qp_num = peer->qp->qp_num,
		.rq_psn = PSN, .max_dest_rd_atomic = 4, .min_rnr_timer = 1,
		.ah_attr = {
			.grh = { peer->gid, 0, end->gid_index, 64, 0 }, .is_global = 1,
			.port_num = 1,
		},
	};
	modify(end, &attr, IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN |
			   IBV_QP_RQ_PSN | IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER);
}

static void to_rts(struct end *end)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTS, .timeout = 17, .retry_cnt = 7, .rnr_retry = 3,
		.sq_psn = PSN, .max_rd_atomic = 4,
	};

	modify(end, &attr, IBV_QP_STATE | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
			   IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC);
}

void pair_connect(struct pair *pair)
{
	to_rtr(&pair->a, &pair->b);
	to_rtr(&pair->b, &pair->a);
	to_rts(&pair->a);
	to_rts(&pair->b);
}

/* Back to the first state, with no completion of the past left */
void pair_reset(struct pair *pair)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_RESET };
	struct raw_cqe cqe;

	modify(&pair->a, &attr, IBV_QP_STATE);
	modify(&pair->b, &attr, IBV_QP_STATE);
	while (take_cqe(&pair->a, &cqe) || take_cqe(&pair->b, &cqe))
		;
}

static void store64(void *page, uint32_t offset, uint64_t value)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*(volatile uint64_t *)((uint8_t *)page + offset) = value;
}

bool take_cqe(struct end *end, struct raw_cqe *cqe)
{
	struct tern_cq *cq = to_tern_cq(end->cq);
	const struct tern_hw_cqe *hw = tern_ring_cqe(&cq->ring);
	uint64_t info = *(const volatile uint64_t *)&hw->info;

	if (!tern_ring_cqe_is_new(&cq->ring, info))
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	cqe->qpn = FIELD_GET(TERN_HW_CQE_INFO_QPN_MASK, info);
	cqe->status = FIELD_GET(TERN_HW_CQE_INFO_STATUS_MASK, info);
	cqe->opcode = FIELD_GET(TERN_HW_CQE_INFO_OPCODE_MASK, info);
	cqe->recv = info & TERN_HW_CQE_INFO_RQ_MASK;
	cqe->index = FIELD_GET(TERN_HW_CQE_PEER_WQE_INDEX_MASK, le64toh(hw->peer));
	cq->ring.index++;
	if (cq->ring.index % TELL == 0)
		store64(cq->doorbells, TERN_HW_DB_CQ,
			FIELD_PREP(TERN_HW_DB_CQ_W_NUM_MASK, cq->cqn) |
			FIELD_PREP(TERN_HW_DB_CQ_W_INDEX_MASK,
				   (uint64_t)cq->ring.index & 0xffffff));
	return true;
}

bool wait_cqe(struct end *end, struct raw_cqe *cqe, int ms)
{
	uint64_t end_ms = now_ms() + ms;

	while (!take_cqe(end, cqe)) {
		if (now_ms() > end_ms)
			return false;
		usleep(100);
	}
	return true;
}

/* The header last, as the device may be reading already */
void put_slot(struct end *end, uint32_t index, const void *slot)
{
	volatile uint64_t *to = (uint64_t *)(end->raw->sq.buf + (index % PAIR_SLOTS) * 64);
	const uint64_t *from = slot;
	int i;

	for (i = 7; i >= 0; i--)
		to[i] = from[i];
}

void ring_sq(struct end *end, uint32_t qpn, uint16_t index)
{
	store64(end->raw->doorbells, TERN_HW_DB_SQ,
		qpn | FIELD_PREP(TERN_HW_DB_Q_W_INDEX_MASK, (uint64_t)index));
}

void ring_rq(struct end *end, uint32_t qpn, uint16_t index)
{
	store64(end->raw->doorbells, TERN_HW_DB_RQ,
		qpn | FIELD_PREP(TERN_HW_DB_Q_W_INDEX_MASK, (uint64_t)index));
}

uint8_t *region(const struct end *end)
{
	return end->area + REGION_OFFSET;
}

void area_fill(struct end *end)
{
	memset(end->area, CANARY, AREA_BYTES);
}

/* What is no part of the region was not written to */
void area_check(const struct end *end)
{
	size_t i;

	for (i = 0; i < AREA_BYTES; i++)
		if ((i < REGION_OFFSET || i >= REGION_OFFSET + REGION_BYTES) &&
		    end->area[i] != CANARY)
			fail("byte %zu of memory that is nobody's was written", i);
}

static void victim_send(struct end *end, struct ibv_send_wr *wr, struct ibv_sge *sge)
{
	struct ibv_send_wr *bad;
	int err;

	wr->sg_list = sge;
	wr->num_sge = 1;
	err = ibv_post_send(end->qp, wr, &bad);
	if (err)
		fail("victim: post_send: %s", strerror(err));
}

static void victim_wait(struct end *end)
{
	uint64_t end_ms = now_ms() + 60000;
	struct ibv_wc wc;

	while (!ibv_poll_cq(end->cq, 1, &wc))
		if (now_ms() > end_ms)
			fail("victim: no completion");
	if (wc.status != IBV_WC_SUCCESS)
		fail("victim: %s", ibv_wc_status_str(wc.status));
}

static void victim_round(struct pair *pair, uint64_t *random)
{
	uint32_t op = next_random(random) % 3, length = 1 + next_random(random) % 3000;
	uint32_t i, from_at = next_random(random) % 1000, to_at = next_random(random) % 1000;
	uint8_t *from = region(op == 2 ? &pair->b : &pair->a) + from_at;
	uint8_t *to = region(op == 2 ? &pair->a : &pair->b) + to_at;
	struct ibv_sge here = { (uintptr_t)(op == 2 ? to : from), length, pair->a.mr->lkey };
	struct ibv_sge there = { (uintptr_t)to, length, pair->b.mr->lkey };
	struct ibv_recv_wr recv = { .sg_list = &there, .num_sge = 1 }, *bad;
	struct ibv_send_wr wr = {
		.opcode = op == 0 ? IBV_WR_SEND : op == 1 ? IBV_WR_RDMA_WRITE : IBV_WR_RDMA_READ,
		.wr.rdma = { (uintptr_t)(op == 2 ? from : to), pair->b.mr->rkey },
	};

	area_fill(&pair->a);
	area_fill(&pair->b);
	for (i = 0; i < length; i++)
		from[i] = next_random(random);
	if (op == 0 && ibv_post_recv(pair->b.qp, &recv, &bad))
		fail("victim: post_recv");
	victim_send(&pair->a, &wr, &here);
	victim_wait(&pair->a);
	if (op == 0)
		victim_wait(&pair->b);
	if (memcmp(from, to, length))
		fail("victim: wrong data");
	area_check(&pair->a);
	area_check(&pair->b);
}

/* Tells its keys and QP number, works until it is told to stop, tells how much it did */
void run_victim(int stop_fd, int report_fd)
{
	struct pollfd stop = { .fd = stop_fd, .events = POLLIN };
	uint64_t random = 88172645463325252ull;
	struct pair pair = {};
	uint32_t told[3], rounds = 0;

	pair_open(&pair);
	pair_connect(&pair);
	told[0] = pair.b.mr->rkey;
	told[1] = pair.a.mr->lkey;
	told[2] = pair.a.qp->qp_num;
	if (write(report_fd, told, sizeof(told)) != sizeof(told))
		fail("victim: pipe");
	while (!poll(&stop, 1, 0)) {
		victim_round(&pair, &random);
		rounds++;
	}
	pair_close(&pair);
	if (write(report_fd, &rounds, sizeof(rounds)) != sizeof(rounds))
		fail("victim: pipe");
	exit(0);
}
