// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
//
// The commands that fill a host buffer: QUERY_CAPS, QUERY_FPM, QUERY_STATS, the read of a GID,
// and COMMIT_FPM, which reads its buffer first. Each builds its structure word by word in
// tern_cqp_buf, one word a cycle where no other block is asked, and sends it.
//
// start_i for one cycle with the command, which stays stable; done_o for one cycle with rsp_o.

module tern_cqp_query (
  input  logic               clk_i,
  input  logic               rst_i,
  input  logic               start_i,
  input  logic [511:0]       wqe_i,  // tern_hw_cqp_buf_wqe_t or tern_hw_cqp_gid_wqe_t
  output logic               done_o,
  output tern_pkg::ctl_rsp_t rsp_o,

  output logic               buf_start_o,
  output logic               buf_send_o,
  output logic [63:0]        buf_addr_o,
  output logic [12:0]        buf_len_o,
  input  logic               buf_done_i,
  input  logic               buf_err_i,
  output logic               put_o,
  output logic [8:0]         put_index_o,
  output logic [63:0]        put_data_o,
  output logic [5:0]         line_index_o,
  input  logic [511:0]       line_i,

  output logic                   hmc_valid_o,
  input  logic                   hmc_ready_i,
  output tern_pkg::hmc_ctl_req_t hmc_o,
  input  logic                   hmc_rsp_valid_i,
  input  tern_pkg::ctl_rsp_t     hmc_rsp_i,

  output logic [5:0]   stat_index_o,
  input  logic [63:0]  stat_value_i,
  input  logic [511:0] gid_entry_i  // tern_hw_gid_entry_t that the command names
);

  typedef enum logic [3:0] {
    StIdle,
    StLoad,        // COMMIT_FPM: the buffer is being read
    StCount,       // COMMIT_FPM: the count of one kind is checked and staged
    StCountAnswer,
    StCommit,      // COMMIT_FPM: the staged counts take effect
    StCommitAnswer,
    StFill,        // one word is put, or asked from the HMC
    StFillAnswer,
    StSend,        // the buffer is being written
    StSendAnswer
  } state_e;

  localparam logic [5:0] FpmKindWord = 6'd2;  // kind[] starts behind two words
  localparam logic [5:0] FpmWords = 6'(tern_hw_pkg::TERN_HW_FPM_BYTES / 8);

  state_e state_q, state_d;
  logic [5:0] word_q, word_d;  // of the structure
  logic [31:0] used_sds_q;

  // ------------------------------------------------------------------------ the command

  tern_hw_pkg::tern_hw_cqp_wqe_t wqe;
  tern_hw_pkg::tern_hw_cqp_buf_wqe_t buf_wqe;
  tern_hw_pkg::tern_hw_cqp_gid_wqe_t gid_wqe;
  logic is_caps, is_stats, is_commit, is_fpm;
  logic [12:0] len;
  logic addr_bad;

  assign wqe = wqe_i;
  assign buf_wqe = wqe_i;
  assign gid_wqe = wqe_i;
  assign is_caps = wqe.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_QUERY_CAPS;
  assign is_stats = wqe.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_QUERY_STATS;
  assign is_commit = wqe.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_COMMIT_FPM;
  assign is_fpm = wqe.hdr.op == tern_hw_pkg::TERN_HW_CQP_OP_QUERY_FPM || is_commit;

  always_comb begin
    buf_addr_o = buf_wqe.addr;
    if (is_caps) len = 13'(tern_hw_pkg::TERN_HW_CAPS_BYTES);
    else if (is_fpm) len = 13'(tern_hw_pkg::TERN_HW_FPM_BYTES);
    else if (is_stats) len = 13'(tern_hw_pkg::TERN_HW_STATS_BYTES);
    else begin
      len = 13'(tern_hw_pkg::TERN_HW_GID_ENTRY_BYTES);
      buf_addr_o = gid_wqe.gid[63:0];
    end
  end

  assign addr_bad = buf_addr_o[5:0] != '0 || 13'(buf_addr_o[11:0]) + len > 13'd4096;
  assign buf_len_o = len;

  // ----------------------------------------------------------------- words of structures

  tern_hw_pkg::tern_hw_caps_t caps;
  tern_hw_pkg::tern_hw_reg_version_t version;
  logic [1023:0] caps_bits;
  logic [31:0] line_count;  // struct fpm_kind.count at word_q of the buffer
  logic [3:0] kind;
  logic [63:0] fill_data;
  logic kind_known, fill_ask, last_word;

  assign version.major = tern_hw_pkg::TERN_HW_HW_VERSION_MAJOR;
  assign version.minor = tern_hw_pkg::TERN_HW_HW_VERSION_MINOR;

  always_comb begin
    caps = '0;
    caps.version = version;
    caps.vectors = tern_pkg::NumVectors;
    caps.ceqs = tern_pkg::NumCeqs;
    caps.pages = tern_pkg::NumPages;
    caps.gids = tern_pkg::NumGids;
    caps.max_log_cqe = tern_pkg::MaxLogCqe;
    caps.max_log_ceqe = tern_pkg::MaxLogEqe;
    caps.max_log_aeqe = tern_pkg::MaxLogEqe;
    caps.max_log_cqp = tern_pkg::MaxLogCqp;
    caps.max_log_sq = tern_pkg::MaxLogSq;
    caps.max_log_rq = tern_pkg::MaxLogRq;
    caps.max_sge = tern_pkg::MaxSge;
    caps.max_inline = tern_pkg::MaxInline;
    caps.max_rd = tern_pkg::MaxRd;
    caps.push_slots = tern_pkg::PushSlots;
    caps.transports = tern_pkg::Transports;
    caps.mcast_groups = tern_pkg::McastGroups;
    caps.mcast_qps = tern_pkg::McastQps;
    caps.page_sizes = 64'h7fff_f000;  // page_shift 12 to 30
    caps.clock_khz = 32'd1_000_000;   // the clock counts ns
  end
  assign caps_bits = caps;

  assign kind = 4'(word_q[5:1] - FpmKindWord[5:1]);  // two words each
  assign kind_known = word_q >= FpmKindWord && kind < 4'(tern_pkg::NumKinds);
  assign line_count = line_i[64*word_q[2:0] +: 32];
  assign line_index_o = 6'(word_q[5:3]);

  // Count and size of a known kind come from the HMC, and once committed its base too
  assign fill_ask = is_fpm && kind_known && (is_commit || !word_q[0]);
  assign last_word = 10'(word_q) + 10'd1 == 10'(len[12:3]);

  always_comb begin
    fill_data = '0;
    if (is_caps) fill_data = caps_bits[64*word_q[3:0] +: 64];
    else if (is_stats) fill_data = stat_value_i;
    else if (!is_fpm) fill_data = gid_entry_i[64*word_q[2:0] +: 64];
    else if (word_q == '0) fill_data = {used_sds_q, tern_pkg::NumSds};
  end

  // ------------------------------------------------------------------------------ states

  logic hmc_failed;
  assign hmc_failed = hmc_rsp_i.major != tern_hw_pkg::TERN_HW_CQP_MAJOR_OK;

  always_comb begin
    state_d = state_q;
    word_d = word_q;
    done_o = 1'b0;
    rsp_o = '0;
    buf_start_o = 1'b0;
    put_o = 1'b0;
    put_data_o = fill_data;
    unique case (state_q)
      StIdle: begin
        word_d = is_commit ? FpmKindWord : 6'd0;
        if (start_i && addr_bad) begin
          done_o = 1'b1;
          rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
          rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_ADDRESS;
        end else if (start_i) begin
          buf_start_o = is_commit;
          state_d = is_commit ? StLoad : StFill;
        end
      end
      StLoad: begin
        if (buf_done_i) begin
          state_d = buf_err_i ? StIdle : StCount;
          done_o = buf_err_i;
          rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA;
          rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_READ;
        end
      end
      StCount: begin
        if (word_q == FpmWords) begin
          state_d = StCommit;
        end else if (!kind_known && line_count != '0) begin
          state_d = StIdle;
          done_o = 1'b1;
          rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_PARAM;
          rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_LIMIT;
          rsp_o.result = 64'(kind);
        end else if (!kind_known) begin
          word_d = word_q + 6'd2;
        end else if (hmc_ready_i) begin
          state_d = StCountAnswer;
        end
      end
      StCountAnswer: begin
        if (hmc_rsp_valid_i) begin
          word_d = word_q + 6'd2;
          state_d = hmc_failed ? StIdle : StCount;
          done_o = hmc_failed;
          rsp_o = hmc_rsp_i;
        end
      end
      StCommit: if (hmc_ready_i) state_d = StCommitAnswer;
      StCommitAnswer: begin
        if (hmc_rsp_valid_i) begin
          word_d = '0;
          state_d = hmc_failed ? StIdle : StFill;
          done_o = hmc_failed;
          rsp_o = hmc_rsp_i;
        end
      end
      StFill: begin
        if (fill_ask) begin
          if (hmc_ready_i) state_d = StFillAnswer;
        end else begin
          put_o = 1'b1;
          word_d = word_q + 6'd1;
          if (last_word) state_d = StSend;
        end
      end
      StFillAnswer: begin
        if (hmc_rsp_valid_i) begin
          put_o = 1'b1;
          put_data_o = hmc_rsp_i.result;
          // QUERY reports the limit as the count, COMMIT the count that was asked for
          if (is_commit && !word_q[0]) put_data_o[31:0] = line_count;
          word_d = word_q + 6'd1;
          state_d = StFill;
        end
      end
      StSend: begin
        buf_start_o = 1'b1;
        state_d = StSendAnswer;
      end
      StSendAnswer: begin
        if (buf_done_i) begin
          state_d = StIdle;
          done_o = 1'b1;
          if (buf_err_i) begin
            rsp_o.major = tern_hw_pkg::TERN_HW_CQP_MAJOR_DMA;
            rsp_o.minor = tern_hw_pkg::TERN_HW_CQP_MINOR_WRITE;
          end
        end
      end
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    word_q <= word_d;
    if (state_q == StIdle) used_sds_q <= '0;
    if (state_q == StCommitAnswer) used_sds_q <= hmc_rsp_i.result[31:0];
    if (rst_i) state_q <= StIdle;
    else state_q <= state_d;
  end

  always_comb begin
    hmc_o = '0;
    hmc_o.kind = kind;
    hmc_o.count = line_count;
    if (state_q == StCount) hmc_o.op = tern_pkg::HmcCtlCount;
    else if (state_q == StCommit) hmc_o.op = tern_pkg::HmcCtlCommit;
    else hmc_o.op = word_q[0] ? tern_pkg::HmcCtlLayout : tern_pkg::HmcCtlLimit;
  end

  assign hmc_valid_o = (state_q == StCount && kind_known) || state_q == StCommit ||
                       (state_q == StFill && fill_ask);
  assign buf_send_o = state_q == StSend;
  assign put_index_o = 9'(word_q);
  assign stat_index_o = word_q;

endmodule
