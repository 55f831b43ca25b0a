#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: removal.py [UNITTEST-ARGUMENT...]

Runs in the guest as root: takes the RDMA device away, in every way there is, from a process that
has it open, and brings it back. The process gets errors and nothing else; what comes back works.
Needs abuse.py beside it."""

import contextlib
import os
import subprocess
import threading
import time
import unittest
from pathlib import Path

import abuse

NOP = Path("/sys/kernel/debug/tern_rdma") / abuse.DEVICE / "cqp_nop"
SECONDS = 10  # for what ought to take one or two


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise AssertionError(f"{command}: {done.returncode}: {done.stderr}")


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def is_there():
    try:
        abuse.uverbs_path()
    except FileNotFoundError:
        return False
    return True


class Removal(unittest.TestCase):
    def setUp(self):
        self.before = abuse.kernel_messages()
        # Not always the same one: names are given in the order in which devices appear
        self.pci = (Path("/sys/class/infiniband") / abuse.DEVICE / "device").resolve()
        self.ctx = abuse.Context()
        self.addCleanup(self.ctx.close)
        self.ctx.map_doorbells()
        self.rings = [abuse.Ring(log_size) for log_size in (7, 12, 17)]
        self.cqs = [self.ctx.create_cq(ring.request(), cqe=90) for ring in self.rings]

    def news(self):
        return abuse.kernel_messages()[len(self.before):]

    def wait_until(self, condition):
        deadline = time.monotonic() + SECONDS
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def check_orphan(self):
        """What the process still has: errors, the right to tidy up, and a doorbell page that
        rings nothing."""
        start = time.monotonic()
        for handle, _, cqn in self.cqs:
            with self.assertRaises(OSError):
                self.ctx.create_cq(self.rings[0].request())
            self.ctx.destroy_cq(handle)
            self.ctx.ring(abuse.DB_CQ, cqn)
        self.assertLess(time.monotonic() - start, 1)

    def check_newcomer(self):
        self.wait_until(is_there)
        with abuse.Context() as ctx:
            handle = ctx.create_cq(abuse.Ring().request())[0]
            ctx.destroy_cq(handle)
        write(NOP, "20")

    def check_messages(self, *allowed):
        """Nothing above info but what is said here, and no trace of a bug."""
        for line in self.news().splitlines():
            level = int(line[1:line.index(">")]) & 7
            if level < 6 and not any(text in line for text in allowed):
                self.fail(line)

    def test_rdma_module(self):
        run("modprobe", "-r", "tern_rdma")
        self.check_orphan()
        run("modprobe", "tern_rdma")
        self.check_newcomer()
        self.check_messages()

    def test_both_modules(self):
        run("modprobe", "-r", "tern_rdma", "tern")
        self.check_orphan()
        run("modprobe", "tern_rdma")
        self.check_newcomer()
        self.check_messages()

    def test_driver_unbound(self):
        write(self.pci / "driver" / "unbind", self.pci.name)
        self.check_orphan()
        write("/sys/bus/pci/drivers/tern/bind", self.pci.name)
        self.check_newcomer()
        self.check_messages()

    def test_function_removed(self):
        write(self.pci / "remove", "1")
        self.check_orphan()
        write("/sys/bus/pci/rescan", "1")
        self.check_newcomer()
        # The bus says so when it finds no I/O ports for bridges that want some
        self.check_messages("pci ")

    def test_reset_under_load(self):
        """Processes use the control path while the core resets the function."""
        reporter = f"pci/{self.pci.name}", "reporter", "function"
        # Else it would not be reset twice in short order
        run("devlink", "health", "set", *reporter, "grace_period", "0")
        with self.load():
            for _ in range(3):
                resets = self.news().count("back in service")
                run("devlink", "health", "test", *reporter)
                self.wait_until(lambda: self.news().count("back in service") > resets)
        self.check_orphan()
        self.check_newcomer()
        self.check_messages("out of service", "asking for a reset", "GID add failed")

    def test_removal_under_load(self):
        driver = Path("/sys/bus/auxiliary/drivers/tern_rdma")
        devices = [link.resolve() for link in driver.glob("tern.roce.*")]
        (name,) = [device.name for device in devices if self.pci in device.parents]
        with self.load():
            for _ in range(3):
                write(driver / "unbind", name)
                write(driver / "bind", name)
                self.wait_until(is_there)
        self.check_orphan()
        self.check_newcomer()
        self.check_messages()

    @contextlib.contextmanager
    def load(self):
        """Threads that make CQs and run NOPs, come what may, until the end of the block."""
        stop = threading.Event()
        threads = [
            threading.Thread(target=self.repeat, args=(stop, action))
            for action in (self.make_cqs, self.make_cqs, self.run_nops, self.read_stats)
        ]
        for thread in threads:
            thread.start()
        try:
            time.sleep(1)
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(SECONDS)
        self.assertFalse(any(thread.is_alive() for thread in threads))

    @staticmethod
    def repeat(stop, action):
        while not stop.is_set():
            try:
                action()
            except OSError:
                time.sleep(0.01)

    @staticmethod
    def make_cqs():
        with abuse.Context() as ctx:
            for _ in range(20):
                ctx.create_cq(abuse.Ring().request())

    @staticmethod
    def run_nops():
        # Python's own files would try a failed write once more when they are closed
        file = os.open(NOP, os.O_WRONLY)
        try:
            os.write(file, b"1000")
        finally:
            os.close(file)

    @staticmethod
    def read_stats():
        abuse.counter("cqp_done")


if __name__ == "__main__":
    unittest.main(verbosity=2)
