#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: abuse_qp.py [UNITTEST-ARGUMENT...]

Like abuse.py, for queue pairs and memory regions: every attribute and size that a process may
choose is tried at its limit, above it and far above it. Each wrong one is an errno, and neither
the log nor the device's memory shows a trace of it."""

import ctypes
import errno
import mmap
import os
import re
import struct
import subprocess
import unittest
from pathlib import Path

import abuse
from abuse import ALLOC_PD, CREATE_QP, DEVICE, PAGE, REG_MR, Abuse, Context, Ring

DEALLOC_PD, REREG_MR, DEREG_MR, MODIFY_QP, DESTROY_QP = 4, 11, 13, 26, 27
POLL_CQ, REQ_NOTIFY_CQ, POST_SEND, POST_RECV, RESIZE_CQ = 21, 23, 28, 29, 19
RC, UC, UD = 2, 3, 4
NO_QUEUE = 0xFF
MAX_LOG_WQ, MAX_SGE, MAX_INLINE, MAX_RD = 15, 16, 224, 16
RESET, INIT, RTR, RTS, SQD, SQE, ERR = range(7)
LOCAL_WRITE, REMOTE_WRITE, REMOTE_READ, REMOTE_ATOMIC = 1, 2, 4, 8
RELAXED_ORDERING = 1 << 20
MASK = {
    "qp_state": 1 << 0, "cur_state": 1 << 1, "en_sqd": 1 << 2, "access": 1 << 3, "pkey": 1 << 4,
    "port": 1 << 5, "qkey": 1 << 6, "av": 1 << 7, "mtu": 1 << 8, "timeout": 1 << 9,
    "retry": 1 << 10, "rnr_retry": 1 << 11, "rq_psn": 1 << 12, "max_rd": 1 << 13,
    "alt_path": 1 << 14, "min_rnr": 1 << 15, "sq_psn": 1 << 16, "max_dest_rd": 1 << 17,
    "mig": 1 << 18, "cap": 1 << 19, "dest_qp": 1 << 20,
}
NOT_MAPPED = [errno.EFAULT, errno.ENOMEM, errno.EINVAL]


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


class Memory:
    """Anonymous memory of any size; it is reserved, not used, until it is written to."""

    def __init__(self, size, prot=mmap.PROT_READ | mmap.PROT_WRITE, flags=0):
        self.size = size
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.mmap.restype = ctypes.c_void_p
        self.libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [
            ctypes.c_long
        ]
        flags |= mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_NORESERVE
        self.address = self.libc.mmap(None, size, prot, flags, -1, 0)
        if self.address == 2**64 - 1:
            raise OSError(ctypes.get_errno(), "mmap")

    def free(self):
        self.libc.munmap(ctypes.c_void_p(self.address), ctypes.c_size_t(self.size))


