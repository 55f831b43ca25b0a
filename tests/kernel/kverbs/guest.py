#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: guest.py MODULE

Runs in a guest with two adapters: loads the test module, which runs its tests, and then takes
module, drivers and devices away from it while it has work requests under way. All of those must
come back, each once, and nothing may be left."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

DRIVER = Path("/sys/bus/pci/drivers/tern")
MODULE = sys.argv[1]
PATIENCE = 60

# Printed by design when a reset is asked for
EXPECTED = re.compile(r"out of service: test of the health reporter")


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=False)


def address(device):
    return os.path.realpath(f"/sys/class/infiniband/{device}/device").rsplit("/", 1)[1]


def log():
    return run("dmesg").stdout


def serious():
    found = run("dmesg", "--level=emerg,alert,crit,err,warn").stdout.splitlines()
    return [line for line in found if not EXPECTED.search(line)]


def usage(device):
    resources = run("rdma", "resource", "show", device).stdout
    memory = Path(f"/sys/kernel/debug/tern_rdma/{device}/hmc").read_text()
    return (re.findall(r"(?:pd|qp|mr) \d+", resources), re.findall(r"pbles_used \d+", memory))


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.1)


def load(*parameters):
    done = run("insmod", MODULE, *parameters)
    assert done.returncode == 0, f"not loaded: {done.stderr}{log()}"


def unload():
    assert run("rmmod", "tern_kverbs").returncode == 0, "not unloaded"


def all_flushed():
    return "kverbs: 24 of 24 flushed" in log()


def devices_are_back():
    return all(
        run("ibv_devinfo", "-d", device).returncode == 0 and Path(f"/sys/class/infiniband/{device}").exists()
        for device in ("tern0", "tern1")
    ) and run("tern-net", "2").returncode == 0


def case_tests():
    load()
    print(log(), end="")
    unload()


def case_module_goes():
    load("hold=1")
    unload()
    assert all_flushed(), log()


def case_dead_device():
    """Without a device the driver itself completes; who drains gets all, and in no time"""
    handle = f"pci/{address('tern0')}"
    run("devlink", "health", "set", handle, "reporter", "function", "grace_period", "0")
    for _ in range(3):
        run("dmesg", "-C")
        load("hold=1")
        start = time.monotonic()
        run("devlink", "health", "test", handle, "reporter", "function")
        wait_for(all_flushed, "completions of a dead device")
        assert time.monotonic() - start < 10, "completions came late"
        unload()
        wait_for(devices_are_back, "devices")


def case_driver_goes():
    for device in ("tern0", "tern1"):
        where = address(device)
        run("dmesg", "-C")
        load("hold=1")
        (DRIVER / "unbind").write_text(where)
        if device == "tern0":
            assert all_flushed(), log()
        unload()
        assert all_flushed(), log()
        (DRIVER / "bind").write_text(where)
        wait_for(devices_are_back, "devices")


def main():
    failed = 0
    wanted = [usage("tern0"), usage("tern1")]
    for name, case in list(globals().items()):
        if not name.startswith("case_"):
            continue
        run("dmesg", "-C")
        try:
            case()
            assert not serious(), "\n".join(serious()[:30])
            found = [usage("tern0"), usage("tern1")]
            assert found == wanted, f"in use: {found}, not {wanted}"
            print(f"ok   {name[5:]}", flush=True)
        except AssertionError as error:
            failed += 1
            print(f"FAIL {name[5:]}: {error}", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
