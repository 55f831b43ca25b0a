// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * tern-bench: what two adapters do, wire to wire, in cycles. The host answers at once, host memory
 * after a fixed time; see machine.h, memory.h.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latency.h"
#include "machine.h"
#include "pair.h"
#include "report.h"
#include "stream.h"

#define MTU_BYTES 4096u

static const char usage[] =
	"Usage: tern-bench [OPTION...] [PART...]\n"
	"\n"
	"Measures two adapters wire to wire and prints figures in cycles of 4 ns. Parts: streams,\n"
	"latency, loss, qps, types; all of them if none is named. Part smoke is a short run that fails if\n"
	"a figure is worse than it has been.\n"
	"\n"
	"  --json FILE     write the figures there too\n"
	"  --read-ns N     latency of reads of host memory (600)\n"
	"  --write-ns N    time until a write is acknowledged (200)\n"
	"  --seed N        of data and losses (1)\n";

static uint32_t read_cycles = 150, write_cycles = 50;
static char **parts;

struct operation {
	enum tern_hw_wqe_op op;
	const char *name;
};

static const struct operation operations[] = {
	{ TERN_HW_WQE_OP_WRITE, "WRITE" },
	{ TERN_HW_WQE_OP_SEND, "SEND" },
	{ TERN_HW_WQE_OP_READ, "READ" },
	{ TERN_HW_WQE_OP_FETCH_ADD, "FETCH_ADD" },
};

/* ------------------------------------------------------------------------------------- streams */

static void show_stream(const struct operation *operation, uint32_t size, enum tern_hw_mtu mtu,
			uint32_t qps)
{
	const uint32_t mtu_bytes = 128u << mtu;
	struct stream stream = { .op = operation->op, .size = size, .mtu = mtu, .qps = qps };
	struct stream_result result;

	/* One packet is one packet, and so much data in so many QPs is slow to wait for */
	if ((size <= 1024 && mtu != TERN_HW_MTU_M4096) || (size > 65536 && qps > 1)) {
		report_text("%10s%8s", "", "");
		return;
	}
	stream_run(&stream, &result);
	report_text("%10.2f%8.2f", result.cycles, result.bytes);
	report_figure(result.cycles, "%s %u B, MTU %u, %u QPs, cycles", operation->name, size,
		      mtu_bytes, qps);
	report_figure(result.bytes, "%s %u B, MTU %u, %u QPs, bytes per cycle", operation->name, size,
		      mtu_bytes, qps);
}

static void show_streams(void)
{
	static const uint32_t sizes[] = { 8, 64, 256, 1024, 4096, 65536, 1048576 };

	report_title("Cycles per message and payload bytes per cycle (of 64), reads of host memory "
		     "take %u ns", NS_PER_CYCLE * read_cycles);
	report_text("%-10s%8s%18s%18s%18s%18s\n", "", "", "MTU 4096, 1 QP", "16 QPs",
		    "MTU 1024, 1 QP", "16 QPs");
	for (size_t o = 0; o < sizeof(operations) / sizeof(operations[0]); o++) {
		bool atomic = operations[o].op == TERN_HW_WQE_OP_FETCH_ADD;

		for (size_t s = 0; s < (atomic ? 1 : sizeof(sizes) / sizeof(sizes[0])); s++) {
			report_text("%-10s%8u", operations[o].name, sizes[s]);
			show_stream(&operations[o], sizes[s], TERN_HW_MTU_M4096, 1);
			show_stream(&operations[o], sizes[s], TERN_HW_MTU_M4096, 16);
			show_stream(&operations[o], sizes[s], TERN_HW_MTU_M1024, 1);
			show_stream(&operations[o], sizes[s], TERN_HW_MTU_M1024, 16);
			report_text("\n");
		}
	}
}

