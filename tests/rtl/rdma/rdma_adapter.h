/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A driver for two adapters, for programs on top of rdma_bus.h: what kernel module and provider
 * do, with all choices open to the caller. Names and layouts are those of tern_hw.h.
 *
 * How a program goes:
 *
 *	node_bring_up(i)			registers, CQP, host memory cache, AEQ, GIDs
 *	cq_create(), mr_create(), qp_create()	on both nodes
 *	qp_connect(a, b, &conn)			INIT, RTR, RTS of both
 *	qp_post_recv(), qp_ring_rq()		any number of entries, then one doorbell
 *	qp_post_send(), qp_ring_sq()
 *	cq_poll()				until it is true
 *
 * Functions without a result fail() if the adapter refuses; those that end in _try tell. All
 * addresses of host memory ("bus addresses") are of one space for both nodes, see tb_mem.h; they
 * are never given back. Objects of the caller must stay where they are.
 */
#ifndef RDMA_ADAPTER_H
#define RDMA_ADAPTER_H

#include "rdma_bus.h"
#include "tern_hw.h"

#define NODE_QPS 256u		/* QPNs 2 to 255 */
#define NODE_CQS 256u
#define NODE_MRS 1024u		/* index of a region: 1 to 1023 */
#define NODE_PBLES (1u << 17)
#define PBLE_BLOCK 512u		/* entries of a block of a two-level list */
#define MAX_SGE 16u
#define MAX_INLINE 224u
#define PUSH_SLOTS 64u

/* Entries of the GID table that node_bring_up() makes */
#define ALL_QPNS 0xffffffu	/* destination of packets to groups */

enum gid { GID_IPV4, GID_IPV6, GID_IPV4_VLAN, GID_IPV6_VLAN, GIDS };

/* ------------------------------------------------------------------ memory and commands */

/* Resets nothing: to be called once for each node. Segments of the host memory cache are blocks of
 * 2 MiB, or go through page descriptors
 */
void node_bring_up(uint32_t node, bool paged_hmc);

/* Zeroed memory that the adapter may read and write; a power of two as alignment, 4096 at least.
 * It is contiguous, and 4 KiB behind it are not accessible
 */
uint64_t node_alloc(uint32_t node, uint64_t bytes, uint64_t align);

/* Page-list entries: index of the first, a multiple of align (8 at least) */
uint32_t node_alloc_pbles(uint32_t node, uint32_t count, uint32_t align);
void node_put_pble(uint32_t node, uint32_t index, uint64_t value);

/* A command of the CQP: words 1 to 7 of wqe are its arguments. The outcome is struct cqp_err as
 * the register has it; 0 is success
 */
uint32_t node_command_try(uint32_t node, enum tern_hw_cqp_op op, uint32_t id, const uint64_t wqe[8],
			  uint64_t *result);
void node_command(uint32_t node, enum tern_hw_cqp_op op, uint32_t id, const uint64_t wqe[8]);

/* Counters, indexed by enum tern_hw_stat */
struct stats {
	uint64_t counter[64];
};

void node_stats(uint32_t node, struct stats *stats);
const char *stat_name(uint32_t stat);

uint64_t node_mac(uint32_t node);
void node_gid(uint32_t node, enum gid gid, uint8_t octets[16]);
bool gid_is_ipv4(enum gid gid);
uint32_t gid_vid(enum gid gid);		/* 0: without VLAN tag */
/* ATTACH_MCAST or DETACH_MCAST; returns major and minor as node_command_try() does */
uint32_t node_group_try(uint32_t node, enum tern_hw_cqp_op op, uint32_t qpn, const uint8_t group[16], bool no_own,
			uint64_t *result);
uint64_t group_mac(bool ipv4, const uint8_t group[16]);	/* RFC 1112, RFC 2464 */

/* ------------------------------------------------------------------------------- queues */

/* Where a ring is: contiguous, or in pages here and there that a page list names */
struct ring {
	uint32_t node;
	uint32_t level;
	uint32_t page_shift;	/* of level 1 */
	uint64_t place;		/* for the command: bus address or first page-list entry */
	uint64_t pages[64];	/* bus addresses; level 0: the first only */
};

