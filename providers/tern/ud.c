// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Datagrams: addresses, and the requests that carry them. The device knows no address handles;
 * a request has its address in its first slot, and beside it room for 1 SGE or 16 B of data.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tern.h"
#include "wqe.h"
#include "wr.h"

/* Setters that may follow a builder of ibv_wr_*, each once; that of the address has to */
#define TODO_ADDRESS	1u
#define TODO_DATA	2u

#define QPN_MAX		0xffffffu

static_assert(TERN_HW_SQ_UD_WQE_FLOW_IMM_MASK == TERN_HW_SQ_WQE_KEYS_IMM_MASK,
	      "tern_keys_imm is good for both");

static uint64_t mac_value(const uint8_t mac[6])
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < 6; i++)
		value = value << 8 | mac[i];
	return value;
}

static void set_address(struct tern_ah *ah, const struct ibv_ah_attr *attr, const uint8_t dmac[6])
{
	const struct ibv_global_route *grh = &attr->grh;

	ah->dest = FIELD_PREP(TERN_HW_SQ_UD_WQE_DEST_SGID_MASK, (uint64_t)grh->sgid_index);
	ah->flow = FIELD_PREP(TERN_HW_SQ_UD_WQE_FLOW_FLOW_LABEL_MASK,
			      (uint64_t)(grh->flow_label & 0xfffff)) |
		   FIELD_PREP(TERN_HW_SQ_UD_WQE_FLOW_PCP_MASK, (uint64_t)(attr->sl & 7));
	ah->path = FIELD_PREP(TERN_HW_SQ_UD_WQE_PATH_DMAC_MASK, mac_value(dmac)) |
		   FIELD_PREP(TERN_HW_SQ_UD_WQE_PATH_TCLASS_MASK, (uint64_t)grh->traffic_class) |
		   FIELD_PREP(TERN_HW_SQ_UD_WQE_PATH_HOP_LIMIT_MASK, (uint64_t)grh->hop_limit);
	ah->dgid = grh->dgid;
}

/* The kernel checks the address, and knows the neighbour that it leads to */
struct ibv_ah *tern_create_ah(struct ibv_pd *pd, struct ibv_ah_attr *attr)
{
	struct tern_cmd_create_ah_resp resp = {};
	struct tern_ah *ah;
	int ret;

	if (!attr->is_global) {
		errno = EINVAL;
		return NULL;
	}
	ah = calloc(1, sizeof(*ah));
	if (!ah)
		return NULL;
	ret = ibv_cmd_create_ah(pd, &ah->ibv_ah, attr, &resp.ibv_resp, sizeof(resp));
	if (ret) {
		free(ah);
		errno = ret;
		return NULL;
	}
	set_address(ah, attr, resp.dmac);
	return &ah->ibv_ah;
}

int tern_destroy_ah(struct ibv_ah *ibv_ah)
{
	int ret;

	ret = ibv_cmd_destroy_ah(ibv_ah);
	if (ret)
		return ret;
	free(to_tern_ah(ibv_ah));
	return 0;
}

/* flow is there already, with the immediate data */
static void put_address(struct tern_hw_sq_ud_wqe *wqe, const struct tern_ah *ah, uint32_t qpn,
			uint32_t qkey)
{
	static_assert(sizeof(wqe->dgid) == sizeof(ah->dgid), "a GID");
	wqe->dest = htole64(ah->dest | qpn |
			    (uint64_t)qkey << TERN_SHIFT(TERN_HW_SQ_UD_WQE_DEST_QKEY_MASK));
	wqe->flow |= htole64(ah->flow);
	wqe->path = htole64(ah->path);
	memcpy(wqe->dgid, &ah->dgid, sizeof(wqe->dgid));
}

/* The second SGE is at the start of the next slot already */
static void put_sges(const struct tern_sq *sq, struct tern_hw_sq_ud_wqe *wqe,
		     const struct ibv_sge *sge, uint32_t num)
{
	const void *end = (struct tern_hw_sq_wqe *)sq->buf + sq->mask + 1;
	struct tern_hw_sge *to = (struct tern_hw_sge *)wqe->data;

	for (; num; num--) {
		tern_copy_sge(to++, sge++);
		if (unlikely(to == end))
			to = (struct tern_hw_sge *)sq->buf;
	}
}

