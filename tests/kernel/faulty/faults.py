#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Runs in a guest whose adapters are the faulty tern_top.sv beside this file: makes the
device misbehave in every way it knows, and checks that tern.ko reports it, stays
responsive, and works again once the device does. Needs iomem=relaxed, for the device's
registers are written behind the driver's back.

Usage: faults.py TERN.KO TERN_RDMA.KO [NAME...]    run all cases, or those named"""

import json
import mmap
import os
import re
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

ADDRESS, OTHER = "0000:00:10.0", "0000:00:11.0"
DEVICE = Path("/sys/bus/pci/devices") / ADDRESS
DRIVER = Path("/sys/bus/pci/drivers/tern")

# Registers of tern_top.sv that the contract does not have, and the bits in them
FAULTS, EVENTS, RESETS, REFUSAL = 0x8000, 0x8004, 0x8008, 0x800c
GONE, ID, VERSION, ENDLESS, NOT_READY, NO_VECTORS, NO_PAGES, FATAL, DEAF, AQ_SILENT = (
    1 << bit for bit in range(10)
)
STOP, CABLE = 1, 2
UNSUPPORTED, OPCODE = 1, 1    # cqp_major, cqp_minor

POLL_SECONDS = 2    # how often the driver looks by itself
RESET_SECONDS = 2   # how long it waits for a reset
ADMIN_SECONDS = 5   # how long it waits for an admin command


class Registers:
    def __init__(self):
        self.file = os.open(DEVICE / "resource0", os.O_RDWR | os.O_SYNC)
        self.map = mmap.mmap(self.file, os.fstat(self.file).st_size)

    def close(self):
        self.map.close()
        os.close(self.file)

    def read(self, offset):
        return struct.unpack_from("=I", self.map, offset)[0]

    def write(self, offset, value):
        struct.pack_into("=I", self.map, offset, value)


def access(function):
    registers = Registers()
    try:
        return function(registers)
    finally:
        registers.close()


def faults(value):
    access(lambda registers: registers.write(FAULTS, value))


def event(value):
    access(lambda registers: registers.write(EVENTS, value))


def resets():
    return access(lambda registers: registers.read(RESETS))


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True)


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


def loaded(name):
    return Path("/sys/module", name).exists()


def load():
    if not loaded("tern"):
        expect(run("insmod", tern_ko).returncode == 0, "cannot load tern")


def load_rdma():
    run("modprobe", "ib_uverbs")
    return run("insmod", tern_rdma_ko)


def unload(name):
    result = run("rmmod", name)
    expect(result.returncode == 0, "cannot unload: " + result.stderr)


def bind():
    return write(DRIVER / "bind", ADDRESS)


def unbind():
    return write(DRIVER / "unbind", ADDRESS)


def netdev():
    folder = DEVICE / "net"
    return next(iter(sorted(os.listdir(folder))), None) if folder.exists() else None


def aux_device():
    return next((p.name for p in DEVICE.glob("tern.roce.*")), None)


def carrier():
    try:
        return (DEVICE / "net" / netdev() / "carrier").read_text().strip() == "1"
    except OSError:
        return False


def health():
    shown = json.loads(run("devlink", "-j", "health", "show", f"pci/{ADDRESS}").stdout)
    return shown["health"][f"pci/{ADDRESS}"][0]


def reporter(*words):
    return run("devlink", "health", *words[:1], f"pci/{ADDRESS}", "reporter", "function",
               *words[1:]).returncode


def log_since(mark):
    text = run("dmesg").stdout
    return text.split(mark, 1)[1] if mark in text else text


def mark_log(name):
    mark = f"faults.py {time.monotonic_ns()} {name}"
    Path("/dev/kmsg").write_text(f"<6>{mark}\n")
    return mark


class Failure(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failure(what)


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"not within {seconds} s: {what}")
        time.sleep(0.02)


def within(seconds, what, function):
    start = time.monotonic()
    result = function()
    taken = time.monotonic() - start
    expect(taken < seconds, f"{what} took {taken:.1f} s")
    return result


def expect_log(mark, text):
    wait_for(lambda: text in log_since(mark), 2, f"in the log: {text}")


def may_dma():
    """The bus master bit"""
    return bool((DEVICE / "config").read_bytes()[4] & 4)


def in_service():
    name = netdev()
    return bool(name and aux_device() and carrier() and may_dma()
                and run("ethtool", "-t", name).returncode == 0)


def expect_service(seconds=5):
    wait_for(lambda: netdev() is not None, seconds, "network interface")
    run("ip", "link", "set", netdev(), "up")
    wait_for(in_service, seconds, "the device in service")


def expect_nothing_left():
    expect(not netdev(), "a network interface is left")
    expect(not aux_device(), "an auxiliary device is left")


# ------------------------------------------------------------------------------ cases


def refused_at_probe(fault, message, seconds):
    unbind()
    mark = mark_log("probe")
    faults(fault)
    expect(within(seconds, "probe", bind) != 0, "probe succeeded")
    expect_log(mark, message)
    expect_nothing_left()
    faults(0)
    expect(bind() == 0, "probe failed after the fault went away")
    expect_service()


def case_wrong_id(_mark):
    refused_at_probe(ID, "id register does not read as a tern", 1)


def case_wrong_version(_mark):
    refused_at_probe(VERSION, "hardware version 2 is not supported, 1 is", 1)


def case_gone_at_probe(_mark):
    refused_at_probe(GONE, "id register does not read as a tern", 1)


def case_never_ready(_mark):
    refused_at_probe(NOT_READY, "FLR failed", 2 * RESET_SECONDS + 2)


def case_no_vectors(_mark):
    refused_at_probe(NO_VECTORS, "interrupt vectors, 3 are needed", 1)


def case_no_pages(_mark):
    refused_at_probe(NO_PAGES, "no doorbell page", 1)


def case_silent_admin_queue(_mark):
    refused_at_probe(AQ_SILENT, "admin command 8 is not answered", ADMIN_SECONDS + 2)


def case_silent_admin_queue_in_service(mark):
    """Found by the driver's own look at the counters; the interface stays up"""
    faults(AQ_SILENT)
    wait_for(lambda: "admin command 12 is not answered" in log_since(mark),
             POLL_SECONDS + ADMIN_SECONDS + 2, "notice")
    faults(0)
    wait_for(lambda: "back in service after a reset" in log_since(mark), RESET_SECONDS + 2,
             "recovery")
    expect_service()


