#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Like lifecycle.py, while QPs carry data in both directions: adapter, drivers and devices go away
from verbs programs and come back. Programs end by themselves and with an error, nothing is left
of them, the log is clean, and the same programs run again.

Usage: lifecycle_qp.py [NAME...]    run all cases, or those named. Needs lifecycle.py beside it."""

import re
import subprocess
import sys
import time
from pathlib import Path

import lifecycle
from lifecycle import ADDRESSES, PCI, Failure, expect, run, wait_for, write

DEVICES = ("tern0", "tern1")
SPACES = ("a", "b")
END_SECONDS = 30
# None of them ends without an error
PROGRAMS = (
    "ibv_rc_pingpong -d {dev} -g 1 -n 100000000 -p 18515",
    "ibv_rc_pingpong -d {dev} -g 1 -n 100000000 -e -p 18516",
    "ib_write_bw -d {dev} -x 1 -F -b -s 16384 --run_infinitely -p 18517",
)
AGAIN = "ibv_rc_pingpong -d {dev} -g 1 -n 100 -c -p 18518"


def inside(space, command):
    return ["ip", "netns", "exec", space, *command.split()]


def start(space, command):
    return subprocess.Popen(inside(space, command), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


def cable():
    """Programs find each other by a way of their own, which stays when adapters go"""
    if run("ip", "-n", "a", "link", "show", "va").returncode == 0:
        return
    run("ip", "link", "add", "va", "netns", "a", "type", "veth", "peer", "name", "vb", "netns", "b")
    for number, space in enumerate(SPACES, 1):
        run("ip", "-n", space, "addr", "add", f"10.1.1.{number}/24", "dev", f"v{space}")
        run("ip", "-n", space, "link", "set", f"v{space}", "up")


def link(space):
    """Network interface and address of the adapter in a namespace"""
    for line in run("ip", "-n", space, "-br", "link").stdout.splitlines():
        name, _, mac = line.split()[:3]
        if name != "lo" and "@" not in name:
            return name, mac
    return None


def connected():
    """Each side knows the other one's address, whether that can be asked for or not"""
    if run("tern-net", "2").returncode != 0:
        return False
    a, b = link("a"), link("b")
    return bool(a and b and all(
        run("ip", "-n", space, "neigh", "replace", host, "lladdr", mac, "dev", name).returncode == 0
        for space, host, mac, name in (("a", "10.77.0.2", b[1], a[0]), ("b", "10.77.0.1", a[1], b[0]))
    ))


def listens(command):
    port = int(re.search(r"-p (\d+)", command)[1])
    sockets = run(*inside("b", "cat /proc/net/tcp /proc/net/tcp6")).stdout
    return re.search(rf":{port:04X} [0:]+ 0A ", sockets)


def start_pair(command):
    server = start("b", command.format(dev="tern1"))
    try:
        wait_for(lambda: listens(command), 30, f"server of {command}")
    except Failure:
        server.kill()
        raise
    return server, start("a", command.format(dev="tern0") + " 10.1.1.2")


def requests(device):
    text = run("rdma", "statistic", "show", "link", f"{device}/1").stdout
    return int(re.search(r"tx_requests (\d+)", text)[1])


def flows():
    before = [requests(device) for device in DEVICES]
    time.sleep(0.3)
    return all(requests(device) > count + 5 for device, count in zip(DEVICES, before))


def usage():
    found = []
    for device in DEVICES:
        memory = Path(f"/sys/kernel/debug/tern_rdma/{device}/hmc").read_text()
        found.append((run("rdma", "resource", "show", device).stdout.split(": ", 1)[1],
                      re.search(r"pbles_used \d+", memory)[0]))
    return found


