// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * LD_PRELOAD=patient.so PROGRAM: every connection of a verbs program gets an ACK timeout of
 * 4 us * 2^21, which nobody meets. ibv_rc_pingpong has it fixed at 67 ms, which is little where
 * a guest and its simulators share processors with others; a test that wants to see that nothing
 * was sent twice would then see the machine's load.
 */

#include <dlfcn.h>
#include <errno.h>
#include <infiniband/verbs.h>

#define TIMEOUT		21
#define VERSION		"IBVERBS_1.1"

typedef int modify_fn(struct ibv_qp *qp, struct ibv_qp_attr *attr, int mask);

int ibv_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int mask)
{
	modify_fn *modify = (modify_fn *)dlvsym(RTLD_NEXT, "ibv_modify_qp", VERSION);
	struct ibv_qp_attr patient = *attr;

	if (!modify)
		return EOPNOTSUPP;
	if (mask & IBV_QP_TIMEOUT)
		patient.timeout = TIMEOUT;
	return modify(qp, &patient, mask);
}
