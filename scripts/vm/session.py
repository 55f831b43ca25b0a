# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""The conversation with the guests of one run: booted, watched, and the command's streams."""

import os
import select
import signal
import sys
import time

import machine
from channel import CHUNK, Channel, Lost

# As docker and timeout(1) have it: what went wrong around COMMAND, not in it.
TIMEOUT = 124
FAILURE = 125


class Failure(Exception):
    """console: the guest whose last words tell more, if one's do"""

    def __init__(self, message, status=FAILURE, console=None):
        super().__init__(message)
        self.status = status
        self.console = console


def say(message):
    print(f"tern-vm: {message}", file=sys.stderr, flush=True)


class Guest:
    """One QEMU, and the agent in it."""

    def __init__(self, qemu, host):
        self.qemu = qemu
        self.host = host
        self.name = f"guest {host.name}" if host.name else "guest"
        self.the_name = self.name if host.name else "the guest"
        self.channel = None
        self.ready = False
        self.last_seen = time.monotonic()

    def answers(self):
        """Whether QEMU has opened the agent's socket; connects to it."""
        if self.channel is None and self.host.path("agent", "sock").exists():
            self.channel = Channel(str(self.host.path("agent", "sock")))
        return self.channel is not None

    def greet(self, notices):
        self.ready = True
        for line in notices.decode(errors="replace").splitlines():
            say(f"{self.name}: {line}")

    def check(self):
        if self.qemu.ended():
            raise Failure(self.end(), console=self.host)

    def end(self):
        """Why QEMU ended before the command did."""
        console = "\n".join(machine.tail(self.host.path("console", "log"), 400))
        if "Kernel panic" in console:
            return f"{self.the_name}'s kernel panicked"
        if self.qemu.process.returncode == 0:
            return f"{self.the_name} went down before the command ended"
        log = "".join(f"\n  {line}" for line in self.qemu.log_tail())
        return f"QEMU {machine.describe(self.qemu.process.returncode)}{log}"

    def interrupt(self):
        machine.interrupt_guest(self.host.path("qmp", "sock"), self.qemu)


class Session:
    """The first guest runs the command; all of them must live while it does."""

    def __init__(self, options, guests, sims):
        self.options = options
        self.guests = guests
        self.first = guests[0]
        self.sims = sims
        self.started = False
        self.deadline = time.monotonic() + options.boot_timeout
        self.input_open = True

    def connect(self):
        while not all([guest.answers() for guest in self.guests]):
            self.check_children()
            self.check_clock()
            time.sleep(0.01)

    def check_children(self):
        for sim in self.sims:
            if sim.ended() and not sim.reported:
                sim.reported = True
                say(f"{sim.name} {machine.describe(sim.process.returncode)}")
                for line in sim.log_tail():
                    say(f"  {line}")
        for guest in self.guests:
            guest.check()

    def check_clock(self):
        now = time.monotonic()
        if now > self.deadline and not self.started:
            self.report_boot()
        elif now > self.deadline:
            self.ask_for_state()
            raise Failure(
                f"the command ran longer than {self.options.timeout} s", TIMEOUT, self.first.host
            )
        for guest in self.guests:
            if self.started and now > guest.last_seen + self.options.hang_timeout:
                guest.interrupt()
                patience = self.options.hang_timeout
                raise Failure(
                    f"{guest.the_name} hangs: no sign of life for {patience} s", console=guest.host
                )

    def report_boot(self):
        late = next(guest for guest in self.guests if not guest.ready)
        late.interrupt()
        message = f"{late.the_name} did not boot in {self.options.boot_timeout} s"
        raise Failure(message, TIMEOUT, late.host)

    def write_out(self, fd, data):
        """Everything, in order, but never blocked: the clock must go on for a reader that has
        stopped. One that went away ends the run like SIGPIPE."""
        while data:
            self.check_clock()
            if not select.select([], [fd], [], 0.2)[1]:
                continue
            try:
                data = data[os.write(fd, data[: select.PIPE_BUF]) :]
            except BrokenPipeError:
                raise SystemExit(128 + signal.SIGPIPE) from None
            # Time spent on a slow reader is not the guests'.
            for guest in self.guests:
                guest.last_seen = time.monotonic()

    def ask_for_state(self):
        """Blocked tasks go to the console, for the report that follows."""
        try:
            self.first.channel.diagnose()
            time.sleep(1)
        except Lost:
            pass

    def start_command(self, terminal):
        terminal.enter()
        command = [os.fsencode(word) for word in self.options.command]
        if not command:
            command = [b"bash", b"-l"]
        elif len(command) == 1:
            command = [b"bash", b"-c", command[0]]
        self.first.channel.run(command, terminal.raw, terminal.window(), terminal.type())
        self.started = True
        limit = self.options.timeout or (3600 if self.options.command else float("inf"))
        self.deadline = time.monotonic() + limit

    def handle(self, guest, kind, payload, terminal):
        """Act on one frame; the exit status once the command has ended."""
        if kind == b"R" and not guest.ready:
            guest.greet(payload)
            if all(other.ready for other in self.guests):
                self.start_command(terminal)
        elif kind == b"o":
            self.write_out(1, payload)
        elif kind == b"e":
            self.write_out(2, payload)
        elif kind == b"x" and len(payload) == 2:
            return payload[1] + (128 if payload[0] else 0)
        return None

    def forward_input(self, terminal):
        data = os.read(0, CHUNK)
        # The end of a raw terminal is no key, it is gone. Its user cannot end what runs.
        if not data and terminal.raw:
            raise SystemExit(128 + signal.SIGHUP)
        self.first.channel.input(data)
        self.input_open = bool(data)

    def wait(self):
        """The descriptors that can be read now. Input is taken only when the guest has taken
        all before it."""
        channel = self.first.channel
        sources = [guest.channel for guest in self.guests]
        if self.started and self.input_open and not channel.outgoing:
            sources.append(sys.stdin)
        sinks = [channel] if channel.outgoing else []
        readable, writable, _ = select.select(sources, sinks, [], 0.2)
        if writable:
            channel.flush()
        return readable

    def listen(self, guest, terminal):
        guest.last_seen = time.monotonic()
        for kind, payload in guest.channel.receive():
            status = self.handle(guest, kind, payload, terminal)
            if status is not None:
                return status
        return None

    def run(self, terminal):
        self.connect()
        while True:
            self.check_children()
            self.check_clock()
            readable = self.wait()
            for guest in self.guests:
                if guest.channel in readable:
                    status = self.listen(guest, terminal)
                    if status is not None:
                        return status
            if sys.stdin in readable:
                self.forward_input(terminal)
            if terminal.resized():
                self.first.channel.window(terminal.window())

    def explain_loss(self):
        """A channel broke: a QEMU is ending, and its end says why."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and not any(g.qemu.ended() for g in self.guests):
            time.sleep(0.05)
        self.check_children()
        raise Failure("QEMU closed the connection to the guest", console=self.first.host)
