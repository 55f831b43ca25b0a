/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The RDMA device and its verbs objects
 */

#ifndef TERN_IB_H
#define TERN_IB_H

#include <linux/bitfield.h>
#include <linux/completion.h>
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/notifier.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <rdma/ib_verbs.h>

#include "cqp.h"
#include "hmc.h"
#include "ring.h"
#include "tern_core.h"
#include "tern_hw.h"

/* Doorbells of CQs and event queues carry indexes modulo this, plus 1 */
#define TERN_IB_INDEX_MASK	FIELD_MAX(TERN_HW_DB_CQ_W_INDEX_MASK)

/* P_Keys: RoCE has the default one */
#define TERN_IB_PKEYS		1
#define TERN_IB_PORT		1

/* Protection domain numbers are made up by the driver and never 0 */
#define TERN_IB_MAX_PD		(BIT(16) - 1)

struct tern_ib_dev;

/**
 * struct tern_ib_nop_run - last run of NOP commands, for debugfs
 * @lock: one run at a time; guards @count and @ns
 * @count: commands that succeeded
 * @ns: how long they took
 * @stop: the device goes: end the run
 */
struct tern_ib_nop_run {
	struct mutex lock; /* see above */
	u32 count;
	u64 ns;
	bool stop;
};

/**
 * struct tern_ib_eq - completion event queue, or the asynchronous event queue
 * @dev: the device
 * @ring: entries that the device writes
 * @num: number of the CEQ; 0 for the AEQ
 * @is_aeq: the AEQ, not a CEQ
 * @vector: interrupt vector of its own
 * @name: name of the interrupt
 */
struct tern_ib_eq {
	struct tern_ib_dev *dev;
	struct tern_ib_ring ring;
	u8 num;
	bool is_aeq;
	int vector;
	char name[16];
};

/**
 * struct tern_ib_dev - the RDMA device
 * @ibdev: what the RDMA core sees
 * @core: the PCI function's driver
 * @dma_dev: device for DMA mappings
 * @netdev: network device of the port
 * @doorbells: doorbell page 0
 * @caps: what the device can do
 * @cqp: control queue pair
 * @hmc: memory of the device's objects
 * @pbles: page-list entries
 * @ceqs: completion event queues, one per completion vector
 * @num_ceqs: number of @ceqs in use
 * @aeq: asynchronous event queue
 * @aeq_work: consumes @aeq
 * @cqs: all CQs by number; its lock guards taking references
 * @next_cqn: where the search for a free CQ number goes on
 * @pdns: protection domain numbers in use
 * @core_nb: listener to events of @core
 * @netdev_nb: listener to events of network devices
 * @event_lock: guards @registered and @port_active, and that events are dispatched only
 *		while the device is registered
 * @registered: the RDMA core may be told about events
 * @port_active: port state that consumers were told last
 * @failed: nothing but a reset helps; the reset has been asked for
 * @debugfs: directory of this device
 * @nop: last run of NOP commands
 */
struct tern_ib_dev {
	struct ib_device ibdev;
	struct tern_core *core;
	struct device *dma_dev;
	struct net_device *netdev;
	void __iomem *doorbells;
	struct tern_ib_caps caps;
	struct tern_ib_cqp cqp;
	struct tern_ib_hmc hmc;
	struct tern_ib_pble_pool pbles;
	struct tern_ib_eq *ceqs;
	unsigned int num_ceqs;
	struct tern_ib_eq aeq;
	struct work_struct aeq_work;
	struct xarray cqs;
	u32 next_cqn;
	struct ida pdns;
	struct notifier_block core_nb;
	struct notifier_block netdev_nb;
	spinlock_t event_lock; /* see above */
	bool registered;
	bool port_active;
	atomic_t failed;
	struct dentry *debugfs;
	struct tern_ib_nop_run nop;
};

/**
 * struct tern_ib_ucontext - an open file of a process
 * @ibucontext: what the RDMA core sees
 * @page: doorbell page that belongs to this context alone
 * @doorbell_entry: lets the process map @page
 */
struct tern_ib_ucontext {
	struct ib_ucontext ibucontext;
	u32 page;
	struct rdma_user_mmap_entry *doorbell_entry;
};

/* What a process may map: so far its doorbell page */
struct tern_ib_mmap_entry {
	struct rdma_user_mmap_entry rdma_entry;
	phys_addr_t phys;
};

struct tern_ib_pd {
	struct ib_pd ibpd;
	u32 pdn;
};

struct tern_ib_mr {
	struct ib_mr ibmr;
};

/**
 * struct tern_ib_cq - completion queue
 * @ibcq: what the RDMA core sees
 * @cqn: number
 * @ceq: where its events go
 * @refs: held by the CQ itself and by each event handler at work
 * @unused: completed with the last reference
 * @umem: ring of a user CQ
 * @pbles: page list of the ring, if it is not contiguous
 * @lock: kernel CQ: guards @ring and @told
 * @ring: kernel CQ: the ring
 * @told: kernel CQ: consumer index that the device knows
 */
struct tern_ib_cq {
	struct ib_cq ibcq;
	u32 cqn;
	struct tern_ib_eq *ceq;
	refcount_t refs;
	struct completion unused;
	struct ib_umem *umem;
	struct tern_ib_pble_list pbles;
	spinlock_t lock; /* see above */
	struct tern_ib_ring ring;
	u32 told;
};

