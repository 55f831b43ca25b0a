/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Do not edit, generated from abi/tern_hw.def */
#ifndef TERN_HW_H
#define TERN_HW_H

#include <linux/types.h>

/* PCI identity */
enum tern_hw_pci {
	TERN_HW_PCI_VENDOR = 0x1234,	/* Vendor ID (not assigned by PCI-SIG; QEMU's and Bochs' experimental range) */
	TERN_HW_PCI_DEVICE = 0x7e40,	/* Device ID */
};

/* Value of register version */
enum tern_hw_hw_version {
	TERN_HW_HW_VERSION_MAJOR = 0x1,	/* Major number */
	TERN_HW_HW_VERSION_MINOR = 0x0,	/* Minor number */
};

/* PCI base address registers */
enum tern_hw_bar {
	TERN_HW_BAR_REGS = 0x0,	/* Registers, 64 KiB */
	TERN_HW_BAR_DOORBELLS = 0x2,	/* Doorbell pages, 4 KiB each; page 0 belongs to the kernel */
	TERN_HW_BAR_MSIX = 0x4,	/* MSI-X table and pending bits */
};

/* Value of register id */
enum tern_hw_magic {
	TERN_HW_MAGIC_VALUE = 0x6e726574,	/* 'tern' in ASCII, first letter in the lowest byte */
};

/* Constant that names the device, enum magic */
#define TERN_HW_REG_ID	0x0000

/* Version of the RTL; a driver refuses an unknown major number */
#define TERN_HW_REG_VERSION	0x0004
#define TERN_HW_REG_VERSION_MINOR_MASK	0x0000ffffu	/* Grows with compatible additions */
#define TERN_HW_REG_VERSION_MAJOR_MASK	0xffff0000u	/* Grows when this contract breaks */

/* Device control */
#define TERN_HW_REG_DEV_CTRL	0x0008
#define TERN_HW_REG_DEV_CTRL_RESET_MASK	0x00000001u	/* Write 1: DMA drains, then all state but PCI configuration returns to its power-on value; reads 1 until done */

/* Device status */
#define TERN_HW_REG_DEV_STATUS	0x000c
#define TERN_HW_REG_DEV_STATUS_READY_MASK	0x00000001u	/* Out of reset; other registers may be used */
#define TERN_HW_REG_DEV_STATUS_DMA_IDLE_MASK	0x00000002u	/* No DMA request is outstanding */
#define TERN_HW_REG_DEV_STATUS_FATAL_MASK	0x0000ff00u	/* enum fatal: 0, or why the device stopped until the next reset */

/* Permanent MAC address: its last four octets, the last one in the lowest byte */
#define TERN_HW_REG_MAC_LO	0x0010

/* Permanent MAC address: its first two octets, the second one in the lowest byte */
#define TERN_HW_REG_MAC_HI	0x0014

/* Link of the Ethernet port */
#define TERN_HW_REG_LINK	0x0018
#define TERN_HW_REG_LINK_UP_MASK	0x00000001u	/* Carrier present */
#define TERN_HW_REG_LINK_SPEED_MASK	0xffffff00u	/* Speed in Mbit/s */

/* Causes behind vector 0; writing a 1 acknowledges that cause. Vector 0 fires, when armed, while any is set */
#define TERN_HW_REG_MISC_CAUSE	0x001c
#define TERN_HW_REG_MISC_CAUSE_LINK_MASK	0x00000001u	/* Register link has changed */
#define TERN_HW_REG_MISC_CAUSE_FATAL_MASK	0x00000002u	/* Register dev_status has a new fatal code */

/* Sizes of on-chip tables */
#define TERN_HW_REG_CAPS	0x0020
#define TERN_HW_REG_CAPS_VECTORS_MASK	0x000000ffu	/* Interrupt vectors */
#define TERN_HW_REG_CAPS_CEQS_MASK	0x0000ff00u	/* Completion event queues */
#define TERN_HW_REG_CAPS_PAGES_MASK	0xffff0000u	/* Doorbell pages in BAR 2 */

/* Device clock in ns, low half; reading it latches now_hi */
#define TERN_HW_REG_NOW_LO	0x0028

/* Device clock in ns, high half as of the last read of now_lo */
#define TERN_HW_REG_NOW_HI	0x002c

/* Bus address of the CQP ring, low half; aligned to 64 bytes; fixed while enabled */
#define TERN_HW_REG_CQP_BASE_LO	0x0100

/* Bus address of the CQP ring, high half */
#define TERN_HW_REG_CQP_BASE_HI	0x0104

/* CQP control */
#define TERN_HW_REG_CQP_CTRL	0x0108
#define TERN_HW_REG_CQP_CTRL_ENABLE_MASK	0x00000001u	/* 0 to 1: indexes and polarity start afresh. 1 to 0: stops after the command in progress */
#define TERN_HW_REG_CQP_CTRL_LOG_SIZE_MASK	0x00001f00u	/* Ring size, log2 of the number of 64 B entries, 1 to 12; enable stays 0 with any other */

/* CQP status */
#define TERN_HW_REG_CQP_STATUS	0x010c
#define TERN_HW_REG_CQP_STATUS_ENABLED_MASK	0x00000001u	/* Serving commands; follows cqp_ctrl.enable */
#define TERN_HW_REG_CQP_STATUS_HALTED_MASK	0x00000002u	/* Stopped by a fetch error or a polarity mismatch until it is disabled and enabled again; cqp_err tells which */

/* Progress of the CQP */
#define TERN_HW_REG_CQP_TAIL	0x0110
#define TERN_HW_REG_CQP_TAIL_INDEX_MASK	0x0000ffffu	/* Completed commands, modulo 2^16 */
#define TERN_HW_REG_CQP_TAIL_ERROR_MASK	0x80000000u	/* The last completed command failed; cqp_err tells why */

/* Outcome of the last completed command */
#define TERN_HW_REG_CQP_ERR	0x0114
#define TERN_HW_REG_CQP_ERR_MINOR_MASK	0x0000ffffu	/* enum cqp_minor */
#define TERN_HW_REG_CQP_ERR_MAJOR_MASK	0xffff0000u	/* enum cqp_major */

/* Result of the last completed command, low half */
#define TERN_HW_REG_CQP_RESULT_LO	0x0118

/* Result of the last completed command, high half */
#define TERN_HW_REG_CQP_RESULT_HI	0x011c

/* Bus address of the admin queue (AQ), low half; aligned to 64 bytes; fixed while enabled */
#define TERN_HW_REG_AQ_BASE_LO	0x0200

/* Bus address of the AQ, high half */
#define TERN_HW_REG_AQ_BASE_HI	0x0204

/* Bus address of the admin completion queue (ACQ), low half; aligned to 4 KiB; fixed while enabled */
#define TERN_HW_REG_ACQ_BASE_LO	0x0208

/* Bus address of the ACQ, high half */
#define TERN_HW_REG_ACQ_BASE_HI	0x020c

/* AQ control */
#define TERN_HW_REG_AQ_CTRL	0x0210
#define TERN_HW_REG_AQ_CTRL_ENABLE_MASK	0x00000001u	/* 0 to 1: indexes and polarity start afresh, the ACQ becomes Ethernet CQ 0. 1 to 0: after the command in progress all Ethernet queues are destroyed, the ACQ last */
#define TERN_HW_REG_AQ_CTRL_LOG_SIZE_MASK	0x00000f00u	/* AQ and ACQ size, log2 of the number of entries (64 B and 32 B), 1 to 12; enable stays 0 with any other */
#define TERN_HW_REG_AQ_CTRL_VEC_VALID_MASK	0x00010000u	/* The ACQ raises interrupts */
#define TERN_HW_REG_AQ_CTRL_VEC_MASK	0x3f000000u	/* Interrupt vector of the ACQ */

/* AQ status */
#define TERN_HW_REG_AQ_STATUS	0x0214
#define TERN_HW_REG_AQ_STATUS_ENABLED_MASK	0x00000001u	/* Serving commands; follows aq_ctrl.enable. 0 means that nothing of the Ethernet half does DMA */
#define TERN_HW_REG_AQ_STATUS_HALTED_MASK	0x00000002u	/* Stopped by a fetch error, a polarity mismatch or a bad acq_base until it is disabled and enabled again */
#define TERN_HW_REG_AQ_STATUS_TAIL_MASK	0xffff0000u	/* Completed commands, modulo 2^16 */

/* Sizes of the Ethernet half */
#define TERN_HW_REG_ETH_CAPS	0x0218
#define TERN_HW_REG_ETH_CAPS_SQS_MASK	0x000000ffu	/* Send queues */
#define TERN_HW_REG_ETH_CAPS_RQS_MASK	0x0000ff00u	/* Receive queues */
#define TERN_HW_REG_ETH_CAPS_CQS_MASK	0x00ff0000u	/* Completion queues, the ACQ included */
#define TERN_HW_REG_ETH_CAPS_MAX_LOG_MASK	0x0f000000u	/* log2 of the most descriptors of a queue */

/* Interrupt vector control. A vector masks itself when it fires and fires again only after re-arming */
#define TERN_HW_REG_INT_CTL(n)	(0x1000 + 0x4 * (n))
#define TERN_HW_REG_INT_CTL_COUNT	64
#define TERN_HW_REG_INT_CTL_ARM_MASK	0x00000001u	/* Write 1 to arm; reads 1 while armed */
#define TERN_HW_REG_INT_CTL_DISARM_MASK	0x00000002u	/* Write 1 to disarm */
#define TERN_HW_REG_INT_CTL_TRIGGER_MASK	0x00000004u	/* Write 1 to raise one interrupt on this vector (self test) */
#define TERN_HW_REG_INT_CTL_LEVEL_MASK	0x00000008u	/* Reads 1 while an event queue of this vector holds unconsumed events */

/* Interrupt moderation: least time between two interrupts of the vector */
#define TERN_HW_REG_INT_ITR(n)	(0x1100 + 0x4 * (n))
#define TERN_HW_REG_INT_ITR_COUNT	64
#define TERN_HW_REG_INT_ITR_INTERVAL_MASK	0x00ffffffu	/* In units of 64 ns; 0: no moderation */

/* Why the device stopped */
enum tern_hw_fatal {
	TERN_HW_FATAL_NONE = 0x0,	/* It runs */
	TERN_HW_FATAL_DMA_WRITE = 0x1,	/* The AEQ could not be written */
};

/* BAR 2: doorbell pages, then as many push pages; page n of both belong to the same owner */
enum tern_hw_db_space {
	TERN_HW_DB_SPACE_DOORBELLS = 0x0,	/* Doorbell pages, 4 KiB each */
	TERN_HW_DB_SPACE_PUSH = 0x400000,	/* Push pages, 4 KiB each: 64 slots of 64 B, to be mapped write-combining. A store has no effect until a doorbell of the same page names its slot; behind that doorbell the slot may be used again */
};

/* Offset of a doorbell in its 4 KiB page; each is one aligned 64-bit store. Stores elsewhere are ignored and reported */
enum tern_hw_db {
	TERN_HW_DB_SQ = 0x0,	/* Send queue, struct db_q */
	TERN_HW_DB_RQ = 0x8,	/* Receive queue, struct db_q */
	TERN_HW_DB_CQ = 0x10,	/* Completion queue, struct db_cq */
	TERN_HW_DB_EQ = 0x20,	/* Event queue, struct db_eq; page 0 only */
	TERN_HW_DB_CQP = 0x28,	/* Control queue, struct db_q with num 0; page 0 only */
};

/* Send, receive or control queue doorbell */
struct tern_hw_db_q {
	__le64 w;
};
#define TERN_HW_DB_Q_W_NUM_MASK	0x0000000000ffffffull	/* Queue number */
#define TERN_HW_DB_Q_W_PUSHED_MASK	0x0000000001000000ull	/* SQ: the last entry is one slot, and is in the push page too; the device may take it from there */
#define TERN_HW_DB_Q_W_SLOT_MASK	0x000000007e000000ull	/* SQ, with pushed: slot of the push page */
#define TERN_HW_DB_Q_W_INDEX_MASK	0xffffffff00000000ull	/* New producer index modulo 2^16, counted since creation: entries (CQP, RQ) or 64 B slots (SQ) */
_Static_assert(sizeof(struct tern_hw_db_q) == 8, "tern_hw_db_q");

/* Completion queue doorbell. Always tells how far the consumer got */
struct tern_hw_db_cq {
	__le64 w;
};
#define TERN_HW_DB_CQ_W_NUM_MASK	0x0000000000ffffffull	/* CQ number */
#define TERN_HW_DB_CQ_W_ARM_MASK	0x0000000080000000ull	/* Ask for one event; without it only the consumer index is taken */
#define TERN_HW_DB_CQ_W_MODE_MASK	0x0000000700000000ull	/* enum cq_mode: when the event is due */
#define TERN_HW_DB_CQ_W_INDEX_MASK	0xffffff0000000000ull	/* Consumer index: entries consumed since creation, modulo 2^24 */
_Static_assert(sizeof(struct tern_hw_db_cq) == 8, "tern_hw_db_cq");

/* Event queue doorbell */
struct tern_hw_db_eq {
	__le64 w;
};
#define TERN_HW_DB_EQ_W_NUM_MASK	0x00000000000000ffull	/* Number of the CEQ */
#define TERN_HW_DB_EQ_W_AEQ_MASK	0x0000000000000100ull	/* Means the AEQ, not a CEQ */
#define TERN_HW_DB_EQ_W_ARM_MASK	0x0000000080000000ull	/* Re-arm the vector of this queue; it fires at once if entries are left */
#define TERN_HW_DB_EQ_W_INDEX_MASK	0xffffffff00000000ull	/* Consumer index: entries consumed since creation, modulo 2^24 */
_Static_assert(sizeof(struct tern_hw_db_eq) == 8, "tern_hw_db_eq");

