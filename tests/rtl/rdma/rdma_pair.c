// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// A connection on which things go wrong, see rdma_pair.h

#include "rdma_pair.h"

#include <string.h>

#define PAIR_CQ 40u
#define PAIR_PAGE 60u
#define PAIR_MR 900u
#define REGION 65536u
#define PATIENCE_NS 8000000u

void pair_init(struct pair *pair)
{
	static const struct { uint32_t pd, access; } kinds[PAIR_MRS] = {
		[MR_ALL] = { PAIR_PD, 0xf }, [MR_READ_ONLY] = { PAIR_PD, 0 },
		[MR_OTHER_PD] = { PAIR_PD + 1, 0xf }, [MR_NO_REMOTE] = { PAIR_PD, 1 },
	};

	memset(pair, 0, sizeof(*pair));
	for (uint32_t i = 0; i < NODES; i++) {
		cq_create(&pair->cq[i], i, PAIR_CQ, PAIR_PAGE, 9, i, NO_CEQ);
		for (uint32_t k = 0; k < PAIR_MRS; k++) {
			struct mr_attr attr = { .va = 0x10000000ull * (k + 1) + 0x1000 * i,
				.length = REGION, .pd = kinds[k].pd, .access = kinds[k].access,
				.level = k & 1, .page_shift = 12 };

			mr_create(&pair->mr[i][k], i, PAIR_MR + k, &attr);
		}
	}
}

void pair_begin(struct pair *pair)
{
	const struct traffic_config config = { .links = 5, .timeout = 12 };

	bus_wait_idle("after reset");
	for (uint32_t i = 0; i < NODES; i++) {
		node_bring_up(i, i == 0);
		bus_knob(i, KNOB_MEM_STALL, 5);
		bus_knob(i, KNOB_MEM_LAT_MAX, 100);
	}
	traffic_init();
	traffic_start(&config);
	traffic_allow(1000000);
	pair_init(pair);
}

void pair_end(void)
{
	traffic_run(0);
	traffic_stop();
	say("%llu messages beside all that", (unsigned long long)traffic.done);
	bus_wait_idle("at the end");
}

void pair_connect(struct pair *pair, const struct conn *conn, bool priv)
{
	struct qp_attr attr = { .pd = PAIR_PD, .page = PAIR_PAGE, .log_sq = PAIR_LOG_Q,
		.log_rq = PAIR_LOG_Q, .log_stride = 1, .priv = priv };

	pair->conn = conn ? *conn : conn_default;
	for (uint32_t i = 0; i < NODES; i++)
		qp_create(&pair->qp[i], i, PAIR_QPN + i, &pair->cq[i], &pair->cq[i], &attr);
	qp_connect(&pair->qp[0], &pair->qp[1], &pair->conn);
}

void pair_destroy(struct pair *pair)
{
	for (uint32_t i = 0; i < NODES; i++)
		qp_destroy(&pair->qp[i]);
}

struct wr pair_wr(const struct pair *pair, uint32_t node, enum tern_hw_wqe_op op)
{
	const struct mr *local = &pair->mr[node][MR_ALL], *remote = &pair->mr[!node][MR_ALL];
	bool atomic = op == TERN_HW_WQE_OP_CMP_SWAP || op == TERN_HW_WQE_OP_FETCH_ADD;
	struct wr wr = { .op = op, .flags = WR_SIGNALED, .num_sge = 1,
		.sge[0] = { local->attr.va + 128, atomic ? 8 : 64, local->key },
		.remote = remote->attr.va + 4096, .rkey = remote->key };

	return wr;
}

uint16_t pair_send(struct pair *pair, uint32_t node, const struct wr *wr)
{
	uint16_t wqe = qp_post_send(&pair->qp[node], wr);

	qp_ring_sq(&pair->qp[node]);
	return wqe;
}

uint16_t pair_recv(struct pair *pair, uint32_t node, uint32_t len)
{
	const struct mr *mr = &pair->mr[node][MR_ALL];
	struct sge sge = { mr->attr.va + 8192, len, mr->key };
	uint16_t wqe = qp_post_recv(&pair->qp[node], &sge, 1);

	qp_ring_rq(&pair->qp[node]);
	return wqe;
}