static inline struct tern_ib_dev *to_tern_dev(struct ib_device *ibdev)
{
	return container_of(ibdev, struct tern_ib_dev, ibdev);
}

static inline struct tern_ib_ucontext *to_tern_ucontext(struct ib_ucontext *ibucontext)
{
	return container_of(ibucontext, struct tern_ib_ucontext, ibucontext);
}

static inline struct tern_ib_mmap_entry *to_tern_mmap_entry(struct rdma_user_mmap_entry *entry)
{
	return container_of(entry, struct tern_ib_mmap_entry, rdma_entry);
}

static inline struct tern_ib_pd *to_tern_pd(struct ib_pd *ibpd)
{
	return container_of(ibpd, struct tern_ib_pd, ibpd);
}

static inline struct tern_ib_mr *to_tern_mr(struct ib_mr *ibmr)
{
	return container_of(ibmr, struct tern_ib_mr, ibmr);
}

static inline struct tern_ib_cq *to_tern_cq(struct ib_cq *ibcq)
{
	return container_of(ibcq, struct tern_ib_cq, ibcq);
}

/* main.c */
void tern_ib_dev_fail(struct tern_ib_dev *dev, const char *why);

/* eq.c */
int tern_ib_ceqs_init(struct tern_ib_dev *dev);
void tern_ib_ceqs_destroy(struct tern_ib_dev *dev);
int tern_ib_ceqs_add(struct tern_ib_dev *dev);
void tern_ib_ceqs_trim(struct tern_ib_dev *dev);
int tern_ib_aeq_init(struct tern_ib_dev *dev);
void tern_ib_aeq_destroy(struct tern_ib_dev *dev);

/* cq.c */
u32 tern_ib_max_cqe(const struct tern_ib_dev *dev);
int tern_ib_create_cq(struct ib_cq *ibcq, const struct ib_cq_init_attr *attr,
		      struct uverbs_attr_bundle *attrs);
int tern_ib_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata);
int tern_ib_modify_cq(struct ib_cq *ibcq, u16 count, u16 period);
int tern_ib_poll_cq(struct ib_cq *ibcq, int num_entries, struct ib_wc *wc);
int tern_ib_req_notify_cq(struct ib_cq *ibcq, enum ib_cq_notify_flags flags);
void tern_ib_cq_event(struct tern_ib_dev *dev, u32 cqn);
void tern_ib_cq_error(struct tern_ib_dev *dev, u32 cqn);
void tern_ib_cq_event_all(struct tern_ib_dev *dev, const struct tern_ib_eq *ceq);

/* verbs.c */
int tern_ib_udata_in(struct ib_udata *udata, void *req, size_t size);
int tern_ib_udata_out(struct ib_udata *udata, void *resp, size_t size);
int tern_ib_query_device(struct ib_device *ibdev, struct ib_device_attr *attr,
			 struct ib_udata *udata);
void tern_ib_get_dev_fw_str(struct ib_device *ibdev, char *str);
int tern_ib_alloc_ucontext(struct ib_ucontext *ibucontext, struct ib_udata *udata);
void tern_ib_dealloc_ucontext(struct ib_ucontext *ibucontext);
void tern_ib_disassociate_ucontext(struct ib_ucontext *ibucontext);
int tern_ib_mmap(struct ib_ucontext *ibucontext, struct vm_area_struct *vma);
void tern_ib_mmap_free(struct rdma_user_mmap_entry *rdma_entry);
int tern_ib_alloc_pd(struct ib_pd *ibpd, struct ib_udata *udata);
int tern_ib_dealloc_pd(struct ib_pd *ibpd, struct ib_udata *udata);
struct ib_mr *tern_ib_get_dma_mr(struct ib_pd *ibpd, int access);
int tern_ib_dereg_mr(struct ib_mr *ibmr, struct ib_udata *udata);

/* port.c */
int tern_ib_query_port(struct ib_device *ibdev, u32 port, struct ib_port_attr *attr);
int tern_ib_query_pkey(struct ib_device *ibdev, u32 port, u16 index, u16 *pkey);
int tern_ib_get_port_immutable(struct ib_device *ibdev, u32 port,
			       struct ib_port_immutable *immutable);
enum rdma_link_layer tern_ib_get_link_layer(struct ib_device *ibdev, u32 port);
int tern_ib_add_gid(const struct ib_gid_attr *attr, void **context);
int tern_ib_del_gid(const struct ib_gid_attr *attr, void **context);
void tern_ib_port_update(struct tern_ib_dev *dev);
int tern_ib_port_listen(struct tern_ib_dev *dev);
void tern_ib_port_unlisten(struct tern_ib_dev *dev);

/* debugfs.c */
void tern_ib_debugfs_root_add(void);
void tern_ib_debugfs_root_remove(void);
void tern_ib_debugfs_add(struct tern_ib_dev *dev);
void tern_ib_debugfs_remove(struct tern_ib_dev *dev);

/* names.c */
const char *tern_ib_name(const char *enumeration, u32 value);

#endif /* TERN_IB_H */
