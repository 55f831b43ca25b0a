#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""tern against Linux's Soft-RoCE, each as client and as server; on a clean wire nothing may be
sent twice, refused or timed out, by the counters of both. What went over the wire is captured at
both ends and checked by scripts/pcap-icrc and tshark. The commands are in rxe_lists.py."""

import tempfile
import unittest
from pathlib import Path

import rxe_lists
from captures import check_captures
from guest import GuestTest
from traffic import BUILD

HERE = Path(__file__).resolve().parent
FILES = (
    *(BUILD / "tests/system" / name for name in ("integrity", "patient.so")),
    HERE / "mckey_guest.py",
)
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


class SoftRoce(GuestTest):
    def pairs(self, commands, *impair, clean=True, seconds=3000, least=1000):
        """All pairs in one guest, then the same the other way round, and the captures"""
        files = [f"--file={path}:/root/{path.name}" for path in FILES]
        with tempfile.TemporaryDirectory(prefix="tern-test-pcap.") as captures:
            done = self.run_vm(
                *["--peer", "rxe", "--timeout", str(seconds), "--boot-timeout", "400"],
                *["--pcap", captures, *files, *impair],
                *["--", "bash", "-c", BOTH, "both", *(["--clean"] if clean else [])],
                stdin="".join(f"{command}\n" for command in commands).encode(),
                timeout=seconds + 300,
            )
            report = done.stdout.decode() + done.stderr.decode()
            print(report)
            self.assertEqual(done.returncode, 0, report)
            check_captures(self, captures, least=least, same=clean)
        return report

    def test_pingpong(self):
        self.pairs(rxe_lists.pingpong())

    def test_perftest(self):
        self.pairs(rxe_lists.perftest())

    def test_unreliable(self):
        self.pairs(rxe_lists.unreliable())

    def test_connected(self):
        self.pairs(rxe_lists.connected())

    def test_multicast(self):
        self.pairs(rxe_lists.multicast(), least=50)

    def test_drop(self):
        report = self.pairs(
            rxe_lists.drop(), "--impair", "drop=1,seed=3,only=roce", clean=False
        )
        self.assertRegex(report, r"tx_resent=\d")
        self.assertRegex(report, r"duplicate_request=\d")

    def test_integrity(self):
        self.pairs(rxe_lists.integrity_clean())

    def test_integrity_drop(self):
        report = self.pairs(
            rxe_lists.integrity_lossy(), "--impair", "drop=1,seed=5,only=roce", clean=False
        )
        self.assertRegex(report, r"tx_resent=\d")
        self.assertRegex(report, r"duplicate_request=\d")

    def test_integrity_disorder(self):
        report = self.pairs(
            rxe_lists.integrity_lossy(), "--impair", "dup=1,reorder=1,seed=7,only=roce", clean=False
        )
        self.assertRegex(report, r"rx_duplicates=\d")
        self.assertRegex(report, r"out_of_seq_request=\d")


if __name__ == "__main__":
    unittest.main(verbosity=2)
