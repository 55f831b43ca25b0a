// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The admin queue of the Ethernet half
 *
 * Commands are few and in process context, so there is one at a time, and its answer is
 * polled for. The rings exist from start to stop, so that a reset finds fresh ones.
 */

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/iopoll.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/pci.h>

#include "aq.h"
#include "core.h"
#include "ethdb.h"

#define TERN_AQ_LOG_SIZE	4
#define TERN_AQ_SIZE		BIT(TERN_AQ_LOG_SIZE)
#define TERN_AQ_TIMEOUT_MS	5000
#define TERN_AQ_POLL_US		20	/* first pause between two looks for an answer */
#define TERN_AQ_POLL_MAX_US	1000
#define TERN_AQ_STOP_POLL_US	50

/* 1 in the first pass over a ring */
static bool tern_aq_polarity(const struct tern_aq *aq)
{
	return !(aq->index & TERN_AQ_SIZE);
}

static void tern_aq_post(struct tern_aq *aq, const struct tern_hw_aq_cmd *cmd)
{
	struct tern_hw_aq_cmd *entry = &aq->cmds[aq->index % TERN_AQ_SIZE];
	__le64 hdr = cmd->hdr;

	if (tern_aq_polarity(aq))
		hdr |= cpu_to_le64(TERN_HW_AQ_CMD_HDR_POLARITY_MASK);
	memcpy(entry->arg, cmd->arg, sizeof(entry->arg));
	/* The device must not see the new header with an old body */
	dma_wmb();
	WRITE_ONCE(entry->hdr, hdr);
	tern_eth_db_queue(aq->core, TERN_HW_ETH_DB_AQ, 0, aq->index + 1);
}

static bool tern_aq_answered(const struct tern_aq *aq, u64 *info)
{
	const struct tern_hw_acqe *entry = &aq->answers[aq->index % TERN_AQ_SIZE];

	*info = le64_to_cpu(READ_ONCE(entry->info));
	return FIELD_GET(TERN_HW_ACQE_INFO_POLARITY_MASK, *info) == tern_aq_polarity(aq);
}

static int tern_aq_wait(struct tern_aq *aq, u64 *info)
{
	ktime_t limit = ktime_add_ms(ktime_get(), TERN_AQ_TIMEOUT_MS);
	unsigned int pause = TERN_AQ_POLL_US;
	bool late;

	for (;;) {
		/* Before the look, so that the last one is after the limit */
		late = ktime_after(ktime_get(), limit);
		if (tern_aq_answered(aq, info))
			return 0;
		if (tern_core_is_dead(aq->core))
			return -ENODEV;
		if (late)
			return -ETIMEDOUT;
		usleep_range(pause, 2 * pause);
		pause = min(2 * pause, TERN_AQ_POLL_MAX_US);
	}
}

/* Does the answer belong to the command? Nothing that the device writes is believed. */
static int tern_aq_check(struct tern_aq *aq, const struct tern_hw_aq_cmd *cmd, u64 info)
{
	u64 hdr = le64_to_cpu(cmd->hdr);
	u32 op = FIELD_GET(TERN_HW_AQ_CMD_HDR_OP_MASK, hdr);
	u32 id = FIELD_GET(TERN_HW_AQ_CMD_HDR_ID_MASK, hdr);
	u32 status = FIELD_GET(TERN_HW_ACQE_INFO_STATUS_MASK, info);

	if (FIELD_GET(TERN_HW_ACQE_INFO_OPCODE_MASK, info) != op ||
	    FIELD_GET(TERN_HW_ACQE_INFO_ID_MASK, info) != id ||
	    FIELD_GET(TERN_HW_ACQE_INFO_INDEX_MASK, info) != (u16)aq->index) {
		dev_err(&aq->core->pdev->dev, "admin command %u: answer %#llx is of another\n",
			op, info);
		tern_fail(aq->core, "the admin queue is out of step");
		return -EIO;
	}
	if (status == TERN_HW_AQ_STATUS_OK)
		return 0;
	dev_err(&aq->core->pdev->dev, "admin command %u for %u refused, status %u\n", op, id,
		status);
	return -EIO;
}

