// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Datagrams: address handles, multicast groups, and what requests and completions of UD QPs
 * have besides those of connected ones
 *
 * The device knows no address handles: each request carries its address. Source addresses and
 * the VLAN are not among that, they come from the GID table when the packet leaves.
 */

#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <rdma/ib_addr.h>

#include "tern-abi.h"
#include "tern_ib.h"

static_assert(sizeof_field(struct tern_hw_sq_ud_wqe, dgid) == sizeof(union ib_gid));
static_assert(sizeof_field(struct tern_create_ah_resp, dmac) == ETH_ALEN);

/**
 * tern_ib_ah_check() - can the device send to an address?
 * @dev: the device
 * @attr: the address; the RDMA core has resolved it
 *
 * Return: 0 or -EINVAL.
 */
int tern_ib_ah_check(struct tern_ib_dev *dev, const struct rdma_ah_attr *attr)
{
	if (attr->type != RDMA_AH_ATTR_TYPE_ROCE ||
	    !(rdma_ah_get_ah_flags(attr) & IB_AH_GRH) ||
	    rdma_ah_get_port_num(attr) != TERN_IB_PORT ||
	    rdma_ah_read_grh(attr)->sgid_index >= dev->caps.gids ||
	    is_zero_ether_addr(attr->roce.dmac))
		return -EINVAL;
	return 0;
}

/**
 * tern_ib_create_ah() - verbs create_ah and create_user_ah
 * @ibah: the handle, zeroed but for what the RDMA core knows
 * @init: its address, with the destination's MAC address
 * @udata: of the user's call, who learns the MAC address; NULL for a kernel handle
 *
 * Context: any.
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_create_ah(struct ib_ah *ibah, struct rdma_ah_init_attr *init, struct ib_udata *udata)
{
	struct tern_ib_dev *dev = to_tern_dev(ibah->device);
	struct tern_ib_ah *ah = to_tern_ah(ibah);
	struct tern_create_ah_resp resp = {};
	int err;

	if (!tern_ib_has_type(dev, TERN_HW_QP_TYPE_UD))
		return -EOPNOTSUPP;
	if (udata && udata->inlen && !ib_is_udata_cleared(udata, 0, udata->inlen))
		return -EINVAL;
	err = tern_ib_ah_check(dev, init->ah_attr);
	if (err)
		return err;

	ah->attr = *init->ah_attr;
	/* The RDMA core holds the GID for as long as there is the handle */
	ah->attr.grh.sgid_attr = NULL;
	if (!udata)
		return 0;
	ether_addr_copy(resp.dmac, ah->attr.roce.dmac);
	return tern_ib_udata_out(udata, &resp, sizeof(resp));
}

/**
 * tern_ib_query_ah() - verb query_ah
 * @ibah: the handle
 * @attr: its address
 *
 * Return: 0.
 */
int tern_ib_query_ah(struct ib_ah *ibah, struct rdma_ah_attr *attr)
{
	*attr = to_tern_ah(ibah)->attr;
	return 0;
}

/**
 * tern_ib_destroy_ah() - verb destroy_ah
 * @ibah: the handle
 * @flags: whether it may sleep; it does not
 *
 * Return: 0.
 */
int tern_ib_destroy_ah(struct ib_ah *ibah, u32 flags)
{
	return 0;
}

static int mcast_check(const struct tern_ib_dev *dev, const struct ib_qp *ibqp,
		       const union ib_gid *gid)
{
	if (!dev->caps.mcast_groups)
		return -EOPNOTSUPP;
	if (ibqp->qp_type != IB_QPT_UD || !rdma_is_multicast_addr((struct in6_addr *)gid->raw))
		return -EINVAL;
	return 0;
}

/**
 * tern_ib_attach_mcast() - verb attach_mcast
 * @ibqp: UD QP
 * @gid: GID of the group
 * @lid: there are none on Ethernet
 *
 * To attach again changes nothing.
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_attach_mcast(struct ib_qp *ibqp, union ib_gid *gid, u16 lid)
{
	struct tern_ib_dev *dev = to_tern_dev(ibqp->device);
	int err;

	err = mcast_check(dev, ibqp, gid);
	if (err)
		return err;
	err = tern_ib_cmd_attach_mcast(dev, ibqp->qp_num, gid, to_tern_qp(ibqp)->no_own_mcast);
	return err == -ENOSPC ? -ENOMEM : err;
}

/**
 * tern_ib_detach_mcast() - verb detach_mcast
 * @ibqp: UD QP
 * @gid: GID of the group
 * @lid: there are none on Ethernet
 *
 * Return: 0 or a negative errno, -EINVAL if it was not attached.
 */
