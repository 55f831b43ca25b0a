// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The commands of the control queue pair, one function each
 */

#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/string.h>
#include <rdma/ib_verbs.h>

#include "tern_ib.h"

/* Page sizes that page lists can tell of */
#define PAGE_SIZES	GENMASK_ULL(30, 12)

/* All views of a command have the header first; arguments follow as words */
static void cmd_set_header(struct tern_ib_cqp_cmd *cmd, enum tern_hw_cqp_op op, u32 id)
{
	cmd->wqe.hdr = le64_encode_bits(op, TERN_HW_CQP_WQE_HDR_OP_MASK) |
		       le64_encode_bits(id, TERN_HW_CQP_WQE_HDR_ID_MASK);
}

static int exec_simple(struct tern_ib_dev *dev, enum tern_hw_cqp_op op, u32 id)
{
	struct tern_ib_cqp_cmd cmd = {};

	cmd_set_header(&cmd, op, id);
	return tern_ib_cqp_exec(dev, &cmd);
}

/*
 * The caller frees memory next, so a refusal is not for it to handle: the device loses
 * bus mastering. A dead device has none anyway.
 */
static void exec_release(struct tern_ib_dev *dev, struct tern_ib_cqp_cmd *cmd)
{
	int err = tern_ib_cqp_exec(dev, cmd);

	if (err && err != -EIO)
		tern_ib_dev_fail(dev, "device does not let go of memory");
}

/* Commands that exchange a buffer; the buffer's lock is held until it has been read */
static int exec_buffer(struct tern_ib_dev *dev, enum tern_hw_cqp_op op)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_buf_wqe *wqe = (void *)&cmd.wqe;

	lockdep_assert_held(&dev->cqp.buf_lock);
	cmd_set_header(&cmd, op, 0);
	wqe->addr = cpu_to_le64(dev->cqp.buf_dma);
	return tern_ib_cqp_exec(dev, &cmd);
}

