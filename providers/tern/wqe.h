/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Entries of send and receive queues: sizes and contents
 *
 * The first slot of a send queue entry holds 2 SGEs or 32 B of inline data at its end, of UD QPs
 * 1 SGE or 16 B, each further one 4 SGEs or 64 B; so all of them are contiguous, unless the entry begins at the
 * end of the ring and goes on at its start.
 */

#ifndef TERN_WQE_H
#define TERN_WQE_H

#include <string.h>

#include <util/compiler.h>

#include "tern.h"

#define TERN_SLOT_BYTES		((uint32_t)sizeof(struct tern_hw_sq_wqe))
#define TERN_FIRST_SGES		2u
#define TERN_SLOT_SGES		4u
#define TERN_FIRST_INLINE	32u
#define TERN_UD_FIRST_SGES	1u
#define TERN_UD_FIRST_INLINE	16u
#define TERN_MAX_SGE		16u	/* of an entry of either queue */
#define TERN_MAX_INLINE		224u

#define TERN_SHIFT(mask)	__builtin_ctzll(mask)

/* Slots for up to TERN_MAX_SGE SGEs */
static inline uint32_t tern_sge_slots(uint32_t num_sge)
{
	return (num_sge + 2 * TERN_SLOT_SGES - TERN_FIRST_SGES - 1) / TERN_SLOT_SGES;
}

/* Slots for up to TERN_MAX_INLINE bytes */
static inline uint32_t tern_inline_slots(uint32_t bytes)
{
	return (bytes + 2 * TERN_SLOT_BYTES - TERN_FIRST_INLINE - 1) / TERN_SLOT_BYTES;
}

/* Likewise for UD QPs */
static inline uint32_t tern_ud_sge_slots(uint32_t num_sge)
{
	return (num_sge + 2 * TERN_SLOT_SGES - TERN_UD_FIRST_SGES - 1) / TERN_SLOT_SGES;
}

static inline uint32_t tern_ud_inline_slots(uint32_t bytes)
{
	return (bytes + 2 * TERN_SLOT_BYTES - TERN_UD_FIRST_INLINE - 1) / TERN_SLOT_BYTES;
}

static inline struct tern_hw_sq_wqe *tern_sq_slot(const struct tern_sq *sq, uint32_t index)
{
	return (struct tern_hw_sq_wqe *)sq->buf + (index & sq->mask);
}

/* Slots that may be written now. Acquire: what was kept of their requests was read before */
static inline uint32_t tern_sq_free(struct tern_sq *sq, uint32_t head)
{
	return sq->mask + 1 - (head - atomic_load_explicit(&sq->tail, memory_order_acquire));
}

/* 1 in the first pass over the ring, flips with every wrap */
static inline uint64_t tern_sq_polarity(const struct tern_sq *sq, uint32_t index)
{
	static_assert(TERN_HW_SQ_WQE_HDR_POLARITY_MASK == 1ull << 63, "polarity");
	return (uint64_t)(~index >> sq->log_size) << 63;
}

#define TERN_HDR_FLAGS(flags) \
	(((flags) & (IBV_SEND_SIGNALED | IBV_SEND_SOLICITED)) << 12 | \
	 ((flags) & IBV_SEND_FENCE) << 15)

/* IBV_SEND_FENCE, _SIGNALED and _SOLICITED; there are no others */
static inline uint64_t tern_hdr_flags(uint32_t flags)
{
	static const uint16_t bits[IBV_SEND_INLINE] = {
		TERN_HDR_FLAGS(0), TERN_HDR_FLAGS(1), TERN_HDR_FLAGS(2), TERN_HDR_FLAGS(3),
		TERN_HDR_FLAGS(4), TERN_HDR_FLAGS(5), TERN_HDR_FLAGS(6), TERN_HDR_FLAGS(7),
	};

	static_assert(IBV_SEND_FENCE == 1 && IBV_SEND_SIGNALED == 2 && IBV_SEND_SOLICITED == 4 &&
		      IBV_SEND_INLINE == 8, "flags of verbs");
	static_assert(TERN_HW_SQ_WQE_HDR_SIGNALED_MASK == IBV_SEND_SIGNALED << 12 &&
		      TERN_HW_SQ_WQE_HDR_SOLICITED_MASK == IBV_SEND_SOLICITED << 12 &&
		      TERN_HW_SQ_WQE_HDR_FENCE_MASK == IBV_SEND_FENCE << 15, "flags of the device");
	return bits[flags];
}

