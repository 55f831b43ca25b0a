// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Work requests and completions of kernel QPs
 *
 * The send queue counts in slots of 64 B, of which an entry takes 1 to 5, and an entry may go
 * on at the start of the ring. A completion tells the first slot of its entry; all entries
 * before it in the same queue are over too, whether they had completions of their own or not.
 */

#include <linux/bitfield.h>
#include <linux/log2.h>
#include <linux/string.h>

#include "doorbell.h"
#include "tern_ib.h"

/* SGEs in slots but the first */
#define SLOT_SGES	4

#define SLOT_BYTES	sizeof(struct tern_hw_sq_wqe)

#define MR_ACCESS	(IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_READ | \
			 IB_ACCESS_REMOTE_ATOMIC)

/* Consumers may give these, and tern has no use for them */
#define MR_HINTS	(IB_ACCESS_RELAXED_ORDERING | IB_ACCESS_OPTIONAL)

static_assert((int)IB_ACCESS_LOCAL_WRITE == (int)TERN_HW_ACCESS_LOCAL_WRITE);
static_assert((int)IB_ACCESS_REMOTE_WRITE == (int)TERN_HW_ACCESS_REMOTE_WRITE);
static_assert((int)IB_ACCESS_REMOTE_READ == (int)TERN_HW_ACCESS_REMOTE_READ);
static_assert((int)IB_ACCESS_REMOTE_ATOMIC == (int)TERN_HW_ACCESS_REMOTE_ATOMIC);

/* Numbers that are the same in verbs and in the device */
static_assert((int)IB_WC_LOC_PROT_ERR == (int)TERN_HW_WC_STATUS_LOC_PROT);
static_assert((int)IB_WC_WR_FLUSH_ERR == (int)TERN_HW_WC_STATUS_WR_FLUSH);
static_assert((int)IB_WC_RNR_RETRY_EXC_ERR == (int)TERN_HW_WC_STATUS_RNR_RETRY_EXC);
static_assert((int)IB_WC_GENERAL_ERR == (int)TERN_HW_WC_STATUS_GENERAL);

static void *sq_slot(const struct tern_ib_wq *sq, u16 index)
{
	return sq->buf + (size_t)tern_ib_wq_slot(sq, index) * SLOT_BYTES;
}

static void *rq_entry(const struct tern_ib_wq *rq, u16 index)
{
	return rq->buf + ((size_t)tern_ib_wq_slot(rq, index) << rq->log_entry);
}

static bool wq_has_room(const struct tern_ib_wq *wq, u32 count)
{
	return tern_ib_wq_size(wq) - tern_ib_wq_used(wq) >= count;
}

/* -EOPNOTSUPP is below all opcodes */
static int send_op(enum ib_wr_opcode opcode)
{
	switch (opcode) {
	case IB_WR_SEND:
		return TERN_HW_WQE_OP_SEND;
	case IB_WR_SEND_WITH_IMM:
		return TERN_HW_WQE_OP_SEND_IMM;
	case IB_WR_SEND_WITH_INV:
		return TERN_HW_WQE_OP_SEND_INV;
	case IB_WR_RDMA_WRITE:
		return TERN_HW_WQE_OP_WRITE;
	case IB_WR_RDMA_WRITE_WITH_IMM:
		return TERN_HW_WQE_OP_WRITE_IMM;
	case IB_WR_RDMA_READ:
		return TERN_HW_WQE_OP_READ;
	case IB_WR_ATOMIC_CMP_AND_SWP:
		return TERN_HW_WQE_OP_CMP_SWAP;
	case IB_WR_ATOMIC_FETCH_AND_ADD:
		return TERN_HW_WQE_OP_FETCH_ADD;
	case IB_WR_LOCAL_INV:
		return TERN_HW_WQE_OP_LOCAL_INV;
	case IB_WR_REG_MR:
		return TERN_HW_WQE_OP_REG_MR;
	default:
		return -EOPNOTSUPP;
	}
}

/*
 * Of connections without acknowledgements: what needs no answer. Datagrams: SEND, and in error,
 * where nothing of it counts, WRITE: the RDMA core drains queues of all types with it.
 */