/**
 * tern_ib_cmd_nop() - do nothing, through the whole control path
 * @dev: the device
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_nop(struct tern_ib_dev *dev)
{
	return exec_simple(dev, TERN_HW_CQP_OP_NOP, 0);
}

/**
 * tern_ib_cmd_query_caps() - ask for the sizes of the device's tables
 * @dev: the device
 * @caps: the answer
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_query_caps(struct tern_ib_dev *dev, struct tern_ib_caps *caps)
{
	const struct tern_hw_caps *hw = dev->cqp.buf;
	int err;

	mutex_lock(&dev->cqp.buf_lock);
	err = exec_buffer(dev, TERN_HW_CQP_OP_QUERY_CAPS);
	if (!err) {
		caps->hw_version = le32_to_cpu(hw->version);
		caps->vectors = le32_to_cpu(hw->vectors);
		caps->ceqs = le32_to_cpu(hw->ceqs);
		caps->pages = le32_to_cpu(hw->pages);
		caps->gids = le32_to_cpu(hw->gids);
		caps->max_log_cqe = le32_to_cpu(hw->max_log_cqe);
		caps->max_log_ceqe = le32_to_cpu(hw->max_log_ceqe);
		caps->max_log_aeqe = le32_to_cpu(hw->max_log_aeqe);
		caps->page_sizes = le64_to_cpu(hw->page_sizes) & PAGE_SIZES;
		caps->max_log_sq = le32_to_cpu(hw->max_log_sq);
		caps->max_log_rq = le32_to_cpu(hw->max_log_rq);
		caps->max_sge = le32_to_cpu(hw->max_sge);
		caps->max_inline = le32_to_cpu(hw->max_inline);
		caps->max_rd = le32_to_cpu(hw->max_rd);
		caps->push_slots = le32_to_cpu(hw->push_slots);
		caps->transports = le32_to_cpu(hw->transports);
		caps->mcast_groups = le32_to_cpu(hw->mcast_groups);
		caps->mcast_qps = le32_to_cpu(hw->mcast_qps);
	}
	mutex_unlock(&dev->cqp.buf_lock);
	return err;
}

static void fpm_from_hw(struct tern_ib_fpm *fpm, const struct tern_hw_fpm *hw)
{
	const struct tern_hw_fpm_kind *kind = (const void *)hw->kind;
	unsigned int i;

	fpm->max_sds = le32_to_cpu(hw->max_sds);
	fpm->used_sds = le32_to_cpu(hw->used_sds);
	for (i = 0; i < TERN_IB_HMC_KINDS; i++) {
		fpm->kind[i].count = le32_to_cpu(kind[i].count);
		fpm->kind[i].log_size = le32_to_cpu(kind[i].log_size);
		fpm->kind[i].base = le64_to_cpu(kind[i].base);
	}
}

static void fpm_to_hw(struct tern_hw_fpm *hw, const struct tern_ib_fpm *fpm)
{
	struct tern_hw_fpm_kind *kind = (void *)hw->kind;
	unsigned int i;

	memset(hw, 0, sizeof(*hw));
	for (i = 0; i < TERN_IB_HMC_KINDS; i++) {
		kind[i].count = cpu_to_le32(fpm->kind[i].count);
		kind[i].log_size = cpu_to_le32(fpm->kind[i].log_size);
	}
}

/**
 * tern_ib_cmd_query_fpm() - ask how many objects there can be of each kind
 * @dev: the device
 * @fpm: the limits
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_query_fpm(struct tern_ib_dev *dev, struct tern_ib_fpm *fpm)
{
	int err;

	mutex_lock(&dev->cqp.buf_lock);
	err = exec_buffer(dev, TERN_HW_CQP_OP_QUERY_FPM);
	if (!err)
		fpm_from_hw(fpm, dev->cqp.buf);
	mutex_unlock(&dev->cqp.buf_lock);
	return err;
}

/**
 * tern_ib_cmd_commit_fpm() - set the number of objects of each kind
 * @dev: the device
 * @fpm: counts wanted; counts and bases of the layout when it returns 0
 *
 * Return: 0 or a negative errno, -ENOSPC if the counts do not fit.
 */
int tern_ib_cmd_commit_fpm(struct tern_ib_dev *dev, struct tern_ib_fpm *fpm)
{
	int err;

	mutex_lock(&dev->cqp.buf_lock);
	fpm_to_hw(dev->cqp.buf, fpm);
	err = exec_buffer(dev, TERN_HW_CQP_OP_COMMIT_FPM);
	if (!err)
		fpm_from_hw(fpm, dev->cqp.buf);
	mutex_unlock(&dev->cqp.buf_lock);
	return err;
}

static void build_sd(struct tern_ib_cqp_cmd *cmd, u32 sd, enum tern_hw_sd_op op, dma_addr_t dma)
{
	struct tern_hw_cqp_sds_wqe *wqe = (void *)&cmd->wqe;
	struct tern_hw_sd_entry *entry = (void *)wqe->e;

	cmd_set_header(cmd, TERN_HW_CQP_OP_UPDATE_SDS, 0);
	wqe->ctl = le64_encode_bits(1, TERN_HW_CQP_SDS_WQE_CTL_COUNT_MASK);
	entry->what = le64_encode_bits(sd, TERN_HW_SD_ENTRY_WHAT_SD_MASK) |
		      le64_encode_bits(op, TERN_HW_SD_ENTRY_WHAT_OP_MASK);
	entry->addr = cpu_to_le64(dma);
}

