// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The bad wire by itself, under the sanitizers: what is asked for happens as often as asked for,
// to the same frames for the same seed whatever the time, and nothing else does.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "impair.h"

#define SIZE	100u
#define MANY	100000u
#define AT	42u

static struct stats stats;
static struct impair impair;

struct seen {
	uint64_t number;
	bool damaged;
};

static struct seen seen[3 * MANY];
static unsigned int seen_count;

static void configure(const char *text)
{
	struct impair_config config;

	assert_null(impair_parse(&config, text));
	memset(&stats, 0, sizeof(stats));
	impair_init(&impair, &stats);
	impair_set(&impair, &config, 0);
	seen_count = 0;
}

static void make(uint8_t *data, uint64_t number, bool roce)
{
	static const uint8_t header[AT] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
		0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 77, 0, 2, 10, 77, 0, 1,
		0xc0, 0, 4791 >> 8, 4791 & 255, 0, 0, 0, 0,
	};

	memset(data, 0x5a, SIZE);
	memcpy(data, header, sizeof(header));
	if (!roce)
		data[37]++;
	memcpy(data + 54, &number, sizeof(number));
	number = ~number;
	memcpy(data + 62, &number, sizeof(number));
}

static void look(const struct frame *frame)
{
	uint8_t pure[SIZE];
	struct seen *one = &seen[seen_count++];

	assert_int_equal(frame->size, SIZE);
	memcpy(&one->number, frame->data + 54, sizeof(one->number));
	make(pure, one->number, frame->data[37] == (4791 & 255));
	one->damaged = memcmp(pure, frame->data, SIZE) != 0;
}

static void drain(uint64_t now)
{
	const struct frame *frame;

	while ((frame = impair_due(&impair, now)) != NULL) {
		look(frame);
		impair_pop(&impair);
	}
}

/* Frames 1 to count, the clock going on by step */
static void run(const char *text, unsigned int count, uint64_t step)
{
	uint8_t data[SIZE];
	uint64_t now = 1000;
	unsigned int i;

	configure(text);
	for (i = 1; i <= count; i++) {
		make(data, i, true);
		assert_true(impair_has_room(&impair));
		impair_submit(&impair, data, SIZE, now);
		drain(now);
		now += step;
	}
	drain(UINT64_MAX);
	assert_true(impair_wake_time(&impair) == UINT64_MAX);
	impair_destroy(&impair);
}

static void off_changes_nothing(void **state)
{
	unsigned int i;

	(void)state;
	run("off", 1000, 0);
	assert_true(impair_is_off(&impair));
	assert_int_equal(seen_count, 1000);
	for (i = 0; i < 1000; i++)
		assert_true(seen[i].number == i + 1 && !seen[i].damaged);
	run("drop=0,dup=0.0,reorder=0,corrupt=0,delay=0,seed=9,only=all", 10, 0);
	assert_true(impair_is_off(&impair));
}

static void probabilities_are_kept(void **state)
{
	(void)state;
	run("drop=1,seed=7", MANY, 10);
	assert_in_range(stats.impair_drops, 900, 1100);
	assert_int_equal(seen_count, MANY - stats.impair_drops);
	run("dup=0.5,seed=7", MANY, 10);
	assert_in_range(stats.impair_dups, 420, 580);
	assert_int_equal(seen_count, MANY + stats.impair_dups);
	run("reorder=3,seed=7", MANY, 10);
	assert_in_range(stats.impair_reorders, 2800, 3200);
	assert_int_equal(seen_count, MANY);
	run("drop=100", 1000, 10);
	assert_int_equal(seen_count, 0);
	run("drop=0.000001", MANY, 10);
	assert_in_range(stats.impair_drops, 0, 1);
	run("dup=100", 1000, 10);
	assert_int_equal(seen_count, 2000);
}

/* Counted by a model in Python: the same for ever, also after a change of this program. */
static void exact_for_a_seed(void **state)
{
	(void)state;
	run("drop=1,dup=1,reorder=1,corrupt=1,seed=42", MANY, 10);
	assert_int_equal(stats.impair_drops, 974);
	assert_int_equal(stats.impair_dups, 984);
	assert_int_equal(stats.impair_reorders, 981);
	assert_int_equal(stats.impair_corruptions, 1072);
}

