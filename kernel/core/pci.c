// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The PCI driver: probe, remove, shutdown and resets from outside
 *
 * Probe goes up in steps, remove goes down the same steps.
 */

#include <linux/dma-mapping.h>
#include <linux/bitfield.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <net/devlink.h>

#include "compat.h"
#include "core.h"

/* The register with the highest offset ends here. */
#define TERN_REGS_SIZE	TERN_HW_REG_INT_ITR(TERN_HW_REG_INT_ITR_COUNT)

/**
 * tern_core_info - constant facts about the function
 * @core: the function
 *
 * Return: the facts; they do not change while the auxiliary device exists.
 */
const struct tern_core_info *tern_core_info(struct tern_core *core)
{
	return &core->info;
}
EXPORT_SYMBOL_NS_GPL(tern_core_info, TERN_NS);

/**
 * tern_core_dma_device - the device to map memory for
 * @core: the function
 *
 * Return: the device of the PCI function; its DMA mask and segment size are set.
 */
struct device *tern_core_dma_device(struct tern_core *core)
{
	return &core->pdev->dev;
}
EXPORT_SYMBOL_NS_GPL(tern_core_dma_device, TERN_NS);

static int tern_map_regs(struct tern_core *core)
{
	struct pci_dev *pdev = core->pdev;

	if (pci_resource_len(pdev, TERN_HW_BAR_REGS) < TERN_REGS_SIZE) {
		dev_err(&pdev->dev, "BAR %u is too small\n", TERN_HW_BAR_REGS);
		return -ENODEV;
	}
	core->regs = pci_iomap(pdev, TERN_HW_BAR_REGS, 0);
	return core->regs ? 0 : -ENOMEM;
}

static int tern_pci_enable(struct tern_core *core)
{
	struct pci_dev *pdev = core->pdev;
	int err;

	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	err = pci_request_mem_regions(pdev, KBUILD_MODNAME);
	if (err)
		goto err_disable_device;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		goto err_release_regions;
	/* The engine splits at 4 KiB by itself, so nothing limits a mapped segment */
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	err = tern_map_regs(core);
	if (err)
		goto err_release_regions;
	return 0;

err_release_regions:
	pci_release_mem_regions(pdev);
err_disable_device:
	pci_disable_device(pdev);
	return err;
}

static void tern_pci_disable(struct tern_core *core)
{
	pci_iounmap(core->pdev, core->regs);
	pci_release_mem_regions(core->pdev);
	pci_disable_device(core->pdev);
}

/* What depends on the sizes that the device reports. */
static int tern_resources_get(struct tern_core *core)
{
	u32 caps = tern_reg_read(core, TERN_HW_REG_CAPS);
	int err;

	core->info.num_ceqs = FIELD_GET(TERN_HW_REG_CAPS_CEQS_MASK, caps);
	err = tern_doorbells_map(core, FIELD_GET(TERN_HW_REG_CAPS_PAGES_MASK, caps));
	if (err)
		return err;
	err = tern_vectors_alloc(core, FIELD_GET(TERN_HW_REG_CAPS_VECTORS_MASK, caps));
	if (err)
		goto err_unmap_doorbells;
	return 0;

err_unmap_doorbells:
	tern_doorbells_unmap(core);
	return err;
}

static void tern_resources_put(struct tern_core *core)
{
	tern_vectors_free(core);
	tern_doorbells_unmap(core);
}

/* From nothing to a function that answers, with nothing in use yet. */
static int tern_device_up(struct tern_core *core)
{
	int err;

	err = tern_pci_enable(core);
	if (err)
		return err;
	err = tern_revive(core);
	if (err)
		goto err_pci_disable;
	err = tern_resources_get(core);
	if (err)
		goto err_retire;
	return 0;

err_retire:
	tern_retire(core);
err_pci_disable:
	tern_pci_disable(core);
	return err;
}

static void tern_device_down(struct tern_core *core)
{
	tern_resources_put(core);
	tern_retire(core);
	tern_pci_disable(core);
}

/**
 * tern_start - bring a function that answers into service
 * @core: the function; the caller holds the devlink instance lock
 *
 * Return: 0 or a negative errno, with the function still out of service.
 */
int tern_start(struct tern_core *core)
{
	int err;

	err = tern_misc_irq_get(core);
	if (err)
		return err;
	err = tern_netdev_attach(core);
	if (err)
		goto err_misc_irq_put;
	err = tern_aux_add(core);
	if (err)
		goto err_netdev_detach;
	tern_health_poll_start(core);
	core->started = true;
	return 0;

err_netdev_detach:
	tern_netdev_detach(core);
err_misc_irq_put:
	tern_misc_irq_put(core);
	return err;
}

/**
 * tern_stop - take a function out of service, dead or alive
 * @core: the function; the caller holds the devlink instance lock
 *
 * Does nothing if it is out of service, so a failed recovery may be followed by anything.
 */
void tern_stop(struct tern_core *core)
{
	if (!core->started)
		return;
	core->started = false;
	/* Find out now if the device was pulled, before commands wait for their timeout */
	tern_check_status(core);
	tern_health_poll_stop(core);
	tern_aux_delete(core);
	tern_netdev_detach(core);
	tern_misc_irq_put(core);
	/* Nobody is left who could notice a failure; let the last one be told to the end */
	flush_work(&core->dead_work);
}

