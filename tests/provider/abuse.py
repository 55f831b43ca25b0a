#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: abuse.py [UNITTEST-ARGUMENT...]

Runs in the guest as root: plays a process that passes nonsense to the kernel through uverbs and
rings doorbells that it has no right to. Each must cost that process an errno, or the device an
asynchronous event with a message, and nobody else anything."""

import ctypes
import errno
import mmap
import os
import resource
import signal
import struct
import subprocess
import time
import unittest
from pathlib import Path

DEVICE = "tern0"
ALLOC_PD, REG_MR, CREATE_CQ, DESTROY_CQ, CREATE_QP = 3, 9, 18, 20, 24
GET_CONTEXT, CREATE_SRQ, MODIFY_CQ = 0, 32, 0x80000000 | 57
PAGE = 4096
MIN_LOG_CQE, MAX_LOG_CQE = 7, 22
MAX_CQE = 3 << (MAX_LOG_CQE - 2)
DB_SQ, DB_RQ, DB_CQ, DB_EQ, DB_CQP = 0x000, 0x008, 0x010, 0x020, 0x028
CQ_ARM, CQ_EVERY = 1 << 31, 1 << 32


def uverbs_path():
    for entry in Path("/sys/class/infiniband_verbs").glob("uverbs*"):
        if (entry / "ibdev").read_text().strip() == DEVICE:
            return f"/dev/infiniband/{entry.name}"
    raise FileNotFoundError(DEVICE)


def kernel_messages():
    return subprocess.run(["dmesg", "-r"], capture_output=True, text=True, check=True).stdout


def figure(file, name):
    text = Path(f"/sys/kernel/debug/tern_rdma/{DEVICE}/{file}").read_text()
    return int(dict(line.split() for line in text.splitlines())[name])


def counter(name):
    return figure("stats", name)


class Context:
    """An open uverbs file, by the oldest of its interfaces: write() of a command."""

    def __init__(self, request=b"\0" * 8):
        self.fd = os.open(uverbs_path(), os.O_RDWR)
        try:
            resp = self.command(GET_CONTEXT, b"", request, 8, 24)
        except OSError:
            os.close(self.fd)
            raise
        fields = struct.unpack("=iIIIQII", resp)
        self.async_fd, self.vectors = fields[0], fields[1]
        self.doorbell_size, self.doorbell_key = fields[3], fields[4]
        self.page = None

    def close(self):
        if self.page:
            self.page.close()
        os.close(self.async_fd)
        os.close(self.fd)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def command(self, number, core, driver, core_out, driver_out):
        answer = ctypes.create_string_buffer(core_out + driver_out)
        body = struct.pack("=Q", ctypes.addressof(answer)) + core + driver
        words = (8 + len(body)) // 4, (core_out + driver_out) // 4
        os.write(self.fd, struct.pack("=IHH", number, *words) + body)
        return answer.raw

    def create_cq(self, driver, cqe=90, vector=0):
        core = struct.pack("=QIIiI", 0, cqe, vector, -1, 0)
        handle, entries, _, cqn = struct.unpack(
            "=IIII", self.command(CREATE_CQ, core, driver, 8, 8)
        )
        return handle, entries, cqn

    def modify_cq(self, handle, count, period, mask=1):
        """By the second oldest interface; lengths count words of 64 bits."""
        body = struct.pack("=IIHHI", handle, mask, count, period, 0)
        os.write(self.fd, struct.pack("=IHHQHHI", MODIFY_CQ, 2, 0, 0, 0, 0, 0) + body)

    def destroy_cq(self, handle):
        self.command(DESTROY_CQ, struct.pack("=II", handle, 0), b"", 8, 0)

    def map_doorbells(self):
        self.page = mmap.mmap(
            self.fd, self.doorbell_size, mmap.MAP_SHARED, mmap.PROT_WRITE, offset=self.doorbell_key
        )

    def ring(self, offset, value, kind=ctypes.c_uint64):
        # Like this it is one store, not one per byte
        pointer = ctypes.cast(
            ctypes.addressof(ctypes.c_char.from_buffer(self.page)) + offset, ctypes.POINTER(kind)
        )
        pointer[0] = value


class Ring:
    """Memory as a provider would give it."""

    def __init__(self, log_size=MIN_LOG_CQE, prot=mmap.PROT_READ | mmap.PROT_WRITE):
        self.log_size = log_size
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.mmap.restype = ctypes.c_void_p
        self.libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [
            ctypes.c_long
        ]
        self.size = max(32 << log_size, PAGE)
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        self.address = self.libc.mmap(None, self.size, prot, flags, -1, 0)

    def request(self, comp_mask=0, log_size=None, offset=0):
        log_size = self.log_size if log_size is None else log_size
        return struct.pack("=IIQ", comp_mask, log_size, self.address + offset)

    def unmap(self):
        self.libc.munmap(ctypes.c_void_p(self.address), ctypes.c_size_t(self.size))


class Abuse(unittest.TestCase):
    def setUp(self):
        self.before = kernel_messages()

    def refused(self, wanted, function, *arguments, **options):
        with self.assertRaises(OSError) as caught:
            function(*arguments, **options)
        self.assertIn(
            errno.errorcode[caught.exception.errno], [errno.errorcode[code] for code in wanted]
        )

    def assert_silent(self):
        self.assertEqual(kernel_messages(), self.before)

    def assert_works(self):
        """Somebody else, at the same time, can do all there is to do."""
        with Context() as other:
            ring = Ring()
            handle, entries, _ = other.create_cq(ring.request())
            self.assertEqual(entries, 96)
            other.destroy_cq(handle)


class Requests(Abuse):
    def tearDown(self):
        self.assert_works()
        self.assert_silent()

    def test_context_request(self):
        for request in struct.pack("=II", 1, 0), struct.pack("=II", 1 << 31, 0):
            self.refused([errno.EINVAL], Context, request)
        self.refused([errno.EINVAL], Context, struct.pack("=II", 0, 1))
        self.refused([errno.EINVAL], Context, bytes(8) + b"\0\0\0\1")
        Context(b"").close()
        Context(bytes(4)).close()
        Context(bytes(64)).close()

    def test_pd_request(self):
        with Context() as ctx:
            self.refused([errno.EINVAL], ctx.command, ALLOC_PD, b"", b"\1\0\0\0", 4, 8)
            ctx.command(ALLOC_PD, b"", bytes(16), 4, 8)
            ctx.command(ALLOC_PD, b"", b"", 4, 0)

    def test_ring_size(self):
        with Context() as ctx:
            ring = Ring(10)
            for log_size in *range(MIN_LOG_CQE), *range(MAX_LOG_CQE + 1, 66), 1 << 31, 2**32 - 1:
                self.refused([errno.EINVAL], ctx.create_cq, ring.request(log_size=log_size), cqe=1)
            # 128 entries, of which 96 are usable
            self.refused([errno.EINVAL], ctx.create_cq, ring.request(log_size=7), cqe=97)
            self.assertEqual(ctx.create_cq(ring.request(log_size=7), cqe=96)[1], 96)

    def test_entries(self):
        with Context() as ctx:
            ring = Ring()
            for cqe in 0, MAX_CQE + 1, 1 << 31, 2**32 - 1:
                self.refused([errno.EINVAL], ctx.create_cq, ring.request(), cqe=cqe)

    def test_vector(self):
        with Context() as ctx:
            ring = Ring()
            for vector in ctx.vectors, ctx.vectors + 1, 1 << 31, 2**32 - 1:
                self.refused([errno.EINVAL], ctx.create_cq, ring.request(), vector=vector)

    def test_ring_address(self):
        with Context() as ctx:
            ring = Ring(10)
            for offset in 1, 8, 32, 2048, 4095:
                self.refused([errno.EINVAL], ctx.create_cq, ring.request(offset=offset))
            bad = [errno.EINVAL, errno.EFAULT, errno.ENOMEM]
            for address in 0, PAGE, 1 << 47, 1 << 63, 2**64 - PAGE, 2**64 - 2 * PAGE:
                self.refused(bad, ctx.create_cq, struct.pack("=IIQ", 0, 10, address))
            # The second half of the ring is not there
            hole = Ring(8)
            mmap_end = struct.pack("=IIQ", 0, 20, hole.address)
            self.refused(bad, ctx.create_cq, mmap_end)
            read_only = Ring(8, prot=mmap.PROT_READ)
            self.refused(bad, ctx.create_cq, read_only.request())
            gone = Ring(8)
            gone.unmap()
            self.refused(bad, ctx.create_cq, gone.request())

    def test_cq_request(self):
        with Context() as ctx:
            ring = Ring()
            self.refused([errno.EINVAL], ctx.create_cq, ring.request(comp_mask=1))
            self.refused([errno.EINVAL], ctx.create_cq, ring.request() + b"\0\0\0\1")
            self.refused([errno.EINVAL], ctx.create_cq, b"")
            self.refused([errno.EINVAL], ctx.create_cq, ring.request()[:4])
            ctx.create_cq(ring.request() + bytes(64))

    def test_moderation(self):
        with Context() as ctx:
            handle = ctx.create_cq(Ring().request())[0]
            for count in 0, 1, 65535:
                for period in 0, 1, 65535:
                    ctx.modify_cq(handle, count, period)
            self.refused([errno.EOPNOTSUPP, errno.EINVAL], ctx.modify_cq, handle, 1, 1, mask=2)
            self.refused([errno.EINVAL, errno.ENOENT], ctx.modify_cq, handle + 1, 1, 1)

    def test_answer_without_room(self):
        """The answer is cut, and a bad address for it undoes everything."""
        with Context() as ctx:
            core = struct.pack("=QIIiI", 0, 90, 0, -1, 0)
            ctx.command(CREATE_CQ, core, Ring().request(), 8, 0)
            words = (8 + 8 + len(core) + 16) // 4, 4
            for address in 0, 1 << 47, 2**64 - 8:
                body = struct.pack("=Q", address) + core + Ring().request()
                self.refused(
                    [errno.EFAULT], os.write, ctx.fd,
                    struct.pack("=IHH", CREATE_CQ, *words) + body,
                )

    def test_verbs_that_are_not_built(self):
        with Context() as ctx:
            (pd,) = struct.unpack("=I", ctx.command(ALLOC_PD, b"", b"", 4, 0))
            ring = Ring()
            handle = ctx.create_cq(ring.request())[0]
            qp = struct.pack("=Q9I4B", 0, pd, handle, handle, 0, 1, 1, 1, 1, 0, 0, 2, 0, 0)
            # Without what the provider has to say about its rings
            self.refused([errno.EINVAL, errno.EOPNOTSUPP], ctx.command, CREATE_QP, qp, b"", 32, 0)
            srq = struct.pack("=QIIII", 0, pd, 1, 1, 0)
            self.refused([errno.EOPNOTSUPP], ctx.command, CREATE_SRQ, srq, b"", 16, 0)

    def test_mappings(self):
        with Context() as ctx:
            for offset in 0, ctx.doorbell_key + 64 * PAGE, 1 << 40, 1 << 44:
                if offset != ctx.doorbell_key:
                    self.refused(
                        [errno.EINVAL], mmap.mmap, ctx.fd, PAGE, mmap.MAP_SHARED,
                        mmap.PROT_WRITE, offset=offset,
                    )
            key = ctx.doorbell_key
            for size, flags in (2 * PAGE, mmap.MAP_SHARED), (PAGE, mmap.MAP_PRIVATE):
                self.refused(
                    [errno.EINVAL], mmap.mmap, ctx.fd, size, flags, mmap.PROT_WRITE, offset=key
                )


class Resources(Abuse):
    def tearDown(self):
        self.assert_works()
        self.assert_silent()

    def test_all_doorbell_pages(self):
        """With no page left there is an errno; pages come back."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        for _ in range(2):
            contexts = []
            with self.assertRaises(OSError) as caught:
                while True:
                    contexts.append(Context())
            self.assertEqual(caught.exception.errno, errno.ENOSPC)
            self.assertGreater(len(contexts), 900)
            for context in contexts:
                context.close()

    def test_killed_processes(self):
        """Eight processes make CQs of all sizes and are killed in the middle of it."""
        children = []
        for seed in range(8):
            child = os.fork()
            if not child:
                self.make_cqs(seed)
            children.append(child)
        time.sleep(8)
        for child in children:
            os.kill(child, signal.SIGKILL)
            self.assertEqual(os.waitpid(child, 0)[1], signal.SIGKILL)
        resources = subprocess.run(
            ["rdma", "resource", "show", DEVICE], capture_output=True, text=True, check=True
        ).stdout
        # But that of the kernel's QP 1
        self.assertRegex(resources, " cq [01] ")

    def make_cqs(self, seed):
        """Never returns: it ends by a signal, or by an error that the parent sees."""
        try:
            with Context() as ctx:
                rings = [Ring(log_size) for log_size in (7, 8, 11, 14, 16)]
                handles = []
                for count in range(1 << 30):
                    ring = rings[(count * 7 + seed) % len(rings)]
                    handles.append(ctx.create_cq(ring.request(), vector=count % ctx.vectors)[0])
                    if len(handles) > 20:
                        ctx.destroy_cq(handles.pop(count % 20))
        finally:
            os._exit(1)

    def test_many_cqs(self):
        """So many that contexts fill more than one segment of memory. All use one ring."""
        ring = Ring()
        with Context() as ctx:
            for _ in range(33000):
                ctx.create_cq(ring.request())
            segments = figure("hmc", "segments_direct") + figure("hmc", "segments_paged")
        self.assertGreaterEqual(segments, 2)

    def test_largest_cq(self):
        with Context() as ctx:
            handle, entries, _ = ctx.create_cq(Ring(MAX_LOG_CQE).request(), cqe=MAX_CQE)
            self.assertEqual(entries, MAX_CQE)
            ctx.destroy_cq(handle)