/* When an armed CQ sends its event */
enum tern_hw_cq_mode {
	TERN_HW_CQ_MODE_DISABLED = 0x0,	/* Never: poll only */
	TERN_HW_CQ_MODE_EVERY = 0x1,	/* With the next CQE */
	TERN_HW_CQ_MODE_SOLICITED = 0x2,	/* With the next solicited or failed CQE */
	TERN_HW_CQ_MODE_TIMER = 0x3,	/* cq.period after the first CQE */
	TERN_HW_CQ_MODE_COUNT = 0x4,	/* With cq.count CQEs unconsumed */
	TERN_HW_CQ_MODE_SOLICITED_TIMER = 0x5,	/* solicited or timer, whichever is first */
	TERN_HW_CQ_MODE_TIMER_COUNT = 0x6,	/* timer or count, whichever is first */
	TERN_HW_CQ_MODE_CONFIGURED = 0x7,	/* As CREATE_CQ or MODIFY_CQ set it */
};

/* Completion queue entry. Written by the device, read by the host. Complete in itself */
struct tern_hw_cqe {
	__le64 timestamp;	/* Device clock in ns when the entry was written */
	__le32 len;	/* Bytes that came: of a receive, a READ or an atomic; else 0 */
	__le32 imm;	/* Immediate data in network order, or the invalidated key */
	__le64 peer;
	__le64 info;	/* Read first; the rest only after polarity says that the entry is new */
};
#define TERN_HW_CQE_PEER_SRC_QPN_MASK	0x0000000000ffffffull	/* UD: sender's QP number */
#define TERN_HW_CQE_PEER_GRH_MASK	0x0000000001000000ull	/* UD: the first 40 bytes of the buffer are for the network header, and are counted in len. IPv6: they are it; IPv4: bytes 20 to 39 are it, those before are not written */
#define TERN_HW_CQE_PEER_IPV4_MASK	0x0000000002000000ull	/* UD: the network header is IPv4, else IPv6 */
#define TERN_HW_CQE_PEER_VLAN_MASK	0x0000000004000000ull	/* UD: vlan_tci is valid */
#define TERN_HW_CQE_PEER_VLAN_TCI_MASK	0x0000ffff00000000ull	/* UD: VLAN tag; its priority, bits 15:13, is the service level */
#define TERN_HW_CQE_PEER_WQE_INDEX_MASK	0xffff000000000000ull	/* Index of the work queue entry that completed */
#define TERN_HW_CQE_INFO_QPN_MASK	0x0000000000ffffffull	/* Local QP number */
#define TERN_HW_CQE_INFO_OPCODE_MASK	0x00000000ff000000ull	/* enum wqe_op of the completed request; receive: enum rcv_op */
#define TERN_HW_CQE_INFO_STATUS_MASK	0x000000ff00000000ull	/* enum wc_status */
#define TERN_HW_CQE_INFO_RQ_MASK	0x0000010000000000ull	/* A receive completed, else a send */
#define TERN_HW_CQE_INFO_SOLICITED_MASK	0x0000020000000000ull	/* The peer asked for an event */
#define TERN_HW_CQE_INFO_WITH_IMM_MASK	0x0000040000000000ull	/* imm holds immediate data */
#define TERN_HW_CQE_INFO_WITH_INV_MASK	0x0000080000000000ull	/* imm holds an invalidated key */
#define TERN_HW_CQE_INFO_POLARITY_MASK	0x8000000000000000ull	/* 1 in the first pass over the ring, flips with every wrap */
_Static_assert(sizeof(struct tern_hw_cqe) == 32, "tern_hw_cqe");

/* How a work request ended; the numbers are those of verbs (enum ibv_wc_status) */
enum tern_hw_wc_status {
	TERN_HW_WC_STATUS_SUCCESS = 0x0,	/* Done */
	TERN_HW_WC_STATUS_LOC_LEN = 0x1,	/* The message does not fit: receive buffer too small, or a message above 2 GiB */
	TERN_HW_WC_STATUS_LOC_QP_OP = 0x2,	/* Malformed work queue entry, or one that the QP cannot do */
	TERN_HW_WC_STATUS_LOC_PROT = 0x4,	/* A local buffer: key, protection domain, rights or bounds wrong */
	TERN_HW_WC_STATUS_WR_FLUSH = 0x5,	/* The QP went to error before */
	TERN_HW_WC_STATUS_MW_BIND = 0x6,	/* A memory registration by work request was refused */
	TERN_HW_WC_STATUS_BAD_RESP = 0x7,	/* The peer answered what cannot be */
	TERN_HW_WC_STATUS_LOC_ACCESS = 0x8,	/* A remote operation on this side broke the rules of a local buffer */
	TERN_HW_WC_STATUS_REM_INV_REQ = 0x9,	/* NAK: invalid request */
	TERN_HW_WC_STATUS_REM_ACCESS = 0xa,	/* NAK: remote access error */
	TERN_HW_WC_STATUS_REM_OP = 0xb,	/* NAK: remote operational error */
	TERN_HW_WC_STATUS_RETRY_EXC = 0xc,	/* No answer after all retries */
	TERN_HW_WC_STATUS_RNR_RETRY_EXC = 0xd,	/* The peer was not ready after all retries */
	TERN_HW_WC_STATUS_GENERAL = 0x15,	/* The bus or the host memory cache failed */
};

/* What a receive completes */
enum tern_hw_rcv_op {
	TERN_HW_RCV_OP_SEND = 0x0,	/* SEND of any kind */
	TERN_HW_RCV_OP_WRITE_IMM = 0x1,	/* RDMA WRITE with immediate */
};

/* Entry of the CQ that serves the CQP; has the size and the polarity place of a CQE */
struct tern_hw_ccqe {
	__le64 timestamp;	/* Device clock in ns when the entry was written */
	__le64 result;	/* Command-specific result */
	__le64 error;
	__le64 info;
};
#define TERN_HW_CCQE_ERROR_MINOR_MASK	0x000000000000ffffull	/* enum cqp_minor */
#define TERN_HW_CCQE_ERROR_MAJOR_MASK	0x00000000ffff0000ull	/* enum cqp_major; 0: success */
#define TERN_HW_CCQE_ERROR_WQE_INDEX_MASK	0xffff000000000000ull	/* Index of the command */
#define TERN_HW_CCQE_INFO_ID_MASK	0x0000000000ffffffull	/* The id of the command */
#define TERN_HW_CCQE_INFO_OPCODE_MASK	0x00000000ff000000ull	/* enum cqp_op */
#define TERN_HW_CCQE_INFO_POLARITY_MASK	0x8000000000000000ull	/* As in a CQE */
_Static_assert(sizeof(struct tern_hw_ccqe) == 32, "tern_hw_ccqe");

/* Completion event queue entry */
struct tern_hw_ceqe {
	__le64 w;
};
#define TERN_HW_CEQE_W_CQN_MASK	0x0000000000ffffffull	/* CQ that has something to consume */
#define TERN_HW_CEQE_W_POLARITY_MASK	0x8000000000000000ull	/* 1 in the first pass over the ring, flips with every wrap */
_Static_assert(sizeof(struct tern_hw_ceqe) == 8, "tern_hw_ceqe");

/* Asynchronous event queue entry */
struct tern_hw_aeqe {
	__le64 detail;	/* Depends on the code; for HMC errors struct ae_hmc */
	__le64 info;	/* Read first */
};
#define TERN_HW_AEQE_INFO_ID_MASK	0x0000000000ffffffull	/* Number of the object at fault */
#define TERN_HW_AEQE_INFO_CODE_MASK	0x000000ffff000000ull	/* enum ae_code */
#define TERN_HW_AEQE_INFO_SOURCE_MASK	0x00000f0000000000ull	/* enum ae_source: what id counts */
#define TERN_HW_AEQE_INFO_OVERFLOW_MASK	0x2000000000000000ull	/* Events were lost before this one; look at all objects */
#define TERN_HW_AEQE_INFO_POLARITY_MASK	0x8000000000000000ull	/* 1 in the first pass over the ring, flips with every wrap */
_Static_assert(sizeof(struct tern_hw_aeqe) == 16, "tern_hw_aeqe");

/* Detail of an HMC event */
struct tern_hw_ae_hmc {
	__le64 w;
};
#define TERN_HW_AE_HMC_W_INDEX_MASK	0x000000000fffffffull	/* Object index that was accessed */
#define TERN_HW_AE_HMC_W_KIND_MASK	0x00000000f0000000ull	/* enum hmc_kind */
#define TERN_HW_AE_HMC_W_WRITE_MASK	0x0000000100000000ull	/* The access was a write */
_Static_assert(sizeof(struct tern_hw_ae_hmc) == 8, "tern_hw_ae_hmc");

/* Detail of a doorbell event */
struct tern_hw_ae_db {
	__le64 w;
};
#define TERN_HW_AE_DB_W_PAGE_MASK	0x000000000000ffffull	/* Doorbell page that was written */
#define TERN_HW_AE_DB_W_OFFSET_MASK	0x000000000fff0000ull	/* Offset in the page */
_Static_assert(sizeof(struct tern_hw_ae_db) == 8, "tern_hw_ae_db");

/* Detail of a QP event */
struct tern_hw_ae_qp {
	__le64 w;
};
#define TERN_HW_AE_QP_W_REASON_MASK	0x00000000000000ffull	/* enum qp_reason */
#define TERN_HW_AE_QP_W_WQE_INDEX_MASK	0x00000000ffff0000ull	/* Work queue entry at fault, if one is */
_Static_assert(sizeof(struct tern_hw_ae_qp) == 8, "tern_hw_ae_qp");

/* Why a QP went to error */
enum tern_hw_qp_reason {
	TERN_HW_QP_REASON_NONE = 0x0,	/* It did not; or the host asked for it */
	TERN_HW_QP_REASON_CONTEXT = 0x1,	/* Its context could not be read or written */
	TERN_HW_QP_REASON_SQ_FETCH = 0x2,	/* A send queue entry could not be read */
	TERN_HW_QP_REASON_SQ_ENTRY = 0x3,	/* Malformed send queue entry */
	TERN_HW_QP_REASON_SQ_ACCESS = 0x4,	/* A buffer of a send queue entry */
	TERN_HW_QP_REASON_REMOTE = 0x5,	/* The peer answered with an error */
	TERN_HW_QP_REASON_RETRY = 0x6,	/* Retries exhausted */
	TERN_HW_QP_REASON_RNR_RETRY = 0x7,	/* Receiver-not-ready retries exhausted */
	TERN_HW_QP_REASON_RESPONSE = 0x8,	/* The peer answered what cannot be */
	TERN_HW_QP_REASON_RQ_FETCH = 0x9,	/* A receive queue entry could not be read */
	TERN_HW_QP_REASON_RQ_LENGTH = 0xa,	/* A message did not fit the receive queue entry */
	TERN_HW_QP_REASON_RQ_ACCESS = 0xb,	/* A buffer of a receive queue entry */
	TERN_HW_QP_REASON_IN_REQUEST = 0xc,	/* The peer's request was not valid */
	TERN_HW_QP_REASON_IN_ACCESS = 0xd,	/* The peer's request had no right to the memory */
	TERN_HW_QP_REASON_DMA = 0xe,	/* The bus refused data */
};

/* What an asynchronous event is about */
enum tern_hw_ae_source {
	TERN_HW_AE_SOURCE_DEVICE = 0x0,	/* The device as a whole */
	TERN_HW_AE_SOURCE_CQ = 0x1,	/* A completion queue */
	TERN_HW_AE_SOURCE_CEQ = 0x2,	/* A completion event queue */
	TERN_HW_AE_SOURCE_PAGE = 0x3,	/* A doorbell page */
	TERN_HW_AE_SOURCE_CQP = 0x4,	/* The control queue pair */
	TERN_HW_AE_SOURCE_QP = 0x5,	/* A queue pair; detail is struct ae_qp */
};

/* Asynchronous events */
enum tern_hw_ae_code {
	TERN_HW_AE_CODE_HMC_INDEX = 0x101,	/* Object index at or above the committed count */
	TERN_HW_AE_CODE_HMC_SD = 0x102,	/* The segment descriptor of the object is not valid */
	TERN_HW_AE_CODE_HMC_PAGE = 0x103,	/* The page descriptor of the object is not valid */
	TERN_HW_AE_CODE_HMC_DMA = 0x104,	/* The bus refused the access to the object */
	TERN_HW_AE_CODE_CQ_OVERRUN = 0x201,	/* A CQE found no room; the CQ takes no more entries */
	TERN_HW_AE_CODE_CQ_WRITE = 0x202,	/* The bus refused a CQE; the CQ takes no more entries */
	TERN_HW_AE_CODE_CQ_CONTEXT = 0x203,	/* The context or page list of the CQ could not be read; the entry is lost */
	TERN_HW_AE_CODE_CQ_BAD = 0x204,	/* A completion for a CQ that does not exist */
	TERN_HW_AE_CODE_CEQ_OVERFLOW = 0x301,	/* Events of this CEQ were lost; look at all its CQs */
	TERN_HW_AE_CODE_CEQ_WRITE = 0x302,	/* The bus refused a CEQ entry; treat as lost */
	TERN_HW_AE_CODE_DB_OFFSET = 0x401,	/* A store to an offset that is no doorbell, or that is none in this page, or is not 64 bits wide */
	TERN_HW_AE_CODE_DB_QUEUE = 0x402,	/* A doorbell for a queue that does not exist */
	TERN_HW_AE_CODE_DB_PAGE = 0x403,	/* A doorbell for a queue that belongs to another page */
	TERN_HW_AE_CODE_DB_INDEX = 0x404,	/* A doorbell with an index that the queue cannot have */
	TERN_HW_AE_CODE_CQP_FETCH = 0x501,	/* The bus refused the fetch of a command; the CQP halted */
	TERN_HW_AE_CODE_CQP_POLARITY = 0x502,	/* A fetched command has the wrong polarity; the CQP halted */
	TERN_HW_AE_CODE_QP_FATAL = 0x601,	/* The QP went to error */
	TERN_HW_AE_CODE_QP_REQUEST = 0x602,	/* The QP went to error: invalid request of the peer */
	TERN_HW_AE_CODE_QP_ACCESS = 0x603,	/* The QP went to error: access violation by the peer */
	TERN_HW_AE_CODE_QP_COMM_EST = 0x604,	/* First packet in state RTR */
	TERN_HW_AE_CODE_QP_SQ_DRAINED = 0x605,	/* State SQD: the last request under way has completed */
	TERN_HW_AE_CODE_QP_LAST_WQE = 0x606,	/* State error: no further completion will come from the SRQ for this QP */
};

