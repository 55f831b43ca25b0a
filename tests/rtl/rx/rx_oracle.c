// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "rx_oracle.h"

#include <string.h>

#include "roce_crc.h"
#include "roce_frame.h"

static unsigned int be16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static uint32_t be24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

int rx_ext_len(unsigned int opcode)
{
	static const signed char rc[] = {
		0, 0, 0, 4, 0, 4,             // SEND first, middle, last, imm, only, imm
		16, 0, 0, 4, 16, 20,          // WRITE
		16, 4, 0, 4, 4, 4, 12,        // READ request, responses; ACK, atomic ACK
		28, 28, -1, 4, 4,             // atomics; SEND with invalidate
	};

	if (opcode < sizeof(rc))
		return rc[opcode];
	if (opcode >= 0x20 && opcode <= 0x2b)
		return rc[opcode - 0x20];
	return opcode == 0x64 ? 8 : opcode == 0x65 ? 12 : -1;
}

static int is_ours(const struct rx_station *s, const uint8_t *mac)
{
	if (memcmp(mac, s->mac, 6) == 0)
		return 1;
	for (int i = 0; i < RX_GIDS; i++) {
		if (s->gids[i].valid && memcmp(mac, s->gids[i].mac, 6) == 0)
			return 1;
	}
	return 0;
}

void rx_group_mac(const uint8_t gid[16], uint8_t mac[6])
{
	static const uint8_t ipv4[3] = { 0x01, 0x00, 0x5e };

	if (gid[0] == 0xff) {
		mac[0] = mac[1] = 0x33;
		memcpy(mac + 2, gid + 12, 4);
	} else {
		memcpy(mac, ipv4, 3);
		memcpy(mac + 3, gid + 13, 3);
		mac[3] &= 0x7f;
	}
}

// Group of a packet, -1 if it is not to one that is attached
static int find_group(const struct rx_station *s, const uint8_t *mac, const uint8_t *dip, int ipv4,
		      unsigned int vid)
{
	int vlan = vid == 0;
	uint8_t due[6];

	if (ipv4 ? dip[12] >> 4 != 0xe : dip[0] != 0xff)
		return -1;
	rx_group_mac(dip, due);
	for (int i = 0; i < RX_GIDS; i++)
		vlan |= s->gids[i].valid && s->gids[i].vlan && s->gids[i].vid == vid;
	if (memcmp(mac, due, 6) != 0 || !vlan)
		return -1;
	for (int i = 0; i < RX_GROUPS; i++)
		if (memcmp(s->groups[i], dip, 16) == 0)
			return i;
	return -1;
}

// Which GIDs an address is, and whether any
static int find_gids(const struct rx_station *s, const uint8_t *dip, int ipv4, unsigned int vid,
		     uint8_t *gids)
{
	int any = 0;

	for (int i = 0; i < RX_GIDS; i++) {
		const struct rx_gid *g = &s->gids[i];

		gids[i] = g->valid && g->ipv4 == ipv4 && g->vlan == (vid != 0) &&
			  (!g->vlan || g->vid == vid) && memcmp(g->gid, dip, 16) == 0;
		any |= gids[i];
	}
	return any;
}

// Finds the UDP header of a packet for RoCEv2 on one of our addresses, or of a group's. Returns 0 if
// it is none
static int find_roce(const struct rx_station *s, const uint8_t *f, size_t size, size_t *ip_at,
		     size_t *udp_at, size_t *end, struct rx_verdict *v)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	size_t ip = 14;
	unsigned int vid = 0;
	uint8_t dip[16];
	int ipv4;

	if (size < 14)
		return 0;
	if (be16(f + 12) == 0x8100) {
		if (size < 18)
			return 0;
		vid = be16(f + 14) & 0xfff;
		ip = 18;
	}
	ipv4 = be16(f + ip - 2) == 0x0800;
	if (ipv4) {
		if (size < ip + 28 || f[ip] != 0x45 || (be16(f + ip + 6) & 0x3fff) != 0 ||
		    f[ip + 9] != 17 || roce_ip_checksum(f + ip) != be16(f + ip + 10))
			return 0;
		*udp_at = ip + 20;
		*end = ip + be16(f + ip + 2);
		memcpy(v->sip, mapped, 12);
		memcpy(v->sip + 12, f + ip + 12, 4);
		memcpy(dip, mapped, 12);
		memcpy(dip + 12, f + ip + 16, 4);
	} else if (be16(f + ip - 2) == 0x86dd) {
		if (size < ip + 48 || f[ip] >> 4 != 6 || f[ip + 6] != 17)
			return 0;
		*udp_at = ip + 40;
		*end = ip + 40 + be16(f + ip + 4);
		memcpy(v->sip, f + ip + 8, 16);
		memcpy(dip, f + ip + 24, 16);
	} else {
		return 0;
	}
	if (*end > size || *end < *udp_at + 8 || be16(f + *udp_at + 2) != 4791)
		return 0;
	*ip_at = ip;
	v->group = find_group(s, f, dip, ipv4, vid);
	if (v->group >= 0)
		return 1;
	return is_ours(s, f) && find_gids(s, dip, ipv4, vid, v->gids);
}

