// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Requests that are refused while responses to READs before them are still under way. The peer gets
 * those responses, then the exact reason; nothing behind the refused request is carried out. Then
 * what may happen while the NAK waits for its turn: commands of the host for the QP, and a
 * second error.
 */

#include <string.h>

#include "rdma_pair.h"
#include "rdma_programs.h"

#define MAX_READS 6u
#define BEHIND 4u
#define RECEIVES 4u
#define RECEIVE_LEN 256u
#define READ_AT 32768u		/* of the data, in both regions */
#define TARGET 4096u		/* of what pair_wr() writes to, in the peer's region */

#define R TERN_HW_WQE_OP_READ
#define W TERN_HW_WQE_OP_WRITE
#define S TERN_HW_WQE_OP_SEND
#define A TERN_HW_WQE_OP_FETCH_ADD

static struct pair pair;

/* ---------------------------------------------------------------------- what is refused */

static void bad_rkey(struct wr *wr) { wr->rkey ^= 0x80; }
static void too_long(struct wr *wr) { wr->sge[0].len = RECEIVE_LEN + 1; }
static void good(struct wr *wr) { (void)wr; }

struct refusal {
	const char *name;
	enum tern_hw_wqe_op op;
	void (*spoil)(struct wr *wr);
	enum tern_hw_wc_status status;
	/* Of the peer */
	enum tern_hw_ae_code event;
	enum tern_hw_qp_reason reason;
	enum tern_hw_wc_status receive;		/* of its first receive; 0: flushed, as all others */
	uint32_t access;			/* of the QPs */
	bool one_too_many;			/* no more READs are taken than there are before */
	bool bad_receive;			/* the peer's first receive has a bad key */
};

#define ACCESS TERN_HW_AE_CODE_QP_ACCESS, TERN_HW_QP_REASON_IN_ACCESS, 0

static const struct refusal refusals[] = {
	{ "READ, bad R_Key", R, bad_rkey, TERN_HW_WC_STATUS_REM_ACCESS, ACCESS, 0xf, false, false },
	{ "atomic, bad R_Key", A, bad_rkey, TERN_HW_WC_STATUS_REM_ACCESS, ACCESS, 0xf, false, false },
	{ "WRITE, bad R_Key", W, bad_rkey, TERN_HW_WC_STATUS_REM_ACCESS, ACCESS, 0xf, false, false },
	{ "atomic on a QP without", A, good, TERN_HW_WC_STATUS_REM_ACCESS, ACCESS, 0x7, false, false },
	{ "SEND that does not fit", S, too_long, TERN_HW_WC_STATUS_REM_INV_REQ,
	  TERN_HW_AE_CODE_QP_REQUEST, TERN_HW_QP_REASON_RQ_LENGTH, TERN_HW_WC_STATUS_LOC_LEN, 0xf, false,
	  false },
	{ "SEND for a receive with a bad key", S, good, TERN_HW_WC_STATUS_REM_OP,
	  TERN_HW_AE_CODE_QP_FATAL, TERN_HW_QP_REASON_RQ_ACCESS, TERN_HW_WC_STATUS_LOC_PROT, 0xf, false,
	  true },
	{ "more READs than the peer takes", R, good, TERN_HW_WC_STATUS_REM_INV_REQ,
	  TERN_HW_AE_CODE_QP_REQUEST, TERN_HW_QP_REASON_IN_REQUEST, 0, 0xf, true, false },
};

#define REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

/* --------------------------------------------------------------------------- the course */

struct course {
	const struct refusal *r;
	uint32_t reads;
	uint32_t longest;		/* of the READs, bytes; all start at the same place */
	uint16_t read[MAX_READS], at, behind[BEHIND];
	enum tern_hw_wqe_op op[BEHIND];
	uint8_t data[65536];		/* the peer's region when it began */
};

static struct course course;

