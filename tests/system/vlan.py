#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Verbs programs in a VLAN, whose GIDs stand behind those of the untagged network: between two
adapters and, each way, between one and Soft-RoCE. By counters nothing may be sent twice or refused;
every RoCE frame of the captures has its tag and is right to scripts/pcap-icrc and tshark."""

import tempfile
import unittest

from captures import check_captures
from guest import GuestTest
from rxe_lists import PATIENT, both_ends
from traffic import BUILD

SETUP = """
set -e
cat >/tmp/list
vlan() # NAMESPACE NETDEV HOST-NUMBER
{
    ip -n $1 link add link $2 name tagged type vlan id 5
    ip -n $1 addr add 10.78.0.$3/24 dev tagged
    ip -n $1 addr add fd78::$3/64 dev tagged nodad
    ip -n $1 link set tagged up
}
vlan a eth0 1
vlan b $1 2
shift
pairs() { tern-pairs --clean --timeout 120 "$@" </tmp/list; }
"""
# The GIDs of eth0 (link-local, IPv4, IPv6), then the VLAN's: IPv4, IPv6, link-local
IPV4, IPV6 = 3, 4


def commands():
    for gid in (IPV4, IPV6):
        yield f"{PATIENT} ibv_rc_pingpong -d {{dev}} -g {gid} -n 20 -c -s 5000"
        yield f"ibv_uc_pingpong -d {{dev}} -g {gid} -n 20 -c -s 5000"
        yield f"ibv_ud_pingpong -d {{dev}} -g {gid} -n 20 -c"
    yield f"ib_read_bw -d {{dev}} -x {IPV4} -F -u 21 -n 20 -s 5000 -o 16"
    yield f"ib_atomic_bw -d {{dev}} -x {IPV6} -F -u 21 -n 20 -o 16"
    yield both_ends(*(f"rping -{end} -a {{host}} -V -C 10" for end in "sc"))
    yield both_ends(*(f"udaddy -{end} {{host}}" for end in "bs"))


class Vlan(GuestTest):
    def pairs(self, script, netdev, *options):
        patient = f"--file={BUILD}/tests/system/patient.so:/root/patient.so"
        with tempfile.TemporaryDirectory(prefix="tern-test-pcap.") as captures:
            output, errors = self.run_ok(
                *["--timeout", "400", "--pcap", captures, patient, *options],
                *["--", "bash", "-c", SETUP + script, "vlan", netdev],
                stdin="".join(f"{command}\n" for command in commands()).encode(),
            )
            print(output + errors)
            check_captures(self, captures, least=500, same=True, tagged=True)

    def test_tern(self):
        self.pairs("pairs --host 10.78.0.2", "eth1")

    def test_soft_roce(self):
        script = "pairs --host 10.78.0.2; pairs --host 10.78.0.1 --ends b:rxe0,a:tern0"
        self.pairs(script, "eth0", "--peer", "rxe")


if __name__ == "__main__":
    unittest.main(verbosity=2)
