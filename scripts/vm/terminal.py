# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""The user's terminal while a guest's shell runs on it."""

import os
import shutil
import signal
import sys
import termios
import tty


class Terminal:
    def __init__(self, interactive):
        self.wanted = interactive and sys.stdin.isatty() and sys.stdout.isatty()
        self.raw = False
        self.saved = None
        self.size_changed = False

    def enter(self):
        """From here on every key, Ctrl-C included, is the guest's."""
        if not self.wanted:
            return
        self.saved = termios.tcgetattr(0)
        tty.setraw(0)
        self.raw = True
        signal.signal(signal.SIGWINCH, self._note_size)

    def leave(self):
        if self.saved is None:
            return
        self.raw = False
        try:
            termios.tcsetattr(0, termios.TCSADRAIN, self.saved)
        except termios.error:
            pass  # it is gone

    def _note_size(self, _number, _frame):
        self.size_changed = True

    def resized(self):
        changed, self.size_changed = self.size_changed, False
        return changed

    def window(self):
        columns, rows = shutil.get_terminal_size()
        return min(rows, 65535), min(columns, 65535)

    def type(self):
        return os.environ.get("TERM", "dumb").encode() if self.raw else b""
