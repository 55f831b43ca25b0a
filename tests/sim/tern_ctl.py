#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""scripts/tern-ctl with a running simulator, and what it says when there is none."""

import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

TERN_CTL = Path(__file__).resolve().parents[2] / "scripts" / "tern-ctl"


class TernCtl(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="tern-test.")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        argv = ["--socket", self.folder / "a.sock", "--ctl", self.folder / "a.ctl"]
        self.sim = subprocess.Popen([os.environ["TERN_SIM"], *argv, "--carrier", "up"])
        self.addCleanup(self.stop)
        deadline = time.monotonic() + 10
        while not (self.folder / "a.sock").exists() and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self):
        self.sim.terminate()
        self.assertEqual(self.sim.wait(10), 0)

    def run_ctl(self, *words):
        return subprocess.run(
            [TERN_CTL, "--dir", self.folder, *words],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
        )

    def ok(self, *words):
        done = self.run_ctl(*words)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_commands(self):
        self.assertRegex(self.ok("a", "stats"), r"(?m)^cycles +\d+\n(.*\n)*tx_frames +0\n")
        self.assertEqual(self.ok("a", "stats", "carrier").split(), ["carrier", "1"])
        self.ok("a", "link", "down")
        self.assertEqual(self.ok("a", "stats", "carrier").split(), ["carrier", "0"])
        self.ok("a", "link", "up")
        self.assertEqual(self.ok("a", "stats", "carrier").split(), ["carrier", "1"])
        self.ok("a", "impair", "drop=1,only=roce")
        self.ok("a", "impair", "off")
        self.ok("a", "pcap", "start", "x y.pcap")
        self.assertEqual((self.folder / "x y.pcap").stat().st_size, 24)
        self.ok("a", "pcap", "stop")

    def test_refusals(self):
        for words in (
            ["a"], ["c", "stats"], [], ["a", "link"], ["a", "impair", "drop=101"],
            ["a", "stats", "nonsense"], ["a", "link", "up\nlink down"], ["a", "reboot"],
        ):
            with self.subTest(words=words):
                done = self.run_ctl(*words)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, r"^tern-ctl: [^\n]+\n$")
        done = self.run_ctl("b", "stats")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"^tern-ctl: [^\n]+\n$")

    def test_help(self):
        done = subprocess.run([TERN_CTL, "--help"], capture_output=True, text=True, check=True)
        self.assertIn("link up|down", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