/**
 * tern_ib_cmd_set_sd() - give the device the memory of a segment
 * @dev: the device
 * @sd: index of the segment descriptor
 * @op: direct or paged
 * @dma: the block of a direct segment, or the page of page descriptors of a paged one
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_set_sd(struct tern_ib_dev *dev, u32 sd, enum tern_hw_sd_op op, dma_addr_t dma)
{
	struct tern_ib_cqp_cmd cmd = {};

	build_sd(&cmd, sd, op, dma);
	return tern_ib_cqp_exec(dev, &cmd);
}

/**
 * tern_ib_cmd_clear_sd() - take back the memory of a segment
 * @dev: the device
 * @sd: index of the segment descriptor
 */
void tern_ib_cmd_clear_sd(struct tern_ib_dev *dev, u32 sd)
{
	struct tern_ib_cqp_cmd cmd = {};

	build_sd(&cmd, sd, TERN_HW_SD_OP_CLEAR, 0);
	exec_release(dev, &cmd);
}

/**
 * tern_ib_cmd_query_stats() - read the device's counters
 * @dev: the device
 * @counters: the counters, indexed by enum tern_hw_stat
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_query_stats(struct tern_ib_dev *dev, u64 counters[TERN_IB_STATS])
{
	const struct tern_hw_stats *hw = dev->cqp.buf;
	unsigned int i;
	int err;

	mutex_lock(&dev->cqp.buf_lock);
	err = exec_buffer(dev, TERN_HW_CQP_OP_QUERY_STATS);
	for (i = 0; !err && i < TERN_IB_STATS; i++)
		counters[i] = le64_to_cpu(hw->counter[i]);
	mutex_unlock(&dev->cqp.buf_lock);
	return err;
}

/**
 * tern_ib_cmd_set_gid() - set an entry of the GID table
 * @dev: the device
 * @params: the entry
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_set_gid(struct tern_ib_dev *dev, const struct tern_ib_set_gid_params *params)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_gid_wqe *wqe = (void *)&cmd.wqe;

	cmd_set_header(&cmd, TERN_HW_CQP_OP_MANAGE_GID, params->index);
	wqe->attr = le64_encode_bits(TERN_HW_GID_OP_SET, TERN_HW_CQP_GID_WQE_ATTR_OP_MASK) |
		    le64_encode_bits(params->ipv4, TERN_HW_CQP_GID_WQE_ATTR_IPV4_MASK) |
		    le64_encode_bits(params->vlan_valid, TERN_HW_CQP_GID_WQE_ATTR_VLAN_VALID_MASK) |
		    le64_encode_bits(params->vlan_id, TERN_HW_CQP_GID_WQE_ATTR_VLAN_ID_MASK);
	memcpy(wqe->gid, params->gid, sizeof(wqe->gid));
	wqe->mac = le64_encode_bits(ether_addr_to_u64(params->mac),
				    TERN_HW_CQP_GID_WQE_MAC_ADDR_MASK);
	return tern_ib_cqp_exec(dev, &cmd);
}

/**
 * tern_ib_cmd_clear_gid() - make an entry of the GID table invalid
 * @dev: the device
 * @index: index in the table
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_clear_gid(struct tern_ib_dev *dev, u32 index)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_gid_wqe *wqe = (void *)&cmd.wqe;

	cmd_set_header(&cmd, TERN_HW_CQP_OP_MANAGE_GID, index);
	wqe->attr = le64_encode_bits(TERN_HW_GID_OP_CLEAR, TERN_HW_CQP_GID_WQE_ATTR_OP_MASK);
	return tern_ib_cqp_exec(dev, &cmd);
}

/**
 * tern_ib_cmd_create_cq() - create a CQ that tells every completion
 * @dev: the device
 * @params: what it is like; its context has memory
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_create_cq(struct tern_ib_dev *dev, const struct tern_ib_create_cq_params *params)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_cq_wqe *wqe = (void *)&cmd.wqe;

	cmd_set_header(&cmd, TERN_HW_CQP_OP_CREATE_CQ, params->cqn);
	wqe->ring = cpu_to_le64(params->ring.address);
	wqe->attr = le64_encode_bits(params->log_size, TERN_HW_CQP_CQ_WQE_ATTR_LOG_SIZE_MASK) |
		    le64_encode_bits(params->ring.page_list, TERN_HW_CQP_CQ_WQE_ATTR_LEVEL_MASK) |
		    le64_encode_bits(params->ring.page_shift,
				     TERN_HW_CQP_CQ_WQE_ATTR_PAGE_SHIFT_MASK) |
		    le64_encode_bits(params->is_ccq, TERN_HW_CQP_CQ_WQE_ATTR_CCQ_MASK) |
		    le64_encode_bits(1, TERN_HW_CQP_CQ_WQE_ATTR_CEQ_VALID_MASK) |
		    le64_encode_bits(params->ceq, TERN_HW_CQP_CQ_WQE_ATTR_CEQ_MASK) |
		    le64_encode_bits(TERN_HW_CQ_MODE_EVERY, TERN_HW_CQP_CQ_WQE_ATTR_MODE_MASK) |
		    le64_encode_bits(params->page, TERN_HW_CQP_CQ_WQE_ATTR_PAGE_MASK);
	return tern_ib_cqp_exec(dev, &cmd);
}

/* What moderation by count and time means to the device; 0 of either: not by this */
static enum tern_hw_cq_mode moderation_mode(u16 count, u32 period_ns)
{
	if (count && period_ns)
		return TERN_HW_CQ_MODE_TIMER_COUNT;
	if (count)
		return TERN_HW_CQ_MODE_COUNT;
	if (period_ns)
		return TERN_HW_CQ_MODE_TIMER;
	return TERN_HW_CQ_MODE_EVERY;
}

