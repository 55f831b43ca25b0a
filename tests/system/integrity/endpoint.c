// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Verbs objects of the integrity test, see endpoint.h
 */

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "endpoint.h"

#define PORT		1
#define WC_BATCH	16
#define MAX_CHAIN	4
#define EVENT_WAIT_MS	1000
#define VENDOR_SOFT_ROCE	0xffffffu

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "integrity: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

static void check(const void *object, const char *what)
{
	if (!object)
		fail("%s: %s", what, strerror(errno));
}

/* ------------------------------------------------------------------------------------ set up */

static struct ibv_context *open_device(const char *name)
{
	struct ibv_device **list = ibv_get_device_list(NULL), **at;
	struct ibv_context *context = NULL;

	check(list, "device list");
	for (at = list; *at && !context; at++)
		if (!name || !strcmp(ibv_get_device_name(*at), name))
			context = ibv_open_device(*at);
	ibv_free_device_list(list);
	return context;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static struct ibv_qp *create_qp(struct endpoint *end)
{
	const struct settings *settings = end->settings;
	struct ibv_qp_init_attr attr = {
		.send_cq = end->send_cq,
		.recv_cq = end->recv_cq,
		.qp_type = IBV_QPT_RC,
		.cap = {
			.max_send_wr = settings->messages + 1,
			.max_recv_wr = settings->messages + 1,
			.max_send_sge = end->me.max_sge,
			.max_recv_sge = end->me.max_sge,
			.max_inline_data = 64,
		},
	};
	struct ibv_qp *qp = ibv_create_qp(end->pd, &attr);

	check(qp, "create_qp");
	end->me.max_inline = smaller(end->me.max_inline, attr.cap.max_inline_data);
	return qp;
}

static void to_init(struct ibv_qp *qp)
{
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT,
		.port_num = PORT,
		.qp_access_flags = IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_READ |
				   IBV_ACCESS_REMOTE_ATOMIC,
	};
	int err = ibv_modify_qp(qp, &attr, IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT |
				IBV_QP_ACCESS_FLAGS);

	if (err)
		fail("modify to INIT: %s", strerror(err));
}

static void introduce(struct endpoint *end)
{
	const struct settings *settings = end->settings;
	struct introduction *me = &end->me;

	if (ibv_query_gid(end->context, PORT, settings->gid_index, &me->gid))
		fail("no GID %d", settings->gid_index);
	me->seed = settings->seed;
	me->address = (uintptr_t)end->region;
	me->bytes = settings->bytes;
	me->rkey = end->mr->rkey;
	me->qps = settings->qps;
	me->messages = settings->messages;
	me->rounds = settings->rounds;
	me->max_length = settings->max_length;
	me->mtu = settings->mtu;
}

static void query_limits(struct endpoint *end)
{
	const struct settings *settings = end->settings;
	struct ibv_device_attr attr;

	if (ibv_query_device(end->context, &attr))
		fail("query_device: %s", strerror(errno));
	end->me.max_sge = smaller((uint32_t)attr.max_sge, PLAN_MAX_SGE);
	end->me.max_rd = smaller((uint32_t)attr.max_qp_rd_atom, (uint32_t)attr.max_qp_init_rd_atom);
	end->me.max_inline = 64;
	end->me.fragile = settings->lossy && attr.vendor_id == VENDOR_SOFT_ROCE;
}

