// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Bring-up, commands, memory, completion and event queues, see rdma_adapter.h

#include "rdma_adapter.h"

#include <stdio.h>
#include <string.h>

#include "tb_mem.h"

#define PAGE 4096ull
#define SD_BYTES (1ull << 21)
#define MAX_SDS 32u
#define LOG_CQP 6u
#define LOG_AEQ 6u
#define LOG_CEQ 9u
#define CEQS 4u
#define COMMAND_PATIENCE 200000u	/* times 20 cycles */

struct node {
	uint64_t next;		/* free bus address */
	uint64_t cqp, aeq, ceq[CEQS], buffer, stats;
	uint32_t posted, aes, ces[CEQS];
	uint64_t sds[MAX_SDS];	/* bus address of the segment */
	bool paged;
	uint64_t base[16];	/* of kinds, in function-private memory */
	uint32_t next_pble;
};

static struct node nodes[NODES];

/* ------------------------------------------------------------------------------- memory */

uint64_t node_alloc(uint32_t i, uint64_t bytes, uint64_t align)
{
	struct node *n = &nodes[i];
	uint64_t at;

	if (align < PAGE)
		align = PAGE;
	at = (n->next + align - 1) & ~(align - 1);
	bytes = (bytes + PAGE - 1) & ~(PAGE - 1);
	n->next = at + bytes + PAGE;
	tb_mem_map(at, bytes, TB_MEM_READ | TB_MEM_WRITE);
	return at;
}

/* Pages of a paged segment lie in it in reverse order, so that none is where it would be without */
static uint64_t hmc_bus(const struct node *n, enum tern_hw_hmc_kind kind, uint64_t offset)
{
	uint64_t at = n->base[kind] + offset;
	uint64_t in = at % SD_BYTES;

	if (n->paged)
		in = SD_BYTES - PAGE - in / PAGE * PAGE + in % PAGE;
	return n->sds[at / SD_BYTES] + in;
}

uint32_t node_alloc_pbles(uint32_t i, uint32_t count, uint32_t align)
{
	struct node *n = &nodes[i];
	uint32_t at;

	if (align < 8)
		align = 8;
	at = (n->next_pble + align - 1) / align * align;
	n->next_pble = at + count;
	check(n->next_pble <= NODE_PBLES, "the program needs too many page-list entries");
	return at;
}

void node_put_pble(uint32_t i, uint32_t index, uint64_t value)
{
	tb_mem_put64(hmc_bus(&nodes[i], TERN_HW_HMC_KIND_PBLE, 8ull * index), value);
}

/* The adapter has no business writing there */
static void protect(uint64_t at, uint64_t bytes)
{
	tb_mem_map(at, (bytes + PAGE - 1) & ~(PAGE - 1), TB_MEM_READ);
}

/* ----------------------------------------------------------------------------- commands */

uint32_t node_command_try(uint32_t i, enum tern_hw_cqp_op op, uint32_t id, const uint64_t wqe[8],
			  uint64_t *result)
{
	struct node *n = &nodes[i];
	uint64_t at = n->cqp + (n->posted & ((1u << LOG_CQP) - 1)) * 64ull;
	bool odd = n->posted >> LOG_CQP & 1;
	uint32_t err;

	for (uint32_t k = 1; k < 8; k++)
		tb_mem_put64(at + 8 * k, wqe ? wqe[k] : 0);
	tb_mem_put64(at, put(TERN_HW_CQP_WQE_HDR_ID_MASK, id) | put(TERN_HW_CQP_WQE_HDR_OP_MASK, op) |
			 (odd ? 0 : TERN_HW_CQP_WQE_HDR_POLARITY_MASK));
	n->posted++;
	bus(BUS_STORE, i, TERN_HW_DB_CQP, put(TERN_HW_DB_Q_W_INDEX_MASK, n->posted & 0xffff));
	for (uint32_t k = 0;; k++) {
		uint32_t tail = (uint32_t)bus(BUS_READ, i, TERN_HW_REG_CQP_TAIL, 0);

		if (get(TERN_HW_REG_CQP_TAIL_INDEX_MASK, tail) == (n->posted & 0xffff))
			break;
		if (k > COMMAND_PATIENCE)
			fail_hook = NULL;	/* it would command again */
		check(k <= COMMAND_PATIENCE, "node %u: command %x of %u does not end", i, op, id);
		bus_wait(20);
	}
	err = (uint32_t)bus(BUS_READ, i, TERN_HW_REG_CQP_ERR, 0);
	if (result)
		*result = bus(BUS_READ, i, TERN_HW_REG_CQP_RESULT_LO, 0) |
			  bus(BUS_READ, i, TERN_HW_REG_CQP_RESULT_HI, 0) << 32;
	return err;
}

