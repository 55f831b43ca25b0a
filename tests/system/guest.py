# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Runs tern-vm for the system tests and looks for what it may leave behind.

Every test runs with a TMPDIR of its own, so a folder or socket that stays belongs to it."""

import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from captures import check_captures

TERN_VM = Path(__file__).resolve().parents[2] / "scripts" / "tern-vm"
PLAIN = ["--no-adapter", "--no-drivers"]

# A shell starts background jobs with SIGINT ignored, and what ignores it here does so in the
# programs under test too, whose Ctrl-C is part of what is tested
signal.signal(signal.SIGINT, signal.default_int_handler)


def processes_of(folder):
    """Running processes that name the folder on their command line."""
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = cmdline.read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in words and int(cmdline.parent.name) != os.getpid():
            found.append(f"{cmdline.parent.name}: {words[:100]!r}")
    return found


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class GuestTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tern-test.")
        self.addCleanup(self.check_leftovers)

    def check_leftovers(self):
        """No process, socket or file outlives a run, however it ended."""
        deadline = time.monotonic() + 5
        while processes_of(self.folder) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(processes_of(self.folder), [])
        self.assertEqual(os.listdir(self.folder), [])
        os.rmdir(self.folder)

    def environment(self):
        return dict(os.environ, TMPDIR=self.folder)

    def start(self, *arguments, **options):
        return subprocess.Popen(
            [TERN_VM, *arguments],
            env=self.environment(),
            stdin=options.pop("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **options,
        )

    def run_vm(self, *arguments, stdin=b"", timeout=600):
        """One run to its end; output stays bytes."""
        return subprocess.run(
            [TERN_VM, *arguments],
            env=self.environment(),
            input=stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
        )

    def run_ok(self, *arguments, **options):
        done = self.run_vm(*arguments, **options)
        report = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, 0, report)
        return done.stdout.decode(), done.stderr.decode()

    def run_pairs(self, commands, *options, clean=True, captured=True):
        """Pairs of processes by scripts/guest/tern-pairs, all in one run of tern-vm; its report.
        captured: every frame at both ends is checked"""
        commands = list(commands)
        with tempfile.TemporaryDirectory(prefix="tern-test-pcap.") as folder:
            done = self.run_vm(
                *["--timeout", "3000", *(["--pcap", folder] if captured else [])],
                *[*options, "--", "tern-pairs", "--timeout", "300"],
                *(["--clean"] if clean else []),
                stdin="".join(f"{command}\n" for command in commands).encode(),
                timeout=3300,
            )
            report = done.stdout.decode() + done.stderr.decode()
            print(report)
            self.assertEqual(done.returncode, 0, report)
            self.assertIn(f"pairs {len(commands)} failures 0", report)
            if captured:
                check_captures(self, folder, least=100, same=clean)
        return report

    def read_until(self, process, word, seconds=120):
        """Output lines up to the one that holds the word."""
        lines = []
        deadline = time.monotonic() + seconds
        for line in process.stdout:
            lines.append(line)
            if word in line:
                return lines
            if time.monotonic() > deadline:
                break
        process.send_signal(signal.SIGTERM)
        errors = process.communicate()[1]
        self.fail(f"no {word!r} in {lines!r}, errors {errors!r}")
