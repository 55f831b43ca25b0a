# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""The host's end of the frames that guest/agent.c speaks; the format is told there."""

import socket
import struct

CHUNK = 32768
RUN_TTY = 1


class Lost(Exception):
    """The guest's end is gone: QEMU ended, or the guest did."""


class Channel:
    """Neither side may wait for the other: a guest that takes no input must still be able to
    send output, so what it does not take now stays in `outgoing`."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.socket.setblocking(False)
        self.buffer = bytearray()
        self.outgoing = bytearray()

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        self.socket.close()

    def send(self, kind, payload=b""):
        self.outgoing += kind + struct.pack("<I", len(payload)) + payload
        self.flush()

    def flush(self):
        try:
            while self.outgoing:
                del self.outgoing[: self.socket.send(self.outgoing)]
        except BlockingIOError:
            pass
        except OSError as error:
            raise Lost() from error

    def run(self, argv, tty, window, term):
        strings = b"".join(arg + b"\0" for arg in [term] + argv)
        request = struct.pack("<BHH", RUN_TTY if tty else 0, *window) + strings
        if len(request) > CHUNK:
            raise ValueError(f"the command is longer than {CHUNK} bytes")
        self.send(b"r", request)

    def input(self, data):
        """Pass on input; no data means its end."""
        self.send(b"i", data)

    def window(self, window):
        self.send(b"w", struct.pack("<HH", *window))

    def diagnose(self):
        """Have the kernel list its blocked tasks on the console."""
        self.send(b"d")

    def receive(self):
        """The frames that have arrived whole: list of (kind, payload)."""
        try:
            data = self.socket.recv(4 * CHUNK)
        except BlockingIOError:
            return []
        except OSError as error:
            raise Lost() from error
        if not data:
            raise Lost()
        self.buffer += data
        frames = []
        while len(self.buffer) >= 5:
            (length,) = struct.unpack_from("<I", self.buffer, 1)
            if len(self.buffer) < 5 + length:
                break
            frames.append((bytes(self.buffer[:1]), bytes(self.buffer[5 : 5 + length])))
            del self.buffer[: 5 + length]
        return frames
