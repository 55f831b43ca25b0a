// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * hostile [SECONDS [SEED]]: a process that writes nonsense to its own queues
 *
 * Runs in the guest. First each kind of bad send queue entry, with the status that it must
 * have; then random entries, receive entries and doorbells. Another process's QPs carry data
 * all the time, which must arrive, and only regions may be written to.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hostile.h"

#define WAIT_MS		20000
#define NO_KEY		0xffffff00u

/* What the attacker knows of its victim */
struct victim {
	pid_t pid;
	int stop_fd, report_fd;
	uint32_t rkey, lkey, qpn;
};

static struct victim victim_start(void)
{
	struct victim victim;
	int stop[2], report[2];
	uint32_t told[3];

	if (pipe(stop) || pipe(report))
		fail("pipe");
	victim.pid = fork();
	if (!victim.pid) {
		close(stop[1]);
		run_victim(stop[0], report[1]);
	}
	close(stop[0]);
	close(report[1]);
	victim.stop_fd = stop[1];
	victim.report_fd = report[0];
	if (read(victim.report_fd, told, sizeof(told)) != sizeof(told))
		fail("the victim does not start");
	victim.rkey = told[0];
	victim.lkey = told[1];
	victim.qpn = told[2];
	return victim;
}

static uint32_t victim_stop(const struct victim *victim)
{
	uint32_t rounds;
	int status;

	close(victim->stop_fd);
	if (read(victim->report_fd, &rounds, sizeof(rounds)) != sizeof(rounds) ||
	    waitpid(victim->pid, &status, 0) < 0 || status)
		fail("the victim had an error");
	return rounds;
}

/* ------------------------------------------------------------------ one bad entry at a time */

static struct tern_hw_sge make_sge(const struct end *end, uint32_t offset, uint32_t length,
				   uint32_t key)
{
	return (struct tern_hw_sge) {
		.addr = htole64((uintptr_t)region(end) + offset),
		.len_key = htole64(length | FIELD_PREP(TERN_HW_SGE_LEN_KEY_LKEY_MASK,
						       (uint64_t)key)),
	};
}

static uint64_t make_header(uint32_t op, uint32_t num_sge, uint32_t slots, bool polarity)
{
	return op | FIELD_PREP(TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK, num_sge) |
	       FIELD_PREP(TERN_HW_SQ_WQE_HDR_SLOTS_MASK, slots) | TERN_HW_SQ_WQE_HDR_SIGNALED_MASK |
	       (polarity ? TERN_HW_SQ_WQE_HDR_POLARITY_MASK : 0);
}

/* A good entry: one SGE of 64 B, the peer's region */
static struct tern_hw_sq_wqe make_wqe(const struct pair *pair, uint32_t op)
{
	bool atomic = op == TERN_HW_WQE_OP_CMP_SWAP || op == TERN_HW_WQE_OP_FETCH_ADD;
	struct tern_hw_sge sge = make_sge(&pair->a, 16, atomic ? 8 : 64, pair->a.mr->lkey);
	uintptr_t remote = ((uintptr_t)region(&pair->b) + 63) & ~63ull;
	struct tern_hw_sq_wqe wqe = {
		.hdr = htole64(make_header(op, 1, 1, true)),
		.remote = htole64(remote),
		.keys = htole64(pair->b.mr->rkey),
	};

	memcpy(wqe.data, &sge, sizeof(sge));
	return wqe;
}

static void set_sge(struct tern_hw_sq_wqe *wqe, int i, struct tern_hw_sge sge)
{
	memcpy(wqe->data + 2 * i, &sge, sizeof(sge));
}

static void set_bits(struct tern_hw_sq_wqe *wqe, uint64_t mask, uint64_t value)
{
	wqe->hdr = htole64((le64toh(wqe->hdr) & ~mask) | (value << __builtin_ctzll(mask) & mask));
}

static void set_key(struct tern_hw_sq_wqe *wqe, uint32_t key)
{
	uint64_t len = le64toh(wqe->data[1]) & TERN_HW_SGE_LEN_KEY_LEN_MASK;

	wqe->data[1] = htole64(len | FIELD_PREP(TERN_HW_SGE_LEN_KEY_LKEY_MASK, (uint64_t)key));
}

/* Each makes a good entry bad; with what it must end */
struct bad_entry {
	const char *name;
	uint32_t op;
	uint32_t status;
	void (*spoil)(struct pair *pair, struct tern_hw_sq_wqe *wqe);
};