def case_endless_reset(mark):
    """A reset by register that never ends is followed by an FLR, which helps"""
    unbind()
    faults(ENDLESS)
    expect(within(RESET_SECONDS + 2, "probe", bind) == 0, "probe failed")
    expect_log(mark, "trying FLR")
    expect_service()
    faults(0)


def case_endless_reset_in_service(mark):
    """The same with interrupts in use, whose set-up the FLR wipes out"""
    faults(ENDLESS)
    event(STOP)
    wait_for(lambda: "back in service after a reset" in log_since(mark), RESET_SECONDS + 2,
             "recovery")
    expect_log(mark, "trying FLR")
    expect_service()
    faults(0)


def case_link(_mark):
    for _ in range(5):
        event(CABLE)
        wait_for(lambda: not carrier(), 1, "carrier off")
        event(CABLE)
        wait_for(carrier, 1, "carrier on")


def case_fatal(mark):
    before = resets()
    event(STOP)
    expect_log(mark, "fatal error 1")
    expect_log(mark, "back in service after a reset")
    expect_service()
    expect(resets() == before + 1, "not exactly one reset")


def case_fatal_without_interrupt(mark):
    faults(DEAF)
    event(STOP)
    wait_for(lambda: "fatal error 1" in log_since(mark), 2 * POLL_SECONDS, "found by polling")
    faults(0)
    expect_service()


def case_no_interrupts(_mark):
    """The self test tells"""
    faults(DEAF)
    expect(run("ethtool", "-t", netdev()).returncode != 0, "self test passed")
    faults(0)
    expect(run("ethtool", "-t", netdev()).returncode == 0, "self test failed")


