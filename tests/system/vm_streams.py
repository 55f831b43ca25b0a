#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""A guest command's streams, arguments and exit status pass through unchanged."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import time
import unittest

from guest import PLAIN, TERN_VM, GuestTest


class Streams(GuestTest):
    def test_bytes_and_status(self):
        data = os.urandom(3_000_000)
        done = self.run_vm(
            *PLAIN, "--", "cat; head -c 300000 /dev/zero >&2; exit 77", stdin=data
        )
        self.assertEqual(done.returncode, 77)
        self.assertTrue(done.stdout == data, f"{len(done.stdout)} bytes differ from the input")
        self.assertTrue(done.stderr == bytes(300000), done.stderr[-2000:])

    def test_arguments_stay_apart(self):
        script = 'printf "%s|" "$@"; [ "$1" = "a  b" ]'
        done = self.run_vm(*PLAIN, "--", "sh", "-c", script, "sh", "a  b", "", "'q\"$x", "--", "-x")
        self.assertEqual(done.stdout, b"a  b||'q\"$x|--|-x|")
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_signal_is_128_plus_number(self):
        done = self.run_vm(*PLAIN, "--", "echo -n last; kill -KILL $$")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (137, b"last", b""))

    def test_unread_input_holds_nothing_up(self):
        script = "sleep 2; head -c 1000000 /dev/zero; exit 5"
        done = self.run_vm(*PLAIN, "--", script, stdin=bytes(20_000_000), timeout=120)
        self.assertEqual((done.returncode, done.stderr), (5, b""))
        self.assertEqual(len(done.stdout), 1_000_000)

    def test_background_process_does_not_hold_the_run(self):
        """Also: root runs it, outside the namespaces, with a writable root."""
        script = "sleep 1000 & cd /usr && touch x && id -u && ls /sys/class/net && exit 1"
        done = self.run_vm(*PLAIN, "--", script, timeout=120)
        self.assertEqual((done.returncode, done.stdout), (1, b"0\nlo\n"), done.stderr)

    def test_shell_on_a_terminal(self):
        """Keys are the guest's, Ctrl-C too; the terminal is as before when the shell ends."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 33, 111, 0, 0))
        before = termios.tcgetattr(theirs)
        shell = self.start_shell(theirs)
        self.expect(ours, b"# ")
        # The last two are one job: a Ctrl-C while bash starts the next one may get lost
        os.write(ours, b"stty size; echo $TERM; sh -c 'tty; exec sleep 1000'\n")
        self.expect(ours, b"33 111\r\nvt100\r\n/dev/pts/0\r\n")
        os.write(ours, b"\x03")
        self.expect(ours, b"# ")
        os.write(ours, b"exit 9\n")
        self.assertEqual(shell.wait(timeout=60), 9)
        self.assertEqual(shell.communicate()[1], b"")
        self.assertEqual(termios.tcgetattr(theirs), before)
        os.close(ours)
        os.close(theirs)

    def test_terminal_that_goes_away(self):
        """It need not be the one whose end sends SIGHUP; a busy guest is no reason to stay."""
        ours, theirs = pty.openpty()
        shell = self.start_shell(theirs)
        os.close(theirs)
        self.expect(ours, b"# ")
        os.write(ours, b"sh -c 'tty; exec sleep 1000'\n")
        self.expect(ours, b"/dev/pts/0\r\n")
        os.close(ours)
        self.assertEqual(shell.wait(timeout=60), 128 + signal.SIGHUP)
        self.assertEqual(shell.communicate()[1], b"")

    def start_shell(self, terminal):
        return subprocess.Popen(
            [TERN_VM, *PLAIN],
            env=dict(self.environment(), TERM="vt100"),
            stdin=terminal,
            stdout=terminal,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def expect(self, terminal, word, seconds=120):
        text = b""
        deadline = time.monotonic() + seconds
        os.set_blocking(terminal, False)
        while word not in text:
            self.assertLess(time.monotonic(), deadline, text)
            try:
                text += os.read(terminal, 4096)
            except BlockingIOError:
                time.sleep(0.05)


if __name__ == "__main__":
    unittest.main(verbosity=2)