#define SPOIL(name, ...) \
	static void spoil_##name(struct pair *pair, struct tern_hw_sq_wqe *wqe) \
	{ \
		(void)pair; \
		(void)wqe; \
		__VA_ARGS__; \
	}

SPOIL(nothing, )
SPOIL(opcode_3, set_bits(wqe, TERN_HW_SQ_WQE_HDR_OP_MASK, 3))
SPOIL(opcode_ff, set_bits(wqe, TERN_HW_SQ_WQE_HDR_OP_MASK, 0xff))
SPOIL(slots_0, set_bits(wqe, TERN_HW_SQ_WQE_HDR_SLOTS_MASK, 0))
SPOIL(slots_2, set_bits(wqe, TERN_HW_SQ_WQE_HDR_SLOTS_MASK, 2))
SPOIL(slots_7, set_bits(wqe, TERN_HW_SQ_WQE_HDR_SLOTS_MASK, 7))
SPOIL(polarity, set_bits(wqe, TERN_HW_SQ_WQE_HDR_POLARITY_MASK, 0))
SPOIL(sges_17, set_bits(wqe, TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK, 17);
	set_bits(wqe, TERN_HW_SQ_WQE_HDR_SLOTS_MASK, 5))
SPOIL(sges_31, set_bits(wqe, TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK, 31);
	set_bits(wqe, TERN_HW_SQ_WQE_HDR_SLOTS_MASK, 5))
SPOIL(inline_long, set_bits(wqe, TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK, 0);
	set_bits(wqe, TERN_HW_SQ_WQE_HDR_INL_MASK, 1);
	set_bits(wqe, TERN_HW_SQ_WQE_HDR_INL_LEN_MASK, 255);
	set_bits(wqe, TERN_HW_SQ_WQE_HDR_SLOTS_MASK, 4))
SPOIL(inline_too, set_bits(wqe, TERN_HW_SQ_WQE_HDR_INL_MASK, 1))
SPOIL(length_8, set_sge(wqe, 0, make_sge(&pair->a, 16, 7, pair->a.mr->lkey)))
SPOIL(odd_address, wqe->remote = htole64(le64toh(wqe->remote) + 4))
SPOIL(key_byte, set_key(wqe, pair->a.mr->lkey ^ 1))
SPOIL(key_none, set_key(wqe, NO_KEY))
SPOIL(key_0, set_key(wqe, 0))
SPOIL(key_all, set_key(wqe, 1 << 8))
SPOIL(before, set_sge(wqe, 0, make_sge(&pair->a, -1, 64, pair->a.mr->lkey)))
SPOIL(behind, set_sge(wqe, 0, make_sge(&pair->a, REGION_BYTES - 63, 64, pair->a.mr->lkey)))
/* Not too long for the peer, who would refuse it at the first packet, perhaps before we do */
SPOIL(long_sge, set_sge(wqe, 0, make_sge(&pair->a, 64, REGION_BYTES - 63, pair->a.mr->lkey)))
SPOIL(two_gib, set_sge(wqe, 0, make_sge(&pair->a, 0, 0x80000001, pair->a.mr->lkey)))
SPOIL(sum, set_bits(wqe, TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK, 2);
	set_sge(wqe, 0, make_sge(&pair->a, 0, 0xffffffff, pair->a.mr->lkey));
	set_sge(wqe, 1, make_sge(&pair->a, 0, 65, pair->a.mr->lkey)))
SPOIL(rkey_byte, wqe->keys ^= htole64(1))
SPOIL(rkey_none, wqe->keys = htole64(NO_KEY))
SPOIL(rkey_all, wqe->keys = htole64(1 << 8))
SPOIL(remote_before, wqe->remote = htole64((uintptr_t)region(&pair->b) - 8))
SPOIL(remote_behind, wqe->remote = htole64((uintptr_t)region(&pair->b) + REGION_BYTES - 4))
SPOIL(remote_wrap, wqe->remote = htole64(UINT64_MAX - 7))
SPOIL(inv_region, wqe->keys = htole64((uint64_t)pair->b.mr->rkey << 32))
SPOIL(inv_none, wqe->keys = htole64((uint64_t)NO_KEY << 32))

#define OP(name)	TERN_HW_WQE_OP_##name
#define WC(name)	IBV_WC_##name

