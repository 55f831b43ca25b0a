#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Two adapters in a guest: what they show, reloading their drivers."""

import re
import unittest

from guest import GuestTest

# Nothing may be said above the level of information; boot itself says a few things. A host
# that lets a virtual processor wait makes the kernel say so: not the drivers' fault.
COMPLAINTS = (
    "(dmesg -l emerg,alert,crit,err,warn,notice | grep -v 'hrtimer: interrupt took' || true)"
)
SHOW = """
dmesg -C
section() { echo "=== $1"; }
section link0; a rdma link show tern0/1
section link1; b rdma link show tern1/1
section netdev0; a sh -c 'ip -o addr show up dev "$(ls /sys/class/infiniband/tern0/device/net)"'
section netdev1; b sh -c 'ip -o addr show up dev "$(ls /sys/class/infiniband/tern1/device/net)"'
section device0; ibv_devinfo -v -d tern0
section device1; ibv_devinfo -v -d tern1
section nop; cd /sys/kernel/debug/tern_rdma/tern0; echo 500 >cqp_nop && cat cqp_nop
section complaints; %s
section end
""" % COMPLAINTS


def sections(text):
    parts = re.split(r"^=== (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def field(text, name):
    match = re.search(rf"^\s*{name}:\s*(.*)$", text, re.MULTILINE)
    return match[1] if match else None


class Adapters(GuestTest):
    def test_what_a_guest_sees(self):
        out, errors = self.run_ok("--timeout", "300", "--", SHOW)
        shown = sections(out)
        self.assertIn("end", shown, out + errors)
        self.assertEqual(errors, "")
        self.assertEqual(shown["complaints"], "")
        for index in (0, 1):
            with self.subTest(adapter=index):
                self.check_link(shown[f"link{index}"], index)
                self.check_addresses(shown[f"netdev{index}"], index)
                self.check_device(shown[f"device{index}"])
        self.assertRegex(shown["nop"], r"(?m)^count 500$")
        self.assertGreater(int(re.search(r"(?m)^per_second (\d+)$", shown["nop"])[1]), 0)

    def check_link(self, link, index):
        self.assertRegex(link, rf"^link tern{index}/1 state ACTIVE .*\bnetdev \w+")

    def check_addresses(self, addresses, index):
        self.assertIn(f" 10.77.0.{index + 1}/24 ", addresses)
        self.assertIn(f" fd77::{index + 1}/64 ", addresses)
        self.assertNotIn("tentative", addresses)

    def check_device(self, device):
        self.assertRegex(field(device, "fw_ver") or "", r"^\d+\.\d+")
        self.assertRegex(field(device, "vendor_id") or "", r"^0x[0-9a-f]+$")
        self.assertRegex(field(device, "vendor_part_id") or "", r"^\d+$")
        self.assertIn("PORT_ACTIVE", field(device, "state") or "")
        self.assertIn("Ethernet", field(device, "link_layer") or "")
        self.assertRegex(device, r"GID\[ *\d+\]:.*RoCE v2")

    def test_drivers_reload(self):
        script = (
            "dmesg -C; set -e\n"
            "for i in $(seq 20); do modprobe -r tern_rdma tern; modprobe tern_rdma; done\n"
            f"rdma link; {COMPLAINTS} >&2"
        )
        out, errors = self.run_ok("--timeout", "600", "--", script)
        self.assertEqual(errors, "")
        self.assertRegex(out, r"(?m)^link tern0/1 .*\bnetdev ")
        self.assertRegex(out, r"(?m)^link tern1/1 .*\bnetdev ")


if __name__ == "__main__":
    unittest.main(verbosity=2)
