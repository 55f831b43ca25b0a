// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Reading completion queues: ibv_poll_cq, ibv_start_poll and its kin, and arming
 *
 * The device writes an entry for each request that fails or is flushed, so there is nothing
 * to be made up here, but for a device that is dead (flush.c). Entries of queue pairs that exist no more belong to nobody and are
 * dropped.
 */

#include <errno.h>
#include <string.h>

#include "doorbells.h"
#include "tern.h"

static const uint8_t send_opcodes[256] = {
	[TERN_HW_WQE_OP_SEND] = IBV_WC_SEND,
	[TERN_HW_WQE_OP_SEND_IMM] = IBV_WC_SEND,
	[TERN_HW_WQE_OP_SEND_INV] = IBV_WC_SEND,
	[TERN_HW_WQE_OP_WRITE] = IBV_WC_RDMA_WRITE,
	[TERN_HW_WQE_OP_WRITE_IMM] = IBV_WC_RDMA_WRITE,
	[TERN_HW_WQE_OP_READ] = IBV_WC_RDMA_READ,
	[TERN_HW_WQE_OP_CMP_SWAP] = IBV_WC_COMP_SWAP,
	[TERN_HW_WQE_OP_FETCH_ADD] = IBV_WC_FETCH_ADD,
	[TERN_HW_WQE_OP_LOCAL_INV] = IBV_WC_LOCAL_INV,
};

static_assert((int)TERN_HW_WC_STATUS_SUCCESS == (int)IBV_WC_SUCCESS &&
	      (int)TERN_HW_WC_STATUS_LOC_LEN == (int)IBV_WC_LOC_LEN_ERR &&
	      (int)TERN_HW_WC_STATUS_LOC_QP_OP == (int)IBV_WC_LOC_QP_OP_ERR &&
	      (int)TERN_HW_WC_STATUS_LOC_PROT == (int)IBV_WC_LOC_PROT_ERR &&
	      (int)TERN_HW_WC_STATUS_WR_FLUSH == (int)IBV_WC_WR_FLUSH_ERR &&
	      (int)TERN_HW_WC_STATUS_MW_BIND == (int)IBV_WC_MW_BIND_ERR &&
	      (int)TERN_HW_WC_STATUS_BAD_RESP == (int)IBV_WC_BAD_RESP_ERR &&
	      (int)TERN_HW_WC_STATUS_LOC_ACCESS == (int)IBV_WC_LOC_ACCESS_ERR &&
	      (int)TERN_HW_WC_STATUS_REM_INV_REQ == (int)IBV_WC_REM_INV_REQ_ERR &&
	      (int)TERN_HW_WC_STATUS_REM_ACCESS == (int)IBV_WC_REM_ACCESS_ERR &&
	      (int)TERN_HW_WC_STATUS_REM_OP == (int)IBV_WC_REM_OP_ERR &&
	      (int)TERN_HW_WC_STATUS_RETRY_EXC == (int)IBV_WC_RETRY_EXC_ERR &&
	      (int)TERN_HW_WC_STATUS_RNR_RETRY_EXC == (int)IBV_WC_RNR_RETRY_EXC_ERR &&
	      (int)TERN_HW_WC_STATUS_GENERAL == (int)IBV_WC_GENERAL_ERR, "status is the same");

static inline uint32_t info_qpn(uint64_t info)
{
	return info & TERN_HW_CQE_INFO_QPN_MASK;
}

/* A test of a bit there by a mask of 64 bits takes an instruction more */
static inline uint32_t info_high(uint64_t info)
{
	return info >> 32;
}

static inline uint32_t info_status(uint64_t info)
{
	return (uint8_t)(info >> __builtin_ctzll(TERN_HW_CQE_INFO_STATUS_MASK));
}

static inline bool info_is_rq(uint64_t info)
{
	return info_high(info) & (TERN_HW_CQE_INFO_RQ_MASK >> 32);
}

static inline uint8_t info_op(uint64_t info)
{
	return info >> __builtin_ctzll(TERN_HW_CQE_INFO_OPCODE_MASK);
}

