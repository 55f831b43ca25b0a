// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// VU_VERSION: which protocol both sides speak, and what they are able to.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "log.h"
#include "messages.h"

#define DEFAULT_MAX_XFER	1048576u

/* What the client offers. A name it does not mention must not be in the reply. */
struct offer {
	bool max_fds_given;
	bool max_xfer_given;
	bool max_maps_given;
	bool page_sizes_given;
	bool multi_given;
	uint64_t max_fds;
	uint64_t max_xfer;
	uint64_t max_maps;
	uint64_t page_sizes;
	bool multi;
};

static bool read_count(struct json *json, bool *given, uint64_t *value)
{
	*given = true;
	return json_unsigned(json, value);
}

static bool read_capability(struct json *json, const char *name, struct offer *offer)
{
	if (!strcmp(name, "max_msg_fds"))
		return read_count(json, &offer->max_fds_given, &offer->max_fds);
	if (!strcmp(name, "max_data_xfer_size"))
		return read_count(json, &offer->max_xfer_given, &offer->max_xfer);
	if (!strcmp(name, "max_dma_maps"))
		return read_count(json, &offer->max_maps_given, &offer->max_maps);
	if (!strcmp(name, "pgsizes"))
		return read_count(json, &offer->page_sizes_given, &offer->page_sizes);
	if (!strcmp(name, "write_multiple")) {
		offer->multi_given = true;
		return json_bool(json, &offer->multi);
	}
	return json_skip(json);	/* migration, twin sockets and the like are not for us */
}

static bool read_capabilities(struct json *json, struct offer *offer)
{
	char name[JSON_NAME];

	if (!json_enter(json))
		return false;
	while (json_member(json, name))
		if (!read_capability(json, name, offer))
			return false;
	return !json->bad;
}

static bool read_offer(const char *text, struct offer *offer)
{
	char name[JSON_NAME];
	struct json json;

	json_start(&json, text);
	if (!json_enter(&json))
		return false;
	while (json_member(&json, name)) {
		bool good = strcmp(name, "capabilities") ? json_skip(&json)
							 : read_capabilities(&json, offer);

		if (!good)
			return false;
	}
	return json_end(&json);
}

static bool is_usable(const struct offer *offer)
{
	if (offer->page_sizes_given && !(offer->page_sizes & VU_PAGE_SIZE))
		return false;
	return !offer->max_xfer_given || offer->max_xfer;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void add(char *text, size_t room, const char *name, uint64_t value)
{
	size_t used = strlen(text);

	snprintf(text + used, room - used, "%s\"%s\":%llu", text[used - 1] == '{' ? "" : ",",
		 name, (unsigned long long)value);
}

static uint32_t write_reply(char *text, size_t room, const struct offer *offer)
{
	size_t used;

	snprintf(text, room, "{\"capabilities\":{");
	if (offer->max_fds_given)
		add(text, room, "max_msg_fds", VU_MAX_FDS);
	if (offer->max_xfer_given)
		add(text, room, "max_data_xfer_size", VU_MAX_XFER);
	if (offer->max_maps_given)
		add(text, room, "max_dma_maps", least(offer->max_maps, VU_MAX_DMA_MAPS));
	if (offer->page_sizes_given)
		add(text, room, "pgsizes", VU_PAGE_SIZE);
	used = strlen(text);
	if (offer->multi_given && offer->multi)
		used += (size_t)snprintf(text + used, room - used, "%s\"write_multiple\":true",
					 text[used - 1] == '{' ? "" : ",");
	used += (size_t)snprintf(text + used, room - used, "}}");
	return (uint32_t)used + 1;
}

/* Refusing ends the connection: there is no common ground to talk on. */
static int refuse(struct server *server, int error, const char *why)
{
	log_warn("connection refused: %s", why);
	server->closing = true;
	return error;
}

int message_version(struct server *server, struct request *request, struct answer *answer)
{
	const struct vu_version *asked = request->payload;
	struct vu_version *version = answer->payload;
	size_t length = request->size - sizeof(*asked);
	struct offer offer = { .max_xfer = DEFAULT_MAX_XFER };

	if (server->negotiated)
		return EINVAL;
	if (asked->major != VU_MAJOR)
		return refuse(server, ENOTSUP, "the client wants another major version");
	if (length) {
		if (length > VU_MAX_JSON || asked->json[length - 1] != '\0' ||
		    !read_offer(asked->json, &offer))
			return refuse(server, EINVAL, "malformed capabilities");
	}
	if (!is_usable(&offer))
		return refuse(server, EINVAL, "capabilities that leave nothing in common");
	server->max_xfer = (uint32_t)least(offer.max_xfer, VU_MAX_XFER);
	server->negotiated = true;
	version->major = VU_MAJOR;
	version->minor = VU_MINOR;
	answer->size = (uint32_t)sizeof(*version) +
		       write_reply(version->json, VU_MAX_JSON, &offer);
	return 0;
}
