/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Hostile frames on the wire, and who they are for.
 *
 *	fuzz_frame.c	frames from a grammar: any header with any field right, odd or wrong
 *	fuzz_aim.c	frames for multicast groups, and for addresses that come and go
 *	fuzz_mutate.c	frames out of others: of this run, of the corpus; what can be done to them
 *	fuzz_table.c	what the adapters were told of addresses and groups, and changes of it
 *	fuzz_model.c	what must become of a frame, by the rules and not by the RTL
 *	fuzz_wire.c	what passes on the wire: injects, counts, remembers the last frames
 *	fuzz_account.c	what the adapters' counters must be for that
 *	fuzz_beside.c	UC and UD connections that nothing may happen to
 *	fuzz_cast.c	and members of groups
 *	fuzz_victim.c	QPs that anything may happen to that the rules allow: their lives
 *	fuzz_wr.c	and work requests
 *	rdma_fuzz.c	the program
 *
 * A bystander is a QP whose traffic is verified (fuzz_beside.c, rdma_traffic.h). Nothing is sent to it
 * that a network could not send it without breaking it: see fuzz_is_harmful(). A victim gets everything.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "rdma_traffic.h"

#define FUZZ_MAX 9400u		/* bytes of a frame; 9216 is the longest legal one */
#define FUZZ_PD 0x1234u		/* of the victims */
#define FUZZ_QKEY 0x22220000u	/* of UD victims, and up: some have the same one */
#define FUZZ_QKEYS 4u
#define GSI_QKEY 0x80010000u

struct fuzz_frame {
	uint32_t len;
	uint8_t b[FUZZ_MAX];
};

enum fuzz_kind { FUZZ_NOBODY, FUZZ_BYSTANDER, FUZZ_VICTIM };

#define FUZZ_GONE 7u	/* state of a QP that is not there; others are enum tern_hw_qp_state */

/* What is known of a QP from outside */
struct fuzz_qp {
	enum fuzz_kind kind;
	enum tern_hw_qp_type type;
	uint32_t state;
	uint32_t peer;		/* QPN at the other node */
	uint32_t gid;		/* index in fuzz_gids of both: what it uses, and what its peer does */
	uint32_t mtu;		/* bytes */
	uint32_t qkey;
	uint32_t in_psn;	/* of the newest request that came to it */
	uint32_t out_psn;	/* of the newest that it sent */
};

extern struct fuzz_qp fuzz_qps[NODES][NODE_QPS];

/* The QP is a bystander's from now on, connected (or, UD, used) like that; peer is a QPN of the other node */
void fuzz_know(const struct qp *qp, uint32_t peer, const struct conn *conn, uint32_t qkey);
void fuzz_unknow(const struct qp *qp);

/* Regions that frames name: of victims, and keys that they have no right to */
enum fuzz_region {
	FR_ALL,		/* all rights, contiguous */
	FR_PAGED,	/* all rights, in pages, begins and ends within one */
	FR_SINK,	/* local write: receives and READs of victims */
	FR_NONE,	/* no rights at all */
	FR_OTHER,	/* all rights, of another protection domain */
	FUZZ_REGIONS
};

extern struct area fuzz_areas[NODES][FUZZ_REGIONS];

/* --------------------------------------------------------------------------- fuzz_frame.c */

/* Where headers are in a frame, as far as they can be told; 0: there is none */
struct fuzz_layout {
	uint32_t ip, udp, bth, ext;
	bool ipv4;
};

void fuzz_grammar(uint32_t to, struct fuzz_frame *f);
uint32_t fuzz_target(uint32_t to);		/* some QPN; weighted */
uint32_t fuzz_victim_qpn(uint32_t to);
void fuzz_layout(const struct fuzz_frame *f, struct fuzz_layout *l);
/* Destination MAC, IP and QPN of a frame from elsewhere become ones of this node */
void fuzz_adopt(uint32_t to, struct fuzz_frame *f);
void fuzz_fix_lengths(struct fuzz_frame *f);
void fuzz_fix_ip(struct fuzz_frame *f);		/* header checksum */
void fuzz_fix_icrc(struct fuzz_frame *f);
/* Of 16-bit words, folded; 0xffff: the checksum in it is right */
uint32_t fuzz_ip_sum(const uint8_t *ip, uint32_t len);
/* Bytes of extended headers; ~0: no such opcode */
uint32_t fuzz_ext_len(uint32_t opcode);
bool fuzz_is_response(uint32_t opcode);
uint32_t fuzz_psn(uint32_t to, uint32_t qpn, bool response);

