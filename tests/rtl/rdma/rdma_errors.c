// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Everything that can be wrong with a request, with its answer or with a queue. Each time: what
 * was posted before it completes, it fails with its status, what was posted behind it is flushed,
 * also what is posted later; the events are the right ones; and connections that have nothing to
 * do with it go on (rdma_traffic.h checks that).
 */

#include <string.h>

#include "fuzz.h"
#include "rdma_pair.h"
#include "rdma_programs.h"

#define GOOD 3u		/* requests before the bad one */
#define RECVS_POSTED 4u
#define RECV_LEN 256u

static struct pair pair;

/* --------------------------------------------------------------------- what can be wrong */

static void bad_opcode(struct wr *wr) { wr->op = (enum tern_hw_wqe_op)0x3f; }
static void bad_lkey(struct wr *wr) { wr->sge[0].key ^= 0x80; }
static void missing_lkey(struct wr *wr) { wr->sge[0].key = 0xfffffe00; }
static void lkey_other_pd(struct wr *wr) { wr->sge[0].key = pair.mr[0][MR_OTHER_PD].key;
	wr->sge[0].va = pair.mr[0][MR_OTHER_PD].attr.va; }
static void sge_too_long(struct wr *wr) { wr->sge[0].va += 65536 - 128 - 32; }
static void sge_before(struct wr *wr) { wr->sge[0].va = pair.mr[0][MR_ALL].attr.va - 1; }
static void sge_wraps(struct wr *wr) { wr->sge[0].va = ~0ull - 20; }
static void sink_read_only(struct wr *wr) { wr->sge[0].key = pair.mr[0][MR_READ_ONLY].key;
	wr->sge[0].va = pair.mr[0][MR_READ_ONLY].attr.va; }
static void odd_address(struct wr *wr) { wr->remote += 4; }
static void short_atomic(struct wr *wr) { wr->sge[0].len = 4; }
static void too_many_sges(struct wr *wr) { wr->num_sge = 0; wr->flags |= WR_INLINE; wr->data_len = 16; }
static void above_2g(struct wr *wr) { wr->num_sge = 2; wr->sge[0].len = 0x80000000; wr->sge[1] = wr->sge[0];
	wr->sge[1].len = 1; }
static void local_key(struct wr *wr) { wr->num_sge = 0; wr->rkey = pair.mr[0][MR_ALL].key; }

static void bad_rkey(struct wr *wr) { wr->rkey ^= 0x80; }
static void missing_rkey(struct wr *wr) { wr->rkey = 0xfffffe00; }
static void rkey_other_pd(struct wr *wr) { wr->rkey = pair.mr[1][MR_OTHER_PD].key;
	wr->remote = pair.mr[1][MR_OTHER_PD].attr.va; }
static void rkey_no_right(struct wr *wr) { wr->rkey = pair.mr[1][MR_NO_REMOTE].key;
	wr->remote = pair.mr[1][MR_NO_REMOTE].attr.va; }
static void remote_behind(struct wr *wr) { wr->remote = pair.mr[1][MR_ALL].attr.va + 65536 - 8 *
	(wr->op < TERN_HW_WQE_OP_CMP_SWAP ? 1 : 0); }
static void remote_wraps(struct wr *wr) { wr->remote = ~0ull - 7; }
static void long_send(struct wr *wr) { wr->sge[0].len = RECV_LEN + 1; }
static void long_sends(struct wr *wr) { wr->sge[0].len = 5000; }
static void bad_inv_key(struct wr *wr) { wr->imm = pair.mr[1][MR_ALL].key; }
static void nothing(struct wr *wr) { (void)wr; }

struct error_case {
	const char *name;
	enum tern_hw_wqe_op op;
	void (*spoil)(struct wr *wr);
	enum tern_hw_wc_status status;
	enum tern_hw_qp_reason reason;
	/* Of the peer, if it goes to error, too */
	enum tern_hw_ae_code peer_event;
	enum tern_hw_qp_reason peer_reason;
	enum tern_hw_wc_status peer_receive;	/* of its first receive; else flushed */
	bool priv;
};