static inline enum ibv_wc_opcode recv_opcode(uint64_t info)
{
	static_assert((int)TERN_HW_RCV_OP_SEND == 0 && (int)TERN_HW_RCV_OP_WRITE_IMM == 1 &&
		      (int)IBV_WC_RECV + 1 == (int)IBV_WC_RECV_RDMA_WITH_IMM, "order");
	return IBV_WC_RECV + (info_op(info) & 1);
}

#define WITH_IMM_OR_INV	(TERN_HW_CQE_INFO_WITH_IMM_MASK | TERN_HW_CQE_INFO_WITH_INV_MASK)

/* With immediate data or with a key that was invalidated */
static inline unsigned int info_wc_flags(uint64_t info)
{
	static_assert(TERN_HW_CQE_INFO_WITH_IMM_MASK >> 41 == IBV_WC_WITH_IMM &&
		      TERN_HW_CQE_INFO_WITH_INV_MASK >> 40 == IBV_WC_WITH_INV, "flags");
	return (info >> 41 & IBV_WC_WITH_IMM) | (info >> 40 & IBV_WC_WITH_INV);
}

static inline unsigned int peer_wc_flags(uint64_t peer)
{
	static_assert(TERN_HW_CQE_PEER_GRH_MASK >> 24 == IBV_WC_GRH, "flags");
	return peer >> 24 & IBV_WC_GRH;
}

/* The priority of the VLAN tag, if there is one */
static inline uint8_t peer_sl(uint64_t peer)
{
	return peer & TERN_HW_CQE_PEER_VLAN_MASK ?
	       FIELD_GET(TERN_HW_CQE_PEER_VLAN_TCI_MASK, peer) >> 13 : 0;
}

/* Immediate data keeps the order of its bytes, a key is a number */
static inline uint32_t cqe_imm(const struct tern_hw_cqe *cqe, uint64_t info)
{
	if (info & TERN_HW_CQE_INFO_WITH_INV_MASK)
		return le32toh(cqe->imm);
	return (uint32_t)cqe->imm;
}

static inline uint32_t peer_index(uint64_t peer)
{
	return peer >> __builtin_ctzll(TERN_HW_CQE_PEER_WQE_INDEX_MASK);
}

/*
 * The wr_id of the request that completed; all of its slots and of those before it, which
 * may have completed without an entry, become free. Release: after what was read of them.
 */
static inline uint64_t complete_send(struct tern_sq *sq, uint32_t index)
{
	const struct tern_sq_wr *kept = &sq->wr[index & sq->mask];
	uint64_t wr_id = kept->wr_id;

	atomic_store_explicit(&sq->tail, kept->end, memory_order_release);
	return wr_id;
}

static inline uint64_t complete_recv(struct tern_rq *rq, uint32_t index)
{
	uint64_t wr_id = rq->wr_id[index & rq->mask];

	atomic_store_explicit(&rq->tail, index + 1, memory_order_release);
	return wr_id;
}

static __attribute__((noinline)) bool find_qp(struct tern_cq *cq, uint32_t qpn)
{
	cq->qp = tern_find_qp(cq->ctx, qpn);
	/* That there is none is not kept, for one may come */
	cq->qpn = cq->qp ? qpn : TERN_NO_QPN;
	return cq->qp;
}

/*
 * Whether it is an entry of a QP that exists; cq->qp is this then. It most often is as before.
 * tern_purge_cq forgets it.
 */
static inline bool has_qp(struct tern_cq *cq, uint64_t info)
{
	return likely(cq->qpn == info_qpn(info)) || likely(find_qp(cq, info_qpn(info)));
}

static inline const struct tern_hw_cqe *cqe_at(const struct tern_cq *cq, uint32_t index)
{
	return (const struct tern_hw_cqe *)cq->ring.buf + (index & cq->mask);
}

/* Whether the device wrote the entry; then its info, and the rest of it may be read */
static inline bool is_new(const struct tern_cq *cq, const struct tern_hw_cqe *cqe, uint32_t index,
			  uint64_t *info)
{
	*info = le64toh(*(const volatile __le64 *)&cqe->info);
	/* As tern_ring_cqe_is_new: the wrap parity of the index is moved to the polarity */
	if (unlikely((int64_t)(*info ^ (uint64_t)index << cq->parity_shift) >= 0))
		return false;
	tern_cqe_barrier();
	/* In two loads, of which one may have come before the device's store */
	if (sizeof(long) < sizeof(*info))
		*info = le64toh(*(const volatile __le64 *)&cqe->info);
	return true;
}