static void connect(const struct refusal *r, uint32_t timeout)
{
	struct conn conn = conn_default;

	course.r = r;
	course.reads = rnd_range(1, MAX_READS);
	conn.max_rd = 16;
	conn.max_dest_rd = r->one_too_many ? course.reads : 16;
	conn.access = r->access;
	conn.timeout = timeout;
	if (timeout != conn_default.timeout)	/* to learn soon that there is no answer */
		conn.retry_cnt = 1;
	pair_connect(&pair, &conn, false);
	for (uint32_t k = 0; k < RECEIVES; k++) {
		const struct mr *mr = &pair.mr[1][!k && r->bad_receive ? MR_READ_ONLY : MR_ALL];
		struct sge sge = { mr->attr.va + 8192, RECEIVE_LEN, mr->key };

		qp_post_recv(&pair.qp[1], &sge, 1);
	}
	qp_ring_rq(&pair.qp[1]);
	for (uint32_t k = 0; k < sizeof(course.data); k++)
		course.data[k] = (uint8_t)rnd64();
	mr_put(&pair.mr[1][MR_ALL], 0, course.data, sizeof(course.data));
	/* Responses crawl */
	bus_knob(0, KNOB_WIRE_STALL, rnd_range(r->one_too_many ? 60 : 0, 90));
}

/* READs, what is refused, and what is behind it, by one doorbell or by many */
static void post(void)
{
	static const enum tern_hw_wqe_op ops[] = { R, W, S, A };
	/* None of them must be over before the last one comes, if it is to be one too many */
	bool all = course.r->one_too_many, one = all || chance(50);
	struct wr wr;

	course.longest = 0;
	for (uint32_t k = 0; k < course.reads; k++) {
		wr = pair_wr(&pair, 0, R);
		wr.sge[0].va += READ_AT - 128;
		wr.remote += READ_AT - TARGET;
		wr.sge[0].len = all ? 32000 : rnd(chance(50) ? 30000 : 300);
		if (wr.sge[0].len > course.longest)
			course.longest = wr.sge[0].len;
		course.read[k] = qp_post_send(&pair.qp[0], &wr);
		if (!one)
			qp_ring_sq(&pair.qp[0]);
	}
	wr = pair_wr(&pair, 0, course.r->op);
	course.r->spoil(&wr);
	course.at = qp_post_send(&pair.qp[0], &wr);
	for (uint32_t k = 0; k < BEHIND; k++) {
		course.op[k] = ops[chance(50) ? 1 : rnd(course.r->access == 0xf ? 4 : 3)];
		wr = pair_wr(&pair, 0, course.op[k]);
		course.behind[k] = qp_post_send(&pair.qp[0], &wr);
		if (!one)
			qp_ring_sq(&pair.qp[0]);
	}
	qp_ring_sq(&pair.qp[0]);
}

/* All of the peer's region but where its first receive may have been filled */
static void check_memory(const char *what)
{
	static uint8_t now[sizeof(course.data)];

	mr_get(&pair.mr[1][MR_ALL], 0, now, sizeof(now));
	for (uint32_t k = 0; k < sizeof(now); k++)
		check(now[k] == course.data[k] || (k >= 8192 && k < 8192 + RECEIVE_LEN && course.r->receive),
		      "%s: byte %u of the peer has changed", what, k);
}

static void check_read(const char *what)
{
	static uint8_t now[sizeof(course.data)];

	mr_get(&pair.mr[0][MR_ALL], READ_AT, now, course.longest);
	check(!memcmp(now, course.data + READ_AT, course.longest), "%s: data of the READs", what);
}

static void check_receives(const char *what)
{
	for (uint16_t k = 0; k < RECEIVES; k++) {
		enum tern_hw_wc_status due = TERN_HW_WC_STATUS_WR_FLUSH;
		struct cqe cqe;

		if (!k && course.r->receive)
			due = course.r->receive;
		pair_take(&pair, 1, true, &cqe, what);
		check(cqe.wqe_index == k && cqe.status == due, "%s: receive CQE of entry %u has status %u",
		      what, cqe.wqe_index, cqe.status);
	}
}

