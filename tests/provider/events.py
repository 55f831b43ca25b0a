#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: events.py [UNITTEST-ARGUMENT...]

Runs in the guest as root: the asynchronous events that a process gets about port, addresses and
device. Needs abuse.py beside it, and the namespaces of tern-vm."""

import json
import os
import select
import struct
import subprocess
import time
import unittest
from pathlib import Path

import abuse

DEVICE_FATAL, PORT_ACTIVE, PORT_ERR, GID_CHANGE = 8, 9, 10, 18
CLASS = Path("/sys/class/infiniband") / abuse.DEVICE
SECONDS = 10


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


class Events(unittest.TestCase):
    def setUp(self):
        links = json.loads(run("a", "ip", "-j", "link"))
        (self.netdev,) = [link["ifname"] for link in links if link["ifname"].startswith("eth")]
        self.ctx = abuse.Context()
        self.addCleanup(self.ctx.close)

    def wait_for(self, wanted):
        """Returns the events before the wanted one."""
        seen = []
        deadline = time.monotonic() + SECONDS
        while True:
            left = max(0, deadline - time.monotonic())
            if not select.select([self.ctx.async_fd], [], [], left)[0]:
                self.fail(f"no event {wanted}, only {seen}")
            _, event, _ = struct.unpack("=QII", os.read(self.ctx.async_fd, 16))
            if event == wanted:
                return seen
            seen.append(event)

    def state(self):
        return (CLASS / "ports/1/state").read_text().split()[1]

    def gids(self):
        return [path.read_text().strip() for path in (CLASS / "ports/1/gids").iterdir()]

    def test_port_follows_the_network_device(self):
        for _ in range(3):
            self.assertEqual(self.state(), "ACTIVE")
            run("a", "ip", "link", "set", self.netdev, "down")
            self.assertNotIn(PORT_ACTIVE, self.wait_for(PORT_ERR))
            self.assertEqual(self.state(), "DOWN")
            run("a", "ip", "link", "set", self.netdev, "up")
            self.assertNotIn(PORT_ERR, self.wait_for(PORT_ACTIVE))
        self.assertEqual(self.state(), "ACTIVE")

    def test_gids_follow_the_addresses(self):
        gid = "0000:0000:0000:0000:0000:ffff:0a4d:0163"
        failed = abuse.counter("cqp_failed")
        for _ in range(3):
            run("a", "ip", "address", "add", "10.77.1.99/24", "dev", self.netdev)
            self.wait_for(GID_CHANGE)
            self.assertIn(gid, self.gids())
            run("a", "ip", "address", "del", "10.77.1.99/24", "dev", self.netdev)
            self.wait_for(GID_CHANGE)
            self.assertNotIn(gid, self.gids())
        self.assertEqual(abuse.counter("cqp_failed"), failed)

    def test_mtu_follows_the_network_device(self):
        show = "ibv_devinfo", "-v", "-d", abuse.DEVICE
        for mtu, active in (1500, 1024), (9000, 4096), (640, 512), (1500, 1024):
            try:
                run("a", "ip", "link", "set", self.netdev, "mtu", str(mtu))
            except subprocess.CalledProcessError:
                continue  # more than the network device can
            (line,) = [line for line in run(*show).splitlines() if "active_mtu" in line]
            self.assertEqual(int(line.split()[1]), active)

    def test_z_reset(self):
        """Last, for the network device that comes back is in no namespace."""
        pci = (CLASS / "device").resolve().name
        run("devlink", "health", "test", f"pci/{pci}", "reporter", "function")
        self.wait_for(DEVICE_FATAL)


if __name__ == "__main__":
    unittest.main(verbosity=2)
