/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * A driver for the Ethernet half of both adapters, on top of rdma_bus.h: one queue for each
 * direction, served by interrupts. It compares what a node receives with what it is to expect.
 * Functions fail() if the adapter refuses.
 */
#ifndef RDMA_NETDEV_H
#define RDMA_NETDEV_H

#include "rdma_bus.h"
#include "tern_hw.h"

#define NETDEV_LOG_Q 6u
#define NETDEV_RING (1u << NETDEV_LOG_Q)
#define MAX_FRAME 9018u

enum netdev_cq { NETDEV_ACQ, NETDEV_TX_CQ, NETDEV_RX_CQ, NETDEV_CQS };

struct frame {
	uint32_t len;
	uint8_t bytes[MAX_FRAME];
};

struct netdev {
	uint64_t base;
	uint32_t aq, acq;		/* commands posted, answers taken */
	uint32_t sq, sq_done, asked;	/* descriptors; the last that asked for a completion */
	uint32_t rq, rq_done;
	uint32_t cq[NETDEV_CQS];
	struct frame expect[NETDEV_RING];	/* that the peer sent and this one must get, in order */
	bool maybe[NETDEV_RING];	/* of them: this one need not come */
	uint32_t in, out;
	bool lossy;			/* none of them need come */
	bool pending[NETDEV_CQS];	/* the CQ may hold entries, and is not armed */
	bool ending;			/* the send queue is being destroyed */
	uint64_t got, sent, lost;
};

extern struct netdev netdevs[NODES];

/* From the start, after a reset, or when the AQ has been disabled */
void netdev_bring_up(uint32_t i);
void netdev_make_queue(uint32_t i, bool rx);
void netdev_drop_queue(uint32_t i, bool rx);
void netdev_set_port(uint32_t i, uint64_t address, bool promisc, bool multicast);
/* Indexed by enum tern_hw_eth_stat */
void netdev_stats(uint32_t i, uint64_t stats[16]);

/* Random bytes behind the header */
void frame_make(uint32_t from, struct frame *f, uint32_t len, uint64_t to);
/* To its peer or to a group, and the peer expects it. There must be room in queue and list */
void netdev_send_expected(uint32_t i, uint32_t len);
void netdev_send(uint32_t i, const struct frame *f);
void netdev_expect(uint32_t i, const struct frame *f);
uint32_t netdev_free_slots(const struct netdev *n);
/* Its frames are in memory that the adapter may read, or not */
void netdev_map_frames(uint32_t i, bool readable);
void netdev_post_buffers(uint32_t i, uint32_t count, uint32_t len);

/* At most budget entries; true if there are no more */
bool netdev_poll(uint32_t i, enum netdev_cq c, uint32_t budget);
/* As NAPI does it: after an interrupt as often as there is more, then arm */
void netdev_serve(uint32_t i);

/* Of receive buffers, and where everything is to be still, of all rings */
uint64_t netdev_digest(const struct netdev *n, bool rings);

#endif