static void time_changes_nothing(void **state)
{
	static struct seen first[3 * MANY];
	static const char spec[] = "drop=5,dup=5,reorder=20,corrupt=5,seed=3,delay=100:50";
	unsigned int count;

	(void)state;
	run(spec, 20000, 1);
	count = seen_count;
	memcpy(first, seen, sizeof(first));
	run(spec, 20000, 77);
	assert_int_equal(seen_count, count);
	assert_memory_equal(first, seen, count * sizeof(seen[0]));
	run("drop=5,dup=5,reorder=20,corrupt=5,seed=4,delay=100:50", 20000, 77);
	assert_true(count != seen_count || memcmp(first, seen, count * sizeof(seen[0])));
}

/* To ask for something more does not change which frames are lost. */
static void questions_are_independent(void **state)
{
	static uint64_t first[MANY];
	unsigned int count;
	unsigned int i;

	(void)state;
	run("drop=10,seed=5", 10000, 10);
	count = seen_count;
	for (i = 0; i < count; i++)
		first[i] = seen[i].number;
	run("drop=10,seed=5,corrupt=30,delay=500:500", 10000, 10);
	assert_int_equal(seen_count, count);
	for (i = 0; i < count; i++)
		assert_true(first[i] == seen[i].number || seen[i].damaged);
}

static void order_changes_by_one_to_eight(void **state)
{
	static unsigned int places[MANY + 1];
	unsigned int far[10] = { 0 };
	unsigned int i;

	(void)state;
	run("reorder=2,seed=11", MANY, 10);
	assert_int_equal(seen_count, MANY);
	for (i = 0; i < MANY; i++)
		places[seen[i].number] = i + 1;
	for (i = 1; i <= MANY; i++) {
		/* Those behind go forward by the number of those held back */
		assert_true(places[i] && places[i] <= i + 8 && places[i] + 8 >= i);
		if (places[i] > i)
			far[places[i] - i]++;
	}
	for (i = 1; i <= 8; i++)
		assert_true(far[i] > 100);
	/* All of them held back come in the order of their draw, none is forgotten */
	run("reorder=100", 1000, 10);
	assert_int_equal(seen_count, 1000);
}

/* A frame behind which nothing comes goes by itself, after 5 ms */
static void last_one_is_released(void **state)
{
	uint8_t data[SIZE];

	(void)state;
	configure("reorder=100");
	make(data, 1, true);
	impair_submit(&impair, data, SIZE, 5000);
	assert_true(impair_wake_time(&impair) == 5005000);
	drain(5004999);
	assert_int_equal(seen_count, 0);
	drain(5005000);
	assert_int_equal(seen_count, 1);
	impair_destroy(&impair);
}

static unsigned int flipped_bits(const uint8_t *a, const uint8_t *b, size_t size)
{
	unsigned int count = 0;

	while (size--)
		count += (unsigned int)__builtin_popcount((unsigned int)(a[size] ^ b[size]));
	return count;
}

static void damage_is_behind_the_header(void **state)
{
	unsigned int counts[10] = { 0 };
	uint8_t touched[SIZE] = { 0 };
	uint8_t data[SIZE];
	unsigned int i;
	size_t k;

	(void)state;
	configure("corrupt=100,seed=2");
	for (i = 0; i < 10000; i++) {
		const struct frame *frame;
		unsigned int bits;

		make(data, i, true);
		impair_submit(&impair, data, SIZE, 0);
		frame = impair_due(&impair, 0);
		assert_non_null(frame);
		assert_memory_equal(frame->data, data, 14);
		bits = flipped_bits(frame->data, data, SIZE);
		assert_in_range(bits, 1, 8);
		counts[bits]++;
		for (k = 0; k < SIZE; k++)
			touched[k] |= frame->data[k] ^ data[k];
		impair_pop(&impair);
	}
	for (i = 1; i <= 8; i++)
		assert_in_range(counts[i], 1000, 1500);
	for (k = 14; k < SIZE; k++)
		assert_int_equal(touched[k], 0xff);
	/* With nothing behind the header there is nothing to damage; one octet has 8 bits */
	impair_submit(&impair, data, 14, 0);
	impair_submit(&impair, data, 15, 0);
	impair_destroy(&impair);
}

static void delay_is_of_the_rtl(void **state)
{
	uint8_t data[SIZE];
	uint64_t wake;
	unsigned int i;

	(void)state;
	configure("delay=1000:500,seed=1");
	for (i = 1; i <= 100; i++) {
		make(data, i, true);
		impair_submit(&impair, data, SIZE, 10000);
	}
	wake = impair_wake_time(&impair);
	assert_in_range(wake, 11000, 11500);
	drain(wake - 1);
	assert_int_equal(seen_count, 0);
	drain(11500);
	assert_int_equal(seen_count, 100);
	for (i = 0; i < 100; i++)
		assert_int_equal(seen[i].number, i + 1);
	assert_int_equal(stats.impair_delays, 100);
	impair_destroy(&impair);
}

