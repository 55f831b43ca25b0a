// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Messages as such: framing, negotiation, descriptions, error replies.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"

/* What QEMU 11 offers */
static const char qemu_json[] =
	"{\"capabilities\": {\"migration\": {\"max_bitmap_size\": 268435456, \"pgsize\": 4096}, "
	"\"max_msg_fds\": 16, \"max_data_xfer_size\": 1048576, \"pgsizes\": 4096, "
	"\"max_dma_maps\": 65535, \"write_multiple\": true}}";

static struct process process;
static struct client client;

static int start(void **state)
{
	(void)state;
	process_start(&process, NULL);
	client_start(&client, &process);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	client_close(&client);
	return process_stop(&process);
}

static void reconnect(void)
{
	client_close(&client);
	client_connect(&client, &process);
}

/* The server lives and serves somebody new. */
static void assert_alive(void)
{
	reconnect();
	assert_int_equal(client_version(&client, 0, 0, NULL, NULL, 0), 0);
}

static void qemu_is_understood(void **state)
{
	char json[512];

	(void)state;
	reconnect();
	assert_int_equal(client_version(&client, 0, 0, qemu_json, json, sizeof(json)), 0);
	assert_string_equal(json, "{\"capabilities\":{\"max_msg_fds\":16,"
			    "\"max_data_xfer_size\":4096,\"max_dma_maps\":16384,"
			    "\"pgsizes\":4096,\"write_multiple\":true}}");
}

static void reply_names_only_what_was_offered(void **state)
{
	char json[512];

	(void)state;
	reconnect();
	assert_int_equal(client_version(&client, 0, 7, NULL, json, sizeof(json)), 0);
	assert_string_equal(json, "{\"capabilities\":{}}");
	reconnect();
	assert_int_equal(client_version(&client, 0, 0, "{}", json, sizeof(json)), 0);
	assert_string_equal(json, "{\"capabilities\":{}}");
	reconnect();
	assert_int_equal(client_version(&client, 0, 0,
					" { \"x\" : [1, {}, [ ], null, -1.5e+3, \"\\u00e4\\\"\"], "
					"\"capabilities\" : { \"write_multiple\" : false , "
					"\"max_dma_maps\" : 12 } } ", json, sizeof(json)), 0);
	assert_string_equal(json, "{\"capabilities\":{\"max_dma_maps\":12}}");
}

static void bad_negotiation_ends_the_connection(void **state)
{
	static const char *const texts[] = {
		"", "x", "{", "[]", "{\"capabilities\":1}", "{\"capabilities\":{}",
		"{\"capabilities\":{\"max_msg_fds\":\"1\"}}",
		"{\"capabilities\":{\"max_msg_fds\":-1}}",
		"{\"capabilities\":{\"max_msg_fds\":1.5}}",
		"{\"capabilities\":{\"max_msg_fds\":99999999999999999999}}",
		"{\"capabilities\":{\"write_multiple\":1}}",
		"{\"capabilities\":{\"pgsizes\":8192}}",
		"{\"capabilities\":{\"max_data_xfer_size\":0}}",
		"{\"capabilities\":{}} x", "{\"a\":1,}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}",
		"{\"a\":[1 2]}", "{\"a\" 1}", "{a:1}", "{\"a\":tru}", "{\"a\":1.}", "{\"a\":\"",
		"{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		reconnect();
		assert_int_equal(client_version(&client, 0, 0, texts[i], NULL, 0), EINVAL);
		assert_true(client_sees_hangup(&client));
	}
	reconnect();
	assert_int_equal(client_version(&client, 1, 0, NULL, NULL, 0), ENOTSUP);
	assert_true(client_sees_hangup(&client));
	assert_alive();
}

static void json_must_end_with_nul(void **state)
{
	const char payload[] = { 0, 0, 0, 0, '{', '}' };

	(void)state;
	reconnect();
	assert_int_equal(client_call(&client, VU_VERSION, payload, sizeof(payload), NULL, 0, NULL,
				     0, NULL), EINVAL);
	assert_true(client_sees_hangup(&client));
	assert_alive();
}

static void negotiation_comes_first_and_once(void **state)
{
	(void)state;
	reconnect();
	assert_int_equal(client_reset(&client), EPROTO);
	assert_int_equal(client_version(&client, 0, 0, NULL, NULL, 0), 0);
	assert_int_equal(client_version(&client, 0, 0, NULL, NULL, 0), EINVAL);
	assert_int_equal(client_reset(&client), 0);
}

