// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The network interface of the Ethernet port
 *
 * It lives from probe to remove, with its address, MTU and counters. While the device is
 * out of service it is detached, and its channels, if it is up, are closed; back in
 * service the device is told everything again.
 */

#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/export.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

#include "compat.h"
#include "core.h"
#include "netdev.h"

#define TERN_WATCHDOG	(10 * HZ)	/* a simulated device is slow */

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
	int err;

	err = tern_channels_open(netdev_priv(netdev));
	if (!err)
		netif_tx_start_all_queues(netdev);
	return err;
}

static int tern_close(struct net_device *netdev)
{
	tern_channels_close(netdev_priv(netdev));
	return 0;
}

/* The size of the buffers depends on it. */
static int tern_change_mtu(struct net_device *netdev, int mtu)
{
	struct tern_netdev *tnet = netdev_priv(netdev);
	int old = netdev->mtu, err;

	if (!netif_running(netdev)) {
		WRITE_ONCE(netdev->mtu, mtu);
		return 0;
	}
	tern_channels_close(tnet);
	WRITE_ONCE(netdev->mtu, mtu);
	err = tern_channels_open(tnet);
	if (err) {
		WRITE_ONCE(netdev->mtu, old);
		if (tern_channels_open(tnet)) {
			/* Another attempt is part of the way back */
			tern_fail(tnet->core, "no memory for the old MTU");
			return err;
		}
	}
	netif_tx_wake_all_queues(netdev);
	return err;
}

static int tern_set_mac_address(struct net_device *netdev, void *p)
{
	struct tern_netdev *tnet = netdev_priv(netdev);
	const struct sockaddr *addr = p;
	int err;

	err = eth_prepare_mac_addr_change(netdev, p);
	if (err)
		return err;
	err = tern_aq_set_address(&tnet->aq, addr->sa_data);
	if (err)
		return err;
	eth_commit_mac_addr_change(netdev, p);
	return 0;
}

static int tern_set_filter(struct tern_netdev *tnet)
{
	struct net_device *netdev = tnet->core->netdev;
	bool promisc, multicast;

	netif_addr_lock_bh(netdev);
	promisc = netdev->flags & IFF_PROMISC;
	multicast = (netdev->flags & IFF_ALLMULTI) || !netdev_mc_empty(netdev);
	netif_addr_unlock_bh(netdev);
	return tern_aq_set_filter(&tnet->aq, promisc, multicast);
}

/* Out of service it does nothing; then the filter is set on the way back. */
static void tern_filter_work(struct work_struct *work)
{
	tern_set_filter(container_of(work, struct tern_netdev, filter_work));
}

/* In atomic context, and a command sleeps. */
static void tern_set_rx_mode(struct net_device *netdev)
{
	struct tern_netdev *tnet = netdev_priv(netdev);

	queue_work(tnet->core->wq, &tnet->filter_work);
}

static void tern_tx_timeout(struct net_device *netdev, unsigned int queue)
{
	struct tern_netdev *tnet = netdev_priv(netdev);

	netdev_err(netdev, "send queue %u does not complete\n", queue);
	tern_fail(tnet->core, "a send queue does not complete");
}

static const struct net_device_ops tern_netdev_ops = {
	.ndo_open = tern_open,
	.ndo_stop = tern_close,
	.ndo_start_xmit = tern_start_xmit,
	.ndo_get_stats64 = tern_get_stats64,
	.ndo_set_rx_mode = tern_set_rx_mode,
	.ndo_set_mac_address = tern_set_mac_address,
	.ndo_change_mtu = tern_change_mtu,
	.ndo_tx_timeout = tern_tx_timeout,
	.ndo_validate_addr = eth_validate_addr,
};

int tern_netdev_alloc(struct tern_core *core)
{
	struct net_device *netdev;
	struct tern_netdev *tnet;
	int err;

	netdev = alloc_etherdev_mqs(sizeof(*tnet), TERN_MAX_CHANNELS, TERN_MAX_CHANNELS);
	if (!netdev)
		return -ENOMEM;
	tnet = netdev_priv(netdev);
	tnet->core = core;
	tnet->num_channels = TERN_MAX_CHANNELS;
	err = tern_netdev_stats_alloc(tnet);
	if (err) {
		free_netdev(netdev);
		return err;
	}
	tern_aq_init(&tnet->aq, core);
	INIT_WORK(&tnet->filter_work, tern_filter_work);
	SET_NETDEV_DEV(netdev, &core->pdev->dev);
	netdev->netdev_ops = &tern_netdev_ops;
	netdev->ethtool_ops = &tern_ethtool_ops;
	netdev->min_mtu = ETH_MIN_MTU;
	netdev->max_mtu = TERN_MAX_MTU;
	netdev->watchdog_timeo = TERN_WATCHDOG;
	netdev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	netdev->features |= NETIF_F_HIGHDMA;
	netif_carrier_off(netdev);
	core->netdev = netdev;
	return 0;
}

