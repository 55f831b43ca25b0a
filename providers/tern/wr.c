// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * ibv_wr_*: requests are written where the device reads them. A builder makes a complete
 * entry of one slot without data; a setter that follows adds the data to it. Those of UD QPs
 * are in ud.c.
 */

#include <errno.h>

#include "tern.h"
#include "wqe.h"
#include "wr.h"

/* A request of a connected QP */
static inline void begin(struct ibv_qp_ex *ibv_qp, uint64_t op, uint64_t remote, uint64_t keys)
{
	struct tern_hw_sq_wqe *wqe = tern_wr_begin(ibv_qp, op);

	if (unlikely(!wqe))
		return;
	wqe->remote = htole64(remote);
	wqe->keys = htole64(keys);
	wqe->rsvd = 0;
}

static void wr_send(struct ibv_qp_ex *qp)
{
	begin(qp, TERN_HW_WQE_OP_SEND, 0, 0);
}

static void wr_send_imm(struct ibv_qp_ex *qp, __be32 imm)
{
	begin(qp, TERN_HW_WQE_OP_SEND_IMM, 0, tern_keys_imm(imm));
}

static void wr_send_inv(struct ibv_qp_ex *qp, uint32_t key)
{
	begin(qp, TERN_HW_WQE_OP_SEND_INV, 0, tern_keys_inv(key));
}

static void wr_rdma_write(struct ibv_qp_ex *qp, uint32_t rkey, uint64_t addr)
{
	begin(qp, TERN_HW_WQE_OP_WRITE, addr, rkey);
}

static void wr_rdma_write_imm(struct ibv_qp_ex *qp, uint32_t rkey, uint64_t addr, __be32 imm)
{
	begin(qp, TERN_HW_WQE_OP_WRITE_IMM, addr, rkey | tern_keys_imm(imm));
}

static void wr_rdma_read(struct ibv_qp_ex *qp, uint32_t rkey, uint64_t addr)
{
	begin(qp, TERN_HW_WQE_OP_READ, addr, rkey);
}

static void wr_local_inv(struct ibv_qp_ex *qp, uint32_t key)
{
	begin(qp, TERN_HW_WQE_OP_LOCAL_INV, 0, key);
}

static void begin_atomic(struct ibv_qp_ex *qp, uint64_t op, uint32_t rkey, uint64_t addr,
			 uint64_t swap_or_add, uint64_t compare)
{
	struct tern_sq *sq = &to_tern_qp_ex(qp)->sq;

	begin(qp, op, addr, rkey);
	if (unlikely(!sq->wqe))
		return;
	sq->wqe->data[2] = htole64(swap_or_add);
	sq->wqe->data[3] = htole64(compare);
}

static void wr_atomic_cmp_swp(struct ibv_qp_ex *qp, uint32_t rkey, uint64_t addr,
			      uint64_t compare, uint64_t swap)
{
	begin_atomic(qp, TERN_HW_WQE_OP_CMP_SWAP, rkey, addr, swap, compare);
}

static void wr_atomic_fetch_add(struct ibv_qp_ex *qp, uint32_t rkey, uint64_t addr, uint64_t add)
{
	begin_atomic(qp, TERN_HW_WQE_OP_FETCH_ADD, rkey, addr, add, 0);
}

/* The most SGEs that the request may have */
static uint32_t most_sges(const struct tern_sq *sq)
{
	switch (le64toh(sq->wqe->hdr) & TERN_HW_SQ_WQE_HDR_OP_MASK) {
	case TERN_HW_WQE_OP_CMP_SWAP:
	case TERN_HW_WQE_OP_FETCH_ADD:
		return 1;
	case TERN_HW_WQE_OP_LOCAL_INV:
		return 0;
	default:
		return sq->max_sge;
	}
}

