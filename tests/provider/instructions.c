// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * How many instructions an operation takes: the fake device's program is single-stepped while it
 * posts and polls. Prints a table, and fails if a figure is above its limit. A call counts from
 * the verb's begin to its end, less an empty function's; not what the caller does around it.
 */

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake.h"

#define BATCH	32
#define WARM	3		/* calls before the one that counts */
#define DEPTH	256		/* requests of a queue */
#define STEPS	1000000		/* more is an endless loop */

/* Where counting begins and ends: a call of one of these */
static __attribute__((noinline)) void count_begin(void)
{
	__asm__ volatile("" ::: "memory");
}

static __attribute__((noinline)) void count_end(void)
{
	__asm__ volatile("" : : "r"(1) : "memory");
}

struct bench {
	struct fake fake;
	struct tern_pd parent;
	struct tern_td td;
	struct tern_cq *cq;
	struct tern_qp *qp;
	struct ibv_cq_ex *cq_ex;
	struct ibv_qp_ex *qp_ex;
	struct ibv_send_wr send[BATCH];
	struct ibv_recv_wr recv[BATCH];
	struct ibv_sge sge[4];
	struct ibv_wc wc[BATCH];
	uint64_t written;		/* CQEs */
	uint32_t sent, received;	/* requests that they are about */
	uint8_t data[256];
};

/* One of the calls that are counted; n requests or completions at once */
typedef void (*call_fn)(struct bench *bench, uint32_t n);

struct row {
	const char *name;
	call_fn call;
	call_fn prepare;		/* before each call, or NULL */
	uint32_t n;
	bool locked;
	bool push;
	uint32_t limit;			/* per request or completion */
};

static void check(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "%s failed\n", what);
		_exit(1);
	}
}

/* ------------------------------------------------------------------------------ the calls */

static void link_sends(struct bench *bench, uint32_t n, enum ibv_wr_opcode opcode, int num_sge,
		       unsigned int flags)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		bench->send[i] = (struct ibv_send_wr){
			.wr_id = i,
			.next = i + 1 < n ? &bench->send[i + 1] : NULL,
			.sg_list = bench->sge,
			.num_sge = num_sge,
			.opcode = opcode,
			.send_flags = IBV_SEND_SIGNALED | flags,
			.wr.rdma = { .remote_addr = 0x123456789000, .rkey = 0x1234 },
		};
	}
}

/* All that was posted before is complete */
static void drain(struct bench *bench)
{
	atomic_store(&bench->qp->sq.tail, bench->qp->sq.head);
	atomic_store(&bench->qp->rq.tail, bench->qp->rq.head);
}

static void prepare_write(struct bench *bench, uint32_t n)
{
	drain(bench);
	bench->sge[0].length = 64;
	link_sends(bench, n, IBV_WR_RDMA_WRITE, 1, 0);
}

static void prepare_write4(struct bench *bench, uint32_t n)
{
	drain(bench);
	bench->sge[0].length = 64;
	link_sends(bench, n, IBV_WR_RDMA_WRITE, 4, 0);
}

static void prepare_inline8(struct bench *bench, uint32_t n)
{
	drain(bench);
	bench->sge[0].length = 8;
	link_sends(bench, n, IBV_WR_RDMA_WRITE, 1, IBV_SEND_INLINE);
}

static void prepare_inline64(struct bench *bench, uint32_t n)
{
	drain(bench);
	bench->sge[0].length = 64;
	link_sends(bench, n, IBV_WR_RDMA_WRITE, 1, IBV_SEND_INLINE);
}

static void prepare_send(struct bench *bench, uint32_t n)
{
	drain(bench);
	bench->sge[0].length = 64;
	link_sends(bench, n, IBV_WR_SEND, 1, 0);
}

static void call_post_send(struct bench *bench, uint32_t n)
{
	struct ibv_send_wr *bad;

	(void)n;
	check(!tern_post_send(&bench->qp->vqp.qp, bench->send, &bad), "ibv_post_send");
}

