# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Speaks to the control socket of a tern-sim; started by scripts/tern-ctl, which has the help."""

import json
import os
import socket
import sys

PATIENCE_SECONDS = 10
MOST = 65536


class Refused(Exception):
    pass


class Unreachable(Exception):
    pass


def ask(path, line):
    """One command; the answer, an object."""
    if "\n" in line:
        raise Refused("a command is one line")
    answer = b""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(PATIENCE_SECONDS)
            control.connect(path)
            control.sendall(os.fsencode(line) + b"\n")
            while not answer.endswith(b"\n") and len(answer) < MOST:
                part = control.recv(MOST)
                if not part:
                    break
                answer += part
        return json.loads(answer)
    except (OSError, ValueError) as error:
        raise Unreachable(f"{path}: {error}") from error


def tell(path, words):
    """Carries out the command and prints what is to be printed."""
    wanted = []
    if words[:1] == ["stats"]:
        words, wanted = words[:1], words[1:]
    elif words[:2] == ["pcap", "start"] and len(words) == 3:
        # The simulator may have been started somewhere else
        words = [*words[:2], os.path.abspath(words[2])]
    answer = ask(path, " ".join(words))
    if not answer.get("ok"):
        raise Refused(answer.get("error", "no reason given"))
    if words == ["stats"]:
        show(answer, wanted)


def show(answer, wanted):
    counters = {
        "carrier": int(answer["carrier"]),
        "peer": int(answer["peer"]),
        **answer["stats"],
    }
    for name in wanted or counters:
        if name not in counters:
            raise Refused(f"no counter '{name}'")
        print(f"{name:28} {counters[name]}")


def find_socket(arguments):
    """The socket and the command, from the command line"""
    folder = "."
    if len(arguments) >= 2 and arguments[0] == "--socket":
        return arguments[1], arguments[2:]
    if len(arguments) >= 2 and arguments[0] == "--dir":
        folder, arguments = arguments[1], arguments[2:]
    if not arguments or arguments[0] not in ("a", "b"):
        raise Refused("which adapter: a or b? (tern-ctl --help tells more)")
    return os.path.join(folder, f"{arguments[0]}.ctl"), arguments[1:]


def main():
    try:
        path, words = find_socket(sys.argv[1:])
        if not words:
            raise Refused("no command (tern-ctl --help tells more)")
        tell(path, words)
    except Refused as refusal:
        print(f"tern-ctl: {refusal}", file=sys.stderr)
        return 1
    except Unreachable as error:
        print(f"tern-ctl: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