void endpoint_open(struct endpoint *end, const struct settings *settings)
{
	int cqes = (int)(settings->qps * (settings->messages + 1));
	uint32_t i;

	memset(end, 0, sizeof(*end));
	end->settings = settings;
	end->context = open_device(settings->device);
	check(end->context, "open_device");
	query_limits(end);
	end->pd = ibv_alloc_pd(end->context);
	check(end->pd, "alloc_pd");
	if (settings->events) {
		end->events = ibv_create_comp_channel(end->context);
		check(end->events, "create_comp_channel");
	}
	end->send_cq = ibv_create_cq(end->context, cqes, NULL, end->events, 0);
	check(end->send_cq, "create_cq");
	end->recv_cq = ibv_create_cq(end->context, cqes, NULL, end->events, 0);
	check(end->recv_cq, "create_cq");
	end->region = mmap(NULL, settings->bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	check(end->region == MAP_FAILED ? NULL : end->region, "memory");
	end->mr = ibv_reg_mr(end->pd, end->region, settings->bytes,
			     IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE |
			     IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_ATOMIC);
	check(end->mr, "reg_mr");
	introduce(end);
	for (i = 0; i < settings->qps; i++) {
		end->qp[i] = create_qp(end);
		to_init(end->qp[i]);
		end->me.qpn[i] = end->qp[i]->qp_num;
		/* Some wrap around soon */
		end->me.psn[i] = (0xffff00 + i * 0x010101) & 0xffffff;
	}
}

static void to_rts(struct endpoint *end, uint32_t i)
{
	uint8_t max_rd = (uint8_t)smaller(smaller(end->me.max_rd, end->peer.max_rd), 16);
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTR,
		.path_mtu = end->settings->mtu,
		.dest_qp_num = end->peer.qpn[i],
		.rq_psn = end->peer.psn[i],
		.max_dest_rd_atomic = max_rd,
		.min_rnr_timer = 12,
		.ah_attr = {
			.is_global = 1,
			.port_num = PORT,
			.grh = { .dgid = end->peer.gid, .hop_limit = 64,
				 .sgid_index = (uint8_t)end->settings->gid_index },
		},
	};
	int err = ibv_modify_qp(end->qp[i], &attr,
				IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN |
				IBV_QP_RQ_PSN | IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER);

	if (err)
		fail("modify to RTR: %s", strerror(err));
	attr.qp_state = IBV_QPS_RTS;
	attr.timeout = end->settings->timeout;
	attr.retry_cnt = 7;
	attr.rnr_retry = 7;
	attr.sq_psn = end->me.psn[i];
	attr.max_rd_atomic = max_rd;
	err = ibv_modify_qp(end->qp[i], &attr,
			    IBV_QP_STATE | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
			    IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC);
	if (err)
		fail("modify to RTS: %s", strerror(err));
}

/* me and peer are exchanged */
void endpoint_connect(struct endpoint *end)
{
	uint32_t i;

	for (i = 0; i < end->settings->qps; i++)
		to_rts(end, i);
}

void endpoint_close(struct endpoint *end)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < end->settings->qps; i++)
		err |= ibv_destroy_qp(end->qp[i]);
	err |= ibv_destroy_cq(end->send_cq) | ibv_destroy_cq(end->recv_cq) |
	       ibv_dereg_mr(end->mr) | ibv_dealloc_pd(end->pd);
	if (end->events)
		err |= ibv_destroy_comp_channel(end->events);
	err |= ibv_close_device(end->context);
	if (err)
		fail("something could not be destroyed");
	munmap(end->region, end->settings->bytes);
}

/* ----------------------------------------------------------------------------------- posting */

static uint32_t make_sges(const struct endpoint *end, const struct piece *pieces, uint32_t count,
			  struct ibv_sge *sges)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		sges[i].addr = (uintptr_t)end->region + pieces[i].offset;
		sges[i].length = pieces[i].length;
		sges[i].lkey = end->mr->lkey;
	}
	return count;
}

void endpoint_post_receives(struct endpoint *end, const struct plan *plan)
{
	struct ibv_sge sges[PLAN_MAX_SGE];
	struct ibv_recv_wr *bad;
	uint32_t qp, i;

	for (qp = 0; qp < plan->qps; qp++)
		for (i = 0; i < plan->messages; i++) {
			const struct message *m = plan_message(plan, !plan->me, qp, i);
			struct ibv_recv_wr wr = { .wr_id = end->expected[qp], .sg_list = sges };
			int err;

			if (!op_is_received(m->op))
				continue;
			wr.num_sge = (int)make_sges(end, m->recv, m->num_recv, sges);
			err = ibv_post_recv(end->qp[qp], &wr, &bad);
			if (err)
				fail("post_recv: %s", strerror(err));
			end->expected[qp]++;
		}
}

