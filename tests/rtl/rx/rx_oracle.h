// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// What must become of a frame from the wire, found out byte by byte
#ifndef TERN_TB_RX_ORACLE_H
#define TERN_TB_RX_ORACLE_H

#include <stddef.h>
#include <stdint.h>

#define RX_GIDS 128
#define RX_GROUPS 6

struct rx_gid {
	int valid, ipv4, vlan;
	unsigned int vid;
	uint8_t gid[16], mac[6];
};

struct rx_station {
	uint8_t mac[6];
	int promisc, multicast;
	struct rx_gid gids[RX_GIDS];
	uint8_t groups[RX_GROUPS][16];  // that QPs are attached to
};

enum rx_stat {
	RX_FRAME = 1, RX_BAD = 2, RX_FILTERED = 4, RX_ROCE = 8, RX_ICRC = 16, RX_HEADER = 32,
	RX_CNP = 64,
};

struct rx_verdict {
	unsigned int stats;
	int keep, eth, response, transport, qpn_bad;
	int group;                   // -1: none
	uint8_t sip[16];             // IPv4: mapped
	uint8_t gids[RX_GIDS];       // 1: it is sent to this one
	size_t at, len;              // payload, or the frame
	unsigned int opcode, solicited, ack_req, pad, ecn, ipv4;
	uint32_t qpn, psn;
	uint8_t ext[28];
	size_t ext_len;
};

// Size of the extended headers, -1 if there is no such opcode
int rx_ext_len(unsigned int opcode);

// MAC of a group's address
void rx_group_mac(const uint8_t gid[16], uint8_t mac[6]);

// own: the station has sent it
void rx_judge(const struct rx_station *s, const uint8_t *frame, size_t size, int bad, int own,
	      struct rx_verdict *v);

#endif