/* The caller holds aq->lock. */
static int tern_aq_execute(struct tern_aq *aq, const struct tern_hw_aq_cmd *cmd)
{
	u64 info;
	int err;

	lockdep_assert_held(&aq->lock);
	if (!aq->running || tern_core_is_dead(aq->core))
		return -ENODEV;
	tern_aq_post(aq, cmd);
	err = tern_aq_wait(aq, &info);
	if (err == -ETIMEDOUT) {
		dev_err(&aq->core->pdev->dev, "admin command %llu is not answered\n",
			FIELD_GET(TERN_HW_AQ_CMD_HDR_OP_MASK, le64_to_cpu(cmd->hdr)));
		tern_fail(aq->core, "the admin queue does not answer");
	}
	if (err)
		return err;
	/* What the answer announces (statistics) is read after it */
	dma_rmb();
	err = tern_aq_check(aq, cmd, info);
	aq->index++;
	tern_eth_db_cq(aq->core, 0, aq->index, false);
	return err;
}

static int tern_aq_command(struct tern_aq *aq, const struct tern_hw_aq_cmd *cmd)
{
	int err;

	mutex_lock(&aq->lock);
	err = tern_aq_execute(aq, cmd);
	mutex_unlock(&aq->lock);
	return err;
}

static __le64 tern_aq_hdr(u32 op, u16 id)
{
	return cpu_to_le64(FIELD_PREP(TERN_HW_AQ_CMD_HDR_OP_MASK, op) |
			   FIELD_PREP(TERN_HW_AQ_CMD_HDR_ID_MASK, id));
}

/**
 * tern_aq_create_cq - create a completion queue
 * @aq: the admin queue
 * @cqn: its number, from 1
 * @ring: bus address of its ring, aligned to 4 KiB, all entries 0
 * @log_size: log2 of its entries
 * @vector: interrupt vector of its events
 *
 * Return: 0 or a negative errno, see aq.h.
 */
int tern_aq_create_cq(struct tern_aq *aq, u16 cqn, dma_addr_t ring, u8 log_size, int vector)
{
	struct tern_hw_aq_cmd cmd = { .hdr = tern_aq_hdr(TERN_HW_AQ_OP_CREATE_CQ, cqn) };

	cmd.arg[0] = cpu_to_le64(ring);
	cmd.arg[1] = cpu_to_le64(FIELD_PREP(TERN_HW_AQ_CQ_CMD_ATTR_LOG_SIZE_MASK, log_size) |
				 TERN_HW_AQ_CQ_CMD_ATTR_VEC_VALID_MASK |
				 FIELD_PREP(TERN_HW_AQ_CQ_CMD_ATTR_VEC_MASK, vector) |
				 FIELD_PREP(TERN_HW_AQ_CQ_CMD_ATTR_MODE_MASK,
					    TERN_HW_CQ_MODE_EVERY));
	return tern_aq_command(aq, &cmd);
}

/**
 * tern_aq_destroy_cq - destroy a completion queue that no queue uses
 * @aq: the admin queue
 * @cqn: its number
 *
 * Return: 0 or a negative errno, see aq.h.
 */
int tern_aq_destroy_cq(struct tern_aq *aq, u16 cqn)
{
	struct tern_hw_aq_cmd cmd = { .hdr = tern_aq_hdr(TERN_HW_AQ_OP_DESTROY_CQ, cqn) };

	return tern_aq_command(aq, &cmd);
}

/**
 * tern_aq_create_queue - create a send or receive queue
 * @aq: the admin queue
 * @num: its number; both kinds are numbered from 0
 * @rx: a receive queue
 * @ring: bus address of its descriptors, aligned to 4 KiB
 * @log_size: log2 of its descriptors
 * @cqn: its completion queue
 *
 * Return: 0 or a negative errno, see aq.h.
 */
int tern_aq_create_queue(struct tern_aq *aq, u16 num, bool rx, dma_addr_t ring, u8 log_size,
			 u16 cqn)
{
	struct tern_hw_aq_cmd cmd = { .hdr = tern_aq_hdr(TERN_HW_AQ_OP_CREATE_SQ, num) };

	cmd.arg[0] = cpu_to_le64(ring);
	cmd.arg[1] = cpu_to_le64(FIELD_PREP(TERN_HW_AQ_SQ_CMD_ATTR_LOG_SIZE_MASK, log_size) |
				 FIELD_PREP(TERN_HW_AQ_SQ_CMD_ATTR_RX_MASK, rx) |
				 FIELD_PREP(TERN_HW_AQ_SQ_CMD_ATTR_CQN_MASK, cqn));
	return tern_aq_command(aq, &cmd);
}

