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
#include <linux/mutex.h>
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

/* What the formats of queues allow, whatever the device says of itself */
#define TERN_IB_MAX_LOG_WQ	15
#define TERN_IB_MAX_SGE		16
#define TERN_IB_MAX_INLINE	224
#define TERN_IB_MAX_RD		16

/* QP numbers 0 and 1 are special ones; there is no QP 0 */
#define TERN_IB_GSI_QPN		1
#define TERN_IB_FIRST_QPN	2

/* Pages of a region for registration by work request */
#define TERN_IB_MAX_FAST_PAGES	512

/* Keys are the index of a region and a byte that is another one with each use of the index */
#define TERN_IB_KEY_SHIFT	8

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
 * @qps: all QPs by number; its lock guards taking references
 * @next_qpn: where the search for a free QP number goes on
 * @mr_lock: guards taking an index: @next_mr and @mr_key
 * @mrs: indexes of memory regions in use
 * @next_mr: where the search for a free index goes on
 * @mr_key: low byte of new keys; another one whenever the search has come round
 * @dma_mr: region of all memory that the kernel maps for DMA, in every protection domain;
 *	    NULL if the device has none
 * @pdns: protection domain numbers in use
 * @core_nb: listener to events of @core
 * @netdev_nb: listener to events of network devices
 * @event_lock: guards @registered and @port_active, and that events are dispatched only
 *		while the device is registered
 * @registered: the RDMA core may be told about events
 * @port_active: port state that consumers were told last
 * @failed: nothing but a reset helps; the reset has been asked for
 * @dma_off: the device is dead and writes no completions any more
 * @status: page that processes read: whether the device completes what they post
 * @flush_work: lets consumers in the kernel see that their work requests are over
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
	struct xarray qps;
	u32 next_qpn;
	struct mutex mr_lock; /* see above */
	struct xarray mrs;
	u32 next_mr;
	u8 mr_key;
	struct tern_ib_mr *dma_mr;
	struct ida pdns;
	struct notifier_block core_nb;
	struct notifier_block netdev_nb;
	spinlock_t event_lock; /* see above */
	bool registered;
	bool port_active;
	atomic_t failed;
	bool dma_off;
	u32 *status;
	struct work_struct flush_work;
	struct dentry *debugfs;
	struct tern_ib_nop_run nop;
};

/**
 * struct tern_ib_ucontext - an open file of a process
 * @ibucontext: what the RDMA core sees
 * @page: doorbell page that belongs to this context alone
 * @doorbell_entry: lets the process map @page
 * @push_entry: lets the process map the push page; NULL if there is none
 * @status_entry: lets the process map the status page of the device
 */
struct tern_ib_ucontext {
	struct ib_ucontext ibucontext;
	u32 page;
	struct rdma_user_mmap_entry *doorbell_entry;
	struct rdma_user_mmap_entry *push_entry;
	struct rdma_user_mmap_entry *status_entry;
};

enum tern_ib_page {
	TERN_IB_PAGE_DOORBELL,
	TERN_IB_PAGE_PUSH,
	TERN_IB_PAGE_STATUS,
};

/**
 * struct tern_ib_mmap_entry - page that a process may map
 * @rdma_entry: what the RDMA core sees
 * @phys: address of the page, in BAR 2 but for the status page
 * @page: what it is
 */
struct tern_ib_mmap_entry {
	struct rdma_user_mmap_entry rdma_entry;
	phys_addr_t phys;
	enum tern_ib_page page;
};

struct tern_ib_pd {
	struct ib_pd ibpd;
	u32 pdn;
};

/**
 * struct tern_ib_mr_pages - page list of a region
 * @level: 0: none, the region is contiguous; 1: @root are pages; 2: @root are the numbers
 *	   of the first entries of @leaves
 * @root: what the device is told
 * @leaves: level 2: lists of 512 pages, the last one may be shorter
 * @num_leaves: level 2: how many of @leaves have entries
 */
struct tern_ib_mr_pages {
	u8 level;
	struct tern_ib_pble_list root;
	struct tern_ib_pble_list *leaves;
	u32 num_leaves;
};

/**
 * struct tern_ib_mr - memory region
 * @ibmr: what the RDMA core sees
 * @params: as the device knows it; of a region for registration by work request as allocated
 * @pages: its page list
 * @umem: memory of a user's region
 * @mapped: registration by work request: pages in the list
 */
struct tern_ib_mr {
	struct ib_mr ibmr;
	struct tern_ib_mr_params params;
	struct tern_ib_mr_pages pages;
	struct ib_umem *umem;
	u32 mapped;
};