/* The entry that comes next if the device wrote it, or NULL */
static inline const struct tern_hw_cqe *next_cqe(const struct tern_cq *cq, uint64_t *info)
{
	const struct tern_hw_cqe *cqe = cqe_at(cq, cq->ring.index);

	return is_new(cq, cqe, cq->ring.index, info) ? cqe : NULL;
}

static __attribute__((noinline)) void tell(struct tern_cq *cq, uint32_t index)
{
	cq->ring.index = index;
	tern_ring_cq_doorbell(cq, TERN_HW_CQ_MODE_DISABLED);
}

/* If there will be nothing any more, the next look finds what is flushed */
static inline void found_nothing(struct tern_cq *cq)
{
	if (unlikely(!tern_is_alive(cq->ctx)))
		tern_flush_cq(cq);
}

/* The device need not be told of each one */
static inline void consume_cqe(struct tern_cq *cq)
{
	if (unlikely(++cq->ring.index == cq->tell_at))
		tell(cq, cq->ring.index);
}

/* Both at once where the byte order allows it */
static inline void copy_len_imm(struct ibv_wc *wc, const struct tern_hw_cqe *cqe)
{
	static_assert(offsetof(struct ibv_wc, imm_data) - offsetof(struct ibv_wc, byte_len) == 4 &&
		      offsetof(struct tern_hw_cqe, imm) - offsetof(struct tern_hw_cqe, len) == 4,
		      "one behind the other");
	if (__BYTE_ORDER == __LITTLE_ENDIAN) {
		memcpy(&wc->byte_len, &cqe->len, 8);
	} else {
		wc->byte_len = le32toh(cqe->len);
		wc->imm_data = (__force __be32)(uint32_t)cqe->imm;
	}
}

/* And no flags, both at once likewise */
static inline void put_src_qp(struct ibv_wc *wc, uint64_t src_qp)
{
	static_assert(offsetof(struct ibv_wc, wc_flags) - offsetof(struct ibv_wc, src_qp) == 4,
		      "one behind the other");
	if (__BYTE_ORDER == __LITTLE_ENDIAN) {
		memcpy(&wc->src_qp, &src_qp, 8);
	} else {
		wc->src_qp = src_qp;
		wc->wc_flags = 0;
	}
}

static inline void fill_wc(struct ibv_wc *wc, const struct tern_hw_cqe *cqe, struct tern_qp *qp,
			   uint64_t info)
{
	uint64_t peer = le64toh(cqe->peer);
	uint32_t status = info_status(info);

	if (info_is_rq(info)) {
		wc->wr_id = complete_recv(&qp->rq, peer_index(peer));
		wc->opcode = recv_opcode(info);
	} else {
		wc->wr_id = complete_send(&qp->sq, peer_index(peer));
		wc->opcode = send_opcodes[info_op(info)];
	}
	wc->status = status;
	wc->vendor_err = status;
	copy_len_imm(wc, cqe);
	wc->qp_num = info_qpn(info);
	put_src_qp(wc, peer & TERN_HW_CQE_PEER_SRC_QPN_MASK);
	/* pkey_index, slid, sl, dlid_path_bits */
	memset(&wc->pkey_index, 0, sizeof(*wc) - offsetof(struct ibv_wc, pkey_index));
	if (unlikely(peer & TERN_HW_CQE_PEER_GRH_MASK)) {
		wc->wc_flags = IBV_WC_GRH;
		wc->sl = peer_sl(peer);
	}
	if (unlikely(info_high(info) & (WITH_IMM_OR_INV >> 32))) {
		wc->wc_flags |= info_wc_flags(info);
		wc->imm_data = (__force __be32)cqe_imm(cqe, info);
	}
}

