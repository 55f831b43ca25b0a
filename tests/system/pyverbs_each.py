#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: pyverbs_each.py [--dev DEVICE] [--timeout SEC] NAME...

Runs in the guest: each pyverbs test whose full name begins with a NAME, in a process of its
own (one that skips a test can crash when it ends, and a crash must cost only its own test).
Prints one line per test, 'pass', 'skip', 'fail' or 'time', and a summary; the output of
tests that fail goes to the error output. Exit status 1 if any failed."""

import argparse
import re
import subprocess
import sys
from collections import Counter

RUNNER = ["python3", "/opt/rdma-tests/run_tests.py"]


def list_tests(device, names):
    # Its status says that no test ran; whether it worked shows in what it lists.
    listing = subprocess.run(
        [*RUNNER, "--dev", device, "--list-tests"], capture_output=True, text=True, check=False
    )
    prefixes = [tuple(name.split(".")) for name in names]
    tests = [line for line in listing.stdout.splitlines() if line.startswith("tests.")]
    return [
        test for test in tests if any(tuple(test.split("."))[: len(p)] == p for p in prefixes)
    ]


def verdict(done):
    """unittest's last line counts, not the status: see above on crashes after a skip."""
    if re.search(r"^OK \(skipped=1\)$", done.stderr, re.MULTILINE):
        return "skip"
    if re.search(r"^OK$", done.stderr, re.MULTILINE) and done.returncode == 0:
        return "pass"
    return "fail"


def run_test(device, test, seconds):
    try:
        done = subprocess.run(
            [*RUNNER, "--dev", device, "-v", test],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "time"
    result = verdict(done)
    if result == "fail":
        print(f"--- {test}: status {done.returncode}\n{done.stderr}", file=sys.stderr)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dev", default="tern0")
    parser.add_argument("--timeout", type=int, default=60)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    tests = list_tests(options.dev, options.names)
    if not tests:
        sys.exit("no test has such a name")
    counts = Counter()
    for test in tests:
        result = run_test(options.dev, test, options.timeout)
        counts[result] += 1
        print(result, test, flush=True)
    print("total", len(tests), " ".join(f"{key} {n}" for key, n in sorted(counts.items())))
    return bool(counts["fail"] or counts["time"])


if __name__ == "__main__":
    sys.exit(main())