static struct tern_core *tern_core_alloc(struct pci_dev *pdev)
{
	struct tern_core *core;
	int err;

	core = tern_devlink_alloc(pdev);
	if (!core)
		return ERR_PTR(-ENOMEM);
	core->pdev = pdev;
	init_completion(&core->misc_seen);
	tern_health_init(core);
	err = tern_aux_id_alloc(core);
	if (err)
		goto err_free_devlink;
	err = tern_netdev_alloc(core);
	if (err)
		goto err_free_aux_id;
	/* Without WQ_MEM_RECLAIM: a reset waits for the RDMA core's work, which has none either */
	core->wq = alloc_workqueue("tern-%s", WQ_UNBOUND, 0, pci_name(pdev));
	if (!core->wq) {
		err = -ENOMEM;
		goto err_free_netdev;
	}
	return core;

err_free_netdev:
	tern_netdev_free(core);
err_free_aux_id:
	tern_aux_id_free(core);
err_free_devlink:
	devlink_free(priv_to_devlink(core));
	return ERR_PTR(err);
}

static void tern_core_free(struct tern_core *core)
{
	/* Before the netdev: dead_work of a failed probe may still be on its way to it */
	destroy_workqueue(core->wq);
	tern_netdev_free(core);
	tern_aux_id_free(core);
	devlink_free(priv_to_devlink(core));
}

/* The caller of this and the next function holds the devlink instance lock. */
static int tern_setup(struct tern_core *core)
{
	int err;

	err = tern_device_up(core);
	if (err)
		return err;
	err = tern_start(core);
	if (err)
		goto err_device_down;
	return 0;

err_device_down:
	tern_netdev_unregister(core);
	tern_device_down(core);
	return err;
}

static void tern_teardown(struct tern_core *core)
{
	tern_stop(core);
	tern_netdev_unregister(core);
	tern_device_down(core);
}

static int tern_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct devlink *devlink;
	struct tern_core *core;
	int err;

	core = tern_core_alloc(pdev);
	if (IS_ERR(core))
		return PTR_ERR(core);
	devlink = priv_to_devlink(core);
	devl_lock(devlink);
	err = tern_devlink_register(core);
	if (err)
		goto err_free_core;
	err = tern_setup(core);
	if (err)
		goto err_unregister_devlink;
	devl_unlock(devlink);
	pci_set_drvdata(pdev, core);
	tern_reset_work_enable(core);
	return 0;

err_unregister_devlink:
	tern_devlink_unregister(core);
err_free_core:
	devl_unlock(devlink);
	tern_core_free(core);
	return err;
}

static void tern_remove(struct pci_dev *pdev)
{
	struct tern_core *core = pci_get_drvdata(pdev);
	struct devlink *devlink = priv_to_devlink(core);

	/* It takes the devlink lock, so wait for it before that */
	disable_work_sync(&core->reset_work);
	devl_lock(devlink);
	tern_teardown(core);
	tern_devlink_unregister(core);
	devl_unlock(devlink);
	tern_core_free(core);
}

/* The next kernel must not find the device writing to memory. */
static void tern_shutdown(struct pci_dev *pdev)
{
	struct tern_core *core = pci_get_drvdata(pdev);
	struct devlink *devlink = priv_to_devlink(core);

	disable_work_sync(&core->reset_work);
	devl_lock(devlink);
	tern_stop(core);
	tern_retire(core);
	devl_unlock(devlink);
}

/*
 * Someone writes to "reset" in sysfs. Remove and shutdown are locked out meanwhile by the
 * device lock, a recovery by the flag: the FLR of a dead device may take a minute.
 */
static void tern_reset_prepare(struct pci_dev *pdev)
{
	struct tern_core *core = pci_get_drvdata(pdev);
	struct devlink *devlink = priv_to_devlink(core);

	devl_lock(devlink);
	core->resetting = true;
	tern_stop(core);
	tern_retire(core);
	devl_unlock(devlink);
}

static void tern_reset_done(struct pci_dev *pdev)
{
	struct tern_core *core = pci_get_drvdata(pdev);
	struct devlink *devlink = priv_to_devlink(core);

	devl_lock(devlink);
	core->resetting = false;
	tern_bring_back(core);
	devl_unlock(devlink);
}

static const struct pci_error_handlers tern_error_handlers = {
	.reset_prepare = tern_reset_prepare,
	.reset_done = tern_reset_done,
};

static const struct pci_device_id tern_ids[] = {
	{ PCI_DEVICE(TERN_HW_PCI_VENDOR, TERN_HW_PCI_DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, tern_ids);

static struct pci_driver tern_driver = {
	.name = KBUILD_MODNAME,
	.id_table = tern_ids,
	.probe = tern_probe,
	.remove = tern_remove,
	.shutdown = tern_shutdown,
	.err_handler = &tern_error_handlers,
};
module_pci_driver(tern_driver);

MODULE_DESCRIPTION("tern RoCEv2 adapter: PCI function and network interface");
MODULE_LICENSE("Dual BSD/GPL");
