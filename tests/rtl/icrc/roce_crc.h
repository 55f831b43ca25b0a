// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The invariant CRC of RoCEv2, computed from its polynomial
#ifndef TERN_TB_ROCE_CRC_H
#define TERN_TB_ROCE_CRC_H

#include <stddef.h>
#include <stdint.h>

// ICRC of the packet whose IP header is at p, of size bytes without the ICRC. The first byte on
// the wire is in the low bits.
uint32_t roce_icrc(const uint8_t *p, size_t size);
// The same for a packet whose UDP header is at p + udp, which need not be behind the plain IP header
uint32_t roce_icrc_at(const uint8_t *p, size_t udp, size_t size);

#endif
