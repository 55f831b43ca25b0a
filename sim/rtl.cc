// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The only C++ here: the Verilated model behind the C face of rtl.h.

#include "rtl.h"

#include <memory>

#include "Vtern_top.h"
#include "verilated.h"
#if VM_TRACE_FST
#include "verilated_fst_c.h"
#endif

namespace {
constexpr uint64_t kHalfCycle = 2;  // ns of waveform time; the nominal clock is 250 MHz
}

struct rtl {
  VerilatedContext context;
  std::unique_ptr<Vtern_top> top;
#if VM_TRACE_FST
  std::unique_ptr<VerilatedFstC> trace;
#endif
};

#if VM_TRACE_FST
static bool start_trace(struct rtl *rtl, const char *path) {
  rtl->trace = std::make_unique<VerilatedFstC>();
  rtl->top->trace(rtl->trace.get(), 99);
  rtl->trace->open(path);
  return rtl->trace->isOpen();
}
#else
static bool start_trace(struct rtl *, const char *) { return false; }
#endif

struct rtl *rtl_create(const char *fst, const char **error) {
  auto rtl = std::make_unique<struct rtl>();

  rtl->context.threads(1);  // else it starts threads that have nothing to do
#if VM_TRACE_FST
  rtl->context.traceEverOn(true);
#else
  if (fst) {
    *error = "this program is built without waveforms; use tern-sim-trace";
    return nullptr;
  }
#endif
  rtl->top = std::make_unique<Vtern_top>(&rtl->context);
  if (fst && !start_trace(rtl.get(), fst)) {
    *error = "cannot write the waveform file";
    return nullptr;
  }
  return rtl.release();
}

void rtl_destroy(struct rtl *rtl) {
  if (!rtl)
    return;
  rtl->top->final();
#if VM_TRACE_FST
  if (rtl->trace)
    rtl->trace->close();
#endif
  delete rtl;
}

void rtl_eval(struct rtl *rtl) {
  rtl->top->eval();
#if VM_TRACE_FST
  if (rtl->trace) {
    rtl->trace->dump(rtl->context.time());
    rtl->context.timeInc(kHalfCycle);
  }
#endif
}

void rtl_get_pins(struct rtl *rtl, struct rtl_pins *pins) {
  Vtern_top *top = rtl->top.get();

#define PIN(name, port) pins->name = &top->port
#define WIDE(name, port) pins->name = reinterpret_cast<uint8_t *>(top->port.data())
  PIN(clk, clk_i);                    PIN(rst, rst_i);
  PIN(now, now_i);                    PIN(mac_addr, mac_addr_i);
  PIN(link_up, link_up_i);            PIN(idle, idle_o);
  PIN(wake_at, wake_at_o);

  PIN(axil_awaddr, s_axil_awaddr_i);  PIN(axil_awvalid, s_axil_awvalid_i);
  PIN(axil_awready, s_axil_awready_o);
  PIN(axil_wdata, s_axil_wdata_i);    PIN(axil_wstrb, s_axil_wstrb_i);
  PIN(axil_wvalid, s_axil_wvalid_i);  PIN(axil_wready, s_axil_wready_o);
  PIN(axil_bvalid, s_axil_bvalid_o);  PIN(axil_bready, s_axil_bready_i);
  PIN(axil_araddr, s_axil_araddr_i);  PIN(axil_arvalid, s_axil_arvalid_i);
  PIN(axil_arready, s_axil_arready_o);
  PIN(axil_rdata, s_axil_rdata_o);    PIN(axil_rvalid, s_axil_rvalid_o);
  PIN(axil_rready, s_axil_rready_i);

  PIN(db_valid, db_valid_i);          PIN(db_ready, db_ready_o);
  PIN(db_addr, db_addr_i);            PIN(db_data, db_data_i);
  PIN(db_strb, db_strb_i);

  PIN(arid, m_axi_arid_o);            PIN(araddr, m_axi_araddr_o);
  PIN(arlen, m_axi_arlen_o);          PIN(arsize, m_axi_arsize_o);
  PIN(arburst, m_axi_arburst_o);      PIN(arvalid, m_axi_arvalid_o);
  PIN(arready, m_axi_arready_i);
  PIN(rid, m_axi_rid_i);              WIDE(rdata, m_axi_rdata_i);
  PIN(rresp, m_axi_rresp_i);          PIN(rlast, m_axi_rlast_i);
  PIN(rvalid, m_axi_rvalid_i);        PIN(rready, m_axi_rready_o);

  PIN(awid, m_axi_awid_o);            PIN(awaddr, m_axi_awaddr_o);
  PIN(awlen, m_axi_awlen_o);          PIN(awsize, m_axi_awsize_o);
  PIN(awburst, m_axi_awburst_o);      PIN(awvalid, m_axi_awvalid_o);
  PIN(awready, m_axi_awready_i);
  WIDE(wdata, m_axi_wdata_o);         PIN(wstrb, m_axi_wstrb_o);
  PIN(wlast, m_axi_wlast_o);          PIN(wvalid, m_axi_wvalid_o);
  PIN(wready, m_axi_wready_i);
  PIN(bid, m_axi_bid_i);              PIN(bresp, m_axi_bresp_i);
  PIN(bvalid, m_axi_bvalid_i);        PIN(bready, m_axi_bready_o);

  PIN(irq_valid, irq_valid_o);        PIN(irq_ready, irq_ready_i);
  PIN(irq_vector, irq_vector_o);

  PIN(tx_valid, m_axis_tvalid_o);     PIN(tx_ready, m_axis_tready_i);
  WIDE(tx_data, m_axis_tdata_o);      PIN(tx_keep, m_axis_tkeep_o);
  PIN(tx_last, m_axis_tlast_o);
  PIN(rx_valid, s_axis_tvalid_i);     WIDE(rx_data, s_axis_tdata_i);
  PIN(rx_keep, s_axis_tkeep_i);       PIN(rx_last, s_axis_tlast_i);
  PIN(rx_bad, s_axis_tuser_i);        PIN(pause, pause_o);
#undef PIN
#undef WIDE
}