/**
 * tern_ib_cmd_modify_cq() - moderate the events of a CQ
 * @dev: the device
 * @cqn: the CQ
 * @count: tell with that many completions, 0: not by number
 * @period_ns: tell so long after the first completion, 0: not by time
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_modify_cq(struct tern_ib_dev *dev, u32 cqn, u16 count, u32 period_ns)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_cq_wqe *wqe = (void *)&cmd.wqe;

	cmd_set_header(&cmd, TERN_HW_CQP_OP_MODIFY_CQ, cqn);
	wqe->attr = le64_encode_bits(moderation_mode(count, period_ns),
				     TERN_HW_CQP_CQ_WQE_ATTR_MODE_MASK);
	wqe->moderation = le64_encode_bits(count, TERN_HW_CQP_CQ_WQE_MODERATION_COUNT_MASK) |
			  le64_encode_bits(period_ns,
					   TERN_HW_CQP_CQ_WQE_MODERATION_PERIOD_MASK);
	return tern_ib_cqp_exec(dev, &cmd);
}

/**
 * tern_ib_cmd_destroy_cq() - destroy a CQ; its ring may be freed then
 * @dev: the device
 * @cqn: the CQ
 */
void tern_ib_cmd_destroy_cq(struct tern_ib_dev *dev, u32 cqn)
{
	struct tern_ib_cqp_cmd cmd = {};

	cmd_set_header(&cmd, TERN_HW_CQP_OP_DESTROY_CQ, cqn);
	exec_release(dev, &cmd);
}

/**
 * tern_ib_cmd_create_eq() - create a CEQ or the AEQ
 * @dev: the device
 * @params: what it is like
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_create_eq(struct tern_ib_dev *dev, const struct tern_ib_create_eq_params *params)
{
	enum tern_hw_cqp_op op = params->is_aeq ? TERN_HW_CQP_OP_CREATE_AEQ :
						  TERN_HW_CQP_OP_CREATE_CEQ;
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_eq_wqe *wqe = (void *)&cmd.wqe;

	cmd_set_header(&cmd, op, params->num);
	wqe->ring = cpu_to_le64(params->ring);
	wqe->attr = le64_encode_bits(params->log_size, TERN_HW_CQP_EQ_WQE_ATTR_LOG_SIZE_MASK) |
		    le64_encode_bits(params->vector, TERN_HW_CQP_EQ_WQE_ATTR_VEC_MASK);
	return tern_ib_cqp_exec(dev, &cmd);
}

/**
 * tern_ib_cmd_destroy_eq() - destroy a CEQ or the AEQ; its ring may be freed then
 * @dev: the device
 * @is_aeq: the AEQ, not a CEQ
 * @num: number of the CEQ, 0 for the AEQ
 */
