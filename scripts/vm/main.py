#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Runs one guest for one command; started by scripts/tern-vm inside the SDK."""

import fcntl
import os
import re
import select
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import initrd
import machine
import options as command_line
from channel import CHUNK, Channel, Lost
from terminal import Terminal

# As docker and timeout(1) have it: what went wrong around COMMAND, not in it.
TIMEOUT = 124
FAILURE = 125
CONSOLE_LINES = 40
CONSOLE_MOST = 160
# Longer would not fit into a UNIX socket's address.
MAX_SOCKET_PATH = 107
SOCKETS = ("agent.sock", "qmp.sock") + tuple(
    f"{name}.{kind}" for name in "ab" for kind in ("sock", "ctl", "link", "link.lock")
)


class Failure(Exception):
    def __init__(self, message, status=FAILURE, console=True):
        super().__init__(message)
        self.status = status
        self.console = console


def say(message):
    print(f"tern-vm: {message}", file=sys.stderr, flush=True)


class Session:
    """One booted guest and the conversation with it."""

    def __init__(self, options, run_dir, qemu, sims):
        self.options = options
        self.run_dir = run_dir
        self.qemu = qemu
        self.sims = sims
        self.channel = None
        self.ready = False
        self.deadline = time.monotonic() + options.boot_timeout
        self.last_seen = time.monotonic()
        self.input_open = True

    def connect(self):
        path = self.run_dir / "agent.sock"
        while not path.exists():
            self.check_children()
            self.check_clock()
            time.sleep(0.01)
        self.channel = Channel(str(path))

    def check_children(self):
        for sim in self.sims:
            if sim.ended() and not sim.reported:
                sim.reported = True
                say(f"{sim.name} {machine.describe(sim.process.returncode)}")
                for line in sim.log_tail():
                    say(f"  {line}")
        if self.qemu.ended():
            raise Failure(self.guest_end())

    def guest_end(self):
        """Why QEMU ended before the command did."""
        console = "\n".join(machine.tail(self.run_dir / "console.log", 400))
        if "Kernel panic" in console:
            return "the guest's kernel panicked"
        if self.qemu.process.returncode == 0:
            return "the guest went down before the command ended"
        log = "".join(f"\n  {line}" for line in self.qemu.log_tail())
        return f"QEMU {machine.describe(self.qemu.process.returncode)}{log}"

    def check_clock(self):
        now = time.monotonic()
        if now > self.deadline:
            if not self.ready:
                machine.interrupt_guest(self.run_dir, self.qemu)
                raise Failure(f"the guest did not boot in {self.options.boot_timeout} s", TIMEOUT)
            self.ask_for_state()
            raise Failure(f"the command ran longer than {self.options.timeout} s", TIMEOUT)
        if self.ready and now > self.last_seen + self.options.hang_timeout:
            machine.interrupt_guest(self.run_dir, self.qemu)
            raise Failure(f"the guest hangs: no sign of life for {self.options.hang_timeout} s")

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
            # Time spent on a slow reader is not the guest's.
            self.last_seen = time.monotonic()

    def ask_for_state(self):
        """Blocked tasks go to the console, for the report that follows."""
        try:
            self.channel.diagnose()
            time.sleep(1)
        except Lost:
            pass

    def start_command(self, terminal, notices):
        for line in notices.decode(errors="replace").splitlines():
            say(f"guest: {line}")
        command = [os.fsencode(word) for word in self.options.command]
        if not command:
            command = [b"bash", b"-l"]
        elif len(command) == 1:
            command = [b"bash", b"-c", command[0]]
        self.channel.run(command, terminal.raw, terminal.window(), terminal.type())
        self.ready = True
        limit = self.options.timeout or (3600 if self.options.command else float("inf"))
        self.deadline = time.monotonic() + limit

    def handle(self, kind, payload, terminal):
        """Act on one frame; the exit status once the command has ended."""
        if kind == b"R" and not self.ready:
            terminal.enter()
            self.start_command(terminal, payload)
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
        self.channel.input(data)
        self.input_open = bool(data)

    def wait(self):
        """The descriptors that can be read now. Input is taken only when the guest has taken
        all before it."""
        sources = [self.channel]
        if self.ready and self.input_open and not self.channel.outgoing:
            sources.append(sys.stdin)
        sinks = [self.channel] if self.channel.outgoing else []
        readable, writable, _ = select.select(sources, sinks, [], 0.2)
        if writable:
            self.channel.flush()
        return readable

    def run(self, terminal):
        self.connect()
        while True:
            self.check_children()
            self.check_clock()
            readable = self.wait()
            if self.channel in readable:
                self.last_seen = time.monotonic()
                for kind, payload in self.channel.receive():
                    status = self.handle(kind, payload, terminal)
                    if status is not None:
                        return status
            if sys.stdin in readable:
                self.forward_input(terminal)
            if terminal.resized():
                self.channel.window(terminal.window())

    def explain_loss(self):
        """The channel broke: QEMU is ending, and its end says why."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and not self.qemu.ended():
            time.sleep(0.05)
        self.check_children()
        raise Failure("QEMU closed the connection to the guest")


def check_build(build, options):
    """What this build has for the guest, with a word on what is missing."""
    drivers = [] if options.no_drivers else initrd.drivers_of(build)
    provider = None if options.no_drivers else initrd.provider_of(build)
    if not options.no_drivers:
        if not any(path.name == "tern_rdma.ko" for path in drivers):
            say("warning: the drivers are not built (run make); booting without them")
            options.no_drivers = True
        elif not provider:
            say("warning: the provider is not built (run make); verbs programs will see no tern")
    return drivers, provider


def run_guest(options, run_dir):
    build = Path(os.environ["TERN_BUILD"])
    image = Path(os.environ["TERN_IMAGE"])
    drivers, provider = check_build(build, options)
    ramdisk = initrd.prepare(build, image, drivers, provider, options.files)
    sims = machine.start_sims(build, run_dir, options)
    terminal = Terminal(interactive=not options.command)
    children = list(sims)
    try:
        qemu = machine.start_qemu(image, ramdisk, run_dir, options, sims)
        children.insert(0, qemu)
        session = Session(options, run_dir, qemu, sims)
        try:
            return session.run(terminal)
        except Lost:
            session.explain_loss()
    finally:
        # A second signal must not cut the clean-up short.
        ignore_signals()
        terminal.leave()
        machine.stop_all(children)
        for name in SOCKETS:
            (run_dir / name).unlink(missing_ok=True)


def last_words(lines):
    """The end of the console, long enough to hold the beginning of the trouble."""
    recent = lines[-CONSOLE_MOST:]
    for index, line in enumerate(recent):
        if re.search(r"Kernel panic|BUG:|Oops|WARNING:|general protection|NMI received", line):
            return recent[min(max(index - 10, 0), max(len(recent) - CONSOLE_LINES, 0)) :]
    return recent[-CONSOLE_LINES:]


def show_console(run_dir):
    lines = last_words(machine.tail(run_dir / "console.log", CONSOLE_MOST))
    say("the console ends with:" if lines else "the console is empty")
    for line in lines:
        print(f"  {line}", file=sys.stderr)


def end_on_signal(number, _frame):
    raise SystemExit(128 + number)


def ignore_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def catch_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_on_signal)


def make_run_dir(options):
    """A given folder is kept, for its logs. The default vanishes: /run is the SDK's own,
    so that not even kill -9 leaves a trace of it."""
    if options.run_dir:
        path = options.run_dir.absolute()
    else:
        path = Path(tempfile.mkdtemp(prefix="tern-vm.", dir=os.environ.get("TMPDIR", "/run")))
    if len(os.fsencode(path / "agent.sock")) > MAX_SOCKET_PATH:
        raise Failure(f"{path}: too long for the sockets in it", console=False)
    if options.run_dir:
        take_run_dir(path)
    return path


def take_run_dir(path):
    """Make the user's folder ours for this run; one that was killed may have left files."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Held until this process ends, however it does.
    lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failure(f"{path} is in use by another tern-vm", console=False) from None
    for pattern in ("*.log", "*.pid", *SOCKETS):
        for old in path.glob(pattern):
            old.unlink()


def main():
    try:
        options = command_line.parse(sys.argv[1:])
    except command_line.UsageError as error:
        say(f"{error} (tern-vm --help tells more)")
        return FAILURE
    catch_signals()
    run_dir = None
    try:
        run_dir = make_run_dir(options)
        return run_guest(options, run_dir)
    except Failure as failure:
        say(failure)
        if failure.console and run_dir:
            show_console(run_dir)
        return failure.status
    except (machine.StartError, OSError, ValueError) as error:
        say(error)
        return FAILURE
    finally:
        if run_dir and not options.run_dir:
            shutil.rmtree(run_dir, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
