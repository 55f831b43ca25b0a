#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Does what scripts/bench says: tern-bench, then one guest from inside and outside."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench_verbs

TOP = Path(__file__).resolve().parents[2]
NOPS = 2000
IDLE_SECONDS = 5
GUEST_SCRIPT = f"""
set -e
a rdma link show tern0/1
cd /sys/kernel/debug/tern_rdma/tern0
echo hmc; cat hmc
echo nop; echo {NOPS} >cqp_nop; cat cqp_nop
sleep 2
echo idle
sleep {IDLE_SECONDS + 3}
"""
LAYERS = {
    "abi": ["abi/*.def", "abi/*.c", "abi/*.h"],
    "rtl": ["rtl/**/*.sv"],
    "sim": ["sim/*.c", "sim/*.cc", "sim/*.h"],
    "kernel": ["kernel/**/*.c", "kernel/**/*.h"],
    "provider": ["providers/**/*.c", "providers/**/*.h"],
    "scripts": ["scripts/*", "scripts/*/*"],
    "tests": ["tests/**/*"],
}


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle_use(run_dir):
    """Percent of one processor that each simulator uses while nothing happens."""
    pids = [int(path.read_text()) for path in sorted(run_dir.glob("tern-sim-*.pid"))]
    before = [processor_seconds(pid) for pid in pids]
    time.sleep(IDLE_SECONDS)
    after = [processor_seconds(pid) for pid in pids]
    return [100 * (end - start) / IDLE_SECONDS for start, end in zip(before, after)]


def numbers(text):
    """Lines of a name and a number, as debugfs and --stats print them."""
    return {
        match[1]: float(match[2])
        for match in re.finditer(r"^(\S+)[ :]+([\d.]+)\s*$", text, re.MULTILINE)
    }


def run_guest(run_dir):
    started = time.monotonic()
    command = [TOP / "scripts/tern-vm", "--run-dir", run_dir, "--sim-opt=--stats"]
    guest = subprocess.Popen(
        [*command, "--timeout", "300", "--", GUEST_SCRIPT], stdout=subprocess.PIPE, text=True
    )
    lines, figures = [], {}
    for line in guest.stdout:
        if not lines:
            figures["boot to rdma link, s"] = time.monotonic() - started
        lines.append(line)
        if line == "idle\n":
            figures["simulator idle, % of a processor"] = max(idle_use(run_dir))
    if guest.wait():
        sys.exit("bench: the guest failed")
    text = "".join(lines)
    nop = numbers(text[text.index("nop\n") :])
    figures["CQP NOP round trips per second"] = nop["per_second"]
    hmc = text[text.index("hmc\n") + 4 : text.index("nop\n")]
    stats = numbers((run_dir / "tern-sim-a.log").read_text())
    figures["simulator busy, kHz"] = stats["khz"]
    return figures, hmc


def lines_per_layer():
    counts = {}
    for layer, patterns in LAYERS.items():
        files = {path for pattern in patterns for path in TOP.glob(pattern) if path.is_file()}
        files = [path for path in files if "gen" not in path.parts and path.suffix != ".pyc"]
        counts[layer] = sum(len(path.read_bytes().splitlines()) for path in files)
    return counts


def build_folder():
    out = Path(os.environ.get("BUILD") or "build")
    return out if out.is_absolute() else TOP / out


def measure_rtl(folder):
    """The figures of tern-bench, which prints its tables itself."""
    program = build_folder() / "tests/bench/tern-bench"
    if not program.exists():
        sys.exit(f"bench: no {program}; make bench builds it")
    out = folder / "rtl.json"
    if subprocess.run([program, "--json", out]).returncode:
        sys.exit("bench: tern-bench failed")
    return json.loads(out.read_text())


def measure_guest(folder):
    figures, hmc = run_guest(folder)
    print("\nGuest")
    for name, value in figures.items():
        print(f"{name:40}{value:12.1f}")
    print("\nhost memory cache right after probe:\n" + hmc)
    verbs = bench_verbs.compare()
    bench_verbs.report(verbs)
    return {"figures": figures, "verbs": verbs, "host memory cache": numbers(hmc)}


def main():
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        report = {"rtl": measure_rtl(Path(folder))}
        if "--rtl" not in sys.argv[1:]:
            report |= measure_guest(Path(folder))
    report["lines"] = lines_per_layer()
    for name, count in report["lines"].items():
        print(f"{'lines of ' + name:40}{count:12}")
    (build_folder() / "bench.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