void tern_ib_cmd_destroy_eq(struct tern_ib_dev *dev, bool is_aeq, u8 num)
{
	enum tern_hw_cqp_op op = is_aeq ? TERN_HW_CQP_OP_DESTROY_AEQ : TERN_HW_CQP_OP_DESTROY_CEQ;
	struct tern_ib_cqp_cmd cmd = {};

	cmd_set_header(&cmd, op, num);
	exec_release(dev, &cmd);
}

static __le64 qp_sq_attr(const struct tern_ib_create_wq_params *sq)
{
	if (!sq->valid)
		return 0;
	return le64_encode_bits(1, TERN_HW_CQP_QP_WQE_ATTR_SQ_VALID_MASK) |
	       le64_encode_bits(sq->log_size, TERN_HW_CQP_QP_WQE_ATTR_SQ_LOG_SIZE_MASK) |
	       le64_encode_bits(sq->ring.page_list, TERN_HW_CQP_QP_WQE_ATTR_SQ_LEVEL_MASK) |
	       le64_encode_bits(sq->ring.page_shift, TERN_HW_CQP_QP_WQE_ATTR_SQ_PAGE_SHIFT_MASK);
}

static __le64 qp_rq_attr(const struct tern_ib_create_wq_params *rq, u8 log_stride)
{
	if (!rq->valid)
		return 0;
	return le64_encode_bits(1, TERN_HW_CQP_QP_WQE_ATTR_RQ_VALID_MASK) |
	       le64_encode_bits(rq->log_size, TERN_HW_CQP_QP_WQE_ATTR_RQ_LOG_SIZE_MASK) |
	       le64_encode_bits(log_stride, TERN_HW_CQP_QP_WQE_ATTR_RQ_LOG_STRIDE_MASK) |
	       le64_encode_bits(rq->ring.page_list, TERN_HW_CQP_QP_WQE_ATTR_RQ_LEVEL_MASK) |
	       le64_encode_bits(rq->ring.page_shift, TERN_HW_CQP_QP_WQE_ATTR_RQ_PAGE_SHIFT_MASK);
}