class Traffic:
    """Programs that run until what they need is taken away: the device of these namespaces. The
    other end may have nothing under way, so it need not notice."""

    def __init__(self, spaces=SPACES):
        self.spaces = spaces

    def __enter__(self):
        self.programs = [program for command in PROGRAMS for program in start_pair(command)]
        wait_for(flows, 30, "traffic in both directions")
        for program in self.programs:
            expect(program.poll() is None, f"{program.args} ended early")
        return self

    def __exit__(self, kind, *_):
        deadline = time.monotonic() + END_SECONDS
        hanging = []
        # Who has to end first; then the others, who may have waited long enough by now
        for program in sorted(self.programs, key=lambda program: program.args[3] not in self.spaces):
            must = program.args[3] in self.spaces
            try:
                program.communicate(timeout=max(1, deadline - time.monotonic()) if must else 1)
            except subprocess.TimeoutExpired:
                if must:
                    hanging.append(" ".join(program.args[3:]))
                program.kill()
                program.communicate()
        if kind is None:
            expect(not hanging, f"do not end: {hanging}")
            good = [" ".join(p.args[3:]) for p in self.programs if p.returncode == 0]
            expect(not good, f"ended without an error: {good}")


def expect_service():
    for address in ADDRESSES:
        wait_for(lambda address=address: address in lifecycle.rdma_devices(), 20, address)
    wait_for(connected, 30, "network")
    server, client = start_pair(AGAIN)
    outputs = []
    for program in client, server:
        try:
            outputs.append(program.communicate(timeout=60)[0])
        except subprocess.TimeoutExpired:
            program.kill()
            outputs.append("hangs: " + program.communicate()[0])
    expect(server.returncode == 0 and client.returncode == 0, f"pingpong: {outputs}")


def unbind_and_bind(address):
    expect(lifecycle.unbind(address) == 0, "unbind failed")
    expect(lifecycle.bind(address) == 0, "bind failed")


def remove_and_rescan(address):
    expect(write(PCI / "devices" / address / "remove", "1") == 0, "remove failed")
    expect(write(PCI / "rescan", "1") == 0, "rescan failed")


def function_reset(address):
    expect(write(PCI / "devices" / address / "reset", "1") == 0, "reset failed")


def own_reset(address):
    lifecycle.no_grace(address)
    expect(lifecycle.health_test(address) == 0, "reset refused")


def each_device(action):
    for address in ADDRESSES:
        device = lifecycle.rdma_devices()[address]
        with Traffic(SPACES[DEVICES.index(device)]):
            action(address)
        expect_service()


def case_unbind():
    each_device(unbind_and_bind)


def case_remove():
    each_device(remove_and_rescan)


def case_function_reset():
    each_device(function_reset)


def case_own_reset():
    each_device(own_reset)


def case_rdma_module():
    with Traffic():
        expect(run("rmmod", "tern_rdma").returncode == 0, "cannot unload")
        expect(not lifecycle.rdma_devices(), "an RDMA device is left")
        expect(run("modprobe", "tern_rdma").returncode == 0, "cannot load")
    expect_service()


def case_both_modules():
    with Traffic():
        expect(run("modprobe", "-r", "tern_rdma", "tern").returncode == 0, "cannot unload")
        expect(run("modprobe", "tern_rdma").returncode == 0, "cannot load")
    expect_service()


def case_killed_programs():
    """The device stays, the programs go, in the middle of it"""
    for _ in range(3):
        traffic = Traffic().__enter__()
        for program in traffic.programs:
            program.kill()
            program.communicate()
        expect_service()


def run_case(name, function):
    run("dmesg", "-C")
    start_time = time.monotonic()
    failure = None
    try:
        expect_service()
        before = usage()
        function()
        expect(usage() == before, f"in use before: {before}, now: {usage()}")
        # uverbs destroys the queues of a process before it takes its doorbell page away
        bad = [line for line in lifecycle.serious_log() if ": event db_queue: " not in line]
        expect(not bad, "in the log: " + "\n".join(bad[:20]))
    except (Failure, subprocess.TimeoutExpired) as error:
        failure = error
    print(f"{'FAIL' if failure else 'ok':4} {name} ({time.monotonic() - start_time:.1f} s)"
          + (f": {failure}" if failure else ""), flush=True)
    return not failure


def main(names):
    cases = {name[5:]: function for name, function in globals().items()
             if name.startswith("case_")}
    cable()
    failed = [name for name in names or cases if not run_case(name, cases[name])]
    print(f"{len(names or cases)} cases, {len(failed)} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
