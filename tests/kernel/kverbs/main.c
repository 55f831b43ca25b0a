// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * tern_kverbs: verbs in the kernel, from tern0 to tern1
 *
 * Loading it runs all tests and fails if one fails; the log tells which. With hold=1 it
 * connects instead, posts what cannot complete, and stays: when a device or the module goes,
 * all that was posted must come back, each once.
 */

#define pr_fmt(fmt) "kverbs: " fmt

#include <linux/module.h>
#include <linux/slab.h>

#include "kverbs.h"

#define KV_HELD	12

static bool hold;
module_param(hold, bool, 0);
MODULE_PARM_DESC(hold, "connect, post what cannot complete, and stay");

static const struct {
	const char *name;
	int (*run)(struct kv_pair *pair);
} tests[] = {
	{ "send", kv_test_send },
	{ "inline", kv_test_inline },
	{ "stream", kv_test_stream },
	{ "fast_reg", kv_test_fast_reg },
	{ "atomic", kv_test_atomic },
	{ "send_inv", kv_test_send_inv },
	{ "datagrams", kv_test_datagrams },
	{ "datagram_drain", kv_test_datagram_drain },
	{ "refused_posts", kv_test_refused_posts },
	{ "bad_keys", kv_test_bad_keys },
	{ "other_pd", kv_test_other_pd },
	{ "invalid_invalidate", kv_test_invalid_invalidate },
	{ "drain", kv_test_drain },
	{ "reset", kv_test_reset },
};

static struct kv_pair pair;
static struct kv_op held[2 * KV_HELD];
static struct ib_device *devices[2];

static void report_held(struct kv_side *side)
{
	int i, over = 0;

	for (i = 0; i < ARRAY_SIZE(held); i++)
		over += held[i].side == side && held[i].count == 1 &&
			held[i].status == IB_WC_WR_FLUSH_ERR;
	pr_info("%d of %zu flushed\n", over, ARRAY_SIZE(held));
}

/* The device goes, or the module: nothing may refer to the device any more after this */
static void close_side(struct kv_side *side)
{
	if (!side->dev)
		return;
	if (hold && side == &pair.a) {
		ib_drain_qp(side->qp);
		report_held(side);
	}
	kv_side_close(side);
}

static int add_device(struct ib_device *dev)
{
	if (!strcmp(dev_name(&dev->dev), "tern0"))
		devices[0] = devices[0] ?: dev;
	else if (!strcmp(dev_name(&dev->dev), "tern1"))
		devices[1] = devices[1] ?: dev;
	else
		return -EOPNOTSUPP;
	return 0;
}

static void remove_device(struct ib_device *dev, void *data)
{
	if (pair.a.dev == dev)
		close_side(&pair.a);
	if (pair.b.dev == dev)
		close_side(&pair.b);
}

static struct ib_client client = {
	.name = "tern_kverbs",
	.add = add_device,
	.remove = remove_device,
};

static int run_tests(void)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		err = tests[i].run(&pair);
		pr_info("%s %s\n", err ? "FAIL" : "ok", tests[i].name);
		if (err)
			return err;
	}
	return 0;
}

static int post_held(void)
{
	struct ib_sge sge = kv_sge(&pair.a, 0, 0, 100);
	int i, err = 0;

	for (i = 0; i < KV_HELD && !err; i++) {
		struct ib_send_wr wr = { .opcode = IB_WR_SEND, .sg_list = &sge, .num_sge = 1 };

		err = kv_post(&pair.a, &wr, &held[i]) ?:
		      kv_post_recv(&pair.a, &sge, 1, &held[KV_HELD + i]);
	}
	return err;
}

static int __init kverbs_init(void)
{
	int err;

	err = ib_register_client(&client);
	if (err)
		return err;
	if (!devices[0] || !devices[1]) {
		pr_err("no tern0 and tern1\n");
		err = -ENODEV;
		goto err_unregister;
	}
	err = kv_side_open(&pair.a, devices[0]) ?: kv_side_open(&pair.b, devices[1]) ?:
	      kv_connect(&pair, 7);
	if (!err)
		err = hold ? post_held() : run_tests();
	if (err)
		goto err_unregister;
	return 0;

err_unregister:
	hold = false;
	ib_unregister_client(&client);
	return err;
}

static void __exit kverbs_exit(void)
{
	ib_unregister_client(&client);
}

module_init(kverbs_init);
module_exit(kverbs_exit);

MODULE_DESCRIPTION("Test of verbs in the kernel over tern");
MODULE_LICENSE("Dual BSD/GPL");
