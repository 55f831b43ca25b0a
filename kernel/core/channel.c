// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Channels: completion queues, their interrupts and NAPI
 *
 * The vector masks itself when it fires. NAPI consumes the CQ, and when it is empty the
 * doorbell that tells how far also arms CQ and vector; entries that have come meanwhile
 * make it fire at once, so none is left lying.
 */

#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "ethdb.h"
#include "netdev.h"

/* The device must hear that often how far the CQ is consumed, or it might find no room */
#define TERN_CQ_TELL		(TERN_CQ_SIZE / 4)
/* Send completions cost little, but are not without an end */
#define TERN_TX_BUDGET		TERN_QUEUE_SIZE

static u16 tern_channel_cqn(const struct tern_channel *ch)
{
	return ch->num + 1;
}

static void tern_cq_tell(struct tern_channel *ch, bool arm)
{
	ch->told = ch->index;
	tern_eth_db_cq(ch->core, tern_channel_cqn(ch), ch->index, arm);
}

static bool tern_cq_peek(const struct tern_channel *ch, u64 *info)
{
	const struct tern_hw_eth_cqe *cqe = &ch->cqes[ch->index & (TERN_CQ_SIZE - 1)];
	bool first_pass = !(ch->index & TERN_CQ_SIZE);

	*info = le64_to_cpu(READ_ONCE(cqe->info));
	if (FIELD_GET(TERN_HW_ETH_CQE_INFO_POLARITY_MASK, *info) != first_pass)
		return false;
	/* The rest, and what it tells of, is read after the polarity that says it is new */
	dma_rmb();
	return true;
}

static bool tern_cq_take(struct tern_channel *ch, u64 info, int budget)
{
	const struct tern_hw_eth_cqe *cqe = &ch->cqes[ch->index & (TERN_CQ_SIZE - 1)];
	u16 index = FIELD_GET(TERN_HW_ETH_CQE_INFO_INDEX_MASK, info);
	u32 status = FIELD_GET(TERN_HW_ETH_CQE_INFO_STATUS_MASK, info);

	if (FIELD_GET(TERN_HW_ETH_CQE_INFO_QID_MASK, info) != ch->num)
		return false;
	if (info & TERN_HW_ETH_CQE_INFO_RX_MASK)
		return tern_rx_done(&ch->rx, index, status, le32_to_cpu(cqe->len));
	return tern_tx_done(&ch->tx, index, status, budget);
}

/* Returns the number of frames received; *more if there may be something left. */
static int tern_cq_poll(struct tern_channel *ch, int budget, bool *more)
{
	int received = 0, sent = 0;
	bool rx;
	u64 info;

	*more = false;
	while (tern_cq_peek(ch, &info)) {
		rx = info & TERN_HW_ETH_CQE_INFO_RX_MASK;
		if (rx ? received >= budget : sent >= TERN_TX_BUDGET) {
			*more = true;
			break;
		}
		if (unlikely(!tern_cq_take(ch, info, budget))) {
			netdev_err(ch->napi.dev, "channel %u: bad completion %#llx\n", ch->num,
				   info);
			tern_fail(ch->core, "a queue of the network interface failed");
			break;
		}
		ch->index++;
		if (rx)
			received++;
		else
			sent++;
	}
	if (sent)
		tern_tx_flush(&ch->tx);
	return received;
}

static int tern_napi_poll(struct napi_struct *napi, int budget)
{
	struct tern_channel *ch = container_of(napi, struct tern_channel, napi);
	int received;
	bool more;

	/* Nothing comes any more; the channel will be closed */
	if (unlikely(tern_core_is_dead(ch->core))) {
		napi_complete(napi);
		return 0;
	}
	received = tern_cq_poll(ch, budget, &more);
	/* The page pool is NAPI's, which runs without a budget in other contexts, too */
	if (budget && !tern_rx_refill(&ch->rx))
		more = true;
	if (more || received == budget) {
		if (ch->index - ch->told >= TERN_CQ_TELL)
			tern_cq_tell(ch, false);
		return budget;
	}
	if (napi_complete_done(napi, received))
		tern_cq_tell(ch, true);
	else if (ch->index - ch->told >= TERN_CQ_TELL)
		tern_cq_tell(ch, false);
	return received;
}

static irqreturn_t tern_channel_irq(int irq, void *data)
{
	struct tern_channel *ch = data;

	napi_schedule_irqoff(&ch->napi);
	return IRQ_HANDLED;
}

/* What the device knows of the channel. */
static int tern_channel_create(struct tern_channel *ch, struct tern_aq *aq)
{
	u16 cqn = tern_channel_cqn(ch);
	int err;

	err = tern_aq_create_cq(aq, cqn, ch->dma, TERN_LOG_CQ, ch->vector);
	if (err)
		return err;
	err = tern_aq_create_queue(aq, ch->tx.num, false, ch->tx.dma, TERN_LOG_QUEUE, cqn);
	if (err)
		goto err_destroy_cq;
	err = tern_aq_create_queue(aq, ch->rx.num, true, ch->rx.dma, TERN_LOG_QUEUE, cqn);
	if (err)
		goto err_destroy_tx;
	return 0;

err_destroy_tx:
	tern_aq_destroy_queue(aq, ch->tx.num, false);
err_destroy_cq:
	tern_aq_destroy_cq(aq, cqn);
	return err;
}