static bool op_is_of_type(int op, const struct tern_ib_qp *qp)
{
	switch (qp->ibqp.qp_type) {
	case IB_QPT_RC:
		return true;
	case IB_QPT_UC:
		return op == TERN_HW_WQE_OP_SEND || op == TERN_HW_WQE_OP_SEND_IMM ||
		       op == TERN_HW_WQE_OP_WRITE || op == TERN_HW_WQE_OP_WRITE_IMM ||
		       op == TERN_HW_WQE_OP_LOCAL_INV || op == TERN_HW_WQE_OP_REG_MR;
	default:
		return op == TERN_HW_WQE_OP_SEND || op == TERN_HW_WQE_OP_SEND_IMM ||
		       (op == TERN_HW_WQE_OP_WRITE && READ_ONCE(qp->state) == IB_QPS_ERR);
	}
}

static bool op_has_address(int op, const struct tern_ib_qp *qp)
{
	return tern_ib_qp_is_ud(qp) && op != TERN_HW_WQE_OP_WRITE;
}

static bool op_is_atomic(int op)
{
	return op == TERN_HW_WQE_OP_CMP_SWAP || op == TERN_HW_WQE_OP_FETCH_ADD;
}

static bool op_is_local(int op)
{
	return op == TERN_HW_WQE_OP_LOCAL_INV || op == TERN_HW_WQE_OP_REG_MR;
}

/* Data may be in the entry where it flows from here to the peer */
static bool op_takes_inline(int op)
{
	return op <= TERN_HW_WQE_OP_WRITE_IMM;
}

/* Sum of the lengths, or -EINVAL if it is more than the QP was made for */
static int inline_length(const struct tern_ib_qp *qp, const struct ib_send_wr *wr)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < wr->num_sge; i++)
		sum += wr->sg_list[i].length;
	return sum <= qp->cap.max_inline_data ? sum : -EINVAL;
}

static void sge_set(struct tern_hw_sge *hw, const struct ib_sge *sge)
{
	hw->addr = cpu_to_le64(sge->addr);
	hw->len_key = le64_encode_bits(sge->length, TERN_HW_SGE_LEN_KEY_LEN_MASK) |
		      le64_encode_bits(sge->lkey, TERN_HW_SGE_LEN_KEY_LKEY_MASK);
}

static void send_put_sges(struct tern_ib_qp *qp, void *first, const struct ib_send_wr *wr)
{
	int first_sges = tern_ib_first_sges(qp->ibqp.qp_type);
	struct tern_hw_sge *sge = first + SLOT_BYTES - first_sges * sizeof(*sge);
	u16 index = qp->sq.producer;
	int i;

	for (i = 0; i < wr->num_sge; i++, sge++) {
		if (i >= first_sges && (i - first_sges) % SLOT_SGES == 0)
			sge = sq_slot(&qp->sq, ++index);
		sge_set(sge, &wr->sg_list[i]);
	}
}

static void send_put_inline(struct tern_ib_qp *qp, void *first, const struct ib_send_wr *wr)
{
	size_t room = tern_ib_first_sges(qp->ibqp.qp_type) * sizeof(struct tern_hw_sge);
	void *to = first + SLOT_BYTES - room;
	u16 index = qp->sq.producer;
	int i;

	for (i = 0; i < wr->num_sge; i++) {
		const void *from = (void *)(uintptr_t)wr->sg_list[i].addr;
		size_t left = wr->sg_list[i].length;

		while (left) {
			size_t now;

			if (!room) {
				to = sq_slot(&qp->sq, ++index);
				room = SLOT_BYTES;
			}
			now = min(left, room);
			memcpy(to, from, now);
			to += now;
			from += now;
			room -= now;
			left -= now;
		}
	}
}

static void send_put_reg(struct tern_hw_sq_reg_wqe *wqe, const struct ib_reg_wr *wr)
{
	wqe->va = cpu_to_le64(wr->mr->iova);
	wqe->length = cpu_to_le64(wr->mr->length);
	wqe->attr = le64_encode_bits(wr->key, TERN_HW_SQ_REG_WQE_ATTR_KEY_MASK) |
		    le64_encode_bits(wr->access & MR_ACCESS,
				     TERN_HW_SQ_REG_WQE_ATTR_ACCESS_MASK) |
		    le64_encode_bits(ilog2(wr->mr->page_size),
				     TERN_HW_SQ_REG_WQE_ATTR_PAGE_SHIFT_MASK);
}

