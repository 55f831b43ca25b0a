// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Frames out of others, see fuzz.h. Seeds are frames that passed the wire in this run, and those of the
 * corpus (corpus/README.md). Each kind of damage is a function; afterwards checksum and ICRC are made
 * right again in most cases, so that the damage gets past them.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define KEPT 128u
#define CORPUS 1024u
#define HEADERS 100u	/* bytes in which most headers are */

static struct fuzz_frame kept[NODES][KEPT];
static uint64_t kept_count[NODES];
static struct fuzz_frame *corpus[CORPUS];
static uint32_t corpus_count;

/* ---------------------------------------------------------------------------------- seeds */

static uint32_t le32(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void load_file(const char *path)
{
	uint8_t head[24];
	FILE *file = fopen(path, "rb");

	check(file && fread(head, 24, 1, file) == 1 &&
	      (le32(head) == 0xa1b2c3d4 || le32(head) == 0xa1b23c4d), "%s is not a capture", path);
	while (fread(head, 16, 1, file) == 1) {
		uint32_t len = le32(head + 8);
		struct fuzz_frame *f = calloc(1, sizeof(*f));

		check(f && len <= FUZZ_MAX && corpus_count < CORPUS && fread(f->b, len, 1, file) == 1,
		      "%s cannot be read", path);
		f->len = len;
		corpus[corpus_count++] = f;
	}
	fclose(file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

void fuzz_load_corpus(void)
{
	struct dirent **names;
	int count = scandir(FUZZ_CORPUS, &names, NULL, by_name);

	check(count > 0, "there is no corpus at %s", FUZZ_CORPUS);
	for (int k = 0; k < count; k++) {
		size_t len = strlen(names[k]->d_name);
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", FUZZ_CORPUS, names[k]->d_name);
		if (len > 5 && !strcmp(names[k]->d_name + len - 5, ".pcap"))
			load_file(path);
		free(names[k]);
	}
	free(names);
	check(corpus_count > 20, "%u frames in the corpus", corpus_count);
}

uint32_t fuzz_corpus_size(void)
{
	return corpus_count;
}

void fuzz_keep(uint32_t to, const struct fuzz_frame *f)
{
	struct fuzz_frame *k = &kept[to][kept_count[to]++ % KEPT];

	k->len = f->len;
	memcpy(k->b, f->b, f->len);
}

void fuzz_forget(void)
{
	memset(kept_count, 0, sizeof(kept_count));
}

static const struct fuzz_frame *any_kept(uint32_t to)
{
	uint64_t count = kept_count[to] < KEPT ? kept_count[to] : KEPT;

	return count ? &kept[to][rnd((uint32_t)count)] : NULL;
}

static void copy(struct fuzz_frame *f, const struct fuzz_frame *from)
{
	f->len = from->len;
	memcpy(f->b, from->b, from->len);
}

bool fuzz_seed(uint32_t to, struct fuzz_frame *f)
{
	const struct fuzz_frame *from = chance(50) ? any_kept(chance(80) ? to : !to)
						   : corpus[rnd(corpus_count)];

	if (!from)
		return false;
	copy(f, from);
	/* Long ones cost time and tell little that is new */
	if (f->len > 1200 && chance(80))
		return false;
	if (chance(90))
		fuzz_adopt(to, f);
	return true;
}

/*
 * A frame of the peer comes once more, as networks do it. Requests of reliable connections are
 * duplicates then, and their responses stray, or they would not have been accepted the first time
 */
bool fuzz_replay(uint32_t to, struct fuzz_frame *f)
{
	const struct fuzz_frame *from = any_kept(to);
	struct fuzz_verdict v;

	if (!from)
		return false;
	copy(f, from);
	v = fuzz_judge(to, f, &fuzz_tables[to].least);
	if (v.class != FC_ROCE || v.opcode > 0x1f || v.qpn >= NODE_QPS)
		return false;
	/* NAKs cost retries each time */
	return v.opcode != 0x11 || f->b[v.ext] >> 5 == 0;
}

/* --------------------------------------------------------------------------------- damage */

enum mend { MEND_NOTHING, MEND_SUMS, MEND_ALL };	/* what must be right again afterwards */

static void insert(struct fuzz_frame *f, uint32_t at, uint32_t len)
{
	if (f->len + len > FUZZ_MAX || at > f->len)
		return;
	memmove(f->b + at + len, f->b + at, f->len - at);
	for (uint32_t k = 0; k < len; k++)
		f->b[at + k] = (uint8_t)rnd64();
	f->len += len;
}

static void cut_out(struct fuzz_frame *f, uint32_t at, uint32_t len)
{
	if (at + len >= f->len)
		return;
	memmove(f->b + at, f->b + at + len, f->len - at - len);
	f->len -= len;
}

static void odd_value(uint8_t *b, uint32_t bytes)
{
	static const uint64_t odd[] = { 0, 1, ~0ull, ~0ull - 1, 1ull << 63, 1ull << 31, 0x7fffffff };
	uint64_t value = 0;

	for (uint32_t k = 0; k < bytes; k++)
		value = value << 8 | b[k];
	switch (rnd(4)) {
	case 0: value = odd[rnd(7)]; break;
	case 1: value += rnd(9) - 4ull; break;
	case 2: value ^= 1ull << rnd(8 * bytes); break;
	default: value = rnd64(); break;
	}
	fuzz_put(b, bytes, value);
}

static enum mend flip_header(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)to;
	(void)l;
	for (uint32_t k = rnd_range(1, 3); k--;)
		f->b[rnd(f->len < HEADERS ? f->len : HEADERS)] ^= (uint8_t)(1u << rnd(8));
	return chance(70) ? MEND_SUMS : MEND_NOTHING;
}

static enum mend flip_any(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)to;
	(void)l;
	for (uint32_t k = rnd_range(1, 8); k--;)
		f->b[rnd(f->len)] ^= (uint8_t)(1u << rnd(8));
	return chance(60) ? MEND_SUMS : MEND_NOTHING;
}

/* At every byte in turn; then, or not, the headers are told */
static enum mend truncate(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	static uint32_t turn;

	(void)to;
	(void)l;
	f->len = 1 + turn++ % f->len;
	return chance(50) ? MEND_ALL : MEND_NOTHING;
}

static enum mend append(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)to;
	(void)l;
	insert(f, f->len, chance(90) ? rnd_range(1, 80) : rnd_range(1, 2000));
	return chance(50) ? MEND_ALL : MEND_NOTHING;
}

