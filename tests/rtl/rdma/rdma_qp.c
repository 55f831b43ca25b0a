// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Queue pairs: states, connection, posting, see rdma_adapter.h

#include <stdio.h>
#include <string.h>

#include "rdma_adapter.h"
#include "tb_mem.h"

#define PAGE 4096ull

const struct conn conn_default = {
	.mtu = TERN_HW_MTU_M1024,
	.max_rd = 4,
	.max_dest_rd = 4,
	.timeout = 10,
	.retry_cnt = 7,
	.rnr_retry = 7,
	.min_rnr_timer = 1,
	.access = 0xf,
	.psn = { 0xfffff0, 0xfffff1 },
	.gid = GID_IPV4,
	.sport = 0xc123,
	.hop_limit = 64,
};

static uint64_t scratch[NODES];	/* for attributes and answers */

static uint64_t scratch_page(uint32_t node)
{
	if (!scratch[node])
		scratch[node] = node_alloc(node, PAGE, PAGE);
	return scratch[node];
}

/* -------------------------------------------------------------------------------- states */

/* Attributes that only reliable connections have */
#define ATTR_RC (TERN_HW_QP_ATTR_MASK_MAX_DEST_RD | TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER | \
		 TERN_HW_QP_ATTR_MASK_TIMEOUT | TERN_HW_QP_ATTR_MASK_RETRY_CNT |             \
		 TERN_HW_QP_ATTR_MASK_RNR_RETRY | TERN_HW_QP_ATTR_MASK_MAX_RD)

static uint32_t attrs_of(const struct qp *qp, uint32_t mask)
{
	return qp->attr.type == TERN_HW_QP_TYPE_RC ? mask : mask & ~ATTR_RC;
}

void qp_restart(struct qp *qp)
{
	const uint64_t sq_bytes = 64ull << qp->attr.log_sq;

	qp->sq_index = 0;
	qp->rq_index = 0;
	/* Polarity of what is left of the life before would fit */
	for (uint64_t at = 0; at < sq_bytes; at += 64)
		tb_mem_put64(ring_at(&qp->sq, at), 0);
}

static void create(const struct qp *qp)
{
	const struct qp_attr *attr = &qp->attr;
	uint64_t w[8] = { 0 };

	w[1] = qp->sq.place;
	w[2] = qp->rq.place;
	w[3] = put(TERN_HW_CQP_QP_WQE_CQS_SCQ_MASK, qp->scq->num) |
	       put(TERN_HW_CQP_QP_WQE_CQS_RCQ_MASK, qp->rcq->num) |
	       put(TERN_HW_CQP_QP_WQE_CQS_PAGE_MASK, attr->page);
	w[4] = put(TERN_HW_CQP_QP_WQE_ATTR_PD_MASK, attr->pd) |
	       put(TERN_HW_CQP_QP_WQE_ATTR_TRANSPORT_MASK, attr->type) |
	       put(TERN_HW_CQP_QP_WQE_ATTR_PRIV_MASK, attr->priv) |
	       put(TERN_HW_CQP_QP_WQE_ATTR_SQ_LOG_SIZE_MASK, attr->log_sq) |
	       put(TERN_HW_CQP_QP_WQE_ATTR_RQ_LOG_SIZE_MASK, attr->log_rq) |
	       put(TERN_HW_CQP_QP_WQE_ATTR_RQ_LOG_STRIDE_MASK, attr->log_stride) |
	       put(TERN_HW_CQP_QP_WQE_ATTR_SQ_LEVEL_MASK, attr->level) |
	       put(TERN_HW_CQP_QP_WQE_ATTR_RQ_LEVEL_MASK, attr->level) |
	       put(TERN_HW_CQP_QP_WQE_ATTR_SQ_PAGE_SHIFT_MASK, qp->sq.page_shift) |
	       put(TERN_HW_CQP_QP_WQE_ATTR_RQ_PAGE_SHIFT_MASK, qp->rq.page_shift) |
	       TERN_HW_CQP_QP_WQE_ATTR_SQ_VALID_MASK | TERN_HW_CQP_QP_WQE_ATTR_RQ_VALID_MASK;
	node_command(qp->node, TERN_HW_CQP_OP_CREATE_QP, qp->qpn, w);
}