void node_command(uint32_t i, enum tern_hw_cqp_op op, uint32_t id, const uint64_t wqe[8])
{
	uint64_t result;
	uint32_t err = node_command_try(i, op, id, wqe, &result);

	check(!err, "node %u: command %x of %u: %08x, result %llx", i, op, id, err,
	      (unsigned long long)result);
}

void node_stats(uint32_t i, struct stats *stats)
{
	struct node *n = &nodes[i];
	uint64_t w[8] = { 0, n->stats };

	node_command(i, TERN_HW_CQP_OP_QUERY_STATS, 0, w);
	for (uint32_t k = 0; k < 64; k++)
		stats->counter[k] = tb_mem_get64(n->stats + 8 * k);
}

const char *stat_name(uint32_t stat)
{
	static const char *const names[] = {
		[TERN_HW_STAT_TX_FRAMES] = "tx_frames", [TERN_HW_STAT_RX_FRAMES] = "rx_frames",
		[TERN_HW_STAT_RX_BAD] = "rx_bad", [TERN_HW_STAT_RX_OVERRUN] = "rx_overrun",
		[TERN_HW_STAT_RX_FILTERED] = "rx_filtered", [TERN_HW_STAT_RX_ROCE] = "rx_roce",
		[TERN_HW_STAT_RX_ICRC] = "rx_icrc", [TERN_HW_STAT_RX_HEADER] = "rx_header",
		[TERN_HW_STAT_RX_QP] = "rx_qp", [TERN_HW_STAT_TX_REQUESTS] = "tx_requests",
		[TERN_HW_STAT_TX_RESENT] = "tx_resent", [TERN_HW_STAT_TX_RESPONSES] = "tx_responses",
		[TERN_HW_STAT_TX_ACKS] = "tx_acks", [TERN_HW_STAT_TX_NAKS] = "tx_naks",
		[TERN_HW_STAT_RX_REQUESTS] = "rx_requests",
		[TERN_HW_STAT_RX_DUPLICATES] = "rx_duplicates", [TERN_HW_STAT_RX_GAPS] = "rx_gaps",
		[TERN_HW_STAT_RX_RNR] = "rx_rnr", [TERN_HW_STAT_RX_ACKS] = "rx_acks",
		[TERN_HW_STAT_RX_NAKS_SEQ] = "rx_naks_seq", [TERN_HW_STAT_RX_NAKS_RNR] = "rx_naks_rnr",
		[TERN_HW_STAT_RX_NAKS_ERR] = "rx_naks_err",
		[TERN_HW_STAT_RX_RESPONSES] = "rx_responses",
		[TERN_HW_STAT_RX_READ_GAPS] = "rx_read_gaps", [TERN_HW_STAT_RX_STRAY] = "rx_stray",
		[TERN_HW_STAT_TIMEOUTS] = "timeouts", [TERN_HW_STAT_QP_ERRORS] = "qp_errors",
		[TERN_HW_STAT_CQE] = "cqe", [TERN_HW_STAT_AEQE] = "aeqe",
		[TERN_HW_STAT_DOORBELL_BAD] = "doorbell_bad", [TERN_HW_STAT_HMC_ERR] = "hmc_err",
		[TERN_HW_STAT_DMA_READ_ERR] = "dma_read_err",
		[TERN_HW_STAT_DMA_WRITE_ERR] = "dma_write_err", [TERN_HW_STAT_CE_LOST] = "ce_lost",
		[TERN_HW_STAT_AE_LOST] = "ae_lost", [TERN_HW_STAT_CQP_FAILED] = "cqp_failed",
		[TERN_HW_STAT_TX_DROPPED] = "tx_dropped", [TERN_HW_STAT_RX_DROPPED] = "rx_dropped",
		[TERN_HW_STAT_RX_QKEY] = "rx_qkey", [TERN_HW_STAT_RX_MCAST] = "rx_mcast",
	};

	return stat < sizeof(names) / sizeof(names[0]) ? names[stat] : NULL;
}