static void show_qps(void)
{
	static const uint32_t qps[] = { 1, 16, 64, 240 };

	report_title("Cycles per 64 B WRITE over so many QPs");
	for (size_t k = 0; k < sizeof(qps) / sizeof(qps[0]); k++) {
		struct stream stream = { .op = TERN_HW_WQE_OP_WRITE, .size = 64,
			.mtu = TERN_HW_MTU_M4096, .qps = qps[k], .messages = 4096 };
		struct stream_result result;

		stream_run(&stream, &result);
		report_line(result.cycles, "cycles", "WRITE 64 B over %u QPs", qps[k]);
	}
}

static void show_types(void)
{
	static const struct { enum tern_hw_qp_type type; const char *name; } types[] = {
		{ TERN_HW_QP_TYPE_RC, "RC" }, { TERN_HW_QP_TYPE_UC, "UC" }, { TERN_HW_QP_TYPE_UD, "UD" },
	};

	report_title("SENDs by the type of QP");
	for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
		struct stream stream = { .op = TERN_HW_WQE_OP_SEND, .size = 64,
			.mtu = TERN_HW_MTU_M4096, .type = types[k].type, .qps = 1 };
		struct stream_result result;

		stream_run(&stream, &result);
		report_line(result.cycles, "cycles", "64 B SEND, %s", types[k].name);
		stream.size = 4096;
		stream_run(&stream, &result);
		report_line(result.bytes, "B/cycle", "4 KiB SEND, %s", types[k].name);
		report_line(latency_pingpong(types[k].type), "cycles",
			    "half a round trip, 64 B SEND, pushed, %s", types[k].name);
	}
}

static void show_loss(void)
{
	static const uint32_t qps[] = { 1, 16 };

	report_title("64 KiB WRITEs, MTU %u, 1 %% of the frames lost in each direction", MTU_BYTES);
	for (size_t k = 0; k < sizeof(qps) / sizeof(qps[0]); k++) {
		struct stream stream = { .op = TERN_HW_WQE_OP_WRITE, .size = 65536,
			.mtu = TERN_HW_MTU_M4096, .qps = qps[k], .messages = 32 };
		struct stream_result lossless, lossy;

		stream_run(&stream, &lossless);
		stream.loss = 10000;
		stream.messages = 256;
		stream_run(&stream, &lossy);
		report_line(100 * lossy.bytes / lossless.bytes, "%",
			    "goodput at 1 %% loss, %u QPs, of lossless", qps[k]);
		report_text("    %.2f of %.2f bytes per cycle, %llu frames lost\n", lossy.bytes,
			    lossless.bytes, (unsigned long long)lossy.frames_lost);
	}
}

/* ------------------------------------------------------------------------------------- latency */

static void show_stage(const char *name, double with, double without)
{
	report_text("%-54s%10.0f%10.0f\n", name, with, without);
	report_figure(with, "%s, cycles", name);
	report_figure(without, "%s, cycles without DMA time", name);
}

static void show_latency(void)
{
	struct latency with, without;

	latency_run(&with);
	machine_set_latency(0, 0);
	latency_run(&without);
	machine_set_latency(read_cycles, write_cycles);
	report_title("Latency in cycles of 4 ns, host memory of %u ns and of 0 ns",
		     NS_PER_CYCLE * read_cycles);
	show_stage("doorbell to wire, 64 B WRITE", with.fetched, without.fetched);
	show_stage("doorbell to wire, 64 B WRITE, pushed", with.pushed, without.pushed);
	show_stage("doorbell to wire, 32 B inline WRITE, pushed", with.pushed_inline,
		   without.pushed_inline);
	show_stage("wire to CQE, 64 B SEND", with.receive, without.receive);
	show_stage("wire to wire, 64 B WRITE to its ACK", with.answer, without.answer);
	show_stage("wire to CQE, ACK", with.acked, without.acked);
	show_stage("doorbell to CQE, 64 B WRITE", with.write, without.write);
	show_stage("doorbell to CQE, 64 B READ", with.read, without.read);
	show_stage("doorbell to CQE, FETCH_ADD", with.fetch_add, without.fetch_add);
	show_stage("half a round trip, 64 B SEND, pushed", with.pingpong_64, without.pingpong_64);
	show_stage("half a round trip, 4 KiB SEND, pushed", with.pingpong_4096,
		   without.pingpong_4096);
}