#define W TERN_HW_WQE_OP_WRITE
#define R TERN_HW_WQE_OP_READ
#define S TERN_HW_WQE_OP_SEND
#define A TERN_HW_WQE_OP_FETCH_ADD
#define C TERN_HW_WQE_OP_CMP_SWAP
#define MALFORMED TERN_HW_WC_STATUS_LOC_QP_OP, TERN_HW_QP_REASON_SQ_ENTRY, 0, 0, 0, false
#define NO_BUFFER TERN_HW_WC_STATUS_LOC_PROT, TERN_HW_QP_REASON_SQ_ACCESS, 0, 0, 0, false
#define NO_RIGHT TERN_HW_WC_STATUS_REM_ACCESS, TERN_HW_QP_REASON_REMOTE, \
		 TERN_HW_AE_CODE_QP_ACCESS, TERN_HW_QP_REASON_IN_ACCESS, 0, false

static const struct error_case cases[] = {
	{ "bad opcode", W, bad_opcode, MALFORMED },
	{ "atomic at an odd address", A, odd_address, MALFORMED },
	{ "atomic of 4 bytes", C, short_atomic, MALFORMED },
	{ "inline READ", R, too_many_sges, MALFORMED },
	{ "LOCAL_INV by a user", TERN_HW_WQE_OP_LOCAL_INV, local_key, MALFORMED },
	{ "more than 2 GiB", W, above_2g, TERN_HW_WC_STATUS_LOC_LEN, TERN_HW_QP_REASON_SQ_ENTRY, 0, 0, 0,
	  false },
	{ "LOCAL_INV of a region that is not fast", TERN_HW_WQE_OP_LOCAL_INV, local_key,
	  TERN_HW_WC_STATUS_MW_BIND, TERN_HW_QP_REASON_SQ_ACCESS, 0, 0, 0, true },
	{ "bad L_Key", W, bad_lkey, NO_BUFFER },
	{ "L_Key far away", S, missing_lkey, NO_BUFFER },
	{ "L_Key of another domain", W, lkey_other_pd, NO_BUFFER },
	{ "piece behind the end", W, sge_too_long, NO_BUFFER },
	{ "piece before the start", S, sge_before, NO_BUFFER },
	{ "piece over the end of all addresses", W, sge_wraps, NO_BUFFER },
	{ "READ into what may only be read", R, sink_read_only, NO_BUFFER },
	{ "atomic with a bad L_Key", A, bad_lkey, NO_BUFFER },
	{ "WRITE, bad R_Key", W, bad_rkey, NO_RIGHT },
	{ "READ, bad R_Key", R, bad_rkey, NO_RIGHT },
	{ "atomic, bad R_Key", A, bad_rkey, NO_RIGHT },
	{ "WRITE, R_Key far away", W, missing_rkey, NO_RIGHT },
	{ "WRITE, other domain", W, rkey_other_pd, NO_RIGHT },
	{ "READ, other domain", R, rkey_other_pd, NO_RIGHT },
	{ "WRITE without right", W, rkey_no_right, NO_RIGHT },
	{ "READ without right", R, rkey_no_right, NO_RIGHT },
	{ "atomic without right", C, rkey_no_right, NO_RIGHT },
	{ "WRITE behind the end", W, remote_behind, NO_RIGHT },
	{ "READ behind the end", R, remote_behind, NO_RIGHT },
	{ "atomic behind the end", A, remote_behind, NO_RIGHT },
	{ "WRITE over the end of all addresses", W, remote_wraps, NO_RIGHT },
	{ "SEND that does not fit", S, long_send, TERN_HW_WC_STATUS_REM_INV_REQ, TERN_HW_QP_REASON_REMOTE,
	  TERN_HW_AE_CODE_QP_REQUEST, TERN_HW_QP_REASON_RQ_LENGTH, TERN_HW_WC_STATUS_LOC_LEN, false },
	{ "long SEND that does not fit", S, long_sends, TERN_HW_WC_STATUS_REM_INV_REQ,
	  TERN_HW_QP_REASON_REMOTE, TERN_HW_AE_CODE_QP_REQUEST, TERN_HW_QP_REASON_RQ_LENGTH,
	  TERN_HW_WC_STATUS_LOC_LEN, false },
	{ "SEND_INV of a region that is not fast", TERN_HW_WQE_OP_SEND_INV, bad_inv_key,
	  TERN_HW_WC_STATUS_REM_ACCESS, TERN_HW_QP_REASON_REMOTE, TERN_HW_AE_CODE_QP_ACCESS,
	  TERN_HW_QP_REASON_IN_ACCESS, TERN_HW_WC_STATUS_LOC_ACCESS, false },
};

/* ------------------------------------------------------------------------------- the course */

