// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "pair.h"

#include <stddef.h>

#define PD 7u
#define DB_PAGE 5u
#define LOG_CQ 14u
#define QKEY 0x1234u

struct mr regions[NODES];
struct cq send_cqs[NODES], recv_cqs[NODES];

void pair_bring_up(void)
{
	static uint64_t random[BUFFER_BYTES / 8];
	const struct mr_attr attr = { .va = 0x7f0012340000ull, .length = BUFFER_BYTES, .pd = PD,
		.access = 0xf, .level = 1, .page_shift = 12 };

	bus_wait_idle("after reset");
	for (uint32_t i = 0; i < NODES; i++) {
		node_bring_up(i, false);
		mr_create(&regions[i], i, 1, &attr);
		for (uint32_t k = 0; k < BUFFER_BYTES / 8; k++)
			random[k] = rnd64();
		mr_put(&regions[i], 0, random, sizeof(random));
		cq_create(&send_cqs[i], i, 1, DB_PAGE, LOG_CQ, 0, NO_CEQ);
		cq_create(&recv_cqs[i], i, 2, DB_PAGE, LOG_CQ, 0, NO_CEQ);
	}
}

void pair_create(struct pair *pair, uint32_t number, enum tern_hw_mtu mtu, uint32_t timeout)
{
	pair_create_of(pair, number, mtu, timeout, TERN_HW_QP_TYPE_RC);
}

static void start_ud(struct pair *pair, uint32_t i, enum tern_hw_mtu mtu)
{
	struct ud_addr *addr = &pair->addrs[i];

	qp_start_ud(&pair->qps[i], mtu, QKEY, 0);
	*addr = (struct ud_addr){ .qpn = pair->qps[!i].qpn, .qkey = QKEY, .sgid = GID_IPV4,
		.hop_limit = 64, .mac = node_mac(!i) };
	node_gid(!i, GID_IPV4, addr->dgid);
}

void pair_create_of(struct pair *pair, uint32_t number, enum tern_hw_mtu mtu, uint32_t timeout,
		    enum tern_hw_qp_type type)
{
	const struct qp_attr attr = { .pd = PD, .page = DB_PAGE, .log_sq = LOG_Q, .log_rq = LOG_Q,
		.type = type };
	struct conn conn = conn_default;

	check(FIRST_QPN + number < NODE_QPS, "pair %u", number);
	conn.mtu = mtu;
	conn.timeout = timeout;
	conn.max_rd = 16;
	conn.max_dest_rd = 16;
	for (uint32_t i = 0; i < NODES; i++)
		qp_create(&pair->qps[i], i, FIRST_QPN + number, &send_cqs[i], &recv_cqs[i], &attr);
	if (type != TERN_HW_QP_TYPE_UD)
		qp_connect(&pair->qps[SENDER], &pair->qps[RECEIVER], &conn);
	for (uint32_t i = 0; i < NODES && type == TERN_HW_QP_TYPE_UD; i++)
		start_ud(pair, i, mtu);
}

const struct ud_addr *pair_addr(const struct pair *pair, uint32_t node)
{
	return pair->qps[node].attr.type == TERN_HW_QP_TYPE_UD ? &pair->addrs[node] : NULL;
}

void pair_destroy(struct pair *pair)
{
	for (uint32_t i = 0; i < NODES; i++)
		qp_destroy(&pair->qps[i]);
}

struct sge pair_sge(uint32_t node, uint64_t offset, uint32_t len)
{
	return (struct sge){ regions[node].attr.va + offset, len, regions[node].key };
}