void pair_wait(uint32_t cycles)
{
	uint64_t end = bus_now() + 4ull * cycles;

	while (bus_now() < end)
		traffic_step();
}

/* CQEs of the two queues come in any order, so one that is not meant is kept */
bool pair_next(struct pair *pair, uint32_t node, bool rq, struct cqe *cqe)
{
	static struct cqe kept[NODES][2][512];
	static uint32_t first[NODES][2], last[NODES][2];
	struct cqe any;

	while (cq_poll(&pair->cq[node], &any)) {
		check(any.qpn == PAIR_QPN + node, "node %u: CQE of QP %u", node, any.qpn);
		kept[node][any.rq][last[node][any.rq]++ % 512] = any;
	}
	if (first[node][rq] == last[node][rq])
		return false;
	*cqe = kept[node][rq][first[node][rq]++ % 512];
	return true;
}

void pair_drop_cqes(struct pair *pair)
{
	struct cqe cqe;

	for (uint32_t i = 0; i < NODES; i++)
		for (uint32_t rq = 0; rq < 2; rq++)
			while (pair_next(pair, i, rq, &cqe))
				;
}

void pair_take(struct pair *pair, uint32_t node, bool rq, struct cqe *cqe, const char *what)
{
	uint64_t end = bus_now() + PATIENCE_NS;

	while (!pair_next(pair, node, rq, cqe)) {
		if (bus_now() > end)
			show_qp(&pair->qp[node]);
		check(bus_now() <= end, "%s: node %u: no %s CQE", what, node, rq ? "receive" : "send");
		traffic_step();
	}
}

void pair_cqe(struct pair *pair, uint32_t node, bool rq, uint16_t wqe, uint32_t opcode,
	      enum tern_hw_wc_status status, const char *what)
{
	struct cqe cqe;

	pair_take(pair, node, rq, &cqe, what);
	check(cqe.wqe_index == wqe && cqe.status == status && cqe.opcode == opcode,
	      "%s: node %u: %s CQE of entry %u, opcode %x, status %u; %u, %x, %u is due", what, node,
	      rq ? "receive" : "send", cqe.wqe_index, cqe.opcode, cqe.status, wqe, opcode, status);
}

void pair_event(struct pair *pair, uint32_t node, enum tern_hw_ae_code code,
		enum tern_hw_qp_reason reason, const char *what)
{
	uint64_t end = bus_now() + PATIENCE_NS;
	struct ae ae;

	while (!ae_poll(node, &ae)) {
		check(bus_now() <= end, "%s: node %u: no event %x", what, node, code);
		traffic_step();
	}
	check(ae.code == code && ae.source == TERN_HW_AE_SOURCE_QP && ae.id == pair->qp[node].qpn &&
	      get(TERN_HW_AE_QP_W_REASON_MASK, ae.detail) == reason && !ae.overflow,
	      "%s: node %u: event %x of %x, detail %llx; %x, reason %u is due", what, node, ae.code,
	      ae.id, (unsigned long long)ae.detail, code, reason);
}

void pair_state(struct pair *pair, uint32_t node, enum tern_hw_qp_state state, const char *what)
{
	uint64_t words[64];
	enum tern_hw_qp_state is = qp_query(&pair->qp[node], words);

	check(is == state, "%s: node %u: the QP is in state %u, not %u", what, node, is, state);
}

void pair_quiet(struct pair *pair, const char *what)
{
	struct cqe cqe;
	struct ae ae;

	pair_wait(2000);
	for (uint32_t i = 0; i < NODES; i++) {
		for (uint32_t rq = 0; rq < 2; rq++)
			check(!pair_next(pair, i, rq, &cqe), "%s: node %u: one more %s CQE, entry %u, status %u",
			      what, i, rq ? "receive" : "send", cqe.wqe_index, cqe.status);
		check(!ae_poll(i, &ae), "%s: node %u: one more event, %x of %x", what, i, ae.code, ae.id);
	}
}