void ring_create(struct ring *ring, uint32_t node, uint64_t bytes, uint32_t level);
uint64_t ring_at(const struct ring *ring, uint64_t offset);
/* The adapter may only read it from now on */
void ring_protect(const struct ring *ring, uint64_t bytes);

struct cq {
	uint32_t node, num, page, log_size;
	uint32_t consumer;	/* entries taken since the start */
	uint32_t told;		/* as the last doorbell told */
	struct ring ring;
};

struct cqe {
	uint64_t timestamp;
	uint32_t len, imm;
	uint32_t qpn, opcode, wqe_index;
	enum tern_hw_wc_status status;
	bool rq, solicited, with_imm, with_inv;
	/* UD */
	uint32_t src_qpn, tci;
	bool grh, ipv4, vlan;
};

/* ceq: NO_CEQ or one that was created */
#define NO_CEQ 0xffu
void cq_create(struct cq *cq, uint32_t node, uint32_t num, uint32_t page, uint32_t log_size,
	       uint32_t level, uint32_t ceq);
void cq_destroy(struct cq *cq);
/* Takes an entry if there is one. The adapter is told every quarter of the ring; cq_tell() does it
 * at once
 */
bool cq_poll(struct cq *cq, struct cqe *cqe);
void cq_tell(struct cq *cq);
void cq_arm(struct cq *cq, enum tern_hw_cq_mode mode);

void ceq_create(uint32_t node, uint32_t ceq);
/* The number of a CQ that has an event. The interrupt is not looked at */
bool ceq_poll(uint32_t node, uint32_t ceq, uint32_t *cqn);

struct ae {
	enum tern_hw_ae_code code;
	enum tern_hw_ae_source source;
	uint32_t id;
	uint64_t detail;
	bool overflow;
};

bool ae_poll(uint32_t node, struct ae *ae);

/* To stderr, as a fail_hook: events and counters of all that were brought up */
void show_adapters(void);

/* ------------------------------------------------------------------------------ regions */

struct mr_attr {
	uint64_t va;		/* its part below the page size is kept in the pages */
	uint64_t length;
	uint32_t pd;
	uint32_t access;	/* enum tern_hw_access */
	uint32_t level;		/* 0, 1, 2 */
	uint32_t page_shift;
	bool priv;
	bool fast;		/* alloc_mr: to be registered by a work request */
};

struct mr {
	uint32_t node, index, key;
	struct mr_attr attr;
	uint32_t count;		/* of pages */
	uint64_t *pages;	/* bus addresses; level 0: one, of the first byte */
	uint32_t pbl;		/* first page-list entry */
};

void mr_create(struct mr *mr, uint32_t node, uint32_t index, const struct mr_attr *attr);
/* All of memory, by bus addresses, of what attr says else; there are no pages */
void mr_create_all(struct mr *mr, uint32_t node, uint32_t index, const struct mr_attr *attr);
uint32_t mr_dereg_try(struct mr *mr);
/* Of the byte at offset; *run is how many follow in the same page */
uint64_t mr_bus(const struct mr *mr, uint64_t offset, uint64_t *run);
void mr_put(const struct mr *mr, uint64_t offset, const void *buf, uint64_t len);
void mr_get(const struct mr *mr, uint64_t offset, void *buf, uint64_t len);
/* Page list of a fast region: other pages in the same places, with other contents */
void mr_shuffle(struct mr *mr);
/* Region and its page list are free; the memory is not used again */
void mr_forget(struct mr *mr);

/* -------------------------------------------------------------------------------- QPs */

struct qp_attr {
	uint32_t pd;
	uint32_t page;			/* doorbell page */
	uint32_t log_sq, log_rq, log_stride;
	uint32_t level;			/* of both rings */
	bool priv;
	enum tern_hw_qp_type type;	/* RC if nothing is said */
};

struct qp {
	uint32_t node, qpn;
	struct qp_attr attr;
	struct cq *scq, *rcq;
	struct ring sq, rq;
	uint16_t sq_index, rq_index;	/* producers, as posted */
	bool push_last;			/* the newest entry is one slot */
};