uint32_t fuzz_get(const uint8_t *b, uint32_t bytes);	/* big-endian */
void fuzz_put(uint8_t *b, uint32_t bytes, uint64_t value);

static inline bool one_in(uint32_t n)
{
	return rnd(n) == 0;
}

/* ----------------------------------------------------------------------------- fuzz_aim.c */

#define FUZZ_TEAMS 10u	/* groups; GROUPS are others. Odd ones are IPv4 */

void fuzz_team_gid(uint32_t team, uint8_t octets[16]);
uint64_t fuzz_team_mac(uint32_t team);
/* Addresses of the frame become those of some group, or of a GID that is not always there, or nearly so.
 * Checksum and ICRC are the caller's
 */
void fuzz_aim_team(uint32_t to, struct fuzz_frame *f);
void fuzz_aim_spare(uint32_t to, struct fuzz_frame *f);
/* Addresses become those of the connection, if it has the frame's IP version */
void fuzz_aim_peer(uint32_t to, struct fuzz_frame *f, const struct fuzz_qp *qp);
/* As that, but one bit of the source is wrong, or destination or VLAN are those of another GID */
void fuzz_aim_stranger(uint32_t to, struct fuzz_frame *f, const struct fuzz_qp *qp);

/* --------------------------------------------------------------------------- fuzz_table.c */

#define FUZZ_SPARES 6u	/* GIDs that come and go, behind those of node_bring_up(). Two share an entry */
#define FUZZ_GIDS (GIDS + FUZZ_SPARES)
#define CASTERS 2u	/* bystanders of each node that are in groups */
#define CASTER_QPN 180u	/* of the first */

struct fuzz_gid {
	bool ipv4, tagged;
	uint32_t vid;
	uint64_t mac;
	uint8_t octets[16];
};

extern struct fuzz_gid fuzz_gids[NODES][FUZZ_GIDS];

/* Which of the GIDs are set, and which groups somebody is in: a bit for each */
struct fuzz_table {
	uint32_t gids, teams;
	uint32_t macs;		/* GIDs whose MAC is one of ours: the same, but see fuzz_account.c */
};

/* During a command both hold for old and now; else they are the same. Least and most are what is always
 * there, and all that may be, in this round
 */
struct fuzz_tables {
	struct fuzz_table old, now, least, most;
};

extern struct fuzz_tables fuzz_tables[NODES];

enum fuzz_member {
	FM_NEVER,	/* nobody of this node is ever in the group */
	FM_LOOSE,	/* victims come and go */
	FM_KEPT		/* as well, but a bystander is in it for the whole round */
};

/* A group at a node */
struct fuzz_team {
	enum fuzz_member kind;
	uint32_t victims;		/* a bit for each member */
	uint32_t casters, no_own;
	uint32_t peak;			/* most members at the same time */
	uint64_t packets;		/* that may have found it */
};

extern struct fuzz_team fuzz_teams[NODES][FUZZ_TEAMS];
extern uint64_t fuzz_changes;

void table_init(void);
void table_start(void);		/* a new round */
void table_join(uint32_t node, uint32_t team, uint32_t caster, uint32_t qpn, bool no_own);
void table_step(void);		/* a change of something */
void table_welcome(uint32_t node, uint32_t victim);	/* it is new, and joins some groups */
/* What a command is about to change */
struct fuzz_table table_changing(uint32_t node);
/* The group that much happens to for a while; FUZZ_TEAMS: none */
uint32_t table_focus(uint32_t node);
/* DESTROY_QP, which takes a victim out of all groups */
void table_destroy(uint32_t victim, struct qp *qp);
void table_stop(void);		/* what comes and goes is gone. Casters are destroyed by now */
/* The Q_Key of a caster in this group */
bool table_has_qkey(uint32_t node, uint32_t team, uint32_t qkey);

/* -------------------------------------------------------------------------- fuzz_mutate.c */

void fuzz_load_corpus(void);
uint32_t fuzz_corpus_size(void);
/* Frames of this run that may be used again */
void fuzz_keep(uint32_t to, const struct fuzz_frame *f);
void fuzz_forget(void);
/* One of them, or of the corpus, adopted; false: there is none yet */
bool fuzz_seed(uint32_t to, struct fuzz_frame *f);
bool fuzz_replay(uint32_t to, struct fuzz_frame *f);
void fuzz_mutate(uint32_t to, struct fuzz_frame *f);

