#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Runs in a guest with two adapters: GIDs of VLANs, many of them, GIDs that come and go while
datagrams are under way, adapters that go from those whom the connection manager has connected,
devices that belong to one network namespace, and what is refused.

Usage: gids_guest.py [NAME...]    run all cases, or those named"""

import errno
import ipaddress
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

SIDES = {"a": "tern0", "b": "tern1"}
HOST = {"a": 1, "b": 2}
VLAN = 7
PATIENCE = 30
# The last: programs go on posting until they learn that their adapter goes
COMPLAINTS = re.compile(
    r"hrtimer: interrupt took|out-of-tree|module verification|DL replenish|event db_queue:"
)


class Failure(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failure(what)


def run(*argv, **options):
    try:
        return subprocess.run(
            argv, capture_output=True, text=True, timeout=200, check=False, **options
        )
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(argv)} hangs") from None


def ok(*argv, **options):
    done = run(*argv, **options)
    expect(done.returncode == 0, f"{' '.join(argv)}: {done.stdout}{done.stderr}")
    return done.stdout


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        expect(time.monotonic() < deadline, f"not within {PATIENCE} s: {what}")
        time.sleep(0.05)


def netdev(side):
    links = json.loads(ok(side, "ip", "-j", "link"))
    return next(link["ifname"] for link in links if link["ifname"] not in ("lo", f"v{VLAN}"))


def gids(side):
    """Index of each address, from inside of the namespace, which may be where the device is"""
    found = {}
    folder = f"/sys/class/infiniband/{SIDES[side]}/ports/1"
    for line in run(side, "sh", "-c", f"cd {folder}/gids && grep . *").stdout.splitlines():
        index, _, text = line.partition(":")
        address = ipaddress.IPv6Address(text)
        if int(address):
            found[str(address.ipv4_mapped or address)] = int(index)
    return found


def add(side, prefix, length, device=None):
    """An address, which ends with the number of the host; its GID's index"""
    address = f"{prefix}{HOST[side]}"
    nodad = ["nodad"] if ":" in prefix else []
    ok("ip", "-n", side, "addr", "add", f"{address}/{length}", "dev", device or netdev(side), *nodad)
    return wait_for(lambda: gids(side).get(address), f"GID of {address}")


def delete(side, prefix, length):
    ok("ip", "-n", side, "addr", "del", f"{prefix}{HOST[side]}/{length}", "dev", netdev(side))


def gone(side, prefix):
    return f"{prefix}{HOST[side]}" not in gids(side)


def add_both(prefix, length, device=None):
    first, second = (add(side, prefix, length, device) for side in SIDES)
    expect(first == second, f"{prefix}: index {first} and {second}")
    return first


def pairs(*commands, clean=True):
    text = "".join(f"{command}\n" for command in commands)
    done = run("tern-pairs", "--timeout", "100", *(["--clean"] if clean else []), input=text)
    expect(done.returncode == 0, f"{done.stdout}{done.stderr}")


def all_kinds(index, count=20):
    return [f"ibv_{kind}_pingpong -d {{dev}} -g {index} -n {count}" for kind in ("ud", "uc", "rc")]


# ------------------------------------------------------------------------------ cases


def case_vlan():
    """The host looks for the tag in what went over the wire"""
    vlan = f"v{VLAN}"
    for side in SIDES:
        ok("ip", "-n", side, "link", "add", "link", netdev(side), "name", vlan,
           "type", "vlan", "id", str(VLAN), "egress-qos-map", "0:5")
        ok("ip", "-n", side, "link", "set", vlan, "up")
    ipv4 = add_both("10.78.0.", 24, vlan)
    ipv6 = add_both("fd78::", 64, vlan)
    pairs(
        *all_kinds(ipv4),
        *all_kinds(ipv6),
        f"ib_send_lat -d {{dev}} -F -x {ipv4} -c UD -s 1000 -n 50",
        "rping -s -a 10.78.0.2 -C 20 => rping -c -a 10.78.0.2 -C 20",
        "udaddy -b fd78::2 => udaddy -s fd78::2",
    )
    for side in SIDES:
        ok("ip", "-n", side, "link", "del", vlan)
        wait_for(lambda side=side: gone(side, "10.78.0."), "end of a VLAN's GIDs")


