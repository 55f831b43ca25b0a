// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define DEFAULT_MAC		0x02544e000001u		/* locally administered, "TN" */
#define DEFAULT_TIME_SCALE	10u
#define MAX_TIME_SCALE		1000000u
#define MAX_DMA_LATENCY_NS	1000000u

static const char help[] =
"Usage: tern-sim --socket PATH [OPTION]...\n"
"Serve one tern adapter, in Verilated RTL, as a vfio-user PCI device.\n"
"\n"
"  --socket PATH         UNIX socket that the client (QEMU) connects to\n"
"  --mac XX:XX:XX:XX:XX:XX\n"
"                        permanent MAC address (default 02:54:4e:00:00:01)\n"
"  --link LINK           the other end of the wire (default none):\n"
"                          unix:LOCAL,REMOTE  datagram sockets, this end and the other\n"
"                          unix:NAME          NAME.0 for the first, NAME.1 for the second\n"
"                          udp:ADDRESS:PORT,ADDRESS:PORT\n"
"                          none               nobody is there\n"
"  --carrier auto|up|down\n"
"                        auto: up while the other end is there (default); down: the\n"
"                        cable is out\n"
"  --pcap FILE           capture all frames, for Wireshark; also a named pipe\n"
"  --impair SPEC         make the wire bad for frames that go out, in percent:\n"
"                        drop=P,dup=P,reorder=P,corrupt=P,delay=NS[:JITTER],seed=N,\n"
"                        only=roce,drop_at=N/N/...\n"
"  --impair-in SPEC      the same for frames that come in, of a peer that cannot\n"
"  --ctl PATH            UNIX socket for tern-ctl\n"
"  --dma-latency NS      time a DMA read takes, in cycles of 4 ns (default 0)\n"
"  --time-scale N        the adapter's clock runs N times slower than the wall\n"
"                        clock (default 10)\n"
"  --fst FILE            write a waveform (tern-sim-trace only)\n"
"  --stats               print counters at the end; SIGUSR1 prints them at once\n"
"  --log LEVEL           error, warn, info or debug (default warn)\n"
"  --help                print this and exit\n";

enum { OPT_SOCKET = 1, OPT_MAC, OPT_LINK, OPT_CARRIER, OPT_PCAP, OPT_IMPAIR, OPT_IMPAIR_IN, OPT_CTL,
       OPT_LATENCY, OPT_SCALE, OPT_FST, OPT_STATS, OPT_LOG, OPT_HELP };

static const struct option names[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "mac", required_argument, NULL, OPT_MAC },
	{ "link", required_argument, NULL, OPT_LINK },
	{ "carrier", required_argument, NULL, OPT_CARRIER },
	{ "pcap", required_argument, NULL, OPT_PCAP },
	{ "impair", required_argument, NULL, OPT_IMPAIR },
	{ "impair-in", required_argument, NULL, OPT_IMPAIR_IN },
	{ "ctl", required_argument, NULL, OPT_CTL },
	{ "dma-latency", required_argument, NULL, OPT_LATENCY },
	{ "time-scale", required_argument, NULL, OPT_SCALE },
	{ "fst", required_argument, NULL, OPT_FST },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 }
};

static bool complain(const char *option, const char *value, const char *wanted)
{
	log_error("--%s %s: %s", option, value, wanted);
	return false;
}

static bool parse_number(const char *option, const char *text, uint64_t least, uint64_t most,
			 uint64_t *value)
{
	char wanted[64];
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	/* strtoull() itself would take blanks and a sign */
	if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && *value >= least &&
	    *value <= most)
		return true;
	snprintf(wanted, sizeof(wanted), "not a number from %llu to %llu",
		 (unsigned long long)least, (unsigned long long)most);
	return complain(option, text, wanted);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_mac(const char *text, uint64_t *mac)
{
	uint64_t sum = 0;
	int i;

	if (strlen(text) != 17)
		return complain("mac", text, "not of the form XX:XX:XX:XX:XX:XX");
	for (i = 0; i < 17; i++) {
		int digit = hex_digit(text[i]);

		if (i % 3 == 2 ? text[i] != ':' : digit < 0)
			return complain("mac", text, "not of the form XX:XX:XX:XX:XX:XX");
		if (i % 3 != 2)
			sum = sum << 4 | (uint64_t)digit;
	}
	if (!sum || (sum >> 40 & 1))
		return complain("mac", text, "not the address of a station");
	*mac = sum;
	return true;
}

static bool parse_carrier(const char *text, enum wire_carrier *carrier)
{
	*carrier = !strcmp(text, "up") ? CARRIER_UP : !strcmp(text, "down") ? CARRIER_DOWN
									    : CARRIER_AUTO;
	return *carrier != CARRIER_AUTO || !strcmp(text, "auto") ||
	       complain("carrier", text, "not auto, up or down");
}

static bool parse_link(const char *text, const char **link)
{
	*link = text;
	return link_check(text);
}

static bool parse_impair(const char *option, const char *text, struct impair_config *config)
{
	const char *reason = impair_parse(config, text);

	return !reason || complain(option, text, reason);
}

static bool parse_log(const char *text)
{
	static const char *const levels[] = { "error", "warn", "info", "debug" };
	unsigned int i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(text, levels[i]))
			continue;
		log_set_level((enum log_level)i);
		return true;
	}
	return complain("log", text, "not error, warn, info or debug");
}

static bool parse_option(struct options *options, int option)
{
	struct adapter_options *adapter = &options->adapter;

	switch (option) {
	case OPT_SOCKET:
		options->socket = optarg;
		return *optarg || complain("socket", optarg, "empty path");
	case OPT_MAC:
		return parse_mac(optarg, &adapter->mac);
	case OPT_CARRIER:
		return parse_carrier(optarg, &adapter->wire.carrier);
	case OPT_LINK:
		return parse_link(optarg, &adapter->wire.link);
	case OPT_PCAP:
		adapter->wire.pcap = optarg;
		return *optarg || complain("pcap", optarg, "empty path");
	case OPT_IMPAIR:
		return parse_impair("impair", optarg, &adapter->wire.impair);
	case OPT_IMPAIR_IN:
		return parse_impair("impair-in", optarg, &adapter->wire.impair_in);
	case OPT_CTL:
		options->ctl = optarg;
		return *optarg || complain("ctl", optarg, "empty path");
	case OPT_LATENCY:
		return parse_number("dma-latency", optarg, 0, MAX_DMA_LATENCY_NS,
				    &adapter->dma_latency_ns);
	case OPT_SCALE:
		return parse_number("time-scale", optarg, 1, MAX_TIME_SCALE,
				    &adapter->time_scale);
	case OPT_FST:
		adapter->fst = optarg;
		return true;
	case OPT_STATS:
		options->stats = true;
		return true;
	case OPT_LOG:
		return parse_log(optarg);
	default:
		return false;	/* getopt_long() has said why */
	}
}

enum options_verdict options_parse(struct options *options, int argc, char **argv)
{
	int option;

	memset(options, 0, sizeof(*options));
	options->adapter.mac = DEFAULT_MAC;
	options->adapter.time_scale = DEFAULT_TIME_SCALE;
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == OPT_HELP) {
			fputs(help, stdout);
			return OPTIONS_HELP;
		}
		if (!parse_option(options, option))
			return OPTIONS_WRONG;
	}
	if (optind < argc) {
		log_error("%s: not an option; see --help", argv[optind]);
		return OPTIONS_WRONG;
	}
	if (!options->socket) {
		log_error("--socket is missing; see --help");
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}
