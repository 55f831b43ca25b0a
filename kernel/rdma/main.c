// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * tern_rdma: auxiliary driver for the protocol engine of tern
 *
 * Bring-up goes from the control queue over the host memory cache and the event queues to
 * the registered RDMA device; teardown is its exact mirror. If the device dies, commands
 * fail at once, and teardown only frees what the host has.
 */

#include <linux/auxiliary_bus.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <net/addrconf.h>

#include "compat.h"
#include "tern-abi.h"
#include "tern_ib.h"

static void dispatch(struct tern_ib_dev *dev, enum ib_event_type type)
{
	struct ib_event event = {
		.device = &dev->ibdev,
		.event = type,
		.element.port_num = TERN_IB_PORT,
	};
	unsigned long flags;

	spin_lock_irqsave(&dev->event_lock, flags);
	if (dev->registered)
		ib_dispatch_event(&event);
	spin_unlock_irqrestore(&dev->event_lock, flags);
}

/**
 * tern_ib_dev_fail() - the device is beyond use: give up all commands, ask for a reset
 * @dev: the device
 * @why: for the log
 *
 * When this returns the device reaches no memory.
 *
 * Context: any.
 */
void tern_ib_dev_fail(struct tern_ib_dev *dev, const char *why)
{
	bool first = !atomic_xchg(&dev->failed, 1);

	if (first && !tern_core_is_dead(dev->core))
		ibdev_err(&dev->ibdev, "%s; asking for a reset\n", why);
	/* Of several callers each may free memory next, so none returns before DMA is off */
	tern_core_request_reset(dev->core);
	if (!first)
		return;
	tern_ib_cqp_kill(dev);
	tern_ib_flush_start(dev);
	dispatch(dev, IB_EVENT_DEVICE_FATAL);
}

static int core_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct tern_ib_dev *dev = container_of(nb, struct tern_ib_dev, core_nb);

	switch (event) {
	case TERN_EVENT_LINK:
		tern_ib_port_update(dev);
		break;
	case TERN_EVENT_DEAD:
		tern_ib_dev_fail(dev, "device is dead");
		break;
	}
	return NOTIFY_DONE;
}

/* Indexes of CQs run modulo 2^24; above this they could not tell a full ring for sure */
#define MAX_LOG_CQE	22

/* What the device says about itself decides over sizes of memory, so it must make sense */
static int check_caps(struct tern_ib_dev *dev)
{
	const struct tern_ib_caps *caps = &dev->caps;

	if (caps->ceqs && caps->ceqs <= FIELD_MAX(TERN_HW_CQP_CQ_WQE_ATTR_CEQ_MASK) + 1 &&
	    caps->gids && caps->gids <= U16_MAX &&
	    caps->max_log_cqe >= TERN_CQ_MIN_LOG_SIZE && caps->max_log_cqe <= MAX_LOG_CQE &&
	    caps->max_log_ceqe >= 4 && caps->max_log_aeqe >= 4 &&
	    caps->page_sizes & SZ_4K &&
	    caps->max_log_sq <= TERN_IB_MAX_LOG_WQ && caps->max_log_rq <= TERN_IB_MAX_LOG_WQ &&
	    caps->max_sge <= TERN_IB_MAX_SGE && caps->max_inline <= TERN_IB_MAX_INLINE &&
	    caps->max_rd <= TERN_IB_MAX_RD && caps->mcast_groups <= U16_MAX &&
	    caps->mcast_qps <= S16_MAX)
		return 0;

	ibdev_err(&dev->ibdev, "capabilities of the device make no sense\n");
	return -EINVAL;
}

static int init_control(struct tern_ib_dev *dev)
{
	int err;

	err = tern_ib_cqp_init(dev);
	if (err)
		return err;
	dev->core_nb.notifier_call = core_event;
	err = tern_events_register(dev->core, &dev->core_nb);
	if (err)
		goto err_cqp_destroy;
	err = tern_ib_cmd_query_caps(dev, &dev->caps);
	if (!err)
		err = check_caps(dev);
	if (err)
		goto err_events_unregister;
	return 0;

err_events_unregister:
	tern_events_unregister(dev->core, &dev->core_nb);
err_cqp_destroy:
	tern_ib_cqp_destroy(dev);
	return err;
}

static void destroy_control(struct tern_ib_dev *dev)
{
	tern_events_unregister(dev->core, &dev->core_nb);
	tern_ib_cqp_destroy(dev);
}