static bool may_inline(const struct tern_sq *sq)
{
	return !(le64toh(sq->wqe->hdr) & TERN_HW_SQ_WQE_HDR_OP_MASK &
		 (TERN_HW_WQE_OP_READ | TERN_HW_WQE_OP_LOCAL_INV));
}

static void wr_set_sge(struct ibv_qp_ex *ibv_qp, uint32_t lkey, uint64_t addr, uint32_t length)
{
	struct tern_sq *sq = &to_tern_qp_ex(ibv_qp)->sq;
	struct tern_hw_sq_wqe *wqe = sq->wqe;
	uint64_t hdr;

	if (unlikely(!wqe))
		return tern_wr_fail(sq, EINVAL);
	hdr = le64toh(wqe->hdr);
	if (unlikely((hdr & TERN_HW_SQ_WQE_HDR_OP_MASK) == TERN_HW_WQE_OP_LOCAL_INV))
		return tern_wr_fail(sq, EINVAL);
	wqe->hdr = htole64(hdr + tern_hdr_sges(1));
	tern_put_sge((struct tern_hw_sge *)wqe->data, addr, length, lkey);
	sq->wqe = NULL;
}

static void wr_set_sge_list(struct ibv_qp_ex *ibv_qp, size_t num_sge, const struct ibv_sge *sge)
{
	struct tern_sq *sq = &to_tern_qp_ex(ibv_qp)->sq;

	if (unlikely(!sq->wqe || num_sge > most_sges(sq)))
		return tern_wr_fail(sq, EINVAL);
	if (tern_wr_extend(sq, tern_sge_slots(num_sge), tern_hdr_sges(num_sge)))
		tern_put_sges(sq, sq->wqe, sge, num_sge);
	sq->wqe = NULL;
}

static void wr_set_inline_data_list(struct ibv_qp_ex *ibv_qp, size_t num,
				    const struct ibv_data_buf *buf)
{
	struct tern_sq *sq = &to_tern_qp_ex(ibv_qp)->sq;
	size_t i, bytes = 0;
	uint8_t *to;

	if (unlikely(!sq->wqe || !may_inline(sq)))
		return tern_wr_fail(sq, EINVAL);
	for (i = 0; i < num; i++) {
		if (unlikely(buf[i].length > sq->max_inline - bytes))
			return tern_wr_fail(sq, EINVAL);
		bytes += buf[i].length;
	}
	if (tern_wr_extend(sq, tern_inline_slots(bytes), tern_hdr_inline(bytes))) {
		to = (uint8_t *)sq->wqe->data;
		for (i = 0; i < num; i++)
			to = tern_put_inline(sq, to, buf[i].addr, buf[i].length);
	}
	sq->wqe = NULL;
}

static void wr_set_inline_data(struct ibv_qp_ex *ibv_qp, void *addr, size_t length)
{
	struct ibv_data_buf buf = { .addr = addr, .length = length };

	wr_set_inline_data_list(ibv_qp, 1, &buf);
}

void tern_set_wr_ops(struct ibv_qp_ex *qp)
{
	qp->wr_start = tern_wr_start;
	qp->wr_complete = tern_wr_complete;
	qp->wr_abort = tern_wr_abort;
	qp->wr_send = wr_send;
	qp->wr_send_imm = wr_send_imm;
	qp->wr_send_inv = wr_send_inv;
	qp->wr_rdma_write = wr_rdma_write;
	qp->wr_rdma_write_imm = wr_rdma_write_imm;
	qp->wr_rdma_read = wr_rdma_read;
	qp->wr_atomic_cmp_swp = wr_atomic_cmp_swp;
	qp->wr_atomic_fetch_add = wr_atomic_fetch_add;
	qp->wr_local_inv = wr_local_inv;
	qp->wr_set_sge = wr_set_sge;
	qp->wr_set_sge_list = wr_set_sge_list;
	qp->wr_set_inline_data = wr_set_inline_data;
	qp->wr_set_inline_data_list = wr_set_inline_data_list;
}
