#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Datagrams, unreliable connections and the connection manager between the two adapters of a
guest: the programs of rdma-core and perftest that use them. The lists are for Soft-RoCE, too.

Nothing is lost here, so that nothing may be missing of what nobody sends again."""

import unittest
from pathlib import Path

from guest import GuestTest

PERF = "-d {dev} -F -n 50"


def pingpong():
    """GIDs 0 to 2 are link-local IPv6, IPv4, IPv6; the port's MTU is 1024 on a netdev's 1500"""
    for kind in ("ud", "uc"):
        tool = f"ibv_{kind}_pingpong -d {{dev}}"
        yield f"{tool} -g 1 -n 500"
        yield f"{tool} -g 2 -n 50 -e"
        yield f"{tool} -g 0 -n 50"
        yield f"{tool} -g 1 -n 50 -s 1"
    yield "ibv_ud_pingpong -d {dev} -g 2 -n 50 -s 1024"
    for mtu in (256, 512, 1024):
        yield f"ibv_uc_pingpong -d {{dev}} -g 2 -n 20 -s 65536 -m {mtu}"
    yield "ibv_rc_pingpong -d {dev} -g 0 -n 50"


def connections():
    """What connects by rdma_cm. Without an option rdma_xserver is RC."""
    for host in ("{host}", "{host6}"):
        yield f"rping -s -a {host} -v -C 1000 => rping -c -a {host} -v -C 1000"
    yield "rping -s -V -S 65000 -C 10 -a {host} => rping -c -V -S 65000 -C 10 -a {host}"
    yield "ucmatose => ucmatose -s {host}"
    yield "ucmatose -f ip6 -b {host6} => ucmatose -f ip6 -s {host6}"
    yield "ucmatose -c 8 -C 20 -S 5000 => ucmatose -c 8 -C 20 -S 5000 -s {host}"
    yield "udaddy => udaddy -s {host}"
    yield "udaddy -b {host6} => udaddy -s {host6}"
    yield "udaddy -c 4 -C 20 -S 1000 => udaddy -c 4 -C 20 -S 1000 -s {host}"
    yield "cmtime -c 50 => cmtime -c 50 -s {host}"
    yield "rdma_server => rdma_client -s {host}"
    yield "rdma_xserver => rdma_xclient -s {host}"


def perftest():
    for kind in ("UD", "UC"):
        for size in (2, 1000):
            yield f"ib_send_bw {PERF} -x 1 -c {kind} -s {size}"
            yield f"ib_send_lat {PERF} -x 1 -c {kind} -s {size}"
        yield f"ib_send_bw {PERF} -x 2 -c {kind} -s 1024 -b"
        yield f"ib_send_bw {PERF} -x 2 -c {kind} -s 1024 -q 8"
        yield f"ib_send_bw {PERF} -x 1 -c {kind} -s 16 -I 16"
        yield f"ib_send_lat {PERF} -x 1 -c {kind} -s 16 -e"
    for test in ("bw", "lat"):
        yield f"ib_send_{test} {PERF} -x 1 -c UC -s 65536"
        yield f"ib_write_{test} {PERF} -x 1 -c UC -s 65536"
        yield f"ib_write_{test} {PERF} -x 1 -c UC -s 16 -I 16"
    # perftest connects no UC by rdma_cm
    yield f"ib_send_bw {PERF} -R -c UD -s 1000"
    yield f"ib_send_lat {PERF} -R -c UD -s 1000"
    for tool in ("send_bw", "send_lat", "write_bw", "read_bw", "read_lat", "atomic_bw"):
        yield f"ib_{tool} {PERF} -R"


def multicast():
    """The kernel's connection manager joins no IPv6 groups over RoCE v2"""
    mckey = "/root/mckey_guest.py"
    yield f"{mckey} receive {{host}} 239.1.2.3 => {mckey} send {{host}} 239.1.2.3"


class Connections(GuestTest):
    def test_pingpong(self):
        self.run_pairs(pingpong())

    def test_rdma_cm(self):
        mckey = Path(__file__).resolve().parent / "mckey_guest.py"
        options = ("--file", f"{mckey}:/root/mckey_guest.py")
        self.run_pairs([*connections(), *multicast()], *options)

    def test_perftest(self):
        self.run_pairs(perftest())


if __name__ == "__main__":
    unittest.main(verbosity=2)