int tern_ib_detach_mcast(struct ib_qp *ibqp, union ib_gid *gid, u16 lid)
{
	struct tern_ib_dev *dev = to_tern_dev(ibqp->device);
	int err;

	err = mcast_check(dev, ibqp, gid);
	if (err)
		return err;
	err = tern_ib_cmd_detach_mcast(dev, ibqp->qp_num, gid);
	return err == -ENOENT ? -EINVAL : err;
}

/**
 * tern_ib_ud_put_address() - write where a request goes to
 * @wqe: its entry, zeroed; all but the header and the data is written
 * @wr: the request, with an address handle
 * @imm: immediate data as it is in memory, or 0
 */
void tern_ib_ud_put_address(struct tern_hw_sq_ud_wqe *wqe, const struct ib_ud_wr *wr, u32 imm)
{
	const struct rdma_ah_attr *attr = &to_tern_ah(wr->ah)->attr;
	const struct ib_global_route *grh = rdma_ah_read_grh(attr);

	wqe->dest = le64_encode_bits(wr->remote_qpn, TERN_HW_SQ_UD_WQE_DEST_QPN_MASK) |
		    le64_encode_bits(grh->sgid_index, TERN_HW_SQ_UD_WQE_DEST_SGID_MASK) |
		    le64_encode_bits(wr->remote_qkey, TERN_HW_SQ_UD_WQE_DEST_QKEY_MASK);
	wqe->flow = le64_encode_bits(grh->flow_label & GENMASK(19, 0),
				     TERN_HW_SQ_UD_WQE_FLOW_FLOW_LABEL_MASK) |
		    le64_encode_bits(rdma_ah_get_sl(attr) & GENMASK(2, 0),
				     TERN_HW_SQ_UD_WQE_FLOW_PCP_MASK) |
		    le64_encode_bits(imm, TERN_HW_SQ_UD_WQE_FLOW_IMM_MASK);
	wqe->path = le64_encode_bits(ether_addr_to_u64(attr->roce.dmac),
				     TERN_HW_SQ_UD_WQE_PATH_DMAC_MASK) |
		    le64_encode_bits(grh->traffic_class, TERN_HW_SQ_UD_WQE_PATH_TCLASS_MASK) |
		    le64_encode_bits(grh->hop_limit, TERN_HW_SQ_UD_WQE_PATH_HOP_LIMIT_MASK);
	memcpy(wqe->dgid, grh->dgid.raw, sizeof(wqe->dgid));
}

/**
 * tern_ib_ud_recv_wc() - tell where a datagram came from
 * @wc: the completion of its receipt
 * @peer: what the device says of the peer
 */
void tern_ib_ud_recv_wc(struct ib_wc *wc, u64 peer)
{
	/* Where the request failed before there was a datagram, there is nothing to tell */
	if (!(peer & TERN_HW_CQE_PEER_GRH_MASK))
		return;
	wc->src_qp = FIELD_GET(TERN_HW_CQE_PEER_SRC_QPN_MASK, peer);
	wc->wc_flags |= IB_WC_GRH | IB_WC_WITH_NETWORK_HDR_TYPE;
	wc->network_hdr_type = peer & TERN_HW_CQE_PEER_IPV4_MASK ? RDMA_NETWORK_IPV4 :
								   RDMA_NETWORK_IPV6;
	if (peer & TERN_HW_CQE_PEER_VLAN_MASK) {
		u16 tci = FIELD_GET(TERN_HW_CQE_PEER_VLAN_TCI_MASK, peer);

		wc->sl = FIELD_GET(VLAN_PRIO_MASK, tci);
		wc->vlan_id = tci & VLAN_VID_MASK;
		wc->wc_flags |= IB_WC_WITH_VLAN;
	}
}