/*
 * ibv_post_send of a UD QP: build the entry at index head. Returns how many slots it has, or a
 * negative errno: then nothing counts of what was written.
 */
int tern_build_ud(const struct tern_sq *sq, const struct ibv_send_wr *wr, uint32_t head,
		  uint32_t room)
{
	uint32_t flags = wr->send_flags | (sq->always_flags & ~TERN_SQ_UD);
	struct tern_hw_sq_ud_wqe *wqe = (struct tern_hw_sq_ud_wqe *)tern_sq_slot(sq, head);
	struct tern_sq_wr *kept = &sq->wr[head & sq->mask];
	bool imm = wr->opcode == IBV_WR_SEND_WITH_IMM;
	uint32_t num_sge = wr->num_sge, slots;
	uint64_t hdr = imm ? TERN_HW_WQE_OP_SEND_IMM : TERN_HW_WQE_OP_SEND;

	if (!imm && wr->opcode != IBV_WR_SEND)
		return -EOPNOTSUPP;
	if (flags > 2 * IBV_SEND_INLINE - 1 || num_sge > sq->max_sge || !wr->wr.ud.ah ||
	    wr->wr.ud.remote_qpn > QPN_MAX)
		return -EINVAL;
	if (flags & IBV_SEND_INLINE) {
		uint64_t bytes = tern_total_length(wr);

		if (bytes > sq->max_inline)
			return -EINVAL;
		slots = tern_ud_inline_slots(bytes);
		hdr |= tern_hdr_inline(bytes);
	} else {
		slots = tern_ud_sge_slots(num_sge);
		hdr |= tern_hdr_sges(num_sge);
	}
	if (slots > room)
		return -ENOMEM;

	wqe->flow = htole64(imm ? tern_keys_imm(wr->imm_data) : 0);
	put_address(wqe, to_tern_ah(wr->wr.ud.ah), wr->wr.ud.remote_qpn, wr->wr.ud.remote_qkey);
	if (flags & IBV_SEND_INLINE)
		tern_put_inline_sges(sq, (uint8_t *)wqe->data, wr);
	else
		put_sges(sq, wqe, wr->sg_list, num_sge);

	kept->wr_id = wr->wr_id;
	kept->end = head + slots;
	wqe->hdr = htole64(hdr | tern_hdr_slots(slots) |
			   tern_hdr_flags(flags & (IBV_SEND_INLINE - 1)) |
			   tern_sq_polarity(sq, head));
	return slots;
}

/* --------------------------------------------------------------------------- ibv_wr_* */

static void ud_start(struct ibv_qp_ex *qp)
{
	tern_wr_start(qp);
	to_tern_qp_ex(qp)->sq.ud_todo = 0;
}

/* A request that has got no address is none */
static void check_address(struct tern_sq *sq)
{
	if (unlikely(sq->ud_todo & TODO_ADDRESS))
		tern_wr_fail(sq, EINVAL);
}

static int ud_complete(struct ibv_qp_ex *qp)
{
	check_address(&to_tern_qp_ex(qp)->sq);
	return tern_wr_complete(qp);
}

static void ud_abort(struct ibv_qp_ex *qp)
{
	tern_wr_abort(qp);
}

static void ud_begin(struct ibv_qp_ex *qp, uint64_t op, uint64_t flow)
{
	struct tern_sq *sq = &to_tern_qp_ex(qp)->sq;
	struct tern_hw_sq_ud_wqe *wqe;

	check_address(sq);
	wqe = (struct tern_hw_sq_ud_wqe *)tern_wr_begin(qp, op);
	sq->ud_todo = 0;
	if (unlikely(!wqe))
		return;
	wqe->flow = htole64(flow);
	sq->ud_todo = TODO_ADDRESS | TODO_DATA;
}

static void ud_send(struct ibv_qp_ex *qp)
{
	ud_begin(qp, TERN_HW_WQE_OP_SEND, 0);
}

