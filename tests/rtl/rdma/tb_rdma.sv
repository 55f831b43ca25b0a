// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Two adapters, wire to wire, and a host written in C that drives both (rdma_host.c). The host runs
// as a coroutine behind rdma_step(), as in tb_top.

module tb_rdma;

  typedef enum int unsigned {
    OpFinish,
    OpWait,      // a: cycles
    OpRead,      // register a
    OpWrite,     // register a := b
    OpDoorbell,  // store b at a
    OpIdle       // result: both are idle
  } op_e;

  import "DPI-C" context function void rdma_start(input longint unsigned seed,
                                                  input longint unsigned count);
  import "DPI-C" context function void rdma_step(input longint unsigned result,
    input longint unsigned now, output int unsigned op, output int unsigned node,
    output longint unsigned a, output longint unsigned b);

  logic        clk = 0, rst = 1;
  logic [63:0] now = 1000;
  longint unsigned cycle;

  initial forever begin
    #2;
    now += 4;
    clk = 1;
    cycle++;
    #2;
    clk = 0;
  end

  logic         idle0, idle1, v0, v1, last0, last1;
  logic [511:0] data0, data1;
  logic [63:0]  keep0, keep1;
  longint unsigned frames0, frames1;

  tb_rdma_node #(.Mac(48'h02_00_00_00_00_10)) n0 (
    .clk_i(clk), .rst_i(rst), .now_i(now), .idle_o(idle0),
    .tx_valid_o(v0), .tx_data_o(data0), .tx_keep_o(keep0), .tx_last_o(last0),
    .rx_valid_i(v1), .rx_data_i(data1), .rx_keep_i(keep1), .rx_last_i(last1)
  );
  tb_rdma_node #(.Mac(48'h02_00_00_00_00_11)) n1 (
    .clk_i(clk), .rst_i(rst), .now_i(now), .idle_o(idle1),
    .tx_valid_o(v1), .tx_data_o(data1), .tx_keep_o(keep1), .tx_last_o(last1),
    .rx_valid_i(v0), .rx_data_i(data0), .rx_keep_i(keep0), .rx_last_i(last0)
  );

  always @(posedge clk) begin
    if (v0 && last0) frames0 <= frames0 + 1;
    if (v1 && last1) frames1 <= frames1 + 1;
  end

  initial begin
    longint unsigned seed = 1, count = 200, a, b, result = 0;
    int unsigned op, node;

    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    rdma_start(seed, count);
    repeat (5) @(negedge clk);
    rst = 0;
    @(negedge clk);
    forever begin
      rdma_step(result, now, op, node, a, b);
      result = 0;
      case (op)
        OpWait: for (longint unsigned i = 0; i < a; i++) @(negedge clk);
        OpRead: if (node == 0) n0.read_reg(16'(a), result); else n1.read_reg(16'(a), result);
        OpWrite: if (node == 0) n0.write_reg(16'(a), 32'(b)); else n1.write_reg(16'(a), 32'(b));
        OpDoorbell: if (node == 0) n0.store(23'(a), b); else n1.store(23'(a), b);
        OpIdle: result = 64'(idle0 && idle1);
        default: begin
          $display("rdma: %0d cycles, %0d and %0d frames", cycle, frames0, frames1);
          $finish;
        end
      endcase
    end
  end

endmodule