/* --------------------------------------------------------------------------- fuzz_model.c */

enum fuzz_class {
	FC_BAD,		/* too short or too long */
	FC_FILTERED,	/* for another station */
	FC_ETH,		/* for the netdev */
	FC_ICRC, FC_HEADER, FC_CNP,	/* RoCE, dropped for that reason */
	FC_ROCE,	/* RoCE, goes on to the QPs */
	FUZZ_CLASSES
};

struct fuzz_verdict {
	enum fuzz_class class;
	uint32_t team;		/* group that it is for; FUZZ_TEAMS: none */
	/* FC_ROCE */
	uint32_t gids;		/* that it is for: a bit for each */
	uint8_t source[16];	/* in GID form */
	uint32_t opcode, qpn, psn, ext, payload;
};

/* What the netdev of a node takes besides frames for it and for all */
struct fuzz_filter {
	bool multicast, promisc;
};

extern struct fuzz_filter fuzz_filters[NODES];

/* An address in its GID form: IPv4 is mapped */
void fuzz_widen(bool ipv4, const uint8_t *address, uint8_t gid[16]);
struct fuzz_verdict fuzz_judge(uint32_t to, const struct fuzz_frame *f, const struct fuzz_table *table);
/* Of the QP's transport, which is connected, but not from its peer's address to its own; RC and UC */
bool fuzz_is_stranger(uint32_t to, const struct fuzz_verdict *v);
/* A bystander could fail by it, and would be right to */
bool fuzz_is_harmful(uint32_t to, const struct fuzz_frame *f, const struct fuzz_verdict *v);

/* ------------------------------------------------------------------------- fuzz_account.c */

struct fuzz_counts {
	uint64_t class[FUZZ_CLASSES];
	uint64_t either[FUZZ_CLASSES];	/* that and another: frames judged while a table changes */
	uint64_t bytes;		/* of frames that are not bad */
	uint64_t nobody;	/* FC_ROCE for QPNs that no QP has, or of another transport than a bystander */
	uint64_t strangers;	/* of nobody, those that a bystander's peer has not sent */
	uint64_t bystander;	/* FC_ROCE for bystanders that go on to them, injected or not */
	uint64_t qkey;		/* of these, those with a wrong Q_Key */
	uint64_t mcast, either_mcast;	/* to groups: to all QPNs, of UD */
	/* What the node itself has sent to groups of which nobody knows whether it came back */
	uint64_t own, own_bytes;
	uint64_t injected, uncertain;
};

extern struct fuzz_counts fuzz_counts[NODES];

/* A frame has passed. What the netdev must get is remembered by rdma_netdev.h */
void account_frame(uint32_t to, const struct fuzz_frame *f);
/* A frame of node for a group has left; it may come back, too */
void account_own(uint32_t node, const struct fuzz_frame *f);
void account_begin(void);	/* at rest */
void account_end(void);
void account_check(bool lazy);	/* lazy: events may be lost */

/* ---------------------------------------------------------------------------- fuzz_wire.c */

extern uint64_t fuzz_injected, fuzz_goal;

void fuzz_wire_start(void);
void fuzz_open(uint32_t percent);	/* of the gaps; 0: no more */
/* A fail_hook: the last frames, and what both adapters say */
void fuzz_dump(void);
void fuzz_report_cover(void);
uint32_t fuzz_transport(enum tern_hw_qp_type type);	/* the top three bits of its opcodes */

/* -------------------------------------------------------------------------- fuzz_beside.c */

void beside_init(void);
void beside_start(void);	/* connects */
void beside_step(void);
bool beside_is_done(void);	/* all that is posted has arrived */
void beside_allow(bool more);
void beside_stop(void);		/* and looks at all memory */
extern uint64_t beside_messages;

/* ---------------------------------------------------------------------------- fuzz_cast.c */

void cast_init(void);
void cast_start(void);		/* after table_start() */
void cast_step(void);
bool cast_is_done(void);
void cast_allow(bool more);
void cast_stop(void);
extern uint64_t cast_messages, cast_copies;

/* -------------------------------------------------------------------------- fuzz_victim.c */

void victim_init(void);
void victim_step(void);
void victim_event(uint32_t node, const struct ae *ae);
/* All of them end; what they were given has completed. Memory is looked at */
void victim_stop(void);
void victim_lazy(bool lazy);	/* events are not taken meanwhile */
extern uint64_t victim_lives, victim_events, victim_events_due, victim_completions, victim_errors, victim_casts;

#endif
