#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""An adapter that dies under a busy guest costs errors, not the guest."""

import os
import shutil
import signal
import subprocess
import time
import unittest

from guest import GuestTest, alive

SCRIPT = r"""
sysctl -qw kernel.hung_task_timeout_secs=20
dmesg -C
(
    while [ ! -e /run/stop ]; do
        timeout 60 ibv_devinfo -v -d tern0 >/dev/null 2>&1
        echo "devinfo $?"
    done
) &
read -r killed
sleep 30
touch /run/stop
wait
echo responsive
timeout 60 modprobe -r tern_rdma tern
echo "removed $?"
dmesg | grep -E 'blocked for more than|WARNING:|BUG:|Oops|Call Trace'
echo end
"""


class SimDeath(GuestTest):
    def test_kill_one_simulator(self):
        run_dir = os.path.join(self.folder, "run")
        vm = self.start(
            *["--run-dir", run_dir, "--timeout", "300", "--", SCRIPT], stdin=subprocess.PIPE
        )
        self.read_until(vm, b"devinfo 0")
        self.read_until(vm, b"devinfo 0")
        with open(os.path.join(run_dir, "tern-sim-a.pid"), encoding="ascii") as pid_file:
            os.kill(int(pid_file.read()), signal.SIGKILL)
        out, errors = vm.communicate(b"killed\n", timeout=400)
        shutil.rmtree(run_dir)
        lines = out.decode().splitlines()
        report = out.decode() + errors.decode()
        self.assertIn(b"tern-sim-a was killed by SIGKILL", errors)
        self.assertNotIn("devinfo 124", lines, report)
        self.assertEqual(lines[-3:], ["responsive", "removed 0", "end"], report)
        self.assertEqual(vm.returncode, 0, report)

    def test_kill_tern_vm(self):
        """Not even kill -9 leaves a simulator or its socket behind."""
        run_dir = os.path.join(self.folder, "run")
        vm = self.start("--run-dir", run_dir, "--", "echo up; sleep 1000")
        self.read_until(vm, b"up")
        pids = []
        for name in ("qemu", "tern-sim-a", "tern-sim-b"):
            with open(os.path.join(run_dir, f"{name}.pid"), encoding="ascii") as pid_file:
                pids.append(int(pid_file.read()))
        self.assertTrue(all(alive(pid) for pid in pids))
        vm.kill()
        vm.communicate()
        deadline = time.monotonic() + 30
        while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertFalse(any(alive(pid) for pid in pids))
        left = os.listdir(run_dir)
        shutil.rmtree(run_dir)
        self.assertEqual([name for name in left if name in ("a.sock", "b.sock")], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