/* Control queue commands */
enum tern_hw_cqp_op {
	TERN_HW_CQP_OP_NOP = 0x0,	/* Does nothing */
	TERN_HW_CQP_OP_QUERY_CAPS = 0x1,	/* Write struct caps to a buffer */
	TERN_HW_CQP_OP_QUERY_FPM = 0x2,	/* Write struct fpm with the limits to a buffer */
	TERN_HW_CQP_OP_COMMIT_FPM = 0x3,	/* Take the counts of struct fpm and write it back with the bases */
	TERN_HW_CQP_OP_UPDATE_SDS = 0x4,	/* Set or clear segment descriptors, invalidate page descriptors */
	TERN_HW_CQP_OP_QUERY_STATS = 0x5,	/* Write struct stats to a buffer */
	TERN_HW_CQP_OP_MANAGE_GID = 0x6,	/* Set, clear or read an entry of the GID table */
	TERN_HW_CQP_OP_CREATE_CQ = 0x8,	/* Create a completion queue */
	TERN_HW_CQP_OP_MODIFY_CQ = 0x9,	/* Change the moderation of a completion queue */
	TERN_HW_CQP_OP_DESTROY_CQ = 0xa,	/* Destroy a completion queue */
	TERN_HW_CQP_OP_CREATE_CEQ = 0xc,	/* Create a completion event queue */
	TERN_HW_CQP_OP_MODIFY_CEQ = 0xd,	/* Move a completion event queue to another vector */
	TERN_HW_CQP_OP_DESTROY_CEQ = 0xe,	/* Destroy a completion event queue */
	TERN_HW_CQP_OP_CREATE_AEQ = 0x10,	/* Create the asynchronous event queue */
	TERN_HW_CQP_OP_MODIFY_AEQ = 0x11,	/* Move the asynchronous event queue to another vector */
	TERN_HW_CQP_OP_DESTROY_AEQ = 0x12,	/* Destroy the asynchronous event queue */
	TERN_HW_CQP_OP_CREATE_QP = 0x14,	/* Create a queue pair in state RESET */
	TERN_HW_CQP_OP_MODIFY_QP = 0x15,	/* Change attributes and state of a queue pair */
	TERN_HW_CQP_OP_QUERY_QP = 0x16,	/* Write struct qp_query to a buffer */
	TERN_HW_CQP_OP_DESTROY_QP = 0x17,	/* Destroy a queue pair; completes when nothing of it is under way */
	TERN_HW_CQP_OP_FLUSH_QP = 0x18,	/* State error only: completes when all entries posted before have their completion */
	TERN_HW_CQP_OP_SUSPEND_QP = 0x19,	/* Hold the send queue and the local ACK timer; completes when nothing of the queue is on the way to the wire. Responses still complete requests */
	TERN_HW_CQP_OP_RESUME_QP = 0x1a,	/* Undo suspend_qp */
	TERN_HW_CQP_OP_ALLOC_MR = 0x1c,	/* Allocate a key for registration by work request */
	TERN_HW_CQP_OP_REG_MR = 0x1d,	/* Register a memory region */
	TERN_HW_CQP_OP_DEREG_MR = 0x1e,	/* Deregister a region or free a key; completes when no access through it is under way */
	TERN_HW_CQP_OP_REREG_MR = 0x1f,	/* Change a memory region as dereg_mr and reg_mr would, in one step */
	TERN_HW_CQP_OP_ATTACH_MCAST = 0x20,	/* Let a UD QP receive what is sent to a multicast group */
	TERN_HW_CQP_OP_DETACH_MCAST = 0x21,	/* No more */
};

/* Class of a command's outcome */
enum tern_hw_cqp_major {
	TERN_HW_CQP_MAJOR_OK = 0x0,	/* Done */
	TERN_HW_CQP_MAJOR_UNSUPPORTED = 0x1,	/* The command or an option of it is not built */
	TERN_HW_CQP_MAJOR_PARAM = 0x2,	/* A parameter is wrong; nothing was changed */
	TERN_HW_CQP_MAJOR_STATE = 0x3,	/* The object is not in a state that allows it; nothing was changed */
	TERN_HW_CQP_MAJOR_DMA = 0x4,	/* The bus refused an access */
	TERN_HW_CQP_MAJOR_HMC = 0x5,	/* An object access failed */
};

/* Exact outcome of a command */
enum tern_hw_cqp_minor {
	TERN_HW_CQP_MINOR_OK = 0x0,	/* Done */
	TERN_HW_CQP_MINOR_OPCODE = 0x1,	/* Undefined opcode */
	TERN_HW_CQP_MINOR_INDEX = 0x2,	/* id out of range */
	TERN_HW_CQP_MINOR_ADDRESS = 0x3,	/* Address not aligned as the command asks */
	TERN_HW_CQP_MINOR_SIZE = 0x4,	/* Size out of range */
	TERN_HW_CQP_MINOR_VECTOR = 0x5,	/* Interrupt vector out of range */
	TERN_HW_CQP_MINOR_CEQ = 0x6,	/* CEQ out of range or not existing */
	TERN_HW_CQP_MINOR_PAGE = 0x7,	/* Doorbell page out of range */
	TERN_HW_CQP_MINOR_MODE = 0x8,	/* Moderation mode or page-list level not defined */
	TERN_HW_CQP_MINOR_EXISTS = 0x9,	/* The object exists already */
	TERN_HW_CQP_MINOR_MISSING = 0xa,	/* The object does not exist */
	TERN_HW_CQP_MINOR_IN_USE = 0xb,	/* The object is used by others */
	TERN_HW_CQP_MINOR_LIMIT = 0xc,	/* Count above the limit, or the layout needs more segments than there are; result: the kind at fault */
	TERN_HW_CQP_MINOR_COMMITTED = 0xd,	/* Segments are valid; clear them before a new layout is committed */
	TERN_HW_CQP_MINOR_SD = 0xe,	/* Segment or page index out of range, or undefined operation; result: the entry at fault */
	TERN_HW_CQP_MINOR_READ = 0xf,	/* The bus refused a read */
	TERN_HW_CQP_MINOR_WRITE = 0x10,	/* The bus refused a write */
	TERN_HW_CQP_MINOR_HMC_INDEX = 0x11,	/* Object index at or above the committed count */
	TERN_HW_CQP_MINOR_HMC_SD = 0x12,	/* The segment of the object is not valid */
	TERN_HW_CQP_MINOR_HMC_PAGE = 0x13,	/* The page of the object is not valid */
	TERN_HW_CQP_MINOR_HMC_DMA = 0x14,	/* The bus refused the access to the object */
	TERN_HW_CQP_MINOR_GID = 0x15,	/* GID operation not defined; ATTACH_MCAST, DETACH_MCAST: not the GID of a group */
	TERN_HW_CQP_MINOR_POLARITY = 0x16,	/* Wrong polarity; the CQP halted */
	TERN_HW_CQP_MINOR_CQ = 0x17,	/* CQ number out of range */
	TERN_HW_CQP_MINOR_TYPE = 0x18,	/* QP type not built; ATTACH_MCAST: not a UD QP */
	TERN_HW_CQP_MINOR_STATE = 0x19,	/* The state or the transition is not allowed */
	TERN_HW_CQP_MINOR_ATTR = 0x1a,	/* An attribute is missing, not allowed or out of range; result: its bit in enum qp_attr_mask */
	TERN_HW_CQP_MINOR_RANGE = 0x1b,	/* The region is empty, wraps around the address space, or is larger than its page list */
};

/* Command as the CQP fetches it. The header is written last */
struct tern_hw_cqp_wqe {
	__le64 hdr;
	__le64 arg[7];	/* Depends on the command; unused ones are 0 */
};
#define TERN_HW_CQP_WQE_HDR_ID_MASK	0x0000000000ffffffull	/* Number of the object */
#define TERN_HW_CQP_WQE_HDR_OP_MASK	0x000000003f000000ull	/* enum cqp_op */
#define TERN_HW_CQP_WQE_HDR_POLARITY_MASK	0x8000000000000000ull	/* 1 in the first pass over the ring, flips with every wrap */
_Static_assert(sizeof(struct tern_hw_cqp_wqe) == 64, "tern_hw_cqp_wqe");

/* QUERY_CAPS, QUERY_FPM, COMMIT_FPM, QUERY_STATS */
struct tern_hw_cqp_buf_wqe {
	__le64 hdr;	/* As in cqp_wqe */
	__le64 addr;	/* Buffer, aligned to 64 bytes, not crossing a 4 KiB boundary */
	__le64 rsvd[6];	/* 0 */
};
_Static_assert(sizeof(struct tern_hw_cqp_buf_wqe) == 64, "tern_hw_cqp_buf_wqe");

/* UPDATE_SDS. Entries take effect in order; the first bad one ends the command */
struct tern_hw_cqp_sds_wqe {
	__le64 hdr;	/* As in cqp_wqe */
	__le64 ctl;
	__le64 e[6];	/* Inline: up to three struct sd_entry. By buffer: e[0] is its address, aligned to 4 KiB */
};
#define TERN_HW_CQP_SDS_WQE_CTL_COUNT_MASK	0x00000000000001ffull	/* Entries: 1 to 3 inline, 1 to 256 by buffer */
#define TERN_HW_CQP_SDS_WQE_CTL_BUFFER_MASK	0x0000000080000000ull	/* The entries are in the buffer at e[0], else inline */
_Static_assert(sizeof(struct tern_hw_cqp_sds_wqe) == 64, "tern_hw_cqp_sds_wqe");

/* One operation of UPDATE_SDS */
struct tern_hw_sd_entry {
	__le64 what;
	__le64 addr;	/* direct: 2 MiB of host memory, aligned to 2 MiB; paged: a page of 512 struct page_desc, aligned to 4 KiB */
};
#define TERN_HW_SD_ENTRY_WHAT_SD_MASK	0x000000000000ffffull	/* Segment index */
#define TERN_HW_SD_ENTRY_WHAT_PAGE_MASK	0x0000000001ff0000ull	/* Page index, for page_inv */
#define TERN_HW_SD_ENTRY_WHAT_OP_MASK	0x0000000300000000ull	/* enum sd_op */
_Static_assert(sizeof(struct tern_hw_sd_entry) == 16, "tern_hw_sd_entry");

/* Operations on segment descriptors */
enum tern_hw_sd_op {
	TERN_HW_SD_OP_CLEAR = 0x0,	/* Make the segment invalid; cached page descriptors of it are dropped */
	TERN_HW_SD_OP_DIRECT = 0x1,	/* The segment is one 2 MiB block of host memory */
	TERN_HW_SD_OP_PAGED = 0x2,	/* The segment is described by a page of 512 page descriptors */
	TERN_HW_SD_OP_PAGE_INV = 0x3,	/* Drop the cached descriptor of one page. Done when no access through it is under way */
};

/* Page descriptor, in host memory, read by the device when needed */
struct tern_hw_page_desc {
	__le64 w;
};
#define TERN_HW_PAGE_DESC_W_VALID_MASK	0x0000000000000001ull	/* The page exists */
#define TERN_HW_PAGE_DESC_W_PFN_MASK	0xfffffffffffff000ull	/* Bus address of the page, divided by 4096 */
_Static_assert(sizeof(struct tern_hw_page_desc) == 8, "tern_hw_page_desc");

/* CREATE_CQ (all), MODIFY_CQ (mode, period and count), DESTROY_CQ (hdr only) */
struct tern_hw_cqp_cq_wqe {
	__le64 hdr;	/* As in cqp_wqe; id is the CQ number */
	__le64 ring;	/* level 0: address of the ring, aligned to 4 KiB, contiguous. level 1: index of its first page-list entry */
	__le64 attr;
	__le64 moderation;
	__le64 rsvd[4];	/* 0 */
};
#define TERN_HW_CQP_CQ_WQE_ATTR_LOG_SIZE_MASK	0x000000000000001full	/* Ring size, log2 of the number of 32 B entries, 1 to 22 */
#define TERN_HW_CQP_CQ_WQE_ATTR_LEVEL_MASK	0x0000000000000020ull	/* 0: contiguous; 1: page list */
#define TERN_HW_CQP_CQ_WQE_ATTR_PAGE_SHIFT_MASK	0x0000000000001f00ull	/* level 1: log2 of the page size, 12 to 30 */
#define TERN_HW_CQP_CQ_WQE_ATTR_CCQ_MASK	0x0000000000002000ull	/* Completions of the CQP go here; at most one CQ. The CREATE_CQ and the DESTROY_CQ of this CQ complete in the registers only */
#define TERN_HW_CQP_CQ_WQE_ATTR_CEQ_VALID_MASK	0x0000000000004000ull	/* Events go to ceq, else there are none */
#define TERN_HW_CQP_CQ_WQE_ATTR_CEQ_MASK	0x0000000000ff0000ull	/* CEQ for events */
#define TERN_HW_CQP_CQ_WQE_ATTR_MODE_MASK	0x0000000007000000ull	/* enum cq_mode behind arm mode configured; not configured itself */
#define TERN_HW_CQP_CQ_WQE_ATTR_PAGE_MASK	0x0000ffff00000000ull	/* Doorbell page that may ring this CQ */
#define TERN_HW_CQP_CQ_WQE_MODERATION_COUNT_MASK	0x000000000000ffffull	/* CQEs for mode count; 0 means 1 */
#define TERN_HW_CQP_CQ_WQE_MODERATION_PERIOD_MASK	0x0000ffffffff0000ull	/* ns for mode timer */
_Static_assert(sizeof(struct tern_hw_cqp_cq_wqe) == 64, "tern_hw_cqp_cq_wqe");