/**
 * tern_ib_cmd_create_qp() - create a QP in state RESET
 * @dev: the device
 * @params: what it is like; its objects have memory
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_create_qp(struct tern_ib_dev *dev, const struct tern_ib_create_qp_params *params)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_qp_wqe *wqe = (void *)&cmd.wqe;

	cmd_set_header(&cmd, TERN_HW_CQP_OP_CREATE_QP, params->qpn);
	wqe->sq_ring = cpu_to_le64(params->sq.ring.address);
	wqe->rq_ring = cpu_to_le64(params->rq.ring.address);
	wqe->cqs = le64_encode_bits(params->send_cqn, TERN_HW_CQP_QP_WQE_CQS_SCQ_MASK) |
		   le64_encode_bits(params->recv_cqn, TERN_HW_CQP_QP_WQE_CQS_RCQ_MASK) |
		   le64_encode_bits(params->page, TERN_HW_CQP_QP_WQE_CQS_PAGE_MASK);
	wqe->attr = le64_encode_bits(params->pdn, TERN_HW_CQP_QP_WQE_ATTR_PD_MASK) |
		    le64_encode_bits(params->type, TERN_HW_CQP_QP_WQE_ATTR_TRANSPORT_MASK) |
		    le64_encode_bits(params->priv, TERN_HW_CQP_QP_WQE_ATTR_PRIV_MASK) |
		    qp_sq_attr(&params->sq) | qp_rq_attr(&params->rq, params->rq_log_stride);
	return tern_ib_cqp_exec(dev, &cmd);
}

static void qp_attr_to_hw(struct tern_hw_qp_attr *hw, const struct tern_ib_modify_qp_params *params)
{
	memset(hw, 0, sizeof(*hw));
	hw->conn = le64_encode_bits(params->dest_qpn, TERN_HW_QP_ATTR_CONN_DEST_QPN_MASK) |
		   le64_encode_bits(params->mtu, TERN_HW_QP_ATTR_CONN_MTU_MASK) |
		   le64_encode_bits(params->max_rd, TERN_HW_QP_ATTR_CONN_MAX_RD_MASK) |
		   le64_encode_bits(params->max_dest_rd, TERN_HW_QP_ATTR_CONN_MAX_DEST_RD_MASK) |
		   le64_encode_bits(params->timeout, TERN_HW_QP_ATTR_CONN_TIMEOUT_MASK) |
		   le64_encode_bits(params->retry_cnt, TERN_HW_QP_ATTR_CONN_RETRY_CNT_MASK) |
		   le64_encode_bits(params->rnr_retry, TERN_HW_QP_ATTR_CONN_RNR_RETRY_MASK) |
		   le64_encode_bits(params->min_rnr_timer,
				    TERN_HW_QP_ATTR_CONN_MIN_RNR_TIMER_MASK);
	hw->psn = le64_encode_bits(params->sq_psn, TERN_HW_QP_ATTR_PSN_SQ_MASK) |
		  le64_encode_bits(params->rq_psn, TERN_HW_QP_ATTR_PSN_RQ_MASK);
	hw->rights = le64_encode_bits(params->access, TERN_HW_QP_ATTR_RIGHTS_ACCESS_MASK) |
		     le64_encode_bits(U16_MAX, TERN_HW_QP_ATTR_RIGHTS_PKEY_MASK) |
		     le64_encode_bits(params->qkey, TERN_HW_QP_ATTR_RIGHTS_QKEY_MASK);
	hw->net = le64_encode_bits(params->udp_sport, TERN_HW_QP_ATTR_NET_UDP_SPORT_MASK) |
		  le64_encode_bits(params->sgid, TERN_HW_QP_ATTR_NET_SGID_MASK) |
		  le64_encode_bits(params->hop_limit, TERN_HW_QP_ATTR_NET_HOP_LIMIT_MASK) |
		  le64_encode_bits(params->tclass, TERN_HW_QP_ATTR_NET_TCLASS_MASK) |
		  le64_encode_bits(params->flow_label, TERN_HW_QP_ATTR_NET_FLOW_LABEL_MASK) |
		  le64_encode_bits(params->pcp, TERN_HW_QP_ATTR_NET_PCP_MASK);
	hw->mac = le64_encode_bits(ether_addr_to_u64(params->dmac), TERN_HW_QP_ATTR_MAC_ADDR_MASK);
	memcpy(hw->dgid, params->dgid, sizeof(hw->dgid));
}

/**
 * tern_ib_cmd_modify_qp() - change attributes and state of a QP
 * @dev: the device
 * @params: what to change; only what its mask names is looked at
 *
 * Return: 0 or a negative errno, -EINVAL if the state of the QP does not allow it.
 */