def case_several():
    prefixes = [f"10.77.{net}." for net in range(10, 18)]
    indexes = [add_both(prefix, 24) for prefix in prefixes]
    expect(len(set(indexes)) == len(prefixes), f"indexes {indexes}")
    pairs(
        *(f"ibv_ud_pingpong -d {{dev}} -g {index} -n 10" for index in indexes),
        *(f"rping -s -a {prefix}2 -C 5 => rping -c -a {prefix}2 -C 5" for prefix in prefixes),
    )
    for side in SIDES:
        for prefix in prefixes:
            delete(side, prefix, 24)
        wait_for(lambda side=side: gone(side, prefixes[-1]), "end of GIDs")


def start(side, *argv):
    return subprocess.Popen([side, *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def start_pingpong(kind, index, count, port):
    words = ["-g", str(index), "-n", str(count), "-p", str(port)]
    tool = f"ibv_{kind}_pingpong"
    server = start("b", tool, "-d", SIDES["b"], *words)
    wait_for(lambda: f":{port:04X} " in ok("b", "cat", "/proc/net/tcp", "/proc/net/tcp6"), "server")
    return server, start("a", tool, "-d", SIDES["a"], *words, "10.77.0.2")


def end_well(processes):
    for process in processes:
        try:
            out = process.communicate(timeout=100)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            out = f"{process.communicate()[0]} (took too long)"
        expect(process.returncode == 0, out)


def others_come_and_go():
    for side in SIDES:
        add(side, "10.77.20.", 24)
        add(side, "fd79::", 64)
    for side in SIDES:
        delete(side, "10.77.20.", 24)
        delete(side, "fd79::", 64)
        wait_for(lambda side=side: gone(side, "fd79::"), "end of a GID")


def case_others_change():
    """GIDs come and go; nobody who has another one notices"""
    rounds = 0
    while rounds < 4:
        running = start_pingpong("ud", 1, 1000, 18601) + start_pingpong("uc", 2, 1000, 18602)
        while running[1].poll() is None:
            others_come_and_go()
            rounds += 1
        end_well(running)


def case_own_goes():
    """Without its GID a QP reaches nobody: a connection ends with an error, datagrams are lost"""
    index = add_both("10.77.30.", 24)
    datagrams = start_pingpong("ud", index, 10000000, 18603)
    connection = start_pingpong("rc", index, 10000000, 18604)
    others = start_pingpong("ud", 1, 300, 18605)
    time.sleep(1)
    expect(all(process.poll() is None for process in datagrams + connection), "ended too early")
    for side in SIDES:
        delete(side, "10.77.30.", 24)
    # Whoever has sent last; the other one waits
    ended = wait_for(lambda: [end for end in connection if end.poll() is not None], "error")
    out = ended[0].communicate()[0]
    expect("transport retry counter exceeded" in out, f"connection: {out}")
    end_well(others)
    expect(all(process.poll() is None for process in datagrams), "datagrams noticed")
    for process in datagrams + connection:
        process.kill()
        process.wait()
    refused = run("a", "ibv_ud_pingpong", "-d", "tern0", "-g", str(index), "10.77.0.2")
    expect(refused.returncode != 0, "a GID that is gone is used")
    for side in SIDES:
        wait_for(lambda side=side: gone(side, "10.77.30."), "end of a GID")
    index = add_both("10.77.30.", 24)
    pairs(*all_kinds(index))
    for side in SIDES:
        delete(side, "10.77.30.", 24)


def case_adapter_goes():
    """Connections end, programs that were told do, and datagrams, which nobody misses"""
    driver = Path("/sys/bus/pci/drivers/tern")
    address = os.path.realpath("/sys/class/infiniband/tern0/device").rsplit("/", 1)[1]
    words = ["-C", "1000000", "-a", "10.77.0.2"]
    server = start("b", "rping", "-s", *words)
    wait_for(lambda: " state LISTEN " in ok("rdma", "resource", "show", "cm_id"), "server")
    connection = server, start("a", "rping", "-c", *words)
    datagrams = start_pingpong("ud", 1, 10000000, 18606)
    time.sleep(2)
    expect(all(end.poll() is None for end in connection + datagrams), "ended too early")
    (driver / "unbind").write_text(address)
    for end in (*connection, datagrams[1]):
        wait_for(lambda end=end: end.poll() is not None, f"end of {end.args}")
    expect(datagrams[0].poll() is None, "datagrams that do not come were noticed")
    datagrams[0].kill()
    datagrams[0].wait()
    (driver / "bind").write_text(address)
    wait_for(lambda: run("tern-net").returncode == 0, "adapter")
    wait_for(lambda: reaches("a"), "peer")
    pairs(
        "rping -s -a {host} -C 20 => rping -c -a {host} -C 20",
        "udaddy => udaddy -s {host}",
        "ibv_ud_pingpong -d {dev} -g 1 -n 20",
    )


def reaches(side):
    return run(side, "ping", "-c", "1", "-W", "1", f"10.77.0.{3 - HOST[side]}").returncode == 0


def devices(side=None):
    text = ok(*([side] if side else []), "rdma", "-j", "dev")
    return [device["ifname"] for device in json.loads(text)]


def set_mode(mode, move):
    """Only while there is no other namespace, so they are made anew"""
    names = {side: netdev(side) for side in SIDES}
    for side in SIDES:
        ok("ip", "netns", "del", side)
    # A namespace goes some time after its name, and leaves devices to the initial one
    wait_for(lambda: sorted(devices()) == ["tern0", "tern1"], "devices outside")
    wait_for(lambda: run("rdma", "system", "set", "netns", mode).returncode == 0, f"mode {mode}")
    for side, name in names.items():
        ok("ip", "netns", "add", side)
        ok("ip", "-n", side, "link", "set", "lo", "up")
        ok("ip", "link", "set", name, "netns", side)
        if move:
            wait_for(lambda: run("rdma", "dev", "set", SIDES[side], "netns", side).returncode == 0, side)
        ok("ip", "-n", side, "addr", "add", f"10.77.0.{HOST[side]}/24", "dev", name)
        ok("ip", "-n", side, "addr", "add", f"fd77::{HOST[side]}/64", "dev", name, "nodad")
        ok("ip", "-n", side, "link", "set", name, "up")
        wait_for(lambda: gids(side).get(f"fd77::{HOST[side]}"), "GIDs")


def case_exclusive():
    """A device of one namespace: nobody else sees it, and all goes on in there"""
    set_mode("exclusive", move=True)
    expect("netns exclusive" in ok("rdma", "system"), "mode")
    expect((devices(), devices("a"), devices("b")) == ([], ["tern0"], ["tern1"]), "who sees them")
    refused = run("a", "ibv_rc_pingpong", "-d", "tern1")
    expect(refused.returncode != 0, "the device of another namespace is used")
    ipv4, ipv6 = (gids("a")[f"{net}1"] for net in ("10.77.0.", "fd77::"))
    pairs(
        *all_kinds(ipv4),
        *all_kinds(ipv6),
        "rping -s -a {host} -C 20 => rping -c -a {host} -C 20",
        "ucmatose -f ip6 -b {host6} => ucmatose -f ip6 -s {host6}",
        "udaddy => udaddy -s {host}",
    )
    set_mode("shared", move=False)
    expect(sorted(devices("a")) == ["tern0", "tern1"], "shared devices")
    pairs(*all_kinds(gids("a")["10.77.0.1"]), "udaddy => udaddy -s {host}")


def refuses(error, what, call, *words, **named):
    """A verb that gives this errno; the object, if there is one all the same, says so"""
    from pyverbs.pyverbs_error import PyverbsRDMAError

    try:
        made = call(*words, **named)
    except PyverbsRDMAError as raised:
        code = abs(raised.error_code)
        expect(code == error, f"{what}: {errno.errorcode.get(code, code)}")
        return
    raise Failure(f"{what}: not refused, {made}")


def case_refused():
    """In a process of its own, in a namespace that has the GIDs"""
    print(ok("a", sys.executable, __file__, "--refused"), end="")


def check_refused():
    # pylint: disable=import-outside-toplevel
    from pyverbs import enums
    from pyverbs.addr import AH, GID, AHAttr, GlobalRoute
    from pyverbs.cq import CQ
    from pyverbs.device import Context
    from pyverbs.pd import PD
    from pyverbs.qp import QP, QPAttr, QPCap, QPInitAttr
    from pyverbs.srq import SRQ, SrqAttr, SrqInitAttr
    from pyverbs.wr import SGE, SendWR

    with Context(name="tern0") as context, PD(context) as pd, CQ(context, 10) as cq:

        def qp(kind, **more):  # UD: ready to send
            return QP(pd, QPInitAttr(qp_type=kind, scq=cq, rcq=cq, cap=QPCap(**more)), QPAttr())

        def ah(dgid, index=1, port=1, is_global=1):
            route = GlobalRoute(dgid=GID(dgid), sgid_index=index, hop_limit=64)
            return AH(pd, attr=AHAttr(is_global=is_global, gr=route, port_num=port))

        mapped = "0000:0000:0000:0000:0000:ffff:0a4d:00"
        ah(f"{mapped}02").close()
        refuses(errno.EINVAL, "address without a GID", ah, f"{mapped}02", is_global=0)
        refuses(errno.EINVAL, "no such port", ah, f"{mapped}02", port=2)
        refuses(errno.EINVAL, "GID beyond the table", ah, f"{mapped}02", index=200)
        refuses(errno.ENODATA, "no GID in its place", ah, f"{mapped}02", index=60)
        refuses(errno.ETIMEDOUT, "nobody has the address", ah, f"{mapped}63")

        refuses(errno.EOPNOTSUPP, "SRQ", SRQ, pd, SrqInitAttr(SrqAttr(max_wr=10)))
        refuses(errno.EOPNOTSUPP, "raw packets", qp, enums.IBV_QPT_RAW_PACKET)
        refuses(errno.EINVAL, "inline data", qp, enums.IBV_QPT_UD, max_inline_data=100000)
        refuses(errno.EINVAL, "SGEs", qp, enums.IBV_QPT_UC, max_send_sge=1000)
        with qp(enums.IBV_QPT_UD) as made:
            for name in ("RDMA_WRITE", "RDMA_READ", "ATOMIC_FETCH_AND_ADD", "SEND_WITH_INV"):
                request = SendWR(opcode=getattr(enums, f"IBV_WR_{name}"), num_sge=1, sg=[SGE(0, 0, 0)])
                refuses(errno.EOPNOTSUPP, f"{name} of datagrams", made.post_send, request)


def main():
    if sys.argv[1:] == ["--refused"]:
        check_refused()
        return 0
    failed = 0
    for name, case in list(globals().items()):
        if not name.startswith("case_") or (sys.argv[1:] and name[5:] not in sys.argv[1:]):
            continue
        run("dmesg", "-C")
        started = time.monotonic()
        try:
            case()
            log = run("dmesg", "--level=emerg,alert,crit,err,warn").stdout.splitlines()
            serious = [line for line in log if not COMPLAINTS.search(line)]
            expect(not serious, "\n".join(serious[:30]))
            print(f"ok   {name[5:]} {time.monotonic() - started:.1f} s", flush=True)
        except Failure as error:
            failed += 1
            print(f"FAIL {name[5:]}: {error}", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