static void device_is_described(void **state)
{
	struct vu_device_info info = { .argsz = sizeof(info) };
	size_t size;

	(void)state;
	assert_int_equal(client_call(&client, VU_GET_INFO, &info, sizeof(info), NULL, 0, &info,
				     sizeof(info), &size), 0);
	assert_int_equal(size, sizeof(info));
	assert_int_equal(info.argsz, sizeof(info));
	assert_int_equal(info.flags, VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI);
	assert_int_equal(info.num_regions, VFIO_PCI_NUM_REGIONS);
	assert_int_equal(info.num_irqs, VFIO_PCI_NUM_IRQS);
	info.argsz = sizeof(info) - 1;
	assert_int_equal(client_call(&client, VU_GET_INFO, &info, sizeof(info), NULL, 0, NULL, 0,
				     NULL), EINVAL);
}

static int region_info(uint32_t index, uint32_t argsz, struct vu_region_info *info)
{
	struct vu_region_info asked = { .argsz = argsz, .index = index };

	return client_call(&client, VU_GET_REGION_INFO, &asked, sizeof(asked), NULL, 0, info,
			   sizeof(*info), NULL);
}

static void regions_are_described(void **state)
{
	static const uint64_t sizes[VFIO_PCI_NUM_REGIONS] = {
		[0] = 65536, [2] = 8388608, [4] = 8192, [7] = 4096
	};
	struct vu_region_info info;
	uint32_t i;

	(void)state;
	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		assert_int_equal(region_info(i, sizeof(info), &info), 0);
		assert_int_equal(info.argsz, sizeof(info));
		assert_int_equal(info.index, i);
		assert_int_equal(info.size, sizes[i]);
		assert_int_equal(info.flags, sizes[i] ? VFIO_REGION_INFO_FLAG_READ |
				 VFIO_REGION_INFO_FLAG_WRITE : 0);
	}
	assert_int_equal(region_info(VFIO_PCI_NUM_REGIONS, sizeof(info), &info), EINVAL);
	assert_int_equal(region_info(~0u, sizeof(info), &info), EINVAL);
	assert_int_equal(region_info(0, sizeof(info) - 1, &info), EINVAL);
}

static void irqs_are_described(void **state)
{
	struct vu_irq_info info;
	uint32_t i;

	(void)state;
	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		struct vu_irq_info asked = { .argsz = sizeof(asked), .index = i };

		assert_int_equal(client_call(&client, VU_GET_IRQ_INFO, &asked, sizeof(asked), NULL,
					     0, &info, sizeof(info), NULL), 0);
		assert_int_equal(info.count, i == VFIO_PCI_MSIX_IRQ_INDEX ? 64 :
				 i == VFIO_PCI_ERR_IRQ_INDEX);
	}
	info.index = VFIO_PCI_NUM_IRQS;
	assert_int_equal(client_call(&client, VU_GET_IRQ_INFO, &info, sizeof(info), NULL, 0, NULL,
				     0, NULL), EINVAL);
}

static void no_region_has_io_fds(void **state)
{
	struct vu_region_io_fds asked = { .argsz = sizeof(asked), .index = REGION_DB };
	struct vu_region_io_fds none;

	(void)state;
	assert_int_equal(client_call(&client, VU_GET_REGION_IO_FDS, &asked, sizeof(asked), NULL, 0,
				     &none, sizeof(none), NULL), 0);
	assert_int_equal(none.count, 0);
	asked.flags = 1;
	assert_int_equal(client_call(&client, VU_GET_REGION_IO_FDS, &asked, sizeof(asked), NULL, 0,
				     NULL, 0, NULL), EINVAL);
}

