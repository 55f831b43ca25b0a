// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Only compiled, once per kind of process: places and sizes of what passes through uverbs are the
 * same for all of them, there are no holes without a name, and the sizes are multiples of 8.
 */

#include <stddef.h>

#include "tern-abi.h"

#define AT(type, member, offset) \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member)
#define SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size) && (size) % 8 == 0, #type)

AT(tern_alloc_ucontext_req, comp_mask, 0);
AT(tern_alloc_ucontext_req, reserved_04, 4);
SIZE(tern_alloc_ucontext_req, 8);

AT(tern_alloc_ucontext_resp, comp_mask, 0);
AT(tern_alloc_ucontext_resp, doorbell_size, 4);
AT(tern_alloc_ucontext_resp, doorbell_key, 8);
AT(tern_alloc_ucontext_resp, hw_version, 16);
AT(tern_alloc_ucontext_resp, max_log_cqe, 20);
AT(tern_alloc_ucontext_resp, push_key, 24);
AT(tern_alloc_ucontext_resp, push_size, 32);
AT(tern_alloc_ucontext_resp, max_log_sq, 36);
AT(tern_alloc_ucontext_resp, max_log_rq, 37);
AT(tern_alloc_ucontext_resp, max_inline, 38);
AT(tern_alloc_ucontext_resp, status_key, 40);
AT(tern_alloc_ucontext_resp, status_size, 48);
AT(tern_alloc_ucontext_resp, reserved_34, 52);
SIZE(tern_alloc_ucontext_resp, 56);

AT(tern_alloc_pd_resp, comp_mask, 0);
AT(tern_alloc_pd_resp, pdn, 4);
SIZE(tern_alloc_pd_resp, 8);

AT(tern_create_cq_req, comp_mask, 0);
AT(tern_create_cq_req, log_size, 4);
AT(tern_create_cq_req, ring_va, 8);
SIZE(tern_create_cq_req, 16);

AT(tern_create_cq_resp, comp_mask, 0);
AT(tern_create_cq_resp, cqn, 4);
SIZE(tern_create_cq_resp, 8);

AT(tern_create_qp_req, comp_mask, 0);
AT(tern_create_qp_req, sq_log_size, 4);
AT(tern_create_qp_req, rq_log_size, 5);
AT(tern_create_qp_req, rq_log_stride, 6);
AT(tern_create_qp_req, reserved_07, 7);
AT(tern_create_qp_req, sq_va, 8);
AT(tern_create_qp_req, rq_va, 16);
SIZE(tern_create_qp_req, 24);

AT(tern_create_qp_resp, comp_mask, 0);
AT(tern_create_qp_resp, qpn, 4);
SIZE(tern_create_qp_resp, 8);

AT(tern_create_ah_resp, comp_mask, 0);
AT(tern_create_ah_resp, dmac, 4);
AT(tern_create_ah_resp, reserved_0a, 10);
SIZE(tern_create_ah_resp, 16);
