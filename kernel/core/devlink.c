// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The devlink instance: versions, and the health reporter that resets
 *
 * The instance lock is also the lock that orders probe, reset and remove of a function.
 * "devlink health" shows failures, limits automatic resets, and starts one by hand.
 */

#include <linux/bitfield.h>
#include <linux/pci.h>
#include <net/devlink.h>

#include "compat.h"
#include "core.h"

/*
 * A device that fails again so soon is not cured by resets. What a reset and the probe of
 * tern_rdma take is well below.
 */
#define TERN_GRACE_MS	10000

static int tern_info_get(struct devlink *devlink, struct devlink_info_req *req,
			 struct netlink_ext_ack *extack)
{
	struct tern_core *core = devlink_priv(devlink);
	u32 version = core->info.hw_version;
	char text[16];

	snprintf(text, sizeof(text), "%u.%u",
		 (u32)FIELD_GET(TERN_HW_REG_VERSION_MAJOR_MASK, version),
		 (u32)FIELD_GET(TERN_HW_REG_VERSION_MINOR_MASK, version));
	return devlink_info_version_running_put(req, DEVLINK_INFO_VERSION_GENERIC_FW, text);
}

static const struct devlink_ops tern_devlink_ops = {
	.info_get = tern_info_get,
};

static int tern_reporter_recover(struct devlink_health_reporter *reporter, void *context,
				 struct netlink_ext_ack *extack)
{
	return tern_recover(devlink_health_reporter_priv(reporter));
}

static int tern_reporter_test(struct devlink_health_reporter *reporter,
			      struct netlink_ext_ack *extack)
{
	tern_fail(devlink_health_reporter_priv(reporter), "test of the health reporter");
	return 0;
}

static const struct devlink_health_reporter_ops tern_reporter_ops = {
	.name = "function",
	.recover = tern_reporter_recover,
	.test = tern_reporter_test,
	TERN_HEALTH_OPS_GRACE(TERN_GRACE_MS)
};

/* The devlink instance and the core are one allocation. */
struct tern_core *tern_devlink_alloc(struct pci_dev *pdev)
{
	struct devlink *devlink;

	devlink = devlink_alloc(&tern_devlink_ops, sizeof(struct tern_core), &pdev->dev);
	return devlink ? devlink_priv(devlink) : NULL;
}

int tern_devlink_register(struct tern_core *core)
{
	struct devlink *devlink = priv_to_devlink(core);

	core->reporter = tern_health_reporter_create(devlink, &tern_reporter_ops,
						     TERN_GRACE_MS, core);
	if (IS_ERR(core->reporter))
		return PTR_ERR(core->reporter);
	devl_register(devlink);
	return 0;
}

void tern_devlink_unregister(struct tern_core *core)
{
	devl_unregister(priv_to_devlink(core));
	devl_health_reporter_destroy(core->reporter);
}