void tern_netdev_free(struct tern_core *core)
{
	tern_netdev_stats_free(netdev_priv(core->netdev));
	free_netdev(core->netdev);
}

static void tern_netdev_permanent_address(struct tern_core *core)
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

/* A device with too few queues for one channel is not one of ours. */
static int tern_netdev_check_caps(struct tern_core *core)
{
	u32 caps = tern_reg_read(core, TERN_HW_REG_ETH_CAPS);

	if (tern_core_is_dead(core))
		return -ENODEV;
	if (FIELD_GET(TERN_HW_REG_ETH_CAPS_SQS_MASK, caps) >= TERN_MAX_CHANNELS &&
	    FIELD_GET(TERN_HW_REG_ETH_CAPS_RQS_MASK, caps) >= TERN_MAX_CHANNELS &&
	    FIELD_GET(TERN_HW_REG_ETH_CAPS_CQS_MASK, caps) > TERN_MAX_CHANNELS &&
	    FIELD_GET(TERN_HW_REG_ETH_CAPS_MAX_LOG_MASK, caps) >= TERN_LOG_QUEUE)
		return 0;
	dev_err(&core->pdev->dev, "too few Ethernet queues (%#x)\n", caps);
	return -ENODEV;
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

/* For the first time in service. */
static int tern_netdev_register(struct tern_netdev *tnet)
{
	int err;

	err = register_netdev(tnet->core->netdev);
	if (!err)
		tnet->registered = true;
	return err;
}

/*
 * The interface is still up if it was. Should the memory for its channels be missing it goes
 * down, as if it had been opened now; should the device have died again it waits for the
 * next time.
 */
static int tern_netdev_reopen(struct tern_netdev *tnet)
{
	struct net_device *netdev = tnet->core->netdev;
	int err = 0;

	rtnl_lock();
	if (netif_running(netdev))
		err = tern_channels_open(tnet);
	if (err && !tern_core_is_dead(tnet->core)) {
		netdev_err(netdev, "closed after a reset (%d)\n", err);
		dev_close(netdev);
		err = 0;
	}
	if (!err)
		netif_device_attach(netdev);
	rtnl_unlock();
	return err;
}

/**
 * tern_netdev_attach - bring the interface into service
 * @core: the function
 *
 * Undoes tern_netdev_detach(), or registers the interface.
 *
 * Return: 0 or a negative errno, with the interface out of service.
 */
int tern_netdev_attach(struct tern_core *core)
{
	struct tern_netdev *tnet = netdev_priv(core->netdev);
	int err;

	err = tern_netdev_check_caps(core);
	if (err)
		return err;
	err = tern_aq_start(&tnet->aq);
	if (err)
		return err;
	tern_hw_stats_rebase(tnet);
	if (!tnet->registered)
		tern_netdev_permanent_address(core);
	err = tern_aq_set_address(&tnet->aq, core->netdev->dev_addr);
	if (err)
		goto err_stop;
	err = tern_set_filter(tnet);
	if (err)
		goto err_stop;
	err = tnet->registered ? tern_netdev_reopen(tnet) : tern_netdev_register(tnet);
	if (err)
		goto err_stop;
	tern_netdev_update_link(core);
	return 0;

err_stop:
	tern_aq_stop(&tnet->aq);
	return err;
}

/**
 * tern_netdev_detach - take the interface out of service, with the device dead or alive
 * @core: the function
 *
 * The interface stays, but can be neither opened nor used. It may be out of service
 * already.
 */
void tern_netdev_detach(struct tern_core *core)
{
	struct tern_netdev *tnet = netdev_priv(core->netdev);

	if (!tern_core_is_dead(core))
		tern_hw_stats_read(tnet);
	rtnl_lock();
	netif_device_detach(core->netdev);
	tern_channels_close(tnet);
	netif_carrier_off(core->netdev);
	rtnl_unlock();
	tern_aq_stop(&tnet->aq);
}

/* Nothing happens if it was never in service. */
void tern_netdev_unregister(struct tern_core *core)
{
	struct tern_netdev *tnet = netdev_priv(core->netdev);

	if (tnet->registered)
		unregister_netdev(core->netdev);
	tnet->registered = false;
}
