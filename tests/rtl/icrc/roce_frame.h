// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// RoCEv2 frames, built byte by byte
#ifndef TERN_TB_ROCE_FRAME_H
#define TERN_TB_ROCE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define ROCE_MAX_FRAME 9300

struct roce_pkt {
	uint8_t dmac[6], smac[6];
	int vlan;
	uint16_t tci;
	int ipv4;
	uint8_t sip[16], dip[16];     // IPv4: mapped, the address is in the last four
	uint8_t tclass, hop;
	uint32_t flow;
	uint16_t id, sport;
	uint8_t opcode, solicited, ack_req;
	uint16_t pkey;
	uint32_t qpn, psn;
	uint8_t ext[28];
	size_t ext_len;
	const uint8_t *payload;
	size_t len;
};

// Returns the size of the frame, at least 60
size_t roce_build(const struct roce_pkt *p, uint8_t *frame);

uint16_t roce_ip_checksum(const uint8_t *ip);

#endif
