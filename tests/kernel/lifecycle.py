#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Runs in a guest with two adapters and their drivers: takes adapter, drivers and devices
away and back in every way the kernel offers, while verbs programs use them, and checks that
each time both RDMA devices are back, that the log stays clean, and that nothing leaks.

Usage: lifecycle.py [NAME...]    run all cases, or those named"""

import ctypes
import mmap
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

PCI = Path("/sys/bus/pci")
AUX = Path("/sys/bus/auxiliary")
ADDRESSES = sorted(path.name for path in (PCI / "drivers/tern").glob("0000:*"))
BACK_SECONDS = 10

# What the case of a halted CQP needs of the contract
CQP_TAIL, DB_CQP = 0x110, 0x28

# Printed by design when a reset is asked for, and by kernels of guests that are slow
EXPECTED = re.compile(r"out of service: test of the health reporter|hrtimer: interrupt took")
SERIOUS = "emerg,alert,crit,err,warn,notice"


class Failure(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failure(what)


def run(*argv, timeout=60):
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(argv)} hangs") from None


def write(path, text):
    """0 or the errno; Python's own files would try a failed write once more"""
    try:
        file = os.open(path, os.O_WRONLY)
    except OSError as error:
        return error.errno
    try:
        os.write(file, text.encode())
        return 0
    except OSError as error:
        return error.errno
    finally:
        os.close(file)


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"not within {seconds} s: {what}")
        time.sleep(0.05)


def rdma_devices():
    """RDMA devices by the PCI address below them"""
    found = {}
    for path in Path("/sys/class/infiniband").iterdir():
        found[os.path.realpath(path / "device").rsplit("/", 1)[1]] = path.name
    return found


def netdev(address):
    folder = PCI / "devices" / address / "net"
    return next(iter(sorted(os.listdir(folder))), None) if folder.exists() else None


def unusable(address):
    """What does not work of an adapter; empty if all does"""
    name, rdma = netdev(address), rdma_devices().get(address)
    if not name or not rdma:
        return f"netdev {name}, RDMA device {rdma}"
    for command in (("ibv_devinfo", "-d", rdma), ("ethtool", "-t", name)):
        done = run(*command)
        if done.returncode != 0:
            return f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return ""


def usable(address):
    return not unusable(address)


def expect_service():
    for address in ADDRESSES:
        wait_for(lambda address=address: usable(address), BACK_SECONDS, f"{address} usable")


def interrupts():
    return sorted(re.findall(r"tern-[a-z0-9]+@pci:\S+", Path("/proc/interrupts").read_text()))


def serious_log():
    lines = run("dmesg", f"--level={SERIOUS}").stdout.splitlines()
    return [line for line in lines if line and not EXPECTED.search(line)]


def bind(address):
    return write(PCI / "drivers/tern/bind", address)


def unbind(address):
    return write(PCI / "drivers/tern/unbind", address)


def health_test(address):
    return run("devlink", "health", "test", f"pci/{address}", "reporter", "function").returncode


def no_grace(address):
    """A reset may follow a reset at once"""
    run("devlink", "health", "set", f"pci/{address}", "reporter", "function",
        "grace_period", "0")


def bar(address, number):
    """The first page of it, behind the driver's back: needs iomem=relaxed"""
    file = os.open(PCI / "devices" / address / f"resource{number}", os.O_RDWR | os.O_SYNC)
    try:
        return mmap.mmap(file, mmap.PAGESIZE)
    finally:
        os.close(file)


class Users:
    """Verbs programs that come and go; they may fail while a device is away, never hang"""

    def __enter__(self):
        self.stop = threading.Event()
        self.failure = None
        self.runs = 0
        self.threads = [threading.Thread(target=self.use, args=(number,)) for number in (0, 1)]
        for thread in self.threads:
            thread.start()
        return self

    def use(self, number):
        while not self.stop.is_set():
            try:
                run("ibv_devinfo", "-v", "-d", f"tern{number}", timeout=30)
            except Failure as failure:
                self.failure = failure
            self.runs += 1

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)
        if self.failure:
            raise self.failure
        expect(self.runs > 0, "no verbs program ran")


# ------------------------------------------------------------------------------ cases


def case_modules():
    for _ in range(10):
        expect(run("modprobe", "-r", "tern_rdma", "tern").returncode == 0, "cannot unload")
        expect(not interrupts(), "an interrupt is left")
        expect(run("modprobe", "tern_rdma").returncode == 0, "cannot load")
    expect_service()


