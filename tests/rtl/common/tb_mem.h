/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Sparse host memory for the RTL benches. SystemVerilog reaches it through
 * tb_mem_pkg, C models directly. One memory per process, one thread.
 *
 * Memory must be mapped before the device may touch it: the AXI model answers
 * DECERR elsewhere. The accessors below are the host's own view; they may touch
 * anything and read 0 where nothing was ever written.
 */
#ifndef TB_MEM_H
#define TB_MEM_H

/* The types that DPI-C gives to longint unsigned and int unsigned */
typedef unsigned long long tb_u64;
typedef unsigned int tb_u32;

#define TB_MEM_READ 1u
#define TB_MEM_WRITE 2u

/* addr and len are multiples of 4096; access 0 unmaps and keeps the contents */
void tb_mem_map(tb_u64 addr, tb_u64 len, tb_u32 access);
/* TB_MEM_* bits of the page that holds addr */
tb_u32 tb_mem_access(tb_u64 addr);
/* Forgets all contents and all mappings */
void tb_mem_clear(void);

void tb_mem_get(tb_u64 addr, void *buf, tb_u64 len);
void tb_mem_put(tb_u64 addr, const void *buf, tb_u64 len);

tb_u32 tb_mem_get8(tb_u64 addr);
tb_u32 tb_mem_get32(tb_u64 addr);
tb_u64 tb_mem_get64(tb_u64 addr);
void tb_mem_put8(tb_u64 addr, tb_u32 value);
void tb_mem_put32(tb_u64 addr, tb_u32 value);
void tb_mem_put64(tb_u64 addr, tb_u64 value);

/* 64 B lines as they are on the bus; addr is aligned down. line is 16 words of 32 bits */
void tb_mem_get_line(tb_u64 addr, tb_u32 *line);
void tb_mem_put_line(tb_u64 addr, const tb_u32 *line, tb_u64 strobe);

#endif