void qp_create(struct qp *qp, uint32_t node, uint32_t qpn, struct cq *scq, struct cq *rcq,
	       const struct qp_attr *attr)
{
	const uint64_t sq_bytes = 64ull << attr->log_sq;
	const uint64_t rq_bytes = 16ull << (attr->log_rq + attr->log_stride);

	memset(qp, 0, sizeof(*qp));
	qp->node = node;
	qp->qpn = qpn;
	qp->attr = *attr;
	qp->scq = scq;
	qp->rcq = rcq;
	ring_create(&qp->sq, node, sq_bytes, attr->level);
	ring_protect(&qp->sq, sq_bytes);
	ring_create(&qp->rq, node, rq_bytes, attr->level);
	ring_protect(&qp->rq, rq_bytes);
	create(qp);
}

void qp_create_again(struct qp *qp)
{
	qp_restart(qp);
	create(qp);
}

void qp_destroy(struct qp *qp)
{
	node_command(qp->node, TERN_HW_CQP_OP_DESTROY_QP, qp->qpn, NULL);
}

void qp_fill_attr(const struct qp *qp, uint32_t dest_qpn, const struct conn *c, uint64_t attr[8])
{
	uint32_t peer = c->loop ? qp->node : !qp->node;

	attr[0] = put(TERN_HW_QP_ATTR_CONN_DEST_QPN_MASK, dest_qpn) |
		  put(TERN_HW_QP_ATTR_CONN_MTU_MASK, c->mtu) |
		  put(TERN_HW_QP_ATTR_CONN_MAX_RD_MASK, c->max_rd) |
		  put(TERN_HW_QP_ATTR_CONN_MAX_DEST_RD_MASK, c->max_dest_rd) |
		  put(TERN_HW_QP_ATTR_CONN_TIMEOUT_MASK, c->timeout) |
		  put(TERN_HW_QP_ATTR_CONN_RETRY_CNT_MASK, c->retry_cnt) |
		  put(TERN_HW_QP_ATTR_CONN_RNR_RETRY_MASK, c->rnr_retry) |
		  put(TERN_HW_QP_ATTR_CONN_MIN_RNR_TIMER_MASK, c->min_rnr_timer);
	attr[1] = put(TERN_HW_QP_ATTR_PSN_SQ_MASK, c->psn[qp->node]) |
		  put(TERN_HW_QP_ATTR_PSN_RQ_MASK, c->psn[peer]);
	attr[2] = put(TERN_HW_QP_ATTR_RIGHTS_ACCESS_MASK, c->access) |
		  put(TERN_HW_QP_ATTR_RIGHTS_PKEY_MASK, 0xffff);
	attr[3] = put(TERN_HW_QP_ATTR_NET_UDP_SPORT_MASK, c->sport) |
		  put(TERN_HW_QP_ATTR_NET_SGID_MASK, c->gid) |
		  put(TERN_HW_QP_ATTR_NET_HOP_LIMIT_MASK, c->hop_limit) |
		  put(TERN_HW_QP_ATTR_NET_TCLASS_MASK, c->tclass) |
		  put(TERN_HW_QP_ATTR_NET_FLOW_LABEL_MASK, c->flow_label) |
		  put(TERN_HW_QP_ATTR_NET_PCP_MASK, c->pcp);
	attr[4] = node_mac(peer);
	node_gid(peer, c->gid, (uint8_t *)&attr[5]);
	attr[7] = 0;
}

uint32_t qp_modify_try(struct qp *qp, uint32_t mask, uint32_t state, const uint64_t attr[8],
		       uint64_t *result)
{
	uint64_t at = scratch_page(qp->node);
	uint64_t w[8] = { 0, at,
		put(TERN_HW_CQP_MODIFY_QP_WQE_CTL_MASK_MASK, mask) |
		put(TERN_HW_CQP_MODIFY_QP_WQE_CTL_STATE_MASK, state) |
		TERN_HW_CQP_MODIFY_QP_WQE_CTL_SET_STATE_MASK };

	for (uint32_t k = 0; attr && k < 8; k++)
		tb_mem_put64(at + 8 * k, attr[k]);
	return node_command_try(qp->node, TERN_HW_CQP_OP_MODIFY_QP, qp->qpn, w, result);
}

void qp_modify(struct qp *qp, uint32_t mask, uint32_t state, const uint64_t attr[8])
{
	uint64_t result;
	uint32_t err = qp_modify_try(qp, mask, state, attr, &result);

	check(!err, "node %u: MODIFY_QP of %u to state %u, mask %x: %08x, result %llx", qp->node,
	      qp->qpn, state, mask, err, (unsigned long long)result);
}

