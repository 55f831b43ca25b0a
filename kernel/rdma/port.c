// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The port: its attributes, GID table and events
 *
 * There is one port, and its state is that of the network device.
 */

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <rdma/ib_addr.h>
#include <rdma/ib_cache.h>
#include <rdma/ib_mad.h>

#include "tern_ib.h"

/* IBTA: largest message of any service */
#define PORT_MAX_MSG_SIZE	BIT(31)

static bool port_is_active(const struct tern_ib_dev *dev)
{
	return netif_running(dev->netdev) && netif_device_present(dev->netdev) &&
	       netif_carrier_ok(dev->netdev);
}

/**
 * tern_ib_port_mtu() - largest payload of a packet
 * @dev: the device
 *
 * Return: as the MTU of the network device allows, at least 256 bytes.
 */
enum ib_mtu tern_ib_port_mtu(const struct tern_ib_dev *dev)
{
	return max(iboe_get_mtu(READ_ONCE(dev->netdev->mtu)), IB_MTU_256);
}

/**
 * tern_ib_query_port() - verb query_port
 * @ibdev: the device
 * @port: always 1
 * @attr: attributes, zeroed
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_query_port(struct ib_device *ibdev, u32 port, struct ib_port_attr *attr)
{
	struct tern_ib_dev *dev = to_tern_dev(ibdev);

	attr->max_mtu = IB_MTU_4096;
	attr->active_mtu = tern_ib_port_mtu(dev);
	attr->gid_tbl_len = dev->caps.gids;
	attr->pkey_tbl_len = TERN_IB_PKEYS;
	attr->max_msg_sz = PORT_MAX_MSG_SIZE;
	attr->max_vl_num = 1;
	attr->ip_gids = true;
	if (port_is_active(dev)) {
		attr->state = IB_PORT_ACTIVE;
		attr->phys_state = IB_PORT_PHYS_STATE_LINK_UP;
		return ib_get_eth_speed(ibdev, port, &attr->active_speed, &attr->active_width);
	}
	/* No speed is known, but attributes must have one */
	attr->state = IB_PORT_DOWN;
	attr->phys_state = IB_PORT_PHYS_STATE_DISABLED;
	attr->active_speed = IB_SPEED_SDR;
	attr->active_width = IB_WIDTH_1X;
	return 0;
}

/**
 * tern_ib_query_pkey() - verb query_pkey
 * @ibdev: the device
 * @port: always 1
 * @index: index in the table
 * @pkey: the key
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_query_pkey(struct ib_device *ibdev, u32 port, u16 index, u16 *pkey)
{
	if (index >= TERN_IB_PKEYS)
		return -EINVAL;
	*pkey = IB_DEFAULT_PKEY_FULL;
	return 0;
}

/**
 * tern_ib_get_port_immutable() - what never changes about the port
 * @ibdev: the device
 * @port: always 1
 * @immutable: the answer
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_get_port_immutable(struct ib_device *ibdev, u32 port,
			       struct ib_port_immutable *immutable)
{
	struct tern_ib_dev *dev = to_tern_dev(ibdev);

	immutable->pkey_tbl_len = TERN_IB_PKEYS;
	immutable->gid_tbl_len = dev->caps.gids;
	immutable->core_cap_flags = RDMA_CORE_CAP_PROT_ROCE_UDP_ENCAP | RDMA_CORE_CAP_ETH_AH;
	/* Management datagrams and the connection manager need QP 1 */
	if (tern_ib_has_type(dev, TERN_HW_QP_TYPE_GSI)) {
		immutable->core_cap_flags = RDMA_CORE_PORT_IBA_ROCE_UDP_ENCAP;
		immutable->max_mad_size = IB_MGMT_MAD_SIZE;
	}
	return 0;
}

/**
 * tern_ib_get_link_layer() - link layer of the port
 * @ibdev: the device
 * @port: always 1
 *
 * Return: Ethernet.
 */
enum rdma_link_layer tern_ib_get_link_layer(struct ib_device *ibdev, u32 port)
{
	return IB_LINK_LAYER_ETHERNET;
}

/**
 * tern_ib_add_gid() - put a GID in the table of the device
 * @attr: the GID, its index and its network interface
 * @context: unused
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_add_gid(const struct ib_gid_attr *attr, void **context)
{
	struct tern_ib_set_gid_params params = {
		.index = attr->index,
		.gid = attr->gid.raw,
		.ipv4 = rdma_gid_attr_network_type(attr) == RDMA_NETWORK_IPV4,
	};
	u16 vlan_id;
	int err;

	err = rdma_read_gid_l2_fields(attr, &vlan_id, params.mac);
	if (err)
		return err;
	params.vlan_valid = vlan_id < VLAN_N_VID;
	params.vlan_id = params.vlan_valid ? vlan_id : 0;
	return tern_ib_cmd_set_gid(to_tern_dev(attr->device), &params);
}

/**
 * tern_ib_del_gid() - take a GID out of the table of the device
 * @attr: the GID and its index
 * @context: unused
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_del_gid(const struct ib_gid_attr *attr, void **context)
{
	return tern_ib_cmd_clear_gid(to_tern_dev(attr->device), attr->index);
}

/**
 * tern_ib_port_update() - tell consumers if the state of the port has changed
 * @dev: the device
 *
 * Context: any.
 */
void tern_ib_port_update(struct tern_ib_dev *dev)
{
	bool active = port_is_active(dev);
	struct ib_event event = {
		.device = &dev->ibdev,
		.event = active ? IB_EVENT_PORT_ACTIVE : IB_EVENT_PORT_ERR,
		.element.port_num = TERN_IB_PORT,
	};
	unsigned long flags;

	spin_lock_irqsave(&dev->event_lock, flags);
	if (dev->registered && dev->port_active != active) {
		dev->port_active = active;
		ib_dispatch_event(&event);
	}
	spin_unlock_irqrestore(&dev->event_lock, flags);
}

static int port_netdev_event(struct notifier_block *nb, unsigned long event, void *info)
{
	struct tern_ib_dev *dev = container_of(nb, struct tern_ib_dev, netdev_nb);

	if (netdev_notifier_info_to_dev(info) != dev->netdev)
		return NOTIFY_DONE;

	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		tern_ib_port_update(dev);
		break;
	}
	return NOTIFY_DONE;
}

/**
 * tern_ib_port_listen() - follow the state of the network device
 * @dev: the device
 *
 * Return: 0 or a negative errno.
 */
int tern_ib_port_listen(struct tern_ib_dev *dev)
{
	dev->netdev_nb.notifier_call = port_netdev_event;
	return register_netdevice_notifier(&dev->netdev_nb);
}

/**
 * tern_ib_port_unlisten() - undo tern_ib_port_listen()
 * @dev: the device
 */
void tern_ib_port_unlisten(struct tern_ib_dev *dev)
{
	unregister_netdevice_notifier(&dev->netdev_nb);
}