/* If the device does not forget, a reset makes it: it touches nothing afterwards. */
static void tern_channel_destroy(struct tern_channel *ch, struct tern_aq *aq)
{
	int err;

	err = tern_aq_destroy_queue(aq, ch->tx.num, false);
	if (!err)
		err = tern_aq_destroy_queue(aq, ch->rx.num, true);
	if (!err)
		err = tern_aq_destroy_cq(aq, tern_channel_cqn(ch));
	if (err)
		tern_fail(ch->core, "a queue of the network interface cannot be destroyed");
}

static void tern_channel_setup(struct tern_netdev *tnet, struct tern_channel *ch, u16 num)
{
	struct tern_core *core = tnet->core;

	ch->core = core;
	ch->num = num;
	ch->tx.core = core;
	ch->tx.num = num;
	ch->tx.txq = netdev_get_tx_queue(core->netdev, num);
	ch->tx.stats = &tnet->tx_stats[num];
	ch->rx.core = core;
	ch->rx.num = num;
	ch->rx.napi = &ch->napi;
	ch->rx.stats = &tnet->rx_stats[num];
}

static int tern_channel_alloc(struct tern_channel *ch)
{
	struct net_device *netdev = ch->core->netdev;
	struct device *dev = &ch->core->pdev->dev;
	int err;

	ch->cqes = dma_alloc_coherent(dev, TERN_CQ_SIZE * sizeof(*ch->cqes), &ch->dma, GFP_KERNEL);
	if (!ch->cqes)
		return -ENOMEM;
	netif_napi_add(netdev, &ch->napi, tern_napi_poll);
	err = tern_tx_init(&ch->tx);
	if (err)
		goto err_napi_del;
	err = tern_rx_init(&ch->rx, netdev->mtu);
	if (err)
		goto err_tx_free;
	return 0;

err_tx_free:
	tern_tx_free(&ch->tx);
err_napi_del:
	netif_napi_del(&ch->napi);
	dma_free_coherent(dev, TERN_CQ_SIZE * sizeof(*ch->cqes), ch->cqes, ch->dma);
	return err;
}

static void tern_channel_free(struct tern_channel *ch)
{
	tern_rx_free(&ch->rx);
	tern_tx_free(&ch->tx);
	netif_napi_del(&ch->napi);
	dma_free_coherent(&ch->core->pdev->dev, TERN_CQ_SIZE * sizeof(*ch->cqes), ch->cqes,
			  ch->dma);
}

static int tern_channel_open(struct tern_netdev *tnet, struct tern_channel *ch, u16 num)
{
	int err;

	tern_channel_setup(tnet, ch, num);
	err = tern_channel_alloc(ch);
	if (err)
		return err;
	err = tern_channel_irq_get(tnet->core, num, tern_channel_irq, ch);
	if (err < 0)
		goto err_free;
	ch->vector = err;
	err = tern_channel_create(ch, &tnet->aq);
	if (err)
		goto err_irq_put;
	if (!tern_rx_refill(&ch->rx)) {
		err = -ENOMEM;
		goto err_destroy;
	}
	napi_enable(&ch->napi);
	tern_cq_tell(ch, true);
	return 0;

err_destroy:
	tern_channel_destroy(ch, &tnet->aq);
err_irq_put:
	tern_channel_irq_put(tnet->core, ch->vector, ch);
err_free:
	tern_channel_free(ch);
	return err;
}

/* NAPI is off, and the stack sends nothing. */
static void tern_channel_close(struct tern_netdev *tnet, struct tern_channel *ch)
{
	tern_channel_destroy(ch, &tnet->aq);
	tern_channel_irq_put(tnet->core, ch->vector, ch);
	tern_channel_free(ch);
}

/**
 * tern_channels_close - take the data path down, with the device dead or alive
 * @tnet: the interface; nothing happens if the data path is down
 *
 * Context: RTNL is held. Nothing is sent until the stack's queues are woken again.
 */
void tern_channels_close(struct tern_netdev *tnet)
{
	u16 i;

	if (!tnet->channels)
		return;
	/* In this order: NAPI wakes the queues of the stack */
	for (i = 0; i < tnet->num_channels; i++)
		napi_disable(&tnet->channels[i].napi);
	netif_tx_disable(tnet->core->netdev);
	for (i = 0; i < tnet->num_channels; i++)
		tern_channel_close(tnet, &tnet->channels[i]);
	kfree(tnet->channels);
	tnet->channels = NULL;
}

/**
 * tern_channels_open - bring the data path up
 * @tnet: the interface
 *
 * Context: RTNL is held. The caller starts or wakes the queues of the stack.
 * Return: 0 or a negative errno, with the data path down.
 */
int tern_channels_open(struct tern_netdev *tnet)
{
	struct tern_channel *channels;
	u16 i;
	int err;

	channels = kcalloc(tnet->num_channels, sizeof(*channels), GFP_KERNEL);
	if (!channels)
		return -ENOMEM;
	for (i = 0; i < tnet->num_channels; i++) {
		err = tern_channel_open(tnet, &channels[i], i);
		if (err)
			goto err_close;
	}
	tnet->channels = channels;
	return 0;

err_close:
	while (i--) {
		napi_disable(&channels[i].napi);
		tern_channel_close(tnet, &channels[i]);
	}
	kfree(channels);
	return err;
}
