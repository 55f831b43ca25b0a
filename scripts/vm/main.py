#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Runs one command in a guest, or two that are wired to each other; started by scripts/tern-vm
inside the SDK."""

import fcntl
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import initrd
import machine
import options as command_line
from channel import Lost
from session import FAILURE, Failure, Guest, Session, say
from terminal import Terminal

CONSOLE_LINES = 40
CONSOLE_MOST = 160
# Longer would not fit into a UNIX socket's address.
MAX_SOCKET_PATH = 107
SOCKETS = ("agent*.sock", "qmp*.sock", "hosts-?.link") + tuple(
    f"{name}.{kind}" for name in "ab" for kind in ("sock", "ctl", "link", "link.lock")
)


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


def run_guests(options, run_dir):
    build = Path(os.environ["TERN_BUILD"])
    image = Path(os.environ["TERN_IMAGE"])
    drivers, provider = check_build(build, options)
    ramdisk = initrd.prepare(build, image, drivers, provider, options.files)
    sims = machine.start_sims(build, run_dir, options)
    terminal = Terminal(interactive=not options.command)
    guests = []
    try:
        for host in machine.hosts(run_dir, options, sims):
            guests.append(Guest(machine.start_qemu(image, ramdisk, host, options), host))
        session = Session(options, guests, sims)
        try:
            return session.run(terminal)
        except Lost:
            session.explain_loss()
    finally:
        # A second signal must not cut the clean-up short.
        ignore_signals()
        terminal.leave()
        machine.stop_all([guest.qemu for guest in guests] + sims)
        remove_sockets(run_dir)


def remove_sockets(run_dir):
    for pattern in SOCKETS:
        for path in run_dir.glob(pattern):
            path.unlink()


def last_words(lines):
    """The end of the console, long enough to hold the beginning of the trouble."""
    recent = lines[-CONSOLE_MOST:]
    for index, line in enumerate(recent):
        if re.search(r"Kernel panic|BUG:|Oops|WARNING:|general protection|NMI received", line):
            return recent[min(max(index - 10, 0), max(len(recent) - CONSOLE_LINES, 0)) :]
    return recent[-CONSOLE_LINES:]


def show_console(host):
    lines = last_words(machine.tail(host.path("console", "log"), CONSOLE_MOST))
    title = f"the console of {host.name}" if host.name else "the console"
    say(f"{title} ends with:" if lines else f"{title} is empty")
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
    if len(os.fsencode(path / "agent-b.sock")) > MAX_SOCKET_PATH:
        raise Failure(f"{path}: too long for the sockets in it")
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
        raise Failure(f"{path} is in use by another tern-vm") from None
    for pattern in ("*.log", "*.pid"):
        for old in path.glob(pattern):
            old.unlink()
    remove_sockets(path)


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
        return run_guests(options, run_dir)
    except Failure as failure:
        say(failure)
        if failure.console:
            show_console(failure.console)
        return failure.status
    except (machine.StartError, OSError, ValueError) as error:
        say(error)
        return FAILURE
    finally:
        if run_dir and not options.run_dir:
            shutil.rmtree(run_dir, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