/* All receives of a node that has gone to error; and one that is posted then */
static void flush_receives(uint32_t node, enum tern_hw_wc_status first, const char *what)
{
	for (uint16_t k = 0; k < RECVS_POSTED; k++) {
		enum tern_hw_wc_status due = k || !first ? TERN_HW_WC_STATUS_WR_FLUSH : first;
		struct cqe cqe;

		pair_take(&pair, node, true, &cqe, what);
		check(cqe.wqe_index == k && cqe.status == due,
		      "%s: node %u: receive CQE of entry %u has status %u", what, node, cqe.wqe_index,
		      cqe.status);
	}
	pair_cqe(&pair, node, true, pair_recv(&pair, node, 10), 0, TERN_HW_WC_STATUS_WR_FLUSH, what);
}

/* Requests of many kinds, not signalled, and one with several slots: each is flushed by itself */
static void post_behind(uint16_t wqe[4], enum tern_hw_wqe_op op[4])
{
	static const enum tern_hw_wqe_op ops[4] = { R, S, W, A };

	for (uint32_t k = 0; k < 4; k++) {
		struct wr wr = pair_wr(&pair, 0, ops[k]);

		wr.flags = 0;
		if (k == 2) {
			wr.num_sge = 9;
			for (uint32_t n = 1; n < 9; n++)
				wr.sge[n] = wr.sge[0];
		}
		op[k] = ops[k];
		wqe[k] = pair_send(&pair, 0, &wr);
	}
}

static void check_flushed(const uint16_t wqe[4], const enum tern_hw_wqe_op op[4], const char *what)
{
	for (uint32_t k = 0; k < 4; k++)
		pair_cqe(&pair, 0, false, wqe[k], op[k], TERN_HW_WC_STATUS_WR_FLUSH, what);
}

/* The data of READs and atomics is refused here when others that were sent behind them have arrived */
static bool fails_late(enum tern_hw_wqe_op op)
{
	return op == R || op == A || op == C;
}

static void check_end(const struct error_case *c, bool peer)
{
	bool late = fails_late(c->op);
	enum tern_hw_wqe_op op[4];
	uint16_t wqe[4];
	struct cqe cqe;

	pair_event(&pair, 0, TERN_HW_AE_CODE_QP_FATAL, c->reason, c->name);
	if (peer)
		pair_event(&pair, 1, c->peer_event, c->peer_reason, c->name);
	flush_receives(0, TERN_HW_WC_STATUS_SUCCESS, c->name);
	if (peer)
		flush_receives(1, c->peer_receive, c->name);
	/* A SEND behind it */
	if (!peer && late && pair_next(&pair, 1, true, &cqe))
		check(!cqe.status && !cqe.wqe_index, "%s: receive CQE of entry %u, status %u", c->name,
		      cqe.wqe_index, cqe.status);
	post_behind(wqe, op);
	check_flushed(wqe, op, c->name);
	pair_state(&pair, 0, TERN_HW_QP_STATE_ERR, c->name);
	pair_state(&pair, 1, peer ? TERN_HW_QP_STATE_ERR : TERN_HW_QP_STATE_RTS, c->name);
	pair_quiet(&pair, c->name);
	pair_destroy(&pair);
}

static void run_case(const struct error_case *c)
{
	struct wr good = pair_wr(&pair, 0, W), bad;
	enum tern_hw_wqe_op op[4];
	uint16_t wqe[4], first[GOOD], at;

	pair_connect(&pair, NULL, c->priv);
	for (uint32_t k = 0; k < RECVS_POSTED; k++)
		for (uint32_t i = 0; i < NODES; i++)
			pair_recv(&pair, i, RECV_LEN);
	for (uint32_t k = 0; k < GOOD; k++)
		first[k] = pair_send(&pair, 0, &good);
	bad = pair_wr(&pair, 0, c->op);
	bad.flags = chance(50) ? WR_SIGNALED : 0;
	c->spoil(&bad);
	at = pair_send(&pair, 0, &bad);
	post_behind(wqe, op);
	for (uint32_t k = 0; k < GOOD; k++)
		pair_cqe(&pair, 0, false, first[k], W, TERN_HW_WC_STATUS_SUCCESS, c->name);
	pair_cqe(&pair, 0, false, at, bad.op, c->status, c->name);
	check_flushed(wqe, op, c->name);
	check_end(c, c->peer_event);
	say("%s", c->name);
}

/* --------------------------------------------------------------- errors of the connection */