static void finish(const char *what)
{
	bus_knob(0, KNOB_WIRE_STALL, 0);
	pair_quiet(&pair, what);
	pair_destroy(&pair);
	pair_drop_cqes(&pair);
}

/* That of the refusal; before, there may be some about the send queue */
static void check_peer_event(const char *what, bool drained)
{
	struct ae ae;

	if (!drained) {
		pair_event(&pair, 1, course.r->event, course.r->reason, what);
		return;
	}
	do {
		while (!ae_poll(1, &ae))
			traffic_step();
	} while (ae.code == TERN_HW_AE_CODE_QP_SQ_DRAINED);
	check(ae.code == course.r->event && ae.id == pair.qp[1].qpn &&
	      get(TERN_HW_AE_QP_W_REASON_MASK, ae.detail) == course.r->reason, "%s: event %x", what, ae.code);
}

static void check_all(const char *what, bool drained)
{
	for (uint32_t k = 0; k < course.reads; k++)
		pair_cqe(&pair, 0, false, course.read[k], R, TERN_HW_WC_STATUS_SUCCESS, what);
	pair_cqe(&pair, 0, false, course.at, course.r->op, course.r->status, what);
	for (uint32_t k = 0; k < BEHIND; k++)
		pair_cqe(&pair, 0, false, course.behind[k], course.op[k], TERN_HW_WC_STATUS_WR_FLUSH, what);
	pair_event(&pair, 0, TERN_HW_AE_CODE_QP_FATAL, TERN_HW_QP_REASON_REMOTE, what);
	check_peer_event(what, drained);
	check_receives(what);
	check_memory(what);
	check_read(what);
	for (uint32_t i = 0; i < NODES; i++)
		pair_state(&pair, i, TERN_HW_QP_STATE_ERR, what);
	finish(what);
}

static void refuse(const struct refusal *r)
{
	connect(r, conn_default.timeout);
	post();
	check_all(r->name, false);
	say("%s, behind %u READs", r->name, course.reads);
}

/* --------------------------------------------------------------- while the NAK waits */

/* What changes nothing of the end */
static void meddle(const struct refusal *r)
{
	static const char *const names[] = { "query", "RTS again", "SQD and back", "suspend" };
	uint32_t way = rnd(4);
	uint64_t words[64], result;
	struct qp *qp = &pair.qp[1];

	connect(r, conn_default.timeout);
	post();
	for (uint32_t k = rnd_range(1, 10); k; k--) {
		pair_wait(rnd(200));
		memset(words, 0, sizeof(words));
		switch (way) {
		case 0:
			qp_query(qp, words);
			break;
		case 1:		/* refused, if the QP is in error already */
			qp_modify_try(qp, 0, TERN_HW_QP_STATE_RTS, words, &result);
			break;
		case 2:
			qp_modify_try(qp, 0, TERN_HW_QP_STATE_SQD, words, &result);
			pair_wait(rnd(100));
			qp_modify_try(qp, 0, TERN_HW_QP_STATE_RTS, words, &result);
			break;
		default:
			node_command_try(1, TERN_HW_CQP_OP_SUSPEND_QP, qp->qpn, words, &result);
			pair_wait(rnd(100));
			node_command_try(1, TERN_HW_CQP_OP_RESUME_QP, qp->qpn, words, &result);
		}
	}
	check_all(r->name, way == 2);
	say("%s, behind %u READs; meanwhile %s", r->name, course.reads, names[way]);
}

