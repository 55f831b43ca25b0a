// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Queries, protection and thread domains, memory for rings
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <util/util.h>

#include "tern.h"

#define RING_ALIGNMENT	4096u	/* a page of the device */

/* Take the lock that somebody else has. To look at it does not take its line away from them */
void tern_spin(struct tern_lock *lock)
{
	do {
		while (atomic_load_explicit(&lock->taken, memory_order_relaxed)) {
#if defined(__x86_64__) || defined(__i386__)
			__builtin_ia32_pause();
#elif defined(__aarch64__)
			__asm__ volatile("yield");
#endif
		}
	} while (atomic_exchange_explicit(&lock->taken, true, memory_order_acquire));
}

int tern_query_device_ex(struct ibv_context *ctx,
			 const struct ibv_query_device_ex_input *input,
			 struct ibv_device_attr_ex *attr, size_t attr_size)
{
	struct ib_uverbs_ex_query_device_resp resp = {};
	size_t resp_size = sizeof(resp);
	int ret;

	ret = ibv_cmd_query_device_any(ctx, input, attr, attr_size, &resp, &resp_size);
	if (ret)
		return ret;

	/* What stands for the firmware is the version of the hardware itself */
	snprintf(attr->orig_attr.fw_ver, sizeof(attr->orig_attr.fw_ver), "%u.%u",
		 (unsigned int)FIELD_GET(TERN_HW_REG_VERSION_MAJOR_MASK, resp.base.fw_ver),
		 (unsigned int)FIELD_GET(TERN_HW_REG_VERSION_MINOR_MASK, resp.base.fw_ver));
	return 0;
}

int tern_query_port(struct ibv_context *ctx, uint8_t port, struct ibv_port_attr *attr)
{
	struct ibv_query_port cmd = {};

	return ibv_cmd_query_port(ctx, port, attr, &cmd, sizeof(cmd));
}

struct ibv_pd *tern_alloc_pd(struct ibv_context *ctx)
{
	struct tern_cmd_alloc_pd_resp resp = {};
	struct ibv_alloc_pd cmd = {};
	struct tern_pd *pd;

	pd = calloc(1, sizeof(*pd));
	if (!pd)
		return NULL;

	if (ibv_cmd_alloc_pd(ctx, &pd->ibv_pd, &cmd, sizeof(cmd), &resp.ibv_resp,
			     sizeof(resp))) {
		free(pd);
		return NULL;
	}
	pd->pdn = resp.pdn;
	return &pd->ibv_pd;
}

static int dealloc_parent_domain(struct tern_pd *parent)
{
	if (atomic_load(&parent->users))
		return EBUSY;
	atomic_fetch_sub(&parent->contained->users, 1);
	if (parent->td)
		atomic_fetch_sub(&parent->td->users, 1);
	free(parent);
	return 0;
}

int tern_dealloc_pd(struct ibv_pd *ibv_pd)
{
	struct tern_pd *pd = to_tern_pd(ibv_pd);
	int ret;

	if (pd->contained)
		return dealloc_parent_domain(pd);
	if (atomic_load(&pd->users))
		return EBUSY;

	ret = ibv_cmd_dealloc_pd(ibv_pd);
	if (ret)
		return ret;
	free(pd);
	return 0;
}

/* The promise of a program that the objects with this domain are used by one thread */
struct ibv_td *tern_alloc_td(struct ibv_context *ctx, struct ibv_td_init_attr *attr)
{
	struct tern_td *td;

	if (attr->comp_mask) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	td = calloc(1, sizeof(*td));
	if (!td)
		return NULL;
	td->ibv_td.context = ctx;
	return &td->ibv_td;
}

int tern_dealloc_td(struct ibv_td *ibv_td)
{
	struct tern_td *td = to_tern_td(ibv_td);

	if (atomic_load(&td->users))
		return EBUSY;
	free(td);
	return 0;
}

struct ibv_pd *tern_alloc_parent_domain(struct ibv_context *ctx,
					struct ibv_parent_domain_init_attr *attr)
{
	struct tern_pd *parent;

	if (ibv_check_alloc_parent_domain(attr))
		return NULL;
	if (attr->comp_mask & ~(uint32_t)(IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS |
					  IBV_PARENT_DOMAIN_INIT_ATTR_PD_CONTEXT)) {
		errno = EOPNOTSUPP;
		return NULL;
	}
	if (to_tern_pd(attr->pd)->contained || attr->pd->context != ctx ||
	    ((attr->comp_mask & IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS) &&
	     (!attr->alloc || !attr->free))) {
		errno = EINVAL;
		return NULL;
	}

	parent = calloc(1, sizeof(*parent));
	if (!parent)
		return NULL;
	parent->contained = to_tern_pd(attr->pd);
	parent->pdn = parent->contained->pdn;
	atomic_fetch_add(&parent->contained->users, 1);
	if (attr->td) {
		parent->td = to_tern_td(attr->td);
		atomic_fetch_add(&parent->td->users, 1);
	}
	if (attr->comp_mask & IBV_PARENT_DOMAIN_INIT_ATTR_ALLOCATORS) {
		parent->alloc = attr->alloc;
		parent->free = attr->free;
	}
	if (attr->comp_mask & IBV_PARENT_DOMAIN_INIT_ATTR_PD_CONTEXT)
		parent->pd_context = attr->pd_context;
	ibv_initialize_parent_domain(&parent->ibv_pd, attr->pd);
	return &parent->ibv_pd;
}

/*
 * Anonymous memory: at a page boundary, zeroed, and of whole pages. The device keeps to
 * these pages, so they must stay the parent's in a fork. Returns NULL and sets errno.
 */
static void *alloc_pages(size_t bytes)
{
	void *buf;
	int ret;

	buf = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buf == MAP_FAILED)
		return NULL;

	ret = ibv_dontfork_range(buf, bytes);
	if (ret) {
		munmap(buf, bytes);
		errno = ret;
		return NULL;
	}
	return buf;
}

/*
 * Memory of a ring, zeroed. The program's allocator, if the parent domain has one, may leave it
 * to us; whether its memory survives a fork is the program's business. parent may be NULL.
 */
void *tern_alloc_ring(struct tern_pd *parent, size_t bytes, enum tern_resource what, bool *lent)
{
	void *buf;

	*lent = false;
	if (!parent || !parent->alloc)
		return alloc_pages(bytes);

	buf = parent->alloc(&parent->ibv_pd, parent->pd_context, bytes, RING_ALIGNMENT, what);
	if (buf == IBV_ALLOCATOR_USE_DEFAULT)
		return alloc_pages(bytes);
	if (!buf) {
		errno = ENOMEM;
		return NULL;
	}
	if ((uintptr_t)buf % RING_ALIGNMENT) {
		parent->free(&parent->ibv_pd, parent->pd_context, buf, what);
		errno = EINVAL;
		return NULL;
	}
	*lent = true;
	return memset(buf, 0, bytes);
}

void tern_free_ring(struct tern_pd *parent, void *buf, size_t bytes, enum tern_resource what,
		    bool lent)
{
	if (lent) {
		parent->free(&parent->ibv_pd, parent->pd_context, buf, what);
		return;
	}
	ibv_dofork_range(buf, bytes);
	munmap(buf, bytes);
}