static void line_is_bounded(void **state)
{
	uint8_t data[SIZE];
	unsigned int i;

	(void)state;
	configure("delay=1000000,dup=100,reorder=50");
	for (i = 1; impair_has_room(&impair); i++) {
		assert_true(i < 2000);
		make(data, i, true);
		impair_submit(&impair, data, SIZE, 0);
		assert_true(impair.tail - impair.head <= IMPAIR_LINE);
	}
	assert_true(i > 400);
	impair_destroy(&impair);
}

/* ARP lives; only RoCE frames are counted, so how much else there is changes nothing */
static void only_roce_is_hurt(void **state)
{
	static uint64_t first[1000];
	uint8_t data[SIZE];
	unsigned int count;
	unsigned int i;
	unsigned int others = 0;

	(void)state;
	run("drop=30,seed=6", 1000, 10);
	count = seen_count;
	for (i = 0; i < count; i++)
		first[i] = seen[i].number;
	configure("drop=30,seed=6,only=roce");
	for (i = 1; i <= 1000; i++) {
		unsigned int k;

		make(data, i, true);
		impair_submit(&impair, data, SIZE, 0);
		make(data, 0, false);
		for (k = 0; k < i % 3; k++, others++)
			impair_submit(&impair, data, SIZE, 0);
		drain(0);
	}
	assert_int_equal(seen_count, count + others);
	count = 0;
	for (i = 0; i < seen_count; i++)
		if (seen[i].number)
			assert_int_equal(seen[i].number, first[count++]);
	impair_destroy(&impair);
	/* And they do not wait behind one that does */
	configure("delay=1000,only=roce");
	make(data, 1, true);
	impair_submit(&impair, data, SIZE, 0);
	make(data, 0, false);
	impair_submit(&impair, data, SIZE, 0);
	drain(0);
	assert_int_equal(seen_count, 1);
	assert_int_equal(seen[0].number, 0);
	impair_destroy(&impair);
}

static void listed_frames_are_lost(void **state)
{
	uint8_t data[SIZE];
	unsigned int i;

	(void)state;
	run("drop_at=1/5/100/7", 100, 10);
	assert_int_equal(seen_count, 96);
	assert_int_equal(stats.impair_drops, 4);
	for (i = 0; i < 96; i++)
		assert_true(seen[i].number != 1 && seen[i].number != 5 && seen[i].number != 7 &&
			    seen[i].number != 100);
	configure("drop_at=2");
	for (i = 1; i <= 6; i++) {
		make(data, i, i % 2 == 0);	/* every second one is RoCE */
		impair_submit(&impair, data, SIZE, 0);
	}
	drain(0);
	assert_int_equal(seen_count, 5);
	for (i = 0; i < 5; i++)
		assert_true(seen[i].number != 4);
	impair_destroy(&impair);
}

static void roce_is_recognised(void **state)
{
	uint8_t data[SIZE];
	uint8_t tagged[SIZE + 8];
	uint8_t v6[SIZE] = { 0 };
	size_t size;

	(void)state;
	make(data, 0, true);
	assert_true(impair_is_roce(data, SIZE));
	assert_true(impair_is_roce(data, 42));
	for (size = 0; size < 42; size++) {
		uint8_t *exact = malloc(size ? size : 1);	/* the sanitizer sees its end */

		memcpy(exact, data, size);
		assert_false(impair_is_roce(exact, size));
		free(exact);
	}
	memcpy(tagged, data, 12);
	memcpy(tagged + 12, "\x88\xa8\x00\x02\x81\x00\x00\x03", 8);
	memcpy(tagged + 20, data + 12, SIZE - 12);
	assert_true(impair_is_roce(tagged, SIZE + 8));
	memcpy(tagged + 16, data + 12, SIZE - 12);
	memcpy(tagged + 12, "\x81\x00\x00\x03", 4);
	assert_true(impair_is_roce(tagged, SIZE + 4));
	data[14] = 0x46;	/* one option: the port is elsewhere */
	assert_false(impair_is_roce(data, SIZE));
	data[40] = 4791 >> 8;
	data[41] = 4791 & 255;
	assert_true(impair_is_roce(data, SIZE));
	make(data, 0, true);
	data[23] = 6;
	assert_false(impair_is_roce(data, SIZE));
	make(data, 0, true);
	data[21] = 1;		/* a later fragment has no UDP header */
	assert_false(impair_is_roce(data, SIZE));
	memcpy(v6 + 12, "\x86\xdd\x60", 3);
	v6[20] = 17;
	v6[56] = 4791 >> 8;
	v6[57] = 4791 & 255;
	assert_true(impair_is_roce(v6, 62));
	assert_false(impair_is_roce(v6, 61));
	v6[20] = 58;
	assert_false(impair_is_roce(v6, SIZE));
}