void qp_state(struct qp *qp, enum tern_hw_qp_state state)
{
	qp_modify(qp, 0, state, NULL);
}

void qp_to_init(struct qp *qp, const struct conn *conn)
{
	uint64_t attr[8];

	qp_fill_attr(qp, 0, conn, attr);
	qp_modify(qp, TERN_HW_QP_ATTR_MASK_ACCESS, TERN_HW_QP_STATE_INIT, attr);
}

void qp_to_rtr(struct qp *qp, uint32_t dest_qpn, const struct conn *conn)
{
	uint64_t attr[8];

	qp_fill_attr(qp, dest_qpn, conn, attr);
	qp_modify(qp, attrs_of(qp, TERN_HW_QP_ATTR_MASK_PATH | TERN_HW_QP_ATTR_MASK_DEST_QPN |
				   TERN_HW_QP_ATTR_MASK_MTU | TERN_HW_QP_ATTR_MASK_RQ_PSN |
				   TERN_HW_QP_ATTR_MASK_MAX_DEST_RD |
				   TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER),
		  TERN_HW_QP_STATE_RTR, attr);
}

void qp_to_rts(struct qp *qp, const struct conn *conn)
{
	uint64_t attr[8];

	qp_fill_attr(qp, 0, conn, attr);
	qp_modify(qp, attrs_of(qp, TERN_HW_QP_ATTR_MASK_TIMEOUT | TERN_HW_QP_ATTR_MASK_RETRY_CNT |
				   TERN_HW_QP_ATTR_MASK_RNR_RETRY | TERN_HW_QP_ATTR_MASK_SQ_PSN |
				   TERN_HW_QP_ATTR_MASK_MAX_RD), TERN_HW_QP_STATE_RTS, attr);
}

void qp_start_ud(struct qp *qp, enum tern_hw_mtu mtu, uint32_t qkey, uint32_t psn)
{
	uint64_t attr[8] = { put(TERN_HW_QP_ATTR_CONN_MTU_MASK, mtu),
		put(TERN_HW_QP_ATTR_PSN_SQ_MASK, psn), put(TERN_HW_QP_ATTR_RIGHTS_QKEY_MASK, qkey) };

	qp_modify(qp, TERN_HW_QP_ATTR_MASK_QKEY, TERN_HW_QP_STATE_INIT, attr);
	qp_modify(qp, TERN_HW_QP_ATTR_MASK_MTU, TERN_HW_QP_STATE_RTR, attr);
	qp_modify(qp, TERN_HW_QP_ATTR_MASK_SQ_PSN, TERN_HW_QP_STATE_RTS, attr);
}

void qp_connect(struct qp *a, struct qp *b, const struct conn *conn)
{
	qp_to_init(a, conn);
	qp_to_init(b, conn);
	qp_to_rtr(a, b->qpn, conn);
	qp_to_rtr(b, a->qpn, conn);
	qp_to_rts(a, conn);
	qp_to_rts(b, conn);
}

enum tern_hw_qp_state qp_query(struct qp *qp, uint64_t words[64])
{
	uint64_t at = scratch_page(qp->node);
	uint64_t w[8] = { 0, at };

	node_command(qp->node, TERN_HW_CQP_OP_QUERY_QP, qp->qpn, w);
	for (uint32_t k = 0; k < 64; k++)
		words[k] = tb_mem_get64(at + 8 * k);
	return (enum tern_hw_qp_state)get(TERN_HW_QP_QUERY_STATE_STATE_MASK, words[48]);
}

void show_qp(struct qp *qp)
{
	static const char *const lines[] = { "seg", "rh", "rsp", "rr", "net", "ring", "state" };
	uint64_t words[64];

	qp_query(qp, words);
	fprintf(stderr, "node %u QP %u, posted %u and %u\n", qp->node, qp->qpn, qp->sq_index,
		qp->rq_index);
	for (uint32_t k = 0; k < sizeof(lines) / sizeof(lines[0]); k++) {
		fprintf(stderr, "  %-5s", lines[k]);
		for (uint32_t w = 0; w < 8; w++)
			fprintf(stderr, " %016llx", (unsigned long long)words[8 * k + w]);
		fprintf(stderr, "\n");
	}
}

/* ------------------------------------------------------------------------------- posting */

