// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Frames for the bench of tern_icrc and the CRC that each must have: first the two captures below,
// then one frame for each bit of a whole beat, then random ones.

#include "roce_crc.h"

#include <stdio.h>
#include <string.h>

#include "svdpi.h"

#define MAX_FRAME 512

// Packets that a ConnectX made, with the ICRC that it put there (the examples in the tests of
// scapy's RoCE layer): a CNP, and a UC SEND
static const char *const captures[] = {
	"e41d2dab2bc27cfe90643b32080045c2003c718c4000401191610a0011010a00"
	"1201000012b7002800008100ffff400001180000000000000000000000000000"
	"00000000000082fd002a",
	"248a07a8fa22248a07a8fa22080045010040047840004011b4d5c0a80007c0a8"
	"0007c00012b7002caca22460ffff000000d300cf17104630818be28935d90e9a"
	"95505401be885e50000078f353f3",
};

static uint64_t rng;
static uint8_t frame[MAX_FRAME];
static size_t size;      // of frame, without the ICRC
static size_t at;        // of the next beat
static unsigned int made;

static uint32_t want[64];
static unsigned int want_in, want_out;

static uint32_t rnd(void)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(rng >> 33);
}

static unsigned int hex_digit(char c)
{
	return c <= '9' ? (unsigned int)(c - '0') : (unsigned int)(c - 'a' + 10);
}

static void make_frame(void)
{
	size_t ip = 14, udp;
	uint32_t crc;

	if (made < 2) {
		const char *hex = captures[made];

		size = strlen(hex) / 2 - 4;
		for (size_t i = 0; i < size + 4; i++)
			frame[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
		crc = roce_icrc(frame + 14, size - 14);
		if (crc != ((uint32_t)frame[size] | (uint32_t)frame[size + 1] << 8 |
			    (uint32_t)frame[size + 2] << 16 | (uint32_t)frame[size + 3] << 24))
			fprintf(stderr, "icrc_model: the model itself is wrong\n");
		else
			goto done;
	}
	for (size_t i = 0; i < MAX_FRAME; i++)
		frame[i] = (uint8_t)rnd();
	frame[12] = 8;
	if (rnd() & 1) {
		ip = 18;
		frame[12] = 0x81;
		frame[13] = 0;
	}
	frame[ip] = (uint8_t)((rnd() & 1 ? 0x40 : 0x60) | (frame[ip] & 15));
	udp = ip + (frame[ip] >> 4 == 4 ? 20 : 40);
	size = udp + 20 + 4 * (rnd() % 80);
	if (made < 2 + 512) {
		// One bit in a third beat of zeros, and zeros behind it
		size = 64 * 4 - 2;
		memset(frame + 128, 0, 128);
		frame[128 + (made - 2) / 8] = (uint8_t)(1u << (made - 2) % 8);
	}
	crc = roce_icrc(frame + ip, size - ip);
done:
	want[want_in++ % 64] = crc;
	at = 0;
	made++;
}

void icrc_start(unsigned int seed);
void icrc_start(unsigned int seed)
{
	rng = seed * 0x9e3779b97f4a7c15u + 1;
	size = 0;
	at = 0;
	made = 0;
	want_in = 0;
	want_out = 0;
}

// The next beat. ctl: 3:0 words, 4 first, 5 last, 6 VLAN, 7 IPv4; those that do not count are
// random, and so are the bytes behind the end
void icrc_beat(svBitVecVal *data, unsigned int *ctl);
void icrc_beat(svBitVecVal *data, unsigned int *ctl)
{
	uint8_t *bytes = (uint8_t *)data;

	if (at >= size)
		make_frame();
	*ctl = rnd() & 0xcf;
	if (at == 0) {
		*ctl = 0x10 | (*ctl & 15) | (frame[12] == 0x81 ? 0x40 : 0) |
		       (frame[frame[12] == 0x81 ? 18 : 14] >> 4 == 4 ? 0x80 : 0);
	}
	for (size_t i = 0; i < 64; i++)
		bytes[i] = at + i < size ? frame[at + i] : (uint8_t)rnd();
	if (size - at <= 64)
		*ctl = (*ctl & ~15u) | 0x20 | (unsigned int)((size - at - 2) / 4);
	at += 64;
}

// 1 if this is the CRC of the next frame
int icrc_check(unsigned int crc);
int icrc_check(unsigned int crc)
{
	if (want_out == want_in || want[want_out % 64] != crc)
		return 0;
	want_out++;
	return 1;
}

unsigned int icrc_left(void);
unsigned int icrc_left(void)
{
	return want_in - want_out;
}