static void make_send(const struct endpoint *end, const struct message *m, uint64_t number,
		      struct ibv_send_wr *wr, struct ibv_sge *sges)
{
	static const enum ibv_wr_opcode opcodes[] = {
		[OP_SEND] = IBV_WR_SEND, [OP_SEND_IMM] = IBV_WR_SEND_WITH_IMM,
		[OP_WRITE] = IBV_WR_RDMA_WRITE, [OP_WRITE_IMM] = IBV_WR_RDMA_WRITE_WITH_IMM,
		[OP_READ] = IBV_WR_RDMA_READ, [OP_SWAP] = IBV_WR_ATOMIC_CMP_AND_SWP,
		[OP_ADD] = IBV_WR_ATOMIC_FETCH_AND_ADD,
		[OP_SHARED_ADD] = IBV_WR_ATOMIC_FETCH_AND_ADD,
	};

	memset(wr, 0, sizeof(*wr));
	wr->wr_id = number;
	wr->opcode = opcodes[m->op];
	wr->sg_list = sges;
	wr->num_sge = (int)make_sges(end, m->local, m->num_local, sges);
	wr->send_flags = (m->signaled ? IBV_SEND_SIGNALED : 0u) | (m->fence ? IBV_SEND_FENCE : 0u) |
			 (m->solicited ? IBV_SEND_SOLICITED : 0u) |
			 (m->inlined ? IBV_SEND_INLINE : 0u);
	if (op_has_imm(m->op))
		wr->imm_data = m->imm;
	if (op_is_atomic(m->op)) {
		wr->wr.atomic.remote_addr = end->peer.address + m->remote;
		wr->wr.atomic.rkey = end->peer.rkey;
		wr->wr.atomic.compare_add = m->op == OP_SWAP ? m->compare : m->operand;
		wr->wr.atomic.swap = m->operand;
	} else {
		wr->wr.rdma.remote_addr = end->peer.address + m->remote;
		wr->wr.rdma.rkey = end->peer.rkey;
	}
}

/* Messages index to index + count - 1 of the round, at most MAX_CHAIN, in one call */
void endpoint_post_send(struct endpoint *end, const struct plan *plan, uint32_t qp, uint32_t index,
			uint32_t count)
{
	struct ibv_sge sges[MAX_CHAIN][PLAN_MAX_SGE];
	struct ibv_send_wr wr[MAX_CHAIN], *bad;
	uint32_t i;
	int err;

	for (i = 0; i < count; i++) {
		make_send(end, plan_message(plan, plan->me, qp, index + i), end->posted[qp] + i,
			  &wr[i], sges[i]);
		wr[i].next = i + 1 < count ? &wr[i + 1] : NULL;
	}
	/* The round has no other way to tell that all is done */
	if (index + count == plan->messages)
		wr[count - 1].send_flags |= IBV_SEND_SIGNALED;
	err = ibv_post_send(end->qp[qp], wr, &bad);
	if (err)
		fail("post_send: %s", strerror(err));
	end->posted[qp] += count;
}

/* ------------------------------------------------------------------------------- completions */

static uint32_t find_qp(const struct endpoint *end, const struct ibv_wc *wc)
{
	uint32_t i;

	if (wc->status != IBV_WC_SUCCESS)
		fail("QP %u, wr %llu: %s (vendor %#x)", wc->qp_num, (unsigned long long)wc->wr_id,
		     ibv_wc_status_str(wc->status), wc->vendor_err);
	for (i = 0; i < end->settings->qps; i++)
		if (end->me.qpn[i] == wc->qp_num)
			return i;
	fail("completion of QP %u, which is nobody's", wc->qp_num);
}

static bool is_signaled(const struct plan *plan, uint32_t qp, uint32_t index)
{
	return index + 1 == plan->messages || plan_message(plan, plan->me, qp, index)->signaled;
}

