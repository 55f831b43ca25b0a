// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The network interface of the Ethernet port
 *
 * It carries the address, MTU and link state that the RDMA side builds on. There are no
 * I/O queues yet: what is sent is dropped and counted.
 */

#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/export.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

#include "compat.h"
#include "core.h"

#define TERN_MAX_MTU	9000	/* a RoCE MTU of 4096 and all its headers fit */

struct tern_netdev {
	struct tern_core *core;
	u32 speed;		/* Mbit/s as of the last change of the link */
};

struct tern_core *tern_netdev_core(const struct net_device *netdev)
{
	const struct tern_netdev *tnet = netdev_priv(netdev);

	return tnet->core;
}

u32 tern_netdev_speed(const struct net_device *netdev)
{
	const struct tern_netdev *tnet = netdev_priv(netdev);

	return READ_ONCE(tnet->speed);
}

/**
 * tern_core_netdev - the network interface of the port
 * @core: the function
 *
 * Return: the interface, which lives longer than the auxiliary device; no reference taken.
 */
struct net_device *tern_core_netdev(struct tern_core *core)
{
	return core->netdev;
}
EXPORT_SYMBOL_NS_GPL(tern_core_netdev, TERN_NS);

static int tern_open(struct net_device *netdev)
{
	netif_start_queue(netdev);
	return 0;
}

static int tern_close(struct net_device *netdev)
{
	netif_stop_queue(netdev);
	return 0;
}

static netdev_tx_t tern_start_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	dev_core_stats_tx_dropped_inc(netdev);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops tern_netdev_ops = {
	.ndo_open = tern_open,
	.ndo_start_xmit = tern_start_xmit,
	.ndo_stop = tern_close,
	.ndo_validate_addr = eth_validate_addr,
};

int tern_netdev_alloc(struct tern_core *core)
{
	struct net_device *netdev;
	struct tern_netdev *tnet;

	netdev = alloc_etherdev(sizeof(*tnet));
	if (!netdev)
		return -ENOMEM;
	tnet = netdev_priv(netdev);
	tnet->core = core;
	SET_NETDEV_DEV(netdev, &core->pdev->dev);
	netdev->netdev_ops = &tern_netdev_ops;
	netdev->ethtool_ops = &tern_ethtool_ops;
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = TERN_MAX_MTU;
	netif_carrier_off(netdev);
	core->netdev = netdev;
	return 0;
}

static void tern_netdev_set_address(struct tern_core *core)
{
	u64 high = tern_reg_read(core, TERN_HW_REG_MAC_HI);
	u32 low = tern_reg_read(core, TERN_HW_REG_MAC_LO);
	u8 addr[ETH_ALEN];

	u64_to_ether_addr(high << 32 | low, addr);
	if (is_valid_ether_addr(addr)) {
		eth_hw_addr_set(core->netdev, addr);
		return;
	}
	eth_hw_addr_random(core->netdev);
	dev_warn(&core->pdev->dev, "no valid MAC address (%pM), using a random one\n", addr);
}

int tern_netdev_register(struct tern_core *core)
{
	tern_netdev_set_address(core);
	return register_netdev(core->netdev);
}

void tern_netdev_update_link(struct tern_core *core)
{
	struct tern_netdev *tnet = netdev_priv(core->netdev);
	u32 link = tern_reg_read(core, TERN_HW_REG_LINK);
	u32 speed = FIELD_GET(TERN_HW_REG_LINK_SPEED_MASK, link);

	if (tern_core_is_dead(core))
		return;
	if (link & TERN_HW_REG_LINK_UP_MASK) {
		WRITE_ONCE(tnet->speed, speed);
		netif_carrier_on(core->netdev);
		netdev_info(core->netdev, "link up, %u Mbit/s\n", speed);
	} else {
		netif_carrier_off(core->netdev);
		netdev_info(core->netdev, "link down\n");
	}
}

/* In service: undoes tern_netdev_detach() and shows the link as it is now. */
void tern_netdev_attach(struct tern_core *core)
{
	rtnl_lock();
	netif_device_attach(core->netdev);
	rtnl_unlock();
	tern_netdev_update_link(core);
}

/* Out of service: the interface stays, but can be neither opened nor used. */
void tern_netdev_detach(struct tern_core *core)
{
	rtnl_lock();
	netif_device_detach(core->netdev);
	netif_carrier_off(core->netdev);
	rtnl_unlock();
}