def case_again_too_soon(mark):
    """No reset after reset: within the grace period a second failure stays"""
    reporter("set", "grace_period", "60000")
    event(STOP)
    expect_log(mark, "back in service after a reset")
    expect_service()
    before = resets()
    event(STOP)
    expect_log(mark, "failed again too soon")
    expect(health()["state"] == "error", "devlink shows no error")
    expect(not carrier(), "carrier on")
    expect(not may_dma(), "the device may write to memory that was freed")
    expect(run("ip", "link", "set", netdev(), "up").returncode or not carrier(), "usable")
    expect(resets() == before, "reset all the same")
    expect(reporter("recover") == 0, "manual recovery failed")
    expect_service()
    expect(health()["state"] == "healthy", "devlink shows an error")


def case_always_fatal(mark):
    """A device that stops after each reset is given up, and can be saved later"""
    reporter("set", "grace_period", "60000")
    faults(FATAL)
    wait_for(lambda: "failed again too soon" in log_since(mark), 4 * POLL_SECONDS, "given up")
    before = resets()
    time.sleep(2 * POLL_SECONDS)
    expect(resets() == before, "still being reset")
    faults(0)
    expect(reporter("recover") == 0, "manual recovery failed")
    expect_service()


def case_pulled(mark):
    """Nobody uses the device, and yet it is found missing; when it is back, so is service"""
    faults(GONE)
    wait_for(lambda: "the device is gone" in log_since(mark), 2 * POLL_SECONDS, "noticed")
    wait_for(lambda: not aux_device(), 1, "auxiliary device deleted")
    expect(not carrier(), "carrier on")
    expect(health()["state"] == "error", "devlink shows no error")
    expect(within(1, "recovery", lambda: reporter("recover")) != 0, "recovered nothing")
    faults(0)
    expect(reporter("recover") == 0, "recovery failed")
    expect_service()


def case_unbind_pulled(_mark):
    faults(GONE)
    within(1, "unbind", unbind)
    expect_nothing_left()
    faults(0)
    expect(bind() == 0, "probe failed")
    expect_service()


def case_remove_pulled(_mark):
    faults(GONE)
    within(1, "remove", lambda: write(DEVICE / "remove", "1"))
    expect(not DEVICE.exists(), "device still there")
    write(Path("/sys/bus/pci/rescan"), "1")
    repair()


def case_unload_pulled(_mark):
    faults(GONE)
    within(1, "unloading", lambda: unload("tern"))
    expect_nothing_left()
    repair()


def case_reset_from_sysfs(mark):
    for _ in range(5):
        expect(write(DEVICE / "reset", "1") == 0, "reset refused")
        expect_service()
    expect("out of service" not in log_since(mark), "seen as a failure")


def case_reset_cures(_mark):
    """A reset from outside also ends the state of error"""
    reporter("set", "grace_period", "60000")
    event(STOP)
    expect_service()
    event(STOP)
    wait_for(lambda: health()["state"] == "error", 2, "state error")
    expect(write(DEVICE / "reset", "1") == 0, "reset refused")
    expect_service()
    expect(health()["state"] == "healthy", "devlink shows an error")


def case_reporter_test(mark):
    expect(reporter("test") == 0, "test refused")
    expect_log(mark, "back in service after a reset")
    expect_service()


def case_bind_loop(_mark):
    for _ in range(20):
        expect(unbind() == 0, "unbind failed")
        expect_nothing_left()
        expect(not may_dma(), "bus mastering left on")
        expect(bind() == 0, "bind failed")
    expect_service()


def case_remove_loop(_mark):
    for _ in range(10):
        expect(write(DEVICE / "remove", "1") == 0, "remove failed")
        write(Path("/sys/bus/pci/rescan"), "1")
    expect_service()


def case_module_loop(_mark):
    for _ in range(20):
        unload("tern")
        expect_nothing_left()
        load()
    expect_service()