class Process(Context):
    """A context with a PD and a CQ, that makes QPs and regions."""

    def __init__(self):
        super().__init__()
        (self.pd,) = struct.unpack("=I", self.command(ALLOC_PD, b"", b"", 4, 0))
        self.cq = self.create_cq(Ring().request())[0]
        self.memory = Memory(64 << 20)

    def close(self):
        super().close()
        self.memory.free()

    def silent_command(self, number, body):
        """One that has no answer."""
        os.write(self.fd, struct.pack("=IHH", number, (8 + len(body)) // 4, 0) + body)

    def rings(self, sq=6, rq=8, stride=0, comp_mask=0, reserved=0, sq_va=None, rq_va=None):
        half = self.memory.size // 2
        sq_va = self.memory.address if sq_va is None else sq_va
        rq_va = self.memory.address + half if rq_va is None else rq_va
        if sq == NO_QUEUE:
            sq_va = 0
        if rq == NO_QUEUE:
            rq_va = 0
        return struct.pack("=IBBBBQQ", comp_mask, sq, rq, stride, reserved, sq_va, rq_va)

    def create_qp(self, driver=None, wr=(1, 1), sge=(1, 1), inline=0, kind=RC, pd=None, cqs=None,
                  srq=0, is_srq=0, sig_all=0):
        driver = self.rings() if driver is None else driver
        pd = self.pd if pd is None else pd
        cqs = cqs or (self.cq, self.cq)
        core = struct.pack("=Q9I4B", 0, pd, *cqs, srq, *wr, *sge, inline, sig_all, kind, is_srq, 0)
        answer = self.command(CREATE_QP, core, driver, 32, 8)
        return struct.unpack("=2I", answer[:8])

    def destroy_qp(self, handle):
        self.command(DESTROY_QP, struct.pack("=II", handle, 0), b"", 4, 0)

    def modify_qp(self, handle, mask=0, driver=b"", **values):
        v = dict(dgid=bytes(10) + b"\xff\xff\x0a\x4d\x00\x02", sgid=1, hop_limit=64, flow_label=0,
                 tclass=0, sl=0, is_global=1, av_port=1, qkey=0, rq_psn=0, sq_psn=0, dest_qp=2,
                 access=0, pkey=0, qp_state=0, cur_state=0, mtu=3, mig=0, en_sqd=0, max_rd=1,
                 max_dest_rd=1, min_rnr=12, port=1, timeout=14, retry=7, rnr_retry=7)
        for name in values:
            if name in MASK:
                mask |= MASK[name]
        if values.keys() & {"sgid", "dgid", "is_global", "av_port", "flow_label", "sl"}:
            mask |= MASK["av"]
        v.update(values)
        dest = struct.pack("=16sIHH8B", v["dgid"], v["flow_label"], 0, 0, v["sgid"],
                           v["hop_limit"], v["tclass"], v["sl"], 0, 0, v["is_global"],
                           v["av_port"])
        body = dest + bytes(32) + struct.pack(
            "=7I2H16B", handle, mask, v["qkey"], v["rq_psn"], v["sq_psn"], v["dest_qp"],
            v["access"], v["pkey"], 0, v["qp_state"], v["cur_state"], v["mtu"], v["mig"],
            v["en_sqd"], v["max_rd"], v["max_dest_rd"], v["min_rnr"], v["port"], v["timeout"],
            v["retry"], v["rnr_retry"], 1, 0, 0, 0)
        self.silent_command(MODIFY_QP, body + driver)

    def to_init(self, handle, **more):
        self.modify_qp(handle, **{**dict(qp_state=INIT, pkey=0, port=1, access=0), **more})

    def to_rtr(self, handle, **more):
        self.modify_qp(handle, **{**dict(qp_state=RTR, sgid=1, mtu=3, dest_qp=2, rq_psn=0,
                                         max_dest_rd=1, min_rnr=12), **more})

    def to_rts(self, handle, **more):
        self.modify_qp(handle, **{**dict(qp_state=RTS, timeout=14, retry=7, rnr_retry=7, sq_psn=0,
                                         max_rd=1), **more})

    def reg_mr(self, start, length, access=LOCAL_WRITE, va=None, pd=None, driver=b""):
        va = start if va is None else va
        pd = self.pd if pd is None else pd
        core = struct.pack("=QQQII", start, length, va, pd, access)
        return struct.unpack("=III", self.command(REG_MR, core, driver, 12, 0))

    def rereg_mr(self, handle, flags, start=0, length=0, va=0, pd=None, access=0):
        pd = self.pd if pd is None else pd
        core = struct.pack("=IIQQQII", handle, flags, start, length, va, pd, access)
        return struct.unpack("=II", self.command(REREG_MR, core, b"", 8, 0))

    def dereg_mr(self, handle):
        self.silent_command(DEREG_MR, struct.pack("=I", handle))


class Base(Abuse):
    """After each test all is as it was."""

    def setUp(self):
        self.pbles = abuse.figure("hmc", "pbles_used")
        # The kernel has QPs and CQs of its own
        self.resources = run("rdma", "resource", "show", DEVICE)
        super().setUp()
        self.process = Process()

    def tearDown(self):
        self.process.close()
        self.assert_works()
        self.assertEqual(abuse.figure("hmc", "pbles_used"), self.pbles)
        self.assertEqual(run("rdma", "resource", "show", DEVICE), self.resources)
        self.assert_silent()

    def qp_works(self, handle):
        self.process.destroy_qp(handle)


class CreateQp(Base):
    def test_limits(self):
        p = self.process
        for wr, sge, inline, rings in (
            ((1 << MAX_LOG_WQ, 1 << MAX_LOG_WQ), (2, 1), 0, p.rings(sq=15, rq=15)),
            ((6553, 1 << MAX_LOG_WQ), (MAX_SGE, MAX_SGE), MAX_INLINE, p.rings(15, 15, 4)),
            ((1, 1), (0, 0), 0, p.rings()),
            ((0, 1), (0, 1), 0, p.rings(sq=NO_QUEUE)),
            ((1, 0), (1, 0), 0, p.rings(rq=NO_QUEUE)),
            ((0, 0), (0, 0), 0, p.rings(sq=NO_QUEUE, rq=NO_QUEUE)),
        ):
            p.destroy_qp(p.create_qp(rings, wr, sge, inline)[0])

    def test_caps(self):
        p = self.process
        big = p.rings(15, 15, 4)
        above = (1 << MAX_LOG_WQ) + 1, 1 << 16, 1 << 31, 2**32 - 1, (1 << 32) // 64, 1 << 27
        for wr in above:
            self.refused([errno.EINVAL], p.create_qp, big, wr=(wr, 1))
            self.refused([errno.EINVAL], p.create_qp, big, wr=(1, wr))
        for sge in MAX_SGE + 1, 32, 255, 256, 1 << 16, 1 << 28, 1 << 31, 2**32 - 1:
            self.refused([errno.EINVAL], p.create_qp, big, sge=(sge, 1))
            self.refused([errno.EINVAL], p.create_qp, big, sge=(1, sge))
        for inline in MAX_INLINE + 1, 256, 1 << 16, 1 << 31, 2**32 - 1, 2**32 - 32:
            self.refused([errno.EINVAL], p.create_qp, big, inline=inline)
        # Each is possible, all together need more slots than there are
        self.refused([errno.EINVAL], p.create_qp, big, wr=(6554, 1), sge=(MAX_SGE, 1))

    def test_ring_sizes(self):
        p = self.process
        for log in *range(6), *range(MAX_LOG_WQ + 1, 255):
            self.refused([errno.EINVAL], p.create_qp, p.rings(sq=log))
        for log in *range(8), *range(MAX_LOG_WQ + 1, 255):
            self.refused([errno.EINVAL], p.create_qp, p.rings(rq=log))
        for stride in *range(5, 256),:
            self.refused([errno.EINVAL], p.create_qp, p.rings(stride=stride))
        # Too small for what is asked for
        self.refused([errno.EINVAL], p.create_qp, p.rings(sq=6), wr=(65, 1))
        self.refused([errno.EINVAL], p.create_qp, p.rings(sq=6), wr=(13, 1), sge=(MAX_SGE, 1))
        self.refused([errno.EINVAL], p.create_qp, p.rings(rq=8), wr=(1, 257))
        self.refused([errno.EINVAL], p.create_qp, p.rings(stride=0), sge=(1, 2))
        self.refused([errno.EINVAL], p.create_qp, p.rings(sq=NO_QUEUE))
        self.refused([errno.EINVAL], p.create_qp, p.rings(rq=NO_QUEUE))

    def test_ring_addresses(self):
        p = self.process
        base = p.memory.address
        for va in (base + 1, base + 8, base + 64, base + 2048, base + 4095):
            self.refused([errno.EINVAL], p.create_qp, p.rings(sq_va=va))
            self.refused([errno.EINVAL], p.create_qp, p.rings(rq_va=va))
        hole = Memory(4 * PAGE)
        hole.free()
        half = Memory(PAGE)  # of a ring of two pages, which ends in the hole behind
        Memory.free(Memory(PAGE))
        for va in (0, PAGE, hole.address, 1 << 47, 1 << 63, 2**64 - PAGE, 2**64 - 2 * PAGE):
            self.refused(NOT_MAPPED, p.create_qp, p.rings(sq=7, sq_va=va))
            self.refused(NOT_MAPPED, p.create_qp, p.rings(rq=9, rq_va=va))
        read_only = Memory(4 * PAGE, prot=mmap.PROT_READ)
        self.refused(NOT_MAPPED, p.create_qp, p.rings(sq_va=read_only.address))
        self.refused(NOT_MAPPED, p.create_qp, p.rings(rq_va=read_only.address))
        half.free()
        # A queue that does not exist has no address
        self.refused([errno.EINVAL], p.create_qp,
                     struct.pack("=IBBBBQQ", 0, NO_QUEUE, 8, 0, 0, base, base + PAGE), wr=(0, 1))

    def test_request(self):
        p = self.process
        good = p.rings()
        for bad in p.rings(comp_mask=1), p.rings(comp_mask=1 << 31), p.rings(reserved=1):
            self.refused([errno.EINVAL], p.create_qp, bad)
        for length in 0, 4, 8, 12, 16, 20:
            self.refused([errno.EINVAL, errno.EFAULT, errno.ENOMEM], p.create_qp, good[:length])
        self.refused([errno.EINVAL], p.create_qp, good + b"\0\0\0\1")
        self.refused([errno.EINVAL], p.create_qp, good + bytes(4096) + b"\0\0\0\1")
        p.destroy_qp(p.create_qp(good + bytes(64))[0])

    def test_kinds(self):
        p = self.process
        not_built = [errno.EOPNOTSUPP, errno.EINVAL]
        for kind in 0, 1, 5, 6, 7, 8, 9, 10, 0xFF:
            self.refused(not_built + [errno.EPERM], p.create_qp, kind=kind)
        p.destroy_qp(p.create_qp(kind=UC)[0])
        self.refused(not_built + [errno.ENOENT], p.create_qp, is_srq=1, srq=1)

    def test_datagrams(self):
        """An entry has room for 1 SGE or 16 B in its first slot, not 2 or 32 B."""
        p = self.process
        try:
            p.destroy_qp(p.create_qp(kind=UD)[0])
        except OSError as error:
            self.assertEqual(error.errno, errno.EOPNOTSUPP)
            return
        for want in dict(sge=(1, 1)), dict(inline=16):
            p.destroy_qp(p.create_qp(kind=UD, wr=(64, 1), **want)[0])
        for want in dict(sge=(2, 1)), dict(inline=17):
            p.destroy_qp(p.create_qp(kind=RC, wr=(64, 1), **want)[0])
            self.refused([errno.EINVAL], p.create_qp, kind=UD, wr=(64, 1), **want)
            p.destroy_qp(p.create_qp(kind=UD, wr=(32, 1), **want)[0])

    def test_objects_of_nobody(self):
        p = self.process
        missing = [errno.EINVAL, errno.ENOENT]
        for handle in 1000, 1 << 31, 2**32 - 1:
            self.refused(missing, p.create_qp, pd=handle)
            self.refused(missing, p.create_qp, cqs=(handle, p.cq))
            self.refused(missing, p.create_qp, cqs=(p.cq, handle))
        # Of another kind
        self.refused(missing, p.create_qp, pd=p.cq)
        self.refused(missing, p.create_qp, cqs=(p.pd, p.cq))

    def test_objects_in_use(self):
        p = self.process
        handle = p.create_qp()[0]
        self.refused([errno.EBUSY], p.destroy_cq, p.cq)
        self.refused([errno.EBUSY], p.silent_command, DEALLOC_PD, struct.pack("=I", p.pd))
        p.destroy_qp(handle)

    def test_rings_shared_and_unmapped(self):
        """One ring for all is foolish, not forbidden; and the kernel holds what is unmapped."""
        p = self.process
        base = p.memory.address
        handles = [p.create_qp(p.rings(sq_va=base, rq_va=base))[0] for _ in range(8)]
        gone = Memory(4 * PAGE)
        handles.append(p.create_qp(p.rings(sq_va=gone.address, rq_va=gone.address + PAGE))[0])
        gone.free()
        for handle in handles:
            p.destroy_qp(handle)

    def test_rings_of_large_pages(self):
        Path("/proc/sys/vm/nr_hugepages").write_text("4")
        huge = Memory(4 << 20, flags=0x40000)
        p = self.process
        for offset in 0, 2 << 20, PAGE, (2 << 20) - PAGE:
            p.destroy_qp(p.create_qp(p.rings(15, 8, sq_va=huge.address + offset % (2 << 20)))[0])
        huge.free()
        Path("/proc/sys/vm/nr_hugepages").write_text("0")

    def test_kernel_does_not_post(self):
        """Commands by which the kernel would write to rings that are the process's."""
        p = self.process
        handle = p.create_qp()[0]
        p.to_init(handle)
        send = struct.pack("=4I", handle, 1, 0, 128) + bytes(128)
        recv = struct.pack("=4I", handle, 1, 0, 24) + bytes(24)
        none = [errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS]
        self.refused(none, p.command, POST_SEND, send, b"", 4, 0)
        self.refused(none, p.command, POST_RECV, recv, b"", 4, 0)
        self.refused(none, p.command, POLL_CQ, struct.pack("=II", p.cq, 4), b"", 256, 0)
        self.refused(none, p.silent_command, REQ_NOTIFY_CQ, struct.pack("=II", p.cq, 0))
        self.refused(none, p.command, RESIZE_CQ, struct.pack("=II", p.cq, 200), b"", 8, 0)

    def test_many_qps(self):
        """More than a chunk of memory holds; each one that goes makes room for another."""
        p = self.process
        rings = p.rings(sq=NO_QUEUE, rq=NO_QUEUE)
        handles = [p.create_qp(rings, (0, 0), (0, 0))[0] for _ in range(600)]
        for _ in range(20):
            p.destroy_qp(handles.pop())
            handles.append(p.create_qp(rings, (0, 0), (0, 0))[0])


class ModifyQp(Base):
    def setUp(self):
        super().setUp()
        self.handle, self.qpn = self.process.create_qp()

    def bad(self, function, *wanted, **values):
        self.refused(wanted or [errno.EINVAL], function, self.handle, **values)

    def test_init(self):
        p = self.process
        for port in 0, 2, 255:
            self.bad(p.to_init, port=port)
        for pkey in 1, 65535:
            self.bad(p.to_init, pkey=pkey)
        for access in 1 << 5, 1 << 6, 1 << 7, 1 << 31, 2**32 - 1:
            self.bad(p.to_init, errno.EOPNOTSUPP, errno.EINVAL, access=access)
        for state in RTR, RTS, SQD, SQE, 7, 8, 255:
            self.bad(p.to_init, qp_state=state)
        # Rights to what tern does not do (bind, flush), and a hint, may be granted
        for access in 15, 1 << 4, 1 << 8, 1 << 20:
            p.to_init(self.handle, access=access)
        p.to_init(self.handle)

    def test_rtr(self):
        p = self.process
        p.to_init(self.handle)
        for name, values in {
            "mtu": (0, 6, 7, 255), "dest_qp": (1 << 24, 1 << 31, 2**32 - 1),
            "max_dest_rd": (MAX_RD + 1, 128, 255), "min_rnr": (32, 64, 255),
            "sgid": (200, 255), "is_global": (0,), "av_port": (0, 2, 255),
            "cur_state": (RESET, RTS, SQD, ERR, 7, 255),
        }.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    self.bad(p.to_rtr, errno.EINVAL, errno.ENOENT, **{name: value})
        # What a transition may not have, or must have
        self.bad(p.to_rtr, mask=MASK["timeout"])
        self.bad(p.to_rtr, mask=MASK["qkey"])
        self.bad(p.modify_qp, qp_state=RTR)
        for mask in MASK["cap"], MASK["alt_path"], 1 << 21, 1 << 25, 1 << 31:
            self.bad(p.to_rtr, errno.EOPNOTSUPP, errno.EINVAL, mask=mask)
        self.bad(p.to_rtr, errno.EINVAL, errno.EOPNOTSUPP, driver=b"\1\0\0\0")
        p.to_rtr(self.handle, max_dest_rd=MAX_RD, min_rnr=31, mtu=5, rq_psn=(1 << 24) - 1,
                 driver=bytes(8))

    def test_rts(self):
        p = self.process
        p.to_init(self.handle)
        p.to_rtr(self.handle)
        for name, values in {
            "timeout": (32, 255), "retry": (8, 255), "rnr_retry": (8, 255),
            "max_rd": (MAX_RD + 1, 255), "qp_state": (SQD, SQE, 7, 255),
            "cur_state": (RESET, INIT, SQD), "mig": (1, 2, 3, 255),
        }.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    self.bad(p.to_rts, errno.EINVAL, errno.EOPNOTSUPP, **{name: value})
        p.to_rts(self.handle, timeout=31, retry=0, rnr_retry=0, max_rd=MAX_RD,
                 sq_psn=(1 << 24) - 1)
        p.modify_qp(self.handle, qp_state=SQD, en_sqd=1)
        p.modify_qp(self.handle, qp_state=RTS)

    def test_uc(self):
        """No more and no less than an unreliable connection needs."""
        p = self.process
        p.destroy_qp(self.handle)
        self.handle, _ = p.create_qp(kind=UC)
        rtr = dict(qp_state=RTR, sgid=1, mtu=3, dest_qp=2, rq_psn=0)
        self.bad(p.to_init, qkey=1)
        p.to_init(self.handle)
        for name in "max_dest_rd", "min_rnr", "qkey":
            self.bad(p.modify_qp, **rtr, **{name: 1})
        for name in "mtu", "dest_qp", "rq_psn":
            self.bad(p.modify_qp, **{key: rtr[key] for key in rtr if key != name})
        p.modify_qp(self.handle, **rtr)
        for name in "timeout", "retry", "rnr_retry", "max_rd", "qkey":
            self.bad(p.modify_qp, qp_state=RTS, sq_psn=0, **{name: 1})
        self.bad(p.modify_qp, qp_state=RTS)
        p.modify_qp(self.handle, qp_state=RTS, sq_psn=0)
        p.modify_qp(self.handle, qp_state=SQD)
        p.modify_qp(self.handle, qp_state=RTS)

    def test_every_transition(self):
        """With the attributes that the target wants, only IBTA's transitions are taken."""
        p = self.process
        reach = {
            RESET: (), INIT: (p.to_init,), RTR: (p.to_init, p.to_rtr),
            RTS: (p.to_init, p.to_rtr, p.to_rts),
            SQD: (p.to_init, p.to_rtr, p.to_rts, lambda h: p.modify_qp(h, qp_state=SQD)),
            ERR: (p.to_init, lambda h: p.modify_qp(h, qp_state=ERR)),
        }
        enter = {
            RESET: lambda h: p.modify_qp(h, qp_state=RESET), INIT: p.to_init, RTR: p.to_rtr,
            RTS: p.to_rts, SQD: lambda h: p.modify_qp(h, qp_state=SQD),
            SQE: lambda h: p.modify_qp(h, qp_state=SQE),
            ERR: lambda h: p.modify_qp(h, qp_state=ERR),
        }
        legal = {(RESET, INIT), (INIT, INIT), (INIT, RTR), (RTR, RTS), (RTS, SQD), (SQD, SQD)}
        for start, steps in reach.items():
            for end, step in enter.items():
                with self.subTest(start=start, end=end):
                    p.modify_qp(self.handle, qp_state=RESET)
                    for earlier in steps:
                        earlier(self.handle)
                    if end == RESET or (end == ERR and start) or (start, end) in legal:
                        step(self.handle)
                    else:
                        self.bad(step)

    def test_handles_of_nobody(self):
        p = self.process
        for handle in p.pd, p.cq, self.handle + 100, 2**32 - 1:
            self.refused([errno.EINVAL, errno.ENOENT], p.modify_qp, handle, qp_state=INIT)
            self.refused([errno.EINVAL, errno.ENOENT], p.destroy_qp, handle)


class Regions(Base):
    def test_lengths(self):
        p = self.process
        start = p.memory.address
        for length in (0, 1 << 40, 1 << 47, 1 << 62, 1 << 63, 2**64 - PAGE, 2**64 - 1,
                       2**64 - start, 2**64 - start - 1):
            with self.subTest(length=length):
                self.refused(NOT_MAPPED, p.reg_mr, start, length)
        for length in 1, 4095, PAGE, PAGE + 1, 1 << 20, (1 << 20) - 1:
            p.dereg_mr(p.reg_mr(start, length)[0])
            p.dereg_mr(p.reg_mr(start + 4095, length)[0])

    def test_addresses(self):
        p = self.process
        start = p.memory.address
        hole = Memory(PAGE)
        hole.free()
        for bad in 0, 1, PAGE, 1 << 47, 1 << 63, 2**64 - PAGE, 2**64 - 1, hole.address:
            self.refused(NOT_MAPPED, p.reg_mr, bad, PAGE)
            self.refused(NOT_MAPPED, p.reg_mr, bad, 1)
        self.refused(NOT_MAPPED, p.reg_mr, start, p.memory.size * 2)
        # Virtual addresses of its own: the offset in the page must be the same, the end exist
        for va in 1, start + 1, start + 2048, 2**64 - 1:
            self.refused([errno.EINVAL], p.reg_mr, start, PAGE, va=va)
        self.refused([errno.EINVAL], p.reg_mr, start, PAGE + 1, va=2**64 - PAGE)
        self.refused([errno.EINVAL], p.reg_mr, start, 2 * PAGE, va=2**64 - PAGE)
        for va in 0, PAGE, 1 << 63, 2**64 - PAGE:
            p.dereg_mr(p.reg_mr(start, PAGE, va=va)[0])

    def test_access(self):
        p = self.process
        start = p.memory.address
        for access in range(64):
            needs_write = access & (REMOTE_WRITE | REMOTE_ATOMIC) and not access & LOCAL_WRITE
            with self.subTest(access=access):
                if access & ~15 or needs_write:
                    self.refused([errno.EINVAL, errno.EOPNOTSUPP], p.reg_mr, start, PAGE, access)
                else:
                    p.dereg_mr(p.reg_mr(start, PAGE, access)[0])
                    p.dereg_mr(p.reg_mr(start, PAGE, access | RELAXED_ORDERING)[0])
        for bit in *range(6, 20), *range(30, 32):
            with self.subTest(bit=bit):
                self.refused([errno.EINVAL, errno.EOPNOTSUPP], p.reg_mr, start, PAGE,
                             LOCAL_WRITE | 1 << bit)

    def test_memory_that_is_read_only(self):
        p = self.process
        memory = Memory(2 * PAGE, prot=mmap.PROT_READ)
        self.refused(NOT_MAPPED, p.reg_mr, memory.address, PAGE, LOCAL_WRITE)
        self.refused(NOT_MAPPED, p.reg_mr, memory.address, PAGE, LOCAL_WRITE | REMOTE_WRITE)
        handle = p.reg_mr(memory.address, PAGE, REMOTE_READ)[0]
        # Pinned for reading; writing needs it to be pinned anew, which fails
        self.refused(NOT_MAPPED, p.rereg_mr, handle, 4, access=LOCAL_WRITE)
        p.dereg_mr(handle)
        memory.free()

    def test_request(self):
        p = self.process
        self.refused([errno.EINVAL], p.reg_mr, p.memory.address, PAGE, driver=b"\1\0\0\0")
        p.dereg_mr(p.reg_mr(p.memory.address, PAGE, driver=bytes(64))[0])
        for handle in 1000, p.cq, 2**32 - 1:
            self.refused([errno.EINVAL, errno.ENOENT], p.reg_mr, p.memory.address, PAGE, pd=handle)
            self.refused([errno.EINVAL, errno.ENOENT], p.dereg_mr, handle)

    def test_rereg(self):
        p = self.process
        start = p.memory.address
        handle, key, _ = p.reg_mr(start, PAGE)
        for flags in 0, 8, 1 << 31, 2**32 - 1:
            self.refused([errno.EINVAL, errno.EOPNOTSUPP], p.rereg_mr, handle, flags)
        for access in REMOTE_WRITE, REMOTE_ATOMIC, 1 << 4, 1 << 6, 1 << 31:
            self.refused([errno.EINVAL, errno.EOPNOTSUPP], p.rereg_mr, handle, 4, access=access)
        for bad, length in (start, 0), (start, 1 << 47), (PAGE, PAGE), (2**64 - PAGE, 2 * PAGE):
            self.refused(NOT_MAPPED, p.rereg_mr, handle, 1, bad, length, bad)
        self.refused([errno.EINVAL, errno.ENOENT], p.rereg_mr, handle, 2, pd=1000)
        self.refused([errno.EINVAL], p.rereg_mr, handle, 1, start, PAGE, 1)
        # Only rights and the domain: the key stays; other memory: another key
        self.assertEqual(p.rereg_mr(handle, 4, access=15)[0], key)
        self.assertEqual(p.rereg_mr(handle, 2)[0], key)
        for size in PAGE, 9 * PAGE, 1 << 20:
            key, last = p.rereg_mr(handle, 1, start, size, start)[0], key
            self.assertNotEqual(key, last)
        key, last = p.rereg_mr(handle, 7, start, PAGE, start, access=LOCAL_WRITE)[0], key
        self.assertNotEqual(key, last)
        p.dereg_mr(handle)

    def details(self, name):
        text = run("rdma", "-dd", "resource", "show", "mr", "dev", DEVICE)
        return [int(value) for value in re.findall(rf"\bdrv_{name} (\d+)", text)]

    def test_page_sizes(self):
        """The page list is of the largest pages that the memory has."""
        Path("/proc/sys/vm/nr_hugepages").write_text("8")
        huge = Memory(8 << 20, flags=0x40000)
        p = self.process
        handle = p.reg_mr(huge.address + 12345, 6 << 20)[0]
        shifts, levels = self.details("page_shift"), self.details("level")
        # Contiguous by chance, or in pages of 2 MiB and more
        self.assertTrue(levels == [0] or shifts[0] >= 21, (shifts, levels))
        p.dereg_mr(handle)
        huge.free()
        Path("/proc/sys/vm/nr_hugepages").write_text("0")

    def test_two_levels(self):
        """More pages than one list may have: a little memory, mapped over and over."""
        p = self.process
        chunk, pages = 16 << 20, (1 << 18) + 3
        file = ctypes.CDLL(None).memfd_create(b"chunk", 0)
        os.ftruncate(file, chunk)
        size = pages * PAGE
        area = Memory(size + chunk)
        for offset in range(0, size, chunk):
            # Backwards, so that no two pages are neighbours in memory too
            for part in range(0, chunk, 4 << 20):
                area.libc.mmap(area.address + offset + part, 4 << 20, 3, 0x11, file,
                               chunk - part - (4 << 20))
        handle = p.reg_mr(area.address, size, LOCAL_WRITE)[0]
        self.assertEqual(self.details("level"), [2])
        self.assertGreater(abuse.figure("hmc", "pbles_used"), pages if
                           self.details("page_shift") == [12] else 0)
        p.dereg_mr(handle)
        area.free()
        os.close(file)

    def test_keys(self):
        """Keys do not come again soon."""
        p = self.process
        start = p.memory.address
        keys = set()
        for _ in range(500):
            handle, key, _ = p.reg_mr(start, 1)
            self.assertNotIn(key, keys)
            keys.add(key)
            p.dereg_mr(handle)


if __name__ == "__main__":
    import sys

    # Address resolution must not depend on the other side
    subprocess.run(["ip", "-n", "a", "neigh", "replace", "10.77.0.2", "lladdr",
                    "02:00:00:00:00:02", "dev", "eth0"], check=True)
    unittest.main(verbosity=2, argv=sys.argv)
