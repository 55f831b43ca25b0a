/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The data path of the network interface
 *
 * A channel is what one processor uses: a completion queue with its interrupt vector and
 * NAPI context, and the send and receive queue that complete there. The struct tern_netdev
 * has an array of them; channels exist while the interface is up and the device in
 * service. Counters are kept apart, and live as long as the interface.
 *
 * Numbers: channel n has CQ n + 1 (0 is the ACQ), send queue n and receive queue n.
 */

#ifndef TERN_CORE_NETDEV_H
#define TERN_CORE_NETDEV_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>

#include "aq.h"
#include "core.h"

struct page;
struct page_pool;

#define TERN_LOG_QUEUE		8	/* descriptors of a send or receive queue, log2 */
#define TERN_QUEUE_SIZE		BIT(TERN_LOG_QUEUE)
/* Both queues' entries, and as many that are consumed and not yet told */
#define TERN_LOG_CQ		(TERN_LOG_QUEUE + 2)
#define TERN_CQ_SIZE		BIT(TERN_LOG_CQ)

#define TERN_ETH_STATS	(TERN_HW_ETH_STAT_CQ_ERR + 1)	/* counters that the device has */

#define TERN_MAX_MTU	9000	/* a RoCE MTU of 4096 and all its headers fit */
#define TERN_FRAME_SIZE(mtu)	((mtu) + ETH_HLEN + VLAN_HLEN)

/**
 * struct tern_tx_stats - counters of a send queue, over all its lives
 * @sync: consistency of the next three on 32-bit machines; NAPI writes them
 * @packets: frames that the device has sent
 * @bytes: of them
 * @errors: frames that it has not
 * @drop_sync: of the last; who sends writes it
 * @dropped: frames that did not get to it
 */
struct tern_tx_stats {
	struct u64_stats_sync sync;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t errors;
	struct u64_stats_sync drop_sync;
	u64_stats_t dropped;
};

/**
 * struct tern_rx_stats - counters of a receive queue, over all its lives
 * @sync: consistency of the others on 32-bit machines
 * @packets: frames given to the stack
 * @bytes: of them
 * @errors: descriptors that the device gave back with an error
 * @dropped: frames for which there was no memory
 */
struct tern_rx_stats {
	struct u64_stats_sync sync;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t errors;
	u64_stats_t dropped;
};

/**
 * struct tern_tx_buf - what a descriptor of a send queue has mapped
 * @skb: to be freed with this descriptor, the last of its frame; else NULL
 * @dma: bus address
 * @len: bytes
 * @page: mapped as a page, else as linear memory
 */
struct tern_tx_buf {
	struct sk_buff *skb;
	dma_addr_t dma;
	u32 len;
	bool page;
};

/**
 * struct tern_tx - send queue
 * @core: the function
 * @txq: the stack's queue
 * @stats: counters
 * @num: number of the queue
 * @producer: descriptors filled, written by who sends
 * @rung: of these, the device knows so many
 * @consumer: descriptors done, written by NAPI
 * @done_packets: done and not yet told to the stack
 * @done_bytes: of them
 * @desc: ring
 * @bufs: what belongs to each descriptor
 * @dma: bus address of @desc
 */
struct tern_tx {
	struct tern_core *core;
	struct netdev_queue *txq;
	struct tern_tx_stats *stats;
	u16 num;
	u16 producer;
	u16 rung;
	u16 consumer ____cacheline_aligned_in_smp;
	u32 done_packets;
	u32 done_bytes;
	struct tern_hw_eth_tx_desc *desc;
	struct tern_tx_buf *bufs;
	dma_addr_t dma;
};

/**
 * struct tern_rx - receive queue; all of it belongs to NAPI while the channel runs
 * @core: the function
 * @napi: that the frames go to
 * @pool: where the pages come from
 * @stats: counters
 * @num: number of the queue
 * @producer: descriptors filled
 * @rung: of these, the device knows so many
 * @consumer: descriptors done
 * @order: of the pages that buffers are
 * @frame: bytes that a buffer takes
 * @desc: ring
 * @pages: the buffer of each descriptor
 * @dma: bus address of @desc
 */