/* ----------------------------------------------------------------------------- bring-up */

uint64_t node_mac(uint32_t i)
{
	return 0x020000000010ull + i;
}

bool gid_is_ipv4(enum gid gid)
{
	return gid == GID_IPV4 || gid == GID_IPV4_VLAN;
}

uint32_t gid_vid(enum gid gid)
{
	return gid == GID_IPV4_VLAN || gid == GID_IPV6_VLAN ? 100u + gid : 0;
}

void node_gid(uint32_t i, enum gid gid, uint8_t octets[16])
{
	memset(octets, 0, 16);
	if (gid_is_ipv4(gid)) {
		octets[10] = 0xff;
		octets[11] = 0xff;
		octets[12] = 10;
	} else {
		octets[0] = 0xfd;
		octets[1] = 0x77;
	}
	octets[14] = (uint8_t)(1 + gid);
	octets[15] = (uint8_t)(1 + i);
}

static void set_gids(uint32_t i)
{
	for (enum gid gid = 0; gid < GIDS; gid++) {
		uint64_t w[8] = { 0, put(TERN_HW_CQP_GID_WQE_ATTR_OP_MASK, TERN_HW_GID_OP_SET) |
				     (gid_is_ipv4(gid) ? TERN_HW_CQP_GID_WQE_ATTR_IPV4_MASK : 0) };

		if (gid_vid(gid))
			w[1] |= TERN_HW_CQP_GID_WQE_ATTR_VLAN_VALID_MASK |
				put(TERN_HW_CQP_GID_WQE_ATTR_VLAN_ID_MASK, gid_vid(gid));
		node_gid(i, gid, (uint8_t *)&w[2]);
		w[4] = node_mac(i);
		node_command(i, TERN_HW_CQP_OP_MANAGE_GID, gid, w);
	}
}

uint32_t node_group_try(uint32_t i, enum tern_hw_cqp_op op, uint32_t qpn, const uint8_t group[16], bool no_own,
			uint64_t *result)
{
	uint64_t w[8] = { 0, put(TERN_HW_CQP_MCAST_WQE_ATTR_NO_OWN_MASK, no_own) };

	memcpy(&w[2], group, 16);
	return node_command_try(i, op, qpn, w, result);
}

uint64_t group_mac(bool ipv4, const uint8_t group[16])
{
	uint32_t low = (uint32_t)group[12] << 24 | (uint32_t)group[13] << 16 | (uint32_t)group[14] << 8 | group[15];

	return ipv4 ? 0x01005e000000ull | (low & 0x7fffff) : 0x333300000000ull | low;
}

static void start_cqp(uint32_t i)
{
	struct node *n = &nodes[i];

	n->cqp = node_alloc(i, 64ull << LOG_CQP, PAGE);
	protect(n->cqp, 64ull << LOG_CQP);
	bus(BUS_WRITE, i, TERN_HW_REG_CQP_BASE_LO, (uint32_t)n->cqp);
	bus(BUS_WRITE, i, TERN_HW_REG_CQP_BASE_HI, n->cqp >> 32);
	bus(BUS_WRITE, i, TERN_HW_REG_CQP_CTRL,
	    put(TERN_HW_REG_CQP_CTRL_LOG_SIZE_MASK, LOG_CQP) | TERN_HW_REG_CQP_CTRL_ENABLE_MASK);
	for (uint32_t k = 0; bus(BUS_READ, i, TERN_HW_REG_CQP_STATUS, 0) != 1; k++)
		check(k < 100, "the CQP does not start");
}

