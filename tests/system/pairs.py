#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: pairs.py [--host ADDRESS] [--timeout SEC] [--clean] [--show REGEX] < COMMANDS

Runs in the guest. Each line of the input is the command of a pair of processes, as
'ib_write_bw -d {dev} -x 1': it is started as server in namespace b with tern1, and with the
server's address behind it in namespace a with tern0, and both must end with status 0.

Prints a line per pair ('pass' or 'fail', seconds, command), the lines of the client's output
that match REGEX, and at the end what the devices counted meanwhile. --clean: nothing may have
been sent twice, refused or timed out. Exit status 1 if anything failed."""

import argparse
import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

DEVICES = {"a": "tern0", "b": "tern1"}
LISTEN_WAIT_S = 20
# Of a wire that loses nothing and receivers that are ready
MUST_BE_ZERO = (
    *("tx_resent", "tx_naks", "rx_duplicates", "rx_gaps", "rx_naks_seq", "rx_naks_err"),
    *("rx_read_gaps", "timeouts", "rx_icrc", "rx_bad", "rx_overrun", "qp_errors"),
)


def inside(namespace, words):
    return ["ip", "netns", "exec", namespace, *words]


def start(namespace, command, *more):
    words = shlex.split(command.format(dev=DEVICES[namespace]))
    return subprocess.Popen(
        inside(namespace, [*words, *more]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def is_listening(process):
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()[1:]
        except OSError:
            return True  # it has ended, which shows soon enough
        if any(line.split()[3] == "0A" for line in lines):
            return True
    return process.poll() is not None


def wait_for_server(process):
    deadline = time.monotonic() + LISTEN_WAIT_S
    while not is_listening(process) and time.monotonic() < deadline:
        time.sleep(0.02)


def finish(process, deadline):
    """Output and status; a process that takes too long is killed."""
    try:
        out = process.communicate(timeout=max(0.1, deadline - time.monotonic()))[0]
        return out, process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0] + "\n(took too long)", -1


def run_pair(command, host, seconds):
    """Output of both, and whether all was right."""
    server = start("b", command)
    wait_for_server(server)
    client = start("a", command, host)
    deadline = time.monotonic() + seconds
    client_out, client_status = finish(client, deadline)
    server_out, server_status = finish(server, min(deadline, time.monotonic() + 15))
    fine = client_status == 0 and server_status == 0
    return fine, client_out, f"server {server_status}:\n{server_out}\nclient {client_status}:\n{client_out}"


def counters(device):
    text = subprocess.run(
        ["rdma", "-j", "statistic", "show", "link", f"{device}/1"],
        capture_output=True,
        check=True,
    ).stdout
    return {key: value for key, value in json.loads(text)[0].items() if isinstance(value, int)}


def run_all(options, commands):
    failures = 0
    for command in commands:
        started = time.monotonic()
        fine, out, report = run_pair(command, options.host, options.timeout)
        print("pass" if fine else "fail", f"{time.monotonic() - started:6.1f} s", command, flush=True)
        if not fine:
            failures += 1
            print(report, file=sys.stderr, flush=True)
        elif options.show:
            shown = [line for line in out.splitlines() if re.search(options.show, line)]
            print("".join(f"    {line.strip()}\n" for line in shown), end="", flush=True)
    return failures


def report_counters(before, clean):
    failures = 0
    for device, old in before.items():
        new = counters(device)
        grown = {key: new[key] - old.get(key, 0) for key in new}
        print(device, *(f"{key}={value}" for key, value in grown.items() if value))
        bad = [key for key in MUST_BE_ZERO if grown.get(key)]
        if clean and bad:
            failures += 1
            print("fail", device, "counted on a clean wire:", *bad)
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="10.77.0.2")
    parser.add_argument("--timeout", type=int, default=120)
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--show")
    options = parser.parse_args()
    commands = [line.strip() for line in sys.stdin if line.strip() and line[0] != "#"]
    before = {device: counters(device) for device in DEVICES.values()}
    failures = run_all(options, commands)
    failures += report_counters(before, options.clean)
    print("pairs", len(commands), "failures", failures)
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
