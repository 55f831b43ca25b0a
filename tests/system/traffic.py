#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Verbs programs between the two adapters of a guest. With TERN_LONG set the lists are those of
the long form: all sizes, and as many messages as it takes to be sure."""

import os
import unittest
from pathlib import Path

from guest import GuestTest

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("BUILD") or HERE.parents[1] / "build").absolute()
LONG = bool(os.environ.get("TERN_LONG"))
GID = "-g 1"
PERF = "-d {dev} -x 1 -F"

PINGPONG = [
    f"ibv_rc_pingpong -d {{dev}} {GID} {options}"
    for options in (
        "-n 1000",
        "-n 300 -e",
        "-n 100 -c",
        "-n 100 -c -e -s 1",
        "-n 10 -c -s 1048576 -m 4096",
        *(f"-n 50 -c -m {mtu}" for mtu in (256, 512, 1024, 2048, 4096)),
        "-n 50 -c -t",
        "-n 50 -c -N",
    )
]


def perftest():
    """Sizes 2 B to 8 MiB are -a; the short form has small, one packet, and many packets."""
    tools = [f"ib_{op}" for op in ("send", "write", "read")]
    sizes = ["-a -n 5"] if LONG else ["-s 2 -n 100", "-s 1000 -n 50", "-s 65536 -n 10"]
    for tool in tools:
        for size in sizes:
            yield f"{tool}_bw {PERF} {size}"
            yield f"{tool}_lat {PERF} {size}"
        yield f"{tool}_bw {PERF} -s 4096 -n 20 -q 16"
        yield f"{tool}_bw {PERF} -s 4096 -n 50 -b"
        if tool != "ib_write":  # perftest has no events there
            yield f"{tool}_bw {PERF} -s 4096 -n 50 -e"
            yield f"{tool}_lat {PERF} -s 64 -n 50 -e"
        yield f"{tool}_bw {PERF} -s 4096 -n 50 --use_old_post_send"
        if tool != "ib_read":
            yield f"{tool}_bw {PERF} -s 32 -n 100 -I 32"
            yield f"{tool}_lat {PERF} -s 32 -n 100 -I 32"
    for kind in ("FETCH_AND_ADD", "CMP_AND_SWAP"):
        yield f"ib_atomic_bw {PERF} -n 100 -A {kind}"
        yield f"ib_atomic_lat {PERF} -n 100 -A {kind}"
    yield f"ib_atomic_bw {PERF} -n 50 -q 16"


class Traffic(GuestTest):
    def test_pingpong(self):
        self.run_pairs(PINGPONG)

    def test_perftest(self):
        self.run_pairs(perftest())

    def integrity(self, options, *impair, clean):
        program = BUILD / "tests/system/integrity"
        return self.run_pairs(
            [f"/root/integrity -d {{dev}} {GID} {options}"],
            *["--file", f"{program}:/root/integrity", *impair],
            clean=clean,
            captured=False,
        )

    def test_integrity_clean(self):
        self.integrity("-n 20000", clean=True)

    def test_integrity_drop(self):
        report = self.integrity("-n 20000 -s 2", "--impair", "drop=1,seed=5,only=roce", clean=False)
        self.assertRegex(report, r"tx_resent=\d")

    def test_integrity_events(self):
        self.integrity("-n 3200 -q 4 -e -s 3", clean=True)

    def test_integrity_hostile_wire(self):
        self.integrity(
            "-n 8000 -s 4 -m 4096",
            *["--impair", "drop=1,dup=2,reorder=2,corrupt=1,seed=9,only=roce"],
            clean=False,
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