static const struct bad_entry bad_entries[] = {
	{ "good", OP(SEND), WC(SUCCESS), spoil_nothing },
	{ "good", OP(WRITE), WC(SUCCESS), spoil_nothing },
	{ "good", OP(READ), WC(SUCCESS), spoil_nothing },
	{ "good", OP(FETCH_ADD), WC(SUCCESS), spoil_nothing },
	{ "opcode 3", OP(SEND), WC(LOC_QP_OP_ERR), spoil_opcode_3 },
	{ "opcode ff", OP(SEND), WC(LOC_QP_OP_ERR), spoil_opcode_ff },
	{ "LOCAL_INV", OP(LOCAL_INV), WC(LOC_QP_OP_ERR), spoil_nothing },
	{ "REG_MR", OP(REG_MR), WC(LOC_QP_OP_ERR), spoil_nothing },
	{ "no slot", OP(SEND), WC(LOC_QP_OP_ERR), spoil_slots_0 },
	{ "two slots", OP(WRITE), WC(LOC_QP_OP_ERR), spoil_slots_2 },
	{ "seven slots", OP(READ), WC(LOC_QP_OP_ERR), spoil_slots_7 },
	{ "polarity", OP(SEND), WC(LOC_QP_OP_ERR), spoil_polarity },
	{ "17 SGEs", OP(SEND), WC(LOC_QP_OP_ERR), spoil_sges_17 },
	{ "31 SGEs", OP(WRITE), WC(LOC_QP_OP_ERR), spoil_sges_31 },
	{ "inline 255", OP(SEND), WC(LOC_QP_OP_ERR), spoil_inline_long },
	{ "inline and SGE", OP(WRITE), WC(LOC_QP_OP_ERR), spoil_inline_too },
	{ "inline READ", OP(READ), WC(LOC_QP_OP_ERR), spoil_inline_too },
	{ "atomic of 7 B", OP(FETCH_ADD), WC(LOC_QP_OP_ERR), spoil_length_8 },
	{ "atomic misaligned", OP(CMP_SWAP), WC(LOC_QP_OP_ERR), spoil_odd_address },
	{ "2 GiB and more", OP(WRITE), WC(LOC_LEN_ERR), spoil_two_gib },
	{ "sum beyond 32 bits", OP(SEND), WC(LOC_LEN_ERR), spoil_sum },
	{ "lkey byte", OP(SEND), WC(LOC_PROT_ERR), spoil_key_byte },
	{ "lkey of none", OP(WRITE), WC(LOC_PROT_ERR), spoil_key_none },
	{ "lkey 0", OP(SEND), WC(LOC_PROT_ERR), spoil_key_0 },
	{ "lkey of the kernel", OP(SEND), WC(LOC_PROT_ERR), spoil_key_all },
	{ "lkey byte", OP(READ), WC(LOC_PROT_ERR), spoil_key_byte },
	{ "lkey of none", OP(FETCH_ADD), WC(LOC_PROT_ERR), spoil_key_none },
	{ "before the region", OP(SEND), WC(LOC_PROT_ERR), spoil_before },
	{ "behind the region", OP(WRITE), WC(LOC_PROT_ERR), spoil_behind },
	{ "behind the region", OP(READ), WC(LOC_PROT_ERR), spoil_behind },
	{ "longer than the region", OP(WRITE), WC(LOC_PROT_ERR), spoil_long_sge },
	{ "rkey byte", OP(WRITE), WC(REM_ACCESS_ERR), spoil_rkey_byte },
	{ "rkey of none", OP(READ), WC(REM_ACCESS_ERR), spoil_rkey_none },
	{ "rkey of none", OP(CMP_SWAP), WC(REM_ACCESS_ERR), spoil_rkey_none },
	{ "rkey of the kernel", OP(WRITE), WC(REM_ACCESS_ERR), spoil_rkey_all },
	{ "rkey of the kernel", OP(READ), WC(REM_ACCESS_ERR), spoil_rkey_all },
	{ "before the peer's region", OP(WRITE), WC(REM_ACCESS_ERR), spoil_remote_before },
	{ "behind the peer's region", OP(READ), WC(REM_ACCESS_ERR), spoil_remote_behind },
	{ "end of address space", OP(WRITE), WC(REM_ACCESS_ERR), spoil_remote_wrap },
	{ "end of address space", OP(READ), WC(REM_ACCESS_ERR), spoil_remote_wrap },
	{ "invalidate the peer's region", OP(SEND_INV), WC(REM_ACCESS_ERR), spoil_inv_region },
	{ "invalidate nothing", OP(SEND_INV), WC(REM_ACCESS_ERR), spoil_inv_none },
};

