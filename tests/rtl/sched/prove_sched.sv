// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// tern_sched with 4 QPs and free inputs, for the proof in prove_sched.svh

module prove_sched (
  input logic                         clk_i,
  input logic                         rst_i,
  input logic                         db_valid_i,
  input tern_pkg::db_t                db_i,
  input logic                         db_bad_ready_i,
  input logic                         resume_valid_i,
  input tern_pkg::sq_resume_t         resume_i,
  input logic                         wake_valid_i,
  input logic [tern_pkg::QpnW-1:0]    wake_qpn_i,
  input logic                         ctl_valid_i,
  input logic [3:0]                   ctl_op_i,
  input logic [tern_pkg::QpnW-1:0]    ctl_qpn_i,
  input logic [tern_pkg::PageW-1:0]   ctl_page_i,
  input logic [3:0]                   ctl_log_size_i,
  input logic [15:0]                  ctl_index_i,
  input logic                         job_ready_i,
  input logic [tern_pkg::QpnW-1:0]    cur_qpn_i
);

  logic              idle, db_ready, bad_valid, resume_ready, wake_ready, ctl_ready, done;
  logic              job_valid, others;
  logic [15:0]       producer, fetched;
  tern_pkg::db_bad_t bad;
  tern_pkg::sq_job_t job;

  tern_sched #(.Qps(4)) u_sched (
    .clk_i, .rst_i, .idle_o(idle),
    .db_valid_i, .db_ready_o(db_ready), .db_i,
    .db_bad_valid_o(bad_valid), .db_bad_ready_i, .db_bad_o(bad),
    .resume_valid_i, .resume_ready_o(resume_ready), .resume_i,
    .wake_valid_i, .wake_ready_o(wake_ready), .wake_qpn_i,
    .ctl_valid_i, .ctl_ready_o(ctl_ready), .ctl_op_i, .ctl_qpn_i, .ctl_page_i,
    .ctl_log_size_i, .ctl_index_i, .ctl_done_o(done), .ctl_producer_o(producer),
    .ctl_fetched_o(fetched),
    .job_valid_o(job_valid), .job_ready_i, .job_o(job),
    .cur_qpn_i, .others_o(others)
  );

endmodule
