#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""Usage: synth_report.py STAT-JSON TOP

Prints the sizes that Yosys counted, as a tree of blocks; each line includes what is below."""

import json
import re
import sys
from collections import Counter


def size_of(name, modules, known):
    """Gates, flip-flops and memory bits of a module with all its instances."""
    if name not in known:
        module = modules[name]
        total = Counter(memory=module["num_memory_bits"])
        for kind, count in module["num_cells_by_type"].items():
            if "\\" + kind in modules or kind in modules:
                below = size_of(kind if kind in modules else "\\" + kind, modules, known)
                for key, value in below.items():
                    total[key] += value * count
            elif re.search(r"D(FF|LATCH)", kind):
                total["flipflops"] += count
            elif not kind.startswith("$mem"):
                total["gates"] += count
        known[name] = total
    return known[name]


def readable(name):
    """Yosys names a parametrised module $paramod$<hash>\\name or $paramod\\name\\P=.."""
    match = re.match(r"\$paramod(?:\$[0-9a-f]+)?\\(\w+)", name)
    return match[1] if match else name.lstrip("\\")


def print_tree(name, modules, known, count=1, depth=0, levels=2):
    size = size_of(name, modules, known)
    label = "  " * depth + readable(name) + (f" x{count}" if count > 1 else "")
    columns = (size[key] * count for key in ("gates", "flipflops", "memory"))
    print("{:40}{:>12}{:>12}{:>14}".format(label, *columns))
    if depth == levels:
        return
    below = modules[name]["num_cells_by_type"].items()
    instances = [(k if k in modules else "\\" + k, n) for k, n in below]
    instances = [(k, n) for k, n in instances if k in modules]
    for kind, number in sorted(instances, key=lambda item: readable(item[0])):
        print_tree(kind, modules, known, number, depth + 1, levels)


def main():
    path, top = sys.argv[1:]
    with open(path, encoding="utf-8") as report:
        modules = json.load(report)["modules"]
    print("{:40}{:>12}{:>12}{:>14}".format("block", "gates", "flip-flops", "memory bits"))
    print_tree(top if top in modules else "\\" + top, modules, {})


if __name__ == "__main__":
    main()