def case_all_at_once(_mark):
    """Every way up and down, against each other"""
    end = time.monotonic() + 10
    reporter("set", "grace_period", "0")

    def repeat(function, pause):
        while time.monotonic() < end:
            try:
                function()
            except OSError:
                pass
            time.sleep(pause)

    threads = [threading.Thread(target=repeat, args=arguments) for arguments in (
        (lambda: (unbind(), bind()), 0.05),
        (lambda: write(DEVICE / "reset", "1"), 0.03),
        (lambda: reporter("test"), 0.02),
        (lambda: reporter("recover"), 0.02),
        (lambda: event(STOP), 0.11),
        (lambda: event(CABLE), 0.01),
        (lambda: run("ethtool", "-t", netdev() or "none"), 0.01),
        (lambda: run("ip", "link", "set", netdev() or "none", "up"), 0.01),
        (lambda: run("ip", "link", "set", netdev() or "none", "down"), 0.013),
    )]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        expect(not thread.is_alive(), "an operation hangs")
    if not (DEVICE / "driver").exists():
        expect(bind() == 0, "probe failed")
    write(DEVICE / "reset", "1")
    run("ip", "link", "set", netdev(), "up")
    if not carrier():
        event(CABLE)
    expect_service()


def case_silent_cqp(mark):
    """The control queue never answers: no RDMA device, one reset, and out again at once"""
    before = resets()
    within(90, "loading tern_rdma for two adapters", load_rdma)
    expect_log(mark, "out of service: the protocol engine does not answer")
    wait_for(lambda: health()["state"] == "error", 60, "given up")
    expect(resets() - before <= 2, "reset again and again")
    expect(not os.listdir("/sys/class/infiniband"), "an RDMA device")
    within(2, "unloading tern_rdma", lambda: unload("tern_rdma"))
    within(2, "unloading tern", lambda: unload("tern"))
    expect_nothing_left()


def case_refused_command(mark):
    """A command that the device refuses costs its caller an errno and the log one line, of
    which only so many are written; the device stays in service"""
    before, driver = resets(), Path("/sys/bus/auxiliary/drivers/tern_rdma")
    # The other one never answers
    write(DRIVER / "unbind", OTHER)
    access(lambda registers: registers.write(REFUSAL, UNSUPPORTED << 16 | OPCODE))
    load_rdma()
    expect_log(mark, "command query_caps of 0 failed: unsupported, opcode")
    for _ in range(30):
        expect(within(1, "probe", lambda: write(driver / "bind", aux_device())) != 0, "probed")
    told = log_since(mark).count("command query_caps")
    expect(1 < told < 20, f"told {told} of 31 times")
    expect(not os.listdir("/sys/class/infiniband"), "an RDMA device")
    expect(resets() == before, "reset")
    expect_service()
    access(lambda registers: registers.write(REFUSAL, 0))
    unload("tern_rdma")
    expect(write(DRIVER / "bind", OTHER) == 0, "probe failed")


# ------------------------------------------------------------------------------- main

# What no test may leave in the log, whatever the device does
BAD_LOG = re.compile(r"WARNING:|BUG:|Oops|Call Trace|UBSAN|refcount_t|hung|blocked for more|"
                     r"irq \d+: nobody cared|unregister_netdevice: waiting")


def repair():
    """Whatever an earlier case left behind"""
    if loaded("tern_rdma"):
        unload("tern_rdma")
    load()
    # Reaching the registers needs memory decoding, which without a driver is off
    write(DEVICE / "enable", "1")
    faults(0)
    write(DEVICE / "enable", "0")
    # A fresh start of the health reporter, too: it remembers when it recovered last
    unbind()
    expect(bind() == 0, "probe failed")
    reporter("set", "grace_period", "0")
    expect_service()


def run_case(name, function):
    mark = mark_log(name)
    start = time.monotonic()
    try:
        repair()
        function(mark)
        bad = BAD_LOG.search(log_since(mark))
        expect(not bad, f"in the log: {bad and bad[0]}")
        failure = None
    except Failure as error:
        failure = error
    print(f"{'FAIL' if failure else 'ok':4} {name} ({time.monotonic() - start:.1f} s)"
          + (f": {failure}" if failure else ""), flush=True)
    if failure:
        print(log_since(mark)[-3000:], flush=True)
    return not failure


def main(names):
    cases = {name[5:]: function for name, function in globals().items()
             if name.startswith("case_")}
    failed = [name for name in names or cases if not run_case(name, cases[name])]
    print(f"{len(names or cases)} cases, {len(failed)} failed")
    return bool(failed)


if __name__ == "__main__":
    tern_ko, tern_rdma_ko = sys.argv[1:3]
    sys.exit(main(sys.argv[3:]))
