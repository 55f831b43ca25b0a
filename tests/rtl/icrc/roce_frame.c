// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "roce_frame.h"

#include <string.h>

#include "roce_crc.h"

static size_t put(uint8_t *frame, size_t at, uint64_t value, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		frame[at++] = (uint8_t)(value >> 8 * i);
	return at;
}

static size_t put_bytes(uint8_t *frame, size_t at, const uint8_t *from, size_t n)
{
	if (n != 0)
		memcpy(frame + at, from, n);
	return at + n;
}

uint16_t roce_ip_checksum(const uint8_t *ip)
{
	uint32_t sum = 0;

	for (int i = 0; i < 20; i += 2) {
		if (i != 10)
			sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

size_t roce_build(const struct roce_pkt *p, uint8_t *f)
{
	size_t pad = (0 - p->len) & 3;
	size_t udp_len = 8 + 12 + p->ext_len + p->len + pad + 4;
	size_t at = 0, ip;
	uint32_t crc;

	at = put_bytes(f, at, p->dmac, 6);
	at = put_bytes(f, at, p->smac, 6);
	if (p->vlan) {
		at = put(f, at, 0x8100, 2);
		at = put(f, at, p->tci, 2);
	}
	at = put(f, at, p->ipv4 ? 0x0800 : 0x86dd, 2);
	ip = at;
	if (p->ipv4) {
		at = put(f, at, 0x45, 1);
		at = put(f, at, p->tclass, 1);
		at = put(f, at, 20 + udp_len, 2);
		at = put(f, at, p->id, 2);
		at = put(f, at, 0x4000, 2);
		at = put(f, at, p->hop, 1);
		at = put(f, at, 17, 1);
		at = put(f, at, 0, 2);
		at = put_bytes(f, at, p->sip + 12, 4);
		at = put_bytes(f, at, p->dip + 12, 4);
		put(f, ip + 10, roce_ip_checksum(f + ip), 2);
	} else {
		at = put(f, at, 6u << 28 | (uint32_t)p->tclass << 20 | p->flow, 4);
		at = put(f, at, udp_len, 2);
		at = put(f, at, 17, 1);
		at = put(f, at, p->hop, 1);
		at = put_bytes(f, at, p->sip, 16);
		at = put_bytes(f, at, p->dip, 16);
	}
	at = put(f, at, p->sport, 2);
	at = put(f, at, 4791, 2);
	at = put(f, at, udp_len, 2);
	at = put(f, at, 0, 2);
	at = put(f, at, p->opcode, 1);
	at = put(f, at, (unsigned int)p->solicited << 7 | 1u << 6 | pad << 4, 1);
	at = put(f, at, p->pkey, 2);
	at = put(f, at, p->qpn, 4);
	at = put(f, at, (uint32_t)p->ack_req << 31 | p->psn, 4);
	at = put_bytes(f, at, p->ext, p->ext_len);
	at = put_bytes(f, at, p->payload, p->len);
	at = put(f, at, 0, (int)pad);
	crc = roce_icrc(f + ip, at - ip);
	for (int i = 0; i < 4; i++)
		f[at++] = (uint8_t)(crc >> 8 * i);
	while (at < 60)
		f[at++] = 0;
	return at;
}
