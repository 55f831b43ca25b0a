/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The pins of tern_top, as plain C. rtl.cc puts them on the Verilated model; a test may put
 * them on anything else.
 *
 * A pin is a pointer into the model, taken once: the bus models look at some fifty of them in
 * every cycle, and a call for each would cost more than the model itself.
 */
#ifndef SIM_RTL_H
#define SIM_RTL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rtl;

struct rtl_pins {
	/* inputs */
	uint8_t *clk, *rst;
	uint64_t *now, *mac_addr;
	uint8_t *link_up;

	uint16_t *axil_awaddr, *axil_araddr;
	uint8_t *axil_awvalid, *axil_wvalid, *axil_bready, *axil_arvalid, *axil_rready;
	uint32_t *axil_wdata;
	uint8_t *axil_wstrb;

	uint8_t *db_valid, *db_strb;
	uint32_t *db_addr;
	uint64_t *db_data;

	uint8_t *arready, *rvalid, *rid, *rresp, *rlast;
	uint8_t *rdata;				/* 64 bytes */
	uint8_t *awready, *wready, *bvalid, *bid, *bresp;
	uint8_t *irq_ready;
	uint8_t *tx_ready;
	uint8_t *rx_valid, *rx_last, *rx_bad;
	uint8_t *rx_data;			/* 64 bytes */
	uint64_t *rx_keep;

	/* outputs */
	const uint8_t *idle;
	const uint64_t *wake_at;

	const uint8_t *axil_awready, *axil_wready, *axil_bvalid, *axil_arready, *axil_rvalid;
	const uint32_t *axil_rdata;

	const uint8_t *db_ready;

	const uint8_t *arvalid, *arid, *arlen, *arsize, *arburst, *rready;
	const uint64_t *araddr;
	const uint8_t *awvalid, *awid, *awlen, *awsize, *awburst;
	const uint64_t *awaddr;
	const uint8_t *wvalid, *wlast, *bready;
	const uint8_t *wdata;			/* 64 bytes */
	const uint64_t *wstrb;
	const uint8_t *irq_valid, *irq_vector;
	const uint8_t *tx_valid, *tx_last, *pause;
	const uint8_t *tx_data;			/* 64 bytes */
	const uint64_t *tx_keep;
};

/* fst: waveform file or NULL. On failure NULL, with the reason in *error. */
struct rtl *rtl_create(const char *fst, const char **error);
void rtl_destroy(struct rtl *rtl);
void rtl_get_pins(struct rtl *rtl, struct rtl_pins *pins);
/* Let the outputs follow the inputs */
void rtl_eval(struct rtl *rtl);

#ifdef __cplusplus
}
#endif

#endif
