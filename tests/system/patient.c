// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * LD_PRELOAD=patient.so PROGRAM: a verbs program with the patience that a test needs, where the
 * program has no option for it.
 *
 * TIMEOUT=N    ACK timeout of its connections, 4 us * 2^N. The default is 21, which nobody meets:
 *              ibv_rc_pingpong's own 67 ms are little where a guest and its simulators share
 *              processors with others, and a test that wants to see that nothing was sent twice
 *              would then see the machine's load.
 * LINGER=N     seconds that a QP or an address handle lives on before it is destroyed (default 0).
 *              On a wire that loses frames the peer may miss the last ACK, and repeats its last
 *              request to a QP that should still be there to answer. And mckey destroys all
 *              without waiting for its sends to complete, which Soft-RoCE then forgets.
 */

#include <dlfcn.h>
#include <errno.h>
#include <infiniband/verbs.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT		21
#define VERSION		"IBVERBS_1.1"

typedef int modify_fn(struct ibv_qp *qp, struct ibv_qp_attr *attr, int mask);
typedef int destroy_qp_fn(struct ibv_qp *qp);
typedef int destroy_ah_fn(struct ibv_ah *ah);

static unsigned int setting(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 0) : otherwise;
}

int ibv_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int mask)
{
	modify_fn *modify = (modify_fn *)dlvsym(RTLD_NEXT, "ibv_modify_qp", VERSION);
	struct ibv_qp_attr patient = *attr;

	if (!modify)
		return EOPNOTSUPP;
	if (mask & IBV_QP_TIMEOUT)
		patient.timeout = (uint8_t)setting("TIMEOUT", DEFAULT_TIMEOUT);
	return modify(qp, &patient, mask);
}

int ibv_destroy_qp(struct ibv_qp *qp)
{
	destroy_qp_fn *destroy = (destroy_qp_fn *)dlvsym(RTLD_NEXT, "ibv_destroy_qp", VERSION);

	if (!destroy)
		return EOPNOTSUPP;
	sleep(setting("LINGER", 0));
	return destroy(qp);
}

int ibv_destroy_ah(struct ibv_ah *ah)
{
	destroy_ah_fn *destroy = (destroy_ah_fn *)dlvsym(RTLD_NEXT, "ibv_destroy_ah", VERSION);

	if (!destroy)
		return EOPNOTSUPP;
	sleep(setting("LINGER", 0));
	return destroy(ah);
}
