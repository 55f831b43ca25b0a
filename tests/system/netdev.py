#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""The network interfaces of two adapters, used and disturbed by netdev_guest.py in one guest.
Arguments are names of its cases; none means all."""

import os
import shutil
import subprocess
import sys
import unittest

from guest import TERN_VM, GuestTest

GUEST = TERN_VM.parents[1] / "tests" / "system" / "netdev_guest.py"
TERN_CTL = TERN_VM.parent / "tern-ctl"
SECONDS = 900


class Netdev(GuestTest):
    cases = []

    def grant(self, run_dir, words):
        """link a down: what tern-ctl does to an adapter"""
        what, side, state = words
        subprocess.run([TERN_CTL, "--dir", run_dir, side, what, state], check=True,
                       stdout=subprocess.DEVNULL)

    def test_in_a_guest(self):
        run_dir = os.path.join(self.folder, "run")
        vm = self.start(
            *["--run-dir", run_dir, "--timeout", str(SECONDS)],
            *["--file", f"{GUEST}:/root/netdev_guest.py", "--"],
            *["python3", "/root/netdev_guest.py", *self.cases],
            stdin=subprocess.PIPE,
        )
        report = ""
        for line in vm.stdout:
            text = line.decode()
            report += text
            if text.startswith("please "):
                self.grant(run_dir, text.split()[1:])
                vm.stdin.write(b"done\n")
                vm.stdin.flush()
            else:
                print(text, end="", flush=True)
        report += vm.communicate()[1].decode()
        shutil.rmtree(run_dir)
        self.assertEqual(vm.returncode, 0, report)


if __name__ == "__main__":
    Netdev.cases = sys.argv[1:]
    unittest.main(argv=sys.argv[:1], verbosity=2)
