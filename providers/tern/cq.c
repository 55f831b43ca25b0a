// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Completion queues
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <util/compiler.h>

#include "doorbells.h"
#include "tern.h"

/* Anonymous memory: at a page boundary, zeroed, and of whole pages */
static int alloc_ring(struct tern_ring *ring, uint32_t log_size)
{
	size_t bytes = tern_cq_ring_bytes(log_size);
	int ret;

	ring->log_size = log_size;
	ring->buf = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	if (ring->buf == MAP_FAILED)
		return errno;

	/* The device keeps writing to these pages, so they must stay the parent's */
	ret = ibv_dontfork_range(ring->buf, bytes);
	if (ret)
		munmap(ring->buf, bytes);
	return ret;
}

static void free_ring(struct tern_ring *ring)
{
	size_t bytes = tern_cq_ring_bytes(ring->log_size);

	ibv_dofork_range(ring->buf, bytes);
	munmap(ring->buf, bytes);
}

static int exec_create(struct ibv_context *ctx, struct tern_cq *cq, int entries,
		       struct ibv_comp_channel *channel, int comp_vector)
{
	struct tern_cmd_create_cq_resp resp = {};
	struct tern_cmd_create_cq cmd = {
		.log_size = cq->ring.log_size,
		.ring_va = (uintptr_t)cq->ring.buf,
	};
	int ret;

	ret = ibv_cmd_create_cq(ctx, entries, channel, comp_vector, &cq->ibv_cq, &cmd.ibv_cmd,
				sizeof(cmd), &resp.ibv_resp, sizeof(resp));
	cq->cqn = resp.cqn;
	return ret;
}

struct ibv_cq *tern_create_cq(struct ibv_context *ibv_ctx, int entries,
			      struct ibv_comp_channel *channel, int comp_vector)
{
	struct tern_context *ctx = to_tern_context(ibv_ctx);
	uint32_t log_size = 0;
	struct tern_cq *cq;
	int ret;

	if (entries > 0)
		log_size = tern_cq_log_size(entries, ctx->max_log_cqe);
	if (!log_size) {
		errno = EINVAL;
		return NULL;
	}

	cq = calloc(1, sizeof(*cq));
	if (!cq)
		return NULL;
	cq->doorbells = ctx->doorbells;

	ret = pthread_spin_init(&cq->lock, PTHREAD_PROCESS_PRIVATE);
	if (ret)
		goto err_free_cq;
	ret = alloc_ring(&cq->ring, log_size);
	if (ret)
		goto err_destroy_lock;
	ret = exec_create(ibv_ctx, cq, entries, channel, comp_vector);
	if (ret)
		goto err_free_ring;
	return &cq->ibv_cq;

err_free_ring:
	free_ring(&cq->ring);
err_destroy_lock:
	pthread_spin_destroy(&cq->lock);
err_free_cq:
	free(cq);
	errno = ret;
	return NULL;
}

int tern_destroy_cq(struct ibv_cq *ibv_cq)
{
	struct tern_cq *cq = to_tern_cq(ibv_cq);
	int ret;

	ret = ibv_cmd_destroy_cq(ibv_cq);
	if (ret)
		return ret;
	free_ring(&cq->ring);
	pthread_spin_destroy(&cq->lock);
	free(cq);
	return 0;
}

int tern_modify_cq(struct ibv_cq *ibv_cq, struct ibv_modify_cq_attr *attr)
{
	struct ibv_modify_cq cmd = {};

	return ibv_cmd_modify_cq(ibv_cq, attr, &cmd, sizeof(cmd));
}

/* The next entry that the device wrote, or NULL */
static const struct tern_hw_cqe *next_cqe(const struct tern_cq *cq)
{
	const struct tern_hw_cqe *cqe = tern_ring_cqe(&cq->ring);

	if (!tern_ring_cqe_is_new(&cq->ring, le64toh(cqe->info)))
		return NULL;

	/* The rest of the entry is read after the polarity that says it is new */
	udma_from_device_barrier();
	return cqe;
}

static void consume_cqe(struct tern_cq *cq)
{
	cq->ring.index++;
	if (tern_ring_must_tell(&cq->ring, cq->told))
		tern_ring_cq_doorbell(cq, TERN_HW_CQ_MODE_DISABLED);
}

/*
 * Completions of queue pairs that exist no more belong to nobody and are dropped; there
 * are no others before the device has queue pairs.
 */
int tern_poll_cq(struct ibv_cq *ibv_cq, int num_entries, struct ibv_wc *wc)
{
	struct tern_cq *cq = to_tern_cq(ibv_cq);

	pthread_spin_lock(&cq->lock);
	while (next_cqe(cq))
		consume_cqe(cq);
	pthread_spin_unlock(&cq->lock);
	return 0;
}

/* Fires at once if the condition has been met already, so no completion is missed */
int tern_req_notify_cq(struct ibv_cq *ibv_cq, int solicited_only)
{
	struct tern_cq *cq = to_tern_cq(ibv_cq);

	pthread_spin_lock(&cq->lock);
	tern_ring_cq_doorbell(cq, solicited_only ? TERN_HW_CQ_MODE_SOLICITED :
						   TERN_HW_CQ_MODE_CONFIGURED);
	pthread_spin_unlock(&cq->lock);
	return 0;
}