/**
 * tern_aq_destroy_queue - destroy a send or receive queue
 * @aq: the admin queue
 * @num: its number
 * @rx: a receive queue
 *
 * When this returns the device touches neither ring nor buffers, and has written all
 * completions.
 *
 * Return: 0 or a negative errno, see aq.h.
 */
int tern_aq_destroy_queue(struct tern_aq *aq, u16 num, bool rx)
{
	struct tern_hw_aq_cmd cmd = { .hdr = tern_aq_hdr(TERN_HW_AQ_OP_DESTROY_SQ, num) };

	cmd.arg[1] = cpu_to_le64(FIELD_PREP(TERN_HW_AQ_SQ_CMD_ATTR_RX_MASK, rx));
	return tern_aq_command(aq, &cmd);
}

static int tern_aq_set_port(struct tern_aq *aq, u64 port, u64 mask)
{
	struct tern_hw_aq_cmd cmd = { .hdr = tern_aq_hdr(TERN_HW_AQ_OP_SET_PORT, 0) };

	cmd.arg[0] = cpu_to_le64(port);
	cmd.arg[1] = cpu_to_le64(mask);
	return tern_aq_command(aq, &cmd);
}

/**
 * tern_aq_set_address - set the station address
 * @aq: the admin queue
 * @addr: ETH_ALEN octets, not a group
 *
 * Return: 0 or a negative errno, see aq.h.
 */
int tern_aq_set_address(struct tern_aq *aq, const u8 *addr)
{
	return tern_aq_set_port(aq, FIELD_PREP(TERN_HW_ETH_PORT_W_MAC_MASK,
					       ether_addr_to_u64(addr)),
				TERN_HW_AQ_PORT_CMD_MASK_MAC_MASK);
}

/**
 * tern_aq_set_filter - set the receive filter
 * @aq: the admin queue
 * @promisc: take frames for all stations
 * @multicast: take frames for all groups, else only broadcast
 *
 * Return: 0 or a negative errno, see aq.h.
 */
int tern_aq_set_filter(struct tern_aq *aq, bool promisc, bool multicast)
{
	return tern_aq_set_port(aq, FIELD_PREP(TERN_HW_ETH_PORT_W_PROMISC_MASK, promisc) |
				FIELD_PREP(TERN_HW_ETH_PORT_W_MULTICAST_MASK, multicast),
				TERN_HW_AQ_PORT_CMD_MASK_PROMISC_MASK |
				TERN_HW_AQ_PORT_CMD_MASK_MULTICAST_MASK);
}

/**
 * tern_aq_query_stats - read the counters of the Ethernet half
 * @aq: the admin queue
 * @counters: where to, indexed by enum tern_hw_eth_stat
 * @count: how many
 *
 * Return: 0 or a negative errno, see aq.h.
 */
int tern_aq_query_stats(struct tern_aq *aq, u64 *counters, u32 count)
{
	struct tern_hw_aq_cmd cmd = { .hdr = tern_aq_hdr(TERN_HW_AQ_OP_QUERY_STATS, 0) };
	int err;
	u32 i;

	mutex_lock(&aq->lock);
	if (aq->running)
		cmd.arg[0] = cpu_to_le64(aq->stats_dma);
	err = tern_aq_execute(aq, &cmd);
	for (i = 0; !err && i < min_t(u32, count, ARRAY_SIZE(aq->stats->counter)); i++)
		counters[i] = le64_to_cpu(aq->stats->counter[i]);
	mutex_unlock(&aq->lock);
	return err;
}

static void tern_aq_free(struct tern_aq *aq)
{
	struct device *dev = &aq->core->pdev->dev;

	if (aq->stats)
		dma_free_coherent(dev, SZ_4K, aq->stats, aq->stats_dma);
	if (aq->answers)
		dma_free_coherent(dev, SZ_4K, aq->answers, aq->answers_dma);
	if (aq->cmds)
		dma_free_coherent(dev, SZ_4K, aq->cmds, aq->cmds_dma);
	aq->stats = NULL;
	aq->answers = NULL;
	aq->cmds = NULL;
}

