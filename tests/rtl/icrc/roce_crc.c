// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "roce_crc.h"

// Bit by bit, and kept for each value of the byte that leaves
static uint32_t crc_byte(uint32_t crc, uint8_t byte)
{
	static uint32_t known[256];
	uint32_t *left = &known[(crc ^ byte) & 255];

	if (!*left) {
		*left = (crc ^ byte) & 255;
		for (int i = 0; i < 8; i++)
			*left = *left >> 1 ^ (*left & 1 ? 0xedb88320u : 0);
	}
	return crc >> 8 ^ *left;
}

uint32_t roce_icrc_at(const uint8_t *p, size_t udp, size_t size)
{
	int ipv4 = p[0] >> 4 == 4;
	uint32_t crc = 0xffffffffu;

	for (int i = 0; i < 8; i++)
		crc = crc_byte(crc, 0xff);
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = p[i];

		if (ipv4) {
			if (i == 1 || i == 8 || i == 10 || i == 11)
				byte = 0xff;
		} else {
			if (i == 0)
				byte |= 0x0f;
			if ((i >= 1 && i <= 3) || i == 7)
				byte = 0xff;
		}
		if (i == udp + 6 || i == udp + 7 || i == udp + 12)
			byte = 0xff;
		crc = crc_byte(crc, byte);
	}
	return ~crc;
}

uint32_t roce_icrc(const uint8_t *p, size_t size)
{
	return roce_icrc_at(p, p[0] >> 4 == 4 ? 20 : 40, size);
}
