// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Receiving
 *
 * A descriptor takes a whole frame, so a buffer is what the largest frame and the stack's
 * needs around it come to: one page, or four with jumbo frames. Pages come from a page
 * pool and go back to it when the stack is done. Small frames are copied, so that a
 * socket full of them does not hold pages that are mostly empty.
 */

#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/pci.h>
#include <linux/skbuff.h>
#include <net/page_pool/helpers.h>

#include "ethdb.h"
#include "netdev.h"

#define TERN_RX_HEADROOM	(NET_SKB_PAD + NET_IP_ALIGN)
#define TERN_RX_COPY		256
/* Buffers are given in portions: a doorbell costs more than a descriptor */
#define TERN_RX_BATCH		(TERN_QUEUE_SIZE / 4)

static u32 tern_rx_slot(u16 index)
{
	return index & (TERN_QUEUE_SIZE - 1);
}

static u16 tern_rx_posted(const struct tern_rx *rx)
{
	return rx->producer - rx->consumer;
}

static u32 tern_rx_buf_size(const struct tern_rx *rx)
{
	return PAGE_SIZE << rx->order;
}

static bool tern_rx_fill_one(struct tern_rx *rx)
{
	u32 slot = tern_rx_slot(rx->producer);
	struct tern_hw_eth_rx_desc *desc = &rx->desc[slot];
	struct page *page;

	page = page_pool_dev_alloc_pages(rx->pool);
	if (!page)
		return false;
	rx->pages[slot] = page;
	desc->addr = cpu_to_le64(page_pool_get_dma_addr(page) + TERN_RX_HEADROOM);
	desc->ctl = cpu_to_le64(FIELD_PREP(TERN_HW_ETH_RX_DESC_CTL_LEN_MASK, rx->frame));
	rx->producer++;
	return true;
}

/**
 * tern_rx_refill - give the device buffers
 * @rx: the queue
 *
 * Return: false if there is no memory and the device has few: it must be tried again soon.
 */
bool tern_rx_refill(struct tern_rx *rx)
{
	if (TERN_QUEUE_SIZE - tern_rx_posted(rx) < TERN_RX_BATCH)
		return true;
	while (tern_rx_posted(rx) < TERN_QUEUE_SIZE)
		if (!tern_rx_fill_one(rx))
			break;
	if (rx->rung != rx->producer) {
		rx->rung = rx->producer;
		tern_eth_db_queue(rx->core, TERN_HW_ETH_DB_RQ, rx->num, rx->producer);
	}
	return tern_rx_posted(rx) >= TERN_RX_BATCH;
}

static struct sk_buff *tern_rx_copy(struct tern_rx *rx, struct page *page, u32 len)
{
	struct sk_buff *skb = napi_alloc_skb(rx->napi, len);

	if (skb)
		skb_put_data(skb, page_address(page) + TERN_RX_HEADROOM, len);
	page_pool_put_full_page(rx->pool, page, true);
	return skb;
}

static struct sk_buff *tern_rx_wrap(struct tern_rx *rx, struct page *page, u32 len)
{
	struct sk_buff *skb = napi_build_skb(page_address(page), tern_rx_buf_size(rx));

	if (!skb) {
		page_pool_put_full_page(rx->pool, page, true);
		return NULL;
	}
	skb_mark_for_recycle(skb);
	skb_reserve(skb, TERN_RX_HEADROOM);
	skb_put(skb, len);
	return skb;
}

static void tern_rx_count(struct tern_rx *rx, u32 packets, u32 bytes, u32 errors, u32 dropped)
{
	u64_stats_update_begin(&rx->stats->sync);
	u64_stats_add(&rx->stats->packets, packets);
	u64_stats_add(&rx->stats->bytes, bytes);
	u64_stats_add(&rx->stats->errors, errors);
	u64_stats_add(&rx->stats->dropped, dropped);
	u64_stats_update_end(&rx->stats->sync);
}