/* CREATE (all), MODIFY (vector), DESTROY (hdr only) of CEQ and AEQ */
struct tern_hw_cqp_eq_wqe {
	__le64 hdr;	/* As in cqp_wqe; id is the CEQ number, 0 for the AEQ */
	__le64 ring;	/* Address of the ring, aligned to 4 KiB, contiguous */
	__le64 attr;
	__le64 rsvd[5];	/* 0 */
};
#define TERN_HW_CQP_EQ_WQE_ATTR_LOG_SIZE_MASK	0x000000000000001full	/* Ring size, log2 of the number of entries (CEQ 8 B, AEQ 16 B), 4 to 20 */
#define TERN_HW_CQP_EQ_WQE_ATTR_VEC_MASK	0x0000000000003f00ull	/* Interrupt vector */
_Static_assert(sizeof(struct tern_hw_cqp_eq_wqe) == 64, "tern_hw_cqp_eq_wqe");

/* MANAGE_GID. id is the index in the table */
struct tern_hw_cqp_gid_wqe {
	__le64 hdr;	/* As in cqp_wqe */
	__le64 attr;
	__le64 gid[2];	/* The 16 octets of the GID in network order; read: gid[0] is the address of a 64 B buffer for struct gid_entry */
	__le64 mac;
	__le64 rsvd[3];	/* 0 */
};
#define TERN_HW_CQP_GID_WQE_ATTR_VLAN_ID_MASK	0x0000000000000fffull	/* VLAN of the GID's network interface */
#define TERN_HW_CQP_GID_WQE_ATTR_VLAN_VALID_MASK	0x0000000000001000ull	/* Frames carry a VLAN tag */
#define TERN_HW_CQP_GID_WQE_ATTR_IPV4_MASK	0x0000000000002000ull	/* RoCEv2 over IPv4, else IPv6 */
#define TERN_HW_CQP_GID_WQE_ATTR_OP_MASK	0x0000000000030000ull	/* enum gid_op */
#define TERN_HW_CQP_GID_WQE_MAC_ADDR_MASK	0x0000ffffffffffffull	/* Source MAC address, its first octet in the highest byte */
_Static_assert(sizeof(struct tern_hw_cqp_gid_wqe) == 64, "tern_hw_cqp_gid_wqe");

/* Operations on the GID table */
enum tern_hw_gid_op {
	TERN_HW_GID_OP_CLEAR = 0x0,	/* The entry becomes invalid */
	TERN_HW_GID_OP_SET = 0x1,	/* Set the entry */
	TERN_HW_GID_OP_READ = 0x2,	/* Write the entry to a buffer */
};

/* GID table entry as MANAGE_GID reads it */
struct tern_hw_gid_entry {
	__le64 gid[2];	/* The 16 octets of the GID in network order */
	__le64 attr;
	__le64 mac;
	__le64 rsvd[4];	/* 0 */
};
#define TERN_HW_GID_ENTRY_ATTR_VLAN_ID_MASK	0x0000000000000fffull	/*  */
#define TERN_HW_GID_ENTRY_ATTR_VLAN_VALID_MASK	0x0000000000001000ull	/*  */
#define TERN_HW_GID_ENTRY_ATTR_IPV4_MASK	0x0000000000002000ull	/*  */
#define TERN_HW_GID_ENTRY_ATTR_VALID_MASK	0x0000000000004000ull	/* The entry is in use */
#define TERN_HW_GID_ENTRY_MAC_ADDR_MASK	0x0000ffffffffffffull	/* Source MAC address, its first octet in the highest byte */
_Static_assert(sizeof(struct tern_hw_gid_entry) == 64, "tern_hw_gid_entry");

/* ATTACH_MCAST, DETACH_MCAST. id is the QP number, of type ud, in any state. Attaching again only sets no_own. DESTROY_QP takes the QP out of all groups */
struct tern_hw_cqp_mcast_wqe {
	__le64 hdr;	/* As in cqp_wqe */
	__le64 attr;
	__le64 gid[2];	/* The 16 octets of the group's GID in network order: an IPv6 multicast address, or an IPv4 one in the mapped form */
	__le64 rsvd[4];	/* 0 */
};
#define TERN_HW_CQP_MCAST_WQE_ATTR_NO_OWN_MASK	0x0000000000000001ull	/* ATTACH: what this adapter itself sends to the group does not come to the QP; else it does, also to the QP that sent it */
_Static_assert(sizeof(struct tern_hw_cqp_mcast_wqe) == 64, "tern_hw_cqp_mcast_wqe");

/* Transport of a QP. caps.transports tells which of them are built */
enum tern_hw_qp_type {
	TERN_HW_QP_TYPE_RC = 0x0,	/* Reliable connection */
	TERN_HW_QP_TYPE_UC = 0x1,	/* Unreliable connection */
	TERN_HW_QP_TYPE_UD = 0x2,	/* Unreliable datagram */
	TERN_HW_QP_TYPE_GSI = 0x3,	/* As ud; QP 1, and no other, has this type */
};

/* States of a QP; the numbers are those of verbs (enum ib_qp_state) */
enum tern_hw_qp_state {
	TERN_HW_QP_STATE_RESET = 0x0,	/*  */
	TERN_HW_QP_STATE_INIT = 0x1,	/*  */
	TERN_HW_QP_STATE_RTR = 0x2,	/* Ready to receive */
	TERN_HW_QP_STATE_RTS = 0x3,	/* Ready to send */
	TERN_HW_QP_STATE_SQD = 0x4,	/* Send queue drained */
	TERN_HW_QP_STATE_SQE = 0x5,	/* Send queue error */
	TERN_HW_QP_STATE_ERR = 0x6,	/* Error */
};

/* Path MTU; the numbers are those of verbs (enum ib_mtu) */
enum tern_hw_mtu {
	TERN_HW_MTU_M256 = 0x1,	/*  */
	TERN_HW_MTU_M512 = 0x2,	/*  */
	TERN_HW_MTU_M1024 = 0x3,	/*  */
	TERN_HW_MTU_M2048 = 0x4,	/*  */
	TERN_HW_MTU_M4096 = 0x5,	/*  */
};

/* Work requests */
enum tern_hw_wqe_op {
	TERN_HW_WQE_OP_SEND = 0x0,	/* SEND */
	TERN_HW_WQE_OP_SEND_IMM = 0x1,	/* SEND with immediate */
	TERN_HW_WQE_OP_SEND_INV = 0x2,	/* SEND with invalidate */
	TERN_HW_WQE_OP_WRITE = 0x4,	/* RDMA WRITE */
	TERN_HW_WQE_OP_WRITE_IMM = 0x5,	/* RDMA WRITE with immediate */
	TERN_HW_WQE_OP_READ = 0x8,	/* RDMA READ */
	TERN_HW_WQE_OP_CMP_SWAP = 0xc,	/* Compare and swap */
	TERN_HW_WQE_OP_FETCH_ADD = 0xd,	/* Fetch and add */
	TERN_HW_WQE_OP_LOCAL_INV = 0x10,	/* Invalidate a local key */
	TERN_HW_WQE_OP_REG_MR = 0x11,	/* Register memory under an allocated key, struct sq_reg_wqe */
};

/* Send queue entry, first slot. Further slots of 64 B hold SGEs 2 and up, four each, or inline data */
struct tern_hw_sq_wqe {
	__le64 hdr;	/* Written last */
	__le64 remote;	/* Remote address */
	__le64 keys;
	__le64 rsvd;	/* 0 */
	__le64 data[4];	/* SGEs 0 and 1 as struct sge, or the first 32 B of inline data. Atomics: SGE 0 (8 B), then swap_or_add, compare */
};
#define TERN_HW_SQ_WQE_HDR_OP_MASK	0x00000000000000ffull	/* enum wqe_op */
#define TERN_HW_SQ_WQE_HDR_NUM_SGE_MASK	0x0000000000001f00ull	/* SGEs, 0 to 16; 0 with inline */
#define TERN_HW_SQ_WQE_HDR_SIGNALED_MASK	0x0000000000002000ull	/* Completes with a CQE also in success */
#define TERN_HW_SQ_WQE_HDR_SOLICITED_MASK	0x0000000000004000ull	/* Solicited event at the peer */
#define TERN_HW_SQ_WQE_HDR_FENCE_MASK	0x0000000000008000ull	/* Starts when all READs and atomics before are complete */
#define TERN_HW_SQ_WQE_HDR_INL_MASK	0x0000000000010000ull	/* The data is in the entry: 32 B in data, then whole slots */
#define TERN_HW_SQ_WQE_HDR_INL_LEN_MASK	0x000000000ff00000ull	/* Bytes of inline data, 0 to 224 */
#define TERN_HW_SQ_WQE_HDR_SLOTS_MASK	0x00000000e0000000ull	/* Slots of this entry, 1 to 5 */
#define TERN_HW_SQ_WQE_HDR_POLARITY_MASK	0x8000000000000000ull	/* 1 in the first pass over the ring, flips with every wrap */
#define TERN_HW_SQ_WQE_KEYS_RKEY_MASK	0x00000000ffffffffull	/* Remote key; local_inv: the key */
#define TERN_HW_SQ_WQE_KEYS_IMM_MASK	0xffffffff00000000ull	/* Immediate data in network order; send_inv: the key to invalidate at the peer */
_Static_assert(sizeof(struct tern_hw_sq_wqe) == 64, "tern_hw_sq_wqe");

/* Send queue entry of UD and GSI QPs, first slot; op send or send_imm. Bits without a name are 0. n SGEs take 1 + (n + 2) / 4 slots, four in each slot behind the first; inline data takes 1 + (bytes + 47) / 64. The source addresses and the VLAN are those of the GID table; the UDP source port is made of the flow label, 0xc000 | ((flow_label ^ flow_label >> 14) & 0x3fff); the P_Key is 0xffff */
struct tern_hw_sq_ud_wqe {
	__le64 hdr;	/* As in sq_wqe; fence has no effect */
	__le64 dest;
	__le64 flow;
	__le64 path;
	__le64 dgid[2];	/* The 16 octets of the destination GID in network order; IPv4: the mapped form */
	__le64 data[2];	/* SGE 0 as struct sge, or the first 16 B of inline data */
};
#define TERN_HW_SQ_UD_WQE_DEST_QPN_MASK	0x0000000000ffffffull	/* Destination QP; 0xffffff: all QPs attached to the group dgid */
#define TERN_HW_SQ_UD_WQE_DEST_SGID_MASK	0x00000000ff000000ull	/* Index in the GID table */
#define TERN_HW_SQ_UD_WQE_DEST_QKEY_MASK	0xffffffff00000000ull	/* Q_Key; with the top bit set, the QP's own is used instead */
#define TERN_HW_SQ_UD_WQE_FLOW_FLOW_LABEL_MASK	0x00000000000fffffull	/* IPv6: sent as it is. Both: makes the UDP source port */
#define TERN_HW_SQ_UD_WQE_FLOW_PCP_MASK	0x0000000000700000ull	/* Service level: VLAN priority */
#define TERN_HW_SQ_UD_WQE_FLOW_IMM_MASK	0xffffffff00000000ull	/* Immediate data in network order */
#define TERN_HW_SQ_UD_WQE_PATH_DMAC_MASK	0x0000ffffffffffffull	/* Destination MAC address, its first octet in the highest byte */
#define TERN_HW_SQ_UD_WQE_PATH_TCLASS_MASK	0x00ff000000000000ull	/* Traffic class; IPv4: TOS */
#define TERN_HW_SQ_UD_WQE_PATH_HOP_LIMIT_MASK	0xff00000000000000ull	/*  */
_Static_assert(sizeof(struct tern_hw_sq_ud_wqe) == 64, "tern_hw_sq_ud_wqe");

/* Send queue entry for reg_mr */
struct tern_hw_sq_reg_wqe {
	__le64 hdr;	/* As in sq_wqe; one slot */
	__le64 va;	/* First address of the region */
	__le64 length;	/* Bytes */
	__le64 attr;
	__le64 rsvd[4];	/* 0. The page list is the one that alloc_mr named */
};
#define TERN_HW_SQ_REG_WQE_ATTR_KEY_MASK	0x00000000ffffffffull	/* Index and new key byte */
#define TERN_HW_SQ_REG_WQE_ATTR_ACCESS_MASK	0x0000000f00000000ull	/* enum access bits */
#define TERN_HW_SQ_REG_WQE_ATTR_PAGE_SHIFT_MASK	0x00001f0000000000ull	/* log2 of the page size, 12 to 30 */
_Static_assert(sizeof(struct tern_hw_sq_reg_wqe) == 64, "tern_hw_sq_reg_wqe");

/* Local buffer of a send or receive queue entry */
struct tern_hw_sge {
	__le64 addr;	/* Virtual address */
	__le64 len_key;
};
#define TERN_HW_SGE_LEN_KEY_LEN_MASK	0x00000000ffffffffull	/* Bytes. In a receive queue entry, len 0 with key 0 ends the list */
#define TERN_HW_SGE_LEN_KEY_LKEY_MASK	0xffffffff00000000ull	/* Local key */
_Static_assert(sizeof(struct tern_hw_sge) == 16, "tern_hw_sge");

/* Bits of rights to a memory region or QP; the same as those of verbs (enum ib_access_flags) */
enum tern_hw_access {
	TERN_HW_ACCESS_LOCAL_WRITE = 0x1,	/*  */
	TERN_HW_ACCESS_REMOTE_WRITE = 0x2,	/*  */
	TERN_HW_ACCESS_REMOTE_READ = 0x4,	/*  */
	TERN_HW_ACCESS_REMOTE_ATOMIC = 0x8,	/*  */
};