uint32_t wr_slots(const struct wr *wr)
{
	/* The address takes the place of one SGE */
	uint32_t sges = wr->num_sge + !!wr->ud, bytes = wr->data_len + (wr->ud ? 16 : 0);

	if (wr->flags & WR_INLINE)
		return bytes <= 32 ? 1 : 1 + (bytes - 32 + 63) / 64;
	return sges <= 2 ? 1 : 1 + (sges - 2 + 3) / 4;
}

void wr_split(struct wr *wr, const struct mr *mr, uint64_t offset, uint32_t len)
{
	uint32_t at = 0;

	for (uint32_t k = 0; k < wr->num_sge; k++) {
		uint32_t part = k + 1 == wr->num_sge ? len - at : rnd(len - at + 1);

		wr->sge[k] = (struct sge){ mr->attr.va + offset + at, part, mr->key };
		at += part;
	}
}

static uint64_t slot_at(const struct qp *qp, uint16_t index)
{
	return ring_at(&qp->sq, (index & ((1u << qp->attr.log_sq) - 1)) * 64ull);
}

/* Words 4 and up of the entry, as if its slots followed each other */
static void entry_word(const struct qp *qp, uint32_t word, uint64_t value)
{
	tb_mem_put64(slot_at(qp, (uint16_t)(qp->sq_index + word / 8)) + word % 8 * 8, value);
}

static void put_data(const struct qp *qp, const struct wr *wr)
{
	uint64_t words[28] = { 0 };
	uint32_t at = wr->ud ? 6 : 4;

	memcpy(words, wr->data, wr->data_len);
	for (uint32_t k = 0; k < (wr->data_len + 7) / 8; k++)
		entry_word(qp, at + k, words[k]);
}

static void put_sges(const struct qp *qp, const struct wr *wr)
{
	uint32_t at = wr->ud ? 6 : 4;

	for (uint32_t k = 0; k < wr->num_sge; k++) {
		entry_word(qp, at + 2 * k, wr->sge[k].va);
		entry_word(qp, at + 1 + 2 * k, put(TERN_HW_SGE_LEN_KEY_LEN_MASK, wr->sge[k].len) |
					  put(TERN_HW_SGE_LEN_KEY_LKEY_MASK, wr->sge[k].key));
	}
}

static void put_ud(const struct qp *qp, const struct wr *wr)
{
	const struct ud_addr *ud = wr->ud;
	uint64_t dgid[2];

	memcpy(dgid, ud->dgid, 16);
	entry_word(qp, 1, put(TERN_HW_SQ_UD_WQE_DEST_QPN_MASK, ud->qpn) |
			  put(TERN_HW_SQ_UD_WQE_DEST_SGID_MASK, ud->sgid) |
			  put(TERN_HW_SQ_UD_WQE_DEST_QKEY_MASK, ud->qkey));
	entry_word(qp, 2, put(TERN_HW_SQ_UD_WQE_FLOW_FLOW_LABEL_MASK, ud->flow_label) |
			  put(TERN_HW_SQ_UD_WQE_FLOW_PCP_MASK, ud->pcp) |
			  put(TERN_HW_SQ_UD_WQE_FLOW_IMM_MASK, wr->imm));
	entry_word(qp, 3, put(TERN_HW_SQ_UD_WQE_PATH_DMAC_MASK, ud->mac) |
			  put(TERN_HW_SQ_UD_WQE_PATH_TCLASS_MASK, ud->tclass) |
			  put(TERN_HW_SQ_UD_WQE_PATH_HOP_LIMIT_MASK, ud->hop_limit));
	entry_word(qp, 4, dgid[0]);
	entry_word(qp, 5, dgid[1]);
}

static void put_reg(const struct qp *qp, const struct wr *wr)
{
	entry_word(qp, 1, wr->va);
	entry_word(qp, 2, wr->length);
	entry_word(qp, 3, put(TERN_HW_SQ_REG_WQE_ATTR_KEY_MASK, wr->rkey) |
			  put(TERN_HW_SQ_REG_WQE_ATTR_ACCESS_MASK, wr->access) |
			  put(TERN_HW_SQ_REG_WQE_ATTR_PAGE_SHIFT_MASK, wr->page_shift));
	for (uint32_t k = 4; k < 8; k++)
		entry_word(qp, k, 0);
}