static int init_hardware(struct tern_ib_dev *dev)
{
	int err;

	err = init_control(dev);
	if (err)
		return err;
	err = tern_ib_hmc_init(dev);
	if (err)
		goto err_control_destroy;
	err = tern_ib_ceqs_init(dev);
	if (err)
		goto err_hmc_destroy;
	err = tern_ib_ccq_init(dev);
	if (err)
		goto err_ceqs_destroy;
	err = tern_ib_aeq_init(dev);
	if (err)
		goto err_ccq_destroy;
	err = tern_ib_ceqs_add(dev);
	if (err)
		goto err_aeq_destroy;
	err = tern_ib_pble_init(dev);
	if (err)
		goto err_ceqs_trim;
	err = tern_ib_mrs_init(dev);
	if (err)
		goto err_pble_destroy;
	return 0;

err_pble_destroy:
	tern_ib_pble_destroy(dev);
err_ceqs_trim:
	tern_ib_ceqs_trim(dev);
err_aeq_destroy:
	tern_ib_aeq_destroy(dev);
err_ccq_destroy:
	tern_ib_ccq_destroy(dev);
err_ceqs_destroy:
	tern_ib_ceqs_destroy(dev);
err_hmc_destroy:
	tern_ib_hmc_destroy(dev);
err_control_destroy:
	destroy_control(dev);
	return err;
}

static void destroy_hardware(struct tern_ib_dev *dev)
{
	tern_ib_mrs_destroy(dev);
	tern_ib_pble_destroy(dev);
	tern_ib_ceqs_trim(dev);
	tern_ib_aeq_destroy(dev);
	tern_ib_ccq_destroy(dev);
	tern_ib_ceqs_destroy(dev);
	tern_ib_hmc_destroy(dev);
	destroy_control(dev);
}

/* uverbs refuses what has no op here */
static const struct ib_device_ops tern_ib_ops = {
	.owner = THIS_MODULE,
	/* Not assigned upstream; the provider matches by PCI identity */
	.driver_id = RDMA_DRIVER_UNKNOWN,
	.uverbs_abi_ver = TERN_ABI_VERSION,
	.uverbs_no_driver_id_binding = 1,

	.add_gid = tern_ib_add_gid,
	.alloc_hw_port_stats = tern_ib_alloc_hw_port_stats,
	.alloc_mr = tern_ib_alloc_mr,
	.alloc_pd = tern_ib_alloc_pd,
	.alloc_ucontext = tern_ib_alloc_ucontext,
	.attach_mcast = tern_ib_attach_mcast,
	.create_ah = tern_ib_create_ah,
	.create_cq = tern_ib_create_cq,
	.create_qp = tern_ib_create_qp,
	.create_user_ah = tern_ib_create_ah,
	.dealloc_pd = tern_ib_dealloc_pd,
	.dealloc_ucontext = tern_ib_dealloc_ucontext,
	.del_gid = tern_ib_del_gid,
	.dereg_mr = tern_ib_dereg_mr,
	.destroy_ah = tern_ib_destroy_ah,
	.destroy_cq = tern_ib_destroy_cq,
	.destroy_qp = tern_ib_destroy_qp,
	.detach_mcast = tern_ib_detach_mcast,
	.disassociate_ucontext = tern_ib_disassociate_ucontext,
	.fill_res_cq_entry = tern_ib_fill_res_cq_entry,
	.fill_res_mr_entry = tern_ib_fill_res_mr_entry,
	.fill_res_qp_entry = tern_ib_fill_res_qp_entry,
	.get_dev_fw_str = tern_ib_get_dev_fw_str,
	.get_dma_mr = tern_ib_get_dma_mr,
	.get_hw_stats = tern_ib_get_hw_stats,
	.get_link_layer = tern_ib_get_link_layer,
	.get_port_immutable = tern_ib_get_port_immutable,
	.map_mr_sg = tern_ib_map_mr_sg,
	.mmap = tern_ib_mmap,
	.mmap_free = tern_ib_mmap_free,
	.modify_cq = tern_ib_modify_cq,
	.modify_qp = tern_ib_modify_qp,
	.poll_cq = tern_ib_poll_cq,
	.post_recv = tern_ib_post_recv,
	.post_send = tern_ib_post_send,
	.query_ah = tern_ib_query_ah,
	.query_device = tern_ib_query_device,
	.query_pkey = tern_ib_query_pkey,
	.query_port = tern_ib_query_port,
	.query_qp = tern_ib_query_qp,
	.reg_user_mr = tern_ib_reg_user_mr,
	.req_notify_cq = tern_ib_req_notify_cq,
	.rereg_user_mr = tern_ib_rereg_user_mr,

	INIT_RDMA_OBJ_SIZE(ib_ah, tern_ib_ah, ibah),
	INIT_RDMA_OBJ_SIZE(ib_cq, tern_ib_cq, ibcq),
	INIT_RDMA_OBJ_SIZE(ib_pd, tern_ib_pd, ibpd),
	INIT_RDMA_OBJ_SIZE(ib_qp, tern_ib_qp, ibqp),
	INIT_RDMA_OBJ_SIZE(ib_ucontext, tern_ib_ucontext, ibucontext),
};