static bool reg_wr_is_ok(const struct ib_reg_wr *wr)
{
	const struct tern_ib_mr *mr = to_tern_mr(wr->mr);

	return mr->mapped && wr->mr->length && !(wr->access & ~(MR_ACCESS | MR_HINTS)) &&
	       wr->key >> TERN_IB_KEY_SHIFT == mr->params.index;
}

static __le64 send_keys(u32 rkey, u32 imm)
{
	return le64_encode_bits(rkey, TERN_HW_SQ_WQE_KEYS_RKEY_MASK) |
	       le64_encode_bits(imm, TERN_HW_SQ_WQE_KEYS_IMM_MASK);
}

/* Immediate data goes through as it is in memory */
static u32 imm_to_word(__be32 imm)
{
	return le32_to_cpu((__force __le32)imm);
}

static void send_put_remote(struct tern_hw_sq_wqe *wqe, const struct ib_send_wr *wr, int op)
{
	switch (op) {
	case TERN_HW_WQE_OP_SEND_IMM:
		wqe->keys = send_keys(0, imm_to_word(wr->ex.imm_data));
		break;
	case TERN_HW_WQE_OP_SEND_INV:
		wqe->keys = send_keys(0, wr->ex.invalidate_rkey);
		break;
	case TERN_HW_WQE_OP_LOCAL_INV:
		wqe->keys = send_keys(wr->ex.invalidate_rkey, 0);
		break;
	case TERN_HW_WQE_OP_WRITE:
	case TERN_HW_WQE_OP_READ:
		wqe->remote = cpu_to_le64(rdma_wr(wr)->remote_addr);
		wqe->keys = send_keys(rdma_wr(wr)->rkey, 0);
		break;
	case TERN_HW_WQE_OP_WRITE_IMM:
		wqe->remote = cpu_to_le64(rdma_wr(wr)->remote_addr);
		wqe->keys = send_keys(rdma_wr(wr)->rkey, imm_to_word(wr->ex.imm_data));
		break;
	}
}

/* SGE 0 is where the old value goes */
static void send_put_atomic(struct tern_hw_sq_wqe *wqe, const struct ib_send_wr *wr, int op)
{
	const struct ib_atomic_wr *atomic = atomic_wr(wr);

	wqe->remote = cpu_to_le64(atomic->remote_addr);
	wqe->keys = send_keys(atomic->rkey, 0);
	if (op == TERN_HW_WQE_OP_CMP_SWAP) {
		wqe->data[2] = cpu_to_le64(atomic->swap);
		wqe->data[3] = cpu_to_le64(atomic->compare_add);
	} else {
		wqe->data[2] = cpu_to_le64(atomic->compare_add);
	}
}

/* -EINVAL: more or less than the operation or the QP can take; else bytes of inline data */
static int send_check(const struct tern_ib_qp *qp, const struct ib_send_wr *wr, int op)
{
	if (wr->num_sge < 0 || wr->num_sge > qp->cap.max_send_sge)
		return -EINVAL;
	if (op_is_atomic(op) && wr->num_sge != 1)
		return -EINVAL;
	if (op_is_local(op) && wr->num_sge)
		return -EINVAL;
	if (op == TERN_HW_WQE_OP_REG_MR && !reg_wr_is_ok(reg_wr(wr)))
		return -EINVAL;
	if (op_has_address(op, qp) && !ud_wr(wr)->ah)
		return -EINVAL;
	if (!(wr->send_flags & IB_SEND_INLINE))
		return 0;
	return op_takes_inline(op) ? inline_length(qp, wr) : -EINVAL;
}

static u64 send_header(const struct tern_ib_qp *qp, const struct ib_send_wr *wr, int op,
		       u32 slots, u32 inline_bytes)
{
	const struct tern_ib_wq *sq = &qp->sq;
	bool is_inline = wr->send_flags & IB_SEND_INLINE;
	bool signaled = qp->signal_all || wr->send_flags & IB_SEND_SIGNALED;

	return FIELD_PREP(TERN_HW_SQ_WQE_HDR_OP_MASK, op) |
	       FIELD_PREP(TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK, is_inline ? 0 : wr->num_sge) |
	       FIELD_PREP(TERN_HW_SQ_WQE_HDR_SIGNALED_MASK, signaled) |
	       FIELD_PREP(TERN_HW_SQ_WQE_HDR_SOLICITED_MASK,
			  !!(wr->send_flags & IB_SEND_SOLICITED)) |
	       FIELD_PREP(TERN_HW_SQ_WQE_HDR_FENCE_MASK, !!(wr->send_flags & IB_SEND_FENCE)) |
	       FIELD_PREP(TERN_HW_SQ_WQE_HDR_INL_MASK, is_inline) |
	       FIELD_PREP(TERN_HW_SQ_WQE_HDR_INL_LEN_MASK, inline_bytes) |
	       FIELD_PREP(TERN_HW_SQ_WQE_HDR_SLOTS_MASK, slots) |
	       FIELD_PREP(TERN_HW_SQ_WQE_HDR_POLARITY_MASK,
			  !(sq->producer & tern_ib_wq_size(sq)));
}