static void post_recvs(struct end *end, int count)
{
	struct ibv_sge sge = { (uintptr_t)region(end), REGION_BYTES, end->mr->lkey };
	struct ibv_recv_wr wr = { .sg_list = &sge, .num_sge = 1 }, *bad;

	while (count--)
		if (ibv_post_recv(end->qp, &wr, &bad))
			fail("post_recv");
}

static void expect_send(struct pair *pair, const char *name, uint16_t index, uint32_t status)
{
	struct raw_cqe cqe;

	do {
		if (!wait_cqe(&pair->a, &cqe, WAIT_MS))
			fail("%s: entry %u has no completion", name, index);
	} while (cqe.recv);
	if (cqe.qpn != pair->a.qp->qp_num || cqe.index != index || cqe.status != status)
		fail("%s: entry %u of %u: status %u, not entry %u: status %u", name, cqe.index,
		     cqe.qpn, cqe.status, index, status);
}

/* One entry before it, which succeeds, and two behind it, which do as it does or are flushed */
static void try_entry(struct pair *pair, const struct bad_entry *bad)
{
	struct tern_hw_sq_wqe good = make_wqe(pair, TERN_HW_WQE_OP_WRITE);
	struct tern_hw_sq_wqe wqe = make_wqe(pair, bad->op);
	bool fails = bad->status != IBV_WC_SUCCESS;
	uint32_t slots;

	area_fill(&pair->a);
	area_fill(&pair->b);
	pair_connect(pair);
	post_recvs(&pair->b, 4);
	bad->spoil(pair, &wqe);
	slots = FIELD_GET(TERN_HW_SQ_WQE_HDR_SLOTS_MASK, le64toh(wqe.hdr));
	put_slot(&pair->a, 0, &good);
	put_slot(&pair->a, 1, &wqe);
	put_slot(&pair->a, 2, &good);
	put_slot(&pair->a, 3, &good);
	ring_sq(&pair->a, pair->a.qp->qp_num, 4);
	expect_send(pair, bad->name, 0, IBV_WC_SUCCESS);
	expect_send(pair, bad->name, 1, bad->status);
	/* An entry that says it is longer takes others with it */
	if (slots == 1) {
		expect_send(pair, bad->name, 2, fails ? IBV_WC_WR_FLUSH_ERR : IBV_WC_SUCCESS);
		expect_send(pair, bad->name, 3, fails ? IBV_WC_WR_FLUSH_ERR : IBV_WC_SUCCESS);
	}
	area_check(&pair->a);
	area_check(&pair->b);
	pair_reset(pair);
}

/* ------------------------------------------------------------------------------ at random */

static uint32_t random_key(const struct pair *pair, const struct victim *victim, uint64_t *random)
{
	switch (next_random(random) % 8) {
	case 0: return next_random(random);
	case 1: return victim->rkey;
	case 2: return victim->lkey;
	case 3: return pair->b.mr->rkey;
	case 4: return next_random(random) % 64 << 8;
	default: return pair->a.mr->lkey;
	}
}

static struct tern_hw_sge random_sge(const struct pair *pair, const struct victim *victim,
				     uint64_t *random)
{
	uint32_t length = next_random(random) % 4 ? next_random(random) % 3000 :
						    next_random(random);
	uint32_t offset = next_random(random) % 4 ? next_random(random) % 4000 :
						    next_random(random) % AREA_BYTES -
						    REGION_OFFSET;

	return make_sge(&pair->a, offset, length, random_key(pair, victim, random));
}

static struct tern_hw_sq_wqe random_wqe(const struct pair *pair, const struct victim *victim,
					uint64_t *random, uint32_t index)
{
	static const uint8_t ops[] = { 0, 1, 2, 4, 5, 8, 12, 13, 16, 17 };
	uint32_t op = ops[next_random(random) % sizeof(ops)];
	struct tern_hw_sq_wqe wqe = make_wqe(pair, op);
	bool polarity = !(index & PAIR_SLOTS);
	uint64_t *word = (uint64_t *)&wqe;
	int i;

	set_bits(&wqe, TERN_HW_SQ_WQE_HDR_POLARITY_MASK, polarity);
	switch (next_random(random) % 5) {
	case 0:
		for (i = 0; i < 8; i++)
			word[i] = (uint64_t)next_random(random) << 32 | next_random(random);
		break;
	case 1:
		wqe.hdr = htole64(make_header(op, next_random(random) % 18,
					      next_random(random) % 8, polarity));
		set_sge(&wqe, 0, random_sge(pair, victim, random));
		set_sge(&wqe, 1, random_sge(pair, victim, random));
		break;
	case 2:
		set_sge(&wqe, 0, random_sge(pair, victim, random));
		wqe.keys = htole64(random_key(pair, victim, random) |
				   (uint64_t)random_key(pair, victim, random) << 32);
		break;
	case 3:
		word[next_random(random) % 8] ^= 1ull << next_random(random) % 64;
		break;
	}
	return wqe;
}

