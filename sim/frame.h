/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* An Ethernet frame without its FCS, and how long it may be. */
#ifndef SIM_FRAME_H
#define SIM_FRAME_H

#include <stdint.h>

#define FRAME_LEAST	14u	/* a header; what is shorter is no frame */
#define FRAME_PADDED	60u	/* on a wire every frame has this much */
#define FRAME_MOST	9216u

struct frame {
	uint64_t due;		/* RTL time at which it may go */
	uint32_t size;
	uint8_t data[];
};

#endif