static void send_put(struct tern_ib_qp *qp, const struct ib_send_wr *wr, int op,
		     struct tern_hw_sq_wqe *wqe)
{
	/* All but the header, which the device may not see before the rest */
	memset((void *)wqe + sizeof(wqe->hdr), 0, sizeof(*wqe) - sizeof(wqe->hdr));
	if (op == TERN_HW_WQE_OP_REG_MR) {
		send_put_reg((void *)wqe, reg_wr(wr));
		return;
	}
	if (wr->send_flags & IB_SEND_INLINE)
		send_put_inline(qp, wqe, wr);
	else
		send_put_sges(qp, wqe, wr);
	if (op_has_address(op, qp))
		tern_ib_ud_put_address((void *)wqe, ud_wr(wr), op == TERN_HW_WQE_OP_SEND_IMM ?
				       imm_to_word(wr->ex.imm_data) : 0);
	else if (op_is_atomic(op))
		send_put_atomic(wqe, wr, op);
	else
		send_put_remote(wqe, wr, op);
}

static int send_one(struct tern_ib_qp *qp, const struct ib_send_wr *wr)
{
	struct tern_ib_wq *sq = &qp->sq;
	struct tern_hw_sq_wqe *wqe;
	int op, inline_bytes;
	u32 slots, place;

	lockdep_assert_held(&sq->lock);
	op = send_op(wr->opcode);
	if (op < 0)
		return op;
	if (!op_is_of_type(op, qp))
		return -EOPNOTSUPP;
	inline_bytes = send_check(qp, wr, op);
	if (inline_bytes < 0)
		return inline_bytes;
	if (wr->send_flags & IB_SEND_INLINE)
		slots = tern_ib_send_slots(qp->ibqp.qp_type, 0, inline_bytes);
	else
		slots = tern_ib_send_slots(qp->ibqp.qp_type, wr->num_sge, 0);
	if (!wq_has_room(sq, slots))
		return -ENOMEM;

	wqe = sq_slot(sq, sq->producer);
	send_put(qp, wr, op, wqe);
	/* The device may prefetch: it must not see the new header with an old body */
	dma_wmb();
	WRITE_ONCE(wqe->hdr, cpu_to_le64(send_header(qp, wr, op, slots, inline_bytes)));

	place = tern_ib_wq_slot(sq, sq->producer);
	sq->wr_ids[place] = wr->wr_id;
	sq->slots[place] = slots;
	sq->producer += slots;
	return 0;
}

/**
 * tern_ib_post_send() - verb post_send, kernel QPs only
 * @ibqp: the QP
 * @wr: list of work requests
 * @bad_wr: set to the first that was not taken
 *
 * Context: any.
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
		      const struct ib_send_wr **bad_wr)
{
	struct tern_ib_dev *dev = to_tern_dev(ibqp->device);
	struct tern_ib_qp *qp = to_tern_qp(ibqp);
	enum ib_qp_state state = READ_ONCE(qp->state);
	unsigned long flags;
	bool posted = false;
	int err = 0;

	/* A user's ring is not the kernel's to write to */
	if (!qp->sq.buf || state < IB_QPS_RTS) {
		*bad_wr = wr;
		return -EINVAL;
	}
	spin_lock_irqsave(&qp->sq.lock, flags);
	for (; wr; wr = wr->next) {
		err = send_one(qp, wr);
		if (err) {
			*bad_wr = wr;
			break;
		}
		posted = true;
	}
	if (posted) {
		tern_ib_db_sq(dev, ibqp->qp_num, qp->sq.producer);
		tern_ib_flush_again(dev);
	}
	spin_unlock_irqrestore(&qp->sq.lock, flags);
	return err;
}

