#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Runs in a guest with two adapters in the namespaces a and b: uses their network interfaces as
people do, and disturbs them. What only the host can do it is asked for: a line "please WORDS"
on the output, then a line on the input when it is done.

Usage: netdev_guest.py [NAME...]    run all cases, or those named"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

PEER = {"a": "b", "b": "a"}
IPV4 = {"a": "10.77.0.1", "b": "10.77.0.2"}
IPV6 = {"a": "fd77::1", "b": "fd77::2"}
RDMA = {"a": "tern0", "b": "tern1"}
BACK_SECONDS = 20
ETH_P_TEST = 0x88B5

SERIOUS = "emerg,alert,crit,err,warn,notice"
# A host that lets a virtual processor wait makes the kernel say so, and out-of-tree modules
# are told of; the last is what a case asks for
EXPECTED = re.compile(r"hrtimer: interrupt took|out-of-tree|module verification|"
                      r"out of service: test of the health reporter|sched: DL replenish")


class Failure(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failure(what)


def run(*argv, timeout=60, data=None):
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, input=data)
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(argv)} hangs") from None


def ok(*argv, **options):
    result = run(*argv, **options)
    expect(result.returncode == 0, f"{' '.join(argv)}: {result.stdout}{result.stderr}")
    return result.stdout


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"not within {seconds} s: {what}")
        time.sleep(0.1)


def please(*words):
    print("please", *words, flush=True)
    expect(sys.stdin.readline().strip() == "done", "the host cannot")


# ------------------------------------------------------------------------- interfaces


def link(side):
    """The interface of a side, with its counters"""
    links = json.loads(ok(side, "ip", "-j", "-s", "link"))
    return next(entry for entry in links if entry["ifname"] != "lo")


def name(side):
    return link(side)["ifname"]


def stats(side):
    found = link(side)["stats64"]
    return {f"{way}_{what}": value for way in found for what, value in found[way].items()}


def carrier(side):
    return "LOWER_UP" in link(side)["flags"]


def pci(side):
    return os.path.realpath(f"/sys/class/infiniband/{RDMA[side]}/device").rsplit("/", 1)[1]


def ping(side, size, *options, family=4, count=3):
    target = (IPV4 if family == 4 else IPV6)[PEER[side]]
    result = run(side, "ping", f"-{family}", "-q", "-c", str(count), "-i", "0.05", "-W", "5",
                 "-s", str(size), *options, target)
    return result.returncode == 0 and f"{count} received" in result.stdout


def expect_ping(side, size, *options, **more):
    expect(ping(side, size, *options, **more), f"{side} ping {more} {options} of {size} bytes")


def reaches(side):
    return ping(side, 56, count=1)


def expect_traffic():
    for side in PEER:
        wait_for(lambda side=side: reaches(side), BACK_SECONDS, f"{side} reaches its peer")


def set_mtu(mtu):
    for side in PEER:
        ok(side, "ip", "link", "set", name(side), "mtu", str(mtu))


