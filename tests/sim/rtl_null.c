// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// An RTL in plain C for the fuzzer: fast, and seen whole by the sanitizers. Registers answer at
// once; every doorbell makes a DMA read, a DMA write and an interrupt whose addresses, lengths
// and vector the doorbell's data chose, so that hostile messages reach the bus models as well.

#include <stdlib.h>
#include <string.h>

#include "rtl.h"

#define FIFO	64u

struct rtl {
	uint8_t clk, rst, link_up, before;
	uint64_t now, mac_addr;

	uint16_t axil_awaddr, axil_araddr;
	uint8_t axil_awvalid, axil_wvalid, axil_bready, axil_arvalid, axil_rready, axil_wstrb;
	uint32_t axil_wdata, axil_rdata;
	uint8_t axil_awready, axil_wready, axil_bvalid, axil_arready, axil_rvalid;

	uint8_t db_valid, db_strb, db_ready;
	uint32_t db_addr;
	uint64_t db_data;

	uint8_t arready, rvalid, rid, rresp, rlast, rdata[64];
	uint8_t awready, wready, bvalid, bid, bresp, irq_ready;
	uint8_t arvalid, arid, arlen, arsize, arburst, rready;
	uint64_t araddr;
	uint8_t awvalid, awid, awlen, awsize, awburst, wvalid, wlast, bready, wdata[64];
	uint64_t awaddr, wstrb;
	uint8_t irq_valid, irq_vector, idle;
	uint8_t tx_valid, tx_ready, tx_last, tx_data[64];
	uint8_t rx_valid, rx_last, rx_bad, rx_data[64], pause;
	uint64_t tx_keep, rx_keep;
	uint64_t wake_at;

	uint64_t work[FIFO];	/* data of doorbells */
	unsigned int head, tail;
	unsigned int beat, reads, writes;
	uint32_t scratch;
};

struct rtl *rtl_create(const char *fst, const char **error)
{
	struct rtl *rtl = fst ? NULL : calloc(1, sizeof(*rtl));

	if (!rtl)
		*error = "no";
	else
		rtl->wake_at = UINT64_MAX;
	return rtl;
}

void rtl_destroy(struct rtl *rtl)
{
	free(rtl);
}

static void reset(struct rtl *rtl)
{
	rtl->axil_bvalid = 0;
	rtl->axil_rvalid = 0;
	rtl->arvalid = 0;
	rtl->awvalid = 0;
	rtl->wvalid = 0;
	rtl->irq_valid = 0;
	rtl->head = rtl->tail;
	rtl->reads = 0;
	rtl->writes = 0;
	rtl->scratch = 0;
}

static void registers(struct rtl *rtl)
{
	if (rtl->axil_arvalid && rtl->axil_arready) {
		rtl->axil_rvalid = 1;
		rtl->axil_rdata = rtl->scratch ^ rtl->axil_araddr;
	} else if (rtl->axil_rready) {
		rtl->axil_rvalid = 0;
	}
	if (rtl->axil_awvalid && rtl->axil_wvalid && rtl->axil_awready) {
		rtl->axil_bvalid = 1;
		rtl->scratch = rtl->axil_wdata;
	} else if (rtl->axil_bready) {
		rtl->axil_bvalid = 0;
	}
}

/* Low addresses are likely to be mapped; the burst ends at the page's end at the latest. */
static void start_work(struct rtl *rtl, uint64_t data)
{
	uint64_t address = data & 1 ? data : data & 0xfffff;
	unsigned int room = 63 - (address >> 6 & 63);
	uint8_t length = (uint8_t)((data >> 20 & 63) < room ? data >> 20 & 63 : room);

	rtl->arvalid = 1;
	rtl->araddr = address;
	rtl->arlen = length;
	rtl->arid = data >> 26 & 63;
	rtl->awvalid = 1;
	rtl->awaddr = address ^ 0x10000;
	rtl->awlen = length;
	rtl->awid = data >> 32 & 63;
	rtl->wstrb = data & 2 ? ~0ull : data * 0x9e3779b97f4a7c15ull;
	rtl->irq_valid = 1;
	rtl->irq_vector = data >> 38 & 63;
	rtl->beat = 0;
	rtl->reads++;
	rtl->writes++;
}

