/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Random messages on many connections, and the scoreboard that knows what must come of each: the
 * bytes, one CQE per request that wants one, in order and right in every field, and nothing else
 * anywhere in memory.
 *
 *	rdma_traffic.c	connections, and the loop that posts and polls
 *	rdma_post.c	what to post: makes requests and remembers what they must do
 *	rdma_score.c	what comes back
 */
#ifndef RDMA_TRAFFIC_H
#define RDMA_TRAFFIC_H

#include "rdma_area.h"

#define MAX_LINKS 32u
#define MSGS 512u	/* more than slots of a send queue */
#define RECVS 256u	/* more than entries of a receive queue */
#define TRAFFIC_CQS 4u	/* of each node */
#define GROUPS 2u	/* protection domains of a node */
#define GROUP_AREAS 5u
#define WORDS 4u	/* for atomics of one QP */
#define COUNTER_MAX (1u << 18)

struct traffic_config {
	uint32_t links;		/* at most MAX_LINKS */
	uint32_t long_links;	/* of them with messages of up to 1.2 MB */
	bool late;		/* receives may come after what they are for: RNR NAKs */
	uint32_t timeout;	/* local ACK timeout */
	bool fixed;		/* the attributes of conn for all, else anything */
	struct conn conn;
	uint32_t long_pct;	/* messages out of long_len */
	uint32_t long_len;
};

/* Out of which a request takes its pieces */
enum { SL_LOCAL0, SL_LOCAL1, SL_TARGET, SL_FAST, SL_PEER_FAST, SLICES };

/* Part of an area that an entry names */
struct piece {
	struct area *area;
	uint64_t offset;
	uint64_t va;
	uint32_t len, key;
};

enum word_kind { WORD_NONE, WORD_OWN, WORD_COUNTER };

/* A request that is posted and not complete */
struct msg {
	enum tern_hw_wqe_op op;
	bool signaled;
	uint16_t wqe;
	uint32_t slots, len, num;
	uint64_t seed;
	struct piece piece[MAX_SGE];
	struct piece remote;
	enum word_kind word;
	uint64_t value;		/* WORD_OWN: what was there before */
	uint64_t marks[SLICES];	/* heads of the slices behind it */
};

struct recv {
	uint16_t wqe;
	uint32_t num, capacity;
	struct piece piece[MAX_SGE];
	uint64_t mark;
};

/* A request that takes a receive of the other side */
struct arrival {
	enum tern_hw_wqe_op op;
	uint32_t len, imm;
	bool solicited;
	uint64_t seed, msg;	/* msg: number of the request */
	struct piece remote;	/* write_imm */
};

enum fast_state {
	FAST_NONE,	/* this side has no fast region */
	FAST_FREE,
	FAST_REG,	/* reg_mr is posted: its own requests may use it */
	FAST_READY,	/* it is complete: the peer may */
	FAST_DRAIN,	/* nobody uses it any more */
	FAST_LOCAL_INV,	/* posted */
	FAST_REMOTE_INV
};

/* A region that is registered and invalidated by work requests again and again */
struct fast {
	enum fast_state state;
	struct area area;
	struct slice local, remote;	/* for requests of its owner, and of the peer */
	uint64_t local_last, remote_last;	/* numbers of the last requests that use it, plus 1 */
};

struct side {
	struct qp qp;
	struct link *link;
	struct side *peer;
	struct group *group;		/* its own memory */
	bool priv;
	struct slice local[2];		/* here, for its requests */
	struct slice target;		/* at the peer, for its requests */
	struct slice recv_slice;	/* here */
	struct area *word_area;		/* at the peer */
	uint64_t word_offset[WORDS], word_value[WORDS];
	struct fast fast;

	struct msg msgs[MSGS];
	uint64_t posted, done;		/* numbers of requests */
	uint32_t used_slots, quiet_slots;	/* of all outstanding; not signalled since the last that is */
	struct recv recvs[RECVS];
	uint64_t recv_posted, recv_done;
	struct arrival arrivals[MSGS];
	uint64_t arrival_posted;	/* as many are done as of recvs */
};

struct link {
	struct side side[NODES];
	struct conn conn;
	bool is_long;
	uint32_t max_len;
};

struct group {
	uint32_t pd;
	struct area areas[GROUP_AREAS];
	struct area *counter_area;
	uint64_t counter_offset;
	uint64_t counter_posted, counter_seen;
	uint8_t *seen;		/* a byte for each value that came back */
};

struct traffic {
	struct traffic_config config;
	struct link *links;
	struct group groups[NODES][GROUPS];
	struct area priv[NODES];	/* only key and attributes: all of memory */
	struct cq cqs[NODES][TRAFFIC_CQS];
	bool by_event[NODES][TRAFFIC_CQS];
	struct side *by_qpn[NODES][NODE_QPS];
	uint32_t next_mr[NODES];
	uint64_t goal, posted, done;	/* messages of all links */
	uint64_t bytes, completions, receives;
	uint64_t progress;		/* when something came back last, ns */
	uint64_t by_op[32];
};

extern struct traffic traffic;

/* Once, after node_bring_up() of both */
void traffic_init(void);
/* New connections */
void traffic_start(const struct traffic_config *config);
/* So many more messages may be posted */
void traffic_allow(uint64_t messages);
/* Posts and polls once, and lets some cycles pass */
void traffic_step(void);
bool traffic_is_done(void);
/* Until all that is allowed is posted and complete */
void traffic_run(uint64_t messages);
/* Looks at all memory and counters, and takes the connections down */
void traffic_stop(void);

/* Not for programs */
bool post_message(struct side *side);
bool post_receive(struct side *side);
bool post_fast(struct side *side);
void post_last(struct side *side);
void score_cqe(uint32_t node, const struct cqe *cqe);
struct msg *side_msg(struct side *side, uint64_t number);
void side_slices(struct side *side, struct slice *slices[SLICES]);

#endif