static void commands_that_do_not_exist(void **state)
{
	static const struct { uint16_t command; int error; } cases[] = {
		{ 0, ENOSYS }, { VU_DMA_READ, ENOSYS }, { VU_DMA_WRITE, ENOSYS },
		{ VU_DIRTY_PAGES, ENOTSUP }, { VU_DEVICE_FEATURE, ENOTSUP },
		{ VU_MIG_DATA_READ, ENOTSUP }, { VU_MIG_DATA_WRITE, ENOTSUP },
		{ VU_COMMANDS, ENOSYS }, { 0xffff, ENOSYS },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(client_call(&client, cases[i].command, NULL, 0, NULL, 0, NULL, 0,
					     NULL), cases[i].error);
}

static void payloads_of_the_wrong_size(void **state)
{
	uint8_t zeros[VU_MAX_MESSAGE - sizeof(struct vu_header)] = { 0 };

	(void)state;
	assert_int_equal(client_call(&client, VU_DMA_MAP, zeros, 31, NULL, 0, NULL, 0, NULL),
			 EINVAL);
	assert_int_equal(client_call(&client, VU_DMA_MAP, zeros, 33, NULL, 0, NULL, 0, NULL),
			 EINVAL);
	assert_int_equal(client_call(&client, VU_DMA_UNMAP, zeros, 0, NULL, 0, NULL, 0, NULL),
			 EINVAL);
	assert_int_equal(client_call(&client, VU_SET_IRQS, zeros, 19, NULL, 0, NULL, 0, NULL),
			 EINVAL);
	assert_int_equal(client_call(&client, VU_REGION_READ, zeros, 15, NULL, 0, NULL, 0, NULL),
			 EINVAL);
	assert_int_equal(client_call(&client, VU_REGION_WRITE, zeros, 8, NULL, 0, NULL, 0, NULL),
			 EINVAL);
	assert_int_equal(client_call(&client, VU_DEVICE_RESET, zeros, 1, NULL, 0, NULL, 0, NULL),
			 EINVAL);
	assert_int_equal(client_call(&client, VU_REGION_WRITE_MULTI, zeros, sizeof(zeros), NULL, 0,
				     NULL, 0, NULL), EINVAL);
}

static void region_accesses_are_bounded(void **state)
{
	static const struct { uint32_t region; uint64_t offset; uint32_t count; int error; } cases[] = {
		{ 0, 65532, 4, 0 }, { 0, 65533, 4, EINVAL }, { 0, 65536, 4, EINVAL },
		{ 0, ~0ull, 4, EINVAL }, { 0, ~0ull - 3, 8, EINVAL }, { 0, 0, 0, EINVAL },
		{ 1, 0, 4, EINVAL }, { 8, 0, 4, EINVAL }, { 9, 0, 4, EINVAL }, { ~0u, 0, 4, EINVAL },
		{ 7, 0, 4096, 0 }, { 7, 1, 4096, EINVAL }, { 2, 0, 4097, EINVAL },
		{ 2, 4194303, 1, 0 }, { 4, 8191, 1, 0 }, { 4, 8192, 1, EINVAL },
	};
	uint8_t data[5000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(client_read(&client, cases[i].region, cases[i].offset, data,
					     cases[i].count), cases[i].error);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (cases[i].error && cases[i].count <= 4096)
			assert_int_equal(client_write(&client, cases[i].region, cases[i].offset,
						      data, cases[i].count), EINVAL);
}

static void write_must_carry_its_count(void **state)
{
	uint8_t payload[sizeof(struct vu_region_access) + 8] = { 0 };
	struct vu_region_access access = { .region = REGION_REGS, .offset = FIX_SCRATCH,
					   .count = 4 };

	(void)state;
	memcpy(payload, &access, sizeof(access));
	memset(payload + sizeof(access), 0x55, 8);
	assert_int_equal(client_call(&client, VU_REGION_WRITE, payload, sizeof(payload), NULL, 0,
				     NULL, 0, NULL), EINVAL);
	assert_int_equal(client_call(&client, VU_REGION_WRITE, payload, sizeof(payload) - 5, NULL,
				     0, NULL, 0, NULL), EINVAL);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_SCRATCH), 0);
}

static void transfer_limit_of_the_client_holds(void **state)
{
	uint8_t data[32];

	(void)state;
	reconnect();
	assert_int_equal(client_version(&client, 0, 0,
					"{\"capabilities\":{\"max_data_xfer_size\":16}}", NULL,
					0), 0);
	assert_int_equal(client_read(&client, REGION_CONFIG, 0, data, 16), 0);
	assert_int_equal(client_read(&client, REGION_CONFIG, 0, data, 17), EINVAL);
}

static void multi(struct vu_write_multi *message, uint64_t count, uint32_t region,
		  uint64_t offset, uint32_t size)
{
	uint64_t i;

	message->count = count;
	for (i = 0; i < count; i++) {
		message->writes[i].region = region;
		message->writes[i].offset = offset;
		message->writes[i].count = size;
		memcpy(message->writes[i].data, &i, sizeof(i));
	}
}