int tern_poll_cq(struct ibv_cq *ibv_cq, int num_entries, struct ibv_wc *wc)
{
	struct tern_cq *cq = to_tern_cq(ibv_cq);
	const struct tern_hw_cqe *cqe;
	int left = num_entries;
	uint32_t index;
	uint64_t info;

	tern_lock(&cq->lock);
	index = cq->ring.index;
	while (left > 0) {
		cqe = cqe_at(cq, index);
		if (!is_new(cq, cqe, index, &info))
			break;
		if (has_qp(cq, info)) {
			fill_wc(wc++, cqe, cq->qp, info);
			left--;
		}
		if (unlikely(++index == cq->tell_at))
			tell(cq, index);
	}
	cq->ring.index = index;
	if (left == num_entries)
		found_nothing(cq);
	tern_unlock(&cq->lock);
	return num_entries - left;
}

/* Fires at once if the condition has been met already, so no completion is missed */
int tern_req_notify_cq(struct ibv_cq *ibv_cq, int solicited_only)
{
	struct tern_cq *cq = to_tern_cq(ibv_cq);

	tern_lock(&cq->lock);
	tern_ring_cq_doorbell(cq, solicited_only ? TERN_HW_CQ_MODE_SOLICITED :
						   TERN_HW_CQ_MODE_CONFIGURED);
	tern_unlock(&cq->lock);
	return 0;
}

/*
 * Make sure that no entry of this QP is taken for one of a later QP with its number, and that
 * the QP is looked for no more. The device writes no more of them. QP 0 does not exist.
 */
void tern_purge_cq(struct tern_cq *cq, uint32_t qpn)
{
	struct tern_ring ring = cq->ring;
	struct tern_hw_cqe *cqe;
	uint32_t i;

	cq->qpn = TERN_NO_QPN;
	for (i = 0; i < tern_ring_size(&ring); i++, ring.index++) {
		cqe = (struct tern_hw_cqe *)tern_ring_cqe(&ring);
		if (!tern_ring_cqe_is_new(&ring, le64toh(cqe->info)))
			break;
		tern_cqe_barrier();
		if (info_qpn(le64toh(cqe->info)) == qpn)
			cqe->info &= htole64(~TERN_HW_CQE_INFO_QPN_MASK);
	}
}

/*
 * ibv_start_poll, ibv_next_poll, ibv_end_poll. An entry is consumed when the caller is done
 * with it, since the readers look at it where it is.
 */
static inline int find_cqe(struct tern_cq *cq)
{
	const struct tern_hw_cqe *cqe;
	uint32_t index;
	uint64_t info;

	while ((cqe = next_cqe(cq, &info))) {
		if (has_qp(cq, info)) {
			index = peer_index(le64toh(cqe->peer));
			cq->vcq.cq_ex.status = info_status(info);
			cq->vcq.cq_ex.wr_id = info_is_rq(info) ?
					      complete_recv(&cq->qp->rq, index) :
					      complete_send(&cq->qp->sq, index);
			cq->cqe = cqe;
			return 0;
		}
		consume_cqe(cq);
	}
	cq->cqe = NULL;
	found_nothing(cq);
	return ENOENT;
}

static int start_poll_unlocked(struct ibv_cq_ex *ibv_cq, struct ibv_poll_cq_attr *attr)
{
	if (unlikely(attr->comp_mask))
		return EINVAL;
	return find_cqe(to_tern_cq_ex(ibv_cq));
}

static int start_poll(struct ibv_cq_ex *ibv_cq, struct ibv_poll_cq_attr *attr)
{
	struct tern_cq *cq = to_tern_cq_ex(ibv_cq);
	int ret;

	if (unlikely(attr->comp_mask))
		return EINVAL;
	tern_spin_lock(&cq->lock);
	ret = find_cqe(cq);
	if (ret)
		tern_spin_unlock(&cq->lock);
	return ret;
}

static int next_poll(struct ibv_cq_ex *ibv_cq)
{
	struct tern_cq *cq = to_tern_cq_ex(ibv_cq);

	if (likely(cq->cqe))
		consume_cqe(cq);
	return find_cqe(cq);
}

static void end_poll_unlocked(struct ibv_cq_ex *ibv_cq)
{
	struct tern_cq *cq = to_tern_cq_ex(ibv_cq);

	if (cq->cqe)
		consume_cqe(cq);
	cq->cqe = NULL;
}