static void set_segment(uint32_t i, uint32_t sd)
{
	struct node *n = &nodes[i];
	uint64_t w[8] = { 0, put(TERN_HW_CQP_SDS_WQE_CTL_COUNT_MASK, 1),
		put(TERN_HW_SD_ENTRY_WHAT_SD_MASK, sd) |
		put(TERN_HW_SD_ENTRY_WHAT_OP_MASK,
		    n->paged ? TERN_HW_SD_OP_PAGED : TERN_HW_SD_OP_DIRECT) };

	n->sds[sd] = node_alloc(i, SD_BYTES, SD_BYTES);
	w[3] = n->sds[sd];
	if (n->paged) {
		w[3] = node_alloc(i, PAGE, PAGE);
		protect(w[3], PAGE);
		for (uint64_t k = 0; k < 512; k++)
			tb_mem_put64(w[3] + 8 * k, TERN_HW_PAGE_DESC_W_VALID_MASK |
				     (n->sds[sd] + SD_BYTES - PAGE - k * PAGE));
	}
	node_command(i, TERN_HW_CQP_OP_UPDATE_SDS, 0, w);
}

static void commit_hmc(uint32_t i)
{
	static const uint32_t counts[] = {
		[TERN_HW_HMC_KIND_QP] = NODE_QPS, [TERN_HW_HMC_KIND_CQ] = NODE_CQS,
		[TERN_HW_HMC_KIND_SRQ] = 0, [TERN_HW_HMC_KIND_MRTE] = NODE_MRS,
		[TERN_HW_HMC_KIND_PBLE] = NODE_PBLES, [TERN_HW_HMC_KIND_IRRQ] = NODE_QPS,
	};
	const uint32_t kinds = sizeof(counts) / sizeof(counts[0]);
	struct node *n = &nodes[i];
	uint64_t w[8] = { 0, n->buffer };
	uint32_t sds;

	for (uint32_t k = 0; k < kinds; k++)
		tb_mem_put32(n->buffer + 16 * (k + 1), counts[k]);
	node_command(i, TERN_HW_CQP_OP_COMMIT_FPM, 0, w);
	sds = tb_mem_get32(n->buffer + 4);
	check(sds > 0 && sds <= MAX_SDS, "%u segments", sds);
	for (uint32_t k = 0; k < kinds; k++)
		n->base[k] = tb_mem_get64(n->buffer + 16 * (k + 1) + 8);
	for (uint32_t sd = 0; sd < sds; sd++)
		set_segment(i, sd);
}

void node_bring_up(uint32_t i, bool paged_hmc)
{
	struct node *n = &nodes[i];

	memset(n, 0, sizeof(*n));
	n->next = (i + 1ull) << 40 | 1ull << 38;	/* behind what rdma_netdev.c has */
	n->paged = paged_hmc;
	n->buffer = node_alloc(i, PAGE, PAGE);
	n->stats = node_alloc(i, PAGE, PAGE);
	start_cqp(i);
	commit_hmc(i);
	n->aeq = node_alloc(i, 16ull << LOG_AEQ, PAGE);

	uint64_t w[8] = { 0, n->aeq, put(TERN_HW_CQP_EQ_WQE_ATTR_LOG_SIZE_MASK, LOG_AEQ) };

	node_command(i, TERN_HW_CQP_OP_CREATE_AEQ, 0, w);
	set_gids(i);
}

/* ------------------------------------------------------------------------------- queues */

void ring_create(struct ring *ring, uint32_t node, uint64_t bytes, uint32_t level)
{
	uint64_t count;

	memset(ring, 0, sizeof(*ring));
	ring->node = node;
	ring->level = level;
	if (!level) {
		ring->pages[0] = node_alloc(node, bytes, PAGE);
		ring->place = ring->pages[0];
		return;
	}
	ring->page_shift = 12;
	while ((bytes >> ring->page_shift) > 64)
		ring->page_shift++;
	count = ((bytes - 1) >> ring->page_shift) + 1;
	ring->place = node_alloc_pbles(node, (uint32_t)count, 8);
	for (uint64_t k = count; k-- > 0;) {
		ring->pages[k] = node_alloc(node, 1ull << ring->page_shift, 1ull << ring->page_shift);
		node_put_pble(node, (uint32_t)(ring->place + k), ring->pages[k]);
	}
}

