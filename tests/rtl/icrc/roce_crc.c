// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

#include "roce_crc.h"

static uint32_t crc_byte(uint32_t crc, uint8_t byte)
{
	for (int i = 0; i < 8; i++) {
		uint32_t feedback = (crc ^ (uint32_t)(byte >> i)) & 1;

		crc >>= 1;
		if (feedback)
			crc ^= 0xedb88320u;
	}
	return crc;
}

uint32_t roce_icrc(const uint8_t *p, size_t size)
{
	int ipv4 = p[0] >> 4 == 4;
	size_t udp = ipv4 ? 20 : 40;
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