/* Of both directions of a connection; zeroed it is not valid, conn_default() is */
struct conn {
	enum tern_hw_mtu mtu;
	uint32_t max_rd, max_dest_rd;
	uint32_t timeout, retry_cnt, rnr_retry, min_rnr_timer;
	uint32_t access;
	uint32_t psn[NODES];		/* first one sent by the node */
	enum gid gid;
	bool loop;			/* both QPs are the same node's */
	uint32_t sport, hop_limit, tclass, flow_label, pcp;
};

extern const struct conn conn_default;

void qp_create(struct qp *qp, uint32_t node, uint32_t qpn, struct cq *scq, struct cq *rcq,
	       const struct qp_attr *attr);
/* When it was destroyed: the same again, or another kind of it, in its rings */
void qp_create_again(struct qp *qp);
void qp_destroy(struct qp *qp);
/* Writes struct tern_hw_qp_attr for qp, whose peer is dest_qpn of the other node, or of the same with loop */
void qp_fill_attr(const struct qp *qp, uint32_t dest_qpn, const struct conn *conn, uint64_t attr[8]);
uint32_t qp_modify_try(struct qp *qp, uint32_t mask, uint32_t state, const uint64_t attr[8],
		       uint64_t *result);
void qp_modify(struct qp *qp, uint32_t mask, uint32_t state, const uint64_t attr[8]);
/* State alone, of IBTA: RESET, SQD, RTS from SQD, ERR */
void qp_state(struct qp *qp, enum tern_hw_qp_state state);
void qp_to_init(struct qp *qp, const struct conn *conn);
void qp_to_rtr(struct qp *qp, uint32_t dest_qpn, const struct conn *conn);
void qp_to_rts(struct qp *qp, const struct conn *conn);
/* UD and GSI, from RESET to RTS */
void qp_start_ud(struct qp *qp, enum tern_hw_mtu mtu, uint32_t qkey, uint32_t psn);
/* Both from RESET to RTS */
void qp_connect(struct qp *a, struct qp *b, const struct conn *conn);
enum tern_hw_qp_state qp_query(struct qp *qp, uint64_t words[64]);
/* To stderr: what the adapter knows of it */
void show_qp(struct qp *qp);
/* After a change to RESET: posting starts afresh */
void qp_restart(struct qp *qp);

struct sge {
	uint64_t va;
	uint32_t len, key;
};

/* Where a UD message goes */
struct ud_addr {
	uint32_t qpn, qkey, sgid;
	uint32_t flow_label, pcp, tclass, hop_limit;
	uint64_t mac;
	uint8_t dgid[16];
};

#define WR_SIGNALED 1u
#define WR_SOLICITED 2u
#define WR_FENCE 4u
#define WR_INLINE 8u

struct wr {
	enum tern_hw_wqe_op op;
	uint32_t flags;
	uint32_t num_sge;
	struct sge sge[MAX_SGE];
	uint8_t data[MAX_INLINE];	/* with WR_INLINE: data_len bytes */
	uint32_t data_len;
	uint64_t remote;
	uint32_t rkey;			/* local_inv: the key; reg_mr: the new key */
	uint32_t imm;			/* send_inv: the key to invalidate */
	uint64_t operand, compare;	/* of atomics */
	/* reg_mr */
	uint64_t va, length;
	uint32_t access, page_shift;
	const struct ud_addr *ud;	/* QPs of UD, with nothing of remote, rkey */
};

uint32_t wr_slots(const struct wr *wr);
/* len bytes of a region from offset on, cut at random into the num_sge SGEs of wr */
void wr_split(struct wr *wr, const struct mr *mr, uint64_t offset, uint32_t len);
/* Writes the entry into the ring, where there must be room, and returns its index */
uint16_t qp_post_send(struct qp *qp, const struct wr *wr);
void qp_ring_sq(struct qp *qp);
/* The same, by the push page if the newest entry is one slot. The slot is its index modulo
 * PUSH_SLOTS, so an entry so many slots older must be complete
 */
void qp_push_sq(struct qp *qp);
uint16_t qp_post_recv(struct qp *qp, const struct sge *sge, uint32_t count);
void qp_ring_rq(struct qp *qp);

#endif