static int tern_aq_alloc(struct tern_aq *aq)
{
	struct device *dev = &aq->core->pdev->dev;

	BUILD_BUG_ON(TERN_AQ_SIZE * sizeof(*aq->cmds) > SZ_4K);
	BUILD_BUG_ON(TERN_AQ_SIZE * sizeof(*aq->answers) > SZ_4K);
	aq->cmds = dma_alloc_coherent(dev, SZ_4K, &aq->cmds_dma, GFP_KERNEL);
	aq->answers = dma_alloc_coherent(dev, SZ_4K, &aq->answers_dma, GFP_KERNEL);
	aq->stats = dma_alloc_coherent(dev, SZ_4K, &aq->stats_dma, GFP_KERNEL);
	if (aq->cmds && aq->answers && aq->stats)
		return 0;
	tern_aq_free(aq);
	return -ENOMEM;
}

static int tern_aq_wait_enabled(struct tern_aq *aq, bool enabled)
{
	u32 status;

	return read_poll_timeout(tern_reg_read, status,
				 tern_core_is_dead(aq->core) ||
				 FIELD_GET(TERN_HW_REG_AQ_STATUS_ENABLED_MASK, status) == enabled,
				 TERN_AQ_STOP_POLL_US, TERN_AQ_TIMEOUT_MS * USEC_PER_MSEC, false,
				 aq->core, TERN_HW_REG_AQ_STATUS);
}

static int tern_aq_enable(struct tern_aq *aq)
{
	struct tern_core *core = aq->core;
	int err;

	tern_reg_write(core, TERN_HW_REG_AQ_BASE_LO, lower_32_bits(aq->cmds_dma));
	tern_reg_write(core, TERN_HW_REG_AQ_BASE_HI, upper_32_bits(aq->cmds_dma));
	tern_reg_write(core, TERN_HW_REG_ACQ_BASE_LO, lower_32_bits(aq->answers_dma));
	tern_reg_write(core, TERN_HW_REG_ACQ_BASE_HI, upper_32_bits(aq->answers_dma));
	tern_reg_write(core, TERN_HW_REG_AQ_CTRL, TERN_HW_REG_AQ_CTRL_ENABLE_MASK |
		       FIELD_PREP(TERN_HW_REG_AQ_CTRL_LOG_SIZE_MASK, TERN_AQ_LOG_SIZE));
	err = tern_aq_wait_enabled(aq, true);
	if (!err && tern_core_is_dead(core))
		err = -ENODEV;
	if (err)
		dev_err(&core->pdev->dev, "the admin queue does not start (%d)\n", err);
	return err;
}

/**
 * tern_aq_start - give the device an admin queue
 * @aq: one that is stopped; the device has none
 *
 * Return: 0 or a negative errno, see aq.h.
 */
int tern_aq_start(struct tern_aq *aq)
{
	int err;

	mutex_lock(&aq->lock);
	err = tern_aq_alloc(aq);
	if (err)
		goto out;
	aq->index = 0;
	err = tern_aq_enable(aq);
	if (err) {
		/* It may have begun: the memory must not be its any more */
		tern_fail(aq->core, "the admin queue does not start");
		tern_aq_free(aq);
		goto out;
	}
	aq->running = true;
out:
	mutex_unlock(&aq->lock);
	return err;
}

/**
 * tern_aq_stop - take the admin queue from the device, dead or alive
 * @aq: the admin queue; nothing happens if it is stopped
 *
 * The device destroys what queues are left, so afterwards the Ethernet half does no DMA.
 */
void tern_aq_stop(struct tern_aq *aq)
{
	mutex_lock(&aq->lock);
	if (aq->running) {
		aq->running = false;
		tern_reg_write(aq->core, TERN_HW_REG_AQ_CTRL, 0);
		if (tern_aq_wait_enabled(aq, false))
			tern_fail(aq->core, "the admin queue does not stop");
		tern_aq_free(aq);
	}
	mutex_unlock(&aq->lock);
}

void tern_aq_init(struct tern_aq *aq, struct tern_core *core)
{
	aq->core = core;
	mutex_init(&aq->lock);
}