static void end_poll(struct ibv_cq_ex *ibv_cq)
{
	end_poll_unlocked(ibv_cq);
	tern_spin_unlock(&to_tern_cq_ex(ibv_cq)->lock);
}

static inline uint64_t cur_info(struct ibv_cq_ex *cq)
{
	return le64toh(to_tern_cq_ex(cq)->cqe->info);
}

static inline uint64_t cur_peer(struct ibv_cq_ex *cq)
{
	return le64toh(to_tern_cq_ex(cq)->cqe->peer);
}

static enum ibv_wc_opcode read_opcode(struct ibv_cq_ex *cq)
{
	uint64_t info = cur_info(cq);

	return info_is_rq(info) ? recv_opcode(info) : send_opcodes[info_op(info)];
}

static uint32_t read_vendor_err(struct ibv_cq_ex *cq)
{
	return info_status(cur_info(cq));
}

static unsigned int read_wc_flags(struct ibv_cq_ex *cq)
{
	return info_wc_flags(cur_info(cq)) | peer_wc_flags(cur_peer(cq));
}

static uint32_t read_byte_len(struct ibv_cq_ex *cq)
{
	return le32toh(to_tern_cq_ex(cq)->cqe->len);
}

static __be32 read_imm_data(struct ibv_cq_ex *cq)
{
	return (__force __be32)cqe_imm(to_tern_cq_ex(cq)->cqe, cur_info(cq));
}

static uint32_t read_qp_num(struct ibv_cq_ex *cq)
{
	return info_qpn(cur_info(cq));
}

static uint32_t read_src_qp(struct ibv_cq_ex *cq)
{
	return cur_peer(cq) & TERN_HW_CQE_PEER_SRC_QPN_MASK;
}

static uint64_t read_completion_ts(struct ibv_cq_ex *cq)
{
	return le64toh(to_tern_cq_ex(cq)->cqe->timestamp);
}

static uint16_t read_cvlan(struct ibv_cq_ex *cq)
{
	return FIELD_GET(TERN_HW_CQE_PEER_VLAN_TCI_MASK, cur_peer(cq));
}

/* There are no LIDs on Ethernet */
static uint32_t read_slid(struct ibv_cq_ex *cq)
{
	(void)cq;
	return 0;
}

static uint8_t read_sl(struct ibv_cq_ex *cq)
{
	return peer_sl(cur_peer(cq));
}

static uint8_t read_zero(struct ibv_cq_ex *cq)
{
	(void)cq;
	return 0;
}

void tern_set_cq_ex_ops(struct tern_cq *tern_cq, uint64_t wc_flags)
{
	struct ibv_cq_ex *cq = &tern_cq->vcq.cq_ex;

	cq->start_poll = tern_cq->lock.needed ? start_poll : start_poll_unlocked;
	cq->end_poll = tern_cq->lock.needed ? end_poll : end_poll_unlocked;
	cq->next_poll = next_poll;
	cq->read_opcode = read_opcode;
	cq->read_vendor_err = read_vendor_err;
	cq->read_wc_flags = read_wc_flags;
	if (wc_flags & IBV_WC_EX_WITH_BYTE_LEN)
		cq->read_byte_len = read_byte_len;
	if (wc_flags & IBV_WC_EX_WITH_IMM)
		cq->read_imm_data = read_imm_data;
	if (wc_flags & IBV_WC_EX_WITH_QP_NUM)
		cq->read_qp_num = read_qp_num;
	if (wc_flags & IBV_WC_EX_WITH_SRC_QP)
		cq->read_src_qp = read_src_qp;
	if (wc_flags & IBV_WC_EX_WITH_SLID)
		cq->read_slid = read_slid;
	if (wc_flags & IBV_WC_EX_WITH_SL)
		cq->read_sl = read_sl;
	if (wc_flags & IBV_WC_EX_WITH_DLID_PATH_BITS)
		cq->read_dlid_path_bits = read_zero;
	if (wc_flags & IBV_WC_EX_WITH_COMPLETION_TIMESTAMP)
		cq->read_completion_ts = read_completion_ts;
	if (wc_flags & IBV_WC_EX_WITH_CVLAN)
		cq->read_cvlan = read_cvlan;
}