static void engine(struct rtl *rtl)
{
	if (rtl->arvalid && rtl->arready)
		rtl->arvalid = 0;
	if (rtl->wvalid && rtl->wready) {
		rtl->wvalid = 0;
		rtl->beat++;
	}
	if (rtl->awvalid && rtl->awready) {
		rtl->awvalid = 0;
		rtl->wvalid = 1;
	} else if (rtl->beat && rtl->beat <= rtl->awlen) {
		rtl->wvalid = 1;
	}
	rtl->wlast = rtl->beat == rtl->awlen;
	if (rtl->irq_ready)
		rtl->irq_valid = 0;
	if (rtl->rvalid && rtl->rlast)
		rtl->reads--;
	if (rtl->bvalid)
		rtl->writes--;
	if (!rtl->reads && !rtl->writes && rtl->head != rtl->tail)
		start_work(rtl, rtl->work[rtl->head++ % FIFO]);
}

static void clock_edge(struct rtl *rtl)
{
	if (rtl->rst) {
		reset(rtl);
		return;
	}
	registers(rtl);
	engine(rtl);
	if (rtl->db_valid && rtl->db_ready)
		rtl->work[rtl->tail++ % FIFO] = rtl->db_data;
}

void rtl_eval(struct rtl *rtl)
{
	if (rtl->clk && !rtl->before)
		clock_edge(rtl);
	rtl->before = rtl->clk;
	rtl->axil_arready = !rtl->axil_rvalid;
	rtl->axil_awready = !rtl->axil_bvalid;
	rtl->axil_wready = !rtl->axil_bvalid;
	rtl->db_ready = rtl->tail - rtl->head < FIFO;
	rtl->rready = 1;
	rtl->bready = 1;
	rtl->arsize = 6;
	rtl->awsize = 6;
	rtl->arburst = 1;
	rtl->awburst = 1;
	rtl->idle = !rtl->reads && !rtl->writes && rtl->head == rtl->tail;
}

void rtl_get_pins(struct rtl *rtl, struct rtl_pins *pins)
{
	*pins = (struct rtl_pins) {
		.clk = &rtl->clk, .rst = &rtl->rst, .now = &rtl->now, .mac_addr = &rtl->mac_addr,
		.link_up = &rtl->link_up,
		.axil_awaddr = &rtl->axil_awaddr, .axil_araddr = &rtl->axil_araddr,
		.axil_awvalid = &rtl->axil_awvalid, .axil_wvalid = &rtl->axil_wvalid,
		.axil_bready = &rtl->axil_bready, .axil_arvalid = &rtl->axil_arvalid,
		.axil_rready = &rtl->axil_rready, .axil_wdata = &rtl->axil_wdata,
		.axil_wstrb = &rtl->axil_wstrb,
		.db_valid = &rtl->db_valid, .db_strb = &rtl->db_strb, .db_addr = &rtl->db_addr,
		.db_data = &rtl->db_data,
		.arready = &rtl->arready, .rvalid = &rtl->rvalid, .rid = &rtl->rid,
		.rresp = &rtl->rresp, .rlast = &rtl->rlast, .rdata = rtl->rdata,
		.awready = &rtl->awready, .wready = &rtl->wready, .bvalid = &rtl->bvalid,
		.bid = &rtl->bid, .bresp = &rtl->bresp, .irq_ready = &rtl->irq_ready,
		.idle = &rtl->idle, .wake_at = &rtl->wake_at,
		.axil_awready = &rtl->axil_awready, .axil_wready = &rtl->axil_wready,
		.axil_bvalid = &rtl->axil_bvalid, .axil_arready = &rtl->axil_arready,
		.axil_rvalid = &rtl->axil_rvalid, .axil_rdata = &rtl->axil_rdata,
		.db_ready = &rtl->db_ready,
		.arvalid = &rtl->arvalid, .arid = &rtl->arid, .arlen = &rtl->arlen,
		.arsize = &rtl->arsize, .arburst = &rtl->arburst, .rready = &rtl->rready,
		.araddr = &rtl->araddr,
		.awvalid = &rtl->awvalid, .awid = &rtl->awid, .awlen = &rtl->awlen,
		.awsize = &rtl->awsize, .awburst = &rtl->awburst, .awaddr = &rtl->awaddr,
		.wvalid = &rtl->wvalid, .wlast = &rtl->wlast, .bready = &rtl->bready,
		.wdata = rtl->wdata, .wstrb = &rtl->wstrb,
		.irq_valid = &rtl->irq_valid, .irq_vector = &rtl->irq_vector,
		.tx_valid = &rtl->tx_valid, .tx_ready = &rtl->tx_ready, .tx_last = &rtl->tx_last,
		.tx_data = rtl->tx_data, .tx_keep = &rtl->tx_keep,
		.rx_valid = &rtl->rx_valid, .rx_last = &rtl->rx_last, .rx_bad = &rtl->rx_bad,
		.rx_data = rtl->rx_data, .rx_keep = &rtl->rx_keep, .pause = &rtl->pause,
	};
}