static void random_frames_do_no_harm(void **state)
{
	unsigned int i;

	(void)state;
	srandom(1);
	configure("drop=10,dup=10,corrupt=50,reorder=10,drop_at=3");
	for (i = 0; i < 200000; i++) {
		size_t size = 14 + (size_t)random() % 80;
		uint8_t *data = malloc(size);
		size_t k;

		for (k = 0; k < size; k++)
			data[k] = (uint8_t)random();
		if (i % 2)
			memcpy(data + 12, i % 4 == 1 ? "\x08\x00" : "\x86\xdd", 2);
		if (size > 30)
			data[23] = 17;
		impair_submit(&impair, data, size, i);
		free(data);
		while (impair_due(&impair, i))
			impair_pop(&impair);
	}
	impair_destroy(&impair);
}

static void specifications(void **state)
{
	static const char *const bad[] = {
		"", "drop", "drop=", "drop=x", "drop=-1", "drop=+1", "drop= 1", "drop=1 ",
		"drop=101", "drop=100.000001", "drop=1.", "drop=.5", "drop=1.0000001", "drop=1e1",
		"drop=1%", "drop=0x1", "drop=1,drop=2", "drop=1,", ",drop=1", "drop=1,,dup=1",
		"Drop=1", "drops=1", "dro=1", "=1", "off,drop=1", "drop=1,off", "none",
		"delay=", "delay=:1", "delay=1:", "delay=1:2:3", "delay=10000000001",
		"delay=1:10000000001", "delay=1ms", "seed=", "seed=-1",
		"seed=18446744073709551616", "only=", "only=tcp", "drop_at=", "drop_at=0",
		"drop_at=1/", "drop_at=/1", "drop_at=1//2", "drop_at=1,2", "drop_at=1/x",
		"drop=99999999999999999999999",
	};
	struct impair_config config;
	char text[2048] = "drop_at=";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!impair_parse(&config, bad[i]))
			fail_msg("'%s' was taken", bad[i]);
	assert_null(impair_parse(&config, "drop=12.345678,dup=100,reorder=100.000000,corrupt=0,"
				 "delay=5:6,seed=18446744073709551615,only=roce,drop_at=4/3"));
	assert_int_equal(config.drop, 12345678);
	assert_int_equal(config.dup, IMPAIR_CERTAIN);
	assert_int_equal(config.reorder, IMPAIR_CERTAIN);
	assert_int_equal(config.delay, 5);
	assert_int_equal(config.jitter, 6);
	assert_true(config.seed == UINT64_MAX && config.only_roce);
	assert_true(config.drop_at_count == 2 && config.drop_at[0] == 4 && config.drop_at[1] == 3);
	for (i = 0; i < IMPAIR_LIST; i++)
		strcat(text, i ? "/9" : "9");
	assert_null(impair_parse(&config, text));
	strcat(text, "/9");
	assert_non_null(impair_parse(&config, text));
	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "seed=", 5);
	assert_non_null(impair_parse(&config, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_changes_nothing),
		cmocka_unit_test(probabilities_are_kept),
		cmocka_unit_test(exact_for_a_seed),
		cmocka_unit_test(time_changes_nothing),
		cmocka_unit_test(questions_are_independent),
		cmocka_unit_test(order_changes_by_one_to_eight),
		cmocka_unit_test(last_one_is_released),
		cmocka_unit_test(damage_is_behind_the_header),
		cmocka_unit_test(delay_is_of_the_rtl),
		cmocka_unit_test(line_is_bounded),
		cmocka_unit_test(only_roce_is_hurt),
		cmocka_unit_test(listed_frames_are_lost),
		cmocka_unit_test(roce_is_recognised),
		cmocka_unit_test(random_frames_do_no_harm),
		cmocka_unit_test(specifications),
	};

	return cmocka_run_group_tests_name("sim.impair", tests, NULL, NULL);
}