static void tern_rx_frame(struct tern_rx *rx, struct page *page, u32 len)
{
	struct sk_buff *skb;

	dma_sync_single_range_for_cpu(&rx->core->pdev->dev, page_pool_get_dma_addr(page),
				      TERN_RX_HEADROOM, len,
				      page_pool_get_dma_dir(rx->pool));
	skb = len <= TERN_RX_COPY ? tern_rx_copy(rx, page, len) : tern_rx_wrap(rx, page, len);
	if (!skb) {
		tern_rx_count(rx, 0, 0, 0, 1);
		return;
	}
	tern_rx_count(rx, 1, len, 0, 0);
	skb_record_rx_queue(skb, rx->num);
	skb->protocol = eth_type_trans(skb, rx->napi->dev);
	napi_gro_receive(rx->napi, skb);
}

/**
 * tern_rx_done - the device is done with a descriptor
 * @rx: the queue
 * @index: the descriptor
 * @status: enum tern_hw_wc_status
 * @len: bytes of the frame
 *
 * Return: false if that cannot be, or if the queue will receive no more.
 */
bool tern_rx_done(struct tern_rx *rx, u16 index, u32 status, u32 len)
{
	struct page *page;

	/* Descriptors are used in order */
	if (index != rx->consumer || !tern_rx_posted(rx))
		return false;
	page = rx->pages[tern_rx_slot(index)];
	rx->consumer++;
	if (status == TERN_HW_WC_STATUS_SUCCESS && len >= ETH_HLEN && len <= rx->frame) {
		tern_rx_frame(rx, page, len);
		return true;
	}
	page_pool_put_full_page(rx->pool, page, true);
	tern_rx_count(rx, 0, 0, 1, 0);
	return false;
}

static struct page_pool *tern_rx_pool_create(struct tern_rx *rx)
{
	struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.order = rx->order,
		.pool_size = TERN_QUEUE_SIZE,
		.nid = NUMA_NO_NODE,
		.dev = &rx->core->pdev->dev,
		.napi = rx->napi,
		.netdev = rx->napi->dev,
		.dma_dir = DMA_FROM_DEVICE,
		.offset = TERN_RX_HEADROOM,
		.max_len = rx->frame,
	};

	return page_pool_create(&params);
}

/**
 * tern_rx_init - make a receive queue's ring and buffers
 * @rx: the queue, with core, napi, stats and num filled in, else 0
 * @mtu: of the interface
 *
 * Return: 0 or a negative errno.
 */
int tern_rx_init(struct tern_rx *rx, u32 mtu)
{
	struct device *dev = &rx->core->pdev->dev;
	int err;

	rx->frame = TERN_FRAME_SIZE(mtu);
	rx->order = get_order(SKB_DATA_ALIGN(TERN_RX_HEADROOM + rx->frame) +
			      SKB_DATA_ALIGN(sizeof(struct skb_shared_info)));
	rx->pages = kvcalloc(TERN_QUEUE_SIZE, sizeof(*rx->pages), GFP_KERNEL);
	if (!rx->pages)
		return -ENOMEM;
	rx->desc = dma_alloc_coherent(dev, TERN_QUEUE_SIZE * sizeof(*rx->desc), &rx->dma,
				      GFP_KERNEL);
	if (!rx->desc) {
		err = -ENOMEM;
		goto err_free_pages;
	}
	rx->pool = tern_rx_pool_create(rx);
	if (IS_ERR(rx->pool)) {
		err = PTR_ERR(rx->pool);
		goto err_free_desc;
	}
	return 0;

err_free_desc:
	dma_free_coherent(dev, TERN_QUEUE_SIZE * sizeof(*rx->desc), rx->desc, rx->dma);
err_free_pages:
	kvfree(rx->pages);
	return err;
}

/**
 * tern_rx_free - undo tern_rx_init()
 * @rx: the queue; the device has forgotten it, and NAPI does not run
 */
void tern_rx_free(struct tern_rx *rx)
{
	for (; rx->consumer != rx->producer; rx->consumer++)
		page_pool_put_full_page(rx->pool, rx->pages[tern_rx_slot(rx->consumer)], false);
	page_pool_destroy(rx->pool);
	dma_free_coherent(&rx->core->pdev->dev, TERN_QUEUE_SIZE * sizeof(*rx->desc), rx->desc,
			  rx->dma);
	kvfree(rx->pages);
}