static void no_answer(void)
{
	const struct error_case c = { "no answer", W, nothing, TERN_HW_WC_STATUS_RETRY_EXC,
		TERN_HW_QP_REASON_RETRY, 0, 0, 0, false };
	struct conn conn = conn_default;
	struct wr wr;
	uint16_t at;

	conn.timeout = 2;
	conn.retry_cnt = 2;
	pair_connect(&pair, &conn, false);
	for (uint32_t k = 0; k < RECVS_POSTED; k++)
		pair_recv(&pair, 0, RECV_LEN);
	qp_state(&pair.qp[1], TERN_HW_QP_STATE_RESET);
	wr = pair_wr(&pair, 0, W);
	at = pair_send(&pair, 0, &wr);
	pair_cqe(&pair, 0, false, at, W, c.status, c.name);
	pair_event(&pair, 0, TERN_HW_AE_CODE_QP_FATAL, c.reason, c.name);
	flush_receives(0, TERN_HW_WC_STATUS_SUCCESS, c.name);
	pair_quiet(&pair, c.name);
	pair_destroy(&pair);
	say("%s", c.name);
}

static void no_receive(uint32_t retries)
{
	const struct error_case c = { "no receive", S, nothing, TERN_HW_WC_STATUS_RNR_RETRY_EXC,
		TERN_HW_QP_REASON_RNR_RETRY, 0, 0, 0, false };
	struct conn conn = conn_default;
	struct stats old, now;
	struct wr wr;
	uint16_t at;

	conn.rnr_retry = retries;
	node_stats(0, &old);
	pair_connect(&pair, &conn, false);
	for (uint32_t k = 0; k < RECVS_POSTED; k++)
		pair_recv(&pair, 0, RECV_LEN);
	wr = pair_wr(&pair, 0, S);
	at = pair_send(&pair, 0, &wr);
	pair_cqe(&pair, 0, false, at, S, c.status, c.name);
	node_stats(0, &now);
	check(now.counter[TERN_HW_STAT_RX_NAKS_RNR] - old.counter[TERN_HW_STAT_RX_NAKS_RNR] == retries + 1,
	      "%llu RNR NAKs for %u retries", (unsigned long long)(now.counter[TERN_HW_STAT_RX_NAKS_RNR] -
	      old.counter[TERN_HW_STAT_RX_NAKS_RNR]), retries);
	check_end(&c, false);
	say("%s, %u retries", c.name, retries);
}

static void no_rights(enum tern_hw_wqe_op op)
{
	const struct error_case c = { "QP without rights", op, nothing, NO_RIGHT };
	struct conn conn = conn_default;
	struct wr wr;
	uint16_t at;

	conn.access = 0;
	pair_connect(&pair, &conn, false);
	for (uint32_t k = 0; k < RECVS_POSTED; k++)
		for (uint32_t i = 0; i < NODES; i++)
			pair_recv(&pair, i, RECV_LEN);
	wr = pair_wr(&pair, 0, op);
	at = pair_send(&pair, 0, &wr);
	pair_cqe(&pair, 0, false, at, op, c.status, c.name);
	check_end(&c, true);
	say("%s: %x", c.name, op);
}

static void bad_receive(void)
{
	const struct error_case c = { "receive with a bad key", S, nothing, TERN_HW_WC_STATUS_REM_OP,
		TERN_HW_QP_REASON_REMOTE, TERN_HW_AE_CODE_QP_FATAL, TERN_HW_QP_REASON_RQ_ACCESS,
		TERN_HW_WC_STATUS_LOC_PROT, false };
	struct sge sge = { pair.mr[1][MR_ALL].attr.va, RECV_LEN, pair.mr[1][MR_READ_ONLY].key };
	struct wr wr;
	uint16_t at;

	pair_connect(&pair, NULL, false);
	qp_post_recv(&pair.qp[1], &sge, 1);
	qp_ring_rq(&pair.qp[1]);
	for (uint32_t k = 0; k < RECVS_POSTED; k++) {
		pair_recv(&pair, 0, RECV_LEN);
		if (k)
			pair_recv(&pair, 1, RECV_LEN);
	}
	wr = pair_wr(&pair, 0, S);
	at = pair_send(&pair, 0, &wr);
	pair_cqe(&pair, 0, false, at, S, c.status, c.name);
	check_end(&c, true);
	say("%s", c.name);
}

/* -------------------------------------------------------------------- errors by the host */