/* CREATE_QP (all; id is 1 for type gsi, 2 or above for others); QUERY, DESTROY, FLUSH, SUSPEND, RESUME (hdr; QUERY also sq_ring as the buffer's address, aligned to 512 B) */
struct tern_hw_cqp_qp_wqe {
	__le64 hdr;	/* As in cqp_wqe; id is the QP number */
	__le64 sq_ring;	/* level 0: address of the ring, aligned to 4 KiB, contiguous. level 1: index of its first page-list entry */
	__le64 rq_ring;	/* Likewise */
	__le64 cqs;
	__le64 attr;
	__le64 rsvd[3];	/* 0 */
};
#define TERN_HW_CQP_QP_WQE_CQS_SCQ_MASK	0x0000000000ffffffull	/* CQ of the send queue */
#define TERN_HW_CQP_QP_WQE_CQS_RCQ_MASK	0x0000ffffff000000ull	/* CQ of the receive queue */
#define TERN_HW_CQP_QP_WQE_CQS_PAGE_MASK	0xffff000000000000ull	/* Doorbell page that may ring this QP */
#define TERN_HW_CQP_QP_WQE_ATTR_PD_MASK	0x0000000000ffffffull	/* Protection domain */
#define TERN_HW_CQP_QP_WQE_ATTR_TRANSPORT_MASK	0x0000000007000000ull	/* enum qp_type */
#define TERN_HW_CQP_QP_WQE_ATTR_PRIV_MASK	0x0000000008000000ull	/* May use keys of regions with mrte.priv, and reg_mr and local_inv */
#define TERN_HW_CQP_QP_WQE_ATTR_SQ_LOG_SIZE_MASK	0x00000000f0000000ull	/* log2 of the slots of the SQ, 0 to 15 */
#define TERN_HW_CQP_QP_WQE_ATTR_RQ_LOG_SIZE_MASK	0x0000000f00000000ull	/* log2 of the entries of the RQ, 0 to 15 */
#define TERN_HW_CQP_QP_WQE_ATTR_RQ_LOG_STRIDE_MASK	0x0000007000000000ull	/* log2 of the SGEs of an RQ entry (16 B each), 0 to 4 */
#define TERN_HW_CQP_QP_WQE_ATTR_SQ_LEVEL_MASK	0x0000008000000000ull	/*  */
#define TERN_HW_CQP_QP_WQE_ATTR_RQ_LEVEL_MASK	0x0000010000000000ull	/*  */
#define TERN_HW_CQP_QP_WQE_ATTR_SQ_PAGE_SHIFT_MASK	0x00003e0000000000ull	/* level 1: log2 of the page size, 12 to 30 */
#define TERN_HW_CQP_QP_WQE_ATTR_RQ_PAGE_SHIFT_MASK	0x0007c00000000000ull	/*  */
#define TERN_HW_CQP_QP_WQE_ATTR_SQ_VALID_MASK	0x0008000000000000ull	/* There is a send queue */
#define TERN_HW_CQP_QP_WQE_ATTR_RQ_VALID_MASK	0x0010000000000000ull	/* There is a receive queue */
_Static_assert(sizeof(struct tern_hw_cqp_qp_wqe) == 64, "tern_hw_cqp_qp_wqe");

/* MODIFY_QP. The rules are those of IBTA 1.6 section 11.2.5.2, where UD and GSI also need mtu for INIT to RTR; all or nothing. State sqe is not used: what would lead to it leads to err */
struct tern_hw_cqp_modify_qp_wqe {
	__le64 hdr;	/* As in cqp_wqe; id is the QP number */
	__le64 addr;	/* Address of struct qp_attr, aligned to 64 B; not read if mask is 0 */
	__le64 ctl;
	__le64 rsvd[5];	/* 0 */
};
#define TERN_HW_CQP_MODIFY_QP_WQE_CTL_MASK_MASK	0x000000000000ffffull	/* enum qp_attr_mask: what of struct qp_attr is meant */
#define TERN_HW_CQP_MODIFY_QP_WQE_CTL_STATE_MASK	0x0000000000070000ull	/* New state, with set_state */
#define TERN_HW_CQP_MODIFY_QP_WQE_CTL_SET_STATE_MASK	0x0000000000080000ull	/*  */
#define TERN_HW_CQP_MODIFY_QP_WQE_CTL_CUR_STATE_MASK	0x0000000000700000ull	/* With check_state: the command fails in any other state */
#define TERN_HW_CQP_MODIFY_QP_WQE_CTL_CHECK_STATE_MASK	0x0000000000800000ull	/*  */
_Static_assert(sizeof(struct tern_hw_cqp_modify_qp_wqe) == 64, "tern_hw_cqp_modify_qp_wqe");

/* Bits of cqp_modify_qp_wqe.mask */
enum tern_hw_qp_attr_mask {
	TERN_HW_QP_ATTR_MASK_PATH = 0x1,	/* udp_sport to dgid */
	TERN_HW_QP_ATTR_MASK_DEST_QPN = 0x2,	/*  */
	TERN_HW_QP_ATTR_MASK_MTU = 0x4,	/*  */
	TERN_HW_QP_ATTR_MASK_MAX_RD = 0x8,	/*  */
	TERN_HW_QP_ATTR_MASK_MAX_DEST_RD = 0x10,	/*  */
	TERN_HW_QP_ATTR_MASK_TIMEOUT = 0x20,	/*  */
	TERN_HW_QP_ATTR_MASK_RETRY_CNT = 0x40,	/*  */
	TERN_HW_QP_ATTR_MASK_RNR_RETRY = 0x80,	/*  */
	TERN_HW_QP_ATTR_MASK_MIN_RNR_TIMER = 0x100,	/*  */
	TERN_HW_QP_ATTR_MASK_SQ_PSN = 0x200,	/*  */
	TERN_HW_QP_ATTR_MASK_RQ_PSN = 0x400,	/*  */
	TERN_HW_QP_ATTR_MASK_ACCESS = 0x800,	/*  */
	TERN_HW_QP_ATTR_MASK_QKEY = 0x1000,	/*  */
};

/* Attributes of a QP as MODIFY_QP takes them */
struct tern_hw_qp_attr {
	__le64 conn;
	__le64 psn;
	__le64 rights;
	__le64 net;
	__le64 mac;
	__le64 dgid[2];	/* The 16 octets of the destination GID in network order; IPv4: the mapped form */
	__le64 rsvd;	/* 0 */
};
#define TERN_HW_QP_ATTR_CONN_DEST_QPN_MASK	0x0000000000ffffffull	/*  */
#define TERN_HW_QP_ATTR_CONN_MTU_MASK	0x0000000007000000ull	/* enum mtu; UD: the longest message, sent or received */
#define TERN_HW_QP_ATTR_CONN_MAX_RD_MASK	0x0000001f00000000ull	/* READs and atomics under way as requester, 0 to 16 */
#define TERN_HW_QP_ATTR_CONN_MAX_DEST_RD_MASK	0x00001f0000000000ull	/* READs and atomics accepted as responder, 0 to 16 */
#define TERN_HW_QP_ATTR_CONN_TIMEOUT_MASK	0x001f000000000000ull	/* Local ACK timeout, 4.096 us * 2^n; 0: none */
#define TERN_HW_QP_ATTR_CONN_RETRY_CNT_MASK	0x00e0000000000000ull	/*  */
#define TERN_HW_QP_ATTR_CONN_RNR_RETRY_MASK	0x0700000000000000ull	/* 7: for ever */
#define TERN_HW_QP_ATTR_CONN_MIN_RNR_TIMER_MASK	0xf800000000000000ull	/* As coded in an RNR NAK */
#define TERN_HW_QP_ATTR_PSN_SQ_MASK	0x0000000000ffffffull	/* First PSN to send */
#define TERN_HW_QP_ATTR_PSN_RQ_MASK	0x00ffffff00000000ull	/* First PSN expected */
#define TERN_HW_QP_ATTR_RIGHTS_ACCESS_MASK	0x000000000000000full	/* enum access bits: what the peer may do */
#define TERN_HW_QP_ATTR_RIGHTS_PKEY_MASK	0x00000000ffff0000ull	/* Partition key, 0xffff */
#define TERN_HW_QP_ATTR_RIGHTS_QKEY_MASK	0xffffffff00000000ull	/* UD, GSI: what received packets must carry; sent with if the Q_Key of the entry has its top bit set */
#define TERN_HW_QP_ATTR_NET_UDP_SPORT_MASK	0x000000000000ffffull	/* UDP source port */
#define TERN_HW_QP_ATTR_NET_SGID_MASK	0x0000000000ff0000ull	/* Index in the GID table: source MAC, source IP, VLAN, IPv4 or IPv6 */
#define TERN_HW_QP_ATTR_NET_HOP_LIMIT_MASK	0x00000000ff000000ull	/*  */
#define TERN_HW_QP_ATTR_NET_TCLASS_MASK	0x000000ff00000000ull	/* Traffic class; IPv4: TOS */
#define TERN_HW_QP_ATTR_NET_FLOW_LABEL_MASK	0x0fffff0000000000ull	/* IPv6 */
#define TERN_HW_QP_ATTR_NET_PCP_MASK	0x7000000000000000ull	/* VLAN priority */
#define TERN_HW_QP_ATTR_MAC_ADDR_MASK	0x0000ffffffffffffull	/* Destination MAC address, its first octet in the highest byte */
_Static_assert(sizeof(struct tern_hw_qp_attr) == 64, "tern_hw_qp_attr");

/* What QUERY_QP reports: the QP object of the host memory cache, after what was cached */
struct tern_hw_qp_query {
	__le64 seg[8];	/* struct qp_seg */
	__le64 rh[8];	/* struct qp_rh */
	__le64 rsp[8];	/* struct qp_rsp */
	__le64 rr[8];	/* struct qp_rr */
	__le64 net[8];	/* struct qp_net */
	__le64 ring[8];	/* struct qp_ring */
	__le64 state;
	__le64 rsvd[15];	/* 0 */
};
#define TERN_HW_QP_QUERY_STATE_STATE_MASK	0x0000000000000007ull	/* enum qp_state */
#define TERN_HW_QP_QUERY_STATE_TRANSPORT_MASK	0x0000000000000070ull	/* enum qp_type */
#define TERN_HW_QP_QUERY_STATE_SQ_PRODUCER_MASK	0x0000ffff00000000ull	/* As the last doorbell told */
#define TERN_HW_QP_QUERY_STATE_RQ_PRODUCER_MASK	0xffff000000000000ull	/* As the last doorbell told */
_Static_assert(sizeof(struct tern_hw_qp_query) == 512, "tern_hw_qp_query");

/* Lines of 64 B in the QP object. Each is written by one stage of the RTL only */
enum tern_hw_qp_line {
	TERN_HW_QP_LINE_SEG = 0x0,	/* Send side of the requester */
	TERN_HW_QP_LINE_RH = 0x1,	/* Response side of the requester */
	TERN_HW_QP_LINE_RSP = 0x2,	/* Responder */
	TERN_HW_QP_LINE_RR = 0x3,	/* Read responder */
	TERN_HW_QP_LINE_NET = 0x4,	/* Addresses */
	TERN_HW_QP_LINE_RING = 0x5,	/* Rings */
};

/* Line seg: rtl/req/tern_seg */
struct tern_hw_qp_seg {
	__le64 conn;
	__le64 cq;
	__le64 at;
	__le64 message;
	__le64 count;	/* Statistics, wrap around */
	__le64 count2;
	__le64 rsvd[2];	/* 0 */
};
#define TERN_HW_QP_SEG_CONN_ACTIVE_MASK	0x0000000000000001ull	/* Requests may be sent */
#define TERN_HW_QP_SEG_CONN_FLUSHING_MASK	0x0000000000000002ull	/* State error: every entry completes with wr_flush */
#define TERN_HW_QP_SEG_CONN_TRANSPORT_MASK	0x000000000000001cull	/* enum qp_type */
#define TERN_HW_QP_SEG_CONN_MTU_MASK	0x00000000000000e0ull	/* enum mtu */
#define TERN_HW_QP_SEG_CONN_PRIV_MASK	0x0000000000000100ull	/*  */
#define TERN_HW_QP_SEG_CONN_MAX_RD_MASK	0x0000000000003e00ull	/*  */
#define TERN_HW_QP_SEG_CONN_PD_MASK	0x000000ffffff0000ull	/*  */
#define TERN_HW_QP_SEG_CONN_DEST_QPN_MASK	0xffffff0000000000ull	/*  */
#define TERN_HW_QP_SEG_CQ_SCQ_MASK	0x0000000000ffffffull	/*  */
#define TERN_HW_QP_SEG_CQ_ERR_VALID_MASK	0x0000000001000000ull	/* When flushing: the entry at err_wqe completes with err_status */
#define TERN_HW_QP_SEG_CQ_STOPPED_MASK	0x0000000002000000ull	/* An entry could not be sent; nothing more is until the state changes */
#define TERN_HW_QP_SEG_CQ_ERR_WQE_MASK	0x0000ffff00000000ull	/*  */
#define TERN_HW_QP_SEG_CQ_ERR_STATUS_MASK	0x00ff000000000000ull	/* enum wc_status */
#define TERN_HW_QP_SEG_AT_PSN_MASK	0x0000000000ffffffull	/* Of the next packet */
#define TERN_HW_QP_SEG_AT_WQE_MASK	0x000000ffff000000ull	/* Slot index of the next entry, modulo 2^16 */
#define TERN_HW_QP_SEG_AT_FRESH_MASK	0x00ffff0000000000ull	/* Slot index of the first entry that was never sent */
#define TERN_HW_QP_SEG_AT_EPOCH_MASK	0xff00000000000000ull	/* Jobs of another epoch are stale */
#define TERN_HW_QP_SEG_MESSAGE_OFFSET_MASK	0x00000000ffffffffull	/* Bytes of the entry at wqe that are sent already */
#define TERN_HW_QP_SEG_MESSAGE_MID_MASK	0x0000000100000000ull	/* The entry at wqe is partly sent */
#define TERN_HW_QP_SEG_MESSAGE_PSN_MAX_MASK	0xffffff0000000000ull	/* One behind the highest PSN sent */
#define TERN_HW_QP_SEG_COUNT_PACKETS_MASK	0x00000000ffffffffull	/* Request packets */
#define TERN_HW_QP_SEG_COUNT_RESENT_MASK	0xffffffff00000000ull	/* Times of going back */
#define TERN_HW_QP_SEG_COUNT2_AGAIN_MASK	0x00000000ffffffffull	/* Request packets that had been sent before */
#define TERN_HW_QP_SEG_COUNT2_QKEY_MASK	0xffffffff00000000ull	/* UD, GSI: the QP's own Q_Key. No statistics */
_Static_assert(sizeof(struct tern_hw_qp_seg) == 64, "tern_hw_qp_seg");