static void ud_send_imm(struct ibv_qp_ex *qp, __be32 imm)
{
	ud_begin(qp, TERN_HW_WQE_OP_SEND_IMM, tern_keys_imm(imm));
}

/* The request that a setter adds to, or NULL: it may not; ok is what else is asked of it */
static struct tern_hw_sq_ud_wqe *ud_set(struct tern_sq *sq, uint32_t what, bool ok)
{
	if (unlikely(!sq->wqe || !(sq->ud_todo & what) || !ok)) {
		tern_wr_fail(sq, EINVAL);
		sq->ud_todo = 0;
		return NULL;
	}
	sq->ud_todo &= ~what;
	return (struct tern_hw_sq_ud_wqe *)sq->wqe;
}

static void ud_set_address(struct ibv_qp_ex *qp, struct ibv_ah *ah, uint32_t qpn, uint32_t qkey)
{
	struct tern_sq *sq = &to_tern_qp_ex(qp)->sq;
	struct tern_hw_sq_ud_wqe *wqe = ud_set(sq, TODO_ADDRESS, ah && qpn <= QPN_MAX);

	if (likely(wqe))
		put_address(wqe, to_tern_ah(ah), qpn, qkey);
}

static void ud_set_sge_list(struct ibv_qp_ex *qp, size_t num_sge, const struct ibv_sge *sge)
{
	struct tern_sq *sq = &to_tern_qp_ex(qp)->sq;
	struct tern_hw_sq_ud_wqe *wqe = ud_set(sq, TODO_DATA, num_sge <= sq->max_sge);

	if (wqe && tern_wr_extend(sq, tern_ud_sge_slots(num_sge), tern_hdr_sges(num_sge)))
		put_sges(sq, wqe, sge, num_sge);
}

static void ud_set_sge(struct ibv_qp_ex *qp, uint32_t lkey, uint64_t addr, uint32_t length)
{
	struct ibv_sge sge = { .addr = addr, .length = length, .lkey = lkey };

	ud_set_sge_list(qp, 1, &sge);
}

static bool is_inline_size(const struct tern_sq *sq, size_t num, const struct ibv_data_buf *buf,
			   size_t *bytes)
{
	size_t i;

	*bytes = 0;
	for (i = 0; i < num; i++) {
		if (buf[i].length > sq->max_inline - *bytes)
			return false;
		*bytes += buf[i].length;
	}
	return true;
}

static void ud_set_inline_data_list(struct ibv_qp_ex *qp, size_t num,
				    const struct ibv_data_buf *buf)
{
	struct tern_sq *sq = &to_tern_qp_ex(qp)->sq;
	struct tern_hw_sq_ud_wqe *wqe;
	size_t i, bytes;
	uint8_t *to;

	wqe = ud_set(sq, TODO_DATA, is_inline_size(sq, num, buf, &bytes));
	if (!wqe || !tern_wr_extend(sq, tern_ud_inline_slots(bytes), tern_hdr_inline(bytes)))
		return;
	to = (uint8_t *)wqe->data;
	for (i = 0; i < num; i++)
		to = tern_put_inline(sq, to, buf[i].addr, buf[i].length);
}

static void ud_set_inline_data(struct ibv_qp_ex *qp, void *addr, size_t length)
{
	struct ibv_data_buf buf = { .addr = addr, .length = length };

	ud_set_inline_data_list(qp, 1, &buf);
}

void tern_set_ud_wr_ops(struct ibv_qp_ex *qp)
{
	qp->wr_start = ud_start;
	qp->wr_complete = ud_complete;
	qp->wr_abort = ud_abort;
	qp->wr_send = ud_send;
	qp->wr_send_imm = ud_send_imm;
	qp->wr_set_ud_addr = ud_set_address;
	qp->wr_set_sge = ud_set_sge;
	qp->wr_set_sge_list = ud_set_sge_list;
	qp->wr_set_inline_data = ud_set_inline_data;
	qp->wr_set_inline_data_list = ud_set_inline_data_list;
}