static int recv_one(struct tern_ib_qp *qp, const struct ib_recv_wr *wr)
{
	struct tern_ib_wq *rq = &qp->rq;
	struct tern_hw_sge *sge;
	u32 room, i;

	lockdep_assert_held(&rq->lock);
	if (wr->num_sge < 0 || wr->num_sge > qp->cap.max_recv_sge)
		return -EINVAL;
	if (!wq_has_room(rq, 1))
		return -ENOMEM;

	sge = rq_entry(rq, rq->producer);
	room = BIT(rq->log_entry) / sizeof(*sge);
	for (i = 0; i < wr->num_sge; i++)
		sge_set(&sge[i], &wr->sg_list[i]);
	/* One of length 0 with key 0 ends the list */
	if (i < room)
		memset(&sge[i], 0, sizeof(*sge));

	rq->wr_ids[tern_ib_wq_slot(rq, rq->producer)] = wr->wr_id;
	rq->producer++;
	return 0;
}

/**
 * tern_ib_post_recv() - verb post_recv, kernel QPs only
 * @ibqp: the QP
 * @wr: list of work requests
 * @bad_wr: set to the first that was not taken
 *
 * Context: any.
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
		      const struct ib_recv_wr **bad_wr)
{
	struct tern_ib_dev *dev = to_tern_dev(ibqp->device);
	struct tern_ib_qp *qp = to_tern_qp(ibqp);
	unsigned long flags;
	bool posted = false;
	int err = 0;

	if (!qp->rq.buf || READ_ONCE(qp->state) == IB_QPS_RESET) {
		*bad_wr = wr;
		return -EINVAL;
	}
	spin_lock_irqsave(&qp->rq.lock, flags);
	for (; wr; wr = wr->next) {
		err = recv_one(qp, wr);
		if (err) {
			*bad_wr = wr;
			break;
		}
		posted = true;
	}
	if (posted) {
		tern_ib_db_rq(dev, ibqp->qp_num, qp->rq.producer);
		tern_ib_flush_again(dev);
	}
	spin_unlock_irqrestore(&qp->rq.lock, flags);
	return err;
}

/* False: the device names an entry that is not under way */
static bool wq_complete(struct tern_ib_wq *wq, u16 index, u64 *wr_id)
{
	u32 place = tern_ib_wq_slot(wq, index);
	bool known;

	spin_lock(&wq->lock);
	known = wq->valid && (u16)(index - wq->consumer) < tern_ib_wq_used(wq);
	if (known) {
		*wr_id = wq->wr_ids[place];
		wq->consumer = index + (wq->slots[place] ? : 1);
	}
	spin_unlock(&wq->lock);
	return known;
}

static enum ib_wc_opcode send_wc_opcode(u32 op)
{
	switch (op) {
	case TERN_HW_WQE_OP_WRITE:
	case TERN_HW_WQE_OP_WRITE_IMM:
		return IB_WC_RDMA_WRITE;
	case TERN_HW_WQE_OP_READ:
		return IB_WC_RDMA_READ;
	case TERN_HW_WQE_OP_CMP_SWAP:
		return IB_WC_COMP_SWAP;
	case TERN_HW_WQE_OP_FETCH_ADD:
		return IB_WC_FETCH_ADD;
	case TERN_HW_WQE_OP_LOCAL_INV:
		return IB_WC_LOCAL_INV;
	case TERN_HW_WQE_OP_REG_MR:
		return IB_WC_REG_MR;
	default:
		return IB_WC_SEND;
	}
}

static void recv_wc(struct ib_wc *wc, const struct tern_ib_qp *qp, const struct tern_hw_cqe *cqe,
		    u64 info, u32 op)
{
	wc->opcode = op == TERN_HW_RCV_OP_WRITE_IMM ? IB_WC_RECV_RDMA_WITH_IMM : IB_WC_RECV;
	if (info & TERN_HW_CQE_INFO_WITH_IMM_MASK) {
		wc->wc_flags |= IB_WC_WITH_IMM;
		wc->ex.imm_data = (__force __be32)cqe->imm;
	} else if (info & TERN_HW_CQE_INFO_WITH_INV_MASK) {
		wc->wc_flags |= IB_WC_WITH_INVALIDATE;
		wc->ex.invalidate_rkey = le32_to_cpu(cqe->imm);
	}
	if (tern_ib_qp_is_ud(qp))
		tern_ib_ud_recv_wc(wc, le64_to_cpu(cqe->peer));
}