uint16_t qp_post_send(struct qp *qp, const struct wr *wr)
{
	uint16_t index = qp->sq_index;
	uint32_t slots = wr_slots(wr);
	bool odd = index >> qp->attr.log_sq & 1;
	bool inl = wr->flags & WR_INLINE;

	if (wr->op == TERN_HW_WQE_OP_REG_MR) {
		put_reg(qp, wr);
	} else {
		if (wr->ud) {
			put_ud(qp, wr);
		} else {
			entry_word(qp, 1, wr->remote);
			entry_word(qp, 2, put(TERN_HW_SQ_WQE_KEYS_RKEY_MASK, wr->rkey) |
					  put(TERN_HW_SQ_WQE_KEYS_IMM_MASK, wr->imm));
			entry_word(qp, 3, 0);
		}
		if (inl)
			put_data(qp, wr);
		else
			put_sges(qp, wr);
	}
	if (wr->op == TERN_HW_WQE_OP_CMP_SWAP || wr->op == TERN_HW_WQE_OP_FETCH_ADD) {
		entry_word(qp, 6, wr->operand);
		entry_word(qp, 7, wr->compare);
	}
	entry_word(qp, 0, put(TERN_HW_SQ_WQE_HDR_OP_MASK, wr->op) |
		   put(TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK, inl ? 0 : wr->num_sge) |
		   put(TERN_HW_SQ_WQE_HDR_SIGNALED_MASK, !!(wr->flags & WR_SIGNALED)) |
		   put(TERN_HW_SQ_WQE_HDR_SOLICITED_MASK, !!(wr->flags & WR_SOLICITED)) |
		   put(TERN_HW_SQ_WQE_HDR_FENCE_MASK, !!(wr->flags & WR_FENCE)) |
		   put(TERN_HW_SQ_WQE_HDR_INL_MASK, inl) |
		   put(TERN_HW_SQ_WQE_HDR_INL_LEN_MASK, inl ? wr->data_len : 0) |
		   put(TERN_HW_SQ_WQE_HDR_SLOTS_MASK, slots) |
		   (odd ? 0 : TERN_HW_SQ_WQE_HDR_POLARITY_MASK));
	qp->sq_index = (uint16_t)(index + slots);
	qp->push_last = slots == 1;
	return index;
}

static void ring(struct qp *qp, uint32_t which, uint16_t index, uint64_t more)
{
	bus(BUS_STORE, qp->node, qp->attr.page * PAGE + which,
	    put(TERN_HW_DB_Q_W_NUM_MASK, qp->qpn) | put(TERN_HW_DB_Q_W_INDEX_MASK, index) | more);
}

void qp_ring_sq(struct qp *qp)
{
	ring(qp, TERN_HW_DB_SQ, qp->sq_index, 0);
}

void qp_push_sq(struct qp *qp)
{
	uint16_t last = (uint16_t)(qp->sq_index - 1);
	uint32_t slot = last % PUSH_SLOTS;
	uint64_t at = slot_at(qp, last);

	if (!qp->push_last) {
		qp_ring_sq(qp);
		return;
	}
	for (uint32_t k = 0; k < 8; k++)
		bus(BUS_STORE, qp->node,
		    TERN_HW_DB_SPACE_PUSH + qp->attr.page * PAGE + 64 * slot + 8 * k,
		    tb_mem_get64(at + 8 * k));
	ring(qp, TERN_HW_DB_SQ, qp->sq_index,
	     TERN_HW_DB_Q_W_PUSHED_MASK | put(TERN_HW_DB_Q_W_SLOT_MASK, slot));
}

uint16_t qp_post_recv(struct qp *qp, const struct sge *sge, uint32_t count)
{
	const uint32_t mask = (1u << qp->attr.log_rq) - 1;
	uint16_t index = qp->rq_index++;
	uint64_t at = ring_at(&qp->rq, (index & mask) * (16ull << qp->attr.log_stride));

	for (uint32_t k = 0; k < 1u << qp->attr.log_stride; k++) {
		tb_mem_put64(at + 16 * k, k < count ? sge[k].va : 0);
		tb_mem_put64(at + 16 * k + 8,
			     k < count ? put(TERN_HW_SGE_LEN_KEY_LEN_MASK, sge[k].len) |
					 put(TERN_HW_SGE_LEN_KEY_LKEY_MASK, sge[k].key) : 0);
	}
	return index;
}

void qp_ring_rq(struct qp *qp)
{
	ring(qp, TERN_HW_DB_RQ, qp->rq_index, 0);
}
