// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Version, link speed and self test for the ethtool program
 */

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "core.h"

#define TERN_CLOCK_TEST_MS	20

static void tern_get_drvinfo(struct net_device *netdev, struct ethtool_drvinfo *info)
{
	u32 version = tern_netdev_core(netdev)->info.hw_version;

	/* The core fills in the rest */
	snprintf(info->fw_version, sizeof(info->fw_version), "%u.%u",
		 (u32)FIELD_GET(TERN_HW_REG_VERSION_MAJOR_MASK, version),
		 (u32)FIELD_GET(TERN_HW_REG_VERSION_MINOR_MASK, version));
}

static int tern_get_link_ksettings(struct net_device *netdev, struct ethtool_link_ksettings *cmd)
{
	bool up = netif_carrier_ok(netdev);

	cmd->base.speed = up ? tern_netdev_speed(netdev) : SPEED_UNKNOWN;
	cmd->base.duplex = up ? DUPLEX_FULL : DUPLEX_UNKNOWN;
	cmd->base.autoneg = AUTONEG_DISABLE;
	cmd->base.port = PORT_OTHER;
	return 0;
}

static bool tern_test_registers(struct tern_core *core)
{
	return tern_reg_read(core, TERN_HW_REG_ID) == TERN_HW_MAGIC_VALUE &&
	       tern_reg_read(core, TERN_HW_REG_VERSION) == core->info.hw_version;
}

static u64 tern_read_clock(struct tern_core *core)
{
	/* Reading the low half latches the high one */
	u64 low = tern_reg_read(core, TERN_HW_REG_NOW_LO);

	return (u64)tern_reg_read(core, TERN_HW_REG_NOW_HI) << 32 | low;
}

static bool tern_test_clock(struct tern_core *core)
{
	u64 before = tern_read_clock(core);

	msleep(TERN_CLOCK_TEST_MS);
	return tern_read_clock(core) > before;
}

static const struct {
	char name[ETH_GSTRING_LEN];
	bool (*run)(struct tern_core *core);
} tern_tests[] = {
	{ "registers", tern_test_registers },
	{ "device clock", tern_test_clock },
	{ "interrupt", tern_misc_irq_test },
};

static int tern_get_sset_count(struct net_device *netdev, int sset)
{
	return sset == ETH_SS_TEST ? ARRAY_SIZE(tern_tests) : -EOPNOTSUPP;
}

static void tern_get_strings(struct net_device *netdev, u32 sset, u8 *data)
{
	int i;

	if (sset != ETH_SS_TEST)
		return;
	for (i = 0; i < ARRAY_SIZE(tern_tests); i++)
		ethtool_puts(&data, tern_tests[i].name);
}

/* None of the tests disturbs traffic, so online and offline make no difference. */
static void tern_self_test(struct net_device *netdev, struct ethtool_test *test, u64 *failed)
{
	struct tern_core *core = tern_netdev_core(netdev);
	int i;

	for (i = 0; i < ARRAY_SIZE(tern_tests); i++) {
		failed[i] = !tern_tests[i].run(core);
		if (failed[i])
			test->flags |= ETH_TEST_FL_FAILED;
	}
}

const struct ethtool_ops tern_ethtool_ops = {
	.get_drvinfo = tern_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = tern_get_link_ksettings,
	.get_sset_count = tern_get_sset_count,
	.get_strings = tern_get_strings,
	.self_test = tern_self_test,
};
