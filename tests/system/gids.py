#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""GIDs of two adapters in a guest, used and changed by gids_guest.py; what has a VLAN is looked
for on the wire."""

import struct
import tempfile
import unittest
from pathlib import Path

from captures import check_captures
from guest import GuestTest

GUEST = Path(__file__).resolve().parent / "gids_guest.py"
VLAN = 7
ROCE = 4791
# Behind a VLAN tag: EtherType, where the UDP header is, where the protocol is
FAMILIES = {0x0800: (38, 27), 0x86DD: (58, 24)}


def frames(path):
    data = path.read_bytes()
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16 : at + 16 + length]
        at += 16 + length


def tagged(path):
    """How many RoCE frames of each family have the VLAN's tag"""
    found = dict.fromkeys(FAMILIES, 0)
    for frame in frames(path):
        if len(frame) < 66 or frame[12:14] != b"\x81\x00":
            continue
        tci, family = struct.unpack_from(">HH", frame, 14)
        udp, protocol = FAMILIES.get(family, (0, 0))
        if udp and tci & 0xFFF == VLAN and frame[protocol] == 17:
            found[family] += struct.unpack_from(">H", frame, udp + 2)[0] == ROCE
    return found


class Gids(GuestTest):
    def run_cases(self, *cases, options=()):
        out, _ = self.run_ok(
            *["--timeout", "600", *options, "--file", f"{GUEST}:/root/gids_guest.py"],
            *["--", "python3", "/root/gids_guest.py", *cases],
            timeout=800,
        )
        print(out)
        for case in cases:
            self.assertRegex(out, rf"(?m)^ok   {case} ")

    def test_on_the_wire(self):
        with tempfile.TemporaryDirectory(prefix="tern-test-pcap.") as folder:
            self.run_cases("vlan", "several", options=("--pcap", folder))
            files = [Path(folder) / f"{end}.pcap" for end in "ab"]
            check_captures(self, folder, least=500)
            for file in files:
                for family, count in tagged(file).items():
                    self.assertGreater(count, 100, f"{file.name}: {family:#x}")

    def test_changes(self):
        self.run_cases("others_change", "own_goes")

    def test_namespaces(self):
        self.run_cases("exclusive", "refused")

    def test_adapter_goes(self):
        self.run_cases("adapter_goes")


if __name__ == "__main__":
    unittest.main(verbosity=2)
