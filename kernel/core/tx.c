// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Sending
 *
 * Descriptors are filled by who sends, under the lock of the stack's queue, and given back
 * by NAPI. The device is asked for a completion with each doorbell and with each quarter of
 * the ring, and completes all frames before it with that one.
 *
 * The device must not be asked for half a frame, so a doorbell covers whole ones. It is
 * rung when the stack has no more to give at once, or has to stop.
 */

#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/pci.h>
#include <net/netdev_queues.h>

#include "ethdb.h"
#include "netdev.h"

/* Descriptors of the largest frame: its linear part and all fragments */
#define TERN_TX_MAX_DESCS	(MAX_SKB_FRAGS + 1)
#define TERN_TX_WAKE_DESCS	(2 * TERN_TX_MAX_DESCS)
#define TERN_TX_ASK		(TERN_QUEUE_SIZE / 4)

static u32 tern_tx_slot(u16 index)
{
	return index & (TERN_QUEUE_SIZE - 1);
}

static int tern_tx_room(const struct tern_tx *tx)
{
	/* What NAPI did to the entries comes before it gave them back */
	return TERN_QUEUE_SIZE - (u16)(tx->producer - smp_load_acquire(&tx->consumer));
}

static void tern_tx_unmap(struct tern_tx *tx, const struct tern_tx_buf *buf)
{
	struct device *dev = &tx->core->pdev->dev;

	if (buf->page)
		dma_unmap_page(dev, buf->dma, buf->len, DMA_TO_DEVICE);
	else
		dma_unmap_single(dev, buf->dma, buf->len, DMA_TO_DEVICE);
}

static int tern_tx_map(struct tern_tx *tx, u16 index, void *data, const skb_frag_t *frag, u32 len)
{
	struct tern_tx_buf *buf = &tx->bufs[tern_tx_slot(index)];
	struct tern_hw_eth_tx_desc *desc = &tx->desc[tern_tx_slot(index)];
	struct device *dev = &tx->core->pdev->dev;

	if (frag)
		buf->dma = skb_frag_dma_map(dev, frag, 0, len, DMA_TO_DEVICE);
	else
		buf->dma = dma_map_single(dev, data, len, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, buf->dma))
		return -ENOMEM;
	buf->page = frag;
	buf->len = len;
	buf->skb = NULL;
	desc->addr = cpu_to_le64(buf->dma);
	desc->ctl = cpu_to_le64(FIELD_PREP(TERN_HW_ETH_TX_DESC_CTL_LEN_MASK, len));
	return 0;
}

/* All of a frame, or nothing. Returns the number of descriptors, or a negative errno. */
static int tern_tx_map_skb(struct tern_tx *tx, struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	u16 first = tx->producer, index = first;
	int i, err;

	err = tern_tx_map(tx, index, skb->data, NULL, skb_headlen(skb));
	if (err)
		return err;
	index++;
	for (i = 0; i < info->nr_frags; i++) {
		err = tern_tx_map(tx, index, NULL, &info->frags[i],
				  skb_frag_size(&info->frags[i]));
		if (err)
			goto err_unmap;
		index++;
	}
	tx->bufs[tern_tx_slot(index - 1)].skb = skb;
	tx->desc[tern_tx_slot(index - 1)].ctl |= cpu_to_le64(TERN_HW_ETH_TX_DESC_CTL_LAST_MASK);
	return (u16)(index - first);

err_unmap:
	while (index-- != first)
		tern_tx_unmap(tx, &tx->bufs[tern_tx_slot(index)]);
	return err;
}

/* The last frame filled is to be completed. The device has not seen its descriptor yet. */
static void tern_tx_ask(struct tern_tx *tx)
{
	tx->desc[tern_tx_slot(tx->producer - 1)].ctl |=
		cpu_to_le64(TERN_HW_ETH_TX_DESC_CTL_COMPLETE_MASK);
}

static void tern_tx_ring(struct tern_tx *tx)
{
	if (tx->rung == tx->producer)
		return;
	tern_tx_ask(tx);
	tx->rung = tx->producer;
	tern_eth_db_queue(tx->core, TERN_HW_ETH_DB_SQ, tx->num, tx->producer);
}

static void tern_tx_count_drop(struct tern_tx *tx)
{
	u64_stats_update_begin(&tx->stats->drop_sync);
	u64_stats_inc(&tx->stats->dropped);
	u64_stats_update_end(&tx->stats->drop_sync);
}

/* A frame is lost, but those before it must not wait for the next one. */
static netdev_tx_t tern_tx_drop(struct tern_tx *tx, struct sk_buff *skb)
{
	if (skb)
		dev_kfree_skb_any(skb);
	tern_tx_count_drop(tx);
	if (!netdev_xmit_more())
		tern_tx_ring(tx);
	return NETDEV_TX_OK;
}

/* Stops the stack's queue if the next frame might not fit. Returns 0 if it is stopped now. */
static int tern_tx_maybe_stop(struct tern_tx *tx)
{
	return netif_txq_maybe_stop(tx->txq, tern_tx_room(tx), TERN_TX_MAX_DESCS,
				    TERN_TX_WAKE_DESCS);
}