/**
 * struct tern_ib_wq - send or receive queue of a QP
 * @lock: kernel QP: guards all members below but @umem and @pbles. Where the lock of a CQ is
 *	  held too, that one was taken first
 * @umem: ring of a user QP
 * @pbles: page list of the ring, if it is not contiguous
 * @buf: kernel QP: the ring
 * @dma: kernel QP: bus address of @buf
 * @wr_ids: kernel QP: of the work request in each slot or entry, at its first slot
 * @slots: kernel QP, send queue: slots of the work request at each first slot
 * @log_size: log2 of the number of slots (send queue) or entries
 * @log_entry: log2 of the bytes of one of them
 * @valid: there is such a queue
 * @producer: slots or entries posted since the QP left RESET
 * @consumer: slots or entries known to be completed
 */
struct tern_ib_wq {
	spinlock_t lock; /* see above */
	struct ib_umem *umem;
	struct tern_ib_pble_list pbles;
	void *buf;
	dma_addr_t dma;
	u64 *wr_ids;
	u8 *slots;
	u8 log_size;
	u8 log_entry;
	bool valid;
	u16 producer;
	u16 consumer;
};

/**
 * struct tern_ib_ah - address handle
 * @ibah: what the RDMA core sees
 * @attr: the address as it was given; who owns it holds the reference to its GID
 */
struct tern_ib_ah {
	struct ib_ah ibah;
	struct rdma_ah_attr attr;
};

/**
 * struct tern_ib_qp - queue pair
 * @ibqp: what the RDMA core sees
 * @refs: held by the QP itself and by each event handler at work
 * @unused: completed with the last reference
 * @lock: guards all members down to @gone; one change at a time
 * @state: state as far as the driver knows; post_send and post_recv look without @lock
 * @attr: attributes as they were set
 * @sqd_notify: the consumer wants to know when the send queue is drained
 * @gone: the device does not know it any more
 * @cap: sizes of the queues
 * @signal_all: each send completes with a CQE
 * @no_own_mcast: of multicast groups it gets only what others send
 * @sq: send queue
 * @rq: receive queue
 */
struct tern_ib_qp {
	struct ib_qp ibqp;
	refcount_t refs;
	struct completion unused;
	struct mutex lock; /* see above */
	enum ib_qp_state state;
	struct ib_qp_attr attr;
	bool sqd_notify;
	bool gone;
	struct ib_qp_cap cap;
	bool signal_all;
	bool no_own_mcast;
	struct tern_ib_wq sq;
	struct tern_ib_wq rq;
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

static inline struct tern_ib_ah *to_tern_ah(struct ib_ah *ibah)
{
	return container_of(ibah, struct tern_ib_ah, ibah);
}

static inline struct tern_ib_qp *to_tern_qp(struct ib_qp *ibqp)
{
	return container_of(ibqp, struct tern_ib_qp, ibqp);
}

/* Slots and entries of a queue */
static inline u32 tern_ib_wq_size(const struct tern_ib_wq *wq)
{
	return BIT(wq->log_size);
}

static inline size_t tern_ib_wq_bytes(const struct tern_ib_wq *wq)
{
	return (size_t)1 << (wq->log_size + wq->log_entry);
}

/* Place of an index in the ring */
static inline u32 tern_ib_wq_slot(const struct tern_ib_wq *wq, u16 index)
{
	return index & (tern_ib_wq_size(wq) - 1);
}

/* Slots or entries posted and not known to be completed */
static inline u16 tern_ib_wq_used(const struct tern_ib_wq *wq)
{
	return wq->producer - wq->consumer;
}

/* Datagrams: each request says where it goes to */
static inline bool tern_ib_type_is_ud(enum ib_qp_type type)
{
	return type == IB_QPT_UD || type == IB_QPT_GSI;
}

static inline bool tern_ib_qp_is_ud(const struct tern_ib_qp *qp)
{
	return tern_ib_type_is_ud(qp->ibqp.qp_type);
}

/* SGEs that the first slot of a send has room for, at its end */
static inline u32 tern_ib_first_sges(enum ib_qp_type type)
{
	return tern_ib_type_is_ud(type) ? 1 : 2;
}

/* Whether the device has QPs of a type */
static inline bool tern_ib_has_type(const struct tern_ib_dev *dev, enum tern_hw_qp_type type)
{
	return dev->caps.transports & BIT(type);
}

/* QPs have two objects under one number */
static inline u32 tern_ib_num_qps(const struct tern_ib_dev *dev)
{
	return min(dev->hmc.fpm.kind[TERN_HW_HMC_KIND_QP].count,
		   dev->hmc.fpm.kind[TERN_HW_HMC_KIND_IRRQ].count);
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
void tern_ib_cq_event_kernel(struct tern_ib_dev *dev);
void tern_ib_cq_forget_qp(struct tern_ib_cq *cq, u32 qpn);

/* qp.c */
u32 tern_ib_send_slots(enum ib_qp_type type, u32 num_sge, u32 inline_bytes);
int tern_ib_create_qp(struct ib_qp *ibqp, struct ib_qp_init_attr *attr, struct ib_udata *udata);
int tern_ib_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata);
void tern_ib_qp_refresh_state(struct tern_ib_dev *dev, struct tern_ib_qp *qp);
void tern_ib_qp_forget_completions(struct tern_ib_qp *qp);
void tern_ib_qp_event(struct tern_ib_dev *dev, u32 qpn, u32 code);
void tern_ib_qp_event_all(struct tern_ib_dev *dev);

/* qp_modify.c */
int tern_ib_modify_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		      struct ib_udata *udata);
int tern_ib_query_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		     struct ib_qp_init_attr *init_attr);