/**
 * tern_ib_qp_complete() - turn an entry of a CQ into a completion
 * @qp: kernel QP that the entry is of
 * @cqe: the entry
 * @wc: the completion
 *
 * Context: the lock of the CQ is held, interrupts are off.
 *
 * Return: whether there is a completion; false if the device made no sense.
 */
bool tern_ib_qp_complete(struct tern_ib_qp *qp, const struct tern_hw_cqe *cqe, struct ib_wc *wc)
{
	u64 info = le64_to_cpu(cqe->info);
	u32 op = FIELD_GET(TERN_HW_CQE_INFO_OPCODE_MASK, info);
	bool is_recv = info & TERN_HW_CQE_INFO_RQ_MASK;
	u16 index = le64_get_bits(cqe->peer, TERN_HW_CQE_PEER_WQE_INDEX_MASK);

	memset(wc, 0, sizeof(*wc));
	if (!wq_complete(is_recv ? &qp->rq : &qp->sq, index, &wc->wr_id)) {
		ibdev_err_ratelimited(qp->ibqp.device,
				      "completion of entry %u of QP %u, which is not under way\n",
				      index, qp->ibqp.qp_num);
		return false;
	}
	wc->status = FIELD_GET(TERN_HW_CQE_INFO_STATUS_MASK, info);
	wc->qp = &qp->ibqp;
	wc->byte_len = le32_to_cpu(cqe->len);
	wc->port_num = TERN_IB_PORT;
	if (is_recv)
		recv_wc(wc, qp, cqe, info, op);
	else
		wc->opcode = send_wc_opcode(op);
	return true;
}

static void flush_wc(struct tern_ib_qp *qp, u64 wr_id, enum ib_wc_opcode opcode, struct ib_wc *wc)
{
	memset(wc, 0, sizeof(*wc));
	wc->wr_id = wr_id;
	wc->status = IB_WC_WR_FLUSH_ERR;
	wc->opcode = opcode;
	wc->qp = &qp->ibqp;
	wc->port_num = TERN_IB_PORT;
}

static int sq_flush(struct tern_ib_qp *qp, int room, struct ib_wc *wc)
{
	struct tern_ib_wq *sq = &qp->sq;
	int taken = 0;

	spin_lock(&sq->lock);
	for (; taken < room && tern_ib_wq_used(sq); taken++) {
		const struct tern_hw_sq_wqe *wqe = sq_slot(sq, sq->consumer);
		u32 place = tern_ib_wq_slot(sq, sq->consumer);
		u32 op = le64_get_bits(wqe->hdr, TERN_HW_SQ_WQE_HDR_OP_MASK);

		flush_wc(qp, sq->wr_ids[place], send_wc_opcode(op), wc + taken);
		sq->consumer += sq->slots[place];
	}
	spin_unlock(&sq->lock);
	return taken;
}

static int rq_flush(struct tern_ib_qp *qp, int room, struct ib_wc *wc)
{
	struct tern_ib_wq *rq = &qp->rq;
	int taken = 0;

	spin_lock(&rq->lock);
	for (; taken < room && tern_ib_wq_used(rq); taken++) {
		flush_wc(qp, rq->wr_ids[tern_ib_wq_slot(rq, rq->consumer)], IB_WC_RECV,
			 wc + taken);
		rq->consumer++;
	}
	spin_unlock(&rq->lock);
	return taken;
}

/**
 * tern_ib_qp_flush() - complete what is under way, as the device is dead
 * @qp: the QP; of a user's one nothing is known to be under way
 * @ibcq: complete what is to be completed there
 * @room: room in @wc
 * @wc: completions
 *
 * Context: the lock of the CQ is held, interrupts are off.
 *
 * Return: number of completions.
 */
int tern_ib_qp_flush(struct tern_ib_qp *qp, const struct ib_cq *ibcq, int room, struct ib_wc *wc)
{
	int taken = 0;

	if (qp->ibqp.send_cq == ibcq)
		taken = sq_flush(qp, room, wc);
	if (qp->ibqp.recv_cq == ibcq)
		taken += rq_flush(qp, room - taken, wc + taken);
	return taken;
}
