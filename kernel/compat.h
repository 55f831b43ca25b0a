/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Every difference between the kernels that tern builds on
 *
 * The .c files are written for the newest kernel and hold no #if. What an older one
 * lacks or spells differently is here, oldest supported kernel: 6.12.
 */

#ifndef TERN_COMPAT_H
#define TERN_COMPAT_H

#include <linux/version.h>
#include <net/devlink.h>

/* Namespace of the symbols that tern.ko exports; a string since 6.13 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define TERN_NS	TERN
#else
#define TERN_NS	"TERN"
#endif

/*
 * Since 6.18 the grace period of a health reporter is a member of its ops, before that
 * an argument of the function that creates it.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define TERN_HEALTH_OPS_GRACE(ms)
static inline struct devlink_health_reporter *
tern_health_reporter_create(struct devlink *devlink,
			    const struct devlink_health_reporter_ops *ops,
			    u64 grace_ms, void *priv)
{
	return devl_health_reporter_create(devlink, ops, grace_ms, priv);
}
#else
#define TERN_HEALTH_OPS_GRACE(ms)	.default_graceful_period = (ms),
static inline struct devlink_health_reporter *
tern_health_reporter_create(struct devlink *devlink,
			    const struct devlink_health_reporter_ops *ops,
			    u64 grace_ms, void *priv)
{
	return devl_health_reporter_create(devlink, ops, priv);
}
#endif

/*
 * RDMA: for files that include <rdma/ib_umem.h>, before this one
 */
#ifdef IB_UMEM_H

/* Newer kernels, stable ones too, have the block iterator in a header of its own */
#ifndef rdma_for_each_block
#include <rdma/iter.h>
#endif

/* Since 7.2 the memory of a queue may be described in other ways than by its address */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
static inline struct ib_umem *ib_umem_get_va(struct ib_device *device, unsigned long addr,
					     size_t size, int access)
{
	return ib_umem_get(device, addr, size, access);
}
#endif

#endif /* IB_UMEM_H */

#endif /* TERN_COMPAT_H */