struct tern_rx {
	struct tern_core *core;
	struct napi_struct *napi;
	struct page_pool *pool;
	struct tern_rx_stats *stats;
	u16 num;
	u16 producer;
	u16 rung;
	u16 consumer;
	u16 order;
	u32 frame;
	struct tern_hw_eth_rx_desc *desc;
	struct page **pages;
	dma_addr_t dma;
};

/**
 * struct tern_channel - a completion queue and all that completes there
 * @core: the function
 * @napi: polls the CQ
 * @num: number of the channel
 * @vector: interrupt vector
 * @index: entries of the CQ consumed since creation
 * @told: of these, the device knows so many
 * @cqes: ring of the CQ
 * @dma: bus address of @cqes
 * @tx: send queue
 * @rx: receive queue
 */
struct tern_channel {
	struct tern_core *core;
	struct napi_struct napi;
	u16 num;
	int vector;
	u32 index;
	u32 told;
	struct tern_hw_eth_cqe *cqes;
	dma_addr_t dma;
	struct tern_tx tx;
	struct tern_rx rx;
};

/**
 * struct tern_netdev - private part of the struct net_device
 * @core: the function
 * @aq: admin queue
 * @speed: Mbit/s as of the last change of the link
 * @num_channels: as many as there will be when the interface is up
 * @channels: NULL while the interface is down or the device out of service; guarded by RTNL,
 *	constant while a queue of the stack is running
 * @tx_stats: counters of each send queue
 * @rx_stats: counters of each receive queue
 * @filter_work: brings the receive filter to the device
 * @registered: the stack knows the interface
 * @hw_lock: guards @hw_base and @hw_last
 * @hw_base: counters of the device before its last reset, indexed by enum tern_hw_eth_stat
 * @hw_last: as read last from the device
 */
struct tern_netdev {
	struct tern_core *core;
	struct tern_aq aq;
	u32 speed;
	u16 num_channels;
	struct tern_channel *channels;
	struct tern_tx_stats *tx_stats;
	struct tern_rx_stats *rx_stats;
	struct work_struct filter_work;
	bool registered;
	spinlock_t hw_lock;	/* guards the two below */
	u64 hw_base[TERN_ETH_STATS];
	u64 hw_last[TERN_ETH_STATS];
};

/* channel.c */
int tern_channels_open(struct tern_netdev *tnet);
void tern_channels_close(struct tern_netdev *tnet);

/* tx.c */
netdev_tx_t tern_start_xmit(struct sk_buff *skb, struct net_device *netdev);
int tern_tx_init(struct tern_tx *tx);
void tern_tx_free(struct tern_tx *tx);
bool tern_tx_done(struct tern_tx *tx, u16 index, u32 status, int budget);
void tern_tx_flush(struct tern_tx *tx);

/* rx.c */
int tern_rx_init(struct tern_rx *rx, u32 mtu);
void tern_rx_free(struct tern_rx *rx);
bool tern_rx_done(struct tern_rx *rx, u16 index, u32 status, u32 len);
bool tern_rx_refill(struct tern_rx *rx);

/* stats.c */
int tern_netdev_stats_alloc(struct tern_netdev *tnet);
void tern_netdev_stats_free(struct tern_netdev *tnet);
void tern_get_stats64(struct net_device *netdev, struct rtnl_link_stats64 *stats);
u64 tern_hw_stat(struct tern_netdev *tnet, enum tern_hw_eth_stat stat);
void tern_hw_stats_read(struct tern_netdev *tnet);
void tern_hw_stats_rebase(struct tern_netdev *tnet);

#endif /* TERN_CORE_NETDEV_H */