/* Requests of both sides are under way when one is moved to error, or destroyed */
static void post_much(uint16_t wqe[NODES][24], enum tern_hw_wqe_op op[NODES][24])
{
	static const enum tern_hw_wqe_op ops[] = { W, R, S, A, TERN_HW_WQE_OP_WRITE_IMM };

	for (uint32_t k = 0; k < RECVS_POSTED * 6; k++)
		for (uint32_t i = 0; i < NODES; i++)
			pair_recv(&pair, i, 8000);
	for (uint32_t k = 0; k < 24; k++) {
		for (uint32_t i = 0; i < NODES; i++) {
			struct wr wr = pair_wr(&pair, i, ops[rnd(5)]);

			if (wr.op != A)
				wr.sge[0].len = rnd(8000);
			op[i][k] = wr.op;
			wqe[i][k] = qp_post_send(&pair.qp[i], &wr);
		}
	}
	for (uint32_t i = 0; i < NODES; i++)
		qp_ring_sq(&pair.qp[i]);
	pair_wait(rnd(3000));
}

static uint32_t take_all(uint32_t node, bool rq, uint32_t count, const uint16_t *wqe,
			 const enum tern_hw_wqe_op *op, const char *what)
{
	uint32_t good = 0, k = 0;
	bool flushed = false;

	for (uint64_t end = bus_now() + 4000000; k < count && bus_now() < end; traffic_step()) {
		struct cqe cqe;

		while (k < count && pair_next(&pair, node, rq, &cqe)) {
			check(cqe.wqe_index == (wqe ? wqe[k] : k) && (!op || cqe.opcode == op[k]),
			      "%s: node %u: CQE of entry %u, opcode %x", what, node, cqe.wqe_index, cqe.opcode);
			check(cqe.status == TERN_HW_WC_STATUS_WR_FLUSH ||
			      (cqe.status == TERN_HW_WC_STATUS_SUCCESS && !flushed),
			      "%s: node %u: entry %u has status %u", what, node, cqe.wqe_index, cqe.status);
			flushed = cqe.status == TERN_HW_WC_STATUS_WR_FLUSH;
			good += !flushed;
			k++;
		}
	}
	check(k == count, "%s: node %u: %u of %u CQEs", what, node, k, count);
	return good;
}

static void move_to_error(void)
{
	static uint16_t wqe[NODES][24];
	static enum tern_hw_wqe_op op[NODES][24];
	const char *what = "moved to error";
	uint32_t good[NODES];

	pair_connect(&pair, NULL, false);
	post_much(wqe, op);
	for (uint32_t i = 0; i < NODES; i++)
		qp_state(&pair.qp[i], TERN_HW_QP_STATE_ERR);
	for (uint32_t i = 0; i < NODES; i++) {
		good[i] = take_all(i, false, 24, wqe[i], op[i], what);
		take_all(i, true, 24, NULL, NULL, what);
	}
	pair_quiet(&pair, what);
	pair_destroy(&pair);
	say("%s: %u and %u of 24 requests were complete", what, good[0], good[1]);
}

/* The numbers are used again at once, while packets of the life before are in the wire */
static void destroy_busy(void)
{
	static uint16_t wqe[NODES][24];
	static enum tern_hw_wqe_op op[NODES][24];

	pair_connect(&pair, NULL, false);
	post_much(wqe, op);
	pair_destroy(&pair);
	pair_drop_cqes(&pair);
	pair_quiet(&pair, "destroyed with requests under way");
	say("destroyed with requests under way");
}

/* ------------------------------------------------------------ what comes once more, late */

#define READ_REQUEST 0x0cu
#define TIMES 20u	/* more than READs may be under way */

static struct fuzz_frame passing, caught;
static uint32_t thrown, thrown_at;

/* The last READ of the pair */
static void catch_read(uint32_t to, const struct wire_beat *beat)
{
	struct fuzz_layout l;

	memcpy(passing.b + passing.len, beat->bytes, beat->len);
	passing.len += beat->len;
	if (!beat->last)
		return;
	fuzz_layout(&passing, &l);
	if (to == 1 && l.bth && passing.b[l.bth] == READ_REQUEST &&
	    fuzz_get(passing.b + l.bth + 5, 3) == PAIR_QPN + 1) {
		caught.len = passing.len;
		memcpy(caught.b, passing.b, passing.len);
	}
	passing.len = 0;
}