/* Line rh: rtl/rh/tern_rh */
struct tern_hw_qp_rh {
	__le64 conn;
	__le64 cq;
	__le64 at;
	__le64 count;	/* Statistics, wrap around */
	__le64 count2;
	__le64 rsvd[3];	/* Own state of the block */
};
#define TERN_HW_QP_RH_CONN_ACTIVE_MASK	0x0000000000000001ull	/* Responses are expected */
#define TERN_HW_QP_RH_CONN_DRAINING_MASK	0x0000000000000002ull	/* State SQD: report when nothing is outstanding */
#define TERN_HW_QP_RH_CONN_TRANSPORT_MASK	0x000000000000001cull	/* enum qp_type */
#define TERN_HW_QP_RH_CONN_MTU_MASK	0x00000000000000e0ull	/* enum mtu */
#define TERN_HW_QP_RH_CONN_TIMEOUT_MASK	0x0000000000001f00ull	/*  */
#define TERN_HW_QP_RH_CONN_RETRY_CNT_MASK	0x000000000000e000ull	/*  */
#define TERN_HW_QP_RH_CONN_RNR_RETRY_MASK	0x0000000000070000ull	/*  */
#define TERN_HW_QP_RH_CONN_PRIV_MASK	0x0000000000080000ull	/*  */
#define TERN_HW_QP_RH_CONN_HELD_MASK	0x0000000000100000ull	/* Suspended: the local ACK timer does not run */
#define TERN_HW_QP_RH_CONN_REARM_MASK	0x0000000000200000ull	/* held has changed: the timer is still to be commanded */
#define TERN_HW_QP_RH_CONN_PD_MASK	0xffffff0000000000ull	/*  */
#define TERN_HW_QP_RH_CQ_SCQ_MASK	0x0000000000ffffffull	/*  */
#define TERN_HW_QP_RH_CQ_ERR_VALID_MASK	0x0000000001000000ull	/* The entry at err_wqe is to fail when all before it are complete */
#define TERN_HW_QP_RH_CQ_STOPPED_MASK	0x0000000002000000ull	/* An error was reported; everything is ignored until the state changes */
#define TERN_HW_QP_RH_CQ_ERR_SIDE_MASK	0x0000000300000000ull	/* 0: segmenter, 1: data */
#define TERN_HW_QP_RH_CQ_ERR_REASON_MASK	0x000000fc00000000ull	/* enum qp_reason */
#define TERN_HW_QP_RH_CQ_ERR_STATUS_MASK	0x0000ff0000000000ull	/* enum wc_status */
#define TERN_HW_QP_RH_CQ_ERR_WQE_MASK	0xffff000000000000ull	/*  */
#define TERN_HW_QP_RH_AT_UNA_MASK	0x0000000000ffffffull	/* Oldest PSN not acknowledged */
#define TERN_HW_QP_RH_AT_DONE_MASK	0x000000ffff000000ull	/* Slot index behind the last completed entry */
#define TERN_HW_QP_RH_AT_RETRIES_MASK	0x0000070000000000ull	/* Left */
#define TERN_HW_QP_RH_AT_RNR_TRIES_MASK	0x0000380000000000ull	/* Left */
#define TERN_HW_QP_RH_AT_RNR_WAIT_MASK	0x0000400000000000ull	/* The RNR timer runs */
#define TERN_HW_QP_RH_AT_ASKED_MASK	0x0000800000000000ull	/* The missing part of a READ was requested again since the last progress */
#define TERN_HW_QP_RH_AT_GEN_MASK	0x0003000000000000ull	/* Of the last command to the timer */
#define TERN_HW_QP_RH_AT_LOCALS_MASK	0xfffc000000000000ull	/* Local operations may wait among so many of the oldest entries of the list */
#define TERN_HW_QP_RH_COUNT_TIMEOUTS_MASK	0x000000000000ffffull	/*  */
#define TERN_HW_QP_RH_COUNT_SEQ_NAKS_MASK	0x00000000ffff0000ull	/*  */
#define TERN_HW_QP_RH_COUNT_RNR_NAKS_MASK	0x0000ffff00000000ull	/*  */
#define TERN_HW_QP_RH_COUNT_READ_GAPS_MASK	0xffff000000000000ull	/* READ responses out of sequence */
#define TERN_HW_QP_RH_COUNT2_PACKETS_MASK	0x00000000ffffffffull	/* Response packets */
#define TERN_HW_QP_RH_COUNT2_STRAY_MASK	0x0000ffff00000000ull	/* Responses that nobody waits for, but for ACKs that come late */
_Static_assert(sizeof(struct tern_hw_qp_rh) == 64, "tern_hw_qp_rh");

/* Line rsp: rtl/rsp/tern_rsp */
struct tern_hw_qp_rsp {
	__le64 conn;
	__le64 cq;
	__le64 at;
	__le64 va;	/* WRITE in progress: address of the next byte */
	__le64 message;
	__le64 recv;
	__le64 count;	/* Statistics, wrap around */
	__le64 count2;
};
#define TERN_HW_QP_RSP_CONN_ACTIVE_MASK	0x0000000000000001ull	/* Requests are accepted */
#define TERN_HW_QP_RSP_CONN_FLUSHING_MASK	0x0000000000000002ull	/* State error: every receive completes with wr_flush */
#define TERN_HW_QP_RSP_CONN_TRANSPORT_MASK	0x000000000000001cull	/* enum qp_type */
#define TERN_HW_QP_RSP_CONN_MTU_MASK	0x00000000000000e0ull	/* enum mtu */
#define TERN_HW_QP_RSP_CONN_MIN_RNR_TIMER_MASK	0x0000000000001f00ull	/*  */
#define TERN_HW_QP_RSP_CONN_ACCESS_MASK	0x000000000001e000ull	/* enum access bits */
#define TERN_HW_QP_RSP_CONN_MAX_DEST_RD_MASK	0x00000000003e0000ull	/*  */
#define TERN_HW_QP_RSP_CONN_PRIV_MASK	0x0000000000400000ull	/*  */
#define TERN_HW_QP_RSP_CONN_RQ_VALID_MASK	0x0000000000800000ull	/*  */
#define TERN_HW_QP_RSP_CONN_WAIT_FIRST_MASK	0x0000000001000000ull	/* State RTR: report the first packet */
#define TERN_HW_QP_RSP_CONN_STOPPED_MASK	0x0000000002000000ull	/* An error was reported; everything is ignored until the state changes */
#define TERN_HW_QP_RSP_CONN_NAK_SENT_MASK	0x0000000004000000ull	/* The gap at epsn was reported */
#define TERN_HW_QP_RSP_CONN_PD_MASK	0xffffff0000000000ull	/*  */
#define TERN_HW_QP_RSP_CQ_RCQ_MASK	0x0000000000ffffffull	/*  */
#define TERN_HW_QP_RSP_CQ_ERR_VALID_MASK	0x0000000001000000ull	/* When flushing: the entry at err_wqe completes with err_status */
#define TERN_HW_QP_RSP_CQ_ERR_STATUS_MASK	0x000000ff00000000ull	/* enum wc_status */
#define TERN_HW_QP_RSP_CQ_ERR_WQE_MASK	0x00ffff0000000000ull	/*  */
#define TERN_HW_QP_RSP_AT_EPSN_MASK	0x0000000000ffffffull	/* Expected PSN */
#define TERN_HW_QP_RSP_AT_MSN_MASK	0x0000ffffff000000ull	/* Messages completed */
#define TERN_HW_QP_RSP_AT_MID_MASK	0x0007000000000000ull	/* Message in progress: 0 none, 1 SEND, 2 WRITE */
#define TERN_HW_QP_RSP_AT_ATOMICS_MASK	0x0078000000000000ull	/* Place of the next atomic result in the irrq object */
#define TERN_HW_QP_RSP_AT_JOBS_MASK	0x1f80000000000000ull	/* READs and atomics accepted, modulo 64 */
#define TERN_HW_QP_RSP_AT_AGAIN_MASK	0x2000000000000000ull	/* Repeated ones may be among those under way */
#define TERN_HW_QP_RSP_AT_JOB_LAST_MASK	0x4000000000000000ull	/* The request at epsn - 1 is a READ or atomic */
#define TERN_HW_QP_RSP_MESSAGE_RKEY_MASK	0x00000000ffffffffull	/* WRITE in progress. UD, GSI: Q_Key */
#define TERN_HW_QP_RSP_MESSAGE_LEFT_MASK	0xffffffff00000000ull	/* WRITE in progress: bytes to come. SEND: bytes received */
#define TERN_HW_QP_RSP_RECV_WQE_MASK	0x000000000000ffffull	/* Entries of the receive queue consumed, modulo 2^16 */
#define TERN_HW_QP_RSP_RECV_LENGTH_MASK	0xffffffff00000000ull	/* WRITE in progress: total length */
#define TERN_HW_QP_RSP_COUNT_PACKETS_MASK	0x00000000ffffffffull	/* Request packets in sequence */
#define TERN_HW_QP_RSP_COUNT_DUPLICATES_MASK	0x0000ffff00000000ull	/*  */
#define TERN_HW_QP_RSP_COUNT_GAPS_MASK	0xffff000000000000ull	/* Sequence NAKs sent */
#define TERN_HW_QP_RSP_COUNT2_RNR_MASK	0x000000000000ffffull	/* RNR NAKs sent; UC, UD, GSI: messages that found no receive queue entry */
#define TERN_HW_QP_RSP_COUNT2_DROPPED_MASK	0x00000000ffff0000ull	/* Other packets dropped; UC, UD, GSI: all that were */
#define TERN_HW_QP_RSP_COUNT2_READ_MASK	0x0000ffff00000000ull	/* READs and atomics accepted */
_Static_assert(sizeof(struct tern_hw_qp_rsp) == 64, "tern_hw_qp_rsp");

/* Line rr: rtl/rsp/tern_rr */
struct tern_hw_qp_rr {
	__le64 conn;
	__le64 at;
	__le64 rsvd[6];	/* 0 */
};
#define TERN_HW_QP_RR_CONN_ACTIVE_MASK	0x0000000000000001ull	/*  */
#define TERN_HW_QP_RR_CONN_PRIV_MASK	0x0000000000000002ull	/*  */
#define TERN_HW_QP_RR_CONN_MTU_MASK	0x00000000000000e0ull	/* enum mtu */
#define TERN_HW_QP_RR_CONN_DEST_QPN_MASK	0x00000000ffffff00ull	/*  */
#define TERN_HW_QP_RR_CONN_PD_MASK	0xffffff0000000000ull	/*  */
#define TERN_HW_QP_RR_AT_OFFSET_MASK	0x00000000ffffffffull	/* Bytes of the oldest job that are sent already */
#define TERN_HW_QP_RR_AT_MSN_MASK	0x00ffffff00000000ull	/* Of the newest job that was begun */
_Static_assert(sizeof(struct tern_hw_qp_rr) == 64, "tern_hw_qp_rr");

/* Line net: addresses for the headers of what this QP sends */
struct tern_hw_qp_net {
	__le64 net;	/* As in qp_attr */
	__le64 mac;	/* As in qp_attr */
	__le64 dgid[2];	/* As in qp_attr */
	__le64 conn;
	__le64 rsvd[3];	/* 0 */
};
#define TERN_HW_QP_NET_CONN_DEST_QPN_MASK	0x0000000000ffffffull	/*  */
#define TERN_HW_QP_NET_CONN_PKEY_MASK	0x000000ffff000000ull	/*  */
#define TERN_HW_QP_NET_CONN_VALID_MASK	0x0000010000000000ull	/*  */
_Static_assert(sizeof(struct tern_hw_qp_net) == 64, "tern_hw_qp_net");

/* Line ring: where the entries are */
struct tern_hw_qp_ring {
	__le64 sq_ring;	/* As in cqp_qp_wqe */
	__le64 rq_ring;	/* As in cqp_qp_wqe */
	__le64 attr;	/* As in cqp_qp_wqe */
	__le64 rsvd[5];	/* 0 */
};
_Static_assert(sizeof(struct tern_hw_qp_ring) == 64, "tern_hw_qp_ring");

/* One of 16 in the irrq object of a QP: what a repeated atomic request is answered with */
struct tern_hw_atomic_result {
	__le64 what;
	__le64 value;	/* Contents before the operation */
};
#define TERN_HW_ATOMIC_RESULT_WHAT_PSN_MASK	0x0000000000ffffffull	/*  */
#define TERN_HW_ATOMIC_RESULT_WHAT_VALID_MASK	0x8000000000000000ull	/*  */
_Static_assert(sizeof(struct tern_hw_atomic_result) == 16, "tern_hw_atomic_result");

/* ALLOC_MR (attr, pbl, pages), REG_MR and REREG_MR (all), DEREG_MR (hdr) */
struct tern_hw_cqp_mr_wqe {
	__le64 hdr;	/* As in cqp_wqe; id is the index of the region: bits 31:8 of its key */
	__le64 attr;	/* As in mrte, without valid and free */
	__le64 va;	/* First address */
	__le64 length;	/* Bytes, at least 1; va + length - 1 does not wrap. All ones with va 0: the whole address space */
	__le64 pbl;	/* level 0: bus address of the first byte. Else index of the first page-list entry, a multiple of 8 */
	__le64 pages;	/* level 1 and 2: entries of the page list */
	__le64 rsvd[2];	/* 0 */
};
_Static_assert(sizeof(struct tern_hw_cqp_mr_wqe) == 64, "tern_hw_cqp_mr_wqe");