/* About the longest frames that there may be */
static enum mend enlarge(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	uint32_t len = rnd_range(9208, 9224);

	(void)to;
	(void)l;
	if (!chance(6) || f->len >= len)
		return MEND_SUMS;
	insert(f, f->len, len - f->len);
	return chance(50) ? MEND_ALL : MEND_NOTHING;
}

static enum mend opcode(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	static uint8_t turn;

	(void)to;
	if (l->bth)
		f->b[l->bth] = turn++;
	return MEND_SUMS;
}

static enum mend bth_flags(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)to;
	if (l->bth)
		f->b[l->bth + 1] = (uint8_t)rnd64();
	return MEND_SUMS;
}

static enum mend bth_field(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	static const uint8_t fields[][2] = { { 2, 2 }, { 4, 1 }, { 5, 3 }, { 8, 1 }, { 9, 3 } };
	uint32_t k = rnd(5);

	(void)to;
	if (l->bth)
		odd_value(f->b + l->bth + fields[k][0], fields[k][1]);
	return MEND_SUMS;
}

static enum mend identity(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	uint32_t qpn = fuzz_target(to);

	if (l->bth) {
		fuzz_put(f->b + l->bth + 5, 3, qpn);
		fuzz_put(f->b + l->bth + 9, 3, fuzz_psn(to, qpn, fuzz_is_response(f->b[l->bth])));
	}
	return MEND_SUMS;
}

static enum mend ext_field(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	uint32_t at = rnd(8) * 4;

	(void)to;
	if (l->ext && l->ext + at + 8 <= f->len)
		odd_value(f->b + l->ext + at, chance(50) ? 4 : 8);
	return MEND_SUMS;
}

static enum mend syndrome(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	static uint8_t turn;

	(void)to;
	if (l->ext && l->ext < f->len) {
		f->b[l->bth] = chance(70) ? 0x11 : (uint8_t)rnd_range(0x0d, 0x12);
		f->b[l->ext] = turn++;
	}
	return MEND_SUMS;
}

static enum mend payload_len(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)to;
	if (!l->ext || f->len < l->ext + 8)
		return MEND_SUMS;
	if (chance(50))
		insert(f, l->ext + rnd(f->len - l->ext), 4 * rnd_range(1, 16));
	else
		cut_out(f, l->ext + rnd(f->len - l->ext), rnd_range(1, 16) * (chance(80) ? 4 : 1));
	return MEND_ALL;
}

/* ----------------------------------------------------------------------------- layers below */

static enum mend fragment(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)to;
	if (l->ip && l->ipv4)
		fuzz_put(f->b + l->ip + 6, 2, chance(30) ? 0x2000 : chance(50) ? 1u + rnd(0x1fff) : rnd(1u << 16));
	return MEND_SUMS;
}

static enum mend options(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	uint32_t words = rnd_range(1, 10);

	(void)to;
	if (!l->udp || !l->ipv4)
		return MEND_SUMS;
	insert(f, l->udp, 4 * words);
	memset(f->b + l->udp, chance(80) ? 1 : 0, 4 * words);
	if (chance(90))
		f->b[l->ip] = (uint8_t)(f->b[l->ip] + words);
	return chance(90) ? MEND_ALL : MEND_SUMS;
}

