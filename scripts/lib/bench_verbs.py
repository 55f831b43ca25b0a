# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""The same verbs programs over tern and over the kernel's own Soft-RoCE, and between the two: part of
what scripts/bench measures. All times are the guest's.

Soft-RoCE works in the guest's first network namespace only. Against itself both of its ends are
one device, whose frames touch no wire; against tern it has a virtio NIC at the other end of that
adapter's wire (tern-vm --peer rxe)."""

import re
import subprocess
import sys
from pathlib import Path

TERN_VM = Path(__file__).resolve().parents[1] / "tern-vm"
RPING_FEW, RPING_MANY = 100, 500
CONNECTIONS = 50
PERF = "-d {dev} -x 1 -F -u 21"


def rping(rounds):
    """Its client says nothing of time, so bash does"""
    client = f"rping -c -a {{host}} -C {rounds}"
    return f'rping -s -a {{host}} -C {rounds} => bash -c "TIMEFORMAT=%R; time {client}"'


# Where both ends are one device, cmtime's connections without QPs need numbers that differ
CMTIME = (
    f"cmtime -b {{host}} -c {CONNECTIONS} -q 9000 => cmtime -s {{host}} -c {CONNECTIONS} -q 5000"
)


def number(pattern):
    def find(text):
        return float(re.search(pattern, text, re.MULTILINE)[1])

    return find


def per_second(pattern):
    return lambda text: 1e6 / number(pattern)(text)


def rping_round(few, many):
    seconds = number(r"^ *(\d+\.\d+)$")
    return (seconds(many) - seconds(few)) / (RPING_MANY - RPING_FEW) * 1e6


# Name: commands, and what makes a figure of their outputs
FIGURES = {
    "ibv_rc_pingpong 4 KiB, us a round": (
        ["ibv_rc_pingpong -d {dev} -g 1 -n 1000"],
        number(r"= ([\d.]+) usec/iter"),
    ),
    "ib_send_lat 64 B, us": (
        [f"ib_send_lat {PERF} -s 64 -n 500"],
        number(r"^ *64 +\d+ +[\d.]+ +[\d.]+ +([\d.]+)"),
    ),
    "ib_write_bw 64 KiB, MiB/s": (
        [f"ib_write_bw {PERF} -s 65536 -n 100"],
        number(r"^ *65536 +\d+ +[\d.]+ +([\d.]+)"),
    ),
    "rping 64 B, us a round": ([rping(RPING_FEW), rping(RPING_MANY)], rping_round),
    "cmtime, connections a second": ([CMTIME], per_second(r"^ *full connect +([\d.]+)")),
}
COMMANDS = [command for commands, _ in FIGURES.values() for command in commands]
LIST = "cat >/tmp/list\npairs() { echo \"== $1\"; shift; tern-pairs --show . \"$@\" </tmp/list; }\n"
TWO_ADAPTERS = LIST + """
set -e
modprobe rdma_rxe
ip link add rx0 type veth peer name rx1
ip addr add 10.78.0.1/24 dev rx0
ip link set rx1 up
ip link set rx0 up
rdma link add rxe0 type rxe netdev rx0
a ping -q -c 20 -i 0.1 10.77.0.2
pairs tern-tern --ends a:tern0,b:tern1
pairs rxe-rxe --ends :rxe0,:rxe0 --host 10.78.0.1
"""
SOFT_ROCE = LIST + """
set -e
a ping -q -c 20 -i 0.1 10.77.0.2
pairs tern-rxe
pairs rxe-tern --ends b:rxe0,a:tern0
"""


def run(*words):
    done = subprocess.run(
        [TERN_VM, "--timeout", "900", *words],
        input="".join(f"{command}\n" for command in COMMANDS),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit("bench: the verbs programs failed\n" + done.stdout + done.stderr)
    return done.stdout


def outputs(text):
    """What tern-pairs shows of each command, in their order"""
    return re.split(r"^pass .*\n", text, flags=re.MULTILINE)[1:]


def figures_of(text):
    left = outputs(text)
    figures = {}
    for name, (commands, compute) in FIGURES.items():
        figures[name] = compute(*left[: len(commands)])
        del left[: len(commands)]
    return figures


def compare():
    """Figures by what was measured, then by client and server"""
    figures = {"ping, ms": {}} | {name: {} for name in FIGURES}
    guests = (run("--", TWO_ADAPTERS), run("--peer", "rxe", "--", SOFT_ROCE))
    for text in guests:
        before, *parts = re.split(r"^== (\S+)\n", text, flags=re.MULTILINE)
        ping = number(r"min/avg/max/mdev = [\d.]+/([\d.]+)")(before)
        figures["ping, ms"][parts[0]] = ping
        for ends, part in zip(parts[::2], parts[1::2]):
            for name, value in figures_of(part).items():
                figures[name][ends] = value
    return figures


def report(figures):
    columns = ("tern-tern", "tern-rxe", "rxe-tern", "rxe-rxe")
    print(f"{'Verbs programs, client-server':40}" + "".join(f"{name:>12}" for name in columns))
    for name, row in figures.items():
        cells = (f"{row[ends]:12.1f}" if ends in row else f"{'-':>12}" for ends in columns)
        print(f"{name:40}" + "".join(cells))
