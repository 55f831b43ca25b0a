#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""tern against Linux's Soft-RoCE, each as client and as server; on a clean wire nothing may be
sent twice, refused or timed out, by the counters of both. What went over the wire is captured at
both ends and checked by scripts/pcap-icrc. With TERN_LONG set the lists are those of the long form.

Soft-RoCE's clock is that of the wall, tern's runs ten times slower, and a guest without processors
of its own may stand still for seconds: on a clean wire the ACK timeout is one that nobody meets
(2^21 * 4 us). perftest would ask tern for as many READs as Soft-RoCE can take, hence -o. What
retries of Soft-RoCE cannot do is in integrity/plan.h."""

import subprocess
import tempfile
import unittest
from pathlib import Path

from guest import GuestTest
from traffic import BUILD, LONG

PCAP_ICRC = Path(__file__).resolve().parents[2] / "scripts" / "pcap-icrc"
PERF = "-d {dev} -x 1 -F -u 21"
READS = "-o 16"
BOTH = """
cat >/tmp/list
failed=0
tern-pairs --timeout 300 $@ </tmp/list || failed=1
tern-pairs --timeout 300 $@ --ends b:rxe0,a:tern0 </tmp/list || failed=1
# Nothing can be lost but by the wire, and what the kernel complains about is one side's fault
b tc -s qdisc show dev eth0 | grep 'dropped 0,' || failed=1
! dmesg | grep -E 'rxe.*(ICRC|error|drop)|WARNING:' || failed=1
exit $failed
"""


def pingpong():
    tool = "ibv_rc_pingpong -d {dev}"
    few = 100 if LONG else 10
    for options in (
        f"-g 1 -n {10 * few}",
        f"-g 2 -n {few} -e -c",
        f"-g 1 -n {few} -c -s 1",
        *(f"-g {gid} -n {few} -c -m {mtu}" for gid in (1, 2) for mtu in (256, 512, 2048)),
        *(f"-g {gid} -n {few} -c -s 65536 -m {mtu}" for gid in (1, 2) for mtu in (1024, 4096)),
    ):
        yield f"{tool} {options}"


def perftest():
    sizes = ["-a -n 5"] if LONG else ["-s 2 -n 50", "-s 65536 -n 10"]
    for op, more in (("send", ""), ("write", ""), ("read", f" {READS}")):
        for size in sizes:
            yield f"ib_{op}_bw {PERF} {size}{more}"
            yield f"ib_{op}_lat {PERF} {size}{more}"
        if LONG:
            for mtu in (256, 512, 1024, 2048):
                yield f"ib_{op}_bw {PERF} -s 10000 -n 20 -m {mtu}{more}"
            yield f"ib_{op}_bw -d {{dev}} -x 2 -F -u 21 -s 10000 -n 20{more}"
            yield f"ib_{op}_bw {PERF} -s 4096 -n 20 -q 16{more}"
        if LONG and op != "read":
            yield f"ib_{op}_lat {PERF} -s 32 -n 50 -I 32"
    for kind in ("FETCH_AND_ADD", "CMP_AND_SWAP"):
        yield f"ib_atomic_bw {PERF} -n 50 -A {kind} {READS}"
        yield f"ib_atomic_lat {PERF} -n 50 -A {kind} {READS}"


def integrity(options):
    return f"/root/integrity -d {{dev}} {options}"


class SoftRoce(GuestTest):
    def pairs(self, commands, *impair, clean=True, seconds=3000):
        """All pairs in one guest, then the same the other way round, and the captures"""
        program = BUILD / "tests/system/integrity"
        with tempfile.TemporaryDirectory(prefix="tern-test-pcap.") as captures:
            done = self.run_vm(
                *["--peer", "rxe", "--timeout", str(seconds), "--boot-timeout", "400", "--pcap", captures],
                *["--file", f"{program}:/root/integrity", *impair],
                *["--", "bash", "-c", BOTH, "both", *(["--clean"] if clean else [])],
                stdin="".join(f"{command}\n" for command in commands).encode(),
                timeout=seconds + 300,
            )
            report = done.stdout.decode() + done.stderr.decode()
            print(report)
            self.assertEqual(done.returncode, 0, report)
            self.check_captures(captures, clean)
        return report

    def check_captures(self, folder, clean):
        files = [Path(folder) / f"{end}.pcap" for end in "ab"]
        done = subprocess.run(
            [PCAP_ICRC, "--least", "1000", *files], capture_output=True, text=True, check=False
        )
        print(done.stdout + done.stderr)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        if clean:
            lines = done.stdout.splitlines()
            self.assertEqual(*(line.partition(":")[2] for line in lines), "not all has arrived")

    def test_pingpong(self):
        """Its timeout is fixed, so a guest that has to wait may meet it"""
        self.pairs(pingpong(), clean=False)

    def test_perftest(self):
        self.pairs(perftest())

    def test_integrity(self):
        count = 20000 if LONG else 2000
        self.pairs([
            integrity(f"-g 1 -n {count} -t 21"),
            integrity(f"-g 2 -n {count} -t 21 -m 4096 -s 3 -e"),
        ])

    def test_integrity_drop(self):
        count = 20000 if LONG else 2000
        report = self.pairs(
            [integrity(f"-x -g 1 -n {count}"), integrity(f"-x -g 2 -n {count} -m 4096 -s 3")],
            *["--impair", "drop=1,seed=5,only=roce"],
            clean=False,
        )
        self.assertRegex(report, r"tx_resent=\d")
        self.assertRegex(report, r"duplicate_request=\d")


if __name__ == "__main__":
    unittest.main(verbosity=2)