static int headers_ok(const uint8_t *bth, size_t size, struct rx_verdict *v)
{
	int ext = rx_ext_len(bth[0]);
	size_t rest;

	if ((bth[1] & 15) != 0 || (be16(bth + 2) & 0x7fff) != 0x7fff || ext < 0)
		return 0;
	v->pad = bth[1] >> 4 & 3;
	v->ext_len = (size_t)ext;
	// size: BTH to the pad
	if (size < 12 + (size_t)ext)
		return 0;
	rest = size - 12 - (size_t)ext;
	if ((bth[0] == 0x0c || (bth[0] >= 0x11 && bth[0] <= 0x14)) && rest != 0)
		return 0;
	if (rest < v->pad || rest - v->pad > 4096)
		return 0;
	v->len = rest - v->pad;
	memcpy(v->ext, bth + 12, (size_t)ext);
	return 1;
}

// Broadcast, or any group that is asked for
static int is_group(const struct rx_station *s, const uint8_t *f)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return (f[0] & 1) && (s->multicast || !memcmp(f, broadcast, 6));
}

void rx_judge(const struct rx_station *s, const uint8_t *f, size_t size, int bad, int own,
	      struct rx_verdict *v)
{
	size_t ip, udp, end, udp_len;
	int roce;
	const uint8_t *bth;
	uint32_t crc;

	memset(v, 0, sizeof(*v));
	v->group = -1;
	if (bad || size < 14 || size > 9216) {
		v->stats = RX_BAD;
		return;
	}
	v->stats = RX_FRAME;
	roce = find_roce(s, f, size, &ip, &udp, &end, v);
	if (!roce && (own || (!is_group(s, f) && !s->promisc && !is_ours(s, f)))) {
		v->stats |= RX_FILTERED;
		return;
	}
	if (!roce) {
		v->keep = 1;
		v->eth = 1;
		v->len = size;
		return;
	}
	v->stats |= RX_ROCE;
	udp_len = be16(f + udp + 4);
	if (udp_len != end - udp || udp_len % 4 != 0 || udp_len < 8 + 12 + 4) {
		v->stats |= RX_HEADER;
		return;
	}
	crc = roce_icrc(f + ip, end - 4 - ip);
	for (size_t i = 0; i < 4; i++) {
		if (f[end - 4 + i] != (uint8_t)(crc >> 8 * i)) {
			v->stats |= RX_ICRC;
			return;
		}
	}
	bth = f + udp + 8;
	if (bth[0] == 0x81 && (bth[1] & 15) == 0 && (be16(bth + 2) & 0x7fff) == 0x7fff) {
		v->stats |= RX_CNP;
		return;
	}
	if (!headers_ok(bth, end - 4 - udp - 8, v)) {
		v->stats |= RX_HEADER;
		return;
	}
	v->keep = 1;
	v->at = udp + 20 + v->ext_len;
	v->opcode = bth[0];
	v->response = bth[0] >= 0x0d && bth[0] <= 0x12;
	v->transport = bth[0] >> 5 == 3 ? 2 : bth[0] >> 5;
	v->solicited = bth[1] >> 7;
	v->qpn = be24(bth + 5);
	v->qpn_bad = v->group >= 0 ? v->qpn != 0xffffff : v->qpn == 0 || v->qpn >= 16384;
	v->ack_req = bth[8] >> 7;
	v->psn = be24(bth + 9);
	v->ipv4 = udp - ip == 20;
	v->ecn = v->ipv4 ? (f[ip + 1] & 3) == 3 : (f[ip + 1] >> 4 & 3) == 3;
}