void ring_protect(const struct ring *ring, uint64_t bytes)
{
	if (!ring->level) {
		protect(ring->pages[0], bytes);
		return;
	}
	for (uint64_t k = 0; k << ring->page_shift < bytes; k++)
		protect(ring->pages[k], 1ull << ring->page_shift);
}

uint64_t ring_at(const struct ring *ring, uint64_t offset)
{
	if (!ring->level)
		return ring->pages[0] + offset;
	return ring->pages[offset >> ring->page_shift] + (offset & ((1ull << ring->page_shift) - 1));
}

void cq_create(struct cq *cq, uint32_t node, uint32_t num, uint32_t page, uint32_t log_size,
	       uint32_t level, uint32_t ceq)
{
	uint64_t w[8] = { 0 };

	memset(cq, 0, sizeof(*cq));
	cq->node = node;
	cq->num = num;
	cq->page = page;
	cq->log_size = log_size;
	ring_create(&cq->ring, node, 32ull << log_size, level);
	w[1] = cq->ring.place;
	w[2] = put(TERN_HW_CQP_CQ_WQE_ATTR_LOG_SIZE_MASK, log_size) |
	       put(TERN_HW_CQP_CQ_WQE_ATTR_LEVEL_MASK, level) |
	       put(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_SHIFT_MASK, cq->ring.page_shift) |
	       put(TERN_HW_CQP_CQ_WQE_ATTR_PAGE_MASK, page);
	if (ceq != NO_CEQ)
		w[2] |= TERN_HW_CQP_CQ_WQE_ATTR_CEQ_VALID_MASK |
			put(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_MASK, ceq);
	node_command(node, TERN_HW_CQP_OP_CREATE_CQ, num, w);
}

void cq_destroy(struct cq *cq)
{
	node_command(cq->node, TERN_HW_CQP_OP_DESTROY_CQ, cq->num, NULL);
}

static void cq_doorbell(struct cq *cq, uint64_t more)
{
	cq->told = cq->consumer;
	bus(BUS_STORE, cq->node, cq->page * PAGE + TERN_HW_DB_CQ,
	    put(TERN_HW_DB_CQ_W_NUM_MASK, cq->num) |
	    put(TERN_HW_DB_CQ_W_INDEX_MASK, cq->consumer & 0xffffff) | more);
}

void cq_tell(struct cq *cq)
{
	cq_doorbell(cq, 0);
}

void cq_arm(struct cq *cq, enum tern_hw_cq_mode mode)
{
	cq_doorbell(cq, TERN_HW_DB_CQ_W_ARM_MASK | put(TERN_HW_DB_CQ_W_MODE_MASK, mode));
}

bool cq_poll(struct cq *cq, struct cqe *cqe)
{
	uint64_t at = ring_at(&cq->ring, (cq->consumer & ((1u << cq->log_size) - 1)) * 32ull);
	bool odd = cq->consumer >> cq->log_size & 1;
	uint64_t info = tb_mem_get64(at + 24);

	if (!!(info & TERN_HW_CQE_INFO_POLARITY_MASK) == odd)
		return false;
	cqe->timestamp = tb_mem_get64(at);
	cqe->len = tb_mem_get32(at + 8);
	cqe->imm = tb_mem_get32(at + 12);
	cqe->wqe_index = (uint32_t)get(TERN_HW_CQE_PEER_WQE_INDEX_MASK, tb_mem_get64(at + 16));
	cqe->qpn = (uint32_t)get(TERN_HW_CQE_INFO_QPN_MASK, info);
	cqe->opcode = (uint32_t)get(TERN_HW_CQE_INFO_OPCODE_MASK, info);
	cqe->status = (enum tern_hw_wc_status)get(TERN_HW_CQE_INFO_STATUS_MASK, info);
	cqe->rq = info & TERN_HW_CQE_INFO_RQ_MASK;
	cqe->solicited = info & TERN_HW_CQE_INFO_SOLICITED_MASK;
	cqe->with_imm = info & TERN_HW_CQE_INFO_WITH_IMM_MASK;
	cqe->with_inv = info & TERN_HW_CQE_INFO_WITH_INV_MASK;
	info = tb_mem_get64(at + 16);
	cqe->src_qpn = (uint32_t)get(TERN_HW_CQE_PEER_SRC_QPN_MASK, info);
	cqe->tci = (uint32_t)get(TERN_HW_CQE_PEER_VLAN_TCI_MASK, info);
	cqe->grh = info & TERN_HW_CQE_PEER_GRH_MASK;
	cqe->ipv4 = info & TERN_HW_CQE_PEER_IPV4_MASK;
	cqe->vlan = info & TERN_HW_CQE_PEER_VLAN_MASK;
	cq->consumer++;
	if (cq->consumer - cq->told >= (1u << cq->log_size) / 4)
		cq_tell(cq);
	return true;
}