static void prepare_drain(struct bench *bench, uint32_t n)
{
	(void)n;
	drain(bench);
	bench->qp_ex->wr_flags = IBV_SEND_SIGNALED;
}

static void call_wr_write(struct bench *bench, uint32_t n)
{
	ibv_wr_start(bench->qp_ex);
	for (; n; n--) {
		bench->qp_ex->wr_id = n;
		ibv_wr_rdma_write(bench->qp_ex, 0x1234, 0x123456789000);
		ibv_wr_set_sge(bench->qp_ex, 0x777, (uintptr_t)bench->data, 64);
	}
	check(!ibv_wr_complete(bench->qp_ex), "ibv_wr_complete");
}

static void prepare_recv(struct bench *bench, uint32_t n)
{
	uint32_t i;

	drain(bench);
	for (i = 0; i < n; i++) {
		bench->recv[i] = (struct ibv_recv_wr){
			.wr_id = i,
			.next = i + 1 < n ? &bench->recv[i + 1] : NULL,
			.sg_list = bench->sge,
			.num_sge = 1,
		};
	}
}

static void call_post_recv(struct bench *bench, uint32_t n)
{
	struct ibv_recv_wr *bad;

	(void)n;
	check(!tern_post_recv(&bench->qp->vqp.qp, bench->recv, &bad), "ibv_post_recv");
}

static void write_cqes(struct bench *bench, uint32_t n, uint64_t info, uint32_t *index)
{
	for (; n; n--) {
		struct fake_cqe cqe = {
			.len = 64,
			.peer = (uint64_t)(uint16_t)*index << 48,
			.info = bench->qp->qpn | info,
		};

		++*index;
		fake_write_cqe(bench->cq, bench->written++, &cqe);
	}
}

static void prepare_sq_cqes(struct bench *bench, uint32_t n)
{
	prepare_write(bench, n);
	call_post_send(bench, n);
	write_cqes(bench, n, (uint64_t)TERN_HW_WQE_OP_WRITE << 24, &bench->sent);
}

static void prepare_rq_cqes(struct bench *bench, uint32_t n)
{
	prepare_recv(bench, n);
	call_post_recv(bench, n);
	write_cqes(bench, n, 1ull << 40, &bench->received);
}

static void call_poll(struct bench *bench, uint32_t n)
{
	check(tern_poll_cq(&bench->cq->vcq.cq, n, bench->wc) == (int)n, "ibv_poll_cq");
}

static void call_poll_empty(struct bench *bench, uint32_t n)
{
	check(tern_poll_cq(&bench->cq->vcq.cq, n, bench->wc) == 0, "ibv_poll_cq");
}

/* With what a program most often asks for: the request, its outcome, what it was, its length */
static void call_lazy_poll(struct bench *bench, uint32_t n)
{
	struct ibv_poll_cq_attr attr = { 0 };
	uint64_t sum = 0;
	int ret;

	ret = ibv_start_poll(bench->cq_ex, &attr);
	for (; n && !ret; n--) {
		sum += bench->cq_ex->wr_id + bench->cq_ex->status +
		       ibv_wc_read_opcode(bench->cq_ex) + ibv_wc_read_byte_len(bench->cq_ex);
		if (n > 1)
			ret = ibv_next_poll(bench->cq_ex);
	}
	check(!n, "ibv_start_poll");
	ibv_end_poll(bench->cq_ex);
	__asm__ volatile("" : : "r"(sum));
}

/* What the calls above take besides the verb: as call_post_send, with one that does nothing */
static __attribute__((noipa)) int no_verb(struct ibv_qp *qp, struct ibv_send_wr *wr,
					  struct ibv_send_wr **bad)
{
	(void)qp;
	(void)wr;
	(void)bad;
	return 0;
}

