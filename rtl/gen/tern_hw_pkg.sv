// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
// Do not edit, generated from abi/tern_hw.def
//
// Bit 0 of a struct is bit 0 of its first byte in host memory.

package tern_hw_pkg;

  // PCI identity
  typedef enum logic [15:0] {
    TERN_HW_PCI_VENDOR = 16'h1234,  // Vendor ID (not assigned by PCI-SIG; QEMU's and Bochs' experimental range)
    TERN_HW_PCI_DEVICE = 16'h7e40  // Device ID
  } tern_hw_pci_e;

  // Value of register version
  typedef enum logic [15:0] {
    TERN_HW_HW_VERSION_MAJOR = 16'h1,  // Major number
    TERN_HW_HW_VERSION_MINOR = 16'h0  // Minor number
  } tern_hw_hw_version_e;

  // PCI base address registers
  typedef enum logic [3:0] {
    TERN_HW_BAR_REGS = 4'h0,  // Registers, 64 KiB
    TERN_HW_BAR_DOORBELLS = 4'h2,  // Doorbell pages, 4 KiB each; page 0 belongs to the kernel
    TERN_HW_BAR_MSIX = 4'h4  // MSI-X table and pending bits
  } tern_hw_bar_e;

  // Value of register id
  typedef enum logic [31:0] {
    TERN_HW_MAGIC_VALUE = 32'h6e726574  // 'tern' in ASCII, first letter in the lowest byte
  } tern_hw_magic_e;

  // Constant that names the device, enum magic
  localparam logic [15:0] TERN_HW_REG_ID = 16'h0000;

  // Version of the RTL; a driver refuses an unknown major number
  localparam logic [15:0] TERN_HW_REG_VERSION = 16'h0004;
  typedef struct packed {
    logic [15:0] major;  // Grows when this contract breaks
    logic [15:0] minor;  // Grows with compatible additions
  } tern_hw_reg_version_t;

  // Device control
  localparam logic [15:0] TERN_HW_REG_DEV_CTRL = 16'h0008;
  typedef struct packed {
    logic [30:0] rsvd_1;
    logic [0:0] reset;  // Write 1: DMA drains, then all state but PCI configuration returns to its power-on value; reads 1 until done
  } tern_hw_reg_dev_ctrl_t;

  // Device status
  localparam logic [15:0] TERN_HW_REG_DEV_STATUS = 16'h000c;
  typedef struct packed {
    logic [15:0] rsvd_16;
    logic [7:0] fatal;  // enum fatal: 0, or why the device stopped until the next reset
    logic [5:0] rsvd_2;
    logic [0:0] dma_idle;  // No DMA request is outstanding
    logic [0:0] ready;  // Out of reset; other registers may be used
  } tern_hw_reg_dev_status_t;

  // Permanent MAC address: its last four octets, the last one in the lowest byte
  localparam logic [15:0] TERN_HW_REG_MAC_LO = 16'h0010;

  // Permanent MAC address: its first two octets, the second one in the lowest byte
  localparam logic [15:0] TERN_HW_REG_MAC_HI = 16'h0014;

  // Link of the Ethernet port
  localparam logic [15:0] TERN_HW_REG_LINK = 16'h0018;
  typedef struct packed {
    logic [23:0] speed;  // Speed in Mbit/s
    logic [6:0] rsvd_1;
    logic [0:0] up;  // Carrier present
  } tern_hw_reg_link_t;

  // Causes behind vector 0; writing a 1 acknowledges that cause. Vector 0 fires, when armed, while any is set
  localparam logic [15:0] TERN_HW_REG_MISC_CAUSE = 16'h001c;
  typedef struct packed {
    logic [29:0] rsvd_2;
    logic [0:0] fatal;  // Register dev_status has a new fatal code
    logic [0:0] link;  // Register link has changed
  } tern_hw_reg_misc_cause_t;

  // Sizes of on-chip tables
  localparam logic [15:0] TERN_HW_REG_CAPS = 16'h0020;
  typedef struct packed {
    logic [15:0] pages;  // Doorbell pages in BAR 2
    logic [7:0] ceqs;  // Completion event queues
    logic [7:0] vectors;  // Interrupt vectors
  } tern_hw_reg_caps_t;

  // Device clock in ns, low half; reading it latches now_hi
  localparam logic [15:0] TERN_HW_REG_NOW_LO = 16'h0028;

  // Device clock in ns, high half as of the last read of now_lo
  localparam logic [15:0] TERN_HW_REG_NOW_HI = 16'h002c;

  // Bus address of the CQP ring, low half; aligned to 64 bytes; fixed while enabled
  localparam logic [15:0] TERN_HW_REG_CQP_BASE_LO = 16'h0100;

  // Bus address of the CQP ring, high half
  localparam logic [15:0] TERN_HW_REG_CQP_BASE_HI = 16'h0104;

  // CQP control
  localparam logic [15:0] TERN_HW_REG_CQP_CTRL = 16'h0108;
  typedef struct packed {
    logic [18:0] rsvd_13;
    logic [4:0] log_size;  // Ring size, log2 of the number of 64 B entries, 1 to 12; enable stays 0 with any other
    logic [6:0] rsvd_1;
    logic [0:0] enable;  // 0 to 1: indexes and polarity start afresh. 1 to 0: stops after the command in progress
  } tern_hw_reg_cqp_ctrl_t;

  // CQP status
  localparam logic [15:0] TERN_HW_REG_CQP_STATUS = 16'h010c;
  typedef struct packed {
    logic [29:0] rsvd_2;
    logic [0:0] halted;  // Stopped by a fetch error or a polarity mismatch until it is disabled and enabled again; cqp_err tells which
    logic [0:0] enabled;  // Serving commands; follows cqp_ctrl.enable
  } tern_hw_reg_cqp_status_t;

  // Progress of the CQP
  localparam logic [15:0] TERN_HW_REG_CQP_TAIL = 16'h0110;
  typedef struct packed {
    logic [0:0] error;  // The last completed command failed; cqp_err tells why
    logic [14:0] rsvd_16;
    logic [15:0] index;  // Completed commands, modulo 2^16
  } tern_hw_reg_cqp_tail_t;

  // Outcome of the last completed command
  localparam logic [15:0] TERN_HW_REG_CQP_ERR = 16'h0114;
  typedef struct packed {
    logic [15:0] major;  // enum cqp_major
    logic [15:0] minor;  // enum cqp_minor
  } tern_hw_reg_cqp_err_t;

  // Result of the last completed command, low half
  localparam logic [15:0] TERN_HW_REG_CQP_RESULT_LO = 16'h0118;

  // Result of the last completed command, high half
  localparam logic [15:0] TERN_HW_REG_CQP_RESULT_HI = 16'h011c;

  // Bus address of the admin queue (AQ), low half; aligned to 64 bytes; fixed while enabled
  localparam logic [15:0] TERN_HW_REG_AQ_BASE_LO = 16'h0200;

  // Bus address of the AQ, high half
  localparam logic [15:0] TERN_HW_REG_AQ_BASE_HI = 16'h0204;

  // Bus address of the admin completion queue (ACQ), low half; aligned to 4 KiB; fixed while enabled
  localparam logic [15:0] TERN_HW_REG_ACQ_BASE_LO = 16'h0208;

  // Bus address of the ACQ, high half
  localparam logic [15:0] TERN_HW_REG_ACQ_BASE_HI = 16'h020c;

  // AQ control
  localparam logic [15:0] TERN_HW_REG_AQ_CTRL = 16'h0210;
  typedef struct packed {
    logic [1:0] rsvd_30;
    logic [5:0] vec;  // Interrupt vector of the ACQ
    logic [6:0] rsvd_17;
    logic [0:0] vec_valid;  // The ACQ raises interrupts
    logic [3:0] rsvd_12;
    logic [3:0] log_size;  // AQ and ACQ size, log2 of the number of entries (64 B and 32 B), 1 to 12; enable stays 0 with any other
    logic [6:0] rsvd_1;
    logic [0:0] enable;  // 0 to 1: indexes and polarity start afresh, the ACQ becomes Ethernet CQ 0. 1 to 0: after the command in progress all Ethernet queues are destroyed, the ACQ last
  } tern_hw_reg_aq_ctrl_t;

  // AQ status
  localparam logic [15:0] TERN_HW_REG_AQ_STATUS = 16'h0214;
  typedef struct packed {
    logic [15:0] tail;  // Completed commands, modulo 2^16
    logic [13:0] rsvd_2;
    logic [0:0] halted;  // Stopped by a fetch error, a polarity mismatch or a bad acq_base until it is disabled and enabled again
    logic [0:0] enabled;  // Serving commands; follows aq_ctrl.enable. 0 means that nothing of the Ethernet half does DMA
  } tern_hw_reg_aq_status_t;

  // Sizes of the Ethernet half
  localparam logic [15:0] TERN_HW_REG_ETH_CAPS = 16'h0218;
  typedef struct packed {
    logic [3:0] rsvd_28;
    logic [3:0] max_log;  // log2 of the most descriptors of a queue
    logic [7:0] cqs;  // Completion queues, the ACQ included
    logic [7:0] rqs;  // Receive queues
    logic [7:0] sqs;  // Send queues
  } tern_hw_reg_eth_caps_t;

  // Interrupt vector control. A vector masks itself when it fires and fires again only after re-arming
  localparam logic [15:0] TERN_HW_REG_INT_CTL = 16'h1000;
  localparam int unsigned TERN_HW_REG_INT_CTL_COUNT = 64;
  localparam int unsigned TERN_HW_REG_INT_CTL_STRIDE = 4;
  typedef struct packed {
    logic [27:0] rsvd_4;
    logic [0:0] level;  // Reads 1 while an event queue of this vector holds unconsumed events
    logic [0:0] trigger;  // Write 1 to raise one interrupt on this vector (self test)
    logic [0:0] disarm;  // Write 1 to disarm
    logic [0:0] arm;  // Write 1 to arm; reads 1 while armed
  } tern_hw_reg_int_ctl_t;

  // Interrupt moderation: least time between two interrupts of the vector
  localparam logic [15:0] TERN_HW_REG_INT_ITR = 16'h1100;
  localparam int unsigned TERN_HW_REG_INT_ITR_COUNT = 64;
  localparam int unsigned TERN_HW_REG_INT_ITR_STRIDE = 4;
  typedef struct packed {
    logic [7:0] rsvd_24;
    logic [23:0] interval;  // In units of 64 ns; 0: no moderation
  } tern_hw_reg_int_itr_t;

  // Why the device stopped
  typedef enum logic [7:0] {
    TERN_HW_FATAL_NONE = 8'h0,  // It runs
    TERN_HW_FATAL_DMA_WRITE = 8'h1  // The AEQ could not be written
  } tern_hw_fatal_e;

  // BAR 2: doorbell pages, then as many push pages; page n of both belong to the same owner
  typedef enum logic [22:0] {
    TERN_HW_DB_SPACE_DOORBELLS = 23'h0,  // Doorbell pages, 4 KiB each
    TERN_HW_DB_SPACE_PUSH = 23'h400000  // Push pages, 4 KiB each: 64 slots of 64 B, to be mapped write-combining. A store has no effect until a doorbell of the same page names its slot; behind that doorbell the slot may be used again
  } tern_hw_db_space_e;

  // Offset of a doorbell in its 4 KiB page; each is one aligned 64-bit store. Stores elsewhere are ignored and reported
  typedef enum logic [11:0] {
    TERN_HW_DB_SQ = 12'h0,  // Send queue, struct db_q
    TERN_HW_DB_RQ = 12'h8,  // Receive queue, struct db_q
    TERN_HW_DB_CQ = 12'h10,  // Completion queue, struct db_cq
    TERN_HW_DB_EQ = 12'h20,  // Event queue, struct db_eq; page 0 only
    TERN_HW_DB_CQP = 12'h28  // Control queue, struct db_q with num 0; page 0 only
  } tern_hw_db_e;

  // Send, receive or control queue doorbell
  localparam int unsigned TERN_HW_DB_Q_BYTES = 8;
  typedef struct packed {
    struct packed {
      logic [31:0] index;  // New producer index modulo 2^16, counted since creation: entries (CQP, RQ) or 64 B slots (SQ)
      logic [0:0] rsvd_31;
      logic [5:0] slot;  // SQ, with pushed: slot of the push page
      logic [0:0] pushed;  // SQ: the last entry is one slot, and is in the push page too; the device may take it from there
      logic [23:0] num;  // Queue number
    } w;
  } tern_hw_db_q_t;

  // Completion queue doorbell. Always tells how far the consumer got
  localparam int unsigned TERN_HW_DB_CQ_BYTES = 8;
  typedef struct packed {
    struct packed {
      logic [23:0] index;  // Consumer index: entries consumed since creation, modulo 2^24
      logic [4:0] rsvd_35;
      logic [2:0] mode;  // enum cq_mode: when the event is due
      logic [0:0] arm;  // Ask for one event; without it only the consumer index is taken
      logic [6:0] rsvd_24;
      logic [23:0] num;  // CQ number
    } w;
  } tern_hw_db_cq_t;

  // Event queue doorbell
  localparam int unsigned TERN_HW_DB_EQ_BYTES = 8;
  typedef struct packed {
    struct packed {
      logic [31:0] index;  // Consumer index: entries consumed since creation, modulo 2^24
      logic [0:0] arm;  // Re-arm the vector of this queue; it fires at once if entries are left
      logic [21:0] rsvd_9;
      logic [0:0] aeq;  // Means the AEQ, not a CEQ
      logic [7:0] num;  // Number of the CEQ
    } w;
  } tern_hw_db_eq_t;

  // When an armed CQ sends its event
  typedef enum logic [2:0] {
    TERN_HW_CQ_MODE_DISABLED = 3'h0,  // Never: poll only
    TERN_HW_CQ_MODE_EVERY = 3'h1,  // With the next CQE
    TERN_HW_CQ_MODE_SOLICITED = 3'h2,  // With the next solicited or failed CQE
    TERN_HW_CQ_MODE_TIMER = 3'h3,  // cq.period after the first CQE
    TERN_HW_CQ_MODE_COUNT = 3'h4,  // With cq.count CQEs unconsumed
    TERN_HW_CQ_MODE_SOLICITED_TIMER = 3'h5,  // solicited or timer, whichever is first
    TERN_HW_CQ_MODE_TIMER_COUNT = 3'h6,  // timer or count, whichever is first
    TERN_HW_CQ_MODE_CONFIGURED = 3'h7  // As CREATE_CQ or MODIFY_CQ set it
  } tern_hw_cq_mode_e;

  // Completion queue entry. Written by the device, read by the host. Complete in itself
  localparam int unsigned TERN_HW_CQE_BYTES = 32;
  typedef struct packed {
    struct packed {
      logic [0:0] polarity;  // 1 in the first pass over the ring, flips with every wrap
      logic [18:0] rsvd_44;
      logic [0:0] with_inv;  // imm holds an invalidated key
      logic [0:0] with_imm;  // imm holds immediate data
      logic [0:0] solicited;  // The peer asked for an event
      logic [0:0] rq;  // A receive completed, else a send
      logic [7:0] status;  // enum wc_status
      logic [7:0] opcode;  // enum wqe_op of the completed request; receive: enum rcv_op
      logic [23:0] qpn;  // Local QP number
    } info;
    struct packed {
      logic [15:0] wqe_index;  // Index of the work queue entry that completed
      logic [15:0] vlan_tci;  // UD: VLAN tag; its priority, bits 15:13, is the service level
      logic [4:0] rsvd_27;
      logic [0:0] vlan;  // UD: vlan_tci is valid
      logic [0:0] ipv4;  // UD: the network header is IPv4, else IPv6
      logic [0:0] grh;  // UD: the first 40 bytes of the buffer are for the network header, and are counted in len. IPv6: they are it; IPv4: bytes 20 to 39 are it, those before are not written
      logic [23:0] src_qpn;  // UD: sender's QP number
    } peer;
    logic [31:0] imm;  // Immediate data in network order, or the invalidated key
    logic [31:0] len;  // Bytes that came: of a receive, a READ or an atomic; else 0
    logic [63:0] timestamp;  // Device clock in ns when the entry was written
  } tern_hw_cqe_t;

  // How a work request ended; the numbers are those of verbs (enum ibv_wc_status)
  typedef enum logic [7:0] {
    TERN_HW_WC_STATUS_SUCCESS = 8'h0,  // Done
    TERN_HW_WC_STATUS_LOC_LEN = 8'h1,  // The message does not fit: receive buffer too small, or a message above 2 GiB
    TERN_HW_WC_STATUS_LOC_QP_OP = 8'h2,  // Malformed work queue entry, or one that the QP cannot do
    TERN_HW_WC_STATUS_LOC_PROT = 8'h4,  // A local buffer: key, protection domain, rights or bounds wrong
    TERN_HW_WC_STATUS_WR_FLUSH = 8'h5,  // The QP went to error before
    TERN_HW_WC_STATUS_MW_BIND = 8'h6,  // A memory registration by work request was refused
    TERN_HW_WC_STATUS_BAD_RESP = 8'h7,  // The peer answered what cannot be
    TERN_HW_WC_STATUS_LOC_ACCESS = 8'h8,  // A remote operation on this side broke the rules of a local buffer
    TERN_HW_WC_STATUS_REM_INV_REQ = 8'h9,  // NAK: invalid request
    TERN_HW_WC_STATUS_REM_ACCESS = 8'ha,  // NAK: remote access error
    TERN_HW_WC_STATUS_REM_OP = 8'hb,  // NAK: remote operational error
    TERN_HW_WC_STATUS_RETRY_EXC = 8'hc,  // No answer after all retries
    TERN_HW_WC_STATUS_RNR_RETRY_EXC = 8'hd,  // The peer was not ready after all retries
    TERN_HW_WC_STATUS_GENERAL = 8'h15  // The bus or the host memory cache failed
  } tern_hw_wc_status_e;

  // What a receive completes
  typedef enum logic [7:0] {
    TERN_HW_RCV_OP_SEND = 8'h0,  // SEND of any kind
    TERN_HW_RCV_OP_WRITE_IMM = 8'h1  // RDMA WRITE with immediate
  } tern_hw_rcv_op_e;

  // Entry of the CQ that serves the CQP; has the size and the polarity place of a CQE
  localparam int unsigned TERN_HW_CCQE_BYTES = 32;
  typedef struct packed {
    struct packed {
      logic [0:0] polarity;  // As in a CQE
      logic [30:0] rsvd_32;
      logic [7:0] opcode;  // enum cqp_op
      logic [23:0] id;  // The id of the command
    } info;
    struct packed {
      logic [15:0] wqe_index;  // Index of the command
      logic [15:0] rsvd_32;
      logic [15:0] major;  // enum cqp_major; 0: success
      logic [15:0] minor;  // enum cqp_minor
    } error;
    logic [63:0] result;  // Command-specific result
    logic [63:0] timestamp;  // Device clock in ns when the entry was written
  } tern_hw_ccqe_t;

  // Completion event queue entry
  localparam int unsigned TERN_HW_CEQE_BYTES = 8;
  typedef struct packed {
    struct packed {
      logic [0:0] polarity;  // 1 in the first pass over the ring, flips with every wrap
      logic [38:0] rsvd_24;
      logic [23:0] cqn;  // CQ that has something to consume
    } w;
  } tern_hw_ceqe_t;

  // Asynchronous event queue entry
  localparam int unsigned TERN_HW_AEQE_BYTES = 16;
  typedef struct packed {
    struct packed {
      logic [0:0] polarity;  // 1 in the first pass over the ring, flips with every wrap
      logic [0:0] rsvd_62;
      logic [0:0] overflow;  // Events were lost before this one; look at all objects
      logic [16:0] rsvd_44;
      logic [3:0] source;  // enum ae_source: what id counts
      logic [15:0] code;  // enum ae_code
      logic [23:0] id;  // Number of the object at fault
    } info;
    logic [63:0] detail;  // Depends on the code; for HMC errors struct ae_hmc
  } tern_hw_aeqe_t;

  // Detail of an HMC event
  localparam int unsigned TERN_HW_AE_HMC_BYTES = 8;
  typedef struct packed {
    struct packed {
      logic [30:0] rsvd_33;
      logic [0:0] write;  // The access was a write
      logic [3:0] kind;  // enum hmc_kind
      logic [27:0] index;  // Object index that was accessed
    } w;
  } tern_hw_ae_hmc_t;

  // Detail of a doorbell event
  localparam int unsigned TERN_HW_AE_DB_BYTES = 8;
  typedef struct packed {
    struct packed {
      logic [35:0] rsvd_28;
      logic [11:0] offset;  // Offset in the page
      logic [15:0] page;  // Doorbell page that was written
    } w;
  } tern_hw_ae_db_t;

  // Detail of a QP event
  localparam int unsigned TERN_HW_AE_QP_BYTES = 8;
  typedef struct packed {
    struct packed {
      logic [31:0] rsvd_32;
      logic [15:0] wqe_index;  // Work queue entry at fault, if one is
      logic [7:0] rsvd_8;
      logic [7:0] reason;  // enum qp_reason
    } w;
  } tern_hw_ae_qp_t;

  // Why a QP went to error
  typedef enum logic [7:0] {
    TERN_HW_QP_REASON_NONE = 8'h0,  // It did not; or the host asked for it
    TERN_HW_QP_REASON_CONTEXT = 8'h1,  // Its context could not be read or written
    TERN_HW_QP_REASON_SQ_FETCH = 8'h2,  // A send queue entry could not be read
    TERN_HW_QP_REASON_SQ_ENTRY = 8'h3,  // Malformed send queue entry
    TERN_HW_QP_REASON_SQ_ACCESS = 8'h4,  // A buffer of a send queue entry
    TERN_HW_QP_REASON_REMOTE = 8'h5,  // The peer answered with an error
    TERN_HW_QP_REASON_RETRY = 8'h6,  // Retries exhausted
    TERN_HW_QP_REASON_RNR_RETRY = 8'h7,  // Receiver-not-ready retries exhausted
    TERN_HW_QP_REASON_RESPONSE = 8'h8,  // The peer answered what cannot be
    TERN_HW_QP_REASON_RQ_FETCH = 8'h9,  // A receive queue entry could not be read
    TERN_HW_QP_REASON_RQ_LENGTH = 8'ha,  // A message did not fit the receive queue entry
    TERN_HW_QP_REASON_RQ_ACCESS = 8'hb,  // A buffer of a receive queue entry
    TERN_HW_QP_REASON_IN_REQUEST = 8'hc,  // The peer's request was not valid
    TERN_HW_QP_REASON_IN_ACCESS = 8'hd,  // The peer's request had no right to the memory
    TERN_HW_QP_REASON_DMA = 8'he  // The bus refused data
  } tern_hw_qp_reason_e;

  // What an asynchronous event is about
  typedef enum logic [3:0] {
    TERN_HW_AE_SOURCE_DEVICE = 4'h0,  // The device as a whole
    TERN_HW_AE_SOURCE_CQ = 4'h1,  // A completion queue
    TERN_HW_AE_SOURCE_CEQ = 4'h2,  // A completion event queue
    TERN_HW_AE_SOURCE_PAGE = 4'h3,  // A doorbell page
    TERN_HW_AE_SOURCE_CQP = 4'h4,  // The control queue pair
    TERN_HW_AE_SOURCE_QP = 4'h5  // A queue pair; detail is struct ae_qp
  } tern_hw_ae_source_e;

  // Asynchronous events
  typedef enum logic [15:0] {
    TERN_HW_AE_CODE_HMC_INDEX = 16'h101,  // Object index at or above the committed count
    TERN_HW_AE_CODE_HMC_SD = 16'h102,  // The segment descriptor of the object is not valid
    TERN_HW_AE_CODE_HMC_PAGE = 16'h103,  // The page descriptor of the object is not valid
    TERN_HW_AE_CODE_HMC_DMA = 16'h104,  // The bus refused the access to the object
    TERN_HW_AE_CODE_CQ_OVERRUN = 16'h201,  // A CQE found no room; the CQ takes no more entries
    TERN_HW_AE_CODE_CQ_WRITE = 16'h202,  // The bus refused a CQE; the CQ takes no more entries
    TERN_HW_AE_CODE_CQ_CONTEXT = 16'h203,  // The context or page list of the CQ could not be read; the entry is lost
    TERN_HW_AE_CODE_CQ_BAD = 16'h204,  // A completion for a CQ that does not exist
    TERN_HW_AE_CODE_CEQ_OVERFLOW = 16'h301,  // Events of this CEQ were lost; look at all its CQs
    TERN_HW_AE_CODE_CEQ_WRITE = 16'h302,  // The bus refused a CEQ entry; treat as lost
    TERN_HW_AE_CODE_DB_OFFSET = 16'h401,  // A store to an offset that is no doorbell, or that is none in this page, or is not 64 bits wide
    TERN_HW_AE_CODE_DB_QUEUE = 16'h402,  // A doorbell for a queue that does not exist
    TERN_HW_AE_CODE_DB_PAGE = 16'h403,  // A doorbell for a queue that belongs to another page
    TERN_HW_AE_CODE_DB_INDEX = 16'h404,  // A doorbell with an index that the queue cannot have
    TERN_HW_AE_CODE_CQP_FETCH = 16'h501,  // The bus refused the fetch of a command; the CQP halted
    TERN_HW_AE_CODE_CQP_POLARITY = 16'h502,  // A fetched command has the wrong polarity; the CQP halted
    TERN_HW_AE_CODE_QP_FATAL = 16'h601,  // The QP went to error
    TERN_HW_AE_CODE_QP_REQUEST = 16'h602,  // The QP went to error: invalid request of the peer
    TERN_HW_AE_CODE_QP_ACCESS = 16'h603,  // The QP went to error: access violation by the peer
    TERN_HW_AE_CODE_QP_COMM_EST = 16'h604,  // First packet in state RTR
    TERN_HW_AE_CODE_QP_SQ_DRAINED = 16'h605,  // State SQD: the last request under way has completed
    TERN_HW_AE_CODE_QP_LAST_WQE = 16'h606  // State error: no further completion will come from the SRQ for this QP
  } tern_hw_ae_code_e;

  // Control queue commands
  typedef enum logic [5:0] {
    TERN_HW_CQP_OP_NOP = 6'h0,  // Does nothing
    TERN_HW_CQP_OP_QUERY_CAPS = 6'h1,  // Write struct caps to a buffer
    TERN_HW_CQP_OP_QUERY_FPM = 6'h2,  // Write struct fpm with the limits to a buffer
    TERN_HW_CQP_OP_COMMIT_FPM = 6'h3,  // Take the counts of struct fpm and write it back with the bases
    TERN_HW_CQP_OP_UPDATE_SDS = 6'h4,  // Set or clear segment descriptors, invalidate page descriptors
    TERN_HW_CQP_OP_QUERY_STATS = 6'h5,  // Write struct stats to a buffer
    TERN_HW_CQP_OP_MANAGE_GID = 6'h6,  // Set, clear or read an entry of the GID table
    TERN_HW_CQP_OP_CREATE_CQ = 6'h8,  // Create a completion queue
    TERN_HW_CQP_OP_MODIFY_CQ = 6'h9,  // Change the moderation of a completion queue
    TERN_HW_CQP_OP_DESTROY_CQ = 6'ha,  // Destroy a completion queue
    TERN_HW_CQP_OP_CREATE_CEQ = 6'hc,  // Create a completion event queue
    TERN_HW_CQP_OP_MODIFY_CEQ = 6'hd,  // Move a completion event queue to another vector
    TERN_HW_CQP_OP_DESTROY_CEQ = 6'he,  // Destroy a completion event queue
    TERN_HW_CQP_OP_CREATE_AEQ = 6'h10,  // Create the asynchronous event queue
    TERN_HW_CQP_OP_MODIFY_AEQ = 6'h11,  // Move the asynchronous event queue to another vector
    TERN_HW_CQP_OP_DESTROY_AEQ = 6'h12,  // Destroy the asynchronous event queue
    TERN_HW_CQP_OP_CREATE_QP = 6'h14,  // Create a queue pair in state RESET
    TERN_HW_CQP_OP_MODIFY_QP = 6'h15,  // Change attributes and state of a queue pair
    TERN_HW_CQP_OP_QUERY_QP = 6'h16,  // Write struct qp_query to a buffer
    TERN_HW_CQP_OP_DESTROY_QP = 6'h17,  // Destroy a queue pair; completes when nothing of it is under way
    TERN_HW_CQP_OP_FLUSH_QP = 6'h18,  // State error only: completes when all entries posted before have their completion
    TERN_HW_CQP_OP_SUSPEND_QP = 6'h19,  // Hold the send queue and the local ACK timer; completes when nothing of the queue is on the way to the wire. Responses still complete requests
    TERN_HW_CQP_OP_RESUME_QP = 6'h1a,  // Undo suspend_qp
    TERN_HW_CQP_OP_ALLOC_MR = 6'h1c,  // Allocate a key for registration by work request
    TERN_HW_CQP_OP_REG_MR = 6'h1d,  // Register a memory region
    TERN_HW_CQP_OP_DEREG_MR = 6'h1e,  // Deregister a region or free a key; completes when no access through it is under way
    TERN_HW_CQP_OP_REREG_MR = 6'h1f,  // Change a memory region as dereg_mr and reg_mr would, in one step
    TERN_HW_CQP_OP_ATTACH_MCAST = 6'h20,  // Let a UD QP receive what is sent to a multicast group
    TERN_HW_CQP_OP_DETACH_MCAST = 6'h21  // No more
  } tern_hw_cqp_op_e;

  // Class of a command's outcome
  typedef enum logic [15:0] {
    TERN_HW_CQP_MAJOR_OK = 16'h0,  // Done
    TERN_HW_CQP_MAJOR_UNSUPPORTED = 16'h1,  // The command or an option of it is not built
    TERN_HW_CQP_MAJOR_PARAM = 16'h2,  // A parameter is wrong; nothing was changed
    TERN_HW_CQP_MAJOR_STATE = 16'h3,  // The object is not in a state that allows it; nothing was changed
    TERN_HW_CQP_MAJOR_DMA = 16'h4,  // The bus refused an access
    TERN_HW_CQP_MAJOR_HMC = 16'h5  // An object access failed
  } tern_hw_cqp_major_e;

  // Exact outcome of a command
  typedef enum logic [15:0] {
    TERN_HW_CQP_MINOR_OK = 16'h0,  // Done
    TERN_HW_CQP_MINOR_OPCODE = 16'h1,  // Undefined opcode
    TERN_HW_CQP_MINOR_INDEX = 16'h2,  // id out of range
    TERN_HW_CQP_MINOR_ADDRESS = 16'h3,  // Address not aligned as the command asks
    TERN_HW_CQP_MINOR_SIZE = 16'h4,  // Size out of range
    TERN_HW_CQP_MINOR_VECTOR = 16'h5,  // Interrupt vector out of range
    TERN_HW_CQP_MINOR_CEQ = 16'h6,  // CEQ out of range or not existing
    TERN_HW_CQP_MINOR_PAGE = 16'h7,  // Doorbell page out of range
    TERN_HW_CQP_MINOR_MODE = 16'h8,  // Moderation mode or page-list level not defined
    TERN_HW_CQP_MINOR_EXISTS = 16'h9,  // The object exists already
    TERN_HW_CQP_MINOR_MISSING = 16'ha,  // The object does not exist
    TERN_HW_CQP_MINOR_IN_USE = 16'hb,  // The object is used by others
    TERN_HW_CQP_MINOR_LIMIT = 16'hc,  // Count above the limit, or the layout needs more segments than there are; result: the kind at fault
    TERN_HW_CQP_MINOR_COMMITTED = 16'hd,  // Segments are valid; clear them before a new layout is committed
    TERN_HW_CQP_MINOR_SD = 16'he,  // Segment or page index out of range, or undefined operation; result: the entry at fault
    TERN_HW_CQP_MINOR_READ = 16'hf,  // The bus refused a read
    TERN_HW_CQP_MINOR_WRITE = 16'h10,  // The bus refused a write
    TERN_HW_CQP_MINOR_HMC_INDEX = 16'h11,  // Object index at or above the committed count
    TERN_HW_CQP_MINOR_HMC_SD = 16'h12,  // The segment of the object is not valid
    TERN_HW_CQP_MINOR_HMC_PAGE = 16'h13,  // The page of the object is not valid
    TERN_HW_CQP_MINOR_HMC_DMA = 16'h14,  // The bus refused the access to the object
    TERN_HW_CQP_MINOR_GID = 16'h15,  // GID operation not defined; ATTACH_MCAST, DETACH_MCAST: not the GID of a group
    TERN_HW_CQP_MINOR_POLARITY = 16'h16,  // Wrong polarity; the CQP halted
    TERN_HW_CQP_MINOR_CQ = 16'h17,  // CQ number out of range
    TERN_HW_CQP_MINOR_TYPE = 16'h18,  // QP type not built; ATTACH_MCAST: not a UD QP
    TERN_HW_CQP_MINOR_STATE = 16'h19,  // The state or the transition is not allowed
    TERN_HW_CQP_MINOR_ATTR = 16'h1a,  // An attribute is missing, not allowed or out of range; result: its bit in enum qp_attr_mask
    TERN_HW_CQP_MINOR_RANGE = 16'h1b  // The region is empty, wraps around the address space, or is larger than its page list
  } tern_hw_cqp_minor_e;

  // Command as the CQP fetches it. The header is written last
  localparam int unsigned TERN_HW_CQP_WQE_BYTES = 64;
  typedef struct packed {
    logic [447:0] arg;  // Depends on the command; unused ones are 0
    struct packed {
      logic [0:0] polarity;  // 1 in the first pass over the ring, flips with every wrap
      logic [32:0] rsvd_30;
      logic [5:0] op;  // enum cqp_op
      logic [23:0] id;  // Number of the object
    } hdr;
  } tern_hw_cqp_wqe_t;

  // QUERY_CAPS, QUERY_FPM, COMMIT_FPM, QUERY_STATS
  localparam int unsigned TERN_HW_CQP_BUF_WQE_BYTES = 64;
  typedef struct packed {
    logic [383:0] rsvd;  // 0
    logic [63:0] addr;  // Buffer, aligned to 64 bytes, not crossing a 4 KiB boundary
    logic [63:0] hdr;  // As in cqp_wqe
  } tern_hw_cqp_buf_wqe_t;

  // UPDATE_SDS. Entries take effect in order; the first bad one ends the command
  localparam int unsigned TERN_HW_CQP_SDS_WQE_BYTES = 64;
  typedef struct packed {
    logic [383:0] e;  // Inline: up to three struct sd_entry. By buffer: e[0] is its address, aligned to 4 KiB
    struct packed {
      logic [31:0] rsvd_32;
      logic [0:0] buffer;  // The entries are in the buffer at e[0], else inline
      logic [21:0] rsvd_9;
      logic [8:0] count;  // Entries: 1 to 3 inline, 1 to 256 by buffer
    } ctl;
    logic [63:0] hdr;  // As in cqp_wqe
  } tern_hw_cqp_sds_wqe_t;

  // One operation of UPDATE_SDS
  localparam int unsigned TERN_HW_SD_ENTRY_BYTES = 16;
  typedef struct packed {
    logic [63:0] addr;  // direct: 2 MiB of host memory, aligned to 2 MiB; paged: a page of 512 struct page_desc, aligned to 4 KiB
    struct packed {
      logic [29:0] rsvd_34;
      logic [1:0] op;  // enum sd_op
      logic [6:0] rsvd_25;
      logic [8:0] page;  // Page index, for page_inv
      logic [15:0] sd;  // Segment index
    } what;
  } tern_hw_sd_entry_t;

  // Operations on segment descriptors
  typedef enum logic [1:0] {
    TERN_HW_SD_OP_CLEAR = 2'h0,  // Make the segment invalid; cached page descriptors of it are dropped
    TERN_HW_SD_OP_DIRECT = 2'h1,  // The segment is one 2 MiB block of host memory
    TERN_HW_SD_OP_PAGED = 2'h2,  // The segment is described by a page of 512 page descriptors
    TERN_HW_SD_OP_PAGE_INV = 2'h3  // Drop the cached descriptor of one page. Done when no access through it is under way
  } tern_hw_sd_op_e;

  // Page descriptor, in host memory, read by the device when needed
  localparam int unsigned TERN_HW_PAGE_DESC_BYTES = 8;
  typedef struct packed {
    struct packed {
      logic [51:0] pfn;  // Bus address of the page, divided by 4096
      logic [10:0] rsvd_1;
      logic [0:0] valid;  // The page exists
    } w;
  } tern_hw_page_desc_t;

  // CREATE_CQ (all), MODIFY_CQ (mode, period and count), DESTROY_CQ (hdr only)
  localparam int unsigned TERN_HW_CQP_CQ_WQE_BYTES = 64;
  typedef struct packed {
    logic [255:0] rsvd;  // 0
    struct packed {
      logic [15:0] rsvd_48;
      logic [31:0] period;  // ns for mode timer
      logic [15:0] count;  // CQEs for mode count; 0 means 1
    } moderation;
    struct packed {
      logic [15:0] rsvd_48;
      logic [15:0] page;  // Doorbell page that may ring this CQ
      logic [4:0] rsvd_27;
      logic [2:0] mode;  // enum cq_mode behind arm mode configured; not configured itself
      logic [7:0] ceq;  // CEQ for events
      logic [0:0] rsvd_15;
      logic [0:0] ceq_valid;  // Events go to ceq, else there are none
      logic [0:0] ccq;  // Completions of the CQP go here; at most one CQ. The CREATE_CQ and the DESTROY_CQ of this CQ complete in the registers only
      logic [4:0] page_shift;  // level 1: log2 of the page size, 12 to 30
      logic [1:0] rsvd_6;
      logic [0:0] level;  // 0: contiguous; 1: page list
      logic [4:0] log_size;  // Ring size, log2 of the number of 32 B entries, 1 to 22
    } attr;
    logic [63:0] ring;  // level 0: address of the ring, aligned to 4 KiB, contiguous. level 1: index of its first page-list entry
    logic [63:0] hdr;  // As in cqp_wqe; id is the CQ number
  } tern_hw_cqp_cq_wqe_t;

  // CREATE (all), MODIFY (vector), DESTROY (hdr only) of CEQ and AEQ
  localparam int unsigned TERN_HW_CQP_EQ_WQE_BYTES = 64;
  typedef struct packed {
    logic [319:0] rsvd;  // 0
    struct packed {
      logic [49:0] rsvd_14;
      logic [5:0] vec;  // Interrupt vector
      logic [2:0] rsvd_5;
      logic [4:0] log_size;  // Ring size, log2 of the number of entries (CEQ 8 B, AEQ 16 B), 4 to 20
    } attr;
    logic [63:0] ring;  // Address of the ring, aligned to 4 KiB, contiguous
    logic [63:0] hdr;  // As in cqp_wqe; id is the CEQ number, 0 for the AEQ
  } tern_hw_cqp_eq_wqe_t;

  // MANAGE_GID. id is the index in the table
  localparam int unsigned TERN_HW_CQP_GID_WQE_BYTES = 64;
  typedef struct packed {
    logic [191:0] rsvd;  // 0
    struct packed {
      logic [15:0] rsvd_48;
      logic [47:0] addr;  // Source MAC address, its first octet in the highest byte
    } mac;
    logic [127:0] gid;  // The 16 octets of the GID in network order; read: gid[0] is the address of a 64 B buffer for struct gid_entry
    struct packed {
      logic [45:0] rsvd_18;
      logic [1:0] op;  // enum gid_op
      logic [1:0] rsvd_14;
      logic [0:0] ipv4;  // RoCEv2 over IPv4, else IPv6
      logic [0:0] vlan_valid;  // Frames carry a VLAN tag
      logic [11:0] vlan_id;  // VLAN of the GID's network interface
    } attr;
    logic [63:0] hdr;  // As in cqp_wqe
  } tern_hw_cqp_gid_wqe_t;

  // Operations on the GID table
  typedef enum logic [1:0] {
    TERN_HW_GID_OP_CLEAR = 2'h0,  // The entry becomes invalid
    TERN_HW_GID_OP_SET = 2'h1,  // Set the entry
    TERN_HW_GID_OP_READ = 2'h2  // Write the entry to a buffer
  } tern_hw_gid_op_e;

  // GID table entry as MANAGE_GID reads it
  localparam int unsigned TERN_HW_GID_ENTRY_BYTES = 64;
  typedef struct packed {
    logic [255:0] rsvd;  // 0
    struct packed {
      logic [15:0] rsvd_48;
      logic [47:0] addr;  // Source MAC address, its first octet in the highest byte
    } mac;
    struct packed {
      logic [48:0] rsvd_15;
      logic [0:0] valid;  // The entry is in use
      logic [0:0] ipv4;
      logic [0:0] vlan_valid;
      logic [11:0] vlan_id;
    } attr;
    logic [127:0] gid;  // The 16 octets of the GID in network order
  } tern_hw_gid_entry_t;

  // ATTACH_MCAST, DETACH_MCAST. id is the QP number, of type ud, in any state. Attaching again only sets no_own. DESTROY_QP takes the QP out of all groups
  localparam int unsigned TERN_HW_CQP_MCAST_WQE_BYTES = 64;
  typedef struct packed {
    logic [255:0] rsvd;  // 0
    logic [127:0] gid;  // The 16 octets of the group's GID in network order: an IPv6 multicast address, or an IPv4 one in the mapped form
    struct packed {
      logic [62:0] rsvd_1;
      logic [0:0] no_own;  // ATTACH: what this adapter itself sends to the group does not come to the QP; else it does, also to the QP that sent it
    } attr;
    logic [63:0] hdr;  // As in cqp_wqe
  } tern_hw_cqp_mcast_wqe_t;

  // Transport of a QP. caps.transports tells which of them are built
  typedef enum logic [2:0] {
    TERN_HW_QP_TYPE_RC = 3'h0,  // Reliable connection
    TERN_HW_QP_TYPE_UC = 3'h1,  // Unreliable connection
    TERN_HW_QP_TYPE_UD = 3'h2,  // Unreliable datagram
    TERN_HW_QP_TYPE_GSI = 3'h3  // As ud; QP 1, and no other, has this type
  } tern_hw_qp_type_e;

  // States of a QP; the numbers are those of verbs (enum ib_qp_state)
  typedef enum logic [2:0] {
    TERN_HW_QP_STATE_RESET = 3'h0,  // 
    TERN_HW_QP_STATE_INIT = 3'h1,  // 
    TERN_HW_QP_STATE_RTR = 3'h2,  // Ready to receive
    TERN_HW_QP_STATE_RTS = 3'h3,  // Ready to send
    TERN_HW_QP_STATE_SQD = 3'h4,  // Send queue drained
    TERN_HW_QP_STATE_SQE = 3'h5,  // Send queue error
    TERN_HW_QP_STATE_ERR = 3'h6  // Error
  } tern_hw_qp_state_e;

  // Path MTU; the numbers are those of verbs (enum ib_mtu)
  typedef enum logic [2:0] {
    TERN_HW_MTU_M256 = 3'h1,  // 
    TERN_HW_MTU_M512 = 3'h2,  // 
    TERN_HW_MTU_M1024 = 3'h3,  // 
    TERN_HW_MTU_M2048 = 3'h4,  // 
    TERN_HW_MTU_M4096 = 3'h5  // 
  } tern_hw_mtu_e;

  // Work requests
  typedef enum logic [7:0] {
    TERN_HW_WQE_OP_SEND = 8'h0,  // SEND
    TERN_HW_WQE_OP_SEND_IMM = 8'h1,  // SEND with immediate
    TERN_HW_WQE_OP_SEND_INV = 8'h2,  // SEND with invalidate
    TERN_HW_WQE_OP_WRITE = 8'h4,  // RDMA WRITE
    TERN_HW_WQE_OP_WRITE_IMM = 8'h5,  // RDMA WRITE with immediate
    TERN_HW_WQE_OP_READ = 8'h8,  // RDMA READ
    TERN_HW_WQE_OP_CMP_SWAP = 8'hc,  // Compare and swap
    TERN_HW_WQE_OP_FETCH_ADD = 8'hd,  // Fetch and add
    TERN_HW_WQE_OP_LOCAL_INV = 8'h10,  // Invalidate a local key
    TERN_HW_WQE_OP_REG_MR = 8'h11  // Register memory under an allocated key, struct sq_reg_wqe
  } tern_hw_wqe_op_e;

  // Send queue entry, first slot. Further slots of 64 B hold SGEs 2 and up, four each, or inline data
  localparam int unsigned TERN_HW_SQ_WQE_BYTES = 64;
  typedef struct packed {
    logic [255:0] data;  // SGEs 0 and 1 as struct sge, or the first 32 B of inline data. Atomics: SGE 0 (8 B), then swap_or_add, compare
    logic [63:0] rsvd;  // 0
    struct packed {
      logic [31:0] imm;  // Immediate data in network order; send_inv: the key to invalidate at the peer
      logic [31:0] rkey;  // Remote key; local_inv: the key
    } keys;
    logic [63:0] remote;  // Remote address
    struct packed {
      logic [0:0] polarity;  // 1 in the first pass over the ring, flips with every wrap
      logic [30:0] rsvd_32;
      logic [2:0] slots;  // Slots of this entry, 1 to 5
      logic [0:0] rsvd_28;
      logic [7:0] inl_len;  // Bytes of inline data, 0 to 224
      logic [2:0] rsvd_17;
      logic [0:0] inl;  // The data is in the entry: 32 B in data, then whole slots
      logic [0:0] fence;  // Starts when all READs and atomics before are complete
      logic [0:0] solicited;  // Solicited event at the peer
      logic [0:0] signaled;  // Completes with a CQE also in success
      logic [4:0] num_sge;  // SGEs, 0 to 16; 0 with inline
      logic [7:0] op;  // enum wqe_op
    } hdr;
  } tern_hw_sq_wqe_t;

  // Send queue entry of UD and GSI QPs, first slot; op send or send_imm. Bits without a name are 0. n SGEs take 1 + (n + 2) / 4 slots, four in each slot behind the first; inline data takes 1 + (bytes + 47) / 64. The source addresses and the VLAN are those of the GID table; the UDP source port is made of the flow label, 0xc000 | ((flow_label ^ flow_label >> 14) & 0x3fff); the P_Key is 0xffff
  localparam int unsigned TERN_HW_SQ_UD_WQE_BYTES = 64;
  typedef struct packed {
    logic [127:0] data;  // SGE 0 as struct sge, or the first 16 B of inline data
    logic [127:0] dgid;  // The 16 octets of the destination GID in network order; IPv4: the mapped form
    struct packed {
      logic [7:0] hop_limit;
      logic [7:0] tclass;  // Traffic class; IPv4: TOS
      logic [47:0] dmac;  // Destination MAC address, its first octet in the highest byte
    } path;
    struct packed {
      logic [31:0] imm;  // Immediate data in network order
      logic [8:0] rsvd_23;
      logic [2:0] pcp;  // Service level: VLAN priority
      logic [19:0] flow_label;  // IPv6: sent as it is. Both: makes the UDP source port
    } flow;
    struct packed {
      logic [31:0] qkey;  // Q_Key; with the top bit set, the QP's own is used instead
      logic [7:0] sgid;  // Index in the GID table
      logic [23:0] qpn;  // Destination QP; 0xffffff: all QPs attached to the group dgid
    } dest;
    logic [63:0] hdr;  // As in sq_wqe; fence has no effect
  } tern_hw_sq_ud_wqe_t;

  // Send queue entry for reg_mr
  localparam int unsigned TERN_HW_SQ_REG_WQE_BYTES = 64;
  typedef struct packed {
    logic [255:0] rsvd;  // 0. The page list is the one that alloc_mr named
    struct packed {
      logic [18:0] rsvd_45;
      logic [4:0] page_shift;  // log2 of the page size, 12 to 30
      logic [3:0] rsvd_36;
      logic [3:0] access;  // enum access bits
      logic [31:0] key;  // Index and new key byte
    } attr;
    logic [63:0] length;  // Bytes
    logic [63:0] va;  // First address of the region
    logic [63:0] hdr;  // As in sq_wqe; one slot
  } tern_hw_sq_reg_wqe_t;

  // Local buffer of a send or receive queue entry
  localparam int unsigned TERN_HW_SGE_BYTES = 16;
  typedef struct packed {
    struct packed {
      logic [31:0] lkey;  // Local key
      logic [31:0] len;  // Bytes. In a receive queue entry, len 0 with key 0 ends the list
    } len_key;
    logic [63:0] addr;  // Virtual address
  } tern_hw_sge_t;

  // Bits of rights to a memory region or QP; the same as those of verbs (enum ib_access_flags)
  typedef enum logic [3:0] {
    TERN_HW_ACCESS_LOCAL_WRITE = 4'h1,  // 
    TERN_HW_ACCESS_REMOTE_WRITE = 4'h2,  // 
    TERN_HW_ACCESS_REMOTE_READ = 4'h4,  // 
    TERN_HW_ACCESS_REMOTE_ATOMIC = 4'h8  // 
  } tern_hw_access_e;

  // CREATE_QP (all; id is 1 for type gsi, 2 or above for others); QUERY, DESTROY, FLUSH, SUSPEND, RESUME (hdr; QUERY also sq_ring as the buffer's address, aligned to 512 B)
  localparam int unsigned TERN_HW_CQP_QP_WQE_BYTES = 64;
  typedef struct packed {
    logic [191:0] rsvd;  // 0
    struct packed {
      logic [10:0] rsvd_53;
      logic [0:0] rq_valid;  // There is a receive queue
      logic [0:0] sq_valid;  // There is a send queue
      logic [4:0] rq_page_shift;
      logic [4:0] sq_page_shift;  // level 1: log2 of the page size, 12 to 30
      logic [0:0] rq_level;
      logic [0:0] sq_level;
      logic [2:0] rq_log_stride;  // log2 of the SGEs of an RQ entry (16 B each), 0 to 4
      logic [3:0] rq_log_size;  // log2 of the entries of the RQ, 0 to 15
      logic [3:0] sq_log_size;  // log2 of the slots of the SQ, 0 to 15
      logic [0:0] priv;  // May use keys of regions with mrte.priv, and reg_mr and local_inv
      logic [2:0] transport;  // enum qp_type
      logic [23:0] pd;  // Protection domain
    } attr;
    struct packed {
      logic [15:0] page;  // Doorbell page that may ring this QP
      logic [23:0] rcq;  // CQ of the receive queue
      logic [23:0] scq;  // CQ of the send queue
    } cqs;
    logic [63:0] rq_ring;  // Likewise
    logic [63:0] sq_ring;  // level 0: address of the ring, aligned to 4 KiB, contiguous. level 1: index of its first page-list entry
    logic [63:0] hdr;  // As in cqp_wqe; id is the QP number
  } tern_hw_cqp_qp_wqe_t;

  // MODIFY_QP. The rules are those of IBTA 1.6 section 11.2.5.2, where UD and GSI also need mtu for INIT to RTR; all or nothing. State sqe is not used: what would lead to it leads to err
  localparam int unsigned TERN_HW_CQP_MODIFY_QP_WQE_BYTES = 64;
  typedef struct packed {
    logic [319:0] rsvd;  // 0
    struct packed {
      logic [39:0] rsvd_24;
      logic [0:0] check_state;
      logic [2:0] cur_state;  // With check_state: the command fails in any other state
      logic [0:0] set_state;
      logic [2:0] state;  // New state, with set_state
      logic [15:0] mask;  // enum qp_attr_mask: what of struct qp_attr is meant
    } ctl;
    logic [63:0] addr;  // Address of struct qp_attr, aligned to 64 B; not read if mask is 0
    logic [63:0] hdr;  // As in cqp_wqe; id is the QP number
  } tern_hw_cqp_modify_qp_wqe_t;

  // Bits of cqp_modify_qp_wqe.mask
  typedef enum logic [15:0] {
    TERN_HW_QP_ATTR_MASK_PATH = 16'h1,  // udp_sport to dgid
    TERN_HW_QP_ATTR_MASK_DEST_QPN = 16'h2,  // 
    TERN_HW_QP_ATTR_MASK_MTU = 16'h4,  // 
    TERN_HW_QP_ATTR_MASK_MAX_RD = 16'h8,  // 
    TERN_HW_QP_ATTR_MASK_MAX_DEST_RD = 16'h10,  // 
    TERN_HW_QP_ATTR_MASK_TIMEOUT = 16'h20,  // 
    TERN_HW_QP_ATTR_MASK_RETRY_CNT = 16'h40,  // 
    TERN_HW_QP_ATTR_MASK_RNR_RETRY = 16'h80,  // 
    TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER = 16'h100,  // 
    TERN_HW_QP_ATTR_MASK_SQ_PSN = 16'h200,  // 
    TERN_HW_QP_ATTR_MASK_RQ_PSN = 16'h400,  // 
    TERN_HW_QP_ATTR_MASK_ACCESS = 16'h800,  // 
    TERN_HW_QP_ATTR_MASK_QKEY = 16'h1000  // 
  } tern_hw_qp_attr_mask_e;

  // Attributes of a QP as MODIFY_QP takes them
  localparam int unsigned TERN_HW_QP_ATTR_BYTES = 64;
  typedef struct packed {
    logic [63:0] rsvd;  // 0
    logic [127:0] dgid;  // The 16 octets of the destination GID in network order; IPv4: the mapped form
    struct packed {
      logic [15:0] rsvd_48;
      logic [47:0] addr;  // Destination MAC address, its first octet in the highest byte
    } mac;
    struct packed {
      logic [0:0] rsvd_63;
      logic [2:0] pcp;  // VLAN priority
      logic [19:0] flow_label;  // IPv6
      logic [7:0] tclass;  // Traffic class; IPv4: TOS
      logic [7:0] hop_limit;
      logic [7:0] sgid;  // Index in the GID table: source MAC, source IP, VLAN, IPv4 or IPv6
      logic [15:0] udp_sport;  // UDP source port
    } net;
    struct packed {
      logic [31:0] qkey;  // UD, GSI: what received packets must carry; sent with if the Q_Key of the entry has its top bit set
      logic [15:0] pkey;  // Partition key, 0xffff
      logic [11:0] rsvd_4;
      logic [3:0] access;  // enum access bits: what the peer may do
    } rights;
    struct packed {
      logic [7:0] rsvd_56;
      logic [23:0] rq;  // First PSN expected
      logic [7:0] rsvd_24;
      logic [23:0] sq;  // First PSN to send
    } psn;
    struct packed {
      logic [4:0] min_rnr_timer;  // As coded in an RNR NAK
      logic [2:0] rnr_retry;  // 7: for ever
      logic [2:0] retry_cnt;
      logic [4:0] timeout;  // Local ACK timeout, 4.096 us * 2^n; 0: none
      logic [2:0] rsvd_45;
      logic [4:0] max_dest_rd;  // READs and atomics accepted as responder, 0 to 16
      logic [2:0] rsvd_37;
      logic [4:0] max_rd;  // READs and atomics under way as requester, 0 to 16
      logic [4:0] rsvd_27;
      logic [2:0] mtu;  // enum mtu; UD: the longest message, sent or received
      logic [23:0] dest_qpn;
    } conn;
  } tern_hw_qp_attr_t;

  // What QUERY_QP reports: the QP object of the host memory cache, after what was cached
  localparam int unsigned TERN_HW_QP_QUERY_BYTES = 512;
  typedef struct packed {
    logic [959:0] rsvd;  // 0
    struct packed {
      logic [15:0] rq_producer;  // As the last doorbell told
      logic [15:0] sq_producer;  // As the last doorbell told
      logic [24:0] rsvd_7;
      logic [2:0] transport;  // enum qp_type
      logic [0:0] rsvd_3;
      logic [2:0] state;  // enum qp_state
    } state;
    logic [511:0] ring;  // struct qp_ring
    logic [511:0] net;  // struct qp_net
    logic [511:0] rr;  // struct qp_rr
    logic [511:0] rsp;  // struct qp_rsp
    logic [511:0] rh;  // struct qp_rh
    logic [511:0] seg;  // struct qp_seg
  } tern_hw_qp_query_t;

  // Lines of 64 B in the QP object. Each is written by one stage of the RTL only
  typedef enum logic [2:0] {
    TERN_HW_QP_LINE_SEG = 3'h0,  // Send side of the requester
    TERN_HW_QP_LINE_RH = 3'h1,  // Response side of the requester
    TERN_HW_QP_LINE_RSP = 3'h2,  // Responder
    TERN_HW_QP_LINE_RR = 3'h3,  // Read responder
    TERN_HW_QP_LINE_NET = 3'h4,  // Addresses
    TERN_HW_QP_LINE_RING = 3'h5  // Rings
  } tern_hw_qp_line_e;

  // Line seg: rtl/req/tern_seg
  localparam int unsigned TERN_HW_QP_SEG_BYTES = 64;
  typedef struct packed {
    logic [127:0] rsvd;  // 0
    struct packed {
      logic [31:0] qkey;  // UD, GSI: the QP's own Q_Key. No statistics
      logic [31:0] again;  // Request packets that had been sent before
    } count2;
    struct packed {
      logic [31:0] resent;  // Times of going back
      logic [31:0] packets;  // Request packets
    } count;
    struct packed {
      logic [23:0] psn_max;  // One behind the highest PSN sent
      logic [6:0] rsvd_33;
      logic [0:0] mid;  // The entry at wqe is partly sent
      logic [31:0] offset;  // Bytes of the entry at wqe that are sent already
    } message;
    struct packed {
      logic [7:0] epoch;  // Jobs of another epoch are stale
      logic [15:0] fresh;  // Slot index of the first entry that was never sent
      logic [15:0] wqe;  // Slot index of the next entry, modulo 2^16
      logic [23:0] psn;  // Of the next packet
    } at;
    struct packed {
      logic [7:0] rsvd_56;
      logic [7:0] err_status;  // enum wc_status
      logic [15:0] err_wqe;
      logic [5:0] rsvd_26;
      logic [0:0] stopped;  // An entry could not be sent; nothing more is until the state changes
      logic [0:0] err_valid;  // When flushing: the entry at err_wqe completes with err_status
      logic [23:0] scq;
    } cq;
    struct packed {
      logic [23:0] dest_qpn;
      logic [23:0] pd;
      logic [1:0] rsvd_14;
      logic [4:0] max_rd;
      logic [0:0] priv;
      logic [2:0] mtu;  // enum mtu
      logic [2:0] transport;  // enum qp_type
      logic [0:0] flushing;  // State error: every entry completes with wr_flush
      logic [0:0] active;  // Requests may be sent
    } conn;
  } tern_hw_qp_seg_t;

  // Line rh: rtl/rh/tern_rh
  localparam int unsigned TERN_HW_QP_RH_BYTES = 64;
  typedef struct packed {
    logic [191:0] rsvd;  // Own state of the block
    struct packed {
      logic [15:0] rsvd_48;
      logic [15:0] stray;  // Responses that nobody waits for, but for ACKs that come late
      logic [31:0] packets;  // Response packets
    } count2;
    struct packed {
      logic [15:0] read_gaps;  // READ responses out of sequence
      logic [15:0] rnr_naks;
      logic [15:0] seq_naks;
      logic [15:0] timeouts;
    } count;
    struct packed {
      logic [13:0] locals;  // Local operations may wait among so many of the oldest entries of the list
      logic [1:0] gen;  // Of the last command to the timer
      logic [0:0] asked;  // The missing part of a READ was requested again since the last progress
      logic [0:0] rnr_wait;  // The RNR timer runs
      logic [2:0] rnr_tries;  // Left
      logic [2:0] retries;  // Left
      logic [15:0] done;  // Slot index behind the last completed entry
      logic [23:0] una;  // Oldest PSN not acknowledged
    } at;
    struct packed {
      logic [15:0] err_wqe;
      logic [7:0] err_status;  // enum wc_status
      logic [5:0] err_reason;  // enum qp_reason
      logic [1:0] err_side;  // 0: segmenter, 1: data
      logic [5:0] rsvd_26;
      logic [0:0] stopped;  // An error was reported; everything is ignored until the state changes
      logic [0:0] err_valid;  // The entry at err_wqe is to fail when all before it are complete
      logic [23:0] scq;
    } cq;
    struct packed {
      logic [23:0] pd;
      logic [17:0] rsvd_22;
      logic [0:0] rearm;  // held has changed: the timer is still to be commanded
      logic [0:0] held;  // Suspended: the local ACK timer does not run
      logic [0:0] priv;
      logic [2:0] rnr_retry;
      logic [2:0] retry_cnt;
      logic [4:0] timeout;
      logic [2:0] mtu;  // enum mtu
      logic [2:0] transport;  // enum qp_type
      logic [0:0] draining;  // State SQD: report when nothing is outstanding
      logic [0:0] active;  // Responses are expected
    } conn;
  } tern_hw_qp_rh_t;

  // Line rsp: rtl/rsp/tern_rsp
  localparam int unsigned TERN_HW_QP_RSP_BYTES = 64;
  typedef struct packed {
    struct packed {
      logic [15:0] rsvd_48;
      logic [15:0] read;  // READs and atomics accepted
      logic [15:0] dropped;  // Other packets dropped; UC, UD, GSI: all that were
      logic [15:0] rnr;  // RNR NAKs sent; UC, UD, GSI: messages that found no receive queue entry
    } count2;
    struct packed {
      logic [15:0] gaps;  // Sequence NAKs sent
      logic [15:0] duplicates;
      logic [31:0] packets;  // Request packets in sequence
    } count;
    struct packed {
      logic [31:0] length;  // WRITE in progress: total length
      logic [15:0] rsvd_16;
      logic [15:0] wqe;  // Entries of the receive queue consumed, modulo 2^16
    } recv;
    struct packed {
      logic [31:0] left;  // WRITE in progress: bytes to come. SEND: bytes received
      logic [31:0] rkey;  // WRITE in progress. UD, GSI: Q_Key
    } message;
    logic [63:0] va;  // WRITE in progress: address of the next byte
    struct packed {
      logic [0:0] rsvd_63;
      logic [0:0] job_last;  // The request at epsn - 1 is a READ or atomic
      logic [0:0] again;  // Repeated ones may be among those under way
      logic [5:0] jobs;  // READs and atomics accepted, modulo 64
      logic [3:0] atomics;  // Place of the next atomic result in the irrq object
      logic [2:0] mid;  // Message in progress: 0 none, 1 SEND, 2 WRITE
      logic [23:0] msn;  // Messages completed
      logic [23:0] epsn;  // Expected PSN
    } at;
    struct packed {
      logic [7:0] rsvd_56;
      logic [15:0] err_wqe;
      logic [7:0] err_status;  // enum wc_status
      logic [6:0] rsvd_25;
      logic [0:0] err_valid;  // When flushing: the entry at err_wqe completes with err_status
      logic [23:0] rcq;
    } cq;
    struct packed {
      logic [23:0] pd;
      logic [12:0] rsvd_27;
      logic [0:0] nak_sent;  // The gap at epsn was reported
      logic [0:0] stopped;  // An error was reported; everything is ignored until the state changes
      logic [0:0] wait_first;  // State RTR: report the first packet
      logic [0:0] rq_valid;
      logic [0:0] priv;
      logic [4:0] max_dest_rd;
      logic [3:0] access;  // enum access bits
      logic [4:0] min_rnr_timer;
      logic [2:0] mtu;  // enum mtu
      logic [2:0] transport;  // enum qp_type
      logic [0:0] flushing;  // State error: every receive completes with wr_flush
      logic [0:0] active;  // Requests are accepted
    } conn;
  } tern_hw_qp_rsp_t;

  // Line rr: rtl/rsp/tern_rr
  localparam int unsigned TERN_HW_QP_RR_BYTES = 64;
  typedef struct packed {
    logic [383:0] rsvd;  // 0
    struct packed {
      logic [7:0] rsvd_56;
      logic [23:0] msn;  // Of the newest job that was begun
      logic [31:0] offset;  // Bytes of the oldest job that are sent already
    } at;
    struct packed {
      logic [23:0] pd;
      logic [7:0] rsvd_32;
      logic [23:0] dest_qpn;
      logic [2:0] mtu;  // enum mtu
      logic [2:0] rsvd_2;
      logic [0:0] priv;
      logic [0:0] active;
    } conn;
  } tern_hw_qp_rr_t;

  // Line net: addresses for the headers of what this QP sends
  localparam int unsigned TERN_HW_QP_NET_BYTES = 64;
  typedef struct packed {
    logic [191:0] rsvd;  // 0
    struct packed {
      logic [22:0] rsvd_41;
      logic [0:0] valid;
      logic [15:0] pkey;
      logic [23:0] dest_qpn;
    } conn;
    logic [127:0] dgid;  // As in qp_attr
    logic [63:0] mac;  // As in qp_attr
    logic [63:0] net;  // As in qp_attr
  } tern_hw_qp_net_t;

  // Line ring: where the entries are
  localparam int unsigned TERN_HW_QP_RING_BYTES = 64;
  typedef struct packed {
    logic [319:0] rsvd;  // 0
    logic [63:0] attr;  // As in cqp_qp_wqe
    logic [63:0] rq_ring;  // As in cqp_qp_wqe
    logic [63:0] sq_ring;  // As in cqp_qp_wqe
  } tern_hw_qp_ring_t;

  // One of 16 in the irrq object of a QP: what a repeated atomic request is answered with
  localparam int unsigned TERN_HW_ATOMIC_RESULT_BYTES = 16;
  typedef struct packed {
    logic [63:0] value;  // Contents before the operation
    struct packed {
      logic [0:0] valid;
      logic [38:0] rsvd_24;
      logic [23:0] psn;
    } what;
  } tern_hw_atomic_result_t;

  // ALLOC_MR (attr, pbl, pages), REG_MR and REREG_MR (all), DEREG_MR (hdr)
  localparam int unsigned TERN_HW_CQP_MR_WQE_BYTES = 64;
  typedef struct packed {
    logic [127:0] rsvd;  // 0
    logic [63:0] pages;  // level 1 and 2: entries of the page list
    logic [63:0] pbl;  // level 0: bus address of the first byte. Else index of the first page-list entry, a multiple of 8
    logic [63:0] length;  // Bytes, at least 1; va + length - 1 does not wrap. All ones with va 0: the whole address space
    logic [63:0] va;  // First address
    logic [63:0] attr;  // As in mrte, without valid and free
    logic [63:0] hdr;  // As in cqp_wqe; id is the index of the region: bits 31:8 of its key
  } tern_hw_cqp_mr_wqe_t;

  // Memory region table entry
  localparam int unsigned TERN_HW_MRTE_BYTES = 64;
  typedef struct packed {
    logic [191:0] rsvd;  // 0
    logic [63:0] pages;  // Entries of the page list
    logic [63:0] pbl;  // As in cqp_mr_wqe. Entry n is for address (va rounded down to a page) + n pages
    logic [63:0] length;  // Bytes
    logic [63:0] va;  // First address
    struct packed {
      logic [7:0] rsvd_56;
      logic [23:0] pd;  // Protection domain
      logic [7:0] key;  // Bits 7:0 of the key
      logic [8:0] rsvd_15;
      logic [4:0] page_shift;  // level 1 and 2: log2 of the page size, 12 to 30
      logic [1:0] level;  // 0: contiguous; 1: page list; 2: list of page-list indexes, each of 512 entries
      logic [3:0] access;  // enum access bits
      logic [0:0] priv;  // Only for QPs with priv; local access only; its protection domain is not looked at
      logic [0:0] fast;  // Made by alloc_mr: invalidation makes it free again. Others cannot be invalidated by a work request
      logic [0:0] free;  // Allocated by alloc_mr, may be registered by work request
      logic [0:0] valid;  // Accesses are possible
    } attr;
  } tern_hw_mrte_t;

  // Kinds of objects in the host memory cache
  typedef enum logic [3:0] {
    TERN_HW_HMC_KIND_QP = 4'h0,  // QP object, 512 B: 8 lines, enum qp_line
    TERN_HW_HMC_KIND_CQ = 4'h1,  // CQ context, 64 B
    TERN_HW_HMC_KIND_SRQ = 4'h2,  // SRQ context, 64 B
    TERN_HW_HMC_KIND_MRTE = 4'h3,  // Memory region table entry, 64 B
    TERN_HW_HMC_KIND_PBLE = 4'h4,  // Page-list entry, 8 B
    TERN_HW_HMC_KIND_IRRQ = 4'h5  // Results of the last 16 atomics of a QP, 256 B, struct atomic_result; same index as the QP
  } tern_hw_hmc_kind_e;

  // Function-private memory: limits, counts and layout
  localparam int unsigned TERN_HW_FPM_BYTES = 256;
  typedef struct packed {
    logic [1919:0] kind;  // struct fpm_kind for each of 15 kinds, indexed by enum hmc_kind; unknown kinds are 0
    logic [63:0] rsvd0;  // 0
    logic [31:0] used_sds;  // COMMIT, written back: segments that the layout spans
    logic [31:0] max_sds;  // QUERY: segment descriptors that the device has
  } tern_hw_fpm_t;

  // One kind of object in struct fpm
  localparam int unsigned TERN_HW_FPM_KIND_BYTES = 16;
  typedef struct packed {
    logic [63:0] base;  // COMMIT, written back: offset of object 0 in function-private memory. Kinds follow each other in order, each base aligned to 2 MiB
    logic [31:0] log_size;  // QUERY and COMMIT, written back: log2 of the object size in bytes
    logic [31:0] count;  // QUERY: the most there can be. COMMIT: how many are asked for
  } tern_hw_fpm_kind_t;

  // CQ context in the host memory cache. Owned by the device; the host only provides zeroed memory
  localparam int unsigned TERN_HW_CQ_CTX_BYTES = 64;
  typedef struct packed {
    logic [127:0] rsvd;  // 0
    struct packed {
      logic [39:0] rsvd_24;
      logic [23:0] index;  // Producer index behind the last solicited CQE
    } solicit;
    struct packed {
      logic [10:0] rsvd_53;
      logic [0:0] timing;  // The timer of mode timer runs
      logic [0:0] armed;  // An event is asked for
      logic [2:0] arm_mode;  // Mode of the arm in force
      logic [23:0] consumer;  // Last consumer index that a doorbell told
      logic [23:0] producer;  // CQEs written, modulo 2^24
    } indexes;
    logic [63:0] page_addr;  // Bus address of the ring page that the producer index is in
    logic [63:0] moderation;  // As in cqp_cq_wqe
    struct packed {
      logic [15:0] rsvd_48;
      logic [15:0] page;  // As in cqp_cq_wqe
      logic [0:0] mapped;  // page_pfn holds the page of the producer index
      logic [3:0] rsvd_27;
      logic [2:0] mode;  // As in cqp_cq_wqe
      logic [7:0] ceq;  // As in cqp_cq_wqe
      logic [0:0] rsvd_15;
      logic [0:0] ceq_valid;  // As in cqp_cq_wqe
      logic [0:0] rsvd_13;
      logic [4:0] page_shift;  // As in cqp_cq_wqe
      logic [0:0] error;  // The CQ stopped
      logic [0:0] valid;  // The CQ exists
      logic [0:0] level;  // As in cqp_cq_wqe
      logic [4:0] log_size;  // As in cqp_cq_wqe
    } attr;
    logic [63:0] ring;  // As in cqp_cq_wqe
  } tern_hw_cq_ctx_t;

  // What QUERY_CAPS reports
  localparam int unsigned TERN_HW_CAPS_BYTES = 128;
  typedef struct packed {
    logic [319:0] rsvd;  // 0
    logic [31:0] rsvd0;  // 0
    logic [31:0] mcast_qps;  // QPs in a group
    logic [31:0] mcast_groups;  // Multicast groups; 0: ATTACH_MCAST is not built
    logic [31:0] transports;  // Bit n: QPs of type n of enum qp_type can be made
    logic [31:0] push_slots;  // Slots of a push page; 0: pushing is not built
    logic [31:0] max_rd;  // READs and atomics under way per QP, each direction
    logic [31:0] max_inline;  // Bytes of inline data
    logic [31:0] max_sge;  // SGEs of a work queue entry
    logic [31:0] max_log_rq;  // log2 of the most entries of an RQ
    logic [31:0] max_log_sq;  // log2 of the most slots of an SQ
    logic [31:0] max_log_cqp;  // log2 of the largest CQP ring
    logic [31:0] clock_khz;  // Resolution of the device clock
    logic [63:0] page_sizes;  // Page sizes of page lists: bit n stands for 2^n bytes
    logic [31:0] max_log_aeqe;  // log2 of the largest AEQ
    logic [31:0] max_log_ceqe;  // log2 of the largest CEQ
    logic [31:0] max_log_cqe;  // log2 of the largest CQ, in entries
    logic [31:0] gids;  // GID table entries
    logic [31:0] pages;  // Doorbell pages
    logic [31:0] ceqs;  // Completion event queues
    logic [31:0] vectors;  // Interrupt vectors
    logic [31:0] version;  // As register version
  } tern_hw_caps_t;

  // Counters in struct stats, each 64 bits wide
  typedef enum logic [5:0] {
    TERN_HW_STAT_CQP_DONE = 6'h0,  // Commands completed
    TERN_HW_STAT_CQP_FAILED = 6'h1,  // Commands completed with an error
    TERN_HW_STAT_CQE = 6'h2,  // Entries written to CQs
    TERN_HW_STAT_CEQE = 6'h3,  // Entries written to CEQs
    TERN_HW_STAT_AEQE = 6'h4,  // Entries written to the AEQ
    TERN_HW_STAT_IRQ = 6'h5,  // Interrupts raised
    TERN_HW_STAT_DOORBELL = 6'h6,  // Doorbells taken
    TERN_HW_STAT_DOORBELL_BAD = 6'h7,  // Doorbells refused
    TERN_HW_STAT_DMA_READ = 6'h8,  // DMA read requests
    TERN_HW_STAT_DMA_READ_ERR = 6'h9,  // DMA read requests that failed
    TERN_HW_STAT_DMA_WRITE = 6'ha,  // DMA write requests
    TERN_HW_STAT_DMA_WRITE_ERR = 6'hb,  // DMA write requests that failed
    TERN_HW_STAT_HMC_ACCESS = 6'hc,  // HMC accesses
    TERN_HW_STAT_HMC_ERR = 6'hd,  // HMC accesses refused
    TERN_HW_STAT_PD_HIT = 6'he,  // Page descriptors found in the cache
    TERN_HW_STAT_PD_MISS = 6'hf,  // Page descriptors fetched
    TERN_HW_STAT_CQ_HIT = 6'h10,  // CQ contexts found in the cache
    TERN_HW_STAT_CQ_MISS = 6'h11,  // CQ contexts fetched
    TERN_HW_STAT_AE_LOST = 6'h12,  // Asynchronous events lost or suppressed
    TERN_HW_STAT_CE_LOST = 6'h13,  // Completion events lost
    TERN_HW_STAT_TX_FRAMES = 6'h14,  // Frames sent
    TERN_HW_STAT_TX_BYTES = 6'h15,  // Bytes of them, without FCS
    TERN_HW_STAT_RX_FRAMES = 6'h16,  // Frames received
    TERN_HW_STAT_RX_BYTES = 6'h17,  // Bytes of them, without FCS
    TERN_HW_STAT_RX_BAD = 6'h18,  // Frames that the MAC found bad, too short or too long
    TERN_HW_STAT_RX_OVERRUN = 6'h19,  // Frames that found no room
    TERN_HW_STAT_RX_FILTERED = 6'h1a,  // Frames for other stations
    TERN_HW_STAT_RX_ROCE = 6'h1b,  // RoCEv2 packets for a local GID or an attached group
    TERN_HW_STAT_RX_ICRC = 6'h1c,  // RoCEv2 packets with a wrong ICRC
    TERN_HW_STAT_RX_HEADER = 6'h1d,  // RoCEv2 packets with a wrong header, length or opcode
    TERN_HW_STAT_RX_QP = 6'h1e,  // RoCEv2 packets for a QP that does not exist, is of another type, is not ready, or (RC, UC) has another peer address or GID
    TERN_HW_STAT_TX_REQUESTS = 6'h1f,  // Request packets sent
    TERN_HW_STAT_TX_RESENT = 6'h20,  // Times that a requester went back
    TERN_HW_STAT_TX_RESPONSES = 6'h21,  // READ and atomic response packets sent
    TERN_HW_STAT_TX_ACKS = 6'h22,  // ACKs sent
    TERN_HW_STAT_TX_NAKS = 6'h23,  // NAKs sent, of all kinds
    TERN_HW_STAT_RX_REQUESTS = 6'h24,  // Request packets in sequence
    TERN_HW_STAT_RX_DUPLICATES = 6'h25,  // Request packets seen before
    TERN_HW_STAT_RX_GAPS = 6'h26,  // Request packets ahead of sequence
    TERN_HW_STAT_RX_RNR = 6'h27,  // Messages that found no receive queue entry
    TERN_HW_STAT_RX_ACKS = 6'h28,  // ACKs received
    TERN_HW_STAT_RX_NAKS_SEQ = 6'h29,  // Sequence NAKs received
    TERN_HW_STAT_RX_NAKS_RNR = 6'h2a,  // RNR NAKs received
    TERN_HW_STAT_RX_NAKS_ERR = 6'h2b,  // Other NAKs received
    TERN_HW_STAT_RX_RESPONSES = 6'h2c,  // READ and atomic response packets in sequence
    TERN_HW_STAT_RX_READ_GAPS = 6'h2d,  // READ and atomic response packets out of sequence
    TERN_HW_STAT_RX_STRAY = 6'h2e,  // Responses that nobody waits for, but for ACKs that come late
    TERN_HW_STAT_TIMEOUTS = 6'h2f,  // Local ACK timeouts
    TERN_HW_STAT_MR_HIT = 6'h30,  // Region table entries found in the cache
    TERN_HW_STAT_MR_MISS = 6'h31,  // Region table entries fetched
    TERN_HW_STAT_QP_HIT = 6'h32,  // QP lines found in the caches
    TERN_HW_STAT_QP_MISS = 6'h33,  // QP lines fetched
    TERN_HW_STAT_QP_ERRORS = 6'h34,  // QPs that went to error
    TERN_HW_STAT_TX_AGAIN = 6'h35,  // Request packets that had been sent before
    TERN_HW_STAT_TX_DROPPED = 6'h36,  // Packets that did not leave: their QP has no address, or the GID is gone
    TERN_HW_STAT_RX_CNP = 6'h37,  // Congestion notifications received
    TERN_HW_STAT_RX_DROPPED = 6'h38,  // Packets of UC, UD and GSI QPs dropped: a gap before them, a wrong length or order, no right, Q_Key
    TERN_HW_STAT_RX_QKEY = 6'h39,  // Of these, those with a wrong Q_Key
    TERN_HW_STAT_RX_MCAST = 6'h3a  // Packets received for multicast groups that a QP is attached to
  } tern_hw_stat_e;

  // What QUERY_STATS reports
  localparam int unsigned TERN_HW_STATS_BYTES = 512;
  typedef struct packed {
    logic [4095:0] counter;  // Indexed by enum stat; unknown ones are 0
  } tern_hw_stats_t;

  // Offset of an Ethernet doorbell in page 0; stores as for enum db
  typedef enum logic [11:0] {
    TERN_HW_ETH_DB_AQ = 12'h30,  // Admin queue, struct db_q with num 0; index counts entries
    TERN_HW_ETH_DB_CQ = 12'h38,  // Ethernet CQ, struct db_cq; 0 is the ACQ. An arm also re-arms the CQ's interrupt vector and takes back its level
    TERN_HW_ETH_DB_SQ = 12'h40,  // Send queue, struct db_q; index counts descriptors. Covers whole frames
    TERN_HW_ETH_DB_RQ = 12'h48  // Receive queue, struct db_q; index counts descriptors
  } tern_hw_eth_db_e;

  // Admin queue commands
  typedef enum logic [5:0] {
    TERN_HW_AQ_OP_NOP = 6'h0,  // Does nothing
    TERN_HW_AQ_OP_CREATE_CQ = 6'h1,  // Create a completion queue, struct aq_cq_cmd
    TERN_HW_AQ_OP_DESTROY_CQ = 6'h2,  // Destroy a completion queue that no other queue uses; completes when none of its entries is on the way
    TERN_HW_AQ_OP_CREATE_SQ = 6'h4,  // Create a send or receive queue, struct aq_sq_cmd
    TERN_HW_AQ_OP_DESTROY_SQ = 6'h5,  // Destroy a send or receive queue; completes when no access to its ring and buffers is under way. What it had begun has its completion before
    TERN_HW_AQ_OP_SET_PORT = 6'h8,  // Set MAC address and receive filter, struct aq_port_cmd
    TERN_HW_AQ_OP_GET_PORT = 6'h9,  // Result: struct eth_port
    TERN_HW_AQ_OP_QUERY_STATS = 6'hc  // Write struct eth_stats to a buffer, struct aq_buf_cmd
  } tern_hw_aq_op_e;

  // Outcome of an admin command; if not ok nothing was changed
  typedef enum logic [7:0] {
    TERN_HW_AQ_STATUS_OK = 8'h0,  // Done
    TERN_HW_AQ_STATUS_OPCODE = 8'h1,  // Undefined opcode
    TERN_HW_AQ_STATUS_ID = 8'h2,  // Number of the queue out of range
    TERN_HW_AQ_STATUS_ADDRESS = 8'h3,  // Address not aligned as the command asks; a MAC address that is none of a station
    TERN_HW_AQ_STATUS_SIZE = 8'h4,  // Size out of range
    TERN_HW_AQ_STATUS_MODE = 8'h5,  // Moderation mode not defined
    TERN_HW_AQ_STATUS_CQ = 8'h6,  // The completion queue out of range, or it does not exist, or it is the ACQ
    TERN_HW_AQ_STATUS_EXISTS = 8'h7,  // The queue exists already
    TERN_HW_AQ_STATUS_MISSING = 8'h8,  // The queue does not exist
    TERN_HW_AQ_STATUS_IN_USE = 8'h9,  // The completion queue is used by a send or receive queue
    TERN_HW_AQ_STATUS_WRITE = 8'ha  // The bus refused a write
  } tern_hw_aq_status_e;

  // Command as the AQ fetches it. The header is written last
  localparam int unsigned TERN_HW_AQ_CMD_BYTES = 64;
  typedef struct packed {
    logic [447:0] arg;  // Depends on the command; unused ones are 0
    struct packed {
      logic [0:0] polarity;  // 1 in the first pass over the ring, flips with every wrap
      logic [32:0] rsvd_30;
      logic [5:0] op;  // enum aq_op
      logic [7:0] rsvd_16;
      logic [15:0] id;  // Number of the queue
    } hdr;
  } tern_hw_aq_cmd_t;

  // CREATE_CQ. id is 1 or above
  localparam int unsigned TERN_HW_AQ_CQ_CMD_BYTES = 64;
  typedef struct packed {
    logic [255:0] rsvd;  // 0
    struct packed {
      logic [15:0] rsvd_48;
      logic [31:0] period;  // ns for mode timer
      logic [15:0] count;  // CQEs for mode count; 0 means 1
    } moderation;
    struct packed {
      logic [44:0] rsvd_19;
      logic [2:0] mode;  // enum cq_mode behind arm mode configured; not configured itself
      logic [1:0] rsvd_14;
      logic [5:0] vec;  // Interrupt vector
      logic [1:0] rsvd_6;
      logic [0:0] vec_valid;  // Events raise vec, else there are none
      logic [4:0] log_size;  // Ring size, log2 of the number of 32 B entries, 1 to 16
    } attr;
    logic [63:0] ring;  // Address of the ring, aligned to 4 KiB, contiguous
    logic [63:0] hdr;  // As in aq_cmd
  } tern_hw_aq_cq_cmd_t;

  // CREATE_SQ (all), DESTROY_SQ (hdr and attr.rx)
  localparam int unsigned TERN_HW_AQ_SQ_CMD_BYTES = 64;
  typedef struct packed {
    logic [319:0] rsvd;  // 0
    struct packed {
      logic [31:0] rsvd_32;
      logic [15:0] cqn;  // Completion queue, not the ACQ
      logic [9:0] rsvd_6;
      logic [0:0] rx;  // A receive queue, else a send queue
      logic [4:0] log_size;  // Ring size, log2 of the number of 16 B descriptors, 2 to eth_caps.max_log
    } attr;
    logic [63:0] ring;  // Address of the ring, aligned to 4 KiB, contiguous
    logic [63:0] hdr;  // As in aq_cmd. Send and receive queues are numbered separately
  } tern_hw_aq_sq_cmd_t;

  // SET_PORT
  localparam int unsigned TERN_HW_AQ_PORT_CMD_BYTES = 64;
  typedef struct packed {
    logic [319:0] rsvd;  // 0
    struct packed {
      logic [60:0] rsvd_3;
      logic [0:0] multicast;
      logic [0:0] promisc;
      logic [0:0] mac;
    } mask;
    logic [63:0] port;  // struct eth_port
    logic [63:0] hdr;  // As in aq_cmd; id is 0
  } tern_hw_aq_port_cmd_t;

  // QUERY_STATS
  localparam int unsigned TERN_HW_AQ_BUF_CMD_BYTES = 64;
  typedef struct packed {
    logic [383:0] rsvd;  // 0
    logic [63:0] addr;  // Buffer, aligned to 128 bytes
    logic [63:0] hdr;  // As in aq_cmd; id is 0
  } tern_hw_aq_buf_cmd_t;

  // Address and receive filter of the Ethernet port
  localparam int unsigned TERN_HW_ETH_PORT_BYTES = 8;
  typedef struct packed {
    struct packed {
      logic [13:0] rsvd_50;
      logic [0:0] multicast;  // Take frames for all groups, else only broadcast; 1 after reset
      logic [0:0] promisc;  // Take frames for all stations
      logic [47:0] mac;  // Station address, its first octet in the highest byte; register mac after reset
    } w;
  } tern_hw_eth_port_t;

  // ACQ entry; has the size and the polarity place of a CQE
  localparam int unsigned TERN_HW_ACQE_BYTES = 32;
  typedef struct packed {
    struct packed {
      logic [0:0] polarity;  // As in a CQE
      logic [6:0] rsvd_56;
      logic [15:0] index;  // Index of the command
      logic [7:0] status;  // enum aq_status
      logic [1:0] rsvd_30;
      logic [5:0] opcode;  // enum aq_op
      logic [7:0] rsvd_16;
      logic [15:0] id;  // The id of the command
    } info;
    logic [63:0] rsvd;  // 0
    logic [63:0] result;  // Command-specific result
    logic [63:0] timestamp;  // Device clock in ns when the entry was written
  } tern_hw_acqe_t;

  // Descriptor of a send queue. A frame has 1 to 32 of them
  localparam int unsigned TERN_HW_ETH_TX_DESC_BYTES = 16;
  typedef struct packed {
    struct packed {
      logic [45:0] rsvd_18;
      logic [0:0] complete;  // With last: a completion is wanted. Frames that fail complete always
      logic [0:0] last;  // The frame ends here
      logic [1:0] rsvd_14;
      logic [13:0] len;  // Bytes, 1 to 9216; 14 to 9216 in the whole frame
    } ctl;
    logic [63:0] addr;  // Bus address
  } tern_hw_eth_tx_desc_t;

  // Descriptor of a receive queue; takes one frame. One that is too short for a frame stays for the next
  localparam int unsigned TERN_HW_ETH_RX_DESC_BYTES = 16;
  typedef struct packed {
    struct packed {
      logic [49:0] rsvd_14;
      logic [13:0] len;  // Bytes
    } ctl;
    logic [63:0] addr;  // Bus address
  } tern_hw_eth_rx_desc_t;

  // Completion of a frame; has the size and the polarity place of a CQE
  localparam int unsigned TERN_HW_ETH_CQE_BYTES = 32;
  typedef struct packed {
    struct packed {
      logic [0:0] polarity;  // As in a CQE
      logic [6:0] rsvd_56;
      logic [15:0] index;  // Index of the (last) descriptor, modulo 2^16; all before it are done too
      logic [7:0] status;  // enum wc_status: success; loc_qp_op: malformed descriptors, or the queue was destroyed before all of the frame was read; loc_len: frame too short or too long; general: the bus refused an access
      logic [14:0] rsvd_17;
      logic [0:0] rx;  // A receive queue, else a send queue
      logic [15:0] qid;  // Number of the queue
    } info;
    logic [63:0] meta;  // 0; for hash and VLAN tag to come
    logic [31:0] csum;  // 0; for checksums to come
    logic [31:0] len;  // Bytes of the frame
    logic [63:0] timestamp;  // Device clock in ns when the entry was written
  } tern_hw_eth_cqe_t;

  // What QUERY_STATS of the AQ reports
  localparam int unsigned TERN_HW_ETH_STATS_BYTES = 128;
  typedef struct packed {
    logic [1023:0] counter;  // Indexed by enum eth_stat; unknown ones are 0
  } tern_hw_eth_stats_t;

  // Counters in struct eth_stats
  typedef enum logic [3:0] {
    TERN_HW_ETH_STAT_TX_FRAMES = 4'h0,  // Frames sent
    TERN_HW_ETH_STAT_TX_BYTES = 4'h1,  // Bytes of them, without FCS
    TERN_HW_ETH_STAT_TX_BAD = 4'h2,  // Frames refused for their descriptors
    TERN_HW_ETH_STAT_TX_ERR = 4'h3,  // Frames not sent because the bus refused data
    TERN_HW_ETH_STAT_RX_FRAMES = 4'h4,  // Frames written to receive buffers
    TERN_HW_ETH_STAT_RX_BYTES = 4'h5,  // Bytes of them, without FCS
    TERN_HW_ETH_STAT_RX_NO_DESC = 4'h6,  // Frames dropped because no descriptor was there
    TERN_HW_ETH_STAT_RX_LONG = 4'h7,  // Frames dropped because the descriptor was too short
    TERN_HW_ETH_STAT_RX_ERR = 4'h8,  // Descriptors or frames lost because the bus refused an access
    TERN_HW_ETH_STAT_CQ_ERR = 4'h9  // Completion queues that stopped (overrun or bus), and completions that they lost
  } tern_hw_eth_stat_e;

endpackage