netdev_tx_t tern_start_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct tern_netdev *tnet = netdev_priv(netdev);
	struct tern_tx *tx = &tnet->channels[skb_get_queue_mapping(skb)].tx;
	int descs;

	/* The stack is stopped before that can happen */
	if (unlikely(!tern_tx_maybe_stop(tx))) {
		tern_tx_ring(tx);
		return NETDEV_TX_BUSY;
	}
	/* Frees the frame if there is no memory */
	if (eth_skb_pad(skb))
		return tern_tx_drop(tx, NULL);
	if (unlikely(skb->len > TERN_FRAME_SIZE(TERN_MAX_MTU)))
		return tern_tx_drop(tx, skb);
	descs = tern_tx_map_skb(tx, skb);
	if (unlikely(descs < 0))
		return tern_tx_drop(tx, skb);

	skb_tx_timestamp(skb);
	/* Read by NAPI, which may see the frame done as soon as the doorbell is rung */
	WRITE_ONCE(tx->producer, (u16)(tx->producer + descs));
	if ((u16)(tx->producer - tx->rung) >= TERN_TX_ASK)
		tern_tx_ring(tx);
	tern_tx_maybe_stop(tx);
	if (__netdev_tx_sent_queue(tx->txq, skb->len, netdev_xmit_more()))
		tern_tx_ring(tx);
	return NETDEV_TX_OK;
}

/* One frame less that is under way. Returns its length. */
static u32 tern_tx_complete(struct tern_tx_buf *buf, int budget)
{
	u32 len = buf->skb->len;

	napi_consume_skb(buf->skb, budget);
	buf->skb = NULL;
	return len;
}

/**
 * tern_tx_done - the device is done with a frame and all before it
 * @tx: the queue
 * @index: the frame's last descriptor
 * @status: enum tern_hw_wc_status of the frame
 * @budget: of NAPI, which has to call tern_tx_flush() afterwards
 *
 * Return: false if that cannot be.
 */
bool tern_tx_done(struct tern_tx *tx, u16 index, u32 status, int budget)
{
	bool failed = status != TERN_HW_WC_STATUS_SUCCESS;
	u32 packets = 0, bytes = 0, len = 0;
	u16 i = tx->consumer;
	struct tern_tx_buf *buf;

	if ((u16)(index - i) >= (u16)(READ_ONCE(tx->producer) - i) ||
	    !tx->bufs[tern_tx_slot(index)].skb)
		return false;
	do {
		buf = &tx->bufs[tern_tx_slot(i)];
		tern_tx_unmap(tx, buf);
		if (buf->skb) {
			len = tern_tx_complete(buf, budget);
			packets++;
			bytes += len;
		}
	} while (i++ != index);
	/* The entries are free for who sends when that is seen */
	smp_store_release(&tx->consumer, i);

	tx->done_packets += packets;
	tx->done_bytes += bytes;
	u64_stats_update_begin(&tx->stats->sync);
	u64_stats_add(&tx->stats->packets, packets - failed);
	u64_stats_add(&tx->stats->bytes, failed ? bytes - len : bytes);
	u64_stats_add(&tx->stats->errors, failed);
	u64_stats_update_end(&tx->stats->sync);
	return true;
}

/**
 * tern_tx_flush - tell the stack what is done, and let it send again
 * @tx: the queue
 */
void tern_tx_flush(struct tern_tx *tx)
{
	/* Nothing wakes a queue that is being closed: NAPI is off before */
	netif_txq_completed_wake(tx->txq, tx->done_packets, tx->done_bytes, tern_tx_room(tx),
				 TERN_TX_WAKE_DESCS);
	tx->done_packets = 0;
	tx->done_bytes = 0;
}

/**
 * tern_tx_init - make a send queue's ring
 * @tx: the queue, with core, txq, stats and num filled in, else 0
 *
 * Return: 0 or a negative errno.
 */
int tern_tx_init(struct tern_tx *tx)
{
	struct device *dev = &tx->core->pdev->dev;

	tx->bufs = kvcalloc(TERN_QUEUE_SIZE, sizeof(*tx->bufs), GFP_KERNEL);
	if (!tx->bufs)
		return -ENOMEM;
	tx->desc = dma_alloc_coherent(dev, TERN_QUEUE_SIZE * sizeof(*tx->desc), &tx->dma,
				      GFP_KERNEL);
	if (!tx->desc) {
		kvfree(tx->bufs);
		return -ENOMEM;
	}
	netdev_tx_reset_queue(tx->txq);
	return 0;
}

/**
 * tern_tx_free - undo tern_tx_init()
 * @tx: the queue; the device has forgotten it, and the stack sends nothing
 *
 * Frames that were not sent are lost, and counted.
 */
void tern_tx_free(struct tern_tx *tx)
{
	struct tern_tx_buf *buf;

	for (; tx->consumer != tx->producer; tx->consumer++) {
		buf = &tx->bufs[tern_tx_slot(tx->consumer)];
		tern_tx_unmap(tx, buf);
		if (!buf->skb)
			continue;
		dev_kfree_skb_any(buf->skb);
		tern_tx_count_drop(tx);
	}
	netdev_tx_reset_queue(tx->txq);
	dma_free_coherent(&tx->core->pdev->dev, TERN_QUEUE_SIZE * sizeof(*tx->desc), tx->desc,
			  tx->dma);
	kvfree(tx->bufs);
}
