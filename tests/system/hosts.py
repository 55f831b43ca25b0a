#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Two guests with an adapter each: what scripts may expect of them, how they fail, and verbs
programs between them. With TERN_LONG set, the lists are those of traffic.py's long form."""

import os
import signal
import time
import unittest

import cm
from guest import GuestTest, alive
from traffic import GID, LONG, PERF, PINGPONG, perftest

FAILURE = 125
TWO = ("--hosts", "2")

# A look at each kind; the long form has all that one guest does
RC = [
    f"ibv_rc_pingpong -d {{dev}} {GID} -n 100 -c",
    f"ibv_rc_pingpong -d {{dev}} {GID} -n 100 -c -e -m 1024",
    f"ib_send_bw {PERF} -s 4096 -n 20 -q 16",
    f"ib_write_lat {PERF} -s 64 -n 50",
    f"ib_read_bw {PERF} -s 65536 -n 10",
    f"ib_atomic_bw {PERF} -n 50 -A FETCH_AND_ADD",
]
CM = [
    "ibv_ud_pingpong -d {dev} -g 1 -n 50",
    "ibv_uc_pingpong -d {dev} -g 2 -n 50",
    "rping -s -a {host6} -v -C 50 => rping -c -a {host6} -v -C 50",
    "udaddy => udaddy -s {host}",
    f"ib_send_bw {PERF} -c UD -s 1000 -n 50",
    f"ib_send_lat {PERF} -R -s 64 -n 50",
]

WORLD = """
set -e
test "$(uname -n) $(b uname -n) $(b a uname -n)" = "tern-a tern-b tern-a"
test "$(ls /sys/class/infiniband)" = tern0
test "$(b ls /sys/class/infiniband)" = tern1
a ping -qc 1 -W 20 10.77.0.2
b ping -qc 1 -W 20 fd77::1

# Streams, words and status are the command's
test "$(echo in | b cat)" = in
test "$(b printf '%s|' 'a b' '$HOME' "it's" '*')" = 'a b|$HOME|it'"'"'s|*|'
test "$(b sh -c 'echo no >&2; exit 3' 2>&1; echo $?)" = "no
3"

# What is killed here ends there
b sleep 4321 &
until b pgrep -f 'sleep 432[1]'; do sleep 0.2; done
kill $!
for try in $(seq 50); do
	b pgrep -f 'sleep 432[1]' || break
	sleep 0.2
done
test "$try" != 50

# A device that comes back is tern1 again
b sh -c 'modprobe -r tern_rdma && modprobe tern_rdma && tern-net 1'
test "$(b ls /sys/class/infiniband)" = tern1
a ping -qc 1 -W 20 10.77.0.2
echo all well
"""


class Hosts(GuestTest):
    def test_world(self):
        out, _ = self.run_ok(*TWO, "--timeout", "300", "--", WORLD)
        self.assertIn("all well", out)

    def test_panic_of_the_other(self):
        started = time.monotonic()
        script = "b sh -c 'echo c >/proc/sysrq-trigger'; sleep 1000"
        done = self.run_vm(*TWO, "--timeout", "300", "--", script)
        text = done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, FAILURE, text)
        for word in ("guest b's kernel panicked", "console of b ends", "sysrq_handle_crash"):
            self.assertIn(word, text)
        self.assertLess(time.monotonic() - started, 200)

    def test_signal_ends_both(self):
        run_dir = os.path.join(self.folder, "run")
        vm = self.start(*TWO, "--run-dir", run_dir, "--", "echo up; sleep 1000")
        self.read_until(vm, b"up")
        guests = [self.pid_in(run_dir, name) for name in ("qemu", "qemu-b")]
        self.assertTrue(all(alive(pid) for pid in guests))
        vm.send_signal(signal.SIGTERM)
        vm.communicate(timeout=60)
        self.assertEqual(vm.returncode, 128 + signal.SIGTERM)
        self.assertFalse(any(alive(pid) for pid in guests))
        logs = ["console-b.log", "console.log", "qemu-b.log", "qemu.log"]
        self.assertEqual(sorted(os.listdir(run_dir)), logs + ["tern-sim-a.log", "tern-sim-b.log"])
        for name in os.listdir(run_dir):
            os.unlink(os.path.join(run_dir, name))
        os.rmdir(run_dir)

    @staticmethod
    def pid_in(run_dir, name):
        with open(os.path.join(run_dir, f"{name}.pid"), encoding="ascii") as pid_file:
            return int(pid_file.read())

    def test_rc(self):
        self.run_pairs([*PINGPONG, *perftest()] if LONG else RC, *TWO)

    def test_cm(self):
        long = [*cm.pingpong(), *cm.connections(), *cm.perftest()]
        self.run_pairs(long if LONG else CM, *TWO)


if __name__ == "__main__":
    unittest.main(verbosity=2)