static void eq_doorbell(uint32_t i, uint64_t what, uint32_t index)
{
	bus(BUS_STORE, i, TERN_HW_DB_EQ, what | put(TERN_HW_DB_EQ_W_INDEX_MASK, index & 0xffffff));
}

void ceq_create(uint32_t i, uint32_t ceq)
{
	struct node *n = &nodes[i];
	uint64_t w[8] = { 0, 0, put(TERN_HW_CQP_EQ_WQE_ATTR_LOG_SIZE_MASK, LOG_CEQ) };

	check(ceq < CEQS, "CEQ %u", ceq);
	n->ceq[ceq] = node_alloc(i, 8ull << LOG_CEQ, PAGE);
	w[1] = n->ceq[ceq];
	node_command(i, TERN_HW_CQP_OP_CREATE_CEQ, ceq, w);
}

bool ceq_poll(uint32_t i, uint32_t ceq, uint32_t *cqn)
{
	struct node *n = &nodes[i];
	uint32_t at = n->ces[ceq];
	uint64_t w = tb_mem_get64(n->ceq[ceq] + 8ull * (at & ((1u << LOG_CEQ) - 1)));

	if (!!(w & TERN_HW_CEQE_W_POLARITY_MASK) == (at >> LOG_CEQ & 1))
		return false;
	*cqn = (uint32_t)get(TERN_HW_CEQE_W_CQN_MASK, w);
	n->ces[ceq]++;
	eq_doorbell(i, put(TERN_HW_DB_EQ_W_NUM_MASK, ceq), n->ces[ceq]);
	return true;
}

bool ae_poll(uint32_t i, struct ae *ae)
{
	struct node *n = &nodes[i];
	uint64_t at = n->aeq + 16ull * (n->aes & ((1u << LOG_AEQ) - 1));
	uint64_t info = tb_mem_get64(at + 8);

	if (!!(info & TERN_HW_AEQE_INFO_POLARITY_MASK) == (n->aes >> LOG_AEQ & 1))
		return false;
	ae->detail = tb_mem_get64(at);
	ae->id = (uint32_t)get(TERN_HW_AEQE_INFO_ID_MASK, info);
	ae->code = (enum tern_hw_ae_code)get(TERN_HW_AEQE_INFO_CODE_MASK, info);
	ae->source = (enum tern_hw_ae_source)get(TERN_HW_AEQE_INFO_SOURCE_MASK, info);
	ae->overflow = info & TERN_HW_AEQE_INFO_OVERFLOW_MASK;
	n->aes++;
	eq_doorbell(i, TERN_HW_DB_EQ_W_AEQ_MASK, n->aes);
	return true;
}

void show_adapters(void)
{
	for (uint32_t i = 0; i < NODES; i++) {
		struct stats stats;
		struct ae ae;

		while (ae_poll(i, &ae))
			fprintf(stderr, "node %u: event %x of %u, detail %llx\n", i, ae.code, ae.id,
				(unsigned long long)ae.detail);
		node_stats(i, &stats);
		for (uint32_t k = 0; k < 64; k++)
			if (stat_name(k) && stats.counter[k])
				fprintf(stderr, "node %u: %s %llu\n", i, stat_name(k),
					(unsigned long long)stats.counter[k]);
	}
}