static void take_send(struct endpoint *end, const struct plan *plan, const struct ibv_wc *wc)
{
	static const enum ibv_wc_opcode opcodes[] = {
		[OP_SEND] = IBV_WC_SEND, [OP_SEND_IMM] = IBV_WC_SEND,
		[OP_WRITE] = IBV_WC_RDMA_WRITE, [OP_WRITE_IMM] = IBV_WC_RDMA_WRITE,
		[OP_READ] = IBV_WC_RDMA_READ, [OP_SWAP] = IBV_WC_COMP_SWAP,
		[OP_ADD] = IBV_WC_FETCH_ADD, [OP_SHARED_ADD] = IBV_WC_FETCH_ADD,
	};
	uint32_t qp = find_qp(end, wc);
	uint64_t number = end->completed[qp];
	const struct message *m;

	/* The next signaled one, no other */
	while (number < end->posted[qp] && !is_signaled(plan, qp, number % plan->messages))
		number++;
	if (number >= end->posted[qp] || wc->wr_id != number)
		fail("QP %u: completion of send %llu, expected %llu of %llu", wc->qp_num,
		     (unsigned long long)wc->wr_id, (unsigned long long)number,
		     (unsigned long long)end->posted[qp]);
	m = plan_message(plan, plan->me, qp, number % plan->messages);
	if (wc->opcode != opcodes[m->op])
		fail("QP %u, send %llu: opcode %d, expected %d", wc->qp_num,
		     (unsigned long long)number, wc->opcode, opcodes[m->op]);
	if (m->op == OP_READ && wc->byte_len != m->length)
		fail("QP %u, READ %llu: length %u, expected %u", wc->qp_num,
		     (unsigned long long)number, wc->byte_len, m->length);
	end->completed[qp] = number + 1;
	end->send_cqes++;
}

/* The message of the round that is the nth to be received, counted from the end of the round */
static const struct message *received_message(const struct plan *plan, uint32_t qp, uint64_t left)
{
	uint32_t i = plan->messages;

	while (i--) {
		const struct message *m = plan_message(plan, !plan->me, qp, i);

		if (op_is_received(m->op) && !--left)
			return m;
	}
	return NULL;
}

static void take_recv(struct endpoint *end, const struct plan *plan, const struct ibv_wc *wc)
{
	uint32_t qp = find_qp(end, wc);
	const struct message *m;

	if (end->received[qp] == end->expected[qp] || wc->wr_id != end->received[qp])
		fail("QP %u: completion of receive %llu, expected %llu of %llu", wc->qp_num,
		     (unsigned long long)wc->wr_id, (unsigned long long)end->received[qp],
		     (unsigned long long)end->expected[qp]);
	m = received_message(plan, qp, end->expected[qp] - end->received[qp]);
	if (!m || wc->byte_len != m->length ||
	    wc->opcode != (m->op == OP_WRITE_IMM ? IBV_WC_RECV_RDMA_WITH_IMM : IBV_WC_RECV) ||
	    !!(wc->wc_flags & IBV_WC_WITH_IMM) != op_has_imm(m->op) ||
	    (op_has_imm(m->op) && wc->imm_data != m->imm))
		fail("QP %u, receive %llu: length %u, opcode %d, flags %#x, immediate %#x",
		     wc->qp_num, (unsigned long long)wc->wr_id, wc->byte_len, wc->opcode,
		     wc->wc_flags, wc->imm_data);
	end->received[qp]++;
	end->recv_cqes++;
}

/* Returns how many completions there were */
unsigned int endpoint_poll(struct endpoint *end, const struct plan *plan)
{
	struct ibv_wc wc[WC_BATCH];
	unsigned int taken = 0;
	int n, i;

	n = ibv_poll_cq(end->send_cq, WC_BATCH, wc);
	for (i = 0; i < n; i++)
		take_send(end, plan, &wc[i]);
	taken += n > 0 ? (unsigned int)n : 0;
	if (n >= 0)
		n = ibv_poll_cq(end->recv_cq, WC_BATCH, wc);
	for (i = 0; i < n; i++)
		take_recv(end, plan, &wc[i]);
	if (n < 0)
		fail("poll_cq");
	return taken + (unsigned int)n;
}

bool endpoint_is_done(const struct endpoint *end)
{
	uint32_t i;

	for (i = 0; i < end->settings->qps; i++)
		if (end->completed[i] != end->posted[i] || end->received[i] != end->expected[i])
			return false;
	return true;
}

/* With events: sleep until a CQ may have something. The caller polls both before and after. */
void endpoint_wait(struct endpoint *end)
{
	struct pollfd fd = { .events = POLLIN };
	struct ibv_cq *cq;
	void *unused;

	if (!end->events)
		return;
	fd.fd = end->events->fd;
	if (poll(&fd, 1, EVENT_WAIT_MS) <= 0)
		return;
	if (ibv_get_cq_event(end->events, &cq, &unused))
		fail("get_cq_event: %s", strerror(errno));
	ibv_ack_cq_events(cq, 1);
	if (ibv_req_notify_cq(cq, 0))
		fail("req_notify_cq");
}
