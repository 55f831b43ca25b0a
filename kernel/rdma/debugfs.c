// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Figures about the control path, in /sys/kernel/debug/tern_rdma/<device>/
 *
 * cqp_nop  write a number: so many NOP commands run one after the other, each through
 *          ring, doorbell, interrupt and wake-up; read: how long that took
 * hmc      memory that the device uses for its objects now
 * stats    counters of the device
 */

#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "tern_ib.h"

/* Enough for an exact figure; a run that is too long can be interrupted all the same */
#define NOP_MAX	1000000

static struct dentry *debugfs_root;

static int run_nops(struct tern_ib_dev *dev, u32 count, u32 *done)
{
	int err;

	for (*done = 0; *done < count; (*done)++) {
		if (signal_pending(current))
			return -EINTR;
		if (READ_ONCE(dev->nop.stop))
			return -ENODEV;
		err = tern_ib_cmd_nop(dev);
		if (err)
			return err;
	}
	return 0;
}

static ssize_t cqp_nop_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct tern_ib_dev *dev = file_inode(file)->i_private;
	u64 start;
	u32 count;
	int err;

	err = kstrtou32_from_user(buf, len, 0, &count);
	if (err)
		return err;
	if (!count || count > NOP_MAX)
		return -EINVAL;

	err = mutex_lock_interruptible(&dev->nop.lock);
	if (err)
		return err;
	start = ktime_get_ns();
	err = run_nops(dev, count, &dev->nop.count);
	dev->nop.ns = ktime_get_ns() - start;
	mutex_unlock(&dev->nop.lock);
	return err ? err : len;
}

static int cqp_nop_show(struct seq_file *seq, void *unused)
{
	struct tern_ib_dev *dev = seq->private;
	u32 count;
	u64 ns;

	mutex_lock(&dev->nop.lock);
	count = dev->nop.count;
	ns = dev->nop.ns;
	mutex_unlock(&dev->nop.lock);

	seq_printf(seq, "count %u\nns %llu\nper_second %llu\n", count, ns,
		   ns ? mul_u64_u64_div_u64(count, NSEC_PER_SEC, ns) : 0);
	return 0;
}

static int cqp_nop_open(struct inode *inode, struct file *file)
{
	return single_open(file, cqp_nop_show, inode->i_private);
}

static const struct file_operations cqp_nop_fops = {
	.owner = THIS_MODULE,
	.open = cqp_nop_open,
	.read = seq_read,
	.write = cqp_nop_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int hmc_show(struct seq_file *seq, void *unused)
{
	struct tern_ib_dev *dev = seq->private;
	struct tern_ib_hmc_usage usage;

	tern_ib_hmc_usage(dev, &usage);
	seq_printf(seq, "bytes %llu\nsegments %u\nsegments_direct %u\nsegments_paged %u\n"
		   "pbles_used %llu\n", usage.bytes, usage.segments, usage.direct, usage.paged,
		   tern_ib_pble_used(dev));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hmc);

static int stats_show(struct seq_file *seq, void *unused)
{
	struct tern_ib_dev *dev = seq->private;
	const char *name;
	u64 *counters;
	unsigned int i;
	int err;

	counters = kcalloc(TERN_IB_STATS, sizeof(*counters), GFP_KERNEL);
	if (!counters)
		return -ENOMEM;
	err = tern_ib_cmd_query_stats(dev, counters);
	for (i = 0; !err && i < TERN_IB_STATS; i++) {
		name = tern_ib_name("stat", i);
		if (strcmp(name, "?"))
			seq_printf(seq, "%s %llu\n", name, counters[i]);
	}
	kfree(counters);
	return err;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/**
 * tern_ib_debugfs_add() - add the files of a device; it works without them, too
 * @dev: the device, registered
 */
void tern_ib_debugfs_add(struct tern_ib_dev *dev)
{
	mutex_init(&dev->nop.lock);
	dev->debugfs = debugfs_create_dir(dev_name(&dev->ibdev.dev), debugfs_root);
	debugfs_create_file("cqp_nop", 0600, dev->debugfs, dev, &cqp_nop_fops);
	debugfs_create_file("hmc", 0400, dev->debugfs, dev, &hmc_fops);
	debugfs_create_file("stats", 0400, dev->debugfs, dev, &stats_fops);
}

/**
 * tern_ib_debugfs_remove() - remove the files of a device
 * @dev: the device
 *
 * Waits for operations on them, so a run of NOPs is told to stop.
 */
void tern_ib_debugfs_remove(struct tern_ib_dev *dev)
{
	WRITE_ONCE(dev->nop.stop, true);
	debugfs_remove(dev->debugfs);
}

/**
 * tern_ib_debugfs_root_add() - add the directory of the module
 */
void tern_ib_debugfs_root_add(void)
{
	debugfs_root = debugfs_create_dir("tern_rdma", NULL);
}

/**
 * tern_ib_debugfs_root_remove() - remove the directory of the module
 */
void tern_ib_debugfs_root_remove(void)
{
	debugfs_remove(debugfs_root);
}
