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

/* Offset of a doorbell in its 4 KiB page; each is one aligned 64-bit store. Stores elsewhere are ignored and reported */
enum tern_hw_db {
	TERN_HW_DB_SQ = 0x0,	/* Send queue, struct db_q */
	TERN_HW_DB_RQ = 0x8,	/* Receive queue, struct db_q */
	TERN_HW_DB_CQ = 0x10,	/* Completion queue, struct db_cq */
	TERN_HW_DB_EQ = 0x20,	/* Event queue, struct db_eq; page 0 only */
	TERN_HW_DB_CQP = 0x28,	/* Control queue, struct db_q with num 0; page 0 only */
	TERN_HW_DB_PUSH = 0x800,	/* Push window, 32 slots of 64 B */
};

/* Send, receive or control queue doorbell */
struct tern_hw_db_q {
	__le64 w;
};
#define TERN_HW_DB_Q_W_NUM_MASK	0x0000000000ffffffull	/* Queue number */
#define TERN_HW_DB_Q_W_INDEX_MASK	0xffffffff00000000ull	/* New producer index: entries produced since creation, modulo 2^16 (CQP, SQ and RQ) */
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
	__le32 len;	/* Bytes moved */
	__le32 imm;	/* Immediate data in network order, or the invalidated key */
	__le64 peer;
	__le64 info;	/* Read first; the rest only after polarity says that the entry is new */
};
#define TERN_HW_CQE_PEER_SRC_QPN_MASK	0x0000000000ffffffull	/* UD: sender's QP number */
#define TERN_HW_CQE_PEER_GRH_MASK	0x0000000001000000ull	/* UD: the first 40 bytes of the buffer hold a GRH */
#define TERN_HW_CQE_PEER_IPV4_MASK	0x0000000002000000ull	/* UD: the network header is IPv4, else IPv6 */
#define TERN_HW_CQE_PEER_VLAN_MASK	0x0000000004000000ull	/* UD: vlan_tci is valid */
#define TERN_HW_CQE_PEER_VLAN_TCI_MASK	0x0000ffff00000000ull	/* UD: VLAN tag */
#define TERN_HW_CQE_PEER_WQE_INDEX_MASK	0xffff000000000000ull	/* Index of the work queue entry that completed */
#define TERN_HW_CQE_INFO_QPN_MASK	0x0000000000ffffffull	/* Local QP number */
#define TERN_HW_CQE_INFO_OPCODE_MASK	0x00000000ff000000ull	/* enum wqe_op of the completed request; receive: enum rcv_op */
#define TERN_HW_CQE_INFO_STATUS_MASK	0x000000ff00000000ull	/* 0, or why the request failed */
#define TERN_HW_CQE_INFO_RQ_MASK	0x0000010000000000ull	/* A receive completed, else a send */
#define TERN_HW_CQE_INFO_SOLICITED_MASK	0x0000020000000000ull	/* The peer asked for an event */
#define TERN_HW_CQE_INFO_WITH_IMM_MASK	0x0000040000000000ull	/* imm holds immediate data */
#define TERN_HW_CQE_INFO_WITH_INV_MASK	0x0000080000000000ull	/* imm holds an invalidated key */
#define TERN_HW_CQE_INFO_POLARITY_MASK	0x8000000000000000ull	/* 1 in the first pass over the ring, flips with every wrap */
_Static_assert(sizeof(struct tern_hw_cqe) == 32, "tern_hw_cqe");

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

/* What an asynchronous event is about */
enum tern_hw_ae_source {
	TERN_HW_AE_SOURCE_DEVICE = 0x0,	/* The device as a whole */
	TERN_HW_AE_SOURCE_CQ = 0x1,	/* A completion queue */
	TERN_HW_AE_SOURCE_CEQ = 0x2,	/* A completion event queue */
	TERN_HW_AE_SOURCE_PAGE = 0x3,	/* A doorbell page */
	TERN_HW_AE_SOURCE_CQP = 0x4,	/* The control queue pair */
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
	TERN_HW_CQP_MINOR_GID = 0x15,	/* GID operation not defined */
	TERN_HW_CQP_MINOR_POLARITY = 0x16,	/* Wrong polarity; the CQP halted */
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

/* Kinds of objects in the host memory cache */
enum tern_hw_hmc_kind {
	TERN_HW_HMC_KIND_QP = 0x0,	/* QP context, 256 B */
	TERN_HW_HMC_KIND_CQ = 0x1,	/* CQ context, 64 B */
	TERN_HW_HMC_KIND_SRQ = 0x2,	/* SRQ context, 64 B */
	TERN_HW_HMC_KIND_MRTE = 0x3,	/* Memory region table entry, 64 B */
	TERN_HW_HMC_KIND_PBLE = 0x4,	/* Page-list entry, 8 B */
	TERN_HW_HMC_KIND_IRRQ = 0x5,	/* Inbound read or atomic request, 64 B */
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
	__le64 rsvd[10];	/* 0 */
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
};

/* What QUERY_STATS reports */
struct tern_hw_stats {
	__le64 counter[64];	/* Indexed by enum stat; unknown ones are 0 */
};
_Static_assert(sizeof(struct tern_hw_stats) == 512, "tern_hw_stats");

#endif /* TERN_HW_H */