int tern_ib_cmd_modify_qp(struct tern_ib_dev *dev, const struct tern_ib_modify_qp_params *params)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_modify_qp_wqe *wqe = (void *)&cmd.wqe;
	int err;

	cmd_set_header(&cmd, TERN_HW_CQP_OP_MODIFY_QP, params->qpn);
	wqe->ctl = le64_encode_bits(params->mask, TERN_HW_CQP_MODIFY_QP_WQE_CTL_MASK_MASK) |
		   le64_encode_bits(params->state, TERN_HW_CQP_MODIFY_QP_WQE_CTL_STATE_MASK) |
		   le64_encode_bits(params->set_state,
				    TERN_HW_CQP_MODIFY_QP_WQE_CTL_SET_STATE_MASK) |
		   le64_encode_bits(params->cur_state,
				    TERN_HW_CQP_MODIFY_QP_WQE_CTL_CUR_STATE_MASK) |
		   le64_encode_bits(params->check_state,
				    TERN_HW_CQP_MODIFY_QP_WQE_CTL_CHECK_STATE_MASK);

	mutex_lock(&dev->cqp.buf_lock);
	qp_attr_to_hw(dev->cqp.buf, params);
	wqe->addr = cpu_to_le64(dev->cqp.buf_dma);
	err = tern_ib_cqp_exec(dev, &cmd);
	mutex_unlock(&dev->cqp.buf_lock);
	return err == -EBUSY ? -EINVAL : err;
}

static void qp_query_from_hw(struct tern_ib_query_qp_result *result,
			     const struct tern_hw_qp_query *hw)
{
	const struct tern_hw_qp_seg *seg = (const void *)hw->seg;
	const struct tern_hw_qp_rsp *rsp = (const void *)hw->rsp;
	const struct tern_hw_qp_rh *rh = (const void *)hw->rh;

	result->state = le64_get_bits(hw->state, TERN_HW_QP_QUERY_STATE_STATE_MASK);
	result->sq_producer = le64_get_bits(hw->state, TERN_HW_QP_QUERY_STATE_SQ_PRODUCER_MASK);
	result->rq_producer = le64_get_bits(hw->state, TERN_HW_QP_QUERY_STATE_RQ_PRODUCER_MASK);
	result->draining = le64_get_bits(rh->conn, TERN_HW_QP_RH_CONN_DRAINING_MASK);
	result->sq_psn = le64_get_bits(seg->at, TERN_HW_QP_SEG_AT_PSN_MASK);
	result->rq_psn = le64_get_bits(rsp->at, TERN_HW_QP_RSP_AT_EPSN_MASK);
	result->sq_done = le64_get_bits(rh->at, TERN_HW_QP_RH_AT_DONE_MASK);
	result->rq_done = le64_get_bits(rsp->recv, TERN_HW_QP_RSP_RECV_WQE_MASK);
	result->resent = le64_get_bits(seg->count, TERN_HW_QP_SEG_COUNT_RESENT_MASK);
	result->timeouts = le64_get_bits(rh->count, TERN_HW_QP_RH_COUNT_TIMEOUTS_MASK);
}

/**
 * tern_ib_cmd_query_qp() - ask for the state of a QP
 * @dev: the device
 * @qpn: the QP
 * @result: the answer
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_query_qp(struct tern_ib_dev *dev, u32 qpn, struct tern_ib_query_qp_result *result)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_qp_wqe *wqe = (void *)&cmd.wqe;
	int err;

	cmd_set_header(&cmd, TERN_HW_CQP_OP_QUERY_QP, qpn);
	mutex_lock(&dev->cqp.buf_lock);
	wqe->sq_ring = cpu_to_le64(dev->cqp.buf_dma);
	err = tern_ib_cqp_exec(dev, &cmd);
	if (!err)
		qp_query_from_hw(result, dev->cqp.buf);
	mutex_unlock(&dev->cqp.buf_lock);
	return err;
}

/**
 * tern_ib_cmd_destroy_qp() - destroy a QP; its rings may be freed then
 * @dev: the device
 * @qpn: the QP
 */
void tern_ib_cmd_destroy_qp(struct tern_ib_dev *dev, u32 qpn)
{
	struct tern_ib_cqp_cmd cmd = {};

	cmd_set_header(&cmd, TERN_HW_CQP_OP_DESTROY_QP, qpn);
	exec_release(dev, &cmd);
}