static void random_recvs(struct end *end, const struct pair *pair, const struct victim *victim,
			 uint64_t *random)
{
	struct tern_hw_sge sge[4];
	uint32_t i, k;

	for (i = 0; i < PAIR_ENTRIES; i++) {
		for (k = 0; k < 4; k++)
			sge[k] = random_sge(pair, victim, random);
		memcpy(end->raw->rq.buf + i * sizeof(sge), sge, sizeof(sge));
	}
	ring_rq(end, end->qp->qp_num, next_random(random) % (PAIR_ENTRIES + 1));
}

static void random_doorbells(struct end *end, const struct victim *victim, uint64_t *random)
{
	ring_sq(end, victim->qpn, next_random(random));
	ring_rq(end, next_random(random) % 4096, next_random(random));
	ring_sq(end, end->qp->qp_num, next_random(random));
}

/* No completion that is another's, or that cannot be */
static uint32_t drain(struct end *end, int ms)
{
	struct raw_cqe cqe;
	uint32_t count = 0;

	while (wait_cqe(end, &cqe, ms)) {
		if (cqe.qpn != end->qp->qp_num || cqe.status > IBV_WC_GENERAL_ERR)
			fail("completion of QP %u with status %u", cqe.qpn, cqe.status);
		if (++count > PAIR_SLOTS + PAIR_ENTRIES)
			fail("more completions than entries");
	}
	return count;
}

static uint32_t fuzz_round(struct pair *pair, const struct victim *victim, uint64_t *random)
{
	uint32_t i, posted = 1 + next_random(random) % PAIR_SLOTS, completed;

	area_fill(&pair->a);
	area_fill(&pair->b);
	pair_connect(pair);
	if (next_random(random) % 3)
		post_recvs(&pair->b, 16);
	else
		random_recvs(&pair->b, pair, victim, random);
	for (i = 0; i < PAIR_SLOTS; i++) {
		struct tern_hw_sq_wqe wqe = random_wqe(pair, victim, random, i);

		put_slot(&pair->a, i, &wqe);
	}
	ring_sq(&pair->a, pair->a.qp->qp_num, posted);
	if (!(next_random(random) % 4))
		random_doorbells(&pair->a, victim, random);
	/* Under the device's hands */
	for (i = 0; i < PAIR_SLOTS && next_random(random) % 16; i++) {
		struct tern_hw_sq_wqe wqe = random_wqe(pair, victim, random, i);

		put_slot(&pair->a, next_random(random) % PAIR_SLOTS, &wqe);
	}
	completed = drain(&pair->a, next_random(random) % 4 ? 60 : 0);
	drain(&pair->b, 0);
	area_check(&pair->a);
	area_check(&pair->b);
	pair_reset(pair);
	return completed;
}

static void fuzz(struct pair *pair, const struct victim *victim, int seconds, uint64_t seed)
{
	uint64_t random = seed * 0x9e3779b97f4a7c15ull | 1;
	uint32_t rounds = 0, completed = 0;
	time_t end = time(NULL) + seconds;

	while (time(NULL) < end) {
		completed += fuzz_round(pair, victim, &random);
		/* Destruction in the middle of it, too */
		if (++rounds % 50 == 0) {
			pair_close(pair);
			pair_open(pair);
		}
	}
	printf("%u rounds of %d random entries, %u completions\n", rounds, PAIR_SLOTS, completed);
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 20;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	struct pair pair = {};
	struct victim victim;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	victim = victim_start();
	pair_open(&pair);
	for (i = 0; i < sizeof(bad_entries) / sizeof(*bad_entries); i++)
		try_entry(&pair, &bad_entries[i]);
	printf("%zu bad entries, each with its status\n", i);
	fuzz(&pair, &victim, seconds, seed);
	pair_close(&pair);
	printf("the victim exchanged %u messages meanwhile\n", victim_stop(&victim));
	return 0;
}
