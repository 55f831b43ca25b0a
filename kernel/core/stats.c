// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Counters of the network interface
 *
 * What passed through a queue is counted by the driver. What the device dropped, only it
 * knows: it is asked now and then, and what it said before a reset is kept.
 */

#include <linux/netdevice.h>
#include <linux/slab.h>

#include "netdev.h"

int tern_netdev_stats_alloc(struct tern_netdev *tnet)
{
	u16 i;

	tnet->tx_stats = kcalloc(TERN_MAX_CHANNELS, sizeof(*tnet->tx_stats), GFP_KERNEL);
	tnet->rx_stats = kcalloc(TERN_MAX_CHANNELS, sizeof(*tnet->rx_stats), GFP_KERNEL);
	if (!tnet->tx_stats || !tnet->rx_stats) {
		tern_netdev_stats_free(tnet);
		return -ENOMEM;
	}
	for (i = 0; i < TERN_MAX_CHANNELS; i++) {
		u64_stats_init(&tnet->tx_stats[i].sync);
		u64_stats_init(&tnet->tx_stats[i].drop_sync);
		u64_stats_init(&tnet->rx_stats[i].sync);
	}
	spin_lock_init(&tnet->hw_lock);
	return 0;
}

void tern_netdev_stats_free(struct tern_netdev *tnet)
{
	kfree(tnet->tx_stats);
	kfree(tnet->rx_stats);
}

static void tern_tx_stats_add(struct tern_tx_stats *from, struct rtnl_link_stats64 *to)
{
	u64 packets, bytes, errors, dropped;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->sync);
		packets = u64_stats_read(&from->packets);
		bytes = u64_stats_read(&from->bytes);
		errors = u64_stats_read(&from->errors);
	} while (u64_stats_fetch_retry(&from->sync, start));
	do {
		start = u64_stats_fetch_begin(&from->drop_sync);
		dropped = u64_stats_read(&from->dropped);
	} while (u64_stats_fetch_retry(&from->drop_sync, start));
	to->tx_packets += packets;
	to->tx_bytes += bytes;
	to->tx_errors += errors;
	to->tx_dropped += dropped;
}

static void tern_rx_stats_add(struct tern_rx_stats *from, struct rtnl_link_stats64 *to)
{
	u64 packets, bytes, errors, dropped;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->sync);
		packets = u64_stats_read(&from->packets);
		bytes = u64_stats_read(&from->bytes);
		errors = u64_stats_read(&from->errors);
		dropped = u64_stats_read(&from->dropped);
	} while (u64_stats_fetch_retry(&from->sync, start));
	to->rx_packets += packets;
	to->rx_bytes += bytes;
	to->rx_errors += errors;
	to->rx_dropped += dropped;
}

/**
 * tern_hw_stat - a counter of the device, over all its resets
 * @tnet: the interface
 * @stat: which
 *
 * Context: any.
 * Return: its value as of the last tern_hw_stats_read().
 */
u64 tern_hw_stat(struct tern_netdev *tnet, enum tern_hw_eth_stat stat)
{
	u64 value;

	spin_lock_bh(&tnet->hw_lock);
	value = tnet->hw_base[stat] + tnet->hw_last[stat];
	spin_unlock_bh(&tnet->hw_lock);
	return value;
}

void tern_get_stats64(struct net_device *netdev, struct rtnl_link_stats64 *stats)
{
	struct tern_netdev *tnet = netdev_priv(netdev);
	u16 i;

	for (i = 0; i < TERN_MAX_CHANNELS; i++) {
		tern_tx_stats_add(&tnet->tx_stats[i], stats);
		tern_rx_stats_add(&tnet->rx_stats[i], stats);
	}
	stats->rx_missed_errors = tern_hw_stat(tnet, TERN_HW_ETH_STAT_RX_NO_DESC);
	stats->rx_length_errors = tern_hw_stat(tnet, TERN_HW_ETH_STAT_RX_LONG);
	stats->rx_errors += stats->rx_length_errors;
}

/**
 * tern_hw_stats_read - ask the device for its counters
 * @tnet: the interface
 *
 * Context: may sleep. A device that is out of service is not asked.
 */
void tern_hw_stats_read(struct tern_netdev *tnet)
{
	u64 now[TERN_ETH_STATS];

	if (tern_aq_query_stats(&tnet->aq, now, TERN_ETH_STATS))
		return;
	spin_lock_bh(&tnet->hw_lock);
	memcpy(tnet->hw_last, now, sizeof(now));
	spin_unlock_bh(&tnet->hw_lock);
}

/**
 * tern_hw_stats_rebase - the device begins to count anew
 * @tnet: the interface
 */
void tern_hw_stats_rebase(struct tern_netdev *tnet)
{
	u32 i;

	spin_lock_bh(&tnet->hw_lock);
	for (i = 0; i < TERN_ETH_STATS; i++) {
		tnet->hw_base[i] += tnet->hw_last[i];
		tnet->hw_last[i] = 0;
	}
	spin_unlock_bh(&tnet->hw_lock);
}

/* Now and then while in service, so that the counters are not older than that. */
void tern_netdev_poll(struct tern_core *core)
{
	tern_hw_stats_read(netdev_priv(core->netdev));
}