static int exec_mcast(struct tern_ib_dev *dev, enum tern_hw_cqp_op op, u32 qpn,
		      const union ib_gid *gid, bool no_own)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_mcast_wqe *wqe = (void *)&cmd.wqe;

	cmd_set_header(&cmd, op, qpn);
	wqe->attr = le64_encode_bits(no_own, TERN_HW_CQP_MCAST_WQE_ATTR_NO_OWN_MASK);
	memcpy(wqe->gid, gid->raw, sizeof(wqe->gid));
	return tern_ib_cqp_exec(dev, &cmd);
}

/**
 * tern_ib_cmd_attach_mcast() - let a UD QP receive what is sent to a multicast group
 * @dev: the device
 * @qpn: the QP
 * @gid: the group
 * @no_own: but what this device sends to it
 *
 * Return: 0 or a negative errno, -ENOSPC if there is no room for the group or for the QP in it.
 */
int tern_ib_cmd_attach_mcast(struct tern_ib_dev *dev, u32 qpn, const union ib_gid *gid,
			     bool no_own)
{
	return exec_mcast(dev, TERN_HW_CQP_OP_ATTACH_MCAST, qpn, gid, no_own);
}

/**
 * tern_ib_cmd_detach_mcast() - undo tern_ib_cmd_attach_mcast()
 * @dev: the device
 * @qpn: the QP
 * @gid: the group
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_detach_mcast(struct tern_ib_dev *dev, u32 qpn, const union ib_gid *gid)
{
	return exec_mcast(dev, TERN_HW_CQP_OP_DETACH_MCAST, qpn, gid, false);
}

/**
 * tern_ib_cmd_set_mr() - allocate, register or change a memory region
 * @dev: the device
 * @op: ALLOC_MR, REG_MR or REREG_MR
 * @params: what it is like; its table entry and its page list have memory
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_cmd_set_mr(struct tern_ib_dev *dev, enum tern_hw_cqp_op op,
		       const struct tern_ib_mr_params *params)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_mr_wqe *wqe = (void *)&cmd.wqe;

	cmd_set_header(&cmd, op, params->index);
	wqe->attr = le64_encode_bits(params->priv, TERN_HW_MRTE_ATTR_PRIV_MASK) |
		    le64_encode_bits(params->access, TERN_HW_MRTE_ATTR_ACCESS_MASK) |
		    le64_encode_bits(params->level, TERN_HW_MRTE_ATTR_LEVEL_MASK) |
		    le64_encode_bits(params->page_shift, TERN_HW_MRTE_ATTR_PAGE_SHIFT_MASK) |
		    le64_encode_bits(params->key, TERN_HW_MRTE_ATTR_KEY_MASK) |
		    le64_encode_bits(params->pdn, TERN_HW_MRTE_ATTR_PD_MASK);
	wqe->va = cpu_to_le64(params->va);
	wqe->length = cpu_to_le64(params->length);
	wqe->pbl = cpu_to_le64(params->pbl);
	wqe->pages = cpu_to_le64(params->pages);
	return tern_ib_cqp_exec(dev, &cmd);
}

/**
 * tern_ib_cmd_dereg_mr() - take a region back; its memory may be freed then
 * @dev: the device
 * @index: index of the region
 * @key: bits 7:0 of the key it was made with
 */
void tern_ib_cmd_dereg_mr(struct tern_ib_dev *dev, u32 index, u8 key)
{
	struct tern_ib_cqp_cmd cmd = {};
	struct tern_hw_cqp_mr_wqe *wqe = (void *)&cmd.wqe;

	cmd_set_header(&cmd, TERN_HW_CQP_OP_DEREG_MR, index);
	wqe->attr = le64_encode_bits(key, TERN_HW_MRTE_ATTR_KEY_MASK);
	exec_release(dev, &cmd);
}
