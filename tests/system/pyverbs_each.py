#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: pyverbs_each.py [--dev DEVICE] [--timeout SEC] NAME...

Runs in the guest: each pyverbs test whose full name begins with a NAME, in a process of its
own (one that skips a test can crash when it ends, and a crash must cost only its own test).
Prints one line per test, 'pass', 'skip', 'fail' or 'time', its name and why it was skipped, and
a summary; the output of tests that fail goes to the error output. Exit status 1 if any failed.

What takes long is loading the tests, so that is done once; each process is a fork."""

import argparse
import gc
import os
import re
import signal
import sys
import tempfile
import time
import traceback
import unittest
from collections import Counter
from importlib.machinery import SourceFileLoader

FOLDER = "/opt/rdma-tests"
STATUS = {0: "pass", 2: "skip"}


def load_tests(device):
    """As run_tests.py does it; returns the names of all tests."""
    sys.path.insert(0, FOLDER)
    sys.argv = ["run_tests.py", "--dev", device]
    from args_parser import parser  # pylint: disable=import-error,import-outside-toplevel

    parser.parse_args()
    package = SourceFileLoader("tests", f"{FOLDER}/__init__.py").load_module()
    return [
        case.id()
        for module in package.__test_modules__
        for suite in unittest.defaultTestLoader.loadTestsFromModule(module)
        for case in suite
    ]


def choose(tests, names):
    prefixes = [tuple(name.split(".")) for name in names]
    return [
        test for test in tests if any(tuple(test.split("."))[: len(p)] == p for p in prefixes)
    ]


def run_here(test):
    """In the child. Objects are freed as at a process's end, unless a skip makes that crash."""
    suite = unittest.defaultTestLoader.loadTestsFromName(test)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    if result.testsRun != 1 or not result.wasSuccessful():
        return 1
    if result.skipped:
        return 2
    del suite, result
    gc.collect()
    return 0


def child(test, log):
    status = 1
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    try:
        status = run_here(test)
    except BaseException:  # pylint: disable=broad-exception-caught
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def run_test(test, seconds):
    with tempfile.TemporaryFile() as log:
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            child(test, log)
        deadline = time.monotonic() + seconds
        done = status = 0
        while not done and time.monotonic() < deadline:
            time.sleep(0.01)
            done, status = os.waitpid(pid, os.WNOHANG)
        if not done:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            result = "time"
        else:
            result = STATUS.get(os.waitstatus_to_exitcode(status), "fail")
        log.seek(0)
        text = log.read().decode(errors="replace")
        if result == "skip":
            reason = re.search(r"\.\.\. skipped (.*)", text)
            test += " " + reason[1] if reason else ""
        if result in ("fail", "time"):
            print(f"--- {test}: wait status {status:#x}\n{text}", file=sys.stderr, flush=True)
    print(result, test, flush=True)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dev", default="tern0")
    parser.add_argument("--timeout", type=int, default=60)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    tests = choose(load_tests(options.dev), options.names)
    if not tests:
        sys.exit("no test has such a name")
    counts = Counter()
    for test in tests:
        counts[run_test(test, options.timeout)] += 1
    print("total", len(tests), " ".join(f"{key} {n}" for key, n in sorted(counts.items())))
    return bool(counts["fail"] or counts["time"])


if __name__ == "__main__":
    sys.exit(main())