static void write_multi_does_all_or_nothing(void **state)
{
	union {
		struct vu_write_multi message;
		uint8_t room[sizeof(struct vu_write_multi) +
			     VU_MAX_MULTI * sizeof(struct vu_one_write)];
	} payload;
	uint64_t done;
	size_t size = sizeof(payload);

	(void)state;
	multi(&payload.message, VU_MAX_MULTI, REGION_DB, 0x1000, 8);
	assert_int_equal(client_call(&client, VU_REGION_WRITE_MULTI, &payload, size, NULL, 0,
				     &done, sizeof(done), NULL), 0);
	assert_int_equal(done, VU_MAX_MULTI);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_DB_COUNT), VU_MAX_MULTI);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_DB_DATA), VU_MAX_MULTI - 1);
	payload.message.writes[VU_MAX_MULTI - 1].count = 9;
	assert_int_equal(client_call(&client, VU_REGION_WRITE_MULTI, &payload, size, NULL, 0, NULL,
				     0, NULL), EINVAL);
	payload.message.count = VU_MAX_MULTI + 1;
	assert_int_equal(client_call(&client, VU_REGION_WRITE_MULTI, &payload, size, NULL, 0, NULL,
				     0, NULL), EINVAL);
	payload.message.count = 0x5555555555555556ull;	/* times 24 is 16 in 64 bits */
	assert_int_equal(client_call(&client, VU_REGION_WRITE_MULTI, &payload, 8 + 24, NULL, 0,
				     NULL, 0, NULL), EINVAL);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_DB_COUNT), VU_MAX_MULTI);
}

static void no_reply_means_none(void **state)
{
	uint8_t payload[sizeof(struct vu_region_access) + 4];
	struct vu_region_access access = { .region = REGION_REGS, .offset = FIX_SCRATCH,
					   .count = 4 };
	uint32_t i;

	(void)state;
	memcpy(payload, &access, sizeof(access));
	for (i = 0; i < 100; i++) {
		memcpy(payload + sizeof(access), &i, sizeof(i));
		client_send(&client, VU_REGION_WRITE, VU_NO_REPLY, payload, sizeof(payload), NULL, 0);
		client_send(&client, 0x77, VU_NO_REPLY, NULL, 0, NULL, 0);
	}
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_SCRATCH), 99);
}

static void requests_may_be_pipelined(void **state)
{
	struct vu_region_access access = { .region = REGION_REGS, .offset = FIX_ID, .count = 4 };
	uint16_t first = client.id;
	uint8_t reply[64];
	uint32_t value;
	unsigned int i;

	(void)state;
	/* No more than the socket buffers of both directions hold: this client is blocking */
	for (i = 0; i < 100; i++)
		client_send(&client, VU_REGION_READ, 0, &access, sizeof(access), NULL, 0);
	for (i = 0; i < 100; i++) {
		assert_int_equal(client_receive(&client, (uint16_t)(first + i), VU_REGION_READ,
						reply, sizeof(reply), NULL), 0);
		memcpy(&value, reply + sizeof(access), sizeof(value));
		assert_int_equal(value, FIX_ID_VALUE);
	}
}

/* A message may come in any pieces, and its descriptor with any of them. */
static void messages_may_come_in_pieces(void **state)
{
	struct { struct vu_header header; struct vu_dma_map map; } message = {
		.header = { .id = 7, .command = VU_DMA_MAP, .size = sizeof(message) },
		.map = { .argsz = sizeof(message.map), .flags = VFIO_DMA_MAP_FLAG_READ,
			 .size = 4096 },
	};
	const uint8_t *bytes = (const uint8_t *)&message;
	uint8_t *memory;
	int fd = memory_create(4096, &memory);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(message); i++) {
		client_send_raw(&client, bytes + i, 1, &fd, i == 20);
		if (i % 16 == 5)
			sleep_ms(1);
	}
	assert_int_equal(client_receive(&client, 7, VU_DMA_MAP, NULL, 0, NULL), 0);
	assert_int_equal(client_unmap(&client, 0, 4096, 0), 0);
	close(fd);
}

/* Half a message does not stop the server from doing the rest of its work. */
static void half_a_message_blocks_nothing(void **state)
{
	int event = eventfd_create();

	(void)state;
	client_write16(&client, REGION_CONFIG, CFG_MSIX + 2, 0x8000);
	assert_int_equal(client_set_irqs(&client, VFIO_IRQ_SET_DATA_EVENTFD |
					 VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_PCI_MSIX_IRQ_INDEX, 3,
					 1, NULL, 0, &event, 1), 0);
	client_write32(&client, REGION_REGS, FIX_COPY, FIX_COPY_BITS(1, 3, 1));
	client_write32(&client, REGION_REGS, FIX_TIMER, 1000000);
	client_send_raw(&client, "\1\0", 2, NULL, 0);
	assert_int_equal(eventfd_wait(event), 1);
	close(event);
}