class Doorbells(Abuse):
    """Each store that means nothing is counted, and at least one of them told about."""

    def setUp(self):
        super().setUp()
        self.mine, self.other = Context(), Context()
        self.addCleanup(self.mine.close)
        self.addCleanup(self.other.close)
        self.mine.map_doorbells()
        self.cqn = self.mine.create_cq(Ring().request())[2]
        self.other_cqn = self.other.create_cq(Ring().request())[2]
        self.bad_before = counter("doorbell_bad")

    def assert_refused(self, event, stores):
        for _ in range(200):
            bad = counter("doorbell_bad") - self.bad_before
            if bad == stores and event in self.news():
                break
            time.sleep(0.05)
        self.assertEqual(bad, stores)
        self.assertIn(event, self.news())
        self.assert_works()

    def news(self):
        return kernel_messages()[len(self.before):]

    def test_no_doorbell_there(self):
        for offset in 0x008 + 0x010, 0x030, 0x7f8, 0xff8:
            self.mine.ring(offset, self.cqn)
        self.assert_refused("event db_offset", 4)

    def test_half_a_store(self):
        self.mine.ring(DB_CQ, self.cqn, kind=ctypes.c_uint32)
        self.assert_refused("event db_offset", 1)

    def test_doorbells_of_the_kernel(self):
        self.mine.ring(DB_EQ, CQ_ARM)
        self.mine.ring(DB_CQP, 1 << 32)
        self.assert_refused("event db_offset", 2)

    def test_queues_that_do_not_exist(self):
        for cqn in self.cqn + 1000, 65535, 65536, (1 << 24) - 1:
            self.mine.ring(DB_CQ, cqn)
        # QP 1 exists, and belongs to the kernel's page
        self.mine.ring(DB_SQ, 5000)
        self.mine.ring(DB_RQ, 5000)
        self.assert_refused("event db_queue", 6)

    def test_queues_of_others(self):
        for cqn in self.other_cqn, 0:
            self.mine.ring(DB_CQ, cqn | CQ_ARM | CQ_EVERY)
        self.assert_refused("event db_page", 2)

    def test_index_from_nowhere(self):
        for index in 1, 128, 1 << 23, (1 << 24) - 1:
            self.mine.ring(DB_CQ, self.cqn | index << 40)
        self.assert_refused("event db_index", 4)

    def test_flood(self):
        """A flood is counted, but neither the log nor the neighbour drowns in it."""
        self.addCleanup(time.sleep, 6)  # until the kernel's rate limit lets messages pass again
        for _ in range(20000):
            self.mine.ring(DB_CQ, 65535)
        self.assert_refused("event db_queue", 20000)
        self.assertLess(self.news().count("event db_queue"), 30)

    def test_right_ones_pass(self):
        for mode in range(8):
            self.mine.ring(DB_CQ, self.cqn | CQ_ARM | mode << 32)
        self.assert_works()
        self.assertEqual(counter("doorbell_bad"), self.bad_before)
        self.assert_silent()


if __name__ == "__main__":
    unittest.main(verbosity=2)