/* Memory region table entry */
struct tern_hw_mrte {
	__le64 attr;
	__le64 va;	/* First address */
	__le64 length;	/* Bytes */
	__le64 pbl;	/* As in cqp_mr_wqe. Entry n is for address (va rounded down to a page) + n pages */
	__le64 pages;	/* Entries of the page list */
	__le64 rsvd[3];	/* 0 */
};
#define TERN_HW_MRTE_ATTR_VALID_MASK	0x0000000000000001ull	/* Accesses are possible */
#define TERN_HW_MRTE_ATTR_FREE_MASK	0x0000000000000002ull	/* Allocated by alloc_mr, may be registered by work request */
#define TERN_HW_MRTE_ATTR_FAST_MASK	0x0000000000000004ull	/* Made by alloc_mr: invalidation makes it free again. Others cannot be invalidated by a work request */
#define TERN_HW_MRTE_ATTR_PRIV_MASK	0x0000000000000008ull	/* Only for QPs with priv; local access only; its protection domain is not looked at */
#define TERN_HW_MRTE_ATTR_ACCESS_MASK	0x00000000000000f0ull	/* enum access bits */
#define TERN_HW_MRTE_ATTR_LEVEL_MASK	0x0000000000000300ull	/* 0: contiguous; 1: page list; 2: list of page-list indexes, each of 512 entries */
#define TERN_HW_MRTE_ATTR_PAGE_SHIFT_MASK	0x0000000000007c00ull	/* level 1 and 2: log2 of the page size, 12 to 30 */
#define TERN_HW_MRTE_ATTR_KEY_MASK	0x00000000ff000000ull	/* Bits 7:0 of the key */
#define TERN_HW_MRTE_ATTR_PD_MASK	0x00ffffff00000000ull	/* Protection domain */
_Static_assert(sizeof(struct tern_hw_mrte) == 64, "tern_hw_mrte");

/* Kinds of objects in the host memory cache */
enum tern_hw_hmc_kind {
	TERN_HW_HMC_KIND_QP = 0x0,	/* QP object, 512 B: 8 lines, enum qp_line */
	TERN_HW_HMC_KIND_CQ = 0x1,	/* CQ context, 64 B */
	TERN_HW_HMC_KIND_SRQ = 0x2,	/* SRQ context, 64 B */
	TERN_HW_HMC_KIND_MRTE = 0x3,	/* Memory region table entry, 64 B */
	TERN_HW_HMC_KIND_PBLE = 0x4,	/* Page-list entry, 8 B */
	TERN_HW_HMC_KIND_IRRQ = 0x5,	/* Results of the last 16 atomics of a QP, 256 B, struct atomic_result; same index as the QP */
};

/* Function-private memory: limits, counts and layout */
struct tern_hw_fpm {
	__le32 max_sds;	/* QUERY: segment descriptors that the device has */
	__le32 used_sds;	/* COMMIT, written back: segments that the layout spans */
	__le64 rsvd0;	/* 0 */
	__le64 kind[30];	/* struct fpm_kind for each of 15 kinds, indexed by enum hmc_kind; unknown kinds are 0 */
};
_Static_assert(sizeof(struct tern_hw_fpm) == 256, "tern_hw_fpm");

/* One kind of object in struct fpm */
struct tern_hw_fpm_kind {
	__le32 count;	/* QUERY: the most there can be. COMMIT: how many are asked for */
	__le32 log_size;	/* QUERY and COMMIT, written back: log2 of the object size in bytes */
	__le64 base;	/* COMMIT, written back: offset of object 0 in function-private memory. Kinds follow each other in order, each base aligned to 2 MiB */
};
_Static_assert(sizeof(struct tern_hw_fpm_kind) == 16, "tern_hw_fpm_kind");

/* CQ context in the host memory cache. Owned by the device; the host only provides zeroed memory */
struct tern_hw_cq_ctx {
	__le64 ring;	/* As in cqp_cq_wqe */
	__le64 attr;
	__le64 moderation;	/* As in cqp_cq_wqe */
	__le64 page_addr;	/* Bus address of the ring page that the producer index is in */
	__le64 indexes;
	__le64 solicit;
	__le64 rsvd[2];	/* 0 */
};
#define TERN_HW_CQ_CTX_ATTR_LOG_SIZE_MASK	0x000000000000001full	/* As in cqp_cq_wqe */
#define TERN_HW_CQ_CTX_ATTR_LEVEL_MASK	0x0000000000000020ull	/* As in cqp_cq_wqe */
#define TERN_HW_CQ_CTX_ATTR_VALID_MASK	0x0000000000000040ull	/* The CQ exists */
#define TERN_HW_CQ_CTX_ATTR_ERROR_MASK	0x0000000000000080ull	/* The CQ stopped */
#define TERN_HW_CQ_CTX_ATTR_PAGE_SHIFT_MASK	0x0000000000001f00ull	/* As in cqp_cq_wqe */
#define TERN_HW_CQ_CTX_ATTR_CEQ_VALID_MASK	0x0000000000004000ull	/* As in cqp_cq_wqe */
#define TERN_HW_CQ_CTX_ATTR_CEQ_MASK	0x0000000000ff0000ull	/* As in cqp_cq_wqe */
#define TERN_HW_CQ_CTX_ATTR_MODE_MASK	0x0000000007000000ull	/* As in cqp_cq_wqe */
#define TERN_HW_CQ_CTX_ATTR_MAPPED_MASK	0x0000000080000000ull	/* page_pfn holds the page of the producer index */
#define TERN_HW_CQ_CTX_ATTR_PAGE_MASK	0x0000ffff00000000ull	/* As in cqp_cq_wqe */
#define TERN_HW_CQ_CTX_INDEXES_PRODUCER_MASK	0x0000000000ffffffull	/* CQEs written, modulo 2^24 */
#define TERN_HW_CQ_CTX_INDEXES_CONSUMER_MASK	0x0000ffffff000000ull	/* Last consumer index that a doorbell told */
#define TERN_HW_CQ_CTX_INDEXES_ARM_MODE_MASK	0x0007000000000000ull	/* Mode of the arm in force */
#define TERN_HW_CQ_CTX_INDEXES_ARMED_MASK	0x0008000000000000ull	/* An event is asked for */
#define TERN_HW_CQ_CTX_INDEXES_TIMING_MASK	0x0010000000000000ull	/* The timer of mode timer runs */
#define TERN_HW_CQ_CTX_SOLICIT_INDEX_MASK	0x0000000000ffffffull	/* Producer index behind the last solicited CQE */
_Static_assert(sizeof(struct tern_hw_cq_ctx) == 64, "tern_hw_cq_ctx");

/* What QUERY_CAPS reports */
struct tern_hw_caps {
	__le32 version;	/* As register version */
	__le32 vectors;	/* Interrupt vectors */
	__le32 ceqs;	/* Completion event queues */
	__le32 pages;	/* Doorbell pages */
	__le32 gids;	/* GID table entries */
	__le32 max_log_cqe;	/* log2 of the largest CQ, in entries */
	__le32 max_log_ceqe;	/* log2 of the largest CEQ */
	__le32 max_log_aeqe;	/* log2 of the largest AEQ */
	__le64 page_sizes;	/* Page sizes of page lists: bit n stands for 2^n bytes */
	__le32 clock_khz;	/* Resolution of the device clock */
	__le32 max_log_cqp;	/* log2 of the largest CQP ring */
	__le32 max_log_sq;	/* log2 of the most slots of an SQ */
	__le32 max_log_rq;	/* log2 of the most entries of an RQ */
	__le32 max_sge;	/* SGEs of a work queue entry */
	__le32 max_inline;	/* Bytes of inline data */
	__le32 max_rd;	/* READs and atomics under way per QP, each direction */
	__le32 push_slots;	/* Slots of a push page; 0: pushing is not built */
	__le32 transports;	/* Bit n: QPs of type n of enum qp_type can be made */
	__le32 mcast_groups;	/* Multicast groups; 0: ATTACH_MCAST is not built */
	__le32 mcast_qps;	/* QPs in a group */
	__le32 rsvd0;	/* 0 */
	__le64 rsvd[5];	/* 0 */
};
_Static_assert(sizeof(struct tern_hw_caps) == 128, "tern_hw_caps");

/* Counters in struct stats, each 64 bits wide */
enum tern_hw_stat {
	TERN_HW_STAT_CQP_DONE = 0x0,	/* Commands completed */
	TERN_HW_STAT_CQP_FAILED = 0x1,	/* Commands completed with an error */
	TERN_HW_STAT_CQE = 0x2,	/* Entries written to CQs */
	TERN_HW_STAT_CEQE = 0x3,	/* Entries written to CEQs */
	TERN_HW_STAT_AEQE = 0x4,	/* Entries written to the AEQ */
	TERN_HW_STAT_IRQ = 0x5,	/* Interrupts raised */
	TERN_HW_STAT_DOORBELL = 0x6,	/* Doorbells taken */
	TERN_HW_STAT_DOORBELL_BAD = 0x7,	/* Doorbells refused */
	TERN_HW_STAT_DMA_READ = 0x8,	/* DMA read requests */
	TERN_HW_STAT_DMA_READ_ERR = 0x9,	/* DMA read requests that failed */
	TERN_HW_STAT_DMA_WRITE = 0xa,	/* DMA write requests */
	TERN_HW_STAT_DMA_WRITE_ERR = 0xb,	/* DMA write requests that failed */
	TERN_HW_STAT_HMC_ACCESS = 0xc,	/* HMC accesses */
	TERN_HW_STAT_HMC_ERR = 0xd,	/* HMC accesses refused */
	TERN_HW_STAT_PD_HIT = 0xe,	/* Page descriptors found in the cache */
	TERN_HW_STAT_PD_MISS = 0xf,	/* Page descriptors fetched */
	TERN_HW_STAT_CQ_HIT = 0x10,	/* CQ contexts found in the cache */
	TERN_HW_STAT_CQ_MISS = 0x11,	/* CQ contexts fetched */
	TERN_HW_STAT_AE_LOST = 0x12,	/* Asynchronous events lost or suppressed */
	TERN_HW_STAT_CE_LOST = 0x13,	/* Completion events lost */
	TERN_HW_STAT_TX_FRAMES = 0x14,	/* Frames sent */
	TERN_HW_STAT_TX_BYTES = 0x15,	/* Bytes of them, without FCS */
	TERN_HW_STAT_RX_FRAMES = 0x16,	/* Frames received */
	TERN_HW_STAT_RX_BYTES = 0x17,	/* Bytes of them, without FCS */
	TERN_HW_STAT_RX_BAD = 0x18,	/* Frames that the MAC found bad, too short or too long */
	TERN_HW_STAT_RX_OVERRUN = 0x19,	/* Frames that found no room */
	TERN_HW_STAT_RX_FILTERED = 0x1a,	/* Frames for other stations */
	TERN_HW_STAT_RX_ROCE = 0x1b,	/* RoCEv2 packets for a local GID or an attached group */
	TERN_HW_STAT_RX_ICRC = 0x1c,	/* RoCEv2 packets with a wrong ICRC */
	TERN_HW_STAT_RX_HEADER = 0x1d,	/* RoCEv2 packets with a wrong header, length or opcode */
	TERN_HW_STAT_RX_QP = 0x1e,	/* RoCEv2 packets for a QP that does not exist, is of another type, is not ready, or (RC, UC) has another peer address or GID */
	TERN_HW_STAT_TX_REQUESTS = 0x1f,	/* Request packets sent */
	TERN_HW_STAT_TX_RESENT = 0x20,	/* Times that a requester went back */
	TERN_HW_STAT_TX_RESPONSES = 0x21,	/* READ and atomic response packets sent */
	TERN_HW_STAT_TX_ACKS = 0x22,	/* ACKs sent */
	TERN_HW_STAT_TX_NAKS = 0x23,	/* NAKs sent, of all kinds */
	TERN_HW_STAT_RX_REQUESTS = 0x24,	/* Request packets in sequence */
	TERN_HW_STAT_RX_DUPLICATES = 0x25,	/* Request packets seen before */
	TERN_HW_STAT_RX_GAPS = 0x26,	/* Request packets ahead of sequence */
	TERN_HW_STAT_RX_RNR = 0x27,	/* Messages that found no receive queue entry */
	TERN_HW_STAT_RX_ACKS = 0x28,	/* ACKs received */
	TERN_HW_STAT_RX_NAKS_SEQ = 0x29,	/* Sequence NAKs received */
	TERN_HW_STAT_RX_NAKS_RNR = 0x2a,	/* RNR NAKs received */
	TERN_HW_STAT_RX_NAKS_ERR = 0x2b,	/* Other NAKs received */
	TERN_HW_STAT_RX_RESPONSES = 0x2c,	/* READ and atomic response packets in sequence */
	TERN_HW_STAT_RX_READ_GAPS = 0x2d,	/* READ and atomic response packets out of sequence */
	TERN_HW_STAT_RX_STRAY = 0x2e,	/* Responses that nobody waits for, but for ACKs that come late */
	TERN_HW_STAT_TIMEOUTS = 0x2f,	/* Local ACK timeouts */
	TERN_HW_STAT_MR_HIT = 0x30,	/* Region table entries found in the cache */
	TERN_HW_STAT_MR_MISS = 0x31,	/* Region table entries fetched */
	TERN_HW_STAT_QP_HIT = 0x32,	/* QP lines found in the caches */
	TERN_HW_STAT_QP_MISS = 0x33,	/* QP lines fetched */
	TERN_HW_STAT_QP_ERRORS = 0x34,	/* QPs that went to error */
	TERN_HW_STAT_TX_AGAIN = 0x35,	/* Request packets that had been sent before */
	TERN_HW_STAT_TX_DROPPED = 0x36,	/* Packets that did not leave: their QP has no address, or the GID is gone */
	TERN_HW_STAT_RX_CNP = 0x37,	/* Congestion notifications received */
	TERN_HW_STAT_RX_DROPPED = 0x38,	/* Packets of UC, UD and GSI QPs dropped: a gap before them, a wrong length or order, no right, Q_Key */
	TERN_HW_STAT_RX_QKEY = 0x39,	/* Of these, those with a wrong Q_Key */
	TERN_HW_STAT_RX_MCAST = 0x3a,	/* Packets received for multicast groups that a QP is attached to */
};