/* Hop by hop, routing, fragment, destination, AH, none, mobility */
static enum mend extension(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	static const uint8_t kinds[] = { 0, 43, 44, 60, 51, 59, 135 };

	(void)to;
	if (!l->udp || l->ipv4)
		return MEND_SUMS;
	insert(f, l->udp, 8);
	memset(f->b + l->udp, 0, 8);
	f->b[l->udp] = f->b[l->ip + 6];
	f->b[l->ip + 6] = kinds[rnd(7)];
	fuzz_put(f->b + l->ip + 4, 2, fuzz_get(f->b + l->ip + 4, 2) + 8);
	return MEND_NOTHING;
}

static enum mend ip_field(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	static const uint8_t fields4[][2] = { { 0, 1 }, { 1, 1 }, { 2, 2 }, { 4, 2 }, { 6, 2 }, { 8, 1 },
		{ 9, 1 }, { 10, 2 }, { 12, 4 }, { 16, 4 } };
	static const uint8_t fields6[][2] = { { 0, 1 }, { 1, 3 }, { 4, 2 }, { 4, 2 }, { 6, 1 }, { 7, 1 },
		{ 8, 8 }, { 24, 8 }, { 32, 8 }, { 32, 8 } };
	uint32_t k = rnd(10);

	(void)to;
	if (l->ip)
		odd_value(f->b + l->ip + (l->ipv4 ? fields4[k][0] : fields6[k][0]),
			  l->ipv4 ? fields4[k][1] : fields6[k][1]);
	return chance(70) ? MEND_SUMS : MEND_NOTHING;
}

static enum mend udp_field(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)to;
	if (l->udp)
		odd_value(f->b + l->udp + 2 * rnd(4), 2);
	return MEND_SUMS;
}

static enum mend vlan(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	static const uint32_t types[] = { 0x8100, 0x8100, 0x8100, 0x88a8, 0x9100 };
	uint32_t vid = chance(40) ? 100 + rnd(GIDS) : chance(40) ? 0 : rnd(4096);

	(void)to;
	(void)l;
	if (f->len < 20)
		return MEND_SUMS;
	if (f->b[12] == 0x81 && chance(50)) {
		if (chance(50))
			cut_out(f, 12, 4);
		else
			fuzz_put(f->b + 14, 2, vid | rnd(16) << 12);
		return MEND_SUMS;
	}
	insert(f, 12, 4);
	fuzz_put(f->b + 12, 2, types[rnd(5)]);
	fuzz_put(f->b + 14, 2, vid | rnd(16) << 12);
	return MEND_SUMS;
}

static enum mend station(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)l;
	switch (rnd(5)) {
	case 0: memset(f->b, 0xff, 6); break;
	case 1: f->b[0] |= 1; break;
	case 2: fuzz_put(f->b, 6, node_mac(!to)); break;
	case 3: odd_value(f->b, 6); break;
	default: odd_value(f->b + 12, 2); break;
	}
	return MEND_SUMS;
}

static enum mend team(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)l;
	fuzz_aim_team(to, f);
	return MEND_SUMS;
}

static enum mend spare(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)l;
	fuzz_aim_spare(to, f);
	return MEND_SUMS;
}

/* Of a connection all but the address is right */
static enum mend stranger(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	uint32_t qpn = l->bth ? fuzz_get(f->b + l->bth + 5, 3) : NODE_QPS;
	const struct fuzz_qp *qp = &fuzz_qps[to][qpn % NODE_QPS];

	if (qpn >= NODE_QPS || qp->kind == FUZZ_NOBODY || fuzz_transport(qp->type) > 1)
		return MEND_SUMS;
	fuzz_put(f->b + l->bth + 9, 3, fuzz_is_response(f->b[l->bth]) ? qp->out_psn : qp->in_psn + 1);
	fuzz_aim_stranger(to, f, qp);
	return MEND_SUMS;
}

static enum mend wrong_icrc(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l)
{
	(void)to;
	(void)l;
	f->b[f->len - 1 - rnd(f->len < 4 ? f->len : 4)] ^= (uint8_t)(1u << rnd(8));
	return MEND_NOTHING;
}

static enum mend (*const damages[])(uint32_t to, struct fuzz_frame *f, const struct fuzz_layout *l) = {
	flip_header, flip_header, flip_any, truncate, truncate, append, enlarge, opcode, opcode, bth_flags,
	bth_field, bth_field, identity, identity, ext_field, ext_field, ext_field, syndrome, syndrome,
	payload_len, payload_len, fragment, options, extension, ip_field, ip_field, udp_field, vlan,
	station, wrong_icrc, team, spare, stranger, stranger,
};

void fuzz_mutate(uint32_t to, struct fuzz_frame *f)
{
	enum mend mend = MEND_NOTHING;

	for (uint32_t k = chance(70) ? 1 : rnd_range(2, 4); k--;) {
		struct fuzz_layout l;
		enum mend now;

		fuzz_layout(f, &l);
		now = damages[rnd(sizeof(damages) / sizeof(damages[0]))](to, f, &l);
		mend = now > mend ? now : mend;
	}
	if (mend == MEND_ALL)
		fuzz_fix_lengths(f);
	if (mend != MEND_NOTHING && chance(95)) {
		fuzz_fix_ip(f);
		fuzz_fix_icrc(f);
	}
}