class Flood:
    """Pings and datagrams in both directions, that may be lost but must not hang"""

    def __enter__(self):
        self.children = []
        for side in PEER:
            self.children.append(subprocess.Popen(
                [side, "ping", "-q", "-i", "0.01", "-s", "1400", IPV4[PEER[side]]],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            self.children.append(subprocess.Popen(
                [side, sys.executable, __file__, "--flood", IPV4[PEER[side]]],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        time.sleep(1)
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                raise Failure(f"{child.args} hangs") from None


def flood(address):
    """Datagrams as fast as the socket takes them"""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, b"\1" + bytes(15))
    while True:
        try:
            for _ in range(16):
                out.sendto(bytes(1400), (address, 9))
        except OSError:
            pass
        time.sleep(0.005)


# ------------------------------------------------------------------------------ cases


def case_latency():
    out = ok("a", "ping", "-q", "-c", "100", "-i", "0.03", IPV4["b"])
    print("     " + out.strip().splitlines()[-1], flush=True)


def case_ping():
    for family, most in ((4, 1472), (6, 1452)):
        for size in (0, 1, 17, 18, 19, 56, 1000, most - 1, most, most + 1, 4000, 8972):
            expect_ping("a", size, family=family)
        expect_ping("b", most, "-M", "do", family=family)


def case_jumbo_ping():
    set_mtu(9000)
    for family, most in ((4, 8972), (6, 8952)):
        for size in (0, 56, 1500, 4050, 4096, 8000, most):
            expect_ping("a", size, "-M", "do", family=family)
            expect_ping("b", size, "-M", "do", family=family)
    # Buffers of one side are too short for what the other may send
    before = stats("b")["rx_errors"]
    ok("b", "ip", "link", "set", name("b"), "mtu", "1500")
    expect(not ping("a", 4000, "-M", "do", count=1), "a frame longer than the buffers arrived")
    wait_for(lambda: stats("b")["rx_errors"] > before, 10, "the drop counted")
    set_mtu(1500)
    expect_ping("a", 1472, "-M", "do")


SERVER = """
import hashlib, socket, sys
server = socket.create_server(("", 7777))
print("ready", flush=True)
peer, _ = server.accept()
digest, size = hashlib.sha256(), 0
while data := peer.recv(1 << 16):
    digest.update(data)
    size += len(data)
peer.sendall(digest.digest())
print(size)
"""
CLIENT = """
import hashlib, os, socket, sys
data = os.urandom(int(sys.argv[2]))
peer = socket.create_connection((sys.argv[1], 7777), 60)
peer.sendall(data)
peer.shutdown(socket.SHUT_WR)
answer = b""
while more := peer.recv(64):
    answer += more
sys.exit(answer != hashlib.sha256(data).digest())
"""


def transfer(side, size):
    """TCP from this side to its peer; the bytes per second"""
    server = subprocess.Popen([PEER[side], sys.executable, "-c", SERVER], stdout=subprocess.PIPE,
                              text=True)
    try:
        expect(server.stdout.readline() == "ready\n", "no server")
        start = time.monotonic()
        ok(side, sys.executable, "-c", CLIENT, IPV4[PEER[side]], str(size), timeout=180)
        taken = time.monotonic() - start
        expect(int(server.communicate(timeout=60)[0]) == size, "size of the transfer")
    finally:
        server.kill()
        server.wait()
    return size / taken


def case_tcp():
    for mtu in (1500, 9000):
        set_mtu(mtu)
        for side in PEER:
            rate = transfer(side, 4 << 20)
            print(f"     {mtu} bytes, from {side}: {rate / 1e6:.2f} MB/s", flush=True)
    set_mtu(1500)


def case_counters():
    expect_traffic()
    # Nobody else speaks up while this is counted
    for _ in range(5):
        before = {side: stats(side) for side in PEER}
        expect_ping("a", 1000, count=20)
        after = {side: stats(side) for side in PEER}
        moved = {side: {key: after[side][key] - before[side][key] for key in after[side]}
                 for side in PEER}
        if all(moved[side]["tx_packets"] == 20 for side in PEER):
            break
    for side in PEER:
        for way in ("tx", "rx"):
            expect(moved[side][f"{way}_packets"] == 20, f"{side} {way}: {moved[side]}")
            expect(moved[side][f"{way}_bytes"] == 20 * 1042, f"{side} {way}: {moved[side]}")
        for what in ("errors", "dropped"):
            expect(after[side][f"tx_{what}"] == before[side][f"tx_{what}"], f"{side} {what}")


def raw(side, frame):
    """Sends a frame as it is"""
    code = ("import socket, sys\n"
            "s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)\n"
            "s.bind((sys.argv[1], 0))\n"
            "s.send(bytes.fromhex(sys.argv[2]))\n")
    ok(side, sys.executable, "-c", code, name(side), frame.hex())


LISTEN = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
s.bind((sys.argv[1], 0x88b5))
print("ready", flush=True)
s.settimeout(float(sys.argv[2]))
try:
    print(s.recv(10000).hex())
except TimeoutError:
    print("none")
"""


def received(side, frame, seconds):
    """What the peer's interface makes of a frame that this side sends, or None"""
    peer = PEER[side]
    listener = subprocess.Popen([peer, sys.executable, "-c", LISTEN, name(peer), str(seconds)],
                                stdout=subprocess.PIPE, text=True)
    expect(listener.stdout.readline() == "ready\n", "no listener")
    raw(side, frame)
    word = listener.communicate(timeout=60)[0].strip()
    return None if word == "none" else bytes.fromhex(word)


def frame_to(address, payload):
    octets = bytes.fromhex(address.replace(":", ""))
    return octets + bytes.fromhex("020000000001") + ETH_P_TEST.to_bytes(2, "big") + payload


def case_short_frames():
    address = link("b")["address"]
    for size in (0, 1, 20, 45, 46, 47):
        frame = frame_to(address, bytes(range(size)))
        expect(received("a", frame, 5) == frame + bytes(max(0, 60 - len(frame))),
               f"{size} bytes of payload")


def case_filter():
    other, group = "02:00:00:00:00:99", "01:00:5e:11:22:33"
    payload = bytes(range(100))
    expect(received("a", frame_to(other, payload), 1) is None, "a frame for another station")
    expect(received("a", frame_to("ff:ff:ff:ff:ff:ff", payload), 5), "no broadcast")
    expect(received("a", frame_to(group, payload), 5), "no frame for a group")
    ok("b", "ip", "link", "set", name("b"), "promisc", "on")
    time.sleep(0.5)
    expect(received("a", frame_to(other, payload), 5), "not promiscuous")
    ok("b", "ip", "link", "set", name("b"), "promisc", "off")
    time.sleep(0.5)
    expect(received("a", frame_to(other, payload), 1) is None, "still promiscuous")


def case_address():
    old = link("a")["address"]
    for new in ("02:54:4e:77:77:77", old):
        ok("a", "ip", "link", "set", name("a"), "address", new)
        for side in PEER:
            ok(side, "ip", "neigh", "flush", "all")
        expect_ping("b", 100)
        expect_ping("b", 100, family=6)
    bad = run("a", "ip", "link", "set", name("a"), "address", "01:00:00:00:00:01")
    expect(bad.returncode != 0, "a group as address")


def case_cable():
    please("link", "a", "down")
    try:
        wait_for(lambda: not carrier("a"), 10, "carrier off")
        expect(not reaches("a"), "frames pass without a cable")
    finally:
        please("link", "a", "up")
    wait_for(lambda: carrier("a"), 10, "carrier on")
    expect_traffic()


def case_up_and_down():
    with Flood():
        for _ in range(10):
            for side in PEER:
                ok(side, "ip", "link", "set", name(side), "down")
                ok(side, "ip", "link", "set", name(side), "up")
            time.sleep(0.1)
    restore_addresses()
    expect_traffic()


def restore_addresses():
    """Down takes IPv6 addresses away"""
    for number, side in enumerate(PEER, 1):
        run(side, "ip", "addr", "add", f"fd77::{number}/64", "dev", name(side), "nodad")


def unchanged(side, before):
    after = link(side)
    for key in ("ifindex", "ifname", "address", "mtu"):
        expect(after[key] == before[key], f"{key} was {before[key]}, is {after[key]}")
    for way in ("tx", "rx"):
        for what in ("packets", "bytes"):
            expect(after["stats64"][way][what] >= before["stats64"][way][what],
                   f"{way} {what} went back")


def reset_by_health(side):
    ok("devlink", "health", "set", f"pci/{pci(side)}", "reporter", "function", "grace_period", "0")
    ok("devlink", "health", "test", f"pci/{pci(side)}", "reporter", "function")


def reset_by_sysfs(side):
    Path(f"/sys/bus/pci/devices/{pci(side)}/reset").write_text("1")


def case_reset():
    """With traffic: the interface is the same afterwards, and goes on by itself"""
    set_mtu(4000)
    ok("a", "ip", "link", "set", name("a"), "address", "02:54:4e:77:77:78")
    for reset in (reset_by_health, reset_by_sysfs):
        for side in PEER:
            expect_traffic()
            before = link(side)
            with Flood():
                reset(side)
                wait_for(lambda side=side: carrier(side), BACK_SECONDS, "carrier after a reset")
            expect_traffic()
            unchanged(side, before)
            expect_ping(side, 3972, "-M", "do")
    transfer("a", 1 << 20)
    set_mtu(1500)


def case_module_removal():
    with Flood():
        ok("modprobe", "-r", "tern_rdma", "tern")
        ok("modprobe", "tern_rdma")
    ok("tern-net", "2")
    expect_traffic()


# ------------------------------------------------------------------------------- main


def serious_log():
    lines = run("dmesg", f"--level={SERIOUS}").stdout.splitlines()
    return [line for line in lines if line and not EXPECTED.search(line)]


def run_case(name_of_case, function):
    run("dmesg", "-C")
    start = time.monotonic()
    failure = None
    try:
        function()
        bad = serious_log()
        expect(not bad, "in the log: " + "\n".join(bad[:20]))
    except Failure as error:
        failure = error
    print(f"{'FAIL' if failure else 'ok':4} {name_of_case} ({time.monotonic() - start:.1f} s)"
          + (f": {failure}" if failure else ""), flush=True)
    if failure:
        print(run("dmesg").stdout[-3000:], flush=True)
    return not failure


def main(names):
    cases = {key[5:]: function for key, function in globals().items() if key.startswith("case_")}
    expect_traffic()
    failed = [case for case in names or cases if not run_case(case, cases[case])]
    print(f"{len(names or cases)} cases, {len(failed)} failed", flush=True)
    return bool(failed)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--flood"]:
        flood(sys.argv[2])
    sys.exit(main(sys.argv[1:]))