/* What QUERY_STATS reports */
struct tern_hw_stats {
	__le64 counter[64];	/* Indexed by enum stat; unknown ones are 0 */
};
_Static_assert(sizeof(struct tern_hw_stats) == 512, "tern_hw_stats");

/* Offset of an Ethernet doorbell in page 0; stores as for enum db */
enum tern_hw_eth_db {
	TERN_HW_ETH_DB_AQ = 0x30,	/* Admin queue, struct db_q with num 0; index counts entries */
	TERN_HW_ETH_DB_CQ = 0x38,	/* Ethernet CQ, struct db_cq; 0 is the ACQ. An arm also re-arms the CQ's interrupt vector and takes back its level */
	TERN_HW_ETH_DB_SQ = 0x40,	/* Send queue, struct db_q; index counts descriptors. Covers whole frames */
	TERN_HW_ETH_DB_RQ = 0x48,	/* Receive queue, struct db_q; index counts descriptors */
};

/* Admin queue commands */
enum tern_hw_aq_op {
	TERN_HW_AQ_OP_NOP = 0x0,	/* Does nothing */
	TERN_HW_AQ_OP_CREATE_CQ = 0x1,	/* Create a completion queue, struct aq_cq_cmd */
	TERN_HW_AQ_OP_DESTROY_CQ = 0x2,	/* Destroy a completion queue that no other queue uses; completes when none of its entries is on the way */
	TERN_HW_AQ_OP_CREATE_SQ = 0x4,	/* Create a send or receive queue, struct aq_sq_cmd */
	TERN_HW_AQ_OP_DESTROY_SQ = 0x5,	/* Destroy a send or receive queue; completes when no access to its ring and buffers is under way. What it had begun has its completion before */
	TERN_HW_AQ_OP_SET_PORT = 0x8,	/* Set MAC address and receive filter, struct aq_port_cmd */
	TERN_HW_AQ_OP_GET_PORT = 0x9,	/* Result: struct eth_port */
	TERN_HW_AQ_OP_QUERY_STATS = 0xc,	/* Write struct eth_stats to a buffer, struct aq_buf_cmd */
};

/* Outcome of an admin command; if not ok nothing was changed */
enum tern_hw_aq_status {
	TERN_HW_AQ_STATUS_OK = 0x0,	/* Done */
	TERN_HW_AQ_STATUS_OPCODE = 0x1,	/* Undefined opcode */
	TERN_HW_AQ_STATUS_ID = 0x2,	/* Number of the queue out of range */
	TERN_HW_AQ_STATUS_ADDRESS = 0x3,	/* Address not aligned as the command asks; a MAC address that is none of a station */
	TERN_HW_AQ_STATUS_SIZE = 0x4,	/* Size out of range */
	TERN_HW_AQ_STATUS_MODE = 0x5,	/* Moderation mode not defined */
	TERN_HW_AQ_STATUS_CQ = 0x6,	/* The completion queue out of range, or it does not exist, or it is the ACQ */
	TERN_HW_AQ_STATUS_EXISTS = 0x7,	/* The queue exists already */
	TERN_HW_AQ_STATUS_MISSING = 0x8,	/* The queue does not exist */
	TERN_HW_AQ_STATUS_IN_USE = 0x9,	/* The completion queue is used by a send or receive queue */
	TERN_HW_AQ_STATUS_WRITE = 0xa,	/* The bus refused a write */
};

/* Command as the AQ fetches it. The header is written last */
struct tern_hw_aq_cmd {
	__le64 hdr;
	__le64 arg[7];	/* Depends on the command; unused ones are 0 */
};
#define TERN_HW_AQ_CMD_HDR_ID_MASK	0x000000000000ffffull	/* Number of the queue */
#define TERN_HW_AQ_CMD_HDR_OP_MASK	0x000000003f000000ull	/* enum aq_op */
#define TERN_HW_AQ_CMD_HDR_POLARITY_MASK	0x8000000000000000ull	/* 1 in the first pass over the ring, flips with every wrap */
_Static_assert(sizeof(struct tern_hw_aq_cmd) == 64, "tern_hw_aq_cmd");

/* CREATE_CQ. id is 1 or above */
struct tern_hw_aq_cq_cmd {
	__le64 hdr;	/* As in aq_cmd */
	__le64 ring;	/* Address of the ring, aligned to 4 KiB, contiguous */
	__le64 attr;
	__le64 moderation;
	__le64 rsvd[4];	/* 0 */
};
#define TERN_HW_AQ_CQ_CMD_ATTR_LOG_SIZE_MASK	0x000000000000001full	/* Ring size, log2 of the number of 32 B entries, 1 to 16 */
#define TERN_HW_AQ_CQ_CMD_ATTR_VEC_VALID_MASK	0x0000000000000020ull	/* Events raise vec, else there are none */
#define TERN_HW_AQ_CQ_CMD_ATTR_VEC_MASK	0x0000000000003f00ull	/* Interrupt vector */
#define TERN_HW_AQ_CQ_CMD_ATTR_MODE_MASK	0x0000000000070000ull	/* enum cq_mode behind arm mode configured; not configured itself */
#define TERN_HW_AQ_CQ_CMD_MODERATION_COUNT_MASK	0x000000000000ffffull	/* CQEs for mode count; 0 means 1 */
#define TERN_HW_AQ_CQ_CMD_MODERATION_PERIOD_MASK	0x0000ffffffff0000ull	/* ns for mode timer */
_Static_assert(sizeof(struct tern_hw_aq_cq_cmd) == 64, "tern_hw_aq_cq_cmd");

/* CREATE_SQ (all), DESTROY_SQ (hdr and attr.rx) */
struct tern_hw_aq_sq_cmd {
	__le64 hdr;	/* As in aq_cmd. Send and receive queues are numbered separately */
	__le64 ring;	/* Address of the ring, aligned to 4 KiB, contiguous */
	__le64 attr;
	__le64 rsvd[5];	/* 0 */
};
#define TERN_HW_AQ_SQ_CMD_ATTR_LOG_SIZE_MASK	0x000000000000001full	/* Ring size, log2 of the number of 16 B descriptors, 2 to eth_caps.max_log */
#define TERN_HW_AQ_SQ_CMD_ATTR_RX_MASK	0x0000000000000020ull	/* A receive queue, else a send queue */
#define TERN_HW_AQ_SQ_CMD_ATTR_CQN_MASK	0x00000000ffff0000ull	/* Completion queue, not the ACQ */
_Static_assert(sizeof(struct tern_hw_aq_sq_cmd) == 64, "tern_hw_aq_sq_cmd");

/* SET_PORT */
struct tern_hw_aq_port_cmd {
	__le64 hdr;	/* As in aq_cmd; id is 0 */
	__le64 port;	/* struct eth_port */
	__le64 mask;	/* What of it is meant */
	__le64 rsvd[5];	/* 0 */
};
#define TERN_HW_AQ_PORT_CMD_MASK_MAC_MASK	0x0000000000000001ull	/*  */
#define TERN_HW_AQ_PORT_CMD_MASK_PROMISC_MASK	0x0000000000000002ull	/*  */
#define TERN_HW_AQ_PORT_CMD_MASK_MULTICAST_MASK	0x0000000000000004ull	/*  */
_Static_assert(sizeof(struct tern_hw_aq_port_cmd) == 64, "tern_hw_aq_port_cmd");

/* QUERY_STATS */
struct tern_hw_aq_buf_cmd {
	__le64 hdr;	/* As in aq_cmd; id is 0 */
	__le64 addr;	/* Buffer, aligned to 128 bytes */
	__le64 rsvd[6];	/* 0 */
};
_Static_assert(sizeof(struct tern_hw_aq_buf_cmd) == 64, "tern_hw_aq_buf_cmd");

/* Address and receive filter of the Ethernet port */
struct tern_hw_eth_port {
	__le64 w;
};
#define TERN_HW_ETH_PORT_W_MAC_MASK	0x0000ffffffffffffull	/* Station address, its first octet in the highest byte; register mac after reset */
#define TERN_HW_ETH_PORT_W_PROMISC_MASK	0x0001000000000000ull	/* Take frames for all stations */
#define TERN_HW_ETH_PORT_W_MULTICAST_MASK	0x0002000000000000ull	/* Take frames for all groups, else only broadcast; 1 after reset */
_Static_assert(sizeof(struct tern_hw_eth_port) == 8, "tern_hw_eth_port");

/* ACQ entry; has the size and the polarity place of a CQE */
struct tern_hw_acqe {
	__le64 timestamp;	/* Device clock in ns when the entry was written */
	__le64 result;	/* Command-specific result */
	__le64 rsvd;	/* 0 */
	__le64 info;	/* Read first */
};
#define TERN_HW_ACQE_INFO_ID_MASK	0x000000000000ffffull	/* The id of the command */
#define TERN_HW_ACQE_INFO_OPCODE_MASK	0x000000003f000000ull	/* enum aq_op */
#define TERN_HW_ACQE_INFO_STATUS_MASK	0x000000ff00000000ull	/* enum aq_status */
#define TERN_HW_ACQE_INFO_INDEX_MASK	0x00ffff0000000000ull	/* Index of the command */
#define TERN_HW_ACQE_INFO_POLARITY_MASK	0x8000000000000000ull	/* As in a CQE */
_Static_assert(sizeof(struct tern_hw_acqe) == 32, "tern_hw_acqe");

/* Descriptor of a send queue. A frame has 1 to 32 of them */
struct tern_hw_eth_tx_desc {
	__le64 addr;	/* Bus address */
	__le64 ctl;
};
#define TERN_HW_ETH_TX_DESC_CTL_LEN_MASK	0x0000000000003fffull	/* Bytes, 1 to 9216; 14 to 9216 in the whole frame */
#define TERN_HW_ETH_TX_DESC_CTL_LAST_MASK	0x0000000000010000ull	/* The frame ends here */
#define TERN_HW_ETH_TX_DESC_CTL_COMPLETE_MASK	0x0000000000020000ull	/* With last: a completion is wanted. Frames that fail complete always */
_Static_assert(sizeof(struct tern_hw_eth_tx_desc) == 16, "tern_hw_eth_tx_desc");

/* Descriptor of a receive queue; takes one frame. One that is too short for a frame stays for the next */
struct tern_hw_eth_rx_desc {
	__le64 addr;	/* Bus address */
	__le64 ctl;
};
#define TERN_HW_ETH_RX_DESC_CTL_LEN_MASK	0x0000000000003fffull	/* Bytes */
_Static_assert(sizeof(struct tern_hw_eth_rx_desc) == 16, "tern_hw_eth_rx_desc");

/* Completion of a frame; has the size and the polarity place of a CQE */
struct tern_hw_eth_cqe {
	__le64 timestamp;	/* Device clock in ns when the entry was written */
	__le32 len;	/* Bytes of the frame */
	__le32 csum;	/* 0; for checksums to come */
	__le64 meta;	/* 0; for hash and VLAN tag to come */
	__le64 info;	/* Read first */
};
#define TERN_HW_ETH_CQE_INFO_QID_MASK	0x000000000000ffffull	/* Number of the queue */
#define TERN_HW_ETH_CQE_INFO_RX_MASK	0x0000000000010000ull	/* A receive queue, else a send queue */
#define TERN_HW_ETH_CQE_INFO_STATUS_MASK	0x000000ff00000000ull	/* enum wc_status: success; loc_qp_op: malformed descriptors, or the queue was destroyed before all of the frame was read; loc_len: frame too short or too long; general: the bus refused an access */
#define TERN_HW_ETH_CQE_INFO_INDEX_MASK	0x00ffff0000000000ull	/* Index of the (last) descriptor, modulo 2^16; all before it are done too */
#define TERN_HW_ETH_CQE_INFO_POLARITY_MASK	0x8000000000000000ull	/* As in a CQE */
_Static_assert(sizeof(struct tern_hw_eth_cqe) == 32, "tern_hw_eth_cqe");

/* What QUERY_STATS of the AQ reports */
struct tern_hw_eth_stats {
	__le64 counter[16];	/* Indexed by enum eth_stat; unknown ones are 0 */
};
_Static_assert(sizeof(struct tern_hw_eth_stats) == 128, "tern_hw_eth_stats");

/* Counters in struct eth_stats */
enum tern_hw_eth_stat {
	TERN_HW_ETH_STAT_TX_FRAMES = 0x0,	/* Frames sent */
	TERN_HW_ETH_STAT_TX_BYTES = 0x1,	/* Bytes of them, without FCS */
	TERN_HW_ETH_STAT_TX_BAD = 0x2,	/* Frames refused for their descriptors */
	TERN_HW_ETH_STAT_TX_ERR = 0x3,	/* Frames not sent because the bus refused data */
	TERN_HW_ETH_STAT_RX_FRAMES = 0x4,	/* Frames written to receive buffers */
	TERN_HW_ETH_STAT_RX_BYTES = 0x5,	/* Bytes of them, without FCS */
	TERN_HW_ETH_STAT_RX_NO_DESC = 0x6,	/* Frames dropped because no descriptor was there */
	TERN_HW_ETH_STAT_RX_LONG = 0x7,	/* Frames dropped because the descriptor was too short */
	TERN_HW_ETH_STAT_RX_ERR = 0x8,	/* Descriptors or frames lost because the bus refused an access */
	TERN_HW_ETH_STAT_CQ_ERR = 0x9,	/* Completion queues that stopped (overrun or bus), and completions that they lost */
};

#endif /* TERN_HW_H */
