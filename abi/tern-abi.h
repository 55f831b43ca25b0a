/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-2-Clause) */
/*
 * tern: structures that pass between the provider and tern_rdma through uverbs
 *
 * Host byte order. Structures have the same layout for 32-bit and 64-bit processes:
 * members are naturally aligned, sizes are multiples of 8, holes are named reserved_XX
 * after their byte offset in hex. A longer request is accepted if its tail is zero; a
 * reply is cut to what the caller has room for (struct ib_udata). comp_mask members say
 * which later members are valid; there are none yet, so they are 0 and others refused.
 */

#ifndef TERN_ABI_USER_H
#define TERN_ABI_USER_H

#include <linux/types.h>

#define TERN_ABI_VERSION	1	/* ib_device_ops.uverbs_abi_ver */

struct tern_alloc_ucontext_req {
	__u32 comp_mask;
	__u8 reserved_04[4];
};

/*
 * The doorbell page belongs to the context alone and is mapped with mmap(doorbell_key). So
 * does the push page, if there is one; it is mapped write-combining with mmap(push_key).
 *
 * The status page is mapped for reading alone. Its first word, a __u32, is TERN_STATUS_ALIVE as long
 * as the device may complete what was posted; when it reads as anything else, the device is dead
 * or was taken away, and nothing completes any more but what the CQs hold already.
 */
#define TERN_STATUS_ALIVE	1

struct tern_alloc_ucontext_resp {
	__u32 comp_mask;
	__u32 doorbell_size;		/* bytes to map */
	__aligned_u64 doorbell_key;	/* offset for mmap() */
	__u32 hw_version;		/* register version of the device */
	__u32 max_log_cqe;		/* log2 of the largest CQ ring, in entries */
	__aligned_u64 push_key;		/* offset for mmap() */
	__u32 push_size;		/* bytes to map; 0: entries cannot be pushed */
	__u8 max_log_sq;		/* log2 of the most slots of a send queue */
	__u8 max_log_rq;		/* log2 of the most entries of a receive queue */
	__u16 max_inline;		/* bytes of inline data */
	__aligned_u64 status_key;	/* offset for mmap() */
	__u32 status_size;		/* bytes to map; 0: there is no status page */
	__u8 reserved_34[4];
};

struct tern_alloc_pd_resp {
	__u32 comp_mask;
	__u32 pdn;			/* number of the protection domain */
};

#define TERN_CQ_MIN_LOG_SIZE	7	/* 4 KiB, a page of the device */

/*
 * Entries that a CQ may hold with a ring of 2^log_size. The device learns how far the
 * ring was consumed when a quarter of it has been, so it may find a quarter less room
 * than there is.
 */
static inline __u32 tern_cq_usable(__u32 log_size)
{
	return (1u << log_size) - (1u << log_size) / 4;
}

/*
 * The ring is memory of the process: 2^log_size entries of struct tern_hw_cqe, at a page
 * boundary, zeroed before the call. tern_cq_usable() of it is at least what is asked for.
 */
struct tern_create_cq_req {
	__u32 comp_mask;
	__u32 log_size;
	__aligned_u64 ring_va;
};

struct tern_create_cq_resp {
	__u32 comp_mask;
	__u32 cqn;
};

#define TERN_QP_NO_QUEUE	0xff	/* log size: there is no such queue */

/*
 * The rings are memory of the process at page boundaries, zeroed before the call. Send queue:
 * 2^sq_log_size slots of 64 B; receive queue: 2^rq_log_size entries of 2^rq_log_stride SGEs
 * (16 B each). Both are at least 4 KiB, a page of the device. They hold at least what
 * ibv_qp_init_attr asks for; a request may take as many slots as struct tern_hw_sq_wqe, or of UD
 * struct tern_hw_sq_ud_wqe, says.
 */
struct tern_create_qp_req {
	__u32 comp_mask;
	__u8 sq_log_size;
	__u8 rq_log_size;
	__u8 rq_log_stride;
	__u8 reserved_07[1];
	__aligned_u64 sq_va;
	__aligned_u64 rq_va;
};

struct tern_create_qp_resp {
	__u32 comp_mask;
	__u32 qpn;
};

/*
 * The address resolved. All else that struct tern_hw_sq_ud_wqe wants is known to who asked, and the
 * source addresses and the VLAN are those of the GID table.
 */
struct tern_create_ah_resp {
	__u32 comp_mask;
	__u8 dmac[6];			/* destination MAC address, as on the wire */
	__u8 reserved_0a[6];
};

#endif /* TERN_ABI_USER_H */