def case_rdma_module_alone():
    """tern stays, and keeps its network interface"""
    for _ in range(5):
        # modprobe -r would take tern along
        expect(run("rmmod", "tern_rdma").returncode == 0, "cannot unload")
        expect(not rdma_devices(), "an RDMA device is left")
        expect(all(netdev(address) for address in ADDRESSES), "a network interface is gone")
        expect(len(interrupts()) == len(ADDRESSES), "an interrupt of tern_rdma is left")
        expect(run("modprobe", "tern_rdma").returncode == 0, "cannot load")
    expect_service()


def case_core_module_in_use():
    expect(run("rmmod", "tern").returncode != 0, "tern unloaded under tern_rdma")


def case_unbind():
    for _ in range(10):
        for address in ADDRESSES:
            expect(unbind(address) == 0, "unbind failed")
            expect(not netdev(address), "a network interface is left")
            expect(address not in rdma_devices(), "an RDMA device is left")
        for address in ADDRESSES:
            expect(bind(address) == 0, "bind failed")
    expect_service()


def case_unbind_auxiliary():
    driver = AUX / "drivers/tern_rdma.tern_rdma"
    driver = driver if driver.exists() else next((AUX / "drivers").glob("tern_rdma*"))
    for _ in range(10):
        for device in sorted(path.name for path in driver.glob("tern.roce.*")):
            expect(write(driver / "unbind", device) == 0, "unbind failed")
            expect(write(driver / "bind", device) == 0, "bind failed")
    expect_service()


def case_remove():
    for _ in range(10):
        for address in ADDRESSES:
            expect(write(PCI / "devices" / address / "remove", "1") == 0, "remove failed")
        expect(write(PCI / "rescan", "1") == 0, "rescan failed")
    expect_service()


def case_function_reset():
    for _ in range(5):
        for address in ADDRESSES:
            expect(write(PCI / "devices" / address / "reset", "1") == 0, "reset failed")
    expect_service()


def case_own_reset():
    for address in ADDRESSES:
        no_grace(address)
    for _ in range(5):
        for address in ADDRESSES:
            expect(health_test(address) == 0, "reset refused")
        expect_service()


def case_unbind_in_use():
    with Users():
        case_unbind()


def case_remove_in_use():
    with Users():
        case_remove()


def case_function_reset_in_use():
    with Users():
        case_function_reset()


def case_own_reset_in_use():
    with Users():
        case_own_reset()


def case_auxiliary_in_use():
    with Users():
        case_unbind_auxiliary()


def case_halted_control_queue():
    """A doorbell of the CQP that promises more than was written: told, and cured by a reset of
    this adapter; the other one does not notice"""
    hurt, other = ADDRESSES
    no_grace(hurt)
    for _ in range(3):
        done = ctypes.c_uint32.from_buffer(bar(hurt, 0), CQP_TAIL).value
        ctypes.c_uint64.from_buffer(bar(hurt, 2), DB_CQP).value = (done + 1 & 0xffff) << 32
        trouble = unusable(other)
        expect(not trouble, f"the other adapter suffers: {trouble}")
        wait_for(lambda: "back in service" in run("dmesg").stdout, BACK_SECONDS, "recovery")
        log = run("dmesg", "--read-clear").stdout
        for text in ("event cqp_polarity: cqp 0", "control queue halted; asking for a reset"):
            expect(log.count(text) == 1, f"not once in the log: {text}\n{log}")
        expect(other not in log, f"the other adapter is in the log:\n{log}")
        expect_service()


# ------------------------------------------------------------------------------- main


def run_case(name, function):
    run("modprobe", "tern_rdma")
    run("dmesg", "-C")
    start = time.monotonic()
    failure = None
    try:
        expect_service()
        before = interrupts()
        function()
        expect(interrupts() == before, f"interrupts were {before}, are {interrupts()}")
        bad = serious_log()
        expect(not bad, "in the log: " + "\n".join(bad[:20]))
    except Failure as error:
        failure = error
    print(f"{'FAIL' if failure else 'ok':4} {name} ({time.monotonic() - start:.1f} s)"
          + (f": {failure}" if failure else ""), flush=True)
    return not failure


def main(names):
    cases = {name[5:]: function for name, function in globals().items()
             if name.startswith("case_")}
    expect(len(ADDRESSES) == 2, "two adapters are needed")
    # Set-up has moved the network interfaces to namespaces of their own; new ones appear here
    for address in ADDRESSES:
        unbind(address)
        bind(address)
    failed = [name for name in names or cases if not run_case(name, cases[name])]
    print(f"{len(names or cases)} cases, {len(failed)} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
