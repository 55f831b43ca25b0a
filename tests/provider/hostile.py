#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: hostile.py PROGRAM [SECONDS [SEED...]]

Runs in the guest as root: the program of hostile.c, which writes nonsense to its own queues beside
a process that works. The kernel must have nothing to say about it but that doorbells were refused,
which it may say a few times, and in the end everything must be free again."""

import re
import subprocess
import sys
from pathlib import Path

DEVICES = ("tern0", "tern1")
PERMITTED = re.compile(r"event db_|callbacks suppressed|hrtimer: interrupt took")
MANY = 150


def run(*argv, timeout=60):
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)


def usage():
    found = []
    for device in DEVICES:
        hmc = Path(f"/sys/kernel/debug/tern_rdma/{device}/hmc").read_text()
        resources = run("rdma", "resource", "show", device).stdout
        found.append((re.findall(r"(?:pd|cq|qp|mr|ctx) \d+", resources),
                      re.findall(r"pbles_used \d+", hmc)))
    return found


def memory():
    return [re.findall(r"bytes \d+", Path(f"/sys/kernel/debug/tern_rdma/{device}/hmc").read_text())
            for device in DEVICES]


def neighbours():
    """Each side knows the other one's address, whether that can be asked for or not."""
    found = {}
    for space in "a", "b":
        for line in run("ip", "-n", space, "-br", "link").stdout.splitlines():
            if not line.startswith("lo"):
                found[space] = line.split()[:3:2]
    for space, host, peer in ("a", "10.77.0.2", "b"), ("b", "10.77.0.1", "a"):
        done = run("ip", "-n", space, "neigh", "replace", host, "lladdr", found[peer][1], "dev",
                   found[space][0])
        assert done.returncode == 0, done.stderr


def main(program, seconds="20", *seeds):
    neighbours()
    before, grown = usage(), []
    for seed in seeds or ("1", "2"):
        run("dmesg", "-C")
        done = run(program, seconds, seed, timeout=int(seconds) + 180)
        print(done.stdout + done.stderr, end="", flush=True)
        assert done.returncode == 0, f"seed {seed}: status {done.returncode}"
        lines = [line for line in run("dmesg").stdout.splitlines() if line]
        noise = [line for line in lines if not PERMITTED.search(line)]
        assert not noise, "in the log:\n" + "\n".join(noise[:20])
        assert len(lines) < MANY, f"{len(lines)} lines in the log"
        assert usage() == before, f"in use: {usage()}, not {before}"
        grown.append(memory())
    assert len({str(m) for m in grown[-2:]}) == 1, f"memory grows: {grown}"
    print("log, resources and memory are as they should be")


if __name__ == "__main__":
    main(*sys.argv[1:])
