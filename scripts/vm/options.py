# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""tern-vm's command line. The help text is the head of scripts/tern-vm."""

import argparse
import os
import re
from pathlib import Path

ACCELERATORS = ("tcg", "kvm")
PEERS = ("tern", "rxe", "none")
LATER = "is not there yet: this version has {}"


class UsageError(Exception):
    pass


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(message)


def bounded(low, high):
    def parse(text):
        value = int(text) if re.fullmatch(r"\d{1,9}", text) else -1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number from {low} to {high}")
        return value

    return parse


def memory(text):
    match = re.fullmatch(r"(\d{1,6})([MG])", text)
    size = int(match[1]) << (10 if match[2] == "G" else 0) if match else 0
    if not 512 <= size <= 65536:
        raise argparse.ArgumentTypeError(f"'{text}' is not a size from 512M to 64G")
    return size


def guest_file(text):
    source, colon, target = text.rpartition(":")
    if not colon or not target.startswith("/") or ".." in target.split("/"):
        raise argparse.ArgumentTypeError(f"'{text}' is not FILE:/PATH/IN/GUEST")
    if not os.path.isfile(source):
        raise argparse.ArgumentTypeError(f"no file '{source}'")
    return Path(source).resolve(), target


def impairment(text):
    """For both adapters, or as a:SPEC or b:SPEC for one. What the words mean is the simulator's."""
    match = re.fullmatch(r"(?:([ab]):)?(off|[a-z_]+=[^,]+(?:,[a-z_]+=[^,]+)*)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is not [a:|b:]WORD=VALUE,... or off")
    return match[1] or "ab", match[2]


def parser():
    p = Parser(prog="tern-vm", add_help=False, allow_abbrev=False)
    p.add_argument("--hosts", type=bounded(1, 2), default=1)
    p.add_argument("--peer", default="tern")
    p.add_argument("--impair", action="append", type=impairment, default=[])
    p.add_argument("--pcap", type=Path)
    p.add_argument("--kernel")
    p.add_argument("--packages", default="")
    p.add_argument("--file", dest="files", action="append", type=guest_file, default=[])
    p.add_argument("--no-drivers", action="store_true")
    p.add_argument("--no-adapter", action="store_true")
    p.add_argument("--timeout", type=bounded(1, 10**7))
    p.add_argument("--boot-timeout", type=bounded(1, 10**5), default=180)
    p.add_argument("--hang-timeout", type=bounded(2, 10**5), default=60)
    p.add_argument("--mem", type=memory, default=2048)
    p.add_argument("--smp", type=bounded(1, 64), default=2)
    p.add_argument("--append", default="")
    p.add_argument("--run-dir", type=Path)
    p.add_argument("--dma-latency", type=bounded(0, 10**8))
    p.add_argument("--fst", type=Path)
    p.add_argument("--sim-opt", dest="sim_options", action="append", default=[])
    p.add_argument("command", nargs=argparse.REMAINDER)
    return p


def refuse_later(options):
    if options.peer not in PEERS:
        raise UsageError(f"--peer is tern, rxe or none, not '{options.peer}'")
    if options.kernel is not None:
        raise UsageError("--kernel " + LATER.format("no such option"))


def parse(arguments):
    options = parser().parse_args(arguments)
    refuse_later(options)
    if options.command[:1] == ["--"]:
        del options.command[0]
    options.accelerator = os.environ.get("ACCEL") or "tcg"
    if options.accelerator not in ACCELERATORS:
        raise UsageError(f"ACCEL is tcg or kvm, not '{options.accelerator}'")
    if options.accelerator == "kvm" and not os.access("/dev/kvm", os.R_OK | os.W_OK):
        raise UsageError("ACCEL=kvm, but /dev/kvm cannot be used here")
    if options.hosts == 2 and (options.no_adapter or options.peer == "none"):
        raise UsageError("--hosts 2 joins two hosts by a wire; --no-adapter and --peer none have none")
    if options.no_adapter and options.peer == "rxe":
        raise UsageError("--peer rxe is the other end of an adapter's wire; --no-adapter has none")
    if options.no_adapter:
        options.adapters = 0
    else:
        options.adapters = 2 if options.peer == "tern" else 1
    return options