static void call_nothing(struct bench *bench, uint32_t n)
{
	struct ibv_send_wr *bad;

	(void)n;
	check(!no_verb(&bench->qp->vqp.qp, bench->send, &bad), "nothing");
}

static const struct row rows[] = {
	{ "ibv_post_send, WRITE, 1 SGE", call_post_send, prepare_write, 1, true, false, 110 },
	{ "ibv_post_send, WRITE, 1 SGE, of 32", call_post_send, prepare_write, BATCH, true, false, 75 },
	{ "ibv_post_send, WRITE, 1 SGE, no lock", call_post_send, prepare_write, 1, false, false, 100 },
	{ "ibv_post_send, WRITE, 1 SGE, pushed", call_post_send, prepare_write, 1, true, true, 140 },
	{ "ibv_post_send, SEND, 1 SGE", call_post_send, prepare_send, 1, true, false, 110 },
	{ "ibv_post_send, WRITE, 4 SGEs", call_post_send, prepare_write4, 1, true, false, 270 },
	{ "ibv_post_send, WRITE, 8 B inline", call_post_send, prepare_inline8, 1, true, false, 130 },
	{ "ibv_post_send, WRITE, 64 B inline", call_post_send, prepare_inline64, 1, true, false, 310 },
	{ "ibv_wr_rdma_write, 1 SGE", call_wr_write, prepare_drain, 1, true, false, 140 },
	{ "ibv_wr_rdma_write, 1 SGE, of 32", call_wr_write, prepare_drain, BATCH, true, false, 80 },
	{ "ibv_wr_rdma_write, 1 SGE, no lock", call_wr_write, prepare_drain, 1, false, false, 135 },
	{ "ibv_post_recv, 1 SGE", call_post_recv, prepare_recv, 1, true, false, 90 },
	{ "ibv_post_recv, 1 SGE, of 32", call_post_recv, prepare_recv, BATCH, true, false, 50 },
	{ "ibv_poll_cq, send", call_poll, prepare_sq_cqes, 1, true, false, 98 },
	{ "ibv_poll_cq, send, of 32", call_poll, prepare_sq_cqes, BATCH, true, false, 60 },
	{ "ibv_poll_cq, send, no lock", call_poll, prepare_sq_cqes, 1, false, false, 90 },
	{ "ibv_poll_cq, receive", call_poll, prepare_rq_cqes, 1, true, false, 98 },
	{ "ibv_poll_cq, receive, of 32", call_poll, prepare_rq_cqes, BATCH, true, false, 60 },
	{ "ibv_poll_cq, nothing there", call_poll_empty, NULL, 1, true, false, 50 },
	{ "ibv_start_poll ..., send", call_lazy_poll, prepare_sq_cqes, 1, true, false, 110 },
	{ "ibv_start_poll ..., send, of 32", call_lazy_poll, prepare_sq_cqes, BATCH, true, false, 80 },
};

/* ------------------------------------------------------------------------------- the child */

static void bench_init(struct bench *bench, const struct row *row)
{
	struct ibv_cq_init_attr_ex cq_attr = {
		.cqe = DEPTH,
		.wc_flags = IBV_WC_STANDARD_FLAGS,
		.comp_mask = IBV_CQ_INIT_ATTR_MASK_PD,
		.parent_domain = &bench->parent.ibv_pd,
	};
	struct ibv_qp_init_attr_ex qp_attr = {
		.cap = { DEPTH, DEPTH, 4, 1, 64 },
		.qp_type = IBV_QPT_RC,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_SEND_OPS_FLAGS,
		.pd = &bench->parent.ibv_pd,
		.send_ops_flags = TERN_SEND_OPS,
	};
	struct ibv_context *ctx;
	unsigned int i;

	fake_init(&bench->fake);
	ctx = &bench->fake.ctx->ibv_ctx.context;
	bench->parent.ibv_pd.context = ctx;
	bench->parent.contained = &bench->fake.pd;
	bench->parent.td = row->locked ? NULL : &bench->td;
	if (row->push) {
		bench->fake.ctx->push = bench->fake.push;
		bench->fake.ctx->free_push_slots = 1;
	}
	bench->cq_ex = tern_create_cq_ex(ctx, &cq_attr);
	check(bench->cq_ex, "ibv_create_cq_ex");
	bench->cq = to_tern_cq_ex(bench->cq_ex);
	qp_attr.send_cq = qp_attr.recv_cq = ibv_cq_ex_to_cq(bench->cq_ex);
	bench->qp = to_tern_qp(tern_create_qp_ex(ctx, &qp_attr));
	bench->qp->vqp.qp.state = IBV_QPS_RTS;
	bench->qp_ex = &bench->qp->vqp.qp_ex;
	for (i = 0; i < 4; i++) {
		bench->sge[i].addr = (uintptr_t)bench->data;
		bench->sge[i].length = 64;
		bench->sge[i].lkey = 0x777;
	}
}

