// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// Three senders through tern_merge into tern_fork and from there to two receivers: every item
// comes once to each, in the order of its sender, and no sender waits for more than a turn of the
// others.

module tb_streams (
  input bit clk,
  input bit rst,
  input bit done
);

  localparam int unsigned N = 3;
  localparam int unsigned Width = 32;

  logic                    idle;
  logic [N-1:0]            in_valid = '0, in_ready;
  logic [N-1:0][Width-1:0] in_data;
  logic                    mid_valid, mid_ready;
  logic [Width-1:0]        mid_data;
  logic [1:0]              out_valid, out_ready = '0;

  tern_merge #(.N(N), .Width(Width)) u_merge (
    .clk_i(clk), .rst_i(rst), .idle_o(idle),
    .in_valid_i(in_valid), .in_ready_o(in_ready), .in_data_i(in_data),
    .out_valid_o(mid_valid), .out_ready_i(mid_ready), .out_data_o(mid_data)
  );

  tern_fork #(.N(2)) u_fork (
    .clk_i(clk), .rst_i(rst), .in_valid_i(mid_valid), .in_ready_o(mid_ready),
    .out_valid_o(out_valid), .out_ready_i(out_ready)
  );

  bit [27:0]   sent [N], due [2][N];   // numbers of items; the top 4 bits tell the sender
  int unsigned waits [N];
  longint unsigned got;

  always @(posedge clk) begin
    if (rst) begin
      in_valid <= '0;
      foreach (sent[i]) begin
        due[0][i] = sent[i];
        due[1][i] = sent[i];
        waits[i] = 0;
      end
    end else begin
      if (!$onehot0(in_ready)) $fatal(1, "merge: takes two items");
      for (int unsigned i = 0; i < N; i++) begin
        if (in_valid[i] && in_ready[i]) begin
          waits[i] = 0;
          for (int unsigned k = 0; k < N; k++)
            if (k != i && in_valid[k]) waits[k]++;
        end
        if (waits[i] >= N) $fatal(1, "merge: sender %0d waits for more than a turn", i);
        if (!in_valid[i] || in_ready[i]) begin
          in_valid[i] <= !done && $urandom_range(3) != 0;
          in_data[i]  <= {4'(i), sent[i]};
        end
        if (in_valid[i] && in_ready[i]) begin
          sent[i]++;
          in_data[i] <= {4'(i), sent[i]};
        end
      end
      for (int unsigned r = 0; r < 2; r++) begin
        if (out_valid[r] && out_ready[r]) begin
          int unsigned from = 32'(mid_data[31:28]);
          if (from >= N || mid_data[27:0] != due[r][from])
            $fatal(1, "fork: receiver %0d gets %h", r, mid_data);
          due[r][from]++;
          got++;
        end
      end
      if (idle == mid_valid) $fatal(1, "merge: idle %b", idle);
      out_ready <= {$urandom_range(2) != 0, $urandom_range(3) != 0};
      if (done) out_ready <= '1;
    end
  end

  task automatic finish();
    foreach (sent[i])
      if (due[0][i] != sent[i] || due[1][i] != sent[i]) $fatal(1, "streams: items are lost");
    if (got < 1000) $fatal(1, "streams: not enough");
  endtask

endmodule
