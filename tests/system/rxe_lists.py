# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""What is run between tern and Soft-RoCE: commands of tern-pairs. With TERN_LONG set the lists
are those of the long form.

Soft-RoCE's clock is that of the wall, tern's runs ten times slower, and a guest without processors
of its own may stand still for seconds: on a clean wire the ACK timeout is one that nobody meets
(2^21 * 4 us), by perftest's -u or else by patient.so. perftest would ask tern for as many READs
as Soft-RoCE can take, hence -o. What retries of Soft-RoCE cannot do is in integrity/plan.h."""

import os

LONG = bool(os.environ.get("TERN_LONG"))
PATIENT = "env LD_PRELOAD=/root/patient.so"
PERF = "-d {dev} -x %d -F -u 21"
GIDS = (1, 2)
READS = {"read": " -o 16", "atomic": " -o 16"}
MTUS = (256, 512, 1024, 2048, 4096)


def pingpong():
    tool = f"{PATIENT} ibv_rc_pingpong -d {{dev}}"
    few = 100 if LONG else 10
    for options in (
        f"-g 1 -n {10 * few}",
        f"-g 2 -n {few} -e -c",
        f"-g 1 -n {few} -c -s 1",
        *(f"-g {gid} -n {few} -c -m {mtu}" for gid in GIDS for mtu in (256, 512, 2048)),
        *(f"-g {gid} -n {few} -c -s 65536 -m {mtu}" for gid in GIDS for mtu in (1024, 4096)),
    ):
        yield f"{tool} {options}"


def atomics():
    for kind in ("FETCH_AND_ADD", "CMP_AND_SWAP"):
        for gid in GIDS if LONG else (1,):
            yield f"ib_atomic_bw {PERF % gid} -n 50 -A {kind} -o 16"
            yield f"ib_atomic_lat {PERF % gid} -n 50 -A {kind} -o 16"
    if LONG:
        yield f"ib_atomic_bw {PERF % 1} -n 20 -o 16 -q 16"


def perftest():
    sizes = ["-a -n 5"] if LONG else ["-s 2 -n 50", "-s 65536 -n 5"]
    for op in ("send", "write", "read"):
        more = READS.get(op, "")
        for size in sizes:
            yield f"ib_{op}_bw {PERF % 1} {size}{more}"
            yield f"ib_{op}_lat {PERF % 1} {size}{more}"
        yield f"ib_{op}_bw {PERF % 2} -s 4096 -n 5 -q 16{more}"
        if op != "read":
            yield f"ib_{op}_lat {PERF % 2} -s 32 -n 50 -I 32"
        if LONG:
            for gid in GIDS:
                for mtu in MTUS:
                    yield f"ib_{op}_bw {PERF % gid} -s 10000 -n 20 -m {mtu}{more}"
            yield f"ib_{op}_bw {PERF % 1} -s 4096 -n 20 -q 16{more}"
    yield from atomics()


def integrity(options):
    return f"/root/integrity -d {{dev}} {options}"


def integrity_clean():
    count = 20000 if LONG else 2000
    yield integrity(f"-g 1 -n {count} -t 21")
    yield integrity(f"-g 2 -n {count} -t 21 -m 4096 -s 3 -e")


def integrity_lossy():
    """-x: without what Soft-RoCE cannot repeat"""
    count = 20000 if LONG else 2000
    yield integrity(f"-x -g 1 -n {count}")
    yield integrity(f"-x -g 2 -n {count} -m 4096 -s 3")


def unreliable():
    """Without timeouts: what is lost is missed, by the receiver that waits for it"""
    few = 200 if LONG else 20
    for gid in GIDS:
        yield f"ibv_ud_pingpong -d {{dev}} -g {gid} -n {few} -c"
        yield f"ibv_ud_pingpong -d {{dev}} -g {gid} -n {few} -c -e -s 4000"
        yield f"ibv_uc_pingpong -d {{dev}} -g {gid} -n {few} -c -s 1"
        yield f"ibv_uc_pingpong -d {{dev}} -g {gid} -n {few} -c -e -s 20000 -m {MTUS[gid * 2]}"
    for gid in GIDS if LONG else (1,):
        perf = f"-d {{dev}} -x {gid} -F -n {few}"
        yield f"ib_send_bw {perf} -c UD -s 1024"
        yield f"ib_send_lat {perf} -c UD -s 64 -I 64"
        yield f"ib_send_bw {perf} -c UC -s 65536"
        yield f"ib_send_lat {perf} -c UC -s 64"
        yield f"ib_write_bw {perf} -c UC -s 65536"
        yield f"ib_write_lat {perf} -c UC -s 64 -I 64"
        if LONG:
            yield f"ib_send_bw {perf} -c UD -s 1024 -q 16"
            yield f"ib_send_bw {perf} -c UC -s 4096 -q 16"
            for mtu in MTUS:
                yield f"ib_send_bw {perf} -c UC -s 10000 -m {mtu}"
                yield f"ib_send_bw {perf} -c UD -s {mtu} -m {mtu}"


def both_ends(server, client):
    return f"{PATIENT} {server} => {PATIENT} {client}"


def connected():
    """By the connection manager, whose datagrams go over QP 1 of both"""
    rounds, few = (1000, 20) if LONG else (20, 4)
    for host, family in (("{host}", "ip"), ("{host6}", "ipv6")):
        yield both_ends(*(f"rping -{end} -a {host} -v -C {rounds}" for end in "sc"))
        yield both_ends(*(f"rping -{end} -a {host} -V -S 10000 -C {few}" for end in "sc"))
        for tool in ("ucmatose", "udaddy"):
            yield both_ends(*(f"{tool} -{end} {host} -f {family} -c {few} -C {few}" for end in "bs"))
    yield both_ends(*(f"cmtime -{end} {{host}} -c {few * few}" for end in "bs"))
    yield both_ends("rdma_server", "rdma_client -s {host}")
    yield both_ends("rdma_xserver", "rdma_xclient -s {host}")
    perf = f"-d {{dev}} -R -F -n {5 * few}"
    yield f"{PATIENT} ib_send_bw {perf} -s 65536"
    yield f"{PATIENT} ib_send_lat {perf} -s 64"
    yield f"{PATIENT} ib_write_bw {perf} -s 65536"
    yield f"{PATIENT} ib_read_bw {perf} -s 65536 -o 16"
    yield f"{PATIENT} ib_atomic_bw {perf} -o 16"
    yield f"ib_send_bw {perf} -c UD -s 1024"


def drop():
    """The programs of the other lists on a wire that loses frames, those that repeat what is lost.
    Soft-RoCE cannot do that with messages of many packets, see integrity/plan.h"""
    few, linger = (500, 3) if LONG else (50, 1)
    tool = f"env TIMEOUT=14 LINGER={linger} LD_PRELOAD=/root/patient.so"
    for gid, mtu in zip(GIDS, (1024, 4096)):
        yield f"{tool} ibv_rc_pingpong -d {{dev}} -g {gid} -n {few} -c -m {mtu} -s {mtu}"
        perf = f"-d {{dev}} -x {gid} -F -n {few} -m {mtu}"
        for op in ("send", "write", "read", "atomic") if LONG or gid == 1 else ():
            size = "" if op == "atomic" else f" -s {mtu}"
            yield f"{tool} ib_{op}_bw {perf}{size}{READS.get(op, '')}"
            if LONG:
                yield f"{tool} ib_{op}_lat {perf}{READS.get(op, '')}"
    for host, family in (("{host}", "ip"), ("{host6}", "ipv6")):
        ends = [f"{tool} rping -{end} -a {host} -V -S 1000 -C {few}" for end in "sc"]
        yield " => ".join(ends)
        if LONG or family == "ip":
            ends = [f"{tool} ucmatose -{end} {host} -f {family} -C {few}" for end in "bs"]
            yield " => ".join(ends)


def multicast():
    """IPv4 only: the kernel's connection manager joins no IPv6 groups over RoCE v2"""
    tool = "env LINGER=1 LD_PRELOAD=/root/patient.so /root/mckey_guest.py"
    for group in ("239.1.2.3", "239.255.0.1"):
        yield f"{tool} receive {{host}} {group} => {tool} send {{host}} {group}"