/* --------------------------------------------------------------------------------------- smoke */

static void limit(const char *name, double value, double most)
{
	report_line(value, "cycles", "%s", name);
	check(value <= most, "%s: %.2f cycles, no more than %.2f before", name, value, most);
}

static double run_cycles(const struct stream *stream)
{
	struct stream_result result;

	stream_run(stream, &result);
	return result.cycles;
}

static double stream_cycles(enum tern_hw_wqe_op op, uint32_t size, uint32_t qps)
{
	struct stream stream = { .op = op, .size = size, .mtu = TERN_HW_MTU_M4096, .qps = qps };

	return run_cycles(&stream);
}

static double lossy_cycles(uint32_t size)
{
	struct stream stream = { .op = TERN_HW_WQE_OP_WRITE, .size = size, .mtu = TERN_HW_MTU_M4096,
		.qps = 1, .loss = 10000, .messages = 128 };

	return run_cycles(&stream);
}

static void smoke(void)
{
	struct latency latency;

	machine_set_latency(0, 0);
	latency_run(&latency);
	machine_set_latency(read_cycles, write_cycles);
	limit("doorbell to wire without DMA time", latency.fetched, 100);
	limit("doorbell to wire without DMA time, pushed", latency.pushed_inline, 60);
	limit("64 B WRITE", stream_cycles(TERN_HW_WQE_OP_WRITE, 64, 1), 3.25);
	limit("64 KiB WRITE", stream_cycles(TERN_HW_WQE_OP_WRITE, 65536, 1), 65536 / 60.0);
	limit("64 KiB READ", stream_cycles(TERN_HW_WQE_OP_READ, 65536, 1), 65536 / 60.0);
	limit("64 B SEND, 16 QPs", stream_cycles(TERN_HW_WQE_OP_SEND, 64, 16), 4.5);
	limit("64 KiB WRITE, 1 % lost", lossy_cycles(65536), 1.25 * 65536 / 63);
}

/* ---------------------------------------------------------------------------------------- main */

static bool is_wanted(const char *part)
{
	if (!parts[0])
		return strcmp(part, "smoke");
	for (char **p = parts; *p; p++)
		if (!strcmp(*p, part))
			return true;
	return false;
}

void host_program(void)
{
	fail_hook = show_adapters;
	pair_bring_up();
	if (is_wanted("smoke"))
		smoke();
	if (is_wanted("streams"))
		show_streams();
	if (is_wanted("latency"))
		show_latency();
	if (is_wanted("loss"))
		show_loss();
	if (is_wanted("qps"))
		show_qps();
	if (is_wanted("types"))
		show_types();
}

static uint32_t number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value > 1000000) {
		fprintf(stderr, "tern-bench: '%s' is not a number up to 1000000\n", text);
		exit(2);
	}
	return (uint32_t)value;
}

static void check_parts(void)
{
	static const char *const known[] = { "streams", "latency", "loss", "qps", "types", "smoke" };

	for (char **p = parts; *p; p++) {
		bool found = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			found = found || !strcmp(*p, known[k]);
		if (!found) {
			fprintf(stderr, "tern-bench: no part '%s'\n%s", *p, usage);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "read-ns", required_argument, NULL, 'r' },
		{ "write-ns", required_argument, NULL, 'w' },
		{ "seed", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct machine_options machine = { .seed = 1 };
	const char *json = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			json = optarg;
			break;
		case 'r':
			read_cycles = number(optarg) / NS_PER_CYCLE;
			break;
		case 'w':
			write_cycles = number(optarg) / NS_PER_CYCLE;
			break;
		case 's':
			machine.seed = number(optarg);
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	parts = argv + optind;
	check_parts();
	machine.read_cycles = read_cycles;
	machine.write_cycles = write_cycles;
	if (!machine_start(&machine))
		return 1;
	machine_run("bench", machine.seed);
	report_title("Simulator");
	report_line(machine_khz(), "kHz", "two busy adapters on one processor");
	machine_stop();
	return json && !report_write(json);
}