static bool throw_read(uint32_t to, struct wire_beat *beat)
{
	if (to != 1 || thrown == TIMES)
		return false;
	beat->len = caught.len - thrown_at < 64 ? caught.len - thrown_at : 64;
	memcpy(beat->bytes, caught.b + thrown_at, beat->len);
	thrown_at += beat->len;
	beat->last = thrown_at == caught.len;
	if (beat->last) {
		thrown_at = 0;
		thrown++;
	}
	return true;
}

static void request(enum tern_hw_wqe_op op, const char *what)
{
	struct wr wr = pair_wr(&pair, 0, op);

	pair_cqe(&pair, 0, false, pair_send(&pair, 0, &wr), op, TERN_HW_WC_STATUS_SUCCESS, what);
}

/*
 * A READ that was answered, but its region is gone meanwhile; or so it seems, for anybody can send what
 * looks like one. The connection must not fail by it
 */
static void repeated_read(void)
{
	const char *what = "READ that comes once more, without its region";
	struct stats old, now;
	struct fuzz_layout l;

	pair_connect(&pair, NULL, false);
	wire_seen = catch_read;
	wire_next = throw_read;
	bus_knob(1, KNOB_WIRE_TAP, 1);
	request(R, what);
	check(caught.len, "%s: there was none", what);
	request(W, what);
	fuzz_layout(&caught, &l);
	caught.b[l.ext + 11] ^= 0x80;	/* the key */
	fuzz_fix_icrc(&caught);
	node_stats(1, &old);
	bus_knob(1, KNOB_WIRE_INJECT, 50);
	pair_wait(4000);
	node_stats(1, &now);
	check(thrown == TIMES && now.counter[TERN_HW_STAT_RX_DUPLICATES] -
	      old.counter[TERN_HW_STAT_RX_DUPLICATES] == TIMES, "%s: %llu duplicates", what,
	      (unsigned long long)(now.counter[TERN_HW_STAT_RX_DUPLICATES] -
				   old.counter[TERN_HW_STAT_RX_DUPLICATES]));
	for (uint32_t k = 0; k < 10; k++)
		request(k & 1 ? W : R, what);
	for (uint32_t i = 0; i < NODES; i++) {
		pair_state(&pair, i, TERN_HW_QP_STATE_RTS, what);
		bus_knob(i, KNOB_WIRE_INJECT, 0);
		bus_knob(i, KNOB_WIRE_TAP, 0);
	}
	pair_quiet(&pair, what);
	pair_destroy(&pair);
	say("%s", what);
}

/* -------------------------------------------------------------------------------- overrun */

static void cq_overrun(void)
{
	const struct qp_attr attr = { .pd = PAIR_PD, .page = 61, .log_sq = 6, .log_rq = 4, .log_stride = 1 };
	static struct cq small, other[NODES];
	static struct qp qp[NODES];
	struct wr wr = pair_wr(&pair, 0, W);
	struct ae ae;

	cq_create(&small, 0, 50, 61, 2, 0, NO_CEQ);
	for (uint32_t i = 0; i < NODES; i++)
		cq_create(&other[i], i, 51 + i, 61, 8, 0, NO_CEQ);
	qp_create(&qp[0], 0, 210, &small, &other[0], &attr);
	qp_create(&qp[1], 1, 211, &other[1], &other[1], &attr);
	qp_connect(&qp[0], &qp[1], &conn_default);
	for (uint32_t k = 0; k < 8; k++)
		qp_post_send(&qp[0], &wr);
	qp_ring_sq(&qp[0]);
	pair_wait(5000);
	check(ae_poll(0, &ae) && ae.code == TERN_HW_AE_CODE_CQ_OVERRUN && ae.id == 50,
	      "no event of a CQ without room");
	check(!ae_poll(0, &ae), "event %x of %x after that of a CQ without room", ae.code, ae.id);
	for (uint32_t i = 0; i < NODES; i++)
		qp_destroy(&qp[i]);
	cq_destroy(&small);
	for (uint32_t i = 0; i < NODES; i++)
		cq_destroy(&other[i]);
	say("CQ without room");
}

void program_errors(void)
{
	pair_begin(&pair);
	for (uint32_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++)
		run_case(&cases[k]);
	no_answer();
	no_receive(0);
	no_receive(3);
	no_rights(W);
	no_rights(R);
	no_rights(A);
	bad_receive();
	for (uint32_t k = 0; k < 5; k++) {
		move_to_error();
		destroy_busy();
	}
	repeated_read();
	cq_overrun();
	run_case(&cases[0]);
	pair_end();
}