/* SIGUSR1 and SIGUSR2 tell the parent when to look at each instruction */
static void run_row(const struct row *row)
{
	static struct bench bench;
	unsigned int i;

	memset(&bench, 0, sizeof(bench));
	bench_init(&bench, row);
	for (i = 0; i <= WARM; i++) {
		if (row->prepare)
			row->prepare(&bench, row->n);
		if (i == WARM)
			raise(SIGUSR1);
		count_begin();
		row->call(&bench, row->n);
		count_end();
		if (i == WARM)
			raise(SIGUSR2);
	}
	/* The memory goes with the process */
}

/* ------------------------------------------------------------------------------ the parent */

static uintptr_t program_counter(pid_t pid)
{
	struct user_regs_struct regs;
	struct iovec vec = { &regs, sizeof(regs) };

	check(!ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vec), "PTRACE_GETREGSET");
#if defined(__x86_64__)
	return regs.rip;
#elif defined(__aarch64__)
	return regs.pc;
#else
#error "where is the program counter?"
#endif
}

static int wait_stop(pid_t pid)
{
	int status;

	check(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status), "the program");
	return WSTOPSIG(status);
}

/* Instructions from count_begin to count_end */
static uint32_t step(pid_t pid)
{
	bool counting = false;
	uint32_t count = 0, i;
	uintptr_t pc;

	for (i = 0; i < STEPS; i++) {
		check(!ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), "PTRACE_SINGLESTEP");
		check(wait_stop(pid) == SIGTRAP, "single-stepping");
		pc = program_counter(pid);
		if (pc == (uintptr_t)count_end)
			return count;
		count += counting;
		counting |= pc == (uintptr_t)count_begin;
	}
	check(false, "counting");
	return 0;
}

static uint32_t count_row(const struct row *row)
{
	uint32_t count;
	pid_t pid;

	pid = fork();
	check(pid >= 0, "fork");
	if (!pid) {
		check(!ptrace(PTRACE_TRACEME, 0, NULL, NULL), "PTRACE_TRACEME");
		run_row(row);
		_exit(0);
	}
	check(wait_stop(pid) == SIGUSR1, "the program's begin");
	count = step(pid);
	check(!ptrace(PTRACE_CONT, pid, NULL, NULL), "PTRACE_CONT");
	check(wait_stop(pid) == SIGUSR2, "the program's end");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return count;
}

int main(void)
{
	const struct row nothing = { .call = call_nothing, .n = 1 };
	uint32_t overhead = count_row(&nothing);
	bool good = true;
	double each;
	size_t i;

	alarm(120);
	printf("%-40s %8s %8s\n", "", "each", "limit");
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		each = (double)(count_row(&rows[i]) - overhead) / rows[i].n;
		printf("%-40s %8.1f %8u%s\n", rows[i].name, each, rows[i].limit,
		       each > rows[i].limit ? "  above" : "");
		good &= each <= rows[i].limit;
	}
	return !good;
}
