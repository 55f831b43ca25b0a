// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// What the control socket can be told:
//
//   link up | link down         plug or pull the cable
//   impair SPEC | impair off    as --impair
//   impair-in SPEC|off          as --impair-in
//   pcap start FILE | pcap stop
//   stats
//
// Words are parted by one blank each. An answer is {"ok":true,...} or {"ok":false,"error":"..."}.

#include <stdio.h>
#include <string.h>

#include "ctl.h"

struct command {
	const char *name;		/* with a blank at its end: an argument follows */
	/* NULL, or what is wrong; may write an answer of its own */
	const char *(*run)(struct adapter *adapter, const char *argument, char *answer,
			   size_t room);
};

static const char *link_up(struct adapter *adapter, const char *argument, char *answer,
			   size_t room)
{
	(void)argument;
	(void)answer;
	(void)room;
	/* Whoever asked for --carrier up has it again; else the link decides */
	adapter_set_carrier(adapter, adapter->carrier_up ? CARRIER_UP : CARRIER_AUTO);
	return NULL;
}

static const char *link_down(struct adapter *adapter, const char *argument, char *answer,
			     size_t room)
{
	(void)argument;
	(void)answer;
	(void)room;
	adapter_set_carrier(adapter, CARRIER_DOWN);
	return NULL;
}

static const char *impair(struct adapter *adapter, const char *argument, char *answer, size_t room)
{
	struct impair_config config;
	const char *reason = impair_parse(&config, argument);

	(void)answer;
	(void)room;
	if (!reason)
		adapter_set_impair(adapter, &config);
	return reason;
}

static const char *impair_in(struct adapter *adapter, const char *argument, char *answer,
			     size_t room)
{
	struct impair_config config;
	const char *reason = impair_parse(&config, argument);

	(void)answer;
	(void)room;
	if (!reason)
		adapter_set_impair_in(adapter, &config);
	return reason;
}

static const char *start_pcap(struct adapter *adapter, const char *argument, char *answer,
			      size_t room)
{
	(void)answer;
	(void)room;
	return pcap_start(&adapter->wire.pcap, argument);
}

static const char *stop_pcap(struct adapter *adapter, const char *argument, char *answer,
			     size_t room)
{
	(void)argument;
	(void)answer;
	(void)room;
	pcap_stop(&adapter->wire.pcap);
	return NULL;
}

static const char *show_stats(struct adapter *adapter, const char *argument, char *answer,
			      size_t room)
{
	int used = snprintf(answer, room, "{\"ok\":true,\"carrier\":%s,\"peer\":%s,\"stats\":",
			    adapter->wire.up ? "true" : "false",
			    adapter->wire.link.peer ? "true" : "false");

	(void)argument;
	if (used < 0 || (size_t)used + 2 > room ||
	    !stats_json(adapter->stats, answer + used, room - (size_t)used - 1))
		return "not enough memory";
	strcat(answer, "}");
	return NULL;
}

static const struct command commands[] = {
	{ "link up", link_up },
	{ "link down", link_down },
	{ "impair ", impair },
	{ "impair-in ", impair_in },
	{ "pcap start ", start_pcap },
	{ "pcap stop", stop_pcap },
	{ "stats", show_stats },
};

static const struct command *find(const char *line, const char **argument)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t size = strlen(commands[i].name);

		if (strncmp(line, commands[i].name, size))
			continue;
		*argument = line + size;
		if (commands[i].name[size - 1] == ' ' ? **argument : !**argument)
			return &commands[i];
	}
	return NULL;
}

static bool is_text(const char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < 0x20 || *line == 0x7f)
			return false;
	return true;
}

void ctl_execute(struct adapter *adapter, const char *line, char *answer, size_t room)
{
	const struct command *command;
	const char *argument = "";
	const char *reason;

	answer[0] = '\0';
	command = is_text(line) ? find(line, &argument) : NULL;
	reason = command ? command->run(adapter, argument, answer, room)
			 : "not a command: link up|down, impair SPEC|off, "
			   "impair-in SPEC|off, pcap start FILE, pcap stop, stats";
	if (reason)
		snprintf(answer, room, "{\"ok\":false,\"error\":\"%s\"}", reason);
	else if (!answer[0])
		snprintf(answer, room, "{\"ok\":true}");
}