/* post.c */
int tern_ib_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
		      const struct ib_send_wr **bad_wr);
int tern_ib_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
		      const struct ib_recv_wr **bad_wr);
bool tern_ib_qp_complete(struct tern_ib_qp *qp, const struct tern_hw_cqe *cqe, struct ib_wc *wc);
int tern_ib_qp_flush(struct tern_ib_qp *qp, const struct ib_cq *ibcq, int room, struct ib_wc *wc);

/* ud.c */
int tern_ib_create_ah(struct ib_ah *ibah, struct rdma_ah_init_attr *init, struct ib_udata *udata);
int tern_ib_query_ah(struct ib_ah *ibah, struct rdma_ah_attr *attr);
int tern_ib_destroy_ah(struct ib_ah *ibah, u32 flags);
int tern_ib_attach_mcast(struct ib_qp *ibqp, union ib_gid *gid, u16 lid);
int tern_ib_detach_mcast(struct ib_qp *ibqp, union ib_gid *gid, u16 lid);
int tern_ib_ah_check(struct tern_ib_dev *dev, const struct rdma_ah_attr *attr);
void tern_ib_ud_put_address(struct tern_hw_sq_ud_wqe *wqe, const struct ib_ud_wr *wr, u32 imm);
void tern_ib_ud_recv_wc(struct ib_wc *wc, u64 peer);

/* flush.c */
int tern_ib_flush_init(struct tern_ib_dev *dev);
void tern_ib_flush_start(struct tern_ib_dev *dev);
void tern_ib_flush_again(struct tern_ib_dev *dev);
void tern_ib_flush_destroy(struct tern_ib_dev *dev);
int tern_ib_flush_poll(struct tern_ib_dev *dev, struct tern_ib_cq *cq, int room, struct ib_wc *wc);
bool tern_ib_flush_pending(struct tern_ib_dev *dev, struct tern_ib_cq *cq);

/* mr.c */
int tern_ib_mrs_init(struct tern_ib_dev *dev);
void tern_ib_mrs_destroy(struct tern_ib_dev *dev);
struct ib_mr *tern_ib_get_dma_mr(struct ib_pd *ibpd, int access);
struct ib_mr *tern_ib_reg_user_mr(struct ib_pd *ibpd, u64 start, u64 length, u64 virt_addr,
				  int access, struct ib_udata *udata);
struct ib_mr *tern_ib_rereg_user_mr(struct ib_mr *ibmr, int flags, u64 start, u64 length,
				    u64 virt_addr, int access, struct ib_pd *ibpd,
				    struct ib_udata *udata);
int tern_ib_dereg_mr(struct ib_mr *ibmr, struct ib_udata *udata);
struct ib_mr *tern_ib_alloc_mr(struct ib_pd *ibpd, enum ib_mr_type type, u32 max_num_sg);
int tern_ib_map_mr_sg(struct ib_mr *ibmr, struct scatterlist *sg, int sg_nents,
		      unsigned int *sg_offset);

/* stats.c */
void tern_ib_stats_init(void);
struct rdma_hw_stats *tern_ib_alloc_hw_port_stats(struct ib_device *ibdev, u32 port);
int tern_ib_get_hw_stats(struct ib_device *ibdev, struct rdma_hw_stats *stats, u32 port,
			 int index);
int tern_ib_fill_res_qp_entry(struct sk_buff *msg, struct ib_qp *ibqp);
int tern_ib_fill_res_mr_entry(struct sk_buff *msg, struct ib_mr *ibmr);
int tern_ib_fill_res_cq_entry(struct sk_buff *msg, struct ib_cq *ibcq);

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

/* port.c */
enum ib_mtu tern_ib_port_mtu(const struct tern_ib_dev *dev);
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