static void framing_errors_end_the_connection(void **state)
{
	static const struct vu_header headers[] = {
		{ .command = VU_DEVICE_RESET, .size = 15 },
		{ .command = VU_DEVICE_RESET, .size = 0 },
		{ .command = VU_DEVICE_RESET, .size = VU_MAX_MESSAGE + 1 },
		{ .command = VU_DEVICE_RESET, .size = ~0u },
		{ .command = VU_DEVICE_RESET, .size = 16, .flags = VU_TYPE_REPLY },
		{ .command = VU_DEVICE_RESET, .size = 16, .flags = 0xf },
	};
	size_t i;
	char *output;

	(void)state;
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		reconnect();
		client_send_raw(&client, &headers[i], sizeof(headers[i]), NULL, 0);
		assert_true(client_sees_hangup(&client));
	}
	assert_alive();
	output = process_output(&process);
	assert_non_null(strstr(output, "message of 15 bytes"));
	free(output);
}

static void descriptors_nobody_asked_for_are_closed(void **state)
{
	int fds[40];
	unsigned int before;
	unsigned int i;

	(void)state;
	for (i = 0; i < 40; i++)
		fds[i] = STDERR_FILENO;
	assert_int_equal(client_reset(&client), 0);
	before = process_fds(&process);
	assert_int_equal(client_call(&client, VU_DEVICE_RESET, NULL, 0, fds, 1, NULL, 0, NULL),
			 EINVAL);
	assert_int_equal(client_call(&client, VU_DEVICE_RESET, NULL, 0, fds, 16, NULL, 0, NULL),
			 EINVAL);
	assert_int_equal(client_call(&client, VU_DEVICE_RESET, NULL, 0, fds, 40, NULL, 0, NULL),
			 EINVAL);
	client_send(&client, 0x1234, VU_NO_REPLY, NULL, 0, fds, 16);
	assert_int_equal(client_reset(&client), 0);
	assert_int_equal(process_fds(&process), before);
}

static void second_client_is_turned_away(void **state)
{
	struct client other;

	(void)state;
	client_connect(&other, &process);
	assert_true(client_sees_hangup(&other));
	client_close(&other);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_ID), FIX_ID_VALUE);
}

static void silent_client_gives_way(void **state)
{
	struct client silent;

	(void)state;
	client_close(&client);
	client_connect(&silent, &process);
	sleep_ms(20);
	client_start(&client, &process);
	assert_true(client_sees_hangup(&silent));
	client_close(&silent);
	assert_int_equal(client_read32(&client, REGION_REGS, FIX_ID), FIX_ID_VALUE);
}

/* A client that asks and never listens costs one buffer, not the server. */
static void deaf_client_is_waited_for(void **state)
{
	struct vu_region_access access = { .region = REGION_CONFIG, .count = 4096 };
	uint16_t first = client.id;
	unsigned int i;

	(void)state;
	for (i = 0; i < 200; i++)
		client_send(&client, VU_REGION_READ, 0, &access, sizeof(access), NULL, 0);
	sleep_ms(50);
	for (i = 0; i < 200; i++)
		assert_int_equal(client_receive(&client, (uint16_t)(first + i), VU_REGION_READ,
						NULL, 0, NULL), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(qemu_is_understood),
		CASE(reply_names_only_what_was_offered),
		CASE(bad_negotiation_ends_the_connection),
		CASE(json_must_end_with_nul),
		CASE(negotiation_comes_first_and_once),
		CASE(device_is_described),
		CASE(regions_are_described),
		CASE(irqs_are_described),
		CASE(no_region_has_io_fds),
		CASE(commands_that_do_not_exist),
		CASE(payloads_of_the_wrong_size),
		CASE(region_accesses_are_bounded),
		CASE(write_must_carry_its_count),
		CASE(transfer_limit_of_the_client_holds),
		CASE(write_multi_does_all_or_nothing),
		CASE(no_reply_means_none),
		CASE(requests_may_be_pipelined),
		CASE(messages_may_come_in_pieces),
		CASE(half_a_message_blocks_nothing),
		CASE(framing_errors_end_the_connection),
		CASE(descriptors_nobody_asked_for_are_closed),
		CASE(second_client_is_turned_away),
		CASE(silent_client_gives_way),
		CASE(deaf_client_is_waited_for),
	};

	return cmocka_run_group_tests_name("sim.protocol", tests, NULL, NULL);
}
