#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Guests that panic, hang or take too long, and users that interrupt, leave nothing behind."""

import os
import signal
import subprocess
import time
import unittest

from guest import PLAIN, TERN_VM, GuestTest, alive

TIMEOUT = 124
FAILURE = 125


class Failures(GuestTest):
    def failed(self, done, status, *words):
        text = done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, status, text)
        for word in words:
            self.assertIn(word, text)

    def test_panic(self):
        done = self.run_vm(*PLAIN, "--", "echo before; echo c >/proc/sysrq-trigger; sleep 100")
        self.assertEqual(done.stdout, b"before\n")
        self.failed(done, FAILURE, "panicked", "sysrq triggered crash", "sysrq_handle_crash")

    def test_power_off(self):
        done = self.run_vm(*PLAIN, "--", "echo o >/proc/sysrq-trigger; sleep 100")
        self.failed(done, FAILURE, "went down before the command ended")

    def test_command_timeout(self):
        started = time.monotonic()
        done = self.run_vm(*PLAIN, "--timeout", "3", "--", "echo so far; sleep 1000")
        self.assertEqual(done.stdout, b"so far\n")
        self.failed(done, TIMEOUT, "longer than 3 s", "console ends with")
        self.assertLess(time.monotonic() - started, 60)

    def test_boot_timeout(self):
        done = self.run_vm(*PLAIN, "--boot-timeout", "60", "--append", "init=/none rdinit=/none")
        self.failed(done, FAILURE, "panicked")
        done = self.run_vm(*PLAIN, "--boot-timeout", "1", "--", "true")
        self.failed(done, TIMEOUT, "did not boot in 1 s")

    def test_hang(self):
        hog = 'for i in 1 2 3; do chrt -f 99 sh -c "while :; do :; done" & done; sleep 1000'
        script = f"sysctl -qw kernel.sched_rt_runtime_us=-1; {hog}"
        done = self.run_vm(*PLAIN, "--hang-timeout", "5", "--", script)
        self.failed(done, FAILURE, "hangs", "NMI", "console ends with")

    def test_signals_end_everything(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            run_dir = os.path.join(self.folder, "run")
            vm = self.start(*PLAIN, "--run-dir", run_dir, "--", "echo up; sleep 1000")
            self.read_until(vm, b"up")
            with open(os.path.join(run_dir, "qemu.pid"), encoding="ascii") as pid_file:
                qemu = int(pid_file.read())
            self.assertTrue(alive(qemu))
            vm.send_signal(number)
            vm.communicate(timeout=30)
            self.assertEqual(vm.returncode, 128 + number)
            self.assertFalse(alive(qemu))
            # A folder that the user gave keeps the logs and nothing else.
            self.assertEqual(sorted(os.listdir(run_dir)), ["console.log", "qemu.log"])
            self.remove_logs(run_dir)

    def test_kill_ends_qemu(self):
        """Even kill -9, and the folder that it leaves in disorder can be used again."""
        run_dir = os.path.join(self.folder, "run")
        vm = self.start(*PLAIN, "--run-dir", run_dir, "--", "echo up; sleep 1000")
        self.read_until(vm, b"up")
        with open(os.path.join(run_dir, "qemu.pid"), encoding="ascii") as pid_file:
            qemu = int(pid_file.read())
        self.failed(self.run_vm(*PLAIN, "--run-dir", run_dir, "--", "true"), FAILURE, "in use")
        vm.kill()
        vm.communicate(timeout=30)
        deadline = time.monotonic() + 10
        while alive(qemu) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(alive(qemu))
        self.assertEqual(self.run_vm(*PLAIN, "--run-dir", run_dir, "--", "true").returncode, 0)
        self.remove_logs(run_dir)

    def test_reader_that_goes_away(self):
        vm = self.start(*PLAIN, "--", "yes")
        vm.stdout.read(100000)
        vm.stdout.close()
        self.assertEqual(vm.wait(timeout=60), 128 + signal.SIGPIPE)
        vm.stderr.close()

    def test_reader_that_stops(self):
        vm = self.start(*PLAIN, "--timeout", "5", "--", "yes")
        self.assertEqual(vm.wait(timeout=120), TIMEOUT)
        vm.communicate()

    def remove_logs(self, run_dir):
        for name in os.listdir(run_dir):
            os.unlink(os.path.join(run_dir, name))
        os.rmdir(run_dir)


class Refusals(GuestTest):
    CASES = [
        (["--hosts", "3"], "--hosts"),
        (["--hosts", "2", "--peer", "none"], "--hosts 2 joins two"),
        (["--hosts", "2", "--no-adapter"], "--hosts 2 joins two"),
        (["--peer", "mlx"], "--peer is tern, rxe or none"),
        (["--peer", "rxe", "--no-adapter"], "--peer rxe is the other end"),
        (["--impair", "drop"], "--impair"),
        (["--kernel", "6.1"], "--kernel"),
        (["--timeout", "0"], "--timeout"),
        (["--timeout", "99999999999999999999"], "--timeout"),
        (["--mem", "-1"], "--mem"),
        (["--mem", "9999999G"], "--mem"),
        (["--smp", "two"], "--smp"),
        (["--packages", "a;b"], "--packages"),
        (["--packages", "-o"], "--packages"),
        (["--file", "/nowhere:/x"], "--file"),
        (["--file", f"{__file__}:/../x"], "--file"),
        (["--run-dir", "/tmp/" + "x" * 120], "too long"),
        (["--unknown"], "--unknown"),
    ]

    def test_bad_options_get_one_line(self):
        for arguments, word in self.CASES:
            with self.subTest(arguments=arguments):
                done = self.run_vm(*arguments, "--", "true")
                text = done.stderr.decode()
                self.assertEqual((done.returncode, done.stdout), (FAILURE, b""), text)
                self.assertEqual(len(text.splitlines()), 1, text)
                self.assertIn(word, text)

    def test_help(self):
        done = subprocess.run([TERN_VM, "--help"], capture_output=True, check=True)
        self.assertIn(b"--run-dir DIR", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
