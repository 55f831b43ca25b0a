#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: mckey_guest.py receive ADDRESS GROUP   or   mckey_guest.py send ADDRESS GROUP

mckey as one side of a pair of tern-pairs; ADDRESS is the receiver's in both cases. The receiver
listens by TCP once it has joined, which is what tern-pairs waits for. mckey ends with status 0
whatever happened, so its words count."""

import socket
import subprocess
import sys

MESSAGES = 20
DONE = "data transfers complete"


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def own_address(peer):
    """Of the interface that leads to the peer; nothing is sent"""
    with socket.socket(family(peer), socket.SOCK_DGRAM) as probe:
        probe.connect((peer, 9))
        return probe.getsockname()[0]


def start(group, address, *more):
    words = ["stdbuf", "-oL", "mckey", "-m", group, "-b", address, "-C", str(MESSAGES), *more]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process):
    lines = []
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line.strip())
    return process.wait() or DONE not in lines


def receive(address, group):
    process = start(group, address)
    for line in process.stdout:
        print(line, end="", flush=True)
        if "joined" in line:
            break
    with socket.create_server((address, 18601), family=family(address)):
        return finish(process)


def send(address, group):
    return finish(start(group, own_address(address), "-s"))


if __name__ == "__main__":
    sys.exit({"receive": receive, "send": send}[sys.argv[1]](*sys.argv[2:]))