/* The host ends the QP: at once, whatever waits. The peer learns of that, or runs out of retries */
static void end_early(const struct refusal *r)
{
	static const char *const names[] = { "ERR", "RESET", "destroyed" };
	uint32_t way = rnd(3), good_reads = 0;
	struct ae ae;

	connect(r, 3);
	post();
	if (chance(70))
		pair_wait(rnd(3000));
	switch (way) {
	case 0:
		qp_state(&pair.qp[1], TERN_HW_QP_STATE_ERR);
		pair_state(&pair, 1, TERN_HW_QP_STATE_ERR, r->name);
		break;
	case 1:
		qp_state(&pair.qp[1], TERN_HW_QP_STATE_RESET);
		pair_state(&pair, 1, TERN_HW_QP_STATE_RESET, r->name);
		break;
	default:
		qp_destroy(&pair.qp[1]);
	}
	while (ae_poll(1, &ae))		/* it may have been in error before */
		check(ae.code == r->event, "%s: event %x", r->name, ae.code);
	for (uint32_t k = 0; k < course.reads + 1 + BEHIND; k++) {
		static bool over;
		struct cqe cqe;

		over = k && over;
		pair_take(&pair, 0, false, &cqe, r->name);
		if (cqe.status == TERN_HW_WC_STATUS_SUCCESS) {
			check(!over && k < course.reads, "%s: entry %u succeeds", r->name, k);
			good_reads++;
		} else if (!over) {
			check(cqe.status == TERN_HW_WC_STATUS_RETRY_EXC || cqe.status == r->status,
			      "%s: entry %u has status %u", r->name, k, cqe.status);
			over = true;
		} else {
			check(cqe.status == TERN_HW_WC_STATUS_WR_FLUSH, "%s: entry %u has status %u",
			      r->name, k, cqe.status);
		}
	}
	while (!ae_poll(0, &ae))
		traffic_step();
	check_memory(r->name);
	if (way == 2) {
		const struct qp_attr attr = pair.qp[1].attr;

		qp_create(&pair.qp[1], 1, pair.qp[1].qpn, &pair.cq[1], &pair.cq[1], &attr);
	}
	pair_drop_cqes(&pair);
	finish(r->name);
	say("%s, behind %u READs; meanwhile %s, after %u of them", r->name, course.reads, names[way],
	    good_reads);
}

/* The region goes while its data is sent: that READ is refused, and not the request behind it. Or
 * its packet is lost in the sender when the NAK of the request behind it is on its way already; then
 * the READ is asked for again, of a QP in error.
 */
static void lose_region(const struct refusal *r)
{
	struct mr *mr = &pair.mr[1][MR_ALL];
	struct mr_attr attr = mr->attr;
	uint32_t index = mr->index, good_reads = 0, failed = 0;
	struct ae ae;

	connect(r, 4);
	post();
	pair_wait(rnd(3000));
	check(!mr_dereg_try(mr), "%s: region not taken away", r->name);
	for (uint32_t k = 0; k < course.reads + 1 + BEHIND; k++) {
		struct cqe cqe;

		pair_take(&pair, 0, false, &cqe, r->name);
		good_reads += cqe.status == TERN_HW_WC_STATUS_SUCCESS;
		failed += cqe.status == TERN_HW_WC_STATUS_REM_ACCESS || cqe.status == r->status ||
			  cqe.status == TERN_HW_WC_STATUS_REM_OP ||
			  cqe.status == TERN_HW_WC_STATUS_RETRY_EXC;
		check(k == good_reads + failed - 1 || cqe.status == TERN_HW_WC_STATUS_WR_FLUSH,
		      "%s: entry %u has status %u", r->name, k, cqe.status);
	}
	check(failed == 1 && good_reads <= course.reads, "%s: %u good, %u failed", r->name, good_reads,
	      failed);
	for (uint32_t i = 0; i < NODES; i++)
		while (!ae_poll(i, &ae))
			traffic_step();
	pair_wait(3000);
	pair_drop_cqes(&pair);
	finish(r->name);
	mr_forget(mr);
	mr_create(mr, 1, index, &attr);
	say("%s, behind %u READs; the region went after %u of them", r->name, course.reads, good_reads);
}

void program_reads(void)
{
	pair_begin(&pair);
	for (uint32_t k = 0; k < REFUSALS; k++) {
		refuse(&refusals[k]);
		meddle(&refusals[k]);
		end_early(&refusals[k]);
		lose_region(&refusals[k]);
	}
	pair_end();
}