static void set_registered(struct tern_ib_dev *dev, bool registered)
{
	spin_lock_irq(&dev->event_lock);
	dev->registered = registered;
	spin_unlock_irq(&dev->event_lock);
}

static int register_device(struct tern_ib_dev *dev)
{
	struct ib_device *ibdev = &dev->ibdev;
	int err;

	ibdev->node_type = RDMA_NODE_IB_CA;
	ibdev->phys_port_cnt = 1;
	ibdev->num_comp_vectors = dev->num_ceqs;
	ibdev->dev.parent = dev->dma_dev;
	if (dev->dma_mr)
		ibdev->local_dma_lkey = dev->dma_mr->ibmr.lkey;
	addrconf_addr_eui48((u8 *)&ibdev->node_guid, dev->netdev->dev_addr);
	ib_set_device_ops(ibdev, &tern_ib_ops);
	err = ib_device_set_netdev(ibdev, dev->netdev, TERN_IB_PORT);
	if (err)
		return err;
	err = ib_register_device(ibdev, "tern%d", dev->dma_dev);
	if (err)
		return err;

	set_registered(dev, true);
	err = tern_ib_port_listen(dev);
	if (err) {
		set_registered(dev, false);
		ib_unregister_device(ibdev);
		return err;
	}
	tern_ib_port_update(dev);
	tern_ib_debugfs_add(dev);
	return 0;
}

static void unregister_device(struct tern_ib_dev *dev)
{
	tern_ib_debugfs_remove(dev);
	tern_ib_port_unlisten(dev);
	set_registered(dev, false);
	ib_unregister_device(&dev->ibdev);
}

static struct tern_ib_dev *alloc_device(struct tern_core *core)
{
	struct tern_ib_dev *dev;

	dev = ib_alloc_device(tern_ib_dev, ibdev);
	if (!dev)
		return NULL;
	dev->core = core;
	dev->dma_dev = tern_core_dma_device(core);
	dev->netdev = tern_core_netdev(core);
	dev->doorbells = tern_doorbell_kernel_page(core);
	dev->ibdev.dev.parent = dev->dma_dev;
	/* For messages, until registration gives it one of its own */
	dev_set_name(&dev->ibdev.dev, "rdma");
	spin_lock_init(&dev->event_lock);
	if (tern_ib_flush_init(dev)) {
		ib_dealloc_device(&dev->ibdev);
		return NULL;
	}
	xa_init_flags(&dev->cqs, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);
	xa_init_flags(&dev->qps, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);
	xa_init_flags(&dev->mrs, XA_FLAGS_ALLOC1);
	mutex_init(&dev->mr_lock);
	ida_init(&dev->pdns);
	return dev;
}

static void free_device(struct tern_ib_dev *dev)
{
	tern_ib_flush_destroy(dev);
	ida_destroy(&dev->pdns);
	xa_destroy(&dev->mrs);
	xa_destroy(&dev->qps);
	xa_destroy(&dev->cqs);
	ib_dealloc_device(&dev->ibdev);
}

static int tern_ib_probe(struct auxiliary_device *adev, const struct auxiliary_device_id *id)
{
	struct tern_ib_dev *dev;
	int err;

	dev = alloc_device(tern_aux_core(adev));
	if (!dev)
		return -ENOMEM;
	err = init_hardware(dev);
	if (err)
		goto err_free_device;
	err = register_device(dev);
	if (err)
		goto err_destroy_hardware;
	auxiliary_set_drvdata(adev, dev);
	return 0;

err_destroy_hardware:
	destroy_hardware(dev);
err_free_device:
	free_device(dev);
	return dev_err_probe(&adev->dev, err, "no RDMA device\n");
}

static void tern_ib_remove(struct auxiliary_device *adev)
{
	struct tern_ib_dev *dev = auxiliary_get_drvdata(adev);

	unregister_device(dev);
	destroy_hardware(dev);
	free_device(dev);
}

static const struct auxiliary_device_id tern_ib_ids[] = {
	{ .name = TERN_AUX_NAME },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, tern_ib_ids);

static struct auxiliary_driver tern_ib_driver = {
	.probe = tern_ib_probe,
	.remove = tern_ib_remove,
	.id_table = tern_ib_ids,
};

static int __init tern_ib_init(void)
{
	int err;

	tern_ib_stats_init();
	tern_ib_debugfs_root_add();
	err = auxiliary_driver_register(&tern_ib_driver);
	if (err)
		tern_ib_debugfs_root_remove();
	return err;
}

static void __exit tern_ib_exit(void)
{
	auxiliary_driver_unregister(&tern_ib_driver);
	tern_ib_debugfs_root_remove();
}

module_init(tern_ib_init);
module_exit(tern_ib_exit);

MODULE_IMPORT_NS(TERN_NS);
MODULE_DESCRIPTION("tern RoCEv2 adapter: RDMA");
MODULE_LICENSE("Dual BSD/GPL");