static inline uint64_t tern_hdr_slots(uint32_t slots)
{
	return (uint64_t)slots << TERN_SHIFT(TERN_HW_SQ_WQE_HDR_SLOTS_MASK);
}

static inline uint64_t tern_hdr_sges(uint32_t num_sge)
{
	return (uint64_t)num_sge << TERN_SHIFT(TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK);
}

static inline uint64_t tern_hdr_inline(uint32_t bytes)
{
	return (uint64_t)bytes << TERN_SHIFT(TERN_HW_SQ_WQE_HDR_INL_LEN_MASK) |
	       TERN_HW_SQ_WQE_HDR_INL_MASK;
}

/* The four bytes of immediate data keep their order in memory */
static inline uint64_t tern_keys_imm(__be32 imm)
{
	return (uint64_t)le32toh((uint32_t)imm) << TERN_SHIFT(TERN_HW_SQ_WQE_KEYS_IMM_MASK);
}

static inline uint64_t tern_keys_inv(uint32_t key)
{
	return (uint64_t)key << TERN_SHIFT(TERN_HW_SQ_WQE_KEYS_IMM_MASK);
}

/* 64 bits, since each length may be 32 bits */
static inline uint64_t tern_total_length(const struct ibv_send_wr *wr)
{
	uint64_t bytes = 0;
	int i;

	for (i = 0; i < wr->num_sge; i++)
		bytes += wr->sg_list[i].length;
	return bytes;
}

static inline void tern_put_sge(struct tern_hw_sge *to, uint64_t addr, uint32_t length,
				uint32_t lkey)
{
	to->addr = htole64(addr);
	to->len_key = htole64(length |
			      (uint64_t)lkey << TERN_SHIFT(TERN_HW_SGE_LEN_KEY_LKEY_MASK));
}

/* An SGE of verbs; where the host is little-endian too, it is one of the device as it is */
static inline void tern_copy_sge(struct tern_hw_sge *to, const struct ibv_sge *sge)
{
	static_assert(sizeof(*to) == sizeof(*sge) && offsetof(struct ibv_sge, addr) == 0 &&
		      offsetof(struct ibv_sge, length) == 8 &&
		      offsetof(struct ibv_sge, lkey) == 12, "layout of an SGE");
	if (__BYTE_ORDER == __LITTLE_ENDIAN)
		memcpy(to, sge, sizeof(*to));
	else
		tern_put_sge(to, sge->addr, sge->length, sge->lkey);
}

static inline void tern_put_sges(const struct tern_sq *sq, struct tern_hw_sq_wqe *wqe,
				 const struct ibv_sge *sge, uint32_t num)
{
	struct tern_hw_sge *to = (struct tern_hw_sge *)wqe->data;
	const struct ibv_sge *last = sge + num;
	const void *end;

	/* One, which is most often so, and two need no look at the end of the ring */
	if (num) {
		tern_copy_sge(to++, sge++);
		if (sge == last)
			return;
		tern_copy_sge(to++, sge++);
	}
	end = (struct tern_hw_sq_wqe *)sq->buf + sq->mask + 1;
	for (; sge < last; sge++) {
		if (unlikely(to == end))
			to = (struct tern_hw_sge *)sq->buf;
		tern_copy_sge(to++, sge);
	}
}

/* Up to TERN_FIRST_INLINE bytes, without a call */
static inline void tern_copy_small(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
	uint32_t size;

	static_assert(TERN_FIRST_INLINE == 32, "the largest piece");
#pragma GCC unroll 6
	for (size = 32; size; size /= 2) {
		if (bytes & size) {
			memcpy(to, from, size);
			to += size;
			from += size;
		}
	}
}

/* Copy to where inline data goes on; returns where that is then */
static inline uint8_t *tern_put_inline(const struct tern_sq *sq, uint8_t *to, const void *from,
				       uint32_t bytes)
{
	uint8_t *end = sq->buf + ((size_t)sq->mask + 1) * TERN_SLOT_BYTES;
	size_t room = end - to;

	if (likely(bytes < room)) {
		memcpy(to, from, bytes);
		return to + bytes;
	}
	memcpy(to, from, room);
	memcpy(sq->buf, (const uint8_t *)from + room, bytes - room);
	return sq->buf + bytes - room;
}

static inline void tern_put_inline_sges(const struct tern_sq *sq, uint8_t *to,
					const struct ibv_send_wr *wr)
{
	int i;

	for (i = 0; i < wr->num_sge; i++)
		to = tern_put_inline(sq, to, (const void *)(uintptr_t)wr->sg_list[i].addr,
				     wr->sg_list[i].length);
}

#endif
